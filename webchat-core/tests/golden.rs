//! Journals of every released version open for ever: each event, as some version wrote it, is still
//! read, and still says the same. The files under `golden/` are never changed, only added to.

#![allow(clippy::unwrap_used)] // a test may fail

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use webchat_core::event::Event;
use webchat_core::wire;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

/// The names of all events there are, as the decoder lists them when it meets a stranger.
fn names() -> BTreeSet<String> {
    let error = serde_json::from_str::<Event>(r#"{"event":"?"}"#).unwrap_err();
    let error = error.to_string();
    let (_, listed) = error.split_once("expected one of").unwrap();
    let quoted = listed.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// Everything `old` says, `new` says too; `new` may say more.
fn keeps(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => old
            .iter()
            .all(|(field, old)| new.get(field).is_some_and(|new| keeps(old, new))),
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| keeps(old, new))
        }
        _ => old == new,
    }
}

#[test]
fn every_event_has_a_golden_file_and_no_file_is_without_an_event() {
    let names = names();
    assert!(names.len() > 40, "{names:?}");
    let files: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            path.file_stem().unwrap().to_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(names, files);
}

#[test]
fn every_golden_file_is_read_and_written_with_the_same_meaning() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let shown = path.display();
        let bytes = std::fs::read(&path).unwrap();
        let events = wire::decode(&bytes).unwrap_or_else(|error| panic!("{shown}: {error}"));
        let old: Vec<Value> = serde_json::from_slice(&bytes).unwrap();
        let written = wire::encode(&events);
        let new: Vec<Value> = serde_json::from_slice(&written).unwrap();
        assert_eq!(old.len(), new.len(), "{shown}");
        for (old, new) in old.iter().zip(&new) {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert_eq!(old["event"], name, "{shown}");
            assert!(keeps(old, new), "{shown}:\n{old}\nbecame\n{new}");
        }
        assert_eq!(wire::decode(&written).unwrap(), events, "{shown}");
    }
}

#[test]
fn an_event_of_a_newer_version_is_refused_rather_than_skipped() {
    let newer = br#"[{"at":0,"event":"something_new","chat":"1-1"}]"#;
    let error = wire::decode(newer).unwrap_err().to_string();
    assert!(error.contains("something_new"), "{error}");
}
