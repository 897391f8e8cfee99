//! What is said between this server and the provider: its description, the exchange of a code, and whether a token is
//! good.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::HeaderValue;
use http::header::HOST;
use http_body_util::{BodyExt, Full, Limited};
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken,
    CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AuthType, AuthenticationContextClass, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenVerifier,
    IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    TokenResponse,
};
use serde_json::{Map, Value};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::{Host, Url};
use webchat_core::time::Timestamp;

use super::{Pending, Provider};
use crate::limits;
use crate::outgoing;
use crate::refused::Refused;

/// How tokens may be signed: with keys of which we know the public half only.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What a good token says.
pub(super) struct Claims(pub(super) Map<String, Value>);

impl Claims {
    /// A claim, or what is inside one: `realm_access.roles`. A claim whose own name has dots goes first.
    pub(super) fn at(&self, path: &str) -> Option<&Value> {
        self.0.get(path).or_else(|| {
            let mut parts = path.split('.');
            let first = self.0.get(parts.next()?);
            parts.fold(first, |found, part| found?.get(part))
        })
    }

    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.at(path)?.as_str()
    }
}

/// Asks the provider what it is and for its keys.
pub(super) async fn describe(provider: &Arc<Provider>) -> Result<CoreProviderMetadata, Refused> {
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(unavailable)?;
    let ask = asking(provider);
    // Whether it is the issuer that was asked for is checked there.
    let found = CoreProviderMetadata::discover_async(issuer, &ask).await;
    found.map_err(|error| unavailable(told(&error)))
}

/// Where the browser is sent.
pub(super) fn ask_url(
    provider: &Arc<Provider>,
    metadata: &CoreProviderMetadata,
    back: String,
    state: &str,
    pending: &Pending,
) -> Result<String, Refused> {
    let client = client(provider, metadata, back)?;
    let (state, nonce) = (state.to_owned(), pending.nonce.clone());
    let verifier = PkceCodeVerifier::new(pending.verifier.clone());
    let mut question = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        )
        .add_scopes(provider.scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    for acr in &provider.strength.acr {
        question = question.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
    }
    if let Some(age) = provider.strength.age(pending.again.is_some()) {
        question = question.set_max_age(age);
    }
    if pending.again.is_some() {
        question = question.add_prompt(CoreAuthPrompt::Login);
    }
    let (url, _, _) = question.url();
    Ok(url.into())
}

/// Gives a code away for a token.
pub(super) async fn exchange(
    provider: &Arc<Provider>,
    metadata: &CoreProviderMetadata,
    back: String,
    code: String,
    pending: &Pending,
) -> Result<CoreIdToken, Refused> {
    let client = client(provider, metadata, back)?;
    let exchange = client.exchange_code(AuthorizationCode::new(code));
    let exchange = exchange.map_err(unavailable)?;
    let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()));
    let ask = asking(provider);
    let answer = exchange.request_async(&ask).await;
    let answer = answer.map_err(|error| match error {
        RequestTokenError::ServerResponse(said) => {
            let why = format!("the provider does not take the code: {}", said.error());
            Refused::new("provider_refused", why)
        }
        error => unavailable(told(&error)),
    })?;
    let missing = || Refused::new("invalid_token", "the answer holds no id_token");
    answer.id_token().cloned().ok_or_else(missing)
}

/// What a token says, if the provider signed it for us, for this sign-in, and for now.
pub(super) fn check(
    provider: &Arc<Provider>,
    metadata: &CoreProviderMetadata,
    token: &CoreIdToken,
    nonce: &str,
    now: Timestamp,
) -> Result<Claims, Refused> {
    let invalid = |why: String| Refused::new("invalid_token", why);
    let seconds = now.as_millis().div_euclid(1_000);
    let skew = limits::CLOCK_SKEW_SECONDS;
    let earlier = chrono::DateTime::from_timestamp(seconds - skew, 0).unwrap_or_default();
    let later = chrono::DateTime::from_timestamp(seconds + skew, 0).unwrap_or_default();
    let verifier = IdTokenVerifier::new_public_client(
        ClientId::new(provider.client_id.clone()),
        metadata.issuer().clone(),
        metadata.jwks().clone(),
    )
    .set_allowed_algs(ALGORITHMS)
    .set_time_fn(move || earlier)
    .set_issue_time_verifier_fn(move |issued| match issued <= later {
        true => Ok(()),
        false => Err(format!("it was issued at {issued}, later than now")),
    });
    let nonce = Nonce::new(nonce.to_owned());
    let claims = token.claims(&verifier, &nonce);
    claims.map_err(|error| invalid(told(&error)))?;

    let claims = payload(token).ok_or_else(|| invalid("it holds no claims".into()))?;
    // What the library leaves to its callers.
    if claims
        .text("azp")
        .is_some_and(|party| party != provider.client_id)
    {
        return Err(invalid("it was issued to somebody else".into()));
    }
    let begins = claims.at("nbf").and_then(Value::as_f64);
    if begins.is_some_and(|begins| begins > (seconds + skew) as f64) {
        return Err(invalid("it is not good yet".into()));
    }
    Ok(claims)
}

/// All claims of a token that was found good, those included that no standard names.
fn payload(token: &CoreIdToken) -> Option<Claims> {
    let token = token.to_string();
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok().map(Claims)
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

fn client(
    provider: &Arc<Provider>,
    metadata: &CoreProviderMetadata,
    back: String,
) -> Result<Client, Refused> {
    let methods = metadata.token_endpoint_auth_methods_supported();
    let takes = |method| methods.is_some_and(|methods| methods.contains(&method));
    let in_body = takes(CoreClientAuthMethod::ClientSecretPost)
        && !takes(CoreClientAuthMethod::ClientSecretBasic);
    let client = CoreClient::from_provider_metadata(
        metadata.clone(),
        ClientId::new(provider.client_id.clone()),
        provider.client_secret.clone().map(ClientSecret::new),
    );
    Ok(client
        .set_redirect_uri(RedirectUrl::new(back).map_err(unavailable)?)
        .set_auth_type(match in_body {
            true => AuthType::RequestBody,
            false => AuthType::BasicAuth,
        }))
}

type Answer = Pin<Box<dyn Future<Output = Result<HttpResponse, Unreachable>> + Send>>;

/// Carries requests to the provider, each on a connection of its own. Redirects are not followed.
fn asking(provider: &Arc<Provider>) -> impl Fn(HttpRequest) -> Answer + Send + Sync + use<> {
    let provider = Arc::clone(provider);
    move |request| {
        let provider = Arc::clone(&provider);
        Box::pin(async move {
            let answered = timeout(limits::PROVIDER_TIME, carry(&provider, request)).await;
            let answered = answered.unwrap_or_else(|_| Err("no answer in time".into()));
            answered.map_err(Unreachable)
        })
    }
}

async fn carry(provider: &Provider, request: HttpRequest) -> Result<HttpResponse, String> {
    let (parts, body) = request.into_parts();
    let url = Url::parse(&parts.uri.to_string()).map_err(|error| error.to_string())?;
    let secure = url.scheme() == "https";
    if !secure && provider.issuer.starts_with("https:") {
        return Err(format!("{url} leads out of the encryption"));
    }
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(format!("{url} names no host"));
    };
    let host = host.to_owned();
    // As names are looked up, an address of version 6 has no brackets.
    let place = match &host {
        Host::Domain(name) => name.clone(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    let stream = TcpStream::connect((place, port)).await;
    let stream = stream.map_err(|error| format!("{host}:{port} does not answer: {error}"))?;
    let authorities = provider.authorities.as_slice();
    let mut sender = outgoing::speak(stream, secure.then_some((&host, authorities))).await?;

    let authority = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_string(),
    };
    let mut request = http::Request::new(Full::new(Bytes::from(body)));
    *request.method_mut() = parts.method;
    *request.headers_mut() = parts.headers;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse().map_err(text)?;
    let authority = HeaderValue::try_from(authority).map_err(text)?;
    request.headers_mut().insert(HOST, authority);
    let answer = sender.send_request(request).await.map_err(text)?;
    let (parts, body) = answer.into_parts();
    let body = Limited::new(body, limits::PROVIDER_BYTES).collect().await;
    let body = body.map_err(text)?.to_bytes();
    Ok(http::Response::from_parts(parts, body.to_vec()))
}

/// The provider could not be asked.
#[derive(Debug)]
struct Unreachable(String);

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Unreachable {}

fn unavailable(why: impl fmt::Display) -> Refused {
    let why = format!("the sign-in provider cannot be used: {why}");
    Refused::new("provider_unavailable", why)
}

/// An error with its causes.
fn told(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(because) = cause {
        told = format!("{told}: {because}");
        cause = because.source();
    }
    told
}

fn text(error: impl fmt::Display) -> String {
    error.to_string()
}
