//! A slow and plain picture of one tenant, folded from its events alone.
//!
//! It knows nothing of how the engine keeps its state. Folding also says when an event cannot follow
//! those before it, such as a second owner or a gap in the numbers of the messages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use webchat_core::call::Call;
use webchat_core::campaign::{Campaign, Mode};
use webchat_core::canned::CannedResponse;
use webchat_core::command::{AgentProfile, Destination, Member, Seen, TenantSettings};
use webchat_core::event::{
    Alarm, Assignment, Author, CloseReason, Event, Message, OfferEnd, Recorded, VisitorFacts,
};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::limits::FEEDBACK_SECONDS;
use webchat_core::mail::{Mail, MailId};
use webchat_core::metrics::Counters;
use webchat_core::offline::OfflineMessage;
use webchat_core::quality::{ModelId, QualityModel};
use webchat_core::time::{Seconds, Timestamp};
use webchat_core::wording::Language;

use crate::violation::{Verdict, Violation, expect};

/// Offline messages are recognised and counted for so many milliseconds.
const HOUR: i64 = 3_600_000;

/// One tenant, as its events tell.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// Time of the last event.
    pub last: Timestamp,
    /// What holds for all campaigns.
    pub tenant: TenantSettings,
    /// The campaigns there are.
    pub campaigns: BTreeMap<CampaignId, CampaignPicture>,
    /// The agents there are.
    pub agents: BTreeMap<AgentId, AgentPicture>,
    /// The live chats.
    pub chats: BTreeMap<ChatId, ChatPicture>,
    /// Those that ended within a day before the last that did, by handle.
    pub ended: BTreeMap<ChatId, EndedPicture>,
    /// Mail not yet settled, and where each stands.
    pub owed: BTreeMap<MailId, DebtPicture>,
    /// Mails that came to be owed so far.
    pub mails: u64,
    /// Offline messages of the last hour when the latest came, oldest first.
    pub recent: Vec<Arc<OfflineMessage>>,
    /// Canned responses shared by all campaigns.
    pub canned: Vec<CannedResponse>,
    /// Quality models added so far.
    pub models: Vec<Arc<QualityModel>>,
    /// Evaluations given: the chat, whose part, the model, by whom.
    pub evaluated: BTreeSet<(ChatId, AgentId, ModelId, AgentId)>,
    /// Who watches which chat.
    pub watches: BTreeSet<(ChatId, AgentId)>,
    /// Admissions so far.
    pub admitted: u64,
    /// How often each slot of a handle was used.
    slots: BTreeMap<u32, u32>,
    /// Campaigns created so far.
    pub campaigns_created: u32,
    /// Agents created so far.
    pub agents_created: u32,
}

/// A campaign.
#[derive(Clone, Debug)]
pub struct CampaignPicture {
    /// Its settings.
    pub settings: Campaign,
    /// Open by its schedule.
    pub open: bool,
    /// When that changes.
    pub next_change: Option<Timestamp>,
    /// Everyone who waits is being told and closed, since when and why.
    pub closing: Option<(Timestamp, CloseReason)>,
    /// In member order.
    pub members: Vec<MemberPicture>,
    /// The member who accepted last, or the nearest one before who is still a member.
    pub cursor: Option<AgentId>,
    /// The counts of answered chats hold until then.
    pub day_ends: Timestamp,
    /// Counted here, not by the engine.
    pub counters: Counters,
    /// No member has been signed in since then.
    pub empty_since: Option<Timestamp>,
    /// What the alarm on the service level looks at.
    pub today: TodayPicture,
    /// The alarm on the service level stands until then.
    pub service_level_alarm: Option<Timestamp>,
    /// Its canned responses.
    pub canned: Vec<CannedResponse>,
    /// The alarm on the number waiting stands.
    pub acd_alarm: bool,
    /// When old recordings are next erased.
    pub retention_at: Option<Timestamp>,
}

/// First answers since the campaign's local midnight, while the service level had a limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct TodayPicture {
    /// The counts hold until then.
    pub ends: Timestamp,
    /// All of them.
    pub answered: u64,
    /// Those in time.
    pub in_time: u64,
}

/// An agent's place in a campaign.
#[derive(Clone, Debug)]
pub struct MemberPicture {
    /// As set.
    pub member: Member,
    /// When the agent last received or finished a chat here.
    pub last_served: Option<Timestamp>,
    /// Answered here until `day_ends`.
    pub answered: u32,
}

/// An agent.
#[derive(Clone, Debug)]
pub struct AgentPicture {
    /// Who.
    pub profile: AgentProfile,
    /// The session that speaks for the agent.
    pub session: Option<u64>,
    /// The connection is lost; chats are held until then.
    pub lost_until: Option<Timestamp>,
    /// Why paused.
    pub paused: Option<Arc<str>>,
    /// On a call.
    pub on_call: bool,
    /// Live interactions elsewhere.
    pub other_load: u32,
    /// Offers lapsed in a row.
    pub lapses: u32,
    /// Slots kept after a close: which chat, of which campaign, until when.
    pub wrap_ups: Vec<(ChatId, CampaignId, Timestamp)>,
}

/// A live chat.
#[derive(Clone, Debug)]
pub struct ChatPicture {
    /// Order of admission.
    pub sequence: u64,
    /// Where.
    pub campaign: CampaignId,
    /// Where the visitor came to.
    pub came_to: CampaignId,
    /// Whose.
    pub visitor: VisitorKey,
    /// What is known of them.
    pub facts: Arc<VisitorFacts>,
    /// The language of its texts.
    pub language: Language,
    /// Higher goes first.
    pub priority: i8,
    /// What its agent must have.
    pub skills: Vec<Arc<str>>,
    /// First enqueue.
    pub first_enqueue: Timestamp,
    /// The first wait that counts for its campaign began here.
    pub counts_from: Timestamp,
    /// Time Out counts from here.
    pub wait_from: Timestamp,
    /// The owner first.
    pub agents: Vec<AgentId>,
    /// The agent asked to take it, and until when.
    pub offer: Option<(AgentId, Timestamp)>,
    /// Being handed over by its owner.
    pub transfer: Option<(Destination, Option<Timestamp>)>,
    /// Agents asked in this round of offers.
    pub asked: Vec<AgentId>,
    /// Since when the visitor is disconnected.
    pub lost_since: Option<Timestamp>,
    /// All of it.
    pub messages: Vec<Message>,
    /// Internal notes with a key: whose, the key, the text.
    pub notes: Vec<(AgentId, Arc<str>, Arc<str>)>,
    /// How far the visitor has got.
    pub seen_by_visitor: Seen,
    /// How far the agents have got.
    pub seen_by_agents: Seen,
    /// A human has accepted it.
    pub answered: bool,
    /// Waits again after service.
    pub returned: bool,
    /// Auto-pauses its owner.
    pub auto_pauses: bool,
    /// The call that rings or runs.
    pub call: Option<Call>,
    /// With agents of this campaign since then, without a break.
    pub served_since: Option<Timestamp>,
    /// The Time chat whose alarm stands for it.
    pub over_time: Option<Seconds>,
}

/// A chat that ended.
#[derive(Clone, Debug)]
pub struct EndedPicture {
    /// Where.
    pub campaign: CampaignId,
    /// Whose.
    pub visitor: VisitorKey,
    /// Why.
    pub reason: CloseReason,
    /// When.
    pub at: Timestamp,
    /// A human had accepted it.
    pub answered: bool,
    /// The visitor may score until then.
    pub feedback_until: Option<Timestamp>,
    /// The visitor has scored.
    pub feedback_given: bool,
}

/// A mail that is owed.
#[derive(Clone, Debug)]
pub struct DebtPicture {
    /// What is owed.
    pub mail: Mail,
    /// When it is due: to be sent, or its answer; `None` when it was given up.
    pub due: Option<Timestamp>,
    /// With the mailer.
    pub sending: bool,
    /// Attempts so far.
    pub attempts: u32,
}

impl CampaignPicture {
    /// The agent's place among the members.
    pub fn member(&self, agent: AgentId) -> Option<&MemberPicture> {
        self.members
            .iter()
            .find(|member| member.member.agent == agent)
    }

    fn serve(&mut self, at: Timestamp, agent: AgentId, answered: u32) {
        let mut members = self.members.iter_mut();
        if let Some(member) = members.find(|member| member.member.agent == agent) {
            member.last_served = Some(at);
            member.answered += answered;
        }
    }
}

impl ChatPicture {
    /// The agent who has it.
    pub fn owner(&self) -> Option<AgentId> {
        self.agents.first().copied()
    }

    /// Without an agent, asked for or not.
    pub fn is_waiting(&self) -> bool {
        self.agents.is_empty()
    }

    /// The campaign in whose queue it stands: its own while it waits, the destination of a transfer.
    pub fn queue(&self) -> Option<CampaignId> {
        match self.transfer {
            Some((Destination::Campaign(campaign), _)) => Some(campaign),
            _ => self.is_waiting().then_some(self.campaign),
        }
    }

    /// Stands in a queue, its visitor is there and nobody is being asked.
    pub fn is_dispatchable(&self) -> bool {
        self.queue().is_some() && self.offer.is_none() && self.lost_since.is_none()
    }

    /// Rank in a queue: the smallest goes first.
    pub fn place(&self) -> (std::cmp::Reverse<i8>, Timestamp, u64) {
        (
            std::cmp::Reverse(self.priority),
            self.first_enqueue,
            self.sequence,
        )
    }

    /// The message posted under a key by this sender.
    pub fn posted(&self, by: Sender, key: &str) -> Option<&Message> {
        self.messages.iter().find(|message| {
            Sender::of(&message.author) == Some(by) && message.key.as_deref() == Some(key)
        })
    }

    /// The internal note left under a key by this sender.
    pub fn noted(&self, by: Sender, key: &str) -> Option<&Arc<str>> {
        let mut notes = self.notes.iter();
        notes
            .find(|(agent, used, _)| Sender::Agent(*agent) == by && **used == *key)
            .map(|(_, _, text)| text)
    }
}

/// Whose own id the key of a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The visitor's.
    Visitor,
    /// An agent's.
    Agent(AgentId),
    /// A program's, whatever its name.
    Program,
}

impl Sender {
    /// `None` for the engine's own messages.
    pub fn of(author: &Author) -> Option<Self> {
        match author {
            Author::Visitor => Some(Self::Visitor),
            Author::Agent { agent, .. } => Some(Self::Agent(*agent)),
            Author::Bot { .. } => Some(Self::Program),
            Author::System { .. } => None,
        }
    }
}

impl Picture {
    /// The live chat a visitor of a campaign has: one that came to it, is in it or is being transferred to it.
    pub fn chat_of(&self, visitor: VisitorKey, campaign: CampaignId) -> Option<ChatId> {
        let mut chats = self.chats.iter();
        chats
            .find(|(_, chat)| {
                let doors = [Some(chat.came_to), Some(chat.campaign), chat.queue()];
                let here = doors.contains(&Some(campaign));
                chat.visitor == visitor && here
            })
            .map(|(id, _)| *id)
    }

    /// There is or was a chat of this handle.
    pub fn ever_had(&self, chat: ChatId) -> bool {
        let (slot, used) = parts(chat);
        let latest = self.slots.get(&slot);
        latest.is_some_and(|latest| (1..=*latest).contains(&used))
    }

    /// The chats in a campaign's queue, the next one first.
    pub fn queue(&self, campaign: CampaignId) -> Vec<ChatId> {
        let mut queue: Vec<_> = self
            .chats
            .iter()
            .filter(|(_, chat)| chat.queue() == Some(campaign))
            .map(|(id, chat)| (chat.place(), *id))
            .collect();
        queue.sort();
        queue.into_iter().map(|(_, id)| id).collect()
    }

    /// How many stand in a campaign's queue.
    pub fn count_queue(&self, campaign: CampaignId) -> u32 {
        let mut queues = 0;
        for chat in self.chats.values() {
            queues += u32::from(chat.queue() == Some(campaign));
        }
        queues
    }

    /// Slots of an agent in a campaign: chats taken part in, offers, incoming transfers, wrap-ups.
    pub fn load_in(&self, agent: AgentId, campaign: CampaignId) -> u32 {
        self.load_where(agent, |of| of == campaign)
    }

    /// Slots of an agent in all campaigns.
    pub fn load(&self, agent: AgentId) -> u32 {
        self.load_where(agent, |_| true)
    }

    fn load_where(&self, agent: AgentId, counts: impl Fn(CampaignId) -> bool) -> u32 {
        let mut load = 0;
        for chat in self.chats.values() {
            if chat.agents.contains(&agent) && counts(chat.campaign) {
                load += 1;
            }
            let asked_for = chat.queue().unwrap_or(chat.campaign);
            if chat.offer.is_some_and(|(asked, _)| asked == agent) && counts(asked_for) {
                load += 1;
            }
            let incoming = Destination::Agent(agent);
            if chat.transfer.is_some_and(|(to, _)| to == incoming) && counts(chat.campaign) {
                load += 1;
            }
        }
        let wrap_ups = self
            .agents
            .get(&agent)
            .map_or(&[][..], |agent| &agent.wrap_ups);
        load + wrap_ups.iter().filter(|(_, of, _)| counts(*of)).count() as u32
    }

    /// An `incall` chat of the agent's is live.
    pub fn is_auto_paused(&self, agent: AgentId) -> bool {
        let mut chats = self.chats.values();
        chats.any(|chat| chat.auto_pauses && chat.owner() == Some(agent))
    }

    /// Folds one event.
    ///
    /// # Errors
    /// When the event cannot follow those before it.
    pub fn fold(&mut self, recorded: &Recorded) -> Verdict {
        let at = recorded.at;
        expect(at >= self.last, "time never goes back", || {
            format!("{at} after {}", self.last)
        })?;
        self.last = at;
        match &recorded.event {
            Event::TenantSet { settings } => self.tenant = settings.clone(),
            Event::CampaignCreated {
                campaign,
                settings,
                open,
                next_change,
            } => {
                self.campaigns_created += 1;
                expect(
                    campaign.0 == self.campaigns_created,
                    "campaigns are numbered",
                    || format!("campaign {campaign} after {}", self.campaigns_created - 1),
                )?;
                self.campaigns.insert(
                    *campaign,
                    CampaignPicture {
                        settings: (**settings).clone(),
                        open: *open,
                        next_change: *next_change,
                        closing: None,
                        members: Vec::new(),
                        cursor: None,
                        day_ends: Timestamp::MIN,
                        counters: Counters::default(),
                        empty_since: Some(at),
                        today: TodayPicture::default(),
                        retention_at: settings.retention_days.map(|_| midnight(at)),
                        service_level_alarm: None,
                        canned: Vec::new(),
                        acd_alarm: false,
                    },
                );
            }
            Event::CampaignChanged {
                campaign,
                settings,
                open,
                next_change,
                closing,
            } => {
                let campaign = self.campaign_mut(*campaign)?;
                campaign.settings = (**settings).clone();
                let planned = campaign.retention_at.unwrap_or(midnight(at));
                campaign.retention_at = settings.retention_days.map(|_| planned);
                campaign.open = *open;
                campaign.next_change = *next_change;
                campaign.closing = closing.map(|why| (at, why));
                self.end_closings();
            }
            Event::CampaignDeleted { campaign } => {
                let mut chats = self.chats.values();
                let live = chats.any(|chat| chat.campaign == *campaign);
                expect(!live, "a campaign with live chats stays", || {
                    format!("campaign {campaign} was deleted")
                })?;
                self.campaigns.remove(campaign);
            }
            Event::CampaignOpened {
                campaign,
                due,
                next_change,
            } => self.change_opening(*campaign, true, *due, *next_change, None)?,
            Event::CampaignWentOutOfTime {
                campaign,
                due,
                next_change,
                closes_waiting,
            } => {
                let closing = closes_waiting.then_some((*due, CloseReason::OutOfTime));
                self.change_opening(*campaign, false, *due, *next_change, closing)?;
            }
            Event::MembersSet {
                campaign, members, ..
            } => self.set_members(*campaign, members)?,
            Event::AgentCreated { agent, profile } => {
                self.agents_created += 1;
                expect(
                    agent.0 == self.agents_created,
                    "agents are numbered",
                    || format!("agent {agent} after {}", self.agents_created - 1),
                )?;
                self.agents.insert(
                    *agent,
                    AgentPicture {
                        profile: profile.clone(),
                        session: None,
                        lost_until: None,
                        paused: None,
                        on_call: false,
                        other_load: 0,
                        lapses: 0,
                        wrap_ups: Vec::new(),
                    },
                );
            }
            Event::AgentChanged { agent, profile } => {
                self.agent_mut(*agent)?.profile = profile.clone();
            }
            Event::AgentDeleted { agent } => {
                self.watches.retain(|(_, watcher)| watcher != agent);
                self.delete_agent(*agent)?;
            }
            Event::AgentSignedIn { agent, session } => {
                self.watches.retain(|(_, watcher)| watcher != agent);
                let agent = self.agent_mut(*agent)?;
                agent.session = Some(*session);
                agent.lost_until = None;
                agent.lapses = 0;
            }
            Event::AgentSignedOut { agent, .. } => {
                self.watches.retain(|(_, watcher)| watcher != agent);
                self.sign_out(*agent)?;
            }
            Event::AgentLost { agent, until } => {
                self.watches.retain(|(_, watcher)| watcher != agent);
                let state = self.agent_mut(*agent)?;
                let ready = state.session.is_some() && state.lost_until.is_none();
                state.lost_until = Some(*until);
                expect(ready, "only a connected agent is lost", || {
                    format!("agent {agent} was lost")
                })?;
            }
            Event::AgentBack { agent } => self.agent_mut(*agent)?.lost_until = None,
            Event::AgentPaused { agent, reason, .. } => {
                self.agent_mut(*agent)?.paused = Some(reason.clone());
            }
            Event::AgentResumed { agent } => {
                let agent = self.agent_mut(*agent)?;
                agent.paused = None;
                agent.lapses = 0;
            }
            Event::AgentOnCall { agent, on } => self.agent_mut(*agent)?.on_call = *on,
            Event::AgentOtherLoad {
                agent,
                interactions,
            } => self.agent_mut(*agent)?.other_load = *interactions,
            Event::ChatRefused {
                campaign, reason, ..
            } => {
                let counters = &mut self.campaign_mut(*campaign)?.counters;
                *counters.refused.entry(*reason).or_default() += 1;
            }
            Event::ChatQueued {
                chat,
                sequence,
                campaign,
                visitor,
                facts,
                language,
                priority,
                skills,
                ..
            } => {
                self.admitted += 1;
                expect(
                    *sequence == self.admitted,
                    "admissions are numbered",
                    || format!("{sequence} after {}", self.admitted - 1),
                )?;
                expect(
                    self.chat_of(*visitor, *campaign).is_none(),
                    "one live chat per visitor and campaign",
                    || format!("chat {chat} is a second one"),
                )?;
                self.check_handle(*chat)?;
                let counters = &mut self.campaign_mut(*campaign)?.counters;
                counters.offered += 1;
                counters.waiting += 1;
                self.chats.insert(
                    *chat,
                    ChatPicture {
                        sequence: *sequence,
                        campaign: *campaign,
                        came_to: *campaign,
                        visitor: *visitor,
                        facts: facts.clone(),
                        language: *language,
                        priority: *priority,
                        skills: skills.clone(),
                        first_enqueue: at,
                        counts_from: at,
                        wait_from: at,
                        agents: Vec::new(),
                        offer: None,
                        transfer: None,
                        asked: Vec::new(),
                        lost_since: None,
                        messages: Vec::new(),
                        notes: Vec::new(),
                        seen_by_visitor: Seen::default(),
                        seen_by_agents: Seen::default(),
                        answered: false,
                        returned: false,
                        auto_pauses: false,
                        call: None,
                        served_since: None,
                        over_time: None,
                    },
                );
            }
            Event::ChatOffered {
                chat,
                agent,
                lapses_at,
                new_round,
                ..
            } => {
                let state = self.chat_mut(*chat)?;
                let free = state.offer.is_none() && state.queue().is_some();
                if *new_round {
                    state.asked.clear();
                }
                state.asked.push(*agent);
                state.offer = Some((*agent, *lapses_at));
                expect(free, "an offer is out to one agent at most", || {
                    format!("chat {chat} was offered to {agent} while not to be had")
                })?;
            }
            Event::OfferEnded {
                chat, agent, why, ..
            } => {
                let state = self.chat_mut(*chat)?;
                let was = state.offer.take();
                expect(
                    was.is_some_and(|(asked, _)| asked == *agent),
                    "an offer ends once",
                    || format!("chat {chat} was not offered to {agent}"),
                )?;
                self.count_lapse(*agent, *why);
            }
            Event::ChatAssigned {
                chat,
                campaign,
                agent,
                how,
                day_ends,
                ..
            } => self.assign(at, *chat, *campaign, *agent, *how, *day_ends)?,
            Event::ChatReturned { chat, .. } => {
                let state = self.chat_mut(*chat)?;
                let was_active = !state.is_waiting();
                state.agents.clear();
                state.offer = None;
                state.transfer = None;
                state.asked.clear();
                state.wait_from = at;
                state.returned = true;
                state.auto_pauses = false;
                state.served_since = None;
                state.over_time = None;
                expect(was_active, "only a chat with an agent returns", || {
                    format!("chat {chat} was waiting")
                })?;
            }
            Event::ChatMoved { chat, from, to, .. } => {
                let state = self.chat_mut(*chat)?;
                let ready = state.is_waiting() && state.offer.is_none() && state.campaign == *from;
                let first = !state.answered;
                state.campaign = *to;
                state.counts_from = at;
                state.wait_from = at;
                state.asked.clear();
                if first {
                    let from = &mut self.campaign_mut(*from)?.counters;
                    from.waiting -= 1;
                    from.flowed_out += 1;
                    let to = &mut self.campaign_mut(*to)?.counters;
                    to.offered += 1;
                    to.waiting += 1;
                }
                self.end_closings();
                expect(ready, "only a chat that waits is moved", || {
                    format!("chat {chat}")
                })?;
            }
            Event::TransferStarted {
                chat,
                to,
                lapses_at,
            } => {
                let state = self.chat_mut(*chat)?;
                let free = !state.is_waiting() && state.transfer.is_none();
                state.transfer = Some((*to, *lapses_at));
                state.asked.clear();
                expect(free, "one transfer at a time", || {
                    format!("chat {chat} is not to be transferred")
                })?;
            }
            Event::TransferEnded { chat, why, .. } => {
                let state = self.chat_mut(*chat)?;
                let transfer = state.transfer.take();
                let offer = state.offer.take();
                let asked = match transfer {
                    Some((Destination::Agent(agent), _)) => Some(agent),
                    _ => offer.map(|(agent, _)| agent),
                };
                expect(transfer.is_some(), "a transfer ends once", || {
                    format!("chat {chat} was not being transferred")
                })?;
                if let Some(agent) = asked {
                    self.count_lapse(agent, *why);
                }
                self.end_closings();
            }
            Event::ParticipantJoined { chat, agent } => {
                let state = self.chat_mut(*chat)?;
                let new = !state.is_waiting() && !state.agents.contains(agent);
                state.agents.push(*agent);
                expect(new, "an agent joins a chat once", || {
                    format!("agent {agent} joined chat {chat}")
                })?;
            }
            Event::ParticipantLeft { chat, agent, owner } => {
                let state = self.chat_mut(*chat)?;
                let was_in = state.agents.contains(agent);
                state.agents.retain(|other| other != agent);
                let next = state.owner();
                expect(
                    was_in && next == Some(*owner),
                    "the longest present takes over",
                    || format!("agent {agent} left chat {chat}, {owner} owns it, not {next:?}"),
                )?;
            }
            Event::VisitorLost { chat } => {
                let before = self.chat_mut(*chat)?.lost_since.replace(at);
                expect(before.is_none(), "a visitor is lost once", || {
                    format!("chat {chat} was disconnected already")
                })?;
            }
            Event::VisitorBack { chat } => {
                let before = self.chat_mut(*chat)?.lost_since.take();
                expect(before.is_some(), "only a lost visitor comes back", || {
                    format!("chat {chat} was connected")
                })?;
            }
            Event::MessagePosted { chat, message } => self.post(*chat, message)?,
            Event::MessagesSeen {
                chat,
                by_visitor,
                seen,
            } => {
                let chat = self.chat_mut(*chat)?;
                let last = chat.messages.len() as u32;
                let side = if *by_visitor {
                    &mut chat.seen_by_visitor
                } else {
                    &mut chat.seen_by_agents
                };
                let before = std::mem::replace(side, *seen);
                let grows = seen.read >= before.read && seen.delivered >= before.delivered;
                let fits = seen.read <= seen.delivered && seen.delivered <= last;
                expect(grows && fits, "seen marks move forward", || {
                    format!("{before:?} became {seen:?} of {last}")
                })?;
            }
            Event::NoteAdded {
                chat,
                agent,
                key,
                text,
            } => {
                let chat = self.chat_mut(*chat)?;
                if let Some(key) = key {
                    chat.notes.push((*agent, key.clone(), text.clone()));
                }
            }
            Event::Whispered { chat, .. } => {
                self.chat_mut(*chat)?;
            }
            Event::WatchStarted { chat, agent } => {
                self.chat_mut(*chat)?;
                let here = self.agent_mut(*agent)?.session.is_some();
                let first = self.watches.insert((*chat, *agent));
                expect(
                    here && first,
                    "who is signed in watches a chat once",
                    || format!("agent {agent}, chat {chat}"),
                )?;
            }
            Event::WatchEnded { chat, agent } => {
                let watched = self.watches.remove(&(*chat, *agent));
                expect(watched, "a watch ends once", || {
                    format!("agent {agent}, chat {chat}")
                })?;
            }
            Event::ChatClosed {
                chat,
                reason,
                feedback_until,
                wrap_up_until,
                ..
            } => self.close(at, *chat, *reason, *feedback_until, *wrap_up_until)?,
            Event::WrapUpEnded { agent, chat, .. } => {
                let state = self.agent_mut(*agent)?;
                let before = state.wrap_ups.len();
                state.wrap_ups.retain(|(of, _, _)| of != chat);
                let gone = before - state.wrap_ups.len();
                expect(gone == 1, "a slot is freed once", || {
                    format!("agent {agent} had {gone} wrap-ups after chat {chat}")
                })?;
            }
            Event::CannedSet {
                campaign,
                responses,
            } => match campaign {
                Some(campaign) => self.campaign_mut(*campaign)?.canned = responses.clone(),
                None => self.canned = responses.clone(),
            },
            Event::QualityModelAdded { model, questions } => {
                self.models.push(questions.clone());
                expect(
                    model.0 as usize == self.models.len(),
                    "quality models are numbered",
                    || format!("model {model:?} after {}", self.models.len() - 1),
                )?;
            }
            Event::ChatEvaluated { evaluation, .. } => {
                let part = (
                    evaluation.chat,
                    evaluation.agent,
                    evaluation.model,
                    evaluation.evaluator,
                );
                let known = (1..=self.models.len()).contains(&(evaluation.model.0 as usize));
                let first = self.evaluated.insert(part);
                expect(known && first, "a part of a chat is evaluated once", || {
                    format!("{evaluation:?}")
                })?;
            }
            Event::AlarmRaised {
                campaign,
                alarm,
                limit,
                ..
            } => self.change_alarm(*campaign, *alarm, Seconds::new(*limit))?,
            Event::AlarmCleared { campaign, alarm } => {
                self.change_alarm(*campaign, *alarm, None)?
            }
            Event::RecordingsErased { chats, visitor, .. } => {
                let live = |(id, chat): (&ChatId, &ChatPicture)| {
                    chats.contains(id) || Some(chat.visitor) == *visitor
                };
                let nothing_live = !self.chats.iter().any(live);
                for chat in chats {
                    if let Some(ended) = self.ended.get_mut(chat) {
                        ended.feedback_until = None;
                    }
                }
                if let Some(visitor) = visitor {
                    self.recent.retain(|message| message.visitor != *visitor);
                    self.owed.retain(|_, debt| match &debt.mail {
                        Mail::Offline(message) => message.visitor != *visitor,
                    });
                }
                expect(nothing_live, "no live chat is erased", || {
                    format!("{chats:?} of {visitor:?}")
                })?;
            }
            Event::RecordingsExpired {
                campaign,
                before,
                due,
            } => {
                let state = self.campaign_mut(*campaign)?;
                let planned = state.retention_at.replace(midnight(at));
                let days = state
                    .settings
                    .retention_days
                    .map(|days| i64::from(days.get()));
                let kept = at.as_millis() - before.as_millis();
                let fits = planned == Some(*due) && *due <= at;
                expect(
                    fits && days.map(|days| days * 86_400_000) == Some(kept),
                    "recordings are erased when they have been kept long enough",
                    || {
                        format!(
                            "campaign {campaign} at {at}: before {before}, due {due}, planned {planned:?}, {days:?} days"
                        )
                    },
                )?;
            }
            Event::CallAsked { chat, from, video } => {
                let call = Call {
                    from: *from,
                    video: *video,
                    asked_at: at,
                    accepted: None,
                };
                let before = self.chat_mut(*chat)?.call.replace(call);
                expect(before.is_none(), "one call per chat", || {
                    format!("chat {chat}")
                })?;
            }
            Event::CallAccepted { chat, by } => {
                let mut call = self.chat_mut(*chat)?.call.as_mut();
                let rings = call.as_ref().is_some_and(|call| call.rings_for(*by));
                if let Some(call) = &mut call {
                    call.accepted = Some((*by, at));
                }
                expect(rings, "only a call that rings is accepted", || {
                    format!("chat {chat}")
                })?;
            }
            Event::CallEnded { chat, .. } => {
                let before = self.chat_mut(*chat)?.call.take();
                expect(before.is_some(), "a call ends once", || {
                    format!("chat {chat}")
                })?;
            }
            Event::OfflineMessageLeft { message } => {
                self.recent.retain(|other| at.since(other.at) < HOUR);
                self.recent.push(message.clone());
                self.owe(Mail::Offline(message.clone()), Some(at))?;
            }
            Event::MailTried { message, answer_by } => {
                let debt = self.debt_mut(*message)?;
                let ready = !debt.sending && debt.due.is_some_and(|due| due <= at);
                debt.sending = true;
                debt.due = Some(*answer_by);
                debt.attempts += 1;
                expect(ready, "a mail is sent when it is due", || {
                    format!("mail {message} at {at}")
                })?;
            }
            Event::MailDelivered { message } => {
                self.debt_mut(*message)?;
                self.owed.remove(message);
            }
            Event::MailFailed {
                message, retry_at, ..
            } => {
                let debt = self.debt_mut(*message)?;
                let was_sent = std::mem::replace(&mut debt.sending, false);
                let gives_up = retry_at.is_none() && debt.due.is_some();
                debt.due = *retry_at;
                // A late answer may still say that it never will arrive.
                expect(
                    was_sent || gives_up,
                    "only a mail that was sent fails",
                    || format!("mail {message}"),
                )?;
            }
            Event::MailRevived { message } => {
                let debt = self.debt_mut(*message)?;
                let at_rest = !debt.sending;
                debt.due = Some(at);
                debt.attempts = 0;
                expect(at_rest, "a mail on its way is not sent twice", || {
                    format!("mail {message}")
                })?;
            }
            Event::FeedbackGiven { chat, .. } => {
                let ended = self.ended.get_mut(chat);
                let first =
                    ended.is_some_and(|ended| !std::mem::replace(&mut ended.feedback_given, true));
                expect(first, "feedback is given once", || format!("chat {chat}"))?;
            }
        }
        self.note_empty_campaigns(at);
        Ok(())
    }

    fn note_empty_campaigns(&mut self, at: Timestamp) {
        for campaign in self.campaigns.values_mut() {
            let is_in = |member: &MemberPicture| {
                let agent = self.agents.get(&member.member.agent);
                agent.is_some_and(|agent| agent.session.is_some())
            };
            match campaign.members.iter().any(is_in) {
                true => campaign.empty_since = None,
                false => campaign.empty_since = campaign.empty_since.or(Some(at)),
            }
        }
    }

    /// `limit` is that of an alarm that is raised, `None` clears it.
    fn change_alarm(&mut self, id: CampaignId, alarm: Alarm, limit: Option<Seconds>) -> Verdict {
        let raised = limit.is_some();
        let campaign = self.campaign_mut(id)?;
        let stood = match alarm {
            Alarm::ServiceLevel => {
                let until = raised.then_some(campaign.today.ends);
                std::mem::replace(&mut campaign.service_level_alarm, until).is_some()
            }
            Alarm::Acd => std::mem::replace(&mut campaign.acd_alarm, raised),
            Alarm::TimeChat(chat) => {
                let chat = self.chat_mut(chat)?;
                std::mem::replace(&mut chat.over_time, limit).is_some()
            }
        };
        expect(
            stood != raised,
            "an alarm is raised and cleared in turn",
            || format!("{alarm:?} of campaign {id} raised {raised}"),
        )
    }

    fn campaign_mut(&mut self, id: CampaignId) -> Result<&mut CampaignPicture, Violation> {
        self.campaigns
            .get_mut(&id)
            .ok_or_else(|| unknown(format!("campaign {id}")))
    }

    fn agent_mut(&mut self, id: AgentId) -> Result<&mut AgentPicture, Violation> {
        self.agents
            .get_mut(&id)
            .ok_or_else(|| unknown(format!("agent {id}")))
    }

    fn chat_mut(&mut self, id: ChatId) -> Result<&mut ChatPicture, Violation> {
        self.chats
            .get_mut(&id)
            .ok_or_else(|| unknown(format!("chat {id}")))
    }

    fn owe(&mut self, mail: Mail, due: Option<Timestamp>) -> Verdict {
        self.mails += 1;
        let id = mail.id();
        let debt = DebtPicture {
            mail,
            due,
            sending: false,
            attempts: 0,
        };
        self.owed.insert(id, debt);
        expect(id.0 == self.mails, "mails are numbered", || {
            format!("{id} after {}", self.mails - 1)
        })
    }

    fn debt_mut(&mut self, id: MailId) -> Result<&mut DebtPicture, Violation> {
        self.owed
            .get_mut(&id)
            .ok_or_else(|| unknown(format!("mail {id}")))
    }

    fn change_opening(
        &mut self,
        id: CampaignId,
        opens: bool,
        due: Timestamp,
        next_change: Option<Timestamp>,
        closing: Option<(Timestamp, CloseReason)>,
    ) -> Verdict {
        let campaign = self.campaign_mut(id)?;
        let was = (campaign.open, campaign.next_change);
        campaign.open = opens;
        campaign.next_change = next_change;
        campaign.closing = closing;
        self.end_closings();
        expect(
            was == (!opens, Some(due)),
            "a campaign opens and closes in turn and on time",
            || format!("campaign {id} had open, next change {was:?}, changes due {due}"),
        )
    }

    fn set_members(&mut self, id: CampaignId, members: &[Member]) -> Verdict {
        let campaign = self.campaign_mut(id)?;
        let before = std::mem::take(&mut campaign.members);
        campaign.members = members
            .iter()
            .map(|member| {
                let same = |old: &&MemberPicture| old.member.agent == member.agent;
                let known = before.iter().find(same);
                MemberPicture {
                    member: member.clone(),
                    last_served: known.and_then(|known| known.last_served),
                    answered: known.map_or(0, |known| known.answered),
                }
            })
            .collect();
        // The round goes on where it was: after the cursor, or after the nearest one before it who stays.
        let mut cursor = campaign.cursor;
        while let Some(agent) = cursor
            && campaign.member(agent).is_none()
        {
            let place = before
                .iter()
                .position(|member| member.member.agent == agent);
            cursor = place
                .and_then(|place| place.checked_sub(1))
                .map(|place| before[place].member.agent);
        }
        campaign.cursor = cursor;
        Ok(())
    }

    fn delete_agent(&mut self, id: AgentId) -> Verdict {
        self.sign_out(id)?;
        let campaigns: Vec<CampaignId> = self.campaigns.keys().copied().collect();
        for campaign in campaigns {
            let members = &self.campaigns[&campaign].members;
            let rest: Vec<Member> = members
                .iter()
                .map(|member| member.member.clone())
                .filter(|member| member.agent != id)
                .collect();
            if rest.len() < members.len() {
                self.set_members(campaign, &rest)?;
            }
        }
        self.agents.remove(&id);
        Ok(())
    }

    fn sign_out(&mut self, id: AgentId) -> Verdict {
        let agent = self.agent_mut(id)?;
        agent.session = None;
        agent.lost_until = None;
        agent.paused = None;
        Ok(())
    }

    fn count_lapse(&mut self, agent: AgentId, why: OfferEnd) {
        if let Some(agent) = self.agents.get_mut(&agent) {
            match why {
                OfferEnd::Lapsed => agent.lapses += 1,
                OfferEnd::Refused => agent.lapses = 0,
                OfferEnd::Rescinded => {}
            }
        }
    }

    fn assign(
        &mut self,
        at: Timestamp,
        id: ChatId,
        to: CampaignId,
        agent: AgentId,
        how: Assignment,
        day_ends: Timestamp,
    ) -> Verdict {
        let mode = self.campaign_mut(to)?.settings.strategy.mode;
        let chat = self.chat_mut(id)?;
        let from = chat.campaign;
        let first = !std::mem::replace(&mut chat.answered, true);
        let waited = at.since(chat.counts_from);
        let before = chat.owner();
        chat.agents
            .retain(|other| Some(*other) != before && *other != agent);
        chat.agents.insert(0, agent);
        if chat.served_since.is_none() || from != to {
            chat.served_since = Some(at);
            chat.over_time = None;
        }
        chat.campaign = to;
        chat.offer = None;
        chat.transfer = None;
        chat.asked.clear();
        chat.returned = false;
        chat.auto_pauses = mode == Mode::InCall;
        if first {
            let campaign = self.campaign_mut(from)?;
            campaign.counters.waiting -= 1;
            campaign.counters.answered += 1;
            if let Some(limit) = campaign.settings.answer_within {
                let in_time = u64::from(waited <= limit.as_millis());
                campaign.counters.answered_in_time += in_time;
                if at >= campaign.today.ends {
                    campaign.today = TodayPicture::default();
                }
                campaign.today.ends = day_ends;
                campaign.today.answered += 1;
                campaign.today.in_time += in_time;
                if campaign.service_level_alarm.is_some() {
                    campaign.service_level_alarm = Some(day_ends);
                }
            }
        }
        self.agent_mut(agent)?.lapses = 0;
        let campaign = self.campaign_mut(to)?;
        if at >= campaign.day_ends {
            for member in &mut campaign.members {
                member.answered = 0;
            }
        }
        // Counts belong to members; without the agent among them nothing tells the day.
        if campaign.member(agent).is_some() {
            campaign.day_ends = day_ends;
        }
        campaign.serve(at, agent, 1);
        let meant = matches!(how, Assignment::TakenOver | Assignment::Forced);
        if !meant && campaign.member(agent).is_some() {
            campaign.cursor = Some(agent);
        }
        self.end_closings();
        Ok(())
    }

    fn post(&mut self, id: ChatId, message: &Message) -> Verdict {
        let chat = self.chat_mut(id)?;
        let expected = chat.messages.len() as u32 + 1;
        expect(
            message.number == expected,
            "message numbers have no gaps",
            || {
                format!(
                    "message {} of chat {id}, expected {expected}",
                    message.number
                )
            },
        )?;
        if let (Some(by), Some(key)) = (Sender::of(&message.author), &message.key) {
            expect(
                chat.posted(by, key).is_none(),
                "a message is stored once",
                || format!("key {key} of chat {id}"),
            )?;
        }
        chat.messages.push(message.clone());
        Ok(())
    }

    fn close(
        &mut self,
        at: Timestamp,
        id: ChatId,
        reason: CloseReason,
        feedback_until: Option<Timestamp>,
        wrap_up_until: Option<Timestamp>,
    ) -> Verdict {
        self.watches.retain(|(watched, _)| *watched != id);
        let chat = self
            .chats
            .remove(&id)
            .ok_or_else(|| unknown(format!("chat {id}")))?;
        let campaign = self.campaign_mut(chat.campaign)?;
        if !chat.answered {
            let settings = &campaign.settings;
            let counters = &mut campaign.counters;
            let left = match reason {
                CloseReason::VisitorGone => chat.lost_since.unwrap_or(at),
                _ => at,
            };
            let waited = left.since(chat.counts_from);
            counters.waiting -= 1;
            match reason {
                CloseReason::VisitorLeft | CloseReason::VisitorGone => {
                    if settings
                        .dropout
                        .is_some_and(|limit| waited < limit.as_millis())
                    {
                        counters.short_abandoned += 1;
                    } else {
                        counters.abandoned += 1;
                        counters.abandoned_in_time += u64::from(
                            settings
                                .answer_within
                                .is_some_and(|limit| waited <= limit.as_millis()),
                        );
                    }
                }
                CloseReason::TimedOut => counters.timed_out += 1,
                _ => counters.closed += 1,
            }
        }
        if let Some(owner) = chat.owner() {
            campaign.serve(at, owner, 0);
            if let Some(until) = wrap_up_until {
                let owner = self.agent_mut(owner)?;
                owner.wrap_ups.push((id, chat.campaign, until));
            }
        }
        let day = FEEDBACK_SECONDS * 1_000;
        self.ended
            .retain(|_, ended| at.since(ended.at) <= i64::from(day));
        self.ended.insert(
            id,
            EndedPicture {
                campaign: chat.campaign,
                visitor: chat.visitor,
                reason,
                at,
                answered: chat.answered,
                feedback_until,
                feedback_given: false,
            },
        );
        self.end_closings();
        Ok(())
    }

    /// A handle is a slot and how often that was used before, so that no two chats have the same one.
    fn check_handle(&mut self, chat: ChatId) -> Verdict {
        let (slot, used) = parts(chat);
        let before = self.slots.insert(slot, used).unwrap_or_default();
        expect(used > before, "handles are never used again", || {
            format!("chat {chat} after {slot}-{before}")
        })
    }

    /// Closing is over when nobody waits any more.
    fn end_closings(&mut self) {
        let queues: Vec<CampaignId> = self.chats.values().filter_map(ChatPicture::queue).collect();
        for (id, campaign) in &mut self.campaigns {
            if !queues.contains(id) {
                campaign.closing = None;
            }
        }
    }
}

fn unknown(what: String) -> Violation {
    Violation {
        rule: "events speak of what exists",
        found: what,
    }
}

/// The first midnight in UTC after an instant.
fn midnight(at: Timestamp) -> Timestamp {
    const DAY: i64 = 86_400;
    let days = at.as_millis().div_euclid(DAY * 1_000);
    Timestamp::from_seconds((days + 1) * DAY)
}

/// The slot of a handle and how often that was used.
fn parts(chat: ChatId) -> (u32, u32) {
    let written = chat.to_string();
    let parts = written.split_once('-');
    let parts = parts.and_then(|(slot, used)| slot.parse().ok().zip(used.parse().ok()));
    parts.unwrap_or_default()
}
