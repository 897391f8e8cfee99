//! What supervisors did, in `read.db`.

use rusqlite::types::ToSql;
use rusqlite::{Connection, Row, params, params_from_iter};
use webchat_core::event::{CloseReason, Event, Recorded};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::time::Timestamp;
use webchat_runtime::read_model::{Act, ActFilter, ActKind};
use webchat_runtime::{StoreError, TenantId};

use crate::projection::word;
use crate::read_model;

/// Writes down what a supervisor did, if the event says so.
pub(crate) fn apply(
    connection: &Connection,
    tenant: TenantId,
    recorded: &Recorded,
) -> rusqlite::Result<()> {
    let Some(act) = act(recorded.at, &recorded.event) else {
        return Ok(());
    };
    connection
        .prepare_cached(
            "INSERT INTO acts (tenant, number, at, by, what, chat, campaign, agent)
             SELECT ?1, COALESCE(MAX(number), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7
             FROM acts WHERE tenant = ?1",
        )?
        .execute(params![
            tenant.0,
            act.at.as_millis(),
            act.by.0,
            word(&act.what),
            act.chat.map(|chat| chat.to_string()),
            act.campaign.map(|campaign| campaign.0),
            act.agent.map(|agent| agent.0),
        ])
        .map(drop)
}

/// What supervisors did, the latest first.
pub(crate) fn acts(
    connection: &Connection,
    tenant: TenantId,
    filter: &ActFilter,
    limit: i64,
) -> Result<Vec<Act>, StoreError> {
    let mut sql =
        "SELECT number, at, by, what, chat, campaign, agent FROM acts WHERE tenant = ?".to_owned();
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(tenant.0)];
    if let Some(by) = filter.by {
        sql += " AND by = ?";
        values.push(Box::new(by.0));
    }
    if let Some(chat) = filter.chat {
        sql += " AND chat = ?";
        values.push(Box::new(chat.to_string()));
    }
    if let Some(what) = filter.what {
        sql += " AND what = ?";
        values.push(Box::new(word(&what)));
    }
    if let Some(before) = filter.before {
        sql += " AND number < ?";
        values.push(Box::new(i64::try_from(before).unwrap_or(i64::MAX)));
    }
    sql += " ORDER BY number DESC LIMIT ?";
    values.push(Box::new(limit));
    read_model::rows(connection, &sql, params_from_iter(values), read)
}

fn act(at: Timestamp, event: &Event) -> Option<Act> {
    let by = |by: AgentId, what| Act {
        number: 0,
        at,
        by,
        what,
        chat: None,
        campaign: None,
        agent: None,
    };
    match event {
        Event::WatchStarted { chat, agent } => Some(Act {
            chat: Some(*chat),
            ..by(*agent, ActKind::Watched)
        }),
        Event::Whispered { chat, agent, .. } => Some(Act {
            chat: Some(*chat),
            ..by(*agent, ActKind::Whispered)
        }),
        Event::ChatAssigned {
            chat,
            agent,
            by: Some(supervisor),
            ..
        } => {
            let itself = agent == supervisor;
            let what = if itself {
                ActKind::TookOver
            } else {
                ActKind::Assigned
            };
            Some(Act {
                chat: Some(*chat),
                agent: Some(*agent).filter(|_| !itself),
                ..by(*supervisor, what)
            })
        }
        Event::ChatMoved {
            chat,
            to,
            by: supervisor,
            ..
        } => Some(Act {
            chat: Some(*chat),
            campaign: Some(*to),
            ..by(*supervisor, ActKind::Moved)
        }),
        Event::ChatClosed {
            chat,
            reason: CloseReason::SupervisorClosed,
            by: Some(supervisor),
            ..
        } => Some(Act {
            chat: Some(*chat),
            ..by(*supervisor, ActKind::Closed)
        }),
        Event::ChatEvaluated { evaluation, .. } if evaluation.evaluator != evaluation.agent => {
            Some(Act {
                chat: Some(evaluation.chat),
                agent: Some(evaluation.agent),
                ..by(evaluation.evaluator, ActKind::Evaluated)
            })
        }
        Event::AgentSignedOut {
            agent,
            by: Some(supervisor),
            ..
        } => Some(Act {
            agent: Some(*agent),
            ..by(*supervisor, ActKind::SignedOut)
        }),
        Event::AgentPaused {
            agent,
            by: Some(supervisor),
            ..
        } => Some(Act {
            agent: Some(*agent),
            ..by(*supervisor, ActKind::Paused)
        }),
        Event::AgentResumed {
            agent,
            by: Some(supervisor),
        } => Some(Act {
            agent: Some(*agent),
            ..by(*supervisor, ActKind::Resumed)
        }),
        Event::MembersSet {
            campaign,
            by: Some(supervisor),
            ..
        } => Some(Act {
            campaign: Some(*campaign),
            ..by(*supervisor, ActKind::SetMembers)
        }),
        _ => None,
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Act> {
    let what: String = row.get(3)?;
    let chat: Option<String> = row.get(4)?;
    let chat: Option<ChatId> = match chat {
        Some(chat) => Some(
            chat.parse()
                .map_err(|error| read_model::damaged(4, error))?,
        ),
        None => None,
    };
    Ok(Act {
        number: row.get::<_, i64>(0)?.unsigned_abs(),
        at: read_model::instant(row, 1)?,
        by: AgentId(row.get(2)?),
        what: read_model::from_word(3, &what)?,
        chat,
        campaign: row.get::<_, Option<u32>>(5)?.map(CampaignId),
        agent: row.get::<_, Option<u32>>(6)?.map(AgentId),
    })
}
