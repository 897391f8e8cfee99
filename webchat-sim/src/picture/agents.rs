//! Agents: sessions, pauses, calls, the time after a chat.

use std::sync::Arc;

use webchat_core::command::{AgentProfile, Member};
use webchat_core::event::{Event, OfferEnd};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::time::Timestamp;

use super::Picture;
use crate::violation::{Verdict, expect};

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

impl Picture {
    /// Folds what happens to agents.
    pub(super) fn fold_agent(&mut self, event: &Event) -> Verdict {
        match event {
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
            Event::AgentResumed { agent, .. } => {
                let agent = self.agent_mut(*agent)?;
                agent.paused = None;
                agent.lapses = 0;
            }
            Event::AgentOnCall { agent, on } => self.agent_mut(*agent)?.on_call = *on,
            Event::AgentOtherLoad {
                agent,
                interactions,
            } => self.agent_mut(*agent)?.other_load = *interactions,
            Event::WrapUpEnded { agent, chat, .. } => {
                let state = self.agent_mut(*agent)?;
                let before = state.wrap_ups.len();
                state.wrap_ups.retain(|(of, _, _)| of != chat);
                let gone = before - state.wrap_ups.len();
                expect(gone == 1, "a slot is freed once", || {
                    format!("agent {agent} had {gone} wrap-ups after chat {chat}")
                })?;
            }
            _ => {}
        }
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

    pub(super) fn count_lapse(&mut self, agent: AgentId, why: OfferEnd) {
        if let Some(agent) = self.agents.get_mut(&agent) {
            match why {
                OfferEnd::Lapsed => agent.lapses += 1,
                OfferEnd::Refused => agent.lapses = 0,
                OfferEnd::Rescinded => {}
            }
        }
    }
}
