//! The contract of [`Journal`].

use std::sync::Arc;

use bytes::Bytes;
use webchat_core::time::Timestamp;

use crate::fault::Fault;
use crate::journal::{Frame, Head, Journal, Snapshot, TenantId, Verdict};

const TENANT: TenantId = TenantId(1);
const OTHER: TenantId = TenantId(2);

/// Checks that journals made by `fresh`, each empty, keep the contract of [`Journal`].
///
/// # Panics
/// Where the journal breaks the contract.
pub async fn journal(fresh: impl AsyncFn() -> Arc<dyn Journal>) {
    nothing_is_there_at_first(&*fresh().await).await;
    frames_come_back_as_they_were(&*fresh().await).await;
    only_the_next_frame_is_written(&*fresh().await).await;
    a_claim_fences_older_ones(&*fresh().await).await;
    tenants_do_not_meet(&*fresh().await).await;
    one_append_carries_several_tenants(&*fresh().await).await;
    reading_is_bounded_and_resumes(&*fresh().await).await;
    of_two_racing_writers_one_writes_each_place(fresh().await).await;
    snapshots_replace_older_ones(&*fresh().await).await;
}

/// A frame of `tenant` whose payload differs with its place and epoch.
pub fn frame(tenant: TenantId, epoch: u64, seq: u64) -> Frame {
    Frame {
        tenant,
        seq,
        epoch,
        at: Timestamp::from_millis(1_700_000_000_000 + seq as i64),
        codec: 1,
        payload: Bytes::from(format!("tenant {tenant} epoch {epoch} frame {seq} \0 ñ")),
    }
}

async fn claim(journal: &dyn Journal, tenant: TenantId) -> Head {
    journal.claim(tenant).await.expect("a claim succeeds")
}

async fn head(journal: &dyn Journal, tenant: TenantId) -> Head {
    journal.head(tenant).await.expect("the head can be read")
}

async fn read(journal: &dyn Journal, tenant: TenantId, after: u64, limit: usize) -> Vec<Frame> {
    let frames = journal.read(tenant, after, limit).await;
    frames.expect("frames can be read")
}

async fn append_one(journal: &dyn Journal, frame: Frame) -> Verdict {
    let mut verdicts = journal.append(vec![frame]).await;
    assert_eq!(verdicts.len(), 1, "one verdict per frame");
    verdicts.remove(0)
}

#[track_caller]
fn durable(verdict: &Verdict) {
    assert!(matches!(verdict, Verdict::Durable), "{verdict:?}");
}

#[track_caller]
fn fenced(verdict: &Verdict, head: Head) {
    assert!(
        matches!(verdict, Verdict::Fenced(at) if *at == head),
        "expected fenced at {head:?}, got {verdict:?}"
    );
}

async fn nothing_is_there_at_first(journal: &dyn Journal) {
    assert_eq!(head(journal, TENANT).await, Head { seq: 0, epoch: 0 });
    assert_eq!(read(journal, TENANT, 0, 10).await, []);
    let snapshot = journal.latest_snapshot(TENANT).await;
    assert_eq!(snapshot.expect("snapshots can be read"), None);
    assert!(journal.append(Vec::new()).await.is_empty());
    fenced(
        &append_one(journal, frame(TENANT, 1, 1)).await,
        Head { seq: 0, epoch: 0 },
    );
}

async fn frames_come_back_as_they_were(journal: &dyn Journal) {
    let epoch = claim(journal, TENANT).await.epoch;
    let mut written = Vec::new();
    for seq in 1..=3 {
        written.push(frame(TENANT, epoch, seq));
    }
    written[1].payload = Bytes::new();
    written[1].codec = u16::MAX;
    written[1].at = Timestamp::MIN;
    written[2].payload = Bytes::from(vec![0xff; 300_000]);
    for frame in &written {
        durable(&append_one(journal, frame.clone()).await);
    }
    assert_eq!(head(journal, TENANT).await, Head { seq: 3, epoch });
    assert_eq!(read(journal, TENANT, 0, 10).await, written);
}

async fn only_the_next_frame_is_written(journal: &dyn Journal) {
    let epoch = claim(journal, TENANT).await.epoch;
    let at = |seq| Head { seq, epoch };
    for seq in [0, 2, 7, u64::MAX] {
        fenced(&append_one(journal, frame(TENANT, epoch, seq)).await, at(0));
    }
    durable(&append_one(journal, frame(TENANT, epoch, 1)).await);
    for seq in [0, 1, 3] {
        fenced(&append_one(journal, frame(TENANT, epoch, seq)).await, at(1));
    }
    let gap = [2, 4, 3].map(|seq| frame(TENANT, epoch, seq));
    let verdicts = journal.append(gap.into()).await;
    assert_eq!(verdicts.len(), 3);
    durable(&verdicts[0]);
    fenced(&verdicts[1], at(2));
    durable(&verdicts[2]);
    assert_eq!(head(journal, TENANT).await, at(3));
}

async fn a_claim_fences_older_ones(journal: &dyn Journal) {
    let first = claim(journal, TENANT).await;
    durable(&append_one(journal, frame(TENANT, first.epoch, 1)).await);
    let second = claim(journal, TENANT).await;
    assert!(second.epoch > first.epoch, "{second:?} after {first:?}");
    assert_eq!(second.seq, 1);
    assert_eq!(head(journal, TENANT).await, second);
    fenced(
        &append_one(journal, frame(TENANT, first.epoch, 2)).await,
        second,
    );
    fenced(
        &append_one(journal, frame(TENANT, second.epoch + 1, 2)).await,
        second,
    );
    durable(&append_one(journal, frame(TENANT, second.epoch, 2)).await);
    let third = claim(journal, TENANT).await;
    assert!(third.epoch > second.epoch);
    assert_eq!(third.seq, 2);
}

async fn tenants_do_not_meet(journal: &dyn Journal) {
    let one = claim(journal, TENANT).await.epoch;
    durable(&append_one(journal, frame(TENANT, one, 1)).await);
    assert_eq!(head(journal, OTHER).await, Head::default());
    let other = claim(journal, OTHER).await.epoch;
    durable(&append_one(journal, frame(OTHER, other, 1)).await);
    claim(journal, OTHER).await;
    durable(&append_one(journal, frame(TENANT, one, 2)).await);
    assert_eq!(
        read(journal, OTHER, 0, 10).await,
        [frame(OTHER, other, 1)],
        "only its own frames"
    );
}

async fn one_append_carries_several_tenants(journal: &dyn Journal) {
    let one = claim(journal, TENANT).await.epoch;
    let other = claim(journal, OTHER).await.epoch;
    let verdicts = journal
        .append(vec![
            frame(TENANT, one, 1),
            frame(OTHER, other + 1, 1),
            frame(TENANT, one, 2),
            frame(OTHER, other, 1),
        ])
        .await;
    assert_eq!(verdicts.len(), 4);
    durable(&verdicts[0]);
    fenced(
        &verdicts[1],
        Head {
            seq: 0,
            epoch: other,
        },
    );
    durable(&verdicts[2]);
    durable(&verdicts[3]);
}

async fn reading_is_bounded_and_resumes(journal: &dyn Journal) {
    let epoch = claim(journal, TENANT).await.epoch;
    for seq in 1..=10 {
        durable(&append_one(journal, frame(TENANT, epoch, seq)).await);
    }
    assert_eq!(read(journal, TENANT, 0, 0).await, []);
    assert_eq!(read(journal, TENANT, 10, 5).await, []);
    assert_eq!(read(journal, TENANT, u64::MAX, 5).await, []);
    let mut seen = Vec::new();
    loop {
        let after = seen.len() as u64;
        let page = read(journal, TENANT, after, 3).await;
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|frame| frame.seq));
    }
    assert_eq!(seen, (1..=10).collect::<Vec<_>>());
}

async fn of_two_racing_writers_one_writes_each_place(journal: Arc<dyn Journal>) {
    let epoch = claim(&*journal, TENANT).await.epoch;
    for seq in 1..=20 {
        let writers = [7_u8, 9].map(|mark| {
            let journal = Arc::clone(&journal);
            let mut frame = frame(TENANT, epoch, seq);
            frame.payload = Bytes::from(vec![mark; 8]);
            tokio::spawn(async move { append_one(&*journal, frame).await })
        });
        let mut written = 0;
        for writer in writers {
            match writer.await.expect("the writer runs to its end") {
                Verdict::Durable => written += 1,
                verdict => fenced(&verdict, Head { seq, epoch }),
            }
        }
        assert_eq!(written, 1, "place {seq} is written once");
    }
}

async fn snapshots_replace_older_ones(journal: &dyn Journal) {
    let epoch = claim(journal, TENANT).await.epoch;
    for seq in 1..=3 {
        durable(&append_one(journal, frame(TENANT, epoch, seq)).await);
    }
    let snapshot = |seq: u64| Snapshot {
        tenant: TENANT,
        seq,
        codec: 3,
        payload: Bytes::from(vec![seq as u8; 100_000]),
    };
    let kept = async || {
        let kept = journal.latest_snapshot(TENANT).await;
        kept.expect("snapshots can be read")
    };
    let save = async |seq| journal.save_snapshot(snapshot(seq)).await;

    let beyond = save(4).await.expect_err("a snapshot beyond the last frame");
    assert_eq!(beyond.fault(), Fault::Refused);
    assert_eq!(kept().await, None);
    save(1).await.expect("the first is kept");
    assert_eq!(kept().await, Some(snapshot(1)));
    save(3).await.expect("a newer one is kept");
    save(2).await.expect("an older one is ignored");
    assert_eq!(kept().await, Some(snapshot(3)));
    let other = journal.latest_snapshot(OTHER).await;
    assert_eq!(other.expect("snapshots can be read"), None);
}
