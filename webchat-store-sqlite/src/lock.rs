//! One process per data folder: a lock the system drops when its holder dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use webchat_runtime::{Fault, StoreError};

use crate::failure;

/// Holds the data folder for this process until dropped.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the folder, or says who has it.
    pub(crate) fn take(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("webchat.lock");
        let doing = |what: &str| format!("{what} {}", path.display());
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| failure::file(&doing("opening"), &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(in_use(folder, &mut file));
            }
            Err(TryLockError::Error(error)) => {
                return Err(failure::file(&doing("locking"), &error));
            }
        }
        // The number only helps the reader of the message above; the lock does not rest on it.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }
}

fn in_use(folder: &Path, file: &mut File) -> StoreError {
    let mut holder = String::new();
    let _ = file.take(20).read_to_string(&mut holder);
    let holder = match holder.trim() {
        "" => String::new(),
        process => format!(" (process {process})"),
    };
    let cause = format!(
        "another server{holder} works on {}; stop it first or choose another folder",
        folder.display()
    );
    StoreError::new(Fault::InUse, cause)
}
