//! A simulated world: one tenant, its journal, crashes, and everything that is checked after each step.

use std::collections::BTreeMap;

use webchat_core::command::{Command, VisitorCommand};
use webchat_core::effect::Receipt;
use webchat_core::event::{Event, Recorded};
use webchat_core::id::ChatId;
use webchat_core::rejection::Rejection;
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox, wire};

use crate::checks::screens::Screens;
use crate::checks::{measures, rest, told};
use crate::history::{Act, Recovery, Step, Tail, alias, is_idempotent, rename, step_of};
use crate::model::{self, Calendars};
use crate::picture::Picture;
use crate::violation::{Verdict, Violation, expect};

/// A longer journal is not replayed from its beginning after a crash, but from the last snapshot.
const LONG_JOURNAL: usize = 400;

/// Unless the run is thorough, whole views are compared after each of so many steps, and digests after eight times as many.
/// They cost more than all the rest, and what differs once goes on differing.
const CLOSER_LOOK: u32 = 16;

/// One tenant under observation.
pub struct World {
    /// Gets each input as it comes.
    engine: Engine,
    /// Gets the same inputs, but timers first in a call of their own and the clock clamped; it must do the same.
    twin: Engine,
    /// Folds the events and decides nothing.
    shadow: Engine,
    picture: Picture,
    calendars: Calendars,
    screens: Screens,
    journal: Vec<Recorded>,
    /// So many of the journal's events were encoded and read back.
    read: usize,
    /// Length of the journal after each step since the checkpoint.
    groups: Vec<usize>,
    checkpoint: Checkpoint,
    /// The latest `now` the engine has seen.
    clock: Timestamp,
    steps: u32,
    /// Handle and name of the chats of this run.
    names: BTreeMap<ChatId, u32>,
    handles: BTreeMap<u32, ChatId>,
    thorough: bool,
}

struct Checkpoint {
    snapshot: Vec<u8>,
    picture: Picture,
    events: usize,
}

/// What a step came to.
#[derive(Debug)]
pub struct Outcome {
    /// The answer; `None` if nothing was asked.
    pub answer: Option<Result<Receipt, Rejection>>,
    /// Events of the step.
    pub events: usize,
}

impl World {
    /// An empty tenant; `thorough` compares digests and the whole view after each step.
    pub fn new(thorough: bool) -> Self {
        let new = || Engine::new(Zones::bundled());
        let engine = new();
        let checkpoint = Checkpoint {
            snapshot: engine.snapshot(),
            picture: Picture::default(),
            events: 0,
        };
        Self {
            engine,
            twin: new(),
            shadow: new(),
            picture: Picture::default(),
            calendars: Calendars::new(Zones::bundled()),
            screens: Screens::default(),
            journal: Vec::new(),
            read: 0,
            groups: Vec::new(),
            checkpoint,
            clock: Timestamp::MIN,
            steps: 0,
            names: BTreeMap::new(),
            handles: BTreeMap::new(),
            thorough,
        }
    }

    /// What the events so far add up to.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// When the engine's next timer is due.
    pub fn wake(&self) -> Option<Timestamp> {
        self.engine.poll_timeout().map(|wake| wake.at)
    }

    /// All events so far, lost ones left out.
    pub fn journal(&self) -> &[Recorded] {
        &self.journal
    }

    /// The engine under observation.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Replaces the handles of chats in a generated step by the names the history knows them by.
    pub fn named(&self, mut step: Step) -> Step {
        if let Some(command) = step.act.command_mut() {
            rename(command, |chat| {
                self.names.get(&chat).map_or(chat, |step| alias(*step))
            });
        }
        step
    }

    /// Carries out one step and checks everything.
    ///
    /// # Errors
    /// The first broken promise.
    pub fn step(&mut self, step: &Step) -> Result<Outcome, Violation> {
        self.steps += 1;
        let before = self.journal.len();
        let answer = match &step.act {
            Act::Ask(command) => {
                let command = self.with_handles(command);
                Some(self.ask(step.now, step.number, command)?)
            }
            Act::AskTwice {
                command,
                written,
                from,
            } => {
                let command = self.with_handles(command);
                Some(self.ask_twice(step.now, step.number, command, *written, *from)?)
            }
            Act::Snapshot => {
                self.take_snapshot()?;
                None
            }
            Act::Crash { from, tail } => {
                self.crash(*from, *tail)?;
                None
            }
        };
        self.groups.push(self.journal.len());
        if self.compares_views() {
            rest::compare(&self.picture, &self.engine)?;
        }
        Ok(Outcome {
            answer,
            events: self.journal.len().saturating_sub(before),
        })
    }

    /// Checks at the end of a run: the whole journal and the last snapshot with its tail give the live state.
    ///
    /// # Errors
    /// What differs.
    pub fn finish(&self) -> Verdict {
        rest::compare(&self.picture, &self.engine)?;
        measures::check(&self.journal, &self.engine, self.clock)?;
        let live = self.engine.digest();
        check_reading(&self.journal[self.read..])?;
        let whole = replayed(&self.journal).digest();
        expect(whole == live, REPLAY, || "the whole journal".to_owned())?;
        let resumed = self.resumed()?.digest();
        expect(resumed == live, REPLAY, || {
            "the last snapshot and its tail".to_owned()
        })
    }

    fn compares_views(&self) -> bool {
        self.thorough || self.steps.is_multiple_of(CLOSER_LOOK)
    }

    fn compares_digests(&self) -> bool {
        self.thorough || self.steps.is_multiple_of(8 * CLOSER_LOOK)
    }

    fn with_handles(&self, command: &Command) -> Command {
        let mut command = command.clone();
        rename(&mut command, |chat| self.handle_of(chat));
        command
    }

    fn handle_of(&self, chat: ChatId) -> ChatId {
        let Some(step) = step_of(chat) else {
            return chat;
        };
        // A chat whose request was dropped from the history never was.
        let never = ChatId::new(u32::MAX, u32::MAX);
        self.handles.get(&step).copied().unwrap_or(never)
    }

    fn ask(
        &mut self,
        now: Timestamp,
        number: u32,
        command: Command,
    ) -> Result<Result<Receipt, Rejection>, Violation> {
        let mut outbox = Outbox::default();
        let answer = self.engine.handle(now, command.clone(), &mut outbox);
        self.clock = self.clock.max(now);
        let now = self.clock;
        self.ask_twin(now, &command, &answer, &outbox)?;
        let before = told::Before::of(&self.picture);
        let told = outbox.events();
        model::step(
            &mut self.picture,
            &mut self.calendars,
            now,
            &command,
            &answer,
            told,
        )?;
        told::check(&before, &self.picture, outbox.events(), outbox.effects())?;
        self.screens.show(outbox.effects(), &self.picture)?;
        self.shadow.replay(outbox.events());
        if self.compares_digests() {
            let (live, folded) = (self.engine.digest(), self.shadow.digest());
            expect(live == folded, REPLAY, || {
                format!("after {:?}", outbox.events())
            })?;
        }
        rest::check(&self.picture, &self.engine, now)?;
        self.remember(number, &command, outbox.events());
        self.journal.extend_from_slice(outbox.events());
        Ok(answer)
    }

    /// Asks, loses the answer with the process, and asks again. Had the journal the frame, a repeat that can be
    /// recognised gets the first answer and changes nothing; had it not, all happens as it did before.
    fn ask_twice(
        &mut self,
        now: Timestamp,
        number: u32,
        command: Command,
        written: bool,
        from: Recovery,
    ) -> Result<Result<Receipt, Rejection>, Violation> {
        // A clock that jumped back is forgotten by a new process, which then sees another time.
        let same_time = now >= self.clock;
        let start = self.journal.len();
        let first = self.ask(now, number, command.clone())?;
        let caused = self.journal[start..].to_vec();
        self.groups.push(self.journal.len());
        let tail = match written {
            true => Tail::Written,
            false => Tail::Torn(1),
        };
        self.crash(from, tail)?;
        let between = self.journal.len();
        let again = self.ask(now, number, command.clone())?;
        let events = &self.journal[between..];
        let turned_away = matches!(first, Ok(Receipt::Refused(_)));
        let known = first.is_err() || (is_idempotent(&command) && !turned_away);
        expect(
            !same_time || !written || !known || (first == again && events.is_empty()),
            "a repeat gets the first answer and changes nothing",
            || format!("{first:?}, then {again:?} and {events:?}"),
        )?;
        expect(
            !same_time || written || (first == again && *events == caused),
            "what was not written happens again alike",
            || format!("{first:?} and {caused:?}, then {again:?} and {events:?}"),
        )?;
        Ok(again)
    }

    /// Gives the twin the same input.
    fn ask_twin(
        &mut self,
        now: Timestamp,
        command: &Command,
        answer: &Result<Receipt, Rejection>,
        outbox: &Outbox,
    ) -> Verdict {
        let mut same = Outbox::default();
        while let Some(wake) = self.twin.poll_timeout().filter(|wake| wake.at <= now) {
            let before = same.events().len();
            self.twin.handle_timeout(now, &mut same);
            let fired = same.events().len() > before || self.twin.poll_timeout() != Some(wake);
            expect(fired, "what is due is done", || {
                format!("{wake:?} at {now}")
            })?;
        }
        let twin_answer = self.twin.handle(now, command.clone(), &mut same);
        expect(same.events() == outbox.events(), TWIN, || {
            format!("{:?}\nbut the twin {:?}", outbox.events(), same.events())
        })?;
        expect(twin_answer == *answer, TWIN, || {
            format!("{answer:?} but the twin {twin_answer:?}")
        })?;
        expect(same.effects() == outbox.effects(), TWIN, || {
            format!("{:?}\nbut the twin {:?}", outbox.effects(), same.effects())
        })
    }

    fn remember(&mut self, number: u32, command: &Command, events: &[Recorded]) {
        if !matches!(command, Command::Visitor(VisitorCommand::RequestChat(_))) {
            return;
        }
        let queued = events
            .iter()
            .rev()
            .find_map(|recorded| match &recorded.event {
                Event::ChatQueued { chat, .. } => Some(*chat),
                _ => None,
            });
        if let Some(chat) = queued {
            self.names.insert(chat, number);
            self.handles.insert(number, chat);
        }
    }

    /// The process dies; what was not durable never happened, as nobody was told.
    fn crash(&mut self, from: Recovery, tail: Tail) -> Verdict {
        let lost = match tail {
            Tail::Written => 0,
            Tail::Torn(groups) => usize::from(groups),
        };
        let kept = self.groups.len().saturating_sub(lost);
        let durable = match kept.checked_sub(1) {
            Some(last) => self.groups[last],
            None => self.checkpoint.events,
        };
        let torn = durable < self.journal.len();
        if torn {
            let first_lost = &self.journal[durable..self.groups[kept]];
            not_read_when_torn(first_lost)?;
        }
        // What is lost here was told to nobody, but it can be written and read like all the rest.
        self.read_back()?;
        let whole = from == Recovery::Journal && durable <= LONG_JOURNAL;
        let looks = self.thorough || whole || self.steps.is_multiple_of(4);
        let before = (looks && !torn).then(|| self.engine.digest());
        self.journal.truncate(durable);
        self.groups.truncate(kept);
        self.read = durable;
        self.twin = self.resumed()?;
        self.engine = match whole {
            true => replayed(&self.journal),
            false => self.resumed()?,
        };
        if looks {
            let digests = [self.engine.digest(), self.twin.digest()];
            expect(digests[0] == digests[1], REPLAY, || {
                "journal and snapshot differ after a crash".to_owned()
            })?;
            expect(
                before.is_none_or(|before| before == digests[0]),
                REPLAY,
                || "a crash without loss changed the state".to_owned(),
            )?;
        }
        if torn {
            self.shadow = self.resumed()?;
            self.picture = self.checkpoint.picture.clone();
            for recorded in &self.journal[self.checkpoint.events..durable] {
                self.picture.fold(recorded)?;
            }
        }
        self.clock = self.picture.last;
        // Whoever listened has asked for all of it again.
        self.screens = Screens::of(&self.picture);
        Ok(())
    }

    fn take_snapshot(&mut self) -> Verdict {
        if self.journal.len() <= LONG_JOURNAL {
            measures::check(&self.journal, &self.engine, self.clock)?;
        }
        self.checkpoint = Checkpoint {
            snapshot: self.engine.snapshot(),
            picture: self.picture.clone(),
            events: self.journal.len(),
        };
        self.groups.clear();
        self.read_back()?;
        // From here on the twin is one that came out of a snapshot.
        self.twin = self.resumed()?;
        let (live, restored) = (self.engine.digest(), self.twin.digest());
        expect(live == restored, REPLAY, || "a snapshot differs".to_owned())
    }

    /// The engine as the last snapshot and the journal give it.
    fn resumed(&self) -> Result<Engine, Violation> {
        let mut engine =
            Engine::restore(&self.checkpoint.snapshot, Zones::bundled()).map_err(undecodable)?;
        engine.replay(&self.journal[self.checkpoint.events..]);
        Ok(engine)
    }

    /// Sees that what was added to the journal is read as it was written, once for each event. From then on
    /// the event itself stands for what is read.
    fn read_back(&mut self) -> Verdict {
        check_reading(&self.journal[self.read..])?;
        self.read = self.journal.len();
        Ok(())
    }
}

const REPLAY: &str = "folding the events gives the live state";
const TWIN: &str = "the same inputs give the same outputs";

fn replayed(journal: &[Recorded]) -> Engine {
    let mut engine = Engine::new(Zones::bundled());
    engine.replay(journal);
    engine
}

/// The events come back from a trip through the journal's encoding.
fn check_reading(events: &[Recorded]) -> Verdict {
    let read = wire::decode(&wire::encode(events)).map_err(undecodable)?;
    expect(read == events, "what is read is what was written", || {
        let differing = read
            .iter()
            .zip(events)
            .find(|(read, written)| read != written);
        format!("{differing:?}")
    })
}

/// A frame of which only a part was written is not taken for a shorter one.
fn not_read_when_torn(events: &[Recorded]) -> Verdict {
    let frame = wire::encode(events);
    let whole = frame.len();
    for part in [0, 1, whole / 2, whole.saturating_sub(1)] {
        let read = wire::decode(&frame[..part]);
        expect(read.is_err(), "a torn frame is not read", || {
            format!("{part} of {whole} bytes of {events:?}")
        })?;
    }
    Ok(())
}

fn undecodable(error: wire::DecodeError) -> Violation {
    Violation {
        rule: "what is read is what was written",
        found: error.to_string(),
    }
}
