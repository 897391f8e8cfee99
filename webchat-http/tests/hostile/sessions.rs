//! Sessions: made anew, ended in time, and worth nothing afterwards.

use serde_json::json;
use webchat_core::time::Timestamp;
use webchat_runtime::accounts::Role;

use crate::world::{Login, NOON, PASSWORD, World};

async fn status(world: &World, login: &Login) -> u16 {
    world.get("/api/v1/session", &login.fields()).await.status
}

#[tokio::test]
async fn signing_in_again_gives_a_new_session_and_ends_the_one_before() {
    let world = World::new().await;
    world.user("ana", Role::Agent).await;
    let first = world.sign_in("ana").await;
    let body = json!({"login": "ana", "password": PASSWORD});
    let again = world
        .call(
            "POST",
            "/api/v1/session",
            &[("cookie", &first.cookie)],
            Some(body),
        )
        .await;
    let cookie = again
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    assert_ne!(cookie, first.cookie);
    assert_ne!(again.json()["csrf"], json!(first.csrf));
    assert_eq!(status(&world, &first).await, 401);
    world.stop().await;
}

#[tokio::test]
async fn a_session_chosen_by_someone_else_is_not_taken_over_by_signing_in() {
    let world = World::new().await;
    world.user("ana", Role::Agent).await;
    let planted = format!("webchat_session={}", "A".repeat(43));
    let body = json!({"login": "ana", "password": PASSWORD});
    let answer = world
        .call(
            "POST",
            "/api/v1/session",
            &[("cookie", &planted)],
            Some(body),
        )
        .await;
    assert_eq!(answer.status, 200);
    let given = answer.header("set-cookie").unwrap();
    assert!(!given.contains(&planted), "{given}");
    assert_eq!(
        world
            .get("/api/v1/session", &[("cookie", &planted)])
            .await
            .status,
        401
    );
    world.stop().await;
}

#[tokio::test]
async fn a_session_ends_after_its_total_time_however_busy() {
    let world = World::new().await;
    world.user("ana", Role::Agent).await;
    let ana = world.sign_in("ana").await;
    let hour = 3_600;
    for hours in (6..7 * 24).step_by(6) {
        world
            .clock
            .set(Timestamp::from_seconds(NOON + hours * hour));
        assert_eq!(status(&world, &ana).await, 200, "after {hours} hours");
    }
    world
        .clock
        .set(Timestamp::from_seconds(NOON + 7 * 24 * hour + 1));
    assert_eq!(status(&world, &ana).await, 401);
    world.stop().await;
}

#[tokio::test]
async fn a_token_is_worth_nothing_after_signing_out() {
    let world = World::new().await;
    world.agent("ana").await;
    let ana = world.sign_in("ana").await;
    let out = world
        .call("DELETE", "/api/v1/session", &ana.fields(), None)
        .await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(status(&world, &ana).await, 401);
    let origin = format!("http://{}", world.address);
    let fields = [("cookie", ana.cookie.as_str()), ("origin", &origin)];
    assert_eq!(world.dial("/api/v1/agent", &fields).await.err(), Some(401));
    let again = world
        .call("DELETE", "/api/v1/session", &ana.fields(), None)
        .await;
    assert_eq!(again.status, 401);
    world.stop().await;
}

#[tokio::test]
async fn a_new_password_or_role_ends_every_session_and_socket_of_the_user() {
    let world = World::new().await;
    world.user("root", Role::Administrator).await;
    let root = world.sign_in("root").await;
    let account = world.user("ana", Role::Agent).await;
    let path = format!("/api/v1/users/{}", account.id.0);
    for change in [
        json!({"login": "ana", "name": "ana", "role": "agent", "password": "another horse"}),
        json!({"login": "ana", "name": "ana", "role": "supervisor", "password": PASSWORD}),
    ] {
        let password = match change["role"] == "agent" {
            true => PASSWORD,
            false => "another horse",
        };
        let body = json!({"login": "ana", "password": password});
        let answer = world.call("POST", "/api/v1/session", &[], Some(body)).await;
        let ana = Login {
            cookie: answer
                .header("set-cookie")
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .to_owned(),
            csrf: answer.json()["csrf"].as_str().unwrap().to_owned(),
        };
        let mut desk = world.work(&ana).await;
        desk.ask(json!({"do": "hello"})).await;
        let changed = world
            .call("PUT", &path, &root.fields(), Some(change.clone()))
            .await;
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_eq!(desk.end().await, 4002, "{change}");
        assert_eq!(status(&world, &ana).await, 401, "{change}");
    }
    world.stop().await;
}

#[tokio::test]
async fn without_the_sessions_own_token_nothing_is_changed() {
    let world = World::new().await;
    world.user("root", Role::Administrator).await;
    let root = world.sign_in("root").await;
    let other = world.sign_in("root").await;
    let own = format!("http://{}", world.address);
    let draft = json!({"name": "Ventas"});
    let wrong = [
        vec![("cookie", root.cookie.as_str())],
        vec![("cookie", root.cookie.as_str()), ("x-csrf-token", "")],
        vec![
            ("cookie", root.cookie.as_str()),
            ("x-csrf-token", other.csrf.as_str()),
        ],
        vec![
            ("cookie", root.cookie.as_str()),
            ("x-csrf-token", root.csrf.as_str()),
            ("origin", "https://evil.example"),
        ],
        vec![
            ("cookie", root.cookie.as_str()),
            ("x-csrf-token", root.csrf.as_str()),
            ("origin", "null"),
        ],
    ];
    for fields in wrong {
        let answer = world
            .call("POST", "/api/v1/campaigns", &fields, Some(draft.clone()))
            .await;
        assert_eq!(answer.status, 403, "{fields:?}");
    }
    let fields = [
        ("cookie", root.cookie.as_str()),
        ("x-csrf-token", root.csrf.as_str()),
        ("origin", own.as_str()),
    ];
    let answer = world
        .call("POST", "/api/v1/campaigns", &fields, Some(draft))
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    world.stop().await;
}
