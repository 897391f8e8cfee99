//! What the clients know: what they sent, what became of it as far as they were told, and what they read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use serde_json::Value;

/// Everything all clients of a folder know.
#[derive(Default)]
pub(crate) struct History {
    /// In the order of first sending.
    pub(crate) sent: Vec<Sent>,
    by_key: HashMap<String, usize>,
    /// By reader and chat: what was read, from number 1 on.
    pub(crate) read: BTreeMap<(String, String), Vec<Read>>,
    /// Chats a visitor was told are over, which must have been read to the end.
    pub(crate) complete: BTreeSet<(String, String)>,
    /// Promises a client saw broken.
    pub(crate) broken: Vec<String>,
}

/// A message as its author knows it.
pub(crate) struct Sent {
    pub(crate) author: String,
    pub(crate) chat: String,
    pub(crate) key: String,
    pub(crate) text: String,
    pub(crate) outcome: Outcome,
    /// Some attempt was never answered, or with a request to try again.
    pub(crate) unsure: bool,
    /// Answered with a request to slow down, so later ones may have gone ahead.
    pub(crate) overtaken: bool,
}

/// What the author was last told.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// Nothing yet.
    Unknown,
    Acked {
        number: u64,
        at: i64,
    },
    Refused(String),
}

/// A message as a reader got it.
#[derive(Debug, PartialEq)]
pub(crate) struct Read {
    pub(crate) number: u64,
    pub(crate) at: i64,
    pub(crate) kind: String,
    pub(crate) text: String,
}

/// How a message came to its reader.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Came {
    /// By itself, so it must be exactly the next one.
    Pushed,
    /// In a list that may repeat what is known.
    Listed,
}

impl History {
    /// A message is sent for the first time.
    pub(crate) fn sent(&mut self, author: &str, chat: &str, key: &str, text: &str) {
        self.by_key.insert(key.to_owned(), self.sent.len());
        self.sent.push(Sent {
            author: author.to_owned(),
            chat: chat.to_owned(),
            key: key.to_owned(),
            text: text.to_owned(),
            outcome: Outcome::Unknown,
            unsure: false,
            overtaken: false,
        });
    }

    /// The message of this key.
    pub(crate) fn of_key(&self, key: &str) -> Option<&Sent> {
        self.sent.get(*self.by_key.get(key)?)
    }

    /// Whether an attempt did anything is not known.
    pub(crate) fn unsure(&mut self, key: &str) {
        self.change(key, |sent| sent.unsure = true);
    }

    /// Others may go ahead of it.
    pub(crate) fn overtaken(&mut self, key: &str) {
        self.change(key, |sent| sent.overtaken = true);
    }

    /// The author was answered.
    pub(crate) fn answered(&mut self, key: &str, outcome: Outcome) {
        self.change(key, |sent| sent.outcome = outcome);
    }

    fn change(&mut self, key: &str, change: impl FnOnce(&mut Sent)) {
        if let Some(sent) = self.by_key.get(key).and_then(|at| self.sent.get_mut(*at)) {
            change(sent);
        }
    }

    /// A reader got a message; returns the number of the last one known. One that skips others is not kept.
    pub(crate) fn read(&mut self, reader: &str, chat: &str, message: &Value, came: Came) -> u64 {
        let got = Read {
            number: message["number"].as_u64().unwrap_or(0),
            at: message["at"].as_i64().unwrap_or(0),
            kind: message["author"]["kind"].as_str().unwrap_or("").to_owned(),
            text: message["text"].as_str().unwrap_or("").to_owned(),
        };
        let known = self
            .read
            .entry((reader.to_owned(), chat.to_owned()))
            .or_default();
        let last = known.len() as u64;
        if got.number == last + 1 {
            known.push(got);
            return last + 1;
        }
        let before = got
            .number
            .checked_sub(1)
            .and_then(|index| known.get(usize::try_from(index).ok()?));
        let fault = match before {
            Some(before) if *before != got => Some(format!("changed from {before:?}")),
            Some(_) if came == Came::Listed => None,
            Some(_) => Some("read twice".to_owned()),
            None => Some(format!("read after number {last}")),
        };
        if let Some(fault) = fault {
            let fault = format!("{reader} in chat {chat}: {got:?} {fault}");
            self.broken.push(fault);
        }
        last
    }

    /// Number of the last message this reader knows of the chat; 0 if none.
    pub(crate) fn last_read(&self, reader: &str, chat: &str) -> u64 {
        let known = self.read.get(&(reader.to_owned(), chat.to_owned()));
        known.map_or(0, |known| known.len() as u64)
    }

    /// The reader was told that the chat is over.
    pub(crate) fn over(&mut self, reader: &str, chat: &str) {
        self.complete.insert((reader.to_owned(), chat.to_owned()));
    }

    /// A promise was seen broken.
    pub(crate) fn broken(&mut self, what: String) {
        self.broken.push(what);
    }

    /// The whole of it, for whoever looks into a failure.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for sent in &self.sent {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "sent {} chat {} {} {:?} unsure={} overtaken={}",
                sent.author, sent.chat, sent.key, sent.outcome, sent.unsure, sent.overtaken
            );
        }
        for ((reader, chat), read) in &self.read {
            for message in read {
                let _ = writeln!(text, "read {reader} chat {chat} {message:?}");
            }
        }
        text
    }
}
