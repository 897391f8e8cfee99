//! What the embedding program asks: settings, members, telephony facts, lost connections.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::campaign::Campaign;
use crate::command::{AgentProfile, HostCommand, Member};
use crate::effect::Receipt;
use crate::event::{Author, CloseReason, Event, OfferEnd, ReturnReason, SignOutReason};
use crate::field;
use crate::id::{AgentId, CampaignId, ChatId};
use crate::limits;
use crate::outbox::Outbox;
use crate::problem::{Problem, Problems};
use crate::rejection::Rejection;
use crate::schedule::Calendar;
use crate::state::SlotKind;
use crate::time::Timestamp;

use super::Engine;

impl Engine {
    pub(super) fn host(
        &mut self,
        at: Timestamp,
        command: HostCommand,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        match command {
            HostCommand::SetTenant(settings) => {
                let longest = limits::TEXT_CHARS as u32;
                if !(1..=longest).contains(&settings.text_chars) {
                    let value = settings.text_chars.to_string();
                    let expected = format!("1 to {longest}");
                    return Err(one_problem("text_chars", &value, &expected));
                }
                if self.state.tenant != settings {
                    self.emit(at, Event::TenantSet { settings }, outbox);
                }
            }
            HostCommand::CreateCampaign { settings, by } => {
                return self.create_campaign(at, settings, by, outbox);
            }
            HostCommand::ChangeCampaign {
                campaign,
                settings,
                seen,
                by,
            } => {
                self.change_campaign(at, campaign, settings, seen, by, outbox)?;
            }
            HostCommand::DeleteCampaign { campaign } => {
                let state = self.known_campaign(campaign)?;
                let live = state.active + state.waiting.len();
                if live > 0 {
                    return Err(Rejection::CampaignLive(live));
                }
                self.emit(at, Event::CampaignDeleted { campaign }, outbox);
            }
            HostCommand::CreateAgent(profile) => {
                let agent = self.state.next_agent();
                if agent.index() > limits::AGENTS {
                    return Err(Rejection::Limit {
                        what: "agents",
                        max: limits::AGENTS as u64,
                    });
                }
                let profile = checked_profile(profile)?;
                self.emit(at, Event::AgentCreated { agent, profile }, outbox);
                return Ok(Receipt::Agent(agent));
            }
            HostCommand::ChangeAgent { agent, profile } => {
                let profile = checked_profile(profile)?;
                if self.known_agent(agent)?.profile != profile {
                    self.emit(at, Event::AgentChanged { agent, profile }, outbox);
                }
            }
            HostCommand::DeleteAgent { agent } => {
                if self.known_agent(agent)?.is_signed_in() {
                    self.sign_out(at, agent, SignOutReason::Forced, None, outbox);
                }
                // Chats kept for a lost agent's return have nobody to return to any more.
                self.abandon_chats(at, agent, outbox);
                self.emit(at, Event::AgentDeleted { agent }, outbox);
            }
            HostCommand::SetMembers { campaign, members } => {
                self.set_members(at, campaign, members, None, outbox)?;
            }
            HostCommand::OnCall { agent, on } => self.set_on_call(at, agent, on, outbox)?,
            HostCommand::OtherLoad {
                agent,
                interactions,
            } => {
                if self.known_agent(agent)?.other_load != interactions {
                    self.emit(
                        at,
                        Event::AgentOtherLoad {
                            agent,
                            interactions,
                        },
                        outbox,
                    );
                }
            }
            HostCommand::SetCanned {
                campaign,
                responses,
            } => {
                self.set_canned(at, campaign, responses, outbox)?;
            }
            HostCommand::AddQualityModel(model) => return self.add_model(at, *model, outbox),
            HostCommand::MailAnswered { message, outcome } => {
                self.mail_answered(at, message, outcome, outbox)?;
            }
            HostCommand::ResendMail { message } => self.resend_mail(at, message, outbox)?,
            HostCommand::ForgetMail { message } => self.forget_mail(at, message, outbox)?,
            HostCommand::Say {
                chat,
                name,
                key,
                text,
            } => {
                let name = checked_name(&name)?;
                return self.write(at, chat, Author::Bot { name }, key, text, outbox);
            }
            HostCommand::Erase { chats, visitor, by } => {
                return self.erase(at, chats, visitor, &by, outbox);
            }
            HostCommand::ConnectionsLost => self.lose_connections(at, outbox),
            HostCommand::Tick => {}
        }
        Ok(Receipt::Done)
    }

    fn create_campaign(
        &mut self,
        at: Timestamp,
        settings: Box<Campaign>,
        by: Option<Arc<str>>,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let by = by.as_deref().map(checked_name).transpose()?;
        let campaign = self.state.next_campaign();
        if campaign.index() > limits::CAMPAIGNS {
            return Err(Rejection::Limit {
                what: "campaigns",
                max: limits::CAMPAIGNS as u64,
            });
        }
        self.free_name(&settings.name, None)?;
        self.known_model(&settings)?;
        let (open, next_change) = self.opening(at, &settings)?;
        self.emit(
            at,
            Event::CampaignCreated {
                campaign,
                settings,
                open,
                next_change,
                by,
            },
            outbox,
        );
        Ok(Receipt::Campaign(campaign))
    }

    /// An edit acts at once; if the campaign is now disabled or closed, so does the closing path.
    fn change_campaign(
        &mut self,
        at: Timestamp,
        campaign: CampaignId,
        settings: Box<Campaign>,
        seen: Option<Box<Campaign>>,
        by: Option<Arc<str>>,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        let by = by.as_deref().map(checked_name).transpose()?;
        let state = self.known_campaign(campaign)?;
        if seen.is_some_and(|seen| *seen != *state.settings) {
            return Err(Rejection::ChangedMeanwhile(campaign));
        }
        if *state.settings == *settings {
            return Ok(());
        }
        self.free_name(&settings.name, Some(campaign))?;
        self.known_model(&settings)?;
        let (open, next_change) = self.opening(at, &settings)?;
        let closing = match (settings.enabled, open) {
            (false, _) => Some(CloseReason::Disabled),
            (true, false) if settings.closes_waiting() => Some(CloseReason::OutOfTime),
            (true, _) => None,
        };
        let event = Event::CampaignChanged {
            campaign,
            settings,
            open,
            next_change,
            closing,
            by,
        };
        self.emit(at, event, outbox);
        Ok(())
    }

    fn free_name(&self, name: &str, own: Option<CampaignId>) -> Result<(), Rejection> {
        let folded = name.to_lowercase();
        let taken = self
            .state
            .campaigns()
            .any(|other| Some(other.id) != own && other.settings.name.to_lowercase() == folded);
        match taken {
            true => Err(one_problem("name", name, "a name no other campaign has")),
            false => Ok(()),
        }
    }

    fn opening(
        &self,
        at: Timestamp,
        settings: &Campaign,
    ) -> Result<(bool, Option<Timestamp>), Rejection> {
        let calendar = Calendar::compile(&settings.schedule, &self.zones).map_err(|_| {
            one_problem(
                "schedule.zone",
                settings.schedule.zone(),
                "a zone of the time-zone database",
            )
        })?;
        Ok((
            calendar.is_open(at),
            calendar.next_change(at).map(|change| change.at),
        ))
    }

    pub(super) fn set_members(
        &mut self,
        at: Timestamp,
        campaign: CampaignId,
        members: Vec<Member>,
        by: Option<AgentId>,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        let before = &self.known_campaign(campaign)?.members;
        if members.len() > limits::MEMBERS {
            return Err(Rejection::Limit {
                what: "members",
                max: limits::MEMBERS as u64,
            });
        }
        self.check_members(&members)?;
        if before.iter().map(|member| &member.member).eq(&members) {
            return Ok(());
        }
        let stays: BTreeSet<AgentId> = members.iter().map(|member| member.agent).collect();
        let leaves: Vec<AgentId> = before
            .iter()
            .map(|member| member.member.agent)
            .filter(|agent| !stays.contains(agent))
            .collect();
        let event = Event::MembersSet {
            campaign,
            members,
            by,
        };
        self.emit(at, event, outbox);
        // Offers of this campaign to those who left go on; their active chats stay.
        for agent in leaves {
            let of_campaign = |chat: &ChatId| {
                let chat = self.state.chat(*chat);
                chat.is_some_and(|chat| chat.queue() == Some(campaign))
            };
            let mut asked = self.chats_in(agent, SlotKind::Asked);
            asked.retain(of_campaign);
            for chat in &asked {
                self.end_ask(at, *chat, OfferEnd::Rescinded, outbox);
            }
            self.settle(at, &asked, outbox);
        }
        Ok(())
    }

    fn check_members(&self, members: &[Member]) -> Result<(), Rejection> {
        let mut problems = Problems::none();
        let mut seen = BTreeSet::new();
        for (at, member) in members.iter().enumerate() {
            if self.state.agent(member.agent).is_none() {
                problems.add(
                    format!("members[{at}].agent"),
                    member.agent,
                    "an agent of the tenant",
                );
            } else if !seen.insert(member.agent) {
                problems.add(
                    format!("members[{at}].agent"),
                    member.agent,
                    "each agent once",
                );
            }
            if member.penalty > limits::PENALTY {
                problems.add(format!("members[{at}].penalty"), member.penalty, "0 to 100");
            }
            let plain = |skill: &Arc<str>| field::text(skill, limits::LABEL_CHARS).is_ok();
            if member.skills.len() > limits::SKILLS || !member.skills.iter().all(plain) {
                let expected = "up to 16 skills of 1 to 80 characters";
                problems.add(
                    format!("members[{at}].skills"),
                    member.skills.len(),
                    expected,
                );
            }
        }
        problems.or(()).map_err(Rejection::InvalidSettings)
    }

    /// Chats still owned by an agent who is about to be deleted.
    fn abandon_chats(&mut self, at: Timestamp, agent: AgentId, outbox: &mut Outbox) {
        let owned = self.chats_in(agent, SlotKind::Owner);
        for chat in &owned {
            self.end_transfer(at, *chat, OfferEnd::Rescinded, outbox);
            self.give_back(at, *chat, ReturnReason::SignedOut, outbox);
        }
        self.settle(at, &owned, outbox);
    }

    /// After a restart nobody is connected: everyone gets the time to come back that a lost
    /// connection gives.
    fn lose_connections(&mut self, at: Timestamp, outbox: &mut Outbox) {
        let agents: Vec<AgentId> = self.state.agents().map(|agent| agent.id).collect();
        for agent in agents {
            self.lose_agent(at, agent, outbox);
        }
        let chats: Vec<ChatId> = self
            .state
            .chats()
            .filter(|chat| chat.disconnected_at.is_none())
            .map(|chat| chat.id)
            .collect();
        for chat in chats {
            self.emit(at, Event::VisitorLost { chat }, outbox);
        }
        self.lose_mailer(at, outbox);
    }
}

fn checked_profile(profile: AgentProfile) -> Result<AgentProfile, Rejection> {
    let name = checked_name(&profile.name)?;
    Ok(AgentProfile { name, ..profile })
}

fn checked_name(name: &str) -> Result<Arc<str>, Rejection> {
    match field::name(Some(name)).map_err(Rejection::InvalidField)? {
        Some(name) => Ok(name),
        None => Err(one_problem("name", "", "1 to 80 characters")),
    }
}

pub(super) fn one_problem(field: &str, value: &str, expected: &str) -> Rejection {
    Rejection::InvalidSettings(Problems(vec![Problem::new(field, value, expected)]))
}
