//! What visitors are told of chats that nobody here is known to follow yet: whose a chat is that was just asked for is known
//! only with the answer, and what is said in it meanwhile is kept until then.

use std::collections::HashMap;
use std::sync::Arc;

use webchat_core::effect::{VisitorChat, VisitorNotice, VisitorPhase};
use webchat_core::id::ChatId;

use super::{Hub, Ringing, Seat};
use crate::limits;
use crate::socket::push::Delivery;

/// Notices kept while chats are being asked for.
#[derive(Default)]
pub(super) struct Unclaimed {
    /// Chats being asked for.
    asked: usize,
    notices: HashMap<ChatId, Vec<VisitorNotice>>,
    /// How many are kept.
    kept: usize,
    /// How often all were thrown away.
    losses: u64,
}

/// A chat is being asked for.
pub(crate) struct Beginning {
    hub: Arc<Hub>,
    losses: u64,
}

impl Hub {
    /// To be called before a chat is asked for, so that what is said in it at once reaches its visitor at once.
    pub(crate) fn beginning(self: &Arc<Self>) -> Beginning {
        let mut state = self.lock();
        state.unclaimed.asked += 1;
        Beginning {
            hub: self.clone(),
            losses: state.unclaimed.losses,
        }
    }
}

impl Beginning {
    /// Notes that the chat began, and tells the sockets of its seat, all that was said in it so far included. The engine
    /// takes the visitor for connected.
    pub(crate) fn of(&self, seat: Seat, view: &VisitorChat) {
        let chat = view.chat;
        let mut ringing = Ringing::default();
        let mut state = self.hub.lock();
        let notices = state.unclaimed.claim(chat);
        let all_follows = notices.is_some() && state.unclaimed.losses == self.losses;
        state.seat_chat(seat, chat, true);
        state.tell_seat(seat, &Delivery::Began { chat, all_follows }, &mut ringing);
        for notice in notices.into_iter().flatten() {
            state.tell_visitor(chat, notice, &mut ringing);
        }
        drop(state);
        ringing.ring();
        self.hub.changed.notify_one();
    }
}

impl Drop for Beginning {
    fn drop(&mut self) {
        let mut state = self.hub.lock();
        state.unclaimed.asked -= 1;
        if state.unclaimed.asked == 0 {
            state.unclaimed.forget_all();
        }
    }
}

impl Unclaimed {
    /// Keeps what is said of a chat that may yet turn out to be somebody's here.
    pub(super) fn keep(&mut self, chat: ChatId, notice: VisitorNotice) {
        if self.asked == 0 {
            return;
        }
        if self.kept >= limits::UNCLAIMED {
            self.lose_all();
        }
        // A beginning shows the chat as it is; what begins otherwise is another chat, whose visitor is gone.
        let begins =
            matches!(&notice, VisitorNotice::State { view } if view.phase == VisitorPhase::Waiting);
        if begins || self.notices.contains_key(&chat) {
            self.notices.entry(chat).or_default().push(notice);
            self.kept += 1;
        }
    }

    /// Forgets all; chats being asked for are read when their answer is there.
    pub(super) fn lose_all(&mut self) {
        self.forget_all();
        self.losses += 1;
    }

    fn claim(&mut self, chat: ChatId) -> Option<Vec<VisitorNotice>> {
        let notices = self.notices.remove(&chat)?;
        self.kept -= notices.len();
        Some(notices)
    }

    fn forget_all(&mut self) {
        self.notices.clear();
        self.kept = 0;
    }
}
