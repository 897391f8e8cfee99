//! What an agent has at hand beside a chat: canned responses, the visitor's earlier chats and the quality model.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use webchat_core::View;
use webchat_core::canned::{self, Variables};
use webchat_core::event::CloseReason;
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::quality::{ModelId, QualityModel, Score};
use webchat_core::time::Timestamp;
use webchat_core::wording::Language;
use webchat_runtime::read_model::{ChatFilter, ChatSummary};

use crate::app::App;
use crate::limits;
use crate::refused::Refused;

/// The answer to `canned`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct Responses {
    /// Those of the campaign, then the shared ones.
    responses: Vec<Ready>,
}

/// A canned response for one chat.
#[derive(Debug, Serialize, schemars::JsonSchema)]
struct Ready {
    shortcut: Arc<str>,
    language: Language,
    text: String,
    /// Variables without a value; they stand in the text as they were written.
    unknown: Vec<String>,
}

/// The canned responses of a chat's campaign in a language, the chat's own unless told otherwise.
pub(crate) fn responses(
    view: View<'_>,
    agent: AgentId,
    chat: ChatId,
    language: Option<Language>,
) -> Result<Responses, Refused> {
    let seen = view
        .agent_chat(chat)
        .filter(|_| view.has_agent(chat, agent))
        .ok_or_else(|| Refused::unknown_chat(chat))?;
    let campaign = view
        .campaign(seen.campaign)
        .ok_or_else(|| Refused::unknown_campaign(seen.campaign))?;
    let wanted = language.unwrap_or(seen.visitor.language);
    let default = campaign.settings.wording.default_language;
    let shown = view.shown_name(seen.campaign, agent, seen.visitor.language);
    let facts = &seen.visitor.facts;
    let variables = Variables {
        visitor: facts.name.as_deref(),
        email: facts.email.as_deref(),
        extra: facts.extra.as_deref(),
        agent: Some(&shown),
        campaign: Some(&campaign.settings.name),
    };
    let ready = |response: &canned::CannedResponse| {
        let (language, text) = response.texts.find(wanted, default)?;
        let expanded = canned::expand(text, |name| variables.value(name));
        Some(Ready {
            shortcut: response.shortcut.clone(),
            language,
            text: expanded.text,
            unknown: expanded.unknown,
        })
    };
    Ok(Responses {
        responses: view.canned(seen.campaign).filter_map(ready).collect(),
    })
}

/// The answer to `earlier`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct Earlier {
    /// The latest first.
    chats: Vec<Past>,
}

/// A chat of the same visitor that is over.
#[derive(Debug, Serialize, schemars::JsonSchema)]
struct Past {
    chat: ChatId,
    campaign: CampaignId,
    requested_at: Timestamp,
    agent: Option<AgentId>,
    messages: u32,
    reason: Option<CloseReason>,
    disposition: Option<Vec<Arc<str>>>,
    score: Option<u8>,
}

/// The earlier chats of the visitor an agent has in front, in the campaigns the agent works for.
pub(crate) async fn earlier(app: &App, agent: AgentId, chat: ChatId) -> Result<Earlier, Refused> {
    let asked = app.query(move |engine, _| {
        let view = engine.view();
        let visitor = view
            .visitor_of(chat)
            .filter(|_| view.has_agent(chat, agent))?;
        Some((visitor, view.memberships(agent).collect::<BTreeSet<_>>()))
    });
    let (visitor, campaigns) = asked.await?.ok_or_else(|| Refused::unknown_chat(chat))?;
    app.parts.handle.caught_up().await?;
    let filter = ChatFilter {
        visitor: Some(visitor),
        live: Some(false),
        ..ChatFilter::default()
    };
    let read_model = &app.parts.read_model;
    let chats = read_model
        .chats(app.parts.tenant, filter, limits::EARLIER_CHATS)
        .await?;
    let known = chats
        .into_iter()
        .filter(|past| campaigns.contains(&past.campaign));
    Ok(Earlier {
        chats: known.map(Past::from).collect(),
    })
}

impl Earlier {
    /// How many messages a chat has; `None` when it is not among these.
    pub(crate) fn messages_of(&self, chat: ChatId) -> Option<u32> {
        let listed = self.chats.iter().find(|past| past.chat == chat);
        listed.map(|past| past.messages)
    }
}

impl From<ChatSummary> for Past {
    fn from(chat: ChatSummary) -> Self {
        let (reason, disposition) = match chat.closing {
            Some(closing) => (Some(closing.reason), closing.disposition),
            None => (None, None),
        };
        Self {
            chat: chat.chat,
            campaign: chat.campaign,
            requested_at: chat.requested_at,
            agent: chat.agent,
            messages: chat.last,
            reason,
            disposition,
            score: chat.feedback.map(|feedback| feedback.score),
        }
    }
}

/// The answer to `quality`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct Quality {
    /// The questions to answer about the chat; `None` when its campaign has none, or they were answered.
    quality: Option<Questions>,
}

/// A quality model to answer.
#[derive(Debug, Serialize, schemars::JsonSchema)]
struct Questions {
    model: ModelId,
    #[serde(flatten)]
    questions: Arc<QualityModel>,
}

/// The quality model of a chat's campaign, for an agent who has or had part in the chat.
pub(crate) async fn quality(app: &App, agent: AgentId, chat: ChatId) -> Result<Quality, Refused> {
    let campaign = campaign_of_part(app, agent, chat).await?;
    let quality = app.query(move |engine, _| {
        let view = engine.view();
        let model = ModelId(view.campaign(campaign)?.settings.quality_model?);
        let open = !view.is_evaluated(chat, agent, model, agent);
        let questions = view.quality_model(model).filter(|_| open)?.clone();
        Some(Questions { model, questions })
    });
    Ok(Quality {
        quality: quality.await?,
    })
}

/// The campaign of a chat that the agent has, or had, part in; any other chat is an unknown one.
pub(crate) async fn campaign_of_part(
    app: &App,
    agent: AgentId,
    chat: ChatId,
) -> Result<CampaignId, Refused> {
    app.parts.handle.caught_up().await?;
    let read_model = &app.parts.read_model;
    let recording = read_model.recording(app.parts.tenant, chat).await?;
    let own = recording.filter(|recording| {
        let mut segments = recording.segments.iter();
        segments.any(|segment| segment.agent == agent)
    });
    own.map(|recording| recording.summary.campaign)
        .ok_or_else(|| Refused::unknown_chat(chat))
}

/// The answer to `evaluate`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct Evaluated {
    /// `None` when a mandatory question was not answered, or none was.
    pub(crate) score: Option<Score>,
}

/// A request for the canned responses.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub(crate) struct CannedWish {
    pub(crate) chat: ChatId,
    #[serde(default)]
    pub(crate) language: Option<Language>,
}

/// A request for the transcript of an earlier chat.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub(crate) struct EarlierHistory {
    pub(crate) chat: ChatId,
    pub(crate) earlier: ChatId,
    #[serde(default)]
    pub(crate) after: u32,
}

/// Answers to the quality model.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub(crate) struct Evaluate {
    pub(crate) chat: ChatId,
    pub(crate) model: ModelId,
    /// The answer chosen per question; null is none.
    pub(crate) answers: Vec<Option<u16>>,
}
