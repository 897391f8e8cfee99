//! How fast strangers may go: forms and sign-ins by address, forms by campaign, messages by visitor, requests by socket.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use governor::clock::{Clock as _, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use webchat_core::id::{CampaignId, VisitorKey};

use crate::accept::neighbourhood;
use crate::refused::Refused;

/// A burst that refills by one per period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many at once.
    pub burst: NonZeroU32,
    /// Time until one more is allowed; not zero.
    pub refill: Duration,
}

impl Pace {
    /// `burst` at once, then one every `refill`.
    ///
    /// # Panics
    /// If either is zero.
    pub const fn new(burst: u32, refill: Duration) -> Self {
        assert!(!refill.is_zero(), "a pace refills after some time");
        match NonZeroU32::new(burst) {
            Some(burst) => Self { burst, refill },
            None => panic!("a pace allows at least one"),
        }
    }

    fn quota(self) -> Quota {
        // `new` and the type leave no zero period, except one built by hand: that counts as 1 ns.
        Quota::with_period(self.refill.max(Duration::from_nanos(1)))
            .unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN))
            .allow_burst(self.burst)
    }
}

/// All paces. The defaults suit people; a load generator needs more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paces {
    /// Forms from one address: chat starts, messages left, wishes for a transcript.
    pub starts: Pace,
    /// The same in one campaign, whoever they are from.
    pub starts_in_campaign: Pace,
    /// Requests of one visitor's socket.
    pub visitor_requests: Pace,
    /// Messages of one visitor, over all sockets.
    pub visitor_messages: Pace,
    /// Requests of one agent's socket.
    pub agent_requests: Pace,
    /// Files sent from one address.
    pub uploads: Pace,
    /// Sign-ins tried from one address.
    pub sign_ins_by_address: Pace,
    /// Sign-ins tried for one login from one address.
    pub sign_ins_by_login_here: Pace,
    /// Sign-ins tried for one login, from anywhere.
    pub sign_ins_by_login: Pace,
}

impl Default for Paces {
    fn default() -> Self {
        const fn seconds(seconds: u64) -> Duration {
            Duration::from_secs(seconds)
        }
        Self {
            starts: Pace::new(30, seconds(4)),
            starts_in_campaign: Pace::new(2_000, Duration::from_millis(10)),
            visitor_requests: Pace::new(60, Duration::from_millis(100)),
            visitor_messages: Pace::new(60, Duration::from_millis(200)),
            agent_requests: Pace::new(240, Duration::from_millis(20)),
            uploads: Pace::new(20, seconds(3)),
            sign_ins_by_address: Pace::new(30, seconds(3)),
            sign_ins_by_login_here: Pace::new(6, seconds(20)),
            sign_ins_by_login: Pace::new(60, seconds(6)),
        }
    }
}

/// Watches one pace for each key.
pub(crate) struct ByKey<K: Hash + Eq + Clone> {
    limiter:
        RateLimiter<K, HashMapStateStore<K>, MonotonicClock, NoOpMiddleware<std::time::Instant>>,
    /// With so many keys, those at rest are forgotten.
    full: AtomicUsize,
}

/// Keys remembered, at least, before those at rest are forgotten.
const KEYS: usize = 1_000;

impl<K: Hash + Eq + Clone> ByKey<K> {
    pub(crate) fn new(pace: Pace) -> Self {
        Self {
            limiter: RateLimiter::hashmap_with_clock(pace.quota(), MonotonicClock),
            full: AtomicUsize::new(KEYS),
        }
    }

    /// Counts one for `key`.
    pub(crate) fn check(&self, key: &K) -> Result<(), Refused> {
        if self.limiter.len() >= self.full.load(Relaxed) {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
            // Not before there are twice as many: a flood of keys that are all in use must not have them looked through
            // again for each one.
            self.full.store((2 * self.limiter.len()).max(KEYS), Relaxed);
        }
        self.limiter.check_key(key).map_err(|not_yet| {
            let wait = not_yet.wait_time_from(MonotonicClock.now());
            Refused::too_fast(wait.as_secs() + 1)
        })
    }
}

/// Watches the pace of forms, messages, files and sign-ins.
pub(crate) struct Watch {
    starts: ByKey<IpAddr>,
    starts_in: ByKey<CampaignId>,
    messages: ByKey<VisitorKey>,
    uploads: ByKey<IpAddr>,
    by_address: ByKey<IpAddr>,
    by_login_here: ByKey<(String, IpAddr)>,
    by_login: ByKey<String>,
}

impl Watch {
    pub(crate) fn new(paces: &Paces) -> Self {
        Self {
            starts: ByKey::new(paces.starts),
            starts_in: ByKey::new(paces.starts_in_campaign),
            messages: ByKey::new(paces.visitor_messages),
            uploads: ByKey::new(paces.uploads),
            by_address: ByKey::new(paces.sign_ins_by_address),
            by_login_here: ByKey::new(paces.sign_ins_by_login_here),
            by_login: ByKey::new(paces.sign_ins_by_login),
        }
    }

    /// Counts a form that a visitor sends: a chat start, a message left, a wish for a transcript. Whoever floods a
    /// campaign from one address is stopped before the campaign's own limit is touched.
    pub(crate) fn form(&self, address: IpAddr, campaign: CampaignId) -> Result<(), Refused> {
        self.starts.check(&neighbourhood(address))?;
        self.starts_in.check(&campaign)
    }

    /// Counts a message of a visitor.
    pub(crate) fn message(&self, visitor: VisitorKey) -> Result<(), Refused> {
        self.messages.check(&visitor)
    }

    /// Counts a file.
    pub(crate) fn upload(&self, address: IpAddr) -> Result<(), Refused> {
        self.uploads.check(&neighbourhood(address))
    }

    /// Counts a sign-in for which the login is not known yet.
    pub(crate) fn sign_in_from(&self, address: IpAddr) -> Result<(), Refused> {
        self.by_address.check(&neighbourhood(address))
    }

    /// Counts a sign-in, whether or not the login exists. Whoever tries from one place is stopped long
    /// before the login is blocked for its owner elsewhere.
    pub(crate) fn sign_in(&self, login: &str, address: IpAddr) -> Result<(), Refused> {
        let address = neighbourhood(address);
        let login = login.to_lowercase();
        self.by_address.check(&address)?;
        self.by_login_here.check(&(login.clone(), address))?;
        self.by_login.check(&login)
    }
}

/// Watches the pace of one socket, by instants its task has read anyway.
pub(crate) struct Own {
    refill: Duration,
    /// How long refilling from empty to full takes, but for the one that is always allowed when nothing is owed.
    most_owed: Duration,
    /// When all that was taken will be refilled.
    full_at: Option<Instant>,
}

impl Own {
    pub(crate) fn new(pace: Pace) -> Self {
        // Longer than any socket lives, and no instant is beyond what can be told.
        let refill = pace.refill.min(Duration::from_secs(100 * 365 * 24 * 3_600));
        Self {
            refill,
            most_owed: refill.saturating_mul(pace.burst.get() - 1),
            full_at: None,
        }
    }

    /// Counts one; the time to wait if it is too early.
    pub(crate) fn check(&mut self, now: Instant) -> Result<(), Duration> {
        let full_at = self.full_at.map_or(now, |at| at.max(now));
        match (full_at - now).checked_sub(self.most_owed) {
            Some(early) if !early.is_zero() => Err(early),
            _ => {
                self.full_at = Some(full_at + self.refill);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sockets_pace_allows_its_burst_and_then_one_per_refill() {
        let millis = Duration::from_millis;
        let begin = Instant::now();
        let mut own = Own::new(Pace::new(3, millis(100)));
        let mut at = |after: u64| own.check(begin + millis(after));
        assert_eq!([at(0), at(0), at(0)], [Ok(()); 3]);
        assert_eq!(at(0), Err(millis(100)));
        assert_eq!(at(60), Err(millis(40)), "who is too early is not set back");
        assert_eq!(at(100), Ok(()));
        assert_eq!(at(199), Err(millis(1)));
        assert_eq!(
            [at(350), at(350), at(350)],
            [Ok(()), Ok(()), Err(millis(50))]
        );
        assert_eq!([at(9_000); 1], [Ok(())]);
        assert_eq!(
            [at(9_000), at(9_000)],
            [Ok(()); 2],
            "rest fills it, but no further"
        );
        assert!(at(9_000).is_err());
    }

    #[test]
    fn a_pace_of_one_allows_one_and_the_longest_refill_does_no_harm() {
        let now = Instant::now();
        let mut own = Own::new(Pace::new(1, Duration::from_secs(1)));
        assert_eq!(own.check(now), Ok(()));
        assert_eq!(own.check(now), Err(Duration::from_secs(1)));
        let mut own = Own::new(Pace::new(2, Duration::MAX));
        assert_eq!([own.check(now), own.check(now)], [Ok(()); 2]);
        assert!(own.check(now + Duration::from_secs(1_000_000)).is_err());
    }

    #[test]
    fn keys_at_rest_are_forgotten_and_those_in_use_are_not_looked_through_for_each_other() {
        let quick = ByKey::new(Pace::new(1, Duration::from_nanos(1)));
        for key in 0..20_000 {
            quick.check(&key).unwrap();
        }
        assert!(quick.limiter.len() <= KEYS, "{}", quick.limiter.len());
        let slow = ByKey::new(Pace::new(1, Duration::from_secs(3_600)));
        for key in 0..20_000 {
            slow.check(&key).unwrap();
        }
        assert!(slow.check(&0).is_err(), "it is still known");
        assert_eq!(slow.limiter.len(), 20_000);
        let full = slow.full.load(Relaxed);
        assert!((20_000..=40_000).contains(&full), "{full}");
    }

    #[test]
    fn guessing_passwords_from_one_place_does_not_lock_the_owner_out() {
        let watch = Watch::new(&Paces::default());
        let attacker = "192.0.2.1".parse().unwrap();
        let tries = (0..100)
            .filter(|_| watch.sign_in("Ana", attacker).is_ok())
            .count();
        assert_eq!(tries, 6);
        let refused = watch.sign_in("ana", attacker).unwrap_err();
        assert_eq!(refused.code(), "too_fast");
        assert!(refused.response().headers().contains_key("retry-after"));
        assert!(watch.sign_in("ana", "192.0.2.2".parse().unwrap()).is_ok());
    }
}
