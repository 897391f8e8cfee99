//! A delivery as it is written and signed.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use webchat_core::event::{Event, Recorded};
use webchat_core::time::Timestamp;
use webchat_runtime::TenantId;
use webchat_runtime::hosts::Place;

/// The kinds of events, named as the journal names them.
pub(crate) fn kinds() -> &'static [String] {
    static KINDS: OnceLock<Vec<String>> = OnceLock::new();
    KINDS.get_or_init(|| {
        let schema = schemars::schema_for!(Event);
        let variants = schema.get("oneOf").and_then(Value::as_array);
        let named = |variant: &Value| {
            variant["properties"]["event"]["const"]
                .as_str()
                .map(str::to_owned)
        };
        variants.into_iter().flatten().filter_map(named).collect()
    })
}

/// An event on its way to a program of the host's.
pub(crate) struct Letter {
    /// The same at every attempt and replay, so that a receiver knows what it has.
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) body: Bytes,
}

impl Letter {
    pub(crate) fn new(tenant: TenantId, place: Place, recorded: &Recorded) -> Self {
        let (kind, fields) = taken_apart(&recorded.event);
        let body = json!({"type": kind, "timestamp": recorded.at.to_string(), "data": fields});
        Self {
            id: format!("evt_{tenant}_{}_{}", place.frame, place.event),
            kind,
            body: body.to_string().into(),
        }
    }

    /// A trial that tells nothing: of the type `test`, which no event has.
    pub(crate) fn test(tenant: TenantId, at: Timestamp) -> Self {
        let kind = "test".to_owned();
        let body = json!({"type": kind, "timestamp": at.to_string(), "data": {}});
        Self {
            id: format!("evt_{tenant}_test_{}", at.as_millis()),
            kind,
            body: body.to_string().into(),
        }
    }

    /// The value of `webhook-signature` for a delivery at `seconds` since 1970.
    pub(super) fn signature(&self, secret: &[u8; 32], seconds: i64) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        mac.update(format!("{}.{seconds}.", self.id).as_bytes());
        mac.update(&self.body);
        Some(format!(
            "v1,{}",
            STANDARD.encode(mac.finalize().into_bytes())
        ))
    }
}

/// Whether an endpoint that names `kinds`, or none for all, is told this event.
pub(super) fn wanted(kinds: &[String], event: &Event) -> bool {
    kinds.is_empty() || kinds.contains(&taken_apart(event).0)
}

/// The secret as people copy it.
pub(crate) fn secret_text(secret: &[u8; 32]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// An event's kind and its other fields.
fn taken_apart(event: &Event) -> (String, Value) {
    // Events are written as JSON in the journal, so each of them can be.
    let mut fields = serde_json::to_value(event).unwrap_or_default();
    let kind = fields
        .as_object_mut()
        .and_then(|fields| fields.remove("event"));
    let kind = kind.as_ref().and_then(Value::as_str).unwrap_or_default();
    (kind.to_owned(), fields)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use webchat_core::id::ChatId;
    use webchat_core::time::Timestamp;

    use super::*;

    #[test]
    fn a_letter_is_signed_as_the_standard_says() {
        let recorded = Recorded {
            at: Timestamp::from_seconds(1_741_003_200),
            event: Event::VisitorLost {
                chat: ChatId::new(3, 1),
            },
        };
        let place = Place {
            frame: 12,
            event: 3,
        };
        let letter = Letter::new(TenantId(1), place, &recorded);
        assert_eq!(letter.id, "evt_1_12_3");
        assert_eq!(
            letter.body,
            r#"{"data":{"chat":"3-1"},"timestamp":"2025-03-03T12:00:00Z","type":"visitor_lost"}"#
        );
        // Worked out with another program: HMAC-SHA256 over `id.timestamp.body` under 32 bytes of 7.
        let signed = "v1,fmHDuhcBxXORattXwpADlZnYTxcORGeD9Ab4cqRzq5I=";
        assert_eq!(letter.signature(&[7; 32], 1_741_003_201).unwrap(), signed);
    }

    #[test]
    fn every_kind_is_known_and_nothing_else_is() {
        let golden = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../webchat-core/tests/golden/v1"
        );
        let files = std::fs::read_dir(golden).unwrap();
        let stem = |file: std::io::Result<std::fs::DirEntry>| {
            let path = file.unwrap().path();
            path.file_stem().unwrap().to_str().unwrap().to_owned()
        };
        let recorded: BTreeSet<String> = files.map(stem).collect();
        let known: BTreeSet<String> = kinds().iter().cloned().collect();
        assert_eq!(known, recorded);
    }
}
