//! Reports over HTTP against the journal of a simulated month, computed again in another way: by the core's fold where
//! it counts, by plain loops where it does not. The month has days with 23, 25 and 24½ hours.

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a test may stop where it fails"
)]

mod world;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use webchat_core::event::{Event, OfferEnd, Recorded};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::metrics::{Counters, Fold, Interval, Policy, Ratio, Tally};
use webchat_core::time::Timestamp;
use webchat_runtime::accounts::Role;
use webchat_sim::generator::Generator;
use webchat_sim::world::World as Simulated;
use world::{Login, World};

/// 2026-03-01T00:00:00Z and 2026-04-07T00:00:00Z.
const MONTH: (i64, i64) = (1_772_323_200_000, 1_775_520_000_000);

/// A centre's five weeks: bursts of a step every few seconds, hours of quiet in between.
fn month(seed: u64) -> Vec<Recorded> {
    let mut generator = Generator::from_seed(seed);
    let mut world = Simulated::new(false);
    let mut at = Timestamp::from_millis(MONTH.0);
    let mut draw = seed.wrapping_mul(2).wrapping_add(1);
    let mut below = |most: u64| {
        draw = draw
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (draw >> 33) % most
    };
    loop {
        let wake = world.wake().filter(|wake| wake.since(at) < 120_000);
        let gap = match (below(100), wake) {
            (0..=1, _) => below(8 * 3_600_000),
            (2..=15, Some(wake)) => wake.since(at).unsigned_abs(),
            _ => below(9_000),
        };
        at = at.after_millis(i64::try_from(gap).unwrap());
        if at.as_millis() > MONTH.1 {
            break;
        }
        let step = generator.step(world.picture(), world.wake());
        world
            .step(&world.named(webchat_sim::history::Step { now: at, ..step }))
            .unwrap();
    }
    world.journal().to_vec()
}

/// From, to, zone, and what instants those are.
const INTERVALS: [(&str, &str, &str, &str, &str); 10] = [
    (
        "2026-03-01",
        "2026-04-01",
        "Europe/Madrid",
        "2026-02-28T23:00:00Z",
        "2026-03-31T22:00:00Z",
    ),
    // 23 hours, in two places.
    (
        "2026-03-29",
        "2026-03-30",
        "Europe/Madrid",
        "2026-03-28T23:00:00Z",
        "2026-03-29T22:00:00Z",
    ),
    (
        "2026-03-08",
        "2026-03-09",
        "America/New_York",
        "2026-03-08T05:00:00Z",
        "2026-03-09T04:00:00Z",
    ),
    // 24 and a half hours.
    (
        "2026-04-05",
        "2026-04-06",
        "Australia/Lord_Howe",
        "2026-04-04T13:00:00Z",
        "2026-04-05T13:30:00Z",
    ),
    // 25 hours, the one that comes twice being the last of the day.
    (
        "2026-04-04",
        "2026-04-05",
        "America/Santiago",
        "2026-04-04T03:00:00Z",
        "2026-04-05T04:00:00Z",
    ),
    // Nights, one of them shorter.
    (
        "2026-03-28T22:00",
        "2026-03-29T06:30",
        "Europe/Madrid",
        "2026-03-28T21:00:00Z",
        "2026-03-29T04:30:00Z",
    ),
    (
        "2026-03-10T18:15",
        "2026-03-11T02:45",
        "Asia/Kathmandu",
        "2026-03-10T12:30:00Z",
        "2026-03-10T21:00:00Z",
    ),
    // Begins at a time the clocks skip: after the gap.
    (
        "2026-03-29T02:30",
        "2026-03-31T00:00:01",
        "Europe/Madrid",
        "2026-03-29T01:30:00Z",
        "2026-03-30T22:00:01Z",
    ),
    (
        "1773000000001",
        "1774999999999",
        "UTC",
        "2026-03-08T20:00:00.001Z",
        "2026-03-31T23:33:19.999Z",
    ),
    // Not over yet.
    (
        "2026-04-05",
        "2026-05-01",
        "UTC",
        "2026-04-05T00:00:00Z",
        "2026-05-01T00:00:00Z",
    ),
];

#[tokio::test]
async fn reports_equal_what_the_journal_of_a_simulated_month_says() {
    let mut met = BTreeMap::new();
    for seed in [3, 11] {
        let now = Timestamp::from_millis(MONTH.1 + 777);
        let events = month(seed);
        let world = World::after(&events, now).await;
        world.user("root", Role::Administrator).await;
        let root = world.sign_in("root").await;
        let events = world.journal().await;
        for (from, to, zone, first, end) in INTERVALS {
            let instant = |text: &str| {
                let instant: jiff::Timestamp = text.parse().unwrap();
                Timestamp::from_millis(instant.as_millisecond())
            };
            let interval = Interval {
                from: instant(first),
                to: instant(end),
            };
            let query = format!("from={from}&to={to}&zone={zone}");
            let mut told = ask(&world, &root, &query).await;
            let computed = Computed::new(&events, interval, now, zone);
            let place = format!("seed {seed}, {query}");
            assert_eq!(told["from"], interval.from.as_millis(), "{place}");
            assert_eq!(told["to"], interval.to.as_millis(), "{place}");
            let csv = tables(&world, &root, &query).await;
            compare_csv(&told, &csv, &place);
            strip_names(&mut told);
            assert_eq!(told["campaigns"], computed.campaigns(), "{place}");
            assert_eq!(told["agents"], computed.agents(), "{place}");
            assert_eq!(told["hours"], computed.hours(), "{place}");
            // One campaign's report is that campaign's row, and its agents' share.
            let mut one = ask(&world, &root, &format!("{query}&campaign=1")).await;
            strip_names(&mut one);
            let row = computed.campaigns();
            let row: Vec<&Value> = row
                .as_array()
                .unwrap()
                .iter()
                .filter(|row| row["campaign"] == 1)
                .collect();
            assert_eq!(one["campaigns"], json!(row), "{place}");
            for agent in one["agents"].as_array().unwrap() {
                let id = AgentId(u32::try_from(agent["agent"].as_u64().unwrap()).unwrap());
                let share = computed.fold.share(CampaignId(1), id);
                assert_eq!(agent["answered"], share.answered, "{place}");
                assert_eq!(agent["handle_time"], span(share.handle), "{place}");
                assert_eq!(
                    agent["first_response"],
                    span(share.first_response),
                    "{place}"
                );
            }
            remember(&told, &mut met);
        }
        world.stop().await;
    }
    for figure in FIGURES {
        assert!(
            met.get(figure).is_some_and(|sum| *sum > 0.0),
            "{figure} was always 0: {met:?}"
        );
    }
}

async fn ask(world: &World, login: &Login, query: &str) -> Value {
    let answer = world
        .get(&format!("/api/v1/reports?{query}"), &login.fields())
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn strip_names(report: &mut Value) {
    for table in ["campaigns", "agents"] {
        for row in report[table].as_array_mut().unwrap() {
            row.as_object_mut().unwrap().remove("name").unwrap();
        }
    }
}

/// The journal, computed again.
struct Computed {
    fold: Fold,
    campaigns: BTreeMap<CampaignId, Said>,
    agents: BTreeMap<AgentId, Asked>,
    hours: BTreeMap<(String, i8), (Counters, Tally)>,
}

/// Scores (count, sum) and evaluations by the agent concerned and by others (count, points, most).
#[derive(Default, Clone, PartialEq)]
struct Said {
    scores: (u64, u64),
    own: (u64, i64, i64),
    others: (u64, i64, i64),
}

#[derive(Default, Clone, PartialEq)]
struct Asked {
    said: Said,
    in_time: u64,
    answer: Tally,
    /// Made, lapsed, refused.
    offers: (u64, u64, u64),
}

impl Computed {
    fn new(events: &[Recorded], interval: Interval, now: Timestamp, zone: &str) -> Self {
        let zone = webchat_core::schedule::Zones::bundled().find(zone).unwrap();
        let mut computed = Self {
            fold: Fold::new(interval, Policy::default()),
            campaigns: BTreeMap::new(),
            agents: BTreeMap::new(),
            hours: BTreeMap::new(),
        };
        // Each chat's campaign, its last owner, when its first wait began, and whether that is over.
        let mut chats: BTreeMap<ChatId, (CampaignId, Option<AgentId>, Timestamp, bool)> =
            BTreeMap::new();
        let mut limits = BTreeMap::new();
        for recorded in events {
            let inside = recorded.at >= interval.from && recorded.at < interval.to;
            computed.fold.pass(recorded.at);
            let before = computed.sums();
            computed.fold.add(recorded);
            if inside {
                let at = jiff::Timestamp::from_millisecond(recorded.at.as_millis()).unwrap();
                let local = zone.to_datetime(at);
                let hour = computed
                    .hours
                    .entry((local.date().to_string(), local.hour()))
                    .or_default()
                    .clone();
                let hour = grown(hour, &before, &computed.sums());
                computed
                    .hours
                    .insert((local.date().to_string(), local.hour()), hour);
            }
            let agents = &mut computed.agents;
            match &recorded.event {
                Event::CampaignCreated {
                    campaign, settings, ..
                }
                | Event::CampaignChanged {
                    campaign, settings, ..
                } => {
                    limits.insert(*campaign, settings.answer_within);
                }
                Event::ChatQueued { chat, campaign, .. } => {
                    chats.insert(*chat, (*campaign, None, recorded.at, false));
                }
                Event::ChatMoved { chat, to, .. } => {
                    let chat = chats.get_mut(chat).unwrap();
                    (chat.0, chat.2) = (*to, recorded.at);
                }
                Event::ChatAssigned {
                    chat,
                    campaign,
                    agent,
                    ..
                } => {
                    let chat = chats.get_mut(chat).unwrap();
                    if inside && !chat.3 {
                        let waited = recorded.at.since(chat.2);
                        let agent = agents.entry(*agent).or_default();
                        agent.answer.add(waited.unsigned_abs());
                        agent.in_time += u64::from(
                            limits[&chat.0].is_some_and(|limit| waited <= limit.as_millis()),
                        );
                    }
                    *chat = (*campaign, Some(*agent), chat.2, true);
                }
                Event::ParticipantLeft { chat, owner, .. } => {
                    chats.get_mut(chat).unwrap().1 = Some(*owner)
                }
                Event::ChatOffered { agent, .. } if inside => {
                    agents.entry(*agent).or_default().offers.0 += 1
                }
                Event::OfferEnded { agent, why, .. } if inside => {
                    let offers = &mut agents.entry(*agent).or_default().offers;
                    offers.1 += u64::from(*why == OfferEnd::Lapsed);
                    offers.2 += u64::from(*why == OfferEnd::Refused);
                }
                Event::FeedbackGiven { chat, score, .. } if inside => {
                    let (campaign, agent, ..) = chats[chat];
                    let agent = agents.entry(agent.unwrap()).or_default();
                    for said in [
                        computed.campaigns.entry(campaign).or_default(),
                        &mut agent.said,
                    ] {
                        said.scores = (said.scores.0 + 1, said.scores.1 + u64::from(*score));
                    }
                }
                Event::ChatEvaluated {
                    evaluation,
                    score: Some(score),
                } if inside => {
                    let (campaign, ..) = chats[&evaluation.chat];
                    let agent = agents.entry(evaluation.agent).or_default();
                    for said in [
                        computed.campaigns.entry(campaign).or_default(),
                        &mut agent.said,
                    ] {
                        let judged = match evaluation.agent == evaluation.evaluator {
                            true => &mut said.own,
                            false => &mut said.others,
                        };
                        *judged = (judged.0 + 1, judged.1 + score.points, judged.2 + score.most);
                    }
                }
                _ => {}
            }
        }
        computed.fold.pass(now);
        computed
    }

    /// All campaigns together.
    fn sums(&self) -> (Counters, Tally) {
        let mut sums = <(Counters, Tally)>::default();
        for (_, measures) in self.fold.campaigns() {
            sums.0.add(&measures.counters);
            sums.1.count += measures.times.answer.count;
            sums.1.millis += measures.times.answer.millis;
        }
        sums
    }

    fn campaigns(&self) -> Value {
        let mut rows = Vec::new();
        for (campaign, measures) in self.fold.campaigns() {
            let said = self.campaigns.get(&campaign).cloned().unwrap_or_default();
            if *measures == Default::default() && said == Said::default() {
                continue;
            }
            let mut row = told(&measures.counters);
            row["campaign"] = json!(campaign);
            row["waiting_before"] = json!(measures.waiting_before);
            row["speed_of_answer"] = span(measures.times.answer);
            row["first_response"] = span(measures.times.first_response);
            row["handle_time"] = span(measures.times.handle);
            opinions(&mut row, &said);
            rows.push(row);
        }
        json!(rows)
    }

    fn agents(&self) -> Value {
        let mut rows = Vec::new();
        for (agent, work) in self.fold.agents() {
            let asked = self.agents.get(&agent).cloned().unwrap_or_default();
            if work == Default::default() && asked == Asked::default() {
                continue;
            }
            assert_eq!(work.answered, asked.answer.count);
            let mut row = json!({
                "agent": agent,
                "answered": work.answered,
                "answered_in_time": asked.in_time,
                "service_level": share(Ratio { part: asked.in_time, of: work.answered }),
                "speed_of_answer": span(asked.answer),
                "first_response": span(work.first_response),
                "handle_time": span(work.handle),
                "signed_in": work.busy + work.ready + work.away,
                "busy": work.busy,
                "ready": work.ready,
                "away": work.away,
                "occupancy": share(Ratio { part: work.busy, of: work.busy + work.ready }),
                "concurrency": share(Ratio { part: work.chats, of: work.busy }),
                "offers": asked.offers.0,
                "offers_lapsed": asked.offers.1,
                "offers_refused": asked.offers.2,
            });
            opinions(&mut row, &asked.said);
            rows.push(row);
        }
        json!(rows)
    }

    fn hours(&self) -> Value {
        let mut rows = Vec::new();
        for ((day, hour), (counters, answer)) in &self.hours {
            if *counters == Counters::default() {
                continue;
            }
            let mut row = told(counters);
            row["day"] = json!(day);
            row["hour"] = json!(hour);
            row["speed_of_answer"] = span(*answer);
            rows.push(row);
        }
        json!(rows)
    }
}

/// What was counted between two looks, added to what was counted before.
fn grown(
    mut hour: (Counters, Tally),
    before: &(Counters, Tally),
    after: &(Counters, Tally),
) -> (Counters, Tally) {
    let pairs = [
        (&mut hour.0.offered, before.0.offered, after.0.offered),
        (&mut hour.0.answered, before.0.answered, after.0.answered),
        (
            &mut hour.0.answered_in_time,
            before.0.answered_in_time,
            after.0.answered_in_time,
        ),
        (&mut hour.0.abandoned, before.0.abandoned, after.0.abandoned),
        (
            &mut hour.0.abandoned_in_time,
            before.0.abandoned_in_time,
            after.0.abandoned_in_time,
        ),
        (
            &mut hour.0.short_abandoned,
            before.0.short_abandoned,
            after.0.short_abandoned,
        ),
        (&mut hour.0.timed_out, before.0.timed_out, after.0.timed_out),
        (&mut hour.0.closed, before.0.closed, after.0.closed),
        (
            &mut hour.0.flowed_out,
            before.0.flowed_out,
            after.0.flowed_out,
        ),
        (&mut hour.1.count, before.1.count, after.1.count),
        (&mut hour.1.millis, before.1.millis, after.1.millis),
    ];
    for (sum, before, after) in pairs {
        *sum += after - before;
    }
    for (reason, count) in &after.0.refused {
        let new = count - before.0.refused.get(reason).copied().unwrap_or(0);
        if new > 0 {
            *hour.0.refused.entry(*reason).or_default() += new;
        }
    }
    hour
}

/// Counters and shares, by the formulas of the specification.
fn told(c: &Counters) -> Value {
    let ended = c.answered + c.abandoned + c.timed_out + c.closed + c.flowed_out;
    json!({
        "offered": c.offered,
        "answered": c.answered,
        "answered_in_time": c.answered_in_time,
        "abandoned": c.abandoned,
        "abandoned_in_time": c.abandoned_in_time,
        "short_abandoned": c.short_abandoned,
        "timed_out": c.timed_out,
        "closed": c.closed,
        "flowed_out": c.flowed_out,
        "waiting": c.waiting,
        "refused": c.refused,
        "service_level": share(Ratio { part: c.answered_in_time, of: c.answered }),
        "service_level_with_abandoned": share(Ratio { part: c.answered_in_time + c.abandoned_in_time, of: c.answered + c.abandoned }),
        "service_level_strict": share(Ratio { part: c.answered_in_time, of: ended }),
        "abandon_rate": share(Ratio { part: c.abandoned, of: ended }),
    })
}

fn share(share: Ratio) -> Value {
    match share.of {
        0 => Value::Null,
        _ => json!({"part": share.part, "of": share.of}),
    }
}

fn span(tally: Tally) -> Value {
    let mean = tally.millis.checked_div(tally.count);
    json!({"count": tally.count, "millis": tally.millis, "mean": mean})
}

fn opinions(row: &mut Value, said: &Said) {
    let rounded = |part: f64, of: f64| (part / of * 100.0).round() / 100.0;
    let (count, sum) = said.scores;
    let mean = (count > 0).then(|| rounded(sum as f64, count as f64));
    row["feedback"] = json!({"count": count, "sum": sum, "mean": mean});
    for (name, (count, points, most)) in [
        ("quality_by_agent", said.own),
        ("quality_by_others", said.others),
    ] {
        let percent = (most != 0).then(|| rounded(points as f64 * 100.0, most as f64));
        row[name] = json!({"count": count, "points": points, "most": most, "percent": percent});
    }
}

async fn tables(
    world: &World,
    login: &Login,
    query: &str,
) -> BTreeMap<&'static str, Vec<BTreeMap<String, String>>> {
    let mut tables = BTreeMap::new();
    for table in ["campaigns", "agents", "hours"] {
        let path = format!("/api/v1/reports?{query}&csv={table}");
        let answer = world.get(&path, &login.fields()).await;
        assert_eq!(
            answer.header("content-type"),
            Some("text/csv; charset=utf-8")
        );
        tables.insert(table, lines(std::str::from_utf8(&answer.body).unwrap()));
    }
    tables
}

/// The lines of a table, each by column.
fn lines(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = vec![vec![String::new()]];
    let mut quoted = false;
    for letter in csv.trim_start_matches('\u{feff}').chars() {
        let cells = lines.last_mut().unwrap();
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            '\n' if !quoted => lines.push(vec![String::new()]),
            '\r' if !quoted => {}
            letter => cells.last_mut().unwrap().push(letter),
        }
    }
    assert_eq!(lines.pop().unwrap(), [""]);
    let columns = lines.remove(0);
    let line = |cells: Vec<String>| columns.iter().cloned().zip(cells).collect();
    lines.into_iter().map(line).collect()
}

/// Each number of a table stands in the JSON answer, under the same name.
fn compare_csv(
    report: &Value,
    tables: &BTreeMap<&str, Vec<BTreeMap<String, String>>>,
    place: &str,
) {
    for (table, lines) in tables {
        let mut rows = report[table].as_array().unwrap().clone();
        if *table == "campaigns" {
            rows.push(report["total"].clone());
        }
        assert_eq!(lines.len(), rows.len(), "{place}");
        for (line, row) in lines.iter().zip(&rows) {
            for (column, cell) in line {
                let expected = match row.get(column) {
                    Some(Value::Null) => String::new(),
                    Some(Value::Object(_)) => derived(row, column),
                    Some(Value::String(text)) => text.clone(),
                    Some(number) => number.to_string(),
                    None => derived(row, column),
                };
                let cell = if column == "name" {
                    cell.trim_start_matches('\'')
                } else {
                    cell
                };
                assert_eq!(cell, expected, "{place}, {table}, {column}");
            }
        }
    }
}

fn derived(row: &Value, column: &str) -> String {
    let of_share = |name: &str, times: f64| match row[name].as_object() {
        Some(share) => ((share["part"].as_f64().unwrap() * times / share["of"].as_f64().unwrap()
            * 100.0)
            .round()
            / 100.0)
            .to_string(),
        None => String::new(),
    };
    let number = |value: &Value| {
        if value.is_null() {
            String::new()
        } else {
            value.to_string()
        }
    };
    let seconds = |millis: &Value| {
        millis
            .as_u64()
            .map(|millis| format!("{}.{:03}", millis / 1_000, millis % 1_000))
    };
    if column == "concurrency" {
        return of_share(column, 1.0);
    }
    if let Some(reason) = column.strip_prefix("refused_") {
        return row["refused"][reason].as_u64().unwrap_or(0).to_string();
    }
    for said in ["feedback", "quality_by_agent", "quality_by_others"] {
        let rest = column
            .strip_prefix(said)
            .and_then(|rest| rest.strip_prefix('_'));
        if let Some(figure) = rest {
            let text = number(&row[said][figure]);
            return text.strip_suffix(".0").map(str::to_owned).unwrap_or(text);
        }
    }
    if let Some(name) = column.strip_suffix("_percent") {
        return of_share(name, 100.0);
    }
    let name = column.strip_suffix("_seconds").unwrap();
    let millis = row[name].get("mean").unwrap_or(&row[name]);
    seconds(millis).unwrap_or_default()
}

/// Each of these must have been something else than 0 somewhere.
const FIGURES: [&str; 30] = [
    "waiting_before",
    "offered",
    "answered",
    "answered_in_time",
    "abandoned",
    "abandoned_in_time",
    "short_abandoned",
    "timed_out",
    "closed",
    "flowed_out",
    "waiting",
    "service_level",
    "service_level_with_abandoned",
    "service_level_strict",
    "abandon_rate",
    "speed_of_answer",
    "first_response",
    "handle_time",
    "signed_in",
    "busy",
    "ready",
    "away",
    "occupancy",
    "concurrency",
    "offers",
    "offers_lapsed",
    "offers_refused",
    "feedback",
    "quality_by_agent",
    "quality_by_others",
];

fn remember(report: &Value, met: &mut BTreeMap<String, f64>) {
    let rows = ["campaigns", "agents"]
        .into_iter()
        .flat_map(|table| report[table].as_array().unwrap());
    for (name, value) in rows.flat_map(|row: &Value| row.as_object().unwrap()) {
        let number = value
            .as_f64()
            .or(value["count"].as_f64())
            .or(value["of"].as_f64());
        *met.entry(name.clone()).or_default() += number.unwrap_or(0.0);
    }
}
