//! Alarms: what supervisors are told when a measure crosses its threshold. They close and refuse nothing.
//!
//! Source: domain.md §4. Number waiting and service level are looked at once each step has come to
//! rest, so a newcomer who goes straight to an agent never counts as waiting.

use crate::event::{Alarm, Event};
use crate::id::{CampaignId, ChatId};
use crate::outbox::Outbox;
use crate::time::{Seconds, Timestamp};

use super::Engine;

impl Engine {
    /// Raises and clears the alarms of campaigns in which a measure moved.
    pub(super) fn settle_alarms(&mut self, at: Timestamp, outbox: &mut Outbox) {
        if self.state.index.unsettled.is_empty() {
            return;
        }
        while let Some(id) = self.state.index.unsettled.pop_first() {
            for event in self.crossings(at, id).into_iter().flatten() {
                self.alarm(at, event, outbox);
            }
        }
    }

    fn crossings(&self, at: Timestamp, id: CampaignId) -> [Option<Event>; 2] {
        let Some(campaign) = self.state.campaign(id) else {
            return [None, None];
        };
        let settings = &campaign.settings;
        let crossing = |alarm, stands, must_stand, limit, reached| match (stands, must_stand) {
            (false, true) => Some(Event::AlarmRaised {
                campaign: id,
                alarm,
                limit,
                reached,
                due: None,
            }),
            (true, false) => Some(Event::AlarmCleared {
                campaign: id,
                alarm,
            }),
            _ => None,
        };
        let percent = campaign.service_level(at).percent().unwrap_or(0);
        // An alarm of a day that is over is cleared by its own timer, in its turn.
        let stands = campaign.standing.service_level;
        let today = stands.is_none_or(|until| until > at);
        [
            crossing(
                Alarm::Acd,
                campaign.standing.acd,
                campaign.over_acd(),
                settings.acd.map_or(0, |limit| limit.get()),
                campaign.waiting.len(),
            ),
            crossing(
                Alarm::ServiceLevel,
                stands.is_some(),
                campaign.under_target(at),
                u32::from(settings.target_percent),
                percent as u32,
            )
            .filter(|_| today),
        ]
    }

    /// A chat has been with agents for as long as Time chat says; or its alarm stood for a limit that no
    /// longer holds. If it is over the new one too, that is a crossing of its own.
    pub(super) fn time_chat_alarm(
        &mut self,
        now: Timestamp,
        due: Timestamp,
        id: ChatId,
        outbox: &mut Outbox,
    ) {
        let Some(chat) = self.state.chat(id) else {
            return;
        };
        let campaign = chat.campaign;
        let alarm = Alarm::TimeChat(id);
        if chat.over_time.is_some() {
            self.alarm(now, Event::AlarmCleared { campaign, alarm }, outbox);
            return;
        }
        let limit = self
            .state
            .campaign(campaign)
            .and_then(|campaign| campaign.settings.time_chat)
            .map_or(0, Seconds::get);
        let reached = now.since(due) / 1_000 + i64::from(limit);
        let event = Event::AlarmRaised {
            campaign,
            alarm,
            limit,
            reached: u32::try_from(reached).unwrap_or(u32::MAX),
            due: Some(due),
        };
        self.alarm(now, event, outbox);
    }

    /// The day whose service level was too low is over.
    pub(super) fn day_over(&mut self, now: Timestamp, campaign: CampaignId, outbox: &mut Outbox) {
        let alarm = Alarm::ServiceLevel;
        self.alarm(now, Event::AlarmCleared { campaign, alarm }, outbox);
        // The zone may have been changed, and the day be longer.
        self.state.index.unsettled.insert(campaign);
    }
}
