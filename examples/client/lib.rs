//! What programs that use a running server share: plain HTTP, a client's WebSocket, a server as a process.

pub mod line;
pub mod process;
pub mod site;

use std::time::Duration;

/// Longest wait for anything; only a server that hangs makes anybody wait this long.
pub const PATIENCE: Duration = Duration::from_secs(30);
