//! Recorded sessions: what both sides decide.
//!
//! In: events. Out: the lines of a record. `args` and `context` are kept as the text that they are, with duplicate keys and all.
//! Source: contracts section 2.

use std::fmt::Write;

/// A line of a record.
#[derive(Clone, Debug)]
pub enum Event {
    /// A call to decide.
    Call(Call),
    /// The result of an earlier call.
    Result(Late),
    /// A host event.
    Host(Host),
}

/// A call.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Call {
    pub id: Option<String>,
    pub session: String,
    pub persona: String,
    pub tool: String,
    pub args: String,
    pub context: Option<String>,
    /// Principal, agent, tenant.
    pub keys: [Option<String>; 3],
    pub at: Option<i64>,
    pub approved: Option<bool>,
    pub result: Option<Outcome>,
}

/// What came of a call.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Outcome {
    pub ok: bool,
    pub labels: Vec<String>,
    pub content: Option<&'static str>,
    pub structured: Option<String>,
}

/// A result in a line of its own.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Late {
    pub of: String,
    pub at: Option<i64>,
    pub result: Outcome,
}

/// A host event.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Host {
    pub session: String,
    pub event: String,
    pub args: String,
    pub keys: [Option<String>; 3],
    pub at: Option<i64>,
}

const KEYS: [&str; 3] = ["principal", "agent", "tenant"];

impl Event {
    /// The line.
    #[must_use]
    pub fn line(&self) -> String {
        self.line_with("")
    }

    /// The line, with more members.
    #[must_use]
    pub fn line_with(&self, more: &str) -> String {
        let mut line = match self {
            Self::Call(call) => call.members(),
            Self::Result(late) => format!("\"result_of\":\"{}\"{},\"result\":{}", late.of, at(late.at), late.result.json()),
            Self::Host(host) => {
                let Host { session, event, args, .. } = host;
                format!("\"session\":\"{session}\",\"event\":\"{event}\",\"args\":{args}{}{}", keys(&host.keys), at(host.at))
            }
        };
        line.push_str(more);
        format!("{{{line}}}")
    }

    /// Simpler events that may show the same.
    #[must_use]
    pub fn simpler(&self) -> Vec<Self> {
        match self {
            Self::Call(call) => call.simpler().into_iter().map(Self::Call).collect(),
            Self::Result(late) => late.result.simpler().into_iter().map(|result| Self::Result(Late { result, ..late.clone() })).collect(),
            Self::Host(host) => dropped_keys(&host.keys).into_iter().map(|keys| Self::Host(Host { keys, ..host.clone() })).collect(),
        }
    }
}

impl Call {
    fn members(&self) -> String {
        let Self { session, persona, tool, args, .. } = self;
        let mut line = format!("\"session\":\"{session}\",\"persona\":\"{persona}\",\"tool\":\"{tool}\",\"args\":{args}");
        if let Some(id) = &self.id {
            let _ = write!(line, ",\"id\":\"{id}\"");
        }
        line.push_str(&keys(&self.keys));
        line.push_str(&at(self.at));
        if let Some(context) = &self.context {
            let _ = write!(line, ",\"context\":{context}");
        }
        if let Some(approved) = self.approved {
            let _ = write!(line, ",\"approved\":{approved}");
        }
        if let Some(result) = &self.result {
            let _ = write!(line, ",\"result\":{}", result.json());
        }
        line
    }

    fn simpler(&self) -> Vec<Self> {
        let mut found: Vec<Self> = dropped_keys(&self.keys).into_iter().map(|keys| Self { keys, ..self.clone() }).collect();
        if self.context.is_some() {
            found.push(Self { context: None, ..self.clone() });
        }
        if self.approved.is_some() {
            found.push(Self { approved: None, ..self.clone() });
        }
        if let Some(result) = &self.result {
            found.push(Self { result: None, ..self.clone() });
            found.extend(result.simpler().into_iter().map(|result| Self { result: Some(result), ..self.clone() }));
        }
        if self.args.len() > 2 {
            found.extend(without_members(&self.args).into_iter().map(|args| Self { args, ..self.clone() }));
        }
        if self.id.is_some() {
            found.push(Self { id: None, ..self.clone() });
        }
        if self.at.is_some() {
            found.push(Self { at: None, ..self.clone() });
        }
        found
    }
}

impl Outcome {
    fn simpler(&self) -> Vec<Self> {
        let mut found = Vec::new();
        if !self.labels.is_empty() {
            found.push(Self { labels: Vec::new(), ..self.clone() });
        }
        if self.content.is_some() {
            found.push(Self { content: None, ..self.clone() });
        }
        if self.structured.is_some() {
            found.push(Self { structured: None, ..self.clone() });
        }
        found
    }

    fn json(&self) -> String {
        let labels: Vec<String> = self.labels.iter().map(|label| format!("\"{label}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!(",\"labels\":[{}]", labels.join(",")) };
        let content = self.content.map_or(String::new(), |content| format!(",\"content\":{content}"));
        let structured = self.structured.as_ref().map_or(String::new(), |structured| format!(",\"structured\":{structured}"));
        format!("{{\"ok\":{}{labels}{content}{structured}}}", self.ok)
    }
}

fn keys(keys: &[Option<String>; 3]) -> String {
    let named = KEYS.iter().zip(keys).filter_map(|(name, key)| key.as_ref().map(|key| format!(",\"{name}\":\"{key}\"")));
    named.collect()
}

fn at(at: Option<i64>) -> String {
    at.map_or(String::new(), |at| format!(",\"at\":{at}"))
}

fn dropped_keys(keys: &[Option<String>; 3]) -> Vec<[Option<String>; 3]> {
    let without = |index: usize| {
        let mut fewer = keys.clone();
        fewer[index] = None;
        fewer
    };
    (0..3).filter(|index| keys[*index].is_some()).map(without).collect()
}

/// The object with one member less, wherever a top-level comma divides it.
fn without_members(object: &str) -> Vec<String> {
    let Some(inner) = object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return Vec::new() };
    let members = members(inner);
    let without = |dropped: usize| {
        let kept: Vec<&str> = members.iter().enumerate().filter(|(index, _)| *index != dropped).map(|(_, member)| *member).collect();
        format!("{{{}}}", kept.join(","))
    };
    (0..members.len()).map(without).collect()
}

fn members(inner: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut escaped, mut from) = (0_usize, false, false, 0);
    let mut found = Vec::new();
    for (place, letter) in inner.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                found.push(&inner[from..place]);
                from = place + 1;
            }
            _ => {}
        }
    }
    if !inner.is_empty() {
        found.push(&inner[from..]);
    }
    found
}
