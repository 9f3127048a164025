//! A decision allocates nothing, once the scratch has grown; counted by an allocator that is told of every block.
//!
//! One test, because the count is the whole process's.
#![allow(clippy::unwrap_used, missing_docs)]

use leverframe_compiler::modules::{LoadError, Loader};
use leverframe_compiler::pipeline::build;
use leverframe_runtime::frame::{self, Verdict};
use leverframe_runtime::{Approval, Arguments, Call, LabelSet, LoadOptions, Policy, RawJson, Scratch, States};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const POLICY: &str = r#"language 1
label pii sensitive
context { region: string, tier: int }
tool t.a(id: string, n: int 0..=1_000, price: number, to: list<email>, path: path, kind: "x" | "y", inner: { deep: string, flag: bool }, more: json, other: json)
tool t.b(id: string, n: int 0..=1_000)
tool t.c(id: string)
persona p {
  allow t.a when n < 500 and price <= 10.5 and path under "/srv" and all x in to : (email(x).domain == "acme.example") and context.region in ["eu", "us"]
  allow t.b, t.c
  limit 1_000_000 t.a per session
  limit sum(n) of t.a to 1_000_000 per 1h
  otherwise deny
}
forbid one { t.b then t.c then t.a }
forbid two { t.b then[within 1m] t.a when (n > 499) }
forbid same { t.b(id: ?v) then t.c then t.a(id: ?v) }
forbid listed { t.a(to[]: ?v) then t.c then t.a(to[]: ?v) }
limit 4 distinct(id) of t.a per 1h
require three { t.c before t.b within 1h } => observe
limit 4_096 denied any per 1d
scan t.b arguments for std.credit_card => deny
"#;

struct Text;

impl Loader for Text {
    fn load(&self, _: &str) -> Result<String, LoadError> {
        Ok(POLICY.to_owned())
    }
}

fn policy() -> Policy {
    let built = build("policy.lever", &Text).ok().unwrap();
    let bytes = frame::write(&built.frame, None).unwrap();
    Policy::load(&bytes, &LoadOptions { accept_unproven: true, ..LoadOptions::default() }).unwrap()
}

const LONG: &str = r#"{"id":"c-1 \u00e9\n","n":42,"price":9.75,"to":["ann@acme.example","bob@acme.example"],"path":"/srv/data/../data/q3.csv",
    "kind":"x","inner":{"deep":"é","flag":true},"more":{"a":[1,2,{"b":null}],"c":{}},"other":[]}"#;

#[test]
fn a_decision_allocates_nothing() {
    let policy = policy();
    let persona = policy.persona("p").unwrap();
    let mut states = States {
        session: Some(policy.new_session("s")),
        principal: Some(policy.new_state(frame::Key::Principal, "u")),
        ..States::default()
    };
    let mut scratch = Scratch::default();
    let _profiler = dhat::Profiler::builder().testing().build();
    let long = RawJson(LONG.as_bytes());
    let prepared = policy.prepare(policy.tool("t.a").unwrap(), &long, &mut scratch).unwrap();
    let calls: [(&str, &dyn Arguments, Verdict); 6] = [
        ("t.a", &long, Verdict::Allow),
        ("t.a", &prepared, Verdict::Allow),
        ("t.a", &RawJson(br#"{"id":"#), Verdict::Deny),
        ("t.b", &RawJson(br#"{"id":"c-1","n":7}"#), Verdict::Allow),
        ("t.b", &RawJson(br#"{"id":"4111 1111 1111 1111","n":7}"#), Verdict::Deny),
        ("t.none", &RawJson(b"{}"), Verdict::Deny),
    ];
    for round in 0..200_i64 {
        for (index, (tool, args, verdict)) in calls.iter().enumerate() {
            let tool = policy.tool(tool).unwrap_or(frame::ToolId::UNKNOWN);
            let context = &RawJson(br#"{"tier":3,"region":"eu","else":[{}]}"#);
            let call = Call {
                persona,
                tool,
                args: *args,
                context,
                at: round * 1_000,
                approval: Approval::None,
                argument_labels: LabelSet::default(),
            };
            let before = dhat::HeapStats::get().total_blocks;
            let decision = policy.decide(&mut states, &call, &mut scratch);
            let blocks = dhat::HeapStats::get().total_blocks - before;
            assert_eq!(decision.verdict, *verdict, "call {index}: {:?}", decision.rule);
            assert!(round < 100 || blocks == 0, "call {index} of round {round} allocated {blocks} blocks");
        }
    }
}
