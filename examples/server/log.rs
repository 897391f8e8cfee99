//! The log: one line for each event, whatever outsiders put into what is logged.

use std::fmt::Write as _;

use clap::ValueEnum;
use serde::Deserialize;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::format::{Json, JsonFields, debug_fn};
use tracing_subscriber::fmt::{FormatFields, Layer};
use tracing_subscriber::prelude::*;
use tracing_subscriber::{EnvFilter, Registry};

/// How an event is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// For people.
    Text,
    /// An object for each event, for programs.
    Json,
}

/// Whoever else is told what happens.
pub(crate) type More = Box<dyn tracing_subscriber::Layer<Registry> + Send + Sync>;

/// Logs to standard error what `filter` lets through, from here on; `more` is told whatever it wants.
pub(crate) fn start(filter: EnvFilter, format: Format, more: Option<More>) {
    // Failures to write are not told to standard error too: they would end whoever logged in a panic once nobody reads
    // there.
    let shown = match format {
        Format::Text => text()
            .with_writer(std::io::stderr)
            .log_internal_errors(false)
            .boxed(),
        Format::Json => json()
            .with_writer(std::io::stderr)
            .log_internal_errors(false)
            .boxed(),
    };
    tracing_subscriber::registry()
        .with(more)
        .with(shown.with_filter(filter))
        .init();
}

fn text<S>() -> Layer<S, impl for<'writer> FormatFields<'writer> + 'static> {
    tracing_subscriber::fmt::layer().fmt_fields(fields())
}

fn json<S>() -> Layer<S, JsonFields, tracing_subscriber::fmt::format::Format<Json>> {
    // The spans tell which request and chat an event belongs to, the outermost first.
    tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
}

/// Fields as text in which a control character is written as its escape: a line break begins no line that looks like
/// an event of its own, and nothing reaches the terminal as an order.
fn fields() -> impl for<'writer> FormatFields<'writer> + 'static {
    debug_fn(|writer, field, value| {
        let shown = inert(&format!("{value:?}"));
        match field.name() {
            "message" => write!(writer, "{shown}"),
            name => write!(writer, "{name}={shown}"),
        }
    })
    .delimited(" ")
}

fn inert(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        // Beside control characters, those that end a line or turn its direction round.
        let odd = matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
        match letter.is_control() || odd {
            true => {
                // Writing to a string cannot fail.
                let _ = write!(shown, "{}", letter.escape_default());
            }
            false => shown.push(letter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_one_line_and_gives_the_terminal_no_orders() {
        let paper = Paper::default();
        let writer = paper.clone();
        let subscriber = tracing_subscriber::fmt()
            .fmt_fields(fields())
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let hostile = "x\r\n2026-01-01T00:00:00Z  INFO server: all is well\u{1b}[2J\u{7}\u{9b}1m\u{202e}\u{2028}";
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(name = hostile, shown = %hostile, told = ?hostile, "heard {hostile}");
        });
        let written = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        let line = written.strip_suffix('\n').unwrap();
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(!line.contains(['\u{202e}', '\u{2028}']), "{line:?}");
        assert_eq!(line.matches(r"\u{1b}[2J").count(), 4, "{line}");
        assert!(
            line.contains("heard x") && line.contains("shown=x"),
            "{line}"
        );
    }
}
