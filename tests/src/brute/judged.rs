//! A policy as the checker judges it, and the disagreements with what enumeration finds.
//!
//! In: a policy. Out: [`Outcome`]: findings by code, answers that stayed unknown, disagreements. What the checker says that a session or call refutes is *wrong*; what
//! it does not say though no session up to the bound speaks against it is *silent*, and only counted.
//! Source: verification section 3.

use std::collections::BTreeMap;
use std::time::Duration;

use leverframe_checker::{Claim, Finding, Options, Report, Verdict as Came, check};
use leverframe_compiler::pipeline::build;
use leverframe_runtime::Approval;

use super::explore::{Bounds, Explorer, Facts};
use super::policy::Policy;
use super::rule::{Assertion, Said};
use super::{statements, witness};
use crate::engine::{self, ROOT};
use crate::policy::files::split;
use crate::reference::{self, Elaborated};

/// How long one question may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What came of one policy.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Why the compiler refuses it, where it does.
    pub refused: Option<String>,
    /// Findings by code.
    pub findings: BTreeMap<String, usize>,
    /// Claims and how many of them came to be unknown, with the reasons.
    pub claims: usize,
    /// Reasons of answers that stayed unknown.
    pub unknown: Vec<String>,
    /// What is wrong, and why.
    pub wrong: Vec<String>,
    /// What the checker does not say.
    pub silent: Vec<String>,
    /// States that were looked at.
    pub states: usize,
    /// Sessions of the report that were replayed.
    pub replayed: usize,
}

/// A policy with everything that is known of it.
pub struct Case<'c> {
    /// The policy.
    pub policy: &'c Policy,
    /// What the checker says.
    pub report: &'c Report,
    /// What enumeration says, by persona.
    pub facts: Vec<Facts>,
    /// The same where nobody approves.
    pub unapproved: Vec<Facts>,
    /// The policy with twins, as the reference has it.
    pub twin: &'c Elaborated,
    /// What came of it.
    pub out: Outcome,
}

/// Judges a policy.
#[must_use]
pub fn judge(policy: &Policy, bounds: Bounds) -> Outcome {
    let text = policy.text();
    let built = match build(ROOT, &split(&text)) {
        Ok(built) => built,
        Err(_) => {
            let why = engine::compile(&text).err().unwrap_or_default().join("; ");
            return Outcome { refused: Some(why), ..Outcome::default() };
        }
    };
    let report = check(&built.checked, &built.frame, &Options { timeout: TIMEOUT, record_queries: false });
    let twin_text = policy.twin();
    let both = (engine::compile(&twin_text), reference::elaborate(&twin_text));
    let (Ok(compiled), Ok(twin)) = both else {
        let wrong = vec![format!("the twin is refused: {:?}, {:?}", both.0.err(), both.1.err())];
        return Outcome { wrong, ..Outcome::default() };
    };
    let explore = |approval| {
        let personas = 0..policy.permissions.personas.len();
        personas.map(|persona| Explorer::facts(policy, compiled.policy(), persona, approval, bounds)).collect::<Vec<_>>()
    };
    let withheld = |assertion: &Assertion| assertion.said == Said::Never { without_approval: true };
    let unapproved = if policy.rules.assertions.iter().any(withheld) { explore(Approval::None) } else { Vec::new() };
    let mut case = Case { policy, report: &report, facts: explore(Approval::Given), unapproved, twin: &twin, out: Outcome::default() };
    case.count();
    statements::compare(&mut case);
    case.rules();
    case.permissions();
    case.traps();
    case.assertions();
    witness::replay(&mut case);
    case.out
}

impl Case<'_> {
    fn count(&mut self) {
        for finding in &self.report.findings {
            *self.out.findings.entry(finding.diagnostic.code.to_string()).or_default() += 1;
        }
        self.out.claims = self.report.proofs.len();
        for proof in &self.report.proofs {
            if let Came::Unknown(why) = &proof.verdict {
                self.out.unknown.push(format!("{:?}: {why}", proof.claim));
            }
        }
        self.out.states = self.facts.iter().chain(&self.unapproved).map(|facts| facts.states).sum();
        let odd: Vec<String> = self.facts.iter().flat_map(|facts| facts.odd.first().cloned()).collect();
        self.out.wrong.extend(odd);
    }

    /// The findings of a code that speak of a rule.
    #[must_use]
    pub fn of_rule(&self, code: &str, rule: &str) -> Vec<&Finding> {
        let speaks =
            |finding: &&Finding| finding.diagnostic.code.to_string() == code && finding.rules.first().is_some_and(|name| name == rule);
        self.report.findings.iter().filter(speaks).collect()
    }

    /// The findings of a code that speak of a persona.
    #[must_use]
    pub fn of_persona(&self, code: &str, persona: usize) -> Vec<&Finding> {
        let name = &self.policy.permissions.personas[persona].name;
        let speaks = |finding: &&Finding| finding.diagnostic.code.to_string() == code && finding.persona.as_ref() == Some(name);
        self.report.findings.iter().filter(speaks).collect()
    }

    /// What a claim came to.
    #[must_use]
    pub fn came(&self, claim: &Claim) -> Option<&Came> {
        self.report.proofs.iter().find(|proof| proof.claim == *claim).map(|proof| &proof.verdict)
    }

    fn rules(&mut self) {
        for (at, rule) in self.policy.rules.rules.iter().enumerate() {
            let dead = ["LF0401", "LF0409"].iter().find(|code| !self.of_rule(code, &rule.name).is_empty());
            let implied = !self.of_rule("LF0404", &rule.name).is_empty();
            let triggered = self.facts.iter().find_map(|facts| facts.triggered.get(&at));
            let alone = self.facts.iter().find_map(|facts| facts.alone.get(&at));
            match (dead, triggered) {
                (Some(code), Some(seen)) => self.out.wrong.push(format!("{code} of `{}`, which triggers:\n{}", rule.name, seen.session)),
                (None, None) if matches!(rule.kind, super::rule::Kind::Forbid | super::rule::Kind::Limit) => {
                    self.out.silent.push(format!("LF0401 of `{}`", rule.name));
                }
                _ => {}
            }
            match (implied, alone) {
                (true, Some(seen)) => self.out.wrong.push(format!("LF0404 of `{}`, which does something:\n{}", rule.name, seen.session)),
                (false, None) if dead.is_none() && triggered.is_some() && rule.action != super::rule::Action::Observe => {
                    self.out.silent.push(format!("LF0404 of `{}`", rule.name));
                }
                _ => {}
            }
        }
    }

    fn permissions(&mut self) {
        for persona in 0..self.facts.len() {
            let named: Vec<String> =
                self.of_persona("LF0402", persona).iter().filter_map(|finding| finding.rules.first().cloned()).collect();
            for name in named {
                if let Some(seen) = self.facts[persona].used.get(&name) {
                    let wrong = format!("LF0402 of `{name}`, which is used:\n{}", seen.session);
                    self.out.wrong.push(wrong);
                }
            }
            self.unmet(persona);
            self.unused(persona);
        }
    }

    fn unmet(&mut self, persona: usize) {
        for rule in self.policy.rules.rules.iter().filter(|rule| !rule.prerequisites.is_empty()) {
            let met: Vec<_> =
                (0..rule.prerequisites.len()).map(|place| self.facts[persona].met.get(&format!("m{}_{place}", rule.name))).collect();
            let named = self.of_persona("LF0403", persona).iter().any(|finding| finding.rules.first() == Some(&rule.name));
            if named && met.iter().all(Option::is_some) {
                let sessions: Vec<String> = met.iter().flatten().map(|seen| seen.session.clone()).collect();
                self.out.wrong.push(format!("LF0403 of `{}` for p{persona}, which can be met:\n{}", rule.name, sessions.join("\nand\n")));
            }
        }
    }

    /// Statements whose calls are permitted and never admitted.
    fn unused(&mut self, persona: usize) {
        let policy = self.policy;
        let explained = !self.of_persona("LF0403", persona).is_empty();
        let mut names: Vec<String> = Vec::new();
        for call in &policy.world.calls {
            for ruling in policy.permissions.rulings(&policy.world, persona, call.tool) {
                let labels = self.facts[persona].labels;
                let permitted = policy.permissions.verdict(&policy.world, persona, call, labels) != Some(super::permission::Verdict::Deny);
                if ruling.verdict != super::permission::Verdict::Deny && ruling.takes(call, labels) && permitted {
                    names.push(ruling.name);
                }
            }
        }
        names.sort();
        names.dedup();
        for name in names {
            let said = self.of_persona("LF0402", persona).iter().any(|finding| finding.rules.first() == Some(&name));
            if !said && !explained && !self.facts[persona].used.contains_key(&name) {
                self.out.silent.push(format!("LF0402 of `{name}` for p{persona}"));
            }
        }
    }

    fn traps(&mut self) {
        for persona in 0..self.facts.len() {
            let said = !self.of_persona("LF0405", persona).is_empty();
            let dead = self.facts[persona].dead.iter().find(|dead| !dead.may_be_wanted(self.policy));
            let stuck_at_once = self.facts[persona].dead.iter().any(|dead| dead.first);
            if let Some(dead) = dead.filter(|_| !said && !stuck_at_once) {
                let variables = dead.rules.iter().any(|rule| self.policy.rules.rules[*rule].variables);
                let line = format!("LF0405 for p{persona}{}:\n{}", if variables { " (variables)" } else { "" }, dead.session);
                self.out.silent.push(line);
            }
        }
    }

    fn assertions(&mut self) {
        for assertion in &self.policy.rules.assertions {
            let all: Vec<usize> = match (&assertion.said, assertion.of) {
                (Said::Can(persona), _) => vec![*persona],
                (_, Some(persona)) => vec![persona],
                (_, None) => (0..self.facts.len()).collect(),
            };
            let withheld = assertion.said == Said::Never { without_approval: true };
            let facts: Vec<&Facts> =
                all.iter().map(|persona| if withheld { &self.unapproved[*persona] } else { &self.facts[*persona] }).collect();
            let name = &assertion.name;
            let spoke = |twin: &str| facts.iter().find_map(|facts| facts.spoke.get(&format!("{twin}{name}"))).cloned();
            let (own, trigger) = (spoke("z"), spoke("y"));
            let can = matches!(assertion.said, Said::Can(_));
            let came = self.came(&Claim::Assertion { name: name.clone() }).cloned();
            match (came, own, can) {
                (Some(Came::Proved), Some(seen), false) => self.out.wrong.push(format!("`{name}` is said to be proved:\n{}", seen.session)),
                (Some(Came::Refuted), Some(seen), true) => {
                    self.out.wrong.push(format!("`{name}` is said to be refuted:\n{}", seen.session))
                }
                (Some(Came::Proved), None, true) => self.out.silent.push(format!("`{name}` is proved by a longer session")),
                (Some(Came::Refuted), None, false) => self.out.silent.push(format!("`{name}` is refuted by a longer session")),
                (None, ..) => self.out.wrong.push(format!("nothing is said of `{name}`")),
                _ => {}
            }
            let vacuous = !self.of_rule("LF0504", name).is_empty();
            match trigger {
                Some(seen) if vacuous => self.out.wrong.push(format!("LF0504 of `{name}`, which begins:\n{}", seen.session)),
                None if !vacuous
                    && assertion.trigger.is_some()
                    && self.came(&Claim::Assertion { name: name.clone() }) == Some(&Came::Proved)
                    && !can =>
                {
                    self.out.silent.push(format!("LF0504 of `{name}`"));
                }
                _ => {}
            }
        }
    }
}
