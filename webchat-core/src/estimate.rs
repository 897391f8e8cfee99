//! How long a chat will probably wait: the chats ahead of it are walked in order, each for as long as the
//! queue's recent pace says until one more of them is gone.
//!
//! With `k` slots' worth of chats ending per millisecond and `θ` the rate at which a waiting visitor gives up,
//! the step with `i` chats still ahead takes 1 / (k + i·θ); a chat ahead is gone at its Time Out at the
//! latest. Source: domain.md §4, "(position, estimate)". Only sums, products, quotients and square roots of
//! floating-point numbers are used, which are the same on every machine; the state keeps integers.
//!
//! The walk starts at the chat itself, where each step counts most, and gets coarser towards the head of the
//! queue, so that a million chats ahead take about a hundred steps.

use serde::{Deserialize, Serialize};

use crate::limits;
use crate::queue::Place;
use crate::state::{CampaignState, Phase, State};
use crate::time::Timestamp;

/// How long a chat will probably wait: never longer than its own Time Out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimate {
    /// Expected seconds still to wait, rounded up.
    pub seconds: u32,
    /// Nine in ten such waits should be no longer than these seconds; never less than `seconds`.
    pub at_most: u32,
}

/// What recent chats of a campaign tell about its pace.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub(crate) struct Pace {
    /// Chats that were with agents and no longer are.
    service: Recent,
    /// Waits that took any time at all.
    waits: Recent,
    /// Of those, given up by the visitor.
    leaves: u64,
}

/// A count and a sum of which the older part fades.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Recent {
    /// In 1/1024.
    count: u64,
    millis: u64,
}

/// One in the fixed-point counts.
const ONE: u64 = 1_024;
/// Ended chats that are evidence enough.
const ENOUGH: u64 = 5 * ONE;
/// When so many are counted, all weigh half from then on.
const WINDOW: u64 = 64 * ONE;
/// Steps that are taken one by one before they are taken in blocks.
const SINGLE: u32 = 16;
/// Most blocks a walk can take, for 2^32 chats ahead.
const BLOCKS: usize = 256;

impl Recent {
    /// Adds one; says whether everything counts half from now on.
    fn add(&mut self, millis: i64) -> bool {
        self.count += ONE;
        self.millis += millis.unsigned_abs();
        let full = self.count >= WINDOW;
        if full {
            self.count /= 2;
            self.millis /= 2;
        }
        full
    }
}

impl Pace {
    /// A chat was with agents of the campaign for so many milliseconds.
    pub(crate) fn served(&mut self, millis: i64) {
        self.service.add(millis);
    }

    /// A first wait took so many milliseconds; the visitor gave up, or it ended otherwise.
    pub(crate) fn waited(&mut self, millis: i64, gave_up: bool) {
        if millis == 0 {
            return;
        }
        self.leaves += if gave_up { ONE } else { 0 };
        if self.waits.add(millis) {
            self.leaves /= 2;
        }
    }

    /// Chats ended per millisecond with `active` of them with agents, and visitors giving up per
    /// millisecond of waiting; `None` without evidence.
    fn rates(&self, active: u32) -> Option<(f64, f64)> {
        if active == 0 || self.service.count < ENOUGH || self.service.millis == 0 {
            return None;
        }
        let rate = |count: u64, millis: u64| count as f64 / ONE as f64 / (millis.max(1) as f64);
        let ending = f64::from(active) * rate(self.service.count, self.service.millis);
        Some((ending, rate(self.leaves, self.waits.millis)))
    }

    /// The estimate behind `ahead` others.
    fn estimate(
        &self,
        active: u32,
        ahead: u32,
        time_outs: Option<TimeOuts<impl Fn(u32) -> f64>>,
    ) -> Option<Estimate> {
        let (ending, leaving) = self.rates(active)?;
        let first = 1.0 / ending;
        let wait: f64 = blocks(ending, leaving, ahead)
            .map(|block| block.millis)
            .sum();
        let (wait, own) = match time_outs {
            None => (wait, f64::INFINITY),
            Some(TimeOuts { soonest, left }) if wait <= soonest => (wait, left(ahead)),
            Some(TimeOuts { left, .. }) => (walk(ending, leaving, ahead, &left), left(ahead)),
        };
        let wait = wait + first;
        let at_most = wait * gamma_ninety(f64::from(ahead) + 1.0);
        // Nobody waits longer than their own Time Out.
        Some(Estimate {
            seconds: whole_seconds(wait.min(own)),
            at_most: whole_seconds(at_most.max(wait).min(own)),
        })
    }
}

/// When the chats ahead are gone at the latest.
struct TimeOuts<F> {
    /// None of them is gone by its Time Out for as many milliseconds.
    soonest: f64,
    /// How many milliseconds are left to the one at a rank from 0, the head of the queue; the rank after those
    /// ahead is the chat itself.
    left: F,
}

/// Consecutive steps that take about the same time each.
struct Block {
    /// Chats still ahead when the first of these steps begins.
    ahead: u32,
    /// What all of them take together.
    millis: f64,
}

/// The numbers of chats still ahead in the steps of one block.
#[derive(Clone, Copy)]
struct Span {
    first: u32,
    last: u32,
    width: f64,
    middle: f64,
}

impl Span {
    const fn new(first: u32, last: u32) -> Self {
        let width = last - first;
        Self {
            first,
            last,
            width: width as f64 + 1.0,
            middle: first as f64 + width as f64 / 2.0,
        }
    }
}

/// From one chat ahead to [`u32::MAX`].
static SPANS: [Span; BLOCKS] = {
    let mut spans = [Span::new(u32::MAX, u32::MAX); BLOCKS];
    let mut at = 0;
    let mut first = 1;
    while first < u32::MAX {
        let width = if first < SINGLE { 1 } else { first / 8 };
        spans[at] = Span::new(first, first.saturating_add(width - 1));
        first = first.saturating_add(width);
        at += 1;
    }
    spans
};

/// The steps with 1, 2, 3 … up to `most` chats still ahead, from the last one taken to the first.
fn blocks(ending: f64, leaving: f64, most: u32) -> impl Iterator<Item = Block> {
    let whole = SPANS.partition_point(|span| span.last <= most);
    let rest = SPANS.get(whole).filter(|rest| rest.first <= most);
    let rest = rest.map(|rest| Span::new(rest.first, most));
    let spans = SPANS[..whole].iter().copied().chain(rest);
    spans.map(move |span| Block {
        ahead: span.last,
        millis: span.width / (ending + span.middle * leaving),
    })
}

/// How long until nobody is ahead. With `i` still ahead it takes the steps for `i` from then on; and no more
/// than `i` are ahead once the Time Outs of all others before them have passed.
fn walk(ending: f64, leaving: f64, ahead: u32, time_out: &impl Fn(u32) -> f64) -> f64 {
    let mut marks = [(0.0, 0.0); BLOCKS];
    let mut taken = 0;
    let mut steps = 0.0;
    let mut left = 0;
    for block in blocks(ending, leaving, ahead).take(BLOCKS) {
        marks[taken] = (time_out(ahead - left - 1), steps);
        taken += 1;
        steps += block.millis;
        left = block.ahead;
    }
    let mut passed = 0.0_f64;
    for (time_out, rest) in marks[..taken].iter().rev() {
        passed = passed.max(*time_out);
        steps = steps.min(passed + rest);
    }
    steps
}

impl State {
    /// The estimate for a chat that stands, or would stand, at `place`; `None` without evidence.
    pub(crate) fn estimate(
        &self,
        campaign: &CampaignState,
        place: Place,
        wait_from: Timestamp,
        now: Timestamp,
    ) -> Option<Estimate> {
        let ahead = campaign.waiting.ahead_of(place);
        let time_outs = campaign.settings.time_out.map(|limit| {
            let left = move |until: Timestamp| until.since(now) as f64;
            let first_enqueue = |chat| self.chat(chat).map(|chat| chat.requested_at);
            let oldest = campaign.waiting.heads().filter_map(first_enqueue).min();
            TimeOuts {
                soonest: oldest.map_or(f64::INFINITY, |oldest| left(oldest.after(limit))),
                left: move |rank: u32| {
                    if rank == ahead {
                        return left(wait_from.after(limit));
                    }
                    let chat = campaign.waiting.nth(rank);
                    let Some(chat) = chat.and_then(|chat| self.chat(chat)) else {
                        return f64::INFINITY;
                    };
                    let until = chat.requested_at.after(limit);
                    if until > now {
                        return left(until);
                    }
                    // A chat that came back to the queue, or comes from another one, has a time of its own.
                    match chat.phase {
                        Phase::Transferring { lapses_at, .. } => {
                            lapses_at.map_or(f64::INFINITY, left)
                        }
                        _ => left(chat.wait_from.after(limit)),
                    }
                },
            }
        });
        campaign.pace.estimate(campaign.active, ahead, time_outs)
    }
}

/// The ninetieth percentile of a Gamma distribution with this shape, divided by its mean. Source: the
/// approximation of Wilson and Hilferty.
fn gamma_ninety(shape: f64) -> f64 {
    const NORMAL_NINETY: f64 = 1.281_551_565_544_600_4;
    let cube_root = 1.0 - 1.0 / (9.0 * shape) + NORMAL_NINETY / (3.0 * shape.sqrt());
    cube_root * cube_root * cube_root
}

fn whole_seconds(millis: f64) -> u32 {
    // Saturates; the bound keeps what no visitor would wait for anyway presentable.
    ((millis / 1_000.0).ceil() as u32).min(limits::SETTING_SECONDS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Chats took a minute; of ten waits of a minute each, `leaves` were given up.
    fn pace(leaves: u32) -> Pace {
        let mut pace = Pace::default();
        for wait in 0..10 {
            pace.served(60_000);
            pace.waited(60_000, wait < leaves);
        }
        pace
    }

    type Left = fn(u32) -> f64;
    const NEVER: Option<TimeOuts<Left>> = None;

    fn seconds(pace: Pace, active: u32, ahead: u32) -> Option<u32> {
        let estimate = pace.estimate(active, ahead, NEVER);
        estimate.map(|estimate| estimate.seconds)
    }

    /// With the seconds left to each, the chat itself last.
    fn with_time_outs(time_outs: &[f64]) -> u32 {
        let ahead = time_outs.len() as u32 - 1;
        let time_outs = TimeOuts {
            soonest: 0.0,
            left: |rank: u32| time_outs[rank as usize] * 1_000.0,
        };
        let estimate = pace(0).estimate(1, ahead, Some(time_outs)).unwrap();
        estimate.seconds
    }

    #[test]
    fn the_next_in_line_waits_for_one_of_the_slots() {
        assert_eq!(seconds(pace(0), 1, 0), Some(60));
        assert_eq!(seconds(pace(0), 3, 0), Some(20));
        assert_eq!(seconds(pace(0), 3, 5), Some(120));
    }

    #[test]
    fn those_ahead_who_give_up_shorten_the_wait() {
        // One in 60 s ends; each waiting visitor gives up once in 120 s: 1/(1/60 + 2/120) + 1/(1/60 + 1/120) + 60.
        assert_eq!(seconds(pace(5), 1, 2), Some(30 + 40 + 60));
    }

    #[test]
    fn those_ahead_are_gone_at_their_time_out() {
        let never = f64::INFINITY;
        assert_eq!(with_time_outs(&[10.0, 25.0, never]), 25 + 60);
        assert_eq!(with_time_outs(&[10.0, 90.0, never]), 10 + 60 + 60);
        assert_eq!(with_time_outs(&[never, never, never]), 180);
        assert_eq!(
            with_time_outs(&[10.0, 90.0, 75.0]),
            75,
            "and so is the chat itself"
        );
    }

    #[test]
    fn without_evidence_there_is_no_number() {
        assert_eq!(seconds(pace(0), 0, 3), None, "nobody is being served");
        let mut young = Pace::default();
        for _ in 0..4 {
            young.served(60_000);
        }
        assert_eq!(seconds(young, 1, 0), None, "four chats are too few");
        young.served(60_000);
        assert_eq!(seconds(young, 1, 0), Some(60));
        let mut instant = Pace::default();
        (0..100).for_each(|_| instant.served(0));
        assert_eq!(
            seconds(instant, 1, 0),
            None,
            "chats that took no time tell nothing"
        );
    }

    #[test]
    fn old_evidence_fades() {
        let mut pace = pace(0);
        for _ in 0..300 {
            pace.served(30_000);
        }
        assert_eq!(seconds(pace, 1, 0), Some(31));
    }

    #[test]
    fn nine_in_ten_waits_are_within_the_bound() {
        // Quantiles of the Gamma distribution from tables: shape 1: 2.30, 5: 7.99, 50: 59.2.
        for (shape, quantile) in [(1.0, 2.30), (5.0, 7.99), (50.0, 59.2)] {
            let found = gamma_ninety(shape) * shape;
            assert!((found / quantile - 1.0).abs() < 0.012, "{found} {quantile}");
        }
    }

    proptest! {
        #[test]
        fn blocks_hardly_differ_from_single_steps(
            ending in 1e-8..1.0_f64, share in 0.0..10.0_f64, most in 0..20_000_u32
        ) {
            let leaving = ending * share;
            let single: f64 = (1..=most).map(|i| 1.0 / (ending + f64::from(i) * leaving)).sum();
            let blocks: f64 = blocks(ending, leaving, most).map(|block| block.millis).sum();
            prop_assert!((blocks - single).abs() <= single * 2e-3, "{blocks} {single}");
        }

        #[test]
        fn the_walk_is_close_to_one_that_looks_at_every_chat(
            ending in 1e-6..1e-2_f64, share in 0.0..2.0_f64,
            gaps in prop::collection::vec(0..3_000_u32, 0..400), burst in 1..50_usize,
        ) {
            // Visitors came in bursts, in order, and have the same Time Out.
            let gaps = gaps.iter().enumerate().map(|(at, gap)| if at % burst == 0 { *gap } else { 0 });
            let time_outs: Vec<f64> = gaps
                .scan(0.0, |sum, gap| {
                    *sum += f64::from(gap);
                    Some(*sum)
                })
                .collect();
            let ahead = time_outs.len() as u32;
            let leaving = ending * share;
            let mut plain = 0.0_f64;
            for (gone, time_out) in (0..).zip(&time_outs) {
                let step = 1.0 / (ending + f64::from(ahead - gone) * leaving);
                plain = (plain + step).min(time_out.max(plain));
            }
            let found = walk(ending, leaving, ahead, &|rank| time_outs[rank as usize]);
            let last = time_outs.last().copied().unwrap_or(0.0);
            prop_assert!(found <= last + 1e-6);
            prop_assert!(found >= plain * 0.998 - 1e-6, "{found} {plain}");
            // A block hides at most an eighth of those ahead.
            prop_assert!(found <= plain * 1.002 + last / 6.0, "{found} {plain}");
        }

        #[test]
        fn more_ahead_never_shortens_the_wait(
            served in prop::collection::vec(0..10_000_000_i64, 5..200),
            waits in prop::collection::vec((0..10_000_000_i64, any::<bool>()), 0..200),
            active in 0..1_000_u32,
        ) {
            let mut pace = Pace::default();
            served.iter().for_each(|millis| pace.served(*millis));
            waits.iter().for_each(|(millis, gave_up)| pace.waited(*millis, *gave_up));
            let mut before = 0;
            for ahead in [0, 1, 2, 15, 16, 17, 18, 63, 1_000, 5_000, 1_000_000] {
                if let Some(estimate) = pace.estimate(active, ahead, NEVER) {
                    prop_assert!(estimate.seconds >= before);
                    prop_assert!(estimate.at_most >= estimate.seconds);
                    before = estimate.seconds;
                }
            }
        }
    }
}
