//! The estimated wait: none without evidence, told on admission, and right as often as it says.

use std::collections::BTreeMap;

use webchat_core::command::AgentCommand;
use webchat_core::effect::Receipt;
use webchat_core::event::Event;
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::metrics::{EstimateScore, Tally};

use crate::desk::{Desk, Dice};

/// Position and estimate as the visitor sees them.
fn shown(desk: &Desk, chat: ChatId) -> (Option<u32>, Option<u32>) {
    let view = desk.engine.view().visitor_chat(chat).unwrap();
    (view.position, view.estimate)
}

fn score(desk: &Desk, campaign: CampaignId) -> EstimateScore {
    desk.engine
        .view()
        .campaign(campaign)
        .unwrap()
        .times
        .estimates
}

/// One agent, one chat at a time, and six chats of a minute each behind them.
fn minute_chats(time_out: i64) -> (Desk, CampaignId, AgentId) {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| {
        draft.agent_cap = 1;
        draft.time_out = time_out;
    });
    let [ana] = desk.agents(campaign);
    for visitor in 0..6 {
        let chat = desk.arrive(campaign, visitor);
        desk.pass(60);
        desk.finish(chat);
    }
    (desk, campaign, ana)
}

#[test]
fn there_is_no_estimate_until_chats_have_ended() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| draft.agent_cap = 1);
    let [_ana] = desk.agents(campaign);
    let first = desk.arrive(campaign, 1);
    let second = desk.arrive(campaign, 2);
    assert_eq!(shown(&desk, first), (None, None), "with an agent");
    assert_eq!(shown(&desk, second), (Some(1), None));
    assert_eq!(score(&desk, campaign), EstimateScore::default());
    desk.check();
}

#[test]
fn the_estimate_grows_with_the_position_and_is_a_fact_of_the_admission() {
    let (mut desk, campaign, _) = minute_chats(0);
    desk.arrive(campaign, 10);
    let chats: Vec<ChatId> = (11..14)
        .map(|visitor| desk.arrive(campaign, visitor))
        .collect();
    let all: Vec<_> = chats.iter().map(|chat| shown(&desk, *chat)).collect();
    assert_eq!(
        all,
        [
            (Some(1), Some(60)),
            (Some(2), Some(120)),
            (Some(3), Some(180))
        ]
    );
    let told: Vec<_> = desk
        .news()
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::ChatQueued { estimate, .. } => Some(estimate.map(|estimate| estimate.seconds)),
            _ => None,
        })
        .collect();
    assert_eq!(told[6..], [None, Some(60), Some(120), Some(180)]);
    let bound = desk.engine.view().estimate(chats[0]).unwrap().at_most;
    assert!(
        (130..150).contains(&bound),
        "{bound}: nine in ten are within 2.3 times the mean"
    );
    desk.leave(chats[0]);
    assert_eq!(shown(&desk, chats[2]).0, Some(2));
    desk.check();
}

#[test]
fn nobody_is_told_a_number_while_nobody_is_being_served() {
    let (mut desk, campaign, ana) = minute_chats(0);
    let reason = "lunch".into();
    desk.agent(ana, AgentCommand::Pause { reason }).unwrap();
    let chat = desk.arrive(campaign, 10);
    assert_eq!(shown(&desk, chat), (Some(1), None));
}

#[test]
fn a_chat_that_is_being_offered_stands_at_0() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| draft.offer_timeout = 20);
    let [_ana] = desk.agents(campaign);
    let Receipt::Chat(view) = desk.request(campaign, 1) else {
        panic!("refused");
    };
    assert_eq!((view.position, view.estimate), (Some(0), None));
}

#[test]
fn those_ahead_count_until_their_time_out_only() {
    let (mut desk, campaign, _) = minute_chats(80);
    desk.arrive(campaign, 10);
    let ahead = desk.arrive(campaign, 11);
    desk.pass(70);
    let behind = desk.arrive(campaign, 12);
    assert_eq!(shown(&desk, ahead), (Some(1), Some(10)));
    assert_eq!(
        shown(&desk, behind),
        (Some(2), Some(70)),
        "the one ahead is gone in ten seconds"
    );
    desk.check();
}

#[test]
fn the_score_tells_answers_within_the_bound_and_waits_that_outlasted_it() {
    let (mut desk, campaign, _) = minute_chats(0);
    let mut current = desk.arrive(campaign, 10);
    let kept = desk.arrive(campaign, 11);
    desk.pass(50);
    desk.finish(current);
    let error = Tally {
        count: 1,
        millis: 10_000,
    };
    let first = EstimateScore {
        scored: 1,
        kept: 1,
        error,
    };
    assert_eq!(score(&desk, campaign), first);
    current = kept;
    let broken = desk.arrive(campaign, 12);
    let left_in_time = desk.arrive(campaign, 13);
    let left_late = desk.arrive(campaign, 14);
    desk.pass(100);
    desk.leave(left_in_time);
    desk.pass(1_000);
    desk.leave(left_late);
    desk.finish(current);
    let now = score(&desk, campaign);
    assert_eq!(
        (now.scored, now.kept),
        (3, 1),
        "one answered late, one left late"
    );
    assert_eq!(now.error.count, 2);
    assert!(
        desk.engine
            .view()
            .agent_chat(broken)
            .unwrap()
            .owner
            .is_some()
    );
    desk.check();
}

#[derive(Clone, Copy)]
enum Next {
    Arrival,
    End,
    GiveUp,
}

/// A busy day: visitors arrive, are served and lose patience at random. Returns the score and the mean
/// error, in seconds, of telling each newcomer what the last one answered had waited.
fn busy_day(seed: u64, agents_load: f64, patience: f64, time_out: i64) -> (EstimateScore, f64) {
    const SERVICE: f64 = 240.0;
    let mut dice = Dice(seed);
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| {
        draft.agent_cap = 2;
        draft.time_out = time_out;
        draft.welcome.clear();
    });
    let _: [AgentId; 4] = desk.agents(campaign);
    let between = SERVICE / (8.0 * agents_load);
    let mut plan: BTreeMap<(i64, u64), (Next, Option<ChatId>)> = BTreeMap::new();
    let mut number = 0;
    plan.insert((desk.now, 0), (Next::Arrival, None));
    let mut last_wait = None;
    let mut told: BTreeMap<ChatId, f64> = BTreeMap::new();
    let (mut naive, mut counted) = (0.0, 0_u32);
    while number < 4_000 {
        let ((at, _), (next, chat)) = plan.pop_first().unwrap();
        let until = at.max(desk.now);
        desk.pass((until - desk.now) / 1_000);
        desk.now = until;
        number += 1;
        let live = chat.filter(|chat| desk.engine.view().agent_chat(*chat).is_some());
        let waits = live.filter(|chat| shown(&desk, *chat).0.is_some());
        match (next, live) {
            (Next::Arrival, _) => {
                let chat = desk.arrive(campaign, u128::from(number));
                plan.insert(
                    (until + dice.exponential(patience), number),
                    (Next::GiveUp, Some(chat)),
                );
                plan.insert(
                    (until + dice.exponential(between), number),
                    (Next::Arrival, None),
                );
                if let (Some(_), Some(wait)) = (shown(&desk, chat).1, last_wait) {
                    told.insert(chat, wait);
                }
            }
            (Next::End, Some(chat)) => desk.finish(chat),
            (Next::GiveUp, Some(chat)) if waits.is_some() => desk.leave(chat),
            _ => {}
        }
        let assigned: Vec<ChatId> = desk
            .news()
            .iter()
            .filter_map(|recorded| match &recorded.event {
                Event::ChatAssigned { chat, .. } => Some(*chat),
                _ => None,
            })
            .collect();
        for chat in assigned {
            let view = desk.engine.view().agent_chat(chat).unwrap();
            let wait = view.since.since(view.requested_at) as f64 / 1_000.0;
            if let Some(expected) = told.remove(&chat) {
                naive += (wait - expected).abs();
                counted += 1;
            }
            last_wait = Some(wait);
            number += 1;
            plan.insert(
                (until + dice.exponential(SERVICE), number),
                (Next::End, Some(chat)),
            );
        }
    }
    desk.check();
    (score(&desk, campaign), naive / f64::from(counted.max(1)))
}

#[test]
fn the_estimate_is_right_as_often_as_it_says_and_beats_the_last_wait() {
    let days = [
        ("full", 0.95, 1e9, 0),
        ("impatient", 1.3, 300.0, 0),
        ("overrun with time outs", 1.6, 600.0, 180),
        ("overrun", 2.0, 400.0, 0),
    ];
    for (name, load, patience, time_out) in days {
        let (score, naive) = busy_day(7, load, patience, time_out);
        let kept = score.kept as f64 / score.scored as f64;
        let error = score.error.mean().unwrap() as f64 / 1_000.0;
        assert!(score.scored > 300, "{name}: {score:?}");
        assert!((0.8..1.0).contains(&kept), "{name}: {kept}");
        assert!(error < naive, "{name}: {error} {naive}");
    }
}
