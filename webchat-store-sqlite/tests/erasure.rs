//! What is erased is gone from every byte of the data folder, and nothing else is; whatever stops it half way.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::task::JoinHandle;
use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{
    AgentCommand, AgentProfile, ChatRequest, Command, HostCommand, Member, OfflineRequest,
    SupervisorCommand, VisitorAsk, VisitorCommand, VisitorForm,
};
use webchat_core::effect::{Effect, Receipt};
use webchat_core::event::Message;
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::mail::MailOutcome;
use webchat_core::rejection::Rejection;
use webchat_core::schedule::{ScheduleDraft, Zones};
use webchat_core::time::Timestamp;
use webchat_core::{Engine, wire};
use webchat_runtime::read_model::{
    Act, ActFilter, ChatFilter, ChatSummary, FrameEvents, Held, Recording, Revision, Slice,
};
use webchat_runtime::report::{Report, ReportWish};
use webchat_runtime::testing::ManualClock;
use webchat_runtime::{
    EffectSink, Erasure, Fault, Journal, NotErased, Options, Ports, ReadModel, StoreError,
    TenantHandle, TenantId,
};
use webchat_store_sqlite::SqliteStore;

const TENANT: TenantId = TenantId(1);
const ANA: AgentId = AgentId(1);
const SHOP: CampaignId = CampaignId(1);
const CLOSED: CampaignId = CampaignId(2);
const LUZ: VisitorKey = VisitorKey(7);
const START: i64 = 1_790_000_000;

/// In everything Luz says or that is said of her, and in nothing else.
const SECRET: &str = "zorzal";

struct Deaf;

impl EffectSink for Deaf {
    fn deliver(&self, effects: &mut Vec<Effect>) {
        effects.clear();
    }

    fn connections_lost(&self) {}
}

/// A tenant at work on a data folder.
struct World {
    store: Arc<SqliteStore>,
    tenant: TenantHandle,
    task: JoinHandle<()>,
    clock: Arc<ManualClock>,
}

impl World {
    async fn open(folder: &Path, clock: Arc<ManualClock>) -> Self {
        let store = open(folder).await;
        Self::with(store.clone(), store, clock).await
    }

    async fn with(
        store: Arc<SqliteStore>,
        read_model: Arc<dyn ReadModel>,
        clock: Arc<ManualClock>,
    ) -> Self {
        let ports = Ports {
            journal: store.clone(),
            read_model,
            clock: clock.clone(),
            effects: Arc::new(Deaf),
        };
        // Snapshots are kept while secrets are told.
        let options = Options {
            snapshot_events: 20,
            ..Options::default()
        };
        let started = TenantHandle::start(TENANT, Zones::bundled, ports, options).await;
        let (tenant, task) = started.unwrap();
        Self {
            store,
            tenant,
            task,
            clock,
        }
    }

    async fn ask(&self, command: Command) -> Receipt {
        self.tenant.submit(command).await.unwrap().unwrap()
    }

    async fn host(&self, command: HostCommand) -> Receipt {
        self.ask(Command::Host(command)).await
    }

    async fn ana(&self, ask: AgentCommand) {
        self.ask(Command::Agent { agent: ANA, ask }).await;
    }

    async fn visitor(&self, visitor: VisitorKey, chat: ChatId, ask: VisitorAsk) {
        let command = VisitorCommand::InChat { visitor, chat, ask };
        self.ask(Command::Visitor(command)).await;
    }

    async fn begin(&self, visitor: VisitorKey, word: &str) -> ChatId {
        let request = ChatRequest {
            visitor,
            campaign: SHOP,
            origin: None,
            language: None,
            form: form(word),
            identity: Some(format!("{word}-17").into()),
            priority: 0,
            skills: Vec::new(),
        };
        let command = VisitorCommand::RequestChat(Box::new(request));
        match self.ask(Command::Visitor(command)).await {
            Receipt::Chat(view) => view.chat,
            other => panic!("no chat: {other:?}"),
        }
    }

    /// A chat in which `word` is said in each field there is; it ends.
    async fn talk(&self, visitor: VisitorKey, word: &str) -> ChatId {
        let chat = self.begin(visitor, word).await;
        for number in 0..6 {
            let key = format!("{word}-{number}").into();
            let text = format!("{word} {number} {}", "blah ".repeat(number * 90)).into();
            self.visitor(visitor, chat, VisitorAsk::Write { key, text })
                .await;
            let key = format!("{word}-{number}").into();
            let text = format!("Of course, {word} it is").into();
            self.ana(AgentCommand::Write { chat, key, text }).await;
        }
        let (key, text) = (Some(word.into()), format!("likes {word}").into());
        self.ana(AgentCommand::Note { chat, key, text }).await;
        let whisper = SupervisorCommand::Whisper {
            chat,
            key: Some(word.into()),
            text: format!("mind {word}").into(),
        };
        self.ask(Command::Supervisor {
            agent: ANA,
            ask: whisper,
        })
        .await;
        self.host(HostCommand::Say {
            chat,
            name: "Robot".into(),
            key: format!("robot-{word}").into(),
            text: format!("I heard {word}").into(),
        })
        .await;
        let copy = VisitorAsk::Transcript { email: None };
        let command = VisitorCommand::InChat {
            visitor,
            chat,
            ask: copy,
        };
        let Receipt::Transcript { mail, .. } = self.ask(Command::Visitor(command)).await else {
            panic!("a transcript is owed");
        };
        let disposition = Some(vec![word.into()]);
        self.ana(AgentCommand::Close { chat, disposition }).await;
        let outcome = match word == SECRET && mail.0 % 2 == 1 {
            true => MailOutcome::Permanent(format!("550 no {word} here").into()),
            false => MailOutcome::Delivered,
        };
        self.host(HostCommand::MailAnswered {
            message: mail,
            outcome,
        })
        .await;
        let note = Some(format!("{word} was fine").into());
        self.visitor(visitor, chat, VisitorAsk::Feedback { score: 4, note })
            .await;
        chat
    }

    /// An offline message with `word` in each field; the mail server's complaint quotes it.
    async fn leave(&self, visitor: VisitorKey, word: &str) {
        let request = OfflineRequest {
            visitor,
            campaign: CLOSED,
            origin: None,
            language: None,
            key: word.into(),
            form: form(word),
            text: format!("call {word}").into(),
        };
        let left = VisitorCommand::LeaveOfflineMessage(Box::new(request));
        let Receipt::Offline(message) = self.ask(Command::Visitor(left)).await else {
            panic!("a message is numbered");
        };
        let outcome = MailOutcome::Temporary(format!("451 {word} is greylisted").into());
        self.host(HostCommand::MailAnswered { message, outcome })
            .await;
    }

    /// A campaign that is open and one that is not, Ana, and secrets of Luz among the chatter of others.
    async fn tell_secrets(&self) -> Vec<ChatId> {
        let mut shop = CampaignDraft::named("Shop");
        shop.extra_field.visible = true;
        shop.extra_field.label = [("en".to_owned(), "Telephone".to_owned())].into();
        shop.retention_days = 30;
        shop.transcript_by_mail = true;
        let mut closed = CampaignDraft::named("Closed");
        closed.schedule = ScheduleDraft::weekly("UTC");
        closed.offline_message = true;
        closed.offline_address = "shop@example.com".into();
        for draft in [shop, closed] {
            let (settings, _) = draft.check(&Zones::bundled()).unwrap();
            self.host(HostCommand::create_campaign(settings)).await;
        }
        let profile = AgentProfile {
            name: "Ana".into(),
            voice: false,
        };
        self.host(HostCommand::CreateAgent(profile)).await;
        let members = vec![Member::plain(ANA)];
        self.host(HostCommand::SetMembers {
            campaign: SHOP,
            members,
        })
        .await;
        self.ana(AgentCommand::SignIn { session: 1 }).await;
        let mut secret = Vec::new();
        for round in 0..4 {
            for other in 0..5 {
                let visitor = VisitorKey(100 + round * 10 + other);
                self.talk(visitor, &format!("chatter{other}")).await;
            }
            secret.push(self.talk(LUZ, SECRET).await);
            self.leave(LUZ, SECRET).await;
            self.leave(VisitorKey(100 + round), "chatter").await;
            self.clock.advance(3_600_000);
        }
        secret
    }

    async fn summaries(&self) -> Vec<ChatSummary> {
        self.tenant.caught_up().await.unwrap();
        let all = self.store.chats(TENANT, ChatFilter::default(), 1_000);
        all.await.unwrap()
    }

    async fn digest(&self) -> u64 {
        let digest = self.tenant.query(|engine, _| engine.digest());
        digest.await.unwrap()
    }

    async fn counted(&self) -> String {
        let counted = self.tenant.query(|engine, _| {
            let campaigns = engine.view().campaigns();
            let all: Vec<_> = campaigns
                .map(|campaign| campaign.counters.clone())
                .collect();
            format!("{all:?}")
        });
        counted.await.unwrap()
    }

    async fn stop(self) {
        self.tenant.shutdown().await;
        self.task.await.unwrap();
    }
}

/// Opens a folder as soon as nobody has it: a process another test has just begun shares this one's locks until it
/// has become another program.
async fn open(folder: &Path) -> Arc<SqliteStore> {
    for _ in 0..1_000_000 {
        match SqliteStore::open(folder) {
            Err(error) if error.fault() == Fault::InUse => tokio::task::yield_now().await,
            opened => return Arc::new(opened.unwrap()),
        }
    }
    panic!("the folder is never free");
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp::from_seconds(START)))
}

fn form(word: &str) -> VisitorForm {
    VisitorForm {
        name: Some(format!("{word} name")),
        email: Some(format!("{word}@example.org")),
        extra: Some(format!("{word} extra")),
        page: Some(format!("https://shop.example/{word}")),
    }
}

fn of_luz() -> Erasure {
    Erasure {
        visitor: Some(LUZ),
        chats: Vec::new(),
        by: "ada".into(),
    }
}

/// The files of a folder in which some bytes stand.
fn files_with(folder: &Path, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        if bytes
            .windows(word.len())
            .any(|part| part == word.as_bytes())
        {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

fn assert_sound(folder: &Path) {
    let report = SqliteStore::verify(folder).unwrap();
    assert!(report.is_sound(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_visitor_said_is_gone_from_every_file_and_the_counts_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let world = World::open(path, clock()).await;
    let secret = world.tell_secrets().await;
    let before = world.summaries().await;
    let counted = world.counted().await;
    assert!(!files_with(path, SECRET).is_empty());

    let erased = world.tenant.erase(of_luz()).await.unwrap();
    let mut sorted = secret.clone();
    sorted.sort();
    assert_eq!(erased, sorted);
    world.tenant.buried().await.unwrap();

    assert_eq!(files_with(path, SECRET), Vec::<String>::new());
    assert!(!files_with(path, "chatter").is_empty());
    assert_eq!(world.counted().await, counted);
    let after = world.summaries().await;
    assert_eq!(after.len(), before.len());
    for (before, after) in before.iter().zip(&after) {
        let mut expected = before.clone();
        if secret.contains(&before.chat) {
            expected.erased_at = after.erased_at;
            expected.facts = Arc::default();
            expected.closing.as_mut().unwrap().disposition = None;
            expected.feedback.as_mut().unwrap().note = None;
            let messages = world.store.messages(TENANT, before.chat, 0, 100);
            let messages = messages.await.unwrap();
            assert_eq!(messages.len(), before.last as usize);
            assert!(messages.iter().all(|message| message.text.is_empty()));
        }
        assert_eq!(*after, expected);
    }
    let search = ChatFilter {
        text: Some(SECRET.into()),
        ..ChatFilter::default()
    };
    assert_eq!(world.store.chats(TENANT, search, 9).await.unwrap(), []);

    let clock = world.clock.clone();
    world.stop().await;
    assert_eq!(files_with(path, SECRET), Vec::<String>::new());
    assert_sound(path);
    // The engine of the snapshot is where the tombstones lead to from the first frame on.
    let world = World::open(path, clock.clone()).await;
    let digest = world.digest().await;
    let mut replayed = Engine::new(Zones::bundled());
    for frame in world.store.read(TENANT, 0, usize::MAX).await.unwrap() {
        replayed.replay(&wire::decode(&frame.payload).unwrap());
    }
    assert_eq!(replayed.digest(), digest);
    world.stop().await;
    std::fs::remove_file(path.join("read.db")).unwrap();
    let world = World::open(path, clock).await;
    assert_eq!(world.summaries().await, after);
    world.tenant.buried().await.unwrap();
    world.stop().await;
    assert_eq!(files_with(path, SECRET), Vec::<String>::new());
    assert_sound(path);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_long_enough_goes_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let world = World::open(path, clock()).await;
    world.tell_secrets().await;
    // The offline messages are of a campaign that keeps what it has.
    let offline = Erasure {
        visitor: Some(LUZ),
        chats: Vec::new(),
        by: "ada".into(),
    };
    world.clock.advance(29 * 86_400_000);
    world.host(HostCommand::Tick).await;
    world.tenant.buried().await.unwrap();
    assert!(!files_with(path, "chatter3").is_empty());
    world.clock.advance(2 * 86_400_000);
    world.host(HostCommand::Tick).await;
    world.tenant.buried().await.unwrap();
    assert_eq!(files_with(path, "chatter3"), Vec::<String>::new());
    assert!(!files_with(path, SECRET).is_empty());
    assert!(
        world
            .summaries()
            .await
            .iter()
            .all(|chat| chat.erased_at.is_some())
    );
    world.tenant.erase(offline).await.unwrap();
    world.tenant.buried().await.unwrap();
    assert_eq!(files_with(path, SECRET), Vec::<String>::new());
    world.stop().await;
    assert_sound(path);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_erased_while_the_visitor_chats() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path(), clock()).await;
    world.tell_secrets().await;
    let live = world.begin(LUZ, SECRET).await;
    let refused = world.tenant.erase(of_luz()).await.unwrap_err();
    assert!(
        matches!(refused, NotErased::Rejected(Rejection::ChatLive(chat)) if chat == live),
        "{refused:?}"
    );
    assert!(
        world
            .summaries()
            .await
            .iter()
            .all(|chat| chat.erased_at.is_none())
    );
    world.stop().await;
}

/// A store on which burying fails: the disk has no room for a new file.
struct NoRoom(Arc<SqliteStore>);

#[async_trait]
impl ReadModel for NoRoom {
    async fn checkpoint(&self, tenant: TenantId) -> Result<u64, StoreError> {
        self.0.checkpoint(tenant).await
    }

    async fn apply(&self, tenant: TenantId, frames: Vec<FrameEvents>) -> Result<(), StoreError> {
        self.0.apply(tenant, frames).await
    }

    async fn reset(&self, tenant: TenantId) -> Result<(), StoreError> {
        self.0.reset(tenant).await
    }

    async fn messages(
        &self,
        tenant: TenantId,
        chat: ChatId,
        after: u32,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        self.0.messages(tenant, chat, after, limit).await
    }

    async fn chats(
        &self,
        tenant: TenantId,
        filter: ChatFilter,
        limit: usize,
    ) -> Result<Vec<ChatSummary>, StoreError> {
        self.0.chats(tenant, filter, limit).await
    }

    async fn recording(
        &self,
        tenant: TenantId,
        chat: ChatId,
    ) -> Result<Option<Recording>, StoreError> {
        self.0.recording(tenant, chat).await
    }

    async fn slices(&self, tenant: TenantId, from: Timestamp) -> Result<Vec<Slice>, StoreError> {
        self.0.slices(tenant, from).await
    }

    async fn count_chats(&self, tenant: TenantId, filter: ChatFilter) -> Result<u64, StoreError> {
        self.0.count_chats(tenant, filter).await
    }

    async fn held(&self, tenant: TenantId, visitor: VisitorKey) -> Result<Held, StoreError> {
        self.0.held(tenant, visitor).await
    }

    async fn report(&self, tenant: TenantId, wish: ReportWish) -> Result<Report, StoreError> {
        self.0.report(tenant, wish).await
    }

    async fn acts(
        &self,
        tenant: TenantId,
        filter: ActFilter,
        limit: usize,
    ) -> Result<Vec<Act>, StoreError> {
        self.0.acts(tenant, filter, limit).await
    }

    async fn revisions(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<Revision>, StoreError> {
        self.0.revisions(tenant, campaign, before, limit).await
    }

    async fn bury(&self, _: TenantId) -> Result<bool, StoreError> {
        Err(StoreError::new(Fault::DiskFull, "no room"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_finished_is_shown_to_nobody_and_finished_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let store = open(path).await;
    let failing = Arc::new(NoRoom(store.clone()));
    let world = World::with(store, failing, clock()).await;
    let secret = world.tell_secrets().await;
    world.tenant.erase(of_luz()).await.unwrap();
    for chat in world.summaries().await {
        assert_eq!(chat.erased_at.is_some(), secret.contains(&chat.chat));
    }
    let clock = world.clock.clone();
    world.stop().await;
    assert!(!files_with(path, SECRET).is_empty());
    assert_sound(path);

    let world = World::open(path, clock).await;
    world.tenant.buried().await.unwrap();
    assert_eq!(files_with(path, SECRET), Vec::<String>::new());
    world.stop().await;
    assert_sound(path);
}

/// The folder of a run that is to be killed; without it there is nothing to do.
const FOLDER: &str = "ERASURE_FOLDER";

/// The process that is killed: this very program, asked for this test alone.
#[tokio::test(flavor = "multi_thread")]
async fn erasing_run() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let world = World::open(Path::new(&folder), clock()).await;
    world.tell_secrets().await;
    world.tenant.erase(of_luz()).await.unwrap();
    let mut out = std::io::stdout();
    writeln!(out, "recorded").unwrap();
    for step in 0.. {
        // Whatever is going on is going on meanwhile; the killer stops reading at some step.
        world.host(HostCommand::Tick).await;
        writeln!(out, "step {step}").unwrap();
    }
}

#[test]
fn an_erasure_that_is_killed_half_way_is_finished_at_the_next_start() {
    for steps in [0, 1, 20, 200] {
        let folder = tempfile::tempdir().unwrap();
        let mut run = Process::new(std::env::current_exe().unwrap())
            .args(["--exact", "erasing_run", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(run.stdout.take().unwrap()).lines();
        let said = said.map(Result::unwrap);
        let after = said.skip_while(|line| !line.ends_with("recorded"));
        assert_eq!(after.take(steps + 1).count(), steps + 1);
        run.kill().unwrap();
        run.wait().unwrap();

        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let world = World::open(folder.path(), clock()).await;
            world.tenant.buried().await.unwrap();
            let frames = world.store.read(TENANT, 0, usize::MAX).await.unwrap();
            assert!(frames.iter().all(|frame| {
                let payload = String::from_utf8_lossy(&frame.payload);
                !payload.contains(SECRET)
            }));
            assert_eq!(files_with(folder.path(), SECRET), Vec::<String>::new());
            world.stop().await;
        });
        assert_sound(folder.path());
    }
}
