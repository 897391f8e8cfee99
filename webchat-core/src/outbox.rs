//! What one or more steps produced: events for the journal, effects to release once those are durable.

use crate::effect::Effect;
use crate::event::Recorded;

/// The commit group being filled. Two of them swap: one fills while the other is written.
#[derive(Debug, Default)]
pub struct Outbox {
    pub(crate) events: Vec<Recorded>,
    pub(crate) effects: Vec<Effect>,
}

impl Outbox {
    /// The events, in order.
    pub fn events(&self) -> &[Recorded] {
        &self.events
    }

    /// The effects, in order. They may leave the process only when the events are durable.
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// Hands the events over, for whoever needs them after they are durable.
    pub fn take_events(&mut self) -> Vec<Recorded> {
        std::mem::take(&mut self.events)
    }

    /// Hands the effects out; call it when the events are durable.
    pub fn release(&mut self) -> std::vec::Drain<'_, Effect> {
        self.effects.drain(..)
    }

    /// Neither events nor effects.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.effects.is_empty()
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.events.clear();
        self.effects.clear();
    }

    /// Adds an effect unless it repeats the one before.
    #[inline]
    pub(crate) fn tell(&mut self, effect: Effect) {
        if self.effects.last() != Some(&effect) {
            self.effects.push(effect);
        }
    }
}
