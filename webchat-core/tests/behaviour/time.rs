//! Time is an argument: clocks that jump, timers that come first, their order. Source: domain.md §1.

use expect_test::expect;

use crate::scene::*;

#[test]
fn a_clock_that_goes_back_is_harmless() {
    given(campaign().time_out(60))
        .and(visitors_waiting(1))
        .and(seconds_pass(30))
        .and(tick())
        .and(clock_jumps(-3_600))
        .when(visitor(2).asks())
        .then(expect![[r#"
            +1h ChatQueued 2                   → visitor 2: waiting 2
        "#]])
        .and(clock_jumps(3_600))
        .when(seconds_pass(60))
        .then(expect![[r#"
            +30s ChatClosed 1 timed_out        → visitor 1: Not available (es)
            +1m ChatClosed 2 timed_out         → visitor 2: Not available (pt)
        "#]]);
}

#[test]
fn what_is_decided_while_the_clock_is_back_is_dated_at_the_latest_instant_known() {
    let scene = given(campaign())
        .and(visitors_waiting(1))
        .and(clock_jumps(-86_400))
        .and(visitor(2).asks());
    let times: Vec<_> = scene.journal().iter().map(|recorded| recorded.at).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn timers_that_are_due_fire_before_the_command() {
    given(campaign().time_out(60).max_chats(1))
        .and(visitors_waiting(1))
        .and(clock_jumps(60))
        .when(visitor(2).asks())
        .then(expect![[r#"
            ChatClosed 1 timed_out             → visitor 1: Not available (es)
            ChatQueued 2                       → visitor 2: waiting 1
        "#]]);
}

#[test]
fn a_late_timer_says_when_it_was_due() {
    given(campaign().time_out(60))
        .and(visitors_waiting(1))
        .and(clock_jumps(90))
        .when(tick())
        .then(expect![[r#"
            ChatClosed 1 timed_out (due 30s earlier) → visitor 1: Not available (es)
        "#]]);
}

#[test]
fn late_timers_fire_in_the_order_in_which_they_were_due() {
    // The wrap-up was over ten seconds before the time out of the one who waits: it gets the agent.
    given(campaign().agent_cap(1).wrap_up(10).time_out(20))
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .and(agent("ana").closes(1))
        .and(clock_jumps(3_600))
        .when(tick())
        .then(expect![[r#"
            WrapUpEnded 1 after ana (due 59m50s earlier)
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn at_one_instant_the_time_out_comes_before_the_end_of_the_wrap_up() {
    given(campaign().agent_cap(1).wrap_up(20).time_out(20))
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .and(agent("ana").closes(1))
        .when(seconds_pass(20))
        .then(expect![[r#"
            +20s ChatClosed 2 timed_out        → visitor 2: Not available (pt)
            +20s WrapUpEnded 1 after ana
        "#]]);
}

#[test]
fn at_one_instant_closing_time_comes_before_the_time_out() {
    at("2026-03-02 17:59")
        .given(
            campaign()
                .time_out(60)
                .on_close("close_all")
                .open("mon 09:00-18:00", "UTC"),
        )
        .and(visitors_waiting(1))
        .when(seconds_pass(60))
        .then(expect![[r#"
            +1m CampaignWentOutOfTime 1
            +1m ChatClosed 1 out_of_time       → visitor 1: Out of time (es)
        "#]]);
}

#[test]
fn at_one_instant_the_time_out_comes_before_the_lapse_of_the_offer() {
    given(campaign().time_out(20).offer_timeout(20).order("linear"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(seconds_pass(20))
        .then(expect![[r#"
            +20s OfferEnded 1 ana rescinded    → ana: 1 gone, offer_rescinded · visitor 1: waiting 1
            +20s ChatClosed 1 timed_out        → visitor 1: Not available (es)
        "#]]);
}

#[test]
fn at_one_instant_the_lapse_of_an_offer_comes_before_the_end_of_the_grace_time() {
    given(campaign().offer_timeout(30).order("linear").agent_cap(2))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .and(agent("ana").accepts(1))
        .and(agent("ana").pauses())
        .and(agent("ana").goes_away())
        .and(visitor(2).asks())
        .when(seconds_pass(30))
        .then(expect![[r#"
            +30s OfferEnded 2 bob lapsed       → bob: 2 gone, offer_lapsed · visitor 2: waiting 1
            +30s ChatOffered 2 bob again       → bob: 2 offered · visitor 2: waiting 0
            +30s AgentSignedOut ana lost       → ana: session 1 ended, signed_out
            +30s ChatReturned 1 agent_lost     → ana: 1 gone, returned · visitor 1: waiting 1
            +30s MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            +30s ChatOffered 1 bob             → bob: 1 offered · visitor 1: waiting 0
        "#]]);
}

#[test]
fn at_one_instant_the_lapse_of_a_transfer_comes_before_the_end_of_the_grace_time() {
    given(campaign().order("linear"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .and(agent("ana").transfers(1, "bob"))
        .and(agent("ana").goes_away())
        .when(seconds_pass(30))
        .then(expect![[r#"
            +30s TransferEnded 1 lapsed        → bob: 1 gone, offer_lapsed · ana: 1 active
            +30s AgentSignedOut ana lost       → ana: session 1 ended, signed_out
            +30s ChatReturned 1 agent_lost     → ana: 1 gone, returned · visitor 1: waiting 1
            +30s MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            +30s ChatAssigned 1 bob direct     → bob: 1 active · visitor 1: with Bob
            +30s MessagePosted 1 #2 transferred "Ahora le atiende Bob." → visitor 1 · bob
        "#]]);
}

#[test]
fn at_one_instant_the_grace_time_of_the_agent_ends_before_the_visitor_is_gone() {
    given(campaign().auto_finish(30))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(agent("ana").goes_away())
        .and(visitor(1).goes_away())
        .when(seconds_pass(30))
        .then(expect![[r#"
            +30s AgentSignedOut ana lost       → ana: session 1 ended, signed_out
            +30s ChatReturned 1 agent_lost     → ana: 1 gone, returned · visitor 1: waiting 1
            +30s MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            +30s ChatClosed 1 visitor_gone     → visitor 1: closed, feedback "" with form
        "#]]);
}

#[test]
fn at_one_instant_the_visitor_is_gone_before_the_wrap_up_ends() {
    given(campaign().agent_cap(1).wrap_up(20).auto_finish(20))
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .and(agent("ana").closes(1))
        .and(visitor(2).goes_away())
        .when(seconds_pass(20))
        .then(expect![[r#"
            +20s ChatClosed 2 visitor_gone     → visitor 2: closed
            +20s WrapUpEnded 1 after ana
        "#]]);
}

#[test]
fn timers_of_one_kind_at_one_instant_fire_in_order_of_admission() {
    given(campaign().time_out(20))
        .and(visitor(9).asks())
        .and(visitor(5).asks().priority(7))
        .and(visitor(7).asks())
        .when(seconds_pass(20))
        .then(expect![[r#"
            +20s ChatClosed 1 timed_out        → visitor 9: Not available (en)
            +20s ChatClosed 2 timed_out        → visitor 5: Not available (pt)
            +20s ChatClosed 3 timed_out        → visitor 7: Not available (es)
        "#]]);
}

#[test]
fn looking_at_the_clock_early_or_twice_does_nothing() {
    given(campaign().time_out(20))
        .and(visitors_waiting(1))
        .when(tick())
        .when(seconds_pass(19))
        .when(tick())
        .when(seconds_pass(1))
        .when(tick())
        .then(expect![[r#"
            +20s ChatClosed 1 timed_out        → visitor 1: Not available (es)
        "#]]);
}

#[test]
fn a_year_asleep_is_caught_up_in_one_call() {
    let scene = given(
        campaign()
            .time_out(3_600)
            .open("mon-fri 09:00-18:00", "America/Montevideo"),
    )
    .and(visitors_waiting(2))
    .and(clock_jumps(365 * 86_400))
    .and(tick());
    assert_eq!(scene.counted("Support"), "O2 X2");
    let opened = scene.journal().iter().filter(|recorded| {
        let event = &recorded.event;
        matches!(event, webchat_core::event::Event::CampaignOpened { .. })
    });
    // From Tuesday, 3 March 2026, to Tuesday, 2 March 2027: 52 weeks of five days and that Tuesday.
    assert_eq!(opened.count(), 261);
}
