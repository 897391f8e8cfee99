//! RFC 6455 over the real upgrade path: frames of every shape as raw bytes, and what must come of each. The public
//! conformance suite wants Python 2; its categories are all here.

#![allow(clippy::unwrap_used)] // a test may fail

mod world;

use std::net::SocketAddr;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use webchat_http::limits::MESSAGE_BYTES;
use world::{World, soon};

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
const FIN: u8 = 0x80;

/// What the server must do.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// Answer request 9.
    Answered,
    /// Send a pong with this payload.
    Pong(Vec<u8>),
    /// Send a close frame with this code, and hang up.
    Closed(u16),
    /// Send a close frame without a code, and hang up.
    ClosedBare,
}
use Outcome::{Answered, Closed, ClosedBare, Pong};

struct Case {
    name: String,
    bytes: Vec<u8>,
    /// Bytes sent at a time.
    chop: usize,
    outcome: Outcome,
}

fn case(name: impl Into<String>, bytes: Vec<u8>, outcome: Outcome) -> Case {
    Case {
        name: name.into(),
        bytes,
        chop: usize::MAX,
        outcome,
    }
}

/// A frame with its first byte as given, masked with `key`.
fn masked(first: u8, key: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..=125 => frame.push(0x80 | short as u8),
        middle @ 126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend((middle as u16).to_be_bytes());
        }
        long => {
            frame.push(0x80 | 127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    frame.extend(key);
    frame.extend(
        payload
            .iter()
            .zip(key.iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
    frame
}

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    masked(first, [0x37, 0xfa, 0x21, 0x3d], payload)
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(FIN | CLOSE, &[&code.to_be_bytes()[..], reason].concat())
}

/// A request whose answer says that everything before it went well, `bytes` long.
fn request(bytes: usize) -> Vec<u8> {
    let bare = r#"{"id":9,"do":"ping","x":""}"#.len();
    format!(
        r#"{{"id":9,"do":"ping","x":"{}"}}"#,
        "x".repeat(bytes - bare)
    )
    .into_bytes()
}

/// The request with something within its string.
fn saying(text: &[u8]) -> Vec<u8> {
    [br#"{"id":9,"do":"ping","x":""#, text, br#""}"#].concat()
}

fn ask() -> Vec<u8> {
    frame(FIN | TEXT, &request(40))
}

fn lengths(cases: &mut Vec<Case>) {
    for key in [[0; 4], [0xff; 4], [0x37, 0xfa, 0x21, 0x3d], [0, 0, 0, 1]] {
        for length in [
            27,
            64,
            124,
            125,
            126,
            127,
            128,
            255,
            256,
            1_000,
            4_096,
            MESSAGE_BYTES - 1,
            MESSAGE_BYTES,
        ] {
            let bytes = masked(FIN | TEXT, key, &request(length));
            cases.push(case(
                format!("text of {length} bytes, key {key:x?}"),
                bytes,
                Answered,
            ));
        }
        for length in [MESSAGE_BYTES + 1, 65_535, 65_536, 65_537] {
            let bytes = masked(FIN | TEXT, key, &request(length));
            cases.push(case(
                format!("text of {length} bytes, key {key:x?}"),
                bytes,
                Closed(1009),
            ));
        }
    }
    for length in [65_536, 1 << 31, 1 << 32, u64::MAX >> 1] {
        let mut bytes = vec![FIN | TEXT, 0xff];
        bytes.extend(u64::to_be_bytes(length));
        bytes.extend([0; 4]);
        cases.push(case(
            format!("only the head of {length} bytes"),
            bytes,
            Closed(1009),
        ));
    }
    let long = MESSAGE_BYTES / 2 + 1;
    let halves = [
        frame(TEXT, &vec![b' '; long]),
        frame(FIN | CONTINUATION, &vec![b' '; long]),
    ];
    cases.push(case(
        "two halves that are too large together",
        halves.concat(),
        Closed(1009),
    ));
    for chop in [1, 2, 3, 7, 125] {
        let mut chopped = case(
            format!("{chop} bytes at a time"),
            frame(FIN | TEXT, &request(300)),
            Answered,
        );
        chopped.chop = chop;
        cases.push(chopped);
    }
}

fn pings(cases: &mut Vec<Case>) {
    for length in [0, 1, 2, 7, 8, 63, 64, 124, 125] {
        for byte in [0x00, b'x', 0xff] {
            let payload = vec![byte; length];
            let bytes = frame(FIN | PING, &payload);
            cases.push(case(
                format!("ping of {length} bytes {byte:#x}"),
                bytes,
                Pong(payload),
            ));
        }
    }
    for length in [0, 1, 125] {
        let bytes = [frame(FIN | PONG, &vec![b'x'; length]), ask()].concat();
        cases.push(case(
            format!("pong of {length} bytes nobody asked for"),
            bytes,
            Answered,
        ));
    }
    for (name, opcode) in [("ping", PING), ("pong", PONG), ("close", CLOSE)] {
        for length in [126, 127, 1_000, 16_000] {
            let bytes = frame(FIN | opcode, &vec![0x03; length]);
            cases.push(case(
                format!("{name} of {length} bytes"),
                bytes,
                Closed(1002),
            ));
        }
        cases.push(case(
            format!("{name} in fragments"),
            frame(opcode, b""),
            Closed(1002),
        ));
        cases.push(case(
            format!("{name} in fragments, with content"),
            frame(opcode, &[0x03, 0xe8]),
            Closed(1002),
        ));
    }
    let ten: Vec<u8> = (0..10)
        .flat_map(|number| frame(FIN | PING, &[number]))
        .collect();
    cases.push(case("ten pings: the last is answered", ten, Pong(vec![9])));
    let mut slow = case(
        "a ping byte by byte",
        frame(FIN | PING, &[b'y'; 125]),
        Pong(vec![b'y'; 125]),
    );
    slow.chop = 1;
    cases.push(slow);
}

fn reserved(cases: &mut Vec<Case>) {
    for bits in 1..8_u8 {
        for (name, opcode) in [
            ("text", TEXT),
            ("binary", BINARY),
            ("ping", PING),
            ("pong", PONG),
            ("close", CLOSE),
            ("continuation", CONTINUATION),
        ] {
            let bytes = frame(FIN | bits << 4 | opcode, b"");
            cases.push(case(
                format!("{name} with reserved bits {bits:03b}"),
                bytes,
                Closed(1002),
            ));
        }
    }
    for opcode in [3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF] {
        for (name, bytes) in [
            ("empty", frame(FIN | opcode, b"")),
            ("with content", frame(FIN | opcode, b"content")),
            (
                "after a fragment",
                [frame(TEXT, b"x"), frame(FIN | opcode, b"")].concat(),
            ),
            (
                "after a whole message",
                [frame(FIN | PONG, b""), frame(FIN | opcode, b"x")].concat(),
            ),
        ] {
            cases.push(case(
                format!("reserved opcode {opcode:#x}, {name}"),
                bytes,
                Closed(1002),
            ));
        }
    }
    for (name, opcode) in [
        ("text", TEXT),
        ("binary", BINARY),
        ("ping", PING),
        ("pong", PONG),
        ("close", CLOSE),
        ("continuation", CONTINUATION),
    ] {
        for length in [0, 2, 125] {
            let bytes = [vec![FIN | opcode, length], vec![b'x'; length.into()]].concat();
            cases.push(case(
                format!("{name} of {length} bytes without a mask"),
                bytes,
                Closed(1002),
            ));
        }
    }
}

fn fragments(cases: &mut Vec<Case>) {
    let whole = request(40);
    for at in 0..=whole.len() {
        let (left, right) = whole.split_at(at);
        let bytes = [frame(TEXT, left), frame(FIN | CONTINUATION, right)].concat();
        cases.push(case(
            format!("in two fragments, parted at {at}"),
            bytes,
            Answered,
        ));
    }
    let (left, right) = whole.split_at(20);
    let between =
        |between: Vec<u8>| [frame(TEXT, left), between, frame(FIN | CONTINUATION, right)].concat();
    for (name, bytes, outcome) in [
        (
            "a ping between fragments",
            between(frame(FIN | PING, b"p")),
            Pong(b"p".to_vec()),
        ),
        (
            "a fragmented message goes on after a ping",
            between(frame(FIN | PING, b"p")),
            Answered,
        ),
        (
            "a pong between fragments",
            between(frame(FIN | PONG, b"p")),
            Answered,
        ),
        (
            "empty fragments between",
            between(frame(CONTINUATION, b"").repeat(100)),
            Answered,
        ),
        (
            "a close between fragments",
            between(close(1000, b"")),
            Closed(1000),
        ),
        ("text between fragments", between(ask()), Closed(1002)),
        (
            "binary between fragments",
            between(frame(FIN | BINARY, b"x")),
            Closed(1002),
        ),
        (
            "the start of a text between fragments",
            between(frame(TEXT, b"x")),
            Closed(1002),
        ),
        (
            "the start of a binary between fragments",
            between(frame(BINARY, b"x")),
            Closed(1002),
        ),
        (
            "a continuation of nothing",
            frame(FIN | CONTINUATION, &whole),
            Closed(1002),
        ),
        (
            "an empty continuation of nothing",
            frame(FIN | CONTINUATION, b""),
            Closed(1002),
        ),
        (
            "an unfinished continuation of nothing",
            frame(CONTINUATION, b"x"),
            Closed(1002),
        ),
        (
            "a continuation after the last one",
            [between(Vec::new()), frame(FIN | CONTINUATION, b"x")].concat(),
            Closed(1002),
        ),
        (
            "a continuation after a whole message",
            [ask(), frame(FIN | CONTINUATION, b"x")].concat(),
            Closed(1002),
        ),
    ] {
        cases.push(case(name, bytes, outcome));
    }
    let bytes: Vec<u8> = whole
        .iter()
        .enumerate()
        .flat_map(|(index, byte)| {
            let opcode = if index == 0 { TEXT } else { CONTINUATION };
            let last = if index + 1 == whole.len() { FIN } else { 0 };
            [
                frame(last | opcode, &[*byte]),
                frame(FIN | PING, &[index as u8]),
            ]
            .concat()
        })
        .collect();
    cases.push(case(
        "each byte a fragment, with pings between",
        bytes,
        Answered,
    ));
    // Text is the protocol; binary is well-formed and refused.
    for bytes in [frame(FIN | BINARY, b""), frame(FIN | BINARY, &[0xff; 200])] {
        cases.push(case("a binary message", bytes, Closed(1008)));
    }
    let bytes = [frame(BINARY, &[0xff]), frame(FIN | CONTINUATION, &[0xfe])].concat();
    cases.push(case("a binary message in fragments", bytes, Closed(1008)));
}

/// Sequences that are no UTF-8.
const BROKEN: &[&[u8]] = &[
    b"\x80",
    b"\xbf",
    b"\x80\xbf",
    b"\xc0\x80",
    b"\xc0\xaf",
    b"\xc1\xbf",
    b"\xc2",
    b"\xc3\x28",
    b"\xdf",
    b"\xe0\x80\x80",
    b"\xe0\x80\xaf",
    b"\xe0\x9f\xbf",
    b"\xe0\xa0",
    b"\xe2\x82",
    b"\xe2\x28\xa1",
    b"\xe2\x82\x28",
    b"\xed\xa0\x80",
    b"\xed\xad\xbf",
    b"\xed\xae\x80",
    b"\xed\xaf\xbf",
    b"\xed\xb0\x80",
    b"\xed\xbe\x80",
    b"\xed\xbf\xbf",
    b"\xed\xa0\x80\xed\xb0\x80",
    b"\xef\xbf",
    b"\xf0\x80\x80\x80",
    b"\xf0\x80\x80\xaf",
    b"\xf0\x8f\xbf\xbf",
    b"\xf0\x9d\x84",
    b"\xf0\x28\x8c\xbc",
    b"\xf0\x90\x28\xbc",
    b"\xf0\x28\x8c\x28",
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xf7\xbf\xbf\xbf",
    b"\xf8\x88\x80\x80\x80",
    b"\xfb\xbf\xbf\xbf\xbf",
    b"\xfc\x84\x80\x80\x80\x80",
    b"\xfd\xbf\xbf\xbf\xbf\xbf",
    b"\xfe",
    b"\xff",
    b"\xfe\xfe\xff\xff",
];

fn utf8(cases: &mut Vec<Case>) {
    for text in [
        "κόσμε",
        "\u{80}",
        "\u{7ff}",
        "\u{800}",
        "\u{fff}",
        "\u{d7ff}",
        "\u{e000}",
        "\u{fffd}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{10000}",
        "\u{1fffe}",
        "\u{10ffff}",
        "a\u{300}",
        "\u{feff}",
        "𝄞",
        "\u{202e}",
        "👩‍👩‍👧",
    ] {
        let whole = saying(text.as_bytes());
        let name = text.escape_unicode();
        cases.push(case(format!("{name}"), frame(FIN | TEXT, &whole), Answered));
        // Parted within the sequence, where each half alone is no UTF-8.
        for at in 1..text.len() {
            let (left, right) = whole.split_at(r#"{"id":9,"do":"ping","x":""#.len() + at);
            let bytes = [frame(TEXT, left), frame(FIN | CONTINUATION, right)].concat();
            cases.push(case(format!("{name} parted at {at}"), bytes, Answered));
        }
    }
    for broken in BROKEN {
        let whole = saying(broken);
        cases.push(case(
            format!("{broken:x?}"),
            frame(FIN | TEXT, &whole),
            Closed(1007),
        ));
        let (left, right) = whole.split_at(r#"{"id":9,"do":"ping","x":""#.len() + 1);
        let bytes = [frame(TEXT, left), frame(FIN | CONTINUATION, right)].concat();
        cases.push(case(
            format!("{broken:x?} in two fragments"),
            bytes,
            Closed(1007),
        ));
        cases.push(case(
            format!("{broken:x?} at the very end"),
            frame(FIN | TEXT, broken),
            Closed(1007),
        ));
    }
}

fn closes(cases: &mut Vec<Case>) {
    for code in [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
    ] {
        cases.push(case(
            format!("close {code}"),
            close(code, b""),
            Closed(code),
        ));
        cases.push(case(
            format!("close {code} with a reason"),
            close(code, "weg, gänzlich".as_bytes()),
            Closed(code),
        ));
    }
    for code in [
        0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535,
    ] {
        cases.push(case(
            format!("close {code}, which may not be sent"),
            close(code, b""),
            Closed(1002),
        ));
    }
    cases.push(case(
        "close without a code",
        frame(FIN | CLOSE, b""),
        ClosedBare,
    ));
    cases.push(case(
        "close with half a code",
        frame(FIN | CLOSE, &[3]),
        Closed(1002),
    ));
    cases.push(case(
        "close with the longest reason",
        close(1000, &[b'x'; 123]),
        Closed(1000),
    ));
    for broken in [&b"\xff"[..], b"\xce\xba\xe1\xbd\xb9\xcf\x83\xed\xa0\x80"] {
        cases.push(case(
            format!("close with reason {broken:x?}"),
            close(1000, broken),
            Closed(1007),
        ));
    }
    for after in [
        frame(FIN | PING, b"x"),
        ask(),
        close(1001, b""),
        frame(FIN | TEXT, b"\xff"),
    ] {
        let bytes = [close(1000, b""), after].concat();
        cases.push(case(
            "what follows a close is not heard",
            bytes,
            Closed(1000),
        ));
    }
}

#[tokio::test]
async fn every_frame_of_rfc_6455_is_answered_as_it_must_be() {
    let mut cases = Vec::new();
    lengths(&mut cases);
    pings(&mut cases);
    reserved(&mut cases);
    fragments(&mut cases);
    utf8(&mut cases);
    closes(&mut cases);
    assert!(cases.len() >= 400, "{}", cases.len());

    let world = World::new().await;
    let campaign = world.campaign(&[], |_| {}).await;
    let path = format!("/api/v1/visitor?campaign={campaign}");
    let mut wrong = Vec::new();
    for some in cases.chunks(64) {
        let tried = some
            .iter()
            .map(|case| soon(attempt(world.address, &path, case)));
        wrong.extend(join_all(tried).await.into_iter().flatten());
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    world.stop().await;
}

/// What is wrong with the server's behaviour, if anything.
async fn attempt(address: SocketAddr, path: &str, case: &Case) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let upgrade = format!(
        "GET {path} HTTP/1.1\r\nhost: a\r\norigin: https://shop.example\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(upgrade.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    // The key and its answer are those of RFC 6455, section 1.3.
    assert!(
        head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        "{head}"
    );
    let hello = frame(FIN | TEXT, br#"{"id":1,"do":"hello"}"#);
    stream.write_all(&hello).await.unwrap();
    let (opcode, _) = heard(&mut stream).await.expect("an answer to hello");
    assert_eq!(opcode, TEXT);

    for piece in case.bytes.chunks(case.chop.min(case.bytes.len())) {
        // The server may have hung up already.
        if stream.write_all(piece).await.is_err() {
            break;
        }
        if case.chop < case.bytes.len() {
            stream.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
    }
    let mut said = Vec::new();
    loop {
        let Some((opcode, payload)) = heard(&mut stream).await else {
            return Some(format!(
                "{}: expected {:?}, the end came after {said:?}",
                case.name, case.outcome
            ));
        };
        let outcome = match opcode {
            TEXT if payload == br#"{"re":9,"ok":{}}"# => Answered,
            PONG => Pong(payload),
            CLOSE => {
                // The end of the connection comes with our own good-bye.
                let _ = stream.write_all(&close(1000, b"")).await;
                if heard(&mut stream).await.is_some() {
                    return Some(format!("{}: something follows the close", case.name));
                }
                match payload.first_chunk() {
                    Some(code) => Closed(u16::from_be_bytes(*code)),
                    None => ClosedBare,
                }
            }
            other => panic!("{}: {other} {payload:?}", case.name),
        };
        if outcome == case.outcome {
            return None;
        }
        if matches!(outcome, Closed(_) | ClosedBare) {
            return Some(format!(
                "{}: expected {:?}, got {outcome:?}",
                case.name, case.outcome
            ));
        }
        said.push(outcome);
    }
}

/// The next frame of the server, which is whole, plain, unmasked, and no longer written than needed.
async fn heard(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let first = stream.read_u8().await.ok()?;
    assert_eq!(first & 0xf0, FIN, "whole, and no reserved bit");
    let length = match stream.read_u8().await.unwrap() {
        126 => {
            let length = stream.read_u16().await.unwrap();
            assert!(length > 125);
            length.into()
        }
        length => {
            assert!(length < 126, "no mask, no frame beyond 65535 bytes");
            usize::from(length)
        }
    };
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).await.unwrap();
    Some((first & 0x0f, payload))
}
