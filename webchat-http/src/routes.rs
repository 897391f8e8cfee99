//! Every address of the server.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use hyper::upgrade::OnUpgrade;
use warp::filters::BoxedFilter;
use warp::{Filter, Rejection, reject};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::mail::MailId;

use crate::access::{self, Listed};
use crate::acts;
use crate::admin;
use crate::agent;
use crate::api::{self, Api};
use crate::app::{App, Call};
use crate::assets::Assets;
use crate::export;
use crate::figures;
use crate::files;
use crate::identity;
use crate::limits;
use crate::ready;
use crate::recordings;
use crate::refused::Refused;
use crate::reports;
use crate::request::Peer;
use crate::session;
use crate::supervisor;
use crate::visitor;
use crate::window;

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug)]
enum Unread {
    /// It is larger than any request needs.
    TooLarge,
    /// It did not come in time.
    TooSlow,
    /// The connection ended before it.
    EndedEarly,
}
impl reject::Reject for Unread {}

/// The address exists, but for these methods only.
#[derive(Debug)]
struct OtherMethod(Vec<&'static str>);
impl reject::Reject for OtherMethod {}

/// All routes, answering whatever comes.
pub(crate) fn all(app: App) -> BoxedFilter<(Response<Bytes>,)> {
    let assets = app.assets.clone();
    let api = warp::path!("api" / "v1" / ..)
        .and(listed())
        .and(all_of_api(app.clone()));
    ready::probes(app.clone())
        .or(api)
        .unify()
        .or(figures(app))
        .unify()
        .or(files(assets))
        .unify()
        .recover(|rejection: Rejection| async move { refuse(&rejection) })
        .unify()
        .boxed()
}

/// Lets only what `access` lists come to the routes, so that none can be added beside it.
fn listed() -> impl Filter<Extract = (), Error = Rejection> + Clone {
    warp::method()
        .and(warp::path::full())
        .and_then(|method: Method, path: warp::path::FullPath| async move {
            match access::listed(method.as_str(), path.as_str()) {
                Listed::Yes(_) => Ok(()),
                Listed::OtherMethod(others) => Err(reject::custom(OtherMethod(others))),
                Listed::No => Err(reject::not_found()),
            }
        })
        .untuple_one()
}

fn all_of_api(app: App) -> BoxedFilter<(Response<Bytes>,)> {
    let bare = bare(app.clone());
    let call = call(app);
    let session = warp::path!("session")
        .and(call.clone())
        .then(|app, call| async move { answer(session::answer(&app, &call).await) });
    let ways = warp::path!("session" / "ways")
        .and(call.clone())
        .map(|app, call| answer(session::provider::ways(&app, &call)));
    let provider = warp::path!("session" / "provider")
        .and(call.clone())
        .then(|app, call| async move { answer(session::provider::begin(&app, &call).await) });
    let returned = warp::path!("session" / "provider" / "return")
        .and(call.clone())
        .then(|app, call| async move { answer(session::provider::come_back(&app, &call).await) });
    let sessions = warp::path!("sessions")
        .and(call.clone())
        .then(|app, call| async move { answer(session::own::all(&app, &call).await) });
    let confirm = warp::path!("sessions" / "confirm")
        .and(call.clone())
        .then(|app, call| async move { answer(session::own::confirm(&app, &call).await) });
    let own = warp::path!("sessions" / u64)
        .and(call.clone())
        .then(|id, app, call| async move { answer(session::own::one(&app, &call, id).await) });
    let window = warp::path!("campaigns" / u32 / "window")
        .and(warp::get())
        .and(call.clone())
        .then(|id, app, call| async move { window::show(&app, &call, CampaignId(id)).await });
    let visitor = warp::path!("visitor")
        .and(warp::get())
        .and(call.clone())
        .and(warp::ext::optional::<OnUpgrade>())
        .then(|app, call, on_upgrade| async move {
            answer(visitor::upgrade(&app, &call, on_upgrade).await)
        });
    let agent = warp::path!("agent")
        .and(warp::get())
        .and(call.clone())
        .and(warp::ext::optional::<OnUpgrade>())
        .then(|app, call, on_upgrade| async move {
            answer(agent::upgrade(&app, &call, on_upgrade).await)
        });
    let supervisor = warp::path!("supervisor")
        .and(warp::get())
        .and(call.clone())
        .and(warp::ext::optional::<OnUpgrade>())
        .then(|app, call, on_upgrade| async move {
            answer(supervisor::upgrade(&app, &call, on_upgrade).await)
        });
    let tenant = warp::path!("tenant")
        .and(call.clone())
        .then(|app, call| async move { answer(admin::tenant::settings(&app, &call).await) });
    let acts = warp::path!("acts")
        .and(call.clone())
        .then(|app, call| async move { answer(acts::all(&app, &call).await) });
    let reports = warp::path!("reports")
        .and(call.clone())
        .then(|app, call| async move { answer(reports::show(&app, &call).await) });
    let recordings = warp::path!("recordings")
        .and(call.clone())
        .then(|app, call| async move { answer(recordings::all(&app, &call).await) });
    let recording = warp::path!("recordings" / ChatId)
        .and(call.clone())
        .then(|chat, app, call| async move { answer(recordings::one(&app, &call, chat).await) });
    let counted = warp::path!("recordings" / "count")
        .and(call.clone())
        .then(|app, call| async move { answer(export::count(&app, &call).await) });
    let exported = warp::path!("recordings" / "export")
        .and(call.clone())
        .then(|app, call| async move { answer(export::all(&app, &call).await) });
    let judged = warp::path!("recordings" / ChatId / "evaluations")
        .and(call.clone())
        .then(
            |chat, app, call| async move { answer(recordings::evaluate(&app, &call, chat).await) },
        );
    let recorded = warp::path!("recordings" / ChatId / "messages")
        .and(call.clone())
        .then(
            |chat, app, call| async move { answer(recordings::messages(&app, &call, chat).await) },
        );
    let campaigns = warp::path!("campaigns")
        .and(call.clone())
        .then(|app, call| async move { answer(admin::campaigns::all(&app, &call).await) });
    let campaign =
        warp::path!("campaigns" / u32)
            .and(call.clone())
            .then(|id, app, call| async move {
                answer(admin::campaigns::one(&app, &call, CampaignId(id)).await)
            });
    let trial = warp::path!("campaigns" / "trial")
        .and(call.clone())
        .then(|app, call| async move { answer(admin::trial::answer(&app, &call).await) });
    let dates = warp::path!("closed-dates")
        .and(call.clone())
        .then(|app, call| async move { answer(admin::trial::closed_dates(&app, &call).await) });
    let history = warp::path!("campaigns" / u32 / "history")
        .and(call.clone())
        .then(|id, app, call| async move {
            answer(admin::history::all(&app, &call, CampaignId(id)).await)
        });
    let revision = warp::path!("campaigns" / u32 / "history" / u32)
        .and(call.clone())
        .then(|id, number, app, call| async move {
            answer(admin::history::one(&app, &call, CampaignId(id), number).await)
        });
    let seats = warp::path!("members")
        .and(call.clone())
        .then(|app, call| async move { answer(admin::members::edit(&app, &call).await) });
    let members = warp::path!("campaigns" / u32 / "members")
        .and(call.clone())
        .then(|id, app, call| async move {
            answer(admin::members::all(&app, &call, CampaignId(id)).await)
        });
    let canned = warp::path!("campaigns" / u32 / "canned")
        .and(call.clone())
        .then(|id, app, call| async move {
            answer(admin::canned::of_campaign(&app, &call, CampaignId(id)).await)
        });
    let shared = warp::path!("canned")
        .and(call.clone())
        .then(|app, call| async move { answer(admin::canned::shared(&app, &call).await) });
    let quality = warp::path!("quality-models")
        .and(call.clone())
        .then(|app, call| async move { answer(admin::quality::all(&app, &call).await) });
    let users = warp::path!("users")
        .and(call.clone())
        .then(|app, call| async move { answer(admin::users::all(&app, &call).await) });
    let mail = warp::path!("mail")
        .and(call.clone())
        .then(|app, call| async move { answer(admin::mail::all(&app, &call).await) });
    let resend =
        warp::path!("mail" / u64 / "resend")
            .and(call.clone())
            .then(|id, app, call| async move {
                answer(admin::mail::resend(&app, &call, MailId(id)).await)
            });
    let upload = warp::path!("chats" / ChatId / "files")
        .and(warp::post())
        .and(bare.clone())
        .and(warp::body::stream())
        .then(|chat, app, call, body| async move { files::send(&app, &call, chat, body).await });
    let download = warp::path!("chats" / ChatId / "files" / String)
        .and(warp::get())
        .and(bare.clone())
        .then(
            |chat, id: String, app, call| async move { files::fetch(&app, &call, chat, &id).await },
        );
    let preflight = warp::path!("chats" / ChatId / "files" / ..)
        .and(warp::options())
        .and(bare.clone())
        .map(|_chat, _app, call| files::preflight(&call));
    let described = warp::path!("openapi.json")
        .and(bare.clone())
        .map(|_app, call| answer(api::openapi(&call)))
        .or(warp::path!("messages.json")
            .and(bare.clone())
            .map(|_app, call| answer(api::messages(&call))))
        .unify();
    let identity = warp::path!("campaigns" / u32 / "identity")
        .and(call.clone())
        .then(|id, app, call| async move {
            answer(identity::secret(&app, &call, CampaignId(id)).await)
        });
    let erasures = warp::path!("erasures")
        .and(call.clone())
        .then(|app, call| async move { answer(admin::erasures::of_visitor(&app, &call).await) });
    let agents = warp::path!("agents")
        .and(call.clone())
        .then(|app, call| async move { answer(admin::agents::all(&app, &call).await) });
    let facts =
        warp::path!("agents" / u32)
            .and(call.clone())
            .then(|id, app, call| async move {
                answer(admin::agents::one(&app, &call, AgentId(id)).await)
            });
    let keys = warp::path!("keys")
        .and(call.clone())
        .then(|app, call| async move { answer(admin::keys::all(&app, &call).await) });
    let key = warp::path!("keys" / u64)
        .and(call.clone())
        .then(|id, app, call| async move { answer(admin::keys::one(&app, &call, id).await) });
    let webhooks = warp::path!("webhooks")
        .and(call.clone())
        .then(|app, call| async move { answer(admin::webhooks::all(&app, &call).await) });
    let webhook = warp::path!("webhooks" / u64)
        .and(call.clone())
        .then(|id, app, call| async move { answer(admin::webhooks::one(&app, &call, id).await) });
    let replay = warp::path!("webhooks" / u64 / "replay")
        .and(call.clone())
        .then(
            |id, app, call| async move { answer(admin::webhooks::replay(&app, &call, id).await) },
        );
    let secret = warp::path!("webhooks" / u64 / "secret")
        .and(call.clone())
        .then(
            |id, app, call| async move { answer(admin::webhooks::secret(&app, &call, id).await) },
        );
    let test = warp::path!("webhooks" / u64 / "test")
        .and(call.clone())
        .then(|id, app, call| async move { answer(admin::webhooks::test(&app, &call, id).await) });
    let dead = warp::path!("webhooks" / u64 / "dead")
        .and(call.clone())
        .then(|id, app, call| async move { answer(admin::webhooks::dead(&app, &call, id).await) });
    let letter = warp::path!("webhooks" / u64 / "dead" / String)
        .and(call.clone())
        .then(|id, event: String, app, call| async move {
            answer(admin::webhooks::letter(&app, &call, id, &event).await)
        });
    let debt = warp::path!("mail" / u64)
        .and(call.clone())
        .then(
            |id, app, call| async move { answer(admin::mail::one(&app, &call, MailId(id)).await) },
        );
    let user = warp::path!("users" / u64)
        .and(call)
        .then(|id, app, call| async move { answer(admin::users::one(&app, &call, id).await) });
    let visitors = session
        .boxed()
        .or(ways.boxed())
        .unify()
        .or(provider.boxed())
        .unify()
        .or(returned.boxed())
        .unify()
        .or(sessions.boxed())
        .unify()
        .or(confirm.boxed())
        .unify()
        .or(own.boxed())
        .unify()
        .or(window.boxed())
        .unify()
        .or(visitor.boxed())
        .unify();
    let staff = agent
        .boxed()
        .or(campaigns.boxed())
        .unify()
        .or(campaign.boxed())
        .unify()
        .or(seats.boxed())
        .unify()
        .or(trial.boxed())
        .unify()
        .or(dates.boxed())
        .unify()
        .or(history.boxed())
        .unify()
        .or(revision.boxed())
        .unify();
    let rest = members
        .boxed()
        .or(users.boxed())
        .unify()
        .or(user.boxed())
        .unify();
    let mail = mail
        .boxed()
        .or(resend.boxed())
        .unify()
        .or(erasures.boxed())
        .unify()
        .or(debt.boxed())
        .unify();
    let supervisors = supervisor
        .boxed()
        .or(acts.boxed())
        .unify()
        .or(tenant.boxed())
        .unify()
        .or(reports.boxed())
        .unify()
        .or(recordings.boxed())
        .unify()
        .or(counted.boxed())
        .unify()
        .or(exported.boxed())
        .unify()
        .or(judged.boxed())
        .unify()
        .or(recording.boxed())
        .unify()
        .or(recorded.boxed())
        .unify();
    let texts = canned
        .boxed()
        .or(shared.boxed())
        .unify()
        .or(quality.boxed())
        .unify();
    let sent = upload
        .boxed()
        .or(download.boxed())
        .unify()
        .or(preflight.boxed())
        .unify()
        .or(identity.boxed())
        .unify()
        .or(described.boxed())
        .unify();
    let hosts = agents
        .boxed()
        .or(facts.boxed())
        .unify()
        .or(keys.boxed())
        .unify()
        .or(key.boxed())
        .unify()
        .or(webhooks.boxed())
        .unify()
        .or(webhook.boxed())
        .unify()
        .or(replay.boxed())
        .unify()
        .or(secret.boxed())
        .unify()
        .or(test.boxed())
        .unify()
        .or(dead.boxed())
        .unify()
        .or(letter.boxed())
        .unify();
    visitors
        .boxed()
        .or(hosts.boxed())
        .unify()
        .or(staff.boxed())
        .unify()
        .or(texts.boxed())
        .unify()
        .or(rest.boxed())
        .unify()
        .or(mail.boxed())
        .unify()
        .or(supervisors.boxed())
        .unify()
        .or(sent.boxed())
        .unify()
        .boxed()
}

/// The whole request, its body within limits. Nothing is read for addresses that do not exist,
/// because the path is matched before.
fn call(app: App) -> BoxedFilter<(App, Call)> {
    let time = app.settings.deadlines.body;
    let body = warp::header::optional::<u64>(CONTENT_LENGTH.as_str())
        .and_then(|length: Option<u64>| async move {
            match length.unwrap_or(0) <= limits::BODY_BYTES {
                true => Ok(()),
                false => Err(reject::custom(Unread::TooLarge)),
            }
        })
        .untuple_one()
        .and(warp::body::stream())
        .and_then(move |body| async move { whole(body, time).await.map_err(reject::custom) });
    bare(app)
        .and(body)
        .map(|app, call, body| (app, Call { body, ..call }))
        .untuple_one()
        .boxed()
}

/// A whole body, which comes in time and stays within its limit whatever its head said.
async fn whole<B: Buf>(
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
    time: Duration,
) -> Result<Bytes, Unread> {
    let read = async {
        let mut body = std::pin::pin!(body);
        let mut bytes = BytesMut::new();
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|_| Unread::EndedEarly)?;
            if (bytes.len() + piece.remaining()) as u64 > limits::BODY_BYTES {
                return Err(Unread::TooLarge);
            }
            bytes.put(piece);
        }
        Ok(bytes.freeze())
    };
    let read = tokio::time::timeout(time, read).await;
    read.unwrap_or(Err(Unread::TooSlow))
}

/// A request whose body is not read, or read by the route itself.
fn bare(app: App) -> BoxedFilter<(App, Call)> {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    warp::any()
        .map(move || app.clone())
        .and(
            warp::method()
                .and(warp::header::headers_cloned())
                .and(warp::ext::get::<Peer>())
                .and(query)
                .map(|method: Method, headers: HeaderMap, peer, query| Call {
                    method,
                    headers,
                    peer,
                    query,
                    body: Bytes::new(),
                }),
        )
        .boxed()
}

/// What is answered outside the other rooms.
pub(crate) fn describe(api: &mut Api) {
    api.route("GET /api/v1/openapi.json", "This description")
        .answers::<serde_json::Map<String, serde_json::Value>>(200);
    api.route(
        "GET /api/v1/messages.json",
        "JSON Schema of the sockets' messages",
    )
    .answers::<serde_json::Map<String, serde_json::Value>>(200);
    api.route(
        "GET /metrics",
        "Figures in Prometheus' text format, for this machine only",
    )
    .answers_bytes(200, "text/plain");
}

fn answer(outcome: Result<Response<Bytes>, Refused>) -> Response<Bytes> {
    outcome.unwrap_or_else(|refused| refused.response())
}

/// For operators: `/metrics`.
fn figures(app: App) -> BoxedFilter<(Response<Bytes>,)> {
    warp::path!("metrics")
        .and(warp::get())
        .and(bare(app))
        .then(|app, call| async move { answer(figures::answer(&app, &call).await) })
        .boxed()
}

fn files(assets: Arc<Assets>) -> BoxedFilter<(Response<Bytes>,)> {
    let elsewhere = |path: warp::path::FullPath| match path.as_str().starts_with("/api/v1/") {
        true => std::future::ready(Err(reject::not_found())),
        false => std::future::ready(Ok(path)),
    };
    warp::path::full()
        .and_then(elsewhere)
        .and(warp::get().or(warp::head()).unify())
        .and(warp::header::headers_cloned())
        .and_then(move |path: warp::path::FullPath, headers: HeaderMap| {
            // What is not there is refused by the last word of all routes, which knows more.
            let found = assets.answer(path.as_str(), &headers);
            std::future::ready(found.ok_or_else(reject::not_found))
        })
        .boxed()
}

fn refuse(rejection: &Rejection) -> Result<Response<Bytes>, std::convert::Infallible> {
    let refused = if let Some(unread) = rejection.find::<Unread>() {
        match unread {
            Unread::TooLarge => Refused::new("too_large", "the request is too large"),
            Unread::TooSlow => Refused::too_slow(),
            Unread::EndedEarly => Refused::bad_request("the body ended early"),
        }
    } else if let Some(OtherMethod(others)) = rejection.find() {
        return Ok(only(others));
    } else if rejection.is_not_found() {
        not_found()
    } else if rejection.find::<reject::MethodNotAllowed>().is_some() {
        return Ok(only(&["GET"]));
    } else {
        Refused::bad_request("the request could not be read")
    };
    Ok(refused.response())
}

/// Refuses the method and names those there are.
fn only(methods: &[&'static str]) -> Response<Bytes> {
    let mut response = Refused::method_not_allowed().response();
    if let Ok(methods) = HeaderValue::try_from(methods.join(", ")) {
        response.headers_mut().insert(ALLOW, methods);
    }
    response
}

fn not_found() -> Refused {
    Refused::new("not_found", "there is nothing here")
}

/// An answer of plain text.
pub(crate) fn text(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}
