//! `leverframe verify`: whether a frame decides exactly as its policy says, without solver and without compiler.
//!
//! In: a policy, which the reference elaborates, and a frame. Out: what was checked and what is trusted, or every difference. Invariant: nothing of the compiler has
//! a part in it.
//! Source: the command line's contract; verification section 2; `lang-spec/certificate.md`.

use std::fs;
use std::path::Path;

use leverframe_runtime::TrustedKey;
use leverframe_verifier::claims::Certified;
use leverframe_verifier::{Problem, Reading, Report};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::frames;
use crate::options::{PlainFormat, Verify};
use crate::output::{Audience, GREEN, Output, RED, YELLOW, printable};
use leverframe_trust::keys;

/// The version of the JSON form.
const VERSION: u32 = 1;

/// What nothing here shows.
const TRUSTED: &str =
    "  trusted   the grammar, the reference's elaboration and steps, the runtime's reading of arguments and its step (lang-spec/trust.md)";

/// Runs the command.
///
/// # Errors
/// [`Failure`]: a policy or a frame that cannot be read.
pub(crate) fn verify(options: &Verify) -> Result<Exit, Failure> {
    let bytes = fs::read(&options.frame).map_err(|error| Failure::read(&options.frame, error))?;
    fs::File::open(&options.file).map_err(|error| Failure::read(&options.file, error))?;
    let keys = keys::trusted(&options.trust.keys)?;
    let signed = !keys.is_empty();
    let outcome = by_a_trusted_key(&options.frame, &bytes, keys)?;
    let verified = |()| Reading::of(&options.file).map_err(|problem| vec![problem])?.verify(&bytes);
    let outcome = outcome.and_then(verified);
    let outcome = if options.certified { outcome.and_then(certified) } else { outcome };
    match options.format {
        PlainFormat::Human => told(options, &outcome, signed)?,
        PlainFormat::Json => written(&outcome, signed)?,
    }
    Ok(if outcome.is_ok() { Exit::Clean } else { Exit::Findings })
}

/// Whether no claim rests on anybody's word.
fn certified(report: Report) -> Result<Report, Vec<Problem>> {
    let wrong = |place: &str, what: &str| Problem { code: "LF0612", place: place.to_owned(), what: what.to_owned() };
    let trusted = report.claims.iter().filter(|claim| !claim.is_certified());
    let mut problems: Vec<Problem> = trusted.map(|claim| wrong(&claim.name, "it rests on the word of whoever built the frame")).collect();
    if report.unproven {
        problems.push(wrong("the frame", "it is marked unproven"));
    }
    if problems.is_empty() { Ok(report) } else { Err(problems) }
}

/// Where keys are given, whether one of them signed the frame.
fn by_a_trusted_key(path: &Path, bytes: &[u8], keys: Vec<TrustedKey>) -> Result<Result<(), Vec<Problem>>, Failure> {
    match frames::signed(path, bytes, keys) {
        Ok(_) => Ok(Ok(())),
        Err(Failure::Frame { code, message, .. }) => Ok(Err(vec![Problem { code, place: "the frame".to_owned(), what: message }])),
        Err(other) => Err(other),
    }
}

fn told(options: &Verify, outcome: &Result<Report, Vec<Problem>>, signed: bool) -> Result<(), Failure> {
    let mut output = Output::new(Audience::People);
    let name = |path: &Path| printable(&path.display().to_string());
    let (frame, policy) = (name(&options.frame), name(&options.file));
    match outcome {
        Ok(report) => {
            output.line(&format!("{GREEN}verified{GREEN:#}: `{frame}` decides exactly as `{policy}` says"))?;
            let signature = signed.then(|| "  signed    by a key that is trusted".to_owned());
            lines(report)
                .iter()
                .chain(&of_claims(report))
                .chain(&signature)
                .chain(&[TRUSTED.to_owned()])
                .try_for_each(|line| output.line(line))?;
        }
        Err(problems) => {
            for Problem { code, place, what } in problems {
                output.line(&format!("{RED}{code}{RED:#}: {}: {}", printable(place), printable(what)))?;
            }
            output.line(&format!("`{frame}` is not shown to decide as `{policy}` says"))?;
        }
    }
    output.flush()
}

/// What claims rest on.
fn of_claims(report: &Report) -> Vec<String> {
    let certified = report.claims.iter().filter(|claim| claim.is_certified());
    let (count, obligations, nodes) =
        certified.fold((0, 0, 0), |(count, obligations, nodes), claim| (count + 1, obligations + claim.obligations, nodes + claim.nodes));
    let mut lines = vec![format!("  claims    {count} proved ({obligations} obligations, {nodes} nodes of their proofs)")];
    let trusted: Vec<String> = report.claims.iter().filter(|claim| !claim.is_certified()).map(|claim| printable(&claim.name)).collect();
    if !trusted.is_empty() {
        lines.push(format!("            {} on the word of whoever built the frame: {}", trusted.len(), trusted.join(", ")));
    }
    if !report.findings.is_empty() {
        lines.push(of_findings(&report.findings));
    }
    if report.unproven {
        lines.push(format!("            {YELLOW}the frame is marked unproven{YELLOW:#}: not every claim about its policy was proved"));
    }
    lines
}

/// What findings rest on: they weaken no decision, so they are counted apart.
fn of_findings(findings: &[Certified]) -> String {
    let (shown, trusted): (Vec<&Certified>, Vec<&Certified>) = findings.iter().partition(|claim| claim.is_certified());
    let count = format!("  findings  {} shown", shown.len());
    if trusted.is_empty() {
        return count;
    }
    let names: Vec<String> = trusted.iter().map(|claim| printable(&claim.name)).collect();
    format!("{count}, {} on the word of whoever built the frame: {}", trusted.len(), names.join(", "))
}

fn lines(report: &Report) -> Vec<String> {
    let Report { subjects, conditions, expressions, answers, tables, templates, states, steps, classes, witnessed, scans, .. } = report;
    vec![
        format!("  digest    {}", hex(&report.digest)),
        format!("  subjects  {subjects} tools and host events, {conditions} conditions, {expressions} automata of regular expressions"),
        format!("  personas  {answers} answers"),
        format!("  rules     {tables} tables ({states} states of their sources, {steps} steps compared), {templates} limits"),
        format!("            classes with a witness event: {witnessed} of {classes}"),
        format!("  content   {scans} scans"),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Serialize)]
struct Whole<'a> {
    version: u32,
    ok: bool,
    frame: Option<String>,
    checked: Option<Checked>,
    unproven: Option<bool>,
    signed: bool,
    claims: Vec<Claimed<'a>>,
    findings: Vec<Claimed<'a>>,
    problems: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Checked {
    subjects: usize,
    conditions: usize,
    expressions: usize,
    answers: usize,
    tables: usize,
    limits: usize,
    states: usize,
    steps: usize,
    classes: usize,
    witnessed: usize,
    scans: usize,
}

#[derive(Serialize)]
struct Claimed<'a> {
    claim: &'a str,
    basis: &'static str,
    obligations: usize,
    trusted: usize,
}

#[derive(Serialize)]
struct Told<'a> {
    code: &'a str,
    place: &'a str,
    message: &'a str,
}

fn claimed(claim: &Certified) -> Claimed<'_> {
    let basis = if claim.is_certified() { "certificate" } else { "solver" };
    Claimed { claim: &claim.name, basis, obligations: claim.obligations, trusted: claim.trusted }
}

fn written(outcome: &Result<Report, Vec<Problem>>, signed: bool) -> Result<(), Failure> {
    let report = outcome.as_ref().ok();
    let problems = outcome.as_ref().err().into_iter().flatten();
    let checked = |report: &Report| Checked {
        subjects: report.subjects,
        conditions: report.conditions,
        expressions: report.expressions,
        answers: report.answers,
        tables: report.tables,
        limits: report.templates,
        states: report.states,
        steps: report.steps,
        classes: report.classes,
        witnessed: report.witnessed,
        scans: report.scans,
    };
    let mut output = Output::new(Audience::Programs);
    output.json(&Whole {
        version: VERSION,
        ok: report.is_some(),
        frame: report.map(|report| hex(&report.digest)),
        checked: report.map(checked),
        unproven: report.map(|report| report.unproven),
        signed: signed && report.is_some(),
        claims: report.into_iter().flat_map(|report| &report.claims).map(claimed).collect(),
        findings: report.into_iter().flat_map(|report| &report.findings).map(claimed).collect(),
        problems: problems.map(|problem| Told { code: problem.code, place: &problem.place, message: &problem.what }).collect(),
    })?;
    output.flush()
}
