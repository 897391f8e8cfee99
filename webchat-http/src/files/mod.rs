//! Files in a chat: streamed in under limits, looked into, brought to disk before the message that refers
//! to them, and handed out to that chat's visitor and agents only, never to be opened in place.

mod folder;
mod kind;

use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use serde::Deserialize;
use tokio::time::timeout;
use url::form_urlencoded::byte_serialize;
use webchat_core::command::{AgentCommand, Command, VisitorAsk, VisitorCommand};
use webchat_core::file::{FileRules, SentFile};
use webchat_core::id::{AgentId, ChatId, VisitorKey};
use webchat_core::problem::Problem;
use webchat_core::rejection::Rejection;
use webchat_runtime::accounts::Role;

use crate::api::Api;
use crate::app::{App, Call};
use crate::limits;
use crate::origin;
use crate::refused::{Refused, json};
use crate::session;
use crate::socket::request::{Written, number_of};
use crate::token;
use crate::window;

pub use folder::{FileFolder, Sweep};
use folder::{Incoming, Kept, Stored, Unkept};
use kind::safe_name;

/// The query of an upload.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct Parcel {
    /// The client's own id of the message.
    key: String,
    /// What its sender calls the file.
    #[serde(default)]
    name: String,
}

/// Who sends or fetches.
#[derive(Clone, Copy, Debug)]
enum Who {
    Visitor(VisitorKey),
    Agent(AgentId),
    /// A supervisor or administrator, who may see every chat and writes in none.
    Watcher,
}

/// `POST /api/v1/chats/{chat}/files`: the body is the file.
pub(crate) async fn send<S, B, E>(app: &App, call: &Call, chat: ChatId, body: S) -> Response<Bytes>
where
    S: Stream<Item = Result<B, E>> + Send,
    B: Buf,
{
    let sent = async {
        let who = who(app, call, "POST /api/v1/chats/{chat}/files").await?;
        let parcel: Parcel = call.wish()?;
        let folder = app.settings.files.as_ref();
        let folder = folder.ok_or_else(|| Refused::from(Rejection::FilesNotAllowed))?;
        let rules = rules(app, call, chat, who).await?;
        app.watch.upload(call.peer.address)?;
        let length = length(&call.headers)?;
        if length > rules.max_bytes() {
            return Err(too_long(length, &rules));
        }
        let incoming = Incoming::begin(folder, chat, length).await;
        let incoming = incoming.map_err(|unkept| refused(unkept, length, &rules))?;
        let taken = take(incoming, body, &rules, app.settings.deadlines.body).await?;
        post(app, chat, who, parcel, taken).await
    };
    let answer = sent.await.unwrap_or_else(|refused| refused.response());
    readable(call, answer)
}

/// `GET /api/v1/chats/{chat}/files/{id}`
pub(crate) async fn fetch(app: &App, call: &Call, chat: ChatId, id: &str) -> Response<Bytes> {
    let fetched = async {
        let who = who(app, call, "GET /api/v1/chats/{chat}/files/{id}").await?;
        if !may_see(app, chat, who).await? {
            return Err(unknown());
        }
        let file = find(app, chat, id).await?.ok_or_else(unknown)?;
        let folder = app.settings.files.as_ref().ok_or_else(unknown)?;
        let read = timeout(limits::BODY_TIME, folder.read(chat, id)).await;
        let read = read.map_err(|_| Refused::too_fast(5))?;
        let content = read.map_err(|error| disk(&error))?.ok_or_else(unknown)?;
        Ok(attachment(&file, content))
    };
    let answer = fetched.await.unwrap_or_else(|refused| refused.response());
    readable(call, answer)
}

/// `OPTIONS` of either, which browsers ask before they send a visitor's token to another site.
pub(crate) fn preflight(call: &Call) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    if let Some(origin) = origin::echo(&call.headers) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
        (ACCESS_CONTROL_MAX_AGE, "7200"),
        (VARY, "origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Removes the files sent in chats whose content was erased. Those of chats that were kept long enough go with the
/// next sweep.
pub(crate) fn forget_chats(app: &App, chats: &[ChatId]) -> Result<(), Refused> {
    let Some(folder) = &app.settings.files else {
        return Ok(());
    };
    let all = folder.settled(Duration::ZERO);
    let all = all.map_err(|error| disk(&error))?;
    let of_chats = all.iter().filter(|stored| chats.contains(&stored.chat));
    for stored in of_chats {
        folder.remove(stored).map_err(|error| disk(&error))?;
    }
    Ok(())
}

/// Looks over the folder now and at its times, for ever.
pub(crate) async fn keep_swept(app: &App) {
    let Some(folder) = &app.settings.files else {
        return;
    };
    let mut pause = tokio::time::interval(folder.sweep().every.max(Duration::from_millis(1)));
    loop {
        pause.tick().await;
        sweep(app).await;
    }
}

/// Removes files to which no message refers: those whose sender was refused or lost after the upload, and
/// those whose messages were erased.
async fn sweep(app: &App) {
    let Some(folder) = &app.settings.files else {
        return;
    };
    let swept = async {
        let settled = folder.settled(folder.sweep().age);
        let settled = settled.map_err(|error| disk(&error))?;
        let mut removed = 0;
        for of_chat in settled.chunk_by(|one, next| one.chat == next.chat) {
            let Some(chat) = of_chat.first().map(|stored| stored.chat) else {
                continue;
            };
            let known = files(app, chat).await?;
            for stored in of_chat {
                if !known.iter().any(|file| *file.id == *stored.id) {
                    folder.remove(stored).map_err(|error| disk(&error))?;
                    removed += 1;
                }
            }
        }
        Ok::<_, Refused>(removed)
    };
    match swept.await {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "files without a message were removed"),
        Err(refused) => tracing::warn!(code = refused.code(), "the files could not be looked over"),
    }
}

/// Who calls: the bearer of a visitor's token, else whoever is signed in.
async fn who(app: &App, call: &Call, what: &str) -> Result<Who, Refused> {
    if let Some(bearer) = call.headers.get(AUTHORIZATION) {
        let token = bearer.to_str().ok();
        let token = token.and_then(|value| value.strip_prefix("Bearer "));
        let key = token.and_then(token::key);
        return key.map(Who::Visitor).ok_or_else(Refused::not_signed_in);
    }
    let signed = session::require(app, call, what).await?;
    let profile = &signed.account.profile;
    match (profile.agent, profile.role) {
        (Some(agent), Role::Agent) => Ok(Who::Agent(agent)),
        (Some(agent), _) if call.method == Method::POST => Ok(Who::Agent(agent)),
        _ => Ok(Who::Watcher),
    }
}

/// What may be sent in a live chat by this caller, from the page it calls from.
async fn rules(app: &App, call: &Call, chat: ChatId, who: Who) -> Result<FileRules, Refused> {
    let origin = origin::of(&call.headers, call.peer, app.settings.public_url.as_ref());
    let asked = app.query(move |engine, _| {
        let view = engine.view();
        let known = || Refused::new("unknown_chat", format!("chat {chat} is not known"));
        let own = match who {
            Who::Visitor(visitor) => view.visitor_of(chat) == Some(visitor),
            Who::Agent(agent) => view.has_agent(chat, agent),
            Who::Watcher => false,
        };
        let seen = view.agent_chat(chat).filter(|_| own).ok_or_else(known)?;
        let came_to = view.came_to(chat).unwrap_or(seen.campaign);
        let permitted = matches!(who, Who::Agent(_))
            || view
                .campaign(came_to)
                .is_some_and(|campaign| window::permits(campaign.settings, origin.as_ref()));
        if !permitted {
            return Err(Refused::not_allowed());
        }
        let campaign = view.campaign(seen.campaign).ok_or_else(known)?;
        let rules = campaign.settings.files.clone();
        rules.ok_or_else(|| Rejection::FilesNotAllowed.into())
    });
    asked.await?
}

/// The length the request announces; nothing is read of one that announces none.
fn length(headers: &HeaderMap) -> Result<u64, Refused> {
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse().ok());
    match length {
        Some(length) if length > 0 => Ok(length),
        _ => Err(Refused::field(Problem::new(
            "file.bytes",
            0,
            "at least 1 byte",
        ))),
    }
}

/// A file that has come in and may stay.
struct Taken {
    kept: Kept,
    found: kind::Found,
}

/// Takes the body piece by piece; a sender who falls silent, or sends what is not allowed, is cut off.
async fn take<S, B, E>(
    mut incoming: Incoming,
    body: S,
    rules: &FileRules,
    silence: Duration,
) -> Result<Taken, Refused>
where
    S: Stream<Item = Result<B, E>> + Send,
    B: Buf,
{
    let mut body = std::pin::pin!(body);
    let mut bytes = 0;
    loop {
        let piece = timeout(silence, body.next()).await;
        match piece.map_err(|_| Refused::too_slow())? {
            Some(Ok(mut piece)) => {
                while piece.has_remaining() {
                    let part = piece.chunk();
                    bytes += part.len() as u64;
                    let taken = incoming.take(part).await;
                    taken.map_err(|unkept| refused(unkept, bytes, rules))?;
                    let read = part.len();
                    piece.advance(read);
                }
            }
            Some(Err(_)) => return Err(Refused::bad_request("the file ended early")),
            None => break,
        }
    }
    let expected = || {
        let kinds: Vec<_> = rules.kinds.iter().map(|kind| kind.code()).collect();
        format!("one of {}", kinds.join(", "))
    };
    let unknown = || Refused::field(Problem::new("file.kind", "unknown", expected()));
    let found = incoming.look().ok_or_else(unknown)?;
    rules.check(found.kind, bytes).map_err(Refused::field)?;
    let kept = incoming.keep().await;
    let kept = kept.map_err(|unkept| refused(unkept, bytes, rules))?;
    Ok(Taken { kept, found })
}

/// Posts the message that refers to the file. A file that no message refers to then is removed.
async fn post(
    app: &App,
    chat: ChatId,
    who: Who,
    parcel: Parcel,
    taken: Taken,
) -> Result<Response<Bytes>, Refused> {
    let Taken { kept, found } = taken;
    let Kept {
        stored,
        bytes,
        digest,
    } = kept;
    let key = parcel.key.into();
    let file = SentFile {
        id: stored.id.as_str().into(),
        name: safe_name(&parcel.name, found).into(),
        kind: found.kind,
        mime: found.mime.into(),
        bytes,
        digest: digest.into(),
    };
    let file = file.into();
    let command = match who {
        Who::Visitor(visitor) => {
            let ask = VisitorAsk::SendFile { key, file };
            Command::Visitor(VisitorCommand::InChat { visitor, chat, ask })
        }
        Who::Agent(agent) => {
            let ask = AgentCommand::SendFile { chat, key, file };
            Command::Agent { agent, ask }
        }
        Who::Watcher => return Err(Refused::not_allowed()),
    };
    match app.submit(command).await {
        Ok(receipt) => {
            // A repeat is answered with the first message, which has its own copy.
            if find(app, chat, &stored.id).await?.is_none() {
                forget(app, &stored);
            }
            Ok(json(StatusCode::CREATED, &number_of(receipt)?))
        }
        Err(refused) => {
            // After an answer that says nothing of the outcome the message may be there; what is not
            // referred to goes with the next sweep.
            if refused.is_final() {
                forget(app, &stored);
            }
            Err(refused)
        }
    }
}

fn forget(app: &App, stored: &Stored) {
    if let Some(folder) = &app.settings.files
        && let Err(error) = folder.remove(stored)
    {
        tracing::warn!(%error, "a file that is not needed could not be removed");
    }
}

/// Whether the caller may fetch the files of a chat: its visitor, those who work or worked in it or may
/// take it, those who have its visitor before them again and read it as an earlier chat, and supervisors.
async fn may_see(app: &App, chat: ChatId, who: Who) -> Result<bool, Refused> {
    app.parts.handle.caught_up().await?;
    let recording = app.parts.read_model.recording(app.parts.tenant, chat);
    let Some(recording) = recording.await? else {
        return Ok(false);
    };
    match who {
        Who::Watcher => Ok(true),
        Who::Visitor(visitor) => Ok(recording.summary.visitor == visitor),
        Who::Agent(agent) => {
            let worked = recording.segments.iter().any(|part| part.agent == agent);
            let asked = app.query(move |engine, _| {
                let view = engine.view();
                let past = recording.summary;
                let member = view
                    .memberships(agent)
                    .any(|member| member == past.campaign);
                let has_visitor = || {
                    let mut own = view.chats_of(agent).into_iter();
                    own.any(|own| view.visitor_of(own) == Some(past.visitor))
                };
                view.has_agent(chat, agent)
                    || member
                        && match view.agent_chat(chat) {
                            Some(seen) => seen.owner.is_none(),
                            None => has_visitor(),
                        }
            });
            Ok(worked || asked.await?)
        }
    }
}

async fn find(app: &App, chat: ChatId, id: &str) -> Result<Option<SentFile>, Refused> {
    let files = files(app, chat).await?;
    Ok(files.into_iter().find(|file| *file.id == *id))
}

/// The files that the messages of a chat refer to.
async fn files(app: &App, chat: ChatId) -> Result<Vec<SentFile>, Refused> {
    let mut files = Vec::new();
    let mut after = 0;
    loop {
        let page = app.messages(chat, after, limits::PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(files);
        };
        after = last.number;
        files.extend(
            page.iter()
                .filter_map(|message| message.file.as_deref())
                .cloned(),
        );
    }
}

/// To be saved, never shown in place: whatever it is, it runs nowhere.
fn attachment(file: &SentFile, content: Bytes) -> Response<Bytes> {
    let mut response = Response::new(content);
    let headers = response.headers_mut();
    let name: String = byte_serialize(file.name.as_bytes()).collect();
    let name = name.replace('+', "%20");
    let disposition = format!("attachment; filename*=UTF-8''{name}");
    for (field, value) in [
        (CONTENT_TYPE, HeaderValue::from_str(&file.mime)),
        (CONTENT_DISPOSITION, HeaderValue::from_str(&disposition)),
    ] {
        if let Ok(value) = value {
            headers.insert(field, value);
        }
    }
    headers.insert(
        "content-security-policy",
        HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'"),
    );
    response
}

/// Lets the page that asked read the answer. What it may ask for was decided by the token it sent, which no
/// browser adds by itself.
fn readable(call: &Call, mut response: Response<Bytes>) -> Response<Bytes> {
    let headers = response.headers_mut();
    if call.headers.contains_key(AUTHORIZATION)
        && let Some(origin) = origin::echo(&call.headers)
    {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            "cross-origin-resource-policy",
            HeaderValue::from_static("cross-origin"),
        );
    }
    headers.insert(VARY, HeaderValue::from_static("origin"));
    response
}

fn unknown() -> Refused {
    Refused::new("not_found", "there is no such file")
}

fn too_long(bytes: u64, rules: &FileRules) -> Refused {
    let expected = format!("1 to {} bytes", rules.max_bytes());
    Refused::field(Problem::new("file.bytes", bytes, expected))
}

fn refused(unkept: Unkept, bytes: u64, rules: &FileRules) -> Refused {
    match unkept {
        Unkept::Full => Refused::new("files_full", "there is no room for more files"),
        Unkept::TooLong => too_long(bytes, rules),
        Unkept::Disk(error) => disk(&error),
    }
}

fn disk(error: &std::io::Error) -> Refused {
    tracing::error!(%error, "the folder of files failed");
    Refused::new("retry", "the file could not be stored, try again")
}

/// The files of a chat.
pub(crate) fn describe(api: &mut Api) {
    api.route(
        "POST /api/v1/chats/{chat}/files",
        "Sends a file into a chat of one's own",
    )
    .asks::<Parcel>()
    .takes_bytes("application/octet-stream")
    .answers::<Written>(201);
    api.route("GET /api/v1/chats/{chat}/files/{id}", "A file of a chat")
        .answers_bytes(200, "*/*");
    api.route(
        "OPTIONS /api/v1/chats/{chat}/files",
        "For the window on other sites",
    )
    .empty(204);
    api.route(
        "OPTIONS /api/v1/chats/{chat}/files/{id}",
        "For the window on other sites",
    )
    .empty(204);
}
