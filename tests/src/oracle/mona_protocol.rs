//! Protocols as formulas of MONA, written down as the language reads: a word is cut into the parts of the expression.
//!
//! In: a protocol of the core form. Out: a MONA program. `w(E, x, y)` says that the named letters after x, up to y, are a word of E, `b(E, x, y)` that they begin one.
//! Nothing is determinised, and no position of an expression is numbered: the compiler does both.
//! Source: `lang-spec/sequences.md`, [seq.protocol]; language section 4 ("Nothing fails open").

use leverframe_compiler::core::{Core, Pattern, Protocol};

use super::mona_text::{Printed, Printer, Role, joined};

/// The letters that the protocol names.
const NAMED: &str = "named";

/// A protocol.
#[must_use]
pub fn print_protocol(core: &Core, protocol: &Protocol) -> Printed {
    let mut printer = Printer::default();
    let mut patterns = Vec::new();
    collect(protocol, &mut patterns);
    let mut any =
        |at: usize, role: Role| joined(patterns.iter().map(|pattern| printer.pattern(pattern, at, role, None)).collect(), " | ", "false");
    // Positions far from those that the printer numbers.
    let named = format!("(all1 p1000: p1000 in {NAMED} <=> {})", any(1_000, Role::Excuse));
    // A guard of a result or host event that cannot be evaluated leaves the language.
    let doubt: Vec<String> = patterns
        .iter()
        .map(|pattern| {
            let (step, excuse) = (printer.pattern(pattern, 1_001, Role::Step, None), printer.pattern(pattern, 1_001, Role::Excuse, None));
            format!("({step} & ~{excuse})")
        })
        .collect();
    let left = format!("(ex1 p1001: p1001 < p0 & ~call(p1001) & {})", joined(doubt, " | ", "false"));
    let begins = printer.begins(protocol, "0", "p0");
    let judged = format!("(ex2 {NAMED}: {named} & call(p0) & p0 in {NAMED} & ({left} | ~{begins}))");
    printer.done(core, judged)
}

fn collect<'p>(protocol: &'p Protocol, patterns: &mut Vec<&'p Pattern>) {
    match protocol {
        Protocol::Event(pattern) => patterns.push(pattern),
        Protocol::Then(parts) | Protocol::Or(parts) => parts.iter().for_each(|part| collect(part, patterns)),
        Protocol::Many(body) | Protocol::Some(body) | Protocol::Maybe(body) => collect(body, patterns),
    }
}

fn none(at: usize, from: &str, to: &str) -> String {
    format!("~(ex1 p{at}: {from} < p{at} & p{at} <= {to} & p{at} in {NAMED})")
}

impl Printer {
    fn nothing(&mut self, from: &str, to: &str) -> String {
        none(self.fresh(), from, to)
    }

    fn word(&mut self, protocol: &Protocol, from: &str, to: &str) -> String {
        match protocol {
            Protocol::Event(pattern) => {
                let (at, other) = (self.fresh(), self.fresh());
                let matched = self.pattern(pattern, at, Role::Excuse, None);
                let alone = format!("~(ex1 p{other}: {from} < p{other} & p{other} <= {to} & p{other} ~= p{at} & p{other} in {NAMED})");
                format!("(ex1 p{at}: {from} < p{at} & p{at} <= {to} & {matched} & {alone})")
            }
            Protocol::Then(parts) => self.words(parts, from, to),
            Protocol::Or(parts) => joined(parts.iter().map(|part| self.word(part, from, to)).collect(), " | ", "false"),
            Protocol::Many(body) => format!("({} | {})", self.nothing(from, to), self.again(body, from, to)),
            Protocol::Some(body) => {
                let cut = format!("p{}", self.fresh());
                let (first, rest) = (self.word(body, from, &cut), self.word(&Protocol::Many(body.clone()), &cut, to));
                between(&cut, from, to, &format!("{first} & {rest}"))
            }
            Protocol::Maybe(body) => format!("({} | {})", self.nothing(from, to), self.word(body, from, to)),
        }
    }

    fn words(&mut self, parts: &[Protocol], from: &str, to: &str) -> String {
        let Some((first, rest)) = parts.split_first() else { return self.nothing(from, to) };
        if rest.is_empty() {
            return self.word(first, from, to);
        }
        let cut = format!("p{}", self.fresh());
        let (first, rest) = (self.word(first, from, &cut), self.words(rest, &cut, to));
        between(&cut, from, to, &format!("{first} & {rest}"))
    }

    /// Some places cut the letters into words of the body.
    fn again(&mut self, body: &Protocol, from: &str, to: &str) -> String {
        let (set, u, v, w) = (self.fresh(), self.fresh(), self.fresh(), self.fresh());
        let (first, second) = (format!("p{u}"), format!("p{v}"));
        let word = self.word(body, &first, &second);
        let neighbours = format!("p{u} in s{set} & p{v} in s{set} & p{u} < p{v} & ~(ex1 p{w}: p{w} in s{set} & p{u} < p{w} & p{w} < p{v})");
        let inside = format!("{from} <= p{u} & p{v} <= {to}");
        format!("(ex2 s{set}: {from} in s{set} & {to} in s{set} & (all1 p{u}, p{v}: ({neighbours} & {inside}) => {word}))")
    }

    fn begins(&mut self, protocol: &Protocol, from: &str, to: &str) -> String {
        match protocol {
            Protocol::Event(_) => format!("({} | {})", self.nothing(from, to), self.word(protocol, from, to)),
            Protocol::Then(parts) => self.begins_all(parts, from, to),
            Protocol::Or(parts) => joined(parts.iter().map(|part| self.begins(part, from, to)).collect(), " | ", "false"),
            Protocol::Many(body) | Protocol::Some(body) => {
                let cut = format!("p{}", self.fresh());
                let (before, last) = (self.word(&Protocol::Many(body.clone()), from, &cut), self.begins(body, &cut, to));
                between(&cut, from, to, &format!("{before} & {last}"))
            }
            Protocol::Maybe(body) => self.begins(body, from, to),
        }
    }

    fn begins_all(&mut self, parts: &[Protocol], from: &str, to: &str) -> String {
        let Some((first, rest)) = parts.split_first() else { return self.nothing(from, to) };
        if rest.is_empty() {
            return self.begins(first, from, to);
        }
        let cut = format!("p{}", self.fresh());
        let (whole, after) = (self.word(first, from, &cut), self.begins_all(rest, &cut, to));
        format!("({} | {})", self.begins(first, from, to), between(&cut, from, to, &format!("{whole} & {after}")))
    }
}

fn between(cut: &str, from: &str, to: &str, what: &str) -> String {
    format!("(ex1 {cut}: {from} <= {cut} & {cut} <= {to} & {what})")
}
