//! The engine's queues behave as queueing theory says, within statistical error.

use webchat_sim::queueing::{Measured, Queue};

const QUEUE: Queue = Queue {
    agents: 5,
    load: 4.0,
    handle: 180.0,
    max_chats: 0,
    time_out: 0,
};

/// Visitors of each run.
const ARRIVALS: usize = 30_000;

/// Holds a figure against theory: within four standard errors, which are small enough to tell.
fn agree(what: &str, measured: Measured, theory: f64) {
    let Measured { mean, error } = measured;
    assert!(
        measured.distance(theory) < 4.0,
        "{what}: {mean} ± {error}, theory says {theory}"
    );
    assert!(error < theory * 0.08, "{what}: {mean} ± {error}");
}

#[test]
fn without_limits_a_queue_is_erlang_c() {
    let theory = QUEUE.theory();
    // The textbook value for five agents and four erlangs.
    assert!((theory.waits - 0.554_1).abs() < 0.000_1, "{theory:?}");
    // At a lower load the figures of neighbouring batches depend less on each other.
    let queue = Queue { load: 3.5, ..QUEUE };
    let (theory, measured) = (queue.theory(), queue.simulate(1, ARRIVALS));
    agree("share that waits", measured.waits, theory.waits);
    agree("mean wait", measured.wait, theory.wait);
    assert_eq!(measured.refused.mean, 0.0);
    assert_eq!(measured.timed_out.mean, 0.0);
}

#[test]
fn max_chats_makes_it_m_m_c_k() {
    let queue = Queue {
        load: 4.5,
        max_chats: 4,
        ..QUEUE
    };
    let (theory, measured) = (queue.theory(), queue.simulate(2, ARRIVALS));
    agree("share refused", measured.refused, theory.refused);
    agree("share that waits", measured.waits, theory.waits);
    agree("mean wait", measured.wait, theory.wait);
    assert_eq!(measured.timed_out.mean, 0.0);
}

#[test]
fn time_out_makes_it_m_m_c_with_deterministic_patience() {
    let queue = Queue {
        load: 5.5,
        time_out: 60,
        ..QUEUE
    };
    let (theory, measured) = (queue.theory(), queue.simulate(3, ARRIVALS));
    agree("share timed out", measured.timed_out, theory.timed_out);
    agree("share that waits", measured.waits, theory.waits);
    agree("mean wait", measured.wait, theory.wait);
    assert_eq!(measured.refused.mean, 0.0);
}

#[test]
fn the_formulas_meet_where_their_queues_do() {
    // A list too long to fill and a patience too long to lose are no limit.
    let plain = QUEUE.theory();
    let [long, patient] = [(500, 0), (0, 36_000)].map(|(max_chats, time_out)| {
        Queue {
            max_chats,
            time_out,
            ..QUEUE
        }
        .theory()
    });
    for other in [long, patient] {
        assert!((other.waits - plain.waits).abs() < 1e-9, "{other:?}");
        assert!((other.wait - plain.wait).abs() < 1e-6, "{other:?}");
        assert!(other.refused + other.timed_out < 1e-9, "{other:?}");
    }
}
