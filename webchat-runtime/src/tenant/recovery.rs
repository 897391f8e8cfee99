//! Rebuilds an engine from its journal: the latest snapshot, then the frames after it.

use std::sync::Arc;

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
///
/// Reading JSON and folding events keep a processor busy for long, so they are done off the async
/// threads, page by page, while the next page is read.
pub(super) async fn rebuild(
    tenant: TenantId,
    zones: &Zoning,
    journal: &dyn Journal,
    goal: u64,
) -> Result<Rebuilt, RecoveryError> {
    let snapshot = journal.latest_snapshot(tenant).await?;
    let snapshot = snapshot.filter(|snapshot| snapshot.seq <= goal);
    let zones = Arc::clone(zones);
    let restoring = apart(move || restored(&zones, snapshot.as_ref()));
    let (mut rebuilt, mut seq) = restoring.await?;
    if seq == goal && seq > 0 {
        let last = journal.read(tenant, seq - 1, 1).await?;
        rebuilt.last_at = last.first().map_or(rebuilt.last_at, |frame| frame.at);
    }
    let mut page = read_page(tenant, journal, seq, goal).await?;
    while let Some(last) = page.last() {
        seq = last.seq;
        let replaying = apart(move || rebuilt.replay(&page));
        let (replayed, next) = tokio::join!(replaying, read_page(tenant, journal, seq, goal));
        rebuilt = replayed??;
        page = next?;
    }
    Ok(rebuilt)
}

/// The frames after `seq`, not beyond `goal`; none if that is reached.
async fn read_page(
    tenant: TenantId,
    journal: &dyn Journal,
    seq: u64,
    goal: u64,
) -> Result<Vec<Frame>, StoreError> {
    let limit = usize::try_from(goal - seq).unwrap_or(PAGE).min(PAGE);
    let page = journal.read(tenant, seq, limit).await?;
    if page.is_empty() && limit > 0 {
        let what = format!("frame {} of tenant {tenant} is missing", seq + 1);
        return Err(StoreError::new(Fault::Corrupt, what));
    }
    Ok(page)
}

/// Does what takes long on a thread where nobody else waits.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::new(Fault::Defect, error))
}

impl Rebuilt {
    /// Folds frames into the engine.
    fn replay(mut self, frames: &[Frame]) -> Result<Self, RecoveryError> {
        for frame in frames {
            let events = decode(frame)?;
            self.engine.replay(&events);
            self.grown.events += events.len() as u64;
            self.grown.bytes += frame.payload.len() as u64;
            self.last_at = frame.at;
        }
        Ok(self)
    }
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
fn restored(zones: &Zoning, snapshot: Option<&Snapshot>) -> (Rebuilt, u64) {
    let rebuilt = |engine, snapshot| Rebuilt {
        engine,
        last_at: Timestamp::MIN,
        grown: Growth {
            snapshot,
            ..Growth::default()
        },
    };
    if let Some(snapshot) = snapshot {
        match Engine::restore(&snapshot.payload, zones()) {
            Ok(engine) => return (rebuilt(engine, snapshot.payload.len() as u64), snapshot.seq),
            Err(error) => tracing::warn!(
                tenant = %snapshot.tenant, seq = snapshot.seq, %error,
                "the snapshot cannot be read; replaying the whole journal"
            ),
        }
    }
    (rebuilt(Engine::new(zones()), 0), 0)
}
