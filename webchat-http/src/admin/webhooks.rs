//! Webhooks as an administrator or the host sets them: where to, which events, how far, and what was refused.

use std::collections::BTreeMap;
use std::str::FromStr;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use webchat_core::problem::Problem;
use webchat_core::time::Timestamp;
use webchat_runtime::hosts::{DeadLetter, Endpoint, Place, Progress};

use super::campaigns::nothing;
use crate::api::Api;
use crate::app::{App, Call};
use crate::hooks::{self, Letter, Outcome, secret_text};
use crate::limits;
use crate::page;
use crate::refused::{Refused, json};
use crate::session;

/// A webhook as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WebhookDraft")]
struct Draft {
    /// An https URL of the public internet, or of a network the operator allows.
    #[schemars(length(min = 1, max = 2000))]
    url: String,
    /// The kinds of events, such as `chat_closed`; none: all.
    #[serde(default)]
    events: Vec<String>,
    /// Off keeps its place and sends nothing.
    #[serde(default = "yes")]
    enabled: bool,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
struct Shown {
    webhook: u64,
    url: String,
    events: Vec<String>,
    enabled: bool,
    /// It stands in the settings file of the server, and is changed there.
    declared: bool,
    /// `idle` (nothing outstanding), `retrying` or `off`.
    state: &'static str,
    /// Frames of the journal that are not settled, an upper bound for what is outstanding.
    behind: u64,
    /// Failed attempts at the next event.
    attempts: u32,
    /// When it is tried again.
    next_at: Option<Timestamp>,
    last_error: Option<String>,
    /// The last time it was sent something.
    last_attempt: Option<Tried>,
    /// Events refused for good.
    dead: u64,
    /// Checks the signatures; shown when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Attempt")]
struct Tried {
    at: Timestamp,
    /// `delivered`, `refused`, `failed` or `gone`.
    outcome: String,
}

/// From when on to send everything again.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Replay {
    since: Timestamp,
}

/// The query of the dead letters.
#[derive(Deserialize, JsonSchema)]
struct After {
    /// What the page before called `next`.
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9]{1,9}-[0-9]{1,9}$"))]
    after: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct DeadLetters {
    letters: Vec<Dead>,
    /// What to ask for as `after` to get the next page; null at the end.
    next: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DeadLetter")]
struct Dead {
    /// Names it below its webhook.
    event: String,
    kind: String,
    at: Timestamp,
    error: String,
}

fn yes() -> bool {
    true
}

/// `/api/v1/webhooks`
pub(crate) async fn all(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    match call.method {
        Method::GET => {
            session::require(app, call, "GET /api/v1/webhooks").await?;
            let endpoints = app.hosts().endpoints().await?;
            let ends = Ends::now(app).await?;
            let all: Vec<Shown> = endpoints.into_iter().map(|one| ends.shown(one)).collect();
            Ok(json(StatusCode::OK, &all))
        }
        Method::POST => {
            session::require(app, call, "POST /api/v1/webhooks").await?;
            let making = create(app, call);
            app.repeats
                .once("POST /api/v1/webhooks", call, making)
                .await
        }
        _ => Err(Refused::method_not_allowed()),
    }
}

/// `/api/v1/webhooks/{id}`
pub(crate) async fn one(app: &App, call: &Call, id: u64) -> Result<Response<Bytes>, Refused> {
    let what = match call.method {
        Method::GET => "GET /api/v1/webhooks/{id}",
        Method::PUT => "PUT /api/v1/webhooks/{id}",
        Method::DELETE => "DELETE /api/v1/webhooks/{id}",
        _ => return Err(Refused::method_not_allowed()),
    };
    session::require(app, call, what).await?;
    let mut endpoint = found(app, id).await?;
    match call.method {
        Method::GET => answer(app, StatusCode::OK, endpoint).await,
        _ if endpoint.declared => Err(in_settings(&endpoint)),
        Method::PUT => {
            let Draft {
                url,
                events,
                enabled,
            } = checked(app, call)?;
            // Whoever changes something wants it tried now.
            let next = endpoint.progress.next;
            let progress = Progress {
                next,
                ..Progress::default()
            };
            endpoint = Endpoint {
                url,
                events,
                enabled,
                progress,
                ..endpoint
            };
            change(app, endpoint).await
        }
        _ => {
            app.hosts().remove_endpoint(id).await?;
            app.endpoints.ring();
            Ok(nothing())
        }
    }
}

/// `POST /api/v1/webhooks/{id}/replay`
pub(crate) async fn replay(app: &App, call: &Call, id: u64) -> Result<Response<Bytes>, Refused> {
    session::require(app, call, "POST /api/v1/webhooks/{id}/replay").await?;
    let Replay { since } = call.json()?;
    let mut endpoint = found(app, id).await?;
    let next = hooks::place_of(app, since).await?;
    endpoint.progress = Progress {
        next,
        ..Progress::default()
    };
    change(app, endpoint).await
}

/// `POST /api/v1/webhooks/{id}/secret`
pub(crate) async fn secret(app: &App, call: &Call, id: u64) -> Result<Response<Bytes>, Refused> {
    session::require(app, call, "POST /api/v1/webhooks/{id}/secret").await?;
    let mut endpoint = found(app, id).await?;
    if endpoint.declared {
        return Err(in_settings(&endpoint));
    }
    endpoint.secret = session::random()?;
    app.hosts().change_endpoint(endpoint.clone()).await?;
    app.endpoints.ring();
    with_secret(app, endpoint).await
}

/// `POST /api/v1/webhooks/{id}/test`
pub(crate) async fn test(app: &App, call: &Call, id: u64) -> Result<Response<Bytes>, Refused> {
    session::require(app, call, "POST /api/v1/webhooks/{id}/test").await?;
    let endpoint = found(app, id).await?;
    let letter = Letter::test(app.parts.tenant, app.now());
    deliver(app, &endpoint, &letter).await?;
    Ok(nothing())
}

/// `GET /api/v1/webhooks/{id}/dead`
pub(crate) async fn dead(app: &App, call: &Call, id: u64) -> Result<Response<Bytes>, Refused> {
    session::require(app, call, "GET /api/v1/webhooks/{id}/dead").await?;
    let After { after } = call.wish()?;
    let after = after.map_or(Ok(Place::default()), |after| place(&after))?;
    found(app, id).await?;
    let found = app.hosts().dead_letters(id, after, page::ASKED);
    let mut letters = found.await?;
    let next = page::cut(&mut letters, |dead| named(dead.place));
    let letters = letters.into_iter().map(Dead::from).collect();
    Ok(json(StatusCode::OK, &DeadLetters { letters, next }))
}

/// `/api/v1/webhooks/{id}/dead/{event}`: sent again by `POST`, forgotten by `DELETE`.
pub(crate) async fn letter(
    app: &App,
    call: &Call,
    id: u64,
    event: &str,
) -> Result<Response<Bytes>, Refused> {
    let what = match call.method {
        Method::POST => "POST /api/v1/webhooks/{id}/dead/{event}",
        Method::DELETE => "DELETE /api/v1/webhooks/{id}/dead/{event}",
        _ => return Err(Refused::method_not_allowed()),
    };
    session::require(app, call, what).await?;
    let place = place(event)?;
    let endpoint = found(app, id).await?;
    if call.method == Method::POST {
        send(app, &endpoint, place).await?;
    }
    match app.hosts().forget_dead_letter(id, place).await? {
        true => Ok(nothing()),
        false => Err(unknown_letter(place)),
    }
}

/// How far a webhook has got, for operators.
pub(crate) struct Standing {
    pub(crate) webhook: u64,
    pub(crate) behind: u64,
    pub(crate) dead: u64,
}

/// How far each webhook has got.
pub(crate) async fn standing(app: &App) -> Result<Vec<Standing>, Refused> {
    let endpoints = app.hosts().endpoints().await?;
    let ends = Ends::now(app).await?;
    let standing = |endpoint: Endpoint| Standing {
        webhook: endpoint.id,
        behind: ends.behind(&endpoint),
        dead: ends.dead(&endpoint),
    };
    Ok(endpoints.into_iter().map(standing).collect())
}

async fn send(app: &App, endpoint: &Endpoint, place: Place) -> Result<(), Refused> {
    let before = match place.event.checked_sub(1) {
        Some(event) => Place { event, ..place },
        None => Place {
            frame: place.frame.saturating_sub(1),
            event: u32::MAX,
        },
    };
    let dead = app.hosts().dead_letters(endpoint.id, before, 1).await?;
    let known = dead.first().is_some_and(|dead| dead.place == place);
    let recorded = hooks::event_at(app, place).await?.filter(|_| known);
    let recorded = recorded.ok_or_else(|| unknown_letter(place))?;
    let letter = Letter::new(app.parts.tenant, place, &recorded);
    deliver(app, endpoint, &letter).await
}

/// One attempt at once, whatever else is outstanding.
async fn deliver(app: &App, endpoint: &Endpoint, letter: &Letter) -> Result<(), Refused> {
    let outcome = hooks::deliver(app, endpoint, letter, &mut None).await;
    let outcome = outcome.map_err(Refused::field)?;
    hooks::tried(app, endpoint.id, &outcome).await;
    let error = match outcome {
        Outcome::Taken => return Ok(()),
        Outcome::Refused(error) | Outcome::Failed(error) => error,
        Outcome::Gone => "status 410".into(),
    };
    let failed = format!("it was not taken: {error}");
    Err(Refused::new("webhook_failed", failed))
}

async fn create(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    let Draft {
        url,
        events,
        enabled,
    } = checked(app, call)?;
    if app.hosts().endpoints().await?.len() >= limits::WEBHOOKS {
        return Err(Refused::new(
            "limit",
            format!("there are {} webhooks already", limits::WEBHOOKS),
        ));
    }
    let head = app.parts.journal.head(app.parts.tenant).await?;
    let next = Place {
        frame: head.seq + 1,
        event: 0,
    };
    let mut endpoint = Endpoint {
        id: 0,
        url,
        events,
        enabled,
        secret: session::random()?,
        declared: false,
        progress: Progress {
            next,
            ..Progress::default()
        },
        last: None,
    };
    endpoint.id = app.hosts().add_endpoint(endpoint.clone()).await?;
    app.endpoints.ring();
    with_secret(app, endpoint).await
}

async fn change(app: &App, endpoint: Endpoint) -> Result<Response<Bytes>, Refused> {
    app.hosts().change_endpoint(endpoint.clone()).await?;
    app.endpoints.ring();
    answer(app, StatusCode::OK, endpoint).await
}

async fn answer(
    app: &App,
    status: StatusCode,
    endpoint: Endpoint,
) -> Result<Response<Bytes>, Refused> {
    Ok(json(status, &Ends::now(app).await?.shown(endpoint)))
}

/// The one answer that shows a secret, which was just made.
async fn with_secret(app: &App, endpoint: Endpoint) -> Result<Response<Bytes>, Refused> {
    let secret = Some(secret_text(&endpoint.secret));
    let shown = Ends::now(app).await?.shown(endpoint);
    Ok(json(StatusCode::CREATED, &Shown { secret, ..shown }))
}

async fn found(app: &App, id: u64) -> Result<Endpoint, Refused> {
    let unknown = || Refused::new("unknown_webhook", format!("webhook {id} is not known"));
    app.hosts().endpoint(id).await?.ok_or_else(unknown)
}

fn in_settings(endpoint: &Endpoint) -> Refused {
    let id = endpoint.id;
    let why = format!("webhook {id} stands in the server's settings file, change it there");
    Refused::new("declared", why)
}

fn checked(app: &App, call: &Call) -> Result<Draft, Refused> {
    let draft: Draft = call.json()?;
    hooks::checked(&draft.url, &app.settings.hook_networks)?;
    match hooks::unknown_kind(&draft.events) {
        None => Ok(draft),
        Some(kind) => Err(Refused::field(kind)),
    }
}

/// Against which each webhook is measured, asked for once however many there are.
struct Ends {
    /// The last frame of the journal.
    head: u64,
    /// Dead letters by webhook.
    dead: BTreeMap<u64, u64>,
}

impl Ends {
    async fn now(app: &App) -> Result<Self, Refused> {
        Ok(Self {
            head: app.parts.journal.head(app.parts.tenant).await?.seq,
            dead: app.hosts().count_dead_letters().await?,
        })
    }

    fn behind(&self, endpoint: &Endpoint) -> u64 {
        (self.head + 1).saturating_sub(endpoint.progress.next.frame)
    }

    fn dead(&self, endpoint: &Endpoint) -> u64 {
        self.dead.get(&endpoint.id).copied().unwrap_or_default()
    }

    fn shown(&self, endpoint: Endpoint) -> Shown {
        Shown {
            webhook: endpoint.id,
            behind: self.behind(&endpoint),
            dead: self.dead(&endpoint),
            last_attempt: endpoint.last.map(|last| Tried {
                at: last.at,
                outcome: last.outcome,
            }),
            state: match (endpoint.enabled, endpoint.progress.attempts) {
                (false, _) => "off",
                (true, 0) => "idle",
                (true, _) => "retrying",
            },
            url: endpoint.url,
            events: endpoint.events,
            enabled: endpoint.enabled,
            declared: endpoint.declared,
            attempts: endpoint.progress.attempts,
            next_at: endpoint.progress.retry_at,
            last_error: endpoint.progress.error,
            secret: None,
        }
    }
}

impl From<DeadLetter> for Dead {
    fn from(dead: DeadLetter) -> Self {
        Self {
            event: named(dead.place),
            kind: dead.kind,
            at: dead.at,
            error: dead.error,
        }
    }
}

fn named(place: Place) -> String {
    format!("{}-{}", place.frame, place.event)
}

fn place(text: &str) -> Result<Place, Refused> {
    let parts = text.split_once('-');
    let read = parts.and_then(|(frame, event)| {
        Some(Place {
            frame: u64::from_str(frame).ok().filter(|frame| *frame < 1 << 62)?,
            event: u32::from_str(event).ok()?,
        })
    });
    let wrong = || Refused::field(Problem::new("event", text, "two numbers such as 12-0"));
    read.ok_or_else(wrong)
}

fn unknown_letter(place: Place) -> Refused {
    let place = named(place);
    Refused::new("unknown_event", format!("there is no dead letter {place}"))
}

pub(super) fn describe(api: &mut Api) {
    api.route(
        "GET /api/v1/webhooks",
        "Where events are sent, and how far each has got",
    )
    .answers::<Vec<Shown>>(200);
    api.route(
        "POST /api/v1/webhooks",
        "Sends events to a URL from now on; the secret is shown this once",
    )
    .takes::<Draft>()
    .repeatable()
    .answers::<Shown>(201);
    api.route("GET /api/v1/webhooks/{id}", "One webhook")
        .answers::<Shown>(200);
    api.route(
        "PUT /api/v1/webhooks/{id}",
        "Changes one, which is tried at once",
    )
    .takes::<Draft>()
    .answers::<Shown>(200);
    api.route(
        "DELETE /api/v1/webhooks/{id}",
        "Forgets one and its dead letters",
    )
    .empty(204);
    api.route(
        "POST /api/v1/webhooks/{id}/replay",
        "Sends everything since an instant again, in order",
    )
    .takes::<Replay>()
    .answers::<Shown>(200);
    api.route(
        "POST /api/v1/webhooks/{id}/secret",
        "Makes a new secret; the one before is void",
    )
    .answers::<Shown>(201);
    api.route(
        "POST /api/v1/webhooks/{id}/test",
        "Sends an event of the type `test` now, once",
    )
    .empty(204);
    api.route(
        "GET /api/v1/webhooks/{id}/dead",
        "Events that were refused for good, in order",
    )
    .asks::<After>()
    .answers::<DeadLetters>(200);
    api.route(
        "POST /api/v1/webhooks/{id}/dead/{event}",
        "Sends one of them now",
    )
    .empty(204);
    api.route(
        "DELETE /api/v1/webhooks/{id}/dead/{event}",
        "Forgets one of them",
    )
    .empty(204);
}
