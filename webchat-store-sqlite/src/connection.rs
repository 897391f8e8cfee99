//! Opens connections the way each job needs them.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use webchat_runtime::{Fault, StoreError};

use crate::failure;

/// Versions before this one can lose data when a write-ahead log restarts.
const OLDEST_SAFE_VERSION: i32 = 3_051_003;

/// Memory of the journal's writing connection for pages, which only ever appends: enough that a commit need not write
/// pages twice. It fills up and stays, so it is no larger than it has to be.
const APPENDING_KIB: u32 = 4 << 10;

/// Likewise where rows are looked up and changed anywhere.
const CHANGING_KIB: u32 = 16 << 10;

/// When a commit counts as done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sync {
    /// When the disk has it: it survives a power cut.
    Full,
    /// When the system has it: a power cut may undo the last commits, but damages nothing.
    Normal,
}

/// Refuses to work on a SQLite with a known way to lose data.
pub(crate) fn assert_safe_version() -> Result<(), StoreError> {
    if rusqlite::version_number() < OLDEST_SAFE_VERSION {
        let cause = format!(
            "sqlite is {}, expected 3.51.3 or later",
            rusqlite::version()
        );
        return Err(StoreError::new(Fault::Refused, cause));
    }
    Ok(())
}

/// A connection that may write. Checkpoints are left to the [checkpointer](crate::checkpoint).
pub(crate) fn open(path: &Path, sync: Sync) -> Result<Connection, StoreError> {
    let connection = open_with(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )?;
    let mode: String = connection
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(failure::sqlite)?;
    if mode != "wal" {
        let cause = format!("journal_mode of {} is {mode}, expected wal", path.display());
        return Err(StoreError::new(Fault::Refused, cause));
    }
    let (level, cache) = match sync {
        Sync::Full => ("FULL", APPENDING_KIB),
        Sync::Normal => ("NORMAL", CHANGING_KIB),
    };
    // On systems whose fsync stops at the drive's cache, `fullfsync` goes through it.
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = {level};
             PRAGMA fullfsync = ON;
             PRAGMA checkpoint_fullfsync = ON;
             PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -{cache};
             PRAGMA wal_autocheckpoint = 0;"
        ))
        .map_err(failure::sqlite)?;
    Ok(connection)
}

/// A connection that only reads.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    open_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Looks for damage, in a file small enough that a start does not wait for it; a larger one only
/// has to begin like a database.
pub(crate) fn assert_whole(path: &Path) -> Result<(), StoreError> {
    const SMALL: u64 = 64 << 20;
    let connection = open(path, Sync::Normal)?;
    let size = std::fs::metadata(path).map_or(0, |file| file.len());
    let sql = match size {
        ..=SMALL => "PRAGMA quick_check(1)",
        _ => "SELECT 'ok' FROM sqlite_schema LIMIT 1",
    };
    let found = connection
        .query_row(sql, [], |row| row.get::<_, String>(0))
        .optional()
        .map_err(failure::sqlite)?;
    match found {
        Some(wrong) if wrong != "ok" => Err(failure::corrupt(wrong)),
        _ => Ok(()),
    }
}

fn open_with(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failure::sqlite)?;
    connection
        .busy_timeout(Duration::from_secs(5))
        .map_err(failure::sqlite)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Without it SQLite prepares a statement anew whenever a value is bound that its planner looked at.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(failure::sqlite)?;
    Ok(connection)
}
