//! Holds what the clients know against the journal.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use webchat_core::command::Destination;
use webchat_core::event::{Assignment, Author, Event, Message};
use webchat_core::id::{AgentId, ChatId};
use webchat_core::wire;
use webchat_runtime::{Journal, TenantId};
use webchat_store_sqlite::SqliteStore;

use crate::history::{History, Outcome, Read};

/// The tenant of the reference server.
const TENANT: TenantId = TenantId(1);

/// Frames read at once.
const PAGE: usize = 1_000;

/// What the journal says, followed event by event without the engine's help.
#[derive(Default)]
pub(crate) struct Facts {
    messages: BTreeMap<ChatId, Vec<Message>>,
    owners: HashMap<ChatId, AgentId>,
    /// Agents for whom a place is held: offers and incoming transfers.
    held: HashMap<ChatId, AgentId>,
    /// Promises the journal itself breaks.
    broken: Vec<String>,
    /// Frames in it.
    pub(crate) frames: u64,
}

impl Facts {
    /// Follows the journal in a folder nobody works on.
    pub(crate) async fn read(folder: &Path, cap: u32) -> anyhow::Result<Self> {
        let store = SqliteStore::open(folder)?;
        let mut facts = Self::default();
        loop {
            let frames = store.read(TENANT, facts.frames, PAGE).await?;
            let Some(last) = frames.last() else {
                return Ok(facts);
            };
            facts.frames = last.seq;
            for frame in &frames {
                for recorded in wire::decode(&frame.payload)? {
                    facts.apply(recorded.event, cap);
                }
            }
        }
    }

    fn apply(&mut self, event: Event, cap: u32) {
        match event {
            Event::MessagePosted { chat, message } => {
                let said = self.messages.entry(chat).or_default();
                if message.number as usize != said.len() + 1 {
                    let what = format!("chat {chat}: {} after {}", message.number, said.len());
                    self.broken.push(what);
                }
                said.push(message);
            }
            Event::ChatOffered { chat, agent, .. } => {
                self.held.insert(chat, agent);
                self.count(agent, cap);
            }
            Event::OfferEnded { chat, .. } | Event::TransferEnded { chat, .. } => {
                self.held.remove(&chat);
            }
            Event::TransferStarted {
                chat,
                to: Destination::Agent(agent),
                ..
            } => {
                self.held.insert(chat, agent);
                self.count(agent, cap);
            }
            Event::ChatAssigned {
                chat, agent, how, ..
            } => {
                self.held.remove(&chat);
                let before = self.owners.insert(chat, agent);
                let newly = matches!(
                    how,
                    Assignment::Direct | Assignment::Accepted | Assignment::Taken
                );
                if let (Some(before), true) = (before, newly) {
                    let what = format!("chat {chat} has agents {before} and {agent}");
                    self.broken.push(what);
                }
                self.count(agent, cap);
            }
            Event::ParticipantLeft { chat, owner, .. } => {
                self.owners.insert(chat, owner);
            }
            Event::ChatReturned { chat, .. } | Event::ChatClosed { chat, .. } => {
                self.owners.remove(&chat);
                self.held.remove(&chat);
            }
            _ => {}
        }
    }

    fn count(&mut self, agent: AgentId, cap: u32) {
        let places = self.owners.values().chain(self.held.values());
        let taken = places.filter(|other| **other == agent).count();
        if taken > cap as usize {
            let what = format!("agent {agent} has {taken} chats, the cap is {cap}");
            self.broken.push(what);
        }
    }

    /// Chats and messages in it.
    pub(crate) fn size(&self) -> (usize, usize) {
        let messages = self.messages.values().map(Vec::len).sum();
        (self.messages.len(), messages)
    }
}

/// Every broken promise. `finished` when all clients have come to rest and read to the end.
pub(crate) fn broken(facts: &Facts, history: &History, finished: bool) -> Vec<String> {
    let mut broken = [&facts.broken[..], &history.broken].concat();
    let stored = stored(facts, history, &mut broken);
    acknowledged(history, &stored, finished, &mut broken);
    order(history, &mut broken);
    reading(facts, history, finished, &mut broken);
    broken
}

type Stored<'a> = HashMap<&'a str, (String, &'a Message)>;

/// The messages of clients by their keys; none may be there twice, or be unknown to its author.
fn stored<'a>(facts: &'a Facts, history: &History, broken: &mut Vec<String>) -> Stored<'a> {
    let mut stored = Stored::new();
    for (chat, messages) in &facts.messages {
        for message in messages {
            let Some(key) = message.key.as_deref() else {
                continue;
            };
            match history.of_key(key) {
                Some(sent) if *sent.text == *message.text && sent.chat == chat.to_string() => {}
                _ => broken.push(format!("{key} in chat {chat} is not as it was sent")),
            }
            if stored.insert(key, (chat.to_string(), message)).is_some() {
                broken.push(format!("{key} is doubled"));
            }
        }
    }
    stored
}

fn acknowledged(history: &History, stored: &Stored<'_>, finished: bool, broken: &mut Vec<String>) {
    for sent in &history.sent {
        let key = sent.key.as_str();
        match (&sent.outcome, stored.get(key)) {
            (Outcome::Acked { number, at }, Some((_, message)))
                if u64::from(message.number) != *number || message.at.as_millis() != *at =>
            {
                broken.push(format!(
                    "{key} was acknowledged as {number}, is {message:?}"
                ));
            }
            (Outcome::Acked { number, .. }, None) => {
                broken.push(format!("{key}, acknowledged as {number}, is lost"));
            }
            // An attempt nobody answered may have been the one that did it.
            (Outcome::Refused(code), Some(_)) if !sent.unsure => {
                broken.push(format!("{key}, refused as {code}, is there"));
            }
            (Outcome::Unknown, _) if finished => broken.push(format!("{key} was never answered")),
            _ => {}
        }
    }
}

/// Numbers go up in the order of writing.
fn order(history: &History, broken: &mut Vec<String>) {
    let mut last: HashMap<(&str, &str), u64> = HashMap::new();
    for sent in history.sent.iter().filter(|sent| !sent.overtaken) {
        if let Outcome::Acked { number, .. } = sent.outcome {
            let last = last.entry((&sent.author, &sent.chat)).or_default();
            if number <= *last {
                broken.push(format!("{} has number {number} after {last}", sent.key));
            }
            *last = number;
        }
    }
}

/// What was read is what is stored, up to the end where the reader was told so.
fn reading(facts: &Facts, history: &History, finished: bool, broken: &mut Vec<String>) {
    let chats: HashMap<String, &Vec<Message>> = facts
        .messages
        .iter()
        .map(|(chat, messages)| (chat.to_string(), messages))
        .collect();
    let mut seen = HashSet::new();
    for (reader, read) in &history.read {
        let (who, chat) = reader;
        let none = Vec::new();
        let messages = chats.get(chat).copied().unwrap_or(&none);
        for (index, read) in read.iter().enumerate() {
            if !messages.get(index).is_some_and(|stored| same(stored, read)) {
                broken.push(format!("{who} read {read:?} in chat {chat}: not stored so"));
            }
        }
        let ended = finished && history.complete.contains(reader);
        if ended && read.len() < messages.len() {
            let (read, there) = (read.len(), messages.len());
            broken.push(format!("{who} read {read} of {there} in chat {chat}"));
        }
        seen.insert(chat.as_str());
    }
    if finished {
        for chat in chats.keys().filter(|chat| !seen.contains(chat.as_str())) {
            broken.push(format!("nobody ever read chat {chat}"));
        }
    }
}

fn same(stored: &Message, read: &Read) -> bool {
    let kind = match stored.author {
        Author::Visitor => "visitor",
        Author::Agent { .. } => "agent",
        Author::System { .. } => "system",
        Author::Bot { .. } => "bot",
    };
    u64::from(stored.number) == read.number
        && stored.at.as_millis() == read.at
        && *stored.text == *read.text
        && kind == read.kind
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::history::Came;

    fn facts(events: &[Value]) -> Facts {
        let mut facts = Facts::default();
        for event in events {
            facts.apply(serde_json::from_value(event.clone()).unwrap(), 1);
        }
        facts
    }

    fn posted(number: u32, key: &str) -> Value {
        json!({"event": "message_posted", "chat": "1-1", "message": {
            "number": number, "at": 5, "author": {"kind": "visitor"}, "text": key, "key": key,
        }})
    }

    fn assigned(chat: &str, agent: u32) -> Value {
        json!({"event": "chat_assigned", "chat": chat, "campaign": 1, "agent": agent,
               "how": "direct", "day_ends": 9})
    }

    /// A visitor who was told that these messages have these numbers, and read them.
    fn history(acked: &[(&str, u64)]) -> History {
        let mut history = History::default();
        for (key, number) in acked {
            let outcome = Outcome::Acked {
                number: *number,
                at: 5,
            };
            history.sent("v", "1-1", key, key);
            history.answered(key, outcome);
        }
        for number in 1..=acked.len() as u64 {
            if let Some((key, _)) = acked.iter().find(|(_, given)| *given == number) {
                let author = json!({"kind": "visitor"});
                let message = json!({"number": number, "at": 5, "author": author, "text": key});
                history.read("v", "1-1", &message, Came::Pushed);
            }
        }
        history
    }

    #[test]
    fn each_broken_promise_is_noticed() {
        let told = history(&[("a", 1), ("b", 2)]);
        let sound = facts(&[posted(1, "a"), posted(2, "b"), assigned("1-1", 1)]);
        assert_eq!(broken(&sound, &told, true), [""; 0]);

        let notices = |facts: &Facts, history: &History, what: &str| {
            let broken = broken(facts, history, true).join("; ");
            assert!(broken.contains(what), "{what} is not in: {broken}");
        };
        notices(
            &facts(&[posted(1, "a")]),
            &told,
            "b, acknowledged as 2, is lost",
        );
        let twice = [posted(1, "a"), posted(2, "b"), posted(3, "b")];
        notices(&facts(&twice), &told, "b is doubled");
        let turned = [posted(1, "b"), posted(2, "a")];
        notices(&facts(&turned), &told, "was acknowledged as");
        notices(&facts(&turned), &told, "not stored so");
        let late = history(&[("a", 2), ("b", 1)]);
        notices(&facts(&turned), &late, "b has number 1 after 2");
        let gap = [posted(1, "a"), posted(3, "b")];
        notices(&facts(&gap), &told, "chat 1-1: 3 after 1");
        let two = [assigned("1-1", 1), assigned("1-1", 2)];
        notices(&facts(&two), &history(&[]), "has agents 1 and 2");
        let much = [assigned("1-1", 1), assigned("2-1", 1)];
        notices(
            &facts(&much),
            &history(&[]),
            "agent 1 has 2 chats, the cap is 1",
        );

        let mut refused = history(&[]);
        refused.sent("v", "1-1", "a", "a");
        refused.answered("a", Outcome::Refused("limit".into()));
        notices(
            &facts(&[posted(1, "a")]),
            &refused,
            "refused as limit, is there",
        );
        let mut unread = history(&[("a", 1)]);
        unread.over("v", "1-1");
        let more = [posted(1, "a"), posted(2, "b")];
        notices(&facts(&more), &unread, "v read 1 of 2 in chat 1-1");
    }
}
