//! Do the checkers catch bugs? Each file in `planted/` is one, written as a piece of webchat-core and what
//! stands in its place. The long test plants them one at a time in a copy of the sources:
//! `cargo test -p webchat-sim --test planted -- --ignored --nocapture`, with `PLANTED=name` for one of them.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "this is a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Histories tried before the core's own tests have their turn, and their length.
const SEEDS: u64 = 100;
const COMMANDS: u64 = 500;

/// What a copy of the sources leaves out.
const LEFT_OUT: [&str; 4] = [".git", "target", "node_modules", "artifacts"];

struct Bug {
    name: String,
    what: String,
    /// From the root of the repository.
    file: String,
    correct: String,
    planted: String,
}

#[test]
fn every_planted_bug_finds_its_place_in_the_sources_exactly_once() {
    let bugs = bugs();
    assert!(bugs.len() >= 24);
    for bug in bugs {
        let source = fs::read_to_string(root().join(&bug.file)).unwrap();
        let found = source.matches(&bug.correct).count();
        assert_eq!(
            found, 1,
            "planted/{}.txt: its text is {found} times in {}; follow the change of the source",
            bug.name, bug.file
        );
        assert_ne!(bug.correct, bug.planted, "{}", bug.name);
    }
}

#[test]
#[ignore = "builds the workspace once for each bug, which takes many minutes"]
fn every_planted_bug_is_caught() {
    let only = std::env::var("PLANTED").unwrap_or_default();
    let mut bugs = bugs();
    bugs.retain(|bug| bug.name.contains(&only));
    let began = Instant::now();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let copies: Vec<PathBuf> = (0..cores.min(bugs.len())).map(copy_of).collect();
    copies.iter().for_each(|copy| copy_tree(&root(), copy));
    assert!(
        simulate(&copies[0]).status.success(),
        "not even without a bug"
    );
    for copy in &copies[1..] {
        take_over_what_was_built(&copies[0], copy);
    }
    println!("| bug | caught by | after commands |\n|---|---|---|");
    let next = AtomicUsize::new(0);
    let survivors = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for copy in &copies {
            let (bugs, next, survivors) = (&bugs, &next, &survivors);
            scope.spawn(move || {
                while let Some(bug) = bugs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match try_out(bug, copy) {
                        Some((by, after)) => println!("| {} | {by} | {after} |", bug.what),
                        None => survivors.lock().unwrap().push(&bug.name),
                    }
                }
            });
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    println!("\n{} bugs in {seconds:.0} s", bugs.len());
    let survivors = survivors.into_inner().unwrap();
    assert!(survivors.is_empty(), "nothing catches {survivors:?}");
}

/// Where a worker plants its bugs.
fn copy_of(worker: usize) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("planted-{worker}"))
}

fn take_over_what_was_built(from: &Path, to: &Path) {
    if !to.join("target").exists() {
        let (from, to) = (from.join("target"), to.join("target"));
        let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
        assert!(copied.unwrap().success());
    }
}

fn try_out(bug: &Bug, copy: &Path) -> Option<(String, String)> {
    let file = copy.join(&bug.file);
    let source = fs::read_to_string(&file).unwrap();
    fs::write(&file, source.replacen(&bug.correct, &bug.planted, 1)).unwrap();
    let caught = caught(copy);
    fs::write(&file, source).unwrap();
    caught
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn bugs() -> Vec<Bug> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("planted");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| read(file)).collect()
}

/// A line that says what is wrong, a line that says where, and the text before and after.
fn read(file: &Path) -> Bug {
    let text = fs::read_to_string(file).unwrap();
    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
    let parts = || {
        let (what, rest) = text.split_once('\n')?;
        let (file, rest) = rest.split_once("\n--- correct\n")?;
        let (correct, planted) = rest.split_once("\n--- planted\n")?;
        let planted = planted.strip_suffix('\n')?;
        Some([what, file, correct, planted].map(str::to_owned))
    };
    let [what, file, correct, planted] = parts().unwrap_or_else(|| panic!("{name} is incomplete"));
    Bug {
        name,
        what,
        file,
        correct,
        planted,
    }
}

/// By which check or test, and after how many commands if the simulation has it.
fn caught(copy: &Path) -> Option<(String, String)> {
    let run = simulate(copy);
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    let mut lines = said.lines();
    if let Some(violation) = lines.find(|line| line.starts_with("VIOLATION in seed ")) {
        let words: Vec<&str> = violation.split([' ', ',']).collect();
        let [seed, step]: [u64; 2] = [words[3], words[6]].map(|word| word.parse().unwrap());
        let rule = lines.next().unwrap().trim();
        let rule = rule.split_once(": ").map_or(rule, |(rule, _)| rule);
        let after = (seed - 1) * COMMANDS + step + 1;
        return Some((format!("simulation: {rule}"), after.to_string()));
    }
    assert!(run.status.success(), "{}", told(&run));
    let run = cargo(copy, &["test", "-p", "webchat-core", "--quiet"]);
    let said = told(&run);
    assert!(
        run.status.success() || said.contains("failures:"),
        "it does not build: {said}"
    );
    let failed = said
        .lines()
        .find_map(|line| line.strip_prefix("---- ")?.strip_suffix(" stdout ----"));
    failed.map(|test| (format!("test `{test}`"), String::new()))
}

/// One thread, so that the first violation is always the same.
fn simulate(copy: &Path) -> Output {
    let built = cargo(copy, &["build", "-p", "webchat-sim", "--quiet"]);
    assert!(
        built.status.success(),
        "it does not build: {}",
        told(&built)
    );
    Command::new(copy.join("target/debug/webchat-sim"))
        .args(["--seed", "1", "--no-shrink", "--threads", "1"])
        .args(["--seeds", &SEEDS.to_string()])
        .args(["--commands", &COMMANDS.to_string()])
        .output()
        .unwrap()
}

fn cargo(copy: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(args)
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", copy.join("target"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .output()
        .unwrap()
}

fn told(run: &Output) -> String {
    String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr)
}

/// Copies the sources anew, whatever an earlier run left behind but for what it built.
fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(to).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true if entry.file_name() == "target" => {}
            true => fs::remove_dir_all(entry.path()).unwrap(),
            false => fs::remove_file(entry.path()).unwrap(),
        }
    }
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type().unwrap().is_dir() {
            _ if LEFT_OUT.iter().any(|name| entry.file_name() == *name) => {}
            true => copy_tree(&from, &to),
            false => fs::write(to, fs::read(from).unwrap()).unwrap(),
        }
    }
}
