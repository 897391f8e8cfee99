//! A contact centre on the real store, as the server runs it, only without sockets.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::JoinHandle;
use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{
    AgentCommand, AgentProfile, ChatRequest, Command, HostCommand, Member, VisitorAsk,
    VisitorCommand, VisitorForm,
};
use webchat_core::effect::{Effect, Receipt};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::schedule::Zones;
use webchat_runtime::{Clock, EffectSink, Options, Ports, TenantHandle, TenantId};
use webchat_store_sqlite::SqliteStore;

/// The only tenant.
pub const TENANT: TenantId = TenantId(1);
/// Its only campaign.
pub const CAMPAIGN: CampaignId = CampaignId(1);

/// A running tenant on a data folder.
pub struct Centre {
    /// Speaks to the tenant.
    pub handle: TenantHandle,
    /// The store of the folder.
    pub store: Arc<SqliteStore>,
    /// Effects that would have gone to sockets.
    pub told: Arc<Told>,
    task: JoinHandle<()>,
}

/// Counts effects, and does nothing else with them.
#[derive(Debug, Default)]
pub struct Told(AtomicU64);

impl Told {
    /// How many there were.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl EffectSink for Told {
    fn deliver(&self, effects: &mut Vec<Effect>) {
        self.0.fetch_add(effects.len() as u64, Ordering::Relaxed);
        effects.clear();
    }

    fn connections_lost(&self) {}
}

impl Centre {
    /// Opens the folder, recovers the tenant and starts it.
    pub async fn start(folder: &Path, clock: Arc<dyn Clock>) -> Self {
        let store = Arc::new(SqliteStore::open(folder).unwrap());
        let told = Arc::new(Told::default());
        let ports = Ports {
            journal: store.clone(),
            read_model: store.clone(),
            clock,
            effects: told.clone(),
        };
        let started = TenantHandle::start(TENANT, Zones::bundled, ports, Options::default());
        let (handle, task) = started.await.unwrap();
        Self {
            handle,
            store,
            told,
            task,
        }
    }

    /// Makes the campaign and signs in `agents` agents who may have `cap` chats each.
    pub async fn staff(&self, agents: u32, cap: u32) {
        let draft = CampaignDraft {
            agent_cap: cap.into(),
            max_chats: 0,
            ..CampaignDraft::named("Support")
        };
        let settings = Box::new(draft.check(&Zones::bundled()).unwrap().0);
        self.ask(Command::Host(HostCommand::create_campaign(*settings)))
            .await;
        let everyone = || (1..=agents).map(AgentId);
        self.ask_all(everyone().map(|agent| {
            let profile = AgentProfile {
                name: agent.to_string().into(),
                voice: false,
            };
            Command::Host(HostCommand::CreateAgent(profile))
        }))
        .await;
        let members = everyone().map(Member::plain).collect();
        self.ask(Command::Host(HostCommand::SetMembers {
            campaign: CAMPAIGN,
            members,
        }))
        .await;
        self.sign_in(agents).await;
    }

    /// Signs in agents 1 to `agents`.
    pub async fn sign_in(&self, agents: u32) {
        let everyone = (1..=agents).map(AgentId);
        self.ask_all(everyone.map(|agent| of_agent(agent, AgentCommand::SignIn { session: 1 })))
            .await;
    }

    /// Carries a command out that must be accepted.
    pub async fn ask(&self, command: Command) -> Receipt {
        self.handle.submit(command).await.unwrap().unwrap()
    }

    /// Carries commands out beside each other; the answers come in their order.
    pub async fn ask_all(&self, commands: impl IntoIterator<Item = Command>) -> Vec<Receipt> {
        let ask = |command| {
            let handle = self.handle.clone();
            tokio::spawn(async move { handle.submit(command).await.unwrap().unwrap() })
        };
        let asked: Vec<_> = commands.into_iter().map(ask).collect();
        let mut receipts = Vec::with_capacity(asked.len());
        for receipt in asked {
            receipts.push(receipt.await.unwrap());
        }
        receipts
    }

    /// Starts a chat of each of these visitors.
    pub async fn admit(&self, visitors: Range<u128>) -> Vec<(VisitorKey, ChatId)> {
        let visitors = visitors.map(VisitorKey);
        let receipts = self.ask_all(visitors.clone().map(request)).await;
        let chats = receipts.into_iter().map(|receipt| match receipt {
            Receipt::Chat(view) => view.chat,
            other => panic!("expected a chat, got {other:?}"),
        });
        visitors.zip(chats).collect()
    }

    /// Stops as the server does.
    pub async fn stop(self) {
        self.handle.shutdown().await;
        self.task.await.unwrap();
    }
}

/// A visitor's wish to chat.
pub fn request(visitor: VisitorKey) -> Command {
    let form = VisitorForm {
        name: Some("Luz Benítez".into()),
        email: Some("luz@example.com".into()),
        page: Some("https://shop.example/cart".into()),
        ..VisitorForm::default()
    };
    let request = ChatRequest {
        identity: None,
        visitor,
        campaign: CAMPAIGN,
        origin: None,
        language: None,
        form,
        priority: 0,
        skills: Vec::new(),
    };
    Command::Visitor(VisitorCommand::RequestChat(Box::new(request)))
}

/// A visitor's command in a chat.
pub fn of_visitor(visitor: VisitorKey, chat: ChatId, ask: VisitorAsk) -> Command {
    Command::Visitor(VisitorCommand::InChat { visitor, chat, ask })
}

/// An agent's command.
pub fn of_agent(agent: AgentId, ask: AgentCommand) -> Command {
    Command::Agent { agent, ask }
}
