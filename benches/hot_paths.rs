//! One hot path of the engine a number of times, for counting its instructions: see `counts.sh`.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement may fail, and prints

use std::collections::VecDeque;
use std::hint::black_box;

use webchat_benches::bare::{Prototype, Recent};
use webchat_benches::under_load::{CAMPAIGN, CAP, ContactCentre};
use webchat_core::Engine;
use webchat_core::campaign::CampaignDraft;
use webchat_core::internals::Queue;
use webchat_core::schedule::Zones;

const AGENTS: u32 = 300;
const WAITING: u32 = 1_000;
/// Calls before counting begins, so that memory has grown to what it stays at.
const WARM_UP: u32 = 1_500;
/// Calls that are counted.
const TIMES: u32 = 500;
/// Chats that live then.
const CHATS: u32 = AGENTS * CAP + WAITING;

const PATHS: [&str; 18] = [
    "cycle linear",
    "cycle rrmemory",
    "cycle leastrecent",
    "cycle fewestcalls",
    "cycle random",
    "cycle wrandom",
    "cycle leastloaded",
    "cycle with a time out",
    "cycle with a service level",
    "cycle without a queue",
    "visitor writes",
    "agent writes",
    "replay a cycle",
    "replay a message",
    "snapshot a chat",
    "restore a chat",
    "structures of a cycle",
    "prototype of a cycle",
];

fn main() {
    let wish: Vec<String> = std::env::args().skip(1).collect();
    match wish.join(" ").as_str() {
        "" => PATHS.iter().for_each(|path| println!("{path}")),
        path => run(path),
    }
}

fn run(path: &str) {
    if let Some(order) = path
        .strip_prefix("cycle ")
        .filter(|order| !order.contains(' '))
    {
        return repeat(
            ContactCentre::new(order, AGENTS, WAITING),
            ContactCentre::cycle,
        );
    }
    let mut centre = match path {
        "cycle with a time out" => ContactCentre::of(
            CampaignDraft {
                time_out: 3_600,
                ..CampaignDraft::named("Queue")
            },
            AGENTS,
            CHATS,
        ),
        "cycle with a service level" => ContactCentre::of(
            CampaignDraft {
                answer_within: 20,
                ..CampaignDraft::named("Queue")
            },
            AGENTS,
            CHATS,
        ),
        "cycle without a queue" => ContactCentre::of(CampaignDraft::named("Queue"), AGENTS, AGENTS),
        _ => ContactCentre::new("leastrecent", AGENTS, WAITING),
    };
    match path {
        "visitor writes" => repeat(centre, ContactCentre::visitor_writes),
        "agent writes" => repeat(centre, ContactCentre::agent_writes),
        "replay a cycle" => replay(centre, ContactCentre::cycle),
        "replay a message" => replay(centre, ContactCentre::visitor_writes),
        "structures of a cycle" => {
            let mut queue = Queue::of(&centre.engine, CAMPAIGN, WAITING).unwrap();
            cycles(queue.active().collect(), |chat| queue.cycle(chat).unwrap());
        }
        "prototype of a cycle" => {
            let mut queue = Prototype::<Recent>::new(AGENTS, WAITING);
            cycles(queue.active().collect(), |chat| queue.cycle(chat));
        }
        "snapshot a chat" => counted(CHATS, || drop(black_box(centre.engine.snapshot()))),
        "restore a chat" => {
            let snapshot = centre.engine.snapshot();
            let zones = Zones::bundled();
            counted(CHATS, || drop(black_box(Engine::restore(&snapshot, zones))));
        }
        _ => {
            (0..WARM_UP).for_each(|_| centre.cycle());
            counted(TIMES, || (0..TIMES).for_each(|_| centre.cycle()));
        }
    }
}

fn repeat(mut centre: ContactCentre, step: impl Fn(&mut ContactCentre)) {
    (0..WARM_UP).for_each(|_| step(&mut centre));
    counted(TIMES, || (0..TIMES).for_each(|_| step(&mut centre)));
}

/// Whatever went on longest ago is finished next.
fn cycles<T>(mut active: VecDeque<T>, mut cycle: impl FnMut(T) -> T) {
    let mut step = || {
        let next = cycle(active.pop_front().unwrap());
        active.push_back(next);
    };
    (0..WARM_UP).for_each(|_| step());
    counted(TIMES, || (0..TIMES).for_each(|_| step()));
}

fn replay(mut centre: ContactCentre, step: impl Fn(&mut ContactCentre)) {
    let mut engine = Engine::restore(&centre.engine.snapshot(), Zones::bundled()).unwrap();
    let early = centre.recorded(|centre| (0..WARM_UP).for_each(|_| step(centre)));
    engine.replay(&early);
    let events = centre.recorded(|centre| (0..TIMES).for_each(|_| step(centre)));
    counted(TIMES, || engine.replay(&events));
    assert_eq!(engine.digest(), centre.engine.digest());
}

/// Counts what `work` does, and says how many calls that was.
fn counted(calls: u32, work: impl FnOnce()) {
    watched(work);
    println!("{calls}");
}

/// Instructions are counted while this runs; `counts.sh` knows it by its name.
#[inline(never)]
fn watched(work: impl FnOnce()) {
    work();
    black_box(());
}
