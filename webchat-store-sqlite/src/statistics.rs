//! What became of each campaign's chats, in slices of five minutes, in `read.db`. The rules are those of the core's
//! counters (domain.md §8); a test holds the two against each other.

use rusqlite::{Connection, OptionalExtension, params};
use webchat_core::event::{CloseReason, Event, Recorded};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::metrics::Counters;
use webchat_core::time::{Seconds, Timestamp};
use webchat_runtime::read_model::{SLICE_SECONDS, Slice};
use webchat_runtime::{StoreError, TenantId};

use crate::projection::word;
use crate::read_model;
use crate::tallies::{self, Count};

/// Counts one event, before the chat's own row learns of it.
pub(crate) fn apply(
    connection: &Connection,
    tenant: TenantId,
    recorded: &Recorded,
) -> rusqlite::Result<()> {
    let counting = Counting {
        connection,
        tenant,
        at: recorded.at,
    };
    match &recorded.event {
        Event::CampaignCreated {
            campaign, settings, ..
        }
        | Event::CampaignChanged {
            campaign, settings, ..
        } => counting.limit(*campaign, settings.answer_within, settings.dropout),
        Event::ChatQueued { campaign, .. } => counting.count(*campaign, "offered"),
        Event::ChatRefused {
            campaign, reason, ..
        } => counting.count(*campaign, &format!("refused {}", word(reason))),
        Event::ChatMoved { chat, to, .. } => counting.first_wait(*chat, |wait| {
            counting.count(wait.campaign, "flowed_out")?;
            counting.count(*to, "offered")
        }),
        Event::ChatAssigned { chat, agent, .. } => counting.first_wait(*chat, |wait| {
            let waited = counting.at.since(wait.queued_at);
            counting.tally(wait.campaign, Some(*agent), "answered", waited)?;
            counting.add(wait.campaign, "answer_millis", waited)?;
            match wait.in_time(waited) {
                true => counting.tally(wait.campaign, Some(*agent), "answered_in_time", 0),
                false => Ok(()),
            }
        }),
        Event::ChatClosed { chat, reason, .. } => {
            counting.first_wait(*chat, |wait| counting.unanswered(&wait, *reason))
        }
        _ => Ok(()),
    }
}

/// The slices from the one on that holds `from`.
pub(crate) fn slices(
    connection: &Connection,
    tenant: TenantId,
    from: Timestamp,
) -> Result<Vec<Slice>, StoreError> {
    let counts = read_model::rows(
        connection,
        "SELECT since, campaign, what, count FROM slices
         WHERE tenant = ?1 AND since >= ?2 ORDER BY since, campaign, what",
        params![tenant.0, start(from)],
        |row| {
            let what: String = row.get(2)?;
            let count: i64 = row.get(3)?;
            let from = read_model::instant(row, 0)?;
            Ok((from, CampaignId(row.get(1)?), what, count.unsigned_abs()))
        },
    )?;
    let mut slices: Vec<Slice> = Vec::new();
    for (from, campaign, what, count) in counts {
        let same = |last: &&mut Slice| last.from == from && last.campaign == campaign;
        if slices.last_mut().filter(same).is_none() {
            slices.push(Slice {
                campaign,
                from,
                counters: Counters::default(),
                answer_millis: 0,
            });
        }
        if let Some(slice) = slices.last_mut() {
            put(slice, &what, count);
        }
    }
    Ok(slices)
}

fn put(slice: &mut Slice, what: &str, count: u64) {
    let counters = &mut slice.counters;
    match what {
        "offered" => counters.offered = count,
        "answered" => counters.answered = count,
        "answered_in_time" => counters.answered_in_time = count,
        "abandoned" => counters.abandoned = count,
        "abandoned_in_time" => counters.abandoned_in_time = count,
        "short_abandoned" => counters.short_abandoned = count,
        "timed_out" => counters.timed_out = count,
        "closed" => counters.closed = count,
        "flowed_out" => counters.flowed_out = count,
        "answer_millis" => slice.answer_millis = count,
        other => {
            let reason = other.strip_prefix("refused ").unwrap_or(other);
            // A reason only a newer version knows of is not shown by this one.
            if let Ok(reason) = read_model::from_word(0, reason) {
                counters.refused.insert(reason, count);
            }
        }
    }
}

/// Milliseconds of a slice.
pub(crate) const LENGTH: i64 = SLICE_SECONDS * 1_000;

/// The first instant of the slice that holds `at`.
pub(crate) fn start(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(LENGTH).saturating_mul(LENGTH)
}

/// A chat that waits for its first answer.
struct FirstWait {
    campaign: CampaignId,
    queued_at: Timestamp,
    disconnected_at: Option<Timestamp>,
    answer_within: Option<i64>,
    dropout: Option<i64>,
}

impl FirstWait {
    /// `waited` is in milliseconds.
    fn in_time(&self, waited: i64) -> bool {
        self.answer_within.is_some_and(|limit| waited <= limit)
    }
}

struct Counting<'a> {
    connection: &'a Connection,
    tenant: TenantId,
    at: Timestamp,
}

impl Counting<'_> {
    fn limit(
        &self,
        campaign: CampaignId,
        answer_within: Option<Seconds>,
        dropout: Option<Seconds>,
    ) -> rusqlite::Result<()> {
        let millis = |limit: Option<Seconds>| limit.map(Seconds::as_millis);
        self.connection
            .prepare_cached(
                "INSERT INTO limits (tenant, campaign, answer_within, dropout) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE
                 SET answer_within = excluded.answer_within, dropout = excluded.dropout",
            )?
            .execute(params![
                self.tenant.0,
                campaign.0,
                millis(answer_within),
                millis(dropout)
            ])
            .map(drop)
    }

    /// Does something if the chat waits for its first answer.
    fn first_wait(
        &self,
        chat: ChatId,
        then: impl FnOnce(FirstWait) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let wait = self
            .connection
            .prepare_cached(
                "SELECT chats.campaign, queued_at, disconnected_at, answer_within, dropout
                 FROM chats LEFT JOIN limits
                 ON limits.tenant = chats.tenant AND limits.campaign = chats.campaign
                 WHERE chats.tenant = ?1 AND chat = ?2 AND answered_at IS NULL AND reason IS NULL",
            )?
            .query_row(params![self.tenant.0, chat.to_string()], |row| {
                Ok(FirstWait {
                    campaign: CampaignId(row.get(0)?),
                    queued_at: read_model::instant(row, 1)?,
                    disconnected_at: row.get::<_, Option<i64>>(2)?.map(Timestamp::from_millis),
                    answer_within: row.get(3)?,
                    dropout: row.get(4)?,
                })
            })
            .optional()?;
        wait.map_or(Ok(()), then)
    }

    fn unanswered(&self, wait: &FirstWait, reason: CloseReason) -> rusqlite::Result<()> {
        let left_at = match reason {
            CloseReason::VisitorGone => wait.disconnected_at.unwrap_or(self.at),
            _ => self.at,
        };
        let waited = left_at.since(wait.queued_at);
        match reason {
            CloseReason::VisitorLeft | CloseReason::VisitorGone => {
                if wait.dropout.is_some_and(|limit| waited < limit) {
                    return self.count(wait.campaign, "short_abandoned");
                }
                if wait.in_time(waited) {
                    self.count(wait.campaign, "abandoned_in_time")?;
                }
                self.count(wait.campaign, "abandoned")
            }
            CloseReason::TimedOut => self.count(wait.campaign, "timed_out"),
            _ => self.count(wait.campaign, "closed"),
        }
    }

    fn count(&self, campaign: CampaignId, what: &str) -> rusqlite::Result<()> {
        self.tally(campaign, None, what, 0)
    }

    /// Counts it in its slice and at its own instant.
    fn tally(
        &self,
        campaign: CampaignId,
        agent: Option<AgentId>,
        what: &str,
        amount: i64,
    ) -> rusqlite::Result<()> {
        self.add(campaign, what, 1)?;
        let count = Count {
            tenant: self.tenant,
            at: self.at,
            campaign,
            agent,
            what,
            amount,
        };
        tallies::add(self.connection, &count)
    }

    fn add(&self, campaign: CampaignId, what: &str, count: i64) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO slices (tenant, since, campaign, what, count) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET count = count + excluded.count",
            )?
            .execute(params![
                self.tenant.0,
                start(self.at),
                campaign.0,
                what,
                count
            ])
            .map(drop)
    }
}
