//! What must be told to the world once the events of the step are durable, and what answers look like.
//!
//! The serde form of the notices is the push of the wire protocol (`docs/protocol.md`).

use std::sync::Arc;

use serde::Serialize;

use crate::call::{CallEnd, CallView};
use crate::command::{Destination, Seen};
use crate::event::{Alarm, CloseReason, Message, RefusalReason, VisitorFacts};
use crate::file::FileKind;
use crate::id::{AgentId, CampaignId, ChatId};
use crate::limits::PARTICIPANTS;
use crate::mail::{Mail, MailId};
use crate::private::discreet;
use crate::quality::{ModelId, Score};
use crate::time::Timestamp;
use crate::wording::Language;

discreet!(
    VisitorNotice,
    MessageView,
    AuthorView,
    AgentNotice,
    NoteView,
    Receipt
);

/// One thing to tell. Effects may be lost: a client that comes back says the last number it saw.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// To the visitor of a chat.
    Visitor {
        /// The chat.
        chat: ChatId,
        /// What.
        notice: VisitorNotice,
    },
    /// To an agent.
    Agent {
        /// Who.
        agent: AgentId,
        /// What.
        notice: AgentNotice,
    },
    /// To a supervisor who watches a chat and takes no part in it: what its agents are told, whispers and internal notes
    /// included, call signals left out.
    Watcher {
        /// The supervisor.
        agent: AgentId,
        /// What the agents are told; `Gone` when the chat ended, and the watch with it.
        notice: AgentNotice,
    },
    /// To a mail server; the answer comes back as [`crate::command::HostCommand::MailAnswered`].
    Mail {
        /// What is owed.
        mail: Mail,
    },
    /// The waiting list of a campaign moved: positions and lists are to be shown anew, at leisure.
    QueueMoved {
        /// Which.
        campaign: CampaignId,
    },
    /// Settings or members of a campaign changed, or it opened or closed.
    CampaignMoved {
        /// Which.
        campaign: CampaignId,
    },
    /// To supervisors: an alarm of a campaign was raised or cleared.
    Alarm {
        /// Which campaign.
        campaign: CampaignId,
        /// Which alarm.
        alarm: Alarm,
        /// Raised, else cleared.
        raised: bool,
    },
    /// An agent's own state changed.
    AgentMoved {
        /// Who.
        agent: AgentId,
    },
}

/// What the visitor is told. Never holds a hidden agent name, a note or another chat.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "push", rename_all = "snake_case")]
pub enum VisitorNotice {
    /// A message, the visitor's own included.
    Message {
        /// The chat.
        chat: ChatId,
        /// The message as the visitor may see it.
        message: VisitorMessage,
    },
    /// The chat as it is now.
    State {
        /// All of it.
        view: VisitorChat,
    },
    /// The agent is typing or stopped.
    Typing {
        /// The chat.
        chat: ChatId,
        /// Started or stopped.
        on: bool,
    },
    /// How far the agent side has got.
    Seen {
        /// The chat.
        chat: ChatId,
        /// How far.
        #[serde(flatten)]
        seen: Seen,
    },
    /// The call rings, runs or is over.
    Call {
        /// The chat.
        chat: ChatId,
        /// As it is now; `None` when there is none any more.
        call: Option<CallView>,
        /// How it ended, if it did.
        why: Option<CallEnd>,
    },
    /// A signal of the other end of the call.
    Signal {
        /// The chat.
        chat: ChatId,
        /// Opaque.
        signal: Arc<str>,
    },
    /// The chat ended.
    Closed(Ended),
}

/// A chat as its visitor sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VisitorChat {
    /// The chat.
    pub chat: ChatId,
    /// Where.
    pub campaign: CampaignId,
    /// Waiting or active.
    pub phase: VisitorPhase,
    /// Rank in dispatch order, 1-based; 0 while an agent is asked; `None` when active.
    pub position: Option<u32>,
    /// Estimated seconds still to wait; `None` without evidence.
    pub estimate: Option<u32>,
    /// The name to show for the agent.
    pub agent: Option<Arc<str>>,
    /// The language of its texts.
    pub language: Language,
    /// The call that rings or runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallView>,
    /// Number of the last message.
    pub last: u32,
    /// How far the agent side has got.
    #[serde(flatten)]
    pub seen: Seen,
}

/// What a visitor knows of where a chat stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VisitorPhase {
    /// In the queue.
    Waiting,
    /// With an agent.
    Active,
}

/// How a chat ended, for its visitor.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ended {
    /// The chat.
    pub chat: ChatId,
    /// Why.
    pub reason: CloseReason,
    /// What the visitor is told.
    pub text: Option<Arc<str>>,
    /// When the campaign opens again, if it went out of time and that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_open_at: Option<Timestamp>,
    /// A message may be left.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub offline_form: bool,
    /// The Feedback text and form, if the chat reached an agent.
    pub feedback: Option<FeedbackInvitation>,
}

/// What the visitor is shown at the end of a chat that reached an agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedbackInvitation {
    /// The campaign's text; may be empty.
    pub text: Arc<str>,
    /// Score and note may be given.
    pub form: bool,
    /// Until then.
    pub until: Timestamp,
}

/// A message as the visitor may see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct VisitorMessage(pub MessageView);

/// A message as an agent sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct AgentMessage(pub MessageView);

/// A message as it is shown.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageView {
    /// 1, 2, 3 … without gaps.
    pub number: u32,
    /// When it was posted.
    pub at: Timestamp,
    /// By whom.
    pub author: AuthorView,
    /// To be shown as text, never as markup. The name, when a file was sent.
    pub text: Arc<str>,
    /// The file that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<FileView>,
    /// Which system text it is.
    pub code: Option<crate::event::SystemCode>,
    /// Posted by the campaign in the agent's name.
    pub automatic: bool,
    /// The client's own id of it, shown to its author's side only.
    pub key: Option<Arc<str>>,
}

/// Who wrote a message, as it is shown.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuthorView {
    /// `visitor`, `agent`, `system` or `bot`.
    pub kind: &'static str,
    /// The name to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Arc<str>>,
    /// The agent's number, for agents only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
}

/// A file as it is shown; its name is the text of its message.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileView {
    /// Under which its bytes can be asked for.
    pub id: Arc<str>,
    /// What it holds.
    pub kind: FileKind,
    /// Its media type.
    pub mime: Arc<str>,
    /// How many.
    pub bytes: u64,
}

/// What an agent is told.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "push", rename_all = "snake_case")]
pub enum AgentNotice {
    /// A chat of the agent's as it is now: owned, taken part in, or offered.
    Chat {
        /// All of it.
        view: AgentChat,
    },
    /// A message in such a chat.
    Message {
        /// The chat.
        chat: ChatId,
        /// The message.
        message: AgentMessage,
    },
    /// An internal note or a whisper.
    Note {
        /// The chat.
        chat: ChatId,
        /// The note.
        note: NoteView,
    },
    /// The visitor is typing or stopped.
    Typing {
        /// The chat.
        chat: ChatId,
        /// Started or stopped.
        on: bool,
    },
    /// How far the visitor has got.
    Seen {
        /// The chat.
        chat: ChatId,
        /// How far.
        #[serde(flatten)]
        seen: Seen,
    },
    /// The call rings, runs or is over.
    Call {
        /// The chat.
        chat: ChatId,
        /// As it is now; `None` when there is none any more.
        call: Option<CallView>,
        /// How it ended, if it did.
        why: Option<CallEnd>,
    },
    /// A signal of the other end of the call.
    Signal {
        /// The chat.
        chat: ChatId,
        /// Opaque.
        signal: Arc<str>,
    },
    /// A chat is no longer the agent's.
    Gone {
        /// The chat.
        chat: ChatId,
        /// Why, as a code.
        reason: &'static str,
    },
    /// Another session of the agent took over, or the agent was signed out; `session` is to be closed.
    SessionEnded {
        /// The session that no longer speaks for the agent.
        session: u64,
        /// Why, as a code: `signed_in_elsewhere` or `signed_out`.
        reason: &'static str,
    },
}

/// An internal note as agents see it.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoteView {
    /// Who wrote it.
    pub agent: AgentId,
    /// Their name.
    pub name: Arc<str>,
    /// The note.
    pub text: Arc<str>,
    /// When.
    pub at: Timestamp,
    /// From a supervisor to the chat's agents.
    pub whisper: bool,
}

/// A chat as an agent sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgentChat {
    /// The chat.
    pub chat: ChatId,
    /// Where.
    pub campaign: CampaignId,
    /// Where it stands.
    pub phase: AgentPhase,
    /// Who the visitor is.
    pub visitor: VisitorView,
    /// The visitor is connected.
    pub connected: bool,
    /// When it was admitted.
    pub requested_at: Timestamp,
    /// When it came to the phase it is in.
    pub since: Timestamp,
    /// The agent who owns it.
    pub owner: Option<AgentId>,
    /// All agents in it, the owner first.
    pub participants: Participants,
    /// The call that rings or runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallView>,
    /// Number of the last message.
    pub last: u32,
    /// How far the visitor has got.
    #[serde(flatten)]
    pub seen: Seen,
    /// Higher goes first.
    pub priority: i8,
    /// Was with an agent before and waits again.
    pub returned: bool,
}

/// A visitor as an agent sees them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VisitorView {
    /// What the form said.
    #[serde(flatten)]
    pub facts: Arc<VisitorFacts>,
    /// The language of the chat.
    pub language: Language,
}

/// Where a chat stands, as agents see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AgentPhase {
    /// In the queue.
    Waiting,
    /// An agent is asked.
    Offered {
        /// Who.
        agent: AgentId,
        /// When the offer lapses.
        lapses_at: Timestamp,
    },
    /// With its owner.
    Active,
    /// With its owner, who hands it over.
    Transferring {
        /// Where to.
        to: Destination,
        /// When that lapses; `None` waits without limit.
        lapses_at: Option<Timestamp>,
    },
}

/// The agents in a chat, the owner first; at most [`PARTICIPANTS`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Participants {
    /// Those beyond `count` are [`NOBODY`].
    agents: [AgentId; PARTICIPANTS],
    count: u8,
}

const NOBODY: AgentId = AgentId(0);

impl Default for Participants {
    fn default() -> Self {
        Self::NONE
    }
}

impl Participants {
    /// Nobody.
    pub(crate) const NONE: Self = Self {
        agents: [NOBODY; PARTICIPANTS],
        count: 0,
    };

    /// From the first to the last; those beyond the limit are left out.
    pub fn from_agents(agents: impl IntoIterator<Item = AgentId>) -> Self {
        let mut all = Self::default();
        for (place, agent) in all.agents.iter_mut().zip(agents) {
            *place = agent;
            all.count += 1;
        }
        all
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        usize::from(self.count)
    }

    /// These and one more, unless there is no room.
    pub(crate) fn with(mut self, agent: AgentId) -> Self {
        let count = self.len();
        if let Some(place) = self.agents.get_mut(count) {
            *place = agent;
            self.count += 1;
        }
        self
    }

    /// From the owner to the latest.
    pub fn iter(&self) -> impl Iterator<Item = AgentId> + '_ {
        self.agents[..self.len()].iter().copied()
    }
}

impl<'de> serde::Deserialize<'de> for Participants {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<AgentId>::deserialize(deserializer).map(Self::from_agents)
    }
}

impl Serialize for Participants {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// The answer to a command that was carried out.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// Done, nothing to add.
    Done,
    /// The visitor's chat, new or already there.
    Chat(VisitorChat),
    /// The newcomer was turned away, which is recorded.
    Refused(Refusal),
    /// The message's number and time; the first ones when the key was seen before.
    Message {
        /// 1, 2, 3 … without gaps.
        number: u32,
        /// When it was posted.
        at: Timestamp,
    },
    /// The agent's chat.
    AgentChat(AgentChat),
    /// The number under which the message is kept and mailed.
    Offline(MailId),
    /// A copy of the conversation is owed.
    Transcript {
        /// Its number.
        mail: MailId,
        /// Where it goes.
        address: Arc<str>,
        /// It is sent when the chat ends, else now.
        at_end: bool,
    },
    /// The quality model's identity.
    Model(ModelId),
    /// The evaluation's score; `None` when a mandatory question was not answered.
    Score(Option<Score>),
    /// The campaign's identity.
    Campaign(CampaignId),
    /// The agent's identity.
    Agent(AgentId),
}

/// What a newcomer who was turned away is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refusal {
    /// By which rule.
    pub code: RefusalReason,
    /// In the visitor's language.
    pub text: Arc<str>,
    /// When the campaign opens, if it is out of time and that is known.
    pub next_open_at: Option<Timestamp>,
    /// A message may be left.
    pub offline_form: bool,
}

impl MessageView {
    /// The message for its visitor: the shown name, and the key of the visitor's own messages.
    pub fn for_visitor(message: &Message) -> VisitorMessage {
        let mut view = Self::plain(message);
        if view.author.kind != "visitor" {
            view.key = None;
        }
        view.author.agent = None;
        VisitorMessage(view)
    }

    /// The message for agents; `name` is the real name of the agent who wrote it, if one did.
    pub fn for_agent(message: &Message, name: Option<Arc<str>>) -> AgentMessage {
        let mut view = Self::plain(message);
        if let Some(name) = name {
            view.author.name = Some(name);
        }
        AgentMessage(view)
    }

    fn plain(message: &Message) -> Self {
        use crate::event::Author;
        let mut code = None;
        let (kind, name, agent) = match &message.author {
            Author::Visitor => ("visitor", None, None),
            Author::Agent { agent, shown_as } => ("agent", Some(shown_as.clone()), Some(*agent)),
            Author::System { code: which } => {
                code = Some(*which);
                ("system", None, None)
            }
            Author::Bot { name } => ("bot", Some(name.clone()), None),
        };
        Self {
            number: message.number,
            at: message.at,
            author: AuthorView { kind, name, agent },
            text: message.text.clone(),
            file: message.file.as_deref().map(|file| FileView {
                id: file.id.clone(),
                kind: file.kind,
                mime: file.mime.clone(),
                bytes: file.bytes,
            }),
            code,
            automatic: message.automatic,
            key: message.key.clone(),
        }
    }
}
