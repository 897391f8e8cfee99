//! What can be seen of a tenant, borrowed from the engine.

use std::sync::Arc;

use crate::call::{Call, CallView};
use crate::campaign::Campaign;
use crate::canned::CannedResponse;
use crate::command::{AgentProfile, Member, TenantSettings};
use crate::effect::{AgentChat, AgentPhase, Ended, VisitorChat, VisitorPhase, VisitorView};
use crate::engine::Engine;
use crate::estimate::Estimate;
use crate::event::Alarm;
use crate::explain::{Candidate, Explanation, Question};
use crate::id::{AgentId, CampaignId, ChatId, VisitorKey};
use crate::mail::Obligation;
use crate::metrics::{Counters, Ratio, Times, Work};
use crate::quality::{ModelId, QualityModel};
use crate::rejection::WhyNot;
use crate::state::{AgentState, CampaignState, Chat, Phase};
use crate::time::Timestamp;
use crate::wording::Language;

/// The read side of an [`Engine`].
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub(crate) engine: &'a Engine,
}

/// A campaign at an instant.
#[derive(Clone, Copy, Debug)]
pub struct CampaignView<'a> {
    /// Its identity.
    pub id: CampaignId,
    /// Its settings.
    pub settings: &'a Campaign,
    /// Open by its schedule.
    pub open: bool,
    /// When the schedule next opens or closes it.
    pub next_change: Option<Timestamp>,
    /// When recordings kept long enough are next erased, midnight in UTC; `None` keeps them.
    pub next_retention: Option<Timestamp>,
    /// Chats waiting, offers out included.
    pub waiting: u32,
    /// Chats with an agent.
    pub active: u32,
    /// Members signed in.
    pub signed_in: u32,
    /// What became of the chats so far.
    pub counters: &'a Counters,
    /// How long things took so far.
    pub times: &'a Times,
    /// The service level its alarm looks at: of the chats answered since the campaign's local midnight, those in
    /// time. No data while Service Level is off.
    pub service_level_today: Ratio,
    /// Chats whose Time chat alarm stands.
    pub over_time: u32,
}

/// An agent at an instant.
#[derive(Clone, Copy, Debug)]
pub struct AgentView<'a> {
    /// The identity.
    pub id: AgentId,
    /// Who.
    pub profile: &'a AgentProfile,
    /// The session that speaks for the agent; `None` when not signed in.
    pub session: Option<u64>,
    /// The last connection is lost; chats are held until then.
    pub lost_until: Option<Timestamp>,
    /// Why the agent is paused, if so.
    pub paused: Option<&'a Arc<str>>,
    /// Paused by a chat of an `incall` campaign.
    pub auto_paused: bool,
    /// On a call.
    pub on_call: bool,
    /// Slots in use, wrap-ups included.
    pub load: u32,
    /// Live interactions on channels the engine does not know.
    pub other_load: u32,
}

impl AgentView<'_> {
    /// Some session speaks for the agent.
    pub fn signed_in(&self) -> bool {
        self.session.is_some()
    }
}

impl<'a> View<'a> {
    /// What holds for all campaigns.
    pub fn tenant(self) -> &'a TenantSettings {
        &self.engine.state().tenant
    }

    /// All campaigns, by identity.
    pub fn campaigns(self) -> impl Iterator<Item = CampaignView<'a>> {
        let now = self.engine.now();
        let campaigns = self.engine.state().campaigns();
        campaigns.map(move |campaign| campaign_view(campaign, now))
    }

    /// One campaign.
    pub fn campaign(self, id: CampaignId) -> Option<CampaignView<'a>> {
        let campaign = self.engine.state().campaign(id)?;
        Some(campaign_view(campaign, self.engine.now()))
    }

    /// When a campaign that is closed at `now` opens; `None` when it is open or that is not known.
    pub fn next_open_at(self, id: CampaignId, now: Timestamp) -> Option<Timestamp> {
        let campaign = self.engine.state().campaign(id)?;
        match campaign.open {
            true => None,
            false => self.engine.calendar(id)?.next_open_at(now),
        }
    }

    /// When the day began that `now` belongs to, by the clock of a campaign's zone.
    pub fn day_began(self, id: CampaignId, now: Timestamp) -> Option<Timestamp> {
        Some(self.engine.calendar(id)?.last_midnight(now))
    }

    /// A campaign's members, in member order.
    pub fn members(self, campaign: CampaignId) -> impl Iterator<Item = &'a Member> {
        let members = self
            .engine
            .state()
            .campaign(campaign)
            .map(|campaign| &campaign.members);
        members.into_iter().flatten().map(|member| &member.member)
    }

    /// All agents, by identity.
    pub fn agents(self) -> impl Iterator<Item = AgentView<'a>> {
        self.engine.state().agents().map(agent_view)
    }

    /// One agent.
    pub fn agent(self, id: AgentId) -> Option<AgentView<'a>> {
        self.engine.state().agent(id).map(agent_view)
    }

    /// What an agent did up to `now`, or to the last event if that is later.
    pub fn work(self, id: AgentId, now: Timestamp) -> Option<Work> {
        let agent = self.engine.state().agent(id)?;
        let mut work = agent.work;
        let millis = now.since(agent.worked_to).unsigned_abs();
        work.spend(millis, agent.activity());
        Some(work)
    }

    /// The campaigns an agent is a member of.
    pub fn memberships(self, agent: AgentId) -> impl Iterator<Item = CampaignId> {
        let seats = self.engine.state().agent(agent).map(|agent| &agent.seats);
        seats.into_iter().flatten().map(|(campaign, _)| *campaign)
    }

    /// Why chats of a campaign cannot be given to an agent now, whatever the chat; `None` when they can.
    /// For pull modes: why the agent may not take one.
    pub fn why_not(self, campaign: CampaignId, agent: AgentId) -> Option<WhyNot> {
        let state = self.engine.state();
        match (state.campaign(campaign), state.agent(agent)) {
            (Some(campaign), Some(agent)) => state.why_not(campaign, agent),
            _ => Some(WhyNot::NotMember),
        }
    }

    /// Explains what a newcomer would meet, or why a live chat stands where it stands; see [`crate::explain`].
    pub fn explain(self, question: &Question) -> Option<Explanation> {
        self.engine.explain(question)
    }

    /// Why a chat would or would not go to an agent now; `None` when the chat is not live or the agent not known.
    pub fn explain_agent(self, chat: ChatId, agent: AgentId) -> Option<Candidate> {
        self.engine.explain_agent(chat, agent)
    }

    /// The live chat of a visitor who asked for it in a campaign, or whose chat was handed to it.
    pub fn chat_of(self, visitor: VisitorKey, campaign: CampaignId) -> Option<ChatId> {
        self.engine.state().chat_of(visitor, campaign)
    }

    /// The last chat a visitor asked for in a campaign, while it is remembered.
    pub fn ended_of(self, visitor: VisitorKey, campaign: CampaignId) -> Option<Ended> {
        self.engine
            .state()
            .ended_of(visitor, campaign)
            .map(|ended| ended.view())
    }

    /// Whose live chat it is.
    pub fn visitor_of(self, chat: ChatId) -> Option<VisitorKey> {
        self.engine.state().chat(chat).map(|chat| chat.visitor)
    }

    /// The campaign a live chat's visitor asked for it in; a transfer does not change that.
    pub fn came_to(self, chat: ChatId) -> Option<CampaignId> {
        self.engine.state().chat(chat).map(|chat| chat.came_to)
    }

    /// A live chat as its visitor sees it.
    pub fn visitor_chat(self, chat: ChatId) -> Option<VisitorChat> {
        self.engine
            .state()
            .chat(chat)
            .map(|chat| self.engine.visitor_chat(chat))
    }

    /// The call that rings or runs in a chat.
    pub fn call(self, chat: ChatId) -> Option<Call> {
        self.engine.state().chat(chat)?.call()
    }

    /// How long a waiting chat will probably still wait, with its bound; `None` without evidence, when an
    /// agent is being asked, and for a chat that does not wait. Work per call is bounded whatever the length of
    /// the queue.
    pub fn estimate(self, chat: ChatId) -> Option<Estimate> {
        self.engine.estimate(self.engine.state().chat(chat)?)
    }

    /// A live chat as agents see it.
    pub fn agent_chat(self, chat: ChatId) -> Option<AgentChat> {
        self.engine
            .state()
            .chat(chat)
            .map(|chat| self.engine.agent_chat(chat))
    }

    /// The chats waiting in a campaign in dispatch order; transfers to it stand among them.
    pub fn waiting(self, campaign: CampaignId) -> impl Iterator<Item = ChatId> + 'a {
        let campaign = self.engine.state().campaign(campaign);
        campaign
            .into_iter()
            .flat_map(|campaign| campaign.waiting.iter())
    }

    /// The canned responses of a campaign, then those shared by all.
    pub fn canned(self, campaign: CampaignId) -> impl Iterator<Item = &'a CannedResponse> {
        let state = self.engine.state();
        let own = state.campaign(campaign).map(|campaign| &campaign.canned);
        own.into_iter().flatten().chain(&state.canned)
    }

    /// A campaign's own canned responses; `None` when there is no such campaign.
    pub fn own_canned(self, campaign: CampaignId) -> Option<&'a [CannedResponse]> {
        let campaign = self.engine.state().campaign(campaign);
        campaign.map(|campaign| &*campaign.canned)
    }

    /// The canned responses shared by all campaigns.
    pub fn shared_canned(self) -> &'a [CannedResponse] {
        &self.engine.state().canned
    }

    /// All quality models, every version, by identity.
    pub fn quality_models(self) -> impl Iterator<Item = (ModelId, &'a QualityModel)> {
        let models = self.engine.state().models.iter();
        (1..).map(ModelId).zip(models.map(|model| &**model))
    }

    /// A quality model by its identity.
    pub fn quality_model(self, model: ModelId) -> Option<&'a Arc<QualityModel>> {
        self.engine.model(model)
    }

    /// Whether `evaluator` has answered this version of a model about an agent's part of a chat.
    pub fn is_evaluated(
        self,
        chat: ChatId,
        agent: AgentId,
        model: ModelId,
        evaluator: AgentId,
    ) -> bool {
        let evaluated = &self.engine.state().evaluated;
        evaluated.contains(&(chat, agent, model, evaluator))
    }

    /// The name the campaign's visitors see for an agent: the agent's own, or an alias.
    pub fn shown_name(self, campaign: CampaignId, agent: AgentId, language: Language) -> Arc<str> {
        self.engine.shown_name(campaign, agent, language)
    }

    /// Mail not yet settled, dead ones included, by number.
    pub fn owed(self) -> impl Iterator<Item = &'a Obligation> {
        self.engine.state().owed.values()
    }

    /// The alarms of a campaign that stand: Service Level and ACD first, then Time chat by chat.
    pub fn alarms(self, campaign: CampaignId) -> impl Iterator<Item = Alarm> + 'a {
        let campaign = self.engine.state().campaign(campaign);
        campaign.into_iter().flat_map(|campaign| {
            let standing = campaign.standing;
            let service_level = standing.service_level.map(|_| Alarm::ServiceLevel);
            let acd = standing.acd.then_some(Alarm::Acd);
            let of_chats = campaign.over_time.iter().copied().map(Alarm::TimeChat);
            service_level.into_iter().chain(acd).chain(of_chats)
        })
    }

    /// All live chats.
    pub fn chats(self) -> impl Iterator<Item = ChatId> + 'a {
        self.engine.state().chats().map(|chat| chat.id)
    }

    /// The chats an agent owns, takes part in, or is asked to take, in order of admission.
    pub fn chats_of(self, agent: AgentId) -> Vec<ChatId> {
        let state = self.engine.state();
        let slots = state.agent(agent).map_or(&[][..], |agent| &agent.slots);
        let mut chats: Vec<&Chat> = slots
            .iter()
            .filter_map(|slot| state.chat(slot.chat))
            .collect();
        chats.sort_by_key(|chat| chat.sequence);
        chats.into_iter().map(|chat| chat.id).collect()
    }

    /// Whether a supervisor watches the chat.
    pub fn is_watched_by(self, chat: ChatId, agent: AgentId) -> bool {
        let mut watchers = self.engine.state().watchers(chat);
        watchers.any(|watcher| watcher == agent)
    }

    /// The chats a supervisor watches, in no order that means something.
    pub fn watched_by(self, agent: AgentId) -> impl Iterator<Item = ChatId> {
        self.engine.state().watched_by(agent)
    }

    /// Whether an agent owns the chat, takes part in it, or is asked to take it.
    pub fn has_agent(self, chat: ChatId, agent: AgentId) -> bool {
        self.engine.state().chat(chat).is_some_and(|chat| {
            chat.has(agent) || chat.asked().is_some_and(|asked| asked.agent == agent)
        })
    }
}

fn campaign_view(campaign: &CampaignState, now: Timestamp) -> CampaignView<'_> {
    CampaignView {
        id: campaign.id,
        settings: &campaign.settings,
        open: campaign.open,
        next_change: campaign.next_change,
        next_retention: campaign.retention_at,
        waiting: campaign.waiting.len(),
        active: campaign.active,
        signed_in: campaign.signed_in,
        counters: &campaign.counters,
        times: &campaign.times,
        service_level_today: campaign.service_level(now),
        over_time: campaign.over_time.len() as u32,
    }
}

fn agent_view(agent: &AgentState) -> AgentView<'_> {
    AgentView {
        id: agent.id,
        profile: &agent.profile,
        session: agent.session,
        lost_until: agent.lost_until,
        paused: agent.paused.as_ref(),
        auto_paused: agent.is_auto_paused(),
        on_call: agent.on_call,
        load: agent.load(),
        other_load: agent.other_load,
    }
}

impl Engine {
    /// How long a waiting chat will probably still wait; `None` without evidence and once an agent is asked.
    fn estimate(&self, chat: &Chat) -> Option<Estimate> {
        let campaign = self.state().campaign(chat.campaign)?;
        match chat.phase {
            Phase::Waiting => {
                self.state()
                    .estimate(campaign, chat.place(), chat.wait_from, self.now())
            }
            Phase::Offered(_) | Phase::Active | Phase::Transferring { .. } => None,
        }
    }

    /// The chat as its visitor may see it.
    pub(crate) fn visitor_chat(&self, chat: &Chat) -> VisitorChat {
        self.visitor_chat_expecting(chat, self.estimate(chat))
    }

    /// The same, of a chat whose estimate is known.
    pub(crate) fn visitor_chat_expecting(
        &self,
        chat: &Chat,
        estimate: Option<Estimate>,
    ) -> VisitorChat {
        let position = match chat.phase {
            Phase::Offered(_) => Some(0),
            Phase::Waiting => self
                .state()
                .campaign(chat.campaign)
                .map(|campaign| campaign.waiting.ahead_of(chat.place()) + 1),
            Phase::Active | Phase::Transferring { .. } => None,
        };
        VisitorChat {
            chat: chat.id,
            campaign: chat.campaign,
            phase: if chat.is_waiting() {
                VisitorPhase::Waiting
            } else {
                VisitorPhase::Active
            },
            position,
            estimate: estimate.map(|estimate| estimate.seconds),
            agent: chat
                .owner()
                .map(|owner| self.shown_name(chat.campaign, owner, chat.language)),
            language: chat.language,
            call: chat.call().as_ref().map(Into::into),
            last: chat.messages,
            seen: chat.seen_by_agents,
        }
    }

    /// The chat as agents see it.
    pub(crate) fn agent_chat(&self, chat: &Chat) -> AgentChat {
        let phase = match chat.phase {
            Phase::Waiting => AgentPhase::Waiting,
            Phase::Offered(asked) => AgentPhase::Offered {
                agent: asked.agent,
                lapses_at: asked.lapses_at,
            },
            Phase::Active => AgentPhase::Active,
            Phase::Transferring { to, lapses_at, .. } => AgentPhase::Transferring { to, lapses_at },
        };
        AgentChat {
            chat: chat.id,
            campaign: chat.campaign,
            phase,
            visitor: VisitorView {
                facts: chat.facts.clone(),
                language: chat.language,
            },
            connected: chat.disconnected_at.is_none(),
            requested_at: chat.requested_at,
            since: chat.since,
            owner: chat.owner(),
            participants: chat.participants,
            call: chat.call().as_ref().map(CallView::for_agents),
            last: chat.messages,
            seen: chat.seen_by_visitor,
            priority: chat.priority,
            returned: chat.returned,
        }
    }
}
