//! Writes what events mean for transcripts and recordings into `read.db`.

use rusqlite::{Connection, OptionalExtension, Params, params};
use serde::Serialize;
use webchat_core::call::Caller;
use webchat_core::event::{Event, Message, Recorded, VisitorFacts};
use webchat_core::id::{AgentId, ChatId};
use webchat_core::time::Timestamp;
use webchat_runtime::TenantId;
use webchat_runtime::read_model::Closing;

use crate::audit;
use crate::history;
use crate::read_model;
use crate::statistics;
use crate::work;

/// Bytes of a chat's messages, from the first on, that can be searched.
const INDEXED: usize = 1 << 20;

/// Writes one event; those that say nothing about a recording are passed over.
pub(crate) fn apply(
    connection: &Connection,
    tenant: TenantId,
    recorded: &Recorded,
) -> rusqlite::Result<()> {
    statistics::apply(connection, tenant, recorded)?;
    work::apply(connection, tenant, recorded)?;
    audit::apply(connection, tenant, recorded)?;
    history::apply(connection, tenant, recorded)?;
    let rows = Rows {
        connection,
        tenant,
        at: recorded.at,
    };
    match &recorded.event {
        event @ Event::ChatQueued { .. } => rows.admit(event),
        Event::ChatAssigned {
            chat,
            campaign,
            agent,
            how,
            ..
        } => rows.of(*chat, |id| {
            // The owner before stays no longer; who joined earlier and owns it now begins anew.
            rows.run(
                "UPDATE segments SET until = ?2 WHERE chat_id = ?1 AND until IS NULL
                 AND agent IN (?3, (SELECT agent FROM chats WHERE id = ?1))",
                params![id, rows.at.as_millis(), agent.0],
            )?;
            rows.run(
                "UPDATE chats SET campaign = ?2, agent = ?3, answered_at = COALESCE(answered_at, ?4)
                 WHERE id = ?1",
                params![id, campaign.0, agent.0, rows.at.as_millis()],
            )?;
            rows.begin_segment(id, *agent, Some(&word(how)))
        }),
        Event::ParticipantJoined { chat, agent } => {
            rows.of(*chat, |id| rows.begin_segment(id, *agent, None))
        }
        Event::ParticipantLeft { chat, agent, owner } => rows.of(*chat, |id| {
            rows.run(
                "UPDATE segments SET until = ?2 WHERE chat_id = ?1 AND until IS NULL AND agent = ?3",
                params![id, rows.at.as_millis(), agent.0],
            )?;
            rows.run(
                "UPDATE chats SET agent = ?2 WHERE id = ?1",
                params![id, owner.0],
            )
        }),
        Event::ChatMoved { chat, to, .. } => rows.of(*chat, |id| {
            rows.run(
                "UPDATE chats SET campaign = ?2, queued_at = ?3 WHERE id = ?1",
                params![id, to.0, rows.at.as_millis()],
            )
        }),
        // Whether an unanswered chat was an abandon is decided by when its visitor was lost.
        Event::VisitorLost { chat } => rows.run(
            "UPDATE chats SET disconnected_at = ?3
             WHERE tenant = ?1 AND chat = ?2 AND answered_at IS NULL",
            params![tenant.0, chat.to_string(), rows.at.as_millis()],
        ),
        Event::VisitorBack { chat } => rows.run(
            "UPDATE chats SET disconnected_at = NULL
             WHERE tenant = ?1 AND chat = ?2 AND answered_at IS NULL",
            params![tenant.0, chat.to_string()],
        ),
        Event::ChatReturned { chat, .. } => rows.of(*chat, |id| rows.end_segments(id)),
        Event::MessagePosted { chat, message } => rows.run(
            "INSERT INTO messages (tenant, chat, number, message) VALUES (?1, ?2, ?3, ?4)",
            params![tenant.0, chat.to_string(), message.number, json(message)],
        ),
        Event::NoteAdded {
            chat, agent, text, ..
        } => {
            rows.of(*chat, |id| rows.note(id, *agent, text, false))
        }
        Event::Whispered {
            chat, agent, text, ..
        } => {
            rows.of(*chat, |id| rows.note(id, *agent, text, true))
        }
        Event::ChatClosed {
            chat,
            reason,
            by,
            text,
            feedback,
            feedback_until,
            disposition,
            ..
        } => rows.of(*chat, |id| {
            let closing = Closing {
                at: rows.at,
                reason: *reason,
                by: *by,
                text: text.clone(),
                feedback: feedback.clone(),
                feedback_until: *feedback_until,
                disposition: disposition.clone(),
            };
            rows.end_segments(id)?;
            rows.run(
                "UPDATE chats SET reason = ?2, closing = ?3 WHERE id = ?1",
                params![id, word(reason), json(&closing)],
            )?;
            rows.index(id, *chat)
        }),
        Event::FeedbackGiven { chat, score, note } => rows.of(*chat, |id| {
            rows.run(
                "UPDATE chats SET feedback_at = ?2, score = ?3, feedback_note = ?4 WHERE id = ?1",
                params![id, rows.at.as_millis(), score, note.as_deref()],
            )
        }),
        Event::ChatEvaluated { evaluation, score } => rows.of(evaluation.chat, |id| {
            rows.run(
                "INSERT INTO evaluations (chat_id, at, agent, evaluator, model, answers, points, most)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    id,
                    rows.at.as_millis(),
                    evaluation.agent.0,
                    evaluation.evaluator.0,
                    evaluation.model.0,
                    json(&evaluation.answers),
                    score.map(|score| score.points),
                    score.map(|score| score.most),
                ],
            )
        }),
        Event::CallAsked { chat, from, video } => rows.of(*chat, |id| {
            rows.run(
                "INSERT INTO calls (chat_id, from_visitor, agent, video, asked_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    id,
                    *from == Caller::Visitor,
                    agent_of(*from),
                    video,
                    rows.at.as_millis()
                ],
            )
        }),
        Event::CallAccepted { chat, by } => rows.of(*chat, |id| {
            rows.run(
                "UPDATE calls SET accepted_at = ?2, agent = COALESCE(?3, agent)
                 WHERE chat_id = ?1 AND ended_at IS NULL",
                params![id, rows.at.as_millis(), agent_of(*by)],
            )
        }),
        Event::CallEnded { chat, why } => rows.of(*chat, |id| {
            rows.run(
                "UPDATE calls SET ended_at = ?2, why = ?3 WHERE chat_id = ?1 AND ended_at IS NULL",
                params![id, rows.at.as_millis(), word(why)],
            )
        }),
        _ => Ok(()),
    }
}

fn agent_of(caller: Caller) -> Option<u32> {
    match caller {
        Caller::Visitor => None,
        Caller::Agent(agent) => Some(agent.0),
    }
}

/// Forgets everything of a tenant.
pub(crate) fn reset(connection: &Connection, tenant: TenantId) -> rusqlite::Result<()> {
    for sql in [
        "DELETE FROM words WHERE rowid IN (SELECT id FROM chats WHERE tenant = ?1)",
        "DELETE FROM messages WHERE tenant = ?1",
        "DELETE FROM chats WHERE tenant = ?1",
        "DELETE FROM limits WHERE tenant = ?1",
        "DELETE FROM slices WHERE tenant = ?1",
        "DELETE FROM tallies WHERE tenant = ?1",
        "DELETE FROM desks WHERE tenant = ?1",
        "DELETE FROM spans WHERE tenant = ?1",
        "DELETE FROM acts WHERE tenant = ?1",
        "DELETE FROM revisions WHERE tenant = ?1",
        "DELETE FROM mails WHERE tenant = ?1",
        "DELETE FROM burials WHERE tenant = ?1",
        "DELETE FROM erasures WHERE tenant = ?1",
        "DELETE FROM checkpoints WHERE tenant = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([tenant.0])?;
    }
    Ok(())
}

/// A stable word such as `visitor_left`, as it is written in the journal.
pub(crate) fn word(value: &impl Serialize) -> String {
    json(value).trim_matches('"').to_owned()
}

/// The value as it is written in the journal.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("events hold nothing that JSON cannot say")
}

/// The rows one event touches.
struct Rows<'a> {
    connection: &'a Connection,
    tenant: TenantId,
    at: Timestamp,
}

impl Rows<'_> {
    fn admit(&self, queued: &Event) -> rusqlite::Result<()> {
        let Event::ChatQueued {
            chat,
            sequence,
            campaign,
            visitor,
            facts,
            language,
            ..
        } = queued
        else {
            return Ok(());
        };
        self.run(
            "INSERT INTO chats
             (tenant, chat, sequence, campaign, visitor, facts, language, requested_at, queued_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
            params![
                self.tenant.0,
                chat.to_string(),
                i64::try_from(*sequence).unwrap_or(i64::MAX),
                campaign.0,
                visitor.0.to_be_bytes(),
                json(facts),
                language.as_str(),
                self.at.as_millis(),
            ],
        )
    }

    /// Does something with the chat's row, if the chat is there.
    fn of(
        &self,
        chat: ChatId,
        then: impl FnOnce(i64) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let id = self
            .connection
            .prepare_cached("SELECT id FROM chats WHERE tenant = ?1 AND chat = ?2")?
            .query_row(params![self.tenant.0, chat.to_string()], |row| row.get(0))
            .optional()?;
        id.map_or(Ok(()), then)
    }

    fn begin_segment(&self, id: i64, agent: AgentId, how: Option<&str>) -> rusqlite::Result<()> {
        self.run(
            "INSERT INTO segments (chat_id, agent, since, how) VALUES (?1, ?2, ?3, ?4)",
            params![id, agent.0, self.at.as_millis(), how],
        )
    }

    fn end_segments(&self, id: i64) -> rusqlite::Result<()> {
        self.run(
            "UPDATE segments SET until = ?2 WHERE chat_id = ?1 AND until IS NULL",
            params![id, self.at.as_millis()],
        )
    }

    fn note(&self, id: i64, agent: AgentId, text: &str, whisper: bool) -> rusqlite::Result<()> {
        self.run(
            "INSERT INTO notes (chat_id, agent, at, text, whisper) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id, agent.0, self.at.as_millis(), text, whisper],
        )
    }

    /// Makes an ended chat findable by what was said in it and in the visitor's form. Once per
    /// chat, because words cost far more to write one message at a time.
    fn index(&self, id: i64, chat: ChatId) -> rusqlite::Result<()> {
        let mut said = String::new();
        let mut select = self
            .connection
            .prepare_cached("SELECT facts FROM chats WHERE id = ?1")?;
        let facts = select.query_row([id], |row| read_model::json::<VisitorFacts>(row, 0))?;
        for written in [facts.name, facts.email, facts.extra].into_iter().flatten() {
            said.push_str(&written);
            said.push('\n');
        }
        let mut select = self.connection.prepare_cached(
            "SELECT message FROM messages WHERE tenant = ?1 AND chat = ?2 ORDER BY number",
        )?;
        let mut messages = select.query(params![self.tenant.0, chat.to_string()])?;
        while said.len() < INDEXED
            && let Some(row) = messages.next()?
        {
            said.push_str(&read_model::json::<Message>(row, 0)?.text);
            said.push('\n');
        }
        self.run(
            "INSERT INTO words (rowid, text) VALUES (?1, ?2)",
            params![id, said],
        )
    }

    fn run(&self, sql: &str, values: impl Params) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(sql)?
            .execute(values)
            .map(drop)
    }
}
