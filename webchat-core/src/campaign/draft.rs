//! A campaign as a form or a file says it: plain numbers and texts, zeros for "off", nothing checked yet.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    AgentName, Campaign, Colour, EmailRule, ExtraField, Mode, OfflineForm, OnAgentLost, OnClose,
    Order, WaitingLimit, WhenEmpty,
};
use crate::file::{FileKind, FileRules};
use crate::schedule::ScheduleDraft;
use crate::time::Seconds;
use crate::wording::{Language, Texts};

mod check;
#[cfg(test)]
mod tests;

pub use check::Warning;

/// A text per language tag, such as `{"es": "Hola", "en": "Hello"}`.
pub type TextsDraft = BTreeMap<String, String>;

/// All settings of a campaign as an administrator writes them, unchecked.
///
/// A setting left out has the value of [`CampaignDraft::default`], which is valid but for the name; a
/// setting that does not exist is refused when reading. Numbers may be anything an `i64` holds,
/// so that a wrong one is reported by [`check`](Self::check) beside all others.
/// Seconds reach from 1 to [`SETTING_SECONDS`](crate::limits::SETTING_SECONDS) and counts
/// from 1 to [`SETTING_COUNT`](crate::limits::SETTING_COUNT) unless said otherwise.
///
/// ```
/// use webchat_core::campaign::CampaignDraft;
/// use webchat_core::schedule::Zones;
///
/// let draft: CampaignDraft = serde_json::from_str(r#"{
///     "name": "Sales",
///     "max_chats": 20,
///     "time_out": -5,
///     "colour": "blue"
/// }"#)?;
/// let problems = draft.check(&Zones::bundled()).unwrap_err();
/// assert_eq!(
///     problems.to_string(),
///     "time_out is -5, expected 0 (off) to 31622400 seconds; \
///      colour is blue, expected # and six hex digits such as #0b6bcb",
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CampaignDraft {
    /// 1–80 characters on one line after trim; unique per tenant ignoring case. Source: seed, "Name".
    pub name: String,
    /// Off: newcomers are refused, those waiting are closed, active chats go on. On by default.
    /// Source: seed, "Enable".
    pub enabled: bool,

    /// Which agents are eligible: `incall`, `nocall` (default), `interaction`, `nopause`, `omni`, `ringall`
    /// or `ringallmultiple`. Source: seed, "Strategy"; domain.md §5.
    pub mode: String,
    /// Which eligible agent is next: `linear`, `rrmemory` (default), `leastrecent`, `fewestcalls`, `random`,
    /// `wrandom` or `leastloaded`. Source: seed, "Strategy"; domain.md §5.
    pub order: String,
    /// A lower penalty is asked first, whatever the order. Source: domain.md §5, Penalty.
    pub penalty_tiers: bool,
    /// Seconds an agent has to accept an offer; 0 (default) assigns directly. Source: domain.md §5, Offer.
    pub offer_timeout: i64,
    /// Pause an agent who let this many offers in a row lapse; 0 (default) never does.
    /// Source: domain.md §5, Offer.
    pub pause_after_lapses: i64,
    /// Between campaigns sharing an agent the higher goes first: 0 (default) to 100. Source: domain.md §4, order.
    pub weight: i64,

    /// Seconds within which an answer is in time, 20 by default; 0 switches the measure off.
    /// Source: seed, Thresholds, "Service Level".
    pub answer_within: i64,
    /// Alarm when fewer percent are answered in time: 0 (off, default) to 100.
    /// Source: seed, Basic Configuration, "Service Level".
    pub target_percent: i64,
    /// When newcomers are admitted; left out, always. Source: seed, "Schedule".
    pub schedule: ScheduleDraft,
    /// What closing does to those waiting: `seed_rule` (default), `close_all` or `drain`. Source: domain.md §3.
    pub on_close: String,

    /// Language of visitors whose own has no text; `en` by default. Source: domain.md §2, Languages.
    pub default_language: String,
    /// Sent once when the chat is admitted; empty sends nothing. Texts here and below have at most 4,000
    /// characters, no control characters other than newline and tab. Source: seed, "Welcome".
    pub welcome: TextsDraft,
    /// Told while the campaign is closed; empty is the built-in text. Source: seed, "Out of Time".
    pub out_of_time: TextsDraft,
    /// Told to those turned away; empty is the built-in text. Source: seed, "Message Not Available".
    pub not_available: TextsDraft,
    /// Shown at the end of a chat that reached an agent; empty shows nothing. Source: seed, "Feedback".
    pub feedback: TextsDraft,
    /// Sent in the first agent's name; empty sends nothing. Source: seed, "Automatic Agent Message".
    pub automatic: TextsDraft,
    /// Stands for the agent when `show_agent_name` is off; at most 80 characters on one line, empty is
    /// the built-in word. Source: seed, "Show Agent's Name".
    pub alias: TextsDraft,

    /// Most chats of one agent here, 3 by default; 0 is unlimited.
    /// Source: seed, "Maximum Interactions per Agent".
    pub agent_cap: i64,
    /// Number of the quality model shown at close; 0 (default) is none. Source: seed, "Quality".
    pub quality_model: i64,
    /// Leaving the queue sooner than these seconds is a short abandon; 0 (default): every leave is an abandon.
    /// Source: seed, "Dropout rate".
    pub dropout: i64,
    /// Alarm when an active chat lasts longer than these seconds; 0 (default) is off. Source: seed, "Time chat".
    pub time_chat: i64,
    /// Alarm when this many chats wait; 0 (default) is off. Source: seed, "ACD".
    pub acd: i64,
    /// Most chats waiting at once; 0 (default) has no limit. Source: seed, "Max Chats".
    pub max_chats: i64,
    /// Nobody may wait: only newcomers who can be attended at once are admitted. Then `max_chats` must be 0.
    /// Source: domain.md §4, Max Chats.
    pub no_waiting: bool,
    /// Longest wait in seconds; 0 (default) has no limit. Source: seed, "Time Out".
    pub time_out: i64,
    /// Seconds a visitor may stay disconnected, 300 by default; 0 never closes an active chat.
    /// Source: seed, "Auto Finish".
    pub auto_finish: i64,
    /// The same for a waiting chat when `auto_finish` is off; 120 by default, not 0.
    /// Source: domain.md §4, Auto Finish.
    pub waiting_floor: i64,
    /// The window's colour as `#rrggbb`. Source: seed, "Colour".
    pub colour: String,

    /// The visitor sees who answers; on by default. Source: seed, "Show Agent's Name".
    pub show_agent_name: bool,
    /// After the close the visitor may give a score and a note; on by default. Source: seed, "Enable Feedback".
    pub feedback_form: bool,
    /// The visitor has to give an e-mail address. Source: seed, "Enable Email".
    pub require_email: bool,
    /// Calls and video calls may be asked for. Source: seed, "Allow Audio and Video".
    pub media: bool,
    /// Files that either side may send in a chat.
    pub files: FilesDraft,
    /// While closed, visitors get a form besides the text. Source: seed, "Offline Message".
    pub offline_message: bool,
    /// Where that form is mailed to; needed if `offline_message` is on, else not kept.
    /// Source: seed, "Address for Offline Message".
    pub offline_address: String,
    /// The same form for those turned away because the queue is full or their time is out.
    /// Source: domain.md §7, Offline Message.
    pub offline_when_full: bool,
    /// Visitors may have a copy of their conversation mailed. Off by default: a server without mail could not.
    /// Source: beyond the seed.
    pub transcript_by_mail: bool,
    /// Where supervisors are told of alarms by mail, at most 10 addresses, none twice; empty (default) is nowhere.
    /// Source: beyond the seed.
    pub notice_addresses: Vec<String>,
    /// Also when an alarm stands no longer. Source: beyond the seed.
    pub notice_cleared: bool,
    /// One more field of the form before a chat. Source: seed, "Telephone Field Webchat".
    pub extra_field: ExtraFieldDraft,
    /// Sites that may carry the window, at most 100; empty (default) is any.
    /// See [`AllowedDomains`](super::AllowedDomains) for how they are written. Source: seed, "Allowed Domains".
    pub allowed_domains: Vec<String>,

    /// What a newcomer meets when nobody is signed in: `refuse` (default), `admit` or `need_available`.
    /// Source: domain.md §4, "(nobody signed in)".
    pub when_empty: String,
    /// Close those waiting when no member has been signed in for these seconds; 0 (default) keeps them.
    /// Source: domain.md §4, "(nobody signed in)".
    pub leave_when_empty_after: i64,
    /// Seconds an agent's slot stays taken after a close; 0 (default) frees it at once. Source: domain.md §2.
    pub wrap_up: i64,
    /// What becomes of active chats of a lost agent: `requeue` (default), `keep` or `close`.
    /// Source: domain.md §5, "Agent lost".
    pub on_agent_lost: String,
    /// Agents cannot close a chat without a disposition. Source: domain.md §6.
    pub disposition_required: bool,
    /// The dispositions to choose from, each a path such as `["sale", "card"]` of up to 4 steps of 1–80
    /// characters; at most 500, none twice. Empty (default): any text. Source: domain.md §6.
    pub dispositions: Vec<Vec<String>>,
    /// Days a transcript is kept, at most 36,500; 0 (default) keeps it. Source: domain.md §7, Recordings.
    pub retention_days: i64,
}

/// The extra field as an administrator writes it, unchecked. Source: seed, "Telephone Field Webchat".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ExtraFieldDraft {
    /// The field is shown. Off (default), the other settings are neither checked nor kept.
    pub visible: bool,
    /// A chat cannot start without a value.
    pub required: bool,
    /// What is asked for: at most 80 characters on one line, at least one language.
    pub label: TextsDraft,
    /// A regular expression the whole value must match, at most 256 characters; empty (default): any value.
    pub pattern: String,
}

/// Sending files as an administrator allows it, unchecked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FilesDraft {
    /// Files may be sent. Off (default), the other settings are neither checked nor kept.
    pub allowed: bool,
    /// Most KiB of one file: 1 to [`FILE_KIB`](crate::limits::FILE_KIB), 5,120 by default.
    pub max_kib: i64,
    /// What a file may hold: `image`, `document`, `text`, `audio`, `video`, at least one of them; the first
    /// three by default. The server looks into the file and believes neither its name nor its sender.
    pub kinds: Vec<String>,
}

impl Default for FilesDraft {
    fn default() -> Self {
        let kinds = [FileKind::Image, FileKind::Document, FileKind::Text];
        Self {
            allowed: false,
            max_kib: 5_120,
            kinds: kinds.map(|kind| kind.code().to_owned()).to_vec(),
        }
    }
}

impl From<&FileRules> for FilesDraft {
    fn from(rules: &FileRules) -> Self {
        let kinds = rules.kinds.iter().map(|kind| kind.code().to_owned());
        Self {
            allowed: true,
            max_kib: rules.max_kib.get().into(),
            kinds: kinds.collect(),
        }
    }
}

impl Default for CampaignDraft {
    /// A campaign without a name that works for most: no limits but 3 chats per agent, disconnected
    /// visitors let go after 5 minutes, always open.
    fn default() -> Self {
        Self {
            name: String::new(),
            enabled: true,
            mode: word(&Mode::default()),
            order: word(&Order::default()),
            penalty_tiers: false,
            offer_timeout: 0,
            pause_after_lapses: 0,
            weight: 0,
            answer_within: 20,
            target_percent: 0,
            schedule: ScheduleDraft::default(),
            on_close: word(&OnClose::default()),
            default_language: Language::EN.to_string(),
            welcome: TextsDraft::new(),
            out_of_time: TextsDraft::new(),
            not_available: TextsDraft::new(),
            feedback: TextsDraft::new(),
            automatic: TextsDraft::new(),
            alias: TextsDraft::new(),
            agent_cap: 3,
            quality_model: 0,
            dropout: 0,
            time_chat: 0,
            acd: 0,
            max_chats: 0,
            no_waiting: false,
            time_out: 0,
            auto_finish: 300,
            waiting_floor: 120,
            colour: Colour::default().to_string(),
            show_agent_name: true,
            feedback_form: true,
            require_email: false,
            media: false,
            files: FilesDraft::default(),
            offline_message: false,
            offline_address: String::new(),
            offline_when_full: false,
            transcript_by_mail: false,
            notice_addresses: Vec::new(),
            notice_cleared: false,
            extra_field: ExtraFieldDraft::default(),
            allowed_domains: Vec::new(),
            when_empty: word(&WhenEmpty::default()),
            leave_when_empty_after: 0,
            wrap_up: 0,
            on_agent_lost: word(&OnAgentLost::default()),
            disposition_required: false,
            dispositions: Vec::new(),
            retention_days: 0,
        }
    }
}

impl CampaignDraft {
    /// The default campaign with a name.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

impl From<&Campaign> for CampaignDraft {
    /// The draft whose check yields this campaign again.
    fn from(campaign: &Campaign) -> Self {
        let (offline_message, offline_address, offline_when_full) = match &campaign.offline {
            OfflineForm::Off => (false, String::new(), false),
            OfflineForm::On {
                address,
                also_when_full,
            } => (true, address.to_string(), *also_when_full),
        };
        let (max_chats, no_waiting) = match campaign.max_chats {
            WaitingLimit::Unlimited => (0, false),
            WaitingLimit::NoWaiting => (0, true),
            WaitingLimit::AtMost(max) => (max.get().into(), false),
        };
        let steps = |path: &Vec<Arc<str>>| path.iter().map(|step| step.to_string()).collect();
        Self {
            name: campaign.name.to_string(),
            enabled: campaign.enabled,
            mode: word(&campaign.strategy.mode),
            order: word(&campaign.strategy.order),
            penalty_tiers: campaign.strategy.penalty_tiers,
            offer_timeout: span(campaign.strategy.offer_timeout),
            pause_after_lapses: count(campaign.strategy.pause_after_lapses),
            weight: campaign.weight.into(),
            answer_within: span(campaign.answer_within),
            target_percent: campaign.target_percent.into(),
            schedule: ScheduleDraft::from(&campaign.schedule),
            on_close: word(&campaign.on_close),
            default_language: campaign.wording.default_language.to_string(),
            welcome: texts(&campaign.wording.welcome),
            out_of_time: texts(&campaign.wording.out_of_time),
            not_available: texts(&campaign.wording.not_available),
            feedback: texts(&campaign.wording.feedback),
            automatic: texts(&campaign.wording.automatic),
            alias: texts(&campaign.wording.alias),
            agent_cap: count(campaign.agent_cap),
            quality_model: campaign.quality_model.unwrap_or_default().into(),
            dropout: span(campaign.dropout),
            time_chat: span(campaign.time_chat),
            acd: count(campaign.acd),
            max_chats,
            no_waiting,
            time_out: span(campaign.time_out),
            auto_finish: span(campaign.auto_finish),
            waiting_floor: campaign.waiting_floor.get().into(),
            colour: campaign.colour.to_string(),
            show_agent_name: campaign.agent_name == AgentName::Shown,
            feedback_form: campaign.feedback_form,
            require_email: campaign.email == EmailRule::Required,
            media: campaign.media,
            files: campaign
                .files
                .as_ref()
                .map(FilesDraft::from)
                .unwrap_or_default(),
            offline_message,
            offline_address,
            offline_when_full,
            transcript_by_mail: campaign.transcript_by_mail,
            notice_addresses: campaign
                .notices
                .addresses
                .iter()
                .map(|a| a.to_string())
                .collect(),
            notice_cleared: campaign.notices.cleared,
            extra_field: campaign
                .extra
                .as_ref()
                .map(ExtraFieldDraft::from)
                .unwrap_or_default(),
            allowed_domains: campaign.allowed_domains.iter().collect(),
            when_empty: word(&campaign.when_empty),
            leave_when_empty_after: span(campaign.leave_when_empty_after),
            wrap_up: span(campaign.wrap_up),
            on_agent_lost: word(&campaign.on_agent_lost),
            disposition_required: campaign.disposition.required,
            dispositions: campaign.disposition.choices.iter().map(steps).collect(),
            retention_days: count(campaign.retention_days),
        }
    }
}

impl From<&ExtraField> for ExtraFieldDraft {
    fn from(field: &ExtraField) -> Self {
        Self {
            visible: true,
            required: field.required,
            label: texts(&field.label),
            pattern: field.pattern.as_deref().unwrap_or_default().to_owned(),
        }
    }
}

/// The name of a choice, as serde writes it. All choices are enums without fields, so there is one.
fn word(choice: &impl Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn span(seconds: Option<Seconds>) -> i64 {
    seconds.map_or(0, |seconds| seconds.get().into())
}

fn count(count: Option<NonZeroU32>) -> i64 {
    count.map_or(0, |count| count.get().into())
}

fn texts(texts: &Texts) -> TextsDraft {
    texts
        .0
        .iter()
        .map(|(tag, text)| (tag.to_string(), text.to_string()))
        .collect()
}
