//! Rebuilds an engine from its journal: the latest snapshot, then the frames after it.

use webchat_core::Engine;
use webchat_core::event::Recorded;
use webchat_core::time::Timestamp;
use webchat_core::wire::{self, DecodeError};

use super::Zoning;
use super::snapshots::Growth;
use crate::fault::{Fault, StoreError};
use crate::journal::{Frame, Head, Journal, Snapshot, TenantId};

/// Frames read at once.
const PAGE: usize = 1_024;

/// Why an engine could not be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A frame holds what this program cannot read.
    #[error("frame {seq} of tenant {tenant}: {source}")]
    Decode {
        /// The tenant.
        tenant: TenantId,
        /// The frame.
        seq: u64,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// A frame is written in an encoding this program does not know.
    #[error("frame {seq} of tenant {tenant} has encoding {codec}, expected {known}; use a newer version", known = wire::CODEC)]
    Codec {
        /// The tenant.
        tenant: TenantId,
        /// The frame.
        seq: u64,
        /// Its encoding.
        codec: u16,
    },
}

impl RecoveryError {
    /// What kind of failure it is.
    pub fn fault(&self) -> Fault {
        match self {
            RecoveryError::Store(error) => error.fault(),
            RecoveryError::Decode { .. } => Fault::Corrupt,
            RecoveryError::Codec { .. } => Fault::TooNew,
        }
    }
}

/// An engine under our own claim that is where its journal ends.
pub(super) struct Recovered {
    pub(super) engine: Engine,
    pub(super) head: Head,
    /// When the last event was decided; `MIN` if there is none.
    pub(super) last_at: Timestamp,
    /// What was replayed after the snapshot.
    pub(super) grown: Growth,
}

/// An engine as of some frame.
pub(super) struct Rebuilt {
    pub(super) engine: Engine,
    last_at: Timestamp,
    grown: Growth,
}

/// Claims the tenant and rebuilds its engine.
pub(super) async fn recover(
    tenant: TenantId,
    zones: &Zoning,
    journal: &dyn Journal,
) -> Result<Recovered, RecoveryError> {
    let head = journal.claim(tenant).await?;
    let rebuilt = rebuild(tenant, zones, journal, head.seq).await?;
    Ok(Recovered {
        engine: rebuilt.engine,
        head,
        last_at: rebuilt.last_at,
        grown: rebuilt.grown,
    })
}

/// The engine as of frame `goal`: the latest snapshot, then the frames after it.
pub(super) async fn rebuild(
    tenant: TenantId,
    zones: &Zoning,
    journal: &dyn Journal,
    goal: u64,
) -> Result<Rebuilt, RecoveryError> {
    let snapshot = journal.latest_snapshot(tenant).await?;
    let snapshot = snapshot.filter(|snapshot| snapshot.seq <= goal);
    let mut grown = Growth::default();
    if let Some(snapshot) = &snapshot {
        grown.snapshot = snapshot.payload.len() as u64;
    }
    let (mut engine, mut seq) = restored(zones, snapshot.as_ref());
    let mut last_at = Timestamp::MIN;
    if seq == goal && seq > 0 {
        let last = journal.read(tenant, seq - 1, 1).await?;
        last_at = last.first().map_or(last_at, |frame| frame.at);
    }
    while seq < goal {
        let page = usize::try_from(goal - seq).unwrap_or(PAGE).min(PAGE);
        let frames = journal.read(tenant, seq, page).await?;
        if frames.is_empty() {
            let what = format!("frame {} of tenant {tenant} is missing", seq + 1);
            return Err(StoreError::new(Fault::Corrupt, what).into());
        }
        for frame in frames {
            let events = decode(&frame)?;
            engine.replay(&events);
            grown.events += events.len() as u64;
            grown.bytes += frame.payload.len() as u64;
            seq = frame.seq;
            last_at = frame.at;
            // A frame takes up to a few milliseconds; others share this thread.
            tokio::task::yield_now().await;
        }
    }
    Ok(Rebuilt {
        engine,
        last_at,
        grown,
    })
}

/// The events of a frame.
pub(super) fn decode(frame: &Frame) -> Result<Vec<Recorded>, RecoveryError> {
    if frame.codec != wire::CODEC {
        return Err(RecoveryError::Codec {
            tenant: frame.tenant,
            seq: frame.seq,
            codec: frame.codec,
        });
    }
    wire::decode(&frame.payload).map_err(|source| RecoveryError::Decode {
        tenant: frame.tenant,
        seq: frame.seq,
        source,
    })
}

/// The engine of the snapshot and the frame it includes. Without one that can be read, the journal
/// is replayed from its first frame.
fn restored(zones: &Zoning, snapshot: Option<&Snapshot>) -> (Engine, u64) {
    if let Some(snapshot) = snapshot {
        match Engine::restore(&snapshot.payload, zones()) {
            Ok(engine) => return (engine, snapshot.seq),
            Err(error) => tracing::warn!(
                tenant = %snapshot.tenant, seq = snapshot.seq, %error,
                "the snapshot cannot be read; replaying the whole journal"
            ),
        }
    }
    (Engine::new(zones()), 0)
}
