//! What supervisors may do to a live chat. Source: domain.md §6.

use expect_test::expect;
use webchat_core::command::{Command, Member, SupervisorCommand};
use webchat_core::event::Event;

use crate::scene::*;

/// Visitor 1 is with ana; eva, a member of nothing, supervises.
fn watched() -> Scene {
    given(campaign().order("linear").agent_cap(1))
        .and(agents_ready(2))
        .and(agent("eva").exists())
        .and(agent("eva").signs_in())
        .and(visitor(1).asks())
}

#[test]
fn a_whisper_reaches_the_agents_and_never_the_visitor() {
    watched()
        .when(supervisor("eva").whispers(1, "offer the discount"))
        .then(expect![[r#"
            Whispered 1 eva "offer the discount" → ana: whisper
        "#]]);
}

#[test]
fn a_repeated_whisper_is_said_once_and_its_key_is_apart_from_a_notes() {
    watched()
        .when(supervisor("eva").whispers_under(1, Some("w"), "offer the discount"))
        .when(supervisor("eva").whispers_under(1, Some("w"), "offer the discount"))
        .when(supervisor("eva").whispers_under(1, Some("w"), "no discount"))
        .when(supervisor("eva").whispers_under(1, Some(""), "no discount"))
        .when(supervisor("ana").whispers_under(1, Some("w"), "which one?"))
        .when(agent("ana").notes_under(1, Some("w"), "asked which"))
        .then(expect![[r#"
            Whispered 1 eva "offer the discount" → ana: whisper
            ! conflicting_key: key `w` was used before with other content
            ! invalid_field: key is empty, expected 1 to 64 characters without blanks
            Whispered 1 ana "which one?"       → ana: whisper
            NoteAdded 1 ana "asked which"      → ana: note
        "#]]);
}

#[test]
fn who_watches_a_chat_is_told_what_its_agents_are_told_and_that_is_recorded() {
    watched()
        .when(supervisor("eva").watches(1))
        .when(visitor(1).writes("a", "hello"))
        .when(visitor(1).types(true))
        .when(agent("ana").writes(1, "b", "good morning"))
        .when(agent("ana").notes(1, "a regular"))
        .when(visitor(1).sees(2, 2))
        .when(supervisor("eva").unwatches(1))
        .when(visitor(1).writes("c", "bye"))
        .then(expect![[r#"
            WatchStarted 1 eva
            MessagePosted 1 #1 visitor "hello" → visitor 1 · ana · watching eva
            → ana: typing true
            → watching eva: typing true
            MessagePosted 1 #2 ana "good morning" → visitor 1 (by Ana) · ana (by Ana) · watching eva (by Ana)
            NoteAdded 1 ana "a regular"        → ana: note · watching eva: note
            MessagesSeen 1 by visitor, delivered 2, read 2 → ana: read 2 · watching eva: read 2
            WatchEnded 1 eva
            MessagePosted 1 #3 visitor "bye"   → visitor 1 · ana
        "#]]);
}

#[test]
fn a_whisper_reaches_those_who_watch_and_never_the_visitor() {
    watched()
        .and(supervisor("eva").watches(1))
        .and(agent("zoe").exists())
        .when(supervisor("zoe").whispers(1, "offer the discount"))
        .then(expect![[r#"
            Whispered 1 zoe "offer the discount" → ana: whisper · watching eva: whisper
        "#]]);
}

#[test]
fn a_watch_ends_with_the_chat() {
    watched()
        .and(supervisor("eva").watches(1))
        .when(agent("ana").closes(1))
        .when(supervisor("eva").watches(1))
        .then(expect![[r#"
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed · watching eva: 1 gone, agent_closed
            ! chat_closed: chat 0-1 has ended
        "#]])
        .so(|scene| assert_eq!(scene.watched_by("eva"), 0));
}

#[test]
fn a_watch_ends_with_the_connection_and_with_the_session() {
    watched()
        .and(supervisor("eva").watches(1))
        .and(agent("eva").goes_away())
        .so(|scene| assert_eq!(scene.watched_by("eva"), 0))
        .when(supervisor("eva").watches(1))
        .then(expect![[r#"
            ! not_available: agent 3 cannot take chats now: lost
        "#]])
        .and(agent("eva").signs_out())
        .so(|scene| assert_eq!(scene.watched_by("eva"), 0))
        .when(supervisor("eva").watches(1))
        .then(expect![[r#"
            ! not_signed_in: agent 3 is not signed in
        "#]]);
}

#[test]
fn watching_again_changes_nothing_and_a_chat_that_waits_may_be_watched() {
    watched()
        .and(visitors_ask(2, 3))
        .when(supervisor("eva").watches(3))
        .when(supervisor("eva").watches(3))
        .when(supervisor("eva").unwatches(1))
        .when(agent("ana").closes(1))
        .then(expect![[r#"
            WatchStarted 3 eva
            = chat 3
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            ChatAssigned 3 ana direct          → ana: 3 active · watching eva: 3 active with ana · visitor 3: with Ana
        "#]]);
}

#[test]
fn a_supervisor_who_takes_over_a_watched_chat_is_told_once() {
    watched()
        .and(supervisor("eva").watches(1))
        .when(supervisor("eva").takes_over(1))
        .when(visitor(1).writes("a", "hello"))
        .when(agent("eva").transfers(1, "bob"))
        .when(agent("bob").accepts(1))
        .when(visitor(1).writes("b", "again"))
        .then(expect![[r#"
            ChatAssigned 1 eva taken_over      → ana: 1 gone, taken_over · eva: 1 active · visitor 1: with Eva
            MessagePosted 1 #1 transferred "Ahora le atiende Eva." → visitor 1 · eva
            MessagePosted 1 #2 visitor "hello" → visitor 1 · eva
            TransferStarted 1 to bob           → eva: 1 transferring · bob: 1 transferring with eva
            ChatAssigned 1 bob transferred     → eva: 1 gone, transferred · bob: 1 active · watching eva: 1 active with bob · visitor 1: with Bob
            MessagePosted 1 #3 transferred "Ahora le atiende Bob." → visitor 1 · bob · watching eva
            MessagePosted 1 #4 visitor "again" → visitor 1 · bob · watching eva
        "#]]);
}

#[test]
fn one_supervisor_watches_so_many_chats_and_no_more() {
    let last = webchat_core::limits::WATCHED;
    let mut scene = watched();
    scene = scene.and(visitors_ask(2, last as u32 + 1));
    for chat in 1..=last {
        scene = scene.and(supervisor("eva").watches(chat));
    }
    scene
        .when(supervisor("eva").watches(last + 1))
        .then(expect![[r#"
            ! limit: chats watched would be more than 100
        "#]]);
}

#[test]
fn a_supervisor_takes_a_chat_over() {
    watched()
        .when(supervisor("eva").takes_over(1))
        .when(agent("eva").writes(1, "a", "let me help"))
        .when(agent("ana").writes(1, "b", "but"))
        .then(expect![[r#"
            ChatAssigned 1 eva taken_over      → ana: 1 gone, taken_over · eva: 1 active · visitor 1: with Eva
            MessagePosted 1 #1 transferred "Ahora le atiende Eva." → visitor 1 · eva
            MessagePosted 1 #2 eva "let me help" → visitor 1 (by Eva) · eva (by Eva)
            ! not_owner: chat 0-1 is not with this agent
        "#]]);
}

#[test]
fn a_supervisor_may_take_over_a_waiting_chat() {
    watched()
        .and(visitors_ask(2, 3))
        .when(supervisor("eva").takes_over(3))
        .then(expect![[r#"
            ChatAssigned 3 eva taken_over      → eva: 3 active · visitor 3: with Eva
        "#]])
        .so(|scene| assert_eq!(scene.counted("Support"), "O3 A3"));
}

#[test]
fn a_supervisor_may_take_over_a_chat_that_is_offered_to_somebody() {
    given(campaign().offer_timeout(60))
        .and(agents_ready(1))
        .and(agent("eva").exists())
        .and(agent("eva").signs_in())
        .and(visitor(1).asks())
        .when(supervisor("eva").takes_over(1))
        .then(expect![[r#"
            OfferEnded 1 ana rescinded         → ana: 1 gone, offer_rescinded · visitor 1: waiting 1
            ChatAssigned 1 eva taken_over      → eva: 1 active · visitor 1: with Eva
        "#]]);
}

#[test]
fn a_supervisor_may_assign_over_the_cap_and_that_is_recorded() {
    watched()
        .and(visitors_ask(2, 3))
        .when(supervisor("eva").assigns(3, "ana"))
        .then(expect![[r#"
            ChatAssigned 3 ana forced over the cap → ana: 3 active · visitor 3: with Ana
        "#]]);
}

#[test]
fn an_agent_over_the_cap_gets_nothing_more_until_below_it() {
    watched()
        .and(visitors_ask(2, 4))
        .and(supervisor("eva").assigns(3, "ana"))
        .when(agent("ana").closes(1))
        .when(agent("ana").closes(3))
        .then(expect![[r#"
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            ChatClosed 3 agent_closed by ana   → visitor 3: closed, feedback "" with form · ana: 3 gone, agent_closed
            ChatAssigned 4 ana direct          → ana: 4 active · visitor 4: with Ana
        "#]]);
}

#[test]
fn a_supervisor_forces_a_transfer() {
    watched()
        .when(supervisor("eva").assigns(1, "bob"))
        .then(expect![[r#"
            ChatAssigned 1 bob forced          → ana: 1 gone, taken_over · bob: 1 active · visitor 1: with Bob
            MessagePosted 1 #1 transferred "Ahora le atiende Bob." → visitor 1 · bob
        "#]]);
}

#[test]
fn a_forced_transfer_ends_one_that_is_open() {
    watched()
        .and(agent("ana").transfers(1, "bob"))
        .when(supervisor("eva").takes_over(1))
        .when(agent("bob").accepts(1))
        .then(expect![[r#"
            TransferEnded 1 rescinded          → bob: 1 gone, offer_rescinded · ana: 1 active
            ChatAssigned 1 eva taken_over      → ana: 1 gone, taken_over · eva: 1 active · visitor 1: with Eva
            MessagePosted 1 #1 transferred "Ahora le atiende Eva." → visitor 1 · eva
            ! already_taken: chat 0-1 is no longer to be had
        "#]]);
}

#[test]
fn a_chat_is_forced_only_on_an_agent_who_is_signed_in() {
    watched()
        .and(agent("bob").signs_out())
        .when(supervisor("eva").assigns(1, "bob"))
        .then(expect![[r#"
            ! not_signed_in: agent 2 is not signed in
        "#]]);
}

#[test]
fn a_supervisor_closes_a_chat() {
    watched().when(supervisor("eva").closes(1)).then(expect![[r#"
        ChatClosed 1 supervisor_closed by eva → visitor 1: closed, feedback "" with form · ana: 1 gone, supervisor_closed
    "#]]);
}

#[test]
fn a_supervisor_needs_no_disposition() {
    given(campaign().disposition_required(true))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(agent("ana").closes(1))
        .when(supervisor("ana").closes(1))
        .then(expect![[r#"
            ! invalid_field: disposition is empty, expected one of the campaign's dispositions
            ChatClosed 1 supervisor_closed by ana → visitor 1: closed, feedback "" with form · ana: 1 gone, supervisor_closed
        "#]]);
}

#[test]
fn a_supervisor_signs_an_agent_out_and_the_chats_return() {
    watched()
        .when(supervisor("eva").signs_out("ana"))
        .when(supervisor("eva").signs_out("ana"))
        .then(expect![[r#"
            AgentSignedOut ana by_supervisor   → ana: session 1 ended, signed_out
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            ChatAssigned 1 bob direct          → bob: 1 active · visitor 1: with Bob
            MessagePosted 1 #2 transferred "Ahora le atiende Bob." → visitor 1 · bob
            ! not_signed_in: agent 1 is not signed in
        "#]]);
}

#[test]
fn a_supervisor_pauses_an_agent() {
    watched()
        .and(agent("ana").closes(1))
        .when(supervisor("eva").pauses("ana"))
        .when(visitor(2).asks())
        .then(expect![[r#"
            AgentPaused ana "meeting"
            ChatQueued 2                       → visitor 2: waiting 1
            ChatAssigned 2 bob direct          → bob: 2 active · visitor 2: with Bob
        "#]]);
}

#[test]
fn a_supervisor_lets_a_paused_agent_get_chats_again_and_that_is_recorded() {
    watched()
        .and(agent("bob").signs_out())
        .and(agent("ana").closes(1))
        .and(agent("ana").pauses())
        .and(visitor(2).asks())
        .when(supervisor("eva").resumes("ana"))
        .when(supervisor("eva").resumes("ana"))
        .when(supervisor("eva").resumes("bob"))
        .then(expect![[r#"
            AgentResumed ana by eva
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
            ! not_signed_in: agent 2 is not signed in
        "#]]);
}

#[test]
fn taking_over_again_changes_nothing() {
    watched()
        .and(supervisor("eva").takes_over(1))
        .when(supervisor("eva").takes_over(1))
        .then(expect![[r#"
            = chat 1
        "#]]);
}

/// Visitors 1 and 2 wait in `Support`, nobody in `Sales`; eva supervises.
fn waiting_beside_sales() -> Scene {
    given(campaign().time_out(60))
        .and(campaign().named("Sales").time_out(100))
        .and(agent("eva").exists())
        .and(visitors_waiting(2))
}

#[test]
fn a_waiting_chat_moved_to_another_campaign_flows_out_of_the_first_and_is_offered_to_the_other() {
    waiting_beside_sales()
        .and(agent("carla").ready_in(&["Sales"]))
        .when(supervisor("eva").moves(2, "Sales"))
        .then(expect![[r#"
            ChatMoved 2 to Sales by eva        → visitor 2: waiting 1
            ChatAssigned 2 carla direct in Sales → carla: 2 active · visitor 2: with Carla
        "#]])
        .so(|scene| {
            assert_eq!(scene.counted("Support"), "O2 F1 W1");
            assert_eq!(scene.counted("Sales"), "O1 A1");
        });
}

#[test]
fn a_moved_chat_stands_by_its_first_enqueue_and_gets_the_time_out_of_its_new_campaign() {
    waiting_beside_sales()
        .and(seconds_pass(30))
        .and(visitor(3).asks().to("Sales"))
        .when(supervisor("eva").moves(1, "Sales"))
        .then(expect![[r#"
            ChatMoved 1 to Sales by eva        → visitor 1: waiting 1
        "#]])
        .so(|scene| assert_eq!(scene.positions(), "1:1 2:1 3:2"))
        .when(seconds_pass(200))
        .then(expect![[r#"
            +30s ChatClosed 2 timed_out        → visitor 2: Not available (pt)
            +1m40s ChatClosed 1 timed_out      → visitor 1: Not available (es)
            +1m40s ChatClosed 3 timed_out      → visitor 3: Not available (en)
        "#]]);
}

#[test]
fn a_chat_moves_only_where_it_may_wait_and_only_while_it_waits() {
    waiting_beside_sales()
        .and(edit_of("Sales", |draft| draft.max_chats = 1))
        .and(visitor(3).asks().to("Sales"))
        .when(supervisor("eva").moves(1, "Sales"))
        .when(supervisor("eva").moves(1, "Support"))
        .and(edit_of("Sales", |draft| draft.enabled = false))
        .when(supervisor("eva").moves(1, "Sales"))
        .and(edit_of("Sales", |draft| draft.enabled = true))
        .and(agent("ana").ready())
        .when(supervisor("eva").moves(1, "Sales"))
        .then(expect![[r#"
            ! destination_closed: campaign 2 takes no transfer now: it is full
            ! destination_closed: campaign 1 takes no transfer now: the chat is in it already
            ! destination_closed: campaign 2 takes no transfer now: it is disabled
            ! already_taken: chat 0-1 is no longer to be had
        "#]]);
}

#[test]
fn moving_a_chat_that_is_offered_takes_the_offer_back() {
    given(campaign().offer_timeout(60))
        .and(campaign().named("Sales"))
        .and(agents_ready(1))
        .and(agent("eva").exists())
        .and(visitor(1).asks())
        .when(supervisor("eva").moves(1, "Sales"))
        .when(visitor(1).asks())
        .then(expect![[r#"
            OfferEnded 1 ana rescinded         → ana: 1 gone, offer_rescinded · visitor 1: waiting 1
            ChatMoved 1 to Sales by eva        → visitor 1: waiting 1
            = chat 1
        "#]]);
}

#[test]
fn whatever_a_supervisor_does_the_journal_names_the_supervisor() {
    let reorder = |scene: &mut Scene| {
        let (eva, campaign) = (scene.cast().agent("eva"), scene.cast().campaign("Support"));
        let mut members: Vec<Member> = scene.view().members(campaign).cloned().collect();
        members.reverse();
        let ask = SupervisorCommand::SetMembers { campaign, members };
        let _shown = scene.tell(Command::Supervisor { agent: eva, ask });
    };
    watched()
        .and(visitors_ask(2, 4))
        .and(supervisor("eva").takes_over(1))
        .and(supervisor("eva").assigns(3, "bob"))
        .and(supervisor("eva").pauses("ana"))
        .and(supervisor("eva").signs_out("ana"))
        .and(reorder)
        .so(|scene| {
            let eva = scene.cast().agent("eva");
            let named: Vec<&str> = scene
                .journal()
                .iter()
                .filter_map(|recorded| match &recorded.event {
                    Event::ChatAssigned { by, .. } if *by == Some(eva) => Some("assigned"),
                    Event::AgentPaused { by, .. } if *by == Some(eva) => Some("paused"),
                    Event::AgentSignedOut { by, .. } if *by == Some(eva) => Some("signed out"),
                    Event::MembersSet { by, .. } if *by == Some(eva) => Some("members"),
                    _ => None,
                })
                .collect();
            let all = ["assigned", "assigned", "paused", "signed out", "members"];
            assert_eq!(named, all);
        });
}
