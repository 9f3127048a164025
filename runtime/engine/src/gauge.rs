//! The templates of limits: what an account remembers, when it is over, what counting does to it.
//!
//! In: an account's registers and a letter, never earlier than the one before it (`state::Times`). Out: whether the limit judges a call; the account after.
//! Invariants: what is counted is never less than what there was; constant time but for the entries that a limit on different values keeps.
//! Source: `lang-spec/limits.md`.
//! Proof: `Templates.v`, `counter_exact`; `Templates.v`, `ring_exact`; `Templates.v`, `sum_exact`; `Distinct.v`, `distinct_exact`.

use crate::frame::{Gauge, Measure};
use crate::identity::Identity;
use crate::limits::SUM_BUCKETS;
use crate::state::UNSET;

/// What a letter brings to an account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured<'a> {
    pub(crate) identities: &'a [Identity],
    pub(crate) lacks: bool,
    pub(crate) amount: i64,
}

/// What all events that lack the value count as.
const LACKING: Identity = 0;
/// The buckets that reach back into a window, beside the one at hand.
const WINDOW_BUCKETS: i64 = 64;

/// Registers of an account.
pub(crate) fn words(gauge: &Gauge) -> usize {
    match (gauge.measure, gauge.window_ms) {
        (Measure::Count { .. } | Measure::Sum { .. }, None) => 1,
        (Measure::Count { most }, Some(_)) => 1 + most as usize,
        (Measure::Sum { .. }, Some(_)) => 1 + SUM_BUCKETS,
        // One more than is let through, so that what is over stays over until the window has closed.
        (Measure::Distinct { most }, window) => 1 + (most as usize + 1) * entry(window),
    }
}

fn entry(window_ms: Option<u64>) -> usize {
    if window_ms.is_some() { 3 } else { 2 }
}

/// Whether the limit judges a call that brings `own`.
pub(crate) fn is_over(gauge: &Gauge, account: &[i64], at: i64, own: &Measured<'_>) -> bool {
    match gauge.measure {
        Measure::Count { most } => match gauge.window_ms {
            None => head(account) >= i64::from(most),
            // The head of a ring is its oldest slot: if that one still lies in (t − D, t], all of them do.
            Some(window) => account.get(1 + place(head(account))).is_some_and(|oldest| open(*oldest, at, window)),
        },
        Measure::Sum { most } => i128::from(summed(gauge, account, at)) + i128::from(own.amount) > i128::from(most),
        Measure::Distinct { most } => own.lacks || distinct(gauge, account, at, own.identities) > most as usize,
    }
}

/// Takes a letter into an account.
pub(crate) fn count(gauge: &Gauge, account: &mut [i64], at: i64, own: &Measured<'_>) {
    match (gauge.measure, gauge.window_ms) {
        (Measure::Count { .. }, None) => set(account, 0, head(account).saturating_add(1)),
        (Measure::Count { most }, Some(_)) => {
            let head = head(account);
            set(account, 1 + place(head), at);
            set(account, 0, (head + 1) % i64::from(most.max(1)));
        }
        (Measure::Sum { .. }, None) => set(account, 0, head(account).saturating_add(own.amount)),
        (Measure::Sum { .. }, Some(window)) => add(account, bucket(at, window), own.amount),
        (Measure::Distinct { most }, window) => {
            let most = most as usize + 1;
            // More different values at one instant than are kept say no more than that the limit is over.
            let own = own.lacks.then_some(LACKING).into_iter().chain(own.identities.iter().copied()).take(most);
            own.for_each(|value| note(account, most, window, at, value));
        }
    }
}

/// Whether an account remembers nothing at `at`.
pub(crate) fn is_empty(gauge: &Gauge, account: &[i64], at: i64) -> bool {
    match (gauge.measure, gauge.window_ms) {
        (Measure::Count { .. } | Measure::Distinct { .. }, None) => head(account) == 0,
        (Measure::Sum { .. }, _) => summed(gauge, account, at) == 0,
        (Measure::Count { most }, Some(window)) => !open(newest(account, most), at, window),
        (Measure::Distinct { .. }, Some(window)) => {
            !kept(account, Some(window)).last().is_some_and(|entry| open(word(entry, 2), at, window))
        }
    }
}

/// The latest time in a ring.
fn newest(account: &[i64], most: u32) -> i64 {
    let size = i64::from(most.max(1));
    account.get(1 + place((head(account) + size - 1) % size)).copied().unwrap_or(UNSET)
}

/// Whether registers are an account's.
pub(crate) fn valid(gauge: &Gauge, account: &[i64]) -> bool {
    match (gauge.measure, gauge.window_ms) {
        (Measure::Count { most }, Some(_)) => (0..i64::from(most.max(1))).contains(&head(account)),
        (Measure::Distinct { most }, _) => (0..=i64::from(most) + 1).contains(&head(account)),
        (Measure::Count { .. } | Measure::Sum { .. }, _) => true,
    }
}

/// Whether a time, not after t, lies in (t − D, t].
fn open(time: i64, at: i64, window_ms: u64) -> bool {
    time != UNSET && at.saturating_sub(time) < i64::try_from(window_ms).unwrap_or(i64::MAX)
}

fn bucket(at: i64, window_ms: u64) -> i64 {
    let length = i64::try_from(window_ms.div_ceil(64)).unwrap_or(i64::MAX).max(1);
    at.div_euclid(length)
}

fn summed(gauge: &Gauge, account: &[i64], at: i64) -> i64 {
    match gauge.window_ms {
        None => head(account),
        Some(window) => buckets(account, bucket(at, window)).fold(0, |sum, (_, amount)| sum.saturating_add(amount)),
    }
}

/// The buckets that count when the one at hand is `now`.
fn buckets(account: &[i64], now: i64) -> impl Iterator<Item = (i64, i64)> {
    // No letter is earlier than the one before it; a state that says otherwise is read once around its ring, which overcounts.
    let newest = account.first().copied().filter(|newest| *newest != UNSET).map(|newest| newest.min(now.saturating_add(WINDOW_BUCKETS)));
    let numbers = newest.into_iter().flat_map(move |newest| now.saturating_sub(WINDOW_BUCKETS)..=newest);
    numbers.filter_map(|number| account.get(slot(number)).map(|sum| (number, (*sum).max(0)))).filter(|(_, sum)| *sum > 0)
}

fn slot(number: i64) -> usize {
    1 + place(number.rem_euclid(WINDOW_BUCKETS + 1))
}

fn add(account: &mut [i64], number: i64, amount: i64) {
    let newest = account.first().copied().unwrap_or(UNSET);
    if newest == UNSET || number.saturating_sub(newest) > WINDOW_BUCKETS {
        account.iter_mut().skip(1).for_each(|sum| *sum = 0);
    } else if number > newest {
        // Between the two lie at most so many buckets; a state whose newest one is the last there is has nothing after it.
        (newest + 1..=number).for_each(|passed| set(account, slot(passed), 0));
    }
    set(account, 0, number);
    let sum = account.get(slot(number)).copied().unwrap_or(0).max(0).saturating_add(amount);
    set(account, slot(number), sum);
}

fn kept(account: &[i64], window_ms: Option<u64>) -> impl Iterator<Item = &[i64]> {
    account.get(1..).unwrap_or(&[]).chunks_exact(entry(window_ms)).take(place(head(account)))
}

fn distinct(gauge: &Gauge, account: &[i64], at: i64, own: &[Identity]) -> usize {
    let counts = |entry: &&[i64]| gauge.window_ms.is_none_or(|window| open(word(entry, 2), at, window));
    let counted = kept(account, gauge.window_ms).filter(counts).count();
    let Measure::Distinct { most } = gauge.measure else { return counted };
    let fresh = own.iter().take(most as usize + 1).filter(|value| {
        let known = |entry: &[i64]| joined(entry) == **value;
        !kept(account, gauge.window_ms).filter(counts).any(known)
    });
    counted + fresh.count()
}

/// Notes a value as the latest. Where there is no place, the one that was seen longest ago goes: `most` newer ones remain, so that the limit is over.
fn note(account: &mut [i64], most: usize, window_ms: Option<u64>, at: i64, value: Identity) {
    let (size, used) = (entry(window_ms), place(head(account)).min(most));
    let known = kept(account, window_ms).position(|entry| joined(entry) == value);
    if window_ms.is_none() {
        if known.is_none() && used < most {
            write(account, 1 + used * size, value);
            set(account, 0, i64::try_from(used + 1).unwrap_or(i64::MAX));
        }
        return;
    }
    let gone = known.or((used >= most).then_some(0));
    let mut used = used;
    if let Some(gone) = gone
        && let Some(entries) = account.get_mut(1 + gone * size..1 + used * size)
    {
        entries.rotate_left(size);
        used -= 1;
    }
    write(account, 1 + used * size, value);
    set(account, 1 + used * size + 2, at);
    set(account, 0, i64::try_from(used + 1).unwrap_or(i64::MAX));
}

/// A value in two registers.
pub(crate) fn write(words: &mut [i64], at: usize, value: Identity) {
    let [high, low] = split(value);
    set(words, at, high);
    set(words, at + 1, low);
}

pub(crate) fn split(value: Identity) -> [i64; 2] {
    let low = value & u128::from(u64::MAX);
    [value >> 64, low].map(|half| u64::try_from(half).unwrap_or_default().cast_signed())
}

/// The value in the first two registers.
pub(crate) fn joined(words: &[i64]) -> Identity {
    (u128::from(word(words, 0).cast_unsigned()) << 64) | u128::from(word(words, 1).cast_unsigned())
}

/// The first register, as a number that is not negative.
fn head(account: &[i64]) -> i64 {
    word(account, 0).max(0)
}

fn place(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

fn word(words: &[i64], at: usize) -> i64 {
    words.get(at).copied().unwrap_or(UNSET)
}

fn set(words: &mut [i64], at: usize, value: i64) {
    if let Some(word) = words.get_mut(at) {
        *word = value;
    }
}
