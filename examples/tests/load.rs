//! The load generator against a real server, for a few seconds: what it says is right, whatever the machine is doing.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::fs;
use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;
use tokio::time::{Duration, timeout};
use webchat_examples::process::Place;

const VISITORS: u64 = 240;

/// Longest time for a run of a few seconds, on a machine that does much else.
const LONGEST: Duration = Duration::from_secs(240);

#[tokio::test]
async fn every_message_is_read_once_and_in_order_and_the_server_counts_the_same_chats() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place {
        program: env!("CARGO_BIN_EXE_server").into(),
        folder: folder.path().to_owned(),
    };
    let server = place.start().await.unwrap();
    let address = server.site.address.to_string();
    let run = Command::new(env!("CARGO_BIN_EXE_load"))
        .args(["--server", &address, "--visitors", &VISITORS.to_string()])
        .args(["--rate", "60", "--ramp", "2", "--agents", "8", "--cap", "5"])
        .args(["--chat-length", "1", "--messages", "3", "--think", "0.2"])
        .args(["--patience", "4", "--out", "load"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let run = timeout(LONGEST, run).await.expect("the run ends").unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}{errors}");

    let figures = fs::read(folder.path().join("load.json")).unwrap();
    let figures: Value = serde_json::from_slice(&figures).unwrap();
    let count = |path: &str| figures.pointer(path).and_then(Value::as_u64).unwrap();
    assert_eq!(count("/totals/admitted"), VISITORS, "{said}");
    assert_eq!(figures["errors"], serde_json::json!({}), "{said}");
    let ended =
        ["answered", "left_waiting", "timed_out"].map(|how| count(&format!("/totals/{how}")));
    assert_eq!(ended.iter().sum::<u64>(), VISITORS, "{said}");
    assert!(
        ended[0] > 0 && count("/totals/delivered") > ended[0],
        "{said}"
    );
    assert_eq!(
        count("/totals/acknowledged"),
        count("/verification/acknowledged")
    );
    assert_eq!(
        count("/totals/acknowledged"),
        count("/totals/delivered"),
        "{said}"
    );
    for fault in ["lost", "doubled", "reordered", "altered", "unanswered"] {
        assert_eq!(count(&format!("/verification/{fault}")), 0, "{said}");
    }
    let compared = count("/verification/chats") + count("/verification/cut_short");
    assert_eq!(compared, ended[0], "{said}");
    assert!(count("/verification/stored_chats") > 0);
    for row in figures["agreement"].as_array().unwrap() {
        assert!(
            row["exact"] == false || row["here"] == row["server"],
            "{row}"
        );
    }

    let report = fs::read_to_string(folder.path().join("load.html")).unwrap();
    assert_eq!(report.matches("<svg").count(), 10);
    assert!(!report.contains("<script") && !report.contains("nothing was measured"));
    for line in [
        "Delivery of messages",
        "Service level",
        "Latency by share",
        "the server counts the same",
    ] {
        assert!(report.contains(line), "{line}");
    }
}
