//! Reports: what became of chats and what agents did in any stretch of time, per campaign, per agent and by the hour.

use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use webchat_core::id::{AgentId, CampaignId};
use webchat_core::time::Timestamp;
use webchat_runtime::report::{CampaignSums, ReportWish};

use crate::api::Api;
use crate::app::{App, Call};
use crate::refused::{Refused, json};
use crate::session;

use interval::Hour;
use rows::{AgentRow, CampaignRow, HourRow};

mod interval;
mod rows;

/// The query.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct Wish {
    from: String,
    to: String,
    #[serde(default = "utc")]
    zone: String,
    campaign: Option<CampaignId>,
    agent: Option<AgentId>,
    /// Which table is wanted as CSV; all of them are answered as JSON without it.
    csv: Option<Table>,
}

fn utc() -> String {
    "UTC".into()
}

/// A table of the report.
#[derive(Clone, Copy, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Table {
    Campaigns,
    Agents,
    Hours,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Report")]
struct Whole {
    from: Timestamp,
    to: Timestamp,
    zone: String,
    /// Up to when agents' time is counted, if the interval is not over.
    now: Timestamp,
    campaigns: Vec<CampaignRow>,
    /// All campaigns together.
    total: CampaignRow,
    agents: Vec<AgentRow>,
    /// In order; hours in which nothing happened are left out.
    hours: Vec<HourRow>,
}

/// `GET /api/v1/reports`
pub(crate) async fn show(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::GET {
        return Err(Refused::method_not_allowed());
    }
    session::require(app, call, "GET /api/v1/reports").await?;
    let wish: Wish = call.wish()?;
    app.parts.handle.caught_up().await?;
    let csv = wish.csv;
    let whole = report(app, wish).await?;
    let Some(table) = csv else {
        return Ok(json(StatusCode::OK, &whole));
    };
    let (name, text) = match table {
        Table::Campaigns => (
            "campaigns",
            CampaignRow::csv(&whole.campaigns, &whole.total),
        ),
        Table::Agents => ("agents", AgentRow::csv(&whole.agents)),
        Table::Hours => ("hours", HourRow::csv(&whole.hours)),
    };
    Ok(attachment(name, text))
}

async fn report(app: &App, wish: Wish) -> Result<Whole, Refused> {
    let read = interval::read(&wish.from, &wish.to, &wish.zone, &app.parts.zones);
    let (interval, zone) = read.map_err(|problems| Refused::form(problems.0))?;
    let (parts, hours): (Vec<Timestamp>, Vec<Hour>) =
        interval::hours(interval, &zone).into_iter().unzip();
    let now = app.now();
    let asked = ReportWish {
        interval,
        now,
        campaign: wish.campaign,
        agent: wish.agent,
        parts,
    };
    let found = app.parts.read_model.report(app.parts.tenant, asked).await?;
    let mut total = CampaignSums::default();
    found.campaigns.values().for_each(|sums| total.add(sums));
    let rows = app.query(move |engine, _| {
        let view = engine.view();
        let campaigns = found.campaigns.into_iter().map(|(id, sums)| {
            let name = view
                .campaign(id)
                .map(|campaign| campaign.settings.name.clone());
            CampaignRow::new(Some(id), name, sums)
        });
        let agents = found.agents.into_iter().map(|(id, sums)| {
            let name = view.agent(id).map(|agent| agent.profile.name.clone());
            AgentRow::new(id, name, sums)
        });
        (campaigns.collect(), agents.collect(), found.parts)
    });
    let (campaigns, agents, parts) = rows.await?;
    Ok(Whole {
        from: interval.from,
        to: interval.to,
        zone: wish.zone,
        now,
        campaigns,
        total: CampaignRow::new(None, None, total),
        agents,
        hours: HourRow::all(hours.into_iter(), parts),
    })
}

fn attachment(name: &str, text: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(text));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}.csv\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}

/// The reports.
pub(crate) fn describe(api: &mut Api) {
    api.route(
        "GET /api/v1/reports",
        "What became of chats and what agents did in any interval; with `csv`, one table of it",
    )
    .asks::<Wish>()
    .answers::<Whole>(200);
}
