//! A JSON-RPC message, taken apart.
//!
//! In: bytes. Out: [`Message`]. Invariants: an id is a string or an integer, as it was written; a message is one request, one notification or one response.
//! Source: JSON-RPC 2.0; MCP 2026-07-28 ("Messages").

use serde_json::value::RawValue;

use super::members::Members;
use super::strict::{Malformed, Plain};

/// The id of a request, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id<'a>(&'a str);

impl<'a> Id<'a> {
    fn of(value: &'a RawValue) -> Option<Self> {
        let text = value.get();
        let integer = text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
        (integer || text.starts_with('"')).then_some(Self(text))
    }

    /// Its JSON.
    #[must_use]
    pub fn json(self) -> &'a str {
        self.0
    }
}

/// A request or a notification.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Its id; none: a notification.
    pub id: Option<Id<'a>>,
    /// What is asked.
    pub method: String,
    /// With what; an absent one is empty.
    pub params: Members<'a>,
}

/// The answer to a request.
#[derive(Clone, Debug)]
pub struct Response<'a> {
    /// The request's id.
    pub id: Id<'a>,
    /// The result, or the error.
    pub outcome: Result<&'a RawValue, &'a RawValue>,
}

/// One message.
#[derive(Clone, Debug)]
pub enum Message<'a> {
    /// A request, or a notification where it has no id.
    Request(Request<'a>),
    /// A response.
    Response(Response<'a>),
}

/// Why bytes are no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageFault {
    /// No plain JSON.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// No message of JSON-RPC 2.0; with the id where it has a proper one.
    #[error("the message is none of JSON-RPC 2.0: {words}")]
    Invalid {
        /// What is wrong.
        words: &'static str,
        /// The id's JSON.
        id: Option<String>,
    },
}

impl MessageFault {
    /// The JSON of the id of the message, where it has a proper one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Malformed(_) => None,
            Self::Invalid { id, .. } => id.as_deref(),
        }
    }
}

impl<'a> Message<'a> {
    /// Reads a message.
    ///
    /// # Errors
    /// [`MessageFault`].
    pub fn read(plain: &'a Plain) -> Result<Self, MessageFault> {
        if plain.text().starts_with('[') {
            return Err(MessageFault::Invalid { words: "batches are not taken", id: None });
        }
        Self::of(&Members::of(plain.text())?)
    }

    fn of(members: &Members<'a>) -> Result<Self, MessageFault> {
        let raw = members.get("id")?;
        let id = raw.and_then(Id::of);
        let invalid = |words| MessageFault::Invalid { words, id: id.map(|id| id.json().to_owned()) };
        if members.text("jsonrpc")?.as_deref() != Some("2.0") {
            return Err(invalid("`jsonrpc` is not \"2.0\""));
        }
        if raw.is_some() && id.is_none() {
            return Err(invalid("`id` is neither a string nor an integer"));
        }
        let (method, result, error) = (members.text("method")?, members.get("result")?, members.get("error")?);
        match (method, result, error) {
            (Some(method), None, None) => {
                let params =
                    members.object("params").map_err(|_| invalid("`params` is no object, or stands there in another case, too"))?;
                Ok(Self::Request(Request { id, method, params }))
            }
            (None, Some(result), None) => Ok(Self::Response(Response { id: id.ok_or_else(|| invalid("no `id`"))?, outcome: Ok(result) })),
            (None, None, Some(error)) => Ok(Self::Response(Response { id: id.ok_or_else(|| invalid("no `id`"))?, outcome: Err(error) })),
            _ => Err(invalid("it is not one of request, notification and response")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Message, MessageFault};
    use crate::protocol::Plain;

    fn fault(text: &str) -> MessageFault {
        match Plain::of(text.as_bytes()) {
            Ok(plain) => Message::read(&plain).map(|_| ()).unwrap_err(),
            Err(malformed) => malformed.into(),
        }
    }

    #[test]
    fn the_three_kinds() {
        let read = |text: &str| Plain::of(text.as_bytes()).unwrap();
        let plain = read(r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a.b"}}"#);
        let Message::Request(request) = Message::read(&plain).unwrap() else { panic!("a request") };
        assert_eq!((request.id.unwrap().json(), request.method.as_str()), ("7", "tools/call"));
        assert_eq!(request.params.text("name").unwrap().as_deref(), Some("a.b"));
        let plain = read(r#"{"jsonrpc":"2.0","method":"x"}"#);
        let Message::Request(note) = Message::read(&plain).unwrap() else { panic!("a notification") };
        assert!(note.id.is_none());
        let plain = read(r#"{"jsonrpc":"2.0","id":"q","result":{}}"#);
        let Message::Response(response) = Message::read(&plain).unwrap() else { panic!("a response") };
        assert_eq!((response.id.json(), response.outcome.unwrap().get()), ("\"q\"", "{}"));
    }

    #[test]
    fn others_are_refused_with_their_id() {
        for text in [
            r#"{"jsonrpc":"1.0","id":1,"method":"x"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"x","result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}"#,
        ] {
            assert_eq!(fault(text).id(), Some("1"), "{text}");
        }
        for text in [
            r#"{"jsonrpc":"2.0","id":null,"method":"x"}"#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"x"}"#,
            r#"{"jsonrpc":"2.0","id":{},"method":"x"}"#,
            r#"{"jsonrpc":"2.0","result":1}"#,
            r#"[{"jsonrpc":"2.0","id":1,"method":"x"}]"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"x","Method":"y"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"x","ID":2}"#,
        ] {
            assert_eq!(fault(text).id(), None, "{text}");
        }
        assert_eq!(fault(r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{},"PARAMS":{}}"#).id(), Some("1"));
    }
}
