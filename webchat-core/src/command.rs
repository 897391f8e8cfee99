//! What may be asked of the engine, by who may ask it. An adapter authenticates the speaker; the
//! engine checks the rest.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::CallAsk;
use crate::campaign::{Campaign, Origin};
use crate::canned::CannedResponse;
use crate::file::SentFile;
use crate::id::{AgentId, CampaignId, ChatId, VisitorKey};
use crate::mail::{MailId, MailOutcome};
use crate::private::discreet;
use crate::quality::{ModelId, QualityModel};
use crate::time::Seconds;
use crate::wording::Language;

discreet!(
    VisitorForm,
    VisitorAsk,
    AgentCommand,
    SupervisorCommand,
    HostCommand,
    ChatRequest,
    OfflineRequest,
    AgentProfile
);

/// One input of the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// A visitor speaks.
    Visitor(VisitorCommand),
    /// A signed-in agent, or one who wants to be, speaks.
    Agent {
        /// The speaker.
        agent: AgentId,
        /// What is asked.
        ask: AgentCommand,
    },
    /// A supervisor speaks.
    Supervisor {
        /// The speaker; supervisors are agents too.
        agent: AgentId,
        /// What is asked.
        ask: SupervisorCommand,
    },
    /// The embedding program speaks: settings, telephony facts, what it knows of connections.
    Host(HostCommand),
}

/// What a visitor may ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VisitorCommand {
    /// To chat. A repeat with the same key and campaign returns the chat already there.
    RequestChat(Box<ChatRequest>),
    /// To leave a message while nobody can chat. A repeat with the same key is the same message.
    LeaveOfflineMessage(Box<OfflineRequest>),
    /// Something about a chat of their own.
    InChat {
        /// Whose chat; another visitor's is an unknown chat.
        visitor: VisitorKey,
        /// The chat.
        chat: ChatId,
        /// What is asked.
        ask: VisitorAsk,
    },
}

/// A visitor's wish to chat.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChatRequest {
    /// The visitor's session; one live chat per session and campaign.
    pub visitor: VisitorKey,
    /// Where to.
    pub campaign: CampaignId,
    /// The site carrying the window, `None` when the browser sent none or `null`.
    pub origin: Option<Origin>,
    /// The language asked for; `None` takes the campaign's default.
    pub language: Option<Language>,
    /// What the form says.
    pub form: VisitorForm,
    /// Who the site says the visitor is, once its signature was found good; 1–256 characters on one line.
    #[serde(default)]
    pub identity: Option<Arc<str>>,
    /// Higher goes first; 0 unless the host knows better.
    #[serde(default)]
    pub priority: i8,
    /// Only members who have all of these are eligible.
    #[serde(default)]
    pub skills: Vec<Arc<str>>,
}

impl ChatRequest {
    /// A wish without a site, a language, a form, a priority or skills.
    pub fn plain(visitor: VisitorKey, campaign: CampaignId) -> Self {
        Self {
            visitor,
            campaign,
            origin: None,
            language: None,
            form: VisitorForm::default(),
            identity: None,
            priority: 0,
            skills: Vec::new(),
        }
    }
}

/// A message for the campaign's address.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfflineRequest {
    /// The visitor's session.
    pub visitor: VisitorKey,
    /// To which campaign.
    pub campaign: CampaignId,
    /// The site carrying the window, `None` when the browser sent none or `null`.
    pub origin: Option<Origin>,
    /// The language asked for; `None` takes the campaign's default.
    pub language: Option<Language>,
    /// The client's own id of it, 1–64 characters.
    pub key: Arc<str>,
    /// Who the visitor is; the e-mail address is needed for an answer.
    pub form: VisitorForm,
    /// 1–4,000 characters.
    pub text: Arc<str>,
}

/// What a visitor wrote into the form before the chat, unchecked.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct VisitorForm {
    /// Up to 80 characters.
    pub name: Option<String>,
    /// Needed when Enable Email is on; valid if given.
    pub email: Option<String>,
    /// The extra field.
    pub extra: Option<String>,
    /// Address of the page the chat starts from, up to 2,048 characters.
    pub page: Option<String>,
}

/// What a visitor may ask about a chat of their own.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VisitorAsk {
    /// The first connection is there (again).
    Connect,
    /// The last connection is gone.
    Disconnect,
    /// To post a message.
    Write {
        /// The client's own id of it, 1–64 characters.
        key: Arc<str>,
        /// 1–4,000 characters.
        text: Arc<str>,
    },
    /// To post a message that is a file; its bytes are durable already.
    SendFile {
        /// The client's own id of the message, 1–64 characters.
        key: Arc<str>,
        /// The file.
        file: Arc<SentFile>,
    },
    /// Is typing or stopped; not recorded.
    Typing {
        /// Started or stopped.
        on: bool,
    },
    /// How far the visitor has received and read.
    Seen(Seen),
    /// About the call with the agent.
    Call(CallAsk),
    /// To end the chat.
    Leave,
    /// To score the service after the chat ended.
    Feedback {
        /// 1–5.
        score: u8,
        /// Up to 2,000 characters.
        note: Option<Arc<str>>,
    },
    /// To have a copy of the conversation mailed: now, or once the chat has ended.
    Transcript {
        /// Where to; `None` is the address of the form.
        email: Option<String>,
    },
}

/// How far one side of a chat has got: the highest message number delivered to and read by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Seen {
    /// Reached the client.
    pub delivered: u32,
    /// Was looked at; implies delivered.
    pub read: u32,
}

/// What an agent may ask.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AgentCommand {
    /// To sign in, or to take over from another session of the same agent.
    SignIn {
        /// The session that speaks for the agent from now on, a number the adapter chooses.
        session: u64,
    },
    /// To sign out; refused with active chats unless forced, which returns them to the queue.
    SignOut {
        /// Even with active chats.
        force: bool,
    },
    /// The last connection is gone.
    Disconnect,
    /// A connection is there again.
    Connect,
    /// To get no chats for a while.
    Pause {
        /// Why, up to 80 characters.
        reason: Arc<str>,
    },
    /// To get chats again; ends an automatic pause too.
    Resume,
    /// Began or ended a call the host's telephony does not know of.
    OnCall {
        /// Began or ended.
        on: bool,
    },
    /// To take the chat that is offered or being transferred to the agent.
    Accept {
        /// The chat.
        chat: ChatId,
    },
    /// Not to take it.
    Refuse {
        /// The chat.
        chat: ChatId,
    },
    /// To take a waiting chat.
    Take {
        /// The chat.
        chat: ChatId,
    },
    /// To post a message.
    Write {
        /// The chat.
        chat: ChatId,
        /// The client's own id of the message, 1–64 characters.
        key: Arc<str>,
        /// 1–4,000 characters.
        text: Arc<str>,
    },
    /// To post a message that is a file; its bytes are durable already.
    SendFile {
        /// The chat.
        chat: ChatId,
        /// The client's own id of the message, 1–64 characters.
        key: Arc<str>,
        /// The file.
        file: Arc<SentFile>,
    },
    /// Is typing or stopped; not recorded.
    Typing {
        /// The chat.
        chat: ChatId,
        /// Started or stopped.
        on: bool,
    },
    /// How far the agent has received and read.
    Seen {
        /// The chat.
        chat: ChatId,
        /// How far.
        seen: Seen,
    },
    /// To leave an internal note, never visible to the visitor.
    Note {
        /// The chat.
        chat: ChatId,
        /// The client's own id of the note, so that a repeat is stored once; `None` stores every one.
        #[serde(default)]
        key: Option<Arc<str>>,
        /// 1–2,000 characters.
        text: Arc<str>,
    },
    /// To hand the chat over; the agent keeps it until the other side accepts.
    Transfer {
        /// The chat.
        chat: ChatId,
        /// To whom.
        to: Destination,
    },
    /// To take a transfer back that was not accepted yet.
    CancelTransfer {
        /// The chat.
        chat: ChatId,
    },
    /// To bring another agent into the chat beside the owner.
    Invite {
        /// The chat.
        chat: ChatId,
        /// Who joins.
        agent: AgentId,
    },
    /// To leave a conference; the longest present becomes the owner.
    Leave {
        /// The chat.
        chat: ChatId,
    },
    /// About the call with the visitor.
    Call {
        /// The chat.
        chat: ChatId,
        /// What is asked.
        ask: CallAsk,
    },
    /// To answer the campaign's quality model about the agent's own part of a chat.
    Evaluate {
        /// The chat, live or ended; of one that ended the caller knows that the agent had part in it.
        chat: ChatId,
        /// The model's version.
        model: ModelId,
        /// The answer chosen per question.
        answers: Vec<Option<u16>>,
    },
    /// To end the chat.
    Close {
        /// The chat.
        chat: ChatId,
        /// How it ended, from the broadest to the finest level.
        disposition: Option<Vec<Arc<str>>>,
    },
}

/// Where a transfer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// To one agent, who accepts or refuses.
    Agent(AgentId),
    /// To the queue of a campaign: open, enabled, not full.
    Campaign(CampaignId),
}

/// What a supervisor may ask. Each is recorded with the supervisor's name.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SupervisorCommand {
    /// To become the owner of a live chat, over any cap.
    TakeOver {
        /// The chat.
        chat: ChatId,
    },
    /// To hand a live chat to an agent, over any cap.
    Assign {
        /// The chat.
        chat: ChatId,
        /// The new owner.
        to: AgentId,
    },
    /// To send a waiting chat to the queue of another campaign: open, enabled, not full. It keeps its first
    /// enqueue, so it is ahead there, and gets a fresh Time Out.
    Move {
        /// The chat.
        chat: ChatId,
        /// The campaign.
        to: CampaignId,
    },
    /// To end a live chat.
    Close {
        /// The chat.
        chat: ChatId,
    },
    /// To watch a live chat, waiting ones included: answered with [`crate::effect::Receipt::AgentChat`], then all that
    /// its agents are told comes as [`crate::effect::Effect::Watcher`]. Neither the visitor nor the agents learn of it.
    ///
    /// The supervisor must be signed in. The watch ends with the chat, with [`SupervisorCommand::Unwatch`], when the
    /// supervisor's last connection is lost, and when the session ends or another takes over. A repeat is answered alike.
    /// At most [`crate::limits::WATCHERS`] watch one chat, and one watches at most [`crate::limits::WATCHED`].
    /// Source: domain.md §6, "watch live".
    Watch {
        /// The chat.
        chat: ChatId,
    },
    /// To watch it no longer; a repeat changes nothing.
    Unwatch {
        /// The chat.
        chat: ChatId,
    },
    /// To tell the chat's agents something the visitor never sees; those who watch it hear it too.
    Whisper {
        /// The chat.
        chat: ChatId,
        /// The client's own id of it, so that a repeat is said once; `None` says every one.
        #[serde(default)]
        key: Option<Arc<str>>,
        /// 1–2,000 characters.
        text: Arc<str>,
    },
    /// To answer a quality model about an agent's part of a chat.
    Evaluate {
        /// The chat, live or ended; of one that ended the caller knows that the agent had part in it.
        chat: ChatId,
        /// Whose part.
        agent: AgentId,
        /// The model's version.
        model: ModelId,
        /// The answer chosen per question.
        answers: Vec<Option<u16>>,
    },
    /// To replace a campaign's members, in member order: their order, penalties and skills.
    SetMembers {
        /// Which campaign.
        campaign: CampaignId,
        /// All members.
        members: Vec<Member>,
    },
    /// To sign an agent out; active chats return to the queue.
    SignOut {
        /// Who.
        agent: AgentId,
    },
    /// To pause an agent.
    Pause {
        /// Who.
        agent: AgentId,
        /// Why, up to 80 characters.
        reason: Arc<str>,
    },
    /// To let a paused agent get chats again, whoever paused them; nothing happens when they are not paused.
    Resume {
        /// Who.
        agent: AgentId,
    },
}

/// What the embedding program may ask.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HostCommand {
    /// To set what holds for all campaigns.
    SetTenant(TenantSettings),
    /// To create a campaign.
    CreateCampaign {
        /// Its settings.
        settings: Box<Campaign>,
        /// Who did it, 1–80 characters, kept with the event; `None` for the embedding program itself.
        by: Option<Arc<str>>,
    },
    /// To replace a campaign's settings; acts at once.
    ChangeCampaign {
        /// Which.
        campaign: CampaignId,
        /// The new settings.
        settings: Box<Campaign>,
        /// The settings the edit began with: refused with [`Rejection::ChangedMeanwhile`] if they are others by now.
        /// `None` replaces whatever is there.
        ///
        /// [`Rejection::ChangedMeanwhile`]: crate::rejection::Rejection::ChangedMeanwhile
        seen: Option<Box<Campaign>>,
        /// Who did it, as above.
        by: Option<Arc<str>>,
    },
    /// To delete a campaign without live chats.
    DeleteCampaign {
        /// Which.
        campaign: CampaignId,
    },
    /// To create an agent.
    CreateAgent(AgentProfile),
    /// To replace an agent's profile.
    ChangeAgent {
        /// Who.
        agent: AgentId,
        /// The new profile.
        profile: AgentProfile,
    },
    /// To delete an agent: signed out by force, membership ends.
    DeleteAgent {
        /// Who.
        agent: AgentId,
    },
    /// To replace a campaign's members, in member order.
    SetMembers {
        /// Which campaign.
        campaign: CampaignId,
        /// All members.
        members: Vec<Member>,
    },
    /// Telephony: the agent is on a call or not.
    OnCall {
        /// Who.
        agent: AgentId,
        /// On a call.
        on: bool,
    },
    /// Live interactions of the agent on channels the engine does not know.
    OtherLoad {
        /// Who.
        agent: AgentId,
        /// How many.
        interactions: u32,
    },
    /// To replace the canned responses of a campaign, or those shared by all.
    SetCanned {
        /// Which campaign; `None` is all.
        campaign: Option<CampaignId>,
        /// All of them.
        responses: Vec<CannedResponse>,
    },
    /// To add a quality model, or a new version of one; it never changes afterwards.
    AddQualityModel(Box<QualityModel>),
    /// The mailer's answer to [`crate::effect::Effect::Mail`].
    MailAnswered {
        /// Which mail.
        message: MailId,
        /// How the attempt ended.
        outcome: MailOutcome,
    },
    /// To try a mail again that was given up, or now that waits for its next attempt.
    ResendMail {
        /// Which message.
        message: MailId,
    },
    /// To give up for good a mail that was given up.
    ForgetMail {
        /// Which mail.
        message: MailId,
    },
    /// To post a message in a live chat under the name of a program, such as one that answers first questions.
    Say {
        /// The chat.
        chat: ChatId,
        /// The name the visitor sees, 1–80 characters.
        name: Arc<str>,
        /// The program's own id of the message, 1–64 characters.
        key: Arc<str>,
        /// 1–4,000 characters.
        text: Arc<str>,
    },
    /// To erase the content of ended chats, and of the offline messages a visitor had left. Only the fact is
    /// recorded; whoever keeps the journal then buries what it names, see [`crate::erasure`].
    ///
    /// Refused as a whole while one of the chats, or one of the visitor's, is live. A repeat is recorded again and
    /// does no harm. A mail that a mailer holds already may still go out. Source: domain.md §7, "Recordings".
    Erase {
        /// At most [`crate::limits::ERASED_CHATS`]. The engine does not know which ended chats are a visitor's.
        chats: Vec<ChatId>,
        /// Whose offline messages; `None` erases none.
        visitor: Option<VisitorKey>,
        /// Who asked for it, 1–80 characters.
        by: Arc<str>,
    },
    /// Every connection was lost at once, as after a restart: visitors and agents get their grace times.
    ConnectionsLost,
    /// Nothing; fires what is due.
    Tick,
}

impl HostCommand {
    /// Creates a campaign in the name of the embedding program itself.
    pub fn create_campaign(settings: Campaign) -> Self {
        Self::CreateCampaign {
            settings: Box::new(settings),
            by: None,
        }
    }
}

/// What holds for all campaigns of the tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TenantSettings {
    /// Offered + Active + incoming transfers of one agent over all campaigns; `None` is unlimited.
    pub agent_cap: Option<std::num::NonZeroU32>,
    /// A member without a voice campaign is never eligible. Source: seed, "Webchat Members".
    pub voice_membership_required: bool,
    /// Time a lost agent's active chats are held.
    pub agent_grace: Seconds,
    /// Time an agent has to accept a transfer.
    pub transfer_timeout: Seconds,
    /// Characters of a message, 1 to [`crate::limits::TEXT_CHARS`], which is the default.
    pub text_chars: u32,
}

impl Default for TenantSettings {
    fn default() -> Self {
        const THIRTY: Seconds = Seconds::new(30).expect("thirty is not zero");
        Self {
            agent_cap: None,
            voice_membership_required: false,
            agent_grace: THIRTY,
            transfer_timeout: THIRTY,
            text_chars: crate::limits::TEXT_CHARS as u32,
        }
    }
}

/// Who an agent is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgentProfile {
    /// 1–80 characters, the name visitors see unless it is hidden.
    pub name: Arc<str>,
    /// Is part of a voice campaign. Source: seed, "Webchat Members".
    #[serde(default)]
    pub voice: bool,
}

impl AgentProfile {
    /// An agent of this name, without a voice campaign.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.into(),
            voice: false,
        }
    }
}

/// An agent's place in a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Member {
    /// Who.
    pub agent: AgentId,
    /// 0–100; see the delivery orders.
    #[serde(default)]
    pub penalty: u8,
    /// Languages or skills this member has, up to 16.
    #[serde(default)]
    pub skills: Vec<Arc<str>>,
}

impl Member {
    /// A member without penalty or skills.
    pub fn plain(agent: AgentId) -> Self {
        Self {
            agent,
            penalty: 0,
            skills: Vec::new(),
        }
    }
}
