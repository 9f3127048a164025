//! The sessions of a policy.
//!
//! In: names, calls. Out: sessions, decisions. Invariants: one history a name, however often it is opened.
//! Source: contracts section 5; `runtime/store/README.md`.

use std::sync::Arc;

use leverframe_host::{Host, Names, Options};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::call::Call;
use crate::decision::Decision;
use crate::error::raised;
use crate::policy::Policy;
use crate::session::Session;
use crate::values;

/// The sessions of a policy, in memory.
#[pyclass(frozen, module = "leverframe")]
pub(crate) struct Sessions {
    host: Arc<Host>,
    policy: Py<Policy>,
}

#[pymethods]
impl Sessions {
    #[new]
    #[pyo3(signature = (policy, *, idle_ms = Some(leverframe_store::limits::IDLE_MS), forget_ms = None, most_sessions = leverframe_store::limits::SESSIONS, most_keys = leverframe_store::limits::KEYS))]
    fn new(policy: Py<Policy>, idle_ms: Option<i64>, forget_ms: Option<i64>, most_sessions: usize, most_keys: usize) -> Self {
        let options = Options { idle_ms, forget_ms, sessions: most_sessions, keys: most_keys, ..Options::default() };
        let host = Arc::new(Host::of(policy.get().loaded.clone(), options));
        Self { host, policy }
    }

    /// The policy that decides.
    #[getter]
    fn policy(&self, py: Python<'_>) -> Py<Policy> {
        self.policy.clone_ref(py)
    }

    /// Opens a session under its names.
    #[pyo3(signature = (session, persona, *, principal = None, agent = None, tenant = None, at = None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn open(
        &self,
        py: Python<'_>,
        session: String,
        persona: &str,
        principal: Option<&str>,
        agent: Option<&str>,
        tenant: Option<&str>,
        at: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Session> {
        let at = values::millis(at)?;
        let names = Names { session: &session, persona, principal, agent, tenant };
        let id = py.detach(|| self.host.open(&names, at)).map_err(|error| raised(py, &error))?;
        Ok(Session::new(self.host.clone(), id, session))
    }

    /// Opens a session with what `Session.save` has written of it, and says which rules' past that does not hold: those deny what they speak of.
    #[pyo3(signature = (saved, session, persona, *, principal = None, agent = None, tenant = None, at = None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn restore(
        &self,
        py: Python<'_>,
        saved: &[u8],
        session: String,
        persona: &str,
        principal: Option<&str>,
        agent: Option<&str>,
        tenant: Option<&str>,
        at: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(Session, Vec<String>)> {
        let at = values::millis(at)?;
        let names = Names { session: &session, persona, principal, agent, tenant };
        let (id, stale) = py.detach(|| self.host.restore(&names, saved, at)).map_err(|error| raised(py, &error))?;
        Ok((Session::new(self.host.clone(), id, session), stale))
    }

    /// Decides calls one after the other, without the interpreter's lock. Results are recorded afterwards, so no call of these has heard of another's.
    fn decide_many(&self, py: Python<'_>, calls: Vec<Py<Call>>) -> PyResult<Vec<Decision>> {
        let calls: Vec<&Call> = calls.iter().map(Py::get).collect();
        if calls.iter().any(|call| !Arc::ptr_eq(&call.session.host, &self.host)) {
            return Err(PyValueError::new_err("a call is of a session of others"));
        }
        let decided = py.detach(|| self.host.decide_many(calls.iter().map(|call| (call.session.id, call.request()))));
        Ok(calls.iter().zip(decided).map(|(call, decided)| Decision::new(call.session.clone(), decided)).collect())
    }

    /// Lets sessions go that have expired: how many have, and how many names were forgotten.
    #[pyo3(signature = (*, at = None))]
    fn sweep(&self, py: Python<'_>, at: Option<&Bound<'_, PyAny>>) -> PyResult<(usize, usize)> {
        let at = values::millis(at)?;
        let swept = py.detach(|| self.host.sweep(at)).map_err(|error| raised(py, &error))?;
        Ok((swept.expired, swept.forgotten))
    }
}
