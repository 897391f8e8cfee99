//! Which server takes the mail, and how to speak to it.

use std::fmt;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use serde::Deserialize;
use webchat_core::problem::Problems;

use crate::compose::Templates;
use crate::mailer::Mailer;

/// The operator's mail settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
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
    pub password: Option<Secret>,
    /// The sender of every mail, such as `Webchat <webchat@example.com>`. Its domain is also the name
    /// with which the mail server is greeted.
    pub from: String,
    /// Seconds a mail may take, connecting included: 1 to 240, 30 unless changed.
    #[serde(default = "thirty")]
    pub timeout: u32,
    /// Certificate authorities to trust beside the usual ones, in PEM.
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

/// A text that is not shown by `Debug`, so that it gets into no log.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
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
        let blank = |c: char| c.is_control() || c.is_whitespace();
        if self.host.is_empty() || self.host.contains(blank) {
            let expected = "the name or address of a mail server";
            problems.add("mail.host", &self.host, expected);
        }
        if self.port == Some(0) {
            problems.add("mail.port", 0, "1 to 65535");
        }
        if !(1..=240).contains(&self.timeout) {
            problems.add("mail.timeout", self.timeout, "1 to 240 seconds");
        }
        let missing = match (&self.username, &self.password) {
            (Some(_), None) => Some("mail.password"),
            (None, Some(_)) => Some("mail.username"),
            _ => None,
        };
        if let Some(missing) = missing {
            let expected = "a value, because the other half of the credentials is set";
            problems.add(missing, "", expected);
        }
        let from = self.from.parse::<Mailbox>();
        if from.is_err() {
            let expected = "an address such as Webchat <webchat@example.com>";
            problems.add("mail.from", &self.from, expected);
        }
        let tls = self.tls_parameters();
        if let Err(why) = &tls {
            problems.add("mail.authority", "", format!("certificates in PEM ({why})"));
        }
        match (from, tls) {
            (Ok(from), Ok(tls)) if problems.is_empty() => Ok(self.mailer(from, tls)),
            _ => Err(problems),
        }
    }

    fn tls_parameters(&self) -> Result<TlsParameters, String> {
        let mut parameters = TlsParameters::builder(self.host.clone());
        if let Some(pem) = &self.authority {
            if !pem.contains("-----BEGIN CERTIFICATE-----") {
                return Err("there is none in it".to_owned());
            }
            let authority = Certificate::from_pem(pem.as_bytes()).map_err(|e| e.to_string())?;
            parameters = parameters.add_root_certificate(authority);
        }
        parameters.build().map_err(|error| error.to_string())
    }

    fn mailer(&self, from: Mailbox, tls: TlsParameters) -> Mailer {
        let usual_port = match self.security {
            Security::StartTls => 587,
            Security::Tls => 465,
            Security::None => 25,
        };
        let credentials = match (&self.username, &self.password) {
            (Some(name), Some(Secret(password))) => {
                Some(Credentials::new(name.clone(), password.clone()))
            }
            _ => None,
        };
        Mailer::new(
            crate::mailer::Server {
                host: self.host.clone(),
                port: self.port.unwrap_or(usual_port),
                security: self.security,
                tls,
                credentials,
                hello: ClientId::Domain(from.email.domain().to_owned()),
                timeout: Duration::from_secs(self.timeout.into()),
            },
            from,
            self.templates.clone(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> MailSettings {
        MailSettings {
            host: "mail.example.com".into(),
            port: None,
            security: Security::StartTls,
            username: None,
            password: None,
            from: "Webchat <webchat@example.com>".into(),
            timeout: 30,
            authority: None,
            templates: Templates::default(),
        }
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        assert!(settings().check().is_ok());
        let wrong = MailSettings {
            host: "mail example".into(),
            port: Some(0),
            username: Some("webchat".into()),
            from: "nobody".into(),
            timeout: 241,
            authority: Some("a file name".into()),
            ..settings()
        };
        let problems = wrong.check().map(|_| ()).unwrap_err();
        let fields: Vec<&str> = problems.0.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "mail.host",
                "mail.port",
                "mail.timeout",
                "mail.password",
                "mail.from",
                "mail.authority"
            ]
        );
    }

    #[test]
    fn a_password_is_not_shown() {
        let password = Some(Secret("hunter2".into()));
        let shown = format!(
            "{:?}",
            MailSettings {
                password,
                ..settings()
            }
        );
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
