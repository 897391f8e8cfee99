//! How many messages a second go from visitors to agents over real WebSockets, and how long each takes, beside a relay that
//! is nothing but tokio-tungstenite and one on Socket.IO. `cargo bench -p webchat-benches --bench relay`; for Socket.IO
//! `npm ci` in `benches/socketio` first, else it is left out.
//!
//! Each contestant is a process of its own; all are driven by the same client and take turns, so that a busy machine slows all
//! of them. *Typing* goes through the engine and to the agent, and no journal holds it. *Writing* is three frames for one: the
//! message to the agent, the message to the visitor's own pages, and the answer.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement may fail, and prints

use std::collections::HashMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, SinkExt, StreamExt};
use hdrhistogram::Histogram;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};
use webchat_benches::process::Process;
use webchat_examples::line::{Frame, Line};
use webchat_examples::site::Site;

type Socket = WebSocketStream<TcpStream>;

/// Visitors, each with an agent.
const PAIRS: usize = 50;
/// Messages of a visitor that are under way.
const AHEAD: usize = 32;
const TURN: Duration = Duration::from_secs(3);
const WARM_UP: Duration = Duration::from_millis(700);
const ROUNDS: usize = 5;
/// Messages a second that are offered, whether or not earlier ones have arrived, and for how long.
const OFFERED: u64 = 10_000;
const OFFERING: Duration = Duration::from_secs(8);
/// What a visitor writes.
const TEXT: &str = "Good morning, I ordered a pair of boots last week and the parcel has not come yet. Could you please look up where it is? The number of the order is 4711, and the address is the one of my account. Thank you!";

/// What the visitors do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Type,
    Write,
}

/// Whom they do it with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relay {
    Bare,
    SocketIo,
    Webchat { durable: bool },
}

impl Relay {
    fn name(self, act: Act) -> &'static str {
        match (self, act) {
            (Self::Bare, Act::Type) => "typing: bare tokio-tungstenite",
            (Self::Bare, Act::Write) => "writing: bare tokio-tungstenite",
            (Self::SocketIo, Act::Type) => "typing: Socket.IO",
            (Self::SocketIo, Act::Write) => "writing: Socket.IO",
            (Self::Webchat { .. }, Act::Type) => "typing: webchat",
            (Self::Webchat { durable: false }, Act::Write) => "writing: webchat, journal in memory",
            (Self::Webchat { durable: true }, Act::Write) => "writing: webchat, durable",
        }
    }
}

/// What one turn found.
struct Found {
    rate: f64,
    /// Microseconds of the relay's processor time for a message.
    work: f64,
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if std::env::args().any(|argument| argument == "serve-bare") {
        return runtime.block_on(serve_bare());
    }
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut contestants = vec![
        (Relay::Bare, Act::Type),
        (Relay::Webchat { durable: true }, Act::Type),
        (Relay::Bare, Act::Write),
        (Relay::Webchat { durable: false }, Act::Write),
        (Relay::Webchat { durable: true }, Act::Write),
    ];
    if socketio().join("node_modules").exists() {
        contestants.push((Relay::SocketIo, Act::Type));
        contestants.push((Relay::SocketIo, Act::Write));
    }
    contestants.retain(|(relay, act)| relay.name(*act).contains(&only));
    let mut found: Vec<Vec<Found>> = contestants.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for ((relay, act), found) in contestants.iter().zip(&mut found) {
            found.push(runtime.block_on(turn(*relay, *act)));
        }
    }
    println!("{PAIRS} pairs, {AHEAD} messages of each under way; medians of {ROUNDS} turns\n");
    println!(
        "                                      messages/s   of bare   of Socket.IO   µs of the relay's processors each"
    );
    let rates: Vec<f64> = found
        .iter()
        .map(|turns| median(turns, |turn| turn.rate))
        .collect();
    for (((relay, act), turns), rate) in contestants.iter().zip(&found).zip(&rates) {
        let against = |other: Relay| {
            let place = contestants
                .iter()
                .position(|contestant| *contestant == (other, *act));
            place.map_or(f64::NAN, |place| rate / rates[place])
        };
        println!(
            "{:<37} {rate:>10.0} {:>9.2} {:>14.2} {:>35.1}",
            relay.name(*act),
            against(Relay::Bare),
            against(Relay::SocketIo),
            median(turns, |turn| turn.work),
        );
    }
    println!(
        "\n{OFFERED} messages/s offered for {OFFERING:?}, milliseconds from when each was due until its agent had it\n"
    );
    println!("                                         p50      p99    p99.9  longest");
    for (relay, act) in contestants.iter().filter(|(_, act)| *act == Act::Write) {
        let waits = runtime.block_on(offer(*relay));
        let at = |share| waits.value_at_quantile(share) as f64 / 1_000.0;
        println!(
            "{:<37} {:>8.2} {:>8.2} {:>8.2} {:>8.2}",
            relay.name(*act),
            at(0.5),
            at(0.99),
            at(0.999),
            at(1.0)
        );
    }
}

fn median(turns: &[Found], of: impl Fn(&Found) -> f64) -> f64 {
    let mut figures: Vec<f64> = turns.iter().map(of).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn socketio() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/socketio"))
}

/// As many messages as can be had.
async fn turn(relay: Relay, act: Act) -> Found {
    let (process, pairs, _folder) = meet(relay, act).await;
    let arrived = Arc::new(AtomicU64::new(0));
    let over = Arc::new(AtomicBool::new(false));
    let running: Vec<_> = pairs
        .into_iter()
        .map(|pair| tokio::spawn(pair.race(arrived.clone(), over.clone())))
        .collect();
    tokio::time::sleep(WARM_UP).await;
    let (begun, used, before) = (
        Instant::now(),
        process.used(),
        arrived.load(Ordering::Relaxed),
    );
    tokio::time::sleep(TURN).await;
    let count = (arrived.load(Ordering::Relaxed) - before) as f64;
    let (elapsed, used) = (begun.elapsed().as_secs_f64(), process.used() - used);
    over.store(true, Ordering::Relaxed);
    for pair in running {
        pair.await.unwrap();
    }
    assert!(count > 0.0, "nothing arrived");
    Found {
        rate: count / elapsed,
        work: used * 1e6 / count,
    }
}

/// As many messages as are offered.
async fn offer(relay: Relay) -> Histogram<u64> {
    let (_process, pairs, _folder) = meet(relay, Act::Write).await;
    let begin = Instant::now() + Duration::from_millis(200);
    let running: Vec<_> = pairs
        .into_iter()
        .enumerate()
        .map(|(place, pair)| tokio::spawn(pair.keep_pace(begin, place)))
        .collect();
    let mut waits = Histogram::new(3).unwrap();
    for pair in running {
        waits.add(pair.await.unwrap()).unwrap();
    }
    waits
}

/// A visitor and the agent who has the chat.
struct Pair {
    visitor: Socket,
    agent: Socket,
    relay: Relay,
    act: Act,
    chat: String,
    sent: u64,
}

impl Pair {
    async fn send(&mut self) {
        self.sent += 1;
        let Self { chat, sent, .. } = self;
        // Started, stopped, started: the engine tells nobody the same thing twice in a row.
        let on = *sent % 2 == 1;
        let text = match (self.relay, self.act) {
            (Relay::SocketIo, Act::Type) => format!(r#"42["typing","{chat}",{on}]"#),
            (Relay::SocketIo, Act::Write) => {
                format!(r#"42{sent}["write",{{"chat":"{chat}","key":"{sent}","text":"{TEXT}"}}]"#)
            }
            (_, Act::Type) => format!(r#"{{"do":"typing","chat":"{chat}","on":{on}}}"#),
            (_, Act::Write) => {
                format!(
                    r#"{{"id":{sent},"do":"write","chat":"{chat}","key":"{sent}","text":"{TEXT}"}}"#
                )
            }
        };
        self.visitor.feed(Message::text(text)).await.unwrap();
    }

    /// Whether a frame at the agent is what the visitor did.
    fn counts(&self, frame: &str) -> bool {
        match (self.relay, self.act) {
            (Relay::SocketIo, _) => frame.starts_with("42["),
            (Relay::Webchat { .. }, Act::Type) => frame.starts_with(r#"{"push":"typing""#),
            (Relay::Webchat { .. }, Act::Write) => frame.starts_with(r#"{"push":"message""#),
            (Relay::Bare, _) => true,
        }
    }

    /// Waits until some have arrived at the agent, and reads what the visitor is told meanwhile.
    async fn arrivals(&mut self) -> usize {
        std::future::poll_fn(|context| {
            let mut arrived = 0;
            while let Poll::Ready(frame) = self.agent.poll_next_unpin(context) {
                let Message::Text(text) = frame.unwrap().unwrap() else {
                    continue;
                };
                arrived += usize::from(self.counts(&text));
            }
            while let Poll::Ready(frame) = self.visitor.poll_next_unpin(context) {
                let frame = frame.unwrap().unwrap();
                let refused = frame
                    .to_text()
                    .is_ok_and(|text| text.contains(r#""error""#));
                assert!(!refused, "{frame}");
            }
            if arrived > 0 {
                Poll::Ready(arrived)
            } else {
                Poll::Pending
            }
        })
        .await
    }

    async fn race(mut self, arrived: Arc<AtomicU64>, over: Arc<AtomicBool>) {
        let mut free = AHEAD;
        while !over.load(Ordering::Relaxed) {
            for _ in 0..free {
                self.send().await;
            }
            self.visitor.flush().await.unwrap();
            free = self.arrivals().await;
            arrived.fetch_add(free as u64, Ordering::Relaxed);
        }
    }

    async fn keep_pace(mut self, begin: Instant, place: usize) -> Histogram<u64> {
        let step = Duration::from_secs(1) * PAIRS as u32 / OFFERED as u32;
        let due = |number: u64| begin + step * number as u32 + step * place as u32 / PAIRS as u32;
        let all = OFFERED * OFFERING.as_secs() / PAIRS as u64;
        let mut waits = Histogram::new(3).unwrap();
        let mut read = 0;
        while read < all {
            let next = (self.sent < all).then(|| due(self.sent));
            let pause = async {
                match next {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = pause => {
                    while self.sent < all && due(self.sent) <= Instant::now() {
                        self.send().await;
                    }
                    self.visitor.flush().await.unwrap();
                }
                arrived = self.arrivals() => {
                    let now = Instant::now();
                    for number in read..read + arrived as u64 {
                        let wait = now.saturating_duration_since(due(number));
                        waits.record(wait.as_micros() as u64).unwrap();
                    }
                    read += arrived as u64;
                }
            }
        }
        waits
    }
}

/// Starts a relay and lets visitors and agents meet there.
async fn meet(relay: Relay, act: Act) -> (Process, Vec<Pair>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let agents = PAIRS.to_string();
    let mut process = match relay {
        Relay::Bare => Process::start(std::env::current_exe().unwrap(), &["serve-bare"], &[]),
        Relay::SocketIo => Process::start(
            "node",
            &[socketio().join("relay.mjs").to_str().unwrap()],
            &[],
        ),
        Relay::Webchat { durable } => {
            let mut arguments = vec![folder.path().to_str().unwrap(), &agents, "1"];
            if !durable {
                arguments.extend(["127.0.0.1:0", "memory"]);
            }
            Process::start(env!("CARGO_BIN_EXE_site"), &arguments, &[])
        }
    };
    let site = Site::at(process.says("listening ").parse().unwrap());
    let pairs = match relay {
        Relay::Webchat { .. } => chats(site).await,
        Relay::Bare | Relay::SocketIo => {
            let mut pairs = Vec::new();
            for pair in 0..PAIRS {
                let agent = open(relay, site, pair, "agent").await;
                let visitor = open(relay, site, pair, "visitor").await;
                pairs.push((visitor, agent, format!("1-{pair}")));
            }
            pairs
        }
    };
    let pairs = pairs.into_iter().map(|(visitor, agent, chat)| Pair {
        visitor,
        agent,
        relay,
        act,
        chat,
        sent: 0,
    });
    (process, pairs.collect(), folder)
}

/// Visitors whose chats were assigned to an agent each.
async fn chats(site: Site) -> Vec<(Socket, Socket, String)> {
    let mut agents = Vec::new();
    for number in 1..=PAIRS {
        let pass = site
            .sign_in(&format!("load-{number}"), "webchat-load")
            .await
            .unwrap();
        let fields = [
            ("origin", format!("http://{}", site.address)),
            ("cookie", pass.cookie),
        ];
        let mut line = Line::dial(site, "/api/v1/agent", &fields).await.unwrap();
        line.hello(json!({"do": "hello"})).await.unwrap();
        agents.push(line);
    }
    let mut visitors = HashMap::new();
    for _ in 0..PAIRS {
        let origin = ("origin", "https://shop.example".to_owned());
        let dialled = Line::dial(site, "/api/v1/visitor?campaign=1", &[origin]).await;
        let mut line = dialled.unwrap();
        line.hello(json!({"do": "hello", "language": "en"}))
            .await
            .unwrap();
        let id = line
            .ask(json!({"do": "start", "name": "Luz"}))
            .await
            .unwrap();
        let chat = loop {
            if let Frame::Answer(re, answer) = line.frame().await.unwrap()
                && re == id
            {
                break answer.unwrap()["chat"]["chat"].as_str().unwrap().to_owned();
            }
        };
        visitors.insert(chat, line.into_socket());
    }
    let mut pairs = Vec::new();
    for mut agent in agents {
        let chat = loop {
            if let Frame::Push(push) = agent.frame().await.unwrap()
                && push["push"] == "chat"
            {
                break push["chat"]
                    .as_str()
                    .or(push["view"]["chat"].as_str())
                    .unwrap()
                    .to_owned();
            }
        };
        let visitor = visitors.remove(&chat).unwrap();
        pairs.push((visitor, agent.into_socket(), chat));
    }
    pairs
}

/// A socket at one of the other relays.
async fn open(relay: Relay, site: Site, pair: usize, side: &str) -> Socket {
    let path = match relay {
        Relay::SocketIo => {
            format!("/socket.io/?EIO=4&transport=websocket&pair={pair}&side={side}")
        }
        _ => format!("/{side}/{pair}"),
    };
    let mut socket = Line::dial(site, &path, &[]).await.unwrap().into_socket();
    if relay == Relay::SocketIo {
        // It says how it wants to be spoken to, is asked for its one room, and says who we are there.
        socket.next().await.unwrap().unwrap();
        socket.send(Message::text("40")).await.unwrap();
        socket.next().await.unwrap().unwrap();
    }
    socket
}

/// What a program would be that only relays: no JSON, no rules, no limits. It too writes as many frames at once as there are.
async fn serve_bare() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listening {}", listener.local_addr().unwrap());
    let agents: Arc<Mutex<HashMap<String, mpsc::UnboundedSender<Message>>>> = Arc::default();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let agents = agents.clone();
        tokio::spawn(async move {
            let mut path = String::new();
            let (sender, frames) = mpsc::unbounded_channel();
            #[expect(clippy::result_large_err, reason = "the library's shape")]
            let note = |request: &Request, response: Response| {
                path = request.uri().path().to_owned();
                // Before the agent knows that it is there, lest its visitor come too early.
                if let Some(pair) = path.strip_prefix("/agent/") {
                    agents.lock().unwrap().insert(pair.to_owned(), sender);
                }
                Ok(response)
            };
            let socket = accept_hdr_async(stream, note).await.unwrap();
            match path.strip_prefix("/visitor/") {
                None => bare_agent(socket, frames).await,
                Some(pair) => {
                    let agent = agents.lock().unwrap()[pair].clone();
                    bare_visitor(socket, agent).await;
                }
            }
        });
    }
}

async fn bare_agent(mut socket: Socket, mut frames: mpsc::UnboundedReceiver<Message>) {
    while let Some(frame) = frames.recv().await {
        let mut next = Some(frame);
        while let Some(frame) = next {
            if socket.feed(frame).await.is_err() {
                return;
            }
            next = frames.try_recv().ok();
        }
        if socket.flush().await.is_err() {
            return;
        }
    }
}

async fn bare_visitor(mut socket: Socket, agent: mpsc::UnboundedSender<Message>) {
    // Of the same lengths as what a visitor is told of a message.
    let message = format!(
        r#"{{"push":"message","chat":"1-1","message":{{"number":10000,"at":1790000000000,"author":{{"kind":"visitor"}},"text":"{TEXT}","automatic":false,"key":"10000"}}}}"#
    );
    let message = Utf8Bytes::from(message);
    let answer = Utf8Bytes::from_static(r#"{"re":10000,"ok":{"number":10000,"at":1790000000000}}"#);
    while let Some(Ok(frame)) = socket.next().await {
        let mut next = Some(frame);
        while let Some(frame) = next {
            let written = matches!(&frame, Message::Text(text) if text.starts_with(r#"{"id""#));
            if written {
                for told in [&message, &answer] {
                    if socket.feed(Message::Text(told.clone())).await.is_err() {
                        return;
                    }
                }
            }
            if agent.send(frame).is_err() {
                return;
            }
            next = Pin::new(&mut socket)
                .next()
                .now_or_never()
                .flatten()
                .and_then(Result::ok);
        }
        if socket.flush().await.is_err() {
            return;
        }
    }
}
