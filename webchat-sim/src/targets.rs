//! What a fuzzer does with bytes. The targets in `fuzz/` and the tests that replay its corpora call these.

use webchat_core::canned;
use webchat_core::schedule::{Calendar, ScheduleDraft, Zones};
use webchat_core::time::Timestamp;
use webchat_core::wire;
use webchat_core::wording::{Language, Texts};

use crate::generator::Generator;
use crate::run;

/// Steps of one history.
const STEPS: u32 = 2_000;

/// Tries some bytes; panics when a promise is broken.
pub type Target = fn(&[u8]);

/// The targets by name, as they are called in `fuzz/`.
pub const TARGETS: [(&str, Target); 4] = [
    ("commands", commands),
    ("journal", journal),
    ("schedule", schedule),
    ("wording", wording),
];

/// The bytes choose a history; every invariant holds after every step, digests now and then and at the end.
///
/// # Panics
/// When one does not.
pub fn commands(bytes: &[u8]) {
    if let Err(failure) = run::generated(Generator::from_bytes(bytes), STEPS, false) {
        panic!("{}", failure.violation);
    }
}

/// The bytes are a frame of a journal: they are decoded or refused, and what was decoded is written again alike.
///
/// # Panics
/// When writing and reading changes an event.
pub fn journal(bytes: &[u8]) {
    if let Ok(events) = wire::decode(bytes) {
        let again = wire::decode(&wire::encode(&events));
        assert_eq!(again.ok(), Some(events));
    }
}

/// The bytes are a schedule as a form sends it: it is refused, or its answers agree with each other.
///
/// # Panics
/// When opening and the next change contradict each other.
pub fn schedule(bytes: &[u8]) {
    let Ok(draft) = serde_json::from_slice::<ScheduleDraft>(bytes) else {
        return;
    };
    let zones = Zones::bundled();
    let Ok(schedule) = draft.check(&zones) else {
        return;
    };
    let Ok(calendar) = Calendar::compile(&schedule, &zones) else {
        return;
    };
    for seconds in [0, 1_300_000_000, 1_790_000_000, 4_000_000_000] {
        let at = Timestamp::from_seconds(seconds);
        if let Some(change) = calendar.next_change(at) {
            assert!(change.at > at);
            assert_ne!(calendar.is_open(at), change.opens, "{schedule:?}");
            assert_eq!(calendar.is_open(change.at), change.opens, "{schedule:?}");
        }
    }
}

/// The bytes are a language and a text with variables: a known text is found, and nothing of it is lost.
///
/// # Panics
/// When a variable without a value does not stay visible.
pub fn wording(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (tag, text) = text.split_once('\n').unwrap_or(("es", &text));
    if let Ok(language) = tag.parse::<Language>() {
        let texts = Texts::from([(Language::PT, "pt")]);
        assert!(texts.resolve(language, language).is_some());
        assert_eq!(language.as_str().parse(), Ok(language));
    }
    assert_eq!(canned::expand(text, |_| None).text, text);
}
