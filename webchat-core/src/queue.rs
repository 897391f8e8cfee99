//! The waiting list of one campaign, in dispatch order: priority descending, first enqueue, sequence.
//!
//! Newcomers arrive in order, so each priority keeps them in a plain ring of blocks with tombstones, whose
//! living are counted block by block; the few that come back with an older key stand in a small ordered set.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeSet, VecDeque};

use crate::id::ChatId;
use crate::time::Timestamp;

/// Where a chat stands in dispatch order. Source: domain.md §4, "(order)".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    /// Higher goes first.
    pub(crate) priority: Reverse<i8>,
    /// First enqueue; a chat that returns keeps it.
    pub(crate) since: Timestamp,
    /// Order of admission, which is the order of first enqueue too: time never goes back.
    pub(crate) sequence: u64,
}

/// The chats waiting in one campaign.
#[derive(Clone, Debug, Default)]
pub(crate) struct WaitingList {
    /// By priority, the highest first.
    lanes: Vec<(Reverse<i8>, Lane)>,
    len: u32,
}

impl WaitingList {
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    pub(crate) fn insert(&mut self, place: Place, chat: ChatId) {
        let at = match self.lane(place.priority) {
            Ok(at) => at,
            Err(at) => {
                self.lanes.insert(at, (place.priority, Lane::default()));
                at
            }
        };
        self.lanes[at].1.insert(place.sequence, chat);
        self.len += 1;
    }

    pub(crate) fn remove(&mut self, place: Place) {
        if let Ok(at) = self.lane(place.priority)
            && self.lanes[at].1.remove(place.sequence)
        {
            self.len -= 1;
        }
    }

    /// How many stand before `place`.
    pub(crate) fn ahead_of(&self, place: Place) -> u32 {
        let before = self.lanes.iter().take_while(|lane| lane.0 < place.priority);
        let higher: u32 = before.map(|(_, lane)| lane.len()).sum();
        match self.lane(place.priority) {
            Ok(at) => higher + self.lanes[at].1.ahead_of(place.sequence),
            Err(_) => higher,
        }
    }

    /// The chat at a rank from 0.
    pub(crate) fn nth(&self, rank: u32) -> Option<ChatId> {
        let mut rank = rank;
        for (_, lane) in &self.lanes {
            match rank.checked_sub(lane.len()) {
                Some(rest) => rank = rest,
                None => return lane.nth(rank),
            }
        }
        None
    }

    /// The head of the queue.
    pub(crate) fn first(&self) -> Option<ChatId> {
        self.heads().next()
    }

    /// From the head of the queue to its end.
    pub(crate) fn iter(&self) -> impl Iterator<Item = ChatId> + '_ {
        // Most look at the head and no further.
        let head = self.first();
        let rest = self.lanes.iter().flat_map(|(_, lane)| lane.iter());
        head.into_iter().chain(rest.skip(1))
    }

    /// The first of each priority.
    pub(crate) fn heads(&self) -> impl Iterator<Item = ChatId> + '_ {
        self.lanes.iter().filter_map(|(_, lane)| lane.head())
    }

    fn lane(&self, priority: Reverse<i8>) -> Result<usize, usize> {
        self.lanes.binary_search_by_key(&priority, |lane| lane.0)
    }
}

/// A chat and its order of admission.
type Entry = (u64, ChatId);

/// The chats of one priority.
#[derive(Clone, Debug, Default)]
struct Lane {
    /// Those who arrived in order. Only the last block has room; the first one has someone living.
    ring: VecDeque<Block>,
    /// Living entries of each block, side by side for ranks.
    living: VecDeque<u32>,
    /// Living entries of the ring.
    alive: u32,
    /// The number of the ring's last entry; 0 without one.
    last: u64,
    /// Those who came back to a place before the ring's end.
    early: BTreeSet<Entry>,
    /// An empty block, kept for its memory.
    spare: Option<Block>,
}

/// Consecutive arrivals.
#[derive(Clone, Debug, Default)]
struct Block {
    entries: Vec<Entry>,
    /// One bit for each entry.
    alive: [u64; BLOCK / 64],
    /// No word of bits before this one has any set.
    first: usize,
}

const BLOCK: usize = 1_024;

impl Lane {
    fn len(&self) -> u32 {
        self.alive + self.early.len() as u32
    }

    fn insert(&mut self, sequence: u64, chat: ChatId) {
        if self.last >= sequence {
            self.early.insert((sequence, chat));
            return;
        }
        self.last = sequence;
        match self.ring.back_mut().zip(self.living.back_mut()) {
            Some((block, living)) if block.entries.len() < BLOCK => {
                block.push((sequence, chat));
                *living += 1;
            }
            _ => {
                let mut block = self.spare.take().unwrap_or_default();
                block.push((sequence, chat));
                self.ring.push_back(block);
                self.living.push_back(1);
            }
        }
        self.alive += 1;
    }

    fn remove(&mut self, sequence: u64) -> bool {
        if let Some((block, at)) = self.find(sequence)
            && self.ring[block].bury(at)
        {
            self.living[block] -= 1;
            self.alive -= 1;
            self.tidy();
            return true;
        }
        let from = (sequence, ChatId::new(0, 0));
        match self.early.range(from..).next().copied() {
            Some(entry) if entry.0 == sequence => self.early.remove(&entry),
            _ => false,
        }
    }

    fn ahead_of(&self, sequence: u64) -> u32 {
        let early = match self.early.is_empty() {
            true => 0,
            false => self.early.range(..(sequence, ChatId::new(0, 0))).count() as u32,
        };
        self.before(sequence) + early
    }

    /// Living entries of the ring before `sequence`.
    fn before(&self, sequence: u64) -> u32 {
        // Newcomers ask most often, and stand at the end or are about to.
        match self.last.cmp(&sequence) {
            Ordering::Less => return self.alive,
            Ordering::Equal if self.living_last() => return self.alive - 1,
            _ => {}
        }
        let block = self.block_of(sequence);
        let in_block = self.ring[block].before(sequence);
        // Counts whichever side is shorter.
        match block <= self.ring.len() / 2 {
            true => self.living.range(..block).sum::<u32>() + in_block,
            false => self.alive - self.living.range(block..).sum::<u32>() + in_block,
        }
    }

    /// The last one of the ring lives.
    fn living_last(&self) -> bool {
        self.ring
            .back()
            .is_some_and(|block| block.is_alive(block.entries.len() - 1))
    }

    /// Those who came back are few, so they are walked.
    fn nth(&self, rank: u32) -> Option<ChatId> {
        let mut passed = 0;
        for (sequence, chat) in &self.early {
            match (self.before(*sequence) + passed).cmp(&rank) {
                Ordering::Less => passed += 1,
                Ordering::Equal => return Some(*chat),
                Ordering::Greater => break,
            }
        }
        self.select(rank - passed)
    }

    /// The living entry of the ring before which `count` others live.
    fn select(&self, count: u32) -> Option<ChatId> {
        let after = self.alive.checked_sub(count)?;
        let (block, left) = match count < after {
            true => {
                let mut left = count;
                let block = self.living.iter().position(|living| {
                    let here = left < *living;
                    left -= if here { 0 } else { *living };
                    here
                })?;
                (block, left)
            }
            false => {
                let mut left = after;
                let block = self.living.iter().rposition(|living| {
                    let here = left <= *living;
                    left -= if here { 0 } else { *living };
                    here
                })?;
                (block, self.living[block] - left)
            }
        };
        self.ring[block].select(left)
    }

    fn head(&self) -> Option<ChatId> {
        let ring = self.ring.front().and_then(Block::head);
        let early = self.early.first().copied();
        let first = ring.into_iter().chain(early).min()?;
        Some(first.1)
    }

    fn iter(&self) -> impl Iterator<Item = ChatId> + '_ {
        let mut ring = self.ring.iter().flat_map(Block::iter).peekable();
        let mut early = self.early.iter().copied().peekable();
        std::iter::from_fn(move || match (ring.peek(), early.peek()) {
            (Some(first), Some(second)) if second < first => early.next(),
            (Some(_), _) => ring.next(),
            (None, _) => early.next(),
        })
        .map(|(_, chat)| chat)
    }

    /// The block and the place in it of an entry, living or not.
    fn find(&self, sequence: u64) -> Option<(usize, usize)> {
        let block = self.block_of(sequence);
        let at = self.ring.get(block)?.find(sequence)?;
        Some((block, at))
    }

    /// The block in which `sequence` stands, if it stands in one.
    fn block_of(&self, sequence: u64) -> usize {
        let starts_later = |block: &Block| {
            block
                .entries
                .first()
                .is_some_and(|first| first.0 > sequence)
        };
        // Those at the head go most often.
        let last = self.ring.front().and_then(|block| block.entries.last());
        if last.is_none_or(|last| sequence <= last.0) {
            return 0;
        }
        self.ring.partition_point(|block| !starts_later(block)) - 1
    }

    /// Drops the blocks of the dead at the head, and all tombstones once they outnumber the living.
    fn tidy(&mut self) {
        while self.living.front() == Some(&0) {
            self.living.pop_front();
            self.spare = self.ring.pop_front().map(Block::emptied);
            self.last = if self.ring.is_empty() { 0 } else { self.last };
        }
        if self.ring.len() > 2 + 2 * self.alive as usize / BLOCK {
            let living: Vec<Entry> = self.ring.iter().flat_map(Block::iter).collect();
            self.ring.clear();
            self.living.clear();
            self.alive = 0;
            self.last = 0;
            for (sequence, chat) in living {
                self.insert(sequence, chat);
            }
        }
    }
}

impl Block {
    fn push(&mut self, entry: Entry) {
        let at = self.entries.len();
        self.alive[at / 64] |= 1 << (at % 64);
        self.first = self.first.min(at / 64);
        self.entries.push(entry);
    }

    /// The entry lives no longer; says whether it did.
    fn bury(&mut self, at: usize) -> bool {
        let lived = self.is_alive(at);
        self.alive[at / 64] &= !(1 << (at % 64));
        while self.alive.get(self.first) == Some(&0) {
            self.first += 1;
        }
        lived
    }

    fn is_alive(&self, at: usize) -> bool {
        self.alive[at / 64] & (1 << (at % 64)) != 0
    }

    fn find(&self, sequence: u64) -> Option<usize> {
        // Without other campaigns and priorities, arrivals are numbered without gaps.
        let first = self.entries.first()?.0;
        let guess = usize::try_from(sequence.checked_sub(first)?).ok()?;
        if self
            .entries
            .get(guess)
            .is_some_and(|entry| entry.0 == sequence)
        {
            return Some(guess);
        }
        self.entries
            .binary_search_by_key(&sequence, |entry| entry.0)
            .ok()
    }

    /// Living entries before `sequence`.
    fn before(&self, sequence: u64) -> u32 {
        let at = match self.find(sequence) {
            Some(at) => at,
            None => self.entries.partition_point(|entry| entry.0 < sequence),
        };
        let words: u32 = self.alive[..at / 64]
            .iter()
            .map(|word| word.count_ones())
            .sum();
        let rest = self
            .alive
            .get(at / 64)
            .map_or(0, |word| word & ((1 << (at % 64)) - 1));
        words + rest.count_ones()
    }

    /// The living entry before which `count` others live.
    fn select(&self, count: u32) -> Option<ChatId> {
        let mut left = count;
        for (word, bits) in self.alive.iter().enumerate() {
            match left.checked_sub(bits.count_ones()) {
                Some(rest) => left = rest,
                None => {
                    let at = ones(*bits).nth(left as usize)?;
                    return Some(self.entries[word * 64 + at].1);
                }
            }
        }
        None
    }

    fn head(&self) -> Option<Entry> {
        let at = self.alive.get(self.first)?.trailing_zeros() as usize;
        self.entries.get(self.first * 64 + at).copied()
    }

    fn iter(&self) -> impl Iterator<Item = Entry> + '_ {
        let words = self.entries.chunks(64).zip(&self.alive);
        words.flat_map(|(entries, bits)| ones(*bits).map(|at| entries[at]))
    }

    fn emptied(mut self) -> Self {
        self.entries.clear();
        self.alive = Default::default();
        self.first = 0;
        self
    }
}

/// The places of the bits that are set, from the lowest.
fn ones(bits: u64) -> impl Iterator<Item = usize> {
    let mut bits = bits;
    std::iter::from_fn(move || {
        let at = (bits != 0).then_some(bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(at)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(priority: i8, sequence: u64) -> Place {
        Place {
            priority: Reverse(priority),
            since: Timestamp::from_millis(sequence as i64),
            sequence,
        }
    }

    proptest! {
        #[test]
        fn the_list_behaves_like_a_sorted_vector(
            steps in prop::collection::vec((0..3_i8, 0..40_u64, any::<bool>(), any::<prop::sample::Index>()), 1..400),
            // So that some chats stand in one block and some in several.
            gap in 1..40_u64,
        ) {
            let mut list = WaitingList::default();
            let mut plain: Vec<(Place, ChatId)> = Vec::new();
            for (step, (priority, back, remove, which)) in (1..).zip(steps) {
                if remove && !plain.is_empty() {
                    let (place, _) = plain.remove(which.index(plain.len()));
                    list.remove(place);
                    list.remove(place);
                } else {
                    // Mostly in order, sometimes far back, as a returned chat is.
                    let sequence = if back < 30 { step * 1_000 * gap } else { back * 1_000 * gap + step };
                    let entry = (place(priority, sequence), ChatId::new(step as u32, 1));
                    list.insert(entry.0, entry.1);
                    plain.push(entry);
                    plain.sort();
                }
                prop_assert_eq!(list.len() as usize, plain.len());
                let chats: Vec<ChatId> = plain.iter().map(|(_, chat)| *chat).collect();
                prop_assert_eq!(list.iter().collect::<Vec<_>>(), chats);
                for (rank, (place, chat)) in plain.iter().enumerate() {
                    prop_assert_eq!(list.ahead_of(*place) as usize, rank);
                    prop_assert_eq!(list.nth(rank as u32), Some(*chat));
                }
                prop_assert_eq!(list.nth(plain.len() as u32), None);
            }
        }

        #[test]
        fn a_long_list_behaves_like_a_sorted_vector(
            length in 1..5_000_u64, leave in prop::collection::vec(any::<prop::sample::Index>(), 0..5_000),
            gap in 1..3_u64, asked in prop::collection::vec(any::<prop::sample::Index>(), 10),
        ) {
            let mut list = WaitingList::default();
            let mut plain: Vec<u64> = (1..=length).map(|number| number * gap).collect();
            for sequence in &plain {
                list.insert(place(0, *sequence), ChatId::new(*sequence as u32, 1));
            }
            for who in leave {
                if !plain.is_empty() {
                    list.remove(place(0, plain.remove(who.index(plain.len()))));
                }
            }
            prop_assert!(list.iter().map(|chat| u64::from(chat.slot)).eq(plain.iter().copied()));
            for who in asked.iter().filter(|_| !plain.is_empty()) {
                let rank = who.index(plain.len());
                prop_assert_eq!(list.ahead_of(place(0, plain[rank])), rank as u32);
                prop_assert_eq!(list.nth(rank as u32).map(|chat| u64::from(chat.slot)), Some(plain[rank]));
            }
        }
    }
}
