//! Whether chats can be served: what load balancers and the console ask, and how much room the disk has left.

use std::path::PathBuf;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Serialize;
use warp::Filter;
use warp::filters::BoxedFilter;
use webchat_runtime::Health;

use crate::api::Api;
use crate::app::App;
use crate::refused::json;
use crate::routes::text;

/// The disk that everything is kept on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disk {
    /// A folder on it.
    pub folder: PathBuf,
    /// Bytes: with less than this left it counts as full, although nothing has failed yet.
    pub reserve: u64,
}

impl Disk {
    /// Bytes that are left to this process; `None` if the system does not say.
    pub(crate) fn left(&self) -> Option<u64> {
        #[cfg(unix)]
        return rustix::fs::statvfs(&self.folder)
            .ok()
            .map(|told| told.f_bavail.saturating_mul(told.f_frsize));
        #[cfg(not(unix))]
        None
    }

    fn is_full(&self) -> bool {
        self.left().is_some_and(|left| left < self.reserve)
    }
}

#[derive(Serialize, schemars::JsonSchema)]
struct Readiness {
    ready: bool,
    /// `ready`, `disk_full`, or what else keeps the storage from answering.
    why: &'static str,
}

impl Readiness {
    fn of(app: &App) -> Self {
        let health = *app.parts.handle.health().borrow();
        let full = app.settings.disk.as_ref().is_some_and(Disk::is_full);
        match health == Health::Ready && full {
            true => Self {
                ready: false,
                why: "disk_full",
            },
            false => Self {
                ready: health == Health::Ready,
                why: health.code(),
            },
        }
    }
}

/// For load balancers: `/livez` says the process answers, `/readyz` that it can serve chats.
pub(crate) fn probes(app: App) -> BoxedFilter<(Response<Bytes>,)> {
    // The path first: another address has no opinion on methods.
    let live = warp::path!("livez")
        .and(warp::get())
        .map(|| text(StatusCode::OK, "live"));
    let ready = warp::path!("readyz").and(warp::get()).map(move || {
        let readiness = Readiness::of(&app);
        let status = match readiness.ready {
            true => StatusCode::OK,
            false => StatusCode::SERVICE_UNAVAILABLE,
        };
        json(status, &readiness)
    });
    live.or(ready).unify().boxed()
}

pub(crate) fn describe(api: &mut Api) {
    api.route("GET /livez", "Whether the process answers")
        .answers_bytes(200, "text/plain");
    api.route("GET /readyz", "Whether chats can be served")
        .answers::<Readiness>(200)
        .answers::<Readiness>(503);
}
