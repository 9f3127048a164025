//! Random sequences of a `forbid`.
//!
//! In: where a sequence stands. Out: its text, and the steps of a session that match it.
//! Invariant: no gap clause beside an `and`; inside `within D ( … )` no `within` of a gap, and no `unless` where it would not be determined what it is measured from.

use super::pattern::{Place, Step};
use super::writer::Writer;
use crate::tree::{Tree, list, maybe, nothing, seq, word};

/// What stands around a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Window {
    /// No `within D ( … )`.
    None,
    /// One, and what began last ends last.
    Kept,
    /// One, and a match that ends first may have begun last.
    Lost,
}

/// Where a sequence stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    /// Whether nothing follows it.
    pub(super) last: bool,
    /// Whether patterns may name a persona.
    pub(super) by: bool,
    /// Whether nothing precedes it.
    pub(super) begins: bool,
    pub(super) window: Window,
}

/// A sequence and the steps that match it.
pub(super) struct Sequence {
    pub(super) tree: Tree,
    pub(super) steps: Vec<Step>,
    and_first: bool,
    and_last: bool,
    /// Whether a match is one event.
    single: bool,
    /// The window for what follows.
    window: Window,
}

impl Writer {
    /// A sequence that nests at most `depth` deep.
    pub(super) fn sequence(&mut self, depth: usize, spot: Spot) -> Sequence {
        match self.dice.weighted(if depth == 2 { &[8, 56, 11, 11, 14] } else { &[30, 32, 20, 16, 0] }) {
            0 => self.one(depth, spot),
            1 => self.chain_of_steps(depth, spot),
            2 => self.alternatives(depth, spot, " or ", "or of sequences"),
            3 => self.alternatives(depth, spot, " and ", "and of sequences"),
            _ => self.window(1, spot),
        }
    }

    fn one(&mut self, depth: usize, spot: Spot) -> Sequence {
        let (nested, span) = if depth > 0 { (18, 12) } else { (0, 0) };
        match self.dice.weighted(&[66, 10, nested, span]) {
            0 => {
                let pattern = self.pattern(if spot.last { Place::Call } else { Place::Step }, spot.by);
                Sequence {
                    tree: pattern.tree,
                    steps: vec![pattern.step],
                    and_first: false,
                    and_last: false,
                    single: true,
                    window: spot.window,
                }
            }
            1 => self.times(depth, spot),
            2 => self.group(depth - 1, spot),
            _ => self.window(depth - 1, spot),
        }
    }

    fn times(&mut self, depth: usize, spot: Spot) -> Sequence {
        self.tag(if spot.window == Window::None { "times" } else { "times in a window" });
        let count = self.dice.between(2, 3);
        // From the second time on the body follows itself.
        let window = if spot.window == Window::None { Window::None } else { Window::Lost };
        let inner = Spot { window, begins: false, ..spot };
        let inner = if depth > 0 && self.dice.chance(35) { self.group(depth - 1, inner) } else { self.one(0, inner) };
        let steps = (0..count).flat_map(|_| inner.steps.clone()).collect();
        let tree = seq(vec![word(format!("{count} times ")), inner.tree]);
        Sequence { tree, steps, single: false, window, ..inner }
    }

    fn group(&mut self, depth: usize, spot: Spot) -> Sequence {
        self.tag("nested sequence");
        let inner = self.sequence(depth.min(1), Spot { begins: false, ..spot });
        Sequence { tree: seq(vec![word("("), inner.tree, word(")")]), ..inner }
    }

    /// `within D ( … )`
    fn window(&mut self, depth: usize, spot: Spot) -> Sequence {
        self.tag(if spot.window == Window::None { "within group" } else { "within group in another" });
        let (_, window) = *self.dice.pick(&self.world.windows);
        let inner = Spot { begins: false, window: spot.window.max(Window::Kept), ..spot };
        let inner = match self.dice.weighted(&[60, 16, 14, 10]) {
            0 => self.chain_of_steps(depth, inner),
            1 => self.alternatives(depth.max(1), inner, " or ", "or in a window"),
            2 => self.alternatives(depth.max(1), inner, " and ", "and in a window"),
            _ => self.times(depth, inner),
        };
        let window_after = if spot.window == Window::None { Window::None } else { inner.window };
        let tree = seq(vec![word(format!("within {window} (")), inner.tree, word(")")]);
        Sequence { tree, window: window_after, ..inner }
    }

    fn alternatives(&mut self, depth: usize, spot: Spot, separator: &'static str, tag: &'static str) -> Sequence {
        self.tag(tag);
        let both = separator == " and ";
        let members: Vec<Sequence> = (0..2).map(|_| self.one(depth.saturating_sub(1), Spot { begins: false, ..spot })).collect();
        let steps = if both || self.dice.chance(30) {
            members.iter().flat_map(|member| member.steps.clone()).collect()
        } else {
            self.dice.pick(&members).steps.clone()
        };
        let all_single = members.iter().all(|member| member.single);
        let own = if spot.window == Window::None || all_single { spot.window } else { Window::Lost };
        Sequence {
            and_first: both || members.iter().any(|member| member.and_first),
            and_last: both || members.iter().any(|member| member.and_last),
            single: !both && all_single,
            window: members.iter().fold(own, |window, member| window.max(member.window)),
            tree: list(separator, 2, members.into_iter().map(|member| member.tree).collect()),
            steps,
        }
    }

    fn chain_of_steps(&mut self, depth: usize, spot: Spot) -> Sequence {
        let count = self.dice.weighted(&[0, 0, 66, 34]);
        let (mut parts, mut steps): (Vec<Tree>, Vec<Step>) = (Vec::new(), Vec::new());
        let (mut and_first, mut and_last, mut started, mut window) = (false, false, false, spot.window);
        for index in 0..count {
            if index == 0 && spot.begins && spot.window == Window::None && self.dice.chance(12) {
                self.tag("start");
                parts.push(word("start"));
                started = true;
                continue;
            }
            let here = Spot { last: spot.last && index + 1 == count, begins: false, window, ..spot };
            let one = self.one(depth.saturating_sub(1), here);
            if index > 0 {
                let gap = if one.and_first || and_last { nothing() } else { self.gap(spot.by, started, window) };
                parts.push(seq(vec![word(" then"), gap, word(" ")]));
            }
            started = false;
            and_first |= index == 0 && one.and_first;
            and_last = one.and_last;
            window = one.window;
            steps.extend(one.steps);
            parts.push(one.tree);
        }
        Sequence { tree: seq(parts), steps, and_first, and_last, single: false, window }
    }

    fn gap(&mut self, by: bool, started: bool, window: Window) -> Tree {
        if self.dice.chance(42) {
            return nothing();
        }
        let mut clauses = Vec::new();
        if !started && window == Window::None && self.dice.chance(45) {
            clauses.push(self.within("within", "within "));
        }
        let unless = if window == Window::Lost { 0 } else { self.dice.weighted(&[40, 40, 20]) };
        if unless > 1 {
            self.tag("several unless");
        }
        for _ in 0..unless {
            self.tag(if window == Window::None { "unless" } else { "unless in a window" });
            clauses.push(seq(vec![word("unless "), self.pattern(Place::Unless, by).tree]));
        }
        if self.dice.chance(22) {
            self.tag("next");
            clauses.push(word("next"));
        }
        if clauses.is_empty() {
            return nothing();
        }
        maybe(seq(vec![word("["), list(", ", 1, clauses), word("]")]))
    }
}
