//! What is asked of letters, in words.
//!
//! In: sites and tests of a rule. Out: short text, as the language would write it.

use leverframe_runtime::frame::{Frame, LetterKind, Rule, Test};

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
        }
    }

    pub(super) fn subject(&self, kind: LetterKind, subject: u32) -> String {
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
        let (args, guards) = match kind {
            LetterKind::Event => self.frame.events.get(index).map(|event| (event.args, event.guards.as_slice())),
            _ => self.frame.tools.get(index).map(|tool| (tool.args, tool.guards.as_slice())),
        }
        .unzip();
        let program = guards.and_then(|guards| guards.get(usize::from(guard)).copied());
        args.zip(program).map_or_else(|| format!("condition {guard}"), |(args, program)| condition::text(self.frame, args, program))
    }

    /// A way to a class, as a step of a sequence: `mail.send when (…), within 10m`.
    pub(super) fn step(&self, path: &Path) -> String {
        let Some(site) = self.rule.alphabet.sites.get(path.site) else { return String::new() };
        let approved = path.tests.contains(&(Test::Approved, true));
        let mut text = if approved { "approved ".to_owned() } else { String::new() };
        text += &self.subject(site.kind, site.subject);
        match site.kind {
            LetterKind::Ok => text += " succeeds",
            LetterKind::Failed => text += " fails",
            LetterKind::Call | LetterKind::Event => {}
        }
        for (test, answer) in &path.tests {
            let part = self.part(*test, *answer, site.kind, site.subject);
            if !part.is_empty() {
                text.push(' ');
                text += &part;
            }
        }
        text
    }

    fn part(&self, test: Test, answer: bool, kind: LetterKind, subject: u32) -> String {
        match (test, answer) {
            (Test::Approved, true) => String::new(),
            (Test::Approved, false) => "not approved".to_owned(),
            (Test::By(persona), true) => format!("by {}", self.persona(persona.index())),
            (Test::By(persona), false) => format!("not by {}", self.persona(persona.index())),
            (Test::Label(label), true) => format!("returns {}", self.label(label.index())),
            (Test::Label(label), false) => format!("without {}", self.label(label.index())),
            (Test::Guard { guard, .. }, true) => format!("when ({})", self.guard(kind, subject, guard)),
            (Test::Guard { guard, .. }, false) => format!("unless ({})", self.guard(kind, subject, guard)),
            (Test::Within { ms, .. }, true) => format!("within {}", duration(ms)),
            (Test::Within { ms, .. }, false) => format!("after {}", duration(ms)),
            (Test::CallAfter { .. }, true) => "called since".to_owned(),
            (Test::CallAfter { .. }, false) => "called before".to_owned(),
        }
    }
}

/// A duration as the language writes it, in its largest whole unit.
pub(super) fn duration(ms: u64) -> String {
    let units = [(24 * 60 * 60 * 1000, "d"), (60 * 60 * 1000, "h"), (60 * 1000, "m"), (1000, "s")];
    let whole = units.iter().find(|(length, _)| ms >= *length && ms % length == 0);
    whole.map_or_else(|| format!("{ms}ms"), |(length, unit)| format!("{}{unit}", ms / length))
}
