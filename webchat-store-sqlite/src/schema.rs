//! The tables, as numbered steps from an empty file. A step, once released, never changes.

use rusqlite::Connection;
use webchat_runtime::{Fault, StoreError};

use crate::failure;

/// Steps of `journal.db`.
pub(crate) const JOURNAL: &[&str] = &[
    "
    CREATE TABLE claims (
        tenant INTEGER PRIMARY KEY,
        epoch INTEGER NOT NULL
    );
    CREATE TABLE frames (
        tenant INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        at INTEGER NOT NULL,
        codec INTEGER NOT NULL,
        checksum INTEGER NOT NULL,
        payload BLOB NOT NULL,
        UNIQUE (tenant, seq)
    );
    CREATE TABLE accounts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        login TEXT NOT NULL,
        login_key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        agent INTEGER,
        password_hash TEXT NOT NULL,
        disabled INTEGER NOT NULL
    );
    CREATE TABLE sessions (
        token_hash BLOB PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES accounts (id),
        csrf TEXT NOT NULL,
        created INTEGER NOT NULL,
        expires INTEGER NOT NULL
    );
    CREATE INDEX sessions_by_account ON sessions (account);
    CREATE INDEX sessions_by_end ON sessions (expires);
    CREATE TABLE secrets (
        name TEXT PRIMARY KEY,
        value BLOB NOT NULL
    );
",
    "
    CREATE TABLE api_keys (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        scopes TEXT NOT NULL,
        hash BLOB NOT NULL UNIQUE,
        created INTEGER NOT NULL
    );
    CREATE TABLE webhooks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        url TEXT NOT NULL,
        events TEXT NOT NULL,
        enabled INTEGER NOT NULL,
        secret BLOB NOT NULL,
        frame INTEGER NOT NULL,
        event INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        retry_at INTEGER,
        error TEXT,
        turn INTEGER NOT NULL
    );
    CREATE TABLE dead_letters (
        webhook INTEGER NOT NULL,
        frame INTEGER NOT NULL,
        event INTEGER NOT NULL,
        kind TEXT NOT NULL,
        at INTEGER NOT NULL,
        error TEXT NOT NULL,
        PRIMARY KEY (webhook, frame, event)
    ) WITHOUT ROWID;
",
    "
    CREATE TABLE identities (
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        account INTEGER NOT NULL REFERENCES accounts (id),
        PRIMARY KEY (issuer, subject)
    ) WITHOUT ROWID;
    CREATE INDEX identities_by_account ON identities (account);
",
    "
    ALTER TABLE webhooks ADD COLUMN declared INTEGER NOT NULL DEFAULT 0;
",
    "
    ALTER TABLE webhooks ADD COLUMN tried_at INTEGER;
    ALTER TABLE webhooks ADD COLUMN outcome TEXT;
",
    // A session's number is shown to its user, as a number that every program can read.
    "
    ALTER TABLE sessions ADD COLUMN id INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sessions ADD COLUMN proved INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sessions ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';
    UPDATE sessions SET id = random() & 0x1fffffffffffff, proved = created, used = created;
",
];

/// Steps of `read.db`.
///
/// A row of `words` holds what was said in an ended chat, under the chat's `id`.
pub(crate) const READ: &[&str] = &[
    "
    CREATE TABLE snapshots (
        tenant INTEGER PRIMARY KEY,
        seq INTEGER NOT NULL,
        codec INTEGER NOT NULL,
        checksum INTEGER NOT NULL,
        payload BLOB NOT NULL
    );
    CREATE TABLE checkpoints (
        tenant INTEGER PRIMARY KEY,
        seq INTEGER NOT NULL
    );
    CREATE TABLE chats (
        id INTEGER PRIMARY KEY,
        tenant INTEGER NOT NULL,
        chat TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        campaign INTEGER NOT NULL,
        visitor BLOB NOT NULL,
        facts TEXT NOT NULL,
        language TEXT NOT NULL,
        requested_at INTEGER NOT NULL,
        answered_at INTEGER,
        agent INTEGER,
        reason TEXT,
        closing TEXT,
        feedback_at INTEGER,
        score INTEGER,
        feedback_note TEXT,
        UNIQUE (tenant, chat)
    );
    CREATE INDEX chats_by_sequence ON chats (tenant, sequence);
    CREATE INDEX chats_by_campaign ON chats (tenant, campaign, sequence);
    CREATE INDEX chats_by_visitor ON chats (tenant, visitor, sequence);
    CREATE TABLE messages (
        tenant INTEGER NOT NULL,
        chat TEXT NOT NULL,
        number INTEGER NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (tenant, chat, number)
    ) WITHOUT ROWID;
    CREATE TABLE segments (
        id INTEGER PRIMARY KEY,
        chat_id INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
        agent INTEGER NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER,
        how TEXT
    );
    CREATE INDEX segments_by_chat ON segments (chat_id);
    CREATE INDEX segments_by_agent ON segments (agent, chat_id);
    CREATE TABLE notes (
        id INTEGER PRIMARY KEY,
        chat_id INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
        agent INTEGER NOT NULL,
        at INTEGER NOT NULL,
        text TEXT NOT NULL,
        whisper INTEGER NOT NULL
    );
    CREATE INDEX notes_by_chat ON notes (chat_id);
    CREATE VIRTUAL TABLE words USING fts5 (
        text,
        content = '',
        contentless_delete = 1,
        tokenize = 'unicode61 remove_diacritics 2'
    );
",
    "
    ALTER TABLE chats ADD COLUMN queued_at INTEGER;
    ALTER TABLE chats ADD COLUMN disconnected_at INTEGER;
    CREATE TABLE limits (
        tenant INTEGER NOT NULL,
        campaign INTEGER NOT NULL,
        answer_within INTEGER,
        dropout INTEGER,
        PRIMARY KEY (tenant, campaign)
    ) WITHOUT ROWID;
    CREATE TABLE slices (
        tenant INTEGER NOT NULL,
        since INTEGER NOT NULL,
        campaign INTEGER NOT NULL,
        what TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (tenant, since, campaign, what)
    ) WITHOUT ROWID;
    CREATE TABLE acts (
        tenant INTEGER NOT NULL,
        number INTEGER NOT NULL,
        at INTEGER NOT NULL,
        by INTEGER NOT NULL,
        what TEXT NOT NULL,
        chat TEXT,
        campaign INTEGER,
        agent INTEGER,
        PRIMARY KEY (tenant, number)
    ) WITHOUT ROWID;
    CREATE INDEX acts_by_chat ON acts (tenant, chat, number);
    -- What happened so far is projected again, into the new tables too.
    DELETE FROM words;
    DELETE FROM messages;
    DELETE FROM segments;
    DELETE FROM notes;
    DELETE FROM chats;
    DELETE FROM checkpoints;
",
    "
    ALTER TABLE chats ADD COLUMN closed_at INTEGER;
    ALTER TABLE chats ADD COLUMN erased_at INTEGER;
    ALTER TABLE chats ADD COLUMN first_frame INTEGER;
    ALTER TABLE chats ADD COLUMN last_frame INTEGER;
    CREATE INDEX chats_by_end ON chats (tenant, campaign, closed_at) WHERE erased_at IS NULL;
    CREATE TABLE mails (
        tenant INTEGER NOT NULL,
        mail INTEGER NOT NULL,
        campaign INTEGER NOT NULL,
        visitor BLOB NOT NULL,
        left_at INTEGER NOT NULL,
        settled INTEGER NOT NULL DEFAULT 0,
        erased_at INTEGER,
        first_frame INTEGER NOT NULL,
        last_frame INTEGER NOT NULL,
        PRIMARY KEY (tenant, mail)
    ) WITHOUT ROWID;
    CREATE INDEX mails_by_visitor ON mails (tenant, visitor);
    CREATE INDEX mails_by_age ON mails (tenant, campaign, left_at) WHERE erased_at IS NULL;
    CREATE TABLE burials (
        tenant INTEGER NOT NULL,
        what TEXT NOT NULL,
        first_frame INTEGER,
        last_frame INTEGER,
        PRIMARY KEY (tenant, what)
    ) WITHOUT ROWID;
    CREATE TABLE erasures (
        tenant INTEGER PRIMARY KEY,
        frame INTEGER NOT NULL
    );
    -- What happened so far is projected again, into the new tables too.
    DELETE FROM words;
    DELETE FROM messages;
    DELETE FROM segments;
    DELETE FROM notes;
    DELETE FROM chats;
    DELETE FROM limits;
    DELETE FROM slices;
    DELETE FROM acts;
    DELETE FROM checkpoints;
",
    "
    CREATE TABLE evaluations (
        id INTEGER PRIMARY KEY,
        chat_id INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
        at INTEGER NOT NULL,
        agent INTEGER NOT NULL,
        evaluator INTEGER NOT NULL,
        model INTEGER NOT NULL,
        answers TEXT NOT NULL,
        points INTEGER,
        most INTEGER
    );
    CREATE INDEX evaluations_by_chat ON evaluations (chat_id);
    -- What happened so far is projected again, into the new table too.
    DELETE FROM words;
    DELETE FROM messages;
    DELETE FROM segments;
    DELETE FROM notes;
    DELETE FROM chats;
    DELETE FROM limits;
    DELETE FROM slices;
    DELETE FROM acts;
    DELETE FROM mails;
    DELETE FROM checkpoints;
",
    "
    -- Of which chat a mail is a transcript.
    ALTER TABLE mails ADD COLUMN chat TEXT;
    CREATE INDEX mails_by_chat ON mails (tenant, chat) WHERE chat IS NOT NULL;
",
    "
    ALTER TABLE chats ADD COLUMN owner INTEGER;
    ALTER TABLE chats ADD COLUMN owned_since INTEGER;
    ALTER TABLE chats ADD COLUMN served_since INTEGER;
    ALTER TABLE chats ADD COLUMN responded INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX chats_waiting ON chats (tenant, campaign) WHERE answered_at IS NULL AND reason IS NULL;
    -- Agent -1 is nobody; amount is milliseconds or points.
    CREATE TABLE tallies (
        tenant INTEGER NOT NULL,
        at INTEGER NOT NULL,
        campaign INTEGER NOT NULL,
        agent INTEGER NOT NULL,
        what TEXT NOT NULL,
        count INTEGER NOT NULL,
        amount INTEGER NOT NULL,
        PRIMARY KEY (tenant, at, campaign, agent, what)
    ) WITHOUT ROWID;
    CREATE TABLE desks (
        tenant INTEGER NOT NULL,
        agent INTEGER NOT NULL,
        since INTEGER NOT NULL,
        signed_in INTEGER NOT NULL,
        lost INTEGER NOT NULL,
        paused INTEGER NOT NULL,
        on_call INTEGER NOT NULL,
        elsewhere INTEGER NOT NULL,
        chats INTEGER NOT NULL,
        PRIMARY KEY (tenant, agent)
    ) WITHOUT ROWID;
    -- What an agent did while signed in: with so many chats, else ready or not to be had.
    CREATE TABLE spans (
        tenant INTEGER NOT NULL,
        agent INTEGER NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER NOT NULL,
        busy INTEGER NOT NULL,
        ready INTEGER NOT NULL,
        PRIMARY KEY (tenant, agent, since)
    ) WITHOUT ROWID;
    -- What happened so far is projected again, into the new tables too.
    DELETE FROM words;
    DELETE FROM messages;
    DELETE FROM segments;
    DELETE FROM notes;
    DELETE FROM evaluations;
    DELETE FROM chats;
    DELETE FROM limits;
    DELETE FROM slices;
    DELETE FROM acts;
    DELETE FROM mails;
    DELETE FROM checkpoints;
",
    "
    CREATE TABLE revisions (
        tenant INTEGER NOT NULL,
        campaign INTEGER NOT NULL,
        number INTEGER NOT NULL,
        at INTEGER NOT NULL,
        by TEXT,
        settings TEXT NOT NULL,
        PRIMARY KEY (tenant, campaign, number)
    ) WITHOUT ROWID;
    -- What happened so far is projected again, into the new table too.
    DELETE FROM words;
    DELETE FROM messages;
    DELETE FROM segments;
    DELETE FROM notes;
    DELETE FROM evaluations;
    DELETE FROM chats;
    DELETE FROM limits;
    DELETE FROM slices;
    DELETE FROM tallies;
    DELETE FROM desks;
    DELETE FROM spans;
    DELETE FROM acts;
    DELETE FROM mails;
    DELETE FROM checkpoints;
",
    "
    -- An agent that is missing has not accepted yet.
    CREATE TABLE calls (
        id INTEGER PRIMARY KEY,
        chat_id INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
        from_visitor INTEGER NOT NULL,
        agent INTEGER,
        video INTEGER NOT NULL,
        asked_at INTEGER NOT NULL,
        accepted_at INTEGER,
        ended_at INTEGER,
        why TEXT
    );
    CREATE INDEX calls_by_chat ON calls (chat_id);
    -- What happened so far is projected again, into the new table too.
    DELETE FROM words;
    DELETE FROM messages;
    DELETE FROM segments;
    DELETE FROM notes;
    DELETE FROM evaluations;
    DELETE FROM chats;
    DELETE FROM limits;
    DELETE FROM slices;
    DELETE FROM tallies;
    DELETE FROM desks;
    DELETE FROM spans;
    DELETE FROM acts;
    DELETE FROM mails;
    DELETE FROM revisions;
    DELETE FROM checkpoints;
",
    "
    -- Lists that few of many chats fit.
    CREATE INDEX chats_by_request ON chats (tenant, requested_at, sequence);
    CREATE INDEX chats_by_reason ON chats (tenant, reason, sequence);
    CREATE INDEX chats_by_score ON chats (tenant, score, sequence) WHERE score IS NOT NULL;
",
];

/// Brings a file to the newest step, each step in a transaction of its own.
pub(crate) fn migrate(
    connection: &mut Connection,
    file: &str,
    steps: &[&str],
) -> Result<(), StoreError> {
    let done: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(failure::sqlite)?;
    let known = steps.len();
    let done = usize::try_from(done)
        .ok()
        .filter(|done| *done <= known)
        .ok_or_else(|| {
            let cause = format!("{file} has schema {done}, expected at most {known}; use the version that wrote it, or a newer one");
            StoreError::new(Fault::TooNew, cause)
        })?;
    for (number, step) in steps.iter().enumerate().skip(done) {
        let transaction = connection.transaction().map_err(failure::sqlite)?;
        transaction
            .execute_batch(&format!("{step}; PRAGMA user_version = {};", number + 1))
            .map_err(failure::sqlite)?;
        transaction.commit().map_err(failure::sqlite)?;
    }
    Ok(())
}

/// Whether a file was last written by a version with fewer steps.
pub(crate) fn is_older(connection: &Connection, steps: &[&str]) -> Result<bool, StoreError> {
    let done: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(failure::sqlite)?;
    Ok(usize::try_from(done).is_ok_and(|done| done < steps.len()))
}
