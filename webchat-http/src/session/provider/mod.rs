//! Signing in to the console through an OpenID Connect provider: authorization code with PKCE, as the provider's own
//! description says where to go.
//!
//! The browser is sent off with a state and a nonce that are good once, for ten minutes, and in that browser only. What
//! comes back is exchanged by this server, the token is checked, and whoever it names is a user of ours by the provider's
//! stable subject, never by a name that may be given to somebody else.

mod strength;
mod token;

use std::cmp::max;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Method, Response, StatusCode};
use openidconnect::core::CoreProviderMetadata;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use webchat_core::time::Timestamp;
use webchat_runtime::accounts::{Account, Role};

use super::cookie::Cookie;
use super::person::Named;
use super::{Signed, hash_of, open, own, secret, signed};
use crate::admin::users;
use crate::api::Api;
use crate::app::{App, Call};
use crate::limits;
use crate::origin;
use crate::refused::{Refused, json};
use crate::tls::TlsError;
pub use strength::Strength;
use token::Claims;

/// Holds the browser's half of a sign-in under way. The browser comes back from another site, which is why it is no
/// strict one; it is good for nothing else.
const HALF: Cookie = Cookie {
    name: "webchat_sign_in",
    secure_name: "__Host-webchat_sign_in",
    same_site: "Lax",
};
/// Where the provider sends the browser back to, below the public address.
const RETURN_PATH: &str = "/api/v1/session/provider/return";

/// A sign-in provider, as the operator describes it.
#[derive(Clone)]
pub struct Provider {
    /// What people call it, for the button on the sign-in page.
    pub name: String,
    /// Its issuer, letter by letter as it says it itself.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// What proves it; `None` for a client without one.
    pub client_secret: Option<String>,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that becomes the login of a new user; without it the subject does.
    pub login_claim: String,
    /// The claim that becomes the name of a new user; without it the login does.
    pub name_claim: String,
    /// Who may do what.
    pub roles: Roles,
    /// How strongly people have to sign in there.
    pub strength: Strength,
    /// Whoever comes for the first time is taken for the user whose login is the same. Only where nobody can choose
    /// their own login at the provider.
    pub link_logins: bool,
    /// Passwords open a session too.
    pub passwords: bool,
    /// Who beside the public authorities may sign its certificate.
    pub authorities: Vec<CertificateDer<'static>>,
}

/// How a role follows from what the provider says.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// The claim that holds one value or a list of them, such as groups; dots lead into objects. `None`: roles are
    /// given by administrators here.
    pub claim: Option<String>,
    /// What each value means; of several the highest counts.
    pub values: BTreeMap<String, Role>,
    /// For those with none of the values; `None` lets nobody in who is not known.
    pub otherwise: Option<Role>,
}

impl Provider {
    /// The provider at `issuer`, with what most of them call things; lets nobody in who is not known.
    pub fn at(issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            name: "single sign-on".into(),
            issuer: issuer.into(),
            client_id: client_id.into(),
            client_secret: None,
            scopes: vec!["profile".into(), "email".into()],
            login_claim: "preferred_username".into(),
            name_claim: "name".into(),
            roles: Roles::default(),
            strength: Strength::default(),
            link_logins: false,
            passwords: true,
            authorities: Vec::new(),
        }
    }

    /// Trusts the authorities in a PEM file too.
    ///
    /// # Errors
    /// If the file cannot be read or holds no certificate.
    pub fn trust(&mut self, file: &Path) -> Result<(), TlsError> {
        let wrong = |why: String| TlsError {
            file: file.into(),
            why,
        };
        let found =
            CertificateDer::pem_file_iter(file).map_err(|error| wrong(error.to_string()))?;
        let found: Result<Vec<_>, _> = found.collect();
        let found = found.map_err(|error| wrong(error.to_string()))?;
        if found.is_empty() {
            return Err(wrong("it holds no certificate".into()));
        }
        self.authorities.extend(found);
        Ok(())
    }
}

impl Roles {
    /// The highest role that the claims give.
    fn of(&self, claims: &Claims) -> Option<Role> {
        let said = self.claim.as_ref().and_then(|claim| claims.at(claim));
        let values = match said {
            Some(Value::Array(all)) => all.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let given = values
            .iter()
            .filter_map(|value| self.values.get(value.as_str()?).copied());
        given.reduce(max).or(self.otherwise)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// The provider with what is remembered about it and about the sign-ins under way.
pub(crate) struct Desk {
    provider: Arc<Provider>,
    /// By state.
    pending: Mutex<HashMap<String, Pending>>,
    described: Mutex<Option<Described>>,
}

/// A sign-in under way.
struct Pending {
    nonce: String,
    verifier: String,
    /// What is kept of the browser's half.
    browser: [u8; 32],
    /// The session whose user shows once more who they are; `None` for a sign-in.
    again: Option<Signed>,
    since: Timestamp,
}

/// The provider's description of itself, keys included.
#[derive(Clone)]
struct Described {
    metadata: Arc<CoreProviderMetadata>,
    since: Timestamp,
}

impl Desk {
    pub(crate) fn new(provider: Provider) -> Self {
        Self {
            provider: Arc::new(provider),
            pending: Mutex::default(),
            described: Mutex::default(),
        }
    }

    /// The description, asked for anew when the one that is known is older than `age`.
    async fn described(&self, now: Timestamp, age: Duration) -> Result<Described, Refused> {
        let known = lock(&self.described).clone();
        let fresh = |known: &Described| now.since(known.since).unsigned_abs() <= millis(age);
        if let Some(known) = known.filter(fresh) {
            return Ok(known);
        }
        let metadata = token::describe(&self.provider).await?;
        let described = Described {
            metadata: Arc::new(metadata),
            since: now,
        };
        *lock(&self.described) = Some(described.clone());
        Ok(described)
    }

    /// Remembers a sign-in; the oldest make room for it.
    fn remember(&self, state: String, pending: Pending) {
        let mut all = lock(&self.pending);
        let now = pending.since;
        all.retain(|_, other| is_fresh(other, now));
        if all.len() >= limits::SIGN_INS {
            let oldest = all.iter().min_by_key(|(_, other)| other.since);
            if let Some(oldest) = oldest.map(|(state, _)| state.clone()) {
                all.remove(&oldest);
            }
        }
        all.insert(state, pending);
    }

    /// Takes a sign-in, which is good once.
    fn take(&self, state: &str, now: Timestamp) -> Option<Pending> {
        let taken = lock(&self.pending).remove(state);
        taken.filter(|pending| is_fresh(pending, now))
    }
}

fn is_fresh(pending: &Pending, now: Timestamp) -> bool {
    now.since(pending.since).unsigned_abs() <= millis(limits::SIGN_IN_TIME)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing that holds these locks can panic half way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How people may sign in.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "SignInWays")]
struct Ways<'a> {
    password: bool,
    /// What people call the provider; null without one.
    provider: Option<&'a str>,
}

/// Where to send the browser.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "SignInBegun")]
struct Begun {
    url: String,
}

/// What the browser is sent there for.
#[derive(Deserialize, schemars::JsonSchema)]
struct Errand {
    /// Whoever is signed in shows once more who they are, and their session goes on.
    #[serde(default)]
    again: bool,
}

/// What the provider sends the browser back with.
#[derive(Deserialize, schemars::JsonSchema)]
struct Brought {
    state: Option<String>,
    code: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

/// `GET /api/v1/session/ways`
pub(crate) fn ways(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::GET {
        return Err(Refused::method_not_allowed());
    }
    let desk = app.provider.as_ref();
    let ways = Ways {
        password: passwords(app),
        provider: desk.map(|desk| desk.provider.name.as_str()),
    };
    Ok(json(StatusCode::OK, &ways))
}

/// `POST /api/v1/session/provider`: says where the browser is to go, and gives it its half of the sign-in.
pub(crate) async fn begin(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::POST {
        return Err(Refused::method_not_allowed());
    }
    let desk = desk(app)?;
    if origin::is_foreign(&call.headers, call.peer, app.settings.public_url.as_ref()) {
        return Err(Refused::not_allowed());
    }
    let Errand { again } = call.wish()?;
    app.watch.sign_in_from(call.peer.address)?;
    let again = match again {
        true => Some(signed(app, call).await?),
        false => None,
    };
    let now = app.now();
    let described = desk.described(now, limits::PROVIDER_AGE).await?;
    let (state, browser) = (secret()?, secret()?);
    let pending = Pending {
        nonce: secret()?,
        verifier: secret()?,
        browser: hash_of(&browser),
        again,
        since: now,
    };
    let back = return_url(app)?;
    let url = token::ask_url(&desk.provider, &described.metadata, back, &state, &pending)?;
    desk.remember(state, pending);
    let mut response = json(StatusCode::OK, &Begun { url });
    HALF.set(app, call, &mut response, &browser, limits::SIGN_IN_TIME)?;
    Ok(response)
}

/// `GET /api/v1/session/provider/return`: the browser comes back, and goes to the console in any case; where it is not signed
/// in, with the reason's code.
pub(crate) async fn come_back(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::GET {
        return Err(Refused::method_not_allowed());
    }
    desk(app)?;
    let mut response = match arrive(app, call).await {
        Ok(mut response) => {
            *response.status_mut() = StatusCode::SEE_OTHER;
            *response.body_mut() = Bytes::new();
            go_to(&mut response, "/console/".into());
            response
        }
        Err(refused) => {
            tracing::warn!(code = refused.code(), why = %refused.message(), "a sign-in through the provider failed");
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::SEE_OTHER;
            go_to(
                &mut response,
                format!("/console/?refused={}", refused.code()),
            );
            response
        }
    };
    HALF.set(app, call, &mut response, "", Duration::ZERO)?;
    Ok(response)
}

async fn arrive(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    let desk = desk(app)?;
    let now = app.now();
    let over = || Refused::new("sign_in_over", "this sign-in is over, begin anew");
    let Brought { state, code, error } = call.wish()?;
    let pending = state.and_then(|state| desk.take(&state, now));
    let pending = pending.ok_or_else(over)?;
    let half = HALF.of(app, call);
    let browser = half.map(|half| hash_of(&half));
    if browser != Some(pending.browser) {
        return Err(over());
    }
    let code = match (code, error) {
        (Some(code), None) => code,
        (_, error) => {
            let error = error.unwrap_or_default();
            let why = format!("the provider said no: {error}");
            return Err(Refused::new("provider_refused", why));
        }
    };
    let described = desk.described(now, limits::PROVIDER_AGE).await?;
    let provider = &desk.provider;
    let back = return_url(app)?;
    let token = token::exchange(provider, &described.metadata, back, code, &pending).await?;
    let checked = token::check(provider, &described.metadata, &token, &pending.nonce, now);
    let claims = match checked {
        // Keys are exchanged now and then; those of a moment ago may not be the ones of now.
        Err(_) if described.since != now => {
            let described = desk.described(now, limits::PROVIDER_PAUSE).await?;
            token::check(provider, &described.metadata, &token, &pending.nonce, now)?
        }
        checked => checked?,
    };
    let age = provider.strength.age(pending.again.is_some());
    let proved = provider.strength.check(&claims, age, pending.since)?;
    let account = account(app, provider, &claims).await?;
    match pending.again {
        None => {
            // The provider may know the person from long ago.
            let proved = proved.unwrap_or(Timestamp::from_millis(0)).min(now);
            open(app, call, account, proved).await
        }
        Some(signed) if signed.account.id == account.id => own::renew(app, call, signed).await,
        Some(_) => Err(Refused::new(
            "somebody_else",
            "the provider names somebody else",
        )),
    }
}

/// The user whom good claims name.
async fn account(app: &App, provider: &Provider, claims: &Claims) -> Result<Account, Refused> {
    let missing = || Refused::new("invalid_token", "it names nobody");
    let subject = claims.text("sub").ok_or_else(missing)?;
    let login = claims.text(&provider.login_claim);
    let login = login.filter(|login| users::is_login(login));
    let named = Named {
        issuer: &provider.issuer,
        subject,
        login: login.unwrap_or(subject),
        name: claims.text(&provider.name_claim).unwrap_or_default(),
        role: provider.roles.of(claims),
        roles_there: provider.roles.claim.is_some(),
        link_logins: provider.link_logins,
    };
    named.account(app).await
}

/// Whether a password opens a session.
pub(super) fn passwords(app: &App) -> bool {
    let desk = app.provider.as_ref();
    desk.is_none_or(|desk| desk.provider.passwords)
}

fn desk(app: &App) -> Result<&Desk, Refused> {
    let off = || Refused::new("provider_off", "there is no sign-in provider");
    app.provider.as_deref().ok_or_else(off)
}

/// The provider compares it letter by letter with what it knows, so no request may say what it is.
fn return_url(app: &App) -> Result<String, Refused> {
    let public = app.settings.public_url.as_ref();
    let off = || {
        Refused::new(
            "provider_off",
            "the server does not know its public address",
        )
    };
    let public = public.ok_or_else(off)?.as_str().trim_end_matches('/');
    Ok(format!("{public}{RETURN_PATH}"))
}

fn go_to(response: &mut Response<Bytes>, path: String) {
    if let Ok(path) = HeaderValue::try_from(path) {
        response.headers_mut().insert(LOCATION, path);
    }
}

pub(crate) fn describe(api: &mut Api) {
    api.route("GET /api/v1/session/ways", "How people may sign in")
        .answers::<Ways<'_>>(200);
    api.route(
        "POST /api/v1/session/provider",
        "Begins a sign-in through the provider: where to send the browser",
    )
    .asks::<Errand>()
    .answers::<Begun>(200);
    api.route(
        "GET /api/v1/session/provider/return",
        "Where the provider sends the browser back to; leads to the console",
    )
    .asks::<Brought>()
    .empty(303);
}
