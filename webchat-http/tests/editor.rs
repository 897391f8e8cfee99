//! What stands behind the campaign editor: versions, history, drafts tried out, and closed dates out of a file.

#![allow(clippy::unwrap_used)] // a test may fail

mod world;

use serde_json::{Value, json};
use webchat_core::id::CampaignId;
use webchat_runtime::accounts::Role;
use world::{Answer, Login, NOON, World};

/// A server with two administrators and a campaign that Rosa made.
struct Office {
    world: World,
    rosa: Login,
    juan: Login,
}

impl Office {
    async fn new() -> Self {
        let world = World::new().await;
        world.user("rosa", Role::Administrator).await;
        world.user("juan", Role::Administrator).await;
        let rosa = world.sign_in("rosa").await;
        let juan = world.sign_in("juan").await;
        let office = Self { world, rosa, juan };
        let draft = json!({"name": "Ventas", "allowed_domains": ["shop.example"]});
        let made = office.send(&office.rosa, "POST", "/campaigns", draft).await;
        assert_eq!(made.status, 201, "{made:?}");
        office
    }

    async fn send(&self, who: &Login, method: &str, path: &str, body: Value) -> Answer {
        let path = format!("/api/v1{path}");
        let fields = who.fields();
        self.world.call(method, &path, &fields, Some(body)).await
    }

    async fn read(&self, path: &str) -> Answer {
        let path = format!("/api/v1{path}");
        self.world.get(&path, &self.rosa.fields()).await
    }

    /// Saves an edit that began with this version.
    async fn save(&self, who: &Login, seen: &str, draft: &Value) -> Answer {
        let [cookie, csrf] = who.fields();
        let fields = [cookie, csrf, ("if-match", seen)];
        let path = "/api/v1/campaigns/1";
        let body = Some(draft.clone());
        self.world.call("PUT", path, &fields, body).await
    }
}

#[tokio::test]
async fn of_two_who_edit_at_once_the_second_is_told_who_changed_what_and_nothing_is_lost() {
    let office = Office::new().await;
    let before = office.read("/campaigns/1").await;
    let tag = before.header("etag").unwrap().to_owned();
    let mut by_rosa = before.json()["settings"].take();
    let mut by_juan = by_rosa.clone();
    by_rosa["max_chats"] = json!(5);
    by_rosa["welcome"] = json!({"es": "Hola"});
    by_juan["max_chats"] = json!(9);

    let saved = office.save(&office.rosa, &tag, &by_rosa).await;
    assert_eq!(saved.status, 200, "{saved:?}");
    let newer = saved.header("etag").unwrap().to_owned();
    assert_ne!(newer, tag);
    let late = office.save(&office.juan, &tag, &by_juan).await;
    assert_eq!(
        (late.status, late.code().as_str()),
        (412, "changed_meanwhile")
    );
    assert_eq!(late.header("etag"), Some(newer.as_str()));
    let told = late.json();
    assert_eq!(told["now"]["settings"], by_rosa);
    let since = json!([{"number": 2, "at": NOON * 1000, "by": "rosa", "changes": [
        {"field": "max_chats", "old": 0, "new": 5}, {"field": "welcome.es", "old": null, "new": "Hola"},
    ]}]);
    assert_eq!(told["since"], since);
    assert_eq!(
        office.read("/campaigns/1").await.json()["settings"],
        by_rosa
    );

    // Having looked, Juan overwrites.
    let saved = office.save(&office.juan, &newer, &by_juan).await;
    assert_eq!(saved.status, 200, "{saved:?}");
    // Who asks for nothing overwrites as well, and a condition that cannot be read does not.
    assert_eq!(office.save(&office.rosa, "*", &by_rosa).await.status, 200);
    assert_eq!(office.save(&office.rosa, "7", &by_juan).await.status, 400);
    office.world.stop().await;
}

#[tokio::test]
async fn of_many_edits_that_began_alike_one_is_carried_out() {
    let office = Office::new().await;
    let before = office.read("/campaigns/1").await;
    let tag = before.header("etag").unwrap().to_owned();
    let draft = before.json()["settings"].take();
    let edits = (1..=8).map(|weight| {
        let mut draft = draft.clone();
        draft["weight"] = json!(weight);
        let (office, tag) = (&office, &tag);
        async move { office.save(&office.rosa, tag, &draft).await.status }
    });
    let mut statuses = futures_util::future::join_all(edits).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    office.world.stop().await;
}

#[tokio::test]
async fn the_history_tells_who_changed_which_setting_and_brings_any_state_back() {
    let office = Office::new().await;
    let first = office.read("/campaigns/1").await.json()["settings"].take();
    let mut draft = first.clone();
    draft["name"] = json!("Tienda");
    draft["schedule"] = json!({"always": false, "zone": "UTC", "ranges": [{"day": "mon", "start": "09:00", "end": "18:00"}], "exceptions": []});
    let path = "/campaigns/1";
    assert_eq!(
        office
            .send(&office.juan, "PUT", path, draft.clone())
            .await
            .status,
        200
    );
    // Saving what is there already changes nothing and is not told.
    assert_eq!(
        office
            .send(&office.rosa, "PUT", path, draft.clone())
            .await
            .status,
        200
    );

    let history = office.read("/campaigns/1/history").await.json();
    let shown: Vec<String> = history["revisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let changes = one["changes"].as_array().unwrap().iter();
            let changes: Vec<String> = changes
                .map(|change| {
                    format!(
                        "{} {} → {}",
                        change["field"].as_str().unwrap(),
                        change["old"],
                        change["new"]
                    )
                })
                .collect();
            format!(
                "{} {}: {}",
                one["number"],
                one["by"].as_str().unwrap(),
                changes.join(", ")
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            r#"2 juan: name "Ventas" → "Tienda", schedule.always true → false, schedule.ranges null → [{"day":"mon","end":"18:00","start":"09:00"}]"#,
            r#"1 rosa: allowed_domains [] → ["shop.example"], name "" → "Ventas""#,
        ]
    );
    assert_eq!(history["names"], json!({"rosa": "rosa", "juan": "juan"}));
    assert_eq!(history["next"], Value::Null);
    let page = office.read("/campaigns/1/history?before=2").await.json();
    assert_eq!(page["revisions"][0]["number"], 1);

    let then = office.read("/campaigns/1/history/1").await.json();
    assert_eq!(then["settings"], first);
    let put_back = office
        .send(&office.rosa, "PUT", path, then["settings"].clone())
        .await;
    assert_eq!(put_back.status, 200);
    assert_eq!(office.read("/campaigns/1").await.json()["settings"], first);
    let history = office.read("/campaigns/1/history").await.json();
    assert_eq!(
        (
            &history["revisions"][0]["number"],
            &history["revisions"][0]["by"]
        ),
        (&json!(3), &json!("rosa"))
    );

    for (path, code) in [
        ("/campaigns/1/history/9", "not_found"),
        ("/campaigns/7/history", "unknown_campaign"),
    ] {
        let answer = office.read(path).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, code),
            "{path}"
        );
    }
    assert_eq!(
        office.read("/campaigns/1/history?before=x").await.status,
        400
    );
    office.world.stop().await;
}

#[tokio::test]
async fn a_campaign_is_not_deleted_while_chats_are_live_and_the_answer_says_how_many() {
    let office = Office::new().await;
    let ana = office.world.agent("ana").await;
    let members = json!([{"agent": ana, "penalty": 0, "skills": []}]);
    office
        .send(&office.rosa, "PUT", "/campaigns/1/members", members)
        .await;
    let mut agent = office.world.desk("ana").await;
    let (mut visitor, _) = office.world.visitor(CampaignId(1), "es").await;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    let delete = async || {
        let fields = office.rosa.fields();
        office
            .world
            .call("DELETE", "/api/v1/campaigns/1", &fields, None)
            .await
    };
    let refused = delete().await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (409, "campaign_live")
    );
    let message = refused.json()["detail"].take();
    assert_eq!(
        message,
        "1 chats are live in the campaign, close them first"
    );
    agent.ask(json!({"do": "close", "chat": chat})).await;
    assert_eq!(delete().await.status, 204);
    office.world.stop().await;
}

#[tokio::test]
async fn a_draft_is_tried_out_at_any_time_before_it_is_saved() {
    let office = Office::new().await;
    let settings = json!({
        "name": "Borrador", "colour": "#c2561a", "allowed_domains": ["shop.example"], "default_language": "es",
        "welcome": {"es": "Hola", "pt": "Olá"}, "out_of_time": {"es": "Cerrado", "en": "Closed"},
        "schedule": {"always": false, "zone": "America/Montevideo", "ranges": [{"day": "mon", "start": "09:00", "end": "18:00"}],
            "exceptions": [{"date": "2025-03-10", "ranges": [], "name": "Feriado"}]},
        "offline_message": true, "offline_address": "a@shop.example",
    });
    let tried = async |at: Value, language: &str| {
        let body = json!({"settings": settings, "at": at, "language": language});
        let answer = office
            .send(&office.rosa, "POST", "/campaigns/trial", body)
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    // Monday, 3 March 2025: opens at 12:00 UTC, which is now.
    let hours = |hours: i64| json!((NOON + hours * 3600) * 1000);
    for (at, language, open, text, change, opens) in [
        (json!(null), "pt-BR", true, "Olá", hours(9), Value::Null),
        (
            json!("2025-03-03T08:59"),
            "es",
            false,
            "Cerrado",
            hours(0),
            hours(0),
        ),
        (
            json!("2025-03-03T17:59"),
            "en",
            true,
            "Hola",
            hours(9),
            Value::Null,
        ),
        (
            json!("2025-03-03T18:00"),
            "en",
            false,
            "Closed",
            hours(14 * 24),
            hours(14 * 24),
        ),
        (
            json!("2025-03-10T12:00"),
            "es",
            false,
            "Cerrado",
            hours(14 * 24),
            hours(14 * 24),
        ),
    ] {
        let visit = tried(at.clone(), language).await["visit"].take();
        let told = (
            &visit["open"],
            &visit["text"],
            &visit["next_change"],
            &visit["next_open_at"],
        );
        assert_eq!(
            told,
            (&json!(open), &json!(text), &change, &opens),
            "{at}: {visit}"
        );
        assert_eq!(visit["offline_form"], !open);
        assert_eq!(visit["zone"], "America/Montevideo");
    }
    let whole = tried(json!(null), "es").await;
    assert_eq!(
        (&whole["window"]["colour"], &whole["window"]["name"]),
        (&json!("#c2561a"), &json!("Borrador"))
    );
    let warned = whole["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| warning["code"].as_str().unwrap());
    assert_eq!(warned.collect::<Vec<_>>(), ["no_mail_server"]);

    // Nothing of it was saved; what is wrong is told at its field; strangers learn nothing.
    assert_eq!(
        office
            .read("/campaigns")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    for (body, field) in [
        (
            json!({"settings": {"name": "x", "colour": "blue"}}),
            "colour",
        ),
        (json!({"settings": {"name": "x"}, "at": "tomorrow"}), "at"),
    ] {
        let answer = office
            .send(&office.rosa, "POST", "/campaigns/trial", body)
            .await;
        assert_eq!(
            (answer.status, &answer.json()["field"]),
            (422, &json!(field))
        );
    }
    office.world.stop().await;
}

#[tokio::test]
async fn a_campaign_nobody_serves_is_warned_of_until_somebody_does() {
    let office = Office::new().await;
    let ana = office.world.agent("ana").await;
    let warned = async || {
        let draft = office.read("/campaigns/1").await.json()["settings"].take();
        let saved = office
            .send(&office.rosa, "PUT", "/campaigns/1", draft)
            .await
            .json();
        let warnings = saved["warnings"].as_array().unwrap().clone();
        warnings
            .iter()
            .map(|warning| {
                format!(
                    "{} {}",
                    warning["field"].as_str().unwrap(),
                    warning["code"].as_str().unwrap()
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(warned().await, ["members no_member"]);
    let members = json!([{"agent": ana, "penalty": 0, "skills": []}]);
    office
        .send(&office.rosa, "PUT", "/campaigns/1/members", members)
        .await;
    assert_eq!(warned().await, [""; 0]);
    office
        .send(
            &office.rosa,
            "PUT",
            "/tenant",
            json!({"voice_membership_required": true}),
        )
        .await;
    assert_eq!(warned().await, ["members no_voice_campaign"]);
    office.world.stop().await;
}

#[tokio::test]
async fn closed_dates_come_out_of_a_calendar_file_and_what_is_wrong_names_its_line() {
    let office = Office::new().await;
    let file = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20251225\r\nSUMMARY:Navidad\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART:20250401T100000Z\r\nDTEND:20250401T110000Z\r\nSUMMARY:Reunión\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let fields = office.rosa.fields();
    let path = "/api/v1/closed-dates";
    let read = office.world.upload(path, &fields, file.as_bytes()).await;
    assert_eq!(read.status, 200, "{read:?}");
    let expected = json!({
        "exceptions": [{"date": "2025-12-25", "ranges": [], "name": "Navidad"}],
        "skipped": [{"field": "line 8 (Reunión)", "value": "an event with a time of day", "expected": "an all-day event"}],
    });
    assert_eq!(read.json(), expected);

    let cut = file.split_once("END:VCALENDAR").unwrap().0;
    let refused = office.world.upload(path, &fields, cut.as_bytes()).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (422, "invalid_field")
    );
    let message = refused.json()["detail"].take();
    assert_eq!(
        message,
        "file is cut off after line 12, expected an iCalendar file that ends with END:VCALENDAR"
    );
    let large = vec![b'x'; 1024 * 1024 + 1];
    assert_eq!(office.world.upload(path, &fields, &large).await.status, 413);
    office.world.stop().await;
}

#[tokio::test]
async fn several_agents_join_and_leave_several_campaigns_in_one_go() {
    let office = Office::new().await;
    let ana = office.world.agent("ana").await;
    let bob = office.world.agent("bob").await;
    office.world.user("eva", Role::Supervisor).await;
    let eva = office.world.sign_in("eva").await;
    office
        .send(
            &office.rosa,
            "POST",
            "/campaigns",
            json!({"name": "Soporte"}),
        )
        .await;
    let kept = json!([{"agent": bob, "penalty": 7, "skills": ["pt"]}]);
    office
        .send(&office.rosa, "PUT", "/campaigns/2/members", kept)
        .await;
    let edit = async |body: Value| office.send(&eva, "POST", "/members", body).await;
    let members = async |campaign: u32| {
        let list = office
            .read(&format!("/campaigns/{campaign}/members"))
            .await
            .json();
        let list = list.as_array().unwrap().clone();
        list.iter()
            .map(|member| format!("{} {}", member["agent"], member["penalty"]))
            .collect::<Vec<_>>()
    };
    let added = edit(json!({"campaigns": [1, 2], "add": [ana, bob]})).await;
    assert_eq!((added.status, &added.json()["changed"]), (200, &json!(2)));
    assert_eq!(members(1).await, ["1 0", "2 0"]);
    assert_eq!(
        members(2).await,
        ["2 7", "1 0"],
        "who was a member stays as is"
    );
    let acts = office.read("/acts").await.json();
    assert_eq!(
        (&acts["acts"][0]["what"], &acts["acts"][0]["campaign"]),
        (&json!("set_members"), &json!(2))
    );

    // All or nothing of what is known beforehand.
    for (body, code) in [
        (
            json!({"campaigns": [1, 9], "remove": [bob]}),
            "unknown_campaign",
        ),
        (json!({"campaigns": [1], "add": [99]}), "unknown_agent"),
    ] {
        assert_eq!(edit(body).await.code(), code);
    }
    let removed = edit(json!({"campaigns": [1, 2], "remove": [bob]})).await;
    assert_eq!(removed.json()["changed"], 2);
    assert_eq!(
        (members(1).await, members(2).await),
        (vec!["1 0".to_owned()], vec!["1 0".to_owned()])
    );
    assert_eq!(
        edit(json!({"campaigns": [1, 2], "remove": [bob]}))
            .await
            .json()["changed"],
        0
    );
    office.world.stop().await;
}
