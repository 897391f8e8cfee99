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

/// A rest this small is left to the writer: it copies it in a few milliseconds between two commits.
const REST_PAGES: i64 = 64;

/// Passes after which the writer gets the rest, however large.
const PASSES: usize = 4;

/// Told by the writer how the log grows; wakes the copying thread when it is worth while.
pub(crate) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    /// Pages in the log at which to wake it next.
    next: u32,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts the copying thread on a second connection to `path`. It gives the last few pages to
    /// the writer through `writer`, because only between two commits can the log be empty.
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
        for _ in 0..PASSES {
            match passive(connection) {
                Ok(rest) if rest > REST_PAGES => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "a checkpoint failed; the log keeps growing until one succeeds");
                    break;
                }
            }
        }
        if writer.send(Order::FinishCheckpoint).is_err() {
            break;
        }
    }
}

/// Copies what it can without making anybody wait; returns the pages left.
pub(crate) fn passive(connection: &Connection) -> Result<i64, StoreError> {
    let (_, pages, copied) = checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)")?;
    Ok(pages - copied)
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
