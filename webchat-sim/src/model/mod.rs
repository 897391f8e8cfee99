//! The reference model: a second, slow and plain opinion on what each command must lead to.
//!
//! It decides from the command and from what the [`Picture`] holds, by looking at everything there is, without
//! an index, and the engine's events, answer and next timer must be the ones it comes to. Where the engine has a
//! choice (a random draw, the handle of a new chat, an estimate) the model is told what was chosen and says
//! whether that was permissible. Calendars, field checks and scores are values with tests of their own; the
//! model asks the same ones, at the instants it thinks right.

use std::collections::BTreeMap;
use std::sync::Arc;

use webchat_core::command::Command;
use webchat_core::effect::Receipt;
use webchat_core::event::{Event, Recorded, RefusalReason};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::mail::MailId;
use webchat_core::quality::{ModelId, Score};
use webchat_core::rejection::Rejection;
use webchat_core::schedule::{Calendar, Schedule, Zones};
use webchat_core::time::Timestamp;

use crate::picture::{AgentPicture, CampaignPicture, ChatPicture, Picture};
use crate::violation::{Verdict, Violation, expect};

mod agents;
mod alarms;
mod calls;
mod chats;
mod dispatch;
mod host;
mod mail;
mod notices;
mod offline;
pub mod rules;
mod supervisors;
mod talk;
pub mod timers;
mod transcripts;
mod visitors;
mod wording;

const EVENTS: &str = "what happens is what the model decides";
const ANSWER: &str = "the answer is the one the model gives";

/// Calendars of the campaigns' schedules, compiled once each.
#[derive(Debug)]
pub struct Calendars {
    zones: Zones,
    compiled: BTreeMap<CampaignId, (Schedule, Calendar)>,
}

impl Calendars {
    /// With the zones there are.
    pub fn new(zones: Zones) -> Self {
        Self {
            zones,
            compiled: BTreeMap::new(),
        }
    }

    fn of(&mut self, campaign: CampaignId, schedule: &Schedule) -> &Calendar {
        let known = self.compiled.get(&campaign);
        if known.is_none_or(|(of, _)| of != schedule) {
            let calendar = self.compile(schedule);
            self.compiled.insert(campaign, (schedule.clone(), calendar));
        }
        &self.compiled[&campaign].1
    }

    fn compile(&self, schedule: &Schedule) -> Calendar {
        Calendar::compile(schedule, &self.zones).unwrap_or_else(|_| Calendar::in_utc(schedule))
    }
}

/// What the model answers, as far as it is decided.
#[derive(Debug)]
enum Answer {
    Done,
    Chat(ChatId),
    Refused {
        reason: RefusalReason,
        text: Arc<str>,
        next_open_at: Option<Timestamp>,
        offline_form: bool,
    },
    Message {
        number: u32,
        at: Timestamp,
    },
    AgentChat(ChatId),
    Offline(MailId),
    Transcript {
        mail: MailId,
        at_end: bool,
    },
    Model(ModelId),
    Score(Option<Score>),
    Campaign(CampaignId),
    Agent(AgentId),
}

/// Why a decision stops: the command is rejected, or engine and model disagree.
enum Halt {
    Rejected(Rejection),
    Broken(Violation),
}

impl From<Rejection> for Halt {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<Violation> for Halt {
    fn from(violation: Violation) -> Self {
        Self::Broken(violation)
    }
}

/// Decides one command at `now`, folds the events into the picture and compares them one by one with those
/// the engine told, and the answer with its answer.
///
/// # Errors
/// The first difference.
pub fn step(
    picture: &mut Picture,
    calendars: &mut Calendars,
    now: Timestamp,
    command: &Command,
    answer: &Result<Receipt, Rejection>,
    told: &[Recorded],
) -> Verdict {
    let mut model = Model {
        now,
        picture,
        calendars,
        told,
        next: 0,
    };
    model.fire_all()?;
    let before = model.next;
    let decided = match model.command(command) {
        Ok(decided) => Ok(decided),
        Err(Halt::Rejected(rejection)) => Err(rejection),
        Err(Halt::Broken(violation)) => return Err(violation),
    };
    let changed = model.next > before;
    expect(
        decided.is_ok() || !changed,
        "a rejection changes nothing",
        || format!("{decided:?}"),
    )?;
    model.dispatch()?;
    model.settle_alarms()?;
    model.fire_all()?;
    let left = &told[model.next..];
    expect(left.is_empty(), EVENTS, || {
        format!("nothing more, but the engine did {:?}", left[0])
    })?;
    expect(agree(&decided, answer), ANSWER, || {
        format!("{decided:?}, but the engine answered {answer:?}")
    })
}

/// One decision under way.
struct Model<'a> {
    now: Timestamp,
    picture: &'a mut Picture,
    calendars: &'a mut Calendars,
    told: &'a [Recorded],
    /// So many of `told` have been decided here too.
    next: usize,
}

impl Model<'_> {
    fn command(&mut self, command: &Command) -> Result<Answer, Halt> {
        match command {
            Command::Visitor(command) => self.visitor(command),
            Command::Agent { agent, ask } => self.agent(*agent, ask),
            Command::Supervisor { agent, ask } => self.supervisor(*agent, ask),
            Command::Host(command) => self.host(command),
        }
    }

    /// Decides that something happens; the engine must have done the same next.
    fn emit(&mut self, event: Event) -> Verdict {
        let told = self.told.get(self.next);
        let same = told.is_some_and(|told| told.at == self.now && told.event == event);
        expect(same, EVENTS, || match told {
            Some(told) => format!("{event:?}, but the engine did {told:?}"),
            None => format!("{event:?}, but the engine did nothing"),
        })?;
        self.next += 1;
        if let Some(told) = told {
            self.picture.fold(told)?;
        }
        // Whoever is at one end of a call and no longer in the chat is no longer in the call.
        match event {
            Event::ChatAssigned { chat, .. }
            | Event::ChatReturned { chat, .. }
            | Event::ParticipantLeft { chat, .. } => self.end_left_call(chat),
            _ => Ok(()),
        }
    }

    /// What the engine did next.
    fn peek(&self) -> Option<&Event> {
        self.told.get(self.next).map(|told| &told.event)
    }

    fn known_campaign(&self, id: CampaignId) -> Result<&CampaignPicture, Rejection> {
        let campaign = self.picture.campaigns.get(&id);
        campaign.ok_or(Rejection::UnknownCampaign(id))
    }

    fn known_agent(&self, id: AgentId) -> Result<&AgentPicture, Rejection> {
        let agent = self.picture.agents.get(&id);
        agent.ok_or(Rejection::UnknownAgent(id))
    }

    fn live_chat(&self, id: ChatId) -> Result<&ChatPicture, Rejection> {
        match (
            self.picture.chats.get(&id),
            self.picture.ended.contains_key(&id),
        ) {
            (Some(chat), _) => Ok(chat),
            (None, true) => Err(Rejection::ChatClosed(id)),
            (None, false) => Err(Rejection::UnknownChat(id)),
        }
    }

    fn chat_with(&self, agent: AgentId, id: ChatId) -> Result<&ChatPicture, Rejection> {
        let chat = self.live_chat(id)?;
        match chat.agents.contains(&agent) {
            true => Ok(chat),
            false => Err(Rejection::NotOwner(id)),
        }
    }

    fn owned_chat(&self, agent: AgentId, id: ChatId) -> Result<&ChatPicture, Rejection> {
        let chat = self.live_chat(id)?;
        match chat.owner() == Some(agent) {
            true => Ok(chat),
            false => Err(Rejection::NotOwner(id)),
        }
    }

    /// Chats of a kind in order of admission.
    fn chats_where(&self, kind: impl Fn(&ChatPicture) -> bool) -> Vec<ChatId> {
        let chats = self.picture.chats.iter().filter(|(_, chat)| kind(chat));
        let mut chats: Vec<(u64, ChatId)> = chats.map(|(id, chat)| (chat.sequence, *id)).collect();
        chats.sort();
        chats.into_iter().map(|(_, id)| id).collect()
    }
}

fn agree(decided: &Result<Answer, Rejection>, answer: &Result<Receipt, Rejection>) -> bool {
    match (decided, answer) {
        (Err(decided), Err(answer)) => match decided {
            // What is wrong with a field is said by the field's own check.
            Rejection::InvalidField(_)
            | Rejection::InvalidSettings(_)
            | Rejection::DestinationClosed(..)
            | Rejection::ChatLive(_)
            | Rejection::Limit { .. } => decided.code() == answer.code(),
            _ => decided == answer,
        },
        (Ok(decided), Ok(answer)) => match (decided, answer) {
            (Answer::Done, Receipt::Done) => true,
            (Answer::Chat(chat), Receipt::Chat(view)) => *chat == view.chat,
            (
                Answer::Refused {
                    reason,
                    text,
                    next_open_at,
                    offline_form,
                },
                Receipt::Refused(refusal),
            ) => {
                *reason == refusal.code
                    && *text == refusal.text
                    && *next_open_at == refusal.next_open_at
                    && *offline_form == refusal.offline_form
            }
            (Answer::Message { number, at }, Receipt::Message { number: n, at: a }) => {
                (number, at) == (n, a)
            }
            (Answer::AgentChat(chat), Receipt::AgentChat(view)) => *chat == view.chat,
            (Answer::Offline(id), Receipt::Offline(answer)) => id == answer,
            (
                Answer::Transcript { mail, at_end },
                Receipt::Transcript {
                    mail: m, at_end: e, ..
                },
            ) => (mail, at_end) == (m, e),
            (Answer::Model(id), Receipt::Model(answer)) => id == answer,
            (Answer::Score(score), Receipt::Score(answer)) => score == answer,
            (Answer::Campaign(id), Receipt::Campaign(answer)) => id == answer,
            (Answer::Agent(id), Receipt::Agent(answer)) => id == answer,
            _ => false,
        },
        _ => false,
    }
}
