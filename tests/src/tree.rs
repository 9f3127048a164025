//! Text that knows which of its parts can be left out, so that a failing case can be made small.
//!
//! In: pieces. Out: the text, and every [`Tree`] that is this one with one part less.
//! Invariant: each edit makes the text shorter, so shrinking ends.

/// A piece of text.
#[derive(Clone, Debug)]
pub enum Tree {
    /// Stays as it is.
    Word(String),
    /// Its parts, one after the other.
    Seq(Vec<Tree>),
    /// May be left out.
    Maybe(Box<Tree>),
    /// Items between separators, of which all but `least` may be left out.
    List {
        /// The items.
        items: Vec<Tree>,
        /// What stands between two of them.
        separator: &'static str,
        /// How many must stay.
        least: usize,
    },
}

/// Text that stays as it is.
pub fn word(text: impl Into<String>) -> Tree {
    Tree::Word(text.into())
}

/// Parts one after the other.
#[must_use]
pub fn seq(parts: Vec<Tree>) -> Tree {
    Tree::Seq(parts)
}

/// A part that may be left out.
#[must_use]
pub fn maybe(part: Tree) -> Tree {
    Tree::Maybe(Box::new(part))
}

/// Nothing.
#[must_use]
pub fn nothing() -> Tree {
    Tree::Seq(Vec::new())
}

/// Items of which at least `least` stay.
#[must_use]
pub fn list(separator: &'static str, least: usize, items: Vec<Tree>) -> Tree {
    Tree::List { items, separator, least }
}

impl Tree {
    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Word(text) => out.push_str(text),
            Self::Seq(parts) => parts.iter().for_each(|part| part.write(out)),
            Self::Maybe(part) => part.write(out),
            Self::List { items, separator, .. } => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push_str(separator);
                    }
                    item.write(out);
                }
            }
        }
    }

    /// How many edits there are.
    #[must_use]
    pub fn edits(&self) -> usize {
        match self {
            Self::Word(_) => 0,
            Self::Seq(parts) => parts.iter().map(Self::edits).sum(),
            Self::Maybe(part) => 1 + part.edits(),
            Self::List { items, least, .. } => {
                let drops = if items.len() > *least { items.len() } else { 0 };
                drops + items.iter().map(Self::edits).sum::<usize>()
            }
        }
    }

    /// This tree after its edit number `edit`, outer edits first; itself where there is no such edit.
    #[must_use]
    pub fn edited(&self, edit: usize) -> Self {
        match self {
            Self::Word(_) => self.clone(),
            Self::Seq(parts) => Self::Seq(edit_one(parts, edit)),
            Self::Maybe(part) => match edit.checked_sub(1) {
                None => nothing(),
                Some(inner) => Self::Maybe(Box::new(part.edited(inner))),
            },
            Self::List { items, separator, least } => {
                let drops = if items.len() > *least { items.len() } else { 0 };
                let items = match edit.checked_sub(drops) {
                    None => without(items, edit),
                    Some(inner) => edit_one(items, inner),
                };
                Self::List { items, separator, least: *least }
            }
        }
    }
}

fn without(items: &[Tree], dropped: usize) -> Vec<Tree> {
    items.iter().enumerate().filter(|(index, _)| *index != dropped).map(|(_, item)| item.clone()).collect()
}

fn edit_one(parts: &[Tree], edit: usize) -> Vec<Tree> {
    let mut left = Some(edit);
    let each = |part: &Tree| match left {
        Some(here) if here < part.edits() => {
            left = None;
            part.edited(here)
        }
        Some(here) => {
            left = Some(here - part.edits());
            part.clone()
        }
        None => part.clone(),
    };
    parts.iter().map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::{list, maybe, seq, word};

    #[test]
    fn every_edit_leaves_one_part_out() {
        let tree = seq(vec![word("x"), maybe(word(" when y")), word(" in "), list(", ", 1, vec![word("a"), maybe(word("b")), word("c")])]);
        assert_eq!(tree.text(), "x when y in a, b, c");
        let edits: Vec<String> = (0..tree.edits()).map(|edit| tree.edited(edit).text()).collect();
        assert_eq!(edits, ["x in a, b, c", "x when y in b, c", "x when y in a, c", "x when y in a, b", "x when y in a, , c"]);
    }

    #[test]
    fn what_must_stay_stays() {
        assert_eq!(list(" or ", 2, vec![word("a"), word("b")]).edits(), 0);
    }
}
