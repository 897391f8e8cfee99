//! The rules of admission and assignment as plain questions about a [`Picture`], each answered by
//! looking at everything there is.

use std::cmp::Reverse;
use std::sync::Arc;

use webchat_core::campaign::{Mode, Order, WaitingLimit, WhenEmpty};
use webchat_core::event::RefusalReason;
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::rejection::WhyNot;
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
type Rank = (Reverse<u8>, (Reverse<i8>, Timestamp, u64));

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
    let waiting = picture.count_queue(campaign);
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
    if why_not(picture, campaign, id).is_some() {
        return None;
    }
    let agent = picture.agents.get(&id)?;
    let mode = picture.campaigns.get(&campaign)?.settings.strategy.mode;
    let idle = !agent.on_call && picture.load(id) + agent.other_load == 0;
    Some(u8::from(mode == Mode::Omni && !idle))
}

/// The first rule that keeps the campaign's chats from the agent, whatever the chat; for pull modes, the one
/// that keeps the agent from taking. Source: domain.md §5, first table.
pub fn why_not(picture: &Picture, campaign: CampaignId, id: AgentId) -> Option<WhyNot> {
    let (Some(state), Some(agent)) = (picture.campaigns.get(&campaign), picture.agents.get(&id))
    else {
        return Some(WhyNot::NotMember);
    };
    let mode = state.settings.strategy.mode;
    let voice = agent.profile.voice || !picture.tenant.voice_membership_required;
    if state.member(id).is_none() {
        return Some(WhyNot::NotMember);
    }
    if !is_signed_in(agent) {
        return Some(WhyNot::NotSignedIn);
    }
    if !is_there(agent) {
        return Some(WhyNot::Lost);
    }
    if !voice {
        return Some(WhyNot::NoVoiceCampaign);
    }
    if agent.paused.is_some() {
        return Some(WhyNot::Paused);
    }
    let obeys_auto_pause = matches!(mode, Mode::InCall | Mode::NoCall | Mode::Interaction);
    if obeys_auto_pause && picture.is_auto_paused(id) {
        return Some(WhyNot::AutoPaused);
    }
    if mode == Mode::InCall && agent.on_call {
        return Some(WhyNot::OnCall);
    }
    let busy = match mode {
        Mode::InCall | Mode::Interaction => picture.load(id) + agent.other_load > 0,
        Mode::RingAll => picture.load_in(id, campaign) > 0,
        Mode::NoCall | Mode::NoPause | Mode::Omni | Mode::RingAllMultiple => false,
    };
    if busy {
        return Some(WhyNot::Busy);
    }
    reached_cap(picture, campaign, id).map(|_| WhyNot::AtCapacity)
}

/// Slots used and allowed, if the agent is at the cap of the campaign or at that of the tenant.
pub fn reached_cap(picture: &Picture, campaign: CampaignId, id: AgentId) -> Option<(u32, u32)> {
    let cap = picture.campaigns.get(&campaign)?.settings.agent_cap;
    if let Some(cap) = cap {
        let used = picture.load_in(id, campaign);
        if used >= cap.get() {
            return Some((used, cap.get()));
        }
    }
    let cap = picture.tenant.agent_cap?.get();
    let used = picture.load(id);
    (used >= cap).then_some((used, cap))
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

/// Of the chats that could be given to somebody now the most urgent one, its queue, and who gets it.
pub fn most_urgent(picture: &Picture, now: Timestamp) -> Option<(CampaignId, ChatId, Pick)> {
    let mut first: Option<(Rank, CampaignId, ChatId, Pick)> = None;
    for (id, chat) in &picture.chats {
        if !chat.is_dispatchable() {
            continue;
        }
        let Some(queue) = chat.queue() else { continue };
        let Some(campaign) = picture.campaigns.get(&queue) else {
            continue;
        };
        let rank = (Reverse(campaign.settings.weight), chat.place());
        let later = first.as_ref().is_some_and(|(before, ..)| *before < rank);
        if later || campaign.closing.is_some() {
            continue;
        }
        if let Some(pick) = pick(picture, now, queue, &Wish::of(chat)) {
            first = Some((rank, queue, *id, pick));
        }
    }
    first.map(|(_, campaign, chat, pick)| (campaign, chat, pick))
}
