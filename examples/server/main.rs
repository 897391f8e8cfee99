//! The reference server: one program that serves visitors, agents and administrators.

mod calls;
mod fill;
mod log;
mod mail;
mod papers;
mod provider;
mod settings;
#[cfg(feature = "otel")]
mod telemetry;
mod upkeep;

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use webchat_core::schedule::Zones;
use webchat_http::{FileFolder, Hub, Parts, Server};
use webchat_mail::{MailSink, Mailer, Office};
use webchat_runtime::accounts::Role;
use webchat_runtime::{Options, Ports, SystemClock, TenantHandle, TenantId};
use webchat_store_sqlite::SqliteStore;

use settings::{Settings, Task};

/// Gives memory back when it is free; the system's own allocator keeps an arena for each thread.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The contact centre this server serves.
const TENANT: TenantId = TenantId(1);

/// Where in the data folder the files sent in chats are.
const FILES: &str = "files";

fn main() -> anyhow::Result<()> {
    let settings = Settings::of_process()?;
    let filter = EnvFilter::try_new(&settings.log)
        .with_context(|| format!("log is `{}`, expected a filter such as info", settings.log))?;
    #[cfg(feature = "otel")]
    let telemetry = telemetry::Telemetry::start(settings.otlp.as_ref())?;
    #[cfg(feature = "otel")]
    let more = telemetry.as_ref().map(telemetry::Telemetry::layer);
    #[cfg(not(feature = "otel"))]
    let more = None;
    log::start(filter, settings.log_format, more);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let done = match &settings.task {
        Some(Task::TestMail { address }) => {
            runtime.block_on(test_mail(settings.mailer.as_ref(), address))
        }
        Some(Task::Backup { to }) => upkeep::back_up(&settings.data, to),
        Some(Task::Restore { from }) => upkeep::restore(from, &settings.data),
        Some(Task::ExportJournal { to }) => {
            runtime.block_on(upkeep::export_journal(&settings.data, TENANT, to))
        }
        Some(Task::Verify) => upkeep::verify(&settings.data),
        Some(Task::Papers { share }) => papers::write(settings::flags(), share),
        None => runtime.block_on(serve(settings)),
    };
    #[cfg(feature = "otel")]
    if let Some(telemetry) = telemetry {
        telemetry.stop();
    }
    done
}

/// Sends a mail that proves the settings, and says so.
async fn test_mail(mailer: Option<&Mailer>, address: &str) -> anyhow::Result<()> {
    let mailer =
        mailer.context("mail is not set up: --mail-host, or [mail] in the settings file")?;
    let sent = mailer.test(address).await;
    sent.map_err(|why| anyhow::anyhow!("the mail was not taken: {why}"))?;
    writeln!(
        std::io::stdout(),
        "the mail server has taken a mail to {address}"
    )?;
    Ok(())
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    let folder = settings.data.display();
    let store = SqliteStore::open(&settings.data)
        .with_context(|| format!("cannot open the data folder {folder}"))?;
    let store = Arc::new(store);
    let hub = Hub::new();
    let clock = Arc::new(SystemClock::new());
    let (mail, outgoing) = MailSink::new(hub.clone());
    let ports = Ports {
        journal: store.clone(),
        read_model: store.clone(),
        clock: clock.clone(),
        effects: Arc::new(mail),
    };
    let (tenant, running) = TenantHandle::start(TENANT, zones, ports, Options::default())
        .await
        .with_context(|| format!("cannot start from the data folder {folder}"))?;

    let without_mail = settings.mailer.is_none();
    let office = Office {
        name: TENANT.to_string(),
        tenant: TENANT,
        handle: tenant.clone(),
        read_model: store.clone(),
        zones: Arc::new(zones()),
        mailer: settings.mailer,
    };
    let stop_mailing = CancellationToken::new();
    let no_more = stop_mailing.clone();
    let mailing = tokio::spawn(async move {
        outgoing.run(office, no_more.cancelled()).await;
    });

    let users = match settings.demo {
        true => {
            let password = &settings.demo_password;
            let users = fill::example(&tenant, &*store, &zones(), password).await?;
            Users::Example(users, password.clone())
        }
        false => match fill::first_administrator(&*store).await? {
            Some(password) => Users::First(password),
            None => Users::Known,
        },
    };
    if without_mail {
        warn_of_owed_mail(&tenant).await?;
    }
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("cannot listen on {}", settings.listen))?;
    let address = listener.local_addr()?;
    if settings.demo
        && settings.demo_password == settings::DEMO_PASSWORD
        && !address.ip().is_loopback()
    {
        tracing::warn!(
            "the demo's well-known password can be used from other machines; set --demo-password"
        );
    }
    let url = match &settings.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None if settings.tls.is_some() => format!("https://{}", reachable(address)),
        None => format!("http://{}", reachable(address)),
    };
    let parts = Parts {
        tenant: TENANT,
        handle: tenant.clone(),
        hub,
        read_model: store.clone(),
        accounts: store.clone(),
        hosts: store.clone(),
        journal: store.clone(),
        clock,
        zones: Arc::new(zones()),
    };
    webchat_http::hooks::declare(&*store, &*store, TENANT, &settings.webhooks)
        .await
        .context("cannot bring the webhooks in line with the settings")?;
    let figures = webchat_http::figures::record().context("cannot count figures")?;
    let files = FileFolder::open(settings.data.join(FILES), settings.files_quota)
        .with_context(|| format!("cannot open the folder {FILES} in {folder}"))?;
    let server = Server::new(
        parts,
        webchat_http::Settings {
            crowd: webchat_http::Crowd {
                total: settings.connections,
                per_address: settings.connections_per_address,
            },
            trusted_proxies: settings.trusted_proxies,
            public_url: settings.public_url,
            demo: settings.demo,
            files: Some(files),
            disk: Some(webchat_http::Disk {
                folder: settings.data,
                reserve: settings.disk_reserve,
            }),
            figures: Some(figures),
            mail: !without_mail,
            tls: settings.tls.clone(),
            calls: settings.calls,
            provider: settings.provider,
            hook_networks: settings.webhook_networks,
            #[cfg(feature = "otel")]
            upstream: Some(telemetry::upstream()),
            ..webchat_http::Settings::default()
        },
    );
    announce(&url, &users)?;

    let stop = CancellationToken::new();
    let signals = stop_on_signal(stop.clone())?;
    #[cfg(unix)]
    renew_on_signal(settings.tls, stop.clone())?;
    server.run(listener, stop).await;
    // What is being mailed is finished, so that it is not mailed twice; the rest stays owed until the next start.
    stop_mailing.cancel();
    mailing.await.context("the mail's task failed")?;
    tenant.shutdown().await;
    running.await.context("the tenant's task failed")?;
    signals.abort();
    tracing::info!("stopped");
    Ok(())
}

/// How a browser on this machine writes the address the server listens on: nobody can go to "any address".
fn reachable(address: SocketAddr) -> String {
    match address.ip().is_unspecified() {
        true => format!("localhost:{}", address.port()),
        false => address.to_string(),
    }
}

/// Says which campaigns want mail that nothing will deliver.
async fn warn_of_owed_mail(tenant: &TenantHandle) -> anyhow::Result<()> {
    let (campaigns, owed) = tenant
        .query(|engine, _| {
            let view = engine.view();
            let taking = view
                .campaigns()
                .filter(|campaign| !campaign.settings.warnings_without_mail().is_empty())
                .map(|campaign| campaign.settings.name.to_string());
            (taking.collect::<Vec<_>>(), view.owed().count())
        })
        .await?;
    if !campaigns.is_empty() || owed > 0 {
        let campaigns = campaigns.join(", ");
        tracing::warn!(
            %campaigns,
            owed,
            "these campaigns want mail, which stays owed: no mail server is set up (--mail-host)"
        );
    }
    Ok(())
}

/// The system's time zone rules where there are any, for they change several times a year; else the bundled ones.
fn zones() -> Zones {
    let folder = Path::new("/usr/share/zoneinfo");
    Zones::bundled().with_lookup(|name| std::fs::read(folder.join(name)).ok())
}

/// Who can sign in, as far as it is worth telling.
enum Users {
    Example(Vec<(&'static str, Role)>, String),
    First(String),
    Known,
}

/// Tells a person where to look. Standard output, because it is the program's answer and no log.
fn announce(url: &str, users: &Users) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "webchat is ready")?;
    if let Users::Example(..) = users {
        writeln!(out, "  shop     {url}/demo/")?;
    }
    writeln!(out, "  console  {url}/console/")?;
    match users {
        Users::Example(users, password) => {
            for (login, role) in users {
                writeln!(out, "           {login} / {password} ({})", role.code())?;
            }
        }
        Users::First(password) => {
            writeln!(
                out,
                "           admin / {password} (shown only this once; you choose another when you sign in)"
            )?;
        }
        Users::Known => {}
    }
    writeln!(out, "Stop with Ctrl-C.")
}

/// Reads the certificate again on SIGHUP, as the programs that renew certificates send it. Without one the signal does
/// nothing: whoever sends it wants the server to go on.
#[cfg(unix)]
fn renew_on_signal(
    tls: Option<Arc<webchat_http::Tls>>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut renewed = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
        .context("cannot listen for SIGHUP")?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = renewed.recv() => {}
            }
            match tls.as_ref().map(|tls| tls.reload()) {
                None => tracing::info!("there is no certificate to read again"),
                Some(Ok(())) => tracing::info!("the certificate was read again"),
                Some(Err(error)) => tracing::error!(%error, "the certificate in use stays"),
            }
        }
    });
    Ok(())
}

/// The first Ctrl-C or SIGTERM drains, the second one leaves at once.
fn stop_on_signal(stop: CancellationToken) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .context("cannot listen for SIGTERM")?;
    Ok(tokio::spawn(async move {
        loop {
            #[cfg(unix)]
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            #[cfg(not(unix))]
            let _ = tokio::signal::ctrl_c().await;
            if stop.is_cancelled() {
                std::process::exit(130);
            }
            tracing::info!("stopping, running requests may finish");
            stop.cancel();
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_found_at_this_machine() {
        let shown = |address: [u8; 4]| reachable(SocketAddr::from((address, 8080)));
        assert_eq!(shown([0, 0, 0, 0]), "localhost:8080");
        assert_eq!(shown([192, 0, 2, 1]), "192.0.2.1:8080");
    }
}
