//! The waiting list of one campaign, in dispatch order: priority descending, first enqueue, sequence.
//!
//! Newcomers arrive in order, and few come back to an older place.

use std::cmp::Reverse;

use crate::id::ChatId;
use crate::in_order::InOrder;
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
    lanes: Vec<(Reverse<i8>, InOrder<Entry>)>,
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
                self.lanes.insert(at, (place.priority, InOrder::default()));
                at
            }
        };
        self.lanes[at].1.insert(Entry::new(place.sequence, chat));
        self.len += 1;
    }

    pub(crate) fn remove(&mut self, place: Place, chat: ChatId) {
        if let Ok(at) = self.lane(place.priority)
            && self.lanes[at].1.remove(Entry::new(place.sequence, chat))
        {
            self.len -= 1;
        }
    }

    /// How many stand before `place`.
    pub(crate) fn ahead_of(&self, place: Place) -> u32 {
        let before = self.lanes.iter().take_while(|lane| lane.0 < place.priority);
        let higher: u32 = before.map(|(_, lane)| lane.len()).sum();
        match self.lane(place.priority) {
            Ok(at) => higher + self.lanes[at].1.count_before(Entry::before(place.sequence)),
            Err(_) => higher,
        }
    }

    /// The chat at a rank from 0.
    pub(crate) fn nth(&self, rank: u32) -> Option<ChatId> {
        let mut rank = rank;
        for (_, lane) in &self.lanes {
            match rank.checked_sub(lane.len()) {
                Some(rest) => rank = rest,
                None => return lane.nth(rank).map(Entry::chat),
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
        head.into_iter().chain(rest.skip(1).map(Entry::chat))
    }

    /// The first of each priority.
    pub(crate) fn heads(&self) -> impl Iterator<Item = ChatId> + '_ {
        let heads = self.lanes.iter().filter_map(|(_, lane)| lane.first());
        heads.map(Entry::chat)
    }

    fn lane(&self, priority: Reverse<i8>) -> Result<usize, usize> {
        self.lanes.binary_search_by_key(&priority, |lane| lane.0)
    }
}

/// A chat and its order of admission, in one number that is quickly compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Entry(u128);

impl Entry {
    fn new(sequence: u64, chat: ChatId) -> Self {
        let chat = u64::from(chat.slot) << 32 | u64::from(chat.generation);
        Self(u128::from(sequence) << 64 | u128::from(chat))
    }

    /// Stands before any chat of this order of admission.
    fn before(sequence: u64) -> Self {
        Self(u128::from(sequence) << 64)
    }

    fn chat(self) -> ChatId {
        ChatId::new((self.0 >> 32) as u32, self.0 as u32)
    }
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
                    let (place, chat) = plain.remove(which.index(plain.len()));
                    list.remove(place, chat);
                    list.remove(place, chat);
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
                    let sequence = plain.remove(who.index(plain.len()));
                    list.remove(place(0, sequence), ChatId::new(sequence as u32, 1));
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
