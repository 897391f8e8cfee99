//! Recordings over real sockets: who finds what, and what one tells.

mod world;

use serde_json::{Value, json};
use webchat_core::command::{Command, HostCommand};
use webchat_core::quality::{Answer, Category, QualityModel, Question};
use webchat_runtime::accounts::Role;
use world::World;

#[tokio::test]
async fn a_recording_tells_messages_segments_notes_feedback_and_evaluations() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    world.user("sofia", Role::Supervisor).await;
    let model = HostCommand::AddQualityModel(Box::new(solved()));
    let added = world.tenant.submit(Command::Host(model)).await;
    added.unwrap().unwrap();
    let campaign = world
        .campaign(&[ana], |draft| draft.quality_model = 1)
        .await;
    let mut agent = world.desk("ana").await;
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let started = visitor.ask(json!({"do": "start", "name": "Eva"})).await;
    let chat = started["chat"]["chat"].clone();
    visitor
        .ask(json!({"do": "write", "chat": chat, "key": "1", "text": "Perdí una bota"}))
        .await;
    agent
        .ask(json!({"do": "note", "chat": chat, "text": "size 42"}))
        .await;
    let sofia = world.sign_in("sofia").await;
    let live = world.get("/api/v1/recordings", &sofia.fields()).await;
    assert_eq!(
        live.json()["chats"],
        json!([]),
        "a live chat is no recording"
    );
    let path = format!("/api/v1/recordings/{}", chat.as_str().unwrap());
    assert_eq!(
        world.get(&path, &sofia.fields()).await.code(),
        "unknown_chat"
    );
    let close = json!({"do": "close", "chat": chat, "disposition": ["exchange"]});
    agent.ask(close).await;
    visitor
        .ask(json!({"do": "feedback", "chat": chat, "score": 4, "note": "rápido"}))
        .await;
    agent
        .ask(json!({"do": "evaluate", "chat": chat, "model": 1, "answers": [1]}))
        .await;

    let found = world.get(&path, &sofia.fields()).await.json();
    assert_eq!(found["facts"]["name"], "Eva");
    assert_eq!(found["closing"]["reason"], "agent_closed");
    assert_eq!(found["closing"]["disposition"], json!(["exchange"]));
    assert_eq!(found["feedback"]["score"], 4);
    assert_eq!(found["feedback"]["note"], "rápido");
    assert_eq!(found["segments"][0]["agent"], 1);
    assert_eq!(found["notes"][0]["text"], "size 42");
    let given = &found["evaluations"][0];
    assert_eq!(given["answers"], json!([1]));
    assert_eq!(given["score"], json!({"points": 10, "most": 10}));
    assert_eq!(found["models"]["1"]["name"], "Service");
    assert_eq!(found["names"]["1"], "ana");
    let said = world
        .get(&format!("{path}/messages"), &sofia.fields())
        .await
        .json();
    let texts: Vec<&Value> = said["messages"].as_array().unwrap().iter().collect();
    assert!(texts.iter().any(|said| said["text"] == "Perdí una bota"));
    world.stop().await;
}

#[tokio::test]
async fn recordings_are_found_by_each_condition_and_only_by_supervisors() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    world.user("sofia", Role::Supervisor).await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let mut agent = world.desk("ana").await;
    let mut chats = Vec::new();
    for (name, text) in [("Eva", "botas negras"), ("Luz", "botas marrones")] {
        let (mut visitor, _) = world.visitor(campaign, "es").await;
        let started = visitor.ask(json!({"do": "start", "name": name})).await;
        let chat = started["chat"]["chat"].clone();
        visitor
            .ask(json!({"do": "write", "chat": chat, "key": "1", "text": text}))
            .await;
        match name {
            "Eva" => visitor.ask(json!({"do": "end", "chat": chat})).await,
            _ => agent.ask(json!({"do": "close", "chat": chat})).await,
        };
        chats.push(chat);
    }
    let sofia = world.sign_in("sofia").await;
    let find = async |query: &str| {
        let path = format!("/api/v1/recordings?{query}");
        let list = world.get(&path, &sofia.fields()).await.json();
        let found = list["chats"].as_array().unwrap().iter();
        found.map(|found| found["chat"].clone()).collect::<Vec<_>>()
    };
    let [eva, luz] = [chats[0].clone(), chats[1].clone()];
    let both = vec![luz.clone(), eva.clone()];
    assert_eq!(find("").await, both);
    assert_eq!(find("text=botas").await, both);
    assert_eq!(find("text=NEGR").await, vec![eva.clone()]);
    assert_eq!(find("text=luz").await, vec![luz.clone()]);
    assert_eq!(find("reason=agent_closed").await, vec![luz.clone()]);
    assert_eq!(find("agent=1&campaign=1").await, both);
    assert_eq!(find("campaign=2").await, [] as [Value; 0]);
    assert_eq!(find("score=5").await, [] as [Value; 0]);
    assert_eq!(find("before=2").await, vec![eva]);
    let now = world::NOON * 1_000;
    assert_eq!(find(&format!("from={now}&until={}", now + 1)).await, both);
    assert_eq!(find(&format!("until={now}")).await, [] as [Value; 0]);
    for wrong in ["reason=bored", "score=x", "campaign=-1"] {
        let path = format!("/api/v1/recordings?{wrong}");
        let answer = world.get(&path, &sofia.fields()).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    let ana = world.sign_in("ana").await;
    let luz = luz.as_str().unwrap();
    for path in [
        "/api/v1/recordings".to_owned(),
        format!("/api/v1/recordings/{luz}"),
        format!("/api/v1/recordings/{luz}/messages"),
    ] {
        assert_eq!(world.get(&path, &ana.fields()).await.status, 403, "{path}");
        assert_eq!(world.get(&path, &[]).await.status, 401, "{path}");
    }
    world.stop().await;
}

/// One question, worth ten points.
fn solved() -> QualityModel {
    let answer = |text: &str, score| Answer {
        text: text.into(),
        score,
    };
    let question = Question {
        text: "Solved?".into(),
        mandatory: true,
        answers: vec![answer("No", 0), answer("Yes", 10)],
    };
    QualityModel {
        name: "Service".into(),
        categories: vec![Category {
            name: "Result".into(),
            questions: vec![question],
        }],
    }
}
