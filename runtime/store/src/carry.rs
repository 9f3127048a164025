//! Carrying a session's states from one store to another, as bytes: from one run of a batch to the next, or between machines.
//!
//! In: a handle; saved states. Out: saved states; the rules whose past they do not hold. Invariants: states are put only where there is no history, or the same
//! one; each of the handle's names has a saved state of its own, so none begins anew by being forgotten; all are put or none.
//! Left out: who else still decides with the states that were saved: that is the caller's to see to.
//! Source: contracts section 5 ("a `states` value is versioned, serialisable").

use leverframe_runtime::{Policy, RecordError, State, States};

use crate::change::{all, all_mut};
use crate::error::{ChangeError, Unavailable};
use crate::sessions::Sessions;
use crate::slot::Handle;

impl Sessions {
    /// The states of a handle, as bytes.
    ///
    /// # Errors
    /// [`Unavailable`] where they cannot be had.
    pub fn save(&self, handle: &Handle, at: i64) -> Result<Vec<Vec<u8>>, Unavailable> {
        let saved =
            self.change(handle, at, |policy, states| all(states).map(|state| policy.save_state(state)).collect::<Result<Vec<_>, _>>())?;
        saved.map_err(|error| Unavailable::Damaged(error.to_string()))
    }

    /// Puts saved states where there are none yet, and says which rules' past they do not hold (those deny, see [`Sessions::start_afresh`]).
    ///
    /// # Errors
    /// [`ChangeError::Refused`] where they are of other names, or there is another history; [`ChangeError::Unavailable`] where they cannot be read or had.
    pub fn restore(&self, handle: &Handle, saved: &[Vec<u8>], at: i64) -> Result<Vec<String>, ChangeError> {
        let load = |bytes: &Vec<u8>| self.policy.load_state(bytes);
        let loaded: Vec<_> = saved.iter().map(load).collect::<Result<_, _>>().map_err(|error| Unavailable::Damaged(error.to_string()))?;
        let found: Vec<State> = loaded.iter().map(|loaded| loaded.state.clone()).collect();
        self.change(handle, at, |policy, states| put_all(policy, states, &found))?.map_err(ChangeError::Refused)?;
        Ok(loaded.into_iter().flat_map(|loaded| loaded.stale).collect())
    }
}

fn put_all(policy: &Policy, states: &mut States, found: &[State]) -> Result<(), RecordError> {
    let of = |state: &State| found.iter().find(|one| one.key() == state.key() && one.identity() == state.identity());
    let vacant = |state: &State| of(state).is_some_and(|one| state == one || *state == policy.state_of(state.key(), state.identity()));
    if all(states).count() != found.len() || !all(states).all(vacant) {
        return Err(RecordError::OtherStates);
    }
    for state in all_mut(states) {
        if let Some(one) = of(state).cloned() {
            *state = one;
        }
    }
    Ok(())
}
