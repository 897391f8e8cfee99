//! Ports and the driver that runs webchat-core: mailbox, engine, journal, answers and effects.
//!
//! A [`TenantHandle`] speaks to one engine, whose facts go to a [`Journal`] before anybody hears of them. The fence
//! against a second writer is in the journal itself:
//!
//! ```
//! use webchat_core::time::Timestamp;
//! use webchat_runtime::testing::MemoryJournal;
//! use webchat_runtime::{Frame, Journal, TenantId, Verdict};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (journal, tenant) = (MemoryJournal::new(), TenantId(1));
//! let first = journal.claim(tenant).await?;
//! let second = journal.claim(tenant).await?;
//! let frame = |epoch| Frame {
//!     tenant,
//!     seq: 1,
//!     epoch,
//!     at: Timestamp::from_seconds(1_790_000_000),
//!     codec: 1,
//!     payload: "[]".into(),
//! };
//! let late = journal.append(vec![frame(first.epoch)]).await;
//! assert!(matches!(late[..], [Verdict::Fenced(_)]));
//! let rightful = journal.append(vec![frame(second.epoch)]).await;
//! assert!(matches!(rightful[..], [Verdict::Durable]));
//! # Ok(())
//! # }
//! ```

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
pub use tenant::{Erasure, Health, NotErased, Options, Ports, Reply, TenantHandle, Unavailable};
