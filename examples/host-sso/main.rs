//! A company's own web application that carries webchat inside: its staff sign in once, at the company, and are at the
//! console; the chat knows its customers; its telephone system says who is on a call.
//!
//! `cargo run -p webchat-examples --example host-sso` serves it on this machine until Ctrl-C.

mod serve;

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use webchat_core::id::AgentId;
use webchat_examples::site::{Ask, Site};
use webchat_http::{Gate, Person};
use webchat_runtime::accounts::Role;

use serve::{Page, page};

type Staff = (&'static str, &'static str, &'static str, Role);

/// Who works here, by what their browser carries since they signed in at the company: extension, name, role.
const STAFF: [Staff; 2] = [
    ("ada-is-in", "200", "Ada Mar", Role::Administrator),
    ("eva-is-in", "211", "Eva Luna", Role::Agent),
];
/// Who buys here, likewise: number, name, address.
const CUSTOMERS: [(&str, &str, &str, &str); 1] =
    [("rosa-is-in", "4711", "Rosa Paz", "rosa@mail.example")];

/// The company's application.
struct Company {
    gate: Gate,
    chat: Site,
    /// Which agent has which extension.
    agents: BTreeMap<&'static str, AgentId>,
    /// The telephone system's key: good for what it says of agents, and for nothing else.
    key: String,
    /// Signs who customers are.
    secret: String,
}

impl Company {
    /// Makes the staff known, and sets up what an administrator would: a campaign with its members, its secret, and a key.
    async fn open(gate: Gate, chat: Site) -> anyhow::Result<Self> {
        let mut agents = BTreeMap::new();
        for staff in STAFF {
            let account = gate.account(&person(staff)).await?;
            agents.extend(account.profile.agent.map(|agent| (staff.1, agent)));
        }
        let cookie = gate.admit(&person(STAFF[0])).await?;
        let ada = chat.signed_in(cookie.to_str()?).await?;
        let post = async |path: &str, body| chat.call(Ask::post(path, &body).by(&ada)).await;
        let members: Vec<_> = agents.values().collect();
        let shop = json!({"name": "Shop", "mode": "incall"});
        post("/api/v1/campaigns", shop).await?;
        post("/api/v1/members", json!({"campaigns": [1], "add": members})).await?;
        let scopes = json!({"name": "telephones", "scopes": ["agents:write"]});
        let key = shown_once(&post("/api/v1/keys", scopes).await?)?;
        let secret = shown_once(&post("/api/v1/campaigns/1/identity", json!({})).await?)?;
        Ok(Self {
            gate,
            chat,
            agents,
            key,
            secret,
        })
    }

    /// `/desk`: whoever is signed in at the company is signed in at the console, and goes there.
    async fn desk(&self, cookie: &str) -> Page {
        let Some(staff) = STAFF.into_iter().find(|staff| staff.0 == cookie) else {
            return page(403, "Sign in at the company first.");
        };
        let session = self.gate.admit(&person(staff)).await?;
        let mut response = page(303, "")?;
        let console = format!("http://{}/console/", self.chat.address);
        response.headers_mut().insert("location", console.parse()?);
        response.headers_mut().insert("set-cookie", session);
        Ok(response)
    }

    /// `/shop`: the window, which says who a customer is in a way that nobody can forge.
    fn shop(&self, cookie: &str) -> Page {
        let mut identity = String::new();
        if let Some((_, id, name, email)) = CUSTOMERS.into_iter().find(|known| known.0 == cookie) {
            let end = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + 600;
            let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes())?;
            mac.update(format!("{end}\n{id}\n{name}\n{email}").as_bytes());
            let mac = mac.finalize().into_bytes();
            let signature: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
            identity = format!(
                r#"data-visitor="{id}" data-name="{name}" data-email="{email}" data-expires="{end}" data-signature="{signature}""#
            );
        }
        let widget = format!("http://{}/widget.js", self.chat.address);
        let script =
            format!(r#"<script src="{widget}" data-campaign="1" async {identity}></script>"#);
        page(200, &format!("<!doctype html><h1>Boots</h1>{script}"))
    }

    /// `/telephones/{extension}/{lifted}`: the telephone system says when somebody lifts, and when they hang up.
    async fn telephones(&self, extension: &str, lifted: bool) -> Page {
        let Some(agent) = self.agents.get(extension) else {
            return page(404, "Nobody has this extension.");
        };
        let path = format!("/api/v1/agents/{agent}");
        let fact = json!({"on_call": lifted});
        let ask = Ask::put(&path, &fact).with_key(&self.key);
        self.chat.call(ask).await?;
        page(200, "Thank you.")
    }
}

/// One of the staff, as the console shall know them.
fn person((_, extension, name, role): Staff) -> Person {
    Person {
        subject: extension.into(),
        login: name.to_lowercase().replace(' ', "."),
        name: name.into(),
        role,
    }
}

fn shown_once(answer: &Value) -> anyhow::Result<String> {
    Ok(answer["secret"].as_str().context("no secret")?.to_owned())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let webchat = serve::Webchat::start(folder.path(), "127.0.0.1:8080").await?;
    let company = Company::open(webchat.gate.clone(), webchat.site).await?;
    let listener = TcpListener::bind("127.0.0.1:8000").await?;
    let mut out = std::io::stdout();
    writeln!(out, "http://127.0.0.1:8000/enter/eva-is-in/desk")?;
    writeln!(out, "http://127.0.0.1:8000/enter/rosa-is-in/shop")?;
    let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
    serve::company(company, listener, stop).await;
    webchat.stop().await
}

#[cfg(test)]
mod tests;
