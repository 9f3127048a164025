//! Two policies over the same names.
//!
//! In: two core forms. Out: [`Aligned`]: both in the names of both, and what of them cannot be compared. Invariants: both have the tools and personas that
//! both declare, and the labels, host events and context fields that either declares; every part of a core form is compared, kept for a question, or doubted.
//! Left out: calls of tools and personas that one policy alone declares, which are told apart elsewhere. Source: verification section 3.

use std::collections::{BTreeMap, BTreeSet};

use leverframe_compiler::core::{
    Cond, ContextField, Core, Event, EventId, Label, LabelId, LetterKind, Persona, PersonaId, Rule, Scan, Scope, Tool, ToolId, Type,
};

use super::rename::{Renaming, conditions, parts};
use super::schema::{fits, joined};
use crate::limits::LABELS_READ;

/// Two policies over the same names.
pub(super) struct Aligned {
    pub(super) old: Core,
    pub(super) new: Core,
    /// Why what the policies say cannot be compared as far as these go, whatever else is found.
    pub(super) doubts: Vec<(String, String)>,
    /// The tools that both declare, but read differently, and why.
    pub(super) apart: BTreeMap<String, String>,
}

/// Everything that both are put into the names of.
struct Names {
    labels: Vec<Label>,
    events: Vec<Event>,
    context: Vec<ContextField>,
    tools: Vec<Tool>,
    personas: Vec<String>,
    doubts: Vec<(String, String)>,
    apart: BTreeMap<String, String>,
}

/// Puts two policies into the same names.
pub(super) fn align(old: &Core, new: &Core) -> Aligned {
    let mut names = Names::of(old, new);
    let (old_names, new_names) = (names.renaming(old), names.renaming(new));
    let (one, two) = (names.core(old, &old_names), names.core(new, &new_names));
    names.labelled(&one, &two);
    names.content(&one, &two);
    names.attempts(old, new);
    names.results(old, new, [&one, &two]);
    Aligned { old: one, new: two, doubts: names.doubts, apart: names.apart }
}

impl Names {
    fn of(old: &Core, new: &Core) -> Self {
        let mut names = Self {
            labels: new.labels.clone(),
            events: new.events.clone(),
            context: new.context.clone(),
            tools: Vec::new(),
            personas: new.personas.iter().map(|persona| persona.name.clone()).collect(),
            doubts: Vec::new(),
            apart: BTreeMap::new(),
        };
        names.personas.retain(|name| old.personas.iter().any(|persona| persona.name == *name));
        for label in &old.labels {
            if !names.labels.iter().any(|known| known.name == label.name) {
                names.labels.push(label.clone());
            }
        }
        for event in &old.events {
            match names.events.iter().find(|known| known.name == event.name) {
                None => names.events.push(event.clone()),
                Some(known) if joined(&known.args, &event.args).as_ref() == Ok(&known.args) && fits(&known.args, &event.args) => {}
                Some(_) => names.doubt(format!("the host event `{}`", event.name), "its arguments have other types"),
            }
        }
        for field in &old.context {
            match names.context.iter().find(|known| known.name == field.name) {
                None => names.context.push(field.clone()),
                Some(known) if same_type(&known.ty, &field.ty) => {}
                Some(_) => names.doubt(format!("the context field `{}`", field.name), "it has another type"),
            }
        }
        for tool in &new.tools {
            let Some(known) = old.tools.iter().find(|known| known.name == tool.name) else { continue };
            match joined(&known.args, &tool.args) {
                Ok(args) => names.tools.push(Tool { args, ..tool.clone() }),
                Err(why) => {
                    names.apart.insert(tool.name.clone(), format!("of its arguments {why}"));
                }
            }
        }
        names
    }

    fn doubt(&mut self, about: impl Into<String>, reason: impl Into<String>) {
        self.doubts.push((about.into(), reason.into()));
    }

    fn renaming(&self, core: &Core) -> Renaming {
        let tool = |tool: &Tool| place(self.tools.iter().map(|tool| &tool.name), &tool.name).map(ToolId);
        let persona = |persona: &Persona| place(self.personas.iter(), &persona.name).map(PersonaId);
        let event = |event: &Event| place(self.events.iter().map(|event| &event.name), &event.name).map(EventId);
        let label = |label: &Label| place(self.labels.iter().map(|label| &label.name), &label.name).map(LabelId);
        Renaming {
            tools: core.tools.iter().map(tool).collect(),
            personas: core.personas.iter().map(persona).collect(),
            events: core.events.iter().filter_map(event).collect(),
            labels: core.labels.iter().filter_map(label).collect(),
            all_personas: self.personas.len(),
        }
    }

    /// The policy in these names.
    fn core(&self, core: &Core, renaming: &Renaming) -> Core {
        // Field by field, so that a new one is not forgotten here.
        let Core { labels: _, context: _, events: _, tools, everyone, personas, rules, detectors, scans } = core;
        let tool = |known: &Tool| {
            let own = tools.iter().find(|tool| tool.name == known.name).unwrap_or(known);
            let Tool { name, args: _, result: _, returns, sends, destroys } = own;
            let (sends, destroys) = (renaming.cond(sends), renaming.cond(destroys));
            Tool {
                name: name.clone(),
                args: known.args.clone(),
                result: known.result.clone(),
                returns: renaming.labels(returns),
                sends,
                destroys,
            }
        };
        let owner = |name: &String| personas.iter().find(|persona| persona.name == *name).map(|persona| renaming.owner(persona));
        Core {
            labels: self.labels.clone(),
            context: self.context.clone(),
            events: self.events.clone(),
            tools: self.tools.iter().map(tool).collect(),
            everyone: renaming.permissions(everyone),
            personas: self.personas.iter().filter_map(owner).collect(),
            rules: rules.iter().filter_map(|rule| renaming.rule(rule)).collect(),
            detectors: detectors.clone(),
            scans: scans.iter().filter_map(|scan| renaming.scan(scan)).collect(),
        }
    }

    /// Results carry the same labels on both sides, as far as anything reads them.
    fn labelled(&mut self, old: &Core, new: &Core) {
        let mut read = labels_read(old);
        read.extend(labels_read(new));
        for (one, two) in old.tools.iter().zip(&new.tools) {
            let differs = |label: &&LabelId| one.returns.contains(label) != two.returns.contains(label);
            if let Some(label) = read.iter().find(differs) {
                let name = self.labels.get(label.index()).map_or("", |label| label.name.as_str());
                let reason = format!("one policy alone says that they carry `{name}`, which permissions or rules read");
                self.doubt(format!("results of `{}`", one.name), reason);
            }
        }
    }

    /// Scans find the same on both sides.
    fn content(&mut self, old: &Core, new: &Core) {
        let same = old.scans == new.scans;
        let detect = |core: &Core| -> BTreeMap<String, String> {
            core.detectors.iter().map(|detector| (detector.name.clone(), format!("{:?}", detector.parts))).collect()
        };
        let scanned = |scans: &[Scan]| !scans.is_empty();
        if !same || (scanned(&old.scans) && detect(old) != detect(new)) {
            self.doubt("scans", "they find other content or do something else with it, and what content there can be is not searched");
        }
    }

    /// Refused attempts are the same on both sides, where a rule listens to them.
    fn attempts(&mut self, old: &Core, new: &Core) {
        let mut heard = false;
        for core in [old, new] {
            parts(core, &mut |part| heard |= part.kind == LetterKind::Denied);
        }
        let schema = |tool: &Tool| {
            let known = new.tools.iter().find(|known| known.name == tool.name);
            known.is_none_or(|known| !(fits(&tool.args, &known.args) && fits(&known.args, &tool.args)))
        };
        let names = |core: &Core| (core.tools.len(), core.personas.len());
        let differ = names(old) != names(new) || self.personas.len() != old.personas.len() || old.tools.iter().any(schema);
        if heard && differ {
            self.doubt("refused attempts", "a rule counts them, and tools, their arguments or personas differ");
        }
    }

    /// Structured results are read the same on both sides, where a rule reads them.
    fn results(&mut self, old: &Core, new: &Core, aligned: [&Core; 2]) {
        let mut read = false;
        for core in aligned {
            conditions(core, &mut |cond| read |= cond.reads_result());
            parts(core, &mut |part| read |= part.bindings.iter().any(|binding| binding.value.result));
        }
        let find = |core: &Core, name: &str| core.tools.iter().find(|tool| tool.name == name).and_then(|tool| tool.result.clone());
        let same = |one: Option<leverframe_compiler::core::Record>, two: Option<leverframe_compiler::core::Record>| match (one, two) {
            (Some(one), Some(two)) => same_type(&Type::Record(one), &Type::Record(two)),
            (one, two) => one == two,
        };
        let differing = self.tools.iter().find(|tool| !same(find(old, &tool.name), find(new, &tool.name))).map(|tool| tool.name.clone());
        if let Some(name) = differing.filter(|_| read) {
            self.doubt(format!("results of `{name}`"), "their fields have other types, and rules read results");
        }
    }
}

fn place<'n>(mut names: impl Iterator<Item = &'n String>, name: &str) -> Option<u32> {
    names.position(|known| known == name).and_then(|at| u32::try_from(at).ok())
}

/// Whether two types are one, whatever made a value opaque.
fn same_type(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Json(_), Type::Json(_)) => true,
        (Type::List(a), Type::List(b)) => same_type(a, b),
        (Type::Record(a), Type::Record(b)) => joined(a, b).is_ok() && fits(a, b) && fits(b, a),
        (a, b) => a == b,
    }
}

/// The labels that permissions, patterns or conditions read.
fn labels_read(core: &Core) -> BTreeSet<LabelId> {
    let mut found = BTreeSet::new();
    conditions(core, &mut |cond| mentioned(cond, &mut found));
    parts(core, &mut |part| found.extend(part.label));
    found
}

fn mentioned(cond: &Cond, found: &mut BTreeSet<LabelId>) {
    match cond {
        Cond::Has(label) | Cond::Carries(label) => {
            found.insert(*label);
        }
        Cond::And(parts) | Cond::Or(parts) => parts.iter().for_each(|part| mentioned(part, found)),
        Cond::Not(part) | Cond::All(_, _, part) | Cond::Some(_, _, part) => mentioned(part, found),
        _ => {}
    }
}

/// The policy, its results carrying any of the labels that it or `other` reads: a host may label them as it likes, whatever effects and scans say.
///
/// # Errors
/// That it reads too many.
pub(super) fn labelled_freely(core: &Core, other: &Core) -> Result<Core, String> {
    let labels: BTreeSet<LabelId> = labels_read(core).union(&labels_read(other)).copied().collect();
    let tools = (0..u32::try_from(core.tools.len()).unwrap_or(u32::MAX)).map(ToolId).collect();
    if labels.len() > LABELS_READ {
        return Err(format!("permissions and rules read more than {LABELS_READ} labels"));
    }
    let mut core = core.clone();
    if !labels.is_empty() {
        // A search takes the labels that scans give for possible, and not for certain.
        let (name, scope, detectors) = ("labels of the host".to_owned(), Scope::All, vec![ANY_DETECTOR.to_owned()]);
        let labels = labels.into_iter().collect();
        core.scans.push(Scan { name, scope, results: true, tools, detectors, deny: false, redact: false, labels });
    }
    Ok(core)
}

/// A detector that every policy has; what it finds does not matter.
const ANY_DETECTOR: &str = "std.email";

/// Whether a rule reads which calls were approved.
pub(super) fn reads_approval(core: &Core) -> bool {
    let mut found = false;
    parts(core, &mut |part| found |= part.approved);
    found
}

/// The rules that decide something.
pub(super) fn deciding(core: &Core) -> impl Iterator<Item = &Rule> {
    core.rules.iter().filter(|rule| rule.action != leverframe_compiler::core::Action::Observe)
}
