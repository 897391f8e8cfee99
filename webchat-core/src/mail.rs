//! Mail that is owed: to a campaign's address, to a visitor, to a supervisor, until a mail server has
//! taken it or says it never will.
//!
//! The debt is state, so it survives a crash; sending is an effect, repeated by the engine's own timers.
//! Source: domain.md §7, "Offline Message + Address".

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::CampaignId;
use crate::notice::Notice;
use crate::offline::OfflineMessage;
use crate::private::discreet;
use crate::time::{Seconds, Timestamp};
use crate::transcript::Transcript;

discreet!(Obligation, MailOutcome);

/// A mail of the tenant: 1, 2, 3 … in the order in which they came to be owed. It stands in the Message-ID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct MailId(pub u64);

impl std::fmt::Display for MailId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What is to be mailed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mail {
    /// A visitor's message to the campaign's address.
    Offline(Arc<OfflineMessage>),
    /// A copy of a conversation, to its visitor.
    Transcript(Arc<Transcript>),
    /// Word of an alarm, to a supervisor.
    Notice(Arc<Notice>),
}

impl Mail {
    /// What kind of mail it is: `offline`, `transcript` or `notice`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Offline(_) => "offline",
            Self::Transcript(_) => "transcript",
            Self::Notice(_) => "notice",
        }
    }

    /// Its number.
    pub fn id(&self) -> MailId {
        match self {
            Self::Offline(message) => message.id,
            Self::Transcript(transcript) => transcript.id,
            Self::Notice(notice) => notice.id,
        }
    }

    /// Whose campaign it is about.
    pub fn campaign(&self) -> CampaignId {
        match self {
            Self::Offline(message) => message.campaign,
            Self::Transcript(transcript) => transcript.campaign,
            Self::Notice(notice) => notice.campaign,
        }
    }

    /// Since when it is owed.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Offline(message) => message.at,
            Self::Transcript(transcript) => transcript.at,
            Self::Notice(notice) => notice.at,
        }
    }

    /// Where it goes.
    pub fn address(&self) -> &Arc<str> {
        match self {
            Self::Offline(message) => &message.address,
            Self::Transcript(transcript) => &transcript.address,
            Self::Notice(notice) => &notice.address,
        }
    }
}

/// Where the debt stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// To wait for the end of the chat it is a copy of.
    Held,
    /// To be handed to the mailer at that time (again).
    Due(Timestamp),
    /// With the mailer; offered again at that time if no answer comes.
    Sending(Timestamp),
    /// Given up: refused for good, or too many attempts. Stays visible and can be sent again.
    Dead,
}

/// A mail not yet settled.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Obligation {
    /// What is owed.
    pub mail: Mail,
    /// Attempts so far.
    pub attempts: u32,
    /// Where it stands.
    pub delivery: Delivery,
    /// What the mailer said last.
    pub last_error: Option<Arc<str>>,
}

/// How an attempt ended.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailOutcome {
    /// A mail server has taken it.
    Delivered,
    /// It may work later.
    Temporary(Arc<str>),
    /// It never will.
    Permanent(Arc<str>),
}

/// Attempts before a mail is given up; with [`retry_after`] that is about three days.
pub const ATTEMPTS: u32 = 80;
/// Time after which a mailer that has not answered is taken to have failed.
pub const ANSWER_WITHIN: Seconds = Seconds::new(300).expect("not zero");

/// Milliseconds from a failed attempt to the next: 30 s, doubling up to an hour, shortened by up to a
/// quarter so that mails which failed together do not come back together.
pub fn retry_after(id: MailId, attempts: u32) -> i64 {
    const FIRST: i64 = 30_000;
    const LONGEST: i64 = 3_600_000;
    let whole = (FIRST << attempts.saturating_sub(1).min(10)).min(LONGEST);
    // A multiplicative hash spreads neighbours; equal inputs still give equal delays.
    let spread =
        id.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(u64::from(attempts))
            >> 56;
    whole - whole / 4 * (spread as i64) / 256
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_spread_over_about_three_days() {
        for id in 1..50 {
            let delays: Vec<i64> = (1..ATTEMPTS).map(|n| retry_after(MailId(id), n)).collect();
            assert!((22_500..=30_000).contains(&delays[0]));
            assert!(
                delays
                    .iter()
                    .all(|delay| (22_500..=3_600_000).contains(delay))
            );
            let days = delays.iter().sum::<i64>() as f64 / 86_400_000.0;
            assert!((2.2..=3.3).contains(&days), "{days} days");
        }
    }
}
