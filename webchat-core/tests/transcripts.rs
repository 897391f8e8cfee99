//! A visitor who asks gets a copy of the conversation by mail, once and whole; nobody else can be made to get one.

#![allow(clippy::unwrap_used)] // a test may fail

#[allow(dead_code)] // the other tests use the rest
#[path = "measures/desk.rs"]
mod desk;

use desk::Desk;
use webchat_core::command::{AgentCommand, Command, HostCommand, VisitorAsk, VisitorCommand};
use webchat_core::effect::{Effect, Receipt};
use webchat_core::id::{CampaignId, ChatId, VisitorKey};
use webchat_core::mail::{Delivery, Mail, MailId, MailOutcome};
use webchat_core::rejection::Rejection;

const HOUR: i64 = 3_600;

/// A campaign that mails transcripts, with an agent who takes every chat.
fn desk() -> (Desk, CampaignId) {
    let mut desk = Desk::new();
    let campaign = desk.campaign(|draft| {
        draft.transcript_by_mail = true;
        draft.agent_cap = 0;
        draft.default_language = "es".into();
    });
    let [_ana] = desk.agents(campaign);
    (desk, campaign)
}

fn ask(
    desk: &mut Desk,
    visitor: u128,
    chat: ChatId,
    email: Option<&str>,
) -> Result<Receipt, Rejection> {
    let email = email.map(str::to_owned);
    let answer = desk.handle(Command::Visitor(VisitorCommand::InChat {
        visitor: VisitorKey(visitor),
        chat,
        ask: VisitorAsk::Transcript { email },
    }));
    desk.check();
    answer
}

fn owed_to(address: &str, mail: u64, at_end: bool) -> Result<Receipt, Rejection> {
    Ok(Receipt::Transcript {
        mail: MailId(mail),
        address: address.into(),
        at_end,
    })
}

/// The chats whose transcripts were handed to the mailer since this was last asked, and where they go.
fn mailed(desk: &mut Desk) -> Vec<(ChatId, String)> {
    let mails = desk.outbox.release().filter_map(|effect| match effect {
        Effect::Mail {
            mail: Mail::Transcript(transcript),
        } => Some((transcript.chat, transcript.address.to_string())),
        _ => None,
    });
    mails.collect()
}

fn arrive(desk: &mut Desk, campaign: CampaignId, visitor: u128, email: Option<&str>) -> ChatId {
    let receipt = desk.request_with(campaign, visitor, |request| {
        request.form.email = email.map(str::to_owned);
    });
    match receipt {
        Receipt::Chat(view) => view.chat,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_copy_of_an_ended_chat_is_mailed_at_once_and_a_repeat_is_the_same_mail() {
    let (mut desk, campaign) = desk();
    let chat = arrive(&mut desk, campaign, 1, Some("ana@example.org"));
    desk.finish(chat);
    assert_eq!(
        ask(&mut desk, 1, chat, None),
        owed_to("ana@example.org", 1, false)
    );
    assert_eq!(mailed(&mut desk), [(chat, "ana@example.org".to_owned())]);
    // Written otherwise, the address is the same.
    let again = ask(&mut desk, 1, chat, Some(" Ana@Example.org "));
    assert_eq!(again, owed_to("Ana@Example.org", 1, false));
    assert_eq!(mailed(&mut desk), []);
    let answer = |outcome| HostCommand::MailAnswered {
        message: MailId(1),
        outcome,
    };
    desk.host(answer(MailOutcome::Temporary("451 later".into())));
    desk.pass(60);
    assert_eq!(mailed(&mut desk), [(chat, "ana@example.org".to_owned())]);
    desk.host(answer(MailOutcome::Delivered));
    assert_eq!(desk.engine.view().owed().count(), 0);
    assert_eq!(
        ask(&mut desk, 1, chat, None),
        owed_to("ana@example.org", 1, false)
    );
    assert_eq!(mailed(&mut desk), [], "settled stays settled");
}

#[test]
fn a_copy_asked_for_in_a_live_chat_is_mailed_when_that_ends() {
    let (mut desk, campaign) = desk();
    let chat = arrive(&mut desk, campaign, 1, None);
    assert_eq!(
        ask(&mut desk, 1, chat, None).unwrap_err().code(),
        "invalid_field",
        "the form had no address"
    );
    assert_eq!(
        ask(&mut desk, 1, chat, Some("no address"))
            .unwrap_err()
            .code(),
        "invalid_field"
    );
    let asked = ask(&mut desk, 1, chat, Some("ana@example.org"));
    assert_eq!(asked, owed_to("ana@example.org", 1, true));
    assert_eq!(mailed(&mut desk), []);
    let owed: Vec<Delivery> = desk
        .engine
        .view()
        .owed()
        .map(|debt| debt.delivery)
        .collect();
    assert_eq!(owed, [Delivery::Held]);
    desk.host(HostCommand::ResendMail { message: MailId(1) });
    assert_eq!(mailed(&mut desk), [], "it is not whole yet");
    desk.finish(chat);
    assert_eq!(mailed(&mut desk), [(chat, "ana@example.org".to_owned())]);
    desk.check();
}

#[test]
fn only_the_visitor_of_a_chat_an_agent_was_in_gets_a_copy_and_only_where_the_campaign_says_so() {
    let (mut desk, campaign) = desk();
    let chat = arrive(&mut desk, campaign, 1, Some("ana@example.org"));
    let stranger = ask(&mut desk, 2, chat, Some("eve@example.org"));
    assert_eq!(stranger, Err(Rejection::UnknownChat(chat)));
    desk.edit(campaign, |settings| settings.transcript_by_mail = false);
    let refused = Err(Rejection::TranscriptNotOpen(chat));
    assert_eq!(ask(&mut desk, 1, chat, None), refused);
    desk.edit(campaign, |settings| settings.transcript_by_mail = true);
    desk.finish(chat);
    let stranger = ask(&mut desk, 2, chat, Some("eve@example.org"));
    assert_eq!(stranger, Err(Rejection::UnknownChat(chat)));
    assert_eq!(
        ask(&mut desk, 1, chat, None),
        owed_to("ana@example.org", 1, false)
    );

    let ana = desk.engine.view().agents().next().unwrap().id;
    let pause = AgentCommand::Pause {
        reason: "lunch".into(),
    };
    desk.agent(ana, pause).unwrap();
    let alone = arrive(&mut desk, campaign, 3, Some("luz@example.org"));
    let refused = Err(Rejection::TranscriptNotOpen(alone));
    assert_eq!(ask(&mut desk, 3, alone, None), refused, "it only waits");
    desk.leave(alone);
    assert_eq!(ask(&mut desk, 3, alone, None), refused);
}

#[test]
fn nobody_can_bury_an_address_under_transcripts() {
    let (mut desk, campaign) = desk();
    let chat = arrive(&mut desk, campaign, 1, None);
    desk.finish(chat);
    for n in 1..=3 {
        let address = format!("a{n}@example.org");
        assert_eq!(
            ask(&mut desk, 1, chat, Some(&address)),
            owed_to(&address, n, false)
        );
    }
    assert_eq!(
        ask(&mut desk, 1, chat, Some("a4@example.org"))
            .unwrap_err()
            .code(),
        "limit"
    );
    // Five an hour of one visitor, whatever the chat.
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        let chat = arrive(&mut desk, campaign, 1, Some("me@example.org"));
        desk.finish(chat);
        outcomes.push(ask(&mut desk, 1, chat, None).map_err(|refused| refused.code()));
    }
    assert!(outcomes[0].is_ok() && outcomes[1].is_ok());
    assert_eq!(outcomes[2], Err("too_fast"));
    // Five an hour to one address, whoever asks.
    let mut taken = 0;
    let mut last = None;
    for visitor in 10..200 {
        let chat = arrive(&mut desk, campaign, visitor, Some("victim@example.org"));
        desk.finish(chat);
        let upper = ask(&mut desk, visitor, chat, Some("Victim@example.org"));
        taken += usize::from(upper.is_ok());
        last = Some((visitor, chat, upper));
    }
    assert_eq!(taken, 5);
    let (visitor, chat, upper) = last.unwrap();
    let too_fast = Rejection::TooFast {
        what: "transcripts",
        seconds: 3_600,
    };
    assert_eq!(upper, Err(too_fast));
    desk.pass(HOUR);
    assert!(ask(&mut desk, visitor, chat, None).is_ok());
}

#[test]
fn a_mail_that_was_given_up_can_be_forgotten_for_good() {
    let (mut desk, campaign) = desk();
    let chat = arrive(&mut desk, campaign, 1, Some("typo@example.org"));
    desk.finish(chat);
    ask(&mut desk, 1, chat, None).unwrap();
    let forget = Command::Host(HostCommand::ForgetMail { message: MailId(1) });
    assert_eq!(
        desk.handle(forget.clone()),
        Err(Rejection::MailNotDead(MailId(1)))
    );
    desk.host(HostCommand::MailAnswered {
        message: MailId(1),
        outcome: MailOutcome::Permanent("550 no such user".into()),
    });
    assert_eq!(desk.handle(forget.clone()), Ok(Receipt::Done));
    assert_eq!(desk.engine.view().owed().count(), 0);
    assert_eq!(
        desk.handle(forget),
        Err(Rejection::UnknownMessage(MailId(1)))
    );
    desk.pass(HOUR);
    desk.check();
}

#[test]
fn addresses_that_do_not_exist_never_fill_the_room_for_others() {
    let (mut desk, campaign) = desk();
    let most = webchat_core::transcript::OWED as u64;
    let mut visitor = 0;
    let mut given_up = |desk: &mut Desk, count: u64| {
        for _ in 0..count {
            visitor += 1;
            if visitor % 400 == 0 {
                desk.pass(HOUR);
                desk.outbox.clear();
            }
            let email = format!("typo{visitor}@example.org");
            let chat = arrive(desk, campaign, visitor, Some(&email));
            desk.finish(chat);
            let command = Command::Visitor(VisitorCommand::InChat {
                visitor: VisitorKey(visitor),
                chat,
                ask: VisitorAsk::Transcript { email: None },
            });
            let Ok(Receipt::Transcript { mail, .. }) = desk.handle(command) else {
                panic!("transcript {visitor} is not taken");
            };
            desk.host(HostCommand::MailAnswered {
                message: mail,
                outcome: MailOutcome::Permanent("550 no such user".into()),
            });
        }
    };
    given_up(&mut desk, most);
    assert_eq!(desk.engine.view().owed().count() as u64, most);
    given_up(&mut desk, 2);
    let view = desk.engine.view();
    let mut owed = view.owed().map(|debt| debt.mail.id());
    assert_eq!(owed.next(), Some(MailId(3)), "the oldest made room");
    assert_eq!(owed.count() as u64 + 1, most);
}
