//! What is due when. Timers are derived from the state, so none can be lost.

use std::collections::BTreeSet;

use crate::id::{AgentId, CampaignId, ChatId};
use crate::in_order::InOrder;
use crate::mail::MailId;
use crate::time::Timestamp;

/// Kinds in the order in which they fire when due at the same instant. Source: domain.md §1, "Timers first".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum TimerKind {
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

impl TimerKind {
    const ALL: [Self; 11] = [
        Self::ScheduleChange,
        Self::QueueTimeOut,
        Self::OfferLapse,
        Self::TransferLapse,
        Self::AgentGrace,
        Self::AutoFinish,
        Self::WrapUpEnd,
        Self::EmptyCampaign,
        Self::MailDue,
        Self::Alarm,
        Self::Retention,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ScheduleChange => "schedule change",
            Self::QueueTimeOut => "queue time out",
            Self::OfferLapse => "offer lapse",
            Self::TransferLapse => "transfer lapse",
            Self::AgentGrace => "agent grace",
            Self::AutoFinish => "auto finish",
            Self::WrapUpEnd => "wrap-up end",
            Self::EmptyCampaign => "empty campaign",
            Self::MailDue => "mail due",
            Self::Alarm => "alarm",
            Self::Retention => "retention",
        }
    }
}

/// Whom a timer is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Target {
    Campaign(CampaignId),
    Chat(ChatId),
    Agent(AgentId),
    WrapUp(AgentId, ChatId),
    Mail(MailId),
}

/// One timer; ordered by due, kind, chat sequence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Timer {
    pub(crate) due: Timestamp,
    pub(crate) kind: TimerKind,
    pub(crate) sequence: u64,
    pub(crate) target: Target,
}

/// All timers of a tenant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    /// Each waiting chat's Time Out, of which there can be millions; they mostly come in the order in which they are due.
    time_outs: InOrder<ChatTimer>,
    /// All else that is due for a chat.
    of_chats: BTreeSet<ChatTimer>,
    others: BTreeSet<Timer>,
}

impl Timers {
    /// The next one due; `chat_in` says which chat lives in a slot.
    pub(crate) fn first(&self, chat_in: impl Fn(u32) -> Option<ChatId>) -> Option<Timer> {
        let of_chats = self.of_chats.first().copied();
        let chat = self.time_outs.first().into_iter().chain(of_chats).min();
        let chat = chat.and_then(|timer| timer.read(chat_in));
        let other = self.others.first().copied();
        match (chat, other) {
            (Some(chat), Some(other)) => Some(chat.min(other)),
            (chat, other) => chat.or(other),
        }
    }

    pub(crate) fn insert(&mut self, timer: Timer) {
        match (timer.target, timer.kind) {
            (Target::Chat(chat), TimerKind::QueueTimeOut) => {
                self.time_outs.insert(ChatTimer::new(&timer, chat));
            }
            (Target::Chat(chat), _) => {
                self.of_chats.insert(ChatTimer::new(&timer, chat));
            }
            _ => {
                self.others.insert(timer);
            }
        }
    }

    pub(crate) fn remove(&mut self, timer: &Timer) {
        match (timer.target, timer.kind) {
            (Target::Chat(chat), TimerKind::QueueTimeOut) => {
                self.time_outs.remove(ChatTimer::new(timer, chat))
            }
            (Target::Chat(chat), _) => self.of_chats.remove(&ChatTimer::new(timer, chat)),
            _ => self.others.remove(timer),
        };
    }

    pub(crate) fn extend(&mut self, timers: impl IntoIterator<Item = Timer>) {
        timers.into_iter().for_each(|timer| self.insert(timer));
    }
}

/// A timer of a live chat in sixteen bytes, from the highest bits down: due (49 bits), kind (4), order of admission
/// (43), slot (32).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct ChatTimer(u128);

impl ChatTimer {
    const SEQUENCE: u64 = (1 << 43) - 1;

    fn new(timer: &Timer, chat: ChatId) -> Self {
        let due = timer.due.since(Timestamp::MIN) as u128;
        let kind = timer.kind as u128;
        // Enough for nine thousand billion admissions.
        let sequence = u128::from(timer.sequence & Self::SEQUENCE);
        Self(due << 79 | kind << 75 | sequence << 32 | u128::from(chat.slot))
    }

    fn read(self, chat_in: impl Fn(u32) -> Option<ChatId>) -> Option<Timer> {
        let kind = (self.0 >> 75) as usize & 15;
        Some(Timer {
            due: Timestamp::MIN.after_millis((self.0 >> 79) as i64),
            kind: *TimerKind::ALL.get(kind)?,
            sequence: (self.0 >> 32) as u64 & Self::SEQUENCE,
            target: Target::Chat(chat_in(self.0 as u32)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn timer() -> impl Strategy<Value = Timer> {
        let due = Timestamp::MIN.as_millis()..=Timestamp::MAX.as_millis();
        let parts = (due, 0..TimerKind::ALL.len(), 0..1_u64 << 43, any::<u32>());
        parts.prop_map(|(due, kind, sequence, slot)| Timer {
            due: Timestamp::from_millis(due),
            kind: TimerKind::ALL[kind],
            sequence,
            target: Target::Chat(ChatId::new(slot, 1)),
        })
    }

    fn packed(timer: &Timer) -> ChatTimer {
        let Target::Chat(chat) = timer.target else {
            panic!("{timer:?}")
        };
        ChatTimer::new(timer, chat)
    }

    proptest! {
        #[test]
        fn a_chats_timer_is_read_as_it_was_and_keeps_its_order(one in timer(), other in timer()) {
            prop_assert_eq!(packed(&one).read(|slot| Some(ChatId::new(slot, 1))), Some(one));
            prop_assert_eq!(packed(&one).cmp(&packed(&other)), one.cmp(&other));
        }
    }

    proptest! {
        #[test]
        fn the_next_timer_is_the_least_of_all(
            steps in prop::collection::vec((0..60_i64, 0..3_usize, any::<Option<prop::sample::Index>>()), 1..300)
        ) {
            let mut timers = Timers::default();
            let mut plain = std::collections::BTreeSet::new();
            for (step, (due, kind, remove)) in (0..).zip(steps) {
                match remove.filter(|_| !plain.is_empty()) {
                    Some(which) => {
                        let timer = *plain.iter().nth(which.index(plain.len())).unwrap();
                        plain.remove(&timer);
                        timers.remove(&timer);
                    }
                    // Two campaigns, the Time Out of one of them longer.
                    None => {
                        let timer = Timer {
                            due: Timestamp::from_millis(i64::from(step) + due % 2 * due),
                            kind: TimerKind::ALL[kind],
                            sequence: u64::from(step),
                            target: Target::Chat(ChatId::new(step, 1)),
                        };
                        plain.insert(timer);
                        timers.insert(timer);
                    }
                }
                let first = timers.first(|slot| Some(ChatId::new(slot, 1)));
                prop_assert_eq!(first, plain.first().copied());
            }
        }
    }

    #[test]
    fn kinds_are_numbered_in_the_order_in_which_they_fire() {
        assert!(
            TimerKind::ALL
                .iter()
                .enumerate()
                .all(|(at, kind)| *kind as usize == at)
        );
    }
}
