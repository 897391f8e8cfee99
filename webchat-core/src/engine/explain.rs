//! Answers to "why": the same rules that decide, asked without deciding.

use crate::campaign::Order;
use crate::command::Destination;
use crate::event::{Assignment, Event, Recorded, RefusalReason};
use crate::explain::{Admission, Candidate, Candidates, Explanation, Outcome, Question, Waiting};
use crate::id::{AgentId, CampaignId, ChatId};
use crate::limits;
use crate::rejection::WhyNot;
use crate::state::{AgentState, CampaignState, Chat, MemberState, Phase};
use crate::time::Timestamp;

use super::Engine;
use super::dispatch::Wish;

impl Engine {
    /// Explains the state as it is; `None` for a campaign or live chat that is not known.
    ///
    /// Work grows with the campaign's members; the answer is bounded.
    pub fn explain(&self, question: &Question) -> Option<Explanation> {
        let at = self.clock;
        match question {
            Question::Newcomer { campaign, skills } => {
                let campaign = self.state.campaign(*campaign)?;
                let wish = Wish::of_newcomer(skills);
                let admission = admission(campaign);
                let decided = match campaign.settings.turned_away(campaign.open) {
                    Some(reason) => Err(reason),
                    None => self.find_room(at, campaign, &wish),
                };
                let outcome = match decided {
                    Ok(at_once) => Outcome::Admitted { at_once, admission },
                    Err(reason) => Outcome::Refused { reason, admission },
                };
                Some(self.explanation(at, campaign, None, outcome, Some(&wish)))
            }
            Question::Chat(chat) => {
                let chat = self.state.chat(*chat)?;
                let campaign = self.state.campaign(chat.queue().unwrap_or(chat.campaign))?;
                let wish = Wish::of(chat);
                let candidates = (!matches!(chat.phase, Phase::Active)).then_some(&wish);
                let outcome = self.standing(at, campaign, chat, &wish);
                Some(self.explanation(at, campaign, Some(chat.id), outcome, candidates))
            }
        }
    }

    /// Why a chat would or would not go to an agent now; `None` when the chat is not live or the agent not known.
    pub fn explain_agent(&self, chat: ChatId, agent: AgentId) -> Option<Candidate> {
        let chat = self.state.chat(chat)?;
        let campaign = self.state.campaign(chat.queue().unwrap_or(chat.campaign))?;
        let agent = self.state.agent(agent)?;
        let wish = Wish::of(chat);
        let ranked = self.ranked(self.clock, campaign, &wish);
        let mut candidate = self.candidate(campaign, agent, &wish, ranked.new_round);
        candidate.rank = ranked.rank_of(agent.id);
        Some(candidate)
    }

    /// Explains the decision an event records, for an engine that stands just before it; `None` when it
    /// records no decision about a chat.
    pub fn explain_event(&self, recorded: &Recorded) -> Option<Explanation> {
        let at = recorded.at;
        match &recorded.event {
            Event::ChatRefused {
                campaign,
                reason,
                skills,
                ..
            } => {
                let campaign = self.state.campaign(*campaign)?;
                let outcome = Outcome::Refused {
                    reason: *reason,
                    admission: admission(campaign),
                };
                let looked = matches!(reason, RefusalReason::NoAgents | RefusalReason::QueueFull);
                let wish = Wish::of_newcomer(skills);
                Some(self.explanation(at, campaign, None, outcome, looked.then_some(&wish)))
            }
            Event::ChatQueued {
                chat,
                campaign,
                skills,
                ..
            } => {
                let campaign = self.state.campaign(*campaign)?;
                let wish = Wish::of_newcomer(skills);
                let outcome = Outcome::Admitted {
                    at_once: self.would_dispatch(at, campaign, &wish),
                    admission: admission(campaign),
                };
                Some(self.explanation(at, campaign, Some(*chat), outcome, Some(&wish)))
            }
            Event::ChatOffered {
                chat,
                agent,
                lapses_at,
                ..
            } => {
                let outcome = Outcome::Offered {
                    agent: *agent,
                    lapses_at: *lapses_at,
                };
                self.explain_step(at, *chat, None, outcome, true)
            }
            Event::OfferEnded {
                chat, agent, why, ..
            } => {
                let outcome = Outcome::OfferEnded {
                    agent: *agent,
                    why: *why,
                };
                self.explain_step(at, *chat, None, outcome, false)
            }
            Event::ChatAssigned {
                chat,
                campaign,
                agent,
                how,
                over_cap,
                ..
            } => {
                let outcome = Outcome::Assigned {
                    agent: *agent,
                    how: *how,
                    over_cap: *over_cap,
                };
                // A chat transferred to a campaign that asks nobody is given away by the order too.
                let by_order = match how {
                    Assignment::Direct => true,
                    Assignment::Transferred => self.state.chat(*chat).is_some_and(|chat| {
                        matches!(
                            chat.phase,
                            Phase::Transferring {
                                to: Destination::Campaign(_),
                                asked: None,
                                ..
                            }
                        )
                    }),
                    _ => false,
                };
                self.explain_step(at, *chat, Some(*campaign), outcome, by_order)
            }
            Event::ChatMoved { chat, to, by, .. } => {
                let outcome = Outcome::Moved { to: *to, by: *by };
                self.explain_step(at, *chat, None, outcome, false)
            }
            Event::ChatReturned { chat, why } => {
                self.explain_step(at, *chat, None, Outcome::Returned { why: *why }, false)
            }
            Event::ChatClosed {
                chat,
                reason,
                due,
                by,
                ..
            } => {
                let outcome = Outcome::Closed {
                    reason: *reason,
                    due: *due,
                    by: *by,
                };
                self.explain_step(at, *chat, None, outcome, false)
            }
            _ => None,
        }
    }

    fn explain_step(
        &self,
        at: Timestamp,
        chat: ChatId,
        campaign: Option<CampaignId>,
        outcome: Outcome,
        by_order: bool,
    ) -> Option<Explanation> {
        let chat = self.state.chat(chat)?;
        let campaign = campaign.or(chat.queue()).unwrap_or(chat.campaign);
        let campaign = self.state.campaign(campaign)?;
        let wish = Wish::of(chat);
        Some(self.explanation(
            at,
            campaign,
            Some(chat.id),
            outcome,
            by_order.then_some(&wish),
        ))
    }

    /// `wish` is given where agents are looked for.
    fn explanation(
        &self,
        at: Timestamp,
        campaign: &CampaignState,
        chat: Option<ChatId>,
        outcome: Outcome,
        wish: Option<&Wish<'_>>,
    ) -> Explanation {
        Explanation {
            at,
            campaign: campaign.id,
            chat,
            outcome,
            strategy: campaign.settings.strategy.clone(),
            candidates: wish.map(|wish| self.candidates(at, campaign, wish)),
        }
    }

    /// Where a live chat stands.
    fn standing(
        &self,
        at: Timestamp,
        campaign: &CampaignState,
        chat: &Chat,
        wish: &Wish<'_>,
    ) -> Outcome {
        match (chat.phase, chat.owner()) {
            (Phase::Offered(asked), _) => Outcome::Offered {
                agent: asked.agent,
                lapses_at: asked.lapses_at,
            },
            (Phase::Active, Some(agent)) => Outcome::WithAgent {
                agent,
                since: chat.since,
                to: None,
            },
            (Phase::Transferring { to, .. }, Some(agent)) => Outcome::WithAgent {
                agent,
                since: chat.since,
                to: Some(to),
            },
            (Phase::Waiting, _) | (_, None) => Outcome::Waiting {
                because: self.waits_for(at, campaign, chat, wish),
                position: campaign.waiting.ahead_of(chat.place()) + 1,
            },
        }
    }

    fn waits_for(
        &self,
        at: Timestamp,
        campaign: &CampaignState,
        chat: &Chat,
        wish: &Wish<'_>,
    ) -> Waiting {
        if let Some((_, reason)) = campaign.closing {
            Waiting::Closing { reason }
        } else if let Some(since) = chat.disconnected_at {
            Waiting::Disconnected { since }
        } else if campaign.settings.strategy.mode.is_pull() {
            Waiting::Pull
        } else if !self.would_dispatch(at, campaign, wish) {
            Waiting::NobodyEligible
        } else {
            Waiting::BehindOthers
        }
    }

    fn candidates(&self, at: Timestamp, campaign: &CampaignState, wish: &Wish<'_>) -> Candidates {
        let ranked = self.ranked(at, campaign, wish);
        let mut all = Candidates {
            members: campaign.members.len() as u32,
            eligible: 0,
            why_not: Default::default(),
            listed: Vec::new(),
        };
        // Ranked ones are listed below, in their order.
        let mut unranked = Vec::new();
        let mut others = Vec::new();
        for member in &campaign.members {
            let Some(agent) = self.state.agent(member.member.agent) else {
                continue;
            };
            let list = match self.why_not(campaign, agent, Some(member), wish, ranked.new_round) {
                None => {
                    all.eligible += 1;
                    &mut unranked
                }
                Some(why_not) => {
                    *all.why_not.entry(why_not).or_default() += 1;
                    &mut others
                }
            };
            if list.len() < limits::EXPLAINED_AGENTS && ranked.rank_of(agent.id).is_none() {
                list.push(agent);
            }
        }
        let first = ranked
            .agents
            .iter()
            .filter_map(|agent| self.state.agent(*agent));
        all.listed = first
            .chain(unranked)
            .chain(others)
            .take(limits::EXPLAINED_AGENTS)
            .map(|agent| {
                let mut candidate = self.candidate(campaign, agent, wish, ranked.new_round);
                candidate.rank = ranked.rank_of(agent.id);
                candidate
            })
            .collect();
        all
    }

    /// The eligible in the order in which they would be chosen one after the other; none where chance decides.
    fn ranked(&self, at: Timestamp, campaign: &CampaignState, wish: &Wish<'_>) -> Ranked {
        let Some(next) = self.pick(at, campaign, wish) else {
            return Ranked::default();
        };
        let new_round = next.new_round;
        if matches!(
            campaign.settings.strategy.order,
            Order::Random | Order::WRandom
        ) {
            let agents = Vec::new();
            return Ranked { agents, new_round };
        }
        let before = if new_round { &[] } else { wish.asked };
        let mut asked = before.to_vec();
        asked.push(next.agent);
        while asked.len() - before.len() < limits::EXPLAINED_AGENTS {
            let others = Wish {
                asked: &asked,
                ..*wish
            };
            match self.pick(at, campaign, &others) {
                Some(next) if !next.new_round => asked.push(next.agent),
                _ => break,
            }
        }
        Ranked {
            agents: asked.split_off(before.len()),
            new_round,
        }
    }

    fn candidate(
        &self,
        campaign: &CampaignState,
        agent: &AgentState,
        wish: &Wish<'_>,
        new_round: bool,
    ) -> Candidate {
        let member = self.state.member(campaign.id, agent.id);
        let place = self.state.seat(campaign.id, agent.id);
        Candidate {
            agent: agent.id,
            why_not: self.why_not(campaign, agent, member, wish, new_round),
            rank: None,
            place: place.map_or(0, |place| place + 1),
            penalty: member.map_or(0, |member| member.member.penalty),
            load: agent.load_in(campaign.id),
            load_anywhere: agent.load_anywhere(),
            answered_today: member.map_or(0, |member| member.answered),
            last_served: member.and_then(|member| member.last_served),
        }
    }

    /// Why one chat cannot go to an agent.
    fn why_not(
        &self,
        campaign: &CampaignState,
        agent: &AgentState,
        member: Option<&MemberState>,
        wish: &Wish<'_>,
        new_round: bool,
    ) -> Option<WhyNot> {
        if let Some(why_not) = self.state.why_not(campaign, agent) {
            return Some(why_not);
        }
        let lacks = |skill| member.is_none_or(|member| !member.member.skills.contains(skill));
        let reasons = [
            (campaign.settings.strategy.mode.is_pull(), WhyNot::Pull),
            (wish.skills.iter().any(lacks), WhyNot::MissingSkill),
            (
                wish.chat.is_some_and(|chat| chat.has(agent.id)),
                WhyNot::TakesPart,
            ),
            (
                !new_round && wish.asked.contains(&agent.id),
                WhyNot::AlreadyAsked,
            ),
        ];
        let reason = reasons.into_iter().find(|(applies, _)| *applies);
        reason.map(|(_, why_not)| why_not)
    }
}

/// Agents in delivery order.
#[derive(Default)]
struct Ranked {
    agents: Vec<AgentId>,
    /// All eligible agents were asked before, so all may be asked again.
    new_round: bool,
}

impl Ranked {
    /// From 1.
    fn rank_of(&self, agent: AgentId) -> Option<u32> {
        let at = self.agents.iter().position(|other| *other == agent)?;
        Some(at as u32 + 1)
    }
}

fn admission(campaign: &CampaignState) -> Admission {
    Admission {
        enabled: campaign.settings.enabled,
        open: campaign.open,
        next_change: campaign.next_change,
        when_empty: campaign.settings.when_empty,
        signed_in: campaign.signed_in,
        waiting: campaign.waiting.len(),
        max_chats: campaign.settings.max_chats,
    }
}
