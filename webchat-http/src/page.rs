//! Lists a page at a time, the latest first.

use crate::limits;

/// What to ask the store for: a page, and one more to know whether another follows.
pub(crate) const ASKED: usize = limits::PAGE + 1;

/// Cuts what was found for [`ASKED`] down to a page, and says what to ask for as `before` to get the next one; `None`
/// at the end.
pub(crate) fn cut<T>(found: &mut Vec<T>, number: impl Fn(&T) -> u64) -> Option<u64> {
    let more = found.len() > limits::PAGE;
    found.truncate(limits::PAGE);
    found.last().filter(|_| more).map(number)
}
