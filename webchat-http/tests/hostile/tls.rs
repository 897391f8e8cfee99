//! Encrypted connections with a certificate made for the test.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use webchat_http::{Deadlines, Settings, Tls};
use webchat_runtime::accounts::Role;

use crate::world::{PASSWORD, World, soon};

/// Writes a new certificate for `localhost` and its key into a folder.
fn certify(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("chain.pem"), cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

fn load(folder: &Path) -> Arc<Tls> {
    Tls::load(&folder.join("chain.pem"), &folder.join("key.pem")).unwrap()
}

async fn world(tls: Arc<Tls>) -> World {
    World::with(Settings {
        tls: Some(tls),
        deadlines: Deadlines {
            head: Duration::from_millis(500),
            ..Deadlines::default()
        },
        ..Settings::default()
    })
    .await
}

/// Connects as a browser that trusts just this certificate.
async fn connect(
    world: &World,
    trusted: &CertificateDer<'static>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(world.address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    soon(TlsConnector::from(Arc::new(config)).connect(name, stream)).await
}

async fn ask(mut stream: TlsStream<TcpStream>, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // The end may come without TLS's own good-bye.
    let _ = soon(stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn over_tls_pages_cookies_and_sockets_are_secure() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = certify(folder.path());
    let world = world(load(folder.path())).await;
    world.user("ana", Role::Agent).await;
    let campaign = world.campaign(&[], |_| {}).await;

    let stream = connect(&world, &certificate).await.unwrap();
    let body = json!({"login": "ana", "password": PASSWORD}).to_string();
    let answer = ask(
        stream,
        &format!(
            "POST /api/v1/session HTTP/1.1\r\nhost: localhost\r\norigin: https://localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ),
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let cookie = answer
        .lines()
        .find(|line| line.starts_with("set-cookie"))
        .unwrap();
    assert!(cookie.ends_with("; Secure"), "{cookie}");
    assert!(
        cookie.starts_with("set-cookie: __Host-webchat_session=") && cookie.contains("; Path=/;"),
        "{cookie}"
    );
    assert!(
        answer.contains("strict-transport-security: max-age=31536000\r\n"),
        "{answer}"
    );
    // Under the name a neighbour in the domain could give it, the same session is none.
    let token = cookie["set-cookie: __Host-webchat_session=".len()..]
        .split(';')
        .next()
        .unwrap();
    for (name, status) in [("__Host-webchat_session", 200), ("webchat_session", 401)] {
        let stream = connect(&world, &certificate).await.unwrap();
        let asked = format!(
            "GET /api/v1/session HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncookie: {name}={token}\r\n\r\n"
        );
        let answer = ask(stream, &asked).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
    }

    let stream = connect(&world, &certificate).await.unwrap();
    let mut request = format!("wss://localhost/api/v1/visitor?campaign={campaign}")
        .into_client_request()
        .unwrap();
    request
        .headers_mut()
        .insert("origin", "https://shop.example".parse().unwrap());
    let (mut socket, _) = soon(tokio_tungstenite::client_async(request, stream))
        .await
        .unwrap();
    socket
        .send(Message::text(r#"{"id":1,"do":"hello"}"#))
        .await
        .unwrap();
    let Some(Ok(Message::Text(hello))) = soon(socket.next()).await else {
        panic!("no answer to hello")
    };
    let hello: Value = serde_json::from_str(&hello).unwrap();
    assert_eq!(hello["ok"]["token"].as_str().unwrap().len(), 43);
    world.stop().await;
}

#[tokio::test]
async fn what_is_no_tls_or_no_handshake_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    let world = world(load(folder.path())).await;
    let plain = world.raw("GET /livez HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!(plain.status, 0, "{plain:?}");
    // Half of a greeting, and then silence.
    let mut slow = TcpStream::connect(world.address).await.unwrap();
    slow.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00])
        .await
        .unwrap();
    let mut left = Vec::new();
    let _ = soon(slow.read_to_end(&mut left)).await;
    assert!(left.is_empty());
    world.stop().await;
}

#[tokio::test]
async fn a_certificate_is_exchanged_without_a_restart_and_a_broken_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let first = certify(folder.path());
    let tls = load(folder.path());
    let world = world(tls.clone()).await;
    assert!(connect(&world, &first).await.is_ok());

    let second = certify(folder.path());
    tls.reload().unwrap();
    assert!(connect(&world, &second).await.is_ok());
    assert!(
        connect(&world, &first).await.is_err(),
        "the old one is gone"
    );

    std::fs::write(folder.path().join("key.pem"), "nonsense").unwrap();
    let why = tls.reload().unwrap_err();
    assert!(why.file.ends_with("key.pem"), "{why}");
    assert!(
        connect(&world, &second).await.is_ok(),
        "the one in use stays"
    );
    // A key that belongs to another certificate.
    let other = tempfile::tempdir().unwrap();
    certify(other.path());
    std::fs::copy(other.path().join("key.pem"), folder.path().join("key.pem")).unwrap();
    assert!(tls.reload().is_err());
    world.stop().await;
}
