//! An open session.
//!
//! In: calls, results, host events. Out: decisions, what of results may be given on. Invariants: a session that was closed denies; the number behind it is
//! closed when nobody holds it any more, and its history stays.
//! Source: contracts section 5.

use std::sync::Arc;

use leverframe_host::{Came, Host, SessionId};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::call::{Beside, Call};
use crate::decision::{Decision, Recorded};
use crate::error::raised;
use crate::values;

/// What stands behind a session: the number that its host gave out.
pub(crate) struct Opened {
    pub(crate) host: Arc<Host>,
    pub(crate) id: SessionId,
    name: String,
}

impl Drop for Opened {
    fn drop(&mut self) {
        // That it was closed before is no mistake.
        let _ = self.host.close(self.id);
    }
}

/// A session, under the names that it was opened with.
#[pyclass(frozen, module = "leverframe")]
pub(crate) struct Session {
    pub(crate) opened: Arc<Opened>,
}

impl Session {
    pub(crate) fn new(host: Arc<Host>, id: SessionId, name: String) -> Self {
        Self { opened: Arc::new(Opened { host, id, name }) }
    }
}

#[pymethods]
impl Session {
    /// The session's name.
    #[getter]
    fn name(&self) -> &str {
        &self.opened.name
    }

    /// Decides a call.
    #[pyo3(signature = (tool, args, *, context = None, at = None, approved = None, id = None, line = None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn decide(
        &self,
        tool: String,
        args: &Bound<'_, PyAny>,
        context: Option<&Bound<'_, PyAny>>,
        at: Option<&Bound<'_, PyAny>>,
        approved: Option<bool>,
        id: Option<String>,
        line: Option<u64>,
    ) -> PyResult<Decision> {
        let call = Call::of(&self.opened, tool, args, Beside { context, at, approved, id, line })?;
        let opened = &self.opened;
        let decided = args.py().detach(|| opened.host.decide(opened.id, &call.request()));
        Ok(Decision::new(opened.clone(), decided))
    }

    /// Records what came of a call of this session, and says what of it may be given on. Where this raises, nothing may be.
    #[pyo3(signature = (decision, *, ok = true, content = None, structured = None, labels = Vec::new(), at = None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn record(
        &self,
        py: Python<'_>,
        decision: &Decision,
        ok: bool,
        content: Option<&Bound<'_, PyAny>>,
        structured: Option<&Bound<'_, PyAny>>,
        labels: Vec<String>,
        at: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Recorded> {
        let theirs = decision.session();
        if !Arc::ptr_eq(&theirs.host, &self.opened.host) || theirs.name != self.opened.name {
            return Err(PyValueError::new_err("the decision is of another session"));
        }
        let content = content.map(values::content).transpose()?;
        let structured = structured.map(|value| values::object(value, "structured")).transpose()?;
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let at = values::millis(at)?;
        let came = Came { ok, content: content.as_deref(), structured: structured.as_deref(), labels: &labels, at };
        py.detach(|| decision.record(&came)).map(Recorded::new).map_err(|error| raised(py, &error))
    }

    /// Reports a host event.
    #[pyo3(signature = (event, args = None, *, at = None))]
    fn report(&self, py: Python<'_>, event: &str, args: Option<&Bound<'_, PyAny>>, at: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let args = args.map(|value| values::object(value, "args")).transpose()?;
        let at = values::millis(at)?;
        let opened = &self.opened;
        py.detach(|| opened.host.report(opened.id, event, args.as_deref(), at)).map_err(|error| raised(py, &error))
    }

    /// The histories of this session and of the keys that it was opened with, as bytes; calls that await their results are not among them.
    #[pyo3(signature = (*, at = None))]
    fn save<'py>(&self, py: Python<'py>, at: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyBytes>> {
        let at = values::millis(at)?;
        let opened = &self.opened;
        let saved = py.detach(|| opened.host.save(opened.id, at)).map_err(|error| raised(py, &error))?;
        Ok(PyBytes::new(py, &saved))
    }

    /// Closes this way to the session: it denies from now on. The history stays, under the session's name.
    fn close(&self) {
        let _ = self.opened.host.close(self.opened.id);
    }

    fn __repr__(&self) -> String {
        format!("<leverframe.Session {:?}>", self.opened.name)
    }
}
