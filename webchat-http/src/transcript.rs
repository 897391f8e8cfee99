//! What was said in a live chat and about it, as agents and supervisors read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use webchat_core::Engine;
use webchat_core::effect::{AgentMessage, MessageView, NoteView};
use webchat_core::event::{Author, Message};
use webchat_core::id::{AgentId, ChatId};

use crate::app::App;
use crate::limits;
use crate::refused::Refused;

/// A page of messages, with all the notes.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Transcript")]
pub(crate) struct Past {
    messages: Vec<AgentMessage>,
    notes: Vec<NoteView>,
    /// Number of the chat's last message.
    last: u32,
}

/// The messages after `after`, at most `limit`. Whether the reader may read them was asked before.
pub(crate) async fn page(
    app: &App,
    chat: ChatId,
    after: u32,
    limit: Option<usize>,
    last: u32,
) -> Result<Past, Refused> {
    let limit = limit.unwrap_or(limits::PAGE).clamp(1, limits::PAGE);
    let messages = app.messages(chat, after, limit).await?;
    let recording = app
        .parts
        .read_model
        .recording(app.parts.tenant, chat)
        .await?;
    let notes = recording
        .map(|recording| recording.notes)
        .unwrap_or_default();
    let authors: Vec<AgentId> = messages
        .iter()
        .filter_map(author)
        .chain(notes.iter().map(|note| note.agent))
        .collect();
    let names = app.query(move |engine, _| names(engine, authors)).await?;
    let named = |agent: AgentId| names.get(&agent).cloned();
    Ok(Past {
        messages: messages
            .iter()
            .map(|message| MessageView::for_agent(message, author(message).and_then(named)))
            .collect(),
        notes: notes
            .into_iter()
            .map(|note| NoteView {
                agent: note.agent,
                name: named(note.agent).unwrap_or_default(),
                text: note.text,
                at: note.at,
                whisper: note.whisper,
            })
            .collect(),
        last,
    })
}

fn author(message: &Message) -> Option<AgentId> {
    match &message.author {
        Author::Agent { agent, .. } => Some(*agent),
        _ => None,
    }
}

/// The names of agents, for those the engine knows.
pub(crate) fn names(engine: &Engine, agents: Vec<AgentId>) -> BTreeMap<AgentId, Arc<str>> {
    let name = |agent| Some((agent, engine.view().agent(agent)?.profile.name.clone()));
    agents.into_iter().filter_map(name).collect()
}
