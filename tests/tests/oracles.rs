//! The compiler's automata against MONA and against regex-automata.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::thread;

use leverframe_compiler::core::{Body, Core, Limit, Measure};
use leverframe_compiler::pipeline::check;
use leverframe_tests::engine::ROOT;
use leverframe_tests::oracle::mona::{Accepts, Mona};
use leverframe_tests::oracle::mona_protocol::print_protocol;
use leverframe_tests::oracle::mona_text::{Printed, print, print_limit};
use leverframe_tests::oracle::rules::{HEAD, Maker, Rule, Wanted};
use leverframe_tests::oracle::table::Table;
use leverframe_tests::oracle::walk::{self, Found, histogram};
use leverframe_tests::oracle::{regex, regex_protocol};
use leverframe_tests::policy::files::split;

const SEED: u64 = 20_261_123;
const THREADS: usize = 2;
/// Random rules that must be compared with MONA.
const LEAST_MONA: usize = 1_200;
/// Those of them whose table must be MONA's automaton, state by state, and not only mapped onto it.
const LEAST_ISOMORPHIC: usize = 1_000;
/// Random rules that must be compared with regex-automata.
const LEAST_REGEX: usize = 600;
/// Of a hundred random rules, how many the compiler must take.
const ACCEPTED_PERCENT: usize = 95;
/// Letters and quantifiers are kept small: rules with more tests than this are passed over.
const MOST_BITS: usize = 7;
/// Rules whose every cell is changed.
const MUTATED: usize = 25;
/// One byte a letter.
const MOST_BITS_OF_A_BYTE: usize = 4;
const MOST_LETTERS_OF_A_BYTE: usize = 254;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn core(policy: &str) -> Result<Core, String> {
    let checked = check(ROOT, &split(policy)).expect("the policy lies in memory");
    let found: Vec<String> = checked.diagnostics.iter().map(|found| format!("{} {}", found.code, found.message)).collect();
    checked.core.ok_or_else(|| found.join("; "))
}

fn printed(core: &Core) -> Printed {
    match &core.rules[0].body {
        Body::Deny(formula) => print(core, formula),
        Body::Protocol(protocol) => print_protocol(core, protocol),
        Body::Limit(Limit { measure: Measure::Count(count), event, .. }) => print_limit(core, *count as usize, event),
        Body::Limit(other) => panic!("not a count: {other:?}"),
    }
}

/// One automaton of a rule, and whether the table has registers.
fn compared(mona: &Mona, core: &Core, printed: &Printed, accepts: Accepts) -> Result<(Found, bool), String> {
    let table = Table::new(core, &core.rules[0], &printed.letters, &printed.guards)?;
    let found = walk::compare(&table, &mona.automaton(&printed.program(accepts)).over(&printed.letters), &printed.letters, accepts)?;
    if accepts == Accepts::Last && !table.has_registers() && !found.is_isomorphic() {
        return Err(format!("the table has {} states where MONA has {}", found.ours, found.theirs));
    }
    Ok((found, table.has_registers()))
}

/// What happened to the random rules of a thread.
#[derive(Default)]
struct Report {
    made: usize,
    refused: Vec<String>,
    large: usize,
    registers: usize,
    mapped: usize,
    sizes: Vec<usize>,
    wrong: Vec<(String, String)>,
}

impl Report {
    fn add(&mut self, other: Self) {
        self.made += other.made;
        self.large += other.large;
        self.registers += other.registers;
        self.mapped += other.mapped;
        self.refused.extend(other.refused);
        self.sizes.extend(other.sizes);
        self.wrong.extend(other.wrong);
    }

    fn accepted_percent(&self) -> usize {
        (self.made - self.refused.len()) * 100 / self.made
    }

    fn smallest(&self) -> Option<String> {
        let (rule, reason) = self.wrong.iter().min_by_key(|(rule, _)| rule.len())?;
        Some(format!("{} rules are wrong; the smallest:\n{rule}\n{reason}", self.wrong.len()))
    }
}

fn mona_thread(index: usize) -> Report {
    let mona = Mona::new(folder(), &format!("random{index}"));
    let mut maker = Maker::new(SEED + index as u64, Wanted::All);
    let mut report = Report::default();
    while report.sizes.len() + report.wrong.len() < LEAST_MONA / THREADS {
        let rule = maker.rule();
        report.made += 1;
        let core = match core(&rule.policy()) {
            Ok(core) => core,
            Err(reason) => {
                report.refused.push(format!("{}: {reason}", rule.text()));
                continue;
            }
        };
        let printed = printed(&core);
        if printed.letters.bits.len() > MOST_BITS {
            report.large += 1;
            continue;
        }
        match compared(&mona, &core, &printed, Accepts::Last) {
            Ok((found, registers)) => {
                report.registers += usize::from(registers);
                report.mapped += usize::from(!found.is_isomorphic());
                report.sizes.push(found.theirs);
            }
            Err(reason) => report.wrong.push((rule.text(), reason)),
        }
    }
    report
}

#[test]
fn tables_of_random_rules_are_the_minimal_automata_of_mona() {
    let threads: Vec<_> = (0..THREADS).map(|index| thread::spawn(move || mona_thread(index))).collect();
    let mut report = Report::default();
    threads.into_iter().for_each(|thread| report.add(thread.join().expect("a thread that ends")));
    println!(
        "MONA: {} rules compared, {} of them with registers ({} of those mapped onto fewer states, all others isomorphic); {} made, {} refused, {} with more than {MOST_BITS} tests",
        report.sizes.len(),
        report.registers,
        report.mapped,
        report.made,
        report.refused.len(),
        report.large
    );
    println!("states of MONA's automata: {:?}", histogram(report.sizes.iter().copied()));
    assert!(report.wrong.is_empty(), "{}", report.smallest().unwrap_or_default());
    assert!(report.sizes.len() >= LEAST_MONA, "only {} rules were compared", report.sizes.len());
    assert!(report.sizes.len() - report.mapped >= LEAST_ISOMORPHIC, "{} are only mapped", report.mapped);
    assert!(
        report.accepted_percent() >= ACCEPTED_PERCENT,
        "too many are refused: {:#?}",
        report.refused.iter().take(10).collect::<Vec<_>>()
    );
}

/// An oracle that says yes to everything would show nothing.
#[test]
fn a_table_of_another_rule_is_noticed() {
    let mona = Mona::new(folder(), "wrong");
    let pairs = [
        ("forbid r { a then b }", "forbid r { a then[next] b }"),
        ("forbid r { a and b }", "forbid r { a then b }"),
        ("forbid r { start then[unless e] a }", "forbid r { a }"),
        ("forbid r { 3 times a }", "forbid r { 4 times a }"),
        ("require r { a before b }", "require r { a before b reset by e }"),
        ("require r { a before b reset by c }", "require r { a before b reset by d }"),
    ];
    for (right, wrong) in pairs {
        let [core, other] = [right, wrong].map(|rule| core(&format!("{HEAD}{rule}\n")).unwrap_or_else(|reason| panic!("{rule}: {reason}")));
        // Both have the tests of both, so only the languages differ.
        let (mut one, two) = (printed(&core), printed(&other));
        one.letters.bits.extend(two.letters.bits.iter().filter(|bit| !one.letters.bits.contains(bit)).cloned().collect::<Vec<_>>());
        for accepts in [Accepts::Last, Accepts::Ever] {
            assert!(compared(&mona, &core, &one, accepts).is_ok(), "{right} is itself");
            let table = Table::new(&other, &other.rules[0], &one.letters, &one.guards).expect("the same tests");
            let found = walk::compare(&table, &mona.automaton(&one.program(accepts)).over(&one.letters), &one.letters, accepts);
            assert!(found.is_err(), "{wrong} is taken for {right}: {found:?}");
        }
    }
}

/// The table is minimal and MONA's automaton is its own, so no cell can be another.
#[test]
fn every_changed_cell_is_noticed() {
    let mona = Mona::new(folder(), "mutants");
    let mut maker = Maker::new(SEED ^ 1, Wanted::All);
    let (mut rules, mut mutants) = (0, 0);
    while rules < MUTATED {
        let rule = maker.rule();
        let Ok(core) = core(&rule.policy()) else { continue };
        let printed = printed(&core);
        let table = Table::new(&core, &core.rules[0], &printed.letters, &printed.guards).expect("tests of the formula");
        if printed.letters.bits.len() > MOST_BITS_OF_A_BYTE || table.has_registers() {
            continue;
        }
        rules += 1;
        let theirs = mona.automaton(&printed.program(Accepts::Last)).over(&printed.letters);
        for mutant in table.mutants() {
            mutants += 1;
            let found = walk::compare(&mutant, &theirs, &printed.letters, Accepts::Last);
            assert!(!found.is_ok_and(Found::is_isomorphic), "a changed cell of {} passes: {mutant:?}", rule.text());
        }
    }
    println!("{mutants} tables with one cell changed, of {rules} rules: all are noticed");
}

/// The complete automata of the usual rules have the states that are known from elsewhere.
#[test]
fn complete_automata_have_the_states_that_mona_counts() {
    let mona = Mona::new(folder(), "counts");
    let table = [
        ("precedence", "require r { a before b }", 3),
        ("precedence with reset", "require r { a before b reset by c }", 3),
        ("chain of three", "forbid r { a then b then c }", 4),
        ("at most two", "limit r: 2 a per session", 4),
        ("at most two, as a sequence", "forbid r { 3 times a }", 4),
        ("at most ten", "limit r: 10 a per session", 12),
        ("at most ten, as a sequence", "forbid r { 11 times a }", 12),
    ];
    for (name, rule, states) in table {
        let core = core(&format!("{HEAD}{rule}\n")).unwrap_or_else(|reason| panic!("{rule}: {reason}"));
        let (found, _) = compared(&mona, &core, &printed(&core), Accepts::Ever).unwrap_or_else(|reason| panic!("{rule}: {reason}"));
        println!("{name}: {} states, MONA {}", found.ours, found.theirs);
        assert_eq!((found.ours, found.theirs), (states, states), "{name}");
    }
}

#[test]
fn tables_of_random_sequences_are_those_of_their_regular_expressions() {
    let mut maker = Maker::new(SEED, Wanted::Regular);
    let mut report = Report::default();
    let mut pairs = 0;
    while report.sizes.len() + report.wrong.len() < LEAST_REGEX {
        let rule = maker.rule();
        report.made += 1;
        let Rule::Forbid(sequence) = &rule else { panic!("only sequences are regular") };
        let core = match core(&rule.policy()) {
            Ok(core) => core,
            Err(reason) => {
                report.refused.push(format!("{}: {reason}", rule.text()));
                continue;
            }
        };
        if regex::letters(&core, sequence).count() > MOST_LETTERS_OF_A_BYTE {
            report.large += 1;
            continue;
        }
        match regex::compare(&core, &core.rules[0], sequence) {
            Ok(walked) => {
                pairs += walked.pairs;
                report.sizes.push(walked.dfa_states);
            }
            Err(reason) => report.wrong.push((rule.text(), reason)),
        }
    }
    println!(
        "regex-automata: {} rules compared over {pairs} pairs of states; {} made, {} refused, {} with too many tests for a byte",
        report.sizes.len(),
        report.made,
        report.refused.len(),
        report.large
    );
    assert!(report.wrong.is_empty(), "{}", report.smallest().unwrap_or_default());
    assert!(report.sizes.len() >= LEAST_REGEX, "only {} rules were compared", report.sizes.len());
    assert!(
        report.accepted_percent() >= ACCEPTED_PERCENT,
        "too many are refused: {:#?}",
        report.refused.iter().take(10).collect::<Vec<_>>()
    );
}

#[test]
fn tables_of_random_protocols_are_those_of_their_regular_expressions() {
    let mut maker = Maker::new(SEED, Wanted::Protocols);
    let (mut compared, mut pairs, mut made, mut large, mut refused) = (0, 0, 0, 0, Vec::new());
    while compared < LEAST_REGEX {
        let rule = maker.rule();
        made += 1;
        let Rule::Protocol(expression) = &rule else { panic!("only protocols are wanted") };
        let core = match core(&rule.policy()) {
            Ok(core) => core,
            Err(reason) => {
                refused.push(format!("{}: {reason}", rule.text()));
                continue;
            }
        };
        if regex_protocol::bits(expression).len() > MOST_BITS_OF_A_BYTE {
            large += 1;
            continue;
        }
        let walked =
            regex_protocol::compare(&core, &core.rules[0], expression).unwrap_or_else(|reason| panic!("{}: {reason}", rule.text()));
        compared += 1;
        pairs += walked.pairs;
    }
    println!(
        "regex-automata: {compared} protocols compared over {pairs} pairs of states; {made} made, {} refused, {large} with too many tests for a byte",
        refused.len()
    );
    assert!(
        refused.len() * 100 <= made * (100 - ACCEPTED_PERCENT),
        "too many are refused: {:#?}",
        refused.iter().take(10).collect::<Vec<_>>()
    );
}
