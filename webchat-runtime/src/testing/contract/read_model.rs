//! The contract of [`ReadModel`].

use std::sync::Arc;

use webchat_core::call::{CallEnd, Caller};
use webchat_core::campaign::CampaignDraft;
use webchat_core::command::AgentProfile;
use webchat_core::event::{
    Assignment, Author, CloseReason, Event, Message, Recorded, RefusalReason, ReturnReason,
    VisitorFacts,
};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::metrics::{Counters, Interval, Tally};
use webchat_core::quality::{Evaluation, ModelId, Score};
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::wording::Language;

use crate::fault::Fault;
use crate::journal::TenantId;
use crate::read_model::{
    Act, ActFilter, ActKind, ChatFilter, ChatSummary, Closing, Evaluated, Feedback, FrameEvents,
    Held, Note, ReadModel, RecordedCall, Recording, SLICE_SECONDS, Segment, Slice,
};
use crate::report::ReportWish;

const TENANT: TenantId = TenantId(1);
const OTHER: TenantId = TenantId(2);
const SALES: CampaignId = CampaignId(1);
const HELP: CampaignId = CampaignId(2);
const ANA: AgentId = AgentId(1);
const BEA: AgentId = AgentId(2);

/// Checks that read models made by `fresh`, each empty, keep the contract of [`ReadModel`].
///
/// # Panics
/// Where the read model breaks the contract.
pub async fn read_model(fresh: impl AsyncFn() -> Arc<dyn ReadModel>) {
    a_recording_tells_the_whole_story(&*fresh().await).await;
    a_recording_lists_calls_with_their_times(&*fresh().await).await;
    messages_resume_after_any_number(&*fresh().await).await;
    every_filter_holds(&*fresh().await).await;
    frames_count_once_and_leave_no_gap(&*fresh().await).await;
    projecting_again_gives_the_same(&*fresh().await).await;
    tenants_do_not_meet(&*fresh().await).await;
    slices_count_what_happened_where_and_when(&*fresh().await).await;
    acts_say_which_supervisor_did_what(&*fresh().await).await;
    revisions_say_who_gave_a_campaign_which_settings(&*fresh().await).await;
    reports_add_up_what_happened_in_the_interval(&*fresh().await).await;
    what_there_is_of_a_visitor_is_counted(&*fresh().await).await;
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_790_000_000 + second)
}

fn chat(number: u32) -> ChatId {
    ChatId::new(number, 1)
}

fn queued(number: u32, campaign: CampaignId, visitor: u128, name: &str) -> Event {
    Event::ChatQueued {
        chat: chat(number),
        sequence: u64::from(number),
        campaign,
        visitor: VisitorKey(visitor),
        facts: Arc::new(VisitorFacts {
            name: Some(name.into()),
            email: Some(format!("{name}@shop.example").into()),
            ..VisitorFacts::default()
        }),
        language: Language::ES,
        priority: 0,
        skills: Vec::new(),
        estimate: None,
    }
}

fn posted(number: u32, message: Message) -> Event {
    Event::MessagePosted {
        chat: chat(number),
        message,
    }
}

fn message(number: u32, second: i64, author: Author, text: &str) -> Message {
    Message {
        number,
        at: at(second),
        author,
        text: text.into(),
        file: None,
        key: Some(format!("key-{number}").into()),
        automatic: false,
    }
}

fn assigned(number: u32, campaign: CampaignId, agent: AgentId, how: Assignment) -> Event {
    Event::ChatAssigned {
        chat: chat(number),
        campaign,
        agent,
        how,
        over_cap: false,
        day_ends: at(86_400),
        draw: None,
        by: None,
    }
}

fn closed(number: u32, reason: CloseReason) -> Event {
    Event::ChatClosed {
        chat: chat(number),
        reason,
        due: None,
        by: None,
        text: None,
        feedback: None,
        feedback_until: None,
        disposition: None,
        wrap_up_until: None,
    }
}

/// One frame per list, numbered from `first`; each event a second after the one before.
fn frames(first: u64, lists: Vec<Vec<Event>>) -> Vec<FrameEvents> {
    let mut second = 0;
    let mut recorded = |event| {
        second += 1;
        Recorded {
            at: at(second - 1),
            event,
        }
    };
    lists
        .into_iter()
        .zip(first..)
        .map(|(events, seq)| FrameEvents {
            seq,
            events: events.into_iter().map(&mut recorded).collect(),
        })
        .collect()
}

async fn apply(model: &dyn ReadModel, frames: Vec<FrameEvents>) {
    let applied = model.apply(TENANT, frames).await;
    applied.expect("frames in order are applied");
}

async fn recording(model: &dyn ReadModel, number: u32) -> Option<Recording> {
    let found = model.recording(TENANT, chat(number)).await;
    found.expect("recordings can be read")
}

async fn chats(model: &dyn ReadModel, filter: ChatFilter) -> Vec<u64> {
    let found = model.chats(TENANT, filter, 100).await;
    let found = found.expect("chats can be listed");
    found.iter().map(|summary| summary.sequence).collect()
}

async fn a_recording_tells_the_whole_story(model: &dyn ReadModel) {
    assert_eq!(recording(model, 1).await, None);
    let ana = |text| {
        let author = Author::Agent {
            agent: ANA,
            shown_as: "Ana".into(),
        };
        message(2, 3, author, text)
    };
    let story = vec![
        vec![
            queued(1, SALES, 7, "Luz"),                        // 0
            posted(1, message(1, 1, Author::Visitor, "hola")), // 1
            assigned(1, SALES, ANA, Assignment::Accepted),     // 2
        ],
        vec![
            posted(1, ana("¿en qué ayudo?")), // 3
            Event::NoteAdded {
                chat: chat(1),
                agent: ANA,
                key: None,
                text: "vip".into(),
            }, // 4
            Event::ChatReturned {
                chat: chat(1),
                why: ReturnReason::AgentLost,
            }, // 5
            assigned(1, HELP, BEA, Assignment::Direct), // 6
            Event::ParticipantJoined {
                chat: chat(1),
                agent: ANA,
            }, // 7
            Event::Whispered {
                chat: chat(1),
                agent: AgentId(9),
                key: None,
                text: "calma".into(),
            }, // 8
            Event::ParticipantLeft {
                chat: chat(1),
                agent: BEA,
                owner: ANA,
            }, // 9
        ],
        vec![
            Event::ChatClosed {
                // 10
                chat: chat(1),
                reason: CloseReason::AgentClosed,
                due: None,
                by: Some(ANA),
                text: Some("adiós".into()),
                feedback: Some("¿qué tal?".into()),
                feedback_until: Some(at(90_000)),
                disposition: Some(vec!["venta".into(), "botas".into()]),
                wrap_up_until: None,
            },
            Event::FeedbackGiven {
                chat: chat(1),
                score: 5,
                note: Some("bien".into()),
            }, // 11
            Event::ChatEvaluated {
                evaluation: Evaluation {
                    chat: chat(1),
                    agent: ANA,
                    model: ModelId(1),
                    evaluator: BEA,
                    answers: vec![Some(1), None],
                },
                score: Some(Score {
                    points: 3,
                    most: 10,
                }),
            }, // 12
        ],
    ];
    apply(model, frames(1, story)).await;

    let expected = Recording {
        summary: ChatSummary {
            chat: chat(1),
            sequence: 1,
            campaign: HELP,
            visitor: VisitorKey(7),
            facts: Arc::new(VisitorFacts {
                name: Some("Luz".into()),
                email: Some("Luz@shop.example".into()),
                ..VisitorFacts::default()
            }),
            language: Language::ES,
            requested_at: at(0),
            answered_at: Some(at(2)),
            agent: Some(ANA),
            last: 2,
            closing: Some(Closing {
                at: at(10),
                reason: CloseReason::AgentClosed,
                by: Some(ANA),
                text: Some("adiós".into()),
                feedback: Some("¿qué tal?".into()),
                feedback_until: Some(at(90_000)),
                disposition: Some(vec!["venta".into(), "botas".into()]),
            }),
            feedback: Some(Feedback {
                at: at(11),
                score: 5,
                note: Some("bien".into()),
            }),
            erased_at: None,
        },
        segments: vec![
            Segment {
                agent: ANA,
                from: at(2),
                until: Some(at(5)),
                how: Some(Assignment::Accepted),
            },
            Segment {
                agent: BEA,
                from: at(6),
                until: Some(at(9)),
                how: Some(Assignment::Direct),
            },
            Segment {
                agent: ANA,
                from: at(7),
                until: Some(at(10)),
                how: None,
            },
        ],
        notes: vec![
            Note {
                agent: ANA,
                at: at(4),
                text: "vip".into(),
                whisper: false,
            },
            Note {
                agent: AgentId(9),
                at: at(8),
                text: "calma".into(),
                whisper: true,
            },
        ],
        calls: Vec::new(),
        evaluations: vec![Evaluated {
            at: at(12),
            agent: ANA,
            evaluator: BEA,
            model: ModelId(1),
            answers: vec![Some(1), None],
            score: Some(Score {
                points: 3,
                most: 10,
            }),
        }],
    };
    assert_eq!(recording(model, 1).await, Some(expected));
}

async fn a_recording_lists_calls_with_their_times(model: &dyn ReadModel) {
    let chat = chat(1);
    let asked = |from, video| Event::CallAsked { chat, from, video };
    let ended = |why| Event::CallEnded { chat, why };
    let by = Caller::Agent(ANA);
    let story = vec![
        vec![
            queued(1, SALES, 7, "Luz"),                    // 0
            assigned(1, SALES, ANA, Assignment::Accepted), // 1
            asked(Caller::Visitor, true),                  // 2
            Event::CallAccepted { chat, by },              // 3
        ],
        vec![
            ended(CallEnd::HungUp),  // 4
            asked(by, false),        // 5
            ended(CallEnd::Refused), // 6
            asked(by, false),        // 7
        ],
    ];
    apply(model, frames(1, story)).await;
    let call = RecordedCall {
        from_visitor: true,
        agent: Some(ANA),
        video: true,
        asked_at: at(2),
        accepted_at: Some(at(3)),
        ended_at: Some(at(4)),
        why: Some(CallEnd::HungUp),
    };
    let refused = RecordedCall {
        from_visitor: false,
        video: false,
        asked_at: at(5),
        accepted_at: None,
        ended_at: Some(at(6)),
        why: Some(CallEnd::Refused),
        ..call.clone()
    };
    let rings = RecordedCall {
        asked_at: at(7),
        ended_at: None,
        why: None,
        ..refused.clone()
    };
    let calls = recording(model, 1).await.map(|recording| recording.calls);
    assert_eq!(calls, Some(vec![call, refused, rings]));
}

async fn messages_resume_after_any_number(model: &dyn ReadModel) {
    let written: Vec<_> = (1..=5)
        .map(|number| {
            message(
                number,
                i64::from(number),
                Author::Visitor,
                "línea\n\t\"dos\" \u{1f600}",
            )
        })
        .collect();
    let mut events = vec![queued(1, SALES, 7, "Luz"), queued(2, SALES, 8, "Sol")];
    events.extend(written.iter().cloned().map(|message| posted(1, message)));
    events.push(posted(2, message(1, 9, Author::Visitor, "other")));
    apply(model, frames(1, vec![events])).await;

    let after = async |number, limit| {
        let found = model.messages(TENANT, chat(1), number, limit).await;
        found.expect("messages can be read")
    };
    assert_eq!(after(0, 100).await, written);
    assert_eq!(after(3, 100).await, written[3..]);
    assert_eq!(after(1, 2).await, written[1..3]);
    assert_eq!(after(5, 100).await, []);
    assert_eq!(after(u32::MAX, 100).await, []);
    let unknown = model.messages(TENANT, chat(99), 0, 100).await;
    assert_eq!(unknown.expect("messages can be read"), []);
}

async fn every_filter_holds(model: &dyn ReadModel) {
    let said = |second, text| message(1, second, Author::Visitor, text);
    let events = vec![
        queued(1, SALES, 7, "Luz"),                  // 0
        queued(2, HELP, 7, "Luz"),                   // 1
        queued(3, SALES, 8, "Íñigo"),                // 2
        assigned(1, SALES, ANA, Assignment::Direct), // 3
        assigned(3, SALES, BEA, Assignment::Direct), // 4
        Event::ParticipantJoined {
            chat: chat(3),
            agent: ANA,
        },
        posted(1, said(6, "¿Cuánto cuesta la canción?")),
        posted(2, said(7, "¿Y el cancionero?")),
        posted(3, said(8, "NEAR \"quotes\" OR cancel")),
        closed(1, CloseReason::VisitorLeft),
        closed(3, CloseReason::AgentClosed),
        Event::FeedbackGiven {
            chat: chat(3),
            score: 4,
            note: None,
        },
    ];
    apply(model, frames(1, vec![events])).await;

    let check = async |expected: &[u64], condition: &dyn Fn(&mut ChatFilter)| {
        let mut filter = ChatFilter::default();
        condition(&mut filter);
        assert_eq!(chats(model, filter.clone()).await, expected, "{filter:?}");
    };
    check(&[3, 2, 1], &|_| {}).await;
    check(&[3, 1], &|filter| filter.campaign = Some(SALES)).await;
    check(&[3, 1], &|filter| filter.agent = Some(ANA)).await;
    check(&[3], &|filter| filter.agent = Some(BEA)).await;
    check(&[2, 1], &|filter| filter.visitor = Some(VisitorKey(7))).await;
    check(&[3, 2], &|filter| filter.from = Some(at(1))).await;
    check(&[1], &|filter| filter.until = Some(at(1))).await;
    check(&[3], &|filter| {
        filter.reason = Some(CloseReason::AgentClosed)
    })
    .await;
    check(&[3], &|filter| filter.score = Some(4)).await;
    check(&[], &|filter| filter.score = Some(5)).await;
    check(&[2], &|filter| filter.live = Some(true)).await;
    check(&[3, 1], &|filter| filter.live = Some(false)).await;
    check(&[2, 1], &|filter| filter.before = Some(3)).await;
    check(&[1], &|filter| {
        filter.visitor = Some(VisitorKey(7));
        filter.live = Some(false);
    })
    .await;
    for (words, expected) in [
        ("CANCION", vec![1]),
        ("canc", vec![3, 1]),
        ("cuesta luz cuánto", vec![1]),
        ("cuesta cancel", vec![]),
        ("near or", vec![3]),
        ("inigo", vec![3]),
        ("luz@shop.example", vec![1]),
        (" \"*-() ", vec![]),
    ] {
        check(&expected, &|filter| filter.text = Some(words.into())).await;
    }
    let page = model.chats(TENANT, ChatFilter::default(), 2).await;
    let page = page.expect("chats can be listed");
    assert_eq!(page.len(), 2, "at most the limit");
}

async fn frames_count_once_and_leave_no_gap(model: &dyn ReadModel) {
    let checkpoint = async || {
        let done = model.checkpoint(TENANT).await;
        done.expect("the checkpoint can be read")
    };
    assert_eq!(checkpoint().await, 0);
    let all = frames(
        1,
        vec![
            vec![queued(1, SALES, 7, "Luz")],
            vec![posted(1, message(1, 1, Author::Visitor, "one"))],
            vec![],
            vec![posted(1, message(2, 2, Author::Visitor, "two"))],
        ],
    );
    apply(model, all[..2].to_vec()).await;
    apply(model, all[..2].to_vec()).await;
    assert_eq!(checkpoint().await, 2);
    let gap = model.apply(TENANT, all[3..].to_vec()).await;
    assert_eq!(gap.map_err(|error| error.fault()), Err(Fault::Refused));
    let torn = vec![all[2].clone(), frames(9, vec![vec![]]).remove(0)];
    let torn = model.apply(TENANT, torn).await;
    assert_eq!(torn.map_err(|error| error.fault()), Err(Fault::Refused));
    assert_eq!(checkpoint().await, 2, "all or none");
    apply(model, all[1..].to_vec()).await;
    assert_eq!(checkpoint().await, 4);
    let found = recording(model, 1).await.map(|found| found.summary.last);
    assert_eq!(found, Some(2));
}

async fn projecting_again_gives_the_same(model: &dyn ReadModel) {
    let mut lists = Vec::new();
    for number in 1..=20 {
        lists.push(vec![
            queued(number, SALES, u128::from(number), "Luz"),
            posted(number, message(1, 1, Author::Visitor, "hola")),
        ]);
        lists.push(vec![assigned(number, SALES, ANA, Assignment::Direct)]);
        if number % 2 == 0 {
            lists.push(vec![closed(number, CloseReason::AgentClosed)]);
        }
    }
    let all = frames(1, lists);
    let everything = async || {
        let mut told = Vec::new();
        for number in 1..=20 {
            let messages = model.messages(TENANT, chat(number), 0, 100).await;
            let messages = messages.expect("messages can be read");
            told.push((recording(model, number).await, messages));
        }
        let found = ChatFilter {
            text: Some("hola".into()),
            ..ChatFilter::default()
        };
        (told, chats(model, found).await)
    };
    for frame in &all {
        apply(model, vec![frame.clone()]).await;
    }
    let step_by_step = everything().await;
    model.reset(TENANT).await.expect("it can be thrown away");
    let done = model.checkpoint(TENANT).await;
    assert_eq!(done.expect("the checkpoint can be read"), 0);
    assert!(chats(model, ChatFilter::default()).await.is_empty());
    apply(model, all).await;
    assert_eq!(everything().await, step_by_step);
    assert_eq!(step_by_step.1.len(), 10);
}

async fn tenants_do_not_meet(model: &dyn ReadModel) {
    let events = vec![
        queued(1, SALES, 7, "Luz"),
        posted(1, message(1, 1, Author::Visitor, "hola")),
        closed(1, CloseReason::VisitorLeft),
    ];
    apply(model, frames(1, vec![events.clone()])).await;
    let others = model.apply(OTHER, frames(1, vec![events])).await;
    others.expect("the other tenant has the same chat id");
    model.reset(OTHER).await.expect("it can be thrown away");
    let found = model.recording(OTHER, chat(1)).await;
    assert_eq!(found.expect("recordings can be read"), None);
    assert!(recording(model, 1).await.is_some());
    let found = ChatFilter {
        text: Some("hola".into()),
        ..ChatFilter::default()
    };
    assert_eq!(chats(model, found).await, [1]);
}

async fn slices_count_what_happened_where_and_when(model: &dyn ReadModel) {
    let refused = |campaign, reason| Event::ChatRefused {
        campaign,
        visitor: VisitorKey(9),
        reason,
        language: Language::ES,
        skills: Vec::new(),
    };
    let events = vec![
        queued(1, SALES, 7, "Luz"),
        queued(2, SALES, 8, "Sol"),
        queued(3, HELP, 9, "Mar"),
        refused(SALES, RefusalReason::QueueFull),
        assigned(1, SALES, ANA, Assignment::Direct), // after 4 s
        assigned(1, SALES, BEA, Assignment::Transferred),
        closed(2, CloseReason::TimedOut),
        closed(3, CloseReason::VisitorLeft),
        closed(1, CloseReason::AgentClosed),
        queued(5, SALES, 10, "Río"),
        Event::ChatMoved {
            chat: chat(5),
            from: SALES,
            to: HELP,
            by: BEA,
        },
    ];
    let length = SLICE_SECONDS * 1_000;
    let mut all = frames(1, vec![events, vec![queued(4, SALES, 7, "Luz")]]);
    let later = at(1_000);
    all[1].events[0].at = later;
    apply(model, all).await;

    let start = |at: Timestamp| Timestamp::from_millis(at.as_millis() / length * length);
    let slices = async |from| {
        let found = model.slices(TENANT, from).await;
        found.expect("slices can be read")
    };
    let offered = |offered| Counters {
        offered,
        ..Counters::default()
    };
    let sales = Slice {
        campaign: SALES,
        from: start(at(0)),
        counters: Counters {
            answered: 1,
            timed_out: 1,
            flowed_out: 1,
            refused: [(RefusalReason::QueueFull, 1)].into(),
            ..offered(3)
        },
        answer_millis: 4_000,
    };
    let help = Slice {
        campaign: HELP,
        from: start(at(0)),
        counters: Counters {
            abandoned: 1,
            ..offered(2)
        },
        answer_millis: 0,
    };
    let sales_later = Slice {
        campaign: SALES,
        from: start(later),
        counters: offered(1),
        answer_millis: 0,
    };
    assert_eq!(
        slices(at(0)).await,
        [sales, help, sales_later.clone()],
        "from the slice on that holds the instant"
    );
    assert_eq!(slices(later).await, [sales_later]);
    assert_eq!(slices(at(10_000)).await, []);
}

async fn revisions_say_who_gave_a_campaign_which_settings(model: &dyn ReadModel) {
    let settings = |name: &str| {
        let (settings, _) = CampaignDraft::named(name)
            .check(&Zones::bundled())
            .expect("a name is all it needs");
        Box::new(settings)
    };
    let changed = |campaign, name: &str, by: Option<&str>| Event::CampaignChanged {
        campaign,
        settings: settings(name),
        open: true,
        next_change: None,
        closing: None,
        by: by.map(Into::into),
    };
    let events = vec![
        Event::CampaignCreated {
            campaign: SALES,
            settings: settings("Sales"),
            open: true,
            next_change: None,
            by: Some("root".into()),
        },
        changed(HELP, "Help", None),
        changed(SALES, "Shop", None),
        changed(SALES, "Store", Some("rosa")),
        Event::CampaignDeleted { campaign: SALES },
    ];
    apply(model, frames(1, vec![events])).await;
    let revisions = async |before, limit| {
        let found = model.revisions(TENANT, SALES, before, limit).await;
        let found = found.expect("revisions can be listed");
        let shown = found.iter().map(|one| {
            let by = one.by.as_deref().unwrap_or("-");
            format!("{} {} {by}", one.number, one.settings.name)
        });
        shown.collect::<Vec<_>>()
    };
    let all = ["3 Store rosa", "2 Shop -", "1 Sales root"];
    assert_eq!(revisions(None, 100).await, all);
    assert_eq!(revisions(None, 2).await, all[..2], "at most the limit");
    assert_eq!(revisions(Some(3), 100).await, all[1..]);
    let elsewhere = model.revisions(OTHER, SALES, None, 100).await;
    assert_eq!(elsewhere.expect("revisions can be listed"), []);
}

async fn acts_say_which_supervisor_did_what(model: &dyn ReadModel) {
    let (eva, max) = (AgentId(8), AgentId(9));
    let by = |number, event| match event {
        Event::ChatAssigned {
            campaign,
            agent,
            how,
            over_cap,
            day_ends,
            draw,
            ..
        } => Event::ChatAssigned {
            chat: chat(number),
            campaign,
            agent,
            how,
            over_cap,
            day_ends,
            draw,
            by: Some(eva),
        },
        other => other,
    };
    let events = vec![
        queued(1, SALES, 7, "Luz"),
        queued(2, SALES, 8, "Sol"),
        assigned(1, SALES, ANA, Assignment::Direct),
        Event::WatchStarted {
            chat: chat(1),
            agent: eva,
        },
        Event::Whispered {
            chat: chat(1),
            agent: eva,
            key: None,
            text: "calma".into(),
        },
        by(1, assigned(1, SALES, eva, Assignment::TakenOver)),
        by(1, assigned(1, SALES, BEA, Assignment::Forced)),
        Event::ChatMoved {
            chat: chat(2),
            from: SALES,
            to: HELP,
            by: max,
        },
        closed(2, CloseReason::VisitorLeft),
        Event::AgentPaused {
            agent: ANA,
            reason: "meeting".into(),
            by: Some(max),
        },
        Event::AgentResumed {
            agent: ANA,
            by: Some(max),
        },
        Event::AgentResumed {
            agent: BEA,
            by: None,
        },
        Event::MembersSet {
            campaign: HELP,
            members: Vec::new(),
            by: Some(eva),
        },
        Event::MembersSet {
            campaign: SALES,
            members: Vec::new(),
            by: None,
        },
    ];
    apply(model, frames(1, vec![events])).await;

    let acts = async |filter, limit| {
        let found = model.acts(TENANT, filter, limit).await;
        let found = found.expect("acts can be listed");
        let shown = found.iter().map(|act| (act.number, act.by, act.what));
        shown.collect::<Vec<_>>()
    };
    let all = [
        (8, eva, ActKind::SetMembers),
        (7, max, ActKind::Resumed),
        (6, max, ActKind::Paused),
        (5, max, ActKind::Moved),
        (4, eva, ActKind::Assigned),
        (3, eva, ActKind::TookOver),
        (2, eva, ActKind::Whispered),
        (1, eva, ActKind::Watched),
    ];
    let any = ActFilter::default();
    assert_eq!(acts(any, 100).await, all);
    assert_eq!(acts(any, 2).await, all[..2], "at most the limit");
    let page = ActFilter {
        before: Some(6),
        ..any
    };
    assert_eq!(acts(page, 2).await, all[3..5]);
    let of = ActFilter {
        by: Some(max),
        ..any
    };
    assert_eq!(acts(of, 100).await, all[1..4]);
    let of = ActFilter {
        what: Some(ActKind::Moved),
        ..any
    };
    assert_eq!(acts(of, 100).await, all[3..4]);
    let of = ActFilter {
        chat: Some(chat(1)),
        ..any
    };
    assert_eq!(acts(of, 100).await, all[4..]);
    let found = model.acts(TENANT, any, 4).await;
    let found = found.expect("acts can be listed");
    assert_eq!(
        found[3],
        Act {
            number: 5,
            at: at(7),
            by: max,
            what: ActKind::Moved,
            chat: Some(chat(2)),
            campaign: Some(HELP),
            agent: None,
        }
    );
}

async fn reports_add_up_what_happened_in_the_interval(model: &dyn ReadModel) {
    let created = Event::AgentCreated {
        agent: ANA,
        profile: AgentProfile::named("Ana"),
    };
    let signed_in = Event::AgentSignedIn {
        agent: ANA,
        session: 1,
    };
    let said = Author::Agent {
        agent: ANA,
        shown_as: "Ana".into(),
    };
    let events = vec![
        created,
        signed_in,
        queued(1, SALES, 7, "Luz"), // at 2
        queued(2, SALES, 8, "Sol"),
        assigned(1, SALES, ANA, Assignment::Direct), // at 4
        posted(1, message(1, 5, said, "Hola")),
        closed(2, CloseReason::VisitorLeft),
        closed(1, CloseReason::AgentClosed), // at 7
        Event::FeedbackGiven {
            chat: chat(1),
            score: 4,
            note: None,
        },
    ];
    apply(model, frames(1, vec![events])).await;
    let report = async |from: i64, to: i64| {
        let wish = ReportWish {
            interval: Interval {
                from: at(from),
                to: at(to),
            },
            now: at(20),
            campaign: None,
            agent: None,
            parts: vec![at(from), at(4)],
        };
        let found = model.report(TENANT, wish).await;
        found.expect("reports can be read")
    };
    let spans = |count, millis| Tally { count, millis };
    let all = report(0, 10).await;
    let sales = &all.campaigns[&SALES];
    let counters = Counters {
        offered: 2,
        answered: 1,
        abandoned: 1,
        ..Counters::default()
    };
    assert_eq!(sales.counters, counters);
    assert_eq!(sales.answer, spans(1, 2_000));
    assert_eq!(sales.first_response, spans(1, 3_000));
    assert_eq!(sales.handle, spans(1, 3_000));
    assert_eq!((sales.opinions.scores, sales.opinions.score_sum), (1, 4));
    let ana = &all.agents[&ANA];
    assert_eq!((ana.work.busy, ana.work.ready), (3_000, 6_000));
    assert_eq!((ana.answer, ana.handle), (spans(1, 2_000), spans(1, 3_000)));
    let offered: Vec<u64> = all.parts.iter().map(|part| part.counters.offered).collect();
    assert_eq!(offered, [2, 0]);

    // What happened at its end is in the next one, and who waits at either end is said.
    let early = report(0, 4).await;
    let sales = &early.campaigns[&SALES];
    assert_eq!((sales.counters.answered, sales.counters.waiting), (0, 2));
    let late = report(4, 10).await;
    let sales = &late.campaigns[&SALES];
    assert_eq!((sales.waiting_before, sales.counters.waiting), (2, 0));
    assert_eq!(sales.counters.answered, 1);
}

async fn what_there_is_of_a_visitor_is_counted(model: &dyn ReadModel) {
    let note = Event::NoteAdded {
        chat: chat(1),
        agent: ANA,
        key: None,
        text: "size 38".into(),
    };
    let events = vec![
        queued(1, SALES, 7, "Luz"),
        posted(1, message(1, 1, Author::Visitor, "Hola")),
        note,
        closed(1, CloseReason::VisitorLeft),
        queued(2, SALES, 7, "Luz"),
        queued(3, SALES, 8, "Sol"),
    ];
    apply(model, frames(1, vec![events])).await;
    let held = model.held(TENANT, VisitorKey(7)).await;
    let expected = Held {
        chats: 2,
        live: 1,
        erased: 0,
        messages: 1,
        notes: 1,
        mails: 0,
    };
    assert_eq!(held.expect("it can be counted"), expected);
    let count = async |filter| {
        let counted = model.count_chats(TENANT, filter).await;
        counted.expect("chats can be counted")
    };
    assert_eq!(count(ChatFilter::default()).await, 3);
    let over = ChatFilter {
        live: Some(false),
        text: Some("hola".into()),
        ..ChatFilter::default()
    };
    assert_eq!(count(over).await, 1);
    let later = ChatFilter {
        from: Some(at(1)),
        until: Some(at(5)),
        ..ChatFilter::default()
    };
    assert_eq!(count(later).await, 1);
}
