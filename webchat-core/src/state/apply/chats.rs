//! How events change chats, from admission to what is remembered of them.

use std::sync::Arc;

use crate::call::Call;
use crate::effect::Participants;
use crate::event::{Assignment, CloseReason, Message};
use crate::id::{AgentId, CampaignId, ChatId, VisitorKey};
use crate::limits;
use crate::state::{Chat, EndedChat, Phase, Sender, Sent, State, WrapUp};
use crate::time::{Seconds, Timestamp};

use super::content_hash;

impl State {
    pub(in crate::state) fn chat_mut(&mut self, id: ChatId) -> Option<&mut Chat> {
        self.chats.get_mut(id)
    }

    /// Changes a chat and what it contributes to the indexes.
    pub(super) fn change_chat(&mut self, id: ChatId, change: impl FnOnce(&mut Chat)) {
        let before = self.shape(id);
        if let Some(chat) = self.chat_mut(id) {
            change(chat);
        }
        self.reshape(id, &before);
    }

    /// The chat that `make` makes is admitted to a campaign.
    pub(super) fn admit(
        &mut self,
        (id, sequence): (ChatId, u64),
        campaign: CampaignId,
        make: impl FnOnce() -> Chat,
    ) {
        self.admitted = sequence;
        if let Some(campaign) = self.campaign_mut(campaign) {
            campaign.counters.count_admitted();
        }
        let before = self.shape(id);
        self.chats.put(id, make);
        self.reshape(id, &before);
    }

    /// Keeps the client's own id of a note or a whisper, if it has one.
    pub(super) fn keep_key(
        &mut self,
        at: Timestamp,
        chat: ChatId,
        by: Sender,
        key: Option<&Arc<str>>,
        text: &str,
    ) {
        if let Some((chat, key)) = self.chat_mut(chat).zip(key.cloned()) {
            let content = content_hash(text);
            let sent = Sent {
                number: 0,
                at,
                content,
            };
            chat.keys.insert(by, key, sent);
        }
    }

    pub(super) fn set_call(&mut self, chat: ChatId, call: Option<Call>) {
        if let Some(chat) = self.chat_mut(chat) {
            chat.call = call.map(Box::new);
        }
    }

    pub(super) fn count_active(&mut self, chat: ChatId, change: i32) {
        let Some(chat) = self.chat(chat) else { return };
        let id = chat.campaign;
        if let Some(campaign) = self.campaign_mut(id) {
            campaign.active = campaign.active.saturating_add_signed(change);
        }
    }

    pub(super) fn assign(
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
        // Whoever has a new slot was looked at when it came.
        if stays {
            self.refresh_agent(agent);
        }
    }

    /// The agent received a chat (with the end of the day) or finished one.
    pub(super) fn serve(
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

    pub(super) fn close(
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
        self.chats.remove(id);
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
        self.reshape(id, &before);
        self.remember(ended);
    }

    /// The content of ended chats is gone, and so are a visitor's offline messages.
    pub(super) fn erase(&mut self, chats: &[ChatId], visitor: Option<VisitorKey>) {
        for chat in chats {
            if let Some(ended) = self.ended_mut(*chat) {
                ended.feedback_until = None;
                ended.forget_address();
            }
        }
        self.forget_transcripts(chats);
        if let Some(visitor) = visitor {
            self.forget_mail_of(visitor);
            for ended in self.ended.iter_mut() {
                if ended.visitor == visitor {
                    ended.forget_address();
                }
            }
        }
    }

    pub(super) fn ended_mut(&mut self, chat: ChatId) -> Option<&mut EndedChat> {
        let ended = |number| self.ended_at(number);
        let number = self.index.ended.of_chat(chat, ended)?;
        self.ended.get_mut((number - self.ended_before) as usize)
    }

    pub(super) fn remember(&mut self, ended: EndedChat) {
        const KEPT: Seconds = Seconds::new(limits::FEEDBACK_SECONDS).expect("a day is not zero");
        let too_old = |oldest: &EndedChat| oldest.at.after(KEPT) < ended.at;
        while self.ended.len() >= limits::ENDED_CHATS || self.ended.front().is_some_and(too_old) {
            if let Some(oldest) = self.ended.pop_front() {
                self.index.ended.remove(self.ended_before, &oldest);
                self.ended_before += 1;
            }
        }
        let number = self.ended_before + self.ended.len() as u64;
        let (all, before) = (&self.ended, self.ended_before);
        let at = |number: u64| all.get((number - before) as usize);
        self.index.ended.insert(number, &ended, at);
        self.ended.push_back(ended);
    }
}

pub(super) fn post(chat: &mut Chat, message: &Message) {
    chat.messages = message.number;
    chat.files += u32::from(message.file.is_some());
    if let (Some(key), Some(by)) = (&message.key, Sender::of(&message.author)) {
        let sent = Sent {
            number: message.number,
            at: message.at,
            content: match &message.file {
                Some(file) => content_hash(&file.content()),
                None => content_hash(&message.text),
            },
        };
        let key = key.clone();
        chat.keys.insert(by, key, sent);
    }
}
