//! Errors as Python knows them: `leverframe.Error`, with a stable code.
//!
//! In: [`HostError`]. Out: [`PyErr`]. Invariants: an error is never an answer to a call.
//! Source: `runtime/bindings/python/README.md` ("Errors").

use leverframe_host::HostError;
use pyo3::prelude::*;

/// The exception of a host's error.
pub(crate) fn raised(py: Python<'_>, error: &HostError) -> PyErr {
    coded(py, error.code(), &error.to_string())
}

/// An exception with a stable code.
pub(crate) fn coded(py: Python<'_>, code: &str, words: &str) -> PyErr {
    let made = py.import("leverframe.errors").and_then(|module| module.getattr("Error")).and_then(|class| class.call1((code, words)));
    made.map_or_else(|error| error, PyErr::from_value)
}
