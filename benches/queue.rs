//! The queue cycle: an agent finishes a chat, the next one waiting is assigned, a newcomer is admitted.
//!
//! Three contestants in one run: the engine, with every rule, event and effect; a bare prototype that
//! only moves numbers between two rings; and the usual plain scan over all members. Ratios are what to
//! look at: the machine's own speed cancels out. `cargo bench -p webchat-benches --bench queue`.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement may fail, and prints

use std::collections::VecDeque;
use std::hint::black_box;
use std::time::{Duration, Instant};

use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{
    AgentCommand, AgentProfile, ChatRequest, Command, HostCommand, Member, VisitorCommand,
    VisitorForm,
};
use webchat_core::effect::Receipt;
use webchat_core::event::Event;
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox};

const CAP: u32 = 3;
const CAMPAIGN: CampaignId = CampaignId(1);
const ROUNDS: usize = 5;

fn main() {
    println!(
        "Queue cycle: close, assign the next, admit one. Median of {ROUNDS} rounds, nanoseconds per cycle."
    );
    println!(
        "order         agents  waiting    engine      bare  member scan  engine/bare  scan/engine"
    );
    for order in ["leastrecent", "rrmemory", "linear"] {
        for (agents, waiting) in [
            (10, 1_000),
            (1_000, 1_000),
            (1_000, 100_000),
            (10_000, 100_000),
        ] {
            let mut contact_centre = ContactCentre::new(order, agents, waiting);
            let mut bare = Bare::new(agents, waiting);
            let mut scan = Scan::new(agents, waiting);
            let engine = median(|| contact_centre.cycle());
            let bare = median(|| bare.cycle());
            let scan = median(|| scan.cycle());
            println!(
                "{order:<12} {agents:>7} {waiting:>8} {engine:>9.0} {bare:>9.1} {scan:>12.0} {:>12.1} {:>12.2}",
                engine / bare,
                scan / engine
            );
        }
    }
}

/// Nanoseconds per call: the median over rounds of at least 50 ms each.
fn median(mut cycle: impl FnMut()) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let mut cycles = 0_u32;
            while start.elapsed() < Duration::from_millis(50) {
                (0..100).for_each(|_| cycle());
                cycles += 100;
            }
            start.elapsed().as_nanos() as f64 / f64::from(cycles)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

/// The engine with one campaign, every slot taken and a waiting list.
struct ContactCentre {
    engine: Engine,
    outbox: Outbox,
    now: i64,
    visitors: u128,
    active: VecDeque<(AgentId, ChatId)>,
}

impl ContactCentre {
    fn new(order: &str, agents: u32, waiting: u32) -> Self {
        let draft = CampaignDraft {
            agent_cap: CAP.into(),
            max_chats: 0,
            order: order.to_owned(),
            ..CampaignDraft::named("Queue")
        };
        let settings = Box::new(draft.check(&Zones::bundled()).unwrap().0);
        let mut centre = Self {
            engine: Engine::new(Zones::bundled()),
            outbox: Outbox::default(),
            now: 1_790_000_000_000,
            visitors: 0,
            active: VecDeque::new(),
        };
        centre.handle(Command::Host(HostCommand::CreateCampaign(settings)));
        let everyone = || (1..=agents).map(AgentId);
        for agent in everyone() {
            let profile = AgentProfile {
                name: agent.to_string().into(),
                voice: false,
            };
            centre.handle(Command::Host(HostCommand::CreateAgent(profile)));
        }
        let members = everyone().map(Member::plain).collect();
        centre.handle(Command::Host(HostCommand::SetMembers {
            campaign: CAMPAIGN,
            members,
        }));
        for agent in everyone() {
            centre.handle(Command::Agent {
                agent,
                ask: AgentCommand::SignIn { session: 1 },
            });
        }
        for _ in 0..agents * CAP + waiting {
            centre.admit();
        }
        centre
    }

    fn handle(&mut self, command: Command) -> Receipt {
        self.now += 1;
        let receipt = self
            .engine
            .handle(Timestamp::from_millis(self.now), command, &mut self.outbox)
            .unwrap();
        for recorded in self.outbox.events() {
            if let Event::ChatAssigned { chat, agent, .. } = &recorded.event {
                self.active.push_back((*agent, *chat));
            }
        }
        self.outbox.clear();
        receipt
    }

    fn admit(&mut self) {
        self.visitors += 1;
        let request = ChatRequest {
            identity: None,
            visitor: VisitorKey(self.visitors),
            campaign: CAMPAIGN,
            origin: None,
            language: None,
            form: VisitorForm::default(),
            priority: 0,
            skills: Vec::new(),
        };
        let receipt = self.handle(Command::Visitor(VisitorCommand::RequestChat(Box::new(
            request,
        ))));
        assert!(matches!(receipt, Receipt::Chat(_)), "{receipt:?}");
    }

    fn cycle(&mut self) {
        let (agent, chat) = self.active.pop_front().unwrap();
        self.handle(Command::Agent {
            agent,
            ask: AgentCommand::Close {
                chat,
                disposition: None,
            },
        });
        self.admit();
    }
}

/// Two rings of numbers: who waits, and whose slot freed longest ago. No rules, events or visitors.
struct Bare {
    waiting: VecDeque<u32>,
    active: VecDeque<(u32, u32)>,
    free: VecDeque<u32>,
    next: u32,
}

impl Bare {
    fn new(agents: u32, waiting: u32) -> Self {
        Self {
            waiting: (0..waiting).collect(),
            active: (0..agents * CAP).map(|slot| (slot / CAP, slot)).collect(),
            free: VecDeque::new(),
            next: waiting,
        }
    }

    fn cycle(&mut self) {
        let (agent, chat) = self.active.pop_front().unwrap();
        black_box(chat);
        self.free.push_back(agent);
        let chat = self.waiting.pop_front().unwrap();
        let agent = self.free.pop_front().unwrap();
        self.active.push_back((agent, chat));
        self.next = self.next.wrapping_add(1);
        self.waiting.push_back(self.next);
    }
}

/// What most queues do: look at every member for each assignment. Otherwise as bare.
struct Scan {
    bare: Bare,
    /// Slots in use and when the last chat came, per member.
    members: Vec<(u32, u64)>,
    clock: u64,
}

impl Scan {
    fn new(agents: u32, waiting: u32) -> Self {
        let members = (0..agents).map(|agent| (CAP, u64::from(agent))).collect();
        Self {
            bare: Bare::new(agents, waiting),
            members,
            clock: u64::from(agents),
        }
    }

    fn cycle(&mut self) {
        let (agent, chat) = self.bare.active.pop_front().unwrap();
        black_box(chat);
        self.members[agent as usize].0 -= 1;
        let chat = self.bare.waiting.pop_front().unwrap();
        let free = self
            .members
            .iter()
            .enumerate()
            .filter(|(_, (used, _))| *used < CAP);
        let (agent, _) = free.min_by_key(|(_, (_, last))| *last).unwrap();
        self.clock += 1;
        self.members[agent] = (self.members[agent].0 + 1, self.clock);
        self.bare.active.push_back((agent as u32, chat));
        self.bare.next = self.bare.next.wrapping_add(1);
        self.bare.waiting.push_back(self.bare.next);
    }
}
