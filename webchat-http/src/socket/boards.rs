//! What is shown at leisure: waiting lists, positions, an agent's own state. Changes are collected
//! and pushed at most once per interval, the first one at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use webchat_core::id::{AgentId, CampaignId};
use webchat_runtime::{TenantHandle, Unavailable};

use super::hub::Hub;
use crate::desk::{self, CampaignCard, Me, WaitingList};
use crate::limits;

/// Something that is shown and may have changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Board {
    /// A campaign's waiting list, for its agents.
    Waiting(CampaignId),
    /// The positions of a campaign's waiting visitors.
    Positions(CampaignId),
    /// An agent's own state, for the agent.
    Agent(AgentId),
    /// An agent's campaigns, for the agent.
    Campaigns(AgentId),
}

impl Board {
    fn interval(self) -> Duration {
        match self {
            Self::Positions(_) => limits::POSITION_TIME,
            _ => limits::LIST_TIME,
        }
    }
}

/// The boards that changed, and when each may be shown again.
#[derive(Default)]
pub(crate) struct Boards {
    pages: Mutex<HashMap<Board, Page>>,
    posted: Notify,
}

struct Page {
    changed: bool,
    not_before: Instant,
}

impl Boards {
    /// Notes that a board changed.
    pub(super) fn post(&self, board: Board) {
        let mut pages = self.lock();
        let page = pages.entry(board).or_insert_with(|| Page {
            changed: false,
            not_before: Instant::now(),
        });
        if !page.changed {
            page.changed = true;
            drop(pages);
            self.posted.notify_one();
        }
    }

    /// The boards to be shown now, and when to look again; `None` if nothing is pending.
    fn due(&self, now: Instant) -> (Vec<Board>, Option<Instant>) {
        let mut pages = self.lock();
        pages.retain(|_, page| page.changed || page.not_before > now);
        let mut due = Vec::new();
        for (board, page) in pages.iter_mut() {
            if page.changed && page.not_before <= now {
                page.changed = false;
                page.not_before = now + board.interval();
                due.push(*board);
            }
        }
        let pending = pages.values().filter(|page| page.changed);
        (due, pending.map(|page| page.not_before).min())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Board, Page>> {
        // Pages are changed field by field, and no field can be left half written.
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows boards until `stop`.
pub(crate) async fn run(hub: Arc<Hub>, tenant: TenantHandle, stop: CancellationToken) {
    loop {
        let (due, again) = hub.boards.due(Instant::now());
        for board in due {
            if let Err(unavailable) = show(&hub, &tenant, board).await {
                tracing::debug!(?board, %unavailable, "cannot be shown now");
            }
        }
        let pause = async {
            match again {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = hub.boards.posted.notified() => {}
            () = pause => {}
        }
    }
}

/// A push whose only news is one field.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(tag = "push", rename_all = "snake_case")]
pub(crate) enum Shown {
    Waiting(WaitingList),
    Me { me: Me },
    Campaigns { campaigns: Vec<CampaignCard> },
}

async fn show(hub: &Hub, tenant: &TenantHandle, board: Board) -> Result<(), Unavailable> {
    match board {
        Board::Waiting(campaign) => {
            if !hub.has_agents() {
                return Ok(());
            }
            let asked = tenant.query(move |engine, _| {
                let view = engine.view();
                let members: Vec<AgentId> =
                    view.members(campaign).map(|member| member.agent).collect();
                (desk::waiting_list(view, campaign), members)
            });
            let (list, members) = asked.await?;
            hub.push_to_agents(members, &Shown::Waiting(list));
        }
        Board::Positions(campaign) => {
            for chats in hub.waiting_here(campaign).chunks(limits::POSITIONS) {
                let chats = chats.to_vec();
                let asked = tenant.query(move |engine, _| {
                    let view = engine.view();
                    chats
                        .into_iter()
                        .filter_map(|chat| view.visitor_chat(chat))
                        .collect()
                });
                hub.show_positions(asked.await?);
            }
        }
        Board::Agent(agent) => {
            let asked = tenant.query(move |engine, _| desk::me(engine.view(), agent));
            if let Some(me) = asked.await? {
                hub.push_to_agents([agent], &Shown::Me { me });
            }
        }
        Board::Campaigns(agent) => {
            let asked = tenant.query(move |engine, _| desk::campaigns(engine.view(), agent));
            let campaigns = asked.await?;
            hub.push_campaigns(agent, &Shown::Campaigns { campaigns });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_is_shown_at_once_and_then_once_per_interval_with_nothing_lost() {
        let boards = Boards::default();
        let board = Board::Waiting(CampaignId(1));
        boards.post(board);
        let start = Instant::now() + Duration::from_millis(1);
        assert_eq!(boards.due(start), (vec![board], None));

        boards.post(board);
        boards.post(board);
        let again = start + limits::LIST_TIME;
        assert_eq!(boards.due(start), (vec![], Some(again)));
        assert_eq!(boards.due(again), (vec![board], None));
        assert_eq!(boards.due(again), (vec![], None));
        assert_eq!(boards.due(again + limits::LIST_TIME), (vec![], None));
        assert!(boards.lock().is_empty(), "boards at rest are forgotten");
    }
}
