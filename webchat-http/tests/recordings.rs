//! Recordings over real sockets: who finds what, and what one tells.

#![allow(clippy::unwrap_used)] // a test may fail

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

/// A chat that ended with everything a recording can hold, in a campaign that hides its agents' names.
async fn everything(world: &World) -> (Value, world::Client, world::Client) {
    let ana = world.agent("ana").await;
    world.user("sofia", Role::Supervisor).await;
    world.user("root", Role::Administrator).await;
    let model = HostCommand::AddQualityModel(Box::new(solved()));
    let added = world.tenant.submit(Command::Host(model)).await;
    added.unwrap().unwrap();
    let campaign = world
        .campaign(&[ana], |draft| {
            draft.quality_model = 1;
            draft.show_agent_name = false;
        })
        .await;
    let mut agent = world.desk("ana").await;
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let started = visitor
        .ask(json!({"do": "start", "name": "=Eva <b>"}))
        .await;
    let chat = started["chat"]["chat"].clone();
    let said = json!({"do": "write", "chat": chat, "key": "1", "text": "Perdí una bota\r\n<script>alert(1)</script>"});
    visitor.outcome(said).await;
    let said = json!({"do": "write", "chat": chat, "key": "1b", "text": "Perdí una bota\n<script>alert(1)</script>"});
    visitor.ask(said).await;
    agent
        .ask(json!({"do": "write", "chat": chat, "key": "2", "text": "¿De qué talle?"}))
        .await;
    agent
        .ask(json!({"do": "note", "chat": chat, "text": "only among us"}))
        .await;
    agent
        .ask(json!({"do": "close", "chat": chat, "disposition": ["exchange"]}))
        .await;
    visitor
        .ask(json!({"do": "feedback", "chat": chat, "score": 4, "note": "rápido"}))
        .await;
    (chat, agent, visitor)
}

#[tokio::test]
async fn supervisors_evaluate_a_recording_once_and_only_those_who_had_part() {
    let world = World::new().await;
    let (chat, _agent, _visitor) = everything(&world).await;
    let sofia = world.sign_in("sofia").await;
    let root = world.sign_in("root").await;
    let path = format!("/api/v1/recordings/{}/evaluations", chat.as_str().unwrap());
    let judge = async |login: &world::Login, body: Value| {
        let answer = world.call("POST", &path, &login.fields(), Some(body)).await;
        match answer.status {
            201 => answer.json().to_string(),
            _ => answer.code(),
        }
    };
    let given = json!({"agent": 1, "model": 1, "answers": [0]});
    let stranger = json!({"agent": 2, "model": 1, "answers": [0]});
    assert_eq!(judge(&sofia, stranger).await, "invalid_field");
    assert_eq!(
        judge(&root, given.clone()).await,
        "not_allowed",
        "evaluations bear an agent's name"
    );
    let told = judge(&sofia, given.clone()).await;
    assert!(told.contains("score"), "{told}");
    assert_eq!(judge(&sofia, given).await, "already_submitted");
    let unknown = json!({"agent": 1, "model": 7, "answers": []});
    assert_eq!(judge(&sofia, unknown).await, "unknown_model");

    let whole = format!("/api/v1/recordings/{}", chat.as_str().unwrap());
    let found = world.get(&whole, &sofia.fields()).await.json();
    assert_eq!(found["evaluations"][0]["agent"], 1);
    assert_eq!(
        found["names"][found["evaluations"][0]["evaluator"].to_string()],
        "sofia"
    );
    let acts = world
        .get("/api/v1/acts?what=evaluated", &sofia.fields())
        .await
        .json();
    assert_eq!(acts["acts"].as_array().unwrap().len(), 1);
    world.stop().await;
}

#[tokio::test]
async fn an_export_tells_staff_everything_and_visitors_no_notes_and_no_hidden_names() {
    let world = World::new().await;
    let (chat, _agent, _visitor) = everything(&world).await;
    let sofia = world.sign_in("sofia").await;
    let export = async |query: &str| {
        let path = format!("/api/v1/recordings/export?{query}");
        let answer = world.get(&path, &sofia.fields()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("x-total"), Some("1"));
        let text = String::from_utf8(answer.body.clone()).unwrap();
        assert_eq!(text.matches('\r').count(), 1, "one for each chat: {text}");
        text
    };
    let count = world
        .get("/api/v1/recordings/count?text=bota", &sofia.fields())
        .await;
    assert_eq!(count.json(), json!({"count": 1}));

    let document: Value = serde_json::from_str(&export("").await).unwrap();
    assert_eq!(document["format"], "webchat-recordings/1");
    assert_eq!(document["total"], 1);
    let told = &document["chats"][0];
    assert_eq!(told["chat"], chat);
    assert_eq!(told["visitor"]["name"], "=Eva <b>");
    assert_eq!(told["notes"][0]["text"], "only among us");
    assert_eq!(told["agents"][0]["name"], "ana");
    assert_eq!(told["disposition"], json!(["exchange"]));
    assert_eq!(told["feedback"]["score"], 4);
    let said = told["messages"].as_array().unwrap();
    let answer = said
        .iter()
        .find(|said| said["text"] == "¿De qué talle?")
        .unwrap();
    assert_eq!(
        (&answer["from"], &answer["name"]),
        (&json!("agent"), &json!("ana"))
    );

    for format in ["json", "csv", "html"] {
        let staff = export(&format!(
            "format={format}&language=es&zone=America/Montevideo"
        ))
        .await;
        let visitor = export(&format!("format={format}&language=es&audience=visitor")).await;
        assert!(
            staff.contains("only among us") && staff.contains("ana") && staff.contains("exchange"),
            "{staff}"
        );
        for hidden in [
            "only among us",
            "ana\"",
            "ana:",
            "· ana",
            ">ana<",
            "exchange",
        ] {
            assert!(!visitor.contains(hidden), "{hidden} in {visitor}");
        }
        for both in [&staff, &visitor] {
            assert!(
                both.contains("Perdí una bota") && both.contains("¿De qué talle?"),
                "{both}"
            );
        }
    }
    let csv = export("format=csv").await;
    assert!(csv.contains(",\"'=Eva <b>\","), "no formula: {csv}");
    let html = export("format=html").await;
    assert!(
        html.contains("=Eva &lt;b&gt;") && html.contains("&lt;script&gt;alert(1)"),
        "{html}"
    );
    assert!(!html.contains("<script"), "{html}");

    for (query, code) in [
        ("format=exe", 400),
        ("zone=Mars", 422),
        ("reason=bored", 400),
    ] {
        let path = format!("/api/v1/recordings/export?{query}");
        assert_eq!(
            world.get(&path, &sofia.fields()).await.status,
            code,
            "{query}"
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn what_there_is_of_a_visitor_is_counted_before_it_is_erased_and_the_tombstone_after() {
    let world = World::new().await;
    let (chat, _agent, _visitor) = everything(&world).await;
    let root = world.sign_in("root").await;
    let path = format!("/api/v1/recordings/{}", chat.as_str().unwrap());
    let key = world.get(&path, &root.fields()).await.json()["visitor"].clone();
    let look = format!("/api/v1/erasures?visitor={}", key.as_str().unwrap());
    let held = world.get(&look, &root.fields()).await.json();
    let expected = json!({"chats": 1, "live": 0, "erased": 0, "notes": 1, "mails": 0, "messages": held["messages"]});
    assert_eq!(held, expected);
    assert!(held["messages"].as_u64().unwrap() >= 2, "{held}");
    let erased = world
        .call(
            "POST",
            "/api/v1/erasures",
            &root.fields(),
            Some(json!({"visitor": key})),
        )
        .await;
    assert_eq!((erased.status, erased.json()), (202, json!({"chats": 1})));
    let left = world.get(&look, &root.fields()).await.json();
    assert_eq!(
        left,
        json!({"chats": 1, "live": 0, "erased": 1, "notes": 0, "mails": 0, "messages": 0})
    );
    let tombstone = world.get(&path, &root.fields()).await.json();
    assert!(tombstone["erased_at"].is_i64(), "{tombstone}");
    assert_eq!(tombstone["closing"]["reason"], "agent_closed");
    let export = world
        .get("/api/v1/recordings/export", &root.fields())
        .await
        .json();
    let told = &export["chats"][0];
    assert_eq!(told["visitor"]["name"], Value::Null);
    assert!(told["erased_at"].is_i64(), "{export}");
    assert!(!export.to_string().contains("bota"), "{export}");
    world.stop().await;
}
