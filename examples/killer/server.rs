//! The server under test: a process of its own, started, killed and asked over plain HTTP.

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, anyhow, bail, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::line::PATIENCE;

/// The password of the demo's users, unless told otherwise.
const PASSWORD: &str = "webchat-demo";

/// A running server.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

/// A signed-in user.
#[derive(Clone)]
pub(crate) struct Pass {
    pub(crate) login: String,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
    /// 0 for a user who is no agent.
    pub(crate) agent: u64,
}

/// Which program to start, and on which folder.
pub(crate) struct Place {
    pub(crate) program: PathBuf,
    pub(crate) folder: PathBuf,
}

impl Place {
    /// The folder of everything that is kept.
    pub(crate) fn kept(&self) -> PathBuf {
        self.folder.join("kept")
    }

    fn spawn(&self) -> anyhow::Result<Child> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join("server.log"))?;
        let program = self.program.display();
        Command::new(&self.program)
            .args(["--demo", "--listen", "127.0.0.1:0", "--log", "warn"])
            .arg("--data")
            .arg(self.kept())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {program}"))
    }

    /// Starts it and waits until it says that it is ready.
    pub(crate) async fn start(&self) -> anyhow::Result<Process> {
        let mut child = self.spawn()?;
        let out = child.stdout.take().context("no standard output")?;
        let mut lines = BufReader::new(out).lines();
        let mut address = None;
        let ready = async {
            while let Some(line) = lines.next_line().await? {
                if let Some((_, url)) = line.split_once("console  http://") {
                    address = url.split('/').next().map(str::parse).transpose()?;
                }
                if line.starts_with("Stop with") {
                    return Ok(());
                }
            }
            bail!("the server did not start, see server.log")
        };
        timeout(PATIENCE, ready)
            .await
            .context("the server does not get ready")??;
        let address = address.context("the server does not say where it listens")?;
        Ok(Process { child, address })
    }

    /// Starts it and kills it a moment later, ready or not.
    pub(crate) async fn start_and_kill(&self, after: std::time::Duration) -> anyhow::Result<()> {
        let mut child = self.spawn()?;
        tokio::time::sleep(after).await;
        Ok(child.kill().await?)
    }

    /// Runs the server's program with other arguments, and returns what it says if it fails.
    pub(crate) async fn run(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let output = Command::new(&self.program)
            .args(arguments)
            .arg("--data")
            .arg(self.kept())
            .current_dir(&self.folder)
            .output()
            .await?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "{arguments:?} says {said}");
        Ok(())
    }
}

impl Process {
    /// SIGKILL: nothing is flushed, nobody is told.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Signs a user of the demo in.
    pub(crate) async fn sign_in(&self, login: &str) -> anyhow::Result<Pass> {
        let body = json!({"login": login, "password": PASSWORD});
        let (head, user) = self.call("POST", "/api/v1/session", None, &body).await?;
        let cookie = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .and_then(|(_, value)| value.split(';').next());
        Ok(Pass {
            login: login.to_owned(),
            cookie: cookie.context("no cookie")?.to_owned(),
            csrf: user["csrf"].as_str().unwrap_or("").to_owned(),
            agent: user["user"]["agent"].as_u64().unwrap_or(0),
        })
    }

    /// Sets the cap of chats per agent in the campaign everybody uses.
    pub(crate) async fn set_cap(&self, admin: &Pass, cap: u32) -> anyhow::Result<()> {
        let path = "/api/v1/campaigns/1";
        let (_, mut campaign) = self.call("GET", path, Some(admin), &Value::Null).await?;
        let mut settings = campaign["settings"].take();
        settings["agent_cap"] = cap.into();
        self.call("PUT", path, Some(admin), &settings).await?;
        Ok(())
    }

    /// Asks over HTTP; any answer but success is an error. Returns the head and the body.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        pass: Option<&Pass>,
        body: &Value,
    ) -> anyhow::Result<(String, Value)> {
        let (head, body) = self.exchange(method, path, pass, body).await?;
        let status = head.split(' ').nth(1).unwrap_or("");
        ensure!(status.starts_with('2'), "{method} {path}: {head} {body}");
        Ok((head, body))
    }

    /// Asks over HTTP and returns the head and the body, whatever they say.
    pub(crate) async fn exchange(
        &self,
        method: &str,
        path: &str,
        pass: Option<&Pass>,
        body: &Value,
    ) -> anyhow::Result<(String, Value)> {
        let address = self.address;
        let (cookie, csrf) = pass.map_or(("", ""), |pass| (&pass.cookie, &pass.csrf));
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\n\
             connection: close\r\ncookie: {cookie}\r\nx-csrf-token: {csrf}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut answer = String::new();
        let asked = async {
            let mut stream = TcpStream::connect(address).await?;
            stream.write_all(request.as_bytes()).await?;
            stream.read_to_string(&mut answer).await
        };
        timeout(PATIENCE, asked).await??;
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .ok_or_else(|| anyhow!("half an answer: {answer}"))?;
        Ok((head.to_owned(), serde_json::from_str(body)?))
    }
}

/// Copies the files of a dead server, as its next start would find them.
pub(crate) fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        // The index of the log is made anew from the log; files that were sent are no part of the history.
        if entry.file_type()?.is_file()
            && entry.path().extension().is_none_or(|kind| kind != "db-shm")
        {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
