//! A running tenant over real SQLite files, and over a journal that fails on request.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::future::Future;
use std::sync::{Arc, Condvar, Mutex};
use std::task::Poll;
use std::time::Duration;

use tokio::task::JoinHandle;
use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{
    AgentCommand, AgentProfile, ChatRequest, Command, HostCommand, Member, VisitorAsk,
    VisitorCommand, VisitorForm,
};
use webchat_core::effect::{Effect, Receipt, VisitorNotice};
use webchat_core::event::CloseReason;
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::rejection::Rejection;
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::{Engine, wire};
use webchat_runtime::read_model::ChatFilter;
use webchat_runtime::testing::{ManualClock, MemoryJournal, Mishap};
use webchat_runtime::{
    EffectSink, Fault, Health, Journal, Options, Ports, ReadModel, TenantHandle, TenantId,
    Unavailable,
};
use webchat_store_sqlite::SqliteStore;

const TENANT: TenantId = TenantId(1);
const ANA: AgentId = AgentId(1);
const LUZ: VisitorKey = VisitorKey(7);

/// Everything that was told, in order.
#[derive(Default)]
struct Told(Mutex<(Vec<Effect>, u32)>);

impl Told {
    fn effects(&self) -> Vec<Effect> {
        self.0.lock().unwrap().0.clone()
    }

    fn restarts(&self) -> u32 {
        self.0.lock().unwrap().1
    }
}

impl EffectSink for Told {
    fn deliver(&self, effects: &mut Vec<Effect>) {
        self.0.lock().unwrap().0.append(effects);
    }

    fn connections_lost(&self) {
        self.0.lock().unwrap().1 += 1;
    }
}

/// A data folder, a journal (the folder's own or one in memory), a clock and whoever listens.
struct World {
    _folder: tempfile::TempDir,
    journal: Arc<dyn Journal>,
    read_model: Arc<dyn ReadModel>,
    clock: Arc<ManualClock>,
    told: Arc<Told>,
    options: Options,
}

/// A tenant at work.
struct Tenant {
    handle: TenantHandle,
    task: JoinHandle<()>,
}

impl World {
    fn on_disk() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
        Self::over(folder, store.clone(), store)
    }

    fn with(journal: &Arc<MemoryJournal>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
        Self::over(folder, journal.clone(), store)
    }

    fn over(
        folder: tempfile::TempDir,
        journal: Arc<dyn Journal>,
        read_model: Arc<dyn ReadModel>,
    ) -> Self {
        Self {
            _folder: folder,
            journal,
            read_model,
            clock: Arc::new(ManualClock::new(Timestamp::from_seconds(1_790_000_000))),
            told: Arc::default(),
            options: Options::default(),
        }
    }

    async fn start(&self) -> Tenant {
        self.start_telling(self.told.clone()).await
    }

    async fn start_telling(&self, effects: Arc<dyn EffectSink>) -> Tenant {
        let ports = Ports {
            journal: self.journal.clone(),
            read_model: self.read_model.clone(),
            clock: self.clock.clone(),
            effects,
        };
        let started =
            TenantHandle::start(TENANT, Zones::bundled, ports, self.options.clone()).await;
        let (handle, task) = started.unwrap();
        let tenant = Tenant { handle, task };
        tenant.until(Health::Ready).await;
        tenant
    }

    /// The digest of an engine that replays the whole journal.
    async fn replayed(&self) -> u64 {
        let mut engine = Engine::new(Zones::bundled());
        for frame in self.journal.read(TENANT, 0, usize::MAX).await.unwrap() {
            engine.replay(&wire::decode(&frame.payload).unwrap());
        }
        engine.digest()
    }
}

impl Tenant {
    async fn until(&self, health: Health) {
        let mut seen = self.handle.health();
        let waited = tokio::time::timeout(
            Duration::from_secs(30),
            seen.wait_for(|seen| *seen == health),
        );
        let last = *self.handle.health().borrow();
        waited
            .await
            .unwrap_or_else(|_| panic!("never {health:?}, was {last:?}"))
            .unwrap();
    }

    async fn ask(&self, command: Command) -> Receipt {
        self.handle.submit(command).await.unwrap().unwrap()
    }

    async fn try_ask(&self, command: Command) -> Result<Result<Receipt, Rejection>, Unavailable> {
        self.handle.submit(command).await
    }

    async fn digest(&self) -> u64 {
        let digest = self.handle.query(|engine, _| engine.digest());
        digest.await.unwrap()
    }

    async fn stop(self) {
        self.handle.shutdown().await;
        self.task.await.unwrap();
    }
}

fn create(name: &str) -> Command {
    let draft = CampaignDraft::named(name);
    let (campaign, _) = draft.check(&Zones::bundled()).unwrap();
    Command::Host(HostCommand::create_campaign(campaign))
}

fn request(visitor: VisitorKey) -> Command {
    Command::Visitor(VisitorCommand::RequestChat(Box::new(ChatRequest {
        identity: None,
        visitor,
        campaign: CampaignId(1),
        origin: None,
        language: None,
        form: VisitorForm::default(),
        priority: 0,
        skills: Vec::new(),
    })))
}

fn write(chat: ChatId, key: &str) -> Command {
    Command::Visitor(VisitorCommand::InChat {
        visitor: LUZ,
        chat,
        ask: VisitorAsk::Write {
            key: key.into(),
            text: format!("text of {key}").into(),
        },
    })
}

/// A campaign with Ana as its only member, signed in and busy with nothing, and a chat with her.
async fn chatting(tenant: &Tenant) -> ChatId {
    tenant.ask(create("Support")).await;
    let profile = AgentProfile {
        name: "Ana".into(),
        voice: false,
    };
    tenant
        .ask(Command::Host(HostCommand::CreateAgent(profile)))
        .await;
    tenant
        .ask(Command::Host(HostCommand::SetMembers {
            campaign: CampaignId(1),
            members: vec![Member::plain(ANA)],
        }))
        .await;
    tenant
        .ask(Command::Agent {
            agent: ANA,
            ask: AgentCommand::SignIn { session: 1 },
        })
        .await;
    let Receipt::Chat(chat) = tenant.ask(request(LUZ)).await else {
        panic!("the visitor is admitted");
    };
    chat.chat
}

/// Polls once: `None` while there is no answer yet.
async fn now<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        Poll::Ready(match std::pin::Pin::new(&mut future).poll(context) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_refusals_questions_and_effects_wait_until_their_group_is_durable() {
    let journal = Arc::new(MemoryJournal::new());
    let world = World::with(&journal);
    let tenant = world.start().await;
    let before = world.told.effects();

    journal.hold();
    let created = tokio::spawn({
        let handle = tenant.handle.clone();
        async move { handle.submit(create("Support")).await }
    });
    journal.arrived(1).await;
    // The name is taken by an event the disk has not seen, so even the refusal waits.
    let mut refused = Box::pin(tenant.handle.submit(create("Support")));
    let mut digest = Box::pin(tenant.handle.query(|engine, _| engine.digest()));
    assert!(now(&mut refused).await.is_none());
    assert!(now(&mut digest).await.is_none());
    assert!(!created.is_finished());
    assert_eq!(world.told.effects(), before);
    assert!(journal.frames(TENANT).is_empty());

    journal.release();
    let created = created.await.unwrap().unwrap().unwrap();
    assert_eq!(created, Receipt::Campaign(CampaignId(1)));
    let refused = refused.await.unwrap();
    assert_eq!(
        refused.map_err(|rejection| rejection.code()),
        Err("invalid_field")
    );
    assert_eq!(digest.await, Ok(world.replayed().await));
    assert!(world.told.effects().len() > before.len());
    tenant.stop().await;
}

// On one thread all writers have written before the driver takes the first letter.
#[tokio::test]
async fn commands_that_arrive_during_a_commit_share_the_next_one() {
    let journal = Arc::new(MemoryJournal::new());
    let world = World::with(&journal);
    let tenant = world.start().await;
    let chat = chatting(&tenant).await;
    let frames = journal.frames(TENANT).len();

    journal.hold();
    let writers: Vec<_> = (0..100)
        .map(|number| {
            let handle = tenant.handle.clone();
            let command = write(chat, &format!("key-{number}"));
            tokio::spawn(async move { handle.submit(command).await.unwrap().unwrap() })
        })
        .collect();
    journal.arrived(frames as u64 + 1).await;
    journal.release();
    let mut numbers = Vec::new();
    for writer in writers {
        match writer.await.unwrap() {
            Receipt::Message { number, .. } => numbers.push(number),
            other => panic!("{other:?}"),
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 100, "each message has a number of its own");
    let written = journal.frames(TENANT).len() - frames;
    assert!(written < 100, "{written} frames for 100 messages");
    tenant.stop().await;
}

#[tokio::test]
async fn commands_handed_in_together_are_carried_out_in_order_each_for_itself_and_share_a_commit() {
    let journal = Arc::new(MemoryJournal::new());
    let world = World::with(&journal);
    let tenant = world.start().await;
    let chat = chatting(&tenant).await;
    let frames = journal.frames(TENANT).len();
    let commands = || {
        let unknown = ChatId::new(9, 9);
        vec![write(chat, "a"), write(unknown, "b"), write(chat, "c")]
    };

    let answers = tenant.handle.submit_all(commands()).await;
    let [
        Ok(Ok(Receipt::Message { number: first, .. })),
        Ok(Err(Rejection::UnknownChat(_))),
        Ok(Ok(Receipt::Message { number: last, .. })),
    ] = answers[..]
    else {
        panic!("{answers:?}");
    };
    assert_eq!(last, first + 1);
    assert_eq!(journal.frames(TENANT).len(), frames + 1);

    let again = tenant.handle.submit_all(commands()).await;
    assert_eq!(again, answers, "a repeat changes nothing");
    journal.fail_next(Mishap::NotWritten(Fault::Io));
    let lost = [write(chat, "d"), write(chat, "e")];
    let answers = tenant.handle.submit_all(lost.into()).await;
    assert_eq!(answers, [Err(Unavailable::Retry), Err(Unavailable::Retry)]);
    tenant.until(Health::Ready).await;
    tenant.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_by_replay_or_by_snapshot_gives_the_same_engine() {
    let world = World::on_disk();
    let tenant = world.start().await;
    let chat = chatting(&tenant).await;
    for number in 0..50 {
        tenant.ask(write(chat, &format!("key-{number}"))).await;
    }
    let digest = tenant.digest().await;
    assert_eq!(world.replayed().await, digest);
    tenant.stop().await;
    let head = world.journal.head(TENANT).await.unwrap();
    let snapshot = world.journal.latest_snapshot(TENANT).await.unwrap();
    assert_eq!(snapshot.map(|snapshot| snapshot.seq), Some(head.seq));

    // Starting tells the engine that everybody lost their connection, and nothing else.
    let tenant = world.start().await;
    let by_snapshot = tenant.digest().await;
    assert_eq!(world.replayed().await, by_snapshot);
    let Receipt::Message { number, .. } = tenant.ask(write(chat, "key-7")).await else {
        panic!("a message has a number");
    };
    let known = tenant.ask(write(chat, "key-7")).await;
    assert!(
        matches!(known, Receipt::Message { number: again, .. } if again == number),
        "the message written before the restart is recognised"
    );
    tenant.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_kept_at_work_and_the_frames_after_them_give_the_same_engine() {
    let mut world = World::on_disk();
    world.options.snapshot_events = 10;
    let tenant = world.start().await;
    let chat = chatting(&tenant).await;
    let mut kept = 0;
    for number in 0.. {
        tenant.ask(write(chat, &format!("key-{number}"))).await;
        let snapshot = world.journal.latest_snapshot(TENANT).await.unwrap();
        let seq = snapshot.map_or(0, |snapshot| snapshot.seq);
        if seq > kept && kept > 0 {
            break;
        }
        kept = seq;
    }
    // Stopped dead: no last snapshot.
    tenant.task.abort();
    assert!(tenant.task.await.unwrap_err().is_cancelled());
    let head = world.journal.head(TENANT).await.unwrap().seq;
    let tenant = world.start().await;
    assert_eq!(tenant.digest().await, world.replayed().await);
    let again = tenant.ask(write(chat, "key-0")).await;
    assert!(matches!(again, Receipt::Message { .. }));
    assert!(head > kept);
    tenant.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_defect_costs_only_the_request_that_met_it() {
    let world = World::on_disk();
    let tenant = world.start().await;
    let chat = chatting(&tenant).await;
    let met = tenant.handle.query(|_, _| -> u32 { panic!("a defect") });
    assert_eq!(met.await, Err(Unavailable::Failed));
    // The one who met the defect may hear of it before the driver has noticed.
    while world.told.restarts() == 0 {
        tokio::task::yield_now().await;
    }
    tenant.until(Health::Ready).await;
    assert_eq!(world.told.restarts(), 1);
    tenant.ask(write(chat, "key-1")).await;
    assert_eq!(tenant.digest().await, world.replayed().await);
    tenant.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_every_kind_of_failed_append_the_engine_is_what_the_journal_says() {
    for mishap in [
        Mishap::NotWritten(Fault::Io),
        Mishap::NotWritten(Fault::DiskFull),
        Mishap::Lost,
        Mishap::Kept,
    ] {
        let journal = Arc::new(MemoryJournal::new());
        let world = World::with(&journal);
        let tenant = world.start().await;
        let chat = chatting(&tenant).await;
        let told = world.told.effects().len();

        journal.fail_next(mishap);
        let failed = tenant.try_ask(write(chat, "lost?")).await;
        assert_eq!(failed, Err(Unavailable::Retry), "{mishap:?}");
        assert_eq!(world.told.effects().len(), told, "{mishap:?}");
        tenant.until(Health::Ready).await;
        assert_eq!(world.told.restarts(), 1, "{mishap:?}");
        assert_eq!(tenant.digest().await, world.replayed().await, "{mishap:?}");

        // The same request again: written once, whatever became of it the first time.
        let again = tenant.ask(write(chat, "lost?")).await;
        let once_more = tenant.ask(write(chat, "lost?")).await;
        assert_eq!(again, once_more, "{mishap:?}");
        tenant.handle.caught_up().await.unwrap();
        let messages = world.read_model.messages(TENANT, chat, 0, 100).await;
        let texts: Vec<_> = messages
            .unwrap()
            .iter()
            .filter_map(|message| message.key.clone())
            .collect();
        assert_eq!(texts, ["lost?".into()], "{mishap:?}");
        tenant.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_shows_in_the_health_until_there_is_space() {
    let journal = Arc::new(MemoryJournal::new());
    let world = World::with(&journal);
    let tenant = world.start().await;
    journal.fail_next(Mishap::NotWritten(Fault::DiskFull));
    journal.fail_next(Mishap::NotWritten(Fault::DiskFull));
    let mut health = tenant.handle.health();
    let failed = tenant.try_ask(create("Support")).await;
    assert_eq!(failed, Err(Unavailable::Retry));
    let full = Health::Recovering(Some(Fault::DiskFull));
    assert_eq!(full.code(), "disk_full");
    health.wait_for(|seen| *seen == full).await.unwrap();
    tenant.until(Health::Ready).await;
    let failed = tenant.try_ask(create("Support")).await;
    assert_eq!(failed, Err(Unavailable::Retry));
    tenant.until(full).await;
    tenant.until(Health::Ready).await;
    tenant.ask(create("Support")).await;
    tenant.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_claimed_by_another_process_stops_and_writes_nothing() {
    let world = World::on_disk();
    let tenant = world.start().await;
    tenant.ask(create("Support")).await;
    let frames = world.journal.read(TENANT, 0, 100).await.unwrap().len();
    world.journal.claim(TENANT).await.unwrap();
    let fenced = tenant.try_ask(create("Sales")).await;
    assert_eq!(fenced, Err(Unavailable::Stopped));
    tenant.until(Health::Fenced).await;
    tenant.task.await.unwrap();
    let after = tenant.handle.query(|engine, _| engine.digest()).await;
    assert_eq!(after, Err(Unavailable::Stopped));
    let frames_after = world.journal.read(TENANT, 0, 100).await.unwrap().len();
    assert_eq!(frames_after, frames);
}

#[tokio::test(flavor = "multi_thread")]
async fn timers_fire_when_the_clock_gets_there_even_after_a_restart_with_an_earlier_clock() {
    let world = World::on_disk();
    let tenant = world.start().await;
    let chat = chatting(&tenant).await;
    tenant
        .ask(Command::Agent {
            agent: ANA,
            ask: AgentCommand::SignOut { force: true },
        })
        .await;
    tenant.stop().await;

    // The machine comes back with a clock that is an hour behind.
    let behind = Timestamp::from_seconds(1_790_000_000 - 3_600);
    let world = World {
        clock: Arc::new(ManualClock::new(behind)),
        ..world
    };
    let tenant = world.start().await;
    let wake = tenant
        .handle
        .query(|engine, now| engine.poll_timeout().unwrap().at.since(now));
    let patience = u32::try_from(wake.await.unwrap()).unwrap();
    assert!(
        patience > 60_000,
        "the visitor has {patience} ms to come back"
    );
    world.clock.advance(patience - 1);
    let live = tenant
        .handle
        .query(move |engine, _| engine.view().visitor_chat(chat).is_some());
    assert_eq!(live.await, Ok(true));
    world.clock.advance(1);
    let closed = async {
        loop {
            let live = tenant
                .handle
                .query(move |engine, _| engine.view().visitor_chat(chat).is_some());
            if live.await == Ok(false) {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), closed)
        .await
        .unwrap();
    tenant.handle.caught_up().await.unwrap();
    let recording = world.read_model.recording(TENANT, chat).await.unwrap();
    let closing = recording.unwrap().summary.closing.unwrap();
    assert_eq!(closing.reason, CloseReason::VisitorGone);
    tenant.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_read_model_follows_and_can_be_thrown_away() {
    let world = World::on_disk();
    let tenant = world.start().await;
    let chat = chatting(&tenant).await;
    for number in 0..300 {
        tenant.ask(write(chat, &format!("key-{number}"))).await;
    }
    let everything = async |tenant: &Tenant| {
        tenant.handle.caught_up().await.unwrap();
        let model = &world.read_model;
        let messages = model.messages(TENANT, chat, 0, 1_000).await.unwrap();
        let recording = model.recording(TENANT, chat).await.unwrap();
        let chats = model
            .chats(TENANT, ChatFilter::default(), 10)
            .await
            .unwrap();
        (messages, recording, chats)
    };
    let followed = everything(&tenant).await;
    let last = followed.1.as_ref().map(|recording| recording.summary.last);
    assert_eq!(last, Some(followed.0.len() as u32));
    assert!(
        followed
            .0
            .iter()
            .map(|message| message.number)
            .eq(1..=followed.0.len() as u32)
    );
    tenant.stop().await;

    world.read_model.reset(TENANT).await.unwrap();
    let tenant = world.start().await;
    assert_eq!(everything(&tenant).await, followed);
    tenant.stop().await;
}

/// Listens only while the gate is open.
#[derive(Default)]
struct Gated {
    told: Told,
    shut: Mutex<bool>,
    opened: Condvar,
}

impl Gated {
    fn set_shut(&self, shut: bool) {
        *self.shut.lock().unwrap() = shut;
        self.opened.notify_all();
    }
}

impl EffectSink for Gated {
    fn deliver(&self, effects: &mut Vec<Effect>) {
        let shut = self.shut.lock().unwrap();
        drop(self.opened.wait_while(shut, |shut| *shut).unwrap());
        self.told.deliver(effects);
    }

    fn connections_lost(&self) {
        self.told.connections_lost();
    }
}

// On one thread all writers have written before the driver takes the first letter.
#[tokio::test]
async fn while_many_are_told_the_engine_goes_on_and_all_hear_in_order() {
    let journal = Arc::new(MemoryJournal::new());
    let world = World::with(&journal);
    let gated = Arc::new(Gated::default());
    let tenant = world.start_telling(gated.clone()).await;
    let chat = chatting(&tenant).await;
    let frames = journal.frames(TENANT).len() as u64;
    let write = |number: u32| {
        let (handle, gated) = (tenant.handle.clone(), gated.clone());
        tokio::spawn(async move {
            let answer = handle.submit(write(chat, &format!("key-{number}"))).await;
            let Receipt::Message { number, .. } = answer.unwrap().unwrap() else {
                panic!("no message");
            };
            let told = numbers(&gated.told.effects());
            assert!(told.contains(&number), "answered before it was told");
        })
    };

    gated.set_shut(true);
    let many: Vec<_> = (0..100).map(write).collect();
    journal.arrived(frames + 1).await;
    // The disk takes what comes later although the first are not told yet, and nobody overtakes them.
    for later in 0..3 {
        let one = write(100 + later);
        journal.arrived(frames + 2 + u64::from(later)).await;
        assert!(!one.is_finished());
    }
    assert!(many.iter().all(|one| !one.is_finished()));

    // Before the engine is rebuilt, all that became durable is told.
    journal.fail_next(Mishap::NotWritten(Fault::Io));
    let failed = tokio::spawn({
        let handle = tenant.handle.clone();
        async move { handle.submit(create("Sales")).await }
    });
    journal.arrived(frames + 5).await;
    gated.set_shut(false);
    for one in many {
        one.await.unwrap();
    }
    assert_eq!(failed.await.unwrap(), Err(Unavailable::Retry));
    tenant.until(Health::Ready).await;
    assert_eq!(gated.told.restarts(), 1);
    let told = numbers(&gated.told.effects());
    assert!(told.len() >= 103);
    assert!(told.iter().copied().eq(1..=told.len() as u32), "{told:?}");
    tenant.stop().await;
}

/// The numbers of the messages the visitor was told of.
fn numbers(told: &[Effect]) -> Vec<u32> {
    let numbers = told.iter().filter_map(|effect| match effect {
        Effect::Visitor {
            notice: VisitorNotice::Message { message, .. },
            ..
        } => Some(message.0.number),
        _ => None,
    });
    numbers.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn effects_come_in_order_and_once() {
    let world = World::on_disk();
    let tenant = world.start().await;
    let chat = chatting(&tenant).await;
    for number in 0..100 {
        tenant.ask(write(chat, &format!("key-{number}"))).await;
    }
    let numbers = numbers(&world.told.effects());
    assert!(numbers.len() >= 100);
    assert!(
        numbers.is_sorted_by(|before, after| before < after),
        "{numbers:?}"
    );
    tenant.stop().await;
}
