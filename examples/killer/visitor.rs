//! A visitor: starts a chat, writes, reads, ends it, starts the next one.

use serde_json::{Value, json};
use webchat_examples::line::{Frame, Line};
use webchat_examples::site::Site;

use crate::client::{Book, Client, Outgoing};
use crate::history::Came;

/// Messages a visitor has under way at most.
const OUTSTANDING: usize = 4;

/// One more character than a message may have.
const TOO_LONG: usize = 4_001;

/// A visitor with a chat, or about to have one.
pub(crate) struct Visitor {
    out: Outgoing,
    rng: fastrand::Rng,
    token: Value,
    chat: Option<String>,
    /// Number of the last message there is, as far as was told.
    last: u64,
    written: u32,
    /// The number of the request, 0 once the line it went out on is gone.
    starting: Option<u64>,
    ending: Option<u64>,
}

impl Visitor {
    pub(crate) fn new(name: String, book: Book, rng: fastrand::Rng) -> Self {
        Self {
            out: Outgoing::new(name, book),
            rng,
            token: Value::Null,
            chat: None,
            last: 0,
            written: 0,
            starting: None,
            ending: None,
        }
    }

    fn read(&mut self, chat: &str, message: &Value, came: Came) {
        let who = &self.out.who;
        let known = self.out.book.open().read(who, chat, message, came);
        self.last = self.last.max(known);
    }

    fn is(&mut self, chat: &Value) {
        let id = chat["chat"].as_str().unwrap_or("").to_owned();
        let ended = (self.out.who.clone(), id.clone());
        self.starting = None;
        if self.out.book.open().complete.contains(&ended) {
            return;
        }
        if self.chat.as_ref() != Some(&id) {
            self.chat = Some(id);
            self.written = 0;
            self.last = 0;
        }
        self.last = self.last.max(chat["last"].as_u64().unwrap_or(0));
    }

    fn is_over(&mut self, chat: &str) {
        self.out.book.open().over(&self.out.who, chat);
        if self.chat.as_deref() == Some(chat) {
            self.chat = None;
            self.ending = None;
            self.last = 0;
        }
    }

    fn all_read(&self) -> bool {
        let chat = self.chat.as_deref();
        chat.is_none_or(|chat| self.out.book.open().last_read(&self.out.who, chat) >= self.last)
    }
}

impl Client for Visitor {
    fn door(&self, _site: Site) -> (String, Vec<(&'static str, String)>) {
        let origin = ("origin", "https://shop.example".to_owned());
        ("/api/v1/visitor?campaign=1".to_owned(), vec![origin])
    }

    fn hello(&self) -> Value {
        let seen = match &self.chat {
            Some(chat) => self.out.book.open().last_read(&self.out.who, chat),
            None => 0,
        };
        json!({"do": "hello", "token": self.token, "language": "en", "seen": seen})
    }

    async fn welcomed(&mut self, line: &mut Line, mut hello: Value) -> anyhow::Result<()> {
        self.token = hello["token"].take();
        let chat = match hello["chat"]["chat"].as_str() {
            Some(_) => {
                self.is(&hello["chat"]);
                self.chat.clone()
            }
            None => hello["ended"]["chat"].as_str().map(str::to_owned),
        };
        if let (Some(chat), Some(messages)) = (&chat, hello["messages"].as_array()) {
            for message in messages {
                self.read(chat, message, Came::Listed);
            }
        }
        match (&self.chat, chat) {
            (mine, Some(ended)) if hello["chat"].is_null() => {
                if mine.as_ref().is_some_and(|mine| *mine != ended) {
                    let what = format!("{}: chat {mine:?} became {ended}", self.out.who);
                    self.out.book.open().broken(what);
                }
                self.is_over(&ended);
            }
            (Some(mine), None) => {
                let what = format!("{}: chat {mine} is forgotten", self.out.who);
                self.out.book.open().broken(what);
                self.chat = None;
            }
            _ => {}
        }
        self.out.send_again(line).await?;
        if self.starting.is_some() {
            self.starting = Some(line.ask(json!({"do": "start"})).await?);
        }
        if let (Some(_), Some(chat)) = (self.ending, &self.chat) {
            self.ending = Some(line.ask(json!({"do": "end", "chat": chat})).await?);
        }
        Ok(())
    }

    async fn heard(&mut self, _line: &mut Line, frame: Frame) -> anyhow::Result<()> {
        let (id, answer) = match frame {
            Frame::Answer(id, answer) => (id, answer),
            Frame::Push(push) => {
                let chat = push["chat"].as_str().unwrap_or("").to_owned();
                match push["push"].as_str() {
                    Some("message") => {
                        if self.starting.is_some() && self.chat.is_none() {
                            self.is(&json!({"chat": chat}));
                        }
                        self.read(&chat, &push["message"], Came::Pushed);
                    }
                    Some("state") => self.is(&push["view"]),
                    Some("closed") => self.is_over(&chat),
                    _ => {}
                }
                return Ok(());
            }
        };
        if self.starting == Some(id) {
            match &answer {
                // Pushes may have told already, and even that it is over again.
                Ok(started) if started["chat"].is_object() => self.is(&started["chat"]),
                _ => self.starting = None,
            }
        } else if self.ending == Some(id) {
            if answer.is_err() {
                self.ending = None;
            }
        } else {
            self.out.answered(id, &answer);
        }
        Ok(())
    }

    async fn act(&mut self, line: &mut Line) -> anyhow::Result<()> {
        let Some(chat) = self.chat.clone() else {
            if self.starting.is_none() {
                self.starting = Some(0);
                self.starting = Some(line.ask(json!({"do": "start"})).await?);
            }
            return Ok(());
        };
        if self.ending.is_some() || self.out.len() >= OUTSTANDING {
            return Ok(());
        }
        if self.written > 5 && self.rng.u32(0..100) < 4 {
            self.ending = Some(0);
            let end = json!({"do": "end", "chat": chat});
            self.ending = Some(line.ask(end).await?);
            return Ok(());
        }
        if self.rng.u32(0..100) < 10 {
            let seen =
                json!({"do": "seen", "chat": chat, "delivered": self.last, "read": self.last});
            line.tell(&seen).await?;
        }
        self.written += 1;
        let padding = match self.rng.u32(0..100) {
            0 => TOO_LONG,
            _ => self.rng.usize(0..200),
        };
        self.out.write(line, &chat, padding).await
    }

    async fn again(&mut self, line: &mut Line) -> anyhow::Result<()> {
        self.out.send(line).await
    }

    fn at_rest(&self) -> bool {
        let asked = self.starting.is_some() || self.ending.is_some();
        !asked && self.out.len() == 0 && self.all_read()
    }

    fn pause(&mut self) -> u64 {
        self.rng.u64(5..40)
    }
}
