//! Campaigns as an administrator edits them.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, IF_MATCH};
use http::{HeaderValue, Method, Response, StatusCode};
use serde::Serialize;
use webchat_core::CampaignView;
use webchat_core::campaign::{Campaign, CampaignDraft, Warning};
use webchat_core::command::HostCommand;
use webchat_core::effect::Receipt;
use webchat_core::id::CampaignId;
use webchat_core::rejection::Rejection;
use webchat_core::time::Timestamp;

use super::history::{self, Changed};
use crate::api::Api;
use crate::app::{App, Call};
use crate::refused::{self, ProblemBody, Refused, json};
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
    /// Names these settings; sent back in `if-match`, they are changed only as long as they are these.
    version: String,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "CampaignSaved")]
struct Saved {
    campaign: CampaignId,
    version: String,
    /// What looks unintended.
    warnings: Vec<Warning>,
}

/// 412: somebody changed the campaign since the edit began. Nothing was changed by this request.
#[derive(Serialize, schemars::JsonSchema)]
struct Outdated {
    #[serde(flatten)]
    problem: ProblemBody,
    /// The campaign as it is now.
    now: Listed,
    /// What was changed since, the latest first.
    since: Vec<Changed>,
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
            let signed = session::require(app, call, "POST /api/v1/campaigns").await?;
            let making = create(app, call, &signed.account.profile.login);
            app.repeats
                .once("POST /api/v1/campaigns", call, making)
                .await
        }
        _ => Err(Refused::method_not_allowed()),
    }
}

async fn create(app: &App, call: &Call, login: &str) -> Result<Response<Bytes>, Refused> {
    let draft: CampaignDraft = call.json()?;
    let (settings, warnings) = checked(app, &draft)?;
    let version = history::version(&CampaignDraft::from(&settings));
    let made = HostCommand::CreateCampaign {
        settings: Box::new(settings),
        by: Some(login.into()),
    };
    match app.host(made).await? {
        Receipt::Campaign(campaign) => {
            let saved = Saved {
                campaign,
                warnings: with_members(app, Some(campaign), warnings).await?,
                version,
            };
            Ok(tagged(StatusCode::CREATED, &saved, &saved.version))
        }
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
            Ok(tagged(StatusCode::OK, &found, &found.version))
        }
        Method::PUT => {
            let signed = session::require(app, call, "PUT /api/v1/campaigns/{id}").await?;
            let draft: CampaignDraft = call.json()?;
            let (settings, warnings) = checked(app, &draft)?;
            let version = history::version(&CampaignDraft::from(&settings));
            let expected = expected(call)?;
            let mut seen = None;
            if let Some(expected) = &expected {
                let there = app.query(move |engine, _| {
                    let found = engine.view().campaign(campaign);
                    found.map(|found| found.settings.clone())
                });
                let there = there.await?;
                let there = there.ok_or_else(|| Refused::unknown_campaign(campaign))?;
                if history::version(&CampaignDraft::from(&there)) != *expected {
                    return outdated(app, campaign, expected).await;
                }
                seen = Some(Box::new(there));
            }
            let edit = HostCommand::ChangeCampaign {
                campaign,
                settings: Box::new(settings),
                seen,
                by: Some(signed.account.profile.login.as_str().into()),
            };
            match (app.host(edit).await, expected) {
                (Err(refused), Some(expected)) if refused.code() == "changed_meanwhile" => {
                    outdated(app, campaign, &expected).await
                }
                (done, _) => {
                    done?;
                    let warnings = with_members(app, Some(campaign), warnings).await?;
                    let saved = Saved {
                        campaign,
                        version,
                        warnings,
                    };
                    Ok(tagged(StatusCode::OK, &saved, &saved.version))
                }
            }
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

/// The draft as a campaign, with what looks unintended about it.
pub(super) fn checked(
    app: &App,
    draft: &CampaignDraft,
) -> Result<(Campaign, Vec<Warning>), Refused> {
    let (settings, mut warnings) = draft
        .check(&app.parts.zones)
        .map_err(|problems| Refused::form(problems.0))?;
    if !app.settings.mail {
        warnings.extend(settings.warnings_without_mail());
    }
    Ok((settings, warnings))
}

/// Warns of a campaign nobody serves, too.
pub(super) async fn with_members(
    app: &App,
    campaign: Option<CampaignId>,
    mut warnings: Vec<Warning>,
) -> Result<Vec<Warning>, Refused> {
    let Some(campaign) = campaign else {
        return Ok(warnings);
    };
    let serves = app.query(move |engine, _| {
        let view = engine.view();
        let needs_voice = view.tenant().voice_membership_required;
        let can = |agent| {
            let agent = view.agent(agent);
            agent.is_some_and(|agent| agent.profile.voice || !needs_voice)
        };
        let mut members = view.members(campaign);
        let some = view.members(campaign).next().is_some();
        (some, members.any(|member| can(member.agent)))
    });
    let warning = match serves.await? {
        (false, _) => (
            "no_member",
            "nobody is a member, so no chat is ever answered",
        ),
        (true, false) => (
            "no_voice_campaign",
            "no member is part of a voice campaign, so no chat is ever answered",
        ),
        (true, true) => return Ok(warnings),
    };
    warnings.push(Warning {
        field: "members",
        code: warning.0,
        text: warning.1,
    });
    Ok(warnings)
}

/// The version an edit began with; `None` when any will do.
fn expected(call: &Call) -> Result<Option<String>, Refused> {
    let Some(condition) = call.headers.get(IF_MATCH) else {
        return Ok(None);
    };
    let unreadable = || Refused::bad_request("expected one version in quotes in if-match, or *");
    let condition = condition.to_str().map_err(|_| unreadable())?.trim();
    if condition == "*" {
        return Ok(None);
    }
    let version = condition
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    version
        .map(|version| Some(version.to_owned()))
        .ok_or_else(unreadable)
}

async fn outdated(
    app: &App,
    campaign: CampaignId,
    expected: &str,
) -> Result<Response<Bytes>, Refused> {
    let now = app.query(move |engine, _| engine.view().campaign(campaign).map(listed));
    let now = now
        .await?
        .ok_or_else(|| Refused::unknown_campaign(campaign))?;
    let since = history::since(app, campaign, expected).await?;
    let problem = Refused::from(Rejection::ChangedMeanwhile(campaign)).body();
    let version = now.version.clone();
    let outdated = Outdated {
        problem,
        now,
        since,
    };
    let mut response = tagged(StatusCode::PRECONDITION_FAILED, &outdated, &version);
    let kind = HeaderValue::from_static(refused::PROBLEM);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

/// An answer that names the version of the settings it is about.
fn tagged<T: Serialize>(status: StatusCode, value: &T, version: &str) -> Response<Bytes> {
    let mut response = json(status, value);
    if let Ok(tag) = HeaderValue::try_from(format!("\"{version}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

fn listed(view: CampaignView<'_>) -> Listed {
    let settings = CampaignDraft::from(view.settings);
    Listed {
        campaign: view.id,
        version: history::version(&settings),
        settings,
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
    .answers::<Saved>(200)
    .answers::<Outdated>(412);
    api.route(
        "DELETE /api/v1/campaigns/{id}",
        "Deletes a campaign without live chats",
    )
    .empty(204);
}
