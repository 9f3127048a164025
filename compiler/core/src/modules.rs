//! Modules and catalogs of a policy: from the path of one file to everything that it imports, read.
//!
//! In: a [`Loader`] and a path. Out: [`Program`]: every module's tree, imports before the importer, every catalog's tools, and what is wrong.
//! Invariants: each module is read once; the order is a function of the texts alone; what could not be read makes the program
//! incomplete, so that names are not reported which it may have declared.
//! Left out: input and output, which the [`Loader`] does. Source: `lang-spec/catalogs.md`, [names.modules].

mod catalogs;
mod path;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use leverframe_syntax::{Code, Diagnostic, FileId, LANGUAGE_VERSION, Span, parse, tree};
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

pub use catalogs::Catalog;
pub use path::join;

use crate::limits::MAX_MODULES;
use crate::names::id;

/// Reads files for the compiler, which does no input of its own.
pub trait Loader {
    /// The text of the file at that path.
    ///
    /// # Errors
    /// Where it cannot be read or is no UTF-8: one clause without a full stop that says why.
    fn load(&self, path: &str) -> Result<String, LoadError>;
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read `{path}`: {reason}")]
pub struct LoadError {
    /// The path that was asked for.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Files held in memory: path to text.
impl Loader for BTreeMap<String, String> {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        let found = self.get(path).cloned();
        found.ok_or_else(|| LoadError { path: path.to_owned(), reason: "there is no such file".to_owned() })
    }
}

/// A file with the text that its spans point into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path, as the loader knows it.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A module of the policy.
#[derive(Clone, Debug)]
pub struct ModuleTree {
    /// Its file, which indexes [`Program::files`].
    pub file: FileId,
    /// What could be read of it.
    pub tree: tree::File,
}

/// All that a policy is made of.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The modules' texts, by [`FileId`].
    pub files: Vec<SourceFile>,
    /// The modules, imports before the importer.
    pub modules: Vec<ModuleTree>,
    /// The catalogs that could be read, in module and source order.
    pub catalogs: Vec<Catalog>,
    /// Whether every file could be read; if not, unknown names may be declared in what is missing.
    pub complete: bool,
    /// What is wrong with the syntax, the imports and the catalogs.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the policy that begins at `path`.
///
/// # Errors
/// Only where the file at `path` itself cannot be read. All else is in [`Program::diagnostics`]: `LF0101` to `LF0107`, `LF0720` to
/// `LF0722`, and those of the syntax.
///
/// # Limits
/// [`MAX_MODULES`] modules, and those of each file.
pub fn read_program(loader: &dyn Loader, path: &str) -> Result<Program, LoadError> {
    let mut reader = Reader::new(loader);
    let root = path::join("", path);
    let text = loader.load(&root)?;
    reader.add(root, text);
    reader.follow_imports();
    Ok(reader.finish())
}

struct Reader<'a> {
    loader: &'a dyn Loader,
    files: Vec<SourceFile>,
    trees: Vec<tree::File>,
    by_path: BTreeMap<String, usize>,
    /// For each module those it imports, in source order, with the place of the file's name.
    imports: Vec<Vec<(usize, Span)>>,
    complete: bool,
    found: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn new(loader: &'a dyn Loader) -> Self {
        Self {
            loader,
            files: Vec::new(),
            trees: Vec::new(),
            by_path: BTreeMap::new(),
            imports: Vec::new(),
            complete: true,
            found: Vec::new(),
        }
    }

    /// Parses a file and keeps it.
    fn add(&mut self, path: String, text: String) -> usize {
        let at = self.files.len();
        let mut parsed = parse(FileId(id(at)), &text);
        match parsed.tree.language {
            Some(version) if version.value != LANGUAGE_VERSION => {
                self.found.push(unknown_version(version));
                self.complete = false;
                parsed.tree.declarations.clear();
            }
            _ => self.found.append(&mut parsed.diagnostics),
        }
        self.by_path.insert(path.clone(), at);
        self.files.push(SourceFile { path, text });
        self.trees.push(parsed.tree);
        self.imports.push(Vec::new());
        at
    }

    /// Reads what is imported, the modules read on the way included.
    fn follow_imports(&mut self) {
        let mut at = 0;
        while let Some(tree) = self.trees.get(at) {
            let wanted: Vec<tree::Text> = module_imports(tree).cloned().collect();
            for file in wanted {
                self.follow(at, &file);
            }
            at += 1;
        }
    }

    fn follow(&mut self, importer: usize, file: &tree::Text) {
        let base = self.files.get(importer).map_or("", |file| file.path.as_str());
        let path = path::join(base, &file.value);
        let Some(imported) = self.module_at(&path, file.span) else {
            self.complete = false;
            return;
        };
        let Some(imports) = self.imports.get_mut(importer) else { return };
        match imports.iter().find(|(known, _)| *known == imported) {
            Some((_, first)) => self.found.push(imported_twice(&path, file.span, *first)),
            None => imports.push((imported, file.span)),
        }
    }

    fn module_at(&mut self, path: &str, span: Span) -> Option<usize> {
        if let Some(known) = self.by_path.get(path) {
            return Some(*known);
        }
        if self.files.len() >= MAX_MODULES {
            let message = format!("a policy may have {MAX_MODULES} modules, this one has more");
            self.found.push(Diagnostic::new(Code::LF0722, span, message).label("one too many"));
            return None;
        }
        match self.loader.load(path) {
            Ok(text) => Some(self.add(path.to_owned(), text)),
            Err(fault) => {
                self.found.push(unreadable(&fault, span));
                None
            }
        }
    }

    fn finish(mut self) -> Program {
        self.report_cycles();
        let mut order = Vec::new();
        self.visit(0, &mut vec![false; self.files.len()], &mut order);
        let mut trees: Vec<Option<tree::File>> = self.trees.drain(..).map(Some).collect();
        let modules: Vec<ModuleTree> =
            order.into_iter().filter_map(|at| Some(ModuleTree { file: FileId(id(at)), tree: trees.get_mut(at)?.take()? })).collect();
        let mut program = Program { files: self.files, modules, catalogs: Vec::new(), complete: self.complete, diagnostics: self.found };
        catalogs::read_catalogs(self.loader, &mut program);
        program
    }

    /// Depth first, imports before the importer; as deep as there are modules.
    fn visit(&self, at: usize, seen: &mut [bool], order: &mut Vec<usize>) {
        match seen.get_mut(at) {
            Some(seen) if !*seen => *seen = true,
            _ => return,
        }
        for (imported, _) in self.imports.get(at).into_iter().flatten() {
            self.visit(*imported, seen, order);
        }
        order.push(at);
    }

    fn report_cycles(&mut self) {
        let mut graph: DiGraph<(), Span> = DiGraph::new();
        let nodes: Vec<NodeIndex> = self.files.iter().map(|_| graph.add_node(())).collect();
        for (from, imports) in nodes.iter().zip(&self.imports) {
            for (to, span) in imports {
                if let Some(to) = nodes.get(*to) {
                    graph.add_edge(*from, *to, *span);
                }
            }
        }
        for component in tarjan_scc(&graph) {
            let inside = |node: NodeIndex| component.contains(&node);
            let mut edges: Vec<(NodeIndex, Span)> = graph
                .edge_references()
                .filter(|edge| inside(edge.source()) && inside(edge.target()))
                .map(|edge| (edge.target(), *edge.weight()))
                .collect();
            // First the import that leads back to the module that was read first: it closes the circle.
            edges.sort();
            self.found.extend(cycle(&edges));
        }
    }
}

fn module_imports(tree: &tree::File) -> impl Iterator<Item = &tree::Text> {
    tree.declarations.iter().filter_map(|declaration| match &declaration.kind {
        tree::DeclKind::Import(tree::Import { kind: tree::ImportKind::Module, file }) => Some(file),
        _ => None,
    })
}

fn unknown_version(version: tree::Number) -> Diagnostic {
    Diagnostic::new(Code::LF0101, version.span, format!("version {} of the language is not known", version.value))
        .label("unknown version")
        .note(format!("this compiler reads `language {LANGUAGE_VERSION}`; the rest of the file was not looked at"))
}

fn unreadable(fault: &LoadError, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0102, span, fault.to_string())
        .label("imported here")
        .note("a path is relative to the directory of the file that imports it")
}

fn imported_twice(path: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0104, second, format!("`{path}` is imported twice"))
        .label("again here")
        .also(first, "first imported here")
        .note("take one of them out")
}

fn cycle(edges: &[(NodeIndex, Span)]) -> Option<Diagnostic> {
    let (_, closing) = edges.first()?;
    let mut found = Diagnostic::new(Code::LF0103, *closing, "modules import each other in a circle")
        .label("this import closes the circle")
        .note("move what both need into a module of its own, and import that from both");
    for (_, span) in edges.iter().skip(1) {
        found = found.also(*span, "an import of the same circle");
    }
    Some(found)
}
