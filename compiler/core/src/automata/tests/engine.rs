//! Whole frames in the runtime: what it observes is what the definitions say.

use leverframe_runtime::frame::{self, EventId};
use leverframe_runtime::{Approval, Call, LabelSet, LoadOptions, Outcome, Policy, RawJson, Scratch, States, ToolId};

use super::history::{Happened, holds};
use super::random::{Dice, Taste, random_formula, random_letter};
use super::*;

pub(crate) fn load(core: &Core) -> Policy {
    let frame = crate::automata::compile(core).unwrap();
    frame::validate(&frame).unwrap();
    Policy::load(&frame::write(&frame).unwrap(), &LoadOptions { accept_unproven: true, ..LoadOptions::default() }).unwrap()
}

struct Session<'p> {
    policy: &'p Policy,
    states: States,
    scratch: Scratch,
    tickets: Vec<Option<leverframe_runtime::Ticket>>,
}

impl<'p> Session<'p> {
    fn new(policy: &'p Policy) -> Self {
        let states = States { session: Some(policy.new_session("s")), ..States::default() };
        Self { policy, states, scratch: Scratch::default(), tickets: Vec::new() }
    }

    /// Takes a letter; the rules that would have judged it.
    fn take(&mut self, letter: &Happened) -> usize {
        let args = letter.n.map_or_else(|| "{}".to_owned(), |n| format!("{{\"n\":{n}}}"));
        let args = RawJson(args.as_bytes());
        self.tickets.push(None);
        match letter.kind {
            LetterKind::Call => {
                let persona = frame::PersonaId(letter.persona);
                let call = Call {
                    persona,
                    tool: ToolId(letter.subject),
                    args: &args,
                    context: &RawJson(b"{}"),
                    at: letter.at,
                    approval: Approval::None,
                    argument_labels: LabelSet::default(),
                };
                let decision = self.policy.decide(&mut self.states, &call, &mut self.scratch);
                assert!(decision.admitted, "{:?}", decision.code);
                *self.tickets.last_mut().unwrap() = Some(decision.ticket);
                return self.policy.observed(&self.scratch).count();
            }
            LetterKind::Event => {
                self.policy.report(&mut self.states, EventId(letter.subject), &args, letter.at, &mut self.scratch).unwrap();
            }
            _ => {
                let ticket = self.tickets[letter.call].take().unwrap();
                let outcome = Outcome {
                    ok: letter.kind == LetterKind::Ok,
                    content: true,
                    labels: LabelSet(letter.labels),
                    at: letter.at,
                    structured: None,
                };
                self.policy.record(&mut self.states, ticket, &outcome).unwrap();
            }
        }
        0
    }
}

/// Host events need a session, so each word begins with a call of its own.
#[test]
fn the_runtime_agrees_on_random_rules() {
    let taste = Taste { approved: false };
    let mut denied = 0;
    for seed in 10_000..10_400 {
        let mut dice = Dice::new(seed);
        let formula = random_formula(&mut dice, taste);
        let core = world(vec![rule(Body::Deny(formula.clone()))]);
        let policy = load(&core);
        for word in 0..12 {
            let mut session = Session::new(&policy);
            let mut history: Vec<Happened> = Vec::new();
            while history.len() < 9 {
                let letter = random_letter(&mut dice, taste, Some(word % 2), &history);
                if history.is_empty() && letter.kind != LetterKind::Call {
                    continue;
                }
                let observed = session.take(&letter);
                let is_call = letter.kind == LetterKind::Call;
                history.push(letter);
                let expected = is_call && holds(&formula, &history, history.len() - 1);
                assert_eq!(observed, usize::from(expected), "{formula:#?}\n{history:#?}");
                denied += observed;
            }
        }
    }
    assert!(denied > 2_000, "only {denied} calls are judged");
}

#[test]
fn limits_count_and_slide() {
    let limit = |count, window_ms| rule(super::limit(count, window_ms, tools(LetterKind::Call, &[A], equals(1))));
    let policy = load(&world(vec![limit(2, None), limit(2, Some(10)), limit(0, None)]));
    let mut session = Session::new(&policy);
    let letter = |at, n| Happened { kind: LetterKind::Call, subject: A, persona: 0, approved: false, labels: 0, n: Some(n), at, call: 0 };
    // By call: the limit per session, the sliding one, the one of none.
    let observed: Vec<usize> = [(0, 1), (1, 0), (4, 1), (9, 1), (13, 1), (19, 1)].map(|(at, n)| session.take(&letter(at, n))).to_vec();
    assert_eq!(observed, [1, 0, 1, 3, 3, 2], "a window is (t - D, t]");
}
