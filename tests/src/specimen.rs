//! What attacks need of a frame beside it: its policy section's bytes, and a certificate that has a part of every kind.
//!
//! In: a frame and its core text. Out: bytes; a [`Certificate`]. The certificate names frame and core truly and fits the frame in size; what it claims is invented.
//! Source: `lang-spec/frame-format.md`, [frame.container].

use leverframe_runtime::frame::{
    self, About, Body, Case, Certificate, Claim, Finding, Frame, Lemma, LemmaRule, LetterKind, Origin, PersonaId, Proof, Rule, Shadow,
    SourceState, Statement, Tree, Witness,
};
use sha2::{Digest, Sha256};

/// Where the sections of a frame with one section begin.
const FIRST: usize = 48 + 24;

/// The policy section of a frame.
///
/// # Panics
/// Where the frame cannot be written.
#[must_use]
pub fn section(frame: &Frame) -> Vec<u8> {
    frame::write(frame, None).expect("a frame can be written").split_off(FIRST)
}

/// A certificate with a part of every kind.
///
/// # Panics
/// Where the frame cannot be written.
#[must_use]
pub fn certificate(frame: &Frame, core: &str) -> Certificate {
    let persona = |index: usize| PersonaId(u32::try_from(index).unwrap_or(u32::MAX));
    let personas = 0..frame.personas.len();
    let mut claims: Vec<Claim> = personas.clone().map(|index| claim(About::NoConflict(persona(index)), cases())).collect();
    claims.extend(personas.map(|index| claim(About::NoGap(persona(index)), Proof::Trusted)));
    claims.push(claim(About::Assertion("holds".to_owned()), Proof::Trusted));
    claims.extend(
        findings()
            .into_iter()
            .zip([cases(), Proof::Trusted, Proof::Unreachable(vec![0, 1])].into_iter().cycle())
            .map(|(finding, proof)| claim(About::Finding(finding), proof)),
    );
    Certificate {
        policy: frame::digest(frame).expect("a frame can be written"),
        core: Sha256::digest(core.as_bytes()).into(),
        rules: frame.rules.iter().map(origin).collect(),
        claims,
    }
}

fn findings() -> Vec<Finding> {
    let statement = |persona| Statement { persona, name: "p.allow#1".to_owned() };
    let (p, name) = (PersonaId(0), || "f".to_owned());
    vec![
        Finding::NeverMet(statement(Some(p))),
        Finding::Shadowed(statement(None), Shadow::Everyone),
        Finding::Shadowed(statement(Some(p)), Shadow::Arms),
        Finding::Shadowed(statement(Some(p)), Shadow::Others),
        Finding::NeverUsed(statement(Some(p))),
        Finding::OtherwiseAlone(p),
        Finding::Implied(name()),
        Finding::NeverCounts { persona: p, rule: name(), prerequisite: 0 },
    ]
}

fn claim(about: About, proof: Proof) -> Claim {
    Claim { about, proof }
}

fn origin(rule: &Rule) -> Origin {
    let Body::Automaton(automaton) = &rule.body else { return Origin::Template };
    let registers = (0..automaton.registers.len()).filter_map(|index| u8::try_from(index).ok()).collect();
    let states = (0..automaton.states).map(|state| SourceState { bits: state.to_le_bytes().to_vec(), state }).collect();
    Origin::Table { registers, states, witnesses: vec![witness(LetterKind::Call, CALL), witness(LetterKind::Event, EVENT)] }
}

/// Lines of no policy in particular.
const CALL: &str = r#"{"session":"w","persona":"p","tool":"t.a","args":{},"result":{"ok":true,"labels":["l"]}}"#;
const EVENT: &str = r#"{"session":"w","event":"e","args":{}}"#;

fn witness(kind: LetterKind, line: &str) -> Witness {
    let persona = (kind == LetterKind::Event).then_some(PersonaId(0));
    Witness {
        class: u16::from(kind == LetterKind::Event),
        kind,
        line: line.to_owned(),
        persona,
        labels: 1,
        ages: vec![(0, 1)],
        passed: vec![1],
        value: Some((0, 0)),
    }
}

fn cases() -> Proof {
    let rules = [
        LemmaRule::Interval,
        LemmaRule::Equality,
        LemmaRule::Enumeration,
        LemmaRule::Literal,
        LemmaRule::Regular,
        LemmaRule::Farkas(vec![vec![1, -1], vec![i64::MAX, 0]]),
        LemmaRule::Substitution,
        LemmaRule::Networks,
    ];
    let mut nodes: Vec<Case> = rules.into_iter().map(|rule| Case::Contradiction(Lemma { tests: vec![0, 1], rule })).collect();
    nodes.extend([Case::False, Case::Trusted, Case::Split { test: 1, yes: 8, no: 9 }, Case::Split { test: 0, yes: 0, no: 10 }]);
    Proof::Cases(vec![Tree { nodes }, Tree { nodes: vec![Case::False] }])
}
