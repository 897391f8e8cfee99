//! What visitors ask: admission, and everything in a chat of their own.

use std::sync::Arc;

use webchat_core::call::Caller;
use webchat_core::campaign::{EmailRule, ExtraField, OfflineForm};
use webchat_core::command::{ChatRequest, VisitorAsk, VisitorCommand, VisitorForm};
use webchat_core::event::{Author, CloseReason, Event, RefusalReason, SystemCode, VisitorFacts};
use webchat_core::field;
use webchat_core::id::{CampaignId, ChatId, VisitorKey};
use webchat_core::limits;
use webchat_core::problem::Problem;
use webchat_core::rejection::Rejection;
use webchat_core::wording::Language;

use super::{Answer, Halt, Model, rules, wording};

impl Model<'_> {
    pub(super) fn visitor(&mut self, command: &VisitorCommand) -> Result<Answer, Halt> {
        match command {
            VisitorCommand::RequestChat(request) => self.request_chat(request),
            VisitorCommand::LeaveOfflineMessage(request) => self.leave_offline_message(request),
            VisitorCommand::InChat { visitor, chat, ask } => self.in_chat(*visitor, *chat, ask),
        }
    }

    /// Admission, rule by rule. Source: domain.md §2–§4 and §7.
    fn request_chat(&mut self, request: &ChatRequest) -> Result<Answer, Halt> {
        let id = request.campaign;
        let settings = self.known_campaign(id)?.settings.clone();
        if !settings.allowed_domains.permits(request.origin.as_ref()) {
            return Err(Rejection::DomainNotAllowed.into());
        }
        if let Some(chat) = self.picture.chat_of(request.visitor, id) {
            return Ok(Answer::Chat(chat));
        }
        let language = request.language;
        let language = language.unwrap_or(settings.wording.default_language);
        let refused = |reason, skills| Event::ChatRefused {
            campaign: id,
            visitor: request.visitor,
            reason,
            language,
            skills,
        };
        let rule = rules::refusal(self.picture, self.now, id, &request.skills);
        // Nobody fills a form in vain: these two rules come before it is looked at.
        if let Some(reason @ (RefusalReason::Disabled | RefusalReason::OutOfTime)) = rule {
            self.emit(refused(reason, Vec::new()))?;
            return Ok(self.turn_away(id, reason, language));
        }
        let facts = VisitorFacts {
            identity: request.identity.clone(),
            ..facts(&request.form, settings.email, settings.extra.as_ref())?
        };
        if request.skills.len() > limits::SKILLS {
            return Err(too_many("skills of the chat").into());
        }
        if let Some(reason) = rule {
            self.emit(refused(reason, request.skills.clone()))?;
            return Ok(self.turn_away(id, reason, language));
        }
        let wish = rules::Wish::newcomer(&request.skills);
        let at_once = rules::pick(self.picture, self.now, id, &wish).is_some();
        // The handle is the engine's choice, and so is the estimate of those who have to wait.
        let (chat, estimate) = match self.peek() {
            Some(Event::ChatQueued { chat, estimate, .. }) => {
                (*chat, estimate.filter(|_| !at_once))
            }
            _ => (ChatId::new(u32::MAX, u32::MAX), None),
        };
        self.emit(Event::ChatQueued {
            chat,
            sequence: self.picture.admitted + 1,
            campaign: id,
            visitor: request.visitor,
            facts: Arc::new(facts),
            language,
            priority: request.priority,
            skills: request.skills.clone(),
            estimate,
        })?;
        if let Some(text) = wording::text_of(&settings.wording.welcome, &settings, language) {
            let code = SystemCode::Welcome;
            self.post(chat, Author::System { code }, text, None, false)?;
        }
        self.dispatch()?;
        Ok(Answer::Chat(chat))
    }

    /// What a newcomer is told who is turned away. Source: domain.md §2 and §7, Offline Message.
    fn turn_away(&mut self, id: CampaignId, reason: RefusalReason, language: Language) -> Answer {
        let settings = &self.picture.campaigns[&id].settings;
        let out_of_time = reason == RefusalReason::OutOfTime;
        let text = match out_of_time {
            true => wording::out_of_time(settings, language),
            false => wording::not_available(settings, language),
        };
        let offline_form = match &settings.offline {
            OfflineForm::Off => false,
            OfflineForm::On { also_when_full, .. } => {
                out_of_time || (*also_when_full && reason == RefusalReason::QueueFull)
            }
        };
        let calendar = self.calendars.of(id, &settings.schedule);
        let next_open_at = match out_of_time {
            true => calendar.next_open_at(self.now),
            false => None,
        };
        Answer::Refused {
            reason,
            text,
            next_open_at,
            offline_form,
        }
    }

    fn in_chat(
        &mut self,
        visitor: VisitorKey,
        id: ChatId,
        ask: &VisitorAsk,
    ) -> Result<Answer, Halt> {
        if let VisitorAsk::Feedback { score, note } = ask {
            return self.feedback(visitor, id, *score, note.as_deref());
        }
        if let VisitorAsk::Transcript { email } = ask {
            return self.ask_transcript(visitor, id, email.as_deref());
        }
        self.check_own(visitor, id)?;
        let lost = self.live_chat(id)?.lost_since.is_some();
        match ask {
            VisitorAsk::Connect if lost => self.emit(Event::VisitorBack { chat: id })?,
            VisitorAsk::Disconnect if !lost => self.emit(Event::VisitorLost { chat: id })?,
            VisitorAsk::Connect | VisitorAsk::Disconnect | VisitorAsk::Typing { .. } => {}
            VisitorAsk::Write { key, text } => {
                return self.write(id, Author::Visitor, key, text);
            }
            VisitorAsk::SendFile { key, file } => {
                return self.send_file(id, Author::Visitor, key, file);
            }
            VisitorAsk::Seen(seen) => return self.see(id, true, *seen),
            VisitorAsk::Call(ask) => return self.call(id, Caller::Visitor, ask),
            VisitorAsk::Leave => self.close(id, CloseReason::VisitorLeft, None)?,
            VisitorAsk::Feedback { .. } | VisitorAsk::Transcript { .. } => {}
        }
        Ok(Answer::Done)
    }

    /// Another visitor's chat does not exist for them.
    fn check_own(&self, visitor: VisitorKey, id: ChatId) -> Result<(), Rejection> {
        let live = self.picture.chats.get(&id).map(|chat| chat.visitor);
        let ended = self.picture.ended.get(&id).map(|chat| chat.visitor);
        match (live, ended) {
            (Some(owner), _) if owner == visitor => Ok(()),
            (None, Some(owner)) if owner == visitor => Err(Rejection::ChatClosed(id)),
            _ => Err(Rejection::UnknownChat(id)),
        }
    }

    /// Once, within 24 h, if an agent had accepted. Source: domain.md §7, Enable Feedback.
    fn feedback(
        &mut self,
        visitor: VisitorKey,
        id: ChatId,
        score: u8,
        note: Option<&str>,
    ) -> Result<Answer, Halt> {
        let note = field::note(note).map_err(Rejection::InvalidField)?;
        if !(1..=5).contains(&score) {
            let problem = Problem::new("score", score, "1 to 5");
            return Err(Rejection::InvalidField(problem).into());
        }
        let ended = self.picture.ended.get(&id);
        let Some(ended) = ended.filter(|ended| ended.visitor == visitor) else {
            self.check_own(visitor, id)?;
            return Err(Rejection::FeedbackNotOpen.into());
        };
        if ended.feedback_given {
            return Err(Rejection::AlreadySubmitted.into());
        }
        if ended.feedback_until.is_none_or(|until| self.now >= until) {
            return Err(Rejection::FeedbackNotOpen.into());
        }
        self.emit(Event::FeedbackGiven {
            chat: id,
            score,
            note,
        })?;
        Ok(Answer::Done)
    }
}

/// What the form says, each field as its own check wants it.
pub(super) fn facts(
    form: &VisitorForm,
    email: EmailRule,
    extra: Option<&ExtraField>,
) -> Result<VisitorFacts, Rejection> {
    let pattern = extra.and_then(ExtraField::matcher);
    let wrong = Rejection::InvalidField;
    Ok(VisitorFacts {
        extra: field::extra(form.extra.as_deref(), extra, pattern.as_ref()).map_err(wrong)?,
        name: field::name(form.name.as_deref()).map_err(wrong)?,
        email: field::email(form.email.as_deref(), email).map_err(wrong)?,
        page: field::page(form.page.as_deref()),
        identity: None,
    })
}

pub(super) fn too_many(what: &'static str) -> Rejection {
    Rejection::Limit { what, max: 0 }
}
