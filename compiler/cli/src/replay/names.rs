//! The names of a record's sessions, principals, agents and tenants, each once.
//!
//! In: a kind and a name. Out: its handle, counted from 0 in the order in which names are first met.
//! Invariants: equal names of one kind have one handle; no two others do. Memory grows with the names and with nothing else. The table's hash has a secret of
//! its own in every run, since a record may come from whoever wants to slow its reader down.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// What stands for a name.
pub(crate) type Handle = usize;

/// Names by handle and handles by name.
#[derive(Default)]
pub(crate) struct Names {
    text: String,
    /// Where each name ends in the text, and its kind.
    spans: Vec<(usize, u8)>,
    table: HashTable<Handle>,
    hasher: DefaultHashBuilder,
}

impl Names {
    /// The handle of a name, made where it is new.
    pub(crate) fn handle(&mut self, kind: u8, name: &str) -> Handle {
        let hash = self.hasher.hash_one((kind, name));
        if let Some(known) = self.table.find(hash, |handle| self.is(*handle, kind, name)) {
            return *known;
        }
        let handle = self.spans.len();
        self.text.push_str(name);
        self.spans.push((self.text.len(), kind));
        let Self { text, spans, table, hasher } = self;
        table.insert_unique(hash, handle, |other| {
            let (kind, name) = entry(text, spans, *other).unwrap_or_default();
            hasher.hash_one((kind, name))
        });
        handle
    }

    /// The name that a handle stands for.
    pub(crate) fn name(&self, handle: Handle) -> &str {
        entry(&self.text, &self.spans, handle).unwrap_or_default().1
    }

    /// How many names there are.
    pub(crate) fn count(&self) -> usize {
        self.spans.len()
    }

    fn is(&self, handle: Handle, kind: u8, name: &str) -> bool {
        entry(&self.text, &self.spans, handle) == Some((kind, name))
    }
}

fn entry<'t>(text: &'t str, spans: &[(usize, u8)], handle: Handle) -> Option<(u8, &'t str)> {
    let (end, kind) = *spans.get(handle)?;
    let start = handle.checked_sub(1).and_then(|before| spans.get(before)).map_or(0, |(end, _)| *end);
    Some((kind, text.get(start..end)?))
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_name_has_one_handle_for_each_kind() {
        let mut names = Names::default();
        for round in 0..2 {
            for number in 0..2_000_usize {
                let (kind, name) = (u8::try_from(number % 2).unwrap(), (number / 2).to_string());
                assert_eq!(names.handle(kind, &name), number, "round {round}");
                assert_eq!(names.name(number), name);
            }
        }
        assert_eq!(names.count(), 2_000);
        assert_eq!(names.handle(3, ""), 2_000);
        assert_eq!(names.name(2_000), "");
        assert_eq!(names.name(9_999), "");
    }
}
