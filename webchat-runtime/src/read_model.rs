//! The read-model port: transcripts and recordings, projected from the journal and rebuildable from zero.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use webchat_core::call::CallEnd;
use webchat_core::campaign::Campaign;
use webchat_core::event::{Assignment, CloseReason, Message, Recorded, VisitorFacts};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::metrics::Counters;
use webchat_core::private;
use webchat_core::quality::{ModelId, Score};
use webchat_core::time::Timestamp;
use webchat_core::wording::Language;

use crate::fault::StoreError;
use crate::journal::TenantId;
use crate::report::{Report, ReportWish};

/// The events of one frame, on their way into the read model.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameEvents {
    /// The frame's place in the journal.
    pub seq: u64,
    /// What happened, in order.
    pub events: Vec<Recorded>,
}

/// A chat in a list of recordings.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChatSummary {
    /// The chat.
    pub chat: ChatId,
    /// Its number in order of admission; later chats have higher ones.
    pub sequence: u64,
    /// The campaign it belongs to, or did last.
    pub campaign: CampaignId,
    /// Whose.
    pub visitor: VisitorKey,
    /// What the form said.
    pub facts: Arc<VisitorFacts>,
    /// The language of its texts.
    pub language: Language,
    /// When it was admitted.
    pub requested_at: Timestamp,
    /// When an agent first had it; `None` if none did.
    pub answered_at: Option<Timestamp>,
    /// The agent who has it, or had it last.
    pub agent: Option<AgentId>,
    /// Number of its last message; 0 if there is none.
    pub last: u32,
    /// How it ended; `None` while it is live.
    pub closing: Option<Closing>,
    /// What the visitor said of the service.
    pub feedback: Option<Feedback>,
    /// When its content was erased; what was said and by whom it was asked is empty since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
}

/// How a chat ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Closing {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: CloseReason,
    /// The agent or supervisor who ended it.
    pub by: Option<AgentId>,
    /// What the visitor was told.
    pub text: Option<Arc<str>>,
    /// The Feedback text, if the chat reached an agent.
    pub feedback: Option<Arc<str>>,
    /// The visitor may score until then; `None` shows no form.
    pub feedback_until: Option<Timestamp>,
    /// How it ended, in the agent's words, from the broadest to the finest level.
    pub disposition: Option<Vec<Arc<str>>>,
}

/// What the visitor said of the service.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Feedback {
    /// When.
    pub at: Timestamp,
    /// 1–5.
    pub score: u8,
    /// In their own words.
    pub note: Option<Arc<str>>,
}

impl fmt::Debug for Feedback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        private::show("Feedback", self, f)
    }
}

/// Everything about a chat but its messages.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recording {
    /// The chat.
    #[serde(flatten)]
    pub summary: ChatSummary,
    /// Who had or joined it, in order of arrival.
    pub segments: Vec<Segment>,
    /// Internal notes and whispers, in order.
    pub notes: Vec<Note>,
    /// Calls and video calls, those nobody accepted included, in the order in which they were asked for.
    pub calls: Vec<RecordedCall>,
    /// What the quality models say of it, in the order in which they were answered.
    pub evaluations: Vec<Evaluated>,
}

/// A quality model answered about an agent's part of a chat.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evaluated {
    /// When.
    pub at: Timestamp,
    /// Whose part of the chat.
    pub agent: AgentId,
    /// The agent or supervisor who answered.
    pub evaluator: AgentId,
    /// Which version of which model.
    pub model: ModelId,
    /// The answer chosen per question, in the model's order; `None` is not answered.
    pub answers: Vec<Option<u16>>,
    /// `None` when a mandatory question was not answered.
    pub score: Option<Score>,
}

/// A call inside a chat: who, when and how long.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordedCall {
    /// The visitor asked for it, else the agent.
    pub from_visitor: bool,
    /// The agent who asked or accepted; `None` when the visitor asked and nobody accepted.
    pub agent: Option<AgentId>,
    /// With picture.
    pub video: bool,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it was accepted; `None` if it was not.
    pub accepted_at: Option<Timestamp>,
    /// When it ended; `None` while it rings or runs.
    pub ended_at: Option<Timestamp>,
    /// How it ended.
    pub why: Option<CallEnd>,
}

/// An agent's stay in a chat.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Segment {
    /// Who.
    pub agent: AgentId,
    /// From when.
    pub from: Timestamp,
    /// Until when; `None` while it lasts.
    pub until: Option<Timestamp>,
    /// How the agent came to own it; `None` for one who joined beside the owner.
    pub how: Option<Assignment>,
}

/// What agents said of a chat among themselves.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Note {
    /// Who.
    pub agent: AgentId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: Arc<str>,
    /// From a supervisor to the chat's agents.
    pub whisper: bool,
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        private::show("Note", self, f)
    }
}

/// Which chats to list. Every condition given must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatFilter {
    /// Of this campaign.
    pub campaign: Option<CampaignId>,
    /// Had or joined by this agent.
    pub agent: Option<AgentId>,
    /// Of this visitor.
    pub visitor: Option<VisitorKey>,
    /// Admitted at this instant or later.
    pub from: Option<Timestamp>,
    /// Admitted before this instant.
    pub until: Option<Timestamp>,
    /// Ended this way.
    pub reason: Option<CloseReason>,
    /// The visitor gave this score, 1–5.
    pub score: Option<u8>,
    /// Live (`true`) or ended (`false`).
    pub live: Option<bool>,
    /// Ended, with all of these words in its messages (the first megabyte of them) or the visitor's
    /// form; the last one may be the beginning of a word. Case and accents do not matter.
    pub text: Option<String>,
    /// Admitted before the chat with this sequence: the page after the one that ended there.
    pub before: Option<u64>,
}

/// What became of a campaign's chats in a slice of [`SLICE_SECONDS`]; everything counts when it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Which campaign.
    pub campaign: CampaignId,
    /// Its first instant, a whole multiple of the slice's length.
    pub from: Timestamp,
    /// The counts; [`Counters::waiting`] is always 0, for it is no count of a stretch of time.
    pub counters: Counters,
    /// How long the chats answered in it had waited, together, in milliseconds.
    pub answer_millis: u64,
}

/// Length of a [`Slice`]. Every zone's midnight is a whole multiple of it.
pub const SLICE_SECONDS: i64 = 300;

/// Something a supervisor did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Act {
    /// 1, 2, 3 … in the order in which they were done.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// The supervisor.
    pub by: AgentId,
    /// What.
    pub what: ActKind,
    /// In which chat.
    pub chat: Option<ChatId>,
    /// To which campaign, or of which.
    pub campaign: Option<CampaignId>,
    /// To which agent, or about whom.
    pub agent: Option<AgentId>,
}

/// What a supervisor did. What was said in a whisper is with the chat, not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ActKind {
    /// Began to watch the chat.
    Watched,
    /// Told the chat's agents something.
    Whispered,
    /// Became the owner of the chat.
    TookOver,
    /// Gave the chat to an agent.
    Assigned,
    /// Sent the waiting chat to another campaign.
    Moved,
    /// Ended the chat.
    Closed,
    /// Answered a quality model about an agent's part of the chat.
    Evaluated,
    /// Signed an agent out.
    SignedOut,
    /// Paused an agent.
    Paused,
    /// Let a paused agent get chats again.
    Resumed,
    /// Changed who the campaign's members are, their order or their penalties.
    SetMembers,
}

/// How much there is of what a visitor said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Held {
    /// Chats, erased ones included.
    pub chats: u64,
    /// Of those, chats that are live.
    pub live: u64,
    /// Of those, chats whose content was erased.
    pub erased: u64,
    /// Messages in chats that were not erased.
    pub messages: u64,
    /// Internal notes in chats that were not erased.
    pub notes: u64,
    /// Offline messages and transcripts by mail that were not erased.
    pub mails: u64,
}

/// Which acts to list. Every condition given must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActFilter {
    /// Done by this supervisor.
    pub by: Option<AgentId>,
    /// In this chat.
    pub chat: Option<ChatId>,
    /// Of this kind.
    pub what: Option<ActKind>,
    /// Done before the act with this number: the page after the one that ended there.
    pub before: Option<u64>,
}

/// The settings a campaign has had from some time on.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Counted from 1, which came with the campaign.
    pub number: u32,
    /// When it was given these settings.
    pub at: Timestamp,
    /// The administrator who did it; `None` for the host, and in journals of versions that did not say.
    pub by: Option<Arc<str>>,
    /// All settings, unchanged ones too.
    pub settings: Campaign,
}

/// Answers questions about what happened. Fed with the journal's frames in order; what it holds
/// can be thrown away and projected again.
#[async_trait]
pub trait ReadModel: Send + Sync {
    /// The last frame it includes; 0 if none.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn checkpoint(&self, tenant: TenantId) -> Result<u64, StoreError>;

    /// Includes frames, all or none, together with the checkpoint. Frames already included are skipped.
    ///
    /// # Errors
    /// If one is missing in between ([`Fault::Refused`](crate::Fault::Refused)), or the store fails.
    async fn apply(&self, tenant: TenantId, frames: Vec<FrameEvents>) -> Result<(), StoreError>;

    /// Forgets everything of the tenant, to be projected from zero.
    ///
    /// # Errors
    /// If the store fails.
    async fn reset(&self, tenant: TenantId) -> Result<(), StoreError>;

    /// The messages of a chat after number `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn messages(
        &self,
        tenant: TenantId,
        chat: ChatId,
        after: u32,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError>;

    /// The chats that match, the latest admitted first, at most `limit`.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn chats(
        &self,
        tenant: TenantId,
        filter: ChatFilter,
        limit: usize,
    ) -> Result<Vec<ChatSummary>, StoreError>;

    /// How many chats match.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn count_chats(&self, tenant: TenantId, filter: ChatFilter) -> Result<u64, StoreError>;

    /// How much there is of what a visitor said.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn held(&self, tenant: TenantId, visitor: VisitorKey) -> Result<Held, StoreError>;

    /// Everything about one chat but its messages.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn recording(
        &self,
        tenant: TenantId,
        chat: ChatId,
    ) -> Result<Option<Recording>, StoreError>;

    /// What became of the chats of each campaign from the slice on that holds `from`, in order of time; slices in
    /// which nothing happened are left out.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn slices(&self, tenant: TenantId, from: Timestamp) -> Result<Vec<Slice>, StoreError>;

    /// The sums of any stretch of time.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn report(&self, tenant: TenantId, wish: ReportWish) -> Result<Report, StoreError>;

    /// What supervisors did, the latest first, at most `limit`.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn acts(
        &self,
        tenant: TenantId,
        filter: ActFilter,
        limit: usize,
    ) -> Result<Vec<Act>, StoreError>;

    /// The settings a campaign has had, the latest first, at most `limit`; with `before` those of lower numbers. A
    /// campaign that was deleted keeps its history.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn revisions(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<Revision>, StoreError>;

    /// Carries the erasures it includes through to the journal it is projected from: afterwards the events of what
    /// was erased are tombstones there, and no file of the store holds what they said. Returns `false` if nothing was
    /// left to do. Whatever is cut short is done by a later call.
    ///
    /// # Errors
    /// If the store fails, or somebody reads for too long what has to be written anew.
    async fn bury(&self, tenant: TenantId) -> Result<bool, StoreError>;
}
