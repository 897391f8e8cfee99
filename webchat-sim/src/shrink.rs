//! Shortens a history that breaks a promise to the few steps that matter.

use crate::run::{Failure, written};

/// Most replays spent on one failure.
const REPLAYS: u32 = 4_000;

/// A shorter history that breaks the same promise.
pub fn shrink(failure: &Failure) -> Failure {
    let rule = failure.violation.rule;
    let mut best = failure.clone();
    let still_fails = |history: &[_]| match written(history) {
        Err((violation, place)) if violation.rule == rule => {
            // Nothing after the step that breaks it matters.
            let history = history[..history.len().min(place + 1)].to_vec();
            best = Failure { violation, history };
            Some(best.history.clone())
        }
        _ => None,
    };
    shorten(&failure.history, still_fails);
    best
}

/// Drops chunks of `items`, halves first and single ones last, as long as `still_fails` returns what
/// is left of those it is shown.
fn shorten<T: Clone>(items: &[T], mut still_fails: impl FnMut(&[T]) -> Option<Vec<T>>) -> Vec<T> {
    let mut best = items.to_vec();
    let mut replays = 0;
    let mut chunk = best.len().div_ceil(2);
    while chunk > 0 {
        let mut dropped = false;
        let mut from = 0;
        while from < best.len() {
            if replays >= REPLAYS {
                return best;
            }
            replays += 1;
            let to = (from + chunk).min(best.len());
            match still_fails(&[&best[..from], &best[to..]].concat()) {
                Some(shorter) => {
                    best = shorter;
                    dropped = true;
                }
                None => from = to,
            }
        }
        // Single steps are tried until none can go: dropping one may free another.
        chunk = match chunk {
            1 => usize::from(dropped),
            _ => chunk / 2,
        };
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_makes_it_fail_is_left() {
        let items: Vec<u32> = (0..500).collect();
        let fails = |left: &[u32]| {
            let needed = [3, 77, 78, 490].iter().all(|needed| left.contains(needed));
            needed.then(|| left.to_vec())
        };
        assert_eq!(shorten(&items, fails), [3, 77, 78, 490]);
    }

    #[test]
    fn nothing_is_dropped_when_everything_matters() {
        let items = [1, 2, 3];
        let fails = |left: &[i32]| (left.len() == 3).then(|| left.to_vec());
        assert_eq!(shorten(&items, fails), items);
    }
}
