//! Handing a chat over: to an agent, to a campaign. Source: domain.md §6.

use expect_test::expect;

use crate::scene::*;

/// `Support` with ana and bob, `Sales` with carla; visitor 1 is with ana.
fn two_campaigns() -> Scene {
    given(campaign().order("linear"))
        .and(campaign().named("Sales"))
        .and(agents_ready(2))
        .and(agent("carla").ready_in(&["Sales"]))
        .and(visitor(1).asks())
}

#[test]
fn a_transfer_to_an_agent_is_done_when_that_agent_accepts() {
    two_campaigns()
        .when(agent("ana").transfers(1, "bob"))
        .when(agent("ana").writes(1, "a", "I will hand you over"))
        .when(agent("bob").accepts(1))
        .when(agent("ana").writes(1, "b", "too late"))
        .then(expect![[r#"
            TransferStarted 1 to bob           → ana: 1 transferring · bob: 1 transferring with ana
            MessagePosted 1 #1 ana "I will hand you over" → visitor 1 (by Ana) · ana (by Ana) · bob (by Ana)
            ChatAssigned 1 bob transferred     → ana: 1 gone, transferred · bob: 1 active · visitor 1: with Bob
            MessagePosted 1 #2 transferred "Ahora le atiende Bob." → visitor 1 · bob
            ! not_owner: chat 0-1 is not with this agent
        "#]]);
}

#[test]
fn both_slots_are_held_while_a_transfer_is_open() {
    given(campaign().agent_cap(1).order("linear"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(agent("ana").transfers(1, "bob"))
        .when(visitor(2).asks())
        .when(agent("bob").accepts(1))
        .then(expect![[r#"
            TransferStarted 1 to bob           → ana: 1 transferring · bob: 1 transferring with ana
            ChatQueued 2                       → visitor 2: waiting 1
            ChatAssigned 1 bob transferred     → ana: 1 gone, transferred · bob: 1 active · visitor 1: with Bob
            MessagePosted 1 #1 transferred "Ahora le atiende Bob." → visitor 1 · bob
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn a_refused_transfer_leaves_the_chat_with_its_owner() {
    two_campaigns()
        .when(agent("ana").transfers(1, "bob"))
        .when(agent("bob").refuses(1))
        .then(expect![[r#"
            TransferStarted 1 to bob           → ana: 1 transferring · bob: 1 transferring with ana
            TransferEnded 1 refused            → bob: 1 gone, refused · ana: 1 active
        "#]]);
}

#[test]
fn a_transfer_nobody_answers_lapses() {
    two_campaigns()
        .and(tenant(|settings| settings.transfer_timeout = seconds(10)))
        .when(agent("ana").transfers(1, "bob"))
        .when(seconds_pass(10))
        .when(agent("bob").accepts(1))
        .then(expect![[r#"
            TransferStarted 1 to bob           → ana: 1 transferring · bob: 1 transferring with ana
            +10s TransferEnded 1 lapsed        → bob: 1 gone, offer_lapsed · ana: 1 active
            ! already_taken: chat 0-1 is no longer to be had
        "#]]);
}

#[test]
fn a_transfer_to_an_agent_who_is_lost_or_signs_out_leaves_the_chat_with_its_owner() {
    two_campaigns()
        .when(agent("ana").transfers(1, "bob"))
        .when(agent("bob").goes_away())
        .when(agent("bob").comes_back())
        .when(agent("ana").transfers(1, "bob"))
        .when(agent("bob").signs_out())
        .then(expect![[r#"
            TransferStarted 1 to bob           → ana: 1 transferring · bob: 1 transferring with ana
            AgentLost bob
            TransferEnded 1 rescinded          → bob: 1 gone, offer_rescinded · ana: 1 active
            AgentBack bob
            TransferStarted 1 to bob           → ana: 1 transferring · bob: 1 transferring with ana
            AgentSignedOut bob asked
            TransferEnded 1 rescinded          → bob: 1 gone, offer_rescinded · ana: 1 active
        "#]]);
}

#[test]
fn the_owner_may_take_a_transfer_back() {
    two_campaigns()
        .when(agent("ana").transfers(1, "bob"))
        .when(agent("ana").cancels_transfer(1))
        .when(agent("bob").accepts(1))
        .then(expect![[r#"
            TransferStarted 1 to bob           → ana: 1 transferring · bob: 1 transferring with ana
            TransferEnded 1 rescinded          → bob: 1 gone, offer_rescinded · ana: 1 active
            ! already_taken: chat 0-1 is no longer to be had
        "#]]);
}

#[test]
fn a_transfer_needs_an_agent_who_can_take_it() {
    two_campaigns()
        .and(agent("bob").pauses())
        .when(agent("ana").transfers(1, "bob"))
        .when(agent("bob").resumes())
        .when(agent("bob").goes_away())
        .when(agent("ana").transfers(1, "bob"))
        .when(agent("bob").signs_out())
        .when(agent("ana").transfers(1, "bob"))
        .when(agent("ana").transfers(1, "ana"))
        .then(expect![[r#"
            ! not_available: agent 2 cannot take chats now: paused
            AgentResumed bob
            AgentLost bob
            ! not_available: agent 2 cannot take chats now: lost
            AgentSignedOut bob asked
            ! not_available: agent 2 cannot take chats now: not_signed_in
            ! not_available: agent 1 cannot take chats now: busy
        "#]]);
}

#[test]
fn only_the_owner_may_transfer_and_only_once_at_a_time() {
    two_campaigns()
        .when(agent("bob").transfers(1, "carla"))
        .when(agent("ana").transfers(1, "bob"))
        .when(agent("ana").transfers(1, "carla"))
        .then(expect![[r#"
            ! not_owner: chat 0-1 is not with this agent
            TransferStarted 1 to bob           → ana: 1 transferring · bob: 1 transferring with ana
            ! already_taken: chat 0-1 is no longer to be had
        "#]]);
}

#[test]
fn a_chat_may_go_to_an_agent_who_is_no_member_and_the_round_robin_goes_on_where_it_was() {
    given(campaign().order("rrmemory"))
        .and(campaign().named("Sales"))
        .and(agents_ready(3))
        .and(agent("dan").ready_in(&["Sales"]))
        .and(visitors_ask(1, 2))
        .and(agent("bob").transfers(2, "dan"))
        .and(agent("dan").accepts(2))
        .and(visitor(3).asks())
        .so(|scene| assert_eq!(scene.owners(), "ana dan carla"));
}

#[test]
fn a_transfer_to_a_campaign_goes_to_its_next_agent() {
    two_campaigns()
        .when(agent("ana").transfers_to_campaign(1, "Sales"))
        .then(expect![[r#"
            TransferStarted 1 to Sales         → ana: 1 transferring
            ChatAssigned 1 carla transferred in Sales → ana: 1 gone, transferred · carla: 1 active · visitor 1: with Carla
            MessagePosted 1 #1 transferred "Ahora le atiende Carla." → visitor 1 · carla
        "#]]);
}

#[test]
fn a_transfer_to_a_busy_campaign_waits_there_with_its_owner() {
    two_campaigns()
        .and(agent("carla").pauses())
        .when(agent("ana").transfers_to_campaign(1, "Sales"))
        .when(agent("ana").writes(1, "a", "still me"))
        .when(agent("carla").resumes())
        .then(expect![[r#"
            TransferStarted 1 to Sales         → ana: 1 transferring
            MessagePosted 1 #1 ana "still me"  → visitor 1 (by Ana) · ana (by Ana)
            AgentResumed carla
            ChatAssigned 1 carla transferred in Sales → ana: 1 gone, transferred · carla: 1 active · visitor 1: with Carla
            MessagePosted 1 #2 transferred "Ahora le atiende Carla." → visitor 1 · carla
        "#]]);
}

#[test]
fn a_transfer_is_offered_where_the_campaign_offers() {
    two_campaigns()
        .and(edit_of("Sales", |draft| draft.offer_timeout = 10))
        .when(agent("ana").transfers_to_campaign(1, "Sales"))
        .when(agent("carla").refuses(1))
        .when(seconds_pass(10))
        .when(agent("carla").accepts(1))
        .then(expect![[r#"
            TransferStarted 1 to Sales         → ana: 1 transferring
            ChatOffered 1 carla                → ana: 1 transferring · carla: 1 transferring with ana · visitor 1: with Ana
            OfferEnded 1 carla refused         → carla: 1 gone, refused · ana: 1 transferring · visitor 1: with Ana
            ChatOffered 1 carla again          → ana: 1 transferring · carla: 1 transferring with ana · visitor 1: with Ana
            +10s OfferEnded 1 carla lapsed     → carla: 1 gone, offer_lapsed · ana: 1 transferring · visitor 1: with Ana
            +10s ChatOffered 1 carla again     → ana: 1 transferring · carla: 1 transferring with ana · visitor 1: with Ana
            +10s ChatAssigned 1 carla transferred in Sales → ana: 1 gone, transferred · carla: 1 active · visitor 1: with Carla
            +10s MessagePosted 1 #1 transferred "Ahora le atiende Carla." → visitor 1 · carla
        "#]]);
}

#[test]
fn a_transfer_to_a_campaign_lapses_with_the_time_out_of_that_campaign() {
    two_campaigns()
        .and(agent("carla").pauses())
        .and(edit_of("Sales", |draft| draft.time_out = 20))
        .when(agent("ana").transfers_to_campaign(1, "Sales"))
        .when(seconds_pass(60))
        .then(expect![[r#"
            TransferStarted 1 to Sales         → ana: 1 transferring
            +20s TransferEnded 1 lapsed        → ana: 1 active
        "#]]);
}

#[test]
fn a_transfer_stands_in_the_other_queue_by_its_first_enqueue() {
    two_campaigns()
        .and(agent("carla").pauses())
        .and(seconds_pass(10))
        .and(visitor(2).asks().to("Sales"))
        .and(agent("ana").transfers_to_campaign(1, "Sales"))
        .and(edit_of("Sales", |draft| draft.agent_cap = 1))
        .so(|scene| assert_eq!(scene.positions(), "2:2"))
        .when(agent("carla").resumes())
        .then(expect![[r#"
            AgentResumed carla
            ChatAssigned 1 carla transferred in Sales → ana: 1 gone, transferred · carla: 1 active · visitor 1: with Carla
            MessagePosted 1 #1 transferred "Ahora le atiende Carla." → visitor 1 · carla
        "#]]);
}

#[test]
fn a_transfer_to_a_closed_disabled_or_full_campaign_is_refused_and_the_chat_stays() {
    two_campaigns()
        .and(agent("carla").pauses())
        .and(edit_of("Sales", |draft| draft.max_chats = 1))
        .and(visitor(2).asks().to("Sales"))
        .when(agent("ana").transfers_to_campaign(1, "Sales"))
        .and(edit_of("Sales", |draft| {
            draft.schedule = hours_of("", "UTC")
        }))
        .when(agent("ana").transfers_to_campaign(1, "Sales"))
        .and(edit_of("Sales", |draft| draft.enabled = false))
        .when(agent("ana").transfers_to_campaign(1, "Sales"))
        .when(agent("ana").transfers_to_campaign(1, "Support"))
        .then(expect![[r#"
            ! destination_closed: campaign 2 takes no transfer now: it is full
            ! destination_closed: campaign 2 takes no transfer now: it is closed
            ! destination_closed: campaign 2 takes no transfer now: it is disabled
            ! destination_closed: campaign 1 takes no transfer now: the chat is in it already
        "#]])
        .so(|scene| assert_eq!(scene.owner(1), "ana"));
}

#[test]
fn a_transfer_to_a_campaign_without_waiting_is_done_if_somebody_is_free() {
    two_campaigns()
        .and(edit_of("Sales", |draft| draft.no_waiting = true))
        .and(agent("carla").pauses())
        .when(agent("ana").transfers_to_campaign(1, "Sales"))
        .and(agent("carla").resumes())
        .when(agent("ana").transfers_to_campaign(1, "Sales"))
        .then(expect![[r#"
            ! destination_closed: campaign 2 takes no transfer now: it is full
            TransferStarted 1 to Sales         → ana: 1 transferring
            ChatAssigned 1 carla transferred in Sales → ana: 1 gone, transferred · carla: 1 active · visitor 1: with Carla
            MessagePosted 1 #1 transferred "Ahora le atiende Carla." → visitor 1 · carla
        "#]]);
}

#[test]
fn a_transfer_ends_when_the_campaign_it_goes_to_is_disabled() {
    two_campaigns()
        .and(agent("carla").pauses())
        .and(agent("ana").transfers_to_campaign(1, "Sales"))
        .when(edit_of("Sales", |draft| draft.enabled = false))
        .then(expect![[r#"
            CampaignChanged 2
            TransferEnded 1 rescinded          → ana: 1 active
        "#]]);
}

#[test]
fn a_chat_on_its_way_to_a_campaign_keeps_that_campaign_from_being_deleted() {
    two_campaigns()
        .and(agent("carla").pauses())
        .and(agent("ana").transfers_to_campaign(1, "Sales"))
        .when(delete("Sales"))
        .and(agent("ana").cancels_transfer(1))
        .when(delete("Sales"))
        .then(expect![[r#"
            ! campaign_live: 1 chats are live in the campaign, close them first
            CampaignDeleted 2
        "#]]);
}

#[test]
fn the_chat_of_a_lost_owner_goes_back_to_its_own_queue_not_the_other() {
    two_campaigns()
        .and(agent("carla").pauses())
        .and(agent("bob").pauses())
        .and(agent("ana").transfers_to_campaign(1, "Sales"))
        .when(agent("ana").signs_out_by_force())
        .then(expect![[r#"
            AgentSignedOut ana forced
            TransferEnded 1 rescinded          → ana: 1 active
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
        "#]]);
}

#[test]
fn the_chat_of_a_lost_owner_may_still_be_accepted_during_the_grace_time() {
    two_campaigns()
        .and(agent("ana").transfers(1, "bob"))
        .and(agent("ana").goes_away())
        .when(agent("bob").accepts(1))
        .when(seconds_pass(30))
        .then(expect![[r#"
            ChatAssigned 1 bob transferred     → ana: 1 gone, transferred · bob: 1 active · visitor 1: with Bob
            MessagePosted 1 #1 transferred "Ahora le atiende Bob." → visitor 1 · bob
            +30s AgentSignedOut ana lost       → ana: session 1 ended, signed_out
        "#]]);
}

#[test]
fn after_a_transfer_the_visitor_finds_the_chat_where_they_asked_for_it() {
    two_campaigns()
        .and(agent("ana").transfers_to_campaign(1, "Sales"))
        .when(visitor(1).asks())
        .when(visitor(1).asks().to("Sales"))
        .then(expect![[r#"
            = chat 1
            = chat 1
        "#]]);
}

#[test]
fn a_visitor_with_a_chat_in_the_other_campaign_is_not_given_a_second_one() {
    two_campaigns()
        .and(visitor(1).asks().to("Sales"))
        .when(agent("ana").transfers_to_campaign(1, "Sales"))
        .then(expect![[r#"
            ! destination_closed: campaign 2 takes no transfer now: the visitor has another chat there
        "#]]);
}

#[test]
fn a_visitor_on_the_way_to_a_campaign_finds_that_chat_there() {
    two_campaigns()
        .and(agent("carla").pauses())
        .and(agent("ana").transfers_to_campaign(1, "Sales"))
        .when(visitor(1).asks().to("Sales"))
        .and(agent("ana").cancels_transfer(1))
        .when(visitor(1).asks().to("Sales"))
        .then(expect![[r#"
            = chat 1
            ChatQueued 2 in Sales              → visitor 1: waiting 1
        "#]]);
}

#[test]
fn a_transfer_does_not_send_welcome_or_the_automatic_message_again() {
    given(campaign().texts().order("linear"))
        .and(campaign().named("Sales").texts())
        .and(agents_ready(1))
        .and(agent("carla").ready_in(&["Sales"]))
        .and(visitor(1).asks())
        .when(agent("ana").transfers_to_campaign(1, "Sales"))
        .then(expect![[r#"
            TransferStarted 1 to Sales         → ana: 1 transferring
            ChatAssigned 1 carla transferred in Sales → ana: 1 gone, transferred · carla: 1 active · visitor 1: with Carla
            MessagePosted 1 #3 transferred "Ahora le atiende Carla." → visitor 1 · carla
        "#]]);
}

#[test]
fn a_transferred_chat_is_answered_once_where_it_was_offered() {
    two_campaigns()
        .and(agent("ana").transfers_to_campaign(1, "Sales"))
        .and(agent("carla").closes(1))
        .so(|scene| {
            assert_eq!(scene.counted("Support"), "O1 A1");
            assert_eq!(scene.counted("Sales"), "");
        });
}

#[test]
fn a_visitor_who_leaves_ends_the_transfer_with_the_chat() {
    two_campaigns()
        .and(agent("ana").transfers(1, "bob"))
        .when(visitor(1).leaves())
        .then(expect![[r#"
            ChatClosed 1 visitor_left          → visitor 1: closed, feedback "" with form · ana: 1 gone, visitor_left · bob: 1 gone, visitor_left
        "#]]);
}
