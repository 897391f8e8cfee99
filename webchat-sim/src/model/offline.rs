//! Offline messages: taken once, sent until a mail server has them or says it never will.

use std::sync::Arc;

use webchat_core::campaign::{EmailRule, OfflineForm};
use webchat_core::command::OfflineRequest;
use webchat_core::event::Event;
use webchat_core::field;
use webchat_core::limits;
use webchat_core::mail::{ANSWER_WITHIN, ATTEMPTS, MailId, MailOutcome, retry_after};
use webchat_core::offline::{OWED, OfflineMessage, PER_CAMPAIGN_AND_HOUR, PER_VISITOR_AND_HOUR};
use webchat_core::rejection::Rejection;

use super::visitors::{facts, too_many};
use super::{Answer, Halt, Model};
use crate::violation::Verdict;

const HOUR: i64 = 3_600_000;

impl Model<'_> {
    /// Takes a message while the campaign is closed, or also when it is open if the campaign allows the form
    /// for those turned away.
    pub(super) fn leave_offline_message(
        &mut self,
        request: &OfflineRequest,
    ) -> Result<Answer, Halt> {
        let campaign = self.known_campaign(request.campaign)?;
        let settings = &campaign.settings;
        if !settings.allowed_domains.permits(request.origin.as_ref()) {
            return Err(Rejection::DomainNotAllowed.into());
        }
        let key = field::key(&request.key).map_err(Rejection::InvalidField)?;
        let text =
            field::text(&request.text, limits::TEXT_CHARS).map_err(Rejection::InvalidField)?;
        let here = || {
            let recent = self.picture.recent.iter();
            recent.filter(|message| message.campaign == request.campaign)
        };
        let own = || here().filter(|message| message.visitor == request.visitor);
        if let Some(first) = own().find(|message| message.key == key) {
            return match first.text == text {
                true => Ok(Answer::Offline(first.id)),
                false => Err(Rejection::ConflictingKey(key.to_string()).into()),
            };
        }
        let address = match &settings.offline {
            OfflineForm::On {
                address,
                also_when_full,
            } if !campaign.open || *also_when_full => address.clone(),
            _ => return Err(Rejection::OfflineFormClosed(request.campaign).into()),
        };
        // Without an address nobody could answer.
        let facts = facts(&request.form, EmailRule::Required, settings.extra.as_ref())?;
        if self.picture.owed.len() >= OWED {
            return Err(too_many("offline messages owed").into());
        }
        let fresh = |message: &&Arc<OfflineMessage>| self.now.since(message.at) < HOUR;
        let oldest = if own().filter(fresh).count() >= PER_VISITOR_AND_HOUR {
            own().find(fresh)
        } else if here().filter(fresh).count() >= PER_CAMPAIGN_AND_HOUR {
            here().find(fresh)
        } else {
            None
        };
        if let Some(oldest) = oldest {
            let left = HOUR - self.now.since(oldest.at);
            return Err(Rejection::TooFast {
                what: "offline messages",
                seconds: (left as u32).div_ceil(1_000),
            }
            .into());
        }
        let language = request.language;
        let message = Arc::new(OfflineMessage {
            id: MailId(self.picture.mails + 1),
            campaign: request.campaign,
            visitor: request.visitor,
            key,
            at: self.now,
            address,
            language: language.unwrap_or(settings.wording.default_language),
            facts,
            text,
        });
        let id = message.id;
        self.emit(Event::OfflineMessageLeft { message })?;
        Ok(Answer::Offline(id))
    }

    /// It is time to send a message, or its mailer has not answered.
    pub(super) fn mail_due(&mut self, message: MailId) -> Verdict {
        match self.picture.owed[&message].sending {
            true => self.fail_mail(message, "no answer", false),
            false => self.emit(Event::MailTried {
                message,
                answer_by: self.now.after(ANSWER_WITHIN),
            }),
        }
    }

    pub(super) fn mail_answered(
        &mut self,
        message: MailId,
        outcome: &MailOutcome,
    ) -> Result<Answer, Halt> {
        let debt = self.picture.owed.get(&message);
        let debt = debt.ok_or(Rejection::UnknownMessage(message))?;
        let (sending, dead) = (debt.sending, debt.due.is_none());
        match outcome {
            MailOutcome::Delivered => self.emit(Event::MailDelivered { message })?,
            // An answer that comes late neither counts as an attempt nor revives what was given up.
            MailOutcome::Temporary(error) if sending => self.fail_mail(message, error, false)?,
            MailOutcome::Permanent(error) if !dead => self.fail_mail(message, error, true)?,
            MailOutcome::Temporary(_) | MailOutcome::Permanent(_) => {}
        }
        Ok(Answer::Done)
    }

    fn fail_mail(&mut self, message: MailId, error: &str, for_good: bool) -> Verdict {
        let attempts = self.picture.owed[&message].attempts;
        let again = !for_good && attempts < ATTEMPTS;
        let retry_at = again.then(|| self.now.after_millis(retry_after(message, attempts)));
        self.emit(Event::MailFailed {
            message,
            error: error.into(),
            retry_at,
        })
    }

    pub(super) fn resend_mail(&mut self, message: MailId) -> Result<Answer, Halt> {
        let debt = self.picture.owed.get(&message);
        if !debt.ok_or(Rejection::UnknownMessage(message))?.sending {
            self.emit(Event::MailRevived { message })?;
        }
        Ok(Answer::Done)
    }

    /// After a restart no mailer is at work: what was being sent is due at once.
    pub(super) fn lose_mailer(&mut self) -> Verdict {
        let owed = self.picture.owed.iter();
        let sending: Vec<MailId> = owed
            .filter(|(_, debt)| debt.sending)
            .map(|(id, _)| *id)
            .collect();
        for message in sending {
            self.emit(Event::MailFailed {
                message,
                error: "interrupted".into(),
                retry_at: Some(self.now),
            })?;
        }
        Ok(())
    }
}
