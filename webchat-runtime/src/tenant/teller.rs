//! Tells everybody what has become durable, group after group: few at once, and many from a thread of its own, so
//! that the engine can read what the first of them say next.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::sync::{mpsc, oneshot};
use webchat_core::effect::Effect;

use super::group::Group;
use crate::effects::EffectSink;

/// As many are told sooner than another thread wakes up.
const FEW: usize = 32;

/// Groups that may wait to be told; beyond them the engine waits.
const WAITING: usize = 4;

/// The tenant's side of the telling.
pub(super) struct Teller {
    sink: Arc<dyn EffectSink>,
    /// A buffer to use again.
    effects: Vec<Effect>,
    /// `None` once nothing may be handed over any more.
    thread: Option<Thread>,
}

/// The thread that tells.
struct Thread {
    groups: mpsc::Sender<Group>,
    /// Groups that were handed over and are not all told yet.
    untold: Arc<AtomicUsize>,
    /// Those groups, empty, to be filled again.
    told: mpsc::Receiver<Group>,
    /// Never sent: it ends with the thread.
    done: oneshot::Receiver<()>,
}

impl Teller {
    /// Starts the thread. Without one all is told at once.
    pub(super) fn start(sink: Arc<dyn EffectSink>) -> Self {
        let (groups, mut waiting) = mpsc::channel::<Group>(WAITING);
        let (empty, told) = mpsc::channel(WAITING + 1);
        let (alive, done) = oneshot::channel();
        let untold = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&untold);
        let theirs = Arc::clone(&sink);
        let telling = move || {
            let _alive: oneshot::Sender<()> = alive;
            let mut effects = Vec::new();
            while let Some(mut group) = waiting.blocking_recv() {
                group.release(&*theirs, &mut effects);
                left.fetch_sub(1, Ordering::Release);
                // One too many is dropped.
                let _ = empty.try_send(group);
            }
        };
        let name = "webchat-teller".to_owned();
        let thread = match thread::Builder::new().name(name).spawn(telling) {
            Ok(_) => Some(Thread {
                groups,
                untold,
                told,
                done,
            }),
            Err(error) => {
                tracing::warn!(%error, "no thread to tell what is durable; the engine's task does it");
                None
            }
        };
        Self {
            sink,
            effects: Vec::new(),
            thread,
        }
    }

    /// Tells a group whose events are durable, after all groups before it. Returns an empty group to fill next.
    pub(super) async fn tell(&mut self, mut group: Group) -> Group {
        if let Some(thread) = &mut self.thread
            && (group.len() > FEW || thread.untold.load(Ordering::Acquire) > 0)
        {
            thread.untold.fetch_add(1, Ordering::Relaxed);
            match thread.groups.send(group).await {
                Ok(()) => return thread.told.try_recv().unwrap_or_default(),
                // The sink panicked there, on a group before.
                Err(unsent) => group = unsent.0,
            }
            self.thread = None;
        }
        group.release(&*self.sink, &mut self.effects);
        group
    }

    /// Waits until all that was handed over is told. What comes later is told at once.
    pub(super) async fn finish(&mut self) {
        if let Some(thread) = self.thread.take() {
            drop(thread.groups);
            // An error is what the end of the thread looks like.
            let _ = thread.done.await;
        }
    }
}
