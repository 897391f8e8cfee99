//! What if: a generated history, replayed as it was and with a change.

#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;
use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{
    AgentCommand, AgentProfile, ChatRequest, Command, HostCommand, Member, VisitorAsk,
    VisitorCommand, VisitorForm,
};
use webchat_core::event::{Event, Recorded};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::metrics::Fold;
use webchat_core::schedule::{Day, ScheduleDraft, Zones};
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox, wire};
use webchat_sim::choices::Choices;
use webchat_sim::what_if::{Change, read, what_if};

const SALES: CampaignId = CampaignId(1);
const HELP: CampaignId = CampaignId(2);

/// Two days of two campaigns: one with a schedule, Max Chats and Time Out, one with offers. Four agents work
/// for both, take breaks, lose their connection and go home; visitors leave, get lost and come back.
struct Days {
    engine: Engine,
    journal: Vec<Recorded>,
    choices: Choices,
    clock: Timestamp,
    agenda: BTreeMap<(Timestamp, u64), Command>,
    planned: u64,
    visitors: BTreeMap<ChatId, VisitorKey>,
}

impl Days {
    fn simulated(seed: u64) -> Vec<Recorded> {
        let start = Timestamp::from_seconds(1_790_000_000);
        let mut days = Self {
            engine: Engine::new(Zones::bundled()),
            journal: Vec::new(),
            choices: Choices::from_seed(seed),
            clock: start,
            agenda: BTreeMap::new(),
            planned: 0,
            visitors: BTreeMap::new(),
        };
        days.set_up();
        days.plan_agents();
        let mut at = start.after_millis(60_000);
        for visitor in 0..800 {
            at = at.after_millis(days.exponential(200_000.0));
            let campaign = *days.choices.pick(&[SALES, SALES, HELP]);
            let request = ChatRequest {
                visitor: VisitorKey(1_000 + visitor),
                campaign,
                origin: None,
                language: None,
                form: VisitorForm::default(),
                priority: *days.choices.pick(&[0, 0, 0, 1]),
                skills: Vec::new(),
                identity: None,
            };
            let request = VisitorCommand::RequestChat(Box::new(request));
            days.plan(at, Command::Visitor(request));
        }
        days.run(start.after_millis(48 * 3_600_000));
        days.journal
    }

    fn set_up(&mut self) {
        let sales = CampaignDraft {
            schedule: ScheduleDraft::weekly("America/Montevideo").open(&Day::ALL, "08:00", "22:00"),
            max_chats: 2,
            time_out: 400,
            agent_cap: 2,
            dropout: 20,
            ..CampaignDraft::named("Sales")
        };
        let help = CampaignDraft {
            offer_timeout: 20,
            agent_cap: 1,
            wrap_up: 30,
            auto_finish: 90,
            when_empty: "admit".to_owned(),
            require_email: false,
            allowed_domains: Vec::new(),
            ..CampaignDraft::named("Help")
        };
        for draft in [sales, help] {
            let (campaign, _) = draft.check(&Zones::bundled()).unwrap();
            self.host(HostCommand::create_campaign(campaign));
        }
        for name in ["Ana", "Bob", "Carla", "Dan"] {
            let name = name.into();
            self.host(HostCommand::CreateAgent(AgentProfile {
                name,
                voice: false,
            }));
        }
        for campaign in [SALES, HELP] {
            let members = (1..=4).map(|agent| Member::plain(AgentId(agent))).collect();
            self.host(HostCommand::SetMembers { campaign, members });
        }
    }

    /// Each works ten hours a day, a few hours apart, with breaks and lost connections.
    fn plan_agents(&mut self) {
        for (agent, day) in (1..=4).flat_map(|agent| [(agent, 0), (agent, 1)]) {
            let hour = |hours: i64| 3_600_000 * hours;
            let begin = self
                .clock
                .after_millis(hour(24 * day + 3 * i64::from(agent) - 3));
            let mut plan = |millis: i64, ask| {
                let agent = AgentId(agent);
                self.plan(begin.after_millis(millis), Command::Agent { agent, ask });
            };
            plan(0, AgentCommand::SignIn { session: 1 });
            let reason = "lunch".into();
            plan(hour(4), AgentCommand::Pause { reason });
            plan(hour(5), AgentCommand::Resume);
            plan(hour(6), AgentCommand::Disconnect);
            plan(hour(6) + 10_000 * i64::from(agent), AgentCommand::Connect);
            let reason = "going home".into();
            plan(hour(9), AgentCommand::Pause { reason });
            plan(hour(10), AgentCommand::SignOut { force: agent == 2 });
        }
    }

    fn run(&mut self, end: Timestamp) {
        while let Some((at, number)) = self.agenda.keys().next().copied()
            && at <= end
        {
            let mut outbox = Outbox::default();
            match self.engine.poll_timeout() {
                Some(wake) if wake.at <= at => {
                    self.clock = wake.at;
                    self.engine.handle_timeout(wake.at, &mut outbox);
                }
                _ => {
                    self.clock = at;
                    let command = self.agenda.remove(&(at, number)).unwrap();
                    let _ = self.engine.handle(at, command, &mut outbox);
                }
            }
            for recorded in outbox.events() {
                self.react(&recorded.event);
            }
            self.journal.extend_from_slice(outbox.events());
        }
    }

    fn react(&mut self, event: &Event) {
        match event {
            Event::ChatQueued { chat, visitor, .. } => {
                self.visitors.insert(*chat, *visitor);
                let patience = self.exponential(300_000.0);
                let ask = match self.choices.below(3) {
                    0 => VisitorAsk::Leave,
                    1 => VisitorAsk::Disconnect,
                    _ => return,
                };
                self.visitor(*chat, patience, ask);
                let back = self.exponential(60_000.0);
                self.visitor(*chat, patience + back, VisitorAsk::Connect);
            }
            Event::ChatOffered { chat, agent, .. } => {
                let chat = *chat;
                let after = self.exponential(9_000.0);
                let ask = match self.choices.below(6) {
                    0 => AgentCommand::Refuse { chat },
                    _ => AgentCommand::Accept { chat },
                };
                let at = self.clock.after_millis(after);
                self.plan(at, Command::Agent { agent: *agent, ask });
            }
            Event::ChatAssigned { chat, agent, .. } => {
                let at = self.clock.after_millis(self.exponential(900_000.0));
                let ask = AgentCommand::Close {
                    chat: *chat,
                    disposition: None,
                };
                self.plan(at, Command::Agent { agent: *agent, ask });
            }
            _ => {}
        }
    }

    fn visitor(&mut self, chat: ChatId, after: i64, ask: VisitorAsk) {
        let visitor = self.visitors[&chat];
        let at = self.clock.after_millis(after);
        let ask = VisitorCommand::InChat { visitor, chat, ask };
        self.plan(at, Command::Visitor(ask));
    }

    fn plan(&mut self, at: Timestamp, command: Command) {
        self.planned += 1;
        self.agenda.insert((at, self.planned), command);
    }

    fn host(&mut self, command: HostCommand) {
        let mut outbox = Outbox::default();
        let command = Command::Host(command);
        self.engine
            .handle(self.clock, command, &mut outbox)
            .unwrap();
        self.journal.extend_from_slice(outbox.events());
    }

    /// At least a millisecond.
    fn exponential(&mut self, mean: f64) -> i64 {
        let fraction = ((self.choices.word() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        (-fraction.ln() * mean) as i64 + 1
    }
}

fn mean_wait(fold: &Fold, campaign: CampaignId) -> u64 {
    fold.campaign(campaign)
        .unwrap()
        .times
        .answer
        .mean()
        .unwrap()
}

#[test]
fn a_replay_without_change_gives_the_figures_of_the_record() {
    let mut met = BTreeSet::new();
    for seed in 0..6 {
        let journal = Days::simulated(seed);
        let report = what_if(&journal, &Change::default()).unwrap();
        for campaign in [SALES, HELP] {
            let recorded = report.recorded.campaign(campaign).unwrap();
            for run in [&report.replayed, &report.changed] {
                let replayed = run.campaign(campaign).unwrap();
                assert_eq!(
                    replayed.counters, recorded.counters,
                    "seed {seed}, campaign {campaign}"
                );
                assert_eq!(replayed.times.answer, recorded.times.answer, "seed {seed}");
            }
            let counters = &recorded.counters;
            met.extend(counters.refused.keys().map(|reason| format!("{reason:?}")));
            let all = [
                ("abandoned", counters.abandoned),
                ("short abandoned", counters.short_abandoned),
                ("timed out", counters.timed_out),
                ("closed", counters.closed),
                ("answered", counters.answered),
            ];
            let some = all.iter().filter(|(_, count)| *count > 0);
            met.extend(some.map(|(name, _)| (*name).to_owned()));
        }
    }
    // The record is worth replaying: all of this is in it.
    let expected = [
        "NoAgents",
        "OutOfTime",
        "QueueFull",
        "abandoned",
        "answered",
        "short abandoned",
        "timed out",
    ];
    for what in expected {
        assert!(met.contains(what), "no {what} in {met:?}");
    }
}

#[test]
fn with_one_agent_more_the_mean_wait_falls_and_with_one_less_it_rises() {
    let journal = Days::simulated(1);
    let more = Change {
        more_agents: 1,
        ..Change::default()
    };
    let less = Change {
        without: vec!["ana".to_owned()],
        ..Change::default()
    };
    let [more, less] = [more, less].map(|change| what_if(&journal, &change).unwrap());
    for campaign in [SALES, HELP] {
        let recorded = mean_wait(&more.recorded, campaign);
        assert!(mean_wait(&more.changed, campaign) < recorded);
        assert!(mean_wait(&less.changed, campaign) > recorded);
    }
}

#[test]
fn each_kind_of_change_shows_in_its_figure() {
    let journal = Days::simulated(2);
    let change = |settings: &[(&str, serde_json::Value)]| Change {
        campaign: Some("sales".to_owned()),
        settings: settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        ..Change::default()
    };
    let sales = |settings: &[(&str, serde_json::Value)]| {
        let report = what_if(&journal, &change(settings)).unwrap();
        let measures = |run: &Fold| run.campaign(SALES).unwrap().clone();
        (measures(&report.recorded), measures(&report.changed))
    };
    let refused = |measures: &webchat_core::metrics::CampaignMeasures, reason: &str| {
        let refused = measures.counters.refused.iter();
        let mut of = refused.filter(|(key, _)| format!("{key:?}") == reason);
        of.next().map_or(0, |(_, count)| *count)
    };

    let (recorded, changed) = sales(&[("max_chats", json!(0))]);
    assert!(refused(&recorded, "QueueFull") > 0);
    assert_eq!(refused(&changed, "QueueFull"), 0);

    let (recorded, changed) = sales(&[("time_out", json!(0))]);
    assert!(recorded.counters.timed_out > 0);
    assert_eq!(changed.counters.timed_out, 0);

    let (recorded, changed) = sales(&[("schedule", json!({"always": true}))]);
    assert!(refused(&recorded, "OutOfTime") > 0);
    assert_eq!(refused(&changed, "OutOfTime"), 0);

    let (recorded, changed) = sales(&[("agent_cap", json!(1))]);
    assert!(changed.counters.answered < recorded.counters.answered);

    // In a pull mode the free agents take the head themselves, at once.
    let (recorded, changed) = sales(&[("mode", json!("ringallmultiple"))]);
    let (was, is) = (recorded.counters.answered, changed.counters.answered);
    assert!(was.abs_diff(is) * 20 < was, "{was} and {is}");

    let (recorded, changed) = sales(&[("order", json!("linear"))]);
    assert_eq!(changed.counters.offered, recorded.counters.offered);
}

#[test]
fn a_change_of_what_is_not_there_is_refused() {
    let journal = Days::simulated(3);
    let refusal = |change: Change| what_if(&journal, &change).err().unwrap().to_string();
    let setting = |name: &str, value| Change {
        settings: vec![(name.to_owned(), value)],
        ..Change::default()
    };
    let campaign = Some("Nowhere".to_owned());
    assert_eq!(
        refusal(Change {
            campaign,
            ..Change::default()
        }),
        "campaign is `Nowhere`, expected the name or number of one in the journal"
    );
    assert_eq!(
        refusal(Change {
            without: vec!["Eve".to_owned()],
            ..Change::default()
        }),
        "agent is `Eve`, expected the name or number of one in the journal"
    );
    assert_eq!(
        refusal(setting("max_cats", json!(1))),
        "setting is `max_cats`, expected one of a campaign's form"
    );
    assert_eq!(
        refusal(setting("time_out", json!(-5))),
        "time_out is -5, expected 0 (off) to 31622400 seconds"
    );
    assert!(refusal(setting("time_out", json!("soon"))).starts_with("the settings cannot be read"));
}

#[test]
fn an_exported_journal_is_read_frame_by_frame() {
    let journal = Days::simulated(4);
    let frames: Vec<String> = journal
        .chunks(3)
        .map(|events| String::from_utf8(wire::encode(events)).unwrap())
        .collect();
    assert_eq!(read(&(frames.join("\n") + "\n")).unwrap(), journal);
    assert!(read("[]\nnot a frame\n").is_err());
}

#[test]
fn the_program_prints_the_figures_side_by_side() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("what-if.jsonl");
    std::fs::write(&file, wire::encode(&Days::simulated(5))).unwrap();
    let run = |change: &[&str]| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_webchat-sim"));
        let asked = program.arg("what-if").arg(&file).args(change);
        let said = asked.output().unwrap();
        let text = [said.stdout, said.stderr].concat();
        (said.status.success(), String::from_utf8(text).unwrap())
    };
    let (done, said) = run(&[
        "--more",
        "1",
        "--campaign",
        "sales",
        "--set",
        "order=linear",
    ]);
    assert!(done, "{said}");
    let words: Vec<Vec<&str>> = said
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(words[0], ["Sales", "recorded", "replayed", "what", "if"]);
    let offered: Vec<u64> = words[1][1..]
        .iter()
        .map(|word| word.parse().unwrap())
        .collect();
    assert_eq!(words[1][0], "offered");
    assert_eq!(offered[0], offered[1], "{said}");
    assert!(offered[2] > offered[1], "{said}");
    let (done, said) = run(&["--set", "agent_cap"]);
    assert!(!done && said.contains("such as agent_cap=4"), "{said}");
    let (done, said) = run(&["--set", "agent_cap=-1"]);
    assert!(!done && said.starts_with("agent_cap is -1"), "{said}");
}
