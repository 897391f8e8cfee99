//! Chats: the queue, offers, assignments, transfers, the end.

use std::sync::Arc;

use webchat_core::call::Call;
use webchat_core::campaign::Mode;
use webchat_core::command::{Destination, Seen};
use webchat_core::effect::AgentPhase;
use webchat_core::event::{Assignment, CloseReason, Event, Message, VisitorFacts};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::limits::FEEDBACK_SECONDS;
use webchat_core::time::{Seconds, Timestamp};
use webchat_core::wording::Language;

use super::{Picture, Sender, TodayPicture, unknown};
use crate::violation::{Verdict, expect};

/// A live chat.
#[derive(Clone, Debug)]
pub struct ChatPicture {
    /// Order of admission.
    pub sequence: u64,
    /// Where.
    pub campaign: CampaignId,
    /// Where the visitor came to.
    pub came_to: CampaignId,
    /// Whose.
    pub visitor: VisitorKey,
    /// What is known of them.
    pub facts: Arc<VisitorFacts>,
    /// The language of its texts.
    pub language: Language,
    /// Higher goes first.
    pub priority: i8,
    /// What its agent must have.
    pub skills: Vec<Arc<str>>,
    /// First enqueue.
    pub first_enqueue: Timestamp,
    /// The first wait that counts for its campaign began here.
    pub counts_from: Timestamp,
    /// Time Out counts from here.
    pub wait_from: Timestamp,
    /// The owner first.
    pub agents: Vec<AgentId>,
    /// The agent asked to take it, and until when.
    pub offer: Option<(AgentId, Timestamp)>,
    /// Being handed over by its owner.
    pub transfer: Option<(Destination, Option<Timestamp>)>,
    /// Agents asked in this round of offers.
    pub asked: Vec<AgentId>,
    /// Since when the visitor is disconnected.
    pub lost_since: Option<Timestamp>,
    /// All of it.
    pub messages: Vec<Message>,
    /// Internal notes with a key: whose, the key, the text.
    pub notes: Vec<(AgentId, Arc<str>, Arc<str>)>,
    /// Whispers with a key: whose, the key, the text.
    pub whispers: Vec<(AgentId, Arc<str>, Arc<str>)>,
    /// How far the visitor has got.
    pub seen_by_visitor: Seen,
    /// How far the agents have got.
    pub seen_by_agents: Seen,
    /// A human has accepted it.
    pub answered: bool,
    /// Waits again after service.
    pub returned: bool,
    /// Auto-pauses its owner.
    pub auto_pauses: bool,
    /// The call that rings or runs.
    pub call: Option<Call>,
    /// With agents of this campaign since then, without a break.
    pub served_since: Option<Timestamp>,
    /// The Time chat whose alarm stands for it.
    pub over_time: Option<Seconds>,
}

/// A chat that ended.
#[derive(Clone, Debug)]
pub struct EndedPicture {
    /// Where.
    pub campaign: CampaignId,
    /// Where the visitor came to.
    pub came_to: CampaignId,
    /// The address of the form, until that is forgotten.
    pub email: Option<Arc<str>>,
    /// The language of its texts.
    pub language: Language,
    /// Whose.
    pub visitor: VisitorKey,
    /// Why.
    pub reason: CloseReason,
    /// When.
    pub at: Timestamp,
    /// A human had accepted it.
    pub answered: bool,
    /// The visitor may score until then.
    pub feedback_until: Option<Timestamp>,
    /// The visitor has scored.
    pub feedback_given: bool,
}

impl ChatPicture {
    /// The agent who has it.
    pub fn owner(&self) -> Option<AgentId> {
        self.agents.first().copied()
    }

    /// Without an agent, asked for or not.
    pub fn is_waiting(&self) -> bool {
        self.agents.is_empty()
    }

    /// The campaign in whose queue it stands: its own while it waits, the destination of a transfer.
    pub fn queue(&self) -> Option<CampaignId> {
        match self.transfer {
            Some((Destination::Campaign(campaign), _)) => Some(campaign),
            _ => self.is_waiting().then_some(self.campaign),
        }
    }

    /// Where it stands, as agents see it.
    pub fn phase(&self) -> AgentPhase {
        match (self.transfer, self.offer, self.is_waiting()) {
            (Some((to, lapses_at)), _, _) => AgentPhase::Transferring { to, lapses_at },
            (None, Some((agent, lapses_at)), _) => AgentPhase::Offered { agent, lapses_at },
            (None, None, true) => AgentPhase::Waiting,
            (None, None, false) => AgentPhase::Active,
        }
    }

    /// The agent who may accept it.
    pub fn asked(&self) -> Option<AgentId> {
        match (self.offer, self.transfer) {
            (Some((agent, _)), _) => Some(agent),
            (None, Some((Destination::Agent(agent), _))) => Some(agent),
            _ => None,
        }
    }

    /// Stands in a queue, its visitor is there and nobody is being asked.
    pub fn is_dispatchable(&self) -> bool {
        self.queue().is_some() && self.offer.is_none() && self.lost_since.is_none()
    }

    /// Rank in a queue: the smallest goes first.
    pub fn place(&self) -> (std::cmp::Reverse<i8>, Timestamp, u64) {
        (
            std::cmp::Reverse(self.priority),
            self.first_enqueue,
            self.sequence,
        )
    }

    /// The message posted under a key by this sender.
    pub fn posted(&self, by: Sender, key: &str) -> Option<&Message> {
        self.messages.iter().find(|message| {
            Sender::of(&message.author) == Some(by) && message.key.as_deref() == Some(key)
        })
    }

    /// The internal note left under a key by this sender.
    pub fn noted(&self, by: Sender, key: &str) -> Option<&Arc<str>> {
        let mut notes = self.notes.iter();
        notes
            .find(|(agent, used, _)| Sender::Agent(*agent) == by && **used == *key)
            .map(|(_, _, text)| text)
    }
}

impl Picture {
    /// Folds where chats go.
    pub(super) fn fold_chat(&mut self, at: Timestamp, event: &Event) -> Verdict {
        match event {
            Event::ChatRefused {
                campaign, reason, ..
            } => {
                let counters = &mut self.campaign_mut(*campaign)?.counters;
                *counters.refused.entry(*reason).or_default() += 1;
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
                ..
            } => {
                self.admitted += 1;
                expect(
                    *sequence == self.admitted,
                    "admissions are numbered",
                    || format!("{sequence} after {}", self.admitted - 1),
                )?;
                expect(
                    self.chat_of(*visitor, *campaign).is_none(),
                    "one live chat per visitor and campaign",
                    || format!("chat {chat} is a second one"),
                )?;
                self.check_handle(*chat)?;
                let counters = &mut self.campaign_mut(*campaign)?.counters;
                counters.offered += 1;
                counters.waiting += 1;
                self.chats.insert(
                    *chat,
                    ChatPicture {
                        sequence: *sequence,
                        campaign: *campaign,
                        came_to: *campaign,
                        visitor: *visitor,
                        facts: facts.clone(),
                        language: *language,
                        priority: *priority,
                        skills: skills.clone(),
                        first_enqueue: at,
                        counts_from: at,
                        wait_from: at,
                        agents: Vec::new(),
                        offer: None,
                        transfer: None,
                        asked: Vec::new(),
                        lost_since: None,
                        messages: Vec::new(),
                        notes: Vec::new(),
                        whispers: Vec::new(),
                        seen_by_visitor: Seen::default(),
                        seen_by_agents: Seen::default(),
                        answered: false,
                        returned: false,
                        auto_pauses: false,
                        call: None,
                        served_since: None,
                        over_time: None,
                    },
                );
            }
            Event::ChatOffered {
                chat,
                agent,
                lapses_at,
                new_round,
                ..
            } => {
                let state = self.chat_mut(*chat)?;
                let free = state.offer.is_none() && state.queue().is_some();
                if *new_round {
                    state.asked.clear();
                }
                state.asked.push(*agent);
                state.offer = Some((*agent, *lapses_at));
                expect(free, "an offer is out to one agent at most", || {
                    format!("chat {chat} was offered to {agent} while not to be had")
                })?;
            }
            Event::OfferEnded {
                chat, agent, why, ..
            } => {
                let state = self.chat_mut(*chat)?;
                let was = state.offer.take();
                expect(
                    was.is_some_and(|(asked, _)| asked == *agent),
                    "an offer ends once",
                    || format!("chat {chat} was not offered to {agent}"),
                )?;
                self.count_lapse(*agent, *why);
            }
            Event::ChatAssigned {
                chat,
                campaign,
                agent,
                how,
                day_ends,
                ..
            } => self.assign(at, *chat, *campaign, *agent, *how, *day_ends)?,
            Event::ChatReturned { chat, .. } => {
                let state = self.chat_mut(*chat)?;
                let was_active = !state.is_waiting();
                state.agents.clear();
                state.offer = None;
                state.transfer = None;
                state.asked.clear();
                state.wait_from = at;
                state.returned = true;
                state.auto_pauses = false;
                state.served_since = None;
                state.over_time = None;
                expect(was_active, "only a chat with an agent returns", || {
                    format!("chat {chat} was waiting")
                })?;
            }
            Event::ChatMoved { chat, from, to, .. } => {
                let state = self.chat_mut(*chat)?;
                let ready = state.is_waiting() && state.offer.is_none() && state.campaign == *from;
                let first = !state.answered;
                state.campaign = *to;
                state.counts_from = at;
                state.wait_from = at;
                state.asked.clear();
                if first {
                    let from = &mut self.campaign_mut(*from)?.counters;
                    from.waiting -= 1;
                    from.flowed_out += 1;
                    let to = &mut self.campaign_mut(*to)?.counters;
                    to.offered += 1;
                    to.waiting += 1;
                }
                self.end_closings();
                expect(ready, "only a chat that waits is moved", || {
                    format!("chat {chat}")
                })?;
            }
            Event::TransferStarted {
                chat,
                to,
                lapses_at,
            } => {
                let state = self.chat_mut(*chat)?;
                let free = !state.is_waiting() && state.transfer.is_none();
                state.transfer = Some((*to, *lapses_at));
                state.asked.clear();
                expect(free, "one transfer at a time", || {
                    format!("chat {chat} is not to be transferred")
                })?;
            }
            Event::TransferEnded { chat, why, .. } => {
                let state = self.chat_mut(*chat)?;
                let transfer = state.transfer.take();
                let offer = state.offer.take();
                let asked = match transfer {
                    Some((Destination::Agent(agent), _)) => Some(agent),
                    _ => offer.map(|(agent, _)| agent),
                };
                expect(transfer.is_some(), "a transfer ends once", || {
                    format!("chat {chat} was not being transferred")
                })?;
                if let Some(agent) = asked {
                    self.count_lapse(agent, *why);
                }
                self.end_closings();
            }
            Event::ParticipantJoined { chat, agent } => {
                let state = self.chat_mut(*chat)?;
                let new = !state.is_waiting() && !state.agents.contains(agent);
                state.agents.push(*agent);
                expect(new, "an agent joins a chat once", || {
                    format!("agent {agent} joined chat {chat}")
                })?;
            }
            Event::ParticipantLeft { chat, agent, owner } => {
                let state = self.chat_mut(*chat)?;
                let was_in = state.agents.contains(agent);
                state.agents.retain(|other| other != agent);
                let next = state.owner();
                expect(
                    was_in && next == Some(*owner),
                    "the longest present takes over",
                    || format!("agent {agent} left chat {chat}, {owner} owns it, not {next:?}"),
                )?;
            }
            Event::VisitorLost { chat } => {
                let before = self.chat_mut(*chat)?.lost_since.replace(at);
                expect(before.is_none(), "a visitor is lost once", || {
                    format!("chat {chat} was disconnected already")
                })?;
            }
            Event::VisitorBack { chat } => {
                let before = self.chat_mut(*chat)?.lost_since.take();
                expect(before.is_some(), "only a lost visitor comes back", || {
                    format!("chat {chat} was connected")
                })?;
            }
            Event::ChatClosed {
                chat,
                reason,
                feedback_until,
                wrap_up_until,
                ..
            } => self.close(at, *chat, *reason, *feedback_until, *wrap_up_until)?,
            _ => {}
        }
        Ok(())
    }

    fn assign(
        &mut self,
        at: Timestamp,
        id: ChatId,
        to: CampaignId,
        agent: AgentId,
        how: Assignment,
        day_ends: Timestamp,
    ) -> Verdict {
        let mode = self.campaign_mut(to)?.settings.strategy.mode;
        let chat = self.chat_mut(id)?;
        let from = chat.campaign;
        let first = !std::mem::replace(&mut chat.answered, true);
        let waited = at.since(chat.counts_from);
        let before = chat.owner();
        chat.agents
            .retain(|other| Some(*other) != before && *other != agent);
        chat.agents.insert(0, agent);
        if chat.served_since.is_none() || from != to {
            chat.served_since = Some(at);
            chat.over_time = None;
        }
        chat.campaign = to;
        chat.offer = None;
        chat.transfer = None;
        chat.asked.clear();
        chat.returned = false;
        chat.auto_pauses = mode == Mode::InCall;
        if first {
            let campaign = self.campaign_mut(from)?;
            campaign.counters.waiting -= 1;
            campaign.counters.answered += 1;
            if let Some(limit) = campaign.settings.answer_within {
                let in_time = u64::from(waited <= limit.as_millis());
                campaign.counters.answered_in_time += in_time;
                if at >= campaign.today.ends {
                    campaign.today = TodayPicture::default();
                }
                campaign.today.ends = day_ends;
                campaign.today.answered += 1;
                campaign.today.in_time += in_time;
                if campaign.service_level_alarm.is_some() {
                    campaign.service_level_alarm = Some(day_ends);
                }
            }
        }
        self.agent_mut(agent)?.lapses = 0;
        let campaign = self.campaign_mut(to)?;
        if at >= campaign.day_ends {
            for member in &mut campaign.members {
                member.answered = 0;
            }
        }
        // Counts belong to members; without the agent among them nothing tells the day.
        if campaign.member(agent).is_some() {
            campaign.day_ends = day_ends;
        }
        campaign.serve(at, agent, 1);
        let meant = matches!(how, Assignment::TakenOver | Assignment::Forced);
        if !meant && campaign.member(agent).is_some() {
            campaign.cursor = Some(agent);
        }
        self.end_closings();
        Ok(())
    }

    fn close(
        &mut self,
        at: Timestamp,
        id: ChatId,
        reason: CloseReason,
        feedback_until: Option<Timestamp>,
        wrap_up_until: Option<Timestamp>,
    ) -> Verdict {
        self.watches.retain(|(watched, _)| *watched != id);
        let chat = self
            .chats
            .remove(&id)
            .ok_or_else(|| unknown(format!("chat {id}")))?;
        let campaign = self.campaign_mut(chat.campaign)?;
        if !chat.answered {
            let settings = &campaign.settings;
            let counters = &mut campaign.counters;
            let left = match reason {
                CloseReason::VisitorGone => chat.lost_since.unwrap_or(at),
                _ => at,
            };
            let waited = left.since(chat.counts_from);
            counters.waiting -= 1;
            match reason {
                CloseReason::VisitorLeft | CloseReason::VisitorGone => {
                    if settings
                        .dropout
                        .is_some_and(|limit| waited < limit.as_millis())
                    {
                        counters.short_abandoned += 1;
                    } else {
                        counters.abandoned += 1;
                        counters.abandoned_in_time += u64::from(
                            settings
                                .answer_within
                                .is_some_and(|limit| waited <= limit.as_millis()),
                        );
                    }
                }
                CloseReason::TimedOut => counters.timed_out += 1,
                _ => counters.closed += 1,
            }
        }
        if let Some(owner) = chat.owner() {
            campaign.serve(at, owner, 0);
            if let Some(until) = wrap_up_until {
                let owner = self.agent_mut(owner)?;
                owner.wrap_ups.push((id, chat.campaign, until));
            }
        }
        let day = FEEDBACK_SECONDS * 1_000;
        self.ended
            .retain(|_, ended| at.since(ended.at) <= i64::from(day));
        self.ended.insert(
            id,
            EndedPicture {
                campaign: chat.campaign,
                came_to: chat.came_to,
                email: chat.facts.email.clone(),
                language: chat.language,
                visitor: chat.visitor,
                reason,
                at,
                answered: chat.answered,
                feedback_until,
                feedback_given: false,
            },
        );
        self.end_closings();
        Ok(())
    }

    /// A handle is a slot and how often that was used before, so that no two chats have the same one.
    fn check_handle(&mut self, chat: ChatId) -> Verdict {
        let (slot, used) = parts(chat);
        let before = self.slots.insert(slot, used).unwrap_or_default();
        expect(used > before, "handles are never used again", || {
            format!("chat {chat} after {slot}-{before}")
        })
    }
}

/// The slot of a handle and how often that was used.
pub(super) fn parts(chat: ChatId) -> (u32, u32) {
    let written = chat.to_string();
    let parts = written.split_once('-');
    let parts = parts.and_then(|(slot, used)| slot.parse().ok().zip(used.parse().ok()));
    parts.unwrap_or_default()
}
