//! Agents who come, go, are lost, pause and wrap up. Source: domain.md §2 and §5.

use expect_test::expect;

use crate::scene::*;

#[test]
fn a_lost_agent_gets_nothing_new_and_keeps_active_chats_for_the_grace_time() {
    given(campaign())
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(agent("ana").goes_away())
        .when(visitor(2).asks())
        .when(seconds_pass(29))
        .when(agent("ana").comes_back())
        .then(expect![[r#"
            AgentLost ana
            ChatQueued 2                       → visitor 2: waiting 1
            +29s AgentBack ana
            +29s ChatAssigned 2 ana direct     → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn after_the_grace_time_the_chats_of_a_lost_agent_return_ahead_and_visitors_are_told() {
    given(campaign().agent_cap(2))
        .and(agents_ready(1))
        .and(visitors_ask(1, 3))
        .when(agent("ana").goes_away())
        .when(seconds_pass(30))
        .then(expect![[r#"
            AgentLost ana
            +30s AgentSignedOut ana lost       → ana: session 1 ended, signed_out
            +30s ChatReturned 1 agent_lost     → ana: 1 gone, returned · visitor 1: waiting 1
            +30s MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            +30s ChatReturned 2 agent_lost     → ana: 2 gone, returned · visitor 2: waiting 2
            +30s MessagePosted 2 #1 returned "A conexão com o agente foi perdida. Outro agente irá atendê-lo em breve." → visitor 2
        "#]])
        .so(|scene| assert_eq!(scene.positions(), "1:1 2:2 3:3"));
}

#[test]
fn coming_back_exactly_at_the_end_of_the_grace_time_is_too_late() {
    given(campaign())
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(agent("ana").goes_away())
        .and(clock_jumps(30))
        .when(agent("ana").comes_back())
        .when(agent("ana").signs_in())
        .then(expect![[r#"
            AgentSignedOut ana lost            → ana: session 1 ended, signed_out
            ChatReturned 1 agent_lost          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            ! not_signed_in: agent 1 is not signed in
            AgentSignedIn ana
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
            MessagePosted 1 #2 transferred "Ahora le atiende Ana." → visitor 1 · ana
        "#]]);
}

#[test]
fn the_chats_of_a_lost_agent_go_to_others_in_dispatch_order() {
    // bob has room for one chat: the one with the higher priority, though it was admitted later.
    given(campaign().agent_cap(2).order("linear"))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(visitor(2).asks().priority(5))
        .and(agent("bob").ready())
        .and(visitor(3).asks())
        .when(agent("ana").signs_out_by_force())
        .then(expect![[r#"
            AgentSignedOut ana forced
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            ChatReturned 2 signed_out          → ana: 2 gone, returned · visitor 2: waiting 1
            MessagePosted 2 #1 returned "A conexão com o agente foi perdida. Outro agente irá atendê-lo em breve." → visitor 2
            ChatAssigned 2 bob direct          → bob: 2 active · visitor 2: with Bob
            MessagePosted 2 #2 transferred "Agora você está sendo atendido por Bob." → visitor 2 · bob
        "#]]);
}

#[test]
fn the_chats_of_a_lost_agent_may_be_kept_for_the_return() {
    given(campaign().on_agent_lost("keep"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(agent("ana").goes_away())
        .when(seconds_pass(3_600))
        .when(visitor(1).writes("a", "anybody?"))
        .when(agent("ana").signs_in_as(2))
        .when(agent("ana").writes(1, "b", "here again"))
        .then(expect![[r#"
            AgentLost ana
            +30s AgentSignedOut ana lost       → ana: session 1 ended, signed_out
            +1h MessagePosted 1 #1 visitor "anybody?" → visitor 1 · ana
            +1h AgentSignedIn ana
            +1h MessagePosted 1 #2 ana "here again" → visitor 1 (by Ana) · ana (by Ana)
        "#]]);
}

#[test]
fn the_chats_of_a_lost_agent_may_be_closed() {
    given(campaign().texts().on_agent_lost("close"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(agent("ana").goes_away())
        .when(seconds_pass(30))
        .then(expect![[r#"
            AgentLost ana
            +30s AgentSignedOut ana lost       → ana: session 1 ended, signed_out
            +30s ChatClosed 1 agent_gone       → visitor 1: Not available (es), feedback "Thank you (es)" with form · ana: 1 gone, agent_gone
        "#]]);
}

#[test]
fn the_grace_time_is_the_tenants() {
    given(campaign())
        .and(tenant(|settings| settings.agent_grace = seconds(5)))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(agent("ana").goes_away())
        .when(seconds_pass(30))
        .then(expect![[r#"
            AgentLost ana
            +5s AgentSignedOut ana lost        → ana: session 1 ended, signed_out
            +5s ChatReturned 1 agent_lost      → ana: 1 gone, returned · visitor 1: waiting 1
            +5s MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
        "#]]);
}

#[test]
fn signing_out_with_active_chats_is_refused_unless_forced() {
    given(campaign())
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .when(agent("ana").signs_out())
        .when(agent("ana").signs_out_by_force())
        .then(expect![[r#"
            ! active_chats: 2 chats are active, close them or sign out by force
            AgentSignedOut ana forced
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            ChatReturned 2 signed_out          → ana: 2 gone, returned · visitor 2: waiting 2
            MessagePosted 2 #1 returned "A conexão com o agente foi perdida. Outro agente irá atendê-lo em breve." → visitor 2
        "#]]);
}

#[test]
fn signing_out_without_chats_needs_no_force() {
    given(campaign())
        .and(agents_ready(1))
        .when(agent("ana").signs_out())
        .when(visitor(1).asks())
        .when(agent("ana").takes(1))
        .then(expect![[r#"
            AgentSignedOut ana asked
            ChatQueued 1                       → visitor 1: waiting 1
            ! not_signed_in: agent 1 is not signed in
        "#]]);
}

#[test]
fn a_second_sign_in_takes_over_from_the_first() {
    given(campaign())
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(agent("ana").signs_in_as(2))
        .when(agent("ana").writes(1, "a", "on the other screen"))
        .then(expect![[r#"
            AgentSignedIn ana                  → ana: session 1 ended, signed_in_elsewhere
            MessagePosted 1 #1 ana "on the other screen" → visitor 1 (by Ana) · ana (by Ana)
        "#]]);
}

#[test]
fn signing_in_again_from_the_same_session_changes_nothing() {
    given(campaign())
        .and(agents_ready(1))
        .when(agent("ana").signs_in_as(1))
        .then(expect![]);
}

#[test]
fn signing_in_elsewhere_ends_being_lost() {
    given(campaign())
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(agent("ana").goes_away())
        .when(agent("ana").signs_in_as(2))
        .when(seconds_pass(60))
        .then(expect![[r#"
            AgentSignedIn ana                  → ana: session 1 ended, signed_in_elsewhere
        "#]]);
}

#[test]
fn a_paused_agent_gets_nothing_new_and_keeps_the_chats() {
    given(campaign())
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(agent("ana").pauses())
        .when(visitor(2).asks())
        .when(agent("ana").writes(1, "a", "one moment"))
        .when(agent("ana").resumes())
        .then(expect![[r#"
            AgentPaused ana "lunch"
            ChatQueued 2                       → visitor 2: waiting 1
            MessagePosted 1 #1 ana "one moment" → visitor 1 (by Ana) · ana (by Ana)
            AgentResumed ana
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn signing_out_ends_a_pause() {
    given(campaign())
        .and(agents_ready(1))
        .and(agent("ana").pauses())
        .and(agent("ana").signs_out())
        .and(agent("ana").signs_in())
        .so(|scene| assert_eq!(scene.why_not("Support", "ana"), "eligible"));
}

#[test]
fn a_slot_stays_taken_until_the_wrap_up_is_over() {
    given(campaign().agent_cap(1).wrap_up(15))
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .when(agent("ana").closes(1))
        .when(seconds_pass(15))
        .then(expect![[r#"
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            +15s WrapUpEnded 1 after ana
            +15s ChatAssigned 2 ana direct     → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn a_campaign_may_be_deleted_while_somebody_still_wraps_up() {
    given(campaign().wrap_up(15))
        .and(campaign().named("Sales").mode("interaction"))
        .and(agent("ana").ready_in(&["Support", "Sales"]))
        .and(visitor(1).asks())
        .and(agent("ana").closes(1))
        .and(delete("Support"))
        .when(visitor(2).asks().to("Sales"))
        .when(seconds_pass(15))
        .then(expect![[r#"
            ChatQueued 2 in Sales              → visitor 2: waiting 1
            +15s WrapUpEnded 1 after ana
            +15s ChatAssigned 2 ana direct in Sales → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn a_visitor_who_leaves_also_starts_the_wrap_up() {
    given(campaign().agent_cap(1).wrap_up(15))
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .when(visitor(1).leaves())
        .when(seconds_pass(15))
        .then(expect![[r#"
            ChatClosed 1 visitor_left          → visitor 1: closed, feedback "" with form · ana: 1 gone, visitor_left
            +15s WrapUpEnded 1 after ana
            +15s ChatAssigned 2 ana direct     → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn without_a_wrap_up_a_freed_slot_gets_the_next_chat_in_the_same_step() {
    given(campaign().agent_cap(1))
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .when(agent("ana").closes(1))
        .then(expect![[r#"
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn the_cap_holds_for_assigned_offered_and_incoming_chats_together() {
    given(campaign().agent_cap(2).offer_timeout(60))
        .and(agents_ready(1))
        .and(agent("bob").ready())
        .and(agent("bob").pauses())
        .and(visitors_ask(1, 2))
        .and(agent("ana").accepts(1))
        .and(agent("bob").resumes())
        .so(|scene| assert_eq!(scene.why_not("Support", "ana"), "at_capacity"))
        .when(visitors_ask(3, 5))
        .then(expect![[r#"
            ChatQueued 3                       → visitor 3: waiting 2
            ChatOffered 3 bob                  → bob: 3 offered · visitor 3: waiting 0
            ChatQueued 4                       → visitor 4: waiting 3
            ChatOffered 4 bob                  → bob: 4 offered · visitor 4: waiting 0
            ChatQueued 5                       → visitor 5: waiting 4
        "#]])
        .and(agent("bob").accepts(3))
        .when(agent("bob").transfers(3, "ana"))
        .then(expect![[r#"
            ! at_capacity: agent 1 has 2 chats, the most allowed is 2
        "#]]);
}

#[test]
fn a_cap_of_zero_has_no_limit() {
    given(campaign().agent_cap(0))
        .and(agents_ready(1))
        .and(visitors_ask(1, 40))
        .so(|scene| assert_eq!(scene.counted("Support"), "O40 A40"));
}

#[test]
fn a_tenant_wide_cap_holds_beside_that_of_each_campaign() {
    given(campaign().agent_cap(2))
        .and(campaign().named("Sales").agent_cap(2))
        .and(tenant(|settings| {
            settings.agent_cap = std::num::NonZeroU32::new(3)
        }))
        .and(agent("ana").ready_in(&["Support", "Sales"]))
        .and(visitors_ask(1, 3))
        .so(|scene| assert_eq!(scene.owners(), "ana ana -"))
        .and(visitor(4).asks().to("Sales"))
        .and(visitor(5).asks().to("Sales"))
        .so(|scene| assert_eq!(scene.owners(), "ana ana - ana -"))
        .and(agent("ana").closes(1))
        .so(|scene| assert_eq!(scene.owners(), "ana ana ana -"));
}

#[test]
fn at_the_cap_a_manual_take_is_refused() {
    given(campaign().agent_cap(1))
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .when(agent("ana").takes(2))
        .then(expect![[r#"
            ! at_capacity: agent 1 has 1 chats, the most allowed is 1
        "#]]);
}

#[test]
fn a_member_without_a_voice_campaign_gets_nothing_when_that_is_required() {
    given(campaign())
        .and(agents_ready(2))
        .and(voice("bob", true))
        .and(tenant(|settings| settings.voice_membership_required = true))
        .so(|scene| assert_eq!(scene.why_not("Support", "ana"), "no_voice_campaign"))
        .when(visitors_ask(1, 2))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatAssigned 1 bob direct          → bob: 1 active · visitor 1: with Bob
            ChatQueued 2                       → visitor 2: waiting 1
            ChatAssigned 2 bob direct          → bob: 2 active · visitor 2: with Bob
        "#]])
        .when(agent("bob").transfers(1, "ana"))
        .when(agent("bob").invites(1, "ana"))
        .then(expect![[r#"
            ! not_available: agent 1 cannot take chats now: no_voice_campaign
            ! not_available: agent 1 cannot take chats now: no_voice_campaign
        "#]]);
}

#[test]
fn a_waiting_chat_cannot_be_taken_without_a_voice_campaign_when_that_is_required() {
    given(campaign().mode("ringallmultiple"))
        .and(tenant(|settings| settings.voice_membership_required = true))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(agent("ana").takes(1))
        .when(voice("ana", true))
        .when(agent("ana").takes(1))
        .then(expect![[r#"
            ! not_available: agent 1 cannot take chats now: no_voice_campaign
            AgentChanged ana
            ChatAssigned 1 ana taken           → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn becoming_part_of_a_voice_campaign_gives_the_next_chat_at_once() {
    given(campaign())
        .and(tenant(|settings| settings.voice_membership_required = true))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(voice("ana", true))
        .then(expect![[r#"
            AgentChanged ana
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn by_default_voice_membership_does_not_matter() {
    given(campaign())
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .so(|scene| assert_eq!(scene.owners(), "ana"));
}

#[test]
fn an_agent_who_is_no_member_gets_nothing_and_may_take_nothing() {
    given(campaign())
        .and(agent("ana").exists())
        .and(agent("ana").signs_in())
        .and(visitor(1).asks())
        .when(agent("ana").takes(1))
        .then(expect![[r#"
            ! not_available: agent 1 cannot take chats now: not_member
        "#]]);
}

#[test]
fn a_member_removed_keeps_active_chats_and_gets_no_more() {
    given(campaign())
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(members(&[]))
        .when(visitor(2).asks())
        .when(agent("ana").writes(1, "a", "still with you"))
        .when(agent("ana").closes(1))
        .then(expect![[r#"
            MembersSet
            ChatQueued 2                       → visitor 2: waiting 1
            MessagePosted 1 #1 ana "still with you" → visitor 1 (by Ana) · ana (by Ana)
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
        "#]]);
}

#[test]
fn a_deleted_agents_chats_return_to_the_queue() {
    given(campaign().order("linear"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(delete_agent("ana"))
        .then(expect![[r#"
            AgentSignedOut ana forced
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            ChatAssigned 1 bob direct          → bob: 1 active · visitor 1: with Bob
            MessagePosted 1 #2 transferred "Ahora le atiende Bob." → visitor 1 · bob
            AgentDeleted ana
        "#]]);
}

#[test]
fn an_agent_may_take_a_waiting_chat_by_hand_in_any_mode() {
    given(campaign().mode("interaction"))
        .and(agents_ready(1))
        .and(visitors_ask(1, 3))
        .when(agent("ana").takes(3))
        .then(expect![[r#"
            ChatAssigned 3 ana taken           → ana: 3 active · visitor 3: with Ana
        "#]]);
}

#[test]
fn a_chat_taken_twice_is_with_the_first() {
    given(campaign().mode("ringallmultiple"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(agent("bob").takes(1))
        .when(agent("ana").takes(1))
        .when(agent("bob").takes(1))
        .then(expect![[r#"
            ChatAssigned 1 bob taken           → bob: 1 active · visitor 1: with Bob
            ! already_taken: chat 0-1 is no longer to be had
            = chat 1
        "#]]);
}

#[test]
fn after_a_restart_agents_and_visitors_have_their_grace_times_to_come_back() {
    given(campaign().auto_finish(60))
        .and(agents_ready(2))
        .and(visitors_ask(1, 2))
        .when(restart())
        .when(seconds_pass(10))
        .when(agent("ana").comes_back())
        .when(visitor(1).comes_back())
        .when(seconds_pass(120))
        .then(expect![[r#"
            AgentLost ana
            AgentLost bob
            VisitorLost 1                      → ana: 1 active, visitor away
            VisitorLost 2                      → bob: 2 active, visitor away
            +10s AgentBack ana
            +10s VisitorBack 1                 → ana: 1 active · visitor 1: with Ana
            +30s AgentSignedOut bob lost       → bob: session 1 ended, signed_out
            +30s ChatReturned 2 agent_lost     → bob: 2 gone, returned · visitor 2: waiting 1
            +30s MessagePosted 2 #1 returned "A conexão com o agente foi perdida. Outro agente irá atendê-lo em breve." → visitor 2
            +1m ChatClosed 2 visitor_gone      → visitor 2: closed, feedback "" with form
        "#]]);
}
