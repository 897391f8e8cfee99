//! Counting what became of each chat, and how long it took. Source: domain.md §8.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::estimate::Estimate;
use crate::event::{CloseReason, RefusalReason};
use crate::time::Seconds;

mod fold;
mod work;

pub use fold::{CampaignMeasures, Fold, Interval, Limit, Policy, Share};
pub use work::{Activity, Work};

/// The counters of one campaign; first waits only.
///
/// `offered = answered + abandoned + short_abandoned + timed_out + closed + flowed_out + waiting` after every step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counters {
    /// O: newcomers admitted, and chats moved here while they waited for their first answer.
    pub offered: u64,
    /// A: answered by a human.
    pub answered: u64,
    /// A_T: answered within the service level's limit.
    pub answered_in_time: u64,
    /// B: left the queue.
    pub abandoned: u64,
    /// B_T: of those, within the service level's limit.
    pub abandoned_in_time: u64,
    /// S: left the queue sooner than Dropout rate.
    pub short_abandoned: u64,
    /// X: waited as long as Time Out allows.
    pub timed_out: u64,
    /// K: closed by the system or a supervisor while waiting.
    pub closed: u64,
    /// F: went to another queue while waiting.
    pub flowed_out: u64,
    /// W: waiting for the first time now.
    pub waiting: u64,
    /// Newcomers turned away, by reason; not part of the identity.
    pub refused: BTreeMap<RefusalReason, u64>,
}

impl Counters {
    /// O = A + B + S + X + K + F + W.
    pub fn identity_holds(&self) -> bool {
        self.offered
            == self.answered
                + self.abandoned
                + self.short_abandoned
                + self.timed_out
                + self.closed
                + self.flowed_out
                + self.waiting
    }

    /// A_T / A: of the chats answered, those in time.
    pub fn service_level(&self) -> Ratio {
        Ratio {
            part: self.answered_in_time,
            of: self.answered,
        }
    }

    /// (A_T + B_T) / (A + B): visitors who left within the limit count as served in time.
    pub fn service_level_with_abandoned(&self) -> Ratio {
        Ratio {
            part: self.answered_in_time + self.abandoned_in_time,
            of: self.answered + self.abandoned,
        }
    }

    /// A_T / (A + B + X + K + F): every wait that ended unanswered counts against it, but for short abandons.
    pub fn service_level_strict(&self) -> Ratio {
        Ratio {
            part: self.answered_in_time,
            of: self.ended(),
        }
    }

    /// B / (A + B + X + K + F): of the waits that ended, those the visitor gave up; short abandons are left out.
    pub fn abandon_rate(&self) -> Ratio {
        Ratio {
            part: self.abandoned,
            of: self.ended(),
        }
    }

    /// Waits that ended, but for short abandons.
    fn ended(&self) -> u64 {
        self.answered + self.abandoned + self.timed_out + self.closed + self.flowed_out
    }

    /// Adds the counts of another stretch of time, or of another campaign.
    pub fn add(&mut self, other: &Self) {
        self.offered += other.offered;
        self.answered += other.answered;
        self.answered_in_time += other.answered_in_time;
        self.abandoned += other.abandoned;
        self.abandoned_in_time += other.abandoned_in_time;
        self.short_abandoned += other.short_abandoned;
        self.timed_out += other.timed_out;
        self.closed += other.closed;
        self.flowed_out += other.flowed_out;
        self.waiting += other.waiting;
        for (reason, count) in &other.refused {
            *self.refused.entry(*reason).or_default() += count;
        }
    }

    pub(crate) fn count_admitted(&mut self) {
        self.offered += 1;
        self.waiting += 1;
    }

    pub(crate) fn count_flowed_out(&mut self) {
        self.waiting -= 1;
        self.flowed_out += 1;
    }

    pub(crate) fn count_refused(&mut self, reason: RefusalReason) {
        *self.refused.entry(reason).or_default() += 1;
    }

    /// `waited` is in milliseconds; says whether that was within the service level's limit.
    pub(crate) fn count_answered(&mut self, waited: i64, answer_within: Option<Seconds>) -> bool {
        let in_time = in_time(waited, answer_within);
        self.waiting -= 1;
        self.answered += 1;
        self.answered_in_time += u64::from(in_time);
        in_time
    }

    /// `waited` is in milliseconds, up to the disconnect for a visitor who is gone.
    pub(crate) fn count_unanswered(
        &mut self,
        reason: CloseReason,
        waited: i64,
        answer_within: Option<Seconds>,
        dropout: Option<Seconds>,
    ) {
        self.waiting -= 1;
        match reason {
            CloseReason::VisitorLeft | CloseReason::VisitorGone => {
                if dropout.is_some_and(|limit| waited < limit.as_millis()) {
                    self.short_abandoned += 1;
                } else {
                    self.abandoned += 1;
                    self.abandoned_in_time += u64::from(in_time(waited, answer_within));
                }
            }
            CloseReason::TimedOut => self.timed_out += 1,
            _ => self.closed += 1,
        }
    }
}

/// A share kept as its two numbers, so that shares can be added up. 0 of 0 is no data, never 0 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ratio {
    /// The part.
    pub part: u64,
    /// The whole; for [`Work::concurrency`] the part may be larger.
    pub of: u64,
}

impl Ratio {
    /// Hundredths of the whole, rounded down; `None` without data.
    pub fn percent(self) -> Option<u64> {
        let percent = (u128::from(self.part) * 100).checked_div(u128::from(self.of))?;
        u64::try_from(percent).ok()
    }
}

/// How long things took in one campaign. Each counts when it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Times {
    /// Speed of answer: from admission to the first agent's acceptance.
    pub answer: Tally,
    /// From admission to the first message a human wrote; the automatic message is none.
    pub first_response: Tally,
    /// How long chats were with agents of the campaign, wrap-up included. A chat that comes back after the queue
    /// or another campaign counts again; a transfer within the campaign does not.
    pub handle: Tally,
    /// How often the waits newcomers were told to expect were right.
    pub estimates: EstimateScore,
}

/// How often the wait a newcomer was told to expect was right. First waits only.
///
/// Scored when an agent answers. A chat that ends unanswered is scored only if it had waited longer than the bound
/// by then, which is known to be wrong; how long the others would have waited nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct EstimateScore {
    /// Waits of which it is known whether the estimate was right.
    pub scored: u64,
    /// Of those, waits no longer than [`Estimate::at_most`]; nine in ten are to be expected.
    pub kept: u64,
    /// By how much the waits that ended with an answer differed from [`Estimate::seconds`].
    pub error: Tally,
}

impl EstimateScore {
    /// `waited` is in milliseconds.
    pub(crate) fn answered(&mut self, estimate: Option<Estimate>, waited: i64) {
        let Some(Estimate { seconds, at_most }) = estimate else {
            return;
        };
        self.scored += 1;
        self.kept += u64::from(waited <= i64::from(at_most) * 1_000);
        self.error.add(waited.abs_diff(i64::from(seconds) * 1_000));
    }

    /// `waited` is in milliseconds.
    pub(crate) fn unanswered(&mut self, estimate: Option<Estimate>, waited: i64) {
        if estimate.is_some_and(|estimate| waited > i64::from(estimate.at_most) * 1_000) {
            self.scored += 1;
        }
    }
}

/// How many spans were measured, and how long they were together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// Their sum in milliseconds.
    pub millis: u64,
}

impl Tally {
    /// Milliseconds of one on average, rounded down; `None` when nothing was measured.
    pub fn mean(self) -> Option<u64> {
        self.millis.checked_div(self.count)
    }

    /// Adds one span.
    pub fn add(&mut self, millis: u64) {
        self.count += 1;
        self.millis += millis;
    }
}

fn in_time(waited: i64, answer_within: Option<Seconds>) -> bool {
    answer_within.is_some_and(|limit| waited <= limit.as_millis())
}
