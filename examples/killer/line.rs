//! A client's WebSocket: requests with numbers, answers and pushes.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};

/// Longest wait for anything; only a server that hangs makes anybody wait this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// An answer: what was asked for, or the code of the refusal.
pub(crate) type Answer = Result<Value, String>;

/// What the server says.
pub(crate) enum Frame {
    Answer(u64, Answer),
    Push(Value),
}

/// An open socket.
pub(crate) struct Line {
    socket: WebSocketStream<TcpStream>,
    next: u64,
}

impl Line {
    /// Opens a socket; an error if nobody listens or the upgrade is refused.
    pub(crate) async fn dial(
        address: SocketAddr,
        path: &str,
        fields: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        for (name, value) in fields {
            let name: HeaderName = name.parse()?;
            let value: HeaderValue = value.parse()?;
            request.headers_mut().insert(name, value);
        }
        let dialled = async {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            anyhow::Ok(tokio_tungstenite::client_async(request, stream).await?)
        };
        let (socket, _) = timeout(PATIENCE, dialled).await.context("no upgrade")??;
        Ok(Self { socket, next: 1 })
    }

    /// Sends a request and returns the number its answer will carry.
    pub(crate) async fn ask(&mut self, mut request: Value) -> anyhow::Result<u64> {
        let id = self.next;
        self.next += 1;
        request["id"] = id.into();
        self.tell(&request).await?;
        Ok(id)
    }

    /// Sends what nobody answers.
    pub(crate) async fn tell(&mut self, request: &Value) -> anyhow::Result<()> {
        let text = Message::text(request.to_string());
        Ok(self.socket.send(text).await?)
    }

    /// Sends the first request and waits for its answer.
    pub(crate) async fn hello(&mut self, request: Value) -> anyhow::Result<Value> {
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

    /// The next frame; an error when the socket has ended. May be dropped while it waits.
    pub(crate) async fn frame(&mut self) -> anyhow::Result<Frame> {
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
}
