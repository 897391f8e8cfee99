//! What happened when: counts and latencies, in all and by the second.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

/// What is timed. Each counts from the instant at which the plan wanted it, not from when the generator got to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timed {
    /// A visitor comes → the server has answered `start`: connection, upgrade, hello and admission.
    Start,
    /// A message is to be written → it is acknowledged.
    Ack,
    /// A message is to be written → the other side has it.
    Delivery,
    /// A visitor asks for a chat → an agent is there.
    Answer,
    /// The plan wants something done → the generator does it. What is late here is the generator's own fault.
    Lateness,
}

impl Timed {
    pub(crate) const ALL: [Self; 5] = [
        Self::Start,
        Self::Ack,
        Self::Delivery,
        Self::Answer,
        Self::Lateness,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Ack => "acknowledgement",
            Self::Delivery => "delivery",
            Self::Answer => "answer",
            Self::Lateness => "lateness",
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    Come,
    Admitted,
    Refused,
    Answered,
    /// Answered within the service level's limit.
    InTime,
    Left,
    TimedOut,
    Ended,
    Acknowledged,
    Delivered,
}

const COUNTED: usize = 10;

/// One second.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slice {
    counts: [u64; COUNTED],
    pub(crate) errors: u64,
    timed: BTreeMap<Timed, Histogram<u32>>,
    /// Chats waiting and chats with an agent at the end of it, as the clients know and as the server says.
    pub(crate) here: Option<(i64, i64)>,
    pub(crate) server: Option<(i64, i64)>,
}

/// All of it.
pub(crate) struct Log {
    pub(crate) slices: Vec<Slice>,
    pub(crate) total: Slice,
    pub(crate) timed: BTreeMap<Timed, Histogram<u64>>,
    /// Newcomers turned away, by code.
    pub(crate) refusals: BTreeMap<String, u64>,
    /// What went wrong, in a few words, and how often.
    pub(crate) errors: BTreeMap<String, u64>,
    pub(crate) waiting: i64,
    pub(crate) active: i64,
}

/// What clients write into together.
pub(crate) struct Tally {
    pub(crate) begun: Instant,
    log: Mutex<Log>,
}

impl Slice {
    pub(crate) fn count(&self, what: Counted) -> u64 {
        self.counts[what as usize]
    }

    /// Microseconds; `None` if nothing was timed.
    pub(crate) fn quantile(&self, what: Timed, quantile: f64) -> Option<u64> {
        let timed = self.timed.get(&what)?;
        Some(timed.value_at_quantile(quantile))
    }

    /// Takes in the second that follows.
    pub(crate) fn add(&mut self, next: &Slice) {
        for (count, more) in self.counts.iter_mut().zip(next.counts) {
            *count += more;
        }
        self.errors += next.errors;
        for (what, more) in &next.timed {
            // Both have the same bounds.
            let _ = self.timed.entry(*what).or_insert_with(coarse).add(more);
        }
        self.here = next.here.or(self.here);
        self.server = next.server.or(self.server);
    }
}

impl Tally {
    pub(crate) fn new() -> Self {
        let log = Log {
            slices: Vec::new(),
            total: Slice::default(),
            timed: BTreeMap::new(),
            refusals: BTreeMap::new(),
            errors: BTreeMap::new(),
            waiting: 0,
            active: 0,
        };
        Self {
            begun: Instant::now(),
            log: Mutex::new(log),
        }
    }

    pub(crate) fn open(&self) -> MutexGuard<'_, Log> {
        // No code that holds this lock can panic half way.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time since the run began.
    pub(crate) fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    pub(crate) fn count(&self, what: Counted) {
        let now = self.now();
        let mut log = self.open();
        log.slice(now).counts[what as usize] += 1;
        log.total.counts[what as usize] += 1;
    }

    /// Times what was due at `due`, and is done now.
    pub(crate) fn time(&self, what: Timed, due: Duration) {
        let now = self.now();
        let micros = now.saturating_sub(due).as_micros().max(1) as u64;
        let mut log = self.open();
        log.slice(now)
            .timed
            .entry(what)
            .or_insert_with(coarse)
            .saturating_record(micros);
        log.timed
            .entry(what)
            .or_insert_with(fine)
            .saturating_record(micros);
    }

    /// Something went wrong.
    pub(crate) fn error(&self, what: impl Into<String>) {
        let now = self.now();
        let mut log = self.open();
        log.slice(now).errors += 1;
        log.total.errors += 1;
        *log.errors.entry(what.into()).or_default() += 1;
    }

    /// A newcomer was turned away.
    pub(crate) fn refused(&self, code: &str) {
        self.count(Counted::Refused);
        *self.open().refusals.entry(code.to_owned()).or_default() += 1;
    }

    /// Chats began or ceased to wait, or to be with an agent.
    pub(crate) fn moved(&self, waiting: i64, active: i64) {
        let mut log = self.open();
        log.waiting += waiting;
        log.active += active;
    }

    /// Notes how many chats there are at the end of this second.
    pub(crate) fn sample(&self, server: Option<(i64, i64)>) {
        let now = self.now();
        let mut log = self.open();
        let here = (log.waiting, log.active);
        let slice = log.slice(now);
        slice.here = Some(here);
        slice.server = server;
    }
}

impl Log {
    fn slice(&mut self, now: Duration) -> &mut Slice {
        let second = now.as_secs() as usize;
        if self.slices.len() <= second {
            self.slices.resize(second + 1, Slice::default());
        }
        &mut self.slices[second]
    }
}

/// Longest time told from longer ones, an hour in microseconds.
const LONGEST: u64 = 3_600_000_000;

/// One percent exact: there are thousands of them.
#[allow(clippy::unwrap_used, reason = "the bounds are constants that fit")]
fn coarse() -> Histogram<u32> {
    Histogram::new_with_bounds(1, LONGEST, 2).unwrap()
}

/// One in a thousand exact.
#[allow(clippy::unwrap_used, reason = "the bounds are constants that fit")]
fn fine() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST, 3).unwrap()
}
