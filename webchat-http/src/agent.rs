//! The agent's side of the protocol: signing in, the desk, and everything done with chats.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use hyper::upgrade::OnUpgrade;
use serde::Deserialize;
use serde_json::Number;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use webchat_core::command::{AgentCommand, Command, Destination, Seen};
use webchat_core::effect::{AgentNotice, Receipt};
use webchat_core::id::{AgentId, CampaignId, ChatId};

use crate::access;
use crate::api::{self, Api};
use crate::app::{App, Call};
use crate::at_hand::{self, CannedWish, EarlierHistory, Evaluate, Evaluated};
use crate::call;
use crate::desk::{self, Desk, Destinations};
use crate::refused::Refused;
use crate::session::Signed;
use crate::socket::frame::{self, Done, Envelope};
use crate::socket::hub::Badge;
use crate::socket::request::{
    Asked, Taken, Wording, Written, answering, done, taken, unexpected, unknown_request, written,
};
use crate::socket::staff::{self, History, One, Staff};
use crate::socket::{self, Farewell, Line, Socket};
use crate::transcript;

/// `GET /api/v1/agent`: only with a session, and only from a page of this server.
pub(crate) async fn upgrade(
    app: &App,
    call: &Call,
    on_upgrade: Option<OnUpgrade>,
) -> Result<Response<Bytes>, Refused> {
    staff::upgrade(app, call, on_upgrade, "GET /api/v1/agent", serve).await
}

async fn serve(app: App, mut socket: Socket, line: Arc<Line>, signed: Signed) {
    let Some(first) = socket.first(app.settings.deadlines.hello).await else {
        return;
    };
    let greeting = greet(first, app, &mut socket, line, signed);
    let Some(worker) = Box::pin(greeting).await else {
        return;
    };
    staff::stay(&worker, &mut socket).await;
    socket.settle().await;
    worker.leave();
}

/// Answers the first frame; `None` if that was the last one too.
async fn greet(
    first: Utf8Bytes,
    app: App,
    socket: &mut Socket,
    line: Arc<Line>,
    signed: Signed,
) -> Option<Worker> {
    let Ok((id, agent)) = hello(&first, &signed) else {
        socket.close(Farewell::Refused).await;
        return None;
    };
    let badge = Badge {
        agent,
        session: signed.number(),
        account: signed.account.id,
    };
    let worker = Worker {
        app,
        badge,
        line,
        signed,
    };
    let desk = worker.enter().await;
    if let Some(answer) = frame::answer(id.as_ref(), &desk) {
        socket.send(answer).await;
    }
    if let Err(refused) = desk {
        socket.close(Farewell::after(&refused)).await;
        worker.leave();
        return None;
    }
    Some(worker)
}

fn hello(text: &str, signed: &Signed) -> Result<(Option<Number>, AgentId), Refused> {
    let envelope = frame::envelope(text)?;
    if envelope.ask != "hello" {
        return Err(Refused::bad_request("expected hello"));
    }
    let agent = signed
        .account
        .profile
        .agent
        .ok_or_else(Refused::not_allowed)?;
    Ok((envelope.id, agent))
}

/// An agent at a socket.
struct Worker {
    app: App,
    badge: Badge,
    line: Arc<Line>,
    signed: Signed,
}

impl Worker {
    /// Listens first, then signs in and looks, so nothing that happens in between is missed.
    async fn enter(&self) -> Result<Desk, Refused> {
        let agent = self.badge.agent;
        self.app.hub().enter_agent(self.badge, &self.line)?;
        let session = self.badge.session;
        self.command(AgentCommand::SignIn { session }).await?;
        self.app.hub().signed_in(agent);
        let desk = self
            .app
            .query(move |engine, now| desk::desk(engine.view(), now, agent));
        desk.await?.ok_or_else(Refused::not_allowed)
    }

    fn leave(&self) {
        self.app.hub().leave_agent(self.badge.agent, &self.line);
    }

    /// The answer first, then the end of all sockets of the session.
    async fn sign_out(&self, id: Option<&Number>, text: &str, socket: &mut Socket) {
        socket.hand_in().await;
        let outcome = match frame::fields(text) {
            Ok(SignOut { force }) => self.command(AgentCommand::SignOut { force }).await,
            Err(refused) => Err(refused),
        };
        let outcome = outcome.map(|_| Done {});
        if let Some(answer) = frame::answer(id, &outcome) {
            socket.send(answer).await;
        }
        if outcome.is_ok() {
            self.app
                .hub()
                .end_session(self.badge.session, Farewell::SignedOut);
        }
    }

    async fn command(&self, ask: AgentCommand) -> Result<Receipt, Refused> {
        let agent = self.badge.agent;
        self.app.submit(Command::Agent { agent, ask }).await
    }
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Pause {
    reason: Arc<str>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct OnCall {
    on: bool,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct SignOut {
    #[serde(default)]
    force: bool,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Write {
    chat: ChatId,
    key: Arc<str>,
    text: Arc<str>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Note {
    chat: ChatId,
    #[serde(default)]
    key: Option<Arc<str>>,
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
struct Close {
    chat: ChatId,
    #[serde(default)]
    disposition: Option<Vec<Arc<str>>>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Transfer {
    chat: ChatId,
    #[serde(default)]
    agent: Option<AgentId>,
    #[serde(default)]
    campaign: Option<CampaignId>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Invite {
    chat: ChatId,
    agent: AgentId,
}

impl Staff for Worker {
    fn app(&self) -> &App {
        &self.app
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    async fn carry_out(&self, request: &Envelope<'_>, text: &str, socket: &mut Socket) -> bool {
        let leaves = request.ask == "sign_out";
        if leaves {
            self.sign_out(request.id.as_ref(), text, socket).await;
        }
        leaves
    }

    fn ask(&self, name: &str, text: &str) -> Result<Asked, Refused> {
        if !access::permits(self.signed.account.profile.role, name) {
            return Err(unknown_request(name));
        }
        let mut wording: Wording = done;
        let ask = match name {
            "ping" => return Ok(answering(async { Ok(Done {}) })),
            "destinations" => return Ok(self.destinations()),
            "history" => return Ok(self.history(frame::fields(text)?)),
            "take" => {
                let One { chat } = frame::fields(text)?;
                wording = taken;
                AgentCommand::Take { chat }
            }
            "accept" => {
                let One { chat } = frame::fields(text)?;
                wording = taken;
                AgentCommand::Accept { chat }
            }
            "write" => {
                let Write { chat, key, text } = frame::fields(text)?;
                wording = written;
                AgentCommand::Write { chat, key, text }
            }
            "pause" => {
                let Pause { reason } = frame::fields(text)?;
                AgentCommand::Pause { reason }
            }
            "resume" => AgentCommand::Resume,
            "on_call" => {
                let OnCall { on } = frame::fields(text)?;
                AgentCommand::OnCall { on }
            }
            "refuse" => {
                let One { chat } = frame::fields(text)?;
                AgentCommand::Refuse { chat }
            }
            "note" => {
                let Note { chat, key, text } = frame::fields(text)?;
                AgentCommand::Note { chat, key, text }
            }
            "typing" => {
                let Typing { chat, on } = frame::fields(text)?;
                AgentCommand::Typing { chat, on }
            }
            "seen" => {
                let Saw {
                    chat,
                    delivered,
                    read,
                } = frame::fields(text)?;
                let seen = Seen { delivered, read };
                AgentCommand::Seen { chat, seen }
            }
            "close" => {
                let Close { chat, disposition } = frame::fields(text)?;
                AgentCommand::Close { chat, disposition }
            }
            "transfer" => {
                let transfer: Transfer = frame::fields(text)?;
                let to = match (transfer.agent, transfer.campaign) {
                    (Some(agent), None) => Destination::Agent(agent),
                    (None, Some(campaign)) => Destination::Campaign(campaign),
                    _ => return Err(Refused::bad_request("expected either agent or campaign")),
                };
                AgentCommand::Transfer {
                    chat: transfer.chat,
                    to,
                }
            }
            "cancel_transfer" => {
                let One { chat } = frame::fields(text)?;
                AgentCommand::CancelTransfer { chat }
            }
            "invite" => {
                let Invite { chat, agent } = frame::fields(text)?;
                AgentCommand::Invite { chat, agent }
            }
            "leave" => {
                let One { chat } = frame::fields(text)?;
                AgentCommand::Leave { chat }
            }
            "canned" => return Ok(self.canned(frame::fields(text)?)),
            "earlier" => {
                let One { chat } = frame::fields(text)?;
                let (app, agent) = (self.app.clone(), self.badge.agent);
                return Ok(answering(async move {
                    at_hand::earlier(&app, agent, chat).await
                }));
            }
            "earlier_history" => return Ok(self.earlier_history(frame::fields(text)?)),
            "quality" => {
                let One { chat } = frame::fields(text)?;
                let (app, agent) = (self.app.clone(), self.badge.agent);
                return Ok(answering(async move {
                    at_hand::quality(&app, agent, chat).await
                }));
            }
            "evaluate" => return Ok(self.evaluate(frame::fields(text)?)),
            "call_servers" => return call::servers_for_agent(&self.app, self.badge.agent, text),
            other => match call::ask(other, text)? {
                Some((chat, ask)) => AgentCommand::Call { chat, ask },
                None => return Err(unknown_request(other)),
            },
        };
        let agent = self.badge.agent;
        Ok(Asked::Command(Command::Agent { agent, ask }, wording))
    }
}

/// Requests.
impl Worker {
    fn destinations(&self) -> Asked {
        let app = self.app.clone();
        answering(async move {
            app.query(|engine, _| desk::destinations(engine.view()))
                .await
        })
    }

    /// The transcript of a chat of the agent's, or of one that waits where the agent works.
    fn history(&self, asked: History) -> Asked {
        let app = self.app.clone();
        let agent = self.badge.agent;
        let History { chat, after, limit } = asked;
        answering(async move {
            let last = app.query(move |engine, _| {
                let view = engine.view();
                let seen = view.agent_chat(chat)?;
                let may = view.has_agent(chat, agent)
                    || (seen.owner.is_none()
                        && view
                            .memberships(agent)
                            .any(|campaign| campaign == seen.campaign));
                may.then_some(seen.last)
            });
            let last = last.await?.ok_or_else(|| Refused::unknown_chat(chat))?;
            transcript::page(&app, chat, after, limit, last).await
        })
    }

    fn canned(&self, asked: CannedWish) -> Asked {
        let app = self.app.clone();
        let agent = self.badge.agent;
        let CannedWish { chat, language } = asked;
        answering(async move {
            app.query(move |engine, _| at_hand::responses(engine.view(), agent, chat, language))
                .await?
        })
    }

    /// The transcript of an earlier chat of the visitor in front.
    fn earlier_history(&self, asked: EarlierHistory) -> Asked {
        let app = self.app.clone();
        let agent = self.badge.agent;
        answering(async move {
            let listed = at_hand::earlier(&app, agent, asked.chat).await?;
            let last = listed
                .messages_of(asked.earlier)
                .ok_or_else(|| Refused::unknown_chat(asked.earlier))?;
            transcript::page(&app, asked.earlier, asked.after, None, last).await
        })
    }

    /// Answers the quality model about a chat the agent has or had part in.
    fn evaluate(&self, asked: Evaluate) -> Asked {
        let app = self.app.clone();
        let agent = self.badge.agent;
        answering(async move {
            let Evaluate {
                chat,
                model,
                answers,
            } = asked;
            at_hand::campaign_of_part(&app, agent, chat).await?;
            let ask = AgentCommand::Evaluate {
                chat,
                model,
                answers,
            };
            match app.submit(Command::Agent { agent, ask }).await? {
                Receipt::Score(score) => Ok(Evaluated { score }),
                other => Err(unexpected(&other)),
            }
        })
    }
}

/// The agent's socket.
pub(crate) fn describe(api: &mut Api) {
    const AT: api::Socket = api::Socket::Agent;
    api.route("GET /api/v1/agent", "Upgrades to the agent's socket")
        .empty(101);
    api.bare_request::<Desk>(AT, "hello");
    api.bare_request::<Done>(AT, "ping");
    api.request::<Pause, Done>(AT, "pause");
    api.bare_request::<Done>(AT, "resume");
    api.request::<OnCall, Done>(AT, "on_call");
    api.request::<SignOut, Done>(AT, "sign_out");
    api.request::<One, Taken>(AT, "take");
    api.request::<One, Taken>(AT, "accept");
    api.request::<One, Done>(AT, "refuse");
    api.request::<History, transcript::Past>(AT, "history");
    api.request::<Write, Written>(AT, "write");
    api.request::<Note, Done>(AT, "note");
    api.request::<Typing, Done>(AT, "typing");
    api.request::<Saw, Done>(AT, "seen");
    api.request::<Close, Done>(AT, "close");
    api.bare_request::<Destinations>(AT, "destinations");
    api.request::<Transfer, Done>(AT, "transfer");
    api.request::<One, Done>(AT, "cancel_transfer");
    api.request::<Invite, Done>(AT, "invite");
    api.request::<One, Done>(AT, "leave");
    call::describe(api, AT);
    api.request::<CannedWish, at_hand::Responses>(AT, "canned");
    api.request::<One, at_hand::Earlier>(AT, "earlier");
    api.request::<EarlierHistory, transcript::Past>(AT, "earlier_history");
    api.request::<One, at_hand::Quality>(AT, "quality");
    api.request::<Evaluate, Evaluated>(AT, "evaluate");
    api.push::<AgentNotice>(AT);
    api.push::<socket::boards::Shown>(AT);
}
