//! Everything that doubts the engine: a reference model, a generator of command sequences, a simulated
//! world driven by one seed, and checkers for each invariant.

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
