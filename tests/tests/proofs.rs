//! The proofs of `lang-spec/proofs` hold, rest on nothing but Coq, and are those that pages and sources cite.
//!
//! In: the proofs and `check.sh` beside them; `lang-spec/proofs/README.md`; every Rust source. Out: each theorem that is named anywhere is one that the script
//! has checked, and the script finds what is taken for granted.
//! Source: verification section 2.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a line that cites a theorem begins with, after the slashes of a comment.
const CITATION: &str = "Proof: ";
/// Theorems that the page names; fewer would mean that its form is not understood.
const LEAST_NAMED: usize = 20;

/// A file and a theorem of it.
type Theorem = (String, String);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").to_path_buf()
}

fn proofs() -> PathBuf {
    root().join("lang-spec/proofs")
}

fn check(folder: &Path) -> Output {
    Command::new("bash").arg(folder.join("check.sh")).output().expect("bash")
}

/// The theorems that the script says it has checked.
fn checked() -> BTreeSet<Theorem> {
    let output = check(&proofs());
    let (said, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{said}\n{complaint}", output.status);
    let theorem = |line: &str| {
        let (file, name) = line.strip_suffix(": closed under the global context")?.split_once(' ')?;
        Some((file.to_string(), name.to_string()))
    };
    said.lines().filter_map(theorem).collect()
}

/// The citations of a line: each is a file and a name, "`File.v`, `name`".
fn cited(line: &str) -> Vec<Theorem> {
    let parts: Vec<&str> = line.split('`').collect();
    let names = |window: &[&str]| {
        let fits = window[1] == ", " && window[0].strip_suffix(".v").is_some_and(|stem| stem.chars().all(char::is_alphanumeric));
        fits.then(|| (window[0].to_string(), window[2].to_string()))
    };
    parts.windows(3).skip(1).step_by(2).filter_map(names).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder").map(|entry| entry.expect("a readable entry")) {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The lines of the product's sources that cite theorems, with where they stand.
fn citations() -> Vec<(String, String)> {
    let mut files = Vec::new();
    ["runtime", "compiler", "lang-spec/reference"].iter().for_each(|part| sources(&root().join(part), &mut files));
    let mut found = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).expect("UTF-8 source");
        let lines = text.lines().map(|line| line.trim_start().trim_start_matches(['/', '!']).trim_start());
        let citing = lines.filter(|line| line.starts_with(CITATION)).map(|line| (path.display().to_string(), line.to_string()));
        found.extend(citing);
    }
    found
}

#[test]
fn every_theorem_that_is_named_is_proved() {
    let proved = checked();
    let page = fs::read_to_string(proofs().join("README.md")).expect("the page");
    let named: BTreeSet<Theorem> = page.lines().filter(|line| line.starts_with("| `")).flat_map(cited).collect();
    assert!(named.len() >= LEAST_NAMED, "the page names only {named:?}");
    let unproved: Vec<&Theorem> = named.difference(&proved).collect();
    assert!(unproved.is_empty(), "named in README.md and not proved: {unproved:?}");
    let citations = citations();
    assert!(!citations.is_empty(), "no source cites a theorem");
    for (path, line) in citations {
        let theorems = cited(&line);
        assert!(!theorems.is_empty(), "{path}: `{line}` does not say `File.v`, `name`");
        for theorem in theorems {
            assert!(named.contains(&theorem), "{path}: {theorem:?} is not in the table of README.md");
        }
    }
}

#[test]
fn what_is_taken_for_granted_is_found() {
    // The second one is an axiom without the word: a variable outside of a section.
    let holes = [
        ["Axi", "om hole : False.\nTheorem from_hole : False.\nProof. exact hole. Qed.\n"].concat(),
        "Variable hole : False.\nTheorem from_hole : False.\nProof. exact hole. Qed.\n".to_string(),
        ["Theorem from_hole : False.\nProof. Admit", "ted.\n"].concat(),
        "Theorem from_hole : False.\nProof. exact I. Qed.\n".to_string(),
    ];
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("proofs_with_a_hole");
    fs::create_dir_all(&folder).expect("a folder for the tests");
    fs::copy(proofs().join("check.sh"), folder.join("check.sh")).expect("the script");
    fs::write(folder.join("_CoqProject"), "-Q . Leverframe\nHole.v\n").expect("a list");
    let sound = "(* No Axiom here. *)\nTheorem no_hole : True.\nProof. exact I. Qed.\n";
    fs::write(folder.join("Hole.v"), sound).expect("a file");
    let output = check(&folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for hole in holes {
        fs::write(folder.join("Hole.v"), format!("{sound}{hole}")).expect("a file");
        assert!(!check(&folder).status.success(), "the script takes:\n{hole}");
    }
}

#[test]
fn citations_are_read() {
    let two = cited("Proof: `Agreement.v`, `mealy_agrees`; `Slicing.v`, `slicing_judges`.");
    let pair = |file: &str, name: &str| (file.to_string(), name.to_string());
    assert_eq!(two, [pair("Agreement.v", "mealy_agrees"), pair("Slicing.v", "slicing_judges")]);
    assert!(cited("Proof: `Agreement.v` and `mealy_agrees`.").is_empty() && cited("Proof: mealy_agrees").is_empty());
}
