//! Answers, and that a repeat gets the first one.

use webchat_core::command::{AgentCommand, Command, HostCommand, VisitorAsk, VisitorCommand};
use webchat_core::effect::Receipt;
use webchat_core::event::{Event, Recorded};
use webchat_core::id::ChatId;
use webchat_core::rejection::Rejection;

use crate::picture::{Picture, Sender};
use crate::violation::{Verdict, expect};

/// Checks the answer to a command and the events it caused, given the picture just before the command was
/// decided, timers fired.
///
/// # Errors
/// What the answer should have been.
pub fn check(
    before: &Picture,
    command: &Command,
    answer: &Result<Receipt, Rejection>,
    caused: &[Recorded],
) -> Verdict {
    expect(
        answer.is_ok() || caused.is_empty(),
        "a rejection changes nothing",
        || format!("{answer:?} with {caused:?}"),
    )?;
    match command {
        Command::Visitor(VisitorCommand::RequestChat(request)) => {
            let queued = caused.iter().find_map(|recorded| match &recorded.event {
                Event::ChatQueued { chat, .. } => Some(*chat),
                _ => None,
            });
            let refused = caused.iter().find_map(|recorded| match &recorded.event {
                Event::ChatRefused { reason, .. } => Some(*reason),
                _ => None,
            });
            let known = before.chat_of(request.visitor, request.campaign);
            let holds = match answer {
                Ok(Receipt::Chat(view)) => match known {
                    Some(known) => view.chat == known && caused.is_empty(),
                    None => Some(view.chat) == queued,
                },
                Ok(Receipt::Refused(refusal)) => {
                    known.is_none() && Some(refusal.code) == refused && queued.is_none()
                }
                Ok(_) => false,
                Err(_) => true,
            };
            expect(
                holds,
                "a repeated request finds the chat already there",
                || format!("{known:?} was there, {queued:?} was queued, answer {answer:?}"),
            )
        }
        Command::Visitor(VisitorCommand::InChat {
            visitor,
            chat,
            ask: VisitorAsk::Write { key, text },
        }) => {
            let owner = before.chats.get(chat).map(|chat| chat.visitor);
            match owner == Some(*visitor) {
                true => repeated(before, *chat, Sender::Visitor, key, text, answer, caused),
                false => expect(answer.is_err(), "visitors see only their own chats", || {
                    format!("{visitor} wrote in chat {chat}: {answer:?}")
                }),
            }
        }
        Command::Agent {
            agent,
            ask: AgentCommand::Write { chat, key, text },
        } => {
            let chats = before.chats.get(chat);
            let agents = before.agents.get(agent);
            let takes_part = chats.is_some_and(|chat| chat.agents.contains(agent))
                && agents.is_some_and(|agent| agent.session.is_some());
            match takes_part {
                true => repeated(
                    before,
                    *chat,
                    Sender::Agent(*agent),
                    key,
                    text,
                    answer,
                    caused,
                ),
                false => expect(answer.is_err(), "agents write in their own chats", || {
                    format!("agent {agent} wrote in chat {chat}: {answer:?}")
                }),
            }
        }
        Command::Host(HostCommand::Say {
            chat, key, text, ..
        }) => repeated(before, *chat, Sender::Program, key, text, answer, caused),
        _ => Ok(()),
    }
}

fn repeated(
    before: &Picture,
    chat: ChatId,
    by: Sender,
    key: &str,
    text: &str,
    answer: &Result<Receipt, Rejection>,
    caused: &[Recorded],
) -> Verdict {
    let first = before
        .chats
        .get(&chat)
        .and_then(|chat| chat.posted(by, key));
    let holds = match (first, answer) {
        (Some(first), Ok(Receipt::Message { number, at })) => {
            *number == first.number && *at == first.at && *text == *first.text && caused.is_empty()
        }
        // Other content is refused, as such or for what is wrong with it.
        (Some(first), Err(Rejection::ConflictingKey(_) | Rejection::InvalidField(_))) => {
            *text != *first.text
        }
        (None, Ok(Receipt::Message { number, .. })) => caused.iter().any(|recorded| {
            matches!(&recorded.event, Event::MessagePosted { chat: of, message }
                if *of == chat && message.number == *number && *message.text == *text)
        }),
        (None, Err(_)) => true,
        _ => false,
    };
    expect(holds, "a message is stored once and answered alike", || {
        format!("chat {chat}, key {key}: {answer:?}, first {first:?}")
    })
}
