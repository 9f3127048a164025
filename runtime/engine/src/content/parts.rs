//! Which members of an MCP result hold more than their spelling says.
//!
//! In: the tokens of a result, in order. Out: of each string whether it is a text or a blob; of each part whether it can be decoded.
//! Invariants: a member that stands twice counts twice; an unknown type of part cannot be decoded.
//! Source: `lang-spec/content.md`, [content.part]; Model Context Protocol, schema of results.

use alloc::vec::Vec;

use super::tokens::Bracket;
use super::{Side, reading::Unreadable};

/// What a string is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Text,
    Blob,
}

/// What an open array or object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Result,
    Parts,
    Messages,
    Message,
    Part,
    Other,
}

/// What a member's name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Content,
    Contents,
    Messages,
    Resource,
    Blob,
    Data,
    Type,
    Other,
}

#[derive(Clone, Copy, Debug)]
struct Level {
    place: Place,
    member: Member,
    typed: bool,
    data: bool,
}

/// The open arrays and objects of a message.
#[derive(Debug)]
pub(super) struct Parts {
    side: Side,
    open: Vec<Level>,
}

impl Parts {
    pub(super) fn new(side: Side) -> Self {
        Self { side, open: Vec::new() }
    }

    /// Opens an array or object.
    pub(super) fn open(&mut self, bracket: Bracket) -> Result<(), Unreadable> {
        self.value()?;
        let above = self.open.last().map(|level| (level.place, level.member));
        let place = match (above, bracket) {
            (None, Bracket::Object) if self.side == Side::Results => Place::Result,
            (Some((Place::Result, Member::Content | Member::Contents)), Bracket::Array) => Place::Parts,
            (Some((Place::Result, Member::Content | Member::Contents) | (Place::Parts, _)), Bracket::Object) => Place::Part,
            (Some((Place::Result, Member::Messages)), Bracket::Array) => Place::Messages,
            (Some((Place::Messages, _)), Bracket::Object) => Place::Message,
            (Some((Place::Message, Member::Content)), Bracket::Array) => Place::Parts,
            (Some((Place::Message, Member::Content) | (Place::Part, Member::Resource)), Bracket::Object) => Place::Part,
            _ => Place::Other,
        };
        self.open.push(Level { place, member: Member::Other, typed: false, data: false });
        Ok(())
    }

    /// Closes the innermost array or object.
    pub(super) fn close(&mut self) -> Result<(), Unreadable> {
        match self.open.pop() {
            Some(Level { place: Place::Part, typed: false, data: true, .. }) => Err(Unreadable),
            _ => Ok(()),
        }
    }

    /// Takes the name of the next member.
    pub(super) fn key(&mut self, name: &str) {
        let Some(level) = self.open.last_mut() else { return };
        level.member = match name {
            "content" => Member::Content,
            "contents" => Member::Contents,
            "messages" => Member::Messages,
            "resource" => Member::Resource,
            "blob" => Member::Blob,
            "data" => Member::Data,
            "type" => Member::Type,
            _ => Member::Other,
        };
        level.typed |= level.member == Member::Type;
        level.data |= level.member == Member::Data;
    }

    /// Takes a string that is a value: what it is.
    pub(super) fn string(&self, text: &str) -> Result<Role, Unreadable> {
        match self.in_part() {
            Some(Member::Type) if !matches!(text, "text" | "resource" | "resource_link") => Err(Unreadable),
            Some(Member::Blob) => Ok(Role::Blob),
            _ => Ok(Role::Text),
        }
    }

    /// Takes any other value.
    pub(super) fn value(&self) -> Result<(), Unreadable> {
        if self.in_part() == Some(Member::Type) { Err(Unreadable) } else { Ok(()) }
    }

    /// The member at hand, if it is one of a part.
    fn in_part(&self) -> Option<Member> {
        self.open.last().filter(|level| level.place == Place::Part).map(|level| level.member)
    }
}
