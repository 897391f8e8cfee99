//! Several agents on one chat, one owner. Source: domain.md §6.

use expect_test::expect;

use crate::scene::*;

/// Visitor 1 is with ana; bob and carla are free.
fn three_agents() -> Scene {
    given(campaign().order("linear"))
        .and(agents_ready(3))
        .and(visitor(1).asks())
}

#[test]
fn an_invited_agent_joins_beside_the_owner_and_all_hear_each_other() {
    three_agents()
        .when(agent("ana").invites(1, "bob"))
        .when(visitor(1).writes("a", "hello both"))
        .when(agent("bob").writes(1, "b", "hello"))
        .when(agent("ana").notes(1, "bob knows the case"))
        .then(expect![[r#"
            ParticipantJoined 1 bob            → ana: 1 active · bob: 1 active with ana
            MessagePosted 1 #1 agent_joined "Bob se unió a la conversación." → visitor 1 · ana · bob
            MessagePosted 1 #2 visitor "hello both" → visitor 1 · ana · bob
            MessagePosted 1 #3 bob "hello"     → visitor 1 (by Bob) · ana (by Bob) · bob (by Bob)
            NoteAdded 1 ana "bob knows the case" → ana: note · bob: note
        "#]]);
}

#[test]
fn when_the_owner_leaves_the_longest_present_takes_over() {
    three_agents()
        .and(agent("ana").invites(1, "carla"))
        .and(agent("ana").invites(1, "bob"))
        .when(agent("ana").leaves(1))
        .then(expect![[r#"
            ParticipantLeft 1 ana, owner carla → ana: 1 gone, left · carla: 1 active · bob: 1 active with carla · visitor 1: with Carla
            MessagePosted 1 #3 agent_left "Ana dejó la conversación." → visitor 1 · carla · bob
        "#]])
        .so(|scene| assert_eq!(scene.owner(1), "carla"));
}

#[test]
fn a_guest_who_leaves_changes_nothing_for_the_owner() {
    three_agents()
        .and(agent("ana").invites(1, "bob"))
        .when(agent("bob").leaves(1))
        .then(expect![[r#"
            ParticipantLeft 1 bob, owner ana   → bob: 1 gone, left · ana: 1 active · visitor 1: with Ana
            MessagePosted 1 #2 agent_left "Bob dejó la conversación." → visitor 1 · ana
        "#]]);
}

#[test]
fn a_guest_who_leaves_does_not_end_the_owners_transfer_but_the_owner_does() {
    three_agents()
        .and(agent("ana").invites(1, "bob"))
        .and(agent("ana").transfers(1, "carla"))
        .when(agent("bob").leaves(1))
        .then(expect![[r#"
            ParticipantLeft 1 bob, owner ana   → bob: 1 gone, left · ana: 1 transferring · carla: 1 transferring with ana · visitor 1: with Ana
            MessagePosted 1 #2 agent_left "Bob dejó la conversación." → visitor 1 · ana · carla
        "#]])
        .so(|scene| assert_eq!(scene.owner(1), "ana"));
    three_agents()
        .and(agent("ana").invites(1, "bob"))
        .and(agent("ana").transfers(1, "carla"))
        .when(agent("ana").leaves(1))
        .then(expect![[r#"
            TransferEnded 1 rescinded          → carla: 1 gone, offer_rescinded · ana: 1 active · bob: 1 active with ana
            ParticipantLeft 1 ana, owner bob   → ana: 1 gone, left · bob: 1 active · visitor 1: with Bob
            MessagePosted 1 #2 agent_left "Ana dejó la conversación." → visitor 1 · bob
        "#]])
        .so(|scene| assert_eq!(scene.owner(1), "bob"));
}

#[test]
fn the_only_agent_of_a_chat_cannot_leave_it() {
    three_agents()
        .when(agent("ana").leaves(1))
        .then(expect![[r#"
        ! not_owner: chat 0-1 is not with this agent
    "#]]);
}

#[test]
fn when_the_owner_is_lost_for_good_the_conference_goes_on_without_returning_the_chat() {
    three_agents()
        .and(agent("ana").invites(1, "bob"))
        .when(agent("ana").goes_away())
        .when(seconds_pass(30))
        .then(expect![[r#"
            AgentLost ana
            +30s AgentSignedOut ana lost       → ana: session 1 ended, signed_out
            +30s ParticipantLeft 1 ana, owner bob → ana: 1 gone, left · bob: 1 active · visitor 1: with Bob
            +30s MessagePosted 1 #2 agent_left "Ana dejó la conversación." → visitor 1 · bob
        "#]]);
}

#[test]
fn only_the_owner_may_invite_and_close() {
    three_agents()
        .and(agent("ana").invites(1, "bob"))
        .when(agent("bob").invites(1, "carla"))
        .when(agent("bob").closes(1))
        .when(agent("ana").closes(1))
        .then(expect![[r#"
            ! not_owner: chat 0-1 is not with this agent
            ! not_owner: chat 0-1 is not with this agent
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed · bob: 1 gone, agent_closed
        "#]]);
}

#[test]
fn an_invited_agent_needs_a_free_slot_and_uses_it() {
    given(campaign().order("linear").agent_cap(1))
        .and(agents_ready(3))
        .and(visitors_ask(1, 2))
        .when(agent("ana").invites(1, "bob"))
        .when(agent("ana").invites(1, "carla"))
        .when(visitor(3).asks())
        .then(expect![[r#"
            ! at_capacity: agent 2 has 1 chats, the most allowed is 1
            ParticipantJoined 1 carla          → ana: 1 active · carla: 1 active with ana
            MessagePosted 1 #1 agent_joined "Carla se unió a la conversación." → visitor 1 · ana · carla
            ChatQueued 3                       → visitor 3: waiting 1
        "#]]);
}

#[test]
fn an_agent_can_be_invited_once() {
    three_agents()
        .and(agent("ana").invites(1, "bob"))
        .when(agent("ana").invites(1, "bob"))
        .then(expect![[r#"
            ! not_available: agent 2 cannot take chats now: busy
        "#]]);
}

#[test]
fn a_transfer_leaves_the_guests_in_the_chat() {
    three_agents()
        .and(agent("ana").invites(1, "bob"))
        .and(agent("ana").transfers(1, "carla"))
        .when(agent("carla").accepts(1))
        .when(agent("bob").writes(1, "a", "still here"))
        .then(expect![[r#"
            ChatAssigned 1 carla transferred   → ana: 1 gone, transferred · carla: 1 active · bob: 1 active with carla · visitor 1: with Carla
            MessagePosted 1 #2 transferred "Ahora le atiende Carla." → visitor 1 · carla · bob
            MessagePosted 1 #3 bob "still here" → visitor 1 (by Bob) · carla (by Bob) · bob (by Bob)
        "#]]);
}

#[test]
fn a_chat_has_room_for_seven_agents() {
    let scene = given(campaign().order("linear"))
        .and(agents_ready(6))
        .and(agent("gil").ready())
        .and(agent("hal").ready())
        .and(visitor(1).asks());
    ["bob", "carla", "dan", "eva", "fay", "gil"]
        .into_iter()
        .fold(scene, |scene, guest| {
            scene.and(agent("ana").invites(1, guest))
        })
        .when(agent("ana").invites(1, "hal"))
        .then(expect![[r#"
            ! limit: agents in the chat would be more than 7
        "#]]);
}

#[test]
fn with_hidden_names_the_visitor_learns_of_no_name_in_a_conference() {
    given(campaign().order("linear").show_agent_name(false))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(agent("ana").invites(1, "bob"))
        .when(agent("bob").writes(1, "a", "hello"))
        .when(agent("ana").leaves(1))
        .then(expect![[r#"
            ParticipantJoined 1 bob            → ana: 1 active · bob: 1 active with ana
            MessagePosted 1 #1 agent_joined "Agente se unió a la conversación." → visitor 1 · ana · bob
            MessagePosted 1 #2 bob "hello"     → visitor 1 (by Agente) · ana (by Bob) · bob (by Bob)
            ParticipantLeft 1 ana, owner bob   → ana: 1 gone, left · bob: 1 active · visitor 1: with Agente
            MessagePosted 1 #3 agent_left "Agente dejó la conversación." → visitor 1 · bob
        "#]]);
}
