//! A history: the steps of one run, written so that it can be repeated, shortened and printed.

use serde::{Deserialize, Serialize};
use webchat_core::command::{
    AgentCommand, Command, HostCommand, SupervisorCommand, VisitorAsk, VisitorCommand,
};
use webchat_core::id::ChatId;
use webchat_core::time::Timestamp;

/// One step: what happens when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its number in the run it was generated for; kept when other steps are dropped.
    pub number: u32,
    /// What the clock shows; earlier than before when the clock jumped back.
    pub now: Timestamp,
    /// What happens.
    pub act: Act,
}

/// What can happen in a simulated world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Somebody asks the engine for something. Chats of the run are named as by [`alias`].
    Ask(Box<Command>),
    /// Somebody asks, but what became of the append is not known: the process starts anew from a journal that has
    /// the frame or has not, and the same is asked again.
    AskTwice {
        /// What is asked, with the same keys both times.
        command: Box<Command>,
        /// The journal has it.
        written: bool,
        /// From what the engine is rebuilt in between.
        from: Recovery,
    },
    /// A snapshot is taken; from here on the twin is an engine that came out of one.
    Snapshot,
    /// The process dies and is rebuilt from what was durable.
    Crash {
        /// From where.
        from: Recovery,
        /// What became of the commit groups whose append was still running.
        tail: Tail,
    },
}

impl Act {
    /// What is asked, if something is.
    pub fn command(&self) -> Option<&Command> {
        match self {
            Self::Ask(command) | Self::AskTwice { command, .. } => Some(command),
            Self::Snapshot | Self::Crash { .. } => None,
        }
    }

    /// The same, to be changed.
    pub fn command_mut(&mut self) -> Option<&mut Command> {
        match self {
            Self::Ask(command) | Self::AskTwice { command, .. } => Some(command),
            Self::Snapshot | Self::Crash { .. } => None,
        }
    }
}

/// From what an engine is rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recovery {
    /// The whole journal.
    Journal,
    /// The last snapshot and the journal since.
    Snapshot,
}

/// What became of the commit groups whose append was still running when the process died. Nobody
/// got an answer to them, so everybody asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tail {
    /// All are durable.
    Written,
    /// So many of the latest are not.
    Torn(u8),
}

/// The name a history gives to a chat: the number of the step that asked for it. Handles of the engine
/// change when earlier steps are dropped, this name does not.
pub fn alias(step: u32) -> ChatId {
    ChatId::new(step, u32::MAX)
}

/// The step that asked for the chat of this name, if it is such a name.
pub fn step_of(alias: ChatId) -> Option<u32> {
    let written = alias.to_string();
    let (step, tag) = written.split_once('-')?;
    (tag == u32::MAX.to_string()).then(|| step.parse().ok())?
}

/// Replaces the chat a command speaks of, if it speaks of one.
pub fn rename(command: &mut Command, name: impl FnOnce(ChatId) -> ChatId) {
    if let Some(chat) = chat_of(command) {
        *chat = name(*chat);
    }
}

fn chat_of(command: &mut Command) -> Option<&mut ChatId> {
    use AgentCommand as A;
    use SupervisorCommand as S;
    match command {
        Command::Host(HostCommand::Erase { chats, .. }) => chats.first_mut(),
        Command::Visitor(VisitorCommand::InChat { chat, .. })
        | Command::Host(HostCommand::Say { chat, .. }) => Some(chat),
        Command::Agent { ask, .. } => match ask {
            A::Accept { chat }
            | A::Refuse { chat }
            | A::Take { chat }
            | A::Write { chat, .. }
            | A::SendFile { chat, .. }
            | A::Typing { chat, .. }
            | A::Seen { chat, .. }
            | A::Note { chat, .. }
            | A::Transfer { chat, .. }
            | A::CancelTransfer { chat }
            | A::Invite { chat, .. }
            | A::Leave { chat }
            | A::Call { chat, .. }
            | A::Evaluate { chat, .. }
            | A::Close { chat, .. } => Some(chat),
            A::SignIn { .. }
            | A::SignOut { .. }
            | A::Disconnect
            | A::Connect
            | A::Pause { .. }
            | A::Resume
            | A::OnCall { .. } => None,
        },
        Command::Supervisor { ask, .. } => match ask {
            S::TakeOver { chat }
            | S::Assign { chat, .. }
            | S::Close { chat }
            | S::Evaluate { chat, .. }
            | S::Move { chat, .. }
            | S::Watch { chat }
            | S::Unwatch { chat }
            | S::Whisper { chat, .. } => Some(chat),
            S::SetMembers { .. } | S::SignOut { .. } | S::Pause { .. } | S::Resume { .. } => None,
        },
        Command::Visitor(
            VisitorCommand::RequestChat(_) | VisitorCommand::LeaveOfflineMessage(_),
        )
        | Command::Host(_) => None,
    }
}

/// Who asks for what, such as `agent accept`.
pub fn kind(command: &Command) -> String {
    match command {
        Command::Visitor(VisitorCommand::InChat { ask, .. }) => format!("visitor {}", name(ask)),
        Command::Visitor(ask) => format!("visitor {}", name(ask)),
        Command::Agent { ask, .. } => format!("agent {}", name(ask)),
        Command::Supervisor { ask, .. } => format!("supervisor {}", name(ask)),
        Command::Host(ask) => format!("host {}", name(ask)),
    }
}

/// Whether a repeat gets the first answer and changes nothing: it carries a key or a session of its own, or names
/// what can happen only once. Source: domain.md §1, "Idempotency".
pub fn is_idempotent(command: &Command) -> bool {
    use AgentCommand as A;
    use VisitorCommand as V;
    match command {
        Command::Visitor(V::RequestChat(_) | V::LeaveOfflineMessage(_))
        | Command::Visitor(V::InChat {
            ask: VisitorAsk::Write { .. },
            ..
        })
        | Command::Host(HostCommand::Say { .. }) => true,
        Command::Agent { ask, .. } => matches!(
            ask,
            A::SignIn { .. }
                | A::Accept { .. }
                | A::Take { .. }
                | A::Write { .. }
                | A::Note { key: Some(_), .. }
        ),
        _ => false,
    }
}

/// The name of a variant as it is written down.
fn name(variant: &impl Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(serde_json::Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_is_named_after_the_step_that_asked_for_it() {
        assert_eq!(step_of(alias(17)), Some(17));
        assert_eq!(step_of(ChatId::new(17, 1)), None);
    }

    #[test]
    fn a_step_survives_being_written_down() {
        let mut command = Command::Agent {
            agent: webchat_core::id::AgentId(1),
            ask: AgentCommand::Accept {
                chat: ChatId::new(3, 1),
            },
        };
        rename(&mut command, |_| alias(4));
        let step = Step {
            number: 9,
            now: Timestamp::from_seconds(5),
            act: Act::Ask(Box::new(command)),
        };
        let line = serde_json::to_string(&step).unwrap();
        assert_eq!(serde_json::from_str::<Step>(&line).unwrap(), step);
        assert!(line.contains("4-4294967295"), "{line}");
    }
}
