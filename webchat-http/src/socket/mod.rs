//! One WebSocket: its upgrade, its deadlines, its bounded queue, and its end.
//!
//! What is at hand is taken in one go: frames that have been read go to the engine together, and all there is to send leaves
//! together, before the task waits again.

pub(crate) mod boards;
pub(crate) mod floor;
pub(crate) mod frame;
pub(crate) mod hub;
mod line;
pub(crate) mod presence;
pub(crate) mod push;
pub(crate) mod request;
pub(crate) mod staff;

use std::future::Future;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, SinkExt, StreamExt};
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde_json::Number;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error as WsError};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tracing::{Instrument, Span};
use webchat_core::command::Command;
use webchat_runtime::Reply;

use crate::app::App;
use crate::limits;
use crate::pace::{Own, Pace};
use crate::refused::Refused;
use crate::tally;
use crate::trace;
use frame::{Done, Envelope};
pub(crate) use line::Line;
use push::Delivery;
use request::{Asked, Wording};

/// Why the server ends a socket: the close codes of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// The server stops, or everyone has to come back.
    Stopping,
    /// Hello is missing, refused, or not text.
    Refused,
    /// The message is too big.
    TooBig,
    /// Not UTF-8 where text was promised.
    NotText,
    /// The client does not follow RFC 6455.
    Broken,
    /// The agent signed in elsewhere.
    SignedInElsewhere,
    /// The agent signed out or was disabled.
    SignedOut,
    /// The client reads too slowly.
    TooSlow,
}

impl Farewell {
    /// The end after a refused hello: final, unless the same hello may do later.
    pub(crate) fn after(refused: &Refused) -> Self {
        match refused.code() {
            "retry" | "internal_error" | "shutting_down" => Self::Stopping,
            _ => Self::Refused,
        }
    }

    fn frame(self) -> CloseFrame {
        let (code, reason): (u16, _) = match self {
            Self::Stopping => (1001, "the server stops"),
            Self::Broken => (1002, "protocol error"),
            Self::NotText => (1007, "not utf-8"),
            Self::Refused => (1008, "refused"),
            Self::TooBig => (1009, "message too big"),
            Self::SignedInElsewhere => (4001, "signed in elsewhere"),
            Self::SignedOut => (4002, "signed out"),
            Self::TooSlow => (4008, "too slow"),
        };
        CloseFrame {
            code: code.into(),
            reason: Utf8Bytes::from_static(reason),
        }
    }
}

/// What may happen on a socket.
pub(crate) enum Happened {
    /// The client sent a frame.
    Request(Utf8Bytes),
    /// The client sent a frame before its pace allows one.
    TooEarly(Utf8Bytes, Duration),
    /// The hub has something for the client.
    Delivery(Delivery),
    /// Some time passed.
    Pause,
    /// The socket is over.
    Gone,
}

/// The task's side of a socket.
pub(crate) struct Socket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    app: App,
    line: Arc<Line>,
    /// Commands that go to the engine together, and what their answers need.
    commands: Vec<Command>,
    awaited: Vec<Awaited>,
    running: FuturesUnordered<BoxFuture<'static, Answers>>,
    /// Requests that are in one of these.
    unanswered: usize,
    pace: Own,
    ping: Interval,
    heard: Instant,
    unflushed: bool,
    over: bool,
}

/// A command that is to be answered.
struct Awaited {
    id: Option<Number>,
    wording: Wording,
    span: Span,
}

/// The answers to requests that were carried out.
struct Answers {
    /// To how many.
    requests: usize,
    /// Those that wanted one.
    texts: Vec<Utf8Bytes>,
}

/// Checks the upgrade that a request asks for, and hands the socket to `serve` once it is there.
pub(crate) fn upgrade<F, S>(
    app: &App,
    headers: &HeaderMap,
    on_upgrade: Option<OnUpgrade>,
    pace: Pace,
    serve: F,
) -> Result<Response<Bytes>, Refused>
where
    F: FnOnce(Socket, Arc<Line>) -> S + Send + 'static,
    S: Future<Output = ()> + Send + 'static,
{
    let lists = |name, word: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value: &HeaderValue| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    let wants = lists(CONNECTION, "upgrade") && lists(UPGRADE, "websocket");
    let version = headers
        .get(SEC_WEBSOCKET_VERSION)
        .is_some_and(|version| version == "13");
    let (true, true, Some(on_upgrade)) = (wants, version, on_upgrade) else {
        return Err(Refused::new(
            "upgrade_required",
            "this address speaks WebSocket, version 13",
        ));
    };
    let mut keys = headers.get_all(SEC_WEBSOCKET_KEY).iter();
    let key = match (keys.next(), keys.next()) {
        (Some(key), None) => STANDARD
            .decode(key)
            .is_ok_and(|nonce| nonce.len() == 16)
            .then_some(key),
        _ => None,
    };
    let key = key.ok_or_else(|| {
        Refused::bad_request("expected one sec-websocket-key of 16 bytes in base64")
    })?;
    let accept =
        HeaderValue::from_str(&derive_accept_key(key.as_bytes())).map_err(Refused::bad_request)?;
    let span = trace::socket();
    let tasks = &app.sockets;
    let app = app.clone();
    let work = async move {
        match on_upgrade.await {
            Ok(upgraded) => {
                let (socket, line) = Socket::open(app, upgraded, pace).await;
                serve(socket, line).await;
            }
            Err(error) => tracing::debug!(%error, "the connection was gone before its upgrade"),
        }
    };
    tasks.spawn(work.instrument(span));
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
}

impl Socket {
    async fn open(app: App, upgraded: Upgraded, pace: Pace) -> (Self, Arc<Line>) {
        let config = WebSocketConfig::default()
            .read_buffer_size(limits::SOCKET_BUFFER)
            .write_buffer_size(limits::SOCKET_BUFFER)
            .max_message_size(Some(limits::MESSAGE_BYTES))
            .max_frame_size(Some(limits::MESSAGE_BYTES));
        let io = TokioIo::new(upgraded);
        let stream = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
        let line = Arc::new(Line::default());
        let mut ping = tokio::time::interval(limits::PING_TIME);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ping.reset();
        let socket = Self {
            stream,
            app,
            line: line.clone(),
            commands: Vec::new(),
            awaited: Vec::new(),
            running: FuturesUnordered::new(),
            unanswered: 0,
            pace: Own::new(pace),
            ping,
            heard: Instant::now(),
            unflushed: false,
            over: false,
        };
        (socket, line)
    }

    /// The first frame, if it comes in `time` and is text.
    pub(crate) async fn first(&mut self, time: Duration) -> Option<Utf8Bytes> {
        let deadline = tokio::time::sleep(time);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                biased;
                why = self.line.ended() => {
                    self.close(why).await;
                    return None;
                }
                () = &mut deadline => {
                    self.close(Farewell::Refused).await;
                    return None;
                }
                frame = self.stream.next() => match self.take(frame).await {
                    Heard::Text(text) => return Some(text),
                    Heard::Nothing => {}
                    Heard::End => return None,
                },
            }
        }
    }

    /// Carries out a request, after those that came before it; its answer is sent when it is there.
    pub(crate) async fn carry_out(
        &mut self,
        request: Envelope<'_>,
        asked: Result<Asked, Refused>,
        text: &str,
    ) {
        let span = trace::ask(&request.ask, text);
        match asked {
            Ok(Asked::Command(command, wording)) => {
                self.unanswered += 1;
                self.commands.push(command);
                self.awaited.push(Awaited {
                    id: request.id,
                    wording,
                    span,
                });
            }
            Ok(Asked::Other(run)) => {
                self.hand_in().await;
                self.unanswered += 1;
                let answered = run(request.id);
                let work = async move {
                    let text = answered.await;
                    tracing::debug!("answered");
                    Answers {
                        requests: 1,
                        texts: Vec::from_iter(text),
                    }
                };
                self.start(Box::pin(work.instrument(span))).await;
            }
            Err(refused) => self.refuse(request.id, refused).await,
        }
    }

    /// Answers that a request is refused.
    pub(crate) async fn refuse(&mut self, id: Option<Number>, refused: Refused) {
        if let Some(answer) = frame::answer::<Done>(id.as_ref(), &Err(refused)) {
            self.send(answer).await;
        }
    }

    /// Waits for the next thing to happen. Answers of running requests go out by themselves.
    pub(crate) async fn next(&mut self) -> Happened {
        loop {
            if self.over {
                return Happened::Gone;
            }
            if let Some(delivery) = self.line.take() {
                return Happened::Delivery(delivery);
            }
            if let Some(why) = self.line.end_of() {
                self.close(why).await;
                continue;
            }
            let room = self.unanswered < limits::SOCKET_REQUESTS;
            let at_work = self.unflushed || !self.commands.is_empty();
            tokio::select! {
                biased;
                () = self.line.rung() => {}
                Some(answers) = self.running.next() => self.answer(answers).await,
                _ = self.ping.tick() => {
                    if self.heard.elapsed() > limits::SILENCE {
                        self.over = true;
                    } else {
                        self.put(Message::Ping(Bytes::new())).await;
                        return Happened::Pause;
                    }
                }
                frame = self.stream.next(), if room => match self.take(frame).await {
                    Heard::Text(text) => return match self.pace.check(self.heard) {
                        Ok(()) => Happened::Request(text),
                        Err(wait) => Happened::TooEarly(text, wait),
                    },
                    Heard::Nothing => {
                        if let Err(wait) = self.pace.check(self.heard) {
                            // A flood of pings is read slowly rather than answered fast.
                            self.hand_in().await;
                            self.flush().await;
                            tokio::time::sleep(wait).await;
                        }
                    }
                    Heard::End => {}
                },
                // Nothing more is at hand.
                () = std::future::ready(()), if at_work => {
                    self.hand_in().await;
                    self.flush().await;
                }
            }
        }
    }

    /// Writes a frame; it leaves with the next flush or when enough is collected.
    pub(crate) async fn send(&mut self, text: Utf8Bytes) {
        self.put(Message::Text(text)).await;
    }

    /// Ends the socket with a reason. Boxed, because it is needed once and would take its room in every task all along.
    pub(crate) fn close(&mut self, why: Farewell) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // What was read before goes first, also where the end was decided meanwhile.
            self.hand_in().await;
            if self.over {
                return;
            }
            self.over = true;
            tally::ended(why);
            let farewell = async {
                self.stream.close(Some(why.frame())).await?;
                // Reading on lets the client's own close frame arrive before the connection goes.
                while let Some(frame) = self.stream.next().await {
                    frame?;
                }
                Ok::<_, WsError>(())
            };
            match tokio::time::timeout(limits::CLOSE_TIME, farewell).await {
                Ok(Ok(()) | Err(WsError::ConnectionClosed | WsError::AlreadyClosed)) => {}
                Ok(Err(error)) => tracing::debug!(%error, "closing a socket failed"),
                Err(_) => tracing::debug!("a client did not answer the close in time"),
            }
        })
    }

    /// Lets requests that were read finish, so that what they did is known to whoever cleans up.
    pub(crate) async fn settle(&mut self) {
        self.hand_in().await;
        let finish = async { while self.running.next().await.is_some() {} };
        // Beyond this the tenant is stuck, and whoever waits longer gains nothing.
        let _ = tokio::time::timeout(limits::REQUEST_TIME, finish).await;
    }

    /// Hands the commands at hand to the engine, in the order in which they came. To be called before anything else is asked
    /// of it for this socket.
    pub(crate) async fn hand_in(&mut self) {
        if self.commands.is_empty() {
            return;
        }
        let commands = mem::take(&mut self.commands);
        let awaited = mem::take(&mut self.awaited);
        let replies = self.app.parts.handle.submit_all(commands);
        let work = async move {
            let replies = replies.await;
            Answers {
                requests: awaited.len(),
                texts: awaited
                    .into_iter()
                    .zip(replies)
                    .filter_map(|(awaited, reply)| awaited.answer(reply))
                    .collect(),
            }
        };
        self.start(Box::pin(work)).await;
    }

    /// Starts work at once, so that requests reach the engine in the order in which they came.
    async fn start(&mut self, mut work: BoxFuture<'static, Answers>) {
        match (&mut work).now_or_never() {
            Some(answers) => self.answer(answers).await,
            None => self.running.push(work),
        }
    }

    async fn answer(&mut self, answers: Answers) {
        self.unanswered -= answers.requests;
        for text in answers.texts {
            self.send(text).await;
        }
    }

    async fn flush(&mut self) {
        if !self.unflushed || self.over {
            return;
        }
        self.unflushed = false;
        let outcome = tokio::select! {
            biased;
            outcome = self.stream.flush() => outcome,
            why = self.line.ended() => return self.close(why).await,
        };
        self.after_write(outcome);
    }

    async fn put(&mut self, message: Message) {
        if self.over {
            return;
        }
        self.unflushed = true;
        let outcome = tokio::select! {
            biased;
            outcome = self.stream.feed(message) => outcome,
            why = self.line.ended() => return self.close(why).await,
        };
        self.after_write(outcome);
    }

    fn after_write(&mut self, outcome: Result<(), WsError>) {
        if let Err(error) = outcome {
            tracing::debug!(%error, "a socket failed while writing");
            self.over = true;
        }
    }

    async fn take(&mut self, frame: Option<Result<Message, WsError>>) -> Heard {
        self.heard = Instant::now();
        match frame {
            Some(Ok(Message::Text(text))) => return Heard::Text(text),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {
                // Reading queued the answer to a ping.
                self.unflushed = true;
                return Heard::Nothing;
            }
            Some(Ok(Message::Binary(_))) => self.close(Farewell::Refused).await,
            Some(Ok(Message::Close(_))) => {
                // The answer to it is queued; the client hangs up when it has it.
                self.over = true;
                let _ = tokio::time::timeout(limits::CLOSE_TIME, self.stream.flush()).await;
            }
            Some(Err(WsError::Capacity(CapacityError::MessageTooLong { .. }))) => {
                self.close(Farewell::TooBig).await;
            }
            Some(Err(WsError::Utf8(_))) => self.close(Farewell::NotText).await,
            Some(Err(WsError::Protocol(error))) => {
                tracing::debug!(%error, "a client broke the protocol");
                self.close(Farewell::Broken).await;
            }
            Some(Err(error)) => {
                tracing::debug!(%error, "a socket failed while reading");
                self.over = true;
            }
            None => self.over = true,
        }
        Heard::End
    }
}

impl Awaited {
    fn answer(self, reply: Reply) -> Option<Utf8Bytes> {
        let outcome = match reply {
            Ok(decided) => decided.map_err(Refused::from),
            Err(unavailable) => Err(unavailable.into()),
        };
        self.span.in_scope(|| {
            let text = (self.wording)(self.id.as_ref(), outcome);
            tracing::debug!("answered");
            text
        })
    }
}

enum Heard {
    Text(Utf8Bytes),
    Nothing,
    End,
}
