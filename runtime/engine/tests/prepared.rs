//! Arguments that are read ahead decide as those that are read at the call, also where they were read for something else.
#![allow(clippy::unwrap_used, missing_docs)]

use leverframe_compiler::modules::{LoadError, Loader};
use leverframe_compiler::pipeline::build;
use leverframe_runtime::frame::{self, Verdict};
use leverframe_runtime::{
    Approval, ArgumentError, Arguments, Call, Code, LabelSet, LoadOptions, Policy, RawJson, Scratch, States, Token, TokenSink,
};

const POLICY: &str = "language 1
tool t.a(id: string, n: int 0..=9)
tool t.b(m: int 0..=9, n: int 0..=9, id: string?)
persona p {
  allow t.a when n < 5
  allow t.b when n < 5
  otherwise deny
}
";

struct Text(&'static str);

impl Loader for Text {
    fn load(&self, _: &str) -> Result<String, LoadError> {
        Ok(self.0.to_owned())
    }
}

fn policy(text: &'static str) -> Policy {
    let built = build("policy.lever", &Text(text)).ok().unwrap();
    let bytes = frame::write(&built.frame, None).unwrap();
    Policy::load(&bytes, &LoadOptions { accept_unproven: true, ..LoadOptions::default() }).unwrap()
}

fn decide(policy: &Policy, tool: &str, args: &dyn Arguments) -> (Verdict, Code) {
    let mut states = States { session: Some(policy.new_session("s")), ..States::default() };
    let (persona, tool, approval) = (policy.persona("p").unwrap(), policy.tool(tool).unwrap(), Approval::None);
    let call = Call { persona, tool, args, context: &RawJson(b"{}"), at: 0, approval, argument_labels: LabelSet::default() };
    let decision = policy.decide(&mut states, &call, &mut Scratch::default());
    (decision.verdict, decision.code)
}

#[test]
fn prepared_arguments_are_decided_as_their_text() {
    let policy = policy(POLICY);
    for (text, verdict) in [(&br#"{"n":4,"id":"x"}"#[..], Verdict::Allow), (br#"{"n":7,"id":"x"}"#, Verdict::Deny)] {
        let raw = RawJson(text);
        let prepared = policy.prepare(policy.tool("t.a").unwrap(), &raw, &mut Scratch::default()).unwrap();
        assert_eq!(decide(&policy, "t.a", &prepared), (verdict, Code::Rule));
        assert_eq!(decide(&policy, "t.a", &raw), (verdict, Code::Rule));
    }
    let unfit = RawJson(br#"{"n":40,"id":"x"}"#);
    assert!(policy.prepare(policy.tool("t.a").unwrap(), &unfit, &mut Scratch::default()).is_none());
}

/// The fields of another tool, or of another policy, stand at other places.
#[test]
fn what_was_read_for_something_else_is_read_anew() {
    let (policy, other) = (
        policy(POLICY),
        policy("language 1\ntool t.a(a: int 0..=9?, id: string, n: int 0..=9)\npersona p {\n allow t.a when n < 5\n otherwise deny\n}\n"),
    );
    let raw = RawJson(br#"{"n":7,"id":"x"}"#);
    let prepared = policy.prepare(policy.tool("t.a").unwrap(), &raw, &mut Scratch::default()).unwrap();
    assert_eq!(decide(&policy, "t.b", &prepared), (Verdict::Deny, Code::MalformedArguments));
    assert_eq!(decide(&other, "t.a", &prepared), (Verdict::Deny, Code::Rule));
    let raw = RawJson(br#"{"n":3,"id":"x"}"#);
    let prepared = other.prepare(other.tool("t.a").unwrap(), &raw, &mut Scratch::default()).unwrap();
    assert_eq!(decide(&policy, "t.a", &prepared), (Verdict::Allow, Code::Rule));
}

/// One whose source is no JSON text.
struct Number(&'static str);

impl Arguments for Number {
    fn visit(&self, sink: &mut dyn TokenSink) -> Result<(), ArgumentError> {
        let tokens = [Token::BeginObject, Token::Key("id"), Token::String("x"), Token::Key("n"), Token::Number(self.0), Token::EndObject];
        tokens.into_iter().try_for_each(|token| sink.token(token)).map_err(ArgumentError::from)
    }
}

#[test]
fn a_number_that_is_none_in_json_is_malformed() {
    let policy = policy(POLICY);
    for (text, code) in
        [("4", Code::Rule), ("0", Code::Rule), ("4.0", Code::Rule), ("04", Code::MalformedArguments), ("", Code::MalformedArguments)]
    {
        assert_eq!(decide(&policy, "t.a", &Number(text)).1, code, "{text}");
    }
}
