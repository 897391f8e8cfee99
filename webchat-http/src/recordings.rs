//! Recordings: what became of chats, what was said in them and what was said of them, for supervisors.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use webchat_core::command::{Command, SupervisorCommand};
use webchat_core::effect::Receipt;
use webchat_core::event::CloseReason;
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::problem::Problem;
use webchat_core::quality::{ModelId, QualityModel};
use webchat_core::time::Timestamp;
use webchat_runtime::read_model::{ChatFilter, ChatSummary, Recording};

use crate::api::Api;
use crate::app::{App, Call};
use crate::at_hand::Evaluated;
use crate::page;
use crate::refused::{Refused, json};
use crate::session;
use crate::socket::request::unexpected;
use crate::transcript;

/// The query of the list; every condition given must hold.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub(crate) struct Conditions {
    campaign: Option<CampaignId>,
    agent: Option<AgentId>,
    visitor: Option<VisitorKey>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    reason: Option<CloseReason>,
    score: Option<u8>,
    text: Option<String>,
    before: Option<u64>,
}

impl Conditions {
    /// As the read model takes them; chats that are live are never meant.
    pub(crate) fn into_filter(self) -> ChatFilter {
        ChatFilter {
            campaign: self.campaign,
            agent: self.agent,
            visitor: self.visitor,
            from: self.from,
            until: self.until,
            reason: self.reason,
            score: self.score,
            live: Some(false),
            text: self.text.filter(|text| !text.trim().is_empty()),
            before: self.before,
        }
    }
}

/// The query of a transcript.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct After {
    #[serde(default)]
    after: u32,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Recordings")]
struct List {
    /// A page of chats that are over, the latest first.
    chats: Vec<ChatSummary>,
    /// The names of all agents in it.
    names: BTreeMap<AgentId, Arc<str>>,
    /// What to ask for as `before` to get the next page; `None` at the end.
    next: Option<u64>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "WholeRecording")]
struct Whole {
    #[serde(flatten)]
    recording: Recording,
    names: BTreeMap<AgentId, Arc<str>>,
    /// The questions of each evaluation, by model version.
    models: BTreeMap<u32, Arc<QualityModel>>,
}

/// `GET /api/v1/recordings`
pub(crate) async fn all(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    allowed(app, call, "GET /api/v1/recordings").await?;
    let wish: Conditions = call.wish()?;
    let read_model = &app.parts.read_model;
    let found = read_model.chats(app.parts.tenant, wish.into_filter(), page::ASKED);
    let mut chats = found.await?;
    let next = page::cut(&mut chats, |chat| chat.sequence);
    let agents: Vec<AgentId> = chats.iter().filter_map(|chat| chat.agent).collect();
    let names = app
        .query(move |engine, _| transcript::names(engine, agents))
        .await?;
    Ok(json(StatusCode::OK, &List { chats, names, next }))
}

/// `GET /api/v1/recordings/{chat}`
pub(crate) async fn one(app: &App, call: &Call, chat: ChatId) -> Result<Response<Bytes>, Refused> {
    allowed(app, call, "GET /api/v1/recordings/{chat}").await?;
    let recording = found(app, chat).await?;
    let stayed = recording.segments.iter().map(|segment| segment.agent);
    let wrote = recording.notes.iter().map(|note| note.agent);
    let judged = recording
        .evaluations
        .iter()
        .flat_map(|evaluated| [evaluated.agent, evaluated.evaluator]);
    let agents: Vec<AgentId> = stayed
        .chain(wrote)
        .chain(judged)
        .chain(recording.summary.agent)
        .collect();
    let versions = recording.evaluations.iter().map(|given| given.model);
    let versions: Vec<ModelId> = versions.collect();
    let shown = app.query(move |engine, _| {
        let view = engine.view();
        let model = |id: ModelId| Some((id.0, view.quality_model(id)?.clone()));
        let models = versions.into_iter().filter_map(model).collect();
        (transcript::names(engine, agents), models)
    });
    let (names, models) = shown.await?;
    let whole = Whole {
        recording,
        names,
        models,
    };
    Ok(json(StatusCode::OK, &whole))
}

/// `GET /api/v1/recordings/{chat}/messages`
pub(crate) async fn messages(
    app: &App,
    call: &Call,
    chat: ChatId,
) -> Result<Response<Bytes>, Refused> {
    allowed(app, call, "GET /api/v1/recordings/{chat}/messages").await?;
    let After { after } = call.wish()?;
    let last = found(app, chat).await?.summary.last;
    let page = transcript::page(app, chat, after, None, last).await?;
    Ok(json(StatusCode::OK, &page))
}

/// What somebody thinks of an agent's part of a chat.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "NewEvaluation")]
struct Judgement {
    /// Whose part.
    agent: AgentId,
    /// Which version of which quality model.
    model: ModelId,
    /// The answer chosen per question, in the model's order; null is not answered.
    answers: Vec<Option<u16>>,
}

/// `POST /api/v1/recordings/{chat}/evaluations`
pub(crate) async fn evaluate(
    app: &App,
    call: &Call,
    chat: ChatId,
) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::POST {
        return Err(Refused::method_not_allowed());
    }
    let route = "POST /api/v1/recordings/{chat}/evaluations";
    let signed = session::require(app, call, route).await?;
    let given: Judgement = call.json()?;
    app.parts.handle.caught_up().await?;
    let recording = found(app, chat).await?;
    // Evaluations bear the name of who gave them, and administrators are no agents.
    let by = signed
        .account
        .profile
        .agent
        .ok_or_else(Refused::not_allowed)?;
    let mut segments = recording.segments.iter();
    if !segments.any(|segment| segment.agent == given.agent) {
        let problem = Problem::new("agent", given.agent.0, "an agent who had part in the chat");
        return Err(Refused::field(problem));
    }
    let ask = SupervisorCommand::Evaluate {
        chat,
        agent: given.agent,
        model: given.model,
        answers: given.answers,
    };
    match app.submit(Command::Supervisor { agent: by, ask }).await? {
        Receipt::Score(score) => Ok(json(StatusCode::CREATED, &Evaluated { score })),
        other => Err(unexpected(&other)),
    }
}

async fn allowed(app: &App, call: &Call, route: &str) -> Result<(), Refused> {
    if call.method != Method::GET {
        return Err(Refused::method_not_allowed());
    }
    session::require(app, call, route).await?;
    app.parts.handle.caught_up().await?;
    Ok(())
}

/// A chat that is over; a live one is watched, not looked up.
async fn found(app: &App, chat: ChatId) -> Result<Recording, Refused> {
    let recording = app
        .parts
        .read_model
        .recording(app.parts.tenant, chat)
        .await?;
    recording
        .filter(|recording| recording.summary.closing.is_some())
        .ok_or_else(|| Refused::unknown_chat(chat))
}

/// The recordings.
pub(crate) fn describe(api: &mut Api) {
    api.route(
        "GET /api/v1/recordings",
        "Chats that are over and fit every condition, the latest first",
    )
    .asks::<Conditions>()
    .answers::<List>(200);
    api.route(
        "GET /api/v1/recordings/{chat}",
        "All about one of them but its messages",
    )
    .answers::<Whole>(200);
    api.route(
        "GET /api/v1/recordings/{chat}/messages",
        "A page of its messages, with all notes",
    )
    .asks::<After>()
    .answers::<transcript::Past>(200);
    api.route(
        "POST /api/v1/recordings/{chat}/evaluations",
        "Answers a quality model about an agent's part of a chat that is over",
    )
    .takes::<Judgement>()
    .answers::<Evaluated>(201);
}
