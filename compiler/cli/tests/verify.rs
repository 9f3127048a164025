//! `verify`, and what `build` writes for it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails where these do")]

mod support;

use serde_json::Value;
use support::{Bench, exists};

const POLICY: &str = "language 1\ntool t.a(n: int)\ntool t.b()\npersona p { allow t.a when n < 3\n allow t.b\n otherwise deny }\nforbid f { t.a then t.b }\nassert no never { t.a then t.b }\nassert both can p { t.b then t.a }\n";

#[test]
fn what_build_writes_is_verified() {
    let bench = Bench::with_policy(POLICY);
    assert_eq!(bench.run(&["build", "policy.lever", "-o", "policy.frame"]).exit, Some(0));
    let ran = bench.run(&["verify", "policy.lever", "policy.frame", "--certified"]);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("decides exactly as `policy.lever` says") && ran.out.contains("4 proved"), "{}", ran.out);
    let ran = bench.run(&["verify", "policy.lever", "policy.frame", "--format", "json"]);
    let whole: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((whole["ok"].as_bool(), whole["signed"].as_bool(), whole["unproven"].as_bool()), (Some(true), Some(false), Some(false)));
    assert_eq!(whole["claims"].as_array().unwrap().len(), 4);
    assert!(whole["claims"].as_array().unwrap().iter().all(|claim| claim["basis"] == "certificate"), "{whole}");
}

#[test]
fn a_frame_of_another_policy_is_refused_and_the_place_named() {
    let bench = Bench::built(POLICY);
    bench.write("other.lever", &POLICY.replace("n < 3", "n <= 3"));
    let ran = bench.run(&["verify", "other.lever", "policy.frame"]);
    assert_eq!(ran.exit, Some(1));
    assert!(ran.out.contains("LF0611: persona `p`: of tool `t.a`") && ran.out.contains("LF0612: the certificate"), "{}", ran.out);
    let ran = bench.run(&["verify", "other.lever", "policy.frame", "--format", "json"]);
    assert_eq!(ran.exit, Some(1));
    let whole: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(whole["ok"] == false && whole["problems"].as_array().unwrap().len() > 1, "{whole}");
}

#[test]
fn without_a_certificate_nothing_is_shown() {
    let bench = Bench::with_policy(POLICY);
    assert_eq!(bench.run(&["build", "policy.lever", "-o", "bare.frame", "--no-certificate"]).exit, Some(0));
    let ran = bench.run(&["verify", "policy.lever", "bare.frame"]);
    assert!(ran.exit == Some(1) && ran.out.contains("LF0610"), "{}", ran.out);
}

#[test]
fn an_unproven_frame_is_verified_but_not_certified() {
    let bench = Bench::with_policy(POLICY);
    assert_eq!(bench.run(&["build", "policy.lever", "-o", "u.frame", "--unproven"]).exit, Some(0));
    let ran = bench.run(&["verify", "policy.lever", "u.frame"]);
    assert!(ran.exit == Some(0) && ran.out.contains("marked unproven"), "{}", ran.out);
    let ran = bench.run(&["verify", "policy.lever", "u.frame", "--certified"]);
    assert!(ran.exit == Some(1) && ran.out.contains("LF0612"), "{}", ran.out);
}

#[test]
fn what_cannot_be_read_is_two() {
    let bench = Bench::built(POLICY);
    for arguments in [["verify", "no.lever", "policy.frame"], ["verify", "policy.lever", "no.frame"]] {
        assert_eq!(bench.run(&arguments).exit, Some(2), "{arguments:?}");
    }
    bench.write("text.frame", "no frame");
    assert!(exists(&bench.path("text.frame")));
    let ran = bench.run(&["verify", "policy.lever", "text.frame"]);
    assert!(ran.exit == Some(1) && ran.out.contains("LF0601"), "{}", ran.out);
}

const FINDINGS: &str = "language 1\ntool t.a(n: int 0..=9)\npersona p {\n allow t.a when n < 3\n allow t.a when n > 9\n allow t.a when n * 2 == 3\n otherwise deny\n}\nforbid f { t.a then t.a then t.a }\nforbid g { t.a then t.a }\n";

#[test]
fn findings_are_claimed_and_counted_apart() {
    let bench = Bench::with_policy(FINDINGS);
    let ran = bench.run(&["check", "policy.lever", "--format", "json"]);
    let whole: Value = serde_json::from_str(&ran.out).unwrap();
    let said = |found: &Value| format!("{} {} {}", found["code"], found["rule"], found["basis"]).replace('"', "");
    let findings: Vec<String> = whole["diagnostics"].as_array().unwrap().iter().map(said).collect();
    assert_eq!(
        findings,
        ["LF0303 p.allow#2 certificate", "LF0303 p.allow#3 certificate", "LF0401 f certificate", "LF0405 g null"],
        "{whole}"
    );
    assert_eq!(bench.run(&["build", "policy.lever", "-o", "policy.frame"]).exit, Some(0));
    let ran = bench.run(&["verify", "policy.lever", "policy.frame", "--certified"]);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("findings  3 shown") && ran.out.contains("2 proved"), "{}", ran.out);
    let whole: Value = serde_json::from_str(&bench.run(&["verify", "policy.lever", "policy.frame", "--format", "json"]).out).unwrap();
    let bases: Vec<&str> = whole["findings"].as_array().unwrap().iter().map(|found| found["basis"].as_str().unwrap()).collect();
    assert_eq!((bases, whole["claims"].as_array().unwrap().len()), (vec!["certificate"; 3], 2));
}
