//! Scenes: what happens to one tenant in virtual time, told in few words and checked after every step.
//!
//! `given` and `and` arrange, `when` acts, `then` compares all that happened since the last `then`:
//! one line per event, what each person was told by it after the arrow, `=` the answer that told no
//! event, `!` a rejection. Chats are numbered by admission, agents go by name.

use expect_test::Expect;
use jiff::civil;
use jiff::tz::TimeZone;
use webchat_core::command::{Command, HostCommand};
use webchat_core::effect::{AgentPhase, Receipt};
use webchat_core::event::Recorded;
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::rejection::Rejection;
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox, View, wire};

mod campaign;
mod people;
mod story;

pub(crate) use campaign::{CampaignSetup, campaign, hours_of, texts};
pub(crate) use people::*;
use story::Story;

/// Something that happens in a scene.
pub(crate) trait Step {
    fn play(self, scene: &mut Scene);
}

impl<F: FnOnce(&mut Scene)> Step for F {
    fn play(self, scene: &mut Scene) {
        self(scene);
    }
}

/// A tenant, its journal, and two more engines that must agree with it.
pub(crate) struct Scene {
    engine: Engine,
    /// Folded from the journal alone.
    follower: Engine,
    /// Restored from a snapshot after an earlier step; hears every command too.
    restored: Engine,
    journal: Vec<Recorded>,
    now: Timestamp,
    /// The latest instant any engine was told.
    latest: Timestamp,
    zone: TimeZone,
    cast: Cast,
    story: Story,
}

/// Who is who, by the names a scene uses.
#[derive(Default)]
pub(crate) struct Cast {
    campaigns: Vec<(String, CampaignId)>,
    agents: Vec<(String, AgentId)>,
    /// In order of admission.
    chats: Vec<(ChatId, VisitorKey, Vec<std::sync::Arc<str>>)>,
}

/// When a scene begins, in the campaign's zone.
pub(crate) struct Start(civil::DateTime);

/// A scene that begins on Monday, 2 March 2026, at noon.
pub(crate) fn given(campaign: CampaignSetup) -> Scene {
    at("2026-03-02 12:00").given(campaign)
}

/// A scene that begins at a local time such as `2026-03-02 17:59:30`.
pub(crate) fn at(start: &str) -> Start {
    Start(start.parse().expect("a local date and time"))
}

impl Start {
    pub(crate) fn given(self, campaign: CampaignSetup) -> Scene {
        let zone = Zones::bundled().find(campaign.zone()).unwrap();
        let now = instant(&zone, self.0);
        let mut scene = Scene {
            engine: Engine::new(Zones::bundled()),
            follower: Engine::new(Zones::bundled()),
            restored: Engine::new(Zones::bundled()),
            journal: Vec::new(),
            now,
            latest: now,
            zone,
            cast: Cast::default(),
            story: Story::beginning(),
        };
        campaign.play(&mut scene);
        scene
    }
}

impl Scene {
    /// Arranges something; it is checked but not shown.
    pub(crate) fn and(mut self, step: impl Step) -> Self {
        self.story.pause();
        step.play(&mut self);
        self
    }

    /// Does something that `then` shows.
    pub(crate) fn when(mut self, step: impl Step) -> Self {
        self.story.resume(self.now);
        step.play(&mut self);
        self
    }

    /// Compares what happened since the last `then`.
    #[track_caller]
    pub(crate) fn then(mut self, expected: Expect) -> Self {
        self.replay_from_disk();
        expected.assert_eq(&self.story.take());
        self
    }

    /// Asserts something about the tenant as it is now.
    pub(crate) fn so(self, assertion: impl FnOnce(&Scene)) -> Self {
        assertion(&self);
        self
    }

    pub(crate) fn view(&self) -> View<'_> {
        self.engine.view()
    }

    pub(crate) fn cast(&self) -> &Cast {
        &self.cast
    }

    pub(crate) fn digest(&self) -> u64 {
        self.engine.digest()
    }

    /// Everything that happened.
    pub(crate) fn journal(&self) -> &[Recorded] {
        &self.journal
    }

    /// Whether the agent could be given a chat of the campaign now, and if not, why.
    pub(crate) fn why_not(&self, campaign: &str, agent: &str) -> &'static str {
        let cast = &self.cast;
        let why = self
            .view()
            .why_not(cast.campaign(campaign), cast.agent(agent));
        why.map_or("eligible", |why| why.code())
    }

    /// Who owns a chat, `-` for nobody.
    pub(crate) fn owner(&self, chat: usize) -> &str {
        let view = self.view().agent_chat(self.cast.chat(chat));
        view.and_then(|view| view.owner)
            .map_or("-", |owner| self.cast.name(owner))
    }

    /// Who owns each chat, in order of admission; ended ones are left out.
    pub(crate) fn owners(&self) -> String {
        let live = (1..=self.cast.chats.len()).filter(|chat| self.is_live(*chat));
        let owners: Vec<&str> = live.map(|chat| self.owner(chat)).collect();
        owners.join(" ")
    }

    /// How many chats a supervisor watches.
    pub(crate) fn watched_by(&self, supervisor: &str) -> usize {
        self.view().watched_by(self.cast.agent(supervisor)).count()
    }

    /// How many chats were admitted: the number of the latest.
    pub(crate) fn chats(&self) -> usize {
        self.cast.chats.len()
    }

    pub(crate) fn is_live(&self, chat: usize) -> bool {
        self.view().agent_chat(self.cast.chat(chat)).is_some()
    }

    /// The position shown to the visitor of each chat that waits.
    pub(crate) fn positions(&self) -> String {
        let all = (1..=self.cast.chats.len()).filter_map(|chat| {
            let view = self.view().visitor_chat(self.cast.chat(chat))?;
            Some(format!("{chat}:{}", view.position?))
        });
        all.collect::<Vec<_>>().join(" ")
    }

    /// The counters of a campaign in the letters of the identity.
    pub(crate) fn counted(&self, campaign: &str) -> String {
        let campaign = self.view().campaign(self.cast.campaign(campaign)).unwrap();
        let count = campaign.counters;
        let parts = [
            ("O", count.offered),
            ("A", count.answered),
            ("B", count.abandoned),
            ("S", count.short_abandoned),
            ("X", count.timed_out),
            ("K", count.closed),
            ("F", count.flowed_out),
            ("W", count.waiting),
        ];
        let shown = parts.iter().filter(|(_, number)| *number > 0);
        let shown: Vec<String> = shown
            .map(|(name, number)| format!("{name}{number}"))
            .collect();
        shown.join(" ")
    }

    /// Puts a command to the engine.
    pub(crate) fn tell(&mut self, command: Command) -> Result<Receipt, Rejection> {
        let mut outbox = Outbox::default();
        let answer = self.engine.handle(self.now, command.clone(), &mut outbox);
        let mut other = Outbox::default();
        let same = self.restored.handle(self.now, command, &mut other);
        assert_eq!(answer, same, "the restored engine answers otherwise");
        let happened = !outbox.is_empty();
        self.after_step(&outbox, &other);
        self.story.answer(&self.cast, &answer, happened);
        answer
    }

    pub(crate) fn host(&mut self, command: HostCommand) -> Result<Receipt, Rejection> {
        self.tell(Command::Host(command))
    }

    /// Lets time go by; each timer fires at its instant.
    pub(crate) fn wait_until(&mut self, until: Timestamp) {
        while let Some(wake) = self.engine.poll_timeout().filter(|wake| wake.at <= until) {
            self.now = self.now.max(wake.at);
            let (mut outbox, mut other) = (Outbox::default(), Outbox::default());
            self.engine.handle_timeout(self.now, &mut outbox);
            self.restored.handle_timeout(self.now, &mut other);
            self.after_step(&outbox, &other);
        }
        self.now = until;
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// Moves the clock without telling the engine; it may go back.
    pub(crate) fn set_clock(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// The next instant, later than now, at which a local clock shows `time`: `18:00`, `tue 09:00:30`
    /// or `2026-03-09 09:00`.
    pub(crate) fn instant(&self, time: &str) -> Timestamp {
        if let Ok(moment) = time.parse::<civil::DateTime>() {
            return instant(&self.zone, moment);
        }
        let (day, time) = match time.split_once(' ') {
            Some((day, time)) => (Some(day), time),
            None => (None, time),
        };
        let time: civil::Time = time.parse().expect("a time of day");
        let now = jiff::Timestamp::from_millisecond(self.now.as_millis()).unwrap();
        let mut date = self.zone.to_datetime(now).date();
        loop {
            let found = instant(&self.zone, date.to_datetime(time));
            let weekday = format!("{:?}", date.weekday()).to_lowercase();
            if found > self.now && day.is_none_or(|day| weekday.starts_with(day)) {
                return found;
            }
            date = date.tomorrow().unwrap();
        }
    }

    /// Goes on with an engine restored from a snapshot, as after a restart.
    pub(crate) fn restart(&mut self) {
        self.engine = Engine::restore(&self.engine.snapshot(), Zones::bundled()).unwrap();
    }

    fn after_step(&mut self, outbox: &Outbox, other: &Outbox) {
        assert_eq!(outbox.events(), other.events(), "restored engine, events");
        assert_eq!(
            outbox.effects(),
            other.effects(),
            "restored engine, effects"
        );
        self.latest = self.latest.max(self.now);
        self.journal.extend_from_slice(outbox.events());
        self.follower.replay(outbox.events());
        self.cast.learn(outbox.events());
        self.story
            .tell(&self.cast, outbox.events(), outbox.effects());
        // Long runs of random choices look closely only now and then.
        if self.journal.len() < 120 || self.journal.len().is_multiple_of(199) {
            self.check();
        }
    }

    /// What holds after every step. Source: domain.md §8 and §9.
    fn check(&mut self) {
        let digest = self.engine.digest();
        assert_eq!(self.follower.digest(), digest, "replay gives another state");
        self.restored = Engine::restore(&self.engine.snapshot(), Zones::bundled()).unwrap();
        assert_eq!(
            self.restored.digest(),
            digest,
            "a snapshot gives another state"
        );
        // What was decided is in the snapshot, the clock is not.
        let mut nothing = Outbox::default();
        self.restored.handle_timeout(self.latest, &mut nothing);
        assert!(nothing.is_empty(), "something was due after the step");
        for campaign in self.view().campaigns() {
            assert!(
                campaign.counters.identity_holds(),
                "{:?}",
                campaign.counters
            );
        }
        if let Some(wake) = self.engine.poll_timeout() {
            assert!(wake.at > self.latest, "{} is due after the step", wake.why);
        }
        self.check_that_nobody_waits_beside_a_free_agent();
    }

    fn check_that_nobody_waits_beside_a_free_agent(&self) {
        let view = self.view();
        for campaign in view.campaigns() {
            if campaign.settings.strategy.mode.is_pull() {
                continue;
            }
            let waits = |chat: &ChatId| {
                view.agent_chat(*chat)
                    .is_some_and(|chat| chat.phase == AgentPhase::Waiting && chat.connected)
            };
            for chat in view.waiting(campaign.id).filter(waits) {
                let wanted = self.cast.skills(chat);
                for member in view.members(campaign.id) {
                    let skilled = wanted.iter().all(|skill| member.skills.contains(skill));
                    let free = view.why_not(campaign.id, member.agent).is_none();
                    let agent = self.cast.name(member.agent);
                    assert!(!(free && skilled), "{chat} waits although {agent} is free");
                }
            }
        }
    }

    /// The journal as it is written and read, folded from nothing, gives the live state.
    fn replay_from_disk(&self) {
        let mut again = Engine::new(Zones::bundled());
        again.replay(&wire::decode(&wire::encode(&self.journal)).unwrap());
        assert_eq!(again.digest(), self.engine.digest(), "replay from disk");
    }
}

impl Cast {
    pub(crate) fn campaign(&self, name: &str) -> CampaignId {
        find(&self.campaigns, name).unwrap_or_else(|| panic!("no campaign {name}"))
    }

    pub(crate) fn agent(&self, name: &str) -> AgentId {
        find(&self.agents, name).unwrap_or_else(|| panic!("no agent {name}"))
    }

    pub(crate) fn chat(&self, number: usize) -> ChatId {
        self.chats[number - 1].0
    }

    pub(crate) fn name(&self, agent: AgentId) -> &str {
        let known = self.agents.iter().find(|(_, id)| *id == agent);
        known.map_or("?", |(name, _)| name)
    }

    fn campaign_name(&self, campaign: CampaignId) -> &str {
        let known = self.campaigns.iter().find(|(_, id)| *id == campaign);
        known.map_or("?", |(name, _)| name)
    }

    fn number(&self, chat: ChatId) -> usize {
        let at = self.chats.iter().position(|(id, ..)| *id == chat);
        at.expect("a chat of the scene") + 1
    }

    fn visitor(&self, chat: ChatId) -> u128 {
        self.chats[self.number(chat) - 1].1.0
    }

    fn skills(&self, chat: ChatId) -> &[std::sync::Arc<str>] {
        &self.chats[self.number(chat) - 1].2
    }

    /// The latest chat of a visitor, ended or not.
    fn chat_of(&self, visitor: VisitorKey) -> ChatId {
        let known = self.chats.iter().rev().find(|(_, key, _)| *key == visitor);
        known.expect("a chat of the visitor").0
    }

    fn learn(&mut self, events: &[Recorded]) {
        use webchat_core::event::Event;
        for recorded in events {
            match &recorded.event {
                Event::CampaignCreated {
                    campaign, settings, ..
                } => self.campaigns.push((settings.name.to_string(), *campaign)),
                Event::AgentCreated { agent, profile } => {
                    self.agents.push((profile.name.to_lowercase(), *agent));
                }
                Event::ChatQueued {
                    chat,
                    visitor,
                    skills,
                    ..
                } => self.chats.push((*chat, *visitor, skills.clone())),
                _ => {}
            }
        }
    }
}

fn find<T: Copy>(known: &[(String, T)], name: &str) -> Option<T> {
    let found = known.iter().find(|(other, _)| other == name);
    found.map(|(_, id)| *id)
}

fn instant(zone: &TimeZone, moment: civil::DateTime) -> Timestamp {
    let instant = zone.to_ambiguous_timestamp(moment).compatible().unwrap();
    Timestamp::from_millis(instant.as_millisecond())
}
