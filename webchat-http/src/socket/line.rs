//! The hub's end of a socket: a bounded queue and a way to end it. An empty one holds next to no memory, for most
//! sockets are silent most of the time.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use futures_util::task::AtomicWaker;

use super::Farewell;
use super::push::Delivery;
use crate::limits;

/// Deliveries for which an empty queue keeps its room.
const KEPT: usize = 8;

/// What the hub and a socket's task share.
#[derive(Default)]
pub(crate) struct Line {
    waiting: Mutex<Waiting>,
    /// The socket's task.
    task: AtomicWaker,
}

#[derive(Default)]
struct Waiting {
    queue: VecDeque<Delivery>,
    end: Option<Farewell>,
}

/// The hub's side.
impl Line {
    /// Puts something into the socket's queue; ends the socket if there is no room. One that ends gets nothing more.
    pub(crate) fn push(&self, delivery: Delivery) {
        if self.lay(delivery) {
            self.ring();
        }
    }

    /// As [`push`](Self::push), but leaves the ringing to the caller: `true` if the task has to be rung.
    pub(super) fn lay(&self, delivery: Delivery) -> bool {
        let mut waiting = self.lock();
        if waiting.end.is_some() {
            return false;
        }
        if waiting.queue.len() >= limits::SOCKET_QUEUE {
            waiting.end = Some(Farewell::TooSlow);
            return true;
        }
        waiting.queue.push_back(delivery);
        // With more in it the task has been rung, and looks again before it rests.
        waiting.queue.len() == 1
    }

    /// Wakes the socket's task.
    pub(super) fn ring(&self) {
        self.task.wake();
    }

    /// Ends the socket. The first reason given counts.
    pub(crate) fn end(&self, why: Farewell) {
        self.lock().end.get_or_insert(why);
        self.ring();
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

    /// Waits until the hub ends the socket.
    pub(super) async fn ended(&self) -> Farewell {
        self.until(|waiting| waiting.end).await
    }

    /// Waits until there is something in the queue or the hub ends the socket.
    pub(super) async fn rung(&self) {
        self.until(|waiting| (waiting.end.is_some() || !waiting.queue.is_empty()).then_some(()))
            .await;
    }

    async fn until<T>(&self, met: impl Fn(&Waiting) -> Option<T>) -> T {
        poll_fn(|context| {
            // Before looking, so that whatever changes after the look is heard.
            self.task.register(context.waker());
            met(&self.lock()).map_or(Poll::Pending, Poll::Ready)
        })
        .await
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
