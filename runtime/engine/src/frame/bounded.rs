//! Reading terms to a bounded depth: a term is the only part of a frame that nests by itself, and a decoder that follows it needs a stack for each level.
//!
//! In: a term as serde hands it over. Out: a [`Term`]. Invariants: nothing deeper than [`limits::TERM_DEPTH`] is ever built, so neither reading, dropping,
//! copying nor writing what was read can use up the stack; the form is the one that `Serialize` writes.
//! Source: `lang-spec/frame-format.md`, [frame.policy].

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, SeqAccess, VariantAccess, Visitor};

use super::program::{ArithOp, Function, Term};
use crate::limits;

/// The variants, in the order of their declaration.
const VARIANTS: &[&str] = &["Arg", "Element", "Context", "Result", "At", "Scalar", "Apply", "Arith"];

#[derive(Deserialize)]
#[serde(variant_identifier)]
enum Variant {
    Arg,
    Element,
    Context,
    Result,
    At,
    Scalar,
    Apply,
    Arith,
}

/// A term of which so many levels may follow.
#[derive(Clone, Copy)]
struct Levels(usize);

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Levels(limits::TERM_DEPTH).deserialize(deserializer)
    }
}

impl<'de> DeserializeSeed<'de> for Levels {
    type Value = Term;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Term, D::Error> {
        let below = self.0.checked_sub(1).ok_or_else(|| D::Error::custom("a term nests too deep"))?;
        deserializer.deserialize_enum("Term", VARIANTS, Below(Self(below)))
    }
}

/// Takes a variant; the terms in it may have so many levels.
struct Below(Levels);

impl<'de> Visitor<'de> for Below {
    type Value = Term;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a term")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Term, A::Error> {
        let (variant, content) = data.variant::<Variant>()?;
        match variant {
            Variant::Arg => content.newtype_variant().map(Term::Arg),
            Variant::Context => content.newtype_variant().map(Term::Context),
            Variant::Result => content.newtype_variant().map(Term::Result),
            Variant::Scalar => content.newtype_variant().map(Term::Scalar),
            Variant::At => content.unit_variant().map(|()| Term::At),
            Variant::Element => content.tuple_variant(2, Parts(Whole::Element, self.0)),
            Variant::Apply => content.tuple_variant(2, Parts(Whole::Apply, self.0)),
            Variant::Arith => content.tuple_variant(3, Parts(Whole::Arith, self.0)),
        }
    }
}

/// What parts make up.
#[derive(Clone, Copy)]
enum Whole {
    Element,
    Apply,
    Arith,
}

/// Takes the parts of a term that has several; the terms among them may have so many levels.
struct Parts(Whole, Levels);

impl<'de> Visitor<'de> for Parts {
    type Value = Term;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the parts of a term")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Term, A::Error> {
        let Self(whole, levels) = self;
        Ok(match whole {
            Whole::Element => Term::Element(next(&mut parts, PhantomData::<u8>)?, next(&mut parts, PhantomData::<Vec<u16>>)?),
            Whole::Apply => Term::Apply(next(&mut parts, PhantomData::<Function>)?, Box::new(next(&mut parts, levels)?)),
            Whole::Arith => {
                let operation = next(&mut parts, PhantomData::<ArithOp>)?;
                let left = Box::new(next(&mut parts, levels)?);
                Term::Arith(operation, left, Box::new(next(&mut parts, levels)?))
            }
        })
    }
}

fn next<'de, A: SeqAccess<'de>, S: DeserializeSeed<'de>>(parts: &mut A, seed: S) -> Result<S::Value, A::Error> {
    parts.next_element_seed(seed)?.ok_or_else(|| A::Error::custom("a term breaks off"))
}
