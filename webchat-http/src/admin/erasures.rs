//! Erasing what was said, as an administrator asks for it.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use webchat_core::id::{ChatId, VisitorKey};
use webchat_runtime::Erasure;

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

#[derive(Serialize, schemars::JsonSchema)]
struct Erased {
    /// How many chats.
    chats: usize,
}

/// `POST /api/v1/erasures`
pub(crate) async fn erase(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::POST {
        return Err(Refused::method_not_allowed());
    }
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
        "POST /api/v1/erasures",
        "Erases what was said in chats, or in all chats of a visitor",
    )
    .takes::<Wanted>()
    .answers::<Erased>(202);
}
