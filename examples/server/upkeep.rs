//! What an operator does with the data folder besides serving from it: back it up, put it back, look through it.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use webchat_store_sqlite::SqliteStore;

use crate::FILES;

/// Copies journal and files into an empty folder; the server may be running.
pub(crate) fn back_up(folder: &Path, to: &Path) -> anyhow::Result<()> {
    let (from, to_shown) = (folder.display(), to.display());
    SqliteStore::copy(folder, to)
        .with_context(|| format!("cannot back {from} up to {to_shown}"))?;
    copy_files(folder, to).with_context(|| format!("cannot copy the files of {from}"))?;
    say(&format!("{from} is backed up in {to_shown}"))
}

/// Puts a backup into a folder that must be empty.
pub(crate) fn restore(from: &Path, folder: &Path) -> anyhow::Result<()> {
    let (from_shown, to) = (from.display(), folder.display());
    SqliteStore::copy(from, folder)
        .with_context(|| format!("cannot restore {from_shown} into {to}"))?;
    copy_files(from, folder).with_context(|| format!("cannot copy the files of {from_shown}"))?;
    say(&format!("{from_shown} is restored into {to}"))
}

/// Looks through a folder no server works on. What is wrong is printed, and makes it fail.
pub(crate) fn verify(folder: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    let report =
        SqliteStore::verify(folder).with_context(|| format!("cannot look into {shown}"))?;
    let (frames, events) = (report.frames, report.events);
    say(&format!(
        "{shown}: {frames} frames with {events} events read"
    ))?;
    for wrong in &report.journal {
        say(&format!("journal.db: {wrong}"))?;
    }
    for wrong in &report.read_model {
        say(&format!("read.db: {wrong}"))?;
    }
    if !report.journal.is_empty() {
        bail!("the journal is damaged; restore a backup");
    }
    if !report.is_sound() {
        bail!("the journal is sound; delete read.db and it is made again at the next start");
    }
    say("nothing is wrong")
}

/// Copies the files sent in chats. After the journal: what it refers to was on disk before.
fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    let (from, to) = (from.join(FILES), to.join(FILES));
    if !from.is_dir() {
        return Ok(());
    }
    fs::create_dir(&to)?;
    for entry in fs::read_dir(&from)? {
        let name = entry?.file_name();
        match fs::copy(from.join(&name), to.join(&name)) {
            Ok(_) => fs::File::open(to.join(&name))?.sync_all()?,
            // An upload that came to nothing, or a file whose message was erased, in this very moment.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    #[cfg(unix)]
    fs::File::open(&to)?.sync_all()?;
    Ok(())
}

/// The program's answer, so it goes to standard output.
fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}
