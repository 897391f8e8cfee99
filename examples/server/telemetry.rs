//! Traces for an OpenTelemetry collector, as OTLP over HTTP. Only in a server built with the feature `otel`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use async_trait::async_trait;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanKind, Status, TracerProvider as _};
use opentelemetry::{Key, KeyValue};
use opentelemetry_http::{Bytes, HeaderExtractor, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tracing::Metadata;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;
use url::Url;
use webchat_http::Upstream;

use crate::log::More;

/// Time the collector has for each step of taking traces.
const PATIENCE: Duration = Duration::from_secs(5);
/// What attributes are called here, and by the conventions of OpenTelemetry.
const NAMES: [(&str, &str); 7] = [
    ("id", "webchat.request.id"),
    ("method", "http.request.method"),
    ("route", "http.route"),
    ("path", "url.path"),
    ("status", "http.response.status_code"),
    ("what", "webchat.command"),
    ("chat", "webchat.chat.id"),
];

/// Sends the spans of requests and commands, whatever the log shows.
pub(crate) struct Telemetry(SdkTracerProvider);

impl Telemetry {
    /// To the collector at `url`, such as `http://127.0.0.1:4318`, or where the environment says; `None` if nothing does.
    pub(crate) fn start(url: Option<&Url>) -> anyhow::Result<Option<Self>> {
        let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let off =
            named("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let place = match (named("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), url) {
            _ if off => return Ok(None),
            (Some(place), _) => place,
            (None, Some(url)) => format!("{}/v1/traces", url.as_str().trim_end_matches('/')),
            (None, None) => return Ok(None),
        };
        let parsed = Url::parse(&place).ok();
        if !parsed.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
            bail!("otlp is {place}, expected http:// or https:// and a host");
        }
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(Carrier::trusting(named("OTEL_EXPORTER_OTLP_CERTIFICATE"))?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(place)
            .build()
            .context("cannot send traces")?;
        // Reads the environment's word for it too.
        let mut resource = Resource::builder()
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
        let attributes = named("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
        if named("OTEL_SERVICE_NAME").is_none() && !attributes.contains("service.name=") {
            resource = resource.with_service_name("webchat");
        }
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(Conventional(exporter))
            .with_resource(resource.build());
        Ok(Some(Self(provider.build())))
    }

    /// What takes the spans in: those of requests and of what sockets ask. A socket's own lasts for hours, so each thing
    /// that is asked on it is a trace. What is logged meanwhile stays in the log.
    pub(crate) fn layer(&self) -> More {
        let wanted = |told: &Metadata<'_>| {
            told.is_span() && told.target().starts_with("webchat_") && told.name() != "socket"
        };
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("webchat"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(FilterFn::new(wanted))
            .boxed()
    }

    /// Sends what is left.
    pub(crate) fn stop(self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Puts requests into the traces that proxies in front began, as `traceparent` says.
pub(crate) fn upstream() -> Upstream {
    let reader = TraceContextPropagator::new();
    Upstream::new(move |span, headers| {
        // It fails where spans are not kept, and then there is no trace to belong to.
        let _ = span.set_parent(reader.extract(&HeaderExtractor(headers)));
    })
}

/// Calls things what OpenTelemetry calls them.
#[derive(Debug)]
struct Conventional(opentelemetry_otlp::SpanExporter);

impl SpanExporter for Conventional {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0
            .export(batch.into_iter().map(renamed).collect())
            .await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

fn renamed(mut span: SpanData) -> SpanData {
    span.span_kind = SpanKind::Server;
    let texts = span.attributes.iter().map(|attribute| {
        let value = attribute.value.as_str().into_owned();
        (attribute.key.as_str().to_owned(), value)
    });
    let texts: BTreeMap<String, String> = texts.collect();
    // A request that is none of ours is named by its method alone.
    let name = ["route", "what", "method"];
    if let Some(name) = name.into_iter().find_map(|name| texts.get(name)) {
        span.name = Cow::Owned(name.clone());
    }
    for attribute in &mut span.attributes {
        let Some((_, theirs)) = NAMES
            .iter()
            .find(|(ours, _)| *ours == attribute.key.as_str())
        else {
            continue;
        };
        let text = &texts[attribute.key.as_str()];
        match attribute.key.as_str() {
            "route" => {
                let path = text.split_once(' ').map_or(&**text, |(_, path)| path);
                attribute.value = path.to_owned().into();
            }
            "status" => {
                let status: i64 = text.parse().unwrap_or_default();
                attribute.value = status.into();
                if status >= 500 {
                    span.status = Status::error("");
                }
            }
            _ => {}
        }
        attribute.key = Key::from_static_str(theirs);
    }
    span
}

/// Carries requests on a connection each, from the exporter's own thread, which has nothing else to do meanwhile.
#[derive(Debug)]
struct Carrier(Arc<ClientConfig>);

impl Carrier {
    /// Trusts the public authorities, or those in a PEM file instead.
    fn trusting(file: Option<String>) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        match file {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(file) => {
                let wrong = || format!("cannot use OTEL_EXPORTER_OTLP_CERTIFICATE, {file}");
                for authority in CertificateDer::pem_file_iter(&file).with_context(wrong)? {
                    roots
                        .add(authority.with_context(wrong)?)
                        .with_context(wrong)?;
                }
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots);
        Ok(Self(Arc::new(config.with_no_client_auth())))
    }
}

#[async_trait]
impl HttpClient for Carrier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let (path, encrypted) = (parts.uri.path(), parts.uri.scheme_str() == Some("https"));
        let authority = parts.uri.authority().ok_or("no host")?;
        let host = authority.host().trim_matches(['[', ']']);
        let port = authority
            .port_u16()
            .unwrap_or(if encrypted { 443 } else { 80 });
        let address = (host, port)
            .to_socket_addrs()?
            .next()
            .ok_or("the host has no address")?;
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut text =
            format!("POST {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n");
        for (name, value) in &parts.headers {
            text += &format!("{name}: {}\r\n", value.to_str()?);
        }
        let mut sent = format!("{text}content-length: {}\r\n\r\n", body.len()).into_bytes();
        sent.extend_from_slice(&body);
        let status = match encrypted {
            false => exchange(stream, &sent)?,
            true => {
                let name = ServerName::try_from(host.to_owned())?;
                let session = ClientConnection::new(self.0.clone(), name)?;
                exchange(StreamOwned::new(session, stream), &sent)?
            }
        };
        Ok(Response::builder().status(status).body(Bytes::new())?)
    }
}

/// Nothing of the answer matters but its status.
fn exchange(mut stream: impl Read + Write, request: &[u8]) -> Result<u16, HttpError> {
    stream.write_all(request)?;
    stream.flush()?;
    let mut line = String::new();
    BufReader::new(stream.take(1_024)).read_line(&mut line)?;
    Ok(line.split(' ').nth(1).ok_or("no status")?.parse()?)
}
