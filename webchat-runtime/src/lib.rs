//! Ports and the driver that runs webchat-core: mailbox, engine, journal, answers and effects.

pub mod accounts;
pub mod clock;
pub mod effects;
pub mod fault;
pub mod hosts;
pub mod journal;
pub mod read_model;
pub mod report;
pub mod tenant;
#[cfg(feature = "testing")]
pub mod testing;

pub use clock::{Clock, SystemClock};
pub use effects::EffectSink;
pub use fault::{Fault, StoreError};
pub use journal::{Frame, Head, Journal, Snapshot, TenantId, Verdict};
pub use read_model::ReadModel;
pub use tenant::{Erasure, Health, NotErased, Options, Ports, TenantHandle, Unavailable};
