//! Sessions: made anew, ended in time, and worth nothing afterwards.

use std::time::Duration;

use serde_json::{Value, json};
use webchat_core::time::Timestamp;
use webchat_http::{Pace, Settings};
use webchat_runtime::accounts::{Accounts, Role};

use crate::world::{Answer, Login, NOON, PASSWORD, World};

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

#[tokio::test]
async fn a_user_changes_their_own_password_with_the_old_one_and_every_session_ends() {
    let mut settings = Settings::default();
    settings.paces.sign_ins_by_login_here = Pace::new(100, Duration::from_secs(1));
    let world = World::with(settings).await;
    world.agent("ana").await;
    let before = world.sign_in("ana").await;
    let mut desk = world.work(&before).await;
    desk.ask(json!({"do": "hello"})).await;
    let sign_in = async |password: &str, new: Option<&str>| {
        let mut body = json!({"login": "ana", "password": password});
        if let Some(new) = new {
            body["new"] = new.into();
        }
        let answer = world.call("POST", "/api/v1/session", &[], Some(body)).await;
        (answer.status, answer.code(), answer.json()["field"].clone())
    };
    let chosen = "lluvia de abril";
    let refused = sign_in("not the old one", Some(chosen)).await;
    assert_eq!((refused.0, refused.1.as_str()), (401, "not_allowed"));
    for wrong in ["short", "password1", PASSWORD, &"x".repeat(129)] {
        let (status, code, field) = sign_in(PASSWORD, Some(wrong)).await;
        assert_eq!((status, code.as_str()), (422, "invalid_field"), "{wrong}");
        assert_eq!(field, "new");
    }
    let still = world.get("/api/v1/session", &before.fields()).await;
    assert_eq!(still.status, 200, "nothing has changed yet");
    assert_eq!(sign_in(PASSWORD, Some(chosen)).await.0, 200);
    assert_eq!(desk.end().await, 4002);
    let over = world.get("/api/v1/session", &before.fields()).await;
    assert_eq!(over.status, 401);
    assert_eq!(sign_in(PASSWORD, None).await.0, 401);
    assert_eq!(sign_in(chosen, None).await.0, 200);
    world.stop().await;
}

#[tokio::test]
async fn an_initial_password_is_good_for_nothing_but_choosing_another() {
    let world = World::new().await;
    let mut account = world.user("root", Role::Administrator).await;
    account.profile.password_hash = webchat_http::hash_initial_password(PASSWORD).unwrap();
    world.store.update(account).await.unwrap();
    let sign_in = async |body: Value| world.call("POST", "/api/v1/session", &[], Some(body)).await;
    let alone = sign_in(json!({"login": "root", "password": PASSWORD})).await;
    assert_eq!(
        (alone.status, alone.code().as_str()),
        (403, "new_password_needed")
    );
    assert_eq!(alone.header("set-cookie"), None);
    let wrong = sign_in(json!({"login": "root", "password": "a guess of it"})).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "not_allowed"));
    let same = json!({"login": "root", "password": PASSWORD, "new": PASSWORD});
    assert_eq!(sign_in(same).await.status, 422);
    let other = json!({"login": "root", "password": PASSWORD, "new": "lluvia de abril"});
    assert_eq!(sign_in(other).await.status, 200);
    let chosen = json!({"login": "root", "password": "lluvia de abril"});
    assert_eq!(sign_in(chosen).await.status, 200);
    world.stop().await;
}

/// What a browser has after signing in, or after confirming.
fn login(answer: &Answer) -> Login {
    assert_eq!(answer.status, 200, "{answer:?}");
    let cookie = answer.cookie("webchat_session").unwrap();
    Login {
        cookie: format!("webchat_session={cookie}"),
        csrf: answer.json()["csrf"].as_str().unwrap().to_owned(),
    }
}

/// Signs ana in with a browser of her choice.
async fn sign_in_with(world: &World, browser: &str) -> Login {
    let body = json!({"login": "ana", "password": PASSWORD});
    let fields = [("user-agent", browser)];
    let answer = world
        .call("POST", "/api/v1/session", &fields, Some(body))
        .await;
    login(&answer)
}

#[tokio::test]
async fn users_see_their_own_sessions_and_end_one_or_all_others() {
    let world = World::new().await;
    world.agent("ana").await;
    world.agent("bob").await;
    let office = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let here = sign_in_with(&world, office).await;
    let minute = |minutes: i64| Timestamp::from_seconds(NOON + 60 * minutes);
    world.clock.set(minute(5));
    let away = sign_in_with(&world, "<b>Secret/1.0 (Android 15; Pixel 9 of Ana)").await;
    let lost = sign_in_with(&world, "").await;
    let bob = world.sign_in("bob").await;

    let sessions = world.get("/api/v1/sessions", &here.fields()).await.json();
    let told: Vec<_> = sessions.as_array().unwrap().iter().collect();
    assert_eq!(told.len(), 3, "nobody else's: {sessions}");
    let of = |browser: &str| {
        let found = told.iter().find(|session| session["browser"] == browser);
        *found.unwrap()
    };
    let first = of("Firefox, Windows");
    assert_eq!(
        (&first["current"], &first["signed_in"]),
        (&json!(true), &json!(minute(0)))
    );
    assert_eq!(first["used"], json!(minute(5)));
    // Of what a browser says of itself no more is kept than a family and a system.
    assert_eq!(of("Android")["current"], json!(false));
    assert!(!sessions.to_string().contains("Pixel"), "{sessions}");

    let path = |session: &Value| format!("/api/v1/sessions/{}", session["id"]);
    let end = async |login: &Login, path: &str| {
        let answer = world.call("DELETE", path, &login.fields(), None).await;
        (answer.status, answer.code())
    };
    let foreign = end(&bob, &path(of("Android"))).await;
    assert_eq!(foreign, (404, "unknown_session".to_owned()));
    let mut socket = world.work(&away).await;
    socket.ask(json!({"do": "hello"})).await;
    assert_eq!(end(&here, &path(of("Android"))).await.0, 204);
    assert_eq!(socket.end().await, 4002, "its socket ends at once");
    assert_eq!(status(&world, &away).await, 401);
    assert_eq!(status(&world, &lost).await, 200);

    assert_eq!(end(&here, "/api/v1/sessions").await.0, 204);
    assert_eq!(status(&world, &lost).await, 401);
    assert_eq!(status(&world, &here).await, 200, "this one stays");
    assert_eq!(status(&world, &bob).await, 200, "and everybody else's");
    world.stop().await;
}

#[tokio::test]
async fn whoever_showed_who_they_are_long_ago_does_so_again_before_users_keys_and_sessions_change()
{
    let world = World::new().await;
    world.user("root", Role::Administrator).await;
    let ana = world.user("ana", Role::Agent).await.id.0;
    let root = world.sign_in("root").await;
    let key = json!({"name": "Program", "scopes": ["users:read", "users:write"]});
    let made = world
        .call("POST", "/api/v1/keys", &root.fields(), Some(key.clone()))
        .await;
    let made = made.json();
    let other = world.sign_in("root").await;
    let before = world.get("/api/v1/users", &root.fields()).await.json();

    world.clock.set(Timestamp::from_seconds(NOON + 601));
    let user = json!({"login": "eve", "name": "Eve", "role": "administrator", "password": "three brown horses"});
    let changes = [
        ("POST", "/api/v1/users".to_owned(), Some(user.clone())),
        ("PUT", format!("/api/v1/users/{ana}"), Some(user.clone())),
        ("DELETE", format!("/api/v1/users/{ana}"), None),
        ("POST", "/api/v1/keys".to_owned(), Some(key)),
        ("DELETE", format!("/api/v1/keys/{}", made["key"]), None),
        ("DELETE", "/api/v1/sessions".to_owned(), None),
        ("DELETE", "/api/v1/sessions/1".to_owned(), None),
    ];
    for (method, path, body) in &changes {
        let answer = world.call(method, path, &root.fields(), body.clone()).await;
        let got = (answer.status, answer.code());
        assert_eq!(got, (403, "confirm_first".to_owned()), "{method} {path}");
    }
    let after = world.get("/api/v1/users", &root.fields()).await.json();
    assert_eq!(after, before);
    let keys = world.get("/api/v1/keys", &root.fields()).await.json();
    assert_eq!(keys.as_array().unwrap().len(), 1);
    assert_eq!(status(&world, &other).await, 200);

    let confirm = async |fields: &[(&str, &str)], password: &str| {
        let body = json!({"password": password});
        world
            .call("POST", "/api/v1/sessions/confirm", fields, Some(body))
            .await
    };
    assert_eq!(confirm(&root.fields(), "another horse").await.status, 401);
    assert_eq!(confirm(&root.fields()[..1], PASSWORD).await.status, 403);
    assert_eq!(confirm(&[], PASSWORD).await.status, 401);
    let confirmed = confirm(&root.fields(), PASSWORD).await;
    let anew = login(&confirmed);
    assert_eq!(anew.csrf, root.csrf, "other tabs go on");
    assert_ne!(anew.cookie, root.cookie);
    assert_eq!(
        status(&world, &root).await,
        401,
        "the token before is worth nothing"
    );
    for (method, path, body) in &changes[..5] {
        let answer = world.call(method, path, &anew.fields(), body.clone()).await;
        // By then eve has the login that ana was to have.
        assert!(
            matches!(answer.status, 201 | 204 | 422),
            "{method} {path}: {answer:?}"
        );
    }

    world.clock.set(Timestamp::from_seconds(NOON + 1_300));
    let again = world
        .call("DELETE", "/api/v1/sessions", &anew.fields(), None)
        .await;
    assert_eq!(again.code(), "confirm_first", "it lasts ten minutes");
    world.stop().await;
}

#[tokio::test]
async fn a_program_with_a_key_is_not_asked_to_show_who_it_is_again() {
    let world = World::new().await;
    world.user("root", Role::Administrator).await;
    let root = world.sign_in("root").await;
    let key = json!({"name": "Program", "scopes": ["users:write"]});
    let made = world
        .call("POST", "/api/v1/keys", &root.fields(), Some(key))
        .await;
    let bearer = format!("Bearer {}", made.json()["secret"].as_str().unwrap());
    world.clock.set(Timestamp::from_seconds(NOON + 7_200));
    let user =
        json!({"login": "ana", "name": "Ana", "role": "agent", "password": "three brown horses"});
    let fields = [("authorization", bearer.as_str())];
    let made = world
        .call("POST", "/api/v1/users", &fields, Some(user))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    for (method, path) in [
        ("GET", "/api/v1/sessions"),
        ("DELETE", "/api/v1/sessions"),
        ("POST", "/api/v1/sessions/confirm"),
    ] {
        let answer = world.call(method, path, &fields, None).await;
        assert_eq!(answer.status, 403, "no key has sessions: {method} {path}");
    }
    world.stop().await;
}

#[tokio::test]
async fn showing_again_who_one_is_keeps_sockets_and_is_no_way_to_guess_a_password() {
    let world = World::new().await;
    world.agent("ana").await;
    let ana = world.sign_in("ana").await;
    let mut socket = world.work(&ana).await;
    socket.ask(json!({"do": "hello"})).await;
    let confirm = async |login: &Login, password: &str| {
        let body = json!({"password": password});
        let fields = login.fields();
        world
            .call("POST", "/api/v1/sessions/confirm", &fields, Some(body))
            .await
    };
    let anew = login(&confirm(&ana, PASSWORD).await);
    socket.ask(json!({"do": "ping"})).await;
    let mut answers = Vec::new();
    for guess in 0..8 {
        let answer = confirm(&anew, &format!("guess number {guess}")).await;
        answers.push(answer.status);
    }
    // Signing in and confirming once count too.
    assert_eq!(answers, [401, 401, 401, 401, 429, 429, 429, 429]);
    let out = world
        .call("DELETE", "/api/v1/session", &anew.fields(), None)
        .await;
    assert_eq!(out.status, 204);
    assert_eq!(socket.end().await, 4002, "it is still the session's socket");
    world.stop().await;
}
