//! Puts the pieces together: from parts, settings and a listener to a running server.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderMap, HeaderValue, Request, Response};
use hyper::body::Incoming;
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::{OnceCell, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service;
use url::Url;
use warp::filters::BoxedFilter;

use crate::accept::{self, Arrival, Crowd, Deadlines, Door};
use crate::app::{App, Parts, Shared};
use crate::assets::Assets;
use crate::call::CallServers;
use crate::export::Pieces;
use crate::files::{self, FileFolder};
use crate::hooks::{self, Attempts, Board, Networks};
use crate::limits;
use crate::pace::{Paces, Watch};
use crate::ready::Disk;
use crate::refused::Refused;
use crate::request::{Peer, check_shape};
use crate::routes;
use crate::session::gate::Gate;
use crate::session::password::Passwords;
use crate::session::provider::{Desk, Provider};
use crate::socket::{boards, floor, presence};
use crate::tally;
use crate::tls::Tls;
use crate::trace::{self, RequestId, Upstream};

/// What the embedding program decides about the server.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How many connections may be open at once.
    pub crowd: Crowd,
    /// How long clients may take.
    pub deadlines: Deadlines,
    /// How fast visitors and agents may go.
    pub paces: Paces,
    /// Networks of the reverse proxies in front; only their `x-forwarded-…` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The address under which browsers reach this server; `None` takes each request's own word for it.
    pub public_url: Option<Url>,
    /// Where files sent in chats are kept; `None` takes none, whatever a campaign allows.
    pub files: Option<Arc<FileFolder>>,
    /// What helps the two ends of a call find each other.
    pub calls: CallServers,
    /// A mail server is set up; without one, settings that need it are warned of.
    pub mail: bool,
    /// The figures of this process, shown at `/metrics` to this machine; `None` shows none.
    pub figures: Option<PrometheusHandle>,
    /// Encrypt connections; `None` leaves that to a proxy in front.
    pub tls: Option<Arc<Tls>>,
    /// Networks beside the public internet that webhooks may go to.
    pub hook_networks: Networks,
    /// How webhooks are tried.
    pub hook_attempts: Attempts,
    /// Where people sign in to the console beside here; needs `public_url`.
    pub provider: Option<Provider>,
    /// Where everything is kept; `None` waits for a write that fails.
    pub disk: Option<Disk>,
    /// Hears of each request that comes through a trusted proxy, before it is answered.
    pub upstream: Option<Upstream>,
    /// Serve the demo shop under `/demo/`.
    pub demo: bool,
}

/// The HTTP side of webchat.
pub struct Server {
    app: App,
    routes: BoxedFilter<(Response<Bytes>,)>,
}

impl Server {
    /// A server that is ready to listen.
    pub fn new(parts: Parts, settings: Settings) -> Self {
        let app = App::from(Shared {
            watch: Watch::new(&settings.paces),
            passwords: Arc::new(Passwords::new()),
            provider: settings
                .provider
                .clone()
                .map(|provider| Arc::new(Desk::new(provider))),
            repeats: Arc::default(),
            endpoints: Board::new(),
            mint: OnceCell::new(),
            exports: Arc::new(Semaphore::new(limits::EXPORTS)),
            sockets: TaskTracker::new(),
            assets: Arc::new(Assets::new(settings.demo)),
            settings: Arc::new(settings),
            parts,
        });
        let routes = routes::all(app.clone());
        Self { app, routes }
    }

    /// Lets the embedding program sign its own people in. They are known by their number there, under the name that
    /// `issuer` gives the program: the same name always, and another one than a sign-in provider's.
    pub fn gate(&self, issuer: impl Into<String>) -> Gate {
        Gate::new(self.app.clone(), issuer.into())
    }

    /// Serves `listener` until `stop` is cancelled. Then it takes no more connections, closes its sockets
    /// and lets running requests finish, for at most [`limits::DRAIN_TIME`]. The tenant goes on.
    pub async fn run(self, listener: TcpListener, stop: CancellationToken) {
        let Self { app, routes } = self;
        let hub = app.hub().clone();
        let tenant = app.parts.handle.clone();
        // Both end with the stop: a tenant that stops takes all connections for lost anyway.
        let presence = tokio::spawn(presence::run(hub.clone(), tenant.clone(), stop.clone()));
        let boards = tokio::spawn(boards::run(hub.clone(), tenant, stop.clone()));
        let floor = tokio::spawn(floor::run(app.clone(), stop.clone()));
        let hooks = tokio::spawn(hooks::run(app.clone(), stop.clone()));
        let tally = tokio::spawn(tally::run(stop.clone()));

        let door = Door::new(app.settings.crowd, app.settings.trusted_proxies.clone());
        let settings = app.settings.clone();
        let answer =
            move |arrival, request| answer(arrival, request, settings.clone(), routes.clone());
        let sweeping = async {
            tokio::select! {
                () = stop.cancelled() => {}
                () = files::keep_swept(&app) => {}
            }
        };
        let farewell = async {
            stop.cancelled().await;
            hub.stop();
        };
        tokio::join!(
            accept::serve(listener, door, app.settings.clone(), stop.clone(), answer),
            farewell,
            sweeping
        );
        app.sockets.close();
        let closed = tokio::time::timeout(limits::DRAIN_TIME, app.sockets.wait()).await;
        if closed.is_err() {
            let (visitors, agents) = hub.count();
            tracing::warn!(visitors, agents, "some sockets did not close in time");
        }
        for task in [presence, boards, floor, hooks, tally] {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the server failed");
            }
        }
    }
}

/// Checks a request's shape, notes its sender, has the routes answer it, and adds what every answer carries.
async fn answer(
    arrival: Arrival,
    mut request: Request<Incoming>,
    settings: Arc<Settings>,
    routes: BoxedFilter<(Response<Bytes>,)>,
) -> warp::reply::Response {
    let trusted = &settings.trusted_proxies;
    let peer = Peer::of(request.headers(), arrival, trusted);
    let upstream = settings.upstream.as_ref();
    let upstream = upstream.filter(|_| Peer::is_through(arrival, trusted));
    let upstream = upstream.map(|upstream| (upstream.clone(), request.headers().clone()));
    let id = RequestId::new();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let answered = async {
        match check_shape(&request) {
            Ok(()) => {
                request.extensions_mut().insert(peer);
                let time = match is_of_file(&path) {
                    true => limits::FILE_TIME,
                    false => limits::REQUEST_TIME,
                };
                let answered = warp::service(routes).call(request);
                match tokio::time::timeout(time, answered).await {
                    Ok(Ok(response)) => Pieces::put_into(response),
                    Ok(Err(never)) => match never {},
                    Err(_) => hang_up(Refused::too_slow()),
                }
            }
            Err(refused) => hang_up(refused),
        }
    };
    let mut response = trace::answered(id, &method, &path, upstream, answered).await;
    response.headers_mut().insert(trace::HEADER, id.value());
    harden(response.headers_mut(), peer);
    response
}

/// Whether a request carries a file in or out, which may take its time.
fn is_of_file(path: &str) -> bool {
    path.strip_prefix("/api/v1/chats/")
        .and_then(|rest| rest.split('/').nth(1))
        .is_some_and(|part| part == "files")
}

/// Refuses and ends the connection, for what follows on it cannot be trusted.
fn hang_up(refused: Refused) -> warp::reply::Response {
    let mut response = refused.response().map(Into::into);
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Headers every answer carries unless its route said otherwise.
fn harden(headers: &mut HeaderMap, peer: Peer) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if peer.secure {
        // A year; sub-domains are their owners' business.
        let name = http::header::STRICT_TRANSPORT_SECURITY;
        headers.insert(name, HeaderValue::from_static("max-age=31536000"));
    }
}
