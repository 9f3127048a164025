//! What replaying costs: `cargo run --release -p leverframe-cli --example replay_million [EVENTS] [POLICY RECORD…]`.
//!
//! In: nothing, or a policy and records of it, whose sessions are repeated under new names. A record of a million events (or as many as are asked for) is made in
//! a temporary directory, as JSON Lines, compressed by gzip, and as Parquet. Out: of each, with one thread and with two, events a second by the clock and events a
//! second of the processor's time (user's and system's), which is what one core does; peak memory; and, of the policy made here, what one event costs after 10,
//! 1,000 and 100,000 events of one session. Decisions are counted, as `--format summary` does it, and written as JSON, into the void.
//! That policy has what real ones have: labels, a sequence over them, a requirement with a reset, a sliding limit, conditions on arguments.

use std::error::Error;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

mod table;

use leverframe_runtime::frame::{PersonaId, ToolId};
use leverframe_runtime::{Approval, Call, LabelSet, LoadOptions, Outcome, Policy, RawJson, Scratch, States};

const POLICY: &str = r#"language 1
label personal sensitive
label outside untrusted
event user.message(text: string)
tool crm.find(id: string)
tool mail.read(folder: string)
tool mail.send(to: email, body: string)
tool ticket.open(order: string)
tool ticket.close(order: string)
tool pay.refund(order: string, amount: int 0..=1_000_000)
effect crm.find returns personal
effect mail.read returns outside
effect mail.send sends

persona support {
  allow crm.find, mail.read, ticket.open, ticket.close
  allow mail.send when email(to).domain == "acme.example"
  ask mail.send when email(to).domain != "acme.example" by "a team lead"
  on pay.refund {
    amount <= 100_00 => allow,
    amount <= 1_000_00 => ask by "a team lead",
    otherwise => deny "refunds over $1000 go through finance"
  }
  limit 100 pay.refund per 1h
  otherwise deny
}

forbid leak "personal data may not leave once an outsider's text was read" {
  any returns outside then any returns personal then mail.send
}
require ticket_first "a refund needs an open ticket" {
  ticket.open before pay.refund within 1d reset by ticket.close
}
"#;

/// Events of the record where nothing else is asked for.
const EVENTS: u64 = 1_000_000;
/// Sessions over which they are spread.
const SESSIONS: u64 = 1_000;
/// After how many events of one session the next one is measured.
const HISTORIES: [u64; 3] = [10, 1_000, 100_000];
/// Events of one measurement, and measurements of which the middle one counts.
const BATCH: u32 = 2_000;
const BATCHES: usize = 21;

/// The calls of a session, over and over.
const CALLS: [(&str, &str); 8] = [
    ("mail.read", r#"{"folder":"inbox"}"#),
    ("ticket.open", r#"{"order":"o-1042"}"#),
    ("pay.refund", r#"{"order":"o-1042","amount":4200}"#),
    ("mail.send", r#"{"to":"sam@acme.example","body":"The refund of your order is on its way."}"#),
    ("crm.find", r#"{"id":"c-77"}"#),
    ("mail.send", r#"{"to":"sam@acme.example","body":"Here is what we have on file about you."}"#),
    ("ticket.close", r#"{"order":"o-1042"}"#),
    ("pay.refund", r#"{"order":"o-1042","amount":99000}"#),
];

/// Threads that are measured.
const JOBS: [usize; 2] = [1, 2];

fn main() -> ExitCode {
    let dir = std::env::temp_dir().join(format!("leverframe-replay-million-{}", std::process::id()));
    let result = run(&dir);
    let _ = fs::remove_dir_all(&dir);
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("replay_million: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(dir: &Path) -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let events = arguments.next().map_or(Ok(EVENTS), |text| text.parse())?;
    fs::create_dir_all(dir)?;
    let trace = dir.join("trace.jsonl");
    match arguments.next() {
        Some(policy) => {
            let records = arguments.map(fs::read_to_string).collect::<Result<Vec<_>, _>>()?;
            let events = repeat_records(&trace, &records, events)?;
            measure(&build(dir, &PathBuf::from(policy))?, &trace, events)
        }
        None => {
            let policy = dir.join("policy.lever");
            fs::write(&policy, POLICY)?;
            let frame = build(dir, &policy)?;
            write_record(&trace, events)?;
            measure(&frame, &trace, events)?;
            histories(&frame)
        }
    }
}

fn measure(frame: &[u8], trace: &Path, events: u64) -> Result<(), Box<dyn Error>> {
    let (compressed, table) = (trace.with_extension("jsonl.gz"), trace.with_extension("parquet"));
    let mut encoder = flate2::write::GzEncoder::new(BufWriter::new(File::create(&compressed)?), flate2::Compression::default());
    std::io::copy(&mut File::open(trace)?, &mut encoder)?;
    encoder.finish()?.flush()?;
    table::write(trace, &table)?;
    let bytes = fs::metadata(trace)?.len();
    println!("{events} events, {} bytes each as JSON Lines; events a second", bytes / events.max(1));
    for (name, path) in [("JSON Lines", trace), ("JSON Lines, gzip", &compressed), ("Parquet, Snappy", &table)] {
        println!("{name}, {}", mebibytes(fs::metadata(path)?.len()));
        for (jobs, written) in JOBS.into_iter().flat_map(|jobs| [(jobs, false), (jobs, true)]) {
            run_once(frame, path, (jobs, written), events)?;
        }
    }
    Ok(())
}

fn run_once(frame: &[u8], path: &Path, (jobs, written): (usize, bool), events: u64) -> Result<(), Box<dyn Error>> {
    let (start, busy) = (Instant::now(), busy());
    let counts = leverframe_cli::replay_counts(frame, path, jobs, written)?;
    let (took, busy) = (start.elapsed(), self::busy().saturating_sub(busy));
    if counts.lines != events {
        return Err(format!("{} of {events} events were decided", counts.lines).into());
    }
    let (wall, core, peak) = (rate(events, took), rate(events, busy), memory(peak_memory()));
    let manner = if written { "written" } else { "counted" };
    let verdicts = format!("allowed {}, asked {}, denied {}", counts.allowed, counts.asked, counts.denied);
    println!("  {manner}, {jobs} threads: {core:>9.0} a core, {wall:>9.0} by the clock; peak {peak}; {verdicts}");
    Ok(())
}

/// The sessions of these records over and over, each time under other names, until there are as many events as asked for; how many there are.
fn repeat_records(path: &Path, records: &[String], events: u64) -> Result<u64, Box<dyn Error>> {
    let lines = records.iter().flat_map(|text| text.lines()).filter(|line| !line.trim().is_empty());
    let lines: Vec<serde_json::Map<String, serde_json::Value>> = lines.map(serde_json::from_str).collect::<Result<_, _>>()?;
    let mut file = BufWriter::new(File::create(path)?);
    let mut written = 0;
    for round in 0.. {
        if written >= events || lines.is_empty() {
            break;
        }
        for line in &lines {
            let mut line = line.clone();
            for member in ["session", "principal", "agent", "tenant", "id", "result_of"] {
                if let Some(serde_json::Value::String(name)) = line.get_mut(member) {
                    name.push_str(&format!("-{round}"));
                }
            }
            serde_json::to_writer(&mut file, &line)?;
            file.write_all(b"\n")?;
            written += 1;
        }
    }
    file.flush()?;
    Ok(written)
}

fn histories(frame: &[u8]) -> Result<(), Box<dyn Error>> {
    let policy = Policy::load(frame, &LoadOptions { accept_unproven: true, ..LoadOptions::default() })?;
    println!("one session, cost of an event (decided and its result recorded) after");
    for history in HISTORIES {
        let cost = cost_after(&policy, history)?;
        println!("  {history:>12} events: {:>8.2} µs", cost.as_secs_f64() * 1e6 / f64::from(BATCH));
    }
    Ok(())
}

/// The processor's time that this process has used, where the system says.
fn busy() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<u64>().ok()).sum();
    // Linux counts these in hundredths of a second.
    Duration::from_millis(ticks * 10)
}

fn build(dir: &Path, policy: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let frame = dir.join("policy.frame");
    let arguments = [OsString::from("leverframe"), "build".into(), policy.into(), "-o".into(), frame.clone().into(), "--unproven".into()];
    // The exit code cannot be asked what it is; the frame can.
    let _ = leverframe_cli::main(arguments);
    Ok(fs::read(frame)?)
}

fn write_record(path: &Path, events: u64) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(File::create(path)?);
    for event in 0..events {
        let session = event % SESSIONS;
        let (tool, args) = call(event / SESSIONS);
        let at = event.saturating_mul(7);
        writeln!(
            file,
            r#"{{"session":"s{session}","persona":"support","tool":"{tool}","args":{args},"at":{at},"result":{{"ok":true,"content":"done"}}}}"#
        )?;
    }
    Ok(file.flush()?)
}

fn call(number: u64) -> (&'static str, &'static str) {
    let index = usize::try_from(number).unwrap_or(0) % CALLS.len();
    CALLS.get(index).copied().unwrap_or_default()
}

/// What a batch of events costs after so many; the median of several batches, each after a history of that length.
fn cost_after(policy: &Policy, history: u64) -> Result<Duration, Box<dyn Error>> {
    let mut scratch = Scratch::default();
    let persona = policy.persona("support").ok_or("no persona")?;
    let tools: Vec<(ToolId, &str)> = CALLS.iter().filter_map(|(tool, args)| Some((policy.tool(tool)?, *args))).collect();
    let mut states = States { session: Some(policy.new_session("s")), ..States::default() };
    for number in 0..history {
        event(policy, &mut states, persona, &tools, number, &mut scratch)?;
    }
    let mut costs = Vec::with_capacity(BATCHES);
    for _ in 0..BATCHES {
        let mut states = states.clone();
        let start = Instant::now();
        for number in 0..u64::from(BATCH) {
            event(policy, &mut states, persona, &tools, history + number, &mut scratch)?;
        }
        costs.push(start.elapsed());
    }
    costs.sort();
    Ok(costs.get(BATCHES / 2).copied().unwrap_or_default())
}

fn event(
    policy: &Policy,
    states: &mut States,
    persona: PersonaId,
    tools: &[(ToolId, &str)],
    number: u64,
    scratch: &mut Scratch,
) -> Result<(), Box<dyn Error>> {
    let index = usize::try_from(number)? % tools.len().max(1);
    let (tool, args) = tools.get(index).copied().ok_or("no tools")?;
    let at = i64::try_from(number)?.saturating_mul(7_000);
    let call = Call {
        persona,
        tool,
        args: &RawJson(args.as_bytes()),
        context: &RawJson(b"{}"),
        at,
        approval: Approval::None,
        argument_labels: LabelSet::default(),
    };
    let decision = policy.decide(states, &call, scratch);
    policy.record(states, decision.ticket, &Outcome { ok: true, content: true, labels: LabelSet::default(), at, structured: None })?;
    Ok(())
}

fn rate(events: u64, took: Duration) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    let events = events as f64;
    events / took.as_secs_f64().max(f64::MIN_POSITIVE)
}

/// The most memory that this process has held, in bytes, where the system says.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}

fn memory(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "unknown".to_owned(), mebibytes)
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes / (1024 * 1024))
}
