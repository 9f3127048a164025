//! Which calls of a record have their result in a line of its own.
//!
//! In: a file, read once before it is decided. Out: [`References`]: the ids that lines of results name, and later what has become of each.
//! A call that no such line names, and that has no result in its own line, succeeded where it stands; so they must be known beforehand.
//! Invariant: an id's call is met once and its result once; anything else is an error of the record.
//! Source: `lang-spec/traces.md`, [trace.result].

use std::path::Path;

use hashbrown::HashMap;
use memchr::memmem;

use super::line;
use super::source::{Chunk, Source};
use crate::exit::Failure;
use crate::limits::CHUNK_BYTES;

/// What has become of an id that lines of results name. `T` is what the call leaves for its result.
#[derive(Debug)]
enum Reference<T> {
    /// Its call has not come.
    Ahead,
    /// Its call waits for its result.
    Open(T),
    /// Its result has come.
    Closed,
}

/// The ids that lines of results name.
#[derive(Debug)]
pub(crate) struct References<T> {
    ids: HashMap<String, Reference<T>>,
}

/// What is wrong with an id.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum ReferenceError {
    /// No call before this line has the id.
    #[error("`result_of` names the call `{0}`, and no line before has that id")]
    Unknown(String),
    /// The call has had its result.
    #[error("`result_of` names the call `{0}`, which has had its result; the first one counts")]
    Repeated(String),
    /// Two calls have the id that a result names.
    #[error("two calls have the id `{0}`, which a line of a result names")]
    Ambiguous(String),
}

impl<T> References<T> {
    /// Reads a file for the ids that its lines of results name.
    ///
    /// # Errors
    /// [`Failure::Read`].
    pub(crate) fn scan(path: &Path) -> Result<Self, Failure> {
        let mut source = Source::open(path, Some("result_of"))?;
        let (mut chunk, words) = (Chunk::default(), Words::new());
        let mut ids = HashMap::new();
        while source.chunk(path, CHUNK_BYTES, &mut chunk)? {
            if let Some(rows) = &chunk.rows {
                ids.extend(rows.references().map(|id| (id, Reference::Ahead)));
            }
            if !words.may_stand_in(&chunk.bytes) {
                continue;
            }
            chunk.split();
            let named = chunk.lines.iter().filter_map(|line| chunk.line(line)).filter(|bytes| words.may_stand_in(bytes));
            ids.extend(named.filter_map(line::reference).map(|id| (id, Reference::Ahead)));
        }
        Ok(Self { ids })
    }

    /// Whether a line of a result names the call with this id, which has come.
    ///
    /// # Errors
    /// [`ReferenceError::Ambiguous`] where it has come before.
    pub(crate) fn awaits(&self, id: &str) -> Result<bool, ReferenceError> {
        match self.ids.get(id) {
            None => Ok(false),
            Some(Reference::Ahead) => Ok(true),
            Some(_) => Err(ReferenceError::Ambiguous(id.to_owned())),
        }
    }

    /// Keeps what an awaited call leaves for its result; nothing if it has had its result already.
    pub(crate) fn keep(&mut self, id: &str, open: Option<T>) {
        if let Some(reference) = self.ids.get_mut(id) {
            *reference = open.map_or(Reference::Closed, Reference::Open);
        }
    }

    /// The result has come: what the call left for it.
    ///
    /// # Errors
    /// [`ReferenceError::Unknown`] or [`ReferenceError::Repeated`].
    pub(crate) fn result(&mut self, id: &str) -> Result<T, ReferenceError> {
        match self.ids.get_mut(id) {
            None | Some(Reference::Ahead) => Err(ReferenceError::Unknown(id.to_owned())),
            Some(reference) => match std::mem::replace(reference, Reference::Closed) {
                Reference::Open(open) => Ok(open),
                Reference::Ahead | Reference::Closed => Err(ReferenceError::Repeated(id.to_owned())),
            },
        }
    }
}

/// What tells lines that can have a member `result_of`: the word, or an escape that may spell one of its letters.
struct Words {
    plain: memmem::Finder<'static>,
    escaped: memmem::Finder<'static>,
}

impl Words {
    fn new() -> Self {
        Self { plain: memmem::Finder::new("result_of"), escaped: memmem::Finder::new("\\u00") }
    }

    fn may_stand_in(&self, text: &[u8]) -> bool {
        let letter = |at: usize| matches!(text.get(at + 4), Some(b'5'..=b'7'));
        self.plain.find(text).is_some() || self.escaped.find_iter(text).any(letter)
    }
}

#[cfg(test)]
mod tests {
    use hashbrown::HashMap;

    use super::{Reference, ReferenceError, References, Words};

    fn naming(id: &str) -> References<u8> {
        References { ids: HashMap::from([(id.to_owned(), Reference::Ahead)]) }
    }

    #[test]
    fn a_result_comes_once_and_after_its_call() {
        let mut references = naming("a");
        assert_eq!(references.result("a"), Err(ReferenceError::Unknown("a".to_owned())));
        assert_eq!(references.awaits("a"), Ok(true));
        references.keep("a", Some(7));
        assert_eq!(references.result("a"), Ok(7));
        assert_eq!(references.result("a"), Err(ReferenceError::Repeated("a".to_owned())));
        assert_eq!(references.result("b"), Err(ReferenceError::Unknown("b".to_owned())));
    }

    #[test]
    fn an_id_that_a_result_names_is_one_call_s() {
        let mut references = naming("a");
        references.keep("a", Some(1));
        assert_eq!(references.awaits("a"), Err(ReferenceError::Ambiguous("a".to_owned())));
        assert_eq!(references.awaits("b"), Ok(false));
        assert_eq!(references.awaits("b"), Ok(false));
    }

    #[test]
    fn a_result_in_the_call_s_own_line_is_the_first() {
        let mut references = naming("a");
        references.keep("a", None);
        assert_eq!(references.result("a"), Err(ReferenceError::Repeated("a".to_owned())));
    }

    #[test]
    fn lines_that_cannot_name_a_call_are_passed_over() {
        let words = Words::new();
        for text in [r#"{"result_of":"1"}"#, r#"{"result\u005fof":"1"}"#, r#"{"\u0072esult_of":"1"}"#, r#"{"resul\u0074_o\u0066":"1"}"#] {
            assert!(words.may_stand_in(text.as_bytes()), "{text}");
        }
        for text in [r#"{"result":"1"}"#, r#"{"x":"caf\u00e9 \u2014"}"#, r#"{"x":"\u00"#, ""] {
            assert!(!words.may_stand_in(text.as_bytes()), "{text}");
        }
    }
}
