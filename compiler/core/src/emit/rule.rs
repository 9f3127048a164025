//! Rules over histories, and the bytes of state that they take.
//!
//! In: rules of the core. Out: rules of the frame.
//! Source: `lang-spec/frame-format.md`, [frame.policy] and [frame.state].

use leverframe_runtime::frame;
use leverframe_runtime::{limits, state_bytes};

use super::Emitter;
use crate::automata::{self, Guards, Subject};
use crate::core::{Action, Key, Rule, Scope, print};
use sha2::{Digest, Sha256};

impl Emitter<'_> {
    /// The rule and where its states come from; none where it passes a bound, which is then among the problems.
    pub(super) fn rule(&mut self, guards: &Guards, rule: &Rule) -> Option<(frame::Rule, frame::Origin)> {
        let compiled = match automata::rule(self.core, guards, rule) {
            Ok(compiled) => compiled,
            Err(problem) => {
                self.problems.push(problem);
                return None;
            }
        };
        let origin = compiled.origin.as_ref().map_or(frame::Origin::Template, origin);
        let emitted = frame::Rule {
            name: rule.name.clone(),
            digest: digest(&print::memory(self.core, rule), &compiled.body),
            key: key(rule.key),
            scope: scope(&rule.scope),
            action: action(&rule.action),
            why: rule.why.clone(),
            alphabet: compiled.alphabet,
            body: compiled.body,
            slots: compiled.slots,
        };
        Some((emitted, origin))
    }

    pub(super) fn state_bytes(&mut self, rules: &[frame::Rule]) {
        for key in [frame::Key::Session, frame::Key::Principal, frame::Key::Agent, frame::Key::Tenant] {
            let bytes = rules.iter().filter(|rule| rule.key == key).fold(0_usize, |sum, rule| sum.saturating_add(state_bytes(rule)));
            self.check("LF0740", &Subject::Policy, what(key), limits::STATE_BYTES, bytes);
        }
    }
}

/// The source's states and registers, as a certificate has them. The table keeps the source's registers as they are.
fn origin(origin: &automata::Origin) -> frame::Origin {
    let registers = (0..).take(origin.explored.source.registers.len()).collect();
    let pack = |bits: &Vec<bool>| bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |all, bit| all << 1 | u8::from(*bit))).collect();
    let state = |(bits, state): (&Vec<bool>, &u16)| frame::SourceState { bits: pack(bits), state: *state };
    let states = origin.explored.states.iter().zip(&origin.state_of).map(state).collect();
    frame::Origin::Table { registers, states, witnesses: Vec::new() }
}

/// What tells a rule's memory from another's: 128 bits of SHA-256 over what it says and the states that its table has.
fn digest(text: &str, body: &frame::Body) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(text.as_bytes());
    if let frame::Body::Automaton(automaton) = body {
        let mut names = automaton.names.clone();
        names.sort_unstable();
        names.iter().for_each(|name| hash.update(name.to_le_bytes()));
    }
    let whole = hash.finalize();
    std::array::from_fn(|index| whole.get(index).copied().unwrap_or(0))
}

fn what(key: frame::Key) -> &'static str {
    match key {
        frame::Key::Session => "bytes of a session's state",
        frame::Key::Principal => "bytes of a principal's state",
        frame::Key::Agent => "bytes of an agent's state",
        frame::Key::Tenant => "bytes of a tenant's state",
    }
}

fn key(key: Key) -> frame::Key {
    match key {
        Key::Session => frame::Key::Session,
        Key::Principal => frame::Key::Principal,
        Key::Agent => frame::Key::Agent,
        Key::Tenant => frame::Key::Tenant,
    }
}

pub(super) fn scope(scope: &Scope) -> frame::Scope {
    match scope {
        Scope::All => frame::Scope::All,
        Scope::Personas(personas) => {
            let mut ids: Vec<frame::PersonaId> = personas.iter().map(|id| frame::PersonaId(id.0)).collect();
            ids.sort_unstable();
            ids.dedup();
            frame::Scope::Personas(ids)
        }
    }
}

fn action(action: &Action) -> frame::Action {
    match action {
        Action::Deny => frame::Action::Deny,
        Action::Ask(who) => frame::Action::Ask(who.clone()),
        Action::EndSession => frame::Action::EndSession,
        Action::Observe => frame::Action::Observe,
    }
}
