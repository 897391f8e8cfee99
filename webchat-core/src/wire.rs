//! How events and snapshots are written down: JSON, so that a journal can be read with any tool and
//! a newer version can read an older one.

use crate::event::Recorded;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::id::CampaignId;
    use crate::time::Timestamp;

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
}
