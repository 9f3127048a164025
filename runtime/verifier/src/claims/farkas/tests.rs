//! Lemmas that hold, lemmas that do not, and whatever is accepted tried on all values of small ranges.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use leverframe_reference::policy::{Arith, Tag};
use leverframe_reference::types::{Literal, Record};
use leverframe_reference::{Policy, constant, elaborate_from};

use super::*;

const POLICY: &str = "language 1
tool t(a: int -2..=2, b: int -2..=2, c: int, d: int, x: number, y: number, s: timestamp, u: timestamp)
persona p { allow t otherwise deny }";

fn policy() -> Policy {
    elaborate_from(&BTreeMap::from([("p.lever".to_owned(), POLICY.to_owned())]), "p.lever").expect("a policy")
}

fn check_in(policy: &Policy, tests: &[Decided<'_>], cases: &[Vec<i64>]) -> Result<(), String> {
    let values = Values { tool: &policy.tools[0], context: &policy.context };
    let mut machines = Machines::default();
    machines.begin();
    check(tests, cases, &values, &mut machines)
}

fn arg(name: &str) -> Term {
    Term::Arg(vec![name.to_owned()])
}

fn int(value: i64) -> Term {
    Term::Literal(Literal::Int(value))
}

fn decimal(text: &str) -> Term {
    Term::Literal(Literal::Number(text.to_owned()))
}

fn arith(op: Arith, left: Term, right: Term) -> Term {
    Term::Arith(op, Box::new(left), Box::new(right))
}

fn compare(op: Op, tag: Tag, left: Term, right: Term) -> Cond {
    Cond::Compare(op, tag, left, right)
}

fn less(left: &str, right: &str) -> Cond {
    compare(Op::Lt, Tag::Int, arg(left), arg(right))
}

/// Whether the lemma holds, as it is written by hand.
fn holds(tests: &[(Cond, bool)], cases: &[&[i64]]) -> bool {
    let tests: Vec<Decided<'_>> = tests.iter().map(|(test, holds)| (test, *holds)).collect();
    let cases: Vec<Vec<i64>> = cases.iter().map(|case| case.to_vec()).collect();
    check_in(&policy(), &tests, &cases).is_ok()
}

#[test]
fn orders_are_transitive() {
    let chain = |last: bool| [(less("c", "d"), true), (less("d", "a"), true), (less("c", "a"), last)];
    assert!(holds(&chain(false), &[&[1, 1, 1]]));
    assert!(!holds(&chain(true), &[&[1, 1, 1]]));
    for multipliers in [[1, 1, 0], [1, 1, 2], [1, 1, -1], [0, 0, 0], [2, 1, 1]] {
        assert!(!holds(&chain(false), &[&multipliers]), "{multipliers:?}");
    }
    let at = |op, left, right| compare(op, Tag::Timestamp, arg(left), arg(right));
    assert!(holds(&[(at(Op::Lt, "s", "u"), true), (at(Op::Ge, "s", "u"), true)], &[&[1, 1]]));
    assert!(!holds(&[(at(Op::Le, "s", "u"), true), (at(Op::Ge, "s", "u"), true)], &[&[1, 1]]));
}

#[test]
fn ranges_count() {
    let sum = |bound| compare(Op::Gt, Tag::Int, arith(Arith::Add, arg("a"), arg("b")), int(bound));
    assert!(holds(&[(sum(4), true)], &[&[1]]) && !holds(&[(sum(3), true)], &[&[1]]));
    // Of what has no range but 64 bits nothing is left to be said of sums, which may be larger.
    let sum = |bound| compare(Op::Gt, Tag::Int, arith(Arith::Add, arg("c"), arg("a")), int(bound));
    assert!(!holds(&[(sum(i64::MAX), true)], &[&[1]]));
}

#[test]
fn integers_lie_apart() {
    let thrice = arith(Arith::Mul, int(3), arg("c"));
    let equal = |value| (compare(Op::Eq, Tag::Int, thrice.clone(), int(value)), true);
    assert!(holds(&[equal(26), equal(26)], &[&[1, -1]]) && !holds(&[equal(27), equal(27)], &[&[1, -1]]));
    // No integer lies between 2.4 and 2.6; decimals do.
    let between = |name: &str| {
        let side = |op, text| (compare(op, Tag::Number, arg(name), decimal(text)), true);
        [side(Op::Gt, "2.4"), side(Op::Lt, "2.6")]
    };
    assert!(holds(&between("c"), &[&[1, 1]]) && !holds(&between("x"), &[&[1, 1]]));
    let decimals = |op| [(compare(op, Tag::Number, arg("x"), arg("y")), true), (compare(Op::Lt, Tag::Number, arg("y"), arg("x")), true)];
    assert!(holds(&decimals(Op::Le), &[&[1, 1]]) && !holds(&decimals(Op::Ge), &[&[1, 1]]));
}

#[test]
fn what_differs_has_two_cases() {
    let pair = |op| (compare(op, Tag::Int, arg("c"), arg("d")), true);
    let tests = [pair(Op::Ne), pair(Op::Le), pair(Op::Ge)];
    assert!(holds(&tests, &[&[1, 0, 1], &[1, 1, 0]]));
    assert!(!holds(&tests, &[&[1, 1, 0], &[1, 0, 1]]), "the cases in the wrong order");
    assert!(!holds(&tests, &[&[1, 0, 1]]) && !holds(&tests, &[&[1, 0, 1], &[1, 1, 0], &[1, 0, 1], &[1, 1, 0]]));
    assert!(!holds(&tests[..2], &[&[1, 0], &[1, 1]]));
    let one_of = |holds| (Cond::In(Tag::Int, arg("c"), [7, 9].map(Literal::Int).to_vec()), holds);
    let other = |value| (compare(Op::Gt, Tag::Int, arg("c"), int(value)), true);
    assert!(holds(&[one_of(true), other(9)], &[&[1, 1]]) && !holds(&[one_of(true), other(8)], &[&[1, 1]]));
    assert!(!holds(&[one_of(false), other(9)], &[&[1, 1]]));
}

#[test]
fn what_is_not_linear_shows_nothing() {
    let product = arith(Arith::Mul, arg("a"), arg("b"));
    let above = (compare(Op::Gt, Tag::Int, product.clone(), int(4)), true);
    // It is impossible, but by the rules of multiplication.
    assert!(!holds(&[above], &[&[1]]));
    // A product is the same integer wherever it stands.
    let same = |op| (compare(op, Tag::Int, product.clone(), arg("c")), true);
    assert!(holds(&[same(Op::Lt), same(Op::Gt)], &[&[1, 1]]));
    let text = compare(Op::Lt, Tag::String, arg("a"), arg("b"));
    let misread = compare(Op::Lt, Tag::Int, arg("x"), int(1));
    let sum = compare(Op::Lt, Tag::Number, arith(Arith::Add, arg("x"), int(1)), arg("x"));
    for test in [text, misread, sum, Cond::Present(arg("a")), Cond::Const(false)] {
        assert!(!holds(&[(test.clone(), true)], &[&[1]]) && !holds(&[(test, false)], &[&[1]]));
    }
}

#[test]
fn large_numbers_show_nothing_and_break_nothing() {
    let huge = |zeros: usize| decimal(&format!("1{}", "0".repeat(zeros)));
    let tests =
        |zeros| [(compare(Op::Gt, Tag::Number, arg("x"), huge(zeros)), true), (compare(Op::Lt, Tag::Number, arg("x"), decimal("1")), true)];
    assert!(holds(&tests(30), &[&[1, 1]]) && !holds(&tests(39), &[&[1, 1]]));
    assert!(!holds(&tests(30), &[&[i64::MAX, i64::MAX]]) && !holds(&tests(30), &[&[i64::MIN, 1]]));
    let deep = (0..400).fold(arg("c"), |term, _| arith(Arith::Mul, int(i64::MIN), term));
    assert!(!holds(&[(compare(Op::Lt, Tag::Int, deep.clone(), deep), true)], &[&[1]]));
}

/// A sequence that looks like chance.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 33).expect("31 bits").rem_euclid(count)
    }

    fn term(&mut self, whole: bool) -> Term {
        let name = arg(["a", "b"][usize::try_from(self.below(2)).expect("small")]);
        match self.below(if whole { 5 } else { 7 }) {
            0 => int(self.below(9) - 4),
            1 => name,
            2 => arith(Arith::Add, self.term(true), self.term(true)),
            3 => arith(Arith::Sub, name, self.term(true)),
            4 => arith(Arith::Mul, int(self.below(5) - 2), name),
            5 => arg("x"),
            _ => decimal(["-1.5", "0.5", "1.25"][usize::try_from(self.below(3)).expect("small")]),
        }
    }

    fn test(&mut self) -> (Cond, bool) {
        let op = [Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge][usize::try_from(self.below(6)).expect("small")];
        let test = if self.below(8) == 0 {
            Cond::In(Tag::Number, self.term(false), (0..1 + self.below(2)).map(|_| Literal::Int(self.below(7) - 3)).collect())
        } else {
            compare(op, Tag::Number, self.term(false), self.term(false))
        };
        (test, self.below(2) == 0)
    }
}

/// The term with a value for each field.
fn filled(term: &Term, values: &[(&str, Literal)]) -> Term {
    match term {
        Term::Arg(path) => {
            values.iter().find(|(name, _)| path[0] == *name).map(|(_, value)| Term::Literal(value.clone())).expect("a value")
        }
        Term::Arith(op, left, right) => arith(*op, filled(left, values), filled(right, values)),
        other => other.clone(),
    }
}

fn comes_to(test: &Cond, values: &[(&str, Literal)]) -> bool {
    let found = match test {
        Cond::Compare(op, tag, left, right) => constant(&Cond::Compare(*op, *tag, filled(left, values), filled(right, values))),
        Cond::In(tag, term, literals) => constant(&Cond::In(*tag, filled(term, values), literals.clone())),
        _ => None,
    };
    found.expect("all of it is known")
}

#[test]
fn what_is_accepted_holds_of_no_values() {
    let policy = policy();
    let record: &Record = &policy.tools[0].args;
    assert!(record.field("x").is_some());
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut accepted, mut several, mut divided) = (0, 0, 0);
    for _ in 0..60_000 {
        let tests: Vec<(Cond, bool)> = (0..1 + dice.below(3)).map(|_| dice.test()).collect();
        let decided: Vec<Decided<'_>> = tests.iter().map(|(test, holds)| (test, *holds)).collect();
        let unequal = |(test, holds): &&(Cond, bool)| match test {
            Cond::Compare(op, ..) => (*op == Op::Ne && *holds) || (*op == Op::Eq && !*holds),
            _ => !holds,
        };
        let cases = 1 << tests.iter().filter(unequal).count();
        let multipliers: Vec<Vec<i64>> = (0..cases).map(|_| tests.iter().map(|_| dice.below(5) - 1).collect()).collect();
        if check_in(&policy, &decided, &multipliers).is_err() {
            continue;
        }
        accepted += 1;
        several += usize::from(tests.len() > 1);
        divided += usize::from(cases > 1);
        for a in -2..=2 {
            for b in -2..=2 {
                for quarter in -16..=16 {
                    let x = Literal::Number(format!("{}", f64::from(quarter) / 4.0));
                    let values = [("a", Literal::Int(a)), ("b", Literal::Int(b)), ("x", x)];
                    let all = tests.iter().all(|(test, holds)| comes_to(test, &values) == *holds);
                    assert!(!all, "{tests:?} by {multipliers:?} holds of {values:?}");
                }
            }
        }
    }
    println!("{accepted} lemmas accepted, {several} of several tests, {divided} of several cases");
    assert!(accepted > 500 && several > 200 && divided > 50);
}
