//! Text that tries to be more than text: in headers, in logs, in names of files.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use webchat_core::schedule::{Day, ScheduleDraft};
use webchat_http::hooks::Networks;
use webchat_http::{FileFolder, Settings};
use webchat_runtime::accounts::Role;

use crate::world::{World, soon};

/// Everything this process logs, at debug and above, with every field.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let mut text = self.0.lock().unwrap();
        let _ = write!(text, "{field}={value:?} ");
    }
}

impl Subscriber for Log {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        *about.level() <= Level::DEBUG
    }

    fn new_span(&self, about: &Attributes<'_>) -> Id {
        about.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
        self.0.lock().unwrap().push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn nothing_personal_and_no_secret_is_logged_above_trace() {
    let log = Log::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    tracing::debug!("the log is being read");
    // A program of the host's that takes what it is sent and says yes.
    let program = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = format!("http://{}/zz-hook", program.local_addr().unwrap());
    let world = World::with(Settings {
        hook_networks: Networks(vec!["127.0.0.0/8".parse().unwrap()]),
        ..Settings::default()
    })
    .await;
    let ana = world.agent("ana").await;
    let campaign = world
        .campaign(&[ana], |draft| draft.feedback_form = true)
        .await;
    let closed = world
        .campaign(&[], |draft| {
            draft.name = "Closed".into();
            draft.schedule = ScheduleDraft::weekly("UTC").open(&[Day::Sun], "01:00", "02:00");
            draft.offline_message = true;
            draft.offline_address = "zz-centre@shop.example".into();
        })
        .await;
    world.user("root", Role::Administrator).await;
    let root = world.sign_in("root").await;
    let by_root = root.fields();
    let made = json!({"url": hook});
    let made = world
        .call("POST", "/api/v1/webhooks", &by_root, Some(made))
        .await;
    let hook_secret = made.json()["secret"].as_str().unwrap().to_owned();
    let made = json!({"name": "Program", "scopes": ["campaigns:read"]});
    let made = world
        .call("POST", "/api/v1/keys", &by_root, Some(made))
        .await;
    let api_key = made.json()["secret"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {api_key}");
    let fields = [("authorization", bearer.as_str())];
    assert_eq!(world.get("/api/v1/campaigns", &fields).await.status, 200);
    let path = format!("/api/v1/campaigns/{campaign}/identity");
    let made = world.call("POST", &path, &by_root, None).await;
    let identity_secret = made.json()["secret"].as_str().unwrap().to_owned();
    let login = world.sign_in("ana").await;
    let mut agent = world.work(&login).await;
    agent.ask(json!({"do": "hello"})).await;
    let wrong = json!({"login": "ana", "password": "zz-wrong-password"});
    world
        .call("POST", "/api/v1/session", &[], Some(wrong))
        .await;

    let refused = world.get("/api/v1/users", &login.fields()).await;
    assert_eq!(refused.status, 403);

    let (mut visitor, token) = world.visitor(campaign, "es").await;
    let form = json!({"do": "start", "name": "Zz-Name", "email": "zz-mail@shop.example", "extra": "zz-extra", "page": "https://zz-page.example/"});
    let chat = visitor.ask(form).await["chat"]["chat"].clone();
    visitor
        .ask(json!({"do": "write", "chat": chat, "key": "zz-key", "text": "zz-visitor-text"}))
        .await;
    agent
        .ask(json!({"do": "write", "chat": chat, "key": "k", "text": "zz-agent-text"}))
        .await;
    agent
        .ask(json!({"do": "note", "chat": chat, "key": "n", "text": "zz-note"}))
        .await;
    // What is refused is not logged either.
    visitor
        .refused(json!({"do": "write", "chat": chat, "key": "k", "text": "zz-odd\u{7}"}))
        .await;
    visitor
        .refused(json!({"do": "transcript", "chat": chat, "email": "zz-no-address"}))
        .await;
    visitor.ask(json!({"do": "end", "chat": chat})).await;
    visitor
        .ask(json!({"do": "feedback", "chat": chat, "score": 1, "note": "zz-feedback"}))
        .await;
    visitor.text("zz-nonsense").await;
    visitor.end().await;
    agent.text(r#"{"do": "zz-unknown", "id": 1}"#).await;
    world
        .raw("GET /zz-path?zz-query HTTP/1.1\r\nhost: a\r\nx: zz-field\u{1}\r\n\r\n")
        .await;
    let claim =
        json!({"id": "zz-identity", "name": "zz-said", "expires": 1, "signature": "zz-signature"});
    let (mut other, _) = world.visitor(campaign, "es").await;
    other
        .refused(json!({"do": "start", "identity": claim}))
        .await;
    let (mut late, _) = world.visitor(closed, "es").await;
    let left = json!({"do": "offline", "key": "zz-o", "name": "Zz-Late", "email": "zz-late@shop.example", "text": "zz-left"});
    late.ask(left).await;
    // The program is told of all this, once it has asked for the first event.
    let (mut delivery, _) = soon(program.accept()).await.unwrap();
    let mut head = [0; 1_024];
    let read = soon(delivery.read(&mut head)).await.unwrap();
    assert!(head[..read].starts_with(b"POST /zz-hook"));
    delivery
        .write_all(b"HTTP/1.1 500 zz-said\r\ncontent-length: 0\r\n\r\n")
        .await
        .unwrap();
    agent.hang_up().await;
    world.stop().await;

    let written = log.0.lock().unwrap().to_lowercase();
    assert!(written.contains("the log is being read"));
    // Who signed in, who could not, and who asked for what is not theirs: by number and network.
    for told in [
        "message=signed in account=",
        "message=a sign-in was refused account=",
        "from=127.0.0.0",
        "message=not allowed account=",
        r#"what="get /api/v1/users""#,
        // Who tried the controls: so many of each kind.
        r#"reason="not_allowed" count="#,
        r#"reason="invalid_field" count="#,
        r#"reason="bad_head" count="#,
        r#"reason="no_hello" count="#,
    ] {
        assert!(written.contains(told), "{told}: {written}");
    }
    let cookie = login.cookie.split('=').nth(1).unwrap();
    for secret in [
        "zz-",
        token.as_str(),
        cookie,
        &login.csrf,
        &hook_secret,
        &api_key,
        &identity_secret,
        crate::world::PASSWORD,
    ] {
        let at = written.find(&secret.to_lowercase());
        assert_eq!(
            at,
            None,
            "{secret}: {}",
            &written[at.unwrap_or(0)..]
                .chars()
                .take(300)
                .collect::<String>()
        );
    }
}

#[tokio::test]
async fn the_name_of_a_file_cannot_leave_its_header_or_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::with(Settings {
        files: Some(FileFolder::open(folder.path().join("files"), 100_000).unwrap()),
        ..Settings::default()
    })
    .await;
    let ana = world.agent("ana").await;
    let campaign = world
        .campaign(&[ana], |draft| draft.files.allowed = true)
        .await;
    let _agent = world.desk("ana").await;
    let (mut visitor, token) = world.visitor(campaign, "es").await;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"]
        .as_str()
        .unwrap()
        .to_owned();
    let bearer = format!("Bearer {token}");
    let fields = [
        ("authorization", bearer.as_str()),
        ("origin", "https://shop.example"),
    ];
    for (number, name) in [
        "..%2F..%2F..%2Fetc%2Fpasswd",
        "%2Fetc%2Fpasswd",
        "C%3A%5Cboot.ini",
        "a%0D%0Aset-cookie%3A%20x%3Dy%0D%0A%0D%0A%3Cscript%3E",
        "a%22%3B%20filename%3D%22b.exe",
        "a%00.exe",
        "photo.png%E2%80%AEgpj.exe",
        "%F0%9F%92%A9.html",
        ".htaccess",
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/api/v1/chats/{chat}/files?key=f{number}&name={name}");
        let sent = world
            .upload(
                &path,
                &fields,
                b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR and so on",
            )
            .await;
        assert_eq!(sent.status, 201, "{name} {sent:?}");
        let push = visitor
            .until("message", |push| {
                push["message"]["key"] == format!("f{number}")
            })
            .await;
        let id = push["message"]["file"]["id"].as_str().unwrap().to_owned();
        let got = world
            .get(&format!("/api/v1/chats/{chat}/files/{id}"), &fields)
            .await;
        assert_eq!(got.status, 200, "{name}");
        assert_eq!(got.header("set-cookie"), None, "{name}");
        let disposition = got.header("content-disposition").unwrap();
        assert!(disposition.starts_with("attachment"), "{disposition}");
        assert!(
            disposition.is_ascii() && !disposition.contains(['/', '\\']),
            "{disposition}"
        );
        assert!(disposition.ends_with(".png"), "{disposition}");
        assert_eq!(got.header("content-type"), Some("image/png"));
    }
    let outside: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(outside.len(), 1, "nothing beside the folder: {outside:?}");
    for path in [
        "..%2f..%2fjournal.db",
        "%2e%2e",
        "../../journal.db",
        "x%00y",
    ] {
        let got = world
            .get(&format!("/api/v1/chats/{chat}/files/{path}"), &fields)
            .await;
        assert_eq!(got.status, 404, "{path}");
    }
    world.stop().await;
}
