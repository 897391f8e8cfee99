//! Encrypted connections and signing in.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use webchat_core::mail::MailId;
use webchat_mail::{MailSettings, Secret, Security};

use crate::server::MailServer;
use crate::world::World;

/// An authority of our own, and a server's certificate by it.
struct Papers {
    folder: tempfile::TempDir,
    authority: String,
}

impl Papers {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("certificate.pem"), certificate.pem()).unwrap();
        std::fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
        Self {
            folder,
            authority: issuer.pem(),
        }
    }

    async fn server(&self, security: &str) -> MailServer {
        let path = |name| self.folder.path().join(name).to_str().unwrap().to_owned();
        let (certificate, key) = (path("certificate.pem"), path("key.pem"));
        let arguments = [
            ["--security", security],
            ["--certificate", &certificate],
            ["--key", &key],
            ["--user", "webchat:pass:word"],
        ];
        MailServer::start(arguments.into_iter().flatten()).await
    }

    fn settings(&self, server: &MailServer, security: Security, password: &str) -> MailSettings {
        MailSettings {
            security,
            username: Some("webchat".into()),
            password: Some(Secret(password.into())),
            authority: Some(self.authority.clone()),
            ..server.settings()
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_over_tls_to_a_server_certified_by_the_named_authority() {
    let papers = Papers::new();
    for (name, security) in [("starttls", Security::StartTls), ("tls", Security::Tls)] {
        let mut server = papers.server(name).await;
        let world = World::new();
        let settings = papers.settings(&server, security, "pass:word");
        let desk = world.start(&settings).await;
        desk.leave(1, "Ana", "Olá").await;
        desk.leave(2, "Luz", "Oi").await;
        server.mail().await;
        server.mail().await;
        assert!(world.settled().await.is_ok());
        assert!(world.settled().await.is_ok());
        settings
            .check()
            .unwrap()
            .test("admin@example.com")
            .await
            .unwrap();
        desk.stop().await;
        assert_eq!(server.stop().await.len(), 1, "the test mail");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_authority_or_a_server_without_tls_gets_nothing() {
    let papers = Papers::new();
    let server = papers.server("starttls").await;
    let stranger = MailSettings {
        authority: None,
        ..papers.settings(&server, Security::StartTls, "pass:word")
    };
    let why = stranger
        .check()
        .unwrap()
        .test("admin@example.com")
        .await
        .unwrap_err();
    assert!(why.to_lowercase().contains("certificate"), "{why}");
    assert!(server.stop().await.is_empty());

    let plain = MailServer::with(&[]).await;
    let demanding = MailSettings {
        security: Security::StartTls,
        ..plain.settings()
    };
    let why = demanding
        .check()
        .unwrap()
        .test("admin@example.com")
        .await
        .unwrap_err();
    assert!(why.contains("STARTTLS"), "{why}");
    assert!(plain.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_ours_to_mend_and_loses_nothing() {
    let papers = Papers::new();
    let mut server = papers.server("starttls").await;
    let world = World::new();
    let wrong = papers.settings(&server, Security::StartTls, "guess");
    let desk = world.start(&wrong).await;
    desk.leave(1, "Ana", "Olá").await;
    let (why, again) = world.settled().await.unwrap_err();
    assert!(why.contains("535") && again, "{why}");
    assert!(!why.contains("guess"), "{why}");
    desk.stop().await;

    // Not signing in at all is refused only when the mail is mentioned, and is ours to mend as well.
    let silent = MailSettings {
        username: None,
        password: None,
        ..wrong
    };
    let desk = world.start(&silent).await;
    world.clock.advance(30_000);
    let (why, again) = world.settled().await.unwrap_err();
    assert!(why.contains("530") && again, "{why}");
    desk.stop().await;

    let right = papers.settings(&server, Security::StartTls, "pass:word");
    let desk = world.start(&right).await;
    world.clock.advance(60_000);
    assert_eq!(world.settled().await, Ok(MailId(1)));
    server.mail().await;
    desk.stop().await;
}
