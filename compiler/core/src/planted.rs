//! Faults that a test plants into the compiler, one at a time, to see that the verifier finds them. Without the feature `planted-faults` there are none.
//!
//! In: a fault, for as long as a closure runs on this thread. Out: whether it is planted. Left out: any other use.

/// A fault, by the stage that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Lowering: the last `unless` of a gap is forgotten.
    Lowering,
    /// Determinisation: a letter that differs from an earlier one only in its last condition is taken for it.
    Determinisation,
    /// Minimisation: states are told apart by where they lead, and not by what they judge.
    Minimisation,
    /// Emission: `<` is written as `<=`.
    Emission,
}

#[cfg(feature = "planted-faults")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Fault>> = const { std::cell::Cell::new(None) };
}

/// Whether the fault is planted on this thread.
#[cfg(feature = "planted-faults")]
pub(crate) fn planted(fault: Fault) -> bool {
    PLANTED.get() == Some(fault)
}

/// Nothing is planted.
#[cfg(not(feature = "planted-faults"))]
pub(crate) const fn planted(_: Fault) -> bool {
    false
}

/// Runs a closure with a fault planted.
#[cfg(feature = "planted-faults")]
pub fn with<T>(fault: Fault, run: impl FnOnce() -> T) -> T {
    PLANTED.set(Some(fault));
    let result = run();
    PLANTED.set(None);
    result
}
