//! What visitors are told: their own chat, all of it, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use webchat_core::campaign::AgentName;
use webchat_core::effect::{AgentNotice, Effect, VisitorNotice};
use webchat_core::event::{Alarm, Event, Recorded};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};

use crate::picture::{CampaignPicture, ChatPicture, Picture};
use crate::violation::{Verdict, expect};

/// In each generated name of an agent, and in nothing else.
const NAME: &str = "-secret-";
/// In each generated note and whisper, and in nothing else.
const NOTE: &str = "memo ";
/// Before the key of the visitor a generated message belongs to.
const WHOSE: &str = " for v";

/// What matters of the picture before a step for what is told about it.
#[derive(Debug)]
pub struct Before {
    hides_names: Vec<CampaignId>,
    chats: BTreeMap<ChatId, (CampaignId, VisitorKey)>,
    watches: BTreeSet<(ChatId, AgentId)>,
}

impl Before {
    /// Takes it from the picture.
    pub fn of(picture: &Picture) -> Self {
        let of = |chat: &ChatPicture| (chat.campaign, chat.visitor);
        Self {
            hides_names: hiding(picture),
            chats: picture
                .chats
                .iter()
                .map(|(id, chat)| (*id, of(chat)))
                .collect(),
            watches: picture.watches.clone(),
        }
    }
}

fn hiding(picture: &Picture) -> Vec<CampaignId> {
    let hides = |state: &CampaignPicture| state.settings.agent_name == AgentName::Hidden;
    let hiding = picture.campaigns.iter().filter(|(_, state)| hides(state));
    hiding.map(|(id, _)| *id).collect()
}

/// Checks the effects of one step against its events and the picture before and after it.
///
/// # Errors
/// What was told to whom, or was not.
pub fn check(before: &Before, after: &Picture, events: &[Recorded], effects: &[Effect]) -> Verdict {
    for effect in effects {
        if let Effect::Visitor { chat, notice } = effect {
            visitor_is_told(before, after, *chat, notice)?;
        }
        if let Effect::Watcher { agent, notice } = effect {
            let watch = chat_of(notice).map(|chat| (chat, *agent));
            let began = |recorded: &Recorded| matches!(recorded.event, Event::WatchStarted { chat, agent } if Some((chat, agent)) == watch);
            let watches = |watch| before.watches.contains(&watch) || after.watches.contains(&watch);
            let may = watch.is_some_and(watches) || events.iter().any(began);
            expect(may, "only who watches a chat is told of it", || {
                format!("{effect:?}")
            })?;
        }
    }
    for recorded in events {
        let told = |wanted: &dyn Fn(ChatId, &VisitorNotice) -> bool| {
            effects.iter().any(|effect| {
                matches!(effect, Effect::Visitor { chat, notice } if wanted(*chat, notice))
            })
        };
        let is_told = match &recorded.event {
            Event::MessagePosted { chat, message } => told(&|of, notice| {
                matches!(notice, VisitorNotice::Message { message: shown, .. }
                    if of == *chat && shown.0.number == message.number && shown.0.text == message.text)
            }),
            Event::ChatClosed { chat, reason, .. } => told(
                &|of, notice| matches!(notice, VisitorNotice::Closed(ended) if of == *chat && ended.reason == *reason),
            ),
            Event::MailTried { message, .. } => effects
                .iter()
                .any(|effect| matches!(effect, Effect::Mail { mail } if mail.id() == *message)),
            Event::AlarmRaised { alarm, .. } => alarm_is_told(effects, *alarm, true),
            Event::AlarmCleared { alarm, .. } => alarm_is_told(effects, *alarm, false),
            Event::ChatAssigned { chat, .. } => {
                told(&|of, notice| of == *chat && matches!(notice, VisitorNotice::State { .. }))
            }
            _ => true,
        };
        expect(is_told, "whoever is concerned is told", || {
            format!("{recorded:?} with {effects:?}")
        })?;
    }
    Ok(())
}

fn alarm_is_told(effects: &[Effect], about: Alarm, is_raised: bool) -> bool {
    let told = |effect: &Effect| matches!(effect, Effect::Alarm { alarm, raised, .. } if *alarm == about && *raised == is_raised);
    effects.iter().any(told)
}

fn chat_of(notice: &AgentNotice) -> Option<ChatId> {
    match notice {
        AgentNotice::Chat { view } => Some(view.chat),
        AgentNotice::Message { chat, .. }
        | AgentNotice::Note { chat, .. }
        | AgentNotice::Typing { chat, .. }
        | AgentNotice::Seen { chat, .. }
        | AgentNotice::Call { chat, .. }
        | AgentNotice::Gone { chat, .. } => Some(*chat),
        AgentNotice::Signal { .. } | AgentNotice::SessionEnded { .. } => None,
    }
}

fn visitor_is_told(
    before: &Before,
    after: &Picture,
    id: ChatId,
    notice: &VisitorNotice,
) -> Verdict {
    let said = serde_json::to_string(notice).unwrap_or_default();
    let was = before.chats.get(&id).copied();
    let is = after
        .chats
        .get(&id)
        .map(|chat| (chat.campaign, chat.visitor));
    let ended = after
        .ended
        .get(&id)
        .map(|chat| (chat.campaign, chat.visitor));
    let visitor = was.or(is).or(ended).map(|(_, visitor)| visitor);
    let own = match notice {
        VisitorNotice::Message { chat, message } => *chat == id && message.0.author.agent.is_none(),
        VisitorNotice::State { view } => view.chat == id,
        VisitorNotice::Typing { chat, .. }
        | VisitorNotice::Seen { chat, .. }
        | VisitorNotice::Call { chat, .. }
        | VisitorNotice::Signal { chat, .. } => *chat == id,
        VisitorNotice::Closed(ended) => ended.chat == id,
    };
    let foreign = said.split(WHOSE).skip(1).any(|rest| {
        let whose = rest.split('.').next().unwrap_or_default();
        visitor.is_none_or(|visitor| format!("{:x}", visitor.0) != whose)
    });
    expect(
        own && !foreign,
        "a visitor is told of no other chat",
        || format!("chat {id} of {visitor:?}: {said}"),
    )?;
    expect(!said.contains(NOTE), "a visitor is told of no note", || {
        format!("chat {id}: {said}")
    })?;
    // A step that changes the setting, or takes the chat to another campaign, may show both.
    let after_hiding = hiding(after);
    let hidden = [was, is.or(ended)]
        .into_iter()
        .flatten()
        .all(|(campaign, _)| {
            before.hides_names.contains(&campaign) && after_hiding.contains(&campaign)
        });
    expect(
        !hidden || !said.contains(NAME),
        "a hidden agent's name is not told",
        || format!("chat {id}: {said}"),
    )
}
