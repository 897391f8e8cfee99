//! What tests of adapters and of whole systems share: contract suites, an in-memory journal with
//! scripted faults, and a clock moved by hand.

mod clock;
pub mod contract;
mod memory;

pub use clock::ManualClock;
pub use memory::{MemoryJournal, Mishap};
