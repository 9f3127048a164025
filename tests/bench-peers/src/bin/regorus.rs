//! regorus (OPA's Rego in Rust), as a process of the comparison: `regorus-peer [vm]`.
//!
//! In: `policy.rego`. Out: verdicts. The policy is parsed once, a decision begins with the text of the input; `vm` compiles it for regorus' virtual machine
//! instead of interpreting it. Rego keeps no history: the events lie in `data.history`, put there at once and not counted; what a decision would add is left out.

use std::fmt::Write;
use std::sync::Arc;

use leverframe_bench_peers::peer::{Call, Case, Peer, serve};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};

const ENTRY: &str = "data.agents.allow";

struct Rego<const VM: bool> {
    engine: Engine,
    vm: RegoVM,
    inputs: Vec<String>,
    /// The events so far, as the elements of a JSON list.
    history: String,
}

fn data(history: &str) -> Value {
    Value::from_json_str(&format!("{{\"history\":[{history}]}}")).unwrap_or_else(|error| panic!("the history: {error}"))
}

impl<const VM: bool> Rego<VM> {
    fn answer(&mut self, index: usize) -> Value {
        let input = &self.inputs[index];
        let answer = if VM {
            Value::from_json_str(input).and_then(|input| {
                self.vm.set_input(input);
                Ok(self.vm.execute()?)
            })
        } else {
            self.engine.set_input_json(input).and_then(|()| self.engine.eval_rule(ENTRY.to_owned()))
        };
        answer.unwrap_or_else(|error| panic!("{input}: {error}"))
    }
}

impl<const VM: bool> Peer for Rego<VM> {
    type Source = String;

    fn source(case: &Case) -> String {
        case.file("policy.rego")
    }

    fn load(source: &String) -> Self {
        let mut engine = Engine::new();
        engine.add_policy("policy.rego".to_owned(), source.clone()).unwrap_or_else(|error| panic!("the policy: {error}"));
        let mut vm = RegoVM::new();
        if VM {
            let compiled = engine.compile_with_entrypoint(&Arc::from(ENTRY)).unwrap_or_else(|error| panic!("the policy: {error}"));
            vm.load_program(Compiler::compile_from_policy(&compiled, &[ENTRY]).unwrap_or_else(|error| panic!("the policy: {error}")));
            // The bound of instructions is there for policies of strangers.
            vm.set_max_instructions(usize::MAX);
        }
        Self { engine, vm, inputs: Vec::new(), history: String::new() }
    }

    fn prepare(&mut self, case: &Case) {
        self.inputs = case.calls.iter().map(|call| call.line.clone()).collect();
    }

    fn take(&mut self, call: &Call, at: i64) {
        let comma = if self.history.is_empty() { "" } else { "," };
        write!(self.history, "{comma}{{\"at\":{at},\"tool\":\"{}\",\"args\":{}}}", call.tool, call.args)
            .unwrap_or_else(|error| panic!("the history: {error}"));
    }

    fn settle(&mut self) {
        let data = data(&self.history);
        if VM {
            self.vm.set_data(data).unwrap_or_else(|error| panic!("the history: {error}"));
        } else {
            self.engine.clear_data();
            self.engine.add_data(data).unwrap_or_else(|error| panic!("the history: {error}"));
        }
    }

    fn decide(&mut self, index: usize, _: i64) -> bool {
        self.answer(index) == Value::from(true)
    }
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("vm") { serve::<Rego<true>>() } else { serve::<Rego<false>>() }
}
