//! Tables as spreadsheet programs read them: RFC 4180 with a mark of UTF-8, and no cell that such a program would run.

/// A table being written, line by line.
#[derive(Debug, Default)]
pub(crate) struct Csv {
    text: String,
    begun: bool,
}

impl Csv {
    /// A table with these columns.
    pub(crate) fn with_columns<'a>(columns: impl IntoIterator<Item = &'a str>) -> Self {
        // Without the mark Excel takes the text for the machine's old code page.
        let mut csv = Self {
            text: '\u{feff}'.into(),
            begun: false,
        };
        columns.into_iter().for_each(|column| csv.text(column));
        csv.end_line();
        csv
    }

    /// A cell of text somebody wrote. What a spreadsheet would take for a formula gets a `'` in front.
    pub(crate) fn text(&mut self, text: &str) {
        let risky = |first: char| {
            matches!(
                first,
                '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
            )
        };
        let guard = text.trim_start_matches(' ').starts_with(risky);
        self.separate();
        self.text.push('"');
        if guard {
            self.text.push('\'');
        }
        self.text.push_str(&text.replace('"', "\"\""));
        self.text.push('"');
    }

    /// A cell with a number or another word of our own; `None` leaves it empty.
    pub(crate) fn word(&mut self, word: Option<impl std::fmt::Display>) {
        self.separate();
        if let Some(word) = word {
            self.text.push_str(&word.to_string());
        }
    }

    /// The line is full.
    pub(crate) fn end_line(&mut self) {
        self.text.push_str("\r\n");
        self.begun = false;
    }

    /// What was written since this was last asked.
    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    fn separate(&mut self) {
        if std::mem::replace(&mut self.begun, true) {
            self.text.push(',');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_quoted_texts_plain_numbers_and_empty_cells() {
        let mut csv = Csv::with_columns(["name", "count", "share"]);
        csv.text("Ana \"la jefa\", Ventas");
        csv.word(Some(7));
        csv.word(None::<u8>);
        csv.end_line();
        assert_eq!(
            csv.take(),
            "\u{feff}\"name\",\"count\",\"share\"\r\n\"Ana \"\"la jefa\"\", Ventas\",7,\r\n"
        );
        assert_eq!(csv.take(), "");
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for formula in [
            "=1+1", "+1", "-1", "@sum(a1)", "\tx", "\r=x", "\n=x", " =x", "＝x",
        ] {
            let mut csv = Csv::default();
            csv.text(formula);
            assert_eq!(csv.take(), format!("\"'{formula}\""));
        }
        let mut csv = Csv::default();
        csv.text("a=b");
        assert_eq!(csv.take(), "\"a=b\"");
    }
}
