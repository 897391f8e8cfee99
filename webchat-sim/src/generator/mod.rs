//! One generator of histories for property tests, fuzz targets and simulation.
//!
//! It looks at the [`Picture`] of the tenant so that most of what it asks makes sense, and each seed has
//! [`Habits`] of its own: some worlds never lose a connection, others lose little else.

use std::collections::VecDeque;
use std::sync::Arc;

use webchat_core::command::{
    AgentCommand, Command, HostCommand, Member, VisitorAsk, VisitorCommand,
};
use webchat_core::file::{FileKind, SentFile};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;

use crate::choices::Choices;
use crate::history::{Act, Recovery, Step, Tail};
use crate::picture::{ChatPicture, Picture};

mod agents;
mod host;
mod settings;
mod visitors;

/// What one world is like, drawn once from its seed.
#[derive(Clone, Debug)]
pub struct Habits {
    /// How often each kind of activity happens, relative to the others; by [`Activity`].
    weights: [u32; Activity::ALL.len()],
    /// Visitors there are.
    visitors: usize,
    /// Out of a hundred commands so many are garbage.
    garbage: u32,
    /// Out of a thousand steps so many are crashes.
    crashes: usize,
    /// How the clock moves; by [`Pace`].
    pace: [u32; Pace::ALL.len()],
    /// Chats ask for skills and priorities.
    picky: bool,
}

/// What goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Activity {
    Start,
    VisitorWrites,
    VisitorLeaves,
    VisitorConnection,
    VisitorMarks,
    Feedback,
    AgentWrites,
    AgentCloses,
    AgentAnswers,
    AgentTakes,
    AgentMarks,
    SignsIn,
    SignsOut,
    AgentConnection,
    Pauses,
    Calls,
    Media,
    Transfers,
    Confers,
    Supervises,
    EditsCampaign,
    EditsMembers,
    EditsTenant,
    EditsAgents,
    EditsCampaigns,
    OtherLoad,
    Mail,
    Quality,
    Program,
    AllLost,
    Tick,
}

impl Activity {
    const ALL: [(Self, u32); 31] = [
        (Self::Start, 220),
        (Self::VisitorWrites, 80),
        (Self::VisitorLeaves, 40),
        (Self::VisitorConnection, 70),
        (Self::VisitorMarks, 20),
        (Self::Feedback, 25),
        (Self::AgentWrites, 70),
        (Self::AgentCloses, 110),
        (Self::AgentAnswers, 250),
        (Self::AgentTakes, 50),
        (Self::AgentMarks, 30),
        (Self::SignsIn, 110),
        (Self::SignsOut, 15),
        (Self::AgentConnection, 50),
        (Self::Pauses, 50),
        (Self::Calls, 30),
        (Self::Media, 60),
        (Self::Transfers, 90),
        (Self::Confers, 60),
        (Self::Supervises, 25),
        (Self::EditsCampaign, 40),
        (Self::EditsMembers, 20),
        (Self::EditsTenant, 8),
        (Self::EditsAgents, 6),
        (Self::EditsCampaigns, 4),
        (Self::OtherLoad, 12),
        (Self::Mail, 20),
        (Self::Quality, 15),
        (Self::Program, 15),
        (Self::AllLost, 2),
        (Self::Tick, 40),
    ];
}

/// How the clock moves before a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    Still,
    Millis,
    Seconds,
    Deadline,
    NearDeadline,
    Minutes,
    Hours,
    Days,
    Back,
}

impl Pace {
    const ALL: [(Self, u32); 9] = [
        (Self::Still, 700),
        (Self::Millis, 250),
        (Self::Seconds, 200),
        (Self::Deadline, 90),
        (Self::NearDeadline, 60),
        (Self::Minutes, 12),
        (Self::Hours, 4),
        (Self::Days, 2),
        (Self::Back, 20),
    ];
}

/// Makes a history step by step.
pub struct Generator {
    choices: Choices,
    habits: Habits,
    zones: Zones,
    /// What the clock shows.
    clock: Timestamp,
    /// Steps made.
    steps: u32,
    /// Makes texts and keys unique.
    texts: u32,
    /// What the tenant is set up with.
    opening: VecDeque<Command>,
    /// Requests and messages that were sent before, to be sent again.
    sent: Vec<Command>,
}

impl Generator {
    /// The history of a seed.
    pub fn from_seed(seed: u64) -> Self {
        Self::new(Choices::from_seed(seed))
    }

    /// The history that the bytes of a fuzzer describe.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::new(Choices::from_bytes(bytes))
    }

    fn new(mut choices: Choices) -> Self {
        let habits = Habits::draw(&mut choices);
        // Some day of 2026, so that clock changes, month ends and leap days come up.
        let day = choices.below(365) as i64;
        let clock = Timestamp::from_seconds(1_767_225_600 + day * 86_400)
            .after_millis(choices.below(86_400_000) as i64);
        let mut generator = Self {
            choices,
            habits,
            zones: Zones::bundled(),
            clock,
            steps: 0,
            texts: 0,
            opening: VecDeque::new(),
            sent: Vec::new(),
        };
        generator.set_up();
        generator
    }

    /// Whether a fuzzer's bytes are used up.
    pub fn is_exhausted(&self) -> bool {
        self.choices.is_exhausted() && self.opening.is_empty()
    }

    /// The next step, given what the tenant is like and when its next timer is due. Chats go by their
    /// handles in the engine.
    pub fn step(&mut self, picture: &Picture, wake: Option<Timestamp>) -> Step {
        self.move_clock(wake);
        let number = self.steps;
        self.steps += 1;
        let act = match self.opening.pop_front() {
            Some(command) => Act::Ask(Box::new(command)),
            None if self.choices.below(100) == 99 => Act::Snapshot,
            None if self.choices.below(1_000) + self.habits.crashes >= 1_000 => self.crash(),
            None => self.ask(picture),
        };
        Step {
            number,
            now: self.clock,
            act,
        }
    }

    fn set_up(&mut self) {
        let campaigns = 1 + self.choices.below(3) as u32;
        let agents = 1 + self.choices.below(6) as u32;
        if self.choices.chance(50) {
            let model = self.quality_model();
            self.open_with(HostCommand::AddQualityModel(Box::new(model)));
        }
        for _ in 0..campaigns {
            let settings = self.campaign();
            self.open_with(HostCommand::create_campaign(settings));
        }
        for _ in 0..agents {
            let profile = self.profile();
            self.open_with(HostCommand::CreateAgent(profile));
        }
        for campaign in 1..=campaigns {
            let everyone: Vec<AgentId> = (1..=agents).map(AgentId).collect();
            let members = self.members(&everyone);
            self.open_with(HostCommand::SetMembers {
                campaign: CampaignId(campaign),
                members,
            });
        }
        for agent in 1..=agents {
            if self.choices.chance(80) {
                let command = self.sign_in(AgentId(agent));
                self.opening.push_back(command);
            }
        }
    }

    fn open_with(&mut self, command: HostCommand) {
        self.opening.push_back(Command::Host(command));
    }

    fn move_clock(&mut self, wake: Option<Timestamp>) {
        let pace = Pace::ALL[self.choices.weighted(&self.habits.pace)].0;
        let millis = match pace {
            Pace::Still => 0,
            Pace::Millis => self.choices.below(1_000) as i64,
            Pace::Seconds => 1_000 * (1 + self.choices.below(10) as i64),
            Pace::Minutes => 60_000 * (1 + self.choices.below(60) as i64),
            Pace::Hours => 3_600_000 * (1 + self.choices.below(24) as i64),
            Pace::Days => 86_400_000 * (1 + self.choices.below(40) as i64),
            Pace::Back => -(self.choices.below(100_000) as i64),
            Pace::Deadline => self.until(wake),
            Pace::NearDeadline => self.until(wake) + self.choices.below(5) as i64 - 2,
        };
        self.clock = self.clock.after_millis(millis);
    }

    /// Milliseconds to the next timer, unless it is far; then seldom.
    fn until(&mut self, wake: Option<Timestamp>) -> i64 {
        let millis = wake.map_or(0, |wake| wake.since(self.clock));
        let near = millis <= 600_000;
        match near || self.choices.chance(5) {
            true => millis,
            false => 0,
        }
    }

    /// Mostly an ordinary question; in a world that crashes now and then one whose append has no known outcome.
    fn ask(&mut self, picture: &Picture) -> Act {
        let unknown = self.choices.below(1_000) + self.habits.crashes >= 1_000;
        let command = Box::new(self.command(picture));
        match unknown {
            false => Act::Ask(command),
            true => Act::AskTwice {
                command,
                written: self.choices.chance(50),
                from: *self.choices.pick(&[Recovery::Journal, Recovery::Snapshot]),
            },
        }
    }

    fn crash(&mut self) -> Act {
        let from = *self.choices.pick(&[Recovery::Journal, Recovery::Snapshot]);
        let torn = self.choices.below(4) as u8;
        let tail = match torn {
            0 => Tail::Written,
            groups => Tail::Torn(groups),
        };
        // What was lost names chats that nobody was ever told of; only newcomers ask again.
        if torn > 0 {
            self.sent.retain(|command| {
                matches!(command, Command::Visitor(VisitorCommand::RequestChat(_)))
            });
        }
        // A new process finds nobody connected.
        if self.choices.chance(80) {
            self.open_with(HostCommand::ConnectionsLost);
        }
        Act::Crash { from, tail }
    }

    fn command(&mut self, picture: &Picture) -> Command {
        if self.choices.chance(4)
            && let Some(again) = self.send_again()
        {
            return again;
        }
        if let Some(command) = self.most_likely(picture) {
            return command;
        }
        for _ in 0..8 {
            let activity = Activity::ALL[self.choices.weighted(&self.habits.weights)].0;
            if let Some(command) = self.act(activity, picture) {
                self.remember(&command);
                return command;
            }
        }
        Command::Host(HostCommand::Tick)
    }

    /// Agents come to work, and answer when they are asked, before the world goes on.
    fn most_likely(&mut self, picture: &Picture) -> Option<Command> {
        let nobody = picture
            .agents
            .values()
            .all(|agent| agent.session.is_none() || agent.lost_until.is_some());
        if nobody && self.choices.chance(25) {
            return self.agent_signs_in(picture);
        }
        let asked = |chat: &ChatPicture| chat.offer.is_some() || chat.transfer.is_some();
        if picture.chats.values().any(asked) && self.choices.chance(25) {
            return self.agent_answers(picture);
        }
        None
    }

    fn act(&mut self, activity: Activity, picture: &Picture) -> Option<Command> {
        match activity {
            Activity::Start => self.start(picture),
            Activity::VisitorWrites => self.visitor_writes(picture),
            Activity::VisitorLeaves => self.visitor_leaves(picture),
            Activity::VisitorConnection => self.visitor_connection(picture),
            Activity::VisitorMarks => self.visitor_marks(picture),
            Activity::Feedback => self.feedback(picture),
            Activity::AgentWrites => self.agent_writes(picture),
            Activity::AgentCloses => self.agent_closes(picture),
            Activity::AgentAnswers => self.agent_answers(picture),
            Activity::AgentTakes => self.agent_takes(picture),
            Activity::AgentMarks => self.agent_marks(picture),
            Activity::SignsIn => self.agent_signs_in(picture),
            Activity::SignsOut => self.agent_signs_out(picture),
            Activity::AgentConnection => self.agent_connection(picture),
            Activity::Pauses => self.agent_pauses(picture),
            Activity::Calls => self.agent_calls(picture),
            Activity::Media => self.media(picture),
            Activity::Transfers => self.agent_transfers(picture),
            Activity::Confers => self.agent_confers(picture),
            Activity::Supervises => self.supervises(picture),
            Activity::EditsCampaign => self.edits_campaign(picture),
            Activity::EditsMembers => self.edits_members(picture),
            Activity::EditsTenant => Some(self.edits_tenant()),
            Activity::EditsAgents => self.edits_agents(picture),
            Activity::EditsCampaigns => self.edits_campaigns(picture),
            Activity::OtherLoad => self.other_load(picture),
            Activity::Mail => self.mail(picture),
            Activity::Quality => self.quality(picture),
            Activity::Program => self.program(picture),
            Activity::AllLost => Some(Command::Host(HostCommand::ConnectionsLost)),
            Activity::Tick => Some(Command::Host(HostCommand::Tick)),
        }
    }

    /// Sends something again that may have got no answer.
    fn send_again(&mut self) -> Option<Command> {
        let back = self.choices.below(8);
        let place = self.sent.len().checked_sub(1 + back)?;
        let mut again = self.sent.get(place).cloned()?;
        if self.choices.chance(10) {
            self.alter(&mut again);
        }
        Some(again)
    }

    /// Changes what stands under a key that was used before.
    fn alter(&mut self, command: &mut Command) {
        let other: Arc<str> = format!("#{} altered", self.unique()).into();
        match command {
            Command::Visitor(VisitorCommand::InChat {
                ask: VisitorAsk::Write { text, .. },
                ..
            })
            | Command::Agent {
                ask: AgentCommand::Write { text, .. },
                ..
            }
            | Command::Host(HostCommand::Say { text, .. }) => *text = other,
            Command::Visitor(VisitorCommand::InChat {
                ask: VisitorAsk::SendFile { file, .. },
                ..
            })
            | Command::Agent {
                ask: AgentCommand::SendFile { file, .. },
                ..
            } => Arc::make_mut(file).digest = other,
            Command::Visitor(VisitorCommand::LeaveOfflineMessage(request)) => request.text = other,
            _ => {}
        }
    }

    /// A file that most campaigns which allow files take.
    fn file(&mut self) -> Arc<SentFile> {
        let number = self.unique();
        Arc::new(SentFile {
            id: format!("file-{number}").into(),
            name: format!("picture {number}.png").into(),
            kind: *self
                .choices
                .pick(&[FileKind::Image, FileKind::Image, FileKind::Video]),
            mime: "image/png".into(),
            bytes: *self.choices.pick(&[1, 900, 2_000, 0]),
            digest: format!("digest-{number}").into(),
        })
    }

    fn remember(&mut self, command: &Command) {
        let has_key = matches!(
            command,
            Command::Visitor(
                VisitorCommand::RequestChat(_)
                    | VisitorCommand::LeaveOfflineMessage(_)
                    | VisitorCommand::InChat {
                        ask: VisitorAsk::Write { .. }
                            | VisitorAsk::SendFile { .. }
                            | VisitorAsk::Feedback { .. },
                        ..
                    }
            ) | Command::Host(HostCommand::Say { .. })
                | Command::Agent {
                    ask: AgentCommand::Write { .. }
                        | AgentCommand::SendFile { .. }
                        | AgentCommand::Accept { .. },
                    ..
                }
        );
        if has_key {
            if self.sent.len() >= 64 {
                self.sent.drain(..32);
            }
            self.sent.push(command.clone());
        }
    }

    /// Time for something senseless.
    fn is_garbage(&mut self) -> bool {
        self.choices.chance(self.habits.garbage)
    }

    /// A number that makes a text or key unique.
    fn unique(&mut self) -> u32 {
        self.texts += 1;
        self.texts
    }

    fn any_campaign(&mut self, picture: &Picture) -> Option<CampaignId> {
        if self.is_garbage() {
            return Some(CampaignId(self.choices.below(9) as u32));
        }
        self.choices.pick_any(picture.campaigns.keys().copied())
    }

    fn any_agent(&mut self, picture: &Picture) -> Option<AgentId> {
        if self.is_garbage() {
            return Some(AgentId(self.choices.below(12) as u32));
        }
        self.choices.pick_any(picture.agents.keys().copied())
    }

    fn any_visitor(&mut self) -> VisitorKey {
        visitor(self.choices.below(self.habits.visitors))
    }

    /// A live chat of this kind; now and then any other one, one that ended or one that never was.
    fn any_chat(
        &mut self,
        picture: &Picture,
        kind: impl Fn(&ChatPicture) -> bool,
    ) -> Option<ChatId> {
        if self.is_garbage() {
            return match self.choices.below(4) {
                0 => Some(ChatId::new(
                    self.choices.below(20) as u32,
                    self.choices.below(20) as u32,
                )),
                1 => self.choices.pick_any(picture.ended.keys().copied()),
                _ => self.choices.pick_any(picture.chats.keys().copied()),
            };
        }
        let suited = picture.chats.iter().filter(|(_, chat)| kind(chat));
        self.choices.pick_any(suited.map(|(id, _)| *id))
    }

    /// A text that says whose chat it belongs to, so that it is recognised where it must not be.
    fn text(&mut self, about: Option<&ChatPicture>) -> Arc<str> {
        let number = self.unique();
        if self.is_garbage() {
            return match self.choices.below(4) {
                0 => "".into(),
                1 => "\u{7}bell".into(),
                2 => "x".repeat(4_001).into(),
                _ => " \n ".into(),
            };
        }
        // What is sent to a chat that is none may be sent again when there is one of that handle.
        let whose = about.map_or_else(
            || "nobody".to_owned(),
            |chat| format!("v{:x}", chat.visitor.0),
        );
        let flourish = *self
            .choices
            .pick(&["", " <b>&amp;", " ñandú 🦤", "\n\tline two"]);
        format!("#{number} for {whose}.{flourish}").into()
    }

    fn key(&mut self) -> Arc<str> {
        let number = self.unique();
        if self.is_garbage() {
            return match self.choices.below(3) {
                0 => "".into(),
                1 => "k".repeat(65).into(),
                _ => "k1".into(),
            };
        }
        format!("k{number}").into()
    }

    fn label(&mut self) -> Arc<str> {
        if self.is_garbage() {
            return match self.choices.below(2) {
                0 => "".into(),
                _ => "r".repeat(81).into(),
            };
        }
        (*self.choices.pick(&["lunch", "training", "café"])).into()
    }

    fn skills(&mut self) -> Vec<Arc<str>> {
        ["es", "vip", "billing"]
            .into_iter()
            .filter(|_| self.choices.chance(25))
            .map(Arc::from)
            .collect()
    }

    fn members(&mut self, agents: &[AgentId]) -> Vec<Member> {
        let mut left = agents.to_vec();
        let mut members = Vec::new();
        while !left.is_empty() {
            let agent = left.swap_remove(self.choices.below(left.len()));
            if self.choices.chance(75) {
                members.push(Member {
                    agent,
                    penalty: *self.choices.pick(&[0, 0, 0, 1, 3, 100]),
                    skills: self.skills(),
                });
            }
        }
        members
    }
}

impl Habits {
    fn draw(choices: &mut Choices) -> Self {
        let mut swarm = |base: u32| base * *choices.pick(&[1, 1, 1, 1, 4, 0]);
        let weights = Activity::ALL.map(|(activity, base)| match activity {
            Activity::Start => base * 2,
            Activity::SignsIn => base,
            _ => swarm(base),
        });
        let pace = Pace::ALL.map(|(pace, base)| match pace {
            Pace::Still | Pace::Seconds => base,
            _ => swarm(base),
        });
        Self {
            weights,
            pace,
            visitors: *choices.pick(&[3, 8, 20, 50]),
            garbage: *choices.pick(&[0, 2, 2, 10]),
            crashes: *choices.pick(&[0, 2, 5, 20]),
            picky: choices.chance(30),
        }
    }
}

/// The key of a visitor.
fn visitor(number: usize) -> VisitorKey {
    VisitorKey(0xa000_0000 + number as u128)
}
