//! Files in a chat over real sockets: in, under limits, and out, to those concerned.

#![allow(clippy::unwrap_used)] // a test may fail

mod world;

use std::time::Duration;

use serde_json::{Value, json};
use webchat_core::command::{Command, HostCommand};
use webchat_core::id::CampaignId;
use webchat_http::{FileFolder, Settings, Sweep};
use webchat_runtime::accounts::Role;
use world::{Answer, Client, Login, World};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR and so on";
const SHOP: &str = "https://shop.example";

/// A visitor and Ana in a chat that takes files of 1 KiB.
struct Scene {
    world: World,
    folder: tempfile::TempDir,
    campaign: CampaignId,
    visitor: Client,
    token: String,
    chat: String,
    agent: Client,
    ana: Login,
}

impl Scene {
    async fn new() -> Self {
        Self::with_room_for(10_000).await
    }

    async fn with_room_for(bytes: u64) -> Self {
        Self::with(bytes, Sweep::default()).await
    }

    async fn with(bytes: u64, sweep: Sweep) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = FileFolder::open_swept(folder.path(), bytes, sweep).unwrap();
        let world = World::with(Settings {
            files: Some(files),
            ..Settings::default()
        })
        .await;
        let ana = world.agent("ana").await;
        let campaign = world
            .campaign(&[ana], |draft| {
                draft.files.allowed = true;
                draft.files.max_kib = 1;
                draft.allowed_domains = vec!["shop.example".to_owned()];
            })
            .await;
        let agent = world.desk("ana").await;
        let (mut visitor, token) = world.visitor(campaign, "es").await;
        let started = visitor.ask(json!({"do": "start"})).await;
        let chat = started["chat"]["chat"].as_str().unwrap().to_owned();
        let ana = world.sign_in("ana").await;
        Self {
            world,
            folder,
            campaign,
            visitor,
            token,
            chat,
            agent,
            ana,
        }
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    async fn upload(&self, query: &str, fields: &[(&str, &str)], body: &[u8]) -> Answer {
        let path = format!("/api/v1/chats/{}/files?{query}", self.chat);
        self.world.upload(&path, fields, body).await
    }

    async fn send(&self, query: &str, body: &[u8]) -> Answer {
        let bearer = self.bearer();
        let fields = [("authorization", bearer.as_str()), ("origin", SHOP)];
        self.upload(query, &fields, body).await
    }

    async fn fetch(&self, id: &str, fields: &[(&str, &str)]) -> Answer {
        let path = format!("/api/v1/chats/{}/files/{id}", self.chat);
        self.world.get(&path, fields).await
    }

    fn stored(&self) -> usize {
        std::fs::read_dir(self.folder.path()).unwrap().count()
    }
}

fn id_of(message: &Value) -> String {
    message["file"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_visitors_file_reaches_the_agent_and_the_agents_the_visitor() {
    let mut scene = Scene::new().await;
    let sent = scene.send("key=k1&name=mis%20botas.png", PNG).await;
    assert_eq!(sent.status, 201, "{sent:?}");
    assert_eq!(sent.header("access-control-allow-origin"), Some(SHOP));
    let number = sent.json()["number"].as_u64().unwrap();
    let push = scene
        .agent
        .until("message", |push| push["message"]["number"] == number)
        .await;
    let message = &push["message"];
    assert_eq!(message["text"], "mis botas.png");
    assert_eq!(message["file"]["mime"], "image/png");
    assert_eq!(message["file"]["bytes"], PNG.len());
    let own = scene
        .visitor
        .until("message", |push| push["message"]["number"] == number)
        .await;
    assert_eq!(own["message"]["key"], "k1");

    let got = scene.fetch(&id_of(message), &scene.ana.fields()).await;
    assert_eq!((got.status, got.body.as_slice()), (200, PNG));
    assert_eq!(
        got.header("content-disposition"),
        Some("attachment; filename*=UTF-8''mis%20botas.png")
    );
    assert_eq!(got.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(got.header("content-type"), Some("image/png"));
    let policy = got.header("content-security-policy").unwrap();
    assert!(policy.starts_with("sandbox"), "{policy}");

    let answer = scene
        .upload("key=a1&name=precio.txt", &scene.ana.fields(), b"42 euros")
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let push = scene
        .visitor
        .until("message", |push| push["message"]["text"] == "precio.txt")
        .await;
    let bearer = scene.bearer();
    let fields = [("authorization", bearer.as_str()), ("origin", SHOP)];
    let got = scene.fetch(&id_of(&push["message"]), &fields).await;
    assert_eq!((got.status, got.body.as_slice()), (200, &b"42 euros"[..]));
    scene.world.stop().await;
}

#[tokio::test]
async fn a_repeat_is_the_first_message_and_leaves_nothing_behind() {
    let scene = Scene::new().await;
    let first = scene.send("key=k1&name=a.png", PNG).await;
    let second = scene.send("key=k1&name=a.png", PNG).await;
    assert_eq!(second.status, 201, "{second:?}");
    assert_eq!(first.json(), second.json());
    assert_eq!(scene.stored(), 1);
    let other = scene.send("key=k1&name=a.png", b"something else").await;
    assert_eq!(other.code(), "conflicting_key");
    assert_eq!(scene.stored(), 1);
    scene.world.stop().await;
}

#[tokio::test]
async fn what_is_not_allowed_is_refused_and_nothing_of_it_stays() {
    let mut scene = Scene::new().await;
    let large = scene.send("key=k&name=a.png", &[b'a'; 1_025]).await;
    assert_eq!(large.json()["field"], "file.bytes");
    assert_eq!(large.json()["expected"], "1 to 1024 bytes");
    let empty = scene.send("key=k&name=a.png", b"").await;
    assert_eq!(empty.json()["field"], "file.bytes");
    for body in [
        &b"<html><script>alert(1)</script>"[..],
        b"MZ\x90\x00",
        b"ID3\x03 a song",
    ] {
        let kind = scene.send("key=k&name=a.png", body).await;
        assert_eq!(kind.json()["field"], "file.kind", "{kind:?}");
    }
    let key = scene.send("key=&name=a.png", PNG).await;
    assert_eq!(key.json()["field"], "key");
    let bearer = scene.bearer();
    let elsewhere = [
        ("authorization", bearer.as_str()),
        ("origin", "https://evil.example"),
    ];
    let elsewhere = scene.upload("key=k", &elsewhere, PNG).await;
    assert_eq!(elsewhere.status, 403);
    for (fields, status) in [
        (vec![("origin", SHOP)], 401),
        (vec![("origin", SHOP), ("authorization", "Bearer x")], 401),
        (vec![("cookie", scene.ana.cookie.as_str())], 403),
    ] {
        let nobody = scene.upload("key=k", &fields, PNG).await;
        assert_eq!(nobody.status, status, "{nobody:?}");
    }
    scene
        .visitor
        .ask(json!({"do": "end", "chat": scene.chat}))
        .await;
    let late = scene.send("key=k&name=a.png", PNG).await;
    assert_eq!(late.code(), "unknown_chat");
    assert_eq!(scene.stored(), 0);
    scene.world.stop().await;
}

#[tokio::test]
async fn a_campaign_without_files_takes_none_and_a_full_folder_says_so() {
    let scene = Scene::with_room_for(PNG.len() as u64).await;
    assert_eq!(scene.send("key=k1&name=a.png", PNG).await.status, 201);
    let full = scene.send("key=k2&name=b.png", PNG).await;
    assert_eq!((full.status, full.code().as_str()), (507, "files_full"));

    let (mut other, token) = {
        let campaign = scene
            .world
            .campaign(&[], |draft| {
                draft.name = "Sin archivos".to_owned();
                draft.when_empty = "admit".to_owned();
            })
            .await;
        scene.world.visitor(campaign, "es").await
    };
    let chat = other.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    let path = format!("/api/v1/chats/{}/files?key=k", chat.as_str().unwrap());
    let bearer = format!("Bearer {token}");
    let fields = [("authorization", bearer.as_str()), ("origin", SHOP)];
    let none = scene.world.upload(&path, &fields, PNG).await;
    assert_eq!(none.code(), "files_not_allowed");
    scene.world.stop().await;
}

#[tokio::test]
async fn only_those_concerned_get_a_file() {
    let scene = Scene::new().await;
    scene.world.user("sara", Role::Supervisor).await;
    scene.world.agent("bruno").await;
    scene.send("key=k1&name=a.png", PNG).await;
    let bearer = scene.bearer();
    let (_, welcome) = scene.world.back(scene.campaign, &scene.token, 0).await;
    let id = id_of(&welcome["messages"][0]);
    let (_other, stranger) = scene.world.visitor(scene.campaign, "es").await;
    let stranger = format!("Bearer {stranger}");
    let sara = scene.world.sign_in("sara").await;
    let bruno = scene.world.sign_in("bruno").await;
    for (fields, status) in [
        (vec![("authorization", bearer.as_str())], 200),
        (scene.ana.fields().to_vec(), 200),
        (sara.fields().to_vec(), 200),
        (bruno.fields().to_vec(), 404),
        (vec![("authorization", stranger.as_str())], 404),
        (vec![], 401),
    ] {
        assert_eq!(scene.fetch(&id, &fields).await.status, status, "{fields:?}");
    }
    for id in ["x", "..", "%2e%2e%2fjournal.db", &id[1..]] {
        let fields = [("authorization", bearer.as_str())];
        assert_eq!(scene.fetch(id, &fields).await.status, 404, "{id}");
    }
    let asked = scene
        .world
        .call(
            "OPTIONS",
            &format!("/api/v1/chats/{}/files", scene.chat),
            &[
                ("origin", SHOP),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", "authorization"),
            ],
            None,
        )
        .await;
    assert_eq!(asked.status, 204, "{asked:?}");
    assert_eq!(asked.header("access-control-allow-origin"), Some(SHOP));
    scene.world.stop().await;
}

#[tokio::test]
async fn files_of_an_earlier_chat_are_for_whoever_has_the_visitor_before_them() {
    let mut scene = Scene::new().await;
    let bruno = scene.world.agent("bruno").await;
    scene.send("key=k1&name=a.png", PNG).await;
    let seen = |push: &Value| push["message"].get("file").is_some();
    let id = id_of(&scene.visitor.until("message", seen).await["message"]);
    let chat = scene.chat.clone();
    scene.agent.ask(json!({"do": "close", "chat": chat})).await;
    let login = scene.world.sign_in("bruno").await;
    let fetched = async |scene: &Scene| scene.fetch(&id, &login.fields()).await.status;

    // A member with no chat of this visitor, then with one of somebody else.
    scene.world.members(scene.campaign, &[bruno]).await;
    let mut desk = scene.world.desk("bruno").await;
    assert_eq!(fetched(&scene).await, 404);
    let (mut stranger, _) = scene.world.visitor(scene.campaign, "es").await;
    stranger.ask(json!({"do": "start"})).await;
    desk.push("chat").await;
    assert_eq!(fetched(&scene).await, 404);

    let again = scene.visitor.ask(json!({"do": "start"})).await;
    let again = again["chat"]["chat"].clone();
    desk.until("chat", |push| push["view"]["chat"] == again)
        .await;
    let earlier = desk.ask(json!({"do": "earlier", "chat": again})).await;
    assert_eq!(earlier["chats"][0]["chat"], scene.chat.as_str());
    assert_eq!(fetched(&scene).await, 200);

    // Who is taken out of the campaign has no business with its earlier chats.
    scene.world.members(scene.campaign, &[]).await;
    assert_eq!(fetched(&scene).await, 404);
    scene.world.stop().await;
}

#[tokio::test]
async fn a_sender_who_hangs_up_leaves_nothing() {
    let scene = Scene::new().await;
    let head = format!(
        "POST /api/v1/chats/{}/files?key=k HTTP/1.1\r\nhost: {}\r\norigin: {SHOP}\r\n\
         authorization: {}\r\ncontent-length: 500\r\n\r\n",
        scene.chat,
        scene.world.address,
        scene.bearer()
    );
    {
        use tokio::io::AsyncWriteExt;
        let mut stream = tokio::net::TcpStream::connect(scene.world.address)
            .await
            .unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&PNG[..8]).await.unwrap();
        stream.shutdown().await.unwrap();
        // The server's answer, or its hanging up, says that it is done with the upload.
        let mut rest = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest);
        let _ = world::soon(read).await;
    }
    let folder = scene.folder.path().to_owned();
    scene.world.stop().await;
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_goes_when_its_message_is_erased_and_not_before() {
    let second = Duration::from_secs(1);
    let sweep = Sweep {
        every: Duration::from_millis(50),
        age: second,
    };
    let mut scene = Scene::with(10_000, sweep).await;
    assert_eq!(scene.send("key=k1&name=a.png", PNG).await.status, 201);
    let stray = scene.folder.path().join(format!("{}.stray", scene.chat));
    std::fs::write(&stray, b"no message refers to it").unwrap();
    let end = json!({"do": "end", "chat": scene.chat});
    scene.visitor.ask(end).await;
    let gone = async |left: usize| {
        while scene.stored() > left {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    // When the stray is gone, the file, which is older, was looked at as well.
    world::soon(gone(1)).await;
    assert!(!stray.exists());
    let erase = HostCommand::Erase {
        chats: vec![scene.chat.parse().unwrap()],
        visitor: None,
        by: "ana".into(),
    };
    let erased = scene.world.tenant.submit(Command::Host(erase)).await;
    erased.unwrap().unwrap();
    world::soon(gone(0)).await;
    scene.world.stop().await;
}

#[tokio::test]
async fn a_site_says_who_the_visitor_is_and_nobody_else_can() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    world.user("root", Role::Administrator).await;
    let root = world.sign_in("root").await;
    let mut agent = world.desk("ana").await;
    let path = format!("/api/v1/campaigns/{campaign}/identity");
    let claim = |secret: &str, name: &str| {
        let expires = world::NOON + 300;
        let text = format!("{expires}\n42\n{name}\neva@mail.example");
        let signature = hmac_sha256(secret, &text);
        json!({"id": "42", "name": name, "email": "eva@mail.example", "expires": expires, "signature": signature})
    };
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let start = |identity: Value| json!({"do": "start", "name": "Typed", "identity": identity});
    assert_eq!(
        visitor.refused(start(claim("guess", "Eva"))).await,
        "identity_off"
    );
    let made = world.call("POST", &path, &root.fields(), None).await;
    assert_eq!(made.status, 201, "{made:?}");
    let first = made.json()["secret"].as_str().unwrap().to_owned();
    let shown = world.get(&path, &root.fields()).await;
    assert_eq!(shown.json(), json!({"set": true}));
    let made = world.call("POST", &path, &root.fields(), None).await;
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    assert_ne!(first, secret);

    let refused = visitor.refused(start(claim(&first, "Eva"))).await;
    assert_eq!(refused, "invalid_signature", "a secret that was replaced");
    let mut forged = claim(&secret, "Eva");
    forged["name"] = "Ana".into();
    assert_eq!(visitor.refused(start(forged)).await, "invalid_signature");
    let started = visitor.ask(start(claim(&secret, "Eva"))).await;
    assert_eq!(started["chat"]["phase"], "active");
    let view = agent.push("chat").await["view"].clone();
    assert_eq!(view["visitor"]["identity"], "42");
    assert_eq!(view["visitor"]["name"], "Eva");
    assert_eq!(view["visitor"]["email"], "eva@mail.example");

    // What a form says of it counts for nothing.
    let (mut plain, _) = world.visitor(campaign, "es").await;
    plain
        .ask(json!({"do": "start", "name": "Eva", "identity_id": "42"}))
        .await;
    let view = agent
        .until("chat", |push| push["view"]["chat"] != view["chat"])
        .await;
    assert_eq!(view["view"]["visitor"].get("identity"), None);
    let agents = world.sign_in("ana").await;
    let refused = world.call("POST", &path, &agents.fields(), None).await;
    assert_eq!(refused.status, 403);
    world.stop().await;
}

fn hmac_sha256(secret: &str, text: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    let bytes = mac.finalize().into_bytes();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn files_of_an_erased_chat_are_gone_at_once() {
    let mut scene = Scene::new().await;
    scene.world.user("root", Role::Administrator).await;
    assert_eq!(
        scene.send("key=k1&name=mis%20botas.png", PNG).await.status,
        201
    );
    assert_eq!(scene.stored(), 1);
    let close = json!({"do": "close", "chat": scene.chat});
    scene.agent.ask(close).await;
    let root = scene.world.sign_in("root").await;
    let body = json!({"chats": [scene.chat]});
    let erased = scene
        .world
        .call("POST", "/api/v1/erasures", &root.fields(), Some(body))
        .await;
    assert_eq!(erased.status, 202, "{erased:?}");
    assert_eq!(scene.stored(), 0);
    scene.world.tenant.buried().await.unwrap();
    let journal = serde_json::to_string(&scene.world.journal().await).unwrap();
    assert!(!journal.contains("botas"));
    scene.world.stop().await;
}
