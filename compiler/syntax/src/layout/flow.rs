//! Lines of atoms, filled and ended where they grow too wide.
//!
//! In: ranges of atoms and their indentation. Out: text.
//! Invariants: every atom and every comment is written once, in order; nothing stands behind a comment on its line.

use super::atoms::{Atom, Atoms, Range};
use super::spacing::{may_break, space};
use crate::grammar::Rule;

/// The widest line, in characters, where the text lets it end before.
const WIDTH: usize = 110;
/// What a line that goes on is indented by.
const CONTINUED: usize = 4;

/// What is written so far.
pub(super) struct Page<'a, 's> {
    pub(super) atoms: &'a Atoms<'s>,
    out: String,
}

/// The line that is being filled.
struct Line {
    text: String,
    width: usize,
    /// Where it may end: byte, and brackets open there.
    breaks: Vec<(usize, usize)>,
    /// What the next line is indented by.
    next_indent: usize,
}

impl<'a, 's> Page<'a, 's> {
    pub(super) fn new(atoms: &'a Atoms<'s>) -> Self {
        Self { atoms, out: String::new() }
    }

    /// The text, the comments at its end included.
    pub(super) fn finish(mut self) -> String {
        for comment in &self.atoms.after {
            if comment.blank && !self.out.is_empty() {
                self.out.push('\n');
            }
            self.put(0, comment.text);
        }
        self.out
    }

    /// Empty line and comments in front of a statement.
    pub(super) fn leading(&mut self, at: usize, indent: usize, apart: bool, blank_allowed: bool) {
        let Some(atom) = self.atoms.get(at) else { return };
        let mut apart = apart;
        let mut allowed = blank_allowed;
        for comment in &atom.before {
            self.blank(allowed && (comment.blank || apart));
            self.put(indent, comment.text);
            apart = false;
            allowed = true;
        }
        self.blank(allowed && (atom.blank || apart));
    }

    /// The comments in front of an atom, without empty lines.
    pub(super) fn leading_comments(&mut self, at: usize, indent: usize) {
        let Some(atom) = self.atoms.get(at) else { return };
        for comment in &atom.before {
            self.put(indent, comment.text);
        }
    }

    /// Whether a range can stand on one line.
    pub(super) fn fits(&self, range: &Range, indent: usize) -> bool {
        self.width(range).is_some_and(|width| indent + width <= WIDTH)
    }

    /// How wide the part before the first `=>` is, where no comment stands in the range.
    pub(super) fn width_before_arrow(&self, range: &Range) -> Option<usize> {
        self.width(range)?;
        let arrow = range.clone().find(|at| self.is_arrow(*at))?;
        self.width(&(range.start..arrow))
    }

    fn is_arrow(&self, at: usize) -> bool {
        self.atoms.get(at).is_some_and(|atom| atom.rule == Rule::arrow)
    }

    /// The width of a range on one line; `None` where a comment stands inside it.
    fn width(&self, range: &Range) -> Option<usize> {
        let atoms = self.atoms.slice(range);
        let mut width = 0;
        for (at, atom) in atoms.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|before| atoms.get(before));
            if let Some(before) = before {
                if before.trailing.is_some() || !atom.before.is_empty() {
                    return None;
                }
                width += usize::from(space(before, atom));
            }
            width += atom.text.chars().count();
        }
        Some(width)
    }

    /// Writes a range, with as many lines as it takes.
    pub(super) fn flow(&mut self, range: Range, indent: usize) {
        self.aligned(range, indent, 0);
    }

    /// Writes a range whose first `=>` stands behind so many columns, where it fits.
    pub(super) fn aligned(&mut self, range: Range, indent: usize, column: usize) {
        let atoms = self.atoms;
        let pad = match self.width_before_arrow(&range) {
            Some(width) if column > width && column > 0 => column - width,
            _ => 0,
        };
        let arrow = range.clone().find(|at| self.is_arrow(*at));
        let mut line = Line::new(indent, indent + CONTINUED);
        let mut before: Option<&Atom<'_>> = None;
        for at in range {
            let Some(atom) = atoms.get(at) else { continue };
            if before.is_some() && !atom.before.is_empty() {
                line = self.end(line);
                for comment in &atom.before {
                    self.put(line.next_indent, comment.text);
                }
            }
            if pad > 0 && Some(at) == arrow {
                line.push(&" ".repeat(pad));
            }
            self.place(&mut line, before, atom);
            if let Some(comment) = atom.trailing {
                line.push(if line.is_empty() { "" } else { " " });
                line.push(comment);
                line = self.end(line);
            }
            before = Some(atom);
        }
        self.end(line);
    }

    fn place(&mut self, line: &mut Line, before: Option<&Atom<'_>>, atom: &Atom<'_>) {
        if let Some(before) = before.filter(|_| !line.is_empty()) {
            if may_break(before, atom) {
                line.breaks.push((line.text.len(), atom.depth));
            }
            if space(before, atom) {
                line.push(" ");
            }
        }
        line.push(atom.text);
        while line.width > WIDTH {
            let Some(rest) = line.split() else { break };
            let full = std::mem::replace(line, rest);
            self.put(0, &full.text);
        }
    }

    /// Writes a line and gives the one after it.
    fn end(&mut self, line: Line) -> Line {
        if !line.is_empty() {
            self.put(0, &line.text);
        }
        Line::new(line.next_indent, line.next_indent)
    }

    fn put(&mut self, indent: usize, text: &str) {
        self.out.push_str(&" ".repeat(indent));
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn blank(&mut self, wanted: bool) {
        if wanted && !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }
}

impl Line {
    fn new(indent: usize, next_indent: usize) -> Self {
        Self { text: " ".repeat(indent), width: indent, breaks: Vec::new(), next_indent }
    }

    fn is_empty(&self) -> bool {
        self.text.trim_start().is_empty()
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.width += text.chars().count();
    }

    /// Cuts it at the last of the outermost places where it may end; what follows is the new line.
    fn split(&mut self) -> Option<Line> {
        let outermost = self.breaks.iter().map(|(_, depth)| *depth).min()?;
        let (at, _) = *self.breaks.iter().rfind(|(_, depth)| *depth == outermost)?;
        let rest = self.text.split_off(at);
        let mut line = Line::new(self.next_indent, self.next_indent);
        let blanks = rest.len() - rest.trim_start().len();
        let shift = line.text.len();
        line.push(rest.trim_start());
        let later = self.breaks.iter().filter(|(place, _)| *place > at);
        line.breaks = later.map(|(place, depth)| (place - at - blanks + shift, *depth)).collect();
        Some(line)
    }
}
