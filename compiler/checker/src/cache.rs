//! What was found out before, by the content that it depends on.
//!
//! In: digests of everything that an answer depends on. Out: that answer, where it is known. Invariants: an answer that may come out otherwise another
//! time (the solver had too little time) is not kept; what is read back was kept by the same program, or nothing is. Left out: where a cache is kept, and who
//! may write there: whoever can may make a check say anything. Source: architecture, section on speed; the manual of SHA-256.

mod digest;
mod table;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::question::Answer;
use crate::report::WitnessStep;
use crate::session::hunt::{Hunted, Trapped};

pub(crate) use digest::Digest;
use table::Table;

/// Answers of earlier checks, and of this one.
#[derive(Debug, Default)]
pub struct Cache {
    /// Questions about one letter.
    pub(crate) answers: Table<Answer>,
    /// Hunts for sessions.
    pub(crate) hunts: Table<Hunted>,
    /// The rules for which hunts came to nothing, by what these rules say: in a policy that has them too such a hunt comes to nothing as well.
    pub(crate) refusals: Table<Vec<Digest>>,
    /// Hunts for traps.
    pub(crate) traps: Table<Option<Trapped>>,
    /// Sessions that showed something which other policies may have as well. They count only once the runtime has decided them again.
    pub(crate) sessions: Table<Vec<WitnessStep>>,
}

/// The form in which a cache is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    maker: String,
    answers: Table<Answer>,
    hunts: Table<Hunted>,
    refusals: Table<Vec<Digest>>,
    traps: Table<Option<Trapped>>,
    sessions: Table<Vec<WitnessStep>>,
}

/// Why what was kept is of no use.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// It is no cache, or not whole.
    #[error("it is no cache, or damaged")]
    Damaged,
    /// It is not written as a cache is.
    #[error("it is no cache: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Another program made it.
    #[error("another program made it")]
    OtherMaker,
}

impl Cache {
    /// What `maker` kept, as [`Cache::kept`] wrote it.
    ///
    /// # Errors
    /// [`CacheError`], where these bytes are something else.
    pub fn read(bytes: &[u8], maker: &str) -> Result<Self, CacheError> {
        let (head, body) = bytes.split_at_checked(SUM_BYTES).ok_or(CacheError::Damaged)?;
        if head != sum(body).as_bytes() {
            return Err(CacheError::Damaged);
        }
        let Kept { maker: by, answers, hunts, refusals, traps, sessions } = serde_json::from_slice(body)?;
        if by != maker {
            return Err(CacheError::OtherMaker);
        }
        Ok(Self { answers, hunts, refusals, traps, sessions })
    }

    /// What is worth to be kept: what was needed in this run or one of the last few. `maker` names the program, to the bit: another one asks otherwise.
    ///
    /// # Errors
    /// None that is known of.
    pub fn kept(self, maker: &str) -> Result<Vec<u8>, CacheError> {
        let Self { answers, hunts, refusals, traps, sessions } = self;
        let kept = Kept {
            maker: maker.to_owned(),
            answers: answers.aged(),
            hunts: hunts.aged(),
            refusals: refusals.aged(),
            traps: traps.aged(),
            sessions: sessions.aged(),
        };
        let body = serde_json::to_vec(&kept)?;
        Ok([sum(&body).into_bytes(), body].concat())
    }
}

/// How long a sum is: 64 hexadecimal digits and the end of the line.
const SUM_BYTES: usize = 65;

/// The SHA-256 of what follows it.
fn sum(body: &[u8]) -> String {
    let digits: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    digits + "\n"
}
