//! Mail that is owed, and what is erased.

use webchat_core::event::Event;
use webchat_core::id::{CampaignId, ChatId};
use webchat_core::mail::{Mail, MailId};
use webchat_core::time::Timestamp;

use super::{ChatPicture, Picture, unknown};
use crate::violation::{Verdict, Violation, expect};

/// Offline messages are recognised and counted for so many milliseconds.
const HOUR: i64 = 3_600_000;

/// A mail that is owed.
#[derive(Clone, Debug)]
pub struct DebtPicture {
    /// What is owed.
    pub mail: Mail,
    /// When it is due: to be sent, or its answer; `None` when it was given up.
    pub due: Option<Timestamp>,
    /// With the mailer.
    pub sending: bool,
    /// Attempts so far.
    pub attempts: u32,
}

impl Picture {
    /// Folds what becomes of mail and recordings.
    pub(super) fn fold_mail(&mut self, at: Timestamp, event: &Event) -> Verdict {
        match event {
            Event::OfflineMessageLeft { message } => {
                self.recent.retain(|other| at.since(other.at) < HOUR);
                self.recent.push(message.clone());
                self.owe(Mail::Offline(message.clone()), Some(at))?;
            }
            Event::TranscriptAsked { transcript } => {
                let live = self.chats.contains_key(&transcript.chat);
                self.copies.push(transcript.clone());
                self.copies_recent.push(transcript.clone());
                let due = (!live).then_some(at);
                self.owe(Mail::Transcript(transcript.clone()), due)?;
            }
            Event::NoticeOwed { notice, due } => {
                if let Some(campaign) = self.campaigns.get_mut(&notice.campaign) {
                    let noticed = campaign.noticed.entry(notice.alarm.kind());
                    let noticed = noticed.or_insert((*due, None));
                    noticed.1 = notice.raised.map(|_| notice.alarm);
                    if notice.raised.is_some() {
                        noticed.0 = *due;
                    }
                }
                self.owe(Mail::Notice(notice.clone()), Some(*due))?;
            }
            Event::MailForgotten { message } => {
                let debt = self.debt_mut(*message)?;
                let at_rest = !debt.sending;
                self.owed.remove(message);
                expect(at_rest, "a mail on its way is not forgotten", || {
                    format!("mail {message}")
                })?;
            }
            Event::MailTried { message, answer_by } => {
                let debt = self.debt_mut(*message)?;
                let ready = !debt.sending && debt.due.is_some_and(|due| due <= at);
                debt.sending = true;
                debt.due = Some(*answer_by);
                debt.attempts += 1;
                expect(ready, "a mail is sent when it is due", || {
                    format!("mail {message} at {at}")
                })?;
            }
            Event::MailDelivered { message } => {
                self.debt_mut(*message)?;
                self.owed.remove(message);
            }
            Event::MailFailed {
                message, retry_at, ..
            } => {
                let debt = self.debt_mut(*message)?;
                let was_sent = std::mem::replace(&mut debt.sending, false);
                let gives_up = retry_at.is_none() && debt.due.is_some();
                debt.due = *retry_at;
                // A late answer may still say that it never will arrive.
                expect(
                    was_sent || gives_up,
                    "only a mail that was sent fails",
                    || format!("mail {message}"),
                )?;
            }
            Event::MailRevived { message } => {
                let debt = self.debt_mut(*message)?;
                let at_rest = !debt.sending;
                debt.due = Some(at);
                debt.attempts = 0;
                expect(at_rest, "a mail on its way is not sent twice", || {
                    format!("mail {message}")
                })?;
            }
            Event::RecordingsErased { chats, visitor, .. } => {
                let live = |(id, chat): (&ChatId, &ChatPicture)| {
                    chats.contains(id) || Some(chat.visitor) == *visitor
                };
                let nothing_live = !self.chats.iter().any(live);
                for chat in chats {
                    if let Some(ended) = self.ended.get_mut(chat) {
                        ended.feedback_until = None;
                    }
                    self.forget_address(*chat);
                    self.owed.retain(|_, debt| match &debt.mail {
                        Mail::Transcript(transcript) => transcript.chat != *chat,
                        Mail::Offline(_) | Mail::Notice(_) => true,
                    });
                }
                self.copies_recent.clear();
                if let Some(visitor) = visitor {
                    self.recent.retain(|message| message.visitor != *visitor);
                    self.owed.retain(|_, debt| match &debt.mail {
                        Mail::Offline(message) => message.visitor != *visitor,
                        Mail::Transcript(transcript) => transcript.visitor != *visitor,
                        Mail::Notice(_) => true,
                    });
                    let theirs = self.ended.iter();
                    let theirs = theirs.filter(|(_, ended)| ended.visitor == *visitor);
                    for chat in theirs.map(|(id, _)| *id).collect::<Vec<_>>() {
                        self.forget_address(chat);
                    }
                }
                expect(nothing_live, "no live chat is erased", || {
                    format!("{chats:?} of {visitor:?}")
                })?;
            }
            _ => {}
        }
        Ok(())
    }

    fn owe(&mut self, mail: Mail, due: Option<Timestamp>) -> Verdict {
        self.mails += 1;
        let id = mail.id();
        let debt = DebtPicture {
            mail,
            due,
            sending: false,
            attempts: 0,
        };
        self.owed.insert(id, debt);
        expect(id.0 == self.mails, "mails are numbered", || {
            format!("{id} after {}", self.mails - 1)
        })
    }

    /// What a campaign kept long enough goes, and with it the addresses of its transcripts.
    pub(super) fn forget_addresses(&mut self, campaign: CampaignId, before: Timestamp) {
        let old = self.ended.iter();
        let old = old.filter(|(_, ended)| ended.campaign == campaign && ended.at < before);
        for chat in old.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.forget_address(chat);
        }
        self.copies_recent.clear();
    }

    /// Nothing is left that tells who the visitor of an ended chat was.
    fn forget_address(&mut self, chat: ChatId) {
        if let Some(ended) = self.ended.get_mut(&chat) {
            ended.email = None;
        }
        self.copies.retain(|copy| copy.chat != chat);
    }

    fn debt_mut(&mut self, id: MailId) -> Result<&mut DebtPicture, Violation> {
        self.owed
            .get_mut(&id)
            .ok_or_else(|| unknown(format!("mail {id}")))
    }
}
