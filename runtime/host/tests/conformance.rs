//! Every conformance case through the host, byte for byte as `leverframe replay` decides it; and what must be denied or refused.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unwrap_used, missing_docs, unreachable_pub, dead_code)]

mod record;

use std::collections::HashMap;

use leverframe_host::{Approval, Came, Decided, Host, HostError, LoadOptions, Names, Options, Request, SessionId, Settings, Verdict};
use record::{Case, Step, Who};

fn settings() -> Settings {
    let load = LoadOptions { accept_unproven: true, ..LoadOptions::default() };
    // A record is replayed whole, however long its pauses are.
    Settings { load, store: Options { idle_ms: None, ..Options::default() } }
}

struct Driver<'h> {
    host: &'h Host,
    open: HashMap<String, SessionId>,
    kept: HashMap<String, Decided>,
    last: Option<Decided>,
    lines: String,
}

impl Driver<'_> {
    fn session(&mut self, who: &Who, at: i64) -> SessionId {
        let host = self.host;
        let [principal, agent, tenant] = [0, 1, 2].map(|kind: usize| who.keys[kind].as_deref());
        let names = Names { session: &who.session, persona: &who.persona, principal, agent, tenant };
        let key = format!("{names:?}");
        *self.open.entry(key).or_insert_with(|| host.open(&names, at).expect("a session"))
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Call(call) => {
                let session = self.session(&call.who, call.at);
                let approval = call.approved.map_or(Approval::None, |yes| if yes { Approval::Given } else { Approval::Refused });
                let (context, id) = (call.context.as_ref().map(String::as_bytes), call.id.as_deref());
                let request =
                    Request { tool: &call.tool, args: call.args.as_bytes(), context, at: call.at, approval, id, line: Some(call.line) };
                let decided = self.host.decide(session, &request);
                self.lines += &decided.to_json();
                self.lines.push('\n');
                match id.filter(|_| call.kept) {
                    Some(id) => drop(self.kept.insert(id.to_owned(), decided)),
                    None => self.last = Some(decided),
                }
            }
            Step::Result(came) => {
                let labels: Vec<&str> = came.labels.iter().map(String::as_str).collect();
                let (content, structured) = (came.content.as_ref().map(String::as_bytes), came.structured.as_ref().map(String::as_bytes));
                let result = Came { ok: came.ok, content, structured, labels: &labels, at: came.at };
                let decided = match &came.of {
                    Some(id) => self.kept.get_mut(id),
                    None => self.last.as_mut(),
                };
                self.host.record(decided.expect("a call before"), &result).expect("recorded");
            }
            Step::Event(event) => {
                let session = self.session(&event.who, event.at);
                self.host.report(session, &event.event, event.args.as_ref().map(String::as_bytes), event.at).expect("reported");
            }
        }
    }
}

fn replayed(case: &Case) -> String {
    let host = Host::load(&case.frame, &settings()).expect("a frame");
    let mut driver = Driver { host: &host, open: HashMap::new(), kept: HashMap::new(), last: None, lines: String::new() };
    for step in record::steps(&case.record) {
        driver.take(&step);
    }
    driver.lines
}

#[test]
fn every_case_is_decided_as_replay_decides_it() {
    let cases = record::cases(&record::leverframe());
    assert!(cases.len() >= 300, "only {} cases", cases.len());
    let (mut decisions, mut wrong) = (0, Vec::new());
    for case in &cases {
        let lines = replayed(case);
        if lines != case.lines {
            let first = lines.lines().zip(case.lines.lines()).find(|(own, replay)| own != replay);
            wrong.push(format!("{}: {first:?}", case.name));
        }
        decisions += lines.lines().count();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(decisions >= 1_000, "only {decisions} decisions");
    what_is_not_known_denies(&cases);
    what_is_redacted_is_given_on(&cases);
}

fn what_is_not_known_denies(cases: &[Case]) {
    let case = cases.iter().find(|case| case.name == "seq-forbid-then").unwrap_or(&cases[0]);
    assert_eq!(Host::load(&case.frame, &Settings::default()).unwrap_err().code(), "LF0608", "a host is strict where nothing is said");
    assert!(Host::load(b"no frame", &settings()).is_err());
    let host = Host::load(&case.frame, &Settings { store: Options { idle_ms: Some(1_000), ..Options::default() }, ..settings() }).unwrap();
    let call =
        record::steps(&case.record).into_iter().find_map(|step| if let Step::Call(call) = step { Some(call) } else { None }).unwrap();
    let names = Names { session: "s", persona: &call.who.persona, ..Names::default() };
    let request = |at| Request { tool: &call.tool, args: call.args.as_bytes(), at, ..Request::default() };
    let denied = |decided: &Decided, code: &str| {
        decided.verdict == Verdict::Deny && !decided.admitted && decided.to_json().contains(&format!("\"code\":\"{code}\""))
    };
    assert!(denied(&host.decide(0, &request(0)), "state_unavailable"));
    assert!(denied(&host.decide(u64::MAX, &request(0)), "state_unavailable"));
    let another = Host::load(&case.frame, &settings()).unwrap();
    assert!(denied(&host.decide(another.open(&names, 0).unwrap(), &request(0)), "state_unavailable"));
    let session = host.open(&names, 0).unwrap();
    let mut first = host.decide(session, &request(0));
    assert_eq!(first.step, 1);
    let came = Came { ok: true, content: None, structured: None, labels: &[], at: 0 };
    let broken = Came { content: Some(b"\"a\",\"structuredContent\":{}"), ..came };
    assert_eq!(host.record(&mut first, &broken).unwrap_err(), HostError::MalformedResult("content"));
    assert_eq!(host.record(&mut first, &Came { labels: &["no such label"], ..came }).unwrap_err().code(), "unknown_label");
    host.record(&mut first, &came).unwrap();
    assert_eq!(host.record(&mut first, &came).unwrap_err(), HostError::RecordedBefore);
    assert!(denied(&host.decide(session, &Request { tool: "no such tool", ..request(1) }), "unknown_tool"));
    assert!(denied(&host.decide(session, &Request { args: b"{\"a\":\xff}", ..request(1) }), "malformed_arguments"));
    let stranger = host.open(&Names { session: "t", persona: "no such persona", ..Names::default() }, 0).unwrap();
    assert!(denied(&host.decide(stranger, &request(1)), "unknown_persona"));
    assert!(denied(&host.decide(session, &request(5_000)), "state_unavailable"), "it has expired");
    host.close(stranger).unwrap();
    assert_eq!(host.close(stranger).unwrap_err(), HostError::UnknownSession);
    assert!(denied(&host.decide(stranger, &request(1)), "state_unavailable"));
    assert_eq!(host.report(stranger, "e", None, 0).unwrap_err(), HostError::UnknownSession);
    assert_eq!(host.decide_many([(session, request(5_000)), (0, request(5_000))]).iter().filter(|one| one.admitted).count(), 0);
}

/// In every case with scans of results, what is given on is what came, or less.
fn what_is_redacted_is_given_on(cases: &[Case]) {
    let (mut redacted, mut withheld) = (0, 0);
    for case in cases.iter().filter(|case| case.name.starts_with("scan")) {
        let host = Host::load(&case.frame, &settings()).unwrap();
        let mut driver = Driver { host: &host, open: HashMap::new(), kept: HashMap::new(), last: None, lines: String::new() };
        for step in record::steps(&case.record) {
            if let Step::Result(came) = &step
                && came.of.is_none()
                && let Some(content) = &came.content
                && let Some(mut decided) = driver.last.take()
            {
                let labels: Vec<&str> = came.labels.iter().map(String::as_str).collect();
                let result = Came { ok: came.ok, content: Some(content.as_bytes()), structured: None, labels: &labels, at: came.at };
                let recorded = host.record(&mut decided, &result).unwrap();
                assert!(recorded.withheld == recorded.content.is_none(), "{}", case.name);
                withheld += u32::from(recorded.withheld);
                redacted += u32::from(recorded.content.is_some_and(|given| given != *content));
                continue;
            }
            driver.take(&step);
        }
    }
    assert!(redacted > 0 && withheld > 0, "{redacted} redacted, {withheld} withheld");
}
