//! The contact-centre webchat engine as a pure state machine: no async, no clock, no IO, no randomness.

pub mod campaign;
pub mod field;
pub mod id;
pub mod limits;
pub mod problem;
pub mod schedule;
pub mod time;
pub mod wording;
