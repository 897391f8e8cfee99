//! What supervisors ask. Caps yield to them, and the event says so.

use std::sync::Arc;

use crate::command::SupervisorCommand;
use crate::effect::Receipt;
use crate::event::{Assignment, CloseReason, Event, OfferEnd, SignOutReason};
use crate::id::{AgentId, CampaignId, ChatId};
use crate::limits;
use crate::outbox::Outbox;
use crate::quality::Evaluation;
use crate::rejection::{Rejection, WhyNot};
use crate::state::{Phase, Sender};
use crate::time::Timestamp;

use super::Engine;
use super::conversation::{Closing, new_note};

impl Engine {
    pub(super) fn supervisor(
        &mut self,
        at: Timestamp,
        by: AgentId,
        ask: SupervisorCommand,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        self.known_agent(by)?;
        match ask {
            SupervisorCommand::TakeOver { chat } => {
                return self.give_to(at, chat, by, Assignment::TakenOver, by, outbox);
            }
            SupervisorCommand::Assign { chat, to } => {
                return self.give_to(at, chat, to, Assignment::Forced, by, outbox);
            }
            SupervisorCommand::Move { chat, to } => self.move_waiting(at, by, chat, to, outbox)?,
            SupervisorCommand::Close { chat } => {
                self.live_chat(chat)?;
                let how = Closing {
                    by: Some(by),
                    ..Closing::default()
                };
                self.close(at, chat, CloseReason::SupervisorClosed, how, outbox);
            }
            SupervisorCommand::Watch { chat } => return self.watch(at, by, chat, outbox),
            SupervisorCommand::Unwatch { chat } => {
                if self.state.watchers(chat).any(|watcher| watcher == by) {
                    self.emit(at, Event::WatchEnded { chat, agent: by }, outbox);
                }
            }
            SupervisorCommand::Whisper { chat, key, text } => {
                self.whisper(at, by, chat, key, &text, outbox)?;
            }
            SupervisorCommand::Evaluate {
                chat,
                agent,
                model,
                answers,
            } => {
                self.known_agent(agent)?;
                let evaluation = Evaluation {
                    chat,
                    agent,
                    model,
                    evaluator: by,
                    answers,
                };
                return self.evaluate(at, evaluation, outbox);
            }
            SupervisorCommand::SetMembers { campaign, members } => {
                self.set_members(at, campaign, members, Some(by), outbox)?;
            }
            SupervisorCommand::SignOut { agent } => {
                if !self.known_agent(agent)?.is_signed_in() {
                    return Err(Rejection::NotSignedIn(agent));
                }
                self.sign_out(at, agent, SignOutReason::BySupervisor, Some(by), outbox);
            }
            SupervisorCommand::Pause { agent, reason } => {
                if !self.known_agent(agent)?.is_signed_in() {
                    return Err(Rejection::NotSignedIn(agent));
                }
                self.pause(at, agent, &reason, Some(by), outbox)?;
            }
            SupervisorCommand::Resume { agent } => {
                if !self.known_agent(agent)?.is_signed_in() {
                    return Err(Rejection::NotSignedIn(agent));
                }
                self.resume(at, agent, Some(by), outbox)?;
            }
        }
        Ok(Receipt::Done)
    }

    /// Tells the chat's agents something; a repeated key tells nothing.
    fn whisper(
        &mut self,
        at: Timestamp,
        agent: AgentId,
        chat: ChatId,
        key: Option<Arc<str>>,
        text: &str,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        let known = self.live_chat(chat)?;
        if let Some(text) = new_note(known, Sender::Supervisor(agent), key.as_ref(), text)? {
            let event = Event::Whispered {
                chat,
                agent,
                key,
                text,
            };
            self.emit(at, event, outbox);
        }
        Ok(())
    }

    fn watch(
        &mut self,
        at: Timestamp,
        by: AgentId,
        id: ChatId,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let view = self.agent_chat(self.live_chat(id)?);
        let supervisor = self.known_agent(by)?;
        if !supervisor.is_signed_in() {
            return Err(Rejection::NotSignedIn(by));
        }
        if supervisor.lost_until.is_some() {
            return Err(Rejection::NotAvailable(by, WhyNot::Lost));
        }
        if self.state.watchers(id).all(|watcher| watcher != by) {
            let within = |what, used: usize, max: usize| match used < max {
                true => Ok(()),
                false => Err(Rejection::Limit {
                    what,
                    max: max as u64,
                }),
            };
            let watchers = self.state.watchers(id).count();
            within("watchers of the chat", watchers, limits::WATCHERS)?;
            let watched = self.state.watched_by(by).count();
            within("chats watched", watched, limits::WATCHED)?;
            let agent = by;
            self.emit(at, Event::WatchStarted { chat: id, agent }, outbox);
        }
        Ok(Receipt::AgentChat(view))
    }

    fn move_waiting(
        &mut self,
        at: Timestamp,
        by: AgentId,
        id: ChatId,
        to: CampaignId,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        let chat = self.live_chat(id)?;
        if !chat.is_waiting() {
            return Err(Rejection::AlreadyTaken(id));
        }
        let from = chat.campaign;
        self.destination(at, chat, to)?;
        self.end_ask(at, id, OfferEnd::Rescinded, outbox);
        let moved = Event::ChatMoved {
            chat: id,
            from,
            to,
            by,
        };
        self.emit(at, moved, outbox);
        Ok(())
    }

    fn give_to(
        &mut self,
        at: Timestamp,
        id: ChatId,
        to: AgentId,
        how: Assignment,
        by: AgentId,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        if !self.known_agent(to)?.is_signed_in() {
            return Err(Rejection::NotSignedIn(to));
        }
        let chat = self.live_chat(id)?;
        if chat.owner() != Some(to) {
            let campaign = chat.campaign;
            let other_is_asked = chat.asked().is_some_and(|asked| asked.agent != to);
            if matches!(chat.phase, Phase::Offered(_)) && other_is_asked {
                self.end_ask(at, id, OfferEnd::Rescinded, outbox);
            }
            self.end_transfer(at, id, OfferEnd::Rescinded, outbox);
            self.assign(at, id, campaign, to, how, Some(by), None, outbox);
        }
        self.agent_receipt(id)
    }
}
