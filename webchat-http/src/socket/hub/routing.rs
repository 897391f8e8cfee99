//! Takes what the engine wants told to the queues of the sockets that it is for. Nothing is written down here: the tenant's
//! task does this for everybody, so it only looks up and hands over.

use std::sync::Arc;

use webchat_core::effect::{AgentNotice, Effect, VisitorNotice, VisitorPhase};
use webchat_core::id::{AgentId, ChatId};
use webchat_runtime::EffectSink;

use super::{Desk, Hub, Seat, State};
use crate::socket::boards::Board;
use crate::socket::floor::Alarmed;
use crate::socket::frame;
use crate::socket::push::{Delivery, Push};
use crate::socket::{Farewell, Line};

/// Sockets to be woken once all that there is for them lies in their queues: so each wakes once, and sends all in one go.
#[derive(Default)]
pub(super) struct Ringing(Vec<Arc<Line>>);

impl Ringing {
    fn lay(&mut self, line: &Arc<Line>, delivery: Delivery) {
        if line.lay(delivery) {
            self.0.push(line.clone());
        }
    }

    /// Wakes them. Not under the hub's lock, which they may want.
    pub(super) fn ring(self) {
        self.0.iter().for_each(|line| line.ring());
    }
}

impl EffectSink for Hub {
    fn deliver(&self, effects: &mut Vec<Effect>) {
        self.bell.ring();
        let mut ringing = Ringing::default();
        let mut state = self.lock();
        for effect in effects.drain(..) {
            match effect {
                Effect::Visitor { chat, notice } => state.tell_visitor(chat, notice, &mut ringing),
                Effect::Agent { agent, notice } => state.tell_agent(agent, notice, &mut ringing),
                Effect::Watcher { agent, notice } => {
                    state.tell_watcher(agent, notice, &mut ringing);
                }
                // Mail is for the mailer.
                Effect::Mail { .. } => {}
                Effect::Alarm {
                    campaign,
                    alarm,
                    raised,
                } => {
                    let push = Push::from(frame::text(&Alarmed::new(campaign, alarm, raised)));
                    for watcher in &state.watchers {
                        ringing.lay(&watcher.line, Delivery::Push(push.clone()));
                    }
                }
                Effect::QueueMoved { campaign } => {
                    self.boards.post(Board::Waiting(campaign));
                    self.boards.post(Board::Positions(campaign));
                }
                Effect::CampaignMoved { .. } => {
                    for agent in state.agents.keys() {
                        self.boards.post(Board::Campaigns(*agent));
                    }
                }
                Effect::AgentMoved { agent } => {
                    if state.agents.contains_key(&agent) {
                        self.boards.post(Board::Agent(agent));
                        self.boards.post(Board::Campaigns(agent));
                    }
                }
            }
        }
        drop(state);
        ringing.ring();
    }

    fn connections_lost(&self) {
        {
            // The engine forgets what it was told; sockets that come back tell it anew.
            let mut state = self.lock();
            state.chats.clear();
            state.unclaimed.lose_all();
            for seated in state.seats.values_mut() {
                seated.chat = None;
            }
            for desk in state.agents.values_mut() {
                desk.told = false;
            }
        }
        self.end_all();
    }
}

impl State {
    pub(super) fn tell_visitor(
        &mut self,
        chat: ChatId,
        notice: VisitorNotice,
        ringing: &mut Ringing,
    ) {
        let Some(audience) = self.chats.get_mut(&chat) else {
            return self.unclaimed.keep(chat, notice);
        };
        let seat = audience.seat;
        if let VisitorNotice::State { view } = &notice {
            audience.waiting = view.phase == VisitorPhase::Waiting;
            audience.queue = view.campaign;
            audience.shown = Some((view.position, view.estimate));
        }
        let number = match &notice {
            VisitorNotice::Message { message, .. } => Some(message.0.number),
            _ => None,
        };
        let ended = matches!(notice, VisitorNotice::Closed(_));
        let push = Push::visitor(notice);
        let delivery = match number {
            Some(number) => Delivery::Message { chat, number, push },
            None if ended => Delivery::Ended { chat, push },
            None => Delivery::Push(push),
        };
        self.tell_seat(seat, &delivery, ringing);
        if ended {
            self.forget(chat);
        }
    }

    pub(super) fn tell_seat(&self, seat: Seat, delivery: &Delivery, ringing: &mut Ringing) {
        for line in self
            .seats
            .get(&seat)
            .into_iter()
            .flat_map(|seated| &seated.lines)
        {
            ringing.lay(line, delivery.clone());
        }
    }

    fn tell_agent(&self, agent: AgentId, notice: AgentNotice, ringing: &mut Ringing) {
        let Some(desk) = self.agents.get(&agent) else {
            return;
        };
        if let AgentNotice::SessionEnded { session, reason } = notice {
            let why = match reason {
                "signed_in_elsewhere" => Farewell::SignedInElsewhere,
                _ => Farewell::SignedOut,
            };
            for (_, line) in desk
                .lines
                .iter()
                .filter(|(badge, _)| badge.session == session)
            {
                line.end(why);
            }
            return;
        }
        desk.tell(&Push::agent(notice), ringing);
    }

    fn tell_watcher(&self, agent: AgentId, notice: AgentNotice, ringing: &mut Ringing) {
        let push = Push::watched(notice);
        for watcher in self.watchers.iter().filter(|w| w.agent == Some(agent)) {
            ringing.lay(&watcher.line, Delivery::Push(push.clone()));
        }
    }
}

impl Desk {
    pub(super) fn tell(&self, push: &Push, ringing: &mut Ringing) {
        for (_, line) in &self.lines {
            ringing.lay(line, Delivery::Push(push.clone()));
        }
    }
}
