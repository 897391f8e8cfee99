//! Word of alarms by mail: to each address once an hour and measure, while the alarm stands.

use std::sync::Arc;

use webchat_core::event::{Alarm, AlarmKind, Event};
use webchat_core::id::CampaignId;
use webchat_core::mail::{Mail, MailId};
use webchat_core::notice::{Notice, OWED, PAUSE, Raised};

use super::Model;
use crate::violation::Verdict;

impl Model<'_> {
    /// An alarm is raised or cleared, and those who want to know are told.
    pub(super) fn alarm(&mut self, event: Event) -> Verdict {
        let (id, alarm, raised) = match &event {
            Event::AlarmRaised {
                campaign,
                alarm,
                limit,
                reached,
                ..
            } => {
                let (limit, reached) = (*limit, *reached);
                (*campaign, *alarm, Some(Raised { limit, reached }))
            }
            Event::AlarmCleared { campaign, alarm } => (*campaign, *alarm, None),
            _ => return self.emit(event),
        };
        self.emit(event)?;
        let Some(campaign) = self.picture.campaigns.get(&id) else {
            return Ok(());
        };
        let notices = campaign.settings.notices.clone();
        let last = campaign.noticed.get(&alarm.kind()).copied();
        let due = match last {
            Some((told, _)) if told > self.now => told,
            Some((told, _)) => told.after(PAUSE).max(self.now),
            None => self.now,
        };
        let told = last.is_some_and(|(_, standing)| standing == Some(alarm));
        for address in &notices.addresses {
            let waiting = self.notices(id, alarm.kind(), address);
            match raised {
                Some(_) => {
                    let will_tell = |(_, tells, due): &(MailId, bool, bool)| *tells && *due;
                    if !waiting.iter().any(will_tell) {
                        self.forget(&waiting)?;
                        self.owe_notice(due, id, alarm, raised, address)?;
                    }
                }
                None if self.stands(id, alarm.kind()) => {}
                None => {
                    self.forget(&waiting)?;
                    if notices.cleared && told && waiting.is_empty() {
                        self.owe_notice(self.now, id, alarm, None, address)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What is owed to an address about a measure and not with the mailer: the mail, whether it tells of a raised
    /// alarm, whether it was not given up.
    fn notices(
        &self,
        campaign: CampaignId,
        kind: AlarmKind,
        address: &str,
    ) -> Vec<(MailId, bool, bool)> {
        let owed = self.picture.owed.iter().filter(|(_, debt)| !debt.sending);
        let owed = owed.filter_map(|(id, debt)| match &debt.mail {
            Mail::Notice(notice) => Some((*id, notice, debt.due.is_some())),
            Mail::Offline(_) | Mail::Transcript(_) => None,
        });
        let about = owed.filter(|(_, notice, _)| {
            let same = notice.campaign == campaign && notice.alarm.kind() == kind;
            same && &*notice.address == address
        });
        about
            .map(|(id, notice, due)| (id, notice.raised.is_some(), due))
            .collect()
    }

    fn forget(&mut self, mails: &[(MailId, bool, bool)]) -> Verdict {
        for (message, ..) in mails {
            let message = *message;
            self.emit(Event::MailForgotten { message })?;
        }
        Ok(())
    }

    fn owe_notice(
        &mut self,
        due: webchat_core::time::Timestamp,
        campaign: CampaignId,
        alarm: Alarm,
        raised: Option<Raised>,
        address: &Arc<str>,
    ) -> Verdict {
        let owed = self.picture.owed.values();
        let owed = owed.filter(|debt| matches!(debt.mail, Mail::Notice(_)));
        if owed.count() >= OWED {
            return Ok(());
        }
        let notice = Arc::new(Notice {
            id: MailId(self.picture.mails + 1),
            campaign,
            alarm,
            raised,
            at: self.now,
            address: address.clone(),
        });
        self.emit(Event::NoticeOwed { notice, due })
    }

    /// A notice says that an alarm stands that does not.
    pub(super) fn is_out_of_date(&self, mail: &Mail) -> bool {
        match mail {
            Mail::Notice(notice) => {
                notice.raised.is_some() && !self.stands(notice.campaign, notice.alarm.kind())
            }
            Mail::Offline(_) | Mail::Transcript(_) => false,
        }
    }

    fn stands(&self, id: CampaignId, kind: AlarmKind) -> bool {
        let Some(campaign) = self.picture.campaigns.get(&id) else {
            return false;
        };
        match kind {
            AlarmKind::ServiceLevel => campaign.service_level_alarm.is_some(),
            AlarmKind::Acd => campaign.acd_alarm,
            AlarmKind::TimeChat => {
                let mut chats = self.picture.chats.values();
                chats.any(|chat| chat.campaign == id && chat.over_time.is_some())
            }
        }
    }
}
