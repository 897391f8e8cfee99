//! How mail is set up: `[mail]` in the settings file, under flags and environment.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde::Deserialize;
use webchat_mail::{MailSettings, Mailer, Secret, Security, Templates};

/// Mail is set up when any of these, or `[mail]`, is there.
#[derive(Args, Debug)]
pub(crate) struct MailFlags {
    /// Mail server that takes offline messages; without one they stay owed
    #[arg(long, value_name = "HOST", env = "WEBCHAT_MAIL_HOST")]
    mail_host: Option<String>,
    /// Its port [default: 587 with starttls, 465 with tls, 25 with none]
    #[arg(long, value_name = "PORT", env = "WEBCHAT_MAIL_PORT")]
    mail_port: Option<u16>,
    /// How the connection to it is protected [default: starttls]
    #[arg(long, value_name = "HOW", env = "WEBCHAT_MAIL_SECURITY")]
    mail_security: Option<Protection>,
    /// Name to sign in with there; the password is WEBCHAT_MAIL_PASSWORD or stands in the settings file
    #[arg(long, value_name = "NAME", env = "WEBCHAT_MAIL_USERNAME")]
    mail_username: Option<String>,
    // No flag: whoever may list processes would read it.
    #[arg(skip = std::env::var("WEBCHAT_MAIL_PASSWORD").ok())]
    mail_password: Option<String>,
    /// Sender of every mail, such as `Webchat <webchat@example.com>`
    #[arg(long, value_name = "ADDRESS", env = "WEBCHAT_MAIL_FROM")]
    mail_from: Option<String>,
    /// Seconds a mail may take [default: 30]
    #[arg(long, value_name = "SECONDS", env = "WEBCHAT_MAIL_TIMEOUT")]
    mail_timeout: Option<u32>,
    /// File in PEM of certificate authorities to trust beside the usual ones
    #[arg(long, value_name = "FILE", env = "WEBCHAT_MAIL_AUTHORITY")]
    mail_authority: Option<PathBuf>,
}

/// `[mail]` in the settings file.
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MailFile {
    host: Option<String>,
    port: Option<u16>,
    security: Option<Security>,
    username: Option<String>,
    password: Option<Secret>,
    from: Option<String>,
    timeout: Option<u32>,
    authority: Option<PathBuf>,
    templates: Templates,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum Protection {
    Starttls,
    Tls,
    None,
}

impl From<Protection> for Security {
    fn from(how: Protection) -> Self {
        match how {
            Protection::Starttls => Security::StartTls,
            Protection::Tls => Security::Tls,
            Protection::None => Security::None,
        }
    }
}

impl MailFlags {
    /// The mailer these flags and the file describe; `None` if neither says anything about mail.
    pub(crate) fn over(self, file: Option<MailFile>) -> anyhow::Result<Option<Mailer>> {
        // The password alone may stand in an environment that is shared with other programs.
        let silent = file.is_none()
            && self.mail_host.is_none()
            && self.mail_port.is_none()
            && self.mail_security.is_none()
            && self.mail_username.is_none()
            && self.mail_from.is_none()
            && self.mail_timeout.is_none()
            && self.mail_authority.is_none();
        if silent {
            return Ok(None);
        }
        let file = file.unwrap_or_default();
        let authority = self.mail_authority.or(file.authority);
        let authority = authority.map(|path| {
            let shown = path.display();
            fs::read_to_string(&path).with_context(|| format!("cannot read mail.authority {shown}"))
        });
        let security = self.mail_security.map(Security::from).or(file.security);
        let settings = MailSettings {
            host: self.mail_host.or(file.host).unwrap_or_default(),
            port: self.mail_port.or(file.port),
            security: security.unwrap_or_default(),
            username: self.mail_username.or(file.username),
            password: self.mail_password.map(Secret).or(file.password),
            from: self.mail_from.or(file.from).unwrap_or_default(),
            timeout: self.mail_timeout.or(file.timeout).unwrap_or(30),
            authority: authority.transpose()?,
            templates: file.templates,
        };
        Ok(Some(settings.check()?))
    }
}
