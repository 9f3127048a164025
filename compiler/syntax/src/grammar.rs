//! The parser that pest makes of `lang-spec/grammar.pest`.
//!
//! In: text and the rule to read it by. Out: pest's pairs, which only `build` looks at.
//! Left out: everything the grammar does not say; the file is normative and this module adds nothing to it.

#![allow(missing_docs, reason = "pest derives one variant a rule; grammar.pest documents them")]

#[derive(pest_derive::Parser)]
#[grammar = "../../lang-spec/grammar.pest"]
pub(crate) struct Grammar;
