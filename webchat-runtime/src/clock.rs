//! The clock port. Time enters the system here and nowhere else.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use webchat_core::time::Timestamp;

/// Tells the time and waits for it.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The present instant. Never earlier than an instant told before.
    fn now(&self) -> Timestamp;

    /// Waits until [`now`](Self::now) is at least `at`.
    async fn sleep_until(&self, at: Timestamp);
}

/// The machine's clock, made safe against being set while the program runs.
///
/// Between two readings it moves by the steady clock. The wall clock's small corrections are
/// followed; a step of more than [`STEP`] is not, and only reported, because it would make every
/// time-out fire early or late. A restart adopts the wall clock as it then is.
#[derive(Debug)]
pub struct SystemClock {
    reading: Mutex<Reading>,
}

/// The largest difference between wall clock and steady clock that is followed at once.
pub const STEP: Duration = Duration::from_secs(2);

#[derive(Debug)]
struct Reading {
    steady: Instant,
    /// What this clock said at `steady`, in milliseconds since the Unix epoch.
    told: i64,
    /// This clock minus the wall clock, from steps that were not followed.
    offset: i64,
}

impl SystemClock {
    /// A clock that starts at the wall clock's time.
    pub fn new() -> Self {
        Self {
            reading: Mutex::new(Reading {
                steady: Instant::now(),
                told: wall_millis(),
                offset: 0,
            }),
        }
    }

    /// How far this clock is from the wall clock, in milliseconds; 0 unless the wall clock was
    /// set while the program ran. Positive when this clock is ahead.
    pub fn offset_millis(&self) -> i64 {
        self.lock().offset
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Reading> {
        // A panic cannot leave a reading half written.
        self.reading
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let mut reading = self.lock();
        let step = reading.advance(Instant::now(), wall_millis());
        let told = reading.told;
        drop(reading);
        if step != 0 {
            tracing::warn!(
                step_ms = step,
                "the wall clock was set; keeping steady time until the next restart"
            );
        }
        Timestamp::from_millis(told)
    }

    async fn sleep_until(&self, at: Timestamp) {
        loop {
            let left = at.since(self.now());
            if left == 0 {
                return;
            }
            // Waking at least once a minute notices corrections of the wall clock in time.
            let nap = left.min(60_000).unsigned_abs();
            tokio::time::sleep(Duration::from_millis(nap)).await;
        }
    }
}

impl Reading {
    /// Moves to the given readings of both clocks; returns the size of a step not followed, else 0.
    fn advance(&mut self, steady: Instant, wall: i64) -> i64 {
        let elapsed = steady.saturating_duration_since(self.steady);
        let steady_now = self
            .told
            .saturating_add(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX));
        let wall_now = wall.saturating_add(self.offset);
        let correction = wall_now.saturating_sub(steady_now);
        let step = if correction.unsigned_abs() > STEP.as_millis() as u64 {
            self.offset = self.offset.saturating_sub(correction);
            correction
        } else {
            0
        };
        let now = if step == 0 { wall_now } else { steady_now };
        if now >= self.told {
            self.told = now;
            self.steady = steady;
        }
        step
    }
}

fn wall_millis() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(start: Instant) -> Reading {
        Reading {
            steady: start,
            told: 1_000_000,
            offset: 0,
        }
    }

    #[test]
    fn a_day_forward_and_back_leaves_steady_time() {
        let start = Instant::now();
        let mut reading = reading(start);
        let day = 86_400_000;
        let at = |seconds| start + Duration::from_secs(seconds);

        assert_eq!(reading.advance(at(1), 1_001_000 + day), day);
        assert_eq!(reading.told, 1_001_000);
        assert_eq!(reading.advance(at(2), 1_002_000 + day), 0);
        assert_eq!(reading.told, 1_002_000);
        assert_eq!(reading.advance(at(3), 1_003_000 - day), -2 * day);
        assert_eq!(reading.told, 1_003_000);
        assert_eq!(reading.advance(at(4), 1_004_000), day);
        assert_eq!((reading.told, reading.offset), (1_004_000, 0));
    }

    #[test]
    fn small_corrections_are_followed_and_time_never_runs_back() {
        let start = Instant::now();
        let mut reading = reading(start);
        let at = |millis| start + Duration::from_millis(millis);

        reading.advance(at(1_000), 1_001_300);
        assert_eq!(reading.told, 1_001_300);
        reading.advance(at(1_100), 1_000_900);
        assert_eq!(reading.told, 1_001_300, "a correction back waits");
        reading.advance(at(2_000), 1_001_800);
        assert_eq!(reading.told, 1_001_800);
    }
}
