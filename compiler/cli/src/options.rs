//! The command line: every command, argument and option.
//!
//! In: arguments. Out: [`Options`]. What is not built yet is here all the same and is refused where it is used, so that nobody's script
//! meets an option that silently does nothing.
//! Source: the command line's contract (README, "Commands").

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::limits::{LONGEST_QUESTION_SECONDS, QUESTION_SECONDS};

/// Policies for agents' tool calls: check, build, test and replay them.
///
/// Exit codes: 0 nothing to report; 1 findings, failed tests, expectations not met, differences; 2 usage, unreadable input, internal
/// error.
#[derive(Debug, Parser)]
#[command(name = "leverframe", version, max_term_width = 100)]
pub(crate) struct Options {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Parse, resolve, type and prove policies, and report what is wrong with them.
    Check(Check),
    /// Compile a policy to a frame.
    Build(Build),
    /// Check that a frame decides exactly as its policy says, without solver and without compiler.
    Verify(Verify),
    /// Run the `test` blocks of policies through the real runtime.
    Test(Test),
    /// Decide recorded sessions.
    Replay(Replay),
    /// The semantic difference of two policies: what the new one newly allows and newly denies.
    Diff(Diff),
    /// Print the elaborated core form of a policy.
    Core(OneFile),
    /// Lay policies out in the one canonical way.
    Fmt(Fmt),
    /// The page of a diagnostic's code, or why a recorded decision fell so.
    Explain(Explain),
    /// Draw the automata of a policy's rules.
    Graph(Graph),
    /// One HTML page about a policy (not built yet).
    Report(Report),
    /// A first policy from MCP catalogs (not built yet).
    Import(Import),
    /// A least-privilege persona from recorded sessions (not built yet).
    Infer(Infer),
    /// Pin the definitions of the tools that a policy's catalogs list, by their hashes, in `FILE.lock`.
    Lock(Lock),
    /// The language server (not built yet).
    Lsp,
}

/// A command that takes a policy and nothing else.
#[derive(Debug, Args)]
pub(crate) struct OneFile {
    /// The policy.
    pub(crate) file: PathBuf,
}

/// `check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The policies; several give one result.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub(crate) format: CheckFormat,
    /// The least severity that makes the exit code 1.
    #[arg(long, value_enum, default_value_t = FailLevel::Error)]
    pub(crate) fail_level: FailLevel,
    /// Write the queries to the solver into this directory, one SMT-LIB 2 file each, so that another solver can repeat them, and a list of them (queries.json).
    #[arg(long, value_name = "DIR")]
    pub(crate) smtlib: Option<PathBuf>,
    /// Keep the checker's answers in this directory, so that the next run asks only what changed. Trust it as the program itself: whoever can write there decides what is said.
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
    /// How policies are proved.
    #[command(flatten)]
    pub(crate) proving: Proving,
}

/// How policies are proved.
#[derive(Debug, Args)]
pub(crate) struct Proving {
    /// How many seconds one question of the checker may take; what takes longer stays unknown.
    #[arg(long, value_name = "SECONDS", default_value_t = QUESTION_SECONDS, value_parser = clap::value_parser!(u32).range(1..=LONGEST_QUESTION_SECONDS))]
    pub(crate) timeout: u32,
}

/// How `check` writes its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Drawn diagnostics and a summary.
    Human,
    /// One JSON object.
    Json,
    /// SARIF (not built yet).
    Sarif,
    /// Annotations of GitHub's workflows.
    Github,
}

/// The least severity that counts as a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailLevel {
    /// Errors only.
    Error,
    /// Errors and warnings.
    Warning,
    /// Everything.
    Note,
}

/// `build`
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The policy.
    pub(crate) file: PathBuf,
    /// Where the frame goes. Nothing is written where the build is refused.
    #[arg(short, long, value_name = "OUT.frame")]
    pub(crate) output: PathBuf,
    /// Sign the frame with this private key: ed25519 in PKCS#8, as `openssl genpkey -algorithm ed25519` writes it.
    #[arg(long, value_name = "KEY")]
    pub(crate) sign: Option<PathBuf>,
    /// Write the frame without its certificate: smaller, but nobody can verify it. A signature holds with and without it.
    #[arg(long)]
    pub(crate) no_certificate: bool,
    /// Do without the checker: let what only it refuses (LF03xx to LF05xx) through, and mark the frame as unproven.
    #[arg(long)]
    pub(crate) unproven: bool,
    /// Keep the checker's answers in this directory, so that the next run asks only what changed. Trust it as the program itself: whoever can write there decides what is said.
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
    /// How the policy is proved.
    #[command(flatten)]
    pub(crate) proving: Proving,
}

/// Whose signatures are trusted.
#[derive(Debug, Args)]
pub(crate) struct Trust {
    /// Refuse a frame that is not signed by this key or another one given so: an ed25519 public key, as `openssl pkey -pubout` writes it. A line `Expires: 2027-01-31T00:00:00Z` before the key says until when it is trusted.
    #[arg(long = "key", value_name = "PUB")]
    pub(crate) keys: Vec<PathBuf>,
}

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The policy.
    pub(crate) file: PathBuf,
    /// Its frame.
    pub(crate) frame: PathBuf,
    /// Refuse claims that rest on the word of whoever built the frame, and frames that are marked unproven.
    #[arg(long)]
    pub(crate) certified: bool,
    /// Whose signatures are trusted.
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = PlainFormat::Human)]
    pub(crate) format: PlainFormat,
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlainFormat {
    /// Text.
    Human,
    /// One JSON object.
    Json,
}

/// `test`
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The policies.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = TestFormat::Human)]
    pub(crate) format: TestFormat,
    /// What the tests did not reach (not built yet).
    #[arg(long)]
    pub(crate) coverage: bool,
}

/// How `test` writes its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// Text.
    Human,
    /// One JSON object.
    Json,
    /// JUnit's XML.
    Junit,
}

/// `replay`
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The frame.
    #[arg(value_name = "OUT.frame")]
    pub(crate) frame: PathBuf,
    /// The recorded sessions: JSON Lines, plain or compressed by gzip, or Parquet. Each file is a record of its own: histories, ids and times begin anew with it.
    /// A file is read twice, so it has to be a regular file.
    #[arg(required = true, value_name = "TRACE.jsonl")]
    pub(crate) traces: Vec<PathBuf>,
    /// Whose signatures are trusted.
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// How the decisions are written.
    #[arg(long, value_enum, default_value_t = ReplayFormat::Human)]
    pub(crate) format: ReplayFormat,
    /// How many threads read and decide; as many as there are processors where it is not given. The output is the same for every N. Calls that share a session,
    /// principal, agent or tenant are decided one after another.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Compare with the `expect`, `expect_rule` and `expect_code` of the lines; exit 1 where they are not met.
    #[arg(long)]
    pub(crate) expect: bool,
    /// Go on after an error of the record. The exit code is 2 all the same.
    #[arg(long)]
    pub(crate) keep_going: bool,
}

/// How `replay` writes its decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReplayFormat {
    /// The story of each session, and a summary.
    Human,
    /// The summary alone, for large records.
    Summary,
    /// One JSON object a deciding line.
    Jsonl,
}

/// `diff`
///
/// Exit codes: 0 where it is proved that the new policy newly allows nothing (`equivalent`, `stricter`); 1 where it does, where that is not known, and where a
/// policy has errors; 2 usage, unreadable input, internal error.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The policy as it was.
    pub(crate) old: PathBuf,
    /// The policy as it is.
    pub(crate) new: PathBuf,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = DiffFormat::Human)]
    pub(crate) format: DiffFormat,
    /// How policies are compared.
    #[command(flatten)]
    pub(crate) proving: Proving,
}

/// How `diff` writes its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// Text.
    Human,
    /// One JSON object.
    Json,
    /// For a pull request.
    Markdown,
}

/// `fmt`
#[derive(Debug, Args)]
pub(crate) struct Fmt {
    /// The policies.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Write nothing; exit 1 where a file is laid out otherwise.
    #[arg(long)]
    pub(crate) check: bool,
    /// Write nothing; print what would change.
    #[arg(long)]
    pub(crate) diff: bool,
}

/// `explain`
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A diagnostic's code, as `LF0301`.
    #[arg(required_unless_present = "decision")]
    pub(crate) code: Option<String>,
    /// A decision's id, and the record and the frame that it is from (not built yet).
    #[arg(long, num_args = 3, value_names = ["ID", "TRACE.jsonl", "OUT.frame"], conflicts_with = "code")]
    pub(crate) decision: Option<Vec<String>>,
}

/// `graph`
#[derive(Debug, Args)]
pub(crate) struct Graph {
    /// The policy.
    pub(crate) file: PathBuf,
    /// The rule; without it all of them.
    pub(crate) rule: Option<String>,
    /// How the automata are written.
    #[arg(long, value_enum, default_value_t = GraphFormat::Svg)]
    pub(crate) format: GraphFormat,
}

/// How `graph` writes automata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// A picture.
    Svg,
    /// For Graphviz.
    Dot,
    /// The tables.
    Json,
    /// A page (not built yet).
    Html,
}

/// `report`
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The policy.
    pub(crate) file: PathBuf,
    /// Where the page goes.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
}

/// `import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The catalogs.
    #[arg(required = true, value_name = "TOOLS.json")]
    pub(crate) catalogs: Vec<PathBuf>,
    /// Where the policy goes.
    #[arg(short, long, value_name = "FILE.lever")]
    pub(crate) output: PathBuf,
}

/// `infer`
#[derive(Debug, Args)]
pub(crate) struct Infer {
    /// The recorded sessions.
    #[arg(required = true, value_name = "TRACE.jsonl")]
    pub(crate) traces: Vec<PathBuf>,
    /// A catalog of the tools.
    #[arg(long, required = true, value_name = "TOOLS.json")]
    pub(crate) catalog: Vec<PathBuf>,
    /// The persona's name.
    #[arg(long, value_name = "NAME")]
    pub(crate) persona: String,
}

/// `lock`
#[derive(Debug, Args)]
pub(crate) struct Lock {
    /// The policy.
    pub(crate) file: PathBuf,
    /// Compare only.
    #[arg(long)]
    pub(crate) check: bool,
}
