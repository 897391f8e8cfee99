//! The supervisor's side of the protocol: the floor, watching, and stepping in. It signs nobody in: who takes over
//! or watches is at the desk as well.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use hyper::upgrade::OnUpgrade;
use serde::{Deserialize, Serialize};
use webchat_core::command::{Command, SupervisorCommand};
use webchat_core::explain::{Candidate, Explanation, Question};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::time::Timestamp;

use crate::access;
use crate::api::{self, Api};
use crate::app::{App, Call};
use crate::refused::Refused;
use crate::session::Signed;
use crate::socket::floor::Watcher;
use crate::socket::frame::{self, Done, Envelope};
use crate::socket::request::{Asked, Taken, Wording, answering, done, taken, unknown_request};
use crate::socket::staff::{self, History, One, Staff};
use crate::socket::{self, Farewell, Line, Socket};
use crate::transcript;

/// `GET /api/v1/supervisor`: only with a session, and only from a page of this server.
pub(crate) async fn upgrade(
    app: &App,
    call: &Call,
    on_upgrade: Option<OnUpgrade>,
) -> Result<Response<Bytes>, Refused> {
    staff::upgrade(app, call, on_upgrade, "GET /api/v1/supervisor", serve).await
}

async fn serve(app: App, mut socket: Socket, line: Arc<Line>, signed: Signed) {
    let Some(first) = socket.first(app.settings.deadlines.hello).await else {
        return;
    };
    let Ok(Envelope { id, ask }) = frame::envelope(&first) else {
        return socket.close(Farewell::Refused).await;
    };
    if ask != "hello" {
        return socket.close(Farewell::Refused).await;
    }
    let post = Post {
        app,
        agent: signed.account.profile.agent,
        signed,
    };
    let welcome = post.enter(&line);
    if let Some(answer) = frame::answer(id.as_ref(), &welcome) {
        socket.send(answer).await;
    }
    match welcome {
        Ok(_) => staff::stay(&post, &mut socket).await,
        Err(refused) => socket.close(Farewell::after(&refused)).await,
    }
    socket.settle().await;
    post.app.hub().leave_watcher(&line);
}

/// The answer to `hello`; the floor follows as pushes.
#[derive(Serialize, schemars::JsonSchema)]
struct Welcome {
    /// The server's clock.
    now: Timestamp,
    /// The agent the supervisor is; without one only looking is possible.
    agent: Option<AgentId>,
}

/// A supervisor at a socket.
struct Post {
    app: App,
    agent: Option<AgentId>,
    signed: Signed,
}

impl Post {
    fn enter(&self, line: &Arc<Line>) -> Result<Welcome, Refused> {
        self.app.hub().enter_watcher(Watcher {
            agent: self.agent,
            session: self.signed.number(),
            account: self.signed.account.id,
            line: line.clone(),
            fresh: true,
        })?;
        Ok(Welcome {
            now: self.app.now(),
            agent: self.agent,
        })
    }
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Whisper {
    chat: ChatId,
    /// The client's own id of it: a repeat is said once.
    #[serde(default)]
    key: Option<Arc<str>>,
    text: Arc<str>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Assign {
    chat: ChatId,
    agent: AgentId,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Move {
    chat: ChatId,
    campaign: CampaignId,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Explain {
    #[serde(default)]
    chat: Option<ChatId>,
    #[serde(default)]
    campaign: Option<CampaignId>,
    #[serde(default)]
    agent: Option<AgentId>,
    #[serde(default)]
    skills: Vec<Arc<str>>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct PauseAgent {
    agent: AgentId,
    reason: Arc<str>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct OneAgent {
    agent: AgentId,
}

/// The answer to `explain`.
#[derive(Serialize, schemars::JsonSchema)]
struct Why {
    explanation: Explanation,
    /// The agent who was asked about.
    candidate: Option<Candidate>,
}

impl Staff for Post {
    fn app(&self) -> &App {
        &self.app
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn ask(&self, name: &str, text: &str) -> Result<Asked, Refused> {
        if !access::permits(self.signed.account.profile.role, name) {
            return Err(unknown_request(name));
        }
        let mut wording: Wording = done;
        let ask = match name {
            "ping" => return Ok(answering(async { Ok(Done {}) })),
            "explain" => return self.explain(frame::fields(text)?),
            "watched" => return self.history(frame::fields(text)?),
            "watch" => {
                let One { chat } = frame::fields(text)?;
                wording = taken;
                SupervisorCommand::Watch { chat }
            }
            "take_over" => {
                let One { chat } = frame::fields(text)?;
                wording = taken;
                SupervisorCommand::TakeOver { chat }
            }
            "assign" => {
                let Assign { chat, agent } = frame::fields(text)?;
                wording = taken;
                SupervisorCommand::Assign { chat, to: agent }
            }
            "unwatch" => {
                let One { chat } = frame::fields(text)?;
                SupervisorCommand::Unwatch { chat }
            }
            "whisper" => {
                let Whisper { chat, key, text } = frame::fields(text)?;
                SupervisorCommand::Whisper { chat, key, text }
            }
            "move" => {
                let Move { chat, campaign } = frame::fields(text)?;
                SupervisorCommand::Move { chat, to: campaign }
            }
            "end_chat" => {
                let One { chat } = frame::fields(text)?;
                SupervisorCommand::Close { chat }
            }
            "pause_agent" => {
                let PauseAgent { agent, reason } = frame::fields(text)?;
                SupervisorCommand::Pause { agent, reason }
            }
            "resume_agent" => {
                let OneAgent { agent } = frame::fields(text)?;
                SupervisorCommand::Resume { agent }
            }
            "sign_out_agent" => {
                let OneAgent { agent } = frame::fields(text)?;
                SupervisorCommand::SignOut { agent }
            }
            other => return Err(unknown_request(other)),
        };
        // Whatever is done is recorded with the supervisor's name, so who is no agent can only look.
        let agent = self.agent.ok_or_else(Refused::not_allowed)?;
        Ok(Asked::Command(Command::Supervisor { agent, ask }, wording))
    }
}

/// Requests.
impl Post {
    /// The transcript of a chat that is being watched: reading is recorded as watching is.
    fn history(&self, asked: History) -> Result<Asked, Refused> {
        let app = self.app.clone();
        let agent = self.agent.ok_or_else(Refused::not_allowed)?;
        let History { chat, after, limit } = asked;
        Ok(answering(async move {
            let last = app.query(move |engine, _| {
                let view = engine.view();
                let seen = view.agent_chat(chat)?;
                view.is_watched_by(chat, agent).then_some(seen.last)
            });
            let last = last.await?.ok_or_else(|| Refused::unknown_chat(chat))?;
            transcript::page(&app, chat, after, limit, last).await
        }))
    }

    fn explain(&self, asked: Explain) -> Result<Asked, Refused> {
        let app = self.app.clone();
        let Explain {
            chat,
            campaign,
            agent,
            skills,
        } = asked;
        let question = match (chat, campaign) {
            (Some(chat), None) => Question::Chat(chat),
            (None, Some(campaign)) => Question::Newcomer { campaign, skills },
            _ => return Err(Refused::bad_request("expected either chat or campaign")),
        };
        Ok(answering(async move {
            let unknown = match &question {
                Question::Chat(chat) => Refused::unknown_chat(chat),
                Question::Newcomer { campaign, .. } => Refused::unknown_campaign(campaign),
            };
            let why = app.query(move |engine, _| {
                let view = engine.view();
                let candidate = chat
                    .zip(agent)
                    .and_then(|(chat, agent)| view.explain_agent(chat, agent));
                Some(Why {
                    explanation: view.explain(&question)?,
                    candidate,
                })
            });
            why.await?.ok_or(unknown)
        }))
    }
}

/// The supervisor's socket.
pub(crate) fn describe(api: &mut Api) {
    const AT: api::Socket = api::Socket::Supervisor;
    api.route(
        "GET /api/v1/supervisor",
        "Upgrades to the supervisor's socket",
    )
    .empty(101);
    api.bare_request::<Welcome>(AT, "hello");
    api.bare_request::<Done>(AT, "ping");
    api.request::<One, Taken>(AT, "watch");
    api.request::<History, transcript::Past>(AT, "watched");
    api.request::<One, Done>(AT, "unwatch");
    api.request::<Whisper, Done>(AT, "whisper");
    api.request::<One, Taken>(AT, "take_over");
    api.request::<Assign, Taken>(AT, "assign");
    api.request::<Move, Done>(AT, "move");
    api.request::<One, Done>(AT, "end_chat");
    api.request::<Explain, Why>(AT, "explain");
    api.request::<PauseAgent, Done>(AT, "pause_agent");
    api.request::<OneAgent, Done>(AT, "resume_agent");
    api.request::<OneAgent, Done>(AT, "sign_out_agent");
    api.push::<socket::floor::Part<'_>>(AT);
    api.push::<socket::floor::Alarmed>(AT);
    api.push::<socket::push::Watched<'_>>(AT);
}
