//! The fold: how each event changes the state. Nothing is decided here.

use std::hash::Hasher;
use std::sync::Arc;

use siphasher::sip::SipHasher13;

use crate::call::Call;
use crate::campaign::Campaign;
use crate::command::{Destination, Member};
use crate::effect::Participants;
use crate::event::{Alarm, Assignment, CloseReason, Event, Message, OfferEnd};
use crate::id::{AgentId, CampaignId, ChatId};
use crate::limits;
use crate::mail::{Delivery, Mail, MailId, Obligation};
use crate::offline::OfflineMessage;
use crate::quality::Evaluation;
use crate::time::{Seconds, Timestamp};

use super::derive::mail_timer;
use super::{
    AgentState, Asked, CampaignState, Chat, ChatSlot, EndedChat, MemberState, Phase, RecentOffline,
    Sender, Sent, SentKey, State, WrapUp,
};

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
            } => {
                self.create_campaign(*campaign, settings, *open, *next_change);
            }
            Event::CampaignChanged {
                campaign,
                settings,
                open,
                next_change,
                closing,
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
            Event::AgentResumed { agent } => self.change_agent(*agent, |state| {
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
                let new = Chat {
                    id: *chat,
                    sequence: *sequence,
                    campaign: *campaign,
                    came_to: *campaign,
                    visitor: *visitor,
                    facts: facts.clone(),
                    language: *language,
                    priority: *priority,
                    skills: skills.clone(),
                    requested_at: at,
                    wait_from: at,
                    since: at,
                    phase: Phase::Waiting,
                    participants: Participants::default(),
                    disconnected_at: None,
                    messages: 0,
                    keys: Default::default(),
                    seen_by_visitor: Default::default(),
                    seen_by_agents: Default::default(),
                    asked: Vec::new(),
                    answered: false,
                    returned: false,
                    auto_pauses: false,
                    call: None,
                    moved_at: None,
                    estimate: *estimate,
                    served_since: None,
                    owned_since: None,
                    responded: false,
                    over_time: None,
                };
                self.admit(new);
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
                    post(chat, message);
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
                let call = self.chat(*chat).and_then(|chat| chat.call);
                let accepted = Some((*by, at));
                self.set_call(*chat, call.map(|call| Call { accepted, ..call }));
            }
            Event::CallEnded { chat, .. } => self.set_call(*chat, None),
            Event::NoteAdded {
                chat,
                agent,
                key: Some(key),
                text,
            } => {
                if let Some(chat) = self.chat_mut(*chat) {
                    let by = Sender::Agent(*agent);
                    let key = key.clone();
                    let sent = Sent {
                        number: 0,
                        at,
                        content: content_hash(text),
                    };
                    chat.keys.insert(SentKey { by, key }, sent);
                }
            }
            Event::NoteAdded { key: None, .. } | Event::Whispered { .. } => {}
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
            Event::MailTried { message, answer_by } => {
                self.change_debt(*message, |debt| {
                    debt.attempts += 1;
                    debt.delivery = Delivery::Sending(*answer_by);
                });
            }
            Event::MailDelivered { message } => {
                self.change_debt(*message, |debt| debt.delivery = Delivery::Dead);
                self.owed.remove(message);
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
            Event::FeedbackGiven { chat, .. } => {
                let number = self.index.ended_by_chat.get(chat).copied();
                let place =
                    number.and_then(|number| usize::try_from(number - self.ended_before).ok());
                if let Some(ended) = place.and_then(|place| self.ended.get_mut(place)) {
                    ended.feedback_given = true;
                }
            }
        }
    }

    pub(super) fn chat_mut(&mut self, id: ChatId) -> Option<&mut Chat> {
        let slot = self.chats.slots.get_mut(id.slot as usize)?;
        slot.chat
            .as_deref_mut()
            .filter(|_| slot.generation == id.generation)
    }

    /// Changes a chat and what it contributes to the indexes.
    fn change_chat(&mut self, id: ChatId, change: impl FnOnce(&mut Chat)) {
        let before = self.shape(id);
        if let Some(chat) = self.chat_mut(id) {
            change(chat);
        }
        self.reshape(id, before);
    }

    /// Changes an agent, its timers and its eligibility.
    fn change_agent(&mut self, id: AgentId, change: impl FnOnce(&mut AgentState)) {
        self.spend_time(id);
        for timer in self.agent_timers(id) {
            self.index.timers.remove(&timer);
        }
        let Some(agent) = self.agent_mut(id) else {
            return;
        };
        let was_in = agent.is_signed_in();
        change(agent);
        let is_in = agent.is_signed_in();
        if was_in != is_in {
            let seats = agent.seats.clone();
            for (campaign, _) in seats {
                let before = self.campaign(campaign).map_or(0, |state| state.signed_in);
                let now = match is_in {
                    true => before + 1,
                    false => before.saturating_sub(1),
                };
                self.count_signed_in(campaign, now);
            }
        }
        let timers = self.agent_timers(id);
        self.index.timers.extend(timers);
        self.refresh_agent(id);
    }

    fn create_campaign(
        &mut self,
        id: CampaignId,
        settings: &Campaign,
        open: bool,
        next_change: Option<Timestamp>,
    ) {
        self.campaigns
            .resize_with(self.campaigns.len().max(id.index()), || None);
        self.campaigns[id.index() - 1] = Some(CampaignState {
            id,
            settings: Arc::new(settings.clone()),
            open,
            next_change,
            closing: None,
            members: Vec::new(),
            cursor: None,
            random: u64::from(id.0),
            day_ends: Timestamp::MIN,
            counters: Default::default(),
            canned: Vec::new(),
            pace: Default::default(),
            times: Default::default(),
            today: Default::default(),
            standing: Default::default(),
            active: 0,
            empty_since: Some(self.last_at),
            waiting: Default::default(),
            ready: Default::default(),
            signed_in: 0,
            over_time: Default::default(),
        });
        self.index
            .timers
            .extend(self.campaign_timers(id).into_iter().flatten());
    }

    fn change_settings(&mut self, id: CampaignId, settings: &Campaign) {
        let chats: Vec<ChatId> = self
            .chats()
            .filter(|chat| chat.campaign == id)
            .map(|chat| chat.id)
            .collect();
        let shapes: Vec<_> = chats
            .iter()
            .map(|chat| (*chat, self.shape(*chat)))
            .collect();
        let Some(campaign) = self.campaign_mut(id) else {
            return;
        };
        campaign.settings = Arc::new(settings.clone());
        for (chat, shape) in shapes {
            self.reshape(chat, shape);
        }
        self.refresh_campaign(id);
        self.index.unsettled.insert(id);
    }

    fn change_opening(
        &mut self,
        id: CampaignId,
        open: bool,
        next_change: Option<Timestamp>,
        closing: Option<(Timestamp, CloseReason)>,
    ) {
        self.change_campaign(id, |campaign| {
            campaign.open = open;
            campaign.next_change = next_change;
            campaign.closing = closing.filter(|_| campaign.waiting.len() > 0);
        });
        // A campaign that opens again, or whose closing was called off, serves those who wait.
        self.index.dirty.insert(id);
    }

    /// Changes a campaign and its timers.
    pub(super) fn change_campaign(
        &mut self,
        id: CampaignId,
        change: impl FnOnce(&mut CampaignState),
    ) {
        for timer in self.campaign_timers(id).into_iter().flatten() {
            self.index.timers.remove(&timer);
        }
        if let Some(campaign) = self.campaign_mut(id) {
            change(campaign);
        }
        self.index
            .timers
            .extend(self.campaign_timers(id).into_iter().flatten());
    }

    /// Sets an alarm, with its limit, or clears it.
    fn change_alarm(&mut self, id: CampaignId, alarm: Alarm, limit: Option<Seconds>) {
        match alarm {
            Alarm::ServiceLevel => self.change_campaign(id, |campaign| {
                campaign.standing.service_level = limit.map(|_| campaign.today.ends);
            }),
            Alarm::TimeChat(chat) => self.change_chat(chat, |chat| chat.over_time = limit),
            Alarm::Acd => {
                if let Some(campaign) = self.campaign_mut(id) {
                    campaign.standing.acd = limit.is_some();
                }
            }
        }
    }

    fn delete_campaign(&mut self, id: CampaignId) {
        for timer in self.campaign_timers(id).into_iter().flatten() {
            self.index.timers.remove(&timer);
        }
        for agent in self.agents.iter_mut().flatten() {
            agent.seats.retain(|(campaign, _)| *campaign != id);
        }
        if let Some(place) = self.campaigns.get_mut(id.index() - 1) {
            *place = None;
        }
        self.index.dirty.remove(&id);
    }

    fn set_members(&mut self, id: CampaignId, members: &[Member]) {
        let Some(campaign) = self.campaign_mut(id) else {
            return;
        };
        let before = std::mem::take(&mut campaign.members);
        // The round-robin goes on after the nearest member before the cursor who is still there.
        let cursor = campaign.cursor.and_then(|cursor| {
            let at = before
                .iter()
                .position(|member| member.member.agent == cursor)?;
            let stays = |agent: AgentId| members.iter().any(|member| member.agent == agent);
            before[..=at]
                .iter()
                .rev()
                .map(|member| member.member.agent)
                .find(|agent| stays(*agent))
        });
        campaign.cursor = cursor;
        let mut known: std::collections::BTreeMap<AgentId, MemberState> = before
            .into_iter()
            .map(|member| (member.member.agent, member))
            .collect();
        let old: Vec<AgentId> = known.keys().copied().collect();
        campaign.members = members
            .iter()
            .map(|member| {
                let known = known.remove(&member.agent);
                MemberState {
                    member: member.clone(),
                    last_served: known.as_ref().and_then(|known| known.last_served),
                    answered: known.map_or(0, |known| known.answered),
                }
            })
            .collect();
        for agent in old {
            if let Some(agent) = self.agent_mut(agent) {
                agent.seats.retain(|(campaign, _)| *campaign != id);
            }
        }
        for (place, member) in (0..).zip(members) {
            if let Some(agent) = self.agent_mut(member.agent) {
                agent.seats.push((id, place));
            }
        }
        self.refresh_campaign(id);
    }

    fn delete_agent(&mut self, id: AgentId) {
        for timer in self.agent_timers(id) {
            self.index.timers.remove(&timer);
        }
        let seats = self
            .agent(id)
            .map(|agent| agent.seats.clone())
            .unwrap_or_default();
        for (campaign, _) in seats {
            let members = self.campaign(campaign).map(|campaign| {
                let others = campaign
                    .members
                    .iter()
                    .filter(|member| member.member.agent != id);
                others
                    .map(|member| member.member.clone())
                    .collect::<Vec<_>>()
            });
            self.set_members(campaign, &members.unwrap_or_default());
        }
        if let Some(place) = self.agents.get_mut(id.index() - 1) {
            *place = None;
        }
    }

    fn admit(&mut self, chat: Chat) {
        let id = chat.id;
        if self.chats.free.last() == Some(&id.slot) {
            self.chats.free.pop();
        }
        while self.chats.slots.len() <= id.slot as usize {
            self.chats.slots.push(ChatSlot {
                generation: 0,
                chat: None,
            });
        }
        self.admitted = chat.sequence;
        if let Some(campaign) = self.campaign_mut(chat.campaign) {
            campaign.counters.count_admitted();
        }
        let before = self.shape(id);
        self.chats.slots[id.slot as usize] = ChatSlot {
            generation: id.generation,
            chat: Some(Box::new(chat)),
        };
        self.reshape(id, before);
    }

    fn end_watches(&mut self, agent: AgentId) {
        self.watches.retain(|(_, watcher)| *watcher != agent);
    }

    fn set_call(&mut self, chat: ChatId, call: Option<Call>) {
        if let Some(chat) = self.chat_mut(chat) {
            chat.call = call;
        }
    }

    fn note_draw(&mut self, campaign: Option<CampaignId>, draw: Option<u64>) {
        if let (Some(campaign), Some(draw)) = (campaign, draw)
            && let Some(campaign) = self.campaign_mut(campaign)
        {
            campaign.random = draw;
        }
    }

    fn count_lapse(&mut self, agent: AgentId, why: OfferEnd) {
        if let Some(agent) = self.agent_mut(agent) {
            match why {
                OfferEnd::Lapsed => agent.lapses = agent.lapses.saturating_add(1),
                OfferEnd::Refused => agent.lapses = 0,
                OfferEnd::Rescinded => {}
            }
        }
    }

    fn count_active(&mut self, chat: ChatId, change: i32) {
        let Some(chat) = self.chat(chat) else { return };
        let id = chat.campaign;
        if let Some(campaign) = self.campaign_mut(id) {
            campaign.active = campaign.active.saturating_add_signed(change);
        }
    }

    fn assign(
        &mut self,
        at: Timestamp,
        id: ChatId,
        campaign: CampaignId,
        agent: AgentId,
        how: Assignment,
        day_ends: Timestamp,
    ) {
        let Some(chat) = self.chat(id) else { return };
        let (from, answered, first) = (chat.campaign, chat.answered, chat.queued_at());
        let estimate = chat.estimate;
        if chat.owner().is_some() {
            if from != campaign {
                self.count_service(at, at, id);
            }
            self.count_active(id, -1);
        }
        let stays = self.chat(id).and_then(Chat::owner) == Some(agent);
        if !stays {
            self.count_ownership(at, id);
        }
        if !answered && let Some(from) = self.campaign_mut(from) {
            let waited = at.since(first);
            from.pace.waited(waited, false);
            from.times.answer.add(waited.unsigned_abs());
            from.times.estimates.answered(estimate, waited);
            let in_time = from
                .counters
                .count_answered(waited, from.settings.answer_within);
            if from.settings.answer_within.is_some() {
                let from = from.id;
                self.change_campaign(from, |campaign| {
                    campaign.today.count(at, day_ends, in_time);
                    // In another zone the day may end at another time, and the alarm with it.
                    if let Some(until) = &mut campaign.standing.service_level {
                        *until = day_ends;
                    }
                });
                self.index.unsettled.insert(from);
            }
        }
        let auto_pauses = self.auto_pauses(campaign);
        // Served first, so that the slot's refresh already sees the new place in the order.
        self.serve(at, campaign, agent, Some(day_ends));
        if let Some(state) = self.agent_mut(agent) {
            state.lapses = 0;
            state.work.answered += u64::from(!answered);
        }
        self.change_chat(id, |chat| {
            if !stays {
                chat.owned_since = Some(at);
            }
            let others = chat.participants.iter().filter(|other| *other != agent);
            // Whoever hands the chat over leaves it; the rest of a conference stays.
            let stay = others.skip(usize::from(
                chat.owner().is_some_and(|owner| owner != agent),
            ));
            chat.participants = Participants::from_agents([agent].into_iter().chain(stay));
            if chat.served_since.is_none() || chat.campaign != campaign {
                chat.served_since = Some(at);
                chat.over_time = None;
            }
            chat.campaign = campaign;
            chat.phase = Phase::Active;
            chat.since = at;
            chat.answered = true;
            chat.returned = false;
            chat.auto_pauses = auto_pauses;
            chat.asked.clear();
        });
        self.count_active(id, 1);
        // The round goes on after members; an agent from elsewhere has no place in it.
        if how != Assignment::TakenOver
            && how != Assignment::Forced
            && self.seat(campaign, agent).is_some()
            && let Some(campaign) = self.campaign_mut(campaign)
        {
            campaign.cursor = Some(agent);
        }
        self.refresh_agent(agent);
    }

    /// The agent received a chat (with the end of the day) or finished one.
    fn serve(
        &mut self,
        at: Timestamp,
        campaign: CampaignId,
        agent: AgentId,
        received: Option<Timestamp>,
    ) {
        let Some(place) = self.seat(campaign, agent) else {
            return;
        };
        let Some(state) = self.campaign_mut(campaign) else {
            return;
        };
        let mut new_day = false;
        if let Some(day_ends) = received {
            new_day = at >= state.day_ends;
            if new_day {
                state
                    .members
                    .iter_mut()
                    .for_each(|member| member.answered = 0);
            }
            state.day_ends = day_ends;
        }
        if let Some(member) = state.members.get_mut(place as usize) {
            member.last_served = Some(at);
            member.answered += u32::from(received.is_some());
        }
        if new_day {
            self.refresh_campaign(campaign);
        }
    }

    fn close(
        &mut self,
        at: Timestamp,
        id: ChatId,
        reason: CloseReason,
        wrap_up_until: Option<Timestamp>,
        ended: impl FnOnce(&Chat) -> EndedChat,
    ) {
        let watchers: Vec<AgentId> = self.watchers(id).collect();
        for watcher in watchers {
            self.watches.remove(&(id, watcher));
        }
        let Some(chat) = self.chat(id) else { return };
        let ended = ended(chat);
        let (campaign, owner) = (chat.campaign, chat.owner());
        let left_at = match reason {
            CloseReason::VisitorGone => chat.disconnected_at.unwrap_or(at),
            _ => at,
        };
        let waited = (!chat.answered).then(|| left_at.since(chat.queued_at()));
        let estimate = chat.estimate;
        if owner.is_some() {
            let wrapped_up = wrap_up_until.unwrap_or(at);
            self.count_service(at, wrapped_up, id);
            self.count_ownership(wrapped_up, id);
            self.count_active(id, -1);
        }
        if let Some(waited) = waited
            && let Some(state) = self.campaign_mut(campaign)
        {
            let settings = state.settings.clone();
            let gave_up = matches!(reason, CloseReason::VisitorLeft | CloseReason::VisitorGone);
            state.pace.waited(waited, gave_up);
            state.times.estimates.unanswered(estimate, waited);
            state.counters.count_unanswered(
                reason,
                waited,
                settings.answer_within,
                settings.dropout,
            );
        }
        let before = self.shape(id);
        self.chats.slots[id.slot as usize].chat = None;
        self.chats.free.push(id.slot);
        if let Some(owner) = owner {
            self.serve(at, campaign, owner, None);
            if let Some(until) = wrap_up_until {
                self.change_agent(owner, |agent| {
                    agent.wrap_ups.push(WrapUp {
                        campaign,
                        chat: id,
                        until,
                    });
                });
            }
        }
        self.reshape(id, before);
        if let Some(owner) = owner {
            self.refresh_agent(owner);
        }
        self.remember(ended);
    }

    fn owe_offline(&mut self, at: Timestamp, message: &Arc<OfflineMessage>) {
        const HOUR: i64 = 3_600_000;
        while self
            .offline_recent
            .front()
            .is_some_and(|oldest| at.since(oldest.at) >= HOUR)
        {
            self.offline_recent.pop_front();
        }
        self.offline_recent.push_back(RecentOffline {
            id: message.id,
            at,
            campaign: message.campaign,
            visitor: message.visitor,
            key: message.key.clone(),
            content: content_hash(&message.text),
        });
        self.owe(Mail::Offline(message.clone()), Delivery::Due(at));
    }

    fn owe(&mut self, mail: Mail, delivery: Delivery) {
        let id = mail.id();
        self.mails = id.0;
        let debt = Obligation {
            mail,
            attempts: 0,
            delivery,
            last_error: None,
        };
        let timer = mail_timer(&debt);
        self.index.timers.extend(timer);
        self.owed.insert(id, debt);
    }

    /// Changes an obligation and its timer.
    fn change_debt(&mut self, id: MailId, change: impl FnOnce(&mut Obligation)) {
        let Some(debt) = self.owed.get_mut(&id) else {
            return;
        };
        let before = mail_timer(debt);
        change(debt);
        let after = mail_timer(debt);
        if let Some(before) = before {
            self.index.timers.remove(&before);
        }
        self.index.timers.extend(after);
    }

    fn remember(&mut self, ended: EndedChat) {
        const KEPT: Seconds = Seconds::new(limits::FEEDBACK_SECONDS).expect("a day is not zero");
        let too_old = |oldest: &EndedChat| oldest.at.after(KEPT) < ended.at;
        while self.ended.len() >= limits::ENDED_CHATS || self.ended.front().is_some_and(too_old) {
            if let Some(oldest) = self.ended.pop_front() {
                let number = self.ended_before;
                self.ended_before += 1;
                self.index.ended_by_chat.remove(&oldest.chat);
                let key = (oldest.visitor, oldest.came_to);
                if self.index.ended_by_visitor.get(&key) == Some(&number) {
                    self.index.ended_by_visitor.remove(&key);
                }
            }
        }
        let number = self.ended_before + self.ended.len() as u64;
        self.index
            .ended_by_visitor
            .insert((ended.visitor, ended.came_to), number);
        self.index.ended_by_chat.insert(ended.chat, number);
        self.ended.push_back(ended);
    }
}

fn post(chat: &mut Chat, message: &Message) {
    chat.messages = message.number;
    if let (Some(key), Some(by)) = (&message.key, Sender::of(&message.author)) {
        let sent = Sent {
            number: message.number,
            at: message.at,
            content: content_hash(&message.text),
        };
        let key = key.clone();
        chat.keys.insert(SentKey { by, key }, sent);
    }
}
