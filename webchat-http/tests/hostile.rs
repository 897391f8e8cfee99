//! What strangers try: foreign sites, ambiguous requests, frames that are too big, too many, or nonsense.

mod world;

use std::time::Duration;

use futures_util::SinkExt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use webchat_http::{Crowd, Pace, Settings};
use world::{World, soon};

/// Origins that are not `https://shop.example:8443` with sub-domains of `corp.example`.
const FOREIGN: &[&str] = &[
    "https://shop.example",
    "https://shop.example:443",
    "https://evil-shop.example:8443",
    "https://shop.example.evil.example:8443",
    "https://corp.example",
    "https://notcorp.example",
    "https://corp.example.evil.example",
    "https://shop.example:8443.evil.example",
    "https://shop.example:8443@evil.example",
    "https://evil.example#shop.example:8443",
    "https://xn--shp-2na.example:8443",
    "https://shöp.example:8443",
    "file://shop.example:8443",
    "null",
    "",
    "*",
];

#[tokio::test]
async fn a_foreign_site_gets_neither_settings_nor_socket() {
    let world = World::new().await;
    let campaign = world
        .campaign(&[], |draft| {
            draft.allowed_domains = vec!["shop.example:8443".into(), "*.corp.example".into()];
        })
        .await;
    let window = format!("/api/v1/campaigns/{campaign}/window");
    let socket = format!("/api/v1/visitor?campaign={campaign}");
    for origin in FOREIGN {
        let fields = [("origin", *origin)];
        let answer = world.get(&window, &fields).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (403, "not_allowed"),
            "{origin}"
        );
        // The refusal itself may be read, so that the window can word it; nothing else is in it.
        assert_eq!(answer.json().get("colour"), None, "{origin}");
        if origin.is_ascii() {
            assert_eq!(
                world.dial(&socket, &fields).await.err(),
                Some(403),
                "{origin}"
            );
        }
    }
    let told = world
        .get(&window, &[("origin", "https://evil.example")])
        .await;
    assert_eq!(
        told.header("access-control-allow-origin"),
        Some("https://evil.example")
    );
    assert_eq!(world.get(&window, &[]).await.status, 403, "no origin");
    assert_eq!(world.dial(&socket, &[]).await.err(), Some(403), "no origin");
    let two = [
        ("origin", "https://shop.example:8443"),
        ("origin", "https://evil.example"),
    ];
    assert_eq!(world.get(&window, &two).await.status, 403, "two origins");
    assert_eq!(
        world.dial(&socket, &two).await.err(),
        Some(403),
        "two origins"
    );

    for origin in [
        "https://shop.example:8443",
        "http://SHOP.example:8443",
        "https://a.b.corp.example",
    ] {
        let fields = [("origin", origin)];
        let answer = world.get(&window, &fields).await;
        assert_eq!(answer.status, 200, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("vary"), Some("origin"));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.contains("frame-ancestors http://shop.example:8443 http://*.corp.example:*"),
            "{policy}"
        );
        assert!(world.dial(&socket, &fields).await.is_ok(), "{origin}");
    }
    world.stop().await;
}

#[tokio::test]
async fn an_agents_socket_opens_only_from_this_servers_pages_with_a_session() {
    let world = World::new().await;
    world.agent("ana").await;
    let ana = world.sign_in("ana").await;
    let own = format!("http://{}", world.address);
    let cookie = ("cookie", ana.cookie.as_str());
    let path = "/api/v1/agent";
    assert_eq!(
        world.dial(path, &[cookie]).await.err(),
        Some(403),
        "no origin"
    );
    for origin in [
        "http://evil.example",
        "null",
        "http://127.0.0.1:1",
        "http://localhost",
    ] {
        assert_eq!(
            world.dial(path, &[cookie, ("origin", origin)]).await.err(),
            Some(403),
            "{origin}"
        );
    }
    assert_eq!(
        world.dial(path, &[("origin", &own)]).await.err(),
        Some(401),
        "no session"
    );
    let wrong = (
        "cookie",
        "webchat_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    );
    assert_eq!(
        world.dial(path, &[wrong, ("origin", &own)]).await.err(),
        Some(401)
    );
    assert_eq!(
        world
            .dial(path, &[cookie, wrong, ("origin", &own)])
            .await
            .err(),
        Some(401),
        "two cookies"
    );
    assert!(world.dial(path, &[cookie, ("origin", &own)]).await.is_ok());
    let body = json!({"login": "ana", "password": world::PASSWORD});
    let foreign = [("origin", "http://evil.example")];
    assert_eq!(
        world
            .call("POST", "/api/v1/session", &foreign, Some(body))
            .await
            .status,
        403
    );
    world.stop().await;
}

#[tokio::test]
async fn ambiguous_requests_are_refused_and_the_connection_ends() {
    let world = World::new().await;
    for (request, status) in [
        ("GET /livez HTTP/1.1\r\n\r\n", 400),
        ("GET /livez HTTP/1.0\r\n\r\n", 400),
        ("GET /livez HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400),
        ("GET http://b/livez HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        (
            "POST /api/v1/session HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            411,
        ),
        (
            "POST /api/v1/session HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nhost: a\r\n\r\n",
            411,
        ),
        (
            "POST /api/v1/session HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
            411,
        ),
        (
            "POST /api/v1/session HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (
            "POST /api/v1/session HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
            400,
        ),
        (
            "POST /api/v1/session HTTP/1.1\r\nhost: a\r\ncontent-length: +1\r\n\r\n",
            400,
        ),
        (
            "POST /api/v1/session HTTP/1.1\r\nhost: a\r\ncontent-length : 1\r\n\r\n",
            400,
        ),
        ("GET /livez HTTP/1.1\r\nhost: a\r\n folded: x\r\n\r\n", 400),
    ] {
        let answer = world.raw(request).await;
        assert_eq!(answer.status, status, "{request}");
        assert!(
            !answer.body.windows(4).any(|part| part == b"live"),
            "{request}"
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn large_heads_addresses_and_bodies_are_refused() {
    let world = World::new().await;
    let get = |path: &str, fields: &str| {
        format!("GET {path} HTTP/1.1\r\nhost: a\r\n{fields}connection: close\r\n\r\n")
    };
    let long = format!("/livez?{}", "x".repeat(3_000));
    assert_eq!(world.raw(&get(&long, "")).await.status, 414);
    let wide = format!("x: {}\r\n", "x".repeat(20_000));
    assert_eq!(world.raw(&get("/livez", &wide)).await.status, 431);
    let many = "x: y\r\n".repeat(100);
    assert_eq!(world.raw(&get("/livez", &many)).await.status, 431);
    let post = "POST /api/v1/session HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\nconnection: close\r\n\r\n";
    assert_eq!(world.raw(post).await.status, 413);
    world.stop().await;
}

#[tokio::test]
async fn addresses_outside_the_tree_are_not_found_and_methods_are_refused() {
    let world = World::new().await;
    for path in [
        "/console/../Cargo.toml",
        "/console/%2e%2e/Cargo.toml",
        "/console/..%5cCargo.toml",
        "//etc/passwd",
        "/api/v1/nothing",
        "/api/v1/campaigns/x",
        "/api/v1/campaigns/1/window/x",
        "/api/v1/campaigns/99999999999",
        "/demo/shop.html",
        "/.env",
    ] {
        let answer = world.get(path, &[]).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "not_found"),
            "{path}"
        );
    }
    for (method, path) in [
        ("PUT", "/api/v1/session"),
        ("TRACE", "/livez"),
        ("POST", "/console/"),
    ] {
        assert_eq!(
            world.call(method, path, &[], None).await.status,
            405,
            "{method} {path}"
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn pages_carry_a_strict_policy_and_every_answer_forbids_sniffing() {
    let world = World::new().await;
    let console = world.get("/console/", &[("accept-encoding", "gzip")]).await;
    assert_eq!(console.status, 200);
    let policy = console.header("content-security-policy").unwrap();
    assert!(
        policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(console.header("content-encoding"), Some("gzip"));
    let tag = console.header("etag").unwrap();
    let again = world
        .get(
            "/console/",
            &[("accept-encoding", "gzip"), ("if-none-match", tag)],
        )
        .await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let widget = world.get("/widget.js", &[]).await;
    assert_eq!(
        widget.header("cross-origin-resource-policy"),
        Some("cross-origin")
    );
    for path in [
        "/",
        "/livez",
        "/readyz",
        "/console/",
        "/widget.js",
        "/api/v1/session",
        "/nothing",
    ] {
        let answer = world.get(path, &[]).await;
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert!(answer.header("referrer-policy").is_some(), "{path}");
        assert!(
            answer.header("content-security-policy").is_some() || path == "/widget.js",
            "{path}"
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn a_connection_too_many_is_told_so_and_a_place_is_free_again_after_one_ends() {
    let crowd = Crowd {
        total: 100,
        per_address: 2,
    };
    let world = World::with(Settings {
        crowd,
        ..Settings::default()
    })
    .await;
    let first = TcpStream::connect(world.address).await.unwrap();
    let mut second = TcpStream::connect(world.address).await.unwrap();
    // Both are inside once the second is served.
    second
        .write_all(b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    let mut byte = [0];
    soon(second.read_exact(&mut byte)).await.unwrap();
    // Whoever still sends while being turned away may miss the 503 and only see the end.
    assert!([503, 0].contains(&world.get("/livez", &[]).await.status));
    drop(first);
    let free = async {
        while world.get("/livez", &[]).await.status != 200 {
            tokio::task::yield_now().await;
        }
    };
    soon(free).await;
    drop(second);
    world.stop().await;
}

#[tokio::test]
async fn a_head_that_never_ends_and_a_hello_that_never_comes_are_hung_up_on() {
    let world = World::new().await;
    let campaign = world.campaign(&[], |_| {}).await;
    let begun = std::time::Instant::now();
    let mut slow = TcpStream::connect(world.address).await.unwrap();
    slow.write_all(b"GET /livez HTTP/1.1\r\nhost: a\r\n")
        .await
        .unwrap();
    let mut silent = TcpStream::connect(world.address).await.unwrap();
    let mut shy = world.visit(campaign).await;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let (_, _, code) = tokio::join!(
        soon(slow.read_to_end(&mut left)),
        soon(silent.read_to_end(&mut right)),
        shy.end(),
    );
    assert_eq!(code, 1008);
    assert!(!left.starts_with(b"HTTP/1.1 200"));
    assert!(begun.elapsed() < 2 * webchat_http::limits::HEAD_TIME);
    world.stop().await;
}

#[tokio::test]
async fn what_is_no_hello_is_hung_up_on() {
    let world = World::new().await;
    let campaign = world.campaign(&[], |_| {}).await;
    for frame in [
        "",
        "hello",
        "{}",
        r#"{"id":1,"do":"start"}"#,
        r#"{"do":"hello","seen":-1}"#,
        "[1]",
    ] {
        let mut client = world.visit(campaign).await;
        client.text(frame).await;
        assert_eq!(client.end().await, 1008, "{frame}");
    }
    let mut client = world.visit(campaign).await;
    client
        .socket
        .send(Message::binary(vec![1, 2, 3]))
        .await
        .unwrap();
    assert_eq!(client.end().await, 1008);
    world.stop().await;
}

#[tokio::test]
async fn frames_too_big_or_not_text_end_the_socket_with_their_code() {
    let world = World::new().await;
    let campaign = world.campaign(&[], |_| {}).await;
    let (mut client, _) = world.visitor(campaign, "es").await;
    client
        .text(&format!(
            r#"{{"id":9,"do":"ping","x":"{}"}}"#,
            "x".repeat(17_000)
        ))
        .await;
    assert_eq!(client.end().await, 1009);

    let (client, _) = world.visitor(campaign, "es").await;
    let mut stream = client.socket.into_inner();
    // A masked text frame holding the byte ff, which is no UTF-8.
    stream
        .write_all(&[0x81, 0x81, 0, 0, 0, 0, 0xff])
        .await
        .unwrap();
    assert_eq!(close_code(&mut stream).await, 1007);

    let (client, _) = world.visitor(campaign, "es").await;
    let mut stream = client.socket.into_inner();
    // Text without a mask, which only servers may send.
    stream.write_all(&[0x81, 0x02, b'{', b'}']).await.unwrap();
    assert_eq!(close_code(&mut stream).await, 1002);
    world.stop().await;
}

/// The code of the close frame with which the server's bytes end.
async fn close_code(stream: &mut TcpStream) -> u16 {
    let mut bytes = Vec::new();
    let read = async { while stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {} };
    soon(read).await;
    let close = bytes
        .windows(2)
        .position(|pair| pair[0] == 0x88)
        .expect("a close frame");
    u16::from_be_bytes([bytes[close + 2], bytes[close + 3]])
}

#[tokio::test]
async fn nonsense_after_hello_is_refused_and_harms_nobody() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let _agent = world.desk("ana").await;
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    for request in [
        json!({"do": "write", "chat": chat}),
        json!({"do": "write", "chat": 7, "key": "k", "text": "x"}),
        json!({"do": "write", "chat": "1-1-1", "key": "k", "text": "x"}),
        json!({"do": "write", "chat": "99999999999-1", "key": "k", "text": "x"}),
        json!({"do": "feedback", "chat": chat, "score": 256}),
        json!({"do": "seen", "chat": chat, "read": -1}),
        json!({"do": "seen", "chat": chat, "read": 4_294_967_296_u64}),
        json!({"do": "hello"}),
        json!({"do": "take", "chat": chat}),
    ] {
        assert_eq!(
            visitor.refused(request.clone()).await,
            "bad_request",
            "{request}"
        );
    }
    for (request, field) in [
        (
            json!({"do": "write", "chat": chat, "key": "", "text": "x"}),
            "key",
        ),
        (
            json!({"do": "write", "chat": chat, "key": "k".repeat(65), "text": "x"}),
            "key",
        ),
        (
            json!({"do": "write", "chat": chat, "key": "k", "text": ""}),
            "text",
        ),
        (
            json!({"do": "write", "chat": chat, "key": "k", "text": "x".repeat(4_001)}),
            "text",
        ),
        (
            json!({"do": "write", "chat": chat, "key": "k", "text": "a\u{0}b"}),
            "text",
        ),
    ] {
        let answer = visitor.outcome(request.clone()).await;
        assert_eq!(answer["error"]["code"], "invalid_field", "{request}");
        assert_eq!(answer["error"]["field"], field, "{request}");
    }
    let script = "<script>alert(1)</script>";
    visitor
        .ask(json!({"do": "write", "chat": chat, "key": "k", "text": script}))
        .await;
    let kept = visitor
        .until("message", |push| push["message"]["key"] == "k")
        .await;
    assert_eq!(
        kept["message"]["text"], script,
        "kept as written, shown as text"
    );
    world.stop().await;
}

#[tokio::test]
async fn who_writes_too_fast_is_told_and_may_go_on_later() {
    let mut settings = Settings::default();
    settings.paces.visitor_requests = Pace::new(3, Duration::from_millis(50));
    let world = World::with(settings).await;
    let campaign = world.campaign(&[], |_| {}).await;
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let mut codes = Vec::new();
    for _ in 0..20 {
        visitor.send(json!({"do": "ping"})).await;
    }
    for _ in 0..20 {
        let answer = visitor.frame().await.unwrap();
        codes.push(answer["error"]["code"].as_str().unwrap_or("ok").to_owned());
    }
    assert_eq!(codes[..3], ["ok", "ok", "ok"]);
    assert!(codes.iter().any(|code| code == "too_fast"), "{codes:?}");
    let patience = async {
        while visitor
            .outcome(json!({"do": "ping"}))
            .await
            .get("ok")
            .is_none()
        {}
    };
    soon(patience).await;
    world.stop().await;
}

#[tokio::test]
async fn starts_from_one_address_are_limited() {
    let mut settings = Settings::default();
    settings.paces.starts = Pace::new(2, Duration::from_secs(3600));
    let world = World::with(settings).await;
    let campaign = world.campaign(&[], |_| {}).await;
    for expected in ["refused", "refused", "too_fast"] {
        let (mut visitor, _) = world.visitor(campaign, "es").await;
        let answer = visitor.outcome(json!({"do": "start"})).await;
        let got = match answer["ok"]["refused"]["code"].as_str() {
            Some("no_agents") => "refused",
            _ => answer["error"]["code"].as_str().unwrap(),
        };
        assert_eq!(got, expected);
    }
    world.stop().await;
}

#[tokio::test]
async fn a_visitor_who_never_reads_is_cut_off_and_the_others_go_on() {
    let mut settings = Settings::default();
    settings.paces.agent_requests = Pace::new(1_000_000, Duration::from_nanos(1));
    let world = World::with(settings).await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let mut agent = world.desk("ana").await;
    let (mut deaf, token) = world.visitor(campaign, "es").await;
    let chat = deaf.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    let text = "x".repeat(4_000);
    let cut_off = async {
        // Far more than the socket's buffers and the queue hold.
        let mut number = 0;
        while world.connected(&chat).await == Some(true) {
            let key = format!("a{number}");
            agent
                .ask(json!({"do": "write", "chat": chat, "key": key, "text": text}))
                .await;
            number += 1;
        }
        number
    };
    let written = soon(cut_off).await;
    assert!(written > 200, "{written}");
    let (_, hello) = world.back(campaign, &token, 0).await;
    assert_eq!(hello["chat"]["chat"], chat, "and may come back");
    world.stop().await;
}

#[tokio::test]
async fn more_tabs_than_anyone_needs_are_refused() {
    let world = World::new().await;
    let campaign = world.campaign(&[], |_| {}).await;
    let (_first, token) = world.visitor(campaign, "es").await;
    let mut open = Vec::new();
    for _ in 1..webchat_http::limits::VISITOR_SOCKETS {
        open.push(world.back(campaign, &token, 0).await);
    }
    let mut one_more = world.visit(campaign).await;
    let code = one_more
        .refused(json!({"do": "hello", "token": token}))
        .await;
    assert_eq!(code, "limit");
    assert_eq!(one_more.end().await, 1008);
    world.stop().await;
}
