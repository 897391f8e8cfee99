//! How events change campaigns, their members and their alarms.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::campaign::Campaign;
use crate::command::Member;
use crate::event::{Alarm, CloseReason};
use crate::id::{AgentId, CampaignId, ChatId};
use crate::state::{CampaignState, MemberState, State};
use crate::time::{Seconds, Timestamp};

impl State {
    pub(super) fn create_campaign(
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
            retention_at: None,
            noticed: Default::default(),
            active: 0,
            empty_since: Some(self.last_at),
            waiting: Default::default(),
            ready: Default::default(),
            signed_in: 0,
            over_time: Default::default(),
        });
        let now = self.last_at;
        self.change_campaign(id, |campaign| campaign.plan_retention(now));
    }

    pub(super) fn change_settings(&mut self, id: CampaignId, settings: &Campaign) {
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
            self.reshape(chat, &shape);
        }
        self.refresh_campaign(id);
        self.index.unsettled.insert(id);
        let now = self.last_at;
        self.change_campaign(id, |campaign| {
            campaign.plan_retention(now);
        });
    }

    /// Recordings were erased that had been kept long enough; the next ones are at midnight.
    pub(super) fn expire(&mut self, at: Timestamp, id: CampaignId, before: Timestamp) {
        let old = self.ended.iter_mut().take_while(|ended| ended.at < before);
        for ended in old.filter(|ended| ended.campaign == Some(id)) {
            ended.forget_address();
        }
        self.forget_transcripts(&[]);
        self.change_campaign(id, |campaign| {
            campaign.retention_at = None;
            campaign.plan_retention(at);
        });
    }

    pub(super) fn change_opening(
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
    pub(in crate::state) fn change_campaign(
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
    pub(super) fn change_alarm(&mut self, id: CampaignId, alarm: Alarm, limit: Option<Seconds>) {
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

    pub(super) fn delete_campaign(&mut self, id: CampaignId) {
        for timer in self.campaign_timers(id).into_iter().flatten() {
            self.index.timers.remove(&timer);
        }
        for agent in self.agents.iter_mut().flatten() {
            agent.seats.retain(|(campaign, _)| *campaign != id);
        }
        if let Some(place) = self.campaigns.get_mut(id.index() - 1) {
            *place = None;
        }
        self.index.dirty.remove(id);
    }

    pub(super) fn set_members(&mut self, id: CampaignId, members: &[Member]) {
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
        let mut known: BTreeMap<AgentId, MemberState> = before
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

    pub(super) fn note_draw(&mut self, campaign: Option<CampaignId>, draw: Option<u64>) {
        if let (Some(campaign), Some(draw)) = (campaign, draw)
            && let Some(campaign) = self.campaign_mut(campaign)
        {
            campaign.random = draw;
        }
    }
}
