//! Alarms tell supervisors about a threshold, once per crossing, and change nothing else.

use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{AgentCommand, Destination, SupervisorCommand};
use webchat_core::effect::Effect;
use webchat_core::event::{Alarm, Event};
use webchat_core::id::CampaignId;
use webchat_core::schedule::{Calendar, ScheduleDraft, Zones};
use webchat_core::time::{Seconds, Timestamp};

use crate::desk::Desk;

const HOUR: i64 = 3_600;

/// The alarms raised and cleared since last asked, each with seconds since `start`.
fn alarms(desk: &mut Desk, start: i64) -> Vec<String> {
    let told = desk
        .outbox
        .release()
        .filter(|effect| matches!(effect, Effect::Alarm { .. }));
    let told = told.count();
    let lines: Vec<String> = desk
        .news()
        .iter()
        .filter_map(|recorded| {
            let at = (recorded.at.as_millis() - start) / 1_000;
            match &recorded.event {
                Event::AlarmRaised {
                    alarm,
                    limit,
                    reached,
                    due,
                    ..
                } => {
                    let due = due.map(|due| (due.as_millis() - start) / 1_000);
                    let due = due.map_or(String::new(), |due| format!(" due {due}"));
                    Some(format!(
                        "{at} {} raised {reached}/{limit}{due}",
                        name(alarm)
                    ))
                }
                Event::AlarmCleared { alarm, .. } => Some(format!("{at} {} cleared", name(alarm))),
                _ => None,
            }
        })
        .collect();
    assert_eq!(told, lines.len());
    desk.check();
    lines
}

fn name(alarm: &Alarm) -> String {
    match alarm {
        Alarm::ServiceLevel => "service level".into(),
        Alarm::TimeChat(chat) => format!("time chat {chat}"),
        Alarm::Acd => "acd".into(),
    }
}

fn standing(desk: &Desk, campaign: CampaignId) -> Vec<String> {
    let alarms = desk.engine.view().alarms(campaign);
    alarms.map(|alarm| name(&alarm)).collect()
}

fn one_chat_each(draft: &mut CampaignDraft) {
    draft.agent_cap = 1;
}

#[test]
fn acd_tells_when_the_number_waiting_crosses_it_up_and_down() {
    let mut desk = Desk::new();
    let start = desk.now;
    let campaign = desk.campaign(|draft| {
        one_chat_each(draft);
        draft.acd = 2;
    });
    let [_ana] = desk.agents(campaign);
    let first = desk.arrive(campaign, 1);
    let second = desk.arrive(campaign, 2);
    assert_eq!(alarms(&mut desk, start), [""; 0]);
    desk.pass(5);
    let third = desk.arrive(campaign, 3);
    assert_eq!(alarms(&mut desk, start), ["5 acd raised 2/2"]);
    assert_eq!(standing(&desk, campaign), ["acd"]);
    desk.pass(1);
    let fourth = desk.arrive(campaign, 4);
    desk.leave(third);
    assert_eq!(alarms(&mut desk, start), [""; 0], "three, then two wait");
    desk.leave(fourth);
    assert_eq!(alarms(&mut desk, start), ["6 acd cleared"]);
    desk.arrive(campaign, 5);
    assert_eq!(
        alarms(&mut desk, start),
        ["6 acd raised 2/2"],
        "each crossing counts"
    );
    desk.finish(first);
    assert_eq!(alarms(&mut desk, start), ["6 acd cleared"]);
    assert_eq!(standing(&desk, campaign), [""; 0]);
    assert!(
        desk.engine
            .view()
            .agent_chat(second)
            .unwrap()
            .owner
            .is_some()
    );
}

#[test]
fn acd_does_not_count_a_newcomer_who_goes_straight_to_an_agent() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| draft.acd = 1);
    let [_ana] = desk.agents(campaign);
    desk.arrive(campaign, 1);
    let start = desk.now;
    assert_eq!(alarms(&mut desk, start), [""; 0]);
}

#[test]
fn an_edit_of_acd_raises_and_clears_at_once() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(one_chat_each);
    let [_ana] = desk.agents(campaign);
    for visitor in 0..4 {
        desk.arrive(campaign, visitor);
    }
    let start = desk.now;
    desk.edit(campaign, |settings| {
        settings.acd = std::num::NonZeroU32::new(3)
    });
    assert_eq!(alarms(&mut desk, start), ["0 acd raised 3/3"]);
    desk.edit(campaign, |settings| {
        settings.acd = std::num::NonZeroU32::new(2)
    });
    assert_eq!(alarms(&mut desk, start), [""; 0], "it stands already");
    desk.edit(campaign, |settings| settings.acd = None);
    assert_eq!(alarms(&mut desk, start), ["0 acd cleared"]);
}

#[test]
fn many_time_outs_at_one_instant_clear_acd_once() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| {
        one_chat_each(draft);
        draft.acd = 3;
        draft.time_out = 60;
    });
    let [_ana] = desk.agents(campaign);
    let start = desk.now;
    for visitor in 0..8 {
        desk.arrive(campaign, visitor);
    }
    desk.pass(60);
    assert_eq!(
        alarms(&mut desk, start),
        ["0 acd raised 3/3", "60 acd cleared"]
    );
}

#[test]
fn time_chat_tells_once_for_each_chat_and_closes_nothing() {
    let mut desk = Desk::new();
    let start = desk.now;
    let campaign = desk.campaign(|draft| draft.time_chat = 600);
    let [_ana] = desk.agents(campaign);
    let first = desk.arrive(campaign, 1);
    desk.pass(100);
    let second = desk.arrive(campaign, 2);
    desk.pass(599);
    assert_eq!(
        alarms(&mut desk, start),
        ["600 time chat 0-1 raised 600/600 due 600"]
    );
    desk.pass(HOUR);
    assert_eq!(
        alarms(&mut desk, start),
        ["700 time chat 1-1 raised 600/600 due 700"]
    );
    assert_eq!(
        standing(&desk, campaign),
        ["time chat 0-1", "time chat 1-1"]
    );
    assert_eq!(desk.engine.view().campaign(campaign).unwrap().over_time, 2);
    desk.finish(first);
    assert_eq!(standing(&desk, campaign), ["time chat 1-1"]);
    assert_eq!(
        alarms(&mut desk, start),
        [""; 0],
        "the end of the chat says enough"
    );
    assert!(
        desk.engine
            .view()
            .agent_chat(second)
            .unwrap()
            .owner
            .is_some()
    );
}

#[test]
fn a_late_clock_raises_time_chat_with_both_instants() {
    let mut desk = Desk::new();
    let start = desk.now;
    let campaign = desk.campaign(|draft| draft.time_chat = 600);
    let [_ana] = desk.agents(campaign);
    desk.arrive(campaign, 1);
    desk.now += 900_000;
    desk.arrive(campaign, 2);
    assert_eq!(
        alarms(&mut desk, start),
        ["900 time chat 0-1 raised 900/600 due 600"]
    );
}

#[test]
fn time_chat_counts_on_through_a_hand_over_and_anew_after_the_queue() {
    let mut desk = Desk::new();
    let start = desk.now;
    let campaign = desk.campaign(|draft| draft.time_chat = 600);
    let [ana, ben] = desk.agents(campaign);
    let chat = desk.arrive(campaign, 1);
    desk.pass(500);
    desk.supervisor(ben, SupervisorCommand::TakeOver { chat });
    desk.pass(100);
    assert_eq!(
        alarms(&mut desk, start),
        ["600 time chat 0-1 raised 600/600 due 600"]
    );
    desk.agent(ana, AgentCommand::SignOut { force: false })
        .unwrap();
    desk.agent(ben, AgentCommand::SignOut { force: true })
        .unwrap();
    assert_eq!(standing(&desk, campaign), [""; 0]);
    desk.pass(50);
    desk.sign_in(ana);
    desk.pass(600);
    assert_eq!(
        alarms(&mut desk, start),
        ["1250 time chat 0-1 raised 600/600 due 1250"]
    );
}

#[test]
fn time_chat_counts_anew_in_another_campaign() {
    let mut desk = Desk::new();
    let start = desk.now;
    let sales = desk.campaign(|draft| draft.time_chat = 600);
    let support = desk.campaign(|draft| draft.time_chat = 300);
    let [ana] = desk.agents(sales);
    let [_ben] = desk.agents(support);
    let chat = desk.arrive(sales, 1);
    desk.pass(700);
    assert_eq!(alarms(&mut desk, start).len(), 1);
    let to = Destination::Campaign(support);
    desk.agent(ana, AgentCommand::Transfer { chat, to })
        .unwrap();
    assert_eq!(standing(&desk, sales), [""; 0]);
    desk.pass(300);
    assert_eq!(
        alarms(&mut desk, start),
        ["1000 time chat 0-1 raised 300/300 due 1000"]
    );
    assert_eq!(standing(&desk, support), ["time chat 0-1"]);
}

#[test]
fn an_edit_of_time_chat_keeps_what_still_holds_and_crosses_anew() {
    let mut desk = Desk::new();
    let start = desk.now;
    let campaign = desk.campaign(|draft| draft.time_chat = 600);
    let [_ana] = desk.agents(campaign);
    desk.arrive(campaign, 1);
    desk.pass(1_000);
    assert_eq!(
        alarms(&mut desk, start),
        ["600 time chat 0-1 raised 600/600 due 600"]
    );
    desk.edit(campaign, |settings| settings.time_chat = Seconds::new(500));
    assert_eq!(
        alarms(&mut desk, start),
        [""; 0],
        "it is over the shorter limit all the more"
    );
    desk.edit(campaign, |settings| {
        settings.time_chat = Seconds::new(1_200)
    });
    assert_eq!(alarms(&mut desk, start), ["1000 time chat 0-1 cleared"]);
    desk.pass(200);
    assert_eq!(
        alarms(&mut desk, start),
        ["1200 time chat 0-1 raised 1200/1200 due 1200"]
    );
    desk.edit(campaign, |settings| settings.time_chat = None);
    assert_eq!(alarms(&mut desk, start), ["1200 time chat 0-1 cleared"]);
    desk.pass(HOUR);
    desk.edit(campaign, |settings| settings.time_chat = Seconds::new(60));
    assert_eq!(
        alarms(&mut desk, start),
        ["4800 time chat 0-1 raised 4800/60 due 60"]
    );
}

#[test]
fn the_service_level_alarm_follows_todays_share_and_ends_at_midnight() {
    let mut desk = Desk::new();
    let start = desk.now;
    let campaign = desk.campaign(|draft| {
        one_chat_each(draft);
        draft.answer_within = 20;
        draft.target_percent = 80;
        draft.schedule.always = Some(true);
        draft.schedule.zone = "America/Montevideo".into();
    });
    let [_ana] = desk.agents(campaign);
    let mut open = desk.arrive(campaign, 0);
    for visitor in 1..4 {
        desk.finish(open);
        open = desk.arrive(campaign, visitor);
    }
    let late = desk.arrive(campaign, 10);
    desk.pass(21);
    desk.finish(open);
    assert_eq!(
        alarms(&mut desk, start),
        [""; 0],
        "4 of 5 is 80 percent, as wanted"
    );
    let later = desk.arrive(campaign, 11);
    desk.pass(21);
    desk.finish(late);
    assert_eq!(alarms(&mut desk, start), ["42 service level raised 66/80"]);
    open = later;
    for visitor in 20..24 {
        desk.finish(open);
        open = desk.arrive(campaign, visitor);
    }
    assert_eq!(
        alarms(&mut desk, start),
        ["42 service level cleared"],
        "8 of 10"
    );
    let last = desk.arrive(campaign, 30);
    desk.pass(30);
    desk.finish(open);
    assert_eq!(alarms(&mut desk, start), ["72 service level raised 72/80"]);
    desk.finish(last);
    desk.pass(24 * HOUR);
    let lines = alarms(&mut desk, start);
    assert_eq!(
        lines,
        ["50400 service level cleared"],
        "14 hours after ten in the morning"
    );
    desk.arrive(campaign, 31);
    assert_eq!(
        alarms(&mut desk, start),
        [""; 0],
        "yesterday's share is forgotten"
    );
}

#[test]
fn the_service_level_alarm_needs_a_limit_and_a_target() {
    let mut desk = Desk::new();
    let start = desk.now;
    let campaign = desk.campaign(|draft| {
        one_chat_each(draft);
        draft.answer_within = 0;
        draft.target_percent = 80;
    });
    let [_ana] = desk.agents(campaign);
    let first = desk.arrive(campaign, 0);
    let second = desk.arrive(campaign, 1);
    let third = desk.arrive(campaign, 2);
    desk.pass(100);
    desk.finish(first);
    desk.edit(campaign, |settings| {
        settings.answer_within = Seconds::new(20)
    });
    assert_eq!(
        alarms(&mut desk, start),
        [""; 0],
        "what was answered without a limit was not late"
    );
    desk.finish(second);
    assert_eq!(alarms(&mut desk, start), ["100 service level raised 0/80"]);
    desk.edit(campaign, |settings| settings.target_percent = 0);
    assert_eq!(alarms(&mut desk, start), ["100 service level cleared"]);
    desk.finish(third);
}

#[test]
fn the_service_level_alarm_ends_with_the_day_of_the_zone_the_campaign_moved_to() {
    let mut desk = Desk::new();
    let start = desk.now;
    let campaign = desk.campaign(|draft| {
        one_chat_each(draft);
        draft.answer_within = 20;
        draft.target_percent = 100;
        draft.schedule.always = Some(true);
        draft.schedule.zone = "America/Montevideo".into();
    });
    let [_ana] = desk.agents(campaign);
    let first = desk.arrive(campaign, 1);
    let second = desk.arrive(campaign, 2);
    desk.pass(21);
    desk.finish(first);
    desk.edit(campaign, |settings| {
        let madrid = ScheduleDraft {
            always: Some(true),
            zone: "Europe/Madrid".into(),
            ..ScheduleDraft::default()
        };
        settings.schedule = madrid.check(&Zones::bundled()).unwrap();
    });
    // The next answer belongs to the day as Madrid counts it, which is over before Montevideo's.
    desk.finish(second);
    let third = desk.arrive(campaign, 3);
    desk.finish(third);
    let madrid = Calendar::compile(
        &desk
            .engine
            .view()
            .campaign(campaign)
            .unwrap()
            .settings
            .schedule,
        &Zones::bundled(),
    );
    let midnight = madrid
        .unwrap()
        .next_midnight(Timestamp::from_millis(desk.now));
    desk.pass(24 * HOUR);
    let after = (midnight.as_millis() - start) / 1_000;
    assert_eq!(
        alarms(&mut desk, start),
        [
            "21 service level raised 50/100".to_owned(),
            format!("{after} service level cleared"),
        ]
    );
}
