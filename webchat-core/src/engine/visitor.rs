//! What visitors ask: admission, and everything in a chat of their own.

use std::sync::Arc;

use crate::call::Caller;
use crate::campaign::WhenEmpty;
use crate::command::{ChatRequest, VisitorAsk, VisitorCommand, VisitorForm};
use crate::effect::{AgentNotice, Effect, Receipt, Refusal};
use crate::event::{Author, CloseReason, Event, Message, RefusalReason, SystemCode, VisitorFacts};
use crate::field;
use crate::id::{CampaignId, ChatId, VisitorKey};
use crate::limits;
use crate::outbox::Outbox;
use crate::problem::Problem;
use crate::queue::Place;
use crate::rejection::Rejection;
use crate::state::{CampaignState, Chat, Phase};
use crate::time::Timestamp;
use crate::wording::Language;

use super::Engine;
use super::conversation::Closing;
use super::dispatch::Wish;

impl Engine {
    pub(super) fn visitor(
        &mut self,
        at: Timestamp,
        command: VisitorCommand,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        match command {
            VisitorCommand::RequestChat(request) => self.request_chat(at, *request, outbox),
            VisitorCommand::LeaveOfflineMessage(request) => {
                self.leave_offline_message(at, *request, outbox)
            }
            VisitorCommand::InChat {
                visitor,
                chat,
                ask: VisitorAsk::Feedback { score, note },
            } => self.feedback(at, visitor, chat, score, note, outbox),
            VisitorCommand::InChat {
                visitor,
                chat,
                ask: VisitorAsk::Transcript { email },
            } => self.ask_transcript(at, visitor, chat, email, outbox),
            VisitorCommand::InChat { visitor, chat, ask } => {
                self.own_chat(visitor, chat)?;
                self.in_chat(at, chat, ask, outbox)
            }
        }
    }

    /// Admission. The rules in order: allowed domains, the chat already there, enabled, schedule, fields,
    /// nobody signed in, Max Chats.
    ///
    /// Source: domain.md §2–§4 and §7.
    fn request_chat(
        &mut self,
        at: Timestamp,
        request: ChatRequest,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let campaign = self.known_campaign(request.campaign)?;
        let id = campaign.id;
        let settings = campaign.settings.clone();
        if !settings.allowed_domains.permits(request.origin.as_ref()) {
            return Err(Rejection::DomainNotAllowed);
        }
        if let Some(chat) = self
            .state
            .chat_of(request.visitor, id)
            .and_then(|chat| self.state.chat(chat))
        {
            return Ok(Receipt::Chat(self.visitor_chat(chat)));
        }
        let language = request
            .language
            .unwrap_or(settings.wording.default_language);
        let visitor = request.visitor;
        if let Some(reason) = campaign.settings.turned_away(campaign.open) {
            let refused = Event::ChatRefused {
                campaign: id,
                visitor,
                reason,
                language,
                skills: Vec::new(),
            };
            return Ok(self.refuse(at, id, reason, language, refused, outbox));
        }
        if let Some(identity) = &request.identity {
            field::identity(identity).map_err(Rejection::InvalidField)?;
        }
        let facts = Arc::new(VisitorFacts {
            identity: request.identity,
            ..self.visitor_facts(campaign, &request.form)?
        });
        let skills = checked_skills(request.skills)?;
        if self.state.live_chats() >= limits::LIVE_CHATS {
            return Err(Rejection::Limit {
                what: "live chats",
                max: limits::LIVE_CHATS as u64,
            });
        }
        let at_once = match self.find_room(at, campaign, &Wish::of_newcomer(&skills)) {
            Ok(at_once) => at_once,
            Err(reason) => {
                let refused = Event::ChatRefused {
                    campaign: id,
                    visitor,
                    reason,
                    language,
                    skills,
                };
                return Ok(self.refuse(at, id, reason, language, refused, outbox));
            }
        };
        let chat = self.state.next_chat();
        let sequence = self.state.admitted + 1;
        let priority = request.priority;
        let estimate = match at_once {
            true => None,
            false => {
                let place = Place {
                    priority: std::cmp::Reverse(priority),
                    since: at,
                    sequence,
                };
                self.state
                    .campaign(id)
                    .and_then(|campaign| self.state.estimate(campaign, place, at, at))
            }
        };
        let event = Event::ChatQueued {
            chat,
            sequence,
            campaign: id,
            visitor,
            facts,
            language,
            priority,
            skills,
            estimate,
        };
        self.emit(at, event, outbox);
        if let Some(text) = settings
            .wording
            .optional(&settings.wording.welcome, language)
        {
            let author = Author::System {
                code: SystemCode::Welcome,
            };
            let message = Message {
                number: 0,
                at,
                author,
                text,
                file: None,
                key: None,
                automatic: false,
            };
            self.post(at, chat, message, outbox);
        }
        self.dispatch(at, outbox);
        let chat = self.live_chat(chat)?;
        // Nobody else moved since the estimate was made.
        let estimate = estimate.filter(|_| matches!(chat.phase, Phase::Waiting));
        Ok(Receipt::Chat(self.visitor_chat_expecting(chat, estimate)))
    }

    pub(super) fn visitor_facts(
        &self,
        campaign: &CampaignState,
        form: &VisitorForm,
    ) -> Result<VisitorFacts, Rejection> {
        let settings = &campaign.settings;
        let pattern = self
            .compiled(campaign.id)
            .and_then(|compiled| compiled.extra.as_ref());
        let extra = field::extra(form.extra.as_deref(), settings.extra.as_ref(), pattern)
            .map_err(Rejection::InvalidField)?;
        Ok(VisitorFacts {
            name: field::name(form.name.as_deref()).map_err(Rejection::InvalidField)?,
            email: field::email(form.email.as_deref(), settings.email)
                .map_err(Rejection::InvalidField)?,
            extra,
            page: field::page(form.page.as_deref()),
            identity: None,
        })
    }

    /// Whether a newcomer goes to an agent at once, else may wait, else is refused.
    pub(super) fn find_room(
        &self,
        at: Timestamp,
        campaign: &CampaignState,
        wish: &Wish<'_>,
    ) -> Result<bool, RefusalReason> {
        if self.meets_nobody(campaign) {
            return Err(RefusalReason::NoAgents);
        }
        match self.would_dispatch(at, campaign, wish) {
            true => Ok(true),
            false if campaign.has_room() => Ok(false),
            false => Err(RefusalReason::QueueFull),
        }
    }

    /// Nobody is there whom the campaign wants to be there. Source: domain.md §4, "(nobody signed in)".
    fn meets_nobody(&self, campaign: &CampaignState) -> bool {
        match campaign.settings.when_empty {
            WhenEmpty::Admit => false,
            WhenEmpty::Refuse => campaign.signed_in == 0,
            WhenEmpty::NeedAvailable => !campaign.members.iter().any(|member| {
                self.state.agent(member.member.agent).is_some_and(|agent| {
                    agent.is_signed_in() && agent.lost_until.is_none() && agent.paused.is_none()
                })
            }),
        }
    }

    fn refuse(
        &mut self,
        at: Timestamp,
        campaign: CampaignId,
        reason: RefusalReason,
        language: Language,
        refused: Event,
        outbox: &mut Outbox,
    ) -> Receipt {
        self.emit(at, refused, outbox);
        let next_open_at = self
            .calendar(campaign)
            .and_then(|calendar| calendar.next_open_at(at));
        let settings = self.state.campaign(campaign).map(|state| &state.settings);
        Receipt::Refused(settings.map_or_else(
            || Refusal {
                code: reason,
                text: Arc::default(),
                next_open_at: None,
                offline_form: false,
            },
            |settings| settings.refusal(reason, language, next_open_at),
        ))
    }

    /// The live chat of this visitor; another visitor's does not exist for them.
    fn own_chat(&self, visitor: VisitorKey, id: ChatId) -> Result<&Chat, Rejection> {
        match self.state.chat(id) {
            Some(chat) if chat.visitor == visitor => Ok(chat),
            Some(_) => Err(Rejection::UnknownChat(id)),
            None => Err(match self.state.ended(id) {
                Some(ended) if ended.visitor == visitor => Rejection::ChatClosed(id),
                _ => Rejection::UnknownChat(id),
            }),
        }
    }

    fn in_chat(
        &mut self,
        at: Timestamp,
        id: ChatId,
        ask: VisitorAsk,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let connected = self.live_chat(id)?.disconnected_at.is_none();
        match ask {
            VisitorAsk::Connect => {
                if !connected {
                    self.emit(at, Event::VisitorBack { chat: id }, outbox);
                }
                Ok(Receipt::Done)
            }
            VisitorAsk::Disconnect => {
                if connected {
                    self.emit(at, Event::VisitorLost { chat: id }, outbox);
                }
                Ok(Receipt::Done)
            }
            VisitorAsk::Write { key, text } => {
                self.write(at, id, Author::Visitor, key, text, outbox)
            }
            VisitorAsk::SendFile { key, file } => {
                self.send_file(at, id, Author::Visitor, &key, file, outbox)
            }
            VisitorAsk::Typing { on } => {
                let agents = self.live_chat(id)?.participants;
                let notice = || AgentNotice::Typing { chat: id, on };
                for agent in agents.iter() {
                    let notice = notice();
                    outbox.tell(Effect::Agent { agent, notice });
                }
                self.tell_watchers(id, notice, outbox);
                Ok(Receipt::Done)
            }
            VisitorAsk::Seen(seen) => self.see(at, id, true, seen, outbox),
            VisitorAsk::Call(ask) => self.call(at, id, Caller::Visitor, ask, outbox),
            VisitorAsk::Leave => {
                self.close(at, id, CloseReason::VisitorLeft, Closing::default(), outbox);
                Ok(Receipt::Done)
            }
            VisitorAsk::Feedback { .. } => Err(Rejection::FeedbackNotOpen),
            VisitorAsk::Transcript { .. } => Err(Rejection::TranscriptNotOpen(id)),
        }
    }

    /// Feedback, once, within 24 h, if an agent had accepted. Source: domain.md §7, Enable Feedback.
    fn feedback(
        &mut self,
        at: Timestamp,
        visitor: VisitorKey,
        id: ChatId,
        score: u8,
        note: Option<Arc<str>>,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let note = field::note(note.as_deref()).map_err(Rejection::InvalidField)?;
        if !(1..=5).contains(&score) {
            return Err(Rejection::InvalidField(Problem::new(
                "score", score, "1 to 5",
            )));
        }
        let ended = match self.state.ended(id) {
            Some(ended) if ended.visitor == visitor => ended,
            _ => {
                self.own_chat(visitor, id)?;
                return Err(Rejection::FeedbackNotOpen);
            }
        };
        if ended.feedback_given {
            return Err(Rejection::AlreadySubmitted);
        }
        if ended.feedback_until.is_none_or(|until| at >= until) {
            return Err(Rejection::FeedbackNotOpen);
        }
        self.emit(
            at,
            Event::FeedbackGiven {
                chat: id,
                score,
                note,
            },
            outbox,
        );
        Ok(Receipt::Done)
    }
}

fn checked_skills(skills: Vec<Arc<str>>) -> Result<Vec<Arc<str>>, Rejection> {
    match skills.len() <= limits::SKILLS {
        true => Ok(skills),
        false => Err(Rejection::Limit {
            what: "skills of the chat",
            max: limits::SKILLS as u64,
        }),
    }
}
