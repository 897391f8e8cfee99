//! An engine at work: takes letters, closes commit groups, and releases them when they are durable.

use std::future::{Future, pending};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

use bytes::Bytes;
use webchat_core::command::{Command, HostCommand};
use webchat_core::effect::Effect;
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox, wire};

use super::driver::Driver;
use super::group::{Group, Letter};
use super::recovery::Recovered;
use super::snapshots::Snapshots;
use super::timer::Timer;
use super::{Health, Ports, Unavailable};
use crate::fault::{Fault, StoreError};
use crate::journal::{Frame, Head, TenantId, Verdict};
use crate::read_model::FrameEvents;

/// Letters taken from the mailbox at once.
const LETTERS: usize = 256;

/// How an engine's work ended.
pub(super) enum End {
    /// Everybody was answered and nothing more can be asked.
    Stopped,
    /// Somebody else has the tenant.
    Fenced,
    /// What is on disk has to be looked at again.
    Failed(Fault),
}

/// An engine at work.
pub(super) struct Running {
    tenant: TenantId,
    ports: Ports,
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
    /// Taken from the mailbox, to be read at once.
    letters: Vec<Letter>,
    /// Left over after a defect.
    unread: Vec<Letter>,
    effects: Vec<Effect>,
    snapshots: Snapshots,
}

/// A group on its way to the disk.
struct Writing {
    group: Group,
    bytes: u64,
    append: Pin<Box<dyn Future<Output = Verdict> + Send>>,
}

impl Running {
    /// An engine that just came from disk.
    pub(super) fn new(recovered: Recovered, driver: &Driver) -> Self {
        let ports = driver.ports.clone();
        let ahead = recovered.last_at.since(ports.clock.now());
        if ahead > 0 {
            tracing::warn!(
                ahead_ms = ahead,
                "the clock is behind the journal; continuing from the journal's time"
            );
        }
        let snapshots = Snapshots::new(driver, recovered.grown);
        driver.projector.durable(recovered.head.seq);
        Self {
            tenant: driver.tenant,
            ports,
            engine: recovered.engine,
            head: recovered.head,
            ahead,
            filling: Group::default(),
            writing: None,
            spare: Group::default(),
            letters: Vec::with_capacity(LETTERS),
            unread: Vec::new(),
            effects: Vec::new(),
            snapshots,
        }
    }

    /// Works until it has to end; what still waits then is for the caller to refuse.
    pub(super) async fn work(&mut self, driver: &mut Driver) -> End {
        let mut timer = Timer::default();
        let mut stopping = false;
        // The sockets of the engine's former life are gone.
        let lost = Command::Host(HostCommand::ConnectionsLost);
        if let Err(end) = self.decide(|engine, now, outbox| engine.handle(now, lost, outbox)) {
            return end;
        }
        loop {
            if self.writing.is_none() {
                if stopping || driver.mailbox.is_empty() || self.is_full(driver) {
                    self.close_group();
                }
                if self.writing.is_none() {
                    ready(driver);
                    if stopping {
                        return End::Stopped;
                    }
                }
            }
            let room = !stopping && !self.is_full(driver);
            timer.set(self.wake(), &self.ports.clock);
            tokio::select! {
                biased;
                verdict = written(&mut self.writing) => {
                    if let Some(end) = self.settle(verdict, driver) {
                        return end;
                    }
                }
                () = timer.elapsed(), if room => {
                    timer = Timer::default();
                    let fired = self.decide(|engine, now, outbox| engine.handle_timeout(now, outbox));
                    if let Err(end) = fired {
                        return end;
                    }
                }
                count = driver.mailbox.recv_many(&mut self.letters, LETTERS), if room => {
                    stopping = count == 0;
                    if let Err(end) = self.read(driver) {
                        return end;
                    }
                }
            }
        }
    }

    /// Tells everybody whose group did not become durable.
    pub(super) fn refuse_waiting(&mut self, why: Unavailable) {
        if let Some(mut writing) = self.writing.take() {
            writing.group.refuse(why);
        }
        self.filling.refuse(why);
        for letter in self.unread.drain(..) {
            letter.refuse(why);
        }
    }

    /// Waits for the snapshot being made and, if everything decided is durable, keeps a last one.
    pub(super) async fn finish_snapshots(self, all_durable: bool) {
        let last = all_durable.then_some((self.engine, self.head.seq));
        self.snapshots.finish(last).await;
    }

    fn is_full(&self, driver: &Driver) -> bool {
        self.filling.len() >= driver.options.group
    }

    fn now(&self) -> Timestamp {
        self.ports.clock.now().after_millis(self.ahead)
    }

    /// When the engine next wants to be called, by the clock.
    fn wake(&self) -> Option<Timestamp> {
        let wake = self.engine.poll_timeout()?;
        Some(wake.at.after_millis(-self.ahead))
    }

    /// Reads letters until one meets a defect; those after it stay unread.
    fn read(&mut self, driver: &mut Driver) -> Result<(), End> {
        let mut letters = mem::take(&mut self.letters);
        let mut unread = letters.drain(..);
        let read = unread.try_for_each(|letter| self.read_letter(letter, driver));
        self.unread.extend(unread);
        self.letters = letters;
        read
    }

    fn read_letter(&mut self, letter: Letter, driver: &mut Driver) -> Result<(), End> {
        match letter {
            Letter::Command { command, reply } => {
                let decided =
                    self.decide(|engine, now, outbox| engine.handle(now, command, outbox));
                let (result, end) = split(decided);
                self.filling.answer(result, reply);
                end
            }
            Letter::Query(mut query) => {
                let (_, end) = split(self.decide(|engine, now, _| query.ask(engine, now)));
                self.filling.answer_query(query);
                end
            }
            Letter::Stop(done) => {
                driver.asked_to_stop.push(done);
                driver.mailbox.close();
                Ok(())
            }
        }
    }

    /// Lets the engine decide. A defect that makes it panic leaves a state nobody may use, so the
    /// engine is rebuilt: only whoever met the defect gets nothing, not everybody.
    fn decide<T>(
        &mut self,
        decide: impl FnOnce(&mut Engine, Timestamp, &mut Outbox) -> T,
    ) -> Result<T, End> {
        let now = self.now();
        let engine = &mut self.engine;
        let outbox = &mut self.filling.outbox;
        let decided = catch_unwind(AssertUnwindSafe(|| decide(engine, now, outbox)));
        decided.map_err(|_| {
            tracing::error!(tenant = %self.tenant, "the engine met a defect; rebuilding it from disk");
            End::Failed(Fault::Defect)
        })
    }

    /// Sends the filling group on its way; one without events needs no journal.
    fn close_group(&mut self) {
        if self.filling.is_empty() {
            return;
        }
        let events = self.filling.outbox.events();
        let Some(last) = events.last() else {
            let effects = &*self.ports.effects;
            self.filling.release(effects, &mut self.effects);
            return;
        };
        let frame = Frame {
            tenant: self.tenant,
            seq: self.head.seq + 1,
            epoch: self.head.epoch,
            at: last.at,
            codec: wire::CODEC,
            payload: Bytes::from(wire::encode(events)),
        };
        let journal = self.ports.journal.clone();
        self.writing = Some(Writing {
            group: mem::replace(&mut self.filling, mem::take(&mut self.spare)),
            bytes: frame.payload.len() as u64,
            append: Box::pin(async move {
                let verdict = journal.append(vec![frame]).await.pop();
                verdict.unwrap_or_else(|| {
                    Verdict::Unknown(StoreError::new(Fault::Io, "the journal gave no verdict"))
                })
            }),
        });
    }

    /// The fate of the group being written is known.
    fn settle(&mut self, verdict: Verdict, driver: &Driver) -> Option<End> {
        match verdict {
            Verdict::Durable => self.release(driver),
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

    fn release(&mut self, driver: &Driver) {
        let Some(mut writing) = self.writing.take() else {
            return;
        };
        self.head.seq += 1;
        let events = writing.group.outbox.events().to_vec();
        self.snapshots
            .grown(events.len() as u64, writing.bytes, self.head.seq);
        driver.projector.hand_in(FrameEvents {
            seq: self.head.seq,
            events,
        });
        ready(driver);
        let effects = &*self.ports.effects;
        writing.group.release(effects, &mut self.effects);
        self.spare = writing.group;
    }
}

/// What was decided, if anything, and whether work goes on.
fn split<T>(decided: Result<T, End>) -> (Option<T>, Result<(), End>) {
    match decided {
        Ok(decided) => (Some(decided), Ok(())),
        Err(end) => (None, Err(end)),
    }
}

/// The journal holds what was decided.
fn ready(driver: &Driver) {
    driver
        .health
        .send_if_modified(|health| mem::replace(health, Health::Ready) != Health::Ready);
}

/// The verdict on the group being written; never, if there is none.
async fn written(writing: &mut Option<Writing>) -> Verdict {
    match writing {
        Some(writing) => writing.append.as_mut().await,
        None => pending().await,
    }
}
