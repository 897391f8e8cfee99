//! Why a visitor was refused, waits, or has this agent: which rule decided, which agents were eligible, and
//! why each other one was not.
//!
//! Live, [`Engine::explain`] answers for the state as it is. For decisions of the past the journal is
//! replayed up to the event: [`at`] and [`of_chat`] do that from the first event on, and
//! [`Engine::explain_event`] from wherever an engine stands. Source: domain.md §5, "Explain".

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;

use crate::campaign::{Strategy, WaitingLimit, WhenEmpty};
use crate::command::Destination;
use crate::engine::Engine;
use crate::event::{
    Assignment, CloseReason, Event, OfferEnd, Recorded, RefusalReason, ReturnReason,
};
use crate::id::{AgentId, CampaignId, ChatId};
use crate::limits;
use crate::rejection::WhyNot;
use crate::schedule::Zones;
use crate::time::Timestamp;

/// What is to be explained about the state as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Question {
    /// What a newcomer would meet now.
    Newcomer {
        /// Where.
        campaign: CampaignId,
        /// What the agent would have to have.
        skills: Vec<Arc<str>>,
    },
    /// Why a live chat stands where it stands.
    Chat(ChatId),
}

/// Why it is, or was decided, so.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explanation {
    /// When it was decided; for the state as it is, the latest instant the engine knows of.
    pub at: Timestamp,
    /// In which campaign; for a chat being transferred to a campaign, that one.
    pub campaign: CampaignId,
    /// About which chat; `None` for a newcomer who is none yet.
    pub chat: Option<ChatId>,
    /// What is, or was decided.
    pub outcome: Outcome,
    /// The rule by which agents are found.
    pub strategy: Strategy,
    /// The agents it had to choose from; `None` where no agent is looked for.
    pub candidates: Option<Candidates>,
}

/// What is, or was decided.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// A newcomer is turned away.
    Refused {
        /// By which rule.
        reason: RefusalReason,
        /// What the rules of admission look at.
        admission: Admission,
    },
    /// A newcomer is admitted.
    Admitted {
        /// An agent is free, so the length of the waiting list does not matter.
        at_once: bool,
        /// What the rules of admission look at.
        admission: Admission,
    },
    /// The chat waits.
    Waiting {
        /// What it waits for.
        because: Waiting,
        /// Rank in dispatch order, from 1.
        position: u32,
    },
    /// An agent is asked.
    Offered {
        /// Who.
        agent: AgentId,
        /// Until then.
        lapses_at: Timestamp,
    },
    /// The agent who was asked did not take it.
    OfferEnded {
        /// Who.
        agent: AgentId,
        /// How it ended.
        why: OfferEnd,
    },
    /// An agent gets it.
    Assigned {
        /// Who.
        agent: AgentId,
        /// By whose doing. Only [`Assignment::Direct`] follows from the order of the candidates.
        how: Assignment,
        /// The agent was over the cap and a supervisor meant it.
        over_cap: bool,
    },
    /// An agent has it. Why that agent, the journal tells.
    WithAgent {
        /// Who.
        agent: AgentId,
        /// Since the chat came to this phase.
        since: Timestamp,
        /// Where it is being transferred to.
        to: Option<Destination>,
    },
    /// A supervisor sends it to the queue of another campaign.
    Moved {
        /// Which.
        to: CampaignId,
        /// The supervisor.
        by: AgentId,
    },
    /// It lost its agent and waits again.
    Returned {
        /// Why.
        why: ReturnReason,
    },
    /// It ended.
    Closed {
        /// Why.
        reason: CloseReason,
        /// The deadline that ended it, if one did.
        due: Option<Timestamp>,
        /// The agent or supervisor who ended it.
        by: Option<AgentId>,
    },
}

/// What the rules of admission look at, in the order in which they are asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Admission {
    /// The campaign is enabled.
    pub enabled: bool,
    /// Its schedule has it open.
    pub open: bool,
    /// When the schedule next changes that.
    pub next_change: Option<Timestamp>,
    /// Whom it wants to be there.
    pub when_empty: WhenEmpty,
    /// Members signed in.
    pub signed_in: u32,
    /// Chats waiting.
    pub waiting: u32,
    /// How many may.
    pub max_chats: WaitingLimit,
}

/// What a waiting chat waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Waiting {
    /// To be told and closed, as everyone waiting here.
    Closing {
        /// Why.
        reason: CloseReason,
    },
    /// For its visitor: who is disconnected is passed over.
    Disconnected {
        /// Since then.
        since: Timestamp,
    },
    /// For an agent to take it: in this mode nothing is assigned.
    Pull,
    /// For an agent to become eligible.
    NobodyEligible,
    /// For chats with more right to the eligible agents.
    BehindOthers,
}

/// The members a chat could go to. The numbers are of all; the list is cut at
/// [`limits::EXPLAINED_AGENTS`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Candidates {
    /// Members of the campaign.
    pub members: u32,
    /// Members who could get the chat.
    pub eligible: u32,
    /// How many of the others could not, by reason.
    pub why_not: BTreeMap<WhyNot, u32>,
    /// The eligible in delivery order, then the others in member order.
    pub listed: Vec<Candidate>,
}

/// One member as the chat's rule sees them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Candidate {
    /// Who.
    pub agent: AgentId,
    /// Why the chat cannot go there; `None` when it can.
    pub why_not: Option<WhyNot>,
    /// Rank among the eligible in delivery order, 1 is next; `None` for the others, and where chance decides.
    pub rank: Option<u32>,
    /// Place among the members, from 1; 0 for who is none.
    pub place: u32,
    /// 0–100.
    pub penalty: u8,
    /// Slots in use in this campaign, wrap-ups included.
    pub load: u32,
    /// Live interactions on all channels.
    pub load_anywhere: u32,
    /// Answered here since the campaign's local midnight, or the last day with an answer.
    pub answered_today: u32,
    /// When the agent last received or finished a chat here.
    pub last_served: Option<Timestamp>,
}

/// Explains the decision that event `n` of a journal records, 0 being the first event of all; `None` when it
/// records no decision about a chat.
///
/// Everything before it is replayed: seconds for millions of events, so not for a busy thread.
pub fn at(events: &[Recorded], n: usize) -> Option<Explanation> {
    let event = events.get(n)?;
    let mut engine = Engine::new(Zones::bundled());
    engine.replay(&events[..n]);
    engine.explain_event(event)
}

/// Explains all decisions about one chat, in order; at most the last [`limits::EXPLAINED_DECISIONS`].
pub fn of_chat(events: &[Recorded], chat: ChatId) -> Vec<Explanation> {
    let mut engine = Engine::new(Zones::bundled());
    let mut found = VecDeque::new();
    for recorded in events {
        if subject(&recorded.event) == Some(chat)
            && let Some(explanation) = engine.explain_event(recorded)
        {
            if found.len() == limits::EXPLAINED_DECISIONS {
                found.pop_front();
            }
            found.push_back(explanation);
        }
        engine.replay(std::slice::from_ref(recorded));
    }
    found.into()
}

/// The chat whose fate an event decides.
fn subject(event: &Event) -> Option<ChatId> {
    match event {
        Event::ChatQueued { chat, .. }
        | Event::ChatOffered { chat, .. }
        | Event::OfferEnded { chat, .. }
        | Event::ChatAssigned { chat, .. }
        | Event::ChatMoved { chat, .. }
        | Event::ChatReturned { chat, .. }
        | Event::ChatClosed { chat, .. } => Some(*chat),
        _ => None,
    }
}
