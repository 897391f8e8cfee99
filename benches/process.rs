//! Processes that measurements start: each says lines, and is killed when it is dropped.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A process that speaks.
pub struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a program.
    pub fn start(program: impl AsRef<OsStr>, arguments: &[&str], told: &[(&str, &OsStr)]) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .envs(told.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next line that begins so, without its beginning.
    ///
    /// # Panics
    /// If the process ends before.
    pub fn says(&mut self, begin: &str) -> String {
        let line = self.lines.find_map(|line| {
            let line = line.unwrap();
            line.strip_prefix(begin).map(str::to_owned)
        });
        line.expect("the process ended early")
    }

    /// Waits for its end, which has to be a good one.
    pub fn finish(mut self) {
        assert!(self.child.wait().unwrap().success());
    }

    /// Bytes of memory it holds now.
    pub fn resident(&self) -> u64 {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(Path::new(&status)).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = resident.unwrap().trim().trim_end_matches(" kB");
        kib.parse::<u64>().unwrap() * 1_024
    }

    /// Processor time it has used, in seconds.
    pub fn used(&self) -> f64 {
        let stat = format!("/proc/{}/stat", self.child.id());
        let stat = std::fs::read_to_string(Path::new(&stat)).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        ticks as f64 / 100.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
