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
    for (reason, count) in take() {
        tracing::info!(reason, count, "refused since the last time this was told");
    }
}

fn take() -> BTreeMap<&'static str, u64> {
    std::mem::take(&mut *COUNTS.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_much_is_refused_the_log_gets_a_line_for_each_reason() {
        for _ in 0..10_000 {
            refused("reason one");
            refused("reason two");
            refused("not_signed_in");
        }
        // Other tests of this process are refused other things meanwhile.
        let told = take();
        assert_eq!(told["reason one"], 10_000);
        assert_eq!(told["reason two"], 10_000);
        assert!(!told.contains_key("not_signed_in"), "that is everyday");
        assert!(!take().contains_key("reason one"), "and it is told once");
    }
}
