//! A user's own sessions: seeing them, ending them, and showing once more who one is before something that must not be done
//! at a session that somebody left open.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use webchat_core::time::Timestamp;
use webchat_runtime::accounts::Session;

use super::{COOKIE, Signed, hash_of, network, provider, require, require_anew, secret, view};
use crate::api::Api;
use crate::app::{App, Call};
use crate::limits;
use crate::private::Private;
use crate::refused::{Refused, json};
use crate::socket::Farewell;

/// One of a user's sessions, as the user sees it.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "OwnSession")]
struct Shown {
    id: u64,
    /// The one that asks.
    current: bool,
    /// Family and system, such as `Firefox, Windows`; empty when it did not say.
    browser: String,
    signed_in: Timestamp,
    /// To the minute.
    used: Timestamp,
    /// Unless it is used before.
    expires: Timestamp,
}

/// Who one says one is, once more.
#[derive(Deserialize, Debug, schemars::JsonSchema)]
struct Confirmation {
    #[schemars(with = "String")]
    password: Private<String>,
}

/// `/api/v1/sessions`: all of one's own; without the others.
pub(crate) async fn all(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    match call.method {
        Method::GET => {
            let signed = require(app, call, "GET /api/v1/sessions").await?;
            let sessions = of(app, &signed).await?.into_iter();
            let shown: Vec<_> = sessions
                .map(|session| Shown {
                    id: session.id,
                    current: session.id == signed.session.id,
                    browser: session.browser,
                    signed_in: session.created,
                    used: session.used,
                    expires: session.expires,
                })
                .collect();
            Ok(json(StatusCode::OK, &shown))
        }
        Method::DELETE => {
            let signed = require_anew(app, call, "DELETE /api/v1/sessions").await?;
            let sessions = of(app, &signed).await?;
            for other in sessions.iter().filter(|other| other.id != signed.number()) {
                end(app, other).await?;
            }
            Ok(nothing())
        }
        _ => Err(Refused::method_not_allowed()),
    }
}

/// `DELETE /api/v1/sessions/{id}`
pub(crate) async fn one(app: &App, call: &Call, id: u64) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::DELETE {
        return Err(Refused::method_not_allowed());
    }
    let signed = require_anew(app, call, "DELETE /api/v1/sessions/{id}").await?;
    let sessions = of(app, &signed).await?;
    let found = sessions.iter().find(|session| session.id == id);
    let unknown = || Refused::new("unknown_session", format!("session {id} is not yours"));
    end(app, found.ok_or_else(unknown)?).await?;
    Ok(nothing())
}

/// `POST /api/v1/sessions/confirm`: the password once more. The session goes on under another token.
pub(crate) async fn confirm(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::POST {
        return Err(Refused::method_not_allowed());
    }
    let signed = require(app, call, "POST /api/v1/sessions/confirm").await?;
    let Confirmation {
        password: Private(password),
    } = call.json()?;
    let profile = &signed.account.profile;
    app.watch.sign_in(&profile.login, call.peer.address)?;
    let fits = password.chars().count() <= *limits::PASSWORD_CHARS.end();
    let usable = fits && may_confirm(app, &signed);
    let hash = usable.then(|| profile.password_hash.clone());
    if !app.passwords.matches(password, hash).await? {
        let from = network(call.peer.address);
        tracing::warn!(account = signed.account.id.0, %from, "a confirmation was refused");
        return Err(Refused::wrong_credentials());
    }
    renew(app, call, signed).await
}

/// Whether a password is how this user shows who they are.
pub(super) fn may_confirm(app: &App, signed: &Signed) -> bool {
    provider::passwords(app) && !signed.account.profile.password_hash.is_empty()
}

/// Gives the session of a user who showed again who they are another token, as after a sign-in.
pub(super) async fn renew(
    app: &App,
    call: &Call,
    mut signed: Signed,
) -> Result<Response<Bytes>, Refused> {
    let token = secret()?;
    let (before, now) = (signed.session.token_hash, app.now());
    signed.session.token_hash = hash_of(&token);
    signed.session.proved = now;
    let renewed = app
        .accounts()
        .renew_session(before, signed.session.token_hash, now)
        .await?;
    if !renewed {
        return Err(Refused::not_signed_in());
    }
    tracing::info!(account = signed.account.id.0, "confirmed");
    let mut response = json(StatusCode::OK, &view(app, &signed));
    COOKIE.set(app, call, &mut response, &token, limits::SESSION_TOTAL)?;
    Ok(response)
}

async fn of(app: &App, signed: &Signed) -> Result<Vec<Session>, Refused> {
    let accounts = app.accounts();
    Ok(accounts.sessions_of(signed.account.id, app.now()).await?)
}

async fn end(app: &App, session: &Session) -> Result<(), Refused> {
    app.accounts().close_session(session.token_hash).await?;
    app.hub().end_session(session.id, Farewell::SignedOut);
    tracing::info!(account = session.account.0, "a session was ended");
    Ok(())
}

/// Done, nothing to add.
pub(super) fn nothing() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

pub(super) fn describe(api: &mut Api) {
    api.route("GET /api/v1/sessions", "One's own sessions")
        .answers::<Vec<Shown>>(200);
    api.route(
        "DELETE /api/v1/sessions",
        "Ends all of one's own sessions but this one",
    )
    .empty(204);
    api.route(
        "DELETE /api/v1/sessions/{id}",
        "Ends one of one's own sessions",
    )
    .empty(204);
    api.route(
        "POST /api/v1/sessions/confirm",
        "Shows once more who one is, with the password; the session gets another token",
    )
    .takes::<Confirmation>()
    .answers::<super::SessionView<'_>>(200);
}
