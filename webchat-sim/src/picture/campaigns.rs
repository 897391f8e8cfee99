//! Campaigns: settings, opening hours, members, alarms.

use std::collections::BTreeMap;

use webchat_core::campaign::Campaign;
use webchat_core::canned::CannedResponse;
use webchat_core::command::Member;
use webchat_core::event::{Alarm, AlarmKind, CloseReason, Event};
use webchat_core::id::{AgentId, CampaignId};
use webchat_core::metrics::Counters;
use webchat_core::time::{Seconds, Timestamp};

use super::Picture;
use crate::violation::{Verdict, expect};

/// A campaign.
#[derive(Clone, Debug)]
pub struct CampaignPicture {
    /// Its settings.
    pub settings: Campaign,
    /// Open by its schedule.
    pub open: bool,
    /// When that changes.
    pub next_change: Option<Timestamp>,
    /// Everyone who waits is being told and closed, since when and why.
    pub closing: Option<(Timestamp, CloseReason)>,
    /// In member order.
    pub members: Vec<MemberPicture>,
    /// The member who accepted last, or the nearest one before who is still a member.
    pub cursor: Option<AgentId>,
    /// The counts of answered chats hold until then.
    pub day_ends: Timestamp,
    /// Counted here, not by the engine.
    pub counters: Counters,
    /// No member has been signed in since then.
    pub empty_since: Option<Timestamp>,
    /// What the alarm on the service level looks at.
    pub today: TodayPicture,
    /// The alarm on the service level stands until then.
    pub service_level_alarm: Option<Timestamp>,
    /// Its canned responses.
    pub canned: Vec<CannedResponse>,
    /// The alarm on the number waiting stands.
    pub acd_alarm: bool,
    /// When supervisors were last told of each measure by mail, and of which alarm unless they know it is over.
    pub noticed: BTreeMap<AlarmKind, (Timestamp, Option<Alarm>)>,
    /// When old recordings are next erased.
    pub retention_at: Option<Timestamp>,
}

/// First answers since the campaign's local midnight, while the service level had a limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct TodayPicture {
    /// The counts hold until then.
    pub ends: Timestamp,
    /// All of them.
    pub answered: u64,
    /// Those in time.
    pub in_time: u64,
}

/// An agent's place in a campaign.
#[derive(Clone, Debug)]
pub struct MemberPicture {
    /// As set.
    pub member: Member,
    /// When the agent last received or finished a chat here.
    pub last_served: Option<Timestamp>,
    /// Answered here until `day_ends`.
    pub answered: u32,
}

impl CampaignPicture {
    /// The agent's place among the members.
    pub fn member(&self, agent: AgentId) -> Option<&MemberPicture> {
        self.members
            .iter()
            .find(|member| member.member.agent == agent)
    }

    pub(super) fn serve(&mut self, at: Timestamp, agent: AgentId, answered: u32) {
        let mut members = self.members.iter_mut();
        if let Some(member) = members.find(|member| member.member.agent == agent) {
            member.last_served = Some(at);
            member.answered += answered;
        }
    }
}

impl Picture {
    /// Folds what happens to campaigns as a whole.
    pub(super) fn fold_campaign(&mut self, at: Timestamp, event: &Event) -> Verdict {
        match event {
            Event::TenantSet { settings } => self.tenant = settings.clone(),
            Event::CampaignCreated {
                campaign,
                settings,
                open,
                next_change,
                by: _,
            } => {
                self.campaigns_created += 1;
                expect(
                    campaign.0 == self.campaigns_created,
                    "campaigns are numbered",
                    || format!("campaign {campaign} after {}", self.campaigns_created - 1),
                )?;
                self.campaigns.insert(
                    *campaign,
                    CampaignPicture {
                        settings: (**settings).clone(),
                        open: *open,
                        next_change: *next_change,
                        closing: None,
                        members: Vec::new(),
                        cursor: None,
                        day_ends: Timestamp::MIN,
                        counters: Counters::default(),
                        empty_since: Some(at),
                        today: TodayPicture::default(),
                        retention_at: settings.retention_days.map(|_| midnight(at)),
                        service_level_alarm: None,
                        canned: Vec::new(),
                        acd_alarm: false,
                        noticed: BTreeMap::new(),
                    },
                );
            }
            Event::CampaignChanged {
                campaign,
                settings,
                open,
                next_change,
                closing,
                by: _,
            } => {
                let campaign = self.campaign_mut(*campaign)?;
                campaign.settings = (**settings).clone();
                let planned = campaign.retention_at.unwrap_or(midnight(at));
                campaign.retention_at = settings.retention_days.map(|_| planned);
                campaign.open = *open;
                campaign.next_change = *next_change;
                campaign.closing = closing.map(|why| (at, why));
                self.end_closings();
            }
            Event::CampaignDeleted { campaign } => {
                let mut chats = self.chats.values();
                let live = chats.any(|chat| chat.campaign == *campaign);
                expect(!live, "a campaign with live chats stays", || {
                    format!("campaign {campaign} was deleted")
                })?;
                self.campaigns.remove(campaign);
            }
            Event::CampaignOpened {
                campaign,
                due,
                next_change,
            } => self.change_opening(*campaign, true, *due, *next_change, None)?,
            Event::CampaignWentOutOfTime {
                campaign,
                due,
                next_change,
                closes_waiting,
            } => {
                let closing = closes_waiting.then_some((*due, CloseReason::OutOfTime));
                self.change_opening(*campaign, false, *due, *next_change, closing)?;
            }
            Event::MembersSet {
                campaign, members, ..
            } => self.set_members(*campaign, members)?,
            Event::CannedSet {
                campaign,
                responses,
            } => match campaign {
                Some(campaign) => self.campaign_mut(*campaign)?.canned = responses.clone(),
                None => self.canned = responses.clone(),
            },
            Event::AlarmRaised {
                campaign,
                alarm,
                limit,
                ..
            } => self.change_alarm(*campaign, *alarm, Seconds::new(*limit))?,
            Event::AlarmCleared { campaign, alarm } => {
                self.change_alarm(*campaign, *alarm, None)?
            }
            Event::RecordingsExpired {
                campaign,
                before,
                due,
            } => {
                self.forget_addresses(*campaign, *before);
                let state = self.campaign_mut(*campaign)?;
                let planned = state.retention_at.replace(midnight(at));
                let days = state
                    .settings
                    .retention_days
                    .map(|days| i64::from(days.get()));
                let kept = at.as_millis() - before.as_millis();
                let fits = planned == Some(*due) && *due <= at;
                expect(
                    fits && days.map(|days| days * 86_400_000) == Some(kept),
                    "recordings are erased when they have been kept long enough",
                    || {
                        format!(
                            "campaign {campaign} at {at}: before {before}, due {due}, planned {planned:?}, {days:?} days"
                        )
                    },
                )?;
            }
            _ => {}
        }
        Ok(())
    }

    /// `limit` is that of an alarm that is raised, `None` clears it.
    fn change_alarm(&mut self, id: CampaignId, alarm: Alarm, limit: Option<Seconds>) -> Verdict {
        let raised = limit.is_some();
        let campaign = self.campaign_mut(id)?;
        let stood = match alarm {
            Alarm::ServiceLevel => {
                let until = raised.then_some(campaign.today.ends);
                std::mem::replace(&mut campaign.service_level_alarm, until).is_some()
            }
            Alarm::Acd => std::mem::replace(&mut campaign.acd_alarm, raised),
            Alarm::TimeChat(chat) => {
                let chat = self.chat_mut(chat)?;
                std::mem::replace(&mut chat.over_time, limit).is_some()
            }
        };
        expect(
            stood != raised,
            "an alarm is raised and cleared in turn",
            || format!("{alarm:?} of campaign {id} raised {raised}"),
        )
    }

    fn change_opening(
        &mut self,
        id: CampaignId,
        opens: bool,
        due: Timestamp,
        next_change: Option<Timestamp>,
        closing: Option<(Timestamp, CloseReason)>,
    ) -> Verdict {
        let campaign = self.campaign_mut(id)?;
        let was = (campaign.open, campaign.next_change);
        campaign.open = opens;
        campaign.next_change = next_change;
        campaign.closing = closing;
        self.end_closings();
        expect(
            was == (!opens, Some(due)),
            "a campaign opens and closes in turn and on time",
            || format!("campaign {id} had open, next change {was:?}, changes due {due}"),
        )
    }

    pub(super) fn set_members(&mut self, id: CampaignId, members: &[Member]) -> Verdict {
        let campaign = self.campaign_mut(id)?;
        let before = std::mem::take(&mut campaign.members);
        campaign.members = members
            .iter()
            .map(|member| {
                let same = |old: &&MemberPicture| old.member.agent == member.agent;
                let known = before.iter().find(same);
                MemberPicture {
                    member: member.clone(),
                    last_served: known.and_then(|known| known.last_served),
                    answered: known.map_or(0, |known| known.answered),
                }
            })
            .collect();
        // The round goes on where it was: after the cursor, or after the nearest one before it who stays.
        let mut cursor = campaign.cursor;
        while let Some(agent) = cursor
            && campaign.member(agent).is_none()
        {
            let place = before
                .iter()
                .position(|member| member.member.agent == agent);
            cursor = place
                .and_then(|place| place.checked_sub(1))
                .map(|place| before[place].member.agent);
        }
        campaign.cursor = cursor;
        Ok(())
    }
}

/// The first midnight in UTC after an instant.
fn midnight(at: Timestamp) -> Timestamp {
    const DAY: i64 = 86_400;
    let days = at.as_millis().div_euclid(DAY * 1_000);
    Timestamp::from_seconds((days + 1) * DAY)
}
