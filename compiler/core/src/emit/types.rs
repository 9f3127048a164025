//! Types: each once, parts before wholes.
//!
//! In: types of the core. Out: [`Types::list`], where an id inside a type is less than the type's own.
//! Source: `lang-spec/frame-format.md`, [frame.policy].

use std::collections::HashMap;

use leverframe_runtime::frame::{self, TypeId};
use leverframe_runtime::limits;

use super::term::scalar;
use crate::automata::{Oversize, Subject};
use crate::core::{Field, Record, Type};

/// The types of a frame.
#[derive(Debug, Default)]
pub(super) struct Types {
    pub(super) list: Vec<frame::Type>,
    depths: Vec<usize>,
    /// By the debug form, which tells types apart since ids inside are unique.
    known: HashMap<String, TypeId>,
}

impl Types {
    /// The id of a record; problems are appended, and then the id is not used.
    pub(super) fn record(&mut self, subject: &Subject, record: &Record, problems: &mut Vec<Oversize>) -> TypeId {
        let id = self.record_type(record);
        let deepest = self.depths.get(id.index()).copied().unwrap_or(0);
        let depth = Oversize::check("LF0718", subject, "levels of the type", limits::TYPE_DEPTH, deepest);
        problems.extend(depth.err());
        id
    }

    fn record_type(&mut self, record: &Record) -> TypeId {
        let mut depth = 0;
        let fields = record.fields.iter().map(|field| self.field(field, &mut depth)).collect();
        self.intern(frame::Type::Record { open: record.open, fields }, depth + 1)
    }

    fn field(&mut self, field: &Field, deepest: &mut usize) -> frame::Field {
        let ty = self.ty(&field.ty);
        *deepest = (*deepest).max(self.depths.get(ty.index()).copied().unwrap_or(0));
        let default = field.default.as_ref().map(scalar);
        frame::Field { name: field.name.clone(), ty, required: field.required, nullable: field.nullable, default }
    }

    fn ty(&mut self, ty: &Type) -> TypeId {
        let plain = match ty {
            Type::Bool => frame::Type::Bool,
            Type::Int { lo, hi } => frame::Type::Int { lo: *lo, hi: *hi },
            Type::Number => frame::Type::Number,
            Type::String => frame::Type::String,
            Type::Enum(members) => frame::Type::Enum(members.clone()),
            Type::Email => frame::Type::Email,
            Type::Url => frame::Type::Url,
            Type::Path => frame::Type::Path,
            Type::Ip => frame::Type::Ip,
            Type::Timestamp => frame::Type::Timestamp,
            Type::Duration => frame::Type::Duration,
            Type::Json(_) => frame::Type::Json,
            Type::List(element) => {
                let element = self.ty(element);
                let depth = self.depths.get(element.index()).copied().unwrap_or(0);
                return self.intern(frame::Type::List(element), depth + 1);
            }
            Type::Record(record) => return self.record_type(record),
        };
        self.intern(plain, 1)
    }

    fn intern(&mut self, ty: frame::Type, depth: usize) -> TypeId {
        let key = format!("{ty:?}");
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        // A policy's text is bounded far below 2^32 types.
        let id = TypeId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.known.insert(key, id);
        self.list.push(ty);
        self.depths.push(depth);
        id
    }
}
