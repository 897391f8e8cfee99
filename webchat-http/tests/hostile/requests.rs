//! Requests that are ambiguous, too large, or for what is not there.

use serde_json::json;
use webchat_http::Settings;
use webchat_runtime::accounts::Role;

use crate::world::{PASSWORD, World};

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
        ("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n", 400),
        ("CONNECT a HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        (
            "OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            405,
        ),
        (
            "GET http://a HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            302,
        ),
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
async fn no_shape_of_two_requests_in_one_gets_the_second_answered() {
    let world = World::new().await;
    let hidden = "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n";
    let post = |fields: &str, body: &str| {
        format!("POST /api/v1/session HTTP/1.1\r\nhost: a\r\n{fields}\r\n\r\n{body}{hidden}")
    };
    for request in [
        post("content-length: 4\r\ncontent-length: 40", "{}{}"),
        post("content-length: 4, 40", "{}{}"),
        post("content-length: -1", ""),
        post("content-length: 0x4", "{}{}"),
        post("content-length: 4\r\n 0", "{}{}"),
        post("content-length: 18446744073709551617", "x"),
        post("content-length: 4\r\ntransfer-encoding: identity", "{}{}"),
        post("transfer-encoding: chunked, identity", "0\r\n\r\n"),
        post("transfer-encoding: identity, chunked", "0\r\n\r\n"),
        post("transfer-encoding:\u{b}chunked", "0\r\n\r\n"),
        post(
            "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
            "0\r\n\r\n",
        ),
        post("Transfer-Encoding: CHUNKED", "0\r\n\r\n"),
        post(
            "transfer_encoding: chunked\r\ncontent-length : 3",
            "0\r\n\r\n",
        ),
        post("x: y\rcontent-length: 3", "0\r\n\r\n"),
        post("x: y\0\r\ncontent-length: 0", ""),
        format!(
            "POST /api/v1/session HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"
        ),
        format!("GET /livez HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n{hidden}"),
        format!("GET /livez HTTP/1.1\r\nhost:\r\n\r\n{hidden}"),
        format!("GET /livez HTTP/1.1 x\r\nhost: a\r\n\r\n{hidden}"),
        format!("GET /livez\thttp/1.1\r\nhost: a\r\n\r\n{hidden}"),
        format!("GET  /livez HTTP/1.1\r\nhost: a\r\n\r\n{hidden}"),
        format!("GET /livez HTTP/2.0\r\nhost: a\r\n\r\n{hidden}"),
        format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{hidden}"),
        format!("G\0T /livez HTTP/1.1\r\nhost: a\r\n\r\n{hidden}"),
    ] {
        let answer = world.raw(&request).await;
        assert!(
            answer.status == 0 || (400..500).contains(&answer.status),
            "{} for {request:?}",
            answer.status
        );
        let body = String::from_utf8_lossy(&answer.body);
        assert!(!body.contains("live"), "{request:?} got {body}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_host_that_is_no_host_is_refused() {
    let world = World::new().await;
    for host in [
        "a b", "a@b", "a/b", "a,b", "a?b", "http://a", "a#b", "a\\b", "[::1", "a:b:c", "a:99999",
    ] {
        let answer = world
            .raw(&format!(
                "GET /livez HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
            ))
            .await;
        assert_eq!(answer.status, 400, "{host}");
    }
    for host in [
        "a",
        "a.example",
        "a.example:8080",
        "127.0.0.1:1",
        "[::1]:8080",
        "xn--bcher-kva.example",
    ] {
        let answer = world
            .raw(&format!(
                "GET /livez HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
            ))
            .await;
        assert_eq!(answer.status, 200, "{host}");
    }
    world.stop().await;
}

#[tokio::test]
async fn json_with_a_key_twice_or_nested_too_deep_is_refused_and_nothing_of_it_counts() {
    let world = World::new().await;
    world.user("root", Role::Administrator).await;
    let root = world.sign_in("root").await;
    let post = |body: String| {
        let [(_, cookie), (_, csrf)] = root.fields();
        format!(
            "POST /api/v1/campaigns HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\nx-csrf-token: {csrf}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            world.address,
            body.len()
        )
    };
    for body in [
        r#"{"name":"Ventas","name":"Other"}"#.to_owned(),
        r#"{"name":"Ventas","welcome":{"es":"hola","es":"otro"}}"#.to_owned(),
        r#"{"name":"Ventas","n\u0061me":"Other"}"#.to_owned(),
        format!(r#"{{"name":"Ventas","welcome":{}}}"#, "[".repeat(50_000)),
        format!(
            r#"{{"name":"Ventas","x":{}1{}}}"#,
            "[".repeat(40),
            "]".repeat(40)
        ),
        r#"{"name":"Ventas"}{"name":"Other"}"#.to_owned(),
        "[1".repeat(400_000),
    ] {
        let answer = world.raw(&post(body.clone())).await;
        assert_eq!(
            answer.code(),
            "bad_request",
            "{}",
            &body[..body.len().min(80)]
        );
    }
    let campaigns = world.get("/api/v1/campaigns", &root.fields()).await;
    assert!(!String::from_utf8_lossy(&campaigns.body).contains("Ventas"));
    world.stop().await;
}

#[tokio::test]
async fn every_body_says_what_it_is_and_text_says_its_charset() {
    let world = World::new().await;
    for path in [
        "/livez",
        "/readyz",
        "/metrics",
        "/robots.txt",
        "/console/",
        "/console/main.js",
        "/console/icon.svg",
        "/widget.js",
        "/api/",
        "/api/v1/openapi.json",
        "/api/v1/session",
        "/api/v1/campaigns/7/window",
        "/nothing",
    ] {
        let answer = world.get(path, &[]).await;
        let kind = answer.header("content-type").unwrap_or_default();
        assert!(!kind.is_empty() || answer.body.is_empty(), "{path}");
        if kind.starts_with("text/") {
            assert!(kind.ends_with("charset=utf-8"), "{path}: {kind}");
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn bodies_that_a_form_of_another_site_can_send_are_refused() {
    let world = World::new().await;
    world.user("ana", Role::Agent).await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain; application/json",
        "",
    ] {
        let body = json!({"login": "ana", "password": PASSWORD}).to_string();
        let request = format!(
            "POST /api/v1/session HTTP/1.1\r\nhost: a\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let answer = world.raw(&request).await;
        assert_eq!(
            (answer.status, answer.header("set-cookie")),
            (400, None),
            "{kind}"
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn what_a_stranger_forwards_is_not_believed_and_a_trusted_proxy_is() {
    let stranger = World::new().await;
    let proxied = World::with(Settings {
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        ..Settings::default()
    })
    .await;
    for (world, secure, limited) in [(&stranger, false, true), (&proxied, true, false)] {
        world.user("ana", Role::Agent).await;
        let sign_in = |from: String, password: &'static str| async move {
            let fields = [
                ("x-forwarded-for", from.as_str()),
                ("x-forwarded-proto", "https"),
            ];
            let body = json!({"login": "ana", "password": password});
            world
                .call("POST", "/api/v1/session", &fields, Some(body))
                .await
        };
        let answer = sign_in("192.0.2.1".into(), PASSWORD).await;
        assert_eq!(
            answer.header("set-cookie").unwrap().contains("Secure"),
            secure
        );
        assert_eq!(answer.header("strict-transport-security").is_some(), secure);
        // Another address each time: only behind a proxy is that more than a claim.
        let mut refused = false;
        for number in 2..12 {
            refused |= sign_in(format!("192.0.2.{number}"), "wrong password")
                .await
                .status
                == 429;
        }
        assert_eq!(refused, limited);
    }
    stranger.stop().await;
    proxied.stop().await;
}

#[tokio::test]
async fn figures_are_for_this_machine_and_forget_campaigns_that_are_deleted() {
    let world = World::with(Settings {
        figures: Some(webchat_http::figures::record().unwrap()),
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        ..Settings::default()
    })
    .await;
    world.user("root", Role::Administrator).await;
    let root = world.sign_in("root").await;
    let campaign = world.campaign(&[], |_| {}).await;
    let figures = async |fields: &[(&str, &str)]| {
        let answer = world.get("/metrics", fields).await;
        (answer.status, String::from_utf8(answer.body).unwrap())
    };
    let line = format!("webchat_campaign_open{{campaign=\"{campaign}\"}} 1\n");
    let (_, shown) = figures(&[]).await;
    assert!(shown.contains(&line), "{shown}");
    assert!(
        shown.contains("# TYPE webchat_campaign_open gauge\n"),
        "{shown}"
    );
    let path = format!("/api/v1/campaigns/{campaign}");
    let deleted = world.call("DELETE", &path, &root.fields(), None).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    let (_, shown) = figures(&[]).await;
    assert!(!shown.contains("campaign=\""), "{shown}");
    let (status, shown) = figures(&[("x-forwarded-for", "192.0.2.1")]).await;
    assert_eq!(status, 404, "{shown}");
    world.stop().await;
}
