//! What tools are called where clients see them.
//!
//! In: the servers' tools; a persona. Out: lists; the tool behind a name. Invariants: a name means one tool; a persona's list holds what it may ever call and the lock
//! knows, each as its server wrote it but for its name.
//! Source: MCP 2026-07-28, Tools ("Tool Names"); language section 3 ("import catalog").

use leverframe_runtime::Policy;

use crate::pins::Pins;
use crate::protocol::{Members, object, quoted};
use crate::upstream::{Listed, Server};

/// How tools are called.
#[derive(Debug)]
pub struct Exposed {
    separator: String,
}

/// The tool behind a name.
#[derive(Debug)]
pub struct Behind<'s> {
    /// Its server.
    pub server: &'s Server,
    /// The tool.
    pub tool: Listed,
}

impl Exposed {
    /// With what stands between a server's alias and a tool's name.
    #[must_use]
    pub fn new(separator: &str) -> Self {
        Self { separator: separator.to_owned() }
    }

    /// The name of a tool in the policy.
    #[must_use]
    pub fn policy_name(&self, exposed: &str) -> String {
        match exposed.split_once(&self.separator) {
            Some((alias, name)) => format!("{alias}.{name}"),
            None => exposed.to_owned(),
        }
    }

    /// The tool behind a name.
    #[must_use]
    pub fn behind<'s>(&self, servers: &'s [Server], exposed: &str) -> Option<Behind<'s>> {
        let (alias, name) = exposed.split_once(&self.separator)?;
        let server = servers.iter().find(|server| server.alias() == alias)?;
        let tool = server.tools().iter().find(|tool| tool.name == name)?.clone();
        Some(Behind { server, tool })
    }

    /// The tools that a persona is shown: JSON of a list.
    #[must_use]
    pub fn list(&self, servers: &[Server], pins: &Pins, policy: &Policy, persona: &str) -> String {
        let Some(persona) = policy.persona(persona) else { return "[]".to_owned() };
        let may = |alias: &str, tool: &Listed| {
            let id = policy.tool(&format!("{alias}.{}", tool.name));
            id.is_some_and(|id| policy.may_admit(persona, id)) && pins.check(alias, tool).is_ok()
        };
        let of = |server: &Server| {
            let (alias, tools) = (server.alias().to_owned(), server.tools());
            tools.iter().filter(|tool| may(&alias, tool)).filter_map(|tool| self.renamed(&alias, tool)).collect::<Vec<_>>()
        };
        let tools: Vec<String> = servers.iter().flat_map(of).collect();
        format!("[{}]", tools.join(","))
    }

    fn renamed(&self, alias: &str, tool: &Listed) -> Option<String> {
        let name = quoted(&format!("{alias}{}{}", self.separator, tool.name));
        let members = Members::of(&tool.raw).ok()?;
        Some(object(members.iter().map(|(member, value)| (member, if member == "name" { name.as_str() } else { value.get() }))))
    }
}
