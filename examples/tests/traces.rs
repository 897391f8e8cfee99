//! The server's traces as a collector gets them: over OTLP, each request and command with its ids, and nobody's words.

#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::{Span, status::StatusCode};
use prost::Message;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::time::timeout;
use webchat_examples::PATIENCE;
use webchat_examples::line::Line;
use webchat_examples::process::Process;
use webchat_examples::site::{DEMO_PASSWORD, Site};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// What a collector was sent at once.
struct Sent {
    head: String,
    body: Vec<u8>,
}

/// Takes whatever it is sent, until the test is over.
struct Collector {
    address: SocketAddr,
    sent: mpsc::UnboundedReceiver<Sent>,
    all: Vec<Sent>,
}

impl Collector {
    fn start(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, sent) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                let taken = match &tls {
                    None => take(stream),
                    Some(tls) => {
                        let session = ServerConnection::new(tls.clone()).unwrap();
                        take(StreamOwned::new(session, stream))
                    }
                };
                if taken.is_some_and(|taken| tell.send(taken).is_err()) {
                    return;
                }
            }
        });
        Self {
            address,
            sent,
            all: Vec::new(),
        }
    }

    /// The span that is wanted, as soon as it was sent.
    async fn span(&mut self, wanted: impl Fn(&Span) -> bool) -> Span {
        let found = async {
            loop {
                if let Some(span) = self.spans().into_iter().find(&wanted) {
                    return span;
                }
                let sent = self.sent.recv().await.unwrap();
                self.all.push(sent);
            }
        };
        timeout(PATIENCE, found).await.unwrap()
    }

    fn spans(&self) -> Vec<Span> {
        let requests = self.all.iter().map(|sent| decoded(&sent.body));
        requests
            .flat_map(|request| request.resource_spans)
            .flat_map(|spans| spans.scope_spans)
            .flat_map(|spans| spans.spans)
            .collect()
    }
}

fn decoded(body: &[u8]) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest::decode(body).unwrap()
}

/// One request, which is answered as collectors do.
fn take(stream: impl Read + Write) -> Option<Sent> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))?;
    let mut body = vec![0; length.parse().ok()?];
    stream.read_exact(&mut body).ok()?;
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    stream.get_mut().write_all(answer).ok()?;
    stream.get_mut().flush().ok()?;
    Some(Sent { head, body })
}

fn text<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn server(folder: &Path, flags: &[&str], environment: &[(&str, String)]) -> Process {
    let child = Command::new(env!("CARGO_BIN_EXE_server"))
        .args(["--demo", "--listen", "127.0.0.1:0", "--log", "warn"])
        .args(flags)
        .arg("--data")
        .arg(folder.join("kept"))
        .current_dir(folder)
        .env_clear()
        .envs(environment.iter().cloned())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(folder.join("log")).unwrap())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    Process::ready(child).await.unwrap()
}

/// Asks as a proxy does that keeps traces; the head of the answer.
async fn traced(site: Site, path: &str) -> String {
    let mut stream = site.connect().await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ntraceparent: 00-{TRACE}-{PARENT}-01\r\n\r\n",
        site.address
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    timeout(PATIENCE, read).await.unwrap().unwrap();
    answer
}

#[tokio::test]
async fn a_collector_gets_requests_and_commands_with_their_ids_in_the_traces_of_the_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let mut collector = Collector::start(None);
    let environment = [
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            format!("http://{}", collector.address),
        ),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-team=chat".into()),
        ("OTEL_SERVICE_NAME", "shop-chat".into()),
        ("OTEL_BSP_SCHEDULE_DELAY", "50".into()),
    ];
    let flags = ["--trusted-proxies", "127.0.0.1/32"];
    let server = server(folder.path(), &flags, &environment).await;
    let site = server.site;

    let answer = traced(site, "/api/v1/campaigns/1/window?language=secret-word").await;
    let number = answer
        .lines()
        .find_map(|line| line.strip_prefix("x-request-id: "));
    let request = collector
        .span(|span| span.name == "GET /api/v1/campaigns/{id}/window")
        .await;
    assert_eq!(hex(&request.trace_id), TRACE);
    assert_eq!(hex(&request.parent_span_id), PARENT);
    assert_eq!(request.kind, 2, "a server's");
    let attribute = |name| text(&request.attributes, name);
    assert_eq!(attribute("webchat.request.id"), number);
    assert_eq!(attribute("http.request.method"), Some("GET"));
    assert_eq!(
        attribute("http.route"),
        Some("/api/v1/campaigns/{id}/window")
    );
    assert_eq!(attribute("url.path"), Some("/api/v1/campaigns/1/window"));
    assert!(request.end_time_unix_nano > request.start_time_unix_nano);

    // What an address holds that is no number is in no span, nor is an address that is none of ours.
    traced(site, "/api/v1/users/ana@mail.example").await;
    let denied = collector
        .span(|span| span.name == "GET /api/v1/users/{id}")
        .await;
    assert_eq!(
        text(&denied.attributes, "url.path"),
        Some("/api/v1/users/{id}")
    );
    assert_ne!(
        denied.status.unwrap_or_default().code,
        StatusCode::Error as i32
    );

    let fields = [("origin", format!("http://{}", site.address))];
    let mut line = Line::dial(site, "/api/v1/visitor?campaign=1", &fields)
        .await
        .unwrap();
    let ana = site.sign_in("ana", DEMO_PASSWORD).await.unwrap();
    let _desk = Line::desk(site, &ana).await.unwrap();
    let hello = json!({"do": "hello", "token": null, "language": "es", "seen": 0});
    let token = line.hello(hello).await.unwrap()["token"].take();
    let start = json!({"do": "start", "name": "Eva Luna", "email": "eva@mail.example"});
    let mut started = line.answer(start).await.unwrap().unwrap();
    let chat = started["chat"]["chat"].take();
    let write = json!({"do": "write", "chat": chat, "key": "k", "text": "secret-word"});
    line.answer(write).await.unwrap().unwrap();
    let wrote = collector.span(|span| span.name == "write").await;
    assert_eq!(text(&wrote.attributes, "webchat.chat.id"), chat.as_str());
    assert_eq!(hex(&wrote.parent_span_id), "", "a trace of its own");
    assert_ne!(hex(&wrote.trace_id), TRACE);

    for Sent { head, body } in &collector.all {
        assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("x-team: chat\r\n"), "{head}");
        let resource = decoded(body).resource_spans.remove(0).resource.unwrap();
        assert_eq!(
            text(&resource.attributes, "service.name"),
            Some("shop-chat")
        );
        // Texts stand in protobuf as they are.
        let token = token.as_str().unwrap();
        for private in ["secret-word", "Eva", "eva@", "ana@", token] {
            let found = body
                .windows(private.len())
                .any(|part| part == private.as_bytes());
            assert!(!found, "{private}");
        }
    }
    assert!(
        collector
            .spans()
            .iter()
            .all(|span| span.events.is_empty() && span.name != "socket")
    );
}

#[tokio::test]
async fn strangers_begin_traces_of_their_own_and_a_stopping_server_sends_what_is_left_encrypted() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let authority = folder.path().join("authority.pem");
    std::fs::write(&authority, made.cert.pem()).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    let mut collector = Collector::start(Some(Arc::new(tls)));
    let url = format!("https://localhost:{}", collector.address.port());
    let environment = [
        (
            "OTEL_EXPORTER_OTLP_CERTIFICATE",
            authority.display().to_string(),
        ),
        // Longer than the test.
        ("OTEL_BSP_SCHEDULE_DELAY", "600000".into()),
    ];
    let mut server = server(folder.path(), &["--otlp", &url], &environment).await;
    traced(server.site, "/readyz").await;
    let pid = server.child.id().unwrap().to_string();
    let told = std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status();
    assert!(told.unwrap().success());
    let ended = timeout(PATIENCE, server.child.wait()).await.unwrap();
    assert!(ended.unwrap().success());
    let request = collector.span(|span| span.name == "GET").await;
    assert_ne!(hex(&request.trace_id), TRACE);
    assert_eq!(hex(&request.parent_span_id), "");
}

#[tokio::test]
async fn a_server_without_its_collector_serves_and_says_so_and_one_that_is_told_nonsense_does_not_start()
 {
    let folder = tempfile::tempdir().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{nobody}")),
        ("OTEL_BSP_SCHEDULE_DELAY", "50".into()),
    ];
    let server = server(folder.path(), &[], &environment).await;
    let log = folder.path().join("log");
    let told = async {
        while !std::fs::read_to_string(&log).unwrap().contains("Export") {
            let answer = traced(server.site, "/readyz").await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, told).await.unwrap();

    let wrong = std::process::Command::new(env!("CARGO_BIN_EXE_server"))
        .args(["--otlp", "ftp://a.example", "--data"])
        .arg(folder.path().join("other"))
        .output()
        .unwrap();
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(
        said.contains("otlp is ftp://a.example/v1/traces, expected http://"),
        "{said}"
    );
}
