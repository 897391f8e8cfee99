//! Canned responses: texts a supervisor wrote so that agents have them at hand.
//!
//! Source: seed, "Canned Responses"; domain.md §6.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::field;
use crate::limits;
use crate::problem::Problems;
use crate::wording::Texts;

/// Canned responses of one campaign, and of those shared by all.
pub const RESPONSES: usize = 1_000;
/// Characters of a shortcut.
pub const SHORTCUT_CHARS: usize = 32;

/// A text under a shortcut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CannedResponse {
    /// What the agent types after `/`: 1–32 letters, digits, `-` and `_`, unique ignoring case.
    pub shortcut: Arc<str>,
    /// The text per language; it may hold the variables of [`Variables`], such as `{visitor}`.
    pub texts: Texts,
}

/// What the variables of a canned response stand for in one chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variables<'v> {
    /// `{visitor}`: the visitor's name.
    pub visitor: Option<&'v str>,
    /// `{email}`: the visitor's address.
    pub email: Option<&'v str>,
    /// `{extra}`: the extra field.
    pub extra: Option<&'v str>,
    /// `{agent}`: the agent's name, or the alias the visitor sees instead.
    pub agent: Option<&'v str>,
    /// `{campaign}`: the campaign's name.
    pub campaign: Option<&'v str>,
}

impl<'v> Variables<'v> {
    /// The value of a variable; `None` when it is not known or has none here.
    pub fn value(&self, name: &str) -> Option<&'v str> {
        match name {
            "visitor" => self.visitor,
            "email" => self.email,
            "extra" => self.extra,
            "agent" => self.agent,
            "campaign" => self.campaign,
            _ => None,
        }
    }
}

/// Checks a list as a whole; `taken` are the shortcuts of the list it is used beside.
///
/// # Errors
/// All problems at once: shortcuts that are no such or not unique, texts that are missing or too long.
pub fn check(responses: &[CannedResponse], taken: &[CannedResponse]) -> Result<(), Problems> {
    let mut problems = Problems::none();
    if responses.len() > RESPONSES {
        problems.add("responses", responses.len(), format!("at most {RESPONSES}"));
    }
    let mut seen: BTreeSet<String> = taken
        .iter()
        .map(|other| other.shortcut.to_lowercase())
        .collect();
    for (at, response) in responses.iter().take(RESPONSES).enumerate() {
        let shortcut = &response.shortcut;
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let length = shortcut.chars().count();
        if !(1..=SHORTCUT_CHARS).contains(&length) || !shortcut.chars().all(plain) {
            let expected = format!("1 to {SHORTCUT_CHARS} letters, digits, - and _");
            problems.add(format!("responses[{at}].shortcut"), shortcut, expected);
        } else if !seen.insert(shortcut.to_lowercase()) {
            problems.add(
                format!("responses[{at}].shortcut"),
                shortcut,
                "a shortcut not used before",
            );
        }
        if response.texts.0.is_empty() || response.texts.0.len() > limits::LANGUAGES {
            let expected = format!("texts in 1 to {} languages", limits::LANGUAGES);
            problems.add(
                format!("responses[{at}].texts"),
                response.texts.0.len(),
                expected,
            );
        }
        for (language, text) in &response.texts.0 {
            if let Err(problem) = field::text(text, limits::TEXT_CHARS) {
                problems.add(
                    format!("responses[{at}].texts.{language}"),
                    problem.value,
                    problem.expected,
                );
            }
        }
    }
    problems.or(())
}

/// A text with its variables filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Expanded {
    /// Variables without a value stand in it as they were written.
    pub text: String,
    /// Those variables; while there are any the agent should not send the text as it is.
    pub unknown: Vec<String>,
}

/// Fills `{name}` variables in; `value` knows those of the chat. A variable that is not known, or known
/// but empty, stays visible. Braces around anything but letters and `_` are plain text.
pub fn expand<'v>(text: &str, value: impl Fn(&str) -> Option<&'v str>) -> Expanded {
    let mut expanded = Expanded {
        text: String::with_capacity(text.len()),
        unknown: Vec::new(),
    };
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        expanded.text.push_str(&rest[..open]);
        rest = &rest[open..];
        let name_end = rest[1..]
            .find(|c: char| !c.is_ascii_alphabetic() && c != '_')
            .map(|end| end + 1);
        let name = match name_end {
            Some(end) if end > 1 && rest[end..].starts_with('}') => &rest[1..end],
            _ => {
                expanded.text.push('{');
                rest = &rest[1..];
                continue;
            }
        };
        match value(name).filter(|value| !value.trim().is_empty()) {
            Some(value) => expanded.text.push_str(value),
            None => {
                expanded.text.push_str(&rest[..name.len() + 2]);
                if !expanded.unknown.iter().any(|unknown| unknown == name) {
                    expanded.unknown.push(name.to_owned());
                }
            }
        }
        rest = &rest[name.len() + 2..];
    }
    expanded.text.push_str(rest);
    expanded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wording::Language;

    fn response(shortcut: &str, text: &str) -> CannedResponse {
        CannedResponse {
            shortcut: shortcut.into(),
            texts: Texts::from([(Language::EN, text)]),
        }
    }

    #[test]
    fn variables_are_filled_in_and_unknown_or_empty_ones_stay_visible() {
        let variables = Variables {
            visitor: Some("Ana {agent}"),
            email: Some("  "),
            ..Variables::default()
        };
        let expanded = expand(
            "Hi {visitor}, {email} {x} {x} {not a name} {} {visitor",
            |name| variables.value(name),
        );
        assert_eq!(
            expanded.text,
            "Hi Ana {agent}, {email} {x} {x} {not a name} {} {visitor"
        );
        assert_eq!(expanded.unknown, ["email", "x"]);
    }

    #[test]
    fn shortcuts_are_unique_beside_the_shared_ones() {
        let shared = [response("hello", "Hello")];
        let own = [
            response("HELLO", "Hi"),
            response("a b", "x"),
            response("ok", ""),
            response("fine", "x"),
        ];
        let Err(problems) = check(&own, &shared) else {
            panic!("expected problems")
        };
        let fields: Vec<&str> = problems
            .0
            .iter()
            .map(|problem| problem.field.as_str())
            .collect();
        assert_eq!(
            fields,
            [
                "responses[0].shortcut",
                "responses[1].shortcut",
                "responses[2].texts.en"
            ]
        );
        assert_eq!(check(&own[3..], &shared), Ok(()));
    }
}
