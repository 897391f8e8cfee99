//! Word of alarms by mail, for supervisors. At most one in [`crate::notice::PAUSE`] for each measure of a campaign,
//! however often it crosses its threshold: one that is raised sooner is told when the pause is over, if it still
//! stands then.

use std::sync::Arc;

use crate::event::{Alarm, AlarmKind, Event};
use crate::id::CampaignId;
use crate::mail::{Delivery, Mail, MailId};
use crate::notice::{Notice, OWED, PAUSE, Raised};
use crate::outbox::Outbox;
use crate::time::Timestamp;

use super::Engine;

impl Engine {
    /// Raises or clears an alarm, and owes notices of it where the campaign asks for them.
    pub(super) fn alarm(&mut self, at: Timestamp, event: Event, outbox: &mut Outbox) {
        match event {
            Event::AlarmRaised {
                campaign,
                alarm,
                limit,
                reached,
                ..
            } => {
                self.emit(at, event, outbox);
                let raised = Raised { limit, reached };
                self.notify_raised(at, campaign, alarm, raised, outbox);
            }
            Event::AlarmCleared { campaign, alarm } => {
                self.emit(at, event, outbox);
                self.notify_cleared(at, campaign, alarm, outbox);
            }
            _ => self.emit(at, event, outbox),
        }
    }

    fn notify_raised(
        &mut self,
        at: Timestamp,
        id: CampaignId,
        alarm: Alarm,
        raised: Raised,
        outbox: &mut Outbox,
    ) {
        let Some(campaign) = self.state.campaign(id) else {
            return;
        };
        let due = match campaign.noticed.get(&alarm.kind()) {
            None => at,
            // The turn of a notice that was not sent in the end.
            Some(last) if last.at > at => last.at,
            Some(last) => last.at.after(PAUSE).max(at),
        };
        for address in campaign.settings.notices.addresses.clone() {
            let will_tell = |(notice, delivery): (&Notice, Delivery)| {
                notice.raised.is_some() && matches!(delivery, Delivery::Due(_))
            };
            let waits = self.notices(id, alarm.kind(), &address).any(will_tell);
            if !waits {
                self.forget_notices(at, id, alarm, &address, outbox);
                self.owe_notice(at, due, id, alarm, Some(raised), address, outbox);
            }
        }
    }

    /// Only those who were told of the alarm are told that it is over.
    fn notify_cleared(&mut self, at: Timestamp, id: CampaignId, alarm: Alarm, outbox: &mut Outbox) {
        let Some(campaign) = self.state.campaign(id) else {
            return;
        };
        let notices = &campaign.settings.notices;
        if self.stands(id, alarm.kind()) {
            return;
        }
        let last = campaign.noticed.get(&alarm.kind());
        let told = last.is_some_and(|last| last.standing == Some(alarm));
        let wanted = notices.cleared && told;
        for address in notices.addresses.clone() {
            let untold = self.forget_notices(at, id, alarm, &address, outbox);
            if wanted && !untold {
                self.owe_notice(at, at, id, alarm, None, address, outbox);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "each is a field of the event")]
    fn owe_notice(
        &mut self,
        at: Timestamp,
        due: Timestamp,
        campaign: CampaignId,
        alarm: Alarm,
        raised: Option<Raised>,
        address: Arc<str>,
        outbox: &mut Outbox,
    ) {
        let owed = self.state.owed_of(|mail| matches!(mail, Mail::Notice(_)));
        if owed.count() >= OWED {
            return;
        }
        let notice = Arc::new(Notice {
            id: self.state.next_mail(),
            campaign,
            alarm,
            raised,
            at,
            address,
        });
        self.emit(at, Event::NoticeOwed { notice, due }, outbox);
    }

    /// What did not reach the address yet about the same measure is out of date; says whether there was such.
    /// One that is with the mailer is left alone.
    fn forget_notices(
        &mut self,
        at: Timestamp,
        campaign: CampaignId,
        alarm: Alarm,
        address: &str,
        outbox: &mut Outbox,
    ) -> bool {
        let stale = self.notices(campaign, alarm.kind(), address);
        let stale = stale.filter(|(_, delivery)| !matches!(delivery, Delivery::Sending(_)));
        let stale: Vec<MailId> = stale.map(|(notice, _)| notice.id).collect();
        for message in &stale {
            self.emit(at, Event::MailForgotten { message: *message }, outbox);
        }
        !stale.is_empty()
    }

    /// What is owed to an address about a measure.
    fn notices(
        &self,
        campaign: CampaignId,
        kind: AlarmKind,
        address: &str,
    ) -> impl Iterator<Item = (&Notice, Delivery)> {
        let owed = self
            .state
            .owed
            .values()
            .filter_map(|debt| match &debt.mail {
                Mail::Notice(notice) => Some((&**notice, debt.delivery)),
                Mail::Offline(_) | Mail::Transcript(_) => None,
            });
        owed.filter(move |(notice, _)| {
            notice.campaign == campaign
                && notice.alarm.kind() == kind
                && &*notice.address == address
        })
    }

    /// Whether a mail tells of an alarm that is over by now. Of the chats over their time any will do.
    pub(super) fn is_out_of_date(&self, mail: &Mail) -> bool {
        match mail {
            Mail::Notice(notice) => {
                notice.raised.is_some() && !self.stands(notice.campaign, notice.alarm.kind())
            }
            Mail::Offline(_) | Mail::Transcript(_) => false,
        }
    }

    fn stands(&self, campaign: CampaignId, kind: AlarmKind) -> bool {
        let mut standing = self.view().alarms(campaign);
        standing.any(|alarm| alarm.kind() == kind)
    }
}
