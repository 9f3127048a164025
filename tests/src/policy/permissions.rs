//! Random personas and `everyone`: permissions in every form.
//!
//! In: the world. Out: text; each rule's name with the constructs it is made of.

use super::condition::Scope;
use super::world::Origin;
use super::writer::{Owner, Writer};
use crate::tree::{Tree, list, maybe, nothing, seq, word};

/// Of a hundred denials, at least so many have a condition; other permissions have fewer.
const DENIALS: usize = 90;

impl Writer {
    /// Persona number `index` of the world.
    pub(super) fn persona(&mut self, index: usize) -> Tree {
        let name = self.world.personas[index];
        let parents = self.parents(index);
        let extends = if parents.is_empty() { nothing() } else { maybe(word(format!(" extends {}", parents.join(", ")))) };
        let mut items = vec![self.broad_allow(name)];
        for _ in 0..self.dice.between(2, 4) {
            items.push(self.permission(name, !parents.is_empty()));
        }
        if self.dice.chance(45) {
            items.push(self.on_block(name, !parents.is_empty()));
        }
        for _ in 0..self.dice.weighted(&[60, 40]) {
            items.push(self.history_rule(Owner::Persona(name)));
        }
        if !self.world.detectors.is_empty() && self.dice.chance(35) {
            items.push(self.scan(Owner::Persona(name)));
        }
        // Parents may answer differently, and then the child must.
        if parents.len() == 1 || self.dice.chance(if parents.is_empty() { 70 } else { 100 }) {
            items.push(self.otherwise(name, parents.len() != 1));
        }
        seq(vec![word(format!("persona {name}")), extends, word(" {\n  "), list("\n  ", 0, items), word("\n}")])
    }

    fn parents(&mut self, index: usize) -> Vec<&'static str> {
        if index == 0 || self.dice.chance(25) {
            return Vec::new();
        }
        let count = self.dice.between(1, 2);
        let before = self.world.personas[..index].to_vec();
        self.dice.some(&before, count)
    }

    fn otherwise(&mut self, name: &'static str, always: bool) -> Tree {
        if !always && self.dice.chance(40) {
            return nothing();
        }
        self.begin();
        self.tag("otherwise");
        let verdict = *self.dice.pick(&["deny", "ask"]);
        self.finish(&format!("{name}.otherwise"), Vec::new());
        maybe(word(format!("otherwise {verdict}")))
    }

    /// Most calls must pass, or no history grows.
    fn broad_allow(&mut self, name: &'static str) -> Tree {
        if self.dice.chance(8) {
            return nothing();
        }
        self.begin();
        self.tag("allow");
        let wanted = self.world.tools.saturating_sub(self.dice.below(2));
        let all: Vec<usize> = (0..self.world.tools).collect();
        let names = self.dice.some(&all, wanted).iter().map(|tool| word(self.world.subjects[*tool].name.clone())).collect();
        let rule = self.count_permission(name, "allow", None);
        self.finish(&rule, Vec::new());
        seq(vec![word("allow "), list(", ", 1, names)])
    }

    fn permission(&mut self, persona: &'static str, child: bool) -> Tree {
        self.begin();
        let verdict = ["allow", "ask", "deny"][self.dice.weighted(&[52, 26, 22])];
        self.tag(verdict);
        let replaces = child && self.dice.chance(30);
        if replaces {
            self.tag("override");
        }
        let label = self.dice.chance(20).then(|| self.fresh("p"));
        let rule = self.count_permission(persona, verdict, label.as_deref());
        let (tools, covered) = self.tool_list();
        let when = self.when(&covered, if verdict == "deny" { 92 } else { 65 });
        let tail = self.tail(verdict);
        self.finish(&rule, Vec::new());
        let head = format!("{verdict} {}", label.map_or(String::new(), |label| format!("{label}: ")));
        seq(vec![if replaces { maybe(word("override ")) } else { nothing() }, word(head), tools, when, tail])
    }

    /// Who is asked, or why it is denied.
    fn tail(&mut self, verdict: &str) -> Tree {
        match verdict {
            "ask" if self.dice.chance(68) => {
                self.tag("ask by");
                maybe(word(*self.dice.pick(&[" by \"lead\"", " by \"owner\""])))
            }
            "deny" if self.dice.chance(40) => maybe(word(" \"no\"")),
            _ => nothing(),
        }
    }

    fn when(&mut self, covered: &[usize], percent: usize) -> Tree {
        if !self.dice.chance(percent) {
            return nothing();
        }
        self.tag("when");
        let scope = Scope::of_call(&self.world.shared_fields(covered));
        let depth = self.dice.below(3);
        let condition = self.condition(&scope, depth);
        // A denial that holds of nearly everything leaves no history.
        if percent > DENIALS && self.dice.chance(45) {
            let second = self.condition(&scope, 0);
            return maybe(seq(vec![word(" when "), list(" and ", 1, vec![seq(vec![word("("), condition, word(")")]), second])]));
        }
        maybe(seq(vec![word(" when "), condition]))
    }

    /// Tools, groups and globs, and which tools they come to.
    pub(super) fn tool_list(&mut self) -> (Tree, Vec<usize>) {
        let mut covered: Vec<usize> = Vec::new();
        let mut items = Vec::new();
        for _ in 0..self.dice.weighted(&[0, 70, 30]) {
            let (item, tools) = self.tool_set();
            items.push(item);
            covered.extend(tools);
        }
        covered.sort_unstable();
        covered.dedup();
        if covered.len() < 2 || !self.dice.chance(22) {
            return (list(", ", 1, items), covered);
        }
        self.tag("except");
        let out = *self.dice.pick(&covered);
        covered.retain(|tool| *tool != out);
        let except = maybe(word(format!(" except {}", self.world.subjects[out].name)));
        (seq(vec![list(", ", 1, items), except]), covered)
    }

    pub(super) fn tool_set(&mut self) -> (Tree, Vec<usize>) {
        match self.dice.weighted(&[60, 20, 20]) {
            1 if !self.world.groups.is_empty() => {
                self.tag("group");
                let group = self.dice.pick(&self.world.groups);
                (word(group.name.clone()), group.tools.clone())
            }
            2 => self.glob(),
            _ => {
                let tool = self.dice.below(self.world.tools);
                (word(self.world.subjects[tool].name.clone()), vec![tool])
            }
        }
    }

    /// A glob that covers something.
    pub(super) fn glob(&mut self) -> (Tree, Vec<usize>) {
        self.tag("glob");
        // Pseudo-tools are covered by no glob.
        let first_pseudo = self.world.tools().iter().position(|tool| tool.origin == Origin::Pseudo).unwrap_or(self.world.tools);
        let tool = self.dice.below(first_pseudo);
        let name = self.world.subjects[tool].name.clone();
        let (server, verb) = name.split_once('.').unwrap_or((name.as_str(), ""));
        let start = verb.get(..1).unwrap_or("");
        let prefix = if self.dice.chance(50) { format!("{server}.") } else { format!("{server}.{start}") };
        let covers =
            |index: &usize| self.world.subjects[*index].name.starts_with(&prefix) && self.world.subjects[*index].origin != Origin::Pseudo;
        ((word(format!("{prefix}*"))), (0..self.world.tools).filter(covers).collect())
    }

    fn on_block(&mut self, persona: &'static str, child: bool) -> Tree {
        let tool = self.dice.below(self.world.tools);
        let name = self.world.subjects[tool].name.clone();
        let replaces = child && self.dice.chance(25);
        let mut arms = Vec::new();
        for _ in 0..self.dice.between(1, 3) {
            self.begin();
            self.tag("on");
            if replaces {
                self.tag("override");
            }
            let scope = Scope::of_call(&self.world.shared_fields(&[tool]));
            let depth = self.dice.below(2);
            let condition = self.condition(&scope, depth);
            arms.push(self.arm(persona, &name, condition));
        }
        if self.dice.chance(50) {
            self.begin();
            self.tag("on");
            self.tag("otherwise arm");
            arms.push(self.arm(persona, &name, word("otherwise")));
        }
        let head = seq(vec![if replaces { maybe(word("override ")) } else { nothing() }, word(format!("on {name} {{ "))]);
        seq(vec![head, list(", ", 1, arms), word(" }")])
    }

    fn arm(&mut self, persona: &'static str, tool: &str, condition: Tree) -> Tree {
        let verdict = ["allow", "ask", "deny"][self.dice.weighted(&[50, 28, 22])];
        let tail = self.tail(verdict);
        let rule = self.count_arm(persona, tool);
        self.finish(&rule, Vec::new());
        seq(vec![condition, word(format!(" => {verdict}")), tail])
    }

    /// `everyone`, which only denies.
    pub(super) fn everyone(&mut self) -> Tree {
        let mut items = Vec::new();
        for _ in 0..self.dice.between(1, 2) {
            self.begin();
            self.tag("everyone");
            let label = self.dice.chance(20).then(|| self.fresh("p"));
            let rule = self.count_permission("everyone", "deny", label.as_deref());
            let (tools, covered) = self.tool_list();
            let when = self.when(&covered, 97);
            let tail = self.tail("deny");
            self.finish(&rule, Vec::new());
            let head = format!("deny {}", label.map_or(String::new(), |label| format!("{label}: ")));
            items.push(seq(vec![word(head), tools, when, tail]));
        }
        if self.dice.chance(40) {
            items.push(self.history_rule(Owner::Everyone));
        }
        if !self.world.detectors.is_empty() && self.dice.chance(30) {
            items.push(self.scan(Owner::Everyone));
        }
        seq(vec![word("everyone {\n  "), list("\n  ", 0, items), word("\n}")])
    }
}
