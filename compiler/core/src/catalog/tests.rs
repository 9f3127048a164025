//! Catalogs against the specification's own table, and against texts that are wrong.

use super::json::Json;
use super::*;
use crate::core::print;

fn arguments(tool: &CatalogTool) -> String {
    print::ty(&Type::Record(tool.args.clone()))
}

fn one(schema: &str) -> Result<CatalogTool, CatalogError> {
    let tools = read_catalog(&format!("[{{\"name\": \"t\", \"inputSchema\": {schema}}}]"), None)?;
    Ok(tools.into_iter().next().unwrap())
}

#[test]
fn every_schema_of_the_conformance_table_has_its_type() {
    let table: Json = serde_json::from_str(include_str!("../../../../lang-spec/conformance/schemas.json")).unwrap();
    let cases = table.array().unwrap();
    assert!(cases.len() > 100);
    for case in cases {
        let why = case.get("why").and_then(Json::text).unwrap();
        let (args, _) = read_args(case.get("inputSchema")).unwrap().unwrap();
        assert_eq!(print::ty(&Type::Record(args)), case.get("arguments").and_then(Json::text).unwrap(), "{why}");
    }
}

#[test]
fn the_three_shapes_of_a_document_are_the_same() {
    let bare = r#"[{"name": "a"}]"#;
    let object = format!("{{\"tools\": {bare}, \"nextCursor\": null}}");
    let response = format!("\u{feff}{{\"jsonrpc\": \"2.0\", \"id\": 1, \"result\": {object}}}");
    let expected = read_catalog(bare, Some("s")).unwrap();
    assert_eq!(expected.first().map(|tool| (tool.name.as_str(), arguments(tool))), Some(("s.a", "(record closed)".to_owned())));
    assert_eq!(read_catalog(&object, Some("s")), Ok(expected.clone()));
    assert_eq!(read_catalog(&response, Some("s")), Ok(expected));
    assert_eq!(read_catalog(bare, None).unwrap().first().map(|tool| tool.name.clone()), Some("a".to_owned()));
}

#[test]
fn the_order_of_members_does_not_matter() {
    let a = r#"{"type":"object","properties":{"a":{"enum":["x","y"],"type":"string"},"b":{"anyOf":[{"type":"null"},{"type":"integer"}]}}}"#;
    let b = r#"{"properties":{"b":{"anyOf":[{"type":"integer"},{"type":"null"}]},"a":{"type":"string","enum":["y","x"]}},"type":"object"}"#;
    assert_eq!(one(a), one(b));
}

#[test]
fn what_is_opaque_says_why() {
    let tool = one(r#"{"type": "object", "properties": {"x": {"oneOf": [{"type": "string"}, {"type": "array"}]}}}"#).unwrap();
    assert_eq!(tool.args.fields.first().map(|field| field.ty.clone()), Some(Type::Json(Some("oneOf".to_owned()))));
    let tool = one(r#"{"type": "object", "patternProperties": {}}"#).unwrap();
    assert_eq!((tool.args.open, tool.untyped.as_deref()), (true, Some("patternProperties")));
}

#[test]
fn results_have_types_where_they_are_records() {
    let text = r#"[{"name": "a", "outputSchema": {"type": "object", "properties": {"s": {"type": "string"}}, "required": ["s"]}},
                   {"name": "b", "outputSchema": {"type": "string"}}, {"name": "c", "outputSchema": true}]"#;
    let results: Vec<Option<String>> =
        read_catalog(text, None).unwrap().into_iter().map(|tool| tool.result.map(|record| print::ty(&Type::Record(record)))).collect();
    assert_eq!(results, [Some(r#"(record closed (field "s" string required))"#.to_owned()), None, None]);
}

#[test]
fn a_catalog_that_is_wrong_says_where() {
    let error = |text: &str| read_catalog(text, Some("s")).unwrap_err().to_string();
    assert_eq!(error("[{\"name\": \"a\",\n \"name\": \"b\"}]"), "line 2, column 7: the member `name` stands twice in one object");
    assert_eq!(error("[1, 2"), "line 1, column 5: EOF while parsing a list");
    assert_eq!(error("{\"toolz\": []}"), "it is no array of tools and has no array `tools`");
    assert_eq!(error("{\"result\": 3}"), "it is no array of tools and has no array `tools`");
    assert_eq!(error("[{\"name\": \"a\"}, {\"name\": \"\"}]"), "tool number 2 has no `name` that is a string and not empty");
    assert_eq!(error("[{\"name\": \"a\"}, {\"name\": \"a\"}]"), "the tool `s.a` stands in it twice");
    assert_eq!(
        error("[{\"name\": \"a\", \"inputSchema\": {\"type\": \"string\"}}]"),
        "the `inputSchema` of `s.a` does not describe an object"
    );
    assert_eq!(error("[{\"name\": \"a\", \"inputSchema\": null}]"), "the `inputSchema` of `s.a` does not describe an object");
    assert!(error(&"[".repeat(1000)).contains("recursion limit exceeded"));
}

#[test]
fn references_that_multiply_are_refused_soon() {
    let levels: Vec<String> = (0..30)
        .map(|level| {
            format!(
                "\"L{level}\": {{\"properties\": {{\"a\": {{\"$ref\": \"#/$defs/L{0}\"}}, \"b\": {{\"$ref\": \"#/$defs/L{0}\"}}}}}}",
                level + 1
            )
        })
        .collect();
    let text = format!("{{\"$ref\": \"#/$defs/L0\", \"$defs\": {{{}}}}}", levels.join(","));
    let started = std::time::Instant::now();
    assert_eq!(one(&text), Err(CatalogError::SchemaTooLarge("t".to_owned())));
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn sizes_are_bounded() {
    let long = " ".repeat(MAX_CATALOG_BYTES + 1);
    assert_eq!(read_catalog(&long, None), Err(CatalogError::TooLong(MAX_CATALOG_BYTES + 1)));
    let many: Vec<String> = (0..=MAX_CATALOG_TOOLS).map(|at| format!("{{\"name\": \"t{at}\"}}")).collect();
    let many = format!("[{}]", many.join(","));
    assert_eq!(read_catalog(&many, None), Err(CatalogError::TooManyTools(MAX_CATALOG_TOOLS + 1)));
}

#[test]
fn whole_catalogs_have_these_types() {
    let mut shown = String::new();
    for (alias, text) in
        [(Some("desk"), include_str!("../../testdata/helpdesk.tools.json")), (None, include_str!("../../testdata/warehouse.tools.json"))]
    {
        for tool in read_catalog(text, alias).unwrap() {
            shown += &format!("{}\n  {}\n", tool.name, arguments(&tool));
            shown += &tool.result.map_or_else(String::new, |record| format!("  -> {}\n", print::ty(&Type::Record(record))));
            for field in &tool.args.fields {
                if let Type::Json(reason) = &field.ty {
                    shown += &format!("  {} is json: {}\n", field.name, reason.as_deref().unwrap_or("as declared"));
                }
            }
        }
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn what_a_server_calls_its_tools_does_not_steer_the_terminal() {
    let fault = read_catalog("[{\"name\": \"a\\u001b[2J\\u202e\"}, {\"name\": \"a\\u001b[2J\\u202e\"}]", None).unwrap_err();
    assert_eq!(fault.to_string(), "the tool `a\u{fffd}[2J\u{fffd}` stands in it twice");
}
