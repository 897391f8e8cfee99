//! What every store must do, as suites that run against the real thing and panic where it differs.

mod accounts;
mod hosts;
mod journal;
mod read_model;

pub use accounts::accounts;
pub use hosts::hosts;
pub use journal::{frame, journal};
pub use read_model::read_model;
