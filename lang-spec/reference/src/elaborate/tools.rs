//! TOOLS: names, groups, and globs over one server's tools.
//!
//! In: a list of tools with its exceptions. Out: the tools, by name. Source: `lang-spec/catalogs.md`, [names.tools]; language section 3 (`group`).

use std::collections::BTreeSet;

use crate::grammar::{Node, Rule};
use crate::refusal::Refusal;

use super::scope::Scope;

/// The tools of `TOOLS [except TOOLS]`, both directly inside the node.
pub(super) fn listed(scope: &Scope<'_>, node: &Node<'_>) -> Result<BTreeSet<String>, Refusal> {
    with_exceptions(scope, node, &mut Vec::new())
}

fn with_exceptions(scope: &Scope<'_>, node: &Node<'_>, groups: &mut Vec<String>) -> Result<BTreeSet<String>, Refusal> {
    let mut found = all(scope, &node.need(Rule::tools)?, groups)?;
    if let Some(except) = node.child(Rule::except) {
        let without = all(scope, &except.need(Rule::tools)?, groups)?;
        found.retain(|tool| !without.contains(tool));
        if found.is_empty() {
            return Err(except.wrong("nothing is left"));
        }
    }
    Ok(found)
}

fn all(scope: &Scope<'_>, tools: &Node<'_>, groups: &mut Vec<String>) -> Result<BTreeSet<String>, Refusal> {
    let mut found = BTreeSet::new();
    for node in tools.inner() {
        match node.rule() {
            Rule::glob => found.extend(covered(scope, &node)?),
            Rule::path => found.extend(named(scope, &node, groups)?),
            _ => {}
        }
    }
    Ok(found)
}

/// The tool, or the tools of the group, of that name.
pub(super) fn named(scope: &Scope<'_>, node: &Node<'_>, groups: &mut Vec<String>) -> Result<BTreeSet<String>, Refusal> {
    let name = node.name();
    if scope.tools.contains_key(&name) {
        return Ok(BTreeSet::from([name]));
    }
    let group = scope.groups.get(&name).ok_or_else(|| node.wrong(format!("no tool and no group is called `{name}`")))?;
    if groups.contains(&name) {
        return Err(node.wrong(format!("the group `{name}` refers to itself")));
    }
    groups.push(name);
    let found = with_exceptions(scope, group, groups)?;
    groups.pop();
    Ok(found)
}

/// The tools that a glob covers; `*` does not cross the server's dot.
fn covered(scope: &Scope<'_>, node: &Node<'_>) -> Result<BTreeSet<String>, Refusal> {
    let mut written = String::new();
    let mut tail = "";
    for part in node.inner() {
        match part.rule() {
            Rule::glob_tail | Rule::glob_start => tail = part.text(),
            Rule::name | Rule::any_name => written += &format!("{}.", part.name()),
            _ => {}
        }
    }
    let (server, before) = written.split_once('.').map_or((None, ""), |(server, rest)| (Some(server), rest));
    let covers = |tool: &&String| {
        let (its_server, rest) = tool.split_once('.').map_or((None, tool.as_str()), |(server, rest)| (Some(server), rest));
        its_server == server && rest.strip_prefix(before).is_some_and(|rest| like(tail, rest))
    };
    let found: BTreeSet<String> = scope.tools.keys().filter(|tool| !scope.pseudo_tools.contains(*tool)).filter(covers).cloned().collect();
    if found.is_empty() { Err(node.wrong("the glob covers no tool")) } else { Ok(found) }
}

/// Whether a text is like a pattern, in which `*` stands for any characters.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or("");
    // The earliest place for each part leaves the most room for those after it.
    for part in parts {
        match text.split_once(part) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn stars_stand_for_any_characters() {
        for (pattern, text) in [("a*", "a"), ("*", ""), ("a*b*c", "aXbbYc"), ("*.example", "a.example"), ("a**c", "abc"), ("*a*a*", "aa")] {
            assert!(like(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a*", "ba"), ("a*a", "a"), ("a*b*c", "acb"), ("*ab", "abb"), ("", "a"), ("*a*a*", "a")] {
            assert!(!like(pattern, text), "{pattern} {text}");
        }
    }
}
