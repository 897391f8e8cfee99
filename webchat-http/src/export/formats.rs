//! How an export is written: JSON, CSV and printable HTML. Each chat ends with the only carriage return of it, so a
//! reader who counts those knows how many have come.

use std::fmt::Write;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use webchat_core::time::Timestamp;

use crate::csv::Csv;

use super::told::{Audience, Said, Speaker, Told};
use super::words::Tongue;

/// In what an export is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    /// One document, see `Document`.
    #[default]
    Json,
    /// A line a chat.
    Csv,
    /// A page to be printed.
    Html,
}

/// The JSON document.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RecordingsExport")]
pub(super) struct Document {
    /// `webchat-recordings/1`; a number above 1 is a shape that older readers can't read.
    format: &'static str,
    exported_at: Timestamp,
    audience: Audience,
    /// Chats that fitted when the export began.
    total: u64,
    /// The latest first.
    chats: Vec<Told>,
}

/// An export on its way out.
pub(super) struct Writer {
    pub(super) format: Format,
    pub(super) tongue: Tongue,
    pub(super) zone: TimeZone,
    pub(super) audience: Audience,
    pub(super) begun: bool,
}

impl Writer {
    /// What comes before the first chat.
    pub(super) fn head(&self, at: Timestamp, total: u64) -> String {
        match self.format {
            Format::Json => {
                let document = Document {
                    format: "webchat-recordings/1",
                    exported_at: at,
                    audience: self.audience,
                    total,
                    chats: Vec::new(),
                };
                let mut text = json(&document);
                // The empty list stays open for the chats.
                text.truncate(text.len() - 2);
                text + "\n"
            }
            Format::Csv => Csv::with_columns(self.columns()).take().replace('\r', ""),
            Format::Html => {
                let w = self.tongue.words();
                let (title, tag, at) = (w.title, w.tag, self.time(at));
                format!(
                    "<!doctype html>\n<html lang=\"{tag}\"><head><meta charset=\"utf-8\"><title>{title} · {at}</title>\n<style>{STYLE}</style></head>\n<body><main><h1>{title}</h1><p>{at} · {total}</p>\n"
                )
            }
        }
    }

    pub(super) fn chat(&mut self, told: &Told) -> String {
        let first = !std::mem::replace(&mut self.begun, true);
        match self.format {
            // The comma comes before, for nobody knows which chat is the last.
            Format::Json if first => json(told) + "\r\n",
            Format::Json => format!(",{}\r\n", json(told)),
            Format::Csv => self.line(told),
            Format::Html => self.article(told),
        }
    }

    /// What comes after the last chat.
    pub(super) fn tail(&self) -> &'static str {
        match self.format {
            Format::Json => "]}\n",
            Format::Csv => "",
            Format::Html => "</main></body></html>\n",
        }
    }

    pub(super) fn media_type(&self) -> &'static str {
        match self.format {
            Format::Json => "application/json",
            Format::Csv => "text/csv; charset=utf-8",
            Format::Html => "text/html; charset=utf-8",
        }
    }

    pub(super) fn file_name(&self) -> &'static str {
        match self.format {
            Format::Json => "recordings.json",
            Format::Csv => "recordings.csv",
            Format::Html => "recordings.html",
        }
    }

    fn time(&self, at: Timestamp) -> String {
        match jiff::Timestamp::from_millisecond(at.as_millis()) {
            Ok(at) => {
                let local = self.zone.to_datetime(at);
                let (date, time) = (local.date(), local.time());
                let (hour, minute, second) = (time.hour(), time.minute(), time.second());
                format!("{date} {hour:02}:{minute:02}:{second:02}")
            }
            Err(_) => at.to_string(),
        }
    }

    fn columns(&self) -> Vec<&'static str> {
        let mut columns = vec![
            "chat",
            "campaign",
            "campaign_name",
            "language",
            "requested_at",
            "answered_at",
            "ended_at",
            "reason",
            "visitor_name",
            "visitor_email",
            "visitor_extra",
            "visitor_page",
            "score",
            "feedback_note",
            "erased_at",
            "messages",
            "transcript",
        ];
        if self.audience == Audience::Staff {
            columns.extend(["disposition", "agents", "notes", "quality"]);
        }
        columns
    }

    fn line(&self, told: &Told) -> String {
        let mut csv = Csv::default();
        let mut text = |text: Option<&str>| csv.text(&text.unwrap_or_default().replace('\r', ""));
        text(Some(&told.chat.to_string()));
        text(Some(&told.campaign.0.to_string()));
        text(told.campaign_name.as_deref());
        text(Some(told.language.as_str()));
        for at in [
            Some(told.requested_at),
            told.answered_at,
            Some(told.ended_at),
        ] {
            text(at.map(|at| self.time(at)).as_deref());
        }
        text(Some(json(&told.reason).trim_matches('"')));
        let visitor = &told.visitor;
        for field in [&visitor.name, &visitor.email, &visitor.extra, &visitor.page] {
            text(field.as_deref());
        }
        let feedback = told.feedback.as_ref();
        text(feedback.map(|given| given.score.to_string()).as_deref());
        text(feedback.and_then(|given| given.note.as_deref()));
        text(told.erased_at.map(|at| self.time(at)).as_deref());
        text(Some(&told.messages.len().to_string()));
        let said = told.messages.iter().filter(|said| !said.text.is_empty());
        let lines = said.map(|said| {
            format!(
                "{} {}: {}",
                self.time(said.at),
                self.speaker(said),
                said.text
            )
        });
        text(Some(&lines.collect::<Vec<_>>().join("\n")));
        if self.audience == Audience::Staff {
            text(
                told.disposition
                    .as_ref()
                    .map(|path| path.join(" › "))
                    .as_deref(),
            );
            text(Some(&self.agents(told)));
            let notes = told.notes.iter().flatten();
            let notes = notes.map(|note| {
                format!(
                    "{} {}: {}",
                    self.time(note.at),
                    note.name.as_deref().unwrap_or("?"),
                    note.text
                )
            });
            text(Some(&notes.collect::<Vec<_>>().join("\n")));
            let judged = told.evaluations.iter().flatten().map(|judged| {
                let by = judged.evaluator_name.as_deref().unwrap_or("?");
                let score = judged.score.map_or_else(
                    || "-".into(),
                    |score| format!("{}/{}", score.points, score.most),
                );
                format!("{by}: {score}")
            });
            text(Some(&judged.collect::<Vec<_>>().join("; ")));
        }
        csv.end_line();
        csv.take()
    }

    fn agents(&self, told: &Told) -> String {
        let mut names: Vec<&str> = told
            .agents
            .iter()
            .flatten()
            .filter_map(|stay| stay.name.as_deref())
            .collect();
        names.dedup();
        names.join(", ")
    }

    fn speaker<'a>(&self, said: &'a Said) -> &'a str {
        let words = self.tongue.words();
        match said.from {
            Speaker::Visitor => words.visitor,
            Speaker::System => words.system,
            Speaker::Agent | Speaker::Bot => said.name.as_deref().unwrap_or("?"),
        }
    }

    fn article(&self, told: &Told) -> String {
        let w = self.tongue.words();
        let mut page = String::new();
        let name = told.visitor.name.as_deref().unwrap_or(w.visitor);
        let _ = write!(page, "<article><h2>{}</h2><dl>", safe(name));
        let mut row = |label: &str, value: Option<&str>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                let _ = write!(page, "<div><dt>{label}</dt><dd>{}</dd></div>", safe(value));
            }
        };
        row(w.chat, Some(&told.chat.to_string()));
        row(w.campaign, told.campaign_name.as_deref());
        row(w.requested, Some(&self.time(told.requested_at)));
        row(
            w.ended,
            Some(&format!(
                "{}, {}",
                self.time(told.ended_at),
                self.tongue.reason(told.reason)
            )),
        );
        row(w.email, told.visitor.email.as_deref());
        row(w.extra, told.visitor.extra.as_deref());
        row(
            w.disposition,
            told.disposition
                .as_ref()
                .map(|path| path.join(" › "))
                .as_deref(),
        );
        row(w.agents, Some(&self.agents(told)));
        let feedback = told.feedback.as_ref().map(|given| {
            let note = given.note.as_deref().unwrap_or_default();
            format!("{}/5 {note}", given.score)
        });
        row(w.feedback, feedback.as_deref());
        for judged in told.evaluations.iter().flatten() {
            let by = judged.evaluator_name.as_deref().unwrap_or("?");
            let score = judged.score.map_or_else(
                || w.no_score.into(),
                |score| format!("{} / {}", score.points, score.most),
            );
            let mut text = format!(
                "{} · {by} · {score}",
                judged.model.as_deref().unwrap_or_default()
            );
            for answered in &judged.answers {
                let answer = answered.answer.as_deref().unwrap_or("–");
                let _ = write!(text, "\n{}: {answer}", answered.question);
            }
            row(w.quality, Some(&text));
        }
        page += "</dl>";
        if told.erased_at.is_some() {
            let _ = write!(page, "<p>{}</p>", w.erased);
        }
        page += "<ol>";
        let said = told.messages.iter().filter(|said| !said.text.is_empty());
        let said = said.map(|said| {
            let class = json(&said.from);
            (
                said.at,
                class.trim_matches('"').to_owned(),
                self.speaker(said).to_owned(),
                &said.text,
            )
        });
        let noted = told.notes.iter().flatten().map(|note| {
            let name = note.name.as_deref().unwrap_or("?");
            (
                note.at,
                "note".to_owned(),
                format!("{name}, {}", w.note),
                &note.text,
            )
        });
        let mut lines: Vec<_> = said.chain(noted).collect();
        lines.sort_by_key(|(at, ..)| *at);
        for (at, class, who, text) in lines {
            let (at, who, text) = (self.time(at), safe(&who), safe(text));
            let _ = write!(
                page,
                "<li class=\"{class}\"><small>{at} · {who}</small><p>{text}</p></li>"
            );
        }
        page += "</ol></article>\r\n";
        page
    }
}

/// Paper is white, whatever the screen likes.
const STYLE: &str = "body{font:14px/1.45 system-ui,sans-serif;max-width:46em;margin:2em auto;color:#111;background:#fff}\
h2{margin:0 0 .4em}article{border-top:2px solid #111;padding:1em 0;break-inside:auto}dl{margin:0 0 1em}\
dl div{display:grid;grid-template-columns:9em 1fr;gap:1em}dt{color:#555}dd{margin:0;white-space:pre-line}\
ol{list-style:none;padding:0;margin:0}li{break-inside:avoid;border-left:3px solid #bbb;padding-left:.8em;margin:0 0 .6em}\
li.agent{border-color:#2459c4}li.note{border-color:#b88600;background:#fdf6df}li.system{border-color:#ddd;color:#555}\
small{color:#555}p{margin:0;white-space:pre-line;overflow-wrap:anywhere}@media print{body{margin:0;max-width:none}}";

/// Text as HTML shows it, as text.
fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\'' => safe += "&#39;",
            '\r' => {}
            letter => safe.push(letter),
        }
    }
    safe
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("an export holds nothing that JSON cannot say")
}
