//! A server as a process of its own, started and killed.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::PATIENCE;
use crate::site::Site;

/// A running server.
pub struct Process {
    /// The process; killed when dropped.
    pub child: Child,
    /// Where it listens.
    pub site: Site,
}

/// Which program to start, and on which folder.
pub struct Place {
    /// The server's program.
    pub program: PathBuf,
    /// The folder it works in; what it keeps is in `kept`, what it logs in `server.log`.
    pub folder: PathBuf,
}

/// The server's program: the one given, or `server` beside this program.
///
/// # Errors
/// If there is none.
pub fn server(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let program = match given {
        Some(program) => program.to_owned(),
        None => std::env::current_exe()?.with_file_name("server"),
    };
    let found = program.canonicalize();
    found.with_context(|| format!("no server at {}", program.display()))
}

impl Place {
    /// The folder of everything that is kept.
    pub fn kept(&self) -> PathBuf {
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
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start(&self) -> anyhow::Result<Process> {
        Process::ready(self.spawn()?).await
    }

    /// Starts it and kills it a moment later, ready or not.
    ///
    /// # Errors
    /// If it cannot be started or killed.
    pub async fn start_and_kill(&self, after: std::time::Duration) -> anyhow::Result<()> {
        let mut child = self.spawn()?;
        tokio::time::sleep(after).await;
        Ok(child.kill().await?)
    }

    /// Runs the server's program with other arguments.
    ///
    /// # Errors
    /// What it says if it fails.
    pub async fn run(&self, arguments: &[&str]) -> anyhow::Result<()> {
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
    /// A server that was started just now, when it says that it is ready.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn ready(mut child: Child) -> anyhow::Result<Self> {
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
        let site = Site::at(address);
        Ok(Self { child, site })
    }

    /// SIGKILL: nothing is flushed, nobody is told.
    ///
    /// # Errors
    /// If it cannot be killed.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }
}

/// Copies the files of a dead server, as its next start would find them.
///
/// # Errors
/// If a file cannot be copied.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
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
