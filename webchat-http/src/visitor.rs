//! The visitor's side of the protocol: hello, the chat, and every message exactly once and in order.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use hyper::upgrade::OnUpgrade;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use webchat_core::campaign::Origin;
use webchat_core::command::{
    ChatRequest, Command, OfflineRequest, Seen, VisitorAsk, VisitorCommand, VisitorForm,
};
use webchat_core::effect::{
    Ended, MessageView, Receipt, Refusal, VisitorChat, VisitorMessage, VisitorNotice,
};
use webchat_core::id::{CampaignId, ChatId};
use webchat_core::wording::Language;

use crate::access;
use crate::api::{self, Api};
use crate::app::{App, Call};
use crate::call;
use crate::identity::{self, Claim};
use crate::limits;
use crate::origin;
use crate::refused::Refused;
use crate::request::Peer;
use crate::socket::frame::{self, Done};
use crate::socket::hub::Seat;
use crate::socket::push::Delivery;
use crate::socket::request::{
    Asked, Wording, Written, answering, done, unexpected, unknown_request, written,
};
use crate::socket::{self, Farewell, Happened, Line, Socket};
use crate::token;
use crate::trace;
use crate::window;

/// The query of the socket's address.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct Door {
    campaign: CampaignId,
}

/// `GET /api/v1/visitor`: refuses foreign sites before the upgrade, so nothing changes for them.
pub(crate) async fn upgrade(
    app: &App,
    call: &Call,
    on_upgrade: Option<OnUpgrade>,
) -> Result<Response<Bytes>, Refused> {
    let Door { campaign } = call.wish()?;
    let origin = origin::of(&call.headers, call.peer, app.settings.public_url.as_ref());
    let page = origin.clone();
    let permitted = app.query(move |engine, _| {
        let found = engine.view().campaign(campaign)?;
        Some(window::permits(found.settings, page.as_ref()))
    });
    match permitted.await? {
        None => return Err(Refused::unknown_campaign(campaign)),
        Some(false) => return Err(Refused::not_allowed()),
        Some(true) => {}
    }
    let served = app.clone();
    let peer = call.peer;
    let pace = app.settings.paces.visitor_requests;
    socket::upgrade(app, &call.headers, on_upgrade, pace, move |socket, line| {
        serve(served, socket, line, campaign, origin, peer)
    })
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Hello {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    seen: u32,
}

#[derive(Serialize, schemars::JsonSchema)]
struct Welcome {
    token: String,
    chat: Option<VisitorChat>,
    messages: Vec<VisitorMessage>,
    ended: Option<Ended>,
}

async fn serve(
    app: App,
    mut socket: Socket,
    line: Arc<Line>,
    campaign: CampaignId,
    origin: Option<Origin>,
    peer: Peer,
) {
    let Some(first) = socket.first(app.settings.deadlines.hello).await else {
        return;
    };
    let greeting = greet(first, app, &mut socket, line, campaign, origin, peer);
    // Boxed and done with: nothing of it stays with a socket that may be open all day.
    let Some(mut guest) = Box::pin(greeting).await else {
        return;
    };
    guest.stay(&mut socket).await;
    socket.settle().await;
    guest.leave();
}

/// Answers the first frame; `None` if that was the last one too.
async fn greet(
    first: Utf8Bytes,
    app: App,
    socket: &mut Socket,
    line: Arc<Line>,
    campaign: CampaignId,
    origin: Option<Origin>,
    peer: Peer,
) -> Option<Guest> {
    let Ok((id, hello)) = hello(&first) else {
        socket.close(Farewell::Refused).await;
        return None;
    };
    let token = match app.mint().await {
        Ok(mint) => mint.known_or_new(hello.token.as_deref(), campaign),
        Err(refused) => {
            tracing::warn!(code = refused.code(), "no token can be made now");
            socket.close(Farewell::Stopping).await;
            return None;
        }
    };
    let known = token.and_then(|token| Some((token::key(&token)?, token)));
    let Some((visitor, token)) = known else {
        tracing::error!("the system has no randomness to give");
        socket.close(Farewell::Stopping).await;
        return None;
    };
    let mut guest = Guest {
        seat: Seat { visitor, campaign },
        app,
        line,
        language: window::language(hello.language.as_deref()),
        origin,
        peer,
        live: None,
    };
    let welcome = guest.enter(token, hello.seen).await;
    if let Some(answer) = frame::answer(id.as_ref(), &welcome) {
        socket.send(answer).await;
    }
    if let Err(refused) = welcome {
        socket.close(Farewell::after(&refused)).await;
        guest.leave();
        return None;
    }
    Some(guest)
}

fn hello(text: &str) -> Result<(Option<Number>, Hello), Refused> {
    let envelope = frame::envelope(text)?;
    if envelope.ask != "hello" {
        return Err(Refused::bad_request("expected hello"));
    }
    Ok((envelope.id, frame::fields(text)?))
}

/// A visitor at a socket.
struct Guest {
    app: App,
    seat: Seat,
    line: Arc<Line>,
    language: Option<Language>,
    origin: Option<Origin>,
    peer: Peer,
    live: Option<Live>,
}

/// The live chat, and the number of the last message that was sent to this socket.
#[derive(Clone, Copy)]
struct Live {
    chat: ChatId,
    sent: u32,
}

/// A seat as the engine knows it.
struct Standing {
    chat: Option<VisitorChat>,
    ended: Option<Ended>,
}

impl Guest {
    /// Listens first, then looks: whatever happens in between waits in the socket's queue, so nothing
    /// is missed, and the numbers tell what was already read.
    async fn enter(&mut self, token: String, seen: u32) -> Result<Welcome, Refused> {
        self.app.hub().enter(self.seat, &self.line)?;
        let mut standing = self.standing().await?;
        if let Some(view) = &standing.chat {
            let chat = view.chat;
            self.app.hub().resume(self.seat, chat);
            standing = self.standing().await?;
            if standing.chat.as_ref().map(|view| view.chat) != Some(chat) {
                self.app.hub().forget(chat);
                if let Some(next) = &standing.chat {
                    self.app.hub().resume(self.seat, next.chat);
                }
            }
        }
        let past = match (&standing.chat, &standing.ended) {
            (Some(view), _) => Some(view.chat),
            (None, ended) => ended.as_ref().map(|ended| ended.chat),
        };
        let mut messages = Vec::new();
        if let Some(chat) = past {
            let last = standing.chat.as_ref().map_or(u32::MAX, |view| view.last);
            let mut live = Live {
                chat,
                sent: seen.min(last),
            };
            for message in self.app.messages(chat, live.sent, limits::PAGE).await? {
                live.sent = message.number;
                messages.push(MessageView::for_visitor(&message));
            }
            trace::about(live.chat);
            self.live = Some(live);
        }
        Ok(Welcome {
            token,
            chat: standing.chat,
            messages,
            ended: standing.ended,
        })
    }

    fn leave(&self) {
        self.app.hub().leave(self.seat, &self.line);
    }

    async fn standing(&self) -> Result<Standing, Refused> {
        let Seat { visitor, campaign } = self.seat;
        let asked = self.app.query(move |engine, _| {
            let view = engine.view();
            let chat = view
                .chat_of(visitor, campaign)
                .and_then(|chat| view.visitor_chat(chat));
            let ended = match &chat {
                Some(_) => None,
                None => view.ended_of(visitor, campaign),
            };
            Standing { chat, ended }
        });
        asked.await
    }

    async fn stay(&mut self, socket: &mut Socket) {
        // What did not fit into the hello follows as pushes.
        if let Some(live) = self.live
            && let Err(refused) = self.catch_up(live, socket).await
        {
            tracing::debug!(code = refused.code(), "a transcript could not be read");
            return socket.close(Farewell::Stopping).await;
        }
        loop {
            let outcome = match socket.next().await {
                Happened::Request(text) => {
                    self.request(&text, socket).await;
                    Ok(())
                }
                Happened::TooEarly(text, wait) => {
                    let id = frame::envelope(&text).ok().and_then(|early| early.id);
                    let refused = Refused::too_fast(wait.as_secs() + 1);
                    socket.refuse(id, refused).await;
                    Ok(())
                }
                Happened::Delivery(delivery) => self.deliver(delivery, socket).await,
                Happened::Pause => Ok(()),
                Happened::Gone => return,
            };
            if let Err(refused) = outcome {
                // The client comes back and asks again from the last number it saw.
                tracing::debug!(code = refused.code(), "a push could not be completed");
                return socket.close(Farewell::Stopping).await;
            }
        }
    }
}

/// Pushes.
impl Guest {
    async fn deliver(&mut self, delivery: Delivery, socket: &mut Socket) -> Result<(), Refused> {
        match delivery {
            Delivery::Began { chat, all_follows } => {
                return self.begin(chat, all_follows, socket).await;
            }
            Delivery::Message { chat, number, push } => {
                let Some(live) = self.live.filter(|live| live.chat == chat) else {
                    return Ok(());
                };
                if number <= live.sent {
                    return Ok(());
                }
                if number > live.sent + 1 {
                    return self.catch_up(live, socket).await;
                }
                socket.send(push.text()).await;
                self.live = Some(Live { chat, sent: number });
            }
            Delivery::Ended { chat, push } => {
                if self.live.is_some_and(|live| live.chat == chat) {
                    self.live = None;
                    socket.send(push.text()).await;
                }
            }
            Delivery::Push(push) => socket.send(push.text()).await,
        }
        Ok(())
    }

    /// A chat began in this seat, here or in another tab. Unless all that was ever said in it follows, what was pushed
    /// before the hub knew of it is read.
    async fn begin(
        &mut self,
        chat: ChatId,
        all_follows: bool,
        socket: &mut Socket,
    ) -> Result<(), Refused> {
        if self.live.is_some_and(|live| live.chat == chat) {
            return Ok(());
        }
        let live = Live { chat, sent: 0 };
        trace::about(chat);
        self.live = Some(live);
        if all_follows {
            return Ok(());
        }
        self.catch_up(live, socket).await?;
        let standing = self.standing().await?;
        match (standing.chat, standing.ended) {
            (Some(view), _) if view.chat == chat => {
                socket
                    .send(frame::text(&VisitorNotice::State { view }))
                    .await;
            }
            (_, Some(ended)) if ended.chat == chat => {
                self.app.hub().forget(chat);
                self.live = None;
                socket
                    .send(frame::text(&VisitorNotice::Closed(ended)))
                    .await;
            }
            _ => {}
        }
        Ok(())
    }

    /// Sends the messages of the transcript after those already sent.
    async fn catch_up(&mut self, mut live: Live, socket: &mut Socket) -> Result<(), Refused> {
        loop {
            let page = self
                .app
                .messages(live.chat, live.sent, limits::PAGE)
                .await?;
            let whole = page.len() < limits::PAGE;
            for message in page {
                live.sent = message.number;
                let notice = VisitorNotice::Message {
                    chat: live.chat,
                    message: MessageView::for_visitor(&message),
                };
                socket.send(frame::text(&notice)).await;
            }
            trace::about(live.chat);
            self.live = Some(live);
            if whole {
                return Ok(());
            }
        }
    }
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Write {
    chat: ChatId,
    key: Arc<str>,
    text: Arc<str>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Typing {
    chat: ChatId,
    on: bool,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Saw {
    chat: ChatId,
    #[serde(default)]
    delivered: u32,
    #[serde(default)]
    read: u32,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct End {
    chat: ChatId,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Score {
    chat: ChatId,
    score: u8,
    #[serde(default)]
    note: Option<Arc<str>>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Left {
    key: Arc<str>,
    text: Arc<str>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Copied {
    chat: ChatId,
    #[serde(default)]
    email: Option<String>,
}

/// The answer to `transcript`.
#[derive(Serialize, schemars::JsonSchema)]
struct Promised {
    /// Where the copy goes.
    address: Arc<str>,
    /// It is sent when the chat ends, else now.
    at_end: bool,
}

fn promised(id: Option<&Number>, outcome: Result<Receipt, Refused>) -> Option<Utf8Bytes> {
    let promised = outcome.and_then(|receipt| match receipt {
        Receipt::Transcript {
            address, at_end, ..
        } => Ok(Promised { address, at_end }),
        other => Err(unexpected(&other)),
    });
    frame::answer(id, &promised)
}

/// The answer to `offline`.
#[derive(Serialize, schemars::JsonSchema)]
struct Kept {
    /// Under which number the message is kept and mailed.
    receipt: String,
}

/// What `start` says besides the form.
#[derive(Deserialize, schemars::JsonSchema)]
struct Known {
    #[serde(default)]
    identity: Option<Claim>,
}

/// The answer to `start`.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Started {
    Chat(VisitorChat),
    Refused(Refusal),
}

/// Requests.
impl Guest {
    async fn request(&mut self, text: &str, socket: &mut Socket) {
        let Ok(request) = frame::envelope(text) else {
            return socket.close(Farewell::Refused).await;
        };
        let asked = self.ask(&request.ask, text);
        socket.carry_out(request, asked, text).await;
    }

    fn ask(&self, name: &str, text: &str) -> Result<Asked, Refused> {
        if !access::open_to_visitors(name) {
            return Err(unknown_request(name));
        }
        let mut wording: Wording = done;
        let (chat, ask) = match name {
            "start" => return self.start(frame::fields(text)?, frame::fields(text)?),
            "offline" => return self.offline(frame::fields(text)?, frame::fields(text)?),
            "transcript" => return self.transcript(frame::fields(text)?),
            "ping" => return Ok(answering(async { Ok(Done {}) })),
            "write" => {
                let Write { chat, key, text } = frame::fields(text)?;
                self.app.watch.message(self.seat.visitor)?;
                wording = written;
                (chat, VisitorAsk::Write { key, text })
            }
            "typing" => {
                let Typing { chat, on } = frame::fields(text)?;
                (chat, VisitorAsk::Typing { on })
            }
            "seen" => {
                let Saw {
                    chat,
                    delivered,
                    read,
                } = frame::fields(text)?;
                (chat, VisitorAsk::Seen(Seen { delivered, read }))
            }
            "end" => {
                let End { chat } = frame::fields(text)?;
                (chat, VisitorAsk::Leave)
            }
            "feedback" => {
                let Score { chat, score, note } = frame::fields(text)?;
                (chat, VisitorAsk::Feedback { score, note })
            }
            "call_servers" => {
                let Seat { visitor, campaign } = self.seat;
                return call::servers_for_visitor(&self.app, (visitor, campaign), text);
            }
            other => match call::ask(other, text)? {
                Some((chat, ask)) => (chat, VisitorAsk::Call(ask)),
                None => return Err(unknown_request(other)),
            },
        };
        Ok(Asked::Command(self.in_chat(chat, ask), wording))
    }

    fn in_chat(&self, chat: ChatId, ask: VisitorAsk) -> Command {
        let visitor = self.seat.visitor;
        Command::Visitor(VisitorCommand::InChat { visitor, chat, ask })
    }

    fn start(&self, form: VisitorForm, known: Known) -> Result<Asked, Refused> {
        self.form()?;
        let mut request = ChatRequest {
            visitor: self.seat.visitor,
            campaign: self.seat.campaign,
            origin: self.origin.clone(),
            language: self.language,
            form,
            identity: None,
            priority: 0,
            skills: Vec::new(),
        };
        let app = self.app.clone();
        let seat = self.seat;
        Ok(answering(async move {
            if let Some(claim) = known.identity {
                identity::verify(&app, seat.campaign, &claim).await?;
                // What the site signed goes before what the form says.
                request.form.name = claim.name.or(request.form.name);
                request.form.email = claim.email.or(request.form.email);
                request.identity = Some(claim.id.into());
            }
            let beginning = app.hub().beginning();
            let command = VisitorCommand::RequestChat(Box::new(request));
            match app.submit(Command::Visitor(command)).await? {
                Receipt::Chat(view) => {
                    beginning.of(seat, &view);
                    Ok(Started::Chat(view))
                }
                Receipt::Refused(refusal) => Ok(Started::Refused(refusal)),
                other => Err(unexpected(&other)),
            }
        }))
    }
}

impl Guest {
    /// Counts a form that was sent.
    fn form(&self) -> Result<(), Refused> {
        self.app.watch.form(self.peer.address, self.seat.campaign)
    }

    fn transcript(&self, wanted: Copied) -> Result<Asked, Refused> {
        self.form()?;
        let Copied { chat, email } = wanted;
        let ask = self.in_chat(chat, VisitorAsk::Transcript { email });
        Ok(Asked::Command(ask, promised))
    }

    fn offline(&self, form: VisitorForm, left: Left) -> Result<Asked, Refused> {
        self.form()?;
        let request = OfflineRequest {
            visitor: self.seat.visitor,
            campaign: self.seat.campaign,
            origin: self.origin.clone(),
            language: self.language,
            key: left.key,
            form,
            text: left.text,
        };
        let app = self.app.clone();
        Ok(answering(async move {
            let command = VisitorCommand::LeaveOfflineMessage(Box::new(request));
            match app.submit(Command::Visitor(command)).await? {
                Receipt::Offline(id) => Ok(Kept {
                    receipt: id.to_string(),
                }),
                other => Err(unexpected(&other)),
            }
        }))
    }
}

/// The visitor's socket.
pub(crate) fn describe(api: &mut Api) {
    const AT: api::Socket = api::Socket::Visitor;
    api.route("GET /api/v1/visitor", "Upgrades to the visitor's socket")
        .asks::<Door>()
        .empty(101);
    api.request::<Hello, Welcome>(AT, "hello");
    api.request::<Opening, Started>(AT, "start");
    api.request::<Leaving, Kept>(AT, "offline");
    api.request::<Copied, Promised>(AT, "transcript");
    api.bare_request::<Done>(AT, "ping");
    api.request::<Write, Written>(AT, "write");
    api.request::<Typing, Done>(AT, "typing");
    api.request::<Saw, Done>(AT, "seen");
    api.request::<End, Done>(AT, "end");
    api.request::<Score, Done>(AT, "feedback");
    call::describe(api, AT);
    api.push::<VisitorNotice>(AT);
}

/// All fields of `start`, which are read in two parts.
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Opening {
    #[serde(flatten)]
    form: VisitorForm,
    #[serde(flatten)]
    known: Known,
}

/// All fields of `offline`.
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Leaving {
    #[serde(flatten)]
    form: VisitorForm,
    #[serde(flatten)]
    left: Left,
}
