//! The fold of what is timed: how long chats were with agents, and what agents spend their time on.

use crate::event::{Author, Message};
use crate::id::{AgentId, CampaignId, ChatId};
use crate::metrics::Activity;
use crate::time::Timestamp;

use super::{AgentState, SlotKind, State};

impl AgentState {
    /// What the agent is doing.
    pub(crate) fn activity(&self) -> Activity {
        let own = |slot: &&super::Slot| slot.kind != SlotKind::Asked;
        let chats = self.slots.iter().filter(own).count() + self.wrap_ups.len();
        let elsewhere = self.on_call || self.other_load > 0;
        if !self.is_signed_in() {
            Activity::SignedOut
        } else if chats > 0 {
            Activity::Busy(chats as u32)
        } else if self.paused.is_some() || self.lost_until.is_some() || elsewhere {
            Activity::Away
        } else {
            Activity::Ready
        }
    }

    /// Counts the time since the last change as spent on what the agent does now.
    pub(super) fn spend_time(&mut self, now: Timestamp) {
        let millis = now.since(self.worked_to).unsigned_abs();
        let activity = self.activity();
        self.work.spend(millis, activity);
        self.worked_to = self.worked_to.max(now);
    }
}

impl State {
    /// A first wait goes on in another campaign: it flowed out of one and is offered to the other.
    pub(super) fn count_move(&mut self, at: Timestamp, chat: ChatId, to: CampaignId) {
        let Some(chat) = self.chat(chat) else { return };
        if chat.answered {
            return;
        }
        let (from, waited, estimate) = (chat.campaign, at.since(chat.queued_at()), chat.estimate);
        if let Some(from) = self.campaign_mut(from) {
            from.counters.count_flowed_out();
            from.pace.waited(waited, false);
            from.times.estimates.unanswered(estimate, waited);
        }
        if let Some(to) = self.campaign_mut(to) {
            to.counters.count_admitted();
        }
    }

    /// The chat is with agents of its campaign no longer; a wrap-up may go on after that.
    pub(super) fn count_service(&mut self, at: Timestamp, wrapped_up: Timestamp, chat: ChatId) {
        let Some(chat) = self.chat(chat) else { return };
        let (id, since) = (chat.campaign, chat.served_since);
        if let (Some(campaign), Some(since)) = (self.campaign_mut(id), since) {
            campaign.pace.served(at.since(since));
            campaign
                .times
                .handle
                .add(wrapped_up.since(since).unsigned_abs());
        }
    }

    /// The chat is with its owner no longer.
    pub(super) fn count_ownership(&mut self, until: Timestamp, chat: ChatId) {
        let Some(chat) = self.chat(chat) else { return };
        let (owner, since) = (chat.owner(), chat.owned_since);
        if let (Some(owner), Some(since)) = (owner, since)
            && let Some(agent) = self.agent_mut(owner)
        {
            agent.work.handle.add(until.since(since).unsigned_abs());
        }
    }

    /// The first words of a human in a chat are its first response.
    pub(super) fn count_response(&mut self, at: Timestamp, id: ChatId, message: &Message) {
        let Author::Agent { agent, .. } = message.author else {
            return;
        };
        let Some(chat) = self.chat_mut(id) else {
            return;
        };
        if message.automatic || std::mem::replace(&mut chat.responded, true) {
            return;
        }
        let took = at.since(chat.requested_at).unsigned_abs();
        let campaign = chat.campaign;
        if let Some(campaign) = self.campaign_mut(campaign) {
            campaign.times.first_response.add(took);
        }
        if let Some(agent) = self.agent_mut(agent) {
            agent.work.first_response.add(took);
        }
    }

    /// Settles the time of an agent before something about them changes.
    pub(super) fn spend_time(&mut self, agent: AgentId) {
        let now = self.last_at;
        if let Some(agent) = self.agent_mut(agent) {
            agent.spend_time(now);
        }
    }
}
