//! Offers: to accept, to refuse, to let lapse, and who is asked next. Source: domain.md §5, Offer.

use expect_test::expect;

use crate::scene::*;

#[test]
fn an_agent_who_accepts_has_the_chat() {
    given(campaign().texts().offer_timeout(20))
        .and(agents_ready(1))
        .when(visitor(1).asks())
        .when(agent("ana").accepts(1))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            MessagePosted 1 #1 welcome "Welcome (es)" → visitor 1
            ChatOffered 1 ana                  → ana: 1 offered · visitor 1: waiting 0
            ChatAssigned 1 ana accepted        → ana: 1 active · visitor 1: with Ana
            MessagePosted 1 #2 ana automatic "How can I help? (es)" → visitor 1 (by Ana) · ana (by Ana)
        "#]])
        .so(|scene| assert_eq!(scene.counted("Support"), "O1 A1"));
}

#[test]
fn a_repeated_acceptance_is_answered_again() {
    given(campaign().offer_timeout(20))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(agent("ana").accepts(1))
        .when(agent("ana").accepts(1))
        .then(expect![[r#"
            = chat 1
        "#]]);
}

#[test]
fn a_refused_offer_goes_to_the_next_agent() {
    given(campaign().offer_timeout(20).order("linear"))
        .and(agents_ready(2))
        .when(visitor(1).asks())
        .when(agent("ana").refuses(1))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatOffered 1 ana                  → ana: 1 offered · visitor 1: waiting 0
            OfferEnded 1 ana refused           → ana: 1 gone, refused · visitor 1: waiting 1
            ChatOffered 1 bob                  → bob: 1 offered · visitor 1: waiting 0
        "#]]);
}

#[test]
fn a_lapsed_offer_goes_to_the_next_agent() {
    given(campaign().offer_timeout(20).order("linear"))
        .and(agents_ready(2))
        .when(visitor(1).asks())
        .when(seconds_pass(20))
        .when(agent("ana").accepts(1))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatOffered 1 ana                  → ana: 1 offered · visitor 1: waiting 0
            +20s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +20s ChatOffered 1 bob             → bob: 1 offered · visitor 1: waiting 0
            ! already_taken: chat 0-1 is no longer to be had
        "#]]);
}

#[test]
fn an_acceptance_exactly_at_the_deadline_loses() {
    given(campaign().offer_timeout(20).order("linear"))
        .and(agents_ready(2))
        .when(visitor(1).asks())
        .when(clock_jumps(20))
        .when(agent("ana").accepts(1))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatOffered 1 ana                  → ana: 1 offered · visitor 1: waiting 0
            +20s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +20s ChatOffered 1 bob             → bob: 1 offered · visitor 1: waiting 0
            ! already_taken: chat 0-1 is no longer to be had
        "#]]);
}

#[test]
fn an_acceptance_just_before_the_deadline_wins() {
    given(campaign().offer_timeout(20))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .and(|scene: &mut Scene| scene.set_clock(scene.now().after_millis(19_999)))
        .when(agent("ana").accepts(1))
        .then(expect![[r#"
            ChatAssigned 1 ana accepted        → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn an_agent_who_let_an_offer_lapse_is_skipped_until_all_others_were_asked_once() {
    given(campaign().offer_timeout(10).order("linear"))
        .and(agents_ready(3))
        .when(visitor(1).asks())
        .when(seconds_pass(45))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatOffered 1 ana                  → ana: 1 offered · visitor 1: waiting 0
            +10s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +10s ChatOffered 1 bob             → bob: 1 offered · visitor 1: waiting 0
            +20s OfferEnded 1 bob lapsed       → bob: 1 gone, offer_lapsed · visitor 1: waiting 1
            +20s ChatOffered 1 carla           → carla: 1 offered · visitor 1: waiting 0
            +30s OfferEnded 1 carla lapsed     → carla: 1 gone, offer_lapsed · visitor 1: waiting 1
            +30s ChatOffered 1 ana again       → ana: 1 offered · visitor 1: waiting 0
            +40s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +40s ChatOffered 1 bob             → bob: 1 offered · visitor 1: waiting 0
        "#]]);
}

#[test]
fn whoever_was_asked_last_is_not_asked_first_again() {
    // A draw alone would sometimes ask the same agent twice in a row.
    given(campaign().offer_timeout(10).order("random"))
        .and(agents_ready(2))
        .when(visitor(1).asks())
        .when(seconds_pass(75))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatOffered 1 bob                  → bob: 1 offered · visitor 1: waiting 0
            +10s OfferEnded 1 bob lapsed       → bob: 1 gone, offer_lapsed · visitor 1: waiting 1
            +10s ChatOffered 1 ana             → ana: 1 offered · visitor 1: waiting 0
            +20s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +20s ChatOffered 1 bob again       → bob: 1 offered · visitor 1: waiting 0
            +30s OfferEnded 1 bob lapsed       → bob: 1 gone, offer_lapsed · visitor 1: waiting 1
            +30s ChatOffered 1 ana             → ana: 1 offered · visitor 1: waiting 0
            +40s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +40s ChatOffered 1 bob again       → bob: 1 offered · visitor 1: waiting 0
            +50s OfferEnded 1 bob lapsed       → bob: 1 gone, offer_lapsed · visitor 1: waiting 1
            +50s ChatOffered 1 ana             → ana: 1 offered · visitor 1: waiting 0
            +1m OfferEnded 1 ana lapsed        → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +1m ChatOffered 1 bob again        → bob: 1 offered · visitor 1: waiting 0
            +1m10s OfferEnded 1 bob lapsed     → bob: 1 gone, offer_lapsed · visitor 1: waiting 1
            +1m10s ChatOffered 1 ana           → ana: 1 offered · visitor 1: waiting 0
        "#]]);
}

#[test]
fn a_lone_agent_is_asked_again_and_again() {
    given(campaign().offer_timeout(10))
        .and(agents_ready(1))
        .when(visitor(1).asks())
        .when(agent("ana").refuses(1))
        .when(seconds_pass(10))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatOffered 1 ana                  → ana: 1 offered · visitor 1: waiting 0
            OfferEnded 1 ana refused           → ana: 1 gone, refused · visitor 1: waiting 1
            ChatOffered 1 ana again            → ana: 1 offered · visitor 1: waiting 0
            +10s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +10s ChatOffered 1 ana again       → ana: 1 offered · visitor 1: waiting 0
        "#]]);
}

#[test]
fn an_offered_chat_keeps_its_place() {
    given(campaign().offer_timeout(10).agent_cap(1))
        .and(agents_ready(1))
        .and(visitors_waiting(3))
        .and(agent("ana").pauses())
        .when(seconds_pass(10))
        .when(agent("ana").resumes())
        .then(expect![[r#"
            +10s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +10s AgentResumed ana
            +10s ChatOffered 1 ana again       → ana: 1 offered · visitor 1: waiting 0
        "#]]);
}

#[test]
fn an_offer_takes_one_of_the_agents_slots() {
    given(campaign().offer_timeout(60).agent_cap(2))
        .and(agents_ready(1))
        .when(visitors_ask(1, 3))
        .when(agent("ana").accepts(1))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatOffered 1 ana                  → ana: 1 offered · visitor 1: waiting 0
            ChatQueued 2                       → visitor 2: waiting 2
            ChatOffered 2 ana                  → ana: 2 offered · visitor 2: waiting 0
            ChatQueued 3                       → visitor 3: waiting 3
            ChatAssigned 1 ana accepted        → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn an_offer_is_for_the_agent_who_was_asked_only() {
    given(campaign().offer_timeout(60).order("linear"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(agent("bob").accepts(1))
        .when(agent("bob").refuses(1))
        .when(agent("bob").takes(1))
        .then(expect![[r#"
            ! already_taken: chat 0-1 is no longer to be had
            ! already_taken: chat 0-1 is no longer to be had
            ! already_taken: chat 0-1 is no longer to be had
        "#]]);
}

#[test]
fn an_agent_may_take_what_is_offered_to_them() {
    given(campaign().offer_timeout(60))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(agent("ana").takes(1))
        .then(expect![[r#"
            ChatAssigned 1 ana accepted        → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn an_agent_who_lets_n_offers_in_a_row_lapse_is_paused() {
    given(campaign().offer_timeout(10).pause_after_lapses(2))
        .and(agents_ready(1))
        .when(visitor(1).asks())
        .when(seconds_pass(60))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatOffered 1 ana                  → ana: 1 offered · visitor 1: waiting 0
            +10s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +10s ChatOffered 1 ana again       → ana: 1 offered · visitor 1: waiting 0
            +20s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +20s AgentPaused ana "lapsed_offers"
        "#]])
        .when(agent("ana").resumes())
        .when(seconds_pass(10))
        .then(expect![[r#"
            AgentResumed ana
            ChatOffered 1 ana again            → ana: 1 offered · visitor 1: waiting 0
            +10s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +10s ChatOffered 1 ana again       → ana: 1 offered · visitor 1: waiting 0
        "#]]);
}

#[test]
fn an_acceptance_or_a_refusal_ends_the_row_of_lapses() {
    given(campaign().offer_timeout(10).pause_after_lapses(2))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(seconds_pass(10))
        .and(agent("ana").refuses(1))
        .and(seconds_pass(10))
        .so(|scene| assert_eq!(scene.why_not("Support", "ana"), "eligible"))
        .and(agent("ana").accepts(1))
        .and(visitor(2).asks())
        .and(seconds_pass(10))
        .so(|scene| assert_eq!(scene.why_not("Support", "ana"), "eligible"));
}

#[test]
fn lapses_pause_an_agent_only_where_the_campaign_says_so() {
    given(campaign().offer_timeout(10).pause_after_lapses(0))
        .and(
            campaign()
                .named("Sales")
                .offer_timeout(10)
                .pause_after_lapses(1),
        )
        .and(agent("ana").ready_in(&["Support", "Sales"]))
        .when(visitor(1).asks())
        .when(seconds_pass(15))
        .when(visitor(1).leaves())
        .when(visitor(2).asks().to("Sales"))
        .when(seconds_pass(10))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatOffered 1 ana                  → ana: 1 offered · visitor 1: waiting 0
            +10s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +10s ChatOffered 1 ana again       → ana: 1 offered · visitor 1: waiting 0
            +15s ChatClosed 1 visitor_left     → visitor 1: closed · ana: 1 gone, visitor_left
            +15s ChatQueued 2 in Sales         → visitor 2: waiting 1
            +15s ChatOffered 2 ana             → ana: 2 offered · visitor 2: waiting 0
            +25s OfferEnded 2 ana lapsed       → ana: 2 gone, offer_lapsed · visitor 2: waiting 1
            +25s AgentPaused ana "lapsed_offers"
        "#]]);
}

#[test]
fn removing_a_member_takes_offers_back_and_leaves_active_chats() {
    given(campaign().offer_timeout(60).order("linear").agent_cap(2))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .and(agent("ana").accepts(1))
        .and(visitor(2).asks())
        .when(members(&["bob"]))
        .when(agent("ana").writes(1, "a", "still yours"))
        .then(expect![[r#"
            MembersSet bob
            OfferEnded 2 ana rescinded         → ana: 2 gone, offer_rescinded · visitor 2: waiting 1
            ChatOffered 2 bob                  → bob: 2 offered · visitor 2: waiting 0
            MessagePosted 1 #1 ana "still yours" → visitor 1 (by Ana) · ana (by Ana)
        "#]]);
}

#[test]
fn an_agent_who_is_lost_or_signs_out_loses_offers_at_once() {
    given(campaign().offer_timeout(60).order("linear"))
        .and(agents_ready(3))
        .and(visitor(1).asks())
        .when(agent("ana").goes_away())
        .when(agent("bob").signs_out())
        .then(expect![[r#"
            AgentLost ana
            OfferEnded 1 ana rescinded         → ana: 1 gone, offer_rescinded · visitor 1: waiting 1
            ChatOffered 1 bob                  → bob: 1 offered · visitor 1: waiting 0
            AgentSignedOut bob asked
            OfferEnded 1 bob rescinded         → bob: 1 gone, offer_rescinded · visitor 1: waiting 1
            ChatOffered 1 carla                → carla: 1 offered · visitor 1: waiting 0
        "#]]);
}

#[test]
fn an_agent_who_pauses_may_still_answer_the_offer_that_is_out() {
    given(campaign().offer_timeout(60))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(agent("ana").pauses())
        .when(agent("ana").accepts(1))
        .then(expect![[r#"
            AgentPaused ana "lunch"
            ChatAssigned 1 ana accepted        → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn the_offer_of_a_visitor_who_leaves_is_gone() {
    given(campaign().offer_timeout(60))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(visitor(1).leaves())
        .when(agent("ana").accepts(1))
        .then(expect![[r#"
            ChatClosed 1 visitor_left          → visitor 1: closed · ana: 1 gone, visitor_left
            ! chat_closed: chat 0-1 has ended
        "#]]);
}

#[test]
fn an_offer_stands_when_the_strategy_changes() {
    given(campaign().offer_timeout(60).order("linear"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(edit(|draft| {
            draft.mode = "ringall".into();
            draft.offer_timeout = 5;
        }))
        .when(seconds_pass(30))
        .when(agent("ana").accepts(1))
        .then(expect![[r#"
            CampaignChanged 1
            +30s ChatAssigned 1 ana accepted   → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn without_an_offer_time_chats_are_assigned_directly() {
    given(campaign().offer_timeout(0))
        .and(agents_ready(1))
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
        "#]]);
}
