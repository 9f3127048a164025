//! Names of members, object by object: in no object may one stand twice.
//!
//! In: names, and where objects begin and end. Out: whether each name of an object stood once. Invariant: objects end in the order opposite to that in which
//! they began, so that the names of the innermost one are the last. Sorting at the end makes many names cost no more than their number times its logarithm.

use alloc::string::String;
use alloc::vec::Vec;

/// Where an object's names begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    names: usize,
    text: usize,
}

/// The names of all open objects; cleared, not freed, between readings.
#[derive(Debug, Default)]
pub(crate) struct Names {
    text: String,
    spans: Vec<(usize, usize)>,
}

impl Names {
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
    }

    /// An object begins.
    pub(crate) fn begin(&self) -> Mark {
        Mark { names: self.spans.len(), text: self.text.len() }
    }

    /// Takes a name of the innermost object.
    pub(crate) fn add(&mut self, name: &str) {
        let start = self.text.len();
        self.text.push_str(name);
        self.spans.push((start, self.text.len()));
    }

    /// The innermost object ends: whether no name of it stood twice.
    pub(crate) fn end(&mut self, mark: Mark) -> bool {
        let Self { text, spans } = self;
        let own = spans.get_mut(mark.names..).unwrap_or(&mut []);
        let name = |span: &(usize, usize)| text.get(span.0..span.1).unwrap_or("");
        if own.len() > 1 {
            own.sort_unstable_by(|a, b| name(a).cmp(name(b)));
        }
        let once = own.array_windows::<2>().all(|[a, b]| name(a) != name(b));
        spans.truncate(mark.names);
        text.truncate(mark.text);
        once
    }
}
