//! How long chats were with agents, and what agents spend their time on, in `read.db`. The rules are those of the
//! core's fold (domain.md §8); a test holds the two against each other.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, params};
use webchat_core::event::{Author, Event, OfferEnd, Recorded};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::metrics::Activity;
use webchat_core::time::Timestamp;
use webchat_runtime::TenantId;
use webchat_runtime::report::{Report, ReportWish};

use crate::read_model;
use crate::tallies::{self, Count};

/// Follows one event, before the chat's own row and its segments learn of it.
pub(crate) fn apply(
    connection: &Connection,
    tenant: TenantId,
    recorded: &Recorded,
) -> rusqlite::Result<()> {
    let work = Working {
        connection,
        tenant,
        at: recorded.at,
    };
    match &recorded.event {
        Event::AgentCreated { agent, .. } => work.begin(*agent),
        Event::AgentSignedIn { agent, .. } => work.agent(*agent, |desk| {
            desk.signed_in = true;
            desk.lost = false;
        }),
        Event::AgentSignedOut { agent, .. } => work.agent(*agent, |desk| {
            desk.signed_in = false;
            desk.lost = false;
            desk.paused = false;
        }),
        Event::AgentDeleted { agent } => work.agent(*agent, |desk| desk.signed_in = false),
        Event::AgentLost { agent, .. } => work.agent(*agent, |desk| desk.lost = true),
        Event::AgentBack { agent } => work.agent(*agent, |desk| desk.lost = false),
        Event::AgentPaused { agent, .. } => work.agent(*agent, |desk| desk.paused = true),
        Event::AgentResumed { agent, .. } => work.agent(*agent, |desk| desk.paused = false),
        Event::AgentOnCall { agent, on } => work.agent(*agent, |desk| desk.on_call = *on),
        Event::AgentOtherLoad {
            agent,
            interactions,
        } => work.agent(*agent, |desk| desk.elsewhere = *interactions > 0),
        Event::WrapUpEnded { agent, .. } => {
            work.agent(*agent, |desk| desk.chats = desk.chats.saturating_sub(1))
        }
        Event::ChatOffered { chat, agent, .. } => work.offered(*chat, *agent, "asked"),
        Event::OfferEnded {
            chat, agent, why, ..
        } => match why {
            OfferEnd::Lapsed => work.offered(*chat, *agent, "lapsed"),
            OfferEnd::Refused => work.offered(*chat, *agent, "declined"),
            OfferEnd::Rescinded => Ok(()),
        },
        Event::ChatAssigned {
            chat,
            campaign,
            agent,
            ..
        } => work.assign(*chat, *campaign, *agent),
        Event::ParticipantJoined { chat, agent } => work.chat(*chat, |chat| {
            match work.participants(&chat)?.contains(agent) {
                true => Ok(()),
                false => work.agent(*agent, |desk| desk.chats += 1),
            }
        }),
        Event::ParticipantLeft { chat, agent, owner } => work.chat(*chat, |mut chat| {
            if chat.owner != Some(*owner) {
                work.end_ownership(&chat, work.at)?;
                (chat.owner, chat.owned_since) = (Some(*owner), work.at);
                work.keep(&chat)?;
            }
            match work.participants(&chat)?.contains(agent) {
                true => work.agent(*agent, |desk| desk.chats = desk.chats.saturating_sub(1)),
                false => Ok(()),
            }
        }),
        Event::ChatReturned { chat, .. } => {
            work.chat(*chat, |chat| work.end_service_by_all(chat, work.at))
        }
        Event::ChatClosed {
            chat,
            wrap_up_until,
            ..
        } => work.chat(*chat, |chat| {
            let Some(owner) = chat.owner else {
                return Ok(());
            };
            work.end_service_by_all(chat, wrap_up_until.unwrap_or(work.at))?;
            match wrap_up_until {
                Some(_) => work.agent(owner, |desk| desk.chats += 1),
                None => Ok(()),
            }
        }),
        Event::MessagePosted { chat, message } => match message.author {
            Author::Agent { agent, .. } if !message.automatic => work.respond(*chat, agent),
            _ => Ok(()),
        },
        Event::FeedbackGiven { chat, score, .. } => work.chat(*chat, |chat| {
            work.count(chat.campaign, chat.last_owner, "feedback", (*score).into())
        }),
        Event::ChatEvaluated {
            evaluation,
            score: Some(score),
        } => work.chat(evaluation.chat, |chat| {
            let (reached, most) = match evaluation.agent == evaluation.evaluator {
                true => ("judged_self", "judged_self_most"),
                false => ("judged", "judged_most"),
            };
            let agent = Some(evaluation.agent);
            work.count(chat.campaign, agent, reached, score.points)?;
            work.count(chat.campaign, agent, most, score.most)
        }),
        _ => Ok(()),
    }
}

/// Adds what each agent spent the interval on.
pub(crate) fn add(
    connection: &Connection,
    tenant: TenantId,
    wish: &ReportWish,
    report: &mut Report,
) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(
        "SELECT agent, since, signed_in, lost, paused, on_call, elsewhere, chats
         FROM desks WHERE tenant = ?1 AND (?2 IS NULL OR agent = ?2)",
    )?;
    let only = wish.agent.map(|agent| agent.0);
    let desks: Vec<(AgentId, Desk)> = select
        .query_map(params![tenant.0, only], |row| {
            Ok((AgentId(row.get(0)?), Desk::read(row, 1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let (from, to) = (wish.interval.from, wish.interval.to);
    // Spans of one agent follow each other, so only the first one can begin before the interval.
    let mut select = connection.prepare_cached(
        "SELECT since, until, busy, ready FROM spans
         WHERE tenant = ?1 AND agent = ?2 AND since < ?4 AND until > ?3 AND since >= COALESCE(
            (SELECT MAX(since) FROM spans WHERE tenant = ?1 AND agent = ?2 AND since <= ?3), ?3)",
    )?;
    for (agent, desk) in desks {
        let mut spent = |since: Timestamp, until: Timestamp, activity| {
            let millis = until.min(to).since(since.max(from));
            if millis > 0 && activity != Activity::SignedOut {
                let work = &mut report.agents.entry(agent).or_default().work;
                work.spend(millis.unsigned_abs(), activity);
            }
        };
        let values = params![tenant.0, agent.0, from.as_millis(), to.as_millis()];
        let mut rows = select.query(values)?;
        while let Some(row) = rows.next()? {
            let activity = match (row.get(2)?, row.get(3)?) {
                (0, true) => Activity::Ready,
                (0, false) => Activity::Away,
                (chats, _) => Activity::Busy(chats),
            };
            let (since, until) = (read_model::instant(row, 0)?, read_model::instant(row, 1)?);
            spent(since, until, activity);
        }
        spent(desk.since, wish.now, desk.activity());
    }
    Ok(())
}

/// What an agent is doing.
struct Desk {
    /// Since when, unless nothing that matters changed.
    since: Timestamp,
    signed_in: bool,
    lost: bool,
    paused: bool,
    on_call: bool,
    elsewhere: bool,
    /// Chats taken part in, and wrap-ups.
    chats: u32,
}

impl Desk {
    fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            since: read_model::instant(row, first)?,
            signed_in: row.get(first + 1)?,
            lost: row.get(first + 2)?,
            paused: row.get(first + 3)?,
            on_call: row.get(first + 4)?,
            elsewhere: row.get(first + 5)?,
            chats: row.get(first + 6)?,
        })
    }

    fn activity(&self) -> Activity {
        if !self.signed_in {
            Activity::SignedOut
        } else if self.chats > 0 {
            Activity::Busy(self.chats)
        } else if self.lost || self.paused || self.on_call || self.elsewhere {
            Activity::Away
        } else {
            Activity::Ready
        }
    }
}

/// A chat, as far as its agents' work goes.
struct Served {
    id: i64,
    campaign: CampaignId,
    owner: Option<AgentId>,
    /// With its owner since.
    owned_since: Timestamp,
    /// With agents of the campaign since.
    served_since: Timestamp,
    /// Who has it or had it last.
    last_owner: Option<AgentId>,
}

struct Working<'a> {
    connection: &'a Connection,
    tenant: TenantId,
    at: Timestamp,
}

impl Working<'_> {
    fn assign(&self, chat: ChatId, campaign: CampaignId, agent: AgentId) -> rusqlite::Result<()> {
        self.chat(chat, |mut chat| {
            let owner = chat.owner;
            if owner.is_some() && chat.campaign != campaign {
                self.end_service(&chat, self.at)?;
            }
            if owner.is_none() || chat.campaign != campaign {
                chat.served_since = self.at;
            }
            let joins = !self.participants(&chat)?.contains(&agent);
            if owner != Some(agent) {
                self.end_ownership(&chat, self.at)?;
                (chat.owner, chat.owned_since) = (Some(agent), self.at);
                if let Some(before) = owner {
                    self.agent(before, |desk| desk.chats = desk.chats.saturating_sub(1))?;
                }
            }
            self.keep(&chat)?;
            match joins {
                true => self.agent(agent, |desk| desk.chats += 1),
                false => Ok(()),
            }
        })
    }

    /// The first thing a human wrote.
    fn respond(&self, chat: ChatId, agent: AgentId) -> rusqlite::Result<()> {
        let first = self
            .connection
            .prepare_cached(
                "UPDATE chats SET responded = 1 WHERE tenant = ?1 AND chat = ?2 AND responded = 0
                 RETURNING campaign, requested_at",
            )?
            .query_row(params![self.tenant.0, chat.to_string()], |row| {
                Ok((CampaignId(row.get(0)?), read_model::instant(row, 1)?))
            })
            .optional()?;
        match first {
            Some((campaign, requested_at)) => {
                let took = self.at.since(requested_at);
                self.count(campaign, Some(agent), "first_response", took)
            }
            None => Ok(()),
        }
    }

    fn offered(&self, chat: ChatId, agent: AgentId, what: &str) -> rusqlite::Result<()> {
        self.chat(chat, |chat| self.count(chat.campaign, Some(agent), what, 0))
    }

    /// Nobody has the chat any longer.
    fn end_service_by_all(&self, mut chat: Served, until: Timestamp) -> rusqlite::Result<()> {
        self.end_service(&chat, until)?;
        self.end_ownership(&chat, until)?;
        for agent in self.participants(&chat)? {
            self.agent(agent, |desk| desk.chats = desk.chats.saturating_sub(1))?;
        }
        chat.owner = None;
        self.keep(&chat)
    }

    /// The chat is with agents of its campaign no longer.
    fn end_service(&self, chat: &Served, until: Timestamp) -> rusqlite::Result<()> {
        let took = until.since(chat.served_since);
        self.count(chat.campaign, None, "handled", took)
    }

    /// The chat is with its owner no longer.
    fn end_ownership(&self, chat: &Served, until: Timestamp) -> rusqlite::Result<()> {
        match chat.owner {
            Some(owner) => {
                let took = until.since(chat.owned_since);
                self.count(chat.campaign, Some(owner), "owned", took)
            }
            None => Ok(()),
        }
    }

    /// Does something with a chat there is.
    fn chat(
        &self,
        chat: ChatId,
        then: impl FnOnce(Served) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT id, campaign, owner, COALESCE(owned_since, 0), COALESCE(served_since, 0), agent
                 FROM chats WHERE tenant = ?1 AND chat = ?2",
            )?
            .query_row(params![self.tenant.0, chat.to_string()], |row| {
                Ok(Served {
                    id: row.get(0)?,
                    campaign: CampaignId(row.get(1)?),
                    owner: row.get::<_, Option<u32>>(2)?.map(AgentId),
                    owned_since: read_model::instant(row, 3)?,
                    served_since: read_model::instant(row, 4)?,
                    last_owner: row.get::<_, Option<u32>>(5)?.map(AgentId),
                })
            })
            .optional()?;
        found.map_or(Ok(()), then)
    }

    fn keep(&self, chat: &Served) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE chats SET owner = ?2, owned_since = ?3, served_since = ?4 WHERE id = ?1",
            )?
            .execute(params![
                chat.id,
                chat.owner.map(|owner| owner.0),
                chat.owned_since.as_millis(),
                chat.served_since.as_millis(),
            ])
            .map(drop)
    }

    /// Who is in the chat: those whose segment has not ended.
    fn participants(&self, chat: &Served) -> rusqlite::Result<BTreeSet<AgentId>> {
        let mut select = self
            .connection
            .prepare_cached("SELECT agent FROM segments WHERE chat_id = ?1 AND until IS NULL")?;
        let found = select.query_map([chat.id], |row| row.get(0).map(AgentId))?;
        found.collect()
    }

    fn begin(&self, agent: AgentId) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO desks
                 (tenant, agent, since, signed_in, lost, paused, on_call, elsewhere, chats)
                 VALUES (?1, ?2, ?3, 0, 0, 0, 0, 0, 0)",
            )?
            .execute(params![self.tenant.0, agent.0, self.at.as_millis()])
            .map(drop)
    }

    /// Changes what an agent does; what was done until now becomes a span.
    fn agent(&self, agent: AgentId, change: impl FnOnce(&mut Desk)) -> rusqlite::Result<()> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT since, signed_in, lost, paused, on_call, elsewhere, chats
                 FROM desks WHERE tenant = ?1 AND agent = ?2",
            )?
            .query_row(params![self.tenant.0, agent.0], |row| Desk::read(row, 0))
            .optional()?;
        let Some(mut desk) = found else {
            return Ok(());
        };
        let before = desk.activity();
        change(&mut desk);
        if desk.activity() != before {
            self.span(agent, desk.since, before)?;
            desk.since = self.at;
        }
        self.connection
            .prepare_cached(
                "UPDATE desks SET since = ?3, signed_in = ?4, lost = ?5, paused = ?6, on_call = ?7,
                 elsewhere = ?8, chats = ?9 WHERE tenant = ?1 AND agent = ?2",
            )?
            .execute(params![
                self.tenant.0,
                agent.0,
                desk.since.as_millis(),
                desk.signed_in,
                desk.lost,
                desk.paused,
                desk.on_call,
                desk.elsewhere,
                desk.chats,
            ])
            .map(drop)
    }

    fn span(&self, agent: AgentId, since: Timestamp, activity: Activity) -> rusqlite::Result<()> {
        let (busy, ready) = match activity {
            Activity::SignedOut => return Ok(()),
            Activity::Away => (0, false),
            Activity::Ready => (0, true),
            Activity::Busy(chats) => (chats, false),
        };
        if since >= self.at {
            return Ok(());
        }
        self.connection
            .prepare_cached(
                "INSERT INTO spans (tenant, agent, since, until, busy, ready)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                self.tenant.0,
                agent.0,
                since.as_millis(),
                self.at.as_millis(),
                busy,
                ready,
            ])
            .map(drop)
    }

    fn count(
        &self,
        campaign: CampaignId,
        agent: Option<AgentId>,
        what: &str,
        amount: i64,
    ) -> rusqlite::Result<()> {
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
}
