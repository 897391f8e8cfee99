//! What agents have at hand, over real sockets: canned responses, earlier chats, the quality model.

mod world;

use serde_json::{Value, json};
use webchat_core::id::CampaignId;
use webchat_runtime::accounts::Role;
use world::{Client, Login, World};

#[tokio::test]
async fn canned_responses_are_in_the_chats_language_with_what_is_known_filled_in() {
    let world = World::new().await;
    let (campaign, sofia) = staffed(&world).await;
    let shared = json!({"responses": [
        {"shortcut": "bye", "texts": {"en": "Bye {visitor}, from {campaign}", "pt": "Tchau {visitor}, {campaign}"}}]});
    put(&world, &sofia, "/api/v1/canned", shared).await;
    let own = json!({"responses": [
        {"shortcut": "mail", "texts": {"es": "Escribo a {email}, {agent} ({nothing})"}}]});
    let path = format!("/api/v1/campaigns/{campaign}/canned");
    assert_eq!(put(&world, &sofia, &path, own.clone()).await, own);

    let mut ana = world.desk("ana").await;
    let mut bea = world.desk("bea").await;
    let (mut visitor, _) = world.visitor(campaign, "pt-BR").await;
    let chat = started(&mut visitor).await;
    ana.push("chat").await;
    let canned = ana.ask(json!({"do": "canned", "chat": chat})).await;
    assert_eq!(
        canned["responses"],
        json!([
            {"shortcut": "mail", "language": "es", "text": "Escribo a {email}, ana ({nothing})", "unknown": ["email", "nothing"]},
            {"shortcut": "bye", "language": "pt", "text": "Tchau Eva, Ventas", "unknown": []}])
    );
    let canned = ana
        .ask(json!({"do": "canned", "chat": chat, "language": "en"}))
        .await;
    assert_eq!(canned["responses"][1]["text"], "Bye Eva, from Ventas");
    let refused = bea.refused(json!({"do": "canned", "chat": chat})).await;
    assert_eq!(refused, "unknown_chat");
    world.stop().await;
}

#[tokio::test]
async fn a_shortcut_taken_twice_is_refused_at_its_field_and_nothing_is_changed() {
    let world = World::new().await;
    let (campaign, sofia) = staffed(&world).await;
    let one = |shortcut: &str| json!({"responses": [{"shortcut": shortcut, "texts": {"en": "x"}}]});
    put(&world, &sofia, "/api/v1/canned", one("hello")).await;
    let path = format!("/api/v1/campaigns/{campaign}/canned");
    let answer = world
        .call("PUT", &path, &sofia.fields(), Some(one("HELLO")))
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (422, "invalid_field")
    );
    let problem = &answer.json()["problems"][0];
    assert_eq!(problem["field"], "responses[0].shortcut");
    let kept = world.get(&path, &sofia.fields()).await;
    assert_eq!(kept.json(), json!({"responses": []}));
    let unknown = world
        .get("/api/v1/campaigns/99/canned", &sofia.fields())
        .await;
    assert_eq!(unknown.code(), "unknown_campaign");
    world.stop().await;
}

#[tokio::test]
async fn an_agent_reads_the_earlier_chats_of_the_visitor_in_front_and_of_nobody_else() {
    let world = World::new().await;
    let (campaign, _) = staffed(&world).await;
    let mut ana = world.desk("ana").await;
    let (mut visitor, _) = world.visitor(campaign, "en").await;
    let first = started(&mut visitor).await;
    let write = json!({"do": "write", "chat": first, "key": "1", "text": "My boots leak"});
    visitor.ask(write).await;
    let close = json!({"do": "close", "chat": first, "disposition": ["exchange"]});
    ana.ask(close).await;
    visitor.push("closed").await;
    let (mut stranger, _) = world.visitor(campaign, "en").await;
    let others = started(&mut stranger).await;

    let second = started(&mut visitor).await;
    let earlier = ana.ask(json!({"do": "earlier", "chat": second})).await;
    let chats = earlier["chats"].as_array().unwrap();
    assert_eq!(chats.len(), 1, "{earlier}");
    assert_eq!(chats[0]["chat"], first);
    assert_eq!(chats[0]["reason"], "agent_closed");
    assert_eq!(chats[0]["disposition"], json!(["exchange"]));
    let read = json!({"do": "earlier_history", "chat": second, "earlier": first});
    let past = ana.ask(read).await;
    let texts: Vec<&Value> = past["messages"].as_array().unwrap().iter().collect();
    assert!(
        texts
            .iter()
            .any(|message| message["text"] == "My boots leak")
    );

    let listed = ana.ask(json!({"do": "earlier", "chat": others})).await;
    assert_eq!(listed["chats"], json!([]));
    let sideways = json!({"do": "earlier_history", "chat": others, "earlier": first});
    assert_eq!(ana.refused(sideways).await, "unknown_chat");
    let mut bea = world.desk("bea").await;
    for request in [
        json!({"do": "earlier", "chat": second}),
        json!({"do": "earlier_history", "chat": second, "earlier": first}),
    ] {
        assert_eq!(bea.refused(request).await, "unknown_chat");
    }
    world.stop().await;
}

#[tokio::test]
async fn the_agent_answers_the_quality_model_once_about_a_chat_of_their_own() {
    let world = World::new().await;
    let (campaign, sofia) = staffed(&world).await;
    world.user("admin", Role::Administrator).await;
    let admin = world.sign_in("admin").await;
    let answers = json!([{"text": "No", "score": 0}, {"text": "Yes", "score": 10}]);
    let question = json!({"text": "Solved?", "mandatory": true, "answers": answers});
    let model =
        json!({"name": "Service", "categories": [{"name": "Result", "questions": [question]}]});
    let path = "/api/v1/quality-models";
    let refused = world
        .call("POST", path, &sofia.fields(), Some(model.clone()))
        .await;
    assert_eq!(refused.status, 403);
    let added = world
        .call("POST", path, &admin.fields(), Some(model.clone()))
        .await;
    assert_eq!(
        (added.status, added.json()["model"].clone()),
        (201, json!(1))
    );
    let listed = world.get(path, &sofia.fields()).await.json();
    assert_eq!(listed[0]["categories"], model["categories"]);
    let campaign_path = format!("/api/v1/campaigns/{campaign}");
    let mut settings = world.get(&campaign_path, &admin.fields()).await.json()["settings"].take();
    settings["quality_model"] = json!(1);
    let saved = world
        .call("PUT", &campaign_path, &admin.fields(), Some(settings))
        .await;
    assert_eq!(saved.status, 200, "{saved:?}");

    let mut ana = world.desk("ana").await;
    let (mut visitor, _) = world.visitor(campaign, "en").await;
    let chat = started(&mut visitor).await;
    ana.ask(json!({"do": "close", "chat": chat})).await;
    let asked = ana.ask(json!({"do": "quality", "chat": chat})).await;
    assert_eq!(asked["quality"]["model"], 1);
    assert_eq!(asked["quality"]["categories"], model["categories"]);
    let evaluate =
        |answers: Value| json!({"do": "evaluate", "chat": chat, "model": 1, "answers": answers});
    assert_eq!(
        ana.refused(evaluate(json!([2]))).await,
        "invalid_field",
        "no such answer"
    );
    let mut bea = world.desk("bea").await;
    assert_eq!(bea.refused(evaluate(json!([1]))).await, "unknown_chat");
    let done = ana.ask(evaluate(json!([1]))).await;
    assert_eq!(done["score"], json!({"points": 10, "most": 10}));
    assert_eq!(ana.refused(evaluate(json!([1]))).await, "already_submitted");
    let asked = ana.ask(json!({"do": "quality", "chat": chat})).await;
    assert_eq!(asked["quality"], Value::Null);
    world.stop().await;
}

/// A campaign of the agent ana, another agent bea who is no member, and the supervisor sofia.
async fn staffed(world: &World) -> (CampaignId, Login) {
    let ana = world.agent("ana").await;
    world.agent("bea").await;
    world.user("sofia", Role::Supervisor).await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    (campaign, world.sign_in("sofia").await)
}

async fn put(world: &World, login: &Login, path: &str, body: Value) -> Value {
    let answer = world.call("PUT", path, &login.fields(), Some(body)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn started(visitor: &mut Client) -> Value {
    let started = visitor.ask(json!({"do": "start", "name": "Eva"})).await;
    assert_eq!(started["chat"]["phase"], "active", "{started}");
    started["chat"]["chat"].clone()
}
