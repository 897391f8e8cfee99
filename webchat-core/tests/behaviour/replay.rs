//! The journal is the truth: folding it gives the live state, on any machine and in any part.
//! Source: domain.md §9, 9; architecture: replay needs no clock, zone data or randomness.

use webchat_core::event::{Event, Recorded};
use webchat_core::schedule::Zones;
use webchat_core::{Engine, wire};

use crate::scene::*;

/// A busy day: every kind of thing happens, across a closing and an opening.
fn a_busy_day() -> Scene {
    at("2026-03-02 17:40")
        .given(
            campaign()
                .texts()
                .order("wrandom")
                .offer_timeout(20)
                .agent_cap(2)
                .wrap_up(5)
                .time_out(120)
                .max_chats(8)
                .auto_finish(60)
                .open("mon-fri 09:00-18:00", "America/Montevideo"),
        )
        .and(campaign().named("Sales").order("random").agent_cap(2))
        .and(agents_ready(3))
        .and(penalties(&[("ana", 0), ("bob", 3), ("carla", 1)]))
        .and(agent("dan").ready_in(&["Sales"]))
        .and(visitors_ask(1, 9))
        .and(|scene: &mut Scene| {
            for (chat, name) in [(1, "ana"), (1, "bob"), (1, "carla"), (2, "ana"), (2, "bob")] {
                agent(name).accepts(chat).play(scene);
            }
        })
        .and(visitor(1).writes("a", "hola"))
        .and(seconds_pass(25))
        .and(visitor(2).goes_away())
        .and(visitor(10).asks().to("Sales"))
        .and(|scene: &mut Scene| {
            let chat = scene.chats();
            agent("dan").writes(chat, "a", "hello").play(scene);
            agent("dan").closes(chat).play(scene);
        })
        .and(visitor(10).scores(4, "quick"))
        .and(agent("ana").signs_out_by_force())
        .and(seconds_pass(90))
        .and(agent("bob").goes_away())
        .and(clock_reaches("18:00"))
        .and(clock_reaches("tue 09:30"))
        .and(agent("ana").signs_in())
        .and(visitors_ask(20, 24))
        .and(edit(|draft| draft.offer_timeout = 0))
        .and(seconds_pass(30))
        .and(members(&["carla", "ana"]))
        .and(visitor(21).leaves())
}

fn folded(journal: &[Recorded]) -> Engine {
    let mut engine = Engine::new(Zones::bundled());
    engine.replay(journal);
    engine
}

#[test]
fn folding_the_journal_gives_the_live_state() {
    let scene = a_busy_day();
    assert!(scene.journal().len() > 100, "{}", scene.journal().len());
    assert_eq!(folded(scene.journal()).digest(), scene.digest());
}

#[test]
fn the_journal_reads_back_as_it_was_written() {
    let scene = a_busy_day();
    let bytes = wire::encode(scene.journal());
    assert_eq!(wire::decode(&bytes).unwrap(), scene.journal());
}

#[test]
fn a_snapshot_anywhere_and_the_tail_after_it_equal_the_whole() {
    let scene = a_busy_day();
    let journal = scene.journal();
    let whole = folded(journal).digest();
    for cut in 0..=journal.len() {
        let (head, tail) = journal.split_at(cut);
        let mut engine = Engine::restore(&folded(head).snapshot(), Zones::bundled()).unwrap();
        engine.replay(tail);
        assert_eq!(engine.digest(), whole, "cut at {cut}");
    }
}

#[test]
fn folding_in_one_go_or_event_by_event_is_the_same() {
    let scene = a_busy_day();
    let mut engine = Engine::new(Zones::bundled());
    for recorded in scene.journal() {
        engine.replay(std::slice::from_ref(recorded));
    }
    assert_eq!(engine.digest(), scene.digest());
}

#[test]
fn replay_needs_no_zone_data() {
    // A database in which Montevideo is nine hours ahead of Greenwich: the days of this journal would
    // open and close at other times.
    let zones = Zones::bundled()
        .with_lookup(|name| (name == "America/Montevideo").then(|| fixed_zone(9 * 3_600)));
    let noon = "2026-03-02T12:00".parse().unwrap();
    let there = zones.find("America/Montevideo").unwrap();
    let offset = there.to_ambiguous_timestamp(noon).compatible().unwrap();
    assert_eq!(offset.to_string(), "2026-03-02T03:00:00Z");
    let scene = a_busy_day();
    let mut engine = Engine::new(zones);
    engine.replay(scene.journal());
    assert_eq!(engine.digest(), scene.digest());
}

/// A zone file (RFC 9636, version 1) with one offset, in seconds east of Greenwich.
fn fixed_zone(offset: i32) -> Vec<u8> {
    let mut file = b"TZif".to_vec();
    file.extend([0; 16]);
    // No UTC and standard indicators, leap seconds or transitions; one type; four characters.
    for count in [0_u32, 0, 0, 0, 1, 4] {
        file.extend(count.to_be_bytes());
    }
    file.extend(offset.to_be_bytes());
    file.extend([0, 0]);
    file.extend(b"FIX\0");
    file
}

#[test]
fn random_draws_are_in_the_events() {
    let scene = a_busy_day();
    let drawn = |recorded: &&Recorded| match &recorded.event {
        Event::ChatOffered { draw, .. } | Event::ChatAssigned { draw, .. } => draw.is_some(),
        _ => false,
    };
    assert!(scene.journal().iter().filter(drawn).count() > 5);
}

#[test]
fn times_in_the_journal_never_go_back() {
    let scene = a_busy_day();
    assert!(
        scene
            .journal()
            .iter()
            .map(|recorded| recorded.at)
            .is_sorted()
    );
}

#[test]
fn the_same_inputs_give_the_same_journal() {
    assert_eq!(a_busy_day().journal(), a_busy_day().journal());
}

#[test]
fn a_state_that_differs_has_another_digest() {
    let scene = a_busy_day();
    let journal = scene.journal();
    let digests: Vec<u64> = (0..journal.len())
        .map(|until| folded(&journal[..until]).digest())
        .collect();
    let moved = digests.windows(2).filter(|pair| pair[0] != pair[1]).count();
    // Notes and whispers are facts for the transcript and leave the state as it was.
    assert_eq!(moved, digests.len() - 1);
}

#[test]
fn what_is_no_journal_or_snapshot_is_refused() {
    assert!(wire::decode(b"not json").is_err());
    assert!(wire::decode(br#"[{"at":1,"event":"no_such_event"}]"#).is_err());
    assert!(Engine::restore(b"{}", Zones::bundled()).is_err());
    let newer = br#"{"version":4000,"state":{}}"#;
    assert!(Engine::restore(newer, Zones::bundled()).is_err());
}

#[test]
fn a_restored_engine_goes_on_as_the_one_that_was_not_stopped() {
    let go_on = |scene: Scene| {
        scene
            .and(visitors_ask(30, 33))
            .and(seconds_pass(200))
            .and(agent("ana").signs_out_by_force())
            .and(clock_reaches("18:00"))
    };
    let whole = go_on(a_busy_day());
    let stopped = go_on(a_busy_day().and(|scene: &mut Scene| scene.restart()));
    assert_eq!(whole.journal(), stopped.journal());
}
