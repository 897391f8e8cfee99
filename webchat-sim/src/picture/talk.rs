//! What is said in chats and of them: messages, notes, watches, calls, scores.

use webchat_core::call::Call;
use webchat_core::event::{Author, Event, Message};
use webchat_core::id::{AgentId, ChatId};
use webchat_core::time::Timestamp;

use super::Picture;
use crate::violation::{Verdict, expect};

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
    /// Folds what is said.
    pub(super) fn fold_talk(&mut self, at: Timestamp, event: &Event) -> Verdict {
        match event {
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
            Event::Whispered {
                chat,
                agent,
                key,
                text,
            } => {
                let chat = self.chat_mut(*chat)?;
                if let Some(key) = key {
                    let whispers = &mut chat.whispers;
                    let first = whispers
                        .iter()
                        .all(|(by, used, _)| (by, used) != (agent, key));
                    whispers.push((*agent, key.clone(), text.clone()));
                    expect(first, "a whisper is said once", || {
                        format!("{key} of agent {agent}")
                    })?;
                }
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
            Event::FeedbackGiven { chat, .. } => {
                let ended = self.ended.get_mut(chat);
                let first =
                    ended.is_some_and(|ended| !std::mem::replace(&mut ended.feedback_given, true));
                expect(first, "feedback is given once", || format!("chat {chat}"))?;
            }
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
            _ => {}
        }
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
}
