//! Closing time: who is told, who is closed, who may stay. Source: domain.md §3.

use expect_test::expect;

use crate::scene::*;

const OFFICE: &str = "mon-fri 09:00-18:00";

#[test]
fn a_zero_time_out_keeps_waiting_until_out_of_time_then_everyone_is_told() {
    given(campaign().time_out(0).open(OFFICE, "America/Montevideo"))
        .and(visitors_waiting(2))
        .when(clock_reaches("18:00"))
        .then(expect![[r#"
            +6h CampaignWentOutOfTime 1
            +6h ChatClosed 1 out_of_time       → visitor 1: Out of time (es)
            +6h ChatClosed 2 out_of_time       → visitor 2: Out of time (pt)
        "#]])
        .so(|scene| assert_eq!(scene.counted("Support"), "O2 K2"));
}

#[test]
fn closing_tells_everyone_in_queue_order_and_takes_offers_back() {
    given(
        campaign()
            .offer_timeout(86_400)
            .agent_cap(1)
            .open(OFFICE, "UTC"),
    )
    .and(agents_ready(1))
    .and(visitors_waiting(2))
    .and(visitor(3).asks().priority(5))
    .when(clock_reaches("18:00"))
    .then(expect![[r#"
            +6h CampaignWentOutOfTime 1
            +6h ChatClosed 3 out_of_time       → visitor 3: Out of time (en)
            +6h OfferEnded 1 ana rescinded     → ana: 1 gone, offer_rescinded · visitor 1: waiting 1
            +6h ChatClosed 1 out_of_time       → visitor 1: Out of time (es)
            +6h ChatClosed 2 out_of_time       → visitor 2: Out of time (pt)
        "#]]);
}

#[test]
fn with_a_time_out_those_waiting_at_closing_may_be_served_until_their_own_deadline() {
    at("2026-03-02 17:59:50")
        .given(campaign().time_out(30).open(OFFICE, "UTC"))
        .and(visitors_waiting(2))
        .when(clock_reaches("18:00"))
        .when(visitor(3).asks())
        .when(agents_ready(1))
        .then(expect![[r#"
            +10s CampaignWentOutOfTime 1
            +10s ChatRefused visitor 3 out_of_time en
            = out_of_time "Out of time (en)", opens 2026-03-03T09:00:00Z
            +10s AgentCreated ana
            +10s MembersSet ana
            +10s AgentSignedIn ana
            +10s ChatAssigned 1 ana direct     → ana: 1 active · visitor 1: with Ana
            +10s ChatAssigned 2 ana direct     → ana: 2 active · visitor 2: with Ana
        "#]])
        .and(agent("ana").pauses())
        .and(agent("ana").closes(1));
    at("2026-03-02 17:59:50")
        .given(campaign().time_out(30).open(OFFICE, "UTC"))
        .and(visitors_waiting(1))
        .when(seconds_pass(60))
        .then(expect![[r#"
            +10s CampaignWentOutOfTime 1
            +30s ChatClosed 1 timed_out        → visitor 1: Not available (es)
        "#]]);
}

#[test]
fn closing_leaves_active_chats_alone() {
    at("2026-03-02 17:59")
        .given(campaign().agent_cap(1).open(OFFICE, "UTC"))
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .when(clock_reaches("18:00"))
        .when(visitor(1).writes("a", "still here?"))
        .when(agent("ana").writes(1, "b", "of course"))
        .then(expect![[r#"
            +1m CampaignWentOutOfTime 1
            +1m ChatClosed 2 out_of_time       → visitor 2: Out of time (pt)
            +1m MessagePosted 1 #1 visitor "still here?" → visitor 1 · ana
            +1m MessagePosted 1 #2 ana "of course" → visitor 1 (by Ana) · ana (by Ana)
        "#]]);
}

#[test]
fn closing_may_close_everyone_whatever_the_time_out() {
    given(
        campaign()
            .on_close("close_all")
            .time_out(86_400)
            .open(OFFICE, "UTC"),
    )
    .and(visitors_waiting(1))
    .when(clock_reaches("18:00"))
    .then(expect![[r#"
            +6h CampaignWentOutOfTime 1
            +6h ChatClosed 1 out_of_time       → visitor 1: Out of time (es)
        "#]]);
}

#[test]
fn closing_may_let_the_queue_drain() {
    given(campaign().on_close("drain").time_out(0).open(OFFICE, "UTC"))
        .and(visitors_waiting(1))
        .when(clock_reaches("18:00"))
        .when(visitor(2).asks())
        .when(clock_reaches("18:30"))
        .when(agents_ready(1))
        .then(expect![[r#"
            +6h CampaignWentOutOfTime 1
            +6h ChatRefused visitor 2 out_of_time pt
            = out_of_time "Out of time (pt)", opens 2026-03-03T09:00:00Z
            +6h30m AgentCreated ana
            +6h30m MembersSet ana
            +6h30m AgentSignedIn ana
            +6h30m ChatAssigned 1 ana direct   → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn a_long_waiting_list_is_closed_to_the_last_before_anything_else_happens() {
    let scene = given(campaign().open(OFFICE, "UTC"))
        .and(visitors_waiting(1_100))
        .and(clock_jumps(6 * 3600))
        .and(agents_ready(1));
    assert_eq!(scene.counted("Support"), "O1100 K1100");
}

#[test]
fn the_closing_of_a_long_waiting_list_goes_on_in_slices_with_every_call() {
    let scene = given(campaign().open(OFFICE, "UTC"))
        .and(visitors_waiting(1_100))
        .and(clock_reaches("18:00"));
    assert_eq!(scene.counted("Support"), "O1100 K1100");
}

#[test]
fn after_closing_a_chat_may_go_to_another_agent_but_not_to_the_closed_queue() {
    at("2026-03-02 17:59")
        .given(campaign().named("Sales"))
        .and(campaign().open(OFFICE, "UTC"))
        .and(agent("ana").ready_in(&["Sales"]))
        .and(agent("bob").ready())
        .and(visitor(1).asks().to("Sales"))
        .and(visitor(2).asks())
        .and(clock_reaches("18:00"))
        .when(agent("ana").transfers_to_campaign(1, "Support"))
        .when(agent("bob").transfers(2, "ana"))
        .when(agent("ana").accepts(2))
        .then(expect![[r#"
            ! destination_closed: campaign 2 takes no transfer now: it is closed
            TransferStarted 2 to ana           → bob: 2 transferring · ana: 2 transferring with bob
            ChatAssigned 2 ana transferred in Support → bob: 2 gone, transferred · ana: 2 active · visitor 2: with Ana
            MessagePosted 2 #1 transferred "Agora você está sendo atendido por Ana." → visitor 2 · ana
        "#]]);
}

#[test]
fn a_transfer_to_a_campaign_that_closes_stays_with_its_owner() {
    at("2026-03-02 17:59")
        .given(campaign().named("Sales"))
        .and(campaign().open(OFFICE, "UTC"))
        .and(agent("ana").ready_in(&["Sales"]))
        .and(visitor(1).asks().to("Sales"))
        .when(agent("ana").transfers_to_campaign(1, "Support"))
        .when(clock_reaches("18:00"))
        .then(expect![[r#"
            TransferStarted 1 to Support       → ana: 1 transferring
            +1m CampaignWentOutOfTime 2
            +1m TransferEnded 1 rescinded      → ana: 1 active
        "#]]);
}

#[test]
fn a_chat_whose_agent_is_lost_after_closing_goes_to_any_eligible_agent_at_once() {
    at("2026-03-02 17:59")
        .given(campaign().open(OFFICE, "UTC"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .and(clock_reaches("18:00"))
        .when(agent("ana").goes_away())
        .when(seconds_pass(30))
        .then(expect![[r#"
            AgentLost ana
            +30s AgentSignedOut ana lost       → ana: session 1 ended, signed_out
            +30s ChatReturned 1 agent_lost     → ana: 1 gone, returned · visitor 1: waiting 1
            +30s MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            +30s ChatAssigned 1 bob direct     → bob: 1 active · visitor 1: with Bob
            +30s MessagePosted 1 #2 transferred "Ahora le atiende Bob." → visitor 1 · bob
        "#]]);
}

#[test]
fn a_chat_whose_agent_is_lost_after_closing_is_told_and_closed_when_nobody_is_free() {
    at("2026-03-02 17:59")
        .given(campaign().texts().open(OFFICE, "UTC"))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(clock_reaches("18:00"))
        .when(agent("ana").goes_away())
        .when(seconds_pass(30))
        .then(expect![[r#"
            AgentLost ana
            +30s AgentSignedOut ana lost       → ana: session 1 ended, signed_out
            +30s ChatReturned 1 agent_lost     → ana: 1 gone, returned · visitor 1: waiting 1
            +30s MessagePosted 1 #3 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            +30s ChatClosed 1 out_of_time      → visitor 1: Out of time (es), feedback "Thank you (es)" with form
        "#]]);
}

#[test]
fn with_a_time_out_a_chat_whose_agent_is_lost_after_closing_may_wait_that_long() {
    at("2026-03-02 17:59")
        .given(campaign().time_out(45).open(OFFICE, "UTC"))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(clock_reaches("18:00"))
        .when(agent("ana").signs_out_by_force())
        .when(seconds_pass(60))
        .then(expect![[r#"
            AgentSignedOut ana forced
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            +45s ChatClosed 1 timed_out        → visitor 1: Not available (es), feedback "" with form
        "#]]);
}

#[test]
fn a_returned_chat_on_offer_after_closing_is_told_and_closed_once_nobody_is_left_to_ask() {
    at("2026-03-02 17:59")
        .given(
            campaign()
                .offer_timeout(20)
                .order("linear")
                .open(OFFICE, "UTC"),
        )
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .and(agent("ana").accepts(1))
        .and(clock_reaches("18:00"))
        .when(agent("ana").signs_out_by_force())
        .when(agent("bob").goes_away())
        .then(expect![[r#"
            AgentSignedOut ana forced
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            ChatOffered 1 bob                  → bob: 1 offered · visitor 1: waiting 0
            AgentLost bob
            OfferEnded 1 bob rescinded         → bob: 1 gone, offer_rescinded · visitor 1: waiting 1
            ChatClosed 1 out_of_time           → visitor 1: Out of time (es), feedback "" with form
        "#]]);
}

#[test]
fn those_waiting_are_told_when_the_campaign_opens_again() {
    let scene = at("2026-03-06 17:59")
        .given(campaign().open(OFFICE, "UTC"))
        .and(visitors_waiting(1))
        .and(clock_reaches("18:00"));
    let ended = scene.view().ended_of(
        webchat_core::id::VisitorKey(1),
        scene.cast().campaign("Support"),
    );
    let opens = ended.unwrap().next_open_at.unwrap();
    assert_eq!(opens.to_string(), "2026-03-09T09:00:00Z");
}

#[test]
fn those_told_out_of_time_may_leave_a_message_where_the_form_is_on() {
    at("2026-03-02 17:59")
        .given(campaign().open(OFFICE, "UTC").with(|draft| {
            draft.offline_message = true;
            draft.offline_address = "desk@shop.example".into();
        }))
        .and(visitors_waiting(1))
        .when(clock_reaches("18:00"))
        .when(visitor(1).asks())
        .then(expect![[r#"
            +1m CampaignWentOutOfTime 1
            +1m ChatClosed 1 out_of_time       → visitor 1: Out of time (es), a message may be left
            +1m ChatRefused visitor 1 out_of_time es
            = out_of_time "Out of time (es)", opens 2026-03-03T09:00:00Z, with form
        "#]]);
}

#[test]
fn a_schedule_edited_to_be_closed_now_closes_at_that_instant() {
    given(campaign().open(OFFICE, "UTC"))
        .and(visitors_waiting(2))
        .when(edit(|draft| {
            draft.schedule = hours_of("mon-fri 09:00-11:00", "UTC")
        }))
        .then(expect![[r#"
            CampaignChanged 1 closed
            ChatClosed 1 out_of_time           → visitor 1: Out of time (es)
            ChatClosed 2 out_of_time           → visitor 2: Out of time (pt)
        "#]]);
}

#[test]
fn a_zone_edited_so_that_it_is_closed_now_closes_at_that_instant() {
    given(campaign().open(OFFICE, "UTC"))
        .and(visitors_waiting(1))
        .when(edit(|draft| {
            draft.schedule = hours_of(OFFICE, "Pacific/Auckland")
        }))
        .then(expect![[r#"
            CampaignChanged 1 closed
            ChatClosed 1 out_of_time           → visitor 1: Out of time (es)
        "#]]);
}

#[test]
fn a_schedule_edited_to_be_open_longer_moves_the_closing() {
    at("2026-03-02 17:59")
        .given(campaign().open(OFFICE, "UTC"))
        .and(visitors_waiting(1))
        .and(edit(|draft| {
            draft.schedule = hours_of("mon-fri 09:00-19:00", "UTC")
        }))
        .when(clock_reaches("18:30"))
        .when(visitor(2).asks())
        .when(clock_reaches("19:00"))
        .then(expect![[r#"
            +31m ChatQueued 2                  → visitor 2: waiting 2
            +1h1m CampaignWentOutOfTime 1
            +1h1m ChatClosed 1 out_of_time     → visitor 1: Out of time (es)
            +1h1m ChatClosed 2 out_of_time     → visitor 2: Out of time (pt)
        "#]]);
}

#[test]
fn opening_again_admits_newcomers_and_revives_nobody() {
    at("2026-03-02 17:59")
        .given(campaign().open(OFFICE, "UTC"))
        .and(visitors_waiting(1))
        .when(clock_reaches("tue 09:00"))
        .when(visitor(2).asks())
        .then(expect![[r#"
            +1m CampaignWentOutOfTime 1
            +1m ChatClosed 1 out_of_time       → visitor 1: Out of time (es)
            +15h1m CampaignOpened 1
            +15h1m ChatQueued 2                → visitor 2: waiting 1
        "#]])
        .so(|scene| assert!(!scene.is_live(1)));
}

#[test]
fn hours_past_midnight_close_on_the_next_day() {
    at("2026-03-06 23:30")
        .given(campaign().open("fri 22:00-02:00", "America/Montevideo"))
        .and(visitors_waiting(1))
        .when(clock_reaches("sat 02:00"))
        .then(expect![[r#"
            +2h30m CampaignWentOutOfTime 1
            +2h30m ChatClosed 1 out_of_time    → visitor 1: Out of time (es)
        "#]]);
}

#[test]
fn a_dated_exception_closes_what_the_week_would_leave_open() {
    at("2026-12-24 23:59")
        .given(campaign().with(|draft| {
            draft.schedule = hours_of("thu-fri 00:00-24:00", "UTC").closed_on("2026-12-25");
        }))
        .and(visitors_waiting(1))
        .when(clock_reaches("2026-12-25 00:00"))
        .when(visitor(2).asks())
        .then(expect![[r#"
            +1m CampaignWentOutOfTime 1
            +1m ChatClosed 1 out_of_time       → visitor 1: Out of time (es)
            +1m ChatRefused visitor 2 out_of_time pt
            = out_of_time "Out of time (pt)", opens 2026-12-31T00:00:00Z
        "#]]);
}

#[test]
fn a_lost_hour_in_spring_moves_the_closing_to_the_end_of_the_gap() {
    at("2026-03-28 23:00")
        .given(campaign().open("sat 22:00-02:30", "Europe/Madrid"))
        .and(visitors_waiting(1))
        .when(clock_reaches("2026-03-29 03:00"))
        .then(expect![[r#"
            +3h CampaignWentOutOfTime 1
            +3h ChatClosed 1 out_of_time       → visitor 1: Out of time (es)
        "#]]);
}
