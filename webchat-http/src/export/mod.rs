//! Recordings to take along: all that fit a filter, streamed chat by chat, so that memory holds one of them and a few
//! pieces on their way out, however many there are.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, Method, Response, StatusCode};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use warp::Reply;
use webchat_core::problem::Problem;
use webchat_core::time::Timestamp;
use webchat_runtime::read_model::ChatFilter;

use crate::api::Api;
use crate::app::{App, Call};
use crate::limits;
use crate::recordings::Conditions;
use crate::refused::{Refused, json};
use crate::session;

use formats::{Document, Format, Writer};
use told::{Audience, Names, Said, Told};
use words::Tongue;

mod formats;
mod told;
mod words;

/// Bytes collected before a piece is sent.
const PIECE: usize = 64 * 1024;
/// Pieces that wait for the client.
const PIECES: usize = 4;

/// The query besides the conditions of the list.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct Wish {
    #[serde(default)]
    format: Format,
    #[serde(default)]
    audience: Audience,
    /// Of the words on a printed page.
    #[serde(default)]
    language: Tongue,
    /// In which CSV and HTML write times; UTC unless given.
    zone: Option<String>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "RecordingsCount")]
struct Counted {
    count: u64,
}

/// A body that comes in pieces. It travels with the answer and takes the place of its body at last.
#[derive(Clone)]
pub(crate) struct Pieces(Arc<Mutex<Option<mpsc::Receiver<Piece>>>>);

type Piece = Result<Bytes, std::io::Error>;

impl Pieces {
    /// Puts the pieces, if there are any, in the place of the body.
    pub(crate) fn put_into(response: warp::reply::Response) -> warp::reply::Response {
        let (mut head, body) = response.into_parts();
        let pieces = head.extensions.remove::<Self>();
        let pieces = pieces.and_then(|pieces| {
            let mut pieces = pieces.0.lock().unwrap_or_else(PoisonError::into_inner);
            pieces.take()
        });
        let body = match pieces {
            Some(pieces) => {
                let next = |mut pieces: mpsc::Receiver<Piece>| async move {
                    pieces.recv().await.map(|piece| (piece, pieces))
                };
                let stream = stream::unfold(pieces, next);
                warp::reply::stream(stream).into_response().into_body()
            }
            None => body,
        };
        Response::from_parts(head, body)
    }
}

/// `GET /api/v1/recordings/count`
pub(crate) async fn count(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    let filter = allowed(app, call, "GET /api/v1/recordings/count").await?;
    let read_model = &app.parts.read_model;
    let count = read_model.count_chats(app.parts.tenant, filter).await?;
    Ok(json(StatusCode::OK, &Counted { count }))
}

/// `GET /api/v1/recordings/export`
pub(crate) async fn all(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    let filter = allowed(app, call, "GET /api/v1/recordings/export").await?;
    let wish: Wish = call.wish()?;
    let zone = zone(app, wish.zone.as_deref())?;
    let turn = Arc::clone(&app.exports).try_acquire_owned();
    let turn = turn.map_err(|_| Refused::too_fast(limits::EXPORT_PAUSE))?;
    let read_model = &app.parts.read_model;
    let counting = read_model.count_chats(app.parts.tenant, filter.clone());
    let total = counting.await?;
    let names = names(app).await?;
    let writer = Writer {
        format: wish.format,
        tongue: wish.language,
        zone,
        audience: wish.audience,
        begun: false,
    };
    let mut response = Response::new(Bytes::new());
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static(writer.media_type());
    headers.insert(CONTENT_TYPE, kind);
    let attachment = format!("attachment; filename=\"{}\"", writer.file_name());
    if let Ok(attachment) = HeaderValue::try_from(attachment) {
        headers.insert(CONTENT_DISPOSITION, attachment);
    }
    headers.insert("x-total", total.into());
    let (sender, pieces) = mpsc::channel(PIECES);
    let export = Export {
        app: app.clone(),
        names,
        writer,
        filter,
        piece: String::new(),
        sender,
        _turn: turn,
    };
    tokio::spawn(export.run(app.now(), total));
    let pieces = Pieces(Arc::new(Mutex::new(Some(pieces))));
    response.extensions_mut().insert(pieces);
    Ok(response)
}

async fn allowed(app: &App, call: &Call, route: &str) -> Result<ChatFilter, Refused> {
    if call.method != Method::GET {
        return Err(Refused::method_not_allowed());
    }
    session::require(app, call, route).await?;
    let conditions: Conditions = call.wish()?;
    app.parts.handle.caught_up().await?;
    Ok(conditions.into_filter())
}

fn zone(app: &App, name: Option<&str>) -> Result<TimeZone, Refused> {
    let Some(name) = name else {
        return Ok(TimeZone::UTC);
    };
    let zone = app.parts.zones.find(name);
    zone.map_err(|_| {
        Refused::field(Problem::new(
            "zone",
            name,
            "the name of a time zone, such as Europe/Madrid",
        ))
    })
}

async fn names(app: &App) -> Result<Names, Refused> {
    app.query(|engine, _| {
        let view = engine.view();
        let campaigns = view
            .campaigns()
            .map(|campaign| (campaign.id, campaign.settings.name.clone()));
        let agents = view
            .agents()
            .map(|agent| (agent.id, agent.profile.name.clone()));
        let models = view
            .quality_models()
            .map(|(id, model)| (id.0, Arc::new(model.clone())));
        Names {
            campaigns: campaigns.collect(),
            agents: agents.collect(),
            models: models.collect(),
        }
    })
    .await
}

/// An export under way.
struct Export {
    app: App,
    names: Names,
    writer: Writer,
    filter: ChatFilter,
    /// Not sent yet.
    piece: String,
    sender: mpsc::Sender<Piece>,
    /// Only so many run at once.
    _turn: OwnedSemaphorePermit,
}

/// Why an export ends early.
enum Stopped {
    /// The client is gone.
    Left,
    Failed(webchat_runtime::StoreError),
}

impl From<webchat_runtime::StoreError> for Stopped {
    fn from(error: webchat_runtime::StoreError) -> Self {
        Self::Failed(error)
    }
}

impl Export {
    async fn run(mut self, at: Timestamp, total: u64) {
        if let Err(Stopped::Failed(error)) = self.write(at, total).await {
            tracing::error!(%error, "an export could not be finished");
            // The connection breaks off, so that nobody takes what came for all there is.
            let broken = std::io::Error::other("the store failed");
            let _ = self.sender.send(Err(broken)).await;
        }
    }

    async fn write(&mut self, at: Timestamp, total: u64) -> Result<(), Stopped> {
        let tenant = self.app.parts.tenant;
        let read_model = Arc::clone(&self.app.parts.read_model);
        self.piece = self.writer.head(at, total);
        loop {
            let page = read_model
                .chats(tenant, self.filter.clone(), limits::PAGE)
                .await?;
            let Some(last) = page.last() else { break };
            self.filter.before = Some(last.sequence);
            for summary in page {
                let Some(recording) = read_model.recording(tenant, summary.chat).await? else {
                    continue;
                };
                let Some(mut told) = Told::new(recording, self.writer.audience, &self.names) else {
                    continue;
                };
                let mut after = 0;
                loop {
                    let said = read_model
                        .messages(tenant, summary.chat, after, limits::PAGE)
                        .await?;
                    let Some(last) = said.last() else { break };
                    after = last.number;
                    let audience = self.writer.audience;
                    let said = said
                        .into_iter()
                        .map(|said| Said::new(said, audience, &self.names));
                    told.messages.extend(said);
                    if after >= summary.last {
                        break;
                    }
                }
                self.piece += &self.writer.chat(&told);
                if self.piece.len() >= PIECE {
                    self.send().await?;
                }
            }
        }
        self.piece += self.writer.tail();
        self.send().await
    }

    async fn send(&mut self) -> Result<(), Stopped> {
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        let sent = self.sender.send(Ok(piece)).await;
        sent.map_err(|_| Stopped::Left)
    }
}

/// What is taken along.
pub(crate) fn describe(api: &mut Api) {
    api.route(
        "GET /api/v1/recordings/count",
        "How many chats fit every condition of the list",
    )
    .asks::<Conditions>()
    .answers::<Counted>(200);
    api.route(
        "GET /api/v1/recordings/export",
        "All chats that fit the conditions of the list, streamed; `x-total` says how many, and each ends with the only carriage return in it",
    )
    .asks::<Both>()
    .answers::<Document>(200)
    .answers_bytes(200, "text/csv")
    .answers_bytes(200, "text/html");
}

/// The whole query of an export.
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Both {
    #[serde(flatten)]
    conditions: Conditions,
    #[serde(flatten)]
    wish: Wish,
}
