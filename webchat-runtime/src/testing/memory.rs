//! A journal in memory that fails on request, in each of the ways a disk can.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;

use crate::fault::{Fault, StoreError};
use crate::journal::{Frame, Head, Journal, Snapshot, TenantId, Verdict};

/// What goes wrong with one append.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mishap {
    /// Nothing is written and the caller is told so, with this kind of failure.
    NotWritten(Fault),
    /// Nothing is written and the caller cannot know.
    Lost,
    /// Everything is written and the caller cannot know.
    Kept,
    /// The first frames are written, the others not, and the caller cannot know.
    Torn(usize),
}

/// A journal in memory. It outlives the drivers that use it, as a disk outlives processes.
#[derive(Debug)]
pub struct MemoryJournal {
    tenants: Mutex<BTreeMap<TenantId, Tenant>>,
    mishaps: Mutex<VecDeque<Mishap>>,
    gate: watch::Sender<Gate>,
}

#[derive(Debug, Default)]
struct Tenant {
    epoch: u64,
    frames: Vec<Frame>,
    snapshot: Option<Snapshot>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Gate {
    shut: bool,
    /// Appends that have arrived at the gate since the start.
    arrived: u64,
}

impl MemoryJournal {
    /// An empty journal on which nothing fails.
    pub fn new() -> Self {
        Self {
            tenants: Mutex::default(),
            mishaps: Mutex::default(),
            gate: watch::Sender::new(Gate::default()),
        }
    }

    /// Makes the next append go wrong. Several calls line up: one append each, in order.
    pub fn fail_next(&self, mishap: Mishap) {
        lock(&self.mishaps).push_back(mishap);
    }

    /// From now on appends wait, unwritten, until [`release`](Self::release).
    pub fn hold(&self) {
        self.gate.send_modify(|gate| gate.shut = true);
    }

    /// Lets waiting and later appends through.
    pub fn release(&self) {
        self.gate.send_modify(|gate| gate.shut = false);
    }

    /// Waits until `count` appends have arrived since the start, whether written or held.
    pub async fn arrived(&self, count: u64) {
        // Waiting fails only if the sender is gone, and `self` holds it.
        let _ = self
            .gate
            .subscribe()
            .wait_for(|gate| gate.arrived >= count)
            .await;
    }

    /// All frames of a tenant, in order.
    pub fn frames(&self, tenant: TenantId) -> Vec<Frame> {
        lock(&self.tenants)
            .get(&tenant)
            .map(|tenant| tenant.frames.clone())
            .unwrap_or_default()
    }

    /// Forgets a tenant's snapshot, so that the next start replays everything.
    pub fn drop_snapshot(&self, tenant: TenantId) {
        if let Some(tenant) = lock(&self.tenants).get_mut(&tenant) {
            tenant.snapshot = None;
        }
    }
}

impl Default for MemoryJournal {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn claim(&self, tenant: TenantId) -> Result<Head, StoreError> {
        let mut tenants = lock(&self.tenants);
        let tenant = tenants.entry(tenant).or_default();
        tenant.epoch += 1;
        Ok(tenant.head())
    }

    async fn append(&self, frames: Vec<Frame>) -> Vec<Verdict> {
        self.gate.send_modify(|gate| gate.arrived += 1);
        // Waiting fails only if the sender is gone, and `self` holds it.
        let _ = self.gate.subscribe().wait_for(|gate| !gate.shut).await;
        let mishap = lock(&self.mishaps).pop_front();
        let unknown = || Verdict::Unknown(scripted(Fault::Io));
        match mishap {
            None => frames.into_iter().map(|frame| self.write(frame)).collect(),
            Some(Mishap::NotWritten(fault)) => frames
                .iter()
                .map(|_| Verdict::NotWritten(scripted(fault)))
                .collect(),
            Some(Mishap::Lost) => frames.iter().map(|_| unknown()).collect(),
            Some(Mishap::Kept) => self.write_some(frames, usize::MAX, unknown),
            Some(Mishap::Torn(kept)) => self.write_some(frames, kept, unknown),
        }
    }

    async fn head(&self, tenant: TenantId) -> Result<Head, StoreError> {
        let tenants = lock(&self.tenants);
        Ok(tenants.get(&tenant).map(Tenant::head).unwrap_or_default())
    }

    async fn read(
        &self,
        tenant: TenantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Frame>, StoreError> {
        let tenants = lock(&self.tenants);
        let frames = tenants
            .get(&tenant)
            .map_or(&[][..], |tenant| &tenant.frames);
        let skipped = usize::try_from(after).unwrap_or(usize::MAX);
        Ok(frames.iter().skip(skipped).take(limit).cloned().collect())
    }

    async fn save_snapshot(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        let mut tenants = lock(&self.tenants);
        let tenant = tenants.entry(snapshot.tenant).or_default();
        let head = tenant.head().seq;
        if snapshot.seq > head {
            let cause = format!("snapshot is of frame {}, the last is {head}", snapshot.seq);
            return Err(StoreError::new(Fault::Refused, cause));
        }
        let newer = |kept: &Snapshot| snapshot.seq >= kept.seq;
        if tenant.snapshot.as_ref().is_none_or(newer) {
            tenant.snapshot = Some(snapshot);
        }
        Ok(())
    }

    async fn latest_snapshot(&self, tenant: TenantId) -> Result<Option<Snapshot>, StoreError> {
        let tenants = lock(&self.tenants);
        Ok(tenants
            .get(&tenant)
            .and_then(|tenant| tenant.snapshot.clone()))
    }
}

impl MemoryJournal {
    fn write(&self, frame: Frame) -> Verdict {
        let mut tenants = lock(&self.tenants);
        let tenant = tenants.entry(frame.tenant).or_default();
        let head = tenant.head();
        if frame.epoch != head.epoch || frame.seq != head.seq + 1 {
            return Verdict::Fenced(head);
        }
        tenant.frames.push(frame);
        Verdict::Durable
    }

    fn write_some(
        &self,
        frames: Vec<Frame>,
        kept: usize,
        verdict: impl Fn() -> Verdict,
    ) -> Vec<Verdict> {
        let verdicts = frames.iter().map(|_| verdict()).collect();
        for frame in frames.into_iter().take(kept) {
            let _ = self.write(frame);
        }
        verdicts
    }
}

impl Tenant {
    fn head(&self) -> Head {
        Head {
            seq: self.frames.len() as u64,
            epoch: self.epoch,
        }
    }
}

fn scripted(fault: Fault) -> StoreError {
    StoreError::new(fault, "scripted by the test")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code that holds a lock here can panic half way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::testing::contract;

    #[tokio::test]
    async fn memory_keeps_the_journal_contract() {
        contract::journal(async || Arc::new(MemoryJournal::new()) as Arc<dyn Journal>).await;
    }

    #[tokio::test]
    async fn a_torn_append_keeps_the_first_frames_and_tells_nobody() {
        let journal = MemoryJournal::new();
        let tenant = TenantId(1);
        let epoch = journal.claim(tenant).await.unwrap().epoch;
        journal.fail_next(Mishap::Torn(1));
        let frames = vec![
            contract::frame(tenant, epoch, 1),
            contract::frame(tenant, epoch, 2),
        ];
        let verdicts = journal.append(frames).await;
        assert!(matches!(
            verdicts[..],
            [Verdict::Unknown(_), Verdict::Unknown(_)]
        ));
        assert_eq!(journal.head(tenant).await.unwrap(), Head { seq: 1, epoch });
    }
}
