//! A replay: the acts of a journal and their consequences, on an engine of its own in virtual time.

use std::collections::{BTreeMap, BTreeSet};

use webchat_core::campaign::Campaign;
use webchat_core::command::{
    AgentCommand, AgentProfile, Command, HostCommand, Member, SupervisorCommand, VisitorAsk,
    VisitorCommand,
};
use webchat_core::effect::Receipt;
use webchat_core::event::{Assignment, Event, Recorded};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::metrics::{Fold, Interval, Policy};
use webchat_core::rejection::Rejection;
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox};

use super::past::{Act, Answer, Fate, Past};
use super::{Plan, WrongChange};

/// Something to be done: an act of the journal, by its place there, or what follows from another.
enum Task {
    Act(usize),
    /// An agent is done with a chat, unless that was given to another one since.
    End(ChatId, u32),
    /// An agent answers an offer, unless it was taken back.
    Answer(ChatId, AgentId, u32, AgentCommand),
}

/// A chat of the replay.
struct Live {
    visit: usize,
    /// With an agent since.
    since: Option<Timestamp>,
    /// Milliseconds an agent still has to do.
    left: Option<i64>,
    /// How often it was given to an agent.
    turns: u32,
    /// The number of the offer.
    offer: u32,
    /// Offers answered.
    answers: usize,
}

pub(super) struct Rerun<'a> {
    past: &'a Past,
    plan: &'a Plan,
    zones: Zones,
    engine: Engine,
    fold: Fold,
    clock: Timestamp,
    /// By time, then place in the journal, then order of coming up.
    agenda: BTreeMap<(Timestamp, usize, usize), Task>,
    tasks: usize,
    arriving: usize,
    live: BTreeMap<ChatId, Live>,
    by_visit: BTreeMap<usize, ChatId>,
    /// Agents who sign out as soon as their chats are over.
    leaving: BTreeSet<AgentId>,
    /// Campaigns the plan makes agents take chats in that were given to them.
    pulled: BTreeSet<CampaignId>,
}

impl<'a> Rerun<'a> {
    /// The figures of a replay under a plan.
    pub(super) fn of(past: &'a Past, plan: &'a Plan) -> Result<Fold, WrongChange> {
        let mut rerun = Self {
            past,
            plan,
            engine: Engine::new(Zones::bundled()),
            zones: Zones::bundled(),
            fold: Fold::new(Interval::ALWAYS, Policy::default()),
            clock: past.acts.first().map_or(Timestamp::MIN, |(at, _)| *at),
            agenda: BTreeMap::new(),
            tasks: 0,
            arriving: 0,
            live: BTreeMap::new(),
            by_visit: BTreeMap::new(),
            leaving: BTreeSet::new(),
            pulled: BTreeSet::new(),
        };
        // Before all others, so that the numbers of those are moved by as many.
        for model in &plan.models {
            if let Some(profile) = past.agents.get(model) {
                let name = format!("{} too", profile.name).into();
                let voice = profile.voice;
                rerun.host(HostCommand::CreateAgent(AgentProfile { name, voice }));
            }
        }
        for (place, (at, _)) in past.acts.iter().enumerate() {
            rerun.agenda.insert((*at, place, 0), Task::Act(place));
        }
        rerun.run()?;
        Ok(rerun.fold)
    }

    fn run(&mut self) -> Result<(), WrongChange> {
        loop {
            let next = self.agenda.keys().next().map(|(at, ..)| *at);
            let wake = self.engine.poll_timeout().map(|wake| wake.at);
            // Timers go first, also at the same instant, and each at its own time.
            let timers = wake.filter(|wake| next.is_none_or(|next| *wake <= next));
            match timers.or(next) {
                Some(at) if at <= self.past.end => self.clock = self.clock.max(at),
                _ => break,
            }
            if timers.is_some() {
                let mut outbox = Outbox::default();
                self.engine.handle_timeout(self.clock, &mut outbox);
                self.follow(outbox.events());
            } else if let Some((_, task)) = self.agenda.pop_first() {
                self.carry_out(task)?;
            }
            self.sign_out_whoever_is_done();
            self.take_heads();
        }
        self.fold.pass(self.past.end);
        Ok(())
    }

    fn carry_out(&mut self, task: Task) -> Result<(), WrongChange> {
        match task {
            Task::Act(place) => {
                let past = self.past;
                self.act(&past.acts[place].1)?;
            }
            Task::End(chat, turn) => {
                if self.live.get(&chat).is_some_and(|live| live.turns == turn) {
                    self.end(chat);
                }
            }
            Task::Answer(chat, agent, offer, ask) => {
                if self.live.get(&chat).is_some_and(|live| live.offer == offer) {
                    self.agent(agent, ask);
                }
            }
        }
        Ok(())
    }

    fn act(&mut self, act: &Act) -> Result<(), WrongChange> {
        match act {
            Act::Tenant(settings) => self.host(HostCommand::SetTenant(settings.clone())),
            Act::NewCampaign(id, recorded) => {
                let settings = self.settings(*id, recorded)?;
                self.host(HostCommand::create_campaign(*settings));
            }
            Act::Campaign(id, recorded) => {
                let (campaign, settings) = (*id, self.settings(*id, recorded)?);
                self.host(HostCommand::ChangeCampaign {
                    campaign,
                    settings,
                    seen: None,
                    by: None,
                });
            }
            Act::NewAgent(profile) => self.host(HostCommand::CreateAgent(profile.clone())),
            Act::Members(campaign, members) => self.set_members(*campaign, members),
            Act::Host(command) => self.host_act(command),
            Act::Agent(agent, ask) => {
                for agent in self.played_by(*agent) {
                    let comes = matches!(ask, AgentCommand::SignIn { .. });
                    if comes && self.leaving.remove(&agent) {
                        self.agent(agent, AgentCommand::Resume);
                    }
                    self.agent(agent, ask.clone());
                }
            }
            Act::SignOut(agent) => {
                for agent in self.played_by(*agent) {
                    self.sign_out(agent);
                }
            }
            Act::Arrive(visit) => {
                self.arriving = *visit;
                let request = Box::new(self.past.visits[*visit].request.clone());
                let _ = self.ask(Command::Visitor(VisitorCommand::RequestChat(request)));
            }
            Act::Waiting(visit, fate) => self.meet_fate(*visit, *fate),
        }
        Ok(())
    }

    fn settings(&mut self, id: CampaignId, was: &Campaign) -> Result<Box<Campaign>, WrongChange> {
        let settings = self.plan.settings(id, was, &self.zones)?;
        let (was_pull, is_pull) = (
            was.strategy.mode.is_pull(),
            settings.strategy.mode.is_pull(),
        );
        match is_pull && !was_pull {
            true => self.pulled.insert(id),
            false => self.pulled.remove(&id),
        };
        Ok(Box::new(settings))
    }

    fn set_members(&mut self, campaign: CampaignId, members: &[Member]) {
        let offset = self.plan.models.len() as u32;
        let mut all: Vec<Member> = members.to_vec();
        all.iter_mut().for_each(|member| member.agent.0 += offset);
        if self.plan.concerns(campaign) {
            for (number, model) in (1..).zip(&self.plan.models) {
                if let Some(like) = members.iter().find(|member| member.agent == *model) {
                    let agent = AgentId(number);
                    all.push(Member {
                        agent,
                        ..like.clone()
                    });
                }
            }
        }
        let members = all;
        self.host(HostCommand::SetMembers { campaign, members });
    }

    /// Who does in the replay what an agent did: the agent, and those who work alike.
    fn played_by(&self, agent: AgentId) -> Vec<AgentId> {
        let offset = self.plan.models.len() as u32;
        let own = (!self.plan.without.contains(&agent)).then_some(AgentId(agent.0 + offset));
        let models = (1..).zip(&self.plan.models);
        let alike = models.filter(|(_, model)| **model == agent);
        own.into_iter()
            .chain(alike.map(|(number, _)| AgentId(number)))
            .collect()
    }

    fn sign_out(&mut self, agent: AgentId) {
        let ask = AgentCommand::SignOut { force: false };
        if let Err(Rejection::ActiveChats(_)) = self.ask(Command::Agent { agent, ask }) {
            let reason = "leaving".into();
            self.agent(agent, AgentCommand::Pause { reason });
            self.leaving.insert(agent);
        }
    }

    fn sign_out_whoever_is_done(&mut self) {
        for agent in std::mem::take(&mut self.leaving) {
            self.sign_out(agent);
        }
    }

    /// Under a pull mode that the plan brought, whoever may take a chat does so at once.
    fn take_heads(&mut self) {
        while let Some((agent, chat)) = self.next_take() {
            if self
                .ask(Command::Agent {
                    agent,
                    ask: AgentCommand::Take { chat },
                })
                .is_err()
            {
                return;
            }
        }
    }

    fn next_take(&self) -> Option<(AgentId, ChatId)> {
        let view = self.engine.view();
        self.pulled.iter().find_map(|campaign| {
            let mut waiting = view.waiting(*campaign);
            let here = |chat: &ChatId| view.agent_chat(*chat).is_some_and(|chat| chat.connected);
            let chat = waiting.find(here)?;
            let mut members = view.members(*campaign);
            let free = members.find(|member| view.why_not(*campaign, member.agent).is_none())?;
            Some((free.agent, chat))
        })
    }

    fn meet_fate(&mut self, visit: usize, fate: Fate) {
        let Some(chat) = self.by_visit.get(&visit).copied() else {
            return;
        };
        let with_agent = self
            .live
            .get(&chat)
            .is_some_and(|live| live.since.is_some());
        if with_agent && !matches!(fate, Fate::Back) {
            return;
        }
        let visitor = |ask| {
            let visitor = VisitorKey(visit as u128);
            Command::Visitor(VisitorCommand::InChat { visitor, chat, ask })
        };
        // Any agent will do as the supervisor.
        let agent = AgentId(1);
        let supervisor = |ask| Command::Supervisor { agent, ask };
        let moved_by = self.plan.models.len() as u32;
        let command = match fate {
            Fate::Lost => visitor(VisitorAsk::Disconnect),
            Fate::Back => visitor(VisitorAsk::Connect),
            Fate::Leaves => visitor(VisitorAsk::Leave),
            Fate::Closed => supervisor(SupervisorCommand::Close { chat }),
            Fate::Moved(to) => supervisor(SupervisorCommand::Move { chat, to }),
            Fate::Assigned(to) => {
                let to = AgentId(to.0 + moved_by);
                supervisor(SupervisorCommand::Assign { chat, to })
            }
            Fate::Taken(by) => Command::Agent {
                agent: AgentId(by.0 + moved_by),
                ask: AgentCommand::Take { chat },
            },
        };
        // What is no longer possible is not done.
        let _ = self.ask(command);
    }

    fn end(&mut self, chat: ChatId) {
        let owner = self
            .engine
            .view()
            .agent_chat(chat)
            .and_then(|chat| chat.owner);
        if let Some(agent) = owner {
            let disposition = None;
            self.agent(agent, AgentCommand::Close { chat, disposition });
        }
    }

    /// A host's command that speaks of agents by their old numbers.
    fn host_act(&mut self, command: &HostCommand) {
        let offset = self.plan.models.len() as u32;
        let mut command = command.clone();
        match &mut command {
            HostCommand::ChangeAgent { agent, .. }
            | HostCommand::DeleteAgent { agent }
            | HostCommand::OtherLoad { agent, .. } => agent.0 += offset,
            _ => {}
        }
        self.host(command);
    }

    fn host(&mut self, command: HostCommand) {
        // A repetition of what was once accepted; if it is refused now, nothing hangs on it.
        let _ = self.ask(Command::Host(command));
    }

    fn agent(&mut self, agent: AgentId, ask: AgentCommand) {
        // The same.
        let _ = self.ask(Command::Agent { agent, ask });
    }

    fn ask(&mut self, command: Command) -> Result<Receipt, Rejection> {
        let mut outbox = Outbox::default();
        let answer = self.engine.handle(self.clock, command, &mut outbox);
        self.follow(outbox.events());
        answer
    }

    fn follow(&mut self, events: &[Recorded]) {
        for recorded in events {
            self.fold.add(recorded);
            self.follow_one(recorded.at, &recorded.event);
        }
    }

    fn follow_one(&mut self, at: Timestamp, event: &Event) {
        if let Event::ChatQueued { chat, .. } = event {
            let live = Live {
                visit: self.arriving,
                since: None,
                left: None,
                turns: 0,
                offer: 0,
                answers: 0,
            };
            self.live.insert(*chat, live);
            self.by_visit.insert(self.arriving, *chat);
            return;
        }
        let (Event::ChatOffered { chat, .. }
        | Event::OfferEnded { chat, .. }
        | Event::ChatAssigned { chat, .. }
        | Event::ChatReturned { chat, .. }
        | Event::ChatClosed { chat, .. }) = event
        else {
            return;
        };
        let id = *chat;
        let Some(chat) = self.live.get_mut(&id) else {
            return;
        };
        let visit = &self.past.visits[chat.visit];
        match event {
            Event::ChatOffered { agent, .. } => {
                chat.offer += 1;
                let usual = || Answer::Accepts(self.past.usual_accept());
                let answer = visit
                    .answers
                    .get(chat.answers)
                    .copied()
                    .unwrap_or_else(usual);
                let (after, ask) = match answer {
                    Answer::Accepts(after) => (after, AgentCommand::Accept { chat: id }),
                    Answer::Refuses(after) => (after, AgentCommand::Refuse { chat: id }),
                    Answer::Ignores => return,
                };
                let task = Task::Answer(id, *agent, chat.offer, ask);
                self.plan_task(at.after_millis(after), usize::MAX, task);
            }
            Event::OfferEnded { .. } => {
                chat.offer += 1;
                chat.answers += 1;
            }
            Event::ChatAssigned { campaign, how, .. } => {
                chat.turns += 1;
                chat.offer += 1;
                chat.answers += usize::from(*how == Assignment::Accepted);
                chat.since = Some(at);
                let usual = || self.past.usual_handle(*campaign, chat.visit);
                let left = *chat
                    .left
                    .get_or_insert_with(|| visit.handle.unwrap_or_else(usual));
                let task = Task::End(id, chat.turns);
                self.plan_task(at.after_millis(left), visit.ended, task);
            }
            Event::ChatReturned { .. } => {
                chat.turns += 1;
                let served = chat.since.take().map_or(0, |since| at.since(since));
                chat.left = chat.left.map(|left| (left - served).max(0));
            }
            _ => {
                self.by_visit.remove(&chat.visit);
                self.live.remove(&id);
            }
        }
    }

    fn plan_task(&mut self, at: Timestamp, place: usize, task: Task) {
        self.tasks += 1;
        self.agenda.insert((at, place, self.tasks), task);
    }
}
