//! Connections that only read, lent to blocking threads one query at a time.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;
use webchat_runtime::StoreError;

use crate::connection;
use crate::failure;

/// The most queries of one database that run at once; more wait their turn.
const CONNECTIONS: usize = 8;

/// A small pool of read-only connections to one database.
#[derive(Clone)]
pub(crate) struct Readers {
    pool: Arc<Pool>,
}

struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    /// A pool for the database at `path`; connections open when first needed.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            pool: Arc::new(Pool {
                path,
                idle: Mutex::default(),
                turns: Arc::new(Semaphore::new(CONNECTIONS)),
            }),
        }
    }

    /// Runs `query` on a connection, off the async threads.
    pub(crate) async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let pool = Arc::clone(&self.pool);
        let Ok(turn) = Arc::clone(&pool.turns).acquire_owned().await else {
            return Err(failure::stopped());
        };
        let answer = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            pool.lend(query)
        });
        // The task ends without an answer only if the query panicked or the runtime stops.
        answer.await.unwrap_or_else(|_| Err(failure::stopped()))
    }
}

impl Pool {
    fn lend<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connection::open_reader(&self.path)?,
        };
        let answer = query(&connection);
        // A connection that met an error is not worth keeping.
        if answer.is_ok() {
            self.idle().push(connection);
        }
        answer
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // No code that holds this lock can panic half way.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
