//! The members of a campaign, in member order.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use webchat_core::View;
use webchat_core::command::{Command, HostCommand, Member, SupervisorCommand};
use webchat_core::id::{AgentId, CampaignId};
use webchat_core::rejection::Rejection;

use crate::api::Api;
use crate::app::{App, Call};
use crate::refused::{Refused, json};
use crate::session::{self, Signed};

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
            let members: Vec<Member> = call.json_list()?;
            set(app, &signed, campaign, members).await?;
            shown(app, campaign).await
        }
        _ => Err(Refused::method_not_allowed()),
    }
}

/// Who is to become a member of what, or no longer to be one.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MembersEdit")]
struct Edit {
    campaigns: Vec<CampaignId>,
    /// Put last, in this order, without penalty and skills; who is a member already stays as is.
    #[serde(default)]
    add: Vec<AgentId>,
    #[serde(default)]
    remove: Vec<AgentId>,
}

/// How many campaigns have other members now.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "MembersEdited")]
struct Edited {
    changed: usize,
}

/// `POST /api/v1/members`: several agents in or out of several campaigns.
pub(crate) async fn edit(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::POST {
        return Err(Refused::method_not_allowed());
    }
    let signed = session::require(app, call, "POST /api/v1/members").await?;
    let edit: Edit = call.json()?;
    let asked = app.query(move |engine, _| wanted(engine.view(), &edit));
    let wanted = asked.await??;
    let changed = wanted.len();
    for (campaign, members) in wanted {
        set(app, &signed, campaign, members).await?;
    }
    Ok(json(StatusCode::OK, &Edited { changed }))
}

/// The members that campaigns are to have which do not have them yet.
fn wanted(view: View<'_>, edit: &Edit) -> Result<Vec<(CampaignId, Vec<Member>)>, Refused> {
    if let Some(agent) = edit.add.iter().find(|agent| view.agent(**agent).is_none()) {
        return Err(Rejection::UnknownAgent(*agent).into());
    }
    let mut wanted = Vec::new();
    for campaign in &edit.campaigns {
        view.campaign(*campaign)
            .ok_or_else(|| Refused::unknown_campaign(campaign))?;
        let before: Vec<Member> = view.members(*campaign).cloned().collect();
        let mut after = before.clone();
        for agent in &edit.add {
            if !after.iter().any(|member| member.agent == *agent) {
                after.push(Member::plain(*agent));
            }
        }
        after.retain(|member| !edit.remove.contains(&member.agent));
        if after != before {
            wanted.push((*campaign, after));
        }
    }
    Ok(wanted)
}

async fn set(
    app: &App,
    signed: &Signed,
    campaign: CampaignId,
    members: Vec<Member>,
) -> Result<(), Refused> {
    let command = match signed.account.profile.agent {
        Some(agent) => Command::Supervisor {
            agent,
            ask: SupervisorCommand::SetMembers { campaign, members },
        },
        None => Command::Host(HostCommand::SetMembers { campaign, members }),
    };
    app.submit(command).await.map(drop)
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
    api.route(
        "POST /api/v1/members",
        "Makes several agents members of several campaigns, or ends that",
    )
    .takes::<Edit>()
    .answers::<Edited>(200);
}
