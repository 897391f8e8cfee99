//! Messages: posting them once, the engine's own texts, and how far each side has got.

use std::sync::Arc;

use webchat_core::command::Seen;
use webchat_core::event::{Author, Event, Message, SystemCode};
use webchat_core::field;
use webchat_core::file::SentFile;
use webchat_core::id::{AgentId, ChatId};
use webchat_core::limits;
use webchat_core::rejection::Rejection;
use webchat_core::wording::BuiltIn;

use super::visitors::too_many;
use super::{Answer, Halt, Model};
use crate::picture::Sender;
use crate::violation::{Verdict, Violation};

impl Model<'_> {
    /// Posts what a person or a program wrote; a repeated key gets the first answer.
    pub(super) fn write(
        &mut self,
        id: ChatId,
        author: Author,
        key: &str,
        text: &str,
    ) -> Result<Answer, Halt> {
        let key = field::key(key).map_err(Rejection::InvalidField)?;
        let text = field::text(text, limits::TEXT_CHARS).map_err(Rejection::InvalidField)?;
        let chat = self.live_chat(id)?;
        let by = Sender::of(&author);
        if let Some(first) = by.and_then(|by| chat.posted(by, &key)) {
            let (number, at) = (first.number, first.at);
            return match first.text == text {
                true => Ok(Answer::Message { number, at }),
                false => Err(Rejection::ConflictingKey(key.to_string()).into()),
            };
        }
        if by.is_some_and(|by| chat.noted(by, &key).is_some()) {
            return Err(Rejection::ConflictingKey(key.to_string()).into());
        }
        let longest = self.picture.tenant.text_chars as usize;
        field::text(&text, longest).map_err(Rejection::InvalidField)?;
        let number = self.post(id, author, text, Some(key), false)?;
        let at = self.now;
        Ok(Answer::Message { number, at })
    }

    /// Posts a file the campaign allows; a repeat may name another place of the same bytes.
    pub(super) fn send_file(
        &mut self,
        id: ChatId,
        author: Author,
        key: &str,
        file: &Arc<SentFile>,
    ) -> Result<Answer, Halt> {
        let key = field::key(key).map_err(Rejection::InvalidField)?;
        let chat = self.live_chat(id)?;
        let by = Sender::of(&author);
        if let Some(first) = by.and_then(|by| chat.posted(by, &key)) {
            let (number, at) = (first.number, first.at);
            let same = first
                .file
                .as_ref()
                .is_some_and(|first| (&first.name, &first.digest) == (&file.name, &file.digest));
            return match same {
                true => Ok(Answer::Message { number, at }),
                false => Err(Rejection::ConflictingKey(key.to_string()).into()),
            };
        }
        if by.is_some_and(|by| chat.noted(by, &key).is_some()) {
            return Err(Rejection::ConflictingKey(key.to_string()).into());
        }
        let rules = &self.known_campaign(chat.campaign)?.settings.files;
        let rules = rules.as_ref().ok_or(Rejection::FilesNotAllowed)?;
        let allowed = rules.check(file.kind, file.bytes);
        allowed.map_err(Rejection::InvalidField)?;
        let sent = chat
            .messages
            .iter()
            .filter(|message| message.file.is_some());
        if sent.count() >= limits::FILES_PER_CHAT as usize {
            return Err(too_many("files of the chat").into());
        }
        let (file, text) = (Some(file.clone()), file.name.clone());
        let number = self.post_with(id, author, text, Some(key), false, file)?;
        let at = self.now;
        Ok(Answer::Message { number, at })
    }

    /// Posts a message under the next number.
    pub(super) fn post(
        &mut self,
        chat: ChatId,
        author: Author,
        text: Arc<str>,
        key: Option<Arc<str>>,
        automatic: bool,
    ) -> Result<u32, Violation> {
        self.post_with(chat, author, text, key, automatic, None)
    }

    fn post_with(
        &mut self,
        chat: ChatId,
        author: Author,
        text: Arc<str>,
        key: Option<Arc<str>>,
        automatic: bool,
        file: Option<Arc<SentFile>>,
    ) -> Result<u32, Violation> {
        let posted = self.picture.chats.get(&chat);
        let number = posted.map_or(0, |chat| chat.messages.len()) as u32 + 1;
        let message = Message {
            number,
            at: self.now,
            author,
            text,
            file,
            key,
            automatic,
        };
        self.emit(Event::MessagePosted { chat, message })?;
        Ok(number)
    }

    /// Posts one of the engine's own texts; `{agent}` becomes the name the visitor may see.
    pub(super) fn say(
        &mut self,
        id: ChatId,
        code: SystemCode,
        text: BuiltIn,
        agent: Option<AgentId>,
    ) -> Verdict {
        let Some(chat) = self.picture.chats.get(&id) else {
            return Ok(());
        };
        let settings = &self.picture.campaigns[&chat.campaign].settings;
        let plain = text.wording(chat.language, settings.wording.default_language);
        let text = match agent {
            Some(agent) => plain.replace(
                "{agent}",
                &self.shown_name(chat.campaign, agent, chat.language),
            ),
            None => plain.to_owned(),
        };
        self.post(id, Author::System { code }, text.into(), None, false)?;
        Ok(())
    }

    /// A side has received or read further; going back is ignored, reading implies receiving.
    pub(super) fn see(
        &mut self,
        chat: ChatId,
        by_visitor: bool,
        seen: Seen,
    ) -> Result<Answer, Halt> {
        let state = self.live_chat(chat)?;
        let last = state.messages.len() as u32;
        let before = match by_visitor {
            true => state.seen_by_visitor,
            false => state.seen_by_agents,
        };
        let read = before.read.max(seen.read.min(last));
        let delivered = before.delivered.max(seen.delivered.min(last)).max(read);
        let seen = Seen { delivered, read };
        if seen != before {
            self.emit(Event::MessagesSeen {
                chat,
                by_visitor,
                seen,
            })?;
        }
        Ok(Answer::Done)
    }
}
