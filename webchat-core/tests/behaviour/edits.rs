//! Every setting changed while chats are live: what it does at once, what it leaves alone.
//! Source: domain.md §1, "Edits to a live campaign", and the effect §2–§7 give each field.

use expect_test::expect;
use webchat_core::campaign::{CampaignDraft, ExtraFieldDraft, FilesDraft};
use webchat_core::command::TenantSettings;

use crate::scene::*;

/// Ana, with room for one chat, is with visitor 1; visitors 2 and 3 wait.
fn busy() -> Scene {
    given(campaign().agent_cap(1))
        .and(agents_ready(1))
        .and(visitors_ask(1, 3))
}

#[test]
fn every_setting_is_edited_in_one_of_these_tests() {
    let names = |value: serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    let campaigns = made_by("edit(|draft|") + &made_by("edit_of(\"Sales\", |draft|");
    for field in names(serde_json::to_value(CampaignDraft::default()).unwrap()) {
        let edited = campaigns.contains(&format!("draft.{field} ="));
        assert!(edited, "no edit of {field} is tested");
    }
    let tenants = made_by("tenant(|settings|");
    for field in names(serde_json::to_value(TenantSettings::default()).unwrap()) {
        let edited = tenants.contains(&format!("settings.{field} ="));
        assert!(edited, "no edit of the tenant's {field} is tested");
    }
}

/// What the steps that begin with `call` do, of a scene that has begun: all between their brackets.
fn made_by(call: &str) -> String {
    let steps = include_str!("edits.rs").split(call).skip(1);
    let made = steps.map(|step| {
        let mut open = 1;
        let mut end = step.char_indices();
        let end = end.find(|(_, letter)| {
            open += match letter {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            open == 0
        });
        end.map_or("", |(end, _)| &step[..end])
    });
    made.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_campaign_can_be_renamed_but_not_to_a_name_another_has() {
    busy()
        .and(campaign().named("Sales"))
        .when(edit(|draft| draft.name = "Help".into()))
        .when(edit(|draft| draft.name = " SALES ".into()))
        .when(visitor(4).asks())
        .then(expect![[r#"
            CampaignChanged 1
            ! invalid_field: name is SALES, expected a name no other campaign has
            ChatQueued 4                       → visitor 4: waiting 3
        "#]]);
}

#[test]
fn settings_that_are_the_same_are_no_event() {
    busy().when(edit(|_| {})).then(expect![]);
}

#[test]
fn disabling_closes_those_waiting_and_leaves_active_chats_alone() {
    busy()
        .when(edit(|draft| draft.enabled = false))
        .when(visitor(4).asks())
        .when(agent("ana").writes(1, "a", "go on"))
        .then(expect![[r#"
            CampaignChanged 1
            ChatClosed 2 disabled              → visitor 2: Not available (pt)
            ChatClosed 3 disabled              → visitor 3: Not available (en)
            ChatRefused visitor 4 disabled es
            = disabled "Not available (es)"
            MessagePosted 1 #1 ana "go on"     → visitor 1 (by Ana) · ana (by Ana)
        "#]])
        .so(|scene| assert_eq!(scene.counted("Support"), "O3 A1 K2"));
}

#[test]
fn a_chat_whose_agent_is_lost_in_a_disabled_campaign_is_told_and_closed() {
    busy()
        .and(edit(|draft| draft.enabled = false))
        .when(agent("ana").signs_out_by_force())
        .then(expect![[r#"
            AgentSignedOut ana forced
            ChatReturned 1 signed_out          → ana: 1 gone, returned · visitor 1: waiting 1
            MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
            ChatClosed 1 disabled              → visitor 1: Not available (es), feedback "" with form
        "#]]);
}

#[test]
fn enabling_again_admits_newcomers_and_revives_nobody() {
    busy()
        .and(edit(|draft| draft.enabled = false))
        .when(edit(|draft| draft.enabled = true))
        .when(visitor(2).asks())
        .then(expect![[r#"
            CampaignChanged 1
            ChatQueued 4                       → visitor 2: waiting 1
        "#]]);
}

#[test]
fn a_mode_that_allows_more_gives_chats_out_at_once() {
    given(campaign().mode("interaction").agent_cap(3))
        .and(agents_ready(1))
        .and(visitors_ask(1, 3))
        .when(edit(|draft| draft.mode = "nocall".into()))
        .then(expect![[r#"
            CampaignChanged 1
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
            ChatAssigned 3 ana direct          → ana: 3 active · visitor 3: with Ana
        "#]]);
}

#[test]
fn a_mode_that_allows_less_takes_nothing_away() {
    given(campaign().mode("nocall").agent_cap(3))
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .when(edit(|draft| draft.mode = "incall".into()))
        .when(visitor(3).asks())
        .when(agent("ana").closes(1))
        .when(agent("ana").closes(2))
        .then(expect![[r#"
            CampaignChanged 1
            ChatQueued 3                       → visitor 3: waiting 1
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            ChatClosed 2 agent_closed by ana   → visitor 2: closed, feedback "" with form · ana: 2 gone, agent_closed
            ChatAssigned 3 ana direct          → ana: 3 active · visitor 3: with Ana
        "#]]);
}

#[test]
fn leaving_a_pull_mode_gives_the_waiting_chats_out() {
    given(campaign().mode("ringall"))
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .when(edit(|draft| draft.mode = "nocall".into()))
        .then(expect![[r#"
            CampaignChanged 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn another_order_acts_from_the_next_dispatch() {
    given(campaign().order("linear").agent_cap(0))
        .and(agents_ready(2))
        .and(visitors_ask(1, 2))
        .and(edit(|draft| draft.order = "leastloaded".into()))
        .and(visitors_ask(3, 4))
        .so(|scene| assert_eq!(scene.owners(), "ana ana bob bob"));
}

#[test]
fn penalty_tiers_act_from_the_next_dispatch() {
    given(campaign().order("linear").agent_cap(0))
        .and(agents_ready(2))
        .and(penalties(&[("ana", 1), ("bob", 0)]))
        .and(visitor(1).asks())
        .and(edit(|draft| draft.penalty_tiers = true))
        .and(visitor(2).asks())
        .so(|scene| assert_eq!(scene.owners(), "ana bob"));
}

#[test]
fn an_offer_that_is_out_keeps_the_deadline_it_was_given() {
    given(campaign().offer_timeout(20))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(edit(|draft| draft.offer_timeout = 5))
        .when(seconds_pass(30))
        .then(expect![[r#"
            CampaignChanged 1
            +20s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +20s ChatOffered 1 ana again       → ana: 1 offered · visitor 1: waiting 0
            +25s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +25s ChatOffered 1 ana again       → ana: 1 offered · visitor 1: waiting 0
            +30s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +30s ChatOffered 1 ana again       → ana: 1 offered · visitor 1: waiting 0
        "#]]);
}

#[test]
fn without_offers_a_chat_that_waits_is_assigned_directly_from_now_on() {
    given(campaign().offer_timeout(20))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(edit(|draft| draft.offer_timeout = 0))
        .when(agent("ana").refuses(1))
        .then(expect![[r#"
            CampaignChanged 1
            OfferEnded 1 ana refused           → ana: 1 gone, refused · visitor 1: waiting 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn a_pause_after_lapses_counts_those_that_lapsed_before() {
    given(campaign().offer_timeout(10))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(seconds_pass(20))
        .when(edit(|draft| draft.pause_after_lapses = 3))
        .when(seconds_pass(10))
        .then(expect![[r#"
            CampaignChanged 1
            +10s OfferEnded 1 ana lapsed       → ana: 1 gone, offer_lapsed · visitor 1: waiting 1
            +10s AgentPaused ana "lapsed_offers"
        "#]]);
}

#[test]
fn a_weight_acts_from_the_next_dispatch() {
    given(campaign())
        .and(campaign().named("Sales"))
        .and(tenant(|settings| {
            settings.agent_cap = std::num::NonZeroU32::new(1)
        }))
        .and(agent("ana").ready_in(&["Support", "Sales"]))
        .and(visitors_ask(1, 2))
        .and(visitor(3).asks().to("Sales"))
        .and(edit_of("Sales", |draft| draft.weight = 1))
        .and(agent("ana").closes(1))
        .so(|scene| assert_eq!(scene.owners(), "- ana"));
}

#[test]
fn the_limit_of_the_service_level_judges_answers_from_now_on() {
    let in_time = |scene: &Scene| {
        let campaign = scene.view().campaign(scene.cast().campaign("Support"));
        campaign.unwrap().counters.answered_in_time
    };
    let scene = busy()
        .and(seconds_pass(30))
        .and(edit(|draft| draft.answer_within = 60))
        .and(agent("ana").closes(1));
    assert_eq!(in_time(&scene), 2);
    let scene = scene
        .and(edit(|draft| draft.answer_within = 0))
        .and(agent("ana").closes(2));
    assert_eq!(in_time(&scene), 2);
}

#[test]
fn settings_for_later_and_for_looks_change_nothing_that_is_under_way() {
    busy()
        .when(edit(|draft| draft.target_percent = 80))
        .when(edit(|draft| draft.colour = "#ff0000".into()))
        .when(edit(|draft| draft.quality_model = 0))
        .when(edit(|draft| draft.retention_days = 30))
        .when(edit(|draft| {
            draft.offline_address = "desk@shop.example".into();
            draft.offline_message = true;
        }))
        .when(edit(|draft| draft.offline_when_full = true))
        .when(edit(|draft| draft.media = true))
        .when(edit(|draft| {
            draft.files = FilesDraft {
                allowed: true,
                ..FilesDraft::default()
            }
        }))
        .when(edit(|draft| draft.transcript_by_mail = true))
        .when(edit(|draft| {
            draft.notice_addresses = vec!["lead@shop.example".into()];
            draft.notice_cleared = true;
        }))
        .then(expect![[r#"
            CampaignChanged 1
            CampaignChanged 1
            CampaignChanged 1
            CampaignChanged 1
            CampaignChanged 1
            CampaignChanged 1
            CampaignChanged 1
            CampaignChanged 1
            CampaignChanged 1
        "#]]);
}

#[test]
fn a_schedule_that_closes_now_closes_those_waiting() {
    busy()
        .when(edit(|draft| {
            draft.schedule = hours_of("sun 10:00-11:00", "UTC")
        }))
        .then(expect![[r#"
            CampaignChanged 1 closed
            ChatClosed 2 out_of_time           → visitor 2: Out of time (pt)
            ChatClosed 3 out_of_time           → visitor 3: Out of time (en)
        "#]]);
}

#[test]
fn on_close_counts_at_the_next_closing_and_at_once_when_closed() {
    at("2026-03-02 17:59")
        .given(campaign().time_out(600).open("mon-fri 09:00-18:00", "UTC"))
        .and(visitors_waiting(1))
        .and(clock_reaches("18:00"))
        .when(edit(|draft| draft.on_close = "close_all".into()))
        .then(expect![[r#"
            CampaignChanged 1 closed
            ChatClosed 1 out_of_time           → visitor 1: Out of time (es)
        "#]]);
}

#[test]
fn texts_are_those_of_the_moment_they_are_told() {
    busy()
        .when(edit(|draft| {
            draft.welcome = texts("Hi");
            draft.automatic = texts("Yes?");
            draft.feedback = texts("Bye");
            draft.not_available = texts("Nobody");
            draft.out_of_time = texts("Shut");
        }))
        .when(agent("ana").closes(1))
        .when(edit(|draft| draft.enabled = false))
        .then(expect![[r#"
            CampaignChanged 1
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "Bye (es)" with form · ana: 1 gone, agent_closed
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
            MessagePosted 2 #1 ana automatic "Yes? (pt)" → visitor 2 (by Ana) · ana (by Ana)
            CampaignChanged 1
            ChatClosed 3 disabled              → visitor 3: Nobody (en)
        "#]]);
}

#[test]
fn another_default_language_is_for_those_who_ask_for_none_from_now_on() {
    given(campaign().texts())
        .and(visitor(1).asks().in_no_language())
        .when(edit(|draft| draft.default_language = "pt".into()))
        .when(visitor(2).asks().in_no_language())
        .when(edit(|draft| draft.enabled = false))
        .then(expect![[r#"
            CampaignChanged 1
            ChatQueued 2                       → visitor 2: waiting 2
            MessagePosted 2 #1 welcome "Welcome (pt)" → visitor 2
            CampaignChanged 1
            ChatClosed 1 disabled              → visitor 1: Not available (en)
            ChatClosed 2 disabled              → visitor 2: Not available (pt)
        "#]]);
}

#[test]
fn a_lower_cap_drops_nothing_and_a_higher_one_gives_the_next_chat_at_once() {
    given(campaign().agent_cap(2))
        .and(agents_ready(1))
        .and(visitors_ask(1, 4))
        .when(edit(|draft| draft.agent_cap = 1))
        .when(agent("ana").closes(1))
        .when(edit(|draft| draft.agent_cap = 3))
        .then(expect![[r#"
            CampaignChanged 1
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            CampaignChanged 1
            ChatAssigned 3 ana direct          → ana: 3 active · visitor 3: with Ana
            ChatAssigned 4 ana direct          → ana: 4 active · visitor 4: with Ana
        "#]]);
}

#[test]
fn the_tenants_cap_acts_the_same_way() {
    given(campaign().agent_cap(0))
        .and(agents_ready(1))
        .and(tenant(|settings| {
            settings.agent_cap = std::num::NonZeroU32::new(1)
        }))
        .and(visitors_ask(1, 2))
        .when(tenant(|settings| settings.agent_cap = None))
        .then(expect![[r#"
            TenantSet
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn a_lower_max_chats_throws_nobody_out() {
    given(campaign().max_chats(3))
        .and(visitors_waiting(3))
        .when(edit(|draft| draft.max_chats = 1))
        .when(visitor(4).asks())
        .when(edit(|draft| draft.max_chats = 4))
        .when(visitor(5).asks())
        .then(expect![[r#"
            CampaignChanged 1
            ChatRefused visitor 4 queue_full es
            = queue_full "Not available (es)"
            CampaignChanged 1
            ChatQueued 4                       → visitor 5: waiting 4
        "#]]);
}

#[test]
fn no_waiting_throws_nobody_out() {
    given(campaign())
        .and(visitors_waiting(1))
        .when(edit(|draft| draft.no_waiting = true))
        .when(visitor(2).asks())
        .when(agents_ready(1))
        .then(expect![[r#"
            CampaignChanged 1
            ChatRefused visitor 2 queue_full pt
            = queue_full "Not available (pt)"
            AgentCreated ana
            MembersSet ana
            AgentSignedIn ana
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn a_shorter_time_out_counts_from_the_enqueue_and_may_expire_now() {
    given(campaign().time_out(600))
        .and(visitor(1).asks())
        .and(seconds_pass(30))
        .and(visitor(2).asks())
        .when(edit(|draft| draft.time_out = 20))
        .when(seconds_pass(60))
        .then(expect![[r#"
            CampaignChanged 1
            ChatClosed 1 timed_out (due 10s earlier) → visitor 1: Not available (es)
            +20s ChatClosed 2 timed_out        → visitor 2: Not available (pt)
        "#]]);
}

#[test]
fn a_longer_time_out_gives_more_time_and_zero_all_of_it() {
    given(campaign().time_out(20))
        .and(visitors_waiting(1))
        .and(seconds_pass(10))
        .when(edit(|draft| draft.time_out = 40))
        .when(seconds_pass(29))
        .when(edit(|draft| draft.time_out = 0))
        .when(seconds_pass(3_600))
        .when(edit(|draft| draft.time_out = 3_600))
        .then(expect![[r#"
            CampaignChanged 1
            +29s CampaignChanged 1
            +1h29s CampaignChanged 1
            +1h29s ChatClosed 1 timed_out (due 39s earlier) → visitor 1: Not available (es)
        "#]]);
}

#[test]
fn a_time_out_that_expires_by_an_edit_takes_back_the_offer() {
    given(campaign().offer_timeout(600))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .and(seconds_pass(60))
        .when(edit(|draft| draft.time_out = 30))
        .then(expect![[r#"
            CampaignChanged 1
            OfferEnded 1 ana rescinded         → ana: 1 gone, offer_rescinded · visitor 1: waiting 1
            ChatClosed 1 timed_out (due 30s earlier) → visitor 1: Not available (es)
        "#]]);
}

#[test]
fn auto_finish_is_recomputed_from_the_disconnect() {
    given(campaign().auto_finish(600).agent_cap(1))
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .and(visitor(1).goes_away())
        .and(seconds_pass(30))
        .and(visitor(2).goes_away())
        .when(edit(|draft| draft.auto_finish = 30))
        .when(edit(|draft| draft.auto_finish = 0))
        .when(edit(|draft| draft.waiting_floor = 45))
        .when(seconds_pass(600))
        .then(expect![[r#"
            CampaignChanged 1
            ChatClosed 1 visitor_gone          → visitor 1: closed, feedback "" with form · ana: 1 gone, visitor_gone
            CampaignChanged 1
            CampaignChanged 1
            +45s ChatClosed 2 visitor_gone     → visitor 2: closed
        "#]]);
}

#[test]
fn another_dropout_rate_judges_leaves_from_now_on() {
    given(campaign().dropout(0))
        .and(visitors_waiting(2))
        .and(visitor(1).leaves())
        .and(edit(|draft| draft.dropout = 10))
        .and(visitor(2).leaves())
        .so(|scene| assert_eq!(scene.counted("Support"), "O2 B1 S1"));
}

#[test]
fn the_alarm_thresholds_close_and_refuse_nothing() {
    let scene = busy()
        .and(edit(|draft| draft.acd = 1))
        .and(edit(|draft| draft.time_chat = 1))
        .and(seconds_pass(60))
        .and(visitor(4).asks());
    assert_eq!(scene.counted("Support"), "O4 A1 W3");
    assert!(scene.is_live(1));
}

#[test]
fn hiding_names_acts_on_the_next_text_and_leaves_what_was_said() {
    busy()
        .and(agent("ana").writes(1, "a", "before"))
        .when(edit(|draft| {
            draft.show_agent_name = false;
            draft.alias = texts("Team");
        }))
        .when(agent("ana").writes(1, "b", "after"))
        .then(expect![[r#"
            CampaignChanged 1
            MessagePosted 1 #2 ana "after"     → visitor 1 (by Team (es)) · ana (by Ana)
        "#]])
        .so(|scene| {
            let view = scene.view().visitor_chat(scene.cast().chat(1)).unwrap();
            assert_eq!(view.agent.as_deref(), Some("Team (es)"));
        });
}

#[test]
fn the_feedback_form_is_that_of_the_moment_of_the_close() {
    given(campaign().texts())
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .and(agent("ana").closes(1))
        .when(edit(|draft| draft.feedback_form = false))
        .when(agent("ana").closes(2))
        .when(visitor(1).scores(5, ""))
        .when(visitor(2).scores(5, ""))
        .then(expect![[r#"
            CampaignChanged 1
            ChatClosed 2 agent_closed by ana   → visitor 2: closed, feedback "Thank you (pt)" · ana: 2 gone, agent_closed
            FeedbackGiven 1 5
            ! feedback_not_open: feedback is not open for this chat
        "#]]);
}

#[test]
fn what_the_form_asks_for_binds_newcomers_only() {
    busy()
        .when(edit(|draft| draft.require_email = true))
        .when(edit(|draft| {
            draft.extra_field = ExtraFieldDraft {
                visible: true,
                required: true,
                label: texts("Telephone"),
                ..ExtraFieldDraft::default()
            };
        }))
        .when(edit(|draft| {
            draft.allowed_domains = vec!["shop.example".into()]
        }))
        .when(visitor(2).writes("a", "still waiting"))
        .when(visitor(4).asks().on_site("https://shop.example"))
        .when(
            visitor(4)
                .asks()
                .on_site("https://shop.example")
                .email("d@shop.example"),
        )
        .when(visitor(4).asks().email("d@shop.example").extra("099123456"))
        .then(expect![[r#"
            CampaignChanged 1
            CampaignChanged 1
            CampaignChanged 1
            MessagePosted 2 #1 visitor "still waiting" → visitor 2
            ! invalid_field: extra is empty, expected 1 to 256 characters on one line
            ! invalid_field: extra is empty, expected 1 to 256 characters on one line
            ! not_allowed: this site may not carry the campaign's window
        "#]]);
}

#[test]
fn what_an_empty_campaign_does_with_newcomers_binds_newcomers_only() {
    given(campaign().when_empty("admit"))
        .and(visitors_waiting(1))
        .when(edit(|draft| draft.when_empty = "refuse".into()))
        .when(visitor(2).asks())
        .then(expect![[r#"
            CampaignChanged 1
            ChatRefused visitor 2 no_agents pt
            = no_agents "Not available (pt)"
        "#]]);
}

#[test]
fn a_limit_for_an_empty_campaign_counts_the_time_it_was_empty_already() {
    given(campaign())
        .and(visitors_waiting(1))
        .and(seconds_pass(100))
        .and(visitor(2).asks())
        .when(edit(|draft| draft.leave_when_empty_after = 60))
        .when(seconds_pass(100))
        .then(expect![[r#"
            CampaignChanged 1
            ChatClosed 1 agents_gone (due 40s earlier) → visitor 1: Not available (es)
            +1m ChatClosed 2 agents_gone       → visitor 2: Not available (pt)
        "#]]);
}

#[test]
fn a_wrap_up_under_way_keeps_its_end() {
    given(campaign().agent_cap(1).wrap_up(30))
        .and(agents_ready(1))
        .and(visitors_ask(1, 3))
        .and(agent("ana").closes(1))
        .when(edit(|draft| draft.wrap_up = 0))
        .when(seconds_pass(30))
        .when(agent("ana").closes(2))
        .then(expect![[r#"
            CampaignChanged 1
            +30s WrapUpEnded 1 after ana
            +30s ChatAssigned 2 ana direct     → ana: 2 active · visitor 2: with Ana
            +30s ChatClosed 2 agent_closed by ana → visitor 2: closed, feedback "" with form · ana: 2 gone, agent_closed
            +30s ChatAssigned 3 ana direct     → ana: 3 active · visitor 3: with Ana
        "#]]);
}

#[test]
fn what_becomes_of_a_lost_agents_chats_is_decided_at_the_end_of_the_grace_time() {
    busy()
        .and(agent("ana").goes_away())
        .when(edit(|draft| draft.on_agent_lost = "close".into()))
        .when(seconds_pass(30))
        .then(expect![[r#"
            CampaignChanged 1
            +30s AgentSignedOut ana lost       → ana: session 1 ended, signed_out
            +30s ChatClosed 1 agent_gone       → visitor 1: Not available (es), feedback "" with form · ana: 1 gone, agent_gone
        "#]]);
}

#[test]
fn a_grace_time_under_way_keeps_its_end() {
    busy()
        .and(agent("ana").goes_away())
        .when(tenant(|settings| settings.agent_grace = seconds(5)))
        .when(seconds_pass(30))
        .then(expect![[r#"
            TenantSet
            +30s AgentSignedOut ana lost       → ana: session 1 ended, signed_out
            +30s ChatReturned 1 agent_lost     → ana: 1 gone, returned · visitor 1: waiting 1
            +30s MessagePosted 1 #1 returned "Se perdió la conexión con el agente. Otro agente le atenderá en breve." → visitor 1
        "#]]);
}

#[test]
fn dispositions_bind_the_next_close() {
    busy()
        .when(edit(|draft| {
            draft.disposition_required = true;
            draft.dispositions = vec![vec!["sold".into()]];
        }))
        .when(agent("ana").closes(1))
        .when(agent("ana").closes_as(1, &["sold"]))
        .then(expect![[r#"
            CampaignChanged 1
            ! invalid_field: disposition is empty, expected one of the campaign's dispositions
            ChatClosed 1 agent_closed by ana as sold → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn an_agents_new_name_is_told_from_the_next_message() {
    busy()
        .and(agent("ana").writes(1, "a", "I am Ana"))
        .and(|scene: &mut Scene| {
            let agent = scene.cast().agent("ana");
            let profile = webchat_core::command::AgentProfile {
                name: "Anita".into(),
                voice: false,
            };
            let change = webchat_core::command::HostCommand::ChangeAgent { agent, profile };
            scene.host(change).unwrap();
        })
        .when(agent("ana").writes(1, "b", "I am Anita"))
        .then(expect![[r#"
            MessagePosted 1 #2 ana "I am Anita" → visitor 1 (by Anita) · ana (by Anita)
        "#]]);
}

#[test]
fn requiring_voice_membership_takes_no_chat_away_and_gives_no_more() {
    busy()
        .when(tenant(|settings| settings.voice_membership_required = true))
        .when(agent("ana").writes(1, "a", "go on"))
        .when(agent("ana").closes(1))
        .when(tenant(|settings| {
            settings.voice_membership_required = false
        }))
        .then(expect![[r#"
            TenantSet
            MessagePosted 1 #1 ana "go on"     → visitor 1 (by Ana) · ana (by Ana)
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            TenantSet
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn requiring_voice_membership_leaves_an_offer_that_is_out() {
    given(campaign().offer_timeout(20))
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(tenant(|settings| settings.voice_membership_required = true))
        .when(agent("ana").accepts(1))
        .then(expect![[r#"
            TenantSet
            ChatAssigned 1 ana accepted        → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn a_transfer_under_way_keeps_its_end_and_the_next_has_the_new_one() {
    given(campaign().order("linear"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .and(agent("ana").transfers(1, "bob"))
        .when(tenant(|settings| settings.transfer_timeout = seconds(5)))
        .when(seconds_pass(30))
        .when(agent("ana").transfers(1, "bob"))
        .when(seconds_pass(5))
        .then(expect![[r#"
            TenantSet
            +30s TransferEnded 1 lapsed        → bob: 1 gone, offer_lapsed · ana: 1 active
            +30s TransferStarted 1 to bob      → ana: 1 transferring · bob: 1 transferring with ana
            +35s TransferEnded 1 lapsed        → bob: 1 gone, offer_lapsed · ana: 1 active
        "#]]);
}

#[test]
fn a_shorter_limit_binds_the_next_message_and_not_the_repeat_of_an_earlier_one() {
    busy()
        .and(visitor(1).writes("a", "twelve chars"))
        .when(tenant(|settings| settings.text_chars = 5))
        .when(visitor(1).writes("a", "twelve chars"))
        .when(visitor(1).writes("b", "twelve chars"))
        .when(visitor(1).writes("c", "five!"))
        .then(expect![[r#"
            TenantSet
            = message #1
            ! invalid_field: text is twelve chars, expected 1 to 5 characters, no control characters other than newline and tab
            MessagePosted 1 #2 visitor "five!" → visitor 1 · ana
        "#]]);
}

#[test]
fn a_campaign_with_live_chats_cannot_be_deleted() {
    given(campaign())
        .and(agents_ready(1))
        .and(visitor(1).asks())
        .when(delete("Support"))
        .when(agent("ana").closes(1))
        .when(delete("Support"))
        .then(expect![[r#"
            ! campaign_live: 1 chats are live in the campaign, close them first
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            CampaignDeleted 1
        "#]]);
}

#[test]
fn reordering_members_takes_nothing_from_anybody() {
    given(campaign().order("linear").agent_cap(1).offer_timeout(60))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .when(members(&["bob", "ana"]))
        .when(visitor(2).asks())
        .then(expect![[r#"
            MembersSet bob ana
            ChatQueued 2                       → visitor 2: waiting 2
            ChatOffered 2 bob                  → bob: 2 offered · visitor 2: waiting 0
        "#]]);
}
