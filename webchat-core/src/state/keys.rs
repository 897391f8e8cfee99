//! The clients' own ids of what was posted in a chat. In a chat that talks a lot, a repeat is found at the cost of
//! one look, and without following each key to its text.

use std::sync::Arc;

use hashbrown::HashTable;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Sender, Sent, SentKey, content_hash};

/// As many are looked through one by one.
const FEW: usize = 8;

/// What was posted under each key; most waiting chats have none, so they carry no more than eight bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct SentKeys(Option<Box<Posted>>);

/// At least one key.
#[derive(Clone, Debug, Default)]
struct Posted {
    /// In order of posting.
    entries: Vec<Entry>,
    /// Their places, once there are more than a few.
    places: HashTable<u32>,
}

#[derive(Clone, Debug)]
struct Entry {
    /// Hash of the key's text.
    hash: u64,
    key: SentKey,
    sent: Sent,
}

impl SentKeys {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What this sender posted under the key.
    pub(crate) fn find(&self, by: Sender, key: &str) -> Option<&Sent> {
        let posted = self.0.as_ref()?;
        let place = posted.place(content_hash(key), by, key)?;
        Some(&posted.entries[place].sent)
    }

    /// Keeps what was posted under a key, in place of what was kept under it before.
    pub(crate) fn insert(&mut self, by: Sender, key: Arc<str>, sent: Sent) {
        self.0.get_or_insert_default().insert(by, key, sent);
    }
}

impl Posted {
    fn insert(&mut self, by: Sender, key: Arc<str>, sent: Sent) {
        let hash = content_hash(&key);
        if let Some(place) = self.place(hash, by, &key) {
            self.entries[place].sent = sent;
            return;
        }
        let key = SentKey { by, key };
        self.entries.push(Entry { hash, key, sent });
        if self.entries.len() > FEW {
            for place in self.places.len()..self.entries.len() {
                let hash_of = |place: &u32| self.entries[*place as usize].hash;
                let hash = self.entries[place].hash;
                self.places.insert_unique(hash, place as u32, hash_of);
            }
        }
    }

    fn place(&self, hash: u64, by: Sender, key: &str) -> Option<usize> {
        let is_it =
            |entry: &Entry| entry.hash == hash && entry.key.by == by && *entry.key.key == *key;
        match self.entries.len() {
            ..=FEW => self.entries.iter().position(is_it),
            _ => {
                let found = |place: &u32| is_it(&self.entries[*place as usize]);
                self.places.find(hash, found).map(|place| *place as usize)
            }
        }
    }
}

/// A list of pairs in order of keys, so that equal states are written down alike however they came about.
impl Serialize for SentKeys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.0.iter().flat_map(|posted| &posted.entries);
        let mut sorted: Vec<&Entry> = entries.collect();
        sorted.sort_unstable_by_key(|entry| &entry.key);
        serializer.collect_seq(sorted.iter().map(|entry| (&entry.key, &entry.sent)))
    }
}

impl<'de> Deserialize<'de> for SentKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut keys = Self::default();
        for (SentKey { by, key }, sent) in Vec::<(SentKey, Sent)>::deserialize(deserializer)? {
            keys.insert(by, key, sent);
        }
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::AgentId;
    use crate::time::Timestamp;

    fn sent(number: u32) -> Sent {
        Sent {
            number,
            at: Timestamp::from_seconds(number.into()),
            content: number.into(),
        }
    }

    #[test]
    fn each_key_is_found_for_its_own_sender_however_many_there_are() {
        let senders = [
            Sender::Visitor,
            Sender::Agent(AgentId(1)),
            Sender::Supervisor(AgentId(1)),
        ];
        let mut keys = SentKeys::default();
        for number in 1..=300 {
            let by = senders[number as usize % 3];
            let key: Arc<str> = format!("key {}", number / 3).into();
            assert_eq!(keys.find(by, &key), None);
            keys.insert(by, key, sent(number));
            for earlier in 1..=number {
                let key = format!("key {}", earlier / 3);
                let found = keys.find(senders[earlier as usize % 3], &key);
                assert_eq!(found, Some(&sent(earlier)));
            }
        }
        assert_eq!(keys.find(Sender::Program, "key 1"), None);

        let written = serde_json::to_string(&keys).unwrap();
        let read: SentKeys = serde_json::from_str(&written).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), written);
        assert_eq!(read.find(senders[1], "key 33"), Some(&sent(100)));

        keys.insert(senders[1], "key 33".into(), sent(301));
        assert_eq!(keys.find(senders[1], "key 33"), Some(&sent(301)));
        assert_eq!(keys.0.unwrap().entries.len(), 300);
    }
}
