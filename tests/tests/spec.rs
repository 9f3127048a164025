//! Every block of `lang-spec/*.md` marked `lever` is a whole policy: it must be accepted, or raise the code that stands beside the mark. The same
//! holds of the `Bad` and `Good` examples on the pages of diagnostics.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use leverframe_compiler::pipeline::{BuildError, build};
use leverframe_syntax::Code;

struct Block {
    page: String,
    line: usize,
    /// The code that it must raise.
    code: Option<String>,
    text: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").join("lang-spec")
}

fn blocks(page: &str, text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in text.lines().enumerate() {
        match &mut open {
            Some(_) if line == "```" => found.extend(open.take()),
            Some(block) => block.text.extend([line, "\n"]),
            None if line == "```lever" || line.starts_with("```lever ") => {
                let code = line.strip_prefix("```lever ").map(|code| code.trim().to_owned());
                open = Some(Block { page: page.to_owned(), line: number + 1, code, text: String::new() });
            }
            None => {}
        }
    }
    assert!(open.is_none(), "{page}: a block does not end");
    found
}

/// The codes of the errors that a policy raises: none where it compiles.
fn errors(text: &str) -> Vec<String> {
    let files = BTreeMap::from([("policy.lever".to_owned(), text.to_owned())]);
    match build("policy.lever", &files) {
        Ok(_) => Vec::new(),
        Err(BuildError::Refused(checked)) => {
            checked.diagnostics.iter().filter(|found| found.is_error()).map(|found| found.code.text().to_owned()).collect()
        }
        Err(BuildError::Load(error)) => panic!("{error}"),
    }
}

fn judge(block: &Block) -> Option<String> {
    let found = errors(&block.text);
    let right = match &block.code {
        None => found.is_empty(),
        Some(code) => found.contains(code),
    };
    (!right).then(|| format!("{}:{}: expected {:?}, found {found:?}", block.page, block.line, block.code))
}

#[test]
fn the_blocks_of_the_chapters_hold() {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder()).expect("the chapters") {
        let path = entry.expect("a readable entry").path();
        if path.extension().is_some_and(|ending| ending == "md") {
            all.extend(blocks(&path.display().to_string(), &std::fs::read_to_string(&path).expect("UTF-8")));
        }
    }
    assert!(all.len() >= 12, "only {} blocks were found", all.len());
    let wrong: Vec<String> = all.iter().filter_map(judge).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_readme_block_holds_apart_from_its_catalog() {
    let readme = std::fs::read_to_string(folder().join("../README.md")).expect("README.md");
    let all = blocks("README.md", &readme);
    assert_eq!(all.len(), 1, "README shows one policy");
    let catalog = r#"{"tools":[{"name":"read_inbox","inputSchema":{"type":"object"}},
        {"name":"send","inputSchema":{"type":"object","properties":{"to":{"type":"string"}},"required":["to"]}}]}"#;
    let files =
        BTreeMap::from([("README.lever".to_owned(), all[0].text.clone()), ("catalogs/mail.tools.json".to_owned(), catalog.to_owned())]);
    assert!(build("README.lever", &files).is_ok(), "the policy of README does not compile");
}

#[test]
fn pages_of_types_and_rules_keep_their_word() {
    let mut wrong = Vec::new();
    for code in Code::ALL.iter().filter(|code| code.text().starts_with("LF02")) {
        let page = code.page();
        let examples = blocks(code.text(), page);
        assert!(!examples.is_empty(), "{code} shows nothing");
        let good = page.find("\n## Good").unwrap_or(page.len());
        for block in examples {
            let is_good = page[..good].lines().count() < block.line;
            let found = errors(&block.text);
            let right = if is_good { found.is_empty() } else { found.iter().any(|one| one == code.text()) };
            if !right && !block.text.contains("import") {
                wrong.push(format!("{code}: line {}: good {is_good}, found {found:?}", block.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
