//! Decisions by rules that keep values apart, and by limits, protocols, groups and refused attempts.

use std::collections::BTreeMap;

use leverframe_reference::{decide, elaborate_from, read_records};

const OPEN: &str = "language 1
tool a(x: string, n: int 0..=9?)
tool b(x: string)
tool c()
tool o(x: string?)
tool s(xs: list<string>)
tool m(n: int 0..=1_000) -> {f: string?, k: int?}
tool j(r: {p: int, q: int?}?, z: json?)
event e(x: string)
event off()
label l sensitive
persona p { allow a, b, c, o, s, m, j
 otherwise deny }
persona q extends p { otherwise deny }
";

/// A line is `tool {args} | more members`, or as it stands where it begins with a brace.
fn record(lines: &[&str]) -> String {
    let line = |line: &&str| {
        if line.starts_with('{') {
            return (*line).to_owned();
        }
        let (call, more) = line.split_once(" | ").unwrap_or((line, ""));
        let (tool, args) = call.split_once(' ').unwrap_or((call, "{}"));
        let more = if more.is_empty() { String::new() } else { format!(",{more}") };
        let persona = if more.contains("\"persona\"") { "" } else { "\"persona\":\"p\"," };
        format!("{{\"session\":\"s\",{persona}\"tool\":\"{tool}\",\"args\":{args}{more}}}")
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// For each call `+` where it is allowed, `-` where a rule denies it, `!` where the rule has overflowed, `?` where it is asked, or the code.
fn said(rules: &str, lines: &[&str]) -> String {
    let files = BTreeMap::from([("p.lever".to_owned(), format!("{OPEN}{rules}"))]);
    let policy = match elaborate_from(&files, "p.lever") {
        Ok(policy) => policy,
        Err(refusal) => return refusal.to_string(),
    };
    let records = read_records(&record(lines)).map_err(|error| error.to_string());
    match records.and_then(|records| decide(&policy, &records).map_err(|error| error.to_string())) {
        Ok(decisions) => decisions
            .iter()
            .map(|decision| match (decision.verdict.word(), decision.code.word()) {
                ("allow", _) => "+".to_owned(),
                ("ask", _) => "?".to_owned(),
                (_, "rule") => "-".to_owned(),
                (_, "capacity") => "!".to_owned(),
                (_, code) => format!("({code})"),
            })
            .collect(),
        Err(error) => error,
    }
}

const A1: &str = r#"a {"x":"1"}"#;
const A2: &str = r#"a {"x":"2"}"#;
const A3: &str = r#"a {"x":"3"}"#;
const B1: &str = r#"b {"x":"1"}"#;
const B2: &str = r#"b {"x":"2"}"#;
const B3: &str = r#"b {"x":"3"}"#;

#[test]
fn one_history_a_value() {
    assert_eq!(said("forbid f { a(x: ?v) then b(x: ?v) }", &[A1, B2, B1, A2, B2]), "++-+-");
    assert_eq!(
        said("forbid f { a(x: ?v) then[unless e(x: ?v)] b(x: ?v) }", &[A1, A2, r#"{"session":"s","event":"e","args":{"x":"1"}}"#, B1, B2]),
        "+++-"
    );
    assert_eq!(said("require r { a(x: ?v) before b(x: ?v) reset by c }", &[B1, A1, B1, B2, "c", B1]), "-++-+-");
    // A last step without a variable is judged in the history of every value.
    assert_eq!(said("forbid f { a(x: ?v) then[unless b(x: ?v)] c }", &["c", A1, "c", A2, B1, "c", B2, "c"]), "++-++-++");
    // What concerns every value concerns the one that was never seen.
    assert_eq!(said("forbid f { (a(x: ?v) or c) then b(x: ?v) }", &[B1, "c", B1]), "++-");
}

#[test]
fn elements_and_what_is_absent() {
    let s = |xs: &str| format!("s {{\"xs\":{xs}}}");
    let (none, one, both) = (s("[]"), s(r#"["1"]"#), s(r#"["2","1","2"]"#));
    assert_eq!(said("require r { a(x: ?v) before s(xs[]: ?v) }", &[&none, A1, &one, &both, A2, &both]), "-++-++");
    assert_eq!(said("forbid f { s(xs[]: ?v) then b(x: ?v) }", &[&none, B1, &both, B1, B2, B3]), "+++--+");
    let absent = "o {}";
    assert_eq!(said("forbid f { a(x: ?v) then o(x: ?v) }", &[absent, r#"o {"x":"1"}"#, A1, r#"o {"x":"1"}"#]), "-++-");
    assert_eq!(said("forbid f { o(x: ?v) then b(x: ?v) }", &[absent, B1]), "++");
    assert_eq!(said("protocol f { many (o(x: ?v) or b(x: ?v)) }", &[absent, B1]), "-+");
    assert_eq!(said("limit 1 s(xs[]: ?v) per session", &[&none, &one, &both, &s(r#"["3"]"#)]), "-+-+");
}

#[test]
fn a_forbid_overflows_for_good() {
    let rule = "forbid f per session capacity 2 { a(x: ?v) then[unless o(x: ?v)] b(x: ?v) }";
    assert_eq!(said(rule, &[A1, A2, B3, r#"o {"x":"1"}"#, B1, A3, B1, B3]), "++++++".to_owned() + "+-");
    assert_eq!(said(rule, &[A1, A2, A3, B3, r#"b {"x":"9"}"#, "c", r#"o {"x":"1"}"#, B1]), "+++!!++!");
    assert_eq!(said(&format!("{rule} => observe"), &[A1, A2, A3, B3]), "++++");
    // A memory whose window is over takes no place.
    let timed = "forbid f per session capacity 1 { a(x: ?v) then[within 10ms] b(x: ?v) }";
    assert_eq!(said(timed, &[A1, &format!("{A2} | \"at\":11"), r#"b {"x":"3"}"#]), "+++");
    assert_eq!(said(timed, &[A1, &format!("{A2} | \"at\":10"), r#"b {"x":"3"}"#]), "++!");
    let group = "forbid f per session capacity 1 { within 10ms (a(x: ?v) then b(x: ?v)) }";
    assert_eq!(said(group, &[A1, &format!("{A2} | \"at\":11"), r#"b {"x":"3"}"#]), "+++");
    assert_eq!(said(group, &[A1, &format!("{A2} | \"at\":10"), r#"b {"x":"3"}"#]), "++!");
    assert_eq!(said("protocol f per session capacity 1 { many (a(x: ?v) then b(x: ?v)) }", &[A1, A2, A1]), "++!");
}

#[test]
fn a_require_forgets_the_oldest() {
    let rule = "require r per session capacity 2 { a(x: ?v) before b(x: ?v) }";
    assert_eq!(said(rule, &[A1, A2, A3, B1, B2, B3, A1, B1, B2, B3]), "+++-++++-+");
    assert_eq!(said(rule, &[A1, A2, A1, A3, B1, B2]), "+++++-");
    // With `reset by` what is forgotten is reset, for each value that is not kept: a result of a call before counts no more.
    let call = |id: &str, x: &str| format!("a {{\"x\":\"{x}\"}} | \"id\":\"{id}\"");
    let ok = |id: &str| format!("{{\"result_of\":\"{id}\",\"result\":{{\"ok\":true}}}}");
    let late = [call("9", "9"), A1.into(), A2.into(), A3.into(), ok("9"), r#"b {"x":"9"}"#.into()];
    let late: Vec<&str> = late.iter().map(String::as_str).collect();
    assert_eq!(said(rule, &late), "+++++");
    let reset = "require r per session capacity 2 { a(x: ?v) before b(x: ?v) reset by off }";
    assert_eq!(said(reset, &late), "++++-");
}

#[test]
fn a_limit_shares_an_account() {
    let rule = "limit 2 a(x: ?v) per session capacity 1";
    assert_eq!(said(rule, &[A1, A2, A3, A3, A1, A1]), "+++-+-");
    let timed = "limit 2 a(x: ?v) per 10ms per session capacity 1";
    let at = |call: &str, at: i64| format!("{call} | \"at\":{at}");
    let lines = [at(A1, 0), at(A2, 5), at(A3, 10), at(A3, 11), at(A3, 15)];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    // The third value takes the place of the first and begins with what is shared.
    assert_eq!(said(timed, &lines), "+++-+");
}

#[test]
fn what_is_identical() {
    let rule = "limit 1 identical j per session";
    assert_eq!(said(rule, &[r#"j {"r":{"p":1}}"#, r#"j {"r":{"p":1.0}}"#, r#"j {"r":{"q":1,"p":1}}"#, r#"j {"r":{"p":1,"q":1}}"#]), "+-+-");
    assert_eq!(
        said(rule, &["j", r#"j {"z":{"a":1,"b":[1,2]}}"#, r#"j {"z":{"b":[1,2],"a":1}}"#, r#"j {"z":{"b":[2,1],"a":1}}"#, "j"]),
        "++-+-"
    );
    assert_eq!(said("limit 1 identical (a, b) per session", &[A1, B1, A1, B1]), "++--");
}

#[test]
fn sums_and_distinct_values() {
    let m = |n: i64, at: i64| format!("m {{\"n\":{n}}} | \"at\":{at}");
    let lines = [m(60, 0), m(50, 1), m(40, 2), m(1, 3)];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(said("limit sum(n) of m to 100 per session", &lines), "+-+-");
    // Buckets of 1 ms: at 64 the bucket 0 still counts, at 65 no more.
    let lines = [m(100, 0), m(1, 64), m(1, 65)];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(said("limit sum(n) of m to 100 per 64ms", &lines), "+-+");
    assert_eq!(
        said("limit 2 distinct(x) of o per session", &[r#"o {"x":"1"}"#, r#"o {"x":"2"}"#, r#"o {"x":"3"}"#, r#"o {"x":"1"}"#, "o"]),
        "++-+-"
    );
    assert_eq!(
        said("limit 2 distinct(xs[]) of s per session", &[r#"s {"xs":["1","2","1"]}"#, r#"s {"xs":["2","3"]}"#, r#"s {"xs":["2"]}"#]),
        "+-+"
    );
}

#[test]
fn limits_on_results_and_attempts_judge_the_next_call() {
    let failed = r#"a {"x":"1"} | "result":{"ok":false}"#;
    assert_eq!(said("limit 2 a(x: ?v) fails per session", &[failed, A1, failed, A1, A2]), "+++-+");
    assert_eq!(
        said("limit 1 a fails when (n is present) per session", &[failed, A1, r#"a {"x":"1","n":1} | "result":{"ok":false}"#, A1]),
        "++++"
    );
    let bad = r#"b {"x":1}"#;
    assert_eq!(said("limit 2 denied any per session", &["nobody", bad, "c"]), "(unknown_tool)(malformed_arguments)-");
    // What cannot be read might be any value.
    assert_eq!(said("limit 1 denied b(x: ?v) per session", &[B1, bad, B1, "c"]), "+(malformed_arguments)-+");
}

#[test]
fn attempts_are_letters() {
    let refused = r#"b {"x":1}"#;
    assert_eq!(said("forbid f { denied b then c }", &["c", refused, "c"]), "+(malformed_arguments)-");
    assert_eq!(said("forbid f { denied any then c }", &["nobody", "c"]), "(unknown_tool)-");
    assert_eq!(said("forbid f { denied (a, b) then c }", &["nobody", "c"]), "(unknown_tool)+");
    assert_eq!(
        said("forbid f { denied b when (x == \"1\") then c }\neveryone { deny b }", &[B2, "c", refused, "c"]),
        "-+(malformed_arguments)-"
    );
    // An attempt does not see itself, is no admitted call, and moves no clock.
    assert_eq!(said("forbid f { 2 times denied b then c }\neveryone { deny b }", &[B1, "c", B1, "c"]), "-+--");
    assert_eq!(said("forbid f { a then[next] c }\neveryone { deny b }", &[A1, B1, "c"]), "+--");
    assert_eq!(said("everyone { deny b }", &["b {\"x\":\"1\"} | \"at\":100000", "c | \"at\":0"]), "-+");
}

#[test]
fn groups_measure_from_their_start_to_their_end() {
    let at = |call: &str, at: i64| format!("{call} | \"at\":{at}");
    let rule = "forbid f { within 10ms (a then o then b) }";
    for (times, wanted) in [([0, 5, 10], "++-"), ([0, 5, 11], "+++")] {
        let lines = [at(A1, times[0]), at("o", times[1]), at(B1, times[2])];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(said(rule, &lines), wanted);
    }
    let lines = [at(A1, 0), at(A1, 6), at(A1, 20), at("c", 100)];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(said("forbid f { within 10ms (2 times a) then c }", &lines), "+++-");
    assert_eq!(said("forbid f { within 5ms (2 times a) then c }", &lines), "++++");
}

#[test]
fn protocols_are_left_for_good() {
    let off = r#"{"session":"s","event":"off"}"#;
    assert_eq!(said("protocol f { a then many (b) then off }", &[B1, A1, B1, B2, A1, off, B1, "c"]), "-+++--+");
    assert_eq!(said("protocol f { a then off }", &[off, A1, "c"]), "-+");
    assert_eq!(said("protocol f { maybe (a) then some (b or c) }", &["c", A1, B1]), "+-+");
    assert_eq!(said("protocol f { a(x: ?v) then b(x: ?v) }", &[A1, B2, B1, A1, A2]), "+-+-+");
    // Who leaves a protocol that only notes it has left it.
    assert_eq!(said("protocol f { a then b } => ask", &["b {\"x\":\"1\"} | \"approved\":true", A1]), "??");
}

#[test]
fn results_are_read() {
    let m = |structured: &str| format!("m {{\"n\":1}} | \"result\":{{\"ok\":true,\"structured\":{structured}}}");
    let read = |rule: &str, structured: &str| said(rule, &[&m(structured), B1]);
    let step = "forbid f { m succeeds when (result.k is present and result.k > 3) then b }";
    for (structured, wanted) in [
        (r#"{"k":4}"#, "+-"),
        (r#"{"k":3}"#, "++"),
        ("{}", "++"),
        (r#"{"k":null}"#, "++"),
        (r#"{"k":"4"}"#, "+-"),
        (r#"{"k":1,"k":1}"#, "+-"),
    ] {
        assert_eq!(read(step, structured), wanted, "{structured}");
    }
    let needed = "require r { m succeeds when (result.k is present and result.k > 3) before b }";
    for (structured, wanted) in [(r#"{"k":4,"x":1}"#, "++"), (r#"{"k":"4"}"#, "+-"), ("[]", "+-")] {
        assert_eq!(read(needed, structured), wanted, "{structured}");
    }
    let bound = "forbid f { m succeeds with (f: ?v) then b(x: ?v) }";
    for (structured, wanted) in [(r#"{"f":"1"}"#, "+-"), (r#"{"f":"2"}"#, "++"), ("{}", "++"), (r#"{"f":1}"#, "+!")] {
        assert_eq!(read(bound, structured), wanted, "{structured}");
    }
}

#[test]
fn scans_label_deny_and_take_out() {
    let card = r#"a {"x":"card 4111 1111 1111 1111"}"#;
    let policy = "scan a arguments for std.credit_card => label l\neveryone { deny a when carries l }";
    assert_eq!(said(policy, &[A1, card]), "+-");
    assert_eq!(said("scan a arguments for std.credit_card => deny", &[A1, card]), "+-");
    let redact = "scan a arguments for std.credit_card => redact\neveryone { deny a when x == \"card [redacted:std.credit_card]\" }";
    assert_eq!(said(redact, &[A1, card]), "+-");
    let number = r#"j {"z":4111111111111111}"#;
    assert_eq!(said("scan j arguments for std.credit_card => redact", &[number]), "+");
    assert_eq!(said("scan m arguments for d => redact\ndetector d = matches \"[0-9]+\"", &[r#"m {"n":7}"#]), "(malformed_arguments)");
    let result = |content: &str| format!("a {{\"x\":\"1\"}} | \"result\":{{\"ok\":true,\"content\":{content}}}");
    let labelled = "scan a results for d => label l\ndetector d = matches \"key\"\nforbid f { any returns l then b }";
    assert_eq!(said(labelled, &[&result("\"no\""), B1, &result(r#"[{"type":"text","text":"a key"}]"#), B1]), "+++-");
    assert_eq!(said(labelled, &[&result(r#"[{"type":"image","data":"a2V5"}]"#), B1]), "+-");
    let blob = |blob: &str| result(&format!(r#"[{{"type":"resource","resource":{{"uri":"u","blob":"{blob}"}}}}]"#));
    assert_eq!(said(labelled, &[&blob("bm8="), B1, &blob("YSBrZXk="), B1]), "+++-");
    let withheld = "scan a results for d => deny\ndetector d = matches \"key\"\nrequire r { a before b }";
    assert_eq!(said(withheld, &[&result("\"key\""), B1, A1, B1]), "+-++");
}
