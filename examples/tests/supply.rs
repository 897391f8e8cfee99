//! What we link: licensed for it, from crates.io, and nothing that was decided against. `deny.toml` says what is
//! allowed; this holds it where `cargo deny` is not installed.

#![allow(clippy::unwrap_used)] // a test may fail

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rules() -> toml::Table {
    let rules = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    rules.parse().unwrap()
}

/// Every package that is linked on this machine, ours included.
fn packages() -> Vec<Value> {
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let told = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--offline",
            "--filter-platform",
            host,
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    told["packages"].as_array().unwrap().clone()
}

/// Whether a licence expression can be met with what is allowed: all of `AND`, one of `OR`.
fn permitted(expression: &str, allowed: &[&str]) -> bool {
    let expression = expression.trim();
    let inner = expression
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    if let Some(inner) = inner.filter(|inner| !inner.contains(['(', ')'])) {
        return permitted(inner, allowed);
    }
    for (word, all) in [(" AND ", true), (" OR ", false)] {
        let parts = parts(expression, word);
        if parts.len() > 1 {
            let met = |part: &&str| permitted(part, allowed);
            return match all {
                true => parts.iter().all(met),
                false => parts.iter().any(met),
            };
        }
    }
    // The slash of older manifests means OR.
    expression
        .split('/')
        .any(|one| allowed.contains(&one.trim()))
}

/// The parts around a word that stands outside all parentheses.
fn parts<'a>(expression: &'a str, word: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    for (at, _) in expression.match_indices(word) {
        let before = &expression[..at];
        if before.matches('(').count() == before.matches(')').count() {
            parts.push(&expression[begin..at]);
            begin = at + word.len();
        }
    }
    parts.push(&expression[begin..]);
    parts
}

#[test]
fn every_crate_we_link_has_a_licence_that_is_allowed() {
    let rules = rules();
    let allowed = rules["licenses"]["allow"].as_array().unwrap();
    let allowed: Vec<_> = allowed
        .iter()
        .map(|licence| licence.as_str().unwrap())
        .collect();
    let packages = packages();
    assert!(packages.len() > 100);
    for package in packages {
        let (name, licence) = (&package["name"], package["license"].as_str());
        let met = licence.is_some_and(|licence| permitted(licence, &allowed));
        assert!(met, "{name} is licensed under {licence:?}");
    }
}

#[test]
fn every_crate_we_link_is_ours_or_from_crates_io() {
    for package in packages() {
        let source = package["source"].as_str();
        let name = package["name"].as_str().unwrap();
        match source {
            None => assert!(name.starts_with("webchat-"), "{name} lies beside us"),
            Some(source) => assert_eq!(source, CRATES_IO, "{name}"),
        }
    }
    let locked: toml::Table = std::fs::read_to_string(root().join("Cargo.lock"))
        .unwrap()
        .parse()
        .unwrap();
    for package in locked["package"].as_array().unwrap() {
        if package.get("source").is_some() {
            assert!(
                package.get("checksum").is_some(),
                "{package} has no checksum"
            );
        }
    }
}

#[test]
fn no_crate_we_decided_against_is_linked() {
    let rules = rules();
    let packages = packages();
    for denied in rules["bans"]["deny"].as_array().unwrap() {
        let name = denied["crate"].as_str().unwrap();
        assert!(
            !packages.iter().any(|package| package["name"] == name),
            "{denied}"
        );
    }
}

#[test]
fn a_licence_expression_is_read_as_it_is_meant() {
    let allowed = ["MIT", "Apache-2.0"];
    for good in [
        "MIT",
        "MIT OR GPL-3.0",
        "MIT AND Apache-2.0",
        "(MIT OR GPL-3.0) AND Apache-2.0",
        "MIT/GPL-3.0",
    ] {
        assert!(permitted(good, &allowed), "{good}");
    }
    for bad in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR GPL-3.0) AND GPL-3.0",
        "",
        "MITX",
    ] {
        assert!(!permitted(bad, &allowed), "{bad}");
    }
}
