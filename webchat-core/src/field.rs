//! What a visitor types, checked before anything happens: each function takes a raw value and
//! returns what is kept, or the problem that says field, value and expectation.

use std::sync::Arc;

use regex_lite::{Regex, RegexBuilder};
use url::Url;

use crate::campaign::{EmailRule, ExtraField, names_a_host};
use crate::limits;
use crate::problem::Problem;

/// The visitor's name, trimmed: at most [`limits::NAME_CHARS`] characters on one line. Blank is `None`.
///
/// # Errors
/// `name` is longer or holds a control character.
pub fn name(value: Option<&str>) -> Result<Option<Arc<str>>, Problem> {
    let Some(value) = filled(value) else {
        return Ok(None);
    };
    if !is_line(value, limits::NAME_CHARS) {
        return Err(Problem::new("name", value, one_line(limits::NAME_CHARS)));
    }
    Ok(Some(value.into()))
}

/// The visitor's e-mail address, trimmed: at most [`limits::EMAIL_CHARS`] characters. Blank is `None`
/// where the rule leaves it optional. Source: seed, "Enable Email"; domain.md §7.
///
/// # Errors
/// `email` is required and blank, or is not an address.
pub fn email(value: Option<&str>, rule: EmailRule) -> Result<Option<Arc<str>>, Problem> {
    let required = rule == EmailRule::Required;
    match filled(value) {
        Some(value) if is_email(value) => Ok(Some(value.into())),
        None if !required => Ok(None),
        other => Err(Problem::new("email", other.unwrap_or_default(), AN_EMAIL)),
    }
}

/// The value of the extra field, trimmed: at most [`limits::EXTRA_CHARS`] characters on one line.
///
/// `field` is `None` when the campaign shows no such field; a value sent all the same, by a page
/// loaded before the setting changed, is passed over. `pattern` comes from [`ExtraField::matcher`].
/// Source: seed, "Telephone Field Webchat"; domain.md §7.
///
/// # Errors
/// `extra` is required and blank, too long, holds a control character, or the pattern does not match all of it.
pub fn extra(
    value: Option<&str>,
    field: Option<&ExtraField>,
    pattern: Option<&Pattern>,
) -> Result<Option<Arc<str>>, Problem> {
    let Some(field) = field else { return Ok(None) };
    match filled(value) {
        Some(value) if !is_line(value, limits::EXTRA_CHARS) => {
            Err(Problem::new("extra", value, one_line(limits::EXTRA_CHARS)))
        }
        Some(value) if pattern.is_some_and(|pattern| !pattern.matches(value)) => {
            let shape = field.pattern.as_deref().unwrap_or_default();
            Err(Problem::new(
                "extra",
                value,
                format!("a value of the form {shape}"),
            ))
        }
        Some(value) => Ok(Some(value.into())),
        None if field.required => Err(Problem::new("extra", "", one_line(limits::EXTRA_CHARS))),
        None => Ok(None),
    }
}

/// A message's text, kept as it is: 1 to `max_chars` characters, not blank, no control characters
/// other than newline and tab. The usual maximum is [`limits::TEXT_CHARS`]. Source: domain.md §6.
///
/// # Errors
/// `text` breaks one of these rules.
pub fn text(value: &str, max_chars: usize) -> Result<Arc<str>, Problem> {
    check_text(value, max_chars)?;
    Ok(value.into())
}

/// The same for a text that need not be kept anew.
pub(crate) fn check_text(value: &str, max_chars: usize) -> Result<(), Problem> {
    check_written("text", value, max_chars)
}

/// An internal note or the note of a feedback, kept as it is: at most [`limits::NOTE_CHARS`] characters,
/// no control characters other than newline and tab. Blank is `None`.
///
/// # Errors
/// `note` breaks one of these rules.
pub fn note(value: Option<&str>) -> Result<Option<Arc<str>>, Problem> {
    match value {
        Some(value) if filled(Some(value)).is_some() => {
            check_written("note", value, limits::NOTE_CHARS)?;
            Ok(Some(value.into()))
        }
        _ => Ok(None),
    }
}

/// Who the visitor is to the site that signed it: at most [`limits::EXTRA_CHARS`] characters on one line.
///
/// # Errors
/// `id` is empty, too long or holds a control character.
pub fn identity(value: &str) -> Result<(), Problem> {
    line("id", value, limits::EXTRA_CHARS)
}

/// A client's own id of a message or a request: 1 to [`limits::KEY_CHARS`] characters, no blanks or
/// control characters.
///
/// # Errors
/// `key` breaks one of these rules.
pub fn key(value: &str) -> Result<Arc<str>, Problem> {
    check_key(value)?;
    Ok(value.into())
}

/// The same for a key that need not be kept anew.
pub(crate) fn check_key(value: &str) -> Result<(), Problem> {
    let plain =
        value.len() <= limits::KEY_CHARS && value.bytes().all(|byte| byte.is_ascii_graphic());
    let fits = || is_line(value, limits::KEY_CHARS) && !value.contains(char::is_whitespace);
    if value.is_empty() || !(plain || fits()) {
        let expected = format!("1 to {} characters without blanks", limits::KEY_CHARS);
        return Err(Problem::new("key", value, expected));
    }
    Ok(())
}

/// The address of the page a chat was started from, as a settled http or https URL without user
/// name and fragment.
///
/// Nobody is turned away for the page they are on: what is no such URL is `None`, and one longer than
/// [`limits::PAGE_CHARS`] loses its query, and is `None` if that does not help.
pub fn page(value: Option<&str>) -> Option<Arc<str>> {
    // Percent-encoding grows a character to at most twelve bytes; beyond that nothing fits any more.
    let value = filled(value).filter(|value| value.len() <= 64 * 1024)?;
    let mut url = Url::parse(value).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    url.set_fragment(None);
    url.set_username("")
        .and_then(|()| url.set_password(None))
        .ok()?;
    if url.as_str().len() > limits::PAGE_CHARS {
        url.set_query(None);
    }
    (url.as_str().len() <= limits::PAGE_CHARS).then(|| url.as_str().into())
}

/// A compiled pattern of the extra field. It must match a value from its first to its last character.
///
/// ```
/// use webchat_core::field::Pattern;
///
/// let telephone = Pattern::compile(r"\+?[0-9 ]{6,15}")?;
/// assert!(telephone.matches("+598 2900 1234"));
/// assert!(!telephone.matches("call +598 2900 1234 please"));
/// # Ok::<(), webchat_core::field::BadPattern>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

/// Why a text cannot be used as a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadPattern(String);

impl Pattern {
    /// Compiles a regular expression of at most [`limits::PATTERN_CHARS`] characters, without
    /// look-around and back-references, so that matching takes time in proportion to the value.
    ///
    /// # Errors
    /// The text is no regular expression, too long, or too large when its repetitions are written out.
    pub fn compile(pattern: &str) -> Result<Self, BadPattern> {
        if !is_line(pattern, limits::PATTERN_CHARS) {
            return Err(BadPattern("too long or not on one line".to_owned()));
        }
        // Alone first: `a)|(b` would become valid by the brackets put around it.
        build(pattern)?;
        build(&format!(r"\A(?:{pattern})\z")).map(Self)
    }

    /// Whether the pattern matches all of `value`.
    pub fn matches(&self, value: &str) -> bool {
        self.0.is_match(value)
    }
}

impl ExtraField {
    /// The compiled pattern; `None` when any value will do. Compile once per setting, not per visitor.
    pub fn matcher(&self) -> Option<Pattern> {
        // A pattern that an older version accepted and this one cannot read must not shut visitors out.
        Pattern::compile(self.pattern.as_deref()?).ok()
    }
}

fn build(pattern: &str) -> Result<Regex, BadPattern> {
    RegexBuilder::new(pattern)
        .size_limit(limits::PATTERN_BYTES)
        .build()
        .map_err(|error| BadPattern(error.to_string()))
}

fn check_written(field: &'static str, value: &str, max_chars: usize) -> Result<(), Problem> {
    if value.trim().is_empty() || !is_text(value, max_chars) {
        let expected = format!(
            "1 to {max_chars} characters, no control characters other than newline and tab"
        );
        return Err(Problem::new(field, value, expected));
    }
    Ok(())
}

/// What an e-mail field expects, for every message about one.
pub(crate) const AN_EMAIL: &str = "an e-mail address such as ana@shop.example";

/// A plain address: no display name, no address literal, a domain with a dot.
pub(crate) fn is_email(value: &str) -> bool {
    let options = email_address::Options::default()
        .without_display_text()
        .without_domain_literal()
        .with_required_tld();
    let domain = value.rsplit_once('@').map_or("", |(_, domain)| domain);
    // The e-mail grammar alone lets `shop.example/x` and `127.0.0.1` pass as domains.
    is_line(value, limits::EMAIL_CHARS)
        && email_address::EmailAddress::parse_with_options(value, options).is_ok()
        && names_a_host(domain)
}

/// At most `max_chars` characters, none of them a control character.
pub(crate) fn is_line(value: &str, max_chars: usize) -> bool {
    value.chars().take(max_chars + 1).count() <= max_chars && !value.contains(char::is_control)
}

/// At most `max_chars` characters, no control characters other than newline and tab.
pub(crate) fn is_text(value: &str, max_chars: usize) -> bool {
    let foreign = |c: char| c.is_control() && c != '\n' && c != '\t';
    // No text has more characters than bytes, and most are plain: one look at all bytes at once settles those.
    let not_plain = |byte: u8| !matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    let plain = !value.bytes().fold(false, |any, byte| any | not_plain(byte));
    let short = value.len() <= max_chars || value.chars().take(max_chars + 1).count() <= max_chars;
    short && (plain || !value.contains(foreign))
}

pub(crate) fn one_line(max_chars: usize) -> String {
    format!("1 to {max_chars} characters on one line")
}

/// One line of 1 to `max_chars` characters, found wrong under the name `field`.
pub(crate) fn line(field: &str, value: &str, max_chars: usize) -> Result<(), Problem> {
    match !value.is_empty() && is_line(value, max_chars) {
        true => Ok(()),
        false => Err(Problem::new(field, value, one_line(max_chars))),
    }
}

fn filled(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(required: bool, pattern: Option<&str>) -> ExtraField {
        ExtraField {
            label: Default::default(),
            required,
            pattern: pattern.map(Into::into),
        }
    }

    #[test]
    fn a_name_is_trimmed_and_stays_on_one_line() {
        assert_eq!(name(None), Ok(None));
        assert_eq!(name(Some(" \t ")), Ok(None));
        assert_eq!(name(Some("  Ana María ")), Ok(Some("Ana María".into())));
        assert_eq!(
            name(Some(&"ñ".repeat(80)))
                .unwrap()
                .unwrap()
                .chars()
                .count(),
            80
        );
        for bad in [
            "ñ".repeat(81),
            "a\nb".into(),
            "a\tb".into(),
            "a\u{0}b".into(),
            "a\u{9b}b".into(),
        ] {
            let problem = name(Some(&bad)).unwrap_err();
            assert_eq!(problem.field, "name");
            assert_eq!(problem.expected, "1 to 80 characters on one line");
        }
    }

    #[test]
    fn an_address_is_needed_only_when_required_but_valid_when_given() {
        use EmailRule::{Optional, Required};
        assert_eq!(email(None, Optional), Ok(None));
        assert_eq!(email(Some("  "), Optional), Ok(None));
        assert_eq!(email(None, Required).unwrap_err().field, "email");
        assert_eq!(email(Some(" "), Required).unwrap_err().value, "");
        let long_but_fine = format!("{}@{}.example", "a".repeat(64), "b".repeat(63));
        for fine in [
            "ana@shop.example",
            " ana@shop.example ",
            "ana+web@mail.shop.example",
            "o'hara@shop.example",
            "\"ana maria\"@shop.example",
            "aña@bücher.example",
            &long_but_fine,
        ] {
            let kept = email(Some(fine), Required);
            assert_eq!(kept, Ok(Some(fine.trim().into())), "{fine}");
        }
        for bad in [
            "ana",
            "ana@",
            "@shop.example",
            "ana@shop",
            "ana@@shop.example",
            "ana shop@shop.example",
            "ana@shop..example",
            "ana@-shop.example",
            ".ana@shop.example",
            "ana.@shop.example",
            "ana@shop.example.",
            "Ana <ana@shop.example>",
            "ana@[127.0.0.1]",
            "ana@127.0.0.1",
            "ana@shop.example/x",
            "ana@shop.example, bob@shop.example",
            "ana@shop.example\r\nBcc: bob@shop.example",
            "\"ana\r\n\"@shop.example",
            "ana@shop.example\u{0}",
            &format!("{}@shop.example", "a".repeat(65)),
            &format!("a@{}example", "b.".repeat(130)),
        ] {
            assert_eq!(
                email(Some(bad), Optional).unwrap_err().field,
                "email",
                "{bad}"
            );
        }
    }

    #[test]
    fn the_extra_field_follows_its_rule() {
        let hidden = extra(Some("anything\n"), None, None);
        assert_eq!(hidden, Ok(None));

        let optional = field(false, None);
        assert_eq!(extra(None, Some(&optional), None), Ok(None));
        assert_eq!(
            extra(Some(" 099 "), Some(&optional), None),
            Ok(Some("099".into()))
        );
        assert!(extra(Some(&"9".repeat(256)), Some(&optional), None).is_ok());
        assert!(extra(Some(&"9".repeat(257)), Some(&optional), None).is_err());
        assert!(extra(Some("0\n9"), Some(&optional), None).is_err());

        let required = field(true, Some(r"\d{6,9}|none"));
        let pattern = required.matcher().unwrap();
        let check = |value| extra(value, Some(&required), Some(&pattern));
        assert_eq!(
            check(None).unwrap_err().expected,
            "1 to 256 characters on one line"
        );
        assert_eq!(check(Some("099123456")), Ok(Some("099123456".into())));
        assert_eq!(check(Some("none")), Ok(Some("none".into())));
        for bad in ["12345", "1234567890", "x099123456", "099123456x", "nonex"] {
            let problem = check(Some(bad)).unwrap_err();
            assert_eq!(
                problem.to_string(),
                format!(r"extra is {bad}, expected a value of the form \d{{6,9}}|none")
            );
        }
    }

    #[test]
    fn a_pattern_is_compiled_within_bounds_and_matches_whole_values() {
        for bad in [
            "(",
            "a)|(?:b",
            "[z-a]",
            "(?=a)",
            r"(a)\1",
            "(?x)a # comment",
            "a\nb",
            "(((((a{99}){99}){99}){99}){99})",
            &"a".repeat(257),
        ] {
            assert!(Pattern::compile(bad).is_err(), "{bad}");
        }
        let lines = Pattern::compile("(?m)^a$").unwrap();
        assert!(lines.matches("a") && !lines.matches("a\nb"));
        let either = Pattern::compile("a|bb").unwrap();
        assert!(either.matches("bb") && !either.matches("ab") && !either.matches("bbb"));
        let address = Pattern::compile("[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,180}").unwrap();
        assert!(address.matches("ana@shop.example"));
        assert!(field(false, None).matcher().is_none());
    }

    #[test]
    fn a_text_is_kept_as_it_is_or_refused() {
        let odd = "  <b>hola</b>\n\t¿qué tal? \u{202e}👩‍💻 ";
        assert_eq!(text(odd, 4_000).as_deref(), Ok(odd));
        assert!(text(&"é".repeat(4_000), 4_000).is_ok());
        for bad in [
            "",
            " \n\t ",
            "a\rb",
            "a\u{1b}[31m",
            "a\u{7f}",
            "a\u{85}",
            &"é".repeat(4_001),
        ] {
            let problem = text(bad, 4_000).unwrap_err();
            assert_eq!(problem.field, "text");
            assert!(
                problem.expected.starts_with("1 to 4000 characters"),
                "{problem}"
            );
            assert!(problem.value.chars().count() <= Problem::MAX_VALUE);
        }
    }

    #[test]
    fn a_note_may_be_left_out() {
        assert_eq!(note(None), Ok(None));
        assert_eq!(note(Some(" \n ")), Ok(None));
        assert_eq!(note(Some(" good\n")), Ok(Some(" good\n".into())));
        assert!(note(Some(&"x".repeat(2_000))).is_ok());
        assert_eq!(note(Some(&"x".repeat(2_001))).unwrap_err().field, "note");
        assert_eq!(note(Some("a\u{0}")).unwrap_err().field, "note");
    }

    #[test]
    fn a_key_has_1_to_64_characters_without_blanks() {
        let uuid = "0d9c7f4e-5a43-4a3c-9d3c-3d5a4c0f1b77";
        assert_eq!(key(uuid).as_deref(), Ok(uuid));
        assert!(key(&"k".repeat(64)).is_ok());
        for bad in ["", " ", "a b", "a\n", "a\u{0}", &"k".repeat(65)] {
            assert_eq!(key(bad).unwrap_err().field, "key", "{bad:?}");
        }
    }

    #[test]
    fn a_page_is_a_web_address_or_nothing_and_never_a_reason_to_refuse() {
        let kept = |value: &str| page(Some(value)).map(|page| page.to_string());
        let long = format!("https://shop.example/boots?q={}", "x".repeat(2_048));
        for (value, expected) in [
            (
                "https://shop.example/boots?size=38",
                Some("https://shop.example/boots?size=38"),
            ),
            ("HTTPS://Shop.Example", Some("https://shop.example/")),
            (
                "https://ana:secret@shop.example/#token",
                Some("https://shop.example/"),
            ),
            (
                "https://shop.example/a b\u{202e}",
                Some("https://shop.example/a%20b%E2%80%AE"),
            ),
            (&long, Some("https://shop.example/boots")),
            ("javascript:alert(1)", None),
            (" \u{1}javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("file:///home/ana/page.html", None),
            ("/boots", None),
            ("", None),
            (&format!("https://shop.example/{}", "x".repeat(2_048)), None),
        ] {
            assert_eq!(kept(value).as_deref(), expected, "{value}");
        }
        assert_eq!(page(None), None);
    }
}
