//! Offline messages on their way over a real mail server: what arrives is what was written, and whatever
//! the server does, each message arrives or stays owed.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

mod faults;
mod inert;
mod protected;
mod server;
mod transcripts;
mod world;

use server::MailServer;
use webchat_core::command::VisitorForm;
use world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_as_it_was_written() {
    let mut server = MailServer::with(&[]).await;
    let world = World::new();
    let desk = world.start(&server.settings()).await;
    let form = VisitorForm {
        name: Some("João Ñandú 🦊".into()),
        email: Some("joao@example.org".into()),
        page: Some("https://shop.example/botas?cor=açaí".into()),
        ..VisitorForm::default()
    };
    let text = "Olá! Não consigo pagar: ¿cuánto cuesta el envío?\n\tÀ vista ou a prazo? 👢👩‍👩‍👧\n.\n";
    desk.leave_form(1, form, text).await;
    let mail = server.mail().await;
    assert_eq!(world.settled().await.unwrap().0, 1);

    assert_eq!(mail.from, "webchat@example.com");
    assert_eq!(mail.to, ["ventas@example.com"]);
    assert_eq!(mail.header("From"), "Webchat <webchat@example.com>");
    assert_eq!(mail.header("To"), "ventas@example.com");
    assert_eq!(mail.header("Subject"), "Mensaje n.º 1 para Ventas");
    assert_eq!(mail.header("Date"), "Mon, 21 Sep 2026 14:13:20 +0000");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(
        mail.header("Message-ID"),
        "<offline.main.1.1790000000000@example.com>"
    );
    let reply_to = [("João Ñandú 🦊".to_owned(), "joao@example.org".to_owned())];
    assert_eq!(mail.reply_to, reply_to);
    assert_eq!(mail.encodings, ["base64", "base64"]);
    assert_eq!(mail.defects, Vec::<String>::new());
    let expected = format!(
        "Un visitante dejó este mensaje para Ventas:\n\n{text}\n\n-- \nNombre: João Ñandú 🦊\n\
         Correo electrónico: joao@example.org\nPágina: https://shop.example/botas?cor=a%C3%A7a%C3%AD\n\
         Idioma: pt-br\nRecibido: 2026-09-21T14:13:20Z\n"
    );
    assert_eq!(mail.plain.replace("\r\n", "\n"), expected);
    let html = mail.html.unwrap();
    assert!(html.contains("<html lang=\"es\">"), "{}", html);
    assert!(html.contains(&text.replace('\n', "\r\n")), "{}", html);

    desk.stop().await;
    assert!(server.stop().await.is_empty(), "one mail for one message");
}
