//! What happens when many do the same thing at the same instant.

use futures_util::future::join_all;
use serde_json::{Value, json};
use webchat_core::event::{Event, Recorded};

use crate::world::{Client, World};

/// Sends a request over each client before any answer is read; the outcomes.
async fn at_once(clients: &mut [Client], request: &Value) -> Vec<Value> {
    join_all(
        clients
            .iter_mut()
            .map(|client| client.outcome(request.clone())),
    )
    .await
}

fn codes(outcomes: &[Value]) -> Vec<&str> {
    let code = |outcome: &'_ Value| -> &str {
        match outcome["error"]["code"]
            .as_str()
            .or(outcome["ok"]["refused"]["code"].as_str())
        {
            Some("queue_full") => "queue_full",
            Some("already_taken") => "already_taken",
            Some("already_submitted") => "already_submitted",
            Some("unknown_chat") => "unknown_chat",
            Some("not_owner") => "not_owner",
            Some(_) => "other",
            None => "ok",
        }
    };
    let mut codes: Vec<_> = outcomes.iter().map(code).collect();
    codes.sort_unstable();
    codes
}

#[tokio::test]
async fn twenty_starts_at_once_fill_the_one_place_once() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world
        .campaign(&[ana], |draft| {
            draft.max_chats = 1;
            draft.mode = "ringallmultiple".into();
        })
        .await;
    let _agent = world.desk("ana").await;
    let mut visitors = Vec::new();
    for _ in 0..20 {
        visitors.push(world.visitor(campaign, "es").await.0);
    }
    let outcomes = at_once(&mut visitors, &json!({"do": "start"})).await;
    let admitted = outcomes
        .iter()
        .filter(|outcome| outcome["ok"].get("chat").is_some())
        .count();
    assert_eq!(admitted, 1, "{outcomes:?}");
    let full = codes(&outcomes)
        .iter()
        .filter(|code| **code == "queue_full")
        .count();
    assert_eq!(full, 19, "{outcomes:?}");
    world.stop().await;
}

#[tokio::test]
async fn one_visitor_starting_in_ten_tabs_has_one_chat() {
    let world = World::new().await;
    let campaign = world
        .campaign(&[], |draft| draft.when_empty = "admit".into())
        .await;
    let (first, token) = world.visitor(campaign, "es").await;
    let mut tabs = vec![first];
    for _ in 1..10 {
        tabs.push(world.back(campaign, &token, 0).await.0);
    }
    let outcomes = at_once(&mut tabs, &json!({"do": "start"})).await;
    let chats: std::collections::BTreeSet<_> = outcomes
        .iter()
        .map(|outcome| outcome["ok"]["chat"]["chat"].as_str().unwrap())
        .collect();
    assert_eq!(chats.len(), 1, "{chats:?}");
    world.stop().await;
}

#[tokio::test]
async fn ten_accepts_of_one_offer_give_it_once() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world
        .campaign(&[ana], |draft| {
            draft.offer_timeout = 60;
        })
        .await;
    let login = world.sign_in("ana").await;
    let mut tabs = Vec::new();
    for _ in 0..10 {
        let mut tab = world.work(&login).await;
        tab.ask(json!({"do": "hello"})).await;
        tabs.push(tab);
    }
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    let outcomes = at_once(&mut tabs, &json!({"do": "accept", "chat": chat})).await;
    // A repeat of one's own accept may be told the same again; the journal tells how often it happened.
    assert!(
        outcomes.iter().any(|outcome| outcome.get("ok").is_some()),
        "{outcomes:?}"
    );
    assert_eq!(accepted(&world).await, 1);
    world.stop().await;
}

#[tokio::test]
async fn one_chat_taken_by_ten_agents_at_once_has_one_owner() {
    let world = World::new().await;
    let mut agents = Vec::new();
    for number in 0..10 {
        agents.push(world.agent(&format!("agent{number}")).await);
    }
    let campaign = world
        .campaign(&agents, |draft| draft.mode = "ringallmultiple".into())
        .await;
    let mut desks = Vec::new();
    for number in 0..10 {
        desks.push(world.desk(&format!("agent{number}")).await);
    }
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    let outcomes = at_once(&mut desks, &json!({"do": "take", "chat": chat})).await;
    let taken = codes(&outcomes)
        .iter()
        .filter(|code| **code == "ok")
        .count();
    assert_eq!(taken, 1, "{outcomes:?}");
    assert_eq!(accepted(&world).await, 1);
    world.stop().await;
}

#[tokio::test]
async fn feedback_from_ten_tabs_at_once_counts_once() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world
        .campaign(&[ana], |draft| draft.feedback_form = true)
        .await;
    let _agent = world.desk("ana").await;
    let (mut visitor, token) = world.visitor(campaign, "es").await;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    visitor.ask(json!({"do": "end", "chat": chat})).await;
    let mut tabs = vec![visitor];
    for _ in 1..10 {
        tabs.push(world.back(campaign, &token, 0).await.0);
    }
    let outcomes = at_once(
        &mut tabs,
        &json!({"do": "feedback", "chat": chat, "score": 5}),
    )
    .await;
    let codes = codes(&outcomes);
    assert_eq!(
        codes.iter().filter(|code| **code == "ok").count(),
        1,
        "{outcomes:?}"
    );
    assert_eq!(
        codes
            .iter()
            .filter(|code| **code == "already_submitted")
            .count(),
        9,
        "{outcomes:?}"
    );
    world.stop().await;
}

/// How many times a chat was accepted, as the journal has it.
async fn accepted(world: &World) -> usize {
    let journal = world.journal().await;
    let assigned = |recorded: &&Recorded| matches!(recorded.event, Event::ChatAssigned { .. });
    journal.iter().filter(assigned).count()
}
