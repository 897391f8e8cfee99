//! The hosts port: what programs of the host may do here, and where they are told what happened.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use webchat_core::time::Timestamp;

use crate::fault::StoreError;

/// Something a program of the host may do over HTTP without anybody signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiKey {
    /// Numbered 1, 2, 3 …, never reused; 0 before it is stored.
    pub id: u64,
    /// What people call it.
    pub name: String,
    /// What it is good for, such as `campaigns:read`.
    pub scopes: Vec<String>,
    /// SHA-256 of the key; the key itself is never stored.
    pub hash: [u8; 32],
    /// When it was made.
    pub created: Timestamp,
}

/// A place in the journal: an event of a frame. What comes first is smaller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Place {
    /// The frame's `seq`.
    pub frame: u64,
    /// The event's rank in the frame, from 0.
    pub event: u32,
}

/// An address that is told events.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Numbered 1, 2, 3 …, never reused; 0 before it is stored.
    pub id: u64,
    /// Where to.
    pub url: String,
    /// The kinds of events it wants; none: all.
    pub events: Vec<String>,
    /// Off: nothing is sent, its place is kept.
    pub enabled: bool,
    /// What signs each delivery.
    pub secret: [u8; 32],
    /// It stands in the settings of the server, which is where it is changed.
    pub declared: bool,
    /// How far it has got.
    pub progress: Progress,
    /// The last time it was sent something; `None`: never.
    pub last: Option<Attempt>,
}

/// One time an endpoint was sent something, a trial included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// How it ended, as a code such as `delivered`.
    pub outcome: String,
}

/// Without its secret.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("id", &self.id)
            .field("url", &self.url)
            .field("events", &self.events)
            .field("enabled", &self.enabled)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

/// How far an endpoint has got: all there is to remember of deliveries, for the journal has the events.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// The first event that is not settled.
    pub next: Place,
    /// Failed attempts at it.
    pub attempts: u32,
    /// When it is tried again; `None`: at once.
    pub retry_at: Option<Timestamp>,
    /// How the last attempt failed.
    pub error: Option<String>,
    /// Counts the changes made by people; a delivery that was under way meanwhile does not move the place.
    pub turn: u64,
}

/// An event that an endpoint refused for good.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeadLetter {
    /// The endpoint.
    pub endpoint: u64,
    /// The event.
    pub place: Place,
    /// Its kind, such as `chat_closed`.
    pub kind: String,
    /// When it was given up.
    pub at: Timestamp,
    /// The last answer.
    pub error: String,
}

/// Keeps keys, endpoints and dead letters. Every change is durable when its call returns `Ok`.
#[async_trait]
pub trait Hosts: Send + Sync {
    /// All keys in order of creation.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn keys(&self) -> Result<Vec<ApiKey>, StoreError>;

    /// The key with this hash.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn key(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, StoreError>;

    /// Stores a key and says its number.
    ///
    /// # Errors
    /// If the store fails.
    async fn add_key(&self, key: ApiKey) -> Result<u64, StoreError>;

    /// Revokes a key; `false` if there is none of this number.
    ///
    /// # Errors
    /// If the store fails.
    async fn remove_key(&self, id: u64) -> Result<bool, StoreError>;

    /// All endpoints in order of creation.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn endpoints(&self) -> Result<Vec<Endpoint>, StoreError>;

    /// The endpoint of this number.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn endpoint(&self, id: u64) -> Result<Option<Endpoint>, StoreError>;

    /// Stores an endpoint and says its number.
    ///
    /// # Errors
    /// If the store fails.
    async fn add_endpoint(&self, endpoint: Endpoint) -> Result<u64, StoreError>;

    /// Replaces an endpoint with what people decided, its place included; `false` if there is none of this number. Its
    /// `turn` becomes one higher than it was, and its last attempt stays.
    ///
    /// # Errors
    /// If the store fails.
    async fn change_endpoint(&self, endpoint: Endpoint) -> Result<bool, StoreError>;

    /// Forgets an endpoint and its dead letters; `false` if there is none of this number.
    ///
    /// # Errors
    /// If the store fails.
    async fn remove_endpoint(&self, id: u64) -> Result<bool, StoreError>;

    /// Notes how far an endpoint has got and what it refused for good on the way, together. `false`, and nothing is
    /// changed, if people changed the endpoint since `progress.turn`.
    ///
    /// # Errors
    /// If the store fails.
    async fn advance(
        &self,
        endpoint: u64,
        progress: Progress,
        dead: Option<DeadLetter>,
    ) -> Result<bool, StoreError>;

    /// Notes the last attempt at an endpoint, whoever changed it meanwhile; one that is gone is left at that.
    ///
    /// # Errors
    /// If the store fails.
    async fn tried(&self, endpoint: u64, attempt: Attempt) -> Result<(), StoreError>;

    /// An endpoint's dead letters after `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn dead_letters(
        &self,
        endpoint: u64,
        after: Place,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, StoreError>;

    /// How many dead letters there are, by endpoint; those without any are left out.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn count_dead_letters(&self) -> Result<BTreeMap<u64, u64>, StoreError>;

    /// Forgets a dead letter; `false` if there is none.
    ///
    /// # Errors
    /// If the store fails.
    async fn forget_dead_letter(&self, endpoint: u64, place: Place) -> Result<bool, StoreError>;
}
