//! A clock that moves only when a test moves it.

use async_trait::async_trait;
use tokio::sync::watch;
use webchat_core::time::Timestamp;

use crate::clock::Clock;

/// A clock moved by hand; whoever sleeps on it wakes when it gets there.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<Timestamp>,
}

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now: watch::Sender::new(now),
        }
    }

    /// Moves to `now`; does nothing if that is earlier.
    pub fn set(&self, now: Timestamp) {
        self.now.send_if_modified(|told| {
            let later = now > *told;
            if later {
                *told = now;
            }
            later
        });
    }

    /// Moves later by `millis` milliseconds.
    pub fn advance(&self, millis: u32) {
        self.now
            .send_modify(|told| *told = told.after_millis(i64::from(millis)));
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep_until(&self, at: Timestamp) {
        // Waiting fails only if the sender is gone, and `self` holds it.
        let _ = self.now.subscribe().wait_for(|now| *now >= at).await;
    }
}
