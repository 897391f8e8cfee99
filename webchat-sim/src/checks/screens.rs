//! What agents and visitors have on their screens who do nothing but listen: the chats that are theirs, each as it is.

use std::collections::BTreeMap;

use webchat_core::effect::{AgentNotice, AgentPhase, Effect, VisitorNotice, VisitorPhase};
use webchat_core::id::{AgentId, ChatId};

use crate::picture::Picture;
use crate::violation::{Verdict, expect};

/// All screens of a tenant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Screens {
    /// The chats an agent has, takes part in or is asked for, and the number of the last message.
    desks: BTreeMap<(AgentId, ChatId), (AgentPhase, u32)>,
    /// The visitor's own, and the number of the last message.
    windows: BTreeMap<ChatId, (VisitorPhase, u32)>,
}

impl Screens {
    /// As they are when everybody has asked for all of it.
    pub fn of(picture: &Picture) -> Self {
        let mut screens = Self::default();
        for (id, chat) in &picture.chats {
            let last = chat.messages.len() as u32;
            let phase = chat.phase();
            let asked = chat.asked();
            for agent in chat.agents.iter().chain(&asked) {
                screens.desks.insert((*agent, *id), (phase, last));
            }
            let phase = match chat.is_waiting() {
                true => VisitorPhase::Waiting,
                false => VisitorPhase::Active,
            };
            screens.windows.insert(*id, (phase, last));
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
                        self.windows.insert(*chat, (view.phase, view.last));
                    }
                    VisitorNotice::Message { message, .. } => {
                        let last = self.windows.get_mut(chat).map(|(_, last)| last);
                        follows(last, message.0.number, *chat)?;
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
                let shown = (view.phase, view.last);
                self.desks.insert((agent, view.chat), shown);
                return Ok(());
            }
            AgentNotice::Gone { chat, .. } => {
                self.desks.remove(&(agent, *chat));
                return Ok(());
            }
            AgentNotice::SessionEnded { .. } => return Ok(()),
            AgentNotice::Message { chat, message } => {
                let desk = self.desks.get_mut(&(agent, *chat));
                return follows(desk.map(|(_, last)| last), message.0.number, *chat);
            }
            AgentNotice::Note { chat, .. }
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

/// A message stands under the one before it on a screen that shows the chat.
fn follows(last: Option<&mut u32>, number: u32, chat: ChatId) -> Verdict {
    let before = last.as_ref().map(|last| **last);
    if let Some(last) = last {
        *last = number;
    }
    expect(
        before == number.checked_sub(1),
        "messages are told in order, none left out, where the chat is shown",
        || format!("message {number} of chat {chat} after {before:?}"),
    )
}
