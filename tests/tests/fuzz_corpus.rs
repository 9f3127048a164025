//! What the fuzzer left behind, once more: every file of the committed corpus through the function of its target.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that breaks should break"
)]

use std::path::{Path, PathBuf};

use leverframe_tests::engine::{Disk, compile_at};
use leverframe_tests::specimen;

// The fuzzer's crate is a workspace of its own; what its targets do is compiled in here.
#[path = "../fuzz/src/lib.rs"]
#[allow(dead_code, unreachable_pub, unused_imports)]
mod fuzz;

/// Files below which a corpus has been lost.
const LEAST: usize = 30;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn replay(target: &str, run: fn(&[u8])) {
    let corpus = folder().join("corpus").join(target);
    let files: Vec<PathBuf> = std::fs::read_dir(corpus).expect("a corpus").map(|entry| entry.expect("an entry").path()).collect();
    for file in &files {
        println!("{}", file.display());
        run(&std::fs::read(file).expect("a readable file"));
    }
    assert!(files.len() >= LEAST, "only {} files of `{target}`", files.len());
}

#[test]
fn the_corpus_of_load_panics_nowhere() {
    replay("load", fuzz::load);
}

#[test]
fn the_corpus_of_verify_panics_nowhere() {
    replay("verify", fuzz::verify);
}

#[test]
fn the_fixed_policy_section_is_what_the_compiler_writes() {
    let path = folder().join("fixed/policy.lever");
    let compiled = compile_at(path.to_str().expect("a path of text"), &Disk).expect("the fixed policy compiles");
    let written = std::fs::read(folder().join("fixed/policy.section")).expect("its section");
    assert!(
        specimen::section(compiled.policy().frame()) == written,
        "write it anew: cargo run -p leverframe-tests --bin fuzz_seeds -- --section tests/fuzz/fixed/policy.section tests/fuzz/fixed/policy.lever"
    );
}
