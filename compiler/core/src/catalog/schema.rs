//! JSON Schema (drafts 7 and 2020-12) becomes types.
//!
//! In: a schema document. Out: its [`Reading`]. Invariants: the rules are tried in the order in which the specification numbers them;
//! recursion is at most [`MAX_SCHEMA_DEPTH`] deep and visits at most [`MAX_SCHEMA_VISITS`] schemas, whatever `$ref` says.
//! Left out: annotations, validation of strings and of counts. Source: `lang-spec/catalogs.md`, [catalog.read].

use super::combine::{join, merge, require};
use super::default;
use super::json::Json;
use super::reading::Reading;
use super::values::{ints, listed, of_values};
use crate::core::{Field, Literal, Record, Type};
use crate::limits::{MAX_SCHEMA_DEPTH, MAX_SCHEMA_VISITS};

/// A schema document, read.
#[derive(Debug)]
pub(super) enum Root {
    /// As a type.
    Typed(Type),
    /// It allows null only.
    Null,
}

/// More schemas were visited than one document may have.
#[derive(Debug)]
pub(super) struct TooLarge;

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

/// Reads a schema document as a root.
///
/// # Errors
/// Where it is too large.
pub(super) fn read_root(document: &Json) -> Result<Root, TooLarge> {
    let mut reader = Reader { document, being_read: vec![Vec::new()], visits: 0 };
    let typed = document.has("type") || document.has("$ref") || COMBINATORS.iter().any(|name| document.has(name));
    let place = Place { depth: 0, root: true, assumed: (!typed).then_some("object") };
    Ok(reader.read(document, place)?.ty.map_or(Root::Null, Root::Typed))
}

/// Where a schema stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    depth: usize,
    root: bool,
    /// The type to read it as, whatever its `type` says.
    assumed: Option<&'a str>,
}

impl Place<'_> {
    fn below(self) -> Place<'static> {
        Place { depth: self.depth + 1, root: false, assumed: None }
    }
}

struct Reader<'a> {
    document: &'a Json,
    /// Decoded pointers of the schemas on the way from the root.
    being_read: Vec<Vec<String>>,
    visits: usize,
}

impl<'a> Reader<'a> {
    fn read(&mut self, schema: &'a Json, place: Place<'_>) -> Result<Reading, TooLarge> {
        self.visits += 1;
        if self.visits > MAX_SCHEMA_VISITS {
            return Err(TooLarge);
        }
        match schema {
            Json::Bool(true) => return Ok(Reading::json("true")),
            Json::Bool(false) => return Ok(Reading::json("false")),
            Json::Object(_) => {}
            _ => return Ok(Reading::json("schema")),
        }
        if place.depth >= MAX_SCHEMA_DEPTH {
            return Ok(Reading::json("nesting"));
        }
        if schema.has("$ref") {
            return self.referred(schema, place);
        }
        if let Some(keyword) = first_of(schema, &REFUSED) {
            return Ok(Reading::json(keyword));
        }
        let mut reading = self.combined(schema, place)?;
        reading.nullable |= schema.get("nullable") == Some(&Json::Bool(true));
        Ok(reading)
    }

    /// Rule 3.
    fn referred(&mut self, schema: &'a Json, place: Place<'_>) -> Result<Reading, TooLarge> {
        let Some((pointer, target)) = self.target(schema).filter(|(pointer, _)| !self.being_read.contains(pointer)) else {
            return Ok(Reading::json("$ref"));
        };
        self.being_read.push(pointer);
        let reading = self.read(target, place.below());
        self.being_read.pop();
        reading
    }

    /// What a `$ref` that may be followed points to.
    fn target(&self, schema: &Json) -> Option<(Vec<String>, &'a Json)> {
        if first_of(schema, &STRUCTURAL).or(first_of(schema, &REFUSED)).or(first_of(schema, &COMBINATORS)).is_some() {
            return None;
        }
        let pointer = decoded(schema.get("$ref")?.text()?)?;
        let mut target = self.document;
        for step in &pointer {
            target = match target {
                Json::Object(members) => members.get(step)?,
                Json::Array(elements) => elements.get(array_index(step)?)?,
                _ => return None,
            };
        }
        Some((pointer, target))
    }

    /// Rule 5.
    fn combined(&mut self, schema: &'a Json, place: Place<'_>) -> Result<Reading, TooLarge> {
        let mut left: Vec<(&str, &'a [Json])> = Vec::new();
        for keyword in COMBINATORS {
            match schema.get(keyword).map(|members| members.array().unwrap_or_default()) {
                None => {}
                Some([]) => return Ok(Reading::json(keyword)),
                Some(members) if members.iter().all(is_bare) => {}
                Some(members) => left.push((keyword, members)),
            }
        }
        let Some((keyword, members)) = left.first().copied() else {
            return self.own(schema, place);
        };
        let structural = first_of(schema, &STRUCTURAL).is_some();
        if structural {
            let own = self.own(schema, place)?;
            if matches!(own.ty, Some(Type::Bool | Type::Int { .. } | Type::Number | Type::String | Type::Enum(_))) {
                return Ok(own);
            }
        }
        match (left.as_slice(), keyword) {
            ([_], "allOf") => self.all_of(schema, members, structural, place),
            ([_], _) if !structural => {
                let readings: Result<Vec<Reading>, TooLarge> = members.iter().map(|member| self.read(member, place.below())).collect();
                Ok(join(readings?, keyword))
            }
            _ => Ok(Reading::json(keyword)),
        }
    }

    fn all_of(&mut self, schema: &'a Json, members: &'a [Json], structural: bool, place: Place<'_>) -> Result<Reading, TooLarge> {
        let mut parts = Vec::new();
        if structural {
            parts.push(self.own(schema, place)?);
        }
        for member in members.iter().filter(|member| !is_bare(member)) {
            parts.push(self.read(member, place.below())?);
        }
        let mut merged = merge(parts);
        if let Some(Type::Record(record)) = &mut merged.ty {
            let names: Vec<&str> = members.iter().chain([schema]).flat_map(required).collect();
            require(record, &names);
        }
        Ok(merged)
    }

    /// Rule 6: what the structural keywords say.
    fn own(&mut self, schema: &'a Json, place: Place<'_>) -> Result<Reading, TooLarge> {
        if let Some(assumed) = place.assumed {
            return self.named(schema, assumed, place);
        }
        match schema.get("type") {
            Some(Json::Text(name)) => self.named(schema, name, place),
            Some(Json::Array(names)) => self.one_of_types(schema, names, place),
            Some(_) => Ok(Reading::json("type")),
            None if listed(schema).is_some() => Ok(of_values(&listed(schema).unwrap_or_default(), None)),
            None if schema.has("properties") => self.named(schema, "object", place),
            None if schema.has("items") || schema.has("prefixItems") => self.named(schema, "array", place),
            None => Ok(Reading::json("type")),
        }
    }

    fn one_of_types(&mut self, schema: &'a Json, names: &[Json], place: Place<'_>) -> Result<Reading, TooLarge> {
        if names.is_empty() {
            return Ok(Reading::json("type"));
        }
        let mut readings = Vec::new();
        for name in names {
            readings.push(match name.text() {
                Some(name) => self.named(schema, name, place)?,
                None => Reading::json("type"),
            });
        }
        Ok(join(readings, "type"))
    }

    fn named(&mut self, schema: &'a Json, name: &str, place: Place<'_>) -> Result<Reading, TooLarge> {
        match (name, listed(schema)) {
            ("null", _) => Ok(Reading::null()),
            ("string" | "integer" | "number" | "boolean", Some(values)) => Ok(of_values(&values, Some(name))),
            ("array" | "object", Some(_)) => Ok(Reading::json("enum")),
            ("boolean", None) => Ok(Reading::of(Type::Bool)),
            ("integer", None) => Ok(ints(schema)),
            ("number", None) => Ok(Reading::of(Type::Number)),
            ("string", None) => Ok(Reading::of(Type::String)),
            ("array", None) => self.list(schema, place),
            ("object", None) => self.record(schema, place),
            _ => Ok(Reading::json("type")),
        }
    }

    fn list(&mut self, schema: &'a Json, place: Place<'_>) -> Result<Reading, TooLarge> {
        let items = schema.get("items");
        let element = match (schema.get("prefixItems").and_then(Json::array), items) {
            (Some(members), _) => self.tuple(members, items, place)?,
            (None, Some(Json::Array(members))) => self.tuple(members, schema.get("additionalItems"), place)?,
            (None, Some(items)) => self.read(items, place.below())?,
            (None, None) => Reading::json("items"),
        };
        let element = match element {
            Reading { ty: Some(ty @ Type::Json(_)), .. } | Reading { ty: Some(ty), nullable: false } => ty,
            _ => Type::Json(Some("null".to_owned())),
        };
        Ok(Reading::of(Type::List(Box::new(element))))
    }

    fn tuple(&mut self, members: &'a [Json], rest: Option<&'a Json>, place: Place<'_>) -> Result<Reading, TooLarge> {
        let mut readings = Vec::new();
        for member in members {
            readings.push(self.read(member, place.below())?);
        }
        match rest {
            Some(Json::Bool(false)) if members.is_empty() => return Ok(Reading::json("prefixItems")),
            Some(Json::Bool(false)) => {}
            Some(rest) => readings.push(self.read(rest, place.below())?),
            None => readings.push(Reading::json("prefixItems")),
        }
        Ok(join(readings, "prefixItems"))
    }

    fn record(&mut self, schema: &'a Json, place: Place<'_>) -> Result<Reading, TooLarge> {
        let mut fields = Vec::new();
        if let Some(Json::Object(properties)) = schema.get("properties") {
            for (name, property) in properties {
                let reading = self.read(property, place.below())?;
                fields.push(self.field(name, property, reading));
            }
        }
        let mut record = Record { open: is_open(schema, place.root), fields };
        require(&mut record, &required(schema).collect::<Vec<&str>>());
        Ok(Reading::of(Type::Record(record)))
    }

    fn field(&self, name: &str, property: &Json, reading: Reading) -> Field {
        let ty = reading.ty.unwrap_or_else(|| Type::Json(Some("null".to_owned())));
        let default = self.default(property, &ty);
        Field { name: name.to_owned(), ty, required: false, nullable: reading.nullable, default }
    }

    fn default(&self, property: &Json, ty: &Type) -> Option<Literal> {
        if let Some(value) = property.get("default") {
            return default::literal(value, ty);
        }
        let mut schema = self.target(property)?.1;
        for _ in 0..MAX_SCHEMA_DEPTH {
            if let Some(value) = schema.get("default") {
                return default::literal(value, ty);
            }
            schema = self.target(schema)?.1;
        }
        None
    }
}

fn first_of(schema: &Json, keywords: &'static [&'static str]) -> Option<&'static str> {
    keywords.iter().copied().find(|keyword| schema.has(keyword))
}

fn is_bare(schema: &Json) -> bool {
    match schema {
        Json::Bool(value) => *value,
        Json::Object(_) => {
            !schema.has("$ref") && [&STRUCTURAL[..], &REFUSED, &COMBINATORS].iter().all(|group| first_of(schema, group).is_none())
        }
        _ => false,
    }
}

fn required(schema: &Json) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Json::array).unwrap_or_default().iter().filter_map(Json::text)
}

fn is_open(schema: &Json, root: bool) -> bool {
    match schema.get("additionalProperties").or_else(|| schema.get("unevaluatedProperties")) {
        Some(Json::Bool(open)) => *open,
        Some(_) => true,
        None => !root && !schema.has("properties"),
    }
}

/// The steps of `#` or `#/…`; nothing where it is another kind of reference.
fn decoded(reference: &str) -> Option<Vec<String>> {
    let pointer = percent_decoded(reference.strip_prefix('#')?)?;
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let steps = pointer.strip_prefix('/')?.split('/');
    Some(steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect())
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let (byte, after) = match (first, after) {
            (b'%', [high, low, after @ ..]) => (hex(*high)? * 16 + hex(*low)?, after),
            (b'%', _) => return None,
            _ => (*first, after),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn array_index(step: &str) -> Option<usize> {
    let plain = step == "0" || (!step.starts_with('0') && step.bytes().all(|byte| byte.is_ascii_digit()));
    if plain { step.parse().ok() } else { None }
}
