//! Who becomes a chat and who is turned away, with which words. Source: domain.md §2, §4 and §7.

use expect_test::expect;
use webchat_core::campaign::ExtraFieldDraft;
use webchat_core::event::RefusalReason;

use crate::scene::*;

const OFFICE: &str = "mon-fri 09:00-18:00";

#[test]
fn a_newcomer_with_a_free_agent_is_with_that_agent_in_the_same_step() {
    given(campaign())
        .and(agents_ready(1))
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn a_newcomer_without_a_free_agent_waits() {
    given(campaign())
        .and(agents_ready(1))
        .and(agent("ana").pauses())
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
        "#]]);
}

#[test]
fn a_disabled_campaign_refuses_newcomers_in_their_language() {
    given(campaign().enabled(false))
        .and(agents_ready(1))
        .when(visitors_ask(1, 3))
        .then(expect![[r#"
            ChatRefused visitor 1 disabled es
            = disabled "Not available (es)"
            ChatRefused visitor 2 disabled pt
            = disabled "Not available (pt)"
            ChatRefused visitor 3 disabled en
            = disabled "Not available (en)"
        "#]]);
}

#[test]
fn a_closed_campaign_refuses_newcomers_and_says_when_it_opens() {
    at("2026-03-06 18:30")
        .given(campaign().open(OFFICE, "America/Montevideo"))
        .and(agents_ready(1))
        .when(visitors_ask(1, 2))
        .then(expect![[r#"
            ChatRefused visitor 1 out_of_time es
            = out_of_time "Out of time (es)", opens 2026-03-09T12:00:00Z
            ChatRefused visitor 2 out_of_time pt
            = out_of_time "Out of time (pt)", opens 2026-03-09T12:00:00Z
        "#]]);
}

#[test]
fn a_campaign_without_any_opening_ahead_refuses_without_saying_when() {
    given(campaign().open("", "UTC"))
        .and(agents_ready(1))
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatRefused visitor 1 out_of_time es
            = out_of_time "Out of time (es)"
        "#]]);
}

#[test]
fn a_campaign_is_open_exactly_from_start_and_closed_exactly_at_end() {
    at("2026-03-02 08:59:59.999")
        .given(campaign().open(OFFICE, "UTC"))
        .when(visitor(1).asks())
        .when(clock_reaches("09:00"))
        .when(visitor(2).asks())
        .when(clock_reaches("17:59:59.999"))
        .when(visitor(3).asks())
        .when(clock_reaches("18:00"))
        .when(visitor(4).asks())
        .then(expect![[r#"
            ChatRefused visitor 1 out_of_time es
            = out_of_time "Out of time (es)", opens 2026-03-02T09:00:00Z
            +1ms CampaignOpened 1
            +1ms ChatQueued 1                  → visitor 2: waiting 1
            +9h ChatQueued 2                   → visitor 3: waiting 2
            +9h1ms CampaignWentOutOfTime 1
            +9h1ms ChatClosed 1 out_of_time    → visitor 2: Out of time (pt)
            +9h1ms ChatClosed 2 out_of_time    → visitor 3: Out of time (en)
            +9h1ms ChatRefused visitor 4 out_of_time es
            = out_of_time "Out of time (es)", opens 2026-03-03T09:00:00Z
        "#]]);
}

#[test]
fn a_disabled_campaign_that_is_also_closed_says_not_available() {
    at("2026-03-01 12:00")
        .given(campaign().enabled(false).open(OFFICE, "UTC"))
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatRefused visitor 1 disabled es
            = disabled "Not available (es)"
        "#]]);
}

#[test]
fn a_newcomer_is_refused_while_no_member_is_signed_in() {
    given(campaign().when_empty("refuse"))
        .and(agent("ana").member_of(&["Support"]))
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatRefused visitor 1 no_agents es
            = no_agents "Not available (es)"
        "#]]);
}

#[test]
fn an_agent_who_is_no_member_does_not_count_as_signed_in() {
    given(campaign().when_empty("refuse"))
        .and(agent("ana").exists())
        .and(agent("ana").signs_in())
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatRefused visitor 1 no_agents es
            = no_agents "Not available (es)"
        "#]]);
}

#[test]
fn paused_busy_and_lost_members_count_as_signed_in() {
    given(campaign().when_empty("refuse").agent_cap(1))
        .and(agents_ready(1))
        .and(agent("ana").pauses())
        .when(visitor(1).asks())
        .when(agent("ana").resumes())
        .when(visitor(2).asks())
        .when(agent("ana").goes_away())
        .when(visitor(3).asks())
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            AgentResumed ana
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
            ChatQueued 2                       → visitor 2: waiting 1
            AgentLost ana
            ChatQueued 3                       → visitor 3: waiting 2
        "#]]);
}

#[test]
fn newcomers_may_be_admitted_although_nobody_is_signed_in() {
    given(campaign().when_empty("admit"))
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
        "#]]);
}

#[test]
fn newcomers_may_need_somebody_who_is_not_paused() {
    given(campaign().when_empty("need_available").agent_cap(1))
        .and(agents_ready(1))
        .and(agent("ana").pauses())
        .when(visitor(1).asks())
        .when(agent("ana").resumes())
        .when(visitors_ask(2, 3))
        .when(agent("ana").goes_away())
        .when(visitor(4).asks())
        .then(expect![[r#"
            ChatRefused visitor 1 no_agents es
            = no_agents "Not available (es)"
            AgentResumed ana
            ChatQueued 1                       → visitor 2: waiting 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 2: with Ana
            ChatQueued 2                       → visitor 3: waiting 1
            AgentLost ana
            ChatRefused visitor 4 no_agents es
            = no_agents "Not available (es)"
        "#]]);
}

#[test]
fn with_max_chats_two_the_third_is_told_not_available_in_its_language() {
    given(campaign().max_chats(2))
        .and(visitors_waiting(2))
        .when(visitor(3).asks())
        .when(visitor(4).asks())
        .then(expect![[r#"
            ChatRefused visitor 3 queue_full en
            = queue_full "Not available (en)"
            ChatRefused visitor 4 queue_full es
            = queue_full "Not available (es)"
        "#]]);
}

#[test]
fn max_chats_zero_has_no_limit() {
    given(campaign().max_chats(0))
        .and(visitors_waiting(50))
        .so(|scene| assert_eq!(scene.counted("Support"), "O50 W50"));
}

#[test]
fn a_place_that_becomes_free_is_open_to_the_next_newcomer() {
    given(campaign().max_chats(1))
        .and(visitors_waiting(1))
        .when(visitor(1).leaves())
        .when(visitor(2).asks())
        .then(expect![[r#"
            ChatClosed 1 visitor_left          → visitor 1: closed
            ChatQueued 2                       → visitor 2: waiting 1
        "#]]);
}

#[test]
fn an_offered_chat_counts_as_waiting_for_newcomers() {
    given(campaign().max_chats(1).offer_timeout(20).agent_cap(1))
        .and(agents_ready(1))
        .and(visitors_waiting(1))
        .when(visitor(2).asks())
        .then(expect![[r#"
            ChatRefused visitor 2 queue_full pt
            = queue_full "Not available (pt)"
        "#]]);
}

#[test]
fn a_full_waiting_list_does_not_keep_a_newcomer_from_a_free_agent() {
    given(campaign().max_chats(1))
        .and(visitors_waiting(1))
        .and(visitor(1).goes_away())
        .and(agents_ready(1))
        .when(visitor(2).asks())
        .then(expect![[r#"
            ChatQueued 2                       → visitor 2: waiting 2
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn a_full_waiting_list_does_not_keep_a_newcomer_from_an_offer() {
    given(campaign().max_chats(1).offer_timeout(20))
        .and(visitors_waiting(1))
        .and(visitor(1).goes_away())
        .and(agents_ready(1))
        .when(visitor(2).asks())
        .then(expect![[r#"
            ChatQueued 2                       → visitor 2: waiting 2
            ChatOffered 2 ana                  → ana: 2 offered · visitor 2: waiting 0
        "#]]);
}

#[test]
fn with_no_waiting_at_all_only_those_with_a_free_agent_are_admitted() {
    given(campaign().no_waiting(true).agent_cap(1))
        .and(agents_ready(1))
        .when(visitors_ask(1, 2))
        .when(agent("ana").closes(1))
        .when(visitor(2).asks())
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
            ChatRefused visitor 2 queue_full pt
            = queue_full "Not available (pt)"
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            ChatQueued 2                       → visitor 2: waiting 1
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn in_a_pull_campaign_without_waiting_nobody_can_be_admitted() {
    given(campaign().no_waiting(true).mode("ringall"))
        .and(agents_ready(1))
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatRefused visitor 1 queue_full es
            = queue_full "Not available (es)"
        "#]]);
}

#[test]
fn a_newcomer_whose_skill_nobody_free_has_waits_in_the_full_list_like_others() {
    given(campaign().max_chats(1))
        .and(agents_ready(1))
        .and(visitor(1).asks().needing("chess"))
        .when(visitor(2).asks().needing("chess"))
        .when(visitor(3).asks())
        .then(expect![[r#"
            ChatRefused visitor 2 queue_full pt
            = queue_full "Not available (pt)"
            ChatQueued 2                       → visitor 3: waiting 2
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 3: with Ana
        "#]]);
}

#[test]
fn those_turned_away_are_counted_by_reason_and_never_as_offered() {
    let scene = given(campaign().max_chats(1).when_empty("refuse"))
        .and(visitor(1).asks())
        .and(agents_ready(1))
        .and(agent("ana").pauses())
        .and(visitors_ask(2, 4))
        .and(edit(|draft| draft.enabled = false))
        .and(visitor(5).asks());
    assert_eq!(scene.counted("Support"), "O1 K1");
    let campaign = scene.view().campaign(scene.cast().campaign("Support"));
    let refused: Vec<_> = campaign.unwrap().counters.refused.iter().collect();
    let expected = [
        (&RefusalReason::Disabled, &1),
        (&RefusalReason::NoAgents, &1),
        (&RefusalReason::QueueFull, &2),
    ];
    assert_eq!(refused, expected);
}

#[test]
fn with_enable_email_a_chat_needs_a_valid_address_before_it_starts() {
    given(campaign().require_email(true))
        .and(agents_ready(1))
        .when(visitor(1).asks())
        .when(visitor(1).asks().email("ana at shop"))
        .then(expect![[r#"
            ! invalid_field: email is empty, expected an e-mail address such as ana@shop.example
            ! invalid_field: email is ana at shop, expected an e-mail address such as ana@shop.example
        "#]])
        .so(|scene| assert_eq!(scene.counted("Support"), ""))
        .when(visitor(1).asks().email(" ana@shop.example "))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn without_enable_email_an_address_is_optional_but_valid_if_given() {
    given(campaign())
        .when(visitor(1).asks().email("ana at shop"))
        .when(visitor(1).asks().email("ana@shop.example"))
        .when(visitor(2).asks())
        .then(expect![[r#"
            ! invalid_field: email is ana at shop, expected an e-mail address such as ana@shop.example
            ChatQueued 1                       → visitor 1: waiting 1
            ChatQueued 2                       → visitor 2: waiting 2
        "#]]);
}

#[test]
fn the_extra_field_is_required_and_checked_only_when_visible() {
    let telephone = |visible| ExtraFieldDraft {
        visible,
        required: true,
        label: texts("Telephone"),
        pattern: r"\+?[0-9]{6,15}".to_owned(),
    };
    given(campaign().with(|draft| draft.extra_field = telephone(true)))
        .when(visitor(1).asks())
        .when(visitor(1).asks().extra("call me"))
        .when(visitor(1).asks().extra("+59829001234"))
        .when(edit(|draft| draft.extra_field = telephone(false)))
        .when(visitor(2).asks().extra("call me"))
        .then(expect![[r#"
            ! invalid_field: extra is empty, expected 1 to 256 characters on one line
            ! invalid_field: extra is call me, expected a value of the form \+?[0-9]{6,15}
            ChatQueued 1                       → visitor 1: waiting 1
            CampaignChanged 1
            ChatQueued 2                       → visitor 2: waiting 2
        "#]])
        .so(|scene| {
            let extra = |chat| {
                let chat = scene.view().agent_chat(scene.cast().chat(chat)).unwrap();
                chat.visitor.facts.extra.clone()
            };
            assert_eq!(extra(1).as_deref(), Some("+59829001234"));
            assert_eq!(extra(2), None);
        });
}

#[test]
fn what_a_visitor_says_of_themselves_is_checked_and_shown_to_the_agent() {
    given(campaign())
        .and(agents_ready(1))
        .when(visitor(1).asks().named(&"x".repeat(81)))
        .when(visitor(1).asks().named("  Marta  "))
        .then(expect![[r#"
            ! invalid_field: name is xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, expected 1 to 80 characters on one line
            ChatQueued 1                       → visitor 1: waiting 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
        "#]])
        .so(|scene| {
            let chat = scene.view().agent_chat(scene.cast().chat(1)).unwrap();
            assert_eq!(chat.visitor.facts.name.as_deref(), Some("Marta"));
        });
}

#[test]
fn only_allowed_domains_may_carry_the_window_and_others_change_nothing() {
    let shop = ["shop.example", "*.help.example"]
        .map(str::to_owned)
        .to_vec();
    let scene = given(campaign().with(|draft| draft.allowed_domains = shop))
        .when(visitor(1).asks())
        .when(visitor(1).asks().on_site("https://evilshop.example"))
        .when(visitor(1).asks().on_site("https://www.shop.example"))
        .when(visitor(1).asks().on_site("https://help.example"))
        .when(visitor(1).asks().on_site("null"))
        .then(expect![[r#"
            ! not_allowed: this site may not carry the campaign's window
            ! not_allowed: this site may not carry the campaign's window
            ! not_allowed: this site may not carry the campaign's window
            ! not_allowed: this site may not carry the campaign's window
            ! not_allowed: this site may not carry the campaign's window
        "#]]);
    let before = scene.journal().len();
    assert_eq!(before, 1, "only the campaign was created");
    scene
        .when(visitor(1).asks().on_site("https://SHOP.example"))
        .when(visitor(2).asks().on_site("https://eu.help.example:8443"))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatQueued 2                       → visitor 2: waiting 2
        "#]]);
}

#[test]
fn asking_again_returns_the_chat_that_is_there() {
    given(campaign())
        .and(agents_ready(1))
        .when(visitor(1).asks())
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
            = chat 1
        "#]]);
}

#[test]
fn asking_again_returns_the_chat_although_the_campaign_is_full_or_closed_by_now() {
    at("2026-03-02 17:59")
        .given(campaign().max_chats(1).time_out(600).open(OFFICE, "UTC"))
        .and(visitors_waiting(1))
        .when(visitor(1).asks())
        .when(clock_reaches("18:00"))
        .when(visitor(1).asks())
        .then(expect![[r#"
            = chat 1
            +1m CampaignWentOutOfTime 1
            = chat 1
        "#]]);
}

#[test]
fn a_visitor_may_have_one_chat_in_each_campaign() {
    given(campaign())
        .and(campaign().named("Sales"))
        .when(visitor(1).asks())
        .when(visitor(1).asks().to("Sales"))
        .when(visitor(1).asks().to("Sales"))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatQueued 2 in Sales              → visitor 1: waiting 1
            = chat 2
        "#]]);
}

#[test]
fn after_the_end_asking_again_begins_a_new_chat() {
    given(campaign())
        .and(visitors_waiting(1))
        .when(visitor(1).leaves())
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatClosed 1 visitor_left          → visitor 1: closed
            ChatQueued 2                       → visitor 1: waiting 1
        "#]]);
}

#[test]
fn a_rule_about_the_campaign_is_told_before_a_mistake_in_the_form() {
    given(campaign().enabled(false).require_email(true))
        .when(visitor(1).asks())
        .when(edit(|draft| draft.enabled = true))
        .when(visitor(1).asks())
        .then(expect![[r#"
            ChatRefused visitor 1 disabled es
            = disabled "Not available (es)"
            CampaignChanged 1
            ! invalid_field: email is empty, expected an e-mail address such as ana@shop.example
        "#]]);
}
