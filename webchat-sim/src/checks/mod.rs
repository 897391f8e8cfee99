//! Checkers of the invariants, on what anybody can see: events, answers, effects and the view.
//!
//! | invariant of the domain | where |
//! |---|---|
//! | 1 admission | [`events`]: each newcomer is refused by the rule that applies, or admitted |
//! | 2 caps | [`events`]: each slot taken was free, unless the override is recorded |
//! | 3 one owner, one offer | [`crate::picture`]: such an event cannot be folded |
//! | 4 work conservation | [`rest`]: nobody waits whom somebody could have |
//! | 5 dispatch order | [`events`]: whoever is given to an agent was the most urgent, the agent the right one |
//! | 6 one close reason, counters | [`crate::picture`] counts, [`events`] reasons, [`rest`] compares; [`measures`] folds them again |
//! | 7 message numbers and keys | [`crate::picture`], [`answers`] for repeats |
//! | 8 timers | [`rest`]: the next timer is the one the picture expects, and is not due |
//! | 9 replay | [`crate::world`]: folds, twins, snapshots |
//! | 10 privacy | [`told`]: what visitors are told |

pub mod answers;
pub mod events;
pub mod measures;
pub mod rest;
pub mod told;
