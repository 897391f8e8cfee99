//! Who people are and what they say is shown by no debug print of a command, an event or an effect.

#![allow(clippy::unwrap_used)] // a test may fail

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use webchat_core::command::{AgentCommand, HostCommand, SupervisorCommand, VisitorAsk};
use webchat_core::{command::Command, event::Event, private, wire};

/// Texts of events that may be shown: numbers, codes, and what the centre itself decided.
const OPEN: [&str; 24] = [
    "alarm",
    "author",
    "by",
    "chat",
    "chats",
    "closing",
    "code",
    "digest",
    "disposition",
    "event",
    "feedback",
    "from",
    "how",
    "id",
    "key",
    "kind",
    "language",
    "mime",
    "reason",
    "shortcut",
    "skills",
    "time_chat",
    "visitor",
    "why",
];
/// What administrators wrote for all to see.
const SETTINGS: [&str; 3] = ["settings", "questions", "responses"];

fn goldens() -> Vec<Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1");
    let files = std::fs::read_dir(folder).unwrap();
    let read = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
    read.flat_map(|bytes| serde_json::from_slice::<Vec<Value>>(&bytes).unwrap())
        .collect()
}

/// The names of the fields in which a text stands.
fn texts(value: &Value, field: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::String(_) => {
            found.insert(field.to_owned());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, field, found)),
        Value::Object(fields) => fields
            .iter()
            .filter(|(field, _)| !SETTINGS.contains(&field.as_str()))
            .for_each(|(field, value)| texts(value, field, found)),
        _ => {}
    }
}

/// Every text that stands under a personal field, made recognisable.
fn plant(value: &mut Value, personal: bool) {
    match value {
        Value::String(text) if personal => *text = format!("planted{}", text.len()),
        Value::Array(items) => items.iter_mut().for_each(|item| plant(item, personal)),
        Value::Object(fields) => {
            for (field, value) in fields {
                let personal = personal || private::FIELDS.contains(&field.as_str());
                if !SETTINGS.contains(&field.as_str()) {
                    plant(value, personal);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn of_every_text_in_an_event_it_is_decided_whether_it_is_personal() {
    let mut found = BTreeSet::new();
    for event in goldens() {
        texts(&event, "", &mut found);
    }
    let known: BTreeSet<String> = [&private::FIELDS[..], &OPEN]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let unknown: Vec<_> = found.difference(&known).collect();
    assert!(
        unknown.is_empty(),
        "list each in `private::FIELDS` or here: {unknown:?}"
    );
}

#[test]
fn a_debug_print_of_an_event_shows_nothing_personal() {
    let mut planted = 0;
    for mut event in goldens() {
        plant(&mut event, false);
        planted += usize::from(event.to_string().contains("planted"));
        let bytes = serde_json::to_vec(&[event]).unwrap();
        let events = wire::decode(&bytes).unwrap();
        let shown = format!("{events:?} {events:#?}");
        assert!(!shown.contains("planted"), "{shown}");
        let again: Vec<Event> = events.into_iter().map(|recorded| recorded.event).collect();
        assert!(!format!("{again:?}").contains("planted"));
    }
    assert!(planted > 10, "{planted}");
}

#[test]
fn a_debug_print_of_a_command_shows_nothing_personal() {
    let chat = "1-1".parse().unwrap();
    let say = || "planted".into();
    let email = Some("planted@shop.example".to_owned());
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        VisitorAsk::Transcript { email },
        VisitorAsk::Feedback {
            score: 5,
            note: Some(say())
        },
        AgentCommand::Write {
            chat,
            key: "k".into(),
            text: say()
        },
        SupervisorCommand::Whisper {
            chat,
            key: None,
            text: say()
        },
        Command::Host(HostCommand::Say {
            chat,
            name: say(),
            key: "k".into(),
            text: say()
        }),
        webchat_core::field::email(Some("planted"), webchat_core::campaign::EmailRule::Optional),
    );
    assert!(!shown.contains("planted"), "{shown}");
    assert!(
        shown
            .contains(r#"AgentCommand {"write":{"chat":"1-1","key":"k","text":"(7 characters)"}}"#),
        "{shown}"
    );
}
