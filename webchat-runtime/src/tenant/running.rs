//! An engine at work: takes letters, closes commit groups, and releases them when they are durable.

use std::future::{Future, pending, poll_fn};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use webchat_core::command::{Command, HostCommand};
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox, wire};

use super::driver::Driver;
use super::group::{Group, Letter, Reply};
use super::recovery::Recovered;
use super::snapshots::Snapshots;
use super::teller::Teller;
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
    teller: Teller,
    /// Taken from the mailbox, to be read at once.
    letters: Vec<Letter>,
    /// Left over after a defect.
    unread: Vec<Letter>,
    snapshots: Snapshots,
}

/// A group on its way to the disk.
struct Writing {
    group: Group,
    bytes: u64,
    append: Pin<Box<dyn Future<Output = Verdict> + Send>>,
    /// What became of it, if that was known at once.
    verdict: Option<Verdict>,
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
            teller: Teller::start(Arc::clone(&ports.effects)),
            ports,
            engine: recovered.engine,
            head: recovered.head,
            ahead,
            filling: Group::default(),
            writing: None,
            spare: Group::default(),
            letters: Vec::with_capacity(LETTERS),
            unread: Vec::new(),
            snapshots,
        }
    }

    /// Works until it has to end; what still waits then is for the caller to refuse.
    pub(super) async fn work(&mut self, driver: &mut Driver) -> End {
        let mut timer = Timer::default();
        let mut stopping = false;
        // The sockets of the engine's former life are gone.
        let lost = Command::Host(HostCommand::ConnectionsLost);
        let now = self.now();
        if let Err(end) = self.decide(|engine, outbox| engine.handle(now, lost, outbox)) {
            return end;
        }
        loop {
            if self.writing.is_none() {
                // The disk is idle, so nothing is gained by waiting for more.
                self.close_group().await;
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
                    if let Some(end) = self.settle(verdict, driver).await {
                        return end;
                    }
                }
                () = timer.elapsed(), if room => {
                    timer = Timer::default();
                    let now = self.now();
                    let fired = self.decide(|engine, outbox| engine.handle_timeout(now, outbox));
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

    /// Waits until everybody whose group became durable is told.
    pub(super) async fn all_told(&mut self) {
        self.teller.finish().await;
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
            || self.filling.bytes() >= driver.options.group_bytes
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
        // They came together.
        let now = self.now();
        let mut letters = mem::take(&mut self.letters);
        let mut unread = letters.drain(..);
        let read = unread.try_for_each(|letter| self.read_letter(letter, now, driver));
        self.unread.extend(unread);
        self.letters = letters;
        read
    }

    fn read_letter(
        &mut self,
        letter: Letter,
        now: Timestamp,
        driver: &mut Driver,
    ) -> Result<(), End> {
        match letter {
            Letter::Command { command, reply } => {
                let (result, end) = self.carry_out(command, now);
                self.filling.answer(result, reply);
                end
            }
            Letter::Commands { commands, reply } => {
                let mut goes_on = Ok(());
                let results = commands.into_iter().map(|command| {
                    if goes_on.is_err() {
                        return Err(Unavailable::Retry);
                    }
                    let result;
                    (result, goes_on) = self.carry_out(command, now);
                    result
                });
                let results = results.collect();
                self.filling.answer_all(results, reply);
                goes_on
            }
            Letter::Query(mut query) => {
                let asked = self.decide(|engine, _| query.ask(engine, now));
                self.filling.answer_query(query);
                asked
            }
            Letter::Stop(done) => {
                driver.asked_to_stop.push(done);
                driver.mailbox.close();
                Ok(())
            }
        }
    }

    /// What the caller hears once it is durable, and whether work goes on.
    fn carry_out(&mut self, command: Command, now: Timestamp) -> (Reply, Result<(), End>) {
        match self.decide(|engine, outbox| engine.handle(now, command, outbox)) {
            Ok(result) => (Ok(result), Ok(())),
            Err(end) => (Err(Unavailable::Failed), Err(end)),
        }
    }

    /// Lets the engine decide. A defect that makes it panic leaves a state nobody may use, so the
    /// engine is rebuilt: only whoever met the defect gets nothing, not everybody.
    fn decide<T>(&mut self, decide: impl FnOnce(&mut Engine, &mut Outbox) -> T) -> Result<T, End> {
        let engine = &mut self.engine;
        let outbox = &mut self.filling.outbox;
        let decided = catch_unwind(AssertUnwindSafe(|| decide(engine, outbox)));
        let decided = decided.map_err(|_| {
            tracing::error!(tenant = %self.tenant, "the engine met a defect; rebuilding it from disk");
            End::Failed(Fault::Defect)
        })?;
        self.filling.write_down();
        Ok(decided)
    }

    /// Sends the filling group on its way; one without events needs no journal.
    async fn close_group(&mut self) {
        if self.filling.is_empty() {
            return;
        }
        let Some(last) = self.filling.outbox.events().last() else {
            let done = mem::replace(&mut self.filling, mem::take(&mut self.spare));
            self.spare = self.teller.tell(done).await;
            return;
        };
        let frame = Frame {
            tenant: self.tenant,
            seq: self.head.seq + 1,
            epoch: self.head.epoch,
            at: last.at,
            codec: wire::CODEC,
            payload: self.filling.take_payload(),
        };
        let journal = self.ports.journal.clone();
        let mut writing = Writing {
            group: mem::replace(&mut self.filling, mem::take(&mut self.spare)),
            bytes: frame.payload.len() as u64,
            append: Box::pin(async move {
                let verdict = journal.append(vec![frame]).await.pop();
                verdict.unwrap_or_else(|| {
                    Verdict::Unknown(StoreError::new(Fault::Io, "the journal gave no verdict"))
                })
            }),
            verdict: None,
        };
        // A future begins when it is first polled, and the disk should not wait for our next pause.
        writing.verdict = poll_fn(|context| {
            Poll::Ready(match writing.append.as_mut().poll(context) {
                Poll::Ready(verdict) => Some(verdict),
                Poll::Pending => None,
            })
        })
        .await;
        self.writing = Some(writing);
    }

    /// The fate of the group being written is known.
    async fn settle(&mut self, verdict: Verdict, driver: &Driver) -> Option<End> {
        match verdict {
            Verdict::Durable => {
                let done = self.writing.take()?;
                self.head.seq += 1;
                let seq = self.head.seq;
                // The next group goes to the disk before this one's callers are told, unless it needs
                // no disk: then it would overtake this one.
                if !self.filling.outbox.events().is_empty() {
                    self.close_group().await;
                }
                self.release(done, seq, driver).await;
                None
            }
            Verdict::Fenced(head) => {
                tracing::error!(tenant = %self.tenant, ?head, "another process claimed the tenant; stopping");
                Some(End::Fenced)
            }
            Verdict::NotWritten(error) | Verdict::Unknown(error) => {
                tracing::error!(tenant = %self.tenant, %error, "the journal failed; rebuilding the engine from disk");
                Some(End::Failed(error.fault()))
            }
        }
    }

    /// Tells everybody concerned that the group of frame `seq` is durable.
    async fn release(&mut self, mut done: Writing, seq: u64, driver: &Driver) {
        let events = done.group.outbox.take_events();
        if events.iter().any(|recorded| recorded.event.erases()) {
            self.snapshots.want();
        }
        self.snapshots.grown(events.len() as u64, done.bytes, seq);
        // Before the answers, so that whoever hears one and then waits for the read model finds it there.
        done.group.spent = driver.projector.hand_in(FrameEvents { seq, events });
        ready(driver);
        self.spare = self.teller.tell(done.group).await;
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
        Some(writing) => match writing.verdict.take() {
            Some(verdict) => verdict,
            None => writing.append.as_mut().await,
        },
        None => pending().await,
    }
}
