//! What agents ask.

use std::sync::Arc;

use webchat_core::call::Caller;
use webchat_core::campaign::{DispositionRule, Mode};
use webchat_core::command::{AgentCommand, Destination};
use webchat_core::event::{
    Assignment, Author, CloseReason, Event, OfferEnd, SignOutReason, SystemCode,
};
use webchat_core::field;
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::limits;
use webchat_core::problem::Problem;
use webchat_core::quality::{Evaluation, ModelId};
use webchat_core::rejection::{Rejection, WhyNot};
use webchat_core::wording::BuiltIn;

use super::visitors::too_many;
use super::{Answer, Halt, Model, rules};
use crate::picture::Sender;

impl Model<'_> {
    pub(super) fn agent(&mut self, agent: AgentId, ask: &AgentCommand) -> Result<Answer, Halt> {
        let state = self.known_agent(agent)?;
        let lost = state.lost_until.is_some();
        if let AgentCommand::SignIn { session } = *ask {
            if state.session != Some(session) || lost {
                self.emit(Event::AgentSignedIn { agent, session })?;
            }
            return Ok(Answer::Done);
        }
        if state.session.is_none() {
            return Err(Rejection::NotSignedIn(agent).into());
        }
        match ask {
            AgentCommand::SignIn { .. } => {}
            AgentCommand::SignOut { force } => {
                let owned = self.chats_where(|chat| chat.owner() == Some(agent)).len();
                let why = match (owned, force) {
                    (0, _) => SignOutReason::Asked,
                    (_, true) => SignOutReason::Forced,
                    (_, false) => return Err(Rejection::ActiveChats(owned as u32).into()),
                };
                self.sign_out(agent, why, None)?;
            }
            AgentCommand::Connect if lost => self.emit(Event::AgentBack { agent })?,
            AgentCommand::Connect => {}
            AgentCommand::Disconnect => self.lose_agent(agent)?,
            AgentCommand::Pause { reason } => self.pause(agent, reason, None)?,
            AgentCommand::Resume => self.resume(agent, None)?,
            AgentCommand::OnCall { on } => self.set_on_call(agent, *on)?,
            AgentCommand::Accept { chat } => return self.accept(agent, *chat),
            AgentCommand::Refuse { chat } => {
                self.check_asked(agent, *chat)?;
                self.end_ask(*chat, OfferEnd::Refused)?;
                self.settle(&[*chat])?;
            }
            AgentCommand::Take { chat } => return self.take(agent, *chat),
            AgentCommand::Write { chat, key, text } => {
                let state = self.chat_with(agent, *chat)?;
                let shown_as = self.shown_name(state.campaign, agent, state.language);
                return self.write(*chat, Author::Agent { agent, shown_as }, key, text);
            }
            AgentCommand::SendFile { chat, key, file } => {
                let state = self.chat_with(agent, *chat)?;
                let shown_as = self.shown_name(state.campaign, agent, state.language);
                return self.send_file(*chat, Author::Agent { agent, shown_as }, key, file);
            }
            AgentCommand::Typing { chat, .. } => {
                self.chat_with(agent, *chat)?;
            }
            AgentCommand::Seen { chat, seen } => {
                self.chat_with(agent, *chat)?;
                return self.see(*chat, false, *seen);
            }
            AgentCommand::Note { chat, key, text } => {
                return self.note(agent, *chat, key.as_deref(), text);
            }
            AgentCommand::Transfer { chat, to } => return self.transfer(agent, *chat, *to),
            AgentCommand::CancelTransfer { chat } => {
                self.owned_chat(agent, *chat)?;
                self.end_transfer(*chat, OfferEnd::Rescinded)?;
            }
            AgentCommand::Invite { chat, agent: guest } => {
                return self.invite(agent, *chat, *guest);
            }
            AgentCommand::Leave { chat } => return self.leave(agent, *chat),
            AgentCommand::Call { chat, ask } => {
                self.chat_with(agent, *chat)?;
                return self.call(*chat, Caller::Agent(agent), ask);
            }
            AgentCommand::Evaluate {
                chat,
                model,
                answers,
            } => {
                return self.evaluate(Evaluation {
                    chat: *chat,
                    agent,
                    model: *model,
                    evaluator: agent,
                    answers: answers.clone(),
                });
            }
            AgentCommand::Close { chat, disposition } => {
                let campaign = self.owned_chat(agent, *chat)?.campaign;
                let rule = &self.known_campaign(campaign)?.settings.disposition;
                let path = checked_disposition(rule, disposition.as_deref())?;
                let reason = CloseReason::AgentClosed;
                self.close_by(*chat, reason, None, Some(agent), path)?;
            }
        }
        Ok(Answer::Done)
    }

    pub(super) fn pause(
        &mut self,
        agent: AgentId,
        reason: &str,
        by: Option<AgentId>,
    ) -> Result<(), Halt> {
        let reason = field::text(reason, limits::LABEL_CHARS).map_err(Rejection::InvalidField)?;
        if self.known_agent(agent)?.paused.as_ref() != Some(&reason) {
            self.emit(Event::AgentPaused { agent, reason, by })?;
        }
        Ok(())
    }

    pub(super) fn resume(&mut self, agent: AgentId, by: Option<AgentId>) -> Result<(), Halt> {
        if self.known_agent(agent)?.paused.is_some() {
            self.emit(Event::AgentResumed { agent, by })?;
        }
        Ok(())
    }

    pub(super) fn set_on_call(&mut self, agent: AgentId, on: bool) -> Result<(), Halt> {
        if self.known_agent(agent)?.on_call != on {
            self.emit(Event::AgentOnCall { agent, on })?;
        }
        Ok(())
    }

    fn accept(&mut self, agent: AgentId, id: ChatId) -> Result<Answer, Halt> {
        let chat = self.live_chat(id)?;
        if chat.owner() != Some(agent) {
            self.check_asked(agent, id)?;
            let how = match chat.transfer {
                Some(_) => Assignment::Transferred,
                None => Assignment::Accepted,
            };
            let campaign = chat.queue().unwrap_or(chat.campaign);
            self.assign(id, campaign, agent, how, None, None)?;
        }
        Ok(Answer::AgentChat(id))
    }

    fn check_asked(&self, agent: AgentId, id: ChatId) -> Result<(), Rejection> {
        match self.live_chat(id)?.asked() == Some(agent) {
            true => Ok(()),
            false => Err(Rejection::AlreadyTaken(id)),
        }
    }

    /// A manual take, in any mode; in `ringall` the head only. Source: domain.md §2 and §5.
    fn take(&mut self, agent: AgentId, id: ChatId) -> Result<Answer, Halt> {
        let chat = self.live_chat(id)?;
        if chat.owner() == Some(agent) || chat.asked() == Some(agent) {
            return self.accept(agent, id);
        }
        if !chat.is_waiting() || chat.offer.is_some() {
            return Err(Rejection::AlreadyTaken(id).into());
        }
        let campaign = chat.campaign;
        let state = self.known_campaign(campaign)?;
        let mode = state.settings.strategy.mode;
        match rules::why_not(self.picture, campaign, agent) {
            // Being busy is the agent's own judgement, unless the mode is for taking by hand.
            None | Some(WhyNot::OnCall | WhyNot::AutoPaused | WhyNot::AtCapacity) => {}
            Some(WhyNot::Busy) if !mode.is_pull() => {}
            Some(why) => return Err(Rejection::NotAvailable(agent, why).into()),
        }
        if let Some((used, cap)) = rules::reached_cap(self.picture, campaign, agent) {
            return Err(Rejection::AtCapacity { agent, used, cap }.into());
        }
        let member = state.member(agent);
        let has = |skill| member.is_some_and(|member| member.member.skills.contains(skill));
        if !chat.skills.iter().all(has) {
            return Err(Rejection::NotAvailable(agent, WhyNot::MissingSkill).into());
        }
        let queue = self.picture.queue(campaign);
        let mut to_be_had = queue
            .iter()
            .filter(|chat| self.picture.chats[*chat].is_dispatchable());
        if mode == Mode::RingAll && to_be_had.next() != Some(&id) {
            return Err(Rejection::NotHead(id).into());
        }
        self.assign(id, campaign, agent, Assignment::Taken, None, None)?;
        Ok(Answer::AgentChat(id))
    }

    fn note(
        &mut self,
        agent: AgentId,
        chat: ChatId,
        key: Option<&str>,
        text: &str,
    ) -> Result<Answer, Halt> {
        let known = self.chat_with(agent, chat)?;
        let text = field::text(text, limits::NOTE_CHARS).map_err(Rejection::InvalidField)?;
        let key = key.map(field::key).transpose();
        let key = key.map_err(Rejection::InvalidField)?;
        if let Some(key) = &key {
            let by = Sender::Agent(agent);
            let posted = known.posted(by, key).is_some();
            match known.noted(by, key) {
                Some(first) if *first == text => return Ok(Answer::Done),
                first if posted || first.is_some() => {
                    return Err(Rejection::ConflictingKey(key.to_string()).into());
                }
                _ => {}
            }
        }
        self.emit(Event::NoteAdded {
            chat,
            agent,
            key,
            text,
        })?;
        Ok(Answer::Done)
    }

    fn transfer(&mut self, agent: AgentId, id: ChatId, to: Destination) -> Result<Answer, Halt> {
        let chat = self.owned_chat(agent, id)?;
        if chat.transfer.is_some() {
            return Err(Rejection::AlreadyTaken(id).into());
        }
        let lapses_at = match to {
            Destination::Agent(to) => {
                self.check_guest(chat.campaign, id, to)?;
                Some(self.now.after(self.picture.tenant.transfer_timeout))
            }
            Destination::Campaign(to) => {
                self.check_destination(id, to)?;
                let time_out = self.known_campaign(to)?.settings.time_out;
                time_out.map(|limit| self.now.after(limit))
            }
        };
        self.emit(Event::TransferStarted {
            chat: id,
            to,
            lapses_at,
        })?;
        Ok(Answer::Done)
    }

    /// A campaign takes a chat from elsewhere if it is open, enabled and not full. Source: domain.md §6.
    pub(super) fn check_destination(&self, id: ChatId, to: CampaignId) -> Result<(), Rejection> {
        let chat = self.live_chat(id)?;
        let state = self.known_campaign(to)?;
        let waiting = self.picture.count_queue(to);
        // Like a newcomer, one who can be attended at once needs no place in the waiting list.
        let wish = rules::Wish::of(chat).anew();
        let room = state.settings.max_chats.admits(waiting)
            || rules::pick(self.picture, self.now, to, &wish).is_some();
        let there = self.picture.chat_of(chat.visitor, to);
        let other = there.is_some_and(|there| there != id);
        let here = to == chat.campaign;
        match !here && state.settings.enabled && state.open && room && !other {
            true => Ok(()),
            false => Err(Rejection::DestinationClosed(to, "")),
        }
    }

    /// Whether an agent can come into a chat by somebody else's wish.
    fn check_guest(
        &self,
        campaign: CampaignId,
        chat: ChatId,
        guest: AgentId,
    ) -> Result<(), Rejection> {
        let state = self.known_agent(guest)?;
        let takes_part = self.live_chat(chat)?.agents.contains(&guest);
        let voice = state.profile.voice || !self.picture.tenant.voice_membership_required;
        let obstacles = [
            (state.session.is_none(), WhyNot::NotSignedIn),
            (state.lost_until.is_some(), WhyNot::Lost),
            (state.paused.is_some(), WhyNot::Paused),
            (!voice, WhyNot::NoVoiceCampaign),
            (takes_part, WhyNot::Busy),
        ];
        if let Some((_, why)) = obstacles.into_iter().find(|(applies, _)| *applies) {
            return Err(Rejection::NotAvailable(guest, why));
        }
        match rules::reached_cap(self.picture, campaign, guest) {
            Some((used, cap)) => Err(Rejection::AtCapacity {
                agent: guest,
                used,
                cap,
            }),
            None => Ok(()),
        }
    }

    fn invite(&mut self, agent: AgentId, id: ChatId, guest: AgentId) -> Result<Answer, Halt> {
        let chat = self.owned_chat(agent, id)?;
        if chat.transfer.is_some() {
            return Err(Rejection::AlreadyTaken(id).into());
        }
        // One place stays free for an agent the chat is being transferred to.
        if chat.agents.len() >= limits::PARTICIPANTS - 1 {
            return Err(too_many("agents in the chat").into());
        }
        self.check_guest(chat.campaign, id, guest)?;
        self.emit(Event::ParticipantJoined {
            chat: id,
            agent: guest,
        })?;
        let code = SystemCode::AgentJoined;
        self.say(id, code, BuiltIn::AgentJoined, Some(guest))?;
        Ok(Answer::Done)
    }

    fn leave(&mut self, agent: AgentId, id: ChatId) -> Result<Answer, Halt> {
        let chat = self.chat_with(agent, id)?;
        if chat.agents.len() < 2 {
            return Err(Rejection::NotOwner(id).into());
        }
        // What the owner began ends with the owner; a guest takes nothing along.
        if chat.owner() == Some(agent) {
            self.end_transfer(id, OfferEnd::Rescinded)?;
        }
        self.part(agent, id)?;
        Ok(Answer::Done)
    }

    /// One evaluation per agent's part, model version and evaluator.
    pub(super) fn evaluate(&mut self, evaluation: Evaluation) -> Result<Answer, Halt> {
        let ModelId(number) = evaluation.model;
        let place = (number as usize).checked_sub(1);
        let model = place.and_then(|place| self.picture.models.get(place));
        let model = model.ok_or(Rejection::UnknownModel(number))?;
        let score = model.score(&evaluation.answers);
        let score = score.map_err(Rejection::InvalidSettings)?;
        let part = (
            evaluation.chat,
            evaluation.agent,
            evaluation.model,
            evaluation.evaluator,
        );
        if self.picture.evaluated.contains(&part) {
            return Err(Rejection::AlreadySubmitted.into());
        }
        let live = self.picture.chats.get(&evaluation.chat);
        if live.is_some_and(|live| !live.agents.contains(&evaluation.agent)) {
            return Err(Rejection::NotOwner(evaluation.chat).into());
        }
        self.emit(Event::ChatEvaluated { evaluation, score })?;
        Ok(Answer::Score(score))
    }
}

fn checked_disposition(
    rule: &DispositionRule,
    given: Option<&[Arc<str>]>,
) -> Result<Option<Vec<Arc<str>>>, Rejection> {
    let wrong = || Rejection::InvalidField(Problem::new("disposition", "", "one that is known"));
    let path = given.filter(|path| !path.is_empty());
    let Some(path) = path else {
        return match rule.required {
            true => Err(wrong()),
            false => Ok(None),
        };
    };
    let plain = path
        .iter()
        .all(|level| field::text(level, limits::LABEL_CHARS).is_ok());
    let known = rule.choices.is_empty() || rule.choices.iter().any(|choice| choice == path);
    match plain && known && path.len() <= limits::DISPOSITION_LEVELS {
        true => Ok(Some(path.to_vec())),
        false => Err(wrong()),
    }
}
