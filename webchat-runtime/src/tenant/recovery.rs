//! Rebuilds an engine from its journal: the latest snapshot, then the frames after it.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::task::{JoinError, JoinHandle};
use webchat_core::Engine;
use webchat_core::event::Recorded;
use webchat_core::time::Timestamp;
use webchat_core::wire::{self, DecodeError};

use super::Zoning;
use super::snapshots::Growth;
use crate::fault::{Fault, StoreError};
use crate::journal::{Frame, Head, Journal, Snapshot, TenantId};

/// Frames read at once.
const PAGE: usize = 256;
/// Pages decoded beside each other when somebody waits for the engine, and when nobody does.
const HURRIED: usize = 4;
const AT_LEISURE: usize = 1;

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
    let rebuilt = rebuild_with(HURRIED, tenant, zones, journal, head.seq).await?;
    Ok(Recovered {
        engine: rebuilt.engine,
        head,
        last_at: rebuilt.last_at,
        grown: rebuilt.grown,
    })
}

/// The engine as of frame `goal`, made beside one at work.
pub(super) async fn rebuild(
    tenant: TenantId,
    zones: &Zoning,
    journal: &dyn Journal,
    goal: u64,
) -> Result<Rebuilt, RecoveryError> {
    rebuild_with(AT_LEISURE, tenant, zones, journal, goal).await
}

/// The engine as of frame `goal`: the latest snapshot, then the frames after it.
///
/// Reading JSON and folding events keep a processor busy for long, so they are done off the async
/// threads: some pages are decoded while one is folded and the next one read.
async fn rebuild_with(
    ahead: usize,
    tenant: TenantId,
    zones: &Zoning,
    journal: &dyn Journal,
    goal: u64,
) -> Result<Rebuilt, RecoveryError> {
    let snapshot = journal.latest_snapshot(tenant).await?;
    let snapshot = snapshot.filter(|snapshot| snapshot.seq <= goal);
    let zones = Arc::clone(zones);
    let restoring = apart(move || restored(&zones, snapshot.as_ref()));
    let (mut rebuilt, seq) = restoring.await?;
    if seq == goal && seq > 0 {
        let last = journal.read(tenant, seq - 1, 1).await?;
        rebuilt.last_at = last.first().map_or(rebuilt.last_at, |frame| frame.at);
    }
    let mut pages = Pages {
        tenant,
        journal,
        read: seq,
        goal,
        decoding: VecDeque::new(),
    };
    while pages.decoding.len() < ahead && pages.read_next().await? {}
    while let Some(page) = pages.decoding.pop_front() {
        let page = page.await.map_err(not_done)??;
        let replaying = apart(move || rebuilt.replay(&page));
        let (replayed, next) = tokio::join!(replaying, pages.read_next());
        rebuilt = replayed?;
        next?;
    }
    Ok(rebuilt)
}

/// Pages of the journal on their way into an engine, some of them being decoded beside each other.
struct Pages<'a> {
    tenant: TenantId,
    journal: &'a dyn Journal,
    /// The last frame read.
    read: u64,
    goal: u64,
    decoding: VecDeque<JoinHandle<Result<Page, RecoveryError>>>,
}

/// Frames, decoded.
struct Page {
    events: Vec<Recorded>,
    bytes: u64,
    last_at: Timestamp,
}

impl Pages<'_> {
    /// Reads a page and has it decoded; `false` if there is none left.
    async fn read_next(&mut self) -> Result<bool, RecoveryError> {
        if self.read >= self.goal {
            return Ok(false);
        }
        let limit = usize::try_from(self.goal - self.read).unwrap_or(PAGE);
        let frames = self.journal.read(self.tenant, self.read, limit.min(PAGE));
        let frames = frames.await?;
        let Some(last) = frames.last() else {
            let what = format!(
                "frame {} of tenant {} is missing",
                self.read + 1,
                self.tenant
            );
            return Err(StoreError::new(Fault::Corrupt, what).into());
        };
        self.read = last.seq;
        let decoding = tokio::task::spawn_blocking(move || Page::decode(&frames));
        self.decoding.push_back(decoding);
        Ok(true)
    }
}

impl Page {
    fn decode(frames: &[Frame]) -> Result<Self, RecoveryError> {
        let mut page = Self {
            events: Vec::new(),
            bytes: 0,
            last_at: Timestamp::MIN,
        };
        for frame in frames {
            page.events.append(&mut decode(frame)?);
            page.bytes += frame.payload.len() as u64;
            page.last_at = frame.at;
        }
        Ok(page)
    }
}

/// Does what takes long on a thread where nobody else waits.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(not_done)
}

/// Work on another thread panicked, or the runtime is going away.
fn not_done(error: JoinError) -> StoreError {
    StoreError::new(Fault::Defect, error)
}

impl Rebuilt {
    /// Folds a page into the engine.
    fn replay(mut self, page: &Page) -> Self {
        self.engine.replay(&page.events);
        self.grown.events += page.events.len() as u64;
        self.grown.bytes += page.bytes;
        self.last_at = page.last_at;
        self
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
