//! The table of live chats: a slot each, taken again with the next generation, in blocks that never move.

use std::ops::{Index, IndexMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Chat;
use crate::id::ChatId;

/// The table of live chats.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Chats {
    slots: Slots,
    /// Slots free for use, the next one last.
    free: Vec<u32>,
}

impl Chats {
    pub(crate) fn get(&self, id: ChatId) -> Option<&Chat> {
        let slot = self.slots.get(id.slot)?;
        slot.chat
            .as_ref()
            .filter(|_| slot.generation == id.generation)
    }

    pub(crate) fn get_mut(&mut self, id: ChatId) -> Option<&mut Chat> {
        let slot = self.slots.get_mut(id.slot)?;
        slot.chat
            .as_mut()
            .filter(|_| slot.generation == id.generation)
    }

    /// The live chat in a slot, whatever its generation.
    pub(super) fn in_slot(&self, slot: u32) -> Option<&Chat> {
        self.slots.get(slot)?.chat.as_ref()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Chat> {
        self.slots.iter().filter_map(|slot| slot.chat.as_ref())
    }

    /// How many live.
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// The handle of the chat that is put in next.
    pub(crate) fn next(&self) -> ChatId {
        match self.free.last() {
            Some(slot) => ChatId::new(*slot, self.slots[*slot as usize].generation + 1),
            None => ChatId::new(self.slots.len() as u32, 1),
        }
    }

    /// Whether there is or was such a chat, as far as its handle tells.
    pub(super) fn ever_had(&self, id: ChatId) -> bool {
        let slot = self.slots.get(id.slot);
        slot.is_some_and(|slot| (1..=slot.generation).contains(&id.generation))
    }

    /// Puts the chat with this handle in. It is made in its slot: to move it there would cost more than all else here.
    #[inline]
    pub(crate) fn put(&mut self, id: ChatId, make: impl FnOnce() -> Chat) {
        if self.free.last() == Some(&id.slot) {
            self.free.pop();
        }
        while self.slots.get(id.slot).is_none() {
            self.slots.push(ChatSlot::default());
        }
        let slot = &mut self.slots[id.slot as usize];
        slot.generation = id.generation;
        slot.chat = Some(make());
    }

    /// Takes a live chat out and frees its slot.
    pub(crate) fn remove(&mut self, id: ChatId) {
        let slot = self.slots.get_mut(id.slot);
        if let Some(slot) = slot.filter(|slot| slot.generation == id.generation)
            && slot.chat.is_some()
        {
            slot.chat = None;
            self.free.push(id.slot);
        }
    }
}

/// Where a chat stands while it lives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct ChatSlot {
    generation: u32,
    chat: Option<Chat>,
}

/// All slots. Growing moves none of them, and takes no more memory than a block at a time.
#[derive(Clone, Debug, Default)]
struct Slots {
    blocks: Vec<Vec<ChatSlot>>,
}

const BLOCK: usize = 256;

impl Slots {
    fn len(&self) -> usize {
        match self.blocks.split_last() {
            Some((last, full)) => full.len() * BLOCK + last.len(),
            None => 0,
        }
    }

    fn get(&self, slot: u32) -> Option<&ChatSlot> {
        let slot = slot as usize;
        self.blocks.get(slot / BLOCK)?.get(slot % BLOCK)
    }

    fn get_mut(&mut self, slot: u32) -> Option<&mut ChatSlot> {
        let slot = slot as usize;
        self.blocks.get_mut(slot / BLOCK)?.get_mut(slot % BLOCK)
    }

    fn push(&mut self, slot: ChatSlot) {
        match self.blocks.last_mut() {
            Some(last) if last.len() < BLOCK => last.push(slot),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(slot);
                self.blocks.push(block);
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = &ChatSlot> {
        self.blocks.iter().flatten()
    }
}

impl Index<usize> for Slots {
    type Output = ChatSlot;

    fn index(&self, slot: usize) -> &ChatSlot {
        &self.blocks[slot / BLOCK][slot % BLOCK]
    }
}

impl IndexMut<usize> for Slots {
    fn index_mut(&mut self, slot: usize) -> &mut ChatSlot {
        &mut self.blocks[slot / BLOCK][slot % BLOCK]
    }
}

impl Serialize for Slots {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Slots {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut slots = Self::default();
        let all = Vec::<ChatSlot>::deserialize(deserializer)?;
        all.into_iter().for_each(|slot| slots.push(slot));
        Ok(slots)
    }
}
