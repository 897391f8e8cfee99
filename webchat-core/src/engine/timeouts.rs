//! What happens by itself. Timers fire in order of due, kind and chat sequence.
//!
//! Source: domain.md §1, "Timers first".

use crate::command::Destination;
use crate::event::{CloseReason, Event, OfferEnd, SignOutReason};
use crate::id::{CampaignId, ChatId};
use crate::limits;
use crate::outbox::Outbox;
use crate::state::Phase;
use crate::time::Timestamp;
use crate::timers::{Target, Timer, TimerKind};

use super::Engine;
use super::conversation::Closing;

impl Engine {
    /// Fires everything due by `now`.
    pub(super) fn fire_all(&mut self, now: Timestamp, outbox: &mut Outbox) {
        while self.fire_some(now, outbox) {}
    }

    /// Fires what is due by `now`, up to the limit per call; says whether more is due.
    pub(super) fn fire_some(&mut self, now: Timestamp, outbox: &mut Outbox) -> bool {
        for _ in 0..limits::TIMERS_PER_CALL {
            let Some(timer) = self.due_by(now) else {
                return false;
            };
            self.fire(now, timer, outbox);
            self.dispatch(now, outbox);
            self.settle_alarms(now, outbox);
        }
        self.due_by(now).is_some()
    }

    fn due_by(&self, now: Timestamp) -> Option<Timer> {
        self.state.first_timer().filter(|timer| timer.due <= now)
    }

    fn fire(&mut self, now: Timestamp, timer: Timer, outbox: &mut Outbox) {
        let due = timer.due;
        match (timer.kind, timer.target) {
            (TimerKind::ScheduleChange, Target::Campaign(campaign)) => {
                self.schedule_change(now, due, campaign, outbox);
            }
            (TimerKind::QueueTimeOut, Target::Chat(chat)) => {
                self.end_ask(now, chat, OfferEnd::Rescinded, outbox);
                self.close_due(now, due, chat, CloseReason::TimedOut, outbox);
            }
            (TimerKind::OfferLapse, Target::Chat(chat)) => {
                self.end_ask(now, chat, OfferEnd::Lapsed, outbox);
                self.settle(now, &[chat], outbox);
            }
            (TimerKind::TransferLapse, Target::Chat(chat)) => {
                self.transfer_lapse(now, chat, outbox)
            }
            (TimerKind::AgentGrace, Target::Agent(agent)) => {
                self.sign_out(now, agent, SignOutReason::Lost, None, outbox);
            }
            (TimerKind::AutoFinish, Target::Chat(chat)) => {
                self.close_due(now, due, chat, CloseReason::VisitorGone, outbox);
            }
            (TimerKind::EmptyCampaign, Target::Chat(chat)) => {
                self.close_due(now, due, chat, CloseReason::AgentsGone, outbox);
            }
            (TimerKind::WrapUpEnd, Target::WrapUp(agent, chat)) => {
                self.emit(now, Event::WrapUpEnded { agent, chat, due }, outbox);
            }
            (TimerKind::MailDue, Target::Mail(message)) => self.mail_due(now, message, outbox),
            (TimerKind::Alarm, Target::Chat(chat)) => self.time_chat_alarm(now, due, chat, outbox),
            (TimerKind::Alarm, Target::Campaign(campaign)) => self.day_over(now, campaign, outbox),
            (TimerKind::Retention, Target::Campaign(campaign)) => {
                self.expire(now, due, campaign, outbox)
            }
            // Each kind is only ever made with its own target.
            _ => {}
        }
    }

    fn close_due(
        &mut self,
        now: Timestamp,
        due: Timestamp,
        chat: ChatId,
        reason: CloseReason,
        outbox: &mut Outbox,
    ) {
        let how = Closing {
            due: Some(due),
            ..Closing::default()
        };
        self.close(now, chat, reason, how, outbox);
    }

    /// The schedule opens or closes the campaign, or a closing under way goes on with the next chat.
    fn schedule_change(
        &mut self,
        now: Timestamp,
        due: Timestamp,
        id: CampaignId,
        outbox: &mut Outbox,
    ) {
        let Some(campaign) = self.state.campaign(id) else {
            return;
        };
        if let Some((_, reason)) = campaign.closing {
            let head = campaign.waiting.first();
            if let Some(chat) = head {
                self.close_head(now, due, chat, reason, outbox);
            }
            return;
        }
        let opens = !campaign.open;
        let next_change = self
            .calendar(id)
            .and_then(|calendar| calendar.next_change(due));
        let next_change = next_change.map(|change| change.at);
        let event = match opens {
            true => Event::CampaignOpened {
                campaign: id,
                due,
                next_change,
            },
            false => {
                let closes_waiting = campaign.settings.closes_waiting();
                Event::CampaignWentOutOfTime {
                    campaign: id,
                    due,
                    next_change,
                    closes_waiting,
                }
            }
        };
        self.emit(now, event, outbox);
    }

    /// The first in a closing queue is told and closed; a transfer from elsewhere goes back to its owner.
    fn close_head(
        &mut self,
        now: Timestamp,
        due: Timestamp,
        id: ChatId,
        reason: CloseReason,
        outbox: &mut Outbox,
    ) {
        match self.state.chat(id).map(|chat| chat.phase) {
            Some(Phase::Transferring { .. }) => {
                self.end_transfer(now, id, OfferEnd::Rescinded, outbox)
            }
            Some(_) => {
                self.end_ask(now, id, OfferEnd::Rescinded, outbox);
                self.close_due(now, due, id, reason, outbox);
            }
            None => {}
        }
    }

    /// Either the whole transfer lapses, or only the offer to one agent of the destination.
    fn transfer_lapse(&mut self, now: Timestamp, id: ChatId, outbox: &mut Outbox) {
        let Some(chat) = self.state.chat(id) else {
            return;
        };
        let Phase::Transferring {
            to,
            lapses_at,
            asked,
        } = chat.phase
        else {
            return;
        };
        let only_the_offer = matches!(to, Destination::Campaign(_))
            && asked.is_some_and(|asked| lapses_at.is_none_or(|whole| asked.lapses_at < whole));
        match only_the_offer {
            true => self.end_ask(now, id, OfferEnd::Lapsed, outbox),
            false => self.end_transfer(now, id, OfferEnd::Lapsed, outbox),
        }
    }
}
