//! The compact form against the predicates as the frame has them, over random programs and values.
#![allow(clippy::unwrap_used)]

use alloc::boxed::Box;
use alloc::vec;

use super::*;
use crate::frame::{Cidr, CompareOp, Kind, Program, Scalar, Term, TypeId};
use crate::sets;
use alloc::vec::Vec;

/// Numbers that look random; the constants are Knuth's.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        let at = self.roll(list.len() as u64);
        *list.get(usize::try_from(at).unwrap()).unwrap()
    }
}

const INTS: [i64; 8] = [i64::MIN, -1, 0, 1, 2, 3, 4, i64::MAX];
const TEXTS: [&str; 6] = ["", "a", "b", "EUR", "longer than eight", "10.1.2.3"];
const OPS: [CompareOp; 6] = [CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le, CompareOp::Gt, CompareOp::Ge];

fn predicate(dice: &mut Dice) -> Predicate {
    let field = Term::Arg(vec![u16::from(dice.roll(8) == 0)]);
    let int = |dice: &mut Dice| Scalar::Int(dice.pick(&INTS));
    let text = |dice: &mut Dice| Scalar::Text(dice.pick(&TEXTS).into());
    let op = dice.pick(&OPS);
    match dice.roll(15) {
        0..=3 => Predicate::Compare(op, Kind::Int, field, Term::Scalar(int(dice))),
        4 => Predicate::Compare(op, Kind::Int, Term::Scalar(int(dice)), field),
        5 => Predicate::In(Kind::Int, field, (0..dice.roll(4)).map(|_| int(dice)).collect()),
        6 | 7 => Predicate::Compare(op, Kind::Text, field, Term::Scalar(text(dice))),
        8 | 9 => Predicate::In(Kind::Text, field, (0..dice.roll(4)).map(|_| text(dice)).collect()),
        11 => Predicate::Contains(field, dice.pick(&TEXTS).into()),
        12 => Predicate::StartsWith(field, dice.pick(&TEXTS).into()),
        13 => Predicate::Like(field, dice.pick(&["*e*g*", "a*", "*", "EUR"]).into()),
        14 => Predicate::InCidr(field, Cidr { text: "10.0.0.0/8".into() }),
        10 => Predicate::Compare(op, Kind::Bool, field, Term::Scalar(Scalar::Bool(dice.roll(2) == 0))),
        _ => Predicate::Present(field),
    }
}

fn program(dice: &mut Dice) -> Program {
    let length = 1 + dice.roll(6);
    let exit = |dice: &mut Dice, at: u64| {
        let next = at + 1 + dice.roll(2);
        match dice.roll(3) {
            0 => Exit::Holds,
            1 => Exit::Fails,
            _ if next < length => Exit::To(u16::try_from(next).unwrap()),
            _ => Exit::Holds,
        }
    };
    let tests = (0..length).map(|at| Branch { test: predicate(dice), yes: exit(dice, at), no: exit(dice, at) }).collect();
    Program { tests, entry: if dice.roll(16) == 0 { Exit::Fails } else { Exit::To(0) } }
}

fn frame(programs: Vec<Program>) -> Frame {
    let mut frame = Frame {
        language: 1,
        unproven: true,
        labels: vec![],
        types: vec![],
        context: TypeId(0),
        tools: vec![],
        events: vec![],
        personas: vec![],
        everyone: vec![],
        answers: vec![],
        rules: vec![],
        detectors: vec![],
        scans: vec![],
        programs,
        regexes: vec![],
    };
    sets::sort(&mut frame);
    frame
}

/// A record of two fields.
fn values(dice: &mut Dice) -> (Values, NodeId) {
    let mut values = Values::default();
    let (root, first) = (values.allocate(1).unwrap(), values.allocate(2).unwrap());
    values.set(root, if dice.roll(50) == 0 { Value::Broken } else { Value::Record(first) });
    for field in 0..2 {
        let value = match dice.roll(9) {
            0 => dice.pick(&[Value::Unset, Value::Absent, Value::Broken, Value::Opaque]),
            1 => Value::Bool(dice.roll(2) == 0),
            2..=5 => Value::Int(dice.pick(&INTS)),
            _ => Value::Text(values.store(dice.pick(&TEXTS))),
        };
        values.set(values.member(first, field), value);
    }
    (values, root)
}

#[test]
fn the_compact_form_says_what_the_predicates_say() {
    let mut dice = Dice(2026);
    let frame = frame((0..20_000).map(|_| program(&mut dice)).collect());
    let code = Code::of(&frame);
    let tests: usize = frame.programs.iter().map(|program| program.tests.len()).sum();
    assert!(code.len() < tests * 95 / 100, "tests of one field became one: {} steps of {tests} tests", code.len());
    let (none, mut pool, mut counts) = (Values::default(), Box::<Pool>::default(), [0; 3]);
    for id in (0..frame.programs.len()).map(|index| ProgramId(u32::try_from(index).unwrap())) {
        for _ in 0..20 {
            let (args, root) = values(&mut dice);
            let mut reader = Reader {
                frame: &frame,
                code: &code,
                regexes: &[],
                policy: &[0; 32],
                args: &args,
                root,
                fields: args.members(root),
                context: &none,
                context_first: None,
                result: None,
                at: 0,
                labels: 0,
                carried: 0,
                pool: &mut pool,
            };
            let (expected, truth) = (reader.run(id), reader.evaluate(id));
            assert_eq!(truth, expected, "{:?} of {args:?}", frame.programs.get(id.index()));
            let count = counts.get_mut(match truth {
                Truth::Yes => 0,
                Truth::No => 1,
                Truth::Failed(_) => 2,
            });
            *count.unwrap() += 1;
        }
    }
    assert!(counts.iter().all(|count| *count > 30_000), "every answer is given often: {counts:?}");
}
