//! Runs: a seed's history from beginning to end, and a written history once more.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::generator::Generator;
use crate::history::Step;
use crate::violation::Violation;
use crate::world::World;

/// What a run came to that kept all promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Steps carried out.
    pub steps: u64,
    /// Commands the engine accepted.
    pub accepted: u64,
    /// Events.
    pub events: u64,
    /// Chats admitted.
    pub chats: u64,
}

/// A run that broke a promise.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The promise.
    pub violation: Violation,
    /// All steps up to the one that broke it, which is the last.
    pub history: Vec<Step>,
}

/// Runs a generator for a number of steps, or until a fuzzer's bytes are used up.
///
/// # Errors
/// The first broken promise, a panic of the engine included.
pub fn generated(
    mut generator: Generator,
    steps: u32,
    thorough: bool,
) -> Result<Tally, Box<Failure>> {
    let mut world = World::new(thorough);
    let mut history = Vec::new();
    let mut tally = Tally::default();
    for _ in 0..steps {
        if generator.is_exhausted() {
            break;
        }
        let step = generator.step(world.picture(), world.wake());
        let step = world.named(step);
        history.push(step);
        if let Err(violation) = advance(&mut world, history.last(), &mut tally) {
            return Err(Box::new(Failure { violation, history }));
        }
    }
    match guarded(|| world.finish()) {
        Ok(()) => Ok(Tally {
            chats: world.picture().admitted,
            ..tally
        }),
        Err(violation) => Err(Box::new(Failure { violation, history })),
    }
}

/// Carries out a written history once more.
///
/// # Errors
/// The first broken promise and the place of the step that broke it.
pub fn written(history: &[Step]) -> Result<Tally, (Violation, usize)> {
    let mut world = World::new(true);
    let mut tally = Tally::default();
    for (place, step) in history.iter().enumerate() {
        advance(&mut world, Some(step), &mut tally).map_err(|violation| (violation, place))?;
    }
    let last = history.len().saturating_sub(1);
    guarded(|| world.finish()).map_err(|violation| (violation, last))?;
    tally.chats = world.picture().admitted;
    Ok(tally)
}

fn advance(world: &mut World, step: Option<&Step>, tally: &mut Tally) -> Result<(), Violation> {
    let Some(step) = step else { return Ok(()) };
    let outcome = guarded(|| world.step(step))?;
    tally.steps += 1;
    tally.accepted += u64::from(outcome.answer.is_some_and(|answer| answer.is_ok()));
    tally.events += outcome.events as u64;
    Ok(())
}

/// A panic is a violation like any other: nothing panics on bad input.
fn guarded<T>(run: impl FnOnce() -> Result<T, Violation>) -> Result<T, Violation> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Violation {
            rule: "nothing panics",
            found: text.unwrap_or_default(),
        })
    })
}
