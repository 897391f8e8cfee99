//! Numbers and names that are out of their range.

use serde_json::{Value, json};
use webchat_runtime::accounts::Role;

use crate::world::World;

/// Every setting of a campaign that is a number.
const NUMBERS: &[&str] = &[
    "answer_within",
    "target_percent",
    "agent_cap",
    "quality_model",
    "dropout",
    "time_chat",
    "acd",
    "max_chats",
    "time_out",
    "auto_finish",
    "offer_timeout",
    "pause_after_lapses",
    "weight",
    "wrap_up",
    "retention_days",
];

#[tokio::test]
async fn a_threshold_that_overflows_is_refused_with_its_field_and_range() {
    let world = World::new().await;
    world.user("root", Role::Administrator).await;
    let root = world.sign_in("root").await;
    for field in NUMBERS {
        for value in [
            json!(-1),
            json!(i64::MIN),
            json!(i64::from(i32::MAX) + 1),
            json!(i64::from(u32::MAX) + 1),
            json!(i64::MAX),
        ] {
            let answer = world
                .call(
                    "POST",
                    "/api/v1/campaigns",
                    &root.fields(),
                    Some(json!({"name": "x", *field: value})),
                )
                .await;
            assert_eq!(answer.status, 422, "{field} {value} {answer:?}");
            let problems = answer.json()["problems"].clone();
            let problem = problems
                .as_array()
                .unwrap()
                .iter()
                .find(|problem| problem["field"] == *field);
            let expected =
                problem.unwrap_or_else(|| panic!("{field} {problems}"))["expected"].clone();
            assert!(!expected.as_str().unwrap().is_empty(), "{field}");
        }
        for value in [
            json!(u64::MAX),
            json!(1.5),
            json!("1"),
            json!(true),
            json!([1]),
            Value::Null,
        ] {
            let answer = world
                .call(
                    "POST",
                    "/api/v1/campaigns",
                    &root.fields(),
                    Some(json!({"name": "x", *field: value})),
                )
                .await;
            assert_eq!(answer.code(), "bad_request", "{field} {value}");
        }
    }
    let campaigns = world.get("/api/v1/campaigns", &root.fields()).await.json();
    assert!(
        campaigns.to_string().find(r#""name":"x""#).is_none(),
        "{campaigns}"
    );
    world.stop().await;
}

#[tokio::test]
async fn zones_domains_and_addresses_are_parsed_and_not_guessed() {
    let world = World::new().await;
    world.user("root", Role::Administrator).await;
    let root = world.sign_in("root").await;
    let wrong = [
        (
            "schedule.zone",
            json!({"schedule": {"zone": "Mars/Olympus", "ranges": [{"day": "mon", "start": "09:00", "end": "10:00"}]}}),
        ),
        (
            "schedule.zone",
            json!({"schedule": {"zone": "../../etc/passwd", "ranges": []}}),
        ),
        (
            "allowed_domains",
            json!({"allowed_domains": ["exa mple.com"]}),
        ),
        ("allowed_domains", json!({"allowed_domains": ["*"]})),
        (
            "allowed_domains",
            json!({"allowed_domains": ["a.*.example"]}),
        ),
        (
            "allowed_domains",
            json!({"allowed_domains": ["https://user@shop.example"]}),
        ),
        (
            "allowed_domains",
            json!({"allowed_domains": ["shop.example:99999"]}),
        ),
        (
            "allowed_domains",
            json!({"allowed_domains": ["shop.example/path"]}),
        ),
        (
            "offline_address",
            json!({"offline_message": true, "offline_address": "no address"}),
        ),
        (
            "offline_address",
            json!({"offline_message": true, "offline_address": "a@b.example\r\nBcc: c@d.example"}),
        ),
        ("colour", json!({"colour": "#12345"})),
        (
            "colour",
            json!({"colour": "red;background:url(//evil.example)"}),
        ),
    ];
    for (field, mut draft) in wrong {
        draft["name"] = "x".into();
        let answer = world
            .call(
                "POST",
                "/api/v1/campaigns",
                &root.fields(),
                Some(draft.clone()),
            )
            .await;
        assert_eq!(answer.status, 422, "{draft} {answer:?}");
        let problem = answer.json()["field"].as_str().unwrap().to_owned();
        assert!(problem.starts_with(field), "{draft} {problem}");
    }
    world.stop().await;
}
