//! A chat as exports tell it: the documented shape, whatever the format, and what of it is not for visitors.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use webchat_core::event::{Assignment, Author, CloseReason, Message, SystemCode};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::quality::{QualityModel, Score};
use webchat_core::time::Timestamp;
use webchat_core::wording::Language;
use webchat_runtime::read_model::{Feedback, Recording};

/// Who is to read an export.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Audience {
    /// Those who may read recordings: everything.
    #[default]
    Staff,
    /// The visitor: no notes, no evaluations, no dispositions, and agents by the name that was shown.
    Visitor,
}

/// A chat that is over. Instants are milliseconds since 1970 UTC.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExportedChat")]
pub(super) struct Told {
    pub(super) chat: ChatId,
    pub(super) campaign: CampaignId,
    /// `None` when the campaign is deleted.
    pub(super) campaign_name: Option<Arc<str>>,
    pub(super) language: Language,
    pub(super) requested_at: Timestamp,
    /// `None` if no agent had it.
    pub(super) answered_at: Option<Timestamp>,
    pub(super) ended_at: Timestamp,
    pub(super) reason: CloseReason,
    pub(super) visitor: Visitor,
    /// In the agent's words, from the broadest level to the finest. Not for visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) disposition: Option<Vec<Arc<str>>>,
    pub(super) feedback: Option<Feedback>,
    /// Who had or joined it. Not for visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agents: Option<Vec<Stay>>,
    /// Internal notes and whispers. Not for visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) notes: Option<Vec<Noted>>,
    /// Quality questions and answers. Not for visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evaluations: Option<Vec<Judged>>,
    /// When its content was erased; what was said is empty since.
    pub(super) erased_at: Option<Timestamp>,
    pub(super) messages: Vec<Said>,
}

/// What the form before the chat said.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExportedVisitor")]
pub(super) struct Visitor {
    pub(super) name: Option<Arc<str>>,
    pub(super) email: Option<Arc<str>>,
    pub(super) extra: Option<Arc<str>>,
    pub(super) page: Option<Arc<str>>,
}

/// An agent's stay.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExportedStay")]
pub(super) struct Stay {
    agent: AgentId,
    pub(super) name: Option<Arc<str>>,
    from: Timestamp,
    until: Option<Timestamp>,
    /// How the agent came to own it; `None` for one who joined beside the owner.
    how: Option<Assignment>,
}

/// An internal note.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExportedNote")]
pub(super) struct Noted {
    agent: AgentId,
    pub(super) name: Option<Arc<str>>,
    pub(super) at: Timestamp,
    pub(super) text: Arc<str>,
    /// From a supervisor to the chat's agents.
    whisper: bool,
}

/// An evaluation.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExportedEvaluation")]
pub(super) struct Judged {
    at: Timestamp,
    /// Whose part of the chat.
    agent: AgentId,
    pub(super) agent_name: Option<Arc<str>>,
    /// Who answered.
    evaluator: AgentId,
    pub(super) evaluator_name: Option<Arc<str>>,
    /// The model's name, and its version's number.
    pub(super) model: Option<Arc<str>>,
    version: u32,
    /// `None` when a mandatory question was not answered.
    pub(super) score: Option<Score>,
    pub(super) answers: Vec<Answered>,
}

/// A question and what was answered; `None` is not answered.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExportedAnswer")]
pub(super) struct Answered {
    pub(super) question: Arc<str>,
    pub(super) answer: Option<Arc<str>>,
}

/// A message.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExportedMessage")]
pub(super) struct Said {
    number: u32,
    pub(super) at: Timestamp,
    pub(super) from: Speaker,
    /// Of the agent or program that wrote it.
    pub(super) name: Option<Arc<str>>,
    pub(super) text: Arc<str>,
    /// Which text of the system it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<SystemCode>,
    /// Posted by the campaign in the agent's name.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    automatic: bool,
    /// What kind of file was sent, and its size; `text` is its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Sent>,
}

/// A file that was sent.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExportedFile")]
struct Sent {
    mime: Arc<str>,
    bytes: u64,
}

/// Who wrote a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Speaker {
    Visitor,
    Agent,
    System,
    Bot,
}

/// The names and questions an export refers to, looked up once.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) campaigns: BTreeMap<CampaignId, Arc<str>>,
    pub(super) agents: BTreeMap<AgentId, Arc<str>>,
    pub(super) models: BTreeMap<u32, Arc<QualityModel>>,
}

impl Told {
    /// The chat for its audience; its messages are added as they are read. `None` of a chat that is live.
    pub(super) fn new(recording: Recording, audience: Audience, names: &Names) -> Option<Self> {
        let Recording {
            summary,
            segments,
            notes,
            evaluations,
            ..
        } = recording;
        let closing = summary.closing?;
        let for_staff = audience == Audience::Staff;
        let name = |agent: AgentId| names.agents.get(&agent).cloned();
        let stays = segments.into_iter().map(|stay| Stay {
            agent: stay.agent,
            name: name(stay.agent),
            from: stay.from,
            until: stay.until,
            how: stay.how,
        });
        let noted = notes.into_iter().map(|note| Noted {
            agent: note.agent,
            name: name(note.agent),
            at: note.at,
            text: note.text,
            whisper: note.whisper,
        });
        let judged = evaluations.into_iter().map(|given| {
            let model = names.models.get(&given.model.0);
            let questions = model.into_iter().flat_map(|model| &model.categories);
            let questions = questions.flat_map(|category| &category.questions);
            let answers = questions.zip(&given.answers).map(|(question, chosen)| {
                let answer = chosen.and_then(|place| question.answers.get(usize::from(place)));
                Answered {
                    question: question.text.clone(),
                    answer: answer.map(|answer| answer.text.clone()),
                }
            });
            Judged {
                at: given.at,
                agent: given.agent,
                agent_name: name(given.agent),
                evaluator: given.evaluator,
                evaluator_name: name(given.evaluator),
                model: model.map(|model| model.name.clone()),
                version: given.model.0,
                score: given.score,
                answers: answers.collect(),
            }
        });
        Some(Self {
            chat: summary.chat,
            campaign: summary.campaign,
            campaign_name: names.campaigns.get(&summary.campaign).cloned(),
            language: summary.language,
            requested_at: summary.requested_at,
            answered_at: summary.answered_at,
            ended_at: closing.at,
            reason: closing.reason,
            visitor: Visitor {
                name: summary.facts.name.clone(),
                email: summary.facts.email.clone(),
                extra: summary.facts.extra.clone(),
                page: summary.facts.page.clone(),
            },
            disposition: closing.disposition.filter(|_| for_staff),
            feedback: summary.feedback,
            agents: for_staff.then(|| stays.collect()),
            notes: for_staff.then(|| noted.collect()),
            evaluations: for_staff.then(|| judged.collect()),
            erased_at: summary.erased_at,
            messages: Vec::new(),
        })
    }
}

impl Said {
    pub(super) fn new(message: Message, audience: Audience, names: &Names) -> Self {
        let mut code = None;
        let (from, name) = match message.author {
            Author::Visitor => (Speaker::Visitor, None),
            Author::Agent { agent, shown_as } => {
                let real = names.agents.get(&agent).cloned();
                let name = real.filter(|_| audience == Audience::Staff);
                (Speaker::Agent, Some(name.unwrap_or(shown_as)))
            }
            Author::System { code: which } => {
                code = Some(which);
                (Speaker::System, None)
            }
            Author::Bot { name } => (Speaker::Bot, Some(name)),
        };
        Self {
            number: message.number,
            at: message.at,
            from,
            name,
            text: message.text,
            code,
            automatic: message.automatic,
            file: message.file.map(|file| Sent {
                mime: file.mime.as_ref().into(),
                bytes: file.bytes,
            }),
        }
    }
}
