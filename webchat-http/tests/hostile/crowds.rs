//! Too many, too fast, too slow.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use webchat_http::{Crowd, Deadlines, Pace, Settings};

use crate::world::{World, soon};

#[tokio::test]
async fn a_connection_too_many_is_told_so_and_a_place_is_free_again_after_one_ends() {
    let crowd = Crowd {
        total: 100,
        per_address: 2,
    };
    let world = World::with(Settings {
        crowd,
        ..Settings::default()
    })
    .await;
    let first = TcpStream::connect(world.address).await.unwrap();
    let mut second = TcpStream::connect(world.address).await.unwrap();
    // Both are inside once the second is served.
    second
        .write_all(b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    let mut byte = [0];
    soon(second.read_exact(&mut byte)).await.unwrap();
    // Whoever still sends while being turned away may miss the 503 and only see the end; this one does not.
    let mut third = TcpStream::connect(world.address).await.unwrap();
    let mut answer = String::new();
    soon(third.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("\r\nretry-after: 5\r\n"), "{answer}");
    drop(first);
    let free = async {
        while world.get("/livez", &[]).await.status != 200 {
            tokio::task::yield_now().await;
        }
    };
    soon(free).await;
    drop(second);
    world.stop().await;
}

#[tokio::test]
async fn a_head_that_never_ends_and_a_hello_that_never_comes_are_hung_up_on() {
    let world = impatient().await;
    let campaign = world.campaign(&[], |_| {}).await;
    let mut slow = TcpStream::connect(world.address).await.unwrap();
    slow.write_all(b"GET /livez HTTP/1.1\r\nhost: a\r\n")
        .await
        .unwrap();
    let mut silent = TcpStream::connect(world.address).await.unwrap();
    let mut shy = world.visit(campaign).await;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let (_, _, code) = tokio::join!(
        soon(slow.read_to_end(&mut left)),
        soon(silent.read_to_end(&mut right)),
        shy.end(),
    );
    assert_eq!(code, 1008);
    assert!(!left.starts_with(b"HTTP/1.1 200"));
    world.stop().await;
}

#[tokio::test]
async fn a_head_that_trickles_is_hung_up_on_however_steadily() {
    let world = impatient().await;
    let mut slow = TcpStream::connect(world.address).await.unwrap();
    slow.write_all(b"GET /livez HTTP/1.1\r\n").await.unwrap();
    let (mut read, mut write) = slow.split();
    let trickle = async {
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        while write.write_all(b"x: y\r\n").await.is_ok() {
            beat.tick().await;
        }
    };
    let mut left = Vec::new();
    let (_, _) = soon(async { tokio::join!(read.read_to_end(&mut left), trickle) }).await;
    assert!(!left.starts_with(b"HTTP/1.1 200"));
    world.stop().await;
}

#[tokio::test]
async fn a_body_that_trickles_is_refused_in_time() {
    let world = impatient().await;
    let mut slow = TcpStream::connect(world.address).await.unwrap();
    slow.write_all(b"POST /api/v1/session HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n")
        .await
        .unwrap();
    let (mut read, mut write) = slow.split();
    let trickle = async {
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        while write.write_all(b" ").await.is_ok() {
            beat.tick().await;
        }
    };
    let begun = Instant::now();
    let mut answer = Vec::new();
    // The connection may be reset while something is still under way.
    let (_, _) = soon(async { tokio::join!(read.read_to_end(&mut answer), trickle) }).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
        "{answer}"
    );
    assert!(
        begun.elapsed() < webchat_http::limits::REQUEST_TIME / 2,
        "long before any request is given up"
    );
    world.stop().await;
}

#[tokio::test]
async fn a_client_that_never_reads_its_answers_is_hung_up_on() {
    let world = impatient().await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2_048).unwrap();
    let mut deaf = socket.connect(world.address).await.unwrap();
    let asked = "GET /widget.js HTTP/1.1\r\nhost: a\r\n\r\n".repeat(200);
    // Writing fails once the server has hung up, which is all that is waited for.
    let asking = async { while deaf.write_all(asked.as_bytes()).await.is_ok() {} };
    soon(asking).await;
    assert_eq!(world.get("/livez", &[]).await.status, 200);
    world.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_read_too_slowly_is_not_kept_by_the_system_either() {
    let world = impatient().await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2_048).unwrap();
    let mut slow = socket.connect(world.address).await.unwrap();
    let asked = "GET /widget.js HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    slow.write_all(asked.as_bytes()).await.unwrap();
    // In gulps with long pauses: the connection is reset long before all of it is read.
    let reading = async {
        let mut bytes = [0; 2_048];
        let mut pause = tokio::time::interval(Duration::from_secs(1));
        loop {
            pause.tick().await;
            match slow.read(&mut bytes).await {
                Ok(0) => return false,
                Ok(_) => {}
                Err(_) => return true,
            }
        }
    };
    assert!(soon(reading).await, "reset");
    world.stop().await;
}

#[tokio::test]
async fn a_flood_of_connections_leaves_room_for_other_addresses() {
    // Without a share for each address the flood would take every place there is.
    let crowd = Crowd {
        total: 50,
        per_address: 10,
    };
    let world = World::with(Settings {
        crowd,
        ..Settings::default()
    })
    .await;
    let flood = (0..60).map(|_| TcpStream::connect(world.address));
    let flood = join_all(flood).await;
    let elsewhere = TcpSocket::new_v4().unwrap();
    elsewhere.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut elsewhere = elsewhere.connect(world.address).await.unwrap();
    elsewhere
        .write_all(b"GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    soon(elsewhere.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    drop(flood);
    world.stop().await;
}

#[tokio::test]
async fn who_writes_too_fast_is_told_and_may_go_on_later() {
    let mut settings = Settings::default();
    settings.paces.visitor_requests = Pace::new(3, Duration::from_millis(50));
    let world = World::with(settings).await;
    let campaign = world.campaign(&[], |_| {}).await;
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let mut codes = Vec::new();
    for _ in 0..20 {
        visitor.send(json!({"do": "ping"})).await;
    }
    for _ in 0..20 {
        let answer = visitor.frame().await.unwrap();
        codes.push(answer["error"]["code"].as_str().unwrap_or("ok").to_owned());
    }
    assert_eq!(codes[..3], ["ok", "ok", "ok"]);
    assert!(codes.iter().any(|code| code == "too_fast"), "{codes:?}");
    let patience = async {
        while visitor
            .outcome(json!({"do": "ping"}))
            .await
            .get("ok")
            .is_none()
        {}
    };
    soon(patience).await;
    world.stop().await;
}

#[tokio::test]
async fn starts_from_one_address_are_limited() {
    let mut settings = Settings::default();
    settings.paces.starts = Pace::new(2, Duration::from_secs(3600));
    let world = World::with(settings).await;
    let campaign = world.campaign(&[], |_| {}).await;
    for expected in ["refused", "refused", "too_fast"] {
        let (mut visitor, _) = world.visitor(campaign, "es").await;
        let answer = visitor.outcome(json!({"do": "start"})).await;
        let got = match answer["ok"]["refused"]["code"].as_str() {
            Some("no_agents") => "refused",
            _ => answer["error"]["code"].as_str().unwrap(),
        };
        assert_eq!(got, expected);
    }
    world.stop().await;
}

#[tokio::test]
async fn a_visitor_who_never_reads_is_cut_off_and_the_others_go_on() {
    let mut settings = Settings::default();
    settings.paces.agent_requests = Pace::new(1_000_000, Duration::from_nanos(1));
    let world = World::with(settings).await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let mut agent = world.desk("ana").await;
    let (mut deaf, token) = world.visitor(campaign, "es").await;
    let chat = deaf.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    let text = "x".repeat(4_000);
    let cut_off = async {
        // Far more than the socket's buffers and the queue hold.
        let mut number = 0;
        while world.connected(&chat).await == Some(true) {
            let key = format!("a{number}");
            agent
                .ask(json!({"do": "write", "chat": chat, "key": key, "text": text}))
                .await;
            number += 1;
        }
        number
    };
    let written = soon(cut_off).await;
    assert!(written > 200, "{written}");
    let (_, hello) = world.back(campaign, &token, 0).await;
    assert_eq!(hello["chat"]["chat"], chat, "and may come back");
    world.stop().await;
}

#[tokio::test]
async fn more_tabs_than_anyone_needs_are_refused() {
    let world = World::new().await;
    let campaign = world.campaign(&[], |_| {}).await;
    let (_first, token) = world.visitor(campaign, "es").await;
    let mut open = Vec::new();
    for _ in 1..webchat_http::limits::VISITOR_SOCKETS {
        open.push(world.back(campaign, &token, 0).await);
    }
    let mut one_more = world.visit(campaign).await;
    let code = one_more
        .refused(json!({"do": "hello", "token": token}))
        .await;
    assert_eq!(code, "limit");
    assert_eq!(one_more.end().await, 1008);
    world.stop().await;
}

#[tokio::test]
async fn a_visitor_does_not_write_faster_over_more_sockets() {
    let mut settings = Settings::default();
    settings.paces.visitor_messages = Pace::new(4, Duration::from_secs(3_600));
    let world = World::with(settings).await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let _agent = world.desk("ana").await;
    let (mut first, token) = world.visitor(campaign, "es").await;
    let chat = first.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    let mut codes = Vec::new();
    for number in 0..6 {
        let (mut tab, _) = world.back(campaign, &token, 0).await;
        let write = json!({"do": "write", "chat": chat, "key": number.to_string(), "text": "x"});
        let outcome = tab.outcome(write).await;
        codes.push(outcome["error"]["code"].as_str().unwrap_or("ok").to_owned());
    }
    assert_eq!(codes, ["ok", "ok", "ok", "ok", "too_fast", "too_fast"]);
    world.stop().await;
}

#[tokio::test]
async fn forms_of_one_campaign_are_limited_and_others_are_not_touched() {
    let mut settings = Settings::default();
    settings.paces.starts_in_campaign = Pace::new(3, Duration::from_secs(3_600));
    let world = World::with(settings).await;
    let flooded = world.campaign(&[], |_| {}).await;
    let other = world
        .campaign(&[], |draft| draft.name = "Other".into())
        .await;
    let mut codes = Vec::new();
    for campaign in [flooded, flooded, flooded, flooded, other] {
        let (mut visitor, _) = world.visitor(campaign, "es").await;
        let outcome = visitor.outcome(json!({"do": "start"})).await;
        let refused = outcome["ok"]["refused"]["code"].as_str();
        let code = refused.or(outcome["error"]["code"].as_str()).unwrap();
        if code == "too_fast" {
            assert!(
                outcome["error"]["seconds"].as_u64().unwrap() > 0,
                "{outcome}"
            );
        }
        codes.push(code.to_owned());
    }
    assert_eq!(
        codes,
        [
            "no_agents",
            "no_agents",
            "no_agents",
            "too_fast",
            "no_agents"
        ]
    );
    world.stop().await;
}

#[tokio::test]
async fn a_flood_of_pings_is_read_slowly_and_nobody_else_notices() {
    let mut settings = Settings::default();
    settings.paces.visitor_requests = Pace::new(10, Duration::from_millis(200));
    let world = World::with(settings).await;
    let campaign = world.campaign(&[], |_| {}).await;
    let (flood, _) = world.visitor(campaign, "es").await;
    let (mut other, _) = world.visitor(campaign, "es").await;
    let (mut answers, mut floods) = flood.socket.into_inner().into_split();
    // Masked pings without content, without end.
    let flooding = tokio::spawn(async move {
        let pings = [0x89, 0x80, 0, 0, 0, 0].repeat(10_000);
        while floods.write_all(&pings).await.is_ok() {}
    });
    let begun = Instant::now();
    let mut pongs = [0; 2 * 20];
    soon(answers.read_exact(&mut pongs)).await.unwrap();
    assert_eq!(pongs[..2], [0x8a, 0]);
    // Ten at once; then two, with a wait of 200 ms between each pair.
    let taken = begun.elapsed();
    assert!(taken > Duration::from_millis(800), "{taken:?}");
    other.ask(json!({"do": "ping"})).await;
    flooding.abort();
    world.stop().await;
}

/// A server that waits for nobody.
async fn impatient() -> World {
    let soon = Duration::from_millis(300);
    World::with(Settings {
        deadlines: Deadlines {
            head: soon,
            body: soon,
            read: soon,
            hello: soon,
        },
        ..Settings::default()
    })
    .await
}
