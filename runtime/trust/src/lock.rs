//! The lock: which definition of each tool was looked at when the policy was written.
//!
//! In: tools as their servers define them, raw JSON. Out: a [`Lock`], or how a tool differs from it. Invariants: a pin is SHA-256 over the canonical JSON (RFC 8785) of
//! all of a definition, so that neither order nor white space changes it and everything else does; a definition that has a name twice has no pin.
//! Source: `lang-spec/lock.md`; RFC 8785.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// The version of the file's form.
pub const VERSION: u32 = 1;

/// Why there is no lock, or no pin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockFault {
    /// The text is no lock.
    #[error("it is no lock: {0}")]
    Form(String),
    /// Another version wrote it.
    #[error("it is a lock of version {0}; this program reads version {VERSION}")]
    Version(u32),
    /// A definition is no plain JSON.
    #[error("a definition is no plain JSON: {0}")]
    Definition(String),
}

/// How a tool differs from the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Differs {
    /// It is not in it.
    #[error("the tool is not in the lock: look at it and lock it")]
    New,
    /// It is in it with another definition.
    #[error("the tool's definition has changed since it was locked: look at it and lock it")]
    Changed,
}

/// The pins of tools, by their names in the policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock(BTreeMap<String, String>);

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    tools: BTreeMap<String, String>,
}

/// The tools of a catalog, in whichever of its three forms it comes.
fn tools(document: &str) -> Result<Vec<&RawValue>, LockFault> {
    type Members<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;
    let fault = |error: serde_json::Error| LockFault::Definition(error.to_string());
    let mut text = document.trim_start();
    // A response holds a result, a result holds tools.
    for name in ["result", "tools"] {
        if text.starts_with('{') {
            let members: Members<'_> = serde_json::from_str(text).map_err(fault)?;
            text = members.get(name).map_or(text, |value| value.get());
        }
    }
    serde_json::from_str(text).map_err(fault)
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

impl Lock {
    /// Reads the text of a lock.
    ///
    /// # Errors
    /// [`LockFault`].
    pub fn read(text: &str) -> Result<Self, LockFault> {
        let file: File = serde_json::from_str(text).map_err(|error| LockFault::Form(error.to_string()))?;
        if file.version != VERSION {
            return Err(LockFault::Version(file.version));
        }
        let odd = file.tools.iter().find(|(_, pin)| pin.strip_prefix("sha256:").is_none_or(|digits| digits.len() != 64));
        match odd {
            Some((tool, _)) => Err(LockFault::Form(format!("the pin of `{tool}` is no SHA-256"))),
            None => Ok(Self(file.tools)),
        }
    }

    /// Its text, a tool a line.
    #[must_use]
    pub fn text(&self) -> String {
        let file = File { version: VERSION, tools: self.0.clone() };
        // Texts and a number have no way to fail.
        serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
    }

    /// Pins a tool's definition.
    ///
    /// # Errors
    /// [`LockFault::Definition`].
    pub fn pin(&mut self, tool: &str, definition: &str) -> Result<(), LockFault> {
        self.0.insert(tool.to_owned(), pin(definition)?);
        Ok(())
    }

    /// Pins all tools of a catalog: a `tools/list` result, its array of tools, or a whole response with it.
    ///
    /// # Errors
    /// [`LockFault`]: it is no catalog, or a definition is no plain JSON.
    pub fn pin_catalog(&mut self, alias: Option<&str>, document: &str) -> Result<(), LockFault> {
        let document = document.strip_prefix('\u{feff}').unwrap_or(document);
        for tool in tools(document)? {
            let name: Named<'_> = serde_json::from_str(tool.get()).map_err(|error| LockFault::Definition(error.to_string()))?;
            let name = alias.map_or_else(|| name.name.to_string(), |alias| format!("{alias}.{}", name.name));
            self.pin(&name, tool.get())?;
        }
        Ok(())
    }

    /// What another lock says otherwise, a line a tool: added, removed or changed since this one.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        let word = |name: &String| match (self.0.get(name), other.0.get(name)) {
            (Some(one), Some(two)) if one == two => None,
            (Some(_), Some(_)) => Some("changed"),
            (None, _) => Some("added"),
            (_, None) => Some("removed"),
        };
        names.into_iter().filter_map(|name| Some(format!("{} {name}", word(name)?))).collect()
    }

    /// Whether a tool's definition is the one that is pinned.
    ///
    /// # Errors
    /// [`Differs`]; a definition without a pin has changed.
    pub fn check(&self, tool: &str, definition: &str) -> Result<(), Differs> {
        let pinned = self.0.get(tool).ok_or(Differs::New)?;
        if pin(definition).is_ok_and(|now| now == *pinned) { Ok(()) } else { Err(Differs::Changed) }
    }

    /// The tools that are pinned, and their pins.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(tool, pin)| (tool.as_str(), pin.as_str()))
    }
}

/// The pin of a definition.
fn pin(definition: &str) -> Result<String, LockFault> {
    let value = plain(definition)?;
    let canonical = serde_json_canonicalizer::to_vec(&value).map_err(|error| LockFault::Definition(error.to_string()))?;
    Ok(format!("sha256:{}", base16ct::lower::encode_string(&Sha256::digest(&canonical))))
}

/// The value of a text in which no object has a name twice: of two, a server and a client may each read another one.
fn plain(definition: &str) -> Result<serde_json::Value, LockFault> {
    use leverframe_runtime::arguments::{Arguments, Stop, Token, TokenSink};

    struct Open(Vec<BTreeSet<String>>);
    impl TokenSink for Open {
        fn token(&mut self, token: Token<'_>) -> Result<(), Stop> {
            match token {
                Token::BeginObject => self.0.push(BTreeSet::new()),
                Token::EndObject => drop(self.0.pop()),
                Token::Key(name) if !self.0.last_mut().is_some_and(|names| names.insert(name.to_owned())) => return Err(Stop),
                _ => {}
            }
            Ok(())
        }
    }
    let fault = |error: String| LockFault::Definition(error);
    leverframe_runtime::RawJson(definition.as_bytes()).visit(&mut Open(Vec::new())).map_err(|error| fault(error.to_string()))?;
    serde_json::from_str(definition).map_err(|error| fault(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{Differs, Lock, LockFault};

    const TOOL: &str = r#"{"name":"a","inputSchema":{"type":"object","properties":{"n":{"maximum":10.0}}},"description":"d"}"#;

    fn lock() -> Lock {
        let mut lock = Lock::default();
        lock.pin("s.a", TOOL).unwrap();
        Lock::read(&lock.text()).unwrap()
    }

    #[test]
    fn order_and_space_do_not_matter() {
        let other = r#"{ "description" : "\u0064", "inputSchema":{"properties":{"n":{"maximum":1e1}},"type":"object"}, "name":"a"}"#;
        assert_eq!(lock().check("s.a", other), Ok(()));
    }

    #[test]
    fn everything_else_does() {
        for other in [
            TOOL.replace("\"d\"", "\"d \""),
            TOOL.replace("10.0", "11"),
            TOOL.replace("}}}", "}}},\"annotations\":{}"),
            TOOL.replace("\"name\"", "\"name\":\"b\",\"name\""),
            "{".to_owned(),
        ] {
            assert_eq!(lock().check("s.a", &other), Err(Differs::Changed), "{other}");
        }
        assert_eq!(lock().check("s.b", TOOL), Err(Differs::New));
    }

    #[test]
    fn a_catalog_comes_in_three_forms() {
        let list = format!("[{TOOL}]");
        for document in [list.clone(), format!("{{\"tools\":{list}}}"), format!("{{\"id\":1,\"result\":{{\"tools\":{list}}}}}")] {
            let mut other = Lock::default();
            other.pin_catalog(Some("s"), &document).unwrap();
            assert_eq!(other.differences(&lock()), Vec::<String>::new());
        }
        let mut other = Lock::default();
        other.pin_catalog(None, &list.replace("10.0", "11")).unwrap();
        assert_eq!(lock().differences(&other), ["added a", "removed s.a"]);
        assert!(other.pin_catalog(None, "{}").is_err());
    }

    #[test]
    fn what_is_no_lock_is_none() {
        assert_eq!(Lock::read(r#"{"version":2,"tools":{}}"#), Err(LockFault::Version(2)));
        for text in ["", "{}", r#"{"version":1,"tools":{"a":"sha256:00"}}"#, r#"{"version":1,"tools":{},"more":1}"#] {
            assert!(matches!(Lock::read(text), Err(LockFault::Form(_))), "{text}");
        }
    }
}
