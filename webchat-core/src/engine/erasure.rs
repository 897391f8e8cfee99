//! Erasing what was recorded: because somebody asks, or because it has been kept long enough.

use crate::effect::Receipt;
use crate::event::Event;
use crate::field;
use crate::id::{CampaignId, ChatId, VisitorKey};
use crate::limits;
use crate::outbox::Outbox;
use crate::problem::Problem;
use crate::rejection::Rejection;
use crate::time::Timestamp;

use super::Engine;

impl Engine {
    pub(super) fn erase(
        &mut self,
        at: Timestamp,
        chats: Vec<ChatId>,
        visitor: Option<VisitorKey>,
        by: &str,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let by = field::text(by, limits::NAME_CHARS).map_err(|problem| {
            Rejection::InvalidField(Problem {
                field: "by".into(),
                ..problem
            })
        })?;
        if chats.len() > limits::ERASED_CHATS {
            return Err(Rejection::Limit {
                what: "chats erased at once",
                max: limits::ERASED_CHATS as u64,
            });
        }
        if chats.is_empty() && visitor.is_none() {
            let problem = Problem::new("chats", "empty", "chats or a visitor");
            return Err(Rejection::InvalidField(problem));
        }
        if let Some(chat) = chats.iter().find(|chat| !self.state.ever_had(**chat)) {
            return Err(Rejection::UnknownChat(*chat));
        }
        let of_visitor = visitor.and_then(|visitor| {
            let mut campaigns = self.state.campaigns();
            campaigns.find_map(|campaign| self.state.chat_of(visitor, campaign.id))
        });
        let named = chats.iter().copied();
        let live = named
            .chain(of_visitor)
            .find(|chat| self.state.chat(*chat).is_some());
        if let Some(chat) = live {
            return Err(Rejection::ChatLive(chat));
        }
        let event = Event::RecordingsErased { chats, visitor, by };
        self.emit(at, event, outbox);
        Ok(Receipt::Done)
    }

    /// The daily erasure of what a campaign no longer keeps. One that was missed is made up for at once.
    pub(super) fn expire(
        &mut self,
        now: Timestamp,
        due: Timestamp,
        campaign: CampaignId,
        outbox: &mut Outbox,
    ) {
        const DAY: i64 = 86_400_000;
        let state = self.state.campaign(campaign);
        let Some(days) = state.and_then(|state| state.settings.retention_days) else {
            return;
        };
        let before = now.after_millis(-DAY * i64::from(days.get()));
        let event = Event::RecordingsExpired {
            campaign,
            before,
            due,
        };
        self.emit(now, event, outbox);
    }
}
