//! Who is stopped, whatever the policy says.
//!
//! In: the operator's word. Out: whether a caller is stopped. Invariants: what is stopped stays so over a restart; a file that cannot be read is no reason to let
//! anybody go on; stopping works in this process even where it cannot be kept.
//! Source: `runtime/gateway/README.md` ("Stopping").

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use crate::identity::Identity;

/// Whom a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// All who act as a persona.
    Persona,
    /// All who act on somebody's behalf.
    Principal,
    /// An agent.
    Agent,
}

impl Kind {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Persona => "persona",
            Self::Principal => "principal",
            Self::Agent => "agent",
        }
    }
}

/// Why something was not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("who is stopped cannot be kept: {0}")]
pub struct StopsFault(pub String);

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Names {
    persona: BTreeSet<String>,
    principal: BTreeSet<String>,
    agent: BTreeSet<String>,
}

impl Names {
    fn of(&mut self, kind: Kind) -> &mut BTreeSet<String> {
        match kind {
            Kind::Persona => &mut self.persona,
            Kind::Principal => &mut self.principal,
            Kind::Agent => &mut self.agent,
        }
    }
}

/// Who is stopped.
#[derive(Debug)]
pub struct Stops {
    path: PathBuf,
    names: RwLock<Names>,
}

impl Stops {
    /// Those of a file; one that is not there has none.
    ///
    /// # Errors
    /// [`StopsFault`]: it cannot be read.
    pub fn open(path: &Path) -> Result<Self, StopsFault> {
        let fault = |error: String| StopsFault(format!("{}: {error}", path.display()));
        let names = match std::fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| fault(error.to_string()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Names::default(),
            Err(error) => return Err(fault(error.to_string())),
        };
        Ok(Self { path: path.to_owned(), names: RwLock::new(names) })
    }

    /// Why a caller is stopped; none: it is not.
    #[must_use]
    pub fn who(&self, who: &Identity) -> Option<String> {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        let stopped = |kind: Kind, name: &str| format!("the {} `{name}` is stopped by the operator", kind.word());
        if names.persona.contains(&who.persona) {
            return Some(stopped(Kind::Persona, &who.persona));
        }
        if names.agent.contains(&who.agent) {
            return Some(stopped(Kind::Agent, &who.agent));
        }
        let principal = who.principal.as_ref().filter(|principal| names.principal.contains(*principal))?;
        Some(stopped(Kind::Principal, principal))
    }

    /// Stops somebody, or lets them go on.
    ///
    /// # Errors
    /// [`StopsFault`]: it is not kept; then whoever was stopped or is to be stopped is stopped in this process.
    pub fn set(&self, kind: Kind, name: &str, stopped: bool) -> Result<(), StopsFault> {
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = names.clone();
        if stopped {
            names.of(kind).insert(name.to_owned());
            next.of(kind).insert(name.to_owned());
        } else {
            next.of(kind).remove(name);
        }
        self.keep(&next)?;
        *names = next;
        Ok(())
    }

    /// Who is stopped, as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        serde_json::to_string(&*names).unwrap_or_default()
    }

    /// Written beside and moved over, so that a file is whole or the one before.
    fn keep(&self, names: &Names) -> Result<(), StopsFault> {
        let fault = |error: String| StopsFault(format!("{}: {error}", self.path.display()));
        let text = serde_json::to_vec_pretty(names).map_err(|error| fault(error.to_string()))?;
        let beside = self.path.with_extension("new");
        let written = std::fs::File::create(&beside).and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()));
        written.and_then(|()| std::fs::rename(&beside, &self.path)).map_err(|error| fault(error.to_string()))
    }
}
