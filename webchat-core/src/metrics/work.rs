//! How an agent spends the time signed in.

use serde::{Deserialize, Serialize};

use super::{Ratio, Tally};

/// What one agent did, over all campaigns. Spans are in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Work {
    /// Signed in with at least one chat: owned, taken part in, or wrapped up. Offers do not count.
    pub busy: u64,
    /// Signed in, without a chat and free to get one.
    pub ready: u64,
    /// Signed in, without a chat and not to be had: paused, lost, on a call, or with interactions on other
    /// channels.
    pub away: u64,
    /// The chats of each busy millisecond, summed up.
    pub chats: u64,
    /// Chats answered for the first time.
    pub answered: u64,
    /// How long chats were owned, wrap-up included; counted when the agent stops owning them.
    pub handle: Tally,
    /// From a chat's admission to the first message a human wrote in it, for those this agent wrote.
    pub first_response: Tally,
}

/// What an agent is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Activity {
    /// Not here.
    SignedOut,
    /// Here, and not to be had; see [`Work::away`].
    Away,
    /// Here and free.
    Ready,
    /// With so many chats, at least one.
    Busy(u32),
}

impl Work {
    /// Milliseconds signed in.
    pub fn signed_in(self) -> u64 {
        self.busy + self.ready + self.away
    }

    /// Chats at once on average while busy; no data before the first one.
    pub fn concurrency(self) -> Ratio {
        Ratio {
            part: self.chats,
            of: self.busy,
        }
    }

    /// The share of the time busy or ready that was busy; no data before any.
    pub fn occupancy(self) -> Ratio {
        Ratio {
            part: self.busy,
            of: self.busy + self.ready,
        }
    }

    /// Adds so much time spent on one thing.
    pub fn spend(&mut self, millis: u64, activity: Activity) {
        match activity {
            Activity::SignedOut => {}
            Activity::Away => self.away += millis,
            Activity::Ready => self.ready += millis,
            Activity::Busy(chats) => {
                self.busy += millis;
                self.chats += millis * u64::from(chats);
            }
        }
    }
}
