//! The machine's clock is set a day forward and back while the real server runs, and while it does
//! not: no timer fires early, none is lost, and messages keep their order.
//!
//! Needs Debian's `libfaketime`, which `check.sh` installs: it is put before the server and reads what
//! to add to the clock from a file.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::timeout;
use webchat_examples::PATIENCE;
use webchat_examples::line::{Frame, Line};
use webchat_examples::process::{Place, Process};
use webchat_examples::site::DEMO_PASSWORD;

/// The campaign's Time Out.
const TIME_OUT: Duration = Duration::from_secs(4);
/// How late a timer may fire on a busy machine.
const LATE: Duration = Duration::from_secs(10);
const DAY: i64 = 86_400_000;

/// The wall clock of a server.
struct WallClock {
    file: PathBuf,
}

impl WallClock {
    fn set(&self, ahead: &str) {
        // Never half written: the server may read it at any moment.
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{ahead}\n")).unwrap();
        fs::rename(new, &self.file).unwrap();
    }
}

/// A program that runs the server under a clock that can be set.
fn place(folder: &Path) -> (Place, WallClock) {
    let library = fs::read_dir("/usr/lib")
        .unwrap()
        .map(|entry| entry.unwrap().path().join("faketime/libfaketimeMT.so.1"))
        .find(|path| path.is_file())
        .expect("Debian's libfaketime is installed, see check.sh");
    let clock = WallClock {
        file: folder.join("clock"),
    };
    clock.set("+0d");
    let program = folder.join("server");
    let script = format!(
        "#!/bin/sh\nexport LD_PRELOAD={} FAKETIME_TIMESTAMP_FILE={} FAKETIME_NO_CACHE=1\n\
         export FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1\nexec {} \"$@\"\n",
        library.display(),
        clock.file.display(),
        env!("CARGO_BIN_EXE_server"),
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let folder = folder.to_owned();
    (Place { program, folder }, clock)
}

/// A visitor on a socket.
struct Visitor {
    line: Line,
    token: Value,
    chat: String,
    /// Since just before the chat was asked for.
    since: Instant,
}

impl Visitor {
    async fn dial(server: &Process, token: Value) -> (Line, Value) {
        let origin = ("origin", "https://shop.example".to_owned());
        let path = "/api/v1/visitor?campaign=1";
        let mut line = Line::dial(server.site, path, &[origin]).await.unwrap();
        let hello = json!({"do": "hello", "token": token, "language": "en", "seen": 0});
        let hello = line.hello(hello).await.unwrap();
        (line, hello)
    }

    /// Comes and asks for a chat.
    async fn start(server: &Process) -> Self {
        let (mut line, mut hello) = Self::dial(server, Value::Null).await;
        let since = Instant::now();
        let started = ask(&mut line, json!({"do": "start"})).await;
        let chat = started["chat"]["chat"].as_str();
        let chat = chat.unwrap_or_else(|| panic!("no chat: {started}"));
        Self {
            line,
            token: hello["token"].take(),
            chat: chat.to_owned(),
            since,
        }
    }

    async fn write(&mut self, key: &str) -> (u64, i64) {
        let write = json!({"do": "write", "chat": self.chat, "key": key, "text": key});
        let written = ask(&mut self.line, write).await;
        let number = written["number"].as_u64().unwrap();
        (number, written["at"].as_i64().unwrap())
    }

    /// Waits for the end of the chat; returns its reason and how long after the start it came.
    async fn closed(&mut self) -> (String, Duration) {
        let closed = async {
            loop {
                if let Frame::Push(push) = self.line.frame().await.unwrap()
                    && push["push"] == "closed"
                {
                    return push["reason"].as_str().unwrap().to_owned();
                }
            }
        };
        let why = timeout(PATIENCE, closed).await.expect("the timer is lost");
        (why, self.since.elapsed())
    }
}

/// Asks and waits for the answer, passing over what is pushed meanwhile.
async fn ask(line: &mut Line, request: Value) -> Value {
    let said = request.to_string();
    let answer = line.answer(request).await.unwrap();
    answer.unwrap_or_else(|code| panic!("{said}: {code}"))
}

/// One agent with room for one chat and a short Time Out: the second visitor waits in vain.
async fn staffed(server: &Process) -> Line {
    let admin = server.site.sign_in("admin", DEMO_PASSWORD).await.unwrap();
    let fields = json!({"agent_cap": 1, "time_out": TIME_OUT.as_secs()});
    server.site.set(&admin, 1, &fields).await.unwrap();
    desk(server).await
}

async fn desk(server: &Process) -> Line {
    let ana = server.site.sign_in("ana", DEMO_PASSWORD).await.unwrap();
    Line::desk(server.site, &ana).await.unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn days_forward_and_back_fire_no_timer_early_lose_none_and_keep_the_order() {
    let folder = tempfile::tempdir().unwrap();
    let (place, clock) = place(folder.path());
    let mut server = place.start().await.unwrap();
    let desk = staffed(&server).await;
    let mut served = Visitor::start(&server).await;
    let began = Instant::now();
    let mut written = vec![served.write("before").await];

    for ahead in ["+1d", "-1d", "+0d"] {
        let mut waiting = Visitor::start(&server).await;
        clock.set(ahead);
        written.push(served.write(&format!("after:{ahead}")).await);
        let (why, after) = waiting.closed().await;
        assert_eq!(why, "timed_out", "{ahead}");
        assert!(
            after >= TIME_OUT && after < TIME_OUT + LATE,
            "{ahead}: closed after {after:?}"
        );
        written.push(served.write(&format!("later:{ahead}")).await);
    }
    assert!(
        written.is_sorted_by(|(number, at), (next, later)| number + 1 == *next && at <= later),
        "{written:?}"
    );
    let log = || fs::read_to_string(folder.path().join("server.log")).unwrap();
    let noticed = log().matches("the wall clock was set").count();
    assert!(noticed >= 3, "the server saw each step: {}", log());
    // Steady time went on, whatever the wall clock said.
    let (first, last) = (written[0].1, written[written.len() - 1].1);
    let drift = (last - first) - i64::try_from(began.elapsed().as_millis()).unwrap();
    assert!(drift.abs() < 3_000, "{drift} ms");

    // A restart meets a clock that was set back: time goes on from the journal's, and so do timers.
    let mut waiting = Visitor::start(&server).await;
    drop(desk);
    server.kill().await.unwrap();
    clock.set("-1d");
    let mut server = place.start().await.unwrap();
    let (line, hello) = Visitor::dial(&server, served.token.clone()).await;
    assert_eq!(hello["chat"]["chat"], json!(served.chat), "{hello}");
    served.line = line;
    written.push(served.write("after-the-restart").await);
    let [.., (number, before), (next, at)] = written[..] else {
        unreachable!("it was written to");
    };
    assert_eq!(number + 1, next);
    assert!((0..DAY / 2).contains(&(at - before)), "{before}, {at}");
    let (line, hello) = Visitor::dial(&server, waiting.token.clone()).await;
    waiting.line = line;
    if hello["ended"].is_null() {
        let (why, after) = waiting.closed().await;
        assert_eq!(why, "timed_out");
        assert!(after >= TIME_OUT, "closed after {after:?}");
    } else {
        assert!(waiting.since.elapsed() >= TIME_OUT, "{hello}");
        assert_eq!(hello["ended"]["reason"], "timed_out");
    }

    assert!(
        log().contains("the clock is behind the journal"),
        "{}",
        log()
    );

    // A restart a day later, as far as anybody can tell: what was due meanwhile fires at once.
    let _desk = self::desk(&server).await;
    let waiting = Visitor::start(&server).await;
    server.kill().await.unwrap();
    clock.set("+1d");
    let server = place.start().await.unwrap();
    let (_, hello) = Visitor::dial(&server, waiting.token).await;
    assert_eq!(hello["ended"]["chat"], json!(waiting.chat), "{hello}");
    drop(server);
}
