//! The read-model port on SQLite, in `read.db`. Rows and checkpoint change in one transaction.

use async_trait::async_trait;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use serde::de::DeserializeOwned;
use webchat_core::event::Message;
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::quality::{ModelId, Score};
use webchat_core::time::Timestamp;
use webchat_runtime::read_model::{
    Act, ActFilter, ChatFilter, ChatSummary, Evaluated, Feedback, FrameEvents, Held, Note,
    RecordedCall, Recording, Revision, Segment, Slice,
};
use webchat_runtime::report::{Report, ReportWish};
use webchat_runtime::{Fault, ReadModel, StoreError, TenantId};

use crate::audit;
use crate::erasure;
use crate::failure;
use crate::filter::Question;
use crate::history;
use crate::projection;
use crate::statistics;
use crate::store::SqliteStore;
use crate::tallies;

const SUMMARY: &str =
    "chat, sequence, campaign, visitor, facts, language, requested_at, answered_at, agent,
    COALESCE((SELECT MAX(number) FROM messages
              WHERE messages.tenant = chats.tenant AND messages.chat = chats.chat), 0),
    closing, feedback_at, score, feedback_note, erased_at";

#[async_trait]
impl ReadModel for SqliteStore {
    async fn checkpoint(&self, tenant: TenantId) -> Result<u64, StoreError> {
        let found = self
            .read
            .readers
            .read(move |connection| checkpoint(connection, tenant).map_err(failure::sqlite));
        found.await
    }

    async fn apply(&self, tenant: TenantId, frames: Vec<FrameEvents>) -> Result<(), StoreError> {
        let applied = self
            .read
            .writer
            .write(move |connection| apply(connection, tenant, &frames));
        applied.await?
    }

    async fn reset(&self, tenant: TenantId) -> Result<(), StoreError> {
        let reset = self
            .read
            .writer
            .write(move |connection| projection::reset(connection, tenant));
        Ok(reset.await?)
    }

    async fn messages(
        &self,
        tenant: TenantId,
        chat: ChatId,
        after: u32,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let found = self.read.readers.read(move |connection| {
            let sql = "SELECT message FROM messages
                       WHERE tenant = ?1 AND chat = ?2 AND number > ?3 ORDER BY number LIMIT ?4";
            let values = params![tenant.0, chat.to_string(), after, bounded(limit)];
            rows(connection, sql, values, |row| json(row, 0))
        });
        found.await
    }

    async fn chats(
        &self,
        tenant: TenantId,
        filter: ChatFilter,
        limit: usize,
    ) -> Result<Vec<ChatSummary>, StoreError> {
        let found = self.read.readers.read(move |connection| {
            let Some(question) = Question::new(tenant, &filter) else {
                return Ok(Vec::new());
            };
            let sql = question.page(SUMMARY, bounded(limit));
            rows(connection, &sql, params_from_iter(question.values), summary)
        });
        found.await
    }

    async fn count_chats(&self, tenant: TenantId, filter: ChatFilter) -> Result<u64, StoreError> {
        let found = self.read.readers.read(move |connection| {
            let Some(question) = Question::new(tenant, &filter) else {
                return Ok(0);
            };
            let values = params_from_iter(question.values.iter());
            connection
                .prepare_cached(&question.count())
                .and_then(|mut select| select.query_row(values, |row| row.get(0)))
                .map(i64::unsigned_abs)
                .map_err(failure::sqlite)
        });
        found.await
    }

    async fn held(&self, tenant: TenantId, visitor: VisitorKey) -> Result<Held, StoreError> {
        let found = self
            .read
            .readers
            .read(move |connection| held(connection, tenant, visitor).map_err(failure::sqlite));
        found.await
    }

    async fn recording(
        &self,
        tenant: TenantId,
        chat: ChatId,
    ) -> Result<Option<Recording>, StoreError> {
        let found = self
            .read
            .readers
            .read(move |connection| recording(connection, tenant, chat));
        found.await
    }

    async fn slices(&self, tenant: TenantId, from: Timestamp) -> Result<Vec<Slice>, StoreError> {
        let found = self
            .read
            .readers
            .read(move |connection| statistics::slices(connection, tenant, from));
        found.await
    }

    async fn report(&self, tenant: TenantId, wish: ReportWish) -> Result<Report, StoreError> {
        let found = self
            .read
            .readers
            .read(move |connection| tallies::report(connection, tenant, &wish));
        found.await
    }

    async fn acts(
        &self,
        tenant: TenantId,
        filter: ActFilter,
        limit: usize,
    ) -> Result<Vec<Act>, StoreError> {
        let found = self
            .read
            .readers
            .read(move |connection| audit::acts(connection, tenant, &filter, bounded(limit)));
        found.await
    }

    async fn revisions(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<Revision>, StoreError> {
        let limit = bounded(limit);
        let found = self.read.readers.read(move |connection| {
            history::revisions(connection, tenant, campaign, before, limit)
        });
        found.await
    }

    async fn bury(&self, tenant: TenantId) -> Result<bool, StoreError> {
        erasure::bury(self, tenant).await
    }
}

pub(crate) fn checkpoint(connection: &Connection, tenant: TenantId) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT COALESCE((SELECT seq FROM checkpoints WHERE tenant = ?1), 0)")?
        .query_row([tenant.0], |row| row.get::<_, i64>(0))
        .map(i64::unsigned_abs)
}

/// The inner error refuses the frames before anything is written.
pub(crate) fn apply(
    connection: &Connection,
    tenant: TenantId,
    frames: &[FrameEvents],
) -> rusqlite::Result<Result<(), StoreError>> {
    let before = checkpoint(connection, tenant)?;
    let mut done = before;
    for frame in frames.iter().filter(|frame| frame.seq > before) {
        if frame.seq != done + 1 {
            let cause = format!("frame {} comes after {done}", frame.seq);
            return Ok(Err(StoreError::new(Fault::Refused, cause)));
        }
        done = frame.seq;
    }
    for frame in frames.iter().filter(|frame| frame.seq > before) {
        for recorded in &frame.events {
            projection::apply(connection, tenant, recorded)?;
            erasure::apply(connection, tenant, frame.seq, recorded)?;
        }
    }
    connection
        .prepare_cached(
            "INSERT INTO checkpoints (tenant, seq) VALUES (?1, ?2)
             ON CONFLICT (tenant) DO UPDATE SET seq = excluded.seq",
        )?
        .execute(params![tenant.0, i64::try_from(done).unwrap_or(i64::MAX)])?;
    Ok(Ok(()))
}

fn held(connection: &Connection, tenant: TenantId, visitor: VisitorKey) -> rusqlite::Result<Held> {
    let count = |sql: &str| {
        connection
            .prepare_cached(sql)?
            .query_row(params![tenant.0, visitor.0.to_be_bytes()], |row| row.get(0))
            .map(i64::unsigned_abs)
    };
    Ok(Held {
        chats: count("SELECT COUNT(*) FROM chats WHERE tenant = ?1 AND visitor = ?2")?,
        live: count(
            "SELECT COUNT(*) FROM chats WHERE tenant = ?1 AND visitor = ?2 AND reason IS NULL",
        )?,
        erased: count(
            "SELECT COUNT(*) FROM chats WHERE tenant = ?1 AND visitor = ?2 AND erased_at IS NOT NULL",
        )?,
        messages: count(
            "SELECT COUNT(*) FROM chats JOIN messages USING (tenant, chat)
             WHERE tenant = ?1 AND visitor = ?2 AND erased_at IS NULL",
        )?,
        notes: count(
            "SELECT COUNT(*) FROM chats JOIN notes ON chat_id = chats.id
             WHERE tenant = ?1 AND visitor = ?2 AND erased_at IS NULL",
        )?,
        mails: count(
            "SELECT COUNT(*) FROM mails WHERE tenant = ?1 AND visitor = ?2 AND erased_at IS NULL",
        )?,
    })
}

fn recording(
    connection: &Connection,
    tenant: TenantId,
    chat: ChatId,
) -> Result<Option<Recording>, StoreError> {
    let sql = format!("SELECT {SUMMARY}, id FROM chats WHERE tenant = ?1 AND chat = ?2");
    let found = connection
        .prepare_cached(&sql)
        .and_then(|mut select| {
            let values = params![tenant.0, chat.to_string()];
            let found = select.query_row(values, |row| Ok((summary(row)?, row.get::<_, i64>(15)?)));
            found.optional()
        })
        .map_err(failure::sqlite)?;
    let Some((summary, id)) = found else {
        return Ok(None);
    };
    let segments = rows(
        connection,
        "SELECT agent, since, until, how FROM segments WHERE chat_id = ?1 ORDER BY id",
        [id],
        |row| {
            Ok(Segment {
                agent: AgentId(row.get(0)?),
                from: instant(row, 1)?,
                until: maybe_instant(row, 2)?,
                how: match row.get::<_, Option<String>>(3)? {
                    Some(how) => Some(from_word(3, &how)?),
                    None => None,
                },
            })
        },
    )?;
    let notes = rows(
        connection,
        "SELECT agent, at, text, whisper FROM notes WHERE chat_id = ?1 ORDER BY id",
        [id],
        |row| {
            Ok(Note {
                agent: AgentId(row.get(0)?),
                at: instant(row, 1)?,
                text: row.get(2)?,
                whisper: row.get(3)?,
            })
        },
    )?;
    let evaluations = rows(
        connection,
        "SELECT at, agent, evaluator, model, answers, points, most
         FROM evaluations WHERE chat_id = ?1 ORDER BY id",
        [id],
        |row| {
            let points: Option<i64> = row.get(5)?;
            let most: Option<i64> = row.get(6)?;
            Ok(Evaluated {
                at: instant(row, 0)?,
                agent: AgentId(row.get(1)?),
                evaluator: AgentId(row.get(2)?),
                model: ModelId(row.get(3)?),
                answers: json(row, 4)?,
                score: points
                    .zip(most)
                    .map(|(points, most)| Score { points, most }),
            })
        },
    )?;
    let calls = rows(
        connection,
        "SELECT from_visitor, agent, video, asked_at, accepted_at, ended_at, why
         FROM calls WHERE chat_id = ?1 ORDER BY id",
        [id],
        |row| {
            Ok(RecordedCall {
                from_visitor: row.get(0)?,
                agent: row.get::<_, Option<u32>>(1)?.map(AgentId),
                video: row.get(2)?,
                asked_at: instant(row, 3)?,
                accepted_at: maybe_instant(row, 4)?,
                ended_at: maybe_instant(row, 5)?,
                why: match row.get::<_, Option<String>>(6)? {
                    Some(why) => Some(from_word(6, &why)?),
                    None => None,
                },
            })
        },
    )?;
    Ok(Some(Recording {
        summary,
        segments,
        calls,
        notes,
        evaluations,
    }))
}

pub(crate) fn rows<T>(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    connection
        .prepare_cached(sql)
        .and_then(|mut select| select.query_map(values, read)?.collect())
        .map_err(failure::sqlite)
}

fn summary(row: &Row<'_>) -> rusqlite::Result<ChatSummary> {
    let chat: String = row.get(0)?;
    let language: String = row.get(5)?;
    Ok(ChatSummary {
        chat: chat.parse().map_err(|error| damaged(0, error))?,
        sequence: row.get::<_, i64>(1)?.unsigned_abs(),
        campaign: CampaignId(row.get(2)?),
        visitor: VisitorKey(u128::from_be_bytes(row.get(3)?)),
        facts: json(row, 4)?,
        language: language.parse().map_err(|error| damaged(5, error))?,
        requested_at: instant(row, 6)?,
        answered_at: maybe_instant(row, 7)?,
        agent: row.get::<_, Option<u32>>(8)?.map(AgentId),
        last: row.get(9)?,
        closing: match row.get_ref(10)? {
            rusqlite::types::ValueRef::Null => None,
            _ => Some(json(row, 10)?),
        },
        feedback: match maybe_instant(row, 11)? {
            Some(at) => Some(Feedback {
                at,
                score: row.get(12)?,
                note: row.get(13)?,
            }),
            None => None,
        },
        erased_at: maybe_instant(row, 14)?,
    })
}

pub(crate) fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}

fn maybe_instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let millis: Option<i64> = row.get(column)?;
    Ok(millis.map(Timestamp::from_millis))
}

/// A column that holds a value as it is written in the journal.
pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| damaged(column, error))
}

pub(crate) fn from_word<T: DeserializeOwned>(column: usize, word: &str) -> rusqlite::Result<T> {
    let value = serde_json::Value::from(word);
    serde_json::from_value(value).map_err(|error| damaged(column, error))
}

pub(crate) fn damaged(
    column: usize,
    cause: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(cause))
}

fn bounded(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
