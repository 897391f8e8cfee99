//! What is going to happen, drawn before anything does: when each visitor comes, how long they wait and what they say.
//!
//! Nothing here looks at the server. A visitor comes when the plan says, however slow the server has become, so that a
//! server that stalls is charged with everybody it kept waiting and not only with those it happened to answer.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use clap::ValueEnum;

/// How visitors come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Arrivals {
    /// Independent of each other, as people are
    Poisson,
    /// One after the other at equal distances
    Constant,
}

/// What a run is made of.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    pub(crate) visitors: u32,
    pub(crate) arrivals: Arrivals,
    /// Visitors a second, once the ramp is over.
    pub(crate) rate: f64,
    /// Seconds in which the rate rises from nothing; 0 begins at once.
    pub(crate) ramp: f64,
    /// Mean seconds a visitor is willing to wait; 0 waits for ever.
    pub(crate) patience: f64,
    /// Mean seconds in which a visitor says what they have to say.
    pub(crate) chat_length: f64,
    /// Mean number of messages a visitor writes; 0 has the visitor leave as soon as an agent is there.
    pub(crate) messages: f64,
    /// Addresses of this machine that visitors come from.
    pub(crate) addresses: u32,
    pub(crate) seed: u64,
}

/// One visitor's plan. Spans count from what they follow: arrival, admission, the agent's coming.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Visit {
    pub(crate) number: u32,
    /// From the beginning of the run.
    pub(crate) comes: Duration,
    /// How long the visitor waits for an agent; `None` for ever.
    pub(crate) patience: Option<Duration>,
    /// When each message is written, from the agent's coming; ascending.
    pub(crate) writes: Vec<Duration>,
    /// The agent closes the chat; else the visitor ends it.
    pub(crate) agent_closes: bool,
    pub(crate) from: IpAddr,
}

impl Mix {
    /// The plan of every visitor, in the order of coming. The same seed draws the same plan.
    pub(crate) fn visits(&self) -> Vec<Visit> {
        let mut rng = fastrand::Rng::with_seed(self.seed);
        let mut due = 0.0;
        let mut visit = |number| {
            due += match self.arrivals {
                Arrivals::Poisson => exponential(&mut rng, 1.0),
                Arrivals::Constant => 1.0,
            };
            let patience = (self.patience > 0.0).then(|| exponential(&mut rng, self.patience));
            Visit {
                number,
                comes: Duration::from_secs_f64(self.when(due)),
                patience: patience.map(Duration::from_secs_f64),
                writes: self.writes(&mut rng),
                agent_closes: rng.bool(),
                from: address(number % self.addresses),
            }
        };
        (0..self.visitors).map(&mut visit).collect()
    }

    /// When `due` visitors are expected to have come: the inverse of the rate's integral.
    fn when(&self, due: f64) -> f64 {
        let in_ramp = self.rate * self.ramp / 2.0;
        match due < in_ramp {
            true => (2.0 * due * self.ramp / self.rate).sqrt(),
            false => self.ramp / 2.0 + due / self.rate,
        }
    }

    /// As many instants as messages, independent of each other within the chat's length.
    fn writes(&self, rng: &mut fastrand::Rng) -> Vec<Duration> {
        if self.messages <= 0.0 {
            return Vec::new();
        }
        let length = exponential(rng, self.chat_length);
        // At least one, so the mean of those beyond it is one less.
        let more = exponential(rng, (self.messages - 1.0).max(0.0)).round() as usize;
        let instants = (0..=more.min(200)).map(|_| Duration::from_secs_f64(length * rng.f64()));
        let mut instants: Vec<Duration> = instants.collect();
        instants.sort_unstable();
        instants
    }
}

/// A draw with this mean.
pub(crate) fn exponential(rng: &mut fastrand::Rng, mean: f64) -> f64 {
    // `f64` is below 1, so the logarithm is of something above 0.
    -(1.0 - rng.f64()).ln() * mean
}

/// The loopback address of this number: servers limit what one address may do.
pub(crate) fn address(number: u32) -> IpAddr {
    let [_, high, middle, low] = (number / 250 * 256 + number % 250 + 1).to_be_bytes();
    Ipv4Addr::new(127, high + 1, middle, low).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mix(arrivals: Arrivals) -> Mix {
        Mix {
            visitors: 20_000,
            arrivals,
            rate: 100.0,
            ramp: 20.0,
            patience: 30.0,
            chat_length: 60.0,
            messages: 6.0,
            addresses: 500,
            seed: 7,
        }
    }

    #[test]
    fn visitors_come_at_the_rate_asked_for_once_the_ramp_is_over() {
        let visits = mix(Arrivals::Constant).visits();
        let come = |from: u64, until: u64| {
            let seconds = from..until;
            let visits = visits.iter();
            visits
                .filter(|visit| seconds.contains(&visit.comes.as_secs()))
                .count()
        };
        assert_eq!((come(0, 10), come(10, 20), come(20, 30)), (249, 750, 1_000));
        assert_eq!(visits, mix(Arrivals::Constant).visits(), "a seed is a plan");
    }

    #[test]
    fn means_are_those_asked_for() {
        let visits = mix(Arrivals::Poisson).visits();
        let count = visits.len() as f64;
        let last = visits.last().unwrap().comes.as_secs_f64();
        assert!((last / 210.0 - 1.0).abs() < 0.03, "{last}");
        let patience = visits.iter().flat_map(|visit| visit.patience);
        let patience = patience.sum::<Duration>().as_secs_f64() / count;
        assert!((patience / 30.0 - 1.0).abs() < 0.03, "{patience}");
        let messages = visits.iter().map(|visit| visit.writes.len()).sum::<usize>() as f64 / count;
        assert!((messages / 6.0 - 1.0).abs() < 0.03, "{messages}");
    }

    #[test]
    fn each_number_below_the_count_has_an_address_of_its_own() {
        let all: std::collections::HashSet<IpAddr> = (0..10_000).map(address).collect();
        assert_eq!(all.len(), 10_000);
        assert!(all.iter().all(IpAddr::is_loopback));
    }
}
