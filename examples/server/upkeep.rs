//! What an operator does with the data folder besides serving from it: back it up, put it back, look through it.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, bail};
use webchat_runtime::{Journal, TenantId};
use webchat_store_sqlite::SqliteStore;

use crate::FILES;

/// Frames read at once.
const PAGE: usize = 1_000;

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

/// Writes the journal of a folder no server works on to a new file: one frame a line, as events in JSON.
pub(crate) async fn export_journal(
    folder: &Path,
    tenant: TenantId,
    to: &Path,
) -> anyhow::Result<()> {
    let (shown, to_shown) = (folder.display(), to.display());
    if !folder.join("journal.db").is_file() {
        bail!("{shown} holds no journal.db");
    }
    let store = SqliteStore::open(folder)
        .with_context(|| format!("cannot open {shown}; is a server at work on it?"))?;
    let file = File::create_new(to).with_context(|| format!("cannot write to {to_shown}"))?;
    let mut file = BufWriter::new(file);
    let mut last = 0;
    loop {
        let frames = store.read(tenant, last, PAGE).await?;
        let Some(end) = frames.last() else { break };
        last = end.seq;
        for frame in frames {
            file.write_all(&frame.payload)?;
            file.write_all(b"\n")?;
        }
    }
    file.into_inner()?.sync_all()?;
    say(&format!("{last} frames of {shown} are in {to_shown}"))
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
