//! The files of a random policy: its own, a module that it imports, a catalog.
//!
//! In: statements. Out: one tree over all files, each after a line that names it, so that one shrinker serves all. [`split`] takes it apart.

use std::collections::BTreeMap;

use super::world::{CATALOG, Field, Kind, Origin, Subject, World};
use crate::engine::ROOT;
use crate::random::Dice;
use crate::tree::{Tree, list, maybe, nothing, seq, word};

const HEAD: &str = "// ---- ";
const MODULE: &str = "parts/first.lever";
const TOOLS: &str = "web.tools.json";

/// The files of a bundle by name; what stands before the first name is the policy's own.
#[must_use]
pub fn split(bundle: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut name = ROOT.to_owned();
    for line in bundle.split_inclusive('\n') {
        match line.strip_prefix(HEAD) {
            Some(next) => next.trim_end().clone_into(&mut name),
            None => files.entry(name.clone()).or_insert_with(String::new).push_str(line),
        }
    }
    files
}

/// All files of a policy of these statements. What is imported counts first, so a module takes statements from the front.
pub(super) fn bundled(dice: &mut Dice, world: &World, mut statements: Vec<Tree>) -> Tree {
    let mut head = vec![word("language 1\n")];
    let mut files = Vec::new();
    let catalog = world.tools().iter().any(|tool| matches!(tool.origin, Origin::Catalog { .. }));
    let import = |from: &str| word(format!("import catalog \"{from}{TOOLS}\" as {CATALOG}\n"));
    let module = dice.chance(12);
    let in_module = module && dice.chance(50);
    if module {
        let rest = statements.split_off(dice.between(0, statements.len()));
        head.push(word(format!("import \"{MODULE}\"\n")));
        let catalog = if catalog && in_module { import("../") } else { nothing() };
        let parts = vec![
            word(format!("{HEAD}{MODULE}\nlanguage 1\n")),
            catalog,
            list("\n", 0, std::mem::replace(&mut statements, rest)),
            word("\n"),
        ];
        files.push(seq(parts));
    }
    if catalog {
        if !in_module {
            head.push(import(""));
        }
        let tools =
            world.tools().iter().filter(|tool| matches!(tool.origin, Origin::Catalog { .. })).map(|tool| described(dice, tool)).collect();
        files.push(seq(vec![word(format!("{HEAD}{TOOLS}\n[")), list(",\n", 0, tools), word("]\n")]));
    }
    let own = seq(vec![seq(head), list("\n", 0, statements), word("\n")]);
    seq(std::iter::once(own).chain(files).collect())
}

fn described(dice: &mut Dice, tool: &Subject) -> Tree {
    let properties = tool.fields.iter().map(|field| property(dice, field)).collect();
    let required: Vec<String> = tool.fields.iter().filter(|field| !field.optional).map(|field| format!("\"{}\"", field.name)).collect();
    let open = match (tool.origin, dice.chance(50)) {
        (Origin::Catalog { open: true }, _) => ",\"additionalProperties\":true",
        (_, true) => ",\"additionalProperties\":false",
        (_, false) => "",
    };
    let name = tool.name.split_once('.').map_or("", |(_, name)| name);
    seq(vec![
        word(format!("{{\"name\":\"{name}\",\"inputSchema\":{{\"type\":\"object\",\"properties\":{{")),
        list(",", 0, properties),
        word(format!("}},\"required\":[{}]{open}}}", required.join(","))),
        tool.results.as_ref().map_or(nothing(), |results| result_schema(dice, results)),
        word("}"),
    ])
}

fn result_schema(dice: &mut Dice, results: &[Field]) -> Tree {
    let properties = results.iter().map(|field| property(dice, field)).collect();
    let required: Vec<String> = results.iter().filter(|field| !field.optional).map(|field| format!("\"{}\"", field.name)).collect();
    seq(vec![
        word(",\"outputSchema\":{\"type\":\"object\",\"properties\":{"),
        list(",", 0, properties),
        word(format!("}},\"required\":[{}]}}", required.join(","))),
    ])
}

fn property(dice: &mut Dice, field: &Field) -> Tree {
    let default = field.default.map_or(nothing(), |default| maybe(word(format!(",\"default\":{default}"))));
    let members = members(field.kind);
    let schema = match (field.nullable, dice.below(3)) {
        _ if field.kind == Kind::Json => word(format!("{{{members}}}")),
        (false, _) => seq(vec![word(format!("{{{members}")), default, word("}")]),
        (true, 0) => seq(vec![word(format!("{{\"anyOf\":[{{{members}}},{{\"type\":\"null\"}}]")), default, word("}")]),
        (true, 1) => seq(vec![word(format!("{{{members},\"nullable\":true")), default, word("}")]),
        (true, _) => seq(vec![word(format!("{{\"oneOf\":[{{\"type\":\"null\"}},{{{members}}}]")), default, word("}")]),
    };
    seq(vec![word(format!("\"{}\":", field.name)), schema])
}

/// The members of a schema of the kind. Domain types are strings until a `refine` says more.
fn members(kind: Kind) -> String {
    match kind {
        Kind::Int => "\"type\":\"integer\"".to_owned(),
        Kind::Small => "\"type\":\"integer\",\"minimum\":-0.5,\"exclusiveMaximum\":21".to_owned(),
        Kind::Number => "\"type\":\"number\",\"minimum\":1000".to_owned(),
        Kind::Choice => "\"enum\":[\"top\",\"low\",\"mid\"]".to_owned(),
        Kind::Flag => "\"type\":\"boolean\"".to_owned(),
        Kind::Many(element) => array(*element),
        Kind::Items(id) => {
            let parts = format!("\"id\":{{{}}},\"qty\":{{{}}}", members(*id), members(Kind::Small));
            format!(
                "\"type\":\"array\",\"items\":{{\"type\":\"object\",\"properties\":{{{parts}}},\"required\":[\"qty\"],\"additionalProperties\":false}}"
            )
        }
        Kind::Words => array(Kind::Text),
        Kind::Ints => array(Kind::Int),
        Kind::Emails => array(Kind::Email),
        Kind::Records => array(Kind::Record),
        Kind::Record => {
            let parts = "\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"string\"}";
            format!("\"type\":\"object\",\"properties\":{{{parts}}},\"required\":[\"a\"],\"additionalProperties\":false")
        }
        Kind::Grid => array(Kind::Ints),
        Kind::Nest => {
            let c = "\"type\":\"object\",\"properties\":{\"d\":{\"type\":\"integer\"},\"e\":{\"type\":\"boolean\"}},\"required\":[\"d\"]";
            format!("\"type\":\"object\",\"properties\":{{\"c\":{{{c}}},\"f\":{{{}}}}},\"required\":[\"f\"]", members(Kind::Choice))
        }
        Kind::Json => "\"description\":\"anything\"".to_owned(),
        _ => "\"type\":\"string\",\"format\":\"uri\"".to_owned(),
    }
}

fn array(of: Kind) -> String {
    format!("\"type\":\"array\",\"items\":{{{}}}", members(of))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_bundle_comes_apart() {
        let files = split("language 1\n// ---- a/b.lever\nlanguage 1\nx\n");
        assert_eq!(files["policy.lever"], "language 1\n");
        assert_eq!(files["a/b.lever"], "language 1\nx\n");
    }
}
