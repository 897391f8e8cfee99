//! Who is connected: which sockets there are, whose they are, and which chat each visitor has.

mod routing;
mod unclaimed;

use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use webchat_core::command::{AgentCommand, Command, VisitorAsk, VisitorCommand};
use webchat_core::effect::{VisitorChat, VisitorNotice, VisitorPhase};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_runtime::accounts::AccountId;

use super::boards::Boards;
use super::floor::{Bell, Watcher};
use super::frame;
use super::push::{Delivery, Push};
use super::{Farewell, Line};
use crate::limits;
use crate::refused::Refused;
use routing::Ringing;
use unclaimed::Unclaimed;

/// A visitor's place: one live chat at most.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Seat {
    pub(crate) visitor: VisitorKey,
    pub(crate) campaign: CampaignId,
}

/// Which sign-in of which agent a socket belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Badge {
    pub(crate) agent: AgentId,
    /// The session as the engine knows it.
    pub(crate) session: u64,
    pub(crate) account: AccountId,
}

/// Who may be connected or not, as far as the engine is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Subject {
    /// The visitor of a chat.
    Chat(ChatId),
    /// An agent.
    Agent(AgentId),
}

/// The sockets of this server.
#[derive(Default)]
pub struct Hub {
    state: Mutex<State>,
    pub(super) boards: Boards,
    /// Rung when something happened that a supervisor may see.
    pub(super) bell: Bell,
    /// Told when a subject's connections came or went.
    pub(super) changed: Notify,
}

#[derive(Default)]
struct State {
    seats: HashMap<Seat, Seated>,
    chats: HashMap<ChatId, Audience>,
    agents: HashMap<AgentId, Desk>,
    watchers: Vec<Watcher>,
    changed: HashSet<Subject>,
    unclaimed: Unclaimed,
    stopping: bool,
}

/// The sockets of one seat: a visitor's open tabs.
#[derive(Default)]
struct Seated {
    lines: Vec<Arc<Line>>,
    /// The live chat, if one is known.
    chat: Option<ChatId>,
}

/// A live chat, followed by the sockets of its seat.
struct Audience {
    seat: Seat,
    /// The campaign in whose queue it is; a transfer may move it away from that of the seat.
    queue: CampaignId,
    /// The engine takes the visitor for connected.
    told: bool,
    waiting: bool,
    /// The position and estimate last pushed.
    shown: Option<(Option<u32>, Option<u32>)>,
}

/// An agent's sockets.
#[derive(Default)]
struct Desk {
    lines: Vec<(Badge, Arc<Line>)>,
    /// The engine takes the agent for connected.
    told: bool,
    /// The campaigns last pushed, so that only a change is.
    campaigns: Option<Utf8Bytes>,
}

impl Hub {
    /// A hub without sockets.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Ends every socket, and each one that comes later.
    pub(crate) fn stop(&self) {
        self.lock().stopping = true;
        self.end_all();
    }

    /// How many sockets there are: of visitors, of agents and supervisors.
    pub(crate) fn count(&self) -> (usize, usize) {
        let state = self.lock();
        (
            state.seats.values().map(|seated| seated.lines.len()).sum(),
            state
                .agents
                .values()
                .map(|desk| desk.lines.len())
                .sum::<usize>()
                + state.watchers.len(),
        )
    }

    fn end_all(&self) {
        let state = self.lock();
        let visitors = state.seats.values().flat_map(|seated| &seated.lines);
        let agents = state.agents.values().flat_map(|desk| &desk.lines);
        let watchers = state.watchers.iter().map(|watcher| &watcher.line);
        for line in visitors.chain(agents.map(|(_, line)| line)).chain(watchers) {
            line.end(Farewell::Stopping);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change under the lock is complete before anything that could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Visitors.
impl Hub {
    /// Lets a visitor's socket in; from now on it hears of the chat in its seat, and of one that begins there.
    pub(crate) fn enter(&self, seat: Seat, line: &Arc<Line>) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.stopping {
            line.end(Farewell::Stopping);
        }
        let seated = state.seats.entry(seat).or_default();
        if seated.lines.len() >= limits::VISITOR_SOCKETS {
            return Err(too_many_tabs());
        }
        seated.lines.push(line.clone());
        let chat = seated.chat;
        state.changed.extend(chat.map(Subject::Chat));
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Notes the live chat of a seat that was there before its sockets.
    pub(crate) fn resume(&self, seat: Seat, chat: ChatId) {
        self.lock().seat_chat(seat, chat, false);
        self.changed.notify_one();
    }

    /// Forgets a chat that turned out to have ended.
    pub(crate) fn forget(&self, chat: ChatId) {
        self.lock().forget(chat);
    }

    /// A visitor's socket is gone.
    pub(crate) fn leave(&self, seat: Seat, line: &Arc<Line>) {
        let mut state = self.lock();
        let Some(seated) = state.seats.get_mut(&seat) else {
            return;
        };
        seated.lines.retain(|other| !Arc::ptr_eq(other, line));
        let chat = seated.chat;
        if seated.lines.is_empty() {
            state.seats.remove(&seat);
        }
        state.changed.extend(chat.map(Subject::Chat));
        drop(state);
        self.changed.notify_one();
    }

    /// The waiting chats of a campaign that somebody here follows.
    pub(super) fn waiting_here(&self, campaign: CampaignId) -> Vec<ChatId> {
        let state = self.lock();
        let waiting = state.chats.iter();
        waiting
            .filter(|(_, audience)| audience.waiting && audience.queue == campaign)
            .filter(|(_, audience)| state.seats.contains_key(&audience.seat))
            .map(|(chat, _)| *chat)
            .collect()
    }

    /// Pushes the views whose position or estimate is not the one last shown.
    pub(super) fn show_positions(&self, views: Vec<VisitorChat>) {
        let mut ringing = Ringing::default();
        let mut state = self.lock();
        for view in views {
            let Some(audience) = state.chats.get_mut(&view.chat) else {
                continue;
            };
            let now = Some((view.position, view.estimate));
            if view.phase == VisitorPhase::Waiting && audience.shown != now {
                audience.shown = now;
                let seat = audience.seat;
                let push = Push::visitor(VisitorNotice::State { view });
                state.tell_seat(seat, &Delivery::Push(push), &mut ringing);
            }
        }
        drop(state);
        ringing.ring();
    }
}

/// Agents.
impl Hub {
    /// Lets an agent's socket in.
    pub(crate) fn enter_agent(&self, badge: Badge, line: &Arc<Line>) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.stopping {
            line.end(Farewell::Stopping);
        }
        let desk = state.agents.entry(badge.agent).or_default();
        if desk.lines.len() >= limits::AGENT_SOCKETS {
            return Err(too_many_tabs());
        }
        desk.lines.push((badge, line.clone()));
        Ok(())
    }

    /// The engine takes the agent for connected since it signed in.
    pub(crate) fn signed_in(&self, agent: AgentId) {
        let mut state = self.lock();
        state.agents.entry(agent).or_default().told = true;
        state.changed.insert(Subject::Agent(agent));
        drop(state);
        self.changed.notify_one();
    }

    /// An agent's socket is gone.
    pub(crate) fn leave_agent(&self, agent: AgentId, line: &Arc<Line>) {
        let mut state = self.lock();
        if let Some(desk) = state.agents.get_mut(&agent) {
            desk.lines.retain(|(_, other)| !Arc::ptr_eq(other, line));
            state.changed.insert(Subject::Agent(agent));
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Ends the sockets of one session.
    pub(crate) fn end_session(&self, session: u64, why: Farewell) {
        self.end_agents(|badge| badge.session == session, why);
        self.each_watcher(|watcher| {
            if watcher.session == session {
                watcher.line.end(why);
            }
        });
    }

    /// Ends the sockets of an account, all its sessions.
    pub(crate) fn end_account(&self, account: AccountId, why: Farewell) {
        self.end_agents(|badge| badge.account == account, why);
        self.each_watcher(|watcher| {
            if watcher.account == account {
                watcher.line.end(why);
            }
        });
    }

    fn end_agents(&self, which: impl Fn(&Badge) -> bool, why: Farewell) {
        let state = self.lock();
        let lines = state.agents.values().flat_map(|desk| &desk.lines);
        for (_, line) in lines.filter(|(badge, _)| which(badge)) {
            line.end(why);
        }
    }

    /// Whether anybody is at work here.
    pub(super) fn has_agents(&self) -> bool {
        !self.lock().agents.is_empty()
    }

    /// Pushes one thing to several agents.
    pub(super) fn push_to_agents(
        &self,
        agents: impl IntoIterator<Item = AgentId>,
        push: &impl Serialize,
    ) {
        let push = Push::from(frame::text(push));
        let mut ringing = Ringing::default();
        let state = self.lock();
        for agent in agents {
            if let Some(desk) = state.agents.get(&agent) {
                desk.tell(&push, &mut ringing);
            }
        }
        drop(state);
        ringing.ring();
    }

    /// Pushes an agent's campaigns unless they are those last pushed.
    pub(super) fn push_campaigns(&self, agent: AgentId, push: &impl Serialize) {
        let text = frame::text(push);
        let mut ringing = Ringing::default();
        let mut state = self.lock();
        if let Some(desk) = state.agents.get_mut(&agent)
            && desk.campaigns.as_ref() != Some(&text)
        {
            desk.tell(&text.clone().into(), &mut ringing);
            desk.campaigns = Some(text);
        }
        drop(state);
        ringing.ring();
    }
}

/// Supervisors.
impl Hub {
    /// Lets a supervisor's socket in; the whole floor is pushed to it soon.
    pub(crate) fn enter_watcher(&self, watcher: Watcher) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.stopping {
            watcher.line.end(Farewell::Stopping);
        }
        let same = |other: &&Watcher| other.account == watcher.account;
        if state.watchers.iter().filter(same).count() >= limits::AGENT_SOCKETS {
            return Err(too_many_tabs());
        }
        state.watchers.push(watcher);
        self.bell.listeners(state.watchers.len());
        Ok(())
    }

    /// A supervisor's socket is gone.
    pub(crate) fn leave_watcher(&self, line: &Arc<Line>) {
        let mut state = self.lock();
        state
            .watchers
            .retain(|watcher| !Arc::ptr_eq(&watcher.line, line));
        self.bell.listeners(state.watchers.len());
    }

    pub(super) fn has_watchers(&self) -> bool {
        !self.lock().watchers.is_empty()
    }

    pub(super) fn has_fresh_watchers(&self) -> bool {
        self.lock().watchers.iter().any(|watcher| watcher.fresh)
    }

    pub(super) fn each_watcher(&self, tell: impl FnMut(&mut Watcher)) {
        self.lock().watchers.iter_mut().for_each(tell);
    }
}

/// What the engine has to learn about connections.
impl Hub {
    /// The subjects whose connections changed since the last call.
    pub(super) fn take_changed(&self) -> Vec<Subject> {
        self.lock().changed.drain().collect()
    }

    /// What the engine has to be told of a subject so that it knows what is true here; it counts as told.
    pub(super) fn to_tell(&self, subject: Subject) -> Option<Command> {
        let mut state = self.lock();
        match subject {
            Subject::Chat(chat) => {
                let state = &mut *state;
                let audience = state.chats.get_mut(&chat)?;
                let seat = audience.seat;
                let here = state.seats.contains_key(&seat);
                let told = mem::replace(&mut audience.told, here);
                if !here {
                    state.chats.remove(&chat);
                }
                let ask = if here {
                    VisitorAsk::Connect
                } else {
                    VisitorAsk::Disconnect
                };
                (told != here).then_some(Command::Visitor(VisitorCommand::InChat {
                    visitor: seat.visitor,
                    chat,
                    ask,
                }))
            }
            Subject::Agent(agent) => {
                let desk = state.agents.get_mut(&agent)?;
                let here = !desk.lines.is_empty();
                let told = mem::replace(&mut desk.told, here);
                if !here {
                    state.agents.remove(&agent);
                }
                let ask = if here {
                    AgentCommand::Connect
                } else {
                    AgentCommand::Disconnect
                };
                (told != here).then_some(Command::Agent { agent, ask })
            }
        }
    }
}

impl State {
    fn seat_chat(&mut self, seat: Seat, chat: ChatId, told: bool) {
        self.chats.entry(chat).or_insert(Audience {
            seat,
            queue: seat.campaign,
            told,
            waiting: true,
            shown: None,
        });
        if let Some(seated) = self.seats.get_mut(&seat) {
            seated.chat = Some(chat);
        }
        self.changed.insert(Subject::Chat(chat));
    }

    fn forget(&mut self, chat: ChatId) {
        let Some(audience) = self.chats.remove(&chat) else {
            return;
        };
        if let Some(seated) = self.seats.get_mut(&audience.seat)
            && seated.chat == Some(chat)
        {
            seated.chat = None;
        }
    }
}

fn too_many_tabs() -> Refused {
    Refused::new("limit", "too many windows are open at once")
}
