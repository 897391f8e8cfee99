//! The tenant at rest, after a step.

use webchat_core::Engine;
use webchat_core::call::{CallView, Caller};
use webchat_core::effect::AgentPhase;
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::time::Timestamp;

use crate::model::{rules, timers};
use crate::picture::{ChatPicture, Picture};
use crate::violation::{Verdict, expect};

/// Checks that nothing is left to do: no timer is due and nobody waits whom somebody could have.
///
/// # Errors
/// What was left.
pub fn check(picture: &Picture, engine: &Engine, now: Timestamp) -> Verdict {
    let wake = engine.poll_timeout();
    expect(
        wake.is_none_or(|wake| wake.at > now),
        "no timer is left due",
        || format!("{wake:?} at {now}"),
    )?;
    let expected = timers::first(picture).map(|timer| timer.due);
    expect(
        wake.map(|wake| wake.at) == expected,
        "no timer is lost",
        || format!("the engine wakes {wake:?}, expected {expected:?}"),
    )?;
    for campaign in picture.campaigns.keys() {
        alarms(picture, *campaign, now)?;
    }
    let left = rules::most_urgent(picture, now);
    expect(
        left.is_none(),
        "nobody waits while someone eligible is free",
        || format!("{left:?}"),
    )
}

/// Compares all that can be seen of the engine with the picture.
///
/// # Errors
/// What differs.
pub fn compare(picture: &Picture, engine: &Engine) -> Verdict {
    let view = engine.view();
    expect(view.tenant() == &picture.tenant, SEEN, || {
        "tenant".to_owned()
    })?;
    let campaigns: Vec<CampaignId> = view.campaigns().map(|campaign| campaign.id).collect();
    let expected: Vec<CampaignId> = picture.campaigns.keys().copied().collect();
    expect(campaigns == expected, SEEN, || {
        format!("campaigns {campaigns:?}")
    })?;
    for campaign in campaigns {
        compare_campaign(picture, engine, campaign)?;
    }
    let agents: Vec<AgentId> = view.agents().map(|agent| agent.id).collect();
    let expected: Vec<AgentId> = picture.agents.keys().copied().collect();
    expect(agents == expected, SEEN, || format!("agents {agents:?}"))?;
    for agent in agents {
        compare_agent(picture, engine, agent)?;
    }
    let mut chats: Vec<ChatId> = view.chats().collect();
    chats.sort();
    let expected: Vec<ChatId> = picture.chats.keys().copied().collect();
    expect(chats == expected, SEEN, || {
        format!("chats {chats:?}, expected {expected:?}")
    })?;
    for (id, chat) in &picture.chats {
        compare_chat(picture, engine, *id, chat)?;
    }
    Ok(())
}

const SEEN: &str = "what is seen is what happened";

fn alarms(picture: &Picture, id: CampaignId, now: Timestamp) -> Verdict {
    let state = &picture.campaigns[&id];
    let waiting = picture.queue(id).len() as u32;
    let over = state.settings.acd.is_some_and(|acd| waiting >= acd.get());
    expect(
        over == state.acd_alarm,
        "an alarm stands while it must",
        || {
            format!(
                "campaign {id}: {waiting} wait, ACD {:?}, alarm {}",
                state.settings.acd, state.acd_alarm
            )
        },
    )?;
    let today = state.today;
    let target = u64::from(state.settings.target_percent);
    let measured = state.settings.answer_within.is_some() && now < today.ends;
    let under = measured && today.in_time * 100 < target * today.answered;
    let stands = state.service_level_alarm;
    expect(
        under == stands.is_some(),
        "an alarm stands while it must",
        || format!("campaign {id}: {today:?}, target {target} %, alarm until {stands:?}"),
    )
}

fn compare_campaign(picture: &Picture, engine: &Engine, id: CampaignId) -> Verdict {
    let Some(seen) = engine.view().campaign(id) else {
        return Ok(());
    };
    let state = &picture.campaigns[&id];
    expect(
        *seen.settings == state.settings
            && seen.open == state.open
            && seen.next_change == state.next_change,
        SEEN,
        || format!("settings or opening of campaign {id}"),
    )?;
    let queue: Vec<ChatId> = engine.view().waiting(id).collect();
    let expected = picture.queue(id);
    expect(
        queue == expected && seen.waiting as usize == queue.len(),
        SEEN,
        || {
            format!(
                "campaign {id} queues {queue:?} ({}), expected {expected:?}",
                seen.waiting
            )
        },
    )?;
    let with_agent = |chat: &&ChatPicture| chat.campaign == id && !chat.is_waiting();
    let active = picture.chats.values().filter(with_agent).count();
    expect(seen.active as usize == active, SEEN, || {
        format!(
            "campaign {id} has {} active, expected {active}",
            seen.active
        )
    })?;
    let is_in = |agent: &AgentId| picture.agents[agent].session.is_some();
    let members = state.members.iter().map(|member| member.member.agent);
    let signed_in = members.filter(is_in).count();
    expect(seen.signed_in as usize == signed_in, SEEN, || {
        format!(
            "campaign {id} has {} signed in, expected {signed_in}",
            seen.signed_in
        )
    })?;
    let counters = seen.counters;
    expect(
        *counters == state.counters,
        "the counters count what happened",
        || format!("campaign {id}: {counters:?}, expected {:?}", state.counters),
    )?;
    expect(counters.identity_holds(), "the counters add up", || {
        format!("campaign {id}: {counters:?}")
    })?;
    for agent in picture.agents.keys() {
        let why_not = engine.view().why_not(id, *agent);
        let expected = rules::why_not(picture, id, *agent);
        expect(
            why_not == expected,
            "eligible is who the table says",
            || format!("agent {agent} in campaign {id}: {why_not:?}, the table says {expected:?}"),
        )?;
    }
    let seen_members: Vec<_> = engine.view().members(id).collect();
    let members: Vec<_> = state.members.iter().map(|member| &member.member).collect();
    expect(seen_members == members, SEEN, || {
        format!("members of campaign {id}")
    })
}

fn compare_agent(picture: &Picture, engine: &Engine, id: AgentId) -> Verdict {
    let Some(seen) = engine.view().agent(id) else {
        return Ok(());
    };
    let state = &picture.agents[&id];
    expect(
        *seen.profile == state.profile
            && seen.session == state.session
            && seen.lost_until == state.lost_until
            && seen.paused == state.paused.as_ref()
            && seen.on_call == state.on_call
            && seen.other_load == state.other_load,
        SEEN,
        || format!("agent {id} is {seen:?}, expected {state:?}"),
    )?;
    let load = picture.load(id);
    let auto_paused = picture.is_auto_paused(id);
    expect(
        seen.load == load && seen.auto_paused == auto_paused,
        SEEN,
        || format!("agent {id} is {seen:?}, expected load {load}, auto-paused {auto_paused}"),
    )?;
    let chats = engine.view().chats_of(id);
    let mut expected: Vec<(u64, ChatId)> = picture
        .chats
        .iter()
        .filter(|(chat, _)| engine.view().has_agent(**chat, id))
        .map(|(id, chat)| (chat.sequence, *id))
        .collect();
    expected.sort();
    let expected: Vec<ChatId> = expected.into_iter().map(|(_, chat)| chat).collect();
    expect(chats == expected, SEEN, || {
        format!("agent {id} has {chats:?}, expected {expected:?}")
    })
}

fn compare_chat(picture: &Picture, engine: &Engine, id: ChatId, chat: &ChatPicture) -> Verdict {
    let view = engine.view();
    let Some(seen) = view.agent_chat(id) else {
        return expect(false, SEEN, || format!("chat {id} is not there"));
    };
    let phase = chat.phase();
    let agents: Vec<AgentId> = seen.participants.iter().collect();
    expect(
        seen.phase == phase
            && agents == chat.agents
            && seen.owner == chat.owner()
            && seen.campaign == chat.campaign
            && seen.connected == chat.lost_since.is_none()
            && seen.requested_at == chat.first_enqueue
            && seen.last as usize == chat.messages.len()
            && seen.seen == chat.seen_by_visitor
            && seen.priority == chat.priority
            && seen.returned == chat.returned
            && seen.visitor.facts == chat.facts
            && seen.visitor.language == chat.language,
        SEEN,
        || format!("chat {id} is {seen:?}, expected {phase:?} of {chat:?}"),
    )?;
    let ends = chat.call.map(|call| (call.from, call.accepted));
    let is_in = |caller: Caller| match caller {
        Caller::Visitor => true,
        Caller::Agent(agent) => chat.agents.contains(&agent),
    };
    let present = ends.is_none_or(|(from, accepted)| {
        !chat.is_waiting() && is_in(from) && accepted.is_none_or(|(by, _)| is_in(by))
    });
    expect(
        present && seen.call == chat.call.as_ref().map(CallView::for_agents),
        SEEN,
        || {
            format!(
                "call of chat {id}: {:?}, expected {:?}",
                seen.call, chat.call
            )
        },
    )?;
    let found = view.chat_of(chat.visitor, chat.campaign);
    expect(
        found == Some(id),
        "one live chat per visitor and campaign",
        || format!("chat {id} of {}, found {found:?}", chat.visitor),
    )?;
    let position = view.visitor_chat(id).and_then(|seen| seen.position);
    let expected = match phase {
        AgentPhase::Offered { .. } => Some(0),
        AgentPhase::Waiting => {
            let queue = picture.queue(chat.campaign);
            let ahead = queue.iter().position(|other| *other == id);
            ahead.map(|ahead| ahead as u32 + 1)
        }
        AgentPhase::Active | AgentPhase::Transferring { .. } => None,
    };
    expect(
        position == expected,
        "the position is the rank in dispatch order",
        || format!("chat {id}: {position:?}, expected {expected:?}"),
    )
}
