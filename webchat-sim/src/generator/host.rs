//! What the host does: settings, members, agents, telephony.

use std::sync::Arc;

use webchat_core::canned::CannedResponse;
use webchat_core::command::{
    AgentCommand, AgentProfile, Command, HostCommand, Member, SupervisorCommand, TenantSettings,
};
use webchat_core::id::{AgentId, ChatId};
use webchat_core::mail::{Mail, MailId, MailOutcome};
use webchat_core::quality::{Answer, Category, ModelId, QualityModel, Question};
use webchat_core::time::Seconds;
use webchat_core::wording::{Language, Texts};

use super::Generator;
use crate::picture::Picture;

impl Generator {
    pub(super) fn edits_campaign(&mut self, picture: &Picture) -> Option<Command> {
        let campaign = self.any_campaign(picture)?;
        let mut settings = match picture.campaigns.get(&campaign) {
            Some(state) => state.settings.clone(),
            None => self.campaign(),
        };
        let before = settings.clone();
        let edits = 1 + self.choices.below(3);
        for _ in 0..edits {
            self.edit(&mut settings);
        }
        // One in four of those who say what they began with begins with settings that are no longer there.
        let seen = match self.choices.below(10) {
            0 => Some(self.campaign()),
            1..=3 => Some(before),
            _ => None,
        };
        Some(Command::Host(HostCommand::ChangeCampaign {
            campaign,
            settings: Box::new(settings),
            seen: seen.map(Box::new),
            by: self.editor(),
        }))
    }

    /// Who edits a campaign: the embedding program, a person, or a name that is none.
    fn editor(&mut self) -> Option<Arc<str>> {
        match self.choices.below(10) {
            0 => Some("".into()),
            1..=4 => Some("root".into()),
            _ => None,
        }
    }

    pub(super) fn edits_members(&mut self, picture: &Picture) -> Option<Command> {
        let campaign = self.any_campaign(picture)?;
        let everyone: Vec<AgentId> = picture.agents.keys().copied().collect();
        let before: Vec<Member> = picture
            .campaigns
            .get(&campaign)
            .map(|state| {
                let members = state.members.iter();
                members.map(|member| member.member.clone()).collect()
            })
            .unwrap_or_default();
        let mut members = before;
        match self.choices.below(5) {
            // Remove one, add one, reorder, set a penalty, or anything.
            0 if !members.is_empty() => {
                members.remove(self.choices.below(members.len()));
            }
            1 => {
                let new = self.any_agent(picture)?;
                members.push(Member::plain(new));
            }
            2 if members.len() > 1 => {
                let first = members.remove(0);
                let place = self.choices.below(members.len() + 1);
                members.insert(place, first);
            }
            3 if !members.is_empty() => {
                let place = self.choices.below(members.len());
                let penalty = *self.choices.pick(&[0, 1, 2, 100, 101]);
                members[place].penalty = penalty;
                members[place].skills = self.skills();
            }
            _ => members = self.members(&everyone),
        }
        // Part of the edits are a supervisor's; drawn from nothing, so that old seeds tell the same stories.
        let supervisor = everyone.first().filter(|_| members.len() % 3 == 1);
        Some(match supervisor {
            Some(agent) => Command::Supervisor {
                agent: *agent,
                ask: SupervisorCommand::SetMembers { campaign, members },
            },
            None => Command::Host(HostCommand::SetMembers { campaign, members }),
        })
    }

    pub(super) fn edits_tenant(&mut self) -> Command {
        let grace = *self.choices.pick(&[1, 10, 30]);
        let transfer = *self.choices.pick(&[1, 10, 30]);
        let standard = TenantSettings::default();
        Command::Host(HostCommand::SetTenant(TenantSettings {
            agent_cap: self.count(&[0, 0, 1, 2, 4]),
            voice_membership_required: self.choices.chance(25),
            agent_grace: Seconds::new(grace).unwrap_or(standard.agent_grace),
            text_chars: *self.choices.pick(&[4_000, 4_000, 20, 0]),
            transfer_timeout: Seconds::new(transfer).unwrap_or(standard.transfer_timeout),
        }))
    }

    pub(super) fn edits_agents(&mut self, picture: &Picture) -> Option<Command> {
        let create = picture.agents.len() < 8 && self.choices.chance(40);
        let command = match (create, self.choices.chance(60)) {
            (true, _) => HostCommand::CreateAgent(self.profile()),
            (false, true) => HostCommand::ChangeAgent {
                agent: self.any_agent(picture)?,
                profile: self.profile(),
            },
            (false, false) => HostCommand::DeleteAgent {
                agent: self.any_agent(picture)?,
            },
        };
        Some(Command::Host(command))
    }

    pub(super) fn edits_campaigns(&mut self, picture: &Picture) -> Option<Command> {
        let create = picture.campaigns.len() < 4 && self.choices.chance(60);
        let command = match create {
            true => HostCommand::CreateCampaign {
                settings: Box::new(self.campaign()),
                by: self.editor(),
            },
            false => HostCommand::DeleteCampaign {
                campaign: self.any_campaign(picture)?,
            },
        };
        Some(Command::Host(command))
    }

    pub(super) fn other_load(&mut self, picture: &Picture) -> Option<Command> {
        let agent = self.any_agent(picture)?;
        let command = match self.choices.chance(60) {
            true => HostCommand::OtherLoad {
                agent,
                interactions: *self.choices.pick(&[0, 0, 1, 2]),
            },
            false => HostCommand::OnCall {
                agent,
                on: self.choices.chance(40),
            },
        };
        Some(Command::Host(command))
    }

    /// The mailer answers, or somebody wants a mail sent again, or never.
    pub(super) fn mail(&mut self, picture: &Picture) -> Option<Command> {
        let message = match self.is_garbage() {
            true => MailId(self.choices.below(9) as u64),
            false => self.choices.pick_any(picture.owed.keys().copied())?,
        };
        let debt = picture.owed.get(&message);
        let given_up = debt.is_some_and(|debt| debt.due.is_none());
        let outcome = match self.choices.below(6) {
            5 => return self.erases(picture, message),
            // Drawn from nothing, so that old seeds tell the same stories.
            0..=2 if given_up && message.0 % 2 == 1 || message.0 % 4 == 0 => {
                return Some(Command::Host(HostCommand::ForgetMail { message }));
            }
            0 => return Some(Command::Host(HostCommand::ResendMail { message })),
            1 => MailOutcome::Permanent("no such user".into()),
            2 | 3 => MailOutcome::Temporary("greylisted".into()),
            _ => MailOutcome::Delivered,
        };
        Some(Command::Host(HostCommand::MailAnswered {
            message,
            outcome,
        }))
    }

    /// An ended chat, and half of the time all that a visitor had left, is to be forgotten.
    fn erases(&mut self, picture: &Picture, message: MailId) -> Option<Command> {
        let chat = match self.is_garbage() {
            true => self.any_chat(picture, |_| true),
            false => self.choices.pick_any(picture.ended.keys().copied()),
        };
        let debt = picture.owed.get(&message).map(|debt| &debt.mail);
        let sender = debt.and_then(|mail| match mail {
            Mail::Offline(message) => Some(message.visitor),
            Mail::Transcript(_) | Mail::Notice(_) => None,
        });
        Some(Command::Host(HostCommand::Erase {
            chats: chat.into_iter().collect(),
            visitor: sender.filter(|_| self.choices.chance(50)),
            by: "ada".into(),
        }))
    }

    /// A program of the host speaks.
    pub(super) fn program(&mut self, picture: &Picture) -> Option<Command> {
        let chat = self.any_chat(picture, |_| true)?;
        let text = self.text(picture.chats.get(&chat));
        let name = match self.is_garbage() {
            true => "".into(),
            false => (*self.choices.pick(&["Robo", "Faq"])).into(),
        };
        let key = self.key();
        Some(Command::Host(HostCommand::Say {
            chat,
            name,
            key,
            text,
        }))
    }

    /// Canned responses, quality models and evaluations.
    pub(super) fn quality(&mut self, picture: &Picture) -> Option<Command> {
        let host = match self.choices.below(6) {
            0 => HostCommand::AddQualityModel(Box::new(self.quality_model())),
            1 => HostCommand::SetCanned {
                campaign: match self.choices.chance(70) {
                    true => Some(self.any_campaign(picture)?),
                    false => None,
                },
                responses: self.canned(),
            },
            _ => return self.evaluation(picture),
        };
        Some(Command::Host(host))
    }

    fn evaluation(&mut self, picture: &Picture) -> Option<Command> {
        let recent: Vec<ChatId> = picture.ended.keys().rev().take(5).copied().collect();
        let chat = match self.choices.chance(50) {
            true => self.choices.pick_any(recent)?,
            false => self.any_chat(picture, |chat| !chat.is_waiting())?,
        };
        let agent = self.agent_in(picture, chat)?;
        let model = ModelId(1 + self.choices.below(picture.models.len() + 1) as u32);
        let answers = vec![Some(self.choices.below(3) as u16), None];
        if self.choices.chance(50) {
            let ask = AgentCommand::Evaluate {
                chat,
                model,
                answers,
            };
            return Some(Command::Agent { agent, ask });
        }
        let supervisor = self.any_agent(picture)?;
        let ask = SupervisorCommand::Evaluate {
            chat,
            agent,
            model,
            answers,
        };
        Some(Command::Supervisor {
            agent: supervisor,
            ask,
        })
    }

    pub(super) fn quality_model(&mut self) -> QualityModel {
        let answer = |score: i32| Answer {
            text: "so".into(),
            score,
        };
        let question = |mandatory| Question {
            text: "how?".into(),
            mandatory,
            answers: vec![answer(-5), answer(10)],
        };
        QualityModel {
            name: "calls".into(),
            categories: vec![Category {
                name: "tone".into(),
                questions: vec![question(true), question(self.choices.chance(30))],
            }],
        }
    }

    fn canned(&mut self) -> Vec<CannedResponse> {
        ["hi", "bye", "hi"]
            .into_iter()
            .filter(|_| self.choices.chance(50))
            .map(|shortcut| CannedResponse {
                shortcut: shortcut.into(),
                texts: Texts::from([(Language::EN, "text {visitor}")]),
            })
            .collect()
    }

    /// A profile whose name nothing else contains, so that it is recognised where it must be hidden.
    pub(super) fn profile(&mut self) -> AgentProfile {
        let number = self.unique();
        let name = match self.is_garbage() {
            true => *self.choices.pick(&["", "\u{1}"]),
            false => *self.choices.pick(&["Zulema", "Zoë", "Xu"]),
        };
        let name = match name.trim().is_empty() || name.starts_with('\u{1}') {
            true => name.into(),
            false => format!("{name}-secret-{number}").into(),
        };
        AgentProfile {
            name,
            voice: self.choices.chance(70),
        }
    }
}
