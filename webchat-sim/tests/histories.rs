//! Random histories with everything checked after every step. A failure prints the seed; the program
//! of this crate repeats and shortens it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use webchat_core::command::{Command, HostCommand};
use webchat_core::erasure::Erased;
use webchat_core::event::Event;
use webchat_core::id::{ChatId, VisitorKey};
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox};
use webchat_sim::generator::Generator;
use webchat_sim::history::Act;
use webchat_sim::run;
use webchat_sim::world::World;

/// Runs seeds on all cores and panics with the failure of the first that fails.
fn for_each_seed(seeds: std::ops::Range<u64>, check: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(seeds.start);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    check(seed);
                }
            });
        }
    });
}

#[test]
fn every_invariant_holds_after_every_step_of_a_thousand_histories() {
    for_each_seed(0..1_000, |seed| {
        if let Err(failure) = run::generated(Generator::from_seed(seed), 60, false) {
            panic!(
                "seed {seed} at step {}: {}",
                failure.history.len(),
                failure.violation
            );
        }
    });
}

#[test]
fn every_invariant_holds_in_long_histories_seen_closely() {
    for_each_seed(10_000..10_020, |seed| {
        if let Err(failure) = run::generated(Generator::from_seed(seed), 300, true) {
            panic!(
                "seed {seed} at step {}: {}",
                failure.history.len(),
                failure.violation
            );
        }
    });
}

#[test]
fn replaying_the_journal_gives_the_live_digest_and_snapshot_and_tail_give_the_whole() {
    for_each_seed(0..1_000, |seed| {
        let mut generator = Generator::from_seed(seed);
        let mut world = World::new(false);
        let mut snapshots = vec![(world.engine().snapshot(), 0)];
        for number in 0..60 {
            let step = generator.step(world.picture(), world.wake());
            // A crash that loses its tail would leave snapshots of what never was.
            if !matches!(step.act, Act::Crash { .. }) {
                world.step(&world.named(step)).unwrap();
            }
            if number % 20 == 0 {
                snapshots.push((world.engine().snapshot(), world.journal().len()));
            }
        }
        let live = world.engine().digest();
        let mut whole = Engine::new(Zones::bundled());
        whole.replay(world.journal());
        assert_eq!(whole.digest(), live, "seed {seed}: the whole journal");
        for (snapshot, events) in snapshots {
            let mut resumed = Engine::restore(&snapshot, Zones::bundled()).unwrap();
            resumed.replay(&world.journal()[events..]);
            assert_eq!(
                resumed.digest(),
                live,
                "seed {seed}: snapshot after {events} events"
            );
        }
    });
}

#[test]
fn a_journal_whose_erased_chats_are_buried_leads_to_the_same_state() {
    let buried = AtomicU64::new(0);
    for_each_seed(0..300, |seed| {
        let mut generator = Generator::from_seed(seed);
        let mut world = World::new(false);
        for _ in 0..120 {
            let step = generator.step(world.picture(), world.wake());
            world.step(&world.named(step)).unwrap();
        }
        // In the end everybody who does not chat any more asks to be forgotten.
        let mut engine = Engine::restore(&world.engine().snapshot(), Zones::bundled()).unwrap();
        let (mut journal, picture) = (world.journal().to_vec(), world.picture());
        let ended = picture.ended.iter();
        let chats: BTreeMap<ChatId, VisitorKey> =
            ended.map(|(id, chat)| (*id, chat.visitor)).collect();
        let visitors: BTreeSet<VisitorKey> = chats.values().copied().collect();
        for visitor in visitors {
            let own = chats.iter().filter(|(_, of)| **of == visitor);
            let own: Vec<ChatId> = own.map(|(chat, _)| *chat).collect();
            let mut outbox = Outbox::default();
            let erase = Command::Host(HostCommand::Erase {
                chats: own.clone(),
                visitor: Some(visitor),
                by: "ada".into(),
            });
            let live = picture.chats.values().any(|chat| chat.visitor == visitor);
            let done = engine.handle(picture.last, erase, &mut outbox);
            assert_eq!(done.is_err(), live, "seed {seed}: {done:?}");
            if live {
                continue;
            }
            let mut erased = Erased::default();
            erased.chats.extend(own);
            for recorded in &mut journal {
                match &recorded.event {
                    Event::OfflineMessageLeft { message } if message.visitor == visitor => {
                        erased.mails.insert(message.id);
                    }
                    Event::TranscriptAsked { transcript } if transcript.visitor == visitor => {
                        erased.mails.insert(transcript.id);
                    }
                    _ => {}
                }
                let changed = erased.bury(&mut recorded.event);
                buried.fetch_add(changed.into(), Ordering::Relaxed);
            }
            journal.extend_from_slice(outbox.events());
        }
        let mut replayed = Engine::new(Zones::bundled());
        replayed.replay(&journal);
        assert_eq!(replayed.digest(), engine.digest(), "seed {seed}");
    });
    let buried = buried.into_inner();
    assert!(buried > 1_000, "only {buried} events were erased");
}

#[test]
fn the_same_seed_gives_the_same_journal() {
    for seed in 0..20 {
        let journal = || {
            let mut generator = Generator::from_seed(seed);
            let mut world = World::new(false);
            for _ in 0..150 {
                let step = generator.step(world.picture(), world.wake());
                world.step(&world.named(step)).unwrap();
            }
            world.journal().to_vec()
        };
        assert_eq!(journal(), journal(), "seed {seed}");
    }
}

#[test]
fn a_written_history_repeats_the_run_it_was_taken_from() {
    for seed in 0..20 {
        let mut generator = Generator::from_seed(seed);
        let mut world = World::new(false);
        let mut history = Vec::new();
        for _ in 0..150 {
            let step = world.named(generator.step(world.picture(), world.wake()));
            world.step(&step).unwrap();
            history.push(step);
        }
        let tally = run::written(&history).unwrap();
        assert_eq!(tally.chats, world.picture().admitted, "seed {seed}");
    }
}

#[test]
fn an_engine_that_is_called_early_or_twice_does_no_harm() {
    for seed in 0..50 {
        let mut generator = Generator::from_seed(seed);
        let mut world = World::new(false);
        let mut impatient = Engine::new(Zones::bundled());
        for _ in 0..100 {
            let step = generator.step(world.picture(), world.wake());
            let Act::Ask(command) = step.act.clone() else {
                continue;
            };
            world.step(&world.named(step.clone())).unwrap();
            let mut outbox = Outbox::default();
            impatient.handle_timeout(step.now, &mut outbox);
            impatient.handle_timeout(Timestamp::MIN, &mut outbox);
            let _ = impatient.handle(step.now, *command, &mut outbox);
            impatient.handle_timeout(step.now, &mut outbox);
            let quiet = outbox.events().len();
            impatient.handle_timeout(step.now, &mut outbox);
            assert_eq!(outbox.events().len(), quiet, "seed {seed}");
        }
        assert_eq!(impatient.digest(), world.engine().digest(), "seed {seed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_invariant_holds_in_the_history_that_any_bytes_describe(
        bytes in proptest::collection::vec(any::<u8>(), 0..2_000)
    ) {
        if let Err(failure) = run::generated(Generator::from_bytes(&bytes), 10_000, false) {
            return Err(TestCaseError::fail(failure.violation.to_string()));
        }
    }
}

#[test]
fn bytes_of_a_fuzzer_make_histories_too() {
    let bytes: Vec<u8> = (0..4_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let tally = run::generated(Generator::from_bytes(&bytes), 10_000, false).unwrap();
    assert!(tally.steps > 100 && tally.chats > 0, "{tally:?}");
    run::generated(Generator::from_bytes(&[]), 10_000, true).unwrap();
}
