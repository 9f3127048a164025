//! A fault in each stage of the compiler, planted on purpose: the runtime loads the frame all the same, and the verifier refuses it.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that breaks should break")]

use leverframe_compiler::planted::{Fault, with};
use leverframe_runtime::{LoadOptions, Policy};
use leverframe_tests::certified::Certified;

const POLICY: &str = r#"language 1
tool mail.read(from: string)
tool mail.send(to: string, size: int)
event user.message(text: string)
persona clerk { allow mail.read
  allow mail.send when size < 100
  otherwise deny }
forbid leak { mail.read when (from != "boss") then[unless user.message] mail.send }
"#;

/// The verifier's words on the frame of a compiler with the fault.
fn found(fault: Fault) -> String {
    let certified = with(fault, || Certified::of_text(POLICY)).expect("the faulty compiler takes the policy");
    let options = LoadOptions { accept_unproven: true, ..LoadOptions::default() };
    Policy::load(&certified.bytes(), &options).expect("the runtime sees nothing wrong in the faulty frame");
    let problems = certified.verify().expect_err("the verifier refuses the faulty frame");
    println!("{fault:?}: {}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    assert!(problems.iter().all(|problem| problem.code == "LF0611"), "{problems:?}");
    problems.iter().map(|problem| format!("{}: {}", problem.place, problem.what)).collect()
}

#[test]
fn without_a_fault_the_frame_is_verified() {
    Certified::of_text(POLICY).expect("the compiler takes the policy").verify().expect("the frame is right");
}

#[test]
fn a_fault_of_lowering_is_found() {
    assert!(found(Fault::Lowering).contains("rule `leak`"));
}

#[test]
fn a_fault_of_determinisation_is_found() {
    assert!(found(Fault::Determinisation).contains("rule `leak`"));
}

#[test]
fn a_fault_of_minimisation_is_found() {
    assert!(found(Fault::Minimisation).contains("rule `leak`"));
}

#[test]
fn a_fault_of_emission_is_found() {
    assert!(found(Fault::Emission).contains("size"));
}
