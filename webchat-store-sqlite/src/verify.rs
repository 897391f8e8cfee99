//! Looks through a data folder nobody works on, without changing its databases, and says what is wrong.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value;
use webchat_core::schedule::Zones;
use webchat_core::{Engine, wire};
use webchat_runtime::read_model::FrameEvents;
use webchat_runtime::{Snapshot, StoreError, TenantId};

use crate::connection;
use crate::failure;
use crate::journal;
use crate::lock::FolderLock;
use crate::read_model;
use crate::schema;
use crate::store::SqliteStore;

/// Frames looked at together.
const PAGE: usize = 1_000;

/// What the read model holds, in an order and with columns that do not depend on row numbers.
const TABLES: [(&str, &str); 15] = [
    (
        "chats",
        "SELECT tenant, chat, sequence, campaign, visitor, facts, language, requested_at, answered_at,
                agent, reason, closing, feedback_at, score, feedback_note, queued_at, disconnected_at,
                closed_at, erased_at, first_frame, last_frame, owner, owned_since, served_since, responded
         FROM chats ORDER BY tenant, chat",
    ),
    (
        "messages",
        "SELECT tenant, chat, number, message FROM messages ORDER BY tenant, chat, number",
    ),
    (
        "segments",
        "SELECT tenant, chat, segments.agent, since, until, how
         FROM segments JOIN chats ON chats.id = chat_id ORDER BY tenant, chat, segments.id",
    ),
    (
        "notes",
        "SELECT tenant, chat, notes.agent, at, text, whisper
         FROM notes JOIN chats ON chats.id = chat_id ORDER BY tenant, chat, notes.id",
    ),
    (
        "evaluations",
        "SELECT tenant, chat, at, evaluations.agent, evaluator, model, answers, points, most
         FROM evaluations JOIN chats ON chats.id = chat_id ORDER BY tenant, chat, evaluations.id",
    ),
    (
        "calls",
        "SELECT tenant, chat, from_visitor, calls.agent, video, asked_at, accepted_at, ended_at, why
         FROM calls JOIN chats ON chats.id = chat_id ORDER BY tenant, chat, calls.id",
    ),
    (
        "words",
        "SELECT tenant, chat FROM words JOIN chats ON chats.id = words.rowid ORDER BY tenant, chat",
    ),
    (
        "mails",
        "SELECT tenant, mail, campaign, visitor, left_at, settled, erased_at, first_frame, last_frame
         FROM mails ORDER BY tenant, mail",
    ),
    (
        "limits",
        "SELECT tenant, campaign, answer_within, dropout FROM limits ORDER BY tenant, campaign",
    ),
    (
        "slices",
        "SELECT tenant, since, campaign, what, count FROM slices ORDER BY tenant, since, campaign, what",
    ),
    (
        "tallies",
        "SELECT tenant, at, campaign, agent, what, count, amount
         FROM tallies ORDER BY tenant, at, campaign, agent, what",
    ),
    (
        "desks",
        "SELECT tenant, agent, since, signed_in, lost, paused, on_call, elsewhere, chats
         FROM desks ORDER BY tenant, agent",
    ),
    (
        "spans",
        "SELECT tenant, agent, since, until, busy, ready FROM spans ORDER BY tenant, agent, since",
    ),
    (
        "acts",
        "SELECT tenant, number, at, by, what, chat, campaign, agent FROM acts ORDER BY tenant, number",
    ),
    (
        "revisions",
        "SELECT tenant, campaign, number, at, by, settings FROM revisions ORDER BY tenant, campaign, number",
    ),
];

/// What was looked at, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Frames read.
    pub frames: u64,
    /// Events in them.
    pub events: u64,
    /// What is wrong with the journal. Empty if nothing is.
    pub journal: Vec<String>,
    /// What is wrong with the read model; deleting `read.db` has it projected again.
    pub read_model: Vec<String>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.journal.is_empty() && self.read_model.is_empty()
    }
}

impl SqliteStore {
    /// Looks through the data folder: damaged pages, gaps, checksums, order of claims and times,
    /// every event, the snapshot against a replay from the first frame, and the read model against
    /// one projected anew.
    ///
    /// # Errors
    /// [`Fault::InUse`](webchat_runtime::Fault::InUse) if a server has the folder, or if there is
    /// no journal to open. What is wrong inside is in the report instead.
    pub fn verify(folder: impl AsRef<Path>) -> Result<Report, StoreError> {
        let folder = folder.as_ref();
        let path = folder.join("journal.db");
        if !path.is_file() {
            let what = format!("{} holds no journal.db", folder.display());
            return Err(failure::corrupt(what));
        }
        let _lock = FolderLock::take(folder)?;
        let mut report = Report::default();
        let read = folder.join("read.db");
        let read = match read.is_file().then(|| connection::open_reader(&read)) {
            // One that is missing is made at the next start.
            None => None,
            // One of an older version is projected again at the next start.
            Some(Ok(read)) if schema::is_older(&read, schema::READ)? => None,
            Some(Ok(read)) => whole(&read, &mut report.read_model).then_some(read),
            Some(Err(error)) => {
                report.read_model.push(error.to_string());
                None
            }
        };
        let journal = connection::open_reader(&path)?;
        if !whole(&journal, &mut report.journal) {
            return Ok(report);
        }
        let mut anew = Connection::open_in_memory().map_err(failure::sqlite)?;
        schema::migrate(&mut anew, "the read model made anew", schema::READ)?;
        for tenant in tenants(&journal)? {
            let mut check = Check::new(tenant, read.as_ref(), &anew)?;
            if let Err(error) = check.follow(&journal, &mut report) {
                report.journal.push(error);
            }
        }
        if let Some(read) = &read
            && report.journal.is_empty()
        {
            for (table, sql) in TABLES {
                let same = rows(read, sql).and_then(|old| Ok(old == rows(&anew, sql)?));
                match same {
                    Ok(true) => {}
                    Ok(false) => report
                        .read_model
                        .push(format!("{table} differs from what the journal says")),
                    Err(error) => report.read_model.push(format!("{table}: {error}")),
                }
            }
        }
        Ok(report)
    }
}

/// Whether SQLite finds nothing wrong with the file.
fn whole(connection: &Connection, wrong: &mut Vec<String>) -> bool {
    let found = rows(connection, "PRAGMA integrity_check(20)");
    match found {
        Ok(found) if found == [[Value::Text("ok".into())]] => return true,
        Ok(found) => wrong.extend(found.iter().flatten().map(|line| match line {
            Value::Text(line) => line.clone(),
            other => format!("{other:?}"),
        })),
        Err(error) => wrong.push(error.to_string()),
    }
    false
}

fn tenants(journal: &Connection) -> Result<Vec<TenantId>, StoreError> {
    journal
        .prepare("SELECT DISTINCT tenant FROM frames ORDER BY tenant")
        .and_then(|mut select| {
            let found = select.query_map([], |row| row.get(0).map(TenantId))?;
            found.collect()
        })
        .map_err(failure::sqlite)
}

fn rows(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut select = connection.prepare(sql)?;
    let columns = select.column_count();
    let rows = select.query_map([], |row| {
        (0..columns).map(|column| row.get(column)).collect()
    })?;
    rows.collect()
}

/// One tenant's journal, followed from its first frame.
struct Check<'a> {
    tenant: TenantId,
    engine: Engine,
    snapshot: Option<Snapshot>,
    /// The engine of the snapshot, once the journal is as far.
    restored: Option<Engine>,
    anew: &'a Connection,
    /// The last frame of the read model there is.
    projected: u64,
}

impl<'a> Check<'a> {
    fn new(
        tenant: TenantId,
        read: Option<&Connection>,
        anew: &'a Connection,
    ) -> Result<Self, StoreError> {
        let (snapshot, projected) = match read {
            Some(read) => (
                journal::snapshot(read, tenant).map_err(failure::sqlite)?,
                read_model::checkpoint(read, tenant).map_err(failure::sqlite)?,
            ),
            None => (None, 0),
        };
        Ok(Self {
            tenant,
            engine: Engine::new(Zones::bundled()),
            snapshot,
            restored: None,
            anew,
            projected,
        })
    }

    /// Follows the journal to its end; the error is what makes going on pointless.
    fn follow(&mut self, from: &Connection, report: &mut Report) -> Result<(), String> {
        let tenant = self.tenant;
        let head = journal::head(from, tenant).map_err(|error| error.to_string())?;
        let mut done = 0;
        let mut before = None;
        loop {
            let page = journal::frames(from, tenant, done, PAGE);
            let page = page.map_err(|error| error.to_string())?;
            if page.is_empty() {
                break;
            }
            for frame in page {
                let place = format!("frame {} of tenant {tenant}", frame.seq);
                if before > Some((frame.epoch, frame.at)) || frame.epoch > head.epoch {
                    let what =
                        format!("{place} is of an earlier claim or time than the one before");
                    report.journal.push(what);
                }
                before = Some((frame.epoch, frame.at));
                if frame.codec != wire::CODEC {
                    return Err(format!(
                        "{place} has encoding {}, which is not known",
                        frame.codec
                    ));
                }
                let events = wire::decode(&frame.payload);
                let events = events.map_err(|error| format!("{place}: {error}"))?;
                self.engine.replay(&events);
                if let Some(restored) = &mut self.restored {
                    restored.replay(&events);
                }
                report.frames += 1;
                report.events += events.len() as u64;
                done = frame.seq;
                self.restore(done, report);
                if done <= self.projected {
                    let events = FrameEvents { seq: done, events };
                    read_model::apply(self.anew, tenant, &[events])
                        .map_err(failure::sqlite)
                        .and_then(|applied| applied)
                        .map_err(|error| format!("{place}: {error}"))?;
                }
            }
        }
        if self.projected > done {
            let what = format!(
                "it includes frame {}, the journal ends at {done}",
                self.projected
            );
            report.read_model.push(what);
        }
        if let Some(restored) = &self.restored
            && restored.digest() != self.engine.digest()
        {
            let what =
                "the snapshot and the frames after it lead to another state than the journal";
            report.read_model.push(what.into());
        }
        Ok(())
    }

    /// Takes the snapshot up at its frame.
    fn restore(&mut self, done: u64, report: &mut Report) {
        let Some(snapshot) = self.snapshot.take_if(|snapshot| snapshot.seq == done) else {
            return;
        };
        match Engine::restore(&snapshot.payload, Zones::bundled()) {
            Ok(restored) => {
                if restored.digest() != self.engine.digest() {
                    let what = format!("the snapshot of frame {done} is not the state there");
                    report.read_model.push(what);
                }
                self.restored = Some(restored);
            }
            Err(error) => report.read_model.push(format!("the snapshot: {error}")),
        }
    }
}
