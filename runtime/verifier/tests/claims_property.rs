//! What the verifier accepts is right: random small conditions, all trees over their tests, and every call of a small world.
//!
//! In: dice. Out: where a claim is certified, no call of the world contradicts it. The proofs are found by trying: for each way through all tests whatever last node the
//! verifier takes. Conditions read an optional field without asking whether it is there, so that tests that cannot be evaluated are among them.
//! Source: `lang-spec/certificate.md`, [cert.completion].
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

use std::collections::BTreeMap;

use leverframe_reference::policy::{Cond, Member, Term, ToolRules, Verdict};
use leverframe_reference::types::Literal;
use leverframe_reference::{Policy, constant, elaborate_from};
use leverframe_runtime::frame::{About, Case, Claim, Lemma, LemmaRule, PersonaId, Proof, Tree};
use leverframe_verifier::claims::{Certified, check};

const POLICIES: u64 = 800;
/// Claims that need a lemma, below which this says too little.
const LEAST_CERTIFIED: usize = 60;
const TESTS: u16 = 4;
/// The rules without parameters that may speak of this world.
const RULES: [LemmaRule; 6] =
    [LemmaRule::Interval, LemmaRule::Equality, LemmaRule::Enumeration, LemmaRule::Literal, LemmaRule::Regular, LemmaRule::Substitution];
/// Multipliers of one test, or of two.
const MULTIPLIERS: [&[i64]; 4] = [&[1], &[1, 1], &[1, -1], &[-1, 1]];
const TEXTS: [&str; 5] = ["", "a", "b", "ab", "ba"];

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    fn test(&mut self) -> String {
        let (op, text, number) = (self.pick(&["==", "!=", "<", "<=", ">", ">="]), self.pick(&TEXTS), self.below(4));
        let equality = self.pick(&["==", "!="]);
        match self.below(16) {
            0 | 1 => format!("n {op} {number}"),
            2 => format!("n in [{number}, {}]", self.below(4)),
            3 | 4 => format!("e {equality} \"{}\"", self.pick(&["a", "b"])),
            5 => format!("f {equality} true"),
            6 | 7 => format!("s {equality} \"{text}\""),
            8 => format!("s {} \"{}\"", self.pick(&["starts_with", "ends_with", "contains", "like"]), self.pick(&["a", "b", "ab"])),
            9 => format!("s matches r\"{}\"", self.pick(&["a*", "[ab]", "b.*", "(ab)*"])),
            10 => format!("s {equality} z"),
            11 => format!("n {op} o"),
            12 => format!("n + o {op} {number}"),
            13 => format!("b {} n {op} {number}", self.pick(&["+", "-"])),
            14 => format!("lower(s) {equality} \"{text}\""),
            _ => format!("o {op} {number}"),
        }
    }

    fn cond(&mut self, depth: u64) -> String {
        match self.below(if depth == 0 { 2 } else { 5 }) {
            0 => self.test(),
            1 => format!("not ({})", self.test()),
            2 => format!("not ({})", self.cond(depth - 1)),
            _ => format!("({}) {} ({})", self.cond(depth - 1), self.pick(&["and", "or"]), self.cond(depth - 1)),
        }
    }

    /// Often two conditions that come near to being each other's contrary.
    fn policy(&mut self) -> String {
        let (one, house) = (self.cond(1), self.below(3) == 0);
        let other = if self.below(3) == 0 { format!("not ({one})") } else { self.cond(1) };
        let members = match self.below(3) {
            0 => format!("on t {{ {one} => allow, {other} => deny }}\nask t when {}", self.test()),
            1 => format!("on t {{ {one} => allow, {other} => ask, {} => deny }}", self.test()),
            _ => format!("allow t when {one}\ndeny t when {other}"),
        };
        let everyone = if house { format!("everyone {{ deny t when {} }}\n", self.test()) } else { String::new() };
        let tool = "tool t(n: int 0..=3, e: \"a\" | \"b\", f: bool, s: string, z: string, o: int?, b: int)";
        format!("language 1\n{tool}\n{everyone}persona p {{\n{members}\n}}")
    }
}

type Call = BTreeMap<&'static str, Literal>;

fn calls() -> Vec<Call> {
    let texts: Vec<Option<Literal>> = TEXTS.iter().map(|text| Some(Literal::String((*text).to_owned()))).collect();
    let ints = |range: std::ops::Range<i64>| range.map(|value| Some(Literal::Int(value))).collect::<Vec<_>>();
    let bools = [true, false].map(|value| Some(Literal::Bool(value))).to_vec();
    let enumeration = ["a", "b"].map(|member| Some(Literal::String(member.to_owned()))).to_vec();
    let optional = [vec![None], ints(-1..5)].concat();
    let large = [i64::MIN, 0, i64::MAX].map(|value| Some(Literal::Int(value))).to_vec();
    let mut all = vec![Call::new()];
    let fields = [("n", ints(0..4)), ("e", enumeration), ("f", bools), ("s", texts.clone()), ("z", texts), ("o", optional), ("b", large)];
    for (field, values) in fields {
        let mut longer = Vec::new();
        for (call, value) in all.iter().flat_map(|call| values.iter().map(move |value| (call, value))) {
            longer.push(call.clone().into_iter().chain(value.clone().map(|value| (field, value))).collect());
        }
        all = longer;
    }
    all
}

fn put(term: &Term, call: &Call) -> Term {
    match term {
        Term::Arg(path) => call.get(path[0].as_str()).map_or(term.clone(), |value| Term::Literal(value.clone())),
        Term::Apply(function, inner) => Term::Apply(*function, Box::new(put(inner, call))),
        Term::Arith(op, left, right) => Term::Arith(*op, Box::new(put(left, call)), Box::new(put(right, call))),
        other => other.clone(),
    }
}

fn of_call(cond: &Cond, call: &Call) -> Cond {
    let all = |parts: &[Cond]| parts.iter().map(|part| of_call(part, call)).collect();
    match cond {
        Cond::And(parts) => Cond::And(all(parts)),
        Cond::Or(parts) => Cond::Or(all(parts)),
        Cond::Not(part) => Cond::Not(Box::new(of_call(part, call))),
        Cond::Compare(op, tag, left, right) => Cond::Compare(*op, *tag, put(left, call), put(right, call)),
        Cond::In(tag, term, literals) => Cond::In(*tag, put(term, call), literals.clone()),
        Cond::Text(op, term, literal) => Cond::Text(*op, put(term, call), literal.clone()),
        other => other.clone(),
    }
}

/// The verdicts that a call gets; nothing where a condition fails.
fn verdicts(rules: Option<&ToolRules>, call: &Call) -> Option<Vec<Verdict>> {
    let mut found = Vec::new();
    for member in rules.into_iter().flat_map(|rules| &rules.members) {
        let arms = match member {
            Member::Rule(answer) => std::slice::from_ref(answer),
            Member::On(arms) => arms,
        };
        for arm in arms {
            if constant(&of_call(&arm.cond, call))? {
                found.push(arm.verdict);
                break;
            }
        }
    }
    Some(found)
}

/// Whether the call contradicts the claim.
fn contradicts(policy: &Policy, about: &About, call: &Call) -> bool {
    let (house, own) = (verdicts(policy.everyone.first(), call), verdicts(policy.personas[0].tools.first(), call));
    let (Some(house), Some(own)) = (house, own) else { return false };
    let differ = own.iter().any(|verdict| *verdict != own[0]);
    house.is_empty() && if *about == About::NoGap(PersonaId(0)) { own.is_empty() } else { differ }
}

fn said(policy: &Policy, about: &About, proof: Proof) -> Option<Certified> {
    check(policy, &[Claim { about: about.clone(), proof }]).ok().map(|mut found| found.remove(0))
}

/// One obligation with this tree, the others on trust.
fn accepts(policy: &Policy, about: &About, (at, count): (usize, usize), nodes: Vec<Case>) -> bool {
    let tree = |number: usize| Tree { nodes: if number == at { nodes.clone() } else { vec![Case::Trusted] } };
    said(policy, about, Proof::Cases((0..count).map(tree).collect())).is_some()
}

/// The tree that decides all tests, with these last nodes: the number of each has a bit for each test, the first test's the highest.
fn complete(tests: u16, leaves: &[Case]) -> Vec<Case> {
    fn add(test: u16, tests: u16, leaves: &[Case], nodes: &mut Vec<Case>) {
        if test == tests {
            nodes.push(leaves[0].clone());
            return;
        }
        let (no, yes) = leaves.split_at(leaves.len() / 2);
        add(test + 1, tests, yes, nodes);
        let first = u32::try_from(nodes.len() - 1).unwrap();
        add(test + 1, tests, no, nodes);
        nodes.push(Case::Split { test, yes: first, no: u32::try_from(nodes.len() - 1).unwrap() });
    }
    let mut nodes = Vec::new();
    add(0, tests, leaves, &mut nodes);
    nodes
}

fn candidates(tests: u16) -> Vec<Case> {
    let sets = (1_u16..1 << tests).map(|set| (0..tests).filter(|test| set >> test & 1 == 1).collect::<Vec<u16>>());
    let lemmas = sets.flat_map(|tests| {
        let sums = MULTIPLIERS.iter().filter(|list| list.len() == tests.len()).map(|list| LemmaRule::Farkas(vec![list.to_vec()]));
        let rules: Vec<LemmaRule> = RULES.into_iter().chain(sums).collect();
        rules.into_iter().map(move |rule| Case::Contradiction(Lemma { tests: tests.clone(), rule })).collect::<Vec<Case>>()
    });
    [Case::False].into_iter().chain(lemmas).collect()
}

/// A tree without trust, if there is one; nothing either where there are too many tests.
fn found(policy: &Policy, about: &About, place: (usize, usize)) -> Option<Vec<Case>> {
    let probe = |test: &u16| accepts(policy, about, place, vec![Case::Trusted, Case::Trusted, Case::Split { test: *test, yes: 0, no: 1 }]);
    let tests = (0..=TESTS).take_while(probe).count();
    let tests = u16::try_from(tests).ok().filter(|tests| *tests <= TESTS)?;
    let mut leaves = vec![Case::Trusted; 1 << tests];
    for at in 0..leaves.len() {
        let with = |leaf: &Case| {
            let mut all = vec![Case::Trusted; 1 << tests];
            all[at] = leaf.clone();
            complete(tests, &all)
        };
        leaves[at] = candidates(tests).into_iter().find(|leaf| accepts(policy, about, place, with(leaf)))?;
    }
    Some(complete(tests, &leaves))
}

#[test]
fn no_call_contradicts_what_is_certified() {
    let all = calls();
    let (mut dice, mut certified, mut refuted) = (Dice(7), 0, 0);
    for _ in 0..POLICIES {
        let text = dice.policy();
        let policy = elaborate_from(&BTreeMap::from([("p.lever".to_owned(), text.clone())]), "p.lever")
            .unwrap_or_else(|why| panic!("{why}: {text}"));
        for about in [About::NoConflict(PersonaId(0)), About::NoGap(PersonaId(0))] {
            let count = said(&policy, &about, Proof::Trusted).unwrap().obligations;
            let trees: Option<Vec<Tree>> = (0..count).map(|at| found(&policy, &about, (at, count)).map(|nodes| Tree { nodes })).collect();
            let Some(trees) = trees else {
                refuted += 1;
                continue;
            };
            let lemmas = trees.iter().flat_map(|tree| &tree.nodes).any(|node| matches!(node, Case::Contradiction(_)));
            assert!(said(&policy, &about, Proof::Cases(trees)).unwrap().is_certified());
            certified += usize::from(lemmas);
            let against = all.iter().find(|call| contradicts(&policy, &about, call));
            assert!(against.is_none(), "{about:?} is certified, and not so of {against:?}:\n{text}");
        }
    }
    println!("{certified} claims certified by lemmas, {refuted} not");
    assert!(certified >= LEAST_CERTIFIED);
}
