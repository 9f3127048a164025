//! Conditions of a frame, in the words of the language.
//!
//! In: a branch program and the type of the arguments it reads. Out: one line of text, cut where it becomes long.
//! Invariant: the text says what the program does; where a program is no chain of `and` and `or`, it says `if … then … else …`.
//! Left out: how the author wrote it, which a frame does not hold.

use leverframe_runtime::frame::{
    ArithOp, CompareOp, Exit, Frame, Function, LabelId, Predicate, Program, ProgramId, Scalar, Term, Type, TypeId,
};

/// Where text is cut.
const LENGTH: usize = 160;

/// The text of a program.
pub(super) fn text(frame: &Frame, args: TypeId, result: Option<TypeId>, program: ProgramId) -> String {
    let mut text = Reader { frame, args, result, elements: Vec::new() }.program(program, LENGTH);
    if let Some((cut, _)) = text.char_indices().nth(LENGTH) {
        text.truncate(cut);
        text.push('…');
    }
    text
}

struct Reader<'a> {
    frame: &'a Frame,
    args: TypeId,
    result: Option<TypeId>,
    /// The types of the elements around, the innermost last.
    elements: Vec<Option<TypeId>>,
}

impl Reader<'_> {
    fn program(&mut self, program: ProgramId, budget: usize) -> String {
        let frame = self.frame;
        match frame.programs.get(program.index()) {
            Some(program) => self.from(program, program.entry, budget).0,
            None => String::new(),
        }
    }

    /// The text from an exit on, and whether it joins with `or` (or is an `if`) at its top.
    fn from(&mut self, program: &Program, exit: Exit, budget: usize) -> (String, Join) {
        let at = match exit {
            Exit::Holds => return ("true".to_owned(), Join::None),
            Exit::Fails => return ("false".to_owned(), Join::None),
            Exit::To(at) => at,
        };
        if budget == 0 {
            return ("…".to_owned(), Join::None);
        }
        let Some(branch) = program.tests.get(usize::from(at)) else { return (String::new(), Join::None) };
        let test = self.predicate(&branch.test, budget);
        // Each test leaves less room for what follows, so that a program with many ways through it stays short.
        let left =
            budget.saturating_sub(test.len().max(1)) / if matches!((branch.yes, branch.no), (Exit::To(_), Exit::To(_))) { 2 } else { 1 };
        let negated = || format!("not ({test})");
        match (branch.yes, branch.no) {
            (Exit::Holds, Exit::Fails) => (test, Join::None),
            (Exit::Fails, Exit::Holds) => (negated(), Join::None),
            (rest, Exit::Fails) => self.join(program, test, Join::And, rest, left),
            (Exit::Fails, rest) => self.join(program, negated(), Join::And, rest, left),
            (Exit::Holds, rest) => self.join(program, test, Join::Or, rest, left),
            (rest, Exit::Holds) => self.join(program, negated(), Join::Or, rest, left),
            (yes, no) => {
                let (yes, no) = (self.from(program, yes, left).0, self.from(program, no, left).0);
                (format!("if {test} then ({yes}) else ({no})"), Join::If)
            }
        }
    }

    fn join(&mut self, program: &Program, first: String, join: Join, rest: Exit, budget: usize) -> (String, Join) {
        let (rest, inner) = self.from(program, rest, budget);
        let rest = if inner == join || inner == Join::None { rest } else { format!("({rest})") };
        let word = if join == Join::And { "and" } else { "or" };
        (format!("{first} {word} {rest}"), join)
    }

    fn predicate(&mut self, predicate: &Predicate, budget: usize) -> String {
        match predicate {
            Predicate::Present(term) => format!("{} is present", self.term(term)),
            Predicate::Compare(op, _, a, b) => format!("{} {} {}", self.term(a), compare(*op), self.term(b)),
            Predicate::In(_, term, members) => {
                let members: Vec<String> = members.iter().map(scalar).collect();
                format!("{} in [{}]", self.term(term), members.join(", "))
            }
            Predicate::InCidr(term, network) => format!("{} in {:?}", self.term(term), network.text),
            Predicate::UnderHost(term, root) | Predicate::UnderPath(term, root) => format!("{} under {root:?}", self.term(term)),
            Predicate::Contains(term, text) => format!("{} contains {text:?}", self.term(term)),
            Predicate::StartsWith(term, text) => format!("{} starts_with {text:?}", self.term(term)),
            Predicate::EndsWith(term, text) => format!("{} ends_with {text:?}", self.term(term)),
            Predicate::Like(term, text) => format!("{} like {text:?}", self.term(term)),
            Predicate::Matches(term, regex) => format!("{} matches regex {}", self.term(term), regex.0),
            Predicate::Quantified { every, list, body } => self.quantified(*every, list, *body, budget),
            Predicate::Has(label) => format!("session has {}", self.label(*label)),
            Predicate::Carries(label) => format!("carries {}", self.label(*label)),
        }
    }

    fn label(&self, label: LabelId) -> &str {
        self.frame.labels.get(label.index()).map_or("", String::as_str)
    }

    fn quantified(&mut self, every: bool, list: &Term, body: ProgramId, budget: usize) -> String {
        let word = if every { "all" } else { "some" };
        let (text, ty) = self.path_of(list);
        let element = ty.and_then(|ty| match self.frame.types.get(ty.index()) {
            Some(Type::List(element)) => Some(*element),
            _ => None,
        });
        let name = self.element_name(self.elements.len());
        self.elements.push(element);
        let body = self.program(body, budget / 2);
        self.elements.pop();
        format!("{word} {name} in {text} : ({body})")
    }

    fn element_name(&self, depth: usize) -> String {
        if depth == 0 { "x".to_owned() } else { format!("x{depth}") }
    }

    fn term(&self, term: &Term) -> String {
        match term {
            Term::Arg(_) | Term::Element(..) | Term::Context(_) | Term::Result(_) => self.path_of(term).0,
            Term::At => "at".to_owned(),
            Term::Scalar(literal) => scalar(literal),
            Term::Apply(function, inner) => apply(*function, &self.term(inner)),
            Term::Arith(op, a, b) => {
                let sign = match op {
                    ArithOp::Add => '+',
                    ArithOp::Sub => '-',
                    ArithOp::Mul => '*',
                };
                format!("({} {sign} {})", self.term(a), self.term(b))
            }
        }
    }

    /// The name of a value and its type.
    fn path_of(&self, term: &Term) -> (String, Option<TypeId>) {
        let (start, ty, path) = match term {
            Term::Arg(path) => (String::new(), Some(self.args), path),
            Term::Context(path) => ("context".to_owned(), Some(self.frame.context), path),
            Term::Result(path) => ("result".to_owned(), self.result, path),
            Term::Element(level, path) => {
                let depth = self.elements.len().saturating_sub(usize::from(*level) + 1);
                (self.element_name(depth), self.elements.get(depth).copied().flatten(), path)
            }
            other => return (self.term(other), None),
        };
        path.iter().fold((start, ty), |(text, ty), index| {
            let field = ty.and_then(|ty| match self.frame.types.get(ty.index()) {
                Some(Type::Record { fields, .. }) => fields.get(usize::from(*index)),
                _ => None,
            });
            let name = field.map_or("?", |field| field.name.as_str());
            let dot = if text.is_empty() { "" } else { "." };
            (format!("{text}{dot}{name}"), field.map(|field| field.ty))
        })
    }
}

/// How a text is joined at its top.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Join {
    None,
    And,
    Or,
    If,
}

fn compare(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "==",
        CompareOp::Ne => "!=",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
    }
}

fn scalar(literal: &Scalar) -> String {
    match literal {
        Scalar::Bool(value) => value.to_string(),
        Scalar::Int(value) => value.to_string(),
        Scalar::Number(text) => text.clone(),
        Scalar::Text(text) => format!("{text:?}"),
    }
}

fn apply(function: Function, inner: &str) -> String {
    match function {
        Function::Lower => format!("lower({inner})"),
        Function::EmailDomain => format!("email({inner}).domain"),
        Function::EmailLocal => format!("email({inner}).local"),
        Function::UrlScheme => format!("url({inner}).scheme"),
        Function::UrlHost => format!("url({inner}).host"),
        Function::UrlPort => format!("url({inner}).port"),
        Function::UrlPath => format!("url({inner}).path"),
        Function::NormPath => format!("path({inner})"),
        Function::NormIp => format!("ip({inner})"),
        Function::Size => format!("size({inner})"),
        Function::Hour => format!("hour({inner})"),
        Function::Weekday => format!("weekday({inner})"),
    }
}
