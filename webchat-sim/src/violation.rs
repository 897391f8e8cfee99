//! A broken promise, and which one.

use std::fmt;

/// What a checker found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The promise, in a few stable words: two runs that break the same one fail alike.
    pub rule: &'static str,
    /// What was found instead.
    pub found: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.found)
    }
}

impl std::error::Error for Violation {}

/// What a checker returns.
pub type Verdict = Result<(), Violation>;

/// Holds `true`, else says what was found.
pub(crate) fn expect(holds: bool, rule: &'static str, found: impl FnOnce() -> String) -> Verdict {
    if holds {
        Ok(())
    } else {
        Err(Violation {
            rule,
            found: found(),
        })
    }
}
