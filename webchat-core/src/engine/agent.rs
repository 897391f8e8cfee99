//! What agents ask.

use std::sync::Arc;

use crate::call::Caller;
use crate::campaign::Mode;
use crate::command::{AgentCommand, Destination};
use crate::effect::{Effect, Receipt, VisitorNotice};
use crate::event::{
    Assignment, Author, CloseReason, Event, OfferEnd, ReturnReason, SignOutReason, SystemCode,
};
use crate::field;
use crate::id::{AgentId, CampaignId, ChatId};
use crate::limits;
use crate::outbox::Outbox;
use crate::problem::Problem;
use crate::quality::Evaluation;
use crate::rejection::{Rejection, WhyNot};
use crate::state::{AgentState, CampaignState, Chat, Phase, Sender, SlotKind};
use crate::time::Timestamp;
use crate::wording::BuiltIn;

use super::Engine;
use super::conversation::{Closing, new_note};
use super::dispatch::Wish;

impl Engine {
    pub(super) fn agent(
        &mut self,
        at: Timestamp,
        agent: AgentId,
        ask: AgentCommand,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let state = self.known_agent(agent)?;
        if let AgentCommand::SignIn { session } = ask {
            if state.session != Some(session) || state.lost_until.is_some() {
                self.emit(at, Event::AgentSignedIn { agent, session }, outbox);
            }
            return Ok(Receipt::Done);
        }
        if !state.is_signed_in() {
            return Err(Rejection::NotSignedIn(agent));
        }
        match ask {
            AgentCommand::SignIn { .. } => {}
            AgentCommand::SignOut { force } => {
                let owned = state.owned().count() as u32;
                if owned > 0 && !force {
                    return Err(Rejection::ActiveChats(owned));
                }
                let why = if owned > 0 {
                    SignOutReason::Forced
                } else {
                    SignOutReason::Asked
                };
                self.sign_out(at, agent, why, None, outbox);
            }
            AgentCommand::Connect => {
                if state.lost_until.is_some() {
                    self.emit(at, Event::AgentBack { agent }, outbox);
                }
            }
            AgentCommand::Disconnect => self.lose_agent(at, agent, outbox),
            AgentCommand::Pause { reason } => {
                self.pause(at, agent, &reason, None, outbox)?;
            }
            AgentCommand::Resume => {
                self.resume(at, agent, None, outbox)?;
            }
            AgentCommand::OnCall { on } => self.set_on_call(at, agent, on, outbox)?,
            AgentCommand::Accept { chat } => return self.accept(at, agent, chat, outbox),
            AgentCommand::Refuse { chat } => {
                self.asked_for(agent, chat)?;
                self.end_ask(at, chat, OfferEnd::Refused, outbox);
                self.settle(at, &[chat], outbox);
            }
            AgentCommand::Take { chat } => return self.take(at, agent, chat, outbox),
            AgentCommand::Write { chat, key, text } => {
                let author = self.author(agent, chat)?;
                return self.write(at, chat, author, key, text, outbox);
            }
            AgentCommand::SendFile { chat, key, file } => {
                let author = self.author(agent, chat)?;
                return self.send_file(at, chat, author, &key, file, outbox);
            }
            AgentCommand::Typing { chat, on } => {
                self.chat_with(agent, chat)?;
                let notice = VisitorNotice::Typing { chat, on };
                outbox.tell(Effect::Visitor { chat, notice });
            }
            AgentCommand::Seen { chat, seen } => {
                self.chat_with(agent, chat)?;
                return self.see(at, chat, false, seen, outbox);
            }
            AgentCommand::Note { chat, key, text } => {
                self.note(at, agent, chat, key, &text, outbox)?;
            }
            AgentCommand::Transfer { chat, to } => self.transfer(at, agent, chat, to, outbox)?,
            AgentCommand::CancelTransfer { chat } => {
                self.owned_chat(agent, chat)?;
                self.end_transfer(at, chat, OfferEnd::Rescinded, outbox);
            }
            AgentCommand::Invite { chat, agent: guest } => {
                self.invite(at, agent, chat, guest, outbox)?
            }
            AgentCommand::Leave { chat } => self.leave(at, agent, chat, outbox)?,
            AgentCommand::Call { chat, ask } => {
                self.chat_with(agent, chat)?;
                return self.call(at, chat, Caller::Agent(agent), ask, outbox);
            }
            AgentCommand::Evaluate {
                chat,
                model,
                answers,
            } => {
                let evaluation = Evaluation {
                    chat,
                    agent,
                    model,
                    evaluator: agent,
                    answers,
                };
                return self.evaluate(at, evaluation, outbox);
            }
            AgentCommand::Close { chat, disposition } => {
                let campaign = self.owned_chat(agent, chat)?.campaign;
                let disposition = self.checked_disposition(campaign, disposition)?;
                let how = Closing {
                    due: None,
                    by: Some(agent),
                    disposition,
                };
                self.close(at, chat, CloseReason::AgentClosed, how, outbox);
            }
        }
        Ok(Receipt::Done)
    }

    /// Adds an internal note; a repeated key adds none.
    fn note(
        &mut self,
        at: Timestamp,
        agent: AgentId,
        chat: ChatId,
        key: Option<Arc<str>>,
        text: &str,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        let known = self.chat_with(agent, chat)?;
        if let Some(text) = new_note(known, Sender::Agent(agent), key.as_ref(), text)? {
            let event = Event::NoteAdded {
                chat,
                agent,
                key,
                text,
            };
            self.emit(at, event, outbox);
        }
        Ok(())
    }

    pub(super) fn pause(
        &mut self,
        at: Timestamp,
        agent: AgentId,
        reason: &str,
        by: Option<AgentId>,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        let reason = field::text(reason, limits::LABEL_CHARS).map_err(|problem| {
            Rejection::InvalidField(Problem {
                field: "reason".into(),
                ..problem
            })
        })?;
        if self.known_agent(agent)?.paused.as_ref() != Some(&reason) {
            self.emit(at, Event::AgentPaused { agent, reason, by }, outbox);
        }
        Ok(())
    }

    pub(super) fn resume(
        &mut self,
        at: Timestamp,
        agent: AgentId,
        by: Option<AgentId>,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        if self.known_agent(agent)?.paused.is_some() {
            self.emit(at, Event::AgentResumed { agent, by }, outbox);
        }
        Ok(())
    }

    pub(super) fn set_on_call(
        &mut self,
        at: Timestamp,
        agent: AgentId,
        on: bool,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        if self.known_agent(agent)?.on_call != on {
            self.emit(at, Event::AgentOnCall { agent, on }, outbox);
        }
        Ok(())
    }

    /// The last connection is gone: offers go on at once, chats are held for the grace time.
    pub(super) fn lose_agent(&mut self, at: Timestamp, agent: AgentId, outbox: &mut Outbox) {
        let Some(state) = self.state.agent(agent) else {
            return;
        };
        if !state.is_signed_in() || state.lost_until.is_some() {
            return;
        }
        let until = at.after(self.state.tenant.agent_grace);
        self.emit(at, Event::AgentLost { agent, until }, outbox);
        self.rescind_asks(at, agent, outbox);
    }

    /// Ends a session: offers go on, conferences lose a member, owned chats go back to the queue.
    pub(super) fn sign_out(
        &mut self,
        at: Timestamp,
        agent: AgentId,
        why: SignOutReason,
        by: Option<AgentId>,
        outbox: &mut Outbox,
    ) {
        // Signed out first, so that nothing comes back to this agent.
        let due = self
            .state
            .agent(agent)
            .and_then(|state| state.lost_until)
            .filter(|_| why == SignOutReason::Lost);
        let event = Event::AgentSignedOut {
            agent,
            why,
            due,
            by,
        };
        self.emit(at, event, outbox);
        self.rescind_asks(at, agent, outbox);
        for chat in self.chats_in(agent, SlotKind::Participant) {
            self.part(at, agent, chat, outbox);
        }
        let owned = self.chats_in(agent, SlotKind::Owner);
        for chat in &owned {
            self.give_up(at, agent, *chat, why, outbox);
        }
        self.settle(at, &owned, outbox);
    }

    /// What becomes of a chat whose owner is gone. Source: domain.md §5, "Agent lost".
    fn give_up(
        &mut self,
        at: Timestamp,
        agent: AgentId,
        id: ChatId,
        why: SignOutReason,
        outbox: &mut Outbox,
    ) {
        use crate::campaign::OnAgentLost;
        self.end_transfer(at, id, OfferEnd::Rescinded, outbox);
        let Some(chat) = self.state.chat(id) else {
            return;
        };
        let policy = self
            .state
            .campaign(chat.campaign)
            .map(|campaign| campaign.settings.on_agent_lost);
        if chat.participants.iter().count() > 1 {
            self.part(at, agent, id, outbox);
            return;
        }
        match (why, policy) {
            (SignOutReason::Lost, Some(OnAgentLost::Keep)) => {}
            (SignOutReason::Lost, Some(OnAgentLost::Close)) => {
                self.close(at, id, CloseReason::AgentGone, Closing::default(), outbox);
            }
            (SignOutReason::Lost, _) => self.give_back(at, id, ReturnReason::AgentLost, outbox),
            _ => self.give_back(at, id, ReturnReason::SignedOut, outbox),
        }
    }

    fn rescind_asks(&mut self, at: Timestamp, agent: AgentId, outbox: &mut Outbox) {
        let asked = self.chats_in(agent, SlotKind::Asked);
        for chat in &asked {
            self.end_ask(at, *chat, OfferEnd::Rescinded, outbox);
        }
        self.settle(at, &asked, outbox);
    }

    /// The agent's chats of one kind, in order of admission.
    pub(super) fn chats_in(&self, agent: AgentId, kind: SlotKind) -> Vec<ChatId> {
        let slots = self
            .state
            .agent(agent)
            .map_or(&[][..], |agent| &agent.slots);
        let of_kind = slots.iter().filter(|slot| slot.kind == kind);
        let mut chats: Vec<&Chat> = of_kind
            .filter_map(|slot| self.state.chat(slot.chat))
            .collect();
        chats.sort_by_key(|chat| chat.sequence);
        chats.into_iter().map(|chat| chat.id).collect()
    }

    fn accept(
        &mut self,
        at: Timestamp,
        agent: AgentId,
        id: ChatId,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let chat = self.live_chat(id)?;
        // A repeated acceptance, whose first answer was lost, is answered again.
        if chat.owner() != Some(agent) {
            self.asked_for(agent, id)?;
            let (how, campaign) = match chat.phase {
                Phase::Transferring {
                    to: Destination::Campaign(campaign),
                    ..
                } => (Assignment::Transferred, campaign),
                Phase::Transferring { .. } => (Assignment::Transferred, chat.campaign),
                _ => (Assignment::Accepted, chat.campaign),
            };
            self.assign(at, id, campaign, agent, how, None, None, outbox);
        }
        self.agent_receipt(id)
    }

    /// Whether `agent` is the one who may accept the chat.
    fn asked_for(&self, agent: AgentId, id: ChatId) -> Result<(), Rejection> {
        match self.live_chat(id)?.asked() {
            Some(asked) if asked.agent == agent => Ok(()),
            _ => Err(Rejection::AlreadyTaken(id)),
        }
    }

    /// A manual take, in any mode; in `ringall` the head only. Source: domain.md §2 and §5.
    fn take(
        &mut self,
        at: Timestamp,
        agent: AgentId,
        id: ChatId,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let chat = self.live_chat(id)?;
        if chat.owner() == Some(agent) {
            return self.agent_receipt(id);
        }
        if chat.asked().is_some_and(|asked| asked.agent == agent) {
            return self.accept(at, agent, id, outbox);
        }
        if !matches!(chat.phase, Phase::Waiting) {
            return Err(Rejection::AlreadyTaken(id));
        }
        let (campaign_id, skills) = (chat.campaign, &chat.skills);
        let campaign = self.known_campaign(campaign_id)?;
        let state = self.known_agent(agent)?;
        let mode = campaign.settings.strategy.mode;
        match self.state.why_not(campaign, state) {
            // Taking by hand is the agent's own judgement of being busy.
            None | Some(WhyNot::OnCall | WhyNot::AutoPaused) => {}
            Some(WhyNot::Busy) if !mode.is_pull() => {}
            Some(WhyNot::AtCapacity) => return Err(self.at_capacity(campaign_id, state)),
            Some(why) => return Err(Rejection::NotAvailable(agent, why)),
        }
        if self.state.at_cap(campaign, state).is_some() {
            return Err(self.at_capacity(campaign_id, state));
        }
        let member = self.state.member(campaign_id, agent);
        let has = |skill| member.is_some_and(|member| member.member.skills.contains(skill));
        if !skills.iter().all(has) {
            return Err(Rejection::NotAvailable(agent, WhyNot::MissingSkill));
        }
        if mode == Mode::RingAll && self.head_of(campaign_id) != Some(id) {
            return Err(Rejection::NotHead(id));
        }
        let how = Assignment::Taken;
        self.assign(at, id, campaign_id, agent, how, None, None, outbox);
        self.agent_receipt(id)
    }

    /// The first chat in the queue that can be had.
    fn head_of(&self, campaign: CampaignId) -> Option<ChatId> {
        let campaign = self.state.campaign(campaign)?;
        let mut waiting = campaign.waiting.iter();
        waiting.find(|chat| self.state.chat(*chat).is_some_and(Chat::is_dispatchable))
    }

    fn at_capacity(&self, campaign: CampaignId, agent: &AgentState) -> Rejection {
        let campaign = self.state.campaign(campaign);
        let (used, cap) = campaign
            .and_then(|campaign| self.state.at_cap(campaign, agent))
            .unwrap_or((agent.load(), 0));
        Rejection::AtCapacity {
            agent: agent.id,
            used,
            cap,
        }
    }

    fn transfer(
        &mut self,
        at: Timestamp,
        agent: AgentId,
        id: ChatId,
        to: Destination,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        let chat = self.owned_chat(agent, id)?;
        if !matches!(chat.phase, Phase::Active) {
            return Err(Rejection::AlreadyTaken(id));
        }
        let campaign = chat.campaign;
        let lapses_at = match to {
            Destination::Agent(to) => {
                self.may_join(campaign, id, to)?;
                Some(at.after(self.state.tenant.transfer_timeout))
            }
            Destination::Campaign(to) => {
                let settings = &self.destination(at, chat, to)?.settings;
                settings.time_out.map(|limit| at.after(limit))
            }
        };
        self.emit(
            at,
            Event::TransferStarted {
                chat: id,
                to,
                lapses_at,
            },
            outbox,
        );
        Ok(())
    }

    /// The campaign whose queue a chat is to go to, if it takes the chat.
    pub(super) fn destination(
        &self,
        at: Timestamp,
        chat: &Chat,
        to: CampaignId,
    ) -> Result<&CampaignState, Rejection> {
        let destination = self.known_campaign(to)?;
        let settings = &destination.settings;
        // Like a newcomer, one who can be attended at once needs no place in the waiting list.
        let has_room =
            destination.has_room() || self.would_dispatch(at, destination, &Wish::of(chat));
        // One live chat per visitor and campaign.
        let there = self.state.chat_of(chat.visitor, to);
        let other_chat = there.is_some_and(|other| other != chat.id);
        let obstacle = [
            (to == chat.campaign, "the chat is in it already"),
            (!settings.enabled, "it is disabled"),
            (!destination.open, "it is closed"),
            (!has_room, "it is full"),
            (other_chat, "the visitor has another chat there"),
        ];
        match obstacle.into_iter().find(|(applies, _)| *applies) {
            Some((_, why)) => Err(Rejection::DestinationClosed(to, why)),
            None => Ok(destination),
        }
    }

    /// Whether an agent can come into a chat by somebody else's wish.
    fn may_join(
        &self,
        campaign: CampaignId,
        chat: ChatId,
        agent: AgentId,
    ) -> Result<(), Rejection> {
        let state = self.known_agent(agent)?;
        let why_not = match state {
            state if !state.is_signed_in() => Some(WhyNot::NotSignedIn),
            state if state.lost_until.is_some() => Some(WhyNot::Lost),
            state if state.paused.is_some() => Some(WhyNot::Paused),
            state if self.state.tenant.voice_membership_required && !state.profile.voice => {
                Some(WhyNot::NoVoiceCampaign)
            }
            _ if self.live_chat(chat)?.has(agent) => Some(WhyNot::Busy),
            _ => None,
        };
        if let Some(why) = why_not {
            return Err(Rejection::NotAvailable(agent, why));
        }
        match self.state.at_cap(self.known_campaign(campaign)?, state) {
            Some(_) => Err(self.at_capacity(campaign, state)),
            None => Ok(()),
        }
    }

    fn invite(
        &mut self,
        at: Timestamp,
        agent: AgentId,
        id: ChatId,
        guest: AgentId,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        let chat = self.owned_chat(agent, id)?;
        if !matches!(chat.phase, Phase::Active) {
            return Err(Rejection::AlreadyTaken(id));
        }
        let campaign = chat.campaign;
        // One place stays free for an agent the chat is being transferred to.
        let most = limits::PARTICIPANTS - 1;
        if chat.participants.iter().count() >= most {
            return Err(Rejection::Limit {
                what: "agents in the chat",
                max: most as u64,
            });
        }
        self.may_join(campaign, id, guest)?;
        self.emit(
            at,
            Event::ParticipantJoined {
                chat: id,
                agent: guest,
            },
            outbox,
        );
        self.say(
            at,
            id,
            SystemCode::AgentJoined,
            BuiltIn::AgentJoined,
            Some(guest),
            outbox,
        );
        Ok(())
    }

    fn leave(
        &mut self,
        at: Timestamp,
        agent: AgentId,
        id: ChatId,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        let chat = self.chat_with(agent, id)?;
        if chat.participants.iter().count() < 2 {
            return Err(Rejection::NotOwner(id));
        }
        // What the owner began ends with the owner; a guest takes nothing along.
        if chat.owner() == Some(agent) {
            self.end_transfer(at, id, OfferEnd::Rescinded, outbox);
        }
        self.part(at, agent, id, outbox);
        Ok(())
    }

    /// An agent leaves a conference; the longest present becomes the owner.
    fn part(&mut self, at: Timestamp, agent: AgentId, id: ChatId, outbox: &mut Outbox) {
        let Some(chat) = self.state.chat(id) else {
            return;
        };
        let Some(owner) = chat.participants.iter().find(|other| *other != agent) else {
            return;
        };
        self.emit(
            at,
            Event::ParticipantLeft {
                chat: id,
                agent,
                owner,
            },
            outbox,
        );
        self.say(
            at,
            id,
            SystemCode::AgentLeft,
            BuiltIn::AgentLeft,
            Some(agent),
            outbox,
        );
    }

    fn checked_disposition(
        &self,
        campaign: CampaignId,
        disposition: Option<Vec<Arc<str>>>,
    ) -> Result<Option<Vec<Arc<str>>>, Rejection> {
        let rule = &self.known_campaign(campaign)?.settings.disposition;
        let wrong = |value: String, expected: &str| {
            Err(Rejection::InvalidField(Problem::new(
                "disposition",
                value,
                expected,
            )))
        };
        let Some(path) = disposition.filter(|path| !path.is_empty()) else {
            return match rule.required {
                true => wrong(String::new(), "one of the campaign's dispositions"),
                false => Ok(None),
            };
        };
        let plain = path
            .iter()
            .all(|step| field::text(step, limits::LABEL_CHARS).is_ok());
        if path.len() > limits::DISPOSITION_LEVELS || !plain {
            return wrong(path.join(" / "), "1 to 4 levels of 1 to 80 characters");
        }
        match rule.choices.is_empty() || rule.choices.contains(&path) {
            true => Ok(Some(path)),
            false => wrong(path.join(" / "), "one of the campaign's dispositions"),
        }
    }

    /// A live chat the agent takes part in.
    fn chat_with(&self, agent: AgentId, id: ChatId) -> Result<&Chat, Rejection> {
        let chat = self.live_chat(id)?;
        match chat.has(agent) {
            true => Ok(chat),
            false => Err(Rejection::NotOwner(id)),
        }
    }

    /// The agent as the author of a message in a live chat they take part in.
    fn author(&self, agent: AgentId, id: ChatId) -> Result<Author, Rejection> {
        let taking_part = self.chat_with(agent, id)?;
        let (campaign, language) = (taking_part.campaign, taking_part.language);
        let shown_as = self.shown_name(campaign, agent, language);
        Ok(Author::Agent { agent, shown_as })
    }

    /// A live chat the agent owns.
    fn owned_chat(&self, agent: AgentId, id: ChatId) -> Result<&Chat, Rejection> {
        let chat = self.live_chat(id)?;
        match chat.owner() == Some(agent) {
            true => Ok(chat),
            false => Err(Rejection::NotOwner(id)),
        }
    }

    pub(super) fn agent_receipt(&self, id: ChatId) -> Result<Receipt, Rejection> {
        let chat = self.live_chat(id)?;
        Ok(Receipt::AgentChat(self.agent_chat(chat)))
    }
}
