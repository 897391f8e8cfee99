//! Why a visitor was refused, waits or has this agent, live and from the journal.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use webchat_core::campaign::WaitingLimit;
use webchat_core::command::{AgentCommand, HostCommand, Member, SupervisorCommand, VisitorAsk};
use webchat_core::event::{Assignment, CloseReason, Event, OfferEnd, RefusalReason};
use webchat_core::explain::{self, Candidates, Explanation, Outcome, Question, Waiting};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::limits;
use webchat_core::rejection::WhyNot;
use webchat_core::schedule::ScheduleDraft;

use crate::desk::Desk;

fn why(desk: &Desk, chat: ChatId) -> Explanation {
    desk.engine.view().explain(&Question::Chat(chat)).unwrap()
}

fn newcomer(desk: &Desk, campaign: CampaignId) -> Explanation {
    let question = Question::Newcomer {
        campaign,
        skills: Vec::new(),
    };
    desk.engine.view().explain(&question).unwrap()
}

/// Rank or reason of each listed agent.
fn listed(candidates: &Candidates) -> Vec<(AgentId, Result<Option<u32>, WhyNot>)> {
    let each = candidates.listed.iter();
    each.map(|candidate| {
        (
            candidate.agent,
            candidate.why_not.map_or(Ok(candidate.rank), Err),
        )
    })
    .collect()
}

/// The explanation of the last event for which `wanted` holds.
fn from_journal(desk: &Desk, wanted: impl Fn(&Event) -> bool) -> Explanation {
    let events = desk.outbox.events();
    let n = events.iter().rposition(|recorded| wanted(&recorded.event));
    explain::at(events, n.unwrap()).unwrap()
}

#[test]
fn a_refusal_is_explained_by_its_rule_live_and_from_the_journal() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| {
        draft.agent_cap = 1;
        draft.max_chats = 1;
    });
    let reason_now = |desk: &Desk| match newcomer(desk, campaign).outcome {
        Outcome::Refused { reason, .. } => Some(reason),
        Outcome::Admitted { .. } => None,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason_now(&desk), Some(RefusalReason::NoAgents));
    let [ana] = desk.agents(campaign);
    assert_eq!(reason_now(&desk), None);
    desk.arrive(campaign, 1);
    desk.arrive(campaign, 2);
    assert_eq!(reason_now(&desk), Some(RefusalReason::QueueFull));
    desk.request(campaign, 3);
    desk.edit(campaign, |settings| settings.enabled = false);
    assert_eq!(reason_now(&desk), Some(RefusalReason::Disabled));

    let refused = from_journal(&desk, |event| matches!(event, Event::ChatRefused { .. }));
    let Outcome::Refused { reason, admission } = &refused.outcome else {
        panic!("{refused:?}");
    };
    assert_eq!(*reason, RefusalReason::QueueFull);
    let max = WaitingLimit::AtMost(NonZeroU32::new(1).unwrap());
    assert_eq!((admission.waiting, admission.max_chats), (1, max));
    let candidates = refused.candidates.unwrap();
    assert_eq!(listed(&candidates), [(ana, Err(WhyNot::AtCapacity))]);
}

#[test]
fn out_of_time_tells_when_that_changes() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| {
        draft.schedule = ScheduleDraft::weekly("UTC").open(
            &[webchat_core::schedule::Day::Mon],
            "00:00",
            "01:00",
        );
    });
    desk.request(campaign, 1);
    let explanation = from_journal(&desk, |event| matches!(event, Event::ChatRefused { .. }));
    let Outcome::Refused { reason, admission } = explanation.outcome else {
        panic!("not refused");
    };
    assert_eq!(reason, RefusalReason::OutOfTime);
    let opens = admission.next_change.unwrap();
    assert_eq!(opens.to_string(), "2026-09-28T00:00:00Z");
    assert_eq!(explanation.candidates, None, "nobody was looked for");
}

#[test]
fn a_waiting_chat_tells_why_each_agent_does_not_get_it() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| draft.agent_cap = 1);
    let [ana, ben, cleo, dora] = desk.agents(campaign);
    desk.arrive(campaign, 1);
    let reason = "lunch".into();
    desk.agent(ben, AgentCommand::Pause { reason }).unwrap();
    desk.agent(cleo, AgentCommand::SignOut { force: false })
        .unwrap();
    desk.agent(dora, AgentCommand::Disconnect).unwrap();
    let chat = desk.arrive(campaign, 2);
    let explanation = why(&desk, chat);
    assert_eq!(
        explanation.outcome,
        Outcome::Waiting {
            because: Waiting::NobodyEligible,
            position: 1
        }
    );
    let candidates = explanation.candidates.unwrap();
    assert_eq!(
        listed(&candidates),
        [
            (ana, Err(WhyNot::AtCapacity)),
            (ben, Err(WhyNot::Paused)),
            (cleo, Err(WhyNot::NotSignedIn)),
            (dora, Err(WhyNot::Lost)),
        ]
    );
    assert_eq!((candidates.members, candidates.eligible), (4, 0));
    assert_eq!(candidates.why_not.values().sum::<u32>(), 4);
    let not_me = desk.engine.view().explain_agent(chat, ana).unwrap();
    assert_eq!((not_me.why_not, not_me.load), (Some(WhyNot::AtCapacity), 1));
}

#[test]
fn a_waiting_chat_tells_what_else_it_waits_for() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| draft.mode = "ringall".into());
    let [ana] = desk.agents(campaign);
    let chat = desk.arrive(campaign, 1);
    let because = |desk: &Desk| match why(desk, chat).outcome {
        Outcome::Waiting { because, .. } => because,
        other => panic!("{other:?}"),
    };
    assert_eq!(because(&desk), Waiting::Pull);
    let not_me = desk.engine.view().explain_agent(chat, ana).unwrap();
    assert_eq!(not_me.why_not, Some(WhyNot::Pull));
    desk.visitor(chat, VisitorAsk::Disconnect);
    let since = webchat_core::time::Timestamp::from_millis(desk.now);
    assert_eq!(because(&desk), Waiting::Disconnected { since });
}

#[test]
fn skills_decide_who_is_a_candidate() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|_| ());
    let [ana, ben] = desk.agents(campaign);
    let members = vec![
        Member::plain(ana),
        Member {
            skills: vec!["english".into()],
            ..Member::plain(ben)
        },
    ];
    desk.host(HostCommand::SetMembers { campaign, members });
    desk.request_with(campaign, 1, |request| {
        request.skills = vec!["english".into()]
    });
    let assigned = from_journal(&desk, |event| matches!(event, Event::ChatAssigned { .. }));
    let candidates = assigned.candidates.unwrap();
    assert_eq!(
        listed(&candidates),
        [(ben, Ok(Some(1))), (ana, Err(WhyNot::MissingSkill))]
    );
    desk.request_with(campaign, 2, |request| request.skills = vec!["latin".into()]);
    let chat = desk.engine.view().waiting(campaign).next().unwrap();
    let candidates = why(&desk, chat).candidates.unwrap();
    assert_eq!(
        candidates.why_not,
        BTreeMap::from([(WhyNot::MissingSkill, 2)])
    );
}

#[test]
fn the_first_in_rank_is_who_gets_the_chat_in_every_order() {
    for order in [
        "linear",
        "rrmemory",
        "leastrecent",
        "fewestcalls",
        "leastloaded",
    ] {
        let mut desk = Desk::new();
        let campaign = desk.campaign(|draft| {
            draft.order = order.into();
            draft.agent_cap = 3;
        });
        let agents: [AgentId; 4] = desk.agents(campaign);
        for visitor in 0..9 {
            desk.pass(10);
            let chat = desk.arrive(campaign, visitor);
            if visitor % 3 == 0 {
                desk.pass(5);
                desk.finish(chat);
            }
        }
        let next = newcomer(&desk, campaign).candidates.unwrap();
        let first = next.listed[0].agent;
        let chat = desk.arrive(campaign, 100);
        let owner = desk.engine.view().agent_chat(chat).unwrap().owner;
        assert_eq!(owner, Some(first), "{order}");
        let mut decided = 0;
        for (n, recorded) in desk.outbox.events().iter().enumerate() {
            if let Event::ChatAssigned { agent, .. } = &recorded.event {
                let explanation = explain::at(desk.outbox.events(), n).unwrap();
                let candidates = explanation.candidates.unwrap();
                assert_eq!(candidates.listed[0].agent, *agent, "{order}");
                let ranks: Vec<_> = candidates
                    .listed
                    .iter()
                    .filter_map(|one| one.rank)
                    .collect();
                assert_eq!(
                    ranks,
                    (1..=candidates.eligible).collect::<Vec<_>>(),
                    "{order}"
                );
                decided += 1;
            }
        }
        assert_eq!(decided, 10);
        assert!(agents.contains(&first));
    }
}

#[test]
fn where_chance_decides_nobody_is_ranked() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| draft.order = "random".into());
    let [ana, ben] = desk.agents(campaign);
    desk.arrive(campaign, 1);
    let assigned = from_journal(&desk, |event| matches!(event, Event::ChatAssigned { .. }));
    let candidates = assigned.candidates.unwrap();
    assert_eq!(listed(&candidates), [(ana, Ok(None)), (ben, Ok(None))]);
}

#[test]
fn the_story_of_a_chat_is_told_from_the_journal() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| {
        draft.order = "linear".into();
        draft.offer_timeout = 20;
    });
    let [ana, ben] = desk.agents(campaign);
    let chat = desk.arrive(campaign, 1);
    desk.pass(20);
    desk.agent(ben, AgentCommand::Accept { chat }).unwrap();
    desk.supervisor(ana, SupervisorCommand::TakeOver { chat });
    desk.agent(ana, AgentCommand::SignOut { force: true })
        .unwrap();
    desk.agent(ben, AgentCommand::Accept { chat }).unwrap();
    desk.finish(chat);
    let story = explain::of_chat(desk.outbox.events(), chat);
    let lines: Vec<String> = story
        .iter()
        .map(|decision| {
            let candidates = decision.candidates.as_ref().map(listed).unwrap_or_default();
            let candidates: Vec<String> = candidates
                .into_iter()
                .map(|(agent, rank)| match rank {
                    Ok(rank) => format!("{agent} {}", rank.unwrap()),
                    Err(why_not) => format!("{agent} {why_not}"),
                })
                .collect();
            let what = match &decision.outcome {
                Outcome::Admitted { at_once, .. } => format!("admitted, at once: {at_once}"),
                Outcome::Offered { agent, .. } => format!("offered {agent}"),
                Outcome::OfferEnded { agent, why } => {
                    assert_eq!(*why, OfferEnd::Lapsed);
                    format!("lapsed {agent}")
                }
                Outcome::Assigned { agent, how, .. } => format!("{how:?} {agent}"),
                Outcome::Returned { why } => format!("returned {why:?}"),
                Outcome::Closed { reason, by, .. } => {
                    assert_eq!(*reason, CloseReason::AgentClosed);
                    format!("closed by {}", by.unwrap())
                }
                other => panic!("{other:?}"),
            };
            format!("{what} [{}]", candidates.join(", "))
        })
        .collect();
    assert_eq!(
        lines,
        [
            "admitted, at once: true [1 1, 2 2]",
            "offered 1 [1 1, 2 2]",
            "lapsed 1 []",
            "offered 2 [2 1, 1 already_asked]",
            "Accepted 2 []",
            "TakenOver 1 []",
            "returned SignedOut []",
            "offered 2 [2 1, 1 not_signed_in]",
            "Accepted 2 []",
            "closed by 2 []",
        ]
    );
    let forced = story.iter().find_map(|decision| match &decision.outcome {
        Outcome::Assigned {
            how: Assignment::TakenOver,
            over_cap,
            ..
        } => Some(*over_cap),
        _ => None,
    });
    assert_eq!(forced, Some(false));
}

#[test]
fn an_explanation_is_bounded_and_can_be_sent_to_the_console() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| draft.agent_cap = 1);
    let _: [AgentId; 120] = desk.agents(campaign);
    for visitor in 0..40 {
        desk.arrive(campaign, visitor);
    }
    let explanation = newcomer(&desk, campaign);
    let candidates = explanation.candidates.as_ref().unwrap();
    assert_eq!(candidates.listed.len(), limits::EXPLAINED_AGENTS);
    assert_eq!((candidates.members, candidates.eligible), (120, 80));
    assert_eq!(
        candidates.why_not,
        BTreeMap::from([(WhyNot::AtCapacity, 40)])
    );
    let json = serde_json::to_value(&explanation).unwrap();
    assert_eq!(json["outcome"]["kind"], "admitted");
    assert_eq!(json["outcome"]["admission"]["max_chats"], "unlimited");
    assert_eq!(json["candidates"]["why_not"]["at_capacity"], 40);
    assert_eq!(json["candidates"]["listed"][0]["rank"], 1);
}
