//! What a certificate may claim of what the checker found out: that a statement, a rule or an assertion does nothing, in no call or no session.
//!
//! In: nothing. Out: [`Finding`]: plain data; it names the code, whose statement it is and its name, so that a reader finds what it says in the policy itself.
//! Left out: findings that a session shows, which need no claim. Source: verification section 3; `lang-spec/certificate.md`, [cert.findings].

use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::model::PersonaId;

/// A statement about all calls, or all sessions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Finding {
    /// LF0303: no call meets its condition.
    NeverMet(Statement),
    /// LF0304: something else decides all its calls.
    Shadowed(Statement, Shadow),
    /// LF0305: every call meets its condition.
    AlwaysMet(Statement),
    /// LF0306: `everyone` denies all that it permits.
    Overridden(Statement),
    /// LF0307: of some tool only the persona's `otherwise` speaks.
    OtherwiseAlone(PersonaId),
    /// LF0401: the rule of this name judges no call that permissions admit.
    NeverTriggers(String),
    /// LF0402: no call that it answers is admitted.
    NeverUsed(Statement),
    /// LF0403: in no session of the persona the prerequisite comes to count.
    NeverCounts {
        /// Whose sessions.
        persona: PersonaId,
        /// The name of the requirement.
        rule: String,
        /// Which of its prerequisites, from 0.
        prerequisite: u16,
    },
    /// LF0404: whatever the rule of this name refuses, another rule refuses.
    Implied(String),
    /// LF0409: the window or count of the rule of this name is never met.
    NeverFull(String),
    /// LF0411: the `forbid` of this name says `then[next]`.
    Evaded(String),
    /// LF0502: no admitted session comes to what the assertion of this name says can be.
    Impossible(String),
    /// LF0504: no admitted session comes to the last step of the assertion of this name.
    Vacuous(String),
}

/// A statement of permissions, by its full name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Statement {
    /// Whose it is; that of `everyone`, where there is none.
    pub persona: Option<PersonaId>,
    /// Its name.
    pub name: String,
}

/// What decides all calls of a shadowed statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Shadow {
    /// The arms before it.
    Arms,
    /// What `everyone` denies; of a statement of `everyone`, what that says before it.
    Everyone,
    /// Other rules of the persona that say the same.
    Others,
}

impl Finding {
    /// Its code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NeverMet(_) => "LF0303",
            Self::Shadowed(..) => "LF0304",
            Self::AlwaysMet(_) => "LF0305",
            Self::Overridden(_) => "LF0306",
            Self::OtherwiseAlone(_) => "LF0307",
            Self::NeverTriggers(_) => "LF0401",
            Self::NeverUsed(_) => "LF0402",
            Self::NeverCounts { .. } => "LF0403",
            Self::Implied(_) => "LF0404",
            Self::NeverFull(_) => "LF0409",
            Self::Evaded(_) => "LF0411",
            Self::Impossible(_) => "LF0502",
            Self::Vacuous(_) => "LF0504",
        }
    }
}
