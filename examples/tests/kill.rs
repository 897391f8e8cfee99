//! The kill harness, for a few rounds: whatever the server acknowledged survives SIGKILL.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::process::Command;

#[test]
fn nothing_acknowledged_is_lost_doubled_or_reordered_when_the_server_is_killed() {
    let output = Command::new(env!("CARGO_BIN_EXE_kill-harness"))
        .args(["--rounds", "10", "--rounds-per-folder", "10"])
        .args(["--server", env!("CARGO_BIN_EXE_server")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    assert!(said.contains("10 of 10 rounds"), "{said}");
    assert!(said.ends_with("0 lost, 0 doubled, 0 reordered, 0 with two agents, 0 over the cap\n"));
}
