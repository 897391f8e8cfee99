//! Calls inside a chat: one at a time, only where the campaign allows them, never longer than the chat.
//! Source: seed, "Allow Audio and Video"; domain.md §7.

use expect_test::expect;
use webchat_core::call::{CallAsk, SIGNAL_BYTES};

use crate::scene::*;

/// Visitor 1 is with ana; bob is free. The campaign allows calls.
fn chatting() -> Scene {
    given(campaign().order("linear").with(|draft| draft.media = true))
        .and(agents_ready(2))
        .and(visitor(1).asks())
}

#[test]
fn the_other_side_accepts_and_signals_pass_both_ways_until_someone_hangs_up() {
    chatting()
        .when(visitor(1).calls(START))
        .when(visitor(1).calls(CallAsk::Accept))
        .when(agent("ana").calls(1, CallAsk::Accept))
        .when(visitor(1).calls(signal("offer")))
        .when(agent("ana").calls(1, signal("answer")))
        .when(visitor(1).calls(CallAsk::HangUp))
        .then(expect![[r#"
            CallAsked 1 video by visitor       → visitor 1: call rings · ana: call rings
            ! no_call: chat 0-1 has no call for this
            CallAccepted 1 by ana              → visitor 1: call runs · ana: call runs
            → ana: signal "offer"
            → visitor 1: signal "answer"
            CallEnded 1 hung_up                → visitor 1: call hung_up · ana: call hung_up
            MessagePosted 1 #1 call_ended "Videollamada con Ana: 0:00." → visitor 1 · ana
        "#]])
        .so(|scene| {
            let view = scene.view().visitor_chat(scene.cast().chat(1));
            assert!(view.unwrap().call.is_none());
        });
}

#[test]
fn when_both_ask_at_once_the_second_ask_accepts_the_first() {
    chatting()
        .when(visitor(1).calls(START))
        .when(agent("ana").calls(1, CallAsk::Start { video: false }))
        .when(agent("ana").calls(1, START))
        .then(expect![[r#"
            CallAsked 1 video by visitor       → visitor 1: call rings · ana: call rings
            CallAccepted 1 by ana              → visitor 1: call runs · ana: call runs
            ! call_running: chat 0-1 has a call already
        "#]]);
}

#[test]
fn a_call_is_refused_or_taken_back() {
    chatting()
        .when(agent("ana").calls(1, START))
        .when(visitor(1).calls(CallAsk::HangUp))
        .when(agent("ana").calls(1, START))
        .when(agent("ana").calls(1, CallAsk::HangUp))
        .then(expect![[r#"
            CallAsked 1 video by ana           → visitor 1: call rings · ana: call rings
            CallEnded 1 refused                → visitor 1: call refused · ana: call refused
            MessagePosted 1 #1 call_missed "Llamada sin respuesta." → visitor 1 · ana
            CallAsked 1 video by ana           → visitor 1: call rings · ana: call rings
            CallEnded 1 taken_back             → visitor 1: call taken_back · ana: call taken_back
            MessagePosted 1 #2 call_missed "Llamada sin respuesta." → visitor 1 · ana
        "#]]);
}

#[test]
fn where_calls_are_off_none_starts_but_a_running_one_goes_on() {
    chatting()
        .and(agent("ana").calls(1, START))
        .and(visitor(1).calls(CallAsk::Accept))
        .when(edit(|draft| draft.media = false))
        .when(visitor(1).calls(signal("still here")))
        .when(visitor(1).calls(CallAsk::HangUp))
        .when(visitor(1).calls(START))
        .then(expect![[r#"
            CampaignChanged 1
            → ana: signal "still here"
            CallEnded 1 hung_up                → visitor 1: call hung_up · ana: call hung_up
            MessagePosted 1 #1 call_ended "Videollamada con Ana: 0:00." → visitor 1 · ana
            ! media_not_allowed: calls are not allowed in this campaign
        "#]]);
}

#[test]
fn a_call_ends_with_its_chat_and_with_its_agent() {
    chatting()
        .and(agent("ana").calls(1, START))
        .when(agent("ana").transfers(1, "bob"))
        .when(agent("bob").accepts(1))
        .when(agent("bob").calls(1, START))
        .when(agent("bob").closes(1))
        .then(expect![[r#"
            TransferStarted 1 to bob           → ana: 1 transferring · bob: 1 transferring with ana
            ChatAssigned 1 bob transferred     → ana: 1 gone, transferred · bob: 1 active · visitor 1: with Bob
            CallEnded 1 agent_left             → visitor 1: call agent_left · bob: call agent_left
            MessagePosted 1 #1 call_missed "Llamada sin respuesta." → visitor 1 · bob
            MessagePosted 1 #2 transferred "Ahora le atiende Bob." → visitor 1 · bob
            CallAsked 1 video by bob           → visitor 1: call rings · bob: call rings
            CallEnded 1 chat_closed            → visitor 1: call chat_closed · bob: call chat_closed
            MessagePosted 1 #3 call_missed "Llamada sin respuesta." → visitor 1 · bob
            ChatClosed 1 agent_closed by bob   → visitor 1: closed, feedback "" with form · bob: 1 gone, agent_closed
        "#]]);
}

#[test]
fn an_oversized_signal_is_refused() {
    chatting()
        .and(agent("ana").calls(1, START))
        .and(visitor(1).calls(CallAsk::Accept))
        .when(agent("ana").calls(1, signal(&"x".repeat(SIGNAL_BYTES + 1))))
        .then(expect![[r#"
            ! invalid_field: signal is 12289 bytes long, expected at most 12288 bytes
        "#]]);
}

#[test]
fn a_visitors_call_rings_no_longer_once_the_chat_waits_again() {
    chatting()
        .and(agent("bob").signs_out())
        .and(visitor(1).calls(START))
        .when(agent("ana").signs_out_by_force())
        .then(expect![[r#"
            AgentSignedOut ana forced
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            CallEnded 1 agent_left             → visitor 1: call agent_left
            MessagePosted 1 #1 call_missed "Llamada sin respuesta." → visitor 1
            MessagePosted 1 #2 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
        "#]]);
}
