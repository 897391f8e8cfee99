//! What is due when. Timers are derived from the state, so none can be lost.

use std::collections::BTreeSet;

use crate::id::{AgentId, CampaignId, ChatId};
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
pub(crate) type Timers = BTreeSet<Timer>;
