//! HTTP and WebSocket adapter of webchat: an accept loop of its own under warp's filters, the visitor
//! and agent protocol of `docs/protocol.md`, administration over REST, and the embedded pages.

mod accept;
pub mod access;
mod acts;
mod admin;
mod agent;
mod api;
mod app;
mod assets;
mod at_hand;
mod call;
mod csv;
mod desk;
pub mod figures;
mod files;
mod floor;
pub mod ical;
mod identity;
pub mod limits;
mod origin;
mod pace;
mod private;
mod recordings;
mod refused;
mod repeat;
mod reports;
mod request;
mod routes;
mod server;
mod session;
mod socket;
mod strict;
mod supervisor;
mod tls;
mod transcript;
mod visitor;
mod window;

pub use accept::{Crowd, Deadlines};
pub use app::Parts;
pub use call::{CallServers, Turn};
pub use files::{FileFolder, Sweep};
pub use pace::{Pace, Paces};
pub use server::{Server, Settings};
pub use session::password::hash as hash_password;
pub use socket::hub::Hub;
pub use tls::{Tls, TlsError};
