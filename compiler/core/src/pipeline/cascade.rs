//! Findings that are there only because of others.
//!
//! In: all findings and the program. Out: those that stand by themselves. Invariant: a finding is dropped only beside an error that stays: a name
//! is unknown because the statement that declares it could not be read.
//! Source: the architecture's rule that cascades are suppressed.

use std::ops::Range;

use leverframe_syntax::tree::DeclKind;
use leverframe_syntax::{Code, Diagnostic, Span};

use crate::modules::Program;

/// The findings about names that nothing declares.
const UNKNOWN: [Code; 10] = [
    Code::LF0110,
    Code::LF0112,
    Code::LF0113,
    Code::LF0114,
    Code::LF0115,
    Code::LF0116,
    Code::LF0117,
    Code::LF0201,
    Code::LF0208,
    Code::LF0244,
];

/// The findings that stand by themselves.
pub(super) fn without(program: &Program, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let broken = program.diagnostics.iter().any(Diagnostic::is_error);
    if !broken {
        return found;
    }
    let unread = unread(program);
    let stays = |found: &Diagnostic| match found.code {
        // Rules are counted, so one that could not be read renames others.
        Code::LF0125 => false,
        code => !UNKNOWN.contains(&code) || stands(program, &unread, found),
    };
    found.into_iter().filter(stays).collect()
}

/// Whether the unknown name stands nowhere in what could not be read.
fn stands(program: &Program, unread: &[&str], found: &Diagnostic) -> bool {
    if !program.complete {
        return false;
    }
    let span = found.span();
    let name = program.files.get(span.file.0 as usize).map_or("", |file| span.text(&file.text));
    // A glob is unknown with its server.
    let name = name.split('*').next().unwrap_or_default().trim_end_matches('.').trim_matches('`');
    name.is_empty() || !unread.iter().any(|text| text.contains(name))
}

/// The stretches of text that are part of no declaration and of no item.
fn unread(program: &Program) -> Vec<&str> {
    let mut texts = Vec::new();
    for module in &program.modules {
        let Some(file) = program.files.get(module.file.0 as usize) else { continue };
        let declarations = &module.tree.declarations;
        let end = file.text.len();
        gaps(&file.text, 0..end, declarations.iter().map(|declaration| declaration.span), &mut texts);
        for declaration in declarations {
            let items = match &declaration.kind {
                DeclKind::Persona(persona) => &persona.items,
                DeclKind::Everyone(everyone) => &everyone.items,
                _ => continue,
            };
            let whole = declaration.span.range();
            let head = declaration.span.text(&file.text).find('{').unwrap_or_default();
            gaps(&file.text, whole.start + head..whole.end, items.iter().map(|item| item.span), &mut texts);
        }
    }
    texts
}

/// What lies in `whole` between the parts.
fn gaps<'a>(text: &'a str, whole: Range<usize>, parts: impl Iterator<Item = Span>, texts: &mut Vec<&'a str>) {
    let mut from = whole.start;
    for part in parts {
        let part = part.range();
        texts.extend(text.get(from..part.start));
        from = part.end;
    }
    texts.extend(text.get(from..whole.end));
}
