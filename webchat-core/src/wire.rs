//! How events and snapshots are written down: JSON, so that a journal can be read with any tool and
//! a newer version can read an older one.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{CowStrDeserializer, MapAccessDeserializer};
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::event::{Event, Recorded};
use crate::time::Timestamp;

/// The number of this encoding, kept beside each payload.
pub const CODEC: u16 = 1;

/// What was read is not what was written.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not JSON of the expected shape.
    #[error("the journal cannot be decoded: {0}")]
    Json(#[from] serde_json::Error),
    /// Written by a newer version.
    #[error("the snapshot has version {found}, this program reads up to {known}")]
    Version {
        /// What the snapshot says.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
}

/// Writes the events of one commit group.
///
/// # Panics
/// Never: events hold nothing that JSON cannot say.
pub fn encode(events: &[Recorded]) -> Vec<u8> {
    serde_json::to_vec(events).expect("events hold nothing that JSON cannot say")
}

/// Writes more events behind those that `payload` holds already, so that a group can be written down
/// while it fills. From an empty `payload` the bytes end up as [`encode`] makes them.
///
/// # Panics
/// Never: events hold nothing that JSON cannot say.
pub fn encode_more(payload: &mut Vec<u8>, events: &[Recorded]) {
    for event in events {
        match payload.pop() {
            // The bracket that closed the list.
            Some(_) => payload.push(b','),
            None => payload.push(b'['),
        }
        serde_json::to_writer(&mut *payload, event)
            .expect("events hold nothing that JSON cannot say");
        payload.push(b']');
    }
}

/// Reads the events of one commit group.
///
/// # Errors
/// When the bytes are not what [`encode`] of this or an older version wrote.
pub fn decode(bytes: &[u8]) -> Result<Vec<Recorded>, DecodeError> {
    Ok(serde_json::from_slice(bytes)?)
}

/// Member by member, without keeping any for later: most of what a start has to do is reading events.
impl<'de> Deserialize<'de> for Recorded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReadRecorded)
    }
}

struct ReadRecorded;

impl<'de> Visitor<'de> for ReadRecorded {
    type Value = Recorded;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event with `at`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Recorded, A::Error> {
        let mut at = None;
        let mut name = members.next_key::<Word>()?;
        while name.as_ref().is_some_and(|name| name.0 == "at") {
            at = Some(members.next_value()?);
            name = members.next_key()?;
        }
        let mut kind = None;
        if name.as_ref().is_some_and(|name| name.0 == "event") {
            kind = Some(members.next_value::<Word>()?.0);
        }
        let event = match kind {
            // Most of a journal.
            Some(kind) if kind == "message_posted" => posted(&mut members, &mut at)?,
            kind => Event::deserialize(MapAccessDeserializer::new(Rest {
                name: name.map(|name| name.0),
                kind,
                members,
                at: &mut at,
            }))?,
        };
        let at = at.ok_or_else(|| A::Error::missing_field("at"))?;
        Ok(Recorded { at, event })
    }
}

/// The members of a posted message that stand behind its kind.
fn posted<'de, A: MapAccess<'de>>(
    members: &mut A,
    at: &mut Option<Timestamp>,
) -> Result<Event, A::Error> {
    let (mut chat, mut message) = (None, None);
    while let Some(name) = members.next_key::<Word>()? {
        match &*name.0 {
            "chat" => chat = Some(members.next_value()?),
            "message" => message = Some(members.next_value()?),
            "at" => *at = Some(members.next_value()?),
            _ => drop(members.next_value::<IgnoredAny>()?),
        }
    }
    Ok(Event::MessagePosted {
        chat: chat.ok_or_else(|| A::Error::missing_field("chat"))?,
        message: message.ok_or_else(|| A::Error::missing_field("message"))?,
    })
}

/// The members that are not read yet, as those of an event; `at` is put aside.
struct Rest<'a, 'de, A> {
    /// The name of the member at hand.
    name: Option<Cow<'de, str>>,
    /// Its value, if that is read already.
    kind: Option<Cow<'de, str>>,
    members: A,
    at: &'a mut Option<Timestamp>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Rest<'_, 'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let mut name = self.name.take();
        while name.is_none() {
            match self.members.next_key::<Word>()? {
                Some(Word(found)) if found == "at" => *self.at = Some(self.members.next_value()?),
                Some(Word(found)) => name = Some(found),
                None => return Ok(None),
            }
        }
        let name = name.map(|name| seed.deserialize(CowStrDeserializer::new(name)));
        name.transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.kind.take() {
            Some(kind) => seed.deserialize(CowStrDeserializer::new(kind)),
            None => self.members.next_value_seed(seed),
        }
    }
}

/// A short text, borrowed where what is read allows it.
struct Word<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Word<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ReadWord)
    }
}

struct ReadWord;

impl<'de> Visitor<'de> for ReadWord {
    type Value = Word<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, word: &'de str) -> Result<Word<'de>, E> {
        Ok(Word(Cow::Borrowed(word)))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Word<'de>, E> {
        Ok(Word(Cow::Owned(word.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::CampaignId;

    #[test]
    fn a_group_written_in_parts_is_the_group_written_at_once() {
        let events: Vec<Recorded> = (1..=4)
            .map(|number| Recorded {
                at: Timestamp::from_seconds(number.into()),
                event: Event::CampaignDeleted {
                    campaign: CampaignId(number),
                },
            })
            .collect();
        let mut payload = Vec::new();
        encode_more(&mut payload, &events[..1]);
        encode_more(&mut payload, &[]);
        encode_more(&mut payload, &events[1..]);
        assert_eq!(payload, encode(&events));
        assert_eq!(decode(&payload).unwrap(), events);
    }

    #[test]
    fn members_of_an_event_may_come_in_any_order_and_unknown_ones_are_passed_over() {
        for (written, others) in [
            (
                r#"{"at":5,"event":"campaign_deleted","campaign":3}"#,
                [
                    r#"{"event":"campaign_deleted","campaign":3,"at":5}"#,
                    r#"{"campaign":3,"later":[{"at":7}],"event":"campaign_deleted","at":5}"#,
                    r#"{"campaign":3,"at":5,"ev\u0065nt":"campaign\u005fdeleted"}"#,
                ],
            ),
            (
                r#"{"at":5,"event":"message_posted","chat":"1-1","message":{"number":1,"at":5,"author":{"kind":"visitor"},"text":"Hello"}}"#,
                [
                    r#"{"event":"message_posted","message":{"text":"Hello","number":1,"at":5,"author":{"kind":"visitor"}},"at":5,"chat":"1-1"}"#,
                    r#"{"at":5,"event":"message_posted","later":{"at":7},"chat":"1-1","message":{"number":1,"at":5,"author":{"kind":"visitor"},"text":"Hello"}}"#,
                    r#"{"chat":"1-1","message":{"number":1,"at":5,"author":{"kind":"visitor"},"text":"Hello"},"event":"message_posted","at":5}"#,
                ],
            ),
        ] {
            let event: Recorded = serde_json::from_str(written).unwrap();
            assert_eq!(event.at, Timestamp::from_millis(5));
            assert_eq!(serde_json::to_string(&event).unwrap(), written);
            for other in others {
                assert_eq!(serde_json::from_str::<Recorded>(other).unwrap(), event);
                let value: serde_json::Value = serde_json::from_str(other).unwrap();
                assert_eq!(serde_json::from_value::<Recorded>(value).unwrap(), event);
            }
        }
    }

    #[test]
    fn an_event_that_lacks_something_is_refused_with_its_name() {
        for (written, missing) in [
            (r#"{"event":"campaign_deleted","campaign":3}"#, "`at`"),
            (r#"{"at":5,"event":"campaign_deleted"}"#, "`campaign`"),
            (r#"{"at":5,"campaign":3}"#, "`event`"),
            (
                r#"{"at":5,"event":"message_posted","chat":"1-1"}"#,
                "`message`",
            ),
            (r#"{}"#, "`event`"),
        ] {
            let refused = serde_json::from_str::<Recorded>(written).unwrap_err();
            assert!(
                refused.to_string().contains(missing),
                "{written}: {refused}"
            );
        }
    }
}
