//! What is told of a request to whoever looks for it later: its number, its route, the chat that it is about. Never who
//! it is from, nor anything that somebody wrote.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span};
use webchat_core::id::ChatId;

use crate::access::{self, Listed};
use crate::socket::frame;

/// Where an answer says the number of its request.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Takes in what a trusted proxy in front says of a request's span, such as the trace that it belongs to.
#[derive(Clone)]
pub struct Upstream(Arc<Told>);

type Told = dyn Fn(&Span, &HeaderMap) + Send + Sync;

impl Upstream {
    /// Whoever keeps spans reads the fields it knows, such as `traceparent`. Called once for each request, before its
    /// span is entered for the first time.
    pub fn new(told: impl Fn(&Span, &HeaderMap) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Upstream")
    }
}

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
    upstream: Option<(Upstream, HeaderMap)>,
    answer: impl Future<Output = http::Response<B>>,
) -> http::Response<B> {
    let span =
        tracing::info_span!("request", %id, %method, route = Empty, path = Empty, status = Empty);
    // What is no route of ours may hold anything.
    if !span.is_disabled()
        && let Listed::Yes(route) = access::listed(method.as_str(), path)
    {
        span.record("route", route)
            .record("path", plain(route, path));
    }
    if let Some((Upstream(told), headers)) = upstream {
        told(&span, &headers);
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

/// The path with the numbers in it, but for what is no number: that may be anything, and a file's name is a secret.
fn plain(route: &str, path: &str) -> String {
    let pattern = route.split_once(' ').map_or(route, |(_, pattern)| pattern);
    let parts = pattern.split('/').zip(path.split('/'));
    let shown: Vec<&str> = parts
        .map(|(wanted, part)| {
            let number =
                part.len() <= 24 && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-'));
            if number { part } else { wanted }
        })
        .collect();
    shown.join("/")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_with_its_numbers_and_nothing_else_that_somebody_chose() {
        let chat = "GET /api/v1/chats/{chat}/files/{id}";
        let told = plain(chat, "/api/v1/chats/12-3/files/Zm9vYmFy");
        assert_eq!(told, "/api/v1/chats/12-3/files/{id}");
        let told = plain("GET /api/v1/users/{id}", "/api/v1/users/ana@mail.example");
        assert_eq!(told, "/api/v1/users/{id}");
    }
}
