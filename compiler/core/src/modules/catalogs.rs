//! The catalogs that modules import.
//!
//! In: the modules in their order. Out: their catalogs, read, or what is wrong with them. Invariant: an alias names one catalog.
//! Source: `lang-spec/catalogs.md`, [catalog.file] and [names.modules].

use std::collections::BTreeMap;

use leverframe_syntax::{Code, Diagnostic, Span, tree};

use super::{Loader, Program, path, unreadable};
use crate::catalog::{CatalogError, CatalogTool, read_catalog};

/// A catalog that a module imports.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// The place of the file's name in the `import`.
    pub import: Span,
    /// The server's alias.
    pub alias: Option<tree::Name>,
    /// Its path, as the loader knows it.
    pub path: String,
    /// Its tools, in the order of the document.
    pub tools: Vec<CatalogTool>,
}

/// Reads every catalog of the program.
pub(super) fn read_catalogs(loader: &dyn Loader, program: &mut Program) {
    let mut aliases: BTreeMap<String, Span> = BTreeMap::new();
    let mut unnamed: BTreeMap<String, Span> = BTreeMap::new();
    for wanted in wanted(program) {
        let twice = match &wanted.alias {
            Some(alias) => aliases.insert(alias.text.clone(), alias.span),
            None => unnamed.insert(wanted.path.clone(), wanted.import),
        };
        if let Some(first) = twice {
            program.diagnostics.push(imported_twice(&wanted, first));
            continue;
        }
        match load(loader, wanted) {
            Ok(catalog) => program.catalogs.push(catalog),
            Err(fault) => {
                program.diagnostics.push(fault);
                program.complete = false;
            }
        }
    }
}

fn wanted(program: &Program) -> Vec<Catalog> {
    let mut wanted = Vec::new();
    for module in &program.modules {
        let base = program.files.get(module.file.0 as usize).map_or("", |file| file.path.as_str());
        for declaration in &module.tree.declarations {
            let tree::DeclKind::Import(import) = &declaration.kind else { continue };
            if let tree::ImportKind::Catalog { alias } = &import.kind {
                let path = path::join(base, &import.file.value);
                wanted.push(Catalog { import: import.file.span, alias: alias.clone(), path, tools: Vec::new() });
            }
        }
    }
    wanted
}

fn load(loader: &dyn Loader, mut catalog: Catalog) -> Result<Catalog, Diagnostic> {
    let text = loader.load(&catalog.path).map_err(|fault| unreadable(&fault, catalog.import))?;
    let alias = catalog.alias.as_ref().map(|alias| alias.text.as_str());
    catalog.tools = read_catalog(&text, alias).map_err(|fault| faulty(&catalog, &fault))?;
    Ok(catalog)
}

fn faulty(catalog: &Catalog, fault: &CatalogError) -> Diagnostic {
    let (code, note) = match fault {
        CatalogError::NotJson { .. } => (Code::LF0105, "a catalog is one JSON text in which no object has a member twice"),
        CatalogError::NoTools | CatalogError::NoName(_) | CatalogError::NoObject(_) => {
            (Code::LF0106, "a catalog is the result of an MCP `tools/list`: an array of tools, or an object with `tools`")
        }
        CatalogError::Twice(_) => (Code::LF0107, "a name stands for one tool: the server must not list it twice"),
        CatalogError::TooLong(_) | CatalogError::TooManyTools(_) => (Code::LF0720, "split the catalog by server"),
        CatalogError::SchemaTooLarge(_) => {
            (Code::LF0721, "references that multiply may be the cause: write the tool as `tool NAME(…)` instead")
        }
    };
    Diagnostic::new(code, catalog.import, format!("the catalog `{}` cannot be used: {fault}", catalog.path))
        .label("imported here")
        .note(note)
}

fn imported_twice(catalog: &Catalog, first: Span) -> Diagnostic {
    match &catalog.alias {
        Some(alias) => Diagnostic::new(Code::LF0104, alias.span, format!("two catalogs have the alias `{}`", alias.text))
            .label("again here")
            .also(first, "first given here")
            .note("an alias names one server: give each catalog its own"),
        None => super::imported_twice(&catalog.path, catalog.import, first),
    }
}
