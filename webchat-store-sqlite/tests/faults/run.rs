//! The scripted run: a visitor writes numbered messages into a data folder and says on standard
//! output what was acknowledged.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{
    AgentCommand, AgentProfile, ChatRequest, Command, HostCommand, Member, VisitorAsk,
    VisitorCommand, VisitorForm,
};
use webchat_core::effect::{Effect, Receipt};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::rejection::Rejection;
use webchat_core::schedule::Zones;
use webchat_runtime::{
    EffectSink, Options, Ports, SystemClock, TenantHandle, TenantId, Unavailable,
};
use webchat_store_sqlite::SqliteStore;

/// Nobody listens.
struct Quiet;

impl EffectSink for Quiet {
    fn deliver(&self, effects: &mut Vec<Effect>) {
        effects.clear();
    }

    fn connections_lost(&self) {}
}

struct Run {
    tenant: TenantHandle,
    until: Instant,
}

/// What is not acknowledged after this time is given up.
const PATIENCE: Duration = Duration::from_secs(1);

/// Writes `messages` messages into `folder`.
pub(super) fn run(folder: &str, messages: u32) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let store = Arc::new(SqliteStore::open(folder)?);
        let ports = Ports {
            journal: store.clone(),
            read_model: store,
            clock: Arc::new(SystemClock::new()),
            effects: Arc::new(Quiet),
        };
        let options = Options {
            snapshot_events: 7,
            ..Options::default()
        };
        let (tenant, task) =
            TenantHandle::start(TenantId(1), Zones::bundled, ports, options).await?;
        let run = Run {
            tenant,
            until: Instant::now() + PATIENCE,
        };
        let ran = run.play(messages).await;
        run.tenant.shutdown().await;
        task.await?;
        ran
    })
}

impl Run {
    async fn play(&self, messages: u32) -> Result<(), Box<dyn std::error::Error>> {
        let (campaign, _) = CampaignDraft::named("Support").check(&Zones::bundled())?;
        self.ask_once(Command::Host(HostCommand::create_campaign(campaign)))
            .await?;
        let profile = AgentProfile {
            name: "Ana".into(),
            voice: false,
        };
        self.ask_once(Command::Host(HostCommand::CreateAgent(profile)))
            .await?;
        self.ask(Command::Host(HostCommand::SetMembers {
            campaign: CampaignId(1),
            members: vec![Member::plain(AgentId(1))],
        }))
        .await?;
        self.ask(Command::Agent {
            agent: AgentId(1),
            ask: AgentCommand::SignIn { session: 1 },
        })
        .await?;
        let chat = self.chat().await?;
        for number in 0..messages {
            let key = format!("key-{number}");
            let written = self.ask(Command::Visitor(VisitorCommand::InChat {
                visitor: VisitorKey(7),
                chat,
                ask: VisitorAsk::Write {
                    key: key.as_str().into(),
                    text: format!("text of {key}").into(),
                },
            }));
            let Receipt::Message { number, .. } = written.await? else {
                return Err("expected the message's number".into());
            };
            say(&format!("acked {chat} {key} {number}"))?;
        }
        say("done")?;
        Ok(())
    }

    async fn chat(&self) -> Result<ChatId, Box<dyn std::error::Error>> {
        let request = ChatRequest {
            identity: None,
            visitor: VisitorKey(7),
            campaign: CampaignId(1),
            origin: None,
            language: None,
            form: VisitorForm::default(),
            priority: 0,
            skills: Vec::new(),
        };
        let request = VisitorCommand::RequestChat(Box::new(request));
        match self.ask(Command::Visitor(request)).await? {
            Receipt::Chat(view) => Ok(view.chat),
            other => Err(format!("expected a chat, got {other:?}").into()),
        }
    }

    /// Repeats a command whose first outcome is not known; that it is done already is fine.
    async fn ask_once(&self, command: Command) -> Result<(), Box<dyn std::error::Error>> {
        match self.try_ask(command).await? {
            Ok(_) => Ok(()),
            Err(Rejection::InvalidField(_)) => Ok(()),
            Err(rejection) => Err(rejection.into()),
        }
    }

    async fn ask(&self, command: Command) -> Result<Receipt, Box<dyn std::error::Error>> {
        Ok(self.try_ask(command).await??)
    }

    /// Asks until there is an answer or time is up.
    async fn try_ask(
        &self,
        command: Command,
    ) -> Result<Result<Receipt, Rejection>, Box<dyn std::error::Error>> {
        loop {
            match self.tenant.submit(command.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(Unavailable::Retry) if Instant::now() < self.until => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Err(unavailable) => {
                    let health = self.tenant.health().borrow().code();
                    return Err(format!("{unavailable} ({health})").into());
                }
            }
        }
    }
}

/// Prints a line at once, so that it is there whatever happens next.
fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
