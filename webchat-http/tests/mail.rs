//! Mail as far as it is asked for, owed and seen over HTTP; sending it is another crate's work.

mod world;

use serde_json::json;
use webchat_core::command::{Command, HostCommand};
use webchat_core::mail::{MailId, MailOutcome};
use webchat_core::schedule::ScheduleDraft;
use webchat_http::Settings;
use webchat_runtime::accounts::Role;
use world::{NOON, World};

#[tokio::test]
async fn mail_that_is_owed_is_seen_and_sent_again_by_administrators_only() {
    let world = World::new().await;
    world.user("root", Role::Administrator).await;
    world.user("ana", Role::Agent).await;
    let campaign = world
        .campaign(&[], |draft| {
            draft.schedule = ScheduleDraft::weekly("UTC");
            draft.offline_message = true;
            draft.offline_address = "ventas@shop.example".into();
        })
        .await;
    let (mut visitor, _) = world.visitor(campaign, "pt").await;
    let leave = |number: u32| json!({"do": "offline", "key": number.to_string(), "email": "eva@example.org", "text": "Olá"});
    for number in 1..=5 {
        let receipt = visitor.ask(leave(number)).await;
        assert_eq!(receipt, json!({"receipt": number.to_string()}));
    }
    let refused = visitor.outcome(leave(6)).await;
    assert_eq!(
        (&refused["error"]["code"], &refused["error"]["seconds"]),
        (&json!("too_fast"), &json!(3_600))
    );

    let answered = |message, outcome| {
        let message = MailId(message);
        Command::Host(HostCommand::MailAnswered { message, outcome })
    };
    let gone = answered(2, MailOutcome::Permanent("550 no such user".into()));
    world.tenant.submit(gone).await.unwrap().unwrap();
    let done = answered(1, MailOutcome::Delivered);
    world.tenant.submit(done).await.unwrap().unwrap();

    let root = world.sign_in("root").await;
    let all = world.get("/api/v1/mail", &root.fields()).await.json();
    assert_eq!((&all["total"], &all["dead"]), (&json!(4), &json!(1)));
    assert_eq!(all["oldest_at"], NOON * 1000);
    assert_eq!(all["messages"].as_array().unwrap().len(), 4);
    let dead = "/api/v1/mail?dead=true";
    let list = world.get(dead, &root.fields()).await.json();
    let expected = json!([{
        "message": 2, "kind": "offline", "chat": null, "alarm": null, "campaign": 1, "at": NOON * 1000, "address": "ventas@shop.example", "name": null,
        "email": "eva@example.org", "text": "Olá", "attempts": 1, "state": "dead", "next_at": null,
        "last_error": "550 no such user",
    }]);
    assert_eq!(list["messages"], expected);
    let later = world
        .get("/api/v1/mail?after=4", &root.fields())
        .await
        .json();
    assert_eq!(later["messages"][0]["state"], "sending");

    let again = "/api/v1/mail/2/resend";
    let ana = world.sign_in("ana").await;
    assert_eq!(world.get(dead, &ana.fields()).await.status, 403);
    assert_eq!(
        world.call("POST", again, &ana.fields(), None).await.status,
        403
    );
    assert_eq!(
        world.call("POST", again, &root.fields(), None).await.status,
        204
    );
    let list = world.get(dead, &root.fields()).await.json();
    assert_eq!(list["messages"], json!([]));
    let unknown = world
        .call("POST", "/api/v1/mail/1/resend", &root.fields(), None)
        .await;
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (404, "unknown_message")
    );

    let forget = |message: u32| format!("/api/v1/mail/{message}");
    let delete = async |login: &world::Login, message| {
        let path = forget(message);
        world
            .call("DELETE", &path, &login.fields(), None)
            .await
            .status
    };
    assert_eq!(delete(&ana, 2).await, 403);
    assert_eq!(delete(&root, 2).await, 409, "it is being sent");
    let gone = answered(2, MailOutcome::Permanent("550 no such user".into()));
    world.tenant.submit(gone).await.unwrap().unwrap();
    assert_eq!(delete(&root, 2).await, 204);
    assert_eq!(delete(&root, 2).await, 404);
    world.stop().await;
}

#[tokio::test]
async fn a_visitor_asks_for_the_conversation_by_mail_and_an_administrator_sees_it_owed() {
    let settings = Settings {
        mail: true,
        ..Settings::default()
    };
    let world = World::with(settings).await;
    world.user("root", Role::Administrator).await;
    let ana = world.agent("ana").await;
    let campaign = world
        .campaign(&[ana], |draft| draft.transcript_by_mail = true)
        .await;
    let window = world.get("/api/v1/campaigns/1/window", &[]).await.json();
    assert_eq!(window["transcript_by_mail"], true);
    let mut agent = world.desk("ana").await;
    let (mut visitor, token) = world.visitor(campaign, "es").await;
    let started = visitor
        .ask(json!({"do": "start", "email": "eva@example.org"}))
        .await;
    let chat = started["chat"]["chat"].clone();
    let copy = json!({"do": "transcript", "chat": chat});
    let promised = visitor.ask(copy.clone()).await;
    assert_eq!(
        promised,
        json!({"address": "eva@example.org", "at_end": true})
    );
    let root = world.sign_in("root").await;
    let owed = async || {
        let list = world.get("/api/v1/mail", &root.fields()).await.json();
        let mails = list["messages"].as_array().unwrap().clone();
        let shown = mails.into_iter().map(|mut mail| {
            let mut pick = |key: &str| mail[key].take();
            json!([
                pick("kind"),
                pick("chat"),
                pick("address"),
                pick("state"),
                pick("text")
            ])
        });
        shown.collect::<Vec<_>>()
    };
    let held = json!(["transcript", chat, "eva@example.org", "held", null]);
    assert_eq!(owed().await, [held]);
    agent.ask(json!({"do": "close", "chat": chat})).await;
    visitor.push("closed").await;
    let sent = json!(["transcript", chat, "eva@example.org", "sending", null]);
    assert_eq!(owed().await, [sent]);

    // Back on another day's page, to another address.
    visitor.hang_up().await;
    let (mut visitor, _) = world.back(campaign, &token, 0).await;
    let other = json!({"do": "transcript", "chat": chat, "email": " outra@example.org "});
    let promised = visitor.ask(other).await;
    assert_eq!(
        promised,
        json!({"address": "outra@example.org", "at_end": false})
    );
    assert_eq!(
        visitor.ask(copy).await["at_end"],
        false,
        "a repeat is the same mail"
    );
    assert_eq!(owed().await.len(), 2);
    let wrong = json!({"do": "transcript", "chat": chat, "email": "nobody"});
    let refused = visitor.outcome(wrong).await;
    assert_eq!(
        (&refused["error"]["code"], &refused["error"]["field"]),
        (&json!("invalid_field"), &json!("email"))
    );
    let (mut stranger, _) = world.visitor(campaign, "es").await;
    let theirs = json!({"do": "transcript", "chat": chat, "email": "eve@example.org"});
    assert_eq!(stranger.refused(theirs).await, "unknown_chat");
    world.stop().await;
}

#[tokio::test]
async fn settings_that_need_mail_are_warned_of_where_there_is_none() {
    let draft = json!({
        "name": "Ventas", "allowed_domains": ["shop.example"], "acd": 5,
        "schedule": {"zone": "UTC", "ranges": [{"day": "mon", "start": "09:00", "end": "18:00"}]},
        "offline_message": true, "offline_address": "ventas@shop.example",
        "transcript_by_mail": true, "notice_addresses": ["jefa@shop.example"],
    });
    for mail in [false, true] {
        let settings = Settings {
            mail,
            ..Settings::default()
        };
        let world = World::with(settings).await;
        world.user("root", Role::Administrator).await;
        let root = world.sign_in("root").await;
        let save = async |method, path| {
            let saved = world
                .call(method, path, &root.fields(), Some(draft.clone()))
                .await;
            let warnings = saved.json()["warnings"].as_array().unwrap().clone();
            let shown = warnings.iter().map(|warning| {
                let part = |key: &str| warning[key].as_str().unwrap().to_owned();
                format!("{} {}", part("field"), part("code"))
            });
            shown.collect::<Vec<_>>()
        };
        let expected: &[&str] = match mail {
            false => &[
                "offline_message no_mail_server",
                "transcript_by_mail no_mail_server",
                "notice_addresses no_mail_server",
                "members no_member",
            ],
            true => &["members no_member"],
        };
        assert_eq!(save("POST", "/api/v1/campaigns").await, expected);
        assert_eq!(save("PUT", "/api/v1/campaigns/1").await, expected);
        let window = world.get("/api/v1/campaigns/1/window", &[]).await;
        assert_eq!(window.status, 403, "a foreign page");
        world.stop().await;
    }
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_told_and_not_taken_for_an_unknown_address() {
    let world = World::new().await;
    world.user("root", Role::Administrator).await;
    world.campaign(&[], |_| {}).await;
    let root = world.sign_in("root").await;
    for path in [
        "/api/v1/mail?after=yesterday",
        "/api/v1/mail?dead=perhaps",
        "/api/v1/visitor?campaign=sales",
        "/api/v1/visitor",
        "/api/v1/campaigns/1/window?language=es&language=pt",
    ] {
        let answer = world.get(path, &root.fields()).await;
        let told = (answer.status, answer.code());
        assert_eq!(told, (400, "bad_request".to_owned()), "{path}");
    }
    let upload = world
        .upload("/api/v1/chats/1-1/files", &root.fields(), b"x")
        .await;
    assert_eq!(
        (upload.status, upload.code().as_str()),
        (400, "bad_request")
    );
    world.stop().await;
}
