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

/// Reads the events of one commit group.
///
/// # Errors
/// When the bytes are not what [`encode`] of this or an older version wrote.
pub fn decode(bytes: &[u8]) -> Result<Vec<Recorded>, DecodeError> {
    Ok(serde_json::from_slice(bytes)?)
}
