//! Where a server listens, asked over plain HTTP.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, anyhow, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::PATIENCE;

/// The password of the demo's users, unless told otherwise.
pub const DEMO_PASSWORD: &str = "webchat-demo";

/// Where a server listens, and where its clients come from.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// The server's address.
    pub address: SocketAddr,
    /// The client's own address; `None` leaves it to the system.
    pub from: Option<IpAddr>,
}

/// A signed-in user.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The user's login.
    pub login: String,
    /// What the session's requests carry.
    pub cookie: String,
    /// What requests that change something carry too.
    pub csrf: String,
    /// 0 for a user who is no agent.
    pub agent: u64,
}

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    method: &'a str,
    path: &'a str,
    body: Option<&'a Value>,
    pass: Option<&'a Pass>,
    key: &'a str,
}

impl Pass {
    fn of(cookie: &str, session: &Value) -> Self {
        let user = &session["user"];
        Self {
            login: user["login"].as_str().unwrap_or("").to_owned(),
            cookie: cookie.to_owned(),
            csrf: session["csrf"].as_str().unwrap_or("").to_owned(),
            agent: user["agent"].as_u64().unwrap_or(0),
        }
    }
}

impl<'a> Ask<'a> {
    /// Reads.
    pub fn get(path: &'a str) -> Self {
        Self {
            method: "GET",
            path,
            body: None,
            pass: None,
            key: "",
        }
    }

    /// Adds.
    pub fn post(path: &'a str, body: &'a Value) -> Self {
        let (method, body) = ("POST", Some(body));
        Self {
            method,
            body,
            ..Self::get(path)
        }
    }

    /// Replaces.
    pub fn put(path: &'a str, body: &'a Value) -> Self {
        let method = "PUT";
        Self {
            method,
            ..Self::post(path, body)
        }
    }

    /// As a program with an API key.
    pub fn with_key(self, key: &'a str) -> Self {
        Self { key, ..self }
    }

    /// In the name of a user.
    pub fn by(self, pass: &'a Pass) -> Self {
        let pass = Some(pass);
        Self { pass, ..self }
    }
}

impl Site {
    /// A server, asked from wherever the system likes.
    pub fn at(address: SocketAddr) -> Self {
        let from = None;
        Self { address, from }
    }

    /// The same server, asked from an address of this machine.
    pub fn seen_from(self, from: IpAddr) -> Self {
        let from = Some(from);
        Self { from, ..self }
    }

    /// A connection.
    ///
    /// # Errors
    /// If nobody listens, or the client's own address is none of this machine.
    pub async fn connect(&self) -> std::io::Result<TcpStream> {
        let Some(from) = self.from else {
            return TcpStream::connect(self.address).await;
        };
        let socket = match self.address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        socket.bind(SocketAddr::new(from, 0))?;
        socket.connect(self.address).await
    }

    /// Signs a user in.
    ///
    /// # Errors
    /// If login and password do not fit, or too many have tried.
    pub async fn sign_in(&self, login: &str, password: &str) -> anyhow::Result<Pass> {
        let body = json!({"login": login, "password": password});
        let (head, user) = self.exchange(Ask::post("/api/v1/session", &body)).await?;
        ensure!(is_success(&head), "{login} cannot sign in: {head} {user}");
        let user: Value = serde_json::from_str(&user)?;
        let cookie = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .and_then(|(_, value)| value.split(';').next());
        Ok(Pass::of(cookie.context("no cookie")?, &user))
    }

    /// Whoever a browser with this cookie is.
    ///
    /// # Errors
    /// If nobody is signed in with it.
    pub async fn signed_in(&self, cookie: &str) -> anyhow::Result<Pass> {
        let cookie = cookie.split(';').next().unwrap_or("");
        let unknown = Pass::of(cookie, &Value::Null);
        let user = self.call(Ask::get("/api/v1/session").by(&unknown)).await?;
        Ok(Pass::of(cookie, &user))
    }

    /// Changes fields of a campaign's settings.
    ///
    /// # Errors
    /// If the user may not, or a value is out of range.
    pub async fn set(&self, admin: &Pass, campaign: u64, fields: &Value) -> anyhow::Result<()> {
        let path = format!("/api/v1/campaigns/{campaign}");
        let mut campaign = self.call(Ask::get(&path).by(admin)).await?;
        let mut settings = campaign["settings"].take();
        for (name, value) in fields.as_object().into_iter().flatten() {
            settings[name] = value.clone();
        }
        self.call(Ask::put(&path, &settings).by(admin)).await?;
        Ok(())
    }

    /// Asks and returns what the answer holds; null if nothing.
    ///
    /// # Errors
    /// If there is no answer, or one that says anything but success.
    pub async fn call(&self, ask: Ask<'_>) -> anyhow::Result<Value> {
        let (head, body) = self.exchange(ask).await?;
        let Ask { method, path, .. } = ask;
        ensure!(is_success(&head), "{method} {path}: {head} {body}");
        match &*body {
            "" => Ok(Value::Null),
            body => Ok(serde_json::from_str(body)?),
        }
    }

    /// Asks and returns the head and the body of the answer, whatever they say.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn exchange(&self, ask: Ask<'_>) -> anyhow::Result<(String, String)> {
        let Ask { method, path, .. } = ask;
        let address = self.address;
        let key = match ask.key {
            "" => String::new(),
            key => format!("authorization: Bearer {key}\r\n"),
        };
        let (cookie, csrf) = ask.pass.map_or(("", ""), |pass| (&pass.cookie, &pass.csrf));
        let body = ask.body.map_or_else(String::new, Value::to_string);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\n\
             connection: close\r\n{key}cookie: {cookie}\r\nx-csrf-token: {csrf}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut answer = String::new();
        let asked = async {
            let mut stream = self.connect().await?;
            stream.write_all(request.as_bytes()).await?;
            stream.read_to_string(&mut answer).await
        };
        timeout(PATIENCE, asked).await.context("no answer")??;
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .ok_or_else(|| anyhow!("half an answer: {answer}"))?;
        Ok((head.to_owned(), body.to_owned()))
    }
}

fn is_success(head: &str) -> bool {
    head.split(' ').nth(1).unwrap_or("").starts_with('2')
}
