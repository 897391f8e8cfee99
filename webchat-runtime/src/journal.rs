//! The journal port: an append-only list of frames per tenant, fenced by epoch, and the latest snapshot beside it.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use webchat_core::time::Timestamp;

use crate::fault::StoreError;

/// One contact centre: the unit of consistency, and one `Engine`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TenantId(pub u32);

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// All that one commit of one tenant adds to the journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// The tenant whose facts these are.
    pub tenant: TenantId,
    /// Place in the tenant's journal: 1, 2, 3 … without a gap.
    pub seq: u64,
    /// The claim under which it was written.
    pub epoch: u64,
    /// When its last event was decided.
    pub at: Timestamp,
    /// How the payload is encoded; the journal only stores the number.
    pub codec: u16,
    /// The encoded events of the commit; opaque here.
    pub payload: Bytes,
}

/// The end of a tenant's journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Head {
    /// Sequence of the last frame; 0 while there is none.
    pub seq: u64,
    /// The latest claim; 0 while nobody has claimed the tenant.
    pub epoch: u64,
}

/// What became of one frame handed to [`Journal::append`].
#[derive(Clone, Debug)]
#[must_use]
pub enum Verdict {
    /// It survives a power cut from here on.
    Durable,
    /// It was refused and nothing was written: somebody else claimed the tenant, or the place is
    /// taken or not next. Holds the true end of the journal.
    Fenced(Head),
    /// Nothing was written.
    NotWritten(StoreError),
    /// It may or may not be there; only reading the journal again tells.
    Unknown(StoreError),
}

/// The state of a tenant after the frame `seq`, so that a start need not replay from the first frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The tenant.
    pub tenant: TenantId,
    /// The last frame it includes.
    pub seq: u64,
    /// How the payload is encoded; the journal only stores the number.
    pub codec: u16,
    /// The encoded state; opaque here.
    pub payload: Bytes,
}

/// Where facts become durable. Everything acknowledged was first [`Verdict::Durable`] here.
///
/// A frame is written if and only if its epoch is the tenant's latest claim and its `seq` is the
/// head's plus one. So a writer that lost its claim cannot append, whatever its clock says, and two
/// writers never both write the same place.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Makes the caller the tenant's only writer, durably: the returned epoch is higher than any
    /// before, and every older epoch is fenced from here on.
    ///
    /// # Errors
    /// If the claim cannot be made durable.
    async fn claim(&self, tenant: TenantId) -> Result<Head, StoreError>;

    /// Writes frames, possibly of several tenants, and says for each, in order, what became of it.
    /// Frames of one tenant come in order of `seq`.
    async fn append(&self, frames: Vec<Frame>) -> Vec<Verdict>;

    /// The end of the tenant's journal.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn head(&self, tenant: TenantId) -> Result<Head, StoreError>;

    /// The frames after `after`, in order: at most `limit`, fewer if they are large, but at least
    /// one if there is one and `limit` is not 0.
    ///
    /// # Errors
    /// If the store cannot be read or a frame is damaged.
    async fn read(
        &self,
        tenant: TenantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Frame>, StoreError>;

    /// Keeps a snapshot in place of older ones of its tenant. An older one than the one kept is ignored.
    ///
    /// A snapshot only saves time: the journal alone is enough to rebuild any state.
    ///
    /// # Errors
    /// If it includes frames the journal does not hold ([`Fault::Refused`](crate::Fault::Refused)), or cannot be stored.
    async fn save_snapshot(&self, snapshot: Snapshot) -> Result<(), StoreError>;

    /// The newest snapshot kept; `None` if there is none that is whole and within the journal.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn latest_snapshot(&self, tenant: TenantId) -> Result<Option<Snapshot>, StoreError>;
}
