//! What an agent's screen shows, read from the engine.

use std::sync::Arc;

use serde::Serialize;
use webchat_core::View;
use webchat_core::campaign::Colour;
use webchat_core::effect::AgentChat;
use webchat_core::id::{AgentId, CampaignId};
use webchat_core::rejection::WhyNot;
use webchat_core::time::{Seconds, Timestamp};

use crate::limits;
use crate::window::Files;

/// All an agent needs to begin.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct Desk {
    /// The server's clock.
    now: Timestamp,
    me: Me,
    campaigns: Vec<CampaignCard>,
    agents: Vec<Colleague>,
    chats: Vec<AgentChat>,
    waiting: Vec<WaitingList>,
}

/// The agent's own state.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct Me {
    agent: AgentId,
    name: Arc<str>,
    signed_in: bool,
    paused: Option<Arc<str>>,
    on_call: bool,
}

/// A campaign the agent is a member of.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct CampaignCard {
    campaign: CampaignId,
    name: Arc<str>,
    colour: Colour,
    /// Chats are taken, not assigned.
    pull: bool,
    cap: Option<std::num::NonZeroU32>,
    answer_within: Option<Seconds>,
    time_chat: Option<Seconds>,
    open: bool,
    why_not: Option<WhyNot>,
    /// What to choose from at the close; empty takes any text.
    dispositions: Vec<Vec<Arc<str>>>,
    disposition_required: bool,
    /// Which files may be sent; `None` if none may.
    files: Option<Files>,
    /// There is a quality model to answer at the close.
    quality: bool,
    /// Calls may be asked for.
    media: bool,
}

/// Another agent.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct Colleague {
    agent: AgentId,
    name: Arc<str>,
    signed_in: bool,
    paused: bool,
}

/// Where a chat can be handed on to just now.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct Destinations {
    agents: Vec<Colleague>,
    /// All of the tenant, not only the agent's own.
    campaigns: Vec<Queue>,
}

/// A campaign as a destination.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct Queue {
    campaign: CampaignId,
    name: Arc<str>,
    colour: Colour,
    /// Open and enabled.
    open: bool,
}

/// The first chats that wait in a campaign, in dispatch order.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct WaitingList {
    campaign: CampaignId,
    total: u32,
    chats: Vec<AgentChat>,
}

/// The whole desk of an agent; `None` if the engine does not know the agent.
pub(crate) fn desk(view: View<'_>, now: Timestamp, agent: AgentId) -> Option<Desk> {
    Some(Desk {
        now,
        me: me(view, agent)?,
        campaigns: campaigns(view, agent),
        agents: colleagues(view),
        chats: view
            .chats_of(agent)
            .into_iter()
            .filter_map(|chat| view.agent_chat(chat))
            .collect(),
        waiting: view
            .memberships(agent)
            .map(|campaign| waiting_list(view, campaign))
            .collect(),
    })
}

/// Where chats can be handed on to.
pub(crate) fn destinations(view: View<'_>) -> Destinations {
    Destinations {
        agents: colleagues(view),
        campaigns: view
            .campaigns()
            .map(|campaign| Queue {
                campaign: campaign.id,
                name: campaign.settings.name.clone(),
                colour: campaign.settings.colour,
                open: campaign.open && campaign.settings.enabled,
            })
            .collect(),
    }
}

fn colleagues(view: View<'_>) -> Vec<Colleague> {
    let agents = view.agents().take(limits::AGENTS_SHOWN);
    agents
        .map(|colleague| Colleague {
            agent: colleague.id,
            name: colleague.profile.name.clone(),
            signed_in: colleague.signed_in(),
            paused: colleague.paused.is_some(),
        })
        .collect()
}

/// The agent's own state.
pub(crate) fn me(view: View<'_>, agent: AgentId) -> Option<Me> {
    let me = view.agent(agent)?;
    Some(Me {
        agent,
        name: me.profile.name.clone(),
        signed_in: me.signed_in(),
        paused: me.paused.cloned(),
        on_call: me.on_call,
    })
}

/// The campaigns an agent is a member of.
pub(crate) fn campaigns(view: View<'_>, agent: AgentId) -> Vec<CampaignCard> {
    view.memberships(agent)
        .filter_map(|campaign| view.campaign(campaign))
        .map(|campaign| {
            let settings = campaign.settings;
            CampaignCard {
                campaign: campaign.id,
                name: settings.name.clone(),
                colour: settings.colour,
                pull: settings.strategy.mode.is_pull(),
                cap: settings.agent_cap,
                answer_within: settings.answer_within,
                time_chat: settings.time_chat,
                open: campaign.open,
                why_not: view.why_not(campaign.id, agent),
                dispositions: settings.disposition.choices.clone(),
                disposition_required: settings.disposition.required,
                files: settings.files.as_ref().map(Files::from),
                quality: settings.quality_model.is_some(),
                media: settings.media,
            }
        })
        .collect()
}

/// The waiting list of a campaign.
pub(crate) fn waiting_list(view: View<'_>, campaign: CampaignId) -> WaitingList {
    WaitingList {
        campaign,
        total: view
            .campaign(campaign)
            .map_or(0, |campaign| campaign.waiting),
        chats: view
            .waiting(campaign)
            .take(limits::WAITING_SHOWN)
            .filter_map(|chat| view.agent_chat(chat))
            .collect(),
    }
}
