//! HTTP and WebSocket adapter of webchat: an accept loop of its own under warp's filters, the visitor
//! and agent protocol of `docs/protocol.md`, administration over REST, and the embedded pages.

mod accept;
mod assets;
pub mod ical;
pub mod limits;
mod request;
mod server;

pub use accept::Crowd;
pub use server::{Server, Settings};
