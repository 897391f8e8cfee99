//! The sums of reports against the core's own fold over the same events and against plain loops, for random
//! histories and random intervals.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::collections::{BTreeMap, BTreeSet};

use webchat_core::event::{Event, OfferEnd, Recorded};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::metrics::{Fold, Interval, Policy, Tally, Work};
use webchat_core::quality::{Evaluation, ModelId, Score};
use webchat_core::time::Timestamp;
use webchat_runtime::read_model::FrameEvents;
use webchat_runtime::report::{AgentSums, CampaignSums, Opinions, Report, ReportWish};
use webchat_runtime::{ReadModel, TenantId};
use webchat_sim::generator::Generator;
use webchat_sim::world::World;
use webchat_store_sqlite::SqliteStore;

const TENANT: TenantId = TenantId(1);

fn history(seed: u64) -> Vec<Recorded> {
    let mut generator = Generator::from_seed(seed);
    let mut world = World::new(false);
    for _ in 0..300 {
        let step = generator.step(world.picture(), world.wake());
        world.step(&world.named(step)).unwrap();
    }
    let mut events = world.journal().to_vec();
    // Whatever the generator draws, a supervisor judges somebody.
    let judged = events
        .iter()
        .rev()
        .find_map(|recorded| match &recorded.event {
            Event::ChatAssigned { chat, agent, .. } => Some((*chat, *agent)),
            _ => None,
        });
    if let Some((chat, agent)) = judged {
        let evaluation = Evaluation {
            chat,
            agent,
            model: ModelId(1),
            evaluator: AgentId(999),
            answers: Vec::new(),
        };
        let score = Some(Score { points: 7, most: 9 });
        let at = events.last().unwrap().at;
        let event = Event::ChatEvaluated { evaluation, score };
        events.push(Recorded { at, event });
    }
    events
}

fn wish(from: Timestamp, to: Timestamp, now: Timestamp) -> ReportWish {
    ReportWish {
        interval: Interval { from, to },
        now,
        campaign: None,
        agent: None,
        parts: Vec::new(),
    }
}

/// What the fold says, and what nobody folds: opinions and offers, counted by plain loops.
fn computed(events: &[Recorded], interval: Interval, now: Timestamp) -> Report {
    let mut fold = Fold::new(interval, Policy::default());
    for recorded in events {
        fold.add(recorded);
    }
    fold.pass(now);
    let mut report = Report::default();
    for (campaign, measures) in fold.campaigns() {
        let sums = CampaignSums {
            waiting_before: measures.waiting_before,
            counters: measures.counters.clone(),
            answer: measures.times.answer,
            first_response: measures.times.first_response,
            handle: measures.times.handle,
            opinions: Opinions::default(),
        };
        report.campaigns.insert(campaign, sums);
    }
    for (agent, work) in fold.agents() {
        let spent = Work {
            answered: 0,
            handle: Tally::default(),
            first_response: Tally::default(),
            ..work
        };
        let sums = AgentSums {
            work: spent,
            first_response: work.first_response,
            handle: work.handle,
            ..AgentSums::default()
        };
        report.agents.insert(agent, sums);
    }
    loops(events, interval, &mut report);
    report
        .campaigns
        .retain(|_, sums| *sums != CampaignSums::default());
    report
        .agents
        .retain(|_, sums| *sums != AgentSums::default());
    report
}

struct Chat {
    campaign: CampaignId,
    agent: Option<AgentId>,
    queued_at: Timestamp,
}

fn loops(events: &[Recorded], Interval { from, to }: Interval, report: &mut Report) {
    let mut chats: BTreeMap<ChatId, Chat> = BTreeMap::new();
    let mut answered: BTreeSet<ChatId> = BTreeSet::new();
    let mut limits = BTreeMap::new();
    for recorded in events {
        let inside = recorded.at >= from && recorded.at < to;
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
                let new = Chat {
                    campaign: *campaign,
                    agent: None,
                    queued_at: recorded.at,
                };
                chats.insert(*chat, new);
            }
            Event::ChatMoved { chat, to, .. } => {
                let chat = chats.get_mut(chat).unwrap();
                (chat.campaign, chat.queued_at) = (*to, recorded.at);
            }
            Event::ChatAssigned {
                chat,
                campaign,
                agent,
                ..
            } => {
                let first = answered.insert(*chat);
                let known = chats.get_mut(chat).unwrap();
                if first && inside {
                    let waited = recorded.at.since(known.queued_at);
                    let sums = report.agents.entry(*agent).or_default();
                    sums.answer.add(waited.unsigned_abs());
                    let limit = limits[&known.campaign];
                    sums.answered_in_time +=
                        u64::from(limit.is_some_and(|limit| waited <= limit.as_millis()));
                }
                (known.campaign, known.agent) = (*campaign, Some(*agent));
            }
            Event::ParticipantLeft { chat, owner, .. } => {
                chats.get_mut(chat).unwrap().agent = Some(*owner)
            }
            Event::ChatOffered { agent, .. } if inside => {
                report.agents.entry(*agent).or_default().offers += 1
            }
            Event::OfferEnded { agent, why, .. } if inside => match why {
                OfferEnd::Lapsed => report.agents.entry(*agent).or_default().lapsed += 1,
                OfferEnd::Refused => report.agents.entry(*agent).or_default().refused += 1,
                OfferEnd::Rescinded => {}
            },
            Event::FeedbackGiven { chat, score, .. } if inside => {
                let chat = &chats[chat];
                let mut both = |add: &mut dyn FnMut(&mut Opinions)| {
                    add(&mut report.campaigns.entry(chat.campaign).or_default().opinions);
                    add(&mut report
                        .agents
                        .entry(chat.agent.unwrap())
                        .or_default()
                        .opinions);
                };
                both(&mut |opinions| {
                    opinions.scores += 1;
                    opinions.score_sum += u64::from(*score);
                });
            }
            Event::ChatEvaluated {
                evaluation,
                score: Some(score),
            } if inside => {
                let Some(chat) = chats.get(&evaluation.chat) else {
                    continue;
                };
                let add = |opinions: &mut Opinions| {
                    let judged = match evaluation.agent == evaluation.evaluator {
                        true => &mut opinions.own,
                        false => &mut opinions.others,
                    };
                    judged.count += 1;
                    judged.points += score.points;
                    judged.most += score.most;
                };
                add(&mut report.campaigns.entry(chat.campaign).or_default().opinions);
                add(&mut report.agents.entry(evaluation.agent).or_default().opinions);
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn reports_of_any_interval_are_what_the_journal_says() {
    let mut met = Met::default();
    for seed in 0..30 {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path()).unwrap();
        let events = history(seed);
        let frames = (1..)
            .zip(events.chunks(7))
            .map(|(seq, events)| FrameEvents {
                seq,
                events: events.to_vec(),
            });
        store.apply(TENANT, frames.collect()).await.unwrap();
        let now = events.last().unwrap().at.after_millis(12_345);
        // From anywhere to anywhere: at an event, just before one, or in between; empty ones too.
        for number in 0..24 {
            let pick = |part: usize, salt: i64| {
                let at = events[(events.len() - 1) * part / 24].at;
                at.after_millis(salt)
            };
            let (from, to) = match number {
                0 => (Timestamp::MIN, Timestamp::MAX),
                _ => (
                    pick(number / 2, (number as i64 % 3) * 7 - 7),
                    pick(number / 2 + number % 11, number as i64 % 2),
                ),
            };
            let to = to.max(from);
            let told = store.report(TENANT, wish(from, to, now)).await.unwrap();
            let computed = computed(&events, Interval { from, to }, now);
            assert_eq!(
                told.campaigns, computed.campaigns,
                "seed {seed}, interval {number}"
            );
            assert_eq!(
                told.agents, computed.agents,
                "seed {seed}, interval {number}"
            );
            if number == 0 {
                met.add(&told);
            }
        }
        store.reset(TENANT).await.unwrap();
        let all = wish(Timestamp::MIN, Timestamp::MAX, now);
        assert_eq!(store.report(TENANT, all).await.unwrap(), Report::default());
    }
    met.assert_all();
}

/// That each figure was put to the test.
#[derive(Default)]
struct Met(BTreeMap<&'static str, u64>);

impl Met {
    fn add(&mut self, report: &Report) {
        let mut count = |what, count| *self.0.entry(what).or_default() += count;
        for sums in report.campaigns.values() {
            count("flowed out", sums.counters.flowed_out);
            count("timed out", sums.counters.timed_out);
            count("short abandoned", sums.counters.short_abandoned);
            count("refused", sums.counters.refused.values().sum());
            count("responses", sums.first_response.count);
            count("handled", sums.handle.count);
            count("scores", sums.opinions.scores);
        }
        for sums in report.agents.values() {
            count("busy", sums.work.busy);
            count("away", sums.work.away);
            count("two at once", sums.work.chats - sums.work.busy);
            count("in time", sums.answered_in_time);
            count("lapsed", sums.lapsed);
            count("refused by agents", sums.refused);
            count("judged by themselves", sums.opinions.own.count);
            count("judged by others", sums.opinions.others.count);
        }
    }

    fn assert_all(&self) {
        for (what, count) in &self.0 {
            assert!(*count > 0, "{what} never happened");
        }
    }
}
