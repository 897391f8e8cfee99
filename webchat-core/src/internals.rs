//! Parts of the engine without the rest around them, for benchmarks. No promise is made about them.

use crate::Engine;
use crate::assignment::{Ask, ReadyKey};
use crate::id::{AgentId, CampaignId, ChatId};
use crate::queue::Place;
use crate::state::{AgentState, CampaignState, Slot, SlotKind};
use crate::time::Timestamp;

/// The structures by which one campaign's chats come to its agents: waiting list, order of the eligible and slots,
/// kept as the fold keeps them.
#[derive(Debug)]
pub struct Queue {
    campaign: CampaignState,
    /// In member order.
    agents: Vec<AgentState>,
    now: Timestamp,
    admitted: u64,
}

impl Queue {
    /// As they are in an engine; `None` if there is no such campaign.
    pub fn of(engine: &Engine, campaign: CampaignId) -> Option<Self> {
        let state = engine.state();
        let campaign = state.campaign(campaign)?.clone();
        let members = campaign.members.iter();
        let agents = members.filter_map(|member| state.agent(member.member.agent));
        Some(Self {
            agents: agents.cloned().collect(),
            campaign,
            now: engine.now(),
            admitted: state.admitted,
        })
    }

    /// Places in member order that have a chat, each as often as it has one.
    pub fn busy(&self) -> impl Iterator<Item = u32> + '_ {
        (0..)
            .zip(&self.agents)
            .flat_map(|(place, agent)| agent.slots.iter().map(move |_| place))
    }

    /// The agent at a place finishes a chat, the next one goes to whom the delivery order picks, and a newcomer
    /// comes. Says who that was; `None` when nobody waits or is eligible.
    pub fn cycle(&mut self, finishes: u32) -> Option<u32> {
        self.now = self.now.after_millis(1);
        self.agents.get_mut(finishes as usize)?.slots.pop();
        self.refresh(finishes);
        let chat = self.campaign.waiting.iter().next()?;
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
        self.campaign.cursor = Some(AgentId(picked.place + 1));
        self.campaign
            .waiting
            .remove(place(u64::from(chat.slot), self.now));
        let slot = Slot {
            chat,
            campaign: self.campaign.id,
            kind: SlotKind::Owner,
            auto_pauses: false,
        };
        self.agents[picked.place as usize].slots.push(slot);
        self.refresh(picked.place);
        self.admit();
        Some(picked.place)
    }

    /// Empties the waiting list and lets so many wait.
    pub fn let_wait(&mut self, chats: u32) {
        self.campaign.waiting = Default::default();
        (0..chats).for_each(|_| self.admit());
    }

    fn admit(&mut self) {
        self.admitted += 1;
        // The order of admission stands for the slot, so that no table of chats is needed.
        let chat = ChatId::new(self.admitted as u32, 1);
        self.campaign
            .waiting
            .insert(place(self.admitted, self.now), chat);
    }

    /// The agent received or finished a chat.
    fn refresh(&mut self, place: u32) {
        let (member, agent) = (
            &mut self.campaign.members[place as usize],
            &self.agents[place as usize],
        );
        member.last_served = Some(self.now);
        let load = agent.load_in(self.campaign.id);
        let settings = &self.campaign.settings;
        let eligible = settings.agent_cap.is_none_or(|cap| load < cap.get());
        let key = eligible.then(|| ReadyKey::of(settings, agent, member, place, load));
        self.campaign.ready.set(place, key);
    }
}

fn place(sequence: u64, since: Timestamp) -> Place {
    Place {
        priority: std::cmp::Reverse(0),
        since,
        sequence,
    }
}

/// Frees everything that can be computed from the rest of the state, so that what it took can be counted. The
/// engine is of no use afterwards.
pub fn free_indexes(engine: &mut Engine) {
    engine.state_mut().free_indexes();
}
