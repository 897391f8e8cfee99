//! How long a chat will probably wait: the chats ahead of it are walked in order, each for as long as the
//! queue's recent pace says until one more of them is gone.
//!
//! With `k` slots' worth of chats ending per millisecond and `θ` the rate at which a waiting visitor gives up,
//! the step with `i` chats still ahead takes 1 / (k + i·θ); a chat ahead is gone at its Time Out at the
//! latest. Source: domain.md §4, "(position, estimate)". Only sums, products, quotients and square roots of
//! floating-point numbers are used, which are the same on every machine; the state keeps integers.

use serde::{Deserialize, Serialize};

use crate::limits;
use crate::queue::Place;
use crate::state::{CampaignState, Phase, State};
use crate::time::Timestamp;

/// How long a chat will probably wait: never longer than its own Time Out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Estimate {
    /// Expected seconds still to wait, rounded up.
    pub seconds: u32,
    /// Nine in ten such waits should be no longer than these seconds; never less than `seconds`.
    pub at_most: u32,
}

/// What recent chats of a campaign tell about its pace.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
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
/// Chats ahead whose Time Outs are looked at one by one.
const WALKED: u32 = 1_000;
/// Steps that are summed one by one before they are summed in blocks.
const SINGLE: u32 = 64;

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

    /// The estimate behind `ahead` others. `time_outs` are the milliseconds left to those ahead, from the head
    /// of the queue on, `own` those left to the chat itself.
    fn estimate(
        &self,
        active: u32,
        ahead: u32,
        time_outs: impl Iterator<Item = f64>,
        own: Option<f64>,
    ) -> Option<Estimate> {
        let (ending, leaving) = self.rates(active)?;
        let step = |ahead: u32| 1.0 / (ending + f64::from(ahead) * leaving);
        let mut wait = 0.0_f64;
        let mut left = ahead;
        for time_out in time_outs.take(ahead.min(WALKED) as usize) {
            wait = (wait + step(left)).min(time_out.max(wait));
            left -= 1;
        }
        wait += steps(ending, leaving, left) + step(0);
        let at_most = wait * gamma_ninety(f64::from(ahead) + 1.0);
        // Nobody waits longer than their own Time Out.
        let own = own.unwrap_or(f64::INFINITY);
        Some(Estimate {
            seconds: whole_seconds(wait.min(own)),
            at_most: whole_seconds(at_most.max(wait).min(own)),
        })
    }
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
        let Some(limit) = campaign.settings.time_out else {
            return campaign
                .pace
                .estimate(campaign.active, ahead, std::iter::empty(), None);
        };
        let left = |until: Timestamp| until.since(now) as f64;
        let time_outs = campaign.waiting.iter().map(|(place, chat)| {
            let until = place.since.after(limit);
            // A chat that came back to the queue, or comes from another one, has a time of its own.
            let chat = match until > now {
                true => None,
                false => self.chat(chat),
            };
            match chat.map(|chat| (chat.phase, chat.wait_from)) {
                None => left(until),
                Some((Phase::Transferring { lapses_at, .. }, _)) => {
                    lapses_at.map_or(f64::INFINITY, left)
                }
                Some((_, wait_from)) => left(wait_from.after(limit)),
            }
        });
        let own = left(wait_from.after(limit));
        campaign
            .pace
            .estimate(campaign.active, ahead, time_outs, Some(own))
    }
}

/// The sum of 1 / (ending + i·leaving) for i from 1 to `most`, in blocks where the terms hardly differ.
fn steps(ending: f64, leaving: f64, most: u32) -> f64 {
    let mut sum = 0.0;
    let mut i = 1;
    while i <= most {
        let width = if i < SINGLE {
            1
        } else {
            (i / 16).min(most - i + 1)
        };
        let middle = f64::from(i) + f64::from(width - 1) / 2.0;
        sum += f64::from(width) / (ending + middle * leaving);
        i += width;
    }
    sum
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

    fn seconds(pace: Pace, active: u32, ahead: u32, time_outs: &[f64]) -> Option<u32> {
        let estimate = pace.estimate(active, ahead, time_outs.iter().copied(), None);
        estimate.map(|estimate| estimate.seconds)
    }

    #[test]
    fn the_next_in_line_waits_for_one_of_the_slots() {
        assert_eq!(seconds(pace(0), 1, 0, &[]), Some(60));
        assert_eq!(seconds(pace(0), 3, 0, &[]), Some(20));
        assert_eq!(seconds(pace(0), 3, 5, &[]), Some(120));
    }

    #[test]
    fn those_ahead_who_give_up_shorten_the_wait() {
        // One in 60 s ends; each waiting visitor gives up once in 120 s: 1/(1/60 + 2/120) + 1/(1/60 + 1/120) + 60.
        assert_eq!(seconds(pace(5), 1, 2, &[]), Some(30 + 40 + 60));
    }

    #[test]
    fn those_ahead_are_gone_at_their_time_out() {
        assert_eq!(seconds(pace(0), 1, 2, &[10_000.0, 25_000.0]), Some(25 + 60));
        assert_eq!(
            seconds(pace(0), 1, 2, &[10_000.0, 90_000.0]),
            Some(10 + 60 + 60)
        );
        assert_eq!(seconds(pace(0), 1, 2, &[f64::INFINITY; 2]), Some(180));
        let own = Some(75_000.0);
        let estimate = pace(0).estimate(1, 2, [10_000.0, 90_000.0].into_iter(), own);
        let capped = Estimate {
            seconds: 75,
            at_most: 75,
        };
        assert_eq!(estimate, Some(capped), "and so is the chat itself");
    }

    #[test]
    fn without_evidence_there_is_no_number() {
        assert_eq!(seconds(pace(0), 0, 3, &[]), None, "nobody is being served");
        let mut young = Pace::default();
        for _ in 0..4 {
            young.served(60_000);
        }
        assert_eq!(seconds(young, 1, 0, &[]), None, "four chats are too few");
        young.served(60_000);
        assert_eq!(seconds(young, 1, 0, &[]), Some(60));
        let mut instant = Pace::default();
        (0..100).for_each(|_| instant.served(0));
        assert_eq!(
            seconds(instant, 1, 0, &[]),
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
        assert_eq!(seconds(pace, 1, 0, &[]), Some(31));
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
            let blocks = steps(ending, leaving, most);
            prop_assert!((blocks - single).abs() <= single * 1e-3, "{blocks} {single}");
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
            for ahead in [0, 1, 2, 50, 63, 64, 65, 1_000, 5_000, 1_000_000] {
                if let Some(estimate) = pace.estimate(active, ahead, std::iter::empty(), None) {
                    prop_assert!(estimate.seconds >= before);
                    prop_assert!(estimate.at_most >= estimate.seconds);
                    before = estimate.seconds;
                }
            }
        }
    }
}
