//! How events change the mails owed.

use std::sync::Arc;

use crate::id::{ChatId, VisitorKey};
use crate::mail::{Delivery, Mail, MailId, Obligation};
use crate::notice::Notice;
use crate::offline::OfflineMessage;
use crate::state::derive::mail_timer;
use crate::state::{CopyAsked, Noticed, RecentOffline, RecentTranscript, State};
use crate::time::Timestamp;
use crate::transcript::Transcript;

use super::content_hash;

/// A number that stands for an address, however its letters are written.
pub(crate) fn address_hash(address: &str) -> u64 {
    content_hash(&address.to_lowercase())
}

impl State {
    /// The number the next mail gets.
    pub(crate) fn next_mail(&self) -> MailId {
        MailId(self.mails + 1)
    }

    /// What is owed of one kind of mail, by number.
    pub(crate) fn owed_of(
        &self,
        kind: impl Fn(&Mail) -> bool,
    ) -> impl Iterator<Item = &Obligation> {
        self.owed.values().filter(move |debt| kind(&debt.mail))
    }

    pub(super) fn owe_offline(&mut self, at: Timestamp, message: &Arc<OfflineMessage>) {
        const HOUR: i64 = 3_600_000;
        while self
            .offline_recent
            .front()
            .is_some_and(|oldest| at.since(oldest.at) >= HOUR)
        {
            self.offline_recent.pop_front();
        }
        self.offline_recent.push_back(RecentOffline {
            id: message.id,
            at,
            campaign: message.campaign,
            visitor: message.visitor,
            key: message.key.clone(),
            content: content_hash(&message.text),
        });
        self.owe(Mail::Offline(message.clone()), Delivery::Due(at));
    }

    pub(super) fn owe_transcript(&mut self, at: Timestamp, transcript: &Arc<Transcript>) {
        const HOUR: i64 = 3_600_000;
        let recent = &mut self.transcripts_recent;
        while recent
            .front()
            .is_some_and(|oldest| at.since(oldest.at) >= HOUR)
        {
            recent.pop_front();
        }
        let to = address_hash(&transcript.address);
        recent.push_back(RecentTranscript {
            at,
            campaign: transcript.campaign,
            visitor: transcript.visitor,
            to,
        });
        let copy = CopyAsked {
            mail: transcript.id,
            to,
        };
        let delivery = match self.chat_mut(transcript.chat) {
            Some(chat) => {
                chat.copies.push(copy);
                Delivery::Held
            }
            None => {
                if let Some(ended) = self.ended_mut(transcript.chat) {
                    ended.copies.push(copy);
                }
                Delivery::Due(at)
            }
        };
        self.owe(Mail::Transcript(transcript.clone()), delivery);
    }

    pub(super) fn owe_notice(&mut self, due: Timestamp, notice: &Arc<Notice>) {
        if let Some(campaign) = self.campaign_mut(notice.campaign) {
            let noticed = campaign.noticed.entry(notice.alarm.kind());
            let noticed = noticed.or_insert(Noticed {
                at: due,
                standing: None,
            });
            noticed.standing = notice.raised.map(|_| notice.alarm);
            if notice.raised.is_some() {
                noticed.at = due;
            }
        }
        self.owe(Mail::Notice(notice.clone()), Delivery::Due(due));
    }

    pub(super) fn owe(&mut self, mail: Mail, delivery: Delivery) {
        let id = mail.id();
        self.mails = id.0;
        let debt = Obligation {
            mail,
            attempts: 0,
            delivery,
            last_error: None,
        };
        let timer = mail_timer(&debt);
        self.index.timers.extend(timer);
        self.owed.insert(id, debt);
    }

    /// Forgets the mail of a visitor, as if it had never been asked for.
    pub(super) fn forget_mail_of(&mut self, visitor: VisitorKey) {
        self.offline_recent
            .retain(|recent| recent.visitor != visitor);
        let left = |debt: &Obligation| match &debt.mail {
            Mail::Offline(message) => message.visitor == visitor,
            Mail::Transcript(transcript) => transcript.visitor == visitor,
            Mail::Notice(_) => false,
        };
        let gone = self.owed.iter().filter(|(_, debt)| left(debt));
        let gone: Vec<MailId> = gone.map(|(id, _)| *id).collect();
        for id in gone {
            self.settle_debt(id);
        }
    }

    /// Forgets the transcripts of erased chats, as if nobody had asked for them.
    pub(super) fn forget_transcripts(&mut self, chats: &[ChatId]) {
        self.transcripts_recent.clear();
        let of_them = |debt: &Obligation| match &debt.mail {
            Mail::Transcript(transcript) => chats.contains(&transcript.chat),
            Mail::Offline(_) | Mail::Notice(_) => false,
        };
        let gone = self.owed.iter().filter(|(_, debt)| of_them(debt));
        let gone: Vec<MailId> = gone.map(|(id, _)| *id).collect();
        for id in gone {
            self.settle_debt(id);
        }
    }

    /// A mail is owed no longer.
    pub(super) fn settle_debt(&mut self, id: MailId) {
        self.change_debt(id, |debt| debt.delivery = Delivery::Dead);
        self.owed.remove(&id);
    }

    /// Changes an obligation and its timer.
    pub(super) fn change_debt(&mut self, id: MailId, change: impl FnOnce(&mut Obligation)) {
        let Some(debt) = self.owed.get_mut(&id) else {
            return;
        };
        let before = mail_timer(debt);
        change(debt);
        let after = mail_timer(debt);
        if let Some(before) = before {
            self.index.timers.remove(&before);
        }
        self.index.timers.extend(after);
    }
}
