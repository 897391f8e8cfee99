//! Visitors whose connection is gone. Source: domain.md §4, Auto Finish.

use expect_test::expect;

use crate::scene::*;

#[test]
fn a_visitor_away_longer_than_auto_finish_ends_an_active_chat() {
    given(campaign().texts().auto_finish(60))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(visitor(1).goes_away())
        .when(seconds_pass(60))
        .then(expect![[r#"
            VisitorLost 1                      → ana: 1 active, visitor away
            +1m ChatClosed 1 visitor_gone      → visitor 1: closed, feedback "Thank you (es)" with form · ana: 1 gone, visitor_gone
        "#]])
        .so(|scene| assert_eq!(scene.counted("Support"), "O1 A1"));
}

#[test]
fn a_visitor_back_before_the_deadline_has_the_same_chat() {
    given(campaign().auto_finish(60))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(visitor(1).goes_away())
        .when(seconds_pass(59))
        .when(agent("ana").writes(1, "a", "are you there?"))
        .when(visitor(1).comes_back())
        .when(visitor(1).asks())
        .when(seconds_pass(600))
        .then(expect![[r#"
            VisitorLost 1                      → ana: 1 active, visitor away
            +59s MessagePosted 1 #1 ana "are you there?" → visitor 1 (by Ana) · ana (by Ana)
            +59s VisitorBack 1                 → ana: 1 active · visitor 1: with Ana
            = chat 1
        "#]]);
}

#[test]
fn coming_back_exactly_at_the_deadline_is_too_late() {
    given(campaign().auto_finish(60))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(visitor(1).goes_away())
        .and(clock_jumps(60))
        .when(visitor(1).comes_back())
        .then(expect![[r#"
            ChatClosed 1 visitor_gone          → visitor 1: closed, feedback "" with form · ana: 1 gone, visitor_gone
            ! chat_closed: chat 0-1 has ended
        "#]]);
}

#[test]
fn going_away_again_counts_anew() {
    given(campaign().auto_finish(60))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(visitor(1).goes_away())
        .and(seconds_pass(50))
        .and(visitor(1).comes_back())
        .and(visitor(1).goes_away())
        .when(seconds_pass(60))
        .then(expect![[r#"
            +1m ChatClosed 1 visitor_gone      → visitor 1: closed, feedback "" with form · ana: 1 gone, visitor_gone
        "#]]);
}

#[test]
fn a_waiting_visitor_who_is_away_keeps_the_place_and_is_passed_over() {
    given(campaign().agent_cap(1))
        .and(visitors_waiting(3))
        .and(visitor(1).goes_away())
        .when(agents_ready(1))
        .then(expect![[r#"
            AgentCreated ana
            MembersSet ana
            AgentSignedIn ana
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
        "#]])
        .so(|scene| assert_eq!(scene.positions(), "1:1 3:2"))
        .when(visitor(1).comes_back())
        .when(agent("ana").closes(2))
        .then(expect![[r#"
            VisitorBack 1                      → visitor 1: waiting 1
            ChatClosed 2 agent_closed by ana   → visitor 2: closed, feedback "" with form · ana: 2 gone, agent_closed
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn a_waiting_visitor_who_comes_back_gets_a_free_agent_at_once() {
    given(campaign())
        .and(visitors_waiting(1))
        .and(visitor(1).goes_away())
        .and(agents_ready(1))
        .when(visitor(1).comes_back())
        .then(expect![[r#"
            VisitorBack 1                      → visitor 1: waiting 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn a_waiting_visitor_away_too_long_is_an_abandon_dated_at_the_disconnect() {
    given(campaign().auto_finish(100).dropout(30))
        .and(visitors_waiting(2))
        .and(seconds_pass(20))
        .and(visitor(1).goes_away())
        .and(seconds_pass(20))
        .and(visitor(2).goes_away())
        .when(seconds_pass(200))
        .then(expect![[r#"
            +1m20s ChatClosed 1 visitor_gone   → visitor 1: closed
            +1m40s ChatClosed 2 visitor_gone   → visitor 2: closed
        "#]])
        .so(|scene| assert_eq!(scene.counted("Support"), "O2 B1 S1"));
}

#[test]
fn auto_finish_zero_never_ends_an_active_chat() {
    given(campaign().auto_finish(0))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(visitor(1).goes_away())
        .when(seconds_pass(86_400))
        .then(expect![[r#"
            VisitorLost 1                      → ana: 1 active, visitor away
        "#]]);
}

#[test]
fn with_auto_finish_zero_a_waiting_visitor_still_has_a_floor() {
    given(campaign().auto_finish(0).waiting_floor(120))
        .and(visitors_waiting(1))
        .when(visitor(1).goes_away())
        .when(seconds_pass(600))
        .then(expect![[r#"
            VisitorLost 1
            +2m ChatClosed 1 visitor_gone      → visitor 1: closed
        "#]]);
}

#[test]
fn a_place_kept_for_an_absent_visitor_counts_for_max_chats() {
    given(campaign().max_chats(1))
        .and(visitors_waiting(1))
        .and(visitor(1).goes_away())
        .when(visitor(2).asks())
        .then(expect![[r#"
            ChatRefused visitor 2 queue_full pt
            = queue_full "Not available (pt)"
        "#]]);
}

#[test]
fn the_time_out_runs_while_the_visitor_is_away() {
    given(campaign().time_out(30).auto_finish(100))
        .and(visitors_waiting(1))
        .and(visitor(1).goes_away())
        .when(seconds_pass(100))
        .then(expect![[r#"
            +30s ChatClosed 1 timed_out        → visitor 1: Not available (es)
        "#]]);
}

#[test]
fn an_offer_that_is_out_stands_when_the_visitor_goes_away() {
    given(campaign().offer_timeout(20))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(visitor(1).goes_away())
        .when(seconds_pass(20))
        .when(visitor(1).comes_back())
        .then(expect![[r#"
            VisitorLost 1                      → ana: 1 offered, visitor away
            +20s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +20s VisitorBack 1                 → visitor 1: waiting 1
            +20s ChatOffered 1 bob             → bob: 1 offered · visitor 1: waiting 0
        "#]]);
}

#[test]
fn an_agent_may_accept_a_chat_whose_visitor_is_away() {
    given(campaign().offer_timeout(20).auto_finish(60))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(visitor(1).goes_away())
        .when(agent("ana").accepts(1))
        .when(seconds_pass(60))
        .then(expect![[r#"
            ChatAssigned 1 ana accepted        → ana: 1 active, visitor away · visitor 1: with Ana
            +1m ChatClosed 1 visitor_gone      → visitor 1: closed, feedback "" with form · ana: 1 gone, visitor_gone
        "#]]);
}

#[test]
fn a_chat_returned_while_the_visitor_is_away_waits_for_the_visitor() {
    given(campaign().auto_finish(600))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .and(visitor(1).goes_away())
        .when(agent("ana").signs_out_by_force())
        .when(visitor(1).comes_back())
        .then(expect![[r#"
            AgentSignedOut ana forced
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            VisitorBack 1                      → visitor 1: waiting 1
            ChatAssigned 1 bob direct          → bob: 1 active · visitor 1: with Bob
            MessagePosted 1 #2 transferred "Ahora le atiende Bob." → visitor 1 · bob
        "#]]);
}

#[test]
fn a_visitor_who_leaves_ends_the_chat_at_once() {
    given(campaign().texts())
        .and(agents_ready(1))
        .and(visitors_ask(1, 1))
        .when(visitor(1).leaves())
        .when(visitor(1).writes("a", "one more thing"))
        .then(expect![[r#"
            ChatClosed 1 visitor_left          → visitor 1: closed, feedback "Thank you (es)" with form · ana: 1 gone, visitor_left
            ! chat_closed: chat 0-1 has ended
        "#]]);
}
