//! Recorded sessions as steps: what a host program would have done, one thing after the other. For the tests of the bindings.
//!
//! In: a record (`lang-spec/traces.md`). Out: [`Step`]s in their order, of which every time is given, every result stands where it came, and arguments, contexts
//! and results are the text that they were; and the same as lines of text, which a test in any language reads with little. Left out: errors of a record.
//! Source: `lang-spec/traces.md`; `runtime/host/README.md` ("Cases").

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Members {
    id: Option<String>,
    session: Option<String>,
    persona: Option<String>,
    tool: Option<String>,
    result_of: Option<String>,
    event: Option<String>,
    #[serde(default, deserialize_with = "whatever_is_there")]
    args: Option<Box<RawValue>>,
    context: Option<Box<RawValue>>,
    principal: Option<String>,
    agent: Option<String>,
    tenant: Option<String>,
    at: Option<serde_json::Value>,
    approved: Option<bool>,
    result: Option<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    ok: bool,
    labels: Option<Vec<String>>,
    content: Option<Box<RawValue>>,
    structured: Option<Box<RawValue>>,
}

/// Keeps an explicit `null`.
fn whatever_is_there<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

/// Whose call or event it is.
pub struct Who {
    pub session: String,
    pub persona: String,
    pub keys: [Option<String>; 3],
}

pub struct CallStep {
    pub line: u64,
    pub at: i64,
    pub approved: Option<bool>,
    pub who: Who,
    pub tool: String,
    pub args: String,
    pub context: Option<String>,
    pub id: Option<String>,
    /// Whether its result comes later, under its id.
    pub kept: bool,
}

pub struct ResultStep {
    /// The id of a kept call; none: of the call just decided.
    pub of: Option<String>,
    pub at: i64,
    pub ok: bool,
    pub content: Option<String>,
    pub structured: Option<String>,
    pub labels: Vec<String>,
}

pub struct EventStep {
    pub at: i64,
    pub who: Who,
    pub event: String,
    pub args: Option<String>,
}

pub enum Step {
    Call(CallStep),
    Result(ResultStep),
    Event(EventStep),
}

fn instant(at: &serde_json::Value) -> i64 {
    match at.as_str() {
        Some(text) => text.parse::<jiff::Timestamp>().expect("a time").as_millisecond(),
        None => at.as_i64().expect("milliseconds"),
    }
}

fn text(raw: Option<Box<RawValue>>) -> Option<String> {
    raw.map(|raw| raw.get().to_owned())
}

fn result(of: Option<String>, at: i64, outcome: Option<Outcome>) -> Step {
    Step::Result(match outcome {
        // A call without any result in the file succeeded where it stands.
        None => ResultStep { of, at, ok: true, content: None, structured: None, labels: Vec::new() },
        Some(Outcome { ok, labels, content, structured }) => {
            ResultStep { of, at, ok, content: text(content), structured: text(structured), labels: labels.unwrap_or_default() }
        }
    })
}

/// The steps of a record.
pub fn steps(record: &str) -> Vec<Step> {
    let lines = || record.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |line: &str| serde_json::from_str::<Members>(line).expect("a line of a record");
    let named: HashSet<String> = lines().filter_map(|(_, line)| read(line).result_of).collect();
    let (mut steps, mut last) = (Vec::new(), None::<i64>);
    for (number, line) in lines() {
        let members = read(line);
        let at = members.at.as_ref().map_or_else(|| last.map_or(0, |last| last + 1), instant);
        last = Some(at);
        take(members, (number as u64 + 1, at), &named, &mut steps);
    }
    steps
}

fn take(members: Members, (line, at): (u64, i64), named: &HashSet<String>, steps: &mut Vec<Step>) {
    if let Some(of) = members.result_of {
        steps.push(result(Some(of), at, members.result));
        return;
    }
    let who = Who {
        session: members.session.expect("a session"),
        persona: members.persona.unwrap_or_default(),
        keys: [members.principal, members.agent, members.tenant],
    };
    if let Some(event) = members.event {
        steps.push(Step::Event(EventStep { at, who, event, args: text(members.args) }));
        return;
    }
    let kept = members.result.is_none() && members.id.as_ref().is_some_and(|id| named.contains(id));
    steps.push(Step::Call(CallStep {
        line,
        at,
        approved: members.approved,
        who,
        tool: members.tool.expect("a tool"),
        args: text(members.args).expect("arguments"),
        context: text(members.context),
        id: members.id,
        kept,
    }));
    if !kept {
        steps.push(result(None, at, members.result));
    }
}

/// A step as a line: its kind and its fields, with tabs between; a text is `=` and its bytes in hexadecimal digits, what is absent is `-`.
pub fn written(step: &Step) -> String {
    let hex = |text: &str| text.bytes().fold("=".to_owned(), |hex, byte| hex + &format!("{byte:02x}"));
    let maybe = |text: Option<&String>| text.map_or_else(|| "-".to_owned(), |text| hex(text));
    let who = |who: &Who| {
        let keys: Vec<String> = who.keys.iter().map(|key| maybe(key.as_ref())).collect();
        format!("{}\t{}\t{}", hex(&who.session), hex(&who.persona), keys.join("\t"))
    };
    match step {
        Step::Call(call) => {
            let approved = call.approved.map_or("-", |approved| if approved { "1" } else { "0" });
            let texts = [hex(&call.tool), hex(&call.args), maybe(call.context.as_ref()), maybe(call.id.as_ref())].join("\t");
            format!("call\t{}\t{}\t{texts}\t{}\t{}\t{approved}", call.at, who(&call.who), call.line, u8::from(call.kept))
        }
        Step::Result(came) => {
            let labels: Vec<String> = came.labels.iter().map(|label| hex(label)).collect();
            let labels = if labels.is_empty() { "-".to_owned() } else { labels.join(",") };
            let texts = [maybe(came.of.as_ref()), maybe(came.content.as_ref()), maybe(came.structured.as_ref())].join("\t");
            format!("result\t{}\t{texts}\t{}\t{labels}", came.at, u8::from(came.ok))
        }
        Step::Event(event) => format!("event\t{}\t{}\t{}\t{}", event.at, who(&event.who), hex(&event.event), maybe(event.args.as_ref())),
    }
}

/// A case of `lang-spec/conformance`.
pub struct Case {
    pub name: String,
    pub frame: Vec<u8>,
    pub record: String,
    /// What `leverframe replay --format jsonl` writes.
    pub lines: String,
}

/// Builds and replays every case with the binary.
///
/// # Panics
/// Where one does not build or replay.
pub fn cases(binary: &Path) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lang-spec/conformance");
    let entries = std::fs::read_dir(folder).expect("the cases").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders.iter().map(|folder| case(binary, folder)).collect()
}

fn case(binary: &Path, folder: &Path) -> Case {
    let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
    let frame = std::env::temp_dir().join(format!("leverframe-host-{}-{name}.frame", std::process::id()));
    let run = |arguments: &[&std::ffi::OsStr]| {
        let output = Command::new(binary).args(arguments).output().expect("the binary runs");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    run(&["build".as_ref(), folder.join("policy.lever").as_ref(), "--unproven".as_ref(), "-o".as_ref(), frame.as_ref()]);
    let trace = folder.join("trace.jsonl");
    let lines = run(&["replay".as_ref(), frame.as_ref(), trace.as_ref(), "--format".as_ref(), "jsonl".as_ref()]);
    let bytes = std::fs::read(&frame).expect("the frame");
    std::fs::remove_file(&frame).expect("the frame was written");
    let record = std::fs::read_to_string(&trace).expect("the record");
    Case { name, frame: bytes, record, lines: String::from_utf8(lines).expect("UTF-8") }
}

/// The binary under test: `LEVERFRAME_BIN`, or the one that `cargo build` puts beside the tests.
///
/// # Panics
/// Where there is none.
pub fn leverframe() -> PathBuf {
    if let Some(named) = std::env::var_os("LEVERFRAME_BIN") {
        return PathBuf::from(named);
    }
    let mut place = std::env::current_exe().expect("a test has a path");
    place.pop();
    if place.ends_with("deps") || place.ends_with("examples") {
        place.pop();
    }
    place.push(format!("leverframe{}", std::env::consts::EXE_SUFFIX));
    assert!(place.is_file(), "{} is missing: run `cargo build -p leverframe-cli` first, or name it by LEVERFRAME_BIN", place.display());
    place
}
