//! Python values on their way to the engine.
//!
//! In: Python objects. Out: raw JSON, milliseconds. Invariants: what a call's arguments cannot be written as becomes an empty text, which is no JSON and so
//! denied as malformed; everywhere else it is an exception.
//! Source: `runtime/bindings/python/README.md` ("Values").

use std::time::{SystemTime, UNIX_EPOCH};

use leverframe_host::Approval;
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyInt, PyString};

/// A call's arguments as raw JSON: bytes or text as they are, a dictionary as JSON.
///
/// # Errors
/// `TypeError` where they are neither.
pub(crate) fn arguments(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    match object(value, "args") {
        // What cannot be written is for the engine to deny, like everything else that is no JSON.
        Err(error) if is_readable(value) && error.is_instance_of::<PyException>(value.py()) => Ok(Vec::new()),
        read => read,
    }
}

/// An object as raw JSON.
///
/// # Errors
/// `TypeError` where it is neither bytes nor text nor a dictionary; what writing it raises.
pub(crate) fn object(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Vec<u8>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        Ok(bytes.as_bytes().to_vec())
    } else if let Ok(text) = value.cast::<PyString>() {
        Ok(text.to_str()?.as_bytes().to_vec())
    } else if value.cast::<PyDict>().is_ok() {
        encode(value)
    } else {
        Err(PyTypeError::new_err(format!("`{name}` must be bytes or text of JSON, or a dict")))
    }
}

fn is_readable(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyString>() || value.is_instance_of::<PyDict>()
}

/// A result's content as raw JSON: bytes as they are, text as text, anything else as JSON.
///
/// # Errors
/// What writing it raises.
pub(crate) fn content(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    match value.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.as_bytes().to_vec()),
        Err(_) => encode(value),
    }
}

fn encode(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    value.py().import("leverframe._values")?.getattr("encode")?.call1((value,))?.extract()
}

/// What a JSON text says.
///
/// # Errors
/// What reading it raises.
pub(crate) fn decode<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.getattr("loads")?.call1((text,))
}

/// A time in milliseconds since 1970; none: now.
///
/// # Errors
/// `TypeError` where it is neither an integer nor a datetime, `ValueError` where the datetime has no zone, `OverflowError` beyond 64 bits.
pub(crate) fn millis(at: Option<&Bound<'_, PyAny>>) -> PyResult<i64> {
    let Some(at) = at else { return Ok(now()) };
    if at.is_instance_of::<PyInt>() && !at.is_instance_of::<PyBool>() {
        return at.extract();
    }
    at.py().import("leverframe._values")?.getattr("millis")?.call1((at,))?.extract()
}

/// Now. A clock that cannot be told is the epoch, long before any other time, so that calls are denied (`clock`).
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_millis());
    since.ok().and_then(|millis| i64::try_from(millis).ok()).unwrap_or(0)
}

/// A human's answer.
pub(crate) fn approval(approved: Option<bool>) -> Approval {
    match approved {
        None => Approval::None,
        Some(true) => Approval::Given,
        Some(false) => Approval::Refused,
    }
}
