//! Checkers of the invariants, on what anybody can see: events, answers, effects and the view.
//!
//! | invariant of the domain | where |
//! |---|---|
//! | 1 admission | [`crate::model`]: each newcomer is refused by the rule that applies, or admitted |
//! | 2 caps | [`crate::model`]: each slot taken was free, unless the override is recorded |
//! | 3 one owner, one offer | [`crate::picture`]: such an event cannot be folded |
//! | 4 work conservation | [`crate::model`] dispatches; [`rest`]: nobody waits whom somebody could have |
//! | 5 dispatch order | [`crate::model`]: whoever is given to an agent was the most urgent, the agent the right one |
//! | 6 one close reason, counters | [`crate::model`] reasons, [`crate::picture`] counts, [`rest`] compares; [`measures`] folds them again |
//! | 7 message numbers and keys | [`crate::model`] |
//! | 8 timers | [`crate::model`] fires them; [`rest`]: the next one is the model's, and is not due |
//! | 9 replay | [`crate::world`]: folds, twins, snapshots |
//! | 10 privacy | [`told`]: what visitors are told; [`screens`]: what whoever listens ends up with |

pub mod measures;
pub mod rest;
pub mod screens;
pub mod told;
