//! Decisions, and what of results may be given on.
//!
//! In: what the host decided. Out: [`Decision`], [`Recorded`]. Invariants: the ticket stays inside, and a result counts once; a decision is no truth value, so
//! that `if decision:` cannot be written by mistake.
//! Source: contracts section 2; `lang-spec/traces.md`, [trace.decision].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use leverframe_host::{Came, Decided, HostError};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::session::Opened;
use crate::values;

/// A decided call.
#[pyclass(frozen, module = "leverframe")]
pub(crate) struct Decision {
    session: Arc<Opened>,
    decided: Mutex<Decided>,
}

impl Decision {
    pub(crate) fn new(session: Arc<Opened>, decided: Decided) -> Self {
        Self { session, decided: Mutex::new(decided) }
    }

    pub(crate) fn session(&self) -> &Arc<Opened> {
        &self.session
    }

    pub(crate) fn record(&self, came: &Came<'_>) -> Result<leverframe_host::Recorded, HostError> {
        self.session.host.record(&mut self.decided(), came)
    }

    fn decided(&self) -> MutexGuard<'_, Decided> {
        // A decision whose recording broke off has lost its ticket, and says no more than it said before.
        self.decided.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Decision {
    /// `allow`, `ask` or `deny`.
    #[getter]
    fn verdict(&self) -> &'static str {
        self.decided().verdict_word()
    }

    /// Whether the call may go on: allowed, or asked and approved.
    #[getter]
    fn admitted(&self) -> bool {
        self.decided().admitted
    }

    /// Why: `rule`, or what kept the rules from being asked.
    #[getter]
    fn code(&self) -> &'static str {
        self.decided().code.as_str()
    }

    /// The deciding rule.
    #[getter]
    fn rule(&self) -> Option<String> {
        self.decided().rule.clone()
    }

    /// All rules that had the winning verdict.
    #[getter]
    fn rules(&self) -> Vec<String> {
        self.decided().rules.clone()
    }

    /// The `observe` rules that would have judged the call.
    #[getter]
    fn observed(&self) -> Vec<String> {
        self.decided().observed.clone()
    }

    /// The deciding rule's why.
    #[getter]
    fn message(&self) -> Option<String> {
        self.decided().message.clone()
    }

    /// Who is asked.
    #[getter]
    fn who(&self) -> Vec<String> {
        self.decided().who.clone()
    }

    /// The session's labels before the call.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.decided().labels.clone()
    }

    /// What the caller names the call by.
    #[getter]
    fn id(&self) -> Option<String> {
        self.decided().id.clone()
    }

    /// The session's name; empty where it was closed.
    #[getter]
    fn session_name(&self) -> String {
        self.decided().session.to_string()
    }

    /// The number of the call in its session, from 1.
    #[getter]
    fn step(&self) -> u64 {
        self.decided().step
    }

    /// The tool's name.
    #[getter]
    fn tool(&self) -> String {
        self.decided().tool.clone()
    }

    /// Its time in milliseconds.
    #[getter]
    fn at(&self) -> i64 {
        self.decided().at
    }

    /// The digest of the frame that decided.
    #[getter]
    fn frame(&self) -> String {
        self.decided().frame().to_owned()
    }

    /// The arguments to go on with, as JSON, where a scan has taken something out of them.
    #[getter]
    fn redacted<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.decided().redacted.as_deref().map(|bytes| PyBytes::new(py, bytes))
    }

    /// Why the session's states could not be had, for the operator.
    #[getter]
    fn unavailable(&self) -> Option<String> {
        self.decided().unavailable.clone()
    }

    /// The decision as one line of JSON, as `leverframe replay --format jsonl` writes it.
    fn to_json(&self) -> String {
        self.decided().to_json()
    }

    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err("a decision is neither true nor false: ask for `admitted` or `verdict`"))
    }

    fn __repr__(&self) -> String {
        let decided = self.decided();
        format!("<leverframe.Decision {} {:?} {}>", decided.verdict_word(), decided.tool, decided.code.as_str())
    }
}

/// What of a result may be given on; nothing else of it may.
#[pyclass(frozen, module = "leverframe")]
pub(crate) struct Recorded {
    recorded: leverframe_host::Recorded,
}

impl Recorded {
    pub(crate) fn new(recorded: leverframe_host::Recorded) -> Self {
        Self { recorded }
    }
}

#[pymethods]
impl Recorded {
    /// Whether nothing may be given on.
    #[getter]
    fn withheld(&self) -> bool {
        self.recorded.withheld
    }

    /// The content, without what scans took out.
    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.recorded.content.as_deref().map(|text| values::decode(py, text)).transpose()
    }

    /// The structured content, without what scans took out.
    #[getter]
    fn structured<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.recorded.structured.as_deref().map(|text| values::decode(py, text)).transpose()
    }

    /// The content as JSON.
    #[getter]
    fn content_json(&self) -> Option<String> {
        self.recorded.content.clone()
    }

    /// The structured content as JSON.
    #[getter]
    fn structured_json(&self) -> Option<String> {
        self.recorded.structured.clone()
    }

    /// The labels that it brought by its host and by scans.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.recorded.labels.clone()
    }
}
