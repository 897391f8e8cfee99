//! The journal port on SQLite. The fence is part of the insert, so it holds whatever else runs.

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};
use webchat_core::time::Timestamp;
use webchat_runtime::{Fault, Frame, Head, Journal, Snapshot, StoreError, TenantId, Verdict};

use crate::failure::{self, Failure};
use crate::store::SqliteStore;

/// A read stops after this many bytes of payload, so that a page of large frames stays bounded.
const BYTES_PER_READ: usize = 8 << 20;

#[async_trait]
impl Journal for SqliteStore {
    async fn claim(&self, tenant: TenantId) -> Result<Head, StoreError> {
        let claimed = self.journal.writer.write(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO claims (tenant, epoch) VALUES (?1, 1)
                     ON CONFLICT (tenant) DO UPDATE SET epoch = epoch + 1",
                )?
                .execute([tenant.0])?;
            head(connection, tenant)
        });
        Ok(claimed.await?)
    }

    async fn append(&self, frames: Vec<Frame>) -> Vec<Verdict> {
        let count = frames.len();
        if count == 0 {
            return Vec::new();
        }
        let appended = self.journal.writer.write(move |connection| {
            frames
                .iter()
                .map(|frame| insert(connection, frame))
                .collect::<rusqlite::Result<Vec<_>>>()
        });
        match appended.await {
            Ok(fences) => fences
                .into_iter()
                .map(|fence| fence.map_or(Verdict::Durable, Verdict::Fenced))
                .collect(),
            Err(Failure::NotWritten(error)) => vec![Verdict::NotWritten(error); count],
            Err(Failure::Unknown(error)) => vec![Verdict::Unknown(error); count],
        }
    }

    async fn head(&self, tenant: TenantId) -> Result<Head, StoreError> {
        let found = self
            .journal
            .readers
            .read(move |connection| head(connection, tenant).map_err(failure::sqlite));
        found.await
    }

    async fn read(
        &self,
        tenant: TenantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Frame>, StoreError> {
        let found = self
            .journal
            .readers
            .read(move |connection| frames(connection, tenant, after, limit));
        found.await
    }

    async fn save_snapshot(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        let head = self.head(snapshot.tenant).await?.seq;
        if snapshot.seq > head {
            let cause = format!("snapshot is of frame {}, the last is {head}", snapshot.seq);
            return Err(StoreError::new(Fault::Refused, cause));
        }
        let saved = self.read.writer.write(move |connection| {
            // One of a frame before an erasure may hold what was erased.
            // One beyond the journal's end was left behind when an older journal was put back.
            connection
                .prepare_cached(
                    "INSERT INTO snapshots (tenant, seq, codec, checksum, payload)
                     SELECT ?1, ?2, ?3, ?4, ?5
                     WHERE NOT EXISTS (SELECT 1 FROM erasures WHERE tenant = ?1 AND frame > ?2)
                     ON CONFLICT (tenant) DO UPDATE
                     SET seq = excluded.seq, codec = excluded.codec,
                         checksum = excluded.checksum, payload = excluded.payload
                     WHERE excluded.seq >= snapshots.seq OR snapshots.seq > ?6",
                )?
                .execute(params![
                    snapshot.tenant.0,
                    stored(snapshot.seq),
                    snapshot.codec,
                    crc32fast::hash(&snapshot.payload),
                    &snapshot.payload[..],
                    stored(head),
                ])
        });
        saved.await?;
        Ok(())
    }

    async fn latest_snapshot(&self, tenant: TenantId) -> Result<Option<Snapshot>, StoreError> {
        let head = self.head(tenant).await?.seq;
        let found = self
            .read
            .readers
            .read(move |connection| snapshot(connection, tenant).map_err(failure::sqlite))
            .await?;
        Ok(found.filter(|snapshot| snapshot.seq <= head))
    }
}

pub(crate) fn head(connection: &Connection, tenant: TenantId) -> rusqlite::Result<Head> {
    connection
        .prepare_cached(
            "SELECT COALESCE((SELECT MAX(seq) FROM frames WHERE tenant = ?1), 0),
                    COALESCE((SELECT epoch FROM claims WHERE tenant = ?1), 0)",
        )?
        .query_row([tenant.0], |row| {
            Ok(Head {
                seq: row.get::<_, i64>(0)?.unsigned_abs(),
                epoch: row.get::<_, i64>(1)?.unsigned_abs(),
            })
        })
}

/// Writes a frame if it is the next one of the latest claim; returns the head if it is not.
fn insert(connection: &Connection, frame: &Frame) -> rusqlite::Result<Option<Head>> {
    let written = connection
        .prepare_cached(
            "INSERT INTO frames (tenant, seq, epoch, at, codec, checksum, payload)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
             WHERE ?3 = (SELECT epoch FROM claims WHERE tenant = ?1)
               AND ?2 = COALESCE((SELECT MAX(seq) FROM frames WHERE tenant = ?1), 0) + 1",
        )?
        .execute(params![
            frame.tenant.0,
            stored(frame.seq),
            stored(frame.epoch),
            frame.at.as_millis(),
            frame.codec,
            checksum(frame),
            &frame.payload[..],
        ])?;
    match written {
        0 => head(connection, frame.tenant).map(Some),
        _ => Ok(None),
    }
}

/// Puts another payload in the place of a frame's.
pub(crate) fn replace(connection: &Connection, frame: &Frame) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE frames SET payload = ?3, checksum = ?4 WHERE tenant = ?1 AND seq = ?2",
        )?
        .execute(params![
            frame.tenant.0,
            stored(frame.seq),
            &frame.payload[..],
            checksum(frame),
        ])
        .map(drop)
}

pub(crate) fn frames(
    connection: &Connection,
    tenant: TenantId,
    after: u64,
    limit: usize,
) -> Result<Vec<Frame>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT seq, epoch, at, codec, payload, checksum FROM frames
             WHERE tenant = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
        )
        .map_err(failure::sqlite)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement
        .query(params![tenant.0, stored(after), limit])
        .map_err(failure::sqlite)?;
    let mut frames = Vec::new();
    let mut bytes = 0;
    while bytes < BYTES_PER_READ
        && let Some(row) = rows.next().map_err(failure::sqlite)?
    {
        let (frame, expected) = frame(row, tenant).map_err(failure::sqlite)?;
        let next = after + 1 + frames.len() as u64;
        if frame.seq != next {
            let what = format!("frame {next} of tenant {tenant} is missing");
            return Err(failure::corrupt(what));
        }
        if checksum(&frame) != expected {
            let what = format!("frame {next} of tenant {tenant} has a wrong checksum");
            return Err(failure::corrupt(what));
        }
        bytes += frame.payload.len();
        frames.push(frame);
    }
    Ok(frames)
}

fn frame(row: &Row<'_>, tenant: TenantId) -> rusqlite::Result<(Frame, u32)> {
    let frame = Frame {
        tenant,
        seq: row.get::<_, i64>(0)?.unsigned_abs(),
        epoch: row.get::<_, i64>(1)?.unsigned_abs(),
        at: Timestamp::from_millis(row.get(2)?),
        codec: row.get(3)?,
        payload: Bytes::from(row.get::<_, Vec<u8>>(4)?),
    };
    Ok((frame, row.get(5)?))
}

/// The snapshot kept, or `None` if there is none or it is damaged: the journal can replace it.
pub(crate) fn snapshot(
    connection: &Connection,
    tenant: TenantId,
) -> rusqlite::Result<Option<Snapshot>> {
    let found = connection
        .prepare_cached("SELECT seq, codec, payload, checksum FROM snapshots WHERE tenant = ?1")?
        .query_row([tenant.0], |row| {
            let snapshot = Snapshot {
                tenant,
                seq: row.get::<_, i64>(0)?.unsigned_abs(),
                codec: row.get(1)?,
                payload: Bytes::from(row.get::<_, Vec<u8>>(2)?),
            };
            Ok((snapshot, row.get::<_, u32>(3)?))
        })
        .optional()?;
    Ok(found.and_then(|(snapshot, expected)| {
        let whole = crc32fast::hash(&snapshot.payload) == expected;
        if !whole {
            tracing::warn!(%tenant, seq = snapshot.seq, "ignoring a damaged snapshot");
        }
        whole.then_some(snapshot)
    }))
}

fn checksum(frame: &Frame) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&frame.tenant.0.to_le_bytes());
    hasher.update(&frame.seq.to_le_bytes());
    hasher.update(&frame.epoch.to_le_bytes());
    hasher.update(&frame.at.as_millis().to_le_bytes());
    hasher.update(&frame.codec.to_le_bytes());
    hasher.update(&frame.payload);
    hasher.finalize()
}

/// SQL integers are signed. Numbers beyond their range name places no journal can reach.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
