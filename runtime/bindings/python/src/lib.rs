//! Leverframe for Python: the native half of the package.
//!
//! In: Python values. Out: Python values. Invariants: arguments that cannot be read as JSON are decided as malformed, so denied; whatever else is wrong is an
//! exception; nothing that takes longer than a look holds the interpreter's lock.
//! Left out: the decorator for tool functions, which is Python (`python/leverframe/guard.py`); a test of this crate alone, since it is tested from Python.
//! Source: contracts section 5; `runtime/bindings/python/README.md`.

mod call;
mod decision;
mod error;
mod policy;
mod session;
mod sessions;
mod values;

use pyo3::prelude::*;

/// The module `leverframe._native`.
#[pymodule(gil_used = true)]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<policy::Policy>()?;
    module.add_class::<sessions::Sessions>()?;
    module.add_class::<session::Session>()?;
    module.add_class::<call::Call>()?;
    module.add_class::<decision::Decision>()?;
    module.add_class::<decision::Recorded>()?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))
}
