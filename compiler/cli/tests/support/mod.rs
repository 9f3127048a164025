//! A directory of its own for each test, and the binary to run in it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails where these do")]
#![allow(dead_code, reason = "every test binary uses a part of this")]

pub(crate) mod records;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A directory that is gone when the test is over.
pub(crate) struct Bench {
    pub(crate) dir: PathBuf,
}

/// How a run of the binary ended.
pub(crate) struct Ran {
    pub(crate) exit: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("leverframe-cli-{}-{number}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        Self { dir }
    }

    /// A bench with one policy, `policy.lever`.
    pub(crate) fn with_policy(text: &str) -> Self {
        let bench = Self::new();
        bench.write("policy.lever", text);
        bench
    }

    /// A bench with a policy and its frame, `policy.frame`.
    pub(crate) fn built(text: &str) -> Self {
        let bench = Self::with_policy(text);
        let ran = bench.run(&["build", "policy.lever", "-o", "policy.frame", "--unproven"]);
        assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leverframe"));
        command.current_dir(&self.dir).stdin(Stdio::null()).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command().args(arguments).output().unwrap();
        Ran { exit: output.status.code(), out: String::from_utf8(output.stdout).unwrap(), err: String::from_utf8(output.stderr).unwrap() }
    }

    /// Replays a record, and gives its decisions.
    pub(crate) fn replay(&self, trace: &str) -> Vec<Value> {
        self.write("trace.jsonl", trace);
        let ran = self.run(&["replay", "policy.frame", "trace.jsonl", "--format", "jsonl"]);
        assert_eq!(ran.exit, Some(0), "{}", ran.err);
        ran.decisions()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    pub(crate) fn decisions(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A member of each decision, as texts.
pub(crate) fn texts<'a>(decisions: &'a [Value], member: &str) -> Vec<&'a str> {
    decisions.iter().map(|decision| decision[member].as_str().unwrap_or("null")).collect()
}

pub(crate) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
