//! What is owed, as mails. Whatever a visitor wrote arrives as inert text.

mod notice;
mod offline;
mod transcript;

use std::time::{Duration, SystemTime};

use jiff::tz::TimeZone;
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};
use serde::Deserialize;
use webchat_core::mail::MailId;
use webchat_core::time::Timestamp;
use webchat_core::wording::{Language, Texts};

pub use notice::notice;
pub use offline::offline;
pub use transcript::{Conversation, LONGEST, transcript};

/// What a mail is about: the campaign as it is when the mail is sent.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The tenant's name; its ASCII letters, digits and hyphens become part of the Message-ID.
    pub tenant: String,
    /// The campaign's name.
    pub campaign: String,
    /// The campaign's default language, which those understand who work for it.
    pub language: Language,
    /// The campaign's time zone.
    pub zone: TimeZone,
}

/// Texts that replace the built-in ones, per language; `{campaign}` and `{number}` are filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Templates {
    /// The subject of an offline message.
    pub subject: Texts,
    /// The first line of the body of an offline message.
    pub opening: Texts,
    /// The texts of a transcript; `{campaign}` and `{date}` are filled in.
    pub transcript: Template,
    /// The texts of a notice; `{campaign}` and `{alarm}`, a sentence, are filled in.
    pub notice: Template,
}

/// Texts of one kind of mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Template {
    /// The subject.
    pub subject: Texts,
    /// The first line of the body.
    pub opening: Texts,
}

/// A mail before it is written down.
struct Letter<'a> {
    kind: &'static str,
    id: MailId,
    at: Timestamp,
    to: &'a str,
    reply_to: Option<Mailbox>,
    subject: String,
    plain: String,
    html: String,
}

impl Letter<'_> {
    /// From the server's address to one recipient, in plain text and HTML.
    fn seal(self, desk: &Desk, from: &Mailbox) -> Result<Message, String> {
        let to = address(self.to)?;
        let tenant = desk
            .tenant
            .replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "");
        let Self { kind, id, at, .. } = self;
        let millis = at.as_millis();
        let message_id = format!("<{kind}.{tenant}.{id}.{millis}@{}>", from.email.domain());
        let since = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
        let mut mail = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(&self.subject))
            .message_id(Some(message_id))
            .date(SystemTime::UNIX_EPOCH + since);
        if let Some(reply_to) = self.reply_to {
            mail = mail.reply_to(reply_to);
        }
        let mut mail = mail
            .multipart(
                MultiPart::alternative()
                    .singlepart(part(ContentType::TEXT_PLAIN, self.plain))
                    .singlepart(part(ContentType::TEXT_HTML, self.html)),
            )
            .map_err(|error| error.to_string())?;
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        mail.headers_mut()
            .insert_raw(HeaderValue::new(automatic, "auto-generated".to_owned()));
        Ok(mail)
    }
}

/// The operator's own text in that language, else the built-in one.
fn chosen<'a>(own: &'a Texts, language: Language, built_in: &'a str) -> &'a str {
    let own = own
        .0
        .get(&language)
        .or_else(|| own.0.get(&language.primary()));
    own.map_or(built_in, |text| text)
}

/// Date and time on the clock of a zone, to the minute.
fn clock(at: Timestamp, zone: &TimeZone) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
    let local = instant.to_zoned_datetime(zone.clone());
    local.strftime("%Y-%m-%d %H:%M").to_string()
}

/// The name of a zone, as people know it.
fn zone_name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

/// An address whose domain every mail server understands.
fn address(text: &str) -> Result<Address, String> {
    let plain: Address = text.parse().map_err(|error| format!("`{text}`: {error}"))?;
    let domain = idna::domain_to_ascii(plain.domain());
    let domain = domain.map_err(|_| format!("`{text}`: its domain cannot be written in ASCII"))?;
    Address::new(plain.user(), domain).map_err(|error| format!("`{text}`: {error}"))
}

/// Control characters, line breaks among them, and marks that turn the direction of writing become
/// spaces: a header stays one header, and shows what it says.
pub(crate) fn one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| matches!(c, '\u{2028}' | '\u{2029}');
    let plain = text.replace(|c: char| c.is_control() || breaks(c) || turns(c), " ");
    plain.trim().to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn crlf(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\n', "\r\n")
}

/// Base64, so that no line of a visitor's text can be taken for anything but text.
fn part(kind: ContentType, text: String) -> SinglePart {
    let body = Body::new_with_encoding(text.clone(), ContentTransferEncoding::Base64)
        .unwrap_or_else(|_| Body::new(text));
    SinglePart::builder().header(kind).body(body)
}
