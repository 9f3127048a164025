//! Rules as formulas of MONA, written down as `lang-spec/core-form.md` reads, with a quantifier wherever it says "an earlier letter".
//!
//! In: a core formula, or a limit. Out: a MONA program, and the bits it speaks of. Nothing is simplified, shared or remembered.
//! Source: `lang-spec/core-form.md`, [core.formula]; `lang-spec/sequences.md`, [seq.event].

use leverframe_compiler::core::formula::PatternPart;
use leverframe_compiler::core::{Clause, Cond, Core, Formula, LetterKind, Pattern, PatternCases};
use leverframe_runtime::frame;

use super::alphabet::{Letters, Site, UNKNOWN};
use super::mona::Accepts;

/// A printed rule.
#[derive(Debug)]
pub struct Printed {
    /// What must hold at a judged letter, at position `p0`.
    judged: String,
    /// Its letters.
    pub letters: Letters,
    /// The guards that bits are named after.
    pub guards: Vec<Cond>,
}

/// The rule's formula.
///
/// # Panics
/// Where it has a group with a window, which is no matter of letters alone.
#[must_use]
pub fn print(core: &Core, formula: &Formula) -> Printed {
    let mut printer = Printer::default();
    let judged = printer.formula(formula, 0);
    printer.done(core, judged)
}

/// A limit: so many letters match at different earlier positions.
#[must_use]
pub fn print_limit(core: &Core, count: usize, event: &Pattern) -> Printed {
    let mut printer = Printer::default();
    let mut judged = printer.pattern(event, 0, Role::Step, None);
    // The innermost quantifier stands for the latest of them.
    for index in (1..=count).rev() {
        let matches = printer.pattern(event, index, Role::Step, None);
        let after = if index == 1 { String::new() } else { format!("p{} < p{index} & ", index - 1) };
        judged = format!("(ex1 p{index}: {after}p{index} < p0 & {matches} & {judged})");
    }
    printer.done(core, judged)
}

/// What a guard that cannot be evaluated counts as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A step, or a reset: as matching.
    Step,
    /// A prerequisite, or an `unless`: as not matching.
    Excuse,
}

#[derive(Default)]
pub(super) struct Printer {
    bits: Vec<String>,
    guards: Vec<Cond>,
    /// Each `prev` and `met` with a register, once, and its registers: window, position.
    known: Vec<(Formula, Option<String>, Option<String>)>,
    registers: usize,
    positions: usize,
    /// Whether a pattern speaks of refused attempts.
    attempts: bool,
}

impl Printer {
    pub(super) fn done(self, core: &Core, judged: String) -> Printed {
        let letters = if self.attempts { Letters::with_attempts(core, self.bits) } else { Letters::new(core, self.bits) };
        Printed { judged, letters, guards: self.guards }
    }

    fn bit(&mut self, name: String) -> String {
        if !self.bits.contains(&name) {
            self.bits.push(name.clone());
        }
        name
    }

    pub(super) fn fresh(&mut self) -> usize {
        self.positions += 1;
        self.positions
    }

    fn formula(&mut self, formula: &Formula, at: usize) -> String {
        match formula {
            Formula::Start => format!("(p{at} = 0)"),
            Formula::Match(pattern) => self.pattern(pattern, at, Role::Step, None),
            Formula::And(parts) => self.parts(parts, " & ", "true", at),
            Formula::Or(parts) => self.parts(parts, " | ", "false", at),
            Formula::Not(part) => format!("~{}", self.formula(part, at)),
            Formula::Prev(body, clause) => self.prev(formula, body, clause, at),
            Formula::Span(..) | Formula::From(_) => panic!("a window is no matter of letters alone"),
            Formula::Met { pattern, within_ms, reset } => self.met(formula, pattern, *within_ms, reset.as_ref(), at),
        }
    }

    fn parts(&mut self, parts: &[Formula], sign: &str, none: &str, at: usize) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.formula(part, at)).collect();
        joined(parts, sign, none)
    }

    fn prev(&mut self, formula: &Formula, body: &Formula, clause: &Clause, at: usize) -> String {
        let (earlier, between) = (self.fresh(), self.fresh());
        let held = self.formula(body, earlier);
        let (window, position) = self.registers(formula, clause.within_ms, clause.unless.iter().any(has_results));
        let mut stops: Vec<String> =
            clause.unless.iter().map(|pattern| self.pattern(pattern, between, Role::Excuse, position.as_deref())).collect();
        if clause.next {
            stops.push(format!("call(p{between})"));
        }
        let gap = gap(earlier, between, at, &joined(stops, " | ", "false"));
        format!("((ex1 p{earlier}: p{earlier} < p{at} & {held} & {gap}){})", open(window, at))
    }

    fn met(&mut self, formula: &Formula, pattern: &Pattern, within_ms: Option<u64>, reset: Option<&Pattern>, at: usize) -> String {
        let (earlier, between) = (self.fresh(), self.fresh());
        let (window, position) = self.registers(formula, within_ms, reset.is_some() && has_results(pattern));
        let matched = self.pattern(pattern, earlier, Role::Excuse, position.as_deref());
        let mut forgotten = |position: usize| reset.map_or("false".to_owned(), |reset| self.pattern(reset, position, Role::Step, None));
        let (here, since) = (forgotten(earlier), forgotten(between));
        let gap = gap(earlier, between, at, &since);
        format!("((ex1 p{earlier}: p{earlier} < p{at} & {matched} & ~{here} & {gap}){})", open(window, at))
    }

    /// The bits of a part's window and position. Registers are numbered as the parts end, equal parts once.
    fn registers(&mut self, formula: &Formula, within_ms: Option<u64>, results: bool) -> (Option<String>, Option<String>) {
        let known = self.known.iter().find(|(known, ..)| known == formula).map(|(_, window, position)| (window.clone(), position.clone()));
        let (window, position) = known.unwrap_or_else(|| {
            let mut next = || {
                self.registers += 1;
                self.registers - 1
            };
            let window = within_ms.map(|ms| window_bit(next(), ms));
            let position = results.then(|| position_bit(next()));
            self.known.push((formula.clone(), window.clone(), position.clone()));
            (window, position)
        });
        (window.map(|name| self.bit(name)), position.map(|name| self.bit(name)))
    }

    /// `position`: the bit that a result's call lies where it must.
    pub(super) fn pattern(&mut self, pattern: &Pattern, at: usize, role: Role, position: Option<&str>) -> String {
        let mut alternatives = Vec::new();
        for part in &pattern.parts {
            self.attempts |= part.kind == LetterKind::Denied;
            if part.unknown {
                // Of a tool that nobody knows no guard can be evaluated.
                alternatives.extend(self.case(part, (frame::LetterKind::Denied, UNKNOWN), &Cond::Const(true), at, role, position));
            }
            for (subject, guard) in cases(part) {
                for kind in kinds(part.kind) {
                    alternatives.extend(self.case(part, (*kind, subject), guard, at, role, position));
                }
            }
        }
        joined(alternatives, " | ", "false")
    }

    fn case(&mut self, part: &PatternPart, site: Site, guard: &Cond, at: usize, role: Role, position: Option<&str>) -> Option<String> {
        let mut facts = vec![site_name(site)];
        if part.approved {
            facts.push(self.bit(APPROVED.to_owned()));
        }
        facts.extend(part.by.map(|persona| self.bit(persona_bit(persona.0))));
        facts.extend(part.label.map(|label| self.bit(label_bit(label.0))));
        match guard {
            Cond::Const(true) => {}
            Cond::Const(false) => return None,
            guard => facts.push(self.guard(guard, role)),
        }
        let is_result = matches!(site.0, frame::LetterKind::Ok | frame::LetterKind::Failed);
        facts.extend(position.filter(|_| is_result).map(str::to_owned));
        let facts = facts.into_iter().map(|set| format!("p{at} in {set}")).collect();
        Some(joined(facts, " & ", "true"))
    }

    fn guard(&mut self, guard: &Cond, role: Role) -> String {
        let index = self.guards.iter().position(|known| known == guard).unwrap_or_else(|| {
            self.guards.push(guard.clone());
            self.guards.len() - 1
        });
        self.bit(guard_bit(index, role == Role::Step))
    }
}

/// The bit of the test for approval.
pub const APPROVED: &str = "approved";

/// The bit of a test for a persona.
#[must_use]
pub fn persona_bit(persona: u32) -> String {
    format!("by{persona}")
}

/// The bit of a test for a label.
#[must_use]
pub fn label_bit(label: u32) -> String {
    format!("label{label}")
}

/// The bit of a guard; `failed` is what it counts as where it cannot be evaluated.
#[must_use]
pub fn guard_bit(index: usize, failed: bool) -> String {
    format!("guard{index}{}", if failed { "step" } else { "excuse" })
}

/// The bit of a window.
#[must_use]
pub fn window_bit(register: usize, ms: u64) -> String {
    format!("within{register}x{ms}")
}

/// The bit of the position of a result's call.
#[must_use]
pub fn position_bit(register: usize) -> String {
    format!("after{register}")
}

fn gap(earlier: usize, between: usize, at: usize, stop: &str) -> String {
    format!("(all1 p{between}: (p{earlier} < p{between} & p{between} < p{at}) => ~{stop})")
}

fn open(window: Option<String>, at: usize) -> String {
    window.map_or(String::new(), |window| format!(" & p{at} in {window}"))
}

pub(super) fn joined(parts: Vec<String>, sign: &str, none: &str) -> String {
    if parts.is_empty() { none.to_owned() } else { format!("({})", parts.join(sign)) }
}

fn cases(part: &PatternPart) -> Vec<(u32, &Cond)> {
    match &part.cases {
        PatternCases::Tools(cases) => cases.iter().flat_map(|case| case.names.iter().map(|id| (id.0, &case.guard))).collect(),
        PatternCases::Events(cases) => cases.iter().flat_map(|case| case.names.iter().map(|id| (id.0, &case.guard))).collect(),
    }
}

fn kinds(kind: LetterKind) -> &'static [frame::LetterKind] {
    match kind {
        LetterKind::Call => &[frame::LetterKind::Call],
        LetterKind::Ok => &[frame::LetterKind::Ok],
        LetterKind::Failed => &[frame::LetterKind::Failed],
        LetterKind::Result => &[frame::LetterKind::Ok, frame::LetterKind::Failed],
        LetterKind::Event => &[frame::LetterKind::Event],
        LetterKind::Denied => &[frame::LetterKind::Denied],
    }
}

fn has_results(pattern: &Pattern) -> bool {
    let result = |part: &PatternPart| matches!(part.kind, LetterKind::Ok | LetterKind::Failed | LetterKind::Result);
    pattern.parts.iter().any(result)
}

fn site_name((kind, subject): Site) -> String {
    format!("{}{subject}", format!("{kind:?}").to_lowercase())
}

impl Printed {
    /// The whole program.
    #[must_use]
    pub fn program(&self, accepts: Accepts) -> String {
        let sites: Vec<String> = self.letters.sites.iter().map(|site| site_name(*site)).collect();
        let variables: Vec<&str> = sites.iter().chain(&self.letters.bits).map(String::as_str).collect();
        let calls: Vec<String> = sites.iter().filter(|name| name.starts_with("call")).map(|name| format!("p in {name}")).collect();
        let none = conjunction(&sites, None);
        let one: Vec<String> = sites.iter().map(|only| conjunction(&sites, Some(only))).collect();
        let place = match accepts {
            Accepts::Last => "p0 = max $ & ",
            Accepts::Ever => "",
        };
        format!(
            "m2l-str;\nvar2 {};\npred call(var1 p) = {};\nall1 p: (p = 0 & {none}) | (p > 0 & ({}));\nex1 p0: {place}call(p0) & {};\n",
            variables.join(", "),
            calls.join(" | "),
            one.join(" | "),
            self.judged
        )
    }
}

/// That a letter is at this site only.
fn conjunction(sites: &[String], only: Option<&String>) -> String {
    let parts = sites.iter().map(|site| format!("p {} {site}", if Some(site) == only { "in" } else { "notin" })).collect();
    joined(parts, " & ", "true")
}
