//! Who is next: one ordered index per campaign holds the eligible members, keyed so that the
//! delivery order's choice stands first.

use std::collections::BTreeSet;
use std::num::NonZeroU128;

use crate::campaign::{Campaign, Mode, Order};
use crate::state::{AgentState, MemberState};
use crate::time::Timestamp;

/// An eligible member's place in the delivery order, in sixteen bytes. From the highest bits down: the tier (9 bits; a
/// lower one is asked first: penalty tiers, then `omni`'s second choice), the order's own rank (32), when the member
/// was last served (49), the load (20) and one more than the place in member order (18).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct ReadyKey(NonZeroU128);

/// Bits of each part, and how many stand below it.
const PLACE: u32 = 18;
const LOAD: u32 = 20;
const SERVED: u32 = 49;
const RANK: u32 = 32;
const _: () = assert!(
    crate::limits::MEMBERS < 1 << PLACE,
    "every place has its bits"
);

impl ReadyKey {
    fn new(tier: u16, rank: u64, served: Option<Timestamp>, load: u32, place: u32) -> Self {
        // Whoever was never served goes first.
        let served = served.map_or(0, |at| 1 + at.since(Timestamp::MIN)) as u128;
        let key = u128::from(tier) << RANK | u128::from(rank.min((1 << RANK) - 1));
        let key = key << SERVED | served;
        let key = key << LOAD | u128::from(load.min((1 << LOAD) - 1));
        let place = NonZeroU128::MIN.saturating_add(u128::from(place));
        Self(place | key << PLACE)
    }

    fn at(tier: u16, place: u32) -> Self {
        Self::new(tier, 0, None, 0, place)
    }

    /// Place in member order.
    pub(crate) fn place(self) -> u32 {
        (self.0.get() as u32 & ((1 << PLACE) - 1)) - 1
    }

    fn tier(self) -> u16 {
        (self.0.get() >> (RANK + SERVED + LOAD + PLACE)) as u16
    }

    /// The key of an eligible member under the campaign's strategy.
    pub(crate) fn of(
        campaign: &Campaign,
        agent: &AgentState,
        member: &MemberState,
        place: u32,
        load: u32,
    ) -> Self {
        let strategy = &campaign.strategy;
        let penalty = if strategy.penalty_tiers {
            u16::from(member.member.penalty)
        } else {
            0
        };
        let second_choice =
            strategy.mode == Mode::Omni && (agent.on_call || agent.load_anywhere() > 0);
        let tier = penalty + if second_choice { 256 } else { 0 };
        let recent = |rank| Self::new(tier, rank, member.last_served, load, place);
        match strategy.order {
            Order::Linear | Order::RrMemory | Order::Random | Order::WRandom => {
                Self::at(tier, place)
            }
            Order::LeastRecent => recent(0),
            Order::FewestCalls => recent(u64::from(member.answered)),
            Order::LeastLoaded => {
                let cap = campaign
                    .agent_cap
                    .map_or(crate::limits::SETTING_COUNT, std::num::NonZeroU32::get);
                recent(u64::from(load) * 1_000_000 / u64::from(cap))
            }
        }
    }

    /// The same without today's count, for the first choice after midnight.
    fn without_count(self) -> u128 {
        const COUNT: u128 = ((1 << RANK) - 1) << (SERVED + LOAD + PLACE);
        self.0.get() & !COUNT
    }
}

/// The eligible members of one campaign.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ready {
    /// Stands before all others. While chats wait it is mostly the only one, who comes and goes without the tree.
    first: Option<ReadyKey>,
    others: BTreeSet<ReadyKey>,
    /// The key of each member, by place.
    of: Vec<Option<ReadyKey>>,
}

/// A choice, and the random generator after it when a draw was needed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Choice {
    pub(crate) place: u32,
    pub(crate) draw: Option<u64>,
}

/// What the choice depends on besides the eligible members.
pub(crate) struct Ask<'a> {
    pub(crate) order: Order,
    /// Place of the member who accepted last.
    pub(crate) cursor: Option<u32>,
    /// State of the random generator.
    pub(crate) random: u64,
    /// Today's counts are still those of an earlier day.
    pub(crate) new_day: bool,
    /// Penalty of the member at a place.
    pub(crate) penalty: &'a dyn Fn(u32) -> u8,
    /// The member at a place may have this chat.
    pub(crate) suits: &'a dyn Fn(u32) -> bool,
}

impl Ready {
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Sets or clears the key of the member at `place`; says whether the member became eligible.
    pub(crate) fn set(&mut self, place: u32, key: Option<ReadyKey>) -> bool {
        let at = place as usize;
        if self.of.len() <= at {
            self.of.resize(at + 1, None);
        }
        let before = std::mem::replace(&mut self.of[at], key);
        match (before, key) {
            (None, None) => {}
            (None, Some(key)) => self.insert(key),
            (Some(before), None) => self.remove(&before),
            (Some(before), Some(key)) if before == key => {}
            (Some(before), Some(key)) => {
                self.remove(&before);
                self.insert(key);
            }
        }
        before.is_none() && key.is_some()
    }

    pub(crate) fn clear(&mut self) {
        self.first = None;
        self.others.clear();
        self.of.clear();
    }

    /// The member the delivery order picks among those who suit.
    pub(crate) fn choose(&self, ask: &Ask<'_>) -> Option<Choice> {
        let suits = |key: &&ReadyKey| (ask.suits)(key.place());
        // Mostly the first one does.
        let first = self.first.as_ref()?;
        let first = match suits(&first) {
            true => first,
            false => self.others.iter().find(suits)?,
        };
        let sure = |key: &ReadyKey| {
            Some(Choice {
                place: key.place(),
                draw: None,
            })
        };
        match ask.order {
            Order::Linear | Order::LeastRecent | Order::LeastLoaded => sure(first),
            Order::FewestCalls if ask.new_day => {
                let suited = self.keys().filter(|key| (ask.suits)(key.place()));
                suited.min_by_key(|key| key.without_count()).and_then(sure)
            }
            Order::FewestCalls => sure(first),
            Order::RrMemory => {
                let after = ask.cursor.map_or(0, |place| place + 1);
                let next = self
                    .tier(first.tier(), after)
                    .find(|key| (ask.suits)(key.place()));
                sure(next.unwrap_or(first))
            }
            Order::Random => self.draw(ask, first.tier(), |_| 1),
            Order::WRandom => self.draw(ask, first.tier(), |place| weight((ask.penalty)(place))),
        }
    }

    /// Keys of one tier from a place on; for orders whose keys hold nothing but tier and place.
    fn tier(&self, tier: u16, from: u32) -> impl Iterator<Item = &ReadyKey> {
        let keys = ReadyKey::at(tier, from)..ReadyKey::at(tier + 1, 0);
        let first = self.first.iter().filter({
            let keys = keys.clone();
            move |key| keys.contains(key)
        });
        first.chain(self.others.range(keys))
    }

    /// In the delivery order.
    fn keys(&self) -> impl Iterator<Item = &ReadyKey> {
        self.first.iter().chain(&self.others)
    }

    fn insert(&mut self, key: ReadyKey) {
        match &mut self.first {
            Some(first) if *first < key => {
                self.others.insert(key);
            }
            first => {
                if let Some(second) = first.replace(key) {
                    self.others.insert(second);
                }
            }
        }
    }

    fn remove(&mut self, key: &ReadyKey) {
        if self.first != Some(*key) {
            self.others.remove(key);
        } else if self.others.is_empty() {
            self.first = None;
        } else {
            self.first = self.others.pop_first();
        }
    }

    fn draw(&self, ask: &Ask<'_>, tier: u16, weight: impl Fn(u32) -> u64) -> Option<Choice> {
        let suited = || self.tier(tier, 0).filter(|key| (ask.suits)(key.place()));
        let total: u64 = suited().map(|key| weight(key.place())).sum();
        let (random, number) = next_random(ask.random);
        // Multiply-shift maps the draw onto the weights; its bias is below total / 2^64.
        let mut target = ((u128::from(number) * u128::from(total)) >> 64) as u64;
        for key in suited() {
            let share = weight(key.place());
            if target < share {
                return Some(Choice {
                    place: key.place(),
                    draw: Some(random),
                });
            }
            target -= share;
        }
        None
    }
}

/// Proportional to 1/(1+penalty), exact to eleven digits.
fn weight(penalty: u8) -> u64 {
    1_000_000_000_000 / (1 + u64::from(penalty))
}

/// SplitMix64: the next state and the number drawn.
fn next_random(state: u64) -> (u64, u64) {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (state, z ^ (z >> 31))
}
