//! The queue cycle without a contact centre around it: finish, pick, assign, admit on plain numbers.

use std::collections::VecDeque;

use crate::under_load::CAP;

/// A ring of waiting chats, an index of free agents made for one delivery order, and a count of slots for each agent.
/// No visitors, rules, events or identities that outlive a chat.
pub struct Bare<I> {
    waiting: VecDeque<u32>,
    used: Vec<u32>,
    free: I,
    next: u32,
}

/// Agents with a free slot, in a delivery order.
pub trait Index {
    /// Nobody of so many agents has a free slot.
    fn new(agents: u32) -> Self;
    /// The agent finished a chat.
    fn finished(&mut self, agent: u32);
    /// Who is next.
    fn pick(&mut self) -> Option<u32>;
    /// The agent got a chat, and has a free slot still or not.
    fn received(&mut self, agent: u32, still_free: bool);
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
        let agent = self.free.pick().unwrap();
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

    fn pick(&mut self) -> Option<u32> {
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

    fn pick(&mut self) -> Option<u32> {
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
pub struct Scan {
    /// Slots in use, and when the last chat came.
    members: Vec<(u32, u64)>,
    clock: u64,
}

impl Index for Scan {
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

    fn pick(&mut self) -> Option<u32> {
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
