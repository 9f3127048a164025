//! Refused attempts: letters of calls that were not admitted.
//!
//! In: a denied call, or one that was asked and refused. Out: the states after it. Invariants: it moves neither the clock nor the position of a history, and
//! is no part of it but for rules that speak of attempts; what could not be read of it counts as failed or lacking.
//! Source: language section 5; `lang-spec/frame-format.md`.

use crate::decision::{Call, Scratch};
use crate::found::Places;
use crate::frame::{LetterKind, Tool};
use crate::history::{Letter, Seen};
use crate::layout::Reach;
use crate::policy::Policy;
use crate::prepared::values;
use crate::state::{KEYS, States};

impl Policy {
    /// Takes the attempt into every history whose state is given.
    #[inline(never)]
    pub(crate) fn attempt(&self, states: &mut States, call: &Call<'_>, scratch: &mut Scratch) {
        for key in KEYS {
            if let Some(state) = states.get_mut(key) {
                state.attempted(call.at);
            }
        }
        let reach = self.reaches.tools.get(call.tool.index()).map_or(&self.reaches.unknown, |reach| &reach.denied);
        if reach.touches.is_empty() {
            return;
        }
        self.read_attempt(states, call, reach, scratch);
        let Scratch { guards, found, work, .. } = scratch;
        for touch in &reach.touches {
            let Some((rule, _)) = self.rule(touch.rule) else { continue };
            let Some(state) = states.get_mut(rule.key).filter(|state| !state.is_stale(touch.rule)) else { continue };
            let (at, position) = (state.times(call.at).of(touch.hears_attempts), state.position);
            let (kind, persona) = (LetterKind::Denied, Some(call.persona));
            let letter = Letter { kind, persona, approved: false, labels: 0, guards, at, position, call_position: position, call_at: at };
            found.unbind();
            let bound = self.bind(touch, found);
            let seen = Seen { touch, letter: &letter, bound: found.bound(bound), found };
            self.step(&seen, None, state, work);
        }
    }

    fn read_guards(&self, states: &States, tool: &Tool, call: &Call<'_>, scratch: &mut Scratch) {
        let before = self.prepared(call);
        let Some(reading) = self.read(states, tool, call, before, scratch) else { return };
        let Scratch { args, context, pool, guards, .. } = scratch;
        let mut reader = self.reader(reading, before.map_or(&*args, |before| &before.values), context, pool);
        guards.extend(tool.guards.iter().map(|guard| reader.evaluate(*guard)));
    }

    /// Reads what can be read of the attempt, where the decision has not come so far.
    fn read_attempt(&self, states: &States, call: &Call<'_>, reach: &Reach, scratch: &mut Scratch) {
        let tool = self.frame.tools.get(call.tool.index());
        if let Some(tool) = tool.filter(|_| !scratch.tried) {
            self.read_guards(states, tool, call, scratch);
        }
        let args = scratch.reading.map(|reading| (values(call, reading.prepared, &scratch.args), reading.root));
        let sources = tool.map_or(&[][..], |tool| tool.values.as_slice());
        scratch.found.collect(&self.identities, sources, &reach.wants, Places { frame: &self.frame, tool, args, result: None });
    }
}
