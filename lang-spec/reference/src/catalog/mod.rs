//! MCP catalogs.
//!
//! In: the text of a `tools/list` result in one of its three shapes. Out: each tool's name, arguments and result. Source: `lang-spec/catalogs.md`, [catalog.file].

mod schema;
mod unite;
mod values;

use crate::json::{self, Json};
use crate::limits::{CATALOG_BYTES, CATALOG_TOOLS, JSON_DEPTH, SCHEMA_VISITS};
use crate::refusal::Refusal;
use crate::types::{Record, Type};

/// A tool of a catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) args: Record,
    /// What its results hold, where its schema is read as a record.
    pub(crate) result: Option<Record>,
}

/// Why a catalog is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The text is not what the page says.
    Wrong(&'static str),
    /// A bound is passed.
    Bound(&'static str, usize),
}

impl Fault {
    /// As a refusal of the policy.
    pub(crate) fn refusal(self, path: &str) -> Refusal {
        match self {
            Self::Wrong(what) => Refusal::Wrong { what: what.into(), at: path.to_owned() },
            Self::Bound(what, bound) => Refusal::Bound { what, bound },
        }
    }
}

/// Reads a catalog.
pub(crate) fn read(text: &str) -> Result<Vec<Listed>, Fault> {
    if text.len() > CATALOG_BYTES {
        return Err(Fault::Bound("bytes of a catalog", CATALOG_BYTES));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = json::parse(text).ok_or(Fault::Wrong("the catalog is no JSON"))?;
    if document.depth() > JSON_DEPTH {
        return Err(Fault::Bound("nesting of a catalog", JSON_DEPTH));
    }
    if !document.sound() {
        return Err(Fault::Wrong("a member stands twice, or a string is no text"));
    }
    if !finite(&document) {
        return Err(Fault::Wrong("a number is greater than any double"));
    }
    let tools = tools(&document).ok_or(Fault::Wrong("no list of tools"))?;
    if tools.len() > CATALOG_TOOLS {
        return Err(Fault::Bound("tools of a catalog", CATALOG_TOOLS));
    }
    tools.iter().map(tool).collect()
}

/// Whether every number has a nearest double, all the way down.
fn finite(json: &Json) -> bool {
    match json {
        Json::Number(text) => text.parse::<f64>().is_ok_and(f64::is_finite),
        Json::Array(items) => items.iter().all(finite),
        Json::Object(members) => members.iter().all(|(_, value)| finite(value)),
        Json::Null | Json::Bool(_) | Json::String(_) => true,
    }
}

fn tools(document: &Json) -> Option<&[Json]> {
    if let Some(tools) = document.items() {
        return Some(tools);
    }
    if let Some(tools) = document.get("tools") {
        return tools.items();
    }
    let result = document.get("result")?;
    result.items().or_else(|| result.get("tools")?.items())
}

fn tool(tool: &Json) -> Result<Listed, Fault> {
    let name = tool.get("name").and_then(Json::text).filter(|name| !name.is_empty());
    let name = name.ok_or(Fault::Wrong("a tool has no name"))?.to_owned();
    let args = match tool.get("inputSchema") {
        None => Record::default(),
        Some(schema @ Json::Object(_)) => match root(schema)? {
            Some(Type::Record(record)) => record,
            Some(Type::Json) => Record { open: true, fields: Vec::new() },
            _ => return Err(Fault::Wrong("the arguments of a tool are no object")),
        },
        Some(_) => return Err(Fault::Wrong("an `inputSchema` is no object")),
    };
    let result = match tool.get("outputSchema") {
        Some(schema @ Json::Object(_)) => root(schema)?,
        _ => None,
    };
    let result = match result {
        Some(Type::Record(record)) => Some(record),
        _ => None,
    };
    Ok(Listed { name, args, result })
}

fn root(schema: &Json) -> Result<Option<Type>, Fault> {
    schema::read_root(schema).ok_or(Fault::Bound("schemas visited", SCHEMA_VISITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(schema: &str) -> String {
        let catalog = format!(r#"[{{"name":"t","inputSchema":{schema}}}]"#);
        match read(&catalog) {
            Ok(tools) => tools.first().map_or_else(String::new, |tool| tool.args.to_string()),
            Err(fault) => format!("{fault:?}"),
        }
    }

    fn field(schema: &str) -> String {
        let record = only(&format!(r#"{{"properties":{{"f":{schema}}}}}"#));
        record.strip_prefix("(record closed (field \"f\" ").and_then(|field| field.strip_suffix("))")).unwrap_or_default().to_owned()
    }

    #[test]
    fn the_three_shapes() {
        for text in [
            r#"[{"name":"a"}]"#,
            r#"{"tools":[{"name":"a"}]}"#,
            r#"{"id":1,"result":{"tools":[{"name":"a"}]}}"#,
            r#"{"result":[{"name":"a"}]}"#,
        ] {
            assert_eq!(read(text), Ok(vec![Listed { name: "a".into(), args: Record::default(), result: None }]), "{text}");
        }
        for text in ["{}", r#"[{"name":""}]"#, r#"[{"name":"a","name":"b"}]"#, r#"[{"name":"a","inputSchema":[]}]"#, "[", "\"x\""] {
            assert!(matches!(read(text), Err(Fault::Wrong(_))), "{text}");
        }
    }

    #[test]
    fn roots_are_closed_objects() {
        assert_eq!(only("{}"), "(record closed)");
        assert_eq!(only(r#"{"type":"object"}"#), "(record closed)");
        assert_eq!(only(r#"{"type":"object","additionalProperties":{}}"#), "(record open)");
        assert_eq!(only(r#"{"not":{}}"#), "(record open)");
        assert_eq!(
            only(r#"{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"integer","minimum":0.5}},"required":["b","z"]}"#),
            r#"(record closed (field "a" (int 1 9223372036854775807) optional) (field "b" string required))"#
        );
    }

    #[test]
    fn keywords_make_types() {
        for (schema, wanted) in [
            (r#"{"enum":["b","a","b"]}"#, r#"(enum "a" "b") optional"#),
            (r#"{"enum":["a",null]}"#, r#"(enum "a") optional nullable"#),
            (r#"{"type":"string","enum":["a",1]}"#, r#"(enum "a") optional"#),
            (r#"{"const":3}"#, "(int 3 3) optional"),
            (r#"{"enum":[1,2.0]}"#, "(int 1 2) optional"),
            (r#"{"enum":[1,2.5]}"#, "number optional"),
            (r#"{"enum":[1,"a"]}"#, "json optional nullable"),
            (r#"{"type":["string","null"],"default":"x"}"#, r#"string optional nullable (default "x")"#),
            (r#"{"type":["integer","string"]}"#, "json optional nullable"),
            (r#"{"anyOf":[{"type":"integer"},{"type":"number"}]}"#, "number optional"),
            (r#"{"anyOf":[{"type":"null"},{"type":"boolean"}],"default":true}"#, "bool optional nullable (default true)"),
            (r#"{"type":"string","anyOf":[{"minLength":1},{"maxLength":3}]}"#, "string optional"),
            (r#"{"oneOf":[{"type":"string"},{"type":"integer"}]}"#, "json optional nullable"),
            (r#"{"type":"integer","minimum":1,"exclusiveMaximum":10,"default":2.0}"#, "(int 1 9) optional (default 2)"),
            (r#"{"type":"integer","minimum":5,"maximum":1}"#, "json optional nullable"),
            (r#"{"type":"integer","minimum":1,"exclusiveMinimum":true}"#, "(int 2 9223372036854775807) optional"),
            (r#"{"type":"array","items":{"type":"string"}}"#, "(list string) optional"),
            (r#"{"type":"array","items":{"type":["string","null"]}}"#, "(list json) optional"),
            (r#"{"type":"array","prefixItems":[{"type":"string"}],"items":false}"#, "(list string) optional"),
            (r#"{"type":"array"}"#, "(list json) optional"),
            (r#"{"type":"object"}"#, "(record open) optional"),
            (r#"{"type":"number","default":1e-1}"#, "number optional (default (number \"0.1\"))"),
            (r#"{"type":"string","nullable":true}"#, "string optional nullable"),
            (r#"{"type":"null"}"#, "json optional nullable"),
            ("true", "json optional nullable"),
            (r#"{"propertyNames":{},"type":"object"}"#, "json optional nullable"),
        ] {
            assert_eq!(field(schema), wanted, "{schema}");
        }
    }

    #[test]
    fn references_are_followed_until_they_meet_themselves() {
        let tree =
            r##"{"$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}}}},"properties":{"a":{"$ref":"#/$defs/n"}}}"##;
        assert_eq!(only(tree), r#"(record closed (field "a" (record closed (field "next" json optional nullable)) optional))"#);
        let beside = r##"{"$defs":{"s":{"type":"string","default":"d"}},"properties":{"a":{"$ref":"#/$defs/s"},"b":{"$ref":"#/$defs/s","type":"string"}}}"##;
        assert_eq!(only(beside), r#"(record closed (field "a" string optional (default "d")) (field "b" json optional nullable))"#);
    }

    #[test]
    fn all_of_merges_records() {
        let merged = r#"{"allOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["b"]},{"required":["a"]}]}"#;
        assert_eq!(only(merged), r#"(record closed (field "a" string required) (field "b" int required))"#);
        let differ = r#"{"allOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"a":{"type":"integer"}}}]}"#;
        assert_eq!(only(differ), "(record open)");
    }
}
