//! Tables, and what is wrong with names.

use std::collections::BTreeMap;

use leverframe_syntax::tree::{ItemKind, Tools};
use leverframe_syntax::{Code, Diagnostic};

use super::resolve;
use super::symbols::{Origin, Symbols};
use super::tests::StepKind;
use crate::core::{LabelId, PersonaId, ToolId, Type, print};
use crate::modules::read_program;

const CATALOG: &str = r#"{"tools": [
  {"name": "get_customer", "inputSchema": {"type": "object", "properties": {"id": {"type": "string"}, "limit": {"type": "integer", "default": 10}}, "required": ["id"]}},
  {"name": "get_orders", "inputSchema": {"type": "object", "properties": {"id": {"type": "string"}, "raw": {}, "where": {"type": "string", "default": "/srv/./all"}}}},
  {"name": "admin.wipe", "inputSchema": {"type": "object", "additionalProperties": true}}
]}"#;

fn names(text: &str) -> (Symbols, Vec<Diagnostic>) {
    let mut files = BTreeMap::new();
    files.insert("policy.lever".to_owned(), format!("language 1\n{text}"));
    files.insert("crm.json".to_owned(), CATALOG.to_owned());
    let program = read_program(&files, "policy.lever").unwrap();
    assert_eq!(program.diagnostics, [], "{text}");
    resolve(&program)
}

fn good(text: &str) -> Symbols {
    let (symbols, found) = names(text);
    assert_eq!(found, []);
    symbols
}

fn codes(text: &str) -> Vec<&'static str> {
    let mut codes: Vec<&str> = names(text).1.iter().map(|found| found.code.text()).collect();
    codes.sort_unstable();
    codes
}

/// The tools of the first statement of the first persona.
fn of_first_statement(symbols: &Symbols) -> Result<Vec<String>, Vec<Code>> {
    let ItemKind::Permission(permission) = &symbols.personas[0].items[0].kind else { panic!("no permission") };
    let tools: &Tools = &permission.tools;
    match symbols.resolve_tools(tools) {
        Ok(tools) => Ok(tools.into_iter().map(|tool| symbols.tools[tool.index()].name.clone()).collect()),
        Err(faults) => Err(faults.into_iter().map(|fault| fault.code).collect()),
    }
}

fn allowed(tools: &str) -> Result<Vec<String>, Vec<Code>> {
    let text = format!(
        "import catalog \"crm.json\" as crm\ntool send_mail()\ntool read_mail()\nevent user.left()\n\
         group customers = crm.get_* except crm.get_orders\ngroup all_of = customers, read_*, send_*\npersona p {{ allow {tools} }}"
    );
    of_first_statement(&good(&text))
}

#[test]
fn tools_stand_by_name_with_their_refined_types() {
    let symbols = good(
        "import catalog \"crm.json\" as crm\nrefine crm.get_orders { raw: {a: int, b: string?}, where: path, id: email? }\n\
         refine crm.`admin.wipe` { table: string }\ntool a.z(n: int 1..=9)\nrefine a.z { n: int 2..=3 }",
    );
    let written = symbols.tools.iter().filter(|tool| !matches!(tool.origin, Origin::Pseudo(_)));
    let all: Vec<String> = written.map(|tool| format!("{} {}", tool.name, print::ty(&Type::Record(tool.args.clone())))).collect();
    assert_eq!(
        all,
        [
            r#"a.z (record closed (field "n" (int 2 3) required))"#,
            r#"crm.admin.wipe (record open (field "table" string required))"#,
            r#"crm.get_customer (record closed (field "id" string required) (field "limit" int optional (default 10)))"#,
            concat!(
                r#"crm.get_orders (record closed (field "id" email optional) (field "raw" (record closed (field "a" int required) "#,
                r#"(field "b" string optional)) optional nullable) (field "where" path optional (default "/srv/all")))"#
            ),
        ]
    );
}

#[test]
fn a_refinement_only_sharpens() {
    for (types, wanted) in [
        ("tool t(x: string)\nrefine t { x: int }", "LF0122"),
        ("tool t(x: int 1..=9)\nrefine t { x: int 1..=10 }", "LF0122"),
        ("tool t(x: \"a\" | \"b\")\nrefine t { x: \"a\" | \"c\" }", "LF0122"),
        ("tool t(x: number)\nrefine t { x: string }", "LF0122"),
        ("tool t(x: list<string>)\nrefine t { x: list<int> }", "LF0122"),
        ("tool t(x: string)\nrefine t { x: path? }", "LF0122"),
        ("tool t(x: {a: string})\nrefine t { x: {b: path} }", "LF0121"),
        ("tool t(x: string)\nrefine t { y: path }", "LF0121"),
        ("tool t(x: string)\nrefine t { x: path }\nrefine t { x: path }", "LF0108"),
        ("import catalog \"crm.json\" as crm\nrefine crm.get_orders { where: email }", "LF0122"),
        ("import catalog \"crm.json\" as crm\nrefine crm.get_customer { limit: int 1..=5 }", "LF0122"),
    ] {
        assert_eq!(codes(types), [wanted], "{types}");
    }
    for types in [
        "tool t(x: string)\nrefine t { x: \"a\" | \"b\" }",
        "tool t(x: number)\nrefine t { x: int }",
        "tool t(x: {a: string, b: int})\nrefine t { x: {a: path} }",
        "tool t(x: list<{u: string}>)\nrefine t { x: list<{u: url}> }",
        "tool t(x: json)\nrefine t { x: list<ip> }",
    ] {
        assert_eq!(codes(types), [""; 0], "{types}");
    }
}

#[test]
fn tools_are_names_globs_and_groups() {
    let names = |names: &[&str]| Ok(names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>());
    assert_eq!(allowed("crm.get_*"), names(&["crm.get_customer", "crm.get_orders"]));
    assert_eq!(allowed("crm.*"), names(&["crm.admin.wipe", "crm.get_customer", "crm.get_orders"]));
    assert_eq!(allowed("send_mail, all_of"), names(&["crm.get_customer", "read_mail", "send_mail"]));
    assert_eq!(allowed("crm.* except customers"), names(&["crm.admin.wipe", "crm.get_orders"]));
    assert_eq!(allowed("send_*, read_* except crm.get_orders"), names(&["read_mail", "send_mail"]));
    assert_eq!(allowed("crm.put_*"), Err(vec![Code::LF0117]));
    assert_eq!(allowed("customers except crm.get_customer"), Err(vec![Code::LF0118]));
    assert_eq!(allowed("user.left, crm.get"), Err(vec![Code::LF0111, Code::LF0110]));
    assert_eq!(allowed("crm.resource, crm.get_orders"), names(&["crm.get_orders", "crm.resource"]));
    assert_eq!(allowed("crm.resource except crm.*"), names(&["crm.resource"]));
    assert_eq!(allowed("crm.res*"), Err(vec![Code::LF0117]));
    assert_eq!(allowed("crm.resources"), Err(vec![Code::LF0110]));
}

#[test]
fn a_catalog_with_an_alias_has_resources_and_prompts() {
    let pseudo = |text: &str| {
        let tools = good(text).tools;
        let pseudo = tools.into_iter().filter(|tool| matches!(tool.origin, Origin::Pseudo(_)));
        pseudo.map(|tool| format!("{} {}", tool.name, print::ty(&Type::Record(tool.args)))).collect::<Vec<String>>()
    };
    assert_eq!(
        pseudo("import catalog \"crm.json\" as crm"),
        [r#"crm.prompt (record closed (field "name" string required))"#, r#"crm.resource (record closed (field "uri" string required))"#,]
    );
    assert_eq!(pseudo("import catalog \"crm.json\""), [""; 0]);
    assert_eq!(codes("import catalog \"crm.json\" as crm\ntool crm.resource()"), ["LF0107"]);
    assert_eq!(codes("import catalog \"crm.json\" as crm\nrefine crm.resource { uri: url }"), [""; 0]);
}

#[test]
fn detectors_have_names_without_dots() {
    assert_eq!(codes("detector `std.email` = matches r\"x\""), ["LF0109"]);
    assert_eq!(codes("detector d = std.emial"), ["LF0116"]);
    assert_eq!(codes("detector d = std.secret, e\ndetector e = std.iban, d"), ["LF0120"]);
}

#[test]
fn one_name_has_one_declaration_in_its_space() {
    for text in [
        "tool a()\ngroup a = b\ntool b()",
        "tool a()\nevent a()",
        "label l sensitive\nlabel l untrusted",
        "const c = 1\nconst c = 2",
        "context { r: string }\ncontext { r: string }",
        "persona p { otherwise deny }\npersona p { otherwise deny }",
        "define d(x: int) = x == 1\ndefine d(y: int) = y == 1",
        "define d(x: int, x: int) = x == 1",
        "tool a(x: int, x: string)",
        "detector d = std.email\ndetector d = std.email",
        "tool a()\ntool b()\nforbid f { a then b }\npersona p { limit f: 3 a per 1h\n otherwise deny }",
        "tool a()\npersona p { allow n: a\n ask n: a\n otherwise deny }",
        "tool a()\npersona p { otherwise deny }\nassert x can p { a }\nassert x can p { a }",
        "test \"t\" { }\ntest \"t\" { }",
        "persona q { otherwise deny }\npersona p extends q, q { otherwise deny }",
    ] {
        let (_, found) = names(text);
        let duplicates: Vec<&Diagnostic> = found.iter().filter(|found| found.code == Code::LF0108).collect();
        assert_eq!((found.len(), duplicates.len()), (1, 1), "{text}: {found:?}");
        assert_eq!(duplicates[0].labels.len(), 2, "{text}");
        assert!(duplicates[0].labels[0].span > duplicates[0].labels[1].span, "{text}");
    }
    assert_eq!(codes("tool a()\ntool a(x: int)"), ["LF0107"]);
    assert_eq!(codes("label l sensitive\nconst l = 1\npersona l { otherwise deny }\ncontext { l: int }\ntool l()"), [""; 0]);
}

#[test]
fn names_that_decisions_could_not_tell_apart_are_refused() {
    for text in [
        "tool a()\nforbid `p.allow#1` { a }",
        "persona `p.q` { otherwise deny }",
        "persona `everyone` { otherwise deny }",
        "tool a()\npersona p { allow `otherwise`: a\n otherwise deny }",
        "tool a()\npersona p { allow `on(a)`: a\n otherwise deny }",
        "define email(x: string) = x == \"a\"",
    ] {
        assert_eq!(codes(text), ["LF0109"], "{text}");
    }
}

#[test]
fn lineages_are_depth_first_each_once() {
    let symbols =
        good("persona d extends b, c { }\npersona b extends a { }\npersona c extends a { }\npersona a { otherwise deny }\npersona z { }");
    let lineage: Vec<&str> =
        symbols.personas[0].lineage.iter().map(|PersonaId(at)| symbols.personas[*at as usize].name.text.as_str()).collect();
    assert_eq!(lineage, ["a", "b", "c", "d"]);
    assert_eq!(symbols.personas[4].lineage, [PersonaId(4)]);
}

#[test]
fn circles_are_found_and_made_harmless() {
    assert_eq!(codes("persona a extends b { }\npersona b extends a { }\npersona c extends a { }"), ["LF0119"]);
    assert_eq!(codes("persona a extends a { }"), ["LF0119"]);
    assert_eq!(codes("define a(x: int) = b(x)\ndefine b(x: int) = x == 1 or (c(x) and a(x))\ndefine c(x: int) = x == 1"), ["LF0120"]);
    assert_eq!(codes("define a(x: list<int>) = all y in x : (a(x))"), ["LF0120"]);
    assert_eq!(codes("tool t()\ngroup a = t, b\ngroup b = t except a\ngroup c = a"), ["LF0120"]);
    assert_eq!(codes("detector a = std.email, b\ndetector b = a"), ["LF0120"]);
    let (symbols, _) = names("persona a extends b { }\npersona b extends a { }\npersona c extends a { }");
    let ends: Vec<Option<&PersonaId>> = symbols.personas.iter().map(|persona| persona.lineage.last()).collect();
    assert_eq!(ends, [Some(&PersonaId(0)), Some(&PersonaId(1)), Some(&PersonaId(2))]);
}

#[test]
fn unknown_names_come_with_a_suggestion() {
    for (text, wanted) in [
        ("label pii sensitive\ntool t()\neffect t returns pi", "did you mean `pii`?"),
        ("tool mail.send()\neffect mail.sned sends", "did you mean `mail.send`?"),
        ("persona clerk { }\npersona x extends clark { }", "did you mean `clerk`?"),
    ] {
        let (_, found) = names(text);
        assert_eq!(found.iter().map(|found| found.notes.clone()).collect::<Vec<_>>(), [vec![wanted.to_owned()]], "{text}");
    }
}

#[test]
fn effects_have_their_tools_and_labels() {
    let symbols =
        good("label a sensitive\nlabel b untrusted\ntool t.x()\ntool t.y()\neffect t.* returns b, a\neffect t.y sends when 1 == 1");
    assert_eq!(symbols.effects[0].tools, [ToolId(0), ToolId(1)]);
    assert_eq!(symbols.effects[1].tools, [ToolId(1)]);
    let super::symbols::EffectKind::Returns(labels) = &symbols.effects[0].kind else { panic!("no labels") };
    assert_eq!(*labels, [LabelId(1), LabelId(0)]);
}

const TESTED: &str = "label pii sensitive\nconst boss = \"a\\\"b\"\ntool t(n: number, who: string, l: list<{a: int}>)\nevent e(x: bool)\n\
    everyone { deny t when n == 9\n deny loud: t when n == 8 }\nlimit 3 t per 1h\nlimit quick: 3 t per 1m\n\
    persona p { allow n: t\n allow t\n on t { n == 1 => allow, otherwise => deny }\n limit 2 t per session\n otherwise deny }\n";

#[test]
fn tests_become_plain_data() {
    let symbols = good(&format!(
        "{TESTED}test \"x\" {{\n as p\n e(x: true)\n wait 2m\n t(n: 01.5, who: boss, l: [{{a: -1}}, {{}}]) => ask by p.n, returns pii, fails, approved\n}}"
    ));
    let steps: Vec<&StepKind> = symbols.tests[0].steps.iter().map(|step| &step.kind).collect();
    assert_eq!(steps[0], &StepKind::As(PersonaId(0)));
    assert_eq!(steps[2], &StepKind::Wait(120_000));
    let StepKind::Event { args, .. } = steps[1] else { panic!("no event") };
    assert_eq!(args, "{\"x\":true}");
    let StepKind::Call(call) = steps[3] else { panic!("no call") };
    assert_eq!(call.args, r#"{"n":1.5,"who":"a\"b","l":[{"a":-1},{}]}"#);
    assert_eq!((call.returns.as_slice(), call.fails, call.approved), ([LabelId(0)].as_slice(), true, true));
    assert!(serde_json::from_str::<serde_json::Value>(&call.args).is_ok());
}

#[test]
fn tests_may_expect_every_rule_there_is_and_no_other() {
    let test = |rule: &str| codes(&format!("{TESTED}test \"x\" {{ as p\n t() => deny by {rule} }}"));
    for rule in
        ["p.n", "p.allow#2", "p.on(t)#1", "p.on(t)#2", "p.otherwise", "p.limit#1", "everyone.deny#1", "everyone.loud", "limit#1", "quick"]
    {
        assert_eq!(test(rule), [""; 0], "{rule}");
    }
    for rule in ["p.allow#1", "p.allow#3", "p.on(t)#3", "everyone.deny#2", "limit#2", "q"] {
        assert_eq!(test(rule), ["LF0125"], "{rule}");
    }
}

#[test]
fn what_is_wrong_in_a_test_is_said_once() {
    assert_eq!(codes(&format!("{TESTED}test \"x\" {{ t() => allow\n t() => allow }}")), ["LF0126"]);
    assert_eq!(codes(&format!("{TESTED}test \"x\" {{ as q\n t() => allow }}")), ["LF0113"]);
    assert_eq!(codes(&format!("{TESTED}test \"x\" {{ as p\n t(who: boos) => allow\n f() }}")), ["LF0114", "LF0127"]);
}
