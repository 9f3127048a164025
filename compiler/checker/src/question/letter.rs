//! The unknowns of a letter: what stands at each place of its arguments, its context and its result.
//!
//! In: declared types and the places that conditions read. Out: [`Place`]s, made when they are first read. Invariants: a place is one unknown however often
//! it is read; what a parent's absence takes away is absent.
//! Source: language section 3; `lang-spec/core-form.md`, [core.type] and [core.cond].

use std::collections::BTreeMap;

use leverframe_compiler::core::{Core, Field, LabelId, Record, Type};

use super::Subject;
use super::formula::{F, Graph, N, NO, Unknown, YES};
use super::language::Kind;
use super::texts::Texts;
use crate::limits;

/// The least and greatest instant that a timestamp can be written of, offsets included.
const INSTANTS: (i64, i64) = (-62_167_305_540_000, 253_402_387_139_999);

/// Everything that is unknown of a letter.
pub(super) struct Letter<'c> {
    pub(super) args: &'c Record,
    pub(super) result: Option<&'c Record>,
    pub(super) core: &'c Core,
    pub(super) graph: Graph,
    pub(super) texts: Texts,
    /// Whether an optional field is there, by its key; the same for the maps below.
    pub(super) present: BTreeMap<String, F>,
    pub(super) truths: BTreeMap<String, F>,
    pub(super) numbers: BTreeMap<String, N>,
    pub(super) words: BTreeMap<String, usize>,
    /// Size and slots.
    pub(super) lists: BTreeMap<String, (N, usize)>,
    pub(super) at: Option<N>,
    pub(super) has: BTreeMap<LabelId, F>,
    pub(super) carries: BTreeMap<LabelId, F>,
    pub(super) reads_result: bool,
}

/// Something that a letter has at a place.
#[derive(Clone, Debug)]
pub(super) struct Place<'c> {
    /// `args.items[0].sku`
    pub(super) key: String,
    pub(super) present: F,
    /// None: a whole record of the letter, or nothing at all.
    pub(super) ty: Option<&'c Type>,
}

impl<'c> Letter<'c> {
    pub(super) fn new(core: &'c Core, subject: Subject) -> Option<Self> {
        let (args, result) = match subject {
            Subject::Tool(tool) => core.tools.get(tool.index()).map(|tool| (&tool.args, tool.result.as_ref()))?,
            Subject::Event(event) => (&core.events.get(event.index())?.args, None),
        };
        Some(Self {
            args,
            result,
            core,
            graph: Graph::new(),
            texts: Texts::default(),
            present: BTreeMap::new(),
            truths: BTreeMap::new(),
            numbers: BTreeMap::new(),
            words: BTreeMap::new(),
            lists: BTreeMap::new(),
            at: None,
            has: BTreeMap::new(),
            carries: BTreeMap::new(),
            reads_result: false,
        })
    }

    pub(super) fn argument(&mut self, names: &[String]) -> Place<'c> {
        self.in_record(self.args, Place { key: "args".to_owned(), present: YES, ty: None }, names)
    }

    pub(super) fn of_result(&mut self, names: &[String]) -> Option<Place<'c>> {
        self.reads_result = true;
        let result = self.result?;
        Some(self.in_record(result, Place { key: "result".to_owned(), present: YES, ty: None }, names))
    }

    /// A context field is always supplied.
    pub(super) fn context(&mut self, names: &[String]) -> Option<Place<'c>> {
        let (first, rest) = names.split_first()?;
        let field = self.core.context.iter().find(|field| field.name == *first)?;
        Some(self.inside(Place { key: format!("context.{first}"), present: YES, ty: Some(&field.ty) }, rest))
    }

    /// What lies inside a place.
    pub(super) fn inside(&mut self, place: Place<'c>, names: &[String]) -> Place<'c> {
        match place.ty {
            _ if names.is_empty() => place,
            Some(Type::Record(record)) => self.in_record(record, place, names),
            _ => Place { present: NO, ty: None, ..place },
        }
    }

    fn in_record(&mut self, record: &'c Record, place: Place<'c>, names: &[String]) -> Place<'c> {
        let Some((first, rest)) = names.split_first() else { return place };
        let Some(field) = record.fields.iter().find(|field| field.name == *first) else { return Place { present: NO, ty: None, ..place } };
        let key = format!("{}.{first}", place.key);
        let own = self.presence(&key, field);
        let present = self.graph.and(place.present, own);
        self.inside(Place { key, present, ty: Some(&field.ty) }, rest)
    }

    /// A field with a default is always judged by something: by what a call gives, which may be the default as well, unless it says `null`.
    fn presence(&mut self, key: &str, field: &Field) -> F {
        if !field.nullable && (field.required || field.default.is_some()) {
            return YES;
        }
        if let Some(known) = self.present.get(key) {
            return *known;
        }
        let fresh = self.graph.fresh_bool();
        self.present.insert(key.to_owned(), fresh);
        fresh
    }

    pub(super) fn truth(&mut self, key: &str) -> F {
        if let Some(known) = self.truths.get(key) {
            return *known;
        }
        let fresh = self.graph.fresh_bool();
        self.truths.insert(key.to_owned(), fresh);
        fresh
    }

    /// The number at a place; none where its type is no number.
    pub(super) fn number(&mut self, key: &str, ty: &Type) -> Option<N> {
        if let Some(known) = self.numbers.get(key) {
            return Some(*known);
        }
        let (lo, hi) = match ty {
            Type::Int { lo, hi } => (*lo, *hi),
            Type::Timestamp => INSTANTS,
            Type::Duration => (0, i64::MAX),
            Type::Number => (0, 0),
            _ => return None,
        };
        let fresh = self.graph.fresh(Unknown { lo, hi, decimal: *ty == Type::Number });
        self.numbers.insert(key.to_owned(), fresh);
        Some(fresh)
    }

    /// The text at a place; none where its type is no text.
    pub(super) fn word(&mut self, key: &str, ty: &Type) -> Option<usize> {
        if let Some(known) = self.words.get(key) {
            return Some(*known);
        }
        let fresh = self.texts.text(kind(ty)?);
        self.words.insert(key.to_owned(), fresh);
        Some(fresh)
    }

    pub(super) fn list(&mut self, key: &str, slots: usize) -> (N, usize) {
        if let Some(known) = self.lists.get(key) {
            return *known;
        }
        let size = self.graph.fresh(Unknown { lo: 0, hi: limits::LIST_SIZE, decimal: false });
        self.lists.insert(key.to_owned(), (size, slots));
        (size, slots)
    }

    pub(super) fn time(&mut self) -> N {
        let graph = &mut self.graph;
        *self.at.get_or_insert_with(|| graph.fresh(Unknown { lo: 0, hi: i64::MAX, decimal: false }))
    }

    pub(super) fn has(&mut self, label: LabelId) -> F {
        let graph = &mut self.graph;
        *self.has.entry(label).or_insert_with(|| graph.fresh_bool())
    }

    pub(super) fn carries(&mut self, label: LabelId) -> F {
        let graph = &mut self.graph;
        *self.carries.entry(label).or_insert_with(|| graph.fresh_bool())
    }
}

/// What texts a type has; none where it has others than texts.
pub(super) fn kind(ty: &Type) -> Option<Kind> {
    Some(match ty {
        Type::String => Kind::Any,
        Type::Enum(members) => Kind::Enum(members.clone()),
        Type::Email => Kind::Email,
        Type::Url => Kind::Url,
        Type::Path => Kind::Path,
        Type::Ip => Kind::Ip,
        _ => return None,
    })
}
