//! What a report asks of the read model and what it gets: sums of any stretch of time. Source: domain.md §8.

use std::collections::BTreeMap;

use serde::Serialize;
use webchat_core::id::{AgentId, CampaignId};
use webchat_core::metrics::{Counters, Interval, Tally, Work};
use webchat_core::time::Timestamp;

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportWish {
    /// The stretch of time; what happened at its first instant counts, what happened at its last does not.
    pub interval: Interval,
    /// Up to when agents have spent time on what they are doing now.
    pub now: Timestamp,
    /// Chats of this campaign only. What agents spent their time on is over all campaigns.
    pub campaign: Option<CampaignId>,
    /// What this agent did only; chats that no agent answered are then left out.
    pub agent: Option<AgentId>,
    /// The first instants of the parts of the interval that are told apart, in order; each lasts until the next.
    pub parts: Vec<Timestamp>,
}

/// The sums of an interval. Everything counts when it happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// By campaign, those in which nothing happened left out.
    pub campaigns: BTreeMap<CampaignId, CampaignSums>,
    /// By agent, those who did nothing left out.
    pub agents: BTreeMap<AgentId, AgentSums>,
    /// One for each of [`ReportWish::parts`].
    pub parts: Vec<Part>,
}

/// What became of a campaign's chats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignSums {
    /// W at the start: first waits under way.
    pub waiting_before: u64,
    /// The counts; [`Counters::waiting`] is W at the end.
    pub counters: Counters,
    /// From admission to the first agent's acceptance.
    pub answer: Tally,
    /// From admission to the first message a human wrote.
    pub first_response: Tally,
    /// How long chats were with agents of the campaign, wrap-up included.
    pub handle: Tally,
    /// What visitors and evaluations said.
    pub opinions: Opinions,
}

/// What one agent did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentSums {
    /// How the time was spent, over all campaigns. Its tallies stay empty.
    pub work: Work,
    /// Chats answered for the first time, of them within the service level's limit.
    pub answered_in_time: u64,
    /// How long those answered for the first time had waited.
    pub answer: Tally,
    /// From admission to the first message a human wrote, for those this agent wrote.
    pub first_response: Tally,
    /// How long chats were owned, wrap-up included.
    pub handle: Tally,
    /// Chats this agent was asked to take.
    pub offers: u64,
    /// Of those, not answered in time.
    pub lapsed: u64,
    /// Of those, refused.
    pub refused: u64,
    /// What visitors and evaluations said; a visitor's score is the last owner's.
    pub opinions: Opinions,
}

/// What was said of the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opinions {
    /// Scores given by visitors.
    pub scores: u64,
    /// Their sum; each is 1–5.
    pub score_sum: u64,
    /// Quality answered by the agent concerned.
    pub own: Judged,
    /// Quality answered by somebody else.
    pub others: Judged,
}

impl CampaignSums {
    /// Adds those of another campaign.
    pub fn add(&mut self, other: &Self) {
        self.waiting_before += other.waiting_before;
        self.counters.add(&other.counters);
        let mine = [&mut self.answer, &mut self.first_response, &mut self.handle];
        for (mine, theirs) in
            mine.into_iter()
                .zip([other.answer, other.first_response, other.handle])
        {
            mine.count += theirs.count;
            mine.millis += theirs.millis;
        }
        self.opinions.add(&other.opinions);
    }
}

impl Opinions {
    fn add(&mut self, other: &Self) {
        self.scores += other.scores;
        self.score_sum += other.score_sum;
        let mine = [&mut self.own, &mut self.others];
        for (mine, theirs) in mine.into_iter().zip([other.own, other.others]) {
            mine.count += theirs.count;
            mine.points += theirs.points;
            mine.most += theirs.most;
        }
    }
}

/// Evaluations that have a score, and those scores added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Judged {
    /// How many.
    pub count: u64,
    /// Points reached.
    pub points: i64,
    /// Points that could have been reached.
    pub most: i64,
}

/// What happened in a part of the interval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The counts; [`Counters::waiting`] is always 0, for it is no count of a stretch of time.
    pub counters: Counters,
    /// How long the chats answered in it had waited.
    pub answer: Tally,
}
