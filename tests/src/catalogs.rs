//! Random catalogs: both sides must make the same types of them, or both refuse.
//!
//! In: dice. Out: a policy that imports one catalog of random JSON Schemas, as a bundle of files.
//! Source: `lang-spec/catalogs.md`.

use crate::random::Dice;

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-3",
    "2.0",
    "1.5",
    "1e2",
    "1e400",
    "9223372036854775807",
    "9223372036854775808",
    "-0.0",
    "1e-7",
    "0.1",
    "123456789012345678",
];
const STRINGS: &[&str] = &["\"a\"", "\"b\"", "\"\"", "\"2026-11-22\"", "\"\\u0007\\\"\\\\\"", "\"caf\u{e9}\""];
const TYPES: &[&str] = &["string", "integer", "number", "boolean", "array", "object", "null", "text"];
const REFS: &[&str] = &[
    "#/$defs/x",
    "#/$defs/y",
    "#",
    "#/properties/p",
    "#/$defs/x/items",
    "#/nothing",
    "other.json",
    "#/anyOf/0",
    "#/$defs/%78",
    "#/$defs/list/1",
];
const REFUSED: &[&str] = &["not", "if", "patternProperties", "propertyNames", "contains", "unevaluatedItems", "dependentSchemas"];
const ANNOTATIONS: &[&str] = &[
    "\"title\":\"t\"",
    "\"format\":\"email\"",
    "\"pattern\":\"^a\"",
    "\"maxLength\":3",
    "\"$comment\":\"\"",
    "\"examples\":[1]",
    "\"multipleOf\":2",
];

/// A policy with a random catalog.
#[must_use]
pub fn policy(mut dice: Dice) -> String {
    let root = root(&mut dice);
    let output = if dice.chance(15) { format!(",\"outputSchema\":{}", schema(&mut dice, 2)) } else { String::new() };
    let tools = format!("[{{\"name\":\"tool\",\"inputSchema\":{root}{output}}}]");
    let document = match dice.below(5) {
        0 => format!("{{\"tools\":{tools}}}"),
        1 => format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"tools\":{tools}}}}}"),
        _ => tools,
    };
    format!("language 1\nimport catalog \"c.json\" as c\npersona p {{ otherwise deny }}\n// ---- c.json\n{document}\n")
}

fn root(dice: &mut Dice) -> String {
    if dice.chance(6) {
        return schema(dice, 3);
    }
    let count = dice.between(1, 3);
    let names = ["p", "q", "r"];
    let properties: Vec<String> = names.iter().take(count).map(|name| format!("\"{name}\":{}", schema(dice, 3))).collect();
    let required = if dice.chance(50) { ",\"required\":[\"p\",\"z\"]" } else { "" };
    let open = *dice.pick(&[
        "",
        "",
        ",\"additionalProperties\":false",
        ",\"additionalProperties\":true",
        ",\"additionalProperties\":{}",
        ",\"unevaluatedProperties\":false",
    ]);
    let kind = *dice.pick(&["\"type\":\"object\",", "", "\"type\":[\"object\",\"null\"],"]);
    let definitions = format!("\"$defs\":{{\"x\":{},\"y\":{},\"list\":[{},true]}}", schema(dice, 2), schema(dice, 2), schema(dice, 1));
    format!("{{{kind}\"properties\":{{{}}}{required}{open},{definitions}}}", properties.join(","))
}

fn schema(dice: &mut Dice, depth: usize) -> String {
    if dice.chance(4) {
        return (*dice.pick(&["true", "false", "{}", "3", "[]"])).to_owned();
    }
    if dice.chance(8) {
        let beside = if dice.chance(25) { ",\"default\":1" } else { "" };
        return format!("{{\"$ref\":\"{}\"{beside}}}", dice.pick(REFS));
    }
    let mut members = match dice.weighted(&[60, if depth > 0 { 22 } else { 0 }, 8, 10]) {
        0 => typed(dice, depth),
        1 => combined(dice, depth),
        2 => Vec::new(),
        _ => values(dice),
    };
    members.extend(extras(dice, depth));
    format!("{{{}}}", members.join(","))
}

fn typed(dice: &mut Dice, depth: usize) -> Vec<String> {
    let named = *dice.pick(TYPES);
    let mut members = match dice.below(8) {
        0 => vec![format!("\"type\":[\"{named}\",\"{}\"]", dice.pick(TYPES))],
        1 if named == "object" || named == "array" => Vec::new(),
        _ => vec![format!("\"type\":\"{named}\"")],
    };
    match named {
        "integer" | "number" => {
            for bound in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
                if dice.chance(30) {
                    let value = if dice.chance(10) { "true" } else { *dice.pick(NUMBERS) };
                    members.push(format!("\"{bound}\":{value}"));
                }
            }
        }
        "array" if depth > 0 => members.extend(elements(dice, depth)),
        "object" if depth > 0 => members.extend(object(dice, depth)),
        _ => {}
    }
    if dice.chance(12) {
        members.extend(values(dice));
    }
    members
}

fn elements(dice: &mut Dice, depth: usize) -> Vec<String> {
    let one = schema(dice, depth - 1);
    let other = schema(dice, depth - 1);
    match dice.below(6) {
        0 => vec![format!("\"prefixItems\":[{one},{other}]")],
        1 => vec![format!("\"prefixItems\":[{one}],\"items\":{other}")],
        2 => vec![format!("\"items\":[{one},{other}],\"additionalItems\":false")],
        3 => Vec::new(),
        _ => vec![format!("\"items\":{one}")],
    }
}

fn object(dice: &mut Dice, depth: usize) -> Vec<String> {
    let one = schema(dice, depth - 1);
    let other = schema(dice, depth - 1);
    let mut members = vec![format!("\"properties\":{{\"b\":{one},\"a\":{other}}}")];
    if dice.chance(40) {
        members.push("\"required\":[\"a\"]".to_owned());
    }
    if dice.chance(40) {
        let open = dice.pick(&["false", "true", "{}"]).to_string();
        let keyword = *dice.pick(&["additionalProperties", "unevaluatedProperties"]);
        members.push(format!("\"{keyword}\":{open}"));
    }
    members
}

fn combined(dice: &mut Dice, depth: usize) -> Vec<String> {
    let count = dice.between(1, 3);
    let parts: Vec<String> =
        (0..count).map(|_| if dice.chance(12) { "{\"required\":[\"a\"]}".to_owned() } else { schema(dice, depth - 1) }).collect();
    let keyword = *dice.pick(&["anyOf", "anyOf", "oneOf", "allOf"]);
    let mut members = vec![format!("\"{keyword}\":[{}]", parts.join(","))];
    if dice.chance(20) {
        members.push("\"type\":\"string\"".to_owned());
    }
    if dice.chance(15) {
        members.extend(object(dice, depth));
    }
    members
}

fn values(dice: &mut Dice) -> Vec<String> {
    let value = |dice: &mut Dice| match dice.below(10) {
        0..=4 => (*dice.pick(STRINGS)).to_owned(),
        5..=7 => (*dice.pick(NUMBERS)).to_owned(),
        8 => (*dice.pick(&["true", "false"])).to_owned(),
        _ => "null".to_owned(),
    };
    let count = dice.below(4);
    let several: Vec<String> = (0..count).map(|_| value(dice)).collect();
    match dice.below(4) {
        0 => vec![format!("\"const\":{}", value(dice))],
        _ => vec![format!("\"enum\":[{}]", several.join(","))],
    }
}

fn extras(dice: &mut Dice, depth: usize) -> Vec<String> {
    let mut members = Vec::new();
    if dice.chance(20) {
        let value = match dice.below(3) {
            0 => *dice.pick(STRINGS),
            1 => *dice.pick(NUMBERS),
            _ => *dice.pick(&["true", "null", "[]"]),
        };
        members.push(format!("\"default\":{value}"));
    }
    if dice.chance(8) {
        members.push("\"nullable\":true".to_owned());
    }
    if dice.chance(15) {
        members.push((*dice.pick(ANNOTATIONS)).to_owned());
    }
    if dice.chance(4) {
        let keyword = *dice.pick(REFUSED);
        members.push(format!("\"{keyword}\":{}", schema(dice, depth.min(1).saturating_sub(1))));
    }
    members
}
