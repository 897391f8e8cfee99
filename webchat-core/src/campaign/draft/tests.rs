//! The draft through its front door: JSON in, campaign or problems out.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::CampaignDraft;
use crate::campaign::{Campaign, Warning};
use crate::limits::{SETTING_COUNT, SETTING_DAYS, SETTING_SECONDS};
use crate::problem::Problems;
use crate::schedule::Zones;

/// A setting, what the form says, where it is found in the campaign, and as what.
type Row = (&'static str, Value, &'static str, Value);

#[test]
fn every_setting_reaches_the_campaign() {
    let rows: Vec<Row> = vec![
        ("name", json!("  Ventas ñ "), "/name", json!("Ventas ñ")),
        ("enabled", json!(false), "/enabled", json!(false)),
        ("mode", json!("ringall"), "/strategy/mode", json!("ringall")),
        (
            "order",
            json!("leastloaded"),
            "/strategy/order",
            json!("leastloaded"),
        ),
        (
            "penalty_tiers",
            json!(true),
            "/strategy/penalty_tiers",
            json!(true),
        ),
        (
            "offer_timeout",
            json!(15),
            "/strategy/offer_timeout",
            json!(15),
        ),
        (
            "pause_after_lapses",
            json!(3),
            "/strategy/pause_after_lapses",
            json!(3),
        ),
        ("weight", json!(100), "/weight", json!(100)),
        ("answer_within", json!(30), "/answer_within", json!(30)),
        ("target_percent", json!(100), "/target_percent", json!(100)),
        (
            "schedule",
            json!({"zone": "america/montevideo", "ranges": [{"day": "mon", "start": "09:00", "end": "18:00"}]}),
            "/schedule",
            json!({
                "zone": "America/Montevideo",
                "week": {"ranges": [{"day": "mon", "start": 540, "end": 1080}]},
                "exceptions": [],
            }),
        ),
        ("on_close", json!("drain"), "/on_close", json!("drain")),
        (
            "default_language",
            json!("pt-BR"),
            "/wording/default_language",
            json!("pt-br"),
        ),
        (
            "welcome",
            json!({"es": " ¡Hola!\n", "EN": "Hello", "pt": " \n"}),
            "/wording/welcome",
            json!({"es": " ¡Hola!\n", "en": "Hello"}),
        ),
        (
            "out_of_time",
            json!({"pt": "Fechado"}),
            "/wording/out_of_time",
            json!({"pt": "Fechado"}),
        ),
        (
            "not_available",
            json!({"es": "Nadie"}),
            "/wording/not_available",
            json!({"es": "Nadie"}),
        ),
        (
            "feedback",
            json!({"en": "Thanks"}),
            "/wording/feedback",
            json!({"en": "Thanks"}),
        ),
        (
            "automatic",
            json!({"en": "How can I help?"}),
            "/wording/automatic",
            json!({"en": "How can I help?"}),
        ),
        (
            "alias",
            json!({"es": " Equipo ", "en": ""}),
            "/wording/alias",
            json!({"es": "Equipo"}),
        ),
        ("agent_cap", json!(5), "/agent_cap", json!(5)),
        ("quality_model", json!(7), "/quality_model", json!(7)),
        ("dropout", json!(5), "/dropout", json!(5)),
        ("time_chat", json!(600), "/time_chat", json!(600)),
        ("acd", json!(10), "/acd", json!(10)),
        ("max_chats", json!(50), "/max_chats", json!({"at_most": 50})),
        ("time_out", json!(300), "/time_out", json!(300)),
        ("auto_finish", json!(60), "/auto_finish", json!(60)),
        ("waiting_floor", json!(90), "/waiting_floor", json!(90)),
        ("colour", json!("#0A7d5C"), "/colour", json!("#0a7d5c")),
        (
            "show_agent_name",
            json!(false),
            "/agent_name",
            json!("hidden"),
        ),
        (
            "feedback_form",
            json!(false),
            "/feedback_form",
            json!(false),
        ),
        ("require_email", json!(true), "/email", json!("required")),
        ("media", json!(true), "/media", json!(true)),
        (
            "files",
            json!({"allowed": true, "max_kib": 100, "kinds": ["image", "text", "image"]}),
            "/files",
            json!({"max_kib": 100, "kinds": ["image", "text"]}),
        ),
        (
            "offline_message",
            json!(true),
            "/offline/on/address",
            json!("mail@shop.example"),
        ),
        (
            "offline_address",
            json!(" mail@shop.example "),
            "/offline/on/address",
            json!("mail@shop.example"),
        ),
        (
            "offline_when_full",
            json!(true),
            "/offline/on/also_when_full",
            json!(true),
        ),
        (
            "transcript_by_mail",
            json!(true),
            "/transcript_by_mail",
            json!(true),
        ),
        (
            "notice_addresses",
            json!([" ana@shop.example ", "luz@shop.example"]),
            "/notices/addresses",
            json!(["ana@shop.example", "luz@shop.example"]),
        ),
        (
            "notice_cleared",
            json!(true),
            "/notices/cleared",
            json!(true),
        ),
        (
            "extra_field",
            json!({"visible": true, "required": true, "label": {"es": " Teléfono "}, "pattern": "\\d+"}),
            "/extra",
            json!({"label": {"es": "Teléfono"}, "required": true, "pattern": "\\d+"}),
        ),
        (
            "allowed_domains",
            json!(["Shop.example", "*.shop.example:8443"]),
            "/allowed_domains",
            json!(["shop.example", "*.shop.example:8443"]),
        ),
        (
            "when_empty",
            json!("need_available"),
            "/when_empty",
            json!("need_available"),
        ),
        (
            "leave_when_empty_after",
            json!(45),
            "/leave_when_empty_after",
            json!(45),
        ),
        ("wrap_up", json!(20), "/wrap_up", json!(20)),
        (
            "on_agent_lost",
            json!("keep"),
            "/on_agent_lost",
            json!("keep"),
        ),
        (
            "disposition_required",
            json!(true),
            "/disposition/required",
            json!(true),
        ),
        (
            "dispositions",
            json!([["sale", " card "], ["sale", "cash"], ["none"]]),
            "/disposition/choices",
            json!([["sale", "card"], ["sale", "cash"], ["none"]]),
        ),
        ("retention_days", json!(365), "/retention_days", json!(365)),
        // Alone, as it excludes a number in max_chats.
        ("no_waiting", json!(true), "/max_chats", json!("no_waiting")),
    ];
    let mut settings: BTreeSet<&str> = rows.iter().map(|(field, ..)| *field).collect();
    assert_eq!(settings.iter().copied().collect::<Vec<_>>(), names());

    settings.remove("no_waiting");
    let document: Map<String, Value> = rows
        .iter()
        .filter(|(field, ..)| settings.contains(field))
        .map(|(field, said, ..)| ((*field).to_owned(), said.clone()))
        .collect();
    let all = campaign(document.into());
    let none_waiting = campaign(json!({"name": "x", "no_waiting": true}));
    for (field, _, place, expected) in rows {
        let campaign = if field == "no_waiting" {
            &none_waiting
        } else {
            &all
        };
        let found = serde_json::to_value(campaign).unwrap();
        assert_eq!(found.pointer(place), Some(&expected), "{field}");
    }
}

#[test]
fn a_zero_is_off_and_a_setting_left_out_has_its_default() {
    let zeros: Map<String, Value> = numbers()
        .into_iter()
        .filter(|(field, _)| *field != "waiting_floor")
        .map(|(field, _)| (field.to_owned(), json!(0)))
        .chain([("name".to_owned(), json!("x"))])
        .collect();
    let off = serde_json::to_value(campaign(zeros.into())).unwrap();
    for place in [
        "/strategy/offer_timeout",
        "/strategy/pause_after_lapses",
        "/answer_within",
        "/agent_cap",
        "/quality_model",
        "/dropout",
        "/time_chat",
        "/acd",
        "/time_out",
        "/auto_finish",
        "/leave_when_empty_after",
        "/wrap_up",
        "/retention_days",
    ] {
        assert_eq!(off.pointer(place), Some(&Value::Null), "{place}");
    }
    assert_eq!(off["max_chats"], "unlimited");

    assert_eq!(
        campaign(json!({"name": "Ventas"})),
        CampaignDraft::named("Ventas")
            .check(&Zones::bundled())
            .unwrap()
            .0
    );
    let nameless = check(json!({})).unwrap_err();
    assert_eq!(
        nameless.to_string(),
        "name is empty, expected 1 to 80 characters on one line"
    );
}

#[test]
fn every_wrong_setting_is_told_in_one_go() {
    let line = "expected 1 to 80 characters on one line";
    let text = "expected at most 4000 characters, no control characters other than newline and tab";
    let tag = "expected a language tag of 2 to 8 letters, digits and hyphens such as es or pt-br";
    let seconds = "31622400 seconds";
    let x80 = "x".repeat(80);
    // A setting, what the form says, and the problems told, in the order of the settings.
    let rows: Vec<(&str, Value, Vec<String>)> = vec![
        ("name", json!("x".repeat(81)), vec![format!("name is {x80}, {line}")]),
        (
            "mode",
            json!("ringing"),
            vec!["mode is ringing, expected one of incall, nocall, interaction, nopause, omni, ringall, ringallmultiple".into()],
        ),
        (
            "order",
            json!(""),
            vec!["order is empty, expected one of linear, rrmemory, leastrecent, fewestcalls, random, wrandom, leastloaded".into()],
        ),
        ("offer_timeout", json!(-1), vec![format!("offer_timeout is -1, expected 0 (direct) to {seconds}")]),
        ("pause_after_lapses", json!(1_000_001), vec!["pause_after_lapses is 1000001, expected 0 (never) to 1000000".into()]),
        ("weight", json!(101), vec!["weight is 101, expected 0 (lowest) to 100".into()]),
        ("answer_within", json!(31_622_401), vec![format!("answer_within is 31622401, expected 0 (off) to {seconds}")]),
        ("target_percent", json!(101), vec!["target_percent is 101, expected 0 (off) to 100".into()]),
        (
            "schedule",
            json!({"zone": "Nowhere", "ranges": [{"day": "mon", "start": "9", "end": "18:00"}]}),
            vec![
                "schedule.zone is Nowhere, expected an IANA time zone name such as America/Montevideo".into(),
                "schedule.ranges[0].start is 9, expected a time from 00:00 to 23:59".into(),
            ],
        ),
        ("on_close", json!("Drain"), vec!["on_close is Drain, expected one of seed_rule, close_all, drain".into()]),
        ("default_language", json!("español"), vec![format!("default_language is español, {tag}")]),
        (
            "welcome",
            json!({"": "x", "es": "a\u{0}b", "en": "fine", "inglés": "x"}),
            vec![
                format!("welcome. is empty, {tag}"),
                format!("welcome.es is a\u{fffd}b, {text}"),
                format!("welcome.inglés is inglés, {tag}"),
            ],
        ),
        (
            "out_of_time",
            json!({"pt-br": "a", "pt_BR": "b"}),
            vec!["out_of_time.pt_BR is pt_BR, expected each language once".into()],
        ),
        ("not_available", json!({"es": "x".repeat(4_001)}), vec![format!("not_available.es is {x80}, {text}")]),
        ("feedback", json!({"es": "a\rb"}), vec![format!("feedback.es is a\u{fffd}b, {text}")]),
        ("automatic", json!({"e": ""}), vec![format!("automatic.e is e, {tag}")]),
        ("alias", json!({"es": "two\nlines"}), vec![format!("alias.es is two\u{fffd}lines, {line}")]),
        ("agent_cap", json!(i64::MAX), vec!["agent_cap is 9223372036854775807, expected 0 (unlimited) to 1000000".into()]),
        ("quality_model", json!(-7), vec!["quality_model is -7, expected 0 (none) to 4294967295".into()]),
        ("dropout", json!(-1), vec![format!("dropout is -1, expected 0 (off) to {seconds}")]),
        ("time_chat", json!(i64::MIN), vec![format!("time_chat is -9223372036854775808, expected 0 (off) to {seconds}")]),
        ("acd", json!(-1), vec!["acd is -1, expected 0 (off) to 1000000".into()]),
        ("max_chats", json!(-1), vec!["max_chats is -1, expected 0 (no limit) to 1000000".into()]),
        ("time_out", json!(-5), vec![format!("time_out is -5, expected 0 (off) to {seconds}")]),
        ("auto_finish", json!(-1), vec![format!("auto_finish is -1, expected 0 (off) to {seconds}")]),
        ("waiting_floor", json!(0), vec![format!("waiting_floor is 0, expected 1 to {seconds}")]),
        ("colour", json!("blue"), vec!["colour is blue, expected # and six hex digits such as #0b6bcb".into()]),
        (
            "files",
            json!({"allowed": true, "max_kib": 0, "kinds": ["image", "program"]}),
            vec![
                "files.max_kib is 0, expected 1 to 51200 KiB".into(),
                "files.kinds[1] is program, expected one of image, document, text, audio, video".into(),
            ],
        ),
        ("offline_message", json!(true), vec![]),
        (
            "offline_address",
            json!("nobody"),
            vec!["offline_address is nobody, expected an e-mail address such as ana@shop.example".into()],
        ),
        (
            "notice_addresses",
            json!(["ana@shop.example", "nobody", "Ana@Shop.example"]),
            vec![
                "notice_addresses[1] is nobody, expected an e-mail address such as ana@shop.example".into(),
                "notice_addresses[2] is Ana@Shop.example, expected each address once".into(),
            ],
        ),
        (
            "extra_field",
            json!({"visible": true, "label": {"es": " "}, "pattern": "[9-0]"}),
            vec![
                "extra_field.label is empty, expected a label in at least one language".into(),
                "extra_field.pattern is [9-0], expected a regular expression of at most 256 characters \
                 (invalid range in character class)".into(),
            ],
        ),
        (
            "allowed_domains",
            json!(["shop.example", "*", "https://shop.example/contact"]),
            vec![
                "allowed_domains[1] is *, expected a host, or an empty list to allow any site".into(),
                "allowed_domains[2] is https://shop.example/contact, expected a host without path, query or user name".into(),
            ],
        ),
        ("when_empty", json!("maybe"), vec!["when_empty is maybe, expected one of refuse, admit, need_available".into()]),
        ("leave_when_empty_after", json!(-1), vec![format!("leave_when_empty_after is -1, expected 0 (never) to {seconds}")]),
        ("wrap_up", json!(-1), vec![format!("wrap_up is -1, expected 0 (off) to {seconds}")]),
        ("on_agent_lost", json!("cry"), vec!["on_agent_lost is cry, expected one of requeue, keep, close".into()]),
        (
            "dispositions",
            json!([["sale"], [], ["a", "b", "c", "d", "e"], ["sale", ""], [" sale "]]),
            vec![
                "dispositions[1] is a list of 0, expected 1 to 4".into(),
                "dispositions[2] is a list of 5, expected 1 to 4".into(),
                format!("dispositions[3][1] is empty, {line}"),
                "dispositions[4] is sale, expected each disposition once".into(),
            ],
        ),
        ("retention_days", json!(36_501), vec!["retention_days is 36501, expected 0 (kept for ever) to 36500 days".into()]),
    ];

    // A check box cannot be wrong by itself; everything else is.
    let defaults = serde_json::to_value(CampaignDraft::default()).unwrap();
    let missing: Vec<&str> = names()
        .into_iter()
        .filter(|name| !defaults[name].is_boolean() && rows.iter().all(|(field, ..)| field != name))
        .collect();
    assert_eq!(missing, [""; 0]);

    let document: Map<String, Value> = rows
        .iter()
        .map(|(field, said, _)| ((*field).to_owned(), said.clone()))
        .collect();
    let problems = check(document.into()).unwrap_err();
    let told: Vec<String> = problems.0.iter().map(ToString::to_string).collect();
    let expected: Vec<String> = rows.into_iter().flat_map(|(.., lines)| lines).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_number_out_of_range_is_a_problem_of_its_field_alone() {
    for (field, most) in numbers() {
        let beyond = [i64::MIN, -1, most + 1, i64::from(u32::MAX) + 1, i64::MAX];
        for value in beyond {
            let problems = check(json!({"name": "x", field: value})).unwrap_err();
            assert_eq!(problems.0.len(), 1, "{problems}");
            assert_eq!(problems.0[0].field, field);
            assert_eq!(problems.0[0].value, value.to_string());
            assert!(
                problems.0[0].expected.contains(&most.to_string()),
                "{problems}"
            );
        }
        for value in [1, most] {
            assert!(
                check(json!({"name": "x", field: value})).is_ok(),
                "{field} {value}"
            );
        }
    }
}

#[test]
fn lists_and_maps_are_limited() {
    let tags: Map<String, Value> = (0..33)
        .map(|n| (format!("x{}-{n:02}", 'a'), json!("text")))
        .collect();
    let problems = check(json!({
        "name": "x",
        "welcome": tags,
        "allowed_domains": (0..101).map(|n| format!("s{n}.example")).collect::<Vec<_>>(),
        "dispositions": (0..501).map(|n| vec![n.to_string()]).collect::<Vec<_>>(),
        "extra_field": {"visible": true, "label": {"en": "Id"}, "pattern": "a".repeat(257)},
    }))
    .unwrap_err();
    let fields: Vec<&str> = problems
        .0
        .iter()
        .map(|problem| problem.field.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "welcome",
            "extra_field.pattern",
            "allowed_domains[100]",
            "dispositions"
        ]
    );
}

#[test]
fn no_waiting_and_a_number_of_waiting_chats_exclude_each_other() {
    let problems = check(json!({"name": "x", "no_waiting": true, "max_chats": 5})).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "max_chats is 5, expected 0 when no_waiting is on"
    );
}

#[test]
fn what_is_accepted_but_looks_unintended_is_warned_of() {
    let warned = |mut document: Value| -> Vec<String> {
        document["name"] = json!("x");
        let (_, warnings) = check(document).unwrap();
        warnings
            .iter()
            .map(|Warning { field, code, .. }| format!("{field} {code}"))
            .collect()
    };
    let fine = json!({
        "allowed_domains": ["shop.example"], "mode": "nocall", "offer_timeout": 10, "pause_after_lapses": 2,
        "time_out": 60, "answer_within": 60, "target_percent": 80, "max_chats": 5, "acd": 5,
        "offline_message": true, "offline_address": "mail@shop.example",
        "schedule": {"zone": "UTC", "ranges": [{"day": "mon", "start": "09:00", "end": "18:00"}]},
    });
    assert_eq!(warned(fine.clone()), [""; 0]);
    assert_eq!(warned(json!({})), ["allowed_domains any_site"]);

    let with = |changes: Value| {
        let mut document = fine.clone();
        for (field, value) in changes.as_object().unwrap() {
            document[field] = value.clone();
        }
        warned(document)
    };
    for (changes, warning) in [
        (json!({"mode": "ringall"}), "offer_timeout no_effect"),
        (json!({"offer_timeout": 0}), "pause_after_lapses no_effect"),
        (json!({"answer_within": 61}), "answer_within always_in_time"),
        (json!({"answer_within": 0}), "target_percent no_effect"),
        (
            json!({"schedule": {"always": false, "zone": "UTC"}}),
            "schedule never_open",
        ),
        (json!({"acd": 6}), "acd no_effect"),
        (json!({"max_chats": 0, "no_waiting": true}), "acd no_effect"),
        (
            json!({"offline_message": false}),
            "offline_address not_kept",
        ),
        (
            json!({"offline_message": false, "offline_address": "", "offline_when_full": true}),
            "offline_when_full not_kept",
        ),
        (json!({"schedule": {}}), "offline_message no_effect"),
        (
            json!({"extra_field": {"label": {"en": "Id"}}}),
            "extra_field not_kept",
        ),
        (
            json!({"notice_addresses": ["ana@shop.example"], "acd": 0, "target_percent": 0}),
            "notice_addresses no_effect",
        ),
        (json!({"notice_cleared": true}), "notice_cleared not_kept"),
        (json!({"allowed_domains": []}), "allowed_domains any_site"),
    ] {
        assert_eq!(with(changes), [warning]);
    }
}

#[test]
fn a_misspelt_setting_is_refused_rather_than_ignored() {
    for document in [
        r#"{"max_chat": 5}"#,
        r#"{"extra_field": {"visibel": true}}"#,
    ] {
        assert!(serde_json::from_str::<CampaignDraft>(document).is_err());
    }
}

#[test]
fn a_file_can_say_it_in_toml() {
    let draft: CampaignDraft = toml::from_str(
        r#"
        name = "Sales"
        time_out = 300
        allowed_domains = ["shop.example"]

        [welcome]
        es = "Hola"

        [schedule]
        zone = "America/Montevideo"
        ranges = [{ day = "mon", start = "09:00", end = "18:00" }]
        "#,
    )
    .unwrap();
    let (campaign, warnings) = draft.check(&Zones::bundled()).unwrap();
    assert_eq!(campaign.time_out.unwrap().get(), 300);
    assert_eq!(warnings, []);
}

proptest! {
    #[test]
    fn a_campaign_written_as_a_draft_is_the_same_campaign(document in any_document()) {
        let zones = Zones::bundled();
        let campaign = campaign(document);
        let draft = CampaignDraft::from(&campaign);
        prop_assert_eq!(&draft.check(&zones).unwrap().0, &campaign);

        let json = serde_json::to_string(&draft).unwrap();
        prop_assert_eq!(&serde_json::from_str::<CampaignDraft>(&json).unwrap(), &draft);
        let toml = toml::to_string(&draft).unwrap();
        prop_assert_eq!(&toml::from_str::<CampaignDraft>(&toml).unwrap(), &draft);
        let journal = serde_json::to_string(&campaign).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Campaign>(&journal).unwrap(), &campaign);
    }

    #[test]
    fn no_draft_whatever_it_says_does_more_than_collect_problems(
        words in prop::collection::vec(any::<String>(), 9),
        numbers in prop::collection::vec(any::<i64>(), numbers().len()),
        texts in prop::collection::btree_map(any::<String>(), any::<String>(), 0..4),
        list in prop::collection::vec(any::<String>(), 0..4),
        pattern in "[(|)*+?{}0-9a\\[\\]\\\\^$.-]{0,12}",
    ) {
        let mut document: Map<String, Value> = self::numbers()
            .iter()
            .zip(numbers)
            .map(|((field, _), value)| ((*field).to_owned(), json!(value)))
            .collect();
        let choices =
            ["name", "mode", "order", "on_close", "default_language", "colour", "offline_address", "when_empty", "on_agent_lost"];
        document.extend(choices.into_iter().map(str::to_owned).zip(words.into_iter().map(Value::from)));
        document.insert("welcome".into(), json!(texts));
        document.insert("alias".into(), json!(texts));
        document.insert("extra_field".into(), json!({"visible": true, "label": texts, "pattern": pattern}));
        document.insert("allowed_domains".into(), json!(list));
        document.insert("dispositions".into(), json!([list]));
        document.insert("offline_message".into(), json!(true));
        let problems = check(document.into()).unwrap_err();
        for problem in problems.0 {
            let root = problem.field.split(['.', '[']).next().unwrap();
            prop_assert!(names().contains(&root), "{}", problem);
        }
    }
}

fn check(document: Value) -> Result<(Campaign, Vec<Warning>), Problems> {
    let draft: CampaignDraft = serde_json::from_value(document).unwrap();
    draft.check(&Zones::bundled())
}

fn campaign(document: Value) -> Campaign {
    check(document).unwrap().0
}

/// The names of all settings, sorted.
fn names() -> Vec<&'static str> {
    static NAMES: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
        let Value::Object(defaults) = serde_json::to_value(CampaignDraft::default()).unwrap()
        else {
            panic!("a draft is written as an object");
        };
        let mut names: Vec<String> = defaults.into_iter().map(|(name, _)| name).collect();
        names.sort();
        names
    });
    NAMES.iter().map(String::as_str).collect()
}

/// The settings that are numbers, and the largest each takes.
fn numbers() -> Vec<(&'static str, i64)> {
    let numbers = vec![
        ("offer_timeout", SETTING_SECONDS.into()),
        ("pause_after_lapses", SETTING_COUNT.into()),
        ("weight", 100),
        ("answer_within", SETTING_SECONDS.into()),
        ("target_percent", 100),
        ("agent_cap", SETTING_COUNT.into()),
        ("quality_model", u32::MAX.into()),
        ("dropout", SETTING_SECONDS.into()),
        ("time_chat", SETTING_SECONDS.into()),
        ("acd", SETTING_COUNT.into()),
        ("max_chats", SETTING_COUNT.into()),
        ("time_out", SETTING_SECONDS.into()),
        ("auto_finish", SETTING_SECONDS.into()),
        ("waiting_floor", SETTING_SECONDS.into()),
        ("leave_when_empty_after", SETTING_SECONDS.into()),
        ("wrap_up", SETTING_SECONDS.into()),
        ("retention_days", SETTING_DAYS.into()),
    ];
    let defaults = serde_json::to_value(CampaignDraft::default()).unwrap();
    let known = names()
        .into_iter()
        .filter(|name| defaults[name].is_number())
        .count();
    assert_eq!(numbers.len(), known, "a number is missing in this table");
    numbers
}

/// A document that is accepted, with any setting present or left out.
fn any_document() -> impl Strategy<Value = Value> {
    let line = "[a-zA-Zñ0-9 ]{0,20}[a-zñ]";
    let texts = |text: &'static str| {
        let tags = select(vec!["es", "en", "pt", "pt-BR", "es-UY", "de"]);
        prop::collection::btree_map(tags, text, 0..4)
    };
    let body = "[a-zñ<>{}👩\n\t ]{0,30}";
    let mut settings: Vec<(&'static str, BoxedStrategy<Value>)> = numbers()
        .into_iter()
        .map(|(field, most)| {
            let least = i64::from(field == "waiting_floor");
            let value = prop_oneof![Just(least), Just(1), Just(most), least..=most];
            (field, value.prop_map(Value::from).boxed())
        })
        .collect();
    for field in [
        "enabled",
        "penalty_tiers",
        "show_agent_name",
        "feedback_form",
        "require_email",
        "media",
        "offline_message",
        "offline_when_full",
        "transcript_by_mail",
        "notice_cleared",
        "disposition_required",
        "no_waiting",
    ] {
        settings.push((field, any::<bool>().prop_map(Value::from).boxed()));
    }
    for field in [
        "welcome",
        "out_of_time",
        "not_available",
        "feedback",
        "automatic",
    ] {
        settings.push((field, texts(body).prop_map(|texts| json!(texts)).boxed()));
    }
    let words: [(&'static str, &[&'static str]); 8] = [
        (
            "mode",
            &[
                "incall",
                "nocall",
                "interaction",
                "nopause",
                "omni",
                "ringall",
                "ringallmultiple",
            ],
        ),
        (
            "order",
            &[
                "linear",
                "rrmemory",
                "leastrecent",
                "fewestcalls",
                "random",
                "wrandom",
                "leastloaded",
            ],
        ),
        ("on_close", &["seed_rule", "close_all", "drain"]),
        ("default_language", &["es", "en", "pt-br"]),
        ("when_empty", &["refuse", "admit", "need_available"]),
        ("on_agent_lost", &["requeue", "keep", "close"]),
        ("colour", &["#000000", "#FFffFF", "#0a7d5c"]),
        ("offline_address", &["mail@shop.example"]),
    ];
    for (field, words) in words {
        settings.push((field, select(words).prop_map(Value::from).boxed()));
    }
    settings.push(("alias", texts(line).prop_map(|texts| json!(texts)).boxed()));
    let extra = (
        any::<[bool; 2]>(),
        line,
        texts(line),
        select(vec!["", r"\d{6,9}", "a|b"]),
    );
    let extra = extra.prop_map(|([visible, required], label, labels, pattern)| {
        let mut labels = json!(labels);
        labels["fr"] = json!(label);
        json!({"visible": visible, "required": required, "label": labels, "pattern": pattern})
    });
    settings.push(("extra_field", extra.boxed()));
    let kinds = select(vec![vec!["image"], vec!["text", "video"]]);
    let files = (any::<bool>(), 1..=51_200_u32, kinds);
    let files = files.prop_map(
        |(allowed, max_kib, kinds)| json!({"allowed": allowed, "max_kib": max_kib, "kinds": kinds}),
    );
    settings.push(("files", files.boxed()));
    let sites = vec![
        "Shop.example",
        "*.shop.example",
        "https://a.example:8443",
        "[::1]",
        "bücher.example",
    ];
    let sites = prop::collection::vec(select(sites), 0..4);
    settings.push((
        "allowed_domains",
        sites.prop_map(|sites| json!(sites)).boxed(),
    ));
    let addresses = vec!["ana@shop.example", "luz@shop.example", "eva@bücher.example"];
    let addresses = prop::sample::subsequence(addresses, 0..=3);
    settings.push((
        "notice_addresses",
        addresses.prop_map(|addresses| json!(addresses)).boxed(),
    ));
    let paths = prop::collection::btree_set(prop::collection::vec("[a-z]{1,8}", 1..=4), 0..5);
    settings.push(("dispositions", paths.prop_map(|paths| json!(paths)).boxed()));
    let schedule = select(vec![
        json!({}),
        json!({"always": false, "zone": "UTC"}),
        json!({"zone": "Europe/Lisbon", "ranges": [{"day": "sun", "start": "22:00", "end": "02:00"}]}),
        json!({"always": true, "zone": "America/Sao_Paulo", "exceptions": [{"date": "2026-12-25", "name": "Natal"}]}),
    ]);
    settings.push(("schedule", schedule.boxed()));
    settings.push(("name", line.prop_map(Value::from).boxed()));

    let (fields, values): (Vec<_>, Vec<_>) = settings
        .into_iter()
        .map(|(field, value)| (field, prop::option::weighted(0.8, value)))
        .unzip();
    values.prop_map(move |values| {
        let mut document: Map<String, Value> = fields
            .iter()
            .zip(values)
            .filter_map(|(field, value)| Some(((*field).to_owned(), value?)))
            .collect();
        document.entry("name").or_insert(json!("x"));
        document
            .entry("offline_address")
            .or_insert(json!("mail@shop.example"));
        if document.get("no_waiting") == Some(&json!(true)) {
            document.remove("max_chats");
        }
        document.into()
    })
}
