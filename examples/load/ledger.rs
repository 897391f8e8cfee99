//! What both sides of each chat sent and read, held against each other: every message once, in order, unaltered.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

/// Faults named one by one; the others are counted.
const NAMED: usize = 20;

/// One side of a chat, as that side knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Side {
    /// What was read, from number 1 on: a fingerprint of each message.
    read: Vec<u64>,
    /// What was written: its fingerprint, and the number it was acknowledged as.
    sent: Vec<(u64, Option<u64>)>,
    /// Something came that was not the next message.
    faults: Vec<Fault>,
    /// The chat was gone before all of it was read.
    pub(crate) cut_short: bool,
}

/// A broken promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Lost(u64),
    Doubled(u64),
    Reordered(u64),
    Altered(u64),
}

/// What verification found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Verdict {
    /// Chats of which both sides were compared.
    pub(crate) chats: u64,
    /// Chats an agent had, but did not read to the end because a connection was lost.
    pub(crate) cut_short: u64,
    /// Chats compared with what the server has stored.
    pub(crate) stored_chats: u64,
    /// Messages in all chats, those of the system included.
    pub(crate) messages: u64,
    /// Messages written by visitors and agents and acknowledged.
    pub(crate) acknowledged: u64,
    /// Messages written of which no answer came.
    pub(crate) unanswered: u64,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) reordered: u64,
    pub(crate) altered: u64,
    /// The first faults, in words.
    pub(crate) faults: Vec<String>,
}

#[derive(Default)]
struct Chat {
    visitor: Option<Side>,
    agent: Option<Side>,
}

/// All chats of a run.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<HashMap<String, Chat>>);

impl Side {
    /// Number of the last message read; 0 for none.
    pub(crate) fn last(&self) -> u64 {
        self.read.len() as u64
    }

    /// A message came that must be the next one. Whether it was.
    pub(crate) fn read(&mut self, message: &Value) -> bool {
        let number = message["number"].as_u64().unwrap_or(0);
        let print = fingerprint(message);
        let next = self.last() + 1;
        if number == next {
            self.read.push(print);
            return true;
        }
        let known = number
            .checked_sub(1)
            .and_then(|at| self.read.get(at as usize));
        self.faults.push(match known {
            Some(known) if *known == print => Fault::Doubled(number),
            Some(_) => Fault::Altered(number),
            None => Fault::Reordered(number),
        });
        false
    }

    /// A message was written. Returns its place, for [`Side::acknowledged`].
    pub(crate) fn wrote(&mut self, kind: &str, text: &str) -> usize {
        self.sent.push((print_of(kind, text), None));
        self.sent.len() - 1
    }

    /// The message at this place has a number.
    pub(crate) fn acknowledged(&mut self, place: usize, number: u64) {
        if let Some((_, known)) = self.sent.get_mut(place) {
            *known = Some(number);
        }
    }

    /// Each acknowledged message is where the server said, and numbers went up as it was written.
    fn check(&self, whole: bool, found: &mut Vec<Fault>) {
        found.extend(&self.faults);
        let mut before = 0;
        for (print, number) in &self.sent {
            let count = self.read.iter().filter(|read| *read == print).count();
            let Some(number) = *number else {
                if count > 1 {
                    found.push(Fault::Doubled(0));
                }
                continue;
            };
            if number <= before {
                found.push(Fault::Reordered(number));
            }
            before = number;
            match (count, self.read.get(number as usize - 1)) {
                (1, Some(read)) if read == print => {}
                (0, None) if !whole => {}
                (0, _) => found.push(Fault::Lost(number)),
                (1, _) => found.push(Fault::Reordered(number)),
                _ => found.push(Fault::Doubled(number)),
            }
        }
    }
}

impl Ledger {
    fn open(&self) -> MutexGuard<'_, HashMap<String, Chat>> {
        // No code that holds this lock can panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The visitor's side of a chat that is over.
    pub(crate) fn of_visitor(&self, chat: &str, side: Side) {
        self.open().entry(chat.to_owned()).or_default().visitor = Some(side);
    }

    /// The agent's side of a chat that is over.
    pub(crate) fn of_agent(&self, chat: &str, side: Side) {
        self.open().entry(chat.to_owned()).or_default().agent = Some(side);
    }

    /// Some chats that were read to the end, at equal distances.
    pub(crate) fn sample(&self, count: usize) -> Vec<String> {
        let chats = self.open();
        let mut known: Vec<&String> = chats
            .iter()
            .filter(|(_, chat)| chat.visitor.as_ref().is_some_and(|side| !side.cut_short))
            .map(|(id, _)| id)
            .collect();
        known.sort_unstable();
        let step = known.len().div_ceil(count.max(1)).max(1);
        known.into_iter().step_by(step).cloned().collect()
    }

    /// Whether a chat is stored as its visitor read it.
    pub(crate) fn is_stored(&self, chat: &str, messages: &[Value]) -> bool {
        let chats = self.open();
        let side = chats.get(chat).and_then(|chat| chat.visitor.as_ref());
        side.is_some_and(|side| {
            messages
                .iter()
                .map(fingerprint)
                .eq(side.read.iter().copied())
        })
    }

    /// Holds both sides of every chat against each other.
    pub(crate) fn verdict(&self) -> Verdict {
        let mut verdict = Verdict::default();
        for (id, chat) in &*self.open() {
            let mut found = Vec::new();
            let whole = |side: &Option<Side>| side.as_ref().is_some_and(|side| !side.cut_short);
            for side in [&chat.visitor, &chat.agent].into_iter().flatten() {
                side.check(!side.cut_short, &mut found);
                let acknowledged = side.sent.iter().filter(|(_, number)| number.is_some());
                let acknowledged = acknowledged.count() as u64;
                verdict.acknowledged += acknowledged;
                verdict.unanswered += side.sent.len() as u64 - acknowledged;
            }
            verdict.messages += chat.visitor.as_ref().map_or(0, Side::last);
            if let (Some(visitor), Some(agent)) = (&chat.visitor, &chat.agent) {
                if whole(&chat.visitor) && whole(&chat.agent) {
                    verdict.chats += 1;
                    compare(&visitor.read, &agent.read, &mut found);
                } else {
                    verdict.cut_short += 1;
                }
            }
            for fault in found {
                verdict.find(id, fault);
            }
        }
        verdict
    }
}

fn compare(visitor: &[u64], agent: &[u64], found: &mut Vec<Fault>) {
    let both = visitor.iter().zip(agent).zip(1..);
    found.extend(
        both.filter(|((a, b), _)| a != b)
            .map(|(_, number)| Fault::Altered(number)),
    );
    let shorter = visitor.len().min(agent.len()) as u64;
    let longer = visitor.len().max(agent.len()) as u64;
    found.extend((shorter + 1..=longer).map(Fault::Lost));
}

impl Verdict {
    /// Nothing was lost, doubled, reordered or altered.
    pub(crate) fn is_clean(&self) -> bool {
        self.lost + self.doubled + self.reordered + self.altered == 0
    }

    /// The server has a chat otherwise than its visitor read it.
    pub(crate) fn not_stored(&mut self, chat: &str) {
        self.find(chat, Fault::Altered(0));
    }

    fn find(&mut self, chat: &str, fault: Fault) {
        let (count, what, number) = match fault {
            Fault::Lost(number) => (&mut self.lost, "lost", number),
            Fault::Doubled(number) => (&mut self.doubled, "doubled", number),
            Fault::Reordered(number) => (&mut self.reordered, "out of order", number),
            Fault::Altered(number) => (&mut self.altered, "not the same to both sides", number),
        };
        *count += 1;
        if self.faults.len() < NAMED {
            self.faults
                .push(format!("chat {chat}: message {number} is {what}"));
        }
    }
}

/// Who says what. Names are left out: visitors may be shown another one.
fn fingerprint(message: &Value) -> u64 {
    let kind = message["author"]["kind"].as_str().unwrap_or("");
    print_of(kind, message["text"].as_str().unwrap_or(""))
}

fn print_of(kind: &str, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind, text).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(number: u64, text: &str) -> Value {
        json!({"number": number, "author": {"kind": "visitor"}, "text": text})
    }

    fn side(texts: &[&str]) -> Side {
        let mut side = Side::default();
        for (text, number) in texts.iter().zip(1..) {
            side.read(&message(number, text));
        }
        side
    }

    fn judged(visitor: Side, agent: Side) -> Verdict {
        let ledger = Ledger::default();
        ledger.of_visitor("1-1", visitor);
        ledger.of_agent("1-1", agent);
        ledger.verdict()
    }

    #[test]
    fn a_chat_both_sides_read_alike_is_clean() {
        let mut visitor = side(&["a", "b"]);
        let place = visitor.wrote("visitor", "b");
        visitor.acknowledged(place, 2);
        let verdict = judged(visitor, side(&["a", "b"]));
        assert!(verdict.is_clean(), "{verdict:?}");
        assert_eq!(
            (verdict.chats, verdict.messages, verdict.acknowledged),
            (1, 2, 1)
        );
    }

    #[test]
    fn what_is_lost_doubled_reordered_or_altered_is_found() {
        let mut lost = side(&["a"]);
        let place = lost.wrote("visitor", "b");
        lost.acknowledged(place, 2);
        assert_eq!(judged(lost, side(&["a"])).lost, 1);
        assert_eq!(judged(side(&["a", "b"]), side(&["a"])).lost, 1);

        let mut doubled = side(&["a", "b"]);
        doubled.read(&message(2, "b"));
        assert_eq!(judged(doubled, side(&["a", "b"])).doubled, 1);

        let mut skipped = side(&["a"]);
        skipped.read(&message(3, "c"));
        assert_eq!(judged(skipped, side(&["a"])).reordered, 1);

        let mut swapped = side(&["b", "a"]);
        for (text, number) in [("a", 2), ("b", 1)] {
            let place = swapped.wrote("visitor", text);
            swapped.acknowledged(place, number);
        }
        assert_eq!(judged(swapped, side(&["b", "a"])).reordered, 1);

        let altered = judged(side(&["a"]), side(&["A"]));
        assert_eq!(altered.altered, 1);
        assert_eq!(
            altered.faults,
            ["chat 1-1: message 1 is not the same to both sides"]
        );
    }

    #[test]
    fn what_is_stored_is_what_was_read() {
        let ledger = Ledger::default();
        ledger.of_visitor("1-1", side(&["a", "b"]));
        assert_eq!(ledger.sample(10), ["1-1"]);
        assert!(ledger.is_stored("1-1", &[message(1, "a"), message(2, "b")]));
        assert!(!ledger.is_stored("1-1", &[message(1, "a")]));
        assert!(!ledger.is_stored("1-2", &[]));
    }
}
