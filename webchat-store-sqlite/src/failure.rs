//! Translates SQLite's errors into the kinds of failure the ports speak of.

use std::io;

use rusqlite::ErrorCode;
use webchat_runtime::{Fault, StoreError};

/// Why a write did not become durable.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// Nothing was written.
    NotWritten(StoreError),
    /// The commit itself failed, so only reading again tells.
    Unknown(StoreError),
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotWritten(error) | Failure::Unknown(error) => error,
        }
    }
}

/// The failure of a SQLite call.
pub(crate) fn sqlite(error: rusqlite::Error) -> StoreError {
    let fault = match &error {
        rusqlite::Error::SqliteFailure(cause, _) => match cause.code {
            ErrorCode::DiskFull => Fault::DiskFull,
            // The shared-memory index could not grow: the same lack of space, met elsewhere.
            _ if cause.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => Fault::DiskFull,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Fault::Corrupt,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Fault::InUse,
            _ => Fault::Io,
        },
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => Fault::Corrupt,
        _ => Fault::Io,
    };
    StoreError::new(fault, error)
}

/// The failure of a file operation, saying on what.
pub(crate) fn file(doing: &str, error: &io::Error) -> StoreError {
    let fault = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Fault::DiskFull,
        _ => Fault::Io,
    };
    StoreError::new(fault, format!("{doing}: {error}"))
}

/// What is stored contradicts itself.
pub(crate) fn corrupt(what: impl Into<String>) -> StoreError {
    StoreError::new(Fault::Corrupt, what.into())
}

/// The store has been shut down.
pub(crate) fn stopped() -> StoreError {
    StoreError::new(Fault::Stopped, "its writer has ended")
}
