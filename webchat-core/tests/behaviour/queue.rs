//! The waiting list: order, position, Time Out, and those who leave it. Source: domain.md §4.

use expect_test::expect;

use crate::scene::*;

#[test]
fn first_come_first_served() {
    given(campaign().agent_cap(1))
        .and(visitors_waiting(3))
        .when(agents_ready(2))
        .when(agent("ana").closes(1))
        .then(expect![[r#"
            AgentCreated ana
            MembersSet ana
            AgentSignedIn ana
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
            AgentCreated bob
            MembersSet ana bob
            AgentSignedIn bob
            ChatAssigned 2 bob direct          → bob: 2 active · visitor 2: with Bob
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            ChatAssigned 3 ana direct          → ana: 3 active · visitor 3: with Ana
        "#]]);
}

#[test]
fn a_higher_priority_goes_first() {
    given(campaign().agent_cap(1))
        .and(visitors_waiting(2))
        .and(visitor(3).asks().priority(1))
        .and(visitor(4).asks().priority(-1))
        .and(agents_ready(1))
        .so(|scene| assert_eq!(scene.owners(), "- - ana -"))
        .when(agent("ana").closes(3))
        .when(agent("ana").closes(1))
        .when(agent("ana").closes(2))
        .then(expect![[r#"
            ChatClosed 3 agent_closed by ana   → visitor 3: closed, feedback "" with form · ana: 3 gone, agent_closed
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
            ChatClosed 2 agent_closed by ana   → visitor 2: closed, feedback "" with form · ana: 2 gone, agent_closed
            ChatAssigned 4 ana direct          → ana: 4 active · visitor 4: with Ana
        "#]]);
}

#[test]
fn those_who_came_at_the_same_instant_are_served_in_order_of_admission() {
    given(campaign().agent_cap(1))
        .and(visitor(7).asks())
        .and(visitor(3).asks())
        .and(visitor(5).asks())
        .when(agents_ready(3))
        .then(expect![[r#"
            AgentCreated ana
            MembersSet ana
            AgentSignedIn ana
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 7: with Ana
            AgentCreated bob
            MembersSet ana bob
            AgentSignedIn bob
            ChatAssigned 2 bob direct          → bob: 2 active · visitor 3: with Bob
            AgentCreated carla
            MembersSet ana bob carla
            AgentSignedIn carla
            ChatAssigned 3 carla direct        → carla: 3 active · visitor 5: with Carla
        "#]]);
}

#[test]
fn a_returned_chat_is_ahead_of_those_who_came_after_it() {
    given(campaign().agent_cap(1))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(seconds_pass(60))
        .and(visitors_ask(2, 3))
        .when(agent("ana").signs_out_by_force())
        .then(expect![[r#"
            AgentSignedOut ana forced
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
        "#]])
        .so(|scene| assert_eq!(scene.positions(), "1:1 2:2 3:3"))
        .when(agent("ana").signs_in())
        .then(expect![[r#"
            AgentSignedIn ana
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
            MessagePosted 1 #2 transferred "Ahora le atiende Ana." → visitor 1 · ana
        "#]]);
}

#[test]
fn the_position_is_the_rank_in_dispatch_order_and_zero_while_being_offered() {
    given(campaign().agent_cap(1).offer_timeout(20))
        .and(agents_ready(1))
        .and(visitors_waiting(3))
        .so(|scene| assert_eq!(scene.positions(), "1:0 2:2 3:3"))
        .and(visitor(4).asks().priority(9))
        .so(|scene| assert_eq!(scene.positions(), "1:0 2:3 3:4 4:1"))
        .and(agent("ana").accepts(1))
        .so(|scene| assert_eq!(scene.positions(), "2:2 3:3 4:1"))
        .and(visitor(4).leaves())
        .so(|scene| assert_eq!(scene.positions(), "2:1 3:2"));
}

#[test]
fn an_offer_that_lapses_does_not_move_those_behind() {
    given(campaign().agent_cap(1).offer_timeout(20))
        .and(agents_ready(1))
        .and(visitors_waiting(2))
        .and(agent("ana").goes_away())
        .so(|scene| assert_eq!(scene.positions(), "1:1 2:2"));
}

#[test]
fn a_disconnected_visitor_keeps_the_place_others_see() {
    given(campaign())
        .and(visitors_waiting(3))
        .and(visitor(1).goes_away())
        .so(|scene| assert_eq!(scene.positions(), "1:1 2:2 3:3"));
}

#[test]
fn waiting_as_long_as_time_out_allows_ends_with_not_available() {
    given(campaign().time_out(5))
        .and(visitor(1).asks())
        .and(seconds_pass(2))
        .and(visitor(2).asks())
        .when(seconds_pass(10))
        .then(expect![[r#"
            +3s ChatClosed 1 timed_out         → visitor 1: Not available (es)
            +5s ChatClosed 2 timed_out         → visitor 2: Not available (pt)
        "#]])
        .so(|scene| assert_eq!(scene.counted("Support"), "O2 X2"));
}

#[test]
fn those_who_time_out_or_find_the_list_full_may_leave_a_message_where_the_form_says_so() {
    let form = |when_full| {
        campaign().time_out(5).max_chats(1).with(move |draft| {
            draft.offline_message = true;
            draft.offline_address = "desk@shop.example".into();
            draft.offline_when_full = when_full;
        })
    };
    given(form(true))
        .and(visitors_waiting(1))
        .when(visitor(2).asks())
        .when(seconds_pass(5))
        .then(expect![[r#"
            ChatRefused visitor 2 queue_full pt
            = queue_full "Not available (pt)", with form
            +5s ChatClosed 1 timed_out         → visitor 1: Not available (es), a message may be left
        "#]]);
    given(form(false))
        .and(visitors_waiting(1))
        .when(visitor(2).asks())
        .when(seconds_pass(5))
        .then(expect![[r#"
            ChatRefused visitor 2 queue_full pt
            = queue_full "Not available (pt)"
            +5s ChatClosed 1 timed_out         → visitor 1: Not available (es)
        "#]]);
}

#[test]
fn time_out_zero_waits_without_limit() {
    given(campaign().time_out(0))
        .and(visitors_waiting(1))
        .when(seconds_pass(30 * 86_400))
        .then(expect![]);
}

#[test]
fn lapsed_and_refused_offers_do_not_restart_the_time_out() {
    given(campaign().time_out(25).offer_timeout(10).agent_cap(1))
        .and(agents_ready(1))
        .when(visitor(1).asks())
        .when(seconds_pass(5))
        .when(agent("ana").refuses(1))
        .when(seconds_pass(30))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatOffered 1 ana                  → ana: 1 offered · visitor 1: waiting 0
            +5s OfferEnded 1 ana refused       → ana: 1 gone, refused · visitor 1: waiting 1
            +5s ChatOffered 1 ana again        → ana: 1 offered · visitor 1: waiting 0
            +15s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +15s ChatOffered 1 ana again       → ana: 1 offered · visitor 1: waiting 0
            +25s OfferEnded 1 ana rescinded    → ana: 1 gone, offer_rescinded · visitor 1: waiting 1
            +25s ChatClosed 1 timed_out        → visitor 1: Not available (es)
        "#]]);
}

#[test]
fn at_the_time_out_an_offer_that_is_out_is_taken_back() {
    given(campaign().time_out(10).offer_timeout(60))
        .and(agents_ready(1))
        .when(visitor(1).asks())
        .when(seconds_pass(10))
        .when(agent("ana").accepts(1))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatOffered 1 ana                  → ana: 1 offered · visitor 1: waiting 0
            +10s OfferEnded 1 ana rescinded    → ana: 1 gone, offer_rescinded · visitor 1: waiting 1
            +10s ChatClosed 1 timed_out        → visitor 1: Not available (es)
            ! chat_closed: chat 0-1 has ended
        "#]]);
}

#[test]
fn a_chat_returned_after_service_gets_a_fresh_time_out() {
    given(campaign().time_out(20))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(seconds_pass(100))
        .when(agent("ana").signs_out_by_force())
        .when(seconds_pass(60))
        .then(expect![[r#"
            AgentSignedOut ana forced
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            +20s ChatClosed 1 timed_out        → visitor 1: Not available (es), feedback "" with form
        "#]])
        .so(|scene| assert_eq!(scene.counted("Support"), "O1 A1"));
}

#[test]
fn an_answered_chat_has_no_time_out() {
    given(campaign().time_out(20))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(seconds_pass(3_600))
        .then(expect![]);
}

#[test]
fn a_returned_chat_is_never_refused_for_length_but_counts_for_newcomers() {
    given(campaign().max_chats(1).agent_cap(1))
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .when(agent("ana").signs_out_by_force())
        .when(visitor(2).leaves())
        .when(visitor(3).asks())
        .then(expect![[r#"
            AgentSignedOut ana forced
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            ChatClosed 2 visitor_left          → visitor 2: closed
            ChatRefused visitor 3 queue_full en
            = queue_full "Not available (en)"
        "#]]);
}

#[test]
fn leaving_sooner_than_dropout_rate_is_a_short_abandon() {
    given(campaign().dropout(10))
        .and(visitors_waiting(2))
        .and(clock_jumps(9))
        .and(visitor(1).leaves())
        .so(|scene| assert_eq!(scene.counted("Support"), "O2 S1 W1"))
        .and(clock_jumps(1))
        .and(visitor(2).leaves())
        .so(|scene| assert_eq!(scene.counted("Support"), "O2 B1 S1"));
}

#[test]
fn with_dropout_rate_zero_every_leave_is_an_abandon() {
    given(campaign().dropout(0))
        .and(visitors_waiting(1))
        .and(visitor(1).leaves())
        .so(|scene| assert_eq!(scene.counted("Support"), "O1 B1"));
}

#[test]
fn an_answer_at_the_very_limit_of_the_service_level_is_in_time() {
    let answered_in_time = |scene: &Scene| {
        let campaign = scene.view().campaign(scene.cast().campaign("Support"));
        let counters = campaign.unwrap().counters.clone();
        (counters.answered, counters.answered_in_time)
    };
    let scene = given(campaign().answer_within(20).agent_cap(1))
        .and(visitors_waiting(2))
        .and(clock_jumps(20))
        .and(agents_ready(1));
    assert_eq!(answered_in_time(&scene), (1, 1));
    let scene = scene
        .and(tick_after_a_millisecond())
        .and(agent("ana").closes(1));
    assert_eq!(answered_in_time(&scene), (2, 1));
}

fn tick_after_a_millisecond() -> impl Step {
    |scene: &mut Scene| scene.set_clock(scene.now().after_millis(1))
}

#[test]
fn a_supervisor_who_closes_a_waiting_chat_is_counted_as_closed() {
    given(campaign())
        .and(visitors_waiting(1))
        .and(agent("eva").exists())
        .when(supervisor("eva").closes(1))
        .then(expect![[r#"
            ChatClosed 1 supervisor_closed by eva → visitor 1: closed
        "#]])
        .so(|scene| assert_eq!(scene.counted("Support"), "O1 K1"));
}

#[test]
fn those_waiting_are_closed_when_nobody_has_been_signed_in_for_too_long() {
    given(campaign().leave_when_empty_after(60))
        .and(agents_ready(1))
        .and(agent("ana").pauses())
        .and(visitors_waiting(2))
        .and(seconds_pass(600))
        .when(agent("ana").signs_out())
        .when(seconds_pass(120))
        .then(expect![[r#"
            AgentSignedOut ana asked
            +1m ChatClosed 1 agents_gone       → visitor 1: Not available (es)
            +1m ChatClosed 2 agents_gone       → visitor 2: Not available (pt)
        "#]])
        .so(|scene| assert_eq!(scene.counted("Support"), "O2 K2"));
}

#[test]
fn those_who_came_to_an_empty_campaign_wait_as_long_themselves() {
    given(campaign().leave_when_empty_after(60))
        .and(seconds_pass(600))
        .when(visitor(1).asks())
        .when(seconds_pass(10))
        .when(visitor(2).asks())
        .when(seconds_pass(120))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            +10s ChatQueued 2                  → visitor 2: waiting 2
            +1m ChatClosed 1 agents_gone       → visitor 1: Not available (es)
            +1m10s ChatClosed 2 agents_gone    → visitor 2: Not available (pt)
        "#]]);
}

#[test]
fn an_agent_who_signs_in_ends_the_countdown_of_an_empty_campaign() {
    given(campaign().leave_when_empty_after(60))
        .and(agent("ana").member_of(&["Support"]))
        .and(visitor(1).asks().needing("chess"))
        .and(seconds_pass(59))
        .and(agent("ana").signs_in())
        .when(seconds_pass(600))
        .when(agent("ana").signs_out())
        .when(seconds_pass(60))
        .then(expect![[r#"
            +10m AgentSignedOut ana asked
            +11m ChatClosed 1 agents_gone      → visitor 1: Not available (es)
        "#]]);
}

#[test]
fn a_lost_agent_counts_as_signed_in_until_the_grace_time_is_over() {
    given(campaign().leave_when_empty_after(60))
        .and(agents_ready(1))
        .and(agent("ana").pauses())
        .and(visitors_waiting(1))
        .when(agent("ana").goes_away())
        .when(seconds_pass(120))
        .then(expect![[r#"
            AgentLost ana
            +30s AgentSignedOut ana lost       → ana: session 1 ended, signed_out
            +1m30s ChatClosed 1 agents_gone    → visitor 1: Not available (es)
        "#]]);
}

#[test]
fn a_member_removed_leaves_the_campaign_empty() {
    given(campaign().leave_when_empty_after(60))
        .and(agents_ready(1))
        .and(agent("ana").pauses())
        .and(visitors_waiting(1))
        .when(members(&[]))
        .when(seconds_pass(60))
        .then(expect![[r#"
            MembersSet
            +1m ChatClosed 1 agents_gone       → visitor 1: Not available (es)
        "#]]);
}

#[test]
fn a_chat_returned_to_an_empty_campaign_waits_from_its_return() {
    given(campaign().leave_when_empty_after(60))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(seconds_pass(600))
        .when(agent("ana").signs_out_by_force())
        .when(seconds_pass(60))
        .then(expect![[r#"
            AgentSignedOut ana forced
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            +1m ChatClosed 1 agents_gone       → visitor 1: Not available (es), feedback "" with form
        "#]]);
}

#[test]
fn without_the_setting_an_empty_campaign_keeps_those_waiting() {
    given(campaign().leave_when_empty_after(0))
        .and(visitors_waiting(1))
        .when(seconds_pass(86_400))
        .then(expect![]);
}

#[test]
fn a_time_out_at_the_same_instant_comes_before_the_empty_campaign() {
    given(campaign().leave_when_empty_after(60).time_out(60))
        .and(visitors_waiting(1))
        .when(seconds_pass(60))
        .then(expect![[r#"
            +1m ChatClosed 1 timed_out         → visitor 1: Not available (es)
        "#]]);
}
