//! An offline message as a mail to those who read the campaign's address.

use lettre::Message;
use lettre::message::Mailbox;
use webchat_core::offline::OfflineMessage;
use webchat_core::wording::Language;

use super::{Desk, Letter, Templates, address, chosen, crlf, escaped, one_line};

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
pub fn offline(
    message: &OfflineMessage,
    desk: &Desk,
    from: &Mailbox,
    templates: &Templates,
) -> Result<Message, String> {
    let words = words(desk.language);
    let number = message.id.to_string();
    let fill = |own, built_in: &str| {
        chosen(own, desk.language, built_in)
            .replace("{number}", &number)
            .replace("{campaign}", &desk.campaign)
    };
    let opening = fill(&templates.opening, words.opening);
    let details = details(message, &words);
    let letter = Letter {
        kind: "offline",
        id: message.id,
        at: message.at,
        to: &message.address,
        reply_to: reply_to(message),
        subject: fill(&templates.subject, words.subject),
        plain: plain(&opening, message, &details),
        html: html(desk.language, &opening, message, &details),
    };
    letter.seal(desk, from)
}

fn words(language: Language) -> Words {
    match language.primary() {
        Language::ES => ES,
        Language::PT => PT,
        _ => EN,
    }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::tz::TimeZone;
    use webchat_core::event::VisitorFacts;
    use webchat_core::id::{CampaignId, VisitorKey};
    use webchat_core::mail::MailId;
    use webchat_core::time::Timestamp;

    use super::*;
    use webchat_core::wording::Texts;

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
        let mail = offline(message, &desk(campaign), &from, &Templates::default()).unwrap();
        String::from_utf8(mail.formatted()).unwrap()
    }

    fn desk(campaign: &str) -> Desk {
        Desk {
            tenant: "main".into(),
            campaign: campaign.into(),
            language: Language::ES,
            zone: TimeZone::UTC,
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
        let mail = offline(&message, &desk("Ventas"), &from, &templates).unwrap();
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
