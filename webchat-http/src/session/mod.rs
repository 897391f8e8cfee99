//! Signing in and out, and who is behind a request: cookie, expiry, role and CSRF token.

mod browser;
mod cookie;
pub(crate) mod gate;
pub(crate) mod own;
pub(crate) mod password;
mod person;
pub(crate) mod provider;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use webchat_core::id::AgentId;
use webchat_core::problem::Problem;
use webchat_core::time::Timestamp;
use webchat_runtime::accounts::{Account, AccountId, Profile, Role, Session};

use crate::access;
use crate::api::Api;
use crate::app::{App, Call};
use crate::limits;
use crate::origin;
use crate::private::Private;
use crate::refused::{Refused, json};
use crate::socket::Farewell;
use cookie::Cookie;

/// Holds the session's token.
const COOKIE: Cookie = Cookie {
    name: "webchat_session",
    secure_name: "__Host-webchat_session",
    same_site: "Strict",
};
/// What every API key begins with.
const KEY_PREFIX: &str = "wck_";
const CSRF_HEADER: &str = "x-csrf-token";

/// A signed-in user.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) account: Account,
    session: Session,
}

impl Signed {
    /// The session as a number, for the engine.
    pub(crate) fn number(&self) -> u64 {
        self.session.id
    }
}

/// Who sends a call, if the user's role permits `what`. Calls that change something also need the
/// session's CSRF token, and come from no foreign page.
///
/// A program of the host's sends an API key instead, whose scopes must have `what` among them; no page can send one unasked,
/// so it needs no token beside it.
pub(crate) async fn require(app: &App, call: &Call, what: &str) -> Result<Signed, Refused> {
    if let Some(key) = bearer(&call.headers) {
        return by_key(app, key, what).await;
    }
    let signed = signed(app, call).await?;
    if !access::permits(signed.account.profile.role, what) {
        tracing::warn!(account = signed.account.id.0, what, "not allowed");
        return Err(Refused::not_allowed());
    }
    if call.method != Method::GET {
        check_csrf(app, call, &signed)?;
    }
    Ok(signed)
}

/// The same for what somebody at a session that was left open must not do: its user showed who they are not long ago,
/// [`limits::PROOF_TIME`] at most. A program with an API key does not leave it lying open.
pub(crate) async fn require_anew(app: &App, call: &Call, what: &str) -> Result<Signed, Refused> {
    let signed = require(app, call, what).await?;
    let proved = later(signed.session.proved, limits::PROOF_TIME);
    match proved > app.now() || bearer(&call.headers).is_some() {
        true => Ok(signed),
        false => Err(Refused::new("confirm_first", "show once more who you are")),
    }
}

/// Whether a session that was good once still is: not signed out, not expired, the account enabled.
/// An open socket counts as use. When the store does not answer, the benefit of the doubt.
pub(crate) async fn still_stands(app: &App, signed: &Signed) -> bool {
    // Its token may be another by now.
    let sessions = app.accounts().sessions_of(signed.account.id, app.now());
    let found = match sessions.await {
        Ok(all) => all.into_iter().find(|found| found.id == signed.number()),
        Err(_) => return true,
    };
    match in_use(app, found).await {
        Ok(now) => now.account.profile.role == signed.account.profile.role,
        Err(refused) => refused.code() != "not_signed_in",
    }
}

#[derive(Deserialize, Debug, schemars::JsonSchema)]
struct Credentials {
    login: String,
    #[schemars(with = "String")]
    password: Private<String>,
    /// Takes the password's place.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    new: Option<Private<String>>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Session")]
struct SessionView<'a> {
    user: UserView<'a>,
    csrf: &'a str,
    /// A password is how this user shows once more who they are; else the provider is asked.
    password: bool,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "SessionUser")]
struct UserView<'a> {
    id: u64,
    login: &'a str,
    name: &'a str,
    role: &'static str,
    agent: Option<AgentId>,
}

/// `/api/v1/session`
pub(crate) async fn answer(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    match call.method {
        Method::GET => {
            let signed = signed(app, call).await?;
            Ok(json(StatusCode::OK, &view(app, &signed)))
        }
        Method::POST => sign_in(app, call).await,
        Method::DELETE => sign_out(app, call).await,
        _ => Err(Refused::method_not_allowed()),
    }
}

async fn sign_in(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    if origin::is_foreign(&call.headers, call.peer, app.settings.public_url.as_ref()) {
        return Err(Refused::not_allowed());
    }
    let Credentials {
        login,
        password: Private(password),
        new,
    } = call.json()?;
    let wrong = || Refused::wrong_credentials();
    if !provider::passwords(app) {
        return Err(Refused::new(
            "passwords_off",
            "sign in through the provider",
        ));
    }
    if login.chars().count() > limits::LOGIN_CHARS
        || password.chars().count() > *limits::PASSWORD_CHARS.end()
    {
        return Err(wrong());
    }
    app.watch.sign_in(&login, call.peer.address)?;
    let account = app.accounts().by_login(login.trim()).await?;
    let account = account.filter(|account| !account.profile.disabled);
    let hash = account
        .as_ref()
        .map(|account| account.profile.password_hash.clone())
        // Users who come from the provider have none; they take as long as everybody else.
        .filter(|hash| !hash.is_empty());
    let matches = app.passwords.matches(password, hash).await?;
    let id = account.as_ref().map(|account| account.id.0);
    let Some(mut account) = account.filter(|_| matches) else {
        let from = network(call.peer.address);
        tracing::warn!(account = id, %from, "a sign-in was refused");
        return Err(wrong());
    };
    match new {
        Some(Private(new)) => change_password(app, &mut account, new).await?,
        None if password::is_initial(&account.profile.password_hash) => {
            let choose = "choose a password of your own, as `new`";
            return Err(Refused::new("new_password_needed", choose));
        }
        None => {}
    }
    open(app, call, account, app.now()).await
}

/// Puts a new password in place of the one just given; every session and socket there was ends.
async fn change_password(app: &App, account: &mut Account, new: String) -> Result<(), Refused> {
    let before = account.profile.password_hash.clone();
    if app.passwords.matches(new.clone(), Some(before)).await? {
        let other = Problem::new("new", "", "another password than before");
        return Err(Refused::field(other));
    }
    let about = [account.profile.login.clone(), account.profile.name.clone()];
    account.profile.password_hash = app.passwords.chosen("new", new, about).await?;
    app.accounts().update(account.clone()).await?;
    app.accounts().close_sessions_of(account.id).await?;
    app.hub().end_account(account.id, Farewell::SignedOut);
    tracing::info!(account = account.id.0, "a password was changed");
    Ok(())
}

/// Where somebody is, as far as a log has to know.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => (v4 & Ipv4Addr::new(255, 255, 255, 0)).into(),
        IpAddr::V6(v6) => (v6 & Ipv6Addr::from(u128::MAX << 80)).into(),
    }
}

/// Opens a session for whoever has shown who they are, at `proved`, and puts it into the browser.
async fn open(
    app: &App,
    call: &Call,
    account: Account,
    proved: Timestamp,
) -> Result<Response<Bytes>, Refused> {
    // Whoever signs in anew in the same browser leaves the session before.
    if let Some(token) = COOKIE.of(app, call) {
        app.accounts().close_session(hash_of(&token)).await?;
    }
    let (signed, token) = begin(app, account, proved, browser::of(&call.headers)).await?;
    let from = network(call.peer.address);
    tracing::info!(account = signed.account.id.0, %from, "signed in");
    let mut response = json(StatusCode::OK, &view(app, &signed));
    COOKIE.set(app, call, &mut response, &token, limits::SESSION_TOTAL)?;
    Ok(response)
}

/// A new session for whoever showed at `proved` who they are, and the token that only the browser keeps.
async fn begin(
    app: &App,
    account: Account,
    proved: Timestamp,
    browser: String,
) -> Result<(Signed, String), Refused> {
    let token = secret()?;
    let now = app.now();
    let [a, b, c, d, e, f, g, ..] = random()?;
    let session = Session {
        // Below 2^53, so that any program can read it.
        id: u64::from_be_bytes([0, a & 0x1f, b, c, d, e, f, g]),
        token_hash: hash_of(&token),
        account: account.id,
        csrf: secret()?,
        created: now,
        proved,
        used: now,
        browser,
        expires: later(now, limits::SESSION_IDLE),
    };
    app.accounts().open_session(session.clone()).await?;
    Ok((Signed { account, session }, token))
}

async fn sign_out(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    let signed = signed(app, call).await?;
    check_csrf(app, call, &signed)?;
    app.accounts()
        .close_session(signed.session.token_hash)
        .await?;
    app.hub().end_session(signed.number(), Farewell::SignedOut);
    let mut response = own::nothing();
    COOKIE.set(app, call, &mut response, "", Duration::ZERO)?;
    Ok(response)
}

/// The API key of a call.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && key.starts_with(KEY_PREFIX)).then_some(key.trim())
}

async fn by_key(app: &App, key: &str, what: &str) -> Result<Signed, Refused> {
    let hash = hash_of(key);
    let found = app.hosts().key(hash).await?;
    let found = found.ok_or_else(Refused::not_signed_in)?;
    let scope = access::scope(what).filter(|scope| found.scopes.contains(scope));
    if scope.is_none() || !access::permits(Role::Administrator, what) {
        return Err(Refused::not_allowed());
    }
    let account = Account {
        id: AccountId(0),
        profile: Profile {
            login: format!("key:{}", found.name),
            name: found.name,
            role: Role::Administrator,
            agent: None,
            password_hash: String::new(),
            disabled: false,
        },
    };
    let session = Session {
        id: 0,
        token_hash: hash,
        account: account.id,
        csrf: String::new(),
        created: found.created,
        proved: found.created,
        used: found.created,
        browser: String::new(),
        expires: found.created,
    };
    Ok(Signed { account, session })
}

async fn signed(app: &App, call: &Call) -> Result<Signed, Refused> {
    let token = COOKIE.of(app, call).ok_or_else(Refused::not_signed_in)?;
    let session = app.accounts().session(hash_of(&token), app.now()).await?;
    in_use(app, session).await
}

/// Whoever is behind a session, which was used now.
async fn in_use(app: &App, session: Option<Session>) -> Result<Signed, Refused> {
    let session = session.ok_or_else(Refused::not_signed_in)?;
    let now = app.now();
    let account = app.accounts().by_id(session.account).await?;
    let account = account
        .filter(|account| !account.profile.disabled)
        .ok_or_else(Refused::not_signed_in)?;
    let expires =
        later(now, limits::SESSION_IDLE).min(later(session.created, limits::SESSION_TOTAL));
    // One write a minute is enough to remember that it is in use.
    if now.since(session.used) > 60_000 {
        let touched = app
            .accounts()
            .touch_session(session.token_hash, now, expires);
        touched.await?;
    }
    Ok(Signed { account, session })
}

fn check_csrf(app: &App, call: &Call, signed: &Signed) -> Result<(), Refused> {
    let given = call.headers.get(CSRF_HEADER).map(HeaderValue::as_bytes);
    // Comparing digests takes the same time wherever the first difference is.
    let same =
        given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(&signed.session.csrf));
    let foreign = origin::is_foreign(&call.headers, call.peer, app.settings.public_url.as_ref());
    match same && !foreign {
        true => Ok(()),
        false => Err(Refused::new(
            "not_allowed",
            "the x-csrf-token header is missing or wrong",
        )),
    }
}

fn view<'a>(app: &App, signed: &'a Signed) -> SessionView<'a> {
    let profile = &signed.account.profile;
    SessionView {
        user: UserView {
            id: signed.account.id.0,
            login: &profile.login,
            name: &profile.name,
            role: profile.role.code(),
            agent: profile.agent,
        },
        csrf: &signed.session.csrf,
        password: own::may_confirm(app, signed),
    }
}

/// A new API key. What it begins with tells people, and programs that look for leaks, what it is.
pub(crate) fn key_secret() -> Result<String, Refused> {
    Ok(format!("{KEY_PREFIX}{}", secret()?))
}

/// 32 random bytes as text.
fn secret() -> Result<String, Refused> {
    Ok(URL_SAFE_NO_PAD.encode(random()?))
}

/// 32 random bytes.
pub(crate) fn random() -> Result<[u8; 32], Refused> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the system has no randomness to give");
        Refused::new("retry", "try again")
    })?;
    Ok(bytes)
}

/// What is kept of a secret.
pub(crate) fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.after_millis(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
}

/// Signing in and out.
pub(crate) fn describe(api: &mut Api) {
    api.route("GET /api/v1/session", "Who is signed in")
        .answers::<SessionView<'_>>(200);
    api.route("POST /api/v1/session", "Signs in")
        .takes::<Credentials>()
        .answers::<SessionView<'_>>(200);
    api.route("DELETE /api/v1/session", "Signs out").empty(204);
    own::describe(api);
    provider::describe(api);
}
