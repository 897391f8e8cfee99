//! A client's WebSocket: requests with numbers, answers and pushes.

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::PATIENCE;
use crate::site::{Pass, Site};

/// Bytes of a socket's buffers; thousands of clients share one machine.
const BUFFER: usize = 4 * 1024;

/// An answer: what was asked for, or the code of the refusal.
pub type Answer = Result<Value, String>;

/// What the server says.
pub enum Frame {
    /// The answer to the request of this number.
    Answer(u64, Answer),
    /// Something happened.
    Push(Value),
}

/// An open socket.
pub struct Line {
    socket: WebSocketStream<TcpStream>,
    next: u64,
}

impl Line {
    /// Opens a socket, with header fields of the client's.
    ///
    /// # Errors
    /// If nobody listens or the upgrade is refused.
    pub async fn dial(site: Site, path: &str, fields: &[(&str, String)]) -> anyhow::Result<Self> {
        let mut request = format!("ws://{}{path}", site.address).into_client_request()?;
        for (name, value) in fields {
            let name: HeaderName = name.parse()?;
            let value: HeaderValue = value.parse()?;
            request.headers_mut().insert(name, value);
        }
        let dialled = async {
            let stream = site.connect().await?;
            stream.set_nodelay(true)?;
            let buffers = WebSocketConfig::default()
                .read_buffer_size(BUFFER)
                .write_buffer_size(BUFFER);
            let dialled = client_async_with_config(request, stream, Some(buffers));
            anyhow::Ok(dialled.await?)
        };
        let (socket, _) = timeout(PATIENCE, dialled).await.context("no upgrade")??;
        Ok(Self { socket, next: 1 })
    }

    /// Opens the socket of a signed-in agent and comes to the desk; what the desk shows comes with it.
    ///
    /// # Errors
    /// If the user is no agent, or the server does not answer.
    pub async fn desk(site: Site, pass: &Pass) -> anyhow::Result<(Self, Value)> {
        let origin = ("origin", format!("http://{}", site.address));
        let cookie = ("cookie", pass.cookie.clone());
        let mut line = Self::dial(site, "/api/v1/agent", &[origin, cookie]).await?;
        let hello = line.hello(json!({"do": "hello"})).await?;
        Ok((line, hello))
    }

    /// Sends a request and waits for its answer; what happens meanwhile is passed over.
    ///
    /// # Errors
    /// If the socket ends before, or nothing comes.
    pub async fn answer(&mut self, request: Value) -> anyhow::Result<Answer> {
        let id = self.ask(request).await?;
        let answer = async {
            loop {
                match self.frame().await? {
                    Frame::Answer(re, answer) if re == id => return anyhow::Ok(answer),
                    _ => {}
                }
            }
        };
        timeout(PATIENCE, answer).await.context("no answer")?
    }

    /// Sends a request and returns the number its answer will carry.
    ///
    /// # Errors
    /// If the socket has ended.
    pub async fn ask(&mut self, mut request: Value) -> anyhow::Result<u64> {
        let id = self.next;
        self.next += 1;
        request["id"] = id.into();
        self.tell(&request).await?;
        Ok(id)
    }

    /// Sends what nobody answers.
    ///
    /// # Errors
    /// If the socket has ended.
    pub async fn tell(&mut self, request: &Value) -> anyhow::Result<()> {
        let text = Message::text(request.to_string());
        Ok(self.socket.send(text).await?)
    }

    /// Sends the first request and waits for its answer.
    ///
    /// # Errors
    /// If the request is refused, or the socket ends before.
    pub async fn hello(&mut self, request: Value) -> anyhow::Result<Value> {
        let id = self.ask(request).await?;
        match timeout(PATIENCE, self.frame())
            .await
            .context("no answer")??
        {
            Frame::Answer(re, Ok(value)) if re == id => Ok(value),
            Frame::Answer(_, Err(code)) => bail!("hello was refused as {code}"),
            _ => bail!("something came before the answer to hello"),
        }
    }

    /// The next frame. May be dropped while it waits.
    ///
    /// # Errors
    /// If the socket has ended.
    pub async fn frame(&mut self) -> anyhow::Result<Frame> {
        loop {
            let Message::Text(text) = self.socket.next().await.context("the socket ended")?? else {
                continue;
            };
            let mut frame: Value = serde_json::from_str(&text)?;
            let Some(re) = frame["re"].as_u64() else {
                return Ok(Frame::Push(frame));
            };
            let answer = match frame["error"]["code"].as_str() {
                Some(code) => Err(code.to_owned()),
                None => Ok(frame["ok"].take()),
            };
            return Ok(Frame::Answer(re, answer));
        }
    }

    /// The socket itself, for whoever counts frames instead of reading them.
    pub fn into_socket(self) -> WebSocketStream<TcpStream> {
        self.socket
    }

    /// Hangs up as a browser does, and waits until the server has.
    pub async fn close(mut self) {
        let farewell = async {
            self.socket.close(None).await?;
            while let Some(frame) = self.socket.next().await {
                frame?;
            }
            Ok::<_, tokio_tungstenite::tungstenite::Error>(())
        };
        // However it ends, the socket is gone.
        let _ = timeout(PATIENCE, farewell).await;
    }
}
