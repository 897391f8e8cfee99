//! The one sleep of a tenant, kept while its end stays the same.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;

use webchat_core::time::Timestamp;

use crate::clock::Clock;

/// Sleeps until an instant, or for ever.
#[derive(Default)]
pub(super) struct Timer {
    at: Option<Timestamp>,
    sleep: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Timer {
    /// Makes it end at `at`; never, for `None`.
    pub(super) fn set(&mut self, at: Option<Timestamp>, clock: &Arc<dyn Clock>) {
        if self.at == at {
            return;
        }
        self.at = at;
        self.sleep = at.map(|at| -> Pin<Box<dyn Future<Output = ()> + Send>> {
            let clock = Arc::clone(clock);
            Box::pin(async move { clock.sleep_until(at).await })
        });
    }

    /// Waits for its end. Once there it must be replaced.
    pub(super) async fn elapsed(&mut self) {
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().await,
            None => pending().await,
        }
    }
}
