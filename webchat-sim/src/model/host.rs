//! What the embedding program asks: settings, members, telephony facts, lost connections.

use std::collections::BTreeSet;
use std::sync::Arc;

use webchat_core::campaign::Campaign;
use webchat_core::canned::{self, CannedResponse};
use webchat_core::command::{AgentProfile, HostCommand, Member};
use webchat_core::event::{Author, CloseReason, Event, OfferEnd, ReturnReason, SignOutReason};
use webchat_core::field;
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::limits;
use webchat_core::problem::{Problem, Problems};
use webchat_core::quality::ModelId;
use webchat_core::rejection::Rejection;
use webchat_core::time::Timestamp;

use super::timers::closes_waiting;
use super::visitors::too_many;
use super::{Answer, Halt, Model};
use crate::picture::ChatPicture;

impl Model<'_> {
    pub(super) fn host(&mut self, command: &HostCommand) -> Result<Answer, Halt> {
        match command {
            HostCommand::SetTenant(settings) => {
                if settings.text_chars < 1 || settings.text_chars > limits::TEXT_CHARS as u32 {
                    return Err(wrong("text_chars").into());
                }
                if self.picture.tenant != *settings {
                    let settings = settings.clone();
                    self.emit(Event::TenantSet { settings })?;
                }
            }
            HostCommand::CreateCampaign { settings, by } => {
                return self.create_campaign(settings, by.as_deref());
            }
            HostCommand::ChangeCampaign {
                campaign,
                settings,
                seen,
                by,
            } => {
                return self.change_campaign(*campaign, settings, seen.as_deref(), by.as_deref());
            }
            HostCommand::DeleteCampaign { campaign } => {
                self.known_campaign(*campaign)?;
                let here = |waits| {
                    self.chats_where(|chat| {
                        chat.campaign == *campaign && chat.is_waiting() == waits
                    })
                };
                let live = here(false).len() as u32 + self.picture.count_queue(*campaign);
                if live > 0 {
                    return Err(Rejection::CampaignLive(live).into());
                }
                self.emit(Event::CampaignDeleted {
                    campaign: *campaign,
                })?;
            }
            HostCommand::CreateAgent(profile) => {
                let profile = checked_profile(profile)?;
                let agent = AgentId(self.picture.agents_created + 1);
                self.emit(Event::AgentCreated { agent, profile })?;
                return Ok(Answer::Agent(agent));
            }
            HostCommand::ChangeAgent { agent, profile } => {
                let profile = checked_profile(profile)?;
                if self.known_agent(*agent)?.profile != profile {
                    self.emit(Event::AgentChanged {
                        agent: *agent,
                        profile,
                    })?;
                }
            }
            HostCommand::DeleteAgent { agent } => return self.delete_agent(*agent),
            HostCommand::SetMembers { campaign, members } => {
                return self.set_members(*campaign, members, None);
            }
            HostCommand::OnCall { agent, on } => self.set_on_call(*agent, *on)?,
            HostCommand::OtherLoad {
                agent,
                interactions,
            } => {
                if self.known_agent(*agent)?.other_load != *interactions {
                    self.emit(Event::AgentOtherLoad {
                        agent: *agent,
                        interactions: *interactions,
                    })?;
                }
            }
            HostCommand::SetCanned {
                campaign,
                responses,
            } => return self.set_canned(*campaign, responses),
            HostCommand::AddQualityModel(questions) => {
                questions.check().map_err(Rejection::InvalidSettings)?;
                let model = ModelId(self.picture.models.len() as u32 + 1);
                let questions = Arc::new((**questions).clone());
                self.emit(Event::QualityModelAdded { model, questions })?;
                return Ok(Answer::Model(model));
            }
            HostCommand::MailAnswered { message, outcome } => {
                return self.mail_answered(*message, outcome);
            }
            HostCommand::ResendMail { message } => return self.resend_mail(*message),
            HostCommand::ForgetMail { message } => return self.forget_mail(*message),
            HostCommand::Say {
                chat,
                name,
                key,
                text,
            } => {
                let name = checked_name(name)?;
                return self.write(*chat, Author::Bot { name }, key, text);
            }
            HostCommand::Erase { chats, visitor, by } => return self.erase(chats, *visitor, by),
            HostCommand::ConnectionsLost => return self.lose_connections(),
            HostCommand::Tick => {}
        }
        Ok(Answer::Done)
    }

    fn create_campaign(&mut self, settings: &Campaign, by: Option<&str>) -> Result<Answer, Halt> {
        let by = by.map(checked_name).transpose()?;
        let campaign = CampaignId(self.picture.campaigns_created + 1);
        self.check_campaign(settings, None)?;
        let (open, next_change) = self.opening(settings);
        self.emit(Event::CampaignCreated {
            campaign,
            settings: Box::new(settings.clone()),
            open,
            next_change,
            by,
        })?;
        Ok(Answer::Campaign(campaign))
    }

    /// An edit acts at once; if the campaign is now disabled or closed, so does the closing path.
    fn change_campaign(
        &mut self,
        campaign: CampaignId,
        settings: &Campaign,
        seen: Option<&Campaign>,
        by: Option<&str>,
    ) -> Result<Answer, Halt> {
        let by = by.map(checked_name).transpose()?;
        let there = &self.known_campaign(campaign)?.settings;
        if seen.is_some_and(|seen| seen != there) {
            return Err(Rejection::ChangedMeanwhile(campaign).into());
        }
        if there == settings {
            return Ok(Answer::Done);
        }
        self.check_campaign(settings, Some(campaign))?;
        let (open, next_change) = self.opening(settings);
        let closing = match (settings.enabled, open) {
            (false, _) => Some(CloseReason::Disabled),
            (true, false) if closes_waiting(settings) => Some(CloseReason::OutOfTime),
            (true, _) => None,
        };
        self.emit(Event::CampaignChanged {
            campaign,
            settings: Box::new(settings.clone()),
            open,
            next_change,
            closing,
            by,
        })?;
        Ok(Answer::Done)
    }

    fn check_campaign(
        &self,
        settings: &Campaign,
        own: Option<CampaignId>,
    ) -> Result<(), Rejection> {
        let mut others = self.picture.campaigns.iter();
        let same = |name: &str| name.to_lowercase() == settings.name.to_lowercase();
        if others.any(|(id, other)| Some(*id) != own && same(&other.settings.name)) {
            return Err(wrong("name"));
        }
        let models = self.picture.models.len() as u32;
        match settings.quality_model {
            Some(model) if model < 1 || model > models => Err(wrong("quality_model")),
            _ => Ok(()),
        }
    }

    fn opening(&self, settings: &Campaign) -> (bool, Option<Timestamp>) {
        let calendar = self.calendars.compile(&settings.schedule);
        let next_change = calendar.next_change(self.now).map(|change| change.at);
        (calendar.is_open(self.now), next_change)
    }

    fn delete_agent(&mut self, agent: AgentId) -> Result<Answer, Halt> {
        if self.known_agent(agent)?.session.is_some() {
            self.sign_out(agent, SignOutReason::Forced, None)?;
        }
        // Chats kept for the return of a lost agent have nobody to return to any more.
        let kept = self.chats_where(|chat| chat.owner() == Some(agent));
        for chat in &kept {
            self.end_transfer(*chat, OfferEnd::Rescinded)?;
            self.give_back(*chat, ReturnReason::SignedOut)?;
        }
        self.settle(&kept)?;
        self.emit(Event::AgentDeleted { agent })?;
        Ok(Answer::Done)
    }

    pub(super) fn set_members(
        &mut self,
        campaign: CampaignId,
        members: &[Member],
        by: Option<AgentId>,
    ) -> Result<Answer, Halt> {
        let before: Vec<Member> = self
            .known_campaign(campaign)?
            .members
            .iter()
            .map(|member| member.member.clone())
            .collect();
        let mut agents = BTreeSet::new();
        for member in members {
            let known = self.picture.agents.contains_key(&member.agent);
            let plain = |skill: &Arc<str>| field::text(skill, limits::LABEL_CHARS).is_ok();
            let skilled = member.skills.len() <= limits::SKILLS && member.skills.iter().all(plain);
            let fits = member.penalty <= 100 && skilled;
            if !known || !agents.insert(member.agent) || !fits {
                return Err(wrong("members").into());
            }
        }
        if before == members {
            return Ok(Answer::Done);
        }
        self.emit(Event::MembersSet {
            campaign,
            members: members.to_vec(),
            by,
        })?;
        // Offers of this campaign to those who left go on; their active chats stay.
        for member in before {
            if !agents.contains(&member.agent) {
                let of_agent = self.chats_where(|chat| {
                    chat.asked() == Some(member.agent) && chat.queue() == Some(campaign)
                });
                self.rescind(&of_agent)?;
            }
        }
        Ok(Answer::Done)
    }

    fn set_canned(
        &mut self,
        campaign: Option<CampaignId>,
        responses: &[CannedResponse],
    ) -> Result<Answer, Halt> {
        let before = match campaign {
            Some(campaign) => &self.known_campaign(campaign)?.canned,
            None => &self.picture.canned,
        };
        if before == responses {
            return Ok(Answer::Done);
        }
        // A shortcut means one thing: among the shared ones and those of each campaign.
        let checked = match campaign {
            Some(_) => canned::check(responses, &self.picture.canned),
            None => {
                let mut campaigns = self.picture.campaigns.values();
                canned::check(responses, &[]).and_then(|()| {
                    campaigns.try_for_each(|state| canned::check(responses, &state.canned))
                })
            }
        };
        checked.map_err(Rejection::InvalidSettings)?;
        self.emit(Event::CannedSet {
            campaign,
            responses: responses.to_vec(),
        })?;
        Ok(Answer::Done)
    }

    /// The content of ended chats goes, and what a visitor had left; live chats stay.
    fn erase(
        &mut self,
        chats: &[ChatId],
        visitor: Option<VisitorKey>,
        by: &str,
    ) -> Result<Answer, Halt> {
        let by = field::text(by, limits::NAME_CHARS).map_err(Rejection::InvalidField)?;
        if chats.len() > limits::ERASED_CHATS {
            return Err(too_many("chats erased at once").into());
        }
        if chats.is_empty() && visitor.is_none() {
            return Err(wrong("chats").into());
        }
        if let Some(never) = chats.iter().find(|chat| !self.picture.ever_had(**chat)) {
            return Err(Rejection::UnknownChat(*never).into());
        }
        let named =
            |id: &ChatId, chat: &ChatPicture| chats.contains(id) || Some(chat.visitor) == visitor;
        let mut live = self.picture.chats.iter();
        if let Some((live, _)) = live.find(|(id, chat)| named(id, chat)) {
            return Err(Rejection::ChatLive(*live).into());
        }
        self.emit(Event::RecordingsErased {
            chats: chats.to_vec(),
            visitor,
            by,
        })?;
        Ok(Answer::Done)
    }

    /// After a restart nobody is connected: everyone gets the time to come back that a lost connection gives.
    fn lose_connections(&mut self) -> Result<Answer, Halt> {
        let agents: Vec<AgentId> = self.picture.agents.keys().copied().collect();
        for agent in agents {
            self.lose_agent(agent)?;
        }
        let chats = self.picture.chats.iter();
        let there: Vec<_> = chats
            .filter(|(_, chat)| chat.lost_since.is_none())
            .map(|(id, _)| *id)
            .collect();
        for chat in there {
            self.emit(Event::VisitorLost { chat })?;
        }
        self.lose_mailer()?;
        Ok(Answer::Done)
    }
}

fn checked_profile(profile: &AgentProfile) -> Result<AgentProfile, Rejection> {
    let name = checked_name(&profile.name)?;
    let voice = profile.voice;
    Ok(AgentProfile { name, voice })
}

fn checked_name(name: &str) -> Result<Arc<str>, Rejection> {
    let name = field::name(Some(name)).map_err(Rejection::InvalidField)?;
    name.ok_or_else(|| wrong("name"))
}

fn wrong(field: &str) -> Rejection {
    Rejection::InvalidSettings(Problems(vec![Problem::new(field, "", "something else")]))
}
