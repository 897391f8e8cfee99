//! Calls inside a chat. Source: domain.md §7, "Allow Audio and Video".

use webchat_core::call::{Call, CallAsk, CallEnd, Caller, SIGNAL_BYTES};
use webchat_core::event::{Author, Event, SystemCode};
use webchat_core::id::ChatId;
use webchat_core::limits::MESSAGES_PER_CHAT;
use webchat_core::problem::Problem;
use webchat_core::rejection::Rejection;
use webchat_core::wording::BuiltIn;

use super::{Answer, Halt, Model};
use crate::violation::Verdict;

impl Model<'_> {
    /// What one end of a chat asks about its call.
    pub(super) fn call(
        &mut self,
        chat: ChatId,
        party: Caller,
        ask: &CallAsk,
    ) -> Result<Answer, Halt> {
        let state = self.live_chat(chat)?;
        let attended = !state.is_waiting();
        let media = self.known_campaign(state.campaign)?.settings.media;
        let Some(call) = state.call else {
            return match ask {
                CallAsk::Start { .. } if !media => Err(Rejection::MediaNotAllowed.into()),
                CallAsk::Start { video } if attended => {
                    self.emit(Event::CallAsked {
                        chat,
                        from: party,
                        video: *video,
                    })?;
                    Ok(Answer::Done)
                }
                _ => Err(Rejection::NoCall(chat).into()),
            };
        };
        let rings = call.accepted.is_none();
        let own = call.from == party;
        let other_side = (call.from == Caller::Visitor) != (party == Caller::Visitor);
        let is_end = own || call.accepted.is_some_and(|(other, _)| other == party);
        match ask {
            CallAsk::Start { .. } | CallAsk::Accept if rings && other_side => {
                self.emit(Event::CallAccepted { chat, by: party })?;
            }
            CallAsk::Start { .. } if rings && own => {}
            CallAsk::Start { .. } => return Err(Rejection::CallRunning(chat).into()),
            CallAsk::HangUp if rings && own => self.hang_up(chat, CallEnd::TakenBack)?,
            CallAsk::HangUp if rings && other_side => self.hang_up(chat, CallEnd::Refused)?,
            CallAsk::HangUp if !rings && is_end => self.hang_up(chat, CallEnd::HungUp)?,
            CallAsk::Signal { signal } if !rings && is_end => {
                if signal.len() > SIGNAL_BYTES {
                    let problem = Problem::new("signal", signal.len(), "fewer bytes");
                    return Err(Rejection::InvalidField(problem).into());
                }
            }
            CallAsk::Accept | CallAsk::HangUp | CallAsk::Signal { .. } => {
                return Err(Rejection::NoCall(chat).into());
            }
        }
        Ok(Answer::Done)
    }

    fn hang_up(&mut self, chat: ChatId, why: CallEnd) -> Verdict {
        let Some(call) = self.running(chat) else {
            return Ok(());
        };
        self.emit(Event::CallEnded { chat, why })?;
        let state = &self.picture.chats[&chat];
        if state.messages.len() >= MESSAGES_PER_CHAT as usize {
            return Ok(());
        }
        let (code, text) = match (call.accepted, call.video) {
            (None, _) => (SystemCode::CallMissed, BuiltIn::MissedCall),
            (Some(_), true) => (SystemCode::CallEnded, BuiltIn::VideoCall),
            (Some(_), false) => (SystemCode::CallEnded, BuiltIn::VoiceCall),
        };
        let settings = &self.picture.campaigns[&state.campaign].settings;
        let mut words = text
            .wording(state.language, settings.wording.default_language)
            .to_owned();
        if let (Some((_, from)), Some(agent)) = (call.accepted, call.agent()) {
            let name = self.shown_name(state.campaign, agent, state.language);
            let ran = (self.now.as_millis() - from.as_millis()).max(0) / 1_000;
            let (hours, rest) = (ran / 3_600, ran % 3_600);
            let time = match hours {
                0 => format!("{}:{:02}", rest / 60, rest % 60),
                _ => format!("{hours}:{:02}:{:02}", rest / 60, rest % 60),
            };
            words = words.replace("{agent}", &name).replace("{time}", &time);
        }
        self.post(chat, Author::System { code }, words.into(), None, false)?;
        Ok(())
    }

    /// Ends the call a chat has, if it has one.
    pub(super) fn end_call(&mut self, chat: ChatId, why: CallEnd) -> Verdict {
        match self.running(chat) {
            Some(_) => self.hang_up(chat, why),
            None => Ok(()),
        }
    }

    /// Ends a call whose agent no longer has the chat, and one that rings for nobody.
    pub(super) fn end_left_call(&mut self, chat: ChatId) -> Verdict {
        let Some(call) = self.running(chat) else {
            return Ok(());
        };
        let agents = &self.picture.chats[&chat].agents;
        let is_in = |caller: Caller| match caller {
            Caller::Visitor => true,
            Caller::Agent(agent) => agents.contains(&agent),
        };
        let whole = is_in(call.from) && call.accepted.is_none_or(|(other, _)| is_in(other));
        match whole && !agents.is_empty() {
            true => Ok(()),
            false => self.hang_up(chat, CallEnd::AgentLeft),
        }
    }

    fn running(&self, chat: ChatId) -> Option<Call> {
        self.picture.chats.get(&chat)?.call
    }
}
