//! What the sockets of agents and supervisors have in common: they are opened from a page of this server with a
//! session, carry requests and pushes, and end when the session does.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use hyper::upgrade::OnUpgrade;
use serde::Deserialize;
use tokio::time::Instant;
use webchat_core::id::ChatId;

use super::frame::{self, Envelope};
use super::push::Delivery;
use super::request::Asked;
use super::{Farewell, Happened, Line, Socket};
use crate::app::{App, Call};
use crate::limits;
use crate::origin;
use crate::refused::Refused;
use crate::session::{self, Signed};

/// A request about one chat.
#[derive(Deserialize, schemars::JsonSchema)]
pub(crate) struct One {
    pub(crate) chat: ChatId,
}

/// A request for a page of a chat's transcript.
#[derive(Deserialize, schemars::JsonSchema)]
pub(crate) struct History {
    pub(crate) chat: ChatId,
    #[serde(default)]
    pub(crate) after: u32,
    #[serde(default)]
    pub(crate) limit: Option<usize>,
}

/// Opens a socket for whoever may use `route`, and only from a page of this server.
pub(crate) async fn upgrade<F, S>(
    app: &App,
    call: &Call,
    on_upgrade: Option<OnUpgrade>,
    route: &'static str,
    serve: F,
) -> Result<Response<Bytes>, Refused>
where
    F: FnOnce(App, Socket, Arc<Line>, Signed) -> S + Send + 'static,
    S: Future<Output = ()> + Send + 'static,
{
    if !origin::is_own(&call.headers, call.peer, app.settings.public_url.as_ref()) {
        return Err(Refused::not_allowed());
    }
    let signed = session::require(app, call, route).await?;
    let pace = app.settings.paces.agent_requests;
    let served = app.clone();
    super::upgrade(app, &call.headers, on_upgrade, pace, move |socket, line| {
        serve(served, socket, line, signed)
    })
}

/// Somebody of the staff at a socket.
pub(crate) trait Staff: Sync {
    /// The server.
    fn app(&self) -> &App;

    /// The session under which the socket was opened.
    fn signed(&self) -> &Signed;

    /// A request by its name.
    fn ask(&self, name: &str, text: &str) -> Result<Asked, Refused>;

    /// Carries out a request that the next ones must wait for; `false` if it is none of these.
    fn carry_out(
        &self,
        _request: &Envelope<'_>,
        _text: &str,
        _socket: &mut Socket,
    ) -> impl Future<Output = bool> + Send {
        std::future::ready(false)
    }
}

/// Serves the socket until it is over, or until the session is.
pub(crate) async fn stay(staff: &impl Staff, socket: &mut Socket) {
    let mut checked = Instant::now();
    loop {
        match socket.next().await {
            Happened::Request(text) => {
                let Ok(request) = frame::envelope(&text) else {
                    return socket.close(Farewell::Refused).await;
                };
                if staff.carry_out(&request, &text, socket).await {
                    continue;
                }
                let asked = staff.ask(&request.ask, &text);
                socket.carry_out(request, asked, &text).await;
            }
            Happened::TooEarly(text, wait) => {
                let id = frame::envelope(&text).ok().and_then(|request| request.id);
                let refused = Refused::too_fast(wait.as_secs() + 1);
                socket.refuse(id, refused).await;
            }
            Happened::Delivery(
                Delivery::Push(push)
                | Delivery::Message { push, .. }
                | Delivery::Ended { push, .. },
            ) => socket.send(push.text()).await,
            Happened::Delivery(Delivery::Began { .. }) => {}
            Happened::Pause => {
                if checked.elapsed() >= limits::SESSION_CHECK {
                    checked = Instant::now();
                    if !session::still_stands(staff.app(), staff.signed()).await {
                        return socket.close(Farewell::SignedOut).await;
                    }
                }
            }
            Happened::Gone => return,
        }
    }
}
