//! Regular expressions over whole strings.
//!
//! Source: language section 9 ("Regular expressions"): the syntax of regex-syntax, `.` matches any scalar value.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use regex_automata::nfa::thompson::NFA;
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, Look};

/// How many machines are kept ready; beyond it all are made anew.
const READY: usize = 256;

thread_local! {
    static MACHINES: RefCell<BTreeMap<String, Rc<PikeVM>>> = const { RefCell::new(BTreeMap::new()) };
}

/// A pattern as the language allows it; nothing where the text is none.
#[must_use]
pub fn parse(pattern: &str) -> Option<Hir> {
    let pattern = ParserBuilder::new().dot_matches_new_line(true).nest_limit(64).build().parse(pattern).ok()?;
    pattern.properties().look_set().is_empty().then_some(pattern)
}

/// A machine that matches whole strings only; nothing where the text is no pattern.
pub(crate) fn compile(pattern: &str) -> Option<PikeVM> {
    let whole = Hir::concat(vec![Hir::look(Look::Start), parse(pattern)?, Hir::look(Look::End)]);
    let nfa = NFA::compiler().configure(NFA::config().nfa_size_limit(Some(1 << 26))).build_from_hir(&whole).ok()?;
    PikeVM::new_from_nfa(nfa).ok()
}

/// Whether the whole text matches; nothing where the pattern is none.
pub(crate) fn matches(pattern: &str, text: &str) -> Option<bool> {
    let ready = MACHINES.with_borrow(|machines| machines.get(pattern).cloned());
    let machine = match ready {
        Some(machine) => machine,
        None => {
            let machine = Rc::new(compile(pattern)?);
            MACHINES.with_borrow_mut(|machines| {
                if machines.len() >= READY {
                    machines.clear();
                }
                machines.insert(pattern.to_owned(), Rc::clone(&machine));
            });
            machine
        }
    };
    Some(machine.is_match(&mut machine.create_cache(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_strings() {
        assert_eq!(matches("a|ab", "ab"), Some(true));
        assert_eq!(matches("ls|cat", "lsof"), Some(false));
        assert_eq!(matches("a.b", "a\nb"), Some(true));
        assert_eq!(matches("[a-z]*", "ls\n"), Some(false));
        assert_eq!(matches("(?x) a # no comment hides the end", "ab"), Some(false));
        assert_eq!(matches("^a", "a"), None);
        assert_eq!(matches("(", ""), None);
    }
}
