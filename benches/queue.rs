//! The queue cycle: an agent finishes a chat, the next one waiting is assigned, a newcomer is admitted.
//!
//! In one run: the whole engine, with every rule, event and effect; its queue's structures alone; a prototype, the
//! simplest program that does the same job as the structures; and the prototype with the usual scan over all members
//! in place of its index. Beside these the lower bounds of the last two, which move plain numbers. Ratios are what to
//! look at: the machine's own speed cancels out. `cargo bench -p webchat-benches --bench queue`.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement may fail, and prints

use std::alloc::System;
use std::collections::VecDeque;
use std::time::Instant;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use webchat_benches::bare::{Bare, BareScan, Bits, Index, Prototype, Recent, Scan};
use webchat_benches::under_load::{CAMPAIGN, CAP, ContactCentre};
use webchat_core::campaign::CampaignDraft;
use webchat_core::internals::{Queue, free_indexes};
use webchat_core::limits::ENDED_CHATS;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ROUNDS: usize = 500;
const CYCLES: usize = 200;
const SAMPLES: usize = 100_000;

fn main() {
    println!(
        "Nanoseconds per cycle, of the fastest in ten of {ROUNDS} rounds; alloc is allocations per cycle. bound: on plain numbers.\n"
    );
    println!(
        "order         agents  waiting | bound prototype structures ratio alloc | bound member scan ratio | engine ratio alloc"
    );
    let sizes = [10, 1_000, 100_000];
    for (agents, waiting) in sizes
        .iter()
        .flat_map(|agents| [1_000, 100_000, 1_000_000].map(|waiting| (*agents, waiting)))
    {
        row::<Recent>("leastrecent", agents, waiting);
    }
    for agents in [10, 1_000] {
        row::<Bits<true>>("rrmemory", agents, 1_000);
        row::<Bits<false>>("linear", agents, 1_000);
    }
    println!("\nOne decision of the engine, 1,000 agents, 1,000,000 waiting, nanoseconds.");
    decisions();
    println!("\nMemory of a waiting chat, 1,000 agents, 1,000,000 waiting, bytes.");
    memory("without Time Out", 0);
    memory("with Time Out", 3_600);
}

fn row<I: Index>(order: &str, agents: u32, waiting: u32) {
    let (bare, bare_scan) = (
        bound::<I>(agents, waiting),
        bound::<BareScan>(agents, waiting),
    );
    let simplest = prototype::<I>(agents, waiting);
    let scan = prototype::<Scan>(agents, waiting);
    let mut centre = ContactCentre::new(order, agents, waiting);
    let mut queue = Queue::of(&centre.engine, CAMPAIGN, waiting).unwrap();
    let active: Vec<_> = queue.active().collect();
    let (structures, allocated) = measure(cycles(active, |chat| queue.cycle(chat).unwrap()));
    let (engine, all) = measure(|| centre.cycle());
    println!(
        "{order:<12} {agents:>7} {waiting:>8} | {bare:>5.0} {simplest:>9.0} {structures:>10.0} {:>5.1} {allocated:>5.2} | {bare_scan:>5.0} {scan:>11.0} {:>5.1} | {engine:>6.0} {:>5.1} {all:>5.2}",
        structures / simplest,
        scan / structures,
        engine / simplest
    );
}

fn bound<I: Index>(agents: u32, waiting: u32) -> f64 {
    let mut queue = Bare::<I>::new(agents, waiting);
    let busy = (0..CAP).flat_map(|_| 0..agents);
    measure(cycles(busy, |agent| queue.cycle(agent))).0
}

fn prototype<I: Index>(agents: u32, waiting: u32) -> f64 {
    let mut queue = Prototype::<I>::new(agents, waiting);
    let active: Vec<_> = queue.active().collect();
    measure(cycles(active, |chat| queue.cycle(chat))).0
}

/// Whatever went on longest ago is finished next: a chat, or one of an agent's.
fn cycles<T>(active: impl IntoIterator<Item = T>, mut cycle: impl FnMut(T) -> T) -> impl FnMut() {
    let mut active: VecDeque<T> = active.into_iter().collect();
    move || {
        let next = cycle(active.pop_front().unwrap());
        active.push_back(next);
    }
}

/// Nanoseconds per call, of the fastest in ten short rounds, so that other programs on the machine count little; and
/// allocations per call.
fn measure(mut cycle: impl FnMut()) -> (f64, f64) {
    // Memory has grown to what it stays at.
    (0..20_000).for_each(|_| cycle());
    let region = Region::new(ALLOCATOR);
    let mut rounds = [0.0; ROUNDS];
    for nanos in &mut rounds {
        let start = Instant::now();
        (0..CYCLES).for_each(|_| cycle());
        *nanos = start.elapsed().as_nanos() as f64 / CYCLES as f64;
    }
    let change = region.change();
    let allocations = (change.allocations + change.reallocations) as f64;
    rounds.sort_by(f64::total_cmp);
    (rounds[ROUNDS / 10], allocations / (ROUNDS * CYCLES) as f64)
}

/// How long single decisions take, the clock's own reading included.
fn decisions() {
    let mut centre = ContactCentre::new("leastrecent", 1_000, 1_000_000);
    // As many ended chats are remembered as ever are: memory has grown to what it stays at.
    (0..ENDED_CHATS).for_each(|_| centre.cycle());
    let mut closes = Vec::with_capacity(SAMPLES);
    let mut admissions = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        closes.push(timed(|| centre.close()));
        admissions.push(timed(|| centre.admit()));
    }
    let mut structures = Vec::with_capacity(SAMPLES);
    let mut queue = Queue::of(&centre.engine, CAMPAIGN, 1_000_000).unwrap();
    let active: Vec<_> = queue.active().collect();
    let mut cycle = cycles(active, |chat| queue.cycle(chat).unwrap());
    (0..20_000).for_each(|_| cycle());
    for _ in 0..SAMPLES {
        structures.push(timed(&mut cycle));
    }
    println!("                                p50     p99   p99.9");
    for (what, mut nanos) in [
        ("close and assign the next", closes),
        ("admit", admissions),
        ("structures alone, a cycle", structures),
    ] {
        nanos.sort_unstable();
        let at = |share: f64| nanos[(SAMPLES as f64 * share) as usize];
        println!("{what:<28} {:>6} {:>7} {:>7}", at(0.5), at(0.99), at(0.999));
    }
}

fn timed(work: impl FnOnce()) -> u32 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos() as u32
}

fn memory(what: &str, time_out: i64) {
    const WAITING: u32 = 1_000_000;
    let draft = CampaignDraft {
        time_out,
        ..CampaignDraft::named("Queue")
    };
    let mut centre = ContactCentre::of(draft.clone(), 1_000, 1_000 * CAP);
    let region = Region::new(ALLOCATOR);
    (0..WAITING).for_each(|_| centre.admit());
    let all = region.change();
    let all = all.bytes_allocated - all.bytes_deallocated;
    let region = Region::new(ALLOCATOR);
    free_indexes(&mut centre.engine);
    let indexes = region.change().bytes_deallocated;
    println!(
        "{what:<18} {:>5} in all, of which indexes {:>4}",
        all / WAITING as usize,
        indexes / WAITING as usize
    );
}
