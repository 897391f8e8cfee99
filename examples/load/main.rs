//! Load for a running server: visitors and agents over real WebSockets, timed from the instant the plan wanted, every
//! message checked on both sides. At the end a report with charts (HTML) and the same figures as JSON.
//!
//! `load --server 127.0.0.1:8080 --visitors 5000 --rate 50 --agents 200`. It makes a campaign of its own, and agents
//! named `load-1` and so on, so it needs an administrator's password. It fails if anything was lost, doubled, reordered
//! or altered, or if the server has counted other chats than there were.

mod agent;
mod centre;
mod figures;
mod ledger;
mod plan;
mod report;
mod tally;
mod visitor;
mod words;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use webchat_examples::site::{DEMO_PASSWORD, Site};

use agent::{Agent, Day};
use centre::{Centre, Rules};
use figures::Figures;
use ledger::Ledger;
use plan::{Arrivals, Mix};
use tally::{Counted, Tally, Timed};

/// Chats compared with what the server has stored.
const STORED: usize = 200;
/// Longest time for agents to clear their desks when the last visitor has gone.
const CLEARING: Duration = Duration::from_secs(60);

/// Puts a running webchat server under load and reports what it measured.
#[derive(Parser, Clone, Debug)]
#[command(name = "load")]
struct Flags {
    /// The server, as host:port
    #[arg(long, default_value = "127.0.0.1:8080")]
    server: String,
    /// An administrator's login
    #[arg(long, default_value = "admin", env = "WEBCHAT_LOAD_LOGIN")]
    login: String,
    /// The administrator's password [default: that of the demo]
    #[arg(long, env = "WEBCHAT_LOAD_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// Visitors in all
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    visitors: u32,
    /// How visitors come
    #[arg(long, value_enum, default_value_t = Arrivals::Poisson)]
    arrivals: Arrivals,
    /// Visitors a second
    #[arg(long, default_value_t = 10.0, value_parser = positive)]
    rate: f64,
    /// Seconds in which the rate rises from nothing
    #[arg(long, default_value_t = 10.0, value_parser = not_negative)]
    ramp: f64,
    /// Mean seconds a visitor is willing to wait; 0 waits for ever
    #[arg(long, default_value_t = 60.0, value_parser = not_negative)]
    patience: f64,
    /// Mean seconds in which a visitor says everything
    #[arg(long, default_value_t = 30.0, value_parser = not_negative)]
    chat_length: f64,
    /// Mean messages of a visitor; 0 has visitors leave as soon as an agent is there
    #[arg(long, default_value_t = 6.0, value_parser = not_negative)]
    messages: f64,
    /// Mean seconds an agent thinks before an answer
    #[arg(long, default_value_t = 2.0, value_parser = not_negative)]
    think: f64,
    /// Agents
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    agents: u32,
    /// Password of the agents `load-1`, `load-2` and so on
    #[arg(long, default_value = "webchat-load")]
    agent_password: String,
    /// Chats an agent may have at once
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    cap: u32,
    /// Seconds within which a chat is to be answered
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    answer_within: u64,
    /// Chats that may wait; 0 for no limit
    #[arg(long, default_value_t = 0)]
    max_chats: u32,
    /// Seconds a chat may wait; 0 for no limit
    #[arg(long, default_value_t = 0)]
    time_out: u32,
    /// Addresses of this machine that visitors come from [default: as many as the server's limits need]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    addresses: Option<u32>,
    /// What the plan is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the report goes, without an ending: `.html` and `.json` are added
    #[arg(long, default_value = "load-report")]
    out: PathBuf,
}

/// What everybody in a run shares.
pub(crate) struct Run {
    pub(crate) site: Site,
    pub(crate) campaign: u64,
    pub(crate) answer_within: Duration,
    /// Mean time an agent thinks.
    pub(crate) think: Duration,
    pub(crate) tally: Tally,
    pub(crate) ledger: Ledger,
}

impl Flags {
    fn mix(&self) -> Mix {
        Mix {
            visitors: self.visitors,
            arrivals: self.arrivals,
            rate: self.rate,
            ramp: self.ramp,
            patience: self.patience,
            chat_length: self.chat_length,
            messages: self.messages,
            // The server lets an address start thirty chats at once, then one every four seconds.
            addresses: self.addresses.unwrap_or(self.visitors.div_ceil(20).max(4)),
            seed: self.seed,
        }
    }

    fn rules(&self) -> Rules {
        Rules {
            cap: self.cap,
            answer_within: self.answer_within,
            max_chats: self.max_chats,
            time_out: self.time_out,
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let flags = Flags::parse();
    let site = centre::find(&flags.server).await?;
    let password = flags.password.as_deref().unwrap_or(DEMO_PASSWORD);
    let centre = Centre::open(site, &flags.login, password, flags.rules()).await?;
    say(&format!(
        "Campaign {}; signing in {} agents",
        centre.campaign, flags.agents
    ))?;
    let ran = under_load(&flags, site, &centre).await;
    // In any case: nobody shall wait in a queue that has no agents any more.
    centre.close().await?;
    let figures = ran?;
    let html = flags.out.with_extension("html");
    let json = flags.out.with_extension("json");
    std::fs::write(&html, report::html(&figures))
        .with_context(|| format!("cannot write {}", html.display()))?;
    std::fs::write(&json, serde_json::to_vec_pretty(&figures)?)?;
    say(&figures.text())?;
    say(&format!(
        "Report: {} and {}",
        html.display(),
        json.display()
    ))?;
    match figures.hold() {
        true => Ok(ExitCode::SUCCESS),
        false => Ok(ExitCode::FAILURE),
    }
}

async fn under_load(flags: &Flags, site: Site, centre: &Centre) -> anyhow::Result<Figures> {
    let staff = centre.staff(flags.agents, &flags.agent_password).await?;
    let mut came = Vec::new();
    for (site, pass) in &staff {
        came.push(
            agent::come(*site, pass)
                .await
                .context("an agent cannot come to the desk")?,
        );
    }
    let mix = flags.mix();
    let visits = mix.visits();
    let run = Arc::new(Run {
        site,
        campaign: centre.campaign,
        answer_within: Duration::from_secs(flags.answer_within),
        think: Duration::from_secs_f64(flags.think),
        tally: Tally::new(),
        ledger: Ledger::default(),
    });
    let (day, days) = watch::channel(Day::Work);
    let mut rng = fastrand::Rng::with_seed(flags.seed);
    let mut agents = JoinSet::new();
    for ((site, pass), came) in staff.into_iter().zip(came) {
        let agent = Agent::new(run.clone(), site, pass, rng.fork());
        agents.spawn(agent.work(came, days.clone()));
    }

    let mut visitors = JoinSet::new();
    for visit in visits {
        visitors.spawn(visitor::visit(run.clone(), visit));
    }
    let mut second = tokio::time::interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while !visitors.is_empty() {
        tokio::select! {
            _ = visitors.join_next() => {}
            _ = second.tick() => {
                run.tally.sample(centre.now().await);
                progress(&run.tally)?;
            }
        }
    }
    day.send_replace(Day::Over);
    let cleared = async { while agents.join_next().await.is_some() {} };
    if tokio::time::timeout(CLEARING, cleared).await.is_err() {
        run.tally.error("agents did not clear their desks");
    }
    run.tally.sample(centre.now().await);
    let took = run.tally.now();
    say("\nComparing with the server")?;
    let mut verdict = run.ledger.verdict();
    for chat in run.ledger.sample(STORED) {
        verdict.stored_chats += 1;
        if !run.ledger.is_stored(&chat, &centre.stored(&chat).await?) {
            verdict.not_stored(&chat);
        }
    }
    let admitted = run.tally.open().total.count(Counted::Admitted);
    let server = centre.counted(admitted).await?;
    Ok(Figures::of(
        flags,
        &mix,
        took,
        &run.tally.open(),
        verdict,
        server,
    ))
}

/// One line that says how it goes; on a terminal it replaces the one before.
fn progress(tally: &Tally) -> std::io::Result<()> {
    let line = {
        let log = tally.open();
        let count = |what| log.total.count(what);
        let delivery = |quantile| {
            let timed = log.timed.get(&Timed::Delivery);
            timed.map_or(0.0, |timed| {
                timed.value_at_quantile(quantile) as f64 / 1_000.0
            })
        };
        format!(
            "{:>4} s  come {}  waiting {}  active {}  ended {}  left {}  refused {}  messages {}  delivery p50 {:.1} ms p99 {:.1} ms  errors {}",
            tally.now().as_secs(),
            count(Counted::Come),
            log.waiting,
            log.active,
            count(Counted::Ended),
            count(Counted::Left) + count(Counted::TimedOut),
            count(Counted::Refused),
            count(Counted::Acknowledged),
            delivery(0.5),
            delivery(0.99),
            log.total.errors,
        )
    };
    let mut out = std::io::stdout().lock();
    match out.is_terminal() {
        true => write!(out, "\r\x1b[2K{line}")?,
        false if tally.now().as_secs().is_multiple_of(10) => writeln!(out, "{line}")?,
        false => {}
    }
    out.flush()
}

fn say(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if value > 0.0 && value <= 1e6 => Ok(value),
        _ => Err("expected a number above 0, at most 1000000".into()),
    }
}

fn not_negative(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if (0.0..=1e6).contains(&value) => Ok(value),
        _ => Err("expected a number from 0 to 1000000".into()),
    }
}
