//! HTTP and WebSocket adapter of webchat: an accept loop of its own under warp's filters, the visitor
//! and agent protocol of `docs/protocol.md`, administration over REST, and the embedded pages.
//!
//! A whole server, as another program would carry it:
//!
//! ```
//! # use std::sync::Arc;
//! # use tokio::io::{AsyncReadExt, AsyncWriteExt};
//! # use tokio::net::{TcpListener, TcpStream};
//! # use tokio_util::sync::CancellationToken;
//! use webchat_core::schedule::Zones;
//! use webchat_http::{Hub, Parts, Server, Settings};
//! use webchat_runtime::{Options, Ports, SystemClock, TenantHandle, TenantId};
//! use webchat_store_sqlite::SqliteStore;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! let store = Arc::new(SqliteStore::open(folder.path())?);
//! let (hub, clock) = (Hub::new(), Arc::new(SystemClock::new()));
//! let ports = Ports {
//!     journal: store.clone(),
//!     read_model: store.clone(),
//!     clock: clock.clone(),
//!     effects: hub.clone(),
//! };
//! let id = TenantId(1);
//! let (tenant, running) = TenantHandle::start(id, Zones::bundled, ports, Options::default()).await?;
//! let parts = Parts {
//!     tenant: id,
//!     handle: tenant.clone(),
//!     hub,
//!     read_model: store.clone(),
//!     accounts: store.clone(),
//!     hosts: store.clone(),
//!     journal: store,
//!     clock,
//!     zones: Arc::new(Zones::bundled()),
//! };
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let address = listener.local_addr()?;
//! let stop = CancellationToken::new();
//! let server = tokio::spawn(Server::new(parts, Settings::default()).run(listener, stop.clone()));
//!
//! let mut connection = TcpStream::connect(address).await?;
//! let request = b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
//! connection.write_all(request).await?;
//! let mut answer = String::new();
//! connection.read_to_string(&mut answer).await?;
//! assert!(answer.ends_with(r#"{"ready":true,"why":"ready"}"#));
//!
//! stop.cancel(); // running requests may finish, sockets are told to come back
//! server.await?;
//! tenant.shutdown().await;
//! running.await?;
//! # Ok(())
//! # }
//! ```

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
mod export;
pub mod figures;
mod files;
mod floor;
pub mod hooks;
pub mod ical;
mod identity;
pub mod limits;
mod origin;
mod outgoing;
mod pace;
mod page;
mod private;
mod ready;
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
mod tally;
mod tls;
mod token;
mod trace;
mod transcript;
mod visitor;
mod window;

pub use accept::{Crowd, Deadlines};
pub use app::Parts;
pub use call::{CallServers, Turn};
pub use files::{FileFolder, Sweep};
pub use pace::{Pace, Paces};
pub use ready::Disk;
pub use server::{Server, Settings};
pub use session::gate::{Gate, NotAdmitted, Person};
pub use session::password::{hash as hash_password, initial_hash as hash_initial_password};
pub use session::provider::{Provider, Roles, Strength};
pub use socket::hub::Hub;
pub use tls::{Tls, TlsError};
pub use trace::Upstream;
