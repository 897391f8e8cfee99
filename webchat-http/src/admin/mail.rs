//! Mail that has not reached its address, as an administrator sees to it.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use webchat_core::command::HostCommand;
use webchat_core::event::{Alarm, AlarmKind};
use webchat_core::id::{CampaignId, ChatId};
use webchat_core::mail::{Delivery, Mail, MailId, Obligation};
use webchat_core::time::Timestamp;

use super::campaigns::nothing;
use crate::api::Api;
use crate::app::{App, Call};
use crate::limits;
use crate::refused::{Refused, json};
use crate::session;

/// The query of the list.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct Wish {
    /// Only mails with higher numbers.
    #[serde(default)]
    after: u64,
    /// Only those given up.
    #[serde(default)]
    dead: bool,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "MailOwed")]
struct Owed {
    /// All that is owed, dead ones included.
    total: usize,
    dead: usize,
    /// When the oldest was left; `None` if nothing is owed.
    oldest_at: Option<Timestamp>,
    /// A page, by number.
    messages: Vec<Debt>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Mail")]
struct Debt {
    message: MailId,
    /// `offline`, `transcript` or `notice`.
    kind: &'static str,
    campaign: CampaignId,
    at: Timestamp,
    address: Arc<str>,
    /// Who left the message, what it says; `None` for the other kinds.
    name: Option<Arc<str>>,
    email: Option<Arc<str>>,
    text: Option<Arc<str>>,
    /// Of which chat it is a transcript, or which chat raised the alarm.
    chat: Option<ChatId>,
    /// Which alarm it is a notice of.
    alarm: Option<AlarmKind>,
    attempts: u32,
    /// `held`, `due`, `sending` or `dead`.
    state: &'static str,
    /// When it is tried (again), or taken to have failed; `None` if it is dead or held until the chat ends.
    next_at: Option<Timestamp>,
    last_error: Option<Arc<str>>,
}

/// `GET /api/v1/mail`
pub(crate) async fn all(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::GET {
        return Err(Refused::method_not_allowed());
    }
    session::require(app, call, "GET /api/v1/mail").await?;
    let wish: Wish = call.wish()?;
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

/// `DELETE /api/v1/mail/{message}`
pub(crate) async fn one(
    app: &App,
    call: &Call,
    message: MailId,
) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::DELETE {
        return Err(Refused::method_not_allowed());
    }
    session::require(app, call, "DELETE /api/v1/mail/{message}").await?;
    app.host(HostCommand::ForgetMail { message }).await?;
    Ok(nothing())
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
    let (state, next_at) = match debt.delivery {
        Delivery::Held => ("held", None),
        Delivery::Due(at) => ("due", Some(at)),
        Delivery::Sending(until) => ("sending", Some(until)),
        Delivery::Dead => ("dead", None),
    };
    let mail = &debt.mail;
    let left = match mail {
        Mail::Offline(message) => Some(message),
        Mail::Transcript(_) | Mail::Notice(_) => None,
    };
    let (chat, alarm) = match mail {
        Mail::Offline(_) => (None, None),
        Mail::Transcript(transcript) => (Some(transcript.chat), None),
        Mail::Notice(notice) => match notice.alarm {
            Alarm::TimeChat(chat) => (Some(chat), Some(AlarmKind::TimeChat)),
            other => (None, Some(other.kind())),
        },
    };
    Debt {
        message: mail.id(),
        kind: mail.kind(),
        campaign: mail.campaign(),
        at: mail.at(),
        address: mail.address().clone(),
        name: left.and_then(|message| message.facts.name.clone()),
        email: left.and_then(|message| message.facts.email.clone()),
        text: left.map(|message| message.text.clone()),
        chat,
        alarm,
        attempts: debt.attempts,
        state,
        next_at,
        last_error: debt.last_error.clone(),
    }
}

pub(super) fn describe(api: &mut Api) {
    api.route(
        "GET /api/v1/mail",
        "Mail that has not reached its address, by number",
    )
    .asks::<Wish>()
    .answers::<Owed>(200);
    api.route(
        "POST /api/v1/mail/{message}/resend",
        "Sends one that is dead or waits for its next attempt now",
    )
    .empty(204);
    api.route("DELETE /api/v1/mail/{message}", "Forgets one that is dead")
        .empty(204);
}
