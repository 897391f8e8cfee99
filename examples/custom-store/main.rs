//! A store of one's own: a journal that is a plain file for each tenant, a line for each frame, synced before it counts.
//!
//! It passes the contract suite that every journal has to pass. Transcripts are looked up in the SQLite read model, which is made
//! from the journal, whatever that is. Run it with `cargo run -p webchat-examples --example custom-store`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{Command, HostCommand};
use webchat_core::effect::Effect;
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_runtime::{
    EffectSink, Fault, Frame, Head, Journal, Options, Ports, Snapshot, StoreError,
};
use webchat_runtime::{SystemClock, TenantHandle, TenantId, Verdict};
use webchat_store_sqlite::SqliteStore;

/// A journal of plain files. All frames are in memory too, so it is for centres that are small.
#[derive(Clone)]
struct FileJournal(Arc<Mutex<Files>>);

struct Files {
    folder: PathBuf,
    /// Keeps other processes out.
    _lock: File,
    tenants: BTreeMap<TenantId, Tenant>,
    /// After a failed write nobody knows what the file holds, so nothing is written until it is opened again.
    failed: bool,
}

struct Tenant {
    file: File,
    epoch: u64,
    frames: Vec<Frame>,
}

/// A line of a tenant's file.
#[derive(Serialize, Deserialize)]
enum Line {
    Claim(u64),
    Frame {
        epoch: u64,
        at: i64,
        codec: u16,
        payload: String,
    },
}

/// A snapshot's file.
#[derive(Serialize, Deserialize)]
struct Kept {
    seq: u64,
    codec: u16,
    payload: String,
}

impl FileJournal {
    fn open(folder: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(folder).map_err(io_error)?;
        let lock = File::create(folder.join("lock")).map_err(io_error)?;
        lock.try_lock()
            .map_err(|error| StoreError::new(Fault::InUse, error))?;
        let mut tenants = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(io_error)? {
            let path = entry.map_err(io_error)?.path();
            let named = path
                .file_name()
                .and_then(|name| name.to_str()?.strip_suffix(".journal")?.parse().ok());
            if let Some(tenant) = named.map(TenantId) {
                tenants.insert(tenant, Tenant::open(tenant, &path)?);
            }
        }
        let folder = folder.to_owned();
        Ok(Self(Arc::new(Mutex::new(Files {
            folder,
            _lock: lock,
            tenants,
            failed: false,
        }))))
    }

    /// Syncing takes its time, so it happens where it holds up nobody else.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Files) -> T + Send + 'static,
    ) -> T {
        let files = Arc::clone(&self.0);
        let worked = tokio::task::spawn_blocking(move || {
            work(&mut files.lock().unwrap_or_else(PoisonError::into_inner))
        });
        match worked.await {
            Ok(worked) => worked,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
}

impl Tenant {
    /// Reads a file, and cuts off what a crash left half written at its end: nobody was told of it.
    fn open(tenant: TenantId, path: &Path) -> Result<Self, StoreError> {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .map_err(io_error)?;
        let text = fs::read(path).map_err(io_error)?;
        let whole = text
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |last| last + 1);
        let mut read = Self {
            file: file.try_clone().map_err(io_error)?,
            epoch: 0,
            frames: Vec::new(),
        };
        for line in text[..whole]
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            match serde_json::from_slice(line).map_err(corrupt)? {
                Line::Claim(epoch) => read.epoch = epoch,
                Line::Frame {
                    epoch,
                    at,
                    codec,
                    payload,
                } => read.frames.push(Frame {
                    tenant,
                    seq: read.frames.len() as u64 + 1,
                    epoch,
                    at: Timestamp::from_millis(at),
                    codec,
                    payload: STANDARD.decode(payload).map_err(corrupt)?.into(),
                }),
            }
        }
        file.set_len(whole as u64)
            .and_then(|()| file.flush())
            .and_then(|()| file.sync_all())
            .map_err(io_error)?;
        Ok(read)
    }

    fn head(&self) -> Head {
        Head {
            seq: self.frames.len() as u64,
            epoch: self.epoch,
        }
    }

    fn write(&mut self, lines: &[Line]) -> Result<(), StoreError> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line).map_err(corrupt)?;
            text.push(b'\n');
        }
        self.file
            .write_all(&text)
            .and_then(|()| self.file.sync_data())
            .map_err(io_error)
    }
}

impl Files {
    fn tenant(&mut self, tenant: TenantId) -> Result<&mut Tenant, StoreError> {
        if self.failed {
            return Err(StoreError::new(
                Fault::Stopped,
                "an earlier write failed, start again",
            ));
        }
        match self.tenants.entry(tenant) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => {
                let opened = Tenant::open(tenant, &self.folder.join(format!("{tenant}.journal")))?;
                File::open(&self.folder)
                    .and_then(|folder| folder.sync_all())
                    .map_err(io_error)?;
                Ok(place.insert(opened))
            }
        }
    }

    fn claim(&mut self, tenant: TenantId) -> Result<Head, StoreError> {
        let found = self.tenant(tenant)?;
        let epoch = found.epoch + 1;
        let written = found.write(&[Line::Claim(epoch)]);
        if written.is_ok() {
            found.epoch = epoch;
        }
        let head = found.head();
        self.failed |= written.is_err();
        written.map(|()| head)
    }

    /// The frames of each tenant that come next are written with one sync.
    fn append(&mut self, frames: Vec<Frame>) -> Vec<Verdict> {
        let mut verdicts: Vec<Verdict> = Vec::with_capacity(frames.len());
        let mut lines: BTreeMap<TenantId, Vec<Line>> = BTreeMap::new();
        let mut written: BTreeMap<TenantId, Vec<usize>> = BTreeMap::new();
        for frame in frames {
            let tenant = frame.tenant;
            verdicts.push(match self.tenant(tenant) {
                Err(error) => Verdict::NotWritten(error),
                Ok(found) if frame.epoch != found.epoch || frame.seq != found.head().seq + 1 => {
                    Verdict::Fenced(found.head())
                }
                Ok(found) => {
                    let payload = STANDARD.encode(&frame.payload);
                    let (epoch, at, codec) = (frame.epoch, frame.at.as_millis(), frame.codec);
                    lines.entry(tenant).or_default().push(Line::Frame {
                        epoch,
                        at,
                        codec,
                        payload,
                    });
                    written.entry(tenant).or_default().push(verdicts.len());
                    found.frames.push(frame);
                    Verdict::Durable
                }
            });
        }
        for (tenant, lines) in lines {
            if let Err(error) = self.tenant(tenant).and_then(|found| found.write(&lines)) {
                for place in written.remove(&tenant).unwrap_or_default() {
                    verdicts[place] = Verdict::Unknown(error.clone());
                }
                self.failed = true;
            }
        }
        verdicts
    }

    fn save_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let head = self.tenant(snapshot.tenant)?.head().seq;
        if snapshot.seq > head {
            let cause = format!(
                "the snapshot is of frame {}, the last is {head}",
                snapshot.seq
            );
            return Err(StoreError::new(Fault::Refused, cause));
        }
        if self
            .latest_snapshot(snapshot.tenant)?
            .is_some_and(|kept| kept.seq > snapshot.seq)
        {
            return Ok(());
        }
        let kept = Kept {
            seq: snapshot.seq,
            codec: snapshot.codec,
            payload: STANDARD.encode(&snapshot.payload),
        };
        let path = self.snapshot_path(snapshot.tenant);
        let draft = path.with_extension("draft");
        let text = serde_json::to_vec(&kept).map_err(corrupt)?;
        // Written beside and moved over: after a crash there is the old one or the new one.
        File::create(&draft)
            .and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .map_err(io_error)?;
        fs::rename(&draft, &path).map_err(io_error)
    }

    fn latest_snapshot(&self, tenant: TenantId) -> Result<Option<Snapshot>, StoreError> {
        let text = match fs::read(self.snapshot_path(tenant)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error(error)),
        };
        let Kept {
            seq,
            codec,
            payload,
        } = serde_json::from_slice(&text).map_err(corrupt)?;
        let payload = STANDARD.decode(payload).map_err(corrupt)?.into();
        Ok(Some(Snapshot {
            tenant,
            seq,
            codec,
            payload,
        }))
    }

    fn snapshot_path(&self, tenant: TenantId) -> PathBuf {
        self.folder.join(format!("{tenant}.snapshot"))
    }
}

#[async_trait]
impl Journal for FileJournal {
    async fn claim(&self, tenant: TenantId) -> Result<Head, StoreError> {
        self.with(move |files| files.claim(tenant)).await
    }

    async fn append(&self, frames: Vec<Frame>) -> Vec<Verdict> {
        self.with(move |files| files.append(frames)).await
    }

    async fn head(&self, tenant: TenantId) -> Result<Head, StoreError> {
        self.with(move |files| Ok(files.tenant(tenant)?.head()))
            .await
    }

    async fn read(
        &self,
        tenant: TenantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Frame>, StoreError> {
        let skipped = usize::try_from(after).unwrap_or(usize::MAX);
        self.with(move |files| {
            let frames = &files.tenant(tenant)?.frames;
            Ok(frames.iter().skip(skipped).take(limit).cloned().collect())
        })
        .await
    }

    async fn save_snapshot(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        self.with(move |files| files.save_snapshot(&snapshot)).await
    }

    async fn latest_snapshot(&self, tenant: TenantId) -> Result<Option<Snapshot>, StoreError> {
        self.with(move |files| files.latest_snapshot(tenant)).await
    }
}

fn io_error(error: io::Error) -> StoreError {
    let fault = match error.kind() {
        io::ErrorKind::StorageFull => Fault::DiskFull,
        _ => Fault::Io,
    };
    StoreError::new(fault, error)
}

fn corrupt(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::new(Fault::Corrupt, cause)
}

/// Tells nobody.
struct Nobody;

impl EffectSink for Nobody {
    fn deliver(&self, effects: &mut Vec<Effect>) {
        effects.clear();
    }

    fn connections_lost(&self) {}
}

/// Runs a tenant on plain files, adds a campaign, and says the names of all there are.
async fn one_more_campaign(folder: &Path) -> anyhow::Result<Vec<String>> {
    let ports = Ports {
        journal: Arc::new(FileJournal::open(&folder.join("journal"))?),
        read_model: Arc::new(SqliteStore::open(folder.join("transcripts"))?),
        clock: Arc::new(SystemClock::new()),
        effects: Arc::new(Nobody),
    };
    let (tenant, running) =
        TenantHandle::start(TenantId(1), Zones::bundled, ports, Options::default()).await?;
    let known = tenant
        .query(|engine, _| engine.view().campaigns().count())
        .await?;
    let (campaign, _) =
        CampaignDraft::named(&format!("Campaign {}", known + 1)).check(&Zones::bundled())?;
    tenant
        .submit(Command::Host(HostCommand::create_campaign(campaign)))
        .await??;
    let names = tenant.query(|engine, _| {
        engine
            .view()
            .campaigns()
            .map(|campaign| campaign.settings.name.to_string())
            .collect()
    });
    let names = names.await?;
    tenant.shutdown().await;
    running.await?;
    Ok(names)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let names = one_more_campaign(Path::new("custom-store")).await?;
    Ok(writeln!(io::stdout(), "{}", names.join("\n"))?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

    use webchat_runtime::testing::contract;

    use super::*;

    #[tokio::test]
    async fn plain_files_keep_the_journal_contract() {
        let folders = Mutex::new(Vec::new());
        contract::journal(async || {
            let folder = tempfile::tempdir().unwrap();
            let journal = FileJournal::open(folder.path()).unwrap();
            folders.lock().unwrap().push(folder);
            Arc::new(journal) as Arc<dyn Journal>
        })
        .await;
    }

    #[tokio::test]
    async fn a_tenant_on_plain_files_goes_on_after_a_crash_in_the_middle_of_a_line() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            one_more_campaign(folder.path()).await.unwrap(),
            ["Campaign 1"]
        );
        let file = folder.path().join("journal/1.journal");
        let mut torn = OpenOptions::new().append(true).open(&file).unwrap();
        torn.write_all(br#"{"Frame":{"epoch":1,"at":17"#).unwrap();
        assert_eq!(
            one_more_campaign(folder.path()).await.unwrap(),
            ["Campaign 1", "Campaign 2"]
        );
        fs::remove_file(folder.path().join("journal/1.snapshot")).unwrap_or_default();
        assert_eq!(one_more_campaign(folder.path()).await.unwrap().len(), 3);

        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replacen("Frame", "Fr\0me", 1)).unwrap();
        let error = FileJournal::open(&folder.path().join("journal"))
            .err()
            .unwrap();
        assert_eq!(error.fault(), Fault::Corrupt);
    }

    #[tokio::test]
    async fn two_programs_do_not_write_the_same_files() {
        let folder = tempfile::tempdir().unwrap();
        let _first = FileJournal::open(folder.path()).unwrap();
        let second = FileJournal::open(folder.path()).err().unwrap();
        assert_eq!(second.fault(), Fault::InUse);
    }
}
