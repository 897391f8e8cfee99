//! Instants and spans. The core never asks what time it is; it is told.

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};

use serde::{Deserialize, Serialize};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
// Kept as one more than the milliseconds since `MIN`, so that an `Option` of it takes no more room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "i64", into = "i64")]
pub struct Timestamp(NonZeroU64);

impl Timestamp {
    /// The latest instant the schedule arithmetic supports: 9999-12-30T00:00:00Z.
    pub const MAX: Self = Self::at(253_402_128_000_000);
    /// The earliest instant: 0001-01-02T00:00:00Z.
    pub const MIN: Self = Self::at(EARLIEST);

    /// The instant `millis` milliseconds after the Unix epoch, clamped to `MIN ..= MAX`.
    pub fn from_millis(millis: i64) -> Self {
        Self::at(millis.max(EARLIEST)).min(Self::MAX)
    }

    /// The instant `seconds` seconds after the Unix epoch, clamped to `MIN ..= MAX`.
    pub fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub fn as_millis(self) -> i64 {
        self.0.get() as i64 - 1 + EARLIEST
    }

    /// This instant moved later by `span`.
    pub fn after(self, span: Seconds) -> Self {
        self.after_millis(span.as_millis())
    }

    /// This instant moved later by `millis` milliseconds (earlier if negative).
    pub fn after_millis(self, millis: i64) -> Self {
        let moved = NonZeroU64::new(self.0.get().saturating_add_signed(millis));
        moved.map_or(Self::MIN, Self).min(Self::MAX)
    }

    /// Milliseconds from `earlier` to this instant; never negative.
    pub fn since(self, earlier: Timestamp) -> i64 {
        self.0.get().saturating_sub(earlier.0.get()) as i64
    }

    /// The instant of so many milliseconds, none before the earliest.
    const fn at(millis: i64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(millis.wrapping_sub(EARLIEST) as u64))
    }
}

/// Milliseconds of [`Timestamp::MIN`].
const EARLIEST: i64 = -62_135_510_400_000;

impl Default for Timestamp {
    /// The Unix epoch.
    fn default() -> Self {
        const { Self::at(0) }
    }
}

impl From<i64> for Timestamp {
    fn from(millis: i64) -> Self {
        Self::from_millis(millis)
    }
}

impl From<Timestamp> for i64 {
    fn from(at: Timestamp) -> Self {
        at.as_millis()
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({})", self.as_millis())
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.as_millis()) {
            Ok(instant) => instant.fmt(f),
            Err(_) => write!(f, "{} ms", self.as_millis()),
        }
    }
}

/// A span of at least one second. Settings whose `0` means "off" are `Option<Seconds>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Seconds(NonZeroU32);

impl Seconds {
    /// A span of `seconds`, or `None` for zero.
    pub const fn new(seconds: u32) -> Option<Self> {
        match NonZeroU32::new(seconds) {
            Some(seconds) => Some(Self(seconds)),
            None => None,
        }
    }

    /// The number of seconds.
    pub fn get(self) -> u32 {
        self.0.get()
    }

    /// The number of milliseconds.
    pub fn as_millis(self) -> i64 {
        i64::from(self.0.get()) * 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_the_milliseconds_it_was_made_of() {
        let ends = [Timestamp::MIN, Timestamp::MAX].map(Timestamp::as_millis);
        for millis in [
            ends[0],
            ends[0] + 1,
            -1,
            0,
            1,
            1_790_000_000_000,
            ends[1] - 1,
            ends[1],
        ] {
            let at = Timestamp::from_millis(millis);
            assert_eq!(at.as_millis(), millis);
            assert_eq!(at.after_millis(-millis), Timestamp::default());
            assert_eq!(at.since(Timestamp::MIN), millis - ends[0]);
            assert_eq!(serde_json::to_string(&at).unwrap(), millis.to_string());
            assert_eq!(
                serde_json::from_str::<Timestamp>(&millis.to_string()).unwrap(),
                at
            );
        }
    }

    #[test]
    fn what_lies_beyond_the_ends_is_clamped() {
        for (millis, end) in [(i64::MIN, Timestamp::MIN), (i64::MAX, Timestamp::MAX)] {
            assert_eq!(Timestamp::from_millis(millis), end);
            assert_eq!(Timestamp::default().after_millis(millis), end);
            assert_eq!(end.after_millis(millis), end);
        }
        assert_eq!(Timestamp::MIN.since(Timestamp::MAX), 0);
    }
}
