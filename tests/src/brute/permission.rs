//! Permissions, and what they mean call by call.
//!
//! In: dice. Out: personas with their statements; which statement says what of a call in a session with some labels. Written from the language's text alone:
//! nothing of the product is asked here. Source: language sections 4 and 9; `lang-spec/permissions.md`.

use super::domain::{Call, Cond, World};
use crate::random::Dice;

/// What is said of a call, from the least severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Verdict {
    Allow,
    Ask,
    Deny,
}

impl Verdict {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        ["allow", "ask", "deny"][self as usize]
    }
}

/// A member of a persona's unordered set, or of `everyone`.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Statement {
    Plain { name: String, verdict: Verdict, target: Target, cond: Option<Cond> },
    On { tool: usize, arms: Vec<(Cond, Verdict)>, otherwise: Option<Verdict> },
}

/// Which tools a statement names.
#[derive(Clone, Debug)]
pub enum Target {
    /// These, one by one.
    Listed(Vec<usize>),
    /// `t.*`
    All,
}

/// A persona without its rules over sessions.
#[derive(Clone, Debug)]
pub struct Persona {
    /// Its name.
    pub name: String,
    /// Its only parent, where it has one.
    pub extends: Option<usize>,
    /// Its own statements.
    pub statements: Vec<Statement>,
    /// Its own answer to everything else.
    pub otherwise: Option<Verdict>,
}

/// All permissions of a policy.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Permissions {
    pub personas: Vec<Persona>,
    pub everyone: Vec<Statement>,
}

/// A statement, or an arm of one, as it concerns one tool.
#[derive(Clone, Debug)]
pub struct Ruling<'p> {
    /// As findings name it.
    pub name: String,
    /// What it says.
    pub verdict: Verdict,
    /// Which member of the set it belongs to.
    pub member: (usize, usize),
    /// Its own condition.
    pub cond: Option<&'p Cond>,
    /// The arms before it.
    pub before: Vec<&'p Cond>,
    /// Whether it is an arm.
    pub arm: bool,
}

impl Ruling<'_> {
    /// Whether its own condition holds.
    #[must_use]
    pub fn meets(&self, call: &Call, labels: u64) -> bool {
        self.cond.is_none_or(|cond| cond.holds(call, labels))
    }

    /// Whether it decides the call.
    #[must_use]
    pub fn takes(&self, call: &Call, labels: u64) -> bool {
        self.meets(call, labels) && !self.before.iter().any(|cond| cond.holds(call, labels))
    }
}

impl Permissions {
    /// Some permissions.
    #[must_use]
    pub fn random(dice: &mut Dice, world: &World) -> Self {
        let count = dice.weighted(&[0, 65, 35]);
        let personas = (0..count).map(|index| persona(dice, world, index)).collect();
        let everyone = if dice.chance(25) { vec![everyone(dice, world)] } else { Vec::new() };
        Self { personas, everyone }
    }

    /// What is said of the calls of a tool, ancestors' statements first.
    #[must_use]
    pub fn rulings(&self, world: &World, persona: usize, tool: usize) -> Vec<Ruling<'_>> {
        let who = &self.personas[persona];
        let mut found = who.extends.map_or(Vec::new(), |parent| self.rulings(world, parent, tool));
        let mut arms_so_far = 0;
        for (place, statement) in who.statements.iter().enumerate() {
            found.extend(of_statement(world, (persona, place), &who.name, statement, tool, &mut arms_so_far));
        }
        found
    }

    /// Whether `everyone` denies the call.
    #[must_use]
    pub fn house(&self, world: &World, call: &Call, labels: u64) -> bool {
        let denies = |statement: &Statement| {
            of_statement(world, (0, 0), "everyone", statement, call.tool, &mut 0).iter().any(|ruling| ruling.takes(call, labels))
        };
        self.everyone.iter().any(denies)
    }

    /// The answer to everything else.
    #[must_use]
    pub fn otherwise(&self, persona: usize) -> Option<Verdict> {
        let who = &self.personas[persona];
        who.otherwise.or_else(|| who.extends.and_then(|parent| self.otherwise(parent)))
    }

    /// What the persona's permissions and `everyone` say of a call; nothing where there is a gap.
    #[must_use]
    pub fn verdict(&self, world: &World, persona: usize, call: &Call, labels: u64) -> Option<Verdict> {
        if self.house(world, call, labels) {
            return Some(Verdict::Deny);
        }
        let rulings = self.rulings(world, persona, call.tool);
        let said = rulings.iter().filter(|ruling| ruling.takes(call, labels)).map(|ruling| ruling.verdict).max();
        said.or_else(|| self.otherwise(persona))
    }
}

fn of_statement<'p>(
    world: &World,
    member: (usize, usize),
    persona: &str,
    statement: &'p Statement,
    tool: usize,
    arms_so_far: &mut usize,
) -> Vec<Ruling<'p>> {
    match statement {
        Statement::Plain { name, verdict, target, cond } => {
            let named = match target {
                Target::Listed(tools) => tools.contains(&tool),
                Target::All => true,
            };
            let ruling = || Ruling {
                name: format!("{persona}.{name}"),
                verdict: *verdict,
                member,
                cond: cond.as_ref(),
                before: Vec::new(),
                arm: false,
            };
            named.then(ruling).into_iter().collect()
        }
        Statement::On { tool: of, arms, otherwise } if *of == tool => {
            let mut before: Vec<&Cond> = Vec::new();
            let mut found = Vec::new();
            let all = arms.iter().map(|(cond, verdict)| (Some(cond), *verdict));
            for (cond, verdict) in all.chain(otherwise.map(|verdict| (None, verdict))) {
                *arms_so_far += 1;
                let name = format!("{persona}.on({})#{arms_so_far}", world.tools[tool].name);
                found.push(Ruling { name, verdict, member, cond, before: before.clone(), arm: true });
                before.extend(cond);
            }
            found
        }
        Statement::On { .. } => Vec::new(),
    }
}

impl Statement {
    /// The statement as it is written.
    #[must_use]
    pub fn text(&self, world: &World) -> String {
        match self {
            Self::Plain { name, verdict, target, cond } => {
                let (tools, only) = match target {
                    Target::Listed(tools) => {
                        let names: Vec<&str> = tools.iter().map(|tool| world.tools[*tool].name.as_str()).collect();
                        (names.join(", "), tools.first().copied())
                    }
                    Target::All => ("t.*".to_owned(), None),
                };
                let cond = cond.as_ref().map_or(String::new(), |cond| format!(" when {}", cond.text(world, only)));
                format!("  {} {name}: {tools}{cond}\n", verdict.word())
            }
            Self::On { tool, arms, otherwise } => {
                let arms = arms.iter().map(|(cond, verdict)| format!("{} => {}", cond.text(world, Some(*tool)), verdict.word()));
                let arms = arms.chain(otherwise.iter().map(|verdict| format!("otherwise => {}", verdict.word())));
                format!("  on {} {{ {} }}\n", world.tools[*tool].name, arms.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn verdict(dice: &mut Dice) -> Verdict {
    [Verdict::Allow, Verdict::Ask, Verdict::Deny][dice.weighted(&[70, 14, 16])]
}

fn persona(dice: &mut Dice, world: &World, index: usize) -> Persona {
    let mut statements = Vec::new();
    for tool in 0..world.tools.len() {
        for _ in 0..dice.weighted(&[6, 82, 12]) {
            statements.push(statement(dice, world, statements.len(), tool));
        }
    }
    if dice.chance(12) {
        let cond = if dice.chance(30) { Cond::random(dice, world, None, 1) } else { None };
        statements.push(Statement::Plain { name: format!("s{}", statements.len()), verdict: verdict(dice), target: Target::All, cond });
    }
    let otherwise = dice.chance(85).then(|| if dice.chance(12) { Verdict::Ask } else { Verdict::Deny });
    let extends = (index > 0 && dice.chance(35)).then(|| dice.below(index));
    if extends.is_some() {
        let few = dice.between(0, 1);
        statements.truncate(few);
    }
    Persona { name: format!("p{index}"), extends, statements, otherwise }
}

fn statement(dice: &mut Dice, world: &World, place: usize, tool: usize) -> Statement {
    let on = dice.chance(18);
    let arms: Vec<(Cond, Verdict)> = if on {
        (0..dice.between(1, 3)).filter_map(|_| Some((Cond::random(dice, world, Some(tool), 1)?, verdict(dice)))).collect()
    } else {
        Vec::new()
    };
    if !arms.is_empty() {
        return Statement::On { tool, arms, otherwise: dice.chance(70).then(|| verdict(dice)) };
    }
    let cond = if dice.chance(28) { Cond::random(dice, world, Some(tool), 2) } else { None };
    let mut tools = vec![tool];
    if cond.is_none() && dice.chance(15) {
        tools.push((tool + 1) % world.tools.len());
    }
    Statement::Plain { name: format!("s{place}"), verdict: verdict(dice), target: Target::Listed(tools), cond }
}

fn everyone(dice: &mut Dice, world: &World) -> Statement {
    let tool = dice.below(world.tools.len());
    let cond = if dice.chance(75) { Cond::random(dice, world, Some(tool), 1) } else { None };
    Statement::Plain { name: "e0".to_owned(), verdict: Verdict::Deny, target: Target::Listed(vec![tool]), cond }
}
