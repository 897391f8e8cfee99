//! The tables of what was asked for and of threats tell the truth: no sentence is missing, and each named test exists.

#![allow(clippy::unwrap_used)] // a test may fail

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A sentence of the seed document and what the table says of it.
struct Row {
    sentence: String,
    shown_by: String,
}

/// FNV-1a over the letters and digits of the whole seed document, in lower case.
const SEED: u64 = 0x73e9_8806_0afc_b34d;

#[test]
fn no_sentence_of_the_seed_is_missing_or_altered() {
    let (headings_and_sentences, _) = table();
    let letters = headings_and_sentences.to_lowercase();
    let letters = letters.chars().filter(|letter| letter.is_alphanumeric());
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in letters.collect::<String>().bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    assert_eq!(hash, SEED, "the left column is no longer the seed document");
}

#[test]
fn each_test_the_table_names_exists() {
    let known = known_tests();
    let (_, rows) = table();
    for row in rows {
        for name in named(&row.shown_by) {
            let sentence = &row.sentence;
            assert!(known.contains(&name), "no test {name:?} for {sentence:?}");
        }
    }
}

#[test]
fn each_sentence_is_shown_by_a_test_or_told_to_be_owed() {
    let (_, rows) = table();
    assert!(rows.len() > 50);
    for row in rows {
        let owed = row.shown_by.contains("Not yet: ");
        assert!(
            owed || !named(&row.shown_by).is_empty(),
            "{:?} has no test and no `Not yet: `",
            row.sentence
        );
    }
}

#[test]
fn each_threat_has_a_control_and_a_test_that_exists() {
    let known = known_tests();
    let page = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let (_, table) = page
        .split_once("| threat | control | shown by |\n")
        .unwrap();
    let rows = table
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with("| "));
    let mut threats = 0;
    for row in rows.filter(|row| !row.starts_with("| **")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let [threat, control, shown_by] = cells[..] else {
            panic!("three cells, not {row}");
        };
        assert!(
            !threat.trim().is_empty() && !control.trim().is_empty(),
            "{row}"
        );
        let tests = named(shown_by);
        assert!(!tests.is_empty(), "{row}");
        for test in tests {
            assert!(known.contains(&test), "no test {test:?} for {threat}");
        }
        threats += 1;
    }
    assert!(threats >= 60, "{threats}");
}

#[test]
fn each_requirement_of_the_yardstick_has_a_state_and_tests_that_exist() {
    let known = known_tests();
    let page = fs::read_to_string(root().join("docs/asvs.md")).unwrap();
    let mut requirements = 0;
    for row in page.lines().filter(|row| {
        row.strip_prefix("| ")
            .is_some_and(|row| row.starts_with(|first: char| first.is_ascii_digit()))
    }) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [_, about, state, shown_by] = cells[..] else {
            panic!("four cells, not {row}");
        };
        assert!(
            ["held", "not applicable", "not held"].contains(&state),
            "{row}"
        );
        assert!(!about.is_empty() && !shown_by.is_empty(), "{row}");
        let is_test = |name: &&String| name.contains(' ') || name.matches('_').count() > 2;
        for test in named(shown_by).iter().filter(is_test) {
            assert!(known.contains(test), "no test {test:?} for {about}");
        }
        requirements += 1;
    }
    assert!(requirements > 150, "{requirements}");
}

#[test]
fn no_crate_of_ours_may_be_unsafe() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    for line in workspace.lines().map(str::trim) {
        if let Some(member) = line
            .strip_prefix('"')
            .and_then(|line| line.strip_suffix("\","))
        {
            let manifest = fs::read_to_string(root().join(member).join("Cargo.toml")).unwrap();
            assert!(manifest.contains("[lints]\nworkspace = true"), "{member}");
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The headings and sentences in their order, and the rows.
fn table() -> (String, Vec<Row>) {
    let page = fs::read_to_string(root().join("docs/seed.md")).unwrap();
    let mut text = String::new();
    let mut rows = Vec::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            text += heading;
        }
        let Some(cells) = line.strip_prefix("| ") else {
            continue;
        };
        let cells: Vec<&str> = cells.trim_end_matches('|').split(" | ").collect();
        let [sentence, _meaning, shown_by] = cells[..] else {
            panic!("three cells, not {line}");
        };
        if sentence != "The seed" {
            text += sentence;
            rows.push(Row {
                sentence: sentence.to_owned(),
                shown_by: shown_by.to_owned(),
            });
        }
    }
    (text, rows)
}

/// What stands between backticks.
fn named(cell: &str) -> Vec<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Names of the Rust tests of the workspace and titles of its browser tests.
fn known_tests() -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "node_modules" {
                    folders.push(path);
                }
            } else if name.ends_with(".rs") {
                known.extend(rust_tests(&fs::read_to_string(path).unwrap()));
            } else if name.ends_with(".test.mjs") {
                known.extend(browser_tests(&fs::read_to_string(path).unwrap()));
            }
        }
    }
    known
}

/// Functions below a test attribute.
fn rust_tests(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut marked = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[") {
            marked |= line == "#[test]" || line.starts_with("#[tokio::test");
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| marked) {
            names.extend(rest.split('(').next().map(str::to_owned));
            marked = false;
        }
    }
    names
}

/// The first argument of each `test(`.
fn browser_tests(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in source.split("test(").skip(1) {
        let mut letters = rest.chars();
        if let Some(quote @ ('\'' | '"' | '`')) = letters.next() {
            names.push(letters.take_while(|letter| *letter != quote).collect());
        }
    }
    names
}
