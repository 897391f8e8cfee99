//! A running tenant over real SQLite files, whose mail goes to a real mail server.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{Command, HostCommand, OfflineRequest, VisitorCommand, VisitorForm};
use webchat_core::effect::{Effect, Receipt};
use webchat_core::event::Event;
use webchat_core::id::{CampaignId, VisitorKey};
use webchat_core::mail::{MailId, Obligation};
use webchat_core::schedule::{ScheduleDraft, Zones};
use webchat_core::time::Timestamp;
use webchat_core::wire;
use webchat_mail::{MailSettings, MailSink, Mailer, Office};
use webchat_runtime::testing::ManualClock;
use webchat_runtime::{
    EffectSink, Frame, Head, Journal, Options, Ports, Snapshot, StoreError, TenantHandle, TenantId,
    Verdict,
};
use webchat_store_sqlite::SqliteStore;

use crate::server::PATIENCE;

const TENANT: TenantId = TenantId(1);

/// A data folder with its clock. Its only campaign, Ventas, speaks Spanish and never opens.
pub(crate) struct World {
    _folder: tempfile::TempDir,
    store: Arc<SqliteStore>,
    pub(crate) clock: Arc<ManualClock>,
    events: mpsc::UnboundedSender<Event>,
    happened: Mutex<mpsc::UnboundedReceiver<Event>>,
}

/// A tenant at work on it.
pub(crate) struct Desk {
    tenant: TenantHandle,
    running: JoinHandle<()>,
    mailing: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
        let (events, happened) = mpsc::unbounded_channel();
        Self {
            _folder: folder,
            store,
            clock: Arc::new(ManualClock::new(Timestamp::from_seconds(1_790_000_000))),
            events,
            happened: Mutex::new(happened),
        }
    }

    /// Starts a tenant that sends with these settings.
    pub(crate) async fn start(&self, settings: &MailSettings) -> Desk {
        self.start_with(Some(settings.check().unwrap())).await
    }

    pub(crate) async fn start_with(&self, mailer: Option<Mailer>) -> Desk {
        let (sink, outgoing) = MailSink::new(Arc::new(Nobody));
        let ports = Ports {
            journal: Arc::new(Watched {
                journal: self.store.clone(),
                events: self.events.clone(),
            }),
            read_model: self.store.clone(),
            clock: self.clock.clone(),
            effects: Arc::new(sink),
        };
        let started = TenantHandle::start(TENANT, Zones::bundled, ports, Options::default()).await;
        let (tenant, running) = started.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let office = Office {
            name: "main".into(),
            tenant: TENANT,
            handle: tenant.clone(),
            read_model: self.store.clone(),
            zones: Arc::new(Zones::bundled()),
            mailer,
        };
        let mailing = tokio::spawn(async move {
            let stop = async {
                // A dropped sender is a stop too.
                let _ = stopped.await;
            };
            outgoing.run(office, stop).await;
        });
        let desk = Desk {
            tenant,
            running,
            mailing,
            stop,
        };
        let known = desk
            .tenant
            .query(|engine, _| engine.view().campaigns().count());
        if known.await.unwrap() == 0 {
            let mut draft = CampaignDraft::named("Ventas");
            draft.schedule = ScheduleDraft::weekly("America/Montevideo");
            draft.default_language = "es".into();
            draft.offline_message = true;
            draft.offline_address = "ventas@example.com".into();
            let (campaign, _) = draft.check(&Zones::bundled()).unwrap();
            desk.host(HostCommand::create_campaign(campaign)).await;
        }
        desk
    }

    /// Waits for the next attempt that is durably settled; `Ok` when it delivered, else what was said and
    /// whether there will be another.
    pub(crate) async fn settled(&self) -> Result<MailId, (String, bool)> {
        let mut happened = self.happened.lock().await;
        loop {
            let event = tokio::time::timeout(PATIENCE, happened.recv()).await;
            match event.expect("no attempt is settled").unwrap() {
                Event::MailDelivered { message } => return Ok(message),
                Event::MailFailed {
                    error, retry_at, ..
                } => {
                    return Err((error.to_string(), retry_at.is_some()));
                }
                _ => {}
            }
        }
    }
}

impl Desk {
    pub(crate) async fn host(&self, command: HostCommand) -> Receipt {
        self.submit(Command::Host(command)).await
    }

    /// Carries out a command that makes sense.
    pub(crate) async fn submit(&self, command: Command) -> Receipt {
        self.tenant.submit(command).await.unwrap().unwrap()
    }

    /// A visitor leaves a message; the receipt is awaited.
    pub(crate) async fn leave(&self, visitor: u128, name: &str, text: &str) -> MailId {
        let form = VisitorForm {
            name: Some(name.into()),
            email: Some("ana@example.org".into()),
            ..VisitorForm::default()
        };
        self.leave_form(visitor, form, text).await
    }

    pub(crate) async fn leave_form(&self, visitor: u128, form: VisitorForm, text: &str) -> MailId {
        let request = OfflineRequest {
            visitor: VisitorKey(visitor),
            campaign: CampaignId(1),
            origin: None,
            language: Some("pt-br".parse().unwrap()),
            key: visitor.to_string().into(),
            form,
            text: text.into(),
        };
        let command = VisitorCommand::LeaveOfflineMessage(Box::new(request));
        let receipt = self.tenant.submit(Command::Visitor(command)).await.unwrap();
        match receipt.unwrap() {
            Receipt::Offline(id) => id,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn owed(&self) -> Vec<Obligation> {
        let asked = self
            .tenant
            .query(|engine, _| engine.view().owed().cloned().collect());
        asked.await.unwrap()
    }

    /// Stops as the server does: what is being sent is finished first.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.mailing)
            .await
            .unwrap()
            .unwrap();
        self.tenant.shutdown().await;
        self.running.await.unwrap();
    }

    /// Ends in the middle of whatever it does, as far as mail is concerned.
    pub(crate) async fn kill(self) {
        self.mailing.abort();
        assert!(self.mailing.await.unwrap_err().is_cancelled());
        self.tenant.shutdown().await;
        self.running.await.unwrap();
    }
}

/// Nobody else has to be told.
struct Nobody;

impl EffectSink for Nobody {
    fn deliver(&self, effects: &mut Vec<Effect>) {
        effects.clear();
    }

    fn connections_lost(&self) {}
}

/// Tells what became durable.
struct Watched {
    journal: Arc<dyn Journal>,
    events: mpsc::UnboundedSender<Event>,
}

#[async_trait]
impl Journal for Watched {
    async fn append(&self, frames: Vec<Frame>) -> Vec<Verdict> {
        let payloads: Vec<_> = frames.iter().map(|frame| frame.payload.clone()).collect();
        let verdicts = self.journal.append(frames).await;
        for (verdict, payload) in verdicts.iter().zip(payloads) {
            assert!(matches!(verdict, Verdict::Durable), "{verdict:?}");
            for recorded in wire::decode(&payload).unwrap() {
                // Nobody listens any more at the end of a test.
                let _ = self.events.send(recorded.event);
            }
        }
        verdicts
    }

    async fn claim(&self, tenant: TenantId) -> Result<Head, StoreError> {
        self.journal.claim(tenant).await
    }

    async fn head(&self, tenant: TenantId) -> Result<Head, StoreError> {
        self.journal.head(tenant).await
    }

    async fn read(
        &self,
        tenant: TenantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Frame>, StoreError> {
        self.journal.read(tenant, after, limit).await
    }

    async fn save_snapshot(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        self.journal.save_snapshot(snapshot).await
    }

    async fn latest_snapshot(&self, tenant: TenantId) -> Result<Option<Snapshot>, StoreError> {
        self.journal.latest_snapshot(tenant).await
    }
}
