//! The real server on a disk that is really full: it acknowledges nothing, says so at `/readyz`, and
//! goes on by itself when there is space.
//!
//! The disk is a small file system in memory that only the server's process sees, made with `unshare`;
//! that works for root and wherever users may have name spaces.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use webchat_examples::PATIENCE;
use webchat_examples::line::{Frame, Line};
use webchat_examples::process::{Place, Process};
use webchat_examples::site::{Ask, DEMO_PASSWORD};

/// A program that runs the server with a disk of its own of a few megabytes as its data folder.
fn place(folder: &Path) -> Place {
    let program = folder.join("server");
    let kept = folder.join("kept");
    let script = format!(
        "#!/bin/sh\nexec unshare --mount $(test $(id -u) = 0 || echo --map-root-user) sh -c '\n\
         mkdir -p {kept} && mount -t tmpfs -o size=24m none {kept} && exec {} \"$@\"' sh \"$@\"\n",
        env!("CARGO_BIN_EXE_server"),
        kept = kept.display(),
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let folder = folder.to_owned();
    Place { program, folder }
}

/// Takes all the space the disk has left, as another program might.
fn fill(disk: &Path) -> PathBuf {
    let ballast = disk.join("ballast");
    let mut file = fs::File::create(&ballast).unwrap();
    for size in [1 << 16, 1 << 12, 1] {
        let piece = vec![0_u8; size];
        while file.write_all(&piece).is_ok() {}
    }
    ballast
}

async fn readiness(server: &Process) -> String {
    let asked = server.site.exchange(Ask::get("/readyz"));
    let (head, body) = asked.await.unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    let why = body["why"].as_str().unwrap_or("").to_owned();
    let serves = head.starts_with("HTTP/1.1 200");
    assert_eq!(serves, why == "ready", "{head} {body}");
    why
}

async fn until_ready_is(server: &Process, why: &str) {
    let begun = Instant::now();
    while readiness(server).await != why {
        assert!(begun.elapsed() < PATIENCE, "it never was {why}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Writes until told otherwise; returns the code of the refusal, or nothing if the line ended.
async fn write_until_refused(line: &mut Line, chat: &Value, acked: &mut Vec<String>) -> String {
    for number in 0.. {
        let key = format!("{number}");
        let text = "x".repeat(3_000);
        let write = json!({"do": "write", "chat": chat, "key": key, "text": text});
        match ask(line, write).await {
            Some(Ok(_)) => acked.push(key),
            Some(Err(code)) if code == "too_fast" => sleep(Duration::from_millis(300)).await,
            Some(Err(code)) => return code,
            None => return String::new(),
        }
    }
    unreachable!("the loop has no end of its own")
}

/// The answer, or `None` if the line ended before it.
async fn ask(line: &mut Line, request: Value) -> Option<Result<Value, String>> {
    let id = line.ask(request).await.ok()?;
    let answer = async {
        loop {
            match line.frame().await.ok()? {
                Frame::Answer(re, answer) if re == id => return Some(answer),
                _ => {}
            }
        }
    };
    timeout(PATIENCE, answer)
        .await
        .expect("an answer or an end")
}

async fn come(server: &Process, token: &Value) -> (Line, Value) {
    let begun = Instant::now();
    loop {
        let origin = ("origin", "https://shop.example".to_owned());
        let path = "/api/v1/visitor?campaign=1";
        let mut line = Line::dial(server.site, path, &[origin]).await.unwrap();
        let hello = json!({"do": "hello", "token": token, "language": "en", "seen": 0});
        match line.hello(hello).await {
            Ok(hello) => return (line, hello),
            Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
        }
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_acknowledgements_is_shown_and_heals_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(folder.path());
    let server = place.start().await.unwrap();
    let ana = server.site.sign_in("ana", DEMO_PASSWORD).await.unwrap();
    let _desk = Line::desk(server.site, &ana).await.unwrap();
    let (mut line, hello) = come(&server, &Value::Null).await;
    let token = hello["token"].clone();
    let started = ask(&mut line, json!({"do": "start"}))
        .await
        .unwrap()
        .unwrap();
    let chat = started["chat"]["chat"].clone();
    assert!(chat.is_string(), "{started}");
    assert_eq!(readiness(&server).await, "ready");

    // What the process sees of its folder.
    let root = PathBuf::from(format!("/proc/{}/root", server.child.id().unwrap()));
    let disk = root.join(place.kept().strip_prefix("/").unwrap());
    let ballast = fill(&disk);
    // Before anything has failed.
    assert_eq!(readiness(&server).await, "disk_full");
    let mut acked = Vec::new();
    let code = write_until_refused(&mut line, &chat, &mut acked).await;
    assert!(
        matches!(&*code, "" | "retry"),
        "a full disk is answered with {code}"
    );
    until_ready_is(&server, "disk_full").await;

    fs::remove_file(ballast).unwrap();
    until_ready_is(&server, "ready").await;
    let (mut line, hello) = come(&server, &token).await;
    assert_eq!(hello["chat"]["chat"], chat, "the chat goes on");
    let write = json!({"do": "write", "chat": chat, "key": "at-last", "text": "at last"});
    let written = ask(&mut line, write).await.unwrap().unwrap();
    let last = written["number"].as_u64().unwrap();
    let (_, hello) = come(&server, &token).await;
    let messages = hello["messages"].as_array().unwrap();
    let numbers = messages.iter().map(|message| message["number"].as_u64());
    assert!(numbers.eq((1..=last).map(Some)), "{hello}");
    for key in &acked {
        let there = messages.iter().filter(|message| message["key"] == **key);
        assert_eq!(there.count(), 1, "{key} was acknowledged");
    }
}
