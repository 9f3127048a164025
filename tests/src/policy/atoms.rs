//! Single tests of values, by kind.
//!
//! In: something readable. Out: a test of it. Every form of section 4 of the language that can be compiled has its line here.

use super::condition::Scope;
use super::values;
use super::world::Kind;
use super::writer::Writer;
use crate::tree::{Tree, word};

/// The text of a test, made before it is tagged: both need the writer.
macro_rules! tagged {
    ($writer:ident, $tag:expr, $text:expr) => {{
        let text = $text;
        $writer.tag($tag);
        word(text)
    }};
}

/// Something that a condition can read.
#[derive(Clone, Debug)]
pub struct Read {
    /// How it is written.
    pub term: String,
    /// What it holds.
    pub kind: Kind,
    /// What must be present before it may be used.
    pub guards: Vec<String>,
}

impl Writer {
    /// An operator of order or equality.
    pub(super) fn order(&mut self) -> &'static str {
        let (op, tag) = *self.dice.pick(&[("==", "=="), ("!=", "!="), ("<", "<"), ("<=", "<="), (">", ">"), (">=", ">=")]);
        self.tag(tag);
        op
    }

    fn equality(&mut self) -> &'static str {
        let (op, tag) = *self.dice.pick(&[("==", "=="), ("!=", "!=")]);
        self.tag(tag);
        op
    }

    pub(super) fn stamp(&mut self) -> String {
        self.tag("timestamp");
        format!("ts{}", values::quoted(self.dice.pick(values::STAMPS)))
    }

    /// A test of `read`, whose presence is somebody else's care.
    pub(super) fn test(&mut self, read: &Read, scope: &Scope) -> Tree {
        let term = read.term.as_str();
        if !read.guards.is_empty() && (self.dice.chance(15) || matches!(read.kind, Kind::Json | Kind::Record | Kind::Nest)) {
            self.tag("is present");
            return word(format!("{term} is present"));
        }
        if let Some(other) = self.like_kind(read, scope).filter(|_| self.dice.chance(35)) {
            self.tag("two values");
            let op = self.equality();
            return word(format!("{term} {op} {other}"));
        }
        match read.kind {
            Kind::Int | Kind::Small => self.int(term),
            Kind::Number => self.number(term),
            Kind::Text => self.text(term),
            Kind::Choice => self.choice(term),
            Kind::Flag => self.flag(term),
            Kind::Email => self.email(term),
            Kind::Address => self.address(term),
            Kind::Url => self.url(term),
            Kind::Href => self.href(term),
            Kind::Path => self.path(term),
            Kind::Dir => self.path(&format!("path({term})")),
            Kind::Ip => self.ip(term),
            Kind::Peer => self.ip(&format!("ip({term})")),
            Kind::Stamp => self.instant(term),
            Kind::Span => self.span(term),
            Kind::Words => self.each(read, Kind::Text, scope),
            Kind::Ints => self.each(read, Kind::Int, scope),
            Kind::Emails => self.each(read, Kind::Email, scope),
            Kind::Records => self.each(read, Kind::Record, scope),
            Kind::Grid => self.each(read, Kind::Ints, scope),
            Kind::Many(element) => self.each(read, *element, scope),
            Kind::Items(_) => self.size(read),
            Kind::Record | Kind::Nest | Kind::Json => word("true"),
        }
    }

    /// Another value of the same kind that is there whenever this one is.
    fn like_kind(&mut self, read: &Read, scope: &Scope) -> Option<String> {
        let of_context =
            self.world.context.iter().filter(|_| scope.context).find(|field| field.kind == read.kind && !read.term.starts_with("context"));
        if let Some(field) = of_context.filter(|field| matches!(field.kind, Kind::Text | Kind::Int | Kind::Flag)) {
            return Some(format!("context.{}", field.name));
        }
        let comparable = !matches!(
            read.kind,
            Kind::Words
                | Kind::Ints
                | Kind::Emails
                | Kind::Records
                | Kind::Record
                | Kind::Nest
                | Kind::Grid
                | Kind::Json
                | Kind::Many(_)
                | Kind::Items(_)
        );
        let fits = |other: &&Read| {
            other.kind == read.kind && other.term != read.term && other.guards.iter().all(|guard| read.guards.contains(guard))
        };
        let others: Vec<&Read> = scope.reads.iter().filter(fits).collect();
        if others.is_empty() || !comparable { None } else { Some(self.dice.pick(&others).term.clone()) }
    }

    fn int(&mut self, term: &str) -> Tree {
        let literal = self.int_literal();
        match self.dice.weighted(&[24, 10, 10, 10, 10, 8, 10, 8, 10]) {
            0 => word(format!("{term} {} {literal}", self.order())),
            8 => tagged!(self, "literal on the left", format!("{literal} {} {term}", self.order())),
            1 => tagged!(self, "+", format!("{term} + {} {} {literal}", self.addend(), self.order())),
            2 => tagged!(self, "-", format!("{term} - {} {} {literal}", self.addend(), self.order())),
            3 => tagged!(
                self,
                "*",
                format!("{term} * {} {} {literal}", self.dice.pick(&["2", "-3", "1_000_000_000_000_000_000"]), self.order())
            ),
            4 => tagged!(self, "*", format!("2 * {term} + 1 {} {literal}", self.order())),
            5 => tagged!(self, "int beside a decimal", format!("{term} {} {}", self.order(), self.dice.pick(&["1.5", "9.99"]))),
            6 => tagged!(self, "in", format!("{term} in [{literal}, 1, 11]")),
            _ => self.defined(Kind::Int, term),
        }
    }

    fn addend(&mut self) -> String {
        if self.dice.chance(40) {
            self.tag("overflow");
            return "9_223_372_036_854_775_800".to_owned();
        }
        (*self.dice.pick(&["1", "7"])).to_owned()
    }

    fn int_literal(&mut self) -> String {
        if self.dice.chance(15) {
            self.tag("const");
            return "EDGE".to_owned();
        }
        (*self.dice.pick(values::INTS)).to_owned()
    }

    fn number(&mut self, term: &str) -> Tree {
        let literal = *self.dice.pick(values::DECIMALS);
        if self.dice.chance(20) {
            return tagged!(self, "in", format!("{term} in [{literal}, 0.1, 10]"));
        }
        tagged!(self, "number", format!("{term} {} {literal}", self.order()))
    }

    fn text_literal(&mut self) -> String {
        if self.dice.chance(15) {
            self.tag("const");
            return "WORD".to_owned();
        }
        values::quoted(self.dice.pick(values::TEXTS))
    }

    fn text(&mut self, term: &str) -> Tree {
        let literal = self.text_literal();
        match self.dice.weighted(&[12, 12, 10, 10, 10, 12, 12, 10, 8, 4]) {
            0 => word(format!("{term} {} {literal}", self.equality())),
            9 => tagged!(self, "literal on the left", format!("r\"abc\" {} {term}", self.equality())),
            1 => tagged!(self, "in", format!("{term} in [{literal}, \"ab\", \"caf\\u00e9\"]")),
            2 => tagged!(self, "contains", format!("{term} contains {literal}")),
            3 => tagged!(self, "starts_with", format!("{term} starts_with {literal}")),
            4 => tagged!(self, "ends_with", format!("{term} ends_with {literal}")),
            5 => tagged!(self, "like", format!("{term} like \"{}\"", self.dice.pick(values::LIKES))),
            6 => tagged!(self, "matches", format!("{term} matches r\"{}\"", self.dice.pick(values::REGEXES))),
            7 => tagged!(self, "lower", format!("lower({term}) {} \"abc\"", self.equality())),
            _ => self.defined(Kind::Text, term),
        }
    }

    fn choice(&mut self, term: &str) -> Tree {
        let literal = values::quoted(self.dice.pick(values::CHOICES));
        if self.dice.chance(40) {
            return tagged!(self, "in", format!("{term} in [{literal}, \"mid\"]"));
        }
        tagged!(self, "enum", format!("{term} {} {literal}", self.equality()))
    }

    fn flag(&mut self, term: &str) -> Tree {
        match self.dice.below(4) {
            0 => tagged!(self, "bool", format!("{term} {} false", self.equality())),
            1 => tagged!(self, "bool", format!("not {term}")),
            _ => tagged!(self, "bool", term.to_owned()),
        }
    }

    fn email(&mut self, term: &str) -> Tree {
        let literal = values::quoted(self.dice.pick(values::EMAILS));
        match self.dice.below(3) {
            0 => tagged!(self, "typed email", format!("{term} {} {literal}", self.equality())),
            1 => tagged!(self, "in", format!("{term} in [{literal}, \"Bob@EVIL.example\"]")),
            _ => self.address(term),
        }
    }

    fn address(&mut self, term: &str) -> Tree {
        let domain = values::quoted(self.dice.pick(values::DOMAINS));
        match self.dice.weighted(&[45, 20, 20, 15]) {
            0 => tagged!(self, "email().domain", format!("email({term}).domain {} {domain}", self.equality())),
            1 => tagged!(self, "email().local", format!("email({term}).local {} \"ann\"", self.equality())),
            2 => tagged!(self, "email().domain", format!("email({term}).domain in [{domain}, \"ACME.example\"]")),
            _ => tagged!(self, "email().domain", format!("email({term}).domain ends_with \".example\"")),
        }
    }

    fn url(&mut self, term: &str) -> Tree {
        let literal = values::quoted(self.dice.pick(values::URLS));
        match self.dice.below(5) {
            0 => tagged!(self, "typed url", format!("{term} {} {literal}", self.equality())),
            1 => tagged!(self, "in", format!("{term} in [{literal}, \"HTTP://evil.example:80/a/./b\"]")),
            _ => self.href(term),
        }
    }

    fn href(&mut self, term: &str) -> Tree {
        let host = values::quoted(self.dice.pick(values::DOMAINS));
        match self.dice.weighted(&[20, 30, 15, 15, 20]) {
            0 => tagged!(self, "url().host", format!("url({term}).host {} {host}", self.equality())),
            1 => tagged!(self, "under host", format!("url({term}).host under {host}")),
            2 => tagged!(self, "url().scheme", format!("url({term}).scheme {} \"https\"", self.equality())),
            3 => tagged!(self, "url().port", format!("url({term}).port {} {}", self.order(), self.dice.pick(&["443", "80", "8443"]))),
            _ => tagged!(
                self,
                "url().path",
                format!("url({term}).path {}", self.dice.pick(&["starts_with \"/a\"", "== \"/\"", "like \"/*b\""]))
            ),
        }
    }

    fn path(&mut self, term: &str) -> Tree {
        let literal = values::quoted(self.dice.pick(values::PATHS));
        match self.dice.weighted(&[60, 25, 15]) {
            0 => tagged!(self, "under path", format!("{term} under {literal}")),
            1 => tagged!(self, "path", format!("{term} {} {literal}", self.equality())),
            _ => tagged!(self, "in", format!("{term} in [{literal}, \"/srv/./data/\"]")),
        }
    }

    fn ip(&mut self, term: &str) -> Tree {
        let literal = values::quoted(self.dice.pick(values::IPS));
        match self.dice.weighted(&[60, 25, 15]) {
            0 => tagged!(self, "in network", format!("{term} in \"{}\"", self.dice.pick(values::NETWORKS))),
            1 => tagged!(self, "ip", format!("{term} {} {literal}", self.equality())),
            _ => tagged!(self, "in", format!("{term} in [{literal}, \"::ffff:10.255.255.255\"]")),
        }
    }

    fn instant(&mut self, term: &str) -> Tree {
        match self.dice.below(4) {
            0 => tagged!(self, "hour", format!("hour({term}) {} 10", self.order())),
            1 => tagged!(self, "weekday", format!("weekday({term}) {} 7", self.order())),
            _ => word(format!("{term} {} {}", self.order(), self.stamp())),
        }
    }

    fn span(&mut self, term: &str) -> Tree {
        let literal = if self.dice.chance(20) { "PAUSE" } else { *self.dice.pick(values::SPANS) };
        tagged!(self, "duration", format!("{term} {} {literal}", self.order()))
    }

    fn each(&mut self, read: &Read, element: Kind, scope: &Scope) -> Tree {
        if self.dice.chance(25) || self.depth >= 2 {
            return self.size(read);
        }
        self.quantified(read, element, scope)
    }

    fn size(&mut self, read: &Read) -> Tree {
        tagged!(self, "size", format!("size({}) {} {}", read.term, self.order(), self.dice.pick(&["0", "1", "2"])))
    }

    /// A use of a definition, where the policy has one for the kind.
    fn defined(&mut self, kind: Kind, term: &str) -> Tree {
        self.tag("define");
        match kind {
            Kind::Int if self.dice.chance(50) => word(format!("near({term})")),
            Kind::Int => word(format!("close({term}, EDGE, {})", self.dice.pick(&["\"ab\"", "WORD"]))),
            _ => word(format!("plain({term})")),
        }
    }
}
