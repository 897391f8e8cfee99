//! API keys: what programs of the host may do. A key is shown once and kept as a hash.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use webchat_core::field;
use webchat_core::problem::Problems;
use webchat_core::time::Timestamp;
use webchat_runtime::hosts::ApiKey;

use super::campaigns::nothing;
use crate::access;
use crate::api::Api;
use crate::app::{App, Call};
use crate::limits;
use crate::refused::{Refused, json};
use crate::session;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "KeyDraft")]
struct Draft {
    /// What people call it.
    #[schemars(length(min = 1, max = 80))]
    name: String,
    /// What it is good for, such as `campaigns:read` or `agents:write`: the first word of a route, and `read` for GET or
    /// `write` for everything else.
    scopes: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Key")]
struct Shown {
    key: u64,
    name: String,
    scopes: Vec<String>,
    created_at: Timestamp,
    /// Shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// `/api/v1/keys`
pub(crate) async fn all(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    match call.method {
        Method::GET => {
            session::require(app, call, "GET /api/v1/keys").await?;
            let keys = app.hosts().keys().await?;
            let keys: Vec<Shown> = keys.into_iter().map(|key| shown(key, None)).collect();
            Ok(json(StatusCode::OK, &keys))
        }
        Method::POST => {
            session::require_anew(app, call, "POST /api/v1/keys").await?;
            let making = create(app, call);
            app.repeats.once("POST /api/v1/keys", call, making).await
        }
        _ => Err(Refused::method_not_allowed()),
    }
}

/// `DELETE /api/v1/keys/{id}`
pub(crate) async fn one(app: &App, call: &Call, id: u64) -> Result<Response<Bytes>, Refused> {
    session::require_anew(app, call, "DELETE /api/v1/keys/{id}").await?;
    match app.hosts().remove_key(id).await? {
        true => Ok(nothing()),
        false => Err(Refused::new(
            "unknown_key",
            format!("key {id} is not known"),
        )),
    }
}

async fn create(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    let Draft { name, mut scopes } = call.json()?;
    let mut problems = Problems::none();
    let name = field::name(Some(&name)).unwrap_or_default();
    if name.is_none() {
        problems.add("name", "", "1 to 80 characters on one line");
    }
    scopes.sort_unstable();
    scopes.dedup();
    let known = access::scopes();
    if scopes.is_empty() {
        problems.add("scopes", "", known.join(", "));
    }
    for scope in scopes.iter().filter(|scope| !known.contains(scope)) {
        problems.add("scopes", scope, known.join(", "));
    }
    let Some(name) = name.filter(|_| problems.is_empty()) else {
        return Err(Refused::form(problems.0));
    };
    if app.hosts().keys().await?.len() >= limits::API_KEYS {
        return Err(Refused::new(
            "limit",
            format!("there are {} keys already", limits::API_KEYS),
        ));
    }
    let secret = session::key_secret()?;
    let mut key = ApiKey {
        id: 0,
        name: name.to_string(),
        scopes,
        hash: session::hash_of(&secret),
        created: app.now(),
    };
    key.id = app.hosts().add_key(key.clone()).await?;
    Ok(json(StatusCode::CREATED, &shown(key, Some(secret))))
}

fn shown(key: ApiKey, secret: Option<String>) -> Shown {
    Shown {
        key: key.id,
        name: key.name,
        scopes: key.scopes,
        created_at: key.created,
        secret,
    }
}

pub(super) fn describe(api: &mut Api) {
    api.route("GET /api/v1/keys", "The API keys of the host's programs")
        .answers::<Vec<Shown>>(200);
    api.route("POST /api/v1/keys", "Makes a key, shown this once")
        .takes::<Draft>()
        .repeatable()
        .answers::<Shown>(201);
    api.route("DELETE /api/v1/keys/{id}", "Revokes a key at once")
        .empty(204);
}
