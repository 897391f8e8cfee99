//! Everything that doubts the engine: a reference model, a generator of command sequences, a simulated
//! world driven by one seed, and checkers for each invariant.
//!
//! A seed is a whole history of a contact centre; every promise is checked after each step of it.
//!
//! ```
//! use webchat_sim::{generator::Generator, run};
//!
//! let run = run::generated(Generator::from_seed(7), 500, true);
//! assert!(run.is_ok_and(|tally| tally.steps == 500 && tally.events > 0));
//! ```

pub mod checks;
pub mod choices;
pub mod generator;
pub mod history;
pub mod model;
pub mod picture;
pub mod queueing;
pub mod run;
pub mod shrink;
pub mod targets;
pub mod violation;
pub mod what_if;
pub mod world;
