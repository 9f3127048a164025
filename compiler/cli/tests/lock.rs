//! `lock`: what is pinned, and what counts as another definition.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use support::Bench;

const CATALOG: &str = r#"{"tools":[{"name":"a","description":"reads","inputSchema":{"type":"object","properties":{"n":{"type":"integer"}}}},{"name":"b","inputSchema":{"type":"object"}}]}"#;
const POLICY: &str = "language 1\nimport catalog \"tools.json\" as s\npersona p { allow s.a otherwise deny }\n";

#[test]
fn a_catalog_is_locked_whole_and_compared() {
    let bench = Bench::with_policy(POLICY);
    bench.write("tools.json", CATALOG);
    let locked = bench.run(&["lock", "policy.lever"]);
    assert_eq!(locked.exit, Some(0), "{}", locked.err);
    let lock = std::fs::read_to_string(bench.path("policy.lever.lock")).expect("a lock");
    assert!(lock.contains("\"s.a\": \"sha256:") && lock.contains("\"s.b\": \"sha256:"), "{lock}");
    let check = |catalog: &str| {
        bench.write("tools.json", catalog);
        let ran = bench.run(&["lock", "policy.lever", "--check"]);
        (ran.exit, ran.out)
    };
    assert_eq!(check(&CATALOG.replace("{\"tools\"", "{ \"tools\"").replace("reads", "\\u0072eads")), (Some(0), String::new()));
    assert_eq!(check(&CATALOG.replace("reads", "reads everything")), (Some(1), "changed s.a\n".to_owned()));
    assert_eq!(check(&CATALOG.replace("\"b\"", "\"c\"")), (Some(1), "removed s.b\nadded s.c\n".to_owned()));
}

#[test]
fn what_cannot_be_read_locks_nothing() {
    let bench = Bench::with_policy(POLICY);
    assert_eq!(bench.run(&["lock", "policy.lever"]).exit, Some(1), "the catalog is not there");
    bench.write("tools.json", CATALOG);
    assert_eq!(bench.run(&["lock", "policy.lever", "--check"]).exit, Some(2), "there is no lock");
    bench.write("policy.lever.lock", "{}");
    assert_eq!(bench.run(&["lock", "policy.lever", "--check"]).exit, Some(2), "it is no lock");
    assert_eq!(bench.run(&["lock", "none.lever"]).exit, Some(2));
}
