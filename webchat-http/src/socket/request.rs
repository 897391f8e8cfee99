//! What requests of visitors and agents have in common on their way to an answer.

use std::mem::discriminant;

use futures_util::future::BoxFuture;
use serde::Serialize;
use serde_json::Number;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use webchat_core::effect::Receipt;
use webchat_core::time::Timestamp;

use super::frame::{self, Done};
use crate::refused::Refused;

/// A request that only has to learn its number to run.
pub(crate) type Running =
    Box<dyn FnOnce(Option<Number>) -> BoxFuture<'static, Option<Utf8Bytes>> + Send>;

/// A request whose outcome is its answer.
pub(crate) fn answering<T: Serialize>(
    outcome: impl Future<Output = Result<T, Refused>> + Send + 'static,
) -> Running {
    Box::new(|id| Box::pin(async move { frame::answer(id.as_ref(), &outcome.await) }))
}

/// A request that is refused at once.
pub(crate) fn refusing(refused: Refused) -> Running {
    answering(std::future::ready(Err::<Done, _>(refused)))
}

/// The answer to `write`.
#[derive(Serialize, schemars::JsonSchema)]
pub(crate) struct Written {
    number: u32,
    at: Timestamp,
}

/// The answer to a message that was stored.
pub(crate) fn written(receipt: Receipt) -> Result<Written, Refused> {
    match receipt {
        Receipt::Message { number, at } => Ok(Written { number, at }),
        other => Err(unexpected(&other)),
    }
}

/// The engine answered with a receipt of another kind of command: a defect of ours.
pub(crate) fn unexpected(receipt: &Receipt) -> Refused {
    // Only its kind: what it holds may be personal.
    let kind = discriminant(receipt);
    tracing::error!(?kind, "this receipt does not belong to the request");
    Refused::new("internal_error", "the answer could not be understood")
}

/// No such request.
pub(crate) fn unknown_request(name: &str) -> Refused {
    let name: String = name.chars().take(40).collect();
    Refused::bad_request(format_args!("`{name}` is no request"))
}
