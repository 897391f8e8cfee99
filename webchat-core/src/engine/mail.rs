//! Sees to it that each mail that is owed reaches its address, or stays visible.

use std::sync::Arc;

use crate::event::Event;
use crate::limits;
use crate::mail::{ANSWER_WITHIN, ATTEMPTS, Delivery, MailId, MailOutcome, retry_after};
use crate::outbox::Outbox;
use crate::rejection::Rejection;
use crate::time::Timestamp;

use super::Engine;

impl Engine {
    /// It is time to send a message, or its mailer has not answered.
    pub(super) fn mail_due(&mut self, now: Timestamp, message: MailId, outbox: &mut Outbox) {
        let debt = self.state.owed.get(&message);
        match debt.map(|debt| debt.delivery) {
            Some(Delivery::Due(_)) if debt.is_some_and(|debt| self.is_out_of_date(&debt.mail)) => {
                self.emit(now, Event::MailForgotten { message }, outbox);
            }
            Some(Delivery::Due(_)) => {
                let answer_by = now.after(ANSWER_WITHIN);
                self.emit(now, Event::MailTried { message, answer_by }, outbox);
            }
            Some(Delivery::Sending(_)) => {
                self.fail_mail(now, message, "no answer".into(), false, outbox)
            }
            Some(Delivery::Held | Delivery::Dead) | None => {}
        }
    }

    pub(super) fn mail_answered(
        &mut self,
        at: Timestamp,
        message: MailId,
        outcome: MailOutcome,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        let Some(debt) = self.state.owed.get(&message) else {
            return Err(Rejection::UnknownMessage(message));
        };
        match (outcome, debt.delivery) {
            (MailOutcome::Delivered, _) => self.emit(at, Event::MailDelivered { message }, outbox),
            // An answer that comes late neither counts as an attempt nor revives what was given up.
            (MailOutcome::Temporary(_), Delivery::Due(_) | Delivery::Held | Delivery::Dead)
            | (MailOutcome::Permanent(_), Delivery::Held | Delivery::Dead) => {}
            (MailOutcome::Temporary(error), Delivery::Sending(_)) => {
                self.fail_mail(at, message, error, false, outbox);
            }
            (MailOutcome::Permanent(error), _) => {
                self.fail_mail(at, message, error, true, outbox);
            }
        }
        Ok(())
    }

    fn fail_mail(
        &mut self,
        at: Timestamp,
        message: MailId,
        error: Arc<str>,
        for_good: bool,
        outbox: &mut Outbox,
    ) {
        let attempts = self
            .state
            .owed
            .get(&message)
            .map_or(0, |debt| debt.attempts);
        let over = for_good || attempts >= ATTEMPTS;
        let retry_at = (!over).then(|| at.after_millis(retry_after(message, attempts)));
        let error = error
            .chars()
            .take(limits::TEXT_CHARS)
            .collect::<String>()
            .into();
        self.emit(
            at,
            Event::MailFailed {
                message,
                error,
                retry_at,
            },
            outbox,
        );
    }

    pub(super) fn resend_mail(
        &mut self,
        at: Timestamp,
        message: MailId,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        match self.state.owed.get(&message).map(|debt| debt.delivery) {
            Some(Delivery::Dead | Delivery::Due(_)) => {
                self.emit(at, Event::MailRevived { message }, outbox);
            }
            Some(Delivery::Sending(_) | Delivery::Held) => {}
            None => return Err(Rejection::UnknownMessage(message)),
        }
        Ok(())
    }

    /// Nobody wants a mail sent any more that was given up.
    pub(super) fn forget_mail(
        &mut self,
        at: Timestamp,
        message: MailId,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        match self.state.owed.get(&message).map(|debt| debt.delivery) {
            Some(Delivery::Dead) => {
                self.emit(at, Event::MailForgotten { message }, outbox);
                Ok(())
            }
            Some(_) => Err(Rejection::MailNotDead(message)),
            None => Err(Rejection::UnknownMessage(message)),
        }
    }

    /// After a restart no mailer is at work: what was being sent is due at once.
    pub(super) fn lose_mailer(&mut self, at: Timestamp, outbox: &mut Outbox) {
        let sending = self
            .state
            .owed
            .values()
            .filter(|debt| matches!(debt.delivery, Delivery::Sending(_)));
        let sending: Vec<MailId> = sending.map(|debt| debt.mail.id()).collect();
        for message in sending {
            let event = Event::MailFailed {
                message,
                error: "interrupted".into(),
                retry_at: Some(at),
            };
            self.emit(at, event, outbox);
        }
    }
}
