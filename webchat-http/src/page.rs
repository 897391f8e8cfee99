//! Lists a page at a time.

use crate::limits;

/// What to ask the store for: a page, and one more to know whether another follows.
pub(crate) const ASKED: usize = limits::PAGE + 1;

/// Cuts what was found for [`ASKED`] down to a page, and names its last one, from which the next page goes on;
/// `None` at the end.
pub(crate) fn cut<T, N>(found: &mut Vec<T>, name: impl Fn(&T) -> N) -> Option<N> {
    let more = found.len() > limits::PAGE;
    found.truncate(limits::PAGE);
    found.last().filter(|_| more).map(name)
}
