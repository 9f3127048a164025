//! Sessions: whether an admitted one can come to something.
//!
//! In: a policy and questions about its letters. Out: sessions, or that there are none. Left out: what is made of that, which findings say.
//! Source: verification section 3.

mod claim;
mod concrete;
mod hunt;
mod letter;
mod machine;
mod permit;
mod run;
mod search;
mod step;
mod zone;
