//! What supervisors ask. Caps yield to them, and the event says so.

use webchat_core::command::{Destination, SupervisorCommand};
use webchat_core::event::{Assignment, CloseReason, Event, OfferEnd, SignOutReason};
use webchat_core::field;
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::limits;
use webchat_core::quality::Evaluation;
use webchat_core::rejection::{Rejection, WhyNot};

use super::visitors::too_many;
use super::{Answer, Halt, Model};

impl Model<'_> {
    pub(super) fn supervisor(
        &mut self,
        by: AgentId,
        ask: &SupervisorCommand,
    ) -> Result<Answer, Halt> {
        self.known_agent(by)?;
        match ask {
            SupervisorCommand::TakeOver { chat } => {
                return self.give_to(*chat, by, Assignment::TakenOver, by);
            }
            SupervisorCommand::Assign { chat, to } => {
                return self.give_to(*chat, *to, Assignment::Forced, by);
            }
            SupervisorCommand::Move { chat, to } => return self.move_waiting(by, *chat, *to),
            SupervisorCommand::Close { chat } => {
                self.live_chat(*chat)?;
                let reason = CloseReason::SupervisorClosed;
                self.close_by(*chat, reason, None, Some(by), None)?;
            }
            SupervisorCommand::SetMembers { campaign, members } => {
                return self.set_members(*campaign, members, Some(by));
            }
            SupervisorCommand::Watch { chat } => return self.watch(by, *chat),
            SupervisorCommand::Unwatch { chat } => {
                let (chat, agent) = (*chat, by);
                if self.picture.watches.contains(&(chat, agent)) {
                    self.emit(Event::WatchEnded { chat, agent })?;
                }
            }
            SupervisorCommand::Whisper { chat, key, text } => {
                return self.whisper(by, *chat, key.as_deref(), text);
            }
            SupervisorCommand::Evaluate {
                chat,
                agent,
                model,
                answers,
            } => {
                self.known_agent(*agent)?;
                return self.evaluate(Evaluation {
                    chat: *chat,
                    agent: *agent,
                    model: *model,
                    evaluator: by,
                    answers: answers.clone(),
                });
            }
            SupervisorCommand::SignOut { agent } => {
                self.check_signed_in(*agent)?;
                self.sign_out(*agent, SignOutReason::BySupervisor, Some(by))?;
            }
            SupervisorCommand::Pause { agent, reason } => {
                self.check_signed_in(*agent)?;
                self.pause(*agent, reason, Some(by))?;
            }
            SupervisorCommand::Resume { agent } => {
                self.check_signed_in(*agent)?;
                self.resume(*agent, Some(by))?;
            }
        }
        Ok(Answer::Done)
    }

    /// What a supervisor whispered under a key is said once, and nothing else under it.
    fn whisper(
        &mut self,
        agent: AgentId,
        chat: ChatId,
        key: Option<&str>,
        text: &str,
    ) -> Result<Answer, Halt> {
        let known = self.live_chat(chat)?;
        let text = field::text(text, limits::NOTE_CHARS).map_err(Rejection::InvalidField)?;
        let key = key.map(field::key).transpose();
        let key = key.map_err(Rejection::InvalidField)?;
        let mut whispers = known.whispers.iter();
        let first = whispers.find(|(by, used, _)| *by == agent && Some(used) == key.as_ref());
        match first {
            Some((.., said)) if *said == text => return Ok(Answer::Done),
            Some((_, used, _)) => return Err(Rejection::ConflictingKey(used.to_string()).into()),
            None => {}
        }
        self.emit(Event::Whispered {
            chat,
            agent,
            key,
            text,
        })?;
        Ok(Answer::Done)
    }

    /// Only who is there watches; a repeat changes nothing.
    fn watch(&mut self, agent: AgentId, chat: ChatId) -> Result<Answer, Halt> {
        self.live_chat(chat)?;
        self.check_signed_in(agent)?;
        if self.known_agent(agent)?.lost_until.is_some() {
            return Err(Rejection::NotAvailable(agent, WhyNot::Lost).into());
        }
        let watches = || self.picture.watches.iter();
        if watches().all(|watch| *watch != (chat, agent)) {
            let watchers = watches().filter(|(watched, _)| *watched == chat).count();
            let watched = watches().filter(|(_, watcher)| *watcher == agent).count();
            if watchers >= limits::WATCHERS || watched >= limits::WATCHED {
                return Err(too_many("watches").into());
            }
            self.emit(Event::WatchStarted { chat, agent })?;
        }
        Ok(Answer::AgentChat(chat))
    }

    fn check_signed_in(&self, agent: AgentId) -> Result<(), Rejection> {
        match self.known_agent(agent)?.session {
            Some(_) => Ok(()),
            None => Err(Rejection::NotSignedIn(agent)),
        }
    }

    fn move_waiting(&mut self, by: AgentId, id: ChatId, to: CampaignId) -> Result<Answer, Halt> {
        let chat = self.live_chat(id)?;
        if !chat.is_waiting() {
            return Err(Rejection::AlreadyTaken(id).into());
        }
        let from = chat.campaign;
        self.check_destination(id, to)?;
        self.end_ask(id, OfferEnd::Rescinded)?;
        self.emit(Event::ChatMoved {
            chat: id,
            from,
            to,
            by,
        })?;
        Ok(Answer::Done)
    }

    fn give_to(
        &mut self,
        id: ChatId,
        to: AgentId,
        how: Assignment,
        by: AgentId,
    ) -> Result<Answer, Halt> {
        self.check_signed_in(to)?;
        let chat = self.live_chat(id)?;
        if chat.owner() == Some(to) {
            return Ok(Answer::AgentChat(id));
        }
        let campaign = chat.campaign;
        let offered = chat.offer.map(|(agent, _)| agent);
        let transfer: Option<Destination> = chat.transfer.map(|(to, _)| to);
        match (transfer, offered) {
            (Some(_), _) => self.end_transfer(id, OfferEnd::Rescinded)?,
            (None, Some(asked)) if asked != to => self.end_ask(id, OfferEnd::Rescinded)?,
            _ => {}
        }
        self.assign(id, campaign, to, how, Some(by), None)?;
        Ok(Answer::AgentChat(id))
    }
}
