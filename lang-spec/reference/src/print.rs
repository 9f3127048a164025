//! The core text of a policy.
//!
//! In: a policy. Out: its text, byte for byte as the page says, with a line feed after the last form. Invariant: equal policies print alike.
//! Source: `lang-spec/core-form.md`.

use std::fmt::{self, Display, Write};

use crate::formula;
use crate::policy::{
    Action, Answer, Case, Cond, Detector, DetectorPart, FieldPath, Kind, Member, Part, Pattern, Persona, Policy, Rule, Scan, Term, Tool,
    ToolRules,
};
use crate::types::quoted;

/// The core text of a policy.
#[must_use]
pub fn core_text(policy: &Policy) -> String {
    let mut forms = vec!["(core 1)".to_owned()];
    for label in &policy.labels {
        let kind = if label.sensitive { "sensitive" } else { "untrusted" };
        forms.push(format!("(label {} {kind})", quoted(&label.name)));
    }
    forms.extend(policy.context.iter().map(|(name, ty)| format!("(context {} {ty})", quoted(name))));
    forms.extend(policy.events.iter().map(|event| format!("(event {} {})", quoted(&event.name), event.args)));
    forms.extend(policy.tools.iter().map(tool));
    forms.extend(policy.detectors.iter().map(detector));
    if !policy.everyone.is_empty() {
        forms.push(format!("(everyone{})", tools(&policy.everyone)));
    }
    forms.extend(policy.personas.iter().map(persona));
    for rule in &policy.rules {
        forms.push(self::rule(rule));
    }
    forms.extend(policy.scans.iter().map(scan));
    forms.join("\n") + "\n"
}

fn tool(tool: &Tool) -> String {
    let returns: String = tool.returns.iter().map(|label| format!(" {}", quoted(label))).collect();
    let result = tool.result.as_ref().map_or(String::new(), |result| format!(" (result {result})"));
    format!("(tool {} {}{result} (returns{returns}) (sends {}) (destroys {}))", quoted(&tool.name), tool.args, tool.sends, tool.destroys)
}

fn detector(detector: &Detector) -> String {
    let part = |part: &DetectorPart| match part {
        DetectorPart::Named(name) => format!(" {}", quoted(name)),
        DetectorPart::Matches(regex) => format!(" (matches {})", quoted(regex)),
    };
    format!("(detector {}{})", quoted(&detector.name), detector.parts.iter().map(part).collect::<String>())
}

fn scan(scan: &Scan) -> String {
    let names = |names: &[String]| names.iter().map(|name| format!(" {}", quoted(name))).collect::<String>();
    let place = if scan.results { "results" } else { "arguments" };
    let words = [(scan.deny, " deny"), (scan.redact, " redact")];
    let words: String = words.iter().filter(|(given, _)| *given).map(|(_, word)| *word).collect();
    let labels: String = scan.labels.iter().map(|label| note("label", Some(label))).collect();
    format!(
        "(scan {} (scope {}) {place} (tools{}) (detectors{}) (actions{words}{labels}))",
        quoted(&scan.name),
        scope(scan.scope.as_deref()),
        names(&scan.tools),
        names(&scan.detectors)
    )
}

fn scope(personas: Option<&[String]>) -> String {
    personas.map_or_else(|| "all".to_owned(), |personas| personas.iter().map(|persona| quoted(persona)).collect::<Vec<_>>().join(" "))
}

fn persona(persona: &Persona) -> String {
    let otherwise = match &persona.otherwise {
        None => "none".to_owned(),
        Some(answer) => format!("{} {}{}", answer.verdict.word(), quoted(&answer.name), who_and_why(answer)),
    };
    format!("(persona {} (otherwise {otherwise}){})", quoted(&persona.name), tools(&persona.tools))
}

fn tools(rules: &[ToolRules]) -> String {
    let tool = |rules: &ToolRules| {
        let members: String = rules.members.iter().map(member).collect();
        format!("\n  (tool {}{members})", quoted(&rules.tool))
    };
    rules.iter().map(tool).collect()
}

fn member(member: &Member) -> String {
    match member {
        Member::Rule(answer) => format!("\n    ({} {})", answer.verdict.word(), self::answer(answer)),
        Member::On(arms) => {
            let arms: String = arms.iter().map(|arm| format!("\n      (arm {} {})", arm.verdict.word(), answer(arm))).collect();
            format!("\n    (on{arms})")
        }
    }
}

fn answer(answer: &Answer) -> String {
    format!("{} {}{}", quoted(&answer.name), answer.cond, who_and_why(answer))
}

fn who_and_why(answer: &Answer) -> String {
    note("who", answer.who.as_deref()) + &note("why", answer.why.as_deref())
}

fn note(word: &str, text: Option<&str>) -> String {
    text.map_or(String::new(), |text| format!(" ({word} {})", quoted(text)))
}

/// What a rule remembers by: its name, key and body. Rules of equal texts keep the same state.
#[must_use]
pub fn memory_text(rule: &Rule) -> String {
    let capacity = rule.capacity.map_or(String::new(), |capacity| format!(" (capacity {capacity})"));
    format!("(rule {} (key {}){capacity} {})", quoted(&rule.name), rule.key.word(), formula::body(&rule.body))
}

fn rule(rule: &Rule) -> String {
    let kind = match rule.body {
        crate::policy::Body::Forbid(_) => "forbid",
        crate::policy::Body::Require { .. } => "require",
        crate::policy::Body::Protocol(_) => "protocol",
        crate::policy::Body::Limit { .. } => "limit",
    };
    let scope = scope(rule.scope.as_deref());
    let action = match &rule.action {
        Action::Deny => "deny".to_owned(),
        Action::Ask(who) => format!("ask{}", note("who", who.as_deref())),
        Action::EndSession => "end_session".to_owned(),
        Action::Observe => "observe".to_owned(),
    };
    let head = format!("(rule {kind} {} (key {}) (scope {scope}) (action {action})", quoted(&rule.name), rule.key.word());
    let capacity = rule.capacity.map_or(String::new(), |capacity| format!(" (capacity {capacity})"));
    format!("{head}{}{capacity}\n  {})", note("why", rule.why.as_deref()), formula::body(&rule.body))
}

impl Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts.as_slice() {
            [part] => write!(f, "{part}"),
            parts => list(f, "alt", parts),
        }
    }
}

impl Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Call => "call",
            Kind::Ok => "ok",
            Kind::Failed => "failed",
            Kind::Result => "result",
            Kind::Event => "event",
            Kind::Denied => "denied",
        };
        write!(f, "({kind}{}{}", if self.approved { " approved" } else { "" }, if self.unknown { " unknown" } else { "" })?;
        write!(f, "{}{}", note("by", self.by.as_deref()), note("label", self.label.as_deref()))?;
        for bind in &self.binds {
            write!(f, " (bind {} {} {})", quoted(&bind.variable), bind.tag.word(), bind.path)?;
        }
        self.cases.iter().try_for_each(|case| write!(f, " {case}"))?;
        f.write_char(')')
    }
}

impl Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.of_result { "(result" } else { "(arg" })?;
        for step in &self.steps {
            write!(f, " {}{}", quoted(&step.name), if step.each { " each" } else { "" })?;
        }
        f.write_char(')')
    }
}

impl Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.names.iter().map(|name| quoted(name)).collect();
        write!(f, "(({}) {})", names.join(" "), self.guard)
    }
}

impl Display for Cond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Const(value) => write!(f, "{value}"),
            Self::And(parts) => list(f, "and", parts),
            Self::Or(parts) => list(f, "or", parts),
            Self::Not(inner) => write!(f, "(not {inner})"),
            Self::Present(term) => write!(f, "(present {term})"),
            Self::Compare(op, tag, left, right) => write!(f, "({} {} {left} {right})", op.word(), tag.word()),
            Self::In(tag, term, literals) => {
                write!(f, "(in {} {term}", tag.word())?;
                literals.iter().try_for_each(|literal| write!(f, " {literal}"))?;
                f.write_char(')')
            }
            Self::InCidr(term, network) => write!(f, "(in_cidr {term} {})", quoted(network)),
            Self::UnderHost(term, host) => write!(f, "(under host {term} {})", quoted(host)),
            Self::UnderPath(term, path) => write!(f, "(under path {term} {})", quoted(path)),
            Self::Text(op, term, text) => write!(f, "({} {term} {})", op.word(), quoted(text)),
            Self::All(name, over, body) => write!(f, "(all {} {over} {body})", quoted(name)),
            Self::Some(name, over, body) => write!(f, "(some {} {over} {body})", quoted(name)),
            Self::Has(label) => write!(f, "(has {})", quoted(label)),
            Self::Carries(label) => write!(f, "(carries {})", quoted(label)),
        }
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |names: &[String]| names.iter().map(|name| format!(" {}", quoted(name))).collect::<String>();
        match self {
            Self::Arg(path) => write!(f, "(arg{})", names(path)),
            Self::Context(path) => write!(f, "(context{})", names(path)),
            Self::Result(path) => write!(f, "(result{})", names(path)),
            Self::Var(name, path) => write!(f, "(var {}{})", quoted(name), names(path)),
            Self::At => f.write_str("at"),
            Self::Literal(literal) => write!(f, "{literal}"),
            Self::Apply(function, inner) => write!(f, "({} {inner})", function.word()),
            Self::Arith(op, left, right) => write!(f, "({} {left} {right})", op.word()),
        }
    }
}

pub(crate) fn list<T: Display>(f: &mut fmt::Formatter<'_>, head: &str, parts: &[T]) -> fmt::Result {
    write!(f, "({head}")?;
    parts.iter().try_for_each(|part| write!(f, " {part}"))?;
    f.write_char(')')
}
