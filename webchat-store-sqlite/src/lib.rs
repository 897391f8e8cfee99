//! The default store of webchat: journal, read model and accounts on SQLite.
//!
//! A data folder holds two databases. `journal.db` holds what cannot be rebuilt: frames, claims,
//! accounts, sessions, secrets; every commit of it is synced before anybody hears of it. `read.db`
//! holds what can be rebuilt from the journal: transcripts, reports, search, snapshots.
//!
//! ```
//! use webchat_store_sqlite::SqliteStore;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let (data, backup) = (folder.path().join("data"), folder.path().join("backup"));
//! let store = SqliteStore::open(&data)?; // one process at a time
//! SqliteStore::copy(&data, &backup)?; // while it is in use
//! drop(store);
//! assert!(SqliteStore::verify(&backup)?.is_sound());
//! # Ok(())
//! # }
//! ```

mod accounts;
mod audit;
mod backup;
mod checkpoint;
mod connection;
mod erasure;
mod failure;
mod filter;
mod history;
mod hosts;
mod journal;
mod lock;
mod projection;
mod read_model;
mod readers;
mod schema;
mod statistics;
mod store;
mod tallies;
mod verify;
mod work;
mod writer;

pub use store::SqliteStore;
pub use verify::Report;
