//! Witnesses of classes: made by the checker, evaluated by the verifier through the reference, and taken by the engine, which must see the same class.
//!
//! In: the policies of the repository, random ones, and one whose witnesses are made to lie. Out: how many classes have a witness; every lie is refused by its rule and class.
//! Source: `lang-spec/certificate.md`, [cert.witnesses].
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

use std::path::{Path, PathBuf};

use leverframe_reference::Disk;
use leverframe_runtime::frame::{LetterKind, Origin, PersonaId, Witness};
use leverframe_tests::certified::Certified;
use leverframe_tests::engine;
use leverframe_tests::mutate::{Choice, mutants};
use leverframe_tests::policy::Policy;
use leverframe_tests::random::Dice;
use leverframe_tests::witnessed::classes;

/// Folders whose policies are looked at.
const FOLDERS: &[&str] = &["examples", "lang-spec/conformance", "lang-spec/requirements"];
const RANDOM: u64 = 120;
const SEED: u64 = 17_112_026;
/// Witnesses below which a test says too little.
const LEAST_WRITTEN: usize = 400;
const LEAST_RANDOM: usize = 200;

fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a readable folder").map(|entry| entry.expect("a readable entry").path()) {
        if entry.is_dir() {
            walk(&entry, found);
        } else if entry.extension().is_some_and(|ending| ending == "lever") {
            found.push(entry);
        }
    }
}

/// Classes, those that have a witness, and those of which the engine was asked.
#[derive(Debug, Default)]
struct Figures {
    classes: usize,
    witnessed: usize,
    taken: usize,
}

/// Holds each witness of a policy against the verifier and the engine.
fn hold(certified: &Certified, name: &str, figures: &mut Figures) {
    let report = certified.verify().unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
    figures.classes += report.classes;
    figures.witnessed += report.witnessed;
    for (rule, origin) in certified.frame.rules.iter().zip(&certified.certificate.rules) {
        let Origin::Table { witnesses, .. } = origin else { continue };
        for witness in witnesses {
            let Some(seen) = classes(&certified.frame, rule, witness) else { continue };
            assert!(seen.contains(&witness.class), "{name}, rule `{}`: the engine sees {seen:?} in {witness:?}", rule.name);
            assert!(rule.slots.is_some() || seen.len() == 1, "{name}, rule `{}`: {seen:?}", rule.name);
            figures.taken += 1;
        }
    }
}

#[test]
fn the_engine_sees_the_classes_of_policies_that_people_wrote() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace");
    let (mut files, mut figures) = (Vec::new(), Figures::default());
    FOLDERS.iter().for_each(|folder| walk(&root.join(folder), &mut files));
    for file in &files {
        let name = file.to_str().expect("a path of text");
        if let Some(certified) = Certified::of(name, &engine::Disk, &Disk) {
            hold(&certified, name, &mut figures);
        }
    }
    println!("{figures:?}");
    assert!(figures.taken >= LEAST_WRITTEN, "{figures:?}");
}

#[test]
fn the_engine_sees_the_classes_of_random_policies() {
    let mut figures = Figures::default();
    for seed in 0..RANDOM {
        let text = Policy::random(Dice::new(SEED + seed).split()).text();
        if let Some(certified) = Certified::of_text(&text) {
            hold(&certified, &text, &mut figures);
        }
    }
    println!("{figures:?}");
    assert!(figures.taken >= LEAST_RANDOM, "{figures:?}");
}

const POLICY: &str = r#"language 1

label secret sensitive
event user.left(name: string)

tool t.read(path: string)
tool t.send(to: string?, amount: int 0..=1_000)

persona work {
  allow t.*
  otherwise deny
}

forbid large { t.read when (path starts_with "/etc") then[within 1m] t.send when (amount > 10) }
require same per session capacity 4 { t.read(path: ?d) before t.send(to: ?d) }
forbid left { user.left when (name == "me") then any returns secret then t.send }
"#;

fn honest() -> Certified {
    Certified::of_text(POLICY).expect("the policy compiles")
}

fn witnesses<'c>(certified: &'c mut Certified, rule: &str) -> &'c mut Vec<Witness> {
    let place = certified.frame.rules.iter().position(|known| known.name == rule).expect("the rule");
    match &mut certified.certificate.rules[place] {
        Origin::Table { witnesses, .. } => witnesses,
        Origin::Template => panic!("`{rule}` has no table"),
    }
}

/// Whether a change makes the certificate of the rule refused, by its rule and class.
#[track_caller]
fn refused(rule: &str, what: &str, change: impl FnOnce(&mut Vec<Witness>)) {
    let mut certified = honest();
    let before = witnesses(&mut certified, rule).clone();
    change(witnesses(&mut certified, rule));
    assert_ne!(&before, witnesses(&mut certified, rule), "{what} is no change");
    let problems = certified.verify().expect_err(what);
    let told = problems.iter().all(|problem| problem.code == "LF0612" && problem.place.starts_with(&format!("rule `{rule}`, class ")));
    assert!(told, "{what}: {problems:?}");
}

#[test]
fn every_class_of_a_small_policy_has_a_witness() {
    let report = honest().verify().unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert!(report.classes >= 8, "{report:?}");
    assert_eq!(report.classes, report.witnessed);
    // A call that lacks what every call must have is none.
    let required = Certified::of_text(&POLICY.replace("to: string?", "to: string")).expect("the policy compiles");
    let required = required.verify().unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!((required.classes, required.witnessed), (report.classes, report.classes - 1));
    let mut bare = honest();
    witnesses(&mut bare, "large").clear();
    let fewer = bare.verify().expect("a class may have no witness");
    assert!(fewer.witnessed < report.witnessed && fewer.classes == report.classes);
}

#[test]
fn a_class_that_is_another_is_refused() {
    for rule in ["large", "same", "left"] {
        let count = witnesses(&mut honest(), rule).len();
        for place in 0..count {
            for class in 0..u16::try_from(count).expect("few classes") {
                if witnesses(&mut honest(), rule)[place].class != class {
                    refused(rule, "a wrong class", |witnesses| {
                        let witness = Witness { class, ..witnesses[place].clone() };
                        *witnesses = vec![witness];
                    });
                }
            }
        }
        refused(rule, "a class out of range", |witnesses| witnesses[count - 1].class = 9_999);
        refused(rule, "a class twice", |witnesses| witnesses.insert(0, witnesses[0].clone()));
        refused(rule, "classes that descend", |witnesses| witnesses.swap(0, 1));
    }
}

#[test]
fn a_letter_that_is_another_is_refused() {
    let guarded = |witness: &&mut Witness| witness.line.contains("/etc");
    let set = |name: &'static str, value: &'static str| {
        move |witnesses: &mut Vec<Witness>| {
            let witness = witnesses.iter_mut().find(guarded).expect("a witness with a guard");
            let mut line: serde_json::Value = serde_json::from_str(&witness.line).expect("JSON");
            line[name] = serde_json::from_str(value).expect("JSON");
            witness.line = line.to_string();
        }
    };
    refused("large", "another path", set("args", r#"{"path":"/home"}"#));
    refused("large", "a wrong argument", set("args", r#"{"path":7}"#));
    refused("large", "one argument more", set("args", r#"{"path":"/etc","more":1}"#));
    refused("large", "another tool", set("tool", r#""t.send""#));
    refused("large", "an unknown tool", set("tool", r#""t.none""#));
    refused("large", "an unknown persona", set("persona", r#""nobody""#));
    refused("large", "no JSON", |witnesses| witnesses[0].line.push('{'));
    refused("large", "two lines", |witnesses| witnesses[0].line = format!("{0}\n{0}", witnesses[0].line));
    refused("large", "a long line", |witnesses| witnesses[0].line.push_str(&" ".repeat(1 << 12)));
    refused("large", "another kind", |witnesses| witnesses[0].kind = LetterKind::Denied);
    refused("left", "another kind", |witnesses| {
        let event = witnesses.iter_mut().find(|witness| witness.kind == LetterKind::Event).expect("an event");
        event.kind = LetterKind::Call;
    });
}

#[test]
fn what_a_letter_cannot_carry_must_be_possible() {
    refused("large", "a register that is none", |witnesses| witnesses[0].ages = vec![(9, 0)]);
    refused("large", "a register twice", |witnesses| {
        let witness = witnesses.iter_mut().find(|witness| !witness.ages.is_empty()).expect("one in a window");
        witness.ages.push(witness.ages[0]);
    });
    refused("large", "a window that is closed", |witnesses| {
        let witness = witnesses.iter_mut().find(|witness| !witness.ages.is_empty()).expect("one in a window");
        witness.ages[0].1 = 60_001;
    });
    refused("large", "a time as a place", |witnesses| witnesses[0].passed = vec![0]);
    refused("large", "a value of a rule without variables", |witnesses| witnesses[0].value = Some((0, 0)));
    refused("same", "a value that is not there", |witnesses| {
        let witness = witnesses.iter_mut().find(|witness| witness.value.is_some()).expect("one that binds");
        witness.value = Some((0, 1));
    });
    refused("same", "another value", |witnesses| {
        let witness = witnesses.iter_mut().find(|witness| witness.value.is_some()).expect("one that binds");
        witness.value = None;
    });
    refused("large", "a label that is none", |witnesses| witnesses[0].labels = 2);
    refused("large", "the persona of a call", |witnesses| witnesses[0].persona = Some(PersonaId(0)));
}

#[test]
fn a_changed_witness_is_refused_or_still_one_of_its_class() {
    let certified = honest();
    let (mut refused, mut kept) = (0, 0);
    mutants(&certified.certificate, Choice { per_shape: 0, seed: SEED }, |mutant| {
        if !mutant.shape.contains("witnesses") {
            return;
        }
        let changed = Certified { policy: certified.policy.clone(), frame: certified.frame.clone(), certificate: mutant.value };
        if changed.verify().is_err() {
            refused += 1;
            return;
        }
        kept += 1;
        let words = format!("{}, {}", mutant.path, mutant.what);
        hold(&changed, &words, &mut Figures::default());
    });
    println!("{refused} refused, {kept} of the same class");
    assert!(refused >= 300 && kept > 0, "{refused} refused, {kept} kept");
}
