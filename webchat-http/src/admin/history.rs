//! What a campaign's settings were and who changed what; and what somebody is told whose edit came too late.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use webchat_core::campaign::CampaignDraft;
use webchat_core::id::CampaignId;
use webchat_core::schedule::{Schedule, ScheduleDraft};
use webchat_core::time::Timestamp;
use webchat_runtime::read_model::Revision;

use crate::api::Api;
use crate::app::{App, Call};
use crate::limits;
use crate::page;
use crate::refused::{Refused, json};
use crate::session;

/// The query of the list.
#[derive(Deserialize, schemars::JsonSchema)]
struct Wish {
    before: Option<u32>,
}

#[derive(Serialize, schemars::JsonSchema)]
struct History {
    /// A page, the latest first.
    revisions: Vec<Changed>,
    /// The names of those who made them, by login; who has no account any more has none.
    names: BTreeMap<Arc<str>, String>,
    /// What to ask for as `before` to get the next page; `None` at the end.
    next: Option<u32>,
}

/// One change.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "CampaignChange")]
pub(super) struct Changed {
    number: u32,
    at: Timestamp,
    /// The administrator's login; `None` when the program itself did it.
    by: Option<Arc<str>>,
    changes: Vec<Change>,
}

/// One setting before and after. The path is that of the draft, such as `welcome.es`.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "SettingChange")]
struct Change {
    field: String,
    /// `null` when it was not there.
    old: Value,
    new: Value,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Revision")]
struct Whole {
    number: u32,
    at: Timestamp,
    by: Option<Arc<str>>,
    settings: CampaignDraft,
}

/// `GET /api/v1/campaigns/{id}/history`
pub(crate) async fn all(
    app: &App,
    call: &Call,
    campaign: CampaignId,
) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::GET {
        return Err(Refused::method_not_allowed());
    }
    session::require(app, call, "GET /api/v1/campaigns/{id}/history").await?;
    let wish: Wish = call.wish()?;
    let found = revisions(app, campaign, wish.before, page::ASKED).await?;
    if found.is_empty() && wish.before.is_none() {
        return Err(Refused::unknown_campaign(campaign));
    }
    // Before the cut, for the last of the page is compared with the one beyond it.
    let mut revisions = compared(&found);
    let next = page::cut(&mut revisions, |revision| revision.number);
    let accounts = app.accounts().list().await?.into_iter();
    let mut known: BTreeMap<String, String> = accounts
        .map(|account| (account.profile.login, account.profile.name))
        .collect();
    let names = revisions
        .iter()
        .filter_map(|one| one.by.clone())
        .filter_map(|by| known.remove(&*by).map(|name| (by, name)))
        .collect();
    let history = History {
        revisions,
        names,
        next,
    };
    Ok(json(StatusCode::OK, &history))
}

/// `GET /api/v1/campaigns/{id}/history/{number}`: the settings as they were then, to be put back.
pub(crate) async fn one(
    app: &App,
    call: &Call,
    campaign: CampaignId,
    number: u32,
) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::GET {
        return Err(Refused::method_not_allowed());
    }
    session::require(app, call, "GET /api/v1/campaigns/{id}/history/{number}").await?;
    let found = revisions(app, campaign, number.checked_add(1), 1).await?;
    let found = found.into_iter().find(|revision| revision.number == number);
    let revision = found.ok_or_else(|| {
        Refused::new(
            "not_found",
            format!("campaign {campaign} has no change {number}"),
        )
    })?;
    let whole = Whole {
        number,
        at: revision.at,
        by: revision.by,
        settings: CampaignDraft::from(&revision.settings),
    };
    Ok(json(StatusCode::OK, &whole))
}

/// What was changed since the settings had this version, the latest first; as much as one page tells.
pub(super) async fn since(
    app: &App,
    campaign: CampaignId,
    seen: &str,
) -> Result<Vec<Changed>, Refused> {
    let found = revisions(app, campaign, None, limits::PAGE).await?;
    let seen = |revision: &Revision| version(&CampaignDraft::from(&revision.settings)) == seen;
    // The version seen is compared with, but not told again.
    let later = found.iter().position(seen).unwrap_or(found.len());
    let mut changed = compared(&found);
    changed.truncate(later);
    Ok(changed)
}

/// Names one state of a campaign's settings: the same settings have the same version.
pub(super) fn version(settings: &CampaignDraft) -> String {
    let written = serde_json::to_vec(settings).unwrap_or_default();
    let hash = Sha256::digest(&written);
    hash.iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn revisions(
    app: &App,
    campaign: CampaignId,
    before: Option<u32>,
    limit: usize,
) -> Result<Vec<Revision>, Refused> {
    app.parts.handle.caught_up().await?;
    let read_model = &app.parts.read_model;
    Ok(read_model
        .revisions(app.parts.tenant, campaign, before, limit)
        .await?)
}

/// Each revision beside the one before it; the first beside a campaign nobody has touched.
fn compared(revisions: &[Revision]) -> Vec<Changed> {
    let settings = |revision: Option<&Revision>| {
        let untouched = || CampaignDraft {
            schedule: ScheduleDraft::from(&Schedule::always()),
            ..CampaignDraft::default()
        };
        let draft = revision.map_or_else(untouched, |revision| {
            CampaignDraft::from(&revision.settings)
        });
        serde_json::to_value(draft).unwrap_or_default()
    };
    let one = |(index, revision): (usize, &Revision)| {
        let mut changes = Vec::new();
        let (old, new) = (settings(revisions.get(index + 1)), settings(Some(revision)));
        compare("", &old, &new, &mut changes);
        Changed {
            number: revision.number,
            at: revision.at,
            by: revision.by.clone(),
            changes,
        }
    };
    revisions.iter().enumerate().map(one).collect()
}

/// Objects are looked into, lists are compared whole.
fn compare(path: &str, old: &Value, new: &Value, changes: &mut Vec<Change>) {
    if old == new {
        return;
    }
    let (Value::Object(before), Value::Object(after)) = (old, new) else {
        return changes.push(Change {
            field: path.to_owned(),
            old: old.clone(),
            new: new.clone(),
        });
    };
    let keys = before
        .keys()
        .chain(after.keys().filter(|key| !before.contains_key(*key)));
    for key in keys {
        let path = match path {
            "" => key.clone(),
            _ => format!("{path}.{key}"),
        };
        let (old, new) = (before.get(key), after.get(key));
        compare(
            &path,
            old.unwrap_or(&Value::Null),
            new.unwrap_or(&Value::Null),
            changes,
        );
    }
}

pub(super) fn describe(api: &mut Api) {
    api.route(
        "GET /api/v1/campaigns/{id}/history",
        "Who changed which setting of a campaign, the latest first",
    )
    .asks::<Wish>()
    .answers::<History>(200);
    api.route(
        "GET /api/v1/campaigns/{id}/history/{number}",
        "The settings of a campaign as a change left them",
    )
    .answers::<Whole>(200);
}
