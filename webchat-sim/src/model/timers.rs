//! What happens by itself, and when: worked out from all there is, each time anew.

use webchat_core::campaign::Campaign;
use webchat_core::command::Destination;
use webchat_core::event::{CloseReason, Event, OfferEnd, SignOutReason};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::mail::MailId;
use webchat_core::time::{Seconds, Timestamp};

use super::Model;
use crate::picture::{ChatPicture, Picture};
use crate::violation::Verdict;

/// One thing that will happen; the smallest comes first. Source: domain.md §1, "Timers first".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer {
    /// When.
    pub due: Timestamp,
    kind: Kind,
    sequence: u64,
    about: About,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    ScheduleChange,
    QueueTimeOut,
    OfferLapse,
    TransferLapse,
    AgentGrace,
    AutoFinish,
    WrapUpEnd,
    EmptyCampaign,
    MailDue,
    Alarm,
    Retention,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Campaign(CampaignId),
    Chat(ChatId),
    Agent(AgentId),
    WrapUp(AgentId, ChatId),
    Mail(MailId),
}

/// What happens next.
pub fn first(picture: &Picture) -> Option<Timer> {
    let mut first: Option<Timer> = None;
    let mut add = |due: Option<Timestamp>, kind, sequence, about| {
        let timer = due.map(|due| Timer {
            due,
            kind,
            sequence,
            about,
        });
        first = match (first, timer) {
            (Some(first), Some(timer)) => Some(first.min(timer)),
            (first, timer) => first.or(timer),
        };
    };
    for (id, campaign) in &picture.campaigns {
        let about = About::Campaign(*id);
        // A closing under way goes on before anything else happens.
        let change = campaign.closing.map(|(since, _)| since);
        add(
            change.or(campaign.next_change),
            Kind::ScheduleChange,
            0,
            about,
        );
        add(campaign.service_level_alarm, Kind::Alarm, 0, about);
        add(campaign.retention_at, Kind::Retention, 0, about);
    }
    for (id, agent) in &picture.agents {
        add(agent.lost_until, Kind::AgentGrace, 0, About::Agent(*id));
        for (chat, _, until) in &agent.wrap_ups {
            let about = About::WrapUp(*id, *chat);
            add(Some(*until), Kind::WrapUpEnd, 0, about);
        }
    }
    for (id, chat) in &picture.chats {
        let Some(campaign) = picture.campaigns.get(&chat.campaign) else {
            continue;
        };
        let settings = &campaign.settings;
        let about = About::Chat(*id);
        let mut add = |due, kind| add(due, kind, chat.sequence, about);
        if chat.is_waiting() {
            let time_out = settings.time_out.map(|limit| chat.wait_from.after(limit));
            add(time_out, Kind::QueueTimeOut);
            let empty = empty_for_too_long(chat, settings, campaign.empty_since);
            add(empty, Kind::EmptyCampaign);
        }
        let offer = chat.offer.map(|(_, lapses_at)| lapses_at);
        match chat.transfer {
            None => add(offer, Kind::OfferLapse),
            Some((_, whole)) => {
                add(offer, Kind::TransferLapse);
                add(whole, Kind::TransferLapse);
            }
        }
        let gone = chat.lost_since.zip(patience(chat, settings));
        add(
            gone.map(|(since, limit)| since.after(limit)),
            Kind::AutoFinish,
        );
        add(over_time(chat, settings), Kind::Alarm);
    }
    for (id, debt) in &picture.owed {
        add(debt.due, Kind::MailDue, id.0, About::Mail(*id));
    }
    first
}

/// How long a disconnected visitor's chat is kept.
fn patience(chat: &ChatPicture, settings: &Campaign) -> Option<Seconds> {
    match (settings.auto_finish, chat.is_waiting()) {
        (Some(limit), _) => Some(limit),
        (None, true) => Some(settings.waiting_floor),
        (None, false) => None,
    }
}

/// When a chat that waits is told that nobody is there any more.
fn empty_for_too_long(
    chat: &ChatPicture,
    settings: &Campaign,
    empty_since: Option<Timestamp>,
) -> Option<Timestamp> {
    let limit = settings.leave_when_empty_after?;
    let since = empty_since?.max(chat.wait_from);
    Some(since.after(limit))
}

/// When the alarm on the chat's length is raised; at once if it stands for a limit that no longer holds.
fn over_time(chat: &ChatPicture, settings: &Campaign) -> Option<Timestamp> {
    let since = chat.served_since?;
    match (chat.over_time, settings.time_chat) {
        (None, limit) => limit.map(|limit| since.after(limit)),
        (Some(stands), Some(limit)) if limit <= stands => None,
        (Some(stands), _) => Some(since.after(stands)),
    }
}

impl Model<'_> {
    /// Lets everything happen that is due, one after the other, each with all that follows from it.
    pub(super) fn fire_all(&mut self) -> Verdict {
        while let Some(timer) = first(self.picture).filter(|timer| timer.due <= self.now) {
            self.fire(timer)?;
            self.dispatch()?;
            self.settle_alarms()?;
        }
        Ok(())
    }

    fn fire(&mut self, timer: Timer) -> Verdict {
        let due = timer.due;
        match (timer.kind, timer.about) {
            (Kind::ScheduleChange, About::Campaign(campaign)) => {
                self.schedule_change(due, campaign)
            }
            (Kind::QueueTimeOut, About::Chat(chat)) => {
                self.end_ask(chat, OfferEnd::Rescinded)?;
                self.close(chat, CloseReason::TimedOut, Some(due))
            }
            (Kind::OfferLapse, About::Chat(chat)) => {
                self.end_ask(chat, OfferEnd::Lapsed)?;
                self.settle(&[chat])
            }
            (Kind::TransferLapse, About::Chat(chat)) => self.transfer_lapse(chat),
            (Kind::AgentGrace, About::Agent(agent)) => {
                self.sign_out(agent, SignOutReason::Lost, None)
            }
            (Kind::AutoFinish, About::Chat(chat)) => {
                self.close(chat, CloseReason::VisitorGone, Some(due))
            }
            (Kind::EmptyCampaign, About::Chat(chat)) => {
                self.close(chat, CloseReason::AgentsGone, Some(due))
            }
            (Kind::WrapUpEnd, About::WrapUp(agent, chat)) => {
                self.emit(Event::WrapUpEnded { agent, chat, due })
            }
            (Kind::MailDue, About::Mail(message)) => self.mail_due(message),
            (Kind::Alarm, About::Chat(chat)) => self.over_time(due, chat),
            (Kind::Alarm, About::Campaign(campaign)) => self.day_over(campaign),
            (Kind::Retention, About::Campaign(campaign)) => self.expire(due, campaign),
            _ => Ok(()),
        }
    }

    /// What was kept long enough is erased.
    fn expire(&mut self, due: Timestamp, campaign: CampaignId) -> Verdict {
        let settings = &self.picture.campaigns[&campaign].settings;
        let days = settings.retention_days.map_or(0, |days| days.get());
        let before = self.now.after_millis(-86_400_000 * i64::from(days));
        self.emit(Event::RecordingsExpired {
            campaign,
            before,
            due,
        })
    }

    fn schedule_change(&mut self, due: Timestamp, id: CampaignId) -> Verdict {
        let Some(campaign) = self.picture.campaigns.get(&id) else {
            return Ok(());
        };
        if let Some((_, reason)) = campaign.closing {
            return match self.picture.queue(id).first() {
                Some(head) => self.tell_and_close(due, *head, reason),
                None => Ok(()),
            };
        }
        let opens = !campaign.open;
        let closes_waiting = closes_waiting(&campaign.settings);
        let calendar = self.calendars.of(id, &campaign.settings.schedule);
        let next_change = calendar.next_change(due).map(|change| change.at);
        self.emit(match opens {
            true => Event::CampaignOpened {
                campaign: id,
                due,
                next_change,
            },
            false => Event::CampaignWentOutOfTime {
                campaign: id,
                due,
                next_change,
                closes_waiting,
            },
        })
    }

    /// The head of a closing queue; a transfer from elsewhere goes back to its owner.
    fn tell_and_close(&mut self, due: Timestamp, id: ChatId, reason: CloseReason) -> Verdict {
        let transfer = self.picture.chats.get(&id).and_then(|chat| chat.transfer);
        if transfer.is_some() {
            return self.end_transfer(id, OfferEnd::Rescinded);
        }
        self.end_ask(id, OfferEnd::Rescinded)?;
        self.close(id, reason, Some(due))
    }

    /// Either the whole transfer lapses, or only the offer to one agent of the destination.
    fn transfer_lapse(&mut self, id: ChatId) -> Verdict {
        let chat = self.picture.chats.get(&id);
        let Some((to, whole)) = chat.and_then(|chat| chat.transfer) else {
            return Ok(());
        };
        let offer = chat
            .and_then(|chat| chat.offer)
            .map(|(_, lapses_at)| lapses_at);
        let sooner = offer.is_some_and(|offer| whole.is_none_or(|whole| offer < whole));
        match sooner && matches!(to, Destination::Campaign(_)) {
            true => self.end_ask(id, OfferEnd::Lapsed),
            false => self.end_transfer(id, OfferEnd::Lapsed),
        }
    }
}

/// Whether closing time tells and closes those waiting. Source: domain.md §3.
pub(super) fn closes_waiting(settings: &Campaign) -> bool {
    use webchat_core::campaign::OnClose;
    match settings.on_close {
        OnClose::SeedRule => settings.time_out.is_none(),
        OnClose::CloseAll => true,
        OnClose::Drain => false,
    }
}
