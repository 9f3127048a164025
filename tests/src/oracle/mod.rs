//! Outside oracles for the compiler's automata: MONA, which decides monadic second-order logic over strings, and regex-automata's dense DFAs.
//!
//! In: rules. Out: the table of each, compared with an automaton that the compiler had no part in.
//!
//! Conventions, which hold for both oracles:
//! - A letter is a *site* (a tool with call, succeeded or failed result; a host event) and a truth vector of *bits*, one for each test that the rule
//!   makes: approved, persona, label, guard, window, position of a result's call. Every vector is a letter, whether it can happen or not. A guard is two
//!   bits, since one that cannot be evaluated matches in a step and not in an `unless` or a prerequisite ([seq.event]).
//! - A history is a word whose first letter is a mark, at which no site is, and whose other letters have one site each (one-hot). So the empty history is
//!   the word of the mark alone, and the beginning that `start` speaks of is a position like any other. What is not of that shape is in no language;
//!   MONA's states that only such words reach are not counted, and neither are its state 0, which reads no letter, and the state before the mark.
//! - Two automata of a rule. [`Accepts::Last`](mona::Accepts::Last): words at whose last letter the rule judges. A state of the table with the judgement of
//!   the letter before is a state there, and as the table is minimal, so is that automaton. [`Accepts::Ever`](mona::Accepts::Ever): words at one of
//!   whose letters the rule judges; a judgement leads to a sink. That is the complete automaton whose states are known from elsewhere.
//! - Where a rule has registers, states may differ in what they do to those and in no judgement: then the table is mapped onto MONA's automaton.
//!
//! Left out: what registers hold (their tests are free bits), which the differential test looks at.
//! Source: verification sections 1 and 4; `lang-spec/core-form.md`, [core.formula]; Klarlund and Møller, "MONA Version 1.4 User Manual" (2001).

pub mod alphabet;
pub mod mona;
pub mod mona_protocol;
pub mod mona_text;
pub mod regex;
pub mod regex_protocol;
pub mod rules;
pub mod table;
pub mod walk;
