//! The one thread that writes to a database. All that is queued while it commits goes into its
//! next commit, so many callers share one sync of the disk.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use rusqlite::hooks::Wal;
use tokio::sync::oneshot;
use webchat_runtime::{Fault, StoreError};

use crate::checkpoint::{self, Checkpointer};
use crate::failure::{self, Failure};

/// The most jobs that share one commit, so that the first of them need not wait for ever.
const JOBS_PER_COMMIT: usize = 1024;

/// Hands work to the writing thread. Dropping it lets the thread finish what is queued.
pub(crate) struct Writer {
    queue: Sender<Order>,
    thread: Option<JoinHandle<()>>,
}

/// What the writing thread can be told to do.
pub(crate) enum Order {
    /// Take part in the next commit.
    Write(Box<dyn Job>),
    /// Copy the rest of the log into the database, between two commits.
    FinishCheckpoint,
    /// Write the file anew without its free space, and empty the log, between two commits.
    Compact(oneshot::Sender<Result<(), StoreError>>),
    /// Do what was ordered before, then end.
    Stop,
}

/// A piece of work within a shared commit.
///
/// It makes at most one change that another's failure must not tear: there is no way back for one
/// job alone.
pub(crate) trait Job: Send {
    /// Does the work. An error fails the whole commit, so it is for a failing disk only.
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()>;

    /// Hears what became of the commit.
    fn settle(self: Box<Self>, outcome: &Result<(), Failure>);
}

impl Writer {
    /// Starts the thread on a connection of its own; `checkpointer` is told how the log grows.
    pub(crate) fn start(
        name: &str,
        mut connection: Connection,
        checkpointer: impl FnOnce(Sender<Order>) -> Result<Checkpointer, StoreError>,
    ) -> Result<Self, StoreError> {
        let (queue, orders) = mpsc::channel();
        let checkpointer = checkpointer(queue.clone())?;
        let log_pages = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&log_pages);
        connection
            .wal_hook(Some(move |_: &mut Wal, pages: c_int| {
                seen.store(pages.unsigned_abs(), Ordering::Relaxed);
                Ok(())
            }))
            .map_err(failure::sqlite)?;
        let room = Room {
            connection,
            log_pages,
            checkpointer,
            suspect: false,
        };
        let thread = thread::Builder::new()
            .name(name.into())
            .spawn(move || room.serve(&orders))
            .map_err(|error| failure::file("starting the writer", &error))?;
        Ok(Self {
            queue,
            thread: Some(thread),
        })
    }

    /// Runs `work` within a commit and returns what it made once that is durable.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, outcome) = oneshot::channel();
        let job = Task {
            work: Some(work),
            made: None,
            reply,
        };
        if self.queue.send(Order::Write(Box::new(job))).is_err() {
            return Err(Failure::NotWritten(failure::stopped()));
        }
        match outcome.await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::Unknown(failure::stopped())),
        }
    }
}

impl Writer {
    /// Writes the file anew without its free space and empties the log, so that nothing overwritten or deleted is
    /// left in either. Commits wait meanwhile, ten to twenty seconds for a gigabyte.
    pub(crate) async fn compact(&self) -> Result<(), StoreError> {
        let (reply, outcome) = oneshot::channel();
        if self.queue.send(Order::Compact(reply)).is_err() {
            return Err(failure::stopped());
        }
        outcome.await.unwrap_or_else(|_| Err(failure::stopped()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Sending fails only if the thread has ended already.
        let _ = self.queue.send(Order::Stop);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was already reported to every caller as unknown.
            let _ = thread.join();
        }
    }
}

/// Work as a closure, and where its result goes.
struct Task<T, F> {
    work: Option<F>,
    made: Option<T>,
    reply: oneshot::Sender<Result<T, Failure>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> rusqlite::Result<T> + Send,
{
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.made = Some(work(connection)?);
        }
        Ok(())
    }

    fn settle(self: Box<Self>, outcome: &Result<(), Failure>) {
        let reply = match (outcome, self.made) {
            (Ok(()), Some(made)) => Ok(made),
            (Ok(()), None) => Err(Failure::NotWritten(failure::stopped())),
            (Err(failure), _) => Err(failure.clone()),
        };
        // Nobody waits any more if the caller went away; the write stands all the same.
        let _ = self.reply.send(reply);
    }
}

/// What the writing thread owns.
struct Room {
    connection: Connection,
    /// Pages in the log after the last commit.
    log_pages: Arc<AtomicU32>,
    checkpointer: Checkpointer,
    /// A commit failed half way, so the log may hold pages the disk never got.
    suspect: bool,
}

impl Room {
    fn serve(mut self, orders: &Receiver<Order>) {
        let mut group = Vec::new();
        let mut stop = false;
        while !stop && let Ok(first) = orders.recv() {
            let mut finish = false;
            let mut compact = Vec::new();
            let mut next = Some(first);
            while let Some(order) = next {
                match order {
                    Order::Write(job) => group.push(job),
                    Order::FinishCheckpoint => finish = true,
                    Order::Compact(reply) => compact.push(reply),
                    Order::Stop => stop = true,
                }
                next = if !stop && group.len() < JOBS_PER_COMMIT {
                    orders.try_recv().ok()
                } else {
                    None
                };
            }
            if !group.is_empty() {
                self.commit(&mut group);
            }
            if !compact.is_empty() {
                let outcome = self.compact();
                for reply in compact {
                    // Whoever asked may have gone.
                    let _ = reply.send(outcome.clone());
                }
            }
            if finish && let Err(error) = checkpoint::passive(&self.connection) {
                tracing::warn!(%error, "a checkpoint failed; the log keeps growing until one succeeds");
            }
        }
    }

    /// Commits a group and tells everybody in it; leaves `group` empty.
    fn commit(&mut self, group: &mut Vec<Box<dyn Job>>) {
        let outcome = self.heal().and_then(|()| self.write(group));
        if let Err(failure) = &outcome {
            tracing::error!(?failure, jobs = group.len(), "a commit failed");
        }
        for job in group.drain(..) {
            job.settle(&outcome);
        }
        if outcome.is_ok() {
            self.checkpointer
                .log_has(self.log_pages.load(Ordering::Relaxed));
        }
    }

    fn compact(&self) -> Result<(), StoreError> {
        self.connection
            .execute_batch("VACUUM")
            .map_err(failure::sqlite)?;
        checkpoint::truncate(&self.connection)
    }

    /// After a failed sync the system may call pages clean that never reached the disk, and the
    /// next successful sync would vouch for them. So the log is first emptied into the database,
    /// which writes every page anew, and starts from nothing.
    fn heal(&mut self) -> Result<(), Failure> {
        if self.suspect {
            checkpoint::truncate(&self.connection).map_err(Failure::NotWritten)?;
            self.suspect = false;
        }
        Ok(())
    }

    fn write(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), Failure> {
        let connection = &self.connection;
        let written = execute(connection, "BEGIN IMMEDIATE")
            .and_then(|()| group.iter_mut().try_for_each(|job| job.run(connection)));
        if let Err(error) = written {
            self.roll_back();
            return Err(Failure::NotWritten(failure::sqlite(error)));
        }
        if let Err(error) = execute(connection, "COMMIT") {
            self.suspect = true;
            self.roll_back();
            return Err(Failure::Unknown(failure::sqlite(error)));
        }
        Ok(())
    }

    fn roll_back(&mut self) {
        // After some errors SQLite has already rolled back by itself.
        if !self.connection.is_autocommit()
            && let Err(error) = execute(&self.connection, "ROLLBACK")
        {
            self.suspect = true;
            tracing::error!(%error, "a roll-back failed");
        }
    }
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

/// A failure kind for a log that cannot be emptied because somebody still reads it.
pub(crate) fn still_read() -> StoreError {
    StoreError::new(Fault::InUse, "a reader holds the log")
}
