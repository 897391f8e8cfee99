//! What visitor and agent share: posting, system texts, read marks, closing, returning to the queue.

use std::sync::Arc;

use crate::call::CallEnd;
use crate::campaign::AgentName;
use crate::command::Seen;
use crate::effect::Receipt;
use crate::event::{Author, CloseReason, Event, Message, ReturnReason, SystemCode};
use crate::field;
use crate::file::SentFile;
use crate::id::{AgentId, CampaignId, ChatId};
use crate::limits;
use crate::outbox::Outbox;
use crate::rejection::Rejection;
use crate::state::{Chat, Phase, Sender, Sent, content_hash};
use crate::time::{Seconds, Timestamp};
use crate::wording::{BuiltIn, Language};

use super::Engine;

/// How a chat is closed besides its reason.
#[derive(Default)]
pub(super) struct Closing {
    pub(super) due: Option<Timestamp>,
    pub(super) by: Option<AgentId>,
    pub(super) disposition: Option<Vec<Arc<str>>>,
}

impl Engine {
    /// Posts what a person or a program wrote; a repeated key returns the first result.
    pub(super) fn write(
        &mut self,
        at: Timestamp,
        id: ChatId,
        author: Author,
        key: Arc<str>,
        text: Arc<str>,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        field::check_key(&key).map_err(Rejection::InvalidField)?;
        field::check_text(&text, limits::TEXT_CHARS).map_err(Rejection::InvalidField)?;
        let chat = self.live_chat(id)?;
        if let Some(first) = repeated(chat, &author, &key, &text) {
            return first;
        }
        // A repeat is answered alike whatever the limit is by now, so the tenant's own comes after it.
        let longest = self.state.tenant.text_chars as usize;
        if longest < limits::TEXT_CHARS {
            field::check_text(&text, longest).map_err(Rejection::InvalidField)?;
        }
        room_for_message(chat)?;
        let message = Message {
            number: 0,
            at,
            author,
            text,
            file: None,
            key: Some(key),
            automatic: false,
        };
        let number = self.post(at, id, message, outbox);
        Ok(Receipt::Message { number, at })
    }

    /// Posts a file, which the campaign has to allow; a repeated key returns the first result.
    pub(super) fn send_file(
        &mut self,
        at: Timestamp,
        id: ChatId,
        author: Author,
        key: &str,
        file: Arc<SentFile>,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let key = field::key(key).map_err(Rejection::InvalidField)?;
        file.check().map_err(Rejection::InvalidField)?;
        let chat = self.live_chat(id)?;
        if let Some(first) = repeated(chat, &author, &key, &file.content()) {
            return first;
        }
        let rules = &self.known_campaign(chat.campaign)?.settings.files;
        let rules = rules.as_ref().ok_or(Rejection::FilesNotAllowed)?;
        rules
            .check(file.kind, file.bytes)
            .map_err(Rejection::InvalidField)?;
        if chat.files >= limits::FILES_PER_CHAT {
            let max = u64::from(limits::FILES_PER_CHAT);
            return Err(Rejection::Limit {
                what: "files of the chat",
                max,
            });
        }
        room_for_message(chat)?;
        let message = Message {
            number: 0,
            at,
            author,
            text: file.name.clone(),
            file: Some(file),
            key: Some(key),
            automatic: false,
        };
        let number = self.post(at, id, message, outbox);
        Ok(Receipt::Message { number, at })
    }

    /// Posts a message under the next number and returns it.
    pub(super) fn post(
        &mut self,
        at: Timestamp,
        chat: ChatId,
        message: Message,
        outbox: &mut Outbox,
    ) -> u32 {
        let number = self.state.chat(chat).map_or(0, |chat| chat.messages) + 1;
        let message = Message { number, ..message };
        self.emit(at, Event::MessagePosted { chat, message }, outbox);
        number
    }

    /// Posts one of the engine's own texts; `{agent}` becomes the name the visitor may see.
    pub(super) fn say(
        &mut self,
        at: Timestamp,
        id: ChatId,
        code: SystemCode,
        text: BuiltIn,
        agent: Option<AgentId>,
        outbox: &mut Outbox,
    ) {
        if let Some(words) = self.worded(id, text, agent) {
            self.say_words(at, id, code, words, outbox);
        }
    }

    /// One of the engine's own texts in the language of a chat; `{agent}` becomes the name the visitor may see.
    pub(super) fn worded(
        &self,
        id: ChatId,
        text: BuiltIn,
        agent: Option<AgentId>,
    ) -> Option<String> {
        let chat = self.state.chat(id)?;
        let (campaign, language) = (chat.campaign, chat.language);
        let default = self
            .state
            .campaign(campaign)
            .map(|campaign| campaign.settings.wording.default_language);
        let wording = text.wording(language, default.unwrap_or(Language::EN));
        Some(match agent {
            Some(agent) => wording.replace("{agent}", &self.shown_name(campaign, agent, language)),
            None => wording.to_owned(),
        })
    }

    /// Posts a text in the engine's own name.
    pub(super) fn say_words(
        &mut self,
        at: Timestamp,
        id: ChatId,
        code: SystemCode,
        words: String,
        outbox: &mut Outbox,
    ) {
        let message = Message {
            number: 0,
            at,
            author: Author::System { code },
            text: words.into(),
            file: None,
            key: None,
            automatic: false,
        };
        self.post(at, id, message, outbox);
    }

    /// The name the visitor may see for an agent.
    pub(crate) fn shown_name(
        &self,
        campaign: CampaignId,
        agent: AgentId,
        language: Language,
    ) -> Arc<str> {
        let settings = self
            .state
            .campaign(campaign)
            .map(|campaign| &campaign.settings);
        let profile = self.state.agent(agent).map(|agent| &agent.profile);
        match (settings, profile) {
            (Some(settings), Some(profile)) if settings.agent_name == AgentName::Shown => {
                profile.name.clone()
            }
            (Some(settings), _) => settings.wording.alias(language),
            (None, _) => BuiltIn::Alias.wording(language, language).into(),
        }
    }

    /// Records that a side has received or read further; going back is ignored.
    pub(super) fn see(
        &mut self,
        at: Timestamp,
        id: ChatId,
        by_visitor: bool,
        seen: Seen,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let chat = self.live_chat(id)?;
        let before = if by_visitor {
            chat.seen_by_visitor
        } else {
            chat.seen_by_agents
        };
        let read = seen.read.min(chat.messages).max(before.read);
        let delivered = seen
            .delivered
            .min(chat.messages)
            .max(before.delivered)
            .max(read);
        let seen = Seen { delivered, read };
        if seen != before {
            self.emit(
                at,
                Event::MessagesSeen {
                    chat: id,
                    by_visitor,
                    seen,
                },
                outbox,
            );
        }
        Ok(Receipt::Done)
    }

    /// Ends a chat with the texts its reason calls for.
    pub(super) fn close(
        &mut self,
        at: Timestamp,
        id: ChatId,
        reason: CloseReason,
        how: Closing,
        outbox: &mut Outbox,
    ) {
        const FEEDBACK: Seconds =
            Seconds::new(limits::FEEDBACK_SECONDS).expect("a day is not zero");
        self.end_call(at, id, CallEnd::ChatClosed, outbox);
        let Some(chat) = self.state.chat(id) else {
            return;
        };
        let Some(campaign) = self.state.campaign(chat.campaign) else {
            return;
        };
        let settings = &campaign.settings;
        let wording = &settings.wording;
        let text = match reason {
            CloseReason::OutOfTime => Some(wording.out_of_time(chat.language)),
            CloseReason::TimedOut
            | CloseReason::Disabled
            | CloseReason::AgentsGone
            | CloseReason::AgentGone => Some(wording.not_available(chat.language)),
            CloseReason::VisitorLeft
            | CloseReason::VisitorGone
            | CloseReason::AgentClosed
            | CloseReason::SupervisorClosed => None,
        };
        let feedback = chat.answered.then(|| {
            wording
                .optional(&wording.feedback, chat.language)
                .unwrap_or_default()
        });
        let feedback_until = (chat.answered && settings.feedback_form).then(|| at.after(FEEDBACK));
        let wrap_up_until = settings
            .wrap_up
            .filter(|_| chat.owner().is_some())
            .map(|wrap_up| at.after(wrap_up));
        let event = Event::ChatClosed {
            chat: id,
            reason,
            due: how.due,
            by: how.by,
            text,
            feedback,
            feedback_until,
            disposition: how.disposition,
            wrap_up_until,
        };
        self.emit(at, event, outbox);
        self.send_copies(at, id, outbox);
    }

    /// Sends a chat that lost its agent back to the queue, ahead by its first enqueue.
    ///
    /// [`Engine::settle`] follows once all chats of the agent are back. Source: domain.md §5, "Agent lost".
    pub(super) fn give_back(
        &mut self,
        at: Timestamp,
        id: ChatId,
        why: ReturnReason,
        outbox: &mut Outbox,
    ) {
        self.emit(at, Event::ChatReturned { chat: id, why }, outbox);
        self.say(
            at,
            id,
            SystemCode::Returned,
            BuiltIn::Returned,
            None,
            outbox,
        );
    }

    /// Gives chats that wait again to whoever is eligible, in dispatch order; in a campaign that serves
    /// its queue no longer, those left over are told and closed. Source: domain.md §3, after closing.
    pub(super) fn settle(&mut self, at: Timestamp, chats: &[ChatId], outbox: &mut Outbox) {
        self.dispatch(at, outbox);
        for id in chats {
            // An offer that is out will be answered; only who waits with nobody asked has to leave.
            let waiting = |chat: &&Chat| matches!(chat.phase, Phase::Waiting);
            let campaign = self
                .state
                .chat(*id)
                .filter(waiting)
                .map(|chat| chat.campaign);
            let Some(campaign) = campaign.and_then(|campaign| self.state.campaign(campaign)) else {
                continue;
            };
            let reason = match campaign.settings.enabled {
                false => CloseReason::Disabled,
                true if !campaign.open && campaign.settings.closes_waiting() => {
                    CloseReason::OutOfTime
                }
                true => continue,
            };
            self.close(at, *id, reason, Closing::default(), outbox);
        }
    }
}

/// The answer to a key that this author used before in the chat.
fn repeated(
    chat: &Chat,
    author: &Author,
    key: &Arc<str>,
    content: &str,
) -> Option<Result<Receipt, Rejection>> {
    let by = Sender::of(author)?;
    let first = *chat.sent(by, key)?;
    let Sent { number, at, .. } = first;
    Some(
        match first.content == content_hash(content) && !first.is_note() {
            true => Ok(Receipt::Message { number, at }),
            false => Err(Rejection::ConflictingKey(key.to_string())),
        },
    )
}

/// The checked text of a note or whisper; `None` if it is there already under this key. Another text under the same key,
/// and a message under it, are refused.
pub(super) fn new_note(
    chat: &Chat,
    by: Sender,
    key: Option<&Arc<str>>,
    text: &str,
) -> Result<Option<Arc<str>>, Rejection> {
    let text = field::text(text, limits::NOTE_CHARS).map_err(Rejection::InvalidField)?;
    let Some(key) = key else {
        return Ok(Some(text));
    };
    field::check_key(key).map_err(Rejection::InvalidField)?;
    match chat.sent(by, key) {
        None => Ok(Some(text)),
        Some(first) if first.is_note() && first.content == content_hash(&text) => Ok(None),
        Some(_) => Err(Rejection::ConflictingKey(key.to_string())),
    }
}

/// Whether a chat may still grow by a message.
pub(super) fn has_room(chat: &Chat) -> bool {
    chat.messages < limits::MESSAGES_PER_CHAT
}

fn room_for_message(chat: &Chat) -> Result<(), Rejection> {
    match has_room(chat) {
        true => Ok(()),
        false => Err(Rejection::Limit {
            what: "messages of the chat",
            max: u64::from(limits::MESSAGES_PER_CHAT),
        }),
    }
}
