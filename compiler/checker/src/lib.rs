//! Proofs about policies: no conflict, no gap, and what a policy means over whole sessions.
//!
//! In: a policy that compiled. Out: [`Report`]: findings, each refutation with a session that the runtime has replayed, and what every claim came to.
//! Invariants: nothing is `proved` that rests on an answer which was not given; a witness that does not replay is never printed; no answer of a solver
//! enters a frame. Left out: drawing and JSON, which the command line does. Source: verification section 3.

mod assertion;
pub mod cache;
mod capacity;
pub mod certify;
pub mod check;
pub mod difference;
mod flow;
mod limits;
mod permission;
pub mod question;
pub mod report;
mod rules;
mod session;
mod trap;
mod unusable;
pub mod witness;

pub use cache::{Cache, CacheError};
pub use check::{Options, check, check_again};
pub use difference::{Difference, difference};
pub use question::{Query, QueryId};
pub use report::{Basis, Claim, Finding, Proof, Report, Shown, Stated, Verdict, WitnessStep};
