//! Which chats a list asks for, as SQL.

use rusqlite::types::ToSql;
use webchat_core::time::Timestamp;
use webchat_runtime::TenantId;
use webchat_runtime::read_model::ChatFilter;

use crate::projection::word;

/// A filter as SQL and its values.
pub(crate) struct Question {
    tables: &'static str,
    conditions: Vec<&'static str>,
    order: &'static str,
    pub(crate) values: Vec<Box<dyn ToSql>>,
}

impl Question {
    /// `None` if nothing can match.
    pub(crate) fn new(tenant: TenantId, filter: &ChatFilter) -> Option<Self> {
        let mut question = Self {
            tables: "chats",
            conditions: Vec::new(),
            order: "sequence",
            values: Vec::new(),
        };
        if let Some(text) = &filter.text {
            question.said(tenant, search(text)?, filter.before);
        }
        question.must("tenant = ?", Some(tenant.0));
        question.must("campaign = ?", filter.campaign.map(|campaign| campaign.0));
        question.must(
            "id IN (SELECT chat_id FROM segments WHERE agent = ?)",
            filter.agent.map(|agent| agent.0),
        );
        let visitor = filter.visitor.map(|visitor| visitor.0.to_be_bytes());
        question.must("visitor = ?", visitor);
        question.admitted(tenant, filter.from, filter.until);
        question.must("reason = ?", filter.reason.map(|reason| word(&reason)));
        question.must("score = ?", filter.score);
        question.must("(reason IS NULL) = ?", filter.live);
        question.must("sequence < ?", filter.before.map(integer));
        Some(question)
    }

    /// A page of the columns, the latest first.
    pub(crate) fn page(&self, columns: &str, limit: i64) -> String {
        let Self { tables, order, .. } = self;
        let conditions = self.conditions.join(" AND ");
        format!(
            "SELECT {columns} FROM {tables} WHERE {conditions} ORDER BY {order} DESC LIMIT {limit}"
        )
    }

    /// How many match.
    pub(crate) fn count(&self) -> String {
        let conditions = self.conditions.join(" AND ");
        format!("SELECT COUNT(*) FROM {} WHERE {conditions}", self.tables)
    }

    fn must<T: ToSql + 'static>(&mut self, condition: &'static str, value: Option<T>) {
        if let Some(value) = value {
            self.conditions.push(condition);
            self.values.push(Box::new(value));
        }
    }

    /// Rows are as old as their chats, so the index of words itself gives the latest first, and a page of what all
    /// chats hold needs no look at all of them.
    fn said(&mut self, tenant: TenantId, words: String, before: Option<u64>) {
        self.tables = "words CROSS JOIN chats ON chats.id = words.rowid";
        self.order = "words.rowid";
        self.must("words MATCH ?", Some(words));
        if let Some(before) = before {
            let earlier = "words.rowid <= (SELECT id FROM chats WHERE tenant = ? AND sequence < ?
                                           ORDER BY sequence DESC LIMIT 1)";
            self.conditions.push(earlier);
            self.values.push(Box::new(tenant.0));
            self.values.push(Box::new(integer(before)));
        }
    }

    /// Chats are admitted in the order of their numbers, so a stretch of time is a stretch of numbers, in which every
    /// index of lists ends.
    fn admitted(&mut self, tenant: TenantId, from: Option<Timestamp>, until: Option<Timestamp>) {
        let first = "sequence >= (SELECT sequence FROM chats WHERE tenant = ? AND requested_at >= ?
                                  ORDER BY requested_at, sequence LIMIT 1)";
        let last = "sequence <= (SELECT sequence FROM chats WHERE tenant = ? AND requested_at < ?
                                 ORDER BY requested_at DESC, sequence DESC LIMIT 1)";
        for (condition, at) in [(first, from), (last, until)] {
            if let Some(at) = at {
                self.conditions.push(condition);
                self.values.push(Box::new(tenant.0));
                self.values.push(Box::new(at.as_millis()));
            }
        }
    }
}

fn integer(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

/// All the words, each quoted so that none is taken for an operator; `None` without any word.
fn search(text: &str) -> Option<String> {
    let words = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
    // A star after the last one also finds words it begins.
    (!words.is_empty()).then(|| words.join(" ") + "*")
}
