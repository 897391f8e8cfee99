//! Tells the engine who is connected and who is not, one step behind the sockets and never wrong for long.

use std::sync::Arc;

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;
use webchat_runtime::TenantHandle;

use super::hub::Hub;

/// Runs until `stop`.
///
/// A single task decides what to tell from what is true at that moment, so a tab that closes and
/// another that opens can't overtake each other on the way to the engine.
pub(crate) async fn run(hub: Arc<Hub>, tenant: TenantHandle, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = hub.changed.notified() => {}
        }
        for subject in hub.take_changed() {
            let Some(command) = hub.to_tell(subject) else {
                continue;
            };
            let tenant = tenant.clone();
            let mut telling = Box::pin(async move { tenant.submit(command).await });
            // The first poll puts the command into the mailbox; only the answer may wait. A full
            // mailbox keeps the order too, because it lets senders in as they came.
            match (&mut telling).now_or_never() {
                Some(outcome) => note(subject, outcome),
                None => {
                    tokio::spawn(async move { note(subject, telling.await) });
                }
            }
        }
    }
}

/// A chat that ended or an agent who signed out meanwhile has no connections to be told of.
fn note<R, J: std::fmt::Debug, U: std::fmt::Debug>(
    subject: super::hub::Subject,
    outcome: Result<Result<R, J>, U>,
) {
    match outcome {
        Ok(Ok(_)) => {}
        Ok(Err(rejection)) => tracing::debug!(?subject, ?rejection, "no longer to be told"),
        Err(unavailable) => tracing::debug!(?subject, ?unavailable, "could not be told"),
    }
}
