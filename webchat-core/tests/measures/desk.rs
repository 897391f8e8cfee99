//! A small tenant to play with. Every step is checked for replay and snapshot equality on the way.

use webchat_core::campaign::{Campaign, CampaignDraft};
use webchat_core::command::{
    AgentCommand, AgentProfile, ChatRequest, Command, HostCommand, Member, SupervisorCommand,
    VisitorAsk, VisitorCommand, VisitorForm,
};
use webchat_core::effect::Receipt;
use webchat_core::event::Recorded;
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::rejection::Rejection;
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox};

/// 2026-09-21 10:00 in Montevideo, a Monday.
pub(crate) const START: i64 = 1_789_995_600_000;

pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) outbox: Outbox,
    /// Milliseconds.
    pub(crate) now: i64,
    seen: usize,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            engine: Engine::new(Zones::bundled()),
            outbox: Outbox::default(),
            now: START,
            seen: 0,
        }
    }

    pub(crate) fn handle(&mut self, command: Command) -> Result<Receipt, Rejection> {
        let now = Timestamp::from_millis(self.now);
        let answer = self.engine.handle(now, command, &mut self.outbox);
        assert!(self.engine.poll_timeout().is_none_or(|wake| wake.at > now));
        for campaign in self.engine.view().campaigns() {
            assert!(campaign.counters.identity_holds());
        }
        answer
    }

    /// Replay and snapshot give the engine again.
    pub(crate) fn check(&self) {
        let mut copy = Engine::new(Zones::bundled());
        copy.replay(self.outbox.events());
        assert_eq!(copy.digest(), self.engine.digest());
        assert_eq!(copy.poll_timeout(), self.engine.poll_timeout());
        let restored = Engine::restore(&self.engine.snapshot(), Zones::bundled()).unwrap();
        assert_eq!(restored.digest(), self.engine.digest());
        assert_eq!(restored.poll_timeout(), self.engine.poll_timeout());
    }

    pub(crate) fn host(&mut self, command: HostCommand) -> Receipt {
        self.handle(Command::Host(command)).unwrap()
    }

    pub(crate) fn agent(
        &mut self,
        agent: AgentId,
        ask: AgentCommand,
    ) -> Result<Receipt, Rejection> {
        self.handle(Command::Agent { agent, ask })
    }

    pub(crate) fn supervisor(&mut self, agent: AgentId, ask: SupervisorCommand) -> Receipt {
        self.handle(Command::Supervisor { agent, ask }).unwrap()
    }

    pub(crate) fn campaign(&mut self, edit: impl FnOnce(&mut CampaignDraft)) -> CampaignId {
        let name = format!("Campaign {}", self.engine.view().campaigns().count() + 1);
        let mut draft = CampaignDraft::named(&name);
        edit(&mut draft);
        let (campaign, _) = draft.check(&Zones::bundled()).unwrap();
        match self.host(HostCommand::create_campaign(campaign)) {
            Receipt::Campaign(campaign) => campaign,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn edit(&mut self, campaign: CampaignId, edit: impl FnOnce(&mut Campaign)) {
        let view = self.engine.view();
        let mut settings = view.campaign(campaign).unwrap().settings.clone();
        edit(&mut settings);
        self.host(HostCommand::ChangeCampaign {
            campaign,
            settings: Box::new(settings),
            seen: None,
            by: None,
        });
    }

    /// Agents who are members of the campaign, signed in.
    pub(crate) fn agents<const N: usize>(&mut self, campaign: CampaignId) -> [AgentId; N] {
        let mut members: Vec<Member> = self.engine.view().members(campaign).cloned().collect();
        let agents = std::array::from_fn(|_| {
            let number = self.engine.view().agents().count() + 1;
            let profile = AgentProfile {
                name: format!("Agent {number}").into(),
                voice: false,
            };
            let Receipt::Agent(agent) = self.host(HostCommand::CreateAgent(profile)) else {
                panic!("no agent");
            };
            members.push(Member::plain(agent));
            agent
        });
        self.host(HostCommand::SetMembers { campaign, members });
        for agent in agents {
            self.sign_in(agent);
        }
        agents
    }

    pub(crate) fn sign_in(&mut self, agent: AgentId) {
        self.agent(agent, AgentCommand::SignIn { session: 1 })
            .unwrap();
    }

    pub(crate) fn request(&mut self, campaign: CampaignId, visitor: u128) -> Receipt {
        self.request_with(campaign, visitor, |_| ())
    }

    pub(crate) fn request_with(
        &mut self,
        campaign: CampaignId,
        visitor: u128,
        edit: impl FnOnce(&mut ChatRequest),
    ) -> Receipt {
        let mut request = ChatRequest {
            identity: None,
            visitor: VisitorKey(visitor),
            campaign,
            origin: None,
            language: None,
            form: VisitorForm::default(),
            priority: 0,
            skills: Vec::new(),
        };
        edit(&mut request);
        let request = VisitorCommand::RequestChat(Box::new(request));
        self.handle(Command::Visitor(request)).unwrap()
    }

    /// A newcomer who is admitted.
    pub(crate) fn arrive(&mut self, campaign: CampaignId, visitor: u128) -> ChatId {
        match self.request(campaign, visitor) {
            Receipt::Chat(view) => view.chat,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn visitor(&mut self, chat: ChatId, ask: VisitorAsk) {
        let visitor = self.engine.view().visitor_of(chat).unwrap();
        let command = VisitorCommand::InChat { visitor, chat, ask };
        self.handle(Command::Visitor(command)).unwrap();
    }

    pub(crate) fn leave(&mut self, chat: ChatId) {
        self.visitor(chat, VisitorAsk::Leave);
    }

    /// The agent who has the chat ends it.
    pub(crate) fn finish(&mut self, chat: ChatId) {
        let agent = self.engine.view().agent_chat(chat).unwrap().owner.unwrap();
        let ask = AgentCommand::Close {
            chat,
            disposition: None,
        };
        self.agent(agent, ask).unwrap();
    }

    /// Lets time pass, and timers fire when they are due.
    pub(crate) fn pass(&mut self, seconds: i64) {
        let until = self.now + seconds * 1_000;
        while let Some(wake) = self.engine.poll_timeout()
            && wake.at.as_millis() <= until
        {
            self.now = wake.at.as_millis();
            self.engine.handle_timeout(wake.at, &mut self.outbox);
        }
        self.now = until;
        self.host(HostCommand::Tick);
    }

    /// What happened since this was last asked.
    pub(crate) fn news(&mut self) -> &[Recorded] {
        let from = std::mem::replace(&mut self.seen, self.outbox.events().len());
        &self.outbox.events()[from..]
    }
}

/// A generator of random numbers for the world outside the engine.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// 0 to `sides - 1`.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        (self.next() * sides as f64) as usize
    }

    /// Exponentially distributed, in milliseconds.
    pub(crate) fn exponential(&mut self, mean_seconds: f64) -> i64 {
        let share = 1.0 - self.next();
        (-share.ln() * mean_seconds * 1_000.0) as i64
    }

    /// From 0 to less than 1.
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
