//! What is measured: alarms.

#![allow(clippy::unwrap_used)] // a test may fail

mod alarms;
mod desk;
