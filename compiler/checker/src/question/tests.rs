//! Questions, their answers, and the engine's word on every example.

mod random;
mod written;

use std::collections::BTreeMap;
use std::time::Duration;

use leverframe_compiler::core::{Cond, Core, Member, ToolId};
use leverframe_compiler::pipeline::{self, Built};
use leverframe_runtime::{Approval, Call, LabelSet, LoadOptions, Policy, RawJson, Scratch, States, frame};
use serde_json::Value;

use super::{Answer, Example, Goal, Questions, Subject};
use crate::report::Basis;

const DECLARED: &str = r#"language 1
context { region: "eu" | "us", home: string, me: email }
label hot sensitive
tool t.x(n: int 0..=9, m: int, k: int -50..=50, r: number, q: number, s: string, z: string, e: "dev" | "prod" | "dr", to: email, cc: email, u: url, p: path, a: ip,
  w: timestamp, d: duration, b: bool, o: string?, oi: int?, rec: {f: string, g: int?}?, xs: list<int 0..=5>, ys: list<string>,
  items: list<{sku: string, qty: int 1..=100, tags: list<string>}>, many: list<email>, j: json?)
"#;

/// One condition, compiled.
struct World {
    core: Core,
    policy: Policy,
}

impl World {
    /// None where the compiler refuses the condition.
    fn new(cond: &str) -> Option<Self> {
        let text = format!("{DECLARED}persona p {{\n  allow t.x when ({cond})\n  otherwise deny\n}}\n");
        let files: BTreeMap<String, String> = [("policy.lever".to_owned(), text)].into();
        let Built { frame, checked, .. } = pipeline::build("policy.lever", &files).ok()?;
        let policy =
            Policy::load(&frame::write(&frame, None).unwrap(), &LoadOptions { accept_unproven: true, ..LoadOptions::default() }).unwrap();
        Some(Self { core: checked.core.unwrap(), policy })
    }

    fn cond(&self) -> &Cond {
        let Member::Rule(answer) = &self.core.personas[0].tools[0].members[0] else { panic!("no rule") };
        &answer.cond
    }

    fn ask(&self, goal: &Goal<'_>) -> Answer {
        Questions::new(&self.core, Duration::from_secs(10)).ask(Subject::Tool(ToolId(0)), goal)
    }

    fn holds(&self) -> Answer {
        self.ask(&Goal { holds: vec![self.cond().clone()], evaluable: Vec::new() })
    }

    fn does_not_hold(&self) -> Answer {
        self.ask(&Goal { holds: vec![Cond::Not(Box::new(self.cond().clone()))], evaluable: Vec::new() })
    }

    /// What the engine says: the call's verdict and code.
    fn decides(&self, example: &Example) -> (bool, String) {
        let mut states = States { session: Some(self.policy.new_session("s")), ..States::default() };
        let args = Value::Object(example.args.clone()).to_string();
        let context = Value::Object(example.context.clone()).to_string();
        let labels = example.carries.iter().fold(0, |labels, label| labels | 1 << label.0);
        let call = Call {
            persona: self.policy.persona("p").unwrap(),
            tool: self.policy.tool("t.x").unwrap(),
            args: &RawJson(args.as_bytes()),
            context: &RawJson(context.as_bytes()),
            at: example.at,
            approval: Approval::None,
            argument_labels: LabelSet(labels),
        };
        let mut scratch = Scratch::default();
        let decision = self.policy.decide(&mut states, &call, &mut scratch);
        (decision.admitted, format!("{:?}", decision.code))
    }

    /// An example of the condition is admitted.
    fn confirm(&self, cond: &str, example: &Example) {
        let (admitted, code) = self.decides(example);
        assert!(admitted, "{cond}: {code}: {example:?}");
    }

    /// An example of the contrary is denied, and not because something fails.
    fn confirm_not(&self, cond: &str, example: &Example) {
        let (admitted, code) = self.decides(example);
        assert!(!admitted && !code.contains("Failed") && !code.contains("Malformed"), "not {cond}: {code}: {example:?}");
    }
}
