//! Writes every conformance case that a store decides as a replay does into a folder, for the tests of bindings: its frame, its record as steps, and the decisions that `leverframe replay` makes.
//!
//! In: a folder. Out: `NAME.frame`, `NAME.steps`, `NAME.jsonl` in it, and `names.txt`. Source: `runtime/host/README.md` ("Cases").
#![allow(clippy::expect_used, clippy::panic, missing_docs, unreachable_pub, dead_code)]

#[path = "../tests/record/mod.rs"]
mod record;

use std::fs;
use std::path::PathBuf;

fn main() {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("usage: cases FOLDER"));
    fs::create_dir_all(&folder).expect("the folder");
    let mut names = String::new();
    for case in record::cases(&record::leverframe()) {
        let steps: String = record::steps(&case.record).iter().map(|step| record::written(step) + "\n").collect();
        let write = |ending: &str, bytes: &[u8]| fs::write(folder.join(format!("{}.{ending}", case.name)), bytes).expect("written");
        write("frame", &case.frame);
        write("steps", steps.as_bytes());
        write("jsonl", case.lines.as_bytes());
        names += &case.name;
        names.push('\n');
    }
    fs::write(folder.join("names.txt"), names).expect("written");
}
