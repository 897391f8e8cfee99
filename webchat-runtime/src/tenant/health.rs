//! How a tenant is, in words a load balancer and an administrator can act on.

use crate::fault::Fault;

/// How a tenant is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Health {
    /// Commands are carried out.
    Ready,
    /// The engine is being rebuilt from disk, because of this failure if it is known. Tried again until it works.
    Recovering(Option<Fault>),
    /// Another process claimed the tenant; this one has stopped.
    Fenced,
    /// Shut down.
    Stopped,
}

impl Health {
    /// The stable code shown by `/readyz`.
    pub fn code(self) -> &'static str {
        match self {
            Health::Ready => "ready",
            Health::Recovering(None) => "recovering",
            Health::Recovering(Some(fault)) => fault.code(),
            Health::Fenced => "fenced",
            Health::Stopped => "stopped",
        }
    }
}
