//! Runs one tenant: its engine in a task of its own, behind a mailbox, before a journal.

mod driver;
mod erasing;
mod group;
mod health;
mod projector;
mod recovery;
mod running;
mod snapshots;
mod teller;
mod timer;

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use webchat_core::Engine;
use webchat_core::command::Command;
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;

use crate::clock::Clock;
use crate::effects::EffectSink;
use crate::journal::{Journal, TenantId};
use crate::read_model::ReadModel;

use driver::Driver;
use group::{Letter, question};
use projector::Projector;

pub use erasing::{Erasure, NotErased};
pub use group::Reply;
pub use health::Health;
pub use recovery::RecoveryError;

/// Makes the zone rules of each engine anew, so that a rebuilt one sees the newest.
type Zoning = Arc<dyn Fn() -> Zones + Send + Sync>;

/// What a tenant needs from outside.
#[derive(Clone)]
pub struct Ports {
    /// Where facts become durable.
    pub journal: Arc<dyn Journal>,
    /// Where transcripts are looked up.
    pub read_model: Arc<dyn ReadModel>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Whom to tell.
    pub effects: Arc<dyn EffectSink>,
}

/// How a tenant runs. The defaults suit a server.
#[derive(Clone, Debug)]
pub struct Options {
    /// Commands and questions that may wait for the engine; more make their callers wait.
    pub mailbox: usize,
    /// Events, effects and answers after which a commit group takes no more.
    pub group: usize,
    /// Bytes of journal after which a commit group takes no more.
    pub group_bytes: usize,
    /// A snapshot is kept after this many events, so that a start replays at most about twice as many.
    pub snapshot_events: u64,
    /// A snapshot is kept after this many bytes of journal.
    pub snapshot_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mailbox: 4_096,
            group: 8_192,
            group_bytes: 1 << 20,
            snapshot_events: 50_000,
            snapshot_bytes: 16 << 20,
        }
    }
}

/// The tenant cannot answer now. Whether a command took effect is not known; repeating it is safe
/// where it carries a key of its own, and otherwise needs a look first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unavailable {
    /// The engine is being rebuilt from disk.
    #[error("the tenant is recovering, try again")]
    Retry,
    /// The engine met a defect while at this very request, which was not carried out. It is being
    /// rebuilt from disk.
    #[error("the request met a defect and was not carried out")]
    Failed,
    /// The tenant was shut down, or another process took it over.
    #[error("the tenant is shut down")]
    Stopped,
}

impl Unavailable {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Unavailable::Retry => "retry",
            Unavailable::Failed => "internal_error",
            Unavailable::Stopped => "shutting_down",
        }
    }
}

/// Speaks to a running tenant. Clones speak to the same one; when all are gone it shuts down.
#[derive(Clone)]
pub struct TenantHandle {
    letters: mpsc::Sender<Letter>,
    health: watch::Receiver<Health>,
    durable: watch::Receiver<u64>,
    applied: watch::Receiver<u64>,
    /// The last frame with an erasure that the read model includes.
    erased: watch::Receiver<u64>,
    buried: watch::Receiver<Option<u64>>,
    tenant: TenantId,
    read_model: Arc<dyn ReadModel>,
}

impl TenantHandle {
    /// Claims the tenant, rebuilds its engine from the journal and starts it, in a task that ends
    /// after [`shutdown`](Self::shutdown).
    ///
    /// Every connection counts as lost since the last run; it is ready once that is durable too.
    /// `zones` is asked for the time zone rules whenever an engine is built.
    ///
    /// # Errors
    /// If the journal cannot be claimed, read or understood.
    pub async fn start(
        tenant: TenantId,
        zones: impl Fn() -> Zones + Send + Sync + 'static,
        ports: Ports,
        options: Options,
    ) -> Result<(Self, JoinHandle<()>), RecoveryError> {
        let zones: Zoning = Arc::new(zones);
        let recovered = recovery::recover(tenant, &zones, &*ports.journal).await?;
        let (letters, mailbox) = mpsc::channel(options.mailbox);
        let (health, health_seen) = watch::channel(Health::Recovering(None));
        let (projector, seen) = Projector::start(tenant, &ports, recovered.head.seq);
        let read_model = ports.read_model.clone();
        let driver = Driver {
            tenant,
            zones,
            ports,
            options,
            mailbox,
            health,
            projector,
            asked_to_stop: Vec::new(),
        };
        let task = tokio::spawn(driver.run(recovered));
        let handle = Self {
            letters,
            health: health_seen,
            durable: seen.durable,
            applied: seen.applied,
            erased: seen.erased,
            buried: seen.buried,
            tenant,
            read_model,
        };
        Ok((handle, task))
    }

    /// Carries out a command and returns its answer once everything it rests on is durable.
    ///
    /// # Errors
    /// The outer one if the tenant cannot say; the inner one if the command made no sense.
    pub async fn submit(&self, command: Command) -> Reply {
        let (reply, answer) = oneshot::channel();
        self.send(Letter::Command { command, reply }).await?;
        answer.await.unwrap_or(Err(Unavailable::Stopped))
    }

    /// Carries out commands one after the other, each as [`submit`](Self::submit) does, with nothing in between. The
    /// answers come together and in the same order.
    pub fn submit_all(
        &self,
        commands: Vec<Command>,
    ) -> impl Future<Output = Vec<Reply>> + Send + use<> {
        let letters = self.letters.clone();
        async move {
            let count = commands.len();
            let (reply, answers) = oneshot::channel();
            let answered = match letters.send(Letter::Commands { commands, reply }).await {
                Ok(()) => answers.await.ok(),
                Err(_) => None,
            };
            answered.unwrap_or_else(|| vec![Err(Unavailable::Stopped); count])
        }
    }

    /// Asks the engine and returns the answer once everything it shows is durable.
    ///
    /// # Errors
    /// If the tenant cannot say.
    pub async fn query<T, F>(&self, ask: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: FnOnce(&Engine, Timestamp) -> T + Send + 'static,
    {
        let (question, answer) = question(ask);
        self.send(Letter::Query(question)).await?;
        answer.await.unwrap_or(Err(Unavailable::Stopped))
    }

    /// The last frame of the journal that is durable, as it changes.
    pub fn durable(&self) -> watch::Receiver<u64> {
        self.durable.clone()
    }

    /// Waits until the read model includes all that is durable now.
    ///
    /// # Errors
    /// If the tenant is shut down first.
    pub async fn caught_up(&self) -> Result<(), Unavailable> {
        let head = *self.durable.borrow();
        let mut applied = self.applied.clone();
        match applied.wait_for(|applied| *applied >= head).await {
            Ok(_) => Ok(()),
            Err(_) => Err(Unavailable::Stopped),
        }
    }

    /// How the tenant is, now and from now on.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.health.clone()
    }

    /// Answers what was asked before, keeps a last snapshot and stops. Returns when that is done.
    pub async fn shutdown(&self) {
        let (done, stopped) = oneshot::channel();
        if self.send(Letter::Stop(done)).await.is_ok() {
            // The sender is dropped, unused, if somebody else's shutdown came first.
            let _ = stopped.await;
        }
    }

    async fn send(&self, letter: Letter) -> Result<(), Unavailable> {
        let sent = self.letters.send(letter).await;
        sent.map_err(|_| Unavailable::Stopped)
    }
}
