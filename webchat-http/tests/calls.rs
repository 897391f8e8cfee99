//! Calls over the sockets: asked for, accepted, signalled and ended, and to whom the relay's credentials are given.

#![allow(clippy::unwrap_used)] // a test may fail

mod world;

use serde_json::{Value, json};
use webchat_http::{CallServers, Settings, Turn};
use world::{Client, NOON, World};

/// Ana and a visitor in a chat of a campaign that allows calls, with a relay.
async fn chatting() -> (World, Client, Client, Value) {
    let settings = Settings {
        calls: CallServers {
            stun: vec!["stun:stun.example".into()],
            turn: Some(Turn {
                urls: vec!["turn:turn.example?transport=udp".into()],
                secret: "only the relay knows".into(),
                lifetime: 600,
            }),
            relay_only: true,
        },
        ..Settings::default()
    };
    let world = World::with(settings).await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |draft| draft.media = true).await;
    let agent = world.desk("ana").await;
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let started = visitor.ask(json!({"do": "start"})).await;
    let chat = started["chat"]["chat"].clone();
    (world, agent, visitor, chat)
}

#[tokio::test]
async fn credentials_of_the_relay_are_given_to_both_ends_once_the_call_is_accepted() {
    let (world, mut agent, mut visitor, chat) = chatting().await;
    let servers = json!({"do": "call_servers", "chat": chat});
    assert_eq!(visitor.refused(servers.clone()).await, "no_call");
    visitor
        .ask(json!({"do": "call", "chat": chat, "video": true}))
        .await;
    let rings = agent
        .until("call", |push| push["call"]["running"] == false)
        .await;
    assert_eq!(rings["call"]["from_visitor"], true);
    assert_eq!(rings["call"]["agent"], Value::Null);
    for client in [&mut visitor, &mut agent] {
        assert_eq!(
            client.refused(servers.clone()).await,
            "no_call",
            "while it rings"
        );
    }
    agent.ask(json!({"do": "accept_call", "chat": chat})).await;
    let runs = visitor
        .until("call", |push| push["call"]["running"] == true)
        .await;
    assert_eq!(
        runs["call"].get("agent"),
        None,
        "a visitor learns no agent's number"
    );
    for client in [&mut visitor, &mut agent] {
        let answer = client.ask(servers.clone()).await;
        assert_eq!(answer["relay_only"], true);
        assert_eq!(answer["servers"][0], json!({"urls": ["stun:stun.example"]}));
        let relay = &answer["servers"][1];
        let (expires, of) = relay["username"].as_str().unwrap().split_once(':').unwrap();
        assert_eq!(of, chat.as_str().unwrap());
        let left = expires.parse::<i64>().unwrap() - NOON;
        assert_eq!(left, 600);
        assert_eq!(relay["credential"].as_str().unwrap().len(), 28);
    }

    let offer = json!({"do": "signal", "chat": chat, "signal": "{\"offer\":1}"});
    visitor.ask(offer).await;
    assert_eq!(agent.push("signal").await["signal"], "{\"offer\":1}");
    let long = json!({"do": "signal", "chat": chat, "signal": "x".repeat(13_000)});
    assert_eq!(agent.refused(long).await, "invalid_field");

    agent.ask(json!({"do": "close", "chat": chat})).await;
    let over = visitor.until("call", |push| push["call"].is_null()).await;
    assert_eq!(over["why"], "chat_closed");
    assert_eq!(visitor.refused(servers).await, "unknown_chat");
    world.stop().await;
}
