//! How much memory a visitor holds who is connected and does nothing: the resident set of the server's process, divided by
//! the visitors in it. `cargo bench -p webchat-benches --bench idle`; 10,000 of them need `ulimit -n 20000`.
//!
//! Counted is all that grows: socket, task, buffers, hub, and with a live chat its state in the engine, its journal's and read
//! model's caches. Not counted: what the kernel holds for the connections.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement may fail, and prints

use std::time::Duration;

use serde_json::json;
use webchat_benches::process::Process;
use webchat_examples::line::{Frame, Line};
use webchat_examples::site::Site;

const COUNTS: [usize; 2] = [1_000, 10_000];
/// Visitors that come and go before anything is counted.
const WARM_UP: usize = 200;
/// Time for buffers to be given back.
const REST: Duration = Duration::from_secs(3);

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    println!("visitors   KiB each, window open   KiB each, chat waiting   KiB at rest");
    for count in COUNTS {
        let (empty, open) = runtime.block_on(resident(count, false));
        let (_, waiting) = runtime.block_on(resident(count, true));
        println!("{count:>8} {open:>23.2} {waiting:>24.2} {empty:>13.0}");
    }
}

/// KiB of the process before, and for each visitor.
async fn resident(count: usize, with_chat: bool) -> (f64, f64) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let mut server = Process::start(env!("CARGO_BIN_EXE_site"), &[folder, "0", "1"], &[]);
    let site = Site::at(server.says("listening ").parse().unwrap());
    drop(come(site, 0..WARM_UP, with_chat).await);
    tokio::time::sleep(REST).await;
    let before = server.resident();
    let lines = come(site, WARM_UP..WARM_UP + count, with_chat).await;
    tokio::time::sleep(REST).await;
    let each = (server.resident() - before) as f64 / lines.len() as f64;
    (before as f64 / 1_024.0, each / 1_024.0)
}

async fn come(site: Site, visitors: std::ops::Range<usize>, with_chat: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    for number in visitors {
        // A source address has some 28,000 ports, but the system may be slow to free them.
        let from = [127, 2, (number / 250) as u8, (number % 250 + 1) as u8];
        let site = site.seen_from(from.into());
        let origin = ("origin", "https://shop.example".to_owned());
        let mut line = Line::dial(site, "/api/v1/visitor?campaign=1", &[origin])
            .await
            .unwrap();
        line.hello(json!({"do": "hello", "language": "en", "page": "https://shop.example/cart"}))
            .await
            .unwrap();
        if with_chat {
            let start = json!({"do": "start", "name": "Luz Benítez", "email": "luz@example.com"});
            let id = line.ask(start).await.unwrap();
            loop {
                match line.frame().await.unwrap() {
                    Frame::Answer(re, answer) if re == id => {
                        assert!(answer.unwrap()["chat"].is_object());
                        break;
                    }
                    _ => {}
                }
            }
        }
        lines.push(line);
    }
    lines
}
