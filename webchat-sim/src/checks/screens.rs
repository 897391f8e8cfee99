//! What agents and visitors have on their screens who do nothing but listen: the chats that are theirs, each as it is.

use std::collections::BTreeMap;

use webchat_core::effect::{AgentNotice, AgentPhase, Effect, VisitorNotice, VisitorPhase};
use webchat_core::id::{AgentId, ChatId};

use crate::picture::Picture;
use crate::violation::{Verdict, expect};

/// All screens of a tenant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Screens {
    /// The chats an agent has, takes part in or is asked for.
    desks: BTreeMap<(AgentId, ChatId), AgentPhase>,
    /// The visitor's own.
    windows: BTreeMap<ChatId, VisitorPhase>,
}

impl Screens {
    /// As they are when everybody has asked for all of it.
    pub fn of(picture: &Picture) -> Self {
        let mut screens = Self::default();
        for (id, chat) in &picture.chats {
            let phase = chat.phase();
            let asked = chat.asked();
            for agent in chat.agents.iter().chain(&asked) {
                screens.desks.insert((*agent, *id), phase);
            }
            let phase = match chat.is_waiting() {
                true => VisitorPhase::Waiting,
                false => VisitorPhase::Active,
            };
            screens.windows.insert(*id, phase);
        }
        screens
    }

    /// Shows what was told in one step.
    ///
    /// # Errors
    /// An agent was told of a chat that is not on the desk, or a screen differs from what is.
    pub fn show(&mut self, effects: &[Effect], after: &Picture) -> Verdict {
        for effect in effects {
            match effect {
                Effect::Agent { agent, notice } => self.show_agent(*agent, notice)?,
                Effect::Visitor { chat, notice } => match notice {
                    VisitorNotice::State { view } => {
                        self.windows.insert(*chat, view.phase);
                    }
                    VisitorNotice::Closed(_) => {
                        self.windows.remove(chat);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        let expected = Self::of(after);
        expect(
            *self == expected,
            "who only listens has the right chats on the screen",
            || format!("{self:?}, expected {expected:?}"),
        )
    }

    fn show_agent(&mut self, agent: AgentId, notice: &AgentNotice) -> Verdict {
        let about = match notice {
            AgentNotice::Chat { view } => {
                self.desks.insert((agent, view.chat), view.phase);
                return Ok(());
            }
            AgentNotice::Gone { chat, .. } => {
                self.desks.remove(&(agent, *chat));
                return Ok(());
            }
            AgentNotice::SessionEnded { .. } => return Ok(()),
            AgentNotice::Message { chat, .. }
            | AgentNotice::Note { chat, .. }
            | AgentNotice::Typing { chat, .. }
            | AgentNotice::Seen { chat, .. }
            | AgentNotice::Call { chat, .. }
            | AgentNotice::Signal { chat, .. } => *chat,
        };
        let own = self.desks.contains_key(&(agent, about));
        expect(own, "an agent is told of no foreign chat", || {
            format!("agent {agent}: {notice:?}")
        })
    }
}
