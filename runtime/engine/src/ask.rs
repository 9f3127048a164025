//! Asking the rules over histories about a call: which judge it, and what each will remember of it.
//!
//! In: a call whose values are read, the states of its keys. Out: hits and steps in the scratch. Invariants: asking changes no history; a rule whose past is
//! not at hand judges nothing here, since calls that it speaks of are denied before; a step stands for every rule that the call may change.
//! Source: language sections 5 and 9.

use crate::decision::{Approval, Call, Hit, Scratch, Source, Step};
use crate::evaluate::Truth;
use crate::flat::Flat;
use crate::found::{Bindings, Found, Places};
use crate::frame::{Action, Key, LetterKind, Rule, Scope, Target, Tool, ToolId, Verdict};
use crate::history::{Letter, Seen, Word, walk};
use crate::layout::{ToolReach, Touch};
use crate::policy::Policy;
use crate::prepared::values;
use crate::state::{Standing, State, States};

/// What one rule says of a call, and the step that it will take; none where the call leaves it as it is.
struct Said {
    word: Word,
    step: Option<Step>,
}

/// What all hits come to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) verdict: Option<Verdict>,
    /// The first that has this verdict.
    pub(crate) first: Option<Source>,
    /// Whether one that has this verdict is a rule's that could not keep all values apart.
    pub(crate) overflowed: bool,
    /// Whether a permission has spoken.
    pub(crate) answered: bool,
}

impl Tally {
    #[inline(always)]
    fn of(hits: &[Hit]) -> Self {
        let mut tally = Self::default();
        for hit in hits {
            tally.answered |= matches!(hit.source, Source::Answer(_));
            if tally.verdict < Some(hit.verdict) {
                (tally.verdict, tally.first, tally.overflowed) = (Some(hit.verdict), Some(hit.source), hit.overflowed);
            } else if tally.verdict == Some(hit.verdict) {
                tally.overflowed |= hit.overflowed;
            }
        }
        tally
    }
}

impl Policy {
    /// Whether a rule speaks of the call whose past a state does not hold. One that only observes keeps nobody from anything.
    pub(crate) fn needs_stale(&self, states: &States, call: &Call<'_>) -> bool {
        let unknown = |touch: &Touch| states.get(touch.key).is_some_and(|state| state.is_stale(touch.rule));
        self.call_touches(call.tool)
            .iter()
            .filter(|touch| touch.named && unknown(touch))
            .any(|touch| self.rule(touch.rule).is_none_or(|(rule, _)| rule.action != Action::Observe && in_scope(rule, call)))
    }

    pub(crate) fn call_touches(&self, tool: ToolId) -> &[Touch] {
        self.reaches.tools.get(tool.index()).map_or(&[], |reach| reach.call.touches.as_slice())
    }

    /// Asks the rules over histories. A call counts as approved only if it is asked, which is known only when all others have spoken.
    #[inline(always)]
    pub(crate) fn ask_rules(
        &self,
        states: &States,
        standing: Standing,
        call: &Call<'_>,
        (tool, reach): (&Tool, &ToolReach),
        scratch: &mut Scratch,
    ) -> (Tally, bool) {
        let permissions = scratch.hits.len();
        if !reach.call.wants.is_empty() {
            self.collect(call, (tool, reach), scratch);
        }
        self.ask_all(states, standing, (call, false), reach, scratch);
        let Scratch { refusals, hits, .. } = &mut *scratch;
        if !refusals.is_empty() {
            hits.extend(refusals.iter().map(|scan| Hit { verdict: Verdict::Deny, source: Source::Scan(*scan), overflowed: false }));
        }
        let tally = Tally::of(&scratch.hits);
        if tally.verdict != Some(Verdict::Ask) || call.approval != Approval::Given {
            return (tally, false);
        }
        scratch.hits.truncate(permissions);
        (self.ask_again(states, standing, call, reach, scratch), true)
    }

    /// Asks the rules over histories about a call that is approved.
    #[inline(never)]
    fn ask_again(&self, states: &States, standing: Standing, call: &Call<'_>, reach: &ToolReach, scratch: &mut Scratch) -> Tally {
        scratch.observed.clear();
        scratch.steps.clear();
        scratch.found.unbind();
        scratch.ends_session = false;
        self.ask_all(states, standing, (call, true), reach, scratch);
        Tally::of(&scratch.hits)
    }

    /// Finds the values that rules take from the call.
    #[inline(never)]
    fn collect(&self, call: &Call<'_>, (tool, reach): (&Tool, &ToolReach), scratch: &mut Scratch) {
        let args = scratch.reading.map(|reading| (values(call, reading.prepared, &scratch.args), reading.root));
        let places = Places { frame: &self.frame, tool: Some(tool), args, result: None };
        scratch.found.collect(&self.identities, &tool.values, &reach.call.wants, places);
    }

    #[inline(always)]
    fn ask_all(&self, states: &States, standing: Standing, call: (&Call<'_>, bool), reach: &ToolReach, scratch: &mut Scratch) {
        let mut home = (Key::Session, states.session.as_ref());
        for (index, glance) in reach.call.glances.iter().enumerate() {
            if glance.key != home.0 {
                home = (glance.key, states.get(glance.key));
            }
            let Some(state) = home.1 else { continue };
            if standing.stale || !glance.is_quiet(state) {
                self.ask_one((index, reach), state, call, scratch);
            }
        }
    }

    #[inline(never)]
    fn ask_one(&self, (index, reach): (usize, &ToolReach), state: &State, (call, approved): (&Call<'_>, bool), scratch: &mut Scratch) {
        let Some(touch) = reach.call.touches.get(index) else { return };
        if state.is_stale(touch.rule) {
            let speaks = touch.named && self.rule(touch.rule).is_some_and(|(rule, _)| in_scope(rule, call));
            scratch.observed.extend(speaks.then_some(touch.rule));
            return;
        }
        let Said { word, step } = match touch.flat.filter(|_| touch.plain) {
            Some(flat) => self.ask_flat(flat, (index, touch), state, (call, approved), scratch),
            None => self.ask_table((index, touch), state, (call, approved), scratch),
        };
        scratch.steps.extend(step);
        if word != Word::Silent {
            self.take_word(touch, word, call, scratch);
        }
    }

    /// Asks a rule without variables whose body is a table.
    fn ask_flat(
        &self,
        flat: Flat,
        (index, touch): (usize, &Touch),
        state: &State,
        (call, approved): (&Call<'_>, bool),
        scratch: &Scratch,
    ) -> Said {
        let class = match touch.root {
            Target::Class(class) => class,
            Target::Node(_) => {
                let Some((rule, place)) = self.rule(touch.rule) else { return Said { word: Word::Judged, step: None } };
                let letter = call_letter(call, approved, &scratch.guards, times(state, call, touch));
                let seen = Seen { touch, letter: &letter, bound: scratch.found.bound(None), found: &scratch.found };
                walk(&rule.alphabet, touch.root, &seen, place.registers_of(state), Bindings::NONE)
            }
        };
        let cell = self.cells.get(flat, class, state);
        Said { word: Word::of(cell.judges), step: cell.moves.then_some(Step { touch: index, class, bound: None }) }
    }

    /// Asks a rule with variables, or a limit.
    fn ask_table(
        &self,
        (index, touch): (usize, &Touch),
        state: &State,
        (call, approved): (&Call<'_>, bool),
        scratch: &mut Scratch,
    ) -> Said {
        let Scratch { guards, found, .. } = scratch;
        let letter = call_letter(call, approved, guards, times(state, call, touch));
        let bound = self.bind(touch, found);
        let seen = Seen { touch, letter: &letter, bound: found.bound(bound), found };
        let (class, word) = self.judge_call(&seen, state);
        Said { word, step: Some(Step { touch: index, class, bound }) }
    }

    /// Keeps what a rule says, if it speaks of the caller.
    fn take_word(&self, touch: &Touch, word: Word, call: &Call<'_>, scratch: &mut Scratch) {
        let Some((rule, _)) = self.rule(touch.rule).filter(|(rule, _)| in_scope(rule, call)) else { return };
        match verdict_of(&rule.action, word) {
            None => scratch.observed.push(touch.rule),
            Some(verdict) => {
                scratch.hits.push(Hit { verdict, source: Source::Rule(touch.rule), overflowed: word == Word::Overflowed });
            }
        }
        scratch.ends_session |= rule.action == Action::EndSession;
    }

    /// Finds what a rule's site binds of a letter.
    pub(crate) fn bind(&self, touch: &Touch, found: &mut Found) -> Option<usize> {
        if touch.plain {
            return None;
        }
        let (rule, _) = self.rule(touch.rule)?;
        let site = rule.alphabet.sites.get(touch.site)?;
        Some(found.bind(&self.identities, site))
    }
}

/// When the call counts for a rule, and its place in the history that the rule reads.
pub(crate) fn times(state: &State, call: &Call<'_>, touch: &Touch) -> (i64, i64) {
    (state.times(call.at).of(touch.hears_attempts), state.position.saturating_add(1))
}

/// The letter of a call, with its time and its place.
pub(crate) fn call_letter<'a>(call: &Call<'_>, approved: bool, guards: &'a [Truth], (at, position): (i64, i64)) -> Letter<'a> {
    let (kind, persona) = (LetterKind::Call, Some(call.persona));
    Letter { kind, persona, approved, labels: 0, guards, at, position, call_position: position, call_at: at }
}

/// The verdict of a rule that judges a call; none for one that only records it. A rule that cannot keep its values apart knows of no call what it
/// would have asked about.
fn verdict_of(action: &Action, word: Word) -> Option<Verdict> {
    match action {
        Action::Observe => None,
        _ if word == Word::Overflowed => Some(Verdict::Deny),
        Action::Ask(_) => Some(Verdict::Ask),
        Action::Deny | Action::EndSession => Some(Verdict::Deny),
    }
}

fn in_scope(rule: &Rule, call: &Call<'_>) -> bool {
    match &rule.scope {
        Scope::All => true,
        Scope::Personas(personas) => personas.binary_search(&call.persona).is_ok(),
    }
}
