//! What visitors and agents have in common: they connect, work, lose the server, come back and ask again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use webchat_examples::PATIENCE;
use webchat_examples::line::{Answer, Frame, Line};
use webchat_examples::site::Site;

use crate::history::{History, Outcome};

/// What all clients of a folder are to do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage {
    /// The server is dead.
    Down,
    /// Write and read.
    Work(Site),
    /// Get an answer to whatever is open, begin nothing new.
    Settle(Site),
    /// Come back once more and read to the end.
    Read(Site),
    /// Go home.
    Over,
}

/// What clients write into together.
#[derive(Clone, Default)]
pub(crate) struct Book(Arc<Mutex<History>>);

impl Book {
    pub(crate) fn open(&self) -> MutexGuard<'_, History> {
        // No code that holds this lock can panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client's own part.
pub(crate) trait Client {
    /// Path and header fields of its socket.
    fn door(&self, site: Site) -> (String, Vec<(&'static str, String)>);
    /// Its first request.
    fn hello(&self) -> Value;
    /// It is back: takes in what hello answered and asks again what was not answered.
    async fn welcomed(&mut self, line: &mut Line, hello: Value) -> anyhow::Result<()>;
    /// Takes in a frame.
    async fn heard(&mut self, line: &mut Line, frame: Frame) -> anyhow::Result<()>;
    /// Does something new.
    async fn act(&mut self, line: &mut Line) -> anyhow::Result<()>;
    /// Asks again what the server could not do at the time.
    async fn again(&mut self, line: &mut Line) -> anyhow::Result<()>;
    /// Nothing is open, and all there is was read.
    fn at_rest(&self) -> bool;
    /// The pause until it acts again, in milliseconds.
    fn pause(&mut self) -> u64;
}

/// Lives until told to go home; says each time it has come to rest in a stage that asks for it.
pub(crate) async fn live(
    mut client: impl Client,
    mut stage: watch::Receiver<Stage>,
    rest: mpsc::Sender<()>,
) {
    loop {
        let now = *stage.borrow_and_update();
        let (Stage::Work(site) | Stage::Settle(site) | Stage::Read(site)) = now else {
            if matches!(now, Stage::Over) || stage.changed().await.is_err() {
                return;
            }
            continue;
        };
        if session(&mut client, site, &mut stage, &rest).await.is_err() {
            // Nobody is there, or not any more.
            let pause = Duration::from_millis(client.pause());
            tokio::select! {
                () = sleep(pause) => {}
                _ = stage.changed() => stage.mark_changed(),
            }
        }
    }
}

/// One connection, until it ends or the stage wants another one.
async fn session(
    client: &mut impl Client,
    site: Site,
    stage: &mut watch::Receiver<Stage>,
    rest: &mpsc::Sender<()>,
) -> anyhow::Result<()> {
    let (path, fields) = client.door(site);
    let mut line = Line::dial(site, &path, &fields).await?;
    let hello = line.hello(client.hello()).await?;
    timeout(PATIENCE, client.welcomed(&mut line, hello)).await??;
    let mut now = *stage.borrow();
    let mut told = false;
    let mut next = Instant::now();
    loop {
        let resting = matches!(now, Stage::Settle(_) | Stage::Read(_)) && client.at_rest();
        if resting && !told {
            told = true;
            // Whoever waited has gone only if the whole run failed.
            let _ = rest.send(()).await;
        }
        tokio::select! {
            frame = line.frame() => client.heard(&mut line, frame?).await?,
            () = sleep_until(next), if !told => {
                client.again(&mut line).await?;
                if let Stage::Work(_) = now {
                    client.act(&mut line).await?;
                }
                next = Instant::now() + Duration::from_millis(client.pause());
            }
            changed = stage.changed() => {
                changed?;
                let then = *stage.borrow_and_update();
                if !matches!(then, Stage::Work(_) | Stage::Settle(_)) {
                    return Ok(());
                }
                now = then;
            }
        }
    }
}

/// A message that has no final answer yet.
pub(crate) struct Open {
    pub(crate) chat: String,
    pub(crate) key: String,
    pub(crate) text: String,
    /// The number of the request on this line; `None` if it is to be sent again.
    id: Option<u64>,
}

/// The messages of one client that have no final answer yet, in the order of writing.
pub(crate) struct Outgoing {
    pub(crate) who: String,
    pub(crate) book: Book,
    open: Vec<Open>,
    count: u64,
}

impl Outgoing {
    pub(crate) fn new(who: String, book: Book) -> Self {
        Self {
            who,
            book,
            open: Vec::new(),
            count: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    /// Writes a new message.
    pub(crate) async fn write(
        &mut self,
        line: &mut Line,
        chat: &str,
        padding: usize,
    ) -> anyhow::Result<()> {
        self.count += 1;
        let key = format!("{}-{}", self.who, self.count);
        let text = format!("{key} says {}", "x".repeat(padding));
        self.book.open().sent(&self.who, chat, &key, &text);
        self.open.push(Open {
            chat: chat.to_owned(),
            key,
            text,
            id: None,
        });
        self.send(line).await
    }

    /// The line is new: all that is open was sent on another one, and is sent again.
    pub(crate) async fn send_again(&mut self, line: &mut Line) -> anyhow::Result<()> {
        for open in &mut self.open {
            if open.id.take().is_some() {
                self.book.open().unsure(&open.key);
            }
        }
        self.send(line).await
    }

    /// Sends what has no request on its way.
    pub(crate) async fn send(&mut self, line: &mut Line) -> anyhow::Result<()> {
        for open in self.open.iter_mut().filter(|open| open.id.is_none()) {
            let request = serde_json::json!({
                "do": "write", "chat": open.chat, "key": open.key, "text": open.text,
            });
            // Counts as sent even if the line breaks meanwhile: part of it may have arrived.
            open.id = Some(0);
            open.id = Some(line.ask(request).await?);
        }
        Ok(())
    }

    /// Takes in an answer if it is to a message.
    pub(crate) fn answered(&mut self, id: u64, answer: &Answer) {
        let Some(index) = self.open.iter().position(|open| open.id == Some(id)) else {
            return;
        };
        let mut book = self.book.open();
        let key = self.open[index].key.clone();
        let outcome = match answer {
            Ok(written) => Outcome::Acked {
                number: written["number"].as_u64().unwrap_or(0),
                at: written["at"].as_i64().unwrap_or(0),
            },
            Err(code) if code == "too_fast" => {
                self.open[index].id = None;
                return book.overtaken(&key);
            }
            Err(code) if matches!(&**code, "retry" | "internal_error" | "shutting_down") => {
                self.open[index].id = None;
                book.overtaken(&key);
                return book.unsure(&key);
            }
            Err(code) => Outcome::Refused(code.clone()),
        };
        book.answered(&key, outcome);
        self.open.remove(index);
    }
}
