//! What a supervisor's screen shows, read from the engine: the wallboard of each campaign, the agents, every live chat.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;

use serde::Serialize;
use webchat_core::campaign::{Colour, WaitingLimit};
use webchat_core::command::Destination;
use webchat_core::effect::AgentPhase;
use webchat_core::event::{Alarm, VisitorFacts};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::metrics::{Counters, EstimateScore, Ratio};
use webchat_core::rejection::WhyNot;
use webchat_core::time::{Seconds, Timestamp};
use webchat_core::wording::Language;
use webchat_core::{AgentView, CampaignView, View};
use webchat_runtime::read_model::{SLICE_SECONDS, Slice};

use crate::limits;

/// Everything at an instant.
#[derive(Debug, Default)]
pub(crate) struct Floor {
    pub(crate) now: Timestamp,
    pub(crate) campaigns: BTreeMap<CampaignId, Card>,
    pub(crate) agents: BTreeMap<AgentId, AgentRow>,
    pub(crate) chats: BTreeMap<ChatId, ChatRow>,
    /// Live chats, those beyond [`limits::FLOOR_CHATS`] included.
    pub(crate) live: usize,
}

/// A campaign on the wallboard.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub(crate) struct Card {
    campaign: CampaignId,
    name: Arc<str>,
    colour: Colour,
    enabled: bool,
    open: bool,
    next_change: Option<Timestamp>,
    waiting: u32,
    /// Since when the one who waits longest has waited.
    longest_since: Option<Timestamp>,
    active: u32,
    staff: Staff,
    limits: Thresholds,
    standing: Standing,
    /// The share the Service Level alarm looks at.
    in_time_today: Ratio,
    estimates: EstimateScore,
    today: Day,
    /// What happened in the last hour, slice by slice; slices in which nothing did are left out.
    hour: Vec<Point>,
}

/// The campaign's members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, schemars::JsonSchema)]
struct Staff {
    members: u32,
    signed_in: u32,
    /// Could get a chat now, or take one in a campaign where chats are taken.
    available: u32,
    paused: u32,
}

/// The campaign's thresholds; `None` is off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, schemars::JsonSchema)]
struct Thresholds {
    answer_within: Option<Seconds>,
    target_percent: u8,
    dropout: Option<Seconds>,
    time_chat: Option<Seconds>,
    acd: Option<NonZeroU32>,
    /// How many may wait; 0 when nobody may.
    max_chats: Option<u32>,
    time_out: Option<Seconds>,
}

/// What is beyond its threshold now.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, schemars::JsonSchema)]
struct Standing {
    service_level: bool,
    /// Chats that last longer than Time chat.
    time_chat: u32,
    acd: bool,
    /// As many wait as Max Chats allows, so newcomers are refused.
    max_chats: bool,
}

/// What was counted since the campaign's local midnight.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
struct Day {
    since: Timestamp,
    #[serde(flatten)]
    counters: Counters,
    service_level: Ratio,
    service_level_with_abandoned: Ratio,
    service_level_strict: Ratio,
    abandon_rate: Ratio,
    /// Milliseconds from admission to the first answer, on average; `None` without one.
    mean_answer: Option<u64>,
}

/// A slice of the last hour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, schemars::JsonSchema)]
struct Point {
    at: Timestamp,
    offered: u64,
    answered: u64,
    /// Waits that ended without an answer, short abandons included.
    lost: u64,
    refused: u64,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub(crate) struct AgentRow {
    agent: AgentId,
    name: Arc<str>,
    /// `signed_out`, `lost`, `paused`, `auto_paused`, `on_call`, `busy` or `ready`.
    state: &'static str,
    /// Why paused.
    reason: Option<Arc<str>>,
    /// Chats are held until then.
    lost_until: Option<Timestamp>,
    load: u32,
    other_load: u32,
    /// Chats answered for the first time, ever.
    answered: u64,
    seats: Vec<Seat>,
}

/// An agent's place in a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, schemars::JsonSchema)]
struct Seat {
    campaign: CampaignId,
    /// Place among the members, from 1.
    place: u32,
    penalty: u8,
    why_not: Option<WhyNot>,
}

/// A live chat.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub(crate) struct ChatRow {
    chat: ChatId,
    campaign: CampaignId,
    /// `waiting`, `offered`, `active` or `transferring`.
    phase: &'static str,
    /// Who is asked, or has it.
    agent: Option<AgentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Destination>,
    #[serde(flatten)]
    facts: Arc<VisitorFacts>,
    language: Language,
    connected: bool,
    requested_at: Timestamp,
    since: Timestamp,
    last: u32,
    priority: i8,
    returned: bool,
    /// Lasts longer than Time chat.
    late: bool,
}

/// Reads the floor; what was counted by time is put in afterwards with [`Floor::count`].
pub(crate) fn floor(view: View<'_>, now: Timestamp) -> Floor {
    let late: BTreeSet<ChatId> = view
        .campaigns()
        .flat_map(|campaign| view.alarms(campaign.id))
        .filter_map(|alarm| match alarm {
            Alarm::TimeChat(chat) => Some(chat),
            Alarm::ServiceLevel | Alarm::Acd => None,
        })
        .collect();
    Floor {
        now,
        campaigns: view
            .campaigns()
            .map(|campaign| (campaign.id, card(view, now, &campaign)))
            .collect(),
        agents: view
            .agents()
            .take(limits::AGENTS_SHOWN)
            .map(|agent| (agent.id, agent_row(view, now, &agent)))
            .collect(),
        chats: view
            .chats()
            .take(limits::FLOOR_CHATS)
            .filter_map(|chat| Some((chat, chat_row(view, chat, late.contains(&chat))?)))
            .collect(),
        live: view.chats().count(),
    }
}

impl Floor {
    /// The first instant whose slices are of interest to some campaign.
    pub(crate) fn counts_from(&self) -> Timestamp {
        let days = self.campaigns.values().map(|card| card.today.since);
        days.chain([self.hour()]).min().unwrap_or(self.now)
    }

    /// Puts in what was counted, from [`Floor::counts_from`] on.
    pub(crate) fn count<'a>(&mut self, slices: impl Iterator<Item = &'a Slice>) {
        let hour = self.hour();
        let mut millis: BTreeMap<CampaignId, u64> = BTreeMap::new();
        for slice in slices {
            let Some(card) = self.campaigns.get_mut(&slice.campaign) else {
                continue;
            };
            if slice.from >= card.today.since {
                card.today.counters.add(&slice.counters);
                *millis.entry(slice.campaign).or_default() += slice.answer_millis;
            }
            if slice.from >= hour {
                card.hour.push(point(slice));
            }
        }
        for (campaign, card) in &mut self.campaigns {
            let millis = millis.get(campaign).copied().unwrap_or_default();
            card.today.settle(millis);
        }
    }

    /// The first slice of the last hour.
    fn hour(&self) -> Timestamp {
        let length = SLICE_SECONDS * 1_000;
        let slice = self.now.as_millis().div_euclid(length) * length;
        Timestamp::from_millis(slice.saturating_sub(11 * length))
    }
}

impl Day {
    fn settle(&mut self, answer_millis: u64) {
        let counters = &self.counters;
        self.service_level = counters.service_level();
        self.service_level_with_abandoned = counters.service_level_with_abandoned();
        self.service_level_strict = counters.service_level_strict();
        self.abandon_rate = counters.abandon_rate();
        self.mean_answer = answer_millis.checked_div(counters.answered);
    }
}

fn card(view: View<'_>, now: Timestamp, campaign: &CampaignView<'_>) -> Card {
    let settings = campaign.settings;
    let waits = view.waiting(campaign.id).filter_map(|chat| {
        // One that is transferred here waits, but its visitor is with an agent.
        let chat = view.agent_chat(chat)?;
        matches!(chat.phase, AgentPhase::Waiting | AgentPhase::Offered { .. })
            .then_some(chat.requested_at)
    });
    let alarms = |wanted: Alarm| view.alarms(campaign.id).any(|alarm| alarm == wanted);
    Card {
        campaign: campaign.id,
        name: settings.name.clone(),
        colour: settings.colour,
        enabled: settings.enabled,
        open: campaign.open,
        next_change: campaign.next_change,
        waiting: campaign.waiting,
        longest_since: waits.min(),
        active: campaign.active,
        staff: staff(view, campaign.id),
        limits: Thresholds {
            answer_within: settings.answer_within,
            target_percent: settings.target_percent,
            dropout: settings.dropout,
            time_chat: settings.time_chat,
            acd: settings.acd,
            max_chats: match settings.max_chats {
                WaitingLimit::Unlimited => None,
                WaitingLimit::NoWaiting => Some(0),
                WaitingLimit::AtMost(most) => Some(most.get()),
            },
            time_out: settings.time_out,
        },
        standing: Standing {
            service_level: alarms(Alarm::ServiceLevel),
            time_chat: campaign.over_time,
            acd: alarms(Alarm::Acd),
            max_chats: !settings.max_chats.admits(campaign.waiting),
        },
        in_time_today: campaign.service_level_today,
        estimates: campaign.times.estimates,
        today: Day {
            since: view.day_began(campaign.id, now).unwrap_or(now),
            counters: Counters {
                waiting: campaign.counters.waiting,
                ..Counters::default()
            },
            service_level: Ratio::default(),
            service_level_with_abandoned: Ratio::default(),
            service_level_strict: Ratio::default(),
            abandon_rate: Ratio::default(),
            mean_answer: None,
        },
        hour: Vec::new(),
    }
}

fn staff(view: View<'_>, campaign: CampaignId) -> Staff {
    let mut staff = Staff::default();
    for member in view.members(campaign) {
        staff.members += 1;
        let Some(agent) = view.agent(member.agent).filter(AgentView::signed_in) else {
            continue;
        };
        staff.signed_in += 1;
        staff.paused += u32::from(agent.paused.is_some() || agent.auto_paused);
        staff.available += u32::from(view.why_not(campaign, member.agent).is_none());
    }
    staff
}

fn agent_row(view: View<'_>, now: Timestamp, agent: &AgentView<'_>) -> AgentRow {
    let seats = view.memberships(agent.id).filter_map(|campaign| {
        let mut members = (1..).zip(view.members(campaign));
        let (place, member) = members.find(|(_, member)| member.agent == agent.id)?;
        Some(Seat {
            campaign,
            place,
            penalty: member.penalty,
            why_not: view.why_not(campaign, agent.id),
        })
    });
    AgentRow {
        agent: agent.id,
        name: agent.profile.name.clone(),
        state: match agent {
            _ if !agent.signed_in() => "signed_out",
            _ if agent.lost_until.is_some() => "lost",
            _ if agent.paused.is_some() => "paused",
            _ if agent.on_call => "on_call",
            _ if agent.auto_paused => "auto_paused",
            _ if agent.load > 0 || agent.other_load > 0 => "busy",
            _ => "ready",
        },
        reason: agent.paused.cloned(),
        lost_until: agent.lost_until,
        load: agent.load,
        other_load: agent.other_load,
        answered: view.work(agent.id, now).map_or(0, |work| work.answered),
        seats: seats.collect(),
    }
}

fn chat_row(view: View<'_>, chat: ChatId, late: bool) -> Option<ChatRow> {
    let chat = view.agent_chat(chat)?;
    let (phase, agent, to) = match chat.phase {
        AgentPhase::Waiting => ("waiting", None, None),
        AgentPhase::Offered { agent, .. } => ("offered", Some(agent), None),
        AgentPhase::Active => ("active", chat.owner, None),
        AgentPhase::Transferring { to, .. } => ("transferring", chat.owner, Some(to)),
    };
    Some(ChatRow {
        chat: chat.chat,
        campaign: chat.campaign,
        phase,
        agent,
        to,
        facts: chat.visitor.facts,
        language: chat.visitor.language,
        connected: chat.connected,
        requested_at: chat.requested_at,
        since: chat.since,
        last: chat.last,
        priority: chat.priority,
        returned: chat.returned,
        late,
    })
}

fn point(slice: &Slice) -> Point {
    let counters = &slice.counters;
    Point {
        at: slice.from,
        offered: counters.offered,
        answered: counters.answered,
        lost: counters.abandoned + counters.short_abandoned + counters.timed_out + counters.closed,
        refused: counters.refused.values().sum(),
    }
}
