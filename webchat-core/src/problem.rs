//! What is wrong with a form: every problem at once, each with its field, its value and what is allowed.

use std::fmt;

use crate::private::discreet;
use serde::Serialize;

discreet!(Problem);

/// One setting that can't be accepted.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// Path of the field in the submitted document, for example `schedule.ranges[2].end`.
    pub field: String,
    /// The value found there, on one line, cut to [`Problem::MAX_VALUE`] characters.
    pub value: String,
    /// What is allowed instead, in words that complete "expected …".
    pub expected: String,
}

impl Problem {
    /// The number of characters of a refused value that are repeated back.
    pub const MAX_VALUE: usize = 80;

    /// `field` holds `value` where `expected` is allowed.
    pub fn new(
        field: impl Into<String>,
        value: impl fmt::Display,
        expected: impl Into<String>,
    ) -> Self {
        let visible = |character: char| match character.is_control() {
            true => char::REPLACEMENT_CHARACTER,
            false => character,
        };
        let value = value.to_string();
        Self {
            field: field.into(),
            value: value
                .chars()
                .take(Problem::MAX_VALUE)
                .map(visible)
                .collect(),
            expected: expected.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match self.value.as_str() {
            "" => "empty",
            value => value,
        };
        write!(f, "{} is {value}, expected {}", self.field, self.expected)
    }
}

/// All problems found in one form, in the order of its fields.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Nothing wrong so far.
    pub fn none() -> Self {
        Self::default()
    }

    /// Records that `field` holds `value` where `expected` is allowed.
    pub fn add(
        &mut self,
        field: impl Into<String>,
        value: impl fmt::Display,
        expected: impl Into<String>,
    ) {
        self.0.push(Problem::new(field, value, expected));
    }

    /// Takes over the problems of the part of the form that stands under `field`.
    pub fn nest(&mut self, field: &str, part: Problems) {
        self.0.extend(part.0.into_iter().map(|problem| Problem {
            field: if problem.field.is_empty() || problem.field.starts_with('[') {
                format!("{field}{}", problem.field)
            } else {
                format!("{field}.{}", problem.field)
            },
            ..problem
        }));
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `value` if nothing is wrong.
    ///
    /// # Errors
    /// The problems, when there is at least one.
    pub fn or<T>(self, value: T) -> Result<T, Problems> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }

    /// Stable code of this error for clients: `invalid_fields`.
    pub fn code(&self) -> &'static str {
        "invalid_fields"
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_read_as_sentences_with_the_whole_path() {
        let mut part = Problems::none();
        part.add("[2].end", "25:00", "a time from 00:01 to 24:00");
        part.add("zone", "", "an IANA time zone name");
        let mut form = Problems::none();
        form.add("name", "x".repeat(500), "1 to 80 characters");
        form.nest("schedule", part);
        assert_eq!(form.0[0].value.len(), Problem::MAX_VALUE);
        form.0.remove(0);
        assert_eq!(
            form.to_string(),
            "schedule[2].end is 25:00, expected a time from 00:01 to 24:00; \
             schedule.zone is empty, expected an IANA time zone name"
        );
        assert_eq!(form.clone().or(()), Err(form));
        assert_eq!(Problems::none().or(7), Ok(7));
    }
}
