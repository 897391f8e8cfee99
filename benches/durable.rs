//! Acknowledged durable messages per second, against SQLite alone in the same run, and how long an
//! acknowledgement takes at an offered load. `cargo bench -p webchat-benches --bench durable`.
//!
//! The contestants take turns, so a busy machine slows all of them; ratios are of medians.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement may fail, and prints

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use hdrhistogram::Histogram;
use rusqlite::{Connection, params};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use webchat_benches::centre::{Centre, TENANT, of_visitor};
use webchat_core::command::{Command, VisitorAsk};
use webchat_core::effect::Receipt;
use webchat_core::id::{ChatId, VisitorKey};
use webchat_runtime::{Journal, ReadModel, SystemClock, TenantHandle};

/// Messages sent and not yet acknowledged.
const OUTSTANDING: u64 = 256;
/// Live chats that take turns.
const CHATS: u64 = 2_048;
/// Rows the baseline commits together.
const ROWS: usize = 100;
const ROUNDS: usize = 7;
const TURN: Duration = Duration::from_secs(2);
/// Until the log has its full length once, each commit also makes it longer, which costs more.
const WARM_UP: Duration = Duration::from_millis(1_500);
/// Messages offered per second.
const LOADS: [u64; 7] = [1_000, 5_000, 10_000, 25_000, 50_000, 75_000, 100_000];

fn main() {
    let runtime = Runtime::new().unwrap();
    let only = std::env::var("ONLY").unwrap_or_default();
    let size = runtime.block_on(stored_size());
    println!("A message takes {size} bytes of the journal; the baseline's rows have as many.\n");
    if only != "load" {
        compare(&runtime, size);
    }
    if only != "ratio" {
        offer(&runtime);
    }
}

/// The baselines and webchat in turn.
fn compare(runtime: &Runtime, size: usize) {
    let mut rounds = Rounds::default();
    println!(
        "round   100 rows, /s   webchat, /s   ratio   one row p50, ms   p99   100 rows p99   ack p50   ack p99   ack max   copying max"
    );
    for round in 1..=ROUNDS {
        let (commits, raw) = raw(size, ROWS);
        let (single, _) = raw_single(size);
        let webchat = runtime.block_on(closed_loop());
        let p50 = |times: &Histogram<u64>| millis(times.value_at_quantile(0.5));
        let p99 = |times: &Histogram<u64>| millis(times.value_at_quantile(0.99));
        println!(
            "{round:>5} {raw:>14.0} {:>13.0} {:>7.2} {:>17.2} {:>5.2} {:>14.2} {:>9.2} {:>9.2} {:>9.2} {:>13.2}   {} messages a commit, read model {} commits behind",
            webchat.rate,
            webchat.rate / raw,
            p50(&single),
            p99(&single),
            p99(&commits),
            p50(&webchat.acks),
            p99(&webchat.acks),
            millis(webchat.acks.max()),
            millis(webchat.copying.max()),
            webchat.group,
            webchat.behind,
        );
        rounds.raw.push(raw);
        rounds.webchat.push(webchat.rate);
        rounds.single.push(p50(&single));
        rounds.single_p99.push(p99(&single));
        rounds.raw_p99.push(p99(&commits));
        rounds.p99.push(p99(&webchat.acks));
    }
    let (raw, webchat) = (median(rounds.raw), median(rounds.webchat));
    let single = median(rounds.single);
    println!(
        "\nmedians: {webchat:.0} of {raw:.0} messages/s = {:.2}",
        webchat / raw
    );
    println!("times the p50 of a one-row commit, {single:.2} ms:");
    for (whose, p99) in [
        ("acknowledgement", rounds.p99),
        ("commit of 100 rows, SQLite alone", rounds.raw_p99),
        ("commit of one row, SQLite alone", rounds.single_p99),
    ] {
        let p99 = median(p99);
        println!("{whose} p99: {p99:.2} ms = {:.1} ×", p99 / single);
    }
    println!();
}

#[derive(Default)]
struct Rounds {
    raw: Vec<f64>,
    webchat: Vec<f64>,
    single: Vec<f64>,
    single_p99: Vec<f64>,
    raw_p99: Vec<f64>,
    p99: Vec<f64>,
}

/// What one turn of webchat gave.
struct Turn {
    /// Acknowledged per second.
    rate: f64,
    /// Microseconds to each acknowledgement.
    acks: Histogram<u64>,
    /// Of those, the ones that came while the log was being copied into the database.
    copying: Histogram<u64>,
    /// Messages per commit.
    group: u64,
    /// Frames the read model had not seen at the end of the turn.
    behind: u64,
}

/// Rows per second of a plain loop, and microseconds per commit.
fn raw(size: usize, rows: usize) -> (Histogram<u64>, f64) {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join("raw.db")).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             CREATE TABLE messages (id INTEGER PRIMARY KEY, payload BLOB NOT NULL);",
        )
        .unwrap();
    let payload = vec![b'x'; size];
    let mut commits = histogram();
    let mut written = 0;
    let begun = Instant::now();
    while begun.elapsed() < TURN {
        let commit = Instant::now();
        connection
            .prepare_cached("BEGIN IMMEDIATE")
            .unwrap()
            .execute([])
            .unwrap();
        let mut insert = connection
            .prepare_cached("INSERT INTO messages (payload) VALUES (?1)")
            .unwrap();
        for _ in 0..rows {
            insert.execute(params![payload]).unwrap();
        }
        connection
            .prepare_cached("COMMIT")
            .unwrap()
            .execute([])
            .unwrap();
        commits.record(micros(commit.elapsed())).unwrap();
        written += rows;
    }
    (commits, written as f64 / begun.elapsed().as_secs_f64())
}

fn raw_single(size: usize) -> (Histogram<u64>, f64) {
    raw(size, 1)
}

/// As many messages as possible with a bounded number on their way.
async fn closed_loop() -> Turn {
    let folder = tempfile::tempdir().unwrap();
    let (centre, chats) = busy(folder.path()).await;
    clients(&centre, &chats, WARM_UP, 1).await;
    let copies = Copies::watch(folder.path());
    let before = centre.store.head(TENANT).await.unwrap().seq;
    let (begun, all) = clients(&centre, &chats, TURN, 2).await;
    let took = begun.elapsed();
    let head = centre.store.head(TENANT).await.unwrap().seq;
    let applied = centre.store.checkpoint(TENANT).await.unwrap();
    let mut turn = copies.sort(begun, &all);
    centre.stop().await;
    turn.rate = all.len() as f64 / took.as_secs_f64();
    turn.group = all.len() as u64 / (head - before).max(1);
    turn.behind = head - applied;
    turn
}

/// Each client sends its next message when the one before is acknowledged. Returns when they began,
/// and when each acknowledgement came and how long it took.
async fn clients(
    centre: &Centre,
    chats: &[(VisitorKey, ChatId)],
    length: Duration,
    turn: u64,
) -> (Instant, Vec<(Duration, Duration)>) {
    let begun = Instant::now();
    let clients: Vec<_> = (0..OUTSTANDING)
        .map(|client| {
            let handle = centre.handle.clone();
            let chats: Vec<_> = chats
                .iter()
                .skip(client as usize)
                .step_by(OUTSTANDING as usize)
                .copied()
                .collect();
            tokio::spawn(async move {
                let mut acks = Vec::with_capacity(4_096);
                let mut number = 0;
                while begun.elapsed() < length {
                    let (visitor, chat) = chats[number % chats.len()];
                    number += 1;
                    let sent = Instant::now();
                    write(&handle, visitor, chat, turn << 32 | number as u64).await;
                    let now = Instant::now();
                    acks.push((now - begun, now - sent));
                }
                acks
            })
        })
        .collect();
    let mut all = Vec::new();
    for client in clients {
        all.append(&mut client.await.unwrap());
    }
    (begun, all)
}

/// Latency at offered loads: messages come when they are due, whether or not earlier ones are
/// answered, and each one's time counts from when it was due.
fn offer(runtime: &Runtime) {
    println!(
        "offered/s   acknowledged/s       p50       p90       p99     p99.9       max   copying max   ms"
    );
    for load in LOADS {
        let turn = runtime.block_on(open_loop(load));
        let at = |quantile| millis(turn.acks.value_at_quantile(quantile));
        println!(
            "{load:>9} {:>16.0} {:>9.2} {:>9.2} {:>9.2} {:>9.2} {:>9.2} {:>13.2}",
            turn.rate,
            at(0.5),
            at(0.9),
            at(0.99),
            at(0.999),
            millis(turn.acks.max()),
            millis(turn.copying.max()),
        );
    }
}

async fn open_loop(load: u64) -> Turn {
    let folder = tempfile::tempdir().unwrap();
    let (centre, chats) = busy(folder.path()).await;
    clients(&centre, &chats, WARM_UP, 1 << 16).await;
    let copies = Copies::watch(folder.path());
    let (answered, mut answers) = mpsc::unbounded_channel();
    let length = TURN * 2;
    let handle = centre.handle.clone();
    let begun = Instant::now();
    let tasks = tokio::runtime::Handle::current();
    let sender = std::thread::spawn(move || {
        let mut sent = 0_u64;
        while begun.elapsed() < length {
            let due_count = (begun.elapsed().as_secs_f64() * load as f64) as u64;
            while sent < due_count {
                let due = begun + Duration::from_secs_f64(sent as f64 / load as f64);
                let (visitor, chat) = chats[(sent % CHATS) as usize];
                let (handle, answered) = (handle.clone(), answered.clone());
                let number = sent;
                tasks.spawn(async move {
                    write(&handle, visitor, chat, number).await;
                    let now = Instant::now();
                    let _ = answered.send((now - begun, now - due));
                });
                sent += 1;
            }
            std::thread::sleep(Duration::from_micros(50));
        }
    });
    let mut all = Vec::new();
    while let Some(answer) = answers.recv().await {
        all.push(answer);
    }
    sender.join().unwrap();
    let took = begun.elapsed();
    let mut turn = copies.sort(begun, &all);
    centre.stop().await;
    turn.rate = all.len() as f64 / took.as_secs_f64();
    turn
}

/// A contact centre with chats under way.
async fn busy(folder: &Path) -> (Centre, Vec<(VisitorKey, ChatId)>) {
    let centre = Centre::start(folder, Arc::new(SystemClock::new())).await;
    centre.staff(CHATS as u32 / 4, 4).await;
    let chats = centre.admit(0..CHATS.into()).await;
    centre.handle.caught_up().await.unwrap();
    (centre, chats)
}

async fn write(handle: &TenantHandle, visitor: VisitorKey, chat: ChatId, number: u64) {
    let receipt = handle.submit(message(visitor, chat, number)).await;
    let receipt = receipt.unwrap().unwrap();
    assert!(matches!(receipt, Receipt::Message { .. }), "{receipt:?}");
}

/// A sentence of 100 bytes, under a key such as the window makes.
fn message(visitor: VisitorKey, chat: ChatId, number: u64) -> Command {
    let ask = VisitorAsk::Write {
        key: format!("{number:022}").into(),
        text: "The parcel was to come on Tuesday, and the page says it is at your depot. When will it come to me?".into(),
    };
    of_visitor(visitor, chat, ask)
}

/// Bytes of journal per message when they are written in groups.
async fn stored_size() -> usize {
    let folder = tempfile::tempdir().unwrap();
    let (centre, chats) = busy(folder.path()).await;
    let before = centre.store.head(TENANT).await.unwrap().seq;
    let writers: Vec<_> = chats
        .into_iter()
        .map(|(visitor, chat)| {
            let handle = centre.handle.clone();
            tokio::spawn(async move { write(&handle, visitor, chat, 1).await })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let frames = centre.store.read(TENANT, before, 10_000).await.unwrap();
    let bytes: usize = frames.iter().map(|frame| frame.payload.len()).sum();
    centre.stop().await;
    bytes / CHATS as usize
}

/// Notices when the log is copied into the database: only then does the database file change.
struct Copies {
    stop: Arc<AtomicBool>,
    seen: std::thread::JoinHandle<Vec<Instant>>,
}

impl Copies {
    fn watch(folder: &Path) -> Self {
        let file: PathBuf = folder.join("journal.db");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let seen = std::thread::spawn(move || {
            let changed = || {
                let file = std::fs::metadata(&file).unwrap();
                (
                    file.len(),
                    file.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                )
            };
            let mut seen = Vec::new();
            let mut last = changed();
            while !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(2));
                let now = changed();
                if now != last {
                    last = now;
                    seen.push(Instant::now());
                }
            }
            seen
        });
        Self { stop, seen }
    }

    /// Sorts acknowledgements by whether the log was being copied within 10 ms of them.
    fn sort(self, begun: Instant, all: &[(Duration, Duration)]) -> Turn {
        self.stop.store(true, Ordering::Relaxed);
        let seen = self.seen.join().unwrap();
        let near = Duration::from_millis(10);
        let (mut acks, mut copying) = (histogram(), histogram());
        for (at, took) in all {
            acks.record(micros(*took)).unwrap();
            let at = begun + *at;
            let next = seen.partition_point(|seen| *seen + near < at);
            if seen.get(next).is_some_and(|seen| *seen <= at + near) {
                copying.record(micros(*took)).unwrap();
            }
        }
        Turn {
            rate: 0.0,
            acks,
            copying,
            group: 0,
            behind: 0,
        }
    }
}

fn histogram() -> Histogram<u64> {
    Histogram::new(3).unwrap()
}

fn micros(took: Duration) -> u64 {
    took.as_micros().max(1) as u64
}

fn millis(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
