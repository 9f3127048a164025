//! A loaded policy.
//!
//! In: the bytes of a frame, or where they lie. Out: [`Policy`]. Invariants: what is not said is the strict choice.
//! Source: contracts section 5.

use std::path::PathBuf;
use std::sync::Arc;

use leverframe_host::{HostError, LoadOptions, TrustedKey};
use leverframe_runtime::Key;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::raised;
use crate::values::now;

/// A compiled policy, ready to decide.
#[pyclass(frozen, module = "leverframe")]
pub(crate) struct Policy {
    pub(crate) loaded: Arc<leverframe_runtime::Policy>,
}

/// A key of which one must have signed the frame, with or without the time from which on it is trusted no more.
#[derive(FromPyObject)]
pub(crate) enum Signer {
    Until(([u8; 32], Option<i64>)),
    Always([u8; 32]),
}

impl From<Signer> for TrustedKey {
    fn from(key: Signer) -> Self {
        match key {
            Signer::Until((public, expires_ms)) => Self { public, expires_ms },
            Signer::Always(public) => Self { public, expires_ms: None },
        }
    }
}

#[pymethods]
impl Policy {
    /// Reads, checks and prepares a frame: its bytes, or the path of its file.
    #[staticmethod]
    #[pyo3(signature = (source, *, accept_unproven = false, require_certificate = false, keys = Vec::new(), value_key = None))]
    fn load(
        source: &Bound<'_, PyAny>,
        accept_unproven: bool,
        require_certificate: bool,
        keys: Vec<Signer>,
        value_key: Option<[u8; 32]>,
    ) -> PyResult<Self> {
        let py = source.py();
        let bytes = match source.cast::<PyBytes>() {
            Ok(bytes) => bytes.as_bytes().to_vec(),
            Err(_) => std::fs::read(source.extract::<PathBuf>()?)?,
        };
        let keys = keys.into_iter().map(TrustedKey::from).collect();
        let value_key = value_key.unwrap_or_default();
        let options = LoadOptions { accept_unproven, require_certificate, keys, now_ms: Some(now()), value_key };
        let loaded = py.detach(|| leverframe_runtime::Policy::load(&bytes, &options));
        let loaded = loaded.map_err(|error| raised(py, &HostError::Load(error)))?;
        Ok(Self { loaded: Arc::new(loaded) })
    }

    /// Whether the checker has not proved the policy.
    #[getter]
    fn unproven(&self) -> bool {
        self.loaded.unproven()
    }

    /// The digest of the frame without its certificate, as `sha256:…`.
    #[getter]
    fn digest(&self) -> String {
        leverframe_host::digest_text(self.loaded.digest())
    }

    /// The names of the tools.
    #[getter]
    fn tools(&self) -> Vec<String> {
        self.loaded.frame().tools.iter().map(|tool| tool.name.clone()).collect()
    }

    /// The names of the personas.
    #[getter]
    fn personas(&self) -> Vec<String> {
        self.loaded.frame().personas.iter().map(|persona| persona.name.clone()).collect()
    }

    /// The names of the labels.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.loaded.frame().labels.clone()
    }

    /// The names of the host events.
    #[getter]
    fn events(&self) -> Vec<String> {
        self.loaded.frame().events.iter().map(|event| event.name.clone()).collect()
    }

    /// The kinds of key whose histories its rules read, the session's first.
    #[getter]
    fn keys(&self) -> Vec<&'static str> {
        let all = [(Key::Session, "session"), (Key::Principal, "principal"), (Key::Agent, "agent"), (Key::Tenant, "tenant")];
        let read = |key: Key| key == Key::Session || self.loaded.frame().rules.iter().any(|rule| rule.key == key);
        all.into_iter().filter(|(key, _)| read(*key)).map(|(_, name)| name).collect()
    }

    fn __repr__(&self) -> String {
        format!("<leverframe.Policy {}>", self.digest())
    }
}
