//! Visitors and agents over real sockets, from the first hello to the score.

mod world;

use std::time::Duration;

use serde_json::{Value, json};
use webchat_core::schedule::{Day, ScheduleDraft};
use webchat_core::time::Timestamp;
use webchat_http::{Pace, Settings};
use world::{NOON, World};

fn texts(es: &str, en: &str, pt: &str) -> std::collections::BTreeMap<String, String> {
    [("es", es), ("en", en), ("pt", pt)]
        .map(|(tag, text)| (tag.to_owned(), text.to_owned()))
        .into()
}

#[tokio::test]
async fn a_visitor_and_an_agent_talk_and_the_visitor_leaves_a_score() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world
        .campaign(&[ana], |draft| {
            draft.welcome = texts("Bienvenida", "Welcome", "Bem-vinda");
            draft.feedback = texts("¿Qué tal?", "How was it?", "Que tal?");
        })
        .await;
    let mut agent = world.desk("ana").await;
    let (mut visitor, _) = world.visitor(campaign, "es-UY").await;

    let started = visitor.ask(json!({"do": "start", "name": "Eva"})).await;
    assert_eq!(started["chat"]["phase"], "active");
    assert_eq!(started["chat"]["agent"], "ana");
    assert_eq!(started["chat"]["language"], "es-uy");
    let chat = started["chat"]["chat"].clone();
    let view = agent.push("chat").await["view"].clone();
    assert_eq!(view["chat"], chat);
    assert_eq!(view["visitor"]["name"], "Eva");

    let written = visitor
        .ask(json!({"do": "write", "chat": chat, "key": "v1", "text": "Hola"}))
        .await;
    let number = written["number"].as_u64().unwrap();
    let heard = agent
        .until("message", |push| push["message"]["text"] == "Hola")
        .await;
    assert_eq!(heard["message"]["number"], number);
    agent
        .ask(json!({"do": "write", "chat": chat, "key": "a1", "text": "Buenas"}))
        .await;
    let all = visitor.messages_until(number + 1).await;
    let numbers: Vec<u64> = all.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=number + 1).collect::<Vec<_>>(), "{all:?}");
    assert_eq!(all[0].1, "Bienvenida");
    assert_eq!(all.last().unwrap().1, "Buenas");

    visitor
        .send(json!({"do": "typing", "chat": chat, "on": true}))
        .await;
    assert_eq!(agent.push("typing").await["on"], true);
    visitor
        .send(json!({"do": "seen", "chat": chat, "delivered": number + 1, "read": number + 1}))
        .await;
    assert_eq!(agent.push("seen").await["read"], number + 1);

    agent.ask(json!({"do": "close", "chat": chat})).await;
    let closed = visitor.push("closed").await;
    assert_eq!(closed["reason"], "agent_closed");
    assert_eq!(closed["feedback"]["text"], "¿Qué tal?");
    assert_eq!(closed["feedback"]["form"], true);
    assert_eq!(agent.push("gone").await["reason"], "agent_closed");
    visitor
        .ask(json!({"do": "feedback", "chat": chat, "score": 5, "note": "Muy bien"}))
        .await;
    let again = json!({"do": "feedback", "chat": chat, "score": 1});
    assert_eq!(visitor.refused(again).await, "already_submitted");
    world.stop().await;
}

#[tokio::test]
async fn max_chats_2_tells_the_third_visitor_not_available_in_their_language() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world
        .campaign(&[ana], |draft| {
            draft.max_chats = 2;
            draft.not_available = texts("Nadie", "Nobody", "Ninguém");
        })
        .await;
    let mut agent = world.desk("ana").await;
    agent.ask(json!({"do": "pause", "reason": "lunch"})).await;

    let (mut first, _) = world.visitor(campaign, "es").await;
    let (mut second, _) = world.visitor(campaign, "en").await;
    let (mut third, _) = world.visitor(campaign, "pt-BR").await;
    let started = first.ask(json!({"do": "start"})).await;
    assert_eq!(started["chat"]["position"], 1);
    let started = second.ask(json!({"do": "start"})).await;
    assert_eq!(started["chat"]["position"], 2);
    let refused = third.ask(json!({"do": "start"})).await["refused"].clone();
    let expected = json!({"code": "queue_full", "text": "Ninguém", "next_open_at": null, "offline_form": false});
    assert_eq!(refused, expected);

    let list = agent.until("waiting", |push| push["total"] == 2).await;
    assert_eq!(list["chats"].as_array().unwrap().len(), 2);
    let first_chat = list["chats"][0]["chat"].clone();
    agent.ask(json!({"do": "resume"})).await;
    let mine = agent
        .until("chat", |push| push["view"]["chat"] == first_chat)
        .await;
    assert_eq!(mine["view"]["phase"]["kind"], "active");
    world.stop().await;
}

#[tokio::test]
async fn those_who_wait_see_their_position_shrink() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let mut agent = world.desk("ana").await;
    agent.ask(json!({"do": "pause", "reason": "lunch"})).await;
    let (mut first, _) = world.visitor(campaign, "es").await;
    let (mut second, _) = world.visitor(campaign, "es").await;
    let chat = first.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    second.ask(json!({"do": "start"})).await;
    first.ask(json!({"do": "end", "chat": chat})).await;
    assert_eq!(first.push("closed").await["reason"], "visitor_left");
    second
        .until("state", |push| push["view"]["position"] == 1)
        .await;
    world.stop().await;
}

#[tokio::test]
async fn a_wait_longer_than_time_out_ends_with_not_available() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world
        .campaign(&[ana], |draft| {
            draft.time_out = 5;
            draft.not_available = texts("Nadie", "Nobody", "Ninguém");
        })
        .await;
    let mut agent = world.desk("ana").await;
    agent.ask(json!({"do": "pause", "reason": "lunch"})).await;
    let (mut visitor, _) = world.visitor(campaign, "en").await;
    visitor.ask(json!({"do": "start"})).await;
    world.clock.set(Timestamp::from_seconds(NOON + 5));
    let closed = visitor.push("closed").await;
    assert_eq!(
        (&closed["reason"], &closed["text"]),
        (&json!("timed_out"), &json!("Nobody"))
    );
    assert_eq!(closed["feedback"], Value::Null, "no agent had accepted");
    world.stop().await;
}

#[tokio::test]
async fn at_closing_time_with_time_out_0_everyone_waiting_is_told_and_closed() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let week = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri];
    let campaign = world
        .campaign(&[ana], |draft| {
            draft.schedule =
                ScheduleDraft::weekly("America/Montevideo").open(&week, "09:00", "18:00");
            draft.out_of_time = texts("Cerrado", "Closed", "Fechado");
        })
        .await;
    let mut agent = world.desk("ana").await;
    agent.ask(json!({"do": "pause", "reason": "lunch"})).await;
    let (mut first, _) = world.visitor(campaign, "es").await;
    let (mut second, _) = world.visitor(campaign, "pt").await;
    first.ask(json!({"do": "start"})).await;
    second.ask(json!({"do": "start"})).await;

    // 18:00 in Montevideo is 21:00 UTC.
    world.clock.set(Timestamp::from_seconds(NOON + 9 * 3600));
    for (visitor, text) in [(&mut first, "Cerrado"), (&mut second, "Fechado")] {
        let closed = visitor.push("closed").await;
        assert_eq!(
            (&closed["reason"], &closed["text"]),
            (&json!("out_of_time"), &json!(text))
        );
    }
    let (mut late, _) = world.visitor(campaign, "en").await;
    let refused = late.ask(json!({"do": "start"})).await["refused"].clone();
    assert_eq!(
        (&refused["code"], &refused["text"]),
        (&json!("out_of_time"), &json!("Closed"))
    );
    let tomorrow_at_nine = (NOON + 24 * 3600) * 1000;
    assert_eq!(refused["next_open_at"], tomorrow_at_nine);
    let window = world
        .get("/api/v1/campaigns/1/window?language=pt", &[])
        .await
        .json();
    assert_eq!(
        (&window["open"], &window["out_of_time"]),
        (&json!(false), &json!("Fechado"))
    );
    assert_eq!(window["next_open_at"], tomorrow_at_nine);
    assert!(window["not_available"].is_string());
    world.stop().await;
}

#[tokio::test]
async fn out_of_hours_a_message_can_be_left_and_a_repeat_has_the_same_receipt() {
    let world = World::new().await;
    let campaign = world
        .campaign(&[], |draft| {
            draft.schedule = ScheduleDraft::weekly("UTC").open(&[Day::Sun], "09:00", "18:00");
            draft.offline_message = true;
            draft.offline_address = "sales@shop.example".into();
        })
        .await;
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let refused = visitor.ask(json!({"do": "start"})).await["refused"].clone();
    assert_eq!(refused["offline_form"], true);
    let message = json!({"do": "offline", "key": "o1", "name": "Eva", "email": "eva@example.org", "text": "¿Abren el lunes?"});
    let receipt = visitor.ask(message.clone()).await;
    assert_eq!(visitor.ask(message).await, receipt);
    let nobody = visitor
        .outcome(json!({"do": "offline", "key": "o2", "name": "Eva", "text": "x"}))
        .await;
    assert_eq!(
        (&nobody["error"]["code"], &nobody["error"]["field"]),
        (&json!("invalid_field"), &json!("email"))
    );
    world.stop().await;
}

#[tokio::test]
async fn a_visitor_who_comes_back_has_every_message_once_and_in_order() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let mut agent = world.desk("ana").await;
    let (mut visitor, token) = world.visitor(campaign, "es").await;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    let first = visitor
        .ask(json!({"do": "write", "chat": chat, "key": "v1", "text": "1"}))
        .await;
    let seen = first["number"].as_u64().unwrap();
    visitor.hang_up().await;
    agent
        .until("chat", |push| push["view"]["connected"] == false)
        .await;

    // While the visitor is away, and while the visitor comes back, the agent goes on writing.
    let mut last = 0;
    for number in 0..5 {
        let written = agent
            .ask(json!({"do": "write", "chat": chat, "key": format!("a{number}"), "text": number.to_string()}))
            .await;
        last = written["number"].as_u64().unwrap();
    }
    let (back, more) = tokio::join!(world.back(campaign, &token, seen), async {
        for number in 5..40 {
            let request = json!({"do": "write", "chat": chat, "key": format!("a{number}"), "text": number.to_string()});
            last = agent.ask(request).await["number"].as_u64().unwrap();
        }
        last
    });
    let (mut visitor, hello) = back;
    assert_eq!(hello["chat"]["chat"], chat);
    let mut got: Vec<u64> = hello["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["number"].as_u64().unwrap())
        .collect();
    if got.last() != Some(&more) {
        got.extend(
            visitor
                .messages_until(more)
                .await
                .iter()
                .map(|(number, _)| number),
        );
    }
    assert_eq!(got, (seen + 1..=more).collect::<Vec<_>>());
    agent
        .until("chat", |push| push["view"]["connected"] == true)
        .await;
    world.stop().await;
}

#[tokio::test]
async fn a_long_transcript_comes_in_pages_without_a_gap() {
    let mut settings = Settings::default();
    settings.paces.agent_requests = Pace::new(1_000, Duration::from_millis(1));
    let world = World::with(settings).await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let mut agent = world.desk("ana").await;
    let (mut visitor, token) = world.visitor(campaign, "es").await;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    visitor.hang_up().await;
    let mut last = 0;
    for number in 0..450 {
        let request =
            json!({"do": "write", "chat": chat, "key": format!("a{number}"), "text": "x"});
        last = agent.ask(request).await["number"].as_u64().unwrap();
    }
    let (mut visitor, hello) = world.back(campaign, &token, 0).await;
    let page = hello["messages"].as_array().unwrap();
    let mut got: Vec<u64> = page
        .iter()
        .map(|message| message["number"].as_u64().unwrap())
        .collect();
    assert_eq!(got.len(), 200);
    got.extend(
        visitor
            .messages_until(last)
            .await
            .iter()
            .map(|(number, _)| number),
    );
    assert_eq!(got, (1..=last).collect::<Vec<_>>());
    world.stop().await;
}

#[tokio::test]
async fn a_repeated_message_is_stored_once_and_other_content_under_its_key_is_refused() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let mut agent = world.desk("ana").await;
    let (mut visitor, token) = world.visitor(campaign, "es").await;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    let write = json!({"do": "write", "chat": chat, "key": "k", "text": "once"});
    let first = visitor.ask(write.clone()).await;
    let second = visitor.ask(write.clone()).await;
    assert_eq!(first, second);
    let (mut elsewhere, _) = world.back(campaign, &token, 0).await;
    assert_eq!(elsewhere.ask(write).await, first);
    let other = json!({"do": "write", "chat": chat, "key": "k", "text": "twice"});
    assert_eq!(visitor.refused(other).await, "conflicting_key");
    let history = agent
        .ask(json!({"do": "history", "chat": chat, "after": 0}))
        .await;
    let texts: Vec<&Value> = history["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| &message["text"])
        .collect();
    assert_eq!(
        texts.iter().filter(|text| ***text == "once").count(),
        1,
        "{texts:?}"
    );
    assert_eq!(history["last"], first["number"]);
    world.stop().await;
}

#[tokio::test]
async fn all_tabs_of_a_visitor_show_the_same_chat() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let mut agent = world.desk("ana").await;
    let (mut first, token) = world.visitor(campaign, "es").await;
    let (mut second, hello) = world.back(campaign, &token, 0).await;
    assert_eq!(hello["chat"], Value::Null);
    let chat = first.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    assert_eq!(second.push("state").await["view"]["chat"], chat);
    assert_eq!(
        second.ask(json!({"do": "start"})).await["chat"]["chat"],
        chat
    );
    let written = first
        .ask(json!({"do": "write", "chat": chat, "key": "k", "text": "Hola"}))
        .await;
    let number = written["number"].as_u64().unwrap();
    let there = second.messages_until(number).await;
    assert_eq!(there.last().unwrap().1, "Hola");
    first.messages_until(number).await;

    // One tab is enough to be connected.
    first.hang_up().await;
    let text = json!({"do": "write", "chat": chat, "key": "k2", "text": "sigo aquí"});
    second.ask(text).await;
    second.hang_up().await;
    let gone = agent
        .until("chat", |push| push["view"]["connected"] == false)
        .await;
    assert_eq!(gone["view"]["last"], number + 1);
    world.stop().await;
}

#[tokio::test]
async fn another_visitors_chat_is_unknown() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let mut agent = world.desk("ana").await;
    let (mut victim, _) = world.visitor(campaign, "es").await;
    let chat = victim.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    let (mut thief, _) = world.visitor(campaign, "es").await;
    for request in [
        json!({"do": "write", "chat": chat, "key": "k", "text": "x"}),
        json!({"do": "end", "chat": chat}),
        json!({"do": "typing", "chat": chat, "on": true}),
        json!({"do": "seen", "chat": chat, "read": 1}),
        json!({"do": "feedback", "chat": chat, "score": 1}),
    ] {
        assert_eq!(thief.refused(request).await, "unknown_chat");
    }
    agent.ask(json!({"do": "close", "chat": chat})).await;
    let score = json!({"do": "feedback", "chat": chat, "score": 1});
    assert_eq!(thief.refused(score).await, "unknown_chat");
    world.stop().await;
}

#[tokio::test]
async fn who_comes_back_after_the_end_sees_how_it_ended() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let mut agent = world.desk("ana").await;
    let (mut visitor, token) = world.visitor(campaign, "es").await;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    visitor
        .ask(json!({"do": "write", "chat": chat, "key": "k", "text": "Hola"}))
        .await;
    visitor.hang_up().await;
    agent.ask(json!({"do": "close", "chat": chat})).await;
    let (mut visitor, hello) = world.back(campaign, &token, 0).await;
    assert_eq!(hello["chat"], Value::Null);
    assert_eq!(hello["ended"]["chat"], chat);
    assert_eq!(hello["ended"]["reason"], "agent_closed");
    let last = hello["messages"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(last["text"], "Hola");
    visitor
        .ask(json!({"do": "feedback", "chat": chat, "score": 4}))
        .await;
    let again = visitor.ask(json!({"do": "start"})).await;
    assert_ne!(again["chat"]["chat"], chat);
    world.stop().await;
}

#[tokio::test]
async fn when_the_server_stops_everyone_is_told_to_come_back() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let mut agent = world.desk("ana").await;
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    world.begin_stop();
    assert_eq!(visitor.end().await, 1001);
    assert_eq!(agent.end().await, 1001);
    world.stop().await;
}
