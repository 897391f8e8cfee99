//! What supervisors did, for those who may know.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use webchat_core::id::{AgentId, ChatId};
use webchat_runtime::read_model::{Act, ActFilter, ActKind};

use crate::api::Api;
use crate::app::{App, Call};
use crate::page;
use crate::refused::{Refused, json};
use crate::session;
use crate::transcript;

/// The query of the list.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct Wish {
    by: Option<AgentId>,
    chat: Option<ChatId>,
    what: Option<ActKind>,
    before: Option<u64>,
}

#[derive(Serialize, schemars::JsonSchema)]
struct Acts {
    /// A page, the latest first.
    acts: Vec<Act>,
    /// The names of all agents in it.
    names: BTreeMap<AgentId, Arc<str>>,
    /// What to ask for as `before` to get the next page; `None` at the end.
    next: Option<u64>,
}

/// `GET /api/v1/acts`
pub(crate) async fn all(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::GET {
        return Err(Refused::method_not_allowed());
    }
    session::require(app, call, "GET /api/v1/acts").await?;
    let wish: Wish = call.wish()?;
    app.parts.handle.caught_up().await?;
    let filter = ActFilter {
        by: wish.by,
        chat: wish.chat,
        what: wish.what,
        before: wish.before,
    };
    let read_model = &app.parts.read_model;
    let found = read_model.acts(app.parts.tenant, filter, page::ASKED);
    let mut acts = found.await?;
    let next = page::cut(&mut acts, |act| act.number);
    let agents = acts.iter().flat_map(|act| [Some(act.by), act.agent]);
    let agents: Vec<AgentId> = agents.flatten().collect();
    let names = app
        .query(move |engine, _| transcript::names(engine, agents))
        .await?;
    Ok(json(StatusCode::OK, &Acts { acts, names, next }))
}

/// The audit.
pub(crate) fn describe(api: &mut Api) {
    api.route("GET /api/v1/acts", "What supervisors did, the latest first")
        .asks::<Wish>()
        .answers::<Acts>(200);
}
