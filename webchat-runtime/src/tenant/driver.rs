//! The task of a tenant, from its first engine to its last: serves, and rebuilds the engine from
//! disk whenever the journal cannot promise what became of a group.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::group::Letter;
use super::projector::Projector;
use super::recovery::{self, Recovered, RecoveryError};
use super::running::{End, Running};
use super::{Health, Options, Ports, Unavailable, Zoning};
use crate::fault::Fault;
use crate::journal::TenantId;

/// First and longest pause between attempts to rebuild the engine.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// What the task owns besides the engine.
pub(super) struct Driver {
    pub(super) tenant: TenantId,
    pub(super) zones: Zoning,
    pub(super) ports: Ports,
    pub(super) options: Options,
    pub(super) mailbox: mpsc::Receiver<Letter>,
    pub(super) health: watch::Sender<Health>,
    pub(super) projector: Projector,
    /// Who waits for the end.
    pub(super) asked_to_stop: Vec<oneshot::Sender<()>>,
}

impl Driver {
    /// Serves until told to stop, rebuilding the engine as often as needed.
    pub(super) async fn run(mut self, recovered: Recovered) {
        let mut next = Some(recovered);
        let mut fenced = false;
        while let Some(recovered) = next.take() {
            match self.serve(recovered).await {
                End::Stopped => {}
                End::Fenced => fenced = true,
                End::Failed(_) => next = self.recover().await,
            }
        }
        self.mailbox.close();
        while let Some(letter) = self.mailbox.recv().await {
            self.send_back(letter, Unavailable::Stopped);
        }
        self.projector.finish().await;
        if !fenced {
            self.health.send_replace(Health::Stopped);
        }
        for done in self.asked_to_stop {
            // Whoever asked may have gone.
            let _ = done.send(());
        }
    }

    /// Runs one engine until it has to stop or be rebuilt.
    async fn serve(&mut self, recovered: Recovered) -> End {
        let mut running = Running::new(recovered, self);
        let end = running.work(self).await;
        // What is durable was done, whatever became of the rest.
        running.all_told().await;
        // The state shows before anybody is refused because of it.
        let why = match end {
            End::Stopped => Unavailable::Stopped,
            End::Fenced => {
                self.health.send_replace(Health::Fenced);
                self.ports.effects.connections_lost();
                Unavailable::Stopped
            }
            End::Failed(fault) => {
                self.health.send_replace(Health::Recovering(Some(fault)));
                self.ports.effects.connections_lost();
                Unavailable::Retry
            }
        };
        running.refuse_waiting(why);
        running.finish_snapshots(matches!(end, End::Stopped)).await;
        end
    }

    /// Rebuilds the engine, trying until it works. `None` if told to stop.
    async fn recover(&mut self) -> Option<Recovered> {
        let (mut pause, longest) = PAUSES;
        loop {
            match self.attempt(pause).await? {
                Ok(recovered) => return Some(recovered),
                Err(error) => {
                    tracing::error!(tenant = %self.tenant, %error, "the engine could not be rebuilt; trying again");
                    self.show(error.fault());
                    pause = (pause * 2).min(longest);
                }
            }
        }
    }

    /// One attempt after a pause; letters are sent back meanwhile. `None` if told to stop.
    async fn attempt(&mut self, pause: Duration) -> Option<Result<Recovered, RecoveryError>> {
        let zones = self.zones.clone();
        let journal = self.ports.journal.clone();
        let tenant = self.tenant;
        let attempt = async move {
            tokio::time::sleep(pause).await;
            recovery::recover(tenant, &zones, &*journal).await
        };
        tokio::pin!(attempt);
        loop {
            tokio::select! {
                outcome = &mut attempt => return Some(outcome),
                letter = self.mailbox.recv() => {
                    self.send_back(letter?, Unavailable::Retry);
                    if !self.asked_to_stop.is_empty() {
                        return None;
                    }
                }
            }
        }
    }

    fn send_back(&mut self, letter: Letter, why: Unavailable) {
        match letter {
            Letter::Stop(done) => self.asked_to_stop.push(done),
            letter => letter.refuse(why),
        }
    }

    fn show(&self, fault: Fault) {
        self.health.send_replace(Health::Recovering(Some(fault)));
    }
}
