//! What is said: each message carries its name and the instant at which it was to be written.

use std::time::Duration;

/// As long as what people write, and more than one sentence.
const CHATTER: &str = "The parcel was to come on Tuesday, and the page says it is at your depot. When will it be here?";

/// What comes after a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another message of the visitor's.
    More,
    /// The visitor ends the chat when this is answered.
    VisitorEnds,
    /// The agent closes the chat with the answer to this.
    AgentCloses,
}

/// A message as its text says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Words {
    /// Names the visitor's message, or the one that is answered: visitor and place.
    pub(crate) name: String,
    /// When it was to be written, from the beginning of the run.
    pub(crate) due: Duration,
    pub(crate) next: Next,
}

impl Words {
    pub(crate) fn text(&self) -> String {
        let Self { name, due, next } = self;
        let next = match next {
            Next::More => "more",
            Next::VisitorEnds => "last",
            Next::AgentCloses => "close",
        };
        format!("{name} {} {next} {CHATTER}", due.as_micros())
    }

    /// `None` for what the run has not written.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        Some(Self {
            name: words.next()?.to_owned(),
            due: Duration::from_micros(words.next()?.parse().ok()?),
            next: match words.next()? {
                "more" => Next::More,
                "last" => Next::VisitorEnds,
                "close" => Next::AgentCloses,
                _ => return None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_out_of_their_text_again_and_nothing_else_does() {
        let words = Words {
            name: "17.3".into(),
            due: Duration::from_micros(1_234_567),
            next: Next::AgentCloses,
        };
        assert_eq!(Words::of(&words.text()), Some(words));
        assert_eq!(Words::of("Hello! How can I help you?"), None);
        assert_eq!(Words::of(""), None);
    }
}
