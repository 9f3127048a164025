//! The canonical text of forms that no policy of the other tests has.

use super::*;
use crate::core::{Action, Field, Key, Literal, Record, Scalar, Scope};

#[test]
fn strings_escape_what_the_page_says_and_nothing_else() {
    assert_eq!(Quoted("a\"b\\c\nd\u{1}\u{7f}é/").to_string(), "\"a\\\"b\\\\c\\u000ad\\u0001\u{7f}é/\"");
}

#[test]
fn types_print_with_their_parts() {
    let field = |name: &str, ty, required, nullable, default| Field { name: name.into(), ty, required, nullable, default };
    let record = Record {
        open: true,
        fields: vec![
            field("a", Type::Int { lo: 0, hi: i64::MAX }, true, true, None),
            field("b", Type::Number, false, false, Some(Literal::Number("1.5".into()))),
            field("c", Type::List(Box::new(Type::Json(Some("oneOf".into())))), false, true, None),
        ],
    };
    let text = "(record open (field \"a\" (int 0 9223372036854775807) required nullable) \
                (field \"b\" number optional (default (number \"1.5\"))) (field \"c\" (list json) optional nullable))";
    assert_eq!(ty(&Type::Record(record)), text);
    assert_eq!(ty(&Type::Int { lo: i64::MIN, hi: i64::MAX }), "int");
    assert_eq!(ty(&Type::Enum(vec!["a".into(), "b".into()])), "(enum \"a\" \"b\")");
}

#[test]
fn a_rule_prints_its_head_on_one_line_and_its_body_on_the_next() {
    let mut core = empty();
    core.rules.push(Rule {
        kind: RuleKind::Forbid,
        name: "f".into(),
        key: Key::Tenant,
        scope: Scope::All,
        action: Action::Ask(Some("x".into())),
        why: Some("y".into()),
        body: Body::Deny(Formula::Not(Box::new(Formula::Start))),
        capacity: None,
    });
    let wanted = "(core 1)\n(rule forbid \"f\" (key tenant) (scope all) (action ask (who \"x\")) (why \"y\")\n  (deny (not start)))\n";
    assert_eq!(text(&core), wanted);
}

#[test]
fn literals_print_by_their_kind() {
    let cond_text = |scalar| cond(&empty(), &Cond::In(crate::core::TypeTag::Int, crate::core::Term::At, vec![scalar]));
    assert_eq!(cond_text(Scalar::Timestamp(-5)), "(in int at (timestamp -5))");
    assert_eq!(cond_text(Scalar::Duration(5)), "(in int at (duration 5))");
    assert_eq!(cond_text(Scalar::Bool(true)), "(in int at true)");
}
