//! What is told of a request to whoever looks for it later: its number, its route, the chat that it is about. Never who
//! it is from, nor anything that somebody wrote.

use std::fmt;

use http::{HeaderName, HeaderValue, Method};
use serde::Deserialize;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span};
use webchat_core::id::ChatId;

use crate::access::{self, Listed};
use crate::socket::frame;

/// Where an answer says the number of its request.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static REQUEST: RequestId;
}

/// Names a request: in its answer, in its problem details, and in each event of the log that it causes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RequestId(u64);

impl RequestId {
    /// A new one. Made here and not taken from the client, who might give many requests the same.
    pub(crate) fn new() -> Self {
        let mut bytes = [0; 8];
        // Without randomness all are the same number, which does no harm.
        let _ = getrandom::fill(&mut bytes);
        Self(u64::from_ne_bytes(bytes))
    }

    /// That of the request that is being answered; `None` in what goes on by itself, such as a socket.
    pub(crate) fn current() -> Option<Self> {
        REQUEST.try_with(|id| *id).ok()
    }

    /// As the header carries it.
    pub(crate) fn value(self) -> HeaderValue {
        // Hexadecimal digits are always a value.
        HeaderValue::try_from(self.to_string()).unwrap_or(HeaderValue::from_static("0"))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Answers a request under its number.
pub(crate) async fn answered<B>(
    id: RequestId,
    method: &Method,
    path: &str,
    answer: impl Future<Output = http::Response<B>>,
) -> http::Response<B> {
    let span = tracing::info_span!("request", %id, %method, path = Empty, status = Empty);
    // What is no route of ours may hold anything.
    if !span.is_disabled() && access::listed(method.as_str(), path) == Listed::Yes {
        span.record("path", path);
    }
    let work = async {
        let response = answer.await;
        let status = response.status().as_u16();
        Span::current().record("status", status);
        tracing::debug!("answered");
        response
    };
    REQUEST.scope(id, work).instrument(span).await
}

/// The span of a socket that this request opens. Told from `debug` on, because there are many thousands, for hours.
pub(crate) fn socket() -> Span {
    let request = RequestId::current().map(display);
    tracing::debug_span!(parent: None, "socket", request, chat = Empty)
}

/// The socket we are in is about this chat from now on.
pub(crate) fn about(chat: ChatId) {
    Span::current().record("chat", display(chat));
}

/// The span of a socket's request, where anybody looks.
pub(crate) fn ask(name: &str, text: &str) -> Span {
    #[derive(Deserialize)]
    struct About {
        chat: Option<ChatId>,
    }
    let span = tracing::debug_span!("ask", what = Empty, chat = Empty);
    if span.is_disabled() {
        return span;
    }
    let known = access::TABLE.iter().map(|(name, _)| *name);
    let mut known = known.chain(access::VISITOR.iter().copied());
    if let Some(what) = known.find(|known| *known == name) {
        span.record("what", what);
    }
    if let Ok(About { chat: Some(chat) }) = frame::fields(text) {
        span.record("chat", display(chat));
    }
    span
}
