//! Offline messages reach their address, or stay visible; they are never silently dropped.

#![allow(clippy::unwrap_used)] // a test may fail

use std::sync::Arc;

use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{Command, HostCommand, OfflineRequest, VisitorCommand, VisitorForm};
use webchat_core::effect::{Effect, Receipt};
use webchat_core::erasure::Erased;
use webchat_core::id::{CampaignId, VisitorKey};
use webchat_core::mail::{Delivery, MailId, MailOutcome};
use webchat_core::rejection::Rejection;
use webchat_core::schedule::{ScheduleDraft, Zones};
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox};

const START: i64 = 1_790_000_000_000;

/// A tenant whose only campaign never opens and takes offline messages.
struct Desk {
    engine: Engine,
    outbox: Outbox,
    now: i64,
}

impl Desk {
    fn new() -> Self {
        let mut draft = CampaignDraft::named("Ventas");
        draft.schedule = ScheduleDraft::weekly("America/Montevideo");
        draft.offline_message = true;
        draft.offline_address = "ventas@example.com".into();
        let (campaign, _) = draft.check(&Zones::bundled()).unwrap();
        let engine = Engine::new(Zones::bundled());
        let mut desk = Self {
            engine,
            outbox: Outbox::default(),
            now: START,
        };
        desk.host(HostCommand::create_campaign(campaign)).unwrap();
        desk
    }

    fn handle(&mut self, command: Command) -> Result<Receipt, Rejection> {
        let now = Timestamp::from_millis(self.now);
        let answer = self.engine.handle(now, command, &mut self.outbox);
        let mut copy = Engine::new(Zones::bundled());
        copy.replay(self.outbox.events());
        assert_eq!(copy.digest(), self.engine.digest());
        let restored = Engine::restore(&self.engine.snapshot(), Zones::bundled()).unwrap();
        assert_eq!(restored.digest(), self.engine.digest());
        assert_eq!(restored.poll_timeout(), self.engine.poll_timeout());
        answer
    }

    fn host(&mut self, command: HostCommand) -> Result<Receipt, Rejection> {
        self.handle(Command::Host(command))
    }

    fn leave(&mut self, visitor: u128, key: &str, text: &str) -> Result<Receipt, Rejection> {
        let form = VisitorForm {
            email: Some("ana@example.org".into()),
            ..VisitorForm::default()
        };
        self.handle(Command::Visitor(VisitorCommand::LeaveOfflineMessage(
            Box::new(OfflineRequest {
                visitor: VisitorKey(visitor),
                campaign: CampaignId(1),
                origin: None,
                language: Some("pt".parse().unwrap()),
                key: key.into(),
                form,
                text: text.into(),
            }),
        )))
    }

    /// Moves the clock and returns the numbers of the messages handed to the mailer meanwhile.
    fn mailed_after(&mut self, seconds: i64) -> Vec<u64> {
        self.outbox.release();
        self.now += seconds * 1000;
        self.host(HostCommand::Tick).unwrap();
        let mails = self.outbox.release().filter_map(|effect| match effect {
            Effect::Mail { mail } => Some(mail.id().0),
            _ => None,
        });
        mails.collect()
    }

    fn answer(&mut self, message: u64, outcome: MailOutcome) {
        let message = MailId(message);
        self.host(HostCommand::MailAnswered { message, outcome })
            .unwrap();
    }

    fn delivery(&self, message: u64) -> Option<Delivery> {
        let mut owed = self.engine.view().owed();
        owed.find(|debt| debt.mail.id().0 == message)
            .map(|debt| debt.delivery)
    }
}

fn temporary() -> MailOutcome {
    MailOutcome::Temporary(Arc::from("451 try later"))
}

#[test]
fn a_message_is_owed_until_a_server_takes_it_and_retried_later_and_later() {
    let mut desk = Desk::new();
    assert_eq!(desk.leave(1, "k", "Olá"), Ok(Receipt::Offline(MailId(1))));
    let first = desk
        .outbox
        .release()
        .any(|effect| matches!(effect, Effect::Mail { .. }));
    assert!(first, "handed to the mailer in the same step");
    desk.answer(1, temporary());
    assert_eq!(desk.mailed_after(20), Vec::<u64>::new());
    assert_eq!(desk.mailed_after(10), [1]);
    desk.answer(1, temporary());
    assert_eq!(desk.mailed_after(40), Vec::<u64>::new());
    assert_eq!(desk.mailed_after(20), [1]);
    desk.answer(1, MailOutcome::Delivered);
    assert_eq!(desk.delivery(1), None);
    assert_eq!(desk.mailed_after(1_000_000), Vec::<u64>::new());
}

#[test]
fn a_repeat_is_the_same_message_and_other_content_is_refused() {
    let mut desk = Desk::new();
    assert_eq!(desk.leave(1, "k", "Olá"), Ok(Receipt::Offline(MailId(1))));
    assert_eq!(desk.leave(1, "k", "Olá"), Ok(Receipt::Offline(MailId(1))));
    assert_eq!(
        desk.leave(1, "k", "Oi"),
        Err(Rejection::ConflictingKey("k".into()))
    );
    assert_eq!(desk.engine.view().owed().count(), 1);
}

#[test]
fn a_mailer_that_never_answers_is_asked_again_and_a_restart_asks_at_once() {
    let mut desk = Desk::new();
    desk.leave(1, "k", "Olá").unwrap();
    assert_eq!(desk.mailed_after(299), Vec::<u64>::new());
    assert_eq!(desk.mailed_after(1), Vec::<u64>::new());
    assert_eq!(desk.mailed_after(30), [1]);
    desk.outbox.release();
    desk.host(HostCommand::ConnectionsLost).unwrap();
    let again = desk
        .outbox
        .release()
        .any(|effect| matches!(effect, Effect::Mail { .. }));
    assert!(again);
}

#[test]
fn a_message_refused_for_good_stays_visible_and_can_be_sent_again() {
    let mut desk = Desk::new();
    desk.leave(1, "k", "Olá").unwrap();
    desk.answer(1, MailOutcome::Permanent("550 no such user".into()));
    assert_eq!(desk.delivery(1), Some(Delivery::Dead));
    assert_eq!(desk.mailed_after(1_000_000), Vec::<u64>::new());
    desk.host(HostCommand::ResendMail { message: MailId(1) })
        .unwrap();
    assert_eq!(
        desk.outbox
            .release()
            .filter(|effect| matches!(effect, Effect::Mail { .. }))
            .count(),
        1
    );
    desk.answer(1, MailOutcome::Delivered);
    assert_eq!(desk.delivery(1), None);
}

#[test]
fn an_answer_that_comes_late_neither_counts_nor_revives_what_was_given_up() {
    let mut desk = Desk::new();
    desk.leave(1, "k", "Olá").unwrap();
    assert_eq!(desk.mailed_after(300), Vec::<u64>::new());
    let due_again = desk.delivery(1);
    assert!(matches!(due_again, Some(Delivery::Due(_))));
    desk.answer(1, temporary());
    assert_eq!(desk.delivery(1), due_again);
    desk.answer(1, MailOutcome::Permanent("550 no such user".into()));
    assert_eq!(desk.delivery(1), Some(Delivery::Dead));
    desk.answer(1, temporary());
    assert_eq!(desk.delivery(1), Some(Delivery::Dead));
    desk.answer(1, MailOutcome::Delivered);
    assert_eq!(desk.delivery(1), None);
}

#[test]
fn a_message_that_waits_for_its_next_attempt_can_be_sent_now() {
    let mut desk = Desk::new();
    desk.leave(1, "k", "Olá").unwrap();
    let resend = HostCommand::ResendMail { message: MailId(1) };
    desk.outbox.release();
    desk.host(resend.clone()).unwrap();
    assert_eq!(desk.mailed_after(0), Vec::<u64>::new(), "it is being sent");
    desk.answer(1, temporary());
    desk.outbox.release();
    desk.host(resend).unwrap();
    let mails = desk
        .outbox
        .release()
        .filter(|effect| matches!(effect, Effect::Mail { .. }));
    assert_eq!(mails.count(), 1);
    desk.answer(1, MailOutcome::Delivered);
    assert_eq!(desk.mailed_after(1_000_000), Vec::<u64>::new());
}

#[test]
fn nobody_can_bury_an_address_under_mail() {
    let mut desk = Desk::new();
    let taken = (0..10_000)
        .filter(|n| desk_leave_quietly(&mut desk, 1, *n))
        .count();
    assert_eq!(taken, 5);
    assert_eq!(
        desk.leave(1, "late", "Olá"),
        Err(Rejection::TooFast {
            what: "offline messages",
            seconds: 3_600
        })
    );
    assert_eq!(desk.leave(2, "k", "Olá"), Ok(Receipt::Offline(MailId(6))));
    desk.now += 3_600_000;
    assert_eq!(
        desk.leave(1, "late", "Olá"),
        Ok(Receipt::Offline(MailId(7)))
    );
}

/// Leaves a message without the costly checks after each step.
fn desk_leave_quietly(desk: &mut Desk, visitor: u128, n: u32) -> bool {
    let form = VisitorForm {
        email: Some("ana@example.org".into()),
        ..VisitorForm::default()
    };
    let request = OfflineRequest {
        visitor: VisitorKey(visitor),
        campaign: CampaignId(1),
        origin: None,
        language: None,
        key: n.to_string().into(),
        form,
        text: "Olá".into(),
    };
    let command = Command::Visitor(VisitorCommand::LeaveOfflineMessage(Box::new(request)));
    desk.engine
        .handle(Timestamp::from_millis(desk.now), command, &mut desk.outbox)
        .is_ok()
}

#[test]
fn an_open_campaign_takes_none_unless_it_says_so_and_an_address_to_answer_is_needed() {
    let mut desk = Desk::new();
    let mut draft = CampaignDraft::named("Ventas");
    draft.offline_message = true;
    draft.offline_address = "ventas@example.com".into();
    let change = |draft: &CampaignDraft| HostCommand::ChangeCampaign {
        campaign: CampaignId(1),
        settings: Box::new(draft.check(&Zones::bundled()).unwrap().0),
        seen: None,
        by: None,
    };
    desk.host(change(&draft)).unwrap();
    assert_eq!(
        desk.leave(1, "k", "Olá"),
        Err(Rejection::OfflineFormClosed(CampaignId(1)))
    );
    draft.offline_when_full = true;
    desk.host(change(&draft)).unwrap();
    assert_eq!(desk.leave(1, "k", "Olá"), Ok(Receipt::Offline(MailId(1))));
    let request = OfflineRequest {
        visitor: VisitorKey(3),
        campaign: CampaignId(1),
        origin: None,
        language: None,
        key: "k".into(),
        form: VisitorForm::default(),
        text: "Olá".into(),
    };
    let command = Command::Visitor(VisitorCommand::LeaveOfflineMessage(Box::new(request)));
    assert_eq!(desk.handle(command).unwrap_err().code(), "invalid_field");
}

#[test]
fn what_a_visitor_left_is_owed_no_longer_once_it_is_erased() {
    let mut desk = Desk::new();
    desk.leave(1, "k", "Olá").unwrap();
    desk.leave(2, "k", "Oi").unwrap();
    desk.answer(1, temporary());
    let erase = HostCommand::Erase {
        chats: Vec::new(),
        visitor: Some(VisitorKey(1)),
        by: "ada".into(),
    };
    desk.host(erase).unwrap();
    assert_eq!(desk.delivery(1), None);
    assert!(desk.delivery(2).is_some());
    let late = HostCommand::MailAnswered {
        message: MailId(1),
        outcome: MailOutcome::Delivered,
    };
    assert_eq!(desk.host(late).unwrap_err().code(), "unknown_message");

    let mut erased = Erased::default();
    erased.mails.insert(MailId(1));
    let mut journal = desk.outbox.events().to_vec();
    for recorded in &mut journal {
        erased.bury(&mut recorded.event);
    }
    let words = serde_json::to_string(&journal).unwrap();
    assert!(!words.contains("Olá") && words.contains("Oi") && !words.contains("451"));
    let mut copy = Engine::new(Zones::bundled());
    copy.replay(&journal);
    assert_eq!(copy.digest(), desk.engine.digest());
}
