//! How a store fails: a kind to act on, and the cause for whoever repairs it.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What kind of failure a store met, so that callers can act without reading prose.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fault {
    /// No space is left; writing works again once there is some.
    DiskFull,
    /// A read, write or sync failed.
    Io,
    /// What is stored contradicts itself: a gap, a wrong checksum, a damaged file.
    Corrupt,
    /// The files were written by a newer version of this program.
    TooNew,
    /// Another process works on the same files.
    InUse,
    /// The request contradicts what is stored, for example a snapshot beyond the last frame.
    Refused,
    /// This program met a defect of its own.
    Defect,
    /// The store has been shut down.
    Stopped,
}

impl Fault {
    /// A stable word for logs, metrics and `/readyz`.
    pub fn code(self) -> &'static str {
        match self {
            Fault::DiskFull => "disk_full",
            Fault::Io => "io",
            Fault::Corrupt => "corrupt",
            Fault::TooNew => "too_new",
            Fault::InUse => "in_use",
            Fault::Refused => "refused",
            Fault::Defect => "defect",
            Fault::Stopped => "stopped",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::DiskFull => "the disk is full",
            Fault::Io => "the disk failed",
            Fault::Corrupt => "the stored files are damaged",
            Fault::TooNew => "the stored files are from a newer version",
            Fault::InUse => "the data folder is in use",
            Fault::Refused => "the store refused the request",
            Fault::Defect => "the program met a defect",
            Fault::Stopped => "the store is shut down",
        })
    }
}

/// A failure of a store. Cheap to clone, because one failed commit is many callers' failure.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{fault}: {source}")]
pub struct StoreError {
    fault: Fault,
    source: Arc<dyn Error + Send + Sync>,
}

impl StoreError {
    /// A failure of kind `fault`, keeping its cause.
    pub fn new(fault: Fault, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            fault,
            source: Arc::from(cause.into()),
        }
    }

    /// The kind of failure.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// The kind's stable word.
    pub fn code(&self) -> &'static str {
        self.fault.code()
    }
}
