//! Erasure: what the engine recorded as erased goes from the read model at once, and then from the journal's
//! frames and from every page of both files.
//!
//! The projection of the event takes the text out of `read.db`, forgets older snapshots, and notes in `burials` which
//! chats and mails are still to be buried in `journal.db`, all in one transaction. [`bury`] then replaces their events by
//! tombstones, writes both files anew without their free space, and empties their logs; only then are the notes
//! taken out. So whatever is cut short is done again, at the next start if need be.

use std::collections::BTreeSet;

use bytes::Bytes;
use rusqlite::{Connection, params};
use webchat_core::erasure::{Erased, bury_message};
use webchat_core::event::{Event, Message, Recorded};
use webchat_core::id::{CampaignId, ChatId, VisitorKey};
use webchat_core::mail::MailId;
use webchat_core::time::Timestamp;
use webchat_core::wire;
use webchat_runtime::read_model::Closing;
use webchat_runtime::{Frame, StoreError, TenantId};

use crate::failure;
use crate::journal;
use crate::projection::json;
use crate::read_model;
use crate::store::SqliteStore;

/// Frames of the journal rewritten in one commit, so that nobody waits long behind it.
const FRAMES: usize = 200;

/// Notes where the texts of a chat or a mail stand in the journal, and carries out erasures in the read model.
pub(crate) fn apply(
    connection: &Connection,
    tenant: TenantId,
    seq: u64,
    recorded: &Recorded,
) -> rusqlite::Result<()> {
    let frame = i64::try_from(seq).unwrap_or(i64::MAX);
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        let mut statement = connection.prepare_cached(sql)?;
        statement.execute(values).map(drop)
    };
    let last = |chat: &ChatId, closed_at: Option<i64>| {
        run(
            "UPDATE chats SET last_frame = ?3, closed_at = COALESCE(?4, closed_at)
             WHERE tenant = ?1 AND chat = ?2",
            params![tenant.0, chat.to_string(), frame, closed_at],
        )
    };
    let mail = |id, campaign: CampaignId, visitor: VisitorKey, chat: Option<ChatId>| {
        run(
            "INSERT INTO mails (tenant, mail, campaign, visitor, left_at, first_frame, last_frame, chat)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)",
            params![
                tenant.0,
                number(id),
                campaign.0,
                visitor.0.to_be_bytes(),
                recorded.at.as_millis(),
                frame,
                chat.map(|chat| chat.to_string()),
            ],
        )
    };
    let erasing = Erasing {
        connection,
        tenant,
        at: recorded.at,
    };
    match &recorded.event {
        Event::ChatQueued { chat, .. } => run(
            "UPDATE chats SET first_frame = ?3, last_frame = ?3 WHERE tenant = ?1 AND chat = ?2",
            params![tenant.0, chat.to_string(), frame],
        ),
        Event::ChatClosed { chat, .. } => last(chat, Some(recorded.at.as_millis())),
        Event::FeedbackGiven { chat, .. } => last(chat, None),
        Event::OfflineMessageLeft { message } => {
            mail(message.id, message.campaign, message.visitor, None)
        }
        Event::TranscriptAsked { transcript } => mail(
            transcript.id,
            transcript.campaign,
            transcript.visitor,
            Some(transcript.chat),
        ),
        Event::MailFailed { message, .. } => run(
            "UPDATE mails SET last_frame = ?3 WHERE tenant = ?1 AND mail = ?2",
            params![tenant.0, number(*message), frame],
        ),
        Event::MailDelivered { message } | Event::MailForgotten { message } => run(
            "UPDATE mails SET settled = 1 WHERE tenant = ?1 AND mail = ?2",
            params![tenant.0, number(*message)],
        ),
        Event::RecordingsErased { chats, visitor, .. } => {
            let mut found = 0;
            for chat in chats {
                let chat = chat.to_string();
                found += erasing.chats_where("chat = ?2", &[&chat])?;
                found += erasing.mails_where("chat = ?2 AND erased_at IS NULL", &[&chat])?;
            }
            if let Some(visitor) = visitor {
                found += erasing.mails_of(*visitor)?;
            }
            erasing.finish(frame, found)
        }
        Event::RecordingsExpired {
            campaign, before, ..
        } => {
            let found = erasing.expired(*campaign, *before)?;
            erasing.finish(frame, found)
        }
        _ => Ok(()),
    }
}

/// One erasure, within the transaction of its projection.
struct Erasing<'a> {
    connection: &'a Connection,
    tenant: TenantId,
    at: Timestamp,
}

impl Erasing<'_> {
    /// No snapshot of a frame before the erasure's is kept, now or later: it may hold what was erased.
    fn finish(&self, frame: i64, found: usize) -> rusqlite::Result<()> {
        if found == 0 {
            return Ok(());
        }
        self.run(
            "INSERT INTO erasures (tenant, frame) VALUES (?1, ?2)
             ON CONFLICT (tenant) DO UPDATE SET frame = excluded.frame",
            params![self.tenant.0, frame],
        )?;
        self.run(
            "DELETE FROM snapshots WHERE tenant = ?1 AND seq < ?2",
            params![self.tenant.0, frame],
        )
    }

    fn expired(&self, campaign: CampaignId, before: Timestamp) -> rusqlite::Result<usize> {
        let (campaign, before) = (campaign.0, before.as_millis());
        let chats = self.chats_where(
            "campaign = ?2 AND closed_at < ?3 AND erased_at IS NULL",
            &[&campaign, &before],
        )?;
        let mails = self.mails_where(
            "campaign = ?2 AND left_at < ?3 AND settled = 1 AND erased_at IS NULL AND chat IS NULL",
            &[&campaign, &before],
        )?;
        // A transcript goes when its chat has gone: until then it can be asked for again.
        let transcripts = self.mails_where(
            "settled = 1 AND erased_at IS NULL AND chat IN (
                SELECT chat FROM chats
                WHERE tenant = ?1 AND campaign = ?2 AND closed_at < ?3 AND erased_at IS NOT NULL)",
            &[&campaign, &before],
        )?;
        Ok(chats + mails + transcripts)
    }

    fn mails_of(&self, visitor: VisitorKey) -> rusqlite::Result<usize> {
        let visitor = visitor.0.to_be_bytes();
        self.mails_where("visitor = ?2 AND erased_at IS NULL", &[&visitor])
    }

    fn chats_where(&self, which: &str, values: &[&dyn rusqlite::ToSql]) -> rusqlite::Result<usize> {
        let sql = format!(
            "SELECT id, chat, first_frame, last_frame FROM chats WHERE tenant = ?1 AND {which}"
        );
        let found = self.rows(&sql, values, |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                (row.get(2)?, row.get(3)?),
            ))
        })?;
        for (id, chat, frames) in &found {
            self.empty(*id, chat)?;
            self.note(&format!("chat {chat}"), *frames)?;
        }
        Ok(found.len())
    }

    fn mails_where(&self, which: &str, values: &[&dyn rusqlite::ToSql]) -> rusqlite::Result<usize> {
        let sql = format!(
            "SELECT mail, first_frame, last_frame FROM mails WHERE tenant = ?1 AND {which}"
        );
        let found = self.rows(&sql, values, |row| {
            Ok((row.get::<_, i64>(0)?, (row.get(1)?, row.get(2)?)))
        })?;
        for (mail, frames) in &found {
            self.run(
                "UPDATE mails SET erased_at = ?3 WHERE tenant = ?1 AND mail = ?2",
                params![self.tenant.0, mail, self.at.as_millis()],
            )?;
            self.note(&format!("mail {mail}"), *frames)?;
        }
        Ok(found.len())
    }

    /// Leaves of a chat what a projection of its tombstones leaves.
    fn empty(&self, id: i64, chat: &str) -> rusqlite::Result<()> {
        self.run(
            "UPDATE chats SET facts = '{}', feedback_note = NULL, erased_at = COALESCE(erased_at, ?2)
             WHERE id = ?1",
            params![id, self.at.as_millis()],
        )?;
        let closings = "SELECT closing FROM chats WHERE id = ?1 AND closing IS NOT NULL";
        let mut select = self.connection.prepare_cached(closings)?;
        let closings = select.query_map([id], |row| read_model::json::<Closing>(row, 0))?;
        for mut closing in closings.collect::<rusqlite::Result<Vec<_>>>()? {
            closing.disposition = None;
            self.run(
                "UPDATE chats SET closing = ?2 WHERE id = ?1",
                params![id, json(&closing)],
            )?;
        }
        let sql = "SELECT message FROM messages WHERE tenant = ?1 AND chat = ?2";
        let messages = self.rows(sql, &[&chat], |row| read_model::json::<Message>(row, 0))?;
        for mut message in messages {
            bury_message(&mut message);
            self.run(
                "UPDATE messages SET message = ?4 WHERE tenant = ?1 AND chat = ?2 AND number = ?3",
                params![self.tenant.0, chat, message.number, json(&message)],
            )?;
        }
        self.run("UPDATE notes SET text = '' WHERE chat_id = ?1", params![id])?;
        self.run("DELETE FROM words WHERE rowid = ?1", params![id])
    }

    /// What is still to be done in the journal, between the first frame and the last.
    fn note(&self, what: &str, frames: (Option<i64>, Option<i64>)) -> rusqlite::Result<()> {
        self.run(
            "INSERT INTO burials (tenant, what, first_frame, last_frame) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET last_frame = excluded.last_frame",
            params![self.tenant.0, what, frames.0, frames.1],
        )
    }

    fn rows<T>(
        &self,
        sql: &str,
        values: &[&dyn rusqlite::ToSql],
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        let mut all: Vec<&dyn rusqlite::ToSql> = vec![&self.tenant.0];
        all.extend_from_slice(values);
        let mut select = self.connection.prepare_cached(sql)?;
        select.query_map(&all[..], read)?.collect()
    }

    fn run(&self, sql: &str, values: &[&dyn rusqlite::ToSql]) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(values).map(drop)
    }
}

/// Buries in the journal what is noted, and cleans both files of it; `false` if nothing was noted.
pub(crate) async fn bury(store: &SqliteStore, tenant: TenantId) -> Result<bool, StoreError> {
    let noted = store
        .read
        .readers
        .read(move |connection| burials(connection, tenant).map_err(failure::sqlite));
    let noted = noted.await?;
    if noted.is_empty() {
        return Ok(false);
    }
    let erased = erased(&noted);
    for (first, last) in stretches(&noted) {
        let mut done = first.saturating_sub(1);
        while done < last {
            let page = store
                .journal
                .readers
                .read(move |connection| journal::frames(connection, tenant, done, FRAMES));
            let page = page.await?;
            let Some(end) = page.last() else { break };
            done = end.seq;
            let frames = page.into_iter().filter(|frame| frame.seq <= last);
            let changed = tombstones(frames, &erased)?;
            if !changed.is_empty() {
                let written = store.journal.writer.write(move |connection| {
                    let mut frames = changed.iter();
                    frames.try_for_each(|frame| journal::replace(connection, frame))
                });
                written.await?;
            }
        }
    }
    let merged = store.read.writer.write(merge_words);
    merged.await?;
    store.journal.writer.compact().await?;
    store.read.writer.compact().await?;
    let count = noted.len();
    let forgotten = store.read.writer.write(move |connection| {
        let sql = "DELETE FROM burials WHERE tenant = ?1 AND what = ?2 AND last_frame IS ?3";
        let mut delete = connection.prepare_cached(sql)?;
        for burial in &noted {
            delete.execute(params![tenant.0, burial.what, burial.frames.1])?;
        }
        Ok(())
    });
    forgotten.await?;
    tracing::info!(%tenant, count, "erased content is gone from the journal and from both files");
    Ok(true)
}

/// A chat or mail to be buried.
struct Burial {
    /// `chat 3-2` or `mail 7`.
    what: String,
    frames: (Option<i64>, Option<i64>),
}

fn burials(connection: &Connection, tenant: TenantId) -> rusqlite::Result<Vec<Burial>> {
    let mut select = connection.prepare_cached(
        "SELECT what, first_frame, last_frame FROM burials WHERE tenant = ?1 ORDER BY first_frame",
    )?;
    let found = select.query_map([tenant.0], |row| {
        Ok(Burial {
            what: row.get(0)?,
            frames: (row.get(1)?, row.get(2)?),
        })
    })?;
    found.collect()
}

fn erased(noted: &[Burial]) -> Erased {
    let names = |kind: &'static str| {
        let names = noted.iter().map(|burial| burial.what.split_once(' '));
        names.filter_map(move |name| name.filter(|(of, _)| *of == kind).map(|(_, name)| name))
    };
    let mails: BTreeSet<u64> = names("mail").filter_map(|name| name.parse().ok()).collect();
    Erased {
        chats: names("chat").filter_map(|name| name.parse().ok()).collect(),
        mails: mails.into_iter().map(MailId).collect(),
    }
}

/// The parts of the journal to be looked through, each from its first frame to its last, in order and apart.
fn stretches(noted: &[Burial]) -> Vec<(u64, u64)> {
    let mut stretches: Vec<(u64, u64)> = Vec::new();
    for burial in noted {
        let first = burial.frames.0.unwrap_or(0).unsigned_abs();
        let last = burial.frames.1.map_or(u64::MAX, i64::unsigned_abs);
        match stretches.last_mut() {
            Some((_, end)) if first <= *end => *end = last.max(*end),
            _ => stretches.push((first, last)),
        }
    }
    stretches
}

/// The frames that change, with tombstones in place of what was said.
fn tombstones(
    frames: impl Iterator<Item = Frame>,
    erased: &Erased,
) -> Result<Vec<Frame>, StoreError> {
    let mut changed = Vec::new();
    for mut frame in frames {
        let damaged = |what: String| {
            let (seq, tenant) = (frame.seq, frame.tenant);
            failure::corrupt(format!("frame {seq} of tenant {tenant}: {what}"))
        };
        if frame.codec != wire::CODEC {
            return Err(damaged(format!("encoding {} is not known", frame.codec)));
        }
        let events = wire::decode(&frame.payload).map_err(|error| damaged(error.to_string()));
        let mut events = events?;
        let buried = events.iter_mut().map(|event| erased.bury(&mut event.event));
        if buried.fold(false, |any, buried| any | buried) {
            frame.payload = Bytes::from(wire::encode(&events));
            changed.push(frame);
        }
    }
    Ok(changed)
}

/// Writes the search index anew: until then it still holds the words of what was taken out.
fn merge_words(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("INSERT INTO words (words) VALUES ('optimize')")
}

/// SQL integers are signed; no journal reaches a number beyond them.
fn number(mail: MailId) -> i64 {
    i64::try_from(mail.0).unwrap_or(i64::MAX)
}
