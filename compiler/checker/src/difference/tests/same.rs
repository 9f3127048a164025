//! Every policy is equivalent to itself.

use std::fs;
use std::path::{Path, PathBuf};

use leverframe_compiler::modules::{LoadError, Loader};
use leverframe_compiler::pipeline;

use super::compared;
use crate::difference::Word;

struct Disk;

impl Loader for Disk {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        fs::read_to_string(path).map_err(|error| LoadError { path: path.to_owned(), reason: error.to_string() })
    }
}

fn policies(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            policies(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "lever") {
            found.push(path);
        }
    }
}

#[test]
fn every_policy_is_equivalent_to_itself() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for dir in ["examples", "lang-spec/conformance", "lang-spec/requirements"] {
        policies(&root.join(dir), &mut found);
    }
    found.sort();
    let mut compiled = 0;
    for path in found {
        let name = path.to_str().unwrap();
        let Ok(built) = pipeline::build(name, &Disk) else { continue };
        compiled += 1;
        let difference = compared(&built, &built);
        assert_eq!(difference.word, Word::Equivalent, "{name}: {difference:#?}");
        assert!(difference.allowed.is_empty() && difference.denied.is_empty() && difference.unknown.is_empty(), "{name}");
    }
    assert!(compiled > 100, "{compiled}");
}
