//! Mail adapter of webchat: settles mail obligations over SMTP.
//!
//! The engine owes each offline message until it hears that a server took it, so nothing is kept here:
//! [`MailSink`] takes [`Effect::Mail`](webchat_core::effect::Effect::Mail) out of the stream of effects,
//! and [`Outgoing`] sends and tells the engine how it went. A message may be sent twice when an answer
//! was lost; both copies carry the same Message-ID.

mod compose;
mod mailer;
mod outgoing;
mod settings;

pub use compose::{Desk, Templates, compose};
pub use mailer::Mailer;
pub use outgoing::{MailSink, Outgoing};
pub use settings::{MailSettings, Secret, Security};
