//! The slices of the read model against the core's own fold over the same events, in random histories.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::collections::BTreeMap;

use rusqlite::Connection;
use webchat_core::event::Recorded;
use webchat_core::id::CampaignId;
use webchat_core::metrics::{Counters, Fold, Interval, Policy};
use webchat_core::time::Timestamp;
use webchat_runtime::read_model::{FrameEvents, SLICE_SECONDS, Slice};
use webchat_runtime::{ReadModel, TenantId};
use webchat_sim::generator::Generator;
use webchat_sim::world::World;
use webchat_store_sqlite::SqliteStore;

const TENANT: TenantId = TenantId(1);

fn history(seed: u64) -> Vec<Recorded> {
    let mut generator = Generator::from_seed(seed);
    let mut world = World::new(false);
    for _ in 0..150 {
        let step = generator.step(world.picture(), world.wake());
        world.step(&world.named(step)).unwrap();
    }
    world.journal().to_vec()
}

fn frames(events: &[Recorded]) -> Vec<FrameEvents> {
    (1..)
        .zip(events.chunks(7))
        .map(|(seq, events)| FrameEvents {
            seq,
            events: events.to_vec(),
        })
        .collect()
}

/// All slices together, per campaign, with the time answers took.
fn sums(slices: &[Slice]) -> BTreeMap<CampaignId, (Counters, u64)> {
    let mut sums: BTreeMap<CampaignId, (Counters, u64)> = BTreeMap::new();
    for slice in slices {
        let (sum, millis) = sums.entry(slice.campaign).or_default();
        sum.add(&slice.counters);
        *millis += slice.answer_millis;
    }
    sums
}

/// What the fold says of the time from `from` on; campaigns without any count are left out.
fn folded(events: &[Recorded], from: Timestamp) -> BTreeMap<CampaignId, (Counters, u64)> {
    let interval = Interval {
        from,
        ..Interval::ALWAYS
    };
    let mut fold = Fold::new(interval, Policy::default());
    for recorded in events {
        fold.add(recorded);
    }
    fold.campaigns()
        .map(|(campaign, measures)| {
            let counters = Counters {
                waiting: 0,
                ..measures.counters.clone()
            };
            (campaign, (counters, measures.times.answer.millis))
        })
        .filter(|(_, (counters, _))| *counters != Counters::default())
        .collect()
}

#[tokio::test]
async fn the_slices_add_up_to_what_the_fold_over_the_journal_counts() {
    let mut counted = Counters::default();
    for seed in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path()).unwrap();
        let events = history(seed);
        store.apply(TENANT, frames(&events)).await.unwrap();

        let always = store.slices(TENANT, Timestamp::MIN).await.unwrap();
        let whole = folded(&events, Timestamp::MIN);
        assert_eq!(sums(&always), whole, "seed {seed}");
        let middle = events[events.len() / 2].at.as_millis();
        let length = SLICE_SECONDS * 1_000;
        let middle = Timestamp::from_millis(middle.div_euclid(length) * length);
        let later = store.slices(TENANT, middle).await.unwrap();
        assert_eq!(sums(&later), folded(&events, middle), "seed {seed}");

        store.reset(TENANT).await.unwrap();
        assert_eq!(store.slices(TENANT, Timestamp::MIN).await.unwrap(), []);
        for (counters, _) in whole.values() {
            counted.add(counters);
        }
    }
    // Every way a first wait can end was met.
    for (what, count) in [
        ("answered in time", counted.answered_in_time),
        ("abandoned", counted.abandoned),
        ("abandoned in time", counted.abandoned_in_time),
        ("short abandoned", counted.short_abandoned),
        ("timed out", counted.timed_out),
        ("closed", counted.closed),
    ] {
        assert!(count > 0, "{what} never happened");
    }
    assert_eq!(counted.refused.len(), 4, "{:?}", counted.refused);
}

#[tokio::test]
async fn a_read_model_of_the_version_before_is_projected_again_into_the_new_tables() {
    let folder = tempfile::tempdir().unwrap();
    let events = history(1);
    {
        let store = SqliteStore::open(folder.path()).unwrap();
        store.apply(TENANT, frames(&events)).await.unwrap();
    }
    let raw = Connection::open(folder.path().join("read.db")).unwrap();
    raw.execute_batch(
        "DROP TABLE calls; DROP TABLE evaluations; DROP TABLE mails; DROP TABLE burials; DROP TABLE erasures; DROP INDEX chats_by_end;
         ALTER TABLE chats DROP COLUMN closed_at; ALTER TABLE chats DROP COLUMN erased_at;
         ALTER TABLE chats DROP COLUMN first_frame; ALTER TABLE chats DROP COLUMN last_frame;
         DROP TABLE limits; DROP TABLE slices; DROP TABLE acts; DROP TABLE revisions; DROP TABLE tallies; DROP TABLE desks; DROP TABLE spans;
         DROP INDEX chats_waiting; DROP INDEX chats_by_request; DROP INDEX chats_by_reason; DROP INDEX chats_by_score; ALTER TABLE chats DROP COLUMN owner; ALTER TABLE chats DROP COLUMN owned_since;
         ALTER TABLE chats DROP COLUMN served_since; ALTER TABLE chats DROP COLUMN responded;
         ALTER TABLE chats DROP COLUMN queued_at; ALTER TABLE chats DROP COLUMN disconnected_at;
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(raw);
    let store = SqliteStore::open(folder.path()).unwrap();
    assert_eq!(store.checkpoint(TENANT).await.unwrap(), 0);
    store.apply(TENANT, frames(&events)).await.unwrap();
    let slices = store.slices(TENANT, Timestamp::MIN).await.unwrap();
    assert_eq!(sums(&slices), folded(&events, Timestamp::MIN));
}
