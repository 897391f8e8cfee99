//! Every write and sync of a scripted run fails in turn, once and for good, for want of space, or
//! kills the process. Whatever happens, what was acknowledged is there afterwards, once and in order.
//!
//! Needs `strace`, so it runs only when asked for: `cargo test -p webchat-store-sqlite --test faults
//! -- --ignored`. `FAULT_STEP=1` covers every position, the default every 25th.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use webchat_core::event::Event;
use webchat_core::schedule::Zones;
use webchat_core::{Engine, wire};
use webchat_runtime::read_model::FrameEvents;
use webchat_runtime::{Journal, ReadModel, TenantId};
use webchat_store_sqlite::SqliteStore;

mod run;

const TENANT: TenantId = TenantId(1);
const MESSAGES: u32 = 20;
const CALLS: [&str; 4] = ["pwrite64", "fsync", "fdatasync", "ftruncate"];

/// What happens at the n-th call, and from then on.
const FAULTS: [&str; 5] = [
    "error=EIO:when=N",
    "error=EIO:when=N+",
    "error=ENOSPC:when=N",
    "error=ENOSPC:when=N+",
    "signal=KILL:when=N",
];

/// The folder of a run; without it there is nothing to do.
const FOLDER: &str = "FAULT_FOLDER";

/// The traced process: this very program, asked for this test alone.
#[test]
fn scripted_run() -> Result<(), Box<dyn std::error::Error>> {
    std::env::var(FOLDER).map_or(Ok(()), |folder| run::run(&folder, MESSAGES))
}

#[test]
#[ignore = "needs strace and takes minutes"]
fn nothing_acknowledged_is_lost_whichever_call_fails() {
    let step: usize = std::env::var("FAULT_STEP").map_or(25, |step| step.parse().unwrap());
    let mut cases = Vec::new();
    for call in CALLS {
        for n in (1..=longest(call)).step_by(step) {
            for fault in FAULTS {
                cases.push((call, fault.replace("when=N", &format!("when={n}"))));
            }
        }
    }
    assert!(!cases.is_empty(), "the run makes no such call");
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((call, fault)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let folder = tempfile::tempdir().unwrap();
                    let case = format!("{call}:{fault}");
                    let inject = format!("inject={case}");
                    let output = traced(
                        folder.path(),
                        &["-e", &format!("trace={call}"), "-e", &inject],
                    );
                    check(&case, folder.path(), &output);
                }
            });
        }
    });
}

/// The most calls of this kind any one thread makes when nothing fails; faults count per thread.
fn longest(call: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("calls");
    let options = ["-e", &format!("trace={call}"), "-o", log.to_str().unwrap()];
    let output = traced(&folder.path().join("run"), &options);
    assert!(output.status.success(), "{output:?}");
    let mut threads: BTreeMap<String, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(log).unwrap().lines() {
        if line.contains(call) && !line.contains("resumed>") {
            let thread = line.split_whitespace().next().unwrap();
            *threads.entry(thread.into()).or_default() += 1;
        }
    }
    threads.into_values().max().unwrap_or(0)
}

fn traced(folder: &Path, options: &[&str]) -> Output {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "--seccomp-bpf"]).args(options);
    if !options.contains(&"-o") {
        strace.args(["-o", "/dev/null"]);
    }
    strace
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "scripted_run", "--nocapture"])
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .output()
        .expect("strace is installed")
}

fn check(case: &str, folder: &Path, output: &Output) {
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let killed = output.status.signal().is_some() || output.status.code() == Some(128 + 9);
    let done = told.lines().any(|line| line == "done");
    assert!(
        done || killed || errors.contains("Error: "),
        "{case}: neither done nor a clear error: {output:?}"
    );
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(folder).unwrap_or_else(|error| panic!("{case}: {error}"));
        let store = Arc::new(store);
        check_journal(case, &store, &told).await;
    });
}

async fn check_journal(case: &str, store: &SqliteStore, told: &str) {
    let head = store.claim(TENANT).await.unwrap();
    let frames = store.read(TENANT, 0, usize::MAX).await.unwrap();
    assert_eq!(frames.len() as u64, head.seq, "{case}");
    let mut engine = Engine::new(Zones::bundled());
    let mut written = Vec::new();
    let mut all = Vec::new();
    for frame in &frames {
        let events = wire::decode(&frame.payload).unwrap();
        engine.replay(&events);
        for recorded in &events {
            if let Event::MessagePosted { chat, message } = &recorded.event {
                written.push((*chat, message.clone()));
            }
        }
        all.push(FrameEvents {
            seq: frame.seq,
            events,
        });
    }
    // One chat, so numbers are 1, 2, 3 … and keys appear once.
    assert!(
        written
            .iter()
            .map(|(_, message)| message.number)
            .eq(1..=written.len() as u32),
        "{case}"
    );
    let keys: Vec<_> = written
        .iter()
        .filter_map(|(_, message)| message.key.clone())
        .collect();
    assert_eq!(
        keys.iter().collect::<BTreeSet<_>>().len(),
        keys.len(),
        "{case}"
    );
    for line in told.lines().filter(|line| line.starts_with("acked ")) {
        let [_, chat, key, number] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{case}: {line}");
        };
        let found = written.iter().any(|(in_chat, message)| {
            in_chat.to_string() == chat
                && message.number.to_string() == number
                && message.key.as_deref() == Some(key)
        });
        assert!(found, "{case}: lost {line}");
    }
    // A snapshot, if one was kept, is of this journal.
    if let Some(snapshot) = store.latest_snapshot(TENANT).await.unwrap() {
        let mut restored = Engine::restore(&snapshot.payload, Zones::bundled()).unwrap();
        for frame in &all[usize::try_from(snapshot.seq).unwrap()..] {
            restored.replay(&frame.events);
        }
        assert_eq!(restored.digest(), engine.digest(), "{case}");
    }
    // The read model is behind at most, and agrees once it has caught up.
    let behind = store.checkpoint(TENANT).await.unwrap();
    if behind > head.seq {
        store.reset(TENANT).await.unwrap();
    }
    store.apply(TENANT, all).await.unwrap();
    if let Some((chat, _)) = written.first() {
        let messages = store.messages(TENANT, *chat, 0, usize::MAX).await.unwrap();
        assert!(
            messages
                .iter()
                .eq(written.iter().map(|(_, message)| message)),
            "{case}"
        );
    }
}
