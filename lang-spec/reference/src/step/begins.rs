//! When a match began, as far as a span is concerned.
//!
//! In: a node that holds at a letter. Out: what a register of the span takes. Invariant: no alternative contains another one, since it would not be later.
//! Source: `lang-spec/core-form.md`, [core.formula] (`span`).

use std::collections::BTreeSet;

use super::{Change, Moment, Node, Open, Remembers, Source};

/// Alternatives, of which the latest counts; each is the earliest of some registers, and of none the letter itself.
type Alternatives = BTreeSet<BTreeSet<usize>>;

impl Source<'_> {
    /// What the register of a bit takes for a span when the bit's part holds; `survives`: an earlier match is still good.
    pub(super) fn beginning(&self, part: usize, span: usize, survives: bool, moment: &Moment<'_>) -> Result<Change, Open> {
        let alternatives = self.began(part, span, moment)?;
        if alternatives.contains(&BTreeSet::new()) {
            return Ok(Change::Now);
        }
        let of = alternatives.into_iter().map(|registers| registers.into_iter().collect()).collect();
        Ok(Change::Latest { keep: survives, of })
    }

    fn began(&self, node: usize, span: usize, moment: &Moment<'_>) -> Result<Alternatives, Open> {
        let here = || Alternatives::from([BTreeSet::new()]);
        match self.nodes.get(node) {
            Some(Node::All(parts)) => {
                let mut earliest = here();
                for part in parts {
                    let other = self.began(*part, span, moment)?;
                    earliest = least(earliest.iter().flat_map(|a| other.iter().map(move |b| a.union(b).copied().collect())).collect());
                }
                Ok(earliest)
            }
            Some(Node::Any(parts)) => {
                let mut latest = Alternatives::new();
                for part in parts {
                    if self.holds(*part, moment)? {
                        latest.extend(self.began(*part, span, moment)?);
                    }
                }
                Ok(least(latest))
            }
            Some(Node::From { part, span: other }) if *other != span => self.began(*part, span, moment),
            Some(Node::Remembered { bit, .. }) => {
                let begins = self.bits.get(*bit).filter(|bit| matches!(bit.what, Remembers::Prev { .. })).map(|bit| &bit.begins);
                let register = begins.into_iter().flatten().find(|(around, _)| *around == span).map(|(_, begun)| begun.register);
                Ok(Alternatives::from([register.into_iter().collect()]))
            }
            _ => Ok(here()),
        }
    }
}

/// Without the alternatives that contain another.
fn least(alternatives: Alternatives) -> Alternatives {
    let contains_another = |one: &BTreeSet<usize>| alternatives.iter().any(|other| other != one && other.is_subset(one));
    alternatives.iter().filter(|one| !contains_another(one)).cloned().collect()
}
