//! Parts of the engine without the rest around them, for benchmarks. No promise is made about them.

use std::sync::Arc;

use crate::Engine;
use crate::assignment::{Ask, ReadyKey};
use crate::effect::Participants;
use crate::event::VisitorFacts;
use crate::id::{AgentId, CampaignId, ChatId, VisitorKey};
use crate::state::{AgentState, CampaignState, Chat, Chats, Phase, Slot, SlotKind};
use crate::time::Timestamp;
use crate::wording::Language;

/// The structures by which one campaign's chats come to its agents: the table of chats, the waiting list, the order
/// of the eligible and slots, kept as the fold keeps them.
#[derive(Debug)]
pub struct Queue {
    chats: Chats,
    campaign: CampaignState,
    /// In member order.
    agents: Vec<AgentState>,
    facts: Arc<VisitorFacts>,
    now: Timestamp,
    admitted: u64,
}

impl Queue {
    /// The campaign of an engine with each of its agents at the cap, and so many chats waiting; `None` if there is no
    /// such campaign.
    pub fn of(engine: &Engine, campaign: CampaignId, waiting: u32) -> Option<Self> {
        let state = engine.state();
        let mut campaign = state.campaign(campaign)?.clone();
        campaign.waiting = Default::default();
        let members = campaign.members.iter();
        let agents = members.filter_map(|member| state.agent(member.member.agent));
        let mut agents: Vec<AgentState> = agents.cloned().collect();
        agents.iter_mut().for_each(|agent| agent.slots.clear());
        let mut queue = Self {
            chats: Chats::default(),
            agents,
            campaign,
            facts: Arc::default(),
            now: engine.now(),
            admitted: 0,
        };
        let members = queue.agents.len() as u32;
        for _ in 0..queue.campaign.settings.agent_cap?.get() {
            for place in 0..members {
                queue.admit();
                queue.assign(place)?;
            }
        }
        (0..waiting).for_each(|_| queue.admit());
        Some(queue)
    }

    /// Chats with agents, one agent after the other.
    pub fn active(&self) -> impl Iterator<Item = ChatId> + '_ {
        let slots = self.agents.iter().flat_map(|agent| &agent.slots);
        slots.map(|slot| slot.chat)
    }

    /// A chat is finished, the next one goes to whom the delivery order picks, and a newcomer comes. Says which
    /// chat went on; `None` when nobody waits or is eligible.
    pub fn cycle(&mut self, finished: ChatId) -> Option<ChatId> {
        self.now = self.now.after_millis(1);
        self.finish(finished)?;
        let cursor = self.campaign.cursor.map(|agent| agent.0 - 1);
        let picked = self.campaign.ready.choose(&Ask {
            order: self.campaign.settings.strategy.order,
            cursor,
            random: self.campaign.random,
            new_day: false,
            penalty: &|_| 0,
            suits: &|_| true,
        })?;
        self.campaign.random = picked.draw.unwrap_or(self.campaign.random);
        let next = self.assign(picked.place)?;
        self.admit();
        Some(next)
    }

    fn finish(&mut self, finished: ChatId) -> Option<()> {
        let agent = self.chats.get(finished)?.owner()?;
        self.chats.remove(finished);
        let place = agent.0 - 1;
        let slots = &mut self.agents.get_mut(place as usize)?.slots;
        slots.retain(|slot| slot.chat != finished);
        self.refresh(place, 0);
        Some(())
    }

    /// The first one waiting goes to the member at a place.
    fn assign(&mut self, place: u32) -> Option<ChatId> {
        let next = self.campaign.waiting.first()?;
        let chat = self.chats.get_mut(next)?;
        self.campaign.waiting.remove(chat.place(), next);
        let agent = AgentId(place + 1);
        chat.phase = Phase::Active;
        chat.since = self.now;
        chat.participants = Participants::from_agents([agent]);
        self.campaign.cursor = Some(agent);
        self.agents[place as usize].slots.push(Slot {
            chat: next,
            campaign: self.campaign.id,
            kind: SlotKind::Owner,
            auto_pauses: false,
        });
        self.refresh(place, 1);
        Some(next)
    }

    fn admit(&mut self) {
        self.admitted += 1;
        let id = self.chats.next();
        let (at, campaign) = (self.now, self.campaign.id);
        let numbers = (id, self.admitted);
        let visitor = VisitorKey(u128::from(self.admitted));
        let facts = &self.facts;
        self.chats.put(id, || {
            Chat::waiting(at, numbers, campaign, visitor, facts.clone(), Language::EN)
        });
        if let Some(chat) = self.chats.get(id) {
            self.campaign.waiting.insert(chat.place(), id);
        }
    }

    /// The agent received so many chats, or finished one.
    fn refresh(&mut self, place: u32, received: u32) {
        let (member, agent) = (
            &mut self.campaign.members[place as usize],
            &self.agents[place as usize],
        );
        member.last_served = Some(self.now);
        member.answered += received;
        let load = agent.load_in(self.campaign.id);
        let settings = &self.campaign.settings;
        let eligible = agent.is_signed_in()
            && agent.lost_until.is_none()
            && agent.paused.is_none()
            && settings.agent_cap.is_none_or(|cap| load < cap.get());
        let key = eligible.then(|| ReadyKey::of(settings, agent, member, place, load));
        self.campaign.ready.set(place, key);
    }
}

/// Frees everything that can be computed from the rest of the state, so that what it took can be counted. The
/// engine is of no use afterwards.
pub fn free_indexes(engine: &mut Engine) {
    engine.state_mut().free_indexes();
}
