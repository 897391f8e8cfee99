//! Campaigns as an administrator edits them.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::Serialize;
use webchat_core::CampaignView;
use webchat_core::campaign::{Campaign, CampaignDraft, Warning};
use webchat_core::command::HostCommand;
use webchat_core::effect::Receipt;
use webchat_core::id::CampaignId;
use webchat_core::time::Timestamp;

use crate::api::Api;
use crate::app::{App, Call};
use crate::refused::{Refused, json};
use crate::session;
use crate::socket::request::unexpected;

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Campaign")]
struct Listed {
    campaign: CampaignId,
    settings: CampaignDraft,
    open: bool,
    waiting: u32,
    active: u32,
    /// When recordings kept long enough are next erased; `None` keeps them.
    next_retention: Option<Timestamp>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "CampaignSaved")]
struct Saved {
    campaign: CampaignId,
    /// What looks unintended.
    warnings: Vec<Warning>,
}

/// `/api/v1/campaigns`
pub(crate) async fn all(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    match call.method {
        Method::GET => {
            session::require(app, call, "GET /api/v1/campaigns").await?;
            let all =
                app.query(|engine, _| engine.view().campaigns().map(listed).collect::<Vec<_>>());
            Ok(json(StatusCode::OK, &all.await?))
        }
        Method::POST => {
            session::require(app, call, "POST /api/v1/campaigns").await?;
            let making = create(app, call);
            app.repeats
                .once("POST /api/v1/campaigns", call, making)
                .await
        }
        _ => Err(Refused::method_not_allowed()),
    }
}

async fn create(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    let (settings, warnings) = checked(app, call)?;
    match app.host(HostCommand::CreateCampaign(settings)).await? {
        Receipt::Campaign(campaign) => Ok(json(StatusCode::CREATED, &Saved { campaign, warnings })),
        other => Err(unexpected(&other)),
    }
}

/// `/api/v1/campaigns/{id}`
pub(crate) async fn one(
    app: &App,
    call: &Call,
    campaign: CampaignId,
) -> Result<Response<Bytes>, Refused> {
    match call.method {
        Method::GET => {
            session::require(app, call, "GET /api/v1/campaigns/{id}").await?;
            let found = app.query(move |engine, _| engine.view().campaign(campaign).map(listed));
            let found = found
                .await?
                .ok_or_else(|| Refused::unknown_campaign(campaign))?;
            Ok(json(StatusCode::OK, &found))
        }
        Method::PUT => {
            session::require(app, call, "PUT /api/v1/campaigns/{id}").await?;
            let (settings, warnings) = checked(app, call)?;
            let change = HostCommand::ChangeCampaign { campaign, settings };
            app.host(change).await?;
            Ok(json(StatusCode::OK, &Saved { campaign, warnings }))
        }
        Method::DELETE => {
            session::require(app, call, "DELETE /api/v1/campaigns/{id}").await?;
            app.host(HostCommand::DeleteCampaign { campaign }).await?;
            Ok(nothing())
        }
        _ => Err(Refused::method_not_allowed()),
    }
}

/// 204: done, nothing to add.
pub(super) fn nothing() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn checked(app: &App, call: &Call) -> Result<(Box<Campaign>, Vec<Warning>), Refused> {
    let draft: CampaignDraft = call.json()?;
    match draft.check(&app.parts.zones) {
        Ok((settings, mut warnings)) => {
            if !app.settings.mail {
                warnings.extend(settings.warnings_without_mail());
            }
            Ok((Box::new(settings), warnings))
        }
        Err(problems) => Err(Refused::form(problems.0)),
    }
}

fn listed(view: CampaignView<'_>) -> Listed {
    Listed {
        campaign: view.id,
        settings: CampaignDraft::from(view.settings),
        open: view.open,
        waiting: view.waiting,
        active: view.active,
        next_retention: view.next_retention,
    }
}

pub(super) fn describe(api: &mut Api) {
    api.route("GET /api/v1/campaigns", "All campaigns")
        .answers::<Vec<Listed>>(200);
    api.route("POST /api/v1/campaigns", "Makes a campaign")
        .takes::<CampaignDraft>()
        .repeatable()
        .answers::<Saved>(201);
    api.route("GET /api/v1/campaigns/{id}", "One campaign")
        .answers::<Listed>(200);
    api.route(
        "PUT /api/v1/campaigns/{id}",
        "Replaces all settings of a campaign",
    )
    .takes::<CampaignDraft>()
    .answers::<Saved>(200);
    api.route(
        "DELETE /api/v1/campaigns/{id}",
        "Deletes a campaign without live chats",
    )
    .empty(204);
}
