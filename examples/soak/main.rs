//! Visitors by the hundred come to the reference server, talk, leave, come back and are killed at random, for as long
//! as told. Prints how fast messages were acknowledged, each refusal and error by its code, and by how much the
//! server's memory grew.
//!
//! `soak --visitors 500 --minutes 20` starts the `server` beside this program on a folder of its own.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Parser;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use webchat_examples::PATIENCE;
use webchat_examples::line::{Answer, Frame, Line};
use webchat_examples::process::{self, Place};
use webchat_examples::site::{DEMO_PASSWORD, Pass, Site};

/// Agents of the demo, all members of its first campaign.
const AGENTS: [&str; 3] = ["ana", "bruno", "carla"];
/// Time between two looks at the server's memory.
const LOOK: Duration = Duration::from_secs(10);
/// Answers that a busy centre gives.
const EXPECTED: [&str; 4] = ["too_fast", "chat_closed", "queue_full", "no_agents"];

/// Lets visitors come, talk and be killed, and looks at the server meanwhile.
#[derive(Parser, Debug)]
#[command(name = "soak")]
struct Flags {
    /// Visitors at any time
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    visitors: u32,
    /// How long
    #[arg(long, default_value_t = 20.0)]
    minutes: f64,
    /// Seconds between two messages of a visitor, on average
    #[arg(long, default_value_t = 3.0)]
    pause: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server to use [default: `server` beside this program]
    #[arg(long)]
    server: Option<PathBuf>,
}

/// What came of it.
#[derive(Default)]
struct Tally {
    chats: u64,
    killed: u64,
    returned: u64,
    acknowledged: u64,
    agents_wrote: u64,
    /// Times to acknowledge, in microseconds.
    waits: Vec<u32>,
    codes: BTreeMap<String, u64>,
}

/// What everybody writes into together.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Tally>>);

impl Book {
    fn note(&self, write: impl FnOnce(&mut Tally)) {
        write(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn code(&self, code: &str) {
        self.note(|tally| *tally.codes.entry(code.to_owned()).or_default() += 1);
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let flags = Flags::parse();
    let program = process::server(flags.server.as_deref())?;
    let folder = tempfile::Builder::new().prefix("webchat-soak-").tempdir()?;
    let place = Place {
        program,
        folder: folder.path().to_owned(),
    };
    let process = place.start().await?;
    let site = process.site;
    say(&format!("the server listens on {}", site.address))?;

    let admin = site.sign_in("admin", DEMO_PASSWORD).await?;
    // Agents have any number of chats, and visitors who are gone go soon.
    let busy = json!({"agent_cap": 0, "auto_finish": 10});
    site.set(&admin, 1, &busy).await?;
    let book = Book::default();
    let stop = CancellationToken::new();
    let mut people = JoinSet::new();
    for (number, login) in AGENTS.iter().enumerate() {
        let pass = site.sign_in(login, DEMO_PASSWORD).await?;
        let rng = fastrand::Rng::with_seed(flags.seed + 1_000_000 + number as u64);
        people.spawn(agent(site, pass, rng, book.clone(), stop.clone()));
    }
    for number in 0..flags.visitors {
        let guest = Guest {
            // Each from an address of its own.
            site: site.seen_from(IpAddr::from([127, 1, (number >> 8) as u8, number as u8])),
            rng: fastrand::Rng::with_seed(flags.seed + u64::from(number)),
            pause: flags.pause,
            book: book.clone(),
        };
        people.spawn(visitor(guest, stop.clone()));
    }
    let memory = watch(
        process.child.id().context("the server has ended")?,
        &flags,
        &book,
    )
    .await?;
    stop.cancel();
    let home = async { while people.join_next().await.is_some() {} };
    let all_home = timeout(PATIENCE, home).await.is_ok();
    let log = std::fs::read_to_string(folder.path().join("server.log"))?;
    let well = report(&book, &memory, &log)? && all_home;
    Ok(match well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

struct Guest {
    site: Site,
    rng: fastrand::Rng,
    pause: f64,
    book: Book,
}

/// A place that is never empty: when one visitor is gone, the next one comes.
async fn visitor(mut guest: Guest, stop: CancellationToken) {
    // They come over some seconds, as people do.
    sleep(Duration::from_millis(guest.rng.u64(0..10_000))).await;
    while !stop.is_cancelled() {
        let visit = guest.visit(&stop);
        if let Err(error) = visit.await {
            guest.book.code(&format!("visitor: {error:#}"));
            sleep(Duration::from_secs(1)).await;
        }
    }
}

impl Guest {
    async fn arrive(&self, token: &Value) -> anyhow::Result<(Line, Value)> {
        let fields = [("origin", "https://shop.example".to_owned())];
        let mut line = Line::dial(self.site, "/api/v1/visitor?campaign=1", &fields).await?;
        let hello = json!({"do": "hello", "token": token, "language": "en", "seen": 0});
        let hello = line.hello(hello).await?;
        Ok((line, hello["token"].clone()))
    }

    async fn visit(&mut self, stop: &CancellationToken) -> anyhow::Result<()> {
        let (mut line, token) = self.arrive(&Value::Null).await?;
        let start = json!({"do": "start", "name": "Sol", "email": "sol@shop.example"});
        let started = match self.ask(&mut line, start).await? {
            Ok(started) => started,
            Err(code) => return self.refused(&code).await,
        };
        if let Some(code) = started["refused"]["code"].as_str() {
            return self.refused(code).await;
        }
        let chat = started["chat"]["chat"].clone();
        self.book.note(|tally| tally.chats += 1);
        for number in 0..self.rng.u32(5..60) {
            self.idle(&mut line).await?;
            if stop.is_cancelled() {
                return Ok(());
            }
            match self.rng.u32(0..1_000) {
                // The browser is killed; nobody says good-bye.
                0..15 => {
                    self.book.note(|tally| tally.killed += 1);
                    return Ok(());
                }
                // The page is loaded again.
                15..25 => {
                    self.book.note(|tally| tally.returned += 1);
                    drop(line);
                    sleep(Duration::from_millis(self.rng.u64(0..4_000))).await;
                    (line, _) = self.arrive(&token).await?;
                }
                25..125 => {
                    line.tell(&json!({"do": "typing", "chat": chat, "on": true}))
                        .await?
                }
                _ => {}
            }
            let text = format!("{number} {}", "x".repeat(self.rng.usize(0..200)));
            let write =
                json!({"do": "write", "chat": chat, "key": number.to_string(), "text": text});
            let begun = Instant::now();
            match self.ask(&mut line, write).await? {
                Ok(_) => {
                    let wait = u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX);
                    self.book.note(|tally| {
                        tally.acknowledged += 1;
                        tally.waits.push(wait);
                    });
                }
                Err(code) => {
                    self.book.code(&code);
                    if code == "chat_closed" {
                        return Ok(());
                    }
                }
            }
        }
        if let Err(code) = self
            .ask(&mut line, json!({"do": "end", "chat": chat}))
            .await?
        {
            self.book.code(&code);
        }
        Ok(())
    }

    async fn refused(&mut self, code: &str) -> anyhow::Result<()> {
        self.book.code(code);
        sleep(Duration::from_secs(1)).await;
        Ok(())
    }

    /// Reads what comes until it is time to write again.
    async fn idle(&mut self, line: &mut Line) -> anyhow::Result<()> {
        let pause = self.rng.f64() * 2.0 * self.pause;
        let next = tokio::time::Instant::now() + Duration::from_secs_f64(pause);
        loop {
            tokio::select! {
                () = sleep_until(next) => return Ok(()),
                frame = line.frame() => {
                    frame?;
                }
            }
        }
    }

    /// The answer to a request; pushes that come before it are read.
    async fn ask(&self, line: &mut Line, request: Value) -> anyhow::Result<Answer> {
        let id = line.ask(request).await?;
        let answered = async {
            loop {
                if let Frame::Answer(re, answer) = line.frame().await?
                    && re == id
                {
                    return anyhow::Ok(answer);
                }
            }
        };
        timeout(PATIENCE, answered).await.context("no answer")?
    }
}

/// An agent who answers now and then whoever wrote.
async fn agent(
    site: Site,
    pass: Pass,
    mut rng: fastrand::Rng,
    book: Book,
    stop: CancellationToken,
) {
    let talk = async {
        let (mut line, _) = Line::desk(site, &pass).await?;
        let mut written = 0_u64;
        loop {
            let push = match line.frame().await? {
                Frame::Push(push) => push,
                Frame::Answer(_, Err(code)) => {
                    book.code(&format!("agent: {code}"));
                    continue;
                }
                Frame::Answer(..) => continue,
            };
            let from_visitor = push["message"]["author"]["kind"] == "visitor";
            if push["push"] == "message" && from_visitor && rng.u32(0..100) < 15 {
                written += 1;
                book.note(|tally| tally.agents_wrote += 1);
                let key = format!("{}-{written}", pass.login);
                line.ask(
                    json!({"do": "write", "chat": push["chat"], "key": key, "text": "Of course."}),
                )
                .await?;
            }
        }
    };
    let ended: anyhow::Result<()> = tokio::select! {
        () = stop.cancelled() => Ok(()),
        ended = talk => ended,
    };
    if let Err(error) = ended {
        book.code(&format!("agent: {error:#}"));
    }
}

/// The server's memory in KiB, with the minute of each look.
async fn watch(process: u32, flags: &Flags, book: &Book) -> anyhow::Result<Vec<(f64, f64)>> {
    let begun = Instant::now();
    let mut looks = Vec::new();
    while begun.elapsed().as_secs_f64() < flags.minutes * 60.0 {
        sleep(LOOK).await;
        let minute = begun.elapsed().as_secs_f64() / 60.0;
        let memory = resident(process)?;
        looks.push((minute, memory));
        if looks.len() % 6 == 0 {
            let mut line = String::new();
            book.note(|tally| {
                line = format!(
                    "minute {minute:.0}: {:.1} MiB, {} chats, {} messages acknowledged",
                    memory / 1_024.0,
                    tally.chats,
                    tally.acknowledged
                );
            });
            say(&line)?;
        }
    }
    Ok(looks)
}

fn resident(process: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))
        .context("the server has ended")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let Some(kib) = line.and_then(|line| line.trim().split(' ').next()) else {
        bail!("the server has ended")
    };
    Ok(kib.parse()?)
}

/// Says all, and whether nothing happened but what may.
fn report(book: &Book, memory: &[(f64, f64)], log: &str) -> anyhow::Result<bool> {
    let mut text = String::new();
    let mut well = true;
    book.note(|tally| {
        tally.waits.sort_unstable();
        let at = |share: f64| {
            let place = (tally.waits.len() as f64 * share) as usize;
            let wait = tally
                .waits
                .get(place.min(tally.waits.len().saturating_sub(1)));
            f64::from(wait.copied().unwrap_or(0)) / 1_000.0
        };
        text = format!(
            "{} chats, {} killed, {} came back, {} messages acknowledged, {} written by agents\n\
             acknowledged after p50 {:.1} ms, p99 {:.1} ms, p99.9 {:.1} ms, at most {:.1} ms\n",
            tally.chats,
            tally.killed,
            tally.returned,
            tally.acknowledged,
            tally.agents_wrote,
            at(0.5),
            at(0.99),
            at(0.999),
            at(1.0),
        );
        for (code, count) in &tally.codes {
            let expected = EXPECTED.contains(&&**code)
                || EXPECTED.contains(&code.trim_start_matches("agent: "));
            well &= expected;
            text += &format!(
                "{count} times {code}{}\n",
                if expected { "" } else { ": NOT EXPECTED" }
            );
        }
        // The first quarter fills caches and tables.
        let steady = &memory[memory.len() / 4..];
        text += &format!(
            "memory {:.1} MiB at the end, {:+.1} KiB a minute over the last three quarters, {:+.1} over the second half\n",
            memory.last().map_or(0.0, |(_, kib)| kib / 1_024.0),
            slope(steady),
            slope(&memory[memory.len() / 2..])
        );
    });
    text += &format!(
        "{} lines in the server's log, at warn and above",
        log.lines().count()
    );
    for line in log.lines().take(20) {
        text += &format!("\n  {line}");
    }
    say(&text)?;
    Ok(well)
}

/// By how much y grows for each x, by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len().max(1) as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let together: f64 = points
        .iter()
        .map(|(x, y)| (x - mean_x) * (y - mean_y))
        .sum();
    if spread > 0.0 { together / spread } else { 0.0 }
}

fn say(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}
