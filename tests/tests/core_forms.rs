//! Both core forms of every policy in the repository, byte for byte: examples, conformance cases, test policies, the blocks of the specification; and of
//! the acceptance suites where `LEVERFRAME_SUITES` names them.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use leverframe_reference::{Disk, core_text, elaborate_from};
use leverframe_tests::compare::{Read, first_difference, read};
use leverframe_tests::engine::{self, compile_at};

/// Policies below which this test has lost its corpus.
const LEAST_FILES: usize = 20;
const LEAST_BLOCKS: usize = 5;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").to_path_buf()
}

fn walk(dir: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a readable folder").map(|entry| entry.expect("a readable entry").path()) {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if entry.is_dir() && name != "target" && !name.starts_with('.') {
            walk(&entry, ending, found);
        } else if name.ends_with(ending) {
            found.push(entry);
        }
    }
}

/// What is wrong with the two readings of a file; nothing where the compiler refuses it.
fn difference(path: &Path) -> Result<bool, String> {
    let name = path.to_str().expect("a path of text");
    let Ok(compiled) = compile_at(name, &engine::Disk) else { return Ok(false) };
    let elaborated = elaborate_from(&Disk, name).map_err(|refusal| format!("{name}: the reference refuses it: {refusal}"))?;
    match first_difference(&compiled.core, &core_text(&elaborated)) {
        None => Ok(true),
        Some((compiler, reference)) => Err(format!("{name}:\n  compiler:  {compiler}\n  reference: {reference}")),
    }
}

#[test]
fn both_core_forms_of_every_policy_are_equal() {
    let mut policies = Vec::new();
    walk(&root(), ".lever", &mut policies);
    if let Some(suites) = std::env::var_os("LEVERFRAME_SUITES") {
        walk(Path::new(&suites), ".lever", &mut policies);
    }
    let read: Vec<Result<bool, String>> = policies.iter().map(|path| difference(path)).collect();
    let equal = read.iter().filter(|read| **read == Ok(true)).count();
    let wrong: Vec<&String> = read.iter().filter_map(|read| read.as_ref().err()).collect();
    println!("{equal} of {} policies compile; their core forms are equal", policies.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(equal >= LEAST_FILES, "only {equal} policies compile");
}

/// The fenced `lever` blocks of a page that are whole policies.
fn blocks(page: &str) -> Vec<String> {
    let fenced = page.split("\n```lever").skip(1).filter_map(|rest| rest.split_once('\n'));
    fenced.filter_map(|(_, rest)| rest.split("\n```").next()).filter(|block| block.contains("language 1")).map(str::to_owned).collect()
}

#[test]
fn both_core_forms_of_every_block_of_the_specification_are_equal() {
    let mut pages = Vec::new();
    walk(&root().join("lang-spec"), ".md", &mut pages);
    let texts: BTreeMap<PathBuf, String> =
        pages.into_iter().map(|page| (page.clone(), std::fs::read_to_string(page).expect("UTF-8"))).collect();
    let (mut equal, mut wrong) = (0, Vec::new());
    for (page, block) in texts.iter().flat_map(|(page, text)| blocks(text).into_iter().map(move |block| (page, block))) {
        match read(&block) {
            Read::Same(_) => equal += 1,
            Read::Refused(_) => {}
            Read::Difference(difference) => wrong.push(format!("{}: {difference:#?}\n{block}", page.display())),
        }
    }
    println!("{equal} blocks of the specification compile; their core forms are equal");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(equal >= LEAST_BLOCKS, "only {equal} blocks compile");
}
