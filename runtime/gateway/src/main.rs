//! The binary `leverframe-gateway`.
//!
//! In: a command line. Out: a gateway that serves, or a word on a configuration or a log. Invariants: exit codes are those of contracts section 1: 0, 1 where what was
//! asked does not hold, 2 where it could not be done.
//! Source: contracts section 1.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ed25519_dalek::VerifyingKey;
use leverframe_gateway::audit::{self, Broken};
use leverframe_gateway::config::{Config, drawn};
use leverframe_gateway::serve::{self, Gateway, StartFault, tell};

/// Decides, logs and protects every call of an agent on its way to a tool.
#[derive(Parser)]
#[command(name = "leverframe-gateway", version, args_conflicts_with_subcommands = true)]
struct Options {
    /// The configuration.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Checks the configuration and all that it names, and starts nothing.
    #[arg(long, requires = "config")]
    check_config: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Works on logs.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Works on the states of sessions.
    #[command(subcommand)]
    State(StateCommand),
}

#[derive(Subcommand)]
enum StateCommand {
    /// Makes the store that a configuration names, empty: once, before the first start. One that is there already is left as it is.
    Create {
        /// The configuration.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Finds what was changed, left out or moved in a log.
    Verify {
        /// The log.
        log: PathBuf,
        /// The public key (PEM) whose checkpoints are asked for.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// A line that was kept elsewhere: its number and its hash.
        #[arg(long, value_name = "NUMBER:SHA256")]
        kept: Option<String>,
    },
}

fn main() -> ExitCode {
    let options = Options::parse();
    match (options.command, options.config) {
        (Some(Command::Audit(AuditCommand::Verify { log, key, kept })), _) => verify(&log, key.as_deref(), kept.as_deref()),
        (Some(Command::State(StateCommand::Create { config })), _) => {
            read(&config).map_or_else(|code| code, |config| done(serve::create(&config)))
        }
        (None, Some(config)) => run(&config, options.check_config),
        (None, None) => fault("name a configuration: leverframe-gateway --config FILE"),
    }
}

fn fault(words: &str) -> ExitCode {
    tell(words);
    ExitCode::from(2)
}

fn read(path: &Path) -> Result<Config, ExitCode> {
    let text = std::fs::read_to_string(path).map_err(|error| fault(&format!("{}: {error}", path.display())))?;
    Config::read(&text, path.parent().unwrap_or(Path::new(""))).map_err(|problems| {
        eprint!("{}", drawn(&path.display().to_string(), &text, &problems));
        ExitCode::from(1)
    })
}

fn done(outcome: Result<(), StartFault>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&error.to_string());
            ExitCode::from(1)
        }
    }
}

fn run(path: &Path, check: bool) -> ExitCode {
    let config = match read(path) {
        Ok(config) => config,
        Err(code) => return code,
    };
    if check {
        return done(serve::check(&config));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fault(&error.to_string()),
    };
    let served = runtime.block_on(async { Gateway::new(config).map(|gateway| gateway.serve(ended()))?.await });
    // Reading standard input cannot be broken off.
    runtime.shutdown_background();
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fault(&error.to_string()),
    }
}

/// Done when the process is told to end.
async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        tell("signals cannot be heard");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn verify(log: &Path, key: Option<&Path>, kept: Option<&str>) -> ExitCode {
    let key = match key.map(public_key).transpose() {
        Ok(key) => key,
        Err(words) => return fault(&words),
    };
    let kept = match kept.map(|kept| kept.split_once(':').and_then(|(line, hash)| Some((line.parse().ok()?, hash)))) {
        Some(None) => return fault("--kept is written NUMBER:SHA256"),
        Some(kept) => kept,
        None => None,
    };
    let file = match File::open(log) {
        Ok(file) => file,
        Err(error) => return fault(&format!("{}: {error}", log.display())),
    };
    match audit::verify(BufReader::new(file), key.as_ref(), kept) {
        Ok(head) => {
            println!("{}: {} lines hold, the last is {}:{}", log.display(), head.lines, head.lines, head.hash);
            match (&key, head.checkpoints) {
                (Some(_), 0) => println!("no checkpoint is signed: whoever can write the file can write all of it anew"),
                (Some(_), signed) => println!("{signed} checkpoints are signed; {} lines follow the last", head.unsigned),
                (None, _) => println!("signatures were not asked for (--key)"),
            }
            ExitCode::from(u8::from(key.is_some() && head.checkpoints == 0))
        }
        Err(Broken::Unreadable(error)) => fault(&format!("{}: {error}", log.display())),
        Err(broken) => {
            println!("{}: {broken}", log.display());
            ExitCode::from(1)
        }
    }
}

fn public_key(path: &Path) -> Result<VerifyingKey, String> {
    let trusted = leverframe_trust::keys::trusted(&[path.to_owned()]).map_err(|error| error.to_string())?;
    let key = trusted.first().ok_or("no key")?;
    VerifyingKey::from_bytes(&key.public).map_err(|_| format!("{}: no Ed25519 key", path.display()))
}
