//! The core text of rules over histories and of scans, clause by clause of `lang-spec/core-form.md`.

use std::collections::BTreeMap;

use leverframe_reference::{Refusal, core_text, elaborate_from};

const DECLARED: &str =
    "tool a(x: string, n: int 0..=9, xs: list<string>, o: string?, items: list<{id: string, n: int 0..=9}>) -> {f: string, g: int?}
tool b(x: string)
tool c(y: \"v\" | \"w\")
tool d(x: int)
event e(x: string)
label l sensitive
effect a returns l
effect b sends
persona p { allow a, b, c
 otherwise deny }
persona q extends p { otherwise deny }
";

fn read(text: &str) -> Result<String, Refusal> {
    let files =
        BTreeMap::from([("p.lever".to_owned(), format!("language 1\n{DECLARED}{text}")), ("c.json".to_owned(), CATALOG.to_owned())]);
    elaborate_from(&files, "p.lever").map(|policy| core_text(&policy))
}

const CATALOG: &str =
    r#"[{"name":"t","outputSchema":{"type":"object","properties":{"r":{"type":"string"}},"required":["r"]}},{"name":"prompt"}]"#;

/// The last line of the core: the body of the last rule, without what closes it.
fn body(text: &str) -> String {
    match read(text) {
        Ok(core) => core.lines().last().and_then(|line| line.trim().strip_suffix(')')).unwrap_or_default().to_owned(),
        Err(refusal) => format!("refused: {refusal}"),
    }
}

fn head(text: &str) -> String {
    let core = read(text).unwrap_or_else(|refusal| refusal.to_string());
    core.lines().rev().find(|line| line.starts_with("(rule")).unwrap_or_default().to_owned()
}

#[test]
fn results_and_pseudo_tools_are_declared() {
    let core = read("import catalog \"c.json\" as k").unwrap_or_default();
    for line in [
        r#"(tool "a" (record closed (field "items" (list (record closed (field "id" string required) (field "n" (int 0 9) required))) required) (field "n" (int 0 9) required) (field "o" string optional) (field "x" string required) (field "xs" (list string) required)) (result (record open (field "f" string required) (field "g" int optional))) (returns "l") (sends false) (destroys false))"#,
        r#"(tool "k.t" (record closed) (result (record open (field "r" string required))) (returns) (sends false) (destroys false))"#,
        r#"(tool "k.prompt" (record closed) (returns) (sends false) (destroys false))"#,
        r#"(tool "k.resource" (record closed (field "uri" string required)) (returns) (sends false) (destroys false))"#,
    ] {
        assert!(core.lines().any(|known| known == line), "{line}\n{core}");
    }
    // A glob does not cover them.
    let core = read("import catalog \"c.json\" as k\neveryone { deny k.* }").unwrap_or_default();
    assert_eq!(
        core.lines().filter(|line| line.starts_with("  (tool \"k.")).collect::<Vec<_>>(),
        [r#"  (tool "k.prompt""#, r#"  (tool "k.t""#]
    );
}

#[test]
fn patterns_bind_variables() {
    for (text, wanted) in [
        (
            "forbid f { a(x: ?v, o: \"y\") then b(x: ?v) }",
            r#"(deny (and (call (bind "v" string (arg "x")) (("b") true)) (prev (call (bind "v" string (arg "x")) (("a") (and (present (arg "o")) (eq string (arg "o") "y")))))))"#,
        ),
        (
            "forbid f { (b, e)(x: ?v) then c(y: ?v) }",
            r#"(deny (and (call (bind "v" string (arg "y")) (("c") true)) (prev (alt (call (bind "v" string (arg "x")) (("b") true)) (event (bind "v" string (arg "x")) (("e") true))))))"#,
        ),
        (
            "forbid f { a(items[].id: ?v, x: ?u) then a(xs[]: ?v, x: ?u) }",
            r#"(deny (and (call (bind "u" string (arg "x")) (bind "v" string (arg "xs" each)) (("a") true)) (prev (call (bind "u" string (arg "x")) (bind "v" string (arg "items" each "id")) (("a") true)))))"#,
        ),
        (
            "forbid f { a succeeds with (f: ?v, g: 3) when (result.f == \"z\" and hour(at) > 3) then b(x: ?v) }",
            r#"(deny (and (call (bind "v" string (arg "x")) (("b") true)) (prev (ok (bind "v" string (result "f")) (("a") (and (and (present (result "g")) (eq int (result "g") 3)) (and (eq string (result "f") "z") (gt int (hour at) 3))))))))"#,
        ),
        (
            "forbid f { a returns l when (result.g is present and session has l) then b }",
            r#"(deny (and (call (("b") true)) (prev (result (label "l") (("a") (and (present (result "g")) (has "l")))))))"#,
        ),
        (
            "forbid f { 2 times denied (a, b) by q then denied any then approved b }",
            r#"(deny (and (call approved (("b") true)) (prev (and (denied unknown (("a" "b" "c" "d") true)) (prev (and (denied (by "q") (("a" "b") true)) (prev (denied (by "q") (("a" "b") true)))))))))"#,
        ),
        (
            "require r { a(x: ?v) succeeds with (f: \"k\") and e(x: ?v) before b(x: ?v) within 1h reset by c(y: ?v) }",
            r#"(deny (and (call (bind "v" string (arg "x")) (("b") true)) (not (and (met (ok (bind "v" string (arg "x")) (("a") (eq string (result "f") "k"))) (within 3600000) (reset (call (bind "v" string (arg "y")) (("c") true)))) (met (event (bind "v" string (arg "x")) (("e") true)) (within 3600000) (reset (call (bind "v" string (arg "y")) (("c") true))))))))"#,
        ),
    ] {
        assert_eq!(body(text), wanted, "{text}");
    }
}

#[test]
fn groups_span() {
    for (text, wanted) in [
        ("forbid f { within 2s (a then b) }", r#"(deny (span 2000 (and (call (("b") true)) (prev (call (("a") true))))))"#),
        (
            "forbid f { c then[within 9s] within 2s (a then b) then c }",
            r#"(deny (and (call (("c") true)) (prev (span 2000 (and (call (("b") true)) (prev (and (call (("a") true)) (from (prev (call (("c") true)) (within 9000))))))))))"#,
        ),
        (
            "forbid f { 2 times within 1s (a or b) }",
            r#"(deny (span 1000 (or (and (call (("a") true)) (from (prev (span 1000 (or (call (("a") true)) (call (("b") true))))))) (and (call (("b") true)) (from (prev (span 1000 (or (call (("a") true)) (call (("b") true))))))))))"#,
        ),
    ] {
        assert_eq!(body(text), wanted, "{text}");
    }
}

#[test]
fn protocols_keep_their_shape() {
    for (text, wanted) in [
        ("protocol p { a }", r#"(protocol (call (("a") true)))"#),
        (
            "protocol p { (a then b) then maybe (b or (c)) then some (many (a fails) then e) }",
            r#"(protocol (then (then (call (("a") true)) (call (("b") true))) (maybe (or (call (("b") true)) (call (("c") true)))) (some (then (many (failed (("a") true))) (event (("e") true))))))"#,
        ),
    ] {
        assert_eq!(body(text), wanted, "{text}");
    }
}

#[test]
fn limits_measure() {
    for (text, wanted) in [
        ("limit 3 identical (a, b) per 1m", r#"(limit (identical 3) (window 60000) (call (("a" "b") true)))"#),
        ("limit 3 distinct(xs[]) of a per session", r#"(limit (distinct 3 (string (arg "xs" each))) session (call (("a") true)))"#),
        (
            "limit sum(items[].n) of a(x: ?v) to 30 per 1s per tenant",
            r#"(limit (sum 30 (int (arg "items" each "n"))) (window 1000) (call (bind "v" string (arg "x")) (("a") true)))"#,
        ),
        (
            "limit 2 a(x: ?v, n: 1) fails with (f: \"k\") by p when (result.g is present) per 1s",
            r#"(limit 2 (window 1000) (failed (by "p") (bind "v" string (arg "x")) (("a") (and (eq int (arg "n") 1) (eq string (result "f") "k") (present (result "g"))))) (call (by "p") (bind "v" string (arg "x")) (("a") (eq int (arg "n") 1))))"#,
        ),
        (
            "limit 2 denied any when (hour(at) > 3) per session",
            r#"(limit 2 session (denied unknown (("a" "b" "c" "d") (gt int (hour at) 3))) (call (("a" "b" "c" "d") (gt int (hour at) 3))))"#,
        ),
        ("limit 2 approved a returns l per session", r#"(limit 2 session (result approved (label "l") (("a") true)) (call (("a") true)))"#),
    ] {
        assert_eq!(body(text), wanted, "{text}");
    }
}

#[test]
fn capacity_is_printed_where_values_are_kept_apart() {
    assert_eq!(
        head("forbid f \"w\" per tenant capacity 7 { a(x: ?v) then a(x: ?v) } => observe"),
        r#"(rule forbid "f" (key tenant) (scope all) (action observe) (why "w") (capacity 7)"#
    );
    assert_eq!(
        head("limit 1 identical a per 1s capacity 2"),
        r#"(rule limit "limit#1" (key session) (scope all) (action deny) (capacity 2)"#
    );
    assert_eq!(head("limit 1 a(x: ?v) per session"), r#"(rule limit "limit#1" (key session) (scope all) (action deny) (capacity 64)"#);
    assert_eq!(head("limit 1 a per session"), r#"(rule limit "limit#1" (key session) (scope all) (action deny)"#);
}

#[test]
fn rules_stand_in_deciding_order_and_scans_last() {
    let core = read(
        "scan a, b results for card, std.email, card => label l, redact, deny
limit 1 a per session
protocol s { a }
everyone { scan a arguments for std.ip => label l }
persona z { scan a arguments for card => redact
 scan b results for card => deny }
require r { a before b }
detector card = std.credit_card, own, matches r\"c[0-9]+\"
detector own = matches \"x\"
everyone { deny a when carries l }
forbid f { a then b }",
    )
    .unwrap_or_else(|refusal| refusal.to_string());
    let rules: Vec<&str> =
        core.lines().filter(|line| line.starts_with("(rule") || line.starts_with("(scan") || line.starts_with("(detector")).collect();
    assert_eq!(
        rules,
        [
            r#"(detector "card" "std.credit_card" "own" (matches "c[0-9]+"))"#,
            r#"(detector "own" (matches "x"))"#,
            r#"(rule forbid "f" (key session) (scope all) (action deny)"#,
            r#"(rule require "r" (key session) (scope all) (action deny)"#,
            r#"(rule protocol "s" (key session) (scope all) (action deny)"#,
            r#"(rule limit "limit#1" (key session) (scope all) (action deny)"#,
            r#"(scan "scan#1" (scope all) results (tools "a" "b") (detectors "card" "std.email") (actions deny redact (label "l")))"#,
            r#"(scan "everyone.scan#1" (scope all) arguments (tools "a") (detectors "std.ip") (actions (label "l")))"#,
            r#"(scan "z.scan#1" (scope "z") arguments (tools "a") (detectors "card") (actions redact))"#,
            r#"(scan "z.scan#2" (scope "z") results (tools "b") (detectors "card") (actions deny))"#,
        ]
    );
    assert!(core.contains("(deny \"everyone.deny#1\" (carries \"l\"))"));
}

#[test]
fn what_the_language_names_an_error_is_refused() {
    for text in [
        "forbid f { b(x: ?v) then c }",
        "forbid f { 3 times b(x: ?v) }",
        "forbid f { a(x: ?v, o: ?u) then b(x: ?v) }",
        "forbid f { a(n: ?v) then b(x: ?v) }",
        "forbid f { b(x: ?v) then d(x: ?v) }",
        "forbid f { (b, d)(x: ?v) then b(x: ?v) }",
        "forbid f { a(xs[]: ?v, items[].id: ?u) then a(xs[]: ?v, items[].id: ?u) }",
        "forbid f { a(xs: ?v) then a(xs: ?v) }",
        "forbid f { a(x[]: ?v) then a(x: ?v) }",
        "forbid f { a(xs[]: \"k\") then b }",
        "forbid f { b then denied c }",
        "forbid f { b then[unless denied c] c }",
        "forbid f { denied a fails then b }",
        "forbid f { denied e then b }",
        "require r { denied a before b }",
        "require r { a before b reset by denied c }",
        "protocol r { denied a then b }",
        "limit sum(o) of a to 3 per session",
        "limit sum(x) of b to 3 per session",
        "limit sum(x) of d to 3 per session",
        "limit sum(n) of (a, b) to 3 per session",
        "limit 1 e per session",
        "limit 1 distinct(items) of a per session",
        "limit 1 a succeeds with (f: ?v) per session",
        "limit 1 a per session capacity 3",
        "forbid f per session capacity 3 { a then a }",
        "forbid f { within 1m (a then[within 1s] b) }",
        "forbid f { within 1m (a then 2 times (b then[within 1s] b)) }",
        "forbid f { within 1m (start then b) }",
        "forbid f { a then[next] within 1m (b and c) }",
        "forbid f { a when (result.f == \"k\") then b }",
        "forbid f { b succeeds when (result.f == \"k\") then b }",
        "forbid f { b succeeds with (f: \"k\") then b }",
        "detector k = k2\ndetector k2 = k",
        "detector k = std.nothing",
        "detector k = matches r\"a*\"",
        "scan a arguments for nobody => deny",
        "scan a arguments for std.email => label nobody",
        "everyone { deny a when carries nobody }",
    ] {
        assert!(matches!(read(text), Err(Refusal::Wrong { .. })), "{text}: {:?}", read(text));
    }
}
