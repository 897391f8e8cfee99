//! Kills the server at random moments while visitors and agents write to each other over real
//! sockets, and checks after each kill that nothing it acknowledged is lost, doubled or reordered,
//! that no chat has two agents and that no agent has more chats than the cap.
//!
//! A round is: work for a moment, SIGKILL, check a copy of the files, start again on the same folder.
//! `kill-harness --rounds 1000` prints the figures; a broken promise ends it, names the seed and
//! keeps the folder. The seed fixes what the clients and the killer draw, not how the system
//! schedules them, so a seed makes a failure likely again rather than certain.

mod agent;
mod check;
mod client;
mod history;
mod visitor;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Parser;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use webchat_examples::process::{self, Place, Process};
use webchat_examples::site::{DEMO_PASSWORD, Pass};

use agent::Agent;
use check::Facts;
use client::{Book, Stage, live};
use history::{History, Outcome};
use visitor::Visitor;

/// Agents of the demo, all members of its first campaign.
const AGENTS: [&str; 3] = ["ana", "bruno", "carla"];
/// Chats an agent may have at once. Fewer in all than there are visitors, so that some wait.
const CAP: u32 = 2;
const VISITORS: u32 = 8;
/// Longest time for all clients to come to rest.
const SETTLE: Duration = Duration::from_secs(90);

/// Kills the server while it is used, and checks what is left.
#[derive(Parser, Debug)]
#[command(name = "kill-harness")]
struct Flags {
    /// Rounds in all
    #[arg(long, default_value_t = 100)]
    rounds: u32,
    /// Rounds before a new folder is begun
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    rounds_per_folder: u32,
    /// Longest time between two kills, in milliseconds
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..))]
    longest: u64,
    /// Seed of the first folder; the next one has the next number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server to kill [default: `server` beside this program]
    #[arg(long)]
    server: Option<PathBuf>,
}

/// What was done.
#[derive(Default)]
struct Figures {
    kills: u32,
    kills_while_starting: u32,
    chats: usize,
    stored: usize,
    sent: usize,
    acked: usize,
    refused: usize,
    unsure: usize,
    read: usize,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let flags = Flags::parse();
    let program = process::server(flags.server.as_deref())?;
    let begun = Instant::now();
    let mut total = Figures::default();
    let mut seed = flags.seed;
    let mut done = 0;
    while done < flags.rounds {
        let rounds = flags.rounds_per_folder.min(flags.rounds - done);
        let folder = tempfile::Builder::new().prefix("webchat-kill-").tempdir()?;
        let place = Place {
            program: program.clone(),
            folder: folder.path().to_owned(),
        };
        let book = Book::default();
        let ran = run(&place, &book, seed, rounds, flags.longest, &mut total).await;
        let history = book.open();
        if let Err(error) = ran {
            let kept = folder.keep();
            std::fs::write(kept.join("history.txt"), history.text())?;
            say(&format!("seed {seed}: {error:#}"))?;
            say(&format!("everything is kept in {}", kept.display()))?;
            return Ok(ExitCode::FAILURE);
        }
        total.add(&history);
        done += rounds;
        seed += 1;
        say(&format!(
            "{done} of {} rounds, {}",
            flags.rounds,
            total.text(begun)
        ))?;
    }
    say("0 lost, 0 doubled, 0 reordered, 0 with two agents, 0 over the cap")?;
    Ok(ExitCode::SUCCESS)
}

/// The rounds of one folder.
async fn run(
    place: &Place,
    book: &Book,
    seed: u64,
    rounds: u32,
    longest: u64,
    total: &mut Figures,
) -> anyhow::Result<()> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut server = place.start().await?;
    let passes = prepare(&server).await?;
    let (stage, stages) = watch::channel(Stage::Work(server.site));
    let (rest, mut rests) = mpsc::channel(64);
    let clients = invite(book, &passes, &mut rng, &stages, &rest);
    for round in 1..=rounds {
        sleep(Duration::from_millis(rng.u64(1..=longest))).await;
        server.kill().await?;
        stage.send_replace(Stage::Down);
        total.kills += 1;
        if rng.u32(0..4) == 0 {
            let after = Duration::from_millis(rng.u64(0..80));
            place.start_and_kill(after).await?;
            total.kills_while_starting += 1;
        }
        let copy = place.folder.join("copy");
        process::copy(&place.kept(), &copy)?;
        let facts = Facts::read(&copy, CAP).await;
        let facts = facts.with_context(|| format!("round {round}"))?;
        complain(&check::broken(&facts, &book.open(), false))
            .with_context(|| format!("round {round}"))?;
        std::fs::remove_dir_all(&copy)?;
        server = place.start().await?;
        stage.send_replace(Stage::Work(server.site));
    }
    for next in [Stage::Settle(server.site), Stage::Read(server.site)] {
        stage.send_replace(next);
        let count = clients.len();
        let all = async {
            for _ in 0..count {
                rests.recv().await;
            }
        };
        timeout(SETTLE, all)
            .await
            .with_context(|| format!("not all clients come to rest in {next:?}"))?;
    }
    stage.send_replace(Stage::Over);
    clients.join_all().await;
    server.kill().await?;
    let facts = Facts::read(&place.kept(), CAP).await?;
    complain(&check::broken(&facts, &book.open(), true)).context("at the end")?;
    place.run(&["verify"]).await?;
    let (chats, stored) = facts.size();
    total.chats += chats;
    total.stored += stored;
    Ok(())
}

/// Signs everybody in and sets the cap.
async fn prepare(server: &Process) -> anyhow::Result<Vec<Pass>> {
    let admin = server.site.sign_in("admin", DEMO_PASSWORD).await?;
    let cap = serde_json::json!({"agent_cap": CAP});
    server.site.set(&admin, 1, &cap).await?;
    let mut passes = Vec::new();
    for login in AGENTS {
        passes.push(server.site.sign_in(login, DEMO_PASSWORD).await?);
    }
    Ok(passes)
}

fn invite(
    book: &Book,
    passes: &[Pass],
    rng: &mut fastrand::Rng,
    stages: &watch::Receiver<Stage>,
    rest: &mpsc::Sender<()>,
) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for pass in passes {
        let others = passes.iter().map(|other| other.agent);
        let others = others.filter(|other| *other != pass.agent).collect();
        let agent = Agent::new(pass.clone(), others, book.clone(), rng.fork());
        clients.spawn(live(agent, stages.clone(), rest.clone()));
    }
    for number in 1..=VISITORS {
        let name = format!("visitor{number}");
        let visitor = Visitor::new(name, book.clone(), rng.fork());
        clients.spawn(live(visitor, stages.clone(), rest.clone()));
    }
    clients
}

fn complain(broken: &[String]) -> anyhow::Result<()> {
    if let Some(first) = broken.first() {
        let more = broken.len() - 1;
        bail!("{first} (and {more} more)");
    }
    Ok(())
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

impl Figures {
    fn add(&mut self, history: &History) {
        self.sent += history.sent.len();
        self.read += history.read.values().map(Vec::len).sum::<usize>();
        for sent in &history.sent {
            self.unsure += usize::from(sent.unsure);
            match sent.outcome {
                Outcome::Acked { .. } => self.acked += 1,
                Outcome::Refused(_) => self.refused += 1,
                Outcome::Unknown => {}
            }
        }
    }

    fn text(&self, begun: Instant) -> String {
        format!(
            "{} s: {} kills ({} more while starting), {} chats, {} messages stored; \
             {} sent, {} acknowledged, {} refused, {} unknown at first; {} read",
            begun.elapsed().as_secs(),
            self.kills,
            self.kills_while_starting,
            self.chats,
            self.stored,
            self.sent,
            self.acked,
            self.refused,
            self.unsure,
            self.read
        )
    }
}
