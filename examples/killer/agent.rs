//! An agent: reads every chat of the desk, answers, hands over, closes.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use webchat_examples::line::{Frame, Line};
use webchat_examples::site::{Pass, Site};

use crate::client::{Book, Client, Outgoing};
use crate::history::Came;

/// Messages an agent has under way at most.
const OUTSTANDING: usize = 6;

/// An agent at a desk.
pub(crate) struct Agent {
    out: Outgoing,
    rng: fastrand::Rng,
    pass: Pass,
    /// Other agents, to hand chats to.
    others: Vec<u64>,
    desk: BTreeMap<String, OnDesk>,
    /// Requests for the past of a chat that are not answered.
    asked: BTreeMap<u64, String>,
}

/// A chat on the desk.
#[derive(Default)]
struct OnDesk {
    /// Number of the last message there is, as far as was told.
    last: u64,
    owner: Option<u64>,
    phase: String,
    /// The agent the chat is being handed to.
    to: Option<u64>,
}

impl Agent {
    pub(crate) fn new(pass: Pass, others: Vec<u64>, book: Book, rng: fastrand::Rng) -> Self {
        Self {
            out: Outgoing::new(pass.login.clone(), book),
            rng,
            pass,
            others,
            desk: BTreeMap::new(),
            asked: BTreeMap::new(),
        }
    }

    /// The chats this agent owns, as far as was told.
    fn own(&self) -> impl Iterator<Item = &String> {
        let me = Some(self.pass.agent);
        let own = self.desk.iter();
        own.filter(move |(_, chat)| chat.owner == me && chat.phase == "active")
            .map(|(chat, _)| chat)
    }

    async fn sees(&mut self, line: &mut Line, view: &Value) -> anyhow::Result<()> {
        let chat = view["chat"].as_str().unwrap_or("").to_owned();
        let seen = OnDesk {
            last: view["last"].as_u64().unwrap_or(0),
            owner: view["owner"].as_u64(),
            phase: view["phase"]["kind"].as_str().unwrap_or("").to_owned(),
            to: view["phase"]["to"]["agent"].as_u64(),
        };
        let for_me = seen.to == Some(self.pass.agent);
        self.desk.insert(chat.clone(), seen);
        if for_me {
            line.tell(&json!({"do": "accept", "chat": chat})).await?;
        }
        self.catch_up(line, &chat).await
    }

    /// Asks for the messages of a chat that were not read yet, if there are any.
    async fn catch_up(&mut self, line: &mut Line, chat: &str) -> anyhow::Result<()> {
        let Some(on_desk) = self.desk.get(chat) else {
            return Ok(());
        };
        let known = self.out.book.open().last_read(&self.out.who, chat);
        if known < on_desk.last && !self.asked.values().any(|asked| asked == chat) {
            let history = json!({"do": "history", "chat": chat, "after": known});
            let id = line.ask(history).await?;
            self.asked.insert(id, chat.to_owned());
        }
        Ok(())
    }

    async fn pushed(&mut self, line: &mut Line, push: &Value) -> anyhow::Result<()> {
        let chat = push["chat"].as_str().unwrap_or("");
        match push["push"].as_str() {
            Some("chat") => self.sees(line, &push["view"]).await,
            Some("gone") => {
                self.desk.remove(chat);
                Ok(())
            }
            Some("message") => {
                let number = push["message"]["number"].as_u64().unwrap_or(0);
                let known = self.out.book.open().last_read(&self.out.who, chat);
                // What was skipped, when the chat came to the desk late, is in its history.
                if number <= known + 1 {
                    let mut book = self.out.book.open();
                    book.read(&self.out.who, chat, &push["message"], Came::Listed);
                }
                if let Some(on_desk) = self.desk.get_mut(chat) {
                    on_desk.last = on_desk.last.max(number);
                }
                self.catch_up(line, chat).await
            }
            _ => Ok(()),
        }
    }
}

impl Client for Agent {
    fn door(&self, site: Site) -> (String, Vec<(&'static str, String)>) {
        let origin = ("origin", format!("http://{}", site.address));
        let cookie = ("cookie", self.pass.cookie.clone());
        ("/api/v1/agent".to_owned(), vec![origin, cookie])
    }

    fn hello(&self) -> Value {
        json!({"do": "hello"})
    }

    async fn welcomed(&mut self, line: &mut Line, hello: Value) -> anyhow::Result<()> {
        self.desk.clear();
        self.asked.clear();
        for view in hello["chats"].as_array().into_iter().flatten() {
            self.sees(line, view).await?;
        }
        self.out.send_again(line).await
    }

    async fn heard(&mut self, line: &mut Line, frame: Frame) -> anyhow::Result<()> {
        let (id, answer) = match frame {
            Frame::Answer(id, answer) => (id, answer),
            Frame::Push(push) => return self.pushed(line, &push).await,
        };
        let Some(chat) = self.asked.remove(&id) else {
            self.out.answered(id, &answer);
            return Ok(());
        };
        match answer {
            Ok(past) => {
                for message in past["messages"].as_array().into_iter().flatten() {
                    let mut book = self.out.book.open();
                    book.read(&self.out.who, &chat, message, Came::Listed);
                }
                self.catch_up(line, &chat).await
            }
            Err(code) if code == "unknown_chat" => {
                self.desk.remove(&chat);
                Ok(())
            }
            // Asked again with the next message or the next hello.
            Err(_) => Ok(()),
        }
    }

    async fn act(&mut self, line: &mut Line) -> anyhow::Result<()> {
        let own: Vec<String> = self.own().cloned().collect();
        let Some(chat) = self.rng.choice(own) else {
            return Ok(());
        };
        match self.rng.u32(0..100) {
            0..4 => {
                line.tell(&json!({"do": "close", "chat": chat, "id": 0}))
                    .await
            }
            4..8 => {
                let agent = self.rng.choice(&self.others);
                line.tell(&json!({"do": "transfer", "chat": chat, "agent": agent, "id": 0}))
                    .await
            }
            8..14 => {
                let last = self.desk.get(&chat).map_or(0, |chat| chat.last);
                let seen = json!({"do": "seen", "chat": chat, "delivered": last, "read": last});
                line.tell(&seen).await
            }
            _ if self.out.len() < OUTSTANDING => {
                let padding = self.rng.usize(0..200);
                self.out.write(line, &chat, padding).await
            }
            _ => Ok(()),
        }
    }

    async fn again(&mut self, line: &mut Line) -> anyhow::Result<()> {
        self.out.send(line).await?;
        let chats: Vec<String> = self.desk.keys().cloned().collect();
        for chat in chats {
            self.catch_up(line, &chat).await?;
        }
        Ok(())
    }

    fn at_rest(&self) -> bool {
        let book = self.out.book.open();
        let read = |(chat, on_desk): (&String, &OnDesk)| {
            book.last_read(&self.out.who, chat) >= on_desk.last
        };
        self.out.len() == 0 && self.asked.is_empty() && self.desk.iter().all(read)
    }

    fn pause(&mut self) -> u64 {
        self.rng.u64(5..30)
    }
}
