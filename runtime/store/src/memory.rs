//! Nothing beside this process's memory: what it knows ends with it.
//!
//! In: nothing. Out: nothing. Invariants: what is not in memory any more is gone, and is never taken for a state without history.
//! Source: `runtime/store/README.md`.

use crate::backend::{Backend, Change, Committed, Found, NOTHING};
use crate::error::{OpenError, Unavailable};
use crate::keys::{KeyName, Kinds};

#[derive(Debug)]
pub(crate) struct Memory;

impl Backend for Memory {
    fn keeps(&self) -> bool {
        false
    }

    fn is_shared(&self) -> bool {
        false
    }

    /// All of them: keeping one costs no more than its memory, so that its clock is kept, too.
    fn kinds(&self, _: Kinds) -> Kinds {
        Kinds::ALL
    }

    /// What is not in memory is nowhere; it is not nothing.
    fn load(&self, _: &[KeyName]) -> Result<Vec<Found>, Unavailable> {
        Err(Unavailable::Damaged("a state is gone".to_owned()))
    }

    fn commit(&self, _: &[Change]) -> Result<Committed, Unavailable> {
        Ok(Committed::Done(NOTHING))
    }

    fn expire(&self, _: KeyName, _: i64) -> Result<(), Unavailable> {
        Ok(())
    }

    fn forget(&self, _: KeyName) -> Result<(), Unavailable> {
        Ok(())
    }

    fn admit(&self, _: &[Option<KeyName>; 4]) -> Result<(), Unavailable> {
        Ok(())
    }

    fn adopt(&self, _: Kinds) -> Result<(), OpenError> {
        Ok(())
    }
}
