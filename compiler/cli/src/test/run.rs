//! Running one `test` block through the real runtime.
//!
//! In: a test, the names it speaks of, and the loaded policy. Out: what was not as the test says; nothing if all was.
//! Choices, where the language is silent: every `as` begins a session; all of them are one principal's, one agent's and one tenant's; the
//! first event is at 0 and each is one millisecond after the one before, `wait D` adds D; there is no context. A call's result comes
//! directly after it, with the declared labels and those that the test adds; one that `fails` has content only if the test gives it labels.
//! Source: language section 7.

use leverframe_compiler::core::{EventId, LabelId, Verdict as Expected};
use leverframe_compiler::names::symbols::Symbols;
use leverframe_compiler::names::tests::{StepKind, Test, TestCall, TestStep};
use leverframe_runtime::content;
use leverframe_runtime::frame::{self, Key};
use leverframe_runtime::{Approval, Call, LabelSet, Outcome, Policy, RawJson, Scratch, States, Verdict};
use leverframe_syntax::Span;

use crate::replay::verdict_word;

/// The principal, agent and tenant of every test.
const SOMEBODY: &str = "test";

/// A step that did not come out as the test says.
#[derive(Debug)]
pub(crate) struct Miss {
    /// The step.
    pub(crate) span: Span,
    /// What came out instead.
    pub(crate) message: String,
}

/// Runs a test.
pub(crate) fn run(test: &Test, policy: &Policy, symbols: &Symbols) -> Vec<Miss> {
    let mut bench = Bench::new(policy, symbols);
    test.steps.iter().filter_map(|step| bench.step(step).err().map(|message| Miss { span: step.span, message })).collect()
}

/// A test under way.
struct Bench<'a> {
    policy: &'a Policy,
    symbols: &'a Symbols,
    sessions: u32,
    states: States,
    at: i64,
    scratch: Scratch,
    content: content::Memory,
}

impl<'a> Bench<'a> {
    fn new(policy: &'a Policy, symbols: &'a Symbols) -> Self {
        let states = States {
            session: None,
            principal: Some(policy.new_state(Key::Principal, SOMEBODY)),
            agent: Some(policy.new_state(Key::Agent, SOMEBODY)),
            tenant: Some(policy.new_state(Key::Tenant, SOMEBODY)),
        };
        Self { policy, symbols, sessions: 0, states, at: 0, scratch: Scratch::default(), content: content::Memory::default() }
    }

    fn step(&mut self, step: &TestStep) -> Result<(), String> {
        match &step.kind {
            StepKind::As(_) => {
                self.sessions += 1;
                self.states.session = Some(self.policy.new_session(&self.sessions.to_string()));
                Ok(())
            }
            StepKind::Wait(millis) => {
                self.at = self.at.saturating_add(i64::try_from(*millis).unwrap_or(i64::MAX));
                Ok(())
            }
            StepKind::Event { event, args } => self.event(*event, args),
            StepKind::Call(call) => self.call(call),
        }
    }

    fn event(&mut self, event: EventId, args: &str) -> Result<(), String> {
        let name = self.symbols.events.get(event.index()).map_or("", |event| event.name.as_str());
        let id = self.policy.event(name).ok_or_else(|| format!("the frame has no event `{name}`"))?;
        let at = self.tick();
        let reported = self.policy.report(&mut self.states, id, &RawJson(args.as_bytes()), at, &mut self.scratch);
        reported.map_err(|error| format!("the event `{name}` was not taken: {error}"))
    }

    fn call(&mut self, test: &TestCall) -> Result<(), String> {
        let persona = self.symbols.personas.get(test.persona.index()).and_then(|persona| self.policy.persona(&persona.name.text));
        let tool = self.symbols.tools.get(test.tool.index()).and_then(|tool| self.policy.tool(&tool.name));
        let labels = self.labels(&test.returns);
        let at = self.tick();
        let persona = persona.unwrap_or(frame::PersonaId::UNKNOWN);
        let tool = tool.unwrap_or(frame::ToolId::UNKNOWN);
        let scanned = self.policy.scan_arguments(persona, tool, test.args.as_bytes(), &mut self.content);
        let call = Call {
            persona,
            tool,
            args: &RawJson(scanned.redacted.as_deref().unwrap_or(test.args.as_bytes())),
            context: &RawJson(b"{}"),
            at,
            approval: if test.approved { Approval::Given } else { Approval::None },
            argument_labels: scanned.labels,
        };
        let decision = self.policy.decide(&mut self.states, &call, &mut self.scratch);
        let got = Got { verdict: decision.verdict, code: decision.code.as_str(), rule: decision.rule, why: decision.message };
        let outcome = Outcome { ok: !test.fails, content: !test.returns.is_empty(), labels, at, structured: None };
        let recorded = self.policy.record(&mut self.states, decision.ticket, &outcome);
        recorded.map_err(|error| format!("the result was not taken: {error}"))?;
        got.compare(test)
    }

    fn labels(&self, labels: &[LabelId]) -> LabelSet {
        let names = labels.iter().filter_map(|id| self.symbols.labels.get(id.index()));
        let ids = names.filter_map(|label| self.policy.label(&label.name.text));
        LabelSet(ids.fold(0, |set, id| set | 1_u64.checked_shl(id.0).unwrap_or(0)))
    }

    /// The time of the next event.
    fn tick(&mut self) -> i64 {
        let at = self.at;
        self.at = at.saturating_add(1);
        at
    }
}

/// How a call was decided.
struct Got<'a> {
    verdict: Verdict,
    code: &'static str,
    rule: Option<&'a str>,
    why: Option<&'a str>,
}

impl Got<'_> {
    fn compare(&self, test: &TestCall) -> Result<(), String> {
        let expected = match test.verdict {
            Expected::Allow => Verdict::Allow,
            Expected::Ask => Verdict::Ask,
            Expected::Deny => Verdict::Deny,
        };
        let rule = test.rule.as_ref().map(|rule| rule.text.as_str());
        if self.verdict == expected && (rule.is_none() || rule == self.rule) {
            return Ok(());
        }
        let by = rule.map_or_else(String::new, |rule| format!(" by {rule}"));
        Err(format!("expected {}{by}, got {}", verdict_word(expected), self.words()))
    }

    fn words(&self) -> String {
        let by = match self.rule {
            Some(rule) => format!("{} by {rule}", verdict_word(self.verdict)),
            None => format!("{} ({})", verdict_word(self.verdict), self.code),
        };
        match self.why {
            Some(why) => format!("{by}: {why}"),
            None => by,
        }
    }
}
