//! Tools of small finite domains, and every call of them.
//!
//! In: dice. Out: a [`World`]: tools, labels, host events, and all calls that fit. Invariant: there are no other calls than these that are not malformed.

use crate::random::Dice;

/// The values of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// `bool`
    Bool,
    /// So many names.
    Enum(usize),
    /// `int 0..=N`
    Int(usize),
}

const NAMES: [&str; 3] = ["u", "v", "w"];

impl Domain {
    fn random(dice: &mut Dice) -> Self {
        match dice.weighted(&[4, 3, 3]) {
            0 => Self::Bool,
            1 => Self::Enum(dice.between(2, 3)),
            _ => Self::Int(dice.between(1, 3)),
        }
    }

    /// How many values there are.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::Bool => 2,
            Self::Enum(names) => names,
            Self::Int(last) => last + 1,
        }
    }

    /// A value, as policies and arguments write it.
    #[must_use]
    pub fn value(self, index: usize) -> String {
        match self {
            Self::Bool => (index == 1).to_string(),
            Self::Enum(_) => format!("\"{}\"", NAMES[index]),
            Self::Int(_) => index.to_string(),
        }
    }

    fn ty(self) -> String {
        match self {
            Self::Bool => "bool".to_owned(),
            Self::Enum(names) => NAMES[..names].iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" | "),
            Self::Int(last) => format!("int 0..={last}"),
        }
    }
}

/// An argument.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Arg {
    pub name: String,
    pub domain: Domain,
    pub optional: bool,
}

/// A tool.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its full name.
    pub name: String,
    /// Its arguments.
    pub args: Vec<Arg>,
    /// The label, if any, that its results carry.
    pub returns: Option<usize>,
}

/// A call, without whoever makes it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The tool's place.
    pub tool: usize,
    /// The values of the tool's arguments, where they are there.
    pub values: Vec<Option<usize>>,
    /// The arguments as text.
    pub json: String,
}

/// Everything that can happen in sessions of a policy.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct World {
    pub tools: Vec<Tool>,
    pub labels: Vec<String>,
    pub events: Vec<String>,
    pub calls: Vec<Call>,
    /// What the argument that variables stand for takes.
    pub key: Domain,
}

/// The names of the argument that variables stand for: they are one value under two.
const KEYS: [&str; 2] = ["k", "j"];

impl World {
    /// Some tools and what goes with them.
    #[must_use]
    pub fn random(dice: &mut Dice) -> Self {
        let labels: Vec<String> = (0..dice.weighted(&[50, 35, 15])).map(|index| format!("l{index}")).collect();
        let events = (0..dice.weighted(&[80, 20])).map(|index| format!("h.e{index}")).collect();
        let key = Domain::random(dice);
        let tools: Vec<Tool> = (0..dice.between(2, 4)).map(|index| tool(dice, index, key, &labels)).collect();
        let calls = tools.iter().enumerate().flat_map(|(place, tool)| calls(place, tool)).collect();
        Self { tools, labels, events, calls, key }
    }

    /// The declarations.
    #[must_use]
    pub fn text(&self) -> String {
        let labels = self.labels.iter().enumerate();
        let labels = labels.map(|(index, label)| format!("label {label} {}\n", if index == 0 { "sensitive" } else { "untrusted" }));
        let tools = self.tools.iter().map(|tool| {
            let args = tool.args.iter().map(|arg| format!("{}: {}{}", arg.name, arg.domain.ty(), if arg.optional { "?" } else { "" }));
            format!("tool {}({})\n", tool.name, args.collect::<Vec<_>>().join(", "))
        });
        let effects = self.tools.iter().filter_map(|tool| Some(format!("effect {} returns {}\n", tool.name, self.labels[tool.returns?])));
        let events = self.events.iter().map(|event| format!("event {event}()\n"));
        labels.chain(tools).chain(effects).chain(events).collect()
    }

    /// The tools that have an argument which variables stand for.
    #[must_use]
    pub fn keyed(&self) -> Vec<usize> {
        (0..self.tools.len()).filter(|place| self.tools[*place].key().is_some()).collect()
    }
}

impl Tool {
    /// The argument that variables stand for.
    #[must_use]
    pub fn key(&self) -> Option<&Arg> {
        self.args.iter().find(|arg| KEYS.contains(&arg.name.as_str()))
    }
}

fn tool(dice: &mut Dice, index: usize, key: Domain, labels: &[String]) -> Tool {
    let name = format!("t.{}", ["a", "b", "c", "d"][index]);
    let mut args = Vec::new();
    if dice.chance(55) {
        args.push(Arg { name: KEYS[index / 2].to_owned(), domain: key, optional: dice.chance(8) });
    }
    if dice.chance(if args.is_empty() { 60 } else { 20 }) {
        args.push(Arg { name: "x".to_owned(), domain: Domain::random(dice), optional: dice.chance(25) });
    }
    let returns = (!labels.is_empty() && dice.chance(45)).then(|| dice.below(labels.len()));
    Tool { name, args, returns }
}

fn calls(place: usize, tool: &Tool) -> Vec<Call> {
    let mut all = vec![Vec::new()];
    for arg in &tool.args {
        let absent = arg.optional.then_some(None);
        let own: Vec<Option<usize>> = (0..arg.domain.size()).map(Some).chain(absent).collect();
        all = all.iter().flat_map(|before: &Vec<_>| own.iter().map(move |value| [before.as_slice(), &[*value]].concat())).collect();
    }
    let call = |values: Vec<Option<usize>>| {
        let members = tool.args.iter().zip(&values);
        let members = members.filter_map(|(arg, value)| Some(format!("\"{}\":{}", arg.name, arg.domain.value((*value)?))));
        let json = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        Call { tool: place, values, json }
    };
    all.into_iter().map(call).collect()
}

/// A condition on a call.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Cond {
    Present(usize),
    Compare(usize, &'static str, usize),
    Has(usize),
    And(Vec<Cond>),
    Or(Vec<Cond>),
    Not(Box<Cond>),
}

impl Cond {
    /// A condition on calls of a tool, where there is anything to ask.
    pub fn random(dice: &mut Dice, world: &World, tool: Option<usize>, depth: usize) -> Option<Self> {
        let args = tool.map_or(0, |tool| world.tools[tool].args.len());
        if args + world.labels.len() == 0 {
            return None;
        }
        let branch = if depth == 0 { 0 } else { 1 };
        Some(match dice.weighted(&[60, 15 * branch, 15 * branch, 10 * branch]) {
            0 => atom(dice, world, tool, args),
            1 => Self::And(vec![Self::random(dice, world, tool, depth - 1)?, Self::random(dice, world, tool, depth - 1)?]),
            2 => Self::Or(vec![Self::random(dice, world, tool, depth - 1)?, Self::random(dice, world, tool, depth - 1)?]),
            _ => Self::Not(Box::new(Self::random(dice, world, tool, depth - 1)?)),
        })
    }

    /// Whether it holds of a call in a session with these labels.
    #[must_use]
    pub fn holds(&self, call: &Call, labels: u64) -> bool {
        match self {
            Self::Present(arg) => call.values[*arg].is_some(),
            Self::Compare(arg, op, to) => call.values[*arg].is_some_and(|value| compare(value, op, *to)),
            Self::Has(label) => labels >> label & 1 == 1,
            Self::And(parts) => parts.iter().all(|part| part.holds(call, labels)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(call, labels)),
            Self::Not(part) => !part.holds(call, labels),
        }
    }

    /// Whether it asks for a label.
    #[must_use]
    pub fn asks_labels(&self) -> bool {
        match self {
            Self::Has(_) => true,
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::asks_labels),
            Self::Not(part) => part.asks_labels(),
            Self::Present(_) | Self::Compare(..) => false,
        }
    }

    /// The condition as it is written; an argument that may be absent is compared only where it is there.
    #[must_use]
    pub fn text(&self, world: &World, tool: Option<usize>) -> String {
        let arg = |place: usize| tool.map(|tool| &world.tools[tool].args[place]).expect("a condition on arguments has a tool");
        let joined = |parts: &[Self], word| parts.iter().map(|part| part.text(world, tool)).collect::<Vec<_>>().join(word);
        match self {
            Self::Present(place) => format!("{} is present", arg(*place).name),
            Self::Compare(place, op, to) => {
                let Arg { name, domain, optional } = arg(*place);
                let compared = format!("{name} {op} {}", domain.value(*to));
                if *optional { format!("({name} is present and {compared})") } else { compared }
            }
            Self::Has(label) => format!("session has {}", world.labels[*label]),
            Self::And(parts) => format!("({})", joined(parts, " and ")),
            Self::Or(parts) => format!("({})", joined(parts, " or ")),
            Self::Not(part) => format!("not ({})", part.text(world, tool)),
        }
    }
}

fn atom(dice: &mut Dice, world: &World, tool: Option<usize>, args: usize) -> Cond {
    let Some(tool) = tool.filter(|_| args > 0 && (world.labels.is_empty() || dice.chance(75))) else {
        return Cond::Has(dice.below(world.labels.len()));
    };
    let place = dice.below(args);
    let arg = &world.tools[tool].args[place];
    if arg.optional && dice.chance(30) {
        return Cond::Present(place);
    }
    let ops: &[&str] = if matches!(arg.domain, Domain::Int(_)) { &["==", "!=", "<", "<=", ">", ">="] } else { &["==", "!="] };
    let op: &'static str = dice.pick::<&'static str>(ops);
    Cond::Compare(place, op, dice.below(arg.domain.size()))
}

fn compare(value: usize, op: &str, to: usize) -> bool {
    match op {
        "==" => value == to,
        "!=" => value != to,
        "<" => value < to,
        "<=" => value <= to,
        ">" => value > to,
        _ => value >= to,
    }
}
