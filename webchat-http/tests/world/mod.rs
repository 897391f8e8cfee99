//! A whole server for a test: real files, real sockets, a clock moved by hand.

#![allow(dead_code, clippy::unwrap_used)]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_util::sync::CancellationToken;
use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{AgentProfile, Command, HostCommand, Member};
use webchat_core::effect::Receipt;
use webchat_core::event::Recorded;
use webchat_core::id::{AgentId, CampaignId};
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::wire;
use webchat_http::{Hub, Parts, Server, Settings};
use webchat_runtime::accounts::{Account, Accounts, Profile, Role};
use webchat_runtime::testing::ManualClock;
use webchat_runtime::{Frame, Journal, Options, Ports, TenantHandle, TenantId, Verdict};
use webchat_store_sqlite::SqliteStore;

/// Monday, 3 March 2025, 12:00 UTC.
pub(crate) const NOON: i64 = 1_741_003_200;

/// Longest wait for anything: only a failing test waits this long.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) tenant: TenantHandle,
    pub(crate) store: Arc<SqliteStore>,
    stop: CancellationToken,
    server: JoinHandle<()>,
    running: JoinHandle<()>,
    folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
        Self::on(folder, store, Timestamp::from_seconds(NOON), settings).await
    }

    /// A server that comes back to a journal; it is `now`.
    pub(crate) async fn after(events: &[Recorded], now: Timestamp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
        let tenant = TenantId(1);
        let epoch = store.claim(tenant).await.unwrap().epoch;
        let frames = (1..).zip(events.chunks(50)).map(|(seq, events)| Frame {
            tenant,
            seq,
            epoch,
            at: events[0].at,
            codec: wire::CODEC,
            payload: wire::encode(events).into(),
        });
        let verdicts = store.append(frames.collect()).await;
        let durable = |verdict: &Verdict| matches!(verdict, Verdict::Durable);
        assert!(verdicts.iter().all(durable), "{verdicts:?}");
        let world = Self::on(folder, store, now, Settings::default()).await;
        // A long journal takes its time to be projected.
        let projected = tokio::time::timeout(PATIENCE * 10, world.tenant.caught_up()).await;
        projected.unwrap().unwrap();
        world
    }

    async fn on(
        folder: TempDir,
        store: Arc<SqliteStore>,
        now: Timestamp,
        settings: Settings,
    ) -> Self {
        let clock = Arc::new(ManualClock::new(now));
        let hub = Hub::new();
        let ports = Ports {
            journal: store.clone(),
            read_model: store.clone(),
            clock: clock.clone(),
            effects: hub.clone(),
        };
        let id = TenantId(1);
        let (tenant, running) = TenantHandle::start(id, Zones::bundled, ports, Options::default())
            .await
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let parts = Parts {
            tenant: id,
            handle: tenant.clone(),
            hub,
            read_model: store.clone(),
            accounts: store.clone(),
            hosts: store.clone(),
            journal: store.clone(),
            clock: clock.clone(),
            zones: Arc::new(Zones::bundled()),
        };
        let stop = CancellationToken::new();
        let server = tokio::spawn(Server::new(parts, settings).run(listener, stop.clone()));
        Self {
            address,
            clock,
            tenant,
            store,
            stop,
            server,
            running,
            folder,
        }
    }

    /// Where everything is kept.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Stops the server as a signal would, and then the tenant.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        soon(self.server).await.unwrap();
        soon(self.tenant.shutdown()).await;
        soon(self.running).await.unwrap();
    }

    /// Tells the server to stop, and lets it.
    pub(crate) fn begin_stop(&self) {
        self.stop.cancel();
    }

    async fn host(&self, command: HostCommand) -> Receipt {
        let done = self.tenant.submit(Command::Host(command)).await;
        done.unwrap().unwrap()
    }

    /// A campaign whose members are `agents`.
    pub(crate) async fn campaign(
        &self,
        agents: &[AgentId],
        edit: impl FnOnce(&mut CampaignDraft),
    ) -> CampaignId {
        let mut draft = CampaignDraft::named("Ventas");
        draft.default_language = "es".into();
        edit(&mut draft);
        let (settings, _) = draft.check(&Zones::bundled()).unwrap();
        let Receipt::Campaign(campaign) = self.host(HostCommand::create_campaign(settings)).await
        else {
            panic!("no campaign")
        };
        self.members(campaign, agents).await;
        campaign
    }

    /// Makes `agents` the members of a campaign, and nobody else.
    pub(crate) async fn members(&self, campaign: CampaignId, agents: &[AgentId]) {
        let members = agents.iter().copied().map(Member::plain).collect();
        self.host(HostCommand::SetMembers { campaign, members })
            .await;
    }

    /// A user who may sign in with [`PASSWORD`]; those who are no administrators are agents too.
    pub(crate) async fn user(&self, login: &str, role: Role) -> Account {
        let agent = match role {
            Role::Administrator => None,
            _ => {
                let profile = AgentProfile {
                    name: login.into(),
                    voice: false,
                };
                match self.host(HostCommand::CreateAgent(profile)).await {
                    Receipt::Agent(agent) => Some(agent),
                    other => panic!("{other:?}"),
                }
            }
        };
        let profile = Profile {
            login: login.into(),
            name: login.into(),
            role,
            agent,
            password_hash: webchat_http::hash_password(PASSWORD).unwrap(),
            disabled: false,
        };
        self.store.insert(profile).await.unwrap()
    }

    pub(crate) async fn agent(&self, login: &str) -> AgentId {
        self.user(login, Role::Agent).await.profile.agent.unwrap()
    }

    /// Whether the engine takes the visitor of a chat for connected; `None` if there is no such chat.
    pub(crate) async fn connected(&self, chat: &Value) -> Option<bool> {
        let chat = chat.as_str().unwrap().parse().unwrap();
        let asked = self.tenant.query(move |engine, _| {
            let view = engine.view().agent_chat(chat)?;
            Some(view.connected)
        });
        asked.await.unwrap()
    }

    /// Sends a request as written and reads the answer to its end.
    pub(crate) async fn raw(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let read = async {
            // A server that hangs up on what it does not want to read resets the connection.
            while stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {}
        };
        soon(read).await;
        Answer::parse(&bytes)
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
            self.address
        );
        for (name, value) in fields {
            request += &format!("{name}: {value}\r\n");
        }
        let body = body.map(|body| body.to_string());
        if let Some(body) = &body {
            request += &format!(
                "content-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            );
        }
        request += "\r\n";
        request += body.as_deref().unwrap_or("");
        self.raw(&request).await
    }

    /// Posts bytes.
    pub(crate) async fn upload(&self, path: &str, fields: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.address,
            body.len()
        );
        for (name, value) in fields {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // A refusal may come, and the connection end, before all is sent.
        let _ = stream.write_all(body).await;
        let mut bytes = Vec::new();
        let read = async { while stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {} };
        soon(read).await;
        Answer::parse(&bytes)
    }

    pub(crate) async fn get(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.call("GET", path, fields, None).await
    }

    /// Signs a user in.
    pub(crate) async fn sign_in(&self, login: &str) -> Login {
        let body = json!({"login": login, "password": PASSWORD});
        let answer = self.call("POST", "/api/v1/session", &[], Some(body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer.header("set-cookie").unwrap();
        Login {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            csrf: answer.json()["csrf"].as_str().unwrap().to_owned(),
        }
    }

    /// Opens a socket; the status of the refusal otherwise.
    pub(crate) async fn dial(&self, path: &str, fields: &[(&str, &str)]) -> Result<Client, u16> {
        let address = self.address;
        let mut request = format!("ws://{address}{path}")
            .into_client_request()
            .unwrap();
        for (name, value) in fields {
            let name: tokio_tungstenite::tungstenite::http::HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(address).await.unwrap();
        match soon(tokio_tungstenite::client_async(request, stream)).await {
            Ok((socket, _)) => Ok(Client {
                socket,
                pushes: VecDeque::new(),
                next: 1,
            }),
            Err(WsError::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// A visitor's socket before its hello.
    pub(crate) async fn visit(&self, campaign: CampaignId) -> Client {
        let path = format!("/api/v1/visitor?campaign={campaign}");
        self.dial(&path, &[("origin", "https://shop.example")])
            .await
            .unwrap()
    }

    /// A visitor who said hello in `language`; returns the token too.
    pub(crate) async fn visitor(&self, campaign: CampaignId, language: &str) -> (Client, String) {
        let mut client = self.visit(campaign).await;
        let hello = client
            .ask(json!({"do": "hello", "token": null, "language": language, "seen": 0}))
            .await;
        let token = hello["token"].as_str().unwrap().to_owned();
        (client, token)
    }

    /// A visitor who comes back; returns what hello answered.
    pub(crate) async fn back(
        &self,
        campaign: CampaignId,
        token: &str,
        seen: u64,
    ) -> (Client, Value) {
        let mut client = self.visit(campaign).await;
        let hello = client
            .ask(json!({"do": "hello", "token": token, "seen": seen}))
            .await;
        (client, hello)
    }

    /// An agent's socket before its hello.
    pub(crate) async fn work(&self, login: &Login) -> Client {
        let origin = format!("http://{}", self.address);
        let fields = [("cookie", login.cookie.as_str()), ("origin", &origin)];
        self.dial("/api/v1/agent", &fields).await.unwrap()
    }

    /// A supervisor's socket after its hello.
    pub(crate) async fn watcher(&self, login: &str) -> Client {
        let login = self.sign_in(login).await;
        let origin = format!("http://{}", self.address);
        let fields = [("cookie", login.cookie.as_str()), ("origin", &origin)];
        let mut client = self.dial("/api/v1/supervisor", &fields).await.unwrap();
        client.ask(json!({"do": "hello"})).await;
        client
    }

    /// All events there are, from the journal on disk.
    pub(crate) async fn journal(&self) -> Vec<Recorded> {
        let mut events = Vec::new();
        let mut after = 0;
        loop {
            let frames = self.store.read(TenantId(1), after, 1_000).await.unwrap();
            let Some(last) = frames.last() else {
                return events;
            };
            after = last.seq;
            for frame in &frames {
                events.extend(wire::decode(&frame.payload).unwrap());
            }
        }
    }

    /// An agent who signed in and said hello.
    pub(crate) async fn desk(&self, login: &str) -> Client {
        let login = self.sign_in(login).await;
        let mut client = self.work(&login).await;
        client.ask(json!({"do": "hello"})).await;
        client
    }
}

/// A signed-in user.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl Login {
    pub(crate) fn fields(&self) -> [(&str, &str); 2] {
        [("cookie", &self.cookie), ("x-csrf-token", &self.csrf)]
    }
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let Some(end) = end else {
            return Self {
                status: 0,
                head: String::new(),
                body: bytes.to_vec(),
            };
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Self {
            status,
            head,
            body: bytes[end + 4..].to_vec(),
        };
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = whole(&answer.body);
        }
        answer
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let fields = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'));
        fields
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    /// The value of the cookie of this name, as the browser would keep it.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let set = self
            .head
            .lines()
            .filter_map(|line| line.strip_prefix("set-cookie: "));
        let pairs = set.filter_map(|cookie| cookie.split(';').next()?.split_once('='));
        pairs
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or("").to_owned()
    }
}

/// A body that came in chunks.
fn whole(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let length = std::str::from_utf8(&rest[..end]).unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + length]);
        rest = &rest[end + 2 + length + 2..];
    }
    panic!("the body broke off")
}

/// A client at a socket.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
    pushes: VecDeque<Value>,
    next: u64,
}

impl Client {
    /// Sends a request and returns its `ok`.
    pub(crate) async fn ask(&mut self, request: Value) -> Value {
        let answer = self.outcome(request).await;
        assert!(answer.get("error").is_none(), "{answer}");
        answer["ok"].clone()
    }

    /// Sends a request and returns the code of its refusal.
    pub(crate) async fn refused(&mut self, request: Value) -> String {
        let answer = self.outcome(request).await;
        let code = answer["error"]["code"].as_str();
        code.unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// Sends a request and returns the whole answer; pushes that come first are kept.
    pub(crate) async fn outcome(&mut self, request: Value) -> Value {
        let id = self.send(request).await;
        loop {
            let frame = self.frame().await.expect("an answer");
            if frame["re"] == id {
                return frame;
            }
            assert!(frame.get("push").is_some(), "{frame}");
            self.pushes.push_back(frame);
        }
    }

    /// Sends a request without waiting.
    pub(crate) async fn send(&mut self, mut request: Value) -> u64 {
        let id = self.next;
        self.next += 1;
        request["id"] = id.into();
        self.text(&request.to_string()).await;
        id
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next push of this kind for which `wanted` holds; others are kept for later.
    pub(crate) async fn until(&mut self, push: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let fits = |frame: &Value| frame["push"] == push && wanted(frame);
        if let Some(index) = self.pushes.iter().position(&fits) {
            return self.pushes.remove(index).unwrap();
        }
        loop {
            let frame = self.frame().await;
            let frame = frame.unwrap_or_else(|| panic!("{push} before the end"));
            if fits(&frame) {
                return frame;
            }
            self.pushes.push_back(frame);
        }
    }

    /// The pushes kept so far, as text.
    pub(crate) fn all_pushes(&self) -> String {
        let kept = self.pushes.iter().map(Value::to_string);
        kept.collect::<Vec<_>>().join("\n")
    }

    /// The next push of any kind.
    pub(crate) async fn any_push(&mut self) -> Value {
        match self.pushes.pop_front() {
            Some(push) => push,
            None => self.frame().await.expect("a push before the end"),
        }
    }

    /// The next push of this kind.
    pub(crate) async fn push(&mut self, push: &str) -> Value {
        self.until(push, |_| true).await
    }

    /// All message pushes until the one with this number.
    pub(crate) async fn messages_until(&mut self, number: u64) -> Vec<(u64, String)> {
        let mut messages = Vec::new();
        loop {
            let push = self.push("message").await;
            let message = &push["message"];
            let got = message["number"].as_u64().unwrap();
            messages.push((got, message["text"].as_str().unwrap().to_owned()));
            if got == number {
                return messages;
            }
        }
    }

    /// The next frame; `None` when the socket is closed.
    pub(crate) async fn frame(&mut self) -> Option<Value> {
        loop {
            match soon(self.socket.next()).await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Waits for the end; the close code, 0 when there was none.
    pub(crate) async fn end(&mut self) -> u16 {
        let end = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                    Some(Ok(Message::Close(None)) | Err(_)) | None => return 0,
                    Some(Ok(_)) => {}
                }
            }
        };
        soon(end).await
    }

    /// Hangs up as a closed tab does.
    pub(crate) async fn hang_up(mut self) {
        // The other side may have hung up first.
        let _ = self.socket.close(None).await;
    }
}

/// The outcome, which must come while a test is still worth waiting for.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it takes too long")
}
