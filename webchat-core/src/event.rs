//! What happened, in the past tense. Events are the journal: folding them gives the state, so each
//! is understandable alone and carries whatever the fold could not know.
//!
//! Variants and fields are only ever added; a new field has a default.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::{CallEnd, Caller};
use crate::campaign::Campaign;
use crate::canned::CannedResponse;
use crate::command::{AgentProfile, Destination, Member, Seen, TenantSettings};
use crate::estimate::Estimate;
use crate::file::SentFile;
use crate::id::{AgentId, CampaignId, ChatId, VisitorKey};
use crate::mail::MailId;
use crate::notice::Notice;
use crate::offline::OfflineMessage;
use crate::private::discreet;
use crate::quality::{Evaluation, ModelId, QualityModel, Score};
use crate::time::Timestamp;
use crate::transcript::Transcript;
use crate::wording::Language;

discreet!(Event, VisitorFacts, Message, Author);

/// An event and when it was decided.
///
/// As JSON, `at` stands among the members of the event; [`crate::wire`] reads it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recorded {
    /// The `now` of the input that caused it, never earlier than that of the event before.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// A fact. `due` is when a timer was to fire; `at` of [`Recorded`] is when it was decided.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// What holds for all campaigns was set.
    TenantSet {
        /// The settings.
        settings: TenantSettings,
    },
    /// A campaign came to be.
    CampaignCreated {
        /// Its identity.
        campaign: CampaignId,
        /// Its settings.
        settings: Box<Campaign>,
        /// Open by its schedule.
        open: bool,
        /// When the schedule next opens or closes it.
        next_change: Option<Timestamp>,
        /// The administrator who did it; `None` for the host.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Arc<str>>,
    },
    /// A campaign's settings were replaced.
    CampaignChanged {
        /// Which.
        campaign: CampaignId,
        /// The new settings.
        settings: Box<Campaign>,
        /// Open by the new schedule.
        open: bool,
        /// When the schedule next opens or closes it.
        next_change: Option<Timestamp>,
        /// Everyone waiting is to be told and closed for this reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        closing: Option<CloseReason>,
        /// The administrator who did it; `None` for the host.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Arc<str>>,
    },
    /// A campaign was deleted.
    CampaignDeleted {
        /// Which.
        campaign: CampaignId,
    },
    /// The schedule opened a campaign.
    CampaignOpened {
        /// Which.
        campaign: CampaignId,
        /// When it was to open.
        due: Timestamp,
        /// When it closes.
        next_change: Option<Timestamp>,
    },
    /// The schedule closed a campaign: out of time.
    CampaignWentOutOfTime {
        /// Which.
        campaign: CampaignId,
        /// When it was to close.
        due: Timestamp,
        /// When it opens again.
        next_change: Option<Timestamp>,
        /// Everyone waiting is to be told and closed.
        closes_waiting: bool,
    },
    /// A campaign's members were replaced.
    MembersSet {
        /// Which campaign.
        campaign: CampaignId,
        /// In member order.
        members: Vec<Member>,
        /// The supervisor who did it; `None` for an administrator or the host.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AgentId>,
    },
    /// An agent came to be.
    AgentCreated {
        /// The identity.
        agent: AgentId,
        /// Who.
        profile: AgentProfile,
    },
    /// An agent's profile was replaced.
    AgentChanged {
        /// The identity.
        agent: AgentId,
        /// Who.
        profile: AgentProfile,
    },
    /// An agent was deleted.
    AgentDeleted {
        /// Who.
        agent: AgentId,
    },
    /// An agent signed in or took over from another session of their own.
    AgentSignedIn {
        /// Who.
        agent: AgentId,
        /// The session that speaks for the agent.
        session: u64,
    },
    /// An agent signed out, was signed out, or stayed lost.
    AgentSignedOut {
        /// Who.
        agent: AgentId,
        /// By what.
        why: SignOutReason,
        /// When the grace time of a lost agent ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        /// The supervisor who did it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AgentId>,
    },
    /// An agent's last connection was lost.
    AgentLost {
        /// Who.
        agent: AgentId,
        /// When the active chats are given up.
        until: Timestamp,
    },
    /// A lost agent is back in time.
    AgentBack {
        /// Who.
        agent: AgentId,
    },
    /// An agent was paused.
    AgentPaused {
        /// Who.
        agent: AgentId,
        /// As given, or `lapsed_offers`.
        reason: Arc<str>,
        /// The supervisor who did it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AgentId>,
    },
    /// An agent is no longer paused.
    AgentResumed {
        /// Who.
        agent: AgentId,
        /// The supervisor who did it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AgentId>,
    },
    /// An agent began or ended a call.
    AgentOnCall {
        /// Who.
        agent: AgentId,
        /// Began or ended.
        on: bool,
    },
    /// An agent's live interactions on other channels.
    AgentOtherLoad {
        /// Who.
        agent: AgentId,
        /// How many.
        interactions: u32,
    },
    /// A newcomer was turned away.
    ChatRefused {
        /// Where.
        campaign: CampaignId,
        /// Who.
        visitor: VisitorKey,
        /// By which rule.
        reason: RefusalReason,
        /// In which language they were told.
        language: Language,
        /// What an agent would have had to have, if the rule looked for one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        skills: Vec<Arc<str>>,
    },
    /// A newcomer was admitted to the waiting list.
    ChatQueued {
        /// The chat's handle.
        chat: ChatId,
        /// Its number in order of admission.
        sequence: u64,
        /// Where.
        campaign: CampaignId,
        /// Whose.
        visitor: VisitorKey,
        /// What the form said, checked.
        facts: Arc<VisitorFacts>,
        /// The language of all its texts.
        language: Language,
        /// Higher goes first.
        #[serde(default)]
        priority: i8,
        /// What its agent must have.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        skills: Vec<Arc<str>>,
        /// The wait the visitor was told to expect; `None` without evidence, or when it goes to an agent at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        estimate: Option<Estimate>,
    },
    /// An agent is asked whether to take a chat.
    ChatOffered {
        /// The chat.
        chat: ChatId,
        /// The agent.
        agent: AgentId,
        /// When the offer lapses.
        lapses_at: Timestamp,
        /// All others had been asked: a new round of asking began.
        #[serde(default)]
        new_round: bool,
        /// The random generator after the draw.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        draw: Option<u64>,
    },
    /// An offer ended without an acceptance; the chat waits at its old place.
    OfferEnded {
        /// The chat.
        chat: ChatId,
        /// The agent who was asked.
        agent: AgentId,
        /// How.
        why: OfferEnd,
        /// When it was to lapse, if it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
    },
    /// An agent has the chat: assigned directly, accepted, taken, handed over.
    ChatAssigned {
        /// The chat.
        chat: ChatId,
        /// The campaign it belongs to from now on.
        campaign: CampaignId,
        /// The owner from now on.
        agent: AgentId,
        /// How.
        how: Assignment,
        /// The agent was over the cap and a supervisor meant it.
        #[serde(default)]
        over_cap: bool,
        /// The campaign's next local midnight, which ends the count of answered chats.
        day_ends: Timestamp,
        /// The random generator after the draw.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        draw: Option<u64>,
        /// The supervisor who took it over or gave it to the agent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AgentId>,
    },
    /// A waiting chat went to the queue of another campaign, at the place its first enqueue gives it there.
    ChatMoved {
        /// The chat.
        chat: ChatId,
        /// Where it waited.
        from: CampaignId,
        /// Where it waits from now on.
        to: CampaignId,
        /// The supervisor who sent it there.
        by: AgentId,
    },
    /// A chat lost its agent and waits again, ahead by its first enqueue.
    ChatReturned {
        /// The chat.
        chat: ChatId,
        /// Why.
        why: ReturnReason,
    },
    /// The owner hands the chat over, and keeps it until the other side accepts.
    TransferStarted {
        /// The chat.
        chat: ChatId,
        /// Where to.
        to: Destination,
        /// When it lapses; `None` waits without limit.
        lapses_at: Option<Timestamp>,
    },
    /// The transfer came to nothing; the chat stays with its owner.
    TransferEnded {
        /// The chat.
        chat: ChatId,
        /// How.
        why: OfferEnd,
        /// When it was to lapse, if it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
    },
    /// An agent joined beside the owner.
    ParticipantJoined {
        /// The chat.
        chat: ChatId,
        /// Who.
        agent: AgentId,
    },
    /// An agent left a conference.
    ParticipantLeft {
        /// The chat.
        chat: ChatId,
        /// Who.
        agent: AgentId,
        /// The owner from now on.
        owner: AgentId,
    },
    /// A visitor's last connection was lost.
    VisitorLost {
        /// The chat.
        chat: ChatId,
    },
    /// A visitor is back in time.
    VisitorBack {
        /// The chat.
        chat: ChatId,
    },
    /// A message was posted.
    MessagePosted {
        /// The chat.
        chat: ChatId,
        /// The message.
        message: Message,
    },
    /// A side has received and read further.
    MessagesSeen {
        /// The chat.
        chat: ChatId,
        /// By the visitor, else by the agents.
        by_visitor: bool,
        /// How far.
        seen: Seen,
    },
    /// One side asked the other for a call.
    CallAsked {
        /// The chat.
        chat: ChatId,
        /// Who asked.
        from: Caller,
        /// With picture.
        video: bool,
    },
    /// The other side accepted.
    CallAccepted {
        /// The chat.
        chat: ChatId,
        /// Who accepted.
        by: Caller,
    },
    /// The call ended, or never began.
    CallEnded {
        /// The chat.
        chat: ChatId,
        /// How.
        why: CallEnd,
    },
    /// An agent left an internal note.
    NoteAdded {
        /// The chat.
        chat: ChatId,
        /// Who.
        agent: AgentId,
        /// The client's own id of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Arc<str>>,
        /// The note.
        text: Arc<str>,
    },
    /// A supervisor told the chat's agents something.
    Whispered {
        /// The chat.
        chat: ChatId,
        /// The supervisor.
        agent: AgentId,
        /// The client's own id of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Arc<str>>,
        /// What.
        text: Arc<str>,
    },
    /// A supervisor began to watch a chat. The watch ends at [`Event::WatchEnded`], and without one when the chat is
    /// closed and when the supervisor is lost, signs in anew, is signed out or deleted.
    WatchStarted {
        /// The chat.
        chat: ChatId,
        /// The supervisor.
        agent: AgentId,
    },
    /// A supervisor stopped watching a chat.
    WatchEnded {
        /// The chat.
        chat: ChatId,
        /// The supervisor.
        agent: AgentId,
    },
    /// A chat ended.
    ChatClosed {
        /// The chat.
        chat: ChatId,
        /// Why, for programs.
        reason: CloseReason,
        /// When the deadline was that ended it, if one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        /// The agent or supervisor who ended it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AgentId>,
        /// What the visitor was told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Arc<str>>,
        /// The Feedback text, if the chat reached an agent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        feedback: Option<Arc<str>>,
        /// The visitor may score until then; `None` shows no form.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        feedback_until: Option<Timestamp>,
        /// How it ended, in the agent's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        disposition: Option<Vec<Arc<str>>>,
        /// The agent's slot stays taken until then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wrap_up_until: Option<Timestamp>,
    },
    /// An agent's time after a chat is over.
    WrapUpEnded {
        /// Who.
        agent: AgentId,
        /// After which chat.
        chat: ChatId,
        /// When it was to end.
        #[serde(default)]
        due: Timestamp,
    },
    /// Canned responses were replaced.
    CannedSet {
        /// Of which campaign; `None` is all.
        campaign: Option<CampaignId>,
        /// All of them.
        responses: Vec<CannedResponse>,
    },
    /// A quality model, or a new version of one, was added.
    QualityModelAdded {
        /// Its identity.
        model: ModelId,
        /// The questions.
        questions: Arc<QualityModel>,
    },
    /// Someone answered a quality model about an agent's part of a chat.
    ChatEvaluated {
        /// Who, about whom, what.
        evaluation: Evaluation,
        /// `None` when a mandatory question was not answered.
        score: Option<Score>,
    },
    /// A visitor left a message for the campaign's address.
    OfflineMessageLeft {
        /// All of it.
        message: Arc<OfflineMessage>,
    },
    /// A visitor asked for a copy of a conversation by mail. Of a live chat it is sent when that ends.
    TranscriptAsked {
        /// All of it.
        transcript: Arc<Transcript>,
    },
    /// A supervisor is to be told of an alarm by mail.
    NoticeOwed {
        /// All of it.
        notice: Arc<Notice>,
        /// When it is to be sent, if it still holds then.
        due: Timestamp,
    },
    /// A mail is no longer owed, though it did not arrive: somebody said so, a notice is out of date, or it was given
    /// up and made room.
    MailForgotten {
        /// Which.
        message: MailId,
    },
    /// A mail was handed to the mailer. The journal has called this and the next three so since all mail was
    /// offline messages.
    #[serde(rename = "offline_mail_tried")]
    MailTried {
        /// Which.
        message: MailId,
        /// It is taken to have failed if no answer comes by then.
        answer_by: Timestamp,
    },
    /// A mail server took a mail.
    #[serde(rename = "offline_mail_delivered")]
    MailDelivered {
        /// Which.
        message: MailId,
    },
    /// An attempt failed; the mail is tried again at `retry_at`, or given up.
    #[serde(rename = "offline_mail_failed")]
    MailFailed {
        /// Which.
        message: MailId,
        /// What the mailer said.
        error: Arc<str>,
        /// `None` gives it up.
        retry_at: Option<Timestamp>,
    },
    /// A mail that was given up, or waits for its next attempt, is to be tried now.
    #[serde(rename = "offline_mail_revived")]
    MailRevived {
        /// Which.
        message: MailId,
    },
    /// The visitor scored the service.
    FeedbackGiven {
        /// The chat.
        chat: ChatId,
        /// 1–5.
        score: u8,
        /// In their own words.
        note: Option<Arc<str>>,
    },
    /// The content of ended chats was erased because somebody asked for it. See [`crate::erasure`].
    RecordingsErased {
        /// The chats. Transcripts of them that are still owed are forgotten.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        chats: Vec<ChatId>,
        /// All offline messages this visitor had left and all transcripts they had asked for are erased too, those
        /// still owed included.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        visitor: Option<VisitorKey>,
        /// Who asked, as the host names them.
        by: Arc<str>,
    },
    /// The content of a campaign's recordings was erased because it had been kept long enough: of chats that
    /// ended before, and of offline messages left before whose mail is settled. See [`crate::erasure`].
    RecordingsExpired {
        /// The campaign they belong to, or did last.
        campaign: CampaignId,
        /// What ended before that instant.
        before: Timestamp,
        /// When this was to be decided.
        due: Timestamp,
    },
    /// A measure crossed its threshold to the worse.
    AlarmRaised {
        /// Where.
        campaign: CampaignId,
        /// Which.
        alarm: Alarm,
        /// The threshold: percent, seconds or chats.
        limit: u32,
        /// What the measure came to, in the same unit; percents are rounded down.
        reached: u32,
        /// When the threshold was crossed, if time alone crossed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
    },
    /// A measure is on the right side of its threshold again, or the threshold was taken away.
    AlarmCleared {
        /// Where.
        campaign: CampaignId,
        /// Which.
        alarm: Alarm,
    },
}

impl Event {
    /// Content that was recorded before is erased: what is derived from the journal has to follow.
    pub fn erases(&self) -> bool {
        matches!(
            self,
            Self::RecordingsErased { .. } | Self::RecordingsExpired { .. }
        )
    }
}

/// What an alarm is about. Alarms only tell; nothing is refused or closed by one. Source: domain.md §4.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// Of the chats answered since the campaign's local midnight, fewer than the target percentage were in
    /// time. Cleared at midnight at the latest.
    ServiceLevel,
    /// The chat has been with agents of the campaign for longer than Time chat. One for each chat and
    /// crossing; it ends with the chat, with its return to the queue and with its transfer to another
    /// campaign, without an [`Event::AlarmCleared`] of its own.
    TimeChat(ChatId),
    /// As many chats wait as ACD says, or more.
    Acd,
}

impl Alarm {
    /// What it is about, whichever chat.
    pub fn kind(self) -> AlarmKind {
        match self {
            Self::ServiceLevel => AlarmKind::ServiceLevel,
            Self::TimeChat(_) => AlarmKind::TimeChat,
            Self::Acd => AlarmKind::Acd,
        }
    }
}

/// The measures that have alarms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// See [`Alarm::ServiceLevel`].
    ServiceLevel,
    /// See [`Alarm::TimeChat`].
    TimeChat,
    /// See [`Alarm::Acd`].
    Acd,
}

/// Why a newcomer was turned away.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// The campaign is not enabled.
    Disabled,
    /// The schedule has it closed.
    OutOfTime,
    /// Nobody signed in, or available, as the campaign asks.
    NoAgents,
    /// Max Chats wait already.
    QueueFull,
}

/// Why a chat ended: exactly one for each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The visitor ended it.
    VisitorLeft,
    /// The visitor stayed disconnected.
    VisitorGone,
    /// The agent ended it.
    AgentClosed,
    /// A supervisor ended it.
    SupervisorClosed,
    /// Waited as long as Time Out allows.
    TimedOut,
    /// Closing time came.
    OutOfTime,
    /// The campaign was disabled while it waited.
    Disabled,
    /// Nobody was signed in for too long while it waited.
    AgentsGone,
    /// The agent was lost and the campaign closes such chats.
    AgentGone,
}

/// How an offer or a transfer ended without being accepted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OfferEnd {
    /// Not answered in time.
    Lapsed,
    /// The agent said no.
    Refused,
    /// Taken back: the agent was lost, signed out, paused out of membership, or the owner changed their mind.
    Rescinded,
}

/// How a chat came to its agent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Assignment {
    /// By the delivery order.
    Direct,
    /// The agent accepted the offer.
    Accepted,
    /// The agent took it from the waiting list.
    Taken,
    /// Handed over by the agent who had it.
    Transferred,
    /// A supervisor took it over.
    TakenOver,
    /// A supervisor gave it to the agent.
    Forced,
}

/// Why a chat went back to the waiting list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// The agent stayed lost longer than the grace time.
    AgentLost,
    /// The agent was signed out by force.
    SignedOut,
}

/// How a session of an agent ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignOutReason {
    /// The agent asked.
    Asked,
    /// The agent asked although chats were active, or the agent was deleted.
    Forced,
    /// A supervisor asked.
    BySupervisor,
    /// Lost for longer than the grace time.
    Lost,
}

/// What is known of a visitor, checked.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VisitorFacts {
    /// As given, trimmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Arc<str>>,
    /// A valid address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Arc<str>>,
    /// The extra field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Arc<str>>,
    /// The page the chat was started from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Arc<str>>,
    /// Who the site says the visitor is, in the site's own numbering; `None` unless the site signed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Arc<str>>,
}

impl VisitorFacts {
    /// Nothing was said, or it was erased.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// A message of a chat.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Message {
    /// 1, 2, 3 … without gaps.
    pub number: u32,
    /// When it was posted.
    pub at: Timestamp,
    /// By whom.
    pub author: Author,
    /// As written; to be shown as text, never as markup. The name, when a file was sent.
    pub text: Arc<str>,
    /// The file that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Arc<SentFile>>,
    /// The client's own id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Arc<str>>,
    /// Posted by the campaign in the agent's name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
}

/// Who wrote a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Author {
    /// The visitor.
    Visitor,
    /// An agent.
    Agent {
        /// Who.
        agent: AgentId,
        /// The name the visitor sees: the agent's own or the alias.
        shown_as: Arc<str>,
    },
    /// The engine.
    System {
        /// Which text it is.
        code: SystemCode,
    },
    /// A program of the host.
    Bot {
        /// The name the visitor sees.
        name: Arc<str>,
    },
}

/// Which text a system message is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SystemCode {
    /// The campaign's Welcome.
    Welcome,
    /// An agent joined the chat.
    AgentJoined,
    /// An agent left the chat.
    AgentLeft,
    /// The agent was lost.
    Returned,
    /// Another agent has the chat now.
    Transferred,
    /// A call is over, with how long it was.
    CallEnded,
    /// A call ended before anybody accepted it.
    CallMissed,
}
