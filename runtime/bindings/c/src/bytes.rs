//! Bytes that belong to somebody else.
//!
//! In: a pointer and a length. Out: a slice, text, or nothing. Invariants: a null pointer with a length, and a length beyond what memory can hold, are refused.
//! Source: `runtime/bindings/c/README.md`.

use crate::error::Problem;

/// Bytes or UTF-8 text, not ended by a zero. `data` null and `len` 0: absent, which is not the same as empty.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lf_bytes {
    /// The first byte.
    pub data: *const u8,
    /// How many there are.
    pub len: usize,
}

impl lf_bytes {
    /// What is absent.
    pub(crate) const ABSENT: Self = Self { data: std::ptr::null(), len: 0 };

    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self { data: bytes.as_ptr(), len: bytes.len() }
    }

    pub(crate) fn maybe_of(bytes: Option<&[u8]>) -> Self {
        bytes.map_or(Self::ABSENT, Self::of)
    }

    /// The bytes; none where they are absent.
    ///
    /// # Safety
    /// `data` is null or leads to `len` bytes that nobody changes while the result lives.
    pub(crate) unsafe fn get<'a>(self) -> Result<Option<&'a [u8]>, Problem> {
        match (self.data.is_null(), self.len) {
            (true, 0) => Ok(None),
            (true, _) => Err(Problem::Null("bytes with a length")),
            (false, len) if isize::try_from(len).is_err() => Err(Problem::Length),
            // SAFETY: not null, of a length that fits; the rest is the caller's promise.
            (false, len) => Ok(Some(unsafe { std::slice::from_raw_parts(self.data, len) })),
        }
    }

    /// The same as text.
    ///
    /// # Safety
    /// As for [`Self::get`].
    pub(crate) unsafe fn text<'a>(self, what: &'static str) -> Result<Option<&'a str>, Problem> {
        // SAFETY: the caller's promise.
        let bytes = unsafe { self.get() }?;
        bytes.map(|bytes| std::str::from_utf8(bytes).map_err(|_| Problem::Text(what))).transpose()
    }

    /// Text that must be there.
    ///
    /// # Safety
    /// As for [`Self::get`].
    pub(crate) unsafe fn needed<'a>(self, what: &'static str) -> Result<&'a str, Problem> {
        // SAFETY: the caller's promise.
        unsafe { self.text(what) }?.ok_or(Problem::Null(what))
    }
}

/// An array that belongs to somebody else; empty where it is null and has no length.
///
/// # Safety
/// `first` is null or leads to `len` valid values that nobody changes while the result lives.
pub(crate) unsafe fn array<'a, T>(first: *const T, len: usize, what: &'static str) -> Result<&'a [T], Problem> {
    let fits = len.checked_mul(size_of::<T>()).is_some_and(|bytes| isize::try_from(bytes).is_ok());
    match (first.is_null(), len) {
        (true, 0) => Ok(&[]),
        (true, _) => Err(Problem::Null(what)),
        (false, _) if !fits || !first.is_aligned() => Err(Problem::Length),
        // SAFETY: not null, aligned, of a length that fits; the rest is the caller's promise.
        (false, _) => Ok(unsafe { std::slice::from_raw_parts(first, len) }),
    }
}

/// What a pointer leads to.
///
/// # Safety
/// `place` is null or leads to a valid value that nobody changes while the result lives.
pub(crate) unsafe fn at<'a, T>(place: *const T, what: &'static str) -> Result<&'a T, Problem> {
    if !place.is_aligned() {
        return Err(Problem::Length);
    }
    // SAFETY: aligned; the rest is the caller's promise.
    unsafe { place.as_ref() }.ok_or(Problem::Null(what))
}

/// Writes where a pointer leads.
///
/// # Safety
/// `place` is null or may be written to.
pub(crate) unsafe fn put<T>(place: *mut T, value: T, what: &'static str) -> Result<(), Problem> {
    if place.is_null() {
        return Err(Problem::Null(what));
    }
    if !place.is_aligned() {
        return Err(Problem::Length);
    }
    // SAFETY: not null and aligned; the rest is the caller's promise. What was there is not read, so it need not be valid.
    unsafe { place.write(value) };
    Ok(())
}
