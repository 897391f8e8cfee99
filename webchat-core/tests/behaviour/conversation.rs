//! Messages, texts, read marks, names, dispositions. Source: domain.md §2 and §6.

use expect_test::expect;
use webchat_core::command::VisitorAsk;
use webchat_core::event::Event;

use crate::scene::*;

fn talking() -> Scene {
    given(campaign())
        .and(agents_ready(1))
        .and(visitor(1).asks())
}

#[test]
fn messages_are_numbered_from_one_without_gaps_whoever_writes() {
    talking()
        .when(visitor(1).writes("a", "hola"))
        .when(agent("ana").writes(1, "a", "hola, soy Ana"))
        .when(visitor(1).writes("b", "¿hay stock?"))
        .then(expect![[r#"
            MessagePosted 1 #1 visitor "hola"  → visitor 1 · ana
            MessagePosted 1 #2 ana "hola, soy Ana" → visitor 1 (by Ana) · ana (by Ana)
            MessagePosted 1 #3 visitor "¿hay stock?" → visitor 1 · ana
        "#]]);
}

#[test]
fn a_visitor_may_write_while_waiting() {
    given(campaign())
        .and(visitors_waiting(1))
        .when(visitor(1).writes("a", "hurry"))
        .when(agents_ready(1))
        .when(agent("ana").writes(1, "a", "here I am"))
        .then(expect![[r#"
            MessagePosted 1 #1 visitor "hurry" → visitor 1
            AgentCreated ana
            MembersSet ana
            AgentSignedIn ana
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
            MessagePosted 1 #2 ana "here I am" → visitor 1 (by Ana) · ana (by Ana)
        "#]]);
}

#[test]
fn a_repeated_key_returns_the_first_result() {
    talking()
        .when(visitor(1).writes("a", "hola"))
        .when(agent("ana").writes(1, "a", "hola"))
        .when(visitor(1).writes("a", "hola"))
        .when(agent("ana").writes(1, "a", "hola"))
        .then(expect![[r#"
            MessagePosted 1 #1 visitor "hola"  → visitor 1 · ana
            MessagePosted 1 #2 ana "hola"      → visitor 1 (by Ana) · ana (by Ana)
            = message #1
            = message #2
        "#]]);
}

#[test]
fn a_key_used_with_other_content_is_refused() {
    talking()
        .when(visitor(1).writes("a", "hola"))
        .when(visitor(1).writes("a", "adiós"))
        .then(expect![[r#"
            MessagePosted 1 #1 visitor "hola"  → visitor 1 · ana
            ! conflicting_key: key `a` was used before with other content
        "#]]);
}

#[test]
fn a_key_keeps_its_result_for_the_life_of_the_chat() {
    given(campaign().order("linear"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .and(visitor(1).writes("a", "hola"))
        .and(agent("ana").transfers(1, "bob"))
        .and(agent("bob").accepts(1))
        .and(restart())
        .when(visitor(1).writes("a", "hola"))
        .then(expect![[r#"
            = message #1
        "#]]);
}

#[test]
fn the_text_is_kept_as_it_is() {
    talking()
        .when(visitor(1).writes("a", "<b>1 < 2</b>\n\t\"quoted\" 🙂"))
        .then(expect![[r#"
            MessagePosted 1 #1 visitor "<b>1 < 2</b>\n\t\"quoted\" 🙂" → visitor 1 · ana
        "#]]);
}

#[test]
fn a_text_may_have_four_thousand_characters_and_no_control_characters() {
    talking()
        .and(visitor(1).writes("a", &"ñ".repeat(4_000)))
        .so(|scene| assert!(matches!(scene.journal().last().unwrap().event, Event::MessagePosted { .. })))
        .when(visitor(1).writes("b", &"x".repeat(4_001)))
        .when(visitor(1).writes("c", "bell \u{7}"))
        .when(visitor(1).writes("d", " \n "))
        .then(expect![[r#"
            ! invalid_field: text is xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, expected 1 to 4000 characters, no control characters other than newline and tab
            ! invalid_field: text is bell �, expected 1 to 4000 characters, no control characters other than newline and tab
            ! invalid_field: text is  � , expected 1 to 4000 characters, no control characters other than newline and tab
        "#]]);
}

#[test]
fn another_visitors_chat_is_unknown() {
    talking()
        .and(visitor(2).asks())
        .when(visitor(2).asks_about(1, VisitorAsk::Leave))
        .when(visitor(2).asks_about(1, VisitorAsk::Connect))
        .then(expect![[r#"
            ! unknown_chat: chat 0-1 is not known
            ! unknown_chat: chat 0-1 is not known
        "#]]);
}

#[test]
fn an_agent_writes_only_in_chats_of_their_own() {
    given(campaign().order("linear"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(agent("bob").writes(1, "a", "psst"))
        .when(agent("bob").notes(1, "psst"))
        .when(agent("bob").closes(1))
        .then(expect![[r#"
            ! not_owner: chat 0-1 is not with this agent
            ! not_owner: chat 0-1 is not with this agent
            ! not_owner: chat 0-1 is not with this agent
        "#]]);
}

#[test]
fn nothing_is_posted_after_the_end() {
    talking()
        .and(agent("ana").closes(1))
        .when(visitor(1).writes("a", "wait"))
        .when(agent("ana").writes(1, "a", "wait"))
        .then(expect![[r#"
            ! chat_closed: chat 0-1 has ended
            ! chat_closed: chat 0-1 has ended
        "#]]);
}

#[test]
fn welcome_is_sent_once_in_the_visitors_language_before_anything_else() {
    given(campaign().texts())
        .and(agents_ready(1))
        .when(visitor(1).asks())
        .when(visitor(2).asks())
        .when(visitor(3).asks())
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            MessagePosted 1 #1 welcome "Welcome (es)" → visitor 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
            MessagePosted 1 #2 ana automatic "How can I help? (es)" → visitor 1 (by Ana) · ana (by Ana)
            ChatQueued 2                       → visitor 2: waiting 1
            MessagePosted 2 #1 welcome "Welcome (pt)" → visitor 2
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
            MessagePosted 2 #2 ana automatic "How can I help? (pt)" → visitor 2 (by Ana) · ana (by Ana)
            ChatQueued 3                       → visitor 3: waiting 1
            MessagePosted 3 #1 welcome "Welcome (en)" → visitor 3
            ChatAssigned 3 ana direct          → ana: 3 active · visitor 3: with Ana
            MessagePosted 3 #2 ana automatic "How can I help? (en)" → visitor 3 (by Ana) · ana (by Ana)
            = chat 1
        "#]]);
}

#[test]
fn an_empty_welcome_sends_nothing() {
    given(campaign())
        .and(agents_ready(1))
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn welcome_is_not_sent_again_after_a_return_or_a_reconnect() {
    given(campaign().texts())
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(visitor(1).goes_away())
        .when(visitor(1).comes_back())
        .when(agent("ana").signs_out_by_force())
        .then(expect![[r#"
            VisitorLost 1                      → ana: 1 active, visitor away
            VisitorBack 1                      → ana: 1 active · visitor 1: with Ana
            AgentSignedOut ana forced
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #3 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            ChatAssigned 1 bob direct          → bob: 1 active · visitor 1: with Bob
            MessagePosted 1 #4 transferred "Ahora le atiende Bob." → visitor 1 · bob
        "#]]);
}

#[test]
fn the_automatic_message_is_sent_once_when_the_first_agent_accepts_and_is_flagged() {
    given(campaign().texts().offer_timeout(20).order("linear"))
        .and(agents_ready(2))
        .when(visitor(1).asks())
        .when(agent("ana").refuses(1))
        .when(agent("bob").accepts(1))
        .when(agent("bob").transfers(1, "ana"))
        .when(agent("ana").accepts(1))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            MessagePosted 1 #1 welcome "Welcome (es)" → visitor 1
            ChatOffered 1 ana                  → ana: 1 offered · visitor 1: waiting 0
            OfferEnded 1 ana refused           → ana: 1 gone, refused · visitor 1: waiting 1
            ChatOffered 1 bob                  → bob: 1 offered · visitor 1: waiting 0
            ChatAssigned 1 bob accepted        → bob: 1 active · visitor 1: with Bob
            MessagePosted 1 #2 bob automatic "How can I help? (es)" → visitor 1 (by Bob) · bob (by Bob)
            TransferStarted 1 to ana           → bob: 1 transferring · ana: 1 transferring with bob
            ChatAssigned 1 ana transferred     → bob: 1 gone, transferred · ana: 1 active · visitor 1: with Ana
            MessagePosted 1 #3 transferred "Ahora le atiende Ana." → visitor 1 · ana
        "#]]);
}

#[test]
fn the_automatic_message_comes_from_whoever_takes_the_chat_first() {
    given(campaign().texts().mode("ringall"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(agent("bob").takes(1))
        .then(expect![[r#"
            ChatAssigned 1 bob taken           → bob: 1 active · visitor 1: with Bob
            MessagePosted 1 #2 bob automatic "How can I help? (es)" → visitor 1 (by Bob) · bob (by Bob)
        "#]]);
}

#[test]
fn a_language_is_resolved_by_tag_then_primary_tag_then_default_then_what_is_written() {
    given(campaign().with(|draft| {
        draft.default_language = "pt".into();
        draft.welcome = [("es-uy", "Bo"), ("es", "Hola"), ("pt", "Olá")]
            .map(|(tag, text)| (tag.to_owned(), text.to_owned()))
            .into();
    }))
    .when(visitor(1).asks().speaking("es-UY"))
    .when(visitor(2).asks().speaking("es-AR"))
    .when(visitor(3).asks().speaking("pt-BR"))
    .when(visitor(4).asks().speaking("de"))
    .when(visitor(5).asks().in_no_language())
    .when(edit(|draft| {
        draft.welcome = [("es".to_owned(), "Hola".to_owned())].into();
    }))
    .when(visitor(6).asks().speaking("en"))
    .when(edit(|draft| {
        draft.welcome = [("fr".to_owned(), "Bonjour".to_owned())].into();
    }))
    .when(visitor(7).asks().speaking("en"))
    .when(visitor(8).asks().speaking("fr-CA"))
    .then(expect![[r#"
        ChatQueued 1                       → visitor 1: waiting 1
        MessagePosted 1 #1 welcome "Bo"    → visitor 1
        ChatQueued 2                       → visitor 2: waiting 2
        MessagePosted 2 #1 welcome "Hola"  → visitor 2
        ChatQueued 3                       → visitor 3: waiting 3
        MessagePosted 3 #1 welcome "Olá"   → visitor 3
        ChatQueued 4                       → visitor 4: waiting 4
        MessagePosted 4 #1 welcome "Olá"   → visitor 4
        ChatQueued 5                       → visitor 5: waiting 5
        MessagePosted 5 #1 welcome "Olá"   → visitor 5
        CampaignChanged 1
        ChatQueued 6                       → visitor 6: waiting 6
        MessagePosted 6 #1 welcome "Hola"  → visitor 6
        CampaignChanged 1
        ChatQueued 7                       → visitor 7: waiting 7
        ChatQueued 8                       → visitor 8: waiting 8
        MessagePosted 8 #1 welcome "Bonjour" → visitor 8
    "#]]);
}

#[test]
fn without_texts_of_its_own_a_campaign_says_the_built_in_ones() {
    given(
        campaign()
            .enabled(false)
            .with(|draft| draft.not_available = texts_of(&[])),
    )
    .when(visitors_ask(1, 3))
    .when(visitor(4).asks().speaking("de"))
    .then(expect![[r#"
            ChatRefused visitor 1 disabled es
            = disabled "En este momento no hay agentes disponibles. Por favor, inténtelo más tarde."
            ChatRefused visitor 2 disabled pt
            = disabled "No momento não há agentes disponíveis. Por favor, tente mais tarde."
            ChatRefused visitor 3 disabled en
            = disabled "No agent is available at the moment. Please try again later."
            ChatRefused visitor 4 disabled de
            = disabled "No agent is available at the moment. Please try again later."
        "#]]);
}

fn texts_of(texts: &[(&str, &str)]) -> webchat_core::campaign::TextsDraft {
    let owned = |(tag, text): &(&str, &str)| ((*tag).to_owned(), (*text).to_owned());
    texts.iter().map(owned).collect()
}

#[test]
fn the_language_is_fixed_at_admission() {
    given(campaign().time_out(60))
        .when(visitor(1).asks().speaking("pt"))
        .when(visitor(1).asks().speaking("en"))
        .when(seconds_pass(60))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            = chat 1
            +1m ChatClosed 1 timed_out         → visitor 1: Not available (pt)
        "#]]);
}

#[test]
fn with_show_agents_name_off_the_visitor_sees_an_alias_everywhere() {
    given(campaign().texts().show_agent_name(false).order("linear"))
        .and(agents_ready(2))
        .when(visitor(1).asks())
        .when(agent("ana").writes(1, "a", "hola"))
        .when(agent("ana").types(1, true))
        .when(agent("ana").transfers(1, "bob"))
        .when(agent("bob").accepts(1))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            MessagePosted 1 #1 welcome "Welcome (es)" → visitor 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Agente
            MessagePosted 1 #2 ana automatic "How can I help? (es)" → visitor 1 (by Agente) · ana (by Ana)
            MessagePosted 1 #3 ana "hola"      → visitor 1 (by Agente) · ana (by Ana)
            → visitor 1: typing true
            TransferStarted 1 to bob           → ana: 1 transferring · bob: 1 transferring with ana
            ChatAssigned 1 bob transferred     → ana: 1 gone, transferred · bob: 1 active · visitor 1: with Agente
            MessagePosted 1 #4 transferred "Ahora le atiende Agente." → visitor 1 · bob
        "#]])
        .so(|scene| {
            let view = scene.view().visitor_chat(scene.cast().chat(1)).unwrap();
            assert_eq!(view.agent.as_deref(), Some("Agente"));
        });
}

#[test]
fn the_alias_may_be_the_campaigns_own() {
    given(campaign().show_agent_name(false).with(|draft| {
        draft.alias = texts_of(&[("es", "Equipo"), ("en", "Team")]);
    }))
    .and(agents_ready(1))
    .when(visitors_ask(1, 3))
    .then(expect![[r#"
        ChatQueued 1                       → visitor 1: waiting 1
        ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Equipo
        ChatQueued 2                       → visitor 2: waiting 1
        ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Team
        ChatQueued 3                       → visitor 3: waiting 1
        ChatAssigned 3 ana direct          → ana: 3 active · visitor 3: with Team
    "#]]);
}

#[test]
fn typing_is_told_and_not_recorded() {
    talking()
        .when(visitor(1).types(true))
        .when(agent("ana").types(1, true))
        .when(agent("ana").types(1, false))
        .then(expect![[r#"
            → ana: typing true
            → visitor 1: typing true
            → visitor 1: typing false
        "#]]);
}

#[test]
fn read_marks_only_go_forward_and_never_beyond_the_last_message() {
    talking()
        .and(visitor(1).writes("a", "one"))
        .and(visitor(1).writes("b", "two"))
        .when(agent("ana").sees(1, 2, 1))
        .when(agent("ana").sees(1, 1, 0))
        .when(agent("ana").sees(1, 99, 99))
        .when(visitor(1).sees(1, 1))
        .when(visitor(1).sees(1, 1))
        .then(expect![[r#"
            MessagesSeen 1 by agents, delivered 2, read 1 → visitor 1: read 1
            MessagesSeen 1 by agents, delivered 2, read 2 → visitor 1: read 2
            MessagesSeen 1 by visitor, delivered 1, read 1 → ana: read 1
        "#]]);
}

#[test]
fn a_note_is_for_agents_only() {
    talking()
        .when(agent("ana").notes(1, "called twice already"))
        .then(expect![[r#"
            NoteAdded 1 ana "called twice already" → ana: note
        "#]]);
}

#[test]
fn a_repeated_note_is_stored_once_and_its_key_is_no_messages_key() {
    talking()
        .when(agent("ana").notes_under(1, Some("n"), "called twice"))
        .when(agent("ana").notes_under(1, Some("n"), "called twice"))
        .when(agent("ana").notes_under(1, Some("n"), "called once"))
        .when(agent("ana").writes(1, "n", "called twice"))
        .then(expect![[r#"
            NoteAdded 1 ana "called twice"     → ana: note
            ! conflicting_key: key `n` was used before with other content
            ! conflicting_key: key `n` was used before with other content
        "#]]);
}

#[test]
fn a_required_disposition_must_be_one_of_the_campaigns() {
    given(campaign().disposition_required(true).with(|draft| {
        draft.dispositions = vec![
            vec!["sale".into(), "card".into()],
            vec!["sale".into(), "cash".into()],
            vec!["lost".into()],
        ];
    }))
    .and(agents_ready(1))
    .and(visitor(1).asks())
    .when(agent("ana").closes(1))
    .when(agent("ana").closes_as(1, &["sale"]))
    .when(agent("ana").closes_as(1, &["sale", "card"]))
    .then(expect![[r#"
        ! invalid_field: disposition is empty, expected one of the campaign's dispositions
        ! invalid_field: disposition is sale, expected one of the campaign's dispositions
        ChatClosed 1 agent_closed by ana as sale/card → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
    "#]]);
}

#[test]
fn a_visitor_may_leave_although_a_disposition_is_required_of_agents() {
    given(campaign().disposition_required(true))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(visitor(1).leaves())
        .then(expect![[r#"
            ChatClosed 1 visitor_left          → visitor 1: closed, feedback "" with form · ana: 1 gone, visitor_left
        "#]]);
}

#[test]
fn each_chat_ends_with_exactly_one_reason() {
    talking()
        .when(agent("ana").closes(1))
        .when(agent("ana").closes(1))
        .when(visitor(1).leaves())
        .then(expect![[r#"
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            ! chat_closed: chat 0-1 has ended
            ! chat_closed: chat 0-1 has ended
        "#]]);
}

#[test]
fn a_program_of_the_host_may_write_with_keys_of_its_own() {
    talking()
        .when(visitor(1).writes("a", "hola"))
        .when(program_says(1, "a", "Ana is looking for your order."))
        .when(program_says(1, "a", "Ana is looking for your order."))
        .when(program_says(1, "b", ""))
        .then(expect![[r#"
            MessagePosted 1 #1 visitor "hola"  → visitor 1 · ana
            MessagePosted 1 #2 bot Robot "Ana is looking for your order." → visitor 1 (by Robot) · ana (by Robot)
            = message #2
            ! invalid_field: text is empty, expected 1 to 4000 characters, no control characters other than newline and tab
        "#]]);
}

#[test]
fn a_program_may_write_while_the_visitor_waits() {
    given(campaign())
        .and(visitors_waiting(1))
        .when(program_says(1, "a", "What is it about?"))
        .when(visitor(1).writes("a", "An order"))
        .then(expect![[r#"
            MessagePosted 1 #1 bot Robot "What is it about?" → visitor 1 (by Robot)
            MessagePosted 1 #2 visitor "An order" → visitor 1
        "#]]);
}

#[test]
fn the_longest_message_is_the_tenants() {
    talking()
        .and(tenant(|settings| settings.text_chars = 5))
        .when(visitor(1).writes("a", "four"))
        .when(visitor(1).writes("b", "sixsix"))
        .when(agent("ana").writes(1, "a", "sixsix"))
        .when(tenant(|settings| settings.text_chars = 4_001))
        .when(tenant(|settings| settings.text_chars = 0))
        .then(expect![[r#"
            MessagePosted 1 #1 visitor "four"  → visitor 1 · ana
            ! invalid_field: text is sixsix, expected 1 to 5 characters, no control characters other than newline and tab
            ! invalid_field: text is sixsix, expected 1 to 5 characters, no control characters other than newline and tab
            ! invalid_field: text_chars is 4001, expected 1 to 4000
            ! invalid_field: text_chars is 0, expected 1 to 4000
        "#]]);
}

#[test]
fn a_repeat_is_answered_although_such_a_message_would_be_too_long_by_now() {
    talking()
        .and(visitor(1).writes("a", "a long message"))
        .and(tenant(|settings| settings.text_chars = 5))
        .when(visitor(1).writes("a", "a long message"))
        .when(visitor(1).writes("b", "a long message"))
        .then(expect![[r#"
            = message #1
            ! invalid_field: text is a long message, expected 1 to 5 characters, no control characters other than newline and tab
        "#]]);
}
