//! What visitors do.

use std::sync::Arc;

use webchat_core::call::CallAsk;
use webchat_core::campaign::{EmailRule, Origin};
use webchat_core::command::{
    AgentCommand, ChatRequest, Command, OfflineRequest, Seen, VisitorAsk, VisitorCommand,
    VisitorForm,
};
use webchat_core::id::{CampaignId, ChatId};

use super::Generator;
use crate::picture::Picture;

impl Generator {
    pub(super) fn start(&mut self, picture: &Picture) -> Option<Command> {
        let campaign = self.any_campaign(picture)?;
        if self.choices.chance(7) {
            return Some(self.offline_message(picture, campaign));
        }
        let visitor = self.any_visitor();
        let settings = picture
            .campaigns
            .get(&campaign)
            .map(|state| &state.settings);
        let sites: &[Option<&str>] = match settings {
            Some(settings) if !settings.allowed_domains.is_empty() => &[
                Some("https://shop.example"),
                Some("https://evil.example"),
                None,
            ],
            _ => &[None, Some("https://shop.example")],
        };
        let origin = (*self.choices.pick(sites)).and_then(Origin::parse);
        let needs_email = settings.is_some_and(|settings| settings.email == EmailRule::Required);
        let needs_extra = settings
            .and_then(|settings| settings.extra.as_ref())
            .is_some_and(|extra| extra.required);
        let fill = |needed: bool, value: &str| needed.then(|| value.to_owned());
        let form = VisitorForm {
            name: fill(self.choices.chance(50), "Visitor"),
            email: match self.is_garbage() {
                true => Some("not an address".to_owned()),
                false => fill(needs_email != self.choices.chance(5), "v@mail.example"),
            },
            extra: fill(needs_extra != self.choices.chance(5), "099 123 456"),
            page: fill(self.choices.chance(20), "https://shop.example/boots"),
        };
        let language = *self
            .choices
            .pick(&[None, Some("es"), Some("pt-br"), Some("de")]);
        let picky = self.habits.picky;
        let request = ChatRequest {
            visitor,
            campaign,
            origin,
            language: language.and_then(|tag| tag.parse().ok()),
            form,
            identity: self.choices.chance(10).then(|| "customer-42".into()),
            priority: match picky && self.choices.chance(20) {
                true => *self.choices.pick(&[-1, 1, 5]),
                false => 0,
            },
            skills: match picky {
                true => self.skills(),
                false => Vec::new(),
            },
        };
        Some(Command::Visitor(VisitorCommand::RequestChat(Box::new(
            request,
        ))))
    }

    fn offline_message(&mut self, picture: &Picture, campaign: CampaignId) -> Command {
        let request = OfflineRequest {
            visitor: self.any_visitor(),
            campaign,
            origin: None,
            language: None,
            key: self.key(),
            form: VisitorForm {
                email: (!self.is_garbage()).then(|| "v@mail.example".to_owned()),
                extra: self.choices.chance(60).then(|| "099 123 456".to_owned()),
                ..VisitorForm::default()
            },
            text: self.text(picture.chats.values().next()),
        };
        Command::Visitor(VisitorCommand::LeaveOfflineMessage(Box::new(request)))
    }

    pub(super) fn visitor_writes(&mut self, picture: &Picture) -> Option<Command> {
        let chat = self.any_chat(picture, |chat| chat.lost_since.is_none())?;
        let key = self.key();
        if self.choices.chance(10) {
            let file = self.file();
            return self.in_chat(picture, chat, VisitorAsk::SendFile { key, file });
        }
        let text = self.text(picture.chats.get(&chat));
        self.in_chat(picture, chat, VisitorAsk::Write { key, text })
    }

    pub(super) fn visitor_leaves(&mut self, picture: &Picture) -> Option<Command> {
        let chat = self.any_chat(picture, |chat| chat.lost_since.is_none())?;
        self.in_chat(picture, chat, VisitorAsk::Leave)
    }

    pub(super) fn visitor_connection(&mut self, picture: &Picture) -> Option<Command> {
        let back = self.choices.chance(40);
        let chat = self.any_chat(picture, |chat| chat.lost_since.is_some() == back)?;
        let ask = match back {
            true => VisitorAsk::Connect,
            false => VisitorAsk::Disconnect,
        };
        self.in_chat(picture, chat, ask)
    }

    pub(super) fn visitor_marks(&mut self, picture: &Picture) -> Option<Command> {
        let chat = self.any_chat(picture, |_| true)?;
        let ask = match self.choices.chance(50) {
            true => VisitorAsk::Typing {
                on: self.choices.chance(50),
            },
            false => match self.seen(picture, chat) {
                Seen {
                    delivered: 0,
                    read: 0,
                } => transcript(),
                seen => VisitorAsk::Seen(seen),
            },
        };
        self.in_chat(picture, chat, ask)
    }

    /// One end of a chat asks something about the call between them.
    pub(super) fn media(&mut self, picture: &Picture) -> Option<Command> {
        let chat = match self.choices.chance(60) {
            true => self.any_chat(picture, |chat| chat.call.is_some())?,
            false => self.any_chat(picture, |chat| !chat.is_waiting())?,
        };
        let ask = match self.choices.below(8) {
            0..3 => CallAsk::Start {
                video: self.choices.chance(50),
            },
            3 | 4 => CallAsk::Accept,
            5 | 6 => CallAsk::HangUp,
            _ => CallAsk::Signal {
                signal: self.text(picture.chats.get(&chat)),
            },
        };
        if self.choices.chance(50) {
            return self.in_chat(picture, chat, VisitorAsk::Call(ask));
        }
        let agent = self.agent_in(picture, chat)?;
        let ask = AgentCommand::Call { chat, ask };
        Some(Command::Agent { agent, ask })
    }

    pub(super) fn feedback(&mut self, picture: &Picture) -> Option<Command> {
        let open = picture
            .ended
            .iter()
            .filter(|(_, chat)| chat.feedback_until.is_some());
        let recent: Vec<ChatId> = open.map(|(id, _)| *id).rev().take(5).collect();
        let chat = self.choices.pick_any(recent)?;
        let ask = VisitorAsk::Feedback {
            score: match self.is_garbage() {
                true => *self.choices.pick(&[0, 6, 255]),
                false => 1 + self.choices.below(5) as u8,
            },
            note: self.choices.chance(50).then(|| Arc::from("thank you")),
        };
        let ask = match ask {
            VisitorAsk::Feedback { score: 3, .. } => transcript(),
            other => other,
        };
        self.in_chat(picture, chat, ask)
    }

    pub(super) fn seen(&mut self, picture: &Picture, chat: ChatId) -> Seen {
        let last = picture
            .chats
            .get(&chat)
            .map_or(3, |chat| chat.messages.len());
        Seen {
            delivered: self.choices.below(last + 2) as u32,
            read: self.choices.below(last + 2) as u32,
        }
    }

    fn in_chat(&mut self, picture: &Picture, chat: ChatId, ask: VisitorAsk) -> Option<Command> {
        let live = picture.chats.get(&chat).map(|chat| chat.visitor);
        let owner = live.or_else(|| picture.ended.get(&chat).map(|chat| chat.visitor));
        let visitor = match owner {
            Some(owner) if !self.is_garbage() => owner,
            _ => self.any_visitor(),
        };
        Some(Command::Visitor(VisitorCommand::InChat {
            visitor,
            chat,
            ask,
        }))
    }
}

/// Asked instead of something else, so that old seeds tell the same stories.
fn transcript() -> VisitorAsk {
    VisitorAsk::Transcript {
        email: Some("v@mail.example".to_owned()),
    }
}
