//! The contact-centre webchat engine as a pure state machine: no async, no clock, no IO, no randomness.
//!
//! An [`Engine`] is one tenant. [`Engine::handle`] decides a [`command::Command`] at an instant the
//! caller gives, and fills an [`Outbox`] with the [`event::Event`]s that happened and the
//! [`effect::Effect`]s to release once those are durable. The [`manual`] says how to build on it.

mod assignment;
pub mod call;
pub mod campaign;
pub mod canned;
pub mod command;
pub mod effect;
mod engine;
pub mod erasure;
pub mod estimate;
pub mod event;
pub mod explain;
pub mod field;
pub mod file;
pub mod id;
mod in_order;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals;
pub mod limits;
pub mod mail;
pub mod manual;
pub mod metrics;
pub mod notice;
pub mod offline;
mod outbox;
pub mod private;
pub mod problem;
pub mod quality;
mod queue;
pub mod rejection;
pub mod schedule;
#[cfg(feature = "schema")]
mod schema;
mod state;
pub mod time;
mod timers;
pub mod transcript;
mod view;
pub mod wire;
pub mod wording;

pub use engine::{Engine, Wake};
pub use outbox::Outbox;
pub use view::{AgentView, CampaignView, View};
