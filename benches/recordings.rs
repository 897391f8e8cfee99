//! How fast recordings of 100,000 chats are listed, filtered, searched and reported, beside the same questions put to
//! SQLite alone, and how much memory taking them all along needs.
//! `cargo bench -p webchat-benches --bench recordings`.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement may fail, and prints

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use hdrhistogram::Histogram;
use rusqlite::Connection;
use rusqlite::types::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use webchat_benches::centre::TENANT;
use webchat_benches::tenant;
use webchat_core::campaign::CampaignDraft;
use webchat_core::command::AgentProfile;
use webchat_core::event::{
    Assignment, Author, CloseReason, Event, Message, Recorded, VisitorFacts,
};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::metrics::Interval;
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::wire;
use webchat_http::{Server, Settings, hash_password};
use webchat_runtime::accounts::{Accounts, Profile, Role};
use webchat_runtime::read_model::{ChatFilter, FrameEvents};
use webchat_runtime::report::ReportWish;
use webchat_runtime::{Frame, Journal, ReadModel};
use webchat_store_sqlite::SqliteStore;

const CHATS: u64 = 100_000;
const CAMPAIGNS: u32 = 10;
const AGENTS: u32 = 100;
/// Messages of a chat.
const TALK: u32 = 10;
/// Milliseconds between two chats: all of them are a month's.
const PACE: i64 = 26_000;
const BEGIN: i64 = 1_772_323_200_000;
/// As many as a page of the console asks for, and one to know that there are more.
const PAGE: usize = 201;
/// Words in three shades of rarity: in every chat, in each hundredth, in a handful.
const COMMON: &str = "botas";
const WORDS: [&str; 40] = [
    "envío",
    "pedido",
    "talle",
    "cuero",
    "negras",
    "marrones",
    "precio",
    "tarjeta",
    "cuotas",
    "entrega",
    "sábado",
    "lunes",
    "cambio",
    "devolución",
    "tienda",
    "sucursal",
    "Salto",
    "Montevideo",
    "correo",
    "factura",
    "garantía",
    "suela",
    "horma",
    "stock",
    "color",
    "ayer",
    "mañana",
    "gracias",
    "número",
    "cliente",
    "cuenta",
    "pago",
    "débito",
    "crédito",
    "local",
    "horario",
    "retiro",
    "paquete",
    "caja",
    "cordones",
];

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
    fill(&store).await;
    println!(
        "{CHATS} chats of {TALK} messages written and projected in {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    let bytes = |name: &str| {
        folder
            .path()
            .join(name)
            .metadata()
            .map_or(0, |file| file.len() >> 20)
    };
    println!(
        "journal.db {} MiB, read.db {} MiB",
        bytes("journal.db"),
        bytes("read.db")
    );
    questions(&store, folder.path()).await;
    reports(&store).await;
    export(store).await;
}

/// A number that depends on the chat and on nothing else.
fn draw(chat: u64, what: u64, below: u64) -> u64 {
    let mut number =
        chat.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ what.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 30)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (number ^ (number >> 31)) % below
}

fn chat_id(chat: u64) -> ChatId {
    ChatId::new(0, chat as u32 + 1)
}

async fn fill(store: &SqliteStore) {
    let epoch = store.claim(TENANT).await.unwrap().epoch;
    let mut seq = 0;
    let mut events = Vec::new();
    let start = Timestamp::from_millis(BEGIN);
    for campaign in 1..=CAMPAIGNS {
        let mut draft = CampaignDraft::named(&format!("Campaign {campaign}"));
        draft.answer_within = 20;
        let (settings, _) = draft.check(&Zones::bundled()).unwrap();
        let event = Event::CampaignCreated {
            campaign: CampaignId(campaign),
            settings: Box::new(settings),
            open: true,
            next_change: None,
            by: None,
        };
        events.push(Recorded { at: start, event });
    }
    for agent in 1..=AGENTS {
        let profile = AgentProfile::named(&format!("Agent {agent}"));
        let event = Event::AgentCreated {
            agent: AgentId(agent),
            profile,
        };
        events.push(Recorded { at: start, event });
    }
    for chat in 0..CHATS {
        one(chat, &mut events);
        if events.len() >= 2_000 || chat + 1 == CHATS {
            seq += 1;
            let frame = Frame {
                tenant: TENANT,
                seq,
                epoch,
                at: events.last().unwrap().at,
                codec: wire::CODEC,
                payload: wire::encode(&events).into(),
            };
            assert_eq!(store.append(vec![frame]).await.len(), 1);
            let events = std::mem::take(&mut events);
            store
                .apply(TENANT, vec![FrameEvents { seq, events }])
                .await
                .unwrap();
        }
    }
}

/// A chat from its admission to its score. One in ten is never answered.
fn one(number: u64, events: &mut Vec<Recorded>) {
    let chat = chat_id(number);
    let campaign = CampaignId(1 + draw(number, 1, CAMPAIGNS.into()) as u32);
    let agent = AgentId(1 + draw(number, 2, AGENTS.into()) as u32);
    let mut at = Timestamp::from_millis(BEGIN + 1_000 + number as i64 * PACE);
    let facts = VisitorFacts {
        name: Some(format!("Visitante {number}").into()),
        email: Some(format!("v{number}@correo.example").into()),
        ..VisitorFacts::default()
    };
    // All of one chat stand together: what it takes to find them does not depend on that.
    let mut push = |events: &mut Vec<Recorded>, event| {
        at = at.after_millis(1_700);
        events.push(Recorded { at, event });
    };
    push(
        events,
        Event::ChatQueued {
            chat,
            sequence: number + 1,
            campaign,
            visitor: VisitorKey(u128::from(number / 2)),
            facts: Arc::new(facts),
            language: "es".parse().unwrap(),
            priority: 0,
            skills: Vec::new(),
            estimate: None,
        },
    );
    let answered = draw(number, 3, 10) > 0;
    if answered {
        push(
            events,
            Event::ChatAssigned {
                chat,
                campaign,
                agent,
                how: Assignment::Direct,
                over_cap: false,
                day_ends: Timestamp::MAX,
                draw: None,
                by: None,
            },
        );
    }
    for place in 1..=TALK {
        let mut text = COMMON.to_owned();
        for word in 0..12 {
            text += " ";
            text += WORDS[draw(number, u64::from(place * 100 + word), 40) as usize];
        }
        if draw(number, 4, 100) == 0 {
            text += " rebaja";
        }
        if draw(number, 5, 20_000) == 0 {
            text += " zafiro";
        }
        let author = match place % 2 == 0 && answered {
            true => Author::Agent {
                agent,
                shown_as: "Ana".into(),
            },
            false => Author::Visitor,
        };
        let message = Message {
            number: place,
            at: Timestamp::MIN,
            author,
            text: text.into(),
            file: None,
            key: None,
            automatic: false,
        };
        push(events, Event::MessagePosted { chat, message });
    }
    let reason = match (answered, draw(number, 6, 100)) {
        (true, 0) => CloseReason::SupervisorClosed,
        (true, 1..=59) => CloseReason::AgentClosed,
        (true, _) => CloseReason::VisitorLeft,
        (false, 0..=49) => CloseReason::VisitorGone,
        (false, _) => CloseReason::TimedOut,
    };
    push(
        events,
        Event::ChatClosed {
            chat,
            reason,
            due: None,
            by: None,
            text: None,
            feedback: None,
            feedback_until: None,
            disposition: None,
            wrap_up_until: None,
        },
    );
    if answered && draw(number, 7, 3) == 0 {
        let score = 5 - draw(number, 8, 100).checked_ilog(3).unwrap_or(0) as u8;
        push(
            events,
            Event::FeedbackGiven {
                chat,
                score: score.clamp(1, 5),
                note: None,
            },
        );
    }
}

/// Questions of one kind, each with the one that SQLite alone is asked.
struct Kind {
    name: &'static str,
    filter: fn(u64) -> ChatFilter,
    /// Condition and its value.
    bare: fn(u64) -> (&'static str, Value),
}

const KINDS: [Kind; 10] = [
    Kind {
        name: "list, the latest",
        filter: |_| ChatFilter::default(),
        bare: |_| ("?1 = 1", Value::Integer(1)),
    },
    Kind {
        name: "list, a page anywhere",
        filter: |n| ChatFilter {
            before: Some(1 + draw(n, 20, CHATS)),
            ..ChatFilter::default()
        },
        bare: |n| {
            (
                "sequence < ?1",
                Value::Integer(1 + draw(n, 20, CHATS) as i64),
            )
        },
    },
    Kind {
        name: "campaign",
        filter: |n| ChatFilter {
            campaign: Some(CampaignId(1 + draw(n, 21, CAMPAIGNS.into()) as u32)),
            ..ChatFilter::default()
        },
        bare: |n| {
            (
                "campaign = ?1",
                Value::Integer(1 + draw(n, 21, CAMPAIGNS.into()) as i64),
            )
        },
    },
    Kind {
        name: "agent",
        filter: |n| ChatFilter {
            agent: Some(AgentId(1 + draw(n, 22, AGENTS.into()) as u32)),
            ..ChatFilter::default()
        },
        bare: |n| {
            (
                "agent = ?1",
                Value::Integer(1 + draw(n, 22, AGENTS.into()) as i64),
            )
        },
    },
    Kind {
        name: "one day of the month",
        filter: |n| {
            let from = BEGIN + draw(n, 23, 29) as i64 * 86_400_000;
            let (from, until) = (
                Timestamp::from_millis(from),
                Timestamp::from_millis(from + 86_400_000),
            );
            ChatFilter {
                from: Some(from),
                until: Some(until),
                ..ChatFilter::default()
            }
        },
        bare: |n| {
            (
                "requested_at >= ?1 AND requested_at < ?1 + 86400000",
                Value::Integer(BEGIN + draw(n, 23, 29) as i64 * 86_400_000),
            )
        },
    },
    Kind {
        name: "reason, 1 in 100",
        filter: |_| ChatFilter {
            reason: Some(CloseReason::SupervisorClosed),
            ..ChatFilter::default()
        },
        bare: |_| ("reason = ?1", Value::Text("supervisor_closed".into())),
    },
    Kind {
        name: "score 1, and campaign",
        filter: |n| ChatFilter {
            score: Some(1),
            campaign: Some(CampaignId(1 + draw(n, 24, CAMPAIGNS.into()) as u32)),
            ..ChatFilter::default()
        },
        bare: |n| {
            (
                "score = 1 AND campaign = ?1",
                Value::Integer(1 + draw(n, 24, CAMPAIGNS.into()) as i64),
            )
        },
    },
    Kind {
        name: "text: two words of many chats",
        filter: |n| ChatFilter {
            text: Some(many(n)),
            ..ChatFilter::default()
        },
        bare: |n| {
            (
                "id IN (SELECT rowid FROM words WHERE words MATCH ?1)",
                Value::Text(many(n)),
            )
        },
    },
    Kind {
        name: "text: a word of 1 chat in 100",
        filter: |_| ChatFilter {
            text: Some("rebaj".into()),
            ..ChatFilter::default()
        },
        bare: |_| {
            (
                "id IN (SELECT rowid FROM words WHERE words MATCH ?1)",
                Value::Text("rebaj*".into()),
            )
        },
    },
    Kind {
        name: "text: a word of 5 chats",
        filter: |_| ChatFilter {
            text: Some("zafiro".into()),
            ..ChatFilter::default()
        },
        bare: |_| {
            (
                "id IN (SELECT rowid FROM words WHERE words MATCH ?1)",
                Value::Text("zafiro*".into()),
            )
        },
    },
];

/// Two words that nearly every chat has.
fn many(n: u64) -> String {
    format!("{COMMON} {}", WORDS[draw(n, 25, 40) as usize])
}

const ROUNDS: u64 = 100;

async fn questions(store: &SqliteStore, folder: &Path) {
    let alone = Connection::open(folder.join("read.db")).unwrap();
    println!(
        "\nmilliseconds of {ROUNDS} questions each, in turns with SQLite alone; the aim is 200 at p95"
    );
    println!("| question | found | p50 | p95 | longest | SQLite alone p50 | p95 | ratio of p50 |");
    let mut worst = 0.0_f64;
    for kind in KINDS {
        let mut ours = Histogram::<u64>::new(3).unwrap();
        let mut bare = Histogram::<u64>::new(3).unwrap();
        let mut found = 0;
        for n in 0..ROUNDS {
            let filter = ChatFilter {
                live: Some(false),
                ..(kind.filter)(n)
            };
            let begun = Instant::now();
            let chats = store.chats(TENANT, filter, PAGE).await.unwrap();
            ours.record(begun.elapsed().as_micros() as u64).unwrap();
            found = chats.len();

            let (condition, value) = (kind.bare)(n);
            let sql = format!(
                "SELECT * FROM chats WHERE tenant = 1 AND {condition} ORDER BY sequence DESC LIMIT {PAGE}"
            );
            let begun = Instant::now();
            let mut select = alone.prepare_cached(&sql).unwrap();
            let rows = select
                .query_map([value], |row| row.get::<_, String>(2))
                .unwrap()
                .count();
            bare.record(begun.elapsed().as_micros() as u64).unwrap();
            assert_eq!(rows, found, "{}", kind.name);
        }
        let at = |histogram: &Histogram<u64>, quantile| {
            histogram.value_at_quantile(quantile) as f64 / 1_000.0
        };
        let (p50, p95) = (at(&ours, 0.5), at(&ours, 0.95));
        worst = worst.max(p95);
        println!(
            "| {} | {found} | {p50:.1} | {p95:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
            kind.name,
            at(&ours, 1.0),
            at(&bare, 0.5),
            at(&bare, 0.95),
            p50 / at(&bare, 0.5)
        );
    }
    let begun = Instant::now();
    let counted = store
        .count_chats(
            TENANT,
            ChatFilter {
                live: Some(false),
                ..ChatFilter::default()
            },
        )
        .await
        .unwrap();
    println!(
        "counting all {counted}: {:.1} ms",
        begun.elapsed().as_secs_f64() * 1_000.0
    );
    println!(
        "highest p95: {worst:.1} ms, {}",
        if worst <= 200.0 {
            "within 200"
        } else {
            "MISSED"
        }
    );
}

async fn reports(store: &SqliteStore) {
    println!("\nreports, with each hour apart, milliseconds");
    for (name, days) in [("a day", 1_i64), ("a week", 7), ("the month", 31)] {
        let from = Timestamp::from_millis(BEGIN);
        let to = from.after_millis(days * 86_400_000);
        let wish = ReportWish {
            interval: Interval { from, to },
            now: to,
            campaign: None,
            agent: None,
            parts: (0..days * 24)
                .map(|hour| from.after_millis(hour * 3_600_000))
                .collect(),
        };
        let mut took = Vec::new();
        for _ in 0..5 {
            let begun = Instant::now();
            let report = store.report(TENANT, wish.clone()).await.unwrap();
            took.push(begun.elapsed().as_secs_f64() * 1_000.0);
            assert_eq!(report.campaigns.len() as u32, CAMPAIGNS);
        }
        took.sort_by(f64::total_cmp);
        println!("{name}: median {:.0}, longest {:.0}", took[2], took[4]);
    }
}

const PASSWORD: &str = "correct horse battery";

/// A server on the folder, and everything taken along from it, over a real connection.
async fn export(store: Arc<SqliteStore>) {
    let (parts, running) = tenant::start(store.clone(), store.clone()).await;
    let handle = parts.handle.clone();
    let profile = Profile {
        login: "root".into(),
        name: "Root".into(),
        role: Role::Administrator,
        agent: None,
        password_hash: hash_password(PASSWORD).unwrap(),
        disabled: false,
    };
    store.insert(profile).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = tokio::spawn(Server::new(parts, Settings::default()).run(listener, stop.clone()));
    handle.caught_up().await.unwrap();

    let body = format!(r#"{{"login":"root","password":"{PASSWORD}"}}"#);
    let length = body.len();
    let head = format!(
        "POST /api/v1/session HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let (_, answer) = fetch(address, &head).await;
    let cookie = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();

    println!("\neverything taken along by one client, resident set of the whole process");
    for format in ["json", "csv", "html"] {
        let before = resident("VmRSS:");
        // The highest from now on.
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let begun = Instant::now();
        let head = format!(
            "GET /api/v1/recordings/export?format={format} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n"
        );
        let (bytes, answer) = fetch(address, &head).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        println!(
            "{format}: {} MiB in {:.1} s; {before} MiB before, at most {} MiB",
            bytes >> 20,
            begun.elapsed().as_secs_f64(),
            resident("VmHWM:")
        );
    }
    stop.cancel();
    server.await.unwrap();
    handle.shutdown().await;
    running.await.unwrap();
}

/// Bytes of the answer, and its head.
async fn fetch(address: SocketAddr, request: &str) -> (u64, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut piece = vec![0; 64 * 1024];
    let (mut bytes, mut head) = (0, String::new());
    loop {
        let read = stream.read(&mut piece).await.unwrap();
        if read == 0 {
            return (bytes, head);
        }
        if bytes == 0 {
            head = String::from_utf8_lossy(&piece[..read]).into_owned();
        }
        bytes += read as u64;
    }
}

/// Mebibytes, as the kernel counts them.
fn resident(which: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(which))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() >> 10
}
