//! Which server takes the mail, and how to speak to it.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransport, PoolConfig};
use lettre::{AsyncTransport, Message, Tokio1Executor};
use serde::Deserialize;
use webchat_core::offline::MailOutcome;
use webchat_core::problem::Problems;

use crate::compose::Templates;

/// Connections to the mail server at once.
pub(crate) const PARALLEL: usize = 4;

/// The operator's mail settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// Name or address of the mail server.
    pub host: String,
    /// 1 to 65,535; by default 587 with `starttls`, 465 with `tls`, 25 with `none`.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub security: Security,
    /// Signs in with this name; needs `password`.
    #[serde(default)]
    pub username: Option<String>,
    /// The password of `username`.
    #[serde(default)]
    pub password: Option<String>,
    /// The sender of every mail, such as `Webchat <webchat@example.com>`.
    pub from: String,
    /// Seconds a mail may take, connecting included: 1 to 240, 30 unless changed.
    #[serde(default = "thirty")]
    pub timeout: u32,
    /// A certificate authority to trust beside the usual ones, in PEM.
    #[serde(default)]
    pub authority: Option<String>,
    /// Texts that replace the built-in ones.
    #[serde(default)]
    pub templates: Templates,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Begins in the clear and must turn to TLS before anything is said.
    #[default]
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// In the clear, for a server on the same machine or network.
    None,
}

fn thirty() -> u32 {
    30
}

impl MailSettings {
    /// Checks the settings. No connection is made.
    ///
    /// # Errors
    /// All problems at once, each with its field, value and range.
    pub fn check(&self) -> Result<Mailer, Problems> {
        let mut problems = Problems::none();
        if self.host.trim().is_empty()
            || self
                .host
                .chars()
                .any(|c| c.is_control() || c.is_whitespace())
        {
            problems.add(
                "mail.host",
                &self.host,
                "the name or address of a mail server",
            );
        }
        if self.port == Some(0) {
            problems.add("mail.port", 0, "1 to 65535");
        }
        if !(1..=240).contains(&self.timeout) {
            problems.add("mail.timeout", self.timeout, "1 to 240 seconds");
        }
        if self.username.is_some() != self.password.is_some() {
            let missing = if self.username.is_some() {
                "mail.password"
            } else {
                "mail.username"
            };
            problems.add(
                missing,
                "",
                "a value, because the other half of the credentials is set",
            );
        }
        let from = self.from.parse::<Mailbox>();
        if from.is_err() {
            problems.add(
                "mail.from",
                &self.from,
                "an address such as Webchat <webchat@example.com>",
            );
        }
        let tls = self.tls_parameters();
        if let Err(error) = &tls {
            problems.add(
                "mail.authority",
                "",
                format!("certificates in PEM ({error})"),
            );
        }
        match (from, tls) {
            (Ok(from), Ok(tls)) if problems.is_empty() => Ok(self.mailer(from, tls)),
            _ => Err(problems),
        }
    }

    fn tls_parameters(&self) -> Result<TlsParameters, lettre::transport::smtp::Error> {
        let mut parameters = TlsParameters::builder(self.host.clone());
        if let Some(pem) = &self.authority {
            parameters = parameters.add_root_certificate(Certificate::from_pem(pem.as_bytes())?);
        }
        parameters.build()
    }

    fn mailer(&self, from: Mailbox, tls: TlsParameters) -> Mailer {
        let (tls, port) = match self.security {
            Security::StartTls => (Tls::Required(tls), 587),
            Security::Tls => (Tls::Wrapper(tls), 465),
            Security::None => (Tls::None, 25),
        };
        let timeout = Duration::from_secs(u64::from(self.timeout));
        let mut transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(self.host.clone())
                .port(self.port.unwrap_or(port))
                .tls(tls)
                .timeout(Some(timeout))
                .pool_config(PoolConfig::new().max_size(PARALLEL as u32));
        if let (Some(username), Some(password)) = (&self.username, &self.password) {
            transport = transport.credentials(Credentials::new(username.clone(), password.clone()));
        }
        let templates = self.templates.clone();
        Mailer {
            transport: transport.build(),
            from,
            timeout,
            templates,
        }
    }
}

/// A mail server, ready to take mail.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    pub(crate) from: Mailbox,
    timeout: Duration,
    pub(crate) templates: Templates,
}

impl Mailer {
    /// Sends one mail and says how that went.
    pub async fn send(&self, mail: Message) -> MailOutcome {
        match tokio::time::timeout(self.timeout, self.transport.send(mail)).await {
            Ok(Ok(_)) => MailOutcome::Delivered,
            Ok(Err(error)) => outcome_of(&error),
            Err(_) => {
                let seconds = self.timeout.as_secs();
                MailOutcome::Temporary(format!("no answer within {seconds} s").into())
            }
        }
    }

    /// Sends a mail that proves the settings.
    ///
    /// # Errors
    /// What the server, or the way to it, had against it.
    pub async fn test(&self, address: &str) -> Result<(), String> {
        let to: Mailbox = address
            .parse()
            .map_err(|error| format!("`{address}` is no address: {error}"))?;
        let mail = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject("webchat: test")
            .body("The mail settings of this webchat server work.\n".to_owned())
            .map_err(|error| error.to_string())?;
        match self.send(mail).await {
            MailOutcome::Delivered => Ok(()),
            MailOutcome::Temporary(why) | MailOutcome::Permanent(why) => Err(why.to_string()),
        }
    }
}

/// A refusal of the message is for good; anything about the server or our credentials may be mended.
fn outcome_of(error: &lettre::transport::smtp::Error) -> MailOutcome {
    const CREDENTIALS: [&str; 5] = ["454", "530", "534", "535", "538"];
    let code = error.status().map(|code| code.to_string());
    let ours = code.is_some_and(|code| CREDENTIALS.contains(&code.as_str()));
    let mut why = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        why = format!("{why}: {deeper}");
        cause = deeper.source();
    }
    match error.is_permanent() && !ours {
        true => MailOutcome::Permanent(why.into()),
        false => MailOutcome::Temporary(why.into()),
    }
}
