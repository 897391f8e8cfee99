//! Copies the write-ahead log into the database beside the writer, so that commits do not wait for it.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use webchat_runtime::StoreError;

use crate::connection::{self, Sync};
use crate::failure;
use crate::writer::{Order, still_read};

/// The log's growth, in pages of 4 KiB, that starts a checkpoint.
const GROWTH: u32 = 4_096;

/// A rest this small ends the passes of one waking.
const REST_PAGES: i64 = 64;

/// Passes after which the rest waits for the next waking, however large.
const PASSES: usize = 4;

/// The log's length, in pages, at which the writer has to copy the rest between two commits, so that
/// the log can begin anew. That costs two syncs of the disk, for which everybody waits, so it is rare:
/// a shorter log begins anew only if it was copied whole while nobody wrote.
const LONG: i64 = 8_192;

/// Told by the writer how the log grows; wakes the copying thread when it is worth while.
pub(crate) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    /// Pages in the log at which to wake it next.
    next: u32,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts the copying thread on a second connection to `path`. It gives the last few pages of a
    /// long log to the writer through `writer`, because only between two commits can the log be empty.
    pub(crate) fn start(
        path: &Path,
        sync: Sync,
        writer: Sender<Order>,
    ) -> Result<Self, StoreError> {
        let connection = connection::open(path, sync)?;
        // One waking in store is enough: it covers all growth until it is taken.
        let (wake, woken) = mpsc::sync_channel(1);
        let thread = thread::Builder::new()
            .name("webchat-checkpoint".into())
            .spawn(move || serve(&connection, &woken, &writer))
            .map_err(|error| failure::file("starting the checkpointer", &error))?;
        Ok(Self {
            wake: Some(wake),
            next: GROWTH,
            thread: Some(thread),
        })
    }

    /// After a commit the log has so many pages; fewer than before once it was copied and begun anew.
    pub(crate) fn log_has(&mut self, pages: u32) {
        if pages < GROWTH {
            self.next = GROWTH;
        } else if pages >= self.next {
            self.next = pages.saturating_add(GROWTH);
            if let Some(wake) = &self.wake {
                // A waking still in store covers this growth too.
                let _ = wake.try_send(());
            }
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            // A panic there costs no data: the log is read again at the next start.
            let _ = thread.join();
        }
    }
}

fn serve(connection: &Connection, woken: &Receiver<()>, writer: &Sender<Order>) {
    while let Ok(()) = woken.recv() {
        let mut log = Log::default();
        for _ in 0..PASSES {
            match passive(connection) {
                Ok(found) => log = found,
                Err(error) => {
                    tracing::warn!(%error, "a checkpoint failed; the log keeps growing until one succeeds");
                    break;
                }
            }
            if log.rest <= REST_PAGES {
                break;
            }
        }
        if log.pages >= LONG && writer.send(Order::FinishCheckpoint).is_err() {
            break;
        }
    }
}

/// The log after a pass.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Log {
    /// Pages in it.
    pages: i64,
    /// Those not copied yet.
    rest: i64,
}

/// Copies what it can without making anybody wait.
pub(crate) fn passive(connection: &Connection) -> Result<Log, StoreError> {
    let (_, pages, copied) = checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)")?;
    let rest = pages - copied;
    Ok(Log { pages, rest })
}

/// Copies everything and empties the log, waiting for readers.
pub(crate) fn truncate(connection: &Connection) -> Result<(), StoreError> {
    match checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)")? {
        (0, ..) => Ok(()),
        _ => Err(still_read()),
    }
}

fn checkpoint(connection: &Connection, sql: &str) -> Result<(i64, i64, i64), StoreError> {
    connection
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .map_err(failure::sqlite)
}
