//! Erasing what was said, as an administrator asks for it.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use webchat_core::id::{ChatId, VisitorKey};
use webchat_runtime::Erasure;
use webchat_runtime::read_model::Held;

use crate::api::Api;
use crate::app::{App, Call};
use crate::files;
use crate::refused::{Refused, json};
use crate::session;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ErasureWanted")]
struct Wanted {
    #[serde(default)]
    visitor: Option<VisitorKey>,
    #[serde(default)]
    chats: Vec<ChatId>,
}

/// Whose data is meant.
#[derive(Deserialize, schemars::JsonSchema)]
#[schemars(rename = "OfVisitor")]
struct About {
    visitor: VisitorKey,
}

#[derive(Serialize, schemars::JsonSchema)]
struct Erased {
    /// How many chats.
    chats: usize,
}

/// `GET` and `POST /api/v1/erasures`
pub(crate) async fn of_visitor(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    match call.method {
        Method::GET => look(app, call).await,
        Method::POST => erase(app, call).await,
        _ => Err(Refused::method_not_allowed()),
    }
}

/// How much there is to erase.
async fn look(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    session::require(app, call, "GET /api/v1/erasures").await?;
    let About { visitor } = call.wish()?;
    app.parts.handle.caught_up().await?;
    let held = app.parts.read_model.held(app.parts.tenant, visitor).await?;
    Ok(json(StatusCode::OK, &held))
}

async fn erase(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    let signed = session::require(app, call, "POST /api/v1/erasures").await?;
    let Wanted { visitor, chats } = call.json()?;
    let wanted = Erasure {
        visitor,
        chats,
        by: signed.account.profile.login.as_str().into(),
    };
    let chats = app.parts.handle.erase(wanted).await?;
    files::forget_chats(app, &chats)?;
    let chats = chats.len();
    Ok(json(StatusCode::ACCEPTED, &Erased { chats }))
}

pub(super) fn describe(api: &mut Api) {
    api.route(
        "GET /api/v1/erasures",
        "How much there is of what a visitor said",
    )
    .asks::<About>()
    .answers::<Held>(200);
    api.route(
        "POST /api/v1/erasures",
        "Erases what was said in chats, or in all chats of a visitor",
    )
    .takes::<Wanted>()
    .answers::<Erased>(202);
}
