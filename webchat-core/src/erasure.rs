//! Erasure: what is left in the journal of chats whose content has to go, because a visitor asked or
//! the campaign keeps recordings for so many days only.
//!
//! The engine decides and records it, [`Event::RecordingsErased`] and [`Event::RecordingsExpired`]; it keeps no
//! transcripts itself. Whoever keeps the journal then replaces the events of those chats by their tombstones.
//! A tombstone says who, when and how many, and no longer what: every event stays at its place, numbers, times,
//! scores and reasons stay, so all that is counted stays. Replaying a journal with tombstones leads to the same
//! state as replaying the whole one from the event on that recorded the erasure; before it, live chats differ
//! in what was erased and in nothing else.
//!
//! Source: domain.md §7, "Recordings".

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::event::{Event, Message};
use crate::id::ChatId;
use crate::mail::MailId;

/// Chats and mails whose events become tombstones.
///
/// ```
/// use webchat_core::{erasure::Erased, event::Event, id::{AgentId, ChatId}};
///
/// let chat = ChatId::new(0, 1);
/// let mut erased = Erased::default();
/// erased.chats.insert(chat);
/// let mut note = Event::NoteAdded { chat, agent: AgentId(1), key: None, text: "moving to Lima".into() };
/// assert!(erased.bury(&mut note));
/// assert_eq!(note, Event::NoteAdded { chat, agent: AgentId(1), key: None, text: "".into() });
/// assert!(!erased.bury(&mut note));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Their texts, notes, forms and keys go.
    pub chats: BTreeSet<ChatId>,
    /// Offline messages, and the transcripts of erased chats: their texts, senders, addressees, keys and errors go.
    pub mails: BTreeSet<MailId>,
}

impl Erased {
    /// Turns an event into its tombstone if it is about something erased; says whether that changed it.
    pub fn bury(&self, event: &mut Event) -> bool {
        match event {
            Event::ChatQueued { chat, facts, .. } if self.chats.contains(chat) => {
                let known = !facts.is_unknown();
                *facts = Arc::default();
                known
            }
            Event::MessagePosted { chat, message } if self.chats.contains(chat) => {
                bury_message(message)
            }
            Event::NoteAdded {
                chat, key, text, ..
            }
            | Event::Whispered {
                chat, key, text, ..
            } if self.chats.contains(chat) => clear(text) | key.take().is_some(),
            Event::ChatClosed {
                chat, disposition, ..
            } if self.chats.contains(chat) => disposition.take().is_some(),
            Event::FeedbackGiven { chat, note, .. } if self.chats.contains(chat) => {
                note.take().is_some()
            }
            Event::OfflineMessageLeft { message } if self.mails.contains(&message.id) => {
                let known = !message.facts.is_unknown();
                let message = Arc::make_mut(message);
                message.facts = Default::default();
                clear(&mut message.text) | clear(&mut message.key) | known
            }
            Event::TranscriptAsked { transcript } if self.mails.contains(&transcript.id) => {
                clear(&mut Arc::make_mut(transcript).address)
            }
            Event::MailFailed { message, error, .. } if self.mails.contains(message) => {
                clear(error)
            }
            Event::ChatQueued { .. }
            | Event::MessagePosted { .. }
            | Event::NoteAdded { .. }
            | Event::Whispered { .. }
            | Event::ChatClosed { .. }
            | Event::FeedbackGiven { .. }
            | Event::OfflineMessageLeft { .. }
            | Event::TranscriptAsked { .. }
            | Event::MailFailed { .. } => false,
            // Nothing a visitor said, or that was said of one. Listed so that a new event has to be thought of.
            Event::TenantSet { .. }
            | Event::CampaignCreated { .. }
            | Event::CampaignChanged { .. }
            | Event::CampaignDeleted { .. }
            | Event::CampaignOpened { .. }
            | Event::CampaignWentOutOfTime { .. }
            | Event::MembersSet { .. }
            | Event::AgentCreated { .. }
            | Event::AgentChanged { .. }
            | Event::AgentDeleted { .. }
            | Event::AgentSignedIn { .. }
            | Event::AgentSignedOut { .. }
            | Event::AgentLost { .. }
            | Event::AgentBack { .. }
            | Event::AgentPaused { .. }
            | Event::AgentResumed { .. }
            | Event::AgentOnCall { .. }
            | Event::AgentOtherLoad { .. }
            | Event::ChatRefused { .. }
            | Event::ChatOffered { .. }
            | Event::OfferEnded { .. }
            | Event::ChatAssigned { .. }
            | Event::ChatMoved { .. }
            | Event::ChatReturned { .. }
            | Event::TransferStarted { .. }
            | Event::TransferEnded { .. }
            | Event::ParticipantJoined { .. }
            | Event::ParticipantLeft { .. }
            | Event::VisitorLost { .. }
            | Event::VisitorBack { .. }
            | Event::MessagesSeen { .. }
            | Event::CallAsked { .. }
            | Event::CallAccepted { .. }
            | Event::CallEnded { .. }
            | Event::WatchStarted { .. }
            | Event::WatchEnded { .. }
            | Event::WrapUpEnded { .. }
            | Event::CannedSet { .. }
            | Event::QualityModelAdded { .. }
            | Event::ChatEvaluated { .. }
            | Event::MailTried { .. }
            | Event::MailDelivered { .. }
            | Event::MailRevived { .. }
            | Event::MailForgotten { .. }
            | Event::NoticeOwed { .. }
            | Event::AlarmRaised { .. }
            | Event::AlarmCleared { .. }
            | Event::RecordingsErased { .. }
            | Event::RecordingsExpired { .. } => false,
        }
    }
}

/// Leaves of a message who posted it and when; says whether that changed it. A file it names is to be removed too.
pub fn bury_message(message: &mut Message) -> bool {
    clear(&mut message.text) | message.key.take().is_some() | message.file.take().is_some()
}

/// Empties a text; says whether there was one.
fn clear(text: &mut Arc<str>) -> bool {
    let said = !text.is_empty();
    *text = "".into();
    said
}
