//! The text frames of the protocol: requests in, answers and pushes out.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Number;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::refused::Refused;
use crate::strict::{self, Key};
use crate::tally;

/// What every request says about itself.
#[derive(Debug)]
pub(crate) struct Envelope<'a> {
    /// The client's number of the request; `None` wants no answer.
    pub(crate) id: Option<Number>,
    /// What is asked.
    pub(crate) ask: Cow<'a, str>,
}

/// Reads what a request says about itself, if all of it is one JSON object as we take it.
pub(crate) fn envelope(text: &str) -> Result<Envelope<'_>, Refused> {
    serde_json::from_str(text).map_err(Refused::bad_request)
}

impl<'de> Deserialize<'de> for Envelope<'de> {
    /// In the one walk that checks the whole object.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Head;

        impl<'de> Visitor<'de> for Head {
            type Value = Envelope<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a request")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
                let (mut id, mut ask) = (None, None);
                strict::walk(fields, |key, fields| {
                    match key {
                        "id" => id = fields.next_value()?,
                        "do" => ask = Some(fields.next_value::<Key<'_>>()?.0),
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
                let ask = ask.ok_or_else(|| A::Error::missing_field("do"))?;
                Ok(Envelope { id, ask })
            }
        }

        from.deserialize_map(Head)
    }
}

/// Reads the fields of a request whose [`envelope`] was read; unknown ones are passed over.
pub(crate) fn fields<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Refused> {
    serde_json::from_str(text).map_err(Refused::bad_request)
}

/// The answer to a request: `None` when it wanted none.
pub(crate) fn answer<T: Serialize>(
    id: Option<&Number>,
    outcome: &Result<T, Refused>,
) -> Option<Utf8Bytes> {
    #[derive(Serialize)]
    struct Answer<'a, T> {
        re: &'a Number,
        #[serde(skip_serializing_if = "Option::is_none")]
        ok: Option<&'a T>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a Refused>,
    }
    if let Err(refused) = outcome {
        tally::refused(refused.code());
    }
    let re = id?;
    Some(text(&Answer {
        re,
        ok: outcome.as_ref().ok(),
        error: outcome.as_ref().err(),
    }))
}

/// A value as the text of a frame.
pub(crate) fn text<T: Serialize>(value: &T) -> Utf8Bytes {
    match serde_json::to_string(value) {
        Ok(text) => text.into(),
        Err(error) => {
            // Only maps with odd keys and failing impls can fail, and the protocol has neither.
            tracing::error!(%error, "a frame could not be written as JSON");
            Utf8Bytes::from_static("{}")
        }
    }
}

/// `{}`: done, nothing to add.
#[derive(Serialize, Clone, Copy, Debug, schemars::JsonSchema)]
pub(crate) struct Done {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_repeats_the_clients_number_and_is_left_out_without_one() {
        let request = envelope(r#"{"id":7,"do":"ping","later":[1]}"#).unwrap();
        assert_eq!(request.ask, "ping");
        let done: Result<_, Refused> = Ok(Done {});
        let shown = answer(request.id.as_ref(), &done).unwrap();
        assert_eq!(shown.as_str(), r#"{"re":7,"ok":{}}"#);
        let refused: Result<Done, _> = Err(Refused::not_allowed());
        let shown = answer(request.id.as_ref(), &refused).unwrap();
        assert_eq!(
            shown.as_str(),
            r#"{"re":7,"error":{"code":"not_allowed","message":"this is not allowed for you"}}"#
        );
        assert_eq!(answer(None, &done), None);
    }

    #[test]
    fn what_is_no_request_is_refused_without_a_panic() {
        for text in [
            "",
            "7",
            "[]",
            r#"[7,"ping"]"#,
            "{}",
            r#"{"do":"ping"} {}"#,
            r#"{"do":7}"#,
            r#"{"id":"x","do":"ping"}"#,
            r#"{"do":"a","do":"b"}"#,
            r#"{"do":"a","x":1,"x":2}"#,
        ] {
            assert_eq!(envelope(text).unwrap_err().code(), "bad_request", "{text}");
        }
        let deep = format!(r#"{{"do":"ping","x":{}}}"#, "[".repeat(10_000));
        assert_eq!(envelope(&deep).unwrap_err().code(), "bad_request");
    }
}
