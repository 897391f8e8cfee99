//! Every setting of a campaign, one row each: set through the API to the value in `values.json`, read back, and its
//! effect seen from outside. The browser tests set the same values through the form.

#![allow(clippy::unwrap_used)] // a test may fail

#[path = "../world/mod.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use webchat_core::campaign::CampaignDraft;
use webchat_core::id::{AgentId, CampaignId};
use webchat_core::time::Timestamp;
use webchat_http::Settings;
use webchat_runtime::accounts::Role;
use world::{Client, Login, NOON, World};

/// What a setting is set to, and the others without which it says nothing.
#[derive(Deserialize)]
struct Row {
    value: Value,
    #[serde(default)]
    with: Map<String, Value>,
}

fn rows() -> BTreeMap<String, Row> {
    serde_json::from_str(include_str!("values.json")).unwrap()
}

/// The languages of the seed, as visitors ask for them, with those of the texts.
const LANGUAGES: [(&str, &str); 3] = [("es-UY", "es"), ("en", "en"), ("pt-BR", "pt")];

/// A campaign in Spanish with two members, Ana and Bruno, and the one setting of the row.
struct Scene {
    world: World,
    root: Login,
    value: Value,
    ana: AgentId,
    bruno: AgentId,
}

impl Scene {
    async fn of(field: &str) -> Self {
        let row = rows().remove(field).unwrap();
        let world = World::with(Settings {
            mail: true,
            ..Settings::default()
        })
        .await;
        world.user("root", Role::Administrator).await;
        world.user("eva", Role::Supervisor).await;
        let ana = world.agent("ana").await;
        let bruno = world.agent("bruno").await;
        let root = world.sign_in("root").await;
        let mut scene = Self {
            world,
            root,
            value: row.value,
            ana,
            bruno,
        };
        let question = json!({"text": "Solved?", "mandatory": true, "answers": [{"text": "yes", "score": 1}, {"text": "no", "score": 0}]});
        let model =
            json!({"name": "Service", "categories": [{"name": "Result", "questions": [question]}]});
        scene.call("POST", "/quality-models", model, 201).await;
        let draft = json!({"name": "Ventas", "default_language": "es"});
        scene.call("POST", "/campaigns", draft, 201).await;
        scene.members(&[(ana, 0), (bruno, 0)]).await;

        let mut draft = scene.settings().await;
        assert_ne!(draft[field], scene.value, "the row has to change something");
        for (name, value) in row.with {
            draft[name] = value;
        }
        draft[field] = scene.value.clone();
        scene.call("PUT", "/campaigns/1", draft.clone(), 200).await;
        scene.value = draft[field].take();
        assert_eq!(scene.settings().await[field], scene.value, "read back");
        scene
    }

    async fn settings(&self) -> Value {
        let fields = self.root.fields();
        let answer = self.world.get("/api/v1/campaigns/1", &fields).await;
        answer.json()["settings"].take()
    }

    async fn call(&self, method: &str, path: &str, body: Value, status: u16) -> Value {
        let path = format!("/api/v1{path}");
        let fields = self.root.fields();
        let answer = self.world.call(method, &path, &fields, Some(body)).await;
        assert_eq!(answer.status, status, "{answer:?}");
        answer.json()
    }

    async fn members(&self, members: &[(AgentId, u8)]) {
        let member = |(agent, penalty): &(AgentId, u8)| json!({"agent": agent, "penalty": penalty, "skills": []});
        let members: Vec<Value> = members.iter().map(member).collect();
        let path = "/campaigns/1/members";
        self.call("PUT", path, json!(members), 200).await;
    }

    async fn window(&self, language: &str) -> Value {
        let path = format!("/api/v1/campaigns/1/window?language={language}");
        self.world.get(&path, &[]).await.json()
    }

    async fn mails(&self) -> Value {
        let answer = self.world.get("/api/v1/mail", &self.root.fields()).await;
        answer.json()["messages"].take()
    }

    async fn visitor(&self, language: &str) -> Client {
        self.world.visitor(CampaignId(1), language).await.0
    }

    fn after(&self, seconds: i64) {
        self.world
            .clock
            .set(Timestamp::from_seconds(NOON + seconds));
    }

    /// Ana at her desk.
    async fn ana(&self) -> Client {
        self.world.desk("ana").await
    }

    /// Ana at her desk, taking nothing.
    async fn ana_paused(&self) -> Client {
        let mut ana = self.world.desk("ana").await;
        ana.ask(json!({"do": "pause", "reason": "lunch"})).await;
        ana
    }
}

async fn start(visitor: &mut Client) -> Value {
    visitor.ask(json!({"do": "start"})).await
}

/// Starts a chat that is admitted; returns its id.
async fn started(visitor: &mut Client) -> Value {
    let answer = start(visitor).await;
    assert!(answer["chat"]["chat"].is_string(), "{answer}");
    answer["chat"]["chat"].clone()
}

async fn refused(visitor: &mut Client) -> Value {
    start(visitor).await["refused"].clone()
}

/// The next chat this agent has in this phase.
async fn has(agent: &mut Client, phase: &str) -> Value {
    let here = agent.until("chat", |push| push["view"]["phase"]["kind"] == phase);
    here.await["view"].clone()
}

async fn close(agent: &mut Client, chat: &Value) {
    agent.ask(json!({"do": "close", "chat": chat})).await;
}

macro_rules! settings {
    ($($field:ident: |$scene:ident| $effect:block)*) => {
        const SHOWN: &[&str] = &[$(stringify!($field)),*];
        $(
            #[tokio::test]
            async fn $field() {
                let $scene = Scene::of(stringify!($field)).await;
                $effect
                $scene.world.stop().await;
            }
        )*
    };
}

#[test]
fn every_field_of_the_settings_has_a_row_a_value_and_an_effect() {
    let draft = serde_json::to_value(CampaignDraft::default()).unwrap();
    let fields: BTreeSet<&str> = draft
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let rows = rows();
    assert_eq!(fields, rows.keys().map(String::as_str).collect());
    assert_eq!(fields, SHOWN.iter().copied().collect());
}

settings! {
    name: |scene| {
        assert_eq!(scene.window("es").await["name"], scene.value);
    }

    enabled: |scene| {
        assert_eq!(scene.window("es").await["enabled"], false);
        let _ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        assert_eq!(refused(&mut visitor).await["code"], "disabled");
    }

    mode: |scene| {
        let mut ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        let answer = start(&mut visitor).await;
        assert_eq!(answer["chat"]["phase"], "waiting", "nobody is given a chat, agents take it");
        ana.ask(json!({"do": "take", "chat": answer["chat"]["chat"]})).await;
        has(&mut ana, "active").await;
    }

    order: |scene| {
        let mut ana = scene.ana().await;
        let _bruno = scene.world.desk("bruno").await;
        let (mut first, mut second) = (scene.visitor("es").await, scene.visitor("es").await);
        let chats = [started(&mut first).await, started(&mut second).await];
        for chat in chats {
            assert_eq!(has(&mut ana, "active").await["chat"], chat, "the first member gets all she can");
        }
    }

    penalty_tiers: |scene| {
        scene.members(&[(scene.ana, 5), (scene.bruno, 0)]).await;
        let _ana = scene.ana().await;
        let mut bruno = scene.world.desk("bruno").await;
        let mut visitor = scene.visitor("es").await;
        let chat = started(&mut visitor).await;
        assert_eq!(has(&mut bruno, "active").await["chat"], chat);
    }

    offer_timeout: |scene| {
        let mut ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        started(&mut visitor).await;
        let offered = has(&mut ana, "offered").await;
        assert_eq!(offered["phase"]["lapses_at"], (NOON + 30) * 1000);
    }

    pause_after_lapses: |scene| {
        let mut ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        started(&mut visitor).await;
        has(&mut ana, "offered").await;
        scene.after(30);
        ana.until("me", |push| !push["me"]["paused"].is_null()).await;
    }

    weight: |scene| {
        let tenant = json!({"agent_cap": 1});
        scene.call("PUT", "/tenant", tenant, 200).await;
        scene.call("POST", "/campaigns", json!({"name": "Soporte"}), 201).await;
        let ana = json!([{"agent": scene.ana, "penalty": 0, "skills": []}]);
        scene.call("PUT", "/campaigns/2/members", ana, 200).await;
        let mut ana = scene.ana_paused().await;
        let (mut other, _) = scene.world.visitor(CampaignId(2), "es").await;
        started(&mut other).await;
        scene.after(5);
        let mut visitor = scene.visitor("es").await;
        let chat = started(&mut visitor).await;
        ana.ask(json!({"do": "resume"})).await;
        assert_eq!(has(&mut ana, "active").await["chat"], chat, "before the one that waits longer elsewhere");
    }

    answer_within: |scene| {
        let mut floor = scene.world.watcher("eva").await;
        let mut ana = scene.ana_paused().await;
        let mut visitor = scene.visitor("es").await;
        started(&mut visitor).await;
        scene.after(45);
        ana.ask(json!({"do": "resume"})).await;
        floor.until("floor", |push| push["campaigns"][0]["today"]["answered_in_time"] == 1).await;
    }

    target_percent: |scene| {
        let mut floor = scene.world.watcher("eva").await;
        let mut ana = scene.ana_paused().await;
        let mut visitor = scene.visitor("es").await;
        started(&mut visitor).await;
        scene.after(21);
        ana.ask(json!({"do": "resume"})).await;
        floor.until("alarm", |push| push["alarm"] == "service_level" && push["raised"] == true).await;
    }

    schedule: |scene| {
        let window = scene.window("es").await;
        assert_eq!(window["open"], false);
        // The exception opens that Monday from 15:00 in Montevideo, which is 18:00 UTC.
        assert_eq!(window["next_open_at"], (NOON + 6 * 3600) * 1000);
    }

    on_close: |scene| {
        let mut ana = scene.ana_paused().await;
        let mut visitor = scene.visitor("es").await;
        let chat = started(&mut visitor).await;
        scene.after(3600);
        assert_eq!(scene.window("es").await["open"], false);
        ana.ask(json!({"do": "resume"})).await;
        assert_eq!(has(&mut ana, "active").await["chat"], chat, "who waited at closing time is still served");
    }

    default_language: |scene| {
        let _ana = scene.ana().await;
        let mut visitor = scene.visitor("ja").await;
        started(&mut visitor).await;
        assert_eq!(visitor.push("message").await["message"]["text"], "Olá");
    }

    welcome: |scene| {
        let _ana = scene.ana().await;
        for (asked, tag) in LANGUAGES {
            let mut visitor = scene.visitor(asked).await;
            started(&mut visitor).await;
            let push = visitor.push("message").await;
            assert_eq!((&push["message"]["code"], &push["message"]["text"]), (&json!("welcome"), &scene.value[tag]));
        }
    }

    out_of_time: |scene| {
        for (asked, tag) in LANGUAGES {
            assert_eq!(scene.window(asked).await["out_of_time"], scene.value[tag]);
            let refused = refused(&mut scene.visitor(asked).await).await;
            assert_eq!((&refused["code"], &refused["text"]), (&json!("out_of_time"), &scene.value[tag]));
        }
    }

    not_available: |scene| {
        let _ana = scene.ana_paused().await;
        for (asked, tag) in LANGUAGES {
            assert_eq!(scene.window(asked).await["not_available"], scene.value[tag]);
            let refused = refused(&mut scene.visitor(asked).await).await;
            assert_eq!((&refused["code"], &refused["text"]), (&json!("queue_full"), &scene.value[tag]));
        }
    }

    feedback: |scene| {
        let mut ana = scene.ana().await;
        for (asked, tag) in LANGUAGES {
            let mut visitor = scene.visitor(asked).await;
            let chat = started(&mut visitor).await;
            has(&mut ana, "active").await;
            close(&mut ana, &chat).await;
            assert_eq!(visitor.push("closed").await["feedback"]["text"], scene.value[tag]);
        }
    }

    automatic: |scene| {
        let _ana = scene.ana().await;
        for (asked, tag) in LANGUAGES {
            let mut visitor = scene.visitor(asked).await;
            started(&mut visitor).await;
            let push = visitor.until("message", |push| push["message"]["automatic"] == true).await;
            assert_eq!((&push["message"]["author"]["name"], &push["message"]["text"]), (&json!("ana"), &scene.value[tag]));
        }
    }

    alias: |scene| {
        let _ana = scene.ana().await;
        for (asked, tag) in LANGUAGES {
            let mut visitor = scene.visitor(asked).await;
            let answer = start(&mut visitor).await;
            assert_eq!(answer["chat"]["agent"], scene.value[tag]);
        }
    }

    agent_cap: |scene| {
        let mut ana = scene.ana().await;
        let (mut first, mut second) = (scene.visitor("es").await, scene.visitor("es").await);
        let chat = started(&mut first).await;
        let answer = start(&mut second).await;
        assert_eq!(answer["chat"]["phase"], "waiting");
        close(&mut ana, &chat).await;
        second.until("state", |push| push["view"]["phase"] == "active").await;
    }

    quality_model: |scene| {
        let mut ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        let chat = started(&mut visitor).await;
        close(&mut ana, &chat).await;
        let asked = ana.ask(json!({"do": "quality", "chat": chat})).await;
        assert_eq!((&asked["quality"]["model"], &asked["quality"]["name"]), (&json!(1), &json!("Service")));
    }

    dropout: |scene| {
        let mut floor = scene.world.watcher("eva").await;
        let _ana = scene.ana_paused().await;
        for (leaves_after, count) in [(9, "short_abandoned"), (9 + 10, "abandoned")] {
            let mut visitor = scene.visitor("es").await;
            let chat = started(&mut visitor).await;
            scene.after(leaves_after);
            visitor.ask(json!({"do": "end", "chat": chat})).await;
            floor.until("floor", |push| push["campaigns"][0]["today"][count] == 1).await;
        }
    }

    time_chat: |scene| {
        let mut floor = scene.world.watcher("eva").await;
        let mut ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        let chat = started(&mut visitor).await;
        has(&mut ana, "active").await;
        scene.after(60);
        let push = floor.push("alarm").await;
        assert_eq!((&push["alarm"], &push["chat"]), (&json!("time_chat"), &chat));
    }

    acd: |scene| {
        let mut floor = scene.world.watcher("eva").await;
        let _ana = scene.ana_paused().await;
        let mut visitor = scene.visitor("es").await;
        started(&mut visitor).await;
        let push = floor.push("alarm").await;
        assert_eq!((&push["alarm"], &push["raised"]), (&json!("acd"), &json!(true)));
    }

    max_chats: |scene| {
        let _ana = scene.ana_paused().await;
        let mut visitors = [scene.visitor("es").await, scene.visitor("es").await, scene.visitor("es").await];
        started(&mut visitors[0]).await;
        started(&mut visitors[1]).await;
        assert_eq!(refused(&mut visitors[2]).await["code"], "queue_full");
    }

    no_waiting: |scene| {
        let mut ana = scene.ana_paused().await;
        let mut visitor = scene.visitor("es").await;
        assert_eq!(refused(&mut visitor).await["code"], "queue_full");
        ana.ask(json!({"do": "resume"})).await;
        assert_eq!(start(&mut visitor).await["chat"]["phase"], "active");
    }

    time_out: |scene| {
        let _ana = scene.ana_paused().await;
        let mut visitor = scene.visitor("es").await;
        started(&mut visitor).await;
        scene.after(30);
        assert_eq!(visitor.push("closed").await["reason"], "timed_out");
    }

    auto_finish: |scene| {
        let mut ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        started(&mut visitor).await;
        visitor.hang_up().await;
        ana.until("chat", |push| push["view"]["connected"] == false).await;
        scene.after(60);
        assert_eq!(ana.push("gone").await["reason"], "visitor_gone");
    }

    waiting_floor: |scene| {
        let mut ana = scene.ana_paused().await;
        let mut visitor = scene.visitor("es").await;
        started(&mut visitor).await;
        visitor.hang_up().await;
        ana.until("waiting", |push| push["chats"][0]["connected"] == false).await;
        scene.after(40);
        ana.until("waiting", |push| push["total"] == 0).await;
    }

    colour: |scene| {
        assert_eq!(scene.window("es").await["colour"], scene.value);
    }

    show_agent_name: |scene| {
        let _ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        let answer = start(&mut visitor).await;
        assert_eq!(answer["chat"]["phase"], "active");
        assert!(answer["chat"]["agent"].is_string(), "{answer}");
        assert_ne!(answer["chat"]["agent"], "ana");
    }

    feedback_form: |scene| {
        assert_eq!(scene.window("es").await["feedback_form"], false);
        let mut ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        let chat = started(&mut visitor).await;
        close(&mut ana, &chat).await;
        let feedback = visitor.push("closed").await["feedback"].take();
        assert_eq!((&feedback["text"], &feedback["form"]), (&json!("Gracias"), &json!(false)));
        assert_eq!(visitor.refused(json!({"do": "feedback", "chat": chat, "score": 5})).await, "feedback_not_open");
    }

    require_email: |scene| {
        assert_eq!(scene.window("es").await["form"]["email"], "required");
        let _ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        let answer = visitor.outcome(json!({"do": "start"})).await;
        assert_eq!((&answer["error"]["code"], &answer["error"]["field"]), (&json!("invalid_field"), &json!("email")));
        visitor.ask(json!({"do": "start", "email": "eva@example.org"})).await;
    }

    media: |scene| {
        assert_eq!(scene.window("es").await["media"], true);
    }

    files: |scene| {
        let files = json!({"max_bytes": 65_536, "kinds": ["image"]});
        assert_eq!(scene.window("es").await["files"], files);
    }

    offline_message: |scene| {
        assert_eq!(scene.window("es").await["offline_form"], true);
        let mut visitor = scene.visitor("es").await;
        assert_eq!(refused(&mut visitor).await["offline_form"], true);
    }

    offline_address: |scene| {
        let mut visitor = scene.visitor("es").await;
        visitor.ask(json!({"do": "offline", "key": "o1", "email": "eva@example.org", "text": "Hola"})).await;
        let mails = scene.mails().await;
        assert_eq!((&mails[0]["address"], &mails[0]["text"]), (&scene.value, &json!("Hola")));
    }

    offline_when_full: |scene| {
        let _ana = scene.ana_paused().await;
        let mut visitor = scene.visitor("es").await;
        let refused = refused(&mut visitor).await;
        assert_eq!((&refused["code"], &refused["offline_form"]), (&json!("queue_full"), &json!(true)));
    }

    transcript_by_mail: |scene| {
        assert_eq!(scene.window("es").await["transcript_by_mail"], true);
        let _ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        let chat = started(&mut visitor).await;
        visitor.ask(json!({"do": "transcript", "chat": chat, "email": "eva@example.org"})).await;
        let mails = scene.mails().await;
        assert_eq!((&mails[0]["kind"], &mails[0]["address"]), (&json!("transcript"), &json!("eva@example.org")));
    }

    notice_addresses: |scene| {
        let _ana = scene.ana_paused().await;
        let mut visitor = scene.visitor("es").await;
        started(&mut visitor).await;
        let mails = scene.mails().await;
        let told: Vec<&Value> = mails.as_array().unwrap().iter().map(|mail| &mail["address"]).collect();
        assert_eq!(json!(told), scene.value);
        assert_eq!(mails[0]["alarm"], "acd");
    }

    notice_cleared: |scene| {
        let _ana = scene.ana_paused().await;
        let mut visitor = scene.visitor("es").await;
        let chat = started(&mut visitor).await;
        assert_eq!(scene.mails().await.as_array().unwrap().len(), 1);
        visitor.ask(json!({"do": "end", "chat": chat})).await;
        assert_eq!(scene.mails().await.as_array().unwrap().len(), 2, "told that it is over, too");
    }

    extra_field: |scene| {
        for (asked, tag) in LANGUAGES {
            let extra = scene.window(asked).await["form"]["extra"].take();
            let expected = json!({"label": scene.value["label"][tag], "required": true, "pattern": "[0-9]{6,9}"});
            assert_eq!(extra, expected);
        }
        let mut ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        for wrong in [json!(null), json!("call me")] {
            let answer = visitor.outcome(json!({"do": "start", "extra": wrong})).await;
            assert_eq!(answer["error"]["field"], "extra", "{answer}");
        }
        visitor.ask(json!({"do": "start", "extra": "099123456"})).await;
        assert_eq!(has(&mut ana, "active").await["visitor"]["extra"], "099123456");
    }

    allowed_domains: |scene| {
        let path = "/api/v1/visitor?campaign=1";
        for (origin, status) in [("https://evil.example", Some(403)), ("https://shop.example.evil", Some(403)), ("https://shop.example", None), ("https://www.shop.example", None)] {
            let door = scene.world.dial(path, &[("origin", origin)]).await;
            assert_eq!(door.err(), status, "{origin}");
        }
        let of_site = [("origin", "https://shop.example")];
        let answer = scene.world.get("/api/v1/campaigns/1/window", &of_site).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors http://shop.example:* http://*.shop.example:*"), "{policy}");
    }

    when_empty: |scene| {
        let mut visitor = scene.visitor("es").await;
        assert_eq!(start(&mut visitor).await["chat"]["phase"], "waiting", "though nobody is signed in");
    }

    leave_when_empty_after: |scene| {
        let mut visitor = scene.visitor("es").await;
        started(&mut visitor).await;
        scene.after(20);
        assert_eq!(visitor.push("closed").await["reason"], "agents_gone");
    }

    wrap_up: |scene| {
        let mut ana = scene.ana().await;
        let (mut first, mut second) = (scene.visitor("es").await, scene.visitor("es").await);
        let chat = started(&mut first).await;
        close(&mut ana, &chat).await;
        assert_eq!(start(&mut second).await["chat"]["phase"], "waiting", "her slot is still taken");
        scene.after(30);
        second.until("state", |push| push["view"]["phase"] == "active").await;
    }

    on_agent_lost: |scene| {
        let mut ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        started(&mut visitor).await;
        has(&mut ana, "active").await;
        ana.hang_up().await;
        let eva = scene.world.watcher("eva").await;
        let mut floor = eva;
        floor.until("floor", |push| push["agents"].as_array().is_some_and(|all| all.iter().any(|agent| agent["state"] == "lost"))).await;
        scene.after(30);
        assert_eq!(visitor.push("closed").await["reason"], "agent_gone");
    }

    disposition_required: |scene| {
        let mut ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        let chat = started(&mut visitor).await;
        assert_eq!(ana.refused(json!({"do": "close", "chat": chat})).await, "invalid_field");
        ana.ask(json!({"do": "close", "chat": chat, "disposition": ["sale"]})).await;
    }

    dispositions: |scene| {
        let mut ana = scene.ana().await;
        let mut visitor = scene.visitor("es").await;
        let chat = started(&mut visitor).await;
        assert_eq!(ana.refused(json!({"do": "close", "chat": chat, "disposition": ["gift"]})).await, "invalid_field");
        ana.ask(json!({"do": "close", "chat": chat, "disposition": ["sale", "card"]})).await;
    }

    retention_days: |scene| {
        let answer = scene.world.get("/api/v1/campaigns/1", &scene.root.fields()).await;
        // The next midnight, UTC.
        assert_eq!(answer.json()["next_retention"], (NOON + 12 * 3600) * 1000);
    }
}
