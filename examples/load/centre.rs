//! The contact centre a run works in: a campaign of its own, agents, and what the server says of them.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use webchat_examples::line::{Frame, Line};
use webchat_examples::site::{Ask, Pass, Site};

use crate::plan::address;

/// Users made and signed in at once; the server checks few passwords at a time.
const AT_ONCE: usize = 4;
/// Sign-ins from one address; the server slows down whoever tries more.
const SIGN_INS: u32 = 20;
/// Longest wait until the server's counts have caught up with its chats.
const SETTLE: Duration = Duration::from_secs(60);

/// What the run needs of the campaign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) cap: u32,
    /// Seconds.
    pub(crate) answer_within: u64,
    /// 0 for no limit.
    pub(crate) max_chats: u32,
    /// Seconds; 0 for none.
    pub(crate) time_out: u32,
}

/// A campaign of this run's own.
pub(crate) struct Centre {
    site: Site,
    admin: Pass,
    pub(crate) campaign: u64,
}

/// What the server has counted of the campaign since it was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Counted {
    pub(crate) offered: u64,
    pub(crate) answered: u64,
    pub(crate) answered_in_time: u64,
    /// Short abandons included.
    pub(crate) abandoned: u64,
    pub(crate) timed_out: u64,
    pub(crate) closed: u64,
    pub(crate) refused: u64,
    pub(crate) waiting: u64,
    /// Milliseconds from admission to the agent.
    pub(crate) mean_answer: Option<u64>,
}

impl Centre {
    /// Signs in and makes the campaign, named after the moment.
    pub(crate) async fn open(
        site: Site,
        login: &str,
        password: &str,
        rules: Rules,
    ) -> anyhow::Result<Self> {
        let admin = site.sign_in(login, password).await?;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
        let draft = json!({
            "name": format!("Load {}", now.as_millis()),
            "default_language": "en",
            "agent_cap": rules.cap,
            "answer_within": rules.answer_within,
            "max_chats": rules.max_chats,
            "time_out": rules.time_out,
        });
        let made = site
            .call(Ask::post("/api/v1/campaigns", &draft).by(&admin))
            .await?;
        let campaign = made["campaign"]
            .as_u64()
            .context("the campaign has no number")?;
        Ok(Self {
            site,
            admin,
            campaign,
        })
    }

    /// Signs in agents, made where they are missing, and has no others in the campaign.
    pub(crate) async fn staff(
        &self,
        agents: u32,
        password: &str,
    ) -> anyhow::Result<Vec<(Site, Pass)>> {
        let users = self
            .site
            .call(Ask::get("/api/v1/users").by(&self.admin))
            .await?;
        let known = |login: &str| {
            let mut users = users.as_array().into_iter().flatten();
            users.any(|user| user["login"] == login)
        };
        let signed_in = stream::iter(1..=agents).map(|number| {
            let login = format!("load-{number}");
            let known = known(&login);
            async move {
                if !known {
                    let name = format!("Load {number}");
                    let user = json!({"login": login, "name": name, "role": "agent", "password": password});
                    self.site.call(Ask::post("/api/v1/users", &user).by(&self.admin)).await?;
                }
                // Far from the addresses of visitors.
                let from = self.site.seen_from(address(1_000_000 + number / SIGN_INS));
                anyhow::Ok((from, from.sign_in(&login, password).await?))
            }
        });
        let staff: Vec<(Site, Pass)> = signed_in.buffered(AT_ONCE).try_collect().await?;
        let member =
            |(_, pass): &(Site, Pass)| json!({"agent": pass.agent, "penalty": 0, "skills": []});
        let members: Value = staff.iter().map(member).collect();
        let path = format!("/api/v1/campaigns/{}/members", self.campaign);
        self.site
            .call(Ask::put(&path, &members).by(&self.admin))
            .await?;
        Ok(staff)
    }

    /// Chats waiting and chats with an agent, as `/metrics` says; `None` if it says nothing.
    pub(crate) async fn now(&self) -> Option<(i64, i64)> {
        let (_, figures) = self.site.exchange(Ask::get("/metrics")).await.ok()?;
        let value = |name: &str| {
            let line = format!("{name}{{campaign=\"{}\"}} ", self.campaign);
            let value = figures
                .lines()
                .find_map(|figure| figure.strip_prefix(&line))?;
            value.parse::<f64>().ok().map(|value| value as i64)
        };
        Some((
            value("webchat_chats_waiting")?,
            value("webchat_chats_active")?,
        ))
    }

    /// What the wallboard counts, once it has counted as many chats as there were, or counts no more.
    pub(crate) async fn counted(&self, offered: u64) -> anyhow::Result<Counted> {
        let origin = ("origin", format!("http://{}", self.site.address));
        let cookie = ("cookie", self.admin.cookie.clone());
        let mut line = Line::dial(self.site, "/api/v1/supervisor", &[origin, cookie]).await?;
        line.hello(json!({"do": "hello"})).await?;
        let until = Instant::now() + SETTLE;
        let mut known = None;
        loop {
            let rest = until.saturating_duration_since(Instant::now());
            let frame = match timeout(rest, line.frame()).await {
                Ok(frame) => frame?,
                Err(_) => return known.context("the wallboard does not show the campaign"),
            };
            let Frame::Push(push) = frame else { continue };
            let rows = push["campaigns"].as_array().into_iter().flatten();
            let Some(row) = rows
                .into_iter()
                .find(|row| row["campaign"] == self.campaign)
            else {
                continue;
            };
            let counted = Counted::of(&row["today"]);
            let ended = counted.answered + counted.abandoned + counted.timed_out + counted.closed;
            if counted.offered >= offered && ended >= counted.offered {
                line.close().await;
                return Ok(counted);
            }
            known = Some(counted);
        }
    }

    /// The messages of a chat as they are stored.
    pub(crate) async fn stored(&self, chat: &str) -> anyhow::Result<Vec<Value>> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let path = format!("/api/v1/recordings/{chat}/messages?after={}", all.len());
            let mut page = self.site.call(Ask::get(&path).by(&self.admin)).await?;
            match page["messages"].as_array_mut() {
                Some(messages) if !messages.is_empty() => all.append(messages),
                Some(_) => return Ok(all),
                None => bail!("no messages in {page}"),
            }
        }
    }

    /// Takes the campaign out of use; its recordings stay.
    pub(crate) async fn close(&self) -> anyhow::Result<()> {
        let off = json!({"enabled": false});
        self.site.set(&self.admin, self.campaign, &off).await
    }
}

impl Counted {
    fn of(today: &Value) -> Self {
        let count = |name: &str| today[name].as_u64().unwrap_or(0);
        let refused = today["refused"].as_object().into_iter().flatten();
        Self {
            offered: count("offered"),
            answered: count("answered"),
            answered_in_time: count("answered_in_time"),
            abandoned: count("abandoned") + count("short_abandoned"),
            timed_out: count("timed_out"),
            closed: count("closed"),
            refused: refused.filter_map(|(_, count)| count.as_u64()).sum(),
            waiting: count("waiting"),
            mean_answer: today["mean_answer"].as_u64(),
        }
    }
}

/// Where a server is, from `host:port` or an address such as `http://host:port/`.
pub(crate) async fn find(server: &str) -> anyhow::Result<Site> {
    let plain = server
        .strip_prefix("http://")
        .unwrap_or(server)
        .trim_end_matches('/');
    ensure!(
        !plain.contains("://"),
        "server is {server}, expected host:port or http://host:port"
    );
    let mut found = tokio::net::lookup_host(plain)
        .await
        .with_context(|| format!("no server at {server}"))?;
    Ok(Site::at(
        found
            .next()
            .with_context(|| format!("no server at {server}"))?,
    ))
}
