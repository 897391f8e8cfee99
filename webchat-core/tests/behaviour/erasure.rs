//! What is forgotten, when, and what stays. Source: domain.md §7, "Recordings".

use expect_test::expect;
use webchat_core::Engine;
use webchat_core::command::HostCommand;
use webchat_core::erasure::Erased;
use webchat_core::id::ChatId;
use webchat_core::limits;
use webchat_core::schedule::Zones;

use crate::scene::*;

/// Visitor 1 told ana a secret in every place there is; the chat has ended, visitor 2's goes on.
fn told() -> Scene {
    given(campaign())
        .and(agents_ready(1))
        .and(
            visitor(1)
                .asks()
                .named("secret")
                .email("secret@example.org")
                .extra("secret"),
        )
        .and(visitor(2).asks().named("public"))
        .and(visitor(1).writes("secret-1", "my secret"))
        .and(agent("ana").writes(1, "secret-2", "your secret"))
        .and(agent("ana").notes_under(1, Some("secret-3"), "a secret"))
        .and(supervisor("ana").whispers(1, "mind the secret"))
        .and(visitor(2).writes("a", "my public words"))
        .and(agent("ana").closes_as(1, &["secret"]))
        .and(visitor(1).scores(4, "no secret"))
}

fn erase_as(by: &'static str, chats: impl FnOnce(&Scene) -> Vec<ChatId>) -> impl Step {
    move |scene: &mut Scene| {
        let (chats, by, visitor) = (chats(scene), by.into(), None);
        let _shown = scene.host(HostCommand::Erase { chats, visitor, by });
    }
}

#[test]
fn an_erasure_is_recorded_without_what_it_erases() {
    told().when(erase(&[1], Some(1))).then(expect![[r#"
        RecordingsErased 1 by ada
    "#]]);
}

#[test]
fn a_live_chat_is_not_erased_nor_a_visitor_with_one() {
    told()
        .when(erase(&[1, 2], None))
        .when(erase(&[1], Some(2)))
        .when(agent("ana").closes(2))
        .when(erase(&[1, 2], Some(2)))
        .when(erase(&[1, 2], Some(2)))
        .then(expect![[r#"
            ! chat_live: chat 1-1 is live, close it first
            ! chat_live: chat 1-1 is live, close it first
            ChatClosed 2 agent_closed by ana   → visitor 2: closed, feedback "" with form · ana: 2 gone, agent_closed
            RecordingsErased 1 2 by ada
            RecordingsErased 1 2 by ada
        "#]]);
}

#[test]
fn an_erasure_names_chats_there_were_and_not_too_many() {
    told()
        .when(erase(&[], None))
        .when(erase_as("ada", |_| vec![ChatId::new(9, 1)]))
        .when(erase_as("ada", |scene| {
            vec![scene.cast().chat(1); limits::ERASED_CHATS + 1]
        }))
        .when(erase_as("", |scene| vec![scene.cast().chat(1)]))
        .then(expect![[r#"
            ! invalid_field: chats is empty, expected chats or a visitor
            ! unknown_chat: chat 9-1 is not known
            ! limit: chats erased at once would be more than 1000
            ! invalid_field: by is empty, expected 1 to 80 characters, no control characters other than newline and tab
        "#]]);
}

#[test]
fn feedback_on_an_erased_chat_is_no_longer_taken() {
    given(campaign())
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(agent("ana").closes(1))
        .and(erase(&[1], None))
        .when(visitor(1).scores(5, "a late secret"))
        .then(expect![[r#"
            ! feedback_not_open: feedback is not open for this chat
        "#]]);
}

#[test]
fn a_journal_with_tombstones_leads_to_the_same_state_and_says_nothing_of_what_was_erased() {
    told().and(erase(&[1], Some(1))).so(|scene| {
        let mut erased = Erased::default();
        erased.chats.insert(scene.cast().chat(1));
        let mut journal = scene.journal().to_vec();
        let buried = journal.iter_mut();
        let buried = buried.filter_map(|recorded| erased.bury(&mut recorded.event).then_some(()));
        assert_eq!(buried.count(), 7);
        let words = serde_json::to_string(&journal).unwrap();
        assert!(!words.contains("secret"), "{words}");
        assert!(words.contains("my public words") && words.contains("public"));
        let mut replayed = Engine::new(Zones::bundled());
        replayed.replay(&journal);
        assert_eq!(replayed.digest(), scene.digest());
    });
}

#[test]
fn what_was_kept_long_enough_is_erased_at_midnight_each_day() {
    at("2026-03-02 12:00")
        .given(campaign().with(|draft| draft.retention_days = 30))
        .when(seconds_pass(2 * 86_400))
        .then(expect![[r#"
            +12h RecordingsExpired 1 before 2026-02-01T00:00:00Z
            +36h RecordingsExpired 1 before 2026-02-02T00:00:00Z
        "#]])
        .so(|scene| {
            let next = scene.view().campaigns().next().unwrap().next_retention;
            assert_eq!(next.unwrap().to_string(), "2026-03-05T00:00:00Z");
        });
}

#[test]
fn a_run_that_was_missed_is_made_up_for_once() {
    given(campaign().with(|draft| draft.retention_days = 30))
        .and(clock_jumps(5 * 86_400))
        .when(tick())
        .then(expect![[r#"
            RecordingsExpired 1 before 2026-02-05T12:00:00Z (due 108h earlier)
        "#]]);
}

#[test]
fn retention_begins_and_ends_with_its_setting() {
    given(campaign())
        .so(|scene| {
            let next = scene.view().campaigns().next().unwrap().next_retention;
            assert_eq!(next, None);
        })
        .and(edit(|draft| draft.retention_days = 7))
        .when(seconds_pass(86_400))
        .when(edit(|draft| draft.retention_days = 1))
        .when(seconds_pass(86_400))
        .when(edit(|draft| draft.retention_days = 0))
        .when(seconds_pass(86_400))
        .then(expect![[r#"
            +12h RecordingsExpired 1 before 2026-02-24T00:00:00Z
            +24h CampaignChanged 1
            +36h RecordingsExpired 1 before 2026-03-03T00:00:00Z
            +48h CampaignChanged 1
        "#]]);
}

#[test]
fn retention_ends_with_its_campaign() {
    given(campaign().with(|draft| draft.retention_days = 30))
        .and(delete("Support"))
        .when(seconds_pass(2 * 86_400))
        .then(expect![[r#""#]]);
}
