//! What is asked of letters, in words.
//!
//! In: sites and tests of a rule. Out: short text, as the language would write it.

use leverframe_runtime::frame::{Frame, LetterKind, Rule, Test, ToolId};

use super::condition;
use super::paths::Path;

/// Speaks of one rule.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) frame: &'a Frame,
    pub(super) rule: &'a Rule,
}

impl Words<'_> {
    pub(super) fn kind(&self, kind: LetterKind) -> &'static str {
        match kind {
            LetterKind::Call => "call",
            LetterKind::Ok => "ok",
            LetterKind::Failed => "failed",
            LetterKind::Event => "event",
            LetterKind::Denied => "denied",
        }
    }

    pub(super) fn subject(&self, kind: LetterKind, subject: u32) -> String {
        if kind == LetterKind::Denied && subject == ToolId::UNKNOWN.0 {
            return "an unknown tool".to_owned();
        }
        let index = subject as usize;
        let name = match kind {
            LetterKind::Event => self.frame.events.get(index).map(|event| &event.name),
            _ => self.frame.tools.get(index).map(|tool| &tool.name),
        };
        name.cloned().unwrap_or_default()
    }

    /// A test as an atom of the JSON.
    pub(super) fn atom(&self, test: Test, subject: Option<(LetterKind, u32)>) -> String {
        match test {
            Test::Approved => "approved".to_owned(),
            Test::By(persona) => format!("by={}", self.persona(persona.index())),
            Test::Label(label) => format!("label={}", self.label(label.index())),
            Test::Guard { guard, failed } => {
                let (kind, of) = subject.unwrap_or((LetterKind::Call, 0));
                let counts = if failed { "; a failure counts" } else { "" };
                format!("guard({}: {}{counts})", self.subject(kind, of), self.guard(kind, of, guard))
            }
            Test::Within { register, ms } => format!("within({}, r{register})", duration(ms)),
            Test::CallAfter { register } => format!("called_after(r{register})"),
            Test::Binds { binding } => format!("binds(v{binding})"),
            Test::Lacks { binding } => format!("lacks(v{binding})"),
            Test::Broken { binding } => format!("broken(v{binding})"),
        }
    }

    fn persona(&self, index: usize) -> String {
        self.frame.personas.get(index).map(|persona| persona.name.clone()).unwrap_or_default()
    }

    fn label(&self, index: usize) -> String {
        self.frame.labels.get(index).cloned().unwrap_or_default()
    }

    fn guard(&self, kind: LetterKind, subject: u32, guard: u16) -> String {
        let index = subject as usize;
        let known = match kind {
            LetterKind::Event => self.frame.events.get(index).map(|event| (event.args, None, event.guards.get(usize::from(guard)))),
            _ => self.frame.tools.get(index).map(|tool| {
                let mut guards = tool.guards.iter().chain(&tool.result_guards);
                (tool.args, tool.result, guards.nth(usize::from(guard)))
            }),
        };
        match known {
            Some((args, result, Some(program))) => condition::text(self.frame, args, result, *program),
            _ => format!("condition {guard}"),
        }
    }

    /// A step as a sequence would have it: `mail.send when (…) within 10m`.
    pub(super) fn step(&self, step: &Step) -> String {
        let has = |test| step.tests.contains(&(test, true));
        let mut text = if has(Test::Approved) { "approved ".to_owned() } else { String::new() };
        text += &self.subject(step.kind, step.subject);
        let labels: Vec<String> = self.labels(step, true);
        match (step.kind, step.either, labels.is_empty()) {
            (LetterKind::Ok, false, _) => text += " succeeds",
            (LetterKind::Failed, false, _) => text += " fails",
            (LetterKind::Ok | LetterKind::Failed, true, true) => text += " ends",
            (LetterKind::Denied, _, _) => text = format!("denied {text}"),
            _ => {}
        }
        for (word, labels) in [("returns", labels), ("without", self.labels(step, false))] {
            if !labels.is_empty() {
                text += &format!(" {word} {}", labels.join(", "));
            }
        }
        // Conditions are long and may be cut, so what is short stands before them.
        let (conditions, short): (Vec<_>, Vec<_>) = step.tests.iter().copied().partition(|(test, _)| matches!(test, Test::Guard { .. }));
        for (test, answer) in short.into_iter().chain(conditions) {
            if let Some(part) = self.part(test, answer, step) {
                text.push(' ');
                text += &part;
            }
        }
        text
    }

    fn labels(&self, step: &Step, wanted: bool) -> Vec<String> {
        let label = |(test, answer): &(Test, bool)| match test {
            Test::Label(label) if *answer == wanted => Some(self.label(label.index())),
            _ => None,
        };
        step.tests.iter().filter_map(label).collect()
    }

    fn part(&self, test: Test, answer: bool, step: &Step) -> Option<String> {
        Some(match (test, answer) {
            (Test::Approved, true) | (Test::Label(_), _) => return None,
            (Test::Approved, false) => "not approved".to_owned(),
            (Test::By(persona), true) => format!("by {}", self.persona(persona.index())),
            (Test::By(persona), false) => format!("not by {}", self.persona(persona.index())),
            (Test::Guard { guard, .. }, true) => format!("when ({})", self.guard(step.kind, step.subject, guard)),
            (Test::Guard { guard, .. }, false) => format!("unless ({})", self.guard(step.kind, step.subject, guard)),
            (Test::Within { ms, .. }, true) => format!("within {}", duration(ms)),
            (Test::Within { ms, .. }, false) => format!("after {}", duration(ms)),
            (Test::CallAfter { .. }, true) => "called since".to_owned(),
            (Test::CallAfter { .. }, false) => "called before".to_owned(),
            (Test::Binds { .. }, true) => "of the value".to_owned(),
            (Test::Binds { .. }, false) => "of another value".to_owned(),
            (Test::Lacks { .. }, true) => "without a value".to_owned(),
            (Test::Broken { .. }, true) => "with a broken value".to_owned(),
            (Test::Lacks { .. } | Test::Broken { .. }, false) => return None,
        })
    }

    /// The steps of some paths, each as short as joining alternatives makes it.
    pub(super) fn steps<'p>(&self, paths: impl Iterator<Item = &'p Path>) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for path in paths {
            if let Some(site) = self.rule.alphabet.sites.get(path.site) {
                steps.push(Step { kind: site.kind, subject: site.subject, either: false, tests: path.tests.clone() });
            }
        }
        while let Some((a, b, joined)) = joinable(&steps) {
            steps.remove(a.max(b));
            if let Some(place) = steps.get_mut(a.min(b)) {
                *place = joined;
            }
        }
        steps
    }
}

/// A letter as it is told beside an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    kind: LetterKind,
    subject: u32,
    /// A result that may have succeeded or failed.
    either: bool,
    tests: Vec<(Test, bool)>,
}

/// Two steps that are one, and that one.
fn joinable(steps: &[Step]) -> Option<(usize, usize, Step)> {
    let pairs = steps.iter().enumerate().flat_map(|(b, right)| steps.iter().take(b).enumerate().map(move |(a, left)| (a, left, b, right)));
    pairs
        .filter(|(_, left, _, right)| left.subject == right.subject)
        .find_map(|(a, left, b, right)| join(left, right).map(|joined| (a, b, joined)))
}

/// Two steps that differ in one answer, or in how the result came out.
fn join(left: &Step, right: &Step) -> Option<Step> {
    if left == right {
        return Some(left.clone());
    }
    let result = |kind| matches!(kind, LetterKind::Ok | LetterKind::Failed);
    if left.tests == right.tests && result(left.kind) && result(right.kind) {
        return Some(Step { either: true, ..left.clone() });
    }
    if (left.kind, left.either, left.tests.len()) != (right.kind, right.either, right.tests.len()) {
        return None;
    }
    let mut differing = left.tests.iter().zip(&right.tests).enumerate().filter(|(_, (a, b))| a != b);
    let (place, (a, b)) = differing.next()?;
    if a.0 != b.0 || differing.next().is_some() {
        return None;
    }
    let mut joined = left.clone();
    joined.tests.remove(place);
    Some(joined)
}

/// A duration as the language writes it, in its largest whole unit.
pub(super) fn duration(ms: u64) -> String {
    let units = [(24 * 60 * 60 * 1000, "d"), (60 * 60 * 1000, "h"), (60 * 1000, "m"), (1000, "s")];
    let whole = units.iter().find(|(length, _)| ms >= *length && ms.is_multiple_of(*length));
    whole.map_or_else(|| format!("{ms}ms"), |(length, unit)| format!("{}{unit}", ms / length))
}
