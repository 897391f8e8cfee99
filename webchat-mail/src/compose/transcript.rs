//! A conversation as a mail to its visitor: what both sides wrote, as the visitor saw it, and nothing else.

use std::borrow::Cow;

use lettre::Message;
use lettre::message::Mailbox;
use webchat_core::event::{Author, Message as Said};
use webchat_core::time::Timestamp;
use webchat_core::transcript::Transcript;
use webchat_core::wording::Language;

use super::{Desk, Letter, Templates, chosen, clock, crlf, escaped, one_line, zone_name};

/// Bytes of text a transcript may hold; what was said after them is left out, which the mail says.
pub const LONGEST: usize = 1 << 20;

/// What is to be told of a chat.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// When it began.
    pub began: Timestamp,
    /// When it ended; `None` while it is live.
    pub ended: Option<Timestamp>,
    /// The visitor's name, if given.
    pub visitor: Option<String>,
    /// What was said, in order. Notes and whispers are no messages and have no place here.
    pub messages: Vec<Said>,
    /// There is more, which is too long for a mail.
    pub shortened: bool,
}

struct Words {
    subject: &'static str,
    opening: &'static str,
    you: &'static str,
    times: &'static str,
    rest: &'static str,
    erased: &'static str,
    why: &'static str,
}

const ES: Words = Words {
    subject: "Su conversación con {campaign}",
    opening: "Esta es su conversación con {campaign} del {date}:",
    you: "Usted",
    times: "Las horas son las de {zone}.",
    rest: "La conversación sigue; el resto es demasiado largo para un correo.",
    erased: "(texto borrado)",
    why: "Recibe este correo porque alguien dio esta dirección en la ventana de chat para guardar la conversación.",
};

const EN: Words = Words {
    subject: "Your conversation with {campaign}",
    opening: "This is your conversation with {campaign} of {date}:",
    you: "You",
    times: "Times are those of {zone}.",
    rest: "The conversation goes on; the rest is too long for a mail.",
    erased: "(text erased)",
    why: "You get this mail because somebody gave this address in the chat window to keep the conversation.",
};

const PT: Words = Words {
    subject: "Sua conversa com {campaign}",
    opening: "Esta é a sua conversa com {campaign} de {date}:",
    you: "Você",
    times: "Os horários são os de {zone}.",
    rest: "A conversa continua; o resto é longo demais para um e-mail.",
    erased: "(texto apagado)",
    why: "Você recebe este e-mail porque alguém informou este endereço na janela de chat para guardar a conversa.",
};

/// The mail with a copy of a conversation, in the language of the chat and on the campaign's clock.
///
/// # Errors
/// The address cannot be written into a mail.
pub fn transcript(
    transcript: &Transcript,
    conversation: &Conversation,
    desk: &Desk,
    from: &Mailbox,
    templates: &Templates,
) -> Result<Message, String> {
    let language = transcript.language;
    let words = match language.primary() {
        Language::ES => ES,
        Language::PT => PT,
        _ => EN,
    };
    let date = clock(conversation.began, &desk.zone);
    let fill = |own, built_in| {
        chosen(own, language, built_in)
            .replace("{date}", &date)
            .replace("{campaign}", &desk.campaign)
    };
    let opening = fill(&templates.transcript.opening, words.opening);
    let lines = lines(conversation, desk, &words);
    let times = words.times.replace("{zone}", zone_name(&desk.zone));
    let mut closing = vec![times.as_str(), words.why];
    if conversation.shortened {
        closing.insert(0, words.rest);
    }
    let letter = Letter {
        kind: "transcript",
        id: transcript.id,
        // A copy that was asked for in a live chat is of the chat's end.
        at: conversation
            .ended
            .map_or(transcript.at, |end| end.max(transcript.at)),
        to: &transcript.address,
        reply_to: None,
        subject: fill(&templates.transcript.subject, words.subject),
        plain: plain(&opening, &lines, &closing),
        html: html(language, &opening, &lines, &closing),
    };
    letter.seal(desk, from)
}

/// One message as it is shown.
struct Line<'a> {
    at: String,
    who: String,
    text: Cow<'a, str>,
}

fn lines<'a>(conversation: &'a Conversation, desk: &Desk, words: &Words) -> Vec<Line<'a>> {
    let visitor = conversation.visitor.as_deref().map(one_line);
    let visitor = visitor.filter(|name| !name.is_empty());
    let lines = conversation.messages.iter().map(|said| Line {
        at: clock(said.at, &desk.zone),
        who: match &said.author {
            Author::Visitor => visitor.clone().unwrap_or_else(|| words.you.to_owned()),
            Author::Agent { shown_as, .. } => one_line(shown_as),
            Author::Bot { name } => one_line(name),
            Author::System { .. } => one_line(&desk.campaign),
        },
        text: match (&said.file, said.text.is_empty()) {
            (_, true) => words.erased.into(),
            // The file itself stays where it is; its name tells which one it was.
            (Some(_), false) => format!("📎 {}", said.text).into(),
            (None, false) => (&*said.text).into(),
        },
    });
    lines.collect()
}

fn plain(opening: &str, lines: &[Line<'_>], closing: &[&str]) -> String {
    let mut text = format!("{opening}\n\n");
    for Line {
        at,
        who,
        text: said,
    } in lines
    {
        // Indented, so that nobody's text passes for somebody else's line.
        let said = crlf(said).replace("\r\n", "\n    ");
        text.push_str(&format!("{at}  {who}:\n    {said}\n\n"));
    }
    text.push_str("-- \n");
    for line in closing {
        text.push_str(line);
        text.push('\n');
    }
    crlf(&text)
}

fn html(language: Language, opening: &str, lines: &[Line<'_>], closing: &[&str]) -> String {
    let mut text = format!(
        "<!doctype html><html lang=\"{language}\"><body style=\"font-family:sans-serif\"><p>{}</p>",
        escaped(opening)
    );
    for Line {
        at,
        who,
        text: said,
    } in lines
    {
        text.push_str(&format!(
            "<p style=\"margin:0 0 1em\"><strong>{}</strong> <span style=\"color:#666\">{at}</span><br><span style=\"white-space:pre-wrap\">{}</span></p>",
            escaped(who),
            escaped(said)
        ));
    }
    text.push_str("<hr>");
    for line in closing {
        text.push_str(&format!("<p style=\"color:#666\">{}</p>", escaped(line)));
    }
    text.push_str("</body></html>\n");
    crlf(&text)
}
