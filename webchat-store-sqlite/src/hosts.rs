//! The hosts port on SQLite, in `journal.db` and through its writer.

use std::collections::BTreeMap;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use webchat_core::time::Timestamp;
use webchat_runtime::StoreError;
use webchat_runtime::hosts::{ApiKey, Attempt, DeadLetter, Endpoint, Hosts, Place, Progress};

use crate::failure;
use crate::store::SqliteStore;

const KEY: &str = "id, name, scopes, hash, created";
const ENDPOINT: &str = "id, url, events, enabled, secret, frame, event, attempts, retry_at, error, turn, declared, \
                        tried_at, outcome";

#[async_trait]
impl Hosts for SqliteStore {
    async fn keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let sql = format!("SELECT {KEY} FROM api_keys ORDER BY id");
        self.rows(sql, [], key).await
    }

    async fn key(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        let sql = format!("SELECT {KEY} FROM api_keys WHERE hash = ?1");
        Ok(self.rows(sql, [hash], key).await?.pop())
    }

    async fn add_key(&self, key: ApiKey) -> Result<u64, StoreError> {
        let id = self.change(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO api_keys (name, scopes, hash, created) VALUES (?1, ?2, ?3, ?4)",
                )?
                .insert(params![
                    key.name,
                    key.scopes.join(" "),
                    key.hash,
                    key.created.as_millis()
                ])
        });
        Ok(id.await?.unsigned_abs())
    }

    async fn remove_key(&self, id: u64) -> Result<bool, StoreError> {
        self.removed("DELETE FROM api_keys WHERE id = ?1", [stored(id)])
            .await
    }

    async fn endpoints(&self) -> Result<Vec<Endpoint>, StoreError> {
        let sql = format!("SELECT {ENDPOINT} FROM webhooks ORDER BY id");
        self.rows(sql, [], endpoint).await
    }

    async fn endpoint(&self, id: u64) -> Result<Option<Endpoint>, StoreError> {
        let sql = format!("SELECT {ENDPOINT} FROM webhooks WHERE id = ?1");
        Ok(self.rows(sql, [stored(id)], endpoint).await?.pop())
    }

    async fn add_endpoint(&self, endpoint: Endpoint) -> Result<u64, StoreError> {
        let id = self.change(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO webhooks (url, events, enabled, secret, frame, event, attempts, turn, declared)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7)",
                )?
                .insert(params![
                    endpoint.url,
                    endpoint.events.join(" "),
                    endpoint.enabled,
                    endpoint.secret,
                    stored(endpoint.progress.next.frame),
                    endpoint.progress.next.event,
                    endpoint.declared,
                ])
        });
        Ok(id.await?.unsigned_abs())
    }

    async fn change_endpoint(&self, endpoint: Endpoint) -> Result<bool, StoreError> {
        let progress = endpoint.progress;
        self.removed(
            "UPDATE webhooks SET url = ?2, events = ?3, enabled = ?4, secret = ?5, frame = ?6, event = ?7,
                                 attempts = ?8, retry_at = ?9, error = ?10, turn = turn + 1
             WHERE id = ?1",
            (
                stored(endpoint.id),
                endpoint.url,
                endpoint.events.join(" "),
                endpoint.enabled,
                endpoint.secret,
                stored(progress.next.frame),
                progress.next.event,
                progress.attempts,
                progress.retry_at.map(Timestamp::as_millis),
                progress.error,
            ),
        )
        .await
    }

    async fn remove_endpoint(&self, id: u64) -> Result<bool, StoreError> {
        let removed = self.change(move |connection| {
            connection
                .prepare_cached("DELETE FROM dead_letters WHERE webhook = ?1")?
                .execute([stored(id)])?;
            connection
                .prepare_cached("DELETE FROM webhooks WHERE id = ?1")?
                .execute([stored(id)])
        });
        Ok(removed.await? > 0)
    }

    async fn advance(
        &self,
        endpoint: u64,
        progress: Progress,
        dead: Option<DeadLetter>,
    ) -> Result<bool, StoreError> {
        let moved = self.change(move |connection| {
            let moved = connection
                .prepare_cached(
                    "UPDATE webhooks SET frame = ?3, event = ?4, attempts = ?5, retry_at = ?6, error = ?7
                     WHERE id = ?1 AND turn = ?2",
                )?
                .execute(params![
                    stored(endpoint),
                    stored(progress.turn),
                    stored(progress.next.frame),
                    progress.next.event,
                    progress.attempts,
                    progress.retry_at.map(Timestamp::as_millis),
                    progress.error,
                ])?;
            if let Some(dead) = dead.filter(|_| moved > 0) {
                bury(connection, &dead)?;
            }
            Ok(moved)
        });
        Ok(moved.await? > 0)
    }

    async fn tried(&self, endpoint: u64, attempt: Attempt) -> Result<(), StoreError> {
        let noted = self.change(move |connection| {
            connection
                .prepare_cached("UPDATE webhooks SET tried_at = ?2, outcome = ?3 WHERE id = ?1")?
                .execute(params![
                    stored(endpoint),
                    attempt.at.as_millis(),
                    attempt.outcome
                ])
        });
        noted.await.map(drop)
    }

    async fn dead_letters(
        &self,
        endpoint: u64,
        after: Place,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        let sql = "SELECT webhook, frame, event, kind, at, error FROM dead_letters
                   WHERE webhook = ?1 AND (frame, event) > (?2, ?3) ORDER BY frame, event LIMIT ?4";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = (stored(endpoint), stored(after.frame), after.event, limit);
        self.rows(sql.to_owned(), values, dead_letter).await
    }

    async fn count_dead_letters(&self) -> Result<BTreeMap<u64, u64>, StoreError> {
        let sql = "SELECT webhook, count(*) FROM dead_letters GROUP BY webhook";
        let counted = |row: &Row<'_>| {
            let (webhook, count): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok((webhook.unsigned_abs(), count.unsigned_abs()))
        };
        Ok(self
            .rows(sql.to_owned(), [], counted)
            .await?
            .into_iter()
            .collect())
    }

    async fn forget_dead_letter(&self, endpoint: u64, place: Place) -> Result<bool, StoreError> {
        self.removed(
            "DELETE FROM dead_letters WHERE webhook = ?1 AND frame = ?2 AND event = ?3",
            (stored(endpoint), stored(place.frame), place.event),
        )
        .await
    }
}

impl SqliteStore {
    pub(crate) async fn rows<T, P>(
        &self,
        sql: String,
        values: P,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError>
    where
        T: Send + 'static,
        P: Params + Send + 'static,
    {
        let found = self.journal.readers.read(move |connection| {
            connection
                .prepare_cached(&sql)
                .and_then(|mut select| select.query_map(values, read)?.collect())
                .map_err(failure::sqlite)
        });
        found.await
    }

    /// Whether a statement changed a row.
    async fn removed<P>(&self, sql: &'static str, values: P) -> Result<bool, StoreError>
    where
        P: Params + Send + 'static,
    {
        let changed =
            self.change(move |connection| connection.prepare_cached(sql)?.execute(values));
        Ok(changed.await? > 0)
    }
}

/// A repeat of the same refusal takes the place of the one before.
fn bury(connection: &Connection, dead: &DeadLetter) -> rusqlite::Result<()> {
    let known: Option<i64> = connection
        .prepare_cached("SELECT 1 FROM webhooks WHERE id = ?1")?
        .query_row([stored(dead.endpoint)], |row| row.get(0))
        .optional()?;
    if known.is_none() {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO dead_letters (webhook, frame, event, kind, at, error)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            stored(dead.endpoint),
            stored(dead.place.frame),
            dead.place.event,
            dead.kind,
            dead.at.as_millis(),
            dead.error,
        ])
        .map(drop)
}

fn key(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        id: row.get::<_, i64>(0)?.unsigned_abs(),
        name: row.get(1)?,
        scopes: words(row.get(2)?),
        hash: row.get(3)?,
        created: Timestamp::from_millis(row.get(4)?),
    })
}

fn endpoint(row: &Row<'_>) -> rusqlite::Result<Endpoint> {
    Ok(Endpoint {
        id: row.get::<_, i64>(0)?.unsigned_abs(),
        url: row.get(1)?,
        events: words(row.get(2)?),
        enabled: row.get(3)?,
        secret: row.get(4)?,
        declared: row.get(11)?,
        progress: Progress {
            next: Place {
                frame: row.get::<_, i64>(5)?.unsigned_abs(),
                event: row.get(6)?,
            },
            attempts: row.get(7)?,
            retry_at: row.get::<_, Option<i64>>(8)?.map(Timestamp::from_millis),
            error: row.get(9)?,
            turn: row.get::<_, i64>(10)?.unsigned_abs(),
        },
        last: row
            .get::<_, Option<i64>>(12)?
            .zip(row.get(13)?)
            .map(|(at, outcome)| Attempt {
                at: Timestamp::from_millis(at),
                outcome,
            }),
    })
}

fn dead_letter(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    Ok(DeadLetter {
        endpoint: row.get::<_, i64>(0)?.unsigned_abs(),
        place: Place {
            frame: row.get::<_, i64>(1)?.unsigned_abs(),
            event: row.get(2)?,
        },
        kind: row.get(3)?,
        at: Timestamp::from_millis(row.get(4)?),
        error: row.get(5)?,
    })
}

/// Scopes and kinds of events have no blanks in them.
fn words(text: String) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
