//! The server's log as programs read it: one object a line, and in each which request and which chat it belongs to.

#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use webchat_examples::line::Line;
use webchat_examples::process::Process;
use webchat_examples::site::{Ask, DEMO_PASSWORD};

#[tokio::test]
async fn each_line_is_an_object_and_an_answer_and_the_log_name_the_same_request() {
    let folder = tempfile::tempdir().unwrap();
    let server = tokio::process::Command::from({
        let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
        command
            .args([
                "--demo",
                "--listen",
                "127.0.0.1:0",
                "--log",
                "info,webchat_http=debug",
                "--log-format",
                "json",
                "--data",
            ])
            .arg(folder.path().join("kept"))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.path().join("log")).unwrap());
        command
    })
    .kill_on_drop(true)
    .spawn()
    .unwrap();
    let Process { mut child, site } = Process::ready(server).await.unwrap();

    let (head, body) = site
        .exchange(Ask::get("/api/v1/campaigns/77/window?language=secret-word"))
        .await
        .unwrap();
    let id = head
        .lines()
        .find_map(|line| line.strip_prefix("x-request-id: "))
        .unwrap()
        .to_owned();
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(problem["request"], id.as_str());
    site.exchange(Ask::get("/api/v1/ana@mail.example"))
        .await
        .unwrap();

    let fields = [("origin", format!("http://{}", site.address))];
    let mut line = Line::dial(site, "/api/v1/visitor?campaign=1", &fields)
        .await
        .unwrap();
    line.hello(json!({"do": "hello", "token": null, "language": "es", "seen": 0}))
        .await
        .unwrap();
    let ana = site.sign_in("ana", DEMO_PASSWORD).await.unwrap();
    let _desk = Line::desk(site, &ana).await.unwrap();
    let start = json!({"do": "start", "name": "Eva Luna", "email": "eva@mail.example"});
    let started = line.answer(start).await.unwrap().unwrap();
    let chat = started["chat"]["chat"].clone();
    assert!(chat.is_string(), "{started}");
    let write = json!({"do": "write", "chat": chat, "key": "k", "text": "secret-word"});
    line.answer(write).await.unwrap().unwrap();
    child.kill().await.unwrap();

    let mut log = String::new();
    std::fs::File::open(folder.path().join("log"))
        .unwrap()
        .read_to_string(&mut log)
        .unwrap();
    for private in ["secret-word", "ana@", "eva@", "Eva", "token"] {
        assert!(!log.contains(private), "{private} in {log}");
    }
    let events: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let spans = |event: &Value| event["spans"].as_array().cloned().unwrap_or_default();
    let answered = events
        .iter()
        .flat_map(spans)
        .find(|span| span["name"] == "request" && span["id"] == id.as_str());
    let answered = answered.unwrap();
    assert_eq!(
        (&answered["path"], &answered["status"], &answered["method"]),
        (
            &json!("/api/v1/campaigns/77/window"),
            &json!(404),
            &json!("GET")
        )
    );
    let wrote = events
        .iter()
        .find(|event| spans(event).iter().any(|span| span["what"] == "write"));
    let wrote = spans(wrote.unwrap());
    assert_eq!(
        (&wrote[0]["name"], &wrote[0]["chat"]),
        (&json!("socket"), &chat),
        "{wrote:?}"
    );
    assert_eq!(
        (&wrote[1]["name"], &wrote[1]["chat"]),
        (&json!("ask"), &chat),
        "{wrote:?}"
    );
}
