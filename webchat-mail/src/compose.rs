//! An offline message as a mail. Whatever a visitor wrote arrives as inert text.

use std::time::{Duration, SystemTime};

use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};
use serde::Deserialize;
use webchat_core::offline::OfflineMessage;
use webchat_core::wording::{Language, Texts};

/// Where a message was left.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The tenant's name; its ASCII letters, digits and hyphens become part of the Message-ID.
    pub tenant: String,
    /// The campaign's name.
    pub campaign: String,
    /// The language of those who read the mail: the campaign's default.
    pub language: Language,
}

/// Texts that replace the built-in ones, per language; `{campaign}` and `{number}` are filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Templates {
    /// The subject.
    pub subject: Texts,
    /// The first line of the body.
    pub opening: Texts,
}

/// The built-in words of one language.
struct Words {
    subject: &'static str,
    opening: &'static str,
    name: &'static str,
    email: &'static str,
    extra: &'static str,
    language: &'static str,
    page: &'static str,
    received: &'static str,
}

const ES: Words = Words {
    subject: "Mensaje n.º {number} para {campaign}",
    opening: "Un visitante dejó este mensaje para {campaign}:",
    name: "Nombre",
    email: "Correo electrónico",
    extra: "Dato adicional",
    language: "Idioma",
    page: "Página",
    received: "Recibido",
};

const EN: Words = Words {
    subject: "Message no. {number} for {campaign}",
    opening: "A visitor left this message for {campaign}:",
    name: "Name",
    email: "E-mail",
    extra: "Further detail",
    language: "Language",
    page: "Page",
    received: "Received",
};

const PT: Words = Words {
    subject: "Mensagem n.º {number} para {campaign}",
    opening: "Um visitante deixou esta mensagem para {campaign}:",
    name: "Nome",
    email: "E-mail",
    extra: "Dado adicional",
    language: "Idioma",
    page: "Página",
    received: "Recebida",
};

/// The mail for a message: from the server's address to the campaign's, the visitor only in Reply-To.
///
/// Message-ID and Date depend on the message alone, so that copies can be told as such.
///
/// # Errors
/// The campaign's address cannot be written into a mail. Nothing a visitor wrote causes one.
pub fn compose(
    message: &OfflineMessage,
    desk: &Desk,
    from: &Mailbox,
    templates: &Templates,
) -> Result<Message, String> {
    let words = words(desk.language);
    let number = message.id.to_string();
    let fill = |text: &str| {
        text.replace("{number}", &number)
            .replace("{campaign}", &desk.campaign)
    };
    let chosen = |texts: &Texts, built_in: &str| {
        let own = texts
            .0
            .get(&desk.language)
            .or_else(|| texts.0.get(&desk.language.primary()));
        fill(own.map_or(built_in, |text| text))
    };
    let subject = one_line(&chosen(&templates.subject, words.subject));
    let opening = chosen(&templates.opening, words.opening);
    let to = address(&message.address)?;
    let id = format!(
        "<offline.{}.{number}.{}@{}>",
        desk.tenant
            .replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', ""),
        message.at.as_millis(),
        from.email.domain()
    );
    let received = Duration::from_millis(u64::try_from(message.at.as_millis()).unwrap_or(0));
    let mut mail = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject)
        .message_id(Some(id))
        .date(SystemTime::UNIX_EPOCH + received);
    if let Some(reply_to) = reply_to(message) {
        mail = mail.reply_to(reply_to);
    }
    let details = details(message, &words);
    let plain = plain(&opening, message, &details);
    let html = html(desk.language, &opening, message, &details);
    let mut mail = mail
        .multipart(
            MultiPart::alternative()
                .singlepart(part(ContentType::TEXT_PLAIN, plain))
                .singlepart(part(ContentType::TEXT_HTML, html)),
        )
        .map_err(|error| error.to_string())?;
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    mail.headers_mut()
        .insert_raw(HeaderValue::new(automatic, "auto-generated".to_owned()));
    Ok(mail)
}

fn words(language: Language) -> Words {
    match language.primary() {
        Language::ES => ES,
        Language::PT => PT,
        _ => EN,
    }
}

/// An address whose domain every mail server understands.
fn address(text: &str) -> Result<Address, String> {
    let plain: Address = text.parse().map_err(|error| format!("`{text}`: {error}"))?;
    let domain = idna::domain_to_ascii(plain.domain());
    let domain = domain.map_err(|_| format!("`{text}`: its domain cannot be written in ASCII"))?;
    Address::new(plain.user(), domain).map_err(|error| format!("`{text}`: {error}"))
}

/// The visitor's address, with the name if there is one. An address that only some servers could take
/// stays in the text: in a header it would keep the mail from being delivered at all.
fn reply_to(message: &OfflineMessage) -> Option<Mailbox> {
    let address = address(message.facts.email.as_deref()?).ok();
    let address = address.filter(|address| address.user().is_ascii())?;
    let name = message
        .facts
        .name
        .as_deref()
        .map(one_line)
        .filter(|name| !name.is_empty());
    Some(Mailbox::new(name, address))
}

/// Control characters, line breaks among them, and marks that turn the direction of writing become
/// spaces: a header stays one header, and shows what it says.
pub(crate) fn one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| matches!(c, '\u{2028}' | '\u{2029}');
    let plain = text.replace(|c: char| c.is_control() || breaks(c) || turns(c), " ");
    plain.trim().to_owned()
}

/// Labelled facts about the visitor, in the order of the form.
fn details(message: &OfflineMessage, words: &Words) -> Vec<(&'static str, String)> {
    let facts = &message.facts;
    let known = [
        (words.name, &facts.name),
        (words.email, &facts.email),
        (words.extra, &facts.extra),
        (words.page, &facts.page),
    ];
    let known = known
        .into_iter()
        .filter_map(|(label, value)| Some((label, one_line(value.as_deref()?))));
    known
        .chain([
            (words.language, message.language.to_string()),
            (words.received, message.at.to_string()),
        ])
        .collect()
}

fn plain(opening: &str, message: &OfflineMessage, details: &[(&str, String)]) -> String {
    let mut text = format!("{opening}\n\n{}\n\n-- \n", message.text);
    for (label, value) in details {
        text.push_str(&format!("{label}: {value}\n"));
    }
    crlf(&text)
}

fn html(
    language: Language,
    opening: &str,
    message: &OfflineMessage,
    details: &[(&str, String)],
) -> String {
    let mut text = format!(
        "<!doctype html><html lang=\"{language}\"><body style=\"font-family:sans-serif\"><p>{}</p><blockquote style=\"white-space:pre-wrap;border-left:3px solid #ccc;margin:0;padding-left:1em\">{}</blockquote><table>",
        escaped(opening),
        escaped(&message.text)
    );
    for (label, value) in details {
        text.push_str(&format!(
            "<tr><th align=\"left\">{}</th><td>{}</td></tr>",
            escaped(label),
            escaped(value)
        ));
    }
    text.push_str("</table></body></html>\n");
    crlf(&text)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use webchat_core::event::VisitorFacts;
    use webchat_core::id::{CampaignId, VisitorKey};
    use webchat_core::mail::MailId;
    use webchat_core::time::Timestamp;

    use super::*;

    const NASTY: &str = "Ana\r\nBcc: all@example.net\r\n\r\n.\r\nDATA <script>&\u{2028}";

    fn message(language: &str, name: &str, text: &str) -> OfflineMessage {
        OfflineMessage {
            id: MailId(7),
            campaign: CampaignId(1),
            visitor: VisitorKey(1),
            key: "k".into(),
            at: Timestamp::from_seconds(1_790_000_000),
            address: "ventas@example.com".into(),
            language: language.parse().unwrap(),
            facts: VisitorFacts {
                identity: None,
                name: Some(name.into()),
                email: Some("ana@example.org".into()),
                extra: Some(name.into()),
                page: None,
            },
            text: Arc::from(text),
        }
    }

    fn composed(message: &OfflineMessage, campaign: &str) -> String {
        let from = "Webchat <webchat@example.com>".parse().unwrap();
        let mail = compose(message, &desk(campaign), &from, &Templates::default()).unwrap();
        String::from_utf8(mail.formatted()).unwrap()
    }

    fn desk(campaign: &str) -> Desk {
        Desk {
            tenant: "main".into(),
            campaign: campaign.into(),
            language: Language::ES,
        }
    }

    #[test]
    fn the_same_message_is_the_same_mail() {
        let message = message("pt-br", "Ana", "Olá");
        let mail = composed(&message, "Vendas");
        assert!(mail.contains("Message-ID: <offline.main.7.1790000000000@example.com>\r\n"));
        assert!(mail.contains("Reply-To: Ana <ana@example.org>\r\n"));
        assert!(mail.contains("From: Webchat <webchat@example.com>\r\n"));
        let stable = |mail: &str| {
            mail.lines()
                .filter(|line| !line.contains("boundary"))
                .take(8)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(stable(&mail), stable(&composed(&message, "Vendas")));
    }

    #[test]
    fn nothing_a_visitor_or_administrator_writes_becomes_a_header() {
        let mail = composed(&message("es", NASTY, NASTY), NASTY);
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        assert!(!head.to_lowercase().contains("\nbcc:"), "{head}");
        assert!(
            !body.contains("script") && !body.contains("Bcc"),
            "bodies are base64: {body}"
        );
        let bare = mail.replace("\r\n", "");
        assert!(
            !bare.contains('\r') && !bare.contains('\n'),
            "every line ends in CR LF"
        );
    }

    #[test]
    fn words_are_the_campaigns_and_templates_replace_them() {
        let message = message("pt", "Ana", "Olá");
        let mail = composed(&message, "Ventas");
        assert!(
            mail.contains("Subject: Mensaje =?utf-8?b?bi7Cug==?= 7 para Ventas\r\n"),
            "{mail}"
        );
        let own = |text: &str| Texts([(Language::ES, text.into())].into());
        let templates = Templates {
            subject: own("{campaign}: {number} {else}"),
            ..Templates::default()
        };
        let from = "webchat@example.com".parse().unwrap();
        let mail = compose(&message, &desk("Ventas"), &from, &templates).unwrap();
        let mail = String::from_utf8(mail.formatted()).unwrap();
        assert!(mail.contains("Subject: Ventas: 7 {else}\r\n"), "{mail}");
    }

    #[test]
    fn addresses_become_ascii_or_stay_out_of_the_head() {
        let mut message = message("es", "Ana", "Hola");
        message.address = "ventas@españa.example".into();
        message.facts.email = Some("ana@exámple.example".into());
        let mail = composed(&message, "Ventas");
        assert!(
            mail.contains("To: ventas@xn--espaa-rta.example\r\n"),
            "{mail}"
        );
        assert!(
            mail.contains("Reply-To: Ana <ana@xn--exmple-qta.example>\r\n"),
            "{mail}"
        );
        message.facts.email = Some("josé@example.org".into());
        let mail = composed(&message, "Ventas");
        assert!(!mail.contains("Reply-To"), "{mail}");
        assert!(mail.is_ascii());
    }
}
