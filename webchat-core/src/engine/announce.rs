//! Who is told what about each event. Effects follow from events alone, so no decision can forget one.

use std::sync::Arc;

use crate::call::{CallEnd, CallView};
use crate::effect::{
    AgentNotice, Effect, Ended, MessageView, NoteView, Participants, VisitorNotice,
};
use crate::event::{Author, Event, Message, SignOutReason};
use crate::id::{AgentId, ChatId};
use crate::outbox::Outbox;
use crate::state::EndedChat;
use crate::time::Timestamp;

use super::Engine;

/// Who was concerned before the event.
#[derive(Default)]
pub(super) struct Audience {
    chat: Option<ChatId>,
    agents: Participants,
    watchers: Vec<AgentId>,
    /// The campaign in whose queue the chat stood.
    queue: Option<crate::id::CampaignId>,
    /// The session that spoke for the agent.
    session: Option<u64>,
}

impl Engine {
    /// Who is concerned, before the event is applied.
    pub(super) fn audience(&self, event: &Event) -> Audience {
        let session = match event {
            Event::AgentSignedIn { agent, .. } | Event::AgentSignedOut { agent, .. } => {
                self.state.agent(*agent).and_then(|agent| agent.session)
            }
            _ => None,
        };
        let chat = chat_of(event);
        let queue = chat
            .and_then(|chat| self.state.chat(chat))
            .and_then(|chat| chat.queue());
        let agents = chat.map(|chat| self.agents_of(chat)).unwrap_or_default();
        let watchers = match event {
            Event::ChatClosed { chat, .. } => self.onlookers(*chat).collect(),
            _ => Vec::new(),
        };
        Audience {
            chat,
            agents,
            watchers,
            queue,
            session,
        }
    }

    /// Tells everyone concerned, after the event was applied.
    pub(super) fn announce(
        &self,
        at: Timestamp,
        event: &Event,
        before: Audience,
        outbox: &mut Outbox,
    ) {
        match event {
            Event::MessagePosted { chat, message } => self.tell_message(*chat, message, outbox),
            Event::MessagesSeen {
                chat,
                by_visitor,
                seen,
            } => {
                if *by_visitor {
                    let (chat, seen) = (*chat, *seen);
                    self.tell_agents(chat, || AgentNotice::Seen { chat, seen }, outbox);
                } else {
                    let notice = VisitorNotice::Seen {
                        chat: *chat,
                        seen: *seen,
                    };
                    outbox.tell(Effect::Visitor {
                        chat: *chat,
                        notice,
                    });
                }
            }
            Event::CallAsked { chat, .. } | Event::CallAccepted { chat, .. } => {
                self.tell_call(*chat, None, outbox);
            }
            Event::CallEnded { chat, why } => self.tell_call(*chat, Some(*why), outbox),
            Event::NoteAdded {
                chat, agent, text, ..
            } => {
                self.tell_note(at, *chat, *agent, text, false, outbox);
            }
            Event::Whispered {
                chat, agent, text, ..
            } => {
                self.tell_note(at, *chat, *agent, text, true, outbox);
            }
            Event::ChatClosed { chat, .. } => {
                if let Some(ended) = self.state.ended(*chat) {
                    let ended: Ended = EndedChat::view(ended);
                    outbox.tell(Effect::Visitor {
                        chat: *chat,
                        notice: VisitorNotice::Closed(ended),
                    });
                }
                self.tell_chat(event, &before, outbox);
            }
            Event::AgentSignedIn { agent, session } => {
                if let Some(old) = before.session.filter(|old| old != session) {
                    let notice = AgentNotice::SessionEnded {
                        session: old,
                        reason: "signed_in_elsewhere",
                    };
                    outbox.tell(Effect::Agent {
                        agent: *agent,
                        notice,
                    });
                }
                outbox.tell(Effect::AgentMoved { agent: *agent });
            }
            Event::AgentSignedOut { agent, why, .. } => {
                let told = !matches!(why, SignOutReason::Asked | SignOutReason::Forced);
                if let Some(session) = before.session.filter(|_| told) {
                    let notice = AgentNotice::SessionEnded {
                        session,
                        reason: "signed_out",
                    };
                    outbox.tell(Effect::Agent {
                        agent: *agent,
                        notice,
                    });
                }
                outbox.tell(Effect::AgentMoved { agent: *agent });
            }
            Event::AgentCreated { agent, .. }
            | Event::AgentChanged { agent, .. }
            | Event::AgentDeleted { agent }
            | Event::AgentLost { agent, .. }
            | Event::AgentBack { agent }
            | Event::AgentPaused { agent, .. }
            | Event::AgentResumed { agent, .. }
            | Event::AgentOnCall { agent, .. }
            | Event::AgentOtherLoad { agent, .. }
            | Event::WrapUpEnded { agent, .. } => outbox.tell(Effect::AgentMoved { agent: *agent }),
            Event::CampaignCreated { campaign, .. }
            | Event::CampaignChanged { campaign, .. }
            | Event::CampaignDeleted { campaign }
            | Event::CampaignOpened { campaign, .. }
            | Event::CampaignWentOutOfTime { campaign, .. }
            | Event::MembersSet { campaign, .. } => {
                outbox.tell(Effect::CampaignMoved {
                    campaign: *campaign,
                });
            }
            Event::AlarmRaised {
                campaign, alarm, ..
            }
            | Event::AlarmCleared { campaign, alarm } => outbox.tell(Effect::Alarm {
                campaign: *campaign,
                alarm: *alarm,
                raised: matches!(event, Event::AlarmRaised { .. }),
            }),
            Event::MailTried { message, .. } => {
                if let Some(debt) = self.state.owed.get(message) {
                    let mail = debt.mail.clone();
                    outbox.tell(Effect::Mail { mail });
                }
            }
            Event::CannedSet { campaign, .. } => {
                let all = campaign.is_none();
                let moved = self.state.campaigns().map(|campaign| campaign.id);
                for id in moved.filter(|id| all || *campaign == Some(*id)) {
                    outbox.tell(Effect::CampaignMoved { campaign: id });
                }
            }
            Event::OfflineMessageLeft { .. }
            | Event::TranscriptAsked { .. }
            | Event::NoticeOwed { .. }
            | Event::MailForgotten { .. }
            | Event::QualityModelAdded { .. }
            | Event::ChatEvaluated { .. }
            | Event::MailDelivered { .. }
            | Event::MailFailed { .. }
            | Event::MailRevived { .. }
            | Event::WatchStarted { .. }
            | Event::WatchEnded { .. }
            | Event::RecordingsErased { .. }
            | Event::RecordingsExpired { .. }
            | Event::TenantSet { .. }
            | Event::ChatRefused { .. }
            | Event::FeedbackGiven { .. } => {}
            Event::ChatQueued { .. }
            | Event::ChatOffered { .. }
            | Event::OfferEnded { .. }
            | Event::ChatAssigned { .. }
            | Event::ChatMoved { .. }
            | Event::ChatReturned { .. }
            | Event::TransferStarted { .. }
            | Event::TransferEnded { .. }
            | Event::ParticipantJoined { .. }
            | Event::ParticipantLeft { .. }
            | Event::VisitorLost { .. }
            | Event::VisitorBack { .. } => self.tell_chat(event, &before, outbox),
        }
    }

    /// Shows a chat anew to its visitor and its agents, and takes it from those who lost it.
    fn tell_chat(&self, event: &Event, before: &Audience, outbox: &mut Outbox) {
        let Some(id) = before.chat else { return };
        let now = self.agents_of(id);
        for agent in before
            .agents
            .iter()
            .filter(|agent| now.iter().all(|other| other != *agent))
        {
            let notice = AgentNotice::Gone {
                chat: id,
                reason: why_gone(event),
            };
            outbox.tell(Effect::Agent { agent, notice });
        }
        let chat = self.state.chat(id);
        for agent in &before.watchers {
            let notice = AgentNotice::Gone {
                chat: id,
                reason: why_gone(event),
            };
            let agent = *agent;
            outbox.tell(Effect::Watcher { agent, notice });
        }
        if let Some(chat) = chat {
            let notice = || AgentNotice::Chat {
                view: self.agent_chat(chat),
            };
            self.tell_agents(id, notice, outbox);
            if changes_visitors_view(event) {
                let view = match event {
                    Event::ChatQueued { estimate, .. } => {
                        self.visitor_chat_expecting(chat, *estimate)
                    }
                    _ => self.visitor_chat(chat),
                };
                let notice = VisitorNotice::State { view };
                outbox.tell(Effect::Visitor { chat: id, notice });
            }
        }
        let queue = chat.and_then(|chat| chat.queue());
        for campaign in [before.queue, queue].into_iter().flatten() {
            outbox.tell(Effect::QueueMoved { campaign });
        }
    }

    fn tell_message(&self, chat: ChatId, message: &Message, outbox: &mut Outbox) {
        let notice = VisitorNotice::Message {
            chat,
            message: MessageView::for_visitor(message),
        };
        outbox.tell(Effect::Visitor { chat, notice });
        let name = match &message.author {
            Author::Agent { agent, .. } => self.name_of(*agent),
            _ => None,
        };
        let notice = || AgentNotice::Message {
            chat,
            message: MessageView::for_agent(message, name.clone()),
        };
        self.tell_agents(chat, notice, outbox);
    }

    fn tell_call(&self, chat: ChatId, why: Option<CallEnd>, outbox: &mut Outbox) {
        let call = self.state.chat(chat).and_then(|chat| chat.call());
        let shown = call.as_ref().map(CallView::from);
        let notice = VisitorNotice::Call {
            chat,
            call: shown,
            why,
        };
        outbox.tell(Effect::Visitor { chat, notice });
        let call = call.as_ref().map(CallView::for_agents);
        self.tell_agents(chat, || AgentNotice::Call { chat, call, why }, outbox);
    }

    fn tell_note(
        &self,
        at: Timestamp,
        chat: ChatId,
        author: AgentId,
        text: &Arc<str>,
        whisper: bool,
        outbox: &mut Outbox,
    ) {
        let name = self.name_of(author).unwrap_or_else(|| "".into());
        let note = || NoteView {
            agent: author,
            name: name.clone(),
            text: text.clone(),
            at,
            whisper,
        };
        let notice = || AgentNotice::Note { chat, note: note() };
        self.tell_agents(chat, notice, outbox);
    }

    /// Tells the agents in a chat, the one who is asked, and those who watch it.
    fn tell_agents(&self, chat: ChatId, notice: impl Fn() -> AgentNotice, outbox: &mut Outbox) {
        for agent in self.agents_of(chat).iter() {
            let notice = notice();
            outbox.tell(Effect::Agent { agent, notice });
        }
        self.tell_watchers(chat, notice, outbox);
    }

    /// Tells those who watch a chat without taking part.
    pub(super) fn tell_watchers(
        &self,
        chat: ChatId,
        notice: impl Fn() -> AgentNotice,
        outbox: &mut Outbox,
    ) {
        for agent in self.onlookers(chat) {
            let notice = notice();
            outbox.tell(Effect::Watcher { agent, notice });
        }
    }

    /// Those who watch a chat, without its own agents: these are told already.
    fn onlookers(&self, chat: ChatId) -> impl Iterator<Item = AgentId> + '_ {
        let outside =
            move |agent: &AgentId| self.agents_of(chat).iter().all(|other| other != *agent);
        self.state.watchers(chat).filter(outside)
    }

    fn name_of(&self, agent: AgentId) -> Option<Arc<str>> {
        self.state
            .agent(agent)
            .map(|agent| agent.profile.name.clone())
    }

    /// The agents in a chat and the one who is asked.
    fn agents_of(&self, chat: ChatId) -> Participants {
        let Some(chat) = self.state.chat(chat) else {
            return Participants::default();
        };
        match chat.asked() {
            Some(asked) => chat.participants.with(asked.agent),
            None => chat.participants,
        }
    }
}

/// The chat an event is about.
fn chat_of(event: &Event) -> Option<ChatId> {
    match event {
        Event::ChatQueued { chat, .. }
        | Event::ChatOffered { chat, .. }
        | Event::OfferEnded { chat, .. }
        | Event::ChatAssigned { chat, .. }
        | Event::ChatMoved { chat, .. }
        | Event::ChatReturned { chat, .. }
        | Event::TransferStarted { chat, .. }
        | Event::TransferEnded { chat, .. }
        | Event::ParticipantJoined { chat, .. }
        | Event::ParticipantLeft { chat, .. }
        | Event::VisitorLost { chat }
        | Event::VisitorBack { chat }
        | Event::ChatClosed { chat, .. } => Some(*chat),
        _ => None,
    }
}

/// Whether the visitor's view of the chat may differ after the event. Transfers under way stay unseen.
fn changes_visitors_view(event: &Event) -> bool {
    !matches!(
        event,
        Event::TransferStarted { .. }
            | Event::TransferEnded { .. }
            | Event::ParticipantJoined { .. }
            | Event::VisitorLost { .. }
    )
}

/// The code by which an agent learns why a chat is gone.
fn why_gone(event: &Event) -> &'static str {
    use crate::event::{Assignment, CloseReason, OfferEnd};
    match event {
        Event::OfferEnded { why, .. } | Event::TransferEnded { why, .. } => match why {
            OfferEnd::Lapsed => "offer_lapsed",
            OfferEnd::Refused => "refused",
            OfferEnd::Rescinded => "offer_rescinded",
        },
        Event::ChatAssigned {
            how: Assignment::TakenOver | Assignment::Forced,
            ..
        } => "taken_over",
        Event::ChatAssigned { .. } => "transferred",
        Event::ChatReturned { .. } => "returned",
        Event::ParticipantLeft { .. } => "left",
        Event::ChatClosed { reason, .. } => match reason {
            CloseReason::VisitorLeft => "visitor_left",
            CloseReason::VisitorGone => "visitor_gone",
            CloseReason::AgentClosed => "agent_closed",
            CloseReason::SupervisorClosed => "supervisor_closed",
            CloseReason::TimedOut => "timed_out",
            CloseReason::OutOfTime => "out_of_time",
            CloseReason::Disabled => "disabled",
            CloseReason::AgentsGone => "agents_gone",
            CloseReason::AgentGone => "agent_gone",
        },
        _ => "gone",
    }
}
