//! JSON Schema to types.
//!
//! In: a schema document. Out: the type of its values, as far as there is one. Invariant: reading visits a bounded number of schemas, whatever `$ref` says.
//! Source: `lang-spec/catalogs.md`, [catalog.read]; the numbers in comments are its rules.

use super::unite::{Reading, join, merge};
use super::values;
use crate::json::Json;
use crate::limits::{SCHEMA_DEPTH, SCHEMA_VISITS};
use crate::types::{Field, Record, Type};

const STRUCTURAL: [&str; 9] =
    ["type", "enum", "const", "properties", "additionalProperties", "unevaluatedProperties", "items", "prefixItems", "additionalItems"];
const REFUSED: [&str; 12] = [
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "propertyNames",
    "dependentSchemas",
    "dependencies",
    "contains",
    "unevaluatedItems",
    "$dynamicRef",
    "$recursiveRef",
];
const COMBINATORS: [&str; 3] = ["anyOf", "oneOf", "allOf"];

/// Reads a schema document as a root: the outer nothing is one too large, the inner nothing is null alone.
pub(super) fn read_root(document: &Json) -> Option<Option<Type>> {
    let mut reader = Reader { document, following: vec![Vec::new()], visits: 0 };
    let named = ["type", "$ref"].iter().chain(&COMBINATORS).any(|keyword| document.get(keyword).is_some());
    let place = Place { depth: 0, root: true, object: !named };
    reader.read(document, place).map(|reading| reading.ty)
}

/// Where a schema stands.
#[derive(Clone, Copy)]
struct Place {
    depth: usize,
    root: bool,
    /// Whether it is an object without saying so.
    object: bool,
}

struct Reader<'j> {
    document: &'j Json,
    /// The pointers of the references that are being followed; the root's is always there.
    following: Vec<Vec<String>>,
    visits: usize,
}

impl<'j> Reader<'j> {
    /// Nothing where too many schemas would be visited.
    fn read(&mut self, schema: &'j Json, place: Place) -> Option<Reading> {
        self.visits += 1;
        if self.visits > SCHEMA_VISITS {
            return None;
        }
        // 1, 2
        if !matches!(schema, Json::Object(_)) || place.depth >= SCHEMA_DEPTH {
            return Some(Reading::JSON);
        }
        // 3
        if schema.get("$ref").is_some() {
            return match self.target(schema) {
                Some((pointer, target)) if !self.following.contains(&pointer) => {
                    self.following.push(pointer);
                    let reading = self.read(target, below(place));
                    self.following.pop();
                    reading
                }
                _ => Some(Reading::JSON),
            };
        }
        // 4
        if has_any(schema, &REFUSED) {
            return Some(Reading::JSON);
        }
        // 5 to 7
        let mut reading = self.combined(schema, place)?;
        reading.null |= schema.get("nullable") == Some(&Json::Bool(true));
        Some(reading)
    }

    /// Rule 5.
    fn combined(&mut self, schema: &'j Json, place: Place) -> Option<Reading> {
        let mut left: Vec<(&str, &'j [Json])> = Vec::new();
        for keyword in COMBINATORS {
            let Some(members) = schema.get(keyword) else { continue };
            match members.items() {
                None | Some([]) => return Some(Reading::JSON),
                Some(members) if members.iter().all(is_bare) => {}
                Some(members) => left.push((keyword, members)),
            }
        }
        let structural = has_any(schema, &STRUCTURAL);
        if left.is_empty() {
            return self.own(schema, place);
        }
        if structural {
            let own = self.own(schema, place)?;
            if matches!(own.ty, Some(Type::Bool | Type::Int(..) | Type::Number | Type::String | Type::Enum(_))) {
                return Some(own);
            }
        }
        match left.as_slice() {
            [("allOf", members)] => self.all_of(schema, members, structural, place),
            [(_, members)] if !structural => Some(join(&self.all(members, place)?)),
            _ => Some(Reading::JSON),
        }
    }

    fn all(&mut self, schemas: &'j [Json], place: Place) -> Option<Vec<Reading>> {
        schemas.iter().map(|schema| self.read(schema, below(place))).collect()
    }

    fn all_of(&mut self, schema: &'j Json, members: &'j [Json], structural: bool, place: Place) -> Option<Reading> {
        let mut parts = Vec::new();
        if structural {
            parts.push(self.own(schema, place)?);
        }
        for member in members.iter().filter(|member| !is_bare(member)) {
            parts.push(self.read(member, below(place))?);
        }
        let mut merged = merge(&parts);
        if let Some(Type::Record(record)) = &mut merged.ty {
            for part in members.iter().chain([schema]) {
                require(record, part);
            }
        }
        Some(merged)
    }

    /// Rule 6.
    fn own(&mut self, schema: &'j Json, place: Place) -> Option<Reading> {
        if place.object {
            return self.named(schema, "object", place);
        }
        match schema.get("type") {
            Some(Json::String(Some(name))) => self.named(schema, name, place),
            Some(Json::Array(names)) if !names.is_empty() => {
                let readings: Option<Vec<Reading>> = names
                    .iter()
                    .map(|name| match name.text() {
                        Some(name) => self.named(schema, name, place),
                        None => Some(Reading::JSON),
                    })
                    .collect();
                Some(join(&readings?))
            }
            Some(_) => Some(Reading::JSON),
            None => match values_of(schema) {
                Some(values) => Some(values::listed(&values, None)),
                None if schema.get("properties").is_some() => self.named(schema, "object", place),
                None if schema.get("items").is_some() || schema.get("prefixItems").is_some() => self.named(schema, "array", place),
                None => Some(Reading::JSON),
            },
        }
    }

    fn named(&mut self, schema: &'j Json, name: &str, place: Place) -> Option<Reading> {
        let values = values_of(schema);
        Some(match (name, values) {
            ("null", _) => Reading::NULL,
            ("string" | "integer" | "number" | "boolean", Some(values)) => values::listed(&values, Some(name)),
            ("array" | "object", Some(_)) => Reading::JSON,
            ("boolean", None) => Reading::of(Type::Bool),
            ("integer", None) => values::ints(schema),
            ("number", None) => Reading::of(Type::Number),
            ("string", None) => Reading::of(Type::String),
            ("array", None) => self.list(schema, place)?,
            ("object", None) => self.record(schema, place)?,
            _ => Reading::JSON,
        })
    }

    fn list(&mut self, schema: &'j Json, place: Place) -> Option<Reading> {
        let items = schema.get("items");
        let tuple = match (schema.get("prefixItems").and_then(Json::items), items.and_then(Json::items)) {
            (Some(members), _) => Some((members, items)),
            (None, Some(members)) => Some((members, schema.get("additionalItems"))),
            (None, None) => None,
        };
        let element = match (tuple, items) {
            (Some((members, rest)), _) => self.tuple(members, rest, place)?,
            (None, Some(items)) => self.read(items, below(place))?,
            (None, None) => Reading::JSON,
        };
        let ty = element.ty.filter(|_| !element.null).unwrap_or(Type::Json);
        Some(Reading::of(Type::List(Box::new(ty))))
    }

    fn tuple(&mut self, members: &'j [Json], rest: Option<&'j Json>, place: Place) -> Option<Reading> {
        let mut readings = self.all(members, place)?;
        match rest {
            Some(Json::Bool(false)) => {}
            Some(rest) => readings.push(self.read(rest, below(place))?),
            None => readings.push(Reading::JSON),
        }
        Some(if readings.is_empty() { Reading::JSON } else { join(&readings) })
    }

    fn record(&mut self, schema: &'j Json, place: Place) -> Option<Reading> {
        let mut fields = Vec::new();
        for (name, property) in schema.get("properties").into_iter().flat_map(Json::members) {
            let Reading { ty, null } = self.read(property, below(place))?;
            let ty = ty.unwrap_or(Type::Json);
            let default = self.default(property).and_then(|value| values::default(value, &ty));
            fields.push(Field { name: name.to_owned(), ty, required: false, nullable: null, default });
        }
        let open = match schema.get("additionalProperties").or_else(|| schema.get("unevaluatedProperties")) {
            Some(rest) => *rest != Json::Bool(false),
            None => schema.get("properties").is_none() && !place.root,
        };
        let mut record = Record::new(open, fields);
        require(&mut record, schema);
        Some(Reading::of(Type::Record(record)))
    }

    /// The default that stands in a schema, or in what it refers to.
    fn default(&self, schema: &'j Json) -> Option<&'j Json> {
        let mut schema = schema;
        for _ in 0..=SCHEMA_DEPTH {
            if let Some(default) = schema.get("default") {
                return Some(default);
            }
            schema = self.target(schema)?.1;
        }
        None
    }

    /// The decoded pointer of a `$ref` that may be followed, and what it points to.
    fn target(&self, schema: &Json) -> Option<(Vec<String>, &'j Json)> {
        if has_any(schema, &STRUCTURAL) || has_any(schema, &REFUSED) || has_any(schema, &COMBINATORS) {
            return None;
        }
        let pointer = pointer(schema.get("$ref")?.text()?)?;
        let mut target = self.document;
        for step in &pointer {
            target = match target {
                Json::Array(items) => items.get(index(step)?)?,
                object => object.get(step)?,
            };
        }
        Some((pointer, target))
    }
}

fn below(place: Place) -> Place {
    Place { depth: place.depth + 1, root: false, object: false }
}

fn has_any(schema: &Json, keywords: &[&str]) -> bool {
    keywords.iter().any(|keyword| schema.get(keyword).is_some())
}

fn is_bare(schema: &Json) -> bool {
    let keywords = ["$ref"].iter().chain(&STRUCTURAL).chain(&REFUSED).chain(&COMBINATORS);
    match schema {
        Json::Bool(value) => *value,
        Json::Object(_) => keywords.copied().all(|keyword| schema.get(keyword).is_none()),
        _ => false,
    }
}

/// What `const` or `enum` lists.
fn values_of(schema: &Json) -> Option<Vec<&Json>> {
    match schema.get("const") {
        Some(value) => Some(vec![value]),
        None => schema.get("enum")?.items().map(|values| values.iter().collect()),
    }
}

/// Fields that the schema lists as required are, and then have no default.
fn require(record: &mut Record, schema: &Json) {
    let names = schema.get("required").and_then(Json::items).unwrap_or_default();
    for field in &mut record.fields {
        if names.iter().any(|name| name.text() == Some(&field.name)) {
            field.required = true;
            field.default = None;
        }
    }
}

/// The steps of `#` or `#/…`.
fn pointer(reference: &str) -> Option<Vec<String>> {
    let decoded = percent_decoded(reference.strip_prefix('#')?)?;
    if decoded.is_empty() {
        return Some(Vec::new());
    }
    let steps = decoded.strip_prefix('/')?.split('/');
    Some(steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect())
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

fn index(step: &str) -> Option<usize> {
    let plain = step == "0" || (!step.starts_with('0') && step.bytes().all(|byte| byte.is_ascii_digit()));
    plain.then(|| step.parse().ok())?
}
