//! Shortened histories of seeds that once failed, whether engine or checker was wrong. Each file is named after
//! what was overlooked.

#![allow(clippy::unwrap_used)] // a test may fail

use std::fs;
use std::path::Path;

use webchat_sim::history::Step;
use webchat_sim::run;

#[test]
fn what_once_failed_does_not_fail_again() {
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/known");
    let mut files: Vec<_> = fs::read_dir(known)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let history: Vec<Step> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        if let Err((violation, place)) = run::written(&history) {
            let number = history[place].number;
            panic!("{}, step {number}: {violation}", file.display());
        }
    }
}
