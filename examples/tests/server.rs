//! The reference server as its operator meets it: the program itself, on a real folder.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running server. Killed if a test fails before stopping it.
struct Server {
    child: Child,
    /// Host and port, as announced.
    address: String,
    /// Everything announced.
    said: String,
}

fn command(data: &Path, flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .args(flags)
        .current_dir(data.parent().unwrap())
        .env_clear()
        .stderr(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

impl Server {
    fn start(data: &Path, flags: &[&str]) -> Self {
        let mut child = command(data, flags).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("Stop with Ctrl-C") {
            assert_ne!(lines.read_line(&mut said).unwrap(), 0, "{said}");
        }
        let console = said
            .lines()
            .find(|line| line.contains("/console/"))
            .unwrap();
        let address = console
            .split("//")
            .nth(1)
            .unwrap()
            .trim_end_matches("/console/");
        let address = address.to_owned();
        Self {
            child,
            address,
            said,
        }
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn sign_in(&self, login: &str, password: &str) -> String {
        self.post_session(&format!(r#"{{"login":"{login}","password":"{password}"}}"#))
    }

    fn post_session(&self, body: &str) -> String {
        let length = body.len();
        self.ask(&format!(
            "POST /api/v1/session HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    }

    /// Sends it a signal, as an init system does.
    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Asks it to stop; whether it stopped as it should.
    fn terminate(mut self) -> bool {
        self.signal("-TERM");
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have stopped already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn refusal(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_demo_is_filled_once_survives_a_restart_and_is_one_servers_only() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data, &["--demo"]);
    assert!(
        server.said.contains("ana / webchat-demo (agent)"),
        "{}",
        server.said
    );
    assert!(
        server
            .sign_in("ana", "webchat-demo")
            .starts_with("HTTP/1.1 200")
    );
    let shop = server.ask("GET /demo/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(shop.contains("/widget.js"), "{shop}");

    let second = command(&data, &["--demo"]).output().unwrap();
    let why = refusal(&second);
    assert!(
        why.contains("the data folder is in use") && why.contains("data"),
        "{why}"
    );
    assert!(server.terminate());

    let again = Server::start(&data, &["--demo"]);
    assert!(
        again
            .sign_in("admin", "webchat-demo")
            .starts_with("HTTP/1.1 200")
    );
    let window = "GET /api/v1/campaigns/3/window HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(
        again.ask(window).starts_with("HTTP/1.1 404"),
        "two campaigns, not four"
    );
    assert!(again.terminate());
}

#[test]
fn the_first_administrators_password_is_shown_once() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data, &[]);
    let line = server
        .said
        .lines()
        .find(|line| line.contains("admin / "))
        .unwrap();
    let password = line.split(" / ").nth(1).unwrap().split(' ').next().unwrap();
    // Good for nothing but choosing another.
    let alone = server.sign_in("admin", password);
    assert!(
        alone.starts_with("HTTP/1.1 403") && alone.contains("new_password_needed"),
        "{alone}"
    );
    let chosen = server.post_session(&format!(
        r#"{{"login":"admin","password":"{password}","new":"lluvia de abril"}}"#
    ));
    assert!(chosen.starts_with("HTTP/1.1 200"), "{chosen}");
    assert!(
        server
            .sign_in("admin", password)
            .starts_with("HTTP/1.1 401")
    );
    assert!(
        server
            .sign_in("admin", "lluvia de abril")
            .starts_with("HTTP/1.1 200")
    );
    let shop = server.ask("GET /demo/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(shop.starts_with("HTTP/1.1 404"), "{shop}");
    assert!(server.terminate());
    let again = Server::start(&data, &[]);
    assert!(!again.said.contains("admin / "), "{}", again.said);
    let demo = command(&data, &["--demo"]).output().unwrap();
    assert!(refusal(&demo).contains("in use"));
    assert!(again.terminate());
}

#[test]
fn a_server_without_a_certificate_goes_on_when_told_to_read_it_again() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    server.signal("-HUP");
    assert!(server.terminate());
}

#[test]
fn a_wrong_setting_says_which_and_why_wherever_it_stands() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("webchat.toml");
    let why = |flags: &[&str], variable: Option<(&str, &str)>| {
        let mut command = command(&data, flags);
        command.envs(variable);
        refusal(&command.output().unwrap())
    };
    let flag = why(&["--connections", "0"], None);
    assert!(flag.contains("'0' for '--connections <N>'"), "{flag}");
    let variable = why(&[], Some(("WEBCHAT_PUBLIC_URL", "chat.example")));
    assert!(
        variable.contains("'chat.example' for '--public-url <URL>'"),
        "{variable}"
    );
    std::fs::write(&file, "connections = 'many'\n").unwrap();
    let found = why(&[], None);
    assert!(
        found.contains("wrong setting in webchat.toml") && found.contains("connections"),
        "{found}"
    );
    let missing = why(&["--config", "nowhere.toml"], None);
    assert!(missing.contains("cannot read nowhere.toml"), "{missing}");
    assert!(!data.exists(), "nothing was begun");
}

#[test]
fn mail_that_cannot_be_sent_is_said_at_the_start_and_by_test_mail() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let mut server = Server::start(&data, &["--demo"]);
    let mut log = server.child.stderr.take().unwrap();
    assert!(server.terminate());
    let mut said = String::new();
    log.read_to_string(&mut said).unwrap();
    assert!(
        said.contains("which stays owed: no mail server is set up"),
        "{said}"
    );

    let test_mail = |flags: &[&str]| {
        let flags = [flags, &["test-mail", "ana@shop.example"]].concat();
        refusal(&command(&data, &flags).output().unwrap())
    };
    let not_set_up = test_mail(&[]);
    assert!(
        not_set_up.contains("mail is not set up: --mail-host"),
        "{not_set_up}"
    );
    // A listener that hangs up on everybody is no mail server.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let flags = [
        "--mail-host",
        "127.0.0.1",
        "--mail-port",
        &port,
        "--mail-from",
        "chat@shop.example",
    ];
    let refused = test_mail(&flags);
    assert!(refused.contains("the mail was not taken"), "{refused}");
}

#[test]
fn a_server_whose_log_nobody_reads_any_more_still_stops_when_told() {
    let folder = TempDir::new().unwrap();
    let mut server = Server::start(&folder.path().join("data"), &["--log", "info"]);
    drop(server.child.stderr.take());
    server.signal("-HUP");
    let asked = server.ask("GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(asked.starts_with("HTTP/1.1 200"), "{asked}");
    assert!(server.terminate());
}

#[test]
fn sighup_takes_in_a_renewed_certificate_and_keeps_the_old_one_when_it_is_broken() {
    let folder = TempDir::new().unwrap();
    let (chain, key) = (
        folder.path().join("chain.pem"),
        folder.path().join("key.pem"),
    );
    let certify = || {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(&chain, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        made.cert.pem()
    };
    let first = certify();
    let flags = [
        "--tls-certificate",
        chain.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ];
    let mut server = Server::start(&folder.path().join("data"), &flags);
    let port = server.address.rsplit(':').next().unwrap().to_owned();
    // Whether a browser that trusts just this certificate is answered.
    let trusted = |certificate: &str| {
        let authority = folder.path().join("trusted.pem");
        std::fs::write(&authority, certificate).unwrap();
        let asked = Command::new("curl")
            .args(["--silent", "--max-time", "10", "--resolve"])
            .arg(format!("localhost:{port}:127.0.0.1"))
            .arg("--cacert")
            .arg(&authority)
            .arg(format!("https://localhost:{port}/livez"))
            .output()
            .unwrap();
        asked.status.success()
    };
    assert!(trusted(&first));
    let second = certify();
    server.signal("-HUP");
    let until = Instant::now() + Duration::from_secs(60);
    while !trusted(&second) {
        assert!(Instant::now() < until, "the new one was not taken in");
    }
    assert!(!trusted(&first), "the old one is gone");

    std::fs::write(&key, "nonsense").unwrap();
    server.signal("-HUP");
    let log = BufReader::new(server.child.stderr.take().unwrap());
    let (told, heard) = mpsc::channel();
    std::thread::spawn(move || {
        let kept = |line: &String| line.contains("the certificate in use stays");
        let found = log.lines().map_while(Result::ok).any(|line| kept(&line));
        // Nobody listens any more when the test has failed.
        let _ = told.send(found);
    });
    assert_eq!(heard.recv_timeout(Duration::from_secs(60)), Ok(true));
    assert!(trusted(&second), "the one in use stays");
    assert!(server.terminate());
}
