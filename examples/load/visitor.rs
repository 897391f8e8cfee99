//! A visitor: comes when planned, waits as long as patience lasts, writes, and leaves.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tokio::time::sleep_until;
use webchat_examples::PATIENCE;
use webchat_examples::line::{Frame, Line};

use crate::Run;
use crate::ledger::Side;
use crate::plan::Visit;
use crate::tally::{Counted, Timed};
use crate::words::{Next, Words};

/// Longest wait for an agent's answer to the last message, beyond what agents take to think.
const UNANSWERED: Duration = Duration::from_secs(60);

/// How far a visit has come. Instants count from the beginning of the run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Starting,
    Waiting { since: Duration },
    Active { since: Duration },
    Over,
}

struct Visitor<'a> {
    run: &'a Run,
    visit: Visit,
    line: Line,
    phase: Phase,
    /// The chat, once there is one.
    chat: Option<String>,
    side: Side,
    /// The number of the request that starts the chat.
    starting: u64,
    /// When the chat was asked for.
    asked: Duration,
    /// Messages that are not answered: place in what was written, and when it was due.
    open: HashMap<u64, (usize, Duration)>,
    written: usize,
    /// Nothing is left to say.
    done: bool,
    /// When the end was asked for.
    ending: Option<Duration>,
}

/// A whole visit; what goes wrong is counted.
pub(crate) async fn visit(run: Arc<Run>, visit: Visit) {
    sleep_until((run.tally.begun + visit.comes).into()).await;
    run.tally.count(Counted::Come);
    run.tally.time(Timed::Lateness, visit.comes);
    let mut visitor = match Visitor::come(&run, visit).await {
        Ok(visitor) => visitor,
        Err(error) => return run.tally.error(format!("a visitor cannot come: {error:#}")),
    };
    let stayed = visitor.stay().await;
    visitor.leave();
    match stayed {
        Ok(()) => visitor.line.close().await,
        Err(error) => run
            .tally
            .error(format!("a visitor's chat broke off: {error:#}")),
    }
}

impl<'a> Visitor<'a> {
    /// Connects, says hello and asks for a chat.
    async fn come(run: &'a Run, visit: Visit) -> anyhow::Result<Self> {
        let path = format!("/api/v1/visitor?campaign={}", run.campaign);
        let origin = ("origin", "https://shop.example".to_owned());
        let mut line = Line::dial(run.site.seen_from(visit.from), &path, &[origin]).await?;
        line.hello(json!({"do": "hello", "language": "en"})).await?;
        let name = format!("Visitor {}", visit.number);
        let asked = run.tally.now();
        let starting = line.ask(json!({"do": "start", "name": name})).await?;
        Ok(Self {
            run,
            visit,
            line,
            phase: Phase::Starting,
            chat: None,
            side: Side::default(),
            starting,
            asked,
            open: HashMap::new(),
            written: 0,
            done: false,
            ending: None,
        })
    }

    async fn stay(&mut self) -> anyhow::Result<()> {
        while self.phase != Phase::Over {
            let due = self.next_due();
            let wake = self.run.tally.begun + due.unwrap_or_default();
            tokio::select! {
                frame = self.line.frame() => self.heard(frame?).await?,
                () = sleep_until(wake.into()), if due.is_some() => self.act(due.unwrap_or_default()).await?,
            }
        }
        Ok(())
    }

    /// When something is to be done, or has to have happened.
    fn next_due(&self) -> Option<Duration> {
        if let Some(ending) = self.ending {
            return Some(ending + PATIENCE);
        }
        match self.phase {
            Phase::Starting => Some(self.asked + PATIENCE),
            Phase::Waiting { since } => Some(since + self.visit.patience?),
            Phase::Active { since } => match self.visit.writes.get(self.written) {
                Some(write) => Some(since + *write),
                None if self.done || self.written == 0 => Some(since),
                None => Some(since + *self.visit.writes.last()? + self.run.think + UNANSWERED),
            },
            Phase::Over => None,
        }
    }

    async fn act(&mut self, due: Duration) -> anyhow::Result<()> {
        if self.ending.is_some() || self.phase == Phase::Starting {
            bail!("no answer after {} s", PATIENCE.as_secs());
        }
        let (Phase::Active { .. }, true) = (self.phase, self.written < self.visit.writes.len())
        else {
            if let (Phase::Active { .. }, false) = (self.phase, self.done || self.written == 0) {
                self.run.tally.error("the agent never answered");
            }
            self.ending = Some(self.run.tally.now());
            let chat = &self.chat;
            self.line.ask(json!({"do": "end", "chat": chat})).await?;
            return Ok(());
        };
        self.write(due).await
    }

    async fn write(&mut self, due: Duration) -> anyhow::Result<()> {
        self.written += 1;
        let next = match (
            self.written == self.visit.writes.len(),
            self.visit.agent_closes,
        ) {
            (false, _) => Next::More,
            (true, true) => Next::AgentCloses,
            (true, false) => Next::VisitorEnds,
        };
        let name = format!("{}.{}", self.visit.number, self.written);
        let words = Words { name, due, next };
        let text = words.text();
        let chat = &self.chat;
        self.run.tally.time(Timed::Lateness, due);
        self.line
            .tell(&json!({"do": "typing", "chat": chat, "on": true}))
            .await?;
        let place = self.side.wrote("visitor", &text);
        let write = json!({"do": "write", "chat": chat, "key": words.name, "text": text});
        let id = self.line.ask(write).await?;
        self.open.insert(id, (place, due));
        Ok(())
    }

    async fn heard(&mut self, frame: Frame) -> anyhow::Result<()> {
        let (id, answer) = match frame {
            Frame::Push(push) => return self.pushed(&push).await,
            Frame::Answer(id, answer) => (id, answer),
        };
        if let Some((place, due)) = self.open.remove(&id) {
            match answer {
                Ok(written) => {
                    self.side
                        .acknowledged(place, written["number"].as_u64().unwrap_or(0));
                    self.run.tally.time(Timed::Ack, due);
                    self.run.tally.count(Counted::Acknowledged);
                }
                Err(code) => self
                    .run
                    .tally
                    .error(format!("a message was refused as {code}")),
            }
        } else if id == self.starting {
            let started = answer
                .map_err(anyhow::Error::msg)
                .context("start was refused")?;
            self.run.tally.time(Timed::Start, self.visit.comes);
            match started["refused"]["code"].as_str() {
                Some(code) => {
                    self.run.tally.refused(code);
                    self.phase = Phase::Over;
                }
                None => self.is(&started["chat"]),
            }
        }
        Ok(())
    }

    async fn pushed(&mut self, push: &Value) -> anyhow::Result<()> {
        match push["push"].as_str() {
            Some("state") => self.is(&push["view"]),
            Some("message") => {
                let message = &push["message"];
                if self.side.read(message) && message["author"]["kind"] == "agent" {
                    return self.answered(message).await;
                }
            }
            Some("closed") => {
                self.count_end(push["reason"].as_str().unwrap_or(""));
                self.leave();
            }
            _ => {}
        }
        Ok(())
    }

    /// The agent has written.
    async fn answered(&mut self, message: &Value) -> anyhow::Result<()> {
        let number = &message["number"];
        let seen = json!({"do": "seen", "chat": self.chat, "delivered": number, "read": number});
        self.line.tell(&seen).await?;
        let Some(words) = Words::of(message["text"].as_str().unwrap_or("")) else {
            return Ok(());
        };
        self.run.tally.time(Timed::Delivery, words.due);
        self.run.tally.count(Counted::Delivered);
        self.done |= words.next == Next::VisitorEnds;
        Ok(())
    }

    /// Takes in the chat as it stands. An answer and a push may say the same.
    fn is(&mut self, view: &Value) {
        let tally = &self.run.tally;
        let now = tally.now();
        if self.phase == Phase::Over {
            return;
        }
        if self.chat.is_none() {
            self.chat = view["chat"].as_str().map(str::to_owned);
            self.phase = Phase::Waiting { since: now };
            tally.count(Counted::Admitted);
            tally.moved(1, 0);
        }
        if let (Phase::Waiting { .. }, Some("active")) = (self.phase, view["phase"].as_str()) {
            self.phase = Phase::Active { since: now };
            tally.moved(-1, 1);
            tally.time(Timed::Answer, self.visit.comes);
            tally.count(Counted::Answered);
            if now.saturating_sub(self.asked) <= self.run.answer_within {
                tally.count(Counted::InTime);
            }
        }
    }

    fn count_end(&self, reason: &str) {
        let tally = &self.run.tally;
        match (self.phase, reason) {
            (Phase::Active { .. }, _) => tally.count(Counted::Ended),
            (_, "timed_out") => tally.count(Counted::TimedOut),
            (_, "visitor_left") => tally.count(Counted::Left),
            (_, reason) => tally.error(format!("a waiting chat was closed as {reason}")),
        }
    }

    /// The chat is over, or nothing more will be heard of it. A second time does nothing.
    fn leave(&mut self) {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Waiting { .. } => self.run.tally.moved(-1, 0),
            Phase::Active { .. } => self.run.tally.moved(0, -1),
            Phase::Starting | Phase::Over => {}
        }
        if let Some(chat) = self.chat.take() {
            let side = std::mem::take(&mut self.side);
            self.run.ledger.of_visitor(&chat, side);
        }
    }
}
