//! Does the engine queue as queueing theory says it must? Poisson arrivals and exponential handle times drive
//! a real [`Engine`] in virtual time; what it does is held against closed formulas.
//!
//! With `c` agents of one chat each, offered load `a` = arrival rate × mean handle time:
//!
//! - no limits: **M/M/c**, "Erlang C" (A. K. Erlang, 1917);
//! - Max Chats `q`: **M/M/c/K** with K = c + q (any textbook, e.g. Gross & Harris, "Fundamentals of Queueing Theory");
//! - Time Out `D`: **M/M/c+D**, deterministic patience (F. Baccelli & G. Hebuterne, "On Queues with Impatient
//!   Customers", 1981), in the notation of S. Zeltyn & A. Mandelbaum, "Call Centers with Impatient Customers", 2005.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{
    AgentCommand, AgentProfile, ChatRequest, Command, HostCommand, Member, VisitorCommand,
    VisitorForm,
};
use webchat_core::event::{CloseReason, Event};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox};

use crate::choices::Choices;

/// Groups of consecutive arrivals whose means are taken to be independent.
const BATCHES: usize = 30;

const CAMPAIGN: CampaignId = CampaignId(1);

/// A campaign under a steady stream of visitors.
#[derive(Clone, Copy, Debug)]
pub struct Queue {
    /// Agents, each with one chat at a time.
    pub agents: u32,
    /// Arrivals per mean handle time, "offered load" in erlangs.
    pub load: f64,
    /// Mean handle time in seconds.
    pub handle: f64,
    /// Max Chats; 0 has no limit.
    pub max_chats: u32,
    /// Time Out in seconds; 0 has no limit.
    pub time_out: u32,
}

/// What becomes of visitors: shares of those who arrive, and their waits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome<T> {
    /// Share of the admitted who have to wait at all.
    pub waits: T,
    /// Mean wait of the admitted in seconds, those included who are told so at once or give up.
    pub wait: T,
    /// Share refused because the queue is full.
    pub refused: T,
    /// Share of the admitted whose Time Out passes.
    pub timed_out: T,
}

/// A mean and its standard error, from the means of batches.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// Over everything.
    pub mean: f64,
    /// Of that mean.
    pub error: f64,
}

impl Measured {
    /// How many standard errors it is away from what theory says; 0 where both say "never".
    pub fn distance(self, theory: f64) -> f64 {
        match (self.mean - theory).abs() {
            0.0 => 0.0,
            off => off / self.error,
        }
    }
}

impl Queue {
    /// What theory says, for no limit or one of the two.
    pub fn theory(&self) -> Outcome<f64> {
        match (self.max_chats, self.time_out) {
            (0, 0) => self.erlang_c(),
            (_, 0) => self.limited(),
            _ => self.impatient(),
        }
    }

    /// M/M/c: the share that waits is C = c·B / (c − a·(1 − B)) with Erlang's B, and the mean wait
    /// C · handle / (c − a). Needs a < c.
    fn erlang_c(&self) -> Outcome<f64> {
        let (c, a) = (f64::from(self.agents), self.load);
        let blocked = erlang_b(self.agents, a);
        let waits = c * blocked / (c - a * (1.0 - blocked));
        Outcome {
            waits,
            wait: waits * self.handle / (c - a),
            ..Outcome::default()
        }
    }

    /// M/M/c/K: the states 0 ..= c + q have weights a^n / n! up to c, then each a/c of the one before; who
    /// meets the last is refused. Mean wait by Little's law.
    fn limited(&self) -> Outcome<f64> {
        let (c, a) = (f64::from(self.agents), self.load);
        let mut weights = vec![1.0];
        for n in 1..=self.agents + self.max_chats {
            let before = weights[weights.len() - 1];
            weights.push(before * a / f64::from(n).min(c));
        }
        let all: f64 = weights.iter().sum();
        let share = |from: usize, to: usize| weights[from..to].iter().sum::<f64>() / all;
        let (busy, full) = (self.agents as usize, weights.len() - 1);
        let refused = share(full, full + 1);
        let queue: f64 = weights[busy..]
            .iter()
            .zip(0_u32..)
            .map(|(weight, waiting)| weight * f64::from(waiting) / all)
            .sum();
        Outcome {
            waits: share(busy, full) / (1.0 - refused),
            wait: queue * self.handle / (a * (1.0 - refused)),
            refused,
            timed_out: 0.0,
        }
    }

    /// M/M/c+D: with λ the arrival rate, μ the rate of one agent and θ = λ − c·μ, the integrals
    /// J = ∫ e^(λ·min(x,D) − c·μ·x) dx and J_H, the same with min(x,D) in front, have closed forms;
    /// E = 1 / B(c − 1). Needs θ ≠ 0.
    fn impatient(&self) -> Outcome<f64> {
        let (c, d) = (f64::from(self.agents), f64::from(self.time_out));
        let mu = 1.0 / self.handle;
        let lambda = self.load * mu;
        let theta = lambda - c * mu;
        let at_d = (theta * d).exp();
        let j = (at_d - 1.0) / theta + at_d / (c * mu);
        let j_h = d * at_d / theta - (at_d - 1.0) / (theta * theta) + d * at_d / (c * mu);
        let e = 1.0 / erlang_b(self.agents - 1, self.load);
        let whole = e + lambda * j;
        Outcome {
            waits: lambda * j / whole,
            wait: lambda * j_h / whole,
            refused: 0.0,
            timed_out: (1.0 + theta * j) / whole,
        }
    }

    /// What the engine makes of `arrivals` visitors, after as many more as it takes to get going.
    ///
    /// # Panics
    /// When the engine refuses a command it has to accept, or its own counters say otherwise.
    pub fn simulate(&self, seed: u64, arrivals: usize) -> Outcome<Measured> {
        let mut run = Run::new(self, seed);
        let warm_up = arrivals / 20;
        run.arrive(warm_up + arrivals);
        run.drain();
        run.check_counters();
        let batches: Vec<Outcome<f64>> = run.visits[warm_up..]
            .chunks(arrivals.div_ceil(BATCHES))
            .map(of_batch)
            .collect();
        let measure = |figure: fn(&Outcome<f64>) -> f64| measured(&batches, figure);
        Outcome {
            waits: measure(|batch| batch.waits),
            wait: measure(|batch| batch.wait),
            refused: measure(|batch| batch.refused),
            timed_out: measure(|batch| batch.timed_out),
        }
    }
}

/// Erlang's B: the share of time in which all of `agents` are busy if nobody waits.
fn erlang_b(agents: u32, load: f64) -> f64 {
    (1..=agents).fold(1.0, |blocked, agents| {
        load * blocked / (f64::from(agents) + load * blocked)
    })
}

/// One visitor's visit.
#[derive(Clone, Copy, Debug)]
enum Visit {
    Refused,
    Waiting { since: Timestamp },
    Answered { waited: i64 },
    TimedOut { waited: i64 },
}

fn of_batch(visits: &[Visit]) -> Outcome<f64> {
    let mut sum = Outcome::<f64>::default();
    for visit in visits {
        match visit {
            Visit::Refused => sum.refused += 1.0,
            Visit::Waiting { .. } => {}
            Visit::Answered { waited } | Visit::TimedOut { waited } => {
                sum.wait += *waited as f64 / 1_000.0;
                sum.waits += f64::from(u8::from(*waited > 0));
                sum.timed_out += f64::from(u8::from(matches!(visit, Visit::TimedOut { .. })));
            }
        }
    }
    let arrived = visits.len() as f64;
    let admitted = arrived - sum.refused;
    Outcome {
        waits: sum.waits / admitted,
        wait: sum.wait / admitted,
        refused: sum.refused / arrived,
        timed_out: sum.timed_out / admitted,
    }
}

fn measured(batches: &[Outcome<f64>], figure: fn(&Outcome<f64>) -> f64) -> Measured {
    let count = batches.len() as f64;
    let mean = batches.iter().map(figure).sum::<f64>() / count;
    let squares: f64 = batches
        .iter()
        .map(|batch| (figure(batch) - mean).powi(2))
        .sum();
    Measured {
        mean,
        error: (squares / (count - 1.0) / count).sqrt(),
    }
}

/// One simulated campaign.
struct Run {
    engine: Engine,
    outbox: Outbox,
    choices: Choices,
    /// Mean milliseconds between arrivals and of handling.
    between: f64,
    handle: f64,
    clock: Timestamp,
    /// Fractions of milliseconds would add up.
    arrived: f64,
    visits: Vec<Visit>,
    /// The visit of each live chat.
    live: HashMap<ChatId, usize>,
    /// When which agent is done with which chat.
    ends: BinaryHeap<Reverse<(Timestamp, AgentId, ChatId)>>,
}

impl Run {
    fn new(queue: &Queue, seed: u64) -> Self {
        let zones = Zones::bundled();
        let draft = CampaignDraft {
            agent_cap: 1,
            max_chats: i64::from(queue.max_chats),
            time_out: i64::from(queue.time_out),
            ..CampaignDraft::named("Queue")
        };
        let (campaign, _) = draft.check(&zones).expect("the settings are in range");
        let handle = queue.handle * 1_000.0;
        let mut run = Self {
            engine: Engine::new(zones),
            outbox: Outbox::default(),
            choices: Choices::from_seed(seed),
            between: handle / queue.load,
            handle,
            clock: Timestamp::from_seconds(1_790_000_000),
            arrived: 0.0,
            visits: Vec::new(),
            live: HashMap::new(),
            ends: BinaryHeap::new(),
        };
        run.host(HostCommand::create_campaign(campaign));
        let agents: Vec<AgentId> = (1..=queue.agents).map(AgentId).collect();
        for agent in &agents {
            run.host(HostCommand::CreateAgent(AgentProfile {
                name: format!("Agent {agent}").into(),
                voice: false,
            }));
        }
        run.host(HostCommand::SetMembers {
            campaign: CAMPAIGN,
            members: agents.iter().copied().map(Member::plain).collect(),
        });
        for agent in agents {
            let ask = AgentCommand::SignIn { session: 1 };
            run.ask(Command::Agent { agent, ask });
        }
        run
    }

    fn host(&mut self, command: HostCommand) {
        self.ask(Command::Host(command));
    }

    /// Lets so many visitors arrive, and meanwhile agents finish their chats.
    fn arrive(&mut self, visitors: usize) {
        let begin = self.clock;
        for visitor in 0..visitors {
            self.arrived += self.exponential(self.between);
            let arrival = begin.after_millis(self.arrived as i64);
            self.finish_until(arrival);
            self.clock = arrival;
            self.ask(Command::Visitor(VisitorCommand::RequestChat(Box::new(
                ChatRequest {
                    identity: None,
                    visitor: VisitorKey(visitor as u128),
                    campaign: CAMPAIGN,
                    origin: None,
                    language: None,
                    form: VisitorForm::default(),
                    priority: 0,
                    skills: Vec::new(),
                },
            ))));
        }
    }

    /// Nobody comes any more; those who are there are served, or their time is out.
    fn drain(&mut self) {
        self.finish_until(Timestamp::MAX);
        self.host(HostCommand::Tick);
    }

    fn finish_until(&mut self, until: Timestamp) {
        while let Some(Reverse((at, agent, chat))) = self.ends.peek().copied()
            && at <= until
        {
            self.ends.pop();
            self.clock = at;
            let ask = AgentCommand::Close {
                chat,
                disposition: None,
            };
            self.ask(Command::Agent { agent, ask });
        }
    }

    fn ask(&mut self, command: Command) {
        let mut outbox = std::mem::take(&mut self.outbox);
        self.engine
            .handle(self.clock, command, &mut outbox)
            .expect("nothing senseless is asked");
        for recorded in outbox.events() {
            self.note(recorded.at, &recorded.event);
        }
        outbox.clear();
        self.outbox = outbox;
    }

    fn note(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::ChatRefused { .. } => self.visits.push(Visit::Refused),
            Event::ChatQueued { chat, .. } => {
                self.live.insert(*chat, self.visits.len());
                self.visits.push(Visit::Waiting { since: at });
            }
            Event::ChatAssigned { chat, agent, .. } => {
                let waited = self.waited(*chat, at);
                self.settle(*chat, Visit::Answered { waited });
                let end = at.after_millis(self.exponential(self.handle) as i64);
                self.ends.push(Reverse((end, *agent, *chat)));
            }
            Event::ChatClosed {
                chat,
                reason: CloseReason::TimedOut,
                due: Some(due),
                ..
            } => {
                let waited = self.waited(*chat, *due);
                self.settle(*chat, Visit::TimedOut { waited });
            }
            _ => {}
        }
    }

    fn waited(&self, chat: ChatId, until: Timestamp) -> i64 {
        match self.live.get(&chat).map(|visit| self.visits[*visit]) {
            Some(Visit::Waiting { since }) => until.since(since),
            _ => 0,
        }
    }

    fn settle(&mut self, chat: ChatId, how: Visit) {
        if let Some(visit) = self.live.remove(&chat) {
            self.visits[visit] = how;
        }
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        // From 1 to 2^53 of as many, so that its logarithm is finite.
        let fraction = ((self.choices.word() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        -fraction.ln() * mean
    }

    fn check_counters(&self) {
        let view = self.engine.view().campaign(CAMPAIGN);
        let counters = view.expect("the campaign is there").counters;
        let count = |of: fn(&Visit) -> bool| self.visits.iter().filter(|visit| of(visit)).count();
        let seen = [
            count(|visit| matches!(visit, Visit::Answered { .. })),
            count(|visit| matches!(visit, Visit::TimedOut { .. })),
            count(|visit| matches!(visit, Visit::Refused)),
        ];
        let refused = counters.refused.values().sum();
        let counted = [counters.answered, counters.timed_out, refused];
        assert_eq!(counted, seen.map(|count| count as u64));
    }
}
