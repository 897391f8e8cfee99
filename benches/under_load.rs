//! The engine with one campaign whose agents are all busy and whose waiting list has a given length.

use std::collections::VecDeque;

use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{
    AgentCommand, AgentProfile, ChatRequest, Command, HostCommand, Member, VisitorAsk,
    VisitorCommand, VisitorForm,
};
use webchat_core::effect::Receipt;
use webchat_core::event::{Event, Recorded};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox};

/// Chats of one agent at once.
pub const CAP: u32 = 3;

/// The one campaign.
pub const CAMPAIGN: CampaignId = CampaignId(1);

/// A contact centre in which time passes by a millisecond with every command.
pub struct ContactCentre {
    /// The engine under load.
    pub engine: Engine,
    outbox: Outbox,
    now: i64,
    visitors: u128,
    messages: u64,
    /// Chats with agents, the oldest first: agent, chat, visitor.
    active: VecDeque<(AgentId, ChatId, VisitorKey)>,
    /// When set, events are kept here.
    journal: Option<Vec<Recorded>>,
}

impl ContactCentre {
    /// `agents` agents with [`CAP`] chats each under a delivery order, and `waiting` chats in the queue.
    pub fn new(order: &str, agents: u32, waiting: u32) -> Self {
        let draft = CampaignDraft {
            order: order.to_owned(),
            ..CampaignDraft::named("Queue")
        };
        Self::of(draft, agents, agents * CAP + waiting)
    }

    /// A campaign as drafted, but for its caps, after `chats` visitors came to `agents` agents.
    pub fn of(draft: CampaignDraft, agents: u32, chats: u32) -> Self {
        let draft = CampaignDraft {
            agent_cap: CAP.into(),
            max_chats: 0,
            ..draft
        };
        let settings = Box::new(draft.check(&Zones::bundled()).unwrap().0);
        let mut centre = Self {
            engine: Engine::new(Zones::bundled()),
            outbox: Outbox::default(),
            now: 1_790_000_000_000,
            visitors: 0,
            messages: 0,
            active: VecDeque::new(),
            journal: None,
        };
        centre.handle(Command::Host(HostCommand::create_campaign(*settings)));
        let everyone = || (1..=agents).map(AgentId);
        for agent in everyone() {
            let profile = AgentProfile {
                name: agent.to_string().into(),
                voice: false,
            };
            centre.handle(Command::Host(HostCommand::CreateAgent(profile)));
        }
        let members = everyone().map(Member::plain).collect();
        centre.handle(Command::Host(HostCommand::SetMembers {
            campaign: CAMPAIGN,
            members,
        }));
        for agent in everyone() {
            centre.handle(Command::Agent {
                agent,
                ask: AgentCommand::SignIn { session: 1 },
            });
        }
        (0..chats).for_each(|_| centre.admit());
        centre
    }

    /// An agent finishes the oldest chat, which gives them the next one waiting; a newcomer is admitted.
    pub fn cycle(&mut self) {
        self.close();
        self.admit();
    }

    /// The oldest active chat is closed by its agent.
    pub fn close(&mut self) {
        let (agent, chat, _) = self.active.pop_front().unwrap();
        self.handle(Command::Agent {
            agent,
            ask: AgentCommand::Close {
                chat,
                disposition: None,
            },
        });
    }

    /// A newcomer asks for a chat and is admitted.
    pub fn admit(&mut self) {
        self.visitors += 1;
        let request = ChatRequest {
            identity: None,
            visitor: VisitorKey(mixed(self.visitors)),
            campaign: CAMPAIGN,
            origin: None,
            language: None,
            form: VisitorForm::default(),
            priority: 0,
            skills: Vec::new(),
        };
        let receipt = self.handle(Command::Visitor(VisitorCommand::RequestChat(Box::new(
            request,
        ))));
        assert!(matches!(receipt, Receipt::Chat(_)), "{receipt:?}");
    }

    /// The visitor of an active chat writes 40 characters; the next call is about the next chat.
    pub fn visitor_writes(&mut self) {
        let (key, text) = self.words();
        let (_, chat, visitor) = self.next_active();
        self.handle(Command::Visitor(VisitorCommand::InChat {
            visitor,
            chat,
            ask: VisitorAsk::Write { key, text },
        }));
    }

    /// The agent of an active chat writes 40 characters; the next call is about the next chat.
    pub fn agent_writes(&mut self) {
        let (key, text) = self.words();
        let (agent, chat, _) = self.next_active();
        self.handle(Command::Agent {
            agent,
            ask: AgentCommand::Write { chat, key, text },
        });
    }

    /// The events of what `work` does.
    pub fn recorded(&mut self, work: impl FnOnce(&mut Self)) -> Vec<Recorded> {
        self.journal = Some(Vec::new());
        work(self);
        self.journal.take().unwrap_or_default()
    }

    fn words(&mut self) -> (std::sync::Arc<str>, std::sync::Arc<str>) {
        self.messages += 1;
        let key = format!("{:016x}", self.messages);
        (
            key.into(),
            "When will the parcel I ordered be here? ".into(),
        )
    }

    fn next_active(&mut self) -> (AgentId, ChatId, VisitorKey) {
        let next = self.active.pop_front().unwrap();
        self.active.push_back(next);
        next
    }

    fn handle(&mut self, command: Command) -> Receipt {
        self.now += 1;
        let receipt = self
            .engine
            .handle(Timestamp::from_millis(self.now), command, &mut self.outbox)
            .unwrap();
        for recorded in self.outbox.events() {
            if let Event::ChatAssigned { chat, agent, .. } = &recorded.event {
                let visitor = self.engine.view().visitor_of(*chat).unwrap();
                self.active.push_back((*agent, *chat, visitor));
            }
        }
        if let Some(journal) = &mut self.journal {
            journal.extend_from_slice(self.outbox.events());
        }
        self.outbox.clear();
        receipt
    }
}

/// Visitor keys as they are: nothing in common from one to the next.
fn mixed(number: u128) -> u128 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
}
