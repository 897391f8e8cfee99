//! The decisions: one function per command, dispatch, and timeouts. Each decision becomes an event at
//! once through [`Engine::emit`], the only caller of the fold on the live path.

use std::hash::Hasher;

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

use crate::call::CallEnd;
use crate::campaign::Campaign;
use crate::command::Command;
use crate::effect::Receipt;
use crate::event::{Event, Recorded};
use crate::field::Pattern;
use crate::id::{AgentId, CampaignId, ChatId};
use crate::outbox::Outbox;
use crate::rejection::Rejection;
use crate::schedule::{Calendar, Zones};
use crate::state::{AgentState, CampaignState, Chat, State};
use crate::time::Timestamp;
use crate::view::View;
use crate::wire::DecodeError;

mod agent;
mod alarms;
mod announce;
mod call;
mod conversation;
mod dispatch;
mod erasure;
mod explain;
mod host;
mod mail;
mod notice;
mod offline;
mod quality;
mod supervisor;
mod timeouts;
mod transcript;
mod visitor;

/// The newest snapshot format.
const SNAPSHOT: u32 = 1;

/// One tenant: its campaigns, agents and chats, as a function of the inputs so far.
///
/// ```
/// use webchat_core::{Engine, Outbox, campaign::CampaignDraft, command::*, schedule::Zones, time::Timestamp};
///
/// let zones = Zones::bundled();
/// let (support, _warnings) = CampaignDraft::named("Support").check(&zones).unwrap();
/// let mut engine = Engine::new(zones);
/// let mut outbox = Outbox::default();
/// let now = Timestamp::from_seconds(1_790_000_000);
/// let create = HostCommand::create_campaign(support);
/// engine.handle(now, Command::Host(create), &mut outbox).unwrap();
/// assert_eq!(outbox.events().len(), 1);
/// ```
pub struct Engine {
    state: State,
    zones: Zones,
    /// What is compiled from the settings of campaign `n`, at `n - 1`.
    compiled: Vec<Option<Compiled>>,
    /// The latest `now` seen; a clock that jumps back is clamped to it.
    clock: Timestamp,
}

/// Parts of a campaign's settings in the form decisions use.
struct Compiled {
    calendar: Calendar,
    extra: Option<Pattern>,
    /// A stretch of time without a midnight, and the midnight that ends it.
    day: (Timestamp, Timestamp),
}

/// When the engine next wants [`Engine::handle_timeout`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wake {
    /// The instant.
    pub at: Timestamp,
    /// What is due then, for logs.
    pub why: &'static str,
}

#[derive(Serialize, Deserialize)]
struct Snapshot<S> {
    version: u32,
    state: S,
}

impl Engine {
    /// An empty tenant.
    pub fn new(zones: Zones) -> Self {
        Self {
            state: State::default(),
            zones,
            compiled: Vec::new(),
            clock: Timestamp::MIN,
        }
    }

    /// Decides one command at `now`; timers due by then fire first.
    ///
    /// Events and effects are added to `outbox`. The answer too may leave the process only when the
    /// events are durable, for it may rest on one the disk has not seen.
    ///
    /// # Errors
    /// The request makes no sense; apart from timers that were due, nothing changed.
    pub fn handle(
        &mut self,
        now: Timestamp,
        command: Command,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let now = self.advance(now);
        self.fire_all(now, outbox);
        let answer = match command {
            Command::Visitor(command) => self.visitor(now, command, outbox),
            Command::Agent { agent, ask } => self.agent(now, agent, ask, outbox),
            Command::Supervisor { agent, ask } => self.supervisor(now, agent, ask, outbox),
            Command::Host(command) => self.host(now, command, outbox),
        };
        self.dispatch(now, outbox);
        self.settle_alarms(now, outbox);
        self.fire_all(now, outbox);
        answer
    }

    /// When [`Engine::handle_timeout`] is next due; `None` when nothing is pending.
    pub fn poll_timeout(&self) -> Option<Wake> {
        let timer = self.state.first_timer()?;
        Some(Wake {
            at: timer.due,
            why: timer.kind.name(),
        })
    }

    /// Fires timers due by `now`, at most [`crate::limits::TIMERS_PER_CALL`]; call it again while
    /// [`Engine::poll_timeout`] is not later than `now`. Early or repeated calls do no harm.
    pub fn handle_timeout(&mut self, now: Timestamp, outbox: &mut Outbox) {
        let now = self.advance(now);
        self.fire_some(now, outbox);
    }

    /// Folds events of the journal; needs no clock, zone data or randomness.
    pub fn replay(&mut self, events: &[Recorded]) {
        for recorded in events {
            self.state.apply(recorded.at, &recorded.event);
            self.compile(&recorded.event);
        }
        self.state.index.dirty.clear();
        self.state.index.unsettled.clear();
        self.clock = self.clock.max(self.state.last_at);
    }

    /// The whole state as bytes for [`Engine::restore`].
    ///
    /// # Panics
    /// Never: the state holds nothing that JSON cannot say.
    pub fn snapshot(&self) -> Vec<u8> {
        let snapshot = Snapshot {
            version: SNAPSHOT,
            state: &self.state,
        };
        serde_json::to_vec(&snapshot).expect("the state holds nothing that JSON cannot say")
    }

    /// The tenant a snapshot was taken of.
    ///
    /// # Errors
    /// The bytes are not what [`Engine::snapshot`] of this or an older version wrote.
    pub fn restore(snapshot: &[u8], zones: Zones) -> Result<Self, DecodeError> {
        let Snapshot { version, mut state } = serde_json::from_slice::<Snapshot<State>>(snapshot)?;
        if version > SNAPSHOT {
            return Err(DecodeError::Version {
                found: version,
                known: SNAPSHOT,
            });
        }
        state.rebuild();
        let clock = state.last_at;
        let mut engine = Self {
            state,
            zones,
            compiled: Vec::new(),
            clock,
        };
        let campaigns: Vec<_> = engine
            .state
            .campaigns()
            .map(|campaign| (campaign.id, campaign.settings.clone()))
            .collect();
        for (id, settings) in campaigns {
            engine.compile_settings(id, &settings);
        }
        Ok(engine)
    }

    /// A number that two engines share if and only if (but for chance) their states are equal.
    ///
    /// # Panics
    /// Never: the state holds nothing that JSON cannot say.
    pub fn digest(&self) -> u64 {
        let mut digest = Digest(SipHasher13::new());
        serde_json::to_writer(&mut digest, &self.state)
            .expect("the state holds nothing that JSON cannot say");
        digest.0.finish()
    }

    /// What can be seen of the tenant.
    pub fn view(&self) -> View<'_> {
        View { engine: self }
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    #[cfg(feature = "internals")]
    pub(crate) fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// The latest `now` seen.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock
    }

    pub(crate) fn calendar(&self, campaign: CampaignId) -> Option<&Calendar> {
        Some(&self.compiled(campaign)?.calendar)
    }

    /// The campaign's next local midnight.
    fn day_ends(&mut self, campaign: CampaignId, at: Timestamp) -> Timestamp {
        let compiled = campaign.index().checked_sub(1);
        let compiled = compiled.and_then(|place| self.compiled.get_mut(place)?.as_mut());
        let Some(Compiled { calendar, day, .. }) = compiled else {
            return at;
        };
        if !(day.0..day.1).contains(&at) {
            *day = (at, calendar.next_midnight(at));
        }
        day.1
    }

    fn compiled(&self, campaign: CampaignId) -> Option<&Compiled> {
        self.compiled
            .get(campaign.index().checked_sub(1)?)?
            .as_ref()
    }

    fn advance(&mut self, now: Timestamp) -> Timestamp {
        self.clock = self.clock.max(now).max(self.state.last_at);
        self.clock
    }

    /// Applies, records and announces a fact.
    fn emit(&mut self, at: Timestamp, event: Event, outbox: &mut Outbox) {
        let before = self.audience(&event);
        self.state.apply(at, &event);
        self.compile(&event);
        self.announce(at, &event, before, outbox);
        let moved = match &event {
            Event::ChatAssigned { chat, .. }
            | Event::ChatReturned { chat, .. }
            | Event::ParticipantLeft { chat, .. } => Some(*chat),
            _ => None,
        };
        outbox.events.push(Recorded { at, event });
        if let Some(chat) = moved {
            self.end_call(at, chat, CallEnd::AgentLeft, outbox);
        }
    }

    /// Compiles the settings an event brings.
    fn compile(&mut self, event: &Event) {
        if let Event::CampaignCreated {
            campaign, settings, ..
        }
        | Event::CampaignChanged {
            campaign, settings, ..
        } = event
        {
            self.compile_settings(*campaign, settings);
        }
    }

    fn compile_settings(&mut self, id: CampaignId, settings: &Campaign) {
        // An old journal may name a zone this database has lost; its recorded openings still stand,
        // and hours on another clock are nearer the mark than none.
        let calendar = Calendar::compile(&settings.schedule, &self.zones)
            .unwrap_or_else(|_| Calendar::in_utc(&settings.schedule));
        let extra = settings.extra.as_ref().and_then(|extra| extra.matcher());
        self.compiled
            .resize_with(self.compiled.len().max(id.index()), || None);
        self.compiled[id.index() - 1] = Some(Compiled {
            calendar,
            extra,
            day: (Timestamp::MAX, Timestamp::MIN),
        });
    }

    fn known_campaign(&self, id: CampaignId) -> Result<&CampaignState, Rejection> {
        self.state
            .campaign(id)
            .ok_or(Rejection::UnknownCampaign(id))
    }

    fn known_agent(&self, id: AgentId) -> Result<&AgentState, Rejection> {
        self.state.agent(id).ok_or(Rejection::UnknownAgent(id))
    }

    /// The live chat; one that ended a while ago is told apart from one that never was.
    fn live_chat(&self, id: ChatId) -> Result<&Chat, Rejection> {
        self.state
            .chat(id)
            .ok_or_else(|| match self.state.ended(id) {
                Some(_) => Rejection::ChatClosed(id),
                None => Rejection::UnknownChat(id),
            })
    }
}

/// Feeds what serde writes into a hash.
struct Digest(SipHasher13);

impl std::io::Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
