//! The tools that a server offers.
//!
//! In: pages of `tools/list`. Out: [`Listed`] tools, each as its server wrote it. Invariants: a name stands once; a tool whose marks for headers are not those that
//! MCP allows is left out, as is one that is no object with a name.
//! Source: MCP 2026-07-28, Tools ("Data types", "x-mcp-header").

use std::collections::HashSet;

use serde_json::value::RawValue;

use crate::protocol::{Malformed, Members};

/// A tool as its server offers it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name there.
    pub name: String,
    /// All of it, raw.
    pub raw: String,
    /// The arguments that headers repeat.
    pub marked: Vec<Marked>,
}

/// An argument that a header repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The header's name after `Mcp-Param-`.
    pub header: String,
    /// The way to the argument.
    pub way: Vec<String>,
}

/// The tools of a page and where the next one begins.
pub(super) fn page(result: &str) -> Result<(Vec<Listed>, Option<String>), Malformed> {
    let members = Members::of(result)?;
    let next = members.text("nextCursor")?.filter(|cursor| !cursor.is_empty());
    let tools = members.get("tools")?.ok_or_else(|| Malformed("it has no `tools`".to_owned()))?;
    let tools: Vec<&RawValue> = serde_json::from_str(tools.get()).map_err(|error| Malformed(error.to_string()))?;
    Ok((tools.into_iter().filter_map(|tool| listed(tool.get()).ok()).collect(), next))
}

/// Those whose names stand once.
pub(super) fn unique(tools: Vec<Listed>) -> Vec<Listed> {
    let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
    for tool in &tools {
        if !seen.insert(tool.name.clone()) {
            twice.insert(tool.name.clone());
        }
    }
    tools.into_iter().filter(|tool| !twice.contains(&tool.name)).collect()
}

fn listed(raw: &str) -> Result<Listed, Malformed> {
    let members = Members::of(raw)?;
    let name = members.text("name")?.filter(|name| !name.is_empty()).ok_or_else(|| Malformed("a tool has no name".to_owned()))?;
    let schema = members.get("inputSchema")?.ok_or_else(|| Malformed("a tool has no `inputSchema`".to_owned()))?;
    let schema: serde_json::Value = serde_json::from_str(schema.get()).map_err(|error| Malformed(error.to_string()))?;
    let mut marks = Marks::default();
    marks.walk(&schema, Some(&mut Vec::new()));
    let names: HashSet<String> = marks.found.iter().map(|mark| mark.header.to_ascii_lowercase()).collect();
    if marks.wrong || names.len() != marks.found.len() {
        return Err(Malformed("its marks for headers are not those that MCP allows".to_owned()));
    }
    Ok(Listed { name, raw: raw.to_owned(), marked: marks.found })
}

const MARK: &str = "x-mcp-header";

#[derive(Default)]
struct Marks {
    found: Vec<Marked>,
    wrong: bool,
}

impl Marks {
    /// Goes through a schema; `way` is how an argument is reached, none where no such way is certain.
    fn walk(&mut self, schema: &serde_json::Value, mut way: Option<&mut Vec<String>>) {
        match schema {
            serde_json::Value::Object(members) => {
                if let Some(mark) = members.get(MARK) {
                    self.mark(mark, members.get("type"), way.as_deref());
                }
                for (name, inner) in members {
                    match (name.as_str(), inner, &mut way) {
                        ("properties", serde_json::Value::Object(properties), Some(way)) => {
                            for (property, schema) in properties {
                                way.push(property.clone());
                                self.walk(schema, Some(way));
                                way.pop();
                            }
                        }
                        // What stands in these is data.
                        ("default" | "const" | "enum" | "examples" | "example", _, _) => {}
                        (_, inner, _) => self.walk(inner, None),
                    }
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.walk(item, None)),
            _ => {}
        }
    }

    fn mark(&mut self, mark: &serde_json::Value, kind: Option<&serde_json::Value>, way: Option<&Vec<String>>) {
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let header = mark.as_str().filter(|header| !header.is_empty() && header.chars().all(token));
        let primitive = matches!(kind.and_then(serde_json::Value::as_str), Some("string" | "integer" | "boolean"));
        match (header, way) {
            (Some(header), Some(way)) if primitive && !way.is_empty() => {
                self.found.push(Marked { header: header.to_owned(), way: way.clone() });
            }
            _ => self.wrong = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{listed, page, unique};

    #[test]
    fn marks_are_found_where_they_may_be() {
        let tool = listed(
            r#"{"name":"q","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},
            "deep":{"type":"object","properties":{"n":{"type":"integer","x-mcp-header":"N"}}}}}}"#,
        );
        let mut marked: Vec<_> = tool.unwrap().marked.into_iter().map(|mark| (mark.header, mark.way.join("/"))).collect();
        marked.sort();
        assert_eq!(marked, [("N".to_owned(), "deep/n".to_owned()), ("Region".to_owned(), "region".to_owned())]);
    }

    #[test]
    fn tools_with_other_marks_are_left_out() {
        for properties in [
            r#"{"a":{"type":"number","x-mcp-header":"A"}}"#,
            r#"{"a":{"type":"string","x-mcp-header":""}}"#,
            r#"{"a":{"type":"string","x-mcp-header":"A b"}}"#,
            r#"{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}}"#,
            r#"{"a":{"type":"array","items":{"type":"string","x-mcp-header":"A"}}}"#,
            r#"{"a":{"anyOf":[{"type":"string","x-mcp-header":"A"}]}}"#,
        ] {
            assert!(listed(&format!(r#"{{"name":"q","inputSchema":{{"properties":{properties}}}}}"#)).is_err(), "{properties}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_nobodys() {
        let (tools, next) = page(
            r#"{"tools":[{"name":"a","inputSchema":{}},{"name":"b","inputSchema":{}},{"name":"a","inputSchema":{}},7],"nextCursor":"x"}"#,
        )
        .unwrap();
        assert_eq!(next.as_deref(), Some("x"));
        assert_eq!(unique(tools).iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(), ["b"]);
    }
}
