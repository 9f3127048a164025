//! A call to decide, held without Python values so that it can be decided without the interpreter.
//!
//! In: Python values. Out: [`Call`]. Invariants: none of its own.
//! Source: contracts section 5.

use std::sync::Arc;

use leverframe_host::{Approval, Request};
use pyo3::prelude::*;

use crate::session::{Opened, Session};
use crate::values;

/// A call of a session.
#[pyclass(frozen, module = "leverframe")]
pub(crate) struct Call {
    pub(crate) session: Arc<Opened>,
    tool: String,
    args: Vec<u8>,
    context: Option<Vec<u8>>,
    at: i64,
    approval: Approval,
    id: Option<String>,
    line: Option<u64>,
}

/// What may be said of a call beside its tool and arguments.
pub(crate) struct Beside<'a, 'py> {
    pub(crate) context: Option<&'a Bound<'py, PyAny>>,
    pub(crate) at: Option<&'a Bound<'py, PyAny>>,
    pub(crate) approved: Option<bool>,
    pub(crate) id: Option<String>,
    pub(crate) line: Option<u64>,
}

impl Call {
    pub(crate) fn of(session: &Arc<Opened>, tool: String, args: &Bound<'_, PyAny>, beside: Beside<'_, '_>) -> PyResult<Self> {
        Ok(Self {
            session: session.clone(),
            tool,
            args: values::arguments(args)?,
            context: beside.context.map(|context| values::object(context, "context")).transpose()?,
            at: values::millis(beside.at)?,
            approval: values::approval(beside.approved),
            id: beside.id,
            line: beside.line,
        })
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request {
            tool: &self.tool,
            args: &self.args,
            context: self.context.as_deref(),
            at: self.at,
            approval: self.approval,
            id: self.id.as_deref(),
            line: self.line,
        }
    }
}

#[pymethods]
impl Call {
    #[new]
    #[pyo3(signature = (session, tool, args, *, context = None, at = None, approved = None, id = None, line = None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python constructor")]
    fn new(
        session: &Session,
        tool: String,
        args: &Bound<'_, PyAny>,
        context: Option<&Bound<'_, PyAny>>,
        at: Option<&Bound<'_, PyAny>>,
        approved: Option<bool>,
        id: Option<String>,
        line: Option<u64>,
    ) -> PyResult<Self> {
        Self::of(&session.opened, tool, args, Beside { context, at, approved, id, line })
    }
}
