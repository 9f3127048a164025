//! Errors: a status, and what the last one of a thread was.
//!
//! In: what a function does. Out: its status. Invariants: a panic ends here; the words of an error stay until the thread's next one.
//! Source: `runtime/bindings/c/README.md` ("Errors").

use std::any::Any;
use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use leverframe_host::HostError;

/// How a function came out. Whatever is not `LF_OK` has given out nothing.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum lf_status {
    /// It did what it says.
    LF_OK = 0,
    /// An argument is none: a null pointer, text that is not UTF-8, a number without meaning. `lf_error_code` is `invalid_argument`.
    LF_INVALID = 1,
    /// It was refused; `lf_error_code` says by what.
    LF_REFUSED = 2,
    /// It broke off: a defect of this library. `lf_error_code` is `panic`. The sessions that it was at deny from now on.
    LF_PANIC = 3,
}

/// Why a function did not do what it says.
#[derive(Debug)]
pub(crate) enum Problem {
    Null(&'static str),
    Text(&'static str),
    Number(&'static str),
    Length,
    Host(HostError),
}

impl From<HostError> for Problem {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

impl Problem {
    fn told(&self) -> (lf_status, &'static str, String) {
        let invalid = |words: String| (lf_status::LF_INVALID, "invalid_argument", words);
        match self {
            Self::Null(what) => invalid(format!("{what} must not be null")),
            Self::Text(what) => invalid(format!("{what} is not UTF-8")),
            Self::Number(what) => invalid(format!("{what} is a number without meaning")),
            Self::Length => invalid("a length is beyond memory, or a pointer is not aligned".to_owned()),
            Self::Host(error) => (lf_status::LF_REFUSED, error.code(), error.to_string()),
        }
    }
}

thread_local! {
    static LAST: RefCell<(CString, CString)> = RefCell::default();
}

fn remember(code: &str, words: &str) {
    let text = |text: &str| CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default();
    let _ = LAST.try_with(|last| last.try_borrow_mut().map(|mut last| *last = (text(code), text(words))));
}

/// Does something, and says how it came out.
pub(crate) fn guarded(act: impl FnOnce() -> Result<(), Problem>) -> lf_status {
    // What a panic may have left half done is behind locks, which it poisons: such states deny.
    match catch_unwind(AssertUnwindSafe(act)) {
        Ok(Ok(())) => lf_status::LF_OK,
        Ok(Err(problem)) => {
            let (status, code, words) = problem.told();
            remember(code, &words);
            status
        }
        Err(payload) => {
            remember("panic", &words_of(&*payload));
            // Dropping it could panic again.
            std::mem::forget(payload);
            lf_status::LF_PANIC
        }
    }
}

/// Answers something that cannot be an error; where it breaks off, `otherwise`.
pub(crate) fn answered<T>(otherwise: T, act: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|payload| {
        std::mem::forget(payload);
        otherwise
    })
}

fn words_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it broke off".to_owned())
}

/// The code of this thread's last error: `LFxxxx`, or a word; empty if there was none. It stays until the thread's next error.
#[unsafe(no_mangle)]
pub extern "C" fn lf_error_code() -> *const c_char {
    LAST.try_with(|last| last.try_borrow().map_or(c"".as_ptr(), |last| last.0.as_ptr())).unwrap_or(c"".as_ptr())
}

/// The words of this thread's last error, in UTF-8; empty if there was none. They stay until the thread's next error.
#[unsafe(no_mangle)]
pub extern "C" fn lf_error_message() -> *const c_char {
    LAST.try_with(|last| last.try_borrow().map_or(c"".as_ptr(), |last| last.1.as_ptr())).unwrap_or(c"".as_ptr())
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::{answered, guarded, lf_error_code, lf_error_message, lf_status};

    #[test]
    fn a_panic_ends_at_the_border() {
        assert_eq!(guarded(|| panic!("broken {}", 1)), lf_status::LF_PANIC);
        // SAFETY: what these functions give is text of this thread that lives until its next error.
        let (code, words) = unsafe { (CStr::from_ptr(lf_error_code()), CStr::from_ptr(lf_error_message())) };
        assert_eq!((code, words), (c"panic", c"broken 1"));
        assert!(!answered(false, || panic!("broken")));
    }
}
