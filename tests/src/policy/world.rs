//! The small world that a random policy speaks of: tools, host events, labels, personas, windows.
//!
//! In: dice. Out: a [`World`]. Invariant: a field's name fixes its type in the whole world, so that a condition on several tools has one type.

use crate::random::Dice;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Int,
    /// An int of a small range.
    Small,
    Number,
    Text,
    /// One of three words.
    Choice,
    Flag,
    Email,
    /// A string that should be an address.
    Address,
    Url,
    /// A string that should be a URL.
    Href,
    Path,
    /// A string that should be a path.
    Dir,
    Ip,
    /// A string that should be an address of a network.
    Peer,
    Stamp,
    Span,
    Words,
    Ints,
    Emails,
    /// `{a: int, b: string?}`
    Record,
    Records,
    /// `{c: {d: int, e: bool?}?, f: "low" | "mid" | "top"}`
    Nest,
    Grid,
    Json,
    /// A list of these.
    Many(&'static Kind),
    /// `list<{id: K?, qty: int 0..=20}>`
    Items(&'static Kind),
}

/// What a variable may stand for.
pub static SCALARS: [Kind; 11] =
    [Kind::Int, Kind::Number, Kind::Text, Kind::Choice, Kind::Flag, Kind::Email, Kind::Url, Kind::Path, Kind::Ip, Kind::Stamp, Kind::Span];

impl Kind {
    /// The type as the language writes it.
    #[must_use]
    pub fn source(self) -> String {
        match self {
            Self::Many(element) => format!("list<{}>", element.source()),
            Self::Items(id) => format!("list<{{id: {}?, qty: int 0..=20}}>", id.source()),
            plain => plain.plain().to_owned(),
        }
    }

    /// What it compares as; none of what has no equality.
    #[must_use]
    pub fn compared(self) -> Option<Self> {
        match self {
            Self::Small => Some(Self::Int),
            Self::Choice | Self::Address | Self::Href | Self::Dir | Self::Peer => Some(Self::Text),
            scalar if SCALARS.contains(&scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The kind of its elements, if it is a list that a variable may range over.
    #[must_use]
    pub fn element(self) -> Option<Self> {
        match self {
            Self::Words => Some(Self::Text),
            Self::Ints => Some(Self::Int),
            Self::Emails => Some(Self::Email),
            Self::Many(element) => Some(*element),
            _ => None,
        }
    }

    /// Whether a schema cannot say it.
    #[must_use]
    pub fn is_sharp(self) -> bool {
        match self {
            Self::Many(inner) | Self::Items(inner) => inner.is_sharp(),
            plain => [Self::Email, Self::Url, Self::Path, Self::Ip, Self::Stamp, Self::Span, Self::Emails].contains(&plain),
        }
    }

    fn plain(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Small => "int 0..=20",
            Self::Number => "number",
            Self::Text | Self::Address | Self::Href | Self::Dir | Self::Peer => "string",
            Self::Choice => "\"low\" | \"mid\" | \"top\"",
            Self::Flag => "bool",
            Self::Email => "email",
            Self::Url => "url",
            Self::Path => "path",
            Self::Ip => "ip",
            Self::Stamp => "timestamp",
            Self::Span => "duration",
            Self::Words => "list<string>",
            Self::Ints => "list<int>",
            Self::Emails => "list<email>",
            Self::Record => "{a: int, b: string?}",
            Self::Records => "list<{a: int, b: string?}>",
            Self::Nest => "{c: {d: int, e: bool?}?, f: \"low\" | \"mid\" | \"top\"}",
            Self::Grid => "list<list<int>>",
            Self::Json | Self::Many(_) | Self::Items(_) => "json",
        }
    }
}

/// Names of fields; `limit` and `context` are words of the language and need backticks in conditions.
const FIELDS: &[(&str, Kind)] = &[
    ("n", Kind::Int),
    ("m", Kind::Int),
    ("limit", Kind::Int),
    ("k", Kind::Small),
    ("price", Kind::Number),
    ("s", Kind::Text),
    ("t", Kind::Text),
    ("context", Kind::Text),
    ("mode", Kind::Choice),
    ("flag", Kind::Flag),
    ("to", Kind::Email),
    ("addr", Kind::Address),
    ("link", Kind::Url),
    // Twice: addresses of pages have many tests.
    ("href", Kind::Href),
    ("link", Kind::Url),
    ("href", Kind::Href),
    ("file", Kind::Path),
    ("dir", Kind::Dir),
    ("host", Kind::Ip),
    ("peer", Kind::Peer),
    ("due", Kind::Stamp),
    ("ttl", Kind::Span),
    ("words", Kind::Words),
    ("nums", Kind::Ints),
    ("rcpts", Kind::Emails),
    ("rec", Kind::Record),
    ("recs", Kind::Records),
    ("nest", Kind::Nest),
    ("grid", Kind::Grid),
    ("blob", Kind::Json),
];

/// Fields on which conditions can fail: host events cannot be denied, so what such a condition comes to matters in them most.
const DOUBTFUL: &[(&str, Kind)] = &[
    ("addr", Kind::Address),
    ("href", Kind::Href),
    ("dir", Kind::Dir),
    ("peer", Kind::Peer),
    ("n", Kind::Int),
    ("s", Kind::Text),
    ("rcpts", Kind::Emails),
];

/// A declared field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name, bare.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether null counts as absent; only catalogs say so.
    pub nullable: bool,
    /// What an absent value is judged by, in JSON; only catalogs say so, and only of optional fields.
    pub default: Option<&'static str>,
}

impl Field {
    /// A field as the language declares it.
    #[must_use]
    pub fn plain(name: &'static str, kind: Kind, optional: bool) -> Self {
        Self { name, kind, optional, nullable: false, default: None }
    }

    /// Whether a condition must ask for its presence.
    #[must_use]
    pub fn may_be_absent(&self) -> bool {
        self.nullable || (self.optional && self.default.is_none())
    }
}

/// A tool or a host event.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub fields: Vec<Field>,
    /// What its result holds, where it says so.
    pub results: Option<Vec<Field>>,
    /// Where it is declared.
    pub origin: Origin,
}

/// Where a tool or host event is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A `tool` declaration.
    Tool,
    /// An `event` declaration.
    Event,
    /// A catalog; `open` lets undeclared arguments through.
    #[allow(missing_docs)]
    Catalog { open: bool },
    /// What a catalog's alias has beside its tools.
    Pseudo,
}

impl Subject {
    /// Whether it is a host event.
    #[must_use]
    pub fn event(&self) -> bool {
        self.origin == Origin::Event
    }
}

/// A named set of tools.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Places of its tools.
    pub tools: Vec<usize>,
}

/// What a policy speaks of.
#[derive(Clone, Debug)]
pub struct World {
    /// Tools, and after them host events.
    pub subjects: Vec<Subject>,
    /// How many of them are tools.
    pub tools: usize,
    /// Names of labels.
    pub labels: Vec<&'static str>,
    /// Names of personas.
    pub personas: Vec<&'static str>,
    /// Context fields; empty where the policy has none.
    pub context: Vec<Field>,
    /// Windows, in milliseconds, each as the language writes it.
    pub windows: Vec<(u64, &'static str)>,
    /// Groups, filled in while the policy is written.
    pub groups: Vec<Group>,
    /// What the two fields hold that most tools share, for variables.
    pub identities: [&'static Kind; 2],
    /// Names of detectors.
    pub detectors: Vec<&'static str>,
}

const TOOLS: &[&str] = &["fs.read", "fs.write", "fs.rename", "mail.send", "mail.search", "web.get", "web.post"];
/// The server whose tools a catalog declares.
pub const CATALOG: &str = "web";
const EVENTS: &[&str] = &["user.message", "alarm"];
const WINDOWS: &[(u64, &str)] = &[(500, "500ms"), (1_000, "1s"), (10_000, "10s"), (60_000, "1m"), (3_600_000, "1h")];

impl World {
    /// A world.
    #[must_use]
    pub fn random(dice: &mut Dice) -> Self {
        let (wanted, heard) = (dice.between(3, 5), dice.between(1, 2));
        let tools = dice.some(TOOLS, wanted);
        let events = dice.some(EVENTS, heard);
        let shared = dice.some(FIELDS, 2);
        let identities = [dice.pick(&SCALARS), dice.pick(&SCALARS)];
        let mut subjects: Vec<Subject> = tools.iter().map(|name| subject(dice, name, false, &shared)).collect();
        if subjects.iter().any(|subject| matches!(subject.origin, Origin::Catalog { .. })) {
            subjects.extend([("resource", "uri"), ("prompt", "name")].map(|(name, field)| pseudo(name, field)));
        }
        let tools = subjects.len();
        subjects.extend(events.iter().map(|name| subject(dice, name, true, &shared)));
        subjects.iter_mut().filter(|subject| subject.origin != Origin::Pseudo).for_each(|subject| identify(dice, subject, identities));
        let labels = dice.between(1, 2);
        let personas = dice.between(1, 3);
        Self {
            subjects,
            tools,
            labels: vec!["secret", "dirty"].into_iter().take(labels).collect(),
            personas: vec!["clerk", "boss", "guest"].into_iter().take(personas).collect(),
            context: context(dice),
            windows: dice.some(WINDOWS, 2),
            groups: Vec::new(),
            identities,
            detectors: if dice.chance(30) { vec!["token", "either"] } else { Vec::new() },
        }
    }

    /// The tools.
    #[must_use]
    pub fn tools(&self) -> &[Subject] {
        &self.subjects[..self.tools]
    }

    /// The fields that all of these have, optional where one may leave it out.
    #[must_use]
    pub fn shared_fields(&self, subjects: &[usize]) -> Vec<Field> {
        let all: Vec<&[Field]> = subjects.iter().map(|subject| self.subjects[*subject].fields.as_slice()).collect();
        shared(&all)
    }

    /// The fields that the results of all of these have; none where one of them says nothing of its result.
    #[must_use]
    pub fn shared_results(&self, subjects: &[usize]) -> Option<Vec<Field>> {
        let all: Option<Vec<&[Field]>> = subjects.iter().map(|subject| self.subjects[*subject].results.as_deref()).collect();
        all.filter(|all| !all.is_empty()).map(|all| shared(&all))
    }
}

fn shared(all: &[&[Field]]) -> Vec<Field> {
    let Some((first, rest)) = all.split_first() else { return Vec::new() };
    let with = |field: &Field| {
        let others: Option<Vec<&Field>> = rest.iter().map(|other| other.iter().find(|there| there.name == field.name)).collect();
        let absent = |others: Vec<&Field>| field.may_be_absent() || others.iter().any(|there| there.may_be_absent());
        others.map(|others| Field::plain(field.name, field.kind, absent(others)))
    };
    first.iter().filter_map(with).collect()
}

fn pseudo(name: &str, field: &'static str) -> Subject {
    let fields = vec![Field::plain(field, Kind::Text, false)];
    Subject { name: format!("{CATALOG}.{name}"), fields, results: None, origin: Origin::Pseudo }
}

/// Gives a subject fields that it shares with most others, so that rules can tell values apart.
fn identify(dice: &mut Dice, subject: &mut Subject, [first, second]: [&'static Kind; 2]) {
    let catalog = matches!(subject.origin, Origin::Catalog { .. });
    let event = subject.event();
    let mut add = |dice: &mut Dice, name, kind, percent: usize| {
        if dice.chance(percent) {
            let field = Field::plain(name, kind, dice.chance(22));
            subject.fields.push(if catalog { of_catalog(dice, field) } else { field });
        }
    };
    add(dice, "id", *first, 82);
    add(dice, "own", *second, 55);
    add(dice, "ids", Kind::Many(first), 28);
    add(dice, "items", Kind::Items(first), 20);
    if !event && dice.chance(35) && subject.fields.iter().all(|field| field.name != "k") {
        subject.fields.push(Field::plain("k", Kind::Small, false));
    }
    if event || !dice.chance(60) {
        return;
    }
    let all =
        [("ref", *first, 75), ("mine", *second, 50), ("refs", Kind::Many(first), 25), ("code", Kind::Small, 60), ("note", Kind::Text, 40)];
    let mut results = Vec::new();
    for (name, kind, percent) in all {
        // A catalog says nothing of the form of strings, and results cannot be refined.
        if dice.chance(percent) && !(catalog && kind.is_sharp()) {
            results.push(Field::plain(name, kind, dice.chance(35)));
        }
    }
    subject.results = Some(results);
}

fn subject(dice: &mut Dice, name: &str, event: bool, shared: &[(&'static str, Kind)]) -> Subject {
    let catalog = !event && name.split('.').next() == Some(CATALOG);
    let count = if event { dice.between(0, 3) } else { dice.between(1, 4) };
    let mut fields: Vec<Field> = Vec::new();
    for _ in 0..count {
        let from = match (dice.chance(45), event) {
            (_, true) => DOUBTFUL,
            (true, false) => shared,
            (false, false) => FIELDS,
        };
        let (name, kind) = *dice.pick(from);
        if fields.iter().all(|field| field.name != name) {
            let field = Field::plain(name, kind, dice.chance(30));
            fields.push(if catalog { of_catalog(dice, field) } else { field });
        }
    }
    let origin = match (event, catalog) {
        (true, _) => Origin::Event,
        (_, true) => Origin::Catalog { open: dice.chance(25) },
        _ => Origin::Tool,
    };
    Subject { name: name.to_owned(), fields, results: None, origin }
}

/// What only a schema can say of a field.
fn of_catalog(dice: &mut Dice, field: Field) -> Field {
    // What no schema narrows may be null, too.
    let nullable = dice.chance(25) || field.kind == Kind::Json;
    let default = match field.kind {
        Kind::Int | Kind::Small => Some("10"),
        Kind::Number => Some("1.50"),
        Kind::Text => Some("\"abc\""),
        Kind::Choice => Some("\"mid\""),
        Kind::Flag => Some("true"),
        _ => None,
    };
    Field { nullable, default: default.filter(|_| field.optional && dice.chance(50)), ..field }
}

fn context(dice: &mut Dice) -> Vec<Field> {
    if dice.chance(30) {
        return Vec::new();
    }
    let all = [
        ("region", Kind::Text),
        ("level", Kind::Int),
        ("admin", Kind::Flag),
        ("zones", Kind::Words),
        ("rank", Kind::Choice),
        ("user", Kind::Record),
    ];
    let count = dice.between(1, 3);
    dice.some(&all, count).into_iter().map(|(name, kind)| Field::plain(name, kind, false)).collect()
}
