//! What happened, one line per event, with what each person was told by it.

// New kinds of events and notices appear while these scenes stay as they are.
#![allow(unreachable_patterns)]

use std::fmt::Write;

use webchat_core::call::{CallEnd, CallView, Caller};
use webchat_core::command::Destination;
use webchat_core::effect::{
    AgentChat, AgentNotice, AgentPhase, Effect, Ended, MessageView, Receipt, VisitorNotice,
};
use webchat_core::event::{Author, Event, Message, Recorded};
use webchat_core::id::ChatId;
use webchat_core::rejection::Rejection;
use webchat_core::time::Timestamp;

use super::Cast;

/// The lines since the last `then`.
#[derive(Default)]
pub(super) struct Story {
    lines: String,
    /// Lines are written while this is known: the instant the shown part began.
    since: Option<Timestamp>,
    paused: bool,
}

impl Story {
    /// Nothing is shown before the first `when`.
    pub(super) fn beginning() -> Self {
        Self {
            paused: true,
            ..Self::default()
        }
    }

    pub(super) fn pause(&mut self) {
        self.paused = true;
    }

    pub(super) fn resume(&mut self, now: Timestamp) {
        self.paused = false;
        self.since.get_or_insert(now);
    }

    pub(super) fn take(&mut self) -> String {
        self.since = None;
        std::mem::take(&mut self.lines)
    }

    /// Writes the events of a step, each with the effects it had.
    pub(super) fn tell(&mut self, cast: &Cast, events: &[Recorded], effects: &[Effect]) {
        if self.paused {
            return;
        }
        let mut told: Vec<Vec<String>> = vec![Vec::new(); events.len()];
        let mut alone = Vec::new();
        let mut from = 0;
        for effect in effects {
            let Some(line) = notice(cast, effect) else {
                continue;
            };
            let fits =
                |at: &usize| is_cause(&events[*at].event, effect) && !told[*at].contains(&line);
            let mut given = (from..events.len()).filter(|at| gives(&events[*at].event, effect));
            let cause = given.find(fits).or_else(|| (from..events.len()).find(fits));
            match cause {
                Some(at) => {
                    from = at;
                    told[at].push(line);
                }
                None => alone.push(line),
            }
        }
        for (recorded, told) in events.iter().zip(told) {
            let mut line = self.elapsed(recorded.at);
            line += &fact(cast, &recorded.event);
            if let Some(due) = due(&recorded.event).filter(|due| *due < recorded.at) {
                let _ = write!(line, " (due {} earlier)", span(recorded.at.since(due)));
            }
            if !told.is_empty() {
                line = format!("{line:<34} → {}", told.join(" · "));
            }
            self.line(&line);
        }
        for line in alone {
            self.line(&format!("→ {line}"));
        }
    }

    /// Writes an answer that says more than the events do.
    pub(super) fn answer(
        &mut self,
        cast: &Cast,
        answer: &Result<Receipt, Rejection>,
        happened: bool,
    ) {
        if self.paused {
            return;
        }
        let line = match answer {
            Err(rejection) => format!("! {}: {rejection}", rejection.code()),
            Ok(Receipt::Refused(refusal)) => {
                let mut line = format!("= {} {:?}", code(&refusal.code), refusal.text);
                if let Some(at) = refusal.next_open_at {
                    let _ = write!(line, ", opens {at}");
                }
                if refusal.offline_form {
                    line += ", with form";
                }
                line
            }
            Ok(_) if happened => return,
            Ok(Receipt::Chat(chat)) => format!("= chat {}", cast.number(chat.chat)),
            Ok(Receipt::AgentChat(chat)) => format!("= chat {}", cast.number(chat.chat)),
            Ok(Receipt::Message { number, .. }) => format!("= message #{number}"),
            Ok(_) => return,
        };
        self.line(&line);
    }

    fn elapsed(&self, at: Timestamp) -> String {
        let since = self.since.unwrap_or(at);
        match at.since(since) {
            0 => String::new(),
            millis => format!("+{} ", span(millis)),
        }
    }

    fn line(&mut self, line: &str) {
        self.lines += line;
        self.lines += "\n";
    }
}

/// Hours, minutes and seconds: `1h30m`, `45s`.
fn span(millis: i64) -> String {
    let (seconds, rest) = (millis / 1000, millis % 1000);
    let parts = [
        (seconds / 3600, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
        (rest, "ms"),
    ];
    let shown = parts.iter().filter(|(number, _)| *number > 0);
    shown
        .map(|(number, unit)| format!("{number}{unit}"))
        .collect()
}

/// An event in a few words.
fn fact(cast: &Cast, event: &Event) -> String {
    let name = event_name(event);
    let chat = chat_of(event).map(|chat| format!(" {}", cast.number(chat)));
    let about = format!("{name}{}", chat.unwrap_or_default());
    let more = match event {
        Event::CampaignCreated { settings, open, .. } => {
            format!("{}{}", settings.name, shut(*open))
        }
        Event::CampaignChanged { campaign, open, .. } => format!("{campaign}{}", shut(*open)),
        Event::CampaignDeleted { campaign }
        | Event::CampaignOpened { campaign, .. }
        | Event::CampaignWentOutOfTime { campaign, .. } => campaign.to_string(),
        Event::MembersSet { members, .. } => {
            let names = members.iter().map(|member| cast.name(member.agent));
            names.collect::<Vec<_>>().join(" ")
        }
        Event::AgentSignedOut { agent, why, .. } => format!("{} {}", cast.name(*agent), code(why)),
        Event::AgentPaused { agent, reason, .. } => format!("{} {reason:?}", cast.name(*agent)),
        Event::AgentOnCall { agent, on } => format!("{} {on}", cast.name(*agent)),
        Event::AgentOtherLoad {
            agent,
            interactions,
        } => format!("{} {interactions}", cast.name(*agent)),
        Event::AgentCreated { agent, .. }
        | Event::AgentChanged { agent, .. }
        | Event::AgentDeleted { agent }
        | Event::AgentSignedIn { agent, .. }
        | Event::AgentLost { agent, .. }
        | Event::AgentBack { agent } => cast.name(*agent).to_owned(),
        Event::AgentResumed { agent, by } => match by {
            Some(by) => format!("{} by {}", cast.name(*agent), cast.name(*by)),
            None => cast.name(*agent).to_owned(),
        },
        Event::WrapUpEnded { agent, .. } => format!("after {}", cast.name(*agent)),
        Event::ChatRefused {
            visitor,
            reason,
            language,
            ..
        } => format!("visitor {} {} {language}", visitor.0, code(reason)),
        Event::ChatQueued {
            campaign, priority, ..
        } => {
            let priority = match priority {
                0 => String::new(),
                _ => format!("priority {priority}"),
            };
            [elsewhere(cast, *campaign), priority].concat()
        }
        Event::ChatOffered {
            agent, new_round, ..
        } => {
            let again = if *new_round { " again" } else { "" };
            format!("{}{again}", cast.name(*agent))
        }
        Event::OfferEnded { agent, why, .. } => format!("{} {}", cast.name(*agent), code(why)),
        Event::ChatAssigned {
            agent,
            campaign,
            how,
            over_cap,
            ..
        } => {
            let over_cap = if *over_cap { " over the cap" } else { "" };
            let campaign = elsewhere(cast, *campaign);
            format!("{} {}{over_cap}{campaign}", cast.name(*agent), code(how))
        }
        Event::ChatMoved { to, by, .. } => {
            format!("to {} by {}", cast.campaign_name(*to), cast.name(*by))
        }
        Event::ChatReturned { why, .. } => code(why),
        Event::TransferEnded { why, .. } => code(why),
        Event::TransferStarted { to, .. } => match to {
            Destination::Agent(agent) => format!("to {}", cast.name(*agent)),
            Destination::Campaign(campaign) => format!("to {}", cast.campaign_name(*campaign)),
        },
        Event::ParticipantJoined { agent, .. } => cast.name(*agent).to_owned(),
        Event::ParticipantLeft { agent, owner, .. } => {
            format!("{}, owner {}", cast.name(*agent), cast.name(*owner))
        }
        Event::MessagePosted { message, .. } => posted(cast, message),
        Event::MessagesSeen {
            by_visitor, seen, ..
        } => {
            let by = if *by_visitor { "visitor" } else { "agents" };
            format!("by {by}, delivered {}, read {}", seen.delivered, seen.read)
        }
        Event::WatchStarted { agent, .. } | Event::WatchEnded { agent, .. } => {
            cast.name(*agent).to_owned()
        }
        Event::NoteAdded { agent, text, .. } | Event::Whispered { agent, text, .. } => {
            format!("{} {text:?}", cast.name(*agent))
        }
        Event::ChatClosed {
            reason,
            by,
            disposition,
            ..
        } => {
            let by = by.map(|by| format!(" by {}", cast.name(by)));
            let how = disposition
                .as_ref()
                .map(|path| format!(" as {}", path.join("/")));
            [
                code(reason),
                by.unwrap_or_default(),
                how.unwrap_or_default(),
            ]
            .concat()
        }
        Event::RecordingsErased { chats, by, .. } => {
            let chats = chats.iter().map(|chat| cast.number(*chat).to_string());
            format!("{} by {by}", chats.collect::<Vec<_>>().join(" "))
        }
        Event::RecordingsExpired {
            campaign, before, ..
        } => format!("{campaign} before {before}"),
        Event::QualityModelAdded { model, .. } => model.0.to_string(),
        Event::ChatEvaluated { evaluation, score } => {
            let (agent, by) = (evaluation.agent, evaluation.evaluator);
            let score = score.map_or("no score".to_owned(), |score| {
                format!("{} of {}", score.points, score.most)
            });
            format!(
                "{} part of {} by {}, model {}: {score}",
                cast.name(agent),
                cast.number(evaluation.chat),
                cast.name(by),
                evaluation.model.0
            )
        }
        Event::CallAsked { from, video, .. } => {
            let kind = if *video { "video" } else { "audio" };
            format!("{kind} by {}", caller(cast, *from))
        }
        Event::CallAccepted { by, .. } => format!("by {}", caller(cast, *by)),
        Event::CallEnded { why, .. } => code(why),
        Event::FeedbackGiven { score, note, .. } => match note {
            Some(note) => format!("{score} {note:?}"),
            None => score.to_string(),
        },
        _ => String::new(),
    };
    format!("{about} {}", more.trim()).trim_end().to_owned()
}

fn caller(cast: &Cast, caller: Caller) -> String {
    match caller {
        Caller::Visitor => "visitor".to_owned(),
        Caller::Agent(agent) => cast.name(agent).to_owned(),
    }
}

/// The call as one end sees it.
fn call(call: &Option<CallView>, why: &Option<CallEnd>) -> String {
    match (call, why) {
        (Some(call), _) if call.running => "call runs".to_owned(),
        (Some(_), _) => "call rings".to_owned(),
        (None, Some(why)) => format!("call {}", code(why)),
        (None, None) => "no call".to_owned(),
    }
}

fn shut(open: bool) -> &'static str {
    if open { "" } else { " closed" }
}

/// The campaign, unless it is the first.
fn elsewhere(cast: &Cast, campaign: webchat_core::id::CampaignId) -> String {
    match campaign.0 {
        1 => String::new(),
        _ => format!(" in {}", cast.campaign_name(campaign)),
    }
}

fn posted(cast: &Cast, message: &Message) -> String {
    let author = match &message.author {
        Author::Visitor => "visitor".to_owned(),
        Author::Agent { agent, .. } => cast.name(*agent).to_owned(),
        Author::System { code: which } => code(which),
        Author::Bot { name } => format!("bot {name}"),
    };
    let automatic = if message.automatic { " automatic" } else { "" };
    format!("#{} {author}{automatic} {:?}", message.number, message.text)
}

/// What somebody is told; `None` for hints to look again.
fn notice(cast: &Cast, effect: &Effect) -> Option<String> {
    match effect {
        Effect::Visitor { chat, notice } => {
            let visitor = format!("visitor {}", cast.visitor(*chat));
            let what = match notice {
                VisitorNotice::Message { message, .. } => return Some(visitor + &by(&message.0)),
                VisitorNotice::State { view } => match (&view.agent, view.position) {
                    (_, Some(position)) => format!("waiting {position}"),
                    (Some(agent), _) => format!("with {agent}"),
                    (None, None) => "active".to_owned(),
                },
                VisitorNotice::Typing { on, .. } => format!("typing {on}"),
                VisitorNotice::Seen { seen, .. } => format!("read {}", seen.read),
                VisitorNotice::Closed(ended) => closed(ended),
                VisitorNotice::Call { call: now, why, .. } => call(now, why),
                VisitorNotice::Signal { signal, .. } => format!("signal {signal:?}"),
                other => value(other, "push"),
            };
            Some(format!("{visitor}: {what}"))
        }
        Effect::Watcher { agent, notice } => {
            let (agent, notice) = (*agent, notice.clone());
            let line = self::notice(cast, &Effect::Agent { agent, notice })?;
            Some(format!("watching {line}"))
        }
        Effect::Agent { agent, notice } => {
            let name = cast.name(*agent);
            let what = match notice {
                AgentNotice::Message { message, .. } => {
                    return Some(format!("{name}{}", by(&message.0)));
                }
                AgentNotice::Chat { view } => chat(cast, name, view),
                AgentNotice::Note { note, .. } if note.whisper => "whisper".to_owned(),
                AgentNotice::Note { .. } => "note".to_owned(),
                AgentNotice::Typing { on, .. } => format!("typing {on}"),
                AgentNotice::Seen { seen, .. } => format!("read {}", seen.read),
                AgentNotice::Call { call: now, why, .. } => call(now, why),
                AgentNotice::Signal { signal, .. } => format!("signal {signal:?}"),
                AgentNotice::Gone { chat, reason } => {
                    format!("{} gone, {reason}", cast.number(*chat))
                }
                AgentNotice::SessionEnded { session, reason } => {
                    format!("session {session} ended, {reason}")
                }
                other => value(other, "push"),
            };
            Some(format!("{name}: {what}"))
        }
        _ => None,
    }
}

/// The author's name as this reader sees it.
fn by(message: &MessageView) -> String {
    let name = message.author.name.as_ref();
    name.map_or(String::new(), |name| format!(" (by {name})"))
}

fn closed(ended: &Ended) -> String {
    let mut line = match &ended.text {
        Some(text) => text.to_string(),
        None => "closed".to_owned(),
    };
    if ended.offline_form {
        line += ", a message may be left";
    }
    if let Some(feedback) = &ended.feedback {
        let form = if feedback.form { " with form" } else { "" };
        let _ = write!(line, ", feedback {:?}{form}", feedback.text);
    }
    line
}

fn chat(cast: &Cast, name: &str, view: &AgentChat) -> String {
    let phase = match view.phase {
        AgentPhase::Waiting => "waiting",
        AgentPhase::Offered { .. } => "offered",
        AgentPhase::Active => "active",
        AgentPhase::Transferring { .. } => "transferring",
    };
    let mut line = format!("{} {phase}", cast.number(view.chat));
    if let Some(owner) = view.owner.map(|owner| cast.name(owner))
        && owner != name
    {
        let _ = write!(line, " with {owner}");
    }
    if !view.connected {
        line += ", visitor away";
    }
    line
}

/// Whether the event is what the person is told about.
fn is_cause(event: &Event, effect: &Effect) -> bool {
    use VisitorNotice as ToVisitor;
    match effect {
        Effect::Visitor { chat, notice } if chat_of(event) == Some(*chat) => match notice {
            ToVisitor::Message { message, .. } => posts(event, message.0.number),
            ToVisitor::State { view } => match view.position {
                Some(0) => matches!(event, Event::ChatOffered { .. }),
                Some(_) => moves(event) && !takes_out(event),
                None => moves(event) && !waits(event) && !is_transfer(event),
            },
            ToVisitor::Seen { .. } => matches!(event, Event::MessagesSeen { .. }),
            ToVisitor::Closed(_) => matches!(event, Event::ChatClosed { .. }),
            ToVisitor::Typing { .. } | ToVisitor::Signal { .. } => false,
            ToVisitor::Call { .. } => calls(event),
            _ => true,
        },
        Effect::Watcher { agent, notice } => {
            let (agent, notice) = (*agent, notice.clone());
            is_cause(event, &Effect::Agent { agent, notice })
        }
        Effect::Agent { agent, notice } => match notice {
            AgentNotice::SessionEnded { .. } => match event {
                Event::AgentSignedIn { agent: about, .. }
                | Event::AgentSignedOut { agent: about, .. } => about == agent,
                _ => false,
            },
            AgentNotice::Message { chat, message } => {
                chat_of(event) == Some(*chat) && posts(event, message.0.number)
            }
            AgentNotice::Chat { view } => {
                let fits = match view.phase {
                    AgentPhase::Waiting => !takes_out(event),
                    AgentPhase::Offered { .. } => !waits(event) && !ends_ask(event),
                    AgentPhase::Active => {
                        !waits(event) && !matches!(event, Event::TransferStarted { .. })
                    }
                    AgentPhase::Transferring { .. } => !matches!(event, Event::ChatAssigned { .. }),
                };
                chat_of(event) == Some(view.chat) && moves(event) && fits
            }
            AgentNotice::Gone { chat, reason } => {
                let of_ask = matches!(*reason, "offer_lapsed" | "refused" | "offer_rescinded");
                let takes = matches!(
                    event,
                    Event::ChatAssigned { .. }
                        | Event::ChatReturned { .. }
                        | Event::ParticipantLeft { .. }
                        | Event::ChatClosed { .. }
                );
                chat_of(event) == Some(*chat) && if of_ask { ends_ask(event) } else { takes }
            }
            AgentNotice::Call { chat, .. } => chat_of(event) == Some(*chat) && calls(event),
            AgentNotice::Note { chat, .. } => {
                let notes = matches!(event, Event::NoteAdded { .. } | Event::Whispered { .. });
                chat_of(event) == Some(*chat) && notes
            }
            AgentNotice::Seen { chat, .. } => {
                chat_of(event) == Some(*chat) && matches!(event, Event::MessagesSeen { .. })
            }
            _ => false,
        },
        _ => false,
    }
}

/// The event gives or offers the chat to the very agent who is told of it, or the visitor is told so.
fn gives(event: &Event, effect: &Effect) -> bool {
    match effect {
        Effect::Agent {
            agent: told,
            notice: AgentNotice::Chat { .. },
        } => match event {
            Event::ChatAssigned { agent, .. } | Event::ChatOffered { agent, .. } => agent == told,
            _ => false,
        },
        Effect::Visitor {
            notice: VisitorNotice::State { .. },
            ..
        } => matches!(event, Event::ChatAssigned { .. }),
        _ => false,
    }
}

fn posts(event: &Event, number: u32) -> bool {
    matches!(event, Event::MessagePosted { message, .. } if message.number == number)
}

/// Nobody is asked to take the chat any more.
fn ends_ask(event: &Event) -> bool {
    matches!(
        event,
        Event::OfferEnded { .. } | Event::TransferEnded { .. }
    )
}

/// The event leaves the chat waiting.
fn waits(event: &Event) -> bool {
    matches!(event, Event::ChatQueued { .. } | Event::ChatReturned { .. })
}

/// The event gives or offers the chat to an agent.
fn takes_out(event: &Event) -> bool {
    matches!(
        event,
        Event::ChatOffered { .. } | Event::ChatAssigned { .. }
    )
}

fn is_transfer(event: &Event) -> bool {
    matches!(
        event,
        Event::TransferStarted { .. } | Event::TransferEnded { .. }
    )
}

/// The event changes where a chat stands, and is not only about its messages.
fn moves(event: &Event) -> bool {
    !matches!(
        event,
        Event::MessagePosted { .. }
            | Event::MessagesSeen { .. }
            | Event::NoteAdded { .. }
            | Event::Whispered { .. }
            | Event::WatchStarted { .. }
            | Event::WatchEnded { .. }
    ) && !calls(event)
}

/// The event is about the call of a chat.
fn calls(event: &Event) -> bool {
    matches!(
        event,
        Event::CallAsked { .. } | Event::CallAccepted { .. } | Event::CallEnded { .. }
    )
}

fn json(event: &Event) -> serde_json::Value {
    serde_json::to_value(event).unwrap()
}

fn chat_of(event: &Event) -> Option<ChatId> {
    json(event)["chat"].as_str()?.parse().ok()
}

fn due(event: &Event) -> Option<Timestamp> {
    json(event)["due"].as_i64().map(Timestamp::from_millis)
}

/// `chat_queued` → `ChatQueued`.
fn event_name(event: &Event) -> String {
    let name = json(event)["event"].as_str().unwrap().to_owned();
    let words = name.split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    words.collect()
}

/// The stable code of a reason.
fn code(reason: &impl serde::Serialize) -> String {
    let json = serde_json::to_value(reason).unwrap();
    json.as_str().unwrap_or_default().to_owned()
}

/// The tag of a notice this file does not know.
fn value(notice: &impl serde::Serialize, tag: &str) -> String {
    serde_json::to_value(notice).unwrap()[tag].to_string()
}
