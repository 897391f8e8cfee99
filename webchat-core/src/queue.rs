//! The waiting list of one campaign, in dispatch order: priority descending, first enqueue, sequence.
//!
//! Newcomers arrive in order, so each priority keeps them in a plain ring with tombstones and a
//! Fenwick tree that ranks them; the few that come back with an older key stand in a small ordered set.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use crate::id::ChatId;
use crate::time::Timestamp;

/// Where a chat stands in dispatch order. Source: domain.md §4, "(order)".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    /// Higher goes first.
    pub(crate) priority: Reverse<i8>,
    /// First enqueue; a chat that returns keeps it.
    pub(crate) since: Timestamp,
    /// Order of admission.
    pub(crate) sequence: u64,
}

/// The chats waiting in one campaign.
#[derive(Clone, Debug, Default)]
pub(crate) struct WaitingList {
    lanes: BTreeMap<Reverse<i8>, Lane>,
    len: u32,
}

impl WaitingList {
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    pub(crate) fn insert(&mut self, place: Place, chat: ChatId) {
        self.lanes
            .entry(place.priority)
            .or_default()
            .insert(place, chat);
        self.len += 1;
    }

    pub(crate) fn remove(&mut self, place: Place) {
        if let Some(lane) = self.lanes.get_mut(&place.priority)
            && lane.remove(place)
        {
            self.len -= 1;
        }
    }

    /// How many stand before `place`.
    pub(crate) fn ahead_of(&self, place: Place) -> u32 {
        let higher: u32 = self
            .lanes
            .range(..place.priority)
            .map(|(_, lane)| lane.len())
            .sum();
        higher
            + self
                .lanes
                .get(&place.priority)
                .map_or(0, |lane| lane.ahead_of(place))
    }

    /// The chat at a rank from 0.
    pub(crate) fn nth(&self, rank: u32) -> Option<(Place, ChatId)> {
        let mut rank = rank;
        for lane in self.lanes.values() {
            match rank.checked_sub(lane.len()) {
                Some(rest) => rank = rest,
                None => return lane.nth(rank),
            }
        }
        None
    }

    /// From the head of the queue to its end.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Place, ChatId)> + '_ {
        self.lanes.values().flat_map(Lane::iter)
    }
}

/// The chats of one priority.
#[derive(Clone, Debug, Default)]
struct Lane {
    /// Those who arrived in order. A tombstone has no chat.
    ring: Vec<(Place, Option<ChatId>)>,
    /// Living entries of the ring, for ranks.
    alive: Fenwick,
    /// The first living entry stands here or later.
    head: usize,
    /// Living entries of the ring.
    living: u32,
    /// Those who came back to a place before the ring's end.
    early: BTreeSet<(Place, ChatId)>,
}

impl Lane {
    fn len(&self) -> u32 {
        self.living + self.early.len() as u32
    }

    fn insert(&mut self, place: Place, chat: ChatId) {
        if self.ring.last().is_none_or(|(last, _)| *last < place) {
            self.ring.push((place, Some(chat)));
            self.alive.push();
            self.living += 1;
        } else {
            self.early.insert((place, chat));
        }
    }

    fn remove(&mut self, place: Place) -> bool {
        if let Ok(at) = self.ring.binary_search_by_key(&place, |(place, _)| *place)
            && self.ring[at].1.take().is_some()
        {
            self.alive.clear(at);
            self.living -= 1;
            self.tidy();
            return true;
        }
        let found = self
            .early
            .range((place, ChatId::new(0, 0))..)
            .next()
            .copied();
        found.is_some_and(|entry| entry.0 == place && self.early.remove(&entry))
    }

    fn ahead_of(&self, place: Place) -> u32 {
        let at = self.ring.partition_point(|(other, _)| *other < place);
        let early = self.early.range(..(place, ChatId::new(0, 0))).count() as u32;
        self.alive.before(at) + early
    }

    /// Those who came back are few, so they are walked.
    fn nth(&self, rank: u32) -> Option<(Place, ChatId)> {
        let mut passed = 0;
        for (place, chat) in &self.early {
            let before = self.ring.partition_point(|(other, _)| other < place);
            match (self.alive.before(before) + passed).cmp(&rank) {
                Ordering::Less => passed += 1,
                Ordering::Equal => return Some((*place, *chat)),
                Ordering::Greater => break,
            }
        }
        let (place, chat) = *self.ring.get(self.alive.select(rank - passed))?;
        Some((place, chat?))
    }

    fn iter(&self) -> impl Iterator<Item = (Place, ChatId)> + '_ {
        let mut ring = self.ring[self.head..]
            .iter()
            .filter_map(|(place, chat)| chat.map(|chat| (*place, chat)))
            .peekable();
        let mut early = self.early.iter().copied().peekable();
        std::iter::from_fn(move || match (ring.peek(), early.peek()) {
            (Some(first), Some(second)) if second < first => early.next(),
            (Some(_), _) => ring.next(),
            (None, _) => early.next(),
        })
    }

    /// Moves the head over tombstones, and drops them once they outnumber the living.
    fn tidy(&mut self) {
        while self
            .ring
            .get(self.head)
            .is_some_and(|(_, chat)| chat.is_none())
        {
            self.head += 1;
        }
        if self.ring.len() > 2 * self.living as usize + 64 {
            self.ring.retain(|(_, chat)| chat.is_some());
            self.alive.fill(self.ring.len());
            self.head = 0;
        }
    }
}

/// Counts living entries before a position in logarithmic time.
#[derive(Clone, Debug, Default)]
struct Fenwick(Vec<u32>);

impl Fenwick {
    /// Appends a living entry.
    fn push(&mut self) {
        let at = self.0.len() + 1;
        let mut sum = 1;
        let mut child = at - 1;
        let stop = at - (at & at.wrapping_neg());
        while child > stop {
            sum += self.0[child - 1];
            child -= child & child.wrapping_neg();
        }
        self.0.push(sum);
    }

    /// The entry at `index` lives no longer.
    fn clear(&mut self, index: usize) {
        let mut at = index + 1;
        while at <= self.0.len() {
            self.0[at - 1] -= 1;
            at += at & at.wrapping_neg();
        }
    }

    /// Living entries before `index`.
    fn before(&self, index: usize) -> u32 {
        let mut at = index;
        let mut sum = 0;
        while at > 0 {
            sum += self.0[at - 1];
            at -= at & at.wrapping_neg();
        }
        sum
    }

    /// The index of the living entry before which `count` others live; the length when there are fewer.
    fn select(&self, count: u32) -> usize {
        let mut left = count;
        let mut at = 0;
        let mut width = self.0.len().next_power_of_two();
        while width > 0 {
            if let Some(sum) = self.0.get(at + width - 1)
                && *sum <= left
            {
                left -= sum;
                at += width;
            }
            width /= 2;
        }
        at
    }

    /// `count` living entries.
    fn fill(&mut self, count: usize) {
        self.0.clear();
        self.0
            .extend((1..=count).map(|at| (at & at.wrapping_neg()) as u32));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(priority: i8, since: i64, sequence: u64) -> Place {
        Place {
            priority: Reverse(priority),
            since: Timestamp::from_millis(since),
            sequence,
        }
    }

    proptest! {
        #[test]
        fn the_list_behaves_like_a_sorted_vector(
            steps in prop::collection::vec((0..3_i8, 0..40_i64, any::<bool>(), any::<prop::sample::Index>()), 1..400)
        ) {
            let mut list = WaitingList::default();
            let mut plain: Vec<(Place, ChatId)> = Vec::new();
            for (sequence, (priority, since, remove, which)) in steps.into_iter().enumerate() {
                if remove && !plain.is_empty() {
                    let (place, _) = plain.remove(which.index(plain.len()));
                    list.remove(place);
                    list.remove(place);
                } else {
                    // Mostly in order, sometimes far back, as a returned chat is.
                    let since = if since < 30 { sequence as i64 } else { since };
                    let entry = (place(priority, since, sequence as u64), ChatId::new(sequence as u32, 1));
                    list.insert(entry.0, entry.1);
                    plain.push(entry);
                    plain.sort();
                }
                prop_assert_eq!(list.len() as usize, plain.len());
                prop_assert_eq!(list.iter().collect::<Vec<_>>(), plain.clone());
                for (rank, (place, _)) in plain.iter().enumerate() {
                    prop_assert_eq!(list.ahead_of(*place) as usize, rank);
                    prop_assert_eq!(list.nth(rank as u32), plain.get(rank).copied());
                }
                prop_assert_eq!(list.nth(plain.len() as u32), None);
            }
        }
    }
}
