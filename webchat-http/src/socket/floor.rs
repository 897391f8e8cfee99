//! Keeps supervisors' screens up to date: reads the floor when something happened, at most twice a second, and
//! pushes only what is no longer as it was.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use webchat_core::event::Alarm;
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::time::Timestamp;
use webchat_runtime::accounts::AccountId;
use webchat_runtime::read_model::Slice;

use super::Line;
use super::frame;
use super::hub::Hub;
use super::push::{Delivery, Push};
use crate::app::App;
use crate::floor::{self, AgentRow, Card, ChatRow, Floor};
use crate::limits;
use crate::refused::Refused;

/// A supervisor's socket, as the hub knows it.
pub(crate) struct Watcher {
    /// The agent the supervisor is; `None` for an administrator who is none.
    pub(crate) agent: Option<AgentId>,
    pub(crate) session: u64,
    pub(crate) account: AccountId,
    pub(crate) line: Arc<Line>,
    /// Has not seen the whole floor yet.
    pub(crate) fresh: bool,
}

/// Tells the task below that something happened.
#[derive(Default)]
pub(crate) struct Bell {
    rung: Notify,
    /// Sockets that want to hear of it.
    listeners: AtomicUsize,
}

impl Bell {
    /// Something happened; costs next to nothing while nobody looks.
    pub(super) fn ring(&self) {
        if self.listeners.load(Ordering::Relaxed) > 0 {
            self.rung.notify_one();
        }
    }

    pub(super) fn listeners(&self, count: usize) {
        self.listeners.store(count, Ordering::Relaxed);
        self.rung.notify_one();
    }
}

/// Shows the floor until `stop`.
pub(crate) async fn run(app: App, stop: CancellationToken) {
    let hub = app.hub().clone();
    let mut screen = Screen::default();
    loop {
        let looked = Instant::now();
        if hub.has_watchers() {
            if let Err(refused) = screen.show(&app).await {
                tracing::debug!(code = refused.code(), "the floor cannot be shown now");
            }
        } else {
            screen = Screen::default();
        }
        // Refusals and time itself change the floor without a word to anybody.
        let again = async {
            let rung = hub.bell.rung.notified();
            if hub.has_watchers() {
                let _ = tokio::time::timeout(limits::FLOOR_LOOK, rung).await;
            } else {
                rung.await;
            }
            tokio::time::sleep_until(looked + limits::FLOOR_TIME).await;
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = again => {}
        }
    }
}

/// What the screens show, and what was counted in time.
#[derive(Default)]
struct Screen {
    floor: Floor,
    slices: BTreeMap<(Timestamp, CampaignId), Slice>,
}

impl Screen {
    async fn show(&mut self, app: &App) -> Result<(), Refused> {
        let mut floor = app
            .query(|engine, now| floor::floor(engine.view(), now))
            .await?;
        self.count(app, &mut floor).await?;
        let change = Change::between(&self.floor, &floor);
        let pushes = change.pushes(false);
        app.hub().push_floor(&pushes, || {
            Change::between(&Floor::default(), &floor).pushes(true)
        });
        self.floor = floor;
        Ok(())
    }

    /// Reads the slices that are new or may have grown: only the last ones do.
    async fn count(&mut self, app: &App, floor: &mut Floor) -> Result<(), Refused> {
        app.parts.handle.caught_up().await?;
        let wanted = floor.counts_from();
        let known = self.slices.first_key_value().map(|((from, _), _)| *from);
        let from = match self.slices.last_key_value() {
            Some(((last, _), _)) if known.is_some_and(|known| known <= wanted) => *last,
            _ => wanted,
        };
        let read = app.parts.read_model.slices(app.parts.tenant, from).await?;
        for slice in read {
            self.slices.insert((slice.from, slice.campaign), slice);
        }
        floor.count(self.slices.values());
        self.slices.retain(|(from, _), _| *from >= wanted);
        Ok(())
    }
}

/// What is new, changed or gone.
#[derive(Default)]
struct Change<'a> {
    now: Timestamp,
    live: usize,
    campaigns: Vec<&'a Card>,
    campaigns_gone: Vec<CampaignId>,
    agents: Vec<&'a AgentRow>,
    agents_gone: Vec<AgentId>,
    chats: Vec<&'a ChatRow>,
    chats_gone: Vec<ChatId>,
}

/// A part of a change, as it is pushed.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(tag = "push", rename = "floor")]
pub(crate) struct Part<'a> {
    now: Timestamp,
    /// All that was known before is void.
    first: bool,
    /// More of the same change follows.
    more: bool,
    live: usize,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    campaigns: &'a [&'a Card],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    campaigns_gone: &'a [CampaignId],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    agents: &'a [&'a AgentRow],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    agents_gone: &'a [AgentId],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    chats: &'a [&'a ChatRow],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    chats_gone: &'a [ChatId],
}

impl<'a> Change<'a> {
    fn between(before: &Floor, after: &'a Floor) -> Self {
        let (campaigns, campaigns_gone) = difference(&before.campaigns, &after.campaigns);
        let (agents, agents_gone) = difference(&before.agents, &after.agents);
        let (chats, chats_gone) = difference(&before.chats, &after.chats);
        Self {
            now: after.now,
            live: after.live,
            campaigns,
            campaigns_gone,
            agents,
            agents_gone,
            chats,
            chats_gone,
        }
    }

    fn is_empty(&self) -> bool {
        self.campaigns.is_empty()
            && self.campaigns_gone.is_empty()
            && self.agents.is_empty()
            && self.agents_gone.is_empty()
            && self.chats.is_empty()
            && self.chats_gone.is_empty()
    }

    /// In parts of at most [`limits::FLOOR_PART`] chats; none if nothing changed.
    fn pushes(&self, whole: bool) -> Vec<Push> {
        if self.is_empty() && !whole {
            return Vec::new();
        }
        let count = self.chats.len().div_ceil(limits::FLOOR_PART).max(1);
        let mut chunks = self.chats.chunks(limits::FLOOR_PART);
        (0..count)
            .map(|number| {
                let first = number == 0;
                let mut part = Part {
                    now: self.now,
                    first: whole && first,
                    more: number + 1 < count,
                    live: self.live,
                    campaigns: &[],
                    campaigns_gone: &[],
                    agents: &[],
                    agents_gone: &[],
                    chats: chunks.next().unwrap_or_default(),
                    chats_gone: &[],
                };
                if first {
                    part.campaigns = &self.campaigns;
                    part.campaigns_gone = &self.campaigns_gone;
                    part.agents = &self.agents;
                    part.agents_gone = &self.agents_gone;
                    part.chats_gone = &self.chats_gone;
                }
                frame::text(&part).into()
            })
            .collect()
    }
}

fn difference<'a, K: Ord + Copy, V: PartialEq>(
    before: &BTreeMap<K, V>,
    after: &'a BTreeMap<K, V>,
) -> (Vec<&'a V>, Vec<K>) {
    let changed = after
        .iter()
        .filter(|(key, value)| before.get(key) != Some(value))
        .map(|(_, value)| value);
    let gone = before.keys().filter(|key| !after.contains_key(key));
    (changed.collect(), gone.copied().collect())
}

/// An alarm, told at once.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(tag = "push", rename = "alarm")]
pub(crate) struct Alarmed {
    pub(super) campaign: CampaignId,
    pub(super) alarm: &'static str,
    pub(super) chat: Option<ChatId>,
    pub(super) raised: bool,
}

impl Alarmed {
    pub(super) fn new(campaign: CampaignId, alarm: Alarm, raised: bool) -> Self {
        let (alarm, chat) = match alarm {
            Alarm::ServiceLevel => ("service_level", None),
            Alarm::TimeChat(chat) => ("time_chat", Some(chat)),
            Alarm::Acd => ("acd", None),
        };
        Self {
            campaign,
            alarm,
            chat,
            raised,
        }
    }
}

impl Hub {
    /// Pushes a change to those who know what was before, and the whole to those who know nothing yet.
    fn push_floor(&self, change: &[Push], whole: impl FnOnce() -> Vec<Push>) {
        let fresh = self.has_fresh_watchers();
        let whole = fresh.then(whole).unwrap_or_default();
        self.each_watcher(|watcher| {
            // One that came after the question above waits for the next round.
            let pushes = match (watcher.fresh, fresh) {
                (false, _) => change,
                (true, true) => &whole,
                (true, false) => return,
            };
            watcher.fresh = false;
            for push in pushes {
                watcher.line.push(Delivery::Push(push.clone()));
            }
        });
    }
}
