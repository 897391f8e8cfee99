//! The queue cycle: an agent finishes a chat, the next one waiting is assigned, a newcomer is admitted.
//!
//! Four contestants in one run: the whole engine, with every rule, event and effect; its queue's structures alone;
//! a bare prototype with a ring and one index; and the usual plain scan over all members. Ratios are what to look
//! at: the machine's own speed cancels out. `cargo bench -p webchat-benches --bench queue`.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement may fail, and prints

use std::alloc::System;
use std::collections::VecDeque;
use std::time::Instant;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use webchat_benches::bare::{Bare, Bits, Index, Recent, Scan};
use webchat_benches::under_load::{CAMPAIGN, CAP, ContactCentre};
use webchat_core::campaign::CampaignDraft;
use webchat_core::internals::{Queue, free_indexes};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ROUNDS: usize = 500;
const CYCLES: usize = 200;
const SAMPLES: usize = 100_000;

fn main() {
    println!(
        "Nanoseconds per cycle, of the fastest in ten of {ROUNDS} rounds; alloc is allocations per cycle.\n"
    );
    println!(
        "order         agents  waiting |  bare structures ratio alloc |  member scan  ratio | engine  ratio alloc"
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
    let mut centre = ContactCentre::new(order, agents, waiting);
    let mut queue = Queue::of(&centre.engine, CAMPAIGN).unwrap();
    queue.let_wait(waiting);
    let busy: VecDeque<u32> = queue.busy().collect();
    let mut bare = Bare::<I>::new(agents, waiting);
    let mut scan = Bare::<Scan>::new(agents, waiting);
    let (bare, _) = measure(cycles(busy.clone(), |agent| bare.cycle(agent)));
    let (structures, allocated) =
        measure(cycles(busy.clone(), |agent| queue.cycle(agent).unwrap()));
    let (scan, _) = measure(cycles(busy, |agent| scan.cycle(agent)));
    let (engine, all) = measure(|| centre.cycle());
    println!(
        "{order:<12} {agents:>7} {waiting:>8} | {bare:>5.0} {structures:>10.0} {:>5.1} {allocated:>5.2} | {scan:>12.0} {:>6.1} | {engine:>6.0} {:>6.1} {all:>5.2}",
        structures / bare,
        scan / structures,
        engine / bare
    );
}

/// Whoever got a chat longest ago finishes one.
fn cycles(mut busy: VecDeque<u32>, mut cycle: impl FnMut(u32) -> u32) -> impl FnMut() {
    move || {
        let agent = cycle(busy.pop_front().unwrap());
        busy.push_back(agent);
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
    (0..20_000).for_each(|_| centre.cycle());
    let mut closes = Vec::with_capacity(SAMPLES);
    let mut admissions = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        closes.push(timed(|| centre.close()));
        admissions.push(timed(|| centre.admit()));
    }
    let mut structures = Vec::with_capacity(SAMPLES);
    let mut queue = Queue::of(&centre.engine, CAMPAIGN).unwrap();
    queue.let_wait(1_000_000);
    let busy = queue.busy().collect();
    let mut cycle = cycles(busy, |agent| queue.cycle(agent).unwrap());
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
