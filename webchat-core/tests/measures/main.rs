//! What is measured: alarms, estimated waits, explanations, figures.

#![allow(clippy::unwrap_used)] // a test may fail

mod alarms;
mod desk;
mod estimates;
mod explanations;
mod figures;
mod notices;
