//! All that one tenant is at an instant, and the indexes derived from it.
//!
//! [`State::apply`] in `apply.rs` is the only function that changes it, for the live path and replay alike.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::assignment::Ready;
use crate::call::Call;
use crate::campaign::{Campaign, Mode};
use crate::canned::CannedResponse;
use crate::command::{AgentProfile, Destination, Member, Seen, TenantSettings};
use crate::effect::{Ended, FeedbackInvitation, Participants};
use crate::estimate::{Estimate, Pace};
use crate::event::{Alarm, AlarmKind, Author, CloseReason, VisitorFacts};
use crate::id::{AgentId, CampaignId, ChatId, VisitorKey};
use crate::mail::{MailId, Obligation};
use crate::metrics::{Counters, Ratio, Times, Work};
use crate::quality::{ModelId, QualityModel};
use crate::queue::{Place, WaitingList};
use crate::rejection::WhyNot;
use crate::time::{Seconds, Timestamp};
use crate::timers::{Timer, Timers};
use crate::wording::Language;

mod apply;
pub(crate) use apply::{address_hash, content_hash};
mod chats;
mod derive;
mod few;
mod few_campaigns;
mod keys;
mod lookup;
mod measure;

use crate::private::discreet;
pub(crate) use chats::Chats;
use few::Few;
use few_campaigns::FewCampaigns;
use keys::SentKeys;
use lookup::{Doors, EndedNumbers};

discreet!(EndedChat);

/// One tenant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// Time of the last event.
    pub(crate) last_at: Timestamp,
    pub(crate) tenant: TenantSettings,
    /// Campaign `n` stands at `n - 1`; deleted ones leave a hole.
    campaigns: Vec<Option<CampaignState>>,
    /// Agent `n` stands at `n - 1`; deleted ones leave a hole.
    agents: Vec<Option<AgentState>>,
    chats: Chats,
    /// Admissions so far.
    pub(crate) admitted: u64,
    /// Ended chats whose visitor may come back, oldest first.
    ended: VecDeque<EndedChat>,
    /// How many ended chats were forgotten before the oldest.
    ended_before: u64,
    /// Canned responses shared by all campaigns.
    #[serde(default)]
    pub(crate) canned: Vec<CannedResponse>,
    /// Quality model `n` stands at `n - 1`.
    #[serde(default)]
    pub(crate) models: Vec<Arc<QualityModel>>,
    /// Evaluations given: the chat, whose part, the model, the evaluator.
    #[serde(default)]
    pub(crate) evaluated: BTreeSet<(ChatId, AgentId, ModelId, AgentId)>,
    /// Mails that came to be owed so far.
    #[serde(default, alias = "offline_received")]
    pub(crate) mails: u64,
    /// Those not yet settled.
    #[serde(default)]
    pub(crate) owed: BTreeMap<MailId, Obligation>,
    /// Offline messages of the last hour, oldest first.
    #[serde(default)]
    pub(crate) offline_recent: VecDeque<RecentOffline>,
    /// Transcripts asked for in the last hour, oldest first.
    #[serde(default)]
    pub(crate) transcripts_recent: VecDeque<RecentTranscript>,
    /// Who watches which chat.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    watches: BTreeSet<(ChatId, AgentId)>,
    #[serde(skip)]
    pub(crate) index: Index,
}

/// What can be computed from the rest of the state, kept up to date beside it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    doors: Doors,
    ended: EndedNumbers,
    pub(crate) timers: Timers,
    /// Campaigns in which an assignment may have become possible; empty between steps.
    pub(crate) dirty: FewCampaigns,
    /// Campaigns in which a measure may have crossed its threshold; empty between steps.
    pub(crate) unsettled: FewCampaigns,
}

/// A campaign at an instant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CampaignState {
    pub(crate) id: CampaignId,
    pub(crate) settings: Arc<Campaign>,
    pub(crate) open: bool,
    pub(crate) next_change: Option<Timestamp>,
    /// Everyone waiting is being told and closed, since when and why.
    pub(crate) closing: Option<(Timestamp, CloseReason)>,
    pub(crate) members: Vec<MemberState>,
    /// The member who accepted last, for `rrmemory`.
    pub(crate) cursor: Option<AgentId>,
    /// State of the random generator.
    pub(crate) random: u64,
    /// Counts of answered chats hold until this local midnight.
    pub(crate) day_ends: Timestamp,
    pub(crate) counters: Counters,
    #[serde(default)]
    pub(crate) canned: Vec<CannedResponse>,
    /// What estimates rest on.
    #[serde(default)]
    pub(crate) pace: Pace,
    /// How long things took.
    #[serde(default)]
    pub(crate) times: Times,
    /// Answered since the local midnight, while the service level had a limit.
    #[serde(default)]
    pub(crate) today: Today,
    /// Alarms that stand, but for those of chats.
    #[serde(default)]
    pub(crate) standing: Standing,
    /// When recordings that have been kept long enough are next erased; `None` keeps them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retention_at: Option<Timestamp>,
    /// What supervisors were last told by mail of each measure.
    #[serde(default)]
    pub(crate) noticed: BTreeMap<AlarmKind, Noticed>,
    /// Chats with an agent.
    pub(crate) active: u32,
    /// No member has been signed in since then; `None` while one is.
    #[serde(default)]
    pub(crate) empty_since: Option<Timestamp>,
    #[serde(skip)]
    pub(crate) waiting: WaitingList,
    #[serde(skip)]
    pub(crate) ready: Ready,
    /// Members signed in.
    #[serde(skip)]
    pub(crate) signed_in: u32,
    /// Chats with a standing Time chat alarm.
    #[serde(skip)]
    pub(crate) over_time: BTreeSet<ChatId>,
}

/// What the service level's alarm looks at.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Today {
    /// The counts hold until this local midnight.
    pub(crate) ends: Timestamp,
    /// Answered for the first time.
    pub(crate) answered: u64,
    /// Of those, within the service level's limit.
    pub(crate) in_time: u64,
}

impl Today {
    /// Counts a first answer; the first one after midnight starts anew.
    pub(crate) fn count(&mut self, at: Timestamp, ends: Timestamp, in_time: bool) {
        if at >= self.ends {
            *self = Self::default();
        }
        self.ends = ends;
        self.answered += 1;
        self.in_time += u64::from(in_time);
    }
}

/// Standing alarms of a campaign.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// The service level's, until the midnight after it was raised.
    pub(crate) service_level: Option<Timestamp>,
    pub(crate) acd: bool,
}

/// The last notice about a measure.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Noticed {
    /// When supervisors were, or are to be, told that it was raised.
    pub(crate) at: Timestamp,
    /// Which alarm that was, until they were told that it stands no longer.
    pub(crate) standing: Option<Alarm>,
}

/// A member at an instant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MemberState {
    #[serde(flatten)]
    pub(crate) member: Member,
    /// When the agent last received or finished a chat here.
    pub(crate) last_served: Option<Timestamp>,
    /// Answered here since the campaign's local midnight.
    pub(crate) answered: u32,
}

/// An agent at an instant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AgentState {
    pub(crate) id: AgentId,
    pub(crate) profile: AgentProfile,
    /// The session that speaks for the agent; `None` when not signed in.
    pub(crate) session: Option<u64>,
    /// The last connection is lost; chats are held until then.
    pub(crate) lost_until: Option<Timestamp>,
    pub(crate) paused: Option<Arc<str>>,
    pub(crate) on_call: bool,
    pub(crate) other_load: u32,
    /// Offers lapsed in a row.
    pub(crate) lapses: u32,
    /// Slots kept after a close.
    pub(crate) wrap_ups: Vec<WrapUp>,
    /// What the agent did up to `worked_to`.
    #[serde(default)]
    pub(crate) work: Work,
    #[serde(default)]
    pub(crate) worked_to: Timestamp,
    /// Slots in use by live chats.
    #[serde(skip)]
    pub(crate) slots: Vec<Slot>,
    /// The campaigns the agent is a member of, and the place among the members.
    #[serde(skip)]
    pub(crate) seats: Vec<(CampaignId, u32)>,
}

/// A slot an agent keeps for a while after a chat.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct WrapUp {
    pub(crate) campaign: CampaignId,
    pub(crate) chat: ChatId,
    pub(crate) until: Timestamp,
}

/// A chat that takes one of an agent's slots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slot {
    pub(crate) chat: ChatId,
    pub(crate) campaign: CampaignId,
    pub(crate) kind: SlotKind,
    /// The chat auto-pauses its agent.
    pub(crate) auto_pauses: bool,
}

/// What the agent has to do with the chat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SlotKind {
    Owner,
    Participant,
    /// Offered or being transferred to the agent.
    Asked,
}

/// A live chat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Chat {
    pub(crate) id: ChatId,
    pub(crate) sequence: u64,
    /// Where it belongs.
    pub(crate) campaign: CampaignId,
    /// Where the visitor asked for it; a transfer does not change that.
    pub(crate) came_to: CampaignId,
    pub(crate) visitor: VisitorKey,
    pub(crate) facts: Arc<VisitorFacts>,
    pub(crate) language: Language,
    pub(crate) priority: i8,
    #[serde(default, skip_serializing_if = "Few::is_empty")]
    pub(crate) skills: Few<Arc<str>>,
    /// First enqueue.
    pub(crate) requested_at: Timestamp,
    /// Time Out counts from here.
    pub(crate) wait_from: Timestamp,
    /// Start of the phase.
    pub(crate) since: Timestamp,
    pub(crate) phase: Phase,
    /// The agents in it, the owner first.
    pub(crate) participants: Participants,
    pub(crate) disconnected_at: Option<Timestamp>,
    /// Number of the last message.
    pub(crate) messages: u32,
    /// How many of them are files.
    #[serde(default)]
    pub(crate) files: u32,
    /// Keys of the messages posted, per author.
    #[serde(default, skip_serializing_if = "SentKeys::is_empty")]
    pub(crate) keys: SentKeys,
    pub(crate) seen_by_visitor: Seen,
    pub(crate) seen_by_agents: Seen,
    /// Agents asked in this round of offers.
    #[serde(default, skip_serializing_if = "Few::is_empty")]
    pub(crate) asked: Few<AgentId>,
    /// A human accepted it.
    pub(crate) answered: bool,
    /// Waits again after service.
    pub(crate) returned: bool,
    /// Assigned under `incall`.
    pub(crate) auto_pauses: bool,
    /// The call that rings or runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call: Option<Box<Call>>,
    /// When it was moved here from another campaign's queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) moved_at: Option<Timestamp>,
    /// The wait the visitor was told to expect on admission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) estimate: Option<Estimate>,
    /// With agents of this campaign since then, without a break.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) served_since: Option<Timestamp>,
    /// With its owner since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owned_since: Option<Timestamp>,
    /// An agent has written in it.
    #[serde(default)]
    pub(crate) responded: bool,
    /// The Time chat whose alarm stands for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) over_time: Option<Seconds>,
    /// Copies asked for, to be mailed when it ends.
    #[serde(default, skip_serializing_if = "Few::is_empty")]
    pub(crate) copies: Few<CopyAsked>,
}

/// Where a chat stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    Waiting,
    Offered(Asked),
    Active,
    /// With its owner; `asked` is the agent who may accept.
    Transferring {
        to: Destination,
        lapses_at: Option<Timestamp>,
        asked: Option<Asked>,
    },
}

/// An agent who may accept a chat.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) agent: AgentId,
    pub(crate) lapses_at: Timestamp,
}

/// A client's own id of a message, apart per author.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) struct SentKey {
    pub(crate) by: Sender,
    pub(crate) key: Arc<str>,
}

/// Whose own id a key is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sender {
    Visitor,
    Agent(AgentId),
    /// A supervisor's whispers, apart from what they say as an agent.
    Supervisor(AgentId),
    /// A program of the host, whatever its name.
    Program,
}

impl Sender {
    /// `None` for the engine's own messages, which have no key.
    pub(crate) fn of(author: &Author) -> Option<Self> {
        match author {
            Author::Visitor => Some(Self::Visitor),
            Author::Agent { agent, .. } => Some(Self::Agent(*agent)),
            Author::Bot { .. } => Some(Self::Program),
            Author::System { .. } => None,
        }
    }
}

/// What was posted under a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// The message's number; 0 for an internal note or a whisper.
    pub(crate) number: u32,
    pub(crate) at: Timestamp,
    /// Hash of the text.
    pub(crate) content: u64,
}

impl Sent {
    pub(crate) fn is_note(&self) -> bool {
        self.number == 0
    }
}

/// A copy of the conversation that its visitor asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CopyAsked {
    pub(crate) mail: MailId,
    /// Hash of the address.
    pub(crate) to: u64,
}

/// A chat that ended, while its visitor may come back to it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct EndedChat {
    pub(crate) chat: ChatId,
    /// Where it belonged last; `None` in a snapshot of before that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) campaign: Option<CampaignId>,
    /// Where the visitor had asked for it.
    pub(crate) came_to: CampaignId,
    pub(crate) visitor: VisitorKey,
    pub(crate) reason: CloseReason,
    pub(crate) at: Timestamp,
    pub(crate) text: Option<Arc<str>>,
    /// When the campaign opens again, if that is why it ended and it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next_open_at: Option<Timestamp>,
    /// A message may be left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) offline_form: bool,
    /// The Feedback text; `None` when no agent had accepted.
    pub(crate) feedback: Option<Arc<str>>,
    /// The form is open until then; `None` shows no form.
    pub(crate) feedback_until: Option<Timestamp>,
    pub(crate) feedback_given: bool,
    /// The visitor's address, from the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<Arc<str>>,
    /// `None` in a snapshot of before it was kept.
    #[serde(default)]
    pub(crate) language: Option<Language>,
    /// Copies asked for.
    #[serde(default, skip_serializing_if = "Few::is_empty")]
    pub(crate) copies: Few<CopyAsked>,
}

impl EndedChat {
    /// Keeps nothing that tells who the visitor was.
    pub(crate) fn forget_address(&mut self) {
        self.email = None;
        self.copies.clear();
    }

    pub(crate) fn view(&self) -> Ended {
        let form = self.feedback_until.filter(|_| !self.feedback_given);
        Ended {
            chat: self.chat,
            reason: self.reason,
            text: self.text.clone(),
            next_open_at: self.next_open_at,
            offline_form: self.offline_form,
            feedback: self.feedback.clone().map(|text| FeedbackInvitation {
                text,
                form: form.is_some(),
                until: form.unwrap_or(self.at),
            }),
        }
    }
}

/// An offline message of the last hour: recognised when repeated, counted against the limits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RecentOffline {
    pub(crate) id: MailId,
    pub(crate) at: Timestamp,
    pub(crate) campaign: CampaignId,
    pub(crate) visitor: VisitorKey,
    pub(crate) key: Arc<str>,
    /// Hash of the text.
    pub(crate) content: u64,
}

/// A transcript asked for in the last hour: counted against the limits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RecentTranscript {
    pub(crate) at: Timestamp,
    pub(crate) campaign: CampaignId,
    pub(crate) visitor: VisitorKey,
    /// Hash of the address.
    pub(crate) to: u64,
}

impl Chat {
    /// A newcomer's, who asks for nobody in particular.
    #[inline]
    pub(crate) fn waiting(
        at: Timestamp,
        (id, sequence): (ChatId, u64),
        campaign: CampaignId,
        visitor: VisitorKey,
        facts: Arc<VisitorFacts>,
        language: Language,
    ) -> Self {
        Self {
            id,
            sequence,
            campaign,
            came_to: campaign,
            visitor,
            facts,
            language,
            priority: 0,
            skills: Few::NONE,
            requested_at: at,
            wait_from: at,
            since: at,
            phase: Phase::Waiting,
            participants: Participants::default(),
            disconnected_at: None,
            messages: 0,
            files: 0,
            keys: SentKeys::default(),
            seen_by_visitor: Seen::default(),
            seen_by_agents: Seen::default(),
            asked: Few::NONE,
            answered: false,
            returned: false,
            auto_pauses: false,
            call: None,
            moved_at: None,
            estimate: None,
            served_since: None,
            owned_since: None,
            responded: false,
            over_time: None,
            copies: Few::NONE,
        }
    }

    pub(crate) fn owner(&self) -> Option<AgentId> {
        self.participants.iter().next()
    }

    /// When the first wait began that counts for its campaign.
    pub(crate) fn queued_at(&self) -> Timestamp {
        self.moved_at.unwrap_or(self.requested_at)
    }

    /// Waits in its own campaign, an offer out or not.
    pub(crate) fn is_waiting(&self) -> bool {
        matches!(self.phase, Phase::Waiting | Phase::Offered(_))
    }

    /// The agent who may accept it.
    pub(crate) fn asked(&self) -> Option<Asked> {
        match self.phase {
            Phase::Offered(asked) => Some(asked),
            Phase::Transferring { asked, .. } => asked,
            Phase::Waiting | Phase::Active => None,
        }
    }

    /// The campaign in whose waiting list it stands.
    pub(crate) fn queue(&self) -> Option<CampaignId> {
        match self.phase {
            Phase::Waiting | Phase::Offered(_) => Some(self.campaign),
            Phase::Transferring {
                to: Destination::Campaign(campaign),
                ..
            } => Some(campaign),
            Phase::Transferring { .. } | Phase::Active => None,
        }
    }

    pub(crate) fn place(&self) -> Place {
        Place {
            priority: std::cmp::Reverse(self.priority),
            since: self.requested_at,
            sequence: self.sequence,
        }
    }

    /// May be given to an agent now, as far as the chat is concerned.
    pub(crate) fn is_dispatchable(&self) -> bool {
        self.asked().is_none() && self.disconnected_at.is_none()
    }

    /// What was posted under a client's own id.
    pub(crate) fn sent(&self, by: Sender, key: &str) -> Option<&Sent> {
        self.keys.find(by, key)
    }

    /// The call that rings or runs.
    pub(crate) fn call(&self) -> Option<Call> {
        self.call.as_deref().copied()
    }

    pub(crate) fn has(&self, agent: AgentId) -> bool {
        self.participants.iter().any(|other| other == agent)
    }
}

impl AgentState {
    pub(crate) fn is_signed_in(&self) -> bool {
        self.session.is_some()
    }

    /// Live interactions in one campaign, wrap-ups included.
    pub(crate) fn load_in(&self, campaign: CampaignId) -> u32 {
        let live = self
            .slots
            .iter()
            .filter(|slot| slot.campaign == campaign)
            .count();
        let after = self
            .wrap_ups
            .iter()
            .filter(|wrap_up| wrap_up.campaign == campaign)
            .count();
        (live + after) as u32
    }

    /// Live interactions in all campaigns, wrap-ups included.
    pub(crate) fn load(&self) -> u32 {
        (self.slots.len() + self.wrap_ups.len()) as u32
    }

    /// Live interactions on all channels.
    pub(crate) fn load_anywhere(&self) -> u32 {
        self.load().saturating_add(self.other_load)
    }

    pub(crate) fn is_auto_paused(&self) -> bool {
        self.slots.iter().any(|slot| slot.auto_pauses)
    }

    /// Chats the agent owns.
    pub(crate) fn owned(&self) -> impl Iterator<Item = ChatId> + '_ {
        self.slots
            .iter()
            .filter(|slot| slot.kind == SlotKind::Owner)
            .map(|slot| slot.chat)
    }
}

impl CampaignState {
    /// Admits newcomers as far as the waiting list is concerned.
    pub(crate) fn has_room(&self) -> bool {
        self.settings.max_chats.admits(self.waiting.len())
    }

    /// As many wait as ACD says, or more.
    pub(crate) fn over_acd(&self) -> bool {
        let limit = self.settings.acd.map(NonZeroU32::get);
        limit.is_some_and(|limit| self.waiting.len() >= limit)
    }

    /// Plans the next erasure of what is kept long enough for the midnight (UTC) after `at`, unless one is
    /// planned already.
    fn plan_retention(&mut self, at: Timestamp) {
        const DAY: i64 = 86_400_000;
        let midnight = (at.as_millis().div_euclid(DAY) + 1) * DAY;
        let planned = self
            .retention_at
            .unwrap_or(Timestamp::from_millis(midnight));
        self.retention_at = self.settings.retention_days.map(|_| planned);
    }

    /// Of the chats answered today, those in time.
    pub(crate) fn service_level(&self, now: Timestamp) -> Ratio {
        let Today {
            ends,
            answered,
            in_time,
        } = self.today;
        match self.settings.answer_within.is_some() && now < ends {
            true => Ratio {
                part: in_time,
                of: answered,
            },
            false => Ratio::default(),
        }
    }

    /// Today's service level is below its target; without an answered chat there is none.
    pub(crate) fn under_target(&self, now: Timestamp) -> bool {
        let Ratio { part, of } = self.service_level(now);
        part * 100 < u64::from(self.settings.target_percent) * of
    }
}

impl State {
    pub(crate) fn campaign(&self, id: CampaignId) -> Option<&CampaignState> {
        self.campaigns.get(id.index().checked_sub(1)?)?.as_ref()
    }

    fn campaign_mut(&mut self, id: CampaignId) -> Option<&mut CampaignState> {
        self.campaigns.get_mut(id.index().checked_sub(1)?)?.as_mut()
    }

    pub(crate) fn campaigns(&self) -> impl Iterator<Item = &CampaignState> {
        self.campaigns.iter().flatten()
    }

    pub(crate) fn next_campaign(&self) -> CampaignId {
        CampaignId(self.campaigns.len() as u32 + 1)
    }

    pub(crate) fn agent(&self, id: AgentId) -> Option<&AgentState> {
        self.agents.get(id.index().checked_sub(1)?)?.as_ref()
    }

    fn agent_mut(&mut self, id: AgentId) -> Option<&mut AgentState> {
        self.agents.get_mut(id.index().checked_sub(1)?)?.as_mut()
    }

    pub(crate) fn agents(&self) -> impl Iterator<Item = &AgentState> {
        self.agents.iter().flatten()
    }

    pub(crate) fn next_agent(&self) -> AgentId {
        AgentId(self.agents.len() as u32 + 1)
    }

    pub(crate) fn chat(&self, id: ChatId) -> Option<&Chat> {
        self.chats.get(id)
    }

    pub(crate) fn chats(&self) -> impl Iterator<Item = &Chat> {
        self.chats.iter()
    }

    /// Live chats of the tenant.
    pub(crate) fn live_chats(&self) -> usize {
        self.chats.len()
    }

    /// What is due next.
    pub(crate) fn first_timer(&self) -> Option<Timer> {
        let chat_in = |slot| self.chats.in_slot(slot).map(|chat| chat.id);
        self.index.timers.first(chat_in)
    }

    /// The handle the next admitted chat gets.
    pub(crate) fn next_chat(&self) -> ChatId {
        self.chats.next()
    }

    pub(crate) fn chat_of(&self, visitor: VisitorKey, campaign: CampaignId) -> Option<ChatId> {
        let visitor_of = |slot| self.chats.in_slot(slot).map(|chat| chat.visitor);
        let slot = self.index.doors.find(visitor, campaign, visitor_of)?;
        self.chats.in_slot(slot).map(|chat| chat.id)
    }

    pub(crate) fn ended(&self, chat: ChatId) -> Option<&EndedChat> {
        let ended = |number| self.ended_at(number);
        self.ended_at(self.index.ended.of_chat(chat, ended)?)
    }

    pub(crate) fn ended_of(&self, visitor: VisitorKey, campaign: CampaignId) -> Option<&EndedChat> {
        let ended = |number| self.ended_at(number);
        self.ended_at(self.index.ended.of_visitor(visitor, campaign, ended)?)
    }

    /// The chat is or was there, as far as its handle tells.
    pub(crate) fn ever_had(&self, chat: ChatId) -> bool {
        self.chats.ever_had(chat)
    }

    fn ended_at(&self, number: u64) -> Option<&EndedChat> {
        self.ended
            .get(usize::try_from(number.checked_sub(self.ended_before)?).ok()?)
    }

    /// The supervisors who watch a chat.
    pub(crate) fn watchers(&self, chat: ChatId) -> impl Iterator<Item = AgentId> + '_ {
        let all = (chat, AgentId(0))..=(chat, AgentId(u32::MAX));
        self.watches.range(all).map(|(_, agent)| *agent)
    }

    /// The chats a supervisor watches.
    pub(crate) fn watched_by(&self, agent: AgentId) -> impl Iterator<Item = ChatId> + '_ {
        let by = move |watch: &&(ChatId, AgentId)| watch.1 == agent;
        self.watches.iter().filter(by).map(|(chat, _)| *chat)
    }

    /// The place of `agent` among the members of `campaign`.
    pub(crate) fn seat(&self, campaign: CampaignId, agent: AgentId) -> Option<u32> {
        let seats = &self.agent(agent)?.seats;
        seats
            .iter()
            .find(|(seat, _)| *seat == campaign)
            .map(|(_, place)| *place)
    }

    pub(crate) fn member(&self, campaign: CampaignId, agent: AgentId) -> Option<&MemberState> {
        let place = self.seat(campaign, agent)?;
        self.campaign(campaign)?.members.get(place as usize)
    }

    /// Slots used and allowed, if the agent is at one of the caps.
    pub(crate) fn at_cap(
        &self,
        campaign: &CampaignState,
        agent: &AgentState,
    ) -> Option<(u32, u32)> {
        let reached = |used: u32, cap: Option<NonZeroU32>| {
            cap.map(NonZeroU32::get)
                .filter(|cap| used >= *cap)
                .map(|cap| (used, cap))
        };
        reached(agent.load_in(campaign.id), campaign.settings.agent_cap)
            .or_else(|| reached(agent.load(), self.tenant.agent_cap))
    }

    /// Why chats of the campaign cannot be given to the agent now, whatever the chat;
    /// `None` when they can. For pull modes: why the agent may not take one.
    ///
    /// Source: domain.md §5, first table.
    pub(crate) fn why_not(&self, campaign: &CampaignState, agent: &AgentState) -> Option<WhyNot> {
        if self.seat(campaign.id, agent.id).is_none() {
            return Some(WhyNot::NotMember);
        }
        if !agent.is_signed_in() {
            return Some(WhyNot::NotSignedIn);
        }
        if agent.lost_until.is_some() {
            return Some(WhyNot::Lost);
        }
        if self.tenant.voice_membership_required && !agent.profile.voice {
            return Some(WhyNot::NoVoiceCampaign);
        }
        if agent.paused.is_some() {
            return Some(WhyNot::Paused);
        }
        let mode = campaign.settings.strategy.mode;
        let obeys_auto_pause = matches!(mode, Mode::InCall | Mode::NoCall | Mode::Interaction);
        if obeys_auto_pause && agent.is_auto_paused() {
            return Some(WhyNot::AutoPaused);
        }
        if mode == Mode::InCall && agent.on_call {
            return Some(WhyNot::OnCall);
        }
        let must_be_idle = match mode {
            Mode::InCall | Mode::Interaction => agent.load_anywhere() > 0,
            Mode::RingAll => agent.load_in(campaign.id) > 0,
            Mode::NoCall | Mode::NoPause | Mode::Omni | Mode::RingAllMultiple => false,
        };
        if must_be_idle {
            return Some(WhyNot::Busy);
        }
        self.at_cap(campaign, agent).map(|_| WhyNot::AtCapacity)
    }
}
