//! How events change the mails owed.

use std::sync::Arc;

use crate::id::VisitorKey;
use crate::mail::{Delivery, Mail, MailId, Obligation};
use crate::offline::OfflineMessage;
use crate::state::derive::mail_timer;
use crate::state::{RecentOffline, State};
use crate::time::Timestamp;

use super::content_hash;

impl State {
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

    /// Forgets the offline messages of a visitor, as if they had never been left.
    pub(super) fn forget_offline(&mut self, visitor: VisitorKey) {
        self.offline_recent
            .retain(|recent| recent.visitor != visitor);
        let left = |debt: &Obligation| match &debt.mail {
            Mail::Offline(message) => message.visitor == visitor,
        };
        let gone = self.owed.iter().filter(|(_, debt)| left(debt));
        let gone: Vec<MailId> = gone.map(|(id, _)| *id).collect();
        for id in gone {
            self.change_debt(id, |debt| debt.delivery = Delivery::Dead);
            self.owed.remove(&id);
        }
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
