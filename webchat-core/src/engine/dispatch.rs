//! Giving waiting chats to agents: in the same step in which a chat and a slot meet.

use crate::campaign::Strategy;
use crate::command::Destination;
use crate::event::{Assignment, Author, Event, Message, OfferEnd, SystemCode};
use crate::id::{AgentId, CampaignId, ChatId};
use crate::outbox::Outbox;
use crate::queue::Place;
use crate::state::{CampaignState, Chat, Phase};
use crate::time::Timestamp;
use crate::wording::BuiltIn;

use super::Engine;
use crate::assignment::Ask;

/// An assignment that is possible now.
struct Match {
    campaign: CampaignId,
    weight: u8,
    place: Place,
    chat: ChatId,
    agent: AgentId,
    draw: Option<u64>,
    /// All others had been asked.
    new_round: bool,
}

/// What a chat asks of its agent.
pub(super) struct Wish<'a> {
    pub(super) skills: &'a [std::sync::Arc<str>],
    /// Agents asked before in this round.
    pub(super) asked: &'a [AgentId],
    /// The chat, whose own agents do not count.
    pub(super) chat: Option<&'a Chat>,
}

impl<'a> Wish<'a> {
    pub(super) fn of_newcomer(skills: &'a [std::sync::Arc<str>]) -> Self {
        Self {
            skills,
            asked: &[],
            chat: None,
        }
    }

    pub(super) fn of(chat: &'a Chat) -> Self {
        Self {
            skills: &chat.skills,
            asked: &chat.asked,
            chat: Some(chat),
        }
    }
}

/// Who gets the chat.
pub(super) struct Pick {
    pub(super) agent: AgentId,
    draw: Option<u64>,
    pub(super) new_round: bool,
}

impl Engine {
    /// Assigns or offers until no waiting chat and eligible agent suit each other.
    pub(super) fn dispatch(&mut self, at: Timestamp, outbox: &mut Outbox) {
        while let Some(found) = self.next_match(at) {
            let Some(campaign) = self.state.campaign(found.campaign) else {
                return;
            };
            let Strategy { offer_timeout, .. } = campaign.settings.strategy;
            match offer_timeout {
                Some(limit) => {
                    let event = Event::ChatOffered {
                        chat: found.chat,
                        agent: found.agent,
                        lapses_at: at.after(limit),
                        new_round: found.new_round,
                        draw: found.draw,
                    };
                    self.emit(at, event, outbox);
                }
                None => {
                    let how = match self.state.chat(found.chat).and_then(Chat::owner) {
                        Some(_) => Assignment::Transferred,
                        None => Assignment::Direct,
                    };
                    self.assign(
                        at,
                        found.chat,
                        found.campaign,
                        found.agent,
                        how,
                        None,
                        found.draw,
                        outbox,
                    );
                }
            }
        }
    }

    /// Whether a newcomer would be given to an agent at once.
    pub(super) fn would_dispatch(
        &self,
        at: Timestamp,
        campaign: &CampaignState,
        wish: &Wish<'_>,
    ) -> bool {
        self.pick(at, campaign, wish).is_some()
    }

    /// Makes `agent` the owner, with the texts that belong to it.
    #[allow(clippy::too_many_arguments)] // the parts of one event
    pub(super) fn assign(
        &mut self,
        at: Timestamp,
        id: ChatId,
        campaign: CampaignId,
        agent: AgentId,
        how: Assignment,
        by: Option<AgentId>,
        draw: Option<u64>,
        outbox: &mut Outbox,
    ) {
        let Some(chat) = self.state.chat(id) else {
            return;
        };
        let (answered, language) = (chat.answered, chat.language);
        // An agent who accepts holds the slot already; anyone else must have one free.
        let holds_slot = chat.has(agent) || chat.asked().is_some_and(|asked| asked.agent == agent);
        let over_cap = !holds_slot
            && self
                .state
                .campaign(campaign)
                .zip(self.state.agent(agent))
                .is_some_and(|(campaign, agent)| self.state.at_cap(campaign, agent).is_some());
        let day_ends = self.day_ends(campaign, at);
        let event = Event::ChatAssigned {
            chat: id,
            campaign,
            agent,
            how,
            over_cap,
            day_ends,
            draw,
            by,
        };
        self.emit(at, event, outbox);
        let Some(settings) = self
            .state
            .campaign(campaign)
            .map(|campaign| campaign.settings.clone())
        else {
            return;
        };
        if answered {
            self.say(
                at,
                id,
                SystemCode::Transferred,
                BuiltIn::Transferred,
                Some(agent),
                outbox,
            );
        } else if let Some(text) = settings
            .wording
            .optional(&settings.wording.automatic, language)
        {
            let author = Author::Agent {
                agent,
                shown_as: self.shown_name(campaign, agent, language),
            };
            let message = Message {
                number: 0,
                at,
                author,
                text,
                file: None,
                key: None,
                automatic: true,
            };
            self.post(at, id, message, outbox);
        }
    }

    /// The best assignment possible now: by campaign weight, then dispatch order.
    fn next_match(&mut self, at: Timestamp) -> Option<Match> {
        let mut best: Option<Match> = None;
        let rank = |found: &Match| (std::cmp::Reverse(found.weight), found.place);
        let mut dirty = std::mem::take(&mut self.state.index.dirty);
        dirty.retain(|id| {
            let campaign = self.state.campaign(id);
            let found = campaign.and_then(|campaign| self.match_in(at, campaign));
            let possible = found.is_some();
            if let Some(found) = found
                && best.as_ref().is_none_or(|best| rank(&found) < rank(best))
            {
                best = Some(found);
            }
            possible
        });
        self.state.index.dirty = dirty;
        best
    }

    fn match_in(&self, at: Timestamp, campaign: &CampaignState) -> Option<Match> {
        if campaign.ready.is_empty() || campaign.closing.is_some() {
            return None;
        }
        // Chats that ask for the same as one that found nobody find nobody either.
        let mut in_vain: Vec<&[std::sync::Arc<str>]> = Vec::new();
        for id in campaign.waiting.iter() {
            let Some(chat) = self.state.chat(id).filter(|chat| chat.is_dispatchable()) else {
                continue;
            };
            let own = matches!(chat.phase, Phase::Waiting);
            if own && in_vain.contains(&&*chat.skills) {
                continue;
            }
            if let Some(Pick {
                agent,
                draw,
                new_round,
            }) = self.pick(at, campaign, &Wish::of(chat))
            {
                let weight = campaign.settings.weight;
                return Some(Match {
                    campaign: campaign.id,
                    weight,
                    place: chat.place(),
                    chat: id,
                    agent,
                    draw,
                    new_round,
                });
            }
            if own {
                if chat.skills.is_empty() {
                    break;
                }
                in_vain.push(&chat.skills);
            }
        }
        None
    }

    /// The agent the delivery order picks for a chat among those not asked yet. When all were asked, a
    /// new round begins with anyone but the one asked last, unless nobody else is there.
    pub(super) fn pick(
        &self,
        at: Timestamp,
        campaign: &CampaignState,
        wish: &Wish<'_>,
    ) -> Option<Pick> {
        let member = |place: u32| campaign.members.get(place as usize);
        let suits = |place: u32| {
            member(place).is_some_and(|member| {
                let takes_part = wish.chat.is_some_and(|chat| chat.has(member.member.agent));
                !takes_part
                    && wish
                        .skills
                        .iter()
                        .all(|skill| member.member.skills.contains(skill))
            })
        };
        let fresh = |place: u32| {
            suits(place)
                && member(place).is_some_and(|member| !wish.asked.contains(&member.member.agent))
        };
        let penalty = |place: u32| member(place).map_or(0, |member| member.member.penalty);
        let ask = |suits| Ask {
            order: campaign.settings.strategy.order,
            cursor: campaign
                .cursor
                .and_then(|agent| self.state.seat(campaign.id, agent)),
            random: campaign.random,
            new_day: at >= campaign.day_ends,
            penalty: &penalty,
            suits,
        };
        let (choice, new_round) = match campaign.ready.choose(&ask(&fresh)) {
            Some(choice) => (choice, false),
            None if wish.asked.is_empty() => return None,
            None => {
                let last = wish.asked.last();
                let rested = |place: u32| {
                    suits(place) && member(place).map(|member| &member.member.agent) != last
                };
                let choice = campaign.ready.choose(&ask(&rested));
                (
                    choice.or_else(|| campaign.ready.choose(&ask(&suits)))?,
                    true,
                )
            }
        };
        let agent = member(choice.place)?.member.agent;
        Some(Pick {
            agent,
            draw: choice.draw,
            new_round,
        })
    }

    /// Ends a transfer that is under way; the chat stays with its owner.
    pub(super) fn end_transfer(
        &mut self,
        at: Timestamp,
        chat: ChatId,
        why: OfferEnd,
        outbox: &mut Outbox,
    ) {
        let Some(Phase::Transferring { lapses_at, .. }) =
            self.state.chat(chat).map(|chat| chat.phase)
        else {
            return;
        };
        let due = lapses_at.filter(|_| why == OfferEnd::Lapsed);
        self.emit(at, Event::TransferEnded { chat, why, due }, outbox);
    }

    /// The agent who may accept does not: an offer goes on to the next agent, a transfer to one agent ends.
    pub(super) fn end_ask(
        &mut self,
        at: Timestamp,
        id: ChatId,
        why: OfferEnd,
        outbox: &mut Outbox,
    ) {
        let Some(chat) = self.state.chat(id) else {
            return;
        };
        let Some(asked) = chat.asked() else { return };
        let queue = chat.queue();
        match chat.phase {
            Phase::Transferring {
                to: Destination::Agent(_),
                ..
            } => self.end_transfer(at, id, why, outbox),
            _ => self.emit(
                at,
                Event::OfferEnded {
                    chat: id,
                    agent: asked.agent,
                    why,
                    due: Some(asked.lapses_at).filter(|_| why == OfferEnd::Lapsed),
                },
                outbox,
            ),
        }
        if why == OfferEnd::Lapsed
            && let Some(campaign) = queue
        {
            self.pause_who_lapses(at, campaign, asked.agent, outbox);
        }
    }

    /// Pauses an agent who let as many offers in a row lapse as the campaign of the last one allows.
    fn pause_who_lapses(
        &mut self,
        at: Timestamp,
        campaign: CampaignId,
        agent: AgentId,
        outbox: &mut Outbox,
    ) {
        let (Some(campaign), Some(state)) =
            (self.state.campaign(campaign), self.state.agent(agent))
        else {
            return;
        };
        let limit = campaign.settings.strategy.pause_after_lapses;
        let reached = limit.is_some_and(|limit| state.lapses >= limit.get());
        if reached && state.paused.is_none() {
            self.emit(
                at,
                Event::AgentPaused {
                    agent,
                    reason: "lapsed_offers".into(),
                    by: None,
                },
                outbox,
            );
        }
    }
}
