//! The table of live chats: a slot each, taken again with the next generation, in blocks that never move.

use std::ops::{Index, IndexMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Chat;

/// The table of live chats.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Chats {
    pub(super) slots: Slots,
    /// Slots free for use, the next one last.
    pub(super) free: Vec<u32>,
}

impl Chats {
    /// The live chat in a slot, whatever its generation.
    pub(super) fn in_slot(&self, slot: u32) -> Option<&Chat> {
        self.slots.get(slot)?.chat.as_ref()
    }
}

/// Where a chat stands while it lives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct ChatSlot {
    pub(super) generation: u32,
    pub(super) chat: Option<Chat>,
}

/// All slots. Growing moves none of them, and takes no more memory than a block at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    blocks: Vec<Vec<ChatSlot>>,
}

const BLOCK: usize = 256;

impl Slots {
    pub(super) fn len(&self) -> usize {
        match self.blocks.split_last() {
            Some((last, full)) => full.len() * BLOCK + last.len(),
            None => 0,
        }
    }

    pub(super) fn get(&self, slot: u32) -> Option<&ChatSlot> {
        let slot = slot as usize;
        self.blocks.get(slot / BLOCK)?.get(slot % BLOCK)
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut ChatSlot> {
        let slot = slot as usize;
        self.blocks.get_mut(slot / BLOCK)?.get_mut(slot % BLOCK)
    }

    pub(super) fn push(&mut self, slot: ChatSlot) {
        match self.blocks.last_mut() {
            Some(last) if last.len() < BLOCK => last.push(slot),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(slot);
                self.blocks.push(block);
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &ChatSlot> {
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
