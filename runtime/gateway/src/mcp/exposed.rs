//! What tools are called where clients see them.
//!
//! In: the servers' tools; a persona. Out: lists; the tool behind a name. Invariants: a name means one tool; a persona's list holds what it may ever call and the lock
//! knows, each as its server wrote it but for its name.
//! Source: MCP 2026-07-28, Tools ("Tool Names"); language section 3 ("import catalog").

use leverframe_runtime::Policy;

use crate::pins::Pins;
use crate::protocol::{Members, header_values, object, quoted};
use crate::upstream::{Answer, Ask, Fault, Listed, Marked, Ready, Server};

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
    /// The connection on which the tool was listed: it is called there or not at all.
    ready: Ready,
}

impl Behind<'_> {
    /// Calls the tool.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn call(&self, args: &str, trace: Option<&str>) -> Result<Answer, Fault> {
        let (name, trace) = (quoted(&self.tool.name), trace.map(quoted));
        let params = [("name", name.as_str()), ("arguments", args)];
        let meta: Vec<(&str, &str)> = trace.iter().map(|trace| ("traceparent", trace.as_str())).collect();
        let marked = self.tool.marked.iter().map(|mark| (mark.header.as_str(), mark.way.as_slice()));
        let headers = header_values(marked, args);
        let ask = Ask { params: &params, meta: &meta, name: Some(&self.tool.name), headers: &headers, ..Ask::plain("tools/call") };
        self.server.ask_on(&self.ready, &ask).await
    }
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

    /// The tool behind a name, as the server that is reached now lists it.
    pub async fn behind<'s>(&self, servers: &'s [Server], exposed: &str) -> Option<Behind<'s>> {
        let (alias, name) = exposed.split_once(&self.separator)?;
        let server = servers.iter().find(|server| server.alias() == alias)?;
        let ready = server.ready().await.ok()?;
        let tool = server.tools().iter().find(|tool| tool.name == name)?.clone();
        Some(Behind { server, tool, ready })
    }

    /// The arguments of a tool that headers repeat, as it was last listed.
    #[must_use]
    pub fn marked(&self, servers: &[Server], exposed: &str) -> Vec<Marked> {
        let behind = exposed.split_once(&self.separator);
        let server = behind.and_then(|(alias, _)| servers.iter().find(|server| server.alias() == alias));
        let tools = server.map(Server::tools).unwrap_or_default();
        let name = behind.map_or("", |(_, name)| name);
        tools.iter().find(|tool| tool.name == name).map(|tool| tool.marked.clone()).unwrap_or_default()
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
