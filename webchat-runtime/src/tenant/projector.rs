//! Carries durable events into the read model, in order and beside the engine, so that neither waits
//! for the other. What it could not be handed in time it reads from the journal.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::Ports;
use super::recovery::{self, RecoveryError};
use crate::journal::{Journal, TenantId};
use crate::read_model::{FrameEvents, ReadModel};

/// Frames that may wait to be projected; beyond them it reads from the journal.
const WAITING: usize = 256;
/// Frames that share one commit of the read model.
const BATCH: usize = 256;
/// Pause after a failure.
const PAUSE: Duration = Duration::from_secs(1);

struct Projector {
    tenant: TenantId,
    journal: Arc<dyn Journal>,
    read_model: Arc<dyn ReadModel>,
    frames: mpsc::Receiver<FrameEvents>,
    durable: watch::Receiver<u64>,
    applied: watch::Sender<u64>,
}

/// Starts projecting until `durable` is closed. Returns where durable frames are handed in, before
/// `durable` says so, and what the read model includes.
pub(super) fn start(
    tenant: TenantId,
    ports: &Ports,
    durable: watch::Receiver<u64>,
) -> (mpsc::Sender<FrameEvents>, watch::Receiver<u64>) {
    let (hand_in, frames) = mpsc::channel(WAITING);
    let (applied, applied_seen) = watch::channel(0);
    let projector = Projector {
        tenant,
        journal: Arc::clone(&ports.journal),
        read_model: Arc::clone(&ports.read_model),
        frames,
        durable,
        applied,
    };
    tokio::spawn(projector.run());
    (hand_in, applied_seen)
}

impl Projector {
    async fn run(mut self) {
        loop {
            match self.project().await {
                Ok(()) => return,
                Err(error) => {
                    tracing::error!(tenant = %self.tenant, %error, "the read model is behind");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Projects until the tenant stops.
    async fn project(&mut self) -> Result<(), RecoveryError> {
        let mut done = self.begin().await?;
        let mut waiting = None;
        loop {
            let goal = *self.durable.borrow_and_update();
            while done < goal {
                let batch = self.next(done, &mut waiting).await?;
                let Some(last) = batch.last() else { break };
                done = last.seq;
                self.read_model.apply(self.tenant, batch).await?;
                self.applied.send_replace(done);
            }
            if self.durable.changed().await.is_err() {
                return Ok(());
            }
        }
    }

    /// Where the read model is. One ahead of the journal was projected from a journal that is
    /// gone, so it starts again.
    async fn begin(&mut self) -> Result<u64, RecoveryError> {
        let mut done = self.read_model.checkpoint(self.tenant).await?;
        let head = self.journal.head(self.tenant).await?.seq;
        if done > head {
            tracing::warn!(tenant = %self.tenant, done, head, "the read model is ahead of the journal; projecting it again");
            self.read_model.reset(self.tenant).await?;
            done = 0;
        }
        self.applied.send_replace(done);
        Ok(done)
    }

    /// The frames after `done`: those handed in if they are the next ones, else from the journal.
    async fn next(
        &mut self,
        done: u64,
        waiting: &mut Option<FrameEvents>,
    ) -> Result<Vec<FrameEvents>, RecoveryError> {
        let mut batch = Vec::new();
        let mut next = done + 1;
        while batch.len() < BATCH {
            let Some(frame) = waiting.take().or_else(|| self.frames.try_recv().ok()) else {
                break;
            };
            if frame.seq == next {
                batch.push(frame);
                next += 1;
            } else if frame.seq > next {
                *waiting = Some(frame);
                break;
            }
        }
        if batch.is_empty() {
            let frames = self.journal.read(self.tenant, done, BATCH).await?;
            for frame in &frames {
                let events = recovery::decode(frame)?;
                batch.push(FrameEvents {
                    seq: frame.seq,
                    events,
                });
            }
        }
        Ok(batch)
    }
}
