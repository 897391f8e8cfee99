//! What the host's telephony and other channels know of agents.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use webchat_core::View;
use webchat_core::command::HostCommand;
use webchat_core::id::AgentId;

use crate::api::Api;
use crate::app::{App, Call};
use crate::refused::{Refused, json};
use crate::session;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AgentFacts")]
struct Facts {
    agent: AgentId,
    name: Arc<str>,
    signed_in: bool,
    /// Why the agent is paused; null when not.
    paused: Option<Arc<str>>,
    /// On a call, as the host's telephony or the agent says.
    on_call: bool,
    /// Live interactions on other channels, as the host says.
    other_load: u32,
    /// Live chats here.
    chats: u32,
}

/// What a host's program says; what it leaves out stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AgentFactsDraft")]
struct Draft {
    #[serde(default)]
    on_call: Option<bool>,
    #[serde(default)]
    other_load: Option<u32>,
}

/// `GET /api/v1/agents`
pub(crate) async fn all(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    session::require(app, call, "GET /api/v1/agents").await?;
    let agents = app.query(|engine, _| {
        let view = engine.view();
        view.agents()
            .filter_map(|agent| facts(view, agent.id))
            .collect::<Vec<_>>()
    });
    Ok(json(StatusCode::OK, &agents.await?))
}

/// `/api/v1/agents/{id}`
pub(crate) async fn one(
    app: &App,
    call: &Call,
    agent: AgentId,
) -> Result<Response<Bytes>, Refused> {
    match call.method {
        Method::GET => {
            session::require(app, call, "GET /api/v1/agents/{id}").await?;
        }
        Method::PUT => {
            session::require(app, call, "PUT /api/v1/agents/{id}").await?;
            let Draft {
                on_call,
                other_load,
            } = call.json()?;
            if let Some(on) = on_call {
                app.host(HostCommand::OnCall { agent, on }).await?;
            }
            if let Some(interactions) = other_load {
                app.host(HostCommand::OtherLoad {
                    agent,
                    interactions,
                })
                .await?;
            }
        }
        _ => return Err(Refused::method_not_allowed()),
    }
    let found = app
        .query(move |engine, _| facts(engine.view(), agent))
        .await?;
    let unknown = || Refused::new("unknown_agent", format!("agent {agent} is not known"));
    Ok(json(StatusCode::OK, &found.ok_or_else(unknown)?))
}

fn facts(view: View<'_>, agent: AgentId) -> Option<Facts> {
    let found = view.agent(agent)?;
    Some(Facts {
        agent,
        name: found.profile.name.clone(),
        signed_in: found.signed_in(),
        paused: found.paused.cloned(),
        on_call: found.on_call,
        other_load: found.other_load,
        chats: u32::try_from(view.chats_of(agent).len()).unwrap_or(u32::MAX),
    })
}

pub(super) fn describe(api: &mut Api) {
    api.route("GET /api/v1/agents", "Every agent's state")
        .answers::<Vec<Facts>>(200);
    api.route("GET /api/v1/agents/{id}", "An agent's state")
        .answers::<Facts>(200);
    api.route(
        "PUT /api/v1/agents/{id}",
        "Says what telephony and other channels know of an agent",
    )
    .takes::<Draft>()
    .answers::<Facts>(200);
}
