//! Calls that one policy answers less severely by what it asks before any rule over histories: permissions, arguments, conditions that cannot be evaluated.
//!
//! In: two policies. Out: sessions that part them. Invariant: a tool or persona about which nothing is said is answered alike by both.
//! Source: language section 4; verification section 3.

use std::collections::BTreeSet;

use leverframe_compiler::automata::{Guards, rule as compile};
use leverframe_compiler::core::{Action, Answer as Stated, Cond, Core, Key, Member, PersonaId, Term, ToolId, Verdict};
use leverframe_runtime::frame::LetterKind;
use serde_json::json;

use super::align::labelled_freely;
use super::direction::{Looking, names, pairs};
use super::schema::{beyond, fits};
use crate::question::{Answer, Goal, Questions, Subject};
use crate::report::{WitnessCall, WitnessStep};
use crate::session::ground::Ground;
use crate::session::hunt::{Hunted, Quarry};
use crate::session::permit::{Permits, and, members, or};

impl Looking<'_> {
    /// Calls that the permissions of `to` answer less severely.
    pub(super) fn permissions(&mut self) {
        for (persona, tool) in pairs(self.to.core) {
            if said(self.from.core, persona, tool) == said(self.to.core, persona, tool) {
                continue;
            }
            let from = Permits::of(self.from.core, persona, tool);
            let to = Permits::of(self.to.core, persona, tool);
            let refused = and(vec![from.deny, or(vec![to.allow.clone(), to.ask])]);
            let asked = and(vec![from.ask, to.allow]);
            for quarry in [Quarry::Admitted(tool, refused), Quarry::Granted(tool, asked)] {
                self.permitted(persona, &quarry);
            }
        }
    }

    fn permitted(&mut self, persona: PersonaId, quarry: &Quarry) {
        let Some((tool, cond)) = quarry.probe() else { return };
        let goal = Goal { holds: vec![cond.clone()], evaluable: Vec::new() };
        if cond == Cond::Const(false) || matches!(self.questions.ask(Subject::Tool(tool), &goal), Answer::Impossible(_)) {
            return;
        }
        let (who, what) = self.names(persona, tool);
        let about = format!("calls of `{who}` to `{what}`");
        match self.ground.hunt(&mut self.questions, persona, quarry) {
            Hunted::Impossible(_) => {}
            Hunted::Session(session) => {
                if !self.take(&session, None) {
                    self.doubt(about, NOT_PARTED);
                }
            }
            Hunted::Unknown(why) => self.doubt(about, why),
        }
    }

    /// Calls that only `to` knows: of its own tools and personas, and of tools whose arguments the policies read differently.
    pub(super) fn alone(&mut self) {
        let core = self.to.whole;
        let shared = |(persona, tool): &(PersonaId, ToolId)| {
            let (who, what) = names(core, *persona, *tool);
            self.to.core.personas.iter().any(|persona| persona.name == who) && self.to.core.tools.iter().any(|tool| tool.name == what)
        };
        let open: Vec<(PersonaId, ToolId)> = pairs(core).into_iter().filter(|pair| !shared(pair)).collect();
        if open.is_empty() {
            return;
        }
        let mut questions = Questions::new(core, self.timeout);
        let ground = match labelled_freely(core, core).and_then(|core| Ground::new(&core, |_| ())) {
            Ok((ground, ())) => ground,
            Err(why) => return self.doubt("calls that one policy alone knows", why),
        };
        for (persona, tool) in open {
            let permits = Permits::of(core, persona, tool);
            let granted = or(vec![permits.allow, permits.ask]);
            if granted == Cond::Const(false) {
                continue;
            }
            let (who, what) = names(core, persona, tool);
            let about = format!("calls of `{who}` to `{what}`");
            match ground.hunt(&mut questions, persona, &Quarry::Admitted(tool, granted)) {
                Hunted::Impossible(_) => {}
                Hunted::Unknown(why) => self.doubt(about, why),
                Hunted::Session(session) => {
                    let known = self.from.whole.personas.iter().any(|persona| persona.name == who);
                    let apart = self.apart.get(&what).cloned();
                    let part = self.take(&session, None);
                    match apart {
                        // One call that both answer alike says nothing of the others.
                        Some(why) if known && !part => self.doubt(about, why),
                        _ if !part => self.doubt(about, NOT_PARTED),
                        _ => {}
                    }
                }
            }
        }
    }

    /// Calls with arguments that only `to` takes.
    pub(super) fn arguments(&mut self) {
        for (persona, tool) in pairs(self.to.core) {
            let (who, what) = self.names(persona, tool);
            let find = |core: &Core| core.tools.iter().position(|tool| tool.name == what).and_then(|at| u32::try_from(at).ok()).map(ToolId);
            let (Some(own), Some(other)) = (find(self.to.whole), find(self.from.whole)) else { continue };
            let args = |core: &Core, tool: ToolId| core.tools.get(tool.index()).map(|tool| tool.args.clone());
            let (Some(own_args), Some(other_args)) = (args(self.to.whole, own), args(self.from.whole, other)) else { continue };
            if fits(&own_args, &other_args) || self.is_known(&who, &what) {
                continue;
            }
            let mut probes = beyond(&own_args, &other_args);
            probes.push(Cond::Const(true));
            let owner = self.to.whole.personas.iter().position(|persona| persona.name == who).and_then(|at| u32::try_from(at).ok());
            let Some(owner) = owner.map(PersonaId) else { continue };
            self.probed(owner, own, &probes);
        }
    }

    fn probed(&mut self, persona: PersonaId, tool: ToolId, probes: &[Cond]) {
        let core = self.to.whole;
        let mut questions = Questions::new(core, self.timeout);
        let permits = Permits::of(core, persona, tool);
        let granted = or(vec![permits.allow, permits.ask]);
        let (who, what) = names(core, persona, tool);
        let mut possible = false;
        for probe in probes {
            let goal = Goal { holds: vec![granted.clone(), probe.clone()], evaluable: permits.evaluated.iter().collect() };
            match questions.ask(Subject::Tool(tool), &goal) {
                Answer::Impossible(_) => {}
                Answer::Unknown(_) => possible = true,
                Answer::Possible(example) => {
                    possible = true;
                    let call = self.call(&who, &what, &example, example.at);
                    let mut more = call.clone();
                    more.args.insert(UNDECLARED.to_owned(), json!(0));
                    for call in [call, more] {
                        if self.take(&[WitnessStep::Call(call)], None) {
                            return;
                        }
                    }
                }
            }
        }
        if possible {
            self.doubt(
                format!("calls of `{who}` to `{what}`"),
                "one policy takes arguments that the other one refuses, and no such call was found",
            );
        }
    }

    /// Calls that `from` denies because it cannot evaluate a condition, or for want of context or of a key.
    pub(super) fn unread(&mut self) {
        let (from_guards, to_guards) = (Guards::collect(self.from.core), Guards::collect(self.to.core));
        for (persona, tool) in pairs(self.to.core) {
            let from = asked(self.from.core, &from_guards, persona, tool);
            let to = asked(self.to.core, &to_guards, persona, tool);
            let only: Vec<Cond> = from.iter().filter(|cond| !to.contains(cond)).cloned().collect();
            let (keys, own) = (keyed(self.from.core, &from_guards, tool), keyed(self.to.core, &to_guards, tool));
            let missing: Vec<Key> = keys.iter().filter(|key| !own.contains(key)).copied().collect();
            let (who, what) = self.names(persona, tool);
            if !self.is_known(&who, &what) {
                self.unevaluated(persona, tool, &to, &only);
                self.unsupplied(persona, tool, &to, (&context(&only), &context(&to)), &missing);
            }
            let more: Vec<Cond> = to.iter().filter(|cond| !from.contains(cond)).cloned().collect();
            self.unended(tool, &from, &more, own.iter().all(|key| keys.contains(key)));
        }
    }

    /// Where a condition of `from` alone fails, it denies.
    fn unevaluated(&mut self, persona: PersonaId, tool: ToolId, own: &[Cond], only: &[Cond]) {
        let goal = Goal { holds: vec![self.granted(persona, tool)], evaluable: own.iter().collect() };
        let (who, what) = self.names(persona, tool);
        let about = format!("calls of `{who}` to `{what}`");
        match self.questions.ask_some_failing(Subject::Tool(tool), &goal, only) {
            Answer::Impossible(_) => {}
            Answer::Unknown(why) => self.doubt(about, why),
            Answer::Possible(example) => {
                let call = self.call(&who, &what, &example, example.at);
                if !self.take(&[WitnessStep::Call(call)], None) {
                    self.doubt(about, "one policy alone may be unable to evaluate a condition, and no such call was found");
                }
            }
        }
    }

    /// Where `from` alone needs a context field or a key, it denies calls without.
    fn unsupplied(
        &mut self,
        persona: PersonaId,
        tool: ToolId,
        own: &[Cond],
        (only, kept): (&BTreeSet<String>, &BTreeSet<String>),
        keys: &[Key],
    ) {
        if keys.is_empty() && only.is_subset(kept) {
            return;
        }
        let goal = Goal { holds: vec![self.granted(persona, tool)], evaluable: own.iter().collect() };
        let (who, what) = self.names(persona, tool);
        let found = match self.questions.ask(Subject::Tool(tool), &goal) {
            Answer::Impossible(_) => return,
            Answer::Unknown(_) => false,
            Answer::Possible(mut example) => {
                example.context.retain(|name, _| kept.contains(name));
                let call = without(self.call(&who, &what, &example, example.at), keys);
                self.take(&[WitnessStep::Call(call)], None)
            }
        };
        if !found {
            let reason = "one policy alone needs a context field or a key for them, and no call without was found";
            self.doubt(format!("calls of `{who}` to `{what}`"), reason);
        }
    }

    /// A rule ends a session also at a call that is denied; not so where a condition of `to` alone cannot be evaluated, or a key of its own is missing.
    fn unended(&mut self, tool: ToolId, from: &[Cond], more: &[Cond], keyed: bool) {
        if !self.from.core.rules.iter().any(|rule| rule.action == Action::EndSession) {
            return;
        }
        let goal = Goal { holds: Vec::new(), evaluable: from.iter().collect() };
        let fails = !matches!(self.questions.ask_some_failing(Subject::Tool(tool), &goal, more), Answer::Impossible(_));
        if fails || !keyed || !context(more).is_subset(&context(from)) {
            self.doubt("ends of sessions", "a condition of one policy alone may keep a rule from ending one");
        }
    }

    fn granted(&self, persona: PersonaId, tool: ToolId) -> Cond {
        let permits = Permits::of(self.to.core, persona, tool);
        or(vec![permits.allow, permits.ask])
    }
}

/// Why a session that was found says nothing.
pub(super) const NOT_PARTED: &str = "a session was found, but the runtimes do not decide it differently";

/// A member that no tool declares.
const UNDECLARED: &str = "undeclared";

/// What permissions say, names and reasons aside.
fn said(core: &Core, persona: PersonaId, tool: ToolId) -> impl PartialEq + use<> {
    let plain = |answer: &Stated| (answer.verdict, answer.cond.clone());
    let all = |members: &[Member]| -> Vec<Vec<(Verdict, Cond)>> {
        members
            .iter()
            .map(|member| match member {
                Member::Rule(answer) => vec![plain(answer)],
                Member::On(arms) => arms.iter().map(plain).collect(),
            })
            .collect()
    };
    let owner = core.personas.get(persona.index());
    let otherwise = owner.and_then(|owner| owner.otherwise.as_ref()).map(|answer| answer.verdict);
    (all(members(&core.everyone, tool)), owner.map(|owner| all(members(&owner.tools, tool))), otherwise)
}

/// Every condition that is evaluated on a call of the persona.
fn asked(core: &Core, guards: &Guards, persona: PersonaId, tool: ToolId) -> Vec<Cond> {
    let mut found: Vec<Cond> = Vec::new();
    for cond in Permits::of(core, persona, tool).evaluated.iter().chain(guards.tool(tool.index())) {
        if !matches!(cond, Cond::Const(_)) && !found.contains(cond) {
            found.push(cond.clone());
        }
    }
    found
}

/// The keys without which a call of the tool is denied. A rule that cannot be compiled is no rule of either policy's frame.
fn keyed(core: &Core, guards: &Guards, tool: ToolId) -> Vec<Key> {
    let mut found = Vec::new();
    for rule in core.rules.iter().filter(|rule| rule.key != Key::Session) {
        let sites = compile(core, guards, rule).map(|compiled| compiled.alphabet.sites).unwrap_or_default();
        let speaks = sites.iter().any(|site| site.named && (site.kind, site.subject) == (LetterKind::Call, tool.0));
        if speaks && !found.contains(&rule.key) {
            found.push(rule.key);
        }
    }
    found
}

fn without(call: WitnessCall, keys: &[Key]) -> WitnessCall {
    let kept = |key: Key, value: Option<String>| value.filter(|_| !keys.contains(&key));
    WitnessCall {
        principal: kept(Key::Principal, call.principal.clone()),
        agent: kept(Key::Agent, call.agent.clone()),
        tenant: kept(Key::Tenant, call.tenant.clone()),
        ..call
    }
}

/// The context fields that conditions read.
fn context(conds: &[Cond]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    conds.iter().for_each(|cond| fields(cond, &mut found));
    found
}

fn fields(cond: &Cond, found: &mut BTreeSet<String>) {
    match cond {
        Cond::And(parts) | Cond::Or(parts) => parts.iter().for_each(|part| fields(part, found)),
        Cond::Not(part) => fields(part, found),
        Cond::All(_, list, part) | Cond::Some(_, list, part) => {
            field(list, found);
            fields(part, found);
        }
        Cond::Compare(_, _, a, b) => {
            field(a, found);
            field(b, found);
        }
        Cond::Present(term)
        | Cond::In(_, term, _)
        | Cond::InCidr(term, _)
        | Cond::UnderHost(term, _)
        | Cond::UnderPath(term, _)
        | Cond::Text(_, term, _) => field(term, found),
        Cond::Const(_) | Cond::Has(_) | Cond::Carries(_) => {}
    }
}

fn field(term: &Term, found: &mut BTreeSet<String>) {
    match term {
        Term::Context(path) => found.extend(path.first().cloned()),
        Term::Apply(_, inner) => field(inner, found),
        Term::Arith(_, a, b) => {
            field(a, found);
            field(b, found);
        }
        Term::Arg(_) | Term::Var(..) | Term::Result(_) | Term::At | Term::Literal(_) => {}
    }
}
