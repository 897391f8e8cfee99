//! What reaches the server from outside, tried with whatever bytes come: a real server on loopback with real files
//! gets them. The targets beside this file and an ordinary test of webchat-http both call it.

#![allow(clippy::unwrap_used)] // whatever fails here is a finding

#[path = "../webchat-http/tests/world/mod.rs"]
mod world;

use std::cell::RefCell;
use std::time::Duration;

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::Message;
use webchat_core::id::CampaignId;
use webchat_http::{Pace, Paces, Settings, ical};
use webchat_runtime::accounts::Role;
use world::{Client, Login, World, soon};

/// Tries some bytes; panics when a promise is broken.
pub(crate) type Target = fn(&[u8]);

/// The targets by name.
#[allow(dead_code)] // each target of the fuzzer uses one of them
pub(crate) const TARGETS: [(&str, Target); 3] =
    [("bodies", bodies), ("socket", socket), ("imports", imports)];

/// Inputs after which a server is thrown away, with all that came together in it.
const INPUTS: u32 = 2_000;

/// Where bodies go; none of them hashes a password.
const ROUTES: &[(&str, &str)] = &[
    ("POST", "/api/v1/campaigns"),
    ("PUT", "/api/v1/campaigns/1"),
    ("PUT", "/api/v1/campaigns/1/members"),
    ("PUT", "/api/v1/campaigns/1/canned"),
    ("PUT", "/api/v1/canned"),
    ("PUT", "/api/v1/tenant"),
    ("POST", "/api/v1/quality-models"),
    ("POST", "/api/v1/erasures"),
    ("PUT", "/api/v1/users/4711"),
    ("POST", "/api/v1/mail/1/resend"),
    ("POST", "/api/v1/campaigns/trial"),
    ("POST", "/api/v1/closed-dates"),
    ("POST", "/api/v1/members"),
    ("POST", "/api/v1/keys"),
    ("POST", "/api/v1/campaigns/1/identity"),
    ("PUT", "/api/v1/agents/1"),
    ("POST", "/api/v1/recordings/1-1/evaluations"),
];

/// A server with an administrator and an agent at the desk, and the token of a visitor who was there before.
struct Yard {
    runtime: Runtime,
    world: World,
    campaign: CampaignId,
    token: String,
    root: Login,
    agent: Client,
    inputs: u32,
}

thread_local! {
    static YARD: RefCell<Option<Yard>> = const { RefCell::new(None) };
}

impl Yard {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let (world, campaign, token, root, agent) = runtime.block_on(async {
            let quick = Pace::new(1_000_000, Duration::from_nanos(1));
            let paces = Paces {
                starts: quick,
                starts_in_campaign: quick,
                visitor_messages: quick,
                visitor_requests: quick,
                agent_requests: quick,
                ..Paces::default()
            };
            let world = World::with(Settings {
                paces,
                ..Settings::default()
            })
            .await;
            world.user("root", Role::Administrator).await;
            let ana = world.agent("ana").await;
            let campaign = world
                .campaign(&[ana], |draft| {
                    draft.when_empty = "admit".into();
                    draft.feedback_form = true;
                })
                .await;
            let root = world.sign_in("root").await;
            let agent = world.desk("ana").await;
            let (client, token) = world.visitor(campaign, "es").await;
            client.hang_up().await;
            (world, campaign, token, root, agent)
        });
        Self {
            runtime,
            world,
            campaign,
            token,
            root,
            agent,
            inputs: 0,
        }
    }

    /// Carries out an attempt and looks whether the server still answers its agent.
    fn attempt(attempt: impl AsyncFnOnce(&Yard)) {
        YARD.with_borrow_mut(|kept| {
            let mut yard = kept.take().unwrap_or_else(Self::new);
            yard.runtime.block_on(attempt(&yard));
            yard.runtime.block_on(yard.agent.ask(json!({"do": "ping"})));
            yard.inputs += 1;
            *kept = (yard.inputs < INPUTS).then_some(yard);
        });
    }
}

/// The first byte chooses an address, the rest is the body that an administrator sends there: it is taken or refused,
/// and the server is well.
///
/// # Panics
/// When the answer is none, or one of the server's own faults.
pub(crate) fn bodies(bytes: &[u8]) {
    let Some((choice, body)) = bytes.split_first() else {
        return;
    };
    let (method, path) = ROUTES[usize::from(*choice) % ROUTES.len()];
    Yard::attempt(async |Yard { world, root, .. }| {
        let [(_, cookie), (_, csrf)] = root.fields();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\nx-csrf-token: {csrf}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            world.address,
            body.len()
        );
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // What is too large is refused before all of it is sent.
        let _ = stream.write_all(body).await;
        let mut answer = Vec::new();
        let _ = soon(stream.read_to_end(&mut answer)).await;
        let line = String::from_utf8_lossy(&answer[..answer.len().min(12)]).into_owned();
        let status: u16 = line
            .get(9..)
            .and_then(|status| status.parse().ok())
            .unwrap_or_else(|| panic!("{line}"));
        assert!(status < 500, "{}", String::from_utf8_lossy(&answer));
    });
}

/// The bytes are messages, one a line, that a visitor sends after `hello` and `start`; `@` stands for the visitor's own chat.
/// Behind a `!` the first line is sent in the place of both, and `~` stands in it for a token that was minted here. Each is
/// answered or ends the socket.
///
/// # Panics
/// When a request is answered with a fault of the server's own, or not at all, or when somebody gets the token they chose.
pub(crate) fn socket(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    Yard::attempt(async |yard| {
        let (world, minted) = (&yard.world, yard.token.as_str());
        let mut client = world.visit(yard.campaign).await;
        let mut chat = "1-1".to_owned();
        if !text.starts_with('!') {
            client.ask(json!({"do": "hello", "language": "es"})).await;
            let started = client.ask(json!({"do": "start"})).await;
            chat = started["chat"]["chat"].as_str().unwrap_or("1-1").into();
        }
        let sent = text.replace('~', minted).replace('@', &chat);
        let last = r#"{"id":4711,"do":"ping"}"#;
        let lines = sent.trim_start_matches('!').split('\n').take(50);
        for line in lines.chain([last]) {
            // The server may have hung up on what came before.
            if client.socket.send(Message::text(line)).await.is_err() {
                break;
            }
        }
        // The end is as good an answer as any.
        while let Some(frame) = client.frame().await {
            assert_ne!(frame["error"]["code"], "internal_error", "{frame}");
            if let Some(token) = frame["ok"]["token"].as_str() {
                assert!(token == minted || !sent.contains(token), "{frame}");
            }
            if frame["re"] == 4_711 {
                break;
            }
        }
        client.hang_up().await;
    });
}

/// The bytes are a file to import: an iCalendar file, and canned responses as JSON.
///
/// # Panics
/// When dates come out of a calendar that its schedule then does not take, or a text changes on its way.
pub(crate) fn imports(bytes: &[u8]) {
    let from = jiff::civil::date(2026, 1, 1);
    if let Ok(found) = ical::closed_dates(bytes, from) {
        assert!(serde_json::to_value(&found).is_ok());
    }
    let Ok(Value::Array(texts)) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    Yard::attempt(async |Yard { world, root, .. }| {
        let body = json!({"responses": texts});
        let answer = world
            .call("PUT", "/api/v1/canned", &root.fields(), Some(body))
            .await;
        assert!(answer.status < 500 && answer.status != 0, "{answer:?}");
    });
}
