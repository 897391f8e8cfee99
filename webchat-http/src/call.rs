//! Calls inside a chat, as either side asks for them at its socket, and the servers that help both browsers
//! find each other. What a call may do is decided by the core; here it is read and answered. See `docs/calls.md`.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use webchat_core::View;
use webchat_core::call::{CallAsk, Caller};
use webchat_core::id::{CampaignId, ChatId, VisitorKey};
use webchat_core::rejection::Rejection;
use webchat_core::time::Timestamp;

use crate::api::{self, Api};
use crate::app::App;
use crate::refused::Refused;
use crate::socket::frame::{self, Done};
use crate::socket::request::{Asked, answering};

/// The servers both ends of a call may use. The default names none: then calls come about only between
/// browsers that reach each other directly.
#[derive(Clone, Debug, Default)]
pub struct CallServers {
    /// Addresses such as `stun:stun.example:3478`, asked for one's own address as the world sees it.
    pub stun: Vec<String>,
    /// What relays sound and picture; `None` if nothing does.
    pub turn: Option<Turn>,
    /// Browsers use the relay only, so that neither end learns the other's address.
    pub relay_only: bool,
}

/// A TURN server with which this one shares a secret, as coturn's `use-auth-secret` has it.
#[derive(Clone)]
pub struct Turn {
    /// Addresses such as `turn:turn.example:3478?transport=udp`.
    pub urls: Vec<String>,
    /// The secret shared with it; never sent to anybody.
    pub secret: String,
    /// Seconds a credential is good for.
    pub lifetime: u32,
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Turn")
            .field("urls", &self.urls)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// The answer to `call_servers`, in the shape browsers take.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
struct Shown {
    servers: Vec<IceServer>,
    relay_only: bool,
}

#[derive(Debug, PartialEq, Serialize, JsonSchema)]
struct IceServer {
    urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
}

impl CallServers {
    fn shown(&self, chat: ChatId, now: Timestamp) -> Shown {
        let stun = (!self.stun.is_empty()).then(|| IceServer {
            urls: self.stun.clone(),
            username: None,
            credential: None,
        });
        let turn = self.turn.as_ref().and_then(|turn| turn.pass(chat, now));
        Shown {
            servers: stun.into_iter().chain(turn).collect(),
            relay_only: self.relay_only,
        }
    }
}

impl Turn {
    /// A credential for one chat that runs out by itself: the server at the other end knows the secret and
    /// computes the same.
    fn pass(&self, chat: ChatId, now: Timestamp) -> Option<IceServer> {
        let expires = now.as_millis() / 1_000 + i64::from(self.lifetime);
        let username = format!("{expires}:{chat}");
        let mut mac = Hmac::<Sha1>::new_from_slice(self.secret.as_bytes()).ok()?;
        mac.update(username.as_bytes());
        Some(IceServer {
            urls: self.urls.clone(),
            credential: Some(STANDARD.encode(mac.finalize().into_bytes())),
            username: Some(username),
        })
    }
}

#[derive(Deserialize, JsonSchema)]
struct Start {
    chat: ChatId,
    #[serde(default)]
    video: bool,
}

#[derive(Deserialize, JsonSchema)]
struct One {
    chat: ChatId,
}

#[derive(Deserialize, JsonSchema)]
struct Signal {
    chat: ChatId,
    signal: Arc<str>,
}

/// What a request of either side asks about a call; `None` if it is about something else.
pub(crate) fn ask(name: &str, text: &str) -> Result<Option<(ChatId, CallAsk)>, Refused> {
    Ok(Some(match name {
        "call" => {
            let Start { chat, video } = frame::fields(text)?;
            (chat, CallAsk::Start { video })
        }
        "accept_call" => (frame::fields::<One>(text)?.chat, CallAsk::Accept),
        "hang_up" => (frame::fields::<One>(text)?.chat, CallAsk::HangUp),
        "signal" => {
            let Signal { chat, signal } = frame::fields(text)?;
            (chat, CallAsk::Signal { signal })
        }
        _ => return Ok(None),
    }))
}

/// `call_servers` of a visitor.
pub(crate) fn servers_for_visitor(
    app: &App,
    (visitor, campaign): (VisitorKey, CampaignId),
    text: &str,
) -> Result<Asked, Refused> {
    let One { chat } = frame::fields(text)?;
    let owns = move |view: View<'_>| view.chat_of(visitor, campaign) == Some(chat);
    Ok(servers(app, chat, Caller::Visitor, owns))
}

/// `call_servers` of an agent.
pub(crate) fn servers_for_agent(
    app: &App,
    agent: webchat_core::id::AgentId,
    text: &str,
) -> Result<Asked, Refused> {
    let One { chat } = frame::fields(text)?;
    let has = move |view: View<'_>| view.has_agent(chat, agent);
    Ok(servers(app, chat, Caller::Agent(agent), has))
}

/// Credentials only for the two ends of a call that was accepted: a relay is not to be had by asking for it.
fn servers(
    app: &App,
    chat: ChatId,
    party: Caller,
    concerned: impl FnOnce(View<'_>) -> bool + Send + 'static,
) -> Asked {
    let app = app.clone();
    answering(async move {
        let known = app.query(move |engine, now| {
            let view = engine.view();
            if !concerned(view) {
                return Err(Rejection::UnknownChat(chat));
            }
            let call = view.call(chat).filter(|call| call.is_end(party));
            call.map(|_| now).ok_or(Rejection::NoCall(chat))
        });
        let now = known.await??;
        Ok(app.settings.calls.shown(chat, now))
    })
}

/// The requests of both sides.
pub(crate) fn describe(api: &mut Api, at: api::Socket) {
    api.request::<Start, Done>(at, "call");
    api.request::<One, Done>(at, "accept_call");
    api.request::<One, Done>(at, "hang_up");
    api.request::<Signal, Done>(at, "signal");
    api.request::<One, Shown>(at, "call_servers");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_names_its_end_and_is_what_the_relay_computes() {
        let turn = Turn {
            urls: vec!["turn:turn.example".into()],
            secret: "north".into(),
            lifetime: 600,
        };
        let chat = "12-3".parse().unwrap();
        let pass = turn.pass(chat, Timestamp::from_seconds(1_000)).unwrap();
        assert_eq!(pass.username.as_deref(), Some("1600:12-3"));
        // printf %s 1600:12-3 | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(
            pass.credential.as_deref(),
            Some("WxSgkJ6jQymHQQLXX2MxzkY/oXg=")
        );
        assert!(!format!("{turn:?}").contains("north"));
    }

    #[test]
    fn without_servers_browsers_are_on_their_own() {
        let shown =
            CallServers::default().shown("1-1".parse().unwrap(), Timestamp::from_seconds(0));
        assert_eq!(
            serde_json::to_value(shown).unwrap(),
            serde_json::json!({"servers": [], "relay_only": false})
        );
    }
}
