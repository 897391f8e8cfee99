//! The members of a campaign, in member order.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use webchat_core::command::{Command, HostCommand, Member, SupervisorCommand};
use webchat_core::id::CampaignId;

use crate::api::Api;
use crate::app::{App, Call};
use crate::refused::{Refused, json};
use crate::session;

/// `/api/v1/campaigns/{id}/members`
pub(crate) async fn all(
    app: &App,
    call: &Call,
    campaign: CampaignId,
) -> Result<Response<Bytes>, Refused> {
    match call.method {
        Method::GET => {
            session::require(app, call, "GET /api/v1/campaigns/{id}/members").await?;
            shown(app, campaign).await
        }
        Method::PUT => {
            let signed = session::require(app, call, "PUT /api/v1/campaigns/{id}/members").await?;
            let members: Vec<Member> = call.json()?;
            let command = match signed.account.profile.agent {
                Some(agent) => Command::Supervisor {
                    agent,
                    ask: SupervisorCommand::SetMembers { campaign, members },
                },
                None => Command::Host(HostCommand::SetMembers { campaign, members }),
            };
            app.submit(command).await?;
            shown(app, campaign).await
        }
        _ => Err(Refused::method_not_allowed()),
    }
}

async fn shown(app: &App, campaign: CampaignId) -> Result<Response<Bytes>, Refused> {
    let members = app.query(move |engine, _| {
        let view = engine.view();
        view.campaign(campaign)?;
        Some(view.members(campaign).cloned().collect::<Vec<Member>>())
    });
    let members = members
        .await?
        .ok_or_else(|| Refused::unknown_campaign(campaign))?;
    Ok(json(StatusCode::OK, &members))
}

pub(super) fn describe(api: &mut Api) {
    api.route(
        "GET /api/v1/campaigns/{id}/members",
        "The members of a campaign, in member order",
    )
    .answers::<Vec<Member>>(200);
    api.route("PUT /api/v1/campaigns/{id}/members", "Replaces them")
        .takes::<Vec<Member>>()
        .answers::<Vec<Member>>(200);
}
