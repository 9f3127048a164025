//! The house rules of ARCHITECTURE.md, as tests: who may know whom, how long things may be, what may not stand anywhere.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::spanned::Spanned;
use syn::visit::Visit;

const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 70;
const FUNCTION_MEDIAN: usize = 15;

/// Edges between crates of the workspace; a dev-dependency is no edge of the product.
const EDGES: &[(&str, &[&str])] = &[
    ("leverframe-syntax", &[]),
    ("leverframe-runtime", &[]),
    ("leverframe-reference", &[]),
    ("leverframe-compiler", &["leverframe-syntax", "leverframe-runtime"]),
    ("leverframe-checker", &["leverframe-compiler", "leverframe-runtime", "leverframe-syntax"]),
    ("leverframe-verifier", &["leverframe-runtime", "leverframe-reference"]),
    ("leverframe-store", &["leverframe-runtime"]),
    ("leverframe-host", &["leverframe-runtime", "leverframe-store"]),
    ("leverframe-c", &["leverframe-host"]),
    ("leverframe-python", &["leverframe-host", "leverframe-runtime", "leverframe-store"]),
    ("leverframe-trust", &["leverframe-runtime"]),
    ("leverframe-gateway", &["leverframe-host", "leverframe-runtime", "leverframe-store", "leverframe-trust"]),
    ("leverframe-fuzz", &["leverframe-runtime", "leverframe-reference", "leverframe-verifier"]),
    ("leverframe-bench-peers", &["leverframe-compiler", "leverframe-runtime"]),
    ("leverframe-bench-dogwood", &[]),
    ("leverframe-lsp", &["leverframe-compiler", "leverframe-checker", "leverframe-syntax"]),
    (
        "leverframe-cli",
        &[
            "leverframe-compiler",
            "leverframe-checker",
            "leverframe-syntax",
            "leverframe-runtime",
            "leverframe-verifier",
            "leverframe-lsp",
            "leverframe-trust",
        ],
    ),
    (
        "leverframe-tests",
        &[
            "leverframe-compiler",
            "leverframe-checker",
            "leverframe-syntax",
            "leverframe-runtime",
            "leverframe-verifier",
            "leverframe-lsp",
            "leverframe-cli",
            "leverframe-gateway",
            "leverframe-reference",
        ],
    ),
];

const TOP_LEVEL: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "compiler",
    "runtime",
    "lang-spec",
    "examples",
    "tests",
    "editors",
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "TESTING.md",
    "SECURITY.md",
    "LICENSE",
    "deny.toml",
    "clippy.toml",
    "rustfmt.toml",
];

const WORDS_WITHOUT_MEANING: &[&str] = &["utils", "util", "helpers", "helper", "manager", "common", "misc"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").to_path_buf()
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a readable folder").map(|entry| entry.expect("a readable entry")) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        if name.starts_with('.') || ["target", "node_modules", "snapshots"].contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn files(endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.retain(|path| path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)));
    found.sort();
    found
}

fn short(path: &Path) -> String {
    path.strip_prefix(root()).expect("a path of the workspace").display().to_string()
}

struct Functions {
    /// Name and lines of each function, tests apart.
    lengths: Vec<(String, usize)>,
}

impl Functions {
    fn add(&mut self, name: &syn::Ident, block: &syn::Block) {
        let lines = block.span().end().line - block.span().start().line + 1;
        self.lengths.push((name.to_string(), lines));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add(&item.sig.ident, &item.block);
        syn::visit::visit_item_fn(self, item);
    }
    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.add(&item.sig.ident, &item.block);
        syn::visit::visit_impl_item_fn(self, item);
    }
}

#[test]
fn files_and_functions_are_short() {
    let (mut long, mut lengths) = (Vec::new(), Vec::new());
    for path in files(&["rs"]) {
        let text = fs::read_to_string(&path).expect("UTF-8 source");
        let lines = text.lines().count();
        if lines > FILE_LINES {
            long.push(format!("{}: {lines} lines", short(&path)));
        }
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", short(&path)));
        let mut functions = Functions { lengths: Vec::new() };
        functions.visit_file(&file);
        for (name, lines) in functions.lengths {
            if lines > FUNCTION_LINES {
                long.push(format!("{}: fn {name} has {lines} lines", short(&path)));
            }
            lengths.push(lines);
        }
    }
    assert!(long.is_empty(), "too long:\n{}", long.join("\n"));
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median < FUNCTION_MEDIAN, "the median function has {median} lines");
}

#[test]
fn modules_say_what_they_are() {
    let mut silent = Vec::new();
    for path in files(&["rs"]) {
        let text = fs::read_to_string(&path).expect("UTF-8 source");
        if !text.trim_start().starts_with("//!") && !text.contains("\n//!") {
            silent.push(short(&path));
        }
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        assert!(!WORDS_WITHOUT_MEANING.contains(&stem.as_str()), "{} has a name without meaning", short(&path));
    }
    assert!(silent.is_empty(), "without module documentation:\n{}", silent.join("\n"));
}

#[test]
fn nothing_unfinished_and_no_foreign_paths() {
    // Put together here so that this file does not contain what it looks for.
    let unfinished = [
        ["to", "do!("].concat(),
        ["unimple", "mented!("].concat(),
        ["FIX", "ME"].concat(),
        ["XX", "X "].concat(),
        ["#[ig", "nore"].concat(),
    ];
    let foreign = [["/ro", "ot/"].concat(), ["/wo", "rk/"].concat(), ["/ho", "me/"].concat()];
    let mut found = Vec::new();
    for path in files(&["rs", "md", "toml", "lever", "sh", "py", "pest", "json", "jsonl"]) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let policy_text = path.extension().is_some_and(|ending| ["lever", "json", "jsonl"].iter().any(|other| ending == *other));
        for (number, line) in text.lines().enumerate() {
            let bad = unfinished.iter().chain(foreign.iter().filter(|_| !policy_text)).find(|word| line.contains(word.as_str()));
            if let Some(word) = bad {
                found.push(format!("{}:{}: {word}", short(&path), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "found:\n{}", found.join("\n"));
}

#[test]
fn the_top_level_is_fixed() {
    let known: BTreeSet<&str> = TOP_LEVEL.iter().copied().collect();
    for entry in fs::read_dir(root()).expect("a readable folder") {
        let name = entry.expect("a readable entry").file_name().to_string_lossy().into_owned();
        assert!(name.starts_with('.') || name == "target" || known.contains(name.as_str()), "`{name}` may not stand at the top level");
    }
}

fn manifests() -> BTreeMap<String, toml::Table> {
    let mut found = BTreeMap::new();
    for path in files(&["toml"]).into_iter().filter(|path| path.ends_with("Cargo.toml")) {
        let table: toml::Table =
            fs::read_to_string(&path).expect("UTF-8").parse().unwrap_or_else(|error| panic!("{}: {error}", short(&path)));
        if let Some(name) = table.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str) {
            found.insert(name.to_string(), table);
        }
    }
    found
}

#[test]
fn crates_know_only_whom_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    for (name, manifest) in manifests() {
        let may = allowed.get(name.as_str()).unwrap_or_else(|| panic!("`{name}` is not in the list of crates"));
        for section in ["dependencies", "build-dependencies"] {
            let Some(table) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
            for dependency in table.keys() {
                if dependency.starts_with("leverframe") {
                    assert!(may.contains(&dependency.as_str()), "`{name}` may not know `{dependency}`");
                }
                assert!(!dependency.starts_with("z3") || name == "leverframe-checker", "`{name}` may not link z3");
            }
        }
    }
}

#[test]
fn outside_dependencies_are_pinned_once() {
    let workspace: toml::Table = fs::read_to_string(root().join("Cargo.toml")).expect("UTF-8").parse().expect("TOML");
    let pinned = workspace["workspace"]["dependencies"].as_table().expect("a table");
    for (name, entry) in pinned {
        let version = entry.as_str().or_else(|| entry.get("version").and_then(toml::Value::as_str));
        let own = entry.get("path").is_some();
        assert!(own || version.is_some_and(|version| version.starts_with('=')), "`{name}` is not pinned to one version");
    }
    for (name, manifest) in manifests() {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (dependency, entry) in manifest.get(section).and_then(toml::Value::as_table).into_iter().flatten() {
                let inherited = entry.get("workspace").and_then(toml::Value::as_bool) == Some(true);
                assert!(inherited, "`{name}` does not take `{dependency}` from the workspace");
            }
        }
    }
}

#[test]
fn the_engine_is_no_std_and_safe() {
    let text = fs::read_to_string(root().join("runtime/engine/src/lib.rs")).expect("the engine");
    assert!(text.contains("#![no_std]") && text.contains("#![forbid(unsafe_code)]"));
}

#[test]
fn every_code_page_belongs_to_a_code_and_every_bound_has_one() {
    let codes: BTreeSet<String> = leverframe_syntax::Code::ALL.iter().map(|code| code.text().to_string()).collect();
    for entry in fs::read_dir(root().join("lang-spec/codes")).expect("the pages") {
        let stem = entry.expect("a readable entry").path().file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(codes.contains(&stem), "`{stem}` has a page and no entry in the table");
    }
    for path in files(&["rs"]).into_iter().filter(|path| path.ends_with("limits.rs")) {
        let text = fs::read_to_string(&path).expect("UTF-8");
        for code in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.starts_with("LF07") && word.len() == 6) {
            assert!(codes.contains(code), "{} names `{code}`, which is not in the table", short(&path));
        }
    }
}
