//! Users over real sockets: signing in and out, roles, the agent's socket, administration.

mod world;

use serde_json::{Value, json};
use webchat_core::time::Timestamp;
use webchat_runtime::accounts::Role;
use world::{Login, NOON, PASSWORD, World};

#[tokio::test]
async fn signing_in_gives_a_cookie_that_scripts_cannot_read_and_signing_out_ends_it() {
    let world = World::new().await;
    world.user("ana", Role::Agent).await;
    let body = json!({"login": "ANA", "password": PASSWORD});
    let answer = world.call("POST", "/api/v1/session", &[], Some(body)).await;
    assert_eq!(answer.status, 200);
    let user = json!({"id": 1, "login": "ana", "name": "ana", "role": "agent", "agent": 1});
    assert_eq!(answer.json()["user"], user);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("webchat_session="), "{cookie}");
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");

    let ana = world.sign_in("ana").await;
    let session = world.get("/api/v1/session", &ana.fields()).await;
    assert_eq!(session.json()["user"]["login"], "ana");
    let without_token = [("cookie", ana.cookie.as_str())];
    let refused = world
        .call("DELETE", "/api/v1/session", &without_token, None)
        .await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "not_allowed")
    );
    let out = world
        .call("DELETE", "/api/v1/session", &ana.fields(), None)
        .await;
    assert_eq!(out.status, 204);
    let gone = world.get("/api/v1/session", &ana.fields()).await;
    assert_eq!((gone.status, gone.code().as_str()), (401, "not_signed_in"));
    world.stop().await;
}

#[tokio::test]
async fn a_wrong_login_and_a_wrong_password_are_answered_alike() {
    let world = World::new().await;
    world.user("ana", Role::Agent).await;
    let attempt = async |login: &str, password: &str| {
        let body = json!({"login": login, "password": password});
        let answer = world.call("POST", "/api/v1/session", &[], Some(body)).await;
        let mut said = answer.json();
        // Each request has a number of its own.
        assert!(said["request"].take().is_string());
        (
            answer.status,
            answer.header("set-cookie").map(str::to_owned),
            said,
        )
    };
    let wrong_password = attempt("ana", "wrong password").await;
    assert_eq!(wrong_password.0, 401);
    assert_eq!(attempt("nobody", "wrong password").await, wrong_password);
    assert_eq!(attempt("ana", &"x".repeat(10_000)).await, wrong_password);
    world.stop().await;
}

#[tokio::test]
async fn guessing_is_slowed_down_for_known_and_unknown_logins_alike() {
    let world = World::new().await;
    world.user("ana", Role::Agent).await;
    for login in ["ana", "nobody"] {
        let mut statuses = Vec::new();
        for _ in 0..8 {
            let body = json!({"login": login, "password": "wrong password"});
            let answer = world.call("POST", "/api/v1/session", &[], Some(body)).await;
            if answer.status == 429 {
                assert!(answer.header("retry-after").is_some());
            }
            statuses.push(answer.status);
        }
        assert_eq!(
            statuses,
            [401, 401, 401, 401, 401, 401, 429, 429],
            "{login}"
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used() {
    let world = World::new().await;
    world.user("ana", Role::Agent).await;
    let ana = world.sign_in("ana").await;
    let hour = 3600;
    world.clock.set(Timestamp::from_seconds(NOON + 11 * hour));
    assert_eq!(
        world.get("/api/v1/session", &ana.fields()).await.status,
        200
    );
    world.clock.set(Timestamp::from_seconds(NOON + 22 * hour));
    assert_eq!(
        world.get("/api/v1/session", &ana.fields()).await.status,
        200,
        "use prolongs it"
    );
    world
        .clock
        .set(Timestamp::from_seconds(NOON + 34 * hour + 1));
    assert_eq!(
        world.get("/api/v1/session", &ana.fields()).await.status,
        401
    );
    world.stop().await;
}

#[tokio::test]
async fn every_administrative_address_asks_for_an_administrator() {
    let world = World::new().await;
    let campaign = world.campaign(&[], |_| {}).await;
    let mut logins: Vec<(Option<Login>, u16)> = vec![(None, 401)];
    for (login, role, expected) in [
        ("ana", Role::Agent, 403),
        ("sofia", Role::Supervisor, 403),
        ("admin", Role::Administrator, 200),
    ] {
        world.user(login, role).await;
        logins.push((Some(world.sign_in(login).await), expected));
    }
    let draft = json!({"name": "Ventas"});
    let user = json!({"login": "ana", "name": "ana", "role": "agent"});
    for (method, path, body) in [
        (
            "POST",
            "/api/v1/campaigns".to_owned(),
            Some(json!({"name": "New"})),
        ),
        ("GET", format!("/api/v1/campaigns/{campaign}"), None),
        ("PUT", format!("/api/v1/campaigns/{campaign}"), Some(draft)),
        ("DELETE", format!("/api/v1/campaigns/{campaign}"), None),
        ("GET", "/api/v1/users".to_owned(), None),
        ("GET", "/api/v1/users/1".to_owned(), None),
        ("PUT", "/api/v1/users/1".to_owned(), Some(user)),
        (
            "POST",
            "/api/v1/users".to_owned(),
            Some(json!({"login": "new", "name": "New", "role": "agent", "password": PASSWORD})),
        ),
        ("DELETE", "/api/v1/users/1".to_owned(), None),
    ] {
        for (login, expected) in &logins {
            let fields: Vec<(&str, &str)> = login.iter().flat_map(Login::fields).collect();
            let answer = world.call(method, &path, &fields, body.clone()).await;
            let status = if answer.status / 100 == 2 {
                200
            } else {
                answer.status
            };
            assert_eq!(status, *expected, "{method} {path} {answer:?}");
            if let Some(login) = login
                .as_ref()
                .filter(|_| *expected == 200 && method != "GET")
            {
                let cookie = [("cookie", login.cookie.as_str())];
                let answer = world.call(method, &path, &cookie, body.clone()).await;
                assert_eq!(answer.status, 403, "without token: {method} {path}");
            }
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn a_campaign_draft_is_answered_with_all_its_problems_at_once() {
    let world = World::new().await;
    world.user("admin", Role::Administrator).await;
    let admin = world.sign_in("admin").await;
    let call = async |method: &str, path: &str, body: Option<Value>| {
        world.call(method, path, &admin.fields(), body).await
    };
    let draft = json!({"name": "", "max_chats": -1, "colour": "blue", "time_out": 5});
    let answer = call("POST", "/api/v1/campaigns", Some(draft)).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (422, "invalid_field")
    );
    let problems = answer.json()["problems"].clone();
    let fields: Vec<&str> = problems
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["name", "max_chats", "colour"]);

    let answer = call("POST", "/api/v1/campaigns", Some(json!({"name": "Ventas"}))).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json()["campaign"], 1);
    let again = call("POST", "/api/v1/campaigns", Some(json!({"name": "VENTAS"}))).await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (422, "invalid_field")
    );
    let shown = call("GET", "/api/v1/campaigns/1", None).await.json();
    let mut settings = shown["settings"].clone();
    assert_eq!(settings["name"], "Ventas");
    settings["max_chats"] = 7.into();
    let changed = call("PUT", "/api/v1/campaigns/1", Some(settings.clone())).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let all = call("GET", "/api/v1/campaigns", None).await.json();
    assert_eq!(all[0]["settings"], settings);
    let unknown = call(
        "PUT",
        "/api/v1/campaigns/1",
        Some(json!({"name": "x", "colr": "y"})),
    )
    .await;
    assert_eq!(unknown.status, 400);
    assert_eq!(
        call("DELETE", "/api/v1/campaigns/1", None).await.status,
        204
    );
    assert_eq!(call("GET", "/api/v1/campaigns/1", None).await.status, 404);
    world.stop().await;
}

#[tokio::test]
async fn users_are_made_changed_and_removed() {
    let world = World::new().await;
    world.user("admin", Role::Administrator).await;
    let admin = world.sign_in("admin").await;
    let call = async |method: &str, path: &str, body: Option<Value>| {
        world.call(method, path, &admin.fields(), body).await
    };
    let wrong = json!({"login": "a b", "name": "", "role": "boss", "password": "short"});
    let answer = call("POST", "/api/v1/users", Some(wrong)).await;
    let problems = answer.json()["problems"].clone();
    assert_eq!(answer.status, 422);
    assert_eq!(problems.as_array().unwrap().len(), 4, "{problems}");
    assert!(
        !answer.json().to_string().contains("short"),
        "no password is repeated"
    );

    let new = json!({"login": "ana", "name": "Ana", "role": "agent", "password": PASSWORD, "voice": true});
    let made = call("POST", "/api/v1/users", Some(new.clone())).await;
    assert_eq!(made.status, 201);
    let ana = made.json();
    let expected = json!({"id": ana["id"], "login": "ana", "name": "Ana", "role": "agent", "agent": 1, "disabled": false, "voice": true});
    assert_eq!(ana, expected);
    assert_eq!(
        call("POST", "/api/v1/users", Some(new)).await.status,
        422,
        "the login is taken"
    );
    let path = format!("/api/v1/users/{}", ana["id"]);
    let renamed = json!({"login": "ana", "name": "Ana Rey", "role": "supervisor"});
    assert_eq!(call("PUT", &path, Some(renamed)).await.status, 200);
    let shown = call("GET", &path, None).await.json();
    assert_eq!(
        (&shown["name"], &shown["role"], &shown["voice"]),
        (&json!("Ana Rey"), &json!("supervisor"), &json!(true))
    );
    world.sign_in("ana").await;

    assert_eq!(
        call("DELETE", "/api/v1/users/1", None).await.code(),
        "last_administrator"
    );
    assert_eq!(call("DELETE", &path, None).await.status, 204);
    assert_eq!(call("GET", &path, None).await.status, 404);
    let members = call("PUT", "/api/v1/campaigns/9/members", Some(json!([]))).await;
    assert_eq!(members.code(), "unknown_campaign");
    world.stop().await;
}

#[tokio::test]
async fn disabling_a_user_ends_sockets_at_once_and_returns_the_chats() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    world.user("admin", Role::Administrator).await;
    let campaign = world
        .campaign(&[ana], |draft| draft.when_empty = "admit".into())
        .await;
    let session = world.sign_in("ana").await;
    let mut agent = world.work(&session).await;
    agent.ask(json!({"do": "hello"})).await;
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let started = visitor.ask(json!({"do": "start"})).await;
    assert_eq!(started["chat"]["phase"], "active");

    let admin = world.sign_in("admin").await;
    let off = json!({"login": "ana", "name": "ana", "role": "agent", "disabled": true});
    let answer = world
        .call("PUT", "/api/v1/users/1", &admin.fields(), Some(off))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(agent.end().await, 4002);
    visitor
        .until("state", |push| push["view"]["phase"] == "waiting")
        .await;
    assert_eq!(
        world.get("/api/v1/session", &session.fields()).await.status,
        401
    );
    let body = json!({"login": "ana", "password": PASSWORD});
    assert_eq!(
        world
            .call("POST", "/api/v1/session", &[], Some(body))
            .await
            .status,
        401
    );
    world.stop().await;
}

#[tokio::test]
async fn a_second_sign_in_takes_over_and_more_tabs_of_one_do_not() {
    let world = World::new().await;
    world.agent("ana").await;
    let here = world.sign_in("ana").await;
    let mut first = world.work(&here).await;
    first.ask(json!({"do": "hello"})).await;
    let mut second = world.work(&here).await;
    second.ask(json!({"do": "hello"})).await;
    first.ask(json!({"do": "ping"})).await;

    let mut elsewhere = world.desk("ana").await;
    assert_eq!(first.end().await, 4001);
    assert_eq!(second.end().await, 4001);
    elsewhere.ask(json!({"do": "ping"})).await;
    elsewhere.ask(json!({"do": "sign_out"})).await;
    assert_eq!(elsewhere.end().await, 4002);
    world.stop().await;
}

#[tokio::test]
async fn what_was_asked_before_signing_out_is_done_before() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let mut desk = world.desk("ana").await;
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let start = json!({"do": "start", "name": "Eva"});
    let chat = visitor.ask(start).await["chat"]["chat"].clone();
    desk.until("chat", |push| push["view"]["chat"] == chat)
        .await;
    // Nothing is waited for: with the chat still open, signing out would be refused.
    desk.send(json!({"do": "close", "chat": chat})).await;
    let last = desk.send(json!({"do": "sign_out"})).await;
    let answer = loop {
        let frame = desk.frame().await.expect("an answer");
        if frame["re"] == last {
            break frame;
        }
    };
    assert!(answer.get("ok").is_some(), "{answer}");
    assert_eq!(desk.end().await, 4002);
    world.stop().await;
}

#[tokio::test]
async fn signing_out_of_the_session_ends_its_socket() {
    let world = World::new().await;
    world.agent("ana").await;
    let ana = world.sign_in("ana").await;
    let mut agent = world.work(&ana).await;
    agent.ask(json!({"do": "hello"})).await;
    world
        .call("DELETE", "/api/v1/session", &ana.fields(), None)
        .await;
    assert_eq!(agent.end().await, 4002);
    world.stop().await;
}

#[tokio::test]
async fn an_agents_own_state_and_campaigns_follow_what_happens() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let session = world.sign_in("ana").await;
    let mut agent = world.work(&session).await;
    let desk = agent.ask(json!({"do": "hello"})).await;
    assert_eq!(desk["now"], NOON * 1000);
    assert_eq!(
        desk["me"],
        json!({"agent": 1, "name": "ana", "signed_in": true, "paused": null, "on_call": false})
    );
    assert_eq!(desk["campaigns"][0]["why_not"], Value::Null);
    assert_eq!(desk["campaigns"][0]["campaign"], campaign.0);
    assert_eq!(desk["waiting"][0]["total"], 0);
    agent.ask(json!({"do": "pause", "reason": "lunch"})).await;
    let me = agent
        .until("me", |push| push["me"]["paused"] == "lunch")
        .await;
    assert_eq!(me["me"]["signed_in"], true);
    agent
        .until("campaigns", |push| {
            push["campaigns"][0]["why_not"] == "paused"
        })
        .await;
    agent.ask(json!({"do": "resume"})).await;
    agent
        .until("campaigns", |push| {
            push["campaigns"][0]["why_not"] == Value::Null
        })
        .await;
    world.stop().await;
}

#[tokio::test]
async fn an_agent_reads_only_chats_that_are_theirs_or_wait_where_they_work() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    world.agent("eve").await;
    let campaign = world
        .campaign(&[ana], |draft| draft.when_empty = "admit".into())
        .await;
    let (mut visitor, _) = world.visitor(campaign, "es").await;
    let chat = visitor.ask(json!({"do": "start", "name": "Eva"})).await["chat"]["chat"].clone();
    visitor
        .ask(json!({"do": "write", "chat": chat, "key": "k", "text": "secret"}))
        .await;
    let mut eve = world.desk("eve").await;
    let history = json!({"do": "history", "chat": chat, "after": 0});
    assert_eq!(eve.refused(history.clone()).await, "unknown_chat");
    for request in [
        json!({"do": "write", "chat": chat, "key": "k", "text": "x"}),
        json!({"do": "note", "chat": chat, "key": "n", "text": "x"}),
        json!({"do": "close", "chat": chat}),
        json!({"do": "take", "chat": chat}),
    ] {
        let code = eve.refused(request.clone()).await;
        assert!(
            ["not_owner", "unknown_chat", "not_available"].contains(&code.as_str()),
            "{request} {code}"
        );
    }
    let mut ana = world.desk("ana").await;
    ana.until("chat", |push| push["view"]["chat"] == chat).await;
    ana.ask(json!({"do": "note", "chat": chat, "key": "n", "text": "vip"}))
        .await;
    let read = ana.ask(history.clone()).await;
    assert_eq!(
        read["messages"].as_array().unwrap().last().unwrap()["text"],
        "secret"
    );
    assert_eq!(
        (&read["notes"][0]["text"], &read["notes"][0]["name"]),
        (&json!("vip"), &json!("ana"))
    );
    assert_eq!(eve.refused(history).await, "unknown_chat");
    world.stop().await;
}

#[tokio::test]
async fn what_agents_may_not_ask_is_no_request() {
    let world = World::new().await;
    world.agent("ana").await;
    let mut agent = world.desk("ana").await;
    for name in ["hello", "start", "delete_everything", ""] {
        let code = agent.refused(json!({"do": name})).await;
        assert_eq!(code, "bad_request", "{name}");
    }
    world.stop().await;
}

#[tokio::test]
async fn what_a_visitor_said_is_erased_for_administrators_and_not_while_they_chat() {
    let world = World::new().await;
    world.user("root", Role::Administrator).await;
    let ana = world.agent("ana").await;
    let campaign = world
        .campaign(&[ana], |draft| draft.retention_days = 30)
        .await;
    let mut desk = world.desk("ana").await;
    let (mut visitor, _) = world.visitor(campaign, "en").await;
    let start = json!({"do": "start", "name": "Eva", "email": "eva@example.org"});
    let chat = visitor.ask(start).await["chat"]["chat"].clone();
    let write = json!({"do": "write", "chat": &chat, "key": "k", "text": "the secret"});
    visitor.ask(write).await;

    let root = world.sign_in("root").await;
    let erasures = "/api/v1/erasures";
    let erase = async |login: &Login, body: &Value| {
        world
            .call("POST", erasures, &login.fields(), Some(body.clone()))
            .await
    };
    let whole = json!({"chats": [&chat]});
    let live = erase(&root, &whole).await;
    assert_eq!((live.status, live.code().as_str()), (409, "chat_live"));
    desk.ask(json!({"do": "close", "chat": &chat})).await;

    let desks = world.sign_in("ana").await;
    assert_eq!(erase(&desks, &whole).await.status, 403);
    let unknown = erase(&root, &json!({"chats": ["77-1"]})).await;
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (404, "unknown_chat")
    );
    let nothing = erase(&root, &json!({})).await;
    assert_eq!(
        (nothing.status, nothing.code().as_str()),
        (422, "invalid_field")
    );
    let erased = erase(&root, &whole).await;
    assert_eq!((erased.status, erased.json()), (202, json!({"chats": 1})));
    world.tenant.buried().await.unwrap();
    let journal = serde_json::to_string(&world.journal().await).unwrap();
    assert!(!journal.contains("the secret") && !journal.contains("eva@example.org"));
    assert!(journal.contains("recordings_erased"));

    let campaigns = world.get("/api/v1/campaigns", &root.fields()).await.json();
    assert!(campaigns[0]["next_retention"].as_i64() > Some(NOON * 1000));
    world.stop().await;
}
