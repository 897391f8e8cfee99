//! What the engine does, through its front door and in virtual time: one file per topic of the form.

#![allow(clippy::unwrap_used)] // a test may fail

mod scene;

mod admission;
mod agents;
mod assignment;
mod call;
mod closing_time;
mod conference;
mod conversation;
mod disconnection;
mod edits;
mod erasure;
mod feedback;
mod offers;
mod quality;
mod queue;
mod replay;
mod supervisor;
mod time;
mod transfer;
