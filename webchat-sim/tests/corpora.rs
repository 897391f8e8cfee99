//! What a fuzzer once found interesting goes on being tried in the ordinary tests.

#![allow(clippy::unwrap_used)] // a test may fail

use std::fs;
use std::path::Path;

use webchat_sim::targets::TARGETS;

#[test]
fn every_file_of_every_corpus_passes_its_target() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for (name, target) in TARGETS {
        let files: Vec<_> = fs::read_dir(corpora.join(name)).unwrap().collect();
        assert!(!files.is_empty(), "{name} has no corpus");
        for file in files {
            target(&fs::read(file.unwrap().path()).unwrap());
        }
    }
}
