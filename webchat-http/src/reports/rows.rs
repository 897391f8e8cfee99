//! The rows of a report, as JSON and as CSV: the same numbers, made once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use webchat_core::event::RefusalReason;
use webchat_core::id::{AgentId, CampaignId};
use webchat_core::metrics::{Counters, Ratio, Tally};
use webchat_runtime::report::{AgentSums, CampaignSums, Judged, Opinions, Part};

use crate::csv::Csv;

use super::interval::Hour;

/// What became of the chats of a campaign, or of all together.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "CampaignReport")]
pub(super) struct CampaignRow {
    /// `None` in the total.
    campaign: Option<CampaignId>,
    /// `None` in the total, and when there is no such campaign any longer.
    name: Option<Arc<str>>,
    waiting_before: u64,
    #[serde(flatten)]
    counters: Counters,
    #[serde(flatten)]
    levels: Levels,
    speed_of_answer: Span,
    first_response: Span,
    handle_time: Span,
    #[serde(flatten)]
    said: Said,
}

/// What one agent did.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "AgentReport")]
pub(super) struct AgentRow {
    agent: AgentId,
    name: Option<Arc<str>>,
    answered: u64,
    answered_in_time: u64,
    service_level: Option<Ratio>,
    speed_of_answer: Span,
    first_response: Span,
    handle_time: Span,
    /// Milliseconds, as those that follow.
    signed_in: u64,
    busy: u64,
    ready: u64,
    away: u64,
    occupancy: Option<Ratio>,
    concurrency: Option<Ratio>,
    offers: u64,
    offers_lapsed: u64,
    offers_refused: u64,
    #[serde(flatten)]
    said: Said,
}

/// What happened in an hour of a local day.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "HourReport")]
pub(super) struct HourRow {
    day: String,
    hour: i8,
    #[serde(flatten)]
    counters: Counters,
    #[serde(flatten)]
    levels: Levels,
    speed_of_answer: Span,
}

/// Shares; `None` where there is nothing to measure.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ServiceLevels")]
struct Levels {
    service_level: Option<Ratio>,
    service_level_with_abandoned: Option<Ratio>,
    service_level_strict: Option<Ratio>,
    abandon_rate: Option<Ratio>,
}

/// Spans of time, in milliseconds.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Spans")]
struct Span {
    #[serde(flatten)]
    tally: Tally,
    mean: Option<u64>,
}

/// What visitors and evaluations said.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Opinions")]
struct Said {
    feedback: Scores,
    quality_by_agent: Quality,
    quality_by_others: Quality,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Scores")]
struct Scores {
    count: u64,
    sum: u64,
    /// 1–5, to two places.
    mean: Option<f64>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Quality")]
struct Quality {
    #[serde(flatten)]
    judged: Judged,
    /// Points reached of those that could be, in percent, to two places.
    percent: Option<f64>,
}

impl CampaignRow {
    pub(super) fn new(
        campaign: Option<CampaignId>,
        name: Option<Arc<str>>,
        sums: CampaignSums,
    ) -> Self {
        Self {
            campaign,
            name,
            waiting_before: sums.waiting_before,
            levels: Levels::of(&sums.counters),
            counters: sums.counters,
            speed_of_answer: sums.answer.into(),
            first_response: sums.first_response.into(),
            handle_time: sums.handle.into(),
            said: sums.opinions.into(),
        }
    }

    pub(super) fn csv(rows: &[Self], total: &Self) -> String {
        let mut csv = Csv::with_columns(
            ["campaign", "name", "waiting_before"]
                .into_iter()
                .chain(COUNTERS)
                .chain(LEVELS)
                .chain([
                    "speed_of_answer_seconds",
                    "first_response_seconds",
                    "handle_time_seconds",
                ])
                .chain(SAID),
        );
        for row in rows.iter().chain([total]) {
            csv.word(row.campaign.map(|campaign| campaign.0));
            csv.text(row.name.as_deref().unwrap_or_default());
            csv.word(Some(row.waiting_before));
            counters(&mut csv, &row.counters);
            row.levels.write(&mut csv);
            for span in [&row.speed_of_answer, &row.first_response, &row.handle_time] {
                span.write(&mut csv);
            }
            row.said.write(&mut csv);
            csv.end_line();
        }
        csv.take()
    }
}

impl AgentRow {
    pub(super) fn new(agent: AgentId, name: Option<Arc<str>>, sums: AgentSums) -> Self {
        let answered = sums.answer.count;
        let work = sums.work;
        Self {
            agent,
            name,
            answered,
            answered_in_time: sums.answered_in_time,
            service_level: some(Ratio {
                part: sums.answered_in_time,
                of: answered,
            }),
            speed_of_answer: sums.answer.into(),
            first_response: sums.first_response.into(),
            handle_time: sums.handle.into(),
            signed_in: work.signed_in(),
            busy: work.busy,
            ready: work.ready,
            away: work.away,
            occupancy: some(work.occupancy()),
            concurrency: some(work.concurrency()),
            offers: sums.offers,
            offers_lapsed: sums.lapsed,
            offers_refused: sums.refused,
            said: sums.opinions.into(),
        }
    }

    pub(super) fn csv(rows: &[Self]) -> String {
        let mut csv = Csv::with_columns(
            [
                "agent",
                "name",
                "answered",
                "answered_in_time",
                "service_level_percent",
                "speed_of_answer_seconds",
                "first_response_seconds",
                "handle_time_seconds",
                "signed_in_seconds",
                "busy_seconds",
                "ready_seconds",
                "away_seconds",
                "occupancy_percent",
                "concurrency",
                "offers",
                "offers_lapsed",
                "offers_refused",
            ]
            .into_iter()
            .chain(SAID),
        );
        for row in rows {
            csv.word(Some(row.agent.0));
            csv.text(row.name.as_deref().unwrap_or_default());
            csv.word(Some(row.answered));
            csv.word(Some(row.answered_in_time));
            csv.word(percent(row.service_level));
            for span in [&row.speed_of_answer, &row.first_response, &row.handle_time] {
                span.write(&mut csv);
            }
            for millis in [row.signed_in, row.busy, row.ready, row.away] {
                csv.word(Some(seconds(millis)));
            }
            csv.word(percent(row.occupancy));
            let at_once = row
                .concurrency
                .map(|at_once| two_places(at_once.part.into(), at_once.of.into()));
            csv.word(at_once);
            for count in [row.offers, row.offers_lapsed, row.offers_refused] {
                csv.word(Some(count));
            }
            row.said.write(&mut csv);
            csv.end_line();
        }
        csv.take()
    }
}

impl HourRow {
    /// One row for each local hour in which anything happened.
    pub(super) fn all(hours: impl Iterator<Item = Hour>, parts: Vec<Part>) -> Vec<Self> {
        let mut sums: BTreeMap<Hour, Part> = BTreeMap::new();
        for (hour, part) in hours.zip(parts) {
            if part != Part::default() {
                let sum = sums.entry(hour).or_default();
                sum.counters.add(&part.counters);
                sum.answer.count += part.answer.count;
                sum.answer.millis += part.answer.millis;
            }
        }
        let rows = sums.into_iter().map(|(Hour { day, hour }, sum)| Self {
            day: day.to_string(),
            hour,
            levels: Levels::of(&sum.counters),
            counters: sum.counters,
            speed_of_answer: sum.answer.into(),
        });
        rows.collect()
    }

    pub(super) fn csv(rows: &[Self]) -> String {
        let columns = ["day", "hour"].into_iter().chain(COUNTERS).chain(LEVELS);
        let mut csv = Csv::with_columns(columns.chain(["speed_of_answer_seconds"]));
        for row in rows {
            csv.word(Some(&row.day));
            csv.word(Some(row.hour));
            counters(&mut csv, &row.counters);
            row.levels.write(&mut csv);
            row.speed_of_answer.write(&mut csv);
            csv.end_line();
        }
        csv.take()
    }
}

const COUNTERS: [&str; 14] = [
    "offered",
    "answered",
    "answered_in_time",
    "abandoned",
    "abandoned_in_time",
    "short_abandoned",
    "timed_out",
    "closed",
    "flowed_out",
    "waiting",
    "refused_disabled",
    "refused_out_of_time",
    "refused_no_agents",
    "refused_queue_full",
];

fn counters(csv: &mut Csv, counters: &Counters) {
    let refused = |reason| counters.refused.get(&reason).copied().unwrap_or(0);
    for count in [
        counters.offered,
        counters.answered,
        counters.answered_in_time,
        counters.abandoned,
        counters.abandoned_in_time,
        counters.short_abandoned,
        counters.timed_out,
        counters.closed,
        counters.flowed_out,
        counters.waiting,
        refused(RefusalReason::Disabled),
        refused(RefusalReason::OutOfTime),
        refused(RefusalReason::NoAgents),
        refused(RefusalReason::QueueFull),
    ] {
        csv.word(Some(count));
    }
}

const LEVELS: [&str; 4] = [
    "service_level_percent",
    "service_level_with_abandoned_percent",
    "service_level_strict_percent",
    "abandon_rate_percent",
];

impl Levels {
    fn of(counters: &Counters) -> Self {
        Self {
            service_level: some(counters.service_level()),
            service_level_with_abandoned: some(counters.service_level_with_abandoned()),
            service_level_strict: some(counters.service_level_strict()),
            abandon_rate: some(counters.abandon_rate()),
        }
    }

    fn write(&self, csv: &mut Csv) {
        csv.word(percent(self.service_level));
        csv.word(percent(self.service_level_with_abandoned));
        csv.word(percent(self.service_level_strict));
        csv.word(percent(self.abandon_rate));
    }
}

impl From<Tally> for Span {
    fn from(tally: Tally) -> Self {
        Self {
            tally,
            mean: tally.mean(),
        }
    }
}

impl Span {
    fn write(&self, csv: &mut Csv) {
        csv.word(self.mean.map(seconds));
    }
}

const SAID: [&str; 6] = [
    "feedback_count",
    "feedback_mean",
    "quality_by_agent_count",
    "quality_by_agent_percent",
    "quality_by_others_count",
    "quality_by_others_percent",
];

impl From<Opinions> for Said {
    fn from(opinions: Opinions) -> Self {
        let (count, sum) = (opinions.scores, opinions.score_sum);
        let quality = |judged: Judged| Quality {
            percent: (judged.most != 0)
                .then(|| two_places(i128::from(judged.points) * 100, judged.most.into())),
            judged,
        };
        Self {
            feedback: Scores {
                count,
                sum,
                mean: (count > 0).then(|| two_places(sum.into(), count.into())),
            },
            quality_by_agent: quality(opinions.own),
            quality_by_others: quality(opinions.others),
        }
    }
}

impl Said {
    fn write(&self, csv: &mut Csv) {
        csv.word(Some(self.feedback.count));
        csv.word(self.feedback.mean);
        for quality in [&self.quality_by_agent, &self.quality_by_others] {
            csv.word(Some(quality.judged.count));
            csv.word(quality.percent);
        }
    }
}

/// 0 of 0 is no data.
fn some(share: Ratio) -> Option<Ratio> {
    (share.of > 0).then_some(share)
}

fn percent(share: Option<Ratio>) -> Option<f64> {
    share.map(|share| two_places(i128::from(share.part) * 100, share.of.into()))
}

/// A quotient, rounded to hundredths; `of` is not 0.
#[expect(
    clippy::cast_precision_loss,
    reason = "two places are shown, no more is told"
)]
fn two_places(part: i128, of: i128) -> f64 {
    (part as f64 / of as f64 * 100.0).round() / 100.0
}

/// Milliseconds as seconds, exactly.
fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1_000, millis % 1_000)
}
