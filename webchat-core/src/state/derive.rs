//! The indexes: what each chat, agent and campaign contributes to them, and their rebuilding.

use crate::assignment::ReadyKey;
use crate::campaign::{Campaign, Mode};
use crate::effect::Participants;
use crate::id::{AgentId, CampaignId, ChatId, VisitorKey};
use crate::mail::{Delivery, Obligation};
use crate::queue::Place;
use crate::time::Timestamp;
use crate::timers::{Target, Timer, TimerKind};

use super::{Chat, Index, Phase, Slot, SlotKind, State};

/// What one chat contributes to the indexes.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Shape {
    queue: Option<(CampaignId, Place)>,
    visitor: Option<VisitorKey>,
    /// Where the visitor finds the chat: in the campaign they came to, the one it belongs to, and the one in
    /// whose queue it stands, each named once.
    doors: [Option<CampaignId>; 3],
    dispatchable: bool,
    /// Order of admission.
    sequence: u64,
    dues: [Option<Due>; 5],
    /// Has a standing Time chat alarm here.
    over_time: Option<CampaignId>,
    slots: Slots,
}

/// Something due for a chat.
#[derive(Clone, Copy, PartialEq)]
struct Due {
    at: Timestamp,
    kind: TimerKind,
}

/// The slots one chat takes.
#[derive(Clone, Copy, PartialEq, Default)]
struct Slots {
    /// The campaign for whose sake its agents have it; `None` without agents.
    campaign: Option<CampaignId>,
    agents: Participants,
    auto_pauses: bool,
    /// Who is asked, and for which campaign.
    asked: Option<(AgentId, CampaignId)>,
}

impl Due {
    fn timer(self, chat: ChatId, sequence: u64) -> Timer {
        Timer {
            due: self.at,
            kind: self.kind,
            sequence,
            target: Target::Chat(chat),
        }
    }
}

impl Shape {
    const NONE: Self = Self {
        queue: None,
        visitor: None,
        doors: [None; 3],
        dispatchable: false,
        sequence: 0,
        dues: [None; 5],
        over_time: None,
        slots: Slots {
            campaign: None,
            agents: Participants::NONE,
            auto_pauses: false,
            asked: None,
        },
    };
}

/// No campaign has this number.
const NOWHERE: CampaignId = CampaignId(0);

impl Slots {
    fn of(chat: &Chat) -> Self {
        let queue = chat.queue().unwrap_or(chat.campaign);
        Self {
            campaign: chat.owner().map(|_| chat.campaign),
            agents: chat.participants,
            auto_pauses: chat.auto_pauses,
            asked: chat.asked().map(|asked| (asked.agent, queue)),
        }
    }

    /// Each slot and whose it is.
    fn each(&self, chat: ChatId) -> impl Iterator<Item = (AgentId, Slot)> + '_ {
        self.agents().enumerate().map(move |(at, agent)| {
            let (campaign, kind) = match (self.campaign, self.asked) {
                (Some(campaign), _) if at == 0 => (campaign, SlotKind::Owner),
                (Some(campaign), _) if at < self.agents.len() => (campaign, SlotKind::Participant),
                (_, asked) => (asked.map_or(NOWHERE, |asked| asked.1), SlotKind::Asked),
            };
            let slot = Slot {
                chat,
                campaign,
                kind,
                auto_pauses: kind == SlotKind::Owner && self.auto_pauses,
            };
            (agent, slot)
        })
    }

    /// Who has one.
    fn agents(&self) -> impl Iterator<Item = AgentId> + '_ {
        let asked = self.asked.iter().map(|(agent, _)| *agent);
        self.agents.iter().chain(asked)
    }
}

impl State {
    /// What the chat contributes to the indexes as it is now.
    pub(super) fn shape(&self, id: ChatId) -> Shape {
        let Some(chat) = self.chat(id) else {
            return Shape::NONE;
        };
        let queue = chat.queue();
        let other = |campaign: &CampaignId| *campaign != chat.came_to;
        Shape {
            queue: queue.map(|campaign| (campaign, chat.place())),
            visitor: Some(chat.visitor),
            doors: [
                Some(chat.came_to),
                Some(chat.campaign).filter(other),
                queue.filter(other).filter(|queue| *queue != chat.campaign),
            ],
            dispatchable: chat.is_dispatchable(),
            sequence: chat.sequence,
            dues: self.chat_dues(chat),
            over_time: chat.over_time.map(|_| chat.campaign),
            slots: Slots::of(chat),
        }
    }

    fn chat_dues(&self, chat: &Chat) -> [Option<Due>; 5] {
        let Some(campaign) = self.campaign(chat.campaign) else {
            return [None; 5];
        };
        let settings = &campaign.settings;
        let timer = |at, kind| Due { at, kind };
        let time_out = settings
            .time_out
            .filter(|_| chat.is_waiting())
            .map(|limit| timer(chat.wait_from.after(limit), TimerKind::QueueTimeOut));
        let lapse = match chat.phase {
            Phase::Offered(asked) => Some(timer(asked.lapses_at, TimerKind::OfferLapse)),
            // The offer of a destination campaign lapses before the transfer as a whole does, or with it.
            Phase::Transferring {
                lapses_at, asked, ..
            } => {
                let asked = asked.map(|asked| asked.lapses_at);
                let first = [lapses_at, asked].into_iter().flatten().min();
                first.map(|due| timer(due, TimerKind::TransferLapse))
            }
            Phase::Waiting | Phase::Active => None,
        };
        let gone = chat.disconnected_at.and_then(|at| {
            let allowed = match (settings.auto_finish, chat.is_waiting()) {
                (Some(allowed), _) => allowed,
                (None, true) => settings.waiting_floor,
                (None, false) => return None,
            };
            Some(timer(at.after(allowed), TimerKind::AutoFinish))
        });
        // Counted from when both held: the chat waits, and nobody is signed in.
        let empty = campaign
            .empty_since
            .filter(|_| chat.is_waiting())
            .zip(settings.leave_when_empty_after)
            .map(|(empty, limit)| {
                let due = empty.max(chat.wait_from).after(limit);
                timer(due, TimerKind::EmptyCampaign)
            });
        [time_out, lapse, gone, empty, alarm_due(chat, settings)]
    }

    /// Moves a chat's contribution from `before` to what it is now.
    pub(super) fn reshape(&mut self, id: ChatId, before: &Shape) {
        let after = self.shape(id);
        if before.slots != after.slots {
            for agent in before.slots.agents().chain(after.slots.agents()) {
                self.spend_time(agent);
            }
        }
        self.contribute(id, before, &after);
    }

    fn contribute(&mut self, id: ChatId, before: &Shape, after: &Shape) {
        if before.dues != after.dues {
            self.move_timers(id, before, after);
        }
        if before.doors != after.doors || before.visitor != after.visitor {
            self.move_doors(id, before, after);
        }
        if before.queue != after.queue {
            self.move_in_queues(id, before, after);
        }
        if before.over_time != after.over_time {
            if let Some(campaign) = before.over_time
                && let Some(campaign) = self.campaign_mut(campaign)
            {
                campaign.over_time.remove(&id);
            }
            if let Some(campaign) = after.over_time
                && let Some(campaign) = self.campaign_mut(campaign)
            {
                campaign.over_time.insert(id);
            }
        }
        // Who leaves a chat while it is being transferred may be the one to get it.
        if let Some((campaign, _)) = after.queue
            && after.dispatchable
            && (!before.dispatchable || before.queue != after.queue || before.slots != after.slots)
        {
            self.index.dirty.insert(campaign);
        }
        if before.slots != after.slots {
            self.move_slots(id, &before.slots, &after.slots);
        }
    }

    fn move_timers(&mut self, id: ChatId, before: &Shape, after: &Shape) {
        for (old, new) in before.dues.iter().zip(&after.dues) {
            if old != new {
                if let Some(old) = old {
                    self.index.timers.remove(&old.timer(id, before.sequence));
                }
                if let Some(new) = new {
                    self.index.timers.insert(new.timer(id, after.sequence));
                }
            }
        }
    }

    fn move_doors(&mut self, id: ChatId, before: &Shape, after: &Shape) {
        let (chats, doors) = (&self.chats, &mut self.index.doors);
        let visitor_of = |slot| chats.in_slot(slot).map(|chat| chat.visitor);
        if let Some(visitor) = before.visitor {
            for door in before.doors.iter().flatten() {
                if !after.doors.contains(&Some(*door)) {
                    doors.remove(visitor, *door, id.slot);
                }
            }
        }
        if let Some(visitor) = after.visitor {
            for door in after.doors.iter().flatten() {
                if !before.doors.contains(&Some(*door)) {
                    doors.insert(visitor, *door, id.slot, visitor_of);
                }
            }
        }
    }

    fn move_in_queues(&mut self, id: ChatId, before: &Shape, after: &Shape) {
        if let Some((campaign, place)) = before.queue
            && let Some(campaign) = self.campaign_mut(campaign)
        {
            campaign.waiting.remove(place, id);
            // Closing is over when nobody waits any more.
            if campaign.closing.is_some() && campaign.waiting.len() == 0 {
                let id = campaign.id;
                self.change_campaign(id, |campaign| campaign.closing = None);
            }
        }
        if let Some((campaign, place)) = after.queue
            && let Some(campaign) = self.campaign_mut(campaign)
        {
            campaign.waiting.insert(place, id);
        }
        for (campaign, _) in [before.queue, after.queue].into_iter().flatten() {
            self.watch_acd(campaign);
        }
    }

    fn move_slots(&mut self, id: ChatId, before: &Slots, after: &Slots) {
        for (agent, ref slot) in before.each(id) {
            if let Some(agent) = self.agent_mut(agent) {
                agent.slots.retain(|other| other != slot);
            }
        }
        for (agent, slot) in after.each(id) {
            if let Some(agent) = self.agent_mut(agent) {
                agent.slots.push(slot);
            }
        }
        for agent in before.agents() {
            self.refresh_agent(agent);
        }
        for agent in after.agents() {
            if before.agents().all(|other| other != agent) {
                self.refresh_agent(agent);
            }
        }
    }

    /// Notes when the number waiting is on the other side of ACD than its alarm.
    fn watch_acd(&mut self, id: CampaignId) {
        let crossed = self
            .campaign(id)
            .is_some_and(|campaign| campaign.over_acd() != campaign.standing.acd);
        if crossed {
            self.index.unsettled.insert(id);
        }
    }

    /// Computes anew whether an agent is eligible, in each campaign of theirs.
    pub(super) fn refresh_agent(&mut self, id: AgentId) {
        let seats = self.agent(id).map_or(0, |agent| agent.seats.len());
        for at in 0..seats {
            let Some(agent) = self.agent(id) else { return };
            let (campaign, place) = agent.seats[at];
            self.refresh_member(campaign, place);
        }
    }

    fn refresh_member(&mut self, campaign: CampaignId, place: u32) {
        let Some(state) = self.campaign(campaign) else {
            return;
        };
        let Some(member) = state.members.get(place as usize) else {
            return;
        };
        let Some(agent) = self.agent(member.member.agent) else {
            return;
        };
        let eligible =
            !state.settings.strategy.mode.is_pull() && self.why_not(state, agent).is_none();
        let key = eligible.then(|| {
            ReadyKey::of(
                &state.settings,
                agent,
                member,
                place,
                agent.load_in(campaign),
            )
        });
        if let Some(state) = self.campaign_mut(campaign)
            && state.ready.set(place, key)
        {
            self.index.dirty.insert(campaign);
        }
    }

    /// Sets the number of members signed in, and the timers of those waiting if that leaves
    /// the campaign empty or ends it.
    pub(super) fn count_signed_in(&mut self, id: CampaignId, signed_in: u32) {
        let now = self.last_at;
        let Some(campaign) = self.campaign_mut(id) else {
            return;
        };
        campaign.signed_in = signed_in;
        let empty = signed_in == 0;
        if campaign.empty_since.is_some() == empty {
            return;
        }
        let waiting: Vec<ChatId> = match campaign.settings.leave_when_empty_after {
            Some(_) => campaign.waiting.iter().collect(),
            None => Vec::new(),
        };
        let before: Vec<Shape> = waiting.iter().map(|chat| self.shape(*chat)).collect();
        if let Some(campaign) = self.campaign_mut(id) {
            campaign.empty_since = empty.then_some(now);
        }
        for (chat, before) in waiting.into_iter().zip(before) {
            self.reshape(chat, &before);
        }
    }

    /// Computes anew which members of a campaign are eligible, and its timers.
    pub(super) fn refresh_campaign(&mut self, id: CampaignId) {
        let Some(campaign) = self.campaign_mut(id) else {
            return;
        };
        campaign.ready.clear();
        let places = campaign.members.len() as u32;
        let agents: Vec<AgentId> = campaign
            .members
            .iter()
            .map(|member| member.member.agent)
            .collect();
        let signed_in = agents.iter().filter(|agent| {
            self.agent(**agent)
                .is_some_and(|agent| agent.is_signed_in())
        });
        let signed_in = signed_in.count() as u32;
        self.count_signed_in(id, signed_in);
        for place in 0..places {
            self.refresh_member(id, place);
        }
        self.index.dirty.insert(id);
    }

    /// The timers of a campaign as it is now: closing goes on at once, else the schedule's next change; the
    /// midnight that ends a standing service-level alarm; and the next erasure of what was kept long enough.
    pub(super) fn campaign_timers(&self, id: CampaignId) -> [Option<Timer>; 3] {
        let Some(campaign) = self.campaign(id) else {
            return [None; 3];
        };
        let timer = |due, kind| Timer {
            due,
            kind,
            sequence: 0,
            target: Target::Campaign(id),
        };
        let change = match campaign.closing {
            Some((since, _)) => Some(since),
            None => campaign.next_change,
        };
        [
            change.map(|due| timer(due, TimerKind::ScheduleChange)),
            campaign
                .standing
                .service_level
                .map(|due| timer(due, TimerKind::Alarm)),
            campaign
                .retention_at
                .map(|due| timer(due, TimerKind::Retention)),
        ]
    }

    /// The timers of an agent as they are now.
    pub(super) fn agent_timers(&self, id: AgentId) -> Vec<Timer> {
        let Some(agent) = self.agent(id) else {
            return Vec::new();
        };
        let grace = agent.lost_until.map(|due| Timer {
            due,
            kind: TimerKind::AgentGrace,
            sequence: 0,
            target: Target::Agent(id),
        });
        let wrap_ups = agent.wrap_ups.iter().map(|wrap_up| Timer {
            due: wrap_up.until,
            kind: TimerKind::WrapUpEnd,
            sequence: 0,
            target: Target::WrapUp(id, wrap_up.chat),
        });
        grace.into_iter().chain(wrap_ups).collect()
    }

    /// Whether a chat of the campaign auto-pauses its agent.
    pub(super) fn auto_pauses(&self, campaign: CampaignId) -> bool {
        self.campaign(campaign)
            .is_some_and(|campaign| campaign.settings.strategy.mode == Mode::InCall)
    }

    /// Empties all indexes.
    pub(crate) fn free_indexes(&mut self) {
        self.index = Index::default();
        let last_at = self.last_at;
        for campaign in self.campaigns.iter_mut().flatten() {
            // Snapshots from before retention do not plan it.
            campaign.plan_retention(last_at);
            campaign.waiting = Default::default();
            campaign.ready = Default::default();
            campaign.over_time = Default::default();
        }
        for agent in self.agents.iter_mut().flatten() {
            agent.slots = Default::default();
            agent.seats = Default::default();
        }
    }

    /// Builds all indexes from nothing, as after a restore.
    pub(crate) fn rebuild(&mut self) {
        self.free_indexes();
        self.rebuild_seats();
        let chats: Vec<ChatId> = self.chats().map(|chat| chat.id).collect();
        for id in chats {
            self.contribute(id, &Shape::NONE, &self.shape(id));
        }
        for (number, ended) in (self.ended_before..).zip(&self.ended) {
            let (all, before) = (&self.ended, self.ended_before);
            let at = |number: u64| all.get((number - before) as usize);
            self.index.ended.insert(number, ended, at);
        }
        let agents: Vec<AgentId> = self.agents().map(|agent| agent.id).collect();
        for id in agents {
            let timers = self.agent_timers(id);
            self.index.timers.extend(timers);
        }
        let campaigns: Vec<CampaignId> = self.campaigns().map(|campaign| campaign.id).collect();
        for id in campaigns {
            self.index
                .timers
                .extend(self.campaign_timers(id).into_iter().flatten());
            self.refresh_campaign(id);
            self.index.unsettled.insert(id);
        }
        let mail = self.owed.values().filter_map(mail_timer);
        self.index.timers.extend(mail);
        self.index.dirty.clear();
        self.index.unsettled.clear();
    }

    fn rebuild_seats(&mut self) {
        let seats: Vec<(AgentId, CampaignId, u32)> = self
            .campaigns()
            .flat_map(|campaign| {
                let members = (0..).zip(&campaign.members);
                members.map(|(place, member)| (member.member.agent, campaign.id, place))
            })
            .collect();
        for (agent, campaign, place) in seats {
            if let Some(agent) = self.agent_mut(agent) {
                agent.seats.push((campaign, place));
            }
        }
    }
}

/// When the chat's Time chat alarm is to be raised; or, if it stands for a limit that was since made longer or
/// taken away, cleared: that is due already.
fn alarm_due(chat: &Chat, settings: &Campaign) -> Option<Due> {
    let since = chat.served_since?;
    let limit = match (chat.over_time, settings.time_chat) {
        (None, limit) => limit?,
        (Some(old), Some(limit)) if limit <= old => return None,
        (Some(old), _) => old,
    };
    Some(Due {
        at: since.after(limit),
        kind: TimerKind::Alarm,
    })
}

/// The timer of an obligation as it is now; one that is held or dead has none.
pub(super) fn mail_timer(debt: &Obligation) -> Option<Timer> {
    let due = match debt.delivery {
        Delivery::Due(at) | Delivery::Sending(at) => at,
        Delivery::Held | Delivery::Dead => return None,
    };
    let id = debt.mail.id();
    let sequence = id.0;
    let target = Target::Mail(id);
    Some(Timer {
        due,
        kind: TimerKind::MailDue,
        sequence,
        target,
    })
}
