//! What requests of visitors and agents have in common on their way to an answer.

use std::mem::discriminant;

use futures_util::future::BoxFuture;
use serde::Serialize;
use serde_json::Number;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use webchat_core::command::Command;
use webchat_core::effect::{AgentChat, Receipt};
use webchat_core::time::Timestamp;

use super::frame::{self, Done};
use crate::refused::Refused;

/// A request that was understood.
pub(crate) enum Asked {
    /// A command; those at hand go to the engine together.
    Command(Command, Wording),
    /// Anything else. It only has to learn its number to run.
    Other(Running),
}

/// Words the answer to a command.
pub(crate) type Wording = fn(Option<&Number>, Result<Receipt, Refused>) -> Option<Utf8Bytes>;

/// Something that only has to learn the number of its request to run.
pub(crate) type Running =
    Box<dyn FnOnce(Option<Number>) -> BoxFuture<'static, Option<Utf8Bytes>> + Send>;

/// A request whose outcome is its answer.
pub(crate) fn answering<T: Serialize>(
    outcome: impl Future<Output = Result<T, Refused>> + Send + 'static,
) -> Asked {
    Asked::Other(Box::new(|id| {
        Box::pin(async move { frame::answer(id.as_ref(), &outcome.await) })
    }))
}

/// Done, nothing to add.
pub(crate) fn done(id: Option<&Number>, outcome: Result<Receipt, Refused>) -> Option<Utf8Bytes> {
    frame::answer(id, &outcome.map(|_| Done {}))
}

/// An agent's chat, as it is now.
pub(crate) fn taken(id: Option<&Number>, outcome: Result<Receipt, Refused>) -> Option<Utf8Bytes> {
    let taken = outcome.and_then(|receipt| match receipt {
        Receipt::AgentChat(chat) => Ok(Taken { chat }),
        other => Err(unexpected(&other)),
    });
    frame::answer(id, &taken)
}

/// A message was stored.
pub(crate) fn written(id: Option<&Number>, outcome: Result<Receipt, Refused>) -> Option<Utf8Bytes> {
    frame::answer(id, &outcome.and_then(number_of))
}

/// The number of a message that was stored.
pub(crate) fn number_of(receipt: Receipt) -> Result<Written, Refused> {
    match receipt {
        Receipt::Message { number, at } => Ok(Written { number, at }),
        other => Err(unexpected(&other)),
    }
}

/// The answer of requests that end with an agent's chat.
#[derive(Serialize, schemars::JsonSchema)]
pub(crate) struct Taken {
    chat: AgentChat,
}

/// The answer to `write`.
#[derive(Serialize, schemars::JsonSchema)]
pub(crate) struct Written {
    number: u32,
    at: Timestamp,
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
