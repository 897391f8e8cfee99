//! Where the bytes of sent files are: one flat folder, nothing in it reachable by a path from outside,
//! each file whole and on disk before anybody hears of it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;
use webchat_core::id::ChatId;

use super::kind::{self, Looks};
use crate::limits;

/// Until a file is whole and on disk, its name ends so.
const PART: &str = ".part";

/// A folder of sent files. Only one server may work on it.
#[derive(Debug)]
pub struct FileFolder {
    path: PathBuf,
    quota: u64,
    used: AtomicU64,
    /// KiB of files that may be in memory, on their way out.
    memory: Arc<Semaphore>,
    sweep: Sweep,
}

/// When files to which no message refers are removed: those whose upload came to nothing, and those of
/// messages that were erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// How often the folder is looked over, besides at the start; not zero.
    pub every: Duration,
    /// Files younger than this are left alone: their message may be under way.
    pub age: Duration,
}

impl Default for Sweep {
    /// [`limits::SWEEP_TIME`] and [`limits::ORPHAN_AGE`].
    fn default() -> Self {
        Self {
            every: limits::SWEEP_TIME,
            age: limits::ORPHAN_AGE,
        }
    }
}

/// A stored file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) chat: ChatId,
    pub(super) id: String,
}

impl FileFolder {
    /// Opens a folder, making it if it is missing, for at most `quota` bytes. Files whose upload a crash
    /// cut off are removed.
    ///
    /// # Errors
    /// If the folder cannot be made or read.
    pub fn open(path: impl Into<PathBuf>, quota: u64) -> io::Result<Arc<Self>> {
        Self::open_swept(path, quota, Sweep::default())
    }

    /// The same, swept at other times.
    ///
    /// # Errors
    /// If the folder cannot be made or read.
    pub fn open_swept(path: impl Into<PathBuf>, quota: u64, sweep: Sweep) -> io::Result<Arc<Self>> {
        let path = path.into();
        fs::create_dir_all(&path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
        }
        let mut used = 0;
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            match entry.file_name().to_string_lossy().ends_with(PART) {
                true => fs::remove_file(entry.path())?,
                false => used += entry.metadata()?.len(),
            }
        }
        Ok(Arc::new(Self {
            path,
            quota,
            used: AtomicU64::new(used),
            memory: Arc::new(Semaphore::new(limits::FILE_MEMORY_KIB)),
            sweep,
        }))
    }

    /// When it is swept.
    pub(crate) fn sweep(&self) -> Sweep {
        self.sweep
    }

    /// A place for `bytes` more; `None` when the folder is full.
    fn reserve(self: &Arc<Self>, bytes: u64) -> Option<Space> {
        let fits = |used: u64| used.checked_add(bytes).filter(|used| *used <= self.quota);
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits)
            .ok()?;
        let folder = self.clone();
        Some(Space { folder, bytes })
    }

    fn place(&self, chat: ChatId, id: &str) -> Option<PathBuf> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let fits = !id.is_empty() && id.len() <= 64 && id.bytes().all(plain);
        fits.then(|| self.path.join(format!("{chat}.{id}")))
    }

    /// The bytes of a file; `None` if there is no such file. Waits while too many are on their way out.
    pub(super) async fn read(&self, chat: ChatId, id: &str) -> io::Result<Option<Bytes>> {
        let Some(place) = self.place(chat, id) else {
            return Ok(None);
        };
        let bytes = match tokio::fs::metadata(&place).await {
            Ok(found) => found.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let kib = u32::try_from(bytes / 1_024 + 1).unwrap_or(u32::MAX);
        let memory = self.memory.clone().acquire_many_owned(kib).await;
        let memory = memory.map_err(io::Error::other)?;
        let content = tokio::fs::read(&place).await?;
        /// Gives its share of memory back when the last of it is sent.
        struct Held(
            Vec<u8>,
            #[allow(dead_code)] tokio::sync::OwnedSemaphorePermit,
        );
        impl AsRef<[u8]> for Held {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
        Ok(Some(Bytes::from_owner(Held(content, memory))))
    }

    /// Forgets a file; one that is not there is forgotten already.
    pub(super) fn remove(&self, stored: &Stored) -> io::Result<()> {
        let Some(place) = self.place(stored.chat, &stored.id) else {
            return Ok(());
        };
        let bytes = match fs::metadata(&place) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        fs::remove_file(&place)?;
        self.used.fetch_sub(bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Files of at least this age, which a message refers to by now if one ever will.
    pub(super) fn settled(&self, age: Duration) -> io::Result<Vec<Stored>> {
        let now = SystemTime::now();
        let mut settled = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some((chat, id)) = name.split_once('.').filter(|_| !name.ends_with(PART)) else {
                continue;
            };
            let Ok(chat) = chat.parse() else { continue };
            let since = now.duration_since(entry.metadata()?.modified()?);
            if since.is_ok_and(|since| since >= age) {
                let id = id.to_owned();
                settled.push(Stored { chat, id });
            }
        }
        settled.sort_by_key(|stored| stored.chat);
        Ok(settled)
    }
}

/// Bytes kept free for a file that is coming in; given back unless the file stays.
#[derive(Debug)]
struct Space {
    folder: Arc<FileFolder>,
    bytes: u64,
}

impl Drop for Space {
    fn drop(&mut self) {
        self.folder.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Why a file did not get into the folder.
#[derive(Debug)]
pub(super) enum Unkept {
    /// The folder has reached its quota, or the disk is full.
    Full,
    /// It is longer than announced.
    TooLong,
    /// The disk failed.
    Disk(io::Error),
}

impl From<io::Error> for Unkept {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Disk(error),
        }
    }
}

/// A file that is coming in. Dropped before its end, nothing of it stays.
#[derive(Debug)]
pub(super) struct Incoming {
    space: Space,
    stored: Stored,
    part: Part,
    file: tokio::fs::File,
    digest: Sha256,
    looks: Looks,
    bytes: u64,
}

/// The unfinished file, removed when dropped.
#[derive(Debug)]
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // What cannot be removed now goes when the folder is opened next.
        let _ = fs::remove_file(&self.0);
    }
}

/// What came in, whole and on disk.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) stored: Stored,
    pub(super) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(super) digest: String,
}

impl Incoming {
    /// Makes room for a file of `bytes` bytes.
    pub(super) async fn begin(
        folder: &Arc<FileFolder>,
        chat: ChatId,
        bytes: u64,
    ) -> Result<Self, Unkept> {
        let space = folder.reserve(bytes).ok_or(Unkept::Full)?;
        let mut secret = [0; 16];
        getrandom::fill(&mut secret).map_err(io::Error::other)?;
        let id = URL_SAFE_NO_PAD.encode(secret);
        let part = Part(folder.path.join(format!("{chat}.{id}{PART}")));
        let mut options = tokio::fs::OpenOptions::new();
        let file = options.write(true).create_new(true).open(&part.0).await?;
        Ok(Self {
            space,
            stored: Stored { chat, id },
            part,
            file,
            digest: Sha256::new(),
            looks: Looks::default(),
            bytes: 0,
        })
    }

    /// Takes the next piece.
    pub(super) async fn take(&mut self, piece: &[u8]) -> Result<(), Unkept> {
        self.bytes += piece.len() as u64;
        if self.bytes > self.space.bytes {
            return Err(Unkept::TooLong);
        }
        self.digest.update(piece);
        self.looks.take(piece);
        Ok(self.file.write_all(piece).await?)
    }

    /// What it holds, by its bytes so far; `None` for what is not recognised.
    pub(super) fn look(&self) -> Option<kind::Found> {
        self.looks.found()
    }

    /// Brings the file to disk, bytes and name.
    pub(super) async fn keep(mut self) -> Result<Kept, Unkept> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let folder = self.space.folder.clone();
        let place = folder.place(self.stored.chat, &self.stored.id);
        let place = place.ok_or_else(|| io::Error::other("a file's id has a strange character"))?;
        tokio::fs::rename(&self.part.0, &place).await?;
        sync_folder(&folder.path).await?;
        // The part is gone, and its space stays taken by what it became.
        let Self {
            mut space,
            stored,
            digest,
            bytes,
            ..
        } = self;
        space.bytes -= bytes;
        let digest = digest.finalize();
        let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Kept {
            stored,
            bytes,
            digest,
        })
    }
}

async fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    tokio::fs::File::open(path).await?.sync_all().await?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat() -> ChatId {
        "3-1".parse().unwrap()
    }

    async fn incoming(folder: &Arc<FileFolder>, bytes: &[u8]) -> Result<Kept, Unkept> {
        let mut incoming = Incoming::begin(folder, chat(), bytes.len() as u64).await?;
        incoming.take(bytes).await?;
        incoming.keep().await
    }

    fn names(path: &Path) -> Vec<String> {
        let entries = fs::read_dir(path).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[tokio::test]
    async fn a_file_is_there_when_it_is_whole_and_nothing_of_it_before() {
        let place = tempfile::tempdir().unwrap();
        let folder = FileFolder::open(place.path(), 100).unwrap();
        let mut cut_off = Incoming::begin(&folder, chat(), 50).await.unwrap();
        cut_off.take(b"half").await.unwrap();
        assert!(names(place.path())[0].ends_with(PART));
        drop(cut_off);
        assert!(names(place.path()).is_empty());
        assert_eq!(folder.used.load(Ordering::Relaxed), 0);

        let kept = incoming(&folder, b"all of it").await.unwrap();
        let read = folder.read(chat(), &kept.stored.id).await.unwrap();
        assert_eq!(read.as_deref(), Some(&b"all of it"[..]));
        assert_eq!(folder.used.load(Ordering::Relaxed), 9);
        let other: ChatId = "4-1".parse().unwrap();
        assert_eq!(folder.read(other, &kept.stored.id).await.unwrap(), None);
        for id in ["", "..", "../3-1", "a/b", "%2e"] {
            assert_eq!(folder.read(chat(), id).await.unwrap(), None, "{id}");
        }
    }

    #[tokio::test]
    async fn the_quota_holds_and_a_removed_file_gives_its_bytes_back() {
        let place = tempfile::tempdir().unwrap();
        let folder = FileFolder::open(place.path(), 20).unwrap();
        let kept = incoming(&folder, &[7; 15]).await.unwrap();
        let full = incoming(&folder, &[7; 6]).await;
        assert!(matches!(full, Err(Unkept::Full)), "{full:?}");
        let mut longer = Incoming::begin(&folder, chat(), 3).await.unwrap();
        let longer = longer.take(b"four").await;
        assert!(matches!(longer, Err(Unkept::TooLong)), "{longer:?}");
        // What is used is counted again at the next start, and what was cut off is gone.
        fs::write(place.path().join("3-1.x.part"), b"cut").unwrap();
        let folder = FileFolder::open(place.path(), 20).unwrap();
        assert_eq!(names(place.path()).len(), 1);
        assert!(incoming(&folder, &[7; 6]).await.is_err());
        folder.remove(&kept.stored).unwrap();
        folder.remove(&kept.stored).unwrap();
        assert!(incoming(&folder, &[7; 6]).await.is_ok());
    }

    #[tokio::test]
    async fn only_files_that_have_been_there_for_a_while_are_settled() {
        let place = tempfile::tempdir().unwrap();
        let folder = FileFolder::open(place.path(), 1_000).unwrap();
        let kept = incoming(&folder, b"x").await.unwrap();
        let hour = Duration::from_secs(3_600);
        assert_eq!(folder.settled(hour).unwrap(), []);
        let path = folder.place(chat(), &kept.stored.id).unwrap();
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - 2 * hour).unwrap();
        assert_eq!(folder.settled(hour).unwrap(), [kept.stored]);
    }
}
