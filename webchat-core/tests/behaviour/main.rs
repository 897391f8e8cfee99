//! What the engine does, through its front door and in virtual time: one file per topic of the form.

#![allow(clippy::unwrap_used)] // a test may fail

// The topics still to come use the rest of it.
#[allow(dead_code)]
mod scene;

mod admission;
mod agents;
mod closing_time;
mod conference;
mod conversation;
mod disconnection;
mod feedback;
mod offers;
mod queue;
mod supervisor;
mod transfer;
