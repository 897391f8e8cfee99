//! How soon the first message is acknowledged after a start that finds a journal of a million events,
//! with a snapshot and without. `cargo bench -p webchat-benches --bench recovery`.
//!
//! The journal is made by the engine: chats come, are answered, closed and scored. Whoever makes it
//! ends without a word, so what is measured is a start after a crash, by a process of its own.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement may fail, and prints

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use rusqlite::Connection;
use webchat_benches::centre::{CAMPAIGN, Centre, TENANT, of_agent, of_visitor};
use webchat_benches::process::Process;
use webchat_core::command::{AgentCommand, Command, Seen, VisitorAsk};
use webchat_core::id::{AgentId, ChatId, VisitorKey};
use webchat_core::wire;
use webchat_runtime::testing::ManualClock;
use webchat_runtime::{Clock, Journal, SystemClock};

/// Events the journal has at least.
const EVENTS: u64 = 1_000_000;
/// Events after the last snapshot, at least: nearly as many as ever wait for the next one.
const TAIL: u64 = 45_000;
const AGENTS: u32 = 200;
const CAP: u32 = 3;
/// Chats that go through their life together.
const WAVE: u128 = 500;
/// How long that takes: five minutes, so that a day has 144,000 chats.
const WAVE_MILLIS: u32 = 300_000;
/// Messages of each side in a chat.
const TALK: u32 = 6;
const STARTS: usize = 5;
/// The folder a process is to work on.
const FOLDER: &str = "RECOVERY_FOLDER";
/// Says that it finds no snapshot there.
const WITHOUT: &str = "RECOVERY_WITHOUT_SNAPSHOT";

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(folder) = std::env::var_os(FOLDER) else {
        return measure();
    };
    let folder = Path::new(&folder);
    match folder.join("journal.db").exists() {
        false => runtime.block_on(make(folder)),
        true => runtime.block_on(start(folder)),
    }
    // As a crash ends it: nothing is shut down, no last snapshot is kept.
    std::process::exit(0);
}

fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut making = Process::start(this(), &[], &[(FOLDER, folder.as_os_str())]);
    println!("Journal: {}", making.says("made "));
    making.finish();
    starts(folder, STARTS, "with the snapshot", &[]);
    starts(folder, 3, "without a snapshot", &[(WITHOUT, "1".as_ref())]);
}

fn this() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// Starts on the folder, and how long each took until it had a message acknowledged.
fn starts(folder: &Path, count: usize, how: &str, told: &[(&str, &OsStr)]) {
    println!("\n{how}: milliseconds from the start of the process");
    let mut acked = Vec::new();
    for _ in 0..count {
        if !told.is_empty() {
            let read = Connection::open(folder.join("read.db")).unwrap();
            read.execute("DELETE FROM snapshots", []).unwrap();
        }
        let begun = Instant::now();
        let told = [&[(FOLDER, folder.as_os_str())], told].concat();
        let mut started = Process::start(this(), &[], &told);
        started.says("acked");
        let millis = begun.elapsed().as_secs_f64() * 1_000.0;
        println!("  {millis:>6.0}   {}", started.says("recovered "));
        started.finish();
        acked.push(millis);
    }
    println!(
        "median {:.0} ms to the first acknowledgement",
        median(&mut acked)
    );
}

/// Opens, recovers, and has a message acknowledged.
async fn start(folder: &Path) {
    let begun = Instant::now();
    let centre = Centre::start(folder, Arc::new(SystemClock::new())).await;
    let recovered = begun.elapsed();
    let chat = centre.handle.query(|engine, _| {
        let chat = engine.view().chats().next().unwrap();
        (chat, engine.view().visitor_of(chat).unwrap())
    });
    let (chat, visitor) = chat.await.unwrap();
    let key = format!("{}", std::process::id());
    centre.ask(write_by_visitor(visitor, chat, &key)).await;
    println!("acked");
    let acked = begun.elapsed();
    let mut count = Count::default();
    let (events, tail, _) = count.go_on(&centre).await;
    // By now there may be a new snapshot; what counts is whether there was one.
    let replayed = match std::env::var_os(WITHOUT) {
        Some(_) => events,
        None => tail,
    };
    println!(
        "recovered after {} ms, first acknowledgement after {} ms; {replayed} events replayed = {:.0}/s",
        recovered.as_millis(),
        acked.as_millis(),
        replayed as f64 / recovered.as_secs_f64(),
    );
}

/// Writes the journal.
async fn make(folder: &Path) {
    // Makes the last chats end about now.
    let length = i64::from(WAVE_MILLIS) * 110;
    let began = SystemClock::new().now().after_millis(-length);
    let clock = Arc::new(ManualClock::new(began));
    let centre = Centre::start(folder, clock.clone()).await;
    centre.staff(AGENTS, CAP).await;
    let mut visitor = 0;
    let mut count = Count::default();
    loop {
        let chats = centre.admit(visitor..visitor + WAVE).await;
        visitor += WAVE;
        talk(&centre, &clock, &chats).await;
        let (events, tail, snapshot) = count.go_on(&centre).await;
        if events >= EVENTS && tail >= TAIL {
            println!(
                "made {events} events, {} chats, a snapshot of {} KiB, {tail} events after it",
                visitor,
                snapshot >> 10,
            );
            return;
        }
        close(&centre, &chats).await;
    }
}

/// Both sides write in turn and see what the other wrote.
async fn talk(centre: &Centre, clock: &ManualClock, chats: &[(VisitorKey, ChatId)]) {
    let owners = owners(centre, chats).await;
    for number in 1..=TALK {
        clock.advance(WAVE_MILLIS / (2 * TALK));
        let visitors = chats
            .iter()
            .map(|(visitor, chat)| write_by_visitor(*visitor, *chat, &format!("{number}")));
        centre.ask_all(visitors).await;
        clock.advance(WAVE_MILLIS / (2 * TALK));
        let seen = Seen {
            delivered: 2 * number,
            read: 2 * number - 1,
        };
        let agents = owners.iter().flat_map(|(agent, chat)| {
            let write = AgentCommand::Write {
                chat: *chat,
                key: format!("{number}").into(),
                text: "It left our depot this morning; you will have it before noon tomorrow."
                    .into(),
            };
            let seen = AgentCommand::Seen { chat: *chat, seen };
            [of_agent(*agent, seen), of_agent(*agent, write)]
        });
        centre.ask_all(agents).await;
    }
}

async fn close(centre: &Centre, chats: &[(VisitorKey, ChatId)]) {
    let owners = owners(centre, chats).await;
    let close = |(agent, chat)| {
        let close = AgentCommand::Close {
            chat,
            disposition: None,
        };
        of_agent(agent, close)
    };
    centre.ask_all(owners.into_iter().map(close)).await;
    // Every fifth visitor scores the service.
    let scores = chats.iter().step_by(5).map(|(visitor, chat)| {
        let feedback = VisitorAsk::Feedback {
            score: 4,
            note: Some("Quick answer, thank you.".into()),
        };
        of_visitor(*visitor, *chat, feedback)
    });
    centre.ask_all(scores).await;
}

async fn owners(centre: &Centre, chats: &[(VisitorKey, ChatId)]) -> Vec<(AgentId, ChatId)> {
    let wanted: Vec<ChatId> = chats.iter().map(|(_, chat)| *chat).collect();
    let owners = centre.handle.query(move |engine, _| {
        let view = engine.view();
        let agents: Vec<AgentId> = view.members(CAMPAIGN).map(|member| member.agent).collect();
        let owned = agents.into_iter().flat_map(|agent| {
            let chats = view.chats_of(agent);
            chats.into_iter().map(move |chat| (agent, chat))
        });
        let owned: Vec<_> = owned.filter(|(_, chat)| wanted.contains(chat)).collect();
        owned
    });
    owners.await.unwrap()
}

fn write_by_visitor(visitor: VisitorKey, chat: ChatId, key: &str) -> Command {
    let ask = VisitorAsk::Write {
        key: key.into(),
        text: "The parcel was to come on Tuesday, and the page says it is at your depot.".into(),
    };
    of_visitor(visitor, chat, ask)
}

/// Counts the events of the journal as it grows.
#[derive(Default)]
struct Count {
    /// Events up to and with frame `n`, at `n - 1`.
    up_to: Vec<u64>,
}

impl Count {
    /// Events in the journal, events after the snapshot, bytes of the snapshot; 0 if there is none.
    async fn go_on(&mut self, centre: &Centre) -> (u64, u64, usize) {
        let events_up_to = |up_to: &[u64], seq: u64| match seq {
            0 => 0,
            seq => up_to[seq as usize - 1],
        };
        loop {
            let done = self.up_to.len() as u64;
            let frames = centre.store.read(TENANT, done, 10_000).await.unwrap();
            if frames.is_empty() {
                break;
            }
            for frame in &frames {
                let count = wire::decode(&frame.payload).unwrap().len() as u64;
                let before = events_up_to(&self.up_to, self.up_to.len() as u64);
                self.up_to.push(before + count);
            }
        }
        let events = events_up_to(&self.up_to, self.up_to.len() as u64);
        let snapshot = centre.store.latest_snapshot(TENANT).await.unwrap();
        let kept = snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
        let bytes = snapshot.map_or(0, |snapshot| snapshot.payload.len());
        (events, events - events_up_to(&self.up_to, kept), bytes)
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
