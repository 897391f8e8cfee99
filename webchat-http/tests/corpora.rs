//! What a fuzzer once sent the server from outside goes on being tried in the ordinary tests.

#![allow(clippy::unwrap_used)] // a test may fail

#[path = "../../fuzz/outside.rs"]
mod outside;

use std::fs;
use std::path::Path;

#[test]
fn whatever_a_fuzzer_sent_from_outside_is_answered_and_harms_nobody() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for (name, target) in outside::TARGETS {
        let files: Vec<_> = fs::read_dir(corpora.join(name)).unwrap().collect();
        assert!(!files.is_empty(), "{name} has no corpus");
        for file in files {
            target(&fs::read(file.unwrap().path()).unwrap());
        }
    }
}
