//! A real mail server on loopback, in a process of its own.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use webchat_mail::{MailSettings, Security, Templates};

/// Longest wait for anything: only a failing test waits this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A running mail server.
pub(crate) struct MailServer {
    pub(crate) port: u16,
    process: Child,
    events: mpsc::UnboundedReceiver<String>,
}

/// What the server says.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    Port(u16),
    Tried(String),
    Mail(Box<Mail>),
}

/// A mail as its reader's program shows it.
#[derive(Deserialize, Debug)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) reply_to: Vec<(String, String)>,
    pub(crate) encodings: Vec<String>,
    pub(crate) plain: String,
    pub(crate) html: Option<String>,
    pub(crate) defects: Vec<String>,
}

impl Mail {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        &found
            .unwrap_or_else(|| panic!("no {name} in {:?}", self.headers))
            .1
    }
}

impl MailServer {
    /// A server without protection that meets these faults, in order, and then takes everything.
    pub(crate) async fn with(faults: &[&str]) -> Self {
        let faults = faults.iter().flat_map(|fault| ["--fault", fault]);
        Self::start(faults).await
    }

    /// Starts the server; a test without one fails.
    pub(crate) async fn start(arguments: impl IntoIterator<Item = &str>) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp_server.py");
        // Debian's own interpreter, because Debian's aiosmtpd is installed for that one.
        let python = std::env::var("PYTHON").unwrap_or_else(|_| "/usr/bin/python3".into());
        let mut process = Command::new(python)
            .arg(script)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("python3 is needed");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (said, events) = mpsc::unbounded_channel();
        // Always read, or the server would stop when the pipe is full.
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                // Nobody listens any more at the end of a test.
                let _ = said.send(line);
            }
        });
        let mut server = Self {
            port: 0,
            process,
            events,
        };
        match server.event().await {
            Some(Event::Port(port)) => server.port = port,
            other => {
                panic!("the mail server did not start (is python3-aiosmtpd there?): {other:?}")
            }
        }
        server
    }

    /// Settings that reach it without protection.
    pub(crate) fn settings(&self) -> MailSettings {
        MailSettings {
            host: "localhost".into(),
            port: Some(self.port),
            security: Security::None,
            username: None,
            password: None,
            from: "Webchat <webchat@example.com>".into(),
            timeout: 20,
            authority: None,
            templates: Templates::default(),
        }
    }

    /// What happens next; `None` when the server is gone.
    pub(crate) async fn event(&mut self) -> Option<Event> {
        let line = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        let line = line.expect("the mail server is silent")?;
        Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")))
    }

    /// The next mail it takes.
    pub(crate) async fn mail(&mut self) -> Mail {
        loop {
            match self.event().await.expect("a mail before the server's end") {
                Event::Mail(mail) => return *mail,
                Event::Tried(_) | Event::Port(_) => {}
            }
        }
    }

    /// Waits for the next attempt and returns the fault it met.
    pub(crate) async fn tried(&mut self) -> String {
        loop {
            if let Event::Tried(fault) = self.event().await.expect("an attempt") {
                return fault;
            }
        }
    }

    /// Ends it and returns the mails it took that were not looked at.
    pub(crate) async fn stop(mut self) -> Vec<Mail> {
        self.process.start_kill().unwrap();
        let mut rest = Vec::new();
        while let Some(event) = self.event().await {
            if let Event::Mail(mail) = event {
                rest.push(*mail);
            }
        }
        self.process.wait().await.unwrap();
        rest
    }
}
