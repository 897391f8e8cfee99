//! Prints what the engine makes of simulated visitors beside what queueing theory says:
//! `cargo run -p webchat-sim --release --example erlang`, with the visitors of each line as an argument.

#![expect(
    clippy::print_stdout,
    reason = "a command-line program talks to its terminal"
)]

use webchat_sim::queueing::{Measured, Queue};

fn main() {
    let arrivals = std::env::args().nth(1).and_then(|word| word.parse().ok());
    let arrivals = arrivals.unwrap_or(1_000_000);
    println!("| queue | agents | load | figure | theory | engine | error | off by |");
    println!("|---|---|---|---|---|---|---|---|");
    let mut seed = 0..;
    let mut show = |name: &str, queue| show(name, queue, seed.next().unwrap_or(0), arrivals);
    for (agents, load) in [(1, 0.7), (5, 4.0), (20, 18.0), (50, 46.0)] {
        show("Erlang C", plain(agents, load));
    }
    for (agents, load, max_chats) in [(1, 0.9, 3), (5, 5.5, 4), (20, 22.0, 10), (50, 50.0, 5)] {
        let queue = Queue {
            max_chats,
            ..plain(agents, load)
        };
        show(&format!("Max Chats {max_chats}"), queue);
    }
    for (agents, load, time_out) in [(1, 0.9, 120), (5, 5.5, 60), (20, 22.0, 60), (50, 48.0, 20)] {
        let queue = Queue {
            time_out,
            ..plain(agents, load)
        };
        show(&format!("Time Out {time_out} s"), queue);
    }
}

fn plain(agents: u32, load: f64) -> Queue {
    Queue {
        agents,
        load,
        handle: 180.0,
        max_chats: 0,
        time_out: 0,
    }
}

fn show(name: &str, queue: Queue, seed: u64, arrivals: usize) {
    let (theory, engine) = (queue.theory(), queue.simulate(seed, arrivals));
    let Queue { agents, load, .. } = queue;
    let line = |figure: &str, theory: f64, engine: Measured| {
        if theory > 0.0 {
            let Measured { mean, error } = engine;
            let off = engine.distance(theory);
            println!(
                "| {name} | {agents} | {load} | {figure} | {theory:.4} | {mean:.4} | {error:.4} | {off:.1} errors |"
            );
        }
    };
    line("share that waits", theory.waits, engine.waits);
    line("mean wait, s", theory.wait, engine.wait);
    line("share refused", theory.refused, engine.refused);
    line("share timed out", theory.timed_out, engine.timed_out);
}
