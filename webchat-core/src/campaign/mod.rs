//! A campaign: everything an administrator decides about its chats, as a value that cannot be wrong.
//!
//! [`CampaignDraft`] is what a form or a file says; [`CampaignDraft::check`] reports every problem at
//! once or yields a [`Campaign`].

use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::effect::Refusal;
use crate::event::RefusalReason;
use crate::file::FileRules;
use crate::schedule::Schedule;
use crate::time::{Seconds, Timestamp};
use crate::wording::{Language, Texts, Wording};

mod domains;
mod draft;

pub(crate) use domains::names_a_host;
pub use domains::{AllowedDomains, BadDomain, Origin};
pub use draft::{CampaignDraft, ExtraFieldDraft, FilesDraft, TextsDraft, Warning};

/// The settings of one campaign. Source: seed, "Campaign Settings"; meaning: domain.md §2–§7.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Campaign {
    /// 1–80 characters, unique per tenant ignoring case. Source: seed, "Name".
    pub name: Arc<str>,
    /// Who gets the next chat. Source: seed, "Strategy".
    pub strategy: Strategy,
    /// Between campaigns sharing an agent the higher weight goes first; 0–100, default 0.
    #[serde(default)]
    pub weight: u8,
    /// In time means answered within this; `None` switches the measure off. Source: seed, "Service Level".
    pub answer_within: Option<Seconds>,
    /// Alarm when the service level falls below this, 0–100; 0 is off.
    pub target_percent: u8,
    /// When newcomers are admitted. Source: seed, "Schedule".
    pub schedule: Schedule,
    /// What closing does to those waiting.
    #[serde(default)]
    pub on_close: OnClose,
    /// All texts. Source: seed, "Welcome" to "Feedback", "Automatic Agent Message".
    pub wording: Wording,
    /// Offered + Active + incoming transfers of one agent here; `None` is unlimited.
    /// Source: seed, "Maximum Interactions per Agent".
    pub agent_cap: Option<NonZeroU32>,
    /// The quality model shown at close. Source: seed, "Quality".
    #[serde(default)]
    pub quality_model: Option<u32>,
    /// A visitor leaving the queue sooner is a short abandon; `None`: every leave is an abandon.
    /// Source: seed, "Dropout rate".
    pub dropout: Option<Seconds>,
    /// Alarm when an active chat lasts longer; never closes it. Source: seed, "Time chat".
    pub time_chat: Option<Seconds>,
    /// Alarm when this many wait; not an admission rule. Source: seed, "ACD".
    pub acd: Option<NonZeroU32>,
    /// Most chats waiting at once. Source: seed, "Max Chats".
    pub max_chats: WaitingLimit,
    /// Longest wait since the first enqueue; `None` has no limit. Source: seed, "Time Out".
    pub time_out: Option<Seconds>,
    /// Longest disconnection; `None` never closes an active chat and leaves a waiting one to
    /// `waiting_floor`. Source: seed, "Auto Finish".
    pub auto_finish: Option<Seconds>,
    /// Longest disconnection of a waiting chat when Auto Finish is off; 120 s by default.
    pub waiting_floor: Seconds,
    /// The window's colour. Source: seed, "Colour".
    pub colour: Colour,
    /// Source: seed, "Show Agent's Name".
    pub agent_name: AgentName,
    /// Off: newcomers refused, waiting closed, active go on. Source: seed, "Enable".
    pub enabled: bool,
    /// The form after a close: score and note. Source: seed, "Enable Feedback".
    pub feedback_form: bool,
    /// Source: seed, "Enable Email".
    pub email: EmailRule,
    /// Calls and video calls may be asked for. Source: seed, "Allow Audio and Video".
    pub media: bool,
    /// Files that may be sent in a chat; `None` allows none.
    #[serde(default)]
    pub files: Option<FileRules>,
    /// Source: seed, "Offline Message" and "Address for Offline Message".
    pub offline: OfflineForm,
    /// Visitors may have a copy of their conversation mailed. Source: beyond the seed.
    #[serde(default)]
    pub transcript_by_mail: bool,
    /// Which supervisors are told of alarms by mail. Source: beyond the seed.
    #[serde(default)]
    pub notices: Notices,
    /// The extra field; `None` when not Visible. Source: seed, "Telephone Field Webchat".
    pub extra: Option<ExtraField>,
    /// Sites that may carry the window; empty is any. Source: seed, "Allowed Domains".
    pub allowed_domains: AllowedDomains,
    /// What a newcomer meets when nobody is signed in.
    #[serde(default)]
    pub when_empty: WhenEmpty,
    /// Close waiting chats when no member has been signed in for this long, counted for each chat from
    /// the later of the last sign-out and the start of its wait; `None` keeps them.
    #[serde(default)]
    pub leave_when_empty_after: Option<Seconds>,
    /// Time an agent's slot stays taken after a close; `None` frees it at once.
    #[serde(default)]
    pub wrap_up: Option<Seconds>,
    /// What becomes of active chats whose agent stays away longer than the tenant's grace time.
    #[serde(default)]
    pub on_agent_lost: OnAgentLost,
    /// What an agent has to say about a chat when closing it.
    #[serde(default)]
    pub disposition: DispositionRule,
    /// Days the content of recordings is kept after the close, 1 to 36,500; `None` keeps it. What is older is
    /// erased each midnight (UTC): see [`crate::erasure`]. Live chats are never touched; lengthening it brings
    /// nothing back, and deleting the campaign ends it, so that what is left stays until somebody erases it.
    /// Source: domain.md §7, "Recordings".
    #[serde(default)]
    pub retention_days: Option<NonZeroU32>,
}

impl Campaign {
    /// The rule that turns newcomers away before their form is looked at, if one does, for a campaign that is `open`
    /// by its schedule or not. Source: domain.md §3, §7.
    pub fn turned_away(&self, open: bool) -> Option<RefusalReason> {
        match (self.enabled, open) {
            (false, _) => Some(RefusalReason::Disabled),
            (true, false) => Some(RefusalReason::OutOfTime),
            (true, true) => None,
        }
    }

    /// What a newcomer is told who is turned away for `reason`. `next_open_at` is told only to those who came out
    /// of time.
    pub fn refusal(
        &self,
        code: RefusalReason,
        language: Language,
        next_open_at: Option<Timestamp>,
    ) -> Refusal {
        let out_of_time = code == RefusalReason::OutOfTime;
        let text = match out_of_time {
            true => self.wording.out_of_time(language),
            false => self.wording.not_available(language),
        };
        let offline_form = match code {
            RefusalReason::OutOfTime => self.offline.is_shown(true),
            RefusalReason::QueueFull => self.offline.is_shown(false),
            RefusalReason::Disabled | RefusalReason::NoAgents => false,
        };
        Refusal {
            code,
            text,
            next_open_at: next_open_at.filter(|_| out_of_time),
            offline_form,
        }
    }

    /// Whether closing time tells and closes those waiting. Source: domain.md §3.
    pub(crate) fn closes_waiting(&self) -> bool {
        match self.on_close {
            OnClose::SeedRule => self.time_out.is_none(),
            OnClose::CloseAll => true,
            OnClose::Drain => false,
        }
    }
}

/// Availability mode × delivery order, and how a chat is handed over. Source: domain.md §5.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Strategy {
    /// Which agents are eligible.
    pub mode: Mode,
    /// Which of the eligible agents is next.
    pub order: Order,
    /// A lower penalty is asked first, whatever the order.
    #[serde(default)]
    pub penalty_tiers: bool,
    /// Seconds an agent has to accept an offer; `None` assigns directly.
    #[serde(default)]
    pub offer_timeout: Option<Seconds>,
    /// Pause an agent who let this many offers in a row lapse; `None` never does.
    #[serde(default)]
    pub pause_after_lapses: Option<NonZeroU32>,
}

/// Which agents are eligible for a chat. Source: domain.md §5, first table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// No call, nothing else live; auto-pauses the agent until the chat closes.
    InCall,
    /// Below the cap; calls still allowed.
    #[default]
    NoCall,
    /// Nothing else live on any channel; calls still allowed.
    Interaction,
    /// Below the cap; ignores auto-pause.
    NoPause,
    /// First those without call or chat; when there is none, those below the cap.
    Omni,
    /// Pull: free agents may take the head of the queue.
    RingAll,
    /// Pull: agents below the cap may take any waiting chat.
    RingAllMultiple,
}

impl Mode {
    /// Agents take chats themselves; nothing is assigned or offered.
    pub fn is_pull(self) -> bool {
        matches!(self, Self::RingAll | Self::RingAllMultiple)
    }
}

/// Which of the eligible agents gets the chat; ties end in member order. Source: domain.md §5, second table.
///
/// How evenly chats are shared is stated for members who are eligible all the time; who was away is
/// not owed what came meanwhile, except by [`FewestCalls`](Self::FewestCalls).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// First eligible in member order. No fairness: the first takes all they can.
    Linear,
    /// Next eligible after the last member who accepted. The chats of any two members differ by at most one.
    #[default]
    RrMemory,
    /// Longest since the agent last received or finished a chat here. Nobody gets two chats while another
    /// has neither received nor finished one.
    LeastRecent,
    /// Fewest answered here since the campaign's local midnight. The day's answers of any two members
    /// differ by at most one.
    FewestCalls,
    /// Uniform: of n chats each of m members gets n/m, with a standard deviation of √(n·(m−1))/m.
    Random,
    /// Random with probability p proportional to 1/(1+penalty): of n chats a member gets n·p, with a standard
    /// deviation of √(n·p·(1−p)).
    WRandom,
    /// Lowest share of the cap in use. A chat never makes its agent's load exceed another's by more than one.
    LeastLoaded,
}

/// Most chats waiting at once. The form's `0` reads as `Unlimited`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WaitingLimit {
    /// No limit of the campaign's own; the engine's [`crate::limits::WAITING_CHATS`] still holds.
    #[default]
    Unlimited,
    /// Only newcomers who can be dispatched at once are admitted.
    NoWaiting,
    /// This many may wait.
    AtMost(NonZeroU32),
}

impl WaitingLimit {
    /// Whether one more may wait beside `waiting` others.
    pub fn admits(self, waiting: u32) -> bool {
        match self {
            Self::Unlimited => waiting < crate::limits::WAITING_CHATS,
            Self::NoWaiting => false,
            Self::AtMost(max) => waiting < max.get(),
        }
    }
}

/// What closing time does to those waiting. Source: domain.md §3.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnClose {
    /// With Time Out 0 everyone waiting is told and closed; otherwise each may wait until their own deadline.
    #[default]
    SeedRule,
    /// Everyone waiting is told and closed, whatever the Time Out.
    CloseAll,
    /// Those waiting are still served.
    Drain,
}

/// What a newcomer meets when no member is signed in. Source: domain.md §4, "(nobody signed in)".
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhenEmpty {
    /// Refused `no_agents` while no member is signed in; paused and busy ones count.
    #[default]
    Refuse,
    /// Admitted all the same.
    Admit,
    /// Refused `no_agents` unless a member is available (signed in and not paused).
    NeedAvailable,
}

/// What becomes of a lost agent's active chats. Source: domain.md §5, "Agent lost".
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnAgentLost {
    /// Returned ahead of the queue, the visitor told.
    #[default]
    Requeue,
    /// Kept for the agent's return.
    Keep,
    /// Closed `agent_gone`.
    Close,
}

/// Whether the visitor sees who answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AgentName {
    /// The agent's name.
    Shown,
    /// An alias, in every visitor-facing stream.
    Hidden,
}

/// Whether the visitor has to give an e-mail address before the chat starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EmailRule {
    /// A valid address is needed.
    Required,
    /// May be left out, but valid if given.
    Optional,
}

/// The form for visitors who come while the campaign is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OfflineForm {
    /// The text only.
    Off,
    /// Text and form; what is sent goes to the address.
    On {
        /// Where offline messages are mailed to.
        address: Arc<str>,
        /// The same form for those turned away with `queue_full` and `timed_out`.
        also_when_full: bool,
    },
}

/// Mail to supervisors when an alarm is raised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Notices {
    /// Where to; empty is nowhere.
    pub addresses: Vec<Arc<str>>,
    /// Also when the alarm stands no longer.
    #[serde(default)]
    pub cleared: bool,
}

impl OfflineForm {
    /// Whether visitors get the form who are told that the campaign is out of time, or else that it
    /// cannot attend them now: the list is full, or their time is out. Source: domain.md §7.
    pub(crate) fn is_shown(&self, out_of_time: bool) -> bool {
        match self {
            Self::Off => false,
            Self::On { also_when_full, .. } => out_of_time || *also_when_full,
        }
    }
}

/// The extra field of the form before a chat. Source: seed, "Telephone Field Webchat".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExtraField {
    /// What is asked for, per language.
    pub label: Texts,
    /// A value is needed before the chat starts.
    pub required: bool,
    /// A regular expression the whole value must match.
    pub pattern: Option<Arc<str>>,
}

/// Whether agents say how a chat ended, and among what they choose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DispositionRule {
    /// Agents cannot close without one.
    pub required: bool,
    /// The choices, each a path from the broadest to the finest level, such as `["sale", "card"]`.
    /// Empty means any text.
    pub choices: Vec<Vec<Arc<str>>>,
}

/// A colour `#rrggbb`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Colour(pub [u8; 3]);

impl Default for Colour {
    /// `#0b6bcb`, a blue.
    fn default() -> Self {
        Self([0x0b, 0x6b, 0xcb])
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

/// The text is not a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected # and six hex digits such as #0b6bcb")]
pub struct BadColour;

impl std::str::FromStr for Colour {
    type Err = BadColour;

    fn from_str(text: &str) -> Result<Self, BadColour> {
        let digits = text.trim().strip_prefix('#').ok_or(BadColour)?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(BadColour);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| BadColour)?;
        let [_, r, g, b] = number.to_be_bytes();
        Ok(Self([r, g, b]))
    }
}

impl Serialize for Colour {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
