//! Offline messages: receiving them, and seeing to it that each reaches its address.

use std::sync::Arc;

use crate::campaign::{EmailRule, OfflineForm};
use crate::command::OfflineRequest;
use crate::effect::Receipt;
use crate::event::{Event, VisitorFacts};
use crate::field;
use crate::limits;
use crate::offline::{
    ANSWER_WITHIN, ATTEMPTS, Delivery, MailOutcome, OWED, OfflineId, OfflineMessage,
    PER_CAMPAIGN_AND_HOUR, PER_VISITOR_AND_HOUR, retry_after,
};
use crate::outbox::Outbox;
use crate::rejection::Rejection;
use crate::state::content_hash;
use crate::time::Timestamp;

use super::Engine;

impl Engine {
    /// Takes a message while the campaign is closed, or also when it is open if the campaign allows the
    /// form for those turned away.
    pub(super) fn leave_offline_message(
        &mut self,
        at: Timestamp,
        request: OfflineRequest,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let campaign = self.known_campaign(request.campaign)?;
        let settings = campaign.settings.clone();
        if !settings.allowed_domains.permits(request.origin.as_ref()) {
            return Err(Rejection::DomainNotAllowed);
        }
        let key = field::key(&request.key).map_err(Rejection::InvalidField)?;
        let text =
            field::text(&request.text, limits::TEXT_CHARS).map_err(Rejection::InvalidField)?;
        if let Some(first) = self.state.offline_recent.iter().find(|recent| {
            recent.visitor == request.visitor
                && recent.campaign == request.campaign
                && recent.key == key
        }) {
            return match first.content == content_hash(&text) {
                true => Ok(Receipt::Offline(first.id)),
                false => Err(Rejection::ConflictingKey(key.to_string())),
            };
        }
        let address = match &settings.offline {
            OfflineForm::On {
                address,
                also_when_full,
            } if !campaign.open || *also_when_full => address.clone(),
            _ => return Err(Rejection::OfflineFormClosed(request.campaign)),
        };
        let facts = VisitorFacts {
            // Without an address nobody could answer.
            email: field::email(request.form.email.as_deref(), EmailRule::Required)
                .map_err(Rejection::InvalidField)?,
            ..self.visitor_facts(campaign, &request.form)?
        };
        self.check_pace(at, &request)?;
        let message = Arc::new(OfflineMessage {
            id: OfflineId(self.state.offline_received + 1),
            campaign: request.campaign,
            visitor: request.visitor,
            key,
            at,
            address,
            language: request
                .language
                .unwrap_or(settings.wording.default_language),
            facts,
            text,
        });
        let id = message.id;
        self.emit(at, Event::OfflineMessageLeft { message }, outbox);
        Ok(Receipt::Offline(id))
    }

    /// Nobody can bury an address under mail. Limits: [`crate::offline`].
    fn check_pace(&self, at: Timestamp, request: &OfflineRequest) -> Result<(), Rejection> {
        const HOUR: i64 = 3_600_000;
        if self.state.owed.len() >= OWED {
            return Err(Rejection::Limit {
                what: "offline messages owed",
                max: OWED as u64,
            });
        }
        let recent = || {
            let fresh = self
                .state
                .offline_recent
                .iter()
                .filter(|recent| at.since(recent.at) < HOUR);
            fresh.filter(|recent| recent.campaign == request.campaign)
        };
        let of_visitor = recent().filter(|recent| recent.visitor == request.visitor);
        let oldest = match (of_visitor.clone().count(), recent().count()) {
            (by_visitor, _) if by_visitor >= PER_VISITOR_AND_HOUR => {
                of_visitor.map(|recent| recent.at).next()
            }
            (_, in_all) if in_all >= PER_CAMPAIGN_AND_HOUR => {
                recent().map(|recent| recent.at).next()
            }
            _ => return Ok(()),
        };
        let left = oldest.map_or(0, |oldest| HOUR - at.since(oldest));
        let seconds = u32::try_from((left + 999) / 1000).unwrap_or(3_600);
        Err(Rejection::TooFast {
            what: "offline messages",
            seconds,
        })
    }

    /// It is time to send a message, or its mailer has not answered.
    pub(super) fn mail_due(&mut self, now: Timestamp, message: OfflineId, outbox: &mut Outbox) {
        match self.state.owed.get(&message).map(|debt| debt.delivery) {
            Some(Delivery::Due(_)) => {
                let answer_by = now.after(ANSWER_WITHIN);
                self.emit(now, Event::OfflineMailTried { message, answer_by }, outbox);
            }
            Some(Delivery::Sending(_)) => {
                self.fail_mail(now, message, "no answer".into(), false, outbox)
            }
            Some(Delivery::Dead) | None => {}
        }
    }

    pub(super) fn mail_answered(
        &mut self,
        at: Timestamp,
        message: OfflineId,
        outcome: MailOutcome,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        let Some(debt) = self.state.owed.get(&message) else {
            return Err(Rejection::UnknownMessage(message));
        };
        match (outcome, debt.delivery) {
            (MailOutcome::Delivered, _) => {
                self.emit(at, Event::OfflineMailDelivered { message }, outbox)
            }
            // An answer that comes late neither counts as an attempt nor revives what was given up.
            (MailOutcome::Temporary(_), Delivery::Due(_) | Delivery::Dead)
            | (MailOutcome::Permanent(_), Delivery::Dead) => {}
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
        message: OfflineId,
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
            Event::OfflineMailFailed {
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
        message: OfflineId,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        match self.state.owed.get(&message).map(|debt| debt.delivery) {
            Some(Delivery::Dead | Delivery::Due(_)) => {
                self.emit(at, Event::OfflineMailRevived { message }, outbox);
            }
            Some(Delivery::Sending(_)) => {}
            None => return Err(Rejection::UnknownMessage(message)),
        }
        Ok(())
    }

    /// After a restart no mailer is at work: what was being sent is due at once.
    pub(super) fn lose_mailer(&mut self, at: Timestamp, outbox: &mut Outbox) {
        let sending = self
            .state
            .owed
            .values()
            .filter(|debt| matches!(debt.delivery, Delivery::Sending(_)));
        let sending: Vec<OfflineId> = sending.map(|debt| debt.message.id).collect();
        for message in sending {
            let event = Event::OfflineMailFailed {
                message,
                error: "interrupted".into(),
                retry_at: Some(at),
            };
            self.emit(at, event, outbox);
        }
    }
}
