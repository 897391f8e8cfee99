//! How events change agents.

use crate::event::OfferEnd;
use crate::id::AgentId;
use crate::state::{AgentState, State};

impl State {
    /// Changes an agent, its timers and its eligibility.
    pub(super) fn change_agent(&mut self, id: AgentId, change: impl FnOnce(&mut AgentState)) {
        self.spend_time(id);
        for timer in self.agent_timers(id) {
            self.index.timers.remove(&timer);
        }
        let Some(agent) = self.agent_mut(id) else {
            return;
        };
        let was_in = agent.is_signed_in();
        change(agent);
        let is_in = agent.is_signed_in();
        if was_in != is_in {
            let seats = agent.seats.clone();
            for (campaign, _) in seats {
                let before = self.campaign(campaign).map_or(0, |state| state.signed_in);
                let now = match is_in {
                    true => before + 1,
                    false => before.saturating_sub(1),
                };
                self.count_signed_in(campaign, now);
            }
        }
        let timers = self.agent_timers(id);
        self.index.timers.extend(timers);
        self.refresh_agent(id);
    }

    pub(super) fn delete_agent(&mut self, id: AgentId) {
        for timer in self.agent_timers(id) {
            self.index.timers.remove(&timer);
        }
        let seats = self
            .agent(id)
            .map(|agent| agent.seats.clone())
            .unwrap_or_default();
        for (campaign, _) in seats {
            let members = self.campaign(campaign).map(|campaign| {
                let others = campaign
                    .members
                    .iter()
                    .filter(|member| member.member.agent != id);
                others
                    .map(|member| member.member.clone())
                    .collect::<Vec<_>>()
            });
            self.set_members(campaign, &members.unwrap_or_default());
        }
        if let Some(place) = self.agents.get_mut(id.index() - 1) {
            *place = None;
        }
    }

    pub(super) fn count_lapse(&mut self, agent: AgentId, why: OfferEnd) {
        if let Some(agent) = self.agent_mut(agent) {
            match why {
                OfferEnd::Lapsed => agent.lapses = agent.lapses.saturating_add(1),
                OfferEnd::Refused => agent.lapses = 0,
                OfferEnd::Rescinded => {}
            }
        }
    }

    pub(super) fn end_watches(&mut self, agent: AgentId) {
        self.watches.retain(|(_, watcher)| *watcher != agent);
    }
}
