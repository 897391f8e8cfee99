//! The figures of a run, as they are written down: in all, over time, and beside the server's own.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::Flags;
use crate::centre;
use crate::ledger::Verdict;
use crate::plan::Mix;
use crate::tally::{Counted, Log, Slice, Timed};

/// Points over time, at most.
const POINTS: usize = 120;
/// Shares below which latencies are told.
const SHARES: [f64; 13] = [
    0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9975, 0.999, 0.9995, 0.9999, 1.0,
];

/// Everything that is reported.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    /// What was asked for, by the names of the flags.
    pub(crate) plan: BTreeMap<&'static str, String>,
    /// Milliseconds since 1970 at the end of the run.
    pub(crate) at: u64,
    pub(crate) machine: String,
    /// From the first visitor planned to the last agent gone.
    pub(crate) seconds: f64,
    pub(crate) totals: Totals,
    pub(crate) latencies: Vec<Latency>,
    pub(crate) over_time: Vec<Point>,
    pub(crate) refused: BTreeMap<String, u64>,
    pub(crate) errors: BTreeMap<String, u64>,
    pub(crate) verification: Verdict,
    pub(crate) server: centre::Counted,
    pub(crate) agreement: Vec<Agreement>,
}

/// What was counted in all.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Totals {
    pub(crate) come: u64,
    pub(crate) admitted: u64,
    pub(crate) refused: u64,
    pub(crate) answered: u64,
    pub(crate) answered_in_time: u64,
    pub(crate) left_waiting: u64,
    pub(crate) timed_out: u64,
    pub(crate) ended: u64,
    pub(crate) acknowledged: u64,
    pub(crate) delivered: u64,
    pub(crate) errors: u64,
}

/// How long one kind of thing took, in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Latency {
    pub(crate) what: &'static str,
    pub(crate) count: u64,
    pub(crate) mean: f64,
    /// Share of all, and the time within which that share was done; the last one is the longest.
    pub(crate) within: Vec<(f64, f64)>,
}

/// Some seconds of the run. Times are milliseconds, `null` where nothing was timed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Point {
    /// Seconds from the beginning to the end of the slice.
    pub(crate) until: f64,
    pub(crate) seconds: f64,
    #[serde(flatten)]
    pub(crate) counts: Totals,
    pub(crate) start: Option<Quantiles>,
    pub(crate) acknowledgement: Option<Quantiles>,
    pub(crate) delivery: Option<Quantiles>,
    pub(crate) answer: Option<Quantiles>,
    pub(crate) lateness: Option<Quantiles>,
    /// Chats waiting and chats with an agent at the end of the slice, as the clients know.
    pub(crate) here: Option<(i64, i64)>,
    /// The same as the server says.
    pub(crate) server: Option<(i64, i64)>,
}

/// Milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Quantiles {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

/// One figure as measured here and as the server has it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Agreement {
    pub(crate) what: &'static str,
    pub(crate) here: f64,
    pub(crate) server: f64,
    /// The two must be the same; else they are measured at different ends of the wire and only close.
    pub(crate) exact: bool,
}

impl Agreement {
    pub(crate) fn holds(&self) -> bool {
        !self.exact || self.here == self.server
    }
}

impl Figures {
    pub(crate) fn of(
        flags: &Flags,
        mix: &Mix,
        took: Duration,
        log: &Log,
        verification: Verdict,
        server: centre::Counted,
    ) -> Self {
        let totals = Totals::of(&log.total);
        let latencies = Timed::ALL.iter().filter_map(|what| {
            let timed = log.timed.get(what)?;
            let millis = |micros: u64| micros as f64 / 1_000.0;
            let within = SHARES
                .iter()
                .map(|share| (*share, millis(timed.value_at_quantile(*share))));
            Some(Latency {
                what: what.name(),
                count: timed.len(),
                mean: timed.mean() / 1_000.0,
                within: within.collect(),
            })
        });
        let latencies: Vec<Latency> = latencies.collect();
        let agreement = agreement(&totals, &latencies, &server);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self {
            plan: plan(flags, mix),
            at: now.map_or(0, |now| now.as_millis() as u64),
            machine: machine(),
            seconds: took.as_secs_f64(),
            totals,
            latencies,
            over_time: over_time(&log.slices),
            refused: log.refusals.clone(),
            errors: log.errors.clone(),
            verification,
            server,
            agreement,
        }
    }

    /// Nothing was lost, doubled, reordered or altered, and the server counts what there was.
    pub(crate) fn hold(&self) -> bool {
        self.verification.is_clean() && self.agreement.iter().all(Agreement::holds)
    }

    pub(crate) fn latency(&self, what: Timed) -> Option<&Latency> {
        self.latencies
            .iter()
            .find(|latency| latency.what == what.name())
    }

    /// Answered in time, of those answered; `None` if nobody was.
    pub(crate) fn service_level(&self) -> Option<f64> {
        share(self.totals.answered_in_time, self.totals.answered)
    }

    /// The most of something in a second, over a slice.
    pub(crate) fn peak(&self, count: impl Fn(&Totals) -> u64) -> f64 {
        let rates = self
            .over_time
            .iter()
            .map(|point| count(&point.counts) as f64 / point.seconds);
        rates.fold(0.0, f64::max)
    }

    /// A few lines for the terminal.
    pub(crate) fn text(&self) -> String {
        let Totals {
            come,
            admitted,
            refused,
            answered,
            left_waiting,
            timed_out,
            errors,
            ..
        } = self.totals;
        let v = &self.verification;
        let mut text = format!(
            "{come} visitors in {:.0} s: {admitted} admitted, {refused} refused, {answered} answered, {} left waiting, {timed_out} timed out, {errors} errors\n",
            self.seconds, left_waiting,
        );
        for latency in &self.latencies {
            text += &format!(
                "{:<16} p50 {:>9.2} ms   p99 {:>9.2} ms   p99.9 {:>9.2} ms   max {:>9.2} ms   of {}\n",
                latency.what,
                latency.at(0.5),
                latency.at(0.99),
                latency.at(0.999),
                latency.at(1.0),
                latency.count,
            );
        }
        text += &format!(
            "{} messages in {} chats read by both sides, {} chats compared with the store: {} lost, {} doubled, {} reordered, {} altered\n",
            v.messages, v.chats, v.stored_chats, v.lost, v.doubled, v.reordered, v.altered,
        );
        let mut lines: Vec<String> = v.faults.clone();
        lines.extend(
            self.errors
                .iter()
                .map(|(what, count)| format!("{count} times: {what}")),
        );
        let differ = self.agreement.iter().filter(|agreement| !agreement.holds());
        lines.extend(
            differ.map(|a| format!("{}: {} here, {} on the server", a.what, a.here, a.server)),
        );
        text + &lines.join("\n")
    }
}

impl Latency {
    /// Milliseconds within which this share was done.
    pub(crate) fn at(&self, share: f64) -> f64 {
        let found = self.within.iter().find(|(known, _)| *known >= share);
        found.map_or(0.0, |(_, millis)| *millis)
    }
}

impl Totals {
    fn of(slice: &Slice) -> Self {
        Self {
            come: slice.count(Counted::Come),
            admitted: slice.count(Counted::Admitted),
            refused: slice.count(Counted::Refused),
            answered: slice.count(Counted::Answered),
            answered_in_time: slice.count(Counted::InTime),
            left_waiting: slice.count(Counted::Left),
            timed_out: slice.count(Counted::TimedOut),
            ended: slice.count(Counted::Ended),
            acknowledged: slice.count(Counted::Acknowledged),
            delivered: slice.count(Counted::Delivered),
            errors: slice.errors,
        }
    }
}

/// `part` of `of`; `None` of nothing.
pub(crate) fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

fn agreement(here: &Totals, latencies: &[Latency], server: &centre::Counted) -> Vec<Agreement> {
    let exact = |what, here: u64, server: u64| Agreement {
        what,
        here: here as f64,
        server: server as f64,
        exact: true,
    };
    let mut all = vec![
        exact("chats admitted", here.admitted, server.offered),
        exact("answered", here.answered, server.answered),
        exact("left while waiting", here.left_waiting, server.abandoned),
        exact("timed out", here.timed_out, server.timed_out),
        exact("refused", here.refused, server.refused),
        exact("still waiting", 0, server.waiting),
        Agreement {
            exact: false,
            ..exact(
                "answered in time",
                here.answered_in_time,
                server.answered_in_time,
            )
        },
    ];
    let answer = latencies
        .iter()
        .find(|latency| latency.what == Timed::Answer.name());
    if let (Some(answer), Some(mean)) = (answer, server.mean_answer) {
        all.push(Agreement {
            what: "mean wait for an agent, ms",
            here: answer.mean.round(),
            server: mean as f64,
            exact: false,
        });
    }
    all
}

fn over_time(slices: &[Slice]) -> Vec<Point> {
    let width = slices.len().div_ceil(POINTS).max(1);
    let merged = slices.chunks(width).zip(1..);
    let point = |(chunk, number): (&[Slice], usize)| {
        let mut whole = Slice::default();
        chunk.iter().for_each(|slice| whole.add(slice));
        let quantiles = |what| {
            let at = |share| {
                whole
                    .quantile(what, share)
                    .map(|micros| micros as f64 / 1_000.0)
            };
            Some(Quantiles {
                p50: at(0.5)?,
                p90: at(0.9)?,
                p99: at(0.99)?,
                max: at(1.0)?,
            })
        };
        Point {
            until: ((number - 1) * width + chunk.len()) as f64,
            seconds: chunk.len() as f64,
            counts: Totals::of(&whole),
            start: quantiles(Timed::Start),
            acknowledgement: quantiles(Timed::Ack),
            delivery: quantiles(Timed::Delivery),
            answer: quantiles(Timed::Answer),
            lateness: quantiles(Timed::Lateness),
            here: whole.here,
            server: whole.server,
        }
    };
    merged.map(point).collect()
}

fn plan(flags: &Flags, mix: &Mix) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("visitors", mix.visitors.to_string()),
        ("arrivals", format!("{:?}", mix.arrivals).to_lowercase()),
        ("rate", format!("{} a second", mix.rate)),
        ("ramp", format!("{} s", mix.ramp)),
        (
            "patience",
            if mix.patience > 0.0 {
                format!("{} s on average", mix.patience)
            } else {
                "endless".into()
            },
        ),
        ("chat-length", format!("{} s on average", mix.chat_length)),
        ("messages", format!("{} on average", mix.messages)),
        ("think", format!("{} s on average", flags.think)),
        ("agents", flags.agents.to_string()),
        ("cap", flags.cap.to_string()),
        ("answer-within", format!("{} s", flags.answer_within)),
        ("max-chats", flags.max_chats.to_string()),
        ("time-out", format!("{} s", flags.time_out)),
        ("addresses", mix.addresses.to_string()),
        ("seed", mix.seed.to_string()),
    ])
}

/// What the run was made on, server and clients alike if the server is local.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let model = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load
        .split(' ')
        .next()
        .map(|load| format!(", load average {load} at the end"))
        .unwrap_or_default();
    let model = model.map_or("an unknown processor", |(_, model)| model.trim());
    format!("{model}, {cores} cores{load}")
}
