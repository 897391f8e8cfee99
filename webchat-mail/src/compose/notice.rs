//! Word of an alarm as a mail to a supervisor.

use lettre::Message;
use lettre::message::Mailbox;
use webchat_core::event::AlarmKind;
use webchat_core::notice::Notice;
use webchat_core::wording::Language;

use super::{Desk, Letter, Templates, chosen, clock, crlf, escaped, zone_name};

struct Words {
    subject: &'static str,
    opening: &'static str,
    since: &'static str,
    service_level: [&'static str; 2],
    time_chat: [&'static str; 2],
    acd: [&'static str; 2],
}

const ES: Words = Words {
    subject: "{campaign}: {alarm}",
    opening: "Alarma de la campaña {campaign}: {alarm}.",
    since: "Desde",
    service_level: [
        "nivel de servicio del {reached} %, el objetivo es {limit} %",
        "el nivel de servicio ya no está por debajo del objetivo",
    ],
    time_chat: [
        "un chat dura más de {limit} s",
        "ningún chat dura ya demasiado",
    ],
    acd: [
        "chats en espera: {reached} (límite {limit})",
        "los chats en espera están por debajo del límite",
    ],
};

const EN: Words = Words {
    subject: "{campaign}: {alarm}",
    opening: "Alarm of the campaign {campaign}: {alarm}.",
    since: "Since",
    service_level: [
        "service level {reached} %, the target is {limit} %",
        "the service level is no longer below its target",
    ],
    time_chat: [
        "a chat lasts longer than {limit} s",
        "no chat lasts too long any more",
    ],
    acd: [
        "chats waiting: {reached} (limit {limit})",
        "fewer chats are waiting than the limit",
    ],
};

const PT: Words = Words {
    subject: "{campaign}: {alarm}",
    opening: "Alarme da campanha {campaign}: {alarm}.",
    since: "Desde",
    service_level: [
        "nível de serviço de {reached} %, a meta é {limit} %",
        "o nível de serviço não está mais abaixo da meta",
    ],
    time_chat: [
        "um chat dura mais de {limit} s",
        "nenhum chat dura mais do que devia",
    ],
    acd: [
        "chats em espera: {reached} (limite {limit})",
        "os chats em espera estão abaixo do limite",
    ],
};

/// The mail that tells of an alarm, in the campaign's default language and on its clock.
///
/// # Errors
/// The address cannot be written into a mail.
pub fn notice(
    notice: &Notice,
    desk: &Desk,
    from: &Mailbox,
    templates: &Templates,
) -> Result<Message, String> {
    let words = match desk.language.primary() {
        Language::ES => ES,
        Language::PT => PT,
        _ => EN,
    };
    let [raised, cleared] = match notice.alarm.kind() {
        AlarmKind::ServiceLevel => words.service_level,
        AlarmKind::TimeChat => words.time_chat,
        AlarmKind::Acd => words.acd,
    };
    let alarm = match notice.raised {
        Some(how) => raised
            .replace("{reached}", &how.reached.to_string())
            .replace("{limit}", &how.limit.to_string()),
        None => cleared.to_owned(),
    };
    let fill = |own, built_in| {
        chosen(own, desk.language, built_in)
            .replace("{alarm}", &alarm)
            .replace("{campaign}", &desk.campaign)
    };
    let opening = fill(&templates.notice.opening, words.opening);
    let since = format!(
        "{}: {} ({})",
        words.since,
        clock(notice.at, &desk.zone),
        zone_name(&desk.zone)
    );
    let html = format!(
        "<!doctype html><html lang=\"{}\"><body style=\"font-family:sans-serif\"><p>{}</p><p>{}</p></body></html>\n",
        desk.language,
        escaped(&opening),
        escaped(&since)
    );
    let letter = Letter {
        kind: "notice",
        id: notice.id,
        at: notice.at,
        to: &notice.address,
        reply_to: None,
        subject: fill(&templates.notice.subject, words.subject),
        plain: crlf(&format!("{opening}\n{since}\n")),
        html: crlf(&html),
    };
    letter.seal(desk, from)
}
