//! Whole frames in the runtime: what it observes is what the definitions say.

use leverframe_runtime::frame::{self, EventId};
use leverframe_runtime::{Approval, Call, LabelSet, LoadOptions, Outcome, Policy, RawJson, Scratch, States, ToolId};

use super::history::{Happened, holds};
use super::random::{Dice, Taste, random_formula, random_letter};
use super::sequence::{Sequence, formula, one, then};
use super::*;

pub(crate) fn load(core: &Core) -> Policy {
    let frame = crate::automata::compile(core).unwrap();
    frame::validate(&frame).unwrap();
    Policy::load(&frame::write(&frame, None).unwrap(), &LoadOptions { accept_unproven: true, ..LoadOptions::default() }).unwrap()
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

/// A rule alone, and the same rule beside others that ask the same tools more.
#[test]
fn a_state_outlives_other_rules() {
    let mut carried = 0;
    for seed in 20_000..20_300 {
        let mut dice = Dice::new(seed);
        let taste = Taste { approved: false };
        let formula = random_formula(&mut dice, taste);
        let alone = world(vec![rule(Body::Deny(formula.clone()))]);
        // Guards that stand before the rule's own change their numbers, and so the order of its classes.
        let mut beside = alone.clone();
        beside.tools.iter_mut().for_each(|tool| (tool.sends, tool.destroys) = (equals(1), equals(0)));
        let other = Rule { name: "other".into(), ..rule(Body::Deny(random_formula(&mut dice, taste))) };
        beside.rules.insert(0, other);
        let (old, new) = (load(&alone), load(&beside));
        let mut session = Session::new(&old);
        let mut history: Vec<Happened> = Vec::new();
        while history.len() < 6 {
            let letter = random_letter(&mut dice, taste, Some(0), &history);
            if history.is_empty() && letter.kind != LetterKind::Call {
                continue;
            }
            session.take(&letter);
            history.push(letter);
        }
        let bytes = old.save_state(session.states.session.as_ref().unwrap()).unwrap();
        let loaded = new.load_state(&bytes).unwrap();
        assert_eq!(loaded.stale, ["other"], "{formula:#?}");
        let mut after = Session::new(&new);
        after.states.session = Some(loaded.state);
        new.start_afresh(after.states.session.as_mut().unwrap(), "other").unwrap();
        let calls =
            std::iter::repeat_with(|| random_letter(&mut dice, taste, Some(0), &[])).filter(|letter| letter.kind == LetterKind::Call);
        let at = history.last().unwrap().at;
        for letter in calls.take(6).collect::<Vec<_>>() {
            let letter = Happened { at, call: history.len(), ..letter };
            let observed = |session: &mut Session<'_>| {
                session.take(&letter);
                session.policy.observed(&session.scratch).any(|name| name == "r")
            };
            let (before, now) = (observed(&mut session), observed(&mut after));
            assert_eq!(before, now, "{formula:#?}\n{history:#?}\n{letter:#?}");
            carried += usize::from(now);
            history.push(letter);
        }
    }
    assert!(carried > 200, "only {carried} calls are judged by what was carried over");
}

/// The names of a policy's last rule's states, in the order of their numbers.
fn numbering(policy: &Policy) -> Vec<i64> {
    match &policy.frame().rules.last().unwrap().body {
        frame::Body::Automaton(automaton) => automaton.names.clone(),
        frame::Body::Gauge(_) => vec![],
    }
}

/// Two labels in one order and in the other: the states in which one of them was seen change their numbers, and are known by their names.
#[test]
fn a_state_outlives_another_numbering() {
    let both = |pii: u32, outsider: u32| {
        let one_of = |label| one(labelled(&[A, B], label));
        let body = Body::Deny(formula(&then(Sequence::And(vec![one_of(pii), one_of(outsider)]), gap(), one(call(C)))));
        let mut core = world(vec![rule(body)]);
        if pii > outsider {
            core.labels.swap(0, 1);
        }
        load(&core)
    };
    let (old, new) = (both(0, 1), both(1, 0));
    assert_ne!(numbering(&old), numbering(&new));
    let letter = |kind, subject, labels, call| Happened { kind, subject, persona: 0, approved: false, labels, n: Some(0), at: 0, call };
    let mut session = Session::new(&old);
    session.take(&letter(LetterKind::Call, A, 0, 0));
    session.take(&letter(LetterKind::Ok, A, 0b01, 0));
    let bytes = old.save_state(session.states.session.as_ref().unwrap()).unwrap();
    // The other label is number 0 now; with it, and only with it, both have been seen.
    for (labels, judged) in [(0b01, 1), (0b10, 0)] {
        let loaded = new.load_state(&bytes).unwrap();
        assert!(loaded.stale.is_empty(), "{:?}", loaded.stale);
        let mut after = Session::new(&new);
        after.states.session = Some(loaded.state);
        after.take(&letter(LetterKind::Call, B, 0, 0));
        after.take(&letter(LetterKind::Ok, B, labels, 0));
        assert_eq!(after.take(&letter(LetterKind::Call, C, 0, 2)), judged);
    }
}
