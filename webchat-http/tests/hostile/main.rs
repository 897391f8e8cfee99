//! What strangers try, by theme. `SECURITY.md` says which threat each test stands for.

#![allow(clippy::unwrap_used)] // a test may fail

mod crowds;
mod injected;
mod numbers;
mod origins;
mod races;
mod requests;
mod sessions;
mod sockets;
mod tls;
mod visitors;
#[path = "../world/mod.rs"]
mod world;
