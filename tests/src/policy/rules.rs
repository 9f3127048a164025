//! Random rules over histories: `forbid`, `require`, `limit`.
//!
//! In: where a rule stands. Out: its text; its name with the constructs it is made of; a story, the steps of a session that comes near it.

use super::pattern::{Place, Step};
use super::writer::{Owner, Writer};
use crate::tree::{Tree, list, maybe, nothing, seq, word};

/// A sequence, the steps that match it, and whether an `and` begins or ends it (a gap clause may not stand beside that).
struct Sequence {
    tree: Tree,
    steps: Vec<Step>,
    and_first: bool,
    and_last: bool,
}

impl Writer {
    /// One rule over histories.
    pub(super) fn history_rule(&mut self, owner: Owner) -> Tree {
        self.begin();
        self.tag(match owner {
            Owner::Top => "rule at top level",
            Owner::Everyone => "rule in everyone",
            Owner::Persona(_) => "rule in a persona",
        });
        match self.dice.weighted(&[50, 27, 23]) {
            0 => self.forbid(owner),
            1 => self.require(owner),
            _ => self.limit(owner),
        }
    }

    fn key(&mut self) -> (Tree, bool) {
        let (text, tag) = *self.dice.pick(&[
            ("", "per session"),
            ("", "per session"),
            ("", "per session"),
            (" per session", "per session"),
            (" per principal", "per principal"),
            (" per agent", "per agent"),
            (" per tenant", "per tenant"),
        ]);
        self.tag(tag);
        (maybe(word(text)), tag != "per session")
    }

    fn action(&mut self) -> Tree {
        // Rules in shadow stop nobody, so that histories grow.
        let (text, tag) = match self.dice.weighted(&[34, 5, 11, 9, 38, 3]) {
            0 => return nothing(),
            1 => (" => deny", "=> deny"),
            2 => (" => ask", "=> ask"),
            3 => (*self.dice.pick(&[" => ask by \"lead\"", " => ask by \"owner\""]), "=> ask by"),
            4 => (" => observe", "=> observe"),
            _ => (" => end session", "=> end session"),
        };
        self.tag(tag);
        maybe(word(text))
    }

    fn why(&mut self, name: &str) -> Tree {
        if self.dice.chance(40) { maybe(word(format!(" \"why {name}\""))) } else { nothing() }
    }

    fn forbid(&mut self, owner: Owner) -> Tree {
        self.tag("forbid");
        let name = self.fresh("f");
        let why = self.why(&name);
        let (key, by) = self.key();
        let sequence = self.sequence(2, true, by, true);
        let action = self.action();
        let _ = owner;
        self.finish(&name, sequence.steps);
        seq(vec![word(format!("forbid {name}")), why, key, word(" { "), sequence.tree, word(" }"), action])
    }

    fn require(&mut self, owner: Owner) -> Tree {
        self.tag("require");
        let name = self.fresh("r");
        let why = self.why(&name);
        let (key, by) = self.key();
        let count = self.dice.weighted(&[0, 65, 27, 8]);
        if count > 1 {
            self.tag("several prerequisites");
        }
        let prerequisites: Vec<_> = (0..count).map(|_| self.pattern(Place::Anywhere, by)).collect();
        let target = self.pattern(Place::Call, by);
        let within = if self.dice.chance(40) { self.within("require within", " within ") } else { nothing() };
        let reset = self.dice.chance(40).then(|| self.pattern(Place::Anywhere, by));
        let mut steps: Vec<Step> = prerequisites.iter().map(|pattern| pattern.step.clone()).collect();
        steps.push(target.step.clone());
        let mut parts = vec![word(format!("require {name}")), why, key, word(" { ")];
        parts.push(list(" and ", 1, prerequisites.into_iter().map(|pattern| pattern.tree).collect()));
        parts.extend([word(" before "), target.tree, within]);
        if let Some(reset) = reset {
            self.tag("reset by");
            steps.extend([reset.step, target.step]);
            parts.push(maybe(seq(vec![word(" reset by "), reset.tree])));
        }
        parts.push(word(" }"));
        parts.push(self.action());
        let _ = owner;
        self.finish(&name, steps);
        seq(parts)
    }

    fn limit(&mut self, owner: Owner) -> Tree {
        self.tag("limit");
        let named = self.dice.chance(50);
        let name = if named { self.fresh("l") } else { String::new() };
        let counted = self.count_limit(owner);
        let shown = if named { name.clone() } else { counted };
        let head = if named { word(format!("limit {name}: ")) } else { word("limit ") };
        let count = self.dice.weighted(&[0, 45, 35, 20]);
        let (period, by) = self.period();
        let event = self.pattern(Place::Call, by);
        let action = self.action();
        self.finish(&shown, vec![event.step; count + 1]);
        seq(vec![head, word(format!("{count} ")), event.tree, period, action])
    }

    fn period(&mut self) -> (Tree, bool) {
        if self.dice.chance(40) {
            self.tag("limit per session");
            return (word(" per session"), false);
        }
        self.tag("limit per window");
        let (_, window) = *self.dice.pick(&self.world.windows);
        let (key, by) = self.key();
        (seq(vec![word(format!(" per {window}")), key]), by)
    }

    fn within(&mut self, tag: &'static str, before: &str) -> Tree {
        self.tag(tag);
        let (_, window) = *self.dice.pick(&self.world.windows);
        maybe(word(format!("{before}{window}")))
    }

    /// A sequence; `last` where nothing follows it, `begins` where nothing precedes it.
    fn sequence(&mut self, depth: usize, last: bool, by: bool, begins: bool) -> Sequence {
        match self.dice.weighted(if depth == 2 { &[8, 64, 14, 14] } else { &[30, 30, 22, 18] }) {
            0 => self.one(depth, last, by),
            1 => self.chain_of_steps(depth, last, by, begins),
            2 => self.alternatives(depth, last, by, " or ", "or of sequences"),
            _ => self.alternatives(depth, last, by, " and ", "and of sequences"),
        }
    }

    fn one(&mut self, depth: usize, last: bool, by: bool) -> Sequence {
        let nested = if depth > 0 { 22 } else { 0 };
        match self.dice.weighted(&[66, 12, nested]) {
            0 => {
                let pattern = self.pattern(if last { Place::Call } else { Place::Anywhere }, by);
                Sequence { tree: pattern.tree, steps: vec![pattern.step], and_first: false, and_last: false }
            }
            1 => {
                self.tag("times");
                let count = self.dice.between(2, 3);
                let inner = if depth > 0 && self.dice.chance(35) { self.group(depth - 1, last, by) } else { self.one(0, last, by) };
                let steps = (0..count).flat_map(|_| inner.steps.clone()).collect();
                Sequence { tree: seq(vec![maybe(word(format!("{count} times "))), inner.tree]), steps, ..inner }
            }
            _ => self.group(depth - 1, last, by),
        }
    }

    fn group(&mut self, depth: usize, last: bool, by: bool) -> Sequence {
        self.tag("nested sequence");
        let inner = self.sequence(depth, last, by, false);
        Sequence { tree: seq(vec![word("("), inner.tree, word(")")]), ..inner }
    }

    fn alternatives(&mut self, depth: usize, last: bool, by: bool, separator: &'static str, tag: &'static str) -> Sequence {
        self.tag(tag);
        let both = separator == " and ";
        let members: Vec<Sequence> = (0..2).map(|_| self.one(depth.saturating_sub(1), last, by)).collect();
        let steps = if both || self.dice.chance(30) {
            members.iter().flat_map(|member| member.steps.clone()).collect()
        } else {
            self.dice.pick(&members).steps.clone()
        };
        let and_first = both || members.iter().any(|member| member.and_first);
        let and_last = both || members.iter().any(|member| member.and_last);
        let tree = list(separator, 1, members.into_iter().map(|member| member.tree).collect());
        Sequence { tree, steps, and_first, and_last }
    }

    fn chain_of_steps(&mut self, depth: usize, last: bool, by: bool, begins: bool) -> Sequence {
        self.tag("then");
        let count = self.dice.weighted(&[0, 0, 66, 34]);
        let mut steps = Vec::new();
        let (mut parts, mut started, mut and_first, mut and_last) = (Vec::new(), false, false, false);
        for index in 0..count {
            if index == 0 && begins && self.dice.chance(12) {
                self.tag("start");
                parts.push(word("start"));
                started = true;
                continue;
            }
            let one = self.one(depth.saturating_sub(1), last && index + 1 == count, by);
            if index > 0 {
                let gap = if one.and_first || and_last { nothing() } else { self.gap(by, started) };
                parts.push(seq(vec![word(" then"), gap, word(" ")]));
            }
            started = false;
            and_first |= index == 0 && one.and_first;
            and_last = one.and_last;
            steps.extend(one.steps);
            parts.push(one.tree);
        }
        Sequence { tree: seq(parts), steps, and_first, and_last }
    }

    fn gap(&mut self, by: bool, started: bool) -> Tree {
        if self.dice.chance(45) {
            return nothing();
        }
        let mut clauses = Vec::new();
        if !started && self.dice.chance(45) {
            clauses.push(self.within("within", "within "));
        }
        let unless = self.dice.weighted(&[40, 38, 22]);
        if unless > 1 {
            self.tag("several unless");
        }
        for _ in 0..unless {
            self.tag("unless");
            clauses.push(seq(vec![word("unless "), self.pattern(Place::Anywhere, by).tree]));
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
