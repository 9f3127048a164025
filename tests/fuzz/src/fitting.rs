//! JSON that fits a frame's types, so that calls come as far as its rules; and JSON that fits nothing.
//!
//! In: a frame, a type, a number that chooses. Out: text. Invariants: as deep as the type, never wider than a few members.

use leverframe_runtime::frame::{Frame, Scalar, Type, TypeId};

/// Arguments that fit no tool, or fit it by accident.
pub const ODD: &[&str] = &[
    "{}",
    "",
    "null",
    "[]",
    "{\"a\":1,\"a\":2}",
    "{\"\":{\"\":[[[{}]]]}}",
    "{\"n\":1e400,\"x\":-0.0e-401}",
    "{\"s\":\"\\ud83d\\ude00\\u0000\"}",
    "{\"s\":\"\\ud800\"}",
    "{\"n\":-9223372036854775808,\"m\":9223372036854775808}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "{\"url\":\"https://u:p@xn--a.example:0/%2e%2e/?#\",\"path\":\"/a/../../b\",\"ip\":\"::ffff:1.2.3.4\"}",
];

const TEXTS: &[&str] = &["", "a", "abc", "ann@acme.example", "https://acme.example/a", "/srv/a/../b", "10.0.0.1", "4111 1111 1111 1111"];
const NUMBERS: &[&str] = &["0", "1", "-1.50", "1e3", "99999999999999999999.5"];
const TIMES: &[&str] = &["2026-11-22T00:00:00Z", "1970-01-01T00:00:00.001+23:59", "9999-12-31T23:59:59.999Z"];
const MEMBERS: usize = 12;

/// A value of the type; `choice` picks it.
#[must_use]
pub fn fitting(frame: &Frame, ty: TypeId, choice: usize) -> String {
    let mut room = 256;
    value(frame, ty, choice, &mut room)
}

fn value(frame: &Frame, ty: TypeId, choice: usize, room: &mut usize) -> String {
    *room = room.saturating_sub(1);
    let pick = |from: &[&str]| from[choice % from.len()].to_owned();
    let Some(ty) = frame.types.get(ty.index()).filter(|_| *room > 0) else { return "null".to_owned() };
    match ty {
        Type::Bool => choice.is_multiple_of(2).to_string(),
        Type::Int { lo, hi } => [*lo, *hi, 0, 1, 10, 1_000][choice % 6].clamp(*lo, *hi).to_string(),
        Type::Number => pick(NUMBERS),
        Type::String => quoted(&pick(TEXTS)),
        Type::Enum(members) if members.is_empty() => "\"\"".to_owned(),
        Type::Enum(members) => quoted(&members[choice % members.len()]),
        Type::Email => quoted("Ann@ACME.example"),
        Type::Url => quoted("HTTPS://acme.example:443/a/./b?q"),
        Type::Path => quoted(&pick(&["/", "/srv/a", "/srv/../etc/passwd"])),
        Type::Ip => quoted(&pick(&["10.0.0.1", "::1", "2001:DB8::1"])),
        Type::Timestamp => quoted(&pick(TIMES)),
        Type::Duration => pick(&["0", "1", "60000"]),
        Type::Json => pick(&["{\"x\":[1,{\"y\":null}]}", "1", "\"text\""]),
        Type::List(element) => {
            let items: Vec<String> = (0..choice % 4).map(|index| value(frame, *element, choice + index, room)).collect();
            format!("[{}]", items.join(","))
        }
        Type::Record { fields, .. } => {
            let present = fields.iter().take(MEMBERS).filter(|field| field.required || choice % 3 != 1);
            let members: Vec<String> = present
                .map(|field| match &field.default {
                    Some(Scalar::Text(text)) if choice.is_multiple_of(2) => format!("{}:{}", quoted(&field.name), quoted(text)),
                    _ => format!("{}:{}", quoted(&field.name), value(frame, field.ty, choice, room)),
                })
                .collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\0'..='\x1f' => quoted.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
