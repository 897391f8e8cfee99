//! A slow and plain picture of one tenant, folded from its events alone.
//!
//! It knows nothing of how the engine keeps its state. Folding also says when an event cannot follow
//! those before it, such as a second owner or a gap in the numbers of the messages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use webchat_core::canned::CannedResponse;
use webchat_core::command::{Destination, TenantSettings};
use webchat_core::event::{Event, Recorded};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::mail::MailId;
use webchat_core::offline::OfflineMessage;
use webchat_core::quality::{ModelId, QualityModel};
use webchat_core::time::Timestamp;
use webchat_core::transcript::Transcript;

use crate::violation::{Verdict, Violation, expect};

mod agents;
mod campaigns;
mod chats;
mod mail;
mod talk;

pub use agents::AgentPicture;
pub use campaigns::{CampaignPicture, MemberPicture, TodayPicture};
pub use chats::{ChatPicture, EndedPicture};
pub use mail::DebtPicture;
pub use talk::Sender;

use chats::parts;

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
    /// Transcripts asked for, but for those whose address is to be forgotten.
    pub copies: Vec<Arc<Transcript>>,
    /// Transcripts that count against the limits of an hour.
    pub copies_recent: Vec<Arc<Transcript>>,
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
            Event::TenantSet { .. }
            | Event::CampaignCreated { .. }
            | Event::CampaignChanged { .. }
            | Event::CampaignDeleted { .. }
            | Event::CampaignOpened { .. }
            | Event::CampaignWentOutOfTime { .. }
            | Event::MembersSet { .. }
            | Event::CannedSet { .. }
            | Event::AlarmRaised { .. }
            | Event::AlarmCleared { .. }
            | Event::RecordingsExpired { .. } => self.fold_campaign(at, &recorded.event)?,
            Event::AgentCreated { .. }
            | Event::AgentChanged { .. }
            | Event::AgentDeleted { .. }
            | Event::AgentSignedIn { .. }
            | Event::AgentSignedOut { .. }
            | Event::AgentLost { .. }
            | Event::AgentBack { .. }
            | Event::AgentPaused { .. }
            | Event::AgentResumed { .. }
            | Event::AgentOnCall { .. }
            | Event::AgentOtherLoad { .. }
            | Event::WrapUpEnded { .. } => self.fold_agent(&recorded.event)?,
            Event::ChatRefused { .. }
            | Event::ChatQueued { .. }
            | Event::ChatOffered { .. }
            | Event::OfferEnded { .. }
            | Event::ChatAssigned { .. }
            | Event::ChatReturned { .. }
            | Event::ChatMoved { .. }
            | Event::TransferStarted { .. }
            | Event::TransferEnded { .. }
            | Event::ParticipantJoined { .. }
            | Event::ParticipantLeft { .. }
            | Event::VisitorLost { .. }
            | Event::VisitorBack { .. }
            | Event::ChatClosed { .. } => self.fold_chat(at, &recorded.event)?,
            Event::MessagePosted { .. }
            | Event::MessagesSeen { .. }
            | Event::NoteAdded { .. }
            | Event::Whispered { .. }
            | Event::WatchStarted { .. }
            | Event::WatchEnded { .. }
            | Event::CallAsked { .. }
            | Event::CallAccepted { .. }
            | Event::CallEnded { .. }
            | Event::FeedbackGiven { .. }
            | Event::QualityModelAdded { .. }
            | Event::ChatEvaluated { .. } => self.fold_talk(at, &recorded.event)?,
            Event::OfflineMessageLeft { .. }
            | Event::MailTried { .. }
            | Event::MailDelivered { .. }
            | Event::MailFailed { .. }
            | Event::MailRevived { .. }
            | Event::TranscriptAsked { .. }
            | Event::NoticeOwed { .. }
            | Event::MailForgotten { .. }
            | Event::RecordingsErased { .. } => self.fold_mail(at, &recorded.event)?,
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
