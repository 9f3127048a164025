//! The executable semantics of Leverframe.
//!
//! In: a policy's text; recorded sessions. Out: the policy's core text ([`core_text`]), and decisions ([`decide`], [`run`]). It is written to be read and to be
//! compared with, and shares no code with the compiler and the engine but the grammar: it elaborates on its own, keeps whole histories as lists, and evaluates
//! sequences as sets of pairs over the whole list every time. Beside it stands a second evaluator, by bits and registers ([`step`]), which the verifier of frames uses.
//! Invariants: no input makes it panic; what it does not know it refuses. Left out: proofs, certificates, speed.
//! Source: `lang-spec/grammar.pest`, `core-form.md`, `catalogs.md`, `domain-types.md`, `traces.md`; each module names its clauses of the language by section.
//!
//! ```
//! use std::collections::BTreeMap;
//! use leverframe_reference::{core_text, decide, elaborate_from, read_records};
//!
//! let policy = "language 1\ntool t.a()\npersona p { allow t.a\n otherwise deny }\nforbid once { t.a then t.a }";
//! let files = BTreeMap::from([("p.lever".to_owned(), policy.to_owned())]);
//! let policy = elaborate_from(&files, "p.lever").unwrap();
//! assert!(core_text(&policy).starts_with("(core 1)\n"));
//! let call = r#"{"session":"s","persona":"p","tool":"t.a","args":{}}"#;
//! let decisions = decide(&policy, &read_records(&format!("{call}\n{call}")).unwrap()).unwrap();
//! assert_eq!(decisions[1].rule.as_deref(), Some("once"));
//! ```

mod catalog;
mod decimal;
mod domain;
mod elaborate;
mod formula;
mod grammar;
mod json;
mod judge;
pub mod limits;
mod literal;
pub mod policy;
mod print;
mod reads;
mod refusal;
pub mod step;
pub mod types;

pub use elaborate::{Disk, Files, elaborate, elaborate_from};
pub use formula::patterns;
pub use judge::{
    Alone, Before, CallRecord, Check, Code, Content, Decision, Evaluator, EventRecord, Judge, Keys, Outcome, Record, RecordError, Recorded,
    ResultRecord, Stop, Values, constant, decide, labels_in, languages, pattern, read_records, run,
};
pub use policy::Policy;
pub use print::{core_text, memory_text};
pub use refusal::Refusal;
