//! Every page's bad example raises its code, its good one raises nothing, and its shape is the shape of a page.

use crate::codes::Code;
use crate::read::parse;
use crate::span::FileId;

/// Codes whose bad example would be too large to print; `bounds_have_codes` raises them.
const TOO_LARGE: &[Code] = &[Code::LF0701, Code::LF0703, Code::LF0704, Code::LF0705, Code::LF0706];

fn of_this_crate() -> impl Iterator<Item = Code> {
    let mine = |code: &Code| {
        let text = code.text();
        text.starts_with("LF00") || ("LF0701"..="LF0706").contains(&text)
    };
    Code::ALL.iter().copied().filter(mine)
}

fn section<'p>(page: &'p str, title: &str) -> &'p str {
    let start = page.find(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("no section {title}"));
    let body = &page[start + title.len() + 5..];
    body.find("\n## ").map_or(body, |end| &body[..end])
}

fn block(section: &str) -> Option<&str> {
    let start = section.find("```lever\n")? + "```lever\n".len();
    let body = &section[start..];
    Some(&body[..body.find("```")?])
}

#[test]
fn pages_begin_with_their_code_and_a_title() {
    for code in Code::ALL {
        let line = code.page().lines().next().unwrap_or_default();
        assert!(line.starts_with(&format!("# {code} ")), "{code}: {line}");
        assert!(!code.title().is_empty() && !code.title().ends_with('.'), "{code}");
        assert_eq!(Code::parse(code.text()), Some(*code));
    }
    assert_eq!(Code::parse("LF9999"), None);
}

#[test]
fn bad_examples_raise_their_code_alone() {
    for code in of_this_crate().filter(|code| !TOO_LARGE.contains(code)) {
        let bad = block(section(code.page(), "Bad")).unwrap_or_else(|| panic!("{code} has no bad example"));
        let found: Vec<Code> = parse(FileId(0), bad).diagnostics.iter().map(|found| found.code).collect();
        assert!(!found.is_empty() && found.iter().all(|one| *one == code), "{code}: {found:?}");
    }
}

#[test]
fn good_examples_raise_nothing() {
    for code in of_this_crate() {
        let good = block(section(code.page(), "Good")).unwrap_or_else(|| panic!("{code} has no good example"));
        assert_eq!(parse(FileId(0), good).diagnostics, [], "{code}");
    }
}
