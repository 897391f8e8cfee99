//! Offline messages that have not reached their address, as an administrator sees to them.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use webchat_core::command::HostCommand;
use webchat_core::mail::{Delivery, Mail, MailId, Obligation};
use webchat_core::time::Timestamp;

use super::campaigns::nothing;
use crate::app::{App, Call};
use crate::limits;
use crate::refused::{Refused, json};
use crate::session;

/// The query of the list.
#[derive(Debug, Deserialize)]
pub(crate) struct Wish {
    /// Only messages with higher numbers.
    #[serde(default)]
    after: u64,
    /// Only those given up.
    #[serde(default)]
    dead: bool,
}

#[derive(Serialize)]
struct Owed {
    /// All that is owed, dead ones included.
    total: usize,
    dead: usize,
    /// When the oldest was left; `None` if nothing is owed.
    oldest_at: Option<Timestamp>,
    /// A page, by number.
    messages: Vec<Debt>,
}

#[derive(Serialize)]
struct Debt {
    message: MailId,
    campaign: webchat_core::id::CampaignId,
    at: Timestamp,
    address: String,
    name: Option<String>,
    email: Option<String>,
    text: String,
    attempts: u32,
    /// `due`, `sending` or `dead`.
    state: &'static str,
    /// When it is tried (again), or taken to have failed; `None` if it is dead.
    next_at: Option<Timestamp>,
    last_error: Option<String>,
}

/// `GET /api/v1/mail`
pub(crate) async fn all(app: &App, call: &Call, wish: Wish) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::GET {
        return Err(Refused::method_not_allowed());
    }
    session::require(app, call, "GET /api/v1/mail").await?;
    let owed = app.query(move |engine, _| {
        let view = engine.view();
        let wanted = |debt: &&Obligation| {
            debt.mail.id().0 > wish.after && (!wish.dead || debt.delivery == Delivery::Dead)
        };
        let dead = view
            .owed()
            .filter(|debt| debt.delivery == Delivery::Dead)
            .count();
        Owed {
            total: view.owed().count(),
            dead,
            oldest_at: view.owed().next().map(|debt| debt.mail.at()),
            messages: view
                .owed()
                .filter(wanted)
                .take(limits::PAGE)
                .map(debt)
                .collect(),
        }
    });
    Ok(json(StatusCode::OK, &owed.await?))
}

/// `POST /api/v1/mail/{message}/resend`
pub(crate) async fn resend(
    app: &App,
    call: &Call,
    message: MailId,
) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::POST {
        return Err(Refused::method_not_allowed());
    }
    session::require(app, call, "POST /api/v1/mail/{message}/resend").await?;
    app.host(HostCommand::ResendMail { message }).await?;
    Ok(nothing())
}

fn debt(debt: &Obligation) -> Debt {
    let Mail::Offline(message) = &debt.mail;
    let text = |value: &std::sync::Arc<str>| value.to_string();
    let (state, next_at) = match debt.delivery {
        Delivery::Due(at) => ("due", Some(at)),
        Delivery::Sending(until) => ("sending", Some(until)),
        Delivery::Dead => ("dead", None),
    };
    Debt {
        message: message.id,
        campaign: message.campaign,
        at: message.at,
        address: message.address.to_string(),
        name: message.facts.name.as_ref().map(text),
        email: message.facts.email.as_ref().map(text),
        text: message.text.to_string(),
        attempts: debt.attempts,
        state,
        next_at,
        last_error: debt.last_error.as_ref().map(text),
    }
}
