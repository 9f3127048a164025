//! A process that decides the calls of a case and times itself, as `bench.py` tells it.
//!
//! In: lines `load FOLDER`, `reload`, `history EVENTS SECONDS`, `verdicts`, `time DECISIONS`. Out: a line each.
//! Invariants: a decision begins with the text of the call; nothing of a call but who calls which tool is prepared before.
//! Left out: what a case means, which its files say in each system's own language. The Python peers do the same (`peer.py`).

use std::fs;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::value::RawValue;

/// Seconds between the events of a history.
pub const STEP: i64 = 1;

/// One call, its arguments as they came.
#[derive(Clone, Debug)]
pub struct Call {
    pub persona: String,
    pub tool: String,
    pub args: String,
    /// All of it, for systems that take one text.
    pub line: String,
}

/// What is compared: a policy beside its calls, and the calls that went before.
#[derive(Debug)]
pub struct Case {
    pub folder: PathBuf,
    pub calls: Vec<Call>,
    /// Admitted calls, each a second after the one before; empty where no rule speaks of histories.
    pub history: Vec<Call>,
}

#[derive(Deserialize)]
struct Line<'a> {
    persona: &'a str,
    tool: &'a str,
    #[serde(borrow)]
    args: &'a RawValue,
}

impl Case {
    /// The case of a folder.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let calls = |name: &str| match fs::read_to_string(folder.join(name)) {
            Ok(text) => text.lines().map(Call::read).collect(),
            Err(_) => Vec::new(),
        };
        Self { folder: folder.to_path_buf(), calls: calls("calls.jsonl"), history: calls("history.jsonl") }
    }

    /// A file of the case.
    ///
    /// # Panics
    /// Where it cannot be read.
    #[must_use]
    pub fn file(&self, name: &str) -> String {
        let path = self.folder.join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

impl Call {
    fn read(line: &str) -> Self {
        let call: Line<'_> = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        Self { persona: call.persona.to_owned(), tool: call.tool.to_owned(), args: call.args.get().to_owned(), line: line.to_owned() }
    }
}

/// A system that is compared.
pub trait Peer: Sized {
    /// The policy as a program holds it before it loads it: read, and compiled where the system compiles ahead.
    type Source;

    fn source(case: &Case) -> Self::Source;

    /// Loads the policy, which is timed, and prepares for the calls.
    fn load(source: &Self::Source) -> Self;

    /// What stands beside the policy: who calls which tool. Not timed.
    fn prepare(&mut self, case: &Case);

    /// Takes an admitted call and its result, which lie so many seconds after the beginning, into the history.
    fn take(&mut self, call: &Call, at: i64);

    /// Called once after a history grew.
    fn settle(&mut self) {}

    /// Decides the call of this index from its text. Where there are histories, it and its result become part of them.
    fn decide(&mut self, index: usize, at: i64) -> bool;
}

struct Running<P: Peer> {
    case: Case,
    source: P::Source,
    peer: P,
    taken: usize,
    next: usize,
}

impl<P: Peer> Running<P> {
    fn load(folder: &str) -> Self {
        let case = Case::read(Path::new(folder));
        let source = P::source(&case);
        let mut peer = P::load(&source);
        peer.prepare(&case);
        Self { case, source, peer, taken: 0, next: 0 }
    }

    /// Nanoseconds that loading takes.
    fn reload(&self) -> u128 {
        let begun = Instant::now();
        let peer = P::load(&self.source);
        let took = begun.elapsed();
        drop(peer);
        took.as_nanos()
    }

    fn now(&self) -> i64 {
        i64::try_from(self.taken).unwrap_or(i64::MAX) * STEP
    }

    /// How long the history is, after at most so many seconds.
    fn grow(&mut self, events: usize, seconds: u64) -> usize {
        let begun = Instant::now();
        while self.taken < events && begun.elapsed() < Duration::from_secs(seconds) {
            let at = self.now();
            self.peer.take(&self.case.history[self.taken], at);
            self.taken += 1;
        }
        self.peer.settle();
        self.taken
    }

    fn verdicts(&mut self) -> String {
        let at = self.now();
        (0..self.case.calls.len()).map(|index| if self.peer.decide(index, at) { 'a' } else { 'd' }).collect()
    }

    fn time(&mut self, decisions: usize) -> u128 {
        let (at, calls) = (self.now(), self.case.calls.len());
        let begun = Instant::now();
        for _ in 0..decisions {
            std::hint::black_box(self.peer.decide(self.next, at));
            self.next = if self.next + 1 == calls { 0 } else { self.next + 1 };
        }
        begun.elapsed().as_nanos()
    }
}

/// Does what the lines say until they end.
///
/// # Panics
/// On whatever is wrong: a measurement that breaks should break.
pub fn serve<P: Peer>() {
    let mut running: Option<Running<P>> = None;
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap_or_else(|error| panic!("no command: {error}"));
        let words: Vec<&str> = line.split(' ').collect();
        let answer = if let ["load", folder] = words[..] {
            running = Some(Running::load(folder));
            "loaded".to_owned()
        } else {
            obey(running.as_mut().unwrap_or_else(|| panic!("nothing is loaded")), &words)
        };
        println!("{answer}");
        std::io::stdout().flush().unwrap_or_else(|error| panic!("nobody listens: {error}"));
    }
}

fn obey<P: Peer>(running: &mut Running<P>, words: &[&str]) -> String {
    let number = |word: &str| word.parse().unwrap_or_else(|error| panic!("`{word}`: {error}"));
    match *words {
        ["reload"] => running.reload().to_string(),
        ["history", events, seconds] => running.grow(number(events), number(seconds) as u64).to_string(),
        ["verdicts"] => running.verdicts(),
        ["time", decisions] => running.time(number(decisions)).to_string(),
        _ => panic!("an unknown command: {words:?}"),
    }
}
