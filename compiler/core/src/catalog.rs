//! Catalogs: an MCP `tools/list` document becomes tools with types.
//!
//! In: the text of a catalog and its alias. Out: [`CatalogTool`]s in the order of the document, or the first thing that is wrong with it.
//! Invariants: reading is a function of the JSON value, so the order of members never matters; its cost is bounded whatever the text
//! says ([`limits`](crate::limits)); a type never refuses what the schema allows but where the specification says so.
//! Left out: annotations, which are the server's hints and no effects; descriptions. Source: `lang-spec/catalogs.md`.

mod combine;
mod default;
mod json;
mod reading;
mod schema;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeSet;

use json::Json;
pub(crate) use reading::same;
use schema::{Root, TooLarge, read_root};

use crate::core::{Record, Type};
use crate::limits::{MAX_CATALOG_BYTES, MAX_CATALOG_TOOLS, MAX_SCHEMA_VISITS};
use crate::names::shown;

/// A tool of a catalog.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogTool {
    /// Its full name: with the alias, if there is one.
    pub name: String,
    /// Its arguments.
    pub args: Record,
    /// Why its arguments could not be typed as a whole, if so: the schema keyword.
    pub untyped: Option<String>,
    /// What its result holds, if the catalog says so in a way that has a type.
    pub result: Option<Record>,
}

/// What is wrong with a catalog.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// It is larger than a catalog may be.
    #[error("a catalog may have {MAX_CATALOG_BYTES} bytes, this one has {0}")]
    TooLong(usize),
    /// It is no JSON, or has a member twice.
    #[error("line {line}, column {column}: {message}")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the JSON reader says.
        message: String,
    },
    /// It is JSON, but no list of tools.
    #[error("it is no array of tools and has no array `tools`")]
    NoTools,
    /// It has more tools than a catalog may have.
    #[error("a catalog may have {MAX_CATALOG_TOOLS} tools, this one has {0}")]
    TooManyTools(usize),
    /// An element has no name.
    #[error("tool number {0} has no `name` that is a string and not empty")]
    NoName(usize),
    /// Two elements have one name.
    #[error("the tool `{0}` stands in it twice")]
    Twice(String),
    /// The arguments of a tool are no object.
    #[error("the `inputSchema` of `{0}` does not describe an object")]
    NoObject(String),
    /// A schema is too large, perhaps only once its references are followed.
    #[error("the schemas of `{0}` hold more than {MAX_SCHEMA_VISITS} schemas with all references followed")]
    SchemaTooLarge(String),
}

/// Reads a catalog.
///
/// # Errors
/// The first fault in the order of the document.
///
/// # Limits
/// [`MAX_CATALOG_BYTES`], [`MAX_CATALOG_TOOLS`], and [`MAX_SCHEMA_VISITS`] a schema document.
pub fn read_catalog(text: &str, alias: Option<&str>) -> Result<Vec<CatalogTool>, CatalogError> {
    if text.len() > MAX_CATALOG_BYTES {
        return Err(CatalogError::TooLong(text.len()));
    }
    let document: Json = serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).map_err(not_json)?;
    let listed = list_of_tools(&document).ok_or(CatalogError::NoTools)?;
    if listed.len() > MAX_CATALOG_TOOLS {
        return Err(CatalogError::TooManyTools(listed.len()));
    }
    let mut names = BTreeSet::new();
    let mut tools = Vec::with_capacity(listed.len());
    for (at, entry) in listed.iter().enumerate() {
        let tool = read_tool(at, entry, alias)?;
        if !names.insert(tool.name.clone()) {
            return Err(CatalogError::Twice(shown(&tool.name).into_owned()));
        }
        tools.push(tool);
    }
    Ok(tools)
}

fn not_json(fault: serde_json::Error) -> CatalogError {
    let whole = fault.to_string();
    let message = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(message, _)| message).to_owned();
    CatalogError::NotJson { line: fault.line(), column: fault.column(), message }
}

fn list_of_tools(document: &Json) -> Option<&[Json]> {
    let direct = |value: &'_ Json| value.array().is_some() || value.has("tools");
    let holder = if direct(document) { document } else { document.get("result")? };
    holder.array().or_else(|| holder.get("tools").and_then(Json::array))
}

fn read_tool(at: usize, entry: &Json, alias: Option<&str>) -> Result<CatalogTool, CatalogError> {
    let own = entry.get("name").and_then(Json::text).filter(|name| !name.is_empty());
    let own = own.ok_or(CatalogError::NoName(at + 1))?;
    let name = alias.map_or_else(|| own.to_owned(), |alias| format!("{alias}.{own}"));
    let Ok(args) = read_args(entry.get("inputSchema")) else {
        return Err(CatalogError::SchemaTooLarge(shown(&name).into_owned()));
    };
    let Some((args, untyped)) = args else {
        return Err(CatalogError::NoObject(shown(&name).into_owned()));
    };
    let Ok(result) = read_result(entry.get("outputSchema")) else {
        return Err(CatalogError::SchemaTooLarge(shown(&name).into_owned()));
    };
    Ok(CatalogTool { name, args, untyped, result })
}

/// The arguments' type, and why they have none as a whole; nothing where they are no object.
fn read_args(schema: Option<&Json>) -> Result<Option<(Record, Option<String>)>, TooLarge> {
    let Some(schema) = schema else {
        return Ok(Some((Record { open: false, fields: Vec::new() }, None)));
    };
    if !matches!(schema, Json::Object(_)) {
        return Ok(None);
    }
    Ok(match read_root(schema)? {
        Root::Typed(Type::Record(record)) => Some((record, None)),
        Root::Typed(Type::Json(reason)) => Some((Record { open: true, fields: Vec::new() }, reason)),
        Root::Typed(_) | Root::Null => None,
    })
}

fn read_result(schema: Option<&Json>) -> Result<Option<Record>, TooLarge> {
    match schema {
        Some(schema @ Json::Object(_)) => Ok(match read_root(schema)? {
            Root::Typed(Type::Record(record)) => Some(record),
            _ => None,
        }),
        _ => Ok(None),
    }
}
