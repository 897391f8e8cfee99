//! What was refused, counted by reason and told to the log once a minute: whoever tries the controls is seen, and no stranger
//! decides how much is written.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::limits;
use crate::socket::Farewell;

/// Refusals of every day, which say nothing of whoever met them.
const EVERYDAY: &[&str] = &[
    "not_signed_in",
    "new_password_needed",
    "confirm_first",
    "changed_meanwhile",
    "upgrade_required",
    "retry",
    "shutting_down",
];

/// Counted for the whole process, as its log is.
static COUNTS: Mutex<BTreeMap<&'static str, u64>> = Mutex::new(BTreeMap::new());

/// Counts a refusal by its stable code. There are some dozens of them, and never one that a client makes up.
pub(crate) fn refused(reason: &'static str) {
    if EVERYDAY.contains(&reason) {
        return;
    }
    let mut counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    *counts.entry(reason).or_default() += 1;
    drop(counts);
    metrics::counter!("webchat_refused_total", "reason" => reason).increment(1);
}

/// Counts a socket that was ended for what its client did.
pub(crate) fn ended(why: Farewell) {
    match why {
        Farewell::Stopping | Farewell::SignedInElsewhere | Farewell::SignedOut => {}
        Farewell::Refused => refused("no_hello"),
        Farewell::TooBig => refused("frame_too_big"),
        Farewell::NotText => refused("frame_not_text"),
        Farewell::Broken => refused("frame_broken"),
        Farewell::TooSlow => refused("reads_too_slowly"),
    }
}

/// Tells what came together each minute, until `stop` and once more then.
pub(crate) async fn run(stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(limits::TALLY_TIME))
        .await
        .is_some()
    {
        tell();
    }
    tell();
}

/// One line for each reason.
fn tell() {
    let counts = std::mem::take(&mut *COUNTS.lock().unwrap_or_else(PoisonError::into_inner));
    for (reason, count) in counts {
        tracing::info!(reason, count, "refused since the last time this was told");
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::Arc;

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    /// What is logged, an event a line.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<String>>);

    impl Visit for Log {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            write!(self.0.lock().unwrap(), "{field}={value:?} ").unwrap();
        }
    }

    impl Subscriber for Log {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            event.record(&mut self.clone());
            self.0.lock().unwrap().push('\n');
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn however_much_is_refused_the_log_gets_a_line_for_each_reason() {
        let log = Log::default();
        tracing::subscriber::with_default(log.clone(), || {
            for _ in 0..10_000 {
                refused("reason one");
                refused("reason two");
                refused("not_signed_in");
            }
            tell();
            tell();
        });
        let told = log.0.lock().unwrap().clone();
        // Other tests of this process are refused other things meanwhile.
        let ours: Vec<_> = told
            .lines()
            .filter(|line| line.contains("reason "))
            .collect();
        assert_eq!(ours.len(), 2, "{told}");
        assert!(
            ours[0].contains(r#"reason="reason one" count=10000"#),
            "{told}"
        );
        assert!(
            ours[1].contains(r#"reason="reason two" count=10000"#),
            "{told}"
        );
        assert!(!told.contains("not_signed_in"), "{told}");
    }
}
