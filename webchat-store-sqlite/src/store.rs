//! The store: a data folder, locked, with its two databases open.

use std::fs::{self, File};
use std::path::Path;

use webchat_runtime::{Fault, StoreError};

use crate::checkpoint::Checkpointer;
use crate::connection::{self, Sync};
use crate::failure;
use crate::lock::FolderLock;
use crate::readers::Readers;
use crate::schema;
use crate::writer::Writer;

/// Journal, accounts and read model in one data folder.
///
/// Dropping it finishes what is queued, copies the logs into the databases and frees the folder.
pub struct SqliteStore {
    // Fields drop in this order: the lock goes last.
    pub(crate) journal: Database,
    pub(crate) read: Database,
    _lock: FolderLock,
}

/// One database file: a writer and readers.
pub(crate) struct Database {
    pub(crate) readers: Readers,
    pub(crate) writer: Writer,
}

impl SqliteStore {
    /// Opens the data folder, making it and its databases if they are missing.
    ///
    /// # Errors
    /// [`Fault::InUse`](webchat_runtime::Fault::InUse) if another process has it,
    /// [`Fault::TooNew`](webchat_runtime::Fault::TooNew) if a newer version wrote it,
    /// or if the files cannot be opened.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        let folder = folder.as_ref();
        connection::assert_safe_version()?;
        make_folder(folder)?;
        let lock = FolderLock::take(folder)?;
        let known = folder.join("journal.db").is_file();
        let journal = Database::open(folder, "journal.db", Sync::Full, schema::JOURNAL)?;
        Ok(Self {
            journal,
            read: open_read(folder, known)?,
            _lock: lock,
        })
    }
}

impl Database {
    fn open(folder: &Path, name: &str, sync: Sync, steps: &[&str]) -> Result<Self, StoreError> {
        let path = folder.join(name);
        let mut connection = connection::open(&path, sync)?;
        schema::migrate(&mut connection, name, steps)?;
        let writer = Writer::start(&format!("webchat-{name}"), connection, |orders| {
            Checkpointer::start(&path, sync, orders)
        })?;
        Ok(Self {
            readers: Readers::new(path),
            writer,
        })
    }
}

/// Opens what can be projected again. If it is damaged or missing it is begun anew, and projected
/// from the journal as soon as the tenant runs.
fn open_read(folder: &Path, known: bool) -> Result<Database, StoreError> {
    let path = folder.join("read.db");
    let open = || Database::open(folder, "read.db", Sync::Normal, schema::READ);
    if !path.is_file() {
        if known {
            tracing::warn!("read.db is missing; making it again from the journal");
        }
        return open();
    }
    let opened = connection::assert_whole(&path).and_then(|()| open());
    match opened {
        Err(error) if error.fault() == Fault::Corrupt => {
            tracing::warn!(%error, "read.db is damaged; making it again from the journal");
        }
        opened => return opened,
    }
    for name in ["read.db", "read.db-wal", "read.db-shm"] {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failure::file(&format!("removing {name}"), &error));
            }
            _ => {}
        }
    }
    open()
}

/// Makes a folder only this user can look into, and makes its name durable.
pub(crate) fn make_folder(folder: &Path) -> Result<(), StoreError> {
    if folder.is_dir() {
        return Ok(());
    }
    let doing = format!("making {}", folder.display());
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| failure::file(&doing, &error))?;
    #[cfg(unix)]
    if let Some(parent) = folder.canonicalize().ok().as_deref().and_then(Path::parent) {
        File::open(parent)
            .and_then(|parent| parent.sync_all())
            .map_err(|error| failure::file(&doing, &error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use rusqlite::Connection;
    use webchat_runtime::accounts::Accounts;
    use webchat_runtime::hosts::Hosts;
    use webchat_runtime::testing::contract;
    use webchat_runtime::{Head, Journal, ReadModel, Snapshot, TenantId, Verdict};

    use super::*;

    const TENANT: TenantId = TenantId(1);

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    async fn append(store: &SqliteStore, epoch: u64, seq: u64, bytes: usize) -> Verdict {
        let mut frame = contract::frame(TENANT, epoch, seq);
        frame.payload = Bytes::from(vec![b'x'; bytes]);
        store.append(vec![frame]).await.remove(0)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn sqlite_keeps_the_contracts_of_its_ports() {
        let folders = folder();
        let count = std::sync::atomic::AtomicU32::new(0);
        let fresh = || {
            let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let folder = folders.path().join(number.to_string());
            Arc::new(SqliteStore::open(folder).unwrap())
        };
        contract::journal(async || fresh() as Arc<dyn Journal>).await;
        contract::accounts(async || fresh() as Arc<dyn Accounts>).await;
        contract::hosts(async || fresh() as Arc<dyn Hosts>).await;
        contract::read_model(async || fresh() as Arc<dyn ReadModel>).await;
    }

    #[tokio::test]
    async fn each_commit_of_the_journal_is_synced_and_checkpoints_run_elsewhere() {
        let folder = folder();
        let store = SqliteStore::open(folder.path()).unwrap();
        let pragmas = async |writer: &Writer| {
            let read = writer.write(|connection| {
                let integer = |name| {
                    let sql = format!("PRAGMA {name}");
                    connection.query_row(&sql, [], |row| row.get::<_, i64>(0))
                };
                let sql = "PRAGMA journal_mode";
                let mode: String = connection.query_row(sql, [], |row| row.get(0))?;
                Ok((
                    mode,
                    integer("synchronous")?,
                    integer("wal_autocheckpoint")?,
                    integer("foreign_keys")?,
                ))
            });
            read.await.unwrap()
        };
        assert_eq!(
            pragmas(&store.journal.writer).await,
            ("wal".into(), 2, 0, 1)
        );
        assert_eq!(pragmas(&store.read.writer).await, ("wal".into(), 1, 0, 1));
    }

    #[tokio::test]
    async fn what_was_written_is_there_after_opening_again() {
        let folder = folder();
        let store = SqliteStore::open(folder.path()).unwrap();
        let epoch = store.claim(TENANT).await.unwrap().epoch;
        assert!(matches!(
            append(&store, epoch, 1, 10).await,
            Verdict::Durable
        ));
        let secret = store.secret("visitor").await.unwrap();
        let snapshot = Snapshot {
            tenant: TENANT,
            seq: 1,
            codec: 1,
            payload: Bytes::from_static(b"state"),
        };
        store.save_snapshot(snapshot.clone()).await.unwrap();
        let frames = store.read(TENANT, 0, 10).await.unwrap();
        drop(store);

        let store = SqliteStore::open(folder.path()).unwrap();
        assert_eq!(store.head(TENANT).await.unwrap(), Head { seq: 1, epoch });
        assert_eq!(store.read(TENANT, 0, 10).await.unwrap(), frames);
        assert_eq!(store.latest_snapshot(TENANT).await.unwrap(), Some(snapshot));
        assert_eq!(store.secret("visitor").await.unwrap(), secret);
        assert_eq!(store.claim(TENANT).await.unwrap().epoch, epoch + 1);
    }

    #[test]
    fn a_second_opening_is_refused_and_says_who_has_the_folder() {
        let folder = folder();
        let store = SqliteStore::open(folder.path()).unwrap();
        let refused = SqliteStore::open(folder.path()).err().unwrap();
        assert_eq!(refused.fault(), Fault::InUse);
        let message = refused.to_string();
        let process = format!("(process {})", std::process::id());
        assert!(message.contains(&process), "{message}");
        drop(store);
        SqliteStore::open(folder.path()).unwrap();
    }

    #[test]
    fn files_of_a_newer_version_are_refused_and_left_alone() {
        let folder = folder();
        drop(SqliteStore::open(folder.path()).unwrap());
        let raw = Connection::open(folder.path().join("journal.db")).unwrap();
        raw.execute_batch("PRAGMA user_version = 99").unwrap();
        drop(raw);
        let refused = SqliteStore::open(folder.path()).err().unwrap();
        assert_eq!(refused.fault(), Fault::TooNew);
        assert!(refused.to_string().contains("journal.db has schema 99"));
    }

    #[tokio::test]
    async fn damage_is_found_when_read() {
        let folder = folder();
        let store = SqliteStore::open(folder.path()).unwrap();
        let epoch = store.claim(TENANT).await.unwrap().epoch;
        for seq in 1..=4 {
            assert!(matches!(
                append(&store, epoch, seq, 10).await,
                Verdict::Durable
            ));
        }
        let snapshot = Snapshot {
            tenant: TENANT,
            seq: 4,
            codec: 1,
            payload: Bytes::from_static(b"state"),
        };
        store.save_snapshot(snapshot).await.unwrap();
        drop(store);
        let raw = Connection::open(folder.path().join("journal.db")).unwrap();
        raw.execute_batch(
            "UPDATE frames SET payload = X'00' WHERE seq = 2;
             DELETE FROM frames WHERE seq = 3;",
        )
        .unwrap();
        let raw = Connection::open(folder.path().join("read.db")).unwrap();
        raw.execute_batch("UPDATE snapshots SET payload = X'00'")
            .unwrap();
        drop(raw);

        let store = SqliteStore::open(folder.path()).unwrap();
        assert_eq!(store.read(TENANT, 0, 1).await.unwrap().len(), 1);
        let damaged = store.read(TENANT, 0, 10).await.unwrap_err();
        assert_eq!(damaged.fault(), Fault::Corrupt);
        assert!(damaged.to_string().contains("frame 2 of tenant 1"));
        let missing = store.read(TENANT, 2, 10).await.unwrap_err();
        assert!(missing.to_string().contains("frame 3 of tenant 1"));
        assert_eq!(store.latest_snapshot(TENANT).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_damaged_or_missing_read_model_is_begun_anew_and_the_journal_stays() {
        let folder = folder();
        let path = folder.path().join("read.db");
        let store = SqliteStore::open(folder.path()).unwrap();
        let epoch = store.claim(TENANT).await.unwrap().epoch;
        assert!(matches!(
            append(&store, epoch, 1, 10).await,
            Verdict::Durable
        ));
        let events = |seq| webchat_runtime::read_model::FrameEvents {
            seq,
            events: Vec::new(),
        };
        ReadModel::apply(&store, TENANT, vec![events(1)])
            .await
            .unwrap();
        drop(store);

        let whole = fs::read(&path).unwrap();
        let store = SqliteStore::open(folder.path()).unwrap();
        assert_eq!(store.checkpoint(TENANT).await.unwrap(), 1);
        drop(store);
        let mut torn = whole.clone();
        torn[5_000..20_000].fill(0xa5);
        for damage in [
            Some(b"no database at all, but long enough".repeat(9)),
            Some(torn),
            None,
        ] {
            match damage {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            let store = SqliteStore::open(folder.path()).unwrap();
            assert_eq!(store.checkpoint(TENANT).await.unwrap(), 0);
            assert_eq!(store.read(TENANT, 0, 10).await.unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn a_full_disk_refuses_the_commit_and_heals_when_there_is_space() {
        let folder = folder();
        let store = SqliteStore::open(folder.path()).unwrap();
        let epoch = store.claim(TENANT).await.unwrap().epoch;
        let limit = async |pages: u32| {
            let set = store.journal.writer.write(move |connection| {
                let sql = format!("PRAGMA max_page_count = {pages}");
                connection.query_row(&sql, [], |row| row.get::<_, i64>(0))
            });
            set.await.unwrap()
        };
        limit(40).await;
        let full = append(&store, epoch, 1, 1_000_000).await;
        assert!(
            matches!(&full, Verdict::NotWritten(error) if error.fault() == Fault::DiskFull),
            "{full:?}"
        );
        limit(1_000_000).await;
        assert_eq!(store.head(TENANT).await.unwrap(), Head { seq: 0, epoch });
        assert!(matches!(
            append(&store, epoch, 1, 1_000_000).await,
            Verdict::Durable
        ));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_log_stays_bounded_while_writing_goes_on() {
        let folder = folder();
        let store = SqliteStore::open(folder.path()).unwrap();
        let epoch = store.claim(TENANT).await.unwrap().epoch;
        // How far the log gets before it is copied depends on how busy the machine is; that it is
        // begun anew, so that a frame no longer makes it longer, does not.
        let mut longest = 0;
        for seq in 1..=1_000 {
            let verdict = append(&store, epoch, seq, 1 << 20).await;
            assert!(matches!(verdict, Verdict::Durable), "{verdict:?}");
            let log = fs::metadata(folder.path().join("journal.db-wal")).unwrap();
            if log.len() <= longest {
                return;
            }
            longest = log.len();
        }
        panic!("the log was never begun anew and has {longest} bytes");
    }
}
