//! Zones: what is known of how long ago things happened, as bounds on differences.
//!
//! In: constraints on ages. Out: the tightest bounds that follow, or that nothing satisfies them. Invariants: a [`Zone`] is closed under shortest paths and not
//! empty; age 0 is the age of now. Widening only ever adds valuations.
//! Source: Bengtsson and Yi, "Timed Automata: Semantics, Algorithms and Tools" (2004), sections 4 and 5.

/// No bound.
pub(crate) const FREE: i64 = i64::MAX / 4;

/// Bounds on ages: `bound(i, j)` is the most that age i exceeds age j.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    size: usize,
    bounds: Vec<i64>,
}

impl Zone {
    /// Nothing but now.
    pub(crate) fn now() -> Self {
        Self { size: 1, bounds: vec![0] }
    }

    /// How many ages there are, that of now among them.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The smallest of all values that an age can have.
    pub(crate) fn least(&self, i: usize) -> i64 {
        -self.bound(0, i)
    }

    /// What age i exceeds age j by at most.
    pub(crate) fn bound(&self, i: usize, j: usize) -> i64 {
        self.bounds.get(i * self.size + j).copied().unwrap_or(FREE)
    }

    fn set(&mut self, i: usize, j: usize, bound: i64) {
        if let Some(place) = self.bounds.get_mut(i * self.size + j) {
            *place = bound;
        }
    }

    /// The zone of the ages that `sources` names, in that order after now; an age of [`None`] is anything that is not negative.
    pub(crate) fn project(&self, sources: &[Option<usize>]) -> Self {
        let size = sources.len() + 1;
        let source = |index: usize| if index == 0 { Some(0) } else { sources.get(index - 1).copied().flatten() };
        let mut zone = Self { size, bounds: vec![FREE; size * size] };
        for i in 0..size {
            for j in 0..size {
                let bound = match (source(i), source(j)) {
                    _ if i == j => 0,
                    (Some(a), Some(b)) => self.bound(a, b),
                    // An age is never negative; of one that is free no more is known.
                    (Some(a), None) => self.bound(a, 0),
                    (None, _) => FREE,
                };
                zone.set(i, j, bound);
            }
        }
        zone
    }

    /// Time goes by, as much as it likes.
    pub(crate) fn elapse(&mut self) {
        (1..self.size).for_each(|i| self.set(i, 0, FREE));
    }

    /// Every age grows by one.
    pub(crate) fn advance(&mut self) {
        for i in 1..self.size {
            let (up, down) = (self.bound(i, 0), self.bound(0, i));
            self.set(i, 0, if up >= FREE { FREE } else { up + 1 });
            self.set(0, i, down - 1);
        }
    }

    /// Requires that age i exceeds age j by at most `bound`; false where nothing is left.
    #[must_use]
    pub(crate) fn require(&mut self, i: usize, j: usize, bound: i64) -> bool {
        if bound >= self.bound(i, j) {
            return true;
        }
        if bound.saturating_add(self.bound(j, i)) < 0 {
            return false;
        }
        self.set(i, j, bound);
        for a in 0..self.size {
            let first = sum(self.bound(a, i), bound);
            if first < FREE {
                self.shorten(a, first, j);
            }
        }
        true
    }

    /// Whether every valuation of `other` is one of this zone.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.size == other.size && self.bounds.iter().zip(&other.bounds).all(|(mine, others)| others <= mine)
    }

    /// Forgets what an age is at most.
    pub(crate) fn forget_most(&mut self, i: usize) {
        (0..self.size).filter(|j| *j != i).for_each(|j| self.set(i, j, FREE));
    }

    /// Forgets differences that no constraint up to `most` can tell, so that there are finitely many zones.
    pub(crate) fn widen(&mut self, most: i64) {
        let changed = self.each_bound(|bound| if bound > most { FREE } else { bound.max(-most - 1) });
        if changed {
            self.close();
        }
    }

    /// Keeps of all differences only which age is the greater.
    pub(crate) fn keep_order(&mut self) {
        let changed = self.each_bound(|bound| if bound > 0 { FREE } else { bound.max(-1) });
        if changed {
            self.close();
        }
    }

    /// Changes every bound between two ages; whether one became another.
    fn each_bound(&mut self, change: impl Fn(i64) -> i64) -> bool {
        let size = self.size;
        let mut changed = false;
        for (index, bound) in self.bounds.iter_mut().enumerate() {
            if index % (size + 1) != 0 {
                let new = change(*bound);
                changed |= new != *bound;
                *bound = new;
            }
        }
        changed
    }

    fn close(&mut self) {
        for k in 0..self.size {
            for i in 0..self.size {
                let first = self.bound(i, k);
                if first < FREE && i != k {
                    self.shorten(i, first, k);
                }
            }
        }
    }

    /// Takes the ways from `from` that lead over `over`, which is `first` away, where they are shorter.
    fn shorten(&mut self, from: usize, first: i64, over: usize) {
        let (rows, size) = (&mut self.bounds, self.size);
        for to in 0..size {
            let second = rows.get(over * size + to).copied().unwrap_or(FREE);
            if second < FREE
                && let Some(known) = rows.get_mut(from * size + to)
            {
                *known = (*known).min(first.saturating_add(second));
            }
        }
    }
}

fn sum(a: i64, b: i64) -> i64 {
    if a >= FREE || b >= FREE { FREE } else { a.saturating_add(b).min(FREE) }
}

#[cfg(test)]
mod tests {
    use super::{FREE, Zone};

    fn two() -> Zone {
        // Age 2 is that of something that happened before age 1's.
        let mut zone = Zone::now().project(&[Some(0), None]);
        assert!(zone.require(1, 2, 0));
        zone
    }

    #[test]
    fn what_is_older_stays_older() {
        let mut zone = two();
        zone.elapse();
        assert!(zone.require(2, 0, 600), "the older at most 600");
        assert_eq!(zone.bound(1, 0), 600, "so the younger is at most 600, too");
        assert!(!zone.require(0, 1, -601), "and cannot be more");
    }

    #[test]
    fn positions_grow_by_one_and_keep_their_order() {
        let mut zone = Zone::now().project(&[Some(0)]);
        zone.advance();
        let mut zone = zone.project(&[Some(1), Some(0)]);
        zone.keep_order();
        assert_eq!((zone.bound(2, 1), zone.bound(1, 2)), (-1, FREE), "the first lies before the second");
    }

    #[test]
    fn widening_covers() {
        let mut zone = two();
        zone.elapse();
        assert!(zone.require(0, 1, -5000));
        let tight = zone.clone();
        zone.widen(100);
        assert!(zone.covers(&tight) && !tight.covers(&zone));
        assert_eq!(zone.bound(0, 1), -101);
    }
}
