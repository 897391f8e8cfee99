//! Carries durable events into the read model, in order and beside the engine, so that neither waits
//! for the other. What it could not be handed in time it reads from the journal.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use webchat_core::event::Recorded;

use super::Ports;
use super::erasing;
use super::recovery::{self, RecoveryError};
use crate::journal::{Frame, Journal, TenantId};
use crate::read_model::{FrameEvents, ReadModel};

/// Frames that may wait to be projected; beyond them it reads from the journal.
const WAITING: usize = 256;
/// Frames that share one commit of the read model.
const BATCH: usize = 256;
/// A batch that took longer is followed by a rest three times as long, but not longer than `REST`.
const LONG: Duration = Duration::from_millis(2);
const REST: Duration = Duration::from_secs(1);
/// Pause after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// The tenant's side of the projecting task.
pub(super) struct Projector {
    frames: mpsc::Sender<FrameEvents>,
    durable: watch::Sender<u64>,
    task: JoinHandle<()>,
    burying: JoinHandle<()>,
}

/// How far the projecting task has got.
pub(super) struct Seen {
    /// The last durable frame.
    pub(super) durable: watch::Receiver<u64>,
    /// The last frame the read model includes.
    pub(super) applied: watch::Receiver<u64>,
    /// The last of them with an erasure.
    pub(super) erased: watch::Receiver<u64>,
    /// Up to which of those nothing is left in the files; `None` while what a former run left is looked for.
    pub(super) buried: watch::Receiver<Option<u64>>,
}

impl Projector {
    /// Starts projecting what is durable up to frame `head`, and carrying erasures through to the files.
    pub(super) fn start(tenant: TenantId, ports: &Ports, head: u64) -> (Self, Seen) {
        let (hand_in, frames) = mpsc::channel(WAITING);
        let (durable, durable_seen) = watch::channel(head);
        let (applied, applied_seen) = watch::channel(0);
        let (erased, erased_seen) = watch::channel(0);
        let read_model = Arc::clone(&ports.read_model);
        let (burying, buried) = erasing::start(tenant, read_model, erased_seen.clone());
        let projecting = Projecting {
            tenant,
            journal: Arc::clone(&ports.journal),
            read_model: Arc::clone(&ports.read_model),
            frames,
            durable: durable_seen.clone(),
            applied,
            erased,
        };
        let projector = Self {
            frames: hand_in,
            durable,
            task: tokio::spawn(projecting.run()),
            burying,
        };
        let seen = Seen {
            durable: durable_seen,
            applied: applied_seen,
            erased: erased_seen,
            buried,
        };
        (projector, seen)
    }

    /// A frame has become durable. Without room for it, it is read from the journal later, and its events are
    /// given back.
    pub(super) fn hand_in(&self, frame: FrameEvents) -> Vec<Recorded> {
        let seq = frame.seq;
        let unsent = self.frames.try_send(frame).err();
        self.durable(seq);
        unsent.map_or_else(Vec::new, |unsent| unsent.into_inner().events)
    }

    /// The journal is durable up to frame `seq`.
    pub(super) fn durable(&self, seq: u64) {
        self.durable.send_replace(seq);
    }

    /// Waits until all that is durable is projected, unless that fails.
    pub(super) async fn finish(self) {
        drop(self.durable);
        // It ends early only if it panicked; what is missing is projected at the next start.
        let _ = self.task.await;
        // What it leaves is noted in the store, and done at the next start.
        self.burying.abort();
        let _ = self.burying.await;
    }
}

/// What the projecting task owns.
struct Projecting {
    tenant: TenantId,
    journal: Arc<dyn Journal>,
    read_model: Arc<dyn ReadModel>,
    frames: mpsc::Receiver<FrameEvents>,
    durable: watch::Receiver<u64>,
    applied: watch::Sender<u64>,
    erased: watch::Sender<u64>,
}

impl Projecting {
    async fn run(mut self) {
        loop {
            match self.project().await {
                Ok(()) => return,
                Err(error) => {
                    tracing::error!(tenant = %self.tenant, %error, "the read model is behind");
                    if self.durable.has_changed().is_err() {
                        return;
                    }
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
                let begun = Instant::now();
                let erases = batch.iter().rfind(|frame| erases(frame));
                let erases = erases.map(|frame| frame.seq);
                self.read_model.apply(self.tenant, batch).await?;
                if let Some(frame) = erases {
                    self.erased.send_replace(frame);
                }
                self.applied.send_replace(done);
                // Under load it works a quarter of the time: acknowledgements need the processors and
                // the disk first, and larger batches cost far less per event.
                let took = begun.elapsed();
                if took > LONG {
                    tokio::time::sleep((took * 3).min(REST)).await;
                }
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
            let read = recovery::apart(move || frames.iter().map(events_of).collect());
            return read.await?;
        }
        Ok(batch)
    }
}

fn events_of(frame: &Frame) -> Result<FrameEvents, RecoveryError> {
    Ok(FrameEvents {
        seq: frame.seq,
        events: recovery::decode(frame)?,
    })
}

fn erases(frame: &FrameEvents) -> bool {
    frame.events.iter().any(|recorded| recorded.event.erases())
}
