//! Whatever the mail server does, each message arrives or stays owed, and arrives twice only where the
//! sender cannot know.

use std::collections::BTreeMap;

use webchat_core::command::HostCommand;
use webchat_core::mail::{Delivery, MailId};

use crate::server::MailServer;
use crate::world::World;

/// Longer than any pause before a second attempt.
const PAUSE: u32 = 30_000;

#[tokio::test(flavor = "multi_thread")]
async fn refused_for_now_is_tried_again_and_arrives_once() {
    let mut server = MailServer::with(&["451 4.3.0 try later", "421 4.3.2 too busy"]).await;
    let world = World::new();
    let desk = world.start(&server.settings()).await;
    desk.leave(1, "Ana", "Olá").await;
    for said in ["try later", "too busy"] {
        let (why, again) = world.settled().await.unwrap_err();
        assert!(why.contains(said) && again, "{why}");
        world.clock.advance(2 * PAUSE);
    }
    assert_eq!(world.settled().await, Ok(MailId(1)));
    assert_eq!(
        server.mail().await.header("Subject"),
        "Mensaje n.º 1 para Ventas"
    );
    assert_eq!(desk.owed().await, []);
    desk.stop().await;
    assert!(server.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_for_good_stays_visible_until_somebody_sends_it_again() {
    let mut server = MailServer::with(&["550 5.1.1 no such user"]).await;
    let world = World::new();
    let desk = world.start(&server.settings()).await;
    let message = desk.leave(1, "Ana", "Olá").await;
    let (why, again) = world.settled().await.unwrap_err();
    assert!(why.contains("no such user") && !again, "{why}");
    let owed = desk.owed().await;
    assert_eq!((owed.len(), owed[0].delivery), (1, Delivery::Dead));
    assert_eq!(owed[0].last_error.as_deref(), Some(why.as_str()));

    desk.host(HostCommand::ResendMail { message }).await;
    assert_eq!(world.settled().await, Ok(message));
    server.mail().await;
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_tried_until_it_is() {
    let server = MailServer::with(&[]).await;
    let settings = server.settings();
    server.stop().await;
    let world = World::new();
    let desk = world.start(&settings).await;
    desk.leave(1, "Ana", "Olá").await;
    let (why, again) = world.settled().await.unwrap_err();
    assert!(why.to_lowercase().contains("refused") && again, "{why}");

    let port = settings.port.unwrap().to_string();
    let mut server = MailServer::start(["--port", port.as_str()]).await;
    world.clock.advance(PAUSE);
    assert_eq!(world.settled().await, Ok(MailId(1)));
    server.mail().await;
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_left_and_its_connection_not_used_again() {
    let mut server = MailServer::with(&["hang"]).await;
    let world = World::new();
    let settings = webchat_mail::MailSettings {
        timeout: 5,
        ..server.settings()
    };
    let desk = world.start(&settings).await;
    desk.leave(1, "Ana", "primeiro").await;
    let (why, again) = world.settled().await.unwrap_err();
    assert_eq!((why.as_str(), again), ("no answer within 5 s", true));
    // Over a connection with an answer still under way, this one would get the other's.
    desk.leave(2, "Luz", "segundo").await;
    assert_eq!(world.settled().await, Ok(MailId(2)));
    assert!(server.mail().await.plain.contains("segundo"));
    world.clock.advance(PAUSE);
    assert_eq!(world.settled().await, Ok(MailId(1)));
    assert!(server.mail().await.plain.contains("primeiro"));
    desk.stop().await;
    assert!(server.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_in_mid_session_gets_the_mail_when_it_is_back() {
    let mut server = MailServer::with(&["cut", "die"]).await;
    let settings = server.settings();
    let world = World::new();
    let desk = world.start(&settings).await;
    desk.leave(1, "Ana", "Olá").await;
    for fault in ["cut", "die"] {
        assert_eq!(server.tried().await, fault);
        let (why, again) = world.settled().await.unwrap_err();
        assert!(again, "{why}");
        world.clock.advance(2 * PAUSE);
    }
    drop(server);
    // The third attempt may have come before the new server did.
    let port = settings.port.unwrap().to_string();
    let mut server = MailServer::start(["--port", port.as_str()]).await;
    while world.settled().await.is_err() {
        world.clock.advance(3_600_000);
    }
    server.mail().await;
    assert_eq!(desk.owed().await, []);
    desk.stop().await;
    assert!(server.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_servers_yes_is_lost_the_second_copy_has_the_same_message_id() {
    let mut server = MailServer::with(&["take and cut"]).await;
    let world = World::new();
    let desk = world.start(&server.settings()).await;
    desk.leave(1, "Ana", "Olá").await;
    let first = server.mail().await;
    assert!(world.settled().await.unwrap_err().1);
    world.clock.advance(PAUSE);
    let second = server.mail().await;
    assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
    assert_eq!(first.header("Date"), second.header("Date"));
    assert_eq!(first.plain, second.plain);
    assert_eq!(world.settled().await, Ok(MailId(1)));
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_being_sent_when_the_server_stopped_is_sent_after_the_next_start() {
    let mut server = MailServer::with(&["hang"]).await;
    let world = World::new();
    let desk = world.start(&server.settings()).await;
    desk.leave(1, "Ana", "Olá").await;
    assert_eq!(server.tried().await, "hang");
    desk.kill().await;

    let desk = world.start(&server.settings()).await;
    assert_eq!(world.settled().await, Err(("interrupted".into(), true)));
    assert_eq!(world.settled().await, Ok(MailId(1)));
    server.mail().await;
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mail_settings_messages_stay_owed_and_say_why() {
    let world = World::new();
    let desk = world.start_with(None).await;
    desk.leave(1, "Ana", "Olá").await;
    assert_eq!(
        world.settled().await,
        Err(("mail is not configured".into(), true))
    );
    desk.stop().await;

    let mut server = MailServer::with(&[]).await;
    let desk = world.start(&server.settings()).await;
    world.clock.advance(PAUSE);
    assert_eq!(world.settled().await, Ok(MailId(1)));
    server.mail().await;
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_messages_through_a_bad_day_all_arrive() {
    const BAD: [&str; 6] = ["ok", "451 later", "cut", "ok", "take and cut", "421 busy"];
    let day: Vec<&str> = BAD.iter().cycle().take(150).copied().collect();
    let server = MailServer::with(&day).await;
    let world = World::new();
    let desk = world.start(&server.settings()).await;
    for visitor in 1..=100 {
        desk.leave(visitor, "Ana", &format!("mensagem {visitor}"))
            .await;
    }
    let mut under_way = 100;
    while under_way > 0 {
        let mut failed = 0;
        for _ in 0..under_way {
            if let Err((why, again)) = world.settled().await {
                assert!(again, "{why}");
                failed += 1;
            }
        }
        under_way = failed;
        // Longer than any pause, so that everything is due again.
        world.clock.advance(3_600_000);
    }
    assert_eq!(desk.owed().await, []);
    desk.stop().await;

    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    for mail in server.stop().await {
        *copies
            .entry(mail.header("Message-ID").to_owned())
            .or_default() += 1;
    }
    assert_eq!(copies.len(), 100, "each message arrived");
    let lost_answers = day.iter().filter(|fault| **fault == "take and cut").count();
    let extra: usize = copies.values().map(|count| count - 1).sum();
    assert!(
        extra <= lost_answers,
        "{extra} copies for {lost_answers} lost answers"
    );
}
