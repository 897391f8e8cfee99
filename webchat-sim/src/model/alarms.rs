//! Alarms: a measure on the wrong side of its threshold is told once, and once when it is back.

use webchat_core::event::{Alarm, Event};
use webchat_core::id::{CampaignId, ChatId};
use webchat_core::time::{Seconds, Timestamp};

use super::Model;
use crate::violation::Verdict;

impl Model<'_> {
    /// Raises and clears alarms once a step has come to rest.
    pub(super) fn settle_alarms(&mut self) -> Verdict {
        let campaigns: Vec<CampaignId> = self.picture.campaigns.keys().copied().collect();
        for id in campaigns {
            let state = &self.picture.campaigns[&id];
            let waiting = self.picture.count_queue(id);
            let acd = state.settings.acd.map_or(0, |acd| acd.get());
            let over = acd > 0 && waiting >= acd;
            let today = state.today;
            let target = state.settings.target_percent;
            let measured = state.settings.answer_within.is_some() && self.now < today.ends;
            let under = measured && today.in_time * 100 < u64::from(target) * today.answered;
            let percent = match measured && today.answered > 0 {
                true => (today.in_time * 100 / today.answered) as u32,
                false => 0,
            };
            let (acd_stands, stands) = (state.acd_alarm, state.service_level_alarm);
            self.cross(id, Alarm::Acd, acd_stands, over, acd, waiting)?;
            // An alarm of a day that is over has a timer of its own.
            if stands.is_none_or(|until| until > self.now) {
                let target = u32::from(target);
                let alarm = Alarm::ServiceLevel;
                self.cross(id, alarm, stands.is_some(), under, target, percent)?;
            }
        }
        Ok(())
    }

    fn cross(
        &mut self,
        campaign: CampaignId,
        alarm: Alarm,
        stands: bool,
        must_stand: bool,
        limit: u32,
        reached: u32,
    ) -> Verdict {
        match (stands, must_stand) {
            (false, true) => self.alarm(Event::AlarmRaised {
                campaign,
                alarm,
                limit,
                reached,
                due: None,
            }),
            (true, false) => self.alarm(Event::AlarmCleared { campaign, alarm }),
            _ => Ok(()),
        }
    }

    /// The chat has been with agents for as long as Time chat says, or its alarm stood for another limit.
    pub(super) fn over_time(&mut self, due: Timestamp, id: ChatId) -> Verdict {
        let chat = &self.picture.chats[&id];
        let campaign = chat.campaign;
        let alarm = Alarm::TimeChat(id);
        if chat.over_time.is_some() {
            return self.alarm(Event::AlarmCleared { campaign, alarm });
        }
        let settings = &self.picture.campaigns[&campaign].settings;
        let limit = settings.time_chat.map_or(0, Seconds::get);
        let late = self.now.since(due) / 1_000;
        let reached = u32::try_from(late + i64::from(limit)).unwrap_or(u32::MAX);
        self.alarm(Event::AlarmRaised {
            campaign,
            alarm,
            limit,
            reached,
            due: Some(due),
        })
    }

    /// The day whose service level was too low is over.
    pub(super) fn day_over(&mut self, campaign: CampaignId) -> Verdict {
        let alarm = Alarm::ServiceLevel;
        self.alarm(Event::AlarmCleared { campaign, alarm })
    }
}
