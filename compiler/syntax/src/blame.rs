//! Words an error of the parser for the author of the policy.
//!
//! In: where pest stopped and what it tried there. Out: one finding.
//! Invariants: the finding's place lies in the statement; the general wording (LF0001) is used only where none of the
//! common mistakes below explains the place. A mistake that a word or two gives away has a function of its own.

use pest::error::{Error, ErrorVariant, InputLocation};

use crate::codes::Code;
use crate::cut::{Stretch, Word, Words};
use crate::diagnostic::Diagnostic;
use crate::expected;
use crate::grammar::Rule;
use crate::span::Span;
use crate::token::{TokenKind, offset};
use crate::words::{is_operator, is_reserved};

/// What is known about the place.
struct Clue<'w, 's> {
    expected: Vec<Rule>,
    /// The word that could not be read; `None` at the end of the statement.
    found: Option<&'w Word<'s>>,
    before: Option<&'w Word<'s>>,
    after: Option<&'w Word<'s>>,
    /// The statement's first word.
    head: &'s str,
    span: Span,
}

/// The finding for a statement that pest refused; `base` is where the text it saw begins.
pub(crate) fn blame(error: &Error<Rule>, words: &Words<'_>, stretch: Stretch, base: u32) -> Diagnostic {
    let clue = clue(error, words, stretch, base);
    let common: [fn(&Clue<'_, '_>) -> Option<Diagnostic>; 11] = [
        any_in_permission,
        glob,
        not_in,
        mixed_levels,
        gap_outside,
        chained_comparison,
        quantifier_body,
        event_condition,
        trusted_word,
        reserved_word,
        missing_comma,
    ];
    common.iter().find_map(|explain| explain(&clue)).unwrap_or_else(|| unexpected(&clue))
}

fn clue<'w, 's>(error: &Error<Rule>, words: &'w Words<'s>, stretch: Stretch, base: u32) -> Clue<'w, 's> {
    let position = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => base.saturating_add(offset(at)),
    };
    let expected = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.clone(),
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    let at = (stretch.first..=stretch.last).find(|at| words.get(*at).is_some_and(|word| word.span.end > position));
    let found = at.and_then(|at| words.get(at));
    let end = words.get(stretch.last);
    Clue {
        expected,
        found,
        before: at.map_or(end, |at| if at > stretch.first { words.before(at) } else { None }),
        after: at.filter(|at| *at < stretch.last).and_then(|at| words.get(at + 1)),
        head: words.get(stretch.first).map_or("", |word| word.text),
        span: found.or(end).map(|word| word.span).unwrap_or_default(),
    }
}

impl Clue<'_, '_> {
    fn expects(&self, rule: Rule) -> bool {
        self.expected.contains(&rule)
    }

    fn expects_any(&self, rules: &[Rule]) -> bool {
        rules.iter().any(|rule| self.expects(*rule))
    }

    fn found(&self) -> &str {
        self.found.map_or("", |word| word.text)
    }

    fn before(&self) -> &str {
        self.before.map_or("", |word| word.text)
    }

    fn after(&self) -> &str {
        self.after.map_or("", |word| word.text)
    }

    fn is_word(&self) -> bool {
        self.found.is_some_and(|word| word.kind == TokenKind::Word)
    }

    fn finding(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.span, message)
    }
}

/// The general case.
fn unexpected(clue: &Clue<'_, '_>) -> Diagnostic {
    let expected = expected::list(&clue.expected);
    let message = match (clue.found, &expected) {
        (Some(word), Some(expected)) => format!("expected {expected}, found {}", shown(word)),
        (Some(word), None) => format!("{} cannot stand here", shown(word)),
        (None, Some(expected)) => format!("expected {expected}, found the end of the statement"),
        (None, None) => "this statement is not finished".to_owned(),
    };
    let label = if clue.found.is_some() { "not expected here" } else { "the statement ends here" };
    clue.finding(Code::LF0001, message).label(label)
}

fn shown(word: &Word<'_>) -> String {
    const MOST: usize = 40;
    match word.kind {
        TokenKind::String => "a string".to_owned(),
        TokenKind::QuotedName => word.text.to_owned(),
        _ if word.text.chars().count() > MOST => {
            format!("`{}…`", word.text.chars().take(MOST).collect::<String>())
        }
        _ => format!("`{}`", word.text),
    }
}

/// `allow any`
fn any_in_permission(clue: &Clue<'_, '_>) -> Option<Diagnostic> {
    let permission = matches!(clue.head, "allow" | "ask" | "deny" | "override" | "on" | "group" | "effect" | "scan");
    (clue.found() == "any" && permission).then(|| {
        clue.finding(Code::LF0014, "`any` is a pattern of events and stands for no tools here")
            .note("name the tools, a group, or a glob over one server's tools such as `crm.*`")
    })
}

/// `*` where no glob stands, or alone.
fn glob(clue: &Clue<'_, '_>) -> Option<Diagnostic> {
    let arithmetic = clue.expects_any(&[Rule::primary, Rule::sum, Rule::product, Rule::literal]);
    (clue.found() == "*" && !arithmetic).then(|| {
        let found = clue.finding(Code::LF0013, "a glob cannot stand here");
        if clue.expects(Rule::tools) {
            found.note("a bare `*` is no glob; a glob covers the tools of one server, as `crm.*` does")
        } else {
            found.note("globs stand only where a permission, group, effect or scan names tools; give them a `group` and name that")
        }
    })
}

/// `x not in […]`
fn not_in(clue: &Clue<'_, '_>) -> Option<Diagnostic> {
    (clue.found() == "not" && clue.after() == "in")
        .then(|| clue.finding(Code::LF0010, "there is no `not in`").note("write `not (x in […])`"))
}

/// `a or b then c`
fn mixed_levels(clue: &Clue<'_, '_>) -> Option<Diagnostic> {
    let joins = [(Rule::kw_then, "then"), (Rule::kw_or, "or"), (Rule::kw_and, "and")];
    let expects_other = joins.iter().any(|(rule, word)| *word != clue.found() && clue.expects(*rule))
        || (clue.found() != "then" && clue.expects(Rule::then_step));
    let found_join = joins.iter().any(|(_, word)| *word == clue.found());
    let in_condition = clue.expects_any(&[Rule::kw_is, Rule::plus, Rule::comparison_operator, Rule::presence]);
    (found_join && expects_other && !in_condition && is_sequence(clue.head)).then(|| {
        clue.finding(Code::LF0008, format!("`{}` stands on one level with another of `then`, `or`, `and`", clue.found()))
            .note("put the part that belongs together in parentheses")
    })
}

fn is_sequence(head: &str) -> bool {
    matches!(head, "forbid" | "protocol" | "assert" | "require")
}

/// `a then b within 5m`
fn gap_outside(clue: &Clue<'_, '_>) -> Option<Diagnostic> {
    let clause = matches!(clue.found(), "within" | "unless" | "next");
    (clause && clue.expects_any(&[Rule::kw_then, Rule::then_step]) && matches!(clue.head, "forbid" | "assert")).then(|| {
        clue.finding(Code::LF0012, format!("`{}` of a gap stands in brackets after `then`", clue.found()))
            .note("write `a then[within 5m] b`, or `within 5m (a then b)` for the whole")
    })
}

/// `a < b < c`
fn chained_comparison(clue: &Clue<'_, '_>) -> Option<Diagnostic> {
    let comparison = clue.found.is_some_and(|word| {
        matches!(word.kind, TokenKind::Compare | TokenKind::Less | TokenKind::Greater)
            || (word.kind == TokenKind::Word && is_operator(word.text))
    });
    let after_one = clue.expects_any(&[Rule::kw_and, Rule::plus]) && !clue.expects(Rule::comparison_operator);
    (comparison && after_one && !clue.expects(Rule::comparison_tail))
        .then(|| clue.finding(Code::LF0009, "comparisons do not chain").note("join two comparisons by `and`"))
}

/// `all x in xs : x > 1`
fn quantifier_body(clue: &Clue<'_, '_>) -> Option<Diagnostic> {
    (clue.before() == ":" && clue.expected == [Rule::lparen])
        .then(|| clue.finding(Code::LF0011, "the body of a quantifier stands in parentheses").note("write `all x in xs : (x > 1)`"))
}

/// `t.a when x > 1` in a pattern.
fn event_condition(clue: &Clue<'_, '_>) -> Option<Diagnostic> {
    (clue.before() == "when" && clue.expected == [Rule::lparen]).then(|| {
        clue.finding(Code::LF0018, "the condition of an event stands in parentheses").note("write `payments.refund when (amount > 100)`")
    })
}

/// `context`, `result` or `session` as if it were an argument.
fn trusted_word(clue: &Clue<'_, '_>) -> Option<Diagnostic> {
    let word = clue.before.filter(|word| word.kind == TokenKind::Word)?;
    let needs = match word.text {
        "context" | "result" if clue.expects(Rule::dot) => "a dot and a name",
        "session" if clue.expects(Rule::kw_has) => "`has` and a label",
        _ => return None,
    };
    Some(
        Diagnostic::new(Code::LF0005, word.span, format!("`{}` needs {needs} after it", word.text))
            .note(format!("an argument of that name is written in backticks: `` `{}` ``", word.text)),
    )
}

/// A reserved word where a name belongs.
fn reserved_word(clue: &Clue<'_, '_>) -> Option<Diagnostic> {
    let names = [
        Rule::name,
        Rule::path,
        Rule::rule_head,
        Rule::permission_name,
        Rule::tools,
        Rule::target,
        Rule::event,
        Rule::primary,
        Rule::condition,
        Rule::sum,
        Rule::sequence,
        Rule::protocol_body,
        Rule::measured_field,
        Rule::conjunction,
        Rule::negation,
        Rule::requirement,
        Rule::one,
        Rule::argument_value,
        Rule::value,
    ];
    let joins = ["and", "or", "not", "in", "is", "then", "within", "unless", "before", "times", "otherwise"];
    let found = clue.found();
    (clue.is_word() && is_reserved(found) && !joins.contains(&found) && clue.expects_any(&names)).then(|| {
        clue.finding(Code::LF0005, format!("`{found}` is a reserved word and no name"))
            .note(format!("a name like that is written in backticks: `` `{found}` ``"))
    })
}

/// Arms of `on` without a comma between them.
fn missing_comma(clue: &Clue<'_, '_>) -> Option<Diagnostic> {
    let on = clue.head == "on" || clue.head == "override";
    let new_line = clue.found.is_some_and(|word| word.begins_line && word.text != "}");
    (on && new_line && clue.expects_any(&[Rule::comma]) && clue.expects(Rule::rbrace)).then(|| {
        let found = clue.finding(Code::LF0017, "the arms of `on` are separated by commas");
        match clue.before {
            Some(word) => found.also(word.span, "a `,` is missing after this"),
            None => found,
        }
    })
}
