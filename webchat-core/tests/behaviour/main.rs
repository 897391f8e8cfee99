//! What the engine does, through its front door and in virtual time: one file per topic of the form.

#![allow(clippy::unwrap_used)] // a test may fail

// The topics still to come use the rest of it.
#[allow(dead_code)]
mod scene;

mod admission;
mod closing_time;
mod offers;
mod queue;
