//! What agents and supervisors do.

use std::sync::Arc;

use webchat_core::command::{AgentCommand, Command, Destination, SupervisorCommand};
use webchat_core::id::{AgentId, ChatId};

use super::Generator;
use crate::picture::{AgentPicture, ChatPicture, Picture};

impl Generator {
    pub(super) fn agent_writes(&mut self, picture: &Picture) -> Option<Command> {
        let chat = self.any_chat(picture, |chat| !chat.is_waiting())?;
        let agent = self.agent_in(picture, chat)?;
        let about = picture.chats.get(&chat);
        if self.choices.chance(15) {
            let number = self.unique();
            let text = format!("memo {number}").into();
            let key = self
                .choices
                .chance(50)
                .then(|| format!("note-{number}").into());
            return Some(by(agent, AgentCommand::Note { chat, key, text }));
        }
        let key = self.key();
        if self.choices.chance(10) {
            let file = self.file();
            return Some(by(agent, AgentCommand::SendFile { chat, key, file }));
        }
        let text = self.text(about);
        Some(by(agent, AgentCommand::Write { chat, key, text }))
    }

    pub(super) fn agent_closes(&mut self, picture: &Picture) -> Option<Command> {
        let chat = self.any_chat(picture, |chat| !chat.is_waiting())?;
        let agent = self.agent_in(picture, chat)?;
        let rule = picture
            .chats
            .get(&chat)
            .and_then(|chat| picture.campaigns.get(&chat.campaign))
            .map(|campaign| campaign.settings.disposition.clone())
            .unwrap_or_default();
        let disposition = match (rule.required, self.choices.below(6)) {
            (true, 0) | (false, 1..) => None,
            (_, 5) => Some(vec![Arc::from("no such choice")]),
            _ => self
                .choices
                .pick_any(rule.choices)
                .or_else(|| Some(vec![Arc::from("done")])),
        };
        Some(by(agent, AgentCommand::Close { chat, disposition }))
    }

    /// Accepts or refuses an offer or a transfer.
    pub(super) fn agent_answers(&mut self, picture: &Picture) -> Option<Command> {
        let chat = self.any_chat(picture, |chat| chat.asked().is_some())?;
        let asked = picture.chats.get(&chat).and_then(ChatPicture::asked);
        let agent = match asked {
            Some(agent) if !self.is_garbage() => agent,
            _ => self.any_agent(picture)?,
        };
        let ask = match self.choices.chance(75) {
            true => AgentCommand::Accept { chat },
            false => AgentCommand::Refuse { chat },
        };
        Some(by(agent, ask))
    }

    pub(super) fn agent_takes(&mut self, picture: &Picture) -> Option<Command> {
        let campaign = self.any_campaign(picture)?;
        let queue = picture.queue(campaign);
        let head = queue.first().copied();
        let chat = match self.choices.chance(60) {
            true => head?,
            false => self.any_chat(picture, ChatPicture::is_waiting)?,
        };
        let member = picture.campaigns.get(&campaign).and_then(|campaign| {
            let members = campaign.members.iter().map(|member| member.member.agent);
            self.choices.pick_any(members)
        });
        let agent = match member {
            Some(member) if !self.is_garbage() => member,
            _ => self.any_agent(picture)?,
        };
        Some(by(agent, AgentCommand::Take { chat }))
    }

    pub(super) fn agent_marks(&mut self, picture: &Picture) -> Option<Command> {
        let chat = self.any_chat(picture, |chat| !chat.is_waiting())?;
        let agent = self.agent_in(picture, chat)?;
        let ask = match self.choices.chance(30) {
            true => AgentCommand::Typing {
                chat,
                on: self.choices.chance(50),
            },
            false => AgentCommand::Seen {
                chat,
                seen: self.seen(picture, chat),
            },
        };
        Some(by(agent, ask))
    }

    pub(super) fn agent_signs_in(&mut self, picture: &Picture) -> Option<Command> {
        let out = |agent: &AgentPicture| agent.session.is_none() || agent.lost_until.is_some();
        let agent = match self.choices.chance(85) {
            true => self.agent_who(picture, out)?,
            false => self.any_agent(picture)?,
        };
        Some(self.sign_in(agent))
    }

    pub(super) fn sign_in(&mut self, agent: AgentId) -> Command {
        let session = u64::from(self.unique());
        by(agent, AgentCommand::SignIn { session })
    }

    pub(super) fn agent_signs_out(&mut self, picture: &Picture) -> Option<Command> {
        let agent = self.agent_who(picture, |agent| agent.session.is_some())?;
        let force = self.choices.chance(40);
        Some(by(agent, AgentCommand::SignOut { force }))
    }

    pub(super) fn agent_connection(&mut self, picture: &Picture) -> Option<Command> {
        let back = self.choices.chance(65);
        let agent = self.agent_who(picture, |agent| {
            agent.session.is_some() && agent.lost_until.is_some() == back
        })?;
        let ask = match back {
            true => AgentCommand::Connect,
            false => AgentCommand::Disconnect,
        };
        Some(by(agent, ask))
    }

    pub(super) fn agent_pauses(&mut self, picture: &Picture) -> Option<Command> {
        let back = self.choices.chance(60);
        let agent = self.agent_who(picture, |agent| {
            agent.session.is_some() && agent.paused.is_some() == back
        })?;
        let ask = match back {
            true => AgentCommand::Resume,
            false => AgentCommand::Pause {
                reason: self.label(),
            },
        };
        Some(by(agent, ask))
    }

    pub(super) fn agent_calls(&mut self, picture: &Picture) -> Option<Command> {
        let on = self.choices.chance(40);
        let agent = self.agent_who(picture, |agent| {
            agent.session.is_some() && agent.on_call != on
        })?;
        Some(by(agent, AgentCommand::OnCall { on }))
    }

    pub(super) fn agent_transfers(&mut self, picture: &Picture) -> Option<Command> {
        if self.choices.chance(20) {
            let chat = self.any_chat(picture, |chat| chat.transfer.is_some())?;
            let agent = self.agent_in(picture, chat)?;
            return Some(by(agent, AgentCommand::CancelTransfer { chat }));
        }
        let chat = self.any_chat(picture, |chat| !chat.is_waiting())?;
        let agent = self.agent_in(picture, chat)?;
        let to = match self.choices.chance(60) {
            true => {
                let agent = match self.choices.chance(80) {
                    true => self.agent_who(picture, |agent| agent.session.is_some())?,
                    false => self.any_agent(picture)?,
                };
                Destination::Agent(agent)
            }
            false => Destination::Campaign(self.any_campaign(picture)?),
        };
        Some(by(agent, AgentCommand::Transfer { chat, to }))
    }

    pub(super) fn agent_confers(&mut self, picture: &Picture) -> Option<Command> {
        if self.choices.chance(40) {
            let chat = self.any_chat(picture, |chat| chat.agents.len() > 1)?;
            let agent = self.agent_in(picture, chat)?;
            return Some(by(agent, AgentCommand::Leave { chat }));
        }
        let chat = self.any_chat(picture, |chat| !chat.is_waiting())?;
        let agent = self.agent_in(picture, chat)?;
        let guest = self.any_agent(picture)?;
        Some(by(agent, AgentCommand::Invite { chat, agent: guest }))
    }

    pub(super) fn supervises(&mut self, picture: &Picture) -> Option<Command> {
        let agent = self.any_agent(picture)?;
        let other = self.any_agent(picture)?;
        let ask = match self.choices.below(10) {
            6 => SupervisorCommand::Move {
                chat: self.any_chat(picture, ChatPicture::is_waiting)?,
                to: self.any_campaign(picture)?,
            },
            0 => SupervisorCommand::SignOut { agent: other },
            1 => SupervisorCommand::Pause {
                agent: other,
                reason: self.label(),
            },
            9 => {
                let paused = |agent: &AgentPicture| agent.paused.is_some();
                let agent = self.agent_who(picture, paused)?;
                SupervisorCommand::Resume { agent }
            }
            which => {
                let chat = self.any_chat(picture, |_| true)?;
                match which {
                    2 => SupervisorCommand::TakeOver { chat },
                    3 => SupervisorCommand::Assign { chat, to: other },
                    4 => SupervisorCommand::Close { chat },
                    7 => {
                        let agent = self.agent_who(picture, |agent| agent.session.is_some())?;
                        let ask = SupervisorCommand::Watch { chat };
                        return Some(Command::Supervisor { agent, ask });
                    }
                    8 => {
                        let watch = self.choices.pick_any(picture.watches.iter().copied());
                        let (chat, agent) = watch.unwrap_or((chat, agent));
                        let ask = SupervisorCommand::Unwatch { chat };
                        return Some(Command::Supervisor { agent, ask });
                    }
                    _ => {
                        let (agent, ask) = self.whispers(picture, chat, agent);
                        return Some(Command::Supervisor { agent, ask });
                    }
                }
            }
        };
        Some(Command::Supervisor { agent, ask })
    }

    /// Something new, mostly under a key, or again what was said before, at times in other words.
    fn whispers(
        &mut self,
        picture: &Picture,
        chat: ChatId,
        agent: AgentId,
    ) -> (AgentId, SupervisorCommand) {
        let number = self.unique();
        let text = format!("memo {number}").into();
        let before = picture.chats.get(&chat).map(|chat| chat.whispers.iter());
        let before = self.choices.pick_any(before.into_iter().flatten());
        let (agent, key, text) = match before {
            Some((agent, key, said)) if self.choices.chance(50) => {
                let text = match self.choices.chance(70) {
                    true => said.clone(),
                    false => text,
                };
                (*agent, Some(key.clone()), text)
            }
            _ => {
                let keyed = self.choices.chance(80);
                (agent, keyed.then(|| self.key()), text)
            }
        };
        (agent, SupervisorCommand::Whisper { chat, key, text })
    }

    pub(super) fn agent_who(
        &mut self,
        picture: &Picture,
        kind: impl Fn(&AgentPicture) -> bool,
    ) -> Option<AgentId> {
        if self.is_garbage() {
            return self.any_agent(picture);
        }
        let suited = picture.agents.iter().filter(|(_, agent)| kind(agent));
        self.choices.pick_any(suited.map(|(id, _)| *id))
    }

    /// Mostly the owner of a chat, or another agent in it.
    pub(super) fn agent_in(&mut self, picture: &Picture, chat: ChatId) -> Option<AgentId> {
        let agents = picture
            .chats
            .get(&chat)
            .map_or(&[][..], |chat| &chat.agents);
        match (agents.first(), self.is_garbage()) {
            (Some(owner), false) if self.choices.chance(80) => Some(*owner),
            (Some(_), false) => self.choices.pick_any(agents.iter().copied()),
            _ => self.any_agent(picture),
        }
    }
}

fn by(agent: AgentId, ask: AgentCommand) -> Command {
    Command::Agent { agent, ask }
}
