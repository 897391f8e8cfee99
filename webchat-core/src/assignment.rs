//! Who is next: one ordered index per campaign holds the eligible members, keyed so that the
//! delivery order's choice stands first.

use std::collections::BTreeSet;

use crate::campaign::{Campaign, Mode, Order};
use crate::state::{AgentState, MemberState};
use crate::time::Timestamp;

/// An eligible member's place in the delivery order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct ReadyKey {
    /// A lower tier is asked first: `omni`'s second choice, then penalty tiers.
    tier: u16,
    first: u64,
    second: i64,
    third: u32,
    /// Place in member order.
    pub(crate) place: u32,
}

impl ReadyKey {
    fn at(tier: u16, place: u32) -> Self {
        Self {
            tier,
            first: 0,
            second: i64::MIN,
            third: 0,
            place,
        }
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
        let plain = Self::at(penalty + if second_choice { 256 } else { 0 }, place);
        let recent = Self {
            second: member.last_served.map_or(i64::MIN, Timestamp::as_millis),
            third: load,
            ..plain
        };
        match strategy.order {
            Order::Linear | Order::RrMemory | Order::Random | Order::WRandom => plain,
            Order::LeastRecent => recent,
            Order::FewestCalls => Self {
                first: u64::from(member.answered),
                ..recent
            },
            Order::LeastLoaded => {
                let cap = campaign
                    .agent_cap
                    .map_or(crate::limits::SETTING_COUNT, std::num::NonZeroU32::get);
                Self {
                    first: u64::from(load) * 1_000_000 / u64::from(cap),
                    ..recent
                }
            }
        }
    }

    /// The same without today's count, for the first choice after midnight.
    fn without_count(self) -> Self {
        Self { first: 0, ..self }
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
        if before == key {
            return false;
        }
        if let Some(before) = before {
            self.remove(&before);
        }
        if let Some(key) = key {
            self.insert(key);
        }
        before.is_none()
    }

    pub(crate) fn clear(&mut self) {
        self.first = None;
        self.others.clear();
        self.of.clear();
    }

    /// The member the delivery order picks among those who suit.
    pub(crate) fn choose(&self, ask: &Ask<'_>) -> Option<Choice> {
        let first = self.keys().find(|key| (ask.suits)(key.place))?;
        let sure = |key: &ReadyKey| {
            Some(Choice {
                place: key.place,
                draw: None,
            })
        };
        match ask.order {
            Order::Linear | Order::LeastRecent | Order::LeastLoaded => sure(first),
            Order::FewestCalls if ask.new_day => {
                let suited = self.keys().filter(|key| (ask.suits)(key.place));
                suited.min_by_key(|key| key.without_count()).and_then(sure)
            }
            Order::FewestCalls => sure(first),
            Order::RrMemory => {
                let after = ask.cursor.map_or(0, |place| place + 1);
                let next = self
                    .tier(first.tier, after)
                    .find(|key| (ask.suits)(key.place));
                sure(next.unwrap_or(first))
            }
            Order::Random => self.draw(ask, first.tier, |_| 1),
            Order::WRandom => self.draw(ask, first.tier, |place| weight((ask.penalty)(place))),
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
        if self.first.is_some_and(|first| first.place == key.place) {
            self.first = self.others.pop_first();
        } else {
            self.others.remove(key);
        }
    }

    fn draw(&self, ask: &Ask<'_>, tier: u16, weight: impl Fn(u32) -> u64) -> Option<Choice> {
        let suited = || self.tier(tier, 0).filter(|key| (ask.suits)(key.place));
        let total: u64 = suited().map(|key| weight(key.place)).sum();
        let (random, number) = next_random(ask.random);
        // Multiply-shift maps the draw onto the weights; its bias is below total / 2^64.
        let mut target = ((u128::from(number) * u128::from(total)) >> 64) as u64;
        for key in suited() {
            let share = weight(key.place);
            if target < share {
                return Some(Choice {
                    place: key.place,
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
