//! The configuration of a gateway: a TOML file, checked whole before anything is started.
//!
//! In: text. Out: [`Config`], or every problem with its place. Invariants: what the file does not say is the strict choice; a token stands in it only as its hash;
//! a [`Config`] names each upstream, agent and approver once.
//! Left out: whether what it names is there (files, hosts): starting says so.
//! Source: `runtime/gateway/README.md` ("Configuration").

mod read;
mod table;

use std::net::SocketAddr;
use std::ops::Range;
use std::path::PathBuf;

use codespan_reporting::diagnostic::{Diagnostic, Label};
use codespan_reporting::files::SimpleFile;
use codespan_reporting::term;

pub use table::Problem;

/// A gateway's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The frame that decides.
    pub frame: PathBuf,
    /// Files of public keys of which one must have signed the frame; none: signatures are not asked for.
    pub trusted_keys: Vec<PathBuf>,
    /// How this gateway is called in its log and its decisions' ids.
    pub name: String,
    /// Where HTTP is served; none: only standard input and output are.
    pub listen: Option<SocketAddr>,
    /// Host names by which it may be addressed by browsers; others' requests are refused.
    pub origins: Vec<String>,
    /// What stands between an upstream's alias and a tool's name where clients see it.
    pub separator: String,
    /// Bounds.
    pub limits: Limits,
    /// The log.
    pub audit: Audit,
    /// Where states are kept.
    pub state: State,
    /// What makes a session.
    pub sessions: Sessions,
    /// How denials are given.
    pub denials: Denials,
    /// Who may call.
    pub agents: Vec<Agent>,
    /// Who may call by a signed token.
    pub jwt: Option<Jwt>,
    /// Who may approve, and see the gateway's inside.
    pub approvers: Vec<Approver>,
    /// Milliseconds for which an approval may be given, and for which a given one may be used.
    pub approval_ms: u64,
    /// The hash of the operator's token; none: nobody may stop anything by HTTP.
    pub operator: Option<[u8; 32]>,
    /// The servers behind the gateway.
    pub upstreams: Vec<Upstream>,
    /// The file of pinned tools; none: tools are not pinned.
    pub lock: Option<PathBuf>,
}

/// Bounds of what is taken and waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one message.
    pub message_bytes: usize,
    /// Calls on their way at once.
    pub calls: usize,
    /// Milliseconds for which an upstream may take its time.
    pub upstream_ms: u64,
}

/// The log.
#[derive(Clone, Debug)]
pub struct Audit {
    /// The file.
    pub path: PathBuf,
    /// What of arguments stands in it.
    pub arguments: Logged,
    /// What a line in it survives.
    pub survives: Survives,
    /// After how many lines a signed checkpoint is written.
    pub checkpoint: u64,
    /// The key (PKCS #8, PEM, Ed25519) that signs checkpoints; none: they are not signed.
    pub key: Option<PathBuf>,
}

/// What of a call's arguments and results stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logged {
    /// Their hash.
    Hash,
    /// They themselves, without what scans took out: such a log can be replayed.
    Full,
}

/// What is to be survived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survives {
    /// The end of the process, however it comes.
    Process,
    /// A loss of power.
    Power,
}

/// Where states are kept.
#[derive(Clone, Debug)]
pub enum State {
    /// In this process.
    Memory,
    /// In a folder of this machine.
    Disk(PathBuf, Survives),
    /// In Redis or Valkey.
    Redis(Redis),
}

/// A Redis or Valkey, or a cluster of them.
#[derive(Clone, Debug)]
pub struct Redis {
    /// Addresses: one, or some of a cluster.
    pub nodes: Vec<String>,
    /// Whether it is a cluster.
    pub cluster: bool,
    /// Replicas that must have a change before it counts.
    pub replicas: u32,
    /// What stands before every key.
    pub prefix: String,
}

/// What makes a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sessions {
    /// Who is in it.
    pub scope: Scope,
    /// Milliseconds after which an idle one ends.
    pub idle_ms: u64,
}

/// Who is in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All that an agent does for a principal, until it is idle. Connecting anew changes nothing.
    Agent,
    /// One connection, or what a client names by a handle that this gateway gave out. Connecting anew begins anew.
    Connection,
}

/// How a denial is given to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denials {
    /// As a result that says it is an error: the model reads why.
    Result,
    /// As a JSON-RPC error.
    Error,
}

/// An agent that is known by a token.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// SHA-256 of its token; none: the one that calls by standard input.
    pub token: Option<[u8; 32]>,
    /// Whose rules judge it.
    pub persona: String,
    /// On whose behalf it acts.
    pub principal: Option<String>,
    /// Of which tenant.
    pub tenant: Option<String>,
    /// What the policy's `context` says of it: JSON of an object.
    pub context: String,
}

/// Agents that are known by signed tokens.
#[derive(Clone, Debug)]
pub struct Jwt {
    /// Who must have issued them.
    pub issuer: String,
    /// For whom they must be.
    pub audience: String,
    /// The file of keys (JWKS).
    pub keys: PathBuf,
    /// The claims that say who it is.
    pub claims: Claims,
}

/// Names of claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Of the persona.
    pub persona: String,
    /// Of the agent.
    pub agent: String,
    /// Of the principal.
    pub principal: String,
    /// Of the tenant.
    pub tenant: String,
    /// Claims that go into `context` under their names.
    pub context: Vec<String>,
}

/// Somebody who may approve asked calls.
#[derive(Clone, Debug)]
pub struct Approver {
    /// The name.
    pub name: String,
    /// SHA-256 of the token.
    pub token: [u8; 32],
    /// As whom: the words behind `by` in the policy.
    pub roles: Vec<String>,
}

/// A server behind the gateway.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Its name in the policy.
    pub alias: String,
    /// How it is reached.
    pub reach: Reach,
}

/// How a server is reached.
#[derive(Clone, Debug)]
pub enum Reach {
    /// A child process that is spoken to by its standard input and output.
    Process {
        /// The program and its arguments.
        command: Vec<String>,
        /// Variables of its environment beside `PATH` and `HOME`.
        environment: Vec<(String, String)>,
        /// Its folder.
        folder: Option<PathBuf>,
    },
    /// Streamable HTTP.
    Http {
        /// The address.
        url: String,
        /// Headers of each request, such as one with a token: the name and the variable of the environment that holds the value.
        headers: Vec<(String, String)>,
    },
}

impl Config {
    /// Reads a configuration. Relative names of files are taken from `folder`.
    ///
    /// # Errors
    /// Every [`Problem`].
    pub fn read(text: &str, folder: &std::path::Path) -> Result<Self, Vec<Problem>> {
        read::read(text, folder)
    }
}

/// Draws problems beside the lines that they are of.
#[must_use]
pub fn drawn(file: &str, text: &str, problems: &[Problem]) -> String {
    let file = SimpleFile::new(file, text);
    let mut out = String::new();
    for problem in problems {
        let Range { start, end } = problem.at;
        let label = Label::primary((), start..end);
        let notes = problem.note.iter().cloned().collect();
        let diagnostic = Diagnostic::error().with_message(&problem.message).with_label(label).with_notes(notes);
        // Writing into memory does not fail; a place outside of the file would be a fault of this program, and the words stand there all the same.
        if term::emit_to_string(&mut out, &term::Config::default(), &file, &diagnostic).is_err() {
            out.push_str(&problem.message);
            out.push('\n');
        }
    }
    out
}
