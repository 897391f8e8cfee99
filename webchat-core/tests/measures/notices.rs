//! Supervisors are told of alarms by mail where the campaign asks for it, and never buried under it.

use webchat_core::campaign::CampaignDraft;
use webchat_core::command::HostCommand;
use webchat_core::effect::Effect;
use webchat_core::event::{Alarm, Event};
use webchat_core::id::ChatId;
use webchat_core::mail::{Mail, MailId, MailOutcome};

use crate::desk::Desk;

const HOUR: i64 = 3_600;

/// ACD at two waiting, told to two supervisors.
fn told_of_acd(draft: &mut CampaignDraft) {
    draft.agent_cap = 1;
    draft.acd = 2;
    draft.notice_addresses = vec!["ana@example.com".into(), "luz@example.com".into()];
}

/// The notices handed to the mailer since this was last asked; a mail server takes them.
fn mailed(desk: &mut Desk) -> Vec<String> {
    let told: Vec<(MailId, String)> = desk
        .outbox
        .release()
        .filter_map(|effect| match effect {
            Effect::Mail {
                mail: Mail::Notice(notice),
            } => {
                let alarm = match notice.alarm {
                    Alarm::ServiceLevel => "service level",
                    Alarm::TimeChat(_) => "time chat",
                    Alarm::Acd => "acd",
                };
                let how = match notice.raised {
                    Some(raised) => format!("{}/{}", raised.reached, raised.limit),
                    None => "over".into(),
                };
                Some((notice.id, format!("{alarm} {how} to {}", notice.address)))
            }
            _ => None,
        })
        .collect();
    for (message, _) in &told {
        desk.host(HostCommand::MailAnswered {
            message: *message,
            outcome: MailOutcome::Delivered,
        });
    }
    desk.check();
    told.into_iter().map(|(_, line)| line).collect()
}

/// Two more wait, so that ACD is raised.
fn crowd(desk: &mut Desk, campaign: webchat_core::id::CampaignId, from: u128) -> [ChatId; 2] {
    [from, from + 1].map(|visitor| desk.arrive(campaign, visitor))
}

fn leave(desk: &mut Desk, chats: [ChatId; 2]) {
    for chat in chats {
        desk.leave(chat);
    }
}

#[test]
fn each_address_is_told_of_an_alarm_and_by_wish_that_it_is_over() {
    let mut desk = Desk::new();
    let quiet = desk.campaign(|draft| {
        told_of_acd(draft);
        draft.notice_addresses.clear();
    });
    let campaign = desk.campaign(told_of_acd);
    let thorough = desk.campaign(|draft| {
        told_of_acd(draft);
        draft.notice_cleared = true;
    });
    for (campaign, raised, over) in [
        (quiet, vec![], vec![]),
        (
            campaign,
            vec!["acd 2/2 to ana@example.com", "acd 2/2 to luz@example.com"],
            vec![],
        ),
        (
            thorough,
            vec!["acd 2/2 to ana@example.com", "acd 2/2 to luz@example.com"],
            vec!["acd over to ana@example.com", "acd over to luz@example.com"],
        ),
    ] {
        let [_agent] = desk.agents(campaign);
        desk.arrive(campaign, 1);
        let [second, _] = crowd(&mut desk, campaign, 2);
        assert_eq!(mailed(&mut desk), raised);
        desk.leave(second);
        assert_eq!(mailed(&mut desk), over);
    }
    assert_eq!(desk.engine.view().owed().count(), 0);
}

#[test]
fn an_alarm_that_comes_and_goes_is_told_once_an_hour_and_only_while_it_stands() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| {
        told_of_acd(draft);
        draft.notice_addresses.truncate(1);
        draft.notice_cleared = true;
        draft.auto_finish = 0;
    });
    let [_agent] = desk.agents(campaign);
    desk.arrive(campaign, 1);
    for minute in 0..30 {
        let waiting = crowd(&mut desk, campaign, 100 + 2 * minute);
        desk.pass(30);
        leave(&mut desk, waiting);
        desk.pass(30);
        let expected: &[&str] = match minute {
            0 => &["acd 2/2 to ana@example.com", "acd over to ana@example.com"],
            _ => &[],
        };
        assert_eq!(mailed(&mut desk), expected, "minute {minute}");
    }
    // Half an hour later it is raised to stay: told when the hour is over.
    let waiting = crowd(&mut desk, campaign, 500);
    desk.pass(HOUR / 2 - 1);
    assert_eq!(mailed(&mut desk), [""; 0]);
    desk.pass(1);
    assert_eq!(mailed(&mut desk), ["acd 2/2 to ana@example.com"]);
    leave(&mut desk, waiting);
    assert_eq!(mailed(&mut desk), ["acd over to ana@example.com"]);
    // Raised and over within the pause: nobody hears of it.
    let waiting = crowd(&mut desk, campaign, 600);
    desk.pass(60);
    leave(&mut desk, waiting);
    desk.pass(2 * HOUR);
    assert_eq!(mailed(&mut desk), [""; 0]);
    assert_eq!(desk.engine.view().owed().count(), 0);
}

#[test]
fn a_chat_over_its_time_is_told_once_an_hour_whichever_chat_it_is() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| {
        draft.agent_cap = 0;
        draft.time_chat = 600;
        draft.notice_addresses = vec!["ana@example.com".into()];
    });
    let [_agent] = desk.agents(campaign);
    let chats: Vec<ChatId> = (1..=20)
        .map(|visitor| desk.arrive(campaign, visitor))
        .collect();
    desk.pass(600);
    assert_eq!(mailed(&mut desk), ["time chat 600/600 to ana@example.com"]);
    assert_eq!(
        desk.engine.view().owed().count(),
        1,
        "the next one, in an hour"
    );
    let (last, rest) = chats.split_last().unwrap();
    for chat in rest {
        desk.finish(*chat);
    }
    desk.pass(HOUR);
    assert_eq!(
        mailed(&mut desk),
        ["time chat 600/600 to ana@example.com"],
        "one is left"
    );
    desk.arrive(campaign, 21);
    desk.pass(600);
    desk.finish(*last);
    let newest = desk.engine.view().chats().next().unwrap();
    desk.finish(newest);
    desk.pass(2 * HOUR);
    assert_eq!(mailed(&mut desk), [""; 0], "all have ended meanwhile");
    assert_eq!(desk.engine.view().owed().count(), 0);
}

#[test]
fn notices_that_do_not_arrive_do_not_gather() {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| {
        told_of_acd(draft);
        draft.auto_finish = 0;
    });
    let [_agent] = desk.agents(campaign);
    desk.arrive(campaign, 1);
    for hour in 0..20 {
        let waiting = crowd(&mut desk, campaign, 100 + 2 * hour);
        let sent = desk.outbox.release().filter_map(|effect| match effect {
            Effect::Mail { mail } => Some(mail.id()),
            _ => None,
        });
        for message in sent.collect::<Vec<_>>() {
            desk.host(HostCommand::MailAnswered {
                message,
                outcome: MailOutcome::Permanent("550 no such user".into()),
            });
        }
        assert_eq!(desk.engine.view().owed().count(), 2, "hour {hour}");
        leave(&mut desk, waiting);
        assert_eq!(desk.engine.view().owed().count(), 0, "hour {hour}");
        desk.pass(HOUR);
    }
    let told =
        |event: &&webchat_core::event::Recorded| matches!(event.event, Event::NoticeOwed { .. });
    assert_eq!(desk.news().iter().filter(told).count(), 40);
}
