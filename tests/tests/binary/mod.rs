//! Where the binary under test lies: beside the test binaries, where `cargo build` puts it.

use std::path::PathBuf;

/// The `leverframe` binary.
///
/// # Panics
/// Where it has not been built.
pub(crate) fn leverframe() -> PathBuf {
    let mut place = std::env::current_exe().expect("a test has a path");
    place.pop();
    if place.ends_with("deps") {
        place.pop();
    }
    place.push(format!("leverframe{}", std::env::consts::EXE_SUFFIX));
    assert!(place.is_file(), "{} is missing: run `cargo build -p leverframe-cli` first, as `bash tests/run.sh` does", place.display());
    place
}
