//! The supervisor's socket: the floor, its figures against the journal, alarms, watching and stepping in.

#![allow(clippy::unwrap_used)] // a test may fail

mod world;

use std::collections::BTreeMap;

use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::{Value, json};
use webchat_core::command::{
    AgentCommand, ChatRequest, Command, VisitorAsk, VisitorCommand, VisitorForm,
};
use webchat_core::effect::Receipt;
use webchat_core::event::{Alarm, Event, Recorded};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::metrics::{CampaignMeasures, Fold, Interval, Policy, Ratio};
use webchat_core::time::Timestamp;
use webchat_runtime::accounts::Role;
use world::{Client, NOON, World};

/// A supervisor's screen: what all pushes so far add up to.
struct Screen {
    client: Client,
    campaigns: BTreeMap<u64, Value>,
    agents: BTreeMap<u64, Value>,
    chats: BTreeMap<String, Value>,
    live: u64,
    alarms: Vec<(u64, String, Option<String>, bool)>,
    others: Vec<Value>,
}

impl Screen {
    async fn open(world: &World, login: &str) -> Self {
        Self {
            client: world.watcher(login).await,
            campaigns: BTreeMap::new(),
            agents: BTreeMap::new(),
            chats: BTreeMap::new(),
            live: 0,
            alarms: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Reads on until the screen shows what is wanted.
    async fn until(&mut self, wanted: impl Fn(&Self) -> bool) {
        while !wanted(self) {
            let push = self.client.any_push().await;
            self.take(push);
        }
    }

    /// Takes what has come so far, as a browser does all the time.
    fn drain(&mut self) {
        while let Some(Some(push)) = self.client.frame().now_or_never() {
            self.take(push);
        }
    }

    fn take(&mut self, push: Value) {
        if push["push"] == "alarm" {
            self.alarms.push((
                push["campaign"].as_u64().unwrap(),
                push["alarm"].as_str().unwrap().to_owned(),
                push["chat"].as_str().map(str::to_owned),
                push["raised"].as_bool().unwrap(),
            ));
            return;
        }
        if push["push"] != "floor" {
            return self.others.push(push);
        }
        if push["first"] == true {
            self.campaigns.clear();
            self.agents.clear();
            self.chats.clear();
        }
        self.live = push["live"].as_u64().unwrap();
        let rows = |name: &str| push[name].as_array().cloned().unwrap_or_default();
        for card in rows("campaigns") {
            self.campaigns
                .insert(card["campaign"].as_u64().unwrap(), card);
        }
        for row in rows("agents") {
            self.agents.insert(row["agent"].as_u64().unwrap(), row);
        }
        for row in rows("chats") {
            self.chats
                .insert(row["chat"].as_str().unwrap().to_owned(), row);
        }
        for gone in rows("campaigns_gone") {
            self.campaigns.remove(&gone.as_u64().unwrap()).unwrap();
        }
        for gone in rows("agents_gone") {
            self.agents.remove(&gone.as_u64().unwrap()).unwrap();
        }
        for gone in rows("chats_gone") {
            self.chats.remove(gone.as_str().unwrap()).unwrap();
        }
    }

    fn card(&self, campaign: CampaignId) -> &Value {
        &self.campaigns[&u64::from(campaign.0)]
    }
}

/// Commands as the adapters give them, without the sockets.
struct Crowd<'a> {
    world: &'a World,
    next: u128,
}

impl Crowd<'_> {
    /// A newcomer; `None` when turned away.
    async fn arrives(&mut self, campaign: CampaignId) -> Option<(VisitorKey, ChatId)> {
        self.arrive(campaign, 1).await.pop()
    }

    /// Newcomers at once; those who were not turned away.
    async fn arrive(&mut self, campaign: CampaignId, count: u64) -> Vec<(VisitorKey, ChatId)> {
        let first = self.next + 1;
        self.next += u128::from(count);
        let asked = (first..=self.next).map(async |visitor| {
            let visitor = VisitorKey(visitor);
            let request = ChatRequest {
                identity: None,
                visitor,
                campaign,
                origin: None,
                language: None,
                form: VisitorForm::default(),
                priority: 0,
                skills: Vec::new(),
            };
            let ask = Command::Visitor(VisitorCommand::RequestChat(Box::new(request)));
            match self.world.tenant.submit(ask).await.unwrap().unwrap() {
                Receipt::Chat(chat) => Some((visitor, chat.chat)),
                Receipt::Refused(_) => None,
                other => panic!("{other:?}"),
            }
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    async fn does(&self, (visitor, chat): (VisitorKey, ChatId), ask: VisitorAsk) {
        let ask = Command::Visitor(VisitorCommand::InChat { visitor, chat, ask });
        // The chat may have ended meanwhile.
        let _ = self.world.tenant.submit(ask).await.unwrap();
    }

    async fn waiting(&self, campaign: CampaignId) -> Vec<(VisitorKey, ChatId)> {
        let asked = self.world.tenant.query(move |engine, _| {
            let view = engine.view();
            let chats = view.waiting(campaign);
            chats
                .filter_map(|chat| Some((view.visitor_of(chat)?, chat)))
                .collect()
        });
        asked.await.unwrap()
    }

    async fn agent(&self, agent: AgentId, ask: AgentCommand) {
        let ask = Command::Agent { agent, ask };
        self.world.tenant.submit(ask).await.unwrap().unwrap();
    }

    async fn closes_all(&self, agent: AgentId) {
        let view = self
            .world
            .tenant
            .query(move |engine, _| engine.view().chats_of(agent));
        for chat in view.await.unwrap() {
            let close = AgentCommand::Close {
                chat,
                disposition: None,
            };
            self.agent(agent, close).await;
        }
    }
}

/// What the journal says of a campaign since an instant.
fn recomputed(events: &[Recorded], campaign: CampaignId, from: Timestamp) -> CampaignMeasures {
    let interval = Interval {
        from,
        ..Interval::ALWAYS
    };
    let mut fold = Fold::new(interval, Policy::default());
    for recorded in events {
        fold.add(recorded);
    }
    fold.campaign(campaign).unwrap().clone()
}

fn ratio(ratio: Ratio) -> Value {
    json!({"part": ratio.part, "of": ratio.of})
}

/// Checks each figure of the card against the events.
fn check_card(card: &Value, events: &[Recorded], campaign: CampaignId, midnight: Timestamp) {
    let measures = recomputed(events, campaign, midnight);
    let counters = &measures.counters;
    let today = &card["today"];
    assert_eq!(today["since"], json!(midnight));
    for (name, count) in [
        ("offered", counters.offered),
        ("answered", counters.answered),
        ("answered_in_time", counters.answered_in_time),
        ("abandoned", counters.abandoned),
        ("abandoned_in_time", counters.abandoned_in_time),
        ("short_abandoned", counters.short_abandoned),
        ("timed_out", counters.timed_out),
        ("closed", counters.closed),
        ("flowed_out", counters.flowed_out),
        ("waiting", counters.waiting),
    ] {
        assert_eq!(today[name], json!(count), "{name}");
    }
    assert_eq!(today["refused"], json!(counters.refused));
    assert_eq!(today["service_level"], ratio(counters.service_level()));
    assert_eq!(
        today["service_level_with_abandoned"],
        ratio(counters.service_level_with_abandoned())
    );
    assert_eq!(
        today["service_level_strict"],
        ratio(counters.service_level_strict())
    );
    assert_eq!(today["abandon_rate"], ratio(counters.abandon_rate()));
    assert_eq!(today["mean_answer"], json!(measures.times.answer.mean()));
    // The engine's own count of today is the same.
    assert_eq!(card["in_time_today"], ratio(counters.service_level()));

    let ever = recomputed(events, campaign, Timestamp::MIN);
    assert_eq!(card["estimates"], json!(ever.times.estimates));
    let (waiting, active) = standing(events, campaign);
    assert_eq!(card["waiting"], json!(waiting));
    assert_eq!(card["active"], json!(active));
    let alarms = raised(events, campaign);
    assert_eq!(card["standing"]["acd"], json!(alarms.contains(&Alarm::Acd)));
    assert_eq!(
        card["standing"]["service_level"],
        json!(alarms.contains(&Alarm::ServiceLevel))
    );
    let late = alarms
        .iter()
        .filter(|alarm| matches!(alarm, Alarm::TimeChat(_)));
    assert_eq!(card["standing"]["time_chat"], json!(late.count()));

    let hour = card["hour"].as_array().unwrap();
    let offered: u64 = hour
        .iter()
        .map(|point| point["offered"].as_u64().unwrap())
        .sum();
    let start = hour.first().map(|point| point["at"].as_i64().unwrap());
    if let Some(start) = start {
        let since = recomputed(events, campaign, Timestamp::from_millis(start));
        assert_eq!(offered, since.counters.offered, "the last hour");
    }
}

/// How many wait and how many are with agents, told from the events alone.
fn standing(events: &[Recorded], campaign: CampaignId) -> (usize, usize) {
    let mut chats: BTreeMap<ChatId, (CampaignId, bool)> = BTreeMap::new();
    for recorded in events {
        match &recorded.event {
            Event::ChatQueued { chat, campaign, .. } => {
                chats.insert(*chat, (*campaign, false));
            }
            Event::ChatAssigned { chat, campaign, .. } => {
                chats.insert(*chat, (*campaign, true));
            }
            Event::ChatReturned { chat, .. } => {
                chats.entry(*chat).and_modify(|(_, active)| *active = false);
            }
            Event::ChatClosed { chat, .. } => {
                chats.remove(chat);
            }
            _ => {}
        }
    }
    let here = chats.values().filter(|(here, _)| *here == campaign);
    let active = here.clone().filter(|(_, active)| *active).count();
    (here.count() - active, active)
}

/// The alarms that stand, told from the events alone.
fn raised(events: &[Recorded], campaign: CampaignId) -> Vec<Alarm> {
    let mut standing = Vec::new();
    for recorded in events {
        match &recorded.event {
            Event::AlarmRaised {
                campaign: here,
                alarm,
                ..
            } if *here == campaign => standing.push(*alarm),
            Event::AlarmCleared {
                campaign: here,
                alarm,
            } if *here == campaign => standing.retain(|other| other != alarm),
            Event::ChatClosed { chat, .. } | Event::ChatReturned { chat, .. } => {
                standing.retain(|alarm| *alarm != Alarm::TimeChat(*chat));
            }
            _ => {}
        }
    }
    standing
}

#[tokio::test]
async fn the_wallboards_figures_equal_a_recomputation_from_the_journal() {
    let world = World::new().await;
    world.user("eva", Role::Supervisor).await;
    let mut agents = Vec::new();
    for login in ["ana", "bob", "cai"] {
        agents.push(world.agent(login).await);
    }
    let sales = world
        .campaign(&agents, |draft| {
            draft.answer_within = 20;
            draft.target_percent = 80;
            draft.dropout = 15;
            draft.time_chat = 60;
            draft.acd = 8;
            draft.max_chats = 12;
            draft.time_out = 45;
            draft.agent_cap = 2;
            draft.when_empty = serde_json::from_value(json!("admit")).unwrap();
        })
        .await;
    let mut screen = Screen::open(&world, "eva").await;
    let mut crowd = Crowd {
        world: &world,
        next: 100,
    };
    for (session, agent) in (1..).zip(&agents) {
        crowd.agent(*agent, AgentCommand::SignIn { session }).await;
    }
    // From 800 seconds before midnight to 800 after it, so that the figures of the day begin anew on the way.
    world
        .clock
        .set(Timestamp::from_seconds(NOON + 12 * 3600 - 800));
    let mut draws = 7_u64;
    let mut draw = |below: u64| {
        draws = draws
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (draws >> 33) % below
    };
    let mut admitted = 0;
    for step in 0..320 {
        world.clock.advance(5_000);
        screen.drain();
        let arrivals = if step % 100 < 70 { draw(5) } else { 0 };
        admitted += crowd.arrive(sales, arrivals).await.len();
        let queue = crowd.waiting(sales).await;
        if draw(3) == 0 && !queue.is_empty() {
            let latest = queue.len() - 1;
            let which = [latest, draw(latest as u64 + 1) as usize][draw(2) as usize];
            crowd.does(queue[which], VisitorAsk::Leave).await;
        }
        if draw(9) == 0 && !queue.is_empty() {
            let who = queue[draw(queue.len() as u64) as usize];
            crowd.does(who, VisitorAsk::Disconnect).await;
        }
        if draw(2) == 0 {
            crowd.closes_all(agents[draw(3) as usize]).await;
        }
        if step == 158 {
            // Just before midnight the figures are those of the whole day.
            let events = world.journal().await;
            let midnight = Timestamp::from_seconds(NOON - 12 * 3600);
            let counted = recomputed(&events, sales, midnight).counters.offered;
            screen
                .until(|screen| {
                    screen.campaigns.len() == 1
                        && screen.card(sales)["today"]["offered"] == json!(counted)
                })
                .await;
        }
    }
    assert!(admitted >= 300, "{admitted} chats");

    let events = world.journal().await;
    let midnight = Timestamp::from_seconds(NOON + 12 * 3600);
    let settled = recomputed(&events, sales, midnight).counters;
    let (waiting, _) = standing(&events, sales);
    // Counts come from the read model and those who wait from the engine, each when it was looked at last.
    screen
        .until(|screen| {
            let card = screen.card(sales);
            let today = &card["today"];
            let is = |name: &str, count: u64| today[name] == json!(count);
            card["waiting"] == json!(waiting)
                && is("waiting", settled.waiting)
                && is("offered", settled.offered)
                && is("answered", settled.answered)
                && is("abandoned", settled.abandoned)
                && is("timed_out", settled.timed_out)
                && today["refused"] == json!(settled.refused)
        })
        .await;
    for (what, count) in [
        ("in time", settled.answered_in_time),
        ("abandons", settled.abandoned),
        ("short abandons", settled.short_abandoned),
        ("time outs", settled.timed_out),
        ("refused", settled.refused.values().sum()),
        ("late answers", settled.answered - settled.answered_in_time),
    ] {
        assert!(count > 0, "the test met no {what}");
    }
    // Looking signs nobody in and does nothing, so the journal is still the same.
    assert_eq!(world.journal().await.len(), events.len());
    check_card(screen.card(sales), &events, sales, midnight);
    let live: usize = {
        let (waiting, active) = standing(&events, sales);
        waiting + active
    };
    assert_eq!(screen.live, live as u64);
    screen.until(|screen| screen.chats.len() == live).await;

    // Every alarm was told as it rose and fell, in the order of the journal.
    let told: Vec<_> = events
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::AlarmRaised {
                campaign, alarm, ..
            } => Some((u64::from(campaign.0), *alarm, true)),
            Event::AlarmCleared { campaign, alarm } => Some((u64::from(campaign.0), *alarm, false)),
            _ => None,
        })
        .map(|(campaign, alarm, raised)| match alarm {
            Alarm::ServiceLevel => (campaign, "service_level".to_owned(), None, raised),
            Alarm::Acd => (campaign, "acd".to_owned(), None, raised),
            Alarm::TimeChat(chat) => (
                campaign,
                "time_chat".to_owned(),
                Some(chat.to_string()),
                raised,
            ),
        })
        .collect();
    assert_eq!(screen.alarms, told);
    for kind in ["service_level", "acd", "time_chat"] {
        assert!(told.iter().any(|(_, alarm, ..)| alarm == kind), "{kind}");
    }
    world.stop().await;
}

#[tokio::test]
async fn alarms_rise_and_fall_at_their_thresholds() {
    let world = World::new().await;
    world.user("eva", Role::Supervisor).await;
    let ana = world.agent("ana").await;
    let sales = world
        .campaign(&[ana], |draft| {
            draft.answer_within = 20;
            draft.target_percent = 50;
            draft.time_chat = 60;
            draft.acd = 2;
            draft.max_chats = 3;
            draft.agent_cap = 1;
            draft.when_empty = serde_json::from_value(json!("admit")).unwrap();
        })
        .await;
    let mut screen = Screen::open(&world, "eva").await;
    let mut crowd = Crowd {
        world: &world,
        next: 0,
    };
    let shows = |acd: bool, full: bool, level: bool, late: u64| {
        let wanted =
            json!({"service_level": level, "time_chat": late, "acd": acd, "max_chats": full});
        move |screen: &Screen| {
            let card = screen.campaigns.get(&u64::from(sales.0));
            card.is_some_and(|card| card["standing"] == wanted)
        }
    };
    let first = crowd.arrives(sales).await.unwrap();
    screen.until(shows(false, false, false, 0)).await;
    assert_eq!(
        screen.card(sales)["today"]["service_level"],
        json!({"part": 0, "of": 0})
    );
    let second = crowd.arrives(sales).await.unwrap();
    screen.until(shows(true, false, false, 0)).await;
    crowd.arrives(sales).await.unwrap();
    screen.until(shows(true, true, false, 0)).await;
    assert!(crowd.arrives(sales).await.is_none(), "the queue is full");
    screen
        .until(|screen| screen.card(sales)["today"]["refused"] == json!({"queue_full": 1}))
        .await;
    let longest = screen.card(sales)["longest_since"].clone();
    assert_eq!(longest, json!(Timestamp::from_seconds(NOON)));

    // Answered after 21 seconds: none of one in time.
    world.clock.advance(21_000);
    crowd.agent(ana, AgentCommand::SignIn { session: 1 }).await;
    screen.until(shows(true, false, true, 0)).await;
    world.clock.advance(59_999);
    crowd.does(second, VisitorAsk::Leave).await;
    screen.until(shows(false, false, true, 0)).await;
    world.clock.advance(2);
    screen.until(shows(false, false, true, 1)).await;
    assert_eq!(screen.chats[&first.1.to_string()]["late"], json!(true));
    crowd.closes_all(ana).await;
    screen.until(shows(false, false, true, 0)).await;
    // The last one is answered late as well, then enough are in time.
    crowd.closes_all(ana).await;
    for _ in 0..2 {
        crowd.arrives(sales).await.unwrap();
        crowd.closes_all(ana).await;
    }
    screen.until(shows(false, false, false, 0)).await;
    let told: Vec<_> = screen
        .alarms
        .iter()
        .map(|(_, alarm, _, raised)| (alarm.as_str(), *raised))
        .collect();
    assert_eq!(
        told,
        [
            ("acd", true),
            ("service_level", true),
            ("acd", false),
            ("time_chat", true),
            ("service_level", false),
        ]
    );
    world.stop().await;
}

#[tokio::test]
async fn a_supervisor_watches_whispers_and_takes_over_and_the_audit_has_it_all() {
    let world = World::new().await;
    let eva = world
        .user("eva", Role::Supervisor)
        .await
        .profile
        .agent
        .unwrap();
    let ana = world.agent("ana").await;
    let bob = world.agent("bob").await;
    let sales = world.campaign(&[ana], |_| {}).await;
    let mut desk = world.desk("ana").await;
    let mut bobs_desk = world.desk("bob").await;
    let mut visitor = world.visitor(sales, "es").await.0;
    let chat = visitor.ask(json!({"do": "start", "name": "Luz"})).await["chat"]["chat"].clone();
    desk.until("chat", |push| push["view"]["phase"]["kind"] == "active")
        .await;
    let write =
        |key: &str, text: &str| json!({"do": "write", "chat": chat, "key": key, "text": text});
    visitor.ask(write("a", "hola")).await;
    desk.ask(json!({"do": "note", "chat": chat, "text": "vip"}))
        .await;

    let mut floor = world.watcher("eva").await;
    let refused = floor.refused(json!({"do": "watched", "chat": chat})).await;
    assert_eq!(refused, "unknown_chat", "reading is watching");
    let refused = floor.refused(json!({"do": "watch", "chat": chat})).await;
    assert_eq!(refused, "not_signed_in", "who watches is at the desk");
    let mut evas_desk = world.desk("eva").await;
    let watched = floor.ask(json!({"do": "watch", "chat": chat})).await;
    assert_eq!(watched["chat"]["owner"], json!(ana));
    let past = floor.ask(json!({"do": "watched", "chat": chat})).await;
    let said: Vec<_> = past["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["text"].as_str().unwrap())
        .collect();
    assert!(said.contains(&"hola"), "{said:?}");
    assert_eq!(past["notes"][0]["text"], "vip");

    // Everything the agent hears from now on is heard here too.
    visitor.ask(write("b", "¿cuánto cuesta?")).await;
    let heard = |text: &'static str| move |push: &Value| push["notice"]["message"]["text"] == text;
    floor.until("watched", heard("¿cuánto cuesta?")).await;
    desk.ask(write("c", "no sé")).await;
    floor.until("watched", heard("no sé")).await;
    let typing = json!({"do": "typing", "chat": chat, "on": true});
    visitor.text(&typing.to_string()).await;
    floor
        .until("watched", |push| push["notice"]["push"] == "typing")
        .await;

    floor
        .ask(json!({"do": "whisper", "chat": chat, "key": "w", "text": "cuesta 20"}))
        .await;
    // As after a lost answer: the same is not said twice, something else not under the same key.
    floor
        .ask(json!({"do": "whisper", "chat": chat, "key": "w", "text": "cuesta 20"}))
        .await;
    let other = json!({"do": "whisper", "chat": chat, "key": "w", "text": "cuesta 30"});
    assert_eq!(floor.refused(other).await, "conflicting_key");
    let note = desk
        .until("note", |push| push["note"]["whisper"] == true)
        .await;
    assert_eq!(note["note"]["text"], "cuesta 20");
    assert_eq!(note["note"]["name"], "eva");
    floor
        .until("watched", |push| {
            push["notice"]["note"]["text"] == "cuesta 20"
        })
        .await;

    let forced = json!({"do": "assign", "chat": chat, "agent": bob});
    let taken = floor.ask(forced).await;
    assert_eq!(taken["chat"]["owner"], json!(bob));
    let gone = desk.push("gone").await;
    assert_eq!(gone["reason"], "taken_over");
    bobs_desk
        .until("chat", |push| push["view"]["phase"]["kind"] == "active")
        .await;
    floor.ask(json!({"do": "take_over", "chat": chat})).await;
    evas_desk
        .until("chat", |push| push["view"]["owner"] == json!(eva))
        .await;
    evas_desk.ask(write("d", "soy Eva")).await;
    visitor
        .until("message", |push| push["message"]["text"] == "soy Eva")
        .await;
    floor.ask(json!({"do": "unwatch", "chat": chat})).await;
    floor.ask(json!({"do": "end_chat", "chat": chat})).await;
    visitor.push("closed").await;

    // The visitor never heard of the whisper, the note or the watching.
    let heard = visitor.all_pushes();
    for secret in ["cuesta 20", "vip", "watch", "whisper"] {
        assert!(!heard.contains(secret), "{secret}: {heard}");
    }

    let login = world.sign_in("eva").await;
    let acts = world.get("/api/v1/acts", &login.fields()).await;
    assert_eq!(acts.status, 200, "{acts:?}");
    let acts = acts.json();
    let listed: Vec<_> = acts["acts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| {
            (
                act["what"].as_str().unwrap(),
                act["by"].clone(),
                act["agent"].clone(),
            )
        })
        .collect();
    assert_eq!(
        listed,
        [
            ("closed", json!(eva), Value::Null),
            ("took_over", json!(eva), Value::Null),
            ("assigned", json!(eva), json!(bob)),
            ("whispered", json!(eva), Value::Null),
            ("watched", json!(eva), Value::Null),
        ]
    );
    assert!(
        acts["acts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|act| act["chat"] == chat)
    );
    assert_eq!(acts["names"][eva.0.to_string()], "eva");
    let path = format!(
        "/api/v1/acts?what=whispered&by={eva}&chat={}",
        chat.as_str().unwrap()
    );
    let some = world.get(&path, &login.fields()).await.json();
    assert_eq!(some["acts"].as_array().unwrap().len(), 1);
    world.stop().await;
}

#[tokio::test]
async fn a_supervisor_moves_reorders_pauses_and_asks_why() {
    let world = World::new().await;
    let eva = world
        .user("eva", Role::Supervisor)
        .await
        .profile
        .agent
        .unwrap();
    let ana = world.agent("ana").await;
    let bob = world.agent("bob").await;
    let sales = world
        .campaign(&[ana, bob], |draft| {
            draft.agent_cap = 1;
            draft.when_empty = serde_json::from_value(json!("admit")).unwrap();
        })
        .await;
    let support = world
        .campaign(&[bob], |draft| {
            draft.name = "Soporte".into();
            draft.when_empty = serde_json::from_value(json!("admit")).unwrap();
        })
        .await;
    let mut screen = Screen::open(&world, "eva").await;
    let _ana = world.desk("ana").await;
    let _bob = world.desk("bob").await;
    let login = world.sign_in("eva").await;
    let path = format!("/api/v1/campaigns/{sales}/members");
    let members = json!([{"agent": bob, "penalty": 0}, {"agent": ana, "penalty": 5}]);
    let set = world
        .call("PUT", &path, &login.fields(), Some(members))
        .await;
    assert_eq!(set.status, 200, "{set:?}");
    screen
        .until(|screen| {
            let seat = screen
                .agents
                .get(&u64::from(ana.0))
                .map(|row| &row["seats"][0]);
            seat.is_some_and(|seat| seat["place"] == 2 && seat["penalty"] == 5)
        })
        .await;

    let pause = json!({"do": "pause_agent", "agent": ana, "reason": "meeting"});
    screen.client.ask(pause.clone()).await;
    screen
        .until(|screen| screen.agents[&u64::from(ana.0)]["state"] == "paused")
        .await;
    let resume = json!({"do": "resume_agent", "agent": ana});
    screen.client.ask(resume).await;
    screen
        .until(|screen| screen.agents[&u64::from(ana.0)]["state"] == "ready")
        .await;
    screen.client.ask(pause).await;
    screen
        .until(|screen| screen.agents[&u64::from(ana.0)]["state"] == "paused")
        .await;
    let ask = json!({"do": "sign_out_agent", "agent": bob});
    screen.client.ask(ask).await;
    screen
        .until(|screen| screen.agents[&u64::from(bob.0)]["state"] == "signed_out")
        .await;

    let mut visitor = world.visitor(sales, "es").await.0;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    let why = screen
        .client
        .ask(json!({"do": "explain", "chat": chat, "agent": ana}))
        .await;
    let explanation = &why["explanation"];
    assert_eq!(explanation["outcome"]["because"]["kind"], "nobody_eligible");
    assert_eq!(
        explanation["candidates"]["why_not"],
        json!({"not_signed_in": 1, "paused": 1})
    );
    assert_eq!(why["candidate"]["why_not"], "paused");
    let why = screen
        .client
        .ask(json!({"do": "explain", "campaign": support}))
        .await;
    assert_eq!(why["explanation"]["outcome"]["kind"], "admitted");
    let neither = screen.client.refused(json!({"do": "explain"})).await;
    assert_eq!(neither, "bad_request");

    let to = json!({"do": "move", "chat": chat, "campaign": support});
    screen.client.ask(to).await;
    screen
        .until(|screen| {
            let row = screen.chats.get(chat.as_str().unwrap());
            row.is_some_and(|row| row["campaign"] == json!(support))
        })
        .await;
    let acts = world.get("/api/v1/acts", &login.fields()).await.json();
    let listed: Vec<_> = acts["acts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| act["what"].as_str().unwrap())
        .collect();
    let done = [
        "moved",
        "signed_out",
        "paused",
        "resumed",
        "paused",
        "set_members",
    ];
    assert_eq!(listed, done);
    assert!(
        acts["acts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|act| act["by"] == json!(eva))
    );
    world.stop().await;
}

#[tokio::test]
async fn an_administrator_who_is_no_agent_looks_but_does_nothing_in_chats() {
    let world = World::new().await;
    world.user("root", Role::Administrator).await;
    let ana = world.agent("ana").await;
    let sales = world.campaign(&[ana], |_| {}).await;
    let _desk = world.desk("ana").await;
    let mut visitor = world.visitor(sales, "es").await.0;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    let mut screen = Screen::open(&world, "root").await;
    screen.until(|screen| screen.chats.len() == 1).await;
    screen
        .client
        .ask(json!({"do": "explain", "chat": chat}))
        .await;
    for ask in ["watch", "watched", "take_over", "end_chat"] {
        let refused = screen
            .client
            .refused(json!({"do": ask, "chat": chat}))
            .await;
        assert_eq!(refused, "not_allowed", "{ask}");
    }
    world.stop().await;
}
