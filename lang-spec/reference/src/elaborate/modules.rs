//! Modules and the files that they name.
//!
//! In: a way to read files and the root's path. Out: the modules, imports before importers in the order they are written, each once, and the text of
//! each catalog. Source: `lang-spec/catalogs.md`, [names.modules]; language section 9 ("Order of modules").

use std::collections::BTreeMap;

use crate::grammar::{self, Node, Rule};
use crate::limits::{CATALOG_BYTES, MODULES};
use crate::literal;
use crate::refusal::Refusal;

/// Where the files of a policy are kept.
pub trait Files: Sync {
    /// The bytes of the file at a path; nothing where there is none.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
}

/// The files of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(path).ok()
    }
}

impl Files for BTreeMap<String, String> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.get(path).map(|text| text.clone().into_bytes())
    }
}

/// A module.
pub(super) struct Module {
    pub(super) path: String,
    pub(super) text: String,
}

/// Everything that was read.
#[derive(Default)]
pub(super) struct Sources {
    /// In the order of their meaning.
    pub(super) modules: Vec<Module>,
    /// The text of each catalog, by module and by the name that the module's import says.
    pub(super) catalogs: BTreeMap<(String, String), (String, String)>,
}

/// Reads the root module and all that it imports.
pub(super) fn load(files: &dyn Files, root: &str) -> Result<Sources, Refusal> {
    let mut sources = Sources::default();
    let root = resolve("", root);
    module(files, &root, &mut Vec::new(), &mut sources)?;
    Ok(sources)
}

fn module(files: &dyn Files, path: &str, reading: &mut Vec<String>, sources: &mut Sources) -> Result<(), Refusal> {
    if reading.len() + sources.modules.len() >= MODULES {
        return Err(Refusal::Bound { what: "modules", bound: MODULES });
    }
    let text = text_of(files, path)?;
    reading.push(path.to_owned());
    let mut imported = Vec::new();
    for node in grammar::read(path, &text)? {
        let Some(name) = node.child(Rule::string).filter(|_| is_import(&node)) else { continue };
        let name = literal::text(&name)?;
        let target = resolve(path, &name);
        if node.rule() == Rule::import_catalog {
            let catalog = text_of(files, &target)?;
            sources.catalogs.insert((path.to_owned(), name), (target, catalog));
            continue;
        }
        if imported.contains(&target) || reading.contains(&target) {
            return Err(node.wrong("the module is imported twice, or imports itself"));
        }
        if !sources.modules.iter().any(|module| module.path == target) {
            module(files, &target, reading, sources)?;
        }
        imported.push(target);
    }
    reading.pop();
    sources.modules.push(Module { path: path.to_owned(), text });
    Ok(())
}

fn is_import(node: &Node<'_>) -> bool {
    matches!(node.rule(), Rule::import_catalog | Rule::import_module)
}

fn text_of(files: &dyn Files, path: &str) -> Result<String, Refusal> {
    let unreadable = || Refusal::Unreadable { path: path.to_owned() };
    let bytes = files.read(path).ok_or_else(unreadable)?;
    if bytes.len() > CATALOG_BYTES {
        return Err(Refusal::Bound { what: "bytes of a file", bound: CATALOG_BYTES });
    }
    String::from_utf8(bytes).map_err(|_| unreadable())
}

/// The path that a file's text names, `.` and `..` resolved by their spelling.
fn resolve(importer: &str, name: &str) -> String {
    let folder = importer.rfind('/').and_then(|slash| importer.get(..=slash)).unwrap_or("");
    let joined = if name.starts_with('/') { name.to_owned() } else { format!("{folder}{name}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if joined.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    let root = if joined.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_by_their_spelling() {
        for (importer, name, wanted) in [
            ("", "a.lever", "a.lever"),
            ("x/a.lever", "../b.lever", "b.lever"),
            ("a.lever", "../b/./c.lever", "../b/c.lever"),
            ("/x/a", "b//c", "/x/b/c"),
        ] {
            assert_eq!(resolve(importer, name), wanted);
        }
    }

    #[test]
    fn imports_come_before_importers_once() {
        let files = BTreeMap::from([
            ("root.lever".to_owned(), "language 1\nimport \"a.lever\"\nimport \"b.lever\"".to_owned()),
            ("a.lever".to_owned(), "language 1\nimport \"c.lever\"".to_owned()),
            ("b.lever".to_owned(), "language 1\nimport \"./c.lever\"".to_owned()),
            ("c.lever".to_owned(), "language 1".to_owned()),
        ]);
        let sources = load(&files, "root.lever").unwrap_or_default();
        let order: Vec<&str> = sources.modules.iter().map(|module| module.path.as_str()).collect();
        assert_eq!(order, ["c.lever", "a.lever", "b.lever", "root.lever"]);
    }

    #[test]
    fn a_cycle_is_refused() {
        let files = BTreeMap::from([
            ("a.lever".to_owned(), "language 1\nimport \"b.lever\"".to_owned()),
            ("b.lever".to_owned(), "language 1\nimport \"a.lever\"".to_owned()),
        ]);
        assert!(matches!(load(&files, "a.lever"), Err(Refusal::Wrong { .. })));
    }
}
