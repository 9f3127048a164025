//! The core text of policies written for the purpose, clause by clause of `lang-spec/core-form.md`.

use std::collections::BTreeMap;

use leverframe_reference::{Refusal, core_text, elaborate_from};

fn files(root: &str, others: &[(&str, &str)]) -> BTreeMap<String, String> {
    let root = ("root.lever".to_owned(), format!("language 1\n{root}"));
    others.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).chain([root]).collect()
}

fn core(root: &str) -> String {
    core_with(root, &[])
}

fn core_with(root: &str, others: &[(&str, &str)]) -> String {
    match elaborate_from(&files(root, others), "root.lever") {
        Ok(policy) => core_text(&policy),
        Err(refusal) => format!("refused: {refusal}"),
    }
}

fn refusal(root: &str) -> Option<Refusal> {
    elaborate_from(&files(root, &[]), "root.lever").err()
}

/// The lines of a core that begin with a word, without the ones that follow.
fn lines<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    text.lines().filter(|line| line.trim_start().starts_with(word)).collect()
}

/// The condition of the one rule of the one persona.
fn condition(declarations: &str, condition: &str) -> String {
    let text = core(&format!("{declarations}\npersona p {{ allow t.a when {condition}\n otherwise deny }}"));
    let line = lines(&text, "(allow").first().copied().unwrap_or_default().to_owned();
    let inner = line.trim().strip_prefix("(allow \"p.allow#1\" ").and_then(|line| line.strip_suffix(")))"));
    inner.unwrap_or_default().to_owned()
}

const FIELDS: &str = "tool t.a(s: string, n: int, x: number, b: bool, m: email, u: url, f: path, i: ip, o: string?, k: \"b\" | \"a\", xs: list<int>, r: {y: int?})
context { region: string }
label pii sensitive
const BOSS = \"A@ACME.Example\"
const TEN = 1_0
define small(v: number) = v < TEN";

#[test]
fn every_form_of_the_file() {
    let text = core(
        r#"
tool t.b()
tool t.a(n: int 1..=9, s: string?)
event e.x(f: string)
label web untrusted
label pii sensitive
context { z: int, a: "x" | "y" }
effect t.a returns web, pii
effect t.b sends
everyone { deny t.b "no" }
"#,
    );
    assert_eq!(
        text,
        r#"(core 1)
(label "web" untrusted)
(label "pii" sensitive)
(context "z" int)
(context "a" (enum "x" "y"))
(event "e.x" (record closed (field "f" string required)))
(tool "t.a" (record closed (field "n" (int 1 9) required) (field "s" string optional)) (returns "pii" "web") (sends false) (destroys false))
(tool "t.b" (record closed) (returns) (sends true) (destroys false))
(everyone
  (tool "t.b"
    (deny "everyone.deny#1" true (why "no"))))
"#
    );
}

#[test]
fn personas_print_their_members_and_arms() {
    let text = core(
        r#"
tool t.a(n: int)
tool t.b()
persona p {
  allow t.b
  ask named: t.b by "me"
  deny t.b "why"
  on t.a { n > 1 => ask by "x", otherwise => deny "y" }
  allow t.a
  otherwise ask
}
persona q {}
"#,
    );
    let wanted = r#"(persona "p" (otherwise ask "p.otherwise")
  (tool "t.a"
    (on
      (arm ask "p.on(t.a)#1" (gt int (arg "n") 1) (who "x"))
      (arm deny "p.on(t.a)#2" true (why "y")))
    (allow "p.allow#2" true))
  (tool "t.b"
    (allow "p.allow#1" true)
    (ask "p.named" true (who "me"))
    (deny "p.deny#1" true (why "why"))))
(persona "q" (otherwise none))
"#;
    assert!(text.ends_with(wanted), "{text}");
}

#[test]
fn inheritance_is_depth_first_and_overrides_work_tool_by_tool() {
    let text = core(
        r#"
tool t.a()
tool t.b()
persona base { allow t.a, t.b
 otherwise deny }
persona left extends base { override ask t.a }
persona right extends base { deny t.b }
persona both extends right, left { allow t.b }
"#,
    );
    let both = text.split("(persona \"both\"").nth(1).unwrap_or_default();
    assert_eq!(
        both,
        r#" (otherwise deny "base.otherwise")
  (tool "t.a"
    (ask "left.ask#1" true))
  (tool "t.b"
    (allow "base.allow#1" true)
    (deny "right.deny#1" true)
    (allow "both.allow#1" true)))
"#
    );
}

#[test]
fn conditions() {
    for (written, wanted) in [
        ("b", r#"(eq bool (arg "b") true)"#),
        (
            "b and not b or (b and true)",
            r#"(or (and (eq bool (arg "b") true) (not (eq bool (arg "b") true))) (and (eq bool (arg "b") true) true))"#,
        ),
        ("n == 1 and n != x", r#"(and (eq int (arg "n") 1) (ne number (arg "n") (arg "x")))"#),
        ("n in [1, 2.50]", r#"(in number (arg "n") 1 (number "2.5"))"#),
        ("small(n)", r#"(lt number (arg "n") 10)"#),
        ("n + 1 * 2 - TEN >= -3", r#"(ge int (sub (add (arg "n") (mul 1 2)) 10) -3)"#),
        ("m == BOSS", r#"(eq email (arg "m") "A@acme.example")"#),
        ("email(s).domain == \"ACME.Example\"", r#"(eq string (email_domain (arg "s")) "acme.example")"#),
        ("email(m).local starts_with \"A\"", r#"(starts_with (email_local (arg "m")) "A")"#),
        ("u == \"HTTPS://a.example\"", r#"(eq url (arg "u") "https://a.example:443/")"#),
        ("url(s).host under \"ACME.example.\"", r#"(under host (url_host (arg "s")) "acme.example")"#),
        ("path(s) under \"/a/../b/\"", r#"(under path (norm_path (arg "s")) "/b")"#),
        ("path(f) == \"/a/\"", r#"(eq path (arg "f") "/a")"#),
        ("ip(s) in \"10.0.0.0/8\"", r#"(in_cidr (norm_ip (arg "s")) "10.0.0.0/8")"#),
        ("i in [\"::ffff:1.2.3.4\"]", r#"(in ip (arg "i") "1.2.3.4")"#),
        ("o is present and lower(o) matches r\"a+\"", r#"(and (present (arg "o")) (matches (lower (arg "o")) "a+"))"#),
        ("k == \"a\"", r#"(eq string (arg "k") "a")"#),
        ("some e in xs : (e > size(xs))", r#"(some "e" (arg "xs") (gt int (var "e") (size (arg "xs"))))"#),
        ("r.y is present", r#"(present (arg "r" "y"))"#),
        ("session has pii or context.region == \"eu\"", r#"(or (has "pii") (eq string (context "region") "eu"))"#),
        ("hour(at) < 9 and at < ts\"1970-01-01T00:00:01Z\"", r#"(and (lt int (hour at) 9) (lt timestamp at (timestamp 1000)))"#),
        (r#"s contains "\u0001\"é""#, r#"(contains (arg "s") "\u0001\"é")"#),
    ] {
        assert_eq!(condition(FIELDS, written), wanted, "{written}");
    }
}

#[test]
fn patterns_are_read_by_their_place() {
    let text = core(
        r#"
label pii sensitive
event e.x(s: string?)
tool t.a(n: int, o: string?)
tool t.b(n: int)
effect t.a sends when n > 1
effect t.a sends when o is present
persona p { otherwise deny }
require r { t.a and any returns pii and t.a fails and (t.b, e.x) before any sends when (n == 2) within 1m reset by approved t.b(n: 3) }
forbid f { any returns pii then[next, unless t.a(o: "x"), within 5s, unless e.x] (t.a, t.b) }
"#,
    );
    let bodies = lines(&text, "(deny");
    let f = r#"  (deny (and (call (("t.a" "t.b") true)) (prev (result (label "pii") (("t.a" "t.b") true)) (within 5000) (unless (ok (("t.a") (and (present (arg "o")) (eq string (arg "o") "x")))) (event (("e.x") true))) next))))"#;
    let met = |pattern: &str| format!(r#"(met {pattern} (within 60000) (reset (call approved (("t.b") (eq int (arg "n") 3)))))"#);
    let r = format!(
        r#"  (deny (and (call (("t.a") (and (or (gt int (arg "n") 1) (present (arg "o"))) (eq int (arg "n") 2)))) (not (and {} {} {} {})))))"#,
        met(r#"(ok (("t.a") true))"#),
        met(r#"(ok (label "pii") (("t.a" "t.b") true))"#),
        met(r#"(failed (("t.a") true))"#),
        met(r#"(alt (ok (("t.b") true)) (event (("e.x") true)))"#)
    );
    assert_eq!(bodies, [f, r.as_str()]);
}

#[test]
fn sequences_become_formulas() {
    let formula = |sequence: &str| {
        let text = core(&format!("tool a()\ntool b()\ntool c()\nforbid f {{ {sequence} }}"));
        let line = lines(&text, "(deny").first().copied().unwrap_or_default().to_owned();
        let short = |line: String, tool: &str| line.replace(&format!("(call ((\"{tool}\") true))"), &format!("<{tool}>"));
        let line = ["a", "b", "c"].into_iter().fold(line, short);
        // The last parenthesis is the rule's.
        line.trim().strip_suffix(')').unwrap_or_default().to_owned()
    };
    assert_eq!(formula("a then b then c"), "(deny (and <c> (prev (and <b> (prev <a>)))))");
    assert_eq!(formula("(a or b) then c"), "(deny (and <c> (prev (or <a> <b>))))");
    assert_eq!(formula("a then (b or c)"), "(deny (or (and <b> (prev <a>)) (and <c> (prev <a>))))");
    assert_eq!(formula("a and b"), "(deny (and (or <a> <b>) (or <a> (prev <a>)) (or <b> (prev <b>))))");
    assert_eq!(formula("2 times a then b"), "(deny (and <b> (prev (and <a> (prev <a>)))))");
    assert_eq!(formula("start then[unless a succeeds] b"), "(deny (and <b> (prev start (unless (ok ((\"a\") true))))))");
}

#[test]
fn rules_stand_in_deciding_order_with_their_names() {
    let text = core(
        r#"
tool a()
limit 2 a per 1h per tenant => ask by "w"
persona p { limit 1 a per session
 limit n: 1 a per session
 limit 3 a per 1s
 forbid g "why" per agent { a then a } => end session
 otherwise deny }
persona q extends p {}
everyone { limit 9 a per session => observe
 require r { a before a } }
limit 4 a per 1d
forbid f { a then a } => ask
"#,
    );
    assert_eq!(
        lines(&text, "(rule"),
        [
            r#"(rule forbid "g" (key agent) (scope "p" "q") (action end_session) (why "why")"#,
            r#"(rule forbid "f" (key session) (scope all) (action ask)"#,
            r#"(rule require "r" (key session) (scope all) (action deny)"#,
            r#"(rule limit "limit#1" (key tenant) (scope all) (action ask (who "w"))"#,
            r#"(rule limit "p.limit#1" (key session) (scope "p" "q") (action deny)"#,
            r#"(rule limit "n" (key session) (scope "p" "q") (action deny)"#,
            r#"(rule limit "p.limit#3" (key session) (scope "p" "q") (action deny)"#,
            r#"(rule limit "everyone.limit#1" (key session) (scope all) (action observe)"#,
            r#"(rule limit "limit#2" (key session) (scope all) (action deny)"#,
        ]
    );
    assert_eq!(lines(&text, "(limit 4"), [r#"  (limit 4 (window 86400000) (call (("a") true))))"#]);
}

#[test]
fn catalogs_groups_globs_and_refinements() {
    let catalog = r#"{"tools":[{"name":"get_b","inputSchema":{"type":"object","properties":{"p":{"type":"string","default":"/a/../b"}}}},{"name":"get_a"},{"name":"put"}]}"#;
    let text = core_with(
        "import \"sub/m.lever\"\nrefine c.get_b { p: path? }\ngroup g = c.*, solo except h\npersona p { allow g except c.get_a }",
        &[("sub/m.lever", "language 1\nimport catalog \"c.json\" as c\ntool solo()\ngroup h = c.put"), ("sub/c.json", catalog)],
    );
    assert_eq!(
        lines(&text, "(tool \"c.get_b\" ("),
        [r#"(tool "c.get_b" (record closed (field "p" path optional (default "/b"))) (returns) (sends false) (destroys false))"#]
    );
    assert_eq!(text.lines().filter(|line| line.starts_with("  (tool")).collect::<Vec<_>>(), ["  (tool \"c.get_b\"", "  (tool \"solo\""]);
}

#[test]
fn garbage_is_refused() {
    for text in [
        "tool a()\ntool a()",
        "tool a()\ngroup a = a",
        "group g = g",
        "define d(x: int) = d(x)\ntool a(n: int)\neveryone { deny a when d(n) }",
        "tool a(n: int)\neveryone { deny a when n == \"x\" }",
        "tool a(n: int)\neveryone { deny a when m > 1 }",
        "const n = 1\ntool a(n: int)\neveryone { deny a when n > 1 }",
        "tool a(m: email)\neveryone { deny a when m == \"nobody\" }",
        "persona p extends p {}",
        "persona p extends nobody {}",
        "define d(x: int) = x == \"y\"",
        "tool a()\nforbid f { a then a fails }",
        "tool a()\nforbid f { start }",
        "tool a()\nforbid f { start then[within 1s] a }",
        "tool a()\nforbid f { 1_000_000 times a }",
        "tool a()\nforbid f { 12 times (a and (a and a)) then a }",
        "tool a()\nforbid f { a[next] }",
        "import \"nowhere.lever\"",
        "tool a()\nlimit 1 a per session per tenant",
        "const n = 99999999999999999999",
        "\u{0}",
    ] {
        let refused = refusal(text);
        assert!(matches!(refused, Some(Refusal::Wrong { .. } | Refusal::Bound { .. } | Refusal::Unreadable { .. })), "{text}: {refused:?}");
    }
}

/// `d0` says that `x` is greater than 1, each after it that the one before it does not hold.
fn chain(definitions: usize) -> String {
    let next = |n: usize| format!("define d{}(x: int) = not d{n}(x)\n", n + 1);
    format!(
        "define d0(x: int) = x > 1\n{}tool a(n: int)\neveryone {{ deny a when d{definitions}(n) }}",
        (0..definitions).map(next).collect::<String>()
    )
}

#[test]
fn definitions_nest_up_to_a_bound() {
    assert!(core(&chain(100)).contains("(not (not (gt int (arg \"n\") 1))"));
    assert!(matches!(refusal(&chain(2_000)), Some(Refusal::Bound { .. })));
}
