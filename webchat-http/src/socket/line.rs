//! The hub's end of a socket: a bounded queue and a way to end it. An empty one holds next to no memory, for most
//! sockets are silent most of the time.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Farewell;
use super::hub::Delivery;
use crate::limits;

/// Deliveries for which an empty queue keeps its room.
const KEPT: usize = 8;

/// What the hub and a socket's task share.
#[derive(Debug, Default)]
pub(crate) struct Line {
    waiting: Mutex<Waiting>,
    /// Rung at every change. One task listens.
    bell: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    queue: VecDeque<Delivery>,
    end: Option<Farewell>,
}

/// The hub's side.
impl Line {
    /// Puts something into the socket's queue; ends the socket if there is no room. One that ends gets nothing more.
    pub(crate) fn push(&self, delivery: Delivery) {
        let mut waiting = self.lock();
        if waiting.end.is_some() {
            return;
        }
        if waiting.queue.len() < limits::SOCKET_QUEUE {
            waiting.queue.push_back(delivery);
        } else {
            waiting.end.get_or_insert(Farewell::TooSlow);
        }
        drop(waiting);
        self.bell.notify_one();
    }

    /// Ends the socket. The first reason given counts.
    pub(crate) fn end(&self, why: Farewell) {
        self.lock().end.get_or_insert(why);
        self.bell.notify_one();
    }
}

/// The socket's side.
impl Line {
    /// The oldest thing in the queue.
    pub(super) fn take(&self) -> Option<Delivery> {
        let mut waiting = self.lock();
        let delivery = waiting.queue.pop_front();
        if waiting.queue.is_empty() && waiting.queue.capacity() > KEPT {
            waiting.queue = VecDeque::new();
        }
        delivery
    }

    /// Why the hub ends the socket, if it does.
    pub(super) fn end_of(&self) -> Option<Farewell> {
        self.lock().end
    }

    /// Waits until the hub ends the socket. May hear a bell that rang for the queue, so look there afterwards.
    pub(super) async fn ended(&self) -> Farewell {
        loop {
            if let Some(why) = self.end_of() {
                return why;
            }
            self.rung().await;
        }
    }

    /// Waits until something has changed since the last call.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing under the lock can panic half-way.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use webchat_core::id::ChatId;

    use super::*;

    fn began() -> Delivery {
        Delivery::Began {
            chat: ChatId::new(1, 1),
            all_follows: true,
        }
    }

    #[test]
    fn a_line_that_ends_delivers_what_waited_and_takes_nothing_more() {
        let line = Line::default();
        line.push(began());
        line.end(Farewell::SignedOut);
        line.push(began());
        assert!(line.take().is_some());
        assert!(line.take().is_none());
    }

    #[test]
    fn a_full_line_ends_and_its_first_reason_counts() {
        let line = Line::default();
        (0..limits::SOCKET_QUEUE).for_each(|_| line.push(began()));
        assert_eq!(line.end_of(), None);
        line.push(began());
        line.end(Farewell::SignedOut);
        assert_eq!(line.end_of(), Some(Farewell::TooSlow));
    }
}
