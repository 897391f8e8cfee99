//! Finding chats by their visitors: tables that hold numbers only, while what is compared stands in the state
//! itself, so that an entry costs a few bytes.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hash};

use super::EndedChat;
use crate::id::{CampaignId, ChatId, VisitorKey};

/// The live chats of visitors, by each campaign in which a visitor finds a chat.
#[derive(Clone, Debug, Default)]
pub(super) struct Doors(HashTable<Door>);

#[derive(Clone, Copy, Debug)]
struct Door {
    slot: u32,
    campaign: CampaignId,
}

impl Doors {
    /// The slot of the visitor's chat; `visitor_of` says whose a slot is.
    pub(super) fn find(
        &self,
        visitor: VisitorKey,
        campaign: CampaignId,
        visitor_of: impl Fn(u32) -> Option<VisitorKey>,
    ) -> Option<u32> {
        let is_it =
            |door: &Door| door.campaign == campaign && visitor_of(door.slot) == Some(visitor);
        let door = self.0.find(hash((visitor, campaign)), is_it)?;
        Some(door.slot)
    }

    pub(super) fn insert(
        &mut self,
        visitor: VisitorKey,
        campaign: CampaignId,
        slot: u32,
        visitor_of: impl Fn(u32) -> Option<VisitorKey>,
    ) {
        let hash_of = |door: &Door| hash((visitor_of(door.slot).unwrap_or(visitor), door.campaign));
        self.0
            .insert_unique(hash((visitor, campaign)), Door { slot, campaign }, hash_of);
    }

    pub(super) fn remove(&mut self, visitor: VisitorKey, campaign: CampaignId, slot: u32) {
        let is_it = |door: &Door| door.slot == slot && door.campaign == campaign;
        if let Ok(entry) = self.0.find_entry(hash((visitor, campaign)), is_it) {
            entry.remove();
        }
    }
}

/// The numbers of ended chats, in order of ending, by chat and by visitor.
#[derive(Clone, Debug, Default)]
pub(super) struct EndedNumbers {
    by_chat: HashTable<u64>,
    by_visitor: HashTable<u64>,
}

impl EndedNumbers {
    /// `ended` gives the ended chat of a number.
    pub(super) fn of_chat<'a>(
        &self,
        chat: ChatId,
        ended: impl Fn(u64) -> Option<&'a EndedChat>,
    ) -> Option<u64> {
        let is_it = |number: &u64| ended(*number).is_some_and(|ended| ended.chat == chat);
        self.by_chat.find(hash(chat), is_it).copied()
    }

    /// The latest one.
    pub(super) fn of_visitor<'a>(
        &self,
        visitor: VisitorKey,
        campaign: CampaignId,
        ended: impl Fn(u64) -> Option<&'a EndedChat>,
    ) -> Option<u64> {
        let key = (visitor, campaign);
        let is_it = |number: &u64| ended(*number).is_some_and(|ended| visitor_key(ended) == key);
        self.by_visitor.find(hash(key), is_it).copied()
    }

    /// `ended` gives the ended chat of a number, the new one's included.
    pub(super) fn insert<'a>(
        &mut self,
        number: u64,
        new: &EndedChat,
        ended: impl Fn(u64) -> Option<&'a EndedChat>,
    ) {
        let hash_of = |other: &u64| ended(*other).map_or(0, |ended| hash(ended.chat));
        self.by_chat.insert_unique(hash(new.chat), number, hash_of);
        let key = visitor_key(new);
        let is_it = |other: &u64| ended(*other).is_some_and(|ended| visitor_key(ended) == key);
        let hash_of = |other: &u64| ended(*other).map_or(0, |ended| hash(visitor_key(ended)));
        match self.by_visitor.find_mut(hash(key), is_it) {
            Some(earlier) => *earlier = number,
            None => {
                self.by_visitor.insert_unique(hash(key), number, hash_of);
            }
        }
    }

    pub(super) fn remove(&mut self, number: u64, old: &EndedChat) {
        for (table, hash) in [
            (&mut self.by_chat, hash(old.chat)),
            (&mut self.by_visitor, hash(visitor_key(old))),
        ] {
            if let Ok(entry) = table.find_entry(hash, |other| *other == number) {
                entry.remove();
            }
        }
    }
}

fn visitor_key(ended: &EndedChat) -> (VisitorKey, CampaignId) {
    (ended.visitor, ended.came_to)
}

/// Visitor keys are derived from secrets of the host and chat identities are issued here, so nobody can choose
/// them to collide.
fn hash(key: impl Hash) -> u64 {
    FixedState::default().hash_one(key)
}
