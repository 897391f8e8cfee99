//! Where effects go once what caused them is durable.

use webchat_core::effect::Effect;

/// Tells the world. Calls come one after the other, some from the tenant's own task, so they must not block.
pub trait EffectSink: Send + Sync {
    /// Takes effects, in order, and leaves `effects` empty. What caused them is durable.
    ///
    /// Effects may be dropped for a receiver too slow to take them: it is cut off, comes back and
    /// catches up from the last number it saw.
    fn deliver(&self, effects: &mut Vec<Effect>);

    /// The engine is being rebuilt from disk, and will take every connection for lost, as after a
    /// restart. All of them are to be closed; clients come back and say where they were.
    fn connections_lost(&self);
}
