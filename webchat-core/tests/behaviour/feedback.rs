//! The end of a chat: the Feedback text, and score and note once. Source: domain.md §2 and §7.

use expect_test::expect;

use crate::scene::*;

fn served() -> Scene {
    given(campaign().texts())
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(agent("ana").closes(1))
}

#[test]
fn a_chat_that_reached_an_agent_ends_with_the_feedback_text_and_form() {
    given(campaign().texts())
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(agent("ana").closes(1))
        .when(visitor(1).scores(5, "muy amable"))
        .then(expect![[r#"
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "Thank you (es)" with form · ana: 1 gone, agent_closed
            FeedbackGiven 1 5 "muy amable"
        "#]]);
}

#[test]
fn the_feedback_text_is_shown_although_the_form_is_off() {
    given(campaign().texts().feedback_form(false))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(agent("ana").closes(1))
        .when(visitor(1).scores(5, ""))
        .then(expect![[r#"
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "Thank you (es)" · ana: 1 gone, agent_closed
            ! feedback_not_open: feedback is not open for this chat
        "#]]);
}

#[test]
fn a_chat_that_reached_nobody_asks_for_no_feedback() {
    given(campaign().texts())
        .and(visitors_waiting(1))
        .when(visitor(1).leaves())
        .when(visitor(1).scores(1, "nobody came"))
        .then(expect![[r#"
            ChatClosed 1 visitor_left          → visitor 1: closed
            ! feedback_not_open: feedback is not open for this chat
        "#]]);
}

#[test]
fn feedback_can_be_given_once() {
    served()
        .when(visitor(1).scores(4, ""))
        .when(visitor(1).scores(5, ""))
        .then(expect![[r#"
            FeedbackGiven 1 4
            ! already_submitted: this was already given
        "#]]);
}

#[test]
fn feedback_can_be_given_within_a_day() {
    served()
        .and(|scene: &mut Scene| scene.set_clock(scene.now().after_millis(86_399_999)))
        .when(visitor(1).scores(3, ""))
        .then(expect![[r#"
            FeedbackGiven 1 3
        "#]]);
    served()
        .and(clock_jumps(86_400))
        .when(visitor(1).scores(3, ""))
        .then(expect![[r#"
            ! feedback_not_open: feedback is not open for this chat
        "#]]);
}

#[test]
fn a_score_is_one_to_five_and_a_note_has_at_most_two_thousand_characters() {
    served()
        .when(visitor(1).scores(0, ""))
        .when(visitor(1).scores(6, ""))
        .when(visitor(1).scores(5, &"x".repeat(2_001)))
        .when(visitor(1).scores(5, &"ñ".repeat(12)))
        .then(expect![[r#"
            ! invalid_field: score is 0, expected 1 to 5
            ! invalid_field: score is 6, expected 1 to 5
            ! invalid_field: note is xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, expected 1 to 2000 characters, no control characters other than newline and tab
            FeedbackGiven 1 5 "ññññññññññññ"
        "#]]);
}

#[test]
fn feedback_is_for_the_visitors_own_chat_after_its_end() {
    given(campaign().texts())
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .when(visitor(1).scores(5, ""))
        .and(agent("ana").closes(1))
        .when(visitor(2).asks_about(
            1,
            webchat_core::command::VisitorAsk::Feedback {
                score: 1,
                note: None,
            },
        ))
        .then(expect![[r#"
            ! feedback_not_open: feedback is not open for this chat
            ! unknown_chat: chat 0-1 is not known
        "#]]);
}

#[test]
fn feedback_is_still_open_after_a_restart() {
    served()
        .and(restart())
        .when(visitor(1).scores(5, ""))
        .then(expect![[r#"
            FeedbackGiven 1 5
        "#]]);
}

#[test]
fn feedback_is_open_for_a_chat_that_came_back_to_the_queue_and_timed_out() {
    given(campaign().texts().time_out(60))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(agent("ana").signs_out_by_force())
        .and(seconds_pass(60))
        .when(visitor(1).scores(2, "lost my agent"))
        .then(expect![[r#"
            FeedbackGiven 1 2 "lost my agent"
        "#]]);
}

#[test]
fn feedback_for_an_earlier_chat_is_open_beside_a_new_one() {
    served()
        .and(|scene: &mut Scene| {
            let earlier = visitor(1).asks_about(
                1,
                webchat_core::command::VisitorAsk::Feedback {
                    score: 5,
                    note: None,
                },
            );
            visitor(1).asks().play(scene);
            earlier.play(scene);
        })
        .so(|scene| {
            let last = &scene.journal().last().unwrap().event;
            assert!(matches!(
                last,
                webchat_core::event::Event::FeedbackGiven { score: 5, .. }
            ));
        });
}
