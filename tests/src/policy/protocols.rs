//! Random protocols.
//!
//! In: dice. Out: text; a story that is a word of the protocol, and goes on where it ends.

use super::pattern::{Place, Step};
use super::writer::Writer;
use crate::tree::{Tree, list, seq, word};

/// An expression and a word of it.
struct Expression {
    tree: Tree,
    steps: Vec<Step>,
}

impl Writer {
    pub(super) fn protocol(&mut self) -> Tree {
        self.tag("protocol");
        let name = self.fresh("o");
        let why = self.why(&name);
        let (key, by) = self.key();
        let Expression { tree, mut steps } = self.with_variables(2, |writer| writer.expression(2, by));
        if !self.variables_of_rule.is_empty() {
            self.tag("protocol with variables");
        }
        let key = self.key_and_capacity(key);
        let action = self.action();
        // What follows a word, or its beginning, mostly leaves the protocol.
        steps.extend(steps.first().cloned());
        self.finish(&name, steps);
        seq(vec![word(format!("protocol {name}")), why, key, word(" { "), tree, word(" }"), action])
    }

    fn expression(&mut self, depth: usize, by: bool) -> Expression {
        let or = if depth == 2 { 10 } else { 30 };
        match self.dice.weighted(&[12, 64, or]) {
            0 => self.item(depth, by),
            1 => {
                let count = self.dice.between(2, 3);
                let items: Vec<Expression> = (0..count).map(|_| self.item(depth, by)).collect();
                let steps = items.iter().flat_map(|item| item.steps.clone()).collect();
                Expression { tree: list(" then ", 1, items.into_iter().map(|item| item.tree).collect()), steps }
            }
            _ => {
                self.tag("protocol or");
                let items: Vec<Expression> = (0..2).map(|_| self.item(depth, by)).collect();
                let steps = self.dice.pick(&items).steps.clone();
                Expression { tree: list(" or ", 1, items.into_iter().map(|item| item.tree).collect()), steps }
            }
        }
    }

    fn item(&mut self, depth: usize, by: bool) -> Expression {
        let deeper = if depth == 0 { 0 } else { 12 };
        let (before, tag, times) = match self.dice.weighted(&[50, deeper / 2, deeper, deeper, deeper]) {
            0 => {
                let pattern = self.pattern(Place::Protocol, by);
                return Expression { tree: pattern.tree, steps: vec![pattern.step] };
            }
            1 => ("", "protocol group", 1),
            2 => ("many ", "protocol many", self.dice.below(3)),
            3 => ("some ", "protocol some", self.dice.between(1, 2)),
            _ => ("maybe ", "protocol maybe", self.dice.below(2)),
        };
        self.tag(tag);
        let inner = self.expression(depth - 1, by);
        let steps = (0..times).flat_map(|_| inner.steps.clone()).collect();
        Expression { tree: seq(vec![word(format!("{before}(")), inner.tree, word(")")]), steps }
    }
}
