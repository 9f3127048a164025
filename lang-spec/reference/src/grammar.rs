//! The normative grammar, and how the reference walks what it reads.
//!
//! In: a module's text. Out: its declarations as pest's pairs; there is no tree beside them. Invariant: nesting is bounded before pest recurses.
//! Source: `lang-spec/grammar.pest`; language section 2.

use pest::Parser;
use pest::iterators::Pair;
use pest_derive::Parser;

use crate::limits::{FILE_BYTES, NESTING};
use crate::refusal::Refusal;

/// The parser that pest derives from the normative grammar.
#[derive(Parser)]
#[grammar = "../../grammar.pest"]
struct Grammar;

/// A piece of a module, read by one rule of the grammar.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pair: Pair<'a, Rule>,
    module: &'a str,
}

/// Reads a module.
///
/// # Errors
/// [`Refusal::Wrong`] where the grammar does not accept it, [`Refusal::Bound`] where it is too large or too deep.
pub(crate) fn read<'a>(module: &'a str, text: &'a str) -> Result<Vec<Node<'a>>, Refusal> {
    if text.len() > FILE_BYTES {
        return Err(Refusal::Bound { what: "bytes of a module", bound: FILE_BYTES });
    }
    if too_deep(text) {
        return Err(Refusal::Bound { what: "nesting", bound: NESTING });
    }
    let wrong = |error: pest::error::Error<Rule>| Refusal::Wrong { what: error.variant.message().into_owned(), at: place(module, &error) };
    let mut pairs = Grammar::parse(Rule::file, text).map_err(wrong)?;
    let file = pairs.next().map(Pair::into_inner).into_iter().flatten();
    let nodes: Vec<Node<'a>> = file.filter(|pair| pair.as_rule() != Rule::EOI).map(|pair| Node { pair, module }).collect();
    let version = nodes.first().and_then(|line| line.child(Rule::natural)).map(|number| number.text().to_owned());
    match version.as_deref() {
        Some("1") => Ok(nodes.into_iter().skip(1).collect()),
        _ => Err(Refusal::Wrong { what: "the language's version is not 1".into(), at: module.to_owned() }),
    }
}

fn place(module: &str, error: &pest::error::Error<Rule>) -> String {
    let line = match error.line_col {
        pest::error::LineColLocation::Pos((line, _)) | pest::error::LineColLocation::Span((line, _), _) => line,
    };
    format!("{module}:{line}")
}

impl<'a> Node<'a> {
    /// The rule that read it.
    pub(crate) fn rule(&self) -> Rule {
        self.pair.as_rule()
    }

    /// Its text.
    pub(crate) fn text(&self) -> &'a str {
        self.pair.as_str()
    }

    /// What it holds, in source order.
    pub(crate) fn inner(&self) -> impl Iterator<Item = Self> + use<'a> {
        let module = self.module;
        self.pair.clone().into_inner().map(move |pair| Self { pair, module })
    }

    /// All of one rule directly inside.
    pub(crate) fn children(&self, rule: Rule) -> impl Iterator<Item = Self> + use<'a> {
        self.inner().filter(move |node| node.rule() == rule)
    }

    /// The first of one rule directly inside.
    pub(crate) fn child(&self, rule: Rule) -> Option<Self> {
        self.children(rule).next()
    }

    /// Whether one of that rule is directly inside.
    pub(crate) fn has(&self, rule: Rule) -> bool {
        self.child(rule).is_some()
    }

    /// The first of one rule directly inside, which the grammar promises.
    pub(crate) fn need(&self, rule: Rule) -> Result<Self, Refusal> {
        self.child(rule).ok_or_else(|| self.wrong(format!("{rule:?} is missing")))
    }

    /// What stands in a wrapper of one alternative.
    pub(crate) fn only(&self) -> Result<Self, Refusal> {
        self.inner().next().ok_or_else(|| self.wrong("nothing here"))
    }

    /// Through pieces that hold one piece each, down to one of that rule.
    pub(crate) fn down_to(self, rule: Rule) -> Option<Self> {
        let mut node = self;
        while node.rule() != rule {
            let mut inner = node.inner();
            node = inner.next().filter(|_| inner.next().is_none())?;
        }
        Some(node)
    }

    /// A name, path or field without backticks; parts are joined by dots.
    pub(crate) fn name(&self) -> String {
        match self.rule() {
            Rule::word => self.text().to_owned(),
            Rule::quoted_name => self.text().trim_matches('`').to_owned(),
            Rule::path => self.inner().map(|part| part.name()).collect::<Vec<_>>().join("."),
            _ => self.inner().next().map_or_else(String::new, |part| part.name()),
        }
    }

    /// Whether the name stands in backticks.
    pub(crate) fn quoted(&self) -> bool {
        self.text().starts_with('`')
    }

    /// The name directly inside.
    pub(crate) fn child_name(&self) -> Result<String, Refusal> {
        Ok(self.need(Rule::name)?.name())
    }

    /// Where it stands.
    pub(crate) fn at(&self) -> String {
        format!("{}:{}", self.module, self.pair.line_col().0)
    }

    /// An error here.
    pub(crate) fn wrong(&self, what: impl Into<String>) -> Refusal {
        Refusal::Wrong { what: what.into(), at: self.at() }
    }
}

/// Whether brackets, `<`, `not` and `times` nest beyond the bound, each run of the words counted into the brackets around it.
fn too_deep(text: &str) -> bool {
    let mut open: Vec<usize> = Vec::new();
    let (mut carried, mut run) = (0, 0);
    let mut after_list = false;
    for token in tokens(text) {
        match token {
            "(" | "[" | "{" => open_bracket(&mut open, &mut carried, &mut run),
            "<" if after_list => open_bracket(&mut open, &mut carried, &mut run),
            ")" | "]" | "}" | ">" => {
                carried -= open.pop().unwrap_or(0);
                run = 0;
            }
            "not" | "times" => run += 1,
            number if number.starts_with(|c: char| c.is_ascii_digit()) => {}
            _ => run = 0,
        }
        after_list = token == "list";
        if open.len() + carried + run > NESTING {
            return true;
        }
    }
    false
}

fn open_bracket(open: &mut Vec<usize>, carried: &mut usize, run: &mut usize) {
    open.push(*run);
    *carried += *run;
    *run = 0;
}

/// Words, numbers and single characters, without comments, strings and white space.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start();
            let first = rest.chars().next()?;
            let length = length(rest, first);
            let (token, after) = rest.split_at_checked(length)?;
            rest = after;
            if !token.starts_with("//") && !token.ends_with('"') {
                return Some(token);
            }
        }
    })
}

fn length(rest: &str, first: char) -> usize {
    let until = |end: fn(char) -> bool| rest.find(end).unwrap_or(rest.len());
    if rest.starts_with("//") {
        until(|c| c == '\n')
    } else if first == '"' {
        string_length(rest, true)
    } else if rest.starts_with("r\"") {
        1 + string_length(rest.get(1..).unwrap_or(""), false)
    } else if first == '`' {
        1 + rest.get(1..).and_then(|rest| rest.find(['`', '\n'])).map_or(0, |end| end + 1)
    } else if first.is_ascii_alphanumeric() || first == '_' {
        until(|c| !c.is_ascii_alphanumeric() && c != '_')
    } else {
        first.len_utf8()
    }
}

/// The bytes of a string from its opening quote, up to the end of the line where it is never closed.
fn string_length(rest: &str, escapes: bool) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return at,
            _ if escaped => escaped = false,
            '\\' if escapes => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_texts_are_refused_before_pest_sees_them() {
        let deep = format!("language 1\nconst x = {}1{}", "(".repeat(5_000), ")".repeat(5_000));
        assert!(matches!(read("m", &deep), Err(Refusal::Bound { what: "nesting", .. })));
        let runs = format!("language 1\ndefine d(x: bool) = {} x", "not ".repeat(5_000));
        assert!(matches!(read("m", &runs), Err(Refusal::Bound { what: "nesting", .. })));
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_nest() {
        let text = format!("language 1\n// {0}\nconst x = \"{0}\\\"(\"\nconst y = r\"{0}\"", "(".repeat(100));
        assert!(read("m", &text).is_ok());
    }

    #[test]
    fn another_version_is_refused() {
        assert!(matches!(read("m", "language 2\n"), Err(Refusal::Wrong { .. })));
    }
}
