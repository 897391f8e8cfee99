//! An agent: reads every chat of the desk, answers each message after a moment's thought, closes when it was the last.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{sleep, sleep_until, timeout};
use webchat_examples::PATIENCE;
use webchat_examples::line::{Frame, Line};
use webchat_examples::site::{Pass, Site};

use crate::Run;
use crate::ledger::Side;
use crate::plan::exponential;
use crate::tally::{Counted, Timed};
use crate::words::{Next, Words};

/// How the day goes for agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Day {
    Work,
    /// No visitor is left: go home when the desk is empty.
    Over,
}

/// A chat on the desk.
#[derive(Default)]
struct OnDesk {
    side: Side,
    /// Number of the last message there is, as far as was told.
    last: u64,
    /// Number of the last message that came in a list. It may be pushed too, before or after.
    listed: u64,
    /// When the last answer thought of is due: answers come in the order of what they answer.
    busy_until: Duration,
    /// It is no longer this agent's, but an answer about it is still to come.
    gone: bool,
}

/// An answer to be written.
struct Reply {
    chat: String,
    name: String,
    next: Next,
}

/// An agent who just came to the desk.
pub(crate) struct Came {
    line: Line,
    /// What the desk shows.
    hello: Value,
}

/// Comes to the desk.
pub(crate) async fn come(site: Site, pass: &Pass) -> anyhow::Result<Came> {
    let (line, hello) = Line::desk(site, pass).await?;
    Ok(Came { line, hello })
}

/// An agent at a desk.
pub(crate) struct Agent {
    run: Arc<Run>,
    site: Site,
    pass: Pass,
    rng: fastrand::Rng,
    desk: HashMap<String, OnDesk>,
    /// Requests for the past of a chat that are not answered.
    asked: HashMap<u64, String>,
    /// Messages that are not answered: their chat, place in what was written, and when they were due.
    open: HashMap<u64, (String, usize, Duration)>,
    /// What is to be written, by when; the number keeps two of the same instant apart.
    replies: BTreeMap<(Duration, u64), Reply>,
    count: u64,
    closing: HashMap<u64, String>,
}

impl Agent {
    pub(crate) fn new(run: Arc<Run>, site: Site, pass: Pass, rng: fastrand::Rng) -> Self {
        Self {
            run,
            site,
            pass,
            rng,
            desk: HashMap::new(),
            asked: HashMap::new(),
            open: HashMap::new(),
            replies: BTreeMap::new(),
            count: 0,
            closing: HashMap::new(),
        }
    }

    /// Works until the day is over. Whoever loses the connection comes back; that is counted as an error.
    pub(crate) async fn work(mut self, came: Came, mut day: watch::Receiver<Day>) {
        let mut came = Ok(came);
        loop {
            let worked = match came {
                Ok(came) => self.at_desk(came, &mut day).await,
                Err(error) => Err(error),
            };
            let Err(error) = worked else {
                break;
            };
            self.run
                .tally
                .error(format!("an agent was cut off: {error:#}"));
            if *day.borrow() == Day::Over {
                break;
            }
            sleep(Duration::from_secs(1)).await;
            came = come(self.site, &self.pass).await;
        }
        for (chat, mut on_desk) in self.desk.drain() {
            on_desk.side.cut_short = true;
            self.run.ledger.of_agent(&chat, on_desk.side);
        }
    }

    async fn at_desk(&mut self, came: Came, day: &mut watch::Receiver<Day>) -> anyhow::Result<()> {
        let Came { mut line, hello } = came;
        // What was open on the line before stays unanswered.
        self.asked.clear();
        self.open.clear();
        for view in hello["chats"].as_array().into_iter().flatten() {
            self.sees(&mut line, view).await?;
        }
        loop {
            if *day.borrow() == Day::Over && self.desk.is_empty() {
                // The answer is the end of the socket.
                line.ask(json!({"do": "sign_out", "force": true})).await?;
                let home = async { while line.frame().await.is_ok() {} };
                return timeout(PATIENCE, home)
                    .await
                    .context("signing out is not answered");
            }
            let due = self.replies.keys().next().map(|(due, _)| *due);
            let wake = self.run.tally.begun + due.unwrap_or_default();
            tokio::select! {
                frame = line.frame() => self.heard(&mut line, frame?).await?,
                () = sleep_until(wake.into()), if due.is_some() => self.reply(&mut line).await?,
                changed = day.changed() => changed?,
            }
        }
    }

    async fn reply(&mut self, line: &mut Line) -> anyhow::Result<()> {
        let Some(((due, _), Reply { chat, name, next })) = self.replies.pop_first() else {
            return Ok(());
        };
        let Some(on_desk) = self.desk.get_mut(&chat).filter(|on_desk| !on_desk.gone) else {
            return Ok(());
        };
        self.run.tally.time(Timed::Lateness, due);
        line.tell(&json!({"do": "typing", "chat": chat, "on": true}))
            .await?;
        let words = Words { name, due, next };
        let text = words.text();
        let place = on_desk.side.wrote("agent", &text);
        let write = json!({"do": "write", "chat": chat, "key": words.name, "text": text});
        let id = line.ask(write).await?;
        self.open.insert(id, (chat.clone(), place, due));
        if next == Next::AgentCloses {
            let id = line.ask(json!({"do": "close", "chat": chat})).await?;
            self.closing.insert(id, chat);
        }
        Ok(())
    }

    async fn heard(&mut self, line: &mut Line, frame: Frame) -> anyhow::Result<()> {
        let (id, answer) = match frame {
            Frame::Push(push) => return self.pushed(line, &push).await,
            Frame::Answer(id, answer) => (id, answer),
        };
        if let Some((chat, place, due)) = self.open.remove(&id) {
            match answer {
                Ok(written) => {
                    if let Some(on_desk) = self.desk.get_mut(&chat) {
                        let number = written["number"].as_u64().unwrap_or(0);
                        on_desk.side.acknowledged(place, number);
                    }
                    self.run.tally.time(Timed::Ack, due);
                    self.run.tally.count(Counted::Acknowledged);
                }
                Err(code) => self
                    .run
                    .tally
                    .error(format!("an answer was refused as {code}")),
            }
            self.clear_away(&chat);
        } else if self.closing.remove(&id).is_some() {
            if let Err(code) = answer {
                self.run
                    .tally
                    .error(format!("closing was refused as {code}"));
            }
        } else if let Some(chat) = self.asked.get(&id).cloned() {
            if let Ok(past) = answer {
                for message in past["messages"].as_array().into_iter().flatten() {
                    self.reads(line, &chat, message).await?;
                }
                if let Some(on_desk) = self.desk.get_mut(&chat) {
                    on_desk.listed = on_desk.side.last();
                }
            }
            self.asked.remove(&id);
            self.catch_up(line, &chat).await?;
            self.clear_away(&chat);
        }
        Ok(())
    }

    async fn pushed(&mut self, line: &mut Line, push: &Value) -> anyhow::Result<()> {
        let chat = push["chat"].as_str().unwrap_or("");
        match push["push"].as_str() {
            Some("chat") => self.sees(line, &push["view"]).await,
            Some("message") => self.reads(line, chat, &push["message"]).await,
            Some("gone") => {
                if let Some(on_desk) = self.desk.get_mut(chat) {
                    on_desk.gone = true;
                }
                self.clear_away(chat);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn sees(&mut self, line: &mut Line, view: &Value) -> anyhow::Result<()> {
        let chat = view["chat"].as_str().unwrap_or("").to_owned();
        let on_desk = self.desk.entry(chat.clone()).or_default();
        on_desk.last = on_desk.last.max(view["last"].as_u64().unwrap_or(0));
        self.catch_up(line, &chat).await
    }

    /// Takes a message in if it is the next one; what was skipped is asked for.
    async fn reads(&mut self, line: &mut Line, chat: &str, message: &Value) -> anyhow::Result<()> {
        let Some(on_desk) = self.desk.get_mut(chat) else {
            return Ok(());
        };
        let number = message["number"].as_u64().unwrap_or(0);
        on_desk.last = on_desk.last.max(number);
        // A list may repeat what was pushed, and the other way round.
        let repeated = number <= on_desk.listed || self.asked.values().any(|asked| asked == chat);
        if number <= on_desk.side.last() && repeated {
            return Ok(());
        }
        if number > on_desk.side.last() + 1 {
            return self.catch_up(line, chat).await;
        }
        if on_desk.side.read(message) && message["author"]["kind"] == "visitor" {
            let seen = json!({"do": "seen", "chat": chat, "delivered": number, "read": number});
            line.tell(&seen).await?;
            self.considers(chat, message["text"].as_str().unwrap_or(""));
        }
        Ok(())
    }

    /// Thinks of an answer.
    fn considers(&mut self, chat: &str, text: &str) {
        let Some(Words { name, due, next }) = Words::of(text) else {
            return;
        };
        let tally = &self.run.tally;
        tally.time(Timed::Delivery, due);
        tally.count(Counted::Delivered);
        let thinks = exponential(&mut self.rng, self.run.think.as_secs_f64());
        let mut due = tally.now() + Duration::from_secs_f64(thinks);
        if let Some(on_desk) = self.desk.get_mut(chat) {
            due = due.max(on_desk.busy_until);
            on_desk.busy_until = due;
        }
        self.count += 1;
        let chat = chat.to_owned();
        self.replies
            .insert((due, self.count), Reply { chat, name, next });
    }

    /// Asks for the messages of a chat that were not read yet, if there are any.
    async fn catch_up(&mut self, line: &mut Line, chat: &str) -> anyhow::Result<()> {
        let Some(on_desk) = self.desk.get(chat).filter(|on_desk| !on_desk.gone) else {
            return Ok(());
        };
        let known = on_desk.side.last();
        if known < on_desk.last && !self.asked.values().any(|asked| asked == chat) {
            let history = json!({"do": "history", "chat": chat, "after": known});
            let id = line.ask(history).await?;
            self.asked.insert(id, chat.to_owned());
        }
        Ok(())
    }

    /// Hands in what is known of a chat that is gone, once no answer about it is to come.
    fn clear_away(&mut self, chat: &str) {
        let pending = self
            .asked
            .values()
            .chain(self.open.values().map(|(chat, ..)| chat));
        let pending = pending.into_iter().any(|other| other == chat);
        let is_gone = |on_desk: &OnDesk| on_desk.gone && !pending;
        if !self.desk.get(chat).is_some_and(is_gone) {
            return;
        }
        if let Some(mut on_desk) = self.desk.remove(chat) {
            on_desk.side.cut_short = on_desk.side.last() < on_desk.last;
            self.run.ledger.of_agent(chat, on_desk.side);
        }
    }
}
