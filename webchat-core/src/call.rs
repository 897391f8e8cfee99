//! Calls and video calls inside a chat: who asked, who accepted, when it ended. The sound and picture
//! go from browser to browser; only their signals pass through here.
//!
//! Source: seed, "Allow Audio and Video"; domain.md §7.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::AgentId;
use crate::private::discreet;
use crate::time::Timestamp;

discreet!(CallAsk);

/// Bytes of one signal (a session description or a candidate).
pub const SIGNAL_BYTES: usize = 12 * 1024;

/// One end of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// The visitor.
    Visitor,
    /// An agent of the chat.
    Agent(AgentId),
}

/// The one call a chat can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Call {
    /// Who asked for it.
    pub from: Caller,
    /// With picture.
    pub video: bool,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// The other end and when it accepted; `None` while it rings.
    pub accepted: Option<(Caller, Timestamp)>,
}

impl Call {
    /// Whether `party` may speak for one end: the one who asked, the one who accepted, or while it
    /// rings anyone of the other side.
    pub fn concerns(&self, party: Caller) -> bool {
        match self.accepted {
            Some((other, _)) => party == self.from || party == other,
            None => party == self.from || self.rings_for(party),
        }
    }

    /// The agent at one end; `None` while a visitor's call rings.
    pub fn agent(&self) -> Option<AgentId> {
        let ends = [Some(self.from), self.accepted.map(|(party, _)| party)];
        ends.into_iter().flatten().find_map(|end| match end {
            Caller::Visitor => None,
            Caller::Agent(agent) => Some(agent),
        })
    }

    /// How long it has run at `now`, as people read it: `3:07`, `1:02:45`. `None` while it rings.
    pub fn length(&self, now: Timestamp) -> Option<String> {
        let (_, from) = self.accepted?;
        let seconds = now.since(from).max(0) / 1_000;
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        Some(match hours {
            0 => format!("{minutes}:{seconds:02}"),
            _ => format!("{hours}:{minutes:02}:{seconds:02}"),
        })
    }

    /// Whether `party` is one of the two between whom it runs; nobody is while it rings.
    pub fn is_end(&self, party: Caller) -> bool {
        self.accepted.is_some() && self.concerns(party)
    }

    /// Whether `party` may accept it.
    pub fn rings_for(&self, party: Caller) -> bool {
        let other_side = matches!(party, Caller::Visitor) != matches!(self.from, Caller::Visitor);
        self.accepted.is_none() && other_side
    }
}

/// Something about a call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallAsk {
    /// To call the other side. When both ask at once, the second ask accepts the first.
    Start {
        /// With picture.
        video: bool,
    },
    /// To accept the call that rings.
    Accept,
    /// To refuse the call that rings, to take it back, or to end it.
    HangUp,
    /// To pass a signal to the other end; not recorded.
    Signal {
        /// Opaque to the engine, at most [`SIGNAL_BYTES`].
        signal: Arc<str>,
    },
}

/// How a call ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallEnd {
    /// The one who asked took it back before it was accepted.
    TakenBack,
    /// The other side refused.
    Refused,
    /// One end hung up.
    HungUp,
    /// The chat ended.
    ChatClosed,
    /// The agent at one end no longer has the chat.
    AgentLeft,
}

/// A call as it is shown to both sides.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallView {
    /// The visitor asked for it.
    pub from_visitor: bool,
    /// With picture.
    pub video: bool,
    /// Accepted; else it rings.
    pub running: bool,
    /// When it began to ring or to run.
    pub since: Timestamp,
    /// The agent who called or accepted; `None` while a visitor's call rings, and to visitors, who may not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
}

impl CallView {
    /// The call as agents see it.
    pub fn for_agents(call: &Call) -> Self {
        Self {
            agent: call.agent(),
            ..call.into()
        }
    }
}

impl From<&Call> for CallView {
    fn from(call: &Call) -> Self {
        Self {
            from_visitor: call.from == Caller::Visitor,
            video: call.video,
            running: call.accepted.is_some(),
            since: call.accepted.map_or(call.asked_at, |(_, at)| at),
            agent: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_a_call_was_is_said_as_clocks_say_it() {
        let from = Timestamp::from_seconds(1_000);
        let call = |accepted| Call {
            from: Caller::Visitor,
            video: true,
            asked_at: from,
            accepted,
        };
        let length = |seconds: i64| {
            call(Some((Caller::Agent(AgentId(1)), from)))
                .length(Timestamp::from_seconds(1_000 + seconds))
        };
        assert_eq!(length(7).as_deref(), Some("0:07"));
        assert_eq!(length(3_765).as_deref(), Some("1:02:45"));
        assert_eq!(length(-5).as_deref(), Some("0:00"));
        assert_eq!(call(None).length(from), None);
    }
}
