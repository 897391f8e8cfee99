//! The example of a delivery order of one's own does what it says.

#![allow(clippy::unwrap_used)] // a test may fail

#[path = "../examples/custom-strategy.rs"]
#[allow(dead_code, reason = "a test has a main of its own")]
mod custom_strategy;

use custom_strategy::{Regulars, serve};
use webchat_core::id::{AgentId, VisitorKey};

#[test]
fn a_visitor_gets_the_same_agent_again_and_the_others_whoever_has_the_fewest_chats() {
    let mut told = Vec::new();
    // Without the regular, the first visitor would get the first member.
    serve(Regulars::from([(VisitorKey(9), AgentId(2))]), &mut told).unwrap();
    let told = String::from_utf8(told).unwrap();
    assert_eq!(
        told.lines().collect::<Vec<_>>(),
        [
            "visitor 8 has agent 1",
            "visitor 9 has agent 2",
            "visitor 10 has agent 1",
        ]
    );
    let mut told = Vec::new();
    serve(Regulars::new(), &mut told).unwrap();
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains("visitor 9 has agent 1"), "{told}");
}
