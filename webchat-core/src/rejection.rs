//! Requests that make no sense. Nothing changed; the caller is told what to do about it.

use crate::id::{AgentId, CampaignId, ChatId};
use crate::mail::MailId;
use crate::problem::{Problem, Problems};

/// Why a command was not carried out. `code()` is stable, the text is for people.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// No such live chat, or it is another visitor's.
    #[error("chat {0} is not known")]
    UnknownChat(ChatId),
    /// No such campaign.
    #[error("campaign {0} is not known")]
    UnknownCampaign(CampaignId),
    /// No such agent.
    #[error("agent {0} is not known")]
    UnknownAgent(AgentId),
    /// The site is not among the campaign's Allowed Domains.
    #[error("this site may not carry the campaign's window")]
    DomainNotAllowed,
    /// A field the visitor or agent filled in is wrong.
    #[error("{0}")]
    InvalidField(Problem),
    /// Settings are wrong; all problems at once.
    #[error("{0}")]
    InvalidSettings(Problems),
    /// The chat has ended.
    #[error("chat {0} has ended")]
    ChatClosed(ChatId),
    /// The chat is live and cannot be erased.
    #[error("chat {0} is live, close it first")]
    ChatLive(ChatId),
    /// The agent has as many chats as the cap allows.
    #[error("agent {agent} has {used} chats, the most allowed is {cap}")]
    AtCapacity {
        /// Who.
        agent: AgentId,
        /// Slots in use.
        used: u32,
        /// The cap.
        cap: u32,
    },
    /// The agent cannot get chats now.
    #[error("agent {0} cannot take chats now: {1}")]
    NotAvailable(AgentId, WhyNot),
    /// The agent is not signed in.
    #[error("agent {0} is not signed in")]
    NotSignedIn(AgentId),
    /// The chat is not this agent's.
    #[error("chat {0} is not with this agent")]
    NotOwner(ChatId),
    /// Somebody else has the chat, or the offer is over.
    #[error("chat {0} is no longer to be had")]
    AlreadyTaken(ChatId),
    /// Only the head of the queue may be taken here.
    #[error("chat {0} is not the first in the queue")]
    NotHead(ChatId),
    /// Feedback, or this evaluation, was given before.
    #[error("this was already given")]
    AlreadySubmitted,
    /// No feedback is asked for: off, too late, or no agent had accepted.
    #[error("feedback is not open for this chat")]
    FeedbackNotOpen,
    /// The key was used before with other content.
    #[error("key `{0}` was used before with other content")]
    ConflictingKey(String),
    /// The agent has active chats; sign out by force or close them.
    #[error("{0} chats are active, close them or sign out by force")]
    ActiveChats(u32),
    /// The campaign's settings are no longer those the edit began with.
    #[error("campaign {0} was changed meanwhile, look at its settings again")]
    ChangedMeanwhile(CampaignId),
    /// The campaign has live chats.
    #[error("{0} chats are live in the campaign, close them first")]
    CampaignLive(u32),
    /// The destination campaign is closed, disabled or full.
    #[error("campaign {0} takes no transfer now: {1}")]
    DestinationClosed(CampaignId, &'static str),
    /// The campaign allows no calls.
    #[error("calls are not allowed in this campaign")]
    MediaNotAllowed,
    /// The campaign allows no files.
    #[error("files are not allowed in this campaign")]
    FilesNotAllowed,
    /// The chat has a call already.
    #[error("chat {0} has a call already")]
    CallRunning(ChatId),
    /// There is no such call, or no agent to call.
    #[error("chat {0} has no call for this")]
    NoCall(ChatId),
    /// The campaign mails no transcripts, or no agent was in the chat.
    #[error("no transcript of chat {0} can be mailed")]
    TranscriptNotOpen(ChatId),
    /// The mail is not given up.
    #[error("mail {0} is not given up")]
    MailNotDead(MailId),
    /// The campaign takes no offline messages now.
    #[error("campaign {0} takes no offline messages now")]
    OfflineFormClosed(CampaignId),
    /// No such quality model.
    #[error("quality model {0} is not known")]
    UnknownModel(u32),
    /// No such mail is owed.
    #[error("mail {0} is not owed")]
    UnknownMessage(MailId),
    /// Too many in too short a time.
    #[error("{what} came too fast, try again in {seconds} s")]
    TooFast {
        /// What.
        what: &'static str,
        /// When it may work again.
        seconds: u32,
    },
    /// Too much of something.
    #[error("{what} would be more than {max}")]
    Limit {
        /// Of what.
        what: &'static str,
        /// The most allowed.
        max: u64,
    },
}

impl Rejection {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownChat(_) => "unknown_chat",
            Self::UnknownCampaign(_) => "unknown_campaign",
            Self::UnknownAgent(_) => "unknown_agent",
            Self::DomainNotAllowed => "not_allowed",
            Self::InvalidField(_) | Self::InvalidSettings(_) => "invalid_field",
            Self::ChatClosed(_) => "chat_closed",
            Self::ChatLive(_) => "chat_live",
            Self::AtCapacity { .. } => "at_capacity",
            Self::NotAvailable(..) => "not_available",
            Self::NotSignedIn(_) => "not_signed_in",
            Self::NotOwner(_) => "not_owner",
            Self::AlreadyTaken(_) => "already_taken",
            Self::NotHead(_) => "not_head",
            Self::AlreadySubmitted => "already_submitted",
            Self::FeedbackNotOpen => "feedback_not_open",
            Self::ConflictingKey(_) => "conflicting_key",
            Self::ActiveChats(_) => "active_chats",
            Self::ChangedMeanwhile(_) => "changed_meanwhile",
            Self::CampaignLive(_) => "campaign_live",
            Self::DestinationClosed(..) => "destination_closed",
            Self::MediaNotAllowed => "media_not_allowed",
            Self::FilesNotAllowed => "files_not_allowed",
            Self::CallRunning(_) => "call_running",
            Self::NoCall(_) => "no_call",
            Self::TranscriptNotOpen(_) => "transcript_not_open",
            Self::MailNotDead(_) => "mail_not_dead",
            Self::OfflineFormClosed(_) => "offline_form_closed",
            Self::UnknownModel(_) => "unknown_model",
            Self::UnknownMessage(_) => "unknown_message",
            Self::TooFast { .. } => "too_fast",
            Self::Limit { .. } => "limit",
        }
    }
}

/// Why an agent is not eligible for a campaign's chats. Source: domain.md §5.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// Not a member of the campaign.
    NotMember,
    /// Not signed in.
    NotSignedIn,
    /// The connection is lost.
    Lost,
    /// Paused by themselves, a supervisor or lapsed offers.
    Paused,
    /// Paused by a chat of an `incall` campaign.
    AutoPaused,
    /// On a call.
    OnCall,
    /// Has another interaction, and the mode wants none.
    Busy,
    /// Has as many chats as the cap allows.
    AtCapacity,
    /// Voice membership is required and missing.
    NoVoiceCampaign,
    /// Lacks a skill the chat requires.
    MissingSkill,
    /// Chats of this campaign are taken, not assigned.
    Pull,
    /// Is in the chat already.
    TakesPart,
    /// Was asked in this round of offers; others go first.
    AlreadyAsked,
}

impl WhyNot {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotMember => "not_member",
            Self::NotSignedIn => "not_signed_in",
            Self::Lost => "lost",
            Self::Paused => "paused",
            Self::AutoPaused => "auto_paused",
            Self::OnCall => "on_call",
            Self::Busy => "busy",
            Self::AtCapacity => "at_capacity",
            Self::NoVoiceCampaign => "no_voice_campaign",
            Self::MissingSkill => "missing_skill",
            Self::Pull => "pull",
            Self::TakesPart => "takes_part",
            Self::AlreadyAsked => "already_asked",
        }
    }
}

impl std::fmt::Display for WhyNot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
