//! The settings each campaign has had, and who gave it each, in `read.db`.

use rusqlite::{Connection, Row, params};
use webchat_core::event::{Event, Recorded};
use webchat_core::id::CampaignId;
use webchat_runtime::read_model::Revision;
use webchat_runtime::{StoreError, TenantId};

use crate::projection::json;
use crate::read_model;

/// Writes down the settings an event brings.
pub(crate) fn apply(
    connection: &Connection,
    tenant: TenantId,
    recorded: &Recorded,
) -> rusqlite::Result<()> {
    let (Event::CampaignCreated {
        campaign,
        settings,
        by,
        ..
    }
    | Event::CampaignChanged {
        campaign,
        settings,
        by,
        ..
    }) = &recorded.event
    else {
        return Ok(());
    };
    connection
        .prepare_cached(
            "INSERT INTO revisions (tenant, campaign, number, at, by, settings)
             SELECT ?1, ?2, COALESCE(MAX(number), 0) + 1, ?3, ?4, ?5
             FROM revisions WHERE tenant = ?1 AND campaign = ?2",
        )?
        .execute(params![
            tenant.0,
            campaign.0,
            recorded.at.as_millis(),
            by.as_deref(),
            json(settings),
        ])
        .map(drop)
}

/// The settings a campaign has had, the latest first.
pub(crate) fn revisions(
    connection: &Connection,
    tenant: TenantId,
    campaign: CampaignId,
    before: Option<u32>,
    limit: i64,
) -> Result<Vec<Revision>, StoreError> {
    let sql = "SELECT number, at, by, settings FROM revisions
               WHERE tenant = ?1 AND campaign = ?2 AND number < ?3 ORDER BY number DESC LIMIT ?4";
    let before = before.map_or(i64::MAX, i64::from);
    let values = params![tenant.0, campaign.0, before, limit];
    read_model::rows(connection, sql, values, read)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Revision> {
    let by: Option<String> = row.get(2)?;
    Ok(Revision {
        number: row.get(0)?,
        at: read_model::instant(row, 1)?,
        by: by.map(Into::into),
        settings: read_model::json(row, 3)?,
    })
}
