//! What every handler works with: the tenant, the stores, the hub and the settings.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde::de::DeserializeOwned;
use tokio::sync::{OnceCell, Semaphore};
use tokio_util::task::TaskTracker;
use webchat_core::Engine;
use webchat_core::command::{Command, HostCommand};
use webchat_core::effect::Receipt;
use webchat_core::event::Message;
use webchat_core::id::ChatId;
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_runtime::accounts::Accounts;
use webchat_runtime::hosts::Hosts;
use webchat_runtime::{Clock, Journal, ReadModel, TenantHandle, TenantId};

use crate::assets::Assets;
use crate::hooks::Board;
use crate::limits;
use crate::pace::Watch;
use crate::refused::Refused;
use crate::repeat::Repeats;
use crate::request::Peer;
use crate::server::Settings;
use crate::session::password::Passwords;
use crate::session::provider::Desk;
use crate::socket::hub::Hub;
use crate::strict;
use crate::token::Mint;

/// What the embedding program brings.
#[derive(Clone)]
pub struct Parts {
    /// Which tenant is served.
    pub tenant: TenantId,
    /// Its engine.
    pub handle: TenantHandle,
    /// The hub that was given to the tenant as its effect sink.
    pub hub: Arc<Hub>,
    /// Transcripts.
    pub read_model: Arc<dyn ReadModel>,
    /// Who may sign in.
    pub accounts: Arc<dyn Accounts>,
    /// Keys and webhooks of the host's programs.
    pub hosts: Arc<dyn Hosts>,
    /// The journal the tenant writes; webhooks read it.
    pub journal: Arc<dyn Journal>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The time zones that opening hours may name.
    pub zones: Arc<Zones>,
}

/// Parts, settings, and what the handlers share. A clone is one more reference to the same.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

/// What an [`App`] refers to.
pub(crate) struct Shared {
    pub(crate) parts: Parts,
    pub(crate) settings: Arc<Settings>,
    pub(crate) watch: Watch,
    pub(crate) passwords: Arc<Passwords>,
    /// Where people sign in beside here.
    pub(crate) provider: Option<Arc<Desk>>,
    pub(crate) assets: Arc<Assets>,
    pub(crate) repeats: Arc<Repeats>,
    /// What is told between administrators and the tasks of webhooks.
    pub(crate) endpoints: Board,
    /// Makes visitors' tokens, once its secret was read.
    pub(crate) mint: OnceCell<Mint>,
    /// Places for exports.
    pub(crate) exports: Arc<Semaphore>,
    /// The tasks of open sockets.
    pub(crate) sockets: TaskTracker,
}

impl From<Shared> for App {
    fn from(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.parts.hub
    }

    pub(crate) fn accounts(&self) -> &dyn Accounts {
        &*self.parts.accounts
    }

    /// What makes visitors' tokens.
    pub(crate) async fn mint(&self) -> Result<&Mint, Refused> {
        let read = || async { Ok(Mint::new(self.accounts().secret("visitors").await?)) };
        self.mint.get_or_try_init(read).await
    }

    pub(crate) fn hosts(&self) -> &dyn Hosts {
        &*self.parts.hosts
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Carries out a command; the answer comes when everything it rests on is durable.
    pub(crate) async fn submit(&self, command: Command) -> Result<Receipt, Refused> {
        Ok(self.parts.handle.submit(command).await??)
    }

    /// Carries out a command of the host's.
    pub(crate) async fn host(&self, command: HostCommand) -> Result<Receipt, Refused> {
        self.submit(Command::Host(command)).await
    }

    /// Asks the engine.
    pub(crate) async fn query<T, F>(&self, ask: F) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: FnOnce(&Engine, Timestamp) -> T + Send + 'static,
    {
        Ok(self.parts.handle.query(ask).await?)
    }

    /// The messages of a chat after `after`, a page at most, with all that is durable now.
    pub(crate) async fn messages(
        &self,
        chat: ChatId,
        after: u32,
        limit: usize,
    ) -> Result<Vec<Message>, Refused> {
        self.parts.handle.caught_up().await?;
        let limit = limit.min(limits::PAGE);
        let read_model = &self.parts.read_model;
        Ok(read_model
            .messages(self.parts.tenant, chat, after, limit)
            .await?)
    }
}

/// One HTTP request, read whole. It has no `Debug`, because of all the secrets it may hold.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) peer: Peer,
    /// What follows the `?`.
    pub(crate) query: String,
    pub(crate) body: Bytes,
}

impl Call {
    /// The query as a known shape.
    pub(crate) fn wish<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        serde_urlencoded::from_str(&self.query).map_err(Refused::bad_request)
    }

    /// The body as a JSON object of a known shape. A list of its values without their names, which the parser would take
    /// for it, is refused.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        match self.body.trim_ascii_start().first() {
            Some(b'[') => Err(Refused::bad_request("expected an object")),
            _ => self.json_list(),
        }
    }

    /// The body as JSON of a known shape that is no object.
    pub(crate) fn json_list<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        let kind = self.headers.get(http::header::CONTENT_TYPE);
        let is_json = kind.is_some_and(|kind| {
            let kind = kind.as_bytes();
            let end = kind
                .iter()
                .position(|byte| *byte == b';')
                .unwrap_or(kind.len());
            kind[..end]
                .trim_ascii()
                .eq_ignore_ascii_case(b"application/json")
        });
        if !is_json {
            return Err(Refused::bad_request(
                "expected content-type application/json",
            ));
        }
        strict::json(&self.body)
    }
}
