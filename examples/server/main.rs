//! The reference server: one program that serves visitors, agents and administrators.

mod settings;

use std::io::Write;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use settings::Settings;

fn main() -> anyhow::Result<()> {
    let settings = Settings::of_process()?;
    let filter = EnvFilter::try_new(&settings.log)
        .with_context(|| format!("log is `{}`, expected a filter such as info", settings.log))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?
        .block_on(serve(settings))
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("cannot listen on {}", settings.listen))?;
    let address = listener.local_addr()?;
    let url = match &settings.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{address}"),
    };
    let server = webchat_http::Server::new(webchat_http::Settings {
        crowd: webchat_http::Crowd {
            total: settings.connections,
            per_address: settings.connections_per_address,
        },
        trusted_proxies: settings.trusted_proxies,
        demo: settings.demo,
    });
    announce(&url, settings.demo)?;

    let stop = CancellationToken::new();
    let signals = stop_on_signal(stop.clone())?;
    server.run(listener, stop).await;
    signals.abort();
    tracing::info!("stopped");
    Ok(())
}

/// Tells a person where to look. Standard output, because it is the program's answer and no log.
fn announce(url: &str, demo: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "webchat is ready")?;
    if demo {
        writeln!(out, "  shop     {url}/demo/")?;
    }
    writeln!(out, "  console  {url}/console/")?;
    writeln!(out, "Stop with Ctrl-C.")
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
