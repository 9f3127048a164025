//! Orders of modules, and imports that are wrong.

use std::collections::BTreeMap;

use super::{Program, read_program};
use crate::limits::MAX_MODULES;

fn files(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given.iter().map(|(path, text)| ((*path).to_owned(), format!("language 1\n{text}"))).collect()
}

fn read(given: &[(&str, &str)]) -> Program {
    let (root, _) = given.first().unwrap();
    read_program(&files(given), root).unwrap()
}

fn order(program: &Program) -> Vec<&str> {
    let path = |file: u32| program.files.get(file as usize).unwrap().path.as_str();
    program.modules.iter().map(|module| path(module.file.0)).collect()
}

fn codes(program: &Program) -> Vec<&str> {
    program.diagnostics.iter().map(|found| found.code.text()).collect()
}

#[test]
fn imports_come_before_the_importer_in_written_order_each_once() {
    let program = read(&[
        ("p/root.lever", "import \"b.lever\"\nimport \"org/a.lever\"\n"),
        ("p/b.lever", "import \"org/base.lever\"\n"),
        ("p/org/a.lever", "import \"base.lever\"\nimport \"../c.lever\"\n"),
        ("p/org/base.lever", ""),
        ("p/c.lever", ""),
    ]);
    assert_eq!(order(&program), ["p/org/base.lever", "p/b.lever", "p/c.lever", "p/org/a.lever", "p/root.lever"]);
    assert!(program.complete && program.diagnostics.is_empty());
}

#[test]
fn every_circle_is_reported_once_and_every_module_still_stands() {
    let program = read(&[
        ("r.lever", "import \"a.lever\"\nimport \"s.lever\"\n"),
        ("a.lever", "import \"b.lever\"\n"),
        ("b.lever", "import \"a.lever\"\n"),
        ("s.lever", "import \"s.lever\"\n"),
    ]);
    assert_eq!(codes(&program), ["LF0103", "LF0103"]);
    assert_eq!(order(&program), ["b.lever", "a.lever", "s.lever", "r.lever"]);
    let places: Vec<usize> = program.diagnostics.iter().map(|found| found.labels.len()).collect();
    assert!(places.contains(&1) && places.contains(&2));
}

#[test]
fn a_missing_file_makes_the_program_incomplete() {
    let program = read(&[("r.lever", "import \"gone.lever\"\nimport catalog \"gone.json\" as g\n")]);
    assert_eq!(codes(&program), ["LF0102", "LF0102"]);
    assert!(!program.complete);
    assert!(read_program(&BTreeMap::new(), "r.lever").is_err());
}

#[test]
fn of_an_unknown_version_nothing_is_looked_at() {
    let mut files = files(&[("r.lever", "import \"v.lever\"\n")]);
    files.insert("v.lever".to_owned(), "language 7\ntool ((((".to_owned());
    let program = read_program(&files, "r.lever").unwrap();
    assert_eq!(codes(&program), ["LF0101"]);
}

#[test]
fn a_catalog_is_read_from_the_importing_directory() {
    let mut files = files(&[("r.lever", "import \"org/m.lever\"\n"), ("org/m.lever", "import catalog \"c.json\" as c\n")]);
    files.insert("org/c.json".to_owned(), "[{\"name\": \"a\"}]".to_owned());
    let program = read_program(&files, "r.lever").unwrap();
    assert!(program.diagnostics.is_empty());
    assert_eq!(program.catalogs.first().map(|catalog| (catalog.path.as_str(), catalog.tools.len())), Some(("org/c.json", 1)));
}

#[test]
fn a_long_chain_of_modules_ends_at_the_bound() {
    let mut files = BTreeMap::new();
    for at in 0..MAX_MODULES + 5 {
        files.insert(format!("m{at}.lever"), format!("language 1\nimport \"m{}.lever\"\n", at + 1));
    }
    let program = read_program(&files, "m0.lever").unwrap();
    assert_eq!(codes(&program), ["LF0722"]);
    assert_eq!(program.modules.len(), MAX_MODULES);
}
