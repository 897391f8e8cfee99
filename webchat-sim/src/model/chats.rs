//! What becomes of chats: closing, going back to the queue, losing their agents.

use std::sync::Arc;

use webchat_core::call::CallEnd;
use webchat_core::campaign::OnAgentLost;
use webchat_core::event::{CloseReason, Event, OfferEnd, ReturnReason, SignOutReason, SystemCode};
use webchat_core::id::{AgentId, ChatId};
use webchat_core::limits::FEEDBACK_SECONDS;
use webchat_core::time::{Seconds, Timestamp};
use webchat_core::wording::BuiltIn;

use super::timers::closes_waiting;
use super::{Model, wording};
use crate::violation::Verdict;

impl Model<'_> {
    /// Ends a chat by itself or by its visitor.
    pub(super) fn close(
        &mut self,
        id: ChatId,
        reason: CloseReason,
        due: Option<Timestamp>,
    ) -> Verdict {
        self.close_by(id, reason, due, None, None)
    }

    pub(super) fn close_by(
        &mut self,
        id: ChatId,
        reason: CloseReason,
        due: Option<Timestamp>,
        by: Option<AgentId>,
        disposition: Option<Vec<Arc<str>>>,
    ) -> Verdict {
        self.end_call(id, CallEnd::ChatClosed)?;
        let Some(chat) = self.picture.chats.get(&id) else {
            return Ok(());
        };
        let settings = &self.picture.campaigns[&chat.campaign].settings;
        let language = chat.language;
        let text = match reason {
            CloseReason::OutOfTime => Some(wording::out_of_time(settings, language)),
            CloseReason::TimedOut
            | CloseReason::Disabled
            | CloseReason::AgentsGone
            | CloseReason::AgentGone => Some(wording::not_available(settings, language)),
            _ => None,
        };
        let invitation = wording::text_of(&settings.wording.feedback, settings, language);
        let feedback = chat
            .answered
            .then(|| invitation.unwrap_or_else(|| "".into()));
        let day = Seconds::new(FEEDBACK_SECONDS);
        let form = chat.answered && settings.feedback_form;
        let feedback_until = day.filter(|_| form).map(|day| self.now.after(day));
        let wrap_up = settings.wrap_up.filter(|_| !chat.is_waiting());
        let wrap_up_until = wrap_up.map(|wrap_up| self.now.after(wrap_up));
        self.emit(Event::ChatClosed {
            chat: id,
            reason,
            due,
            by,
            text,
            feedback,
            feedback_until,
            disposition,
            wrap_up_until,
        })?;
        self.send_copies(id)
    }

    /// Chats that wait again go to whoever is eligible; those left over are told and closed where the queue
    /// is served no longer. Source: domain.md §3, after closing.
    pub(super) fn settle(&mut self, chats: &[ChatId]) -> Verdict {
        self.dispatch()?;
        for id in chats {
            let Some(chat) = self.picture.chats.get(id) else {
                continue;
            };
            let campaign = &self.picture.campaigns[&chat.campaign];
            let left_over = chat.is_waiting() && chat.offer.is_none();
            let reason = match campaign.settings.enabled {
                false => CloseReason::Disabled,
                true if !campaign.open && closes_waiting(&campaign.settings) => {
                    CloseReason::OutOfTime
                }
                true => continue,
            };
            if left_over {
                self.close(*id, reason, None)?;
            }
        }
        Ok(())
    }

    /// The last connection is gone: offers go on at once, chats are held for the grace time.
    pub(super) fn lose_agent(&mut self, agent: AgentId) -> Verdict {
        let state = self.picture.agents.get(&agent);
        let connected =
            state.is_some_and(|state| state.session.is_some() && state.lost_until.is_none());
        if !connected {
            return Ok(());
        }
        let until = self.now.after(self.picture.tenant.agent_grace);
        self.emit(Event::AgentLost { agent, until })?;
        self.rescind_asks(agent)
    }

    /// Ends a session: offers go on, conferences lose a member, owned chats go back to the queue.
    pub(super) fn sign_out(
        &mut self,
        agent: AgentId,
        why: SignOutReason,
        by: Option<AgentId>,
    ) -> Verdict {
        let lost = self
            .picture
            .agents
            .get(&agent)
            .and_then(|state| state.lost_until);
        let due = lost.filter(|_| why == SignOutReason::Lost);
        self.emit(Event::AgentSignedOut {
            agent,
            why,
            due,
            by,
        })?;
        self.rescind_asks(agent)?;
        let beside = |owner: Option<AgentId>| owner != Some(agent);
        for chat in self.chats_where(|chat| beside(chat.owner()) && chat.agents.contains(&agent)) {
            self.part(agent, chat)?;
        }
        let owned = self.chats_where(|chat| chat.owner() == Some(agent));
        for chat in &owned {
            self.give_up(agent, *chat, why)?;
        }
        self.settle(&owned)
    }

    /// Source: domain.md §5, "Agent lost".
    fn give_up(&mut self, agent: AgentId, id: ChatId, why: SignOutReason) -> Verdict {
        self.end_transfer(id, OfferEnd::Rescinded)?;
        let Some(chat) = self.picture.chats.get(&id) else {
            return Ok(());
        };
        if chat.agents.len() > 1 {
            return self.part(agent, id);
        }
        let policy = self.picture.campaigns[&chat.campaign]
            .settings
            .on_agent_lost;
        match (why, policy) {
            (SignOutReason::Lost, OnAgentLost::Keep) => Ok(()),
            (SignOutReason::Lost, OnAgentLost::Close) => {
                self.close(id, CloseReason::AgentGone, None)
            }
            (SignOutReason::Lost, OnAgentLost::Requeue) => {
                self.give_back(id, ReturnReason::AgentLost)
            }
            _ => self.give_back(id, ReturnReason::SignedOut),
        }
    }

    pub(super) fn give_back(&mut self, id: ChatId, why: ReturnReason) -> Verdict {
        self.emit(Event::ChatReturned { chat: id, why })?;
        self.say(id, SystemCode::Returned, BuiltIn::Returned, None)
    }

    /// An agent leaves a conference; the longest present becomes the owner.
    pub(super) fn part(&mut self, agent: AgentId, id: ChatId) -> Verdict {
        let agents = &self.picture.chats[&id].agents;
        let Some(owner) = agents.iter().find(|other| **other != agent).copied() else {
            return Ok(());
        };
        self.emit(Event::ParticipantLeft {
            chat: id,
            agent,
            owner,
        })?;
        self.say(id, SystemCode::AgentLeft, BuiltIn::AgentLeft, Some(agent))
    }

    fn rescind_asks(&mut self, agent: AgentId) -> Verdict {
        let of_agent = self.chats_where(|chat| chat.asked() == Some(agent));
        self.rescind(&of_agent)
    }

    /// Takes back what an agent was asked; the next one is asked.
    pub(super) fn rescind(&mut self, chats: &[ChatId]) -> Verdict {
        for chat in chats {
            self.end_ask(*chat, OfferEnd::Rescinded)?;
        }
        self.settle(chats)
    }
}
