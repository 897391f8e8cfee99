//! Keeps snapshots, so that a start replays little. They are made from the journal, beside the
//! engine at work: writing down a large state would make everybody wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::task::JoinHandle;
use webchat_core::{Engine, wire};

use super::driver::Driver;
use super::recovery::{self, RecoveryError};
use super::{Options, Zoning};
use crate::fault::StoreError;
use crate::journal::{Journal, Snapshot, TenantId};

/// What the journal gained since a snapshot.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Growth {
    /// Events after it.
    pub(super) events: u64,
    /// Bytes of journal after it.
    pub(super) bytes: u64,
    /// Bytes of the snapshot itself; 0 if there is none.
    pub(super) snapshot: u64,
}

/// Decides when a snapshot is due and has it made.
pub(super) struct Snapshots {
    tenant: TenantId,
    zones: Zoning,
    journal: Arc<dyn Journal>,
    options: Options,
    growth: Growth,
    /// Something was erased, so the snapshots before are gone.
    wanted: bool,
    making: Option<Making>,
}

/// A snapshot being made, and its size once it is kept.
struct Making {
    task: JoinHandle<()>,
    size: Arc<AtomicU64>,
}

impl Snapshots {
    /// Nothing is being made; `growth` is what the last start replayed.
    pub(super) fn new(driver: &Driver, growth: Growth) -> Self {
        Self {
            tenant: driver.tenant,
            zones: driver.zones.clone(),
            journal: driver.ports.journal.clone(),
            options: driver.options.clone(),
            growth,
            wanted: false,
            making: None,
        }
    }

    /// The journal has grown up to frame `seq`.
    pub(super) fn grown(&mut self, events: u64, bytes: u64, seq: u64) {
        self.growth.events += events;
        self.growth.bytes += bytes;
        if let Some(making) = self.making.take_if(|making| making.task.is_finished()) {
            self.growth.snapshot = making.size.load(Ordering::Relaxed);
        }
        if self.making.is_none() && self.is_due() {
            self.making = Some(self.make(seq));
            self.growth.events = 0;
            self.growth.bytes = 0;
            self.wanted = false;
        }
    }

    /// One is wanted as soon as the journal grows: the ones before are gone.
    pub(super) fn want(&mut self) {
        self.wanted = true;
    }

    /// Waits for the one being made, then keeps one of `last`, an engine at rest and its frame,
    /// unless nothing is new since. Without `last` nothing is waited for.
    pub(super) async fn finish(self, last: Option<(Engine, u64)>) {
        let Some((engine, seq)) = last else {
            if let Some(making) = self.making {
                making.task.abort();
            }
            return;
        };
        if let Some(making) = self.making {
            // A failure was logged there.
            let _ = making.task.await;
        }
        if self.growth.events > 0
            && let Err(error) = save(self.tenant, &*self.journal, engine, seq).await
        {
            not_kept(self.tenant, &error.into());
        }
    }

    /// A large state is written down less often, so that snapshots stay a small part of all writing.
    fn is_due(&self) -> bool {
        let grown = self.growth;
        let long = grown.events >= self.options.snapshot_events
            || grown.bytes >= self.options.snapshot_bytes;
        self.wanted || long && grown.bytes >= 2 * grown.snapshot
    }

    /// Makes and keeps the snapshot of frame `seq` in a task of its own.
    fn make(&self, seq: u64) -> Making {
        let tenant = self.tenant;
        let zones = self.zones.clone();
        let journal = self.journal.clone();
        let size = Arc::new(AtomicU64::new(self.growth.snapshot));
        let kept = Arc::clone(&size);
        let task = tokio::spawn(async move {
            let made = async {
                let rebuilt = recovery::rebuild(tenant, &zones, &*journal, seq).await?;
                Ok(save(tenant, &*journal, rebuilt.engine, seq).await?)
            };
            match made.await {
                Ok(bytes) => kept.store(bytes, Ordering::Relaxed),
                Err(error) => not_kept(tenant, &error),
            }
        });
        Making { task, size }
    }
}

async fn save(
    tenant: TenantId,
    journal: &dyn Journal,
    engine: Engine,
    seq: u64,
) -> Result<u64, StoreError> {
    let payload = recovery::apart(move || engine.snapshot()).await?;
    let size = payload.len() as u64;
    let snapshot = Snapshot {
        tenant,
        seq,
        codec: wire::CODEC,
        payload: Bytes::from(payload),
    };
    journal.save_snapshot(snapshot).await?;
    Ok(size)
}

fn not_kept(tenant: TenantId, error: &RecoveryError) {
    tracing::warn!(%tenant, %error, "a snapshot was not kept; the next start takes longer");
}
