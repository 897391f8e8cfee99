//! Erasure of what visitors said: asked for through the handle, and carried through to the files beside the engine.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use webchat_core::command::{Command, HostCommand};
use webchat_core::id::{ChatId, VisitorKey};
use webchat_core::limits::ERASED_CHATS;
use webchat_core::rejection::Rejection;

use super::{TenantHandle, Unavailable};
use crate::fault::StoreError;
use crate::journal::TenantId;
use crate::read_model::{ChatFilter, ReadModel};

/// Pause after a failure, such as a disk without room for the new file.
const PAUSE: Duration = Duration::from_secs(30);

/// What is to be erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erasure {
    /// All chats and offline messages of this visitor.
    pub visitor: Option<VisitorKey>,
    /// These chats, whoever's they are.
    pub chats: Vec<ChatId>,
    /// Who asks, 1–80 characters; stays in the journal.
    pub by: Arc<str>,
}

/// Why nothing, or not all, was erased.
#[derive(Debug, thiserror::Error)]
pub enum NotErased {
    /// The tenant cannot say.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// It made no sense, or one of the chats is live; nothing was erased.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The read model could not tell which chats are the visitor's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TenantHandle {
    /// Erases what was said in chats and offline messages, and returns which chats that were once it is recorded
    /// durably. Files sent in them are for whoever keeps those. From then on nobody is shown it; a moment later it is gone from all files, see
    /// [`buried`](Self::buried). Counts, times, scores and reasons stay. Backups made before still hold it.
    ///
    /// # Errors
    /// Nothing is erased while one of the chats is live. A repeat is safe.
    pub async fn erase(&self, what: Erasure) -> Result<Vec<ChatId>, NotErased> {
        let mut chats = what.chats;
        if let Some(visitor) = what.visitor {
            self.caught_up().await?;
            chats.extend(self.chats_of(visitor).await?);
        }
        chats.sort_unstable();
        chats.dedup();
        let asked = chats.clone();
        let live = self.query(move |engine, _| {
            let view = engine.view();
            asked
                .into_iter()
                .find(|chat| view.agent_chat(*chat).is_some())
        });
        if let Some(chat) = live.await? {
            return Err(Rejection::ChatLive(chat).into());
        }
        let mut visitor = what.visitor;
        let mut rest = &chats[..];
        loop {
            let (now, later) = rest.split_at(rest.len().min(ERASED_CHATS));
            let command = HostCommand::Erase {
                chats: now.to_vec(),
                visitor: visitor.take(),
                by: what.by.clone(),
            };
            self.submit(Command::Host(command)).await??;
            rest = later;
            if rest.is_empty() {
                return Ok(chats);
            }
        }
    }

    /// Waits until all that was erased so far, on request or because it was kept long enough, is gone from
    /// the store's files too.
    ///
    /// # Errors
    /// If the tenant is shut down first; the rest is done at its next start.
    pub async fn buried(&self) -> Result<(), Unavailable> {
        self.caught_up().await?;
        let goal = *self.erased.borrow();
        let mut buried = self.buried.clone();
        let reached = buried.wait_for(|buried| buried.is_some_and(|buried| buried >= goal));
        reached.await.map(drop).map_err(|_| Unavailable::Stopped)
    }

    async fn chats_of(&self, visitor: VisitorKey) -> Result<Vec<ChatId>, StoreError> {
        let mut filter = ChatFilter {
            visitor: Some(visitor),
            ..ChatFilter::default()
        };
        let mut chats = Vec::new();
        loop {
            let page = self
                .read_model
                .chats(self.tenant, filter.clone(), ERASED_CHATS);
            let page = page.await?;
            let Some(last) = page.last() else {
                return Ok(chats);
            };
            filter.before = Some(last.sequence);
            chats.extend(page.iter().map(|summary| summary.chat));
        }
    }
}

/// Carries each erasure through to the files, in a task that ends with its `erased` channel. Returns up to which
/// frame that is done; `None` until what an earlier run left is done.
pub(super) fn start(
    tenant: TenantId,
    read_model: Arc<dyn ReadModel>,
    mut erased: watch::Receiver<u64>,
) -> (JoinHandle<()>, watch::Receiver<Option<u64>>) {
    let (buried, seen) = watch::channel(None);
    let task = tokio::spawn(async move {
        loop {
            let goal = *erased.borrow_and_update();
            match read_model.bury(tenant).await {
                Ok(_) => {
                    buried.send_replace(Some(goal));
                    if erased.changed().await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    tracing::warn!(%tenant, %error, "what was erased is still in the files; trying again");
                    tokio::select! {
                        () = tokio::time::sleep(PAUSE) => {}
                        changed = erased.changed() => if changed.is_err() { return },
                    }
                }
            }
        }
    });
    (task, seen)
}
