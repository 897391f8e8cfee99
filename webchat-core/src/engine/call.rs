//! Calls inside a chat.

use std::sync::Arc;

use crate::call::{Call, CallAsk, CallEnd, Caller, SIGNAL_BYTES};
use crate::effect::{AgentNotice, Effect, Receipt, VisitorNotice};
use crate::event::{Event, SystemCode};
use crate::id::ChatId;
use crate::outbox::Outbox;
use crate::problem::Problem;
use crate::rejection::Rejection;
use crate::state::Phase;
use crate::time::Timestamp;
use crate::wording::BuiltIn;

use super::Engine;
use super::conversation::has_room;

impl Engine {
    /// What one end of a chat asks about its call. Source: domain.md §7, "Allow Audio and Video".
    pub(super) fn call(
        &mut self,
        at: Timestamp,
        chat: ChatId,
        party: Caller,
        ask: CallAsk,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let state = self.live_chat(chat)?;
        let call = state.call();
        let with_agent = matches!(state.phase, Phase::Active | Phase::Transferring { .. });
        let allowed = self.known_campaign(state.campaign)?.settings.media;
        match (ask, call) {
            (CallAsk::Start { .. } | CallAsk::Accept, Some(call)) if call.rings_for(party) => {
                self.emit(at, Event::CallAccepted { chat, by: party }, outbox);
            }
            (CallAsk::Start { .. }, Some(call))
                if call.from == party && call.accepted.is_none() => {}
            (CallAsk::Start { .. }, Some(_)) => return Err(Rejection::CallRunning(chat)),
            (CallAsk::Start { .. }, None) if !allowed => return Err(Rejection::MediaNotAllowed),
            (CallAsk::Start { .. }, None) if !with_agent => return Err(Rejection::NoCall(chat)),
            (CallAsk::Start { video }, None) => {
                self.emit(
                    at,
                    Event::CallAsked {
                        chat,
                        from: party,
                        video,
                    },
                    outbox,
                );
            }
            (CallAsk::HangUp, Some(call)) if call.concerns(party) => {
                let why = match call.accepted {
                    Some(_) => CallEnd::HungUp,
                    None if call.from == party => CallEnd::TakenBack,
                    None => CallEnd::Refused,
                };
                self.finish_call(at, chat, call, why, outbox);
            }
            (CallAsk::Signal { signal }, Some(call)) if call.is_end(party) => {
                let (_, other) = self.ends(chat, party).ok_or(Rejection::NoCall(chat))?;
                check_signal(&signal)?;
                outbox.tell(signal_to(chat, other, signal));
            }
            (CallAsk::Accept | CallAsk::HangUp | CallAsk::Signal { .. }, _) => {
                return Err(Rejection::NoCall(chat));
            }
        }
        Ok(Receipt::Done)
    }

    /// This end and the other one of a call that was accepted.
    fn ends(&self, chat: ChatId, party: Caller) -> Option<(Caller, Caller)> {
        let call = self.state.chat(chat)?.call()?;
        let (accepted, _) = call.accepted?;
        match party == call.from {
            true => Some((party, accepted)),
            false => Some((party, call.from)),
        }
    }

    /// Ends a call whose agent no longer has the chat, or that outlived its chat.
    pub(super) fn end_call(
        &mut self,
        at: Timestamp,
        chat: ChatId,
        why: CallEnd,
        outbox: &mut Outbox,
    ) {
        let Some(state) = self.state.chat(chat) else {
            return;
        };
        let Some(call) = state.call() else { return };
        let ends = [Some(call.from), call.accepted.map(|(party, _)| party)];
        let gone = ends.into_iter().flatten().any(|end| match end {
            Caller::Visitor => false,
            Caller::Agent(agent) => !state.has(agent),
        });
        // A call that rings for whoever has the chat rings for nobody once it waits again.
        if gone || state.is_waiting() || why == CallEnd::ChatClosed {
            self.finish_call(at, chat, call, why, outbox);
        }
    }

    /// Ends the call and leaves a line in the conversation that tells with whom it was and how long.
    fn finish_call(
        &mut self,
        at: Timestamp,
        chat: ChatId,
        call: Call,
        why: CallEnd,
        outbox: &mut Outbox,
    ) {
        self.emit(at, Event::CallEnded { chat, why }, outbox);
        let room = self.state.chat(chat).is_some_and(has_room);
        let length = call.length(at);
        let (code, text) = match (&length, call.video) {
            (None, _) => (SystemCode::CallMissed, BuiltIn::MissedCall),
            (Some(_), true) => (SystemCode::CallEnded, BuiltIn::VideoCall),
            (Some(_), false) => (SystemCode::CallEnded, BuiltIn::VoiceCall),
        };
        if let Some(words) = self.worded(chat, text, call.agent()).filter(|_| room) {
            let words = words.replace("{time}", &length.unwrap_or_default());
            self.say_words(at, chat, code, words, outbox);
        }
    }
}

fn check_signal(signal: &str) -> Result<(), Rejection> {
    match signal.len() <= SIGNAL_BYTES {
        true => Ok(()),
        false => {
            let expected = format!("at most {SIGNAL_BYTES} bytes");
            let value = format!("{} bytes long", signal.len());
            Err(Rejection::InvalidField(Problem::new(
                "signal", value, expected,
            )))
        }
    }
}

fn signal_to(chat: ChatId, end: Caller, signal: Arc<str>) -> Effect {
    match end {
        Caller::Visitor => Effect::Visitor {
            chat,
            notice: VisitorNotice::Signal { chat, signal },
        },
        Caller::Agent(agent) => Effect::Agent {
            agent,
            notice: AgentNotice::Signal { chat, signal },
        },
    }
}
