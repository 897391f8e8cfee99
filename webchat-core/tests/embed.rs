//! The example for embedding programs does what it says, in as few lines as it says.

#![allow(clippy::unwrap_used)] // a test may fail

#[path = "../examples/embed.rs"]
#[allow(dead_code, reason = "a test has a main of its own")]
mod embed;

use std::fs::File;

use webchat_core::wire;

#[test]
fn twenty_lines_make_a_contact_centre_that_answers_a_visitor() {
    let source = include_str!("../examples/embed.rs");
    let (_, code) = source.split_once("fn main()").unwrap();
    // Comments and lines with nothing but brackets are not counted.
    let code = code
        .lines()
        .filter(|line| line.chars().any(char::is_alphanumeric));
    assert!(code.filter(|line| !line.starts_with("//")).count() <= 20);

    let path = std::env::temp_dir().join(format!("webchat-embed-{}", std::process::id()));
    let mut told = Vec::new();
    embed::serve(&mut File::create(&path).unwrap(), &mut told).unwrap();
    let told = String::from_utf8(told).unwrap();
    let last = told.lines().last().unwrap();
    assert!(
        last.starts_with(r#"Receipt {"chat":"#) && last.contains("Ana"),
        "{last}"
    );
    let journal = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    // Each answer was preceded by a group of its own.
    let groups = journal.split("][").count();
    assert!(groups == 5 && wire::decode(journal.as_bytes()).is_err());
}
