//! The measures of any interval under any policy, computed again from the events alone.
//!
//! Nothing here looks at the engine: the fold follows the chats and agents itself, so it also checks what the
//! engine counts as it goes.

use std::collections::BTreeMap;

use crate::effect::Participants;
use crate::estimate::Estimate;
use crate::event::{Author, CloseReason, Event, Message, Recorded};
use crate::id::{AgentId, CampaignId, ChatId};
use crate::time::{Seconds, Timestamp};

use super::{Activity, Counters, Tally, Times, Work};

/// A stretch of time `[from, to)`. What happens at `to` itself is in the next one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interval {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

impl Interval {
    /// All time.
    pub const ALWAYS: Self = Self {
        from: Timestamp::MIN,
        to: Timestamp::MAX,
    };
}

/// The limits by which waits are judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Policy {
    /// In time means answered, or left, within this.
    pub answer_within: Limit,
    /// Leaving the queue sooner is a short abandon.
    pub dropout: Limit,
}

/// Where a limit comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Limit {
    /// The campaign's setting at the time.
    #[default]
    AsSet,
    /// This one instead, `None` is off.
    Instead(Option<Seconds>),
}

impl Limit {
    fn or(self, set: Option<Seconds>) -> Option<Seconds> {
        match self {
            Self::AsSet => set,
            Self::Instead(limit) => limit,
        }
    }
}

/// What became of a campaign's chats in an interval. Everything counts when it happens: an answer in the
/// interval counts whenever the chat was admitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignMeasures {
    /// W at the start: first waits under way. With it added to [`Counters::offered`] the identity holds.
    pub waiting_before: u64,
    /// The counts; [`Counters::waiting`] is W at the end.
    pub counters: Counters,
    /// How long things took.
    pub times: Times,
}

/// What one agent did in one campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Chats answered for the first time.
    pub answered: u64,
    /// How long chats were owned, wrap-up included.
    pub handle: Tally,
    /// From admission to the first message a human wrote, for those this agent wrote.
    pub first_response: Tally,
}

/// Folds events into measures. Events are given from the first of the journal on, in order, whatever the
/// interval: what began before it still counts in it.
///
/// ```
/// use webchat_core::metrics::{Fold, Interval, Policy};
/// # let events: Vec<webchat_core::event::Recorded> = Vec::new();
/// # let (campaign, now) = (webchat_core::id::CampaignId(1), webchat_core::time::Timestamp::MIN);
///
/// let mut fold = Fold::new(Interval::ALWAYS, Policy::default());
/// for recorded in &events {
///     fold.add(recorded);
/// }
/// fold.pass(now);
/// if let Some(measures) = fold.campaign(campaign) {
///     let level = measures.counters.service_level();
///     println!("{} of {} in time", level.part, level.of);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Fold {
    interval: Interval,
    policy: Policy,
    now: Timestamp,
    campaigns: BTreeMap<CampaignId, Campaign>,
    agents: BTreeMap<AgentId, Agent>,
    shares: BTreeMap<(CampaignId, AgentId), Share>,
    chats: BTreeMap<ChatId, Chat>,
}

#[derive(Clone, Debug, Default)]
struct Campaign {
    answer_within: Option<Seconds>,
    dropout: Option<Seconds>,
    measures: CampaignMeasures,
}

#[derive(Clone, Debug, Default)]
struct Agent {
    signed_in: bool,
    lost: bool,
    paused: bool,
    on_call: bool,
    elsewhere: bool,
    /// Chats taken part in, and wrap-ups.
    chats: u32,
    /// Up to `spent_to`.
    work: Work,
    spent_to: Timestamp,
}

impl Agent {
    fn activity(&self) -> Activity {
        match self {
            Self {
                signed_in: false, ..
            } => Activity::SignedOut,
            Self { chats: 1.., .. } => Activity::Busy(self.chats),
            _ if self.lost || self.paused || self.on_call || self.elsewhere => Activity::Away,
            _ => Activity::Ready,
        }
    }

    /// What the agent did up to `now`.
    fn work(&self, now: Timestamp) -> Work {
        let mut work = self.work;
        let millis = now.since(self.spent_to).unsigned_abs();
        work.spend(millis, self.activity());
        work
    }

    fn spend(&mut self, now: Timestamp) {
        self.work = self.work(now);
        self.spent_to = now;
    }
}

#[derive(Clone, Debug)]
struct Chat {
    campaign: CampaignId,
    requested_at: Timestamp,
    /// Waits in this campaign since.
    queued_at: Timestamp,
    estimate: Option<Estimate>,
    answered: bool,
    responded: bool,
    disconnected_at: Option<Timestamp>,
    participants: Participants,
    /// With agents of the campaign since.
    served_since: Timestamp,
    /// With its owner since.
    owned_since: Timestamp,
}

impl Chat {
    fn owner(&self) -> Option<AgentId> {
        self.participants.iter().next()
    }
}

impl Fold {
    /// Measures nothing yet.
    pub fn new(interval: Interval, policy: Policy) -> Self {
        Self {
            interval,
            policy,
            now: Timestamp::MIN,
            campaigns: BTreeMap::new(),
            agents: BTreeMap::new(),
            shares: BTreeMap::new(),
            chats: BTreeMap::new(),
        }
    }

    /// Folds the next event. Those after the interval change nothing.
    pub fn add(&mut self, recorded: &Recorded) {
        self.pass(recorded.at);
        if recorded.at < self.interval.to {
            self.apply(recorded.at, &recorded.event);
        }
    }

    /// Lets time pass up to `now`, for what agents spend it on.
    pub fn pass(&mut self, now: Timestamp) {
        let now = now.min(self.interval.to);
        if self.now < self.interval.from && now >= self.interval.from {
            self.begin();
        }
        self.now = self.now.max(now);
    }

    /// The measures of each campaign there was, by identity.
    pub fn campaigns(&self) -> impl Iterator<Item = (CampaignId, &CampaignMeasures)> {
        let each = self.campaigns.iter();
        each.map(|(id, campaign)| (*id, &campaign.measures))
    }

    /// The measures of one campaign; `None` if there was none.
    pub fn campaign(&self, id: CampaignId) -> Option<&CampaignMeasures> {
        self.campaigns.get(&id).map(|campaign| &campaign.measures)
    }

    /// What each agent there was did, by identity.
    pub fn agents(&self) -> impl Iterator<Item = (AgentId, Work)> {
        let each = self.agents.iter();
        each.map(|(id, agent)| (*id, agent.work(self.now)))
    }

    /// What one agent did; `None` if there was none.
    pub fn agent(&self, id: AgentId) -> Option<Work> {
        self.agents.get(&id).map(|agent| agent.work(self.now))
    }

    /// What one agent did in one campaign.
    pub fn share(&self, campaign: CampaignId, agent: AgentId) -> Share {
        let share = self.shares.get(&(campaign, agent));
        share.copied().unwrap_or_default()
    }

    /// The interval begins: what was counted so far belongs to an earlier one.
    fn begin(&mut self) {
        for campaign in self.campaigns.values_mut() {
            let waiting = campaign.measures.counters.waiting;
            campaign.measures = CampaignMeasures {
                waiting_before: waiting,
                ..CampaignMeasures::default()
            };
            campaign.measures.counters.waiting = waiting;
        }
        for agent in self.agents.values_mut() {
            agent.work = Work::default();
            agent.spent_to = self.interval.from;
        }
        self.shares.clear();
    }

    fn apply(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::CampaignCreated {
                campaign, settings, ..
            }
            | Event::CampaignChanged {
                campaign, settings, ..
            } => {
                let limits = (settings.answer_within, settings.dropout);
                let campaign = self.campaigns.entry(*campaign).or_default();
                (campaign.answer_within, campaign.dropout) = limits;
            }
            Event::AgentCreated { agent, .. } => {
                let new = Agent {
                    spent_to: at,
                    ..Agent::default()
                };
                self.agents.insert(*agent, new);
            }
            Event::AgentSignedIn { agent, .. } => self.change_agent(*agent, |agent| {
                agent.signed_in = true;
                agent.lost = false;
            }),
            Event::AgentSignedOut { agent, .. } => self.change_agent(*agent, |agent| {
                agent.signed_in = false;
                agent.lost = false;
                agent.paused = false;
            }),
            Event::AgentDeleted { agent } => {
                self.change_agent(*agent, |agent| agent.signed_in = false);
            }
            Event::AgentLost { agent, .. } => self.change_agent(*agent, |agent| agent.lost = true),
            Event::AgentBack { agent } => self.change_agent(*agent, |agent| agent.lost = false),
            Event::AgentPaused { agent, .. } => {
                self.change_agent(*agent, |agent| agent.paused = true);
            }
            Event::AgentResumed { agent, .. } => {
                self.change_agent(*agent, |agent| agent.paused = false);
            }
            Event::AgentOnCall { agent, on } => {
                self.change_agent(*agent, |agent| agent.on_call = *on);
            }
            Event::AgentOtherLoad {
                agent,
                interactions,
            } => self.change_agent(*agent, |agent| agent.elsewhere = *interactions > 0),
            Event::ChatRefused {
                campaign, reason, ..
            } => {
                let measures = self.measures(*campaign);
                measures.counters.count_refused(*reason);
            }
            Event::ChatQueued {
                chat,
                campaign,
                estimate,
                ..
            } => {
                self.measures(*campaign).counters.count_admitted();
                let new = Chat {
                    campaign: *campaign,
                    requested_at: at,
                    queued_at: at,
                    estimate: *estimate,
                    answered: false,
                    responded: false,
                    disconnected_at: None,
                    participants: Participants::default(),
                    served_since: at,
                    owned_since: at,
                };
                self.chats.insert(*chat, new);
            }
            Event::ChatMoved { chat, to, .. } => self.change_chat(*chat, |fold, chat| {
                if !chat.answered {
                    let waited = at.since(chat.queued_at);
                    let measures = fold.measures(chat.campaign);
                    measures.counters.count_flowed_out();
                    measures.times.estimates.unanswered(chat.estimate, waited);
                    fold.measures(*to).counters.count_admitted();
                }
                chat.campaign = *to;
                chat.queued_at = at;
                chat.estimate = None;
            }),
            Event::ChatAssigned {
                chat,
                campaign,
                agent,
                ..
            } => self.assign(at, *chat, *campaign, *agent),
            Event::ChatReturned { chat, .. } => self.change_chat(*chat, |fold, chat| {
                fold.end_service(chat, at);
                fold.end_ownership(chat, at);
                fold.seat(chat, Participants::default());
            }),
            Event::ParticipantJoined { chat, agent } => self.change_chat(*chat, |fold, chat| {
                let all = chat.participants.iter().chain([*agent]);
                fold.seat(chat, Participants::from_agents(all));
            }),
            Event::ParticipantLeft { chat, agent, owner } => {
                self.change_chat(*chat, |fold, chat| {
                    if chat.owner() != Some(*owner) {
                        fold.end_ownership(chat, at);
                        chat.owned_since = at;
                    }
                    let stays = |other: &AgentId| other != agent && other != owner;
                    let rest = chat.participants.iter().filter(stays);
                    fold.seat(
                        chat,
                        Participants::from_agents([*owner].into_iter().chain(rest)),
                    );
                });
            }
            Event::VisitorLost { chat } => {
                self.change_chat(*chat, |_, chat| chat.disconnected_at = Some(at));
            }
            Event::VisitorBack { chat } => {
                self.change_chat(*chat, |_, chat| chat.disconnected_at = None);
            }
            Event::MessagePosted { chat, message } => self.hear(at, *chat, message),
            Event::ChatClosed {
                chat,
                reason,
                wrap_up_until,
                ..
            } => self.close(at, *chat, *reason, *wrap_up_until),
            Event::WrapUpEnded { agent, .. } => {
                self.change_agent(*agent, |agent| agent.chats = agent.chats.saturating_sub(1));
            }
            // These are neither counted nor timed.
            _ => {}
        }
    }

    fn assign(&mut self, at: Timestamp, id: ChatId, campaign: CampaignId, agent: AgentId) {
        self.change_chat(id, |fold, chat| {
            if !chat.answered {
                fold.answer(at, chat, agent);
            }
            let owner = chat.owner();
            if owner.is_some() && chat.campaign != campaign {
                fold.end_service(chat, at);
            }
            if owner.is_none() || chat.campaign != campaign {
                chat.served_since = at;
            }
            if owner != Some(agent) {
                fold.end_ownership(chat, at);
                chat.owned_since = at;
            }
            chat.campaign = campaign;
            chat.answered = true;
            let hands_over = usize::from(owner.is_some_and(|owner| owner != agent));
            let others = chat.participants.iter().filter(|other| *other != agent);
            let all = [agent].into_iter().chain(others.skip(hands_over));
            fold.seat(chat, Participants::from_agents(all));
        });
    }

    fn answer(&mut self, at: Timestamp, chat: &Chat, agent: AgentId) {
        let answer_within = self.limits(chat.campaign).0;
        let waited = at.since(chat.queued_at);
        let measures = self.measures(chat.campaign);
        measures.counters.count_answered(waited, answer_within);
        measures.times.answer.add(waited.unsigned_abs());
        measures.times.estimates.answered(chat.estimate, waited);
        self.share_mut(chat.campaign, agent).answered += 1;
        self.change_agent(agent, |agent| agent.work.answered += 1);
    }

    fn hear(&mut self, at: Timestamp, id: ChatId, message: &Message) {
        let Author::Agent { agent, .. } = message.author else {
            return;
        };
        self.change_chat(id, |fold, chat| {
            if message.automatic || std::mem::replace(&mut chat.responded, true) {
                return;
            }
            let took = at.since(chat.requested_at).unsigned_abs();
            fold.measures(chat.campaign).times.first_response.add(took);
            fold.share_mut(chat.campaign, agent)
                .first_response
                .add(took);
            fold.change_agent(agent, |agent| agent.work.first_response.add(took));
        });
    }

    fn close(
        &mut self,
        at: Timestamp,
        id: ChatId,
        reason: CloseReason,
        wrap_up_until: Option<Timestamp>,
    ) {
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        if !chat.answered {
            let (answer_within, dropout) = self.limits(chat.campaign);
            let left_at = match reason {
                CloseReason::VisitorGone => chat.disconnected_at.unwrap_or(at),
                _ => at,
            };
            let waited = left_at.since(chat.queued_at);
            let measures = self.measures(chat.campaign);
            measures
                .counters
                .count_unanswered(reason, waited, answer_within, dropout);
            measures.times.estimates.unanswered(chat.estimate, waited);
        }
        if let Some(owner) = chat.owner() {
            let until = wrap_up_until.unwrap_or(at);
            self.end_service(&chat, until);
            self.end_ownership(&chat, until);
            self.seat(&mut chat, Participants::default());
            if wrap_up_until.is_some() {
                self.change_agent(owner, |agent| agent.chats += 1);
            }
        }
    }

    /// The chat is with agents of its campaign no longer.
    fn end_service(&mut self, chat: &Chat, until: Timestamp) {
        let took = until.since(chat.served_since).unsigned_abs();
        self.measures(chat.campaign).times.handle.add(took);
    }

    /// The chat is with its owner no longer.
    fn end_ownership(&mut self, chat: &Chat, until: Timestamp) {
        let Some(owner) = chat.owner() else { return };
        let took = until.since(chat.owned_since).unsigned_abs();
        self.share_mut(chat.campaign, owner).handle.add(took);
        self.change_agent(owner, |agent| agent.work.handle.add(took));
    }

    /// Changes who takes part in a chat.
    fn seat(&mut self, chat: &mut Chat, participants: Participants) {
        for agent in chat.participants.iter() {
            self.change_agent(agent, |agent| agent.chats = agent.chats.saturating_sub(1));
        }
        for agent in participants.iter() {
            self.change_agent(agent, |agent| agent.chats += 1);
        }
        chat.participants = participants;
    }

    fn change_chat(&mut self, id: ChatId, change: impl FnOnce(&mut Self, &mut Chat)) {
        if let Some(mut chat) = self.chats.remove(&id) {
            change(self, &mut chat);
            self.chats.insert(id, chat);
        }
    }

    fn change_agent(&mut self, id: AgentId, change: impl FnOnce(&mut Agent)) {
        let now = self.now;
        if let Some(agent) = self.agents.get_mut(&id) {
            agent.spend(now);
            change(agent);
        }
    }

    fn measures(&mut self, id: CampaignId) -> &mut CampaignMeasures {
        &mut self.campaigns.entry(id).or_default().measures
    }

    fn share_mut(&mut self, campaign: CampaignId, agent: AgentId) -> &mut Share {
        self.shares.entry((campaign, agent)).or_default()
    }

    /// What counts as answered in time and as a short abandon.
    fn limits(&self, id: CampaignId) -> (Option<Seconds>, Option<Seconds>) {
        let set = self.campaigns.get(&id);
        let answer_within = set.and_then(|campaign| campaign.answer_within);
        let dropout = set.and_then(|campaign| campaign.dropout);
        let Policy {
            answer_within: first,
            dropout: second,
        } = self.policy;
        (first.or(answer_within), second.or(dropout))
    }
}
