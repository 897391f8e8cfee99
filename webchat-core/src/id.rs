//! Identities: small, copyable, never reused.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The place of this identity in a dense table.
            pub(crate) fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_id! {
    /// A campaign of the tenant. Numbered 1, 2, 3 … in order of creation, never reused.
    CampaignId
}
number_id! {
    /// An agent of the tenant. Numbered 1, 2, 3 … in order of creation, never reused.
    AgentId
}

/// A chat: a slot of the table of live chats and the slot's generation, so that
/// looking one up needs no hash map and an old handle never names a new chat.
///
/// Written as `slot-generation`, for example `12-3`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ChatId {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

impl ChatId {
    /// The handle for a slot and its generation.
    pub fn new(slot: u32, generation: u32) -> Self {
        Self { slot, generation }
    }
}

impl fmt::Display for ChatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.slot, self.generation)
    }
}

/// The text is not a chat identity of the form `slot-generation`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("chat id is `{0}`, expected two numbers such as 12-3")]
pub struct BadChatId(String);

impl FromStr for ChatId {
    type Err = BadChatId;

    fn from_str(text: &str) -> Result<Self, BadChatId> {
        let bad = || BadChatId(text.chars().take(40).collect());
        let (slot, generation) = text.split_once('-').ok_or_else(bad)?;
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(slot) || !plain(generation) {
            return Err(bad());
        }
        Ok(Self {
            slot: slot.parse().map_err(|_| bad())?,
            generation: generation.parse().map_err(|_| bad())?,
        })
    }
}

impl Serialize for ChatId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // By hand: every event and every push holds one, and formatting takes several times as long.
        let mut text = [b'-'; 21];
        let dash = digits(self.generation, &mut text) - 1;
        let start = digits(self.slot, &mut text[..dash]);
        let text = std::str::from_utf8(&text[start..]);
        serializer.serialize_str(text.map_err(serde::ser::Error::custom)?)
    }
}

/// Writes a number at the end of `text`, which has room for it, and returns where it starts.
fn digits(mut number: u32, text: &mut [u8]) -> usize {
    let mut start = text.len();
    loop {
        start -= 1;
        text[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return start;
        }
    }
}

impl<'de> Deserialize<'de> for ChatId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ReadChatId)
    }
}

struct ReadChatId;

impl Visitor<'_> for ReadChatId {
    type Value = ChatId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a chat id such as 12-3")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ChatId, E> {
        text.parse().map_err(E::custom)
    }
}

/// The visitor's own key: 128 bits that only this visitor's session can know or derive.
///
/// An adapter derives it from its session token (webchat-http: the first half of the
/// token's SHA-256), so the journal never holds the token itself. Written as 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisitorKey(pub u128);

impl fmt::Display for VisitorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for VisitorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VisitorKey({self})")
    }
}

impl Serialize for VisitorKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VisitorKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        // `from_str_radix` alone would take fewer digits and a sign.
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let key = u128::from_str_radix(&text, 16).ok().filter(|_| digits);
        key.map(VisitorKey)
            .ok_or_else(|| serde::de::Error::custom("visitor key: expected 32 hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_id_is_written_as_it_is_shown_and_read_back() {
        for (slot, generation) in [(0, 0), (7, 10), (12, 3), (1_000, 999), (u32::MAX, u32::MAX)] {
            let id = ChatId::new(slot, generation);
            let written = serde_json::to_string(&id).unwrap();
            assert_eq!(written, format!("\"{id}\""));
            assert_eq!(serde_json::from_str::<ChatId>(&written).unwrap(), id);
        }
    }
}
