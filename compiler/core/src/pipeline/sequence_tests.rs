//! Variables, windows of groups, protocols, limits of every measure, attempts, results and scans: their core texts, and what is found in broken ones.

use super::page_tests::{checked, draw};
use crate::core::print;

const HEAD: &str = r#"language 1
label l sensitive
label k untrusted
event e.x(n: int, s: string)
tool t.a(n: int 0..=9, s: string?, xs: list<string>, items: list<{id: int 0..=9, tags: list<string>, more: {z: int?}}>) -> {ok: bool, ref: string, cost: int?, rows: list<{id: int}>}
tool t.b(n: int 0..=9, s: string) -> {ok: bool, ref: string}
tool t.c(n: number, s: string)
effect t.b sends when n > 1
effect t.c sends
group g = t.a, t.b
context { region: string }
define good(x: bool, y: int?) = x and (not (y is present) or y > 1)
persona p {
  allow t.*
  otherwise deny
}
persona q extends p {
  otherwise deny
}
"#;

fn core(rules: &str) -> String {
    let checked = checked(&format!("{HEAD}{rules}"));
    assert!(checked.diagnostics.is_empty(), "{}", draw(&checked));
    let text = print::text(&checked.core.unwrap());
    let rules = text.lines().skip_while(|line| !line.starts_with("(rule") && !line.starts_with("(scan"));
    let detectors = text.lines().filter(|line| line.starts_with("(detector"));
    detectors.chain(rules).collect::<Vec<&str>>().join("\n")
}

fn codes(rule: &str) -> Vec<&'static str> {
    checked(&format!("{HEAD}{rule}\n")).diagnostics.iter().map(|found| found.code.text()).collect()
}

#[test]
fn variables_in_core_form() {
    insta::assert_snapshot!(core(
        r#"
forbid lists per agent capacity 7 { t.a(xs[]: ?v) then t.b(s: ?v) }
forbid nested { t.a(items[].id: ?i, s: "x") then t.b(n: ?i) }
forbid two { t.b(s: ?w, n: ?v) then e.x then g(n: ?v, s: ?w) }
forbid none { t.b(s: ?w) then any(s: ?w) destroys then t.b(s: ?w) }
require told { t.a succeeds with (ref: ?v, ok: true, cost: 1) when (result.ok) before t.b(s: ?v) reset by e.x(s: ?v) }
require any_of { e.x(s: ?v) before (t.b, t.c)(s: ?v) } => observe
forbid mixed { (t.b, e.x)(s: ?v) then t.b(s: ?v) }
"#
    ));
}

#[test]
fn windows_and_protocols_in_core_form() {
    insta::assert_snapshot!(core(
        r#"
forbid whole { within 1h (t.a then t.b then t.c) }
forbid after { e.x then within 5m (2 times t.b fails then[unless t.a] (t.a or t.b)) then t.c }
forbid deep { within 1h (t.a then within 5m (e.x and t.b) then t.c) }
forbid begun { start then within 1s ((t.a or t.b) then t.c) then t.c }
forbid tried { 3 times denied t.b(s: "x") then denied any then denied any sends then t.b }
protocol steps "one after the other" per principal {
  t.a then maybe (e.x) then (t.b(s: "x") or many (some (t.c) then t.b returns l)) then t.a succeeds when (result.cost is present and result.cost > 1)
} => ask by "a lead"
protocol each_one { many (t.b(s: ?v) then t.c(s: ?v)) }
"#
    ));
}

#[test]
fn limits_in_core_form() {
    insta::assert_snapshot!(core(
        r#"
limit 3 t.b(s: ?v) per 1h
limit tries: 3 t.b(n: 1, s: ?v) fails with (ref: "x") when (n > 0 and hour(at) < 9) per 1h per agent capacity 5
limit 2 t.a succeeds with (ok: true) when (good(result.ok, result.cost)) per 1d
limit 2 t.a returns l when (some r in result.rows : (r.id == 1)) per 1d => observe
limit 4 denied any per 1h
limit 4 denied t.b(s: ?v) when (session has l and carries k) per 1h
limit 4 approved t.a succeeds by p per 1h per tenant
limit 2 identical (t.a, t.c) when (context.region == "eu") per 10m capacity 3
limit 2 identical any sends per session
limit 5 distinct(s) of t.b per 1d
limit 5 distinct(items[].more.z) of t.a(s: ?v) per 1d
limit 5 distinct(s) of any sends per 1d
limit sum(n) of g to 9_223_372_036_854_775_807 per 1d
limit sum(items[].id) of t.a to 10 per session
limit sum(n) of denied t.b to 10 per 1h
"#
    ));
}

#[test]
fn scans_in_core_form() {
    insta::assert_snapshot!(core(
        r#"
detector ticket = matches r"tk_[0-9]+", std.iban
detector all_of = ticket, std.secret, ticket
scan t.*, t.a results for all_of, std.email, all_of => redact, label l, label k, label l
scan g arguments for ticket => deny, redact
everyone {
  scan t.c arguments for std.jwt => label k
}
persona r extends q {
  scan t.a results for std.ip => deny
  scan t.b, t.a results for std.ip => deny
  forbid carried { any when (carries l or not (carries k)) then t.b }
  otherwise deny
}
"#
    ));
}

/// What follows the head, and what must be found in it.
#[test]
fn shapes_of_sequences() {
    let cases: [(&str, &[&str]); 58] = [
        ("forbid f { t.b(s: ?v) then t.c(s: ?w) }", &["LF0241", "LF0241"]),
        ("forbid f { t.b(n: ?v) then t.c(n: ?v) }", &["LF0242"]),
        ("forbid f { e.x then (t.b, t.c)(n: ?v) then t.b(n: ?v) }", &["LF0242"]),
        ("forbid f { t.a(items[]: ?v) then t.a(items[]: ?v) }", &["LF0242", "LF0242"]),
        ("forbid f { t.a(xs[]: ?v, items[].id: ?i) then t.b(s: ?v, n: ?i) }", &["LF0252"]),
        ("forbid f { t.a(s: ?v, xs[]: ?v) then t.b(s: ?v) }", &["LF0255"]),
        ("forbid f { t.b succeeds with (ref: ?v, nil: ?w) then t.b(s: ?v) }", &["LF0201"]),
        ("forbid f { t.c succeeds with (ref: \"x\") then t.b }", &["LF0247"]),
        ("forbid f { any succeeds when (result.ok) then t.b }", &["LF0247"]),
        ("forbid f { t.b succeeds when (result.nil) then t.b }", &["LF0201"]),
        ("forbid f { t.a succeeds when (result.cost > 1) then t.b }", &["LF0202"]),
        ("forbid f { t.a succeeds with (cost: 1) when (result.cost > 0) then t.b }", &[]),
        ("forbid f { t.a when (result.ok) then t.b }", &["LF0213"]),
        ("define d(n: int) = result.ok\nforbid f { t.a succeeds when (d(n)) then t.b }", &["LF0213"]),
        ("forbid f { t.a succeeds when (result.ok is present and result.rows is present) then t.b }", &[]),
        ("require f { t.a when (result.ok) before t.b }", &["LF0213"]),
        ("require f { t.a returns l when (result.ok) before t.b }", &[]),
        ("forbid f { e.x when (carries l) then t.b }", &["LF0213"]),
        ("forbid f { t.a then denied t.b }", &["LF0230"]),
        ("forbid f { denied t.b fails then t.a }", &["LF0234"]),
        ("protocol f { many (denied t.a) }", &["LF0234"]),
        ("protocol f { start then t.a }", &["LF0233"]),
        ("protocol f { t.a then t.b(s: ?v) }", &["LF0240"]),
        ("protocol f per session capacity 3 { t.a then t.b }", &["LF0250"]),
        ("protocol f { t.nil then t.b(nil: 1) }", &["LF0110", "LF0201"]),
        ("require f { t.a before t.b reset by denied any }", &["LF0234"]),
        ("forbid f { within 1h (start then t.a) }", &["LF0231"]),
        ("forbid f { within 1h ((start or t.b) then t.a) }", &["LF0231"]),
        ("forbid f { within 1h (t.a then[within 5m] t.b) then t.b }", &["LF0248"]),
        ("forbid f { within 1h (((t.a then t.b) or t.c) then[unless e.x] t.b) }", &["LF0249"]),
        ("forbid f { within 1h (2 times ((t.a and t.b) or t.c) then t.a then[unless e.x, next] t.b) }", &["LF0249"]),
        ("forbid f { within 1h (((t.a then t.b) and t.c) then within 1m (t.a then[unless e.x] t.b)) }", &["LF0249"]),
        ("forbid f { ((t.a then t.b) or t.c) then within 1m (t.a then[unless e.x] t.b) }", &[]),
        ("forbid f { within 1h ((t.a or t.c) then[unless e.x] (t.a then t.b or t.c)) }", &["LF0008"]),
        ("forbid f { within 1h ((t.a or t.c) then[unless e.x] ((t.a then t.b) or t.c)) }", &[]),
        ("forbid f { within 1h ((t.a and t.c) then t.b then[unless e.x] t.b) }", &[]),
        ("forbid f { within 1h (((t.a then t.b) or t.c) then[next] t.b) }", &[]),
        ("forbid f per session capacity 0 { t.b(s: ?v) then t.c(s: ?v) }", &["LF0250"]),
        ("forbid f per session capacity 4_097 { t.b(s: ?v) then t.c(s: ?v) }", &["LF0750"]),
        ("require f per agent capacity 3 { t.b before t.c }", &["LF0250"]),
        ("limit 3 t.b per 1h capacity 3", &["LF0250"]),
        ("limit 3 distinct(s) of t.b per 1h capacity 3", &["LF0250"]),
        ("limit 3 identical t.b per 1h capacity 99_999_999_999", &["LF0750"]),
        ("limit 3 identical t.b fails per 1h", &["LF0254"]),
        ("limit 3 identical denied t.b per 1h", &["LF0254"]),
        ("limit 3 identical t.b(s: ?v) per 1h", &["LF0254"]),
        ("limit 3 t.b succeeds with (ref: ?v) per 1h", &["LF0253"]),
        ("limit 0 identical t.b per 1h", &["LF0239"]),
        ("limit 4_097 distinct(s) of t.b per 1h", &["LF0751"]),
        ("limit 0 distinct(s) of t.b per 1h", &["LF0239"]),
        ("limit 3 distinct(xs) of t.a per 1h", &["LF0242"]),
        ("limit 3 distinct(n) of (t.b, t.c) per 1h", &["LF0242"]),
        ("limit 3 distinct(nil) of t.b per 1h", &["LF0201"]),
        ("limit sum(n) of (t.b, t.c) to 5 per 1h", &["LF0245"]),
        ("limit sum(items[].more.z) of t.a to 5 per 1h", &["LF0245"]),
        ("limit sum(n) of t.b to 9_223_372_036_854_775_808 per 1h", &["LF0015"]),
        ("limit sum(n) of t.b to 0 per 1h", &["LF0239"]),
        ("limit 3 start per 1h\nlimit 3 distinct(n) of e.x per 1h", &["LF0233", "LF0235"]),
    ];
    for (rule, wanted) in cases {
        let found = codes(rule);
        assert_eq!(found, wanted, "{rule}\n{}", draw(&checked(&format!("{HEAD}{rule}\n"))));
    }
}

#[test]
fn shapes_of_scans() {
    let cases: [(&str, &[&str]); 6] = [
        ("scan t.a results for std.emails => deny", &["LF0116"]),
        ("scan t.nil results for nil => label nil", &["LF0110", "LF0112", "LF0116"]),
        ("scan e.x results for std.ip => deny", &["LF0111"]),
        ("detector d = matches r\"a|\"", &["LF0251"]),
        ("detector d = matches r\"\\ba\", matches r\"(\"", &["LF0211", "LF0211"]),
        ("detector d = matches r\"((a{100}){100}){100}\"", &["LF0707"]),
    ];
    for (rule, wanted) in cases {
        let mut found = codes(rule);
        found.sort_unstable();
        assert_eq!(found, wanted, "{rule}");
    }
}

#[test]
fn assertions_take_what_the_language_has() {
    for sequence in [
        "assert f never { t.b(s: ?v) then t.c(s: ?v) }",
        "assert f never { within 1h (t.a(xs[]: ?v) then t.b(s: ?v)) } for p without approval",
        "assert f always { t.a succeeds with (ref: ?v) when (result.ok) before t.b(s: ?v) within 1h }",
        "assert f can p { t.a then any when (carries l) then t.b fails }",
    ] {
        assert_eq!(codes(sequence), Vec::<&str>::new(), "{sequence}");
    }
}

#[test]
fn what_is_not_a_whole_policy_is_answered() {
    let rules = r#"
forbid lists per agent capacity 7 { t.a(xs[]: ?v) then within 1h (t.b(s: ?v) then[unless e.x(s: ?v)] t.b(s: ?v)) }
require told { t.a succeeds with (ref: ?v, ok: true) when (result.ok) before t.b(s: ?v) reset by e.x(s: ?v) }
protocol steps per principal capacity 9 { t.a then maybe (e.x) then (t.b(s: "x") or many (some (t.c) then t.b returns l)) }
limit tries: 3 t.b(n: 1, s: ?v) fails with (ref: "x") per 1h per agent capacity 5
limit 2 identical any sends per session
limit 5 distinct(items[].more.z) of t.a(s: ?v) per 1d
limit sum(items[].id) of denied t.a to 10 per session
detector ticket = matches r"tk_[0-9]+", std.iban
scan t.* results for ticket, std.email => redact, label l
"#;
    let words: Vec<&str> = rules.split_inclusive([' ', '(', ')', '{', '}', '\n', ',', ':', '[']).collect();
    for at in 0..words.len() {
        let without: String = words.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, word)| *word).collect();
        let doubled: String = words.iter().enumerate().map(|(n, word)| if n == at { word.repeat(2) } else { (*word).to_owned() }).collect();
        for mutant in [without, doubled] {
            let checked = checked(&format!("{HEAD}{mutant}"));
            let errors = checked.diagnostics.iter().filter(|found| found.is_error()).count();
            assert_eq!(checked.core.is_none(), errors > 0, "{mutant}");
        }
    }
}
