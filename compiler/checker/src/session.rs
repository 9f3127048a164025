//! Sessions: whether an admitted one can come to something.
//!
//! In: a policy and questions about its letters. Out: sessions, or that there are none. Left out: what is made of that, which findings say.
//! Source: verification section 3.

mod again;
pub(crate) mod alike;
pub(crate) mod claim;
pub(crate) mod concrete;
pub(crate) mod constants;
mod content;
pub(crate) mod ground;
pub(crate) mod hunt;
pub(crate) mod letter;
pub(crate) mod machine;
pub(crate) mod moving;
pub(crate) mod permit;
pub(crate) mod run;
pub(crate) mod search;
pub(crate) mod step;
pub(crate) mod trapped;
pub(crate) mod values;
pub(crate) mod zone;
