//! The real server told to stop and started again: everybody is told to come back, and finds everything where it was.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::process::Command;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use webchat_examples::PATIENCE;
use webchat_examples::line::Line;
use webchat_examples::process::Place;
use webchat_examples::site::{DEMO_PASSWORD, Site};

async fn visit(site: Site, token: &Value) -> (Line, Value) {
    let fields = [("origin", format!("http://{}", site.address))];
    let path = "/api/v1/visitor?campaign=1";
    let mut line = Line::dial(site, path, &fields).await.unwrap();
    let hello = json!({"do": "hello", "token": token, "language": "es", "seen": 0});
    let told = line.hello(hello).await.unwrap();
    (line, told)
}

async fn write(line: &mut Line, chat: &Value, key: &str) -> u64 {
    let write = json!({"do": "write", "chat": chat, "key": key, "text": key});
    let written = line.answer(write).await.unwrap().unwrap();
    written["number"].as_u64().unwrap()
}

/// With which code the server ends a socket.
async fn farewell(line: Line) -> u16 {
    let mut socket = line.into_socket();
    let ended = async {
        loop {
            match socket.next().await.unwrap().unwrap() {
                Message::Close(frame) => return frame.unwrap().code.into(),
                _ => continue,
            }
        }
    };
    timeout(PATIENCE, ended).await.unwrap()
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_sends_everybody_away_and_the_next_one_goes_on_where_it_was()
{
    let folder = tempfile::tempdir().unwrap();
    let place = Place {
        program: env!("CARGO_BIN_EXE_server").into(),
        folder: folder.path().into(),
    };
    let mut before = place.start().await.unwrap();
    let ana = before.site.sign_in("ana", DEMO_PASSWORD).await.unwrap();
    let (desk, _) = Line::desk(before.site, &ana).await.unwrap();
    let (mut window, hello) = visit(before.site, &Value::Null).await;
    let token = hello["token"].clone();
    let started = window
        .answer(json!({"do": "start"}))
        .await
        .unwrap()
        .unwrap();
    let chat = started["chat"]["chat"].clone();
    let first = write(&mut window, &chat, "before").await;

    let pid = before.child.id().unwrap().to_string();
    let told = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(told.unwrap().success());
    assert_eq!((farewell(window).await, farewell(desk).await), (1001, 1001));
    let ended = timeout(PATIENCE, before.child.wait()).await.unwrap();
    assert_eq!(ended.unwrap().code(), Some(0));

    // The session, the chat with its agent, and what was acknowledged.
    let after = place.start().await.unwrap();
    let (_desk, hello) = Line::desk(after.site, &ana).await.unwrap();
    assert_eq!(hello["chats"][0]["chat"], chat, "{hello}");
    let (mut window, hello) = visit(after.site, &token).await;
    assert_eq!(hello["chat"]["phase"], "active", "{hello}");
    let kept = hello["messages"].as_array().unwrap();
    let ours = kept.iter().filter(|message| message["key"] == "before");
    assert_eq!(ours.count(), 1, "{hello}");
    let last = kept.last().unwrap()["number"].as_u64().unwrap();
    assert!(last >= first);
    assert_eq!(write(&mut window, &chat, "before").await, first, "a repeat");
    assert_eq!(write(&mut window, &chat, "after").await, last + 1);
}
