//! What is counted and measured, each at its own instant, so that any stretch of time can be added up; in `read.db`.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, params};
use webchat_core::event::RefusalReason;
use webchat_core::id::{AgentId, CampaignId};
use webchat_core::metrics::{Counters, Interval, Tally};
use webchat_core::time::Timestamp;
use webchat_runtime::report::{AgentSums, CampaignSums, Opinions, Part, Report, ReportWish};
use webchat_runtime::{StoreError, TenantId};

use crate::failure;
use crate::read_model;
use crate::statistics;
use crate::work;

/// Stands for no agent in the tables, whose keys hold no NULL.
const NOBODY: i64 = -1;

/// One thing that is counted. Those with the same key in the same millisecond are one row.
pub(crate) struct Count<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) at: Timestamp,
    pub(crate) campaign: CampaignId,
    pub(crate) agent: Option<AgentId>,
    pub(crate) what: &'a str,
    /// Milliseconds or points; 0 where only the number of times matters.
    pub(crate) amount: i64,
}

/// Counts it once more.
pub(crate) fn add(connection: &Connection, count: &Count<'_>) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO tallies (tenant, at, campaign, agent, what, count, amount)
             VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)
             ON CONFLICT DO UPDATE SET count = count + 1, amount = amount + excluded.amount",
        )?
        .execute(params![
            count.tenant.0,
            count.at.as_millis(),
            count.campaign.0,
            count.agent.map_or(NOBODY, |agent| i64::from(agent.0)),
            count.what,
            count.amount,
        ])
        .map(drop)
}

/// All sums of an interval, of one state of the tables.
pub(crate) fn report(
    connection: &Connection,
    tenant: TenantId,
    wish: &ReportWish,
) -> Result<Report, StoreError> {
    let one_state = connection.unchecked_transaction();
    let one_state = one_state.map_err(failure::sqlite)?;
    let mut report = sums(&one_state, tenant, wish).map_err(failure::sqlite)?;
    if wish.agent.is_none() {
        wait(&one_state, tenant, wish, &mut report).map_err(failure::sqlite)?;
    }
    work::add(&one_state, tenant, wish, &mut report).map_err(failure::sqlite)?;
    let Report {
        campaigns, agents, ..
    } = &mut report;
    campaigns.retain(|_, sums| *sums != CampaignSums::default());
    agents.retain(|_, sums| *sums != AgentSums::default());
    Ok(report)
}

fn sums(connection: &Connection, tenant: TenantId, wish: &ReportWish) -> rusqlite::Result<Report> {
    let mut report = Report {
        parts: vec![Part::default(); wish.parts.len()],
        ..Report::default()
    };
    let mut sql = "SELECT at, campaign, agent, what, count, amount FROM tallies
                   WHERE tenant = ?1 AND at >= ?2 AND at < ?3"
        .to_owned();
    if let Some(CampaignId(campaign)) = wish.campaign {
        sql += &format!(" AND campaign = {campaign}");
    }
    if let Some(AgentId(agent)) = wish.agent {
        sql += &format!(" AND agent = {agent}");
    }
    sql += " ORDER BY at";
    let Interval { from, to } = wish.interval;
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query(params![tenant.0, from.as_millis(), to.as_millis()])?;
    let mut part = 0;
    while let Some(row) = rows.next()? {
        let at = read_model::instant(row, 0)?;
        while wish.parts.get(part).is_some_and(|begins| *begins <= at) {
            part += 1;
        }
        let part = part
            .checked_sub(1)
            .and_then(|part| report.parts.get_mut(part));
        let row = Counted::read(row)?;
        if let Some(part) = part {
            row.count_in(&mut part.counters);
            if row.what == "answered" {
                row.measure_in(&mut part.answer);
            }
        }
        row.add_to_campaign(report.campaigns.entry(row.campaign).or_default());
        if let Some(agent) = row.agent {
            row.add_to_agent(report.agents.entry(agent).or_default());
        }
    }
    Ok(report)
}

/// A row of the table.
struct Counted<'a> {
    campaign: CampaignId,
    agent: Option<AgentId>,
    what: &'a str,
    count: u64,
    amount: i64,
}

impl<'a> Counted<'a> {
    fn read(row: &'a Row<'_>) -> rusqlite::Result<Self> {
        let agent: i64 = row.get(2)?;
        Ok(Self {
            campaign: CampaignId(row.get(1)?),
            agent: u32::try_from(agent).ok().map(AgentId),
            what: row.get_ref(3)?.as_str()?,
            count: row.get::<_, i64>(4)?.unsigned_abs(),
            amount: row.get(5)?,
        })
    }

    fn count_in(&self, counters: &mut Counters) {
        match self.what {
            "offered" => counters.offered += self.count,
            "answered" => counters.answered += self.count,
            "answered_in_time" => counters.answered_in_time += self.count,
            "abandoned" => counters.abandoned += self.count,
            "abandoned_in_time" => counters.abandoned_in_time += self.count,
            "short_abandoned" => counters.short_abandoned += self.count,
            "timed_out" => counters.timed_out += self.count,
            "closed" => counters.closed += self.count,
            "flowed_out" => counters.flowed_out += self.count,
            other => {
                let reason = other.strip_prefix("refused ").map(refusal);
                if let Some(Some(reason)) = reason {
                    *counters.refused.entry(reason).or_default() += self.count;
                }
            }
        }
    }

    fn measure_in(&self, tally: &mut Tally) {
        tally.count += self.count;
        tally.millis += self.amount.unsigned_abs();
    }

    fn add_to_campaign(&self, sums: &mut CampaignSums) {
        self.count_in(&mut sums.counters);
        match self.what {
            "answered" => self.measure_in(&mut sums.answer),
            "first_response" => self.measure_in(&mut sums.first_response),
            "handled" => self.measure_in(&mut sums.handle),
            _ => self.add_to_opinions(&mut sums.opinions),
        }
    }

    fn add_to_agent(&self, sums: &mut AgentSums) {
        match self.what {
            "answered" => self.measure_in(&mut sums.answer),
            "answered_in_time" => sums.answered_in_time += self.count,
            "first_response" => self.measure_in(&mut sums.first_response),
            "owned" => self.measure_in(&mut sums.handle),
            "asked" => sums.offers += self.count,
            "lapsed" => sums.lapsed += self.count,
            "declined" => sums.refused += self.count,
            _ => self.add_to_opinions(&mut sums.opinions),
        }
    }

    fn add_to_opinions(&self, opinions: &mut Opinions) {
        match self.what {
            "feedback" => {
                opinions.scores += self.count;
                opinions.score_sum += self.amount.unsigned_abs();
            }
            "judged_self" => {
                opinions.own.count += self.count;
                opinions.own.points += self.amount;
            }
            "judged_self_most" => opinions.own.most += self.amount,
            "judged" => {
                opinions.others.count += self.count;
                opinions.others.points += self.amount;
            }
            "judged_most" => opinions.others.most += self.amount,
            _ => {}
        }
    }
}

fn refusal(word: &str) -> Option<RefusalReason> {
    // A reason only a newer version knows of is not shown by this one.
    read_model::from_word(3, word).ok()
}

/// W at both ends of the interval: what waits now, less what came and went since.
fn wait(
    connection: &Connection,
    tenant: TenantId,
    wish: &ReportWish,
    report: &mut Report,
) -> rusqlite::Result<()> {
    let mut waiting: BTreeMap<CampaignId, i64> = BTreeMap::new();
    let mut select = connection.prepare_cached(
        "SELECT campaign, COUNT(*) FROM chats
         WHERE tenant = ?1 AND answered_at IS NULL AND reason IS NULL GROUP BY campaign",
    )?;
    let mut rows = select.query([tenant.0])?;
    while let Some(row) = rows.next()? {
        waiting.insert(CampaignId(row.get(0)?), row.get(1)?);
    }
    // The slices tell of all that happened since in far fewer rows, from the next one on.
    let to = wish.interval.to.as_millis();
    let next = statistics::start(wish.interval.to);
    let next = match next == to {
        true => next,
        false => next.saturating_add(statistics::LENGTH),
    };
    let mut select = connection.prepare_cached(
        "SELECT campaign, what, SUM(count) FROM (
            SELECT campaign, what, count FROM slices WHERE tenant = ?1 AND since >= ?3
            UNION ALL
            SELECT campaign, what, count FROM tallies WHERE tenant = ?1 AND at >= ?2 AND at < ?3)
         GROUP BY campaign, what",
    )?;
    let mut rows = select.query(params![tenant.0, to, next])?;
    while let Some(row) = rows.next()? {
        let change = match row.get_ref(1)?.as_str()? {
            "offered" => -1,
            "answered" | "abandoned" | "short_abandoned" | "timed_out" | "closed"
            | "flowed_out" => 1,
            _ => 0,
        };
        let since = change * row.get::<_, i64>(2)?;
        *waiting.entry(CampaignId(row.get(0)?)).or_default() += since;
    }
    let asked = |campaign: &CampaignId| wish.campaign.is_none_or(|wished| wished == *campaign);
    for (campaign, waiting) in waiting {
        if waiting > 0 && asked(&campaign) {
            let sums = report.campaigns.entry(campaign).or_default();
            sums.counters.waiting = waiting.unsigned_abs();
        }
    }
    for sums in report.campaigns.values_mut() {
        let counters = &sums.counters;
        let ended = counters.answered
            + counters.abandoned
            + counters.short_abandoned
            + counters.timed_out
            + counters.closed
            + counters.flowed_out;
        sums.waiting_before = (counters.waiting + ended).saturating_sub(counters.offered);
    }
    Ok(())
}
