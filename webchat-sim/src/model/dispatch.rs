//! Giving waiting chats to agents, and taking back what was asked of them.

use webchat_core::campaign::Order;
use webchat_core::command::Destination;
use webchat_core::event::{Assignment, Author, Event, OfferEnd, SystemCode};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::wording::BuiltIn;

use super::{Model, rules, wording};
use crate::picture::ChatPicture;
use crate::violation::Verdict;

impl Model<'_> {
    /// The most urgent chat goes to the agent whose turn it is, until no chat and agent suit each other.
    pub(super) fn dispatch(&mut self) -> Verdict {
        while let Some((campaign, chat, pick)) = rules::most_urgent(self.picture, self.now) {
            let strategy = &self.picture.campaigns[&campaign].settings.strategy;
            let limit = strategy.offer_timeout;
            let random = matches!(strategy.order, Order::Random | Order::WRandom);
            let (agent, draw) = self.chosen(&pick, random);
            let owner = self.picture.chats[&chat].owner();
            match limit {
                Some(limit) => {
                    let lapses_at = self.now.after(limit);
                    self.emit(Event::ChatOffered {
                        chat,
                        agent,
                        lapses_at,
                        new_round: pick.new_round,
                        draw,
                    })?;
                }
                None if owner.is_some() => {
                    self.assign(chat, campaign, agent, Assignment::Transferred, None, draw)?;
                }
                None => self.assign(chat, campaign, agent, Assignment::Direct, None, draw)?,
            }
        }
        Ok(())
    }

    /// The one whose turn it is; where a draw decides, the one the engine drew if that was possible.
    fn chosen(&self, pick: &rules::Pick, random: bool) -> (AgentId, Option<u64>) {
        let first = pick.agents[0];
        let told = match self.peek() {
            Some(
                Event::ChatOffered { agent, draw, .. } | Event::ChatAssigned { agent, draw, .. },
            ) => Some((*agent, *draw)),
            _ => None,
        };
        match told {
            Some((agent, Some(draw))) if random && pick.agents.contains(&agent) => {
                (agent, Some(draw))
            }
            _ => (first, None),
        }
    }

    /// Makes `agent` the owner, with the texts that belong to it.
    pub(super) fn assign(
        &mut self,
        id: ChatId,
        campaign: CampaignId,
        agent: AgentId,
        how: Assignment,
        by: Option<AgentId>,
        draw: Option<u64>,
    ) -> Verdict {
        let (Some(chat), Some(state)) = (
            self.picture.chats.get(&id),
            self.picture.campaigns.get(&campaign),
        ) else {
            return Ok(());
        };
        let (answered, language) = (chat.answered, chat.language);
        let over_cap =
            !holds_slot(chat, agent) && rules::reached_cap(self.picture, campaign, agent).is_some();
        let calendar = self.calendars.of(campaign, &state.settings.schedule);
        let day_ends = calendar.next_midnight(self.now);
        self.emit(Event::ChatAssigned {
            chat: id,
            campaign,
            agent,
            how,
            over_cap,
            day_ends,
            draw,
            by,
        })?;
        if answered {
            let code = SystemCode::Transferred;
            return self.say(id, code, BuiltIn::Transferred, Some(agent));
        }
        let settings = &self.picture.campaigns[&campaign].settings;
        let Some(text) = wording::text_of(&settings.wording.automatic, settings, language) else {
            return Ok(());
        };
        let shown_as = self.shown_name(campaign, agent, language);
        self.post(id, Author::Agent { agent, shown_as }, text, None, true)?;
        Ok(())
    }

    /// Ends a transfer under way; the chat stays with its owner.
    pub(super) fn end_transfer(&mut self, chat: ChatId, why: OfferEnd) -> Verdict {
        let state = self.picture.chats.get(&chat);
        let Some((_, lapses_at)) = state.and_then(|chat| chat.transfer) else {
            return Ok(());
        };
        let due = lapses_at.filter(|_| why == OfferEnd::Lapsed);
        self.emit(Event::TransferEnded { chat, why, due })
    }

    /// The agent who may accept does not: an offer goes on to the next agent, a transfer to one agent ends.
    pub(super) fn end_ask(&mut self, id: ChatId, why: OfferEnd) -> Verdict {
        let Some(chat) = self.picture.chats.get(&id) else {
            return Ok(());
        };
        let queue = chat.queue();
        if let Some((Destination::Agent(_), _)) = chat.transfer {
            return self.end_transfer(id, why);
        }
        let Some((agent, lapses_at)) = chat.offer else {
            return Ok(());
        };
        let due = Some(lapses_at).filter(|_| why == OfferEnd::Lapsed);
        self.emit(Event::OfferEnded {
            chat: id,
            agent,
            why,
            due,
        })?;
        let limit = queue
            .and_then(|queue| self.picture.campaigns.get(&queue))
            .and_then(|campaign| campaign.settings.strategy.pause_after_lapses);
        let Some(state) = self.picture.agents.get(&agent) else {
            return Ok(());
        };
        let too_often = limit.is_some_and(|limit| state.lapses >= limit.get());
        if why == OfferEnd::Lapsed && too_often && state.paused.is_none() {
            let reason = "lapsed_offers".into();
            return self.emit(Event::AgentPaused {
                agent,
                reason,
                by: None,
            });
        }
        Ok(())
    }
}

/// The agent has a slot for the chat already.
fn holds_slot(chat: &ChatPicture, agent: AgentId) -> bool {
    chat.agents.contains(&agent) || chat.asked() == Some(agent)
}
