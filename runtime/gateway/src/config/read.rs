//! From TOML to [`Config`].
//!
//! In: text. Out: a configuration, or all that is wrong with it. Invariants: whatever is wrong is said with its place; nothing is guessed.
//! Source: `runtime/gateway/README.md` ("Configuration").

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::table::{Placed, Problem, Problems, Section};
use super::{
    Agent, Approver, Audit, Claims, Config, Denials, Jwt, Limits, Logged, Reach, Redis, Scope, Sessions, State, Survives, Upstream,
};
use crate::limits;

pub(super) fn read(text: &str, folder: &Path) -> Result<Config, Vec<Problem>> {
    let (table, faults) = DeTable::parse_recoverable(text);
    if !faults.is_empty() {
        let problem =
            |fault: &toml::de::Error| Problem { message: fault.message().to_owned(), at: fault.span().unwrap_or(0..0), note: None };
        return Err(faults.iter().map(problem).collect());
    }
    let problems = Problems::default();
    let config = {
        let mut top = Section::new("", table.get_ref(), 0..0, &problems);
        let config = Reader { folder, problems: &problems }.config(&mut top);
        top.end();
        config
    };
    let problems = problems.sorted();
    match config {
        Some(config) if problems.is_empty() => Ok(config),
        _ if problems.is_empty() => Err(vec![Problem { message: "the configuration is not complete".to_owned(), at: 0..0, note: None }]),
        _ => Err(problems),
    }
}

struct Reader<'t> {
    folder: &'t Path,
    problems: &'t Problems,
}

impl<'t> Reader<'t> {
    fn config(&self, top: &mut Section<'t>) -> Option<Config> {
        let frame = top.needed("frame").map(|file| self.place(&file.value));
        let trusted_keys = top.texts("trusted_keys").iter().map(|file| self.place(&file.value)).collect::<Vec<_>>();
        if let Some(at) = top.place("trusted_keys").filter(|_| trusted_keys.is_empty()) {
            self.problems.add(
                at,
                "no key is trusted, so no frame is",
                Some("leave `trusted_keys` out where signatures are not asked for".to_owned()),
            );
        }
        let name = top.text("name");
        let listen = top.text("listen").and_then(|text| self.address(&text));
        let origins = top.texts("origins").into_iter().map(|text| text.value).collect();
        let separator = top.choice("separator", &[(".", "."), ("__", "__"), ("-", "-")], ".").to_owned();
        let denials = top.choice("denials", &[("result", Denials::Result), ("error", Denials::Error)], Denials::Result);
        let operator = top.text("operator_sha256").and_then(|text| self.hash(&text));
        let approval_ms = self.at_least(top, "approvals_expire", limits::SHORTEST_MS, limits::APPROVAL_MS);
        let lock = top.text("lock").map(|file| self.place(&file.value));
        let audit = match top.section("audit") {
            Some(section) => self.audit(section),
            None => {
                self.problems.add(0..0, "`audit` is missing", Some("every call is logged: write `[audit]` with a `path`".to_owned()));
                None
            }
        };
        let config = Config {
            frame: frame?,
            trusted_keys,
            name: name.map_or_else(|| "gateway".to_owned(), |name| self.label(name)),
            listen,
            origins,
            separator,
            limits: self.limits(top.section("limits")),
            audit: audit?,
            state: self.state(top.section("state")),
            sessions: self.sessions(top.section("sessions")),
            denials,
            agents: self.agents(top.named("agent")),
            jwt: top.section("jwt").and_then(|section| self.jwt(section)),
            approvers: self.approvers(top.named("approver")),
            approval_ms,
            operator,
            upstreams: self.upstreams(top.named("upstream")),
            lock,
        };
        self.at_once(&config);
        Some(config)
    }

    fn place(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// What is wrong with the whole.
    fn at_once(&self, config: &Config) {
        let by_input = config.agents.iter().filter(|agent| agent.token.is_none()).count();
        if config.listen.is_none() && by_input == 0 {
            let note = "write `listen`, or an agent without a token".to_owned();
            self.problems.add(0..0, "nobody can reach this gateway", Some(note));
        }
        if config.sessions.idle_ms <= config.limits.upstream_ms.saturating_mul(2) {
            let note = "else a session could end, and its history with it, while one of its calls is on its way".to_owned();
            self.problems.add(0..0, "`sessions.idle` is not longer than twice `limits.upstream`", Some(note));
        }
        let approvers = config.approvers.iter().map(|approver| (approver.token, format!("the approver `{}`", approver.name)));
        let agents = config.agents.iter().filter_map(|agent| Some((agent.token?, format!("the agent `{}`", agent.name))));
        let mut holders: BTreeMap<[u8; 32], String> = BTreeMap::new();
        for (token, who) in agents.chain(approvers).chain(config.operator.map(|token| (token, "the operator".to_owned()))) {
            if let Some(other) = holders.insert(token, who.clone()) {
                self.problems.add(0..0, format!("{who} has the token of {other}"), None);
            }
        }
        if by_input > 1 {
            self.problems.add(0..0, "more than one agent has no token: only one can call by standard input", None);
        }
    }

    /// A time that is not shorter than `least`.
    fn at_least(&self, section: &mut Section<'t>, key: &'static str, least: u64, otherwise: u64) -> u64 {
        let at = section.at();
        let read = section.duration(key);
        if read.is_some_and(|time| time < least) {
            self.problems.add(section.place(key).unwrap_or(at), format!("`{key}` is at least {} s", least / 1_000), None);
        }
        read.unwrap_or(otherwise)
    }

    /// A name that stands in ids.
    fn label(&self, name: Placed<String>) -> String {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.value.is_empty() || name.value.len() > 64 || !name.value.chars().all(fits) {
            self.problems.add(name.at, "a name has letters, digits, `-`, `_` and `.`, at most 64", None);
        }
        name.value
    }

    fn address(&self, text: &Placed<String>) -> Option<SocketAddr> {
        let address = text.value.parse().ok();
        if address.is_none() {
            let note = "write an address and a port, such as `127.0.0.1:8080`".to_owned();
            self.problems.add(text.at.clone(), format!("`{}` is no address", text.value), Some(note));
        }
        address
    }

    fn hash(&self, text: &Placed<String>) -> Option<[u8; 32]> {
        let read = hex(&text.value);
        if read.is_none() {
            let note = "write 64 hexadecimal digits: `printf %s TOKEN | sha256sum`".to_owned();
            self.problems.add(text.at.clone(), "this is no SHA-256", Some(note));
        }
        read
    }

    fn limits(&self, section: Option<Section<'t>>) -> Limits {
        let Some(mut section) = section else { return Limits::default() };
        let otherwise = Limits::default();
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let read = Limits {
            message_bytes: size(section.number("message_bytes", 1_024..limits::MESSAGE_BYTES_MOST, otherwise.message_bytes as u64)),
            calls: size(section.number("calls", 1..1_000_001, otherwise.calls as u64)),
            upstream_ms: self.at_least(&mut section, "upstream", limits::SHORTEST_MS, otherwise.upstream_ms),
        };
        section.end();
        read
    }

    fn audit(&self, mut section: Section<'t>) -> Option<Audit> {
        let path = section.needed("path").map(|file| self.place(&file.value));
        let arguments = section.choice("arguments", &[("hash", Logged::Hash), ("full", Logged::Full)], Logged::Hash);
        let survives = survives(&mut section);
        let checkpoint = section.number("checkpoint", 1..1_000_001, limits::CHECKPOINT);
        let key = section.text("key").map(|file| self.place(&file.value));
        section.end();
        Some(Audit { path: path?, arguments, survives, checkpoint, key })
    }

    fn state(&self, section: Option<Section<'t>>) -> State {
        let Some(mut section) = section else { return State::Memory };
        #[derive(Clone, Copy)]
        enum Kind {
            Memory,
            Disk,
            Redis,
        }
        let kind = section.choice("in", &[("memory", Kind::Memory), ("disk", Kind::Disk), ("redis", Kind::Redis)], Kind::Memory);
        let state = match kind {
            Kind::Memory => State::Memory,
            Kind::Disk => {
                let path = section.needed("path").map(|file| self.place(&file.value));
                State::Disk(path.unwrap_or_default(), survives(&mut section))
            }
            Kind::Redis => {
                let nodes: Vec<String> = section.texts("nodes").into_iter().map(|node| node.value).collect();
                if nodes.is_empty() {
                    self.problems.add(section.at(), "`state.nodes` is missing: the addresses of Redis", None);
                }
                let cluster = section.flag("cluster");
                let replicas = u32::try_from(section.number("replicas", 0..17, 0)).unwrap_or(0);
                let prefix = section.text("prefix").map_or_else(|| "leverframe".to_owned(), |prefix| prefix.value);
                State::Redis(Redis { nodes, cluster, replicas, prefix })
            }
        };
        section.end();
        state
    }

    fn sessions(&self, section: Option<Section<'t>>) -> Sessions {
        let otherwise = Sessions { scope: Scope::Agent, idle_ms: limits::IDLE_MS };
        let Some(mut section) = section else { return otherwise };
        let scope = section.choice("of", &[("agent", Scope::Agent), ("connection", Scope::Connection)], Scope::Agent);
        let idle_ms = self.at_least(&mut section, "idle", limits::IDLE_LEAST_MS, otherwise.idle_ms);
        section.end();
        Sessions { scope, idle_ms }
    }

    fn agents(&self, sections: Vec<(Placed<String>, Section<'t>)>) -> Vec<Agent> {
        let mut agents = Vec::new();
        for (name, mut section) in sections {
            let token = section.text("token_sha256").and_then(|text| self.hash(&text));
            let persona = section.needed("persona");
            let principal = section.text("principal").map(|text| text.value);
            let tenant = section.text("tenant").map(|text| text.value);
            let context = self.context(section.json("context"));
            section.end();
            if let Some(persona) = persona {
                agents.push(Agent { name: name.value, token, persona: persona.value, principal, tenant, context });
            }
        }
        agents
    }

    fn context(&self, value: Option<Placed<serde_json::Value>>) -> String {
        match value {
            None => "{}".to_owned(),
            Some(value) if value.value.is_object() => value.value.to_string(),
            Some(value) => {
                self.problems.add(value.at, "`context` is a table", None);
                "{}".to_owned()
            }
        }
    }

    fn jwt(&self, mut section: Section<'t>) -> Option<Jwt> {
        let (issuer, audience) = (section.needed("issuer"), section.needed("audience"));
        let keys = section.needed("keys").map(|file| self.place(&file.value));
        let mut claim = |key, otherwise: &str| section.text(key).map_or_else(|| otherwise.to_owned(), |text| text.value);
        let claims = Claims {
            persona: claim("persona", "persona"),
            agent: claim("agent", "azp"),
            principal: claim("principal", "sub"),
            tenant: claim("tenant", "tenant"),
            context: section.texts("context").into_iter().map(|text| text.value).collect(),
        };
        section.end();
        Some(Jwt { issuer: issuer?.value, audience: audience?.value, keys: keys?, claims })
    }

    fn approvers(&self, sections: Vec<(Placed<String>, Section<'t>)>) -> Vec<Approver> {
        let mut approvers = Vec::new();
        for (name, mut section) in sections {
            let token = section.needed("token_sha256").and_then(|text| self.hash(&text));
            let roles = section.texts("roles").into_iter().map(|role| role.value).collect();
            section.end();
            approvers.extend(token.map(|token| Approver { name: name.value, token, roles }));
        }
        approvers
    }

    fn upstreams(&self, sections: Vec<(Placed<String>, Section<'t>)>) -> Vec<Upstream> {
        sections.into_iter().filter_map(|(alias, section)| self.upstream(alias, section)).collect()
    }

    fn upstream(&self, alias: Placed<String>, mut section: Section<'t>) -> Option<Upstream> {
        if alias.value.is_empty() || alias.value.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            self.problems.add(alias.at, "an alias has letters, digits and `_`, as in the policy", None);
        }
        let command: Vec<String> = section.texts("command").into_iter().map(|word| word.value).collect();
        let url = section.text("url");
        let reach = match (command.is_empty(), url) {
            (false, None) => Some(Reach::Process {
                command,
                environment: section.named_texts("environment").into_iter().map(|(name, value)| (name, value.value)).collect(),
                folder: section.text("folder").map(|file| self.place(&file.value)),
            }),
            (true, Some(url)) if url.value.starts_with("https://") || url.value.starts_with("http://") => {
                let headers = section.named_texts("headers_from_env").into_iter().map(|(name, value)| (name, value.value)).collect();
                Some(Reach::Http { url: url.value, headers })
            }
            (true, Some(url)) => {
                self.problems.add(url.at, "an address begins with `https://` or `http://`", None);
                None
            }
            (true, None) => {
                self.problems.add(section.at(), "neither `command` nor `url` says how this server is reached", None);
                None
            }
            (false, Some(url)) => {
                self.problems.add(url.at, "a server is reached by `command` or by `url`, not by both", None);
                None
            }
        };
        section.end();
        Some(Upstream { alias: alias.value, reach: reach? })
    }
}

fn survives(section: &mut Section<'_>) -> Survives {
    section.choice("survives", &[("process", Survives::Process), ("power", Survives::Power)], Survives::Process)
}

/// 32 bytes in hexadecimal digits.
fn hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let read = base16ct::mixed::decode(text, &mut bytes).ok()?;
    (read.len() == 32).then_some(bytes)
}

impl Default for Limits {
    fn default() -> Self {
        Self { message_bytes: limits::MESSAGE_BYTES, calls: limits::CALLS, upstream_ms: limits::UPSTREAM_MS }
    }
}
