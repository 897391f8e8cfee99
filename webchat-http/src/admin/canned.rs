//! Canned responses: of one campaign, and shared by all. Written as a whole, so that a file is an import.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use webchat_core::View;
use webchat_core::canned::CannedResponse;
use webchat_core::command::HostCommand;
use webchat_core::id::CampaignId;

use crate::api::Api;
use crate::app::{App, Call};
use crate::refused::{Refused, json};
use crate::session;

/// A list of canned responses, as it is read and written.
#[derive(Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "CannedResponses")]
struct List {
    responses: Vec<CannedResponse>,
}

/// `/api/v1/canned`: those shared by all campaigns.
pub(crate) async fn shared(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    let route = match call.method {
        Method::GET => "GET /api/v1/canned",
        Method::PUT => "PUT /api/v1/canned",
        _ => return Err(Refused::method_not_allowed()),
    };
    session::require(app, call, route).await?;
    written(app, call, None).await
}

/// `/api/v1/campaigns/{id}/canned`
pub(crate) async fn of_campaign(
    app: &App,
    call: &Call,
    campaign: CampaignId,
) -> Result<Response<Bytes>, Refused> {
    let route = match call.method {
        Method::GET => "GET /api/v1/campaigns/{id}/canned",
        Method::PUT => "PUT /api/v1/campaigns/{id}/canned",
        _ => return Err(Refused::method_not_allowed()),
    };
    session::require(app, call, route).await?;
    written(app, call, Some(campaign)).await
}

/// The list, replaced before if that is asked.
async fn written(
    app: &App,
    call: &Call,
    campaign: Option<CampaignId>,
) -> Result<Response<Bytes>, Refused> {
    if call.method == Method::PUT {
        let List { responses } = call.json()?;
        app.host(HostCommand::SetCanned {
            campaign,
            responses,
        })
        .await?;
    }
    let list = app.query(move |engine, _| listed(engine.view(), campaign));
    Ok(json(StatusCode::OK, &list.await??))
}

fn listed(view: View<'_>, campaign: Option<CampaignId>) -> Result<List, Refused> {
    let responses = match campaign {
        Some(campaign) => view
            .own_canned(campaign)
            .ok_or_else(|| Refused::unknown_campaign(campaign))?,
        None => view.shared_canned(),
    };
    Ok(List {
        responses: responses.to_vec(),
    })
}

pub(super) fn describe(api: &mut Api) {
    api.route(
        "GET /api/v1/canned",
        "The canned responses of all campaigns",
    )
    .answers::<List>(200);
    api.route("PUT /api/v1/canned", "Replaces them")
        .takes::<List>()
        .answers::<List>(200);
    api.route(
        "GET /api/v1/campaigns/{id}/canned",
        "The canned responses of a campaign",
    )
    .answers::<List>(200);
    api.route("PUT /api/v1/campaigns/{id}/canned", "Replaces them")
        .takes::<List>()
        .answers::<List>(200);
}
