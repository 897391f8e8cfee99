//! What a journal shows of those the settings do not rule: visitors, agents, and the host.

use std::collections::{BTreeMap, BTreeSet};

use webchat_core::campaign::Campaign;
use webchat_core::command::{
    AgentCommand, AgentProfile, ChatRequest, HostCommand, Member, TenantSettings, VisitorForm,
};
use webchat_core::event::{Assignment, CloseReason, Event, OfferEnd, Recorded, SignOutReason};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::time::Timestamp;

/// The reason of the engine's own pauses, which come by themselves.
const PAUSED_BY_ITSELF: &str = "lapsed_offers";

/// Handle time of chats where the journal shows none at all: five minutes.
const UNKNOWN_HANDLE: i64 = 300_000;

/// A journal taken apart.
pub(super) struct Past {
    /// What was done from outside, in the order of the journal.
    pub(super) acts: Vec<(Timestamp, Act)>,
    pub(super) visits: Vec<Visit>,
    /// The campaigns' names at the end.
    pub(super) campaigns: BTreeMap<CampaignId, String>,
    pub(super) agents: BTreeMap<AgentId, AgentProfile>,
    /// Who was ever a member of a campaign.
    pub(super) members: BTreeMap<CampaignId, BTreeSet<AgentId>>,
    /// Handle times in milliseconds by campaign, for chats whose own was never seen.
    handles: BTreeMap<CampaignId, Vec<i64>>,
    /// How long agents took to accept, in milliseconds.
    accepts: Vec<i64>,
    pub(super) end: Timestamp,
    /// Transfers and invitations, which are not done again.
    pub(super) left_out: u64,
}

/// Something done from outside.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Tenant(TenantSettings),
    NewCampaign(CampaignId, Box<Campaign>),
    Campaign(CampaignId, Box<Campaign>),
    NewAgent(AgentProfile),
    Members(CampaignId, Vec<Member>),
    Host(HostCommand),
    Agent(AgentId, AgentCommand),
    SignOut(AgentId),
    Arrive(usize),
    /// What becomes of a visit while no agent has it; coming back counts at any time.
    Waiting(usize, Fate),
}

/// What happens to a waiting visitor from outside.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Lost,
    Back,
    Leaves,
    Closed,
    Moved(CampaignId),
    Taken(AgentId),
    Assigned(AgentId),
}

/// A visitor's wish to chat, and what the journal shows of how it went on.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) request: ChatRequest,
    /// Milliseconds with agents; `None` if it never got that far.
    pub(super) handle: Option<i64>,
    /// Place of its end in the journal, for ends at the same instant.
    pub(super) ended: usize,
    /// How agents answered its offers, one after the other.
    pub(super) answers: Vec<Answer>,
}

/// How an agent answers an offer, after so many milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    Accepts(i64),
    Refuses(i64),
    Ignores,
}

/// A chat while the journal is read.
struct Reading {
    visit: usize,
    with_agent_since: Option<Timestamp>,
    /// Milliseconds with agents before.
    before: i64,
    offered_at: Option<Timestamp>,
    /// The visitor got lost while waiting.
    lost: bool,
}

impl Past {
    pub(super) fn of(journal: &[Recorded]) -> Self {
        let mut past = Self {
            acts: Vec::new(),
            visits: Vec::new(),
            campaigns: BTreeMap::new(),
            agents: BTreeMap::new(),
            members: BTreeMap::new(),
            handles: BTreeMap::new(),
            accepts: Vec::new(),
            end: journal.last().map_or(Timestamp::MIN, |last| last.at),
            left_out: 0,
        };
        let mut live = BTreeMap::new();
        for recorded in journal {
            past.roster(recorded.at, &recorded.event);
            past.chat(recorded.at, &recorded.event, &mut live);
        }
        // Chats that were not over by then go on beyond the end.
        for (_, chat) in live {
            past.forget_offer(&chat);
            let so_far = chat.with_agent_since.map(|since| past.end.since(since));
            if so_far.is_some() || chat.before > 0 {
                let soon = past.usual_handle(past.visits[chat.visit].request.campaign, 0);
                let handle = chat.before + so_far.unwrap_or(0) + soon.max(1);
                past.visits[chat.visit].handle = Some(handle);
            }
        }
        past
    }

    /// A handle time of the campaign, or of any if it had none: those seen, taken in turn.
    pub(super) fn usual_handle(&self, campaign: CampaignId, turn: usize) -> i64 {
        let own = self.handles.get(&campaign).filter(|own| !own.is_empty());
        match own.or_else(|| self.handles.values().find(|any| !any.is_empty())) {
            Some(seen) => seen[turn % seen.len()],
            None => UNKNOWN_HANDLE,
        }
    }

    /// How long an agent usually takes to accept; at once if nobody was ever asked.
    pub(super) fn usual_accept(&self) -> i64 {
        let all: i64 = self.accepts.iter().sum();
        all / i64::try_from(self.accepts.len()).unwrap_or(1).max(1)
    }

    fn act(&mut self, at: Timestamp, act: Act) {
        self.acts.push((at, act));
    }

    fn roster(&mut self, at: Timestamp, event: &Event) {
        use AgentCommand as Ask;
        let act = match event {
            Event::TenantSet { settings } => Act::Tenant(settings.clone()),
            Event::CampaignCreated {
                campaign, settings, ..
            } => {
                self.campaigns.insert(*campaign, settings.name.to_string());
                Act::NewCampaign(*campaign, settings.clone())
            }
            Event::CampaignChanged {
                campaign, settings, ..
            } => {
                self.campaigns.insert(*campaign, settings.name.to_string());
                Act::Campaign(*campaign, settings.clone())
            }
            Event::CampaignDeleted { campaign } => Act::Host(HostCommand::DeleteCampaign {
                campaign: *campaign,
            }),
            Event::MembersSet {
                campaign, members, ..
            } => {
                let known = self.members.entry(*campaign).or_default();
                known.extend(members.iter().map(|member| member.agent));
                Act::Members(*campaign, members.clone())
            }
            Event::AgentCreated { agent, profile } => {
                self.agents.insert(*agent, profile.clone());
                Act::NewAgent(profile.clone())
            }
            Event::AgentChanged { agent, profile } => Act::Host(HostCommand::ChangeAgent {
                agent: *agent,
                profile: profile.clone(),
            }),
            Event::AgentDeleted { agent } => Act::Host(HostCommand::DeleteAgent { agent: *agent }),
            Event::AgentSignedIn { agent, session } => {
                Act::Agent(*agent, Ask::SignIn { session: *session })
            }
            Event::AgentSignedOut { agent, why, .. } => match why {
                // It comes by itself when the grace time is over.
                SignOutReason::Lost => return,
                SignOutReason::Asked => Act::SignOut(*agent),
                SignOutReason::Forced | SignOutReason::BySupervisor => {
                    Act::Agent(*agent, Ask::SignOut { force: true })
                }
            },
            Event::AgentLost { agent, .. } => Act::Agent(*agent, Ask::Disconnect),
            Event::AgentBack { agent } => Act::Agent(*agent, Ask::Connect),
            Event::AgentPaused { agent, reason, .. } if &**reason != PAUSED_BY_ITSELF => {
                let reason = reason.clone();
                Act::Agent(*agent, Ask::Pause { reason })
            }
            Event::AgentResumed { agent, .. } => Act::Agent(*agent, Ask::Resume),
            Event::AgentOnCall { agent, on } => Act::Agent(*agent, Ask::OnCall { on: *on }),
            Event::AgentOtherLoad {
                agent,
                interactions,
            } => Act::Host(HostCommand::OtherLoad {
                agent: *agent,
                interactions: *interactions,
            }),
            _ => return,
        };
        self.act(at, act);
    }

    fn chat(&mut self, at: Timestamp, event: &Event, live: &mut BTreeMap<ChatId, Reading>) {
        match event {
            Event::ChatRefused {
                campaign,
                language,
                skills,
                ..
            } => {
                let request = self.request(*campaign, *language, 0, skills);
                self.arrive(at, request);
            }
            Event::ChatQueued {
                chat,
                campaign,
                language,
                priority,
                skills,
                ..
            } => {
                let request = self.request(*campaign, *language, *priority, skills);
                let visit = self.arrive(at, request);
                let reading = Reading {
                    visit,
                    with_agent_since: None,
                    before: 0,
                    offered_at: None,
                    lost: false,
                };
                live.insert(*chat, reading);
            }
            Event::TransferStarted { .. } | Event::ParticipantJoined { .. } => self.left_out += 1,
            Event::ChatOffered { chat, .. }
            | Event::OfferEnded { chat, .. }
            | Event::ChatAssigned { chat, .. }
            | Event::ChatReturned { chat, .. }
            | Event::ChatMoved { chat, .. }
            | Event::VisitorLost { chat }
            | Event::VisitorBack { chat } => {
                if let Some(chat) = live.get_mut(chat) {
                    self.follow(at, event, chat);
                }
            }
            Event::ChatClosed { chat, reason, .. } => {
                if let Some(chat) = live.remove(chat) {
                    self.close(at, *reason, chat);
                }
            }
            _ => {}
        }
    }

    fn request(
        &self,
        campaign: CampaignId,
        language: webchat_core::wording::Language,
        priority: i8,
        skills: &[std::sync::Arc<str>],
    ) -> ChatRequest {
        ChatRequest {
            // Each visit is a visitor of its own: it may still go on when the next one comes.
            visitor: VisitorKey(self.visits.len() as u128),
            campaign,
            origin: None,
            language: Some(language),
            form: VisitorForm::default(),
            priority,
            skills: skills.to_vec(),
            identity: None,
        }
    }

    fn arrive(&mut self, at: Timestamp, request: ChatRequest) -> usize {
        let visit = self.visits.len();
        self.visits.push(Visit {
            request,
            handle: None,
            ended: usize::MAX,
            answers: Vec::new(),
        });
        self.act(at, Act::Arrive(visit));
        visit
    }

    fn follow(&mut self, at: Timestamp, event: &Event, chat: &mut Reading) {
        let waiting = chat.with_agent_since.is_none();
        let fate = |fate| Act::Waiting(chat.visit, fate);
        match event {
            Event::VisitorLost { .. } if waiting => {
                chat.lost = true;
                self.act(at, fate(Fate::Lost));
            }
            Event::VisitorBack { .. } if std::mem::take(&mut chat.lost) => {
                self.act(at, fate(Fate::Back));
            }
            Event::ChatMoved { to, .. } => self.act(at, fate(Fate::Moved(*to))),
            Event::ChatOffered { .. } if waiting => chat.offered_at = Some(at),
            Event::OfferEnded { why, .. } if waiting => {
                let after = chat
                    .offered_at
                    .take()
                    .map_or(0, |offered| at.since(offered));
                let answers = &mut self.visits[chat.visit].answers;
                answers.push(match why {
                    OfferEnd::Refused => Answer::Refuses(after),
                    OfferEnd::Lapsed | OfferEnd::Rescinded => Answer::Ignores,
                });
            }
            Event::ChatAssigned { agent, how, .. } if waiting => {
                match how {
                    Assignment::Accepted => {
                        let after = chat.offered_at.map_or(0, |offered| at.since(offered));
                        self.visits[chat.visit].answers.push(Answer::Accepts(after));
                        self.accepts.push(after);
                    }
                    Assignment::Taken => self.act(at, fate(Fate::Taken(*agent))),
                    Assignment::TakenOver | Assignment::Forced => {
                        self.act(at, fate(Fate::Assigned(*agent)));
                    }
                    Assignment::Direct | Assignment::Transferred => {}
                }
                chat.offered_at = None;
                chat.with_agent_since = Some(at);
            }
            Event::ChatReturned { .. } => {
                if let Some(since) = chat.with_agent_since.take() {
                    chat.before += at.since(since);
                }
            }
            _ => {}
        }
    }

    /// An offer was out when the chat was closed or the journal ended: nobody had answered it by then.
    fn forget_offer(&mut self, chat: &Reading) {
        if chat.offered_at.is_some() {
            self.visits[chat.visit].answers.push(Answer::Ignores);
        }
    }

    fn close(&mut self, at: Timestamp, reason: CloseReason, chat: Reading) {
        self.forget_offer(&chat);
        let served = chat.with_agent_since.map(|since| at.since(since));
        let visit = &mut self.visits[chat.visit];
        visit.ended = self.acts.len();
        if served.is_some() || chat.before > 0 {
            let handle = chat.before + served.unwrap_or(0);
            visit.handle = Some(handle);
            let campaign = visit.request.campaign;
            self.handles.entry(campaign).or_default().push(handle);
        }
        if served.is_none() {
            match reason {
                CloseReason::VisitorLeft => {
                    self.act(at, Act::Waiting(chat.visit, Fate::Leaves));
                }
                CloseReason::SupervisorClosed => {
                    self.act(at, Act::Waiting(chat.visit, Fate::Closed));
                }
                // All others come by themselves.
                _ => {}
            }
        }
    }
}
