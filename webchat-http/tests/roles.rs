//! Who may do what, for every route and every socket request there is. The lists come from the server itself: what is
//! in none of them nobody can reach, and what is in one without a probe here fails the test.

#![allow(clippy::unwrap_used)] // a test may fail

mod world;

use std::time::Duration;

use serde_json::{Value, json};
use webchat_core::id::{AgentId, CampaignId};
use webchat_http::access::{PUBLIC, TABLE, VISITOR};
use webchat_http::{Pace, Paces, Settings};
use webchat_runtime::accounts::Role;
use world::{Client, Login, World};

/// A REST request whose target does not exist or whose body is no use, so that being let in changes nothing.
fn harmless(route: &str) -> (String, String, Option<Value>) {
    let (method, path) = route.split_once(' ').unwrap();
    let path = path
        .replace("{chat}", "77-1")
        .replace("{message}", "99999")
        .replace("{event}", "1-0")
        .replace("{number}", "1")
        .replace("users/{id}", "users/99999")
        .replace("files/{id}", "files/none")
        .replace("{id}", "99999");
    let body = matches!(method, "POST" | "PUT").then(|| json!({"no": "use"}));
    (method.to_owned(), path, body)
}

/// What a chat must be for a request to make sense.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Needs {
    /// No chat: it is about the one who asks.
    Nothing,
    /// With its owner.
    Active,
    /// Asked of its owner.
    Offered,
    /// Waiting.
    Waiting,
    /// Being transferred by its owner.
    Transferring,
    /// Ended by its owner.
    Ended,
    /// With a call that rings for its owner.
    Ringing,
    /// With a call that rings for its visitor.
    RingingBack,
    /// With a call that was accepted.
    Calling,
}

/// The requests of the agent's socket.
fn agent_request(name: &str, stage: &Stage) -> Option<(Needs, Value)> {
    let chat = &stage.chat;
    let bob = stage.bob;
    Some(match name {
        "hello" | "sign_out" => (Needs::Nothing, json!({"do": "ping"})),
        "ping" | "resume" | "destinations" => (Needs::Nothing, json!({"do": name})),
        "pause" => (Needs::Nothing, json!({"do": "pause", "reason": "lunch"})),
        "on_call" => (Needs::Nothing, json!({"do": "on_call", "on": false})),
        "take" => (Needs::Waiting, json!({"do": "take", "chat": chat})),
        "accept" | "refuse" => (Needs::Offered, json!({"do": name, "chat": chat})),
        "history" | "close" | "leave" | "earlier" | "canned" => {
            (Needs::Active, json!({"do": name, "chat": chat}))
        }
        "earlier_history" => (
            Needs::Active,
            json!({"do": name, "chat": chat, "earlier": chat, "of": chat}),
        ),
        "quality" => (Needs::Ended, json!({"do": name, "chat": chat})),
        "evaluate" => (
            Needs::Ended,
            json!({"do": name, "chat": chat, "model": 1, "answers": [null]}),
        ),
        "write" | "note" => (
            Needs::Active,
            json!({"do": name, "chat": chat, "key": "k", "text": "hola"}),
        ),
        "typing" => (Needs::Active, json!({"do": name, "chat": chat, "on": true})),
        "seen" => (
            Needs::Active,
            json!({"do": name, "chat": chat, "delivered": 1, "read": 1}),
        ),
        "transfer" => (
            Needs::Active,
            json!({"do": name, "chat": chat, "agent": bob}),
        ),
        "invite" => (
            Needs::Active,
            json!({"do": name, "chat": chat, "agent": bob}),
        ),
        "cancel_transfer" => (Needs::Transferring, json!({"do": name, "chat": chat})),
        "call" => (
            Needs::Active,
            json!({"do": name, "chat": chat, "video": true}),
        ),
        "accept_call" => (Needs::Ringing, json!({"do": name, "chat": chat})),
        "hang_up" | "call_servers" => (Needs::Calling, json!({"do": name, "chat": chat})),
        "signal" => (
            Needs::Calling,
            json!({"do": name, "chat": chat, "signal": "{}"}),
        ),
        _ => return None,
    })
}

/// The requests of the supervisor's socket.
fn supervisor_request(name: &str, stage: &Stage) -> Option<Value> {
    let chat = &stage.chat;
    Some(match name {
        "watch" | "watched" | "unwatch" | "take_over" | "end_chat" | "explain" => {
            json!({"do": name, "chat": chat})
        }
        "whisper" => json!({"do": name, "chat": chat, "text": "psst"}),
        "assign" => json!({"do": name, "chat": chat, "agent": stage.bob}),
        "move" => json!({"do": name, "chat": chat, "campaign": stage.other}),
        "pause_agent" => json!({"do": name, "agent": stage.bob, "reason": "lunch"}),
        "resume_agent" | "sign_out_agent" => json!({"do": name, "agent": stage.bob}),
        _ => return None,
    })
}

/// The requests of the visitor's socket.
fn visitor_request(name: &str, chat: &Value) -> Option<Value> {
    Some(match name {
        "hello" => json!({"do": "hello", "token": null, "seen": 0}),
        "ping" | "start" => json!({"do": name}),
        "offline" => json!({"do": name, "key": "k", "email": "a@b.example", "text": "hola"}),
        "end" => json!({"do": name, "chat": chat}),
        "write" => json!({"do": name, "chat": chat, "key": "k", "text": "hola"}),
        "typing" => json!({"do": name, "chat": chat, "on": true}),
        "seen" => json!({"do": name, "chat": chat, "delivered": 1, "read": 1}),
        "feedback" => json!({"do": name, "chat": chat, "score": 5}),
        "transcript" => json!({"do": name, "chat": chat, "email": "a@b.example"}),
        "call" | "accept_call" | "hang_up" | "call_servers" => json!({"do": name, "chat": chat}),
        "signal" => json!({"do": name, "chat": chat, "signal": "{}"}),
        _ => return None,
    })
}

/// A chat in a campaign whose only member is ana, and everybody who might have a go at it.
struct Stage {
    world: World,
    sales: CampaignId,
    /// Where ana has to accept what is offered.
    offering: CampaignId,
    /// Where nothing is assigned and ana takes what waits.
    pulling: CampaignId,
    other: CampaignId,
    bob: AgentId,
    logins: Vec<(&'static str, Option<Login>)>,
    chat: Value,
    visitor: Option<Client>,
}

impl Stage {
    async fn new() -> Self {
        let quick = Pace::new(100_000, Duration::from_millis(1));
        let settings = Settings {
            paces: Paces {
                starts: quick,
                visitor_requests: quick,
                agent_requests: quick,
                ..Paces::default()
            },
            ..Settings::default()
        };
        let world = World::with(settings).await;
        let mut logins = vec![("outsider", None)];
        let mut agents = Vec::new();
        for (login, role) in [
            ("ana", Role::Agent),
            ("bob", Role::Agent),
            ("eva", Role::Supervisor),
            ("root", Role::Administrator),
        ] {
            agents.extend(world.user(login, role).await.profile.agent);
            logins.push((login, Some(world.sign_in(login).await)));
        }
        let [ana, bob, _] = agents[..] else {
            panic!("{agents:?}")
        };
        let open = |name: &str| {
            let name = name.to_owned();
            move |draft: &mut webchat_core::campaign::CampaignDraft| {
                draft.name = name;
                draft.agent_cap = 0;
                draft.media = true;
                draft.when_empty = serde_json::from_value(json!("admit")).unwrap();
            }
        };
        let sales = world.campaign(&[ana], open("Sales")).await;
        let offering = world
            .campaign(&[ana], |draft| {
                open("Offering")(draft);
                draft.offer_timeout = 600;
            })
            .await;
        let pulling = world
            .campaign(&[ana], |draft| {
                open("Pulling")(draft);
                draft.mode = "ringallmultiple".into();
            })
            .await;
        let other = world.campaign(&[bob], open("Other")).await;
        Self {
            world,
            sales,
            offering,
            pulling,
            other,
            bob,
            logins,
            chat: Value::Null,
            visitor: None,
        }
    }

    fn login(&self, name: &str) -> &Login {
        let found = self.logins.iter().find(|(login, _)| *login == name);
        found.unwrap().1.as_ref().unwrap()
    }

    async fn desk(&self, name: &str) -> Client {
        let mut client = self.world.work(self.login(name)).await;
        client.ask(json!({"do": "hello"})).await;
        client
    }

    async fn watcher(&self, name: &str) -> Result<Client, u16> {
        let origin = format!("http://{}", self.world.address);
        let login = self.login(name);
        let fields = [("cookie", login.cookie.as_str()), ("origin", &origin)];
        let mut client = self.world.dial("/api/v1/supervisor", &fields).await?;
        client.ask(json!({"do": "hello"})).await;
        Ok(client)
    }

    /// A new chat that is as it must be; the one before is left to itself.
    async fn set(&mut self, needs: Needs, ana: &mut Client) {
        let campaign = match needs {
            Needs::Offered => self.offering,
            Needs::Waiting => self.pulling,
            _ => self.sales,
        };
        let (mut visitor, _) = self.world.visitor(campaign, "es").await;
        let started = visitor.ask(json!({"do": "start", "name": "Luz"})).await;
        self.chat = started["chat"]["chat"].clone();
        let chat = &self.chat;
        let call = json!({"do": "call", "chat": chat});
        match needs {
            Needs::Transferring => {
                let transfer = json!({"do": "transfer", "chat": chat, "campaign": self.pulling});
                ana.ask(transfer).await;
            }
            Needs::Ended => {
                ana.ask(json!({"do": "close", "chat": chat})).await;
            }
            Needs::RingingBack => {
                ana.ask(call).await;
            }
            Needs::Ringing | Needs::Calling => {
                visitor.ask(call).await;
                if needs == Needs::Calling {
                    ana.ask(json!({"do": "accept_call", "chat": chat})).await;
                }
            }
            _ => {}
        }
        self.visitor = Some(visitor);
    }

    /// All there is to know of the chat, to see whether something changed.
    async fn seen(&self) -> String {
        let chat = self.chat.as_str().unwrap().parse().unwrap();
        let view = self
            .world
            .tenant
            .query(move |engine, _| format!("{:?}", engine.view().agent_chat(chat)));
        // Visitors of other chats hang up when they like; theirs are no events of this chat.
        let events = self.world.journal().await;
        let of_chat = events
            .iter()
            .filter(|recorded| serde_json::to_value(&recorded.event).unwrap()["chat"] == self.chat);
        format!("{} after {} events", view.await.unwrap(), of_chat.count())
    }
}

/// Answers that say: not yours.
const TURNED_AWAY: [&str; 6] = [
    "not_owner",
    "unknown_chat",
    "already_taken",
    "not_available",
    "bad_request",
    "not_allowed",
];

#[tokio::test]
async fn every_route_lets_in_those_its_row_names_and_nobody_else() {
    let stage = Stage::new().await;
    let rank = |name: &str| match name {
        "ana" | "bob" => Some(Role::Agent),
        "eva" => Some(Role::Supervisor),
        "root" => Some(Role::Administrator),
        _ => None,
    };
    let mut probed = 0;
    for (route, least) in TABLE.iter().filter(|(name, _)| name.contains(' ')) {
        probed += 1;
        let (method, path, body) = harmless(route);
        for (name, login) in &stage.logins {
            let fields: Vec<(&str, &str)> = login.iter().flat_map(Login::fields).collect();
            let answer = stage
                .world
                .call(&method, &path, &fields, body.clone())
                .await;
            let expected = match rank(name) {
                None => "turned away as a stranger",
                Some(role) if role < *least => "turned away",
                Some(_) => "let in",
            };
            let got = match (answer.status, answer.code().as_str()) {
                (401, _) => "turned away as a stranger",
                (403, _) => "turned away",
                _ => "let in",
            };
            // These need more than a role: a WebSocket from a page of the server, or a part in the chat.
            let more = route.ends_with("/agent") || route.ends_with("/supervisor");
            let files = route.contains("/files");
            if files {
                assert!(answer.status >= 400, "{name}: {route}: {answer:?}");
                continue;
            }
            if more && expected == "let in" {
                assert_eq!(answer.status, 403, "{name}: {route} without an origin");
                continue;
            }
            if more {
                assert!(
                    answer.status == 401 || answer.status == 403,
                    "{name}: {route}"
                );
                continue;
            }
            assert_eq!(got, expected, "{name}: {route}: {answer:?}");
            if expected == "let in" && method != "GET" {
                let bare = [("cookie", login.as_ref().unwrap().cookie.as_str())];
                let answer = stage.world.call(&method, &path, &bare, body.clone()).await;
                assert_eq!(answer.status, 403, "{name}: {route} without its token");
            }
        }
    }
    assert!(probed > 20, "{probed} routes");

    // A visitor's token opens none of them.
    let (_, token) = stage.world.visitor(stage.sales, "es").await;
    let cookie = format!("webchat_session={token}");
    for (route, _) in TABLE.iter().filter(|(name, _)| name.contains(' ')) {
        let (method, path, body) = harmless(route);
        let answer = stage
            .world
            .call(&method, &path, &[("cookie", &cookie)], body)
            .await;
        assert!(
            matches!(answer.status, 401 | 403 | 404 | 405),
            "{route}: {answer:?}"
        );
    }

    // What needs no session is a short list, and each of it was thought about.
    for route in PUBLIC {
        let (method, path, body) = harmless(route);
        let answer = stage.world.call(&method, &path, &[], body).await;
        let expected: &[u16] = match *route {
            "POST /api/v1/session" => &[400],
            "GET /api/v1/session/ways" => &[200],
            // There is no provider in this scene.
            "POST /api/v1/session/provider" | "GET /api/v1/session/provider/return" => &[404],
            "GET /api/v1/session" | "DELETE /api/v1/session" => &[401],
            "GET /api/v1/campaigns/{id}/window" => &[404],
            "GET /api/v1/visitor" => &[400, 404, 426, 409],
            "GET /api/v1/openapi.json" | "GET /api/v1/messages.json" => &[200],
            "OPTIONS /api/v1/chats/{chat}/files" | "OPTIONS /api/v1/chats/{chat}/files/{id}" => {
                &[200, 204]
            }
            other => panic!("{other} needs no session: say here what a stranger gets"),
        };
        assert!(expected.contains(&answer.status), "{route}: {answer:?}");
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn what_is_in_no_list_is_not_there() {
    let stage = Stage::new().await;
    let login = stage.login("root");
    for (method, path, status) in [
        ("GET", "/api/v1/everything", 404),
        ("GET", "/api/v1/users/1/more", 404),
        ("POST", "/api/v1/users/1", 405),
        ("PATCH", "/api/v1/users", 405),
    ] {
        let answer = stage.world.call(method, path, &login.fields(), None).await;
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn every_agent_request_reaches_the_owner_and_turns_others_away() {
    let mut stage = Stage::new().await;
    let mut ana = stage.desk("ana").await;
    let mut bob = stage.desk("bob").await;
    let mut eva = stage.desk("eva").await;
    let mut probed = 0;
    let requests = TABLE.iter().filter(|(name, _)| !name.contains(' '));
    for (name, least) in requests {
        if *least > Role::Agent {
            // Not for this socket, whoever asks.
            for client in [&mut ana, &mut eva] {
                let code = client.refused(json!({"do": name, "chat": "0-1"})).await;
                assert_eq!(code, "bad_request", "{name} on the agent's socket");
            }
            continue;
        }
        probed += 1;
        stage.chat = json!("0-1");
        let needs = agent_request(name, &stage)
            .unwrap_or_else(|| panic!("{name} has no row in this test"))
            .0;
        if needs == Needs::Nothing {
            let (_, request) = agent_request(name, &stage).unwrap();
            for client in [&mut ana, &mut bob, &mut eva] {
                client.ask(request.clone()).await;
                client.ask(json!({"do": "resume"})).await;
            }
            continue;
        }
        stage.set(needs, &mut ana).await;
        let (_, request) = agent_request(name, &stage).unwrap();
        let before = stage.seen().await;
        for (who, client) in [("bob", &mut bob), ("eva", &mut eva)] {
            let answer = client.outcome(request.clone()).await;
            let code = answer["error"]["code"].as_str().unwrap_or("let in");
            let known = TURNED_AWAY.contains(&code) && code != "bad_request";
            assert!(known, "{who}: {name}: {answer}");
        }
        assert_eq!(stage.seen().await, before, "{name}");
        let answer = ana.outcome(request).await;
        match *name {
            // Alone in the chat there is nobody to leave it to; no model is set here; no earlier chat is meant.
            "leave" | "evaluate" | "earlier_history" => {
                let code = answer["error"]["code"].as_str().unwrap_or("ok");
                assert!(
                    !["unknown_chat", "not_allowed"].contains(&code) || *name == "earlier_history",
                    "{name}: {answer}"
                );
            }
            _ => assert!(answer.get("error").is_none(), "the owner: {name}: {answer}"),
        }
    }
    assert!(probed > 20, "{probed} requests");

    // Nobody without a session gets as far as a request.
    let origin = format!("http://{}", stage.world.address);
    let outsider = stage
        .world
        .dial("/api/v1/agent", &[("origin", &origin)])
        .await;
    assert_eq!(outsider.err(), Some(401));
    let mut root = stage.world.work(stage.login("root")).await;
    root.text(r#"{"id":1,"do":"hello"}"#).await;
    assert_eq!(root.end().await, 1008, "who is no agent has no desk");
    stage.world.stop().await;
}

#[tokio::test]
async fn every_supervisor_request_reaches_supervisors_only() {
    let mut stage = Stage::new().await;
    let mut ana = stage.desk("ana").await;
    let _bob = stage.desk("bob").await;
    let _eva = stage.desk("eva").await;
    for agent in ["ana", "bob"] {
        assert_eq!(stage.watcher(agent).await.err(), Some(403), "{agent}");
    }
    let mut eva = stage.watcher("eva").await.unwrap();
    let mut root = stage.watcher("root").await.unwrap();
    let mut probed = 0;
    for (name, least) in TABLE.iter().filter(|(name, _)| !name.contains(' ')) {
        if *least < Role::Supervisor {
            if !["hello", "ping"].contains(name) {
                let code = eva.refused(json!({"do": name, "chat": "0-1"})).await;
                assert_eq!(code, "bad_request", "{name} on the supervisor's socket");
            }
            continue;
        }
        probed += 1;
        let needs = if *name == "move" {
            Needs::Waiting
        } else {
            Needs::Active
        };
        stage.set(needs, &mut ana).await;
        let request = supervisor_request(name, &stage)
            .unwrap_or_else(|| panic!("{name} has no row in this test"));
        let before = stage.seen().await;
        let answer = root.outcome(request.clone()).await;
        match *name {
            "explain" => assert!(answer.get("error").is_none(), "{answer}"),
            _ => assert_eq!(answer["error"]["code"], "not_allowed", "{name}: {answer}"),
        }
        assert_eq!(stage.seen().await, before, "{name}");
        if *name == "watched" {
            assert_eq!(eva.refused(request.clone()).await, "unknown_chat");
            let chat = stage.chat.clone();
            eva.ask(json!({"do": "watch", "chat": chat})).await;
        }
        eva.ask(request).await;
    }
    assert!(probed > 9, "{probed} requests");
    stage.world.stop().await;
}

#[tokio::test]
async fn every_visitor_request_reaches_the_visitors_own_chat_only() {
    let mut stage = Stage::new().await;
    let mut ana = stage.desk("ana").await;
    for name in VISITOR {
        let needs = match *name {
            "feedback" => Needs::Ended,
            "accept_call" => Needs::RingingBack,
            "hang_up" | "signal" | "call_servers" => Needs::Calling,
            _ => Needs::Active,
        };
        stage.set(needs, &mut ana).await;
        let request = visitor_request(name, &stage.chat)
            .unwrap_or_else(|| panic!("{name} has no row in this test"));
        let (mut stranger, _) = stage.world.visitor(stage.sales, "es").await;
        let about_a_chat = request.get("chat").is_some();
        if about_a_chat {
            let before = stage.seen().await;
            let answer = stranger.outcome(request.clone()).await;
            assert_eq!(answer["error"]["code"], "unknown_chat", "{name}: {answer}");
            assert_eq!(stage.seen().await, before, "{name}");
        }
        // Without a hello nothing is answered at all.
        let mut mute = stage.world.visit(stage.sales).await;
        if *name != "hello" {
            mute.text(&request.to_string()).await;
            assert_eq!(mute.end().await, 1008, "{name} before hello");
        }
        let mut own = stage.visitor.take().unwrap();
        match *name {
            "hello" => {
                mute.ask(request).await;
            }
            // The campaign is open, so there is no form for it; the chat is the visitor's own all the same.
            "offline" => assert_eq!(own.refused(request).await, "offline_form_closed"),
            // Off in this campaign, which is said of a chat of one's own only.
            "transcript" => assert_eq!(own.refused(request).await, "transcript_not_open"),
            _ => {
                own.ask(request).await;
            }
        }
    }
    // What agents and supervisors may ask is no request of a visitor's.
    for (name, _) in TABLE.iter().filter(|(name, _)| !name.contains(' ')) {
        if !VISITOR.contains(name) {
            stage.set(Needs::Active, &mut ana).await;
            let mut own = stage.visitor.take().unwrap();
            let chat = stage.chat.clone();
            let code = own.refused(json!({"do": name, "chat": chat})).await;
            assert_eq!(code, "bad_request", "{name}");
        }
    }
    stage.world.stop().await;
}
