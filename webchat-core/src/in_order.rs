//! An ordered set of keys that mostly come in order: a plain ring of blocks with tombstones, whose living are counted
//! block by block; the few keys that come later than greater ones stand in a small ordered set.

use std::cmp::Ordering;
use std::collections::{BTreeSet, VecDeque};

/// The set. Growing moves nothing, and takes memory a block at a time.
#[derive(Clone, Debug)]
pub(crate) struct InOrder<K> {
    /// Those that came in order. Only the last block has room; the first one has a living key.
    ring: VecDeque<Block<K>>,
    /// Living keys of each block, side by side for ranks.
    living: VecDeque<u32>,
    /// Living keys of the ring.
    alive: u32,
    /// The ring's last key, living or not.
    last: Option<K>,
    /// Those that came later than a greater one.
    early: BTreeSet<K>,
    /// An empty block, kept for its memory.
    spare: Option<Block<K>>,
}

/// Consecutive keys.
#[derive(Clone, Debug)]
struct Block<K> {
    keys: Vec<K>,
    /// One bit for each key.
    alive: [u64; BLOCK / 64],
    /// No word of bits before this one has any set.
    first: usize,
}

const BLOCK: usize = 1_024;

impl<K: Copy + Ord> InOrder<K> {
    pub(crate) fn len(&self) -> u32 {
        self.alive + self.early.len() as u32
    }

    /// Adds a key that is not in the set.
    #[inline]
    pub(crate) fn insert(&mut self, key: K) {
        if self.last.is_some_and(|last| last >= key) {
            self.early.insert(key);
            return;
        }
        self.last = Some(key);
        self.alive += 1;
        match self.ring.back_mut().zip(self.living.back_mut()) {
            Some((block, living)) if block.keys.len() < BLOCK => {
                block.push(key);
                *living += 1;
            }
            _ => {
                let mut block = self.spare.take().unwrap_or_default();
                block.push(key);
                self.ring.push_back(block);
                self.living.push_back(1);
            }
        }
    }

    /// Says whether the key was in the set.
    pub(crate) fn remove(&mut self, key: K) -> bool {
        let at = self.block_of(key);
        let found = self.ring.get_mut(at).is_some_and(|block| block.bury(key));
        if !found {
            return self.early.remove(&key);
        }
        self.living[at] -= 1;
        self.alive -= 1;
        self.tidy();
        true
    }

    /// The least key.
    pub(crate) fn first(&self) -> Option<K> {
        let ring = self.ring.front().and_then(Block::head);
        match self.early.is_empty() {
            true => ring,
            false => ring.into_iter().chain(self.early.first().copied()).min(),
        }
    }

    /// From the least to the greatest.
    pub(crate) fn iter(&self) -> impl Iterator<Item = K> + '_ {
        let mut ring = self.ring.iter().flat_map(Block::iter).peekable();
        let mut early = self.early.iter().copied().peekable();
        std::iter::from_fn(move || match (ring.peek(), early.peek()) {
            (Some(first), Some(second)) if second < first => early.next(),
            (Some(_), _) => ring.next(),
            (None, _) => early.next(),
        })
    }

    /// How many are less than `key`.
    pub(crate) fn count_before(&self, key: K) -> u32 {
        let early = match self.early.is_empty() {
            true => 0,
            false => self.early.range(..key).count() as u32,
        };
        self.before(key) + early
    }

    /// The key at a rank from 0. Those that came early are few, so they are walked.
    pub(crate) fn nth(&self, rank: u32) -> Option<K> {
        let mut passed = 0;
        for key in &self.early {
            match (self.before(*key) + passed).cmp(&rank) {
                Ordering::Less => passed += 1,
                Ordering::Equal => return Some(*key),
                Ordering::Greater => break,
            }
        }
        self.select(rank - passed)
    }

    /// Living keys of the ring before `key`.
    fn before(&self, key: K) -> u32 {
        // Newcomers ask most often, and stand at the end or are about to.
        if self.last.is_none_or(|last| last < key) {
            return self.alive;
        }
        if let Some(last) = self.ring.back().and_then(|block| block.last_from(key)) {
            return self.alive - last;
        }
        let block = self.block_of(key);
        let in_block = self.ring[block].before(key);
        // Counts whichever side is shorter.
        match block <= self.ring.len() / 2 {
            true => self.living.range(..block).sum::<u32>() + in_block,
            false => self.alive - self.living.range(block..).sum::<u32>() + in_block,
        }
    }

    /// The living key of the ring before which `count` others live.
    fn select(&self, count: u32) -> Option<K> {
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

    /// The block in which `key` stands, if it stands in one.
    #[inline]
    fn block_of(&self, key: K) -> usize {
        // Those at the head go most often.
        let first = self.ring.front().and_then(|block| block.keys.last());
        if first.is_none_or(|last| key <= *last) {
            return 0;
        }
        let starts_by = |block: &Block<K>| block.keys.first().is_some_and(|first| *first <= key);
        self.ring.partition_point(starts_by) - 1
    }

    /// Drops the blocks of the dead at the head, and all tombstones once they outnumber the living.
    fn tidy(&mut self) {
        while self.living.front() == Some(&0) {
            self.living.pop_front();
            self.spare = self.ring.pop_front().map(Block::emptied);
            self.last = self.last.filter(|_| !self.ring.is_empty());
        }
        if self.ring.len() > 2 + 2 * self.alive as usize / BLOCK {
            let living: Vec<K> = self.ring.iter().flat_map(Block::iter).collect();
            self.ring.clear();
            self.living.clear();
            self.alive = 0;
            self.last = None;
            living.into_iter().for_each(|key| self.insert(key));
        }
    }
}

impl<K> Default for InOrder<K> {
    fn default() -> Self {
        Self {
            ring: VecDeque::new(),
            living: VecDeque::new(),
            alive: 0,
            last: None,
            early: BTreeSet::new(),
            spare: None,
        }
    }
}

impl<K: Copy + Ord> Block<K> {
    fn push(&mut self, key: K) {
        let at = self.keys.len();
        self.alive[at / 64] |= 1 << (at % 64);
        self.first = self.first.min(at / 64);
        self.keys.push(key);
    }

    /// The key lives no longer; says whether it did.
    fn bury(&mut self, key: K) -> bool {
        let Some(at) = self.find(key) else {
            return false;
        };
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

    /// The place of a key, living or not.
    fn find(&self, key: K) -> Option<usize> {
        match self.living_first() {
            Some(at) if self.keys[at] == key => Some(at),
            _ => self.keys.binary_search(&key).ok(),
        }
    }

    /// If none but the last key can be from `key` on: one if it lives, else none.
    fn last_from(&self, key: K) -> Option<u32> {
        let at = self.keys.len().checked_sub(2)?;
        (self.keys[at] < key).then(|| u32::from(self.is_alive(at + 1)))
    }

    /// Living keys before `key`.
    fn before(&self, key: K) -> u32 {
        let at = self.keys.partition_point(|other| *other < key);
        let words = self.alive[..at / 64].iter();
        let words: u32 = words.map(|word| word.count_ones()).sum();
        let rest = self.alive.get(at / 64);
        let rest = rest.map_or(0, |word| word & ((1 << (at % 64)) - 1));
        words + rest.count_ones()
    }

    /// The living key before which `count` others live.
    fn select(&self, count: u32) -> Option<K> {
        let mut left = count;
        for (word, bits) in self.alive.iter().enumerate() {
            match left.checked_sub(bits.count_ones()) {
                Some(rest) => left = rest,
                None => {
                    let at = ones(*bits).nth(left as usize)?;
                    return Some(self.keys[word * 64 + at]);
                }
            }
        }
        None
    }

    fn head(&self) -> Option<K> {
        self.keys.get(self.living_first()?).copied()
    }

    /// The place of the first living key.
    fn living_first(&self) -> Option<usize> {
        let word = self.alive.get(self.first)?;
        Some(self.first * 64 + word.trailing_zeros() as usize)
    }

    fn iter(&self) -> impl Iterator<Item = K> + '_ {
        let words = self.keys.chunks(64).zip(&self.alive);
        words.flat_map(|(keys, bits)| ones(*bits).map(|at| keys[at]))
    }

    fn emptied(mut self) -> Self {
        self.keys.clear();
        self.alive = Default::default();
        self.first = 0;
        self
    }
}

impl<K> Default for Block<K> {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            alive: Default::default(),
            first: 0,
        }
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
