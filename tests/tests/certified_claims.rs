//! Proofs of claims about permissions: made by the checker for every policy in the repository, checked by the verifier, which shares no code with it.
//!
//! In: examples, conformance cases, requirements, corpora, the blocks of the specification. Out: how many claims are certified; where the checker needed no solver,
//! the proof rests on nobody's word.
//! Source: `lang-spec/certificate.md`.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use leverframe_checker::{Basis, Options, Shown, certify, check, report};
use leverframe_compiler::core::Core;
use leverframe_compiler::pipeline::{Built, build};
use leverframe_reference::{Disk, elaborate_from};
use leverframe_runtime::frame::{About, Case, Claim, Proof};
use leverframe_tests::brute;
use leverframe_tests::engine::{self, ROOT};
use leverframe_tests::policy::Policy;
use leverframe_tests::policy::files::split as files;
use leverframe_tests::random::Dice;
use leverframe_verifier::claims::{self, Certified};

/// Random policies of all forms of conditions, and small ones that are checked besides.
const RANDOM: u64 = 200;
const SMALL: u64 = 40;
/// Lemmas of the former's proofs, below which they say too little.
const LEAST_LEMMAS: usize = 40;
/// Claims below which this test has lost its corpus.
const LEAST_CLAIMS: usize = 200;
/// Obligations with something to show, below which it says too little.
const LEAST_SPLIT: usize = 40;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").to_path_buf()
}

fn policies(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if entry.is_dir() && name != "target" && !name.starts_with('.') {
            policies(&entry, found);
        } else if name.ends_with(".lever") {
            found.push(entry);
        }
    }
}

/// What came of one policy.
#[derive(Debug, Default)]
struct Figures {
    claims: usize,
    obligations: usize,
    split: usize,
    nodes: usize,
    bytes: usize,
    trusted: usize,
    making: Duration,
    checking: Duration,
    /// Claims that rest on somebody's word though no solver was asked.
    on_its_word: Vec<String>,
}

impl Figures {
    fn add(&mut self, other: &Self) {
        self.claims += other.claims;
        self.obligations += other.obligations;
        self.split += other.split;
        self.nodes += other.nodes;
        self.bytes += other.bytes;
        self.trusted += other.trusted;
        self.making += other.making;
        self.checking += other.checking;
    }
}

fn split(claim: &Claim) -> usize {
    match &claim.proof {
        Proof::Cases(trees) => trees.iter().filter(|tree| tree.nodes.len() > 1).count(),
        Proof::Unreachable(_) | Proof::Session(_) | Proof::Trusted => 0,
    }
}

fn contradictions(claim: &Claim) -> usize {
    let Proof::Cases(trees) = &claim.proof else { return 0 };
    trees.iter().flat_map(|tree| &tree.nodes).filter(|node| matches!(node, Case::Contradiction(_))).count()
}

fn needed_no_solver(proofs: &[report::Proof], about: &About, persona: &dyn Fn(u32) -> String) -> bool {
    let claim = match about {
        About::NoConflict(id) => report::Claim::NoConflict { persona: persona(id.0) },
        About::NoGap(id) => report::Claim::NoGap { persona: persona(id.0) },
        About::Assertion(name) => report::Claim::Assertion { name: name.clone() },
        About::Finding(_) => return false,
    };
    proofs.iter().any(|proof| proof.claim == claim && proof.basis == Some(Basis::Certificate))
}

/// Makes the proofs of a policy and checks them; nothing where the compiler refuses it.
fn figures(path: &Path) -> Option<Figures> {
    let name = path.to_str().expect("a path of text");
    let built = build(name, &engine::Disk).ok()?;
    let core = built.checked.core.as_ref().expect("a core");
    let options = Options { timeout: Duration::from_secs(10), record_queries: false };
    let report = check(&built.checked, &built.frame, &options);
    let before = Instant::now();
    let made = certify::permissions(core, &report.proofs);
    let making = before.elapsed();
    let proved = report.proofs.iter().filter(|proof| proof.verdict == report::Verdict::Proved);
    let of_permissions = proved.filter(|proof| !matches!(proof.claim, report::Claim::Assertion { .. })).count();
    assert_eq!(made.len(), of_permissions, "{name}: a claim for each proof");
    let policy = elaborate_from(&Disk, name).expect("the reference reads what the compiler reads");
    let before = Instant::now();
    let found = claims::check(&policy, &made).unwrap_or_else(|wrong| panic!("{name}: {wrong:#?}"));
    let persona = |id: u32| core.personas[id as usize].name.clone();
    let on_its_word = found.iter().filter(|claim| !claim.is_certified() && needed_no_solver(&report.proofs, &claim.about, &persona));
    let sum = |of: fn(&Certified) -> usize| found.iter().map(of).sum();
    Some(Figures {
        claims: found.len(),
        obligations: sum(|claim| claim.obligations),
        split: made.iter().map(split).sum(),
        nodes: sum(|claim| claim.nodes),
        bytes: serde_json::to_vec(&made).expect("plain data").len(),
        trusted: sum(|claim| claim.trusted),
        making,
        checking: before.elapsed(),
        on_its_word: on_its_word.map(|claim| format!("{:?}", claim.about)).collect(),
    })
}

#[test]
fn what_is_proved_without_a_solver_is_certified() {
    let mut all = Vec::new();
    policies(&root(), &mut all);
    if let Some(suites) = std::env::var_os("LEVERFRAME_SUITES") {
        policies(Path::new(&suites), &mut all);
    }
    let mut total = Figures::default();
    let mut wrong = Vec::new();
    for path in &all {
        let Some(figures) = figures(path) else { continue };
        total.add(&figures);
        // Elsewhere there are policies whose proofs no lemma shows (certificate.md, [cert.lemmas], "left out"): the verifier says so, and that is all that can be asked.
        if !path.starts_with(root()) {
            println!("{}: {figures:?}", path.display());
        } else if !figures.on_its_word.is_empty() {
            wrong.push(format!("{}: {:?}", path.display(), figures.on_its_word));
        }
    }
    println!("{} policies: {total:?}", all.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(total.claims >= LEAST_CLAIMS && total.split >= LEAST_SPLIT);
}

/// Proofs of all claims about permissions, as if all were found to hold.
fn as_if_proved(core: &Core) -> Vec<report::Proof> {
    let both = |persona: &str| {
        let persona = || persona.to_owned();
        [report::Claim::NoConflict { persona: persona() }, report::Claim::NoGap { persona: persona() }]
    };
    let claims = core.personas.iter().flat_map(|persona| both(&persona.name));
    claims
        .map(|claim| report::Proof { claim, verdict: report::Verdict::Proved, basis: None, queries: Vec::new(), shown: Shown::Nothing })
        .collect()
}

/// What the verifier makes of all claims of a policy, false ones among them: branches that do not end are taken on trust.
fn attempted(text: &str) -> Option<(Built, Vec<Claim>, Vec<Certified>)> {
    let built = build(ROOT, &files(text)).ok()?;
    let core = built.checked.core.as_ref().expect("a core");
    let made = certify::permissions(core, &as_if_proved(core));
    let policy = elaborate_from(&files(text), ROOT).unwrap_or_else(|why| panic!("{why}:\n{text}"));
    let found = claims::check(&policy, &made).unwrap_or_else(|wrong| panic!("{wrong:#?}\n{text}"));
    Some((built, made, found))
}

#[test]
fn both_sides_agree_on_what_is_to_be_shown() {
    let (mut read, mut lemmas, mut trusted) = (0, 0, 0);
    for seed in 0..RANDOM {
        let Some((_, made, found)) = attempted(&Policy::random(Dice::new(seed)).text()) else { continue };
        read += 1;
        lemmas += made.iter().map(contradictions).sum::<usize>();
        trusted += found.iter().map(|claim| claim.trusted).sum::<usize>();
    }
    println!("{read} policies; {lemmas} lemmas, {trusted} branches on trust");
    assert!(read * 2 > RANDOM && lemmas >= LEAST_LEMMAS);
}

/// A thousand rules, ten of each tool: amounts and places that exclude each other.
#[test]
fn a_large_policy_is_certified() {
    let rule = |tool: usize, number: usize| {
        let verdict = ["allow", "ask", "deny"][number % 3];
        let least = 100 * (number / 2);
        let place = if number.is_multiple_of(2) { "inside" } else { "outside" };
        format!("{verdict} t{tool} when amount >= {least} and amount < {} and place under \"/srv/{place}\"\n", least + 100)
    };
    let tools: String = (0..100).map(|tool| format!("tool t{tool}(amount: int 0..=10000, place: path)\n")).collect();
    let rules: String = (0..100).flat_map(|tool| (0..10).map(move |number| rule(tool, number))).collect();
    let text = format!("language 1\n{tools}persona p {{\n{rules}otherwise deny\n}}\n");
    let before = Instant::now();
    let (_, made, found) = attempted(&text).expect("a policy");
    let sum = |of: fn(&Certified) -> usize| found.iter().map(of).sum::<usize>();
    let bytes = serde_json::to_vec(&made).expect("plain data").len();
    println!(
        "{} obligations, {} nodes, {bytes} bytes of JSON; in {:?}",
        sum(|claim| claim.obligations),
        sum(|claim| claim.nodes),
        before.elapsed()
    );
    assert_eq!((sum(|claim| claim.obligations), sum(|claim| claim.trusted)), (3_300, 0));
}

#[test]
fn what_is_certified_is_never_refuted() {
    let (mut certified, mut refuted) = (0, 0);
    for seed in 0..SMALL {
        let Some((built, _, found)) = attempted(&brute::policy::Policy::random(seed).text()) else { continue };
        let core = built.checked.core.as_ref().expect("a core");
        let options = Options { timeout: Duration::from_secs(10), record_queries: false };
        let report = check(&built.checked, &built.frame, &options);
        let of_permissions = as_if_proved(core);
        for (claim, found) in of_permissions.iter().zip(&found) {
            let came = report.proofs.iter().find(|proof| proof.claim == claim.claim).expect("the checker looks at every persona");
            assert!(!found.is_certified() || came.verdict == report::Verdict::Proved, "{:?}: {:?}", found.about, came.verdict);
            certified += usize::from(found.is_certified());
            refuted += usize::from(came.verdict == report::Verdict::Refuted);
        }
    }
    println!("{certified} claims certified, {refuted} refuted");
    assert!(certified > 0 && refuted > 0);
}
