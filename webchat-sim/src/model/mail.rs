//! Mail that is owed: sent until a mail server has it or says it never will.

use webchat_core::event::Event;
use webchat_core::mail::{ANSWER_WITHIN, ATTEMPTS, Mail, MailId, MailOutcome, retry_after};
use webchat_core::rejection::Rejection;

use super::{Answer, Halt, Model};
use crate::picture::DebtPicture;
use crate::violation::Verdict;

impl Model<'_> {
    /// It is time to send a mail, or its mailer has not answered.
    pub(super) fn mail_due(&mut self, message: MailId) -> Verdict {
        let debt = &self.picture.owed[&message];
        match debt.sending {
            true => self.fail_mail(message, "no answer", false),
            false if self.is_out_of_date(&debt.mail) => self.emit(Event::MailForgotten { message }),
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
        let debt = debt.ok_or(Rejection::UnknownMessage(message))?;
        if !debt.sending && !self.is_held(debt) {
            self.emit(Event::MailRevived { message })?;
        }
        Ok(Answer::Done)
    }

    pub(super) fn forget_mail(&mut self, message: MailId) -> Result<Answer, Halt> {
        let debt = self.picture.owed.get(&message);
        let debt = debt.ok_or(Rejection::UnknownMessage(message))?;
        if debt.due.is_some() || self.is_held(debt) {
            return Err(Rejection::MailNotDead(message).into());
        }
        self.emit(Event::MailForgotten { message })?;
        Ok(Answer::Done)
    }

    /// A copy of a chat that has not ended is not whole yet.
    fn is_held(&self, debt: &DebtPicture) -> bool {
        match &debt.mail {
            Mail::Transcript(transcript) => self.picture.chats.contains_key(&transcript.chat),
            Mail::Offline(_) | Mail::Notice(_) => false,
        }
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
