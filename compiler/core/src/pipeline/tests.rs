//! Whole policies: their core texts, and what is found in broken ones.

use std::collections::BTreeMap;

use super::page_tests::{checked, draw};
use super::{BuildError, build, check};
use crate::core::print;

fn core(text: &str) -> String {
    let checked = checked(text);
    assert!(checked.diagnostics.is_empty(), "{}", draw(&checked));
    print::text(&checked.core.unwrap())
}

fn codes(text: &str) -> Vec<&'static str> {
    checked(text).diagnostics.iter().map(|found| found.code.text()).collect()
}

#[test]
fn a_duration_that_does_not_fit_is_found_once() {
    assert_eq!(codes("language 1\ntool t.a()\npersona p { allow t.a }\nlimit 1 t.a per 99999999999999999d\n"), ["LF0015"]);
}

/// One permission of `t.a` with that condition.
fn condition(cond: &str) -> String {
    format!(
        "language 1
const domain = \"ACME.example\"
const most = 1_000
context {{ region: \"eu\" | \"us\", limits: {{ soft: int, hard: int? }} }}
label pii sensitive
define small(n: int) = n < most
define either(x: string, y: string?) = y is present and (x == y or y == \"ACME.example\")
tool t.a(
  to: string, cc: string?, mail: email, site: url, file: path, addr: ip, n: int, p: number, when: timestamp, for: duration,
  kind: \"gift\" | \"wage\", ok: bool, xs: list<int>, items: list<{{ id: string, tag: string? }}>, sub: {{ a: int?, b: {{ c: string }}? }},
)
persona work {{
  allow t.a when {cond}
  otherwise deny
}}
"
    )
}

fn typed(cond: &str) -> String {
    let text = core(&condition(cond));
    let (_, rest) = text.split_once("(allow \"work.allow#1\" ").unwrap();
    rest.trim_end().strip_suffix(")))").unwrap().to_owned()
}

#[test]
fn conditions_in_core_form() {
    let all = [
        "to == \"x\" and mail == \"A@ACME.Example\" and site != \"HTTPS://Acme.example/a/../b\"",
        "file == \"/srv/./a/../b\" or file in [\"/a/\", \"/b//c\"]",
        "addr in \"10.0.0.0/8\" and ip(to) in [\"10.0.0.1\"] and ip(addr) != ip(to)",
        "email(to).domain == domain and email(mail).local == \"Bob\"",
        "url(to).host under \"ACME.example\" and email(to).domain under domain and path(to) under \"/srv//data\" and file under \"/\"",
        "url(site).port == 443 and url(to).path starts_with \"/x\" and url(to).scheme in [\"https\", \"wss\"]",
        "n * 2 - 1 <= 99 and 3 + n > most",
        "p >= 1.50 and p < 7 and n != 2.0 and n in [1, 2.5] and p == n",
        "when >= ts\"2026-11-22T10:00:00Z\" and for <= 90m and hour(at) < 18 and weekday(when) in [6, 7]",
        "kind == \"gift\" and kind in [\"gift\", \"wage\"] and context.region != \"us\" and context.limits.soft > n",
        "ok and not ok == false and true or not (ok and (n > 1 or n < 0))",
        "cc is present and cc contains \"x\" and lower(cc) like \"a*b\" and to ends_with domain and to matches r\"[a-z]+\"",
        "not (cc is present) or cc == to",
        "(not (cc is present) and n == 1) or n == 2",
        "sub.b.c is present and sub.b.c == \"x\" and sub.a is present",
        "all x in xs : (x > 1) and some i in items : (i.tag is present and i.tag == i.id) and size(xs) <= 3",
        "session has pii and small(n + 1) and either(to, cc) and cc != \"y\"",
        "context.limits.hard is present and n < context.limits.hard",
    ];
    let typed: Vec<String> = all.iter().map(|cond| format!("{cond}\n  {}", typed(cond))).collect();
    insta::assert_snapshot!(typed.join("\n"));
}

#[test]
fn presence_follows_and_or_and_not() {
    let refused = [
        "cc == to",
        "cc is present or cc == to",
        "not (cc is present) and cc == to",
        "(cc is present or n > 1) and cc == to",
        "not (cc is present or n > 1) and cc == to",
        "sub.b is present and sub.a == 1",
        "sub.b.c == \"x\"",
        "some i in items : (i.tag == \"x\")",
        "(some i in items : (i.tag is present)) and some i in items : (i.tag == \"x\")",
        "small(sub.a)",
        "either(cc, to)",
        "size(xs) == context.limits.hard",
    ];
    for cond in refused {
        assert!(codes(&condition(cond)).contains(&"LF0202"), "{cond}");
    }
    let accepted = [
        "not (not (cc is present) or n > 1) and cc == to",
        "(cc is present and n > 1 or cc is present and n < 0) and cc == to",
        "not (cc is present and n > 1) or cc == to",
        "sub.b.c is present and sub.b.c == \"x\"",
        "either(to, cc) and cc == to",
    ];
    for cond in accepted {
        assert_eq!(codes(&condition(cond)), Vec::<&str>::new(), "{cond}");
    }
}

#[test]
fn conditions_that_do_not_type() {
    let wrong = [
        ("mail == to", "LF0204"),
        ("to < \"x\"", "LF0204"),
        ("ok > false", "LF0204"),
        ("xs == xs", "LF0204"),
        ("n contains \"1\"", "LF0204"),
        ("xs contains \"1\"", "LF0204"),
        ("to under \"acme.example\"", "LF0204"),
        ("kind == \"gif\"", "LF0205"),
        ("kind in [\"gift\", \"loan\"]", "LF0205"),
        ("context.region == \"asia\"", "LF0205"),
        ("mail == \"nobody\"", "LF0206"),
        ("file under \"x\"", "LF0206"),
        ("addr in \"10.0.0.1/8\"", "LF0206"),
        ("when > ts\"2026-02-30T00:00:00Z\"", "LF0206"),
        ("url(to).host == \"a b\"", "LF0206"),
        ("url(to).host under \"..\"", "LF0206"),
        ("to contains cc", "LF0207"),
        ("lower(n) == \"x\"", "LF0208"),
        ("size(xs, xs) == 1", "LF0208"),
        ("big(n)", "LF0208"),
        ("small(n, n)", "LF0208"),
        ("small(to)", "LF0208"),
        ("email(to).host == \"x\"", "LF0209"),
        ("url(to) == \"https://acme.example\"", "LF0209"),
        ("to.x == 1", "LF0209"),
        ("path(to).name == \"x\"", "LF0209"),
        ("n + n > 1", "LF0210"),
        ("p + 1 > 1", "LF0210"),
        ("to matches r\"(a\"", "LF0211"),
        ("to matches r\"a\\b\"", "LF0211"),
        ("n", "LF0212"),
        ("(n > 1) == true", "LF0212"),
        ("small(n) == true", "LF0212"),
        ("size(xs) is present", "LF0212"),
        ("most is present", "LF0212"),
        ("result.x == 1", "LF0213"),
        ("cc == null", "LF0214"),
        ("all x in n : (x > 1)", "LF0215"),
        ("all x in xs : (some x in xs : (x > 1))", "LF0215"),
        ("n in xs", "LF0217"),
        ("n in []", "LF0217"),
        ("n in [n]", "LF0217"),
        ("[1] == n", "LF0217"),
        ("context.role == \"x\"", "LF0115"),
        ("session has secret", "LF0112"),
        ("tp == \"x\"", "LF0201"),
        ("sub.b is present and sub.b.d == \"x\"", "LF0201"),
        ("n == 1 == true", "LF0009"),
    ];
    for (cond, code) in wrong {
        let found = codes(&condition(cond));
        if code == "LF0009" {
            assert!(found.iter().all(|found| found.starts_with("LF00")) && !found.is_empty(), "{cond}: {found:?}");
        } else {
            assert_eq!(found, vec![code], "{cond}");
        }
    }
}

#[test]
fn an_arm_knows_what_the_arms_before_it_refused() {
    let arms = |first: &str| {
        format!(
            "language 1\ntool t.a(x: string?)\npersona p {{\n  on t.a {{\n    {first} => deny,\n    x == \"a\" => allow,\n    otherwise => deny,\n  }}\n  otherwise deny\n}}\n"
        )
    };
    assert_eq!(codes(&arms("not (x is present)")), Vec::<&str>::new());
    assert_eq!(codes(&arms("x is present")), vec!["LF0202"]);
}

#[test]
fn a_mistake_in_a_definition_is_told_once_and_one_of_its_use_at_the_use() {
    let policy = |body: &str, uses: &str| {
        format!(
            "language 1\nevent e.x(n: int)\ntool t.a(n: int)\ncontext {{ r: string }}\ndefine outer(n: int) = inner(n) or n == 7\ndefine inner(n: int) = {body}\n{uses}\npersona p {{\n  allow t.a when inner(n) or outer(n)\n  otherwise deny\n}}\n"
        )
    };
    assert_eq!(codes(&policy("n == \"x\"", "")), vec!["LF0204"]);
    assert_eq!(codes(&policy("context.r == \"x\" and n > 1", "")), Vec::<&str>::new());
    let at_event = policy("context.r == \"x\" and n > 1", "forbid f { e.x when (outer(n)) then t.a }");
    assert_eq!(codes(&at_event), vec!["LF0213"]);
}

#[test]
fn inlining_never_captures_a_variable() {
    let policy = "language 1
tool t.a(xs: list<string>, ys: list<string>)
define inside(y: string, zs: list<string>) = some x in zs : (x == y)
persona p {
  allow t.a when all NAME in xs : (inside(NAME, ys))
  otherwise deny
}
";
    assert_eq!(codes(&policy.replace("NAME", "x")), vec!["LF0215"]);
    assert_eq!(codes(&policy.replace("NAME", "w")), Vec::<&str>::new());
}

const PERSONAS: &str = r#"language 1
tool t.a(n: int)
tool t.b(n: int)
tool t.c(n: int)
label pii sensitive
label web untrusted
effect t.a returns web, pii
effect t.b sends when n > 1
effect t.b sends when n < 0
effect t.c sends
effect t.c destroys when session has pii
effect t.a destroys when false

persona grand {
  allow t.a, t.b when n > 0
  deny quiet: t.c "at night\n\"really\""
  otherwise ask
}
persona left extends grand {
  override on t.a {
    n > 5 => ask by "a lead",
    otherwise => deny "too much",
  }
}
persona right extends grand {
  ask t.b by "somebody"
}
persona child extends left, right {
  allow more: t.c
  deny t.a when n == 3
  allow t.a
}
persona alone {
  on t.c { n == 1 => allow }
  on t.c { n == 2 => allow }
}
everyone {
  deny t.b
  deny never: t.c when n == 9
  deny t.c when n == 8 "why"
}
"#;

#[test]
fn personas_in_core_form() {
    insta::assert_snapshot!(core(PERSONAS));
}

const RULES: &str = r#"language 1
event user.ok(text: string?)
tool m.read(box: string)
tool m.send(to: string, cc: string?)
tool p.pay(amount: int, to: string)
tool p.undo(id: string)
label pii sensitive
effect m.read returns pii
effect m.send sends when email(to).domain != "acme.example"
effect p.pay sends
effect p.undo destroys
const own = "acme"

persona clerk {
  allow m.*, p.*
  limit 3 p.pay per session
  limit paid: 2 p.pay(to: own) when (amount > 10) per 1h per principal => ask by "a lead"
  forbid mine "why not" per agent { m.read by chief then p.pay } => end session
  otherwise deny
}
persona chief extends clerk {
  otherwise deny
}
everyone {
  limit 1 any destroys per 1d => observe
  deny p.undo when id == "x"
}
limit 5 approved any per 1d per tenant
forbid leak { any returns pii then any sends }
forbid both { (any returns pii and user.ok) then (m.send(cc: "x") or p.pay) }
forbid gap { m.read then[next, unless user.ok, unless m.read(box: "b") succeeds, within 10m] p.pay }
forbid first { start then[unless m.read, unless user.ok(text: "yes")] (p.pay or p.undo) }
forbid often { 2 times (m.read fails then p.pay) then 2 times p.undo } => ask
forbid mixed { (m.read, user.ok) then (m.send, p.pay) }
forbid chain { (m.read then p.pay) then m.send then p.undo }
require asked { user.ok and m.read before any destroys within 1h reset by (user.ok, p.pay) }
require sent { approved m.send sends before p.pay reset by m.read }
require returned "r" per tenant { any returns pii before p.undo } => observe
"#;

#[test]
fn rules_in_core_form() {
    insta::assert_snapshot!(core(RULES));
}

#[test]
fn origins_point_at_every_rule() {
    let checked = checked(RULES);
    let text = &checked.sources[0].text;
    let place = |name: &str| checked.origins.rules[name].text(text).lines().next().unwrap().to_owned();
    assert_eq!(place("clerk.limit#1"), "limit 3 p.pay per session");
    assert_eq!(place("limit#1"), "limit 5 approved any per 1d per tenant");
    assert_eq!(place("everyone.limit#1"), "limit 1 any destroys per 1d => observe");
    assert_eq!(place("clerk.allow#1"), "allow m.*, p.*");
    assert_eq!(place("leak"), "forbid leak { any returns pii then any sends }");
    let core = checked.core.unwrap();
    for rule in &core.rules {
        assert!(checked.origins.rules.contains_key(&rule.name), "{}", rule.name);
    }
}

/// What follows a policy with two tools and an event, and what must be found in it.
#[test]
fn shapes_of_rules() {
    let policy = |rule: &str| {
        format!(
            "language 1\nlabel l sensitive\nevent e.x(n: int)\ntool t.a(n: int, s: string?)\ntool t.b(n: int)\npersona p {{\n  allow t.*\n  otherwise deny\n}}\n{rule}\n"
        )
    };
    let cases: [(&str, &[&str]); 35] = [
        ("forbid f { t.a then t.b succeeds }", &["LF0230"]),
        ("forbid f { t.a then (t.b or any returns l) }", &["LF0230"]),
        ("forbid f { t.a then (t.b, e.x) }", &["LF0230"]),
        ("forbid f { start }", &["LF0230"]),
        ("require f { t.a before e.x }", &["LF0230"]),
        ("require f { t.a before t.b fails }", &["LF0230"]),
        ("forbid f { (start or t.a) then[within 1s] t.b }", &["LF0231"]),
        ("forbid f { (t.a then (t.a and t.b)) then[next] t.b }", &["LF0232"]),
        ("forbid f { t.a then[unless e.x] 2 times (t.a and t.b) }", &["LF0232"]),
        ("forbid f { t.a then start then t.b }", &["LF0233"]),
        ("forbid f { t.a then[unless start] t.b }", &["LF0233"]),
        ("require f { t.a before t.b reset by start }", &["LF0233"]),
        ("limit 2 start per 1h", &["LF0233"]),
        ("require f { t.a before t.b reset by denied t.a }", &["LF0234"]),
        ("limit 2 (t.a, e.x) per 1h", &["LF0235"]),
        ("limit 2 t.a per session per agent", &["LF0236"]),
        ("limit 2 t.a per session per session", &[]),
        ("forbid f { approved e.x then t.a }", &["LF0237"]),
        ("forbid f per agent { e.x by p then t.a }", &["LF0237"]),
        ("forbid f { t.a by p then t.b }", &["LF0238"]),
        ("forbid f per agent { t.a by q then t.b }", &["LF0113"]),
        ("limit 2 t.a per 0s", &["LF0239"]),
        ("limit 0 t.a per 1h", &["LF0239"]),
        ("limit 4294967296 t.a per 1h", &["LF0239"]),
        ("forbid f { e.x when (context.r == 1) then t.a }", &["LF0213"]),
        ("forbid f { any(s: \"x\") then t.a }", &["LF0201"]),
        ("forbid f { t.a succeeds when (hour(at) == 1) then t.b }", &[]),
        ("forbid f { t.a succeeds when (session has l) then t.b }", &[]),
        ("forbid f { t.a when (session has l and hour(at) == 1) then t.b }", &[]),
        ("forbid f { within 1s (t.a then t.b) then t.b }", &[]),
        ("forbid f { within 1s (t.a then (t.a or t.b then[within 1s] t.b)) then t.b }", &["LF0008"]),
        ("assert f never { denied t.a then t.b }", &["LF0234"]),
        ("forbid f { 200 times t.a then 100 times t.b }", &["LF0708"]),
        ("assert f never { t.a then e.x }", &[]),
        ("assert f can p { t.a(n: ?v) then t.b(n: ?v) }", &[]),
    ];
    for (rule, wanted) in cases {
        let checked = checked(&policy(rule));
        let found: Vec<&str> = checked.diagnostics.iter().map(|found| found.code.text()).collect();
        assert_eq!(found, wanted, "{rule}\n{}", draw(&checked));
    }
}

#[test]
fn chains_of_definitions_end() {
    let chain = |length: usize| {
        // The last first, so that each is looked at before those that it uses.
        let links: String = (1..length).rev().map(|n| format!("define d{n}(x: int) = d{}(x)\n", n - 1)).collect();
        format!(
            "language 1\ntool t.a(n: int)\n{links}define d0(x: int) = x > 1\npersona p {{\n  allow t.a when d{}(n)\n  otherwise deny\n}}\n",
            length - 1
        )
    };
    assert_eq!(codes(&chain(200)), Vec::<&str>::new());
    let found = codes(&chain(2_000));
    assert!(!found.is_empty() && found.iter().all(|code| *code == "LF0709"), "{found:?}");
}

#[test]
fn two_mistakes_are_two_findings_and_a_lost_declaration_is_one() {
    let text = "language 1
tool t.a(n: int)
tool t.b(n: itn)
persona p {
  allow t.a when m == 1
  allow t.b when n == 1
  deny t.c
  otherwise deny
}
";
    let found = codes(text);
    assert!(found.contains(&"LF0201") && found.contains(&"LF0110"), "{found:?}");
    assert!(found.iter().any(|code| code.starts_with("LF00")), "{found:?}");
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn build_compiles_what_check_accepts_and_refuses_the_rest() {
    let files = |text: &str| BTreeMap::from([("p.lever".to_owned(), text.to_owned())]);
    let built = build("p.lever", &files(RULES)).unwrap();
    assert!(built.frame.unproven);
    assert_eq!(built.frame.rules.len(), built.checked.core.unwrap().rules.len());
    let refused = build("p.lever", &files("language 1\npersona p { allow t.x }\n"));
    assert!(matches!(refused, Err(BuildError::Refused(checked)) if !checked.diagnostics.is_empty()));
    assert!(matches!(build("q.lever", &files(RULES)), Err(BuildError::Load(_))));
}

/// Policies of this file with every third word taken out or doubled: an answer, and never a panic; where there is no core there is an error in the file.
#[test]
fn mutated_policies_are_answered() {
    for text in [PERSONAS, RULES] {
        let words: Vec<&str> = text.split_inclusive([' ', '(', ')', '{', '}', '\n', ',']).collect();
        for at in (0..words.len()).step_by(3) {
            let without: String = words.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, word)| *word).collect();
            let doubled: String =
                words.iter().enumerate().map(|(n, word)| if n == at { word.repeat(2) } else { (*word).to_owned() }).collect();
            for mutant in [without, doubled] {
                let files = BTreeMap::from([("p.lever".to_owned(), mutant)]);
                let checked = check("p.lever", &files).unwrap();
                let errors = checked.diagnostics.iter().filter(|found| found.is_error()).count();
                assert_eq!(checked.core.is_none(), errors > 0, "{}", files["p.lever"]);
                for found in &checked.diagnostics {
                    assert!(found.span().end as usize <= files["p.lever"].len());
                }
            }
        }
    }
}
