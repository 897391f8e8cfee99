//! What the engine's queue is measured against: the simplest program that does the same job, and below it a lower
//! bound that only moves numbers. Both finish, pick, assign and admit; nothing of the engine is in them.

use std::collections::VecDeque;

use crate::under_load::CAP;

/// Chats with an identity and a record in a table, a ring of those waiting which tolerates that some left in the
/// middle, members with what makes them eligible, and an index of the eligible made for one delivery order.
pub struct Prototype<I> {
    chats: Vec<Slot>,
    /// Slots free for use.
    free: Vec<u32>,
    waiting: VecDeque<Handle>,
    members: Vec<Member>,
    index: I,
    now: u64,
    admitted: u64,
}

/// A chat's identity: its slot in the table, and which of the slot's chats it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handle {
    slot: u32,
    generation: u32,
}

struct Slot {
    generation: u32,
    chat: Option<Chat>,
}

/// What is known of a chat.
#[allow(dead_code, reason = "a record is kept whether or not a cycle reads it")]
struct Chat {
    visitor: u128,
    sequence: u64,
    arrived: u64,
    /// Who has it, since when; `None` waits.
    agent: Option<(u32, u64)>,
}

/// An agent as the queue sees one.
pub struct Member {
    signed_in: bool,
    paused: bool,
    on_call: bool,
    /// Lower ones go first.
    penalty: u8,
    /// Chats, and how many there may be.
    used: u32,
    cap: u32,
    answered: u32,
    /// When a chat last came or went.
    last: u64,
}

impl Member {
    fn is_eligible(&self) -> bool {
        self.signed_in && !self.paused && !self.on_call && self.used < self.cap
    }
}

/// Eligible members, in a delivery order.
pub trait Index {
    /// None of so many members is eligible.
    fn new(agents: u32) -> Self;
    /// The agent finished a chat and is eligible.
    fn finished(&mut self, agent: u32);
    /// Who is next.
    fn pick(&self, members: &[Member]) -> Option<u32>;
    /// The agent got a chat, and is eligible still or not.
    fn received(&mut self, agent: u32, still_free: bool);
}

impl<I: Index> Prototype<I> {
    /// All agents are busy and so many chats wait.
    pub fn new(agents: u32, waiting: u32) -> Self {
        let member = |_| Member {
            signed_in: true,
            paused: false,
            on_call: false,
            penalty: 0,
            used: 0,
            cap: CAP,
            answered: 0,
            last: 0,
        };
        let mut queue = Self {
            chats: Vec::new(),
            free: Vec::new(),
            waiting: VecDeque::new(),
            members: (0..agents).map(member).collect(),
            index: I::new(agents),
            now: 0,
            admitted: 0,
        };
        for agent in (0..CAP).flat_map(|_| 0..agents) {
            queue.admit();
            queue.assign(agent);
        }
        (0..waiting).for_each(|_| queue.admit());
        queue
    }

    /// Chats with agents, one agent after the other.
    pub fn active(&self) -> impl Iterator<Item = Handle> + '_ {
        let slots = (0..).zip(&self.chats);
        let active =
            slots.filter(|(_, slot)| slot.chat.as_ref().is_some_and(|chat| chat.agent.is_some()));
        active.map(|(slot, held)| Handle {
            slot,
            generation: held.generation,
        })
    }

    /// A chat is finished, the next one goes to whom the order picks, and a newcomer comes. Says which chat went on.
    pub fn cycle(&mut self, finished: Handle) -> Handle {
        self.now += 1;
        self.finish(finished);
        let agent = self.index.pick(&self.members).unwrap();
        let next = self.assign(agent);
        self.admit();
        next
    }

    fn finish(&mut self, chat: Handle) {
        let slot = &mut self.chats[chat.slot as usize];
        let ended = slot.chat.take_if(|_| slot.generation == chat.generation);
        self.free.push(chat.slot);
        let (agent, _) = ended.unwrap().agent.unwrap();
        let member = &mut self.members[agent as usize];
        member.used -= 1;
        member.last = self.now;
        if member.is_eligible() {
            self.index.finished(agent);
        }
    }

    /// The first one still waiting goes to an agent.
    fn assign(&mut self, agent: u32) -> Handle {
        loop {
            let next = self.waiting.pop_front().unwrap();
            let slot = &mut self.chats[next.slot as usize];
            let waits =
                |chat: &&mut Chat| slot.generation == next.generation && chat.agent.is_none();
            // Whoever left in the middle is passed over here.
            let Some(chat) = slot.chat.as_mut().filter(waits) else {
                continue;
            };
            chat.agent = Some((agent, self.now));
            let member = &mut self.members[agent as usize];
            member.used += 1;
            member.answered += 1;
            member.last = self.now;
            self.index.received(agent, member.is_eligible());
            return next;
        }
    }

    fn admit(&mut self) {
        self.admitted += 1;
        let chat = Chat {
            visitor: u128::from(self.admitted)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
            sequence: self.admitted,
            arrived: self.now,
            agent: None,
        };
        let handle = match self.free.pop() {
            Some(slot) => {
                let held = &mut self.chats[slot as usize];
                held.generation += 1;
                held.chat = Some(chat);
                Handle {
                    slot,
                    generation: held.generation,
                }
            }
            None => {
                self.chats.push(Slot {
                    generation: 1,
                    chat: Some(chat),
                });
                Handle {
                    slot: self.chats.len() as u32 - 1,
                    generation: 1,
                }
            }
        };
        self.waiting.push_back(handle);
    }
}

/// The lower bound: a ring of numbers, a count of slots for each agent, and the same index. No identities, records or
/// rules.
pub struct Bare<I> {
    waiting: VecDeque<u32>,
    used: Vec<u32>,
    free: I,
    next: u32,
}

impl<I: Index> Bare<I> {
    /// All agents are busy and so many chats wait.
    pub fn new(agents: u32, waiting: u32) -> Self {
        Self {
            waiting: (0..waiting).collect(),
            used: vec![CAP; agents as usize],
            free: I::new(agents),
            next: waiting,
        }
    }

    /// An agent finishes, the next chat goes to whom the order picks, and a newcomer comes. Says who got the chat.
    pub fn cycle(&mut self, finishes: u32) -> u32 {
        self.used[finishes as usize] -= 1;
        self.free.finished(finishes);
        let agent = self.free.pick(&[]).unwrap();
        let chat = self.waiting.pop_front().unwrap();
        std::hint::black_box(chat);
        self.used[agent as usize] += 1;
        self.free.received(agent, self.used[agent as usize] < CAP);
        self.next = self.next.wrapping_add(1);
        self.waiting.push_back(self.next);
        agent
    }
}

/// For `leastrecent`: a list through the agents, whoever was served last at its end.
pub struct Recent {
    before: Vec<u32>,
    after: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Recent {
    /// The place after the last agent is the head and end of the list.
    fn anchor(&self) -> usize {
        self.after.len() - 1
    }

    fn unlink(&mut self, agent: u32) {
        let (before, after) = (self.before[agent as usize], self.after[agent as usize]);
        if before != NONE {
            self.after[before as usize] = after;
            self.before[after as usize] = before;
            self.before[agent as usize] = NONE;
        }
    }

    fn append(&mut self, agent: u32) {
        let anchor = self.anchor();
        let last = self.before[anchor];
        self.before[agent as usize] = last;
        self.after[agent as usize] = anchor as u32;
        self.after[last as usize] = agent;
        self.before[anchor] = agent;
    }
}

impl Index for Recent {
    fn new(agents: u32) -> Self {
        let mut list = Self {
            before: vec![NONE; agents as usize + 1],
            after: vec![NONE; agents as usize + 1],
        };
        list.before[agents as usize] = agents;
        list.after[agents as usize] = agents;
        list
    }

    fn finished(&mut self, agent: u32) {
        self.unlink(agent);
        self.append(agent);
    }

    fn pick(&self, _members: &[Member]) -> Option<u32> {
        let first = self.after[self.anchor()];
        (first as usize != self.anchor()).then_some(first)
    }

    fn received(&mut self, agent: u32, still_free: bool) {
        self.unlink(agent);
        if still_free {
            self.append(agent);
        }
    }
}

/// For `linear`, and with a cursor for `rrmemory`: a set of bits and a set of its words that are not empty.
pub struct Bits<const ROUND: bool> {
    words: Vec<u64>,
    summary: Vec<u64>,
    cursor: u32,
}

impl<const ROUND: bool> Bits<ROUND> {
    fn first_from(&self, from: u32) -> Option<u32> {
        let (word, bit) = (from / 64, from % 64);
        let here = self.words.get(word as usize)? & (u64::MAX << bit);
        if here != 0 {
            return Some(word * 64 + here.trailing_zeros());
        }
        let mut at = (word + 1) / 64;
        let mut mask = u64::MAX << ((word + 1) % 64);
        loop {
            let words = self.summary.get(at as usize)? & mask;
            if words != 0 {
                let word = at * 64 + words.trailing_zeros();
                return Some(word * 64 + self.words[word as usize].trailing_zeros());
            }
            at += 1;
            mask = u64::MAX;
        }
    }
}

impl<const ROUND: bool> Index for Bits<ROUND> {
    fn new(agents: u32) -> Self {
        let words = agents as usize / 64 + 1;
        Self {
            words: vec![0; words],
            summary: vec![0; words / 64 + 1],
            cursor: 0,
        }
    }

    fn finished(&mut self, agent: u32) {
        let word = agent as usize / 64;
        self.words[word] |= 1 << (agent % 64);
        self.summary[word / 64] |= 1 << (word % 64);
    }

    fn pick(&self, _members: &[Member]) -> Option<u32> {
        match ROUND {
            true => self.first_from(self.cursor).or_else(|| self.first_from(0)),
            false => self.first_from(0),
        }
    }

    fn received(&mut self, agent: u32, still_free: bool) {
        self.cursor = agent + 1;
        if !still_free {
            let word = agent as usize / 64;
            self.words[word] &= !(1 << (agent % 64));
            if self.words[word] == 0 {
                self.summary[word / 64] &= !(1 << (word % 64));
            }
        }
    }
}

/// What most queues do: no index, each assignment looks at every member.
pub struct Scan;

impl Index for Scan {
    fn new(_agents: u32) -> Self {
        Self
    }

    fn finished(&mut self, _agent: u32) {}

    fn pick(&self, members: &[Member]) -> Option<u32> {
        let eligible = (0..)
            .zip(members)
            .filter(|(_, member)| member.is_eligible());
        let (agent, _) = eligible.min_by_key(|(_, member)| (member.penalty, member.last))?;
        Some(agent)
    }

    fn received(&mut self, _agent: u32, _still_free: bool) {}
}

/// The lower bound of that: nothing but slots in use, and when the last chat came or went.
pub struct BareScan {
    members: Vec<(u32, u64)>,
    clock: u64,
}

impl Index for BareScan {
    fn new(agents: u32) -> Self {
        Self {
            members: (0..agents).map(|agent| (CAP, u64::from(agent))).collect(),
            clock: u64::from(agents),
        }
    }

    fn finished(&mut self, agent: u32) {
        self.clock += 1;
        let member = &mut self.members[agent as usize];
        *member = (member.0 - 1, self.clock);
    }

    fn pick(&self, _members: &[Member]) -> Option<u32> {
        let members = (0..).zip(&self.members);
        let free = members.filter(|(_, (used, _))| *used < CAP);
        let (agent, _) = free.min_by_key(|(_, (_, last))| *last)?;
        Some(agent)
    }

    fn received(&mut self, agent: u32, _still_free: bool) {
        self.clock += 1;
        let member = &mut self.members[agent as usize];
        *member = (member.0 + 1, self.clock);
    }
}
