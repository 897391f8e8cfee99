//! A tenant that runs, and what a server needs to serve it, as measurements start them.

use std::sync::Arc;

use tokio::task::JoinHandle;
use webchat_core::schedule::Zones;
use webchat_http::{Hub, Parts};
use webchat_runtime::{Journal, Options, Ports, SystemClock, TenantHandle};
use webchat_store_sqlite::SqliteStore;

use crate::centre::TENANT;

/// Starts the tenant on a journal; everything else is in the store. The task ends after the handle's `shutdown`.
pub async fn start(journal: Arc<dyn Journal>, store: Arc<SqliteStore>) -> (Parts, JoinHandle<()>) {
    let hub = Hub::new();
    let clock = Arc::new(SystemClock::new());
    let ports = Ports {
        journal: journal.clone(),
        read_model: store.clone(),
        clock: clock.clone(),
        effects: hub.clone(),
    };
    let started = TenantHandle::start(TENANT, Zones::bundled, ports, Options::default());
    let (handle, running) = started.await.unwrap();
    let parts = Parts {
        tenant: TENANT,
        handle,
        hub,
        read_model: store.clone(),
        accounts: store.clone(),
        hosts: store,
        journal,
        clock,
        zones: Arc::new(Zones::bundled()),
    };
    (parts, running)
}
