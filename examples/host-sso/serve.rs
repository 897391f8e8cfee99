//! The two servers of the example: webchat as the company's program carries it, and the company's own pages.

use std::path::Path;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use warp::Filter;
use warp::http::{Response, StatusCode};
use webchat_core::schedule::Zones;
use webchat_examples::site::Site;
use webchat_http::{Gate, Hub, Parts, Server, Settings};
use webchat_runtime::{Options, Ports, SystemClock, TenantHandle, TenantId};
use webchat_store_sqlite::SqliteStore;

use crate::Company;

/// What a page of the company answers.
pub(crate) type Page = anyhow::Result<Response<String>>;

/// A running webchat.
pub(crate) struct Webchat {
    pub(crate) gate: Gate,
    pub(crate) site: Site,
    stop: CancellationToken,
    tenant: TenantHandle,
    tasks: [JoinHandle<()>; 2],
}

impl Webchat {
    pub(crate) async fn start(folder: &Path, listen: &str) -> anyhow::Result<Self> {
        let store = Arc::new(SqliteStore::open(folder)?);
        let (id, hub, clock) = (TenantId(1), Hub::new(), Arc::new(SystemClock::new()));
        let ports = Ports {
            journal: store.clone(),
            read_model: store.clone(),
            clock: clock.clone(),
            effects: hub.clone(),
        };
        let (tenant, running) =
            TenantHandle::start(id, Zones::bundled, ports, Options::default()).await?;
        let parts = Parts {
            tenant: id,
            handle: tenant.clone(),
            hub,
            read_model: store.clone(),
            accounts: store.clone(),
            hosts: store.clone(),
            journal: store,
            clock,
            zones: Arc::new(Zones::bundled()),
        };
        let listener = TcpListener::bind(listen).await?;
        let site = Site::at(listener.local_addr()?);
        let server = Server::new(parts, Settings::default());
        let gate = server.gate("the company");
        let stop = CancellationToken::new();
        let serving = tokio::spawn(server.run(listener, stop.clone()));
        Ok(Self {
            gate,
            site,
            stop,
            tenant,
            tasks: [serving, running],
        })
    }

    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        let [serving, running] = self.tasks;
        self.stop.cancel();
        serving.await?;
        self.tenant.shutdown().await;
        Ok(running.await?)
    }
}

/// Serves the company's pages until `stop`.
pub(crate) async fn company(
    company: Company,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let company = Arc::new(company);
    let with = warp::any().map(move || company.clone());
    let cookie = warp::cookie::optional("company").map(Option::unwrap_or_default);
    let desk = warp::path!("desk")
        .and(warp::get())
        .and(with.clone())
        .and(cookie)
        .then(async |company: Arc<Company>, cookie: String| shown(company.desk(&cookie).await));
    let shop = warp::path!("shop")
        .and(warp::get())
        .and(with.clone())
        .and(cookie)
        .map(|company: Arc<Company>, cookie: String| shown(company.shop(&cookie)));
    let telephones = warp::path!("telephones" / String / bool)
        .and(warp::put())
        .and(with)
        .then(async |extension: String, lifted, company: Arc<Company>| {
            shown(company.telephones(&extension, lifted).await)
        });
    let enter = warp::path!("enter" / String / String)
        .and(warp::get())
        .map(|cookie: String, page: String| shown(enter(&cookie, &page)));
    let pages = enter.or(desk).or(shop).or(telephones);
    let accepting = async {
        while let Ok((stream, _)) = listener.accept().await {
            let pages = TowerToHyperService::new(warp::service(pages.clone()));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), pages));
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stop => {}
    }
}

/// `/enter/{cookie}/{page}`: the company's own sign-in, which in an example believes everybody.
fn enter(cookie: &str, to: &str) -> Page {
    let mut response = page(303, "")?;
    let fields = response.headers_mut();
    fields.insert("location", format!("/{to}").parse()?);
    let cookie = format!("company={cookie}; Path=/; HttpOnly; SameSite=Strict");
    fields.insert("set-cookie", cookie.parse()?);
    Ok(response)
}

pub(crate) fn page(status: u16, text: &str) -> Page {
    let response = Response::builder().status(status);
    let response = response.header("content-type", "text/html; charset=utf-8");
    Ok(response.body(text.to_owned())?)
}

fn shown(page: Page) -> Response<String> {
    page.unwrap_or_else(|error| {
        let mut response = Response::new(error.to_string());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}
