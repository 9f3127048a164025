//! The `leverframe` command line: what a policy's author and a CI run.
//!
//! In: arguments, policies, recorded sessions. Out: text or JSON on standard output, warnings and failures on standard error, an exit code.
//! Invariants: no input makes it panic; the exit codes are those of [`exit::Exit`] and no others; a reader that goes away ends it quietly;
//! a file is written whole or not at all.
//! Left out: everything that decides or compiles, which is the runtime's and the compiler's.
//! Source: the command line's contract (README, "Commands").

mod arguments;
mod build;
mod check;
mod diff;
mod draw;
mod exit;
mod explain;
mod fmt;
mod frames;
mod graph;
mod kept;
mod limits;
mod lock;
mod options;
mod output;
mod place;
mod policy;
mod prove;
mod replay;
mod show_core;
mod test;
mod trace;
mod verify;

use std::ffi::OsString;
use std::panic;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

use clap::Parser;

pub use replay::{Counts, replay_counts};

use exit::{Exit, Failure};
use options::{Command, Options};
use output::tell_error;

/// Runs the command line with these arguments, the program's name first.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let options = match Options::try_parse_from(arguments) {
        Ok(options) => options,
        Err(error) => {
            // That nobody reads the help is no error.
            let _ = error.print();
            return if error.use_stderr() { Exit::Unusable.into() } else { Exit::Clean.into() };
        }
    };
    match guarded(options) {
        Ok(exit) => exit.into(),
        Err(Failure::ClosedPipe) => Exit::Unusable.into(),
        Err(failure) => {
            tell_error(&failure.to_string());
            Exit::Unusable.into()
        }
    }
}

/// Runs a command on a stack of its own size; a fault of this program comes back as a failure like any other.
fn guarded(options: Options) -> Result<Exit, Failure> {
    panic::set_hook(Box::new(|fault| {
        if let (Ok(mut place), Some(location)) = (FAULT.lock(), fault.location()) {
            *place = format!(" ({}:{})", location.file(), location.line());
        }
    }));
    let run = thread::Builder::new().name("leverframe".to_owned()).stack_size(limits::STACK_BYTES).spawn(move || run(&options));
    let handle = run.map_err(|error| Failure::Internal(error.to_string()))?;
    handle.join().unwrap_or_else(|fault| Err(Failure::Internal(words(fault.as_ref()))))
}

/// Where the last fault was, for who reports it.
static FAULT: Mutex<String> = Mutex::new(String::new());

fn words(fault: &(dyn std::any::Any + Send)) -> String {
    let text = fault.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| fault.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a fault without a text".to_owned());
    let place = FAULT.lock().map(|place| place.clone()).unwrap_or_default();
    format!("{text}{place}")
}

fn run(options: &Options) -> Result<Exit, Failure> {
    match &options.command {
        Command::Check(options) => check::check(options),
        Command::Build(options) => build::build(options),
        Command::Test(options) => test::test(options),
        Command::Replay(options) => replay::replay(options),
        Command::Diff(options) => diff::diff(options),
        Command::Core(options) => show_core::core(&options.file),
        Command::Fmt(options) => fmt::fmt(options),
        Command::Explain(options) => explain::explain(options),
        Command::Graph(options) => graph::graph(options),
        Command::Verify(options) => verify::verify(options),
        Command::Report(_) => Err(Failure::NotBuilt("`report`")),
        Command::Import(_) => Err(Failure::NotBuilt("`import`")),
        Command::Infer(_) => Err(Failure::NotBuilt("`infer`")),
        Command::Lock(options) => lock::lock(options),
        Command::Lsp => Err(Failure::NotBuilt("`lsp`")),
    }
}
