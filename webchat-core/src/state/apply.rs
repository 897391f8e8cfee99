//! The fold: how each event changes the state. Nothing is decided here.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::call::Call;
use crate::command::Destination;
use crate::effect::Participants;
use crate::event::{CloseReason, Event};
use crate::id::AgentId;
use crate::mail::Delivery;
use crate::quality::Evaluation;
use crate::time::{Seconds, Timestamp};

use super::{AgentState, Asked, Chat, EndedChat, Phase, Sender, State};

mod agents;
mod campaigns;
mod chats;
mod mail;
pub(crate) use mail::address_hash;

/// A number that stands for a text when a repeated key is compared.
pub(crate) fn content_hash(text: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

impl State {
    /// Folds one event that was decided at `at`. Events the state cannot hold are ignored.
    pub(crate) fn apply(&mut self, at: Timestamp, event: &Event) {
        self.last_at = self.last_at.max(at);
        match event {
            Event::TenantSet { settings } => {
                self.tenant = settings.clone();
                let agents: Vec<AgentId> = self.agents().map(|agent| agent.id).collect();
                agents
                    .into_iter()
                    .for_each(|agent| self.refresh_agent(agent));
            }
            Event::CampaignCreated {
                campaign,
                settings,
                open,
                next_change,
                by: _,
            } => {
                self.create_campaign(*campaign, settings, *open, *next_change);
            }
            Event::CampaignChanged {
                campaign,
                settings,
                open,
                next_change,
                closing,
                by: _,
            } => {
                self.change_settings(*campaign, settings);
                self.change_opening(*campaign, *open, *next_change, closing.map(|why| (at, why)));
            }
            Event::CampaignDeleted { campaign } => self.delete_campaign(*campaign),
            Event::CampaignOpened {
                campaign,
                next_change,
                ..
            } => {
                self.change_opening(*campaign, true, *next_change, None);
            }
            Event::CampaignWentOutOfTime {
                campaign,
                due,
                next_change,
                closes_waiting,
            } => {
                let closing = closes_waiting.then_some((*due, CloseReason::OutOfTime));
                self.change_opening(*campaign, false, *next_change, closing);
            }
            Event::MembersSet {
                campaign, members, ..
            } => self.set_members(*campaign, members),
            Event::AgentCreated { agent, profile } => {
                self.agents
                    .resize_with(self.agents.len().max(agent.index()), || None);
                self.agents[agent.index() - 1] = Some(AgentState {
                    id: *agent,
                    profile: profile.clone(),
                    session: None,
                    lost_until: None,
                    paused: None,
                    on_call: false,
                    other_load: 0,
                    lapses: 0,
                    wrap_ups: Vec::new(),
                    work: Default::default(),
                    worked_to: at,
                    slots: Vec::new(),
                    seats: Vec::new(),
                });
            }
            Event::AgentChanged { agent, profile } => {
                self.change_agent(*agent, |state| state.profile = profile.clone());
            }
            Event::AgentDeleted { agent } => {
                self.end_watches(*agent);
                self.delete_agent(*agent);
            }
            Event::AgentSignedIn { agent, session } => {
                self.end_watches(*agent);
                self.change_agent(*agent, |state| {
                    state.session = Some(*session);
                    state.lost_until = None;
                    state.lapses = 0;
                });
            }
            Event::AgentSignedOut { agent, .. } => {
                self.end_watches(*agent);
                self.change_agent(*agent, |state| {
                    state.session = None;
                    state.lost_until = None;
                    state.paused = None;
                });
            }
            Event::AgentLost { agent, until } => {
                self.end_watches(*agent);
                self.change_agent(*agent, |state| state.lost_until = Some(*until));
            }
            Event::AgentBack { agent } => {
                self.change_agent(*agent, |state| state.lost_until = None)
            }
            Event::AgentPaused { agent, reason, .. } => {
                self.change_agent(*agent, |state| state.paused = Some(reason.clone()));
            }
            Event::AgentResumed { agent, .. } => self.change_agent(*agent, |state| {
                state.paused = None;
                state.lapses = 0;
            }),
            Event::AgentOnCall { agent, on } => {
                self.change_agent(*agent, |state| state.on_call = *on)
            }
            Event::AgentOtherLoad {
                agent,
                interactions,
            } => {
                self.change_agent(*agent, |state| state.other_load = *interactions);
            }
            Event::ChatRefused {
                campaign, reason, ..
            } => {
                if let Some(campaign) = self.campaign_mut(*campaign) {
                    campaign.counters.count_refused(*reason);
                }
            }
            Event::ChatQueued {
                chat,
                sequence,
                campaign,
                visitor,
                facts,
                language,
                priority,
                skills,
                estimate,
            } => {
                let numbers = (*chat, *sequence);
                self.admit(numbers, *campaign, || Chat {
                    priority: *priority,
                    skills: skills.clone().into(),
                    estimate: *estimate,
                    ..Chat::waiting(at, numbers, *campaign, *visitor, facts.clone(), *language)
                });
            }
            Event::ChatOffered {
                chat,
                agent,
                lapses_at,
                new_round,
                draw,
            } => {
                let asked = Asked {
                    agent: *agent,
                    lapses_at: *lapses_at,
                };
                let queue = self.chat(*chat).and_then(Chat::queue);
                self.change_chat(*chat, |chat| {
                    if *new_round {
                        chat.asked.clear();
                    }
                    chat.asked.push(*agent);
                    match &mut chat.phase {
                        Phase::Transferring { asked: slot, .. } => *slot = Some(asked),
                        phase => *phase = Phase::Offered(asked),
                    }
                });
                self.note_draw(queue, *draw);
            }
            Event::OfferEnded {
                chat, agent, why, ..
            } => {
                self.change_chat(*chat, |chat| match &mut chat.phase {
                    Phase::Transferring { asked, .. } => *asked = None,
                    phase => *phase = Phase::Waiting,
                });
                self.count_lapse(*agent, *why);
            }
            Event::ChatAssigned {
                chat,
                campaign,
                agent,
                how,
                day_ends,
                draw,
                ..
            } => {
                self.assign(at, *chat, *campaign, *agent, *how, *day_ends);
                self.note_draw(Some(*campaign), *draw);
            }
            Event::ChatMoved { chat, to, .. } => {
                self.count_move(at, *chat, *to);
                self.change_chat(*chat, |chat| {
                    chat.campaign = *to;
                    chat.phase = Phase::Waiting;
                    chat.since = at;
                    chat.wait_from = at;
                    chat.moved_at = Some(at);
                    chat.estimate = None;
                    chat.asked.clear();
                });
            }
            Event::ChatReturned { chat, .. } => {
                self.count_service(at, at, *chat);
                self.count_ownership(at, *chat);
                self.count_active(*chat, -1);
                self.change_chat(*chat, |chat| {
                    chat.phase = Phase::Waiting;
                    chat.participants = Participants::default();
                    chat.since = at;
                    chat.wait_from = at;
                    chat.returned = true;
                    chat.auto_pauses = false;
                    chat.served_since = None;
                    chat.owned_since = None;
                    chat.over_time = None;
                    chat.asked.clear();
                });
            }
            Event::TransferStarted {
                chat,
                to,
                lapses_at,
            } => self.change_chat(*chat, |chat| {
                let asked = match (to, lapses_at) {
                    (Destination::Agent(agent), Some(lapses_at)) => Some(Asked {
                        agent: *agent,
                        lapses_at: *lapses_at,
                    }),
                    _ => None,
                };
                chat.phase = Phase::Transferring {
                    to: *to,
                    lapses_at: *lapses_at,
                    asked,
                };
                chat.asked.clear();
            }),
            Event::TransferEnded { chat, why, .. } => {
                let asked = self.chat(*chat).and_then(Chat::asked);
                self.change_chat(*chat, |chat| chat.phase = Phase::Active);
                if let Some(asked) = asked {
                    self.count_lapse(asked.agent, *why);
                }
            }
            Event::ParticipantJoined { chat, agent } => self.change_chat(*chat, |chat| {
                chat.participants =
                    Participants::from_agents(chat.participants.iter().chain([*agent]));
            }),
            Event::ParticipantLeft { chat, agent, owner } => {
                let hands_over = self.chat(*chat).and_then(Chat::owner) != Some(*owner);
                if hands_over {
                    self.count_ownership(at, *chat);
                }
                self.change_chat(*chat, |chat| {
                    let rest = chat
                        .participants
                        .iter()
                        .filter(|other| other != agent && other != owner);
                    chat.participants = Participants::from_agents([*owner].into_iter().chain(rest));
                    if hands_over {
                        chat.owned_since = Some(at);
                    }
                });
            }
            Event::VisitorLost { chat } => {
                self.change_chat(*chat, |chat| chat.disconnected_at = Some(at));
            }
            Event::VisitorBack { chat } => {
                self.change_chat(*chat, |chat| chat.disconnected_at = None)
            }
            Event::MessagePosted { chat, message } => {
                self.count_response(at, *chat, message);
                if let Some(chat) = self.chat_mut(*chat) {
                    chats::post(chat, message);
                }
            }
            Event::MessagesSeen {
                chat,
                by_visitor,
                seen,
            } => {
                if let Some(chat) = self.chat_mut(*chat) {
                    let side = if *by_visitor {
                        &mut chat.seen_by_visitor
                    } else {
                        &mut chat.seen_by_agents
                    };
                    *side = *seen;
                }
            }
            Event::CallAsked { chat, from, video } => self.set_call(
                *chat,
                Some(Call {
                    from: *from,
                    video: *video,
                    asked_at: at,
                    accepted: None,
                }),
            ),
            Event::CallAccepted { chat, by } => {
                let call = self.chat(*chat).and_then(Chat::call);
                let accepted = Some((*by, at));
                self.set_call(*chat, call.map(|call| Call { accepted, ..call }));
            }
            Event::CallEnded { chat, .. } => self.set_call(*chat, None),
            Event::NoteAdded {
                chat,
                agent,
                key,
                text,
            } => self.keep_key(at, *chat, Sender::Agent(*agent), key.as_ref(), text),
            Event::Whispered {
                chat,
                agent,
                key,
                text,
            } => self.keep_key(at, *chat, Sender::Supervisor(*agent), key.as_ref(), text),
            Event::WatchStarted { chat, agent } => {
                self.watches.insert((*chat, *agent));
            }
            Event::WatchEnded { chat, agent } => {
                self.watches.remove(&(*chat, *agent));
            }
            Event::ChatClosed {
                chat,
                reason,
                text,
                feedback,
                feedback_until,
                wrap_up_until,
                ..
            } => {
                let campaign = self.chat(*chat).map(|chat| chat.campaign);
                let campaign = campaign.and_then(|campaign| self.campaign(campaign));
                let out_of_time = *reason == CloseReason::OutOfTime;
                let next_open_at = campaign
                    .filter(|_| out_of_time)
                    .and_then(|campaign| campaign.next_change);
                let offline_form = (out_of_time || *reason == CloseReason::TimedOut)
                    && campaign.is_some_and(|state| state.settings.offline.is_shown(out_of_time));
                self.close(at, *chat, *reason, *wrap_up_until, |chat| EndedChat {
                    chat: chat.id,
                    campaign: Some(chat.campaign),
                    came_to: chat.came_to,
                    visitor: chat.visitor,
                    reason: *reason,
                    at,
                    text: text.clone(),
                    next_open_at,
                    offline_form,
                    feedback: feedback.clone(),
                    feedback_until: *feedback_until,
                    feedback_given: false,
                    email: chat.facts.email.clone(),
                    language: Some(chat.language),
                    copies: chat.copies.clone(),
                });
            }
            Event::WrapUpEnded { agent, chat, .. } => {
                self.change_agent(*agent, |agent| {
                    agent.wrap_ups.retain(|wrap_up| wrap_up.chat != *chat)
                });
            }
            Event::CannedSet {
                campaign,
                responses,
            } => match campaign {
                None => self.canned = responses.clone(),
                Some(campaign) => {
                    if let Some(campaign) = self.campaign_mut(*campaign) {
                        campaign.canned = responses.clone();
                    }
                }
            },
            Event::QualityModelAdded { questions, .. } => self.models.push(questions.clone()),
            Event::ChatEvaluated { evaluation, .. } => {
                let Evaluation {
                    chat,
                    agent,
                    model,
                    evaluator,
                    ..
                } = evaluation;
                self.evaluated.insert((*chat, *agent, *model, *evaluator));
            }
            Event::AlarmRaised {
                campaign,
                alarm,
                limit,
                ..
            } => self.change_alarm(*campaign, *alarm, Seconds::new(*limit)),
            Event::AlarmCleared { campaign, alarm } => self.change_alarm(*campaign, *alarm, None),
            Event::OfflineMessageLeft { message } => self.owe_offline(at, message),
            Event::TranscriptAsked { transcript } => self.owe_transcript(at, transcript),
            Event::NoticeOwed { notice, due } => self.owe_notice(*due, notice),
            Event::MailTried { message, answer_by } => {
                self.change_debt(*message, |debt| {
                    debt.attempts += 1;
                    debt.delivery = Delivery::Sending(*answer_by);
                });
            }
            Event::MailDelivered { message } | Event::MailForgotten { message } => {
                self.settle_debt(*message);
            }
            Event::MailFailed {
                message,
                error,
                retry_at,
            } => self.change_debt(*message, |debt| {
                debt.last_error = Some(error.clone());
                debt.delivery = retry_at.map_or(Delivery::Dead, Delivery::Due);
            }),
            Event::MailRevived { message } => self.change_debt(*message, |debt| {
                debt.attempts = 0;
                debt.delivery = Delivery::Due(at);
            }),
            Event::RecordingsErased { chats, visitor, .. } => self.erase(chats, *visitor),
            Event::RecordingsExpired {
                campaign, before, ..
            } => self.expire(at, *campaign, *before),
            Event::FeedbackGiven { chat, .. } => {
                if let Some(ended) = self.ended_mut(*chat) {
                    ended.feedback_given = true;
                }
            }
        }
    }
}
