//! The rules of admission and assignment as plain questions about a [`Picture`], each answered by
//! looking at everything there is.

use std::cmp::Reverse;
use std::sync::Arc;

use webchat_core::campaign::{Mode, Order, WaitingLimit, WhenEmpty};
use webchat_core::event::RefusalReason;
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::time::Timestamp;

use crate::picture::{AgentPicture, CampaignPicture, ChatPicture, MemberPicture, Picture};

/// Who may get a chat next, by the delivery order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The only one, or those among whom the draw decides.
    pub agents: Vec<AgentId>,
    /// Everybody else was asked before: a new round of asking begins.
    pub new_round: bool,
}

/// Rank between chats of different campaigns: the smallest goes first.
pub type Rank = (Reverse<u8>, (Reverse<i8>, Timestamp, u64));

/// The rule that turns a newcomer away, if one does.
pub fn refusal(
    picture: &Picture,
    now: Timestamp,
    campaign: CampaignId,
    skills: &[Arc<str>],
) -> Option<RefusalReason> {
    let state = picture.campaigns.get(&campaign)?;
    if !state.settings.enabled {
        return Some(RefusalReason::Disabled);
    }
    if !state.open {
        return Some(RefusalReason::OutOfTime);
    }
    let members = || {
        state
            .members
            .iter()
            .filter_map(|member| picture.agents.get(&member.member.agent))
    };
    let is_available =
        |agent: &AgentPicture| is_signed_in(agent) && is_there(agent) && agent.paused.is_none();
    let somebody = match state.settings.when_empty {
        WhenEmpty::Refuse => members().any(is_signed_in),
        WhenEmpty::Admit => true,
        WhenEmpty::NeedAvailable => members().any(is_available),
    };
    if !somebody {
        return Some(RefusalReason::NoAgents);
    }
    let waiting = picture.queue(campaign).len() as u32;
    let room = match state.settings.max_chats {
        WaitingLimit::Unlimited => true,
        WaitingLimit::NoWaiting => false,
        WaitingLimit::AtMost(max) => waiting < max.get(),
    };
    let at_once = pick(picture, now, campaign, &Wish::newcomer(skills)).is_some();
    (!room && !at_once).then_some(RefusalReason::QueueFull)
}

fn is_signed_in(agent: &AgentPicture) -> bool {
    agent.session.is_some()
}

fn is_there(agent: &AgentPicture) -> bool {
    agent.lost_until.is_none()
}

/// Whether the campaign's mode lets the agent have one more of its chats, offered or taken; 1 instead
/// of 0 for those whom `omni` asks only when there is no other. Source: domain.md §5, first table.
pub fn tier(picture: &Picture, campaign: CampaignId, id: AgentId) -> Option<u8> {
    let state = picture.campaigns.get(&campaign)?;
    let agent = picture.agents.get(&id)?;
    state.member(id)?;
    let voice = agent.profile.voice || !picture.tenant.voice_membership_required;
    if !is_signed_in(agent) || !is_there(agent) || agent.paused.is_some() || !voice {
        return None;
    }
    let here = picture.load_in(id, campaign);
    let anywhere = picture.load(id) + agent.other_load;
    let below_cap = state.settings.agent_cap.is_none_or(|cap| here < cap.get());
    let below_tenant_cap = picture
        .tenant
        .agent_cap
        .is_none_or(|cap| picture.load(id) < cap.get());
    if !below_cap || !below_tenant_cap {
        return None;
    }
    let auto_paused = picture.is_auto_paused(id);
    let eligible = match state.settings.strategy.mode {
        Mode::InCall => !auto_paused && !agent.on_call && anywhere == 0,
        Mode::NoCall => !auto_paused,
        Mode::Interaction => !auto_paused && anywhere == 0,
        Mode::NoPause | Mode::RingAllMultiple => true,
        Mode::Omni => return Some(u8::from(agent.on_call || anywhere > 0)),
        Mode::RingAll => here == 0,
    };
    eligible.then_some(0)
}

/// What a chat asks of its agent.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    skills: &'a [Arc<str>],
    asked: &'a [AgentId],
    own: &'a [AgentId],
}

impl<'a> Wish<'a> {
    /// Of a visitor who comes now.
    pub fn newcomer(skills: &'a [Arc<str>]) -> Self {
        Self {
            skills,
            asked: &[],
            own: &[],
        }
    }

    /// The same with nobody asked yet.
    pub fn anew(self) -> Self {
        Self { asked: &[], ..self }
    }

    /// Of a chat.
    pub fn of(chat: &'a ChatPicture) -> Self {
        Self {
            skills: &chat.skills,
            asked: &chat.asked,
            own: &chat.agents,
        }
    }
}

/// Who gets a chat of a campaign now; `None` if nobody can or the agents take chats themselves.
/// Source: domain.md §5, second table.
pub fn pick(
    picture: &Picture,
    now: Timestamp,
    campaign: CampaignId,
    wish: &Wish<'_>,
) -> Option<Pick> {
    let state = picture.campaigns.get(&campaign)?;
    let strategy = &state.settings.strategy;
    if strategy.mode.is_pull() {
        return None;
    }
    let mut suited: Vec<(u8, usize, &MemberPicture)> = Vec::new();
    for (place, member) in state.members.iter().enumerate() {
        let agent = member.member.agent;
        let skilled = wish
            .skills
            .iter()
            .all(|skill| member.member.skills.contains(skill));
        if let Some(tier) = tier(picture, campaign, agent)
            && skilled
            && !wish.own.contains(&agent)
        {
            suited.push((tier, place, member));
        }
    }
    let is_fresh = |member: &MemberPicture| !wish.asked.contains(&member.member.agent);
    let new_round = !suited.iter().any(|(_, _, member)| is_fresh(member));
    if !new_round {
        suited.retain(|(_, _, member)| is_fresh(member));
    } else if suited.len() > 1 {
        // Not the one who was asked last, if there is anybody else.
        suited.retain(|(_, _, member)| Some(&member.member.agent) != wish.asked.last());
    }
    let penalty = |member: &MemberPicture| match strategy.penalty_tiers {
        true => member.member.penalty,
        false => 0,
    };
    let first = suited
        .iter()
        .map(|(tier, _, member)| (*tier, penalty(member)))
        .min()?;
    suited.retain(|(tier, _, member)| (*tier, penalty(member)) == first);
    let chosen = choose(picture, now, campaign, state, &suited);
    Some(Pick {
        agents: chosen,
        new_round,
    })
}

fn choose(
    picture: &Picture,
    now: Timestamp,
    campaign: CampaignId,
    state: &CampaignPicture,
    suited: &[(u8, usize, &MemberPicture)],
) -> Vec<AgentId> {
    let load = |member: &MemberPicture| picture.load_in(member.member.agent, campaign);
    let answered = |member: &MemberPicture| match now < state.day_ends {
        true => member.answered,
        false => 0,
    };
    // Smaller keys go first; `None` is smaller than any time: never served goes first.
    let key = |place: usize, member: &MemberPicture| match state.settings.strategy.order {
        Order::Linear | Order::Random | Order::WRandom => (0, None, 0, place),
        Order::RrMemory => {
            let cursor = state
                .cursor
                .and_then(|cursor| state.members.iter().position(|m| m.member.agent == cursor));
            let passed = cursor.is_some_and(|cursor| place <= cursor);
            (u32::from(passed), None, 0, place)
        }
        Order::LeastRecent => (0, member.last_served, load(member), place),
        Order::FewestCalls => (answered(member), member.last_served, load(member), place),
        Order::LeastLoaded => (load(member), member.last_served, 0, place),
    };
    match state.settings.strategy.order {
        Order::Random | Order::WRandom => suited
            .iter()
            .map(|(_, _, member)| member.member.agent)
            .collect(),
        _ => suited
            .iter()
            .min_by_key(|(_, place, member)| key(*place, member))
            .map(|(_, _, member)| member.member.agent)
            .into_iter()
            .collect(),
    }
}

/// Every chat that could be given to somebody now, the most urgent first.
pub fn matches(picture: &Picture, now: Timestamp) -> Vec<(Rank, CampaignId, ChatId, Pick)> {
    let mut found = Vec::new();
    for (id, chat) in &picture.chats {
        if !chat.is_dispatchable() {
            continue;
        }
        let Some(queue) = chat.queue() else { continue };
        let Some(campaign) = picture.campaigns.get(&queue) else {
            continue;
        };
        if campaign.closing.is_some() {
            continue;
        }
        if let Some(pick) = pick(picture, now, queue, &Wish::of(chat)) {
            let rank = (Reverse(campaign.settings.weight), chat.place());
            found.push((rank, queue, *id, pick));
        }
    }
    found.sort_by_key(|(rank, ..)| *rank);
    found
}
