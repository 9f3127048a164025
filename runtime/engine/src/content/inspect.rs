//! Arguments of a call as a decision sees them: which scans refuse them, which labels they carry.
//!
//! In: the tokens of arguments. Out: an [`Inspection`]. Invariant: arguments that are no one well-formed value, or cannot be read, are refused.
//! Source: `lang-spec/content.md`, [content.scan].

use super::Side;
use super::reading::{Memory, Purpose, Reading, Unreadable};
use crate::arguments::{Arguments, Stop, Token, TokenSink};
use crate::frame::{PersonaId, ScanId, ToolId};
use crate::{LabelSet, Policy};

/// What the scans of a call's arguments say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inspection<'m> {
    /// The labels that the arguments carry.
    pub labels: LabelSet,
    /// The scans that refuse the call, in deciding order.
    pub hits: &'m [ScanId],
}

impl Policy {
    /// Scans the arguments of a call that is decided. A `redact` scan refuses what it finds: the finds should have been taken out before.
    ///
    /// # Limits
    /// Nothing where the tool has no scans of arguments; else linear in the arguments. Allocates nothing once `memory` has grown.
    pub fn inspect<'m>(&'m self, persona: PersonaId, tool: ToolId, args: &dyn Arguments, memory: &'m mut Memory) -> Inspection<'m> {
        let begun = Reading::begin((&self.frame, &self.content), Side::Arguments, (persona, tool), Purpose::Judge, memory);
        let Some(mut reading) = begun else { return Inspection { labels: LabelSet(0), hits: &[] } };
        let read = args.visit(&mut reading).map_err(|_| Unreadable);
        let (labels, hits) = reading.judge(read);
        Inspection { labels, hits }
    }
}

impl TokenSink for Reading<'_> {
    fn token(&mut self, token: Token<'_>) -> Result<(), Stop> {
        match token {
            Token::String(text) | Token::Key(text) | Token::Number(text) => self.text(text).map_err(|_| Stop),
            Token::Null | Token::Bool(_) | Token::BeginArray | Token::EndArray | Token::BeginObject | Token::EndObject => Ok(()),
        }
    }
}
