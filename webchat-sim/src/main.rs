//! Runs the simulation from the command line: `webchat-sim --seed 1 --commands 1000 --seeds 100`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program talks to its terminal"
)]

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use clap::{Args, Parser, Subcommand};
use webchat_sim::generator::Generator;
use webchat_sim::history::{Act, Step, kind};
use webchat_sim::run::{self, Failure};
use webchat_sim::shrink::shrink;
use webchat_sim::what_if::{self, Change};

/// Simulated worlds of visitors, agents, jumping clocks, lost connections and crashes, with every
/// invariant checked after every step.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    task: Option<Task>,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seeds to run, counted up from the first.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Steps of each seed.
    #[arg(long, default_value_t = 1_000)]
    commands: u32,
    /// Threads; 0 takes one for each core.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Compare whole views and digests after each step, not only now and then.
    #[arg(long)]
    thorough: bool,
    /// Do not look for a shorter history when one fails.
    #[arg(long)]
    no_shrink: bool,
    /// Carry out a history written to a file by an earlier failure instead of seeds.
    #[arg(long, conflicts_with_all = ["seed", "seeds", "commands"])]
    history: Option<PathBuf>,
}

/// Something to do instead of a simulation.
#[derive(Subcommand)]
enum Task {
    /// Replay a journal under other settings or another roster, and print both sets of figures.
    WhatIf(WhatIf),
}

#[derive(Args)]
struct WhatIf {
    /// The journal, as `server export-journal` writes it: one frame a line.
    journal: PathBuf,
    /// Change only the campaign of this name or number.
    #[arg(long)]
    campaign: Option<String>,
    /// A setting as in a campaign's form, such as `agent_cap=4`, `order=linear` or
    /// `schedule={"zone":"UTC","ranges":[{"day":"mon","start":"08:00","end":"20:00"}]}`; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    settings: Vec<(String, serde_json::Value)>,
    /// Agents more, who work like those who are there.
    #[arg(long, default_value_t = 0, value_name = "AGENTS")]
    more: u32,
    /// An agent, by name or number, who does not work; may be repeated.
    #[arg(long, value_name = "AGENT")]
    without: Vec<String>,
}

/// A name and a JSON value; what is not JSON is a text.
fn setting(text: &str) -> Result<(String, serde_json::Value), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("expected a name, = and a value, such as agent_cap=4")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    Ok((name.to_owned(), value))
}

/// What the threads share.
#[derive(Default)]
struct Progress {
    next: AtomicU64,
    seeds: AtomicU64,
    steps: AtomicU64,
    events: AtomicU64,
    chats: AtomicU64,
    stopped: AtomicBool,
    failure: Mutex<Option<(u64, Box<Failure>)>>,
}

/// How often progress is looked at, and told on a terminal.
const TICK: Duration = Duration::from_millis(500);
/// How often it is told in a file.
const SELDOM: Duration = Duration::from_secs(30);

/// Tells progress: on a terminal in one line that is written over, else in a new line now and then.
struct Told {
    terminal: bool,
    last: Instant,
}

impl Told {
    fn new(began: Instant) -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            last: began,
        }
    }

    fn tell(&mut self, summary: &str) {
        if self.terminal {
            eprint!("\r{summary}   ");
            let _ = std::io::stderr().flush();
        } else if self.last.elapsed() >= SELDOM {
            self.last = Instant::now();
            eprintln!("{summary}");
        }
    }

    fn end(&self) {
        if self.terminal {
            eprintln!();
        }
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(Task::WhatIf(asked)) = options.task {
        return compare(asked);
    }
    // Panics of the engine are reported as violations; the default hook would print each of them while shrinking.
    std::panic::set_hook(Box::new(|_| {}));
    match &options.history {
        Some(path) => repeat(path),
        None => simulate(&options),
    }
}

fn compare(asked: WhatIf) -> ExitCode {
    let change = Change {
        campaign: asked.campaign,
        settings: asked.settings,
        more_agents: asked.more,
        without: asked.without,
    };
    let path = asked.journal.display();
    let text = match std::fs::read_to_string(&asked.journal) {
        Ok(text) => text,
        Err(error) => return failed(&format!("{path}: {error}")),
    };
    let journal = match what_if::read(&text) {
        Ok(journal) => journal,
        Err(error) => return failed(&format!("{path}: {error}")),
    };
    match what_if::what_if(&journal, &change) {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error.to_string()),
    }
}

fn failed(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}

fn simulate(options: &Options) -> ExitCode {
    let threads = match options.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let commit = commit();
    let began = Instant::now();
    let progress = Progress::default();
    let mut told = Told::new(began);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| work(options, &progress)))
            .collect();
        while !workers
            .iter()
            .all(std::thread::ScopedJoinHandle::is_finished)
        {
            std::thread::park_timeout(TICK);
            told.tell(&summary(&progress, began));
        }
    });
    told.end();
    let failure = progress
        .failure
        .lock()
        .map_or(None, |mut failure| failure.take());
    match failure {
        None => {
            println!(
                "{}, 0 violations, commit {commit}",
                summary(&progress, began),
            );
            ExitCode::SUCCESS
        }
        Some((seed, failure)) => {
            report(options, seed, &failure);
            ExitCode::FAILURE
        }
    }
}

fn work(options: &Options, progress: &Progress) {
    while !progress.stopped.load(Ordering::Relaxed) {
        let offset = progress.next.fetch_add(1, Ordering::Relaxed);
        if offset >= options.seeds {
            return;
        }
        let seed = options.seed.wrapping_add(offset);
        let generator = Generator::from_seed(seed);
        match run::generated(generator, options.commands, options.thorough) {
            Ok(tally) => {
                progress.seeds.fetch_add(1, Ordering::Relaxed);
                progress.steps.fetch_add(tally.steps, Ordering::Relaxed);
                progress.events.fetch_add(tally.events, Ordering::Relaxed);
                progress.chats.fetch_add(tally.chats, Ordering::Relaxed);
            }
            Err(failure) => {
                progress.stopped.store(true, Ordering::Relaxed);
                if let Ok(mut first) = progress.failure.lock()
                    && first.as_ref().is_none_or(|(other, _)| seed < *other)
                {
                    *first = Some((seed, failure));
                }
            }
        }
    }
}

fn summary(progress: &Progress, began: Instant) -> String {
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let seconds = began.elapsed().as_secs_f64();
    let steps = count(&progress.steps);
    format!(
        "{} seeds, {steps} commands, {} events, {} chats in {seconds:.1} s ({:.0} commands/s)",
        count(&progress.seeds),
        count(&progress.events),
        count(&progress.chats),
        steps as f64 / seconds.max(0.001),
    )
}

fn report(options: &Options, seed: u64, failure: &Failure) {
    println!(
        "VIOLATION in seed {seed} at step {}, commit {}",
        last(failure),
        commit()
    );
    println!("  {}", failure.violation);
    println!(
        "replay: cargo run -p webchat-sim --release -- --seed {seed} --commands {}{}",
        options.commands,
        if options.thorough { " --thorough" } else { "" },
    );
    if options.no_shrink {
        return;
    }
    let short = shrink(failure);
    println!(
        "shortened to {} of {} steps:",
        short.history.len(),
        failure.history.len()
    );
    short.history.iter().for_each(show);
    println!("  {}", short.violation);
    let path = std::env::temp_dir().join(format!("webchat-sim-{seed}.jsonl"));
    let lines: Vec<String> = short
        .history
        .iter()
        .filter_map(|step| serde_json::to_string(step).ok())
        .collect();
    match std::fs::write(&path, lines.join("\n")) {
        Ok(()) => println!(
            "replay: cargo run -p webchat-sim --release -- --history {}",
            path.display()
        ),
        Err(error) => println!("the short history could not be written: {error}"),
    }
}

fn last(failure: &Failure) -> u32 {
    failure.history.last().map_or(0, |step| step.number)
}

fn show(step: &Step) {
    let (what, said) = match &step.act {
        Act::Ask(command) => (kind(command), serde_json::to_string(command)),
        Act::AskTwice { command, .. } => {
            let what = format!("{} twice", kind(command));
            (what, serde_json::to_string(&step.act))
        }
        Act::Snapshot => ("snapshot".to_owned(), Ok(String::new())),
        Act::Crash { .. } => ("crash".to_owned(), serde_json::to_string(&step.act)),
    };
    println!(
        "  {:>6} {} {what}: {}",
        step.number,
        step.now,
        said.unwrap_or_default()
    );
}

fn repeat(path: &PathBuf) -> ExitCode {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let history: Vec<Step> = match lines.map(serde_json::from_str).collect() {
        Ok(history) => history,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    };
    history.iter().for_each(show);
    match run::written(&history) {
        Ok(tally) => {
            println!("{} steps, 0 violations", tally.steps);
            ExitCode::SUCCESS
        }
        Err((violation, place)) => {
            println!("VIOLATION at step {}: {violation}", history[place].number);
            ExitCode::FAILURE
        }
    }
}

/// The commit of the sources, if git knows it; asked once, for it may move on while a long run lasts.
fn commit() -> &'static str {
    static COMMIT: OnceLock<String> = OnceLock::new();
    COMMIT.get_or_init(|| {
        let git = std::process::Command::new("git")
            .args(["describe", "--always", "--dirty", "--exclude=*"])
            .output();
        let known = git.ok().filter(|output| output.status.success());
        known.map_or_else(
            || "unknown".to_owned(),
            |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        )
    })
}
