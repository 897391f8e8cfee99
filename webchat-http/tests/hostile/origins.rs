//! Foreign sites, and pages that pretend to be ours.

use serde_json::json;

use crate::world::{self, World};

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
