//! What comes over a socket and is no request.

use futures_util::SinkExt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use webchat_http::limits;

use crate::world::{World, soon};

#[tokio::test]
async fn what_is_no_hello_is_hung_up_on() {
    let world = World::new().await;
    let campaign = world.campaign(&[], |_| {}).await;
    for frame in [
        "",
        "hello",
        "{}",
        r#"{"id":1,"do":"start"}"#,
        r#"{"do":"hello","seen":-1}"#,
        "[1]",
    ] {
        let mut client = world.visit(campaign).await;
        client.text(frame).await;
        assert_eq!(client.end().await, 1008, "{frame}");
    }
    let mut client = world.visit(campaign).await;
    client
        .socket
        .send(Message::binary(vec![1, 2, 3]))
        .await
        .unwrap();
    assert_eq!(client.end().await, 1008);
    world.stop().await;
}

#[tokio::test]
async fn frames_too_big_or_not_text_end_the_socket_with_their_code() {
    let world = World::new().await;
    let campaign = world.campaign(&[], |_| {}).await;
    let (mut client, _) = world.visitor(campaign, "es").await;
    client
        .text(&format!(
            r#"{{"id":9,"do":"ping","x":"{}"}}"#,
            "x".repeat(17_000)
        ))
        .await;
    assert_eq!(client.end().await, 1009);

    let (client, _) = world.visitor(campaign, "es").await;
    let mut stream = client.socket.into_inner();
    // A masked text frame holding the byte ff, which is no UTF-8.
    stream
        .write_all(&[0x81, 0x81, 0, 0, 0, 0, 0xff])
        .await
        .unwrap();
    assert_eq!(close_code(&mut stream).await, 1007);

    let (client, _) = world.visitor(campaign, "es").await;
    let mut stream = client.socket.into_inner();
    // Text without a mask, which only servers may send.
    stream.write_all(&[0x81, 0x02, b'{', b'}']).await.unwrap();
    assert_eq!(close_code(&mut stream).await, 1002);
    world.stop().await;
}

/// The code of the close frame with which the server's bytes end.
async fn close_code(stream: &mut TcpStream) -> u16 {
    let mut bytes = Vec::new();
    let read = async { while stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {} };
    soon(read).await;
    let close = bytes
        .windows(2)
        .position(|pair| pair[0] == 0x88)
        .expect("a close frame");
    u16::from_be_bytes([bytes[close + 2], bytes[close + 3]])
}

#[tokio::test]
async fn nonsense_after_hello_is_refused_and_harms_nobody() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let _agent = world.desk("ana").await;
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    for request in [
        json!({"do": "write", "chat": chat}),
        json!({"do": "write", "chat": 7, "key": "k", "text": "x"}),
        json!({"do": "write", "chat": "1-1-1", "key": "k", "text": "x"}),
        json!({"do": "write", "chat": "99999999999-1", "key": "k", "text": "x"}),
        json!({"do": "feedback", "chat": chat, "score": 256}),
        json!({"do": "seen", "chat": chat, "read": -1}),
        json!({"do": "seen", "chat": chat, "read": 4_294_967_296_u64}),
        json!({"do": "hello"}),
        json!({"do": "take", "chat": chat}),
    ] {
        assert_eq!(
            visitor.refused(request.clone()).await,
            "bad_request",
            "{request}"
        );
    }
    for (request, field) in [
        (
            json!({"do": "write", "chat": chat, "key": "", "text": "x"}),
            "key",
        ),
        (
            json!({"do": "write", "chat": chat, "key": "k".repeat(65), "text": "x"}),
            "key",
        ),
        (
            json!({"do": "write", "chat": chat, "key": "k", "text": ""}),
            "text",
        ),
        (
            json!({"do": "write", "chat": chat, "key": "k", "text": "x".repeat(4_001)}),
            "text",
        ),
        (
            json!({"do": "write", "chat": chat, "key": "k", "text": "a\u{0}b"}),
            "text",
        ),
    ] {
        let answer = visitor.outcome(request.clone()).await;
        assert_eq!(answer["error"]["code"], "invalid_field", "{request}");
        assert_eq!(answer["error"]["field"], field, "{request}");
    }
    let script = "<script>alert(1)</script>";
    visitor
        .ask(json!({"do": "write", "chat": chat, "key": "k", "text": script}))
        .await;
    let kept = visitor
        .until("message", |push| push["message"]["key"] == "k")
        .await;
    assert_eq!(
        kept["message"]["text"], script,
        "kept as written, shown as text"
    );
    world.stop().await;
}

#[tokio::test]
async fn a_message_in_fragments_counts_as_one_and_may_not_be_larger() {
    let world = World::new().await;
    let campaign = world.campaign(&[], |_| {}).await;
    let (client, _) = world.visitor(campaign, "es").await;
    let mut stream = client.socket.into_inner();
    // {"id":9,"do":"ping"} in fragments of one byte, then one that never ends.
    let text = br#"{"id":9,"do":"ping"}"#;
    for (index, byte) in text.iter().enumerate() {
        let first = if index == 0 { 0x01 } else { 0x00 };
        let last = if index + 1 == text.len() { 0x80 } else { 0x00 };
        stream
            .write_all(&[first | last, 0x81, 0, 0, 0, 0, *byte])
            .await
            .unwrap();
    }
    let mut head = [0; 2];
    soon(stream.read_exact(&mut head)).await.unwrap();
    let mut answer = vec![0; head[1].into()];
    soon(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(String::from_utf8(answer).unwrap(), r#"{"re":9,"ok":{}}"#);

    let piece = [&[0x00, 0xfe, 0x04, 0x00, 0, 0, 0, 0][..], &[b' '; 1_024]].concat();
    stream.write_all(&[0x01, 0x80, 0, 0, 0, 0]).await.unwrap();
    for _ in 0..limits::MESSAGE_BYTES / 1_024 + 1 {
        if stream.write_all(&piece).await.is_err() {
            break;
        }
    }
    assert_eq!(close_code(&mut stream).await, 1009);
    world.stop().await;
}

#[tokio::test]
async fn only_a_whole_handshake_becomes_a_socket() {
    let world = World::new().await;
    let campaign = world.campaign(&[], |_| {}).await;
    let good = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("origin", "https://shop.example"),
    ];
    let path = format!("/api/v1/visitor?campaign={campaign}");
    let status = async |method: &str, fields: Vec<(&str, &str)>| {
        let fields: String = fields
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let request = format!("{method} {path} HTTP/1.1\r\nhost: a\r\n{fields}\r\n");
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut line = [0; 12];
        soon(stream.read_exact(&mut line)).await.unwrap();
        String::from_utf8_lossy(&line[9..]).parse::<u16>().unwrap()
    };
    assert_eq!(status("GET", good.to_vec()).await, 101);
    for method in ["POST", "PUT", "DELETE"] {
        assert_eq!(status(method, good.to_vec()).await, 405, "{method}");
    }
    let changed = |name: &str, value: &'static str| {
        let change = |(known, old): &(&'static str, &'static str)| {
            (*known, if *known == name { value } else { *old })
        };
        good.iter().map(change).collect::<Vec<_>>()
    };
    for (name, value, expected) in [
        ("connection", "close", 426),
        ("connection", "keep-alive", 426),
        ("upgrade", "h2c", 426),
        ("upgrade", "websocketx", 426),
        ("sec-websocket-version", "12", 426),
        ("sec-websocket-version", "8", 426),
        ("sec-websocket-version", "", 426),
        ("sec-websocket-key", "", 400),
        ("sec-websocket-key", "short", 400),
        (
            "sec-websocket-key",
            "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ==",
            400,
        ),
        ("sec-websocket-key", "not base64 at all !!!!!!", 400),
    ] {
        assert_eq!(
            status("GET", changed(name, value)).await,
            expected,
            "{name}: {value}"
        );
    }
    for missing in [
        "connection",
        "upgrade",
        "sec-websocket-version",
        "sec-websocket-key",
    ] {
        let rest: Vec<_> = good
            .iter()
            .copied()
            .filter(|(name, _)| *name != missing)
            .collect();
        let expected = if missing == "sec-websocket-key" {
            400
        } else {
            426
        };
        assert_eq!(status("GET", rest).await, expected, "without {missing}");
    }
    let twice = [
        good.to_vec(),
        vec![("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==")],
    ]
    .concat();
    assert_eq!(status("GET", twice).await, 400);
    world.stop().await;
}
