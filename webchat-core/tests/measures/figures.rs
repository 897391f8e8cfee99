//! The figures of domain.md §8: by hand, and live against a fold over the journal.

use webchat_core::command::{
    AgentCommand, Command, Destination, HostCommand, SupervisorCommand, VisitorAsk, VisitorCommand,
};
use webchat_core::event::{Alarm, Event, Recorded};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::metrics::{
    CampaignMeasures, Fold, Interval, Limit, Policy, Ratio, Tally, Times, Work,
};
use webchat_core::time::{Seconds, Timestamp};

use crate::desk::{Desk, Dice, START};

fn fold(events: &[Recorded], interval: Interval, policy: Policy, now: i64) -> Fold {
    let mut fold = Fold::new(interval, policy);
    events.iter().for_each(|recorded| fold.add(recorded));
    fold.pass(Timestamp::from_millis(now));
    fold
}

fn whole(desk: &Desk) -> Fold {
    fold(
        desk.outbox.events(),
        Interval::ALWAYS,
        Policy::default(),
        desk.now,
    )
}

fn tally(seconds: &[u64]) -> Tally {
    Tally {
        count: seconds.len() as u64,
        millis: seconds.iter().sum::<u64>() * 1_000,
    }
}

fn say(desk: &mut Desk, agent: AgentId, chat: ChatId, key: &str) {
    let (key, text) = (key.into(), "Hello".into());
    desk.agent(agent, AgentCommand::Write { chat, key, text })
        .unwrap();
}

/// Live figures are those of the fold over the whole journal.
fn assert_live_is_folded(desk: &Desk) {
    let fold = whole(desk);
    for campaign in desk.engine.view().campaigns() {
        let measures = fold.campaign(campaign.id).unwrap();
        assert_eq!(measures.waiting_before, 0);
        assert_eq!(&measures.counters, campaign.counters);
        assert_eq!(&measures.times, campaign.times);
    }
    for agent in desk.engine.view().agents() {
        let now = Timestamp::from_millis(desk.now);
        let work = desk.engine.view().work(agent.id, now);
        assert_eq!(fold.agent(agent.id), work, "agent {}", agent.id);
    }
}

#[test]
fn a_day_of_one_agent_by_hand() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| {
        draft.agent_cap = 2;
        draft.answer_within = 20;
        draft.wrap_up = 15;
        draft.automatic.insert("en".into(), "One moment".into());
    });
    let [ana] = desk.agents(campaign);
    desk.pass(100);
    let first = desk.arrive(campaign, 1);
    desk.pass(10);
    say(&mut desk, ana, first, "a");
    say(&mut desk, ana, first, "b");
    desk.pass(20);
    let second = desk.arrive(campaign, 2);
    let third = desk.arrive(campaign, 3);
    desk.pass(30);
    desk.finish(first);
    desk.pass(15);
    say(&mut desk, ana, third, "c");
    desk.pass(5);
    desk.finish(second);
    desk.finish(third);
    desk.pass(15);
    let reason = "lunch".into();
    desk.agent(ana, AgentCommand::Pause { reason }).unwrap();
    desk.pass(40);
    desk.agent(ana, AgentCommand::SignOut { force: false })
        .unwrap();
    desk.pass(1_000);

    let view = desk.engine.view().campaign(campaign).unwrap();
    let answer = tally(&[0, 0, 45]);
    let expected = Times {
        answer,
        first_response: tally(&[10, 45]),
        handle: tally(&[60 + 15, 50 + 15, 5 + 15]),
        ..Times::default()
    };
    assert_eq!(*view.times, expected, "{:?}", view.times.answer.mean());
    assert_eq!(view.counters.service_level(), Ratio { part: 2, of: 3 });
    let work = desk
        .engine
        .view()
        .work(ana, Timestamp::from_millis(desk.now));
    let work = work.unwrap();
    let expected = Work {
        ready: 100_000,
        busy: 95_000,
        away: 40_000,
        // One for 30 s, two for 65 s.
        chats: 160_000,
        answered: 3,
        handle: tally(&[75, 65, 20]),
        first_response: tally(&[10, 45]),
    };
    assert_eq!(work, expected);
    assert_eq!(work.occupancy().percent(), Some(48));
    assert_eq!(work.concurrency().percent(), Some(168));
    assert_live_is_folded(&desk);
    let share = whole(&desk).share(campaign, ana);
    assert_eq!((share.answered, share.handle), (3, work.handle));
    desk.check();
}

#[test]
fn the_service_level_is_told_three_ways_and_nothing_is_no_data() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| {
        draft.agent_cap = 1;
        draft.answer_within = 20;
        draft.dropout = 5;
        draft.time_out = 100;
    });
    let counters = |desk: &Desk| {
        desk.engine
            .view()
            .campaign(campaign)
            .unwrap()
            .counters
            .clone()
    };
    assert_eq!(counters(&desk).service_level().percent(), None);
    let [_ana] = desk.agents(campaign);
    let first = desk.arrive(campaign, 1);
    let chats: Vec<ChatId> = (2..9)
        .map(|visitor| desk.arrive(campaign, visitor))
        .collect();
    desk.leave(chats[6]);
    desk.pass(10);
    desk.leave(chats[5]);
    desk.pass(11);
    desk.leave(chats[4]);
    desk.finish(first);
    desk.pass(79);
    let counters = counters(&desk);
    assert_eq!(counters.service_level(), Ratio { part: 1, of: 2 });
    assert_eq!(
        counters.service_level_with_abandoned(),
        Ratio { part: 2, of: 4 }
    );
    assert_eq!((counters.short_abandoned, counters.timed_out), (1, 3));
    assert_eq!(counters.service_level_strict(), Ratio { part: 1, of: 7 });
    assert_eq!(counters.abandon_rate(), Ratio { part: 2, of: 7 });
    assert_live_is_folded(&desk);

    let policy = Policy {
        answer_within: Limit::Instead(Seconds::new(30)),
        dropout: Limit::Instead(None),
    };
    let again = fold(desk.outbox.events(), Interval::ALWAYS, policy, desk.now);
    let counters = &again.campaign(campaign).unwrap().counters;
    assert_eq!(counters.service_level(), Ratio { part: 2, of: 2 });
    assert_eq!((counters.abandoned, counters.abandoned_in_time), (3, 3));
    assert_eq!(counters.short_abandoned, 0);
}

#[test]
fn a_waiting_chat_that_is_moved_flows_out_of_one_campaign_into_another() {
    let mut desk = Desk::new();
    let sales = desk.campaign(|draft| {
        draft.agent_cap = 1;
        draft.time_out = 100;
    });
    let support = desk.campaign(|draft| {
        draft.agent_cap = 1;
        draft.max_chats = 2;
        draft.time_out = 100;
    });
    let [ana] = desk.agents(sales);
    let [_ben] = desk.agents(support);
    desk.arrive(sales, 1);
    let moved = desk.arrive(sales, 2);
    desk.pass(60);
    let current = desk.arrive(support, 3);
    let other = desk.arrive(support, 4);
    let ask = |chat| SupervisorCommand::Move { chat, to: support };
    desk.supervisor(ana, ask(moved));
    let counters = |desk: &Desk, id| desk.engine.view().campaign(id).unwrap().counters.clone();
    let left = counters(&desk, sales);
    assert_eq!((left.offered, left.flowed_out, left.waiting), (2, 1, 0));
    let joined = counters(&desk, support);
    assert_eq!((joined.offered, joined.waiting), (3, 2));
    let view = desk.engine.view();
    assert_eq!(
        view.waiting(support).collect::<Vec<_>>(),
        [moved, other],
        "its first enqueue puts it ahead"
    );
    assert_eq!(view.visitor_chat(moved).unwrap().campaign, support);
    assert_eq!(
        view.chat_of(VisitorKey(2), sales),
        Some(moved),
        "a reload finds it"
    );
    let again = desk.handle(Command::Supervisor {
        agent: ana,
        ask: ask(moved),
    });
    assert_eq!(again.unwrap_err().code(), "destination_closed");
    let late = desk.arrive(sales, 5);
    let full = desk.handle(Command::Supervisor {
        agent: ana,
        ask: ask(late),
    });
    assert_eq!(full.unwrap_err().code(), "destination_closed");
    desk.pass(50);
    desk.finish(current);
    let answer = desk.engine.view().campaign(support).unwrap().times.answer;
    assert_eq!(answer, tally(&[0, 50]), "counted from the move on");
    let taken = desk.handle(Command::Supervisor {
        agent: ana,
        ask: SupervisorCommand::Move {
            chat: moved,
            to: sales,
        },
    });
    assert_eq!(taken.unwrap_err().code(), "already_taken");
    assert_live_is_folded(&desk);
    desk.check();
}

/// The alarms that stand are those whose measure is on the wrong side of its threshold.
fn assert_alarms_fit(desk: &Desk) {
    for campaign in desk.engine.view().campaigns() {
        let alarms: Vec<Alarm> = desk.engine.view().alarms(campaign.id).collect();
        let acd = campaign
            .settings
            .acd
            .is_some_and(|acd| campaign.waiting >= acd.get());
        assert_eq!(alarms.contains(&Alarm::Acd), acd);
        let percent = campaign.service_level_today.percent();
        let low =
            percent.is_some_and(|percent| percent < u64::from(campaign.settings.target_percent));
        assert_eq!(alarms.contains(&Alarm::ServiceLevel), low);
        let chats = alarms
            .iter()
            .filter(|alarm| matches!(alarm, Alarm::TimeChat(_)));
        assert_eq!(chats.count(), campaign.over_time as usize);
    }
}

/// A busy stretch in which everything happens that the figures depend on.
fn turmoil(seed: u64) -> Desk {
    let mut dice = Dice(seed);
    let mut desk = Desk::new();
    let sales = desk.campaign(|draft| {
        draft.agent_cap = 2;
        draft.dropout = 8;
        draft.time_out = 120;
        draft.wrap_up = 10;
        draft.auto_finish = 40;
        draft.acd = 2;
        draft.time_chat = 30;
        draft.target_percent = 80;
    });
    let support = desk.campaign(|draft| {
        draft.agent_cap = 3;
        draft.offer_timeout = 10;
        draft.max_chats = 6;
        draft.on_agent_lost = "keep".into();
    });
    let mut agents = Vec::from(desk.agents::<3>(sales));
    agents.extend(desk.agents::<2>(support));
    for step in 0..600_u32 {
        desk.pass(dice.below(9) as i64);
        let campaign = [sales, support][dice.below(2)];
        let agent = agents[dice.below(agents.len())];
        let chats: Vec<ChatId> = desk.engine.view().chats().collect();
        let chat = chats.get(dice.below(chats.len().max(1))).copied();
        let owner = chat.and_then(|chat| desk.engine.view().agent_chat(chat)?.owner);
        let speaker = owner.unwrap_or(agent);
        let reason = || "break".into();
        let by = |agent, ask| Command::Agent { agent, ask };
        let command = match (dice.below(26), chat) {
            (0..6, _) | (_, None) => {
                desk.request(campaign, u128::from(step));
                continue;
            }
            (6 | 7, Some(chat)) => by(
                speaker,
                AgentCommand::Close {
                    chat,
                    disposition: None,
                },
            ),
            (8 | 9, Some(chat)) => by(
                speaker,
                AgentCommand::Write {
                    chat,
                    key: format!("{step}").into(),
                    text: "Hello".into(),
                },
            ),
            (10, Some(chat)) => by(
                speaker,
                AgentCommand::Transfer {
                    chat,
                    to: Destination::Agent(agent),
                },
            ),
            (11, Some(chat)) => by(
                speaker,
                AgentCommand::Transfer {
                    chat,
                    to: Destination::Campaign(campaign),
                },
            ),
            (12, Some(chat)) => by(speaker, AgentCommand::Invite { chat, agent }),
            (13, Some(chat)) => by(speaker, AgentCommand::Leave { chat }),
            (14, Some(chat)) => by(agent, AgentCommand::Accept { chat }),
            (15, Some(chat)) => by(agent, AgentCommand::Take { chat }),
            (16, Some(chat)) => Command::Supervisor {
                agent,
                ask: SupervisorCommand::TakeOver { chat },
            },
            (24 | 25, Some(chat)) => Command::Supervisor {
                agent,
                ask: SupervisorCommand::Move { chat, to: campaign },
            },
            (17, _) => by(agent, AgentCommand::SignOut { force: true }),
            (18, _) => by(agent, AgentCommand::SignIn { session: 1 }),
            (19, _) => by(agent, AgentCommand::Pause { reason: reason() }),
            (20, _) => by(agent, AgentCommand::Resume),
            (21, _) => match dice.below(3) {
                0 => by(agent, AgentCommand::Disconnect),
                1 => by(agent, AgentCommand::OnCall { on: step % 2 == 0 }),
                _ => Command::Host(HostCommand::OtherLoad {
                    agent,
                    interactions: step % 2,
                }),
            },
            (22, Some(chat)) => Command::Visitor(VisitorCommand::InChat {
                visitor: desk.engine.view().visitor_of(chat).unwrap(),
                chat,
                ask: [VisitorAsk::Disconnect, VisitorAsk::Connect][dice.below(2)].clone(),
            }),
            (_, Some(chat)) => Command::Visitor(VisitorCommand::InChat {
                visitor: desk.engine.view().visitor_of(chat).unwrap(),
                chat,
                ask: VisitorAsk::Leave,
            }),
        };
        // Much of it makes no sense, which is as it is.
        let _ = desk.handle(command);
        if dice.below(100) == 0 {
            desk.edit(sales, |settings| {
                settings.answer_within = Seconds::new(step % 30);
                settings.dropout = Seconds::new(step % 7);
            });
        }
    }
    desk
}

#[test]
fn live_figures_are_those_of_the_journal_whatever_happens() {
    let mut kinds = std::collections::BTreeSet::new();
    for seed in 1..40 {
        let desk = turmoil(seed);
        assert_live_is_folded(&desk);
        assert_alarms_fit(&desk);
        desk.check();
        for recorded in desk.outbox.events() {
            let line = serde_json::to_value(recorded).unwrap();
            kinds.insert(line["event"].as_str().unwrap().to_owned());
        }
    }
    for kind in [
        "alarm_raised",
        "alarm_cleared",
        "chat_moved",
        "chat_returned",
        "participant_left",
        "wrap_up_ended",
        "transfer_started",
        "agent_lost",
        "visitor_lost",
        "offer_ended",
        "chat_refused",
    ] {
        assert!(kinds.contains(kind), "{kind} was never met");
    }
}

#[test]
fn intervals_add_up_to_the_whole() {
    for seed in 1..10 {
        let desk = turmoil(seed);
        let mut dice = Dice(seed);
        let mut cuts = vec![Timestamp::MIN, Timestamp::MAX];
        for _ in 0..5 {
            let at = START + dice.below((desk.now - START) as usize) as i64;
            cuts.push(Timestamp::from_millis(at));
        }
        cuts.sort();
        let parts: Vec<Fold> = cuts
            .windows(2)
            .map(|cut| {
                let interval = Interval {
                    from: cut[0],
                    to: cut[1],
                };
                fold(desk.outbox.events(), interval, Policy::default(), desk.now)
            })
            .collect();
        let whole = whole(&desk);
        for (id, total) in whole.campaigns() {
            let measured: Vec<CampaignMeasures> = parts
                .iter()
                .map(|part| part.campaign(id).cloned().unwrap_or_default())
                .collect();
            let mut waiting = 0;
            for one in &measured {
                assert_eq!(one.waiting_before, waiting);
                waiting = one.counters.waiting;
                let mut counters = one.counters.clone();
                counters.offered += one.waiting_before;
                assert!(counters.identity_holds());
            }
            let sum = |of: fn(&CampaignMeasures) -> u64| measured.iter().map(of).sum::<u64>();
            assert_eq!(sum(|one| one.counters.offered), total.counters.offered);
            assert_eq!(sum(|one| one.counters.answered), total.counters.answered);
            assert_eq!(sum(|one| one.counters.abandoned), total.counters.abandoned);
            assert_eq!(
                sum(|one| one.times.handle.millis),
                total.times.handle.millis
            );
            assert_eq!(sum(|one| one.times.answer.count), total.times.answer.count);
            assert_eq!(waiting, total.counters.waiting);
        }
        for (id, total) in whole.agents() {
            let work = |part: &Fold| part.agent(id).unwrap_or_default();
            let sum = |of: fn(Work) -> u64| parts.iter().map(|part| of(work(part))).sum::<u64>();
            assert_eq!(sum(|work| work.busy), total.busy);
            assert_eq!(sum(|work| work.ready), total.ready);
            assert_eq!(sum(|work| work.away), total.away);
            assert_eq!(sum(|work| work.chats), total.chats);
            assert_eq!(sum(|work| work.handle.count), total.handle.count);
        }
    }
}

#[test]
fn a_campaigns_shares_add_up_to_its_answers() {
    let desk = turmoil(3);
    let fold = whole(&desk);
    let answered = |campaign: CampaignId| {
        let shares = fold.agents().map(|(agent, _)| fold.share(campaign, agent));
        shares.map(|share| share.answered).sum::<u64>()
    };
    for (id, measures) in fold.campaigns() {
        assert_eq!(answered(id), measures.counters.answered);
    }
    let any = |event: &Event| matches!(event, Event::ChatAssigned { .. });
    let events = desk.outbox.events();
    assert!(events.iter().any(|recorded| any(&recorded.event)));
}
