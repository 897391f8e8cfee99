//! Verify finds what is wrong in the files of a real run, and nothing in sound ones.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::path::Path;

use rusqlite::Connection;
use webchat_store_sqlite::{Report, SqliteStore};

#[path = "faults/run.rs"]
mod run;

/// The report on the folder after `sql` was done to one of its files.
fn after(folder: &Path, file: &str, sql: &str) -> Report {
    let copy = tempfile::tempdir().unwrap();
    for name in ["journal.db", "read.db"] {
        std::fs::copy(folder.join(name), copy.path().join(name)).unwrap();
    }
    let raw = Connection::open(copy.path().join(file)).unwrap();
    raw.execute_batch(sql).unwrap();
    drop(raw);
    SqliteStore::verify(copy.path()).unwrap()
}

#[test]
fn each_kind_of_damage_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    run::run(folder.path().to_str().unwrap(), 20).unwrap();
    let sound = SqliteStore::verify(folder.path()).unwrap();
    assert!(sound.is_sound(), "{sound:?}");
    assert!(
        sound.frames > 20 && sound.events >= sound.frames,
        "{sound:?}"
    );

    let journal = |sql: &str| after(folder.path(), "journal.db", sql).journal.join("; ");
    let gap = journal("DELETE FROM frames WHERE seq = 9");
    assert_eq!(
        gap,
        "the stored files are damaged: frame 9 of tenant 1 is missing"
    );
    let bit = journal("UPDATE frames SET at = at + 1 WHERE seq = 9");
    assert!(
        bit.contains("frame 9 of tenant 1 has a wrong checksum"),
        "{bit}"
    );
    let claim = journal("UPDATE claims SET epoch = 0");
    assert!(
        claim.contains("frame 1 of tenant 1 is of an earlier claim"),
        "{claim}"
    );

    let read = |sql: &str| after(folder.path(), "read.db", sql).read_model.join("; ");
    assert_eq!(
        read("DELETE FROM messages WHERE number = 3"),
        "messages differs from what the journal says"
    );
    assert_eq!(
        read("UPDATE chats SET language = 'pt'"),
        "chats differs from what the journal says"
    );
    let ahead = read("UPDATE checkpoints SET seq = 9000");
    assert!(ahead.contains("it includes frame 9000"), "{ahead}");
    let other = read("UPDATE snapshots SET seq = seq - 1");
    assert!(other.contains("is not the state there"), "{other}");
}

#[test]
fn a_missing_read_model_is_no_damage_and_no_journal_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    run::run(folder.path().to_str().unwrap(), 3).unwrap();
    std::fs::remove_file(folder.path().join("read.db")).unwrap();
    assert!(SqliteStore::verify(folder.path()).unwrap().is_sound());
    std::fs::remove_file(folder.path().join("journal.db")).unwrap();
    let error = SqliteStore::verify(folder.path()).unwrap_err();
    assert!(error.to_string().contains("holds no journal.db"), "{error}");
}
