//! Whatever stands in a field arrives as text: it is no header, no recipient, no command and no markup.

use std::sync::Arc;

use jiff::tz::TimeZone;
use webchat_core::event::VisitorFacts;
use webchat_core::id::{CampaignId, VisitorKey};
use webchat_core::mail::{MailId, MailOutcome};
use webchat_core::offline::OfflineMessage;
use webchat_core::time::Timestamp;
use webchat_core::wording::Texts;
use webchat_mail::Templates;
use webchat_mail::compose::{self, Desk};

use crate::server::MailServer;

pub(crate) const ATTEMPTS: [&str; 12] = [
    "Ana\r\nBcc: all@example.net",
    "Ana\nBcc: all@example.net\n\nsecond body",
    "Ana\rBcc: all@example.net",
    "x\r\n.\r\nMAIL FROM:<evil@example.net>\r\nRCPT TO:<all@example.net>\r\nDATA\r\nspam\r\n.\r\n",
    "\r\n.\r\nQUIT\r\n",
    "\n.\nRSET\n",
    ".\r\n..\r\n.",
    "\" <evil@example.net>, \"",
    "Ana <all@example.net>, Bea <more@example.net>",
    "=?utf-8?q?Bcc=3A_all=40example=2Enet=0D=0A?=",
    "<img src=x onerror=alert(1)></blockquote><script>alert(1)</script>&lt;",
    "--boundary\r\nContent-Type: text/html\r\n\r\n<b>\u{2028}Bcc: x\u{85}\u{0}\u{202e}",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_stands_in_a_field_is_more_than_text() {
    let mut server = MailServer::with(&[]).await;
    let mailer = server.settings().check().unwrap();
    let from = "Webchat <webchat@example.com>".parse().unwrap();
    for (number, nasty) in (1..).zip(ATTEMPTS) {
        let shared: Arc<str> = nasty.into();
        let facts = VisitorFacts {
            identity: None,
            name: Some(shared.clone()),
            email: Some(shared.clone()),
            extra: Some(shared.clone()),
            page: Some(shared.clone()),
        };
        let mut message = OfflineMessage {
            id: MailId(number),
            campaign: CampaignId(1),
            visitor: VisitorKey(1),
            key: "k".into(),
            at: Timestamp::from_seconds(1_790_000_000),
            address: "ventas@example.com".into(),
            language: "pt".parse().unwrap(),
            facts,
            text: shared.clone(),
        };
        let desk = Desk {
            tenant: nasty.into(),
            campaign: nasty.into(),
            language: "es".parse().unwrap(),
            zone: TimeZone::UTC,
        };
        let nasty_texts = || Texts([(desk.language, shared.clone())].into());
        let own = Templates {
            subject: nasty_texts(),
            opening: nasty_texts(),
            ..Templates::default()
        };
        // Once with an address that is none, once with a good one, so that the name gets its header.
        for (email, templates) in [(nasty, Templates::default()), ("ana@example.org", own)] {
            message.facts.email = Some(email.into());
            let mail = compose::offline(&message, &desk, &from, &templates).unwrap();
            assert_eq!(mailer.send(mail).await, MailOutcome::Delivered, "{nasty:?}");
            let mail = server.mail().await;
            assert_eq!(mail.to, ["ventas@example.com"], "{nasty:?}");
            assert_eq!(mail.from, "webchat@example.com");
            let mut names: Vec<&str> = mail.headers.iter().map(|(name, _)| name.as_str()).collect();
            names.retain(|name| *name != "Reply-To");
            names.sort_unstable();
            let expected = [
                "Auto-Submitted",
                "Content-Type",
                "Date",
                "From",
                "MIME-Version",
                "Message-ID",
                "Subject",
                "To",
            ];
            assert_eq!(names, expected, "{nasty:?}");
            assert_eq!(mail.header("To"), "ventas@example.com");
            let id = mail.header("Message-ID");
            assert!(id.is_ascii() && !id.contains(' '), "{id}");
            if let Some((_, address)) = mail.reply_to.first() {
                assert_eq!(
                    (mail.reply_to.len(), address.as_str()),
                    (1, "ana@example.org")
                );
            }
            assert_eq!(mail.defects, Vec::<String>::new(), "{nasty:?}");
            let written = lines(nasty);
            let read = lines(&mail.plain);
            assert!(read.contains(&written), "{written:?} not in {read:?}");
            let html = mail.html.unwrap();
            assert!(
                !html.contains("<script") && !html.contains("<img"),
                "{}",
                html
            );
            assert_eq!(html.matches("<blockquote").count(), 1);
        }
    }
    assert!(server.stop().await.is_empty(), "one mail for one message");
}

/// The same text whichever way its lines end.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
