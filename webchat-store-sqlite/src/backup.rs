//! Copies of a data folder: taken while a server works on it, and put back into an empty one.
//!
//! Only `journal.db` is copied; `read.db` is projected from it again at the next start. A copy is a
//! data folder itself.

use std::fs::{self, File};
use std::path::Path;

use webchat_runtime::{Fault, StoreError};

use crate::connection;
use crate::failure;
use crate::store::{SqliteStore, make_folder};

/// Until it is whole and on disk, a copy has this name.
const PART: &str = "journal.db.part";

impl SqliteStore {
    /// Copies the data folder `from` into `to`, which is made if it is missing and must be empty.
    /// A server may be at work on `from`; the copy holds all that was durable when it began.
    ///
    /// # Errors
    /// [`Fault::Refused`] if `to` holds files or `from` no journal, or if reading or writing fails.
    pub fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<(), StoreError> {
        let (from, to) = (from.as_ref(), to.as_ref());
        connection::assert_safe_version()?;
        let journal = from.join("journal.db");
        if !journal.is_file() {
            let cause = format!("{} holds no journal.db", from.display());
            return Err(StoreError::new(Fault::Refused, cause));
        }
        make_folder(to)?;
        let doing = format!("looking into {}", to.display());
        let mut entries = fs::read_dir(to).map_err(|error| failure::file(&doing, &error))?;
        if entries.next().is_some() {
            let cause = format!("{} is not empty; choose an empty folder", to.display());
            return Err(StoreError::new(Fault::Refused, cause));
        }
        let part = to.join(PART);
        let connection = connection::open_reader(&journal)?;
        connection
            .execute("VACUUM INTO ?1", [part.to_string_lossy()])
            .map_err(failure::sqlite)?;
        let doing = format!("keeping the copy in {}", to.display());
        keep(&part, to).map_err(|error| failure::file(&doing, &error))
    }
}

/// Gives the copy its name once all of it is on disk, so that half a copy never looks like one.
fn keep(part: &Path, folder: &Path) -> std::io::Result<()> {
    File::options().write(true).open(part)?.sync_all()?;
    fs::rename(part, folder.join("journal.db"))?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use webchat_runtime::testing::contract;
    use webchat_runtime::{Journal, TenantId, Verdict};

    use super::*;

    const TENANT: TenantId = TenantId(1);

    #[tokio::test]
    async fn a_copy_taken_while_the_store_is_open_holds_all_that_was_durable() {
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (folder.path().join("here"), folder.path().join("there"));
        let store = SqliteStore::open(&here).unwrap();
        let epoch = store.claim(TENANT).await.unwrap().epoch;
        for seq in 1..=20 {
            let frame = contract::frame(TENANT, epoch, seq);
            let verdict = store.append(vec![frame]).await.remove(0);
            assert!(matches!(verdict, Verdict::Durable), "{verdict:?}");
        }
        SqliteStore::copy(&here, &there).unwrap();
        let frames = store.read(TENANT, 0, 100).await.unwrap();
        assert_eq!(frames.len(), 20);

        let copy = SqliteStore::open(&there).unwrap();
        assert_eq!(copy.read(TENANT, 0, 100).await.unwrap(), frames);
        assert_eq!(copy.claim(TENANT).await.unwrap().epoch, epoch + 1);
    }

    #[test]
    fn nothing_is_copied_from_nowhere_or_over_something() {
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (folder.path().join("here"), folder.path().join("there"));
        let refused = SqliteStore::copy(&here, &there).unwrap_err();
        assert_eq!(refused.fault(), Fault::Refused);
        assert!(refused.to_string().contains("holds no journal.db"));
        drop(SqliteStore::open(&here).unwrap());
        drop(SqliteStore::open(&there).unwrap());
        let refused = SqliteStore::copy(&here, &there).unwrap_err();
        assert_eq!(refused.fault(), Fault::Refused);
        assert!(refused.to_string().contains("is not empty"), "{refused}");
    }
}
