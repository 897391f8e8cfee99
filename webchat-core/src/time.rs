//! Instants and spans. The core never asks what time it is; it is told.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The latest instant the schedule arithmetic supports: 9999-12-30T00:00:00Z.
    pub const MAX: Self = Self(253_402_128_000_000);
    /// The earliest instant: 0001-01-02T00:00:00Z.
    pub const MIN: Self = Self(-62_135_510_400_000);

    /// The instant `millis` milliseconds after the Unix epoch, clamped to `MIN ..= MAX`.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// The instant `seconds` seconds after the Unix epoch, clamped to `MIN ..= MAX`.
    pub fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// This instant moved later by `span`.
    pub fn after(self, span: Seconds) -> Self {
        self.after_millis(span.as_millis())
    }

    /// This instant moved later by `millis` milliseconds (earlier if negative).
    pub fn after_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this instant; never negative.
    pub fn since(self, earlier: Timestamp) -> i64 {
        (self.0 - earlier.0).max(0)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => instant.fmt(f),
            Err(_) => write!(f, "{} ms", self.0),
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
