//! Benchmarks of webchat. Each is a program that prints ratios against a baseline of the same run.

#![allow(clippy::unwrap_used, reason = "a measurement may fail")]

pub mod bare;
pub mod centre;
pub mod process;
pub mod tenant;
pub mod under_load;
