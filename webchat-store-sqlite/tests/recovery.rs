//! A start reads the snapshot and the frames after it, not the whole journal.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use webchat_core::command::{AgentProfile, Command, HostCommand};
use webchat_core::effect::Effect;
use webchat_core::schedule::Zones;
use webchat_runtime::{
    EffectSink, Frame, Head, Journal, Options, Ports, Snapshot, StoreError, SystemClock,
    TenantHandle, TenantId, Verdict,
};
use webchat_store_sqlite::SqliteStore;

const TENANT: TenantId = TenantId(1);

/// Nobody listens.
struct Quiet;

impl EffectSink for Quiet {
    fn deliver(&self, effects: &mut Vec<Effect>) {
        effects.clear();
    }

    fn connections_lost(&self) {}
}

/// A journal that remembers which frames were read.
struct Watched {
    journal: Arc<SqliteStore>,
    read: Mutex<Vec<u64>>,
}

#[async_trait]
impl Journal for Watched {
    async fn claim(&self, tenant: TenantId) -> Result<Head, StoreError> {
        self.journal.claim(tenant).await
    }

    async fn append(&self, frames: Vec<Frame>) -> Vec<Verdict> {
        self.journal.append(frames).await
    }

    async fn head(&self, tenant: TenantId) -> Result<Head, StoreError> {
        Journal::head(&*self.journal, tenant).await
    }

    async fn read(
        &self,
        tenant: TenantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Frame>, StoreError> {
        let frames = self.journal.read(tenant, after, limit).await?;
        let numbers = frames.iter().map(|frame| frame.seq);
        self.read.lock().unwrap().extend(numbers);
        Ok(frames)
    }

    async fn save_snapshot(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        self.journal.save_snapshot(snapshot).await
    }

    async fn latest_snapshot(&self, tenant: TenantId) -> Result<Option<Snapshot>, StoreError> {
        self.journal.latest_snapshot(tenant).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_a_snapshot_reads_only_the_frames_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
    let watched = Arc::new(Watched {
        journal: store.clone(),
        read: Mutex::default(),
    });
    let options = Options {
        snapshot_events: 20,
        ..Options::default()
    };
    let start = async || {
        let ports = Ports {
            journal: watched.clone(),
            read_model: store.clone(),
            clock: Arc::new(SystemClock::new()),
            effects: Arc::new(Quiet),
        };
        let started = TenantHandle::start(TENANT, Zones::bundled, ports, options.clone());
        started.await.unwrap()
    };

    let (tenant, task) = start().await;
    let hire = async |number: u32| {
        let profile = AgentProfile {
            name: number.to_string().into(),
            voice: false,
        };
        let command = Command::Host(HostCommand::CreateAgent(profile));
        tenant.submit(command).await.unwrap().unwrap();
    };
    let mut number = 0;
    // Until there is a snapshot that is not the first, and frames after it.
    let kept = loop {
        number += 1;
        hire(number).await;
        let kept = store.latest_snapshot(TENANT).await.unwrap();
        match kept {
            Some(kept) if kept.seq > 40 => break kept.seq,
            _ => assert!(number < 100_000, "no snapshot is ever kept"),
        }
    };
    hire(number + 1).await;
    tenant.caught_up().await.unwrap();
    // Stopped dead: no last snapshot.
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let kept = store
        .latest_snapshot(TENANT)
        .await
        .unwrap()
        .unwrap()
        .seq
        .max(kept);
    let head = Journal::head(&*store, TENANT).await.unwrap().seq;

    watched.read.lock().unwrap().clear();
    let (tenant, _task) = start().await;
    let read = watched.read.lock().unwrap().clone();
    assert!(read.iter().all(|seq| *seq >= kept), "{read:?} after {kept}");
    let tail: Vec<u64> = read.into_iter().filter(|seq| *seq > kept).collect();
    assert!(tail.iter().copied().eq(kept + 1..=head), "{tail:?}");
    let agents = tenant.query(|engine, _| engine.view().agents().count());
    assert_eq!(agents.await.unwrap(), number as usize + 1);
    tenant.shutdown().await;
}
