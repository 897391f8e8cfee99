//! The task that owns an engine: takes letters, closes commit groups, releases them when durable,
//! and rebuilds the engine whenever the journal cannot promise what became of a group.

use std::future::{Future, pending};
use std::mem;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use webchat_core::Engine;
use webchat_core::command::{Command, HostCommand};
use webchat_core::effect::Effect;
use webchat_core::time::Timestamp;
use webchat_core::wire;

use super::group::{Group, Letter};
use super::recovery::{self, Recovered, RecoveryError};
use super::{Health, Options, Ports, Unavailable, Zoning};
use crate::fault::{Fault, StoreError};
use crate::journal::{Frame, Head, Snapshot, TenantId, Verdict};
use crate::read_model::FrameEvents;

/// Letters taken from the mailbox at once.
const LETTERS: usize = 256;
/// First and longest pause between attempts to rebuild the engine.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// What the task owns besides the engine.
pub(super) struct Driver {
    pub(super) tenant: TenantId,
    pub(super) zones: Zoning,
    pub(super) ports: Ports,
    pub(super) options: Options,
    pub(super) mailbox: mpsc::Receiver<Letter>,
    pub(super) health: watch::Sender<Health>,
    /// The last frame known to be durable.
    pub(super) durable: watch::Sender<u64>,
    pub(super) projector: mpsc::Sender<FrameEvents>,
}

/// How serving ended.
enum End {
    /// Asked to.
    Stopped(Vec<oneshot::Sender<()>>),
    /// Somebody else has the tenant.
    Fenced,
    /// What is on disk has to be looked at again.
    Failed(Fault),
}

/// An engine at work.
struct Running {
    engine: Engine,
    head: Head,
    /// How far the engine's time is ahead of the clock, because the clock was set back while the
    /// tenant was not running. Without it timers would stand still until the clock caught up.
    ahead: i64,
    /// The group being filled.
    filling: Group,
    /// The group being written.
    writing: Option<Writing>,
    /// An empty group to fill next.
    spare: Group,
    effects: Vec<Effect>,
    since_snapshot: Growth,
    saving: Option<JoinHandle<()>>,
}

/// A group on its way to the disk.
struct Writing {
    group: Group,
    append: Pin<Box<dyn Future<Output = Verdict> + Send>>,
    /// The state after the group, to be kept once it is durable.
    snapshot: Option<Snapshot>,
}

/// What the journal gained since the last snapshot.
#[derive(Clone, Copy, Default)]
struct Growth {
    events: u64,
    bytes: u64,
}

impl Driver {
    /// Serves until told to stop, rebuilding the engine as often as needed.
    pub(super) async fn run(mut self, recovered: Recovered) {
        let mut recovered = Some(recovered);
        while let Some(next) = recovered.take() {
            recovered = match self.serve(next).await {
                End::Stopped(asked) => {
                    self.health.send_replace(Health::Stopped);
                    for done in asked {
                        // Whoever asked may have gone.
                        let _ = done.send(());
                    }
                    None
                }
                End::Fenced => None,
                End::Failed(_) => self.recover().await,
            };
        }
        self.mailbox.close();
        while let Some(letter) = self.mailbox.recv().await {
            letter.refuse(Unavailable::Stopped);
        }
    }

    /// Rebuilds the engine, trying until it works; sends letters back meanwhile. `None` if told to stop.
    async fn recover(&mut self) -> Option<Recovered> {
        let (mut pause, longest) = PAUSES;
        loop {
            match self.attempt(pause).await? {
                Ok(recovered) => return Some(recovered),
                Err(error) => {
                    tracing::error!(tenant = %self.tenant, %error, "the engine could not be rebuilt; trying again");
                    self.health
                        .send_replace(Health::Recovering(Some(error.fault())));
                    pause = (pause * 2).min(longest);
                }
            }
        }
    }

    /// One attempt after a pause. `None` if told to stop.
    async fn attempt(&mut self, pause: Duration) -> Option<Result<Recovered, RecoveryError>> {
        let attempt = async {
            tokio::time::sleep(pause).await;
            recovery::recover(self.tenant, &self.zones, &*self.ports.journal).await
        };
        tokio::pin!(attempt);
        loop {
            tokio::select! {
                outcome = &mut attempt => return Some(outcome),
                letter = self.mailbox.recv() => match letter {
                    Some(Letter::Stop(done)) => {
                        self.health.send_replace(Health::Stopped);
                        // Whoever asked may have gone.
                        let _ = done.send(());
                        return None;
                    }
                    Some(letter) => letter.refuse(Unavailable::Retry),
                    None => return None,
                },
            }
        }
    }

    /// Runs one engine until it has to stop or be rebuilt.
    async fn serve(&mut self, recovered: Recovered) -> End {
        let mut running = Running::new(recovered, &self.ports);
        self.durable.send_replace(running.head.seq);
        running.connections_lost(&self.ports);
        let end = self.work(&mut running).await;
        // The state shows before anybody is refused because of it.
        let why = match end {
            End::Stopped(_) => Unavailable::Stopped,
            End::Fenced => {
                self.health.send_replace(Health::Fenced);
                self.ports.effects.connections_lost();
                Unavailable::Stopped
            }
            End::Failed(fault) => {
                self.health.send_replace(Health::Recovering(Some(fault)));
                self.ports.effects.connections_lost();
                Unavailable::Retry
            }
        };
        if let Some(mut writing) = running.writing.take() {
            writing.group.refuse(why);
        }
        running.filling.refuse(why);
        if let Some(saving) = running.saving.take() {
            // A failure to save was logged by the task; a start only takes longer.
            let _ = saving.await;
        }
        end
    }

    async fn work(&mut self, running: &mut Running) -> End {
        let mut letters = Vec::with_capacity(LETTERS);
        let mut asked_to_stop = Vec::new();
        let mut stopping = false;
        let mut timer = Timer::default();
        loop {
            let large = running.filling.len() >= self.options.group;
            if running.writing.is_none() {
                if large || stopping || self.mailbox.is_empty() {
                    running.close_group(self.tenant, &self.ports, &self.options);
                }
                if running.writing.is_none() {
                    self.ready();
                    if stopping {
                        running.last_snapshot(self.tenant, &self.ports);
                        return End::Stopped(asked_to_stop);
                    }
                }
            }
            let room = !stopping && running.filling.len() < self.options.group;
            timer.set(running.wake(), &self.ports);
            tokio::select! {
                biased;
                verdict = written(&mut running.writing) => {
                    if let Some(end) = self.settle(running, verdict) {
                        return end;
                    }
                }
                () = timer.elapsed(), if room => {
                    let now = running.now(&self.ports);
                    running.engine.handle_timeout(now, &mut running.filling.outbox);
                    timer = Timer::default();
                }
                count = self.mailbox.recv_many(&mut letters, LETTERS), if room => {
                    stopping |= count == 0;
                    for letter in letters.drain(..) {
                        match letter {
                            Letter::Command { command, reply } => {
                                let now = running.now(&self.ports);
                                let group = &mut running.filling;
                                let result = running.engine.handle(now, command, &mut group.outbox);
                                group.answer(result, reply);
                            }
                            Letter::Query(mut query) => {
                                query.ask(&running.engine, running.now(&self.ports));
                                running.filling.answer_query(query);
                            }
                            Letter::Stop(done) => {
                                asked_to_stop.push(done);
                                self.mailbox.close();
                            }
                        }
                    }
                }
            }
        }
    }

    /// The journal holds everything decided so far.
    fn ready(&self) {
        self.health
            .send_if_modified(|health| mem::replace(health, Health::Ready) != Health::Ready);
    }

    /// The fate of the group being written is known.
    fn settle(&self, running: &mut Running, verdict: Verdict) -> Option<End> {
        match verdict {
            Verdict::Durable => self.release(running),
            Verdict::Fenced(head) => {
                tracing::error!(tenant = %self.tenant, ?head, "another process claimed the tenant; stopping");
                return Some(End::Fenced);
            }
            Verdict::NotWritten(error) | Verdict::Unknown(error) => {
                tracing::error!(tenant = %self.tenant, %error, "the journal failed; rebuilding the engine from disk");
                return Some(End::Failed(error.fault()));
            }
        }
        None
    }

    fn release(&self, running: &mut Running) {
        let Some(mut writing) = running.writing.take() else {
            return;
        };
        running.head.seq += 1;
        let frame = FrameEvents {
            seq: running.head.seq,
            events: writing.group.outbox.events().to_vec(),
        };
        // If the projector has no room it reads this frame from the journal.
        let _ = self.projector.try_send(frame);
        self.durable.send_replace(running.head.seq);
        self.ready();
        let effects = &*self.ports.effects;
        writing.group.release(effects, &mut running.effects);
        running.spare = writing.group;
        if let Some(snapshot) = writing.snapshot {
            running.save(snapshot, &self.ports);
        }
    }
}

impl Running {
    fn new(recovered: Recovered, ports: &Ports) -> Self {
        let ahead = recovered.last_at.since(ports.clock.now());
        if ahead > 0 {
            tracing::warn!(
                ahead_ms = ahead,
                "the clock is behind the journal; continuing from the journal's time"
            );
        }
        Self {
            engine: recovered.engine,
            head: recovered.head,
            ahead,
            filling: Group::default(),
            writing: None,
            spare: Group::default(),
            effects: Vec::new(),
            since_snapshot: Growth {
                events: recovered.replayed,
                bytes: 0,
            },
            saving: None,
        }
    }

    fn now(&self, ports: &Ports) -> Timestamp {
        ports.clock.now().after_millis(self.ahead)
    }

    /// When the engine next wants to be called, by the clock.
    fn wake(&self) -> Option<Timestamp> {
        let wake = self.engine.poll_timeout()?;
        Some(wake.at.after_millis(-self.ahead))
    }

    /// The sockets of the engine's former life are gone.
    fn connections_lost(&mut self, ports: &Ports) {
        let now = self.now(ports);
        let command = Command::Host(HostCommand::ConnectionsLost);
        let told = self.engine.handle(now, command, &mut self.filling.outbox);
        if let Err(rejection) = told {
            tracing::error!(%rejection, "the engine did not take its connections for lost");
        }
    }

    /// Sends the filling group on its way; one without events needs no journal.
    fn close_group(&mut self, tenant: TenantId, ports: &Ports, options: &Options) {
        if self.filling.is_empty() {
            return;
        }
        let events = self.filling.outbox.events();
        let Some(last) = events.last() else {
            self.filling.release(&*ports.effects, &mut self.effects);
            return;
        };
        let payload = Bytes::from(wire::encode(events));
        self.since_snapshot.events += events.len() as u64;
        self.since_snapshot.bytes += payload.len() as u64;
        let frame = Frame {
            tenant,
            seq: self.head.seq + 1,
            epoch: self.head.epoch,
            at: last.at,
            codec: wire::CODEC,
            payload,
        };
        let snapshot = self.snapshot_if_due(&frame, options);
        let journal = ports.journal.clone();
        self.writing = Some(Writing {
            group: mem::replace(&mut self.filling, mem::take(&mut self.spare)),
            append: Box::pin(async move {
                let verdict = journal.append(vec![frame]).await.pop();
                verdict.unwrap_or_else(|| {
                    Verdict::Unknown(StoreError::new(Fault::Io, "the journal gave no verdict"))
                })
            }),
            snapshot,
        });
    }

    /// The engine is exactly where `frame` ends: nothing is decided between filling and closing a group.
    fn snapshot_if_due(&mut self, frame: &Frame, options: &Options) -> Option<Snapshot> {
        let growth = self.since_snapshot;
        let due =
            growth.events >= options.snapshot_events || growth.bytes >= options.snapshot_bytes;
        let busy = self
            .saving
            .as_ref()
            .is_some_and(|saving| !saving.is_finished());
        if !due || busy {
            return None;
        }
        self.since_snapshot = Growth::default();
        Some(self.snapshot(frame.tenant, frame.seq))
    }

    fn snapshot(&self, tenant: TenantId, seq: u64) -> Snapshot {
        Snapshot {
            tenant,
            seq,
            codec: wire::CODEC,
            payload: Bytes::from(self.engine.snapshot()),
        }
    }

    fn last_snapshot(&mut self, tenant: TenantId, ports: &Ports) {
        if self.since_snapshot.events > 0 {
            let snapshot = self.snapshot(tenant, self.head.seq);
            self.save(snapshot, ports);
        }
    }

    /// Keeps a snapshot beside the engine's work, after the one before.
    fn save(&mut self, snapshot: Snapshot, ports: &Ports) {
        let journal = ports.journal.clone();
        let before = self.saving.take();
        self.saving = Some(tokio::spawn(async move {
            if let Some(before) = before {
                // Its failure was logged there.
                let _ = before.await;
            }
            if let Err(error) = journal.save_snapshot(snapshot).await {
                tracing::warn!(%error, "a snapshot was not kept; the next start takes longer");
            }
        }));
    }
}

/// The verdict on the group being written; never, if there is none.
async fn written(writing: &mut Option<Writing>) -> Verdict {
    match writing {
        Some(writing) => writing.append.as_mut().await,
        None => pending().await,
    }
}

/// A sleep that is kept while its end stays the same.
#[derive(Default)]
struct Timer {
    at: Option<Timestamp>,
    sleep: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Timer {
    fn set(&mut self, at: Option<Timestamp>, ports: &Ports) {
        if self.at == at {
            return;
        }
        let clock = ports.clock.clone();
        self.at = at;
        self.sleep = at.map(|at| -> Pin<Box<dyn Future<Output = ()> + Send>> {
            Box::pin(async move { clock.sleep_until(at).await })
        });
    }

    async fn elapsed(&mut self) {
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().await,
            None => pending().await,
        }
    }
}
