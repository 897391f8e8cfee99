//! Webhooks against a real receiver: one that is down, slow, failing, unwilling, and one that holds another secret.

#![allow(clippy::unwrap_used)] // a test may fail

mod world;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use webchat_core::id::CampaignId;
use webchat_http::Settings;
use webchat_http::hooks::{Attempts, Declared, Networks, declare};
use webchat_runtime::accounts::Role;
use webchat_runtime::hosts::{DeadLetter, Hosts, Place};
use webchat_runtime::{Clock, TenantId};
use world::{Client, Login, World, soon};

/// Pauses of milliseconds, and the receiver's network.
fn settings() -> Settings {
    Settings {
        hook_networks: Networks(vec!["127.0.0.0/8".parse().unwrap()]),
        hook_attempts: Attempts {
            patience: Duration::from_millis(400),
            pauses: vec![Duration::from_millis(10), Duration::from_millis(30)],
            refusals: 3,
        },
        ..Settings::default()
    }
}

/// A delivery whose signature was right.
#[derive(Clone, Debug)]
struct Delivery {
    id: String,
    body: Value,
}

/// How the receiver answers.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Mood {
    Good,
    /// Answers after the sender has lost patience.
    Slow,
    /// 500.
    Failing,
    /// 400 to one message.
    Picky,
}

/// A program of the host's: checks signatures as the standard says, and notes what it took.
struct Receiver {
    address: SocketAddr,
    mood: watch::Sender<Mood>,
    secret: Arc<Mutex<String>>,
    taken: watch::Receiver<Vec<Delivery>>,
    attempts: watch::Receiver<u32>,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    async fn at(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mood, moods) = watch::channel(Mood::Good);
        let (take, taken) = watch::channel(Vec::new());
        let (count, attempts) = watch::channel(0);
        let secret = Arc::new(Mutex::new(String::new()));
        let known = secret.clone();
        let (take, count) = (Arc::new(take), Arc::new(count));
        let task = tokio::spawn(async move {
            let mut lines = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let line = answer(
                    stream,
                    moods.clone(),
                    known.clone(),
                    take.clone(),
                    count.clone(),
                );
                lines.spawn(line);
            }
        });
        Self {
            address,
            mood,
            secret,
            taken,
            attempts,
            task,
        }
    }

    /// Waits until it has taken what `enough` wants.
    async fn has(&self, enough: impl Fn(&[Delivery]) -> bool) -> Vec<Delivery> {
        let mut taken = self.taken.clone();
        let waited = soon(taken.wait_for(|all| enough(all))).await;
        waited.unwrap().clone()
    }

    async fn tried(&self, times: u32) {
        let from = *self.attempts.borrow();
        let mut attempts = self.attempts.clone();
        soon(attempts.wait_for(|count| *count >= from + times))
            .await
            .unwrap();
    }
}

async fn answer(
    mut stream: TcpStream,
    moods: watch::Receiver<Mood>,
    secret: Arc<Mutex<String>>,
    take: Arc<watch::Sender<Vec<Delivery>>>,
    count: Arc<watch::Sender<u32>>,
) {
    let mut read = Vec::new();
    loop {
        let Some((head, body)) = request(&mut stream, &mut read).await else {
            return;
        };
        count.send_modify(|count| *count += 1);
        let field = |name: &str| {
            let line = head
                .lines()
                .find_map(|line| line.strip_prefix(&format!("{name}: ")));
            line.unwrap().to_owned()
        };
        let mood = *moods.borrow();
        let secret = secret.lock().unwrap().clone();
        let signed = format!(
            "{}.{}.{body}",
            field("webhook-id"),
            field("webhook-timestamp")
        );
        let key = STANDARD
            .decode(secret.trim_start_matches("whsec_"))
            .unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(signed.as_bytes());
        let right = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        let delivery = Delivery {
            id: field("webhook-id"),
            body: serde_json::from_str(&body).unwrap(),
        };
        let status = match mood {
            Mood::Slow => {
                // Until it is in another mood, or the sender has gone.
                let mut moods = moods.clone();
                moods.wait_for(|mood| *mood != Mood::Slow).await.unwrap();
                "500 Slow"
            }
            Mood::Failing => "500 Broken",
            _ if right != field("webhook-signature") => "401 Wrong",
            Mood::Picky if delivery.body["data"]["message"]["text"] == "poison" => "400 No",
            Mood::Good | Mood::Picky => {
                take.send_modify(|all| all.push(delivery));
                "200 OK"
            }
        };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn request(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<(String, String)> {
    loop {
        let text = String::from_utf8_lossy(read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .unwrap();
            let length: usize = length.trim().parse().unwrap();
            if body.len() >= length {
                let (body, rest) = body.split_at(length);
                let (body, rest) = (body.to_owned(), rest.as_bytes().to_vec());
                let head = head.to_owned();
                *read = rest;
                return Some((head, body));
            }
        }
        if stream.read_buf(read).await.unwrap_or(0) == 0 {
            return None;
        }
    }
}

struct Scene {
    world: World,
    root: Login,
    campaign: CampaignId,
}

impl Scene {
    async fn new() -> Self {
        let world = World::with(settings()).await;
        let ana = world.agent("ana").await;
        world.user("root", Role::Administrator).await;
        let root = world.sign_in("root").await;
        let campaign = world
            .campaign(&[ana], |draft| {
                draft.when_empty = serde_json::from_value(json!("admit")).unwrap()
            })
            .await;
        Self {
            world,
            root,
            campaign,
        }
    }

    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let answer = self
            .world
            .call(method, path, &self.root.fields(), body)
            .await;
        (answer.status, answer.json())
    }

    async fn webhook(&self, receiver: &Receiver, events: &[&str]) -> u64 {
        let url = format!("http://{}/hook", receiver.address);
        let draft = json!({"url": url, "events": events});
        let (status, made) = self.ask("POST", "/api/v1/webhooks", Some(draft)).await;
        assert_eq!(status, 201, "{made}");
        *receiver.secret.lock().unwrap() = made["secret"].as_str().unwrap().to_owned();
        made["webhook"].as_u64().unwrap()
    }

    /// A visitor with a chat.
    async fn visitor(&self) -> (Client, Value) {
        let (mut visitor, _) = self.world.visitor(self.campaign, "es").await;
        let started = visitor.ask(json!({"do": "start"})).await;
        let chat = started["chat"]["chat"].clone();
        (visitor, chat)
    }
}

async fn write(visitor: &mut Client, chat: &Value, text: &str) {
    visitor
        .ask(json!({"do": "write", "chat": chat, "key": text, "text": text}))
        .await;
}

/// The texts of each chat in the order in which they were first taken.
fn by_chat(taken: &[Delivery]) -> BTreeMap<String, Vec<String>> {
    let mut seen = std::collections::BTreeSet::new();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for delivery in taken
        .iter()
        .filter(|delivery| seen.insert(delivery.id.clone()))
    {
        let data = &delivery.body["data"];
        if data["message"]["author"]["kind"] == "visitor" {
            let chat = data["chat"].as_str().unwrap().to_owned();
            let text = data["message"]["text"].as_str().unwrap().to_owned();
            texts.entry(chat).or_default().push(text);
        }
    }
    texts
}

fn told(taken: &[Delivery]) -> usize {
    by_chat(taken).values().map(Vec::len).sum()
}

#[tokio::test]
async fn down_slow_failing_and_back_everything_arrives_in_order_of_each_chat() {
    let scene = Scene::new().await;
    let receiver = Receiver::at("127.0.0.1:0").await;
    let id = scene.webhook(&receiver, &["message_posted"]).await;
    let (mut ana, one) = scene.visitor().await;
    let (mut luz, two) = scene.visitor().await;
    let mut sent = 0;
    let mut say = async |ana: &mut Client, luz: &mut Client| {
        for _ in 0..3 {
            sent += 1;
            write(ana, &one, &format!("a{sent}")).await;
            write(luz, &two, &format!("b{sent}")).await;
        }
        sent
    };
    say(&mut ana, &mut luz).await;
    receiver.has(|taken| told(taken) == 6).await;
    for mood in [Mood::Slow, Mood::Failing] {
        receiver.mood.send_replace(mood);
        say(&mut ana, &mut luz).await;
        receiver.tried(3).await;
    }
    let (_, shown) = scene
        .ask("GET", &format!("/api/v1/webhooks/{id}"), None)
        .await;
    assert_eq!(
        (&shown["state"], &shown["dead"]),
        (&json!("retrying"), &json!(0)),
        "{shown}"
    );
    receiver.mood.send_replace(Mood::Good);
    receiver.has(|taken| told(taken) == 18).await;

    // Down altogether: nobody listens there.
    let address = receiver.address.to_string();
    let secret = receiver.secret.lock().unwrap().clone();
    let before = receiver.has(|_| true).await;
    receiver.task.abort();
    let _ = receiver.task.await;
    let last = say(&mut ana, &mut luz).await;
    let failing = async {
        loop {
            let (_, shown) = scene
                .ask("GET", &format!("/api/v1/webhooks/{id}"), None)
                .await;
            if shown["attempts"].as_u64() > Some(1) {
                return shown;
            }
        }
    };
    let shown = soon(failing).await;
    assert!(shown["last_error"].is_string(), "{shown}");
    let back = Receiver::at(&address).await;
    *back.secret.lock().unwrap() = secret;
    let after = back.has(|taken| told(taken) >= 6).await;
    let all: Vec<Delivery> = before.into_iter().chain(after).collect();
    let expected = |letter: &str| {
        (1..=last)
            .map(|n| format!("{letter}{n}"))
            .collect::<Vec<_>>()
    };
    let texts = by_chat(&all);
    assert_eq!(texts[one.as_str().unwrap()], expected("a"));
    assert_eq!(texts[two.as_str().unwrap()], expected("b"));
    scene.world.stop().await;
}

#[tokio::test]
async fn what_is_refused_for_good_is_a_dead_letter_that_can_be_sent_again_and_the_rest_goes_on() {
    let scene = Scene::new().await;
    let receiver = Receiver::at("127.0.0.1:0").await;
    let id = scene.webhook(&receiver, &["message_posted"]).await;
    receiver.mood.send_replace(Mood::Picky);
    let (mut visitor, chat) = scene.visitor().await;
    for text in ["before", "poison", "after"] {
        write(&mut visitor, &chat, text).await;
    }
    let taken = receiver.has(|taken| told(taken) == 2).await;
    assert_eq!(by_chat(&taken)[chat.as_str().unwrap()], ["before", "after"]);
    let dead = format!("/api/v1/webhooks/{id}/dead");
    let (_, letters) = scene.ask("GET", &dead, None).await;
    let letter = &letters["letters"][0];
    assert_eq!(
        (&letter["kind"], &letter["error"]),
        (&json!("message_posted"), &json!("status 400")),
        "{letters}"
    );
    let path = format!("{dead}/{}", letter["event"].as_str().unwrap());
    let (status, refused) = scene.ask("POST", &path, None).await;
    assert_eq!((status, &refused["code"]), (409, &json!("webhook_failed")));
    receiver.mood.send_replace(Mood::Good);
    assert_eq!(scene.ask("POST", &path, None).await.0, 204);
    receiver.has(|taken| told(taken) == 3).await;
    let (_, letters) = scene.ask("GET", &dead, None).await;
    assert_eq!(letters["letters"], json!([]));
    assert_eq!(scene.ask("DELETE", &path, None).await.0, 404);
    scene.world.stop().await;
}

#[tokio::test]
async fn a_trial_is_signed_like_any_event_and_its_outcome_is_told() {
    let scene = Scene::new().await;
    let receiver = Receiver::at("127.0.0.1:0").await;
    let id = scene.webhook(&receiver, &["campaign_deleted"]).await;
    let one = format!("/api/v1/webhooks/{id}");
    let (_, shown) = scene.ask("GET", &one, None).await;
    assert_eq!(shown["last_attempt"], Value::Null);
    let test = format!("{one}/test");
    assert_eq!(scene.ask("POST", &test, None).await.0, 204);
    let taken = receiver.has(|taken| taken.len() == 1).await;
    assert_eq!(
        (&taken[0].body["type"], &taken[0].body["data"]),
        (&json!("test"), &json!({}))
    );
    let (_, shown) = scene.ask("GET", &one, None).await;
    assert_eq!(shown["last_attempt"]["outcome"], "delivered", "{shown}");
    receiver.mood.send_replace(Mood::Failing);
    let (status, refused) = scene.ask("POST", &test, None).await;
    assert_eq!(
        (status, &refused["code"], &refused["detail"]),
        (
            409,
            &json!("webhook_failed"),
            &json!("it was not taken: status 500")
        )
    );
    let (_, shown) = scene.ask("GET", &one, None).await;
    assert_eq!(
        (
            &shown["last_attempt"]["outcome"],
            &shown["state"],
            &shown["dead"]
        ),
        (&json!("failed"), &json!("idle"), &json!(0)),
        "a trial changes nothing of what is owed: {shown}"
    );
    assert_eq!(scene.ask("DELETE", &one, None).await.0, 204);
    assert_eq!(scene.ask("POST", &test, None).await.0, 404);
    scene.world.stop().await;
}

#[tokio::test]
async fn all_dead_letters_are_counted_and_listed_a_page_at_a_time() {
    let scene = Scene::new().await;
    let receiver = Receiver::at("127.0.0.1:0").await;
    let id = scene.webhook(&receiver, &["campaign_deleted"]).await;
    let store = &scene.world.store;
    let many = u32::try_from(webchat_http::limits::PAGE).unwrap() + 5;
    for event in 0..many {
        let progress = store.endpoint(id).await.unwrap().unwrap().progress;
        let dead = DeadLetter {
            endpoint: id,
            place: Place { frame: 1, event },
            kind: "chat_closed".into(),
            at: scene.world.clock.now(),
            error: "status 400".into(),
        };
        assert!(store.advance(id, progress, Some(dead)).await.unwrap());
    }
    let (_, all) = scene.ask("GET", "/api/v1/webhooks", None).await;
    assert_eq!(all[0]["dead"], many);
    let path = format!("/api/v1/webhooks/{id}/dead");
    let (_, first) = scene.ask("GET", &path, None).await;
    let next = format!("{path}?after={}", first["next"].as_str().unwrap());
    let (_, second) = scene.ask("GET", &next, None).await;
    let length = |page: &Value| page["letters"].as_array().unwrap().len();
    assert_eq!(
        (length(&first), length(&second)),
        (webchat_http::limits::PAGE, 5)
    );
    assert_eq!(second["letters"][4]["event"], format!("1-{}", many - 1));
    assert_eq!(second["next"], Value::Null);
    scene.world.stop().await;
}

#[tokio::test]
async fn what_the_settings_declare_is_there_after_each_start_and_changed_nowhere_else() {
    let scene = Scene::new().await;
    let receiver = Receiver::at("127.0.0.1:0").await;
    let store = &*scene.world.store;
    let secret = |byte: u8| format!("whsec_{}", STANDARD.encode([byte; 32]));
    let url = format!("http://{}/hook", receiver.address);
    let declared = |url: &str, events: &[&str], secret: &str| {
        let events = events.iter().map(|kind| (*kind).to_owned()).collect();
        Declared::check(url.into(), events, secret, &settings().hook_networks)
    };
    let tenant = TenantId(1);
    let start = async |wanted: &[Declared]| declare(store, store, tenant, wanted).await.unwrap();
    let listed = async || scene.ask("GET", "/api/v1/webhooks", None).await.1;

    let by_api = scene.webhook(&receiver, &["campaign_deleted"]).await;
    let wanted = [declared(&url, &["message_posted"], &secret(1)).unwrap()];
    start(&wanted).await;
    let first = listed().await;
    assert_eq!(
        (&first[0]["declared"], &first[1]["declared"]),
        (&json!(false), &json!(true))
    );
    let path = format!("/api/v1/webhooks/{}", first[1]["webhook"]);
    let draft = json!({"url": url, "events": []});
    for (method, path, body) in [
        ("PUT", path.clone(), Some(draft)),
        ("DELETE", path.clone(), None),
        ("POST", format!("{path}/secret"), None),
    ] {
        let (status, refused) = scene.ask(method, &path, body).await;
        assert_eq!(
            (status, &refused["code"]),
            (409, &json!("declared")),
            "{method} {path}"
        );
    }
    // The same again changes nothing; another secret goes on from the same place.
    start(&wanted).await;
    assert_eq!(listed().await[1], first[1]);
    *receiver.secret.lock().unwrap() = secret(2);
    start(&[declared(&url, &["message_posted"], &secret(2)).unwrap()]).await;
    assert_eq!(listed().await[1]["webhook"], first[1]["webhook"]);
    // A server looks at what there is when it starts, or is told that something changed.
    assert_eq!(
        scene
            .ask(
                "PUT",
                &format!("/api/v1/webhooks/{by_api}"),
                Some(json!({"url": url, "events": ["campaign_deleted"]}))
            )
            .await
            .0,
        200
    );
    let (mut visitor, chat) = scene.visitor().await;
    write(&mut visitor, &chat, "hello").await;
    receiver.has(|taken| told(taken) == 1).await;

    // What the file does not name any more is gone, what was made here is not.
    start(&[]).await;
    let left = listed().await;
    assert_eq!(
        (left.as_array().unwrap().len(), &left[0]["webhook"]),
        (1, &json!(by_api))
    );
    for (url, kinds, secret, field) in [
        ("https://10.0.0.1/", &[][..], secret(1), "url"),
        (&url, &["no_such_event"][..], secret(1), "events"),
        (&url, &[][..], "whsec_c2hvcnQ=".into(), "secret"),
        (&url, &[][..], STANDARD.encode([1; 32]), "secret"),
    ] {
        assert_eq!(declared(url, kinds, &secret).unwrap_err().field, field);
    }
    scene.world.stop().await;
}

#[tokio::test]
async fn a_receiver_with_another_secret_refuses_all_and_gets_all_by_replay() {
    let scene = Scene::new().await;
    let receiver = Receiver::at("127.0.0.1:0").await;
    let id = scene.webhook(&receiver, &["message_posted"]).await;
    let right = receiver.secret.lock().unwrap().clone();
    *receiver.secret.lock().unwrap() = format!("whsec_{}", STANDARD.encode([9; 32]));
    let (mut visitor, chat) = scene.visitor().await;
    for text in ["one", "two"] {
        write(&mut visitor, &chat, text).await;
    }
    let path = format!("/api/v1/webhooks/{id}");
    let dead = async {
        loop {
            let (_, shown) = scene.ask("GET", &path, None).await;
            if shown["dead"].as_u64() >= Some(2) && shown["attempts"] == 0 && shown["behind"] == 0 {
                return shown;
            }
        }
    };
    soon(dead).await;
    assert!(receiver.has(|_| true).await.is_empty());
    *receiver.secret.lock().unwrap() = right;
    let (status, shown) = scene
        .ask("POST", &format!("{path}/replay"), Some(json!({"since": 0})))
        .await;
    assert_eq!(status, 200, "{shown}");
    let first = receiver.has(|taken| told(taken) == 2).await;
    assert_eq!(by_chat(&first)[chat.as_str().unwrap()], ["one", "two"]);
    // A second replay brings the same ids, by which a receiver knows what it has.
    scene
        .ask("POST", &format!("{path}/replay"), Some(json!({"since": 0})))
        .await;
    let both = receiver.has(|taken| taken.len() >= 2 * first.len()).await;
    let ids = |part: &[Delivery]| {
        part.iter()
            .map(|delivery| delivery.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        ids(&both[..first.len()]),
        ids(&both[first.len()..2 * first.len()])
    );
    scene.world.stop().await;
}

#[tokio::test]
async fn addresses_inside_are_refused_when_a_webhook_is_made() {
    let world = World::new().await;
    world.user("root", Role::Administrator).await;
    let root = world.sign_in("root").await;
    for url in [
        "http://127.0.0.1/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://192.168.0.1/",
        "gopher://example.com",
    ] {
        let draft = json!({"url": url});
        let answer = world
            .call("POST", "/api/v1/webhooks", &root.fields(), Some(draft))
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (422, "invalid_field"),
            "{url}: {answer:?}"
        );
    }
    let draft = json!({"url": "https://example.com/", "events": ["chat_ended"]});
    let answer = world
        .call("POST", "/api/v1/webhooks", &root.fields(), Some(draft))
        .await;
    assert_eq!(
        (answer.status, &answer.json()["field"]),
        (422, &json!("events"))
    );
    world.stop().await;
}

#[tokio::test]
async fn a_key_does_what_its_scopes_name_until_it_is_revoked() {
    let scene = Scene::new().await;
    let draft = json!({"name": "PBX", "scopes": ["agents:read", "agents:write"]});
    let (status, made) = scene.ask("POST", "/api/v1/keys", Some(draft)).await;
    assert_eq!(status, 201, "{made}");
    let bearer = format!("Bearer {}", made["secret"].as_str().unwrap());
    let fields = [("authorization", bearer.as_str())];
    let by_key = async |method: &str, path: &str, body: Option<Value>| {
        scene.world.call(method, path, &fields, body).await
    };
    let facts = json!({"on_call": true, "other_load": 2});
    let answer = by_key("PUT", "/api/v1/agents/1", Some(facts)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let seen = answer.json();
    assert_eq!(
        (&seen["on_call"], &seen["other_load"]),
        (&json!(true), &json!(2))
    );
    for (method, path) in [
        ("GET", "/api/v1/campaigns"),
        ("GET", "/api/v1/keys"),
        ("GET", "/api/v1/users"),
    ] {
        assert_eq!(
            by_key(method, path, None).await.status,
            403,
            "{method} {path}"
        );
    }
    // What the telephone system says counts: nobody on a call gets a chat of a campaign that wants them free.
    let free = |draft: &mut webchat_core::campaign::CampaignDraft| {
        draft.name = "Calls".into();
        draft.mode = "incall".into();
    };
    let campaign = scene
        .world
        .campaign(&[webchat_core::id::AgentId(1)], free)
        .await;
    let _desk = scene.world.desk("ana").await;
    let (mut visitor, _) = scene.world.visitor(campaign, "es").await;
    let started = visitor.ask(json!({"do": "start"})).await;
    assert_eq!(started["chat"]["phase"], "waiting", "{started}");
    for facts in [
        json!({"on_call": false, "other_load": 2}),
        json!({"on_call": false, "other_load": 0}),
    ] {
        let free = facts["other_load"] == 0;
        assert_eq!(
            by_key("PUT", "/api/v1/agents/1", Some(facts)).await.status,
            200
        );
        let chats = scene
            .world
            .tenant
            .query(|engine, _| engine.view().chats_of(webchat_core::id::AgentId(1)).len());
        assert_eq!(chats.await.unwrap(), usize::from(free));
    }
    let (_, listed) = scene.ask("GET", "/api/v1/keys", None).await;
    assert!(listed[0].get("secret").is_none(), "{listed}");
    let refused = json!({"name": "x", "scopes": ["keys:write"]});
    assert_eq!(
        scene.ask("POST", "/api/v1/keys", Some(refused)).await.0,
        422
    );
    let path = format!("/api/v1/keys/{}", made["key"]);
    assert_eq!(scene.ask("DELETE", &path, None).await.0, 204);
    assert_eq!(by_key("GET", "/api/v1/agents", None).await.status, 401);
    scene.world.stop().await;
}

#[tokio::test]
async fn a_redirect_of_a_webhook_is_not_followed() {
    let scene = Scene::new().await;
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let program = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = format!("http://{}/", program.local_addr().unwrap());
    let there = elsewhere.local_addr().unwrap();
    let redirecting = tokio::spawn(async move {
        let (mut stream, _) = program.accept().await.unwrap();
        let mut read = Vec::new();
        while request(&mut stream, &mut read).await.is_some() {
            let answer = format!(
                "HTTP/1.1 307 Elsewhere\r\nlocation: http://{there}/\r\ncontent-length: 0\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let (status, made) = scene
        .ask("POST", "/api/v1/webhooks", Some(json!({"url": hook})))
        .await;
    assert_eq!(status, 201, "{made}");
    let path = format!("/api/v1/webhooks/{}", made["webhook"]);
    let _visitor = scene.visitor().await;
    let given_up = async {
        while scene.ask("GET", &path, None).await.1["dead"].as_u64() < Some(1) {
            tokio::task::yield_now().await;
        }
    };
    soon(given_up).await;
    assert!(elsewhere.accept().now_or_never().is_none());
    redirecting.abort();
    scene.world.stop().await;
}
