//! Digests of JSON as a value: what no condition reads must still tell calls apart where whole calls are compared.
//!
//! In: the tokens of JSON values. Out: SHA-256 of each. Invariants: the order of members makes no difference, that of elements does; numbers count by
//! value. No recursion: open arrays and objects stand on an explicit stack.
//! Source: `lang-spec/variables.md`, [var.limit].

use alloc::string::String;
use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

use crate::arguments::Token;
use crate::domain::decimal::Decimal;

/// SHA-256 of a value.
pub(crate) type Digest = [u8; 32];

/// An open array or object.
#[derive(Debug)]
enum Open {
    Array(Sha256),
    Object(Vec<(Digest, Digest)>, Option<Digest>),
}

/// A value in progress.
#[derive(Debug, Default)]
pub(crate) struct Canonical {
    open: Vec<Open>,
    text: String,
}

impl Canonical {
    /// Takes a token; the digest of the value that it ends, if nothing around it is open.
    pub(crate) fn token(&mut self, token: Token<'_>) -> Option<Digest> {
        let digest = match token {
            Token::BeginArray => return self.begin(Open::Array(Sha256::new_with_prefix([b'a']))),
            Token::BeginObject => return self.begin(Open::Object(Vec::new(), None)),
            Token::Key(key) => return self.key(key),
            Token::EndArray | Token::EndObject => close(self.open.pop()?),
            Token::Null => digest(b'n', &[]),
            Token::Bool(value) => digest(b'b', &[u8::from(value)]),
            Token::String(text) => digest(b's', text.as_bytes()),
            Token::Number(text) => self.number(text),
        };
        match self.open.last_mut() {
            None => return Some(digest),
            Some(Open::Array(hash)) => hash.update(digest),
            Some(Open::Object(members, key)) => members.extend(key.take().map(|key| (key, digest))),
        }
        None
    }

    fn begin(&mut self, open: Open) -> Option<Digest> {
        self.open.push(open);
        None
    }

    fn key(&mut self, name: &str) -> Option<Digest> {
        if let Some(Open::Object(_, key)) = self.open.last_mut() {
            *key = Some(member(name));
        }
        None
    }

    /// A number beyond the bounds of exact decimals counts by its text.
    fn number(&mut self, text: &str) -> Digest {
        self.text.clear();
        match Decimal::parse(text) {
            Ok(value) => value.write_normal(&mut self.text),
            Err(_) => self.text.push_str(text),
        }
        digest(b'd', self.text.as_bytes())
    }
}

/// The digest of a member's name.
pub(crate) fn member(name: &str) -> Digest {
    digest(b'k', name.as_bytes())
}

fn close(open: Open) -> Digest {
    match open {
        Open::Array(hash) => hash.finalize().into(),
        Open::Object(mut members, _) => {
            members.sort_unstable();
            let mut hash = Sha256::new_with_prefix([b'o']);
            for (name, value) in members {
                hash.update(name);
                hash.update(value);
            }
            hash.finalize().into()
        }
    }
}

fn digest(tag: u8, bytes: &[u8]) -> Digest {
    Sha256::new_with_prefix([tag]).chain_update(bytes).finalize().into()
}
