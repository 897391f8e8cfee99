//! What waits in a socket's queue. A push is written down by the first socket that sends it, in that socket's task, and the
//! others send the same text.

use std::sync::{Arc, OnceLock};

use serde::Serialize;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use webchat_core::effect::{AgentNotice, VisitorNotice};
use webchat_core::id::ChatId;

use super::frame;

/// What the hub puts into a socket's queue.
#[derive(Clone)]
pub(crate) enum Delivery {
    /// A chat of this visitor began.
    Began {
        /// The chat.
        chat: ChatId,
        /// Everything since its beginning follows; else what is missing has to be read.
        all_follows: bool,
    },
    /// A message of a visitor's chat, with its number so that each is sent once.
    Message {
        /// The chat.
        chat: ChatId,
        /// The message's number.
        number: u32,
        /// The push.
        push: Push,
    },
    /// The chat ended.
    Ended {
        /// The chat.
        chat: ChatId,
        /// The push.
        push: Push,
    },
    /// Anything else.
    Push(Push),
}

/// A push, for any number of sockets.
#[derive(Clone)]
pub(crate) struct Push(Arc<Said>);

struct Said {
    notice: Notice,
    text: OnceLock<Utf8Bytes>,
}

enum Notice {
    Visitor(VisitorNotice),
    Agent(AgentNotice),
    Watched(AgentNotice),
    /// Written down already.
    Text,
}

/// What a watched chat's agents are told, wrapped so that no desk takes the chat for its own.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(tag = "push", rename = "watched")]
pub(crate) struct Watched<'a> {
    notice: &'a AgentNotice,
}

impl Push {
    /// To a visitor.
    pub(super) fn visitor(notice: VisitorNotice) -> Self {
        Self::of(Notice::Visitor(notice))
    }

    /// To an agent.
    pub(super) fn agent(notice: AgentNotice) -> Self {
        Self::of(Notice::Agent(notice))
    }

    /// To who watches a chat.
    pub(super) fn watched(notice: AgentNotice) -> Self {
        Self::of(Notice::Watched(notice))
    }

    /// The frame's text.
    pub(crate) fn text(&self) -> Utf8Bytes {
        let write_down = || match &self.0.notice {
            Notice::Visitor(notice) => frame::text(notice),
            Notice::Agent(notice) => frame::text(notice),
            Notice::Watched(notice) => frame::text(&Watched { notice }),
            Notice::Text => Utf8Bytes::default(),
        };
        self.0.text.get_or_init(write_down).clone()
    }

    fn of(notice: Notice) -> Self {
        let text = OnceLock::new();
        Self(Arc::new(Said { notice, text }))
    }
}

impl From<Utf8Bytes> for Push {
    fn from(text: Utf8Bytes) -> Self {
        let (notice, text) = (Notice::Text, text.into());
        Self(Arc::new(Said { notice, text }))
    }
}
