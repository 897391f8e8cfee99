//! Mail adapter of webchat: settles mail obligations over SMTP.
//!
//! The engine owes each mail until it hears that a server took it, so nothing is kept here: [`MailSink`] takes
//! [`Effect::Mail`](webchat_core::effect::Effect::Mail) out of the stream of effects, and [`Outgoing`] reads what
//! it is about, sends it and tells the engine how it went. A mail may be sent twice when an answer was lost; both
//! copies carry the same Message-ID.
//!
//! What is wrong with the settings is said before anything is sent:
//!
//! ```
//! use webchat_mail::MailSettings;
//!
//! let mut settings: MailSettings = serde_json::from_str(
//!     r#"{"host": "mail.example", "from": "Webchat <webchat@shop.example>", "timeout": 300}"#,
//! )?;
//! let wrong = settings.check().err().map(|error| error.to_string());
//! assert_eq!(wrong.as_deref(), Some("mail.timeout is 300, expected 1 to 240 seconds"));
//! settings.timeout = 30;
//! assert!(settings.check().is_ok());
//! # Ok::<(), serde_json::Error>(())
//! ```

pub mod compose;
mod mailer;
mod office;
mod outgoing;
mod settings;

pub use compose::{Template, Templates};
pub use mailer::Mailer;
pub use office::Office;
pub use outgoing::{MailSink, Outgoing};
pub use settings::{MailSettings, Secret, Security};
