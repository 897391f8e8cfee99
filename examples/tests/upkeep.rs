//! Backup, restore and verify, as an operator runs them on the folder of a real server.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.current_dir(folder.parent().unwrap());
    command.arg("--data").arg(folder);
    command
}

/// A server of the demo on `folder`, ready.
fn serve(folder: &Path) -> Child {
    let mut server = program(folder)
        .args(["--demo", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(server.stdout.take().unwrap()).lines();
    let ready = { said }.any(|line| line.unwrap().starts_with("Stop with"));
    assert!(ready, "the server did not start");
    server
}

fn end(mut server: Child) {
    server.kill().unwrap();
    server.wait().unwrap();
}

fn run(folder: &Path, task: &[&str]) -> (bool, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = program(folder).args(task).output().unwrap();
    let said = [stdout, stderr].concat();
    (
        status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn a_backup_taken_while_serving_is_whole_and_serves_again() {
    let folders = tempfile::tempdir().unwrap();
    let here = folders.path().join("here");
    let backup = folders.path().join("backup");
    let there = folders.path().join("there");
    let server = serve(&here);
    let (done, said) = run(&here, &["backup", backup.to_str().unwrap()]);
    assert!(done, "{said}");
    let (done, said) = run(&here, &["verify"]);
    assert!(!done && said.contains("another server"), "{said}");
    end(server);

    let (done, said) = run(&here, &["verify"]);
    assert!(done && said.contains("nothing is wrong"), "{said}");
    let (done, said) = run(&here, &["restore", backup.to_str().unwrap()]);
    assert!(!done && said.contains("is not empty"), "{said}");
    let (done, said) = run(&there, &["restore", backup.to_str().unwrap()]);
    assert!(done, "{said}");
    let (done, said) = run(&there, &["verify"]);
    assert!(done && said.contains("nothing is wrong"), "{said}");
    end(serve(&there));
}

#[test]
fn verify_says_what_is_wrong_and_fails() {
    let folders = tempfile::tempdir().unwrap();
    let here = folders.path().join("here");
    let (done, said) = run(&here, &["verify"]);
    assert!(!done && said.contains("holds no journal.db"), "{said}");
    end(serve(&here));
    // Copying also writes the log into the database.
    let there = folders.path().join("there");
    let (done, said) = run(&here, &["backup", there.to_str().unwrap()]);
    assert!(done, "{said}");
    let path = there.join("journal.db");
    let mut journal = std::fs::File::options().write(true).open(path).unwrap();
    journal.seek(SeekFrom::Start(4_096)).unwrap();
    journal.write_all(&[0xa5; 8_192]).unwrap();
    drop(journal);
    let (done, said) = run(&there, &["verify"]);
    assert!(!done && said.contains("restore a backup"), "{said}");
    assert!(said.contains("journal.db: "), "{said}");
}

#[test]
fn an_exported_journal_holds_every_commit_as_a_line_of_events() {
    let folders = tempfile::tempdir().unwrap();
    let here = folders.path().join("here");
    let file = folders.path().join("journal.jsonl");
    let task = ["export-journal", file.to_str().unwrap()];
    let (done, said) = run(&here, &task);
    assert!(!done && said.contains("holds no journal.db"), "{said}");
    let server = serve(&here);
    let (done, said) = run(&here, &task);
    assert!(!done && said.contains("another server"), "{said}");
    end(server);
    let (done, said) = run(&here, &task);
    assert!(done, "{said}");
    let text = std::fs::read_to_string(&file).unwrap();
    let read = |line: &str| webchat_core::wire::decode(line.as_bytes()).unwrap();
    let events: Vec<_> = text.lines().flat_map(read).collect();
    assert!(said.starts_with(&format!("{} frames", text.lines().count())));
    assert!(events.len() >= 8, "{text}");
    // What is there already is not overwritten.
    let (done, said) = run(&here, &task);
    assert!(!done && said.contains("cannot write"), "{said}");
}
