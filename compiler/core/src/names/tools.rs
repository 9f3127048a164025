//! TOOLS: lists of names, globs and groups, with what `except` takes away.
//!
//! In: `tree::Tools` and the tables. Out: the tools, in order, each once; none only where a group in it is broken, which is reported where that stands.
//! Invariants: a glob stays within one server and covers no pseudo-tool; a pattern that stands for nothing is an error, so a policy that lost a tool says so.
//! Source: `lang-spec/catalogs.md`, [names.tools].

use std::collections::BTreeSet;

use leverframe_runtime::domain::text::like;
use leverframe_syntax::{Diagnostic, Span, tree};

use super::lookup::id;
use super::report;
use super::symbols::{Origin, Symbols, Target, Tool};
use crate::core::ToolId;

impl Symbols {
    /// The tools that TOOLS stands for, by their names, each once.
    ///
    /// # Errors
    /// `LF0110` for an unknown name, `LF0111` for a host event, `LF0117` for a glob that covers nothing, `LF0118` where `except` leaves nothing: every one of
    /// them that the list has.
    pub fn resolve_tools(&self, tools: &tree::Tools) -> Result<Vec<ToolId>, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        let mut found = self.collect(&tools.patterns, &mut faults);
        let taken = self.collect(&tools.except, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let had_some = !found.is_empty();
        found.retain(|tool| !taken.contains(tool));
        if had_some && found.is_empty() {
            return Err(vec![report::nothing_left(tools.span)]);
        }
        Ok(found.into_iter().collect())
    }

    /// The tools that a list names in full, in itself or in a group, rather than by a wildcard.
    #[must_use]
    pub fn named_in_full(&self, tools: &tree::Tools) -> BTreeSet<ToolId> {
        let mut found = BTreeSet::new();
        for pattern in &tools.patterns {
            let tree::ToolPattern::Path(path) = pattern else { continue };
            match self.target(path) {
                Ok(Target::Tool(tool)) => {
                    found.insert(tool);
                }
                Ok(Target::Group(_)) => {
                    let group = self.groups.iter().find(|group| group.name.text == path.text());
                    found.extend(group.map(|group| self.named_in_full(&group.written)).unwrap_or_default());
                }
                Ok(Target::Event(_)) | Err(_) => {}
            }
        }
        found
    }

    fn collect(&self, patterns: &[tree::ToolPattern], faults: &mut Vec<Diagnostic>) -> BTreeSet<ToolId> {
        let mut found = BTreeSet::new();
        for pattern in patterns {
            match self.tools_of(pattern) {
                Ok(tools) => found.extend(tools),
                Err(fault) => faults.push(fault),
            }
        }
        found
    }

    fn tools_of(&self, pattern: &tree::ToolPattern) -> Result<Vec<ToolId>, Diagnostic> {
        match pattern {
            tree::ToolPattern::Glob { server, pattern, span } => self.glob(server, pattern, *span),
            tree::ToolPattern::Path(path) => match self.target(path)? {
                Target::Tool(tool) => Ok(vec![tool]),
                Target::Group(tools) => Ok(tools),
                Target::Event(_) => Err(report::wrong_kind(path, "a host event", "tools must stand here")),
            },
        }
    }

    fn glob(&self, server: &str, pattern: &str, span: Span) -> Result<Vec<ToolId>, Diagnostic> {
        let written = if server.is_empty() { pattern.to_owned() } else { format!("{server}.{pattern}") };
        let glob = Glob::new(&written);
        let covered = |tool: &Tool| !matches!(tool.origin, Origin::Pseudo(_)) && glob.covers(&tool.name);
        let tools: Vec<ToolId> = self.tools.iter().enumerate().filter(|(_, tool)| covered(tool)).map(|(at, _)| ToolId(id(at))).collect();
        if tools.is_empty() {
            return Err(report::glob_without_tool(&written, span, glob.server.filter(|server| !self.has_server(server))));
        }
        Ok(tools)
    }

    fn has_server(&self, server: &str) -> bool {
        self.tools.iter().any(|tool| split_server(&tool.name).0 == Some(server))
    }
}

/// A glob over the tools of one server.
struct Glob<'a> {
    server: Option<&'a str>,
    rest: &'a str,
}

impl<'a> Glob<'a> {
    fn new(written: &'a str) -> Self {
        let (server, rest) = split_server(written);
        Self { server, rest }
    }

    fn covers(&self, tool: &str) -> bool {
        let (server, rest) = split_server(tool);
        server == self.server && like(self.rest, rest)
    }
}

/// Server and the rest of a full name: the first dot separates them.
fn split_server(name: &str) -> (Option<&str>, &str) {
    match name.split_once('.') {
        Some((server, rest)) => (Some(server), rest),
        None => (None, name),
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn a_glob_does_not_cross_the_dot_of_the_server() {
        assert!(Glob::new("crm.get_*").covers("crm.get_customer"));
        assert!(Glob::new("crm.*").covers("crm.admin.wipe"));
        assert!(!Glob::new("crm.*").covers("crmx.get"));
        assert!(!Glob::new("get_*").covers("crm.get_customer"));
        assert!(!Glob::new("*").covers("crm.get_customer"));
        assert!(Glob::new("*_mail").covers("send_mail"));
    }
}
