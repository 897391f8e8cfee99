//! Puts the pieces together: from a listener and settings to a running server.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_service::Service;
use warp::Filter;
use warp::filters::BoxedFilter;

use crate::accept::{self, Crowd, Door};
use crate::assets::Assets;
use crate::request::{Peer, check_shape};

/// What the embedding program decides about the server.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How many connections may be open at once.
    pub crowd: Crowd,
    /// Networks of the reverse proxies in front; only their `x-forwarded-…` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Serve the demo shop under `/demo/`.
    pub demo: bool,
}

/// The HTTP side of webchat.
pub struct Server {
    settings: Settings,
    routes: BoxedFilter<(Response<Bytes>,)>,
}

impl Server {
    /// A server that is ready to listen.
    pub fn new(settings: Settings) -> Self {
        let routes = routes(Arc::new(Assets::new(settings.demo)));
        Self { settings, routes }
    }

    /// Serves `listener` until `stop` is cancelled, then lets running requests finish.
    pub async fn run(self, listener: TcpListener, stop: CancellationToken) {
        let door = Door::new(self.settings.crowd, self.settings.trusted_proxies.clone());
        let trusted: Arc<[IpNet]> = self.settings.trusted_proxies.into();
        let routes = self.routes;
        let answer = move |from, request| answer(from, request, trusted.clone(), routes.clone());
        accept::serve(listener, door, stop, answer).await;
    }
}

/// Checks a request's shape, notes its sender, has the routes answer it, and adds what every answer carries.
async fn answer(
    from: SocketAddr,
    mut request: Request<Incoming>,
    trusted: Arc<[IpNet]>,
    routes: BoxedFilter<(Response<Bytes>,)>,
) -> warp::reply::Response {
    let mut response = match check_shape(&request) {
        Ok(()) => {
            let peer = Peer::of(request.headers(), from, &trusted);
            request.extensions_mut().insert(peer);
            match warp::service(routes).call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
        Err((status, why)) => {
            let mut refused = plain(status, why).map(Into::into);
            refused
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
            refused
        }
    };
    harden(response.headers_mut());
    response
}

/// Headers every answer carries unless its route said otherwise.
fn harden(headers: &mut HeaderMap) {
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
}

fn routes(assets: Arc<Assets>) -> BoxedFilter<(Response<Bytes>,)> {
    let live = warp::path!("livez").map(|| plain(StatusCode::OK, "live"));
    let files = warp::path::full().and(warp::header::headers_cloned()).map(
        move |path: warp::path::FullPath, headers: HeaderMap| {
            assets
                .answer(path.as_str(), &headers)
                .unwrap_or_else(|| plain(StatusCode::NOT_FOUND, "there is nothing here"))
        },
    );
    let read = warp::get().or(warp::head()).unify();
    read.and(live.or(files).unify()).boxed()
}

fn plain(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}
