//! The description of the interface, asked for as a client would, and the promises it makes for every route.

#![allow(clippy::unwrap_used)] // a test may fail

mod world;

use serde_json::json;
use webchat_runtime::accounts::Role;
use world::{Login, World};

#[tokio::test]
async fn the_description_names_every_type_it_refers_to() {
    let world = World::new().await;
    for path in ["/api/v1/openapi.json", "/api/v1/messages.json"] {
        let answer = world.get(path, &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let document = answer.json();
        let text = document.to_string();
        let mut references = 0;
        for target in text.split(r##""$ref":"#"##).skip(1) {
            references += 1;
            let place = target.split('"').next().unwrap();
            assert!(
                document.pointer(place).is_some(),
                "{path}: #{place} leads nowhere"
            );
        }
        assert!(references > 50, "{path}: {references} references");
    }
    let page = world.get("/api/", &[]).await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );
    world.stop().await;
}

#[tokio::test]
async fn a_refusal_is_problem_details_with_the_code_and_the_methods_there_are() {
    let world = World::new().await;
    let answer = world.get("/api/v1/users", &[]).await;
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    let request = answer.header("x-request-id").unwrap();
    assert_eq!(request.len(), 16);
    assert_eq!(
        answer.json(),
        json!({"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "sign in first", "code": "not_signed_in", "request": request})
    );
    let another = world
        .get("/api/v1/users", &[("x-request-id", request)])
        .await;
    assert_ne!(
        another.header("x-request-id"),
        Some(request),
        "each has its own"
    );
    let answer = world.call("PATCH", "/api/v1/users/1", &[], None).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, Some("GET, PUT, DELETE"))
    );
    world.stop().await;
}

#[tokio::test]
async fn a_repeat_under_the_same_key_makes_nothing_new() {
    let world = World::new().await;
    world.user("root", Role::Administrator).await;
    let root = world.sign_in("root").await;
    let make = |key: &'static str, name: &'static str| {
        let (world, root) = (&world, &root);
        async move {
            let mut fields: Vec<(&str, &str)> = Login::fields(root).to_vec();
            fields.push(("idempotency-key", key));
            world
                .call(
                    "POST",
                    "/api/v1/campaigns",
                    &fields,
                    Some(json!({"name": name})),
                )
                .await
        }
    };
    let (first, twin) = tokio::join!(make("a1", "Sales"), make("a1", "Sales"));
    assert_eq!(
        (first.status, twin.status),
        (201, 201),
        "{first:?} {twin:?}"
    );
    assert_eq!(first.json(), twin.json());
    let other = make("a1", "Support").await;
    assert_eq!(
        (other.status, other.code().as_str()),
        (409, "conflicting_key")
    );
    // A refusal is not remembered: nothing was made.
    assert_eq!(make("a2", "sales").await.status, 422);
    assert_eq!(make("a2", "Support").await.status, 201);
    let bad = make("no blanks", "Help").await;
    assert_eq!((bad.status, bad.code().as_str()), (422, "invalid_field"));
    let all = world.get("/api/v1/campaigns", &root.fields()).await.json();
    assert_eq!(all.as_array().unwrap().len(), 2);
    world.stop().await;
}
